package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// randomInventory returns what an image may hold: packages of a base that others
// have too, and some of its own.
func randomInventory(r *rand.Rand) (inventory.Inventory, []scan.Layer) {
	release := []string{"11", "12"}[r.IntN(2)]
	inv := inventory.Inventory{OS: inventory.OS{ID: "debian", VersionID: release}}
	base := "sha256:base" + release
	for n := range 100 + r.IntN(3)*100 {
		inv.Packages = append(inv.Packages, inventory.Package{
			Type: "deb", Name: fmt.Sprintf("lib%d", n), Version: "1-1", SourceName: fmt.Sprintf("src%d", n/3), Layer: base,
			Path: "var/lib/dpkg/status", Evidence: inventory.Database,
		})
	}
	for range r.IntN(6) {
		n := r.IntN(40)
		inv.Packages = append(inv.Packages, inventory.Package{
			Type: "pypi", Name: fmt.Sprintf("Some_Package%d", n), Version: fmt.Sprint(r.IntN(3)), Layer: "sha256:own",
			Path: fmt.Sprintf("opt/app/p%d/METADATA", n), Evidence: inventory.Manifest,
		})
	}
	inv.Sort()
	return inv, []scan.Layer{{Digest: base}, {Digest: "sha256:own"}}
}

// TestAffected compares which resources a set of names leads to with what their
// inventories hold.
func TestAffected(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		r := rand.New(rand.NewPCG(3, 4))
		held := map[string]Held{}
		for n := range 60 {
			inv, layers := randomInventory(r)
			res := image(accountOf(n%2), n)
			held[res.ID] = Held{inv, layers}
			record(t, s, Scan{Resource: res, Revision: fmt.Sprint(n), Inventory: &inv, Layers: layers}, start)
		}
		for id, want := range held {
			account, _ := org.ParseAccount(strings.Split(id, ":")[4])
			got, err := s.Inventory(t.Context(), everyone(), account, id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("an inventory came back otherwise: %s", diff)
			}
		}
		debian := func(release string) advisory.Ecosystem {
			return advisory.Ecosystem{Type: "deb", Distro: "debian", Release: release}
		}
		for _, names := range [][]match.Name{
			nil,
			{{Ecosystem: debian("12"), Name: "nothing"}, {Ecosystem: debian("10"), Name: "lib1"}, {Ecosystem: advisory.Ecosystem{Type: "npm"}}},
			{{Ecosystem: debian("12"), Name: "lib250"}},
			{{Ecosystem: debian("11"), Name: "src1"}, {Ecosystem: advisory.Ecosystem{Type: "pypi"}, Name: "some-package7"}},
			{{Ecosystem: debian("11")}},
			{{Ecosystem: advisory.Ecosystem{Type: "pypi"}, Name: "some-package7"}, {Ecosystem: advisory.Ecosystem{Type: "pypi"}, Name: "some-package8"}},
		} {
			var want []string
			for id, h := range held {
				if holdsAny(h.Inventory, names) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, affectedBy(t, s, names)); diff != "" {
				t.Errorf("%v: %s", names, diff)
			}
		}
	})
}

// holdsAny is what the store's index answers, asked of the inventory itself.
func holdsAny(inv inventory.Inventory, names []match.Name) bool {
	for i := range inv.Packages {
		e := match.Ecosystem(inv.OS, inv.Packages[i].Type)
		for _, n := range append(match.Names(e, &inv.Packages[i]), match.Name{Ecosystem: e}) {
			if slices.Contains(names, n) {
				return true
			}
		}
	}
	return false
}

// affectedBy marks, reads what is marked in small pages, and takes the marks
// away.
func affectedBy(t *testing.T, s *Store, names []match.Name) []string {
	t.Helper()
	if _, err := s.MarkStale(t.Context(), names, 1); err != nil {
		t.Fatal(err)
	}
	var out []string
	for part := range int64(2) {
		for {
			list, err := s.Stale(t.Context(), StalePage{Part: part, Parts: 2, Limit: 7})
			if err != nil {
				t.Fatal(err)
			}
			if len(list) == 0 {
				break
			}
			page := HoldingPage{Limit: 3}
			for _, st := range list {
				page.Inventories = append(page.Inventories, st.Inventory)
			}
			for {
				holdings, err := s.Holdings(t.Context(), page)
				if err != nil {
					t.Fatal(err)
				}
				if len(holdings) == 0 {
					break
				}
				for _, h := range holdings {
					out = append(out, h.ID)
				}
				page.After = holdings[len(holdings)-1]
			}
			if err := s.Matched(t.Context(), list); err != nil {
				t.Fatal(err)
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestMarkedAnew shows that a mark that is made while an inventory is being
// matched is not lost, and that the older base stays.
func TestMarkedAnew(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		inv := inventory.Inventory{Packages: []inventory.Package{{Type: "npm", Name: "a", Version: "1"}}}
		record(t, s, Scan{Resource: image(alice, 1), Inventory: &inv}, start)
		names := []match.Name{{Ecosystem: advisory.Ecosystem{Type: "npm"}, Name: "a"}}
		var read [2][]Stale
		for i := range read {
			n, err := s.MarkStale(t.Context(), names, int64(10+i))
			if err != nil || n != 1 {
				t.Fatal(n, err)
			}
			if read[i], err = s.Stale(t.Context(), StalePage{Limit: 10}); err != nil || len(read[i]) != 1 || read[i][0].Since != 10 {
				t.Fatal(read[i], err)
			}
		}
		for i, want := range []int64{1, 0} {
			if err := s.Matched(t.Context(), read[i]); err != nil {
				t.Fatal(err)
			}
			if n, err := s.CountStale(t.Context()); err != nil || n != want {
				t.Errorf("%d marks are left, want %d (%v)", n, want, err)
			}
		}
	})
}

// TestMarkedWithoutBase shows that what is to be compared fully is so, whatever it
// was marked with before and is later.
func TestMarkedWithoutBase(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		inv := inventory.Inventory{Packages: []inventory.Package{{Type: "npm", Name: "a", Version: "1"}}}
		record(t, s, Scan{Resource: image(alice, 1), Inventory: &inv}, start)
		for _, tt := range []struct{ since, want int64 }{{10, 10}, {11, 10}, {0, 0}, {12, 0}} {
			if _, err := s.MarkAllStale(t.Context(), tt.since); err != nil {
				t.Fatal(err)
			}
			list, err := s.Stale(t.Context(), StalePage{Limit: 10})
			if err != nil || len(list) != 1 || list[0].Since != tt.want {
				t.Errorf("marked with %d: %v, want %d (%v)", tt.since, list, tt.want, err)
			}
		}
	})
}

// TestSharedSets shows that what inventories have in common is kept once, that a
// known inventory writes nothing, and that what nothing holds any more goes.
func TestSharedSets(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		host := func(n int) inventory.Inventory {
			inv := inventory.Inventory{OS: inventory.OS{ID: "debian", VersionID: "12"}}
			for i := range 800 {
				version := "1"
				if i == n*400+5 {
					version = "2"
				}
				inv.Packages = append(inv.Packages, inventory.Package{
					Type: "deb", Name: fmt.Sprintf("package%d", i), Version: version, Path: "var/lib/dpkg/status", Evidence: inventory.Database,
				})
			}
			inv.Sort()
			return inv
		}
		for n := range 2 {
			inv := host(n)
			record(t, s, Scan{Resource: image(alice, n), Revision: fmt.Sprint(n), Inventory: &inv}, start)
		}
		var sets, places int
		if _, err := fmt.Sscan(rows(t, s, `SELECT (SELECT count(*) FROM pkgset), (SELECT count(*) FROM inventory_set)`), &sets, &places); err != nil {
			t.Fatal(err)
		}
		if places < 10 || sets != places/2+2 { // in each of two places one set differs from the other's
			t.Errorf("two machines with two packages apart have %d sets in %d places", sets, places)
		}
		inv := host(0)
		before := changesOf(t, s)
		tables := `SELECT (SELECT count(*) FROM pkgset), (SELECT count(*) FROM pkgset_name), (SELECT next FROM id_block WHERE name = 'pkgset')`
		want := rows(t, s, tables)
		record(t, s, Scan{Resource: image(alice, 3), Revision: "3", Inventory: &inv}, start)
		if got := rows(t, s, tables); got != want {
			t.Errorf("a known inventory wrote sets: %s, before %s (%d changes)", got, want, changesOf(t, s)-before)
		}
		for _, n := range []int{0, 1, 3} {
			empty := inventory.Inventory{}
			record(t, s, Scan{Resource: image(alice, n), Revision: "gone", Inventory: &empty}, start.Add(time.Hour))
		}
		for n := range 4 {
			if _, err := s.Sweep(t.Context(), start.Add(time.Duration(2+2*n)*time.Hour), DefaultRetention); err != nil {
				t.Fatal(err)
			}
		}
		got := rows(t, s, `SELECT (SELECT count(*) FROM inventory), (SELECT count(*) FROM pkgset), (SELECT count(*) FROM pkgset_name),
			(SELECT count(*) FROM inventory_set)`)
		if got != "1 0 0 0" {
			t.Errorf("after the sweep there are %s", got)
		}
	})
}

// TestRejudge shows that looking at some vulnerabilities changes findings of
// those alone, and comes to the same as a scan that sees everything.
func TestRejudge(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		inv := inventory.Inventory{Packages: []inventory.Package{{Type: "npm", Name: "a", Version: "1"}}}
		full := Scan{Resource: image(alice, 1), Revision: "1", Inventory: &inv}
		for n := range 6 {
			full.Findings = append(full.Findings, vulnerability(n))
		}
		record(t, s, full, start)
		list, err := s.Holdings(t.Context(), HoldingPage{Inventories: []int64{1}, Limit: 10})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		want := Holding{
			Account: alice, Region: "eu-central-1", Type: resource.Image, ID: full.Resource.ID, Inventory: 1, number: list[0].number, kind: 2,
			Coverage: Coverage{ScanType: PackageScan, Code: CoverageActive, Reason: reasonSuccessful, Scanned: start},
		}
		if diff := cmp.Diff(want, list[0], cmp.AllowUnexported(Holding{})); diff != "" {
			t.Fatal(diff)
		}
		other := vulnerability(1)
		other.Severity, other.Score.Value = finding.Critical, 9.9
		again := Rejudged{Holding: list[0], Revision: "2"}
		for _, f := range []finding.Finding{other, vulnerability(7)} {
			j, err := Judge(&f, nil, start)
			if err != nil {
				t.Fatal(err)
			}
			again.Findings = append(again.Findings, j)
		}
		again.Vulnerabilities = []string{other.Vulnerability, "CVE-2099-00002", "CVE-2099-00007", "CVE-2099-99999"}
		out, err := s.Rejudge(t.Context(), []Rejudged{again}, start.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		got := map[Kind]int{}
		for _, c := range out[0].Changes {
			got[c.Kind]++
		}
		if diff := cmp.Diff(map[Kind]int{Created: 1, Updated: 1, Gone: 1}, got); diff != "" {
			t.Error(diff)
		}
		full.Findings[1] = other
		full.Findings = append(slices.Delete(full.Findings, 2, 3), vulnerability(7))
		full.Revision = "3"
		if got := record(t, s, full, start.Add(2*time.Hour)); len(got) > 0 {
			t.Errorf("a scan that sees the same changed %v", got)
		}
		if wrong, err := s.VerifyCounters(t.Context(), alice); err != nil || len(wrong) > 0 {
			t.Error(wrong, err)
		}
		again.Inventory = 99 // by now it holds something else
		again.Vulnerabilities, again.Findings, again.All = nil, nil, true
		if out, err = s.Rejudge(t.Context(), []Rejudged{again}, start.Add(3*time.Hour)); err != nil || len(out[0].Changes) > 0 {
			t.Error(out, err)
		}
	})
}
