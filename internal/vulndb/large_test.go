//go:build unix

package vulndb_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
)

// synthetic writes n advisories as OSV.dev's archives have them: four of five
// about packages that are an attack, with the versions that were published, the
// others with ranges, ratings and references. Texts vary as real ones do: with
// names, digests and a few sentences in changing order.
func synthetic(w io.Writer, n int) error {
	r := rand.New(rand.NewPCG(7, 7))
	z := zip.NewWriter(w)
	sentences := []string{
		"The package runs a script when it is installed.", "It sends the environment to a server of the author.",
		"The name is close to that of a popular package.", "The code is obfuscated.", "Any computer that has it should be considered compromised.",
		"Secrets and keys stored on it should be rotated at once from another computer.", "It opens a connection to another host and waits for commands.",
		"It communicates with a domain associated with malicious activity.", "A dependency is taken from an address and not from the registry.",
	}
	words := strings.Fields("acme api auth aws base build cache cli client cloud color config core css data date db debug dev dom event fast file form git graph hash html http icon image json kit lib lint loader log map mini native net node pack parse path plugin proxy query react redis render router sass server sign sort stream string style table test text theme time token tool ui url util value view vue web yaml zip")
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	type object = map[string]any
	for i := range n {
		var seed [8]byte
		for j := range seed {
			seed[j] = byte(r.IntN(256))
		}
		sum := sha256.Sum256(seed[:])
		name := fmt.Sprintf("%s-%s-%s%d", pick(words), pick(words), pick(words), r.IntN(1000))
		var text []string
		for range 2 + r.IntN(4) {
			text = append(text, pick(sentences))
		}
		at := time.Unix(1.6e9+int64(i)*700, 0).UTC().Format(time.RFC3339)
		record := object{"schema_version": "1.7.0", "modified": at, "published": at}
		pkg := object{"ecosystem": "npm", "name": name}
		if i%5 != 0 {
			id := fmt.Sprintf("MAL-%d-%d", 2021+i*5/n, i)
			record["id"], record["summary"] = id, "Malicious code in "+name+" (npm)"
			record["details"] = fmt.Sprintf("\n---\n_-= Per source details. Do not edit below this line.=-_\n\n## Source: package-analysis (%s)\nThe package %s was found to be malicious. %s\n",
				hex.EncodeToString(sum[:]), name, strings.Join(text, " "))
			var versions []string
			for j := range 1 + r.IntN(3) {
				versions = append(versions, fmt.Sprintf("%d.%d.%d", r.IntN(100), r.IntN(3), j))
			}
			record["affected"] = []object{{"package": pkg, "versions": versions}}
		} else {
			fixed := fmt.Sprintf("%d.%d.%d", 1+r.IntN(9), r.IntN(30), r.IntN(20))
			cve := fmt.Sprintf("CVE-%d-%d", 2021+i*5/n, 100_000+i)
			record["id"], record["aliases"] = fmt.Sprintf("GHSA-%s-%s-%s", hex.EncodeToString(sum[:2]), hex.EncodeToString(sum[2:4]), hex.EncodeToString(sum[4:6])), []string{cve}
			record["summary"], record["details"] = name+" does not check what it is given", strings.Join(text, "\n\n")
			record["severity"] = []object{{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:" + pick([]string{"L", "H"}) + "/PR:N/UI:N/S:U/C:" + pick([]string{"N", "L", "H"}) + "/I:" + pick([]string{"N", "L", "H"}) + "/A:H"}}
			record["references"] = []object{
				{"type": "WEB", "url": "https://github.com/" + pick(words) + "/" + name + "/security/advisories"},
				{"type": "ADVISORY", "url": "https://nvd.nist.gov/vuln/detail/" + cve},
			}
			record["affected"] = []object{{"package": pkg, "ranges": []object{{"type": "SEMVER", "events": []object{{"introduced": "0"}, {"fixed": fixed}}}}}}
		}
		f, err := z.Create(fmt.Sprint(record["id"]) + ".json")
		if err != nil {
			return err
		}
		if err := json.NewEncoder(f).Encode(record); err != nil {
			return err
		}
	}
	return z.Close()
}

// Promise: all real advisories and 200,000 more are built in 10 s of processor
// time and 300 MiB, and take 200 bytes each. The build runs in a process of its
// own, as "assay db build" does, so that its peak is its own.
func BenchmarkBuildLarge(b *testing.B) {
	if dir := os.Getenv("ASSAY_BUILD_LARGE"); dir != "" {
		buildLarge(b, strings.Split(dir, "\n"))
		return
	}
	const n = 200_000
	from := []string{filepath.Join(b.TempDir(), "all.zip")}
	f, err := os.Create(from[0])
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriterSize(f, 1<<20)
	if err := synthetic(out, n); err != nil {
		b.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	if dir := os.Getenv("ASSAY_ADVISORIES"); dir != "" {
		folders, err := wholeFolders(dir)
		if err != nil {
			b.Fatal(err)
		}
		from = append(from, folders...)
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), self, "-test.run=^$", "-test.bench=^BenchmarkBuildLarge$", "-test.benchtime=1x")
		cmd.Env = append(os.Environ(), "ASSAY_BUILD_LARGE="+strings.Join(from, "\n"))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		text, err := cmd.Output()
		if err != nil {
			b.Fatalf("%v\n%s%s", err, text, &stderr)
		}
		var advisories, bytes float64
		for line := range strings.Lines(string(text)) {
			_, _ = fmt.Sscanf(line, "built %g advisories in %g bytes", &advisories, &bytes)
		}
		cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		b.ReportMetric(cpu.Seconds(), "cpu-s/op")
		b.ReportMetric(advisories, "advisories")
		b.ReportMetric(bytes/advisories, "B/advisory")
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			b.ReportMetric(float64(u.Maxrss)/1024, "peak-MiB")
		}
	}
}

// buildLarge is the process that builds.
func buildLarge(b *testing.B, from []string) {
	b.Helper()
	debug.SetGCPercent(50) // as the program does
	sources, _, err := feed.Find(b.Context(), from)
	if err != nil {
		b.Fatal(err)
	}
	build := vulndb.NewBuilder(vulndb.BuildOptions{Built: time.Unix(2e9, 0)})
	for _, s := range sources {
		_, err := feed.Load(b.Context(), s, func(rec feed.Record) error {
			if rec.Advisory != nil {
				return build.Add(rec.Advisory)
			}
			return build.Enrich(rec.Enrichment)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	stats, err := build.WriteFiles(filepath.Join(b.TempDir(), "large.db"))
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("\nbuilt %d advisories in %d bytes\n", stats.Advisories, stats.Bytes)
	for _, s := range stats.Sections {
		fmt.Printf("section %s %.1f\n", s.Tag, float64(s.Bytes)/float64(stats.Advisories))
	}
}
