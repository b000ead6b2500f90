package match_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

func day(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }

// world is a set of advisories and an inventory, both made up at random from
// few names, so that they meet often.
func world(r *rand.Rand) ([]*advisory.Advisory, inventory.Inventory) {
	version := func() string {
		return pickOne(r, "1.0", "1.1", "1.1.0", "1.5-1", "2.0", "2.0.1", "3.0", "no order", "1:0.9-1", "2.0-rc1")
	}
	ecosystems := []advisory.Ecosystem{npm, pypi, maven, debian11, alma8}
	var list []*advisory.Advisory
	for i := range 60 {
		e := ecosystems[r.IntN(len(ecosystems))]
		a := advisory.Affected{Ecosystem: e, Name: fmt.Sprintf("p%d", r.IntN(8)), NameKind: advisory.NameKind(r.IntN(2))}
		if e.Distro == "" {
			a.NameKind = advisory.BinaryName
		}
		for range r.IntN(3) {
			a.Ranges = append(a.Ranges, between(version(), version()))
		}
		for range r.IntN(3) {
			a.Versions = append(a.Versions, version())
		}
		a.Module = pickOne(r, "", "", "", "m:1")
		a.State = pickOne(r, advisory.Stated, advisory.Stated, advisory.Stated, advisory.NotAffected, advisory.WillNotFix)
		a.Skipped = r.IntN(2)
		adv := flaw(names(fmt.Sprintf("X-%d", i), fmt.Sprintf("CVE-2024-%04d", r.IntN(20))), a)
		if r.IntN(4) == 0 {
			adv = notice(fmt.Sprintf("N-%d", i), names(fmt.Sprintf("CVE-2024-%04d", r.IntN(20)), fmt.Sprintf("CVE-2024-%04d", r.IntN(20))), a)
		}
		list = append(list, adv)
	}
	inv := inventory.Inventory{OS: bullseye}
	for range 200 {
		p := inventory.Package{
			Type: pickOne(r, "npm", "pypi", "maven", "deb", "rpm", "gem"), Name: fmt.Sprintf("p%d", r.IntN(10)),
			Version: pickOne(r, version(), version(), ""), Path: fmt.Sprintf("path/%d", r.IntN(50)),
		}
		switch p.Type {
		case "deb", "rpm":
			p.SourceName = pickOne(r, "", p.Name, "p1", "p2")
			p.Module = pickOne(r, "", "", "m:1")
		default:
			p.OwnedBy = pickOne(r, "", "", "", "p1", "p3")
		}
		inv.Packages = append(inv.Packages, p)
	}
	inv.Sort()
	return list, inv
}

func pickOne[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// turned is a database that yields the statements about a name in another
// order at each look-up.
type turned struct {
	*vulndb.DB
	r *rand.Rand
}

func (db turned) Lookup(e advisory.Ecosystem, name string) iter.Seq2[*advisory.Statement, error] {
	return func(yield func(*advisory.Statement, error) bool) {
		var list []*advisory.Statement
		for st, err := range db.DB.Lookup(e, name) {
			if err != nil {
				yield(nil, err)
				return
			}
			c := *st
			c.Arches, c.Versions, c.Ranges, c.Groups = slices.Clone(st.Arches), slices.Clone(st.Versions), slices.Clone(st.Ranges), slices.Clone(st.Groups)
			list = append(list, &c)
		}
		db.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, st := range list {
			if !yield(st, nil) {
				return
			}
		}
	}
}

// TestOrder holds that neither the order of packages, nor that of advisories
// in the build, nor that of statements in a look-up changes the result.
func TestOrder(t *testing.T) {
	t.Parallel()
	matches := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		list, inv := world(r)
		for _, opt := range []match.Options{{}, {Upstream: true}} {
			want, err := match.Inventory(t.Context(), inv, database(t, list...), opt)
			if err != nil {
				t.Fatal(err)
			}
			matches += len(want.Matches)
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			mixed := inventory.Inventory{OS: inv.OS, Packages: slices.Clone(inv.Packages)}
			r.Shuffle(len(mixed.Packages), func(i, j int) {
				mixed.Packages[i], mixed.Packages[j] = mixed.Packages[j], mixed.Packages[i]
			})
			given := slices.Clone(mixed.Packages)
			got, err := match.Inventory(t.Context(), mixed, turned{database(t, list...), r}, opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, in another order (-want +got):\n%s", seed, diff)
			}
			if diff := cmp.Diff(given, mixed.Packages); diff != "" {
				t.Fatalf("seed %d: the inventory was changed (-want +got):\n%s", seed, diff)
			}
		}
	}
	if matches < 1000 {
		t.Errorf("only %d matches: the worlds are too empty to tell anything", matches)
	}
}

// TestNothingWithoutReason holds that each match is explained by statements
// that are about it, is sorted, and is there once; and that each package that
// could not be judged is counted in a note.
func TestNothingWithoutReason(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		list, inv := world(rand.New(rand.NewPCG(seed, 2)))
		db := database(t, list...)
		res, err := match.Inventory(t.Context(), inv, db, match.Options{Upstream: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range res.Matches {
			checkMatch(t, db, m)
			if i == 0 {
				continue
			}
			last := res.Matches[i-1]
			if c := inventory.Compare(last.Package, m.Package); c > 0 || c == 0 && last.Vulnerability >= m.Vulnerability {
				t.Errorf("seed %d: %s of %s comes after %s of %s", seed, m.Vulnerability, m.Package.Name, last.Vulnerability, last.Package.Name)
			}
		}
		uncovered := 0
		for _, p := range inv.Packages {
			if p.Type == "gem" || p.Type == "rpm" {
				uncovered++
			}
		}
		if got := counted(res, match.NoData, match.UnsupportedPlatform); got != uncovered {
			t.Errorf("seed %d: %d packages are noted as unknown, want %d", seed, got, uncovered)
		}
	}
}

func checkMatch(t *testing.T, db *vulndb.DB, m match.Match) {
	t.Helper()
	if len(m.Why) == 0 {
		t.Errorf("%s of %s says not why", m.Vulnerability, m.Package.Name)
	}
	if m.Fixed != "" && m.State != "" {
		t.Errorf("%s of %s has the fix %s and the state %s", m.Vulnerability, m.Package.Name, m.Fixed, m.State)
	}
	if (m.Unsure != "") && m.Confidence != match.Low {
		t.Errorf("%s of %s cannot be compared, and has confidence %s", m.Vulnerability, m.Package.Name, m.Confidence)
	}
	for _, w := range m.Why {
		a, err := db.Advisory(w.Ref)
		if err != nil {
			t.Fatal(err)
		}
		if a.ID != w.Advisory || a.Source != w.Source || a.Release != w.Release || a.Kind != w.Kind {
			t.Errorf("%s: %+v is not %s", m.Vulnerability, w, a.ID)
		}
		known := slices.Concat([]string{a.ID}, a.Aliases, a.Upstream)
		if !slices.Contains(known, m.Vulnerability) && !slices.ContainsFunc(m.Aliases, func(s string) bool { return slices.Contains(known, s) }) {
			t.Errorf("%s is explained by %s, which does not speak of it", m.Vulnerability, a.ID)
		}
		if w.Name != m.Package.Name && w.Name != m.Package.SourceName || w.Range == "" || w.Version == "" {
			t.Errorf("%s of %s: %+v is no explanation", m.Vulnerability, m.Package.Name, w)
		}
		if !slices.ContainsFunc(a.Affected, func(f advisory.Affected) bool {
			return f.String() == w.Ecosystem && f.Name == w.Name && f.State != advisory.NotAffected
		}) {
			t.Errorf("%s of %s: %s does not name %s in %s", m.Vulnerability, m.Package.Name, a.ID, w.Name, w.Ecosystem)
		}
	}
}

// TestIndependent holds that what is found of one package of the system does
// not depend on which others there are.
func TestIndependent(t *testing.T) {
	t.Parallel()
	list, inv := world(rand.New(rand.NewPCG(7, 7)))
	inv.Packages = slices.DeleteFunc(inv.Packages, func(p inventory.Package) bool { return p.OwnedBy != "" })
	db := database(t, list...)
	whole, err := match.Inventory(t.Context(), inv, db, match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var parts []match.Match
	for _, p := range inv.Packages {
		one, err := match.Inventory(t.Context(), inventory.Inventory{OS: inv.OS, Packages: []inventory.Package{p}}, db, match.Options{})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, one.Matches...)
	}
	if diff := cmp.Diff(whole.Matches, parts, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("together (-) and one by one (+):\n%s", diff)
	}
}

// failing is a database that breaks at one name.
type failing struct {
	*vulndb.DB
	at string
}

var errBroken = errors.New("damaged")

func (db failing) Lookup(e advisory.Ecosystem, name string) iter.Seq2[*advisory.Statement, error] {
	if name != db.at {
		return db.DB.Lookup(e, name)
	}
	return func(yield func(*advisory.Statement, error) bool) { yield(nil, errBroken) }
}

func TestErrors(t *testing.T) {
	t.Parallel()
	db := database(t,
		flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12"))),
		xorg(),
		flaw(names("CVE-2020-7471"), affects(pypi, "django", before("2.2.10"))))
	inv := inventory.Inventory{OS: bullseye, Packages: []inventory.Package{
		from(deb("xserver-common", "2:1.20.11-1"), "xorg-server", "2:1.20.11-1"),
		pkg("npm", "lodash", "4.17.11"),
		owned(pkg("pypi", "django", "2.2"), "xserver-common"),
	}}
	for _, tt := range []struct{ at, want string }{
		{"lodash", "matching npm lodash: damaged"},
		{"xserver-common", "matching deb xserver-common: damaged"},
		{"xorg-server", "matching deb xserver-common: damaged"},
	} {
		_, err := match.Inventory(t.Context(), inv, failing{db, tt.at}, match.Options{})
		if !errors.Is(err, errBroken) || err.Error() != tt.want {
			t.Errorf("with %s damaged: %v; want %s", tt.at, err, tt.want)
		}
	}
	inv.Packages = inv.Packages[2:]
	inv.Packages = append(inv.Packages, deb("xserver-common", "2:1.20.11-1"))
	_, err := match.Inventory(t.Context(), inv, failing{db, "xserver-common"}, match.Options{})
	if !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), "matching pypi django: looking up xserver-common") {
		t.Errorf("with the owner damaged: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := match.Inventory(ctx, inv, db, match.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with the context ended: %v", err)
	}
	if res, err := match.Inventory(t.Context(), inventory.Inventory{}, db, match.Options{}); err != nil || len(res.Matches)+len(res.Notes) > 0 {
		t.Errorf("of an empty inventory: %+v, %v", res, err)
	}
}

// silent is a database that knows no name and takes no memory to say so.
type silent struct{ *vulndb.DB }

func (silent) Lookup(advisory.Ecosystem, string) iter.Seq2[*advisory.Statement, error] {
	return nothing
}

func nothing(func(*advisory.Statement, error) bool) {}

// TestAllocations holds that a package whose name is not known takes no memory
// besides what the database takes for the look-up.
func TestAllocations(t *testing.T) {
	db := database(t, flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12"))), xorg())
	inv := inventory.Inventory{OS: bullseye}
	for n := range 2000 {
		p := inventory.Package{Type: "npm", Name: fmt.Sprintf("unknown-%d", n), Version: "1.0.0"}
		if n%2 == 0 {
			p.Type, p.SourceName, p.SourceVersion = "deb", "source-"+p.Name, p.Version
		}
		if n%5 == 0 {
			p.Type = "gem" // of which nothing is known at all
		}
		inv.Packages = append(inv.Packages, p)
	}
	inv.Sort()
	// What is left is for the call as a whole: its maps, places and notes.
	if got := testing.AllocsPerRun(10, func() {
		if _, err := match.Inventory(t.Context(), inv, silent{db}, match.Options{}); err != nil {
			t.Error(err)
		}
	}); got > 25 {
		t.Errorf("%v allocations for %d unknown packages, want 25 at most", got, len(inv.Packages))
	}
}

// revoked is a database that says of each advisory that it was withdrawn, though
// it still has the statements: what is left out when one is built counts in
// matching too.
type revoked struct{ *vulndb.DB }

func (db revoked) Head(r advisory.Ref) (advisory.Head, error) {
	h, err := db.DB.Head(r)
	h.Withdrawn = true
	return h, err
}

func TestRevoked(t *testing.T) {
	t.Parallel()
	db := database(t, flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12"))))
	inv := inventory.Inventory{Packages: []inventory.Package{pkg("npm", "lodash", "4.17.11")}}
	res, err := match.Inventory(t.Context(), inv, revoked{db}, match.Options{})
	if err != nil || len(res.Matches)+len(res.Notes) > 0 {
		t.Errorf("of a withdrawn advisory: %+v, %v", res, err)
	}
}
