package store

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

// TestTrend writes the trend down on three days, of two accounts.
func TestTrend(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		one, two := org.Account(111122223333), org.Account(444455556666)
		day := start.UTC().Truncate(dayLength).Add(6 * time.Hour)
		flaw := func(n int, severity finding.Severity) finding.Finding {
			f := vulnerability(n)
			f.Severity = severity
			return f
		}
		note := func(at time.Time) {
			t.Helper()
			for range 2 { // twice is the same
				if err := s.RecordTrend(ctx, at); err != nil {
					t.Fatal(err)
				}
			}
		}
		critical, high := flaw(1, finding.Critical), flaw(2, finding.High)
		record(t, s, Scan{Resource: image(one, 1), Revision: "1", Findings: []finding.Finding{critical, high}}, day)
		record(t, s, Scan{Resource: image(two, 2), Revision: "1", Findings: []finding.Finding{high}}, day)
		note(day)
		if _, err := s.Fold(ctx); err != nil {
			t.Fatal(err)
		}
		// Two hours before the day ends, one is gone; the trend is told after it has ended.
		record(t, s, Scan{Resource: image(one, 1), Revision: "2", Findings: []finding.Finding{high}}, day.Add(17*time.Hour))
		next := day.Add(19 * time.Hour)
		note(next)
		dayOne := Trend{Day: day.Truncate(dayLength), All: 2, Critical: 1, High: 1, Opened: 2, Closed: 1}
		dayTwo := Trend{Day: day.Truncate(dayLength).Add(dayLength), All: 1, High: 1}
		for _, tt := range []struct {
			name  string
			scope org.Scope
			days  int
			want  []Trend
		}{
			{"one account", org.Only(one), 90, []Trend{dayOne, dayTwo}},
			{"the last day", org.Only(one), 1, []Trend{dayTwo}},
			{"both", org.Only(one, two), 90, []Trend{
				{Day: dayOne.Day, All: 3, Critical: 1, High: 2, Opened: 3, Closed: 1}, {Day: dayTwo.Day, All: 2, High: 2},
			}},
			{"nobody", org.Scope{}, 90, nil},
			{"a stranger", org.Only(777788889999), 90, nil},
		} {
			got, err := s.Trends(ctx, tt.scope, tt.days, next)
			if diff := gocmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%s: %v %s", tt.name, err, diff)
			}
		}
		later := day.AddDate(0, 0, TrendDays)
		note(later)
		got, err := s.Trends(ctx, org.Only(one), 2*TrendDays, later)
		if err != nil || len(got) != 2 || got[0].Day != dayTwo.Day {
			t.Errorf("after %d days: %+v, %v", TrendDays, got, err)
		}
	})
}
