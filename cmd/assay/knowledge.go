package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/scan"
)

// The starter set is a small set of well-known vulnerabilities, so that the first
// scan shows something before a full database is built. It is built of the files
// in the folder starter by "make generate": to do so in each scan would take as
// long as the rest of it.
var (
	//go:embed starter.db
	starter []byte
	//go:embed starter.db.enrich
	starterEnrichment []byte
)

// openKnowledge opens the database at path; an empty path means the user's own
// database if there is one, else the starter set.
func openKnowledge(e edge, path string) (*vulndb.Known, error) {
	if path == "" {
		path = ownDatabase(e)
	}
	if path == "" {
		k, err := vulndb.OpenKnownBytes(starter, starterEnrichment)
		if err != nil {
			return nil, fmt.Errorf("opening the starter set: %w", err)
		}
		return k, nil
	}
	k, err := vulndb.OpenKnown(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w (get one with \"assay db update --output %s\", or build one with \"assay db build --from DIR --output %s\")", err, path, path)
	}
	if err != nil {
		// The file may be something else, which is not to be written over.
		return nil, fmt.Errorf("%w (make one with \"assay db update\" or \"assay db build\"; one of another release of Assay cannot be read)", err)
	}
	return k, nil
}

// ownDatabase is where a user's database lies by default, if there is one.
func ownDatabase(e edge) string {
	path := filepath.Join(dataDir(e), "assay.db")
	if _, err := os.Stat(path); dataDir(e) == "" || err != nil {
		return ""
	}
	return path
}

// dataDir is where a user's data lie by default; empty if that is not known.
// Source: XDG Base Directory Specification 0.8, "Environment variables".
func dataDir(e edge) string {
	dir := e.getenv("XDG_DATA_HOME")
	if dir == "" {
		if dir = e.getenv("HOME"); dir == "" {
			return ""
		}
		dir = filepath.Join(dir, ".local", "share")
	}
	return filepath.Join(dir, "assay")
}

// describe says which database was asked.
func describe(k *vulndb.Known) *scan.Database {
	h := k.Header()
	return &scan.Database{Built: h.Built, Digest: h.Digest, Starter: h.Starter, Feeds: h.Feeds}
}
