// Package work does jobs: it takes them from the queues of the store, runs
// their handlers, and enqueues those that are due again and again.
package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/store"
)

// A Handler does one job. If it returns nil, the job is done; an error has the
// job tried again later, and one that is store.Permanent, never. It runs again
// from the start, or from the job's cursor, if the process dies under it: what
// it does has to come to the same. When its context ends it should return soon,
// and the job goes back as if it had not begun.
type Handler func(ctx context.Context, j *Job) error

// Job is a job in the hands of a Handler.
type Job struct {
	store.Job
	store *store.Store
	now   func() time.Time
	ended bool
}

// Decode reads the arguments of the job into v. Arguments that cannot be read are
// no better at the next attempt, so that there is none.
func (j *Job) Decode(v any) error {
	if err := json.Unmarshal(j.Args, v); err != nil {
		return store.Permanent{Err: fmt.Errorf("reading the arguments of a job: %w", err)}
	}
	return nil
}

// Finish ends the job as done, in one transaction with what f changes. If the
// job has been taken away, nothing is changed and the error is store.ErrLost.
// The handler returns that error, or nil.
func (j *Job) Finish(ctx context.Context, f func(tx *store.Tx) error) error {
	if err := j.store.Finish(ctx, j.Job, f, j.now()); err != nil {
		return err
	}
	j.ended = true
	return nil
}

// Progress keeps how far the job came, in one transaction with what f changes;
// f may be nil. The next attempt begins with that Cursor.
func (j *Job) Progress(ctx context.Context, cursor string, f func(tx *store.Tx) error) error {
	if err := j.store.Progress(ctx, j.Job, cursor, f); err != nil {
		return err
	}
	j.Cursor = cursor
	return nil
}

// Runner does the jobs of one process.
type Runner struct {
	Store      *store.Store
	Handlers   map[string]Handler // by kind
	Queues     map[string]int     // which queues, and how many jobs of each at once
	PerAccount int                // jobs of one account and queue that run at once, on all nodes together; zero: any number
	Schedules  []store.Schedule
	Name       string        // of the node, for people
	Lease      time.Duration // after how long without a sign of life others take a job over; zero: 30 s
	Poll       time.Duration // how often to look for jobs of other nodes; zero: 1 s
	Grace      time.Duration // how long handlers may go on when Run is to end
	Now        func() time.Time
	Log        *slog.Logger

	mu    sync.Mutex
	stats map[string]Stats
}

// Stats counts what became of the jobs of one kind in this process.
type Stats struct {
	Running  int64
	Done     int64
	Failed   int64 // attempts that went wrong and are made again
	Dead     int64 // given up
	Lost     int64 // taken away while they ran
	Released int64 // given back because the process ended
	Took     time.Duration
}

// Stats returns the counters by kind.
func (r *Runner) Stats() map[string]Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.stats)
}

// count changes the counters of a kind.
func (r *Runner) count(kind string, f func(s *Stats)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stats == nil {
		r.stats = map[string]Stats{}
	}
	s := r.stats[kind]
	f(&s)
	r.stats[kind] = s
}

// lease is how long a job is held without being extended.
func (r *Runner) lease() time.Duration {
	if r.Lease == 0 {
		return 30 * time.Second
	}
	return r.Lease
}

// Run does jobs until the context ends. Then it takes no more, lets those that
// run go on for the time of grace, and gives back the rest. It returns when all
// that it started has ended, and is called once.
func (r *Runner) Run(ctx context.Context) {
	// Handlers end after Run has been told to, and giving jobs back takes the
	// database even then.
	after := context.WithoutCancel(ctx)
	work, stop := context.WithCancel(after)
	defer stop()
	h := &hands{Runner: r, held: map[*Job]holding{}, done: make(chan string)}
	var beat sync.WaitGroup
	quiet := make(chan struct{})
	beat.Go(func() { h.heartbeat(after, quiet) })
	h.loop(ctx, work)
	grace := time.AfterFunc(r.Grace, stop)
	for range h.running {
		<-h.done
	}
	grace.Stop()
	close(quiet)
	beat.Wait()
}

// hands are what holds the jobs of a running Runner.
type hands struct {
	*Runner
	running int                  // jobs
	busy    map[string]int       // jobs by queue
	turn    map[string]store.Job // the last that was taken, by queue
	done    chan string          // gets the queue of a job that has ended

	mu   sync.Mutex
	held map[*Job]holding
}

// A holding is a job in hand as it was when it was taken, and what stops it.
type holding struct {
	store.Job
	stop context.CancelCauseFunc
}

// loop takes and starts jobs until ctx ends; handlers run under work.
func (h *hands) loop(ctx, work context.Context) {
	h.busy, h.turn = map[string]int{}, map[string]store.Job{}
	poll := h.Poll
	if poll == 0 {
		poll = time.Second
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	h.upkeep(ctx)
	for {
		for _, queue := range slices.Sorted(maps.Keys(h.Queues)) {
			h.take(ctx, work, queue)
		}
		select {
		case <-ctx.Done():
			return
		case queue := <-h.done:
			h.free(queue)
		case <-h.Store.Wake():
		case <-tick.C:
			h.upkeep(ctx)
		}
		for more := true; more; { // what has ended meanwhile is looked at together
			select {
			case queue := <-h.done:
				h.free(queue)
			default:
				more = false
			}
		}
	}
}

// free notes that a job of a queue has ended.
func (h *hands) free(queue string) {
	h.running--
	h.busy[queue]--
}

// upkeep enqueues what is due and takes jobs back from workers that are gone.
func (h *hands) upkeep(ctx context.Context) {
	if _, err := h.Store.EnqueueDue(ctx, h.Schedules, h.Now()); err != nil {
		h.warn(ctx, "enqueueing scheduled jobs failed", err)
	}
	n, err := h.Store.Reap(ctx, h.Now())
	if err != nil {
		h.warn(ctx, "taking jobs back failed", err)
	}
	if n > 0 {
		h.Log.LogAttrs(ctx, slog.LevelWarn, "workers went away", slog.Int64("jobs", n))
	}
}

// warn reports an error that will mend itself, or come again.
func (h *hands) warn(ctx context.Context, message string, err error) {
	if ctx.Err() == nil {
		h.Log.LogAttrs(ctx, slog.LevelWarn, message, slog.Any("error", err)) //nolint:sloglint // the callers give constants
	}
}

// take starts as many jobs of a queue as there is room for.
func (h *hands) take(ctx, work context.Context, queue string) {
	list, err := h.Store.Claim(ctx, store.Claiming{
		Queue: queue, Worker: h.Name, Jobs: h.Queues[queue] - h.busy[queue], PerAccount: h.PerAccount,
		After: h.turn[queue].Account, Lease: h.lease(),
	}, h.Now())
	if err != nil {
		h.warn(ctx, "claiming jobs failed", err)
	}
	for _, claimed := range list {
		h.turn[queue] = claimed
		h.running++
		h.busy[queue]++
		j := &Job{Job: claimed, store: h.Store, now: h.Now}
		jobCtx, cancel := context.WithCancelCause(work)
		h.mu.Lock()
		h.held[j] = holding{claimed, cancel}
		h.mu.Unlock()
		h.count(j.Kind, func(s *Stats) { s.Running++ })
		go func() { // Run waits for it by the channel
			h.do(jobCtx, j)
			h.mu.Lock()
			delete(h.held, j)
			h.mu.Unlock()
			cancel(nil)
			h.done <- queue
		}()
	}
}

// heartbeat shows until quiet is closed that the jobs in hand are worked on,
// and stops the handlers of those that were taken away.
func (h *hands) heartbeat(ctx context.Context, quiet <-chan struct{}) {
	tick := time.NewTicker(h.lease() / 3)
	defer tick.Stop()
	for {
		select {
		case <-quiet:
			return
		case <-tick.C:
		}
		var jobs []*Job
		var list []store.Job
		h.mu.Lock()
		for j, held := range h.held {
			jobs, list = append(jobs, j), append(list, held.Job)
		}
		h.mu.Unlock()
		lost, err := h.Store.Extend(ctx, list, h.lease(), h.Now())
		if err != nil {
			h.warn(ctx, "extending the leases of jobs failed", err)
			continue
		}
		h.mu.Lock()
		for _, i := range lost {
			if held, ok := h.held[jobs[i]]; ok { // else it has just ended
				held.stop(store.ErrLost)
			}
		}
		h.mu.Unlock()
	}
}

// An outcome is what became of a job.
type outcome string

const (
	done     outcome = "done"
	failed   outcome = "failed"
	dead     outcome = "given up"
	lost     outcome = "lost"
	released outcome = "released"
)

// do runs the handler of a job and writes down what became of it.
func (h *hands) do(ctx context.Context, j *Job) {
	began := h.Now()
	err := h.handle(ctx, j)
	if err == nil && !j.ended {
		err = j.Finish(context.WithoutCancel(ctx), nil)
	}
	o, err := h.settle(ctx, j, err)
	took := h.Now().Sub(began)
	level := slog.LevelDebug
	h.count(j.Kind, func(s *Stats) {
		s.Running--
		s.Took += took
		switch o {
		case done:
			s.Done++
		case failed:
			s.Failed++
			level = slog.LevelWarn
		case dead:
			s.Dead++
			level = slog.LevelError
		case lost:
			s.Lost++
			level = slog.LevelWarn
		case released:
			s.Released++
		}
	})
	attrs := []slog.Attr{
		slog.String("kind", j.Kind), slog.String("key", j.Key), slog.Int64("id", j.ID), slog.Int("attempt", j.Attempt),
		slog.String("outcome", string(o)), slog.Duration("took", took),
	}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	h.Log.LogAttrs(ctx, level, "job ended", attrs...)
}

// handle runs the handler of a job. A panic of it is an error: one job that
// cannot be done is no reason for all others to end.
func (h *hands) handle(ctx context.Context, j *Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("handling the job: panic: %v\n%s", p, debug.Stack())
		}
	}()
	handler, ok := h.Handlers[j.Kind]
	if !ok { // a newer node may have enqueued it, and may take it the next time
		return fmt.Errorf("there is no handler for jobs of kind %q", j.Kind)
	}
	return handler(ctx, j)
}

// settleTime bounds how long giving a job back may take.
const settleTime = 10 * time.Second

// settle writes down how a job ended whose handler returned err, and returns
// err with what went wrong with that: then the job's lease will run out.
func (h *hands) settle(ctx context.Context, j *Job, err error) (outcome, error) {
	if j.ended {
		return done, err
	}
	if errors.Is(err, store.ErrLost) || errors.Is(context.Cause(ctx), store.ErrLost) {
		return lost, err
	}
	stopped := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if stopped {
		return released, errors.Join(err, h.Store.Release(ctx, j.Job, h.Now()))
	}
	state, problem := h.Store.Fail(ctx, j.Job, err, h.Now())
	switch {
	case problem != nil:
		return lost, errors.Join(err, problem)
	case state == store.Dead:
		return dead, err
	default:
		return failed, err
	}
}
