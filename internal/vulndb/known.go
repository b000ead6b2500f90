package vulndb

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/assay-project/assay/advisory"
)

// Known is a database with what others say of its vulnerabilities, opened
// together. It may be read from several goroutines.
type Known struct {
	*DB
	Enrichments *Enrichments // nil if there is none
}

// OpenKnown opens the database at path and the enrichment beside it, which may
// be missing. The caller closes it.
func OpenKnown(path string) (*Known, error) {
	db, err := Open(path)
	if err != nil {
		return nil, err
	}
	k := &Known{DB: db}
	k.Enrichments, err = OpenEnrichment(EnrichmentPath(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("opening enrichment %s: %w", EnrichmentPath(path), err), db.Close())
	}
	return k, nil
}

// OpenKnownBytes opens a database and an enrichment in memory.
func OpenKnownBytes(db, enrich []byte) (*Known, error) {
	k := &Known{}
	var err error
	if k.DB, err = OpenBytes(db); err != nil {
		return nil, err
	}
	k.Enrichments, err = OpenEnrichmentBytes(enrich)
	return k, err
}

// Enrichment returns what others say of a CVE; false if nobody does.
func (k *Known) Enrichment(cve string) (advisory.Enrichment, bool, error) {
	if k.Enrichments == nil {
		return advisory.Enrichment{}, false, nil
	}
	return k.Enrichments.Lookup(cve)
}

// Digest names what is known: it changes with any byte of the database or the
// enrichment.
func (k *Known) Digest() string {
	if k.Enrichments == nil {
		return k.Header().Digest
	}
	return k.Header().Digest + "+" + k.Enrichments.Header().Digest
}

// Close closes both.
func (k *Known) Close() error {
	err := k.DB.Close()
	if k.Enrichments != nil {
		err = errors.Join(err, k.Enrichments.Close())
	}
	return err
}
