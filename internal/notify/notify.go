// Package notify tells others what happens: it takes events out of the store
// and hands them to the sinks, each at least once and those of one subject in
// order.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/store"
)

// Notifier hands out the events of a store.
type Notifier struct {
	Store *store.Store
	Sinks []Sink // that are there from the start to the end
	// More returns the sinks that are there at the moment besides. It is asked
	// whenever events are looked for, so that whoever sets up a sink on one node
	// need not tell the others. An error of it holds all events up. Nil: there
	// are none.
	More func(ctx context.Context) ([]Sink, error)
	// Render fills in what events say whose text is made from their subject. An
	// error of it holds all events up; what it cannot render, because it is gone,
	// it leaves as it is. Nil renders nothing.
	Render func(ctx context.Context, list []store.Event) error
	// Note is told of each attempt to hand over events; nil: nobody is. It may
	// be called by several goroutines at once.
	Note func(a Attempt)
	Poll time.Duration // how often to look for events; zero: 1 s
	Now  func() time.Time
	Log  *slog.Logger

	mu    sync.Mutex
	stats map[string]Stats
}

// Attempt is events handed to a sink, or refused by it.
type Attempt struct {
	Sink   string        `json:"-"`
	At     time.Time     `json:"at"`
	Took   time.Duration `json:"took"` // nanoseconds
	Events int           `json:"events"`
	Failed int           `json:"failed"`          // of them
	Dead   int           `json:"dead"`            // of those that failed, given up
	Kind   string        `json:"kind"`            // of the first
	First  string        `json:"first"`           // its subject
	Said   string        `json:"said,omitempty"`  // by the receiver
	Error  string        `json:"error,omitempty"` // of the first that failed
}

// Stats counts what became of the events for one sink in this process.
type Stats struct {
	Sent   int64
	Failed int64 // attempts that went wrong
	Dead   int64 // given up
}

// Stats returns the counters by sink.
func (n *Notifier) Stats() map[string]Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.stats)
}

const (
	lease      = time.Minute // how long a batch may take
	maxWaiting = 1_000_000   // more than that, and only the latest event of a subject is kept
)

// A worker hands one sink what waits for it.
type worker struct {
	revision string
	wake     chan struct{}
	stop     context.CancelFunc
}

// Run hands out events until the context ends, and returns when all that it
// started has ended. Without sinks it only clears the outbox.
func (n *Notifier) Run(ctx context.Context) {
	var wg sync.WaitGroup
	workers := map[string]*worker{}
	n.each(ctx, nil, func() {
		sinks, err := n.all(ctx)
		if err != nil {
			n.warn(ctx, "reading the sinks failed", err)
			return // an event that is relayed now might miss one
		}
		n.follow(ctx, &wg, workers, sinks)
		n.relay(ctx, sinks, workers)
	})
	for _, w := range workers {
		w.stop()
	}
	wg.Wait()
}

// all returns the sinks that there are.
func (n *Notifier) all(ctx context.Context) ([]Sink, error) {
	if n.More == nil {
		return n.Sinks, nil
	}
	more, err := n.More(ctx)
	return slices.Concat(n.Sinks, more), err
}

// follow starts and ends workers so that each sink that is not paused has one,
// made for what it is now. One that ends does so after what it is sending.
func (n *Notifier) follow(ctx context.Context, wg *sync.WaitGroup, workers map[string]*worker, sinks []Sink) {
	wanted := map[string]Sink{}
	for _, k := range sinks {
		if !k.Paused {
			wanted[k.Name] = k
		}
	}
	for name, w := range workers {
		if k, ok := wanted[name]; !ok || k.Revision != w.revision {
			w.stop()
			delete(workers, name)
		}
	}
	for name, k := range wanted {
		if workers[name] != nil {
			continue
		}
		going, stop := context.WithCancel(ctx)
		w := &worker{revision: k.Revision, wake: make(chan struct{}, 1), stop: stop}
		workers[name] = w
		wg.Go(func() {
			n.each(going, w.wake, func() { n.deliver(going, ctx, k) })
			if k.close != nil {
				k.close()
			}
		})
		wg.Go(func() { n.coalesce(going, name) })
	}
}

// each calls f now, whenever it is woken, and at every poll, until the context
// ends.
func (n *Notifier) each(ctx context.Context, wake <-chan struct{}, f func()) {
	poll := n.Poll
	if poll == 0 {
		poll = time.Second
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		f()
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.C:
		}
	}
}

// relay empties the outbox.
func (n *Notifier) relay(ctx context.Context, list []Sink, workers map[string]*worker) {
	sinks := make([]store.Sink, len(list))
	for i, k := range list {
		sinks[i] = k.Sink
	}
	for ctx.Err() == nil {
		moved, err := n.Store.Relay(ctx, sinks, n.Render, n.Now())
		if err != nil {
			n.warn(ctx, "relaying events failed", err)
			return
		}
		if moved == 0 {
			return
		}
		for _, w := range workers {
			select {
			case w.wake <- struct{}{}:
			default:
			}
		}
	}
}

// deliver hands a sink all that waits for it, as long as one context lasts;
// what it has begun to send ends with the other.
func (n *Notifier) deliver(going, ctx context.Context, k Sink) {
	for going.Err() == nil {
		list, err := n.Store.Deliveries(ctx, k.Name, k.batch, lease, n.Now())
		if err != nil {
			n.warn(ctx, "taking events failed", err)
			return
		}
		if len(list) == 0 {
			return
		}
		if !n.send(ctx, k, list) {
			return // it will be tried at the next poll
		}
	}
}

// A failure is deliveries that went wrong for the same reason.
type failure struct {
	cause error
	list  []store.Delivery
}

// outcome parts deliveries into those that a sink has and those that it has
// not, by why.
func outcome(list []store.Delivery, a answer) (sent []store.Delivery, failed []failure) {
	at := map[string]int{}
	for i, d := range list {
		if a.errs == nil || a.errs[i] == nil {
			sent = append(sent, d)
			continue
		}
		text := a.errs[i].Error()
		j, ok := at[text]
		if !ok {
			j, at[text] = len(failed), len(failed)
			failed = append(failed, failure{cause: a.errs[i]})
		}
		failed[j].list = append(failed[j].list, d)
	}
	return sent, failed
}

// send hands a sink some events and writes down which it has. It tells whether
// those that wait may be tried at once: the sink took some, or will not have
// these.
func (n *Notifier) send(ctx context.Context, k Sink, list []store.Delivery) bool {
	events := make([]store.Event, len(list))
	for i, d := range list {
		events[i] = d.Event
	}
	began := n.Now()
	limited, cancel := context.WithTimeout(ctx, lease*9/10)
	a := k.send(limited, events)
	cancel()
	sent, failed := outcome(list, a)
	note := Attempt{
		Sink: k.Name, At: began, Took: n.Now().Sub(began), Events: len(list), Failed: len(list) - len(sent), Said: a.said,
		Kind: list[0].Kind, First: list[0].Subject,
	}
	// What the sink has, it is not to get again because the process ends.
	ctx = context.WithoutCancel(ctx)
	if err := n.Store.Delivered(ctx, sent); err != nil {
		n.warn(ctx, "forgetting delivered events failed", err)
	}
	refused := false
	for i, f := range failed {
		if i == 0 {
			note.Error = f.cause.Error()
		}
		n.warn(ctx, "a sink did not take events", f.cause, slog.String("sink", k.Name), slog.Int("events", len(f.list)))
		dead, err := n.giveUp(ctx, f)
		if err != nil {
			n.warn(ctx, "putting off events failed", err)
		}
		note.Dead += dead
		refused = refused || dead == len(f.list)
	}
	n.count(note)
	if n.Note != nil {
		n.Note(note)
	}
	return len(sent) > 0 || refused
}

// giveUp has events tried again later, or never when the sink will not have
// them. It returns how many will not be tried again.
func (n *Notifier) giveUp(ctx context.Context, f failure) (dead int, err error) {
	if _, ok := errors.AsType[*refusal](f.cause); ok {
		return len(f.list), n.Store.Refused(ctx, f.list, f.cause, n.Now())
	}
	return n.Store.Undelivered(ctx, f.list, f.cause, n.Now())
}

// count adds an attempt to the counters.
func (n *Notifier) count(a Attempt) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stats == nil {
		n.stats = map[string]Stats{}
	}
	s := n.stats[a.Sink]
	s.Sent += int64(a.Events - a.Failed)
	s.Failed += int64(a.Failed)
	s.Dead += int64(a.Dead)
	n.stats[a.Sink] = s
}

// coalesce keeps what waits for a sink within bounds, until the context ends.
func (n *Notifier) coalesce(ctx context.Context, sink string) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		dropped, err := n.Store.Coalesce(ctx, sink, maxWaiting)
		if err != nil {
			n.warn(ctx, "coalescing events failed", err)
		}
		if dropped > 0 {
			n.Log.LogAttrs(ctx, slog.LevelWarn, "too many events waited", slog.String("sink", sink), slog.Int64("dropped", dropped))
		}
	}
}

// warn reports an error that will mend itself, or come again.
func (n *Notifier) warn(ctx context.Context, message string, err error, attrs ...slog.Attr) {
	if ctx.Err() == nil {
		n.Log.LogAttrs(ctx, slog.LevelWarn, message, append(attrs, slog.Any("error", err))...) //nolint:sloglint // the callers give constants
	}
}
