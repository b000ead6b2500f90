package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// TestListTokens: a token is good for the very list it came with, for a day.
func TestListTokens(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		o := newOracle(5, 200)
		o.write(t, s)
		scope, active := org.Only(o.accounts...), filter.Criteria{"findingStatus": filter.Text(filter.Equals, string(Active))}
		first := Page{Size: 10, Caller: "alice", Sort: "EPSS_SCORE", Now: start}
		_, token, err := s.Findings(t.Context(), scope, active, first)
		if err != nil || token == "" {
			t.Fatal(token, err)
		}
		_, coverage, err := s.Coverage(t.Context(), scope, nil, Page{Size: 1, Caller: "alice", Now: start})
		if err != nil || coverage == "" {
			t.Fatal(coverage, err)
		}
		next := func(change func(p *Page)) Page {
			p := first
			p.After = token
			change(&p)
			return p
		}
		for _, tt := range []struct {
			name  string
			scope org.Scope
			where filter.Criteria
			page  Page
			ok    bool
		}{
			{"as given", scope, active, next(func(*Page) {}), true},
			{"a day later", scope, active, next(func(p *Page) { p.Now = start.Add(filter.TokenLife) }), true},
			{"larger page", scope, active, next(func(p *Page) { p.Size = 11 }), true},
			{"too old", scope, active, next(func(p *Page) { p.Now = start.Add(filter.TokenLife + time.Millisecond) }), false},
			{"other caller", scope, active, next(func(p *Page) { p.Caller = "bob" }), false},
			{"other scope", org.Only(o.accounts[0]), active, next(func(*Page) {}), false},
			{"other criteria", scope, filter.Criteria{}, next(func(*Page) {}), false},
			{"other sort", scope, active, next(func(p *Page) { p.Sort = "" }), false},
			{"other direction", scope, active, next(func(p *Page) { p.Ascending = true }), false},
			{"of another list", scope, active, next(func(p *Page) { p.After = coverage }), false},
			{"cut", scope, active, next(func(p *Page) { p.After = token[:len(token)-3] }), false},
			{"not ours", scope, active, next(func(p *Page) { p.After = "!" }), false},
			{"huge", scope, active, next(func(p *Page) { p.After = strings.Repeat("A", 100_000) }), false},
		} {
			_, _, err := s.Findings(t.Context(), tt.scope, tt.where, tt.page)
			if tt.ok && err != nil || !tt.ok && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", tt.name, err)
			}
			if e, ok := errors.AsType[*fault.Error](err); !tt.ok && (!ok || len(e.Fields) != 1 || e.Fields[0].Name != "nextToken") {
				t.Errorf("%s: the fault does not name the token: %v", tt.name, err)
			}
		}
		_, _, err = s.Findings(t.Context(), scope, filter.Criteria{"colour": filter.Text(filter.Equals, "red")}, first)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("unknown field: %v", err)
		}
		if list, next, err := s.Findings(t.Context(), org.Scope{}, nil, Page{Now: start}); len(list) > 0 || next != "" || err != nil {
			t.Errorf("nobody sees %d findings, %v", len(list), err)
		}
		if list, next, err := s.Coverage(t.Context(), org.Scope{}, nil, Page{Now: start}); len(list) > 0 || next != "" || err != nil {
			t.Errorf("nobody sees %d resources, %v", len(list), err)
		}
	})
}

// TestListsWhileRowsChange reads pages in every order while half of the findings
// come, go and change: those that stay as they are, are there exactly once.
func TestListsWhileRowsChange(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		o := newOracle(6, 600)
		o.write(t, s)
		scope, r := org.Only(o.accounts...), rand.New(rand.NewPCG(1, 1))
		var want []string
		for _, f := range o.findings {
			if f.id%2 == 0 {
				want = append(want, f.arn())
			}
		}
		slices.Sort(want)
		for _, sort := range []string{"", "FIRST_OBSERVED_AT", "INSPECTOR_SCORE", "ECR_IMAGE_REPOSITORY_NAME", "EPSS_SCORE", "FINDING_TYPE", "AWS_ACCOUNT_ID"} {
			for _, reach := range []int{-1, smallReach} {
				sel := &selection{limit: 41, reach: reach, budget: 500}
				sel.order, _ = orderOf(sort)
				sel.order.desc = true
				sel.choose(scope, nil)
				var got []string
				for {
					rows, more, err := s.list(t.Context(), sel)
					if err != nil {
						t.Fatal(err)
					}
					if len(rows) == sel.limit {
						p := sel.order.place(&rows[sel.limit-2])
						rows, more = rows[:sel.limit-1], &p
					}
					for i := range rows {
						if rows[i].fid%2 == 0 {
							got = append(got, o.findings[rows[i].fid-1].arn())
						}
					}
					if more == nil {
						break
					}
					sel.after = more
					err = s.tx(t.Context(), func(tx *sql.Tx) error {
						_, err := tx.ExecContext(t.Context(), `UPDATE finding SET severity = $1, last_at = last_at + $2, first_at = first_at - $2,
							status = $3, score = $4 WHERE fid % 2 = 1 AND fid > $5`,
							r.Int64N(6), r.Int64N(40), 1+r.Int64N(3), r.Int64N(100), r.Int64N(600))
						return err
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				slices.Sort(got)
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("%q, reach %d: %s", sort, reach, diff)
				}
			}
		}
	})
}

// FuzzFindings: no criteria, sort or token makes a list fail but as a fault.
func FuzzFindings(f *testing.F) {
	f.Add([]byte(`{"severity":[{"c":"EQUALS","v":"HIGH"}]}`), "EPSS_SCORE", "")
	f.Add([]byte(`{"findingArn":[{"c":"PREFIX","v":"arn:aws:inspector2:eu-central-1:1111"}],"awsAccountId":[{"c":"NOT_EQUALS","v":"1"}]}`), "", "AAAA")
	f.Add([]byte(`{"vulnerablePackages":[{"p":{"name":{"c":"PREFIX","v":"a"}}}],"portRange":[{"l":1}]}`), "COMPONENT_TYPE", "x")
	f.Add([]byte(`{"resourceTags":[{"c":"EQUALS","k":"a","a":true}],"title":[{"c":"PREFIX","v":"\ud7ff"}]}`), "RESOURCE_TYPE", "")
	s := open(f, f.TempDir()+"/assay.db")
	scope := org.Only(alice, bob)
	f.Fuzz(func(t *testing.T, criteria []byte, sort, token string) {
		var where filter.Criteria
		if json.Unmarshal(criteria, &where) != nil || filter.Validate(filter.Finding, "filterCriteria", where) != nil {
			return
		}
		for _, reach := range []int{-1, smallReach} {
			sel := &selection{limit: 11, reach: reach, budget: walkBudget}
			var ok bool
			if sel.order, ok = orderOf(sort); ok && sel.choose(scope, where) {
				if rows, more, err := s.list(t.Context(), sel); err != nil || len(rows) > 0 || more != nil {
					t.Errorf("%d rows of an empty store, %v", len(rows), err)
				}
			}
		}
		_, _, err := s.Findings(t.Context(), scope, where, Page{Sort: sort, After: token, Now: start})
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
	})
}
