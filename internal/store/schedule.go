package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Schedule is a job that is done again and again.
type Schedule struct {
	Name  string        // unique
	Every time.Duration // how often: at its multiples in UTC, as time.Time.Truncate counts them
	Shift time.Duration // so much later
	Job   Job           // its Run is when it was due; its Key is the name if it has none
}

// next returns when a schedule is due after a time. What was missed is not
// made up for.
func (s Schedule) next(after time.Time) time.Time {
	return after.Add(-s.Shift).Truncate(s.Every).Add(s.Every + s.Shift)
}

// EnqueueDue enqueues the jobs of the schedules that are due, each once however
// many nodes ask, and returns how many. A schedule that is new is due at once.
func (s *Store) EnqueueDue(ctx context.Context, list []Schedule, now time.Time) (int, error) {
	known := map[string]int64{}
	err := each(ctx, s.read, `SELECT name, next_at FROM schedule`, nil, func(rows *sql.Rows) error {
		var name string
		var at int64
		err := rows.Scan(&name, &at)
		known[name] = at
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("reading schedules: %w", err)
	}
	n := 0
	for _, c := range list {
		at, ok := known[c.Name]
		// One that lies far ahead was set when the schedule was another.
		if ok && at > milliseconds(now) && at <= milliseconds(now.Add(2*c.Every)) {
			continue
		}
		done := false
		err := s.Update(ctx, func(tx *Tx) error {
			done, err = tx.advance(ctx, c, at, now)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("advancing schedule %s: %w", c.Name, err)
		}
		if done {
			n++
		}
	}
	return n, nil
}

// advance moves a schedule on from a time, zero if it is new, and enqueues its
// job, unless another node has done so.
func (t *Tx) advance(ctx context.Context, c Schedule, from int64, now time.Time) (bool, error) {
	query := `UPDATE schedule SET next_at = $1 WHERE name = $2 AND next_at = $3`
	args := []any{milliseconds(c.next(now)), c.Name, from}
	if from == 0 {
		query, args = `INSERT INTO schedule (next_at, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, args[:2]
	}
	r, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	j := c.Job
	j.Run = now
	if j.Key == "" {
		j.Key = c.Name
	}
	return true, t.Enqueue(ctx, j)
}
