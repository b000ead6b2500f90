package store

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store/storetest"
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
	s, err := Open(tb.Context(), place, [32]byte{1})
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

// postgres makes an empty database, which goes with the test, and returns its
// address.
func postgres(tb testing.TB) string {
	tb.Helper()
	return storetest.Postgres(tb, Open)
}

// record keeps one scan and returns its changes as a set of kinds and counts.
func record(t *testing.T, s *Store, scan Scan, now time.Time) map[Kind]int {
	t.Helper()
	account, err := org.ParseAccount(scan.Resource.Account)
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.Record(t.Context(), org.Only(account), []Scan{scan}, now)
	if err != nil {
		t.Fatal(err)
	}
	out := map[Kind]int{}
	for _, c := range done[0].Changes {
		out[c.Kind]++
	}
	return out
}

// all reads every page of a list.
func all(t *testing.T, s *Store, scope org.Scope, where filter.Criteria, page Page) []Finding {
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
		got := inOrder(all(t, s, org.Only(alice), filter.Criteria{}, Page{Now: start}))
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
		got := inOrder(all(t, s, scope, filter.Criteria{}, Page{Now: at(20)}))
		first.Observed = at(2)
		if diff := cmp.Diff([]Finding{first, second}, got, ignoreRefs); diff != "" {
			t.Error(diff)
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
		scores := func() float64 { return all(t, s, org.Only(alice), filter.Criteria{}, Page{Now: start})[0].EPSS.Score }
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
			where filter.Criteria
			want  int
			named int
		}{
			{"nobody", org.Scope{}, filter.Criteria{}, 0, 0},
			{"nobody asks by name", org.Scope{}, filter.Criteria{"awsAccountId": filter.Text(filter.Equals, alice.String())}, 0, 0},
			{"one", org.Only(alice), filter.Criteria{}, 2, 1},
			{"one asks for the other", org.Only(bob), filter.Criteria{"awsAccountId": filter.Text(filter.Equals, alice.String())}, 0, 0},
			{"one asks for the other's resource", org.Only(bob), filter.Criteria{"resourceId": filter.Text(filter.Equals, image(alice, 1).ID)}, 0, 0},
			{"both", org.Only(alice, bob), filter.Criteria{}, 4, 1},
			{"both, narrowed", org.Only(alice, bob), filter.Criteria{"awsAccountId": filter.Text(filter.Equals, alice.String())}, 2, 1},
		} {
			for _, sort := range []string{"", "FIRST_OBSERVED_AT"} {
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
		if got := len(all(t, s, org.Only(alice), filter.Criteria{"findingStatus": filter.Text(filter.Equals, string(Active))}, Page{Now: start})); got != 2 {
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
		_, _, err := s.Findings(t.Context(), org.Only(alice), filter.Criteria{}, page)
		if got := fault.KindOf(err); got != fault.Invalid {
			t.Errorf("page %s: %v, %v; want %v", name, got, err, fault.Invalid)
		}
	}
	if got := all(t, s, org.Only(alice), filter.Criteria{}, Page{Now: start}); len(got) > 0 {
		t.Errorf("%d findings were kept", len(got))
	}
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
		for _, f := range all(t, s, org.Only(alice), filter.Criteria{"findingStatus": filter.Text(filter.Equals, string(Active))}, Page{Now: start}) {
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

// TestNumbers: the numbers of words in the tables are forever.
func TestNumbers(t *testing.T) {
	t.Parallel()
	want := "[UNTRIAGED INFORMATIONAL LOW MEDIUM HIGH CRITICAL] [ ACTIVE SUPPRESSED CLOSED] " +
		"[ PACKAGE_VULNERABILITY NETWORK_REACHABILITY CODE_VULNERABILITY] [NO PARTIAL YES] " +
		"[ AWS_EC2_INSTANCE AWS_ECR_CONTAINER_IMAGE AWS_ECR_REPOSITORY AWS_LAMBDA_FUNCTION CODE_REPOSITORY " +
		"Microsoft.Compute/virtualMachines Microsoft.ContainerRegistry/registry/containerImage " +
		"Microsoft.ContainerRegistry/registry/containerRepository Microsoft.Web/sites Microsoft.ContainerRegistry/registries] " +
		"[ PACKAGE NETWORK CODE] [ ACTIVE INACTIVE]"
	got := fmt.Sprint(severityNumbers, statusNumbers, typeNumbers, fixNumbers, resourceNumbers, scanNumbers, codeNumbers)
	if got != want {
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

func TestReopen(t *testing.T) {
	t.Parallel()
	place := filepath.Join(t.TempDir(), "assay.db")
	s, err := Open(t.Context(), place, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	record(t, s, Scan{Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}}, start)
	page := Page{Size: 1, Now: start}
	_, page.After, err = s.Findings(t.Context(), org.Only(alice), filter.Criteria{}, page)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Open(t.Context(), place, [32]byte{1}); err == nil {
		t.Error("the file was opened twice", second.Close())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	list, next, err := open(t, place).Findings(t.Context(), org.Only(alice), filter.Criteria{}, page)
	if err != nil || len(list) != 1 || next != "" {
		t.Errorf("after the restart: %d findings, %q, %v", len(list), next, err)
	}
}
