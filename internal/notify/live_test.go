package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/store"
)

// A stepping clock goes on by a step whenever it is looked at.
func stepping(step time.Duration) func() time.Time {
	var mu sync.Mutex
	now := start
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(step)
		return now
	}
}

func hookTo(t *testing.T, r *receiver) Sink {
	t.Helper()
	return opened(t, Config{Name: "hook", Kind: "webhook", Place: r.URL})
}

// came returns the kinds of event that a receiver has, by their subject. It
// drops what it has already, as receivers must: a call that is cut off may have
// arrived.
func (r *receiver) came(t *testing.T) map[string][]string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string][]string{}
	has := map[string]bool{}
	for _, b := range r.bodies {
		var e cloudEvent
		if err := json.Unmarshal([]byte(b), &e); err != nil {
			t.Fatal(err)
		}
		if !has[e.ID] {
			has[e.ID] = true
			out[e.Subject] = append(out[e.Subject], e.Type)
		}
	}
	return out
}

// TestReceiverDown: a receiver that is down for a while, once not there at all
// and once with nothing but errors, gets everything in order.
func TestReceiverDown(t *testing.T) {
	t.Parallel()
	s, r := open(t), newReceiver(t)
	sink := hookTo(t, r)
	want := map[string][]string{}
	for i := range 40 {
		subject := fmt.Sprintf("f%d", i%8)
		emit(t, s, alice, fmt.Sprintf("finding.%d", i/8), subject, start.Add(time.Duration(i)*time.Millisecond))
		want[subject] = append(want[subject], fmt.Sprintf("assay.finding.%d", i/8))
	}
	r.status = 503
	n := notifier(s, sink)
	n.Now = stepping(300 * time.Millisecond)
	until(t, n, func() bool { return n.Stats()["hook"].Failed >= 20 })
	r.mu.Lock()
	r.status, r.bodies = 200, nil
	r.mu.Unlock()
	until(t, n, func() bool { return n.Stats()["hook"].Sent == 40 })
	if diff := cmp.Diff(want, r.came(t)); diff != "" {
		t.Error(diff)
	}
	if dead := n.Stats()["hook"].Dead; dead != 0 {
		t.Errorf("%d given up", dead)
	}
}

// TestRefusedForGood: what a receiver will never take becomes a dead letter at
// once, what waits for it goes on, and it can be sent again.
func TestRefusedForGood(t *testing.T) {
	t.Parallel()
	s, r := open(t), newReceiver(t)
	sink := hookTo(t, r)
	emit(t, s, alice, "finding.created", "f", start)
	emit(t, s, alice, "finding.closed", "f", start.Add(time.Millisecond))
	r.status = 422
	n := notifier(s, sink)
	until(t, n, func() bool { return n.Stats()["hook"].Dead == 2 })
	dead, err := s.DeadLetters(t.Context(), "hook", 0, 10)
	if err != nil || len(dead) != 2 || dead[0].Attempt != 1 {
		t.Fatal(dead, err)
	}
	r.mu.Lock()
	r.status, r.bodies = 200, nil
	r.mu.Unlock()
	if n, err := s.Replay(t.Context(), "hook", 0, start); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	until(t, n, func() bool { return n.Stats()["hook"].Sent == 2 })
	want := map[string][]string{"f": {"assay.finding.created", "assay.finding.closed"}}
	if diff := cmp.Diff(want, r.came(t)); diff != "" {
		t.Error(diff)
	}
}

// TestSlowReceiver: one that does not answer holds up no other.
func TestSlowReceiver(t *testing.T) {
	t.Parallel()
	s, r := open(t), newReceiver(t)
	release := make(chan struct{})
	slow := Sink{Sink: store.Sink{Name: "slow"}, batch: 1, send: func(context.Context, []store.Event) answer {
		<-release
		return answer{}
	}}
	for i := range 30 {
		emit(t, s, alice, "finding.created", fmt.Sprint(i), start)
	}
	n := notifier(s, slow, hookTo(t, r))
	until(t, n, func() bool {
		if n.Stats()["hook"].Sent < 30 {
			return false
		}
		select {
		case <-release:
		default:
			if n.Stats()["slow"].Sent != 0 {
				t.Error("the slow one was not slow")
			}
			close(release)
		}
		return true
	})
}

// TestMore: sinks that come, change, pause and go while events are handed out.
func TestMore(t *testing.T) {
	t.Parallel()
	s, one, two := open(t), newReceiver(t), newReceiver(t)
	var mu sync.Mutex
	var list []Sink
	var asked int // for the list, by now
	var notes []Attempt
	n := notifier(s)
	n.More = func(context.Context) ([]Sink, error) { mu.Lock(); defer mu.Unlock(); asked++; return list, nil }
	n.Note = func(a Attempt) { mu.Lock(); defer mu.Unlock(); notes = append(notes, a) }
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { n.Run(ctx) })
	defer wg.Wait()
	defer stop()
	wait := func(holds func() bool) {
		for !holds() && t.Context().Err() == nil {
			continue
		}
	}
	// set changes the list, and returns when that has been followed: what is told
	// before may still go where it went.
	set := func(sinks ...Sink) {
		mu.Lock()
		list = sinks
		before := asked
		mu.Unlock()
		wait(func() bool { mu.Lock(); defer mu.Unlock(); return asked > before+1 })
	}
	waiting := func() int64 {
		list, err := s.Waitings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		for _, w := range list {
			sum += w.Events
		}
		return sum
	}

	emit(t, s, alice, "finding.created", "before", start)
	wait(func() bool { return waiting() == 0 }) // nobody wants it
	set(hookTo(t, one))
	emit(t, s, alice, "finding.created", "first", start)
	wait(func() bool { return n.Stats()["hook"].Sent == 1 })

	moved := hookTo(t, two)
	moved.Revision = "2"
	set(moved)
	emit(t, s, alice, "finding.created", "second", start)
	wait(func() bool { return n.Stats()["hook"].Sent == 2 })

	paused := moved
	paused.Paused = true
	set(paused)
	emit(t, s, alice, "finding.created", "third", start)
	wait(func() bool { return waiting() == 1 })
	set(moved)
	wait(func() bool { return n.Stats()["hook"].Sent == 3 })

	set()
	emit(t, s, alice, "finding.created", "after", start)
	wait(func() bool { return waiting() == 0 })
	if diff := cmp.Diff(map[string][]string{"first": {"assay.finding.created"}}, one.came(t)); diff != "" {
		t.Error(diff)
	}
	want := map[string][]string{"second": {"assay.finding.created"}, "third": {"assay.finding.created"}}
	if diff := cmp.Diff(want, two.came(t)); diff != "" {
		t.Error(diff)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(notes) != 3 || notes[0].Sink != "hook" || notes[0].Said != "HTTP 200 got it," || notes[0].First != "first" {
		t.Errorf("%+v", notes)
	}
}

// TestMoreFails: while the sinks cannot be read, no event is lost.
func TestMoreFails(t *testing.T) {
	t.Parallel()
	s, r := open(t), newReceiver(t)
	k := hookTo(t, r)
	var mu sync.Mutex
	tries := 0
	n := notifier(s)
	n.More = func(context.Context) ([]Sink, error) {
		mu.Lock()
		defer mu.Unlock()
		if tries++; tries < 4 {
			return nil, context.DeadlineExceeded
		}
		return []Sink{k}, nil
	}
	emit(t, s, alice, "finding.created", "f", start)
	until(t, n, func() bool { return n.Stats()["hook"].Sent == 1 })
}

// TestUnusable: events wait for a sink that cannot be opened.
func TestUnusable(t *testing.T) {
	t.Parallel()
	s := open(t)
	n := notifier(s, Unusable(Config{Name: "broken"}, context.Canceled))
	emit(t, s, alice, "finding.created", "f", start)
	until(t, n, func() bool { return n.Stats()["broken"].Failed == 1 })
	list, err := s.Waitings(t.Context())
	if err != nil || len(list) != 2 || list[1].Events != 1 || list[1].Dead != 0 {
		t.Error(list, err)
	}
}
