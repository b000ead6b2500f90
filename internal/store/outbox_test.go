package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

func emitAll(tb testing.TB, s *Store, list ...event) {
	tb.Helper()
	err := s.Update(tb.Context(), func(tx *Tx) error { return s.emit(tb.Context(), tx.tx, list) })
	if err != nil {
		tb.Fatal(err)
	}
}

func relayAll(tb testing.TB, s *Store, sinks []Sink, now time.Time) int {
	tb.Helper()
	sum := 0
	for {
		n, err := s.Relay(tb.Context(), sinks, nil, now)
		if err != nil {
			tb.Fatal(err)
		}
		if n == 0 {
			return sum
		}
		sum += n
	}
}

func deliveries(tb testing.TB, s *Store, sink string, now time.Time) []Delivery {
	tb.Helper()
	list, err := s.Deliveries(tb.Context(), sink, 1000, time.Minute, now)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func subjectsOf(list []Delivery) []string {
	out := []string{}
	for _, d := range list {
		out = append(out, d.Subject+" "+d.Kind)
	}
	return out
}

func waiting(tb testing.TB, s *Store) map[string]int64 {
	tb.Helper()
	list, err := s.Waitings(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]int64{}
	for _, w := range list {
		out[w.Sink] += w.Events
		if w.Dead > 0 {
			out[w.Sink+" dead"] = w.Dead
		}
	}
	return out
}

// TestChooseOutsideOfTheTransaction shows that events are chosen before anything
// is locked: a sink may take its time.
func TestChooseOutsideOfTheTransaction(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		emitAll(t, s, event{alice, "finding.created", "f1", milliseconds(start), "{}"}, event{alice, "finding.created", "f2", milliseconds(start), "{}"})
		relayAll(t, s, []Sink{{Name: "one", Choose: func(e Event) bool {
			if n := s.write.Stats().InUse; n > 0 {
				t.Errorf("%d connections that write are in use", n)
			}
			return e.Subject == "f2"
		}}}, start)
		if diff := cmp.Diff([]string{"f2 finding.created"}, subjectsOf(deliveries(t, s, "one", start))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRelay(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ms := milliseconds(start)
		emitAll(t, s,
			event{alice, "finding.updated", "f1", ms + 2, "{}"},
			event{alice, "finding.created", "f1", ms + 1, "{}"}, // written by another node later on
			event{bob, "finding.created", "f2", ms + 3, "{}"},
			event{alice, "scan.completed", "image", ms + 4, `{"n":1}`},
		)
		sinks := []Sink{{Name: "all"}, {Name: "alice", Kinds: []string{"finding."}, Accounts: []org.Account{alice}}, {Name: "none", Kinds: []string{"x"}}}
		var rendered int
		n, err := s.Relay(t.Context(), sinks, func(_ context.Context, list []Event) error {
			for i := range list {
				if list[i].Kind != "scan.completed" {
					list[i].Doc = json.RawMessage(`"rendered"`)
				}
			}
			rendered = len(list)
			return nil
		}, start)
		if err != nil || n != 4 || rendered != 4 {
			t.Fatalf("relayed %d, rendered %d: %v", n, rendered, err)
		}
		if diff := cmp.Diff(map[string]int64{"": 0, "all": 4, "alice": 2}, waiting(t, s)); diff != "" {
			t.Error(diff)
		}
		// The younger one of f1 waits for the older.
		got := deliveries(t, s, "all", start)
		if diff := cmp.Diff([]string{"f1 finding.created", "f2 finding.created", "image scan.completed"}, subjectsOf(got)); diff != "" {
			t.Error(diff)
		}
		if string(got[0].Doc) != `"rendered"` || string(got[2].Doc) != `{"n":1}` || !got[2].At.Equal(start.Add(4*time.Millisecond)) {
			t.Errorf("%+v", got)
		}
		if again := deliveries(t, s, "all", start.Add(59*time.Second)); len(again) != 0 {
			t.Errorf("held, they are given away: %v", subjectsOf(again))
		}
		if err := s.Delivered(t.Context(), got); err != nil {
			t.Fatal(err)
		}
		last := deliveries(t, s, "all", start)
		if diff := cmp.Diff([]string{"f1 finding.updated"}, subjectsOf(last)); diff != "" {
			t.Error(diff)
		}
		// Whoever lost the lease cannot end what another holds, and the event
		// keeps its name.
		second := deliveries(t, s, "all", start.Add(time.Minute))
		if len(second) != 1 || second[0].ID != last[0].ID || second[0].Attempt != 2 {
			t.Fatalf("after the lease: %+v", second)
		}
		if err := s.Delivered(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		if got := waiting(t, s)["all"]; got != 1 {
			t.Errorf("%d wait, want the one that is held", got)
		}
	})
}

func TestRelayWithoutSinks(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		var list []event
		for i := range 2*relayAtOnce + 1 {
			list = append(list, event{alice, "k", fmt.Sprint(i), milliseconds(start), "{}"})
		}
		emitAll(t, s, list...)
		if n := relayAll(t, s, nil, start); n != len(list) {
			t.Errorf("relayed %d of %d", n, len(list))
		}
		if diff := cmp.Diff(map[string]int64{"": 0}, waiting(t, s)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestRelayOfMany relays on several nodes at once: every event is there once.
func TestRelayOfMany(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		const events = 3000
		var list []event
		for i := range events {
			list = append(list, event{alice, "k", fmt.Sprint(i), milliseconds(start), "{}"})
		}
		emitAll(t, s, list...)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				relayAll(t, s, []Sink{{Name: "a"}}, start)
			})
		}
		wg.Wait()
		seen := map[string]bool{}
		for {
			got := deliveries(t, s, "a", start)
			for _, d := range got {
				if seen[d.ID] {
					t.Fatalf("event of %s is there twice", d.Subject)
				}
				seen[d.ID] = true
			}
			if len(got) == 0 {
				break
			}
		}
		if len(seen) != events {
			t.Errorf("got %d of %d events", len(seen), events)
		}
	})
}

func TestUndelivered(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		ms := milliseconds(start)
		emitAll(t, s, event{alice, "first", "f", ms, "{}"}, event{alice, "second", "f", ms + 1, "{}"}, event{alice, "first", "g", ms, "{}"})
		relayAll(t, s, []Sink{{Name: "a"}}, start)
		now, tries, down := start, 0, errors.New("the sink is down")
		for {
			list := deliveries(t, s, "a", now)
			if diff := cmp.Diff("f first", subjectsOf(list)[0]); diff != "" {
				t.Fatal(diff)
			}
			for _, d := range list[1:] {
				if d.Subject == "g" {
					if err := s.Delivered(ctx, []Delivery{d}); err != nil {
						t.Fatal(err)
					}
				}
			}
			tries++
			dead, err := s.Undelivered(ctx, list[:1], down, now)
			if err != nil {
				t.Fatal(err)
			}
			if dead > 0 {
				break
			}
			wait := time.Hour + 15*time.Minute
			if early := deliveries(t, s, "a", now.Add(time.Second)); len(early) > 0 {
				t.Fatalf("at once again: %v", subjectsOf(early))
			}
			now = now.Add(wait)
		}
		if tries < 20 || now.Sub(start) < maxDelivery || now.Sub(start) > maxDelivery+2*time.Hour {
			t.Errorf("given up after %d tries and %s", tries, now.Sub(start))
		}
		now = now.Add(2 * time.Hour)
		next := deliveries(t, s, "a", now)
		if diff := cmp.Diff([]string{"f second"}, subjectsOf(next)); diff != "" {
			t.Error(diff)
		}
		dead, err := s.DeadLetters(ctx, "", 0, 10)
		if err != nil || len(dead) != 1 || dead[0].Error != down.Error() || dead[0].Dead.IsZero() {
			t.Fatalf("dead letters %+v, %v", dead, err)
		}
		if _, err := s.Replay(ctx, "b", dead[0].Seq, now); fault.KindOf(err) != fault.NotFound {
			t.Errorf("replayed for another sink: %v", err)
		}
		if n, err := s.Replay(ctx, "a", 0, now); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if err := s.Delivered(ctx, next); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"f first"}, subjectsOf(deliveries(t, s, "a", now))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCoalesce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		for i := range 10 {
			emitAll(t, s, event{alice, fmt.Sprint(i), "f", milliseconds(start) + int64(i), "{}"})
		}
		emitAll(t, s, event{alice, "0", "g", milliseconds(start), "{}"})
		relayAll(t, s, []Sink{{Name: "a"}, {Name: "b"}}, start)
		held := deliveries(t, s, "a", start)
		if n, err := s.Coalesce(t.Context(), "a", 11); err != nil || n != 0 {
			t.Fatal(n, err)
		}
		if n, err := s.Coalesce(t.Context(), "a", 10); err != nil || n != 8 {
			t.Fatal(n, err)
		}
		if err := s.Delivered(t.Context(), held); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"f 9"}, subjectsOf(deliveries(t, s, "a", start))); diff != "" {
			t.Error(diff)
		}
		if got := waiting(t, s)["b"]; got != 11 {
			t.Errorf("of the other sink wait %d, want 11", got)
		}
	})
}
