// Package storetest makes databases for tests.
package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// lock is the advisory lock under which a template is made: any number that
// others do not use.
const lock = 8480

// Postgres makes a database of PostgreSQL with the schema of the store, which
// goes with the test, and returns its address. It skips the test if
// ASSAY_TEST_POSTGRES does not name a database whose user may make others.
//
// Making some thousand tables and indexes takes seconds, copying them a part of
// one: they are made once, by open, which is that of the store, in a template
// that the tests of all packages share and that stays. Its name tells the schema.
func Postgres[S io.Closer](tb testing.TB, open func(ctx context.Context, place string, key [32]byte) (S, error)) string {
	tb.Helper()
	place := os.Getenv("ASSAY_TEST_POSTGRES")
	if place == "" {
		tb.Skip("ASSAY_TEST_POSTGRES is not set")
	}
	db, err := sql.Open("pgx", place)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	schema, err := digest()
	if err != nil {
		tb.Fatal(err)
	}
	template := "assay_template_" + schema
	err = ensure(tb.Context(), db, template, func() error {
		address, err := named(place, template)
		if err != nil {
			return err
		}
		s, err := open(tb.Context(), address, [32]byte{})
		if err != nil {
			return err
		}
		return errors.Join(s.Close(), forgetKey(tb.Context(), address))
	})
	if err != nil {
		tb.Fatalf("making a template for databases: %v", err)
	}
	sum := sha256.Sum256(fmt.Append(nil, tb.Name(), os.Getpid()))
	name := "assay_test_" + hex.EncodeToString(sum[:8])
	if _, err := db.ExecContext(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY FILE_COPY"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { // the test's own context has ended by now
		if _, err := db.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	address, err := named(place, name)
	if err != nil {
		tb.Fatal(err)
	}
	return address
}

// ensure makes a template if it is not there, whole: one that was broken off
// keeps its first name and is made again.
func ensure(ctx context.Context, db *sql.DB, template string, prepare func() error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // gives the lock back, too
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lock); err != nil {
		return err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", lock) }()
	var there bool
	err = conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate)", template).Scan(&there)
	if err != nil || there {
		return err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + template, "CREATE DATABASE " + template} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if err := prepare(); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+template+" IS_TEMPLATE true")
	return err
}

// forgetKey leaves out of a template what ties a database to one key.
func forgetKey(ctx context.Context, address string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "UPDATE setting SET value = '' WHERE name = 'master key'")
	return errors.Join(err, db.Close())
}

// digest names the schema by the files of migrations, which are found from the
// folder of whichever package is tested.
func digest() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("the test does not run in the module")
		}
		dir = filepath.Dir(dir)
	}
	files := os.DirFS(filepath.Join(dir, "internal", "store", "migrations"))
	h := sha256.New()
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(h, "%s %d\n%s", path.Base(name), len(text), text)
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)[:6]), err
}

// named returns the address of another database of the same server.
func named(place, name string) (string, error) {
	u, err := url.Parse(place)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
