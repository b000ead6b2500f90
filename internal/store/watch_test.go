package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// TestPulse beats when something of an account changes, and of no other.
func TestPulse(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx, both := t.Context(), org.Only(alice, bob)
		type seen struct {
			Pulse
			Coverage uint64
		}
		look := func(scope org.Scope) map[org.Account]seen {
			t.Helper()
			if _, err := s.Fold(ctx); err != nil {
				t.Fatal(err)
			}
			pulses, err := s.Pulses(ctx, scope, Watching{Kinds: []string{"report"}, Since: start})
			if err != nil {
				t.Fatal(err)
			}
			coverage, err := s.CoveragePulses(ctx, scope)
			if err != nil {
				t.Fatal(err)
			}
			out := map[org.Account]seen{}
			for account, p := range pulses {
				out[account] = seen{p, coverage[account]}
			}
			return out
		}
		scan := func(version string, n ...int) func() error {
			return func() error {
				var list []finding.Finding
				for _, i := range n {
					list = append(list, vulnerability(i))
				}
				_, err := s.Record(ctx, org.Only(alice), []Scan{{Resource: image(alice, 1), Findings: list, Revision: version}}, start)
				return err
			}
		}
		var job Job
		before := look(both)
		for _, tt := range []struct {
			name string
			do   func() error
			want string
		}{
			{"nothing", func() error { return nil }, ""},
			{"a first scan", scan("a", 1, 2), "findings coverage "},
			{"a finding is gone", scan("b", 1), "findings "},
			{"a reason changes", func() error {
				as := Coverage{ScanType: PackageScan, Code: CoverageInactive, Reason: "STALE_INVENTORY"}
				return s.Mark(ctx, org.Only(alice), []resource.Resource{image(alice, 1)}, as, start)
			}, "coverage "},
			{"a job waits", func() error {
				return s.Update(ctx, func(tx *Tx) error { return tx.Enqueue(ctx, Job{Kind: "a", Account: alice, Run: start}) })
			}, "jobs "},
			{"it runs", func() error {
				list, err := s.Claim(ctx, Claiming{Queue: "default", Jobs: 1, Lease: time.Hour}, start)
				job = list[0]
				return err
			}, "jobs "},
			{"it is done", func() error { return s.Finish(ctx, job, nil, start.Add(time.Second)) }, "jobs done "},
			{"an object of another kind", func() error {
				return s.Update(ctx, func(tx *Tx) error {
					return tx.Put(ctx, both, Object{Kind: "other", Account: alice, ID: "1", Created: start, Updated: start}, 1)
				})
			}, ""},
			{"an object", func() error {
				return s.Update(ctx, func(tx *Tx) error {
					return tx.Put(ctx, both, Object{Kind: "report", Account: alice, ID: "1", Created: start, Updated: start}, 1)
				})
			}, "jobs "},
		} {
			if err := tt.do(); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			after, got := look(both), ""
			for _, x := range []struct {
				name    string
				changed bool
			}{
				{"findings ", after[alice].Findings != before[alice].Findings},
				{"coverage ", after[alice].Coverage != before[alice].Coverage},
				{"jobs ", after[alice].Jobs != before[alice].Jobs},
				{"done ", !after[alice].Done.Equal(before[alice].Done)},
			} {
				if x.changed {
					got += x.name
				}
			}
			if got != tt.want {
				t.Errorf("%s: changed %q, want %q", tt.name, got, tt.want)
			}
			if after[bob] != before[bob] {
				t.Errorf("%s: %v of another account, before %v", tt.name, after[bob], before[bob])
			}
			if alone := look(org.Only(bob)); len(alone) != 1 || alone[bob] != after[bob] {
				t.Errorf("%s: another account sees %v", tt.name, alone)
			}
			before = after
		}
		if got := look(org.Scope{}); len(got) > 0 {
			t.Errorf("nobody sees %v", got)
		}
	})
}

func TestCountsOfAScope(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		record(t, s, Scan{Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}}, start)
		record(t, s, Scan{Resource: image(alice, 2), Findings: []finding.Finding{vulnerability(1)}}, start)
		record(t, s, Scan{Resource: image(bob, 1)}, start)
		host := resource.Resource{Type: resource.Instance, ID: image(alice, 1).ID, Account: alice.String(), Region: "us-east-1"}
		record(t, s, Scan{Resource: host}, start)
		record(t, s, Scan{Resource: image(alice, 3)}, start)
		if err := s.Gone(t.Context(), org.Only(alice), []resource.Resource{image(alice, 3)}, start); err != nil {
			t.Fatal(err)
		}
		type counts struct {
			All, Images, One int
			Findings         int64
			Named            []resource.Type
		}
		for _, tt := range []struct {
			scope org.Scope
			want  counts
		}{
			{org.Only(alice, bob), counts{4, 3, 1, 3, []resource.Type{resource.Image, resource.Instance}}},
			{org.Only(bob), counts{1, 1, 1, 0, nil}},
			{org.Scope{}, counts{}},
		} {
			for range 2 { // before the counters are added up, and after
				var got counts
				var errs [5]error
				got.All, errs[0] = s.CountResources(t.Context(), tt.scope, nil, 100)
				got.Images, errs[1] = s.CountResources(t.Context(), tt.scope, []resource.Type{resource.Image, resource.Function}, 100)
				got.One, errs[2] = s.CountResources(t.Context(), tt.scope, nil, 1)
				got.Findings, errs[3] = s.ActiveCount(t.Context(), tt.scope)
				var list []resource.Resource
				list, errs[4] = s.ResourcesNamed(t.Context(), tt.scope, host.ID)
				for _, r := range list {
					got.Named = append(got.Named, r.Type)
				}
				if errs != [5]error{} {
					t.Fatal(errs)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%v: %s", tt.scope.Accounts(), diff)
				}
				if _, err := s.Fold(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
