package scan

import (
	"io"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/match"
)

// Advisories is an opened database, for [Run] and [match.Inventory]. Several may
// read from it at one time.
type Advisories interface {
	match.Advisories
	// Enrichment returns what others than the publisher of an advisory say of a
	// CVE: scores, exploits, CISA's catalogue, EPSS; false if nobody says a thing.
	Enrichment(cve string) (advisory.Enrichment, bool, error)
	io.Closer
}

// OpenAdvisories opens the database in a file that "assay db update", "build" or
// "pull" has written, with its enrichment beside it if that is there. It is
// mapped into memory, and read where it is asked.
func OpenAdvisories(file string) (Advisories, error) {
	k, err := vulndb.OpenKnown(file)
	if err != nil {
		return nil, err
	}
	return k, nil
}
