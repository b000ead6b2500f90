package store

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// coverageReaders read what the fields of coverage are.
func coverageReaders() filter.Readers[*oracleScan] {
	out := filter.Readers[*oracleScan]{
		"scanStatusCode":   func(c *oracleScan) filter.Values { return oneText(c.code) },
		"scanStatusReason": func(c *oracleScan) filter.Values { return oneText(c.reason) },
		"scanType":         func(c *oracleScan) filter.Values { return oneText(c.kind) },
		"scanMode":         func(c *oracleScan) filter.Values { return oneText(c.mode) },
		"lastScannedAt":    func(c *oracleScan) filter.Values { return oneTime(c.scanned) },
	}
	for name, read := range oracleResourceReaders() {
		out[name] = func(c *oracleScan) filter.Values { return read(c.resource) }
	}
	return out
}

// TestCoverageAgainstOracle lists and counts coverage, and lists resources, with
// conditions on each field.
func TestCoverageAgainstOracle(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		o := newOracle(7, 6000) // 500 resources
		o.write(t, s)
		slices.SortFunc(o.resources, func(a, b *oracleResource) int {
			return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.id, b.id))
		})
		d := dice{rand.New(rand.NewPCG(8, 8))}
		scopes := []org.Scope{org.Only(o.accounts...), org.Only(o.accounts[1:3]...)}
		keys := slices.Sorted(maps.Keys(groupsOf))
		for _, field := range slices.Sorted(maps.Keys(filter.Coverage)) {
			for range 6 {
				r := o.resources[d.IntN(len(o.resources))]
				c := &oracleScan{resource: r}
				if len(r.scans) > 0 {
					c = r.scans[0]
				}
				where := filter.Criteria{field: conditionsOf(d, filter.Coverage[field], coverageReaders()[field](c))}
				if filter.Validate(filter.Coverage, "", where) != nil {
					continue
				}
				scope := scopes[d.IntN(2)]
				checkCoverageList(t, s, o, scope, where, 3+d.IntN(200))
				checkCounts(t, s, o, scope, where, keys[d.IntN(len(keys))])
				if _, ok := filter.Resource[field]; ok {
					checkResources(t, s, o, scope, where, 3+d.IntN(200))
				}
			}
		}
		for _, key := range keys {
			checkCounts(t, s, o, scopes[0], nil, key)
		}
	})
}

// covering returns the coverage that a list should hold.
func (o *oracle) covering(t *testing.T, scope org.Scope, where filter.Criteria) []*oracleScan {
	t.Helper()
	fits, err := filter.Matcher(filter.Coverage, coverageReaders(), where)
	if err != nil {
		t.Fatal(err)
	}
	var out []*oracleScan
	for _, r := range o.resources {
		for _, c := range r.scans {
			if scope.Has(r.account) && fits(c) {
				out = append(out, c)
			}
		}
	}
	return out
}

func checkCoverageList(t *testing.T, s *Store, o *oracle, scope org.Scope, where filter.Criteria, size int) {
	t.Helper()
	want, got := []string{}, []string{}
	for _, c := range o.covering(t, scope, where) {
		want = append(want, fmt.Sprint(c.resource.account, c.resource.arn, c.kind, c.code, c.reason, c.mode, c.scanned))
	}
	page := Page{Size: size, Now: start}
	for {
		list, next, err := s.Coverage(t.Context(), scope, where, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			scanned := int64(0)
			if !c.Scanned.IsZero() {
				scanned = milliseconds(c.Scanned)
			}
			account, _ := org.ParseAccount(c.Resource.Account)
			got = append(got, fmt.Sprint(account, c.Resource.ID, c.ScanType, c.Code, c.Reason, c.Mode, scanned))
		}
		if page.After = next; next == "" {
			break
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("%v, pages of %d: %s", where, size, diff)
	}
}

func checkResources(t *testing.T, s *Store, o *oracle, scope org.Scope, where filter.Criteria, size int) {
	t.Helper()
	fits, err := filter.Matcher(filter.Resource, oracleResourceReaders(), where)
	if err != nil {
		t.Fatal(err)
	}
	want, got := []string{}, []string{}
	for _, r := range o.resources {
		if scope.Has(r.account) && fits(r) && !r.gone {
			want = append(want, r.arn)
		}
	}
	for after := ""; ; {
		list, next, err := s.Resources(t.Context(), scope, where, after, size)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			got = append(got, r.ID)
		}
		if after = next; next == "" {
			break
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Fatalf("%v, pages of %d: %s", where, size, diff)
	}
}

// groupsOf are the values that coverage is counted by.
var groupsOf = map[string]func(c *oracleScan) string{
	"":                    func(*oracleScan) string { return "" },
	"SCAN_STATUS_CODE":    func(c *oracleScan) string { return c.code },
	"SCAN_STATUS_REASON":  func(c *oracleScan) string { return c.reason },
	"ACCOUNT_ID":          func(c *oracleScan) string { return c.resource.account.String() },
	"RESOURCE_TYPE":       func(c *oracleScan) string { return c.resource.kind },
	"ECR_REPOSITORY_NAME": func(c *oracleScan) string { return c.resource.repo },
	"PROVIDER":            func(c *oracleScan) string { return c.resource.cloud },
	"PROVIDER_ACCOUNT_ID": func(c *oracleScan) string { return c.resource.cloudAccount },
	"PROVIDER_REGION":     func(c *oracleScan) string { return c.resource.cloudRegion },
	"PROVIDER_ORG_ID":     func(c *oracleScan) string { return c.resource.cloudOrg },
}

func checkCounts(t *testing.T, s *Store, o *oracle, scope org.Scope, where filter.Criteria, key string) {
	t.Helper()
	counts, total := map[string]int64{}, int64(0)
	for _, c := range o.covering(t, scope, where) {
		total++
		if v := groupsOf[key](c); v != "" {
			counts[v]++
		}
	}
	groups, gotTotal, err := s.CoverageCounts(t.Context(), scope, where, key)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for i, g := range groups {
		got[g.Value] = g.Count
		if i > 0 && groups[i-1].Count < g.Count {
			t.Errorf("%s: groups are not in order: %v", key, groups)
		}
	}
	if diff := gocmp.Diff(counts, got); diff != "" || total != gotTotal {
		t.Errorf("%v by %q: total %d, want %d: %s", where, key, gotTotal, total, diff)
	}
}
