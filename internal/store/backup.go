package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-project/assay/internal/fault"
)

// Backup writes all that the store holds at one moment to a new file, while it
// is in use. The file is an SQLite database, whatever the store is. It has no
// blobs, and what is sealed in it opens with the key of the store only. A file
// that is there already is a Conflict.
func (s *Store) Backup(ctx context.Context, path string) (err error) {
	if err := absent(path); err != nil {
		return err
	}
	part := path + ".part"
	if err := removeDatabase(part); err != nil { // of an attempt that was cut off
		return fmt.Errorf("writing backup %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeDatabase(part))
		}
	}()
	write := s.vacuumInto
	if s.dialect.parted {
		write = s.copyInto
	}
	if err := write(ctx, part); err != nil {
		return fmt.Errorf("writing backup %s: %w", path, err)
	}
	if err := syncFile(part); err != nil {
		return fmt.Errorf("writing backup %s: %w", path, err)
	}
	if err := errors.Join(os.Rename(part, path), removeDatabase(part)); err != nil {
		return fmt.Errorf("writing backup %s: %w", path, err)
	}
	return syncFile(filepath.Dir(path))
}

// absent refuses a path where there is something.
func absent(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return fault.New(fault.Conflict, "There is a file %s already.", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFile returns when a file, or the names in a folder, are on the disk.
func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// removeDatabase removes a database file and those beside it.
func removeDatabase(path string) error {
	for _, end := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// vacuumInto writes an SQLite database to a new file. Writers need not wait.
func (s *Store) vacuumInto(ctx context.Context, path string) (err error) {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `PRAGMA query_only = 0`); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `VACUUM INTO $1`, path)
	_, again := conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA query_only = 1`)
	return errors.Join(err, again)
}

// copyInto copies the store into a new SQLite database.
func (s *Store) copyInto(ctx context.Context, path string) error {
	to, err := Open(ctx, path, s.key)
	if err != nil {
		return err
	}
	_, err = Copy(ctx, s, to, nil)
	return errors.Join(err, to.Close())
}

// Restore makes a new database at a place, as Open takes it, of a backup. One
// that was made by an older version is brought up to date; the file stays as it
// is. A place that is not empty, and a backup of a newer version, are a
// Conflict.
func Restore(ctx context.Context, backup, place string, key [32]byte) (err error) {
	if err := checkBackup(ctx, backup); err != nil {
		return err
	}
	if !isPostgres(place) {
		if err := absent(place); err != nil {
			return err
		}
		if err := restoreFile(ctx, backup, place, key); err != nil {
			return errors.Join(fmt.Errorf("restoring to %s: %w", place, err), removeDatabase(place))
		}
		return nil
	}
	folder, err := os.MkdirTemp(filepath.Dir(backup), ".restore-")
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "backup")
	if err := restoreFile(ctx, backup, file, key); err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	from, err := Open(ctx, file, key)
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := Open(ctx, place, key)
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if _, err := Copy(ctx, from, to, nil); err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	return nil
}

// isPostgres tells whether a place is the address of a PostgreSQL database.
func isPostgres(place string) bool {
	return strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://")
}

// checkBackup refuses a file that is no backup, or damaged, or too new.
func checkBackup(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("reading the backup: %w", err)
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&immutable=1"}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return fault.New(fault.Invalid, "%s is no backup: %v", path, err)
	}
	var sound string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&sound); err != nil || sound != "ok" {
		return fault.New(fault.Invalid, "The backup %s is damaged: %s", path, errors.Join(err, errors.New(sound)))
	}
	steps, err := migrations(sqliteDialect)
	if err != nil {
		return err
	}
	for _, m := range steps {
		if m.Version >= version {
			return nil
		}
	}
	return fault.New(fault.Conflict, "The backup is of a newer version: it has version %d of the schema.", version)
}

// restoreFile copies a backup to a new SQLite file and brings it up to date.
func restoreFile(ctx context.Context, backup, path string, key [32]byte) (err error) {
	in, err := os.Open(backup)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	s, err := Open(ctx, path, key)
	if err != nil {
		return err
	}
	return s.Close()
}
