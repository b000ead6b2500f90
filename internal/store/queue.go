package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// Job is work to be done later, by any node that has the database open.
type Job struct {
	ID       int64
	Queue    string      // jobs of one queue share workers; empty: "default"
	Kind     string      // which handler does it
	Key      string      // no two jobs of one kind and key wait, or run, at once; empty: no such limit
	Account  org.Account // whose job it is; zero: nobody's
	Priority int         // lower ones go first; from 0 to 2
	Run      time.Time   // not before
	Attempt  int         // how often it was begun since it last got on
	Limit    int         // attempts until it is given up; zero: 10
	Cursor   string      // how far earlier attempts came; empty at first
	Args     json.RawMessage

	State State
	Error string    // why the last attempt failed
	Until time.Time // when the lease of a running one ends
	Done  time.Time // when it was done or given up; zero before
	owner string    // names one claim
}

// State is where a job is in its life.
type State int

// The states of a job.
const (
	Ready State = iota
	Running
	Done
	Dead // given up
)

const (
	defaultQueue = "default"
	defaultLimit = 10
	maxPriority  = 2
)

// Enqueue adds a job when the transaction commits. If one of its kind and key
// waits already, that one is done with the newer arguments, at the earlier
// time. If one is running, it is done once more, however often it is enqueued
// meanwhile.
func (t *Tx) Enqueue(ctx context.Context, j Job) error {
	id, err := t.store.take(ctx, t.tx, "job", 1)
	if err != nil {
		return err
	}
	if j.Key == "" {
		j.Key = "#" + strconv.FormatInt(id, 10)
	}
	if j.Queue == "" {
		j.Queue = defaultQueue
	}
	if j.Limit == 0 {
		j.Limit = defaultLimit
	}
	args := string(j.Args)
	if args == "" {
		args = "{}"
	}
	_, err = t.tx.ExecContext(ctx, `INSERT INTO job (id, queue, kind, ukey, account_id, prio, state, run_at, lease_until,
			owner, attempt, max_attempt, rerun, cursor, args, error)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, '', 0, $8, 0, '', $9, '')
		ON CONFLICT (kind, ukey) WHERE state < 2 DO UPDATE SET
			run_at = CASE WHEN job.state + job.rerun = 1 OR excluded.run_at < job.run_at THEN excluded.run_at ELSE job.run_at END,
			prio = CASE WHEN excluded.prio < job.prio THEN excluded.prio ELSE job.prio END,
			rerun = CASE WHEN job.state = 1 THEN 1 ELSE 0 END,
			args = excluded.args`,
		id, j.Queue, j.Kind, j.Key, int64(j.Account), min(max(j.Priority, 0), maxPriority), milliseconds(j.Run), j.Limit, args)
	if err != nil {
		return fmt.Errorf("enqueueing %s %s: %w", j.Kind, j.Key, err)
	}
	t.jobs = true
	return nil
}

// Wake gets a value after jobs were enqueued by this process.
func (s *Store) Wake() <-chan struct{} { return s.wake }

// ErrLost means that a job is no longer the caller's: its lease ran out, or it
// was cancelled. Whatever the caller found out about it must not be kept.
var ErrLost = errors.New("the job is no longer held")

// Permanent is an error of a job that trying again would not mend.
type Permanent struct{ Err error }

// Error is the text of what went wrong.
func (p Permanent) Error() string { return p.Err.Error() }

// Unwrap returns what went wrong.
func (p Permanent) Unwrap() error { return p.Err }

// Claiming says which jobs a worker would take.
type Claiming struct {
	Queue      string
	Worker     string        // who takes them
	Jobs       int           // at most so many
	PerAccount int           // jobs of one account that run at once, on all nodes together; zero: any number
	After      org.Account   // whose turn it was last
	Lease      time.Duration // how long they are held without being extended
}

const jobColumns = `id, queue, kind, ukey, account_id, prio, run_at, attempt, max_attempt, cursor, args, state, error,
	lease_until, COALESCE(done_at, 0), owner`

// scanJob reads the jobColumns of a row.
func scanJob(rows *sql.Rows) (Job, error) {
	var j Job
	var run, until, done int64
	err := rows.Scan(&j.ID, &j.Queue, &j.Kind, &j.Key, &j.Account, &j.Priority, &run, &j.Attempt, &j.Limit, &j.Cursor, (*[]byte)(&j.Args),
		&j.State, &j.Error, &until, &done, &j.owner)
	j.Run = fromMilliseconds(run)
	if j.State == Running {
		j.Until = fromMilliseconds(until)
	}
	if done != 0 {
		j.Done = fromMilliseconds(done)
	}
	return j, err
}

// Claim takes jobs that are due, in the order in which they should begin: by
// priority, then one of each account in turn, then by time. They are the
// caller's until the lease runs out, which Extend puts off; meanwhile nobody
// else gets them, nor any other job of their kind and key.
func (s *Store) Claim(ctx context.Context, c Claiming, now time.Time) ([]Job, error) {
	if c.Jobs <= 0 {
		return nil, nil
	}
	// Looking costs no lock, and most of the time there is nothing.
	due, err := dueJobs(ctx, s.read, c.Queue, now)
	if err != nil || !due {
		return nil, err
	}
	var out []Job
	err = s.tx(ctx, func(tx *sql.Tx) error {
		out, err = s.claim(ctx, tx, c, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claiming jobs of queue %s: %w", c.Queue, err)
	}
	return out, nil
}

// dueJobs tells whether a queue has a job that is due.
func dueJobs(ctx context.Context, q querier, queue string, now time.Time) (bool, error) {
	for prio := range maxPriority + 1 {
		list, err := turns(ctx, q, turn{queue: queue, prio: prio, after: -1, until: math.MaxInt64, limit: 1}, now)
		if err != nil || len(list) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// claim is the transaction of Claim.
func (s *Store) claim(ctx context.Context, tx *sql.Tx, c Claiming, now time.Time) ([]Job, error) {
	if s.dialect.lock != "" { // one node at a time, or two would each use up what an account may have
		_, err := tx.ExecContext(ctx, `INSERT INTO lease (name, owner, until, token) VALUES ($1, '', 0, 0)
			ON CONFLICT (name) DO UPDATE SET token = lease.token + 1`, "claim "+c.Queue)
		if err != nil {
			return nil, err
		}
	}
	running := map[int64]int{}
	err := each(ctx, tx, `SELECT account_id, count(*) FROM job WHERE state = 1 AND queue = $1 GROUP BY account_id`,
		[]any{c.Queue}, func(rows *sql.Rows) error {
			var account int64
			var n int
			err := rows.Scan(&account, &n)
			running[account] = n
			return err
		})
	if err != nil {
		return nil, err
	}
	var ids []int64
	for prio := 0; prio <= maxPriority && len(ids) < c.Jobs; prio++ {
		more, err := s.pick(ctx, tx, picking{c, prio, c.Jobs - len(ids), running}, now)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return hold(ctx, tx, c, ids, now)
}

// hold makes jobs the caller's and returns them in the order of the ids. Each
// claim has an owner of its own: that of an earlier one, by the same worker,
// fits no more.
func hold(ctx context.Context, tx *sql.Tx, c Claiming, ids []int64, now time.Time) ([]Job, error) {
	var a arguments
	query := fmt.Sprintf(`UPDATE job SET state = 1, attempt = attempt + 1, owner = %s, lease_until = %s WHERE state = 0 AND %s RETURNING `+jobColumns,
		a.add(c.Worker+" "+rand.Text()), a.add(milliseconds(now.Add(c.Lease))), in(&a, "id", ids))
	var out []Job
	err := each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		j, err := scanJob(rows)
		out = append(out, j)
		return err
	})
	slices.SortFunc(out, func(a, b Job) int { return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID)) })
	return out, err
}

// A picking is what pick chooses from.
type picking struct {
	Claiming
	prio    int
	n       int
	running map[int64]int // by account
}

// pick returns the ids of jobs of one priority that may run now, and counts
// them as running.
func (s *Store) pick(ctx context.Context, tx *sql.Tx, p picking, now time.Time) ([]int64, error) {
	t := turn{queue: p.Queue, prio: p.prio, after: int64(p.After), until: math.MaxInt64, limit: p.n}
	if p.PerAccount > 0 {
		for _, account := range sortedKeys(p.running) {
			if p.running[account] >= p.PerAccount {
				t.except = append(t.except, account)
			}
		}
	}
	accounts, err := turns(ctx, tx, t, now)
	if err != nil {
		return nil, err
	}
	if len(accounts) < p.n { // round to the first again
		t.after, t.until, t.limit = -1, int64(p.After), p.n-len(accounts)
		again, err := turns(ctx, tx, t, now)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, again...)
	}
	byAccount := make([][]int64, len(accounts))
	for i, account := range accounts {
		limit := p.n
		if p.PerAccount > 0 {
			limit = min(limit, p.PerAccount-p.running[account])
		}
		err := each(ctx, tx, `SELECT id FROM job WHERE state = 0 AND queue = $1 AND prio = $2 AND account_id = $3 AND run_at <= $4
			ORDER BY run_at, id LIMIT $5`+s.dialect.skip(), []any{p.Queue, p.prio, account, milliseconds(now), limit},
			func(rows *sql.Rows) error {
				var id int64
				err := rows.Scan(&id)
				byAccount[i] = append(byAccount[i], id)
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	var out []int64
	for round := 0; ; round++ {
		before := len(out)
		for i, account := range accounts {
			if round < len(byAccount[i]) && len(out) < p.n {
				out = append(out, byAccount[i][round])
				p.running[account]++
			}
		}
		if len(out) == before {
			return out, nil
		}
	}
}

// skip ends a SELECT of rows to be changed that leaves out those which somebody
// else is about to change.
func (d dialect) skip() string {
	if d.lock == "" {
		return ""
	}
	return d.lock + " SKIP LOCKED"
}

// A turn is a range of accounts.
type turn struct {
	queue        string
	prio         int
	after, until int64   // the one is not in the range, the other is
	except       []int64 // accounts that have enough
	limit        int
}

// turns returns the accounts in the range that have a job which is due, in
// ascending order. It looks at the index twice for each account that has jobs,
// however many those are.
func turns(ctx context.Context, q querier, t turn, now time.Time) ([]int64, error) {
	except := ""
	if len(t.except) > 0 {
		except = " AND NOT " + inNumbers("account_id", t.except)
	}
	const first = `SELECT min(account_id) FROM job WHERE state = 0 AND queue = $1 AND prio = $2 AND account_id > `
	query := `WITH RECURSIVE turn (account_id) AS (SELECT (` + first + `$3) UNION ALL SELECT (` + first + `turn.account_id)
			FROM turn WHERE turn.account_id <= $4)
		SELECT account_id FROM turn WHERE account_id <= $4` + except + ` AND
			(SELECT min(run_at) FROM job WHERE state = 0 AND queue = $1 AND prio = $2 AND job.account_id = turn.account_id) <= $5 LIMIT $6`
	var out []int64
	err := each(ctx, q, query, []any{t.queue, t.prio, t.after, t.until, milliseconds(now), t.limit}, func(rows *sql.Rows) error {
		var account int64
		err := rows.Scan(&account)
		out = append(out, account)
		return err
	})
	slices.Sort(out)
	return out, err
}

// held changes a job that the caller holds, or answers ErrLost.
func held(ctx context.Context, q querier, j Job, set string, args ...any) error {
	n := len(args)
	query := fmt.Sprintf(`UPDATE job SET %s WHERE id = $%d AND owner = $%d AND state = 1`, set, n+1, n+2)
	r, err := q.ExecContext(ctx, query, append(args, j.ID, j.owner)...)
	if err != nil {
		return fmt.Errorf("writing job %d: %w", j.ID, err)
	}
	if rows, err := r.RowsAffected(); err != nil || rows == 0 {
		return cmp.Or(err, ErrLost)
	}
	return nil
}

// Extend puts off the end of the leases of jobs, and returns the positions of
// those that are lost.
func (s *Store) Extend(ctx context.Context, list []Job, lease time.Duration, now time.Time) (lost []int, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		lost = nil
		for i, j := range list {
			err := held(ctx, tx, j, "lease_until = $1", milliseconds(now.Add(lease)))
			if errors.Is(err, ErrLost) {
				lost = append(lost, i)
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return lost, err
}

// Finish ends a job as done, in one transaction with what f changes; f may be
// nil. If the job is lost, nothing is changed and the error is ErrLost. A job
// that was enqueued again while it ran is ready again.
func (s *Store) Finish(ctx context.Context, j Job, f func(tx *Tx) error, now time.Time) error {
	return s.Update(ctx, func(tx *Tx) error {
		if f != nil {
			if err := f(tx); err != nil {
				return err
			}
		}
		// The job comes last, since whoever enqueues it again locks it last too.
		return held(ctx, tx.tx, j, `state = CASE WHEN rerun = 1 THEN 0 ELSE 2 END, done_at = CASE WHEN rerun = 1 THEN NULL ELSE CAST($1 AS BIGINT) END,
			attempt = CASE WHEN rerun = 1 THEN 0 ELSE attempt END, rerun = 0, cursor = '', error = '', owner = ''`, milliseconds(now))
	})
}

// Progress keeps how far a job came, in one transaction with what f changes; f
// may be nil. The attempts are counted anew from there. If the job is lost,
// nothing is changed and the error is ErrLost.
func (s *Store) Progress(ctx context.Context, j Job, cursor string, f func(tx *Tx) error) error {
	return s.Update(ctx, func(tx *Tx) error {
		if f != nil {
			if err := f(tx); err != nil {
				return err
			}
		}
		return held(ctx, tx.tx, j, `cursor = $1, attempt = 1`, cursor)
	})
}

// Release gives a job back that was not done, as if it had not been begun.
func (s *Store) Release(ctx context.Context, j Job, now time.Time) error {
	return held(ctx, s.write, j, `state = 0, rerun = 0, owner = '', run_at = $1, attempt = CASE WHEN attempt > 0 THEN attempt - 1 ELSE 0 END`,
		milliseconds(now))
}

// Fail gives a job back that went wrong. It is tried again later and later; one
// whose error is Permanent, or that was tried often enough, is dead. It returns
// what has become of the job: Ready or Dead.
func (s *Store) Fail(ctx context.Context, j Job, cause error, now time.Time) (State, error) {
	_, permanent := errors.AsType[Permanent](cause)
	text := errorText(cause)
	var state State
	err := s.tx(ctx, func(tx *sql.Tx) error {
		var attempt, rerun int
		err := tx.QueryRowContext(ctx, `SELECT attempt, rerun FROM job WHERE id = $1 AND owner = $2 AND state = 1`+s.dialect.lock,
			j.ID, j.owner).Scan(&attempt, &rerun)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrLost
		}
		if err != nil {
			return fmt.Errorf("reading job %d: %w", j.ID, err)
		}
		switch {
		case rerun == 1 && (permanent || attempt >= j.Limit): // somebody asked for another run since this one began
			state = Ready
			return held(ctx, tx, j, `state = 0, rerun = 0, owner = '', cursor = '', attempt = 0, error = $1`, text)
		case permanent || attempt >= j.Limit:
			state = Dead
			return held(ctx, tx, j, `state = 3, owner = '', error = $1, done_at = $2`, text, milliseconds(now))
		default:
			state = Ready
			return held(ctx, tx, j, `state = 0, rerun = 0, owner = '', error = $1, run_at = $2`,
				text, milliseconds(now.Add(backoff(attempt, 15*time.Minute))))
		}
	})
	return state, err
}

// maxError is how much of an error's text is kept, in bytes.
const maxError = 2000

// errorText returns the text of an error as either database takes it.
func errorText(err error) string {
	text := err.Error()
	return strings.ReplaceAll(strings.ToValidUTF8(text[:min(len(text), maxError)], "?"), "\x00", "")
}

// backoff is how long to wait after the n-th attempt: twice as long each time,
// from two seconds up to a limit, and a fifth more or less, so that what failed
// together does not come back together.
func backoff(n int, limit time.Duration) time.Duration {
	d := limit
	if n < 30 {
		d = min(limit, time.Second<<n)
	}
	return d - d/5 + mathrand.N(2*d/5+1) //nolint:gosec // no secret
}

// Reap makes jobs ready again whose workers let the lease run out: they are
// gone, or stalled. One that has used up its attempts is dead. It returns how
// many there were.
func (s *Store) Reap(ctx context.Context, now time.Time) (int64, error) {
	var any int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 AS n FROM job WHERE state = 1 AND lease_until < $1 LIMIT 1) z`,
		milliseconds(now)).Scan(&any)
	if err != nil || any == 0 {
		return 0, err
	}
	r, err := s.write.ExecContext(ctx, `UPDATE job SET owner = '', rerun = 0, run_at = CAST($1 AS BIGINT),
			error = 'its worker went away',
			state = CASE WHEN attempt >= max_attempt AND rerun = 0 THEN 3 ELSE 0 END,
			done_at = CASE WHEN attempt >= max_attempt AND rerun = 0 THEN CAST($1 AS BIGINT) ELSE NULL END,
			attempt = CASE WHEN attempt >= max_attempt AND rerun = 1 THEN 0 ELSE attempt END
		WHERE state = 1 AND lease_until < $1`, milliseconds(now))
	if err != nil {
		return 0, fmt.Errorf("taking jobs back from lost workers: %w", err)
	}
	return r.RowsAffected()
}

// Jobs chooses jobs to look at.
type Jobs struct {
	States []State // empty: all
	Queue  string  // empty: all
	Kind   string  // empty: all
	After  int64   // only those with a greater id
	Limit  int     // at most so many; 0: all
}

// Jobs returns jobs of all accounts, by id. It is for who runs the
// installation.
func (s *Store) Jobs(ctx context.Context, where Jobs) ([]Job, error) {
	var a arguments
	query := `SELECT ` + jobColumns + ` FROM job WHERE id > ` + a.add(where.After)
	if len(where.States) > 0 {
		query += ` AND ` + in(&a, "state", where.States)
	}
	if where.Queue != "" {
		query += ` AND queue = ` + a.add(where.Queue)
	}
	if where.Kind != "" {
		query += ` AND kind = ` + a.add(where.Kind)
	}
	query += ` ORDER BY id`
	if where.Limit > 0 {
		query += ` LIMIT ` + a.add(where.Limit)
	}
	var out []Job
	err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		j, err := scanJob(rows)
		out = append(out, j)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading jobs: %w", err)
	}
	return out, nil
}

// Backlog is how many jobs of a kind are in a state.
type Backlog struct {
	Queue, Kind string
	State       State
	Jobs        int64
	Oldest      time.Time // when the first of them was due
}

// Backlogs counts the jobs that are not done, by queue, kind and state.
func (s *Store) Backlogs(ctx context.Context) ([]Backlog, error) {
	var out []Backlog
	err := each(ctx, s.read, `SELECT queue, kind, state, count(*), min(run_at) FROM job WHERE state <> 2
		GROUP BY queue, kind, state ORDER BY queue, kind, state`, nil, func(rows *sql.Rows) error {
		var b Backlog
		var oldest int64
		err := rows.Scan(&b.Queue, &b.Kind, &b.State, &b.Jobs, &oldest)
		b.Oldest = fromMilliseconds(oldest)
		out = append(out, b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	return out, nil
}

// Requeue makes a dead job ready, with all its attempts again. It is NotFound
// if there is no dead job of that id, and a Conflict if another of its kind and
// key waits or runs.
func (s *Store) Requeue(ctx context.Context, id int64, now time.Time) error {
	return s.Update(ctx, func(tx *Tx) error {
		var live int
		err := tx.tx.QueryRowContext(ctx, `SELECT count(*) FROM job JOIN job other
			ON other.kind = job.kind AND other.ukey = job.ukey AND other.state < 2 WHERE job.id = $1`, id).Scan(&live)
		if err != nil {
			return fmt.Errorf("reading job %d: %w", id, err)
		}
		if live > 0 {
			return fault.New(fault.Conflict, "Job %d, or another for the same, waits or runs already.", id)
		}
		tx.jobs = true
		return changed(ctx, tx.tx, id, `UPDATE job SET state = 0, attempt = 0, rerun = 0, error = '', done_at = NULL, run_at = $1
			WHERE id = $2 AND state = 3`, milliseconds(now), id)
	})
}

// Cancel gives a job up that waits or runs. What a worker does for it
// meanwhile is not kept. It is NotFound if there is no such job.
func (s *Store) Cancel(ctx context.Context, id int64, now time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		return changed(ctx, tx, id, `UPDATE job SET state = 3, rerun = 0, owner = '', error = 'cancelled', done_at = $1
			WHERE id = $2 AND state < 2`, milliseconds(now), id)
	})
}

// changed runs a statement that changes the one job of an id.
func changed(ctx context.Context, tx *sql.Tx, id int64, query string, args ...any) error {
	r, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("writing job %d: %w", id, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, fault.New(fault.NotFound, "There is no such job %d in that state.", id))
	}
	return nil
}

// How long things are kept that are over.
const (
	keepDone       = 3 * 24 * time.Hour
	keepDead       = 30 * 24 * time.Hour
	keepDeadLetter = 14 * 24 * time.Hour
)

// Prune deletes jobs and events that were done, or given up, long ago, a few
// at a time, and returns how many.
func (s *Store) Prune(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	for _, p := range []struct {
		query  string
		before time.Duration
	}{
		{`DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state >= 2 AND state = 2 AND done_at < $1 ORDER BY done_at LIMIT $2)`, keepDone},
		{`DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state >= 2 AND state = 3 AND done_at < $1 ORDER BY done_at LIMIT $2)`, keepDead},
		{`DELETE FROM delivery WHERE (sink, seq) IN (SELECT sink, seq FROM delivery WHERE dead_at IS NOT NULL AND dead_at < $1
			ORDER BY dead_at LIMIT $2)`, keepDeadLetter},
	} {
		for {
			r, err := s.write.ExecContext(ctx, p.query, milliseconds(now.Add(-p.before)), pruneAtOnce)
			if err != nil {
				return n, fmt.Errorf("deleting what is over: %w", err)
			}
			rows, err := r.RowsAffected()
			if err != nil {
				return n, err
			}
			n += rows
			if rows < pruneAtOnce {
				break
			}
		}
	}
	return n, nil
}

const pruneAtOnce = 1000
