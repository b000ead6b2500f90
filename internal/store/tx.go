package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Tx is one transaction that changes the database. It is valid inside the
// function given to Update only.
type Tx struct {
	store *Store
	tx    *sql.Tx
	jobs  bool // it enqueued some
}

// Update runs f in a transaction: all that it changes is there afterwards, or
// none of it. If another transaction got in its way, f runs again from the
// start, so that it must have no effect besides. An error of f ends the
// transaction and is returned as it is.
func (s *Store) Update(ctx context.Context, f func(tx *Tx) error) error {
	jobs := false
	err := s.tx(ctx, func(tx *sql.Tx) error {
		t := &Tx{store: s, tx: tx}
		defer func() { jobs = t.jobs }()
		return f(t)
	})
	if err == nil && jobs {
		select {
		case s.wake <- struct{}{}:
		default: // the workers have not yet seen the last one
		}
	}
	return err
}

// Setting returns a value of the whole installation; nil if there is none.
func (t *Tx) Setting(ctx context.Context, name string) ([]byte, error) {
	return setting(ctx, t.tx, name)
}

func setting(ctx context.Context, q querier, name string) ([]byte, error) {
	var value []byte
	err := each(ctx, q, `SELECT value FROM setting WHERE name = $1`, []any{name}, func(rows *sql.Rows) error {
		return rows.Scan(&value)
	})
	if err != nil {
		return nil, fmt.Errorf("reading setting %s: %w", name, err)
	}
	return value, nil
}

// SetSetting keeps a value of the whole installation.
func (t *Tx) SetSetting(ctx context.Context, name string, value []byte) error {
	_, err := t.tx.ExecContext(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("writing setting %s: %w", name, err)
	}
	return nil
}
