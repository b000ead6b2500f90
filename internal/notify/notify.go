// Package notify tells others what happens: it takes events out of the store
// and hands them to the sinks, each at least once and those of one subject in
// order.
package notify

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/store"
)

// Notifier hands out the events of a store.
type Notifier struct {
	Store *store.Store
	Sinks []Sink
	// Render fills in what events say whose text is made from their subject. An
	// error of it holds all events up; what it cannot render, because it is gone,
	// it leaves as it is. Nil renders nothing.
	Render func(ctx context.Context, list []store.Event) error
	Poll   time.Duration // how often to look for events; zero: 1 s
	Now    func() time.Time
	Log    *slog.Logger

	mu    sync.Mutex
	stats map[string]Stats
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

// Run hands out events until the context ends, and returns when all that it
// started has ended. Without sinks it only clears the outbox.
func (n *Notifier) Run(ctx context.Context) {
	var wg sync.WaitGroup
	var wakes []chan struct{}
	for _, k := range n.Sinks {
		wake := make(chan struct{}, 1)
		wakes = append(wakes, wake)
		wg.Go(func() { n.each(ctx, wake, func() { n.deliver(ctx, k) }) })
		wg.Go(func() { n.coalesce(ctx, k.Name) })
	}
	n.each(ctx, nil, func() { n.relay(ctx, wakes) })
	wg.Wait()
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
func (n *Notifier) relay(ctx context.Context, wakes []chan struct{}) {
	sinks := make([]store.Sink, len(n.Sinks))
	for i, k := range n.Sinks {
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
		for _, wake := range wakes {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	}
}

// deliver hands a sink all that waits for it.
func (n *Notifier) deliver(ctx context.Context, k Sink) {
	for ctx.Err() == nil {
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

// send hands a sink some events and writes down which it has. It tells whether
// the sink took any.
func (n *Notifier) send(ctx context.Context, k Sink, list []store.Delivery) bool {
	events := make([]store.Event, len(list))
	for i, d := range list {
		events[i] = d.Event
	}
	limited, cancel := context.WithTimeout(ctx, lease*9/10)
	errs := k.send(limited, events)
	cancel()
	var sent []store.Delivery
	failed := map[string][]store.Delivery{}
	causes := map[string]error{}
	for i, d := range list {
		if errs == nil || errs[i] == nil {
			sent = append(sent, d)
			continue
		}
		text := errs[i].Error()
		failed[text], causes[text] = append(failed[text], d), errs[i]
	}
	// What the sink has, it is not to get again because the process ends.
	ctx = context.WithoutCancel(ctx)
	if err := n.Store.Delivered(ctx, sent); err != nil {
		n.warn(ctx, "forgetting delivered events failed", err)
	}
	dead := 0
	for text, some := range failed {
		n.warn(ctx, "a sink did not take events", causes[text], slog.String("sink", k.Name), slog.Int("events", len(some)))
		given, err := n.Store.Undelivered(ctx, some, causes[text], n.Now())
		if err != nil {
			n.warn(ctx, "putting off events failed", err)
		}
		dead += given
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stats == nil {
		n.stats = map[string]Stats{}
	}
	s := n.stats[k.Name]
	s.Sent += int64(len(sent))
	s.Failed += int64(len(list) - len(sent))
	s.Dead += int64(dead)
	n.stats[k.Name] = s
	return len(sent) > 0
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
