//go:build unix

package vulndb_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/vulndb"
)

// usage returns the seconds of processor time that this process has taken, and
// its greatest size in memory so far in MiB.
func usage(tb testing.TB) (seconds, peak float64) {
	tb.Helper()
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		tb.Fatal(err)
	}
	peak = float64(r.Maxrss) / 1024
	if runtime.GOOS == "darwin" {
		peak /= 1024 // bytes there
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9, peak
}

// Promise: at most 10 s of processor time and 400 MiB for all real advisories,
// read from the files of their publishers and written.
func BenchmarkBuild(b *testing.B) {
	dir := bundle(b)
	before, _ := usage(b)
	var w whole
	for b.Loop() {
		var err error
		if w, err = buildBundle(b.Context(), dir, false); err != nil {
			b.Fatal(err)
		}
	}
	after, peak := usage(b)
	b.ReportMetric((after-before)/float64(b.N), "cpu-s/op")
	b.ReportMetric(peak, "peak-MiB")
	b.ReportMetric(float64(len(w.db))/float64(w.stats.Advisories), "B/advisory")
}

// files writes the database of all real advisories.
func files(b *testing.B) string {
	b.Helper()
	w := built(b)
	path := filepath.Join(b.TempDir(), "assay.db")
	for name, data := range map[string][]byte{path: w.db, vulndb.EnrichmentPath(path): w.enrich} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return path
}

// Promise: at most 5 ms from the path to the first answer.
func BenchmarkOpen(b *testing.B) {
	path := files(b)
	for b.Loop() {
		db, err := vulndb.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		found := false
		for _, err := range db.Lookup(advisory.Ecosystem{Type: "pypi"}, "django") {
			found = err == nil
			break
		}
		if !found {
			b.Error("nothing is stated about django")
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// Promise: less than 2 µs for a name, known or not, and no memory for one that
// is not. Of a known name all statements are read, seven on average.
func BenchmarkLookup(b *testing.B) {
	db, _ := openBundle(b)
	var known []vulndb.Named
	for n, err := range db.Names() {
		if err != nil {
			b.Fatal(err)
		}
		known = append(known, n)
	}
	run := func(name string, list []vulndb.Named, want bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i, total := 0, 0
			for b.Loop() {
				n := &list[i%len(list)]
				i += 7919 // jump about, as the names of an inventory do
				count, err := statements(db, n)
				if err != nil || (count > 0) != want {
					b.Fatal(n.Name, count, err)
				}
				total += count
			}
			b.ReportMetric(float64(total)/float64(b.N), "statements/op")
		})
	}
	unknown := make([]vulndb.Named, len(known))
	for i, n := range known {
		unknown[i] = vulndb.Named{Ecosystem: n.Ecosystem, Name: n.Name + "-unknown"}
	}
	run("known", known, true)
	run("unknown", unknown, false)
}

// statements counts what is stated about a name. It is a function of its own
// since calls directly below b.Loop are not inlined.
func statements(db *vulndb.DB, n *vulndb.Named) (count int, err error) {
	for _, err := range db.Lookup(n.Ecosystem, n.Name) {
		if err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// Promise: an advisory with its texts in less than 1 ms, wherever it lies.
func BenchmarkAdvisory(b *testing.B) {
	db, _ := openBundle(b)
	count := db.Header().Advisories
	i := 0
	for b.Loop() {
		if _, err := db.Advisory(advisory.Ref(i % count)); err != nil {
			b.Fatal(err)
		}
		i += 7919
	}
}

// Promise: less than 2 µs for what decides a score, less than 1 ms with texts.
func BenchmarkEnrichment(b *testing.B) {
	_, e := openBundle(b)
	ids := []string{"CVE-2021-44228", "CVE-2024-3094", "CVE-2023-4863", "CVE-2022-0847", "CVE-2020-1472"}
	for name, look := range map[string]func(string) (advisory.Enrichment, bool, error){"brief": e.Brief, "texts": e.Lookup} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if _, ok, err := look(ids[i%len(ids)]); !ok || err != nil {
					b.Fatal(ids[i%len(ids)], ok, err)
				}
				i++
			}
		})
	}
}

// Promise: at most 10 ms between two versions of the whole.
func BenchmarkDiff(b *testing.B) {
	older, _ := openBundle(b)
	newer := changed(b)
	n := 0
	for b.Loop() {
		changes, err := vulndb.Diff(older, newer)
		if err != nil {
			b.Fatal(err)
		}
		n = len(changes)
	}
	if n == 0 {
		b.Error("no change is seen")
	}
	b.ReportMetric(float64(n), "changes")
}

// changed returns the whole with one advisory in fifty gone, and one in fifty
// about another version.
func changed(b *testing.B) *vulndb.DB {
	b.Helper()
	older, _ := openBundle(b)
	build := vulndb.NewBuilder(vulndb.BuildOptions{})
	for r := range advisory.Ref(older.Header().Advisories) {
		a, err := older.Advisory(r)
		if err != nil {
			b.Fatal(err)
		}
		switch r % 50 {
		case 0:
			continue
		case 1:
			for i := range a.Affected {
				a.Affected[i].Versions = append(a.Affected[i].Versions, "0.0.0.1")
			}
		}
		if err := build.Add(&a); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "changed.db")
	if _, err := build.WriteFiles(path); err != nil {
		b.Fatal(err)
	}
	db, err := vulndb.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// Promise: every byte and every order of the whole is checked in 3 s.
func BenchmarkVerify(b *testing.B) {
	db, _ := openBundle(b)
	b.SetBytes(db.Header().Bytes)
	for b.Loop() {
		if err := db.Verify(); err != nil {
			b.Fatal(err)
		}
	}
}
