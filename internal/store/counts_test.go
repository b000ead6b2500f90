package store

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

// counted counts what fits by looking at everything.
func (o *oracle) counted(t *testing.T, scope org.Scope, where filter.Criteria) Counted {
	t.Helper()
	fits, err := filter.Matcher(filter.Finding, oracleFindingReaders(), where)
	if err != nil {
		t.Fatal(err)
	}
	out := Counted{Severities: map[finding.Severity]int64{}}
	for _, f := range o.findings {
		if scope.Has(f.resource.account) && fits(f) {
			out.Severities[finding.Severity(f.severity)]++
			out.Total++
		}
	}
	return out
}

// TestCountsAgainstOracle counts with conditions on each field, from counters, by
// collecting and by walking. What is counted in part is never more than there is,
// and the gravest comes first.
func TestCountsAgainstOracle(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		o := newOracle(7, 2500)
		o.write(t, s)
		for i, a := range o.accounts {
			if _, err := s.VerifyCounters(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if i == 1 { // the other half is still to be added up
				if _, err := s.Fold(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		d := dice{rand.New(rand.NewPCG(3, 3))}
		fields := slices.Sorted(maps.Keys(filter.Finding))
		scopes := []org.Scope{org.Only(o.accounts...), org.Only(o.accounts[:1]...), org.Only(o.accounts[1:3]...)}
		active := filter.Text(filter.Equals, string(Active))
		filtered := 0
		check := func(where filter.Criteria) {
			t.Helper()
			if filter.Validate(filter.Finding, "", where) != nil {
				return
			}
			for _, scope := range scopes {
				want := o.counted(t, scope, where)
				for _, limits := range []selection{
					{reach: countReach, budget: countBudget}, {reach: -1, budget: countBudget}, {reach: -1, budget: 40}, {reach: -1, budget: 4000},
				} {
					c, err := s.counting(t.Context(), scope, where, limits)
					if err != nil {
						t.Fatalf("%v: %v", where, err)
					}
					if most := 12*limits.budget + 2*fewLowest + 2000; limits.reach < 0 && c.read > most {
						t.Fatalf("%v %+v: %d rows were read, more than %d", where, limits, c.read, most)
					}
					if c.More || c.Lowest > 0 {
						checkPart(t, where, c.Counted, want)
						continue
					}
					filtered++
					if diff := gocmp.Diff(want, c.Counted); diff != "" {
						t.Fatalf("%v %+v, scope %v: %s", where, limits, scope.Accounts(), diff)
					}
				}
			}
		}
		check(nil)
		check(filter.Criteria{"findingStatus": active})
		for _, field := range fields {
			where := filter.Criteria{field: o.conditions(d, field)}
			check(where)
			if field != "findingStatus" {
				where["findingStatus"] = active
				check(where)
				where["severity"] = o.conditions(d, "severity")
				check(where)
			}
			where["findingType"] = o.conditions(d, "findingType")
			check(where)
		}
		for range 25 {
			where := filter.Criteria{"findingStatus": active}
			for range 2 + d.IntN(3) {
				field := fields[d.IntN(len(fields))]
				where[field] = o.conditions(d, field)
			}
			check(where)
		}
		if filtered < 800 {
			t.Errorf("only %d counts were whole", filtered)
		}
	})
}

// checkPart looks at a count that ended before the last.
func checkPart(t *testing.T, where filter.Criteria, got, want Counted) {
	t.Helper()
	if got.Total > want.Total || !got.More && got.Total != want.Total {
		t.Fatalf("%v: counted %d of %d, more: %v", where, got.Total, want.Total, got.More)
	}
	for severity, n := range got.Severities {
		if n > want.Severities[severity] {
			t.Fatalf("%v: counted %d of %d %s", where, n, want.Severities[severity], severity)
		}
	}
}
