package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// liveAction is what a role must allow for its holder to listen.
const liveAction = "assay:GetLive"

// How those who listen are told.
const (
	liveEvery    = time.Second      // between two looks at the store
	liveBeat     = 15 * time.Second // between two signs of life, at which the session is looked at
	liveWrite    = 20 * time.Second // for a listener to take what is sent
	maxListeners = 1000             // of one process
	maxOwn       = 30               // of one key or session
)

// live tells pages what changes while they are looked at: one look at the store
// a second serves all that listen, and when nobody does, there is none.
type live struct {
	server *server
	beat   time.Duration

	looks   atomic.Int64 // at the store
	looking atomic.Bool  // somebody listens

	mu        sync.Mutex
	listeners map[*listener]struct{}
	scans     map[*scanning]struct{}
	awake     chan struct{} // gets a value when somebody begins to listen
	over      chan struct{} // closed when the server ends
	ended     bool
}

func newLive(s *server) *live {
	return &live{
		server: s, beat: cmp.Or(s.beat, liveBeat), listeners: map[*listener]struct{}{}, scans: map[*scanning]struct{}{},
		awake: make(chan struct{}, 1), over: make(chan struct{}),
	}
}

func (p *live) work() workload { return workload{} }

// hooks adds the one operation whose answer goes on. It takes no body, and is
// not let through the gate: it would hold a place there for as long as it lasts.
func (p *live) hooks(mux *http.ServeMux, _ gate) {
	h := p.server.front.Own(liveAction, p.stream)
	mux.HandleFunc("GET /assay/v1/live", func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.NoBody
		h.ServeHTTP(w, r)
	})
}

// A listener is somebody who is told.
type listener struct {
	key    string // of the caller
	signal chan struct{}

	// Under the mutex of live:
	scope org.Scope
	what  map[string]bool      // that has changed
	scans map[string]ScanEvent // as they are now, by their ids
}

// ChangedEvent says what has changed in the accounts that the listener sees:
// "findings", "coverage" or "jobs".
type ChangedEvent struct {
	What []string `json:"what"`
}

// ScanEvent is how far a scan is.
type ScanEvent struct {
	ID       string  `json:"id"`
	Account  string  `json:"account"`
	Target   string  `json:"target"`
	Phase    string  `json:"phase"`              // "reading", "matching"
	Packages int     `json:"packages"`           // 0 until they are known
	Layer    int     `json:"layer,omitempty"`    // how many layers have been read
	Layers   int     `json:"layers,omitempty"`   // of so many
	Elapsed  float64 `json:"elapsed"`            // seconds
	Done     bool    `json:"done"`               // with or without success
	Error    string  `json:"error,omitempty"`    // why it came to nothing
	Resource string  `json:"resource,omitempty"` // id of what was scanned, once it is taken in
}

// A scanning is a scan that runs in this server.
type scanning struct {
	live    *live
	account org.Account
	began   time.Time

	// Under the mutex of live:
	event ScanEvent
}

// begin shows a scan to those who listen, until its end is called. Without live,
// nobody listens.
func (p *live) begin(account org.Account, id, target string) *scanning {
	if p == nil {
		return nil
	}
	x := &scanning{live: p, account: account, began: time.Now()}
	x.event = ScanEvent{ID: id, Account: account.String(), Target: target, Phase: phaseReading}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.scans[x] = struct{}{}
	return x
}

// The phases of a scan.
const (
	phaseReading  = "reading"  // what the target holds
	phaseMatching = "matching" // with what is known, and writing what came of it
)

func (x *scanning) change(f func(e *ScanEvent)) {
	if x == nil {
		return
	}
	x.live.mu.Lock()
	defer x.live.mu.Unlock()
	f(&x.event)
}

// layers notes how many layers have been read, of how many.
func (x *scanning) layers(done, total int) {
	x.change(func(e *ScanEvent) { e.Layer, e.Layers = max(done, e.Layer), total })
}

// found notes how many packages there are; then they are matched.
func (x *scanning) found(packages int) {
	x.change(func(e *ScanEvent) { e.Packages, e.Phase = packages, phaseMatching })
}

// end tells what came of the scan of a resource, and is called once.
func (x *scanning) end(resource string, err error) {
	if x == nil {
		return
	}
	x.live.mu.Lock()
	defer x.live.mu.Unlock()
	x.event.Done, x.event.Resource = true, resource
	x.event.Elapsed = elapsed(x.began)
	if err != nil {
		x.event.Error = clipped(err.Error(), maxTrouble)
	}
	if len(x.live.listeners) == 0 {
		delete(x.live.scans, x)
	}
}

// maxTrouble bounds what is told of an error, in bytes.
const maxTrouble = 1000

// elapsed returns the seconds since a moment, to a tenth.
func elapsed(since time.Time) float64 {
	return time.Since(since).Round(100 * time.Millisecond).Seconds()
}

// join adds a listener.
func (p *live) join(c api.Caller) (*listener, error) {
	l := &listener{key: c.Key, signal: make(chan struct{}, 1), scope: c.Scope, what: map[string]bool{}, scans: map[string]ScanEvent{}}
	p.mu.Lock()
	defer p.mu.Unlock()
	own := 0
	for other := range p.listeners {
		if other.key == c.Key {
			own++
		}
	}
	if own >= maxOwn || len(p.listeners) >= maxListeners {
		return nil, fault.New(fault.Throttle, "Too many listen already: at most %d with one key or session, and %d in all.", maxOwn, maxListeners)
	}
	if !p.ended {
		p.listeners[l] = struct{}{}
	}
	select {
	case p.awake <- struct{}{}:
	default:
	}
	return l, nil
}

func (p *live) leave(l *listener) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.listeners, l)
}

// stream tells a caller what happens until it goes, its session or signature is
// worth nothing any more, or the server ends.
// Source: HTML Living Standard, "Server-sent events".
func (p *live) stream(ctx context.Context, w http.ResponseWriter, r *http.Request, _ []byte) error {
	l, err := p.join(api.CallerOf(ctx))
	if err != nil {
		return err
	}
	defer p.leave(l)
	to := http.NewResponseController(w)
	_ = to.SetReadDeadline(time.Time{}) // the request has been read; a deadline would end it
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // of proxies such as nginx
	send := func(text string) bool {
		_ = to.SetWriteDeadline(time.Now().Add(liveWrite))
		_, err := w.Write([]byte(text))
		return err == nil && to.Flush() == nil
	}
	if ok := send("retry: 3000\n: listening\n\n"); !ok || r.Method == http.MethodHead {
		return nil
	}
	beat := time.NewTicker(p.beat)
	defer beat.Stop()
	for {
		text := ": \n\n"
		select {
		case <-ctx.Done():
			return nil //nolint:nilerr // the answer is whole: the caller has gone, or is to come again
		case <-p.over:
			send(eventText("end", EndEvent{"The server stops."}))
			return nil
		case <-beat.C:
			if why := p.still(r, l); why != "" {
				send(eventText("end", EndEvent{why}))
				return nil
			}
		case <-l.signal:
			text = p.take(l)
		}
		if !send(text) {
			return nil
		}
	}
}

// EndEvent says why nothing more comes.
type EndEvent struct {
	Why string `json:"why"`
}

// still looks whether a listener may still listen, and to what. It returns why
// not, or nothing.
func (p *live) still(r *http.Request, l *listener) (why string) {
	c, err := p.server.front.Authenticate(r, nil, liveAction)
	refused, isRefused := errors.AsType[*wire.Error](err)
	switch {
	case isRefused:
		return refused.Message
	case fault.KindOf(err) == fault.Denied:
		return err.Error()
	case err != nil: // the database is away, say; so it is for what there would be to tell
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l.scope = c.Scope
	return ""
}

// take returns what there is to tell a listener, who has been told all then.
func (p *live) take(l *listener) string {
	p.mu.Lock()
	what, scans := l.what, l.scans
	l.what, l.scans = map[string]bool{}, map[string]ScanEvent{}
	p.mu.Unlock()
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(scans)) {
		b.WriteString(eventText("scan", scans[id]))
	}
	if len(what) > 0 { // last: what a scan has changed is there when it is done
		b.WriteString(eventText("changed", ChangedEvent{slices.Sorted(maps.Keys(what))}))
	}
	return b.String()
}

// eventText is an event as it is sent.
func eventText(name string, data any) string {
	text, _ := json.Marshal(data) // texts and numbers, in one line
	return fmt.Sprintf("event: %s\ndata: %s\n\n", name, text)
}

// loop looks at the store while somebody listens.
func (p *live) loop(ctx context.Context) {
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ended = true
		close(p.over)
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.awake:
			p.watch(ctx)
		}
	}
}

// watch looks at the store until nobody listens any more.
func (p *live) watch(ctx context.Context) {
	p.looking.Store(true)
	defer p.looking.Store(false)
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	v := newView(time.Now())
	failing := false
	for {
		scope, some := p.audience()
		if !some {
			return
		}
		p.looks.Add(1)
		changed, err := v.look(ctx, p.server, scope)
		if err != nil && !failing && ctx.Err() == nil { // once, and not each second
			p.server.log.LogAttrs(ctx, slog.LevelWarn, "looking for changes", slog.Any("error", err))
		}
		failing = err != nil
		p.tell(changed)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// audience returns the accounts that somebody listens to, and whether anybody
// listens.
func (p *live) audience() (scope org.Scope, some bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	accounts := map[org.Account]bool{}
	for l := range p.listeners {
		for _, a := range l.scope.Accounts() {
			accounts[a] = true
		}
	}
	some = len(p.listeners) > 0
	if !some {
		maps.DeleteFunc(p.scans, func(x *scanning, _ struct{}) bool { return x.event.Done })
	}
	return org.Only(slices.Collect(maps.Keys(accounts))...), some
}

// tell has all listeners told what has changed in their accounts, and how far
// scans are.
func (p *live) tell(changed map[org.Account][]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for x := range p.scans {
		if !x.event.Done {
			x.event.Elapsed = elapsed(x.began)
		}
	}
	for l := range p.listeners {
		for account, what := range changed {
			for _, w := range what {
				if l.scope.Has(account) {
					l.what[w] = true
				}
			}
		}
		for x := range p.scans {
			if l.scope.Has(x.account) {
				l.scans[x.event.ID] = x.event
			}
		}
		if len(l.what)+len(l.scans) == 0 {
			continue
		}
		select {
		case l.signal <- struct{}{}:
		default: // it has not seen the last one
		}
	}
	maps.DeleteFunc(p.scans, func(x *scanning, _ struct{}) bool { return x.event.Done })
}
