package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// A liveEvent is one that a page has been told.
type liveEvent struct {
	event, data string
	at          time.Time
}

// A page listens with a session.
type livePage struct {
	*http.Client
	url    string
	events chan liveEvent
	ended  chan struct{}
	close  func()
}

// browser returns a client that has signed in with a link.
func (r *running) browser(t *testing.T, link string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %s", resp.Status)
	}
	return c
}

// signIn returns a browser of somebody.
func (r *running) signInAs(t *testing.T, in NewKey) *http.Client {
	t.Helper()
	var link Link
	if err := r.client.Do(t.Context(), "POST", "sessions", in, &link); err != nil {
		t.Fatal(err)
	}
	return r.browser(t, link.URL)
}

// listen opens the stream of what happens.
func (r *running) listen(t *testing.T, c *http.Client) *livePage {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/assay/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req) //nolint:bodyclose // the page closes it
	if err != nil {
		t.Fatal(err)
	}
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s, %s", resp.Status, kind)
	}
	p := &livePage{Client: c, url: r.url, events: make(chan liveEvent, 1000), ended: make(chan struct{}), close: func() { _ = resp.Body.Close() }}
	t.Cleanup(p.close)
	go func() {
		defer close(p.ended)
		var h liveEvent
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
			case "event":
				h.event = value
			case "data":
				h.data = value
			case "":
				if h.event == "" && strings.HasPrefix(lines.Text(), ":") {
					h.event = "comment"
				}
				if h.event != "" {
					h.at = time.Now()
					p.events <- h
				}
				h = liveEvent{}
			}
		}
	}()
	return p
}

// next waits for an event that fits.
func (p *livePage) next(t *testing.T, event string, fits func(data string) bool) liveEvent {
	t.Helper()
	ended := p.ended
	for late := time.After(time.Minute); ; {
		select {
		case h := <-p.events:
			if h.event == event && fits(h.data) {
				return h
			}
			continue
		default: // what has come counts before the end
		}
		select {
		case h := <-p.events:
			if h.event == event && fits(h.data) {
				return h
			}
		case <-ended:
			ended = nil // all that came before it is in the channel now
			if len(p.events) == 0 {
				t.Fatalf("the stream ended before %q", event)
			}
		case <-late:
			t.Fatalf("no event %q", event)
		}
	}
}

// hears tells whether an event comes within some time.
func (p *livePage) hears(event, text string, within time.Duration) bool {
	for late := time.After(within); ; {
		select {
		case h := <-p.events:
			if h.event == event && strings.Contains(h.data, text) {
				return true
			}
		case <-late:
			return false
		}
	}
}

func contains(text string) func(string) bool {
	return func(data string) bool { return strings.Contains(data, text) }
}

// TestLive tells pages of what changes in their own accounts, and of nothing else.
func TestLive(t *testing.T) {
	t.Parallel()
	for kind, database := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			place := database(t)
			r := start(t, func(c *Config) { c.Database = place }, nil)
			var other Account
			if err := r.client.Do(t.Context(), "POST", "accounts", NewAccount{Name: "other"}, &other); err != nil {
				t.Fatal(err)
			}
			var key Key
			if err := r.client.Do(t.Context(), "POST", "keys", NewKey{Account: other.ID, Name: "x", Role: org.Admin}, &key); err != nil {
				t.Fatal(err)
			}
			mine := r.listen(t, r.browser(t, r.url+"/signin?link="+r.link))
			theirs := r.listen(t, r.signInAs(t, NewKey{Account: other.ID, Name: "x", Role: org.Reader}))
			// A first look may come after the first change: then the next one tells.
			for n, told := 0, false; !told; n++ {
				r.put(t, submission(fmt.Sprint("repo", n), "1.0.0"))
				told = mine.hears("changed", "findings", 3*liveEvery)
			}
			for len(theirs.events) > 0 {
				if h := <-theirs.events; h.event == "scan" || strings.Contains(h.data, changedFindings) || strings.Contains(h.data, changedCoverage) { // jobs it has of its own
					t.Errorf("another account is told %s %s", h.event, h.data)
				}
			}
			if err := r.as(t, key.ID, key.Secret).Do(t.Context(), "POST", "scans", submission("theirs", "1.0.0"), nil); err != nil {
				t.Fatal(err)
			}
			h := theirs.next(t, "changed", contains("findings"))
			var what ChangedEvent
			if err := json.Unmarshal([]byte(h.data), &what); err != nil || !slices.IsSorted(what.What) || len(what.What) == 0 {
				t.Errorf("%s: %v", h.data, err)
			}
			theirs.close()
			r.stop()
			<-mine.ended
			ends := 0
			for len(mine.events) > 0 {
				if e := <-mine.events; e.event == "end" && strings.Contains(e.data, "The server stops.") {
					ends++
				}
			}
			if ends != 1 {
				t.Errorf("%d ends told", ends)
			}
		})
	}
}

// TestLiveEnds with the session, and is limited.
func TestLiveEnds(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.beat = 100 * time.Millisecond }, nil)
	browser := r.signInAs(t, NewKey{Name: "x", Role: org.Reader})
	p := r.listen(t, browser)
	p.next(t, "comment", func(string) bool { return true })
	for range maxOwn - 1 {
		r.listen(t, browser)
	}
	get := func(c *http.Client) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/assay/v1/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	if status, text := get(browser); status != http.StatusTooManyRequests || !strings.Contains(text, "at most 30 with one key") {
		t.Errorf("one more: %d %s", status, text)
	}
	if status, text := get(r.signInAs(t, NewKey{Name: "y", Role: org.Scanner})); status != http.StatusForbidden || !strings.Contains(text, "assay:GetLive") {
		t.Errorf("a scanner: %d %s", status, text)
	}
	var list SignIns
	if err := r.client.Do(t.Context(), "GET", "sessions", nil, &list); err != nil {
		t.Fatal(err)
	}
	for _, x := range list.Sessions {
		if x.Name == "x" {
			if err := r.client.Do(t.Context(), "DELETE", "sessions/"+x.ID, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.next(t, "end", contains("why"))
	<-p.ended
}

// TestLiveRests looks at the store for all together, not at all when nobody
// listens, and leaves nothing running. Goroutines of other tests would be in the
// way: it is not parallel.
func TestLiveRests(t *testing.T) {
	r := newHosts(t)
	other := org.RandomAccount()
	p := newLive(r.server)
	p.server.live = p
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	caller := func(account org.Account, n int) api.Caller {
		return api.Caller{Account: account, Key: fmt.Sprint(n % 10), Scope: org.Only(account)}
	}
	ended := make(chan struct{})
	go func() { defer close(ended); p.loop(ctx) }()
	if n := p.looks.Load(); n != 0 {
		t.Errorf("%d looks while nobody listened", n)
	}
	var all []*listener
	for range 50 {
		l, err := p.join(caller(r.account, len(all)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	stranger, err := p.join(caller(other, 0))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for p.looks.Load() < 2 { // one knows what there is, the next sees a change
		runtime.Gosched()
	}
	err = r.server.store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Enqueue(t.Context(), store.Job{Kind: "x", Account: r.account, Run: r.clock})
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := p.begin(r.account, "scan-1", "here")
	shown.layers(1, 3)
	shown.found(7)
	shown.end("here", errors.New("it is so"))
	told := map[string]bool{}
	for !told["jobs"] || !told["scan"] {
		<-all[0].signal
		text := p.take(all[0])
		told["jobs"] = told["jobs"] || strings.Contains(text, `event: changed`+"\n"+`data: {"what":["jobs"]}`)
		told["scan"] = told["scan"] || strings.Contains(text, `"packages":7,"layer":1,"layers":3,`) && strings.Contains(text, `"done":true,"error":"it is so"`)
	}
	if n, most := p.looks.Load(), int64(time.Since(began)/liveEvery)+2; n > most {
		t.Errorf("%d looks for %d listeners, %d expected at most", n, len(all)+1, most)
	}
	if text := p.take(stranger); text != "" {
		t.Errorf("another account is told %q", text)
	}
	for _, l := range append(all, stranger) {
		p.leave(l)
	}
	for p.looking.Load() {
		runtime.Gosched()
	}
	if n := len(p.scans); n != 0 {
		t.Errorf("%d scans are kept", n)
	}
	cancel()
	<-ended
	if l, err := p.join(caller(r.account, 0)); err != nil || len(p.listeners) > 0 {
		t.Errorf("joining afterwards: %v, %v", l, err)
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	if n := strings.Count(string(stacks), "(*live)."); n != 0 {
		t.Errorf("%d frames of live are left:\n%s", n, stacks)
	}
}
