package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
)

// An Edition is an advisory database that the servers have built of feeds, and
// share. Its two files are blobs, named by their digests.
type Edition struct {
	Database   string    `json:"database"`             // digest
	Enrichment string    `json:"enrichment,omitempty"` // digest; empty if no feed is about single CVEs
	Published  time.Time `json:"published"`
}

// digest is what vulndb.Known.Digest returns of it.
func (e Edition) digest() string {
	if e.Enrichment == "" {
		return e.Database
	}
	return e.Database + "+" + e.Enrichment
}

// files returns the names of its files, as blobs and in the data folder.
func (e Edition) files() []string {
	list := []string{editionFile(e.Database, ".db")}
	if e.Enrichment != "" {
		list = append(list, editionFile(e.Enrichment, ".enrich"))
	}
	return list
}

func editionFile(digest, end string) string {
	return "advisories/" + strings.TrimPrefix(digest, "sha256:") + end
}

// keptEditions is how many editions are kept: the one in use, and one to compare
// it with.
const keptEditions = 2

// editionsSetting has the editions, the newest first.
const editionsSetting = "advisory editions"

// setting reads a setting of the installation into v.
func (s *server) setting(ctx context.Context, name string, v any) error {
	text, err := s.store.ReadSetting(ctx, name)
	if err != nil || text == nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("reading setting %s: %w", name, err)
	}
	return nil
}

// putSetting keeps v as a setting of the installation.
func putSetting(ctx context.Context, tx *store.Tx, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, name, text)
}

// editions is the shelf of a server: the file that --db names, else the newest
// edition that any of the servers has published, else what there is without.
type editions struct{ *server }

func (e *editions) list(ctx context.Context) ([]Edition, error) {
	if e.DB != "" {
		return nil, nil
	}
	var list []Edition
	err := e.setting(ctx, editionsSetting, &list)
	return list, err
}

func (e *editions) stamp(ctx context.Context) (string, error) {
	list, err := e.list(ctx)
	if err != nil || len(list) > 0 {
		return fmt.Sprint(list), err
	}
	return e.Advisories.Stamp(), nil
}

func (e *editions) open(ctx context.Context) (*vulndb.Known, error) {
	list, err := e.list(ctx)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return e.Advisories.Open(ctx)
	}
	known, err := e.openEdition(ctx, list[0])
	if errors.Is(err, vulndb.ErrFormat) { // of another release of Assay; the next sync builds one for this
		return e.Advisories.Open(ctx)
	}
	if err == nil {
		e.sweepEditions(list)
	}
	return known, err
}

// past opens an edition by its digest, to compare another with it. The caller
// closes it. If it is no longer kept, the error is a NotFound.
func (s *server) past(ctx context.Context, digest string) (*vulndb.Known, error) {
	e := &editions{s}
	list, err := e.list(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		if x.digest() == digest {
			return e.openEdition(ctx, x)
		}
	}
	return nil, fault.New(fault.NotFound, "There is no advisory database %s any more.", digest)
}

// openEdition opens an edition from the data folder, and brings there what is
// missing.
func (e *editions) openEdition(ctx context.Context, x Edition) (*vulndb.Known, error) {
	for _, name := range x.files() {
		if err := e.bring(ctx, name); err != nil {
			return nil, fmt.Errorf("getting the advisory database %s: %w", name, err)
		}
	}
	known := &vulndb.Known{}
	var err error
	if known.DB, err = vulndb.Open(filepath.Join(e.Data, editionFile(x.Database, ".db"))); err != nil || x.Enrichment == "" {
		return known, err
	}
	if known.Enrichments, err = vulndb.OpenEnrichment(filepath.Join(e.Data, editionFile(x.Enrichment, ".enrich"))); err != nil {
		return nil, errors.Join(err, known.DB.Close())
	}
	return known, nil
}

// bring copies a file of an edition from the blobs to the data folder, unless it
// is there. It gets its name when every byte of it has been checked.
func (e *editions) bring(ctx context.Context, name string) (err error) {
	path := filepath.Join(e.Data, name)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	r, _, err := e.blobs.Get(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.CreateTemp(filepath.Dir(path), "*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if digest, err := verified(f.Name(), strings.HasSuffix(name, ".enrich")); err != nil || !strings.Contains(name, strings.TrimPrefix(digest, "sha256:")) {
		return errors.Join(err, fmt.Errorf("it is not what its name says: %s", digest))
	}
	return os.Rename(f.Name(), path)
}

// verified reads every byte of a database or an enrichment, and returns its
// digest.
func verified(path string, enrichment bool) (digest string, err error) {
	if enrichment {
		e, err := vulndb.OpenEnrichment(path)
		if err != nil {
			return "", err
		}
		return e.Header().Digest, errors.Join(e.Verify(), e.Close())
	}
	db, err := vulndb.Open(path)
	if err != nil {
		return "", err
	}
	return db.Header().Digest, errors.Join(db.Verify(), db.Close())
}

// sweepEditions deletes from the data folder what is of no edition. A file that
// is still in use goes when it is closed.
func (e *editions) sweepEditions(list []Edition) {
	keep := map[string]bool{}
	for _, x := range list {
		for _, name := range x.files() {
			keep[filepath.Base(name)] = true
		}
	}
	dir := filepath.Join(e.Data, "advisories")
	files, _ := os.ReadDir(dir) // none: nothing to delete
	for _, f := range files {
		info, err := f.Info()
		if err != nil || keep[f.Name()] || filepath.Ext(f.Name()) == ".part" && time.Since(info.ModTime()) < time.Hour {
			continue // gone, wanted, or being written
		}
		_ = os.Remove(filepath.Join(dir, f.Name()))
	}
}
