package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

const (
	alice = org.Account(111122223333)
	bob   = org.Account(444455556666)
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(tb testing.TB) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), filepath.Join(tb.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func emit(tb testing.TB, s *store.Store, account org.Account, kind, subject string, at time.Time) {
	tb.Helper()
	err := s.Update(tb.Context(), func(tx *store.Tx) error {
		return tx.Emit(tb.Context(), account, kind, subject, struct{}{}, at)
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// until runs n until a condition holds.
func until(t *testing.T, n *Notifier, holds func() bool) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { n.Run(ctx) })
	for !holds() && t.Context().Err() == nil {
		continue
	}
	stop()
	wg.Wait()
}

func notifier(s *store.Store, sinks ...Sink) *Notifier {
	return &Notifier{
		Store: s, Sinks: sinks, Poll: 5 * time.Millisecond, Now: func() time.Time { return start },
		Log: slog.New(slog.DiscardHandler),
	}
}

func linesOf(tb testing.TB, path string) []line {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	var out []line
	for text := range bytes.Lines(b) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			tb.Fatalf("line %q: %v", text, err)
		}
		out = append(out, l)
	}
	return out
}

func TestFile(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := filepath.Join(t.TempDir(), "events.jsonl")
	sink, err := Open(Config{Name: "log", Kind: "file", Place: path, Events: []string{"finding."}, Accounts: []org.Account{alice}})
	if err != nil {
		t.Fatal(err)
	}
	emit(t, s, alice, "finding.created", "f", start)
	emit(t, s, alice, "finding.closed", "f", start.Add(time.Millisecond))
	emit(t, s, bob, "finding.created", "g", start)
	emit(t, s, alice, "scan.completed", "image", start)
	n := notifier(s, sink)
	n.Render = func(_ context.Context, list []store.Event) error {
		for i := range list {
			list[i].Doc = json.RawMessage(fmt.Sprintf(`{"type":"T","detail":{"of":%q}}`, list[i].Subject))
		}
		return nil
	}
	until(t, n, func() bool { return n.Stats()["log"].Sent == 2 })
	got := linesOf(t, path)
	ids := map[string]bool{}
	for i := range got {
		ids[got[i].ID] = true
		got[i].ID = ""
	}
	want := []line{
		{Time: start, Account: "111122223333", Kind: "finding.created", Subject: "f", Detail: json.RawMessage(`{"of":"f"}`)},
		{Time: start.Add(time.Millisecond), Account: "111122223333", Kind: "finding.closed", Subject: "f", Detail: json.RawMessage(`{"of":"f"}`)},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(ids) != 2 {
		t.Errorf("%d ids: %s", len(ids), diff)
	}
}

// TestFileCutOff: what is added after half a line stands on one of its own.
func TestFileCutOff(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "events")
	if err := os.WriteFile(path, []byte("{\"a\":1}\n{\"b"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := appendFile(path, []byte("{}\n")); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("{\"a\":1}\n{\"b\n{}\n{}\n", string(b)); diff != "" {
		t.Error(diff)
	}
}

// TestDownAndUp: a sink that is down for a while gets all, and each subject in
// order.
func TestDownAndUp(t *testing.T) {
	t.Parallel()
	s := open(t)
	var mu sync.Mutex
	now, tries := start, 0
	var got []string
	down := errors.New("down")
	sink := Sink{Sink: store.Sink{Name: "a"}, batch: 10, send: func(_ context.Context, list []store.Event) answer {
		mu.Lock()
		defer mu.Unlock()
		tries++
		errs := make([]error, len(list))
		for i, e := range list {
			if tries < 4 && e.Subject == "f" {
				errs[i] = down
				continue
			}
			got = append(got, e.Subject+" "+e.Kind)
		}
		return answer{errs: errs}
	}}
	emit(t, s, alice, "1", "f", start)
	emit(t, s, alice, "2", "f", start)
	emit(t, s, alice, "1", "g", start.Add(2*time.Millisecond))
	n := notifier(s, sink)
	n.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); now = now.Add(time.Second); return now }
	until(t, n, func() bool { return n.Stats()["a"].Sent == 3 })
	if diff := cmp.Diff([]string{"g 1", "f 1", "f 2"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]Stats{"a": {Sent: 3, Failed: 3}}, n.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestNoSinks(t *testing.T) {
	t.Parallel()
	s := open(t)
	emit(t, s, alice, "1", "f", start)
	until(t, notifier(s), func() bool {
		list, err := s.Waitings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(list) == 1 && list[0].Events == 0
	})
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{Name: "a", Kind: "pigeon"},
		{Kind: "file", Place: filepath.Join(t.TempDir(), "x")},
		{Name: "a", Kind: "file", Place: filepath.Join(t.TempDir(), "no", "x")},
	} {
		if _, err := Open(c); err == nil {
			t.Errorf("%+v was opened", c)
		}
	}
}

// BenchmarkFile takes events from the outbox into a file: on two cores at least
// 5,000 a second.
func BenchmarkFile(b *testing.B) {
	s := open(b)
	path := filepath.Join(b.TempDir(), "events.jsonl")
	sink, err := Open(Config{Name: "log", Kind: "file", Place: path})
	if err != nil {
		b.Fatal(err)
	}
	const events = 10_000
	for b.Loop() {
		err := s.Update(b.Context(), func(tx *store.Tx) error {
			for i := range events {
				if err := tx.Emit(b.Context(), alice, "finding.created", fmt.Sprint(i), struct{}{}, start); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		n := notifier(s, sink)
		n.relay(b.Context(), n.Sinks, nil)
		n.deliver(b.Context(), b.Context(), sink)
		if got := n.Stats()["log"].Sent; got != events {
			b.Fatalf("sent %d of %d", got, events)
		}
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
}
