package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrationLease is how long a node that died while it changed the schema
// keeps the others waiting.
const migrationLease = 30 * time.Second

// migrate brings the schema up to date, each migration in one transaction. On
// PostgreSQL a leased row keeps two nodes from doing so at once; an SQLite file
// is open in one process only.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	steps, err := migrations(d)
	if err != nil {
		return err
	}
	if current(ctx, db) == steps[len(steps)-1].Version {
		return nil // without the lease, for which a node would wait if another one died with it
	}
	options := []goose.ProviderOption{
		goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true),
	}
	if d.goose == goose.DialectPostgres {
		locker, err := lock.NewPostgresTableLocker(lock.WithTableLeaseDuration(migrationLease))
		if err != nil {
			return err
		}
		options = append(options, goose.WithLocker(locker))
	}
	p, err := goose.NewProvider(d.goose, db, nil, options...)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return err
	}
	return nil
}

// current returns the number of the last migration that was done; 0 if there
// was none, or it cannot be told.
// Source: goose, table goose_db_version.
func current(ctx context.Context, db *sql.DB) int64 {
	var version sql.NullInt64
	if err := db.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version); err != nil {
		return 0
	}
	return version.Int64
}

// migrations returns the files in the words of the dialect, by their number.
func migrations(d dialect) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var out []*goose.Migration
	for _, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("numbering %s: %w", name, err)
		}
		statements, err := d.render(string(text))
		if err != nil {
			return nil, fmt.Errorf("rendering %s: %w", name, err)
		}
		up := func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, statements)
			return err
		}
		out = append(out, goose.NewGoMigration(version, &goose.GoFunc{RunTx: up}, nil))
	}
	return out, nil
}
