package store

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReconcile(t *testing.T) {
	t.Parallel()
	now, first := milliseconds(start), milliseconds(start.AddDate(0, -1, 0))
	days := func(n int) int64 { return milliseconds(start.AddDate(0, 0, -n)) }
	one, two := fkey{1}, fkey{2}
	for _, tt := range []struct {
		name   string
		stored []state
		seen   []sight
		want   []change
	}{
		{"nothing", nil, nil, nil},
		{"new", nil, []sight{{key: two}, {key: one}}, []change{{Created, one, now}, {Created, two, now}}},
		{"unchanged", []state{{key: one, hash: 5, first: first}}, []sight{{key: one, hash: 5}}, nil},
		{"changed", []state{{key: one, hash: 5, first: first}}, []sight{{key: one, hash: 6}}, []change{{Updated, one, first}}},
		{"gone", []state{{key: one, hash: 5, first: first}}, nil, []change{{Gone, one, first}}},
		{"gone before", []state{{key: one, closed: true, gone: days(1)}}, nil, nil},
		{
			"back after 7 days",
			[]state{{key: one, hash: 5, first: first, closed: true, gone: days(7)}},
			[]sight{{key: one, hash: 5}},
			[]change{{Reopened, one, first}},
		},
		{
			"back too late",
			[]state{{key: one, hash: 5, first: first, closed: true, gone: days(7) - 1}},
			[]sight{{key: one, hash: 5}},
			[]change{{Created, one, now}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := reconcile(tt.stored, tt.seen, start)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(change{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// apply does what reconcile says.
func apply(stored []state, seen []sight, changes []change, now time.Time) []state {
	byKey := map[fkey]state{}
	for _, s := range stored {
		byKey[s.key] = s
	}
	for _, c := range changes {
		s := state{key: c.key, first: c.first, hash: byKey[c.key].hash}
		if c.kind == Gone {
			s.closed, s.gone = true, milliseconds(now)
		} else {
			i := slices.IndexFunc(seen, func(v sight) bool { return v.key == c.key })
			s.hash = seen[i].hash
		}
		byKey[c.key] = s
	}
	var out []state
	for _, s := range byKey {
		out = append(out, s)
	}
	return out
}

// TestReconcileProperties holds for any two lists: once its changes are made,
// exactly what was seen is open, and nothing more is to be done.
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
					seen = append(seen, sight{key: fkey{byte(k)}, hash: int64(r.IntN(3))})
				}
			}
			changes := reconcile(stored, seen, now)
			r.Shuffle(len(seen), func(i, j int) { seen[i], seen[j] = seen[j], seen[i] })
			r.Shuffle(len(stored), func(i, j int) { stored[i], stored[j] = stored[j], stored[i] })
			if diff := cmp.Diff(changes, reconcile(stored, seen, now), cmp.AllowUnexported(change{})); diff != "" {
				t.Fatalf("the order matters: %s", diff)
			}
			stored = apply(stored, seen, changes, now)
			if again := reconcile(stored, seen, now); len(again) > 0 {
				t.Fatalf("not settled: %v", again)
			}
			open := 0
			for _, s := range stored {
				if !s.closed {
					open++
				}
			}
			if open != len(seen) {
				t.Fatalf("%d open, %d seen", open, len(seen))
			}
		}
	}
}
