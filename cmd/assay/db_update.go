package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/mirror"
	"github.com/assay-project/assay/internal/vulndb"
)

// feedsFlag names the folder of feeds.
type feedsFlag struct {
	Feeds string `name:"feeds-dir" placeholder:"DIR" env:"ASSAY_FEEDS_DIR" type:"path" help:"Where feeds are kept; ~/.local/share/assay/feeds if none is given."`
}

func (f feedsFlag) dir(e edge) (string, error) {
	if f.Feeds != "" {
		return f.Feeds, nil
	}
	if data := dataDir(e); data != "" {
		return filepath.Join(data, "feeds"), nil
	}
	return "", errors.New("there is no home directory to keep feeds in: give --feeds-dir")
}

// outputFlag names the database that is written.
type outputFlag struct {
	Output string `short:"o" placeholder:"FILE" type:"path" help:"Database to write; ~/.local/share/assay/assay.db, where scans look for it, if none is given."`
}

func (f outputFlag) path(e edge) (string, error) {
	path := f.Output
	if path == "" {
		data := dataDir(e)
		if data == "" {
			return "", errors.New("there is no home directory to keep a database in: give --output")
		}
		path = filepath.Join(data, "assay.db")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", fmt.Errorf("making the folder of the database: %w (see --output)", err)
	}
	return path, nil
}

// dbUpdate is "assay db update".
type dbUpdate struct {
	feedsFlag
	outputFlag
	Feed    []string `sep:"none" placeholder:"NAME" help:"Feed to get, or \"all\"; may be repeated. All that are not marked as extra if none is given; see assay db feeds."`
	Mirror  string   `placeholder:"DIR|URL" env:"ASSAY_MIRROR" help:"Get feeds from a folder, or from an http(s) address with an index.json, in place of their publishers."`
	Offline bool     `help:"Get nothing: build of the feeds that are there."`
	Accept  bool     `help:"Take feeds that have lost more than half of their records."`
}

// Help shows examples.
func (dbUpdate) Help() string {
	return `Gets what has changed of each feed, and builds the database of all feeds that
are there. A feed that cannot be had, or is not what it was, keeps its last good
copy and never holds the others up; the exit status is then 3.

Examples:
  assay db update
  assay db update --feed osv-npm --feed kev --feed epss
  assay db update --mirror https://mirror.example.org/assay/
  assay db update --mirror /media/usb/feeds --output assay.db`
}

// Run updates the feeds and the database.
func (c *dbUpdate) Run(ctx context.Context, e edge) error {
	dir, err := c.dir(e)
	if err != nil {
		return err
	}
	path, err := c.path(e)
	if err != nil {
		return err
	}
	folder := mirror.Folder{Dir: dir, Accept: c.Accept}
	now := time.Now()
	var looked []mirror.Status
	if !c.Offline {
		list, err := c.choose(ctx, dir)
		if err != nil {
			return err
		}
		if looked, err = folder.Update(ctx, now, list); err != nil {
			return fmt.Errorf("updating the feeds in %s: %w", dir, err)
		}
		others, err := notLooked(folder, looked)
		if err != nil {
			return err
		}
		if err := showLooked(e, looked, others, now); err != nil {
			return err
		}
	}
	leftOut, err := c.build(ctx, e, folder, path, now)
	if err != nil {
		return err
	}
	if leftOut || slices.ContainsFunc(looked, func(s mirror.Status) bool { return s.Error != "" }) {
		return outcome{statusProblems}
	}
	return nil
}

// choose returns the feeds to look at.
func (c *dbUpdate) choose(ctx context.Context, dir string) ([]mirror.Feed, error) {
	all := mirror.Feeds()
	switch {
	case strings.Contains(c.Mirror, "://"):
		base, err := url.Parse(c.Mirror)
		if err != nil {
			return nil, fmt.Errorf("reading --mirror: %w", err)
		}
		sum := sha256.Sum256([]byte(c.Mirror))
		copied := filepath.Join(dir, ".mirror", hex.EncodeToString(sum[:8]))
		got, err := mirror.Copy{Base: base, Dir: copied, Client: http.DefaultClient}.Fetch(ctx)
		if err != nil {
			return nil, err
		}
		if all, err = mirror.InFolder(copied, got.Failed); err != nil {
			return nil, err
		}
	case c.Mirror != "":
		var err error
		if all, err = mirror.InFolder(c.Mirror, nil); err != nil {
			return nil, fmt.Errorf("reading --mirror: %w", err)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no feed", c.Mirror)
	}
	var list []mirror.Feed
	known := map[string]bool{"all": true}
	for _, f := range all {
		known[f.Name] = true
		named := slices.Contains(c.Feed, f.Name)
		usual := f.Readable() && (len(c.Feed) == 0 && (!f.Extra || c.Mirror != "") || slices.Contains(c.Feed, "all"))
		switch {
		case named && !f.Readable():
			return nil, fmt.Errorf("the feed %s cannot be read by this release", f.Name)
		case named || usual:
			list = append(list, f)
		}
	}
	for _, name := range c.Feed {
		if !known[name] {
			return nil, fmt.Errorf("there is no feed named %q (see \"assay db feeds\")", name)
		}
	}
	return list, nil
}

// notLooked returns the feeds that count although nobody was asked for them:
// they were not named, or the mirror has them no more.
func notLooked(folder mirror.Folder, looked []mirror.Status) ([]mirror.Status, error) {
	kept, err := folder.Statuses()
	if err != nil {
		return nil, fmt.Errorf("reading the feeds in %s: %w", folder.Dir, err)
	}
	return slices.DeleteFunc(kept, func(s mirror.Status) bool {
		return len(s.Files) == 0 || slices.ContainsFunc(looked, func(l mirror.Status) bool { return l.Name == s.Name })
	}), nil
}

func showLooked(e edge, looked, others []mirror.Status, now time.Time) error {
	w := tabwriter.NewWriter(e.stderr, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FEED\tREAD\tSTORED\tREJECTED\tAGE\tCAME\tERROR")
	for _, s := range looked {
		read, stored := s.Records()
		came := "nothing new"
		if s.Changed {
			came = fmt.Sprintf("%d bytes", s.Came)
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\t%s\n", s.Name, read, stored, read-stored, feedAge(s, now), came, oneLine(s.Error))
	}
	for _, s := range others {
		read, stored := s.Records()
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\tnot asked for\t%s\n", s.Name, read, stored, read-stored, feedAge(s, now), oneLine(s.Error))
	}
	return w.Flush()
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "; ") }

// feedAge is how old the last good copy of a feed is: since when its publisher
// may have said something else.
func feedAge(s mirror.Status, now time.Time) string {
	t := s.Good
	for _, f := range s.Files {
		if s.Good.IsZero() && f.Got.After(t) {
			t = f.Got
		}
	}
	if t.IsZero() {
		return "never"
	}
	switch d := now.Sub(t); {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	default:
		return fmt.Sprintf("%dm", int(max(d, 0).Minutes()))
	}
}

// build makes the database of the feeds in a folder, unless the one that is
// there was made of the same files, today. It tells whether a feed was left out
// because it cannot be read any more.
func (c *dbUpdate) build(ctx context.Context, e edge, folder mirror.Folder, path string, now time.Time) (leftOut bool, err error) {
	sources, stamp, err := keptSources(ctx, folder)
	if err != nil {
		return false, err
	}
	if len(sources) == 0 {
		return false, fmt.Errorf("there is no feed in %s to build a database of", folder.Dir)
	}
	built, err := statedTime(e, now)
	if err != nil {
		return false, err
	}
	built = built.UTC()
	if old, err := vulndb.OpenKnown(path); err == nil {
		h := old.Header()
		_ = old.Close()
		if h.Label == stamp && h.Built.Format(time.DateOnly) == built.Format(time.DateOnly) {
			fmt.Fprintf(e.stdout, "%s: %d advisories, as it was\n", path, h.Advisories)
			return false, nil
		}
	}
	for {
		show, stop := progress(e, false)
		b := vulndb.NewBuilder(vulndb.BuildOptions{Built: built, Label: stamp})
		loads, err := load(ctx, b, sources, show)
		stop()
		if n := len(loads); err != nil && ctx.Err() == nil && n < len(sources) && len(sources) > 1 {
			// It could be read when it came; the others are not to suffer.
			fmt.Fprintf(e.stderr, "left out: %v\n", err)
			sources, leftOut, stamp = slices.Delete(sources, n, n+1), true, ""
			continue
		}
		if err != nil {
			return leftOut, err
		}
		stats, err := b.WriteFiles(path)
		if err != nil {
			return leftOut, fmt.Errorf("writing %s: %w", path, err)
		}
		showStats(e, path, stats)
		return leftOut, nil
	}
}

// keptSources finds the feeds in a folder, each by itself, and what stands for
// all of their files.
func keptSources(ctx context.Context, folder mirror.Folder) ([]feed.Source, string, error) {
	kept, err := folder.Statuses()
	if err != nil {
		return nil, "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, version) // another may read more of the same
	var all []feed.Source
	for _, s := range kept {
		if len(s.Files) == 0 {
			continue
		}
		sources, _, err := feed.Find(ctx, []string{folder.Path(s.Name)})
		if err != nil {
			return nil, "", err
		}
		all = append(all, sources...)
		for _, f := range s.Files {
			fmt.Fprintln(h, s.Name, f.Path, f.SHA256)
		}
	}
	return all, "feeds " + hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// dbFeeds is "assay db feeds".
type dbFeeds struct {
	feedsFlag
	All bool `help:"List the extra ones too, which are got only when they are named."`
}

// Run lists the feeds, sorted by name.
func (c *dbFeeds) Run(e edge) error {
	dir, err := c.dir(e)
	if err != nil {
		return err
	}
	kept, err := mirror.Folder{Dir: dir}.Statuses()
	if err != nil {
		return fmt.Errorf("reading the feeds in %s: %w", dir, err)
	}
	for _, f := range mirror.Feeds() {
		if slices.ContainsFunc(kept, func(s mirror.Status) bool { return s.Name == f.Name }) || f.Extra && !c.All {
			continue
		}
		s := mirror.Status{Name: f.Name}
		if !f.Readable() {
			s.Error = "this release cannot read it"
		}
		kept = append(kept, s)
	}
	slices.SortFunc(kept, func(a, b mirror.Status) int { return cmp.Compare(a.Name, b.Name) })
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FEED\tREAD\tSTORED\tREJECTED\tAGE\tNEWEST\tBYTES\tERROR")
	now := time.Now()
	for _, s := range kept {
		read, stored := s.Records()
		why := cmp.Or(oneLine(s.Error), "none")
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\t%d\t%s\n", s.Name, read, stored, read-stored, feedAge(s, now), date(s.Newest()), s.Bytes(), why)
	}
	return w.Flush()
}
