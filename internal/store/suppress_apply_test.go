package store

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

// runRules does all jobs about rules that are there.
func runRules(t *testing.T, s *Store, now time.Time) {
	t.Helper()
	for range 100 {
		list := claim(t, s, 100, now)
		for _, j := range list {
			if j.Kind != RuleJob {
				continue
			}
			if err := s.RunRuleJob(t.Context(), j, now); err != nil {
				t.Fatal(err)
			}
			if err := s.Finish(t.Context(), j, nil, now); err != nil {
				t.Fatal(err)
			}
		}
		if len(list) == 0 {
			return
		}
	}
	t.Fatal("the jobs have no end")
}

// statuses returns the findings of vulnerability 3 by account, their status
// and the rule, and how their times stand to that of a change.
func statuses(t *testing.T, s *Store, changed time.Time) string {
	t.Helper()
	var out []string
	err := each(t.Context(), s.read, `SELECT f.account_id, f.status, s.name, f.updated_at, f.last_at FROM finding f
		JOIN vuln v ON v.vuln_sk = f.vuln_sk LEFT JOIN saved_filter s ON s.rule_id = f.suppressed_by
		WHERE v.vuln_id = $1 ORDER BY f.account_id, f.fid`, []any{"CVE-2099-00003"}, func(rows *sql.Rows) error {
		var account org.Account
		var status, updated, last int64
		var by sql.NullString
		if err := rows.Scan(&account, &status, &by, &updated, &last); err != nil {
			return err
		}
		text := account.String()[:1] + string(statusNumbers[status])
		if by.Valid {
			text += "/" + by.String
		}
		if updated == milliseconds(changed) {
			text += "!"
		}
		if last != milliseconds(start) {
			text += "?"
		}
		out = append(out, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

// told returns how many events of each kind about findings there are since a
// time.
func told(t *testing.T, s *Store, since time.Time) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := each(t.Context(), s.read, `SELECT kind, subject FROM outbox WHERE at >= $1`, []any{milliseconds(since)}, func(rows *sql.Rows) error {
		var kind, subject string
		err := rows.Scan(&kind, &subject)
		if _, _, ok := parseARN(subject); ok {
			out[kind]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mustCount makes sure that the counters are what is counted anew.
func mustCount(t *testing.T, s *Store) {
	t.Helper()
	for _, a := range []org.Account{alice, bob} {
		diff, err := s.VerifyCounters(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if len(diff) > 0 {
			t.Errorf("the counters of %s are wrong: %v", a, diff)
		}
	}
}

// household is an administrator and a member, each with two images that have
// the first ten vulnerabilities.
func household(t *testing.T, s *Store) {
	t.Helper()
	organize(t, s)
	var list []finding.Finding
	for n := range 10 {
		list = append(list, vulnerability(n))
	}
	var scans []Scan
	for _, a := range []org.Account{alice, bob} {
		for n := range 2 {
			scans = append(scans, Scan{Resource: image(a, n), Findings: list})
		}
	}
	if _, err := s.Record(t.Context(), org.Only(alice, bob), scans, start); err != nil {
		t.Fatal(err)
	}
}

func onlyCVE(n int) filter.Criteria {
	return filter.Criteria{"vulnerabilityId": filter.Text(filter.Equals, fmt.Sprintf("CVE-2099-%05d", n))}
}

func TestApplyRule(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		household(t, s)
		ctx := t.Context()
		now := start
		expect := func(want string) {
			t.Helper()
			if diff := cmp.Diff(want, statuses(t, s, now)); diff != "" {
				t.Error(diff)
			}
			mustCount(t, s)
		}
		apply := func(f SavedFilter) {
			t.Helper()
			if err := s.ApplyRule(ctx, f, 1000, now); err != nil {
				t.Fatal(err)
			}
		}
		change := func(arn string, c FilterChange) SavedFilter {
			t.Helper()
			var out SavedFilter
			mustUpdate(t, s, func(tx *Tx) error {
				var err error
				out, err = tx.UpdateFilter(ctx, org.Only(alice), arn, c, now)
				return err
			})
			return out
		}
		expect("1ACTIVE! 1ACTIVE! 4ACTIVE! 4ACTIVE!")

		now = now.Add(time.Hour) // a filter that only keeps criteria changes nothing
		first := mustCreate(t, s, SavedFilter{Account: alice, Name: "first", Action: KeepOnly, Criteria: onlyCVE(3)}, now)
		apply(first)
		expect("1ACTIVE 1ACTIVE 4ACTIVE 4ACTIVE")

		now = now.Add(time.Hour) // a rule of the administrator holds for its members
		apply(change(first.ARN, FilterChange{Action: Suppress}))
		expect("1SUPPRESSED/first! 1SUPPRESSED/first! 4SUPPRESSED/first! 4SUPPRESSED/first!")
		if diff := cmp.Diff(map[string]int{"finding.suppressed": 4}, told(t, s, now)); diff != "" {
			t.Error(diff)
		}

		now = now.Add(time.Hour) // a second one has nothing left to do
		second := mustCreate(t, s, SavedFilter{
			Account: alice, Name: "second", Action: Suppress, Criteria: filter.Criteria{"awsAccountId": filter.Text(filter.Equals, alice.String())},
		}, now)
		apply(second)
		expect("1SUPPRESSED/first 1SUPPRESSED/first 4SUPPRESSED/first 4SUPPRESSED/first")
		if diff := cmp.Diff(map[string]int{"finding.suppressed": 18}, told(t, s, now)); diff != "" {
			t.Error(diff)
		}

		now = now.Add(time.Hour) // when the first goes, the second holds where it fits: no change that anybody sees
		mustUpdate(t, s, func(tx *Tx) error { _, err := tx.DeleteFilter(ctx, org.Only(alice), first.ARN, now); return err })
		apply(first)
		expect("1SUPPRESSED/second 1SUPPRESSED/second 4ACTIVE! 4ACTIVE!")
		if diff := cmp.Diff(map[string]int{"finding.unsuppressed": 2}, told(t, s, now)); diff != "" {
			t.Error(diff)
		}

		now = now.Add(time.Hour) // criteria change
		apply(change(second.ARN, FilterChange{Criteria: filter.Criteria{"awsAccountId": filter.Text(filter.NotEquals, alice.String())}}))
		expect("1ACTIVE! 1ACTIVE! 4SUPPRESSED/second! 4SUPPRESSED/second!")

		now = now.Add(time.Hour) // a rule that is none any more
		apply(change(second.ARN, FilterChange{Action: KeepOnly}))
		expect("1ACTIVE 1ACTIVE 4ACTIVE! 4ACTIVE!")
	})
}

// TestRuleWithStatusAndTimes: a rule that asks for active findings, or for what
// was updated before a time, keeps what it has suppressed.
func TestRuleWithStatusAndTimes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		household(t, s)
		now := start.Add(time.Hour)
		with := func(name string, conditions ...filter.Condition) filter.Criteria {
			c := onlyCVE(3)
			c[name] = conditions
			return c
		}
		for _, tt := range []struct {
			name     string
			criteria filter.Criteria
			holds    bool
		}{
			{"active", with("findingStatus", filter.Text(filter.Equals, "ACTIVE")...), true},
			{"not suppressed", with("findingStatus", filter.Text(filter.NotEquals, "SUPPRESSED")...), true},
			{"closed", with("findingStatus", filter.Text(filter.Equals, "CLOSED")...), false},
			{"suppressed", with("findingStatus", filter.Text(filter.Equals, "SUPPRESSED")...), false},
			{"not active", with("findingStatus", filter.Text(filter.NotEquals, "ACTIVE")...), false},
			{"updated until the start", with("updatedAt", filter.Between(time.Time{}, start)), true},
			{"updated since", with("updatedAt", filter.Between(now, time.Time{})), false},
			{"observed until the start", with("lastObservedAt", filter.Between(time.Time{}, start)), true},
			{"first observed since", with("firstObservedAt", filter.Between(now, time.Time{})), false},
		} {
			f := mustCreate(t, s, SavedFilter{Account: alice, Name: tt.name, Action: Suppress, Criteria: tt.criteria}, now)
			want := "1ACTIVE 1ACTIVE 4ACTIVE 4ACTIVE"
			if tt.holds {
				want = strings.ReplaceAll("1SUPPRESSED/X! 1SUPPRESSED/X! 4SUPPRESSED/X! 4SUPPRESSED/X!", "X", tt.name)
			}
			for range 2 {
				if err := s.ApplyRule(t.Context(), f, 1000, now); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, statuses(t, s, now)); diff != "" {
					t.Errorf("%s: %s", tt.name, diff)
				}
			}
			record(t, s, Scan{Resource: image(alice, 0), Findings: []finding.Finding{vulnerability(3)}, Incomplete: true}, now)
			if diff := cmp.Diff(want, statuses(t, s, now)); diff != "" {
				t.Errorf("%s, after a scan: %s", tt.name, diff)
			}
			mustUpdate(t, s, func(tx *Tx) error { _, err := tx.DeleteFilter(t.Context(), org.Only(alice), f.ARN, now); return err })
			now = now.Add(time.Hour)
			if err := s.ApplyRule(t.Context(), f, 1000, now); err != nil {
				t.Fatal(err)
			}
			now = now.Add(time.Hour)
		}
	})
}

// TestRuleJob: what a call leaves, or a server that dies after the commit, the
// job does.
func TestRuleJob(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		household(t, s)
		now := start.Add(time.Hour)
		runRules(t, s, now) // what the new member brought
		f := mustCreate(t, s, SavedFilter{Account: alice, Name: "all", Action: Suppress, Criteria: filter.Criteria{}}, now)
		suppressed := func() (n int) {
			t.Helper()
			if err := s.read.QueryRowContext(t.Context(), `SELECT count(*) FROM finding WHERE status = 2`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := s.ApplyRule(t.Context(), f, 7, now); err != nil {
			t.Fatal(err)
		}
		if got := suppressed(); got != 7 {
			t.Errorf("%d are suppressed, want 7", got)
		}
		mustCount(t, s)
		runRules(t, s, now)
		if got := suppressed(); got != 7 {
			t.Errorf("the job ran at once: %d are suppressed", got)
		}
		now = now.Add(ruleJobDelay)
		runRules(t, s, now)
		if got := suppressed(); got != 40 {
			t.Errorf("%d are suppressed, want 40", got)
		}
		mustCount(t, s)
		mustUpdate(t, s, func(tx *Tx) error { _, err := tx.DeleteFilter(t.Context(), org.Only(alice), f.ARN, now); return err })
		runRules(t, s, now.Add(ruleJobDelay))
		if got := suppressed(); got != 0 {
			t.Errorf("%d are suppressed, want none", got)
		}
		mustCount(t, s)
	})
}

// TestResuppress: a member that leaves gets its findings back, and one that
// comes has them suppressed.
func TestResuppress(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		household(t, s)
		now := start.Add(time.Hour)
		f := mustCreate(t, s, SavedFilter{Account: alice, Name: "three", Action: Suppress, Criteria: onlyCVE(3)}, now)
		if err := s.ApplyRule(t.Context(), f, 1000, now); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct{ status, want string }{
			{"REMOVED", "1SUPPRESSED/three 1SUPPRESSED/three 4ACTIVE! 4ACTIVE!"},
			{"ENABLED", "1SUPPRESSED/three 1SUPPRESSED/three 4SUPPRESSED/three! 4SUPPRESSED/three!"},
		} {
			now = now.Add(time.Hour)
			mustUpdate(t, s, func(tx *Tx) error {
				return tx.PutMember(t.Context(), Member{Account: bob, Admin: alice, Status: step.status, Updated: now})
			})
			runRules(t, s, now)
			if diff := cmp.Diff(step.want, statuses(t, s, now)); diff != "" {
				t.Errorf("%s: %s", step.status, diff)
			}
			mustCount(t, s)
		}
	})
}

// A mess is a world in which rules come and go.
type mess struct {
	*world
	store *Store
	now   time.Time
	rules []SavedFilter
	joins bool // bob is a member
}

// step does one thing at random, and sometimes not to its end.
func (m *mess) step(t *testing.T, candidates []candidate) {
	t.Helper()
	m.now = m.now.Add(time.Minute)
	var f SavedFilter
	switch n := m.rnd.IntN(10); {
	case n < 4 || len(m.rules) == 0:
		f = SavedFilter{
			Account: alice, Name: m.now.String(), Action: Suppress, Criteria: m.criteria(candidates[m.rnd.IntN(len(candidates))]),
		}
		if !m.joins && m.rnd.IntN(2) == 0 {
			f.Account = bob
		}
		f = mustCreate(t, m.store, f, m.now)
		m.rules = append(m.rules, f)
	case n < 6:
		f = m.rules[m.rnd.IntN(len(m.rules))]
		c := FilterChange{Criteria: m.criteria(candidates[m.rnd.IntN(len(candidates))])}
		if m.rnd.IntN(3) == 0 {
			c.Action = KeepOnly
		}
		if f.Account == bob && m.joins {
			c.Action = KeepOnly
		}
		mustUpdate(t, m.store, func(tx *Tx) error {
			_, err := tx.UpdateFilter(t.Context(), org.Only(f.Account), f.ARN, c, m.now)
			return err
		})
	case n < 8:
		i := m.rnd.IntN(len(m.rules))
		f = m.rules[i]
		m.rules = slices.Delete(m.rules, i, i+1)
		mustUpdate(t, m.store, func(tx *Tx) error {
			_, err := tx.DeleteFilter(t.Context(), org.Only(f.Account), f.ARN, m.now)
			return err
		})
	case n < 9:
		m.joins = !m.joins
		status := "REMOVED"
		if m.joins {
			status = "ENABLED"
		}
		mustUpdate(t, m.store, func(tx *Tx) error {
			return tx.PutMember(t.Context(), Member{Account: bob, Admin: alice, Status: status, Updated: m.now})
		})
		return
	default:
		m.record(t, m.store, m.now)
		return
	}
	if most := m.rnd.IntN(3) * 20; most > 0 {
		if err := m.store.ApplyRule(t.Context(), f, most, m.now); err != nil {
			t.Fatal(err)
		}
	}
}

// settled compares all findings with what the rules say of them.
func (m *mess) settled(t *testing.T, candidates []candidate) (suppressed int) {
	t.Helper()
	var rules suppressor
	err := m.store.tx(t.Context(), func(tx *sql.Tx) error {
		var err error
		rules, err = m.store.suppressor(t.Context(), tx, []org.Account{alice, bob})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[fkey]int64{}
	for _, c := range candidates {
		want[c.key] = rules.rule(c.account, c)
	}
	got := map[fkey]int64{}
	err = each(t.Context(), m.store.read, `SELECT fkey, status, suppressed_by FROM finding`, nil, func(rows *sql.Rows) error {
		var key []byte
		var status int64
		var by sql.NullInt64
		if err := rows.Scan(&key, &status, &by); err != nil {
			return err
		}
		if (status == suppressedNumber) != by.Valid || status == closedNumber {
			t.Errorf("a finding of status %d is suppressed by %v", status, by)
		}
		if got[fkey(key)] = by.Int64; by.Valid {
			suppressed++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		stored, err := m.store.SavedFilters(t.Context(), org.Only(alice, bob), SavedFilters{Action: Suppress})
		t.Errorf("%v, %v: %s", stored, err, diff)
	}
	mustCount(t, m.store)
	return suppressed
}

// TestRulesSettle lets rules come, change and go in any order, calls end early
// and members join and leave: in the end every finding is suppressed by the
// first rule that holds, and the counters are right.
func TestRulesSettle(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		organize(t, s)
		w := newWorld(11, 40)
		w.rnd = rand.New(rand.NewPCG(7, 5))
		m := mess{world: w, store: s, now: start, joins: true}
		w.record(t, s, start)
		candidates := w.candidates(t, start)
		rounds, suppressed := 12, 0
		if s.dialect.parted {
			rounds = 4
		}
		for range rounds {
			for range 6 {
				m.step(t, candidates)
			}
			m.now = m.now.Add(time.Hour)
			runRules(t, s, m.now)
			suppressed += m.settled(t, candidates)
		}
		if suppressed == 0 {
			t.Error("nothing was ever suppressed")
		}
	})
}

// BenchmarkSuppress makes a rule that suppresses 20,000 of 100,000 findings, and
// deletes it. The promise is 10 seconds for each, the time of one call.
func BenchmarkSuppress(b *testing.B) {
	const images, every = 10_000, 5
	list := allKnown()
	onBothDatabases(b, func(b *testing.B, s *Store) {
		b.Helper()
		var scans []Scan
		for n := range images {
			sc := Scan{Resource: image(alice, n), Revision: strconv.Itoa(n)}
			if n%every == 0 {
				sc.Resource.Labels = map[string]string{"team": "one"}
			}
			for i := range perImage {
				sc.Findings = append(sc.Findings, list[(n*31+i*7)%known])
			}
			scans = append(scans, sc)
		}
		for part := range slices.Chunk(scans, atOnce) {
			if _, err := s.Record(b.Context(), org.Only(alice), part, start); err != nil {
				b.Fatal(err)
			}
		}
		rule := SavedFilter{
			Account: alice, Name: "one", Action: Suppress,
			Criteria: filter.Criteria{"resourceTags": {{Comparison: filter.Equals, Key: "team", Value: "one"}}},
		}
		var made, gone time.Duration
		for b.Loop() {
			made += timed(b, s, &rule, func(tx *Tx) error {
				var err error
				rule, err = tx.CreateFilter(b.Context(), org.Only(alice), "eu-central-1", rule, start)
				return err
			}, images/every*perImage)
			gone += timed(b, s, &rule, func(tx *Tx) error {
				_, err := tx.DeleteFilter(b.Context(), org.Only(alice), rule.ARN, start)
				return err
			}, 0)
		}
		b.ReportMetric(made.Seconds()/float64(b.N), "s/suppress")
		b.ReportMetric(gone.Seconds()/float64(b.N), "s/release")
	})
}

// timed changes a rule, and returns how long it took until so many findings
// were suppressed.
func timed(b *testing.B, s *Store, rule *SavedFilter, change func(tx *Tx) error, want int) time.Duration {
	b.Helper()
	began := time.Now()
	if err := s.Update(b.Context(), change); err != nil {
		b.Fatal(err)
	}
	if err := s.ApplyRule(b.Context(), *rule, 50_000, start); err != nil {
		b.Fatal(err)
	}
	took, got := time.Since(began), 0
	if err := s.read.QueryRowContext(b.Context(), `SELECT count(*) FROM finding WHERE status = 2`).Scan(&got); err != nil {
		b.Fatal(err)
	}
	if got != want {
		b.Fatalf("%d findings are suppressed, want %d", got, want)
	}
	return took
}
