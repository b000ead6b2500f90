package vulndb

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
)

// flawIDs returns the flaws of the statements about a name.
func flawIDs(tb testing.TB, db *DB, e advisory.Ecosystem, name string) []string {
	tb.Helper()
	var list []string
	for _, s := range lookup(tb, db, e, name) {
		for _, g := range s.Groups {
			f := db.Flaw(g)
			list = append(list, strings.Join(append([]string{f.ID}, f.Aliases...), " "))
		}
	}
	return list
}

func TestFlaws(t *testing.T) {
	t.Parallel()
	notice := func(id string, upstream, aliases []string) *advisory.Advisory {
		a := about(id, npm, "p", "1", aliases...)
		a.Kind, a.Upstream = advisory.Notice, upstream
		return a
	}
	derived := func(id string, upstream ...string) *advisory.Advisory {
		a := about(id, npm, "p", "1")
		a.Upstream = upstream
		return a
	}
	withdrawn := about("GHSA-2", npm, "q", "1", "CVE-2020-1001", "GHSA-1")
	withdrawn.Withdrawn = day(1)
	for _, tt := range []struct {
		name string
		list []*advisory.Advisory
		want []string // of package p
	}{
		{"alone", []*advisory.Advisory{about("RUSTSEC-1", npm, "p", "1")}, []string{"RUSTSEC-1"}},
		{
			"the CVE comes first, then the GHSA",
			[]*advisory.Advisory{about("A-1", npm, "p", "1", "GHSA-1", "CVE-2020-1000"), about("B-1", npm, "p", "1", "GHSA-2", "A-2")},
			[]string{"CVE-2020-1000 A-1 GHSA-1", "GHSA-2 A-2 B-1"},
		},
		{
			"a chain over a third name",
			[]*advisory.Advisory{about("PYSEC-1", npm, "p", "1", "GHSA-1"), about("GHSA-1", npm, "q", "1", "CVE-2020-1000")},
			[]string{"CVE-2020-1000 GHSA-1 PYSEC-1"},
		},
		{
			"a notice joins nothing and is about each",
			[]*advisory.Advisory{
				notice("DSA-1", []string{"CVE-2020-9999", "CVE-2020-10000"}, nil),
				about("GHSA-1", npm, "q", "1", "CVE-2020-9999"),
			},
			[]string{"CVE-2020-10000", "CVE-2020-9999 GHSA-1"},
		},
		{
			"the CVEs that a notice calls its aliases are what it repairs",
			[]*advisory.Advisory{notice("DSA-1", nil, []string{"CVE-2020-1001", "CVE-2020-1000", "DSA-1-1"})},
			[]string{"CVE-2020-1000", "CVE-2020-1001"},
		},
		{"a notice about nothing", []*advisory.Advisory{notice("DSA-1", nil, nil)}, []string{"DSA-1"}},
		{
			"an advisory about two CVEs joins nothing",
			[]*advisory.Advisory{
				about("GO-1", npm, "p", "1", "CVE-2020-1001", "CVE-2020-1000", "GHSA-1", "GHSA-2"),
				about("GHSA-1", npm, "q", "1", "CVE-2020-1000"),
			},
			[]string{"CVE-2020-1000 GHSA-1", "CVE-2020-1001"},
		},
		{
			"nor does a chain between two CVEs",
			[]*advisory.Advisory{
				about("A-1", npm, "p", "1", "GHSA-1", "GHSA-2"),
				about("GHSA-1", npm, "q", "1", "CVE-2020-1000"),
				about("GHSA-2", npm, "q", "1", "CVE-2020-1001"),
			},
			[]string{"CVE-2020-1000 A-1 GHSA-1", "CVE-2020-1001 GHSA-2"},
		},
		{
			"what derives from a CVE and has no name of its own for it",
			[]*advisory.Advisory{derived("JLSEC-1", "CVE-2020-1000", "GHSA-1")},
			[]string{"CVE-2020-1000"},
		},
		{
			"what derives from a CVE and is another",
			[]*advisory.Advisory{derived("CVE-2020-2000", "CVE-2020-1000")},
			[]string{"CVE-2020-2000"},
		},
		{
			"what is withdrawn joins nothing",
			[]*advisory.Advisory{about("GHSA-1", npm, "p", "1", "CVE-2020-1000"), withdrawn},
			[]string{"CVE-2020-1000 GHSA-1"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for range 3 {
				rand.Shuffle(len(tt.list), func(i, j int) { tt.list[i], tt.list[j] = tt.list[j], tt.list[i] })
				data, _ := build(t, tt.list)
				db := open(t, data)
				if err := db.Verify(); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(tt.want, flawIDs(t, db, npm, "p")); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}
