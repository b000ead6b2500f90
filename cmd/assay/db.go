package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
)

// dbCommand groups the commands about databases.
type dbCommand struct {
	Update dbUpdate `cmd:"" help:"Get feeds from their publishers, and build the database of them."`
	Feeds  dbFeeds  `cmd:"" help:"List the feeds, and how the last update of each went."`
	Build  dbBuild  `cmd:"" help:"Build a database from advisory files."`
	Info   dbInfo   `cmd:"" help:"Show what a database holds."`
	Search dbSearch `cmd:"" help:"Look up a vulnerability or a package name."`
	Diff   dbDiff   `cmd:"" help:"List the packages for which two databases may answer differently."`
	Verify dbVerify `cmd:"" help:"Check every byte of a database."`
	Push   dbPush   `cmd:"" help:"Push a database to a registry, signed."`
	Pull   dbPull   `cmd:"" help:"Pull a database from a registry, if it is newer and its signature is right."`
	Keygen dbKeygen `cmd:"" help:"Make the keys that databases are signed with."`
}

// dbBuild is "assay db build".
type dbBuild struct {
	From   []string `required:"" sep:"none" placeholder:"DIR|FILE" type:"path" help:"Files, or directories of files, to read; may be repeated."`
	Output string   `short:"o" required:"" placeholder:"FILE" type:"path" help:"Database to write; the enrichment goes to FILE.enrich."`
}

// Help shows examples.
func (dbBuild) Help() string {
	return `Reads what doc/feeds.md lists: OSV, the lists of distributions and of languages,
NVD, CVE 5 records, KEV, EPSS, exploits and ends of support; an archive of several
formats is several sources. Files it cannot use are listed and do not change the
exit status. Same files, same bytes: the stated time is
SOURCE_DATE_EPOCH, else that of the newest record.

Examples:
  assay db build --from advisories/ --output assay.db
  assay db build --from PyPI/all.zip --from known_exploited_vulnerabilities.json --output assay.db`
}

// Run builds the database.
func (c *dbBuild) Run(ctx context.Context, e edge) error {
	sources, unused, err := feed.Find(ctx, c.From)
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		return fmt.Errorf("none of the files named by --from is a feed that can be read (see \"assay db build --help\")")
	}
	show, stop := progress(e, false)
	b, loads, err := buildOf(ctx, e, sources, show)
	stop()
	if err != nil {
		return err
	}
	stats, err := b.WriteFiles(c.Output)
	if err != nil {
		return fmt.Errorf("writing %s: %w", c.Output, err)
	}
	w := tabwriter.NewWriter(e.stderr, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FEED\tREAD\tSTORED\tREJECTED\tFILE")
	for _, l := range loads {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", l.source.Name, l.Read, l.Stored, l.Read-l.Stored, l.source.Path)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing to standard error: %w", err)
	}
	for _, l := range loads {
		for _, r := range l.Reasons() {
			fmt.Fprintf(e.stderr, "%s: %d × %s, for instance %s\n", l.source.Path, l.Rejected[r], r, l.Example[r])
		}
	}
	for _, u := range unused {
		fmt.Fprintf(e.stderr, "not used: %s: %s\n", u.Path, u.Reason)
	}
	showStats(e, c.Output, stats)
	return nil
}

// showStats says what was written.
func showStats(e edge, path string, stats vulndb.Stats) {
	fmt.Fprintf(e.stdout, "%s: %d advisories, %d package names, %d bytes; enrichment of %d CVEs, %d bytes\n",
		path, stats.Advisories, stats.Names, stats.Bytes, stats.Enrichments, stats.EnrichmentBytes)
}

// buildOf reads the sources into a builder that states the right time. The
// time is known only when everything is read.
func buildOf(ctx context.Context, e edge, sources []feed.Source, show func(string, ...any)) (*vulndb.Builder, []loaded, error) {
	b := vulndb.NewBuilder(vulndb.BuildOptions{})
	loads, err := load(ctx, b, sources, show)
	if err != nil {
		return nil, nil, err
	}
	var newest time.Time
	for _, l := range loads {
		if l.Newest.After(newest) {
			newest = l.Newest
		}
	}
	built, err := statedTime(e, newest)
	if err != nil {
		return nil, nil, err
	}
	b.SetBuilt(built)
	return b, loads, nil
}

// dbFlag names a database.
type dbFlag struct {
	DB string `name:"db" placeholder:"FILE" env:"ASSAY_DB" help:"Database; the user's own or the starter set if none is given."`
}

// dbInfo is "assay db info".
type dbInfo struct {
	File string `arg:"" optional:"" help:"Database; the user's own or the starter set if none is given."`
}

// Run shows header and coverage.
func (c *dbInfo) Run(e edge) error {
	k, err := openKnowledge(e, c.File)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }()
	h := k.Header()
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "built\t%s\nformat\t%d\ndigest\t%s\n", h.Built.Format(time.RFC3339), h.Format, h.Digest)
	if h.Starter {
		fmt.Fprintln(w, "set\tstarter (a small selection; \"assay db update\" gets the full data)")
	}
	fmt.Fprintf(w, "advisories\t%d (%d withdrawn)\nnames\t%d\nstatements\t%d\nflaws\t%d\nbytes\t%d\n",
		h.Advisories, h.Withdrawn, h.Names, h.Statements, h.Flaws, h.Bytes)
	if k.Enrichments != nil {
		fmt.Fprintf(w, "enriched\t%d CVEs, %d bytes\n", k.Enrichments.Header().Enrichments, k.Enrichments.Header().Bytes)
	}
	fmt.Fprintln(w, "\nECOSYSTEM\tNAMES\tSTATEMENTS")
	for _, c := range k.Ecosystems() {
		fmt.Fprintf(w, "%s\t%d\t%d\n", c.Ecosystem, c.Names, c.Statements)
	}
	fmt.Fprintln(w, "\nFEED\tSTORED\tREAD\tNEWEST\tFILE")
	for _, f := range h.Feeds {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\n", f.Name, f.Stored, f.Read, date(f.Modified), f.File)
	}
	return w.Flush()
}

func date(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

// dbVerify is "assay db verify".
type dbVerify struct {
	File string `arg:"" help:"Database; its enrichment is checked too if it is there."`
}

// Run checks both files.
func (c *dbVerify) Run(e edge) error {
	k, err := openKnowledge(e, c.File)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }()
	if err := k.Verify(); err != nil {
		return fmt.Errorf("verifying %s: %w", c.File, err)
	}
	if k.Enrichments != nil {
		if err := k.Enrichments.Verify(); err != nil {
			return fmt.Errorf("verifying %s: %w", vulndb.EnrichmentPath(c.File), err)
		}
	}
	fmt.Fprintf(e.stdout, "%s: good, %s\n", c.File, k.Header().Digest)
	return nil
}

// dbDiff is "assay db diff".
type dbDiff struct {
	A string `arg:"" help:"The older database."`
	B string `arg:"" help:"The newer database."`
}

// Run lists the names that differ, sorted.
func (c *dbDiff) Run(e edge) error {
	a, err := vulndb.Open(c.A)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	b, err := vulndb.Open(c.B)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	changes, err := vulndb.Diff(a, b)
	if err != nil {
		return fmt.Errorf("comparing %s and %s: %w", c.A, c.B, err)
	}
	for _, ch := range changes {
		fmt.Fprintf(e.stdout, "%s %s %s\n", ch.Kind, ch.Ecosystem, ch.Name)
	}
	fmt.Fprintf(e.stderr, "%d package names differ\n", len(changes))
	return nil
}
