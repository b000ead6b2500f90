// Package store keeps all that outlives the process: findings with their life,
// the resources that have them, and what is known of the vulnerabilities. It
// runs on SQLite, embedded, and on PostgreSQL, with one SQL text.
package store

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/klauspost/compress/zstd"
	"modernc.org/sqlite" // also the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Store is an open database. Its methods may be called at the same time.
type Store struct {
	dialect dialect
	write   *sql.DB // on SQLite a single connection
	read    *sql.DB
	reserve *sql.DB // reserves ids outside the transactions of write; nil on SQLite
	unlock  func() error
	tokens  cipher.AEAD
	pack    *zstd.Encoder
	unpack  *zstd.Decoder

	mu  sync.Mutex
	ids map[string]block // by table
}

// Open opens the database at a place, makes it if it is not there, and brings
// its schema up to date. The place is the path of an SQLite file, whose folder
// exists, or the address of a PostgreSQL database: postgres://user@host/name.
// An SQLite file is open in one process at a time. The caller closes the store.
func Open(ctx context.Context, place string) (*Store, error) {
	s := &Store{ids: map[string]block{}}
	connect := s.connectSQLite
	if strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://") {
		connect = s.connectPostgres
	}
	if err := connect(place); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database: %w", err), s.Close())
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare makes an open connection a usable store.
func (s *Store) prepare(ctx context.Context) error {
	if err := migrate(ctx, s.write, s.dialect); err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	var err error
	if s.tokens, err = s.tokenKey(ctx); err != nil {
		return fmt.Errorf("reading the key of page tokens: %w", err)
	}
	if s.pack, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2)); err != nil {
		return err
	}
	s.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxDocument))
	return err
}

// Close gives back everything that Open took. It waits for running queries.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.reserve, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.unlock != nil {
		errs = append(errs, s.unlock())
	}
	if s.unpack != nil {
		s.unpack.Close()
	}
	return errors.Join(errs...)
}

// sqliteSettings hold for every connection. The order matters: whether freed
// pages can be given back is fixed when the file is made.
// Source: SQLite documentation, "PRAGMA Statements" and "Write-Ahead Logging".
var sqliteSettings = []string{
	"busy_timeout(10000)", "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", "synchronous(NORMAL)",
	"temp_store(MEMORY)", "mmap_size(4294967296)",
}

func (s *Store) connectSQLite(path string) error {
	s.dialect = sqliteDialect
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if s.unlock, err = lockFile(path + ".lock"); err != nil {
		return err
	}
	address := func(extra ...string) string {
		q := url.Values{"_pragma": append(extra, sqliteSettings...)}
		return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
	}
	if s.write, err = sql.Open("sqlite", address("cache_size(-262144)")+"&_txlock=immediate"); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", address("cache_size(-16384)", "query_only(1)")); err != nil {
		return err
	}
	readers := max(4, runtime.NumCPU())
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	return nil
}

func (s *Store) connectPostgres(address string) error {
	s.dialect = postgresDialect
	var err error
	for _, p := range []struct {
		db   **sql.DB
		size int
	}{{&s.write, 2 * runtime.NumCPU()}, {&s.read, 2 * runtime.NumCPU()}, {&s.reserve, 1}} {
		if *p.db, err = sql.Open("pgx", address); err != nil {
			return err
		}
		(*p.db).SetMaxOpenConns(p.size)
		(*p.db).SetMaxIdleConns(p.size)
	}
	return nil
}

// maxTries bounds how often a transaction is run that others got in the way of.
const maxTries = 5

// tx runs f in a transaction, again from the start if another transaction got
// in its way: f must have no effect besides.
func (s *Store) tx(ctx context.Context, f func(tx *sql.Tx) error) error {
	for try := 1; ; try++ {
		err := s.tryTx(ctx, f)
		if err == nil || !retryable(err) || try == maxTries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * 5 * time.Millisecond):
		}
	}
}

func (s *Store) tryTx(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// retryable tells whether the same transaction may succeed at the next try.
// Source: PostgreSQL documentation, appendix "PostgreSQL Error Codes", class
// 40; SQLite documentation, "Result and Error Codes".
func retryable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_BUSY
	}
	return false
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// each runs a query and gives each row to f.
func each(ctx context.Context, q querier, query string, args []any, f func(rows *sql.Rows) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// milliseconds is how times are kept.
func milliseconds(t time.Time) int64 { return t.UnixMilli() }

func fromMilliseconds(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
