package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Lease is the right to be the only one that does something, for a while.
type Lease struct {
	Name  string
	Token int64 // grows with each holder, so that what an earlier one still does can be refused
	Until time.Time
	owner string
}

// Acquire takes the lease of a name for so long, if nobody else holds it, and
// tells whether it did. An owner that holds it already keeps it, with the same
// token.
func (s *Store) Acquire(ctx context.Context, name, owner string, long time.Duration, now time.Time) (Lease, bool, error) {
	l := Lease{Name: name, Until: now.Add(long).Truncate(time.Millisecond), owner: owner}
	err := s.write.QueryRowContext(ctx, `INSERT INTO lease (name, owner, until, token) VALUES ($1, $2, $3, 1)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until,
			token = CASE WHEN lease.owner = excluded.owner THEN lease.token ELSE lease.token + 1 END
		WHERE lease.owner = excluded.owner OR lease.until <= $4 RETURNING token`,
		name, owner, milliseconds(l.Until), milliseconds(now)).Scan(&l.Token)
	if errors.Is(err, sql.ErrNoRows) {
		return Lease{}, false, nil
	}
	if err != nil {
		return Lease{}, false, fmt.Errorf("taking lease %s: %w", name, err)
	}
	return l, true, nil
}

// GiveUp ends a lease before its time; that of another holder stays.
func (s *Store) GiveUp(ctx context.Context, l Lease) error {
	_, err := s.write.ExecContext(ctx, `UPDATE lease SET owner = '', until = 0 WHERE name = $1 AND owner = $2 AND token = $3`,
		l.Name, l.owner, l.Token)
	if err != nil {
		return fmt.Errorf("giving up lease %s: %w", l.Name, err)
	}
	return nil
}

// Fence answers ErrLost if the lease has another holder by now. Otherwise
// nobody else gets it before the transaction ends.
func (t *Tx) Fence(ctx context.Context, l Lease) error {
	r, err := t.tx.ExecContext(ctx, `UPDATE lease SET token = token WHERE name = $1 AND owner = $2 AND token = $3`, l.Name, l.owner, l.Token)
	if err != nil {
		return fmt.Errorf("looking at lease %s: %w", l.Name, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, ErrLost)
	}
	return nil
}
