// Package feed reads what publishers say of vulnerabilities and yields it as
// advisories and enrichments: OSV records, the lists of distributions and of
// the communities of languages, the configurations of NVD, the ends of support;
// and for single CVEs the CVE list with CISA's additions, CISA's catalogue of
// known exploited vulnerabilities, EPSS, and lists of exploits.
//
// [Find] recognises feeds among files by their content, [Read] streams one of
// them. No more than one record stands in memory, except for feeds whose files
// are joined, such as secdb. Nothing here touches the network: package mirror
// gets the files.
//
// A new feed is a row in the table of formats and one function that reads it.
package feed

import (
	"context"
	"encoding/xml"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"time"

	"github.com/assay-project/assay/advisory"
)

// Names of the feeds, as Source.Name and advisory.Advisory.Source have them.
const (
	OSV         = "osv"
	DebianDSA   = "debian-dsa"
	AlpineSecDB = "alpine-secdb"
	CVE         = "cve"
	KEV         = "kev"
	EPSS        = "epss"
)

// Record is one thing read from a feed: exactly one field is set. The record
// belongs to the caller.
type Record struct {
	Advisory   *advisory.Advisory
	Enrichment *advisory.Enrichment
}

// Date returns the day of the newest statement that the record carries: the
// last change of an advisory or a CVE, the day of an EPSS score, the day on
// which a CVE came into CISA's catalogue. It is zero if the record has none.
func (r Record) Date() time.Time {
	dates := make([]time.Time, 0, 5)
	if a := r.Advisory; a != nil {
		dates = append(dates, a.Modified, a.Withdrawn)
		if a.Kind != advisory.Unsupported { // whose day may be one to come
			dates = append(dates, a.Published)
		}
	}
	if e := r.Enrichment; e != nil {
		dates = append(dates, e.Published, e.Modified)
		if e.KEV != nil {
			dates = append(dates, e.KEV.Added)
		}
		if e.EPSS != nil {
			dates = append(dates, e.EPSS.Date)
		}
	}
	var newest time.Time
	for _, d := range dates {
		if d.After(newest) {
			newest = d
		}
	}
	return newest
}

// Source is a file, an archive, or files of one format that lie together,
// recognised as a feed. It comes from [Find] or [FindFS].
type Source struct {
	Name string // the feed: osv, debian-dsa, rustsec, kev
	// Path is the file, or the directory that holds all of the files. Inside an
	// archive with several feeds "!/" and the member or the name of the feed
	// follow; [Find] takes such a path too.
	Path  string
	in    files
	files []string // sorted; one if Path is a file
	kind  container
	// Which members of an archive are of the feed: those named, else those
	// whose name ends so, else JSON.
	picked []string // sorted
	exts   []string
}

// Unused is a file that no feed reads.
type Unused struct {
	Path   string
	Reason string
}

// Rejected is the error of a record, or of a part of one, that cannot be
// used. The iteration goes on after it.
type Rejected struct {
	ID     string // of the record; the name of its file if the id is not known
	Reason string // one of few constant texts, so that reasons can be counted
	Detail string // the value that was refused; may be empty
	Part   bool   // the rest of the record was used, and comes next
}

// Error returns the id, the reason and the value that was refused.
func (r *Rejected) Error() string {
	if r.Detail == "" {
		return r.ID + ": " + r.Reason
	}
	return fmt.Sprintf("%s: %s: %.200q", r.ID, r.Reason, r.Detail)
}

// Find walks the files and directories named and returns the sources
// recognised and the files that no feed reads, each sorted by path. Files of
// one format that lie alone in a directory tree are one source. Directories
// whose name begins with a dot are passed over. A path that does not exist is
// an error.
func Find(ctx context.Context, paths []string) (sources []Source, unused []Unused, err error) {
	return find(ctx, files{disk{}, standard}, paths)
}

// FindFS is [Find] in a file system, such as files embedded in the program.
func FindFS(ctx context.Context, fsys fs.FS, paths []string) (sources []Source, unused []Unused, err error) {
	return find(ctx, files{fsys, standard}, paths)
}

// Read yields the records of a source, always in the same order. A record
// that cannot be used is an error of type *[Rejected], and the iteration goes
// on; any other error ends it.
func Read(ctx context.Context, s Source) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, f := range formats {
			if f.name == s.Name {
				f.read(ctx, s, yield)
				return
			}
		}
		yield(Record{}, fmt.Errorf("reading %s: no feed is named %q", s.Path, s.Name))
	}
}

// Known tells whether a feed has this name, as in [Source.Name].
func Known(name string) bool {
	return slices.ContainsFunc(formats, func(f format) bool { return f.name == name })
}

// A format is one row of the table of feeds.
type format struct {
	name string
	// many says that each record, or each of a few parts, is a file of its own,
	// so that archives and directories of such files are one source.
	many bool
	// Each row has one way to be recognised, the others are nil:
	// text recognises a text file by its first line.
	text func(line []byte) bool
	// head recognises any file by its beginning, at most 64 KiB without space
	// before it: YAML by [topKeys], TOML, Markdown, HTML.
	head func(head []byte) bool
	// keys recognises a JSON object by its first keys. Keys whose value is no
	// short string, or is not read yet, have the value "".
	keys func(keys map[string]string) bool
	// xml recognises an XML document by its root element.
	xml  func(root xml.Name) bool
	read func(ctx context.Context, s Source, yield func(Record, error) bool)
}

// formats holds the feeds. A file is of the first format that recognises it.
var formats = slices.Concat(commonFeeds, languageFeeds, distroFeeds, flawFeeds)

// commonFeeds are those of many publishers.
var commonFeeds = []format{
	{name: OSV, many: true, keys: isOSV, read: readOSV},
}
