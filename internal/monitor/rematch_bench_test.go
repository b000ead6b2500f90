//go:build unix

package monitor

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// A fleet of images: each has one of 200 bases of Debian packages, and some
// packages of its own that it has alone. What is stated about a name is most often
// about versions that nobody has any more.
const (
	fleetBases  = 200
	fleetBase   = 280 // packages of a base
	fleetOwn    = 20  // of an image alone
	fleetDebian = 6_000
	fleetNPM    = 20_000
	fleetOthers = 14_000 // names that nobody has
	fleetChange = 2_000  // names about which an update states something else
)

// BenchmarkRematch has an update that touches 2,000 names reach the findings of
// ASSAY_BENCH_RESOURCES resources with 300 packages, 1,000 if it is not set. The
// promise for 100,000 is half a second until it is known what is affected, and a
// minute until all is written.
func BenchmarkRematch(b *testing.B) {
	size := 1_000
	if n, err := strconv.Atoi(os.Getenv("ASSAY_BENCH_RESOURCES")); err == nil {
		size = n
	}
	place := filepath.Join(b.TempDir(), "assay.db")
	if p := os.Getenv("ASSAY_BENCH_POSTGRES"); p != "" {
		place = p
	}
	s, err := store.Open(b.Context(), place, [32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	account := org.Account(111122223333)
	if _, _, err := s.FirstStart(b.Context(), store.First{Account: account, Now: time.Now()}); err != nil {
		b.Fatal(err)
	}
	before, after := fleetKnowledge(b, nil), fleetKnowledge(b, rand.New(rand.NewPCG(5, 6)))
	m := &Monitor{Store: s, Version: "bench", Region: "eu-central-1", Knowledge: func() (Knowledge, func()) { return before, func() {} }}
	began := time.Now()
	fillFleet(b, s, account, size)
	b.Logf("%d inventories in %v, %d bytes each", size, time.Since(began), fileSize(b, place)/int64(size))
	if _, err := s.MarkAllStale(b.Context(), 0); err != nil {
		b.Fatal(err)
	}
	began = time.Now()
	done := matchFleet(b, m, before, nil)
	b.Logf("first matched in %v: %+v, %d bytes for each resource", time.Since(began), done, fileSize(b, place)/int64(size))

	diff, err := vulndb.Diff(before.DB, after.DB)
	if err != nil {
		b.Fatal(err)
	}
	base := &Base{Knowledge: before, Names: map[match.Name]bool{}, Rated: func(string) bool { return false }}
	var names []match.Name
	for _, c := range diff {
		n := match.Name{Ecosystem: c.Ecosystem, Name: c.Name}
		names, base.Names[n] = append(names, n), true
	}
	for b.Loop() {
		used := cpu(b)
		began = time.Now()
		n, err := s.MarkStale(b.Context(), names, 1)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "mark-s")
		b.ReportMetric((cpu(b) - used).Seconds(), "mark-cpu-s")
		used, began = cpu(b), time.Now()
		done = matchFleet(b, m, after, base)
		b.ReportMetric(time.Since(began).Seconds(), "match-s")
		b.ReportMetric((cpu(b) - used).Seconds(), "match-cpu-s")
		b.ReportMetric(float64(n), "inventories")
		b.ReportMetric(float64(done.Changes), "changes")
		b.Logf("%d names: %+v", len(names), done)
	}
}

// matchFleet does what the jobs of a server do.
func matchFleet(b *testing.B, m *Monitor, know Knowledge, base *Base) Rematched {
	b.Helper()
	var out [2]Rematched
	var g errgroup.Group
	for part := range int64(len(out)) {
		g.Go(func() error {
			r := Rematcher{Monitor: m, Know: know, Base: func(int64) *Base { return base }}
			for {
				list, err := m.Store.Stale(b.Context(), store.StalePage{Part: part, Parts: int64(len(out)), Limit: 500})
				if err != nil || len(list) == 0 {
					return err
				}
				done, err := r.Rematch(b.Context(), list, time.Now())
				if out[part] = out[part].Add(done); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	return out[0].Add(out[1])
}

// fleetKnowledge is what is known of all names; with a source of chance, something
// else is stated about some of them.
func fleetKnowledge(b *testing.B, change *rand.Rand) *vulndb.Known {
	b.Helper()
	builder := vulndb.NewBuilder(vulndb.BuildOptions{Built: time.Unix(1_790_000_000, 0)})
	debian, npm := advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "12"}, advisory.Ecosystem{Type: "npm"}
	all := fleetDebian + fleetNPM + fleetOthers
	changed := map[int]bool{}
	for change != nil && len(changed) < fleetChange {
		changed[change.IntN(all)] = true
	}
	for n := range all {
		e, name, fixed := npm, fmt.Sprintf("module%d", n), "0.9.0"
		if n < fleetDebian {
			e, name, fixed = debian, fmt.Sprintf("library%d", n), "0.9-1"
		}
		open := n%50 == 7 // one of fifty concerns the versions that are in use
		if changed[n] {
			fixed = "0.8.9"
			if n%5 == 0 { // of one of five of those that change, it does otherwise than before
				open = !open
			}
		}
		if open {
			fixed = "9.0.0"
		}
		a := advisory.Advisory{
			ID: fmt.Sprintf("CVE-2098-%05d", n), Source: "osv", Kind: advisory.Vulnerability, Summary: "Something is wrong",
			Severities: []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}},
			Affected:   []advisory.Affected{{Ecosystem: e, Name: name, Ranges: []advisory.Range{{Introduced: "0", Fixed: fixed}}}},
		}
		if err := builder.Add(&a); err != nil {
			b.Fatal(err)
		}
	}
	var db, enrich bytes.Buffer
	if _, err := builder.Write(&db, &enrich); err != nil {
		b.Fatal(err)
	}
	k, err := vulndb.OpenKnownBytes(db.Bytes(), enrich.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	return k
}

// fillFleet records what so many images hold, and no findings.
func fillFleet(b *testing.B, s *store.Store, account org.Account, size int) {
	b.Helper()
	bases := make([][]inventory.Package, fleetBases)
	for i := range bases {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		for _, n := range r.Perm(fleetDebian)[:fleetBase] {
			bases[i] = append(bases[i], inventory.Package{
				Type: "deb", Name: fmt.Sprintf("library%d", n), Version: fmt.Sprintf("1.%d-1", i%9), Arch: "amd64",
				Path: "var/lib/dpkg/status", Layer: fmt.Sprintf("sha256:%064x", i), Evidence: inventory.Database,
			})
		}
	}
	var scans []store.Scan
	for n := range size {
		r := rand.New(rand.NewPCG(uint64(n), 2))
		base, own := r.IntN(fleetBases), fmt.Sprintf("sha256:%064x", 1_000_000+n)
		inv := inventory.Inventory{OS: inventory.OS{ID: "debian", VersionID: "12", Name: "Debian GNU/Linux 12 (bookworm)"}}
		inv.Packages = append(inv.Packages, bases[base]...)
		for range fleetOwn {
			name := fmt.Sprintf("module%d", fleetDebian+r.IntN(fleetNPM))
			inv.Packages = append(inv.Packages, inventory.Package{
				Type: "npm", Name: name, Version: fmt.Sprintf("1.%d.0", r.IntN(9)), Path: "app/node_modules/" + name + "/package.json",
				Layer: own, Evidence: inventory.Manifest,
			})
		}
		inv.Sort()
		digest := fmt.Sprintf("sha256:%064x", n)
		scans = append(scans, store.Scan{
			Resource: resource.Resource{
				Type: resource.Image, ID: resource.ImageARN(account.String(), "eu-central-1", fmt.Sprintf("registry.example.com/team%d/app", n%1000), digest),
				Account: account.String(), Region: "eu-central-1", Digest: digest, Tags: []string{"v1"}, Platform: "DEBIAN_12",
			},
			Revision: "none", Inventory: &inv, Layers: []scan.Layer{{Digest: bases[base][0].Layer}, {Digest: own}},
		})
		if len(scans) == store.MaxScans || n == size-1 {
			if _, err := s.Record(b.Context(), org.Only(account), scans, time.Now()); err != nil {
				b.Fatal(err)
			}
			scans = nil
		}
	}
}

func fileSize(b *testing.B, place string) int64 {
	b.Helper()
	var out int64
	for _, name := range []string{place, place + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			out += info.Size()
		}
	}
	return out
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
