package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// How long to wait before a call that failed is made again: twice as long each
// time, less a part by chance, so that many agents do not come at once when a
// server is back.
const (
	minWait = time.Second
	maxWait = 5 * time.Minute
)

// chance returns a number from 0 to 1.
func chance() float64 { return rand.Float64() } //nolint:gosec // it only spreads calls

// backoff returns how long to wait after so many failures in a row; chance is
// from 0 to 1.
func backoff(failures int, chance float64) time.Duration {
	d := maxWait
	if failures < 10 {
		d = min(minWait<<failures, maxWait)
	}
	return d/2 + time.Duration(chance*float64(d/2))
}

// News is what a courier brings back.
type news struct {
	orders *Orders
	taken  string // revision that the server has now
	full   bool   // the server wants the whole inventory
	err    error  // why a call failed
	beat   bool   // the call was a heartbeat
	off    bool   // the account has switched scans of hosts off
	waited bool   // there was none: time has passed
}

// A courier carries heartbeats and waiting reports to the server, one call at a
// time.
type courier struct {
	link   *link
	buffer *buffer
	beats  chan Beat // of one: the newest counts
	out    chan news
}

// run goes on until the context ends.
func (c *courier) run(ctx context.Context) {
	failures, resting := 0, false // resting: until the next heartbeat is answered
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-c.beats:
			n := c.beat(ctx, b)
			if n.err == nil {
				resting, failures = !n.orders.Scan, 0
			}
			if !c.tell(ctx, n) || n.err != nil {
				continue
			}
		case <-c.buffer.wake:
			if failures > 0 {
				continue // its time comes
			}
		case <-retry.C:
		}
		if resting {
			continue
		}
		n := c.deliver(ctx)
		if resting = n.off; n.err == nil || n.off {
			failures = 0
			continue
		}
		wait := backoff(failures, chance())
		if refused, ok := errors.AsType[*Refused](n.err); ok {
			wait = max(wait, refused.After)
		}
		failures++
		retry.Reset(wait)
	}
}

// deliver sends what waits, and returns the last news: why it did not go on, or
// none.
func (c *courier) deliver(ctx context.Context) news {
	for {
		n, more := c.report(ctx)
		if !more || ctx.Err() != nil || !c.tell(ctx, n) {
			return news{}
		}
		if n.err != nil {
			return n
		}
	}
}

// tell brings news; false when nobody waits for them any more.
func (c *courier) tell(ctx context.Context, n news) bool {
	select {
	case c.out <- n:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *courier) beat(ctx context.Context, b Beat) news {
	body, err := pack(b)
	if err != nil {
		return news{err: err, beat: true}
	}
	var orders Orders
	if err := c.link.post(ctx, "agents/heartbeat", body, &orders); err != nil {
		return news{err: err, beat: true}
	}
	return news{orders: &orders, beat: true}
}

// report sends the next report; more is false if none waits.
func (c *courier) report(ctx context.Context) (n news, more bool) {
	w, data, ok, err := c.buffer.next()
	if err != nil { // what is damaged is worth nothing: all is sent anew
		return news{full: true, err: errors.Join(err, c.buffer.clear())}, true
	}
	if !ok {
		return news{}, false
	}
	var got Receipt
	err = c.link.post(ctx, "agents/inventory", data, &got)
	refused, isRefused := errors.AsType[*Refused](err)
	switch {
	case err == nil && got.Full:
		return news{full: true, err: c.buffer.clear()}, true
	case err == nil:
		return news{taken: got.Revision, err: c.buffer.sent(w)}, true
	case isRefused && refused.Status == http.StatusConflict:
		return news{off: true, err: err}, true
	case isRefused && hopeless(refused.Status):
		// The same report will never be taken; the whole may.
		return news{full: !w.whole, err: errors.Join(err, c.buffer.sent(w))}, true
	}
	return news{err: err}, true
}

// hopeless tells whether the same request would be refused again whatever
// happens meanwhile.
func hopeless(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge || status == http.StatusPaymentRequired
}
