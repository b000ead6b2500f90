package server

import (
	"archive/tar"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/mirror"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// Limits of feeds, and how suspicious we are.
const (
	maxFeeds  = 4096
	fewOf     = 100             // records that must have been there to tell that half of them are missing
	againSoon = 5 * time.Minute // after a look in which something failed
)

// sync looks at all feeds once. What has changed and is good takes the place of
// what was in use; what is not, leaves it. If that makes any difference, one or
// both files of the database are built anew and published, all in the
// transaction that ends the job: a job that dies, or is done by two servers at
// once because one was taken for dead, is as if it had not been.
func (p *feeds) sync(ctx context.Context, j *work.Job) error {
	var in FeedsSync
	if err := j.Decode(&in); err != nil {
		return err
	}
	began := time.Now()
	old, err := p.state(ctx, began)
	if err != nil {
		return err
	}
	dir, err := p.workFolder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &feedRound{feeds: p, old: old, accept: in.Accept, dir: dir, now: began, live: map[string]feed.Source{}}
	if err := r.lookAll(ctx); err != nil {
		return err
	}
	built, err := r.build(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		// How the feeds fare is told even so.
		r.next.Ranges, r.next.Enrichment, r.next.Editions, r.next.Error = old.Ranges, old.Enrichment, old.Editions, err.Error()
		kept := p.server.store.Update(ctx, func(tx *store.Tx) error { return r.keep(ctx, tx) })
		if kept == nil {
			r.discard(ctx)
		}
		return errors.Join(err, kept)
	}
	err = j.Finish(ctx, func(tx *store.Tx) error {
		if r.failing() {
			if err := enqueueLook(ctx, tx, FeedsSync{}, time.Now().Add(min(againSoon, p.server.FeedsEvery))); err != nil {
				return err
			}
		}
		if built {
			if err := putSetting(ctx, tx, editionsSetting, r.next.Editions); err != nil {
				return err
			}
		}
		return r.keep(ctx, tx)
	})
	if err != nil {
		return err
	}
	r.tell(ctx, built)
	r.discard(ctx)
	if built {
		p.server.library.lookNow()
	}
	return nil
}

// workFolder makes a folder for one look, and deletes what others have left
// that died.
func (p *feeds) workFolder() (string, error) {
	all := filepath.Join(p.server.Data, "feeds", "work")
	if err := os.MkdirAll(all, 0o700); err != nil {
		return "", err
	}
	left, err := os.ReadDir(all)
	if err != nil {
		return "", err
	}
	for _, d := range left {
		if info, err := d.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(all, d.Name())) // the next look tries again
		}
	}
	return os.MkdirTemp(all, "")
}

// A feedRound is one look at all feeds.
type feedRound struct {
	*feeds
	old    Feeds
	next   Feeds
	accept bool
	dir    string // for what lives as long as the look
	now    time.Time
	live   map[string]feed.Source // sources that are what their feed has in use, by key
	drop   []string               // blobs that nothing has named since the last look
}

// key names a feed.
func (f Feed) key() string { return f.Place + "\n" + f.Path }

// inUse returns what was in use of a feed before.
func (r *feedRound) inUse(key string) (Feed, bool) {
	i := slices.IndexFunc(r.old.Feeds, func(f Feed) bool { return f.key() == key })
	if i < 0 {
		return Feed{}, false
	}
	return r.old.Feeds[i], true
}

// fail notes that a feed failed; what was in use of it stays.
func (r *feedRound) fail(f Feed, err error) {
	f.Failed, f.Error = r.now, err.Error()
	f.Failures++
	r.next.Feeds = append(r.next.Feeds, f)
}

// lookAll looks at all places.
func (r *feedRound) lookAll(ctx context.Context) error {
	r.next = Feeds{Feeds: []Feed{}, Places: shownPlaces(r.server.Feeds), Last: r.now, Ranges: r.old.Ranges, Enrichment: r.old.Enrichment, Editions: r.old.Editions}
	for i, place := range r.server.Feeds {
		shown := r.next.Places[i]
		before := len(r.next.Feeds)
		dir, failed, err := r.bring(ctx, place)
		if err == nil {
			err = r.look(ctx, looking{shown, dir, failed})
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.next.Feeds = r.next.Feeds[:before]
			r.placeFails(shown, err)
		}
	}
	if len(r.next.Feeds) > maxFeeds {
		return store.Permanent{Err: fmt.Errorf("there are %d feeds, and may be at most %d: put loose files into archives", len(r.next.Feeds), maxFeeds)}
	}
	slices.SortFunc(r.next.Feeds, func(a, b Feed) int { return cmp.Compare(a.key(), b.key()) })
	return nil
}

// shownPlaces are places without passwords.
func shownPlaces(places []string) []string {
	out := slices.Clone(places)
	for i, place := range out {
		if u, err := url.Parse(place); err == nil && u.User != nil {
			out[i] = u.Redacted()
		}
	}
	return out
}

// bring returns the folder with the files of a place, and of one on the web,
// which could not be had.
func (r *feedRound) bring(ctx context.Context, place string) (dir string, failed map[string]error, err error) {
	if !strings.Contains(place, "://") {
		return filepath.Clean(place), nil, nil
	}
	base, err := url.Parse(place)
	if err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256([]byte(place))
	dir = filepath.Join(r.server.Data, "feeds", "mirror", hex.EncodeToString(sum[:8]))
	got, err := mirror.Copy{Base: base, Dir: dir}.Fetch(ctx)
	return dir, got.Failed, err
}

// placeFails keeps all that was in use of a place.
func (r *feedRound) placeFails(place string, err error) {
	known := false
	for _, f := range r.old.Feeds {
		if f.Place == place {
			r.fail(f, err)
			known = true
		}
	}
	if !known { // so that it is seen at all
		r.fail(Feed{Place: place}, err)
	}
}

// A looking is a place with its files here.
type looking struct {
	place  string
	dir    string
	failed map[string]error // by path below dir
}

// look finds the feeds of a place and looks at each.
func (r *feedRound) look(ctx context.Context, l looking) error {
	sources, unused, err := feed.Find(ctx, []string{l.dir})
	if err != nil {
		return err
	}
	had := slices.ContainsFunc(r.old.Feeds, func(f Feed) bool { return f.Place == l.place && f.Copy != "" })
	if len(sources) == 0 && had {
		return errors.New("nothing there is a feed")
	}
	seen := map[string]bool{}
	told := map[string]bool{} // files that could not be had whose feed says so
	for _, s := range sources {
		below := func(file string) string {
			return filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(file, l.dir), string(filepath.Separator)))
		}
		f := Feed{Place: l.place, Path: cmp.Or(below(s.Path), "."), Name: s.Name}
		seen[f.key()] = true
		var wrong error
		for file, err := range l.failed {
			if s.Holds(filepath.Join(l.dir, filepath.FromSlash(file))) {
				told[file] = true
				wrong = errors.Join(wrong, fmt.Errorf("getting %s: %w", file, err))
			}
		}
		if err := r.examine(ctx, f, s, wrong); err != nil {
			return err
		}
	}
	for file, err := range l.failed {
		key := Feed{Place: l.place, Path: file}.key()
		f, ok := r.inUse(key)
		if !ok {
			f = Feed{Place: l.place, Path: file}
		}
		if !told[file] && !seen[key] {
			seen[key] = true
			r.fail(f, fmt.Errorf("getting %s: %w", file, err))
		}
	}
	for _, f := range r.old.Feeds {
		if f.Place != l.place || seen[f.key()] || f.Copy == "" {
			continue
		}
		// What is there but is no feed any more is broken; what is gone was taken away.
		for _, u := range unused {
			rel := filepath.ToSlash(strings.TrimPrefix(u.Path, l.dir+string(filepath.Separator)))
			if rel == f.Path || strings.HasPrefix(rel, f.Path+"/") {
				r.fail(f, errors.New(u.Reason))
				break
			}
		}
	}
	return nil
}

// examine looks at one feed. Only an error that is not the feed's is returned.
func (r *feedRound) examine(ctx context.Context, f Feed, s feed.Source, wrong error) error {
	old, known := r.inUse(f.key())
	is, err := feed.Describe(ctx, s)
	if err != nil {
		wrong = errors.Join(wrong, err)
	}
	same := known && old.Copy != "" && err == nil && is.Digest == old.Digest
	if same {
		r.live[f.key()] = s
	}
	switch {
	case wrong != nil && known:
		r.fail(old, wrong)
		return ctx.Err()
	case same:
		old.Success, old.Error, old.Failures = r.now, "", 0
		r.next.Feeds = append(r.next.Feeds, old)
		return nil
	case err != nil:
		r.fail(f, wrong)
		return ctx.Err()
	}
	loaded, err := feed.Load(ctx, s, func(feed.Record) error { return nil })
	if err == nil {
		err = judge(old, loaded, r.accept)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		if known {
			f = old
		}
		r.fail(f, err)
		return nil
	}
	f.Digest, f.Newest, f.Changed, f.Success = is.Digest, loaded.Newest, r.now, r.now
	f.Read, f.Stored, f.Rejected, f.Reasons = loaded.Read, loaded.Stored, loaded.Read-loaded.Stored, loaded.Rejected
	if f.Copy, err = r.copy(ctx, f, s); err != nil {
		return err
	}
	r.live[f.key()] = s
	r.next.Feeds = append(r.next.Feeds, f)
	return nil
}

// judge refuses what is whole but cannot be meant.
func judge(old Feed, now feed.Loaded, accept bool) error {
	switch {
	case accept:
		return nil
	case old.Stored > 0 && now.Stored == 0:
		return fmt.Errorf("none of its %d records can be used, where there were %d (assay admin feeds sync --accept takes it)", now.Read, old.Stored)
	case old.Stored >= fewOf && now.Stored < old.Stored/2:
		return fmt.Errorf("only %d records can be used, where there were %d (assay admin feeds sync --accept takes it)", now.Stored, old.Stored)
	}
	return nil
}

// copy keeps what a feed is now as a blob, for the time when it is broken: the
// file, or a tar of its files.
func (r *feedRound) copy(ctx context.Context, f Feed, s feed.Source) (string, error) {
	name := "feeds/" + strings.TrimPrefix(f.Digest, "sha256:")
	list := s.Files()
	if len(list) == 1 {
		file, err := os.Open(list[0])
		if err != nil {
			return "", err
		}
		defer file.Close()
		_, err = r.server.blobs.Put(ctx, name, file)
		return name, err
	}
	in, out := io.Pipe()
	go func() { out.CloseWithError(packFeed(out, s.Path, list)) }() // ends with the reading
	_, err := r.server.blobs.Put(ctx, name, in)
	_ = in.Close() // ends the writing, whatever Put has read
	return name, err
}

// packFeed writes files below a folder as a tar.
func packFeed(w io.Writer, dir string, files []string) error {
	t := tar.NewWriter(w)
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(name, dir+string(filepath.Separator)))
		if err := t.WriteHeader(&tar.Header{Name: rel, Mode: 0o600, Size: int64(len(body))}); err != nil {
			return err
		}
		if _, err := t.Write(body); err != nil {
			return err
		}
	}
	return t.Close()
}

// failing tells whether any feed failed.
func (r *feedRound) failing() bool {
	return slices.ContainsFunc(r.next.Feeds, func(f Feed) bool { return f.Failures > 0 })
}

// half returns the feeds in use that make up one of the two files, and what
// stands for all of them.
func (r *feedRound) half(enriches bool) (list []Feed, stamp string) {
	h := sha256.New()
	fmt.Fprintln(h, r.server.Version) // another may read more of the same
	for _, f := range r.next.Feeds {
		s := feed.Source{Name: f.Name}
		if f.Copy != "" && (enriches && s.Enriches() || !enriches && s.Advises()) { // NVD does both
			list = append(list, f)
			fmt.Fprintln(h, f.Name, f.Path, f.Digest)
		}
	}
	if list == nil {
		return nil, ""
	}
	return list, hex.EncodeToString(h.Sum(nil))
}

// build makes those files of the database anew whose feeds have changed. It
// tells whether there is another edition.
func (r *feedRound) build(ctx context.Context) (bool, error) {
	ranges, rangesStamp := r.half(false)
	rest, restStamp := r.half(true)
	if ranges == nil {
		if len(r.old.Editions) > 0 || r.failing() {
			return false, nil // what there is stays
		}
		return false, errors.New("no feed says anything of packages")
	}
	var e Edition
	if len(r.old.Editions) > 0 {
		e = r.old.Editions[0]
	}
	before := e.digest()
	var err error
	if rangesStamp != r.old.Ranges || e.Database == "" {
		if e.Database, err = r.make(ctx, ranges, ".db"); err != nil {
			return false, err
		}
	}
	if restStamp != r.old.Enrichment || rest != nil && e.Enrichment == "" {
		e.Enrichment = ""
		if rest != nil {
			if e.Enrichment, err = r.make(ctx, rest, ".enrich"); err != nil {
				return false, err
			}
		}
	}
	r.next.Ranges, r.next.Enrichment = rangesStamp, restStamp
	if e.digest() == before {
		return false, nil
	}
	e.Published = r.now
	r.next.Editions = append([]Edition{e}, r.old.Editions...)
	r.next.Editions = r.next.Editions[:min(len(r.next.Editions), keptEditions)]
	return true, nil
}

// make builds a database of feeds, of which one of the two files is kept as a
// blob, and returns the digest of that.
func (r *feedRound) make(ctx context.Context, list []Feed, end string) (string, error) {
	var from []string
	for i, f := range list {
		if s, ok := r.live[f.key()]; ok {
			from = append(from, s.Path)
			continue
		}
		file := filepath.Join(r.dir, fmt.Sprint(end[1:], i), path.Base(cmp.Or(strings.Trim(f.Path, "."), "feed")))
		if err := r.fetchCopy(ctx, f, file); err != nil {
			return "", fmt.Errorf("getting the last good copy of %s: %w", f.Path, err)
		}
		from = append(from, file)
	}
	out := filepath.Join(r.dir, "built"+end)
	if err := r.server.Advisories.Build(ctx, from, out, r.now); err != nil {
		return "", fmt.Errorf("building the advisory database: %w", err)
	}
	for _, f := range list { // somebody may have written to a file meanwhile
		if s, ok := r.live[f.key()]; ok {
			if is, err := feed.Describe(ctx, s); err != nil || is.Digest != f.Digest {
				return "", errors.Join(fmt.Errorf("%s changed while it was read", s.Path), err)
			}
		}
	}
	if end == ".enrich" {
		out += ".enrich"
	}
	digest, err := verified(out, end == ".enrich")
	if err != nil {
		return "", err
	}
	file, err := os.Open(out)
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = r.server.blobs.Put(ctx, editionFile(digest, end), file)
	return digest, err
}

// fetchCopy writes the last good copy of a feed to a file.
func (r *feedRound) fetchCopy(ctx context.Context, f Feed, file string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	in, _, err := r.server.blobs.Get(ctx, f.Copy)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// keep writes the state down. Blobs that nothing names any more are deleted at
// the next look, when it is sure that this one counted.
func (r *feedRound) keep(ctx context.Context, tx *store.Tx) error {
	used := map[string]bool{}
	for _, f := range r.next.Feeds {
		used[f.Copy] = true
	}
	for _, e := range r.next.Editions {
		for _, name := range e.files() {
			used[name] = true
		}
	}
	var garbage []string
	for _, f := range r.old.Feeds {
		garbage = append(garbage, f.Copy)
	}
	for _, e := range r.old.Editions {
		garbage = append(garbage, e.files()...)
	}
	r.next.Garbage = slices.DeleteFunc(garbage, func(name string) bool { return name == "" || used[name] })
	r.drop = slices.DeleteFunc(slices.Clone(r.old.Garbage), func(name string) bool { return used[name] })
	state := r.next
	state.Editions = nil // in a setting of their own, which all servers look at often
	return putSetting(ctx, tx, feedsSetting, state)
}

// tell logs what came of the look.
func (r *feedRound) tell(ctx context.Context, built bool) {
	s := r.server
	for _, f := range r.next.Feeds {
		if f.Failures > 0 {
			s.log.LogAttrs(ctx, slog.LevelWarn, "a feed cannot be used; what was in use of it stays", slog.String("place", f.Place),
				slog.String("path", f.Path), slog.Int("failures", f.Failures), slog.Time("last_good", f.Success), slog.String("error", f.Error))
		}
	}
	for _, f := range r.old.Feeds {
		if f.Copy != "" && !slices.ContainsFunc(r.next.Feeds, func(x Feed) bool { return x.key() == f.key() }) {
			s.log.LogAttrs(ctx, slog.LevelWarn, "a feed is gone", slog.String("place", f.Place), slog.String("path", f.Path))
		}
	}
	level := slog.LevelDebug
	if built {
		level = slog.LevelInfo
	}
	s.log.LogAttrs(ctx, level, "feeds looked at", slog.Int("feeds", len(r.next.Feeds)), slog.Bool("changed", built),
		slog.Duration("took", time.Since(r.now)))
}

// discard deletes what an earlier look left. What keep wrote down no longer
// names it, so that nobody else will.
func (r *feedRound) discard(ctx context.Context) {
	s := r.server
	for _, name := range r.drop {
		if err := s.blobs.Delete(ctx, name); err != nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "deleting what feeds no longer need", slog.Any("error", err))
		}
	}
}
