package store

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// TestStop closes what is open of a resource, lets it come back as the same
// finding, and makes known what was not.
func TestStop(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		two(t, s)
		later := start.Add(time.Hour)
		list := []resource.Resource{image(alice, 1), image(alice, 99)} // one is not known
		const reason = "SCAN_ELIGIBILITY_EXPIRED"
		if err := s.Stop(t.Context(), org.Only(bob), list, reason, later); fault.KindOf(err) != fault.Denied {
			t.Errorf("by another: %v", err)
		}
		for range 2 { // the second time there is nothing to do
			if err := s.Stop(t.Context(), org.Only(alice), list, reason, later); err != nil {
				t.Fatal(err)
			}
			if got, want := rows(t, s, countByStatus), lines("%d 1 2|%[1]d 3 2|%d 1 4", alice, bob); got != want {
				t.Errorf("findings\n%s\nwant\n%s", got, want)
			}
			if got := rows(t, s, `SELECT kind, count(*) FROM outbox WHERE at > $1 GROUP BY kind ORDER BY kind`, milliseconds(start)); got != "coverage.changed 2\nfinding.closed 2" {
				t.Errorf("events %q", got)
			}
		}
		if got := rows(t, s, `SELECT code, reason, last_scanned_at IS NULL, count(*) FROM coverage GROUP BY code, reason, last_scanned_at IS NULL ORDER BY code, 3`); strings.Count(got, "\n") != 2 ||
			!strings.Contains(got, "2 "+reason) {
			t.Errorf("coverage %q", got)
		}
		if wrong, err := s.VerifyCounters(t.Context(), alice); err != nil || len(wrong) > 0 {
			t.Errorf("counters %v, %v", wrong, err)
		}
		// The same scan as before is looked at, for its findings are not there.
		back := Scan{Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}, Revision: "a"}
		if diff := cmp.Diff(map[Kind]int{Reopened: 2}, record(t, s, back, later.Add(time.Hour))); diff != "" {
			t.Error(diff)
		}
		c, found, err := s.Watched(t.Context(), org.Only(alice), image(alice, 1))
		if err != nil || !found || c.Reason != reasonSuccessful {
			t.Errorf("afterwards %v, %v, %v", c.Coverage, found, err)
		}
	})
}

// TestMark leaves findings as they are.
func TestMark(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		two(t, s)
		as := Coverage{Code: CoverageInactive, Reason: "PENDING_DISABLE"}
		if err := s.Mark(t.Context(), org.Only(alice), []resource.Resource{image(alice, 1)}, as, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got, want := rows(t, s, countByStatus), lines("%d 1 4|%d 1 4", alice, bob); got != want {
			t.Errorf("findings\n%s\nwant\n%s", got, want)
		}
		c, found, err := s.Watched(t.Context(), org.Only(alice), image(alice, 1))
		if err != nil || !found || c.Reason != as.Reason || c.Code != as.Code || !c.Scanned.Equal(start) {
			t.Errorf("afterwards %+v, %v, %v", c.Coverage, found, err)
		}
		if _, found, err := s.Watched(t.Context(), org.Only(bob), image(alice, 1)); err != nil || found {
			t.Errorf("another account sees it: %v", err)
		}
	})
}

// TestAged finds what was last pushed in a time, page by page, and nothing that
// is not scanned anyway.
func TestAged(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		for n := range 20 {
			res := image([]org.Account{alice, bob}[n%2], n)
			res.Image.Pushed = start.Add(time.Duration(n/4) * time.Hour).Format(time.RFC3339) // four at a time
			record(t, s, Scan{Resource: res}, start)
			if n == 9 {
				if err := s.Stop(t.Context(), org.Only(alice, bob), []resource.Resource{res}, "EXCLUDED_BY_TAG", start); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, size := range []int{1, 3, 100} {
			var got []string
			for spot := (Spot{}); ; {
				list, next, err := s.Aged(t.Context(), Pushed, start.Add(time.Hour), start.Add(3*time.Hour), spot, size)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range list {
					got = append(got, c.Resource.ID[len(c.Resource.ID)-2:])
				}
				if next == spot {
					break
				}
				spot = next
			}
			if diff := cmp.Diff([]string{"08", "0a", "0b", "0c", "0d", "0e", "0f"}, got); diff != "" {
				t.Errorf("pages of %d: %s", size, diff)
			}
		}
		list, _, err := s.OfType(t.Context(), alice, resource.Image, Spot{}, 100)
		if err != nil || len(list) != 10 {
			t.Errorf("%d images of one account: %v", len(list), err)
		}
	})
}

// TestAgedUsesIndexes fails when to look for what has become too old would read
// anything else.
func TestAgedUsesIndexes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		if s.dialect.parted {
			t.Skip("small tables have plans of their own; the indexes are the same")
		}
		o := crowd(3)
		o.write(t, s)
		for by, index := range map[Milestone]string{Pushed: "r_pushed", Pulled: "r_pulled", UsedLast: "r_used", Modified: "r_modified"} {
			plan := plans(t, s, aged(by, 10).query(), []any{0, milliseconds(start), int64(math.MaxInt64), 1})
			if !strings.Contains(fmt.Sprint(plan), "INDEX "+index+" ") || strings.Contains(fmt.Sprint(plan), "TEMP B-TREE") || strings.Contains(fmt.Sprint(plan), "SCAN") {
				t.Errorf("%s: %q", by, plan)
			}
		}
	})
}
