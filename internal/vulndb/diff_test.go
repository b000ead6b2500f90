package vulndb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
)

// allContents is all that a database says of each name, without the hashes
// that Diff trusts.
func allContents(tb testing.TB, db *DB) map[Named]string {
	tb.Helper()
	all := map[Named]string{}
	for n, err := range db.Names() {
		if err != nil {
			tb.Fatal(err)
		}
		var list []string
		for _, s := range lookup(tb, db, n.Ecosystem, n.Name) {
			h, err := db.Head(s.Ref)
			if err != nil {
				tb.Fatal(err)
			}
			var flaws []advisory.Flaw
			for _, g := range s.Groups {
				flaws = append(flaws, db.Flaw(g))
			}
			ref := []any{h.Source, h.ID, h.Release, flaws}
			s.Ref, s.Groups = 0, nil
			list = append(list, fmt.Sprintf("%q %+q", ref, fmt.Sprint(s)))
		}
		slices.Sort(list)
		all[n] = strings.Join(list, "\n")
	}
	return all
}

// TestDiff compares Diff with a comparison of all that there is.
func TestDiff(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		list := append(random(r, 80), samples()...)
		other := slices.Clone(list[:len(list)-r.IntN(20)])
		other = append(other, random(r, r.IntN(10))...)
		for range r.IntN(5) {
			// Texts and dates are no change.
			i := r.IntN(len(other))
			c := *other[i]
			c.Summary, c.Published, c.Severities = "other", day(4), []advisory.Severity{{Label: "low"}}
			other[i] = &c
		}
		dataA, _ := build(t, list)
		dataB, _ := build(t, other)
		a, b := open(t, dataA), open(t, dataB)
		inA, inB := allContents(t, a), allContents(t, b)
		var want []Change
		for n, s := range inA {
			if o, ok := inB[n]; !ok {
				want = append(want, Change{n.Ecosystem, n.Name, Removed})
			} else if s != o {
				want = append(want, Change{n.Ecosystem, n.Name, Changed})
			}
		}
		for n := range inB {
			if _, ok := inA[n]; !ok {
				want = append(want, Change{n.Ecosystem, n.Name, Added})
			}
		}
		sort.Slice(want, func(i, j int) bool {
			if c := want[i].Compare(want[j].Ecosystem); c != 0 {
				return c < 0
			}
			return want[i].Name < want[j].Name
		})
		got, err := Diff(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// TestDiffSeesWithdrawal is about the change that closes findings.
func TestDiffSeesWithdrawal(t *testing.T) {
	t.Parallel()
	a := about("X-1", npm, "p", "1")
	before, _ := build(t, []*advisory.Advisory{a})
	a.Withdrawn = day(1)
	after, _ := build(t, []*advisory.Advisory{a})
	got, err := Diff(open(t, before), open(t, after))
	if diff := cmp.Diff([]Change{{npm, "p", Removed}}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestDiffSeesEndOfSupport builds before, on and after the day on which
// support ends: what the same files say is then another thing.
func TestDiffSeesEndOfSupport(t *testing.T) {
	t.Parallel()
	platform := advisory.Ecosystem{Type: "platform"}
	at := func(built time.Time) (*DB, Stats) {
		t.Helper()
		b := NewBuilder(BuildOptions{Built: built})
		for _, a := range []*advisory.Advisory{
			{
				Source: "endoflife", ID: "EOL-debian-9", Kind: advisory.Unsupported, Published: day(10),
				Affected: []advisory.Affected{{Ecosystem: platform, Name: "debian", Versions: []string{"9"}}},
			},
			// Only an end of support waits for its day.
			{Source: "osv", ID: "X-1", Kind: advisory.Vulnerability, Published: day(20), Affected: about("X-1", npm, "p", "1").Affected},
		} {
			if err := b.Add(a); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		stats, err := b.Write(&out, nil)
		if err != nil {
			t.Fatal(err)
		}
		return open(t, out.Bytes()), stats
	}
	before, stats := at(day(9))
	if stats.Later != 1 || stats.Advisories != 1 || stats.Duplicates != 0 || before.Covers(platform) || before.Verify() != nil {
		t.Errorf("before the day: %+v, %v", stats, before.Verify())
	}
	after, stats := at(day(10))
	if stats.Later != 0 || stats.Advisories != 2 || len(lookup(t, after, platform, "debian")) != 1 || after.Verify() != nil {
		t.Errorf("on the day: %+v, %v", stats, after.Verify())
	}
	got, err := Diff(before, after)
	if diff := cmp.Diff([]Change{{platform, "debian", Added}}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestDiffSeesWhere is about what limits a statement.
func TestDiffSeesWhere(t *testing.T) {
	t.Parallel()
	for _, change := range []func(f *advisory.Affected){
		func(f *advisory.Affected) { f.Repo = "amzn2extra-docker" },
		func(f *advisory.Affected) { f.Platforms = []string{"microsoft:windows"} },
		func(f *advisory.Affected) { f.State = advisory.FixNeedsPro },
	} {
		a := about("X-1", npm, "p", "1")
		before, _ := build(t, []*advisory.Advisory{a})
		change(&a.Affected[0])
		after, _ := build(t, []*advisory.Advisory{a})
		got, err := Diff(open(t, before), open(t, after))
		if diff := cmp.Diff([]Change{{npm, "p", Changed}}, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

// TestDiffSymbols shows that other functions are a change, of the names that an
// advisory is about and of no other.
func TestDiffSymbols(t *testing.T) {
	t.Parallel()
	golang := advisory.Ecosystem{Type: "golang"}
	with := func(symbols ...string) *DB {
		one := advisory.Affected{Ecosystem: golang, Name: "a.test/m", Symbols: symbols, Ranges: []advisory.Range{{Fixed: "1.0.0"}}}
		other := advisory.Affected{Ecosystem: golang, Name: "a.test/other", Ranges: one.Ranges}
		data, _ := build(t, []*advisory.Advisory{
			{Source: "osv", ID: "GO-1", Kind: advisory.Vulnerability, Affected: []advisory.Affected{one}},
			{Source: "osv", ID: "GO-2", Kind: advisory.Vulnerability, Affected: []advisory.Affected{other}},
		})
		db := open(t, data)
		if err := db.Verify(); err != nil {
			t.Error(err)
		}
		return db
	}
	none, one, two := with(), with("a.test/m.F"), with("a.test/m.F", "a.test/m.G")
	want := []Change{{golang, "a.test/m", Changed}}
	for _, pair := range [][2]*DB{{none, one}, {one, two}, {one, none}} {
		got, err := Diff(pair[0], pair[1])
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	if got, err := Diff(two, with("a.test/m.F", "a.test/m.G")); err != nil || len(got) > 0 {
		t.Errorf("the same functions are a change: %v, %v", got, err)
	}
}
