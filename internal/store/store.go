// Package store keeps all that outlives the process: findings with their life,
// the resources that have them, and what is known of the vulnerabilities. It
// runs on SQLite, embedded, and on PostgreSQL, with one SQL text.
package store

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"modernc.org/sqlite"               // also the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Store is an open database. Its methods may be called at the same time.
type Store struct {
	dialect dialect
	write   *sql.DB // on SQLite a single connection
	read    *sql.DB
	reserve *sql.DB // reserves ids outside the transactions of write; nil on SQLite
	unlock  func() error
	key     [32]byte
	packing packing

	texts   memo[text]
	matched memo[affected]

	wake chan struct{} // gets a value after a transaction that enqueued jobs

	mu  sync.Mutex
	ids map[string]block // by table
}

// Open opens the database at a place, makes it if it is not there, and brings
// its schema up to date. The place is the path of an SQLite file, whose folder
// exists, or the address of a PostgreSQL database: postgres://user@host/name.
// An SQLite file is open in one process at a time. Secrets and page tokens are
// sealed with keys made of the one given: with another one they are lost. The
// caller closes the store.
func Open(ctx context.Context, place string, key [32]byte) (*Store, error) {
	s := &Store{key: key, ids: map[string]block{}, wake: make(chan struct{}, 1)}
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
	if err := s.checkKey(ctx); err != nil {
		return err
	}
	var err error
	s.packing, err = newPacking()
	return err
}

// checkKey refuses a key that is not the one with which the database began: its
// secrets could not be read, and what is sealed with another would be lost.
func (s *Store) checkKey(ctx context.Context) error {
	sign := s.Derive("check")
	_, err := s.write.ExecContext(ctx, `UPDATE setting SET value = $1 WHERE name = 'master key' AND length(value) = 0`, sign[:])
	if err != nil {
		return fmt.Errorf("checking the master key: %w", err)
	}
	var stored []byte
	if err := s.write.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = 'master key'`).Scan(&stored); err != nil {
		return fmt.Errorf("checking the master key: %w", err)
	}
	if !bytes.Equal(stored, sign[:]) {
		return errors.New("the secrets of this database are sealed with another master key")
	}
	return nil
}

// Derive returns a key for one purpose, made of that of the store; it tells
// nothing of the keys for other purposes.
// Source: RFC 5869, HKDF.
func (s *Store) Derive(purpose string) [32]byte {
	out, err := hkdf.Key(sha256.New, s.key[:], nil, "assay: "+purpose, len(s.key))
	if err != nil {
		panic(err) // only for keys longer than HKDF makes
	}
	return [32]byte(out)
}

// newAEAD returns what seals with a key.
func newAEAD(key [32]byte) (cipher.AEAD, error) {
	c, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(c)
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
	s.packing.close()
	return errors.Join(errs...)
}

// sqliteSettings hold for every connection. The order matters: whether freed
// pages can be given back is fixed when the file is made.
// Source: SQLite documentation, "PRAGMA Statements" and "Write-Ahead Logging".
var sqliteSettings = []string{
	"busy_timeout(10000)", "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", "synchronous(NORMAL)",
	"temp_store(MEMORY)", "wal_autocheckpoint(16384)", "journal_size_limit(67108864)",
}

// Those that write keep what they touch again and again in a cache of 64 MB. Those
// that read map the file, up to 4 GB of it: each write of another empties their
// caches.
var (
	sqliteWriting = []string{"cache_size(-65536)"}
	sqliteReading = []string{"cache_size(-16384)", "mmap_size(4294967296)", "query_only(1)"}
)

// sqliteConnectionLife is after how long a connection is replaced by another. Each
// keeps what it has read in its cache, and its part of the file mapped: so what a
// night's work has read is given back soon after.
const sqliteConnectionLife = 2 * time.Minute

func (s *Store) connectSQLite(path string) error {
	s.dialect = sqliteDialect
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if s.unlock, err = lockFile(path + ".lock"); err != nil {
		return err
	}
	address := func(extra []string) string {
		q := url.Values{"_pragma": slices.Concat(extra, sqliteSettings)}
		return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
	}
	if s.write, err = sql.Open("sqlite", address(sqliteWriting)+"&_txlock=immediate"); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	s.write.SetConnMaxLifetime(sqliteConnectionLife)
	if s.read, err = sql.Open("sqlite", address(sqliteReading)); err != nil {
		return err
	}
	readers := max(4, runtime.NumCPU())
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	s.read.SetConnMaxLifetime(sqliteConnectionLife)
	return nil
}

// postgresParameters are the run-time parameters of all connections. Every
// statement finds its rows by an index. A plan outlives the day on which its
// table was too small for one to be worth the while: without this, a database
// that has just begun to fill would be read from end to end until it is analysed
// for the first time. Where there is no index, PostgreSQL then thinks that the
// statement will take long, and would compile it for longer than it runs.
// Source: PostgreSQL documentation, "Query Planning", enable_seqscan and jit.
var postgresParameters = map[string]string{"enable_seqscan": "off", "jit": "off"}

// postgresReading are those of connections that only read. Planning a statement
// over all partitions takes longer than running it: a plan is made once for each
// text.
// Source: PostgreSQL documentation, "Query Planning", plan_cache_mode, and
// "Client Connection Defaults", statement_timeout.
var postgresReading = map[string]string{"plan_cache_mode": "force_generic_plan", "statement_timeout": "15s"}

// withParameters returns the address of a PostgreSQL database with run-time parameters.
func withParameters(address string, parameters ...map[string]string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	query := u.Query()
	for _, p := range parameters {
		for name, value := range p {
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

func (s *Store) connectPostgres(address string) error {
	s.dialect = postgresDialect
	reading, err := withParameters(address, postgresParameters, postgresReading)
	if err != nil {
		return err
	}
	writing, err := withParameters(address, postgresParameters)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		db      **sql.DB
		address string
		size    int
	}{{&s.write, writing, 2 * runtime.NumCPU()}, {&s.read, reading, 2 * runtime.NumCPU()}, {&s.reserve, writing, 1}} {
		if *p.db, err = sql.Open("pgx", p.address); err != nil {
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
