package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/notify"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// sink makes a call about sinks.
func (r *running) sink(t *testing.T, method, path, body string, out any) error {
	t.Helper()
	var in any
	if body != "" {
		in = rawJSON(body)
	}
	return r.client.Do(t.Context(), method, "sinks"+path, in, out)
}

func (r *running) mustSink(t *testing.T, method, path, body string, out any) {
	t.Helper()
	if err := r.sink(t, method, path, body, out); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for began := time.Now(); !holds(); {
		if time.Since(began) > time.Minute {
			t.Fatalf("never: %s", what)
		}
	}
}

const sinkSecret = "0123456789abcdef-do-not-tell"

// TestSinks sets up a receiver, tries it, pauses it, moves it, lets it fail,
// sends again and removes it, all while the server goes on.
func TestSinks(t *testing.T) {
	t.Parallel()
	for name, database := range databases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := database(t)
			r, h := startForEvents(t, func(c *Config) { c.Database = place }), newHearer(t)
			var k Sink
			r.mustSink(t, "POST", "", `{"name":"hook","kind":"webhook","place":"`+h.URL+`","secret":"`+sinkSecret+`","severity":"CRITICAL","events":["finding."]}`, &k)
			if k.Place != h.URL || cmp.Diff([]string{"secret"}, k.Kept) != "" || k.Created.IsZero() {
				t.Errorf("%+v", k)
			}
			var tried notify.Tried
			r.mustSink(t, "POST", "/hook/test", "", &tried)
			if e := h.wait(t, 1)[0]; !tried.OK || tried.Said != "HTTP 200 heard" || e.Type != "assay.finding.test" || !strings.Contains(string(e.Data), "ASSAY-TEST") {
				t.Errorf("%+v: %+v", tried, e)
			}

			r.put(t, of(toldOf[0].res, flawed))
			if e := h.wait(t, 2)[1]; e.Type != "assay.finding.created" || !strings.Contains(string(e.Data), "CVE-2098-0001") {
				t.Errorf("%+v", e)
			}

			r.mustSink(t, "POST", "/hook/pause", "", &k)
			r.put(t, of(toldOf[0].res, sound))
			until(t, "the closing waits", func() bool { r.mustSink(t, "GET", "/hook", "", &k); return k.Waiting == 1 && k.Paused })
			r.mustSink(t, "POST", "/hook/resume", "", nil)
			if e := h.wait(t, 3)[2]; e.Type != "assay.finding.closed" {
				t.Errorf("%+v", e)
			}

			h.answers(http.StatusUnprocessableEntity)
			r.put(t, of(toldOf[1].res, flawed))
			until(t, "a dead letter", func() bool { r.mustSink(t, "GET", "/hook", "", &k); return k.Dead == 1 })
			h.answers(http.StatusOK)
			if err := r.client.Do(t.Context(), "POST", "dead-letters/hook/replay", nil, nil); err != nil {
				t.Fatal(err)
			}
			h.wait(t, 4)

			other := newHearer(t)
			if err := r.sink(t, "PUT", "/hook", `{"kind":"webhook","place":"`+other.URL+`"}`, nil); err == nil || !strings.Contains(err.Error(), "given again") {
				t.Errorf("a secret goes elsewhere: %v", err)
			}
			var changed Sink
			r.mustSink(t, "PUT", "/hook", `{"kind":"webhook","place":"`+h.URL+`"}`, &changed)
			if changed.Severity != "" || cmp.Diff([]string{"secret"}, changed.Kept) != "" {
				t.Errorf("%+v", changed)
			}
			r.mustSink(t, "PUT", "/hook", `{"kind":"webhook","place":"`+other.URL+`","secret":"`+sinkSecret+`","events":["scan."]}`, &k)
			r.put(t, of(toldOf[2].res, flawed))
			if e := other.wait(t, 1)[0]; e.Type != "assay.scan.completed" {
				t.Errorf("%+v", e)
			}

			var log SinkLog
			until(t, "the log is written", func() bool { r.mustSink(t, "GET", "/hook/log", "", &log); return len(log.Attempts) == 5 })
			dead := log.Attempts[2]
			if dead.Dead != 1 || !strings.Contains(dead.Error, "HTTP 422") || log.Attempts[0].Kind != "scan.completed" {
				t.Errorf("%+v", log)
			}

			r.mustSink(t, "DELETE", "/hook", "", nil)
			if err := r.sink(t, "GET", "/hook", "", nil); err == nil || !strings.Contains(err.Error(), "There is no sink hook") {
				t.Error(err)
			}
			var list Sinks
			r.mustSink(t, "GET", "", "", &list)
			if len(list.Sinks) != 0 {
				t.Errorf("%+v", list)
			}
			r.stop()
			if strings.Contains(r.log.String(), sinkSecret) {
				t.Error("the log tells the secret")
			}
		})
	}
}

// TestSinkSecrets: what is given as secret is never shown again, and is not
// readable in the database.
func TestSinkSecrets(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := startForEvents(t, func(c *Config) { c.Data = data })
	var all []byte
	for _, body := range []string{
		`{"name":"a","kind":"slack","url":"http://127.0.0.1:9/services/` + sinkSecret + `"}`,
		`{"name":"b","kind":"webhook","place":"http://127.0.0.1:9/","token":"` + sinkSecret + `"}`,
		`{"name":"c","kind":"sqs","place":"https://sqs.us-east-1.amazonaws.com/111122223333/q","keyId":"AKIA","key":"` + sinkSecret + `","endpoint":"http://127.0.0.1:9"}`,
	} {
		var out json.RawMessage
		r.mustSink(t, "POST", "", body, &out)
		all = append(all, out...)
	}
	for _, name := range []string{"a", "b", "c"} {
		for _, path := range []string{"/" + name, "/" + name + "/log"} {
			var out json.RawMessage
			r.mustSink(t, "GET", path, "", &out)
			all = append(all, out...)
		}
		var tried notify.Tried
		r.mustSink(t, "POST", "/"+name+"/test", "", &tried)
		if tried.OK || tried.Error == "" {
			t.Errorf("%s: %+v", name, tried)
		}
		all = fmt.Appendf(all, "%+v", tried)
	}
	var out json.RawMessage
	r.mustSink(t, "GET", "", "", &out)
	if err := r.client.Do(t.Context(), "GET", "audit", nil, &out); err != nil {
		t.Fatal(err)
	}
	all = append(all, out...)
	r.stop()
	all = append(all, r.log.Bytes()...)
	files, err := filepath.Glob(filepath.Join(data, "assay.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	if i := strings.Index(string(all), sinkSecret); i >= 0 {
		t.Errorf("told: …%q", all[max(0, i-100):i])
	}
}

// TestSinksRefused: what may not be set up, and by whom.
func TestSinksRefused(t *testing.T) {
	t.Parallel()
	r := startForEvents(t, nil)
	r.mustSink(t, "POST", "", `{"name":"taken","kind":"stdout"}`, nil)
	for _, tt := range []struct{ method, path, body, want string }{
		{"POST", "", `{"name":"taken","kind":"stdout"}`, "already"},
		{"POST", "", `{"name":"events","kind":"stdout"}`, "name"},
		{"POST", "", `{"name":"A b","kind":"stdout"}`, "name"},
		{"POST", "", `{"name":"x","kind":"pigeon"}`, "must be one of eventbridge, sns"},
		{"POST", "", `{"name":"x","kind":"stdout","minSeverity":"HIGH"}`, "minSeverity: is no member"},
		{"POST", "", `{"name":"x","kind":"stdout","accounts":["1"]}`, "accounts"},
		{"POST", "", `{"name":"x","kind":"stdout","paused":"yes"}`, "paused"},
		{"POST", "", `{"name":"x","kind":"file","place":"../../etc/cron.d/x"}`, "place"},
		{"POST", "", `{"name":"x","kind":"file","place":".."}`, "place"},
		{"POST", "", `[]`, "JSON array"},
		{"PUT", "/none", `{"kind":"stdout"}`, "There is no sink none"},
		{"PUT", "/taken", `{"name":"other","kind":"stdout"}`, "cannot be changed"},
		{"DELETE", "/none", "", "There is no sink none"},
		{"POST", "/none/test", "", "There is no sink none"},
		{"GET", "/none/log", "", "There is no sink none"},
	} {
		if err := r.sink(t, tt.method, tt.path, tt.body, nil); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s %s: %v, want %q", tt.method, tt.path, tt.body, err, tt.want)
		}
	}
	var made Account
	if err := r.client.Do(t.Context(), "POST", "accounts", NewAccount{Name: "member"}, &made); err != nil {
		t.Fatal(err)
	}
	for role, want := range map[org.Role]string{org.Reader: "AccessDenied", org.Scanner: "AccessDenied"} {
		var key Key
		if err := r.client.Do(t.Context(), "POST", "keys", NewKey{Name: "k", Role: role}, &key); err != nil {
			t.Fatal(err)
		}
		err := r.as(t, key.ID, key.Secret).Do(t.Context(), "POST", "sinks", rawJSON(`{"name":"x","kind":"stdout"}`), nil)
		if refused, ok := err.(*client.Refused); !ok || !strings.Contains(refused.Code, want) { //nolint:errorlint // as Do returns it
			t.Errorf("%s: %v", role, err)
		}
	}
	var key Key
	if err := r.client.Do(t.Context(), "POST", "keys", NewKey{Account: made.ID, Name: "k", Role: org.Admin}, &key); err != nil {
		t.Fatal(err)
	}
	if err := r.as(t, key.ID, key.Secret).Do(t.Context(), "GET", "sinks", nil, nil); err == nil || !strings.Contains(err.Error(), "management account") {
		t.Errorf("a member looks at sinks: %v", err)
	}
}

// TestSinkFile: a file of events lies in the data folder and nowhere else.
func TestSinkFile(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := startForEvents(t, func(c *Config) { c.Data = data })
	r.mustSink(t, "POST", "", `{"name":"file","kind":"file","place":"audit.jsonl"}`, nil)
	r.put(t, of(toldOf[0].res, flawed))
	until(t, "four lines are written", func() bool {
		text, err := os.ReadFile(filepath.Join(data, "events", "audit.jsonl"))
		return err == nil && strings.Count(string(text), "\n") == 4
	})
}

// TestSweepSinks: what is handed out to a sink while it is deleted goes as well.
func TestSweepSinks(t *testing.T) {
	t.Parallel()
	place := filepath.Join(t.TempDir(), "assay.db")
	st, err := store.Open(t.Context(), place, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	now := time.Now()
	if _, _, err := st.FirstStart(t.Context(), store.First{Name: "m", Now: now}); err != nil {
		t.Fatal(err)
	}
	s := &server{store: st}
	s.sinks = newSinks(s)
	scope, owner, err := s.sinks.management(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = st.Update(t.Context(), func(tx *store.Tx) error {
		o := store.Object{Kind: sinkKind, Account: owner, ID: "there", Created: now, Updated: now}
		if err := tx.Put(t.Context(), scope, o, sinkDoc{}); err != nil {
			return err
		}
		return tx.Emit(t.Context(), owner, "finding.created", "f", struct{}{}, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Relay(t.Context(), []store.Sink{{Name: "there"}, {Name: "gone"}, {Name: fixedSink}}, nil, now); err != nil {
		t.Fatal(err)
	}
	if err := s.sinks.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := st.Waitings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, w := range list {
		names = append(names, w.Sink)
	}
	if diff := cmp.Diff([]string{"", "events", "there"}, names); diff != "" {
		t.Error(diff)
	}
}

// TestSinkReplacedTwice: a transaction is tried again, and the secrets of a sink
// that goes elsewhere are asked for each time.
func TestSinkReplacedTwice(t *testing.T) {
	t.Parallel()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	p := newSinks(&server{store: st})
	sink := NewSink{Config: notify.Config{Name: "hook", Kind: "webhook", Place: "https://here.example/"}, Secrets: notify.Secrets{Secret: sinkSecret}}
	old, err := p.check(sink, nil)
	if err != nil {
		t.Fatal(err)
	}
	sink.Place, sink.Secrets = "https://elsewhere.example/", notify.Secrets{}
	change := p.replace(sink, nil)
	for range 2 {
		if _, err := change(old); err == nil || !strings.Contains(err.Error(), "given again") {
			t.Errorf("got %v", err)
		}
	}
}
