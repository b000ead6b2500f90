package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/internal/work"
)

// When another advisory database takes the place of the one in use, findings
// follow in three steps. The inventories that hold anything about which something
// else is stated are marked in the store, quickly: that is the only step in which
// the two databases are compared as a whole. Jobs then match what is marked, part
// by part, and take the marks away. Another job brings what others say of
// vulnerabilities from day to day, EPSS and KEV, up to date, without any matching.
// Whatever was marked is matched, even by another process after this one died;
// the state in the store tells what was not yet marked.

// The kinds of jobs on changed advisories, and their queue.
const (
	rematchJob  = "rematch"
	rescoreJob  = "rescore"
	fanoutQueue = "rematch"
)

const (
	// rematchParts is how many jobs share what is marked.
	rematchParts = 4
	// rematchWorkers is how many of them one process does at once.
	rematchWorkers = 2
	// staleAtOnce is how many inventories are matched at once.
	staleAtOnce = 500
	// vulnsAtOnce is how many vulnerabilities one transaction brings up to date.
	vulnsAtOnce = 1000
	// lagging is when a job comes back whose process has not the newest database.
	lagging     = 2 * time.Second
	fanoutEvery = 5 * time.Second

	fanoutState   = "fanout"          // a setting
	rescoredState = "fanout rescored" // another: the digest of the database with which vulnerabilities were last brought up to date
)

// fanned is how far changed advisories have come, as the store keeps it.
type fanned struct {
	Digest  string    // of the newest database known to the store
	Built   time.Time // when that was built
	Version string    // of Assay that all was last marked for; another one may match otherwise
	// Marked means that all that differs was marked; else that from Since on was not.
	Marked bool
	Since  string
}

// fanout is what the server has of changed advisories.
type fanout struct {
	quiet
	server *server
	name   string // of this process
	alone  bool   // no other process has the store open

	mu       sync.Mutex
	current  *edition
	past     map[string]*edition // by digest, as long as anything follows from it
	bases    map[[2]string]*monitor.Base
	running  int // jobs
	done     monitor.Rematched
	rescored int64 // vulnerabilities
}

// An edition is a database that is held open.
type edition struct {
	catalogue
	release func()
}

func newFanout(s *server) *fanout {
	p := &fanout{server: s, name: rand.Text(), alone: !strings.HasPrefix(s.place(), "postgres"), past: map[string]*edition{}, bases: map[[2]string]*monitor.Base{}}
	p.current = p.lend()
	s.library.changed = p.changed
	s.monitor.Recorded = p.recorded
	return p
}

func (p *fanout) lend() *edition {
	k, release := p.server.library.lend()
	return &edition{catalogue{k}, release}
}

// work returns the jobs on changed advisories.
func (p *fanout) work() workload {
	return workload{
		handlers: map[string]work.Handler{rematchJob: p.rematch, rescoreJob: p.rescore, store.ReadjustJob: func(ctx context.Context, j *work.Job) error {
			return p.server.store.RunReadjustJob(ctx, j.Job, time.Now())
		}},
		queues: map[string]int{fanoutQueue: rematchWorkers},
	}
}

// loop catches up with what was missed while no process ran, and goes on until
// the context ends.
func (p *fanout) loop(ctx context.Context) {
	tick := time.NewTicker(fanoutEvery)
	defer tick.Stop()
	for {
		if err := p.announce(ctx); err != nil && ctx.Err() == nil {
			p.server.log.LogAttrs(ctx, slog.LevelError, "looking for what changed advisories concern", slog.Any("error", err))
		}
		if err := p.tidy(ctx); err != nil && ctx.Err() == nil {
			p.server.log.LogAttrs(ctx, slog.LevelError, "looking for what is to be matched again", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// changed is told of another database.
func (p *fanout) changed(ctx context.Context) error {
	p.mu.Lock()
	p.past[p.current.Digest()] = p.current
	p.current = p.lend()
	p.mu.Unlock()
	return p.announce(ctx)
}

// recorded is told of findings that follow from a database. If another one has
// taken its place meanwhile, or another process has a newer one, they may be old
// already.
func (p *fanout) recorded(ctx context.Context, res resource.Resource, digest string) error {
	state, err := p.state(ctx)
	if err != nil || state.Digest == "" || state.Digest == digest {
		return err
	}
	account, err := org.ParseAccount(res.Account)
	if err != nil {
		return err
	}
	if _, err := p.server.store.MarkResource(ctx, org.Only(account), res, sinceOf(digest)); err != nil {
		return err
	}
	return p.server.store.Update(ctx, func(tx *store.Tx) error { return enqueueRematch(ctx, tx, time.Now()) })
}

// state reads the state from the store.
func (p *fanout) state(ctx context.Context) (out fanned, err error) {
	return out, p.server.setting(ctx, fanoutState, &out)
}

// announce marks what is concerned by the database in use, unless that is done.
// One process does so at a time.
func (p *fanout) announce(ctx context.Context) (err error) {
	p.mu.Lock()
	now := p.current
	p.mu.Unlock()
	state, err := p.state(ctx)
	if err != nil || !p.due(state, now) {
		return err
	}
	lease, ok, err := p.server.store.Acquire(ctx, fanoutState, p.name, time.Minute, time.Now())
	if err != nil || !ok {
		return err // another process is at it; the loop comes back to see
	}
	defer func() { err = errors.Join(err, p.server.store.GiveUp(context.WithoutCancel(ctx), lease)) }()
	if state, err = p.state(ctx); err != nil || !p.due(state, now) {
		return err
	}
	next := state.begun(now)
	// From here on, whoever records findings that follow from another database
	// marks them himself: what is committed before is seen below.
	if err := p.save(ctx, lease, next, nil); err != nil {
		return err
	}
	n, err := p.mark(ctx, next, state.Version == p.server.Version, now)
	if err != nil {
		return err
	}
	next.Marked, next.Version = true, p.server.Version
	err = p.save(ctx, lease, next, func(tx *store.Tx) error {
		if n > 0 {
			if err := enqueueRematch(ctx, tx, time.Now()); err != nil {
				return err
			}
		}
		return tx.Enqueue(ctx, store.Job{Kind: rescoreJob, Key: rescoreJob, Queue: fanoutQueue, Priority: 1, Run: time.Now()})
	})
	if err == nil {
		p.server.log.LogAttrs(ctx, slog.LevelInfo, "advisories changed", slog.Int64("inventories", n))
	}
	return err
}

// begun is the state while what differs in a database is being marked. Until it
// is, the version stays what it was: whoever goes on after us is to mark
// everything, too, if that is another one.
func (state fanned) begun(now *edition) fanned {
	next := fanned{Digest: now.Digest(), Built: now.built(), Version: state.Version, Since: state.Since}
	if state.Marked {
		next.Since = state.Digest
	}
	return next
}

// due tells whether a database is news to the store. Of several processes one
// may lag behind the others.
func (p *fanout) due(state fanned, now *edition) bool {
	if state.Digest == now.Digest() && state.Version == p.server.Version {
		return !state.Marked
	}
	return p.alone || !now.built().Before(state.Built)
}

// save keeps the state, in one transaction with what f changes.
func (p *fanout) save(ctx context.Context, lease store.Lease, state fanned, f func(tx *store.Tx) error) error {
	return p.server.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Fence(ctx, lease); err != nil {
			return err
		}
		if f != nil {
			if err := f(tx); err != nil {
				return err
			}
		}
		return putSetting(ctx, tx, fanoutState, state)
	})
}

func enqueueRematch(ctx context.Context, tx *store.Tx, now time.Time) error {
	for part := range rematchParts {
		job := store.Job{Kind: rematchJob, Key: strconv.Itoa(part), Queue: fanoutQueue, Priority: 1, Run: now}
		job.Args = json.RawMessage(strconv.Itoa(part))
		if err := tx.Enqueue(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// mark marks what is concerned by what differs since the database that a state
// names: everything, if that is not known any more.
func (p *fanout) mark(ctx context.Context, state fanned, sameVersion bool, now *edition) (int64, error) {
	if !sameVersion {
		return p.server.store.MarkAllStale(ctx, 0)
	}
	before, release, err := p.open(ctx, state.Since)
	if err != nil {
		return 0, err
	}
	if before == nil {
		return p.server.store.MarkAllStale(ctx, sinceOf(state.Since))
	}
	defer release()
	names, err := before.changed(now.catalogue)
	if err != nil {
		return 0, err
	}
	return p.server.store.MarkStale(ctx, names, sinceOf(state.Since))
}

// open returns an earlier database, if it can be had, and what to call when done
// with it; nil if it cannot.
func (p *fanout) open(ctx context.Context, digest string) (*catalogue, func(), error) {
	end := p.begin() // first: nothing is closed while anything runs
	e, err := p.earlier(ctx, digest)
	if err != nil || e == nil {
		end()
		return nil, nil, err
	}
	return &e.catalogue, end, nil
}

// earlier returns an earlier database, which is open from then on; nil if it
// cannot be had.
func (p *fanout) earlier(ctx context.Context, digest string) (*edition, error) {
	p.mu.Lock()
	e := p.past[digest]
	p.mu.Unlock()
	if e != nil || digest == "" {
		return e, nil
	}
	k, err := p.server.past(ctx, digest)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("opening an earlier advisory database: %w", err)
	}
	return p.remember(digest, k), nil
}

// remember keeps an earlier database open.
func (p *fanout) remember(digest string, k *vulndb.Known) *edition {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.past[digest]; e != nil { // somebody was faster
		_ = k.Close()
		return e
	}
	e := &edition{catalogue{k}, func() {
		if err := k.Close(); err != nil {
			p.server.log.Warn("closing an advisory database", slog.Any("error", err))
		}
	}}
	p.past[digest] = e
	return e
}

// tidy closes the databases that nothing follows from any more.
func (p *fanout) tidy(ctx context.Context) error {
	p.mu.Lock()
	idle := len(p.past) == 0 || p.running > 0
	p.mu.Unlock()
	if idle {
		return nil
	}
	state, err := p.state(ctx)
	if err != nil {
		return err
	}
	rescored, err := p.server.store.ReadSetting(ctx, rescoredState)
	if err != nil {
		return err
	}
	n, err := p.server.store.CountStale(ctx)
	if err != nil || n > 0 && p.server.works() {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running > 0 || state.Digest != p.current.Digest() || string(rescored) != state.Digest && p.server.works() {
		return nil
	}
	p.drop()
	return nil
}

// drop closes all earlier databases.
func (p *fanout) drop() {
	for _, e := range p.past {
		e.release()
	}
	clear(p.past)
	clear(p.bases)
}

// close closes all databases. It is called when no job runs any more: jobs go on
// for a while after the loop has ended.
func (p *fanout) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop()
	p.current.release()
}

// begin notes that a job runs, which needs the databases that are open.
func (p *fanout) begin() (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.running--
	}
}

// newest returns the database in use, and what to call when done with it; nil if
// the store knows a newer one.
func (p *fanout) newest(ctx context.Context) (*edition, error) {
	e := p.lend()
	state, err := p.state(ctx)
	if err != nil || state.Digest != e.Digest() {
		e.release()
		return nil, err
	}
	return e, nil
}

// rematch matches what is marked of one part.
func (p *fanout) rematch(ctx context.Context, j *work.Job) error {
	var part int64
	if err := j.Decode(&part); err != nil {
		return err
	}
	defer p.begin()()
	var r *monitor.Rematcher
	var with *edition
	defer func() {
		if with != nil {
			with.release()
		}
	}()
	for ctx.Err() == nil {
		list, err := p.server.store.Stale(ctx, store.StalePage{Part: part, Parts: rematchParts, Limit: staleAtOnce})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		// What was marked is to be matched with what is as new as the mark.
		e, err := p.newest(ctx)
		if err != nil {
			return err
		}
		if e == nil {
			return p.later(ctx, j)
		}
		if with == nil || with.DB != e.DB {
			if with != nil {
				with.release()
			}
			with = e
			r = &monitor.Rematcher{Monitor: p.server.monitor, Know: e.catalogue, Base: func(since int64) *monitor.Base { return p.base(ctx, since, e.catalogue) }}
		} else {
			e.release()
		}
		done, err := r.Rematch(ctx, list, time.Now())
		p.mu.Lock()
		p.done = p.done.Add(done)
		p.mu.Unlock()
		if err != nil {
			return err
		}
		if err := j.Progress(ctx, strconv.FormatInt(list[len(list)-1].Inventory, 10), nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// later has a job done again soon, perhaps by a process that is up to date.
func (p *fanout) later(ctx context.Context, j *work.Job) error {
	return j.Finish(ctx, func(tx *store.Tx) error {
		again := j.Job
		again.Run = time.Now().Add(lagging)
		return tx.Enqueue(ctx, again)
	})
}

// base returns how a database differs from what was known since; nil if that
// cannot be told any more.
func (p *fanout) base(ctx context.Context, since int64, now catalogue) *monitor.Base {
	if since == sinceOf(now.Digest()) {
		return &monitor.Base{Knowledge: now, Rated: func(string) bool { return false }}
	}
	b, err := p.compare(ctx, since, now)
	if err != nil {
		p.server.log.LogAttrs(ctx, slog.LevelWarn, "comparing advisory databases; all findings are compared instead", slog.Any("error", err))
	}
	return b
}

// compare is base with the errors, once for each pair of databases.
func (p *fanout) compare(ctx context.Context, since int64, now catalogue) (*monitor.Base, error) {
	digest, err := p.named(ctx, since)
	if err != nil || digest == "" {
		return nil, err
	}
	before, release, err := p.open(ctx, digest)
	if err != nil || before == nil {
		return nil, err
	}
	defer release() // the job that asks keeps it open
	key := [2]string{digest, now.Digest()}
	p.mu.Lock()
	b := p.bases[key]
	p.mu.Unlock()
	if b != nil {
		return b, nil
	}
	if b, err = before.base(now); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bases[key] = b
	return b, nil
}

// named returns the digest of what was known since; empty if it is not known any
// more.
func (p *fanout) named(ctx context.Context, since int64) (string, error) {
	state, err := p.state(ctx)
	if err != nil {
		return "", err
	}
	rescored, err := p.server.store.ReadSetting(ctx, rescoredState)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	digests := []string{state.Since, string(rescored)}
	for digest := range p.past {
		digests = append(digests, digest)
	}
	for _, digest := range digests {
		if sinceOf(digest) == since {
			return digest, nil
		}
	}
	return "", nil
}

// rescore brings what others say of vulnerabilities up to date, and marks the
// inventories with vulnerabilities that are rated otherwise.
func (p *fanout) rescore(ctx context.Context, j *work.Job) error {
	defer p.begin()()
	e, err := p.newest(ctx)
	if err != nil {
		return err
	}
	if e == nil {
		return p.later(ctx, j)
	}
	defer e.release()
	last, err := p.server.store.ReadSetting(ctx, rescoredState)
	if err != nil {
		return err
	}
	since := sinceOf(string(last))
	b := p.base(ctx, since, e.catalogue)
	if b == nil && since != 0 {
		if _, err := p.server.store.MarkAllStale(ctx, since); err != nil {
			return err
		}
	}
	after, changed, err := rescoreStart(j.Cursor, e.Digest())
	if err != nil {
		return err
	}
	for {
		list, err := p.server.store.Vulnerabilities(ctx, after, vulnsAtOnce)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		after = list[len(list)-1].Number
		for i := range list {
			v := &list[i]
			if b != nil && b.Rated(v.ID) {
				if _, err := p.server.store.MarkVulnerable(ctx, v.Number, since); err != nil {
					return err
				}
			}
			if v.Live, err = e.live(v.ID); err != nil {
				return err
			}
		}
		var n int64
		err = p.server.store.Update(ctx, func(tx *store.Tx) error {
			n, err = tx.Relive(ctx, list, time.Now())
			return err
		})
		if err != nil {
			return err
		}
		changed += n
		p.mu.Lock()
		p.rescored += n
		p.mu.Unlock()
		if err := j.Progress(ctx, fmt.Sprintf("%s/%d/%d", e.Digest(), after, changed), nil); err != nil {
			return err
		}
	}
	return p.finishRescore(ctx, j, e, changed)
}

// rescoreStart reads from a cursor after which vulnerability a job goes on, and
// how many have changed; from the beginning if it began with another database.
func rescoreStart(cursor, digest string) (after, changed int64, err error) {
	rest, ok := strings.CutPrefix(cursor, digest+"/")
	if !ok {
		return 0, 0, nil
	}
	a, c, _ := strings.Cut(rest, "/")
	if after, err = strconv.ParseInt(a, 10, 64); err == nil {
		changed, err = strconv.ParseInt(c, 10, 64)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("reading how far a job came: %w", err)
	}
	return after, changed, nil
}

// finishRescore ends a rescore with what follows from it. Earlier attempts may
// have marked what this one has not seen, so that what is marked is always looked
// for: without any that costs next to nothing.
func (p *fanout) finishRescore(ctx context.Context, j *work.Job, e *edition, changed int64) error {
	return j.Finish(ctx, func(tx *store.Tx) error {
		if changed > 0 {
			if err := tx.ResuppressLive(ctx, time.Now()); err != nil {
				return err
			}
		}
		if err := enqueueRematch(ctx, tx, time.Now()); err != nil {
			return err
		}
		return tx.SetSetting(ctx, rescoredState, []byte(e.Digest()))
	})
}
