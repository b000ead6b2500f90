package vulndb

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

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
