//go:build unix

package match_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// busy is a database of 20,000 names with one to six flaws each, and an
// inventory of 20,000 packages, of which half have names that it does not
// know; of the others, half have a version that is affected by something.
func busy(tb testing.TB) (match.Advisories, inventory.Inventory) {
	tb.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	ecosystems := []advisory.Ecosystem{npm, pypi, golang, maven, debian11}
	version := func(e advisory.Ecosystem, n int) string {
		switch e.Type {
		case "deb":
			return fmt.Sprintf("1:%d.%d.%d-%d+deb11u%d", n/40, n/10%4, n%10, n%3+1, n%4)
		case "golang":
			return fmt.Sprintf("v%d.%d.%d", n/40, n/10%4, n%10)
		}
		return fmt.Sprintf("%d.%d.%d", n/40, n/10%4, n%10)
	}
	name := func(e advisory.Ecosystem, n int) string {
		switch e.Type {
		case "maven":
			return fmt.Sprintf("org.example.group%d:artifact-%d", n%300, n)
		case "golang":
			return fmt.Sprintf("github.com/Example%d/module-%d", n%300, n)
		}
		return fmt.Sprintf("package-name-%d", n)
	}
	var list []*advisory.Advisory
	for n := range 20_000 {
		e := ecosystems[n%len(ecosystems)]
		for k := range 1 + r.IntN(6) {
			end := 1 + r.IntN(200)
			ranges := []advisory.Range{before(version(e, end))}
			if k%3 == 2 {
				ranges = append(ranges, between(version(e, end+40), version(e, end+60)))
			}
			list = append(list, flaw(names(fmt.Sprintf("GHSA-%d-%d", n, k), fmt.Sprintf("CVE-%d-%d", 2000+n%25, n*10+k)), affects(e, name(e, n), ranges...)))
		}
	}
	inv := inventory.Inventory{OS: bullseye}
	for n := range 20_000 {
		e := ecosystems[n%len(ecosystems)]
		known := n
		if n/5%2 == 0 {
			known = n + 20_000 // a name that nobody has heard of
		}
		// No fix lies above version 260: these have everything repaired.
		v := 261 + r.IntN(100)
		if r.IntN(2) == 0 {
			v = r.IntN(200)
		}
		p := inventory.Package{Type: e.Type, Name: name(e, known), Version: version(e, v), Path: fmt.Sprintf("srv/app/%d", n)}
		if e.Type == "deb" {
			p.SourceName, p.SourceVersion, p.Path = p.Name, p.Version, ""
			if n%2 == 0 {
				p.Name = "lib" + p.Name
			}
		}
		inv.Packages = append(inv.Packages, p)
	}
	inv.Sort()
	return database(tb, list...), inv
}

// BenchmarkInventory promises 250,000 packages a second of processor time, on
// one core, where half of the names are unknown.
func BenchmarkInventory(b *testing.B) {
	db, inv := busy(b)
	benchmark(b, inv, db)
}

// BenchmarkInventoryUnknown is the price of asking: no name is known.
func BenchmarkInventoryUnknown(b *testing.B) {
	db, inv := busy(b)
	for i := range inv.Packages {
		inv.Packages[i].Name += "-x"
		inv.Packages[i].SourceName += "-x"
	}
	benchmark(b, inv, db)
}

func benchmark(b *testing.B, inv inventory.Inventory, db match.Advisories) {
	b.Helper()
	b.ReportAllocs()
	found := 0
	start := processorTime(b)
	for b.Loop() {
		res, err := match.Inventory(b.Context(), inv, db, match.Options{})
		if err != nil {
			b.Fatal(err)
		}
		found = len(res.Matches)
	}
	used := processorTime(b) - start
	b.ReportMetric(float64(len(inv.Packages))*float64(b.N)/used.Seconds(), "packages/s")
	b.ReportMetric(float64(found), "matches")
}

// processorTime is what the process has used so far, the collection of garbage
// with it. Other work on the machine does not count.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
