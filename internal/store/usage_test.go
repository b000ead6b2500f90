package store

import (
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

func addUsage(t *testing.T, s *Store, account org.Account, kind string, day time.Time, amount float64) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *Tx) error { return tx.AddUsage(t.Context(), account, kind, day, amount) })
	if err != nil {
		t.Fatal(err)
	}
}

func usageOf(t *testing.T, s *Store, scope org.Scope, q UsageQuery) []UsageTotal {
	t.Helper()
	var out []UsageTotal
	for {
		list, next, err := s.UsageTotals(t.Context(), scope, q)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
		if q.After = next; next == "" {
			return out
		}
	}
}

func TestUsageTotals(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		const a, b, c = org.Account(111111111111), org.Account(222222222222), org.Account(333333333333)
		everybody := org.Only(a, b, c)
		addUsage(t, s, a, ImageRescan, start, 2)
		addUsage(t, s, a, ImageRescan, start, 3)
		addUsage(t, s, a, ImageRescan, start.AddDate(0, 0, -29), 10)
		addUsage(t, s, a, ImageRescan, start.AddDate(0, 0, -30), 100) // too old
		addUsage(t, s, a, ImageInitialScan, start, 1)
		addUsage(t, s, b, InstanceHours, start, 0.25)
		addUsage(t, s, b, InstanceHours, start.AddDate(0, 0, 1), 7) // not yet
		addUsage(t, s, c, FunctionHours, start.AddDate(0, 0, -1), 4)
		ofA := UsageTotal{a, []Usage{{ImageInitialScan, 1}, {ImageRescan, 15}}}
		ofB := UsageTotal{b, []Usage{{InstanceHours, 0.25}}}
		ofC := UsageTotal{c, []Usage{{FunctionHours, 4}}}
		for _, tt := range []struct {
			name  string
			scope org.Scope
			query UsageQuery
			want  []UsageTotal
		}{
			{"all", everybody, UsageQuery{}, []UsageTotal{ofA, ofB, ofC}},
			{"page by page", everybody, UsageQuery{Size: 1}, []UsageTotal{ofA, ofB, ofC}},
			{"pages of two", everybody, UsageQuery{Size: 2}, []UsageTotal{ofA, ofB, ofC}},
			{"some", everybody, UsageQuery{Accounts: []org.Account{c, a}, Size: 1}, []UsageTotal{ofA, ofC}},
			{"not in the scope", org.Only(b), UsageQuery{Accounts: []org.Account{a}}, nil},
			{"own", org.Only(b), UsageQuery{}, []UsageTotal{ofB}},
			{"nobody", org.Scope{}, UsageQuery{}, nil},
		} {
			tt.query.Now = start
			if diff := cmp.Diff(tt.want, usageOf(t, s, tt.scope, tt.query)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
		_, token, err := s.UsageTotals(t.Context(), everybody, UsageQuery{Size: 1, Caller: "me", Now: start})
		if err != nil || token == "" {
			t.Fatalf("no token, %v", err)
		}
		for name, q := range map[string]UsageQuery{
			"size":           {Size: MaxUsage + 1},
			"another caller": {Size: 1, Caller: "you", After: token, Now: start},
			"other accounts": {Size: 1, Caller: "me", After: token, Now: start, Accounts: []org.Account{a}},
			"too old":        {Size: 1, Caller: "me", After: token, Now: start.Add(filter.TokenLife + time.Second)},
			"no token":       {After: "x", Now: start},
		} {
			if _, _, err := s.UsageTotals(t.Context(), everybody, q); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v, want a fault", name, err)
			}
		}
	})
}

// TestMeter counts hours of what is watched, and none for the time that the
// server was down.
func TestMeter(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		const a, b = org.Account(111111111111), org.Account(222222222222)
		everybody := org.Only(a, b)
		of := func(account org.Account, typ resource.Type, id string, coverage ...Coverage) Scan {
			r := image(account, 1)
			r.Type, r.ID = typ, id
			for i := range coverage {
				coverage[i].Reason, coverage[i].Scanned = "SUCCESSFUL", start
			}
			return Scan{Resource: r, Coverage: coverage}
		}
		on := func(scan, mode string) Coverage { return Coverage{ScanType: scan, Code: CoverageActive, Mode: mode} }
		off := Coverage{ScanType: PackageScan, Code: CoverageInactive}
		_, err := s.Record(t.Context(), everybody, []Scan{
			of(a, resource.Instance, "i-1", on(PackageScan, "EC2_SSM_AGENT_BASED"), on(NetworkScan, "")),
			of(a, resource.Instance, "i-2", on(PackageScan, "")),
			of(a, resource.Instance, "i-3", on(PackageScan, "EC2_AGENTLESS")),
			of(a, resource.Instance, "i-4", off),
			of(a, resource.Function, "f-1", on(PackageScan, ""), on(CodeScan, "")),
			of(a, resource.Image, "sha256:1", on(PackageScan, "")),
			of(b, resource.Function, "f-2", on(PackageScan, "")),
		}, start)
		if err != nil {
			t.Fatal(err)
		}
		midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
		for _, at := range []time.Time{
			midnight.Add(-time.Hour),                    // begins
			midnight.Add(-30 * time.Minute),             // half an hour
			midnight.Add(15 * time.Minute),              // half an hour before midnight, a quarter after
			midnight.Add(15 * time.Minute),              // nothing new
			midnight.Add(10 * time.Minute),              // a clock that went back
			midnight.Add(49 * time.Hour),                // the server was down: an hour
			midnight.Add(49*time.Hour + 90*time.Second), // a fortieth of an hour
		} {
			if err := s.Meter(t.Context(), at); err != nil {
				t.Fatal(err)
			}
		}
		want := []UsageTotal{
			{a, []Usage{{AgentlessInstanceHours, 2.275}, {InstanceHours, 4.55}, {FunctionCodeHours, 2.275}, {FunctionHours, 2.275}}},
			{b, []Usage{{FunctionHours, 2.275}}},
		}
		got := usageOf(t, s, everybody, UsageQuery{Now: midnight.Add(50 * time.Hour)})
		for i := range got {
			got[i].Usage = withoutScans(got[i].Usage)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		first := usageOf(t, s, org.Only(b), UsageQuery{Now: midnight.Add(-time.Minute)})
		if diff := cmp.Diff([]UsageTotal{{b, []Usage{{FunctionHours, 1}}}}, first, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("before midnight (-want +got):\n%s", diff)
		}
	})
}

func withoutScans(list []Usage) []Usage {
	var out []Usage
	for _, u := range list {
		if u.Type != ImageInitialScan && u.Type != ImageRescan {
			out = append(out, u)
		}
	}
	return out
}

// TestMeterScans counts scans of images one by one.
func TestMeterScans(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		const a, b = org.Account(111111111111), org.Account(222222222222)
		err := s.tx(t.Context(), func(tx *sql.Tx) error {
			return s.meterScans(t.Context(), tx, []scanned{
				{b, resource.Image, false},
				{a, resource.Image, true},
				{a, resource.Image, true},
				{a, resource.Image, false},
				{a, resource.Instance, true},
				{b, resource.AzureImage, true},
				{b, resource.AzureImage, false},
				{b, resource.Function, false},
			}, start)
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []UsageTotal{
			{a, []Usage{{ImageInitialScan, 2}, {ImageRescan, 1}}},
			{b, []Usage{{AzureImageInitialScan, 1}, {AzureImageRescan, 1}, {ImageRescan, 1}}},
		}
		if diff := cmp.Diff(want, usageOf(t, s, org.Only(a, b), UsageQuery{Now: start})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
