package work

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/store/storetest"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// places are where the tests make empty databases: SQLite always, and PostgreSQL
// where ASSAY_TEST_POSTGRES has the address of a database in which schemas may
// be made.
var places = map[string]func(tb testing.TB) string{
	"sqlite":   func(tb testing.TB) string { tb.Helper(); return filepath.Join(tb.TempDir(), "assay.db") },
	"postgres": postgres,
}

func open(tb testing.TB, place string) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), place, [32]byte{1})
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

// postgres makes an empty database, which goes with the test, and returns its
// address.
func postgres(tb testing.TB) string {
	tb.Helper()
	return storetest.Postgres(tb, store.Open)
}

// runner returns one that does jobs of the default queue and looks for them
// only when it is woken.
func runner(s *store.Store, handlers map[string]Handler) *Runner {
	return &Runner{
		Store: s, Handlers: handlers, Queues: map[string]int{"default": 4}, Name: "node", Poll: time.Hour,
		Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler),
	}
}

// begin runs r until the returned function is called, which waits for its end.
func begin(t *testing.T, r *Runner) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.Run(ctx) })
	end = sync.OnceFunc(func() { stop(); wg.Wait() })
	t.Cleanup(end)
	return end
}

func enqueue(tb testing.TB, s *store.Store, list ...store.Job) {
	tb.Helper()
	err := s.Update(tb.Context(), func(tx *store.Tx) error {
		for _, j := range list {
			j.Run = start
			if err := tx.Enqueue(tb.Context(), j); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func states(tb testing.TB, s *store.Store) map[string]store.State {
	tb.Helper()
	list, err := s.Jobs(tb.Context(), store.Jobs{})
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]store.State{}
	for _, j := range list {
		out[j.Key] = j.State
	}
	return out
}

func TestRun(t *testing.T) {
	t.Parallel()
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, place(t))
			const good = 20
			var ended sync.WaitGroup
			ended.Add(good + 4)
			handle := func(h Handler) Handler {
				return func(ctx context.Context, j *Job) error { defer ended.Done(); return h(ctx, j) }
			}
			r := runner(s, map[string]Handler{
				"good": handle(func(ctx context.Context, j *Job) error {
					return j.Finish(ctx, func(tx *store.Tx) error { return tx.SetSetting(ctx, j.Key, []byte("x")) })
				}),
				"plain":    handle(func(context.Context, *Job) error { return nil }),
				"bad":      handle(func(context.Context, *Job) error { return errors.New("no") }),
				"hopeless": handle(func(context.Context, *Job) error { return store.Permanent{Err: errors.New("no")} }),
				"panics":   handle(func(context.Context, *Job) error { panic("no") }),
			})
			end := begin(t, r)
			var list []store.Job
			want := map[string]store.State{"unknown": store.Ready, "bad": store.Ready, "panics": store.Ready, "hopeless": store.Dead, "plain": store.Done}
			for kind := range want {
				list = append(list, store.Job{Kind: kind, Key: kind})
			}
			for i := range good {
				list = append(list, store.Job{Kind: "good", Key: fmt.Sprint(i)})
				want[fmt.Sprint(i)] = store.Done
			}
			enqueue(t, s, list...)
			ended.Wait()
			end()
			if diff := cmp.Diff(want, states(t, s)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]Stats{
				"good": {Done: good}, "plain": {Done: 1}, "bad": {Failed: 1}, "hopeless": {Dead: 1}, "panics": {Failed: 1}, "unknown": {Failed: 1},
			}, r.Stats()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestStop: what is not done when the process ends goes on elsewhere, from
// where it was.
func TestStop(t *testing.T) {
	t.Parallel()
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, place(t))
			begun := make(chan bool)
			r := runner(s, map[string]Handler{"long": func(ctx context.Context, j *Job) error {
				if err := j.Progress(ctx, "half", nil); err != nil {
					return err
				}
				begun <- true
				<-ctx.Done()
				return ctx.Err()
			}})
			end := begin(t, r)
			enqueue(t, s, store.Job{Kind: "long", Key: "a"})
			<-begun
			end()
			if diff := cmp.Diff(map[string]store.State{"a": store.Ready}, states(t, s)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]Stats{"long": {Released: 1}}, r.Stats()); diff != "" {
				t.Error(diff)
			}
			got := make(chan store.Job)
			r = runner(s, map[string]Handler{"long": func(_ context.Context, j *Job) error { got <- j.Job; return nil }})
			end = begin(t, r)
			if j := <-got; j.Cursor != "half" || j.Attempt != 1 {
				t.Errorf("it goes on as %+v", j)
			}
			end()
			if diff := cmp.Diff(map[string]store.State{"a": store.Done}, states(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestGrace: handlers may end what they do.
func TestGrace(t *testing.T) {
	t.Parallel()
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, place(t))
			begun, goOn := make(chan bool), make(chan bool)
			r := runner(s, map[string]Handler{"k": func(ctx context.Context, _ *Job) error {
				begun <- true
				<-goOn
				return ctx.Err()
			}})
			r.Grace = time.Hour
			end := begin(t, r)
			enqueue(t, s, store.Job{Kind: "k", Key: "a"})
			<-begun
			time.AfterFunc(20*time.Millisecond, func() { close(goOn) })
			end()
			if diff := cmp.Diff(map[string]store.State{"a": store.Done}, states(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTakenAway: a handler whose job is cancelled, or whose lease another took
// over, is stopped by the next heartbeat.
func TestTakenAway(t *testing.T) {
	t.Parallel()
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, place(t))
			begun, ended := make(chan int64), make(chan error)
			r := runner(s, map[string]Handler{"k": func(ctx context.Context, j *Job) error {
				begun <- j.ID
				<-ctx.Done()
				ended <- context.Cause(ctx)
				return nil // as if it had not noticed
			}})
			r.Lease = 30 * time.Millisecond
			end := begin(t, r)
			enqueue(t, s, store.Job{Kind: "k", Key: "a"})
			if err := s.Cancel(t.Context(), <-begun, start); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, store.ErrLost) {
				t.Errorf("the handler ended by %v", err)
			}
			end()
			if diff := cmp.Diff(map[string]Stats{"k": {Lost: 1}}, r.Stats()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]store.State{"a": store.Dead}, states(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHeartbeat: a job that takes longer than the lease stays its runner's, as
// others see it.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, place(t))
			var clock atomic.Int64
			now := func() time.Time { return start.Add(time.Duration(clock.Load())) }
			begun, goOn := make(chan bool), make(chan bool)
			r := runner(s, map[string]Handler{"k": func(ctx context.Context, _ *Job) error {
				begun <- true
				select {
				case <-goOn:
				case <-ctx.Done():
				}
				return nil
			}})
			r.Lease, r.Now = 30*time.Millisecond, now
			end := begin(t, r)
			enqueue(t, s, store.Job{Kind: "k", Key: "a"})
			<-begun
			for range 10 { // 200 ms on the runner's clock
				clock.Add(int64(20 * time.Millisecond))
				for extended := false; !extended && t.Context().Err() == nil; {
					list, err := s.Jobs(t.Context(), store.Jobs{States: []store.State{store.Running}})
					if err != nil {
						t.Fatal(err)
					}
					extended = len(list) == 1 && list[0].Until.Equal(now().Add(r.Lease))
				}
				if n, err := s.Reap(t.Context(), now()); err != nil || n > 0 {
					t.Fatalf("at %s it was taken away: %d, %v", now(), n, err)
				}
			}
			close(goOn)
			end()
			if diff := cmp.Diff(map[string]Stats{"k": {Done: 1}}, r.Stats(), cmpopts.IgnoreFields(Stats{}, "Took")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, place(t))
			var clock atomic.Int64
			ran := make(chan string)
			handlers := map[string]Handler{"sweep": func(ctx context.Context, j *Job) error {
				select {
				case ran <- j.Key:
				case <-ctx.Done():
				}
				return nil
			}}
			for range 2 { // nodes
				r := runner(s, handlers)
				r.Poll = 10 * time.Millisecond
				r.Lease = 1000 * time.Hour // the clock runs ahead while jobs end
				r.Now = func() time.Time { return start.Add(time.Duration(clock.Load())) }
				r.Schedules = []store.Schedule{{Name: "hourly", Every: time.Hour, Job: store.Job{Kind: "sweep"}}}
				begin(t, r)
			}
			for range 3 {
				<-ran
				select {
				case <-ran:
					t.Error("both nodes did it")
				case <-time.After(50 * time.Millisecond):
				}
				clock.Add(int64(time.Hour))
			}
			<-ran
		})
	}
}

// BenchmarkJobs does jobs that do nothing. On two shared cores it should do
// 500 a second on SQLite.
func BenchmarkJobs(b *testing.B) {
	for name, place := range places {
		b.Run(name, func(b *testing.B) {
			s := open(b, place(b))
			const jobs = 1000
			for b.Loop() {
				var list []store.Job
				for i := range jobs {
					list = append(list, store.Job{Kind: "k", Key: fmt.Sprint(i)})
				}
				enqueue(b, s, list...)
				ctx, stop := context.WithCancel(b.Context())
				var left atomic.Int64
				left.Store(jobs)
				r := runner(s, map[string]Handler{"k": func(ctx context.Context, j *Job) error {
					err := j.Finish(ctx, nil)
					if left.Add(-1) == 0 {
						stop()
					}
					return err
				}})
				r.Grace = time.Minute
				r.Run(ctx)
				if got := r.Stats()["k"].Done; got != jobs {
					b.Fatalf("did %d of %d", got, jobs)
				}
			}
			b.ReportMetric(float64(jobs*b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}
