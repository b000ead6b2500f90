package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
)

// two records the same image in two accounts, with two findings each, and one
// more image.
func two(t *testing.T, s *Store) {
	t.Helper()
	list := []finding.Finding{vulnerability(1), vulnerability(2)}
	for _, a := range []org.Account{alice, bob} {
		for n := range 2 {
			record(t, s, Scan{
				Resource: image(a, n), Findings: list, Revision: "a",
				Inventory: &inventory.Inventory{Packages: []inventory.Package{{Type: "deb", Name: fmt.Sprint(n)}}},
			}, start)
		}
	}
}

const countByStatus = `SELECT account_id, status, count(*) FROM finding GROUP BY account_id, status ORDER BY account_id, status`

func lines(format string, args ...any) string {
	return strings.Join(strings.Split(fmt.Sprintf(format, args...), "|"), "\n")
}

func TestGone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		two(t, s)
		later := start.Add(time.Hour)
		gone := []resource.Resource{image(alice, 1), image(alice, 99)} // one is not known
		if err := s.Gone(t.Context(), org.Only(bob), gone, later); fault.KindOf(err) != fault.Denied {
			t.Errorf("by another: %v", err)
		}
		for range 2 { // the second time there is nothing to do
			if err := s.Gone(t.Context(), org.Only(alice), gone, later); err != nil {
				t.Fatal(err)
			}
			if got, want := rows(t, s, countByStatus), lines("%d 1 2|%[1]d 3 2|%d 1 4", alice, bob); got != want {
				t.Errorf("findings\n%s\nwant\n%s", got, want)
			}
			if got := rows(t, s, `SELECT kind, count(*) FROM outbox WHERE at > $1 GROUP BY kind ORDER BY kind`, milliseconds(start)); got != "coverage.changed 1\nfinding.closed 2" {
				t.Errorf("events %q", got)
			}
		}
		if got := rows(t, s, `SELECT c.code, c.reason, coalesce(n.n_all, 0) FROM coverage c JOIN resource r ON r.res_id = c.res_id AND r.account_id = c.account_id
			LEFT JOIN resource_count n ON n.res_id = r.res_id WHERE r.gone_at IS NOT NULL`); got != "2 RESOURCE_TERMINATED 0" {
			t.Errorf("coverage %q", got)
		}
		back := Scan{Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}, Revision: "a"}
		if diff := cmp.Diff(map[Kind]int{Reopened: 2}, record(t, s, back, later.Add(time.Hour))); diff != "" {
			t.Error(diff)
		}
		if got := rows(t, s, `SELECT count(*) FROM resource WHERE gone_at IS NOT NULL`); got != "0" {
			t.Errorf("%s are gone", got)
		}
	})
}

func TestRemoveType(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		two(t, s)
		fn := resource.Resource{
			Type: resource.Function, ID: "f", Account: alice.String(), Region: "eu-central-1", Labels: map[string]string{"a": "b"},
		}
		record(t, s, Scan{Resource: fn, Findings: []finding.Finding{vulnerability(3)}}, start)
		for _, types := range [][]resource.Type{nil, {resource.Instance}, {resource.Instance, resource.Image}} {
			if err := s.RemoveType(t.Context(), org.Only(alice), types, start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			if got := rows(t, s, countByStatus); len(types) < 2 && got != lines("%d 1 5|%d 1 4", alice, bob) {
				t.Errorf("%v: findings\n%s", types, got)
			}
		}
		if got, want := rows(t, s, countByStatus), lines("%d 1 1|%d 1 4", alice, bob); got != want {
			t.Errorf("findings\n%s\nwant\n%s", got, want)
		}
		if got := rows(t, s, `SELECT count(*) FROM coverage`) + rows(t, s, `SELECT count(*) FROM resource`); got != "33" {
			t.Errorf("resources and coverage %s", got)
		}
		if got := rows(t, s, `SELECT kind, count(*) FROM outbox WHERE at > $1 GROUP BY kind`, milliseconds(start)); got != "finding.closed 4" {
			t.Errorf("events %q", got)
		}
		if err := s.RemoveType(t.Context(), org.Only(alice), []resource.Type{resource.Function}, start); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, s, `SELECT count(*) FROM resource_tag`); got != "0" {
			t.Errorf("%s tags are left", got)
		}
		if got := rows(t, s, `SELECT account_id, n_all FROM resource_count ORDER BY res_id`); got != lines("%d 2|%[1]d 2", bob) {
			t.Errorf("counters %q", got)
		}
		if err := s.RemoveType(t.Context(), org.Only(alice), []resource.Type{"X"}, start); fault.KindOf(err) != fault.Invalid {
			t.Errorf("unknown type: %v", err)
		}
	})
}

func TestSweep(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		two(t, s)
		record(t, s, Scan{Resource: image(alice, 0), Findings: []finding.Finding{vulnerability(1)}}, start) // closes one
		if err := s.Gone(t.Context(), org.Only(bob), []resource.Resource{image(bob, 0), image(bob, 1)}, start); err != nil {
			t.Fatal(err)
		}
		days := func(n int) time.Time { return start.AddDate(0, 0, n) }
		for _, tt := range []struct {
			name string
			at   time.Time
			want Swept
			rows string
		}{
			{"too early", days(3).Add(-time.Millisecond), Swept{}, lines("%d 1 3|%[1]d 3 1|%d 3 4", alice, bob)},
			{"resources", days(3), Swept{Findings: 4, Resources: 2}, lines("%d 1 3|%[1]d 3 1", alice)},
			{"still too early", days(30).Add(-time.Millisecond), Swept{}, lines("%d 1 3|%[1]d 3 1", alice)},
			{"findings", days(30), Swept{Findings: 1}, lines("%d 1 3", alice)},
			{"nothing more", days(31), Swept{}, lines("%d 1 3", alice)},
		} {
			got, err := s.Sweep(t.Context(), tt.at, DefaultRetention)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: %s", tt.name, diff)
			}
			if got := rows(t, s, countByStatus); got != tt.rows {
				t.Errorf("%s: findings\n%s\nwant\n%s", tt.name, got, tt.rows)
			}
		}
		if got := rows(t, s, `SELECT count(*) FROM resource`) + rows(t, s, `SELECT count(*) FROM coverage`); got != "22" {
			t.Errorf("resources and coverage %s", got)
		}
	})
}

// TestSweepShared: content that nothing refers to goes, not at once, and what is
// stored again meanwhile is there.
func TestSweepShared(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		two(t, s)
		count := func() string {
			return rows(t, s, `SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM matched), (SELECT count(*) FROM match_pkg),
				(SELECT count(*) FROM inventory)`)
		}
		sweep := func(at time.Time, want int64) {
			t.Helper()
			got, err := s.Sweep(t.Context(), at, DefaultRetention)
			if err != nil {
				t.Fatal(err)
			}
			if got.Shared != want {
				t.Errorf("%d removed, want %d", got.Shared, want)
			}
		}
		before := count()
		if err := s.RemoveType(t.Context(), org.Only(alice, bob), []resource.Type{resource.Image}, start); err != nil {
			t.Fatal(err)
		}
		sweep(start, 0)
		sweep(start.Add(grace), 0) // not before the time is over
		if got := count(); got != before {
			t.Errorf("%s are left, want %s", got, before)
		}
		two(t, s) // finds none of it, and keeps it anew
		sweep(start.Add(2*grace), 6)
		sweep(start.Add(3*grace), 0)
		if got := count(); got != before {
			t.Errorf("%s are left, want %s", got, before)
		}
		// All can be read.
		list, err := s.FindingsByARN(t.Context(), org.Only(alice), []string{finding.ARN(image(alice, 1), "CVE-2099-00001")})
		if err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		if _, err := s.Inventory(t.Context(), org.Only(alice), alice, image(alice, 1).ID); err != nil {
			t.Error(err)
		}
	})
}
