package store

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/match"
)

const (
	alice = org.Account(111122223333)
	bob   = org.Account(444455556666)
)

// ignoreRefs: references into one advisory database are not kept.
var ignoreRefs = cmpopts.IgnoreFields(match.Why{}, "Ref")

// onBoth runs a test on an empty store of each database: SQLite always, and
// PostgreSQL where ASSAY_TEST_POSTGRES has the address of a database in which
// schemas may be made.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, filepath.Join(t.TempDir(), "assay.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, postgres(t)))
	})
}

func open(tb testing.TB, place string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), place)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// postgres makes an empty schema, which goes with the test, and returns its
// address.
func postgres(tb testing.TB) string {
	tb.Helper()
	place := os.Getenv("ASSAY_TEST_POSTGRES")
	if place == "" {
		tb.Skip("ASSAY_TEST_POSTGRES is not set")
	}
	address, err := url.Parse(place)
	if err != nil {
		tb.Fatal(err)
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, tb.Name(), os.Getpid())
	schema := fmt.Sprintf("t%x", h.Sum64())
	db, err := sql.Open("pgx", place)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := db.ExecContext(tb.Context(), "CREATE SCHEMA "+schema); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { // the test's own context has ended by now
		if _, err := db.ExecContext(context.Background(), "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			tb.Error(err)
		}
		_ = db.Close()
	})
	q := address.Query()
	q.Set("search_path", schema)
	address.RawQuery = q.Encode()
	return address.String()
}

// record keeps one scan and returns its changes as a set of kinds and counts.
func record(t *testing.T, s *Store, scan Scan, now time.Time) map[Kind]int {
	t.Helper()
	account, err := org.ParseAccount(scan.Resource.Account)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := s.Record(t.Context(), org.Only(account), []Scan{scan}, now)
	if err != nil {
		t.Fatal(err)
	}
	out := map[Kind]int{}
	for _, c := range changes[0] {
		out[c.Kind]++
	}
	return out
}

// all reads every page of a list.
func all(t *testing.T, s *Store, scope org.Scope, where Criteria, page Page) []Finding {
	t.Helper()
	var out []Finding
	for range 10_000 {
		list, next, err := s.Findings(t.Context(), scope, where, page)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
		if next == "" {
			return out
		}
		if len(list) == 0 {
			t.Fatal("an empty page has a successor")
		}
		page.After = next
	}
	t.Fatal("the list has no end")
	return nil
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		res := image(alice, 1)
		in := []finding.Finding{vulnerability(1), vulnerability(2), vulnerability(22)}
		in[1].KEV = &advisory.KEV{Added: start.AddDate(0, 0, -3), Due: start, Ransomware: true}
		in[1].Exploitation = "active"
		in[2] = finding.Finding{Vulnerability: "X-1", Severity: finding.Untriaged, Fix: finding.FixNo} // all else empty
		if diff := cmp.Diff(map[Kind]int{Created: 3}, record(t, s, Scan{Resource: res, Findings: in}, start)); diff != "" {
			t.Error(diff)
		}
		var want []Finding
		var arns []string
		for _, f := range in {
			want = append(want, stored(res, f, start))
			arns = append(arns, finding.ARN(res, f.Vulnerability))
		}
		got := inOrder(all(t, s, org.Only(alice), Criteria{}, Page{Now: start}))
		if diff := cmp.Diff(inOrder(want), got, ignoreRefs); diff != "" {
			t.Error(diff)
		}
		got, err := s.FindingsByARN(t.Context(), org.Only(alice, bob), append(arns, "arn:aws:inspector2:x:1:finding/0", ""))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, inOrder(got), ignoreRefs); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLife(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		res, scope := image(alice, 1), org.Only(alice)
		at := func(days int) time.Time { return start.AddDate(0, 0, days) }
		changed := vulnerability(1)
		changed.Severity, changed.Score.Value = finding.Critical, 9.9
		for _, step := range []struct {
			name string
			day  int
			scan Scan
			want map[Kind]int
		}{
			{"new", 0, Scan{Findings: []finding.Finding{vulnerability(1), vulnerability(2)}}, map[Kind]int{Created: 2}},
			{"the same", 1, Scan{Findings: []finding.Finding{vulnerability(2), vulnerability(1)}}, map[Kind]int{}},
			{"changed", 2, Scan{Findings: []finding.Finding{changed, vulnerability(2)}}, map[Kind]int{Updated: 1}},
			{"not all could be read", 3, Scan{Findings: []finding.Finding{changed}, Incomplete: true}, map[Kind]int{}},
			{"gone", 4, Scan{Findings: []finding.Finding{changed}}, map[Kind]int{Gone: 1}},
			{"still gone", 5, Scan{Findings: []finding.Finding{changed}}, map[Kind]int{}},
			{"back", 11, Scan{Findings: []finding.Finding{changed, vulnerability(2)}}, map[Kind]int{Reopened: 1}},
			{"all gone", 12, Scan{}, map[Kind]int{Gone: 2}},
			{"back too late", 20, Scan{Findings: []finding.Finding{vulnerability(2)}}, map[Kind]int{Created: 1}},
		} {
			step.scan.Resource = res
			if diff := cmp.Diff(step.want, record(t, s, step.scan, at(step.day))); diff != "" {
				t.Errorf("%s: %s", step.name, diff)
			}
		}
		first, second := stored(res, changed, at(2)), stored(res, vulnerability(2), at(20))
		first.First, first.Updated, first.Closed, first.Status = at(0), at(12), at(12), Closed
		got := inOrder(all(t, s, scope, Criteria{}, Page{Now: at(20)}))
		first.Observed = at(2)
		if diff := cmp.Diff([]Finding{first, second}, got, ignoreRefs); diff != "" {
			t.Error(diff)
		}
	})
}

// written returns something that changes with every write to a finding.
func written(t *testing.T, s *Store) string {
	t.Helper()
	if s.dialect.parted { // the transaction and the place of each row
		var out string
		err := s.read.QueryRowContext(t.Context(),
			`SELECT coalesce(string_agg(fid::text || ':' || xmin::text || ctid::text, ' ' ORDER BY fid), '') FROM finding`).Scan(&out)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var out int64 // rows changed in all tables since the connection was opened
	if err := s.write.QueryRowContext(t.Context(), `SELECT total_changes()`).Scan(&out); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(out)
}

func TestUnchangedScanWritesNoFinding(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		var list []finding.Finding
		for n := range 30 {
			list = append(list, vulnerability(n))
		}
		record(t, s, Scan{Resource: image(alice, 1), Revision: "a", Findings: list}, start)
		for _, revision := range []string{"a", "b", "", ""} { // compared only when it is another, or not known
			before := written(t, s)
			if got := record(t, s, Scan{Resource: image(alice, 1), Revision: revision, Findings: list}, start.Add(time.Hour)); len(got) > 0 {
				t.Errorf("revision %q: %v", revision, got)
			}
			var changed int64
			if !s.dialect.parted { // the resource's row is written, and nothing else
				_, _ = fmt.Sscan(before, &changed)
				before = fmt.Sprint(changed + 1)
			}
			if after := written(t, s); after != before {
				t.Errorf("revision %q: written %s, want %s", revision, after, before)
			}
		}
		record(t, s, Scan{Resource: image(alice, 1), Revision: "c", Findings: list}, start)
		if got := record(t, s, Scan{Resource: image(alice, 1), Revision: "c"}, start); len(got) > 0 {
			t.Errorf("the same revision was looked at: %v", got)
		}
	})
}

func TestDailyScoresWriteNoFinding(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		f := vulnerability(1)
		scan := Scan{Resource: image(alice, 1), Findings: []finding.Finding{f}}
		record(t, s, scan, start)
		scores := func() float64 { return all(t, s, org.Only(alice), Criteria{}, Page{Now: start})[0].EPSS.Score }
		for _, tt := range []struct {
			days  int
			score float64
			want  float64
		}{{1, 0.75, 0.75}, {0, 0.25, 0.75}} { // what is older does not count
			newer := *f.EPSS
			newer.Score, newer.Date = tt.score, f.EPSS.Date.AddDate(0, 0, tt.days)
			scan.Findings[0].EPSS = &newer
			if got := record(t, s, scan, start.Add(time.Hour)); len(got) > 0 {
				t.Errorf("changes: %v", got)
			}
			if got := scores(); got != tt.want {
				t.Errorf("EPSS %v, want %v", got, tt.want)
			}
		}
	})
}

func TestScope(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		for _, a := range []org.Account{alice, bob} {
			record(t, s, Scan{Resource: image(a, 1), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}}, start)
		}
		arn := finding.ARN(image(alice, 1), "CVE-2099-00001")
		for _, tt := range []struct {
			name  string
			scope org.Scope
			where Criteria
			want  int
			named int
		}{
			{"nobody", org.Scope{}, Criteria{}, 0, 0},
			{"nobody asks by name", org.Scope{}, Criteria{Accounts: []org.Account{alice}}, 0, 0},
			{"one", org.Only(alice), Criteria{}, 2, 1},
			{"one asks for the other", org.Only(bob), Criteria{Accounts: []org.Account{alice}}, 0, 0},
			{"one asks for the other's resource", org.Only(bob), Criteria{Resources: []string{image(alice, 1).ID}}, 0, 0},
			{"both", org.Only(alice, bob), Criteria{}, 4, 1},
			{"both, narrowed", org.Only(alice, bob), Criteria{Accounts: []org.Account{alice}}, 2, 1},
		} {
			for _, sort := range []Sort{BySeverity, ByFirstObserved} {
				if got := len(all(t, s, tt.scope, tt.where, Page{Now: start, Sort: sort})); got != tt.want {
					t.Errorf("%s, %q: %d findings, want %d", tt.name, sort, got, tt.want)
				}
			}
			got, err := s.FindingsByARN(t.Context(), tt.scope, []string{arn})
			if err != nil || len(got) != tt.named {
				t.Errorf("%s: %d findings by ARN, %v; want %d", tt.name, len(got), err, tt.named)
			}
		}
		_, err := s.Record(t.Context(), org.Only(bob), []Scan{{Resource: image(alice, 1)}}, start)
		if got := fault.KindOf(err); got != fault.Denied {
			t.Errorf("recording for another: %v, %v; want %v", got, err, fault.Denied)
		}
		if got := len(all(t, s, org.Only(alice), Criteria{Status: []Status{Active}}, Page{Now: start})); got != 2 {
			t.Errorf("%d findings are left", got)
		}
	})
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "assay.db"))
	bad := func(change func(*Scan)) []Scan {
		scan := Scan{Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1)}}
		change(&scan)
		return []Scan{scan}
	}
	for name, scans := range map[string][]Scan{
		"account":       bad(func(s *Scan) { s.Resource.Account = "me" }),
		"type":          bad(func(s *Scan) { s.Resource.Type = "CAR" }),
		"no type":       bad(func(s *Scan) { s.Resource.Type = "" }),
		"id":            bad(func(s *Scan) { s.Resource.ID = "" }),
		"severity":      bad(func(s *Scan) { s.Findings[0].Severity = "" }),
		"fix":           bad(func(s *Scan) { s.Findings[0].Fix = "MAYBE" }),
		"score":         bad(func(s *Scan) { s.Findings[0].Score.Value = 11 }),
		"nameless":      bad(func(s *Scan) { s.Findings[0].Vulnerability = "" }),
		"finding twice": bad(func(s *Scan) { s.Findings = append(s.Findings, vulnerability(1)) }),
		"scan twice":    {{Resource: image(alice, 1)}, {Resource: image(alice, 1)}},
		"too many":      make([]Scan, MaxScans+1),
	} {
		_, err := s.Record(t.Context(), org.Only(alice), scans, start)
		if got := fault.KindOf(err); got != fault.Invalid {
			t.Errorf("%s: %v, %v; want %v", name, got, err, fault.Invalid)
		}
	}
	for name, page := range map[string]Page{
		"too large": {Size: MaxPage + 1}, "negative": {Size: -1}, "sort": {Sort: "colour"}, "token": {After: "AAAA"},
	} {
		_, _, err := s.Findings(t.Context(), org.Only(alice), Criteria{}, page)
		if got := fault.KindOf(err); got != fault.Invalid {
			t.Errorf("page %s: %v, %v; want %v", name, got, err, fault.Invalid)
		}
	}
	if got := all(t, s, org.Only(alice), Criteria{}, Page{Now: start}); len(got) > 0 {
		t.Errorf("%d findings were kept", len(got))
	}
}

// population is some findings of three accounts at several times, in any status.
func population(t *testing.T, s *Store, images int) org.Scope {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	accounts := []org.Account{alice, bob, 777788889999}
	scope := org.Only(accounts...)
	for _, round := range []int{0, 3, 5} {
		for n := range images {
			scan := Scan{Resource: image(accounts[n%3], n), Findings: vulnerabilities(r, 10+r.IntN(20), 60)}
			if _, err := s.Record(t.Context(), scope, []Scan{scan}, start.AddDate(0, 0, round).Add(time.Duration(n%4)*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return scope
}

// pick returns a few of the values, or none.
func pick[T any](r *rand.Rand, values ...T) []T {
	if r.IntN(2) == 0 {
		return nil
	}
	var out []T
	for range 1 + r.IntN(3) {
		out = append(out, values[r.IntN(len(values))])
	}
	return out
}

// holds is what Criteria mean.
func holds[T comparable](values []T, v T) bool { return len(values) == 0 || slices.Contains(values, v) }

func TestFindingsAgainstOracle(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		scope := population(t, s, 30)
		everything := all(t, s, scope, Criteria{}, Page{Now: start})
		r := rand.New(rand.NewPCG(5, 6))
		for range 40 {
			where := Criteria{
				Accounts:        pick(r, append(scope.Accounts(), 1)...),
				Status:          pick(r, Active, Closed),
				Severity:        pick(r, severityNumbers...),
				Resources:       pick(r, image(alice, 0).ID, image(alice, 3).ID, image(bob, 1).ID, image(bob, 4).ID, "i-0"),
				Vulnerabilities: pick(r, "CVE-2099-00001", "CVE-2099-00022", "CVE-2099-00031", "CVE-2099-00040", "CVE-1"),
			}
			page := Page{
				Sort: []Sort{BySeverity, ByFirstObserved, ByLastObserved}[r.IntN(3)], Ascending: r.IntN(2) == 0,
				Size: 15 + r.IntN(MaxPage-14), Now: start,
			}
			if r.IntN(2) == 0 {
				where.Resources, where.Vulnerabilities = nil, nil
			}
			var want []Finding
			for _, f := range everything {
				account, _ := org.ParseAccount(f.Resource.Account)
				if holds(where.Accounts, account) && holds(where.Status, f.Status) && holds(where.Severity, f.Severity) &&
					holds(where.Resources, f.Resource.ID) && holds(where.Vulnerabilities, f.Vulnerability) {
					want = append(want, f)
				}
			}
			got := all(t, s, scope, where, page)
			if !slices.IsSortedFunc(got, func(a, b Finding) int { return inPageOrder(page, a, b) }) {
				t.Fatalf("%+v, %+v: not in order", where, page)
			}
			if diff := cmp.Diff(inOrder(want), inOrder(got)); diff != "" {
				t.Fatalf("%+v, %+v: %s", where, page, diff)
			}
		}
		if len(everything) < 400 {
			t.Errorf("only %d findings were compared", len(everything))
		}
	})
}

func inPageOrder(page Page, a, b Finding) int {
	var c int
	switch page.Sort {
	case BySeverity:
		rank := func(f Finding) int { return slices.Index(severityNumbers, f.Severity) }
		c = rank(a) - rank(b)
		if c == 0 {
			c = int(a.Score.Value*10+0.5) - int(b.Score.Value*10+0.5)
		}
	case ByFirstObserved:
		c = a.First.Compare(b.First)
	case ByLastObserved:
		c = a.Observed.Compare(b.Observed)
	}
	if !page.Ascending {
		c = -c
	}
	return c
}

// TestPlansAgree makes the same lists in both ways, from several places on.
func TestPlansAgree(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		scope := population(t, s, 9)
		var accounts []int64
		for _, a := range scope.Accounts() {
			accounts = append(accounts, int64(a))
		}
		r := rand.New(rand.NewPCG(8, 9))
		for range 80 {
			sel := selection{
				accounts: accounts[:1+r.IntN(3)], statuses: pick(r, int64(1), 3), order: orders[[]Sort{
					BySeverity, ByFirstObserved, ByLastObserved,
				}[r.IntN(3)]], limit: 1 + r.IntN(30),
			}
			sel.statuses, sel.order.ascending = slices.Compact(sel.statuses), r.IntN(2) == 0
			if len(sel.statuses) > 1 {
				sel.statuses = []int64{1, 3}
			}
			if r.IntN(2) == 0 {
				sel.severities = []int64{2, 4, 5}
			}
			if r.IntN(3) == 0 {
				sel.resources = []int64{1, 2, 3, 4}
			}
			if r.IntN(3) > 0 {
				_, places, err := s.fetch(t.Context(), listed+"1 = 1", nil, sel.order)
				if err != nil {
					t.Fatal(err)
				}
				sel.after = &places[r.IntN(len(places))]
			}
			var drive, walk arguments
			driven, _, err := s.fetch(t.Context(), sel.drive(&drive, "account_id", sel.accounts), drive.values, sel.order)
			if err != nil {
				t.Fatal(err)
			}
			walkQuery := sel.walk(&walk)
			walked, _, err := s.fetch(t.Context(), walkQuery, walk.values, sel.order)
			if err != nil {
				t.Fatalf("%s: %v", walkQuery, err)
			}
			if diff := cmp.Diff(driven, walked); diff != "" {
				t.Fatalf("%+v: %s", sel, diff)
			}
		}
	})
}

// TestPlansUseIndexes fails when a branch of a walk would sort or read a whole
// table.
func TestPlansUseIndexes(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "assay.db"))
	for _, tt := range []struct {
		name string
		sel  selection
		want string
	}{
		{"one account", selection{accounts: []int64{1}, order: orders[BySeverity]}, "f_aord"},
		{"many accounts", selection{accounts: make([]int64, 40), order: orders[BySeverity]}, "f_ord"},
		{"severities", selection{accounts: []int64{1}, severities: []int64{4, 5}, order: orders[BySeverity]}, "f_aord"},
		{"first", selection{accounts: []int64{1}, order: orders[ByFirstObserved]}, "f_first"},
		{"last", selection{accounts: []int64{1}, order: orders[ByLastObserved]}, "f_last"},
		{"filtered", selection{accounts: []int64{1}, vulns: []int64{1, 2}, resources: []int64{1}, order: orders[BySeverity]}, "f_aord"},
	} {
		for _, after := range []*place{nil, {First: 4, Score: 7, FID: 12}} {
			sel := tt.sel
			sel.after, sel.limit = after, 101
			var a arguments
			query := sel.walk(&a)
			var details []string
			err := each(t.Context(), s.read, "EXPLAIN QUERY PLAN "+query, a.values, func(rows *sql.Rows) error {
				var id, parent, x int64
				var detail string
				err := rows.Scan(&id, &parent, &x, &detail)
				details = append(details, detail)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			searches := 0
			for i, d := range details {
				if !strings.HasPrefix(d, "SEARCH") && !strings.Contains(d, "SCAN finding") {
					continue
				}
				searches++
				if !strings.HasPrefix(d, "SEARCH finding USING INDEX "+tt.want+" ") {
					t.Errorf("%s: %s", tt.name, d)
				}
				// A sort right after the search is one of all that it finds. Those
				// after a branch ended are of one page.
				if i+1 < len(details) && strings.Contains(details[i+1], "TEMP B-TREE") {
					t.Errorf("%s: the branch is sorted: %s", tt.name, details)
				}
			}
			if searches == 0 {
				t.Errorf("%s: no search: %s", tt.name, details)
			}
		}
	}
}

// TestPagesWhileRowsChange reads pages while other findings come, go and change
// their place: those that stay as they are, are there exactly once.
func TestPagesWhileRowsChange(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		r := rand.New(rand.NewPCG(10, 11))
		still, moving := image(alice, 1), image(alice, 2)
		record(t, s, Scan{Resource: still, Findings: vulnerabilities(r, 50, 60)}, start)
		seen := map[string]int{}
		page := Page{Size: 7, Now: start}
		for n := 0; ; n++ {
			record(t, s, Scan{Resource: moving, Findings: vulnerabilities(r, 30, 60)}, start.Add(time.Duration(n)*time.Hour))
			list, next, err := s.Findings(t.Context(), org.Only(alice), Criteria{}, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range list {
				if f.Resource.ID == still.ID {
					seen[f.ARN]++
				}
			}
			if page.After = next; next == "" {
				break
			}
		}
		if len(seen) != 50 {
			t.Errorf("%d of 50 findings seen", len(seen))
		}
		for arn, n := range seen {
			if n != 1 {
				t.Errorf("%s seen %d times", arn, n)
			}
		}
	})
}

// TestWritersAtOnce records the same resources from several goroutines, in
// batches that overlap.
func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(w), 1))
				for round := range 8 {
					var scans []Scan
					for _, n := range r.Perm(8)[:4] {
						scans = append(scans, Scan{Resource: image(alice, n), Findings: vulnerabilities(r, 10, 40)})
					}
					if _, err := s.Record(t.Context(), org.Only(alice), scans, start.Add(time.Duration(round)*time.Minute)); err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
				}
			})
		}
		wg.Wait()
		open := map[string]int{}
		for _, f := range all(t, s, org.Only(alice), Criteria{Status: []Status{Active}}, Page{Now: start}) {
			open[f.Resource.ID]++
		}
		for id, n := range open {
			if n != 10 { // each scan saw ten, and the last one counts
				t.Errorf("%s has %d open findings", id, n)
			}
		}
		if len(open) != 8 {
			t.Errorf("%d resources", len(open))
		}
	})
}

func TestReopen(t *testing.T) {
	t.Parallel()
	place := filepath.Join(t.TempDir(), "assay.db")
	s, err := Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	record(t, s, Scan{Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}}, start)
	page := Page{Size: 1, Now: start}
	_, page.After, err = s.Findings(t.Context(), org.Only(alice), Criteria{}, page)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Open(t.Context(), place); err == nil {
		t.Error("the file was opened twice", second.Close())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	list, next, err := open(t, place).Findings(t.Context(), org.Only(alice), Criteria{}, page)
	if err != nil || len(list) != 1 || next != "" {
		t.Errorf("after the restart: %d findings, %q, %v", len(list), next, err)
	}
}

// TestNumbers: the numbers of words in the tables are forever.
func TestNumbers(t *testing.T) {
	t.Parallel()
	want := "[UNTRIAGED INFORMATIONAL LOW MEDIUM HIGH CRITICAL] [ ACTIVE  CLOSED] [NO PARTIAL YES] " +
		"[ AWS_EC2_INSTANCE AWS_ECR_CONTAINER_IMAGE AWS_ECR_REPOSITORY AWS_LAMBDA_FUNCTION CODE_REPOSITORY]"
	if got := fmt.Sprint(severityNumbers, statusNumbers, fixNumbers, resourceNumbers); got != want {
		t.Errorf("numbers are %s, want %s", got, want)
	}
	if _, err := number(resourceNumbers, resource.Type(""), "x"); fault.KindOf(err) != fault.Invalid {
		t.Error("the empty word has a number")
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d        dialect
		in, want string
		ok       bool
	}{
		{sqliteDialect, "a <ID>, b TEXT <C><KEY(a)>)<PART>;<PARTS(t)>", "a INTEGER PRIMARY KEY, b TEXT );", true},
		{
			postgresDialect, "a <ID>, b TEXT <C><KEY(a)>)<PART>;",
			"a BIGINT NOT NULL, b TEXT COLLATE \"C\",\n    PRIMARY KEY (account_id, a)) PARTITION BY HASH (account_id);", true,
		},
		{sqliteDialect, "<WHAT>", "", false},
		{sqliteDialect, "a < b AND c > d", "a < b AND c > d", true},
	} {
		got, err := tt.d.render(tt.in)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("render(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
	got, err := postgresDialect.render("<PARTS(t)>")
	if n := strings.Count(got, "CREATE TABLE"); n != partitions || err != nil {
		t.Errorf("%d partitions, %v", n, err)
	}
}
