package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/assay-project/assay/internal/server"
	"github.com/assay-project/assay/internal/store"
)

// storeCommand groups the commands about a server's database while the server
// does not run.
type storeCommand struct {
	Backup  storeBackup  `cmd:"" help:"Copy everything of a database into one file."`
	Restore storeRestore `cmd:"" help:"Make a database of a backup."`
	Copy    storeCopy    `cmd:"" help:"Copy a database to another one, of the same kind or the other."`
}

// Help shows examples.
func (storeCommand) Help() string {
	return `A PLACE is a data folder, an SQLite file or a PostgreSQL address; what is not there yet is a file if its
name ends in .db, else a data folder. An SQLite database is open in one process at a time: stop its
server first, or use "assay admin backup". Secrets stay sealed with the master key of the server, which no
copy holds: keep master.key, or the file of --key-file, apart.

Examples:
  assay store backup assay-backup.db --data /var/lib/assay
  assay store restore assay-backup.db --data /var/lib/assay
  assay store copy --from /var/lib/assay --to postgres://assay@db.example.org/assay --key-file /var/lib/assay/master.key`
}

// placeFlags say where a database is.
type placeFlags struct {
	Data     string `placeholder:"DIR" env:"ASSAY_DATA" type:"path" help:"Data folder of the server. Default: ${data}."`
	Database string `placeholder:"URL" env:"ASSAY_DATABASE" help:"PostgreSQL database; SQLite in the data folder if empty."`
	KeyFile  string `placeholder:"FILE" env:"ASSAY_KEY_FILE" type:"path" help:"File of the master key. Default: master.key in the data folder."`
}

// open returns the place of the database and the master key.
func (f *placeFlags) open(e edge) (place string, key [32]byte, err error) {
	if f.Data == "" {
		if f.Data, err = dataFolder(e); err != nil {
			return "", key, err
		}
	}
	place = f.Database
	if place == "" {
		place = databaseAt(f.Data)
	}
	if f.KeyFile == "" {
		f.KeyFile = filepath.Join(f.Data, "master.key")
	}
	key, err = server.MasterKey(f.KeyFile, false)
	if err != nil {
		err = fmt.Errorf("%w (see --data and --key-file)", err)
	}
	return place, key, err
}

// databaseAt returns the SQLite file of a data folder, also of one that is not
// there yet, and any other place as it is.
func databaseAt(place string) string {
	info, err := os.Stat(place)
	switch {
	case strings.Contains(place, "://"):
		return place
	case err == nil && info.IsDir(), errors.Is(err, fs.ErrNotExist) && filepath.Ext(place) != ".db":
		return filepath.Join(place, "assay.db")
	}
	return place
}

// makeFolder makes the folder that an SQLite database is to be in.
func makeFolder(place string) error {
	if strings.Contains(place, "://") {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	return nil
}

// openStore opens a database that must be there.
func openStore(ctx context.Context, place string, key [32]byte) (*store.Store, error) {
	if err := mustBe(place); err != nil {
		return nil, err
	}
	return store.Open(ctx, place, key)
}

// mustBe tells that there is no SQLite file at a place.
func mustBe(place string) error {
	if strings.Contains(place, "://") {
		return nil
	}
	if _, err := os.Stat(place); err != nil {
		return fmt.Errorf("there is no database: %w", err)
	}
	return nil
}

type storeBackup struct {
	placeFlags
	File string `arg:"" type:"path" help:"File to write; it must not be there yet."`
}

// Run writes the file.
func (c *storeBackup) Run(ctx context.Context, e edge) error {
	place, key, err := c.open(e)
	if err != nil {
		return err
	}
	s, err := openStore(ctx, place, key)
	if err != nil {
		return err
	}
	if err := errors.Join(s.Backup(ctx, c.File), s.Close()); err != nil {
		return err
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s\t%d bytes\n", c.File, info.Size())
	return err
}

type storeRestore struct {
	placeFlags
	File string `arg:"" type:"existingfile" help:"The backup."`
}

// Run makes the database.
func (c *storeRestore) Run(ctx context.Context, e edge) error {
	place, key, err := c.open(e)
	if err != nil {
		return err
	}
	if err := makeFolder(place); err != nil {
		return err
	}
	if err := store.Restore(ctx, c.File, place, key); err != nil {
		return err
	}
	if own := filepath.Join(c.Data, "master.key"); own != c.KeyFile {
		if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(e.stderr, "its server needs the same master key: assay serve --key-file %s, or a copy of it at %s\n", c.KeyFile, own)
		}
	}
	_, err = fmt.Fprintf(e.stdout, "%s is restored\n", hidePassword(place))
	return err
}

type storeCopy struct {
	From    string `required:"" placeholder:"PLACE" help:"The database to read."`
	To      string `required:"" placeholder:"PLACE" help:"The database to fill, which must be empty; made if it is not there."`
	KeyFile string `placeholder:"FILE" env:"ASSAY_KEY_FILE" type:"path" help:"File of the master key. Default: master.key in the folder of --from."`
}

// Run copies.
func (c *storeCopy) Run(ctx context.Context, e edge) error {
	from, to := databaseAt(c.From), databaseAt(c.To)
	if err := mustBe(from); err != nil {
		return err
	}
	if c.KeyFile == "" {
		c.KeyFile = filepath.Join(filepath.Dir(from), "master.key")
	}
	key, err := server.MasterKey(c.KeyFile, false)
	if err != nil {
		return fmt.Errorf("%w (see --key-file)", err)
	}
	source, err := openStore(ctx, from, key)
	if err != nil {
		return err
	}
	if err := makeFolder(to); err != nil {
		return errors.Join(err, source.Close())
	}
	target, err := store.Open(ctx, to, key)
	if err != nil {
		return errors.Join(err, source.Close())
	}
	show, stop := progress(e, false)
	copied, err := store.Copy(ctx, source, target, func(t store.Copied) {
		if show != nil {
			show("copying %s: %d rows", t.Table, t.Rows)
		}
	})
	stop()
	if err := errors.Join(err, target.Close(), source.Close()); err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TABLE\tROWS")
	for _, t := range copied {
		fmt.Fprintf(w, "%s\t%d\n", t.Table, t.Rows)
	}
	return w.Flush()
}

// hidePassword returns the address of a database as it may be shown.
func hidePassword(place string) string {
	head, rest, ok := strings.Cut(place, "://")
	user, host, hasUser := strings.Cut(rest, "@")
	if name, _, secret := strings.Cut(user, ":"); ok && hasUser && secret {
		return head + "://" + name + "@" + host
	}
	return place
}
