package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// Copied says how much of a table was copied.
type Copied struct {
	Table string
	Rows  int64
}

// A table is one of the schema, which is the same in both databases.
type table struct {
	name    string
	columns []string
	key     []string
	seeded  bool // a new database has rows of it
	account int  // position of the column account_id; -1 if there is none
}

// tables returns all tables by name, read from a database in memory that is new.
func tables(ctx context.Context) (out []table, err error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // or each would have a database of its own
	if err := migrate(ctx, db, sqliteDialect); err != nil {
		return nil, err
	}
	err = each(ctx, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'
		ORDER BY name`, nil, func(rows *sql.Rows) error {
		t := table{account: -1}
		err := rows.Scan(&t.name)
		out = append(out, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := out[i].describe(ctx, db); err != nil {
			return nil, fmt.Errorf("describing table %s: %w", out[i].name, err)
		}
	}
	return out, nil
}

// describe fills in the columns of a table and what is there from the start.
func (t *table) describe(ctx context.Context, db *sql.DB) error {
	key := map[int]string{}
	err := each(ctx, db, `SELECT name, pk FROM pragma_table_info($1) ORDER BY cid`, []any{t.name}, func(rows *sql.Rows) error {
		var name string
		var pk int
		if err := rows.Scan(&name, &pk); err != nil {
			return err
		}
		if name == "account_id" {
			t.account = len(t.columns)
		}
		if pk > 0 {
			key[pk] = name
		}
		t.columns = append(t.columns, name)
		return nil
	})
	if err != nil {
		return err
	}
	for _, i := range sortedKeys(key) {
		t.key = append(t.key, key[i])
	}
	t.seeded, err = t.some(ctx, db)
	return err
}

// some tells whether a database has rows of the table.
func (t *table) some(ctx context.Context, q querier) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 AS n FROM `+t.name+` LIMIT 1) z`).Scan(&n)
	return n > 0, err
}

// schemaVersion returns the number of the last migration that a database has.
func schemaVersion(ctx context.Context, q querier) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&n)
	return n, err
}

// Copy copies everything from one store to another, which is new, with the same
// ids, and then compares them: counts and sums of each table and account. It
// copies what there is at its beginning, while the source may be written to, in
// one transaction of the target: all is there afterwards, or nothing. One row
// is in memory at a time. It refuses, as a Conflict, a target that is not empty,
// and stores that differ in schema or key. Progress is called after every
// thousand rows and at the end of each table; it may be nil.
func Copy(ctx context.Context, from, to *Store, progress func(Copied)) ([]Copied, error) {
	if progress == nil {
		progress = func(Copied) {}
	}
	list, err := tables(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	if from.key != to.key {
		return nil, fault.New(fault.Conflict, "The databases have other keys: what is sealed in one cannot be read in the other.")
	}
	// On PostgreSQL, and in the WAL of SQLite, the transaction sees one state.
	source, err := from.read.BeginTx(ctx, &sql.TxOptions{Isolation: from.dialect.snapshot(), ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("reading the source: %w", err)
	}
	defer func() { _ = source.Rollback() }() // nothing was changed
	var out []Copied
	err = to.tryTx(ctx, func(target *sql.Tx) error {
		if err := checkTarget(ctx, source, target, list); err != nil {
			return err
		}
		for _, t := range list {
			n, err := to.copyTable(ctx, source, target, t, progress)
			if err != nil {
				return fmt.Errorf("copying table %s: %w", t.name, err)
			}
			out = append(out, Copied{t.name, n})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	to.mu.Lock()
	clear(to.ids) // blocks of ids that were reserved before
	to.mu.Unlock()
	return out, nil
}

// snapshot is the isolation of a transaction that sees one state.
func (d dialect) snapshot() sql.IsolationLevel {
	if d.parted {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// checkTarget refuses a target that cannot take a copy.
func checkTarget(ctx context.Context, source, target *sql.Tx, list []table) error {
	want, err := schemaVersion(ctx, source)
	if err != nil {
		return fmt.Errorf("reading the version of the source: %w", err)
	}
	got, err := schemaVersion(ctx, target)
	if err != nil {
		return fmt.Errorf("reading the version of the target: %w", err)
	}
	if got != want {
		return fault.New(fault.Conflict, "The source has version %d of the schema, the target version %d.", want, got)
	}
	for _, t := range list {
		if t.seeded {
			continue
		}
		some, err := t.some(ctx, target)
		if err != nil {
			return fmt.Errorf("looking at table %s: %w", t.name, err)
		}
		if some {
			return fault.New(fault.Conflict, "The target is not empty: it has rows in table %s.", t.name)
		}
	}
	return nil
}

// copyTable copies the rows of a table and compares the two.
func (s *Store) copyTable(ctx context.Context, source, target *sql.Tx, t table, progress func(Copied)) (int64, error) {
	if t.seeded {
		if _, err := target.ExecContext(ctx, `DELETE FROM `+t.name); err != nil { //nolint:gosec // a name of our own schema
			return 0, err
		}
	}
	want := sums{}
	var n int64
	var rows [][]any
	head := `INSERT INTO ` + t.name + ` (` + strings.Join(t.columns, ", ") + `)`
	flush := func() error {
		err := s.insert(ctx, target, head, "", rows)
		rows = rows[:0]
		return err
	}
	err := t.rows(ctx, source, func(row []any) error {
		if err := want.add(t, row); err != nil {
			return err
		}
		n++
		if rows = append(rows, row); len(rows) < s.dialect.rows {
			return nil
		}
		if n%1000 < int64(s.dialect.rows) {
			progress(Copied{t.name, n})
		}
		return flush()
	})
	if err != nil {
		return 0, err
	}
	if err := flush(); err != nil {
		return 0, err
	}
	got := sums{}
	if err := t.rows(ctx, target, func(row []any) error { return got.add(t, row) }); err != nil {
		return 0, fmt.Errorf("comparing: %w", err)
	}
	if err := want.compare(got); err != nil {
		return 0, err
	}
	progress(Copied{t.name, n})
	return n, nil
}

// rows gives each row of the table to f, in the order of the key.
func (t *table) rows(ctx context.Context, q querier, f func(row []any) error) error {
	query := `SELECT ` + strings.Join(t.columns, ", ") + ` FROM ` + t.name + ` ORDER BY ` + strings.Join(t.key, ", ")
	return each(ctx, q, query, nil, func(rows *sql.Rows) error {
		row := make([]any, len(t.columns))
		at := make([]any, len(row))
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return err
		}
		return f(row)
	})
}

// sums has the number and the sum of the rows of a table by account; those of
// no account are under zero. The order of the rows does not matter.
type sums map[org.Account]sum

type sum struct {
	rows int64
	a, b uint64
}

// add adds a row.
func (s sums) add(t table, row []any) error {
	h := sha256.New()
	for i, v := range row {
		if err := hashValue(h, v); err != nil {
			return fmt.Errorf("column %s: %w", t.columns[i], err)
		}
	}
	digest := h.Sum(nil)
	var account org.Account
	if t.account >= 0 {
		n, ok := row[t.account].(int64)
		if !ok {
			return fmt.Errorf("an account is a %T", row[t.account])
		}
		account = org.Account(n)
	}
	x := s[account]
	x.rows++
	x.a += binary.BigEndian.Uint64(digest)
	x.b += binary.BigEndian.Uint64(digest[8:])
	s[account] = x
	return nil
}

// hashValue adds a value to a sum, so that no two lists of values give the same
// bytes.
func hashValue(h hash.Hash, v any) error {
	var b [9]byte
	var text []byte
	switch v := v.(type) {
	case nil:
		b[0] = 'n'
	case int64:
		b[0] = 'i'
		binary.BigEndian.PutUint64(b[1:], uint64(v)) //nolint:gosec // its bits
	case float64:
		b[0] = 'f'
		binary.BigEndian.PutUint64(b[1:], math.Float64bits(v))
	case string:
		b[0] = 's'
		text = []byte(v)
		binary.BigEndian.PutUint64(b[1:], uint64(len(text)))
	case []byte:
		b[0] = 'b'
		text = v
		binary.BigEndian.PutUint64(b[1:], uint64(len(text)))
	default:
		return fmt.Errorf("a value is a %T", v)
	}
	h.Write(b[:])
	h.Write(text)
	return nil
}

// compare returns the first difference.
func (s sums) compare(got sums) error {
	accounts := sortedKeys(s)
	accounts = append(accounts, sortedKeys(got)...)
	slices.SortFunc(accounts, cmp.Compare[org.Account])
	for _, account := range slices.Compact(accounts) {
		if want, got := s[account], got[account]; want != got {
			return fmt.Errorf("the copy differs: account %s has %d rows of sum %016x%016x, the copy %d of %016x%016x",
				account, want.rows, want.a, want.b, got.rows, got.a, got.b)
		}
	}
	return nil
}
