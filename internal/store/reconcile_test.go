package store

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sameChanges compares changes without what they were before.
var sameChanges = cmp.Options{cmp.AllowUnexported(change{}), cmpopts.IgnoreFields(change{}, "old")}

func TestReconcile(t *testing.T) {
	t.Parallel()
	now, first := milliseconds(start), milliseconds(start.AddDate(0, -1, 0))
	days := func(n int) int64 { return milliseconds(start.AddDate(0, 0, -n)) }
	one, two := fkey{1}, fkey{2}
	const active, silent, closed = activeNumber, suppressedNumber, closedNumber
	for _, tt := range []struct {
		name   string
		stored []state
		seen   []sight
		want   []change
	}{
		{"nothing", nil, nil, nil},
		{"new", nil, []sight{{key: two}, {key: one}}, []change{{kind: Created, key: one, first: now}, {kind: Created, key: two, first: now}}},
		{"new and suppressed", nil, []sight{{key: one, rule: 7}}, []change{{kind: Created, key: one, first: now}}},
		{"unchanged", []state{{key: one, hash: 5, first: first, status: active}}, []sight{{key: one, hash: 5}}, nil},
		{"suppressed before", []state{{key: one, hash: 5, first: first, status: silent}}, []sight{{key: one, hash: 5, rule: 7}}, nil},
		{
			"changed",
			[]state{{key: one, hash: 5, first: first, status: active}},
			[]sight{{key: one, hash: 6}},
			[]change{{kind: Updated, key: one, first: first}},
		},
		{
			"suppressed",
			[]state{{key: one, hash: 5, first: first, status: active}},
			[]sight{{key: one, hash: 6, rule: 7}},
			[]change{{kind: Silenced, key: one, first: first}},
		},
		{
			"no longer suppressed",
			[]state{{key: one, hash: 5, first: first, status: silent}},
			[]sight{{key: one, hash: 5}},
			[]change{{kind: Unsuppressed, key: one, first: first}},
		},
		{"gone", []state{{key: one, hash: 5, first: first, status: active}}, nil, []change{{kind: Gone, key: one, first: first}}},
		{"gone though suppressed", []state{{key: one, first: first, status: silent}}, nil, []change{{kind: Gone, key: one, first: first}}},
		{"gone before", []state{{key: one, status: closed, gone: days(1)}}, nil, nil},
		{
			"back after 7 days",
			[]state{{key: one, hash: 5, first: first, status: closed, gone: days(7)}},
			[]sight{{key: one, hash: 5}},
			[]change{{kind: Reopened, key: one, first: first}},
		},
		{
			"back too late",
			[]state{{key: one, hash: 5, first: first, status: closed, gone: days(7) - 1}},
			[]sight{{key: one, hash: 5}},
			[]change{{kind: Created, key: one, first: now}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := reconcile(byKey(tt.stored), tt.seen, start)
			if diff := cmp.Diff(tt.want, got, sameChanges); diff != "" {
				t.Error(diff)
			}
			for _, c := range got { // what it was before goes with it
				if was := byKey(tt.stored)[c.key]; was != nil && (c.old == nil || *c.old != *was) {
					t.Errorf("%v was %v", c, c.old)
				}
			}
		})
	}
}

// apply does what reconcile says.
func apply(stored []state, seen []sight, changes []change, now time.Time) []state {
	all := map[fkey]state{}
	for _, s := range stored {
		all[s.key] = s
	}
	for _, c := range changes {
		s := state{key: c.key, first: c.first, hash: all[c.key].hash, status: closedNumber, gone: milliseconds(now)}
		for i := range seen {
			if seen[i].key == c.key {
				s.hash, s.status, s.gone = seen[i].hash, seen[i].status(), 0
			}
		}
		all[c.key] = s
	}
	var out []state
	for _, s := range all {
		out = append(out, s)
	}
	return out
}

// TestReconcileProperties holds for any two lists: once its changes are made,
// exactly what was seen is open, suppressed where a rule says so, and nothing
// more is to be done.
func TestReconcileProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var stored []state
		now := start
		for range 4 {
			now = now.Add(time.Duration(r.IntN(200)) * time.Hour)
			var seen []sight
			for k := range 12 {
				if r.IntN(2) == 0 {
					seen = append(seen, sight{key: fkey{byte(k)}, hash: int64(r.IntN(3)), rule: int64(r.IntN(2))})
				}
			}
			changes := reconcile(byKey(stored), seen, now)
			r.Shuffle(len(seen), func(i, j int) { seen[i], seen[j] = seen[j], seen[i] })
			if diff := cmp.Diff(changes, reconcile(byKey(stored), seen, now), sameChanges); diff != "" {
				t.Fatalf("the order matters: %s", diff)
			}
			stored = apply(stored, seen, changes, now)
			if again := reconcile(byKey(stored), seen, now); len(again) > 0 {
				t.Fatalf("not settled: %v", again)
			}
			open := 0
			for _, s := range stored {
				if s.status != closedNumber {
					open++
				}
			}
			if open != len(seen) {
				t.Fatalf("%d open, %d seen", open, len(seen))
			}
		}
	}
}
