package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/scan"
)

// starter is a small set of well-known vulnerabilities, so that the first scan
// shows something before a full database is built.
//
//go:embed starter
var starter embed.FS

// starterDate is when the starter set was last revised.
const starterDate = "2026-11-26"

// knowledge is an opened database with its enrichment, which may be missing.
type knowledge struct {
	*vulndb.DB
	enrich *vulndb.Enrichments
}

// openKnowledge opens the database at path; an empty path means the user's own
// database if there is one, else the starter set.
func openKnowledge(ctx context.Context, e edge, path string) (*knowledge, error) {
	if path == "" {
		path = ownDatabase(e)
	}
	if path == "" {
		return openStarter(ctx)
	}
	db, err := vulndb.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w (build one with \"assay db build --from DIR --output %s\")", path, err, path)
	}
	k := &knowledge{DB: db}
	k.enrich, err = vulndb.OpenEnrichment(vulndb.EnrichmentPath(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		_ = db.Close()
		return nil, fmt.Errorf("opening enrichment %s: %w", vulndb.EnrichmentPath(path), err)
	}
	return k, nil
}

// ownDatabase is where a user's database lies by default, if there is one.
func ownDatabase(e edge) string {
	dir := e.getenv("XDG_DATA_HOME")
	if dir == "" && e.getenv("HOME") != "" {
		dir = filepath.Join(e.getenv("HOME"), ".local", "share")
	}
	path := filepath.Join(dir, "assay", "assay.db")
	if _, err := os.Stat(path); dir == "" || err != nil {
		return ""
	}
	return path
}

// openStarter builds the starter set in memory.
func openStarter(ctx context.Context) (*knowledge, error) {
	built, err := time.Parse(time.DateOnly, starterDate)
	if err != nil {
		return nil, fmt.Errorf("reading the date of the starter set: %w", err)
	}
	sources, _, err := feed.FindFS(ctx, starter, []string{"starter"})
	if err != nil {
		return nil, fmt.Errorf("reading the starter set: %w", err)
	}
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: built, Label: "starter", Starter: true})
	if _, err := load(ctx, b, sources, nil); err != nil {
		return nil, fmt.Errorf("reading the starter set: %w", err)
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		return nil, fmt.Errorf("building the starter set: %w", err)
	}
	k := &knowledge{}
	if k.DB, err = vulndb.OpenBytes(db.Bytes()); err != nil {
		return nil, fmt.Errorf("opening the starter set: %w", err)
	}
	if k.enrich, err = vulndb.OpenEnrichmentBytes(enrich.Bytes()); err != nil {
		return nil, fmt.Errorf("opening the starter set: %w", err)
	}
	return k, nil
}

// Enrichment returns what others say of a CVE.
func (k *knowledge) Enrichment(cve string) (advisory.Enrichment, bool, error) {
	if k.enrich == nil {
		return advisory.Enrichment{}, false, nil
	}
	return k.enrich.Lookup(cve)
}

// Close closes both files.
func (k *knowledge) Close() error {
	err := k.DB.Close()
	if k.enrich != nil {
		err = errors.Join(err, k.enrich.Close())
	}
	return err
}

func (k *knowledge) describe() *scan.Database {
	h := k.Header()
	return &scan.Database{Built: h.Built, Digest: h.Digest, Starter: h.Starter, Feeds: h.Feeds}
}
