package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

func enqueue(tb testing.TB, s *Store, list ...Job) {
	tb.Helper()
	err := s.Update(tb.Context(), func(tx *Tx) error {
		for _, j := range list {
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

// claim takes jobs of the default queue for the usual lease.
func claim(tb testing.TB, s *Store, n int, now time.Time) []Job {
	tb.Helper()
	list, err := s.Claim(tb.Context(), Claiming{Queue: "default", Worker: "w", Jobs: n, Lease: 30 * time.Second}, now)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func claimOne(tb testing.TB, s *Store, now time.Time) Job {
	tb.Helper()
	list := claim(tb, s, 1, now)
	if len(list) != 1 {
		tb.Fatalf("claimed %d jobs, want 1", len(list))
	}
	return list[0]
}

func keysOf(list []Job) []string {
	out := []string{}
	for _, j := range list {
		out = append(out, j.Key)
	}
	return out
}

func jobsOf(tb testing.TB, s *Store, where Jobs) []Job {
	tb.Helper()
	list, err := s.Jobs(tb.Context(), where)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

func TestJobUnique(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		scan := Job{Kind: "scan", Key: "image", Account: alice, Run: start}
		for i := range 10 {
			scan.Args = fmt.Appendf(nil, `{"n":%d}`, i)
			enqueue(t, s, scan)
		}
		first := claimOne(t, s, start)
		if string(first.Args) != `{"n":9}` || first.Attempt != 1 || first.Account != alice {
			t.Errorf("claimed %+v", first)
		}
		// Ten times while it runs is once more, and not before it has ended.
		for range 10 {
			enqueue(t, s, scan)
		}
		if got := claim(t, s, 9, start); len(got) != 0 {
			t.Fatalf("two of one kind and key at once: %v", keysOf(got))
		}
		if err := s.Finish(t.Context(), first, nil, start); err != nil {
			t.Fatal(err)
		}
		second := claimOne(t, s, start)
		if err := s.Finish(t.Context(), second, nil, start); err != nil {
			t.Fatal(err)
		}
		if got := claim(t, s, 9, start); len(got) != 0 {
			t.Fatalf("it is done a third time: %v", keysOf(got))
		}
		// Done, it may be enqueued anew, and rolled back, it was not.
		failed := errors.New("no")
		err := s.Update(t.Context(), func(tx *Tx) error {
			return errors.Join(tx.Enqueue(t.Context(), scan), failed)
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if got := claim(t, s, 9, start); len(got) != 0 {
			t.Fatalf("enqueued though rolled back: %v", keysOf(got))
		}
		enqueue(t, s, scan)
		claimOne(t, s, start)
	})
}

func TestJobEarlierTime(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		j := Job{Kind: "k", Key: "a", Run: start.Add(time.Hour)}
		enqueue(t, s, j)
		j.Run = start.Add(2 * time.Hour)
		enqueue(t, s, j)
		if got := claim(t, s, 1, start.Add(time.Hour-1)); len(got) != 0 {
			t.Fatal("begun before its time")
		}
		j.Run = start.Add(time.Minute)
		enqueue(t, s, j)
		got := claimOne(t, s, start.Add(time.Minute))
		// What is enqueued for later while it runs, is not done before.
		j.Run = start.Add(3 * time.Hour)
		enqueue(t, s, j)
		if err := s.Finish(t.Context(), got, nil, start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got := claim(t, s, 1, start.Add(3*time.Hour-1)); len(got) != 0 {
			t.Fatal("begun again before its time")
		}
		claimOne(t, s, start.Add(3*time.Hour))
	})
}

func TestClaimInTurn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		var list []Job
		for i := range 30 {
			list = append(list, Job{Kind: "k", Key: fmt.Sprintf("alice%02d", i), Account: alice, Run: start, Priority: 1})
		}
		list = append(list,
			Job{Kind: "k", Key: "bob0", Account: bob, Run: start, Priority: 1},
			Job{Kind: "k", Key: "bob1", Account: bob, Run: start, Priority: 1},
			Job{Kind: "k", Key: "nobody", Run: start, Priority: 1},
			Job{Kind: "k", Key: "later", Account: bob, Run: start.Add(time.Hour)},
			Job{Kind: "k", Key: "urgent", Account: alice, Run: start},
			Job{Queue: "other", Kind: "k", Key: "other", Account: bob, Run: start},
		)
		enqueue(t, s, list...)
		take := func(c Claiming) []Job {
			c.Queue, c.Worker, c.Lease = "default", "w", time.Minute
			got, err := s.Claim(t.Context(), c, start)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		got := take(Claiming{Jobs: 5, PerAccount: 3})
		if diff := cmp.Diff([]string{"urgent", "alice00", "bob0", "nobody", "alice01"}, keysOf(got)); diff != "" {
			t.Error(diff)
		}
		// Alice has three running by now.
		if diff := cmp.Diff([]string{"bob1"}, keysOf(take(Claiming{Jobs: 5, PerAccount: 3, After: alice}))); diff != "" {
			t.Error(diff)
		}
		for _, j := range got {
			if err := s.Finish(t.Context(), j, nil, start); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"alice02", "alice03"}, keysOf(take(Claiming{Jobs: 2, After: bob}))); diff != "" {
			t.Error(diff)
		}
		if got := take(Claiming{}); len(got) != 0 {
			t.Errorf("claimed %d, wanted none", len(got))
		}
	})
}

// TestCapAcrossNodes claims from several workers at once.
func TestCapAcrossNodes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		var list []Job
		for i := range 200 {
			list = append(list, Job{Kind: "k", Key: fmt.Sprint(i), Account: []org.Account{alice, bob}[i%2], Run: start})
		}
		enqueue(t, s, list...)
		var mu sync.Mutex
		var wg sync.WaitGroup
		got := map[org.Account]int{}
		seen := map[int64]bool{}
		for w := range 8 {
			wg.Go(func() {
				for range 5 {
					jobs, err := s.Claim(t.Context(), Claiming{Queue: "default", Worker: fmt.Sprint(w), Jobs: 3, PerAccount: 10, Lease: time.Minute}, start)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					for _, j := range jobs {
						got[j.Account]++
						if seen[j.ID] {
							t.Errorf("job %d was claimed twice", j.ID)
						}
						seen[j.ID] = true
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff(map[org.Account]int{alice: 10, bob: 10}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStalledWorker(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		enqueue(t, s, Job{Kind: "k", Key: "a", Run: start})
		stalled := claimOne(t, s, start)
		if lost, err := s.Extend(t.Context(), []Job{stalled}, 30*time.Second, start.Add(10*time.Second)); err != nil || len(lost) > 0 {
			t.Fatal(lost, err)
		}
		late := start.Add(41 * time.Second)
		for _, tt := range []struct {
			at   time.Time
			want int64
		}{{start.Add(39 * time.Second), 0}, {late, 1}} {
			if n, err := s.Reap(t.Context(), tt.at); err != nil || n != tt.want {
				t.Fatalf("at %s reaped %d, %v; want %d", tt.at, n, err, tt.want)
			}
		}
		other := claimOne(t, s, late)
		if other.Attempt != 2 {
			t.Errorf("attempt %d, want 2", other.Attempt)
		}
		set := func(tx *Tx) error { return tx.SetSetting(t.Context(), "result", []byte("stale")) }
		if err := s.Finish(t.Context(), stalled, set, late); !errors.Is(err, ErrLost) {
			t.Errorf("a late completion: %v", err)
		}
		if err := s.Progress(t.Context(), stalled, "c", set); !errors.Is(err, ErrLost) {
			t.Errorf("late progress: %v", err)
		}
		if _, err := s.Fail(t.Context(), stalled, errors.New("x"), late); !errors.Is(err, ErrLost) {
			t.Errorf("a late failure: %v", err)
		}
		if err := s.Release(t.Context(), stalled, late); !errors.Is(err, ErrLost) {
			t.Errorf("a late release: %v", err)
		}
		lost, err := s.Extend(t.Context(), []Job{stalled, other}, time.Minute, late)
		if err != nil || !slices.Equal(lost, []int{0}) {
			t.Errorf("lost %v, %v", lost, err)
		}
		err = s.Update(t.Context(), func(tx *Tx) error {
			got, err := tx.Setting(t.Context(), "result")
			if got != nil {
				t.Error("the result of a stalled worker was kept")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if err := s.Finish(t.Context(), other, set, late); err != nil {
			t.Error(err)
		}
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		enqueue(t, s, Job{Kind: "k", Key: "a", Run: start}, Job{Kind: "k", Key: "b", Run: start})
		now, waits := start, []time.Duration{}
		enqueue(t, s, Job{Kind: "k", Key: "b", Run: start.Add(time.Hour * 1000)})
		for i := range defaultLimit {
			j := claimOne(t, s, now)
			if j.Key != "a" { // b is to fail for ever at once
				t.Fatalf("claimed %s", j.Key)
			}
			state, err := s.Fail(t.Context(), j, fmt.Errorf("failure %d", i), now)
			if err != nil || state == Dead != (i == defaultLimit-1) {
				t.Fatalf("after attempt %d: %d, %v", i+1, state, err)
			}
			if i == 0 {
				b := claimOne(t, s, now)
				if state, err := s.Fail(t.Context(), b, fmt.Errorf("reading: %w", Permanent{errors.New("hopeless")}), now); err != nil || state != Dead {
					t.Fatal(state, err)
				}
			}
			if state == Ready {
				run := jobsOf(t, s, Jobs{States: []State{Ready}})[0].Run
				waits = append(waits, run.Sub(now).Round(time.Second))
				if got := claim(t, s, 1, run.Add(-time.Millisecond)); len(got) > 0 {
					t.Error("tried too early")
				}
				now = run
			}
		}
		for i, d := range waits {
			want := min(15*time.Minute, 2*time.Second<<i)
			if d < want*4/5-time.Second || d > want*6/5+time.Second {
				t.Errorf("wait %d is %s, want some %s", i, d, want)
			}
		}
		dead := jobsOf(t, s, Jobs{States: []State{Dead}})
		if len(dead) != 2 || dead[0].Error != "failure 9" || dead[1].Error != "reading: hopeless" || dead[0].Done.IsZero() {
			t.Fatalf("dead are %+v", dead)
		}
		if err := s.Requeue(t.Context(), dead[0].ID, now); err != nil {
			t.Fatal(err)
		}
		if j := claimOne(t, s, now); j.Attempt != 1 || j.Key != "a" {
			t.Errorf("requeued, it is %+v", j)
		}
	})
}

func TestRetryOfAnother(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		j := Job{Kind: "k", Key: "a", Run: start}
		enqueue(t, s, j)
		held := claimOne(t, s, start)
		enqueue(t, s, j)
		if state, err := s.Fail(t.Context(), held, Permanent{errors.New("x")}, start); err != nil || state != Ready {
			t.Fatalf("enqueued meanwhile, it is %d, %v; want it ready", state, err)
		}
		held = claimOne(t, s, start)
		if state, err := s.Fail(t.Context(), held, Permanent{errors.New("x")}, start); err != nil || state != Dead {
			t.Fatal(state, err)
		}
		enqueue(t, s, j)
		if err := s.Requeue(t.Context(), held.ID, start); fault.KindOf(err) != fault.Conflict {
			t.Errorf("requeued beside another: %v", err)
		}
	})
}

func TestCursorCancelRelease(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		enqueue(t, s, Job{Kind: "k", Key: "a", Run: start})
		j := claimOne(t, s, start)
		if err := s.Progress(ctx, j, "page 7", nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Release(ctx, j, start); err != nil {
			t.Fatal(err)
		}
		j = claimOne(t, s, start)
		if j.Cursor != "page 7" || j.Attempt != 1 {
			t.Errorf("resumed as %+v", j)
		}
		if err := s.Cancel(ctx, j.ID, start); err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(ctx, j, nil, start); !errors.Is(err, ErrLost) {
			t.Errorf("cancelled, it is finished: %v", err)
		}
		if err := s.Cancel(ctx, j.ID, start); fault.KindOf(err) != fault.NotFound {
			t.Errorf("cancelled twice: %v", err)
		}
		if err := s.Requeue(ctx, 4711, start); fault.KindOf(err) != fault.NotFound {
			t.Errorf("requeued what is not there: %v", err)
		}
		for _, tt := range []struct {
			after time.Duration
			want  int64
		}{{keepDead, 0}, {keepDead + time.Second, 1}} {
			if n, err := s.Prune(ctx, start.Add(tt.after)); err != nil || n != tt.want {
				t.Errorf("after %s pruned %d, %v", tt.after, n, err)
			}
		}
	})
}

// TestReapGivesUp: a job that takes its process with it is not tried for ever.
func TestReapGivesUp(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		enqueue(t, s, Job{Kind: "k", Key: "a", Run: start, Limit: 3})
		now, n := start, 0
		for ; n < 10; n++ {
			if len(claim(t, s, 1, now)) == 0 {
				break
			}
			now = now.Add(31 * time.Second)
			if _, err := s.Reap(t.Context(), now); err != nil {
				t.Fatal(err)
			}
		}
		if n != 3 {
			t.Errorf("it was begun %d times, want 3", n)
		}
		backlog, err := s.Backlogs(t.Context())
		if err != nil || len(backlog) != 1 || backlog[0].State != Dead || backlog[0].Jobs != 1 {
			t.Errorf("backlog %+v, %v", backlog, err)
		}
	})
}

// TestOneAtATime runs workers beside enqueuers: no two of a kind and key run at
// once, and whatever was enqueued last is done after that.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		const keys, rounds = 5, 40
		var mu sync.Mutex
		running, enqueued, seen := map[string]bool{}, map[string]int{}, map[string]int{}
		var workers, feeders sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for ctx.Err() == nil && !t.Failed() {
					list, err := s.Claim(ctx, Claiming{Queue: "default", Worker: "w", Jobs: 2, Lease: time.Hour}, start)
					if err != nil && ctx.Err() == nil {
						t.Error(err)
					}
					for _, j := range list {
						mu.Lock()
						if running[j.Key] {
							t.Errorf("%s runs twice", j.Key)
						}
						running[j.Key] = true
						at := enqueued[j.Key]
						mu.Unlock()
						err := s.Finish(t.Context(), j, func(*Tx) error {
							mu.Lock()
							defer mu.Unlock()
							running[j.Key] = false
							seen[j.Key] = max(seen[j.Key], at)
							return nil
						}, start)
						if err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		for k := range keys {
			feeders.Go(func() {
				key := fmt.Sprint(k)
				for i := range rounds {
					mu.Lock()
					enqueued[key] = i + 1
					mu.Unlock()
					enqueue(t, s, Job{Kind: "k", Key: key, Account: alice, Run: start})
				}
			})
		}
		feeders.Wait()
		for len(jobsOf(t, s, Jobs{States: []State{Ready, Running}})) > 0 && !t.Failed() {
			continue
		}
		stop()
		workers.Wait()
		for k := range keys {
			if got := seen[fmt.Sprint(k)]; got != rounds {
				t.Errorf("%d: the last run saw %d of %d", k, got, rounds)
			}
		}
	})
}

func TestLease(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		acquire := func(owner string, at time.Duration) (Lease, bool) {
			l, ok, err := s.Acquire(ctx, "service", owner, time.Minute, start.Add(at))
			if err != nil {
				t.Fatal(err)
			}
			return l, ok
		}
		fence := func(l Lease) error { return s.Update(ctx, func(tx *Tx) error { return tx.Fence(ctx, l) }) }
		a, ok := acquire("a", 0)
		if !ok || a.Token != 1 {
			t.Fatalf("%+v, %t", a, ok)
		}
		if _, ok := acquire("b", 59*time.Second); ok {
			t.Error("two hold it")
		}
		if again, ok := acquire("a", 30*time.Second); !ok || again.Token != a.Token {
			t.Errorf("renewed: %+v, %t", again, ok)
		}
		b, ok := acquire("b", 90*time.Second)
		if !ok || b.Token != 2 {
			t.Fatalf("%+v, %t", b, ok)
		}
		if err := fence(a); !errors.Is(err, ErrLost) {
			t.Errorf("the earlier holder still writes: %v", err)
		}
		if err := s.GiveUp(ctx, a); err != nil {
			t.Error(err)
		}
		if err := fence(b); err != nil {
			t.Error(err)
		}
		if err := s.GiveUp(ctx, b); err != nil {
			t.Error(err)
		}
		if c, ok := acquire("c", 91*time.Second); !ok || c.Token != 3 {
			t.Errorf("%+v, %t", c, ok)
		}
	})
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		list := []Schedule{
			{Name: "hourly", Every: time.Hour, Job: Job{Kind: "sweep"}},
			{Name: "daily", Every: 24 * time.Hour, Shift: 3 * time.Hour, Job: Job{Kind: "verify", Key: "all"}},
		}
		due := func(at time.Duration, want ...string) {
			t.Helper()
			now := start.Add(at)
			var mu sync.Mutex
			var wg sync.WaitGroup
			sum := 0
			for range 4 { // as many nodes
				wg.Go(func() {
					n, err := s.EnqueueDue(t.Context(), list, now)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					sum += n
					mu.Unlock()
				})
			}
			wg.Wait()
			jobs := claim(t, s, 9, now)
			for _, j := range jobs {
				if err := s.Finish(t.Context(), j, nil, now); err != nil {
					t.Error(err)
				}
			}
			got := keysOf(jobs)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" || sum != len(want) {
				t.Errorf("after %s, enqueued %d: %s", at, sum, diff)
			}
		}
		due(10*time.Minute, "all", "hourly") // it is 12:10
		due(20*time.Minute, []string{}...)
		due(61*time.Minute, "hourly")
		due(5*time.Hour+time.Minute, "hourly") // and not four times
		due(15*time.Hour, "all", "hourly")
		list[1].Every = time.Hour
		due(15*time.Hour+time.Minute, "all")
	})
}
