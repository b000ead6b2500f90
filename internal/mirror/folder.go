package mirror

import (
	"cmp"
	"compress/bzip2"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/feed"
)

// fewOf is how many records, or thousands of bytes, there must have been to
// tell that half of them are missing.
const fewOf = 10

// Names in the hidden folder of a [Folder].
const (
	statesDir = ".state" // what is known of each feed
	comingDir = ".coming"
)

// Folder is where feeds are kept: a folder for each, with its files as
// they came, and beside them what is known of how they came. Only one process
// may update it at a time; anybody may read it.
type Folder struct {
	Dir    string
	Client *http.Client
	Stall  time.Duration // how long a transfer may stand still; zero: a minute
	Wait   time.Duration // before a failed request is sent again; zero: a second
	Accept bool          // takes feeds that have lost more than half of their records
}

// Status is what is known of a feed in a folder.
type Status struct {
	Name   string
	Files  []File    `json:"files"`           // that are there, sorted by path
	Good   time.Time `json:"good"`            // when all of it was last had, or was seen to be as it is; zero: never
	Failed time.Time `json:"failed"`          // when Error happened
	Error  string    `json:"error,omitempty"` // why the last look did not have all of it
	// Changed tells whether the last look brought anything.
	Changed bool `json:"-"`
	// Came is how many bytes the last look transferred.
	Came int64 `json:"-"`
}

// File is a file of a feed as it came.
type File struct {
	Path     string    `json:"path"` // below the folder of the feed, with slashes
	URL      string    `json:"url,omitempty"`
	Stamp    string    `json:"stamp,omitempty"`
	SHA256   string    `json:"sha256"` // of the file as it lies there
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"` // of the file, to see that it is still that
	Got      time.Time `json:"got"`      // when it came
	Read     int       `json:"read"`
	Stored   int       `json:"stored"`
	Newest   time.Time `json:"newest"`
	Edition  edition   `json:"edition"`
}

// Records returns how many records the files have, and how many of them can be
// used.
func (s Status) Records() (read, stored int) {
	for _, f := range s.Files {
		read += f.Read
		stored += f.Stored
	}
	return read, stored
}

// Bytes is the size of the files.
func (s Status) Bytes() int64 {
	var n int64
	for _, f := range s.Files {
		n += f.Size
	}
	return n
}

// Newest is the date of the newest record.
func (s Status) Newest() time.Time {
	var t time.Time
	for _, f := range s.Files {
		if f.Newest.After(t) {
			t = f.Newest
		}
	}
	return t
}

func (s Status) file(name string) (File, bool) {
	i := slices.IndexFunc(s.Files, func(f File) bool { return f.Path == name })
	if i < 0 {
		return File{}, false
	}
	return s.Files[i], true
}

// Path is the folder of a feed.
func (d Folder) Path(name string) string { return filepath.Join(d.Dir, name) }

// Statuses returns what is known of the feeds that were ever looked at, sorted
// by name.
func (d Folder) Statuses() ([]Status, error) {
	entries, err := os.ReadDir(filepath.Join(d.Dir, statesDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Status
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		list = append(list, d.status(name))
	}
	return list, nil
}

// status reads what is known of a feed. What cannot be read is not known.
func (d Folder) status(name string) Status {
	var s Status
	text, err := os.ReadFile(filepath.Join(d.Dir, statesDir, name+".json"))
	if err != nil || json.Unmarshal(text, &s) != nil {
		s = Status{}
	}
	s.Name = name
	return s
}

func (d Folder) keep(s Status) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(d.Dir, statesDir, s.Name+".json"), text)
}

// writeWhole replaces a file at once.
func writeWhole(file string, text []byte) error {
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// Update looks at feeds, some at the same time, and returns how each fared, in
// their order. A file takes the place of an older one only when it is whole,
// can be read as what the feed consists of, and has not lost more than half of
// its records; what fails leaves what there was, and never touches another feed.
// An error means that the folder itself cannot be used.
func (d Folder) Update(ctx context.Context, now time.Time, feeds []Feed) ([]Status, error) {
	for _, dir := range []string{statesDir, comingDir} {
		if err := os.MkdirAll(filepath.Join(d.Dir, dir), 0o700); err != nil {
			return nil, err
		}
	}
	unlock, err := lockFile(filepath.Join(d.Dir, statesDir, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	d.sweep(now)
	out := make([]Status, len(feeds))
	var g errgroup.Group
	g.SetLimit(fetchers)
	for i, f := range feeds {
		g.Go(func() error {
			u := &updating{Folder: d, web: newWeb(d.Client, d.Stall, d.Wait), feed: f, now: now, old: d.status(f.Name)}
			out[i] = u.run(ctx)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return d.keep(out[i])
		})
	}
	return out, errors.Join(g.Wait(), d.index())
}

// sweep deletes what came of files that nobody has gone on with for long.
func (d Folder) sweep(now time.Time) {
	const kept = 14 * 24 * time.Hour
	left, _ := filepath.Glob(filepath.Join(d.Dir, comingDir, "*.part*")) // that pattern is right
	for _, name := range left {
		if info, err := os.Stat(name); err == nil && now.Sub(info.ModTime()) > kept {
			_ = os.Remove(name) // the next look tries again
		}
	}
}

// index writes the list of all files, so that the folder can be the mirror of
// others.
func (d Folder) index() error {
	all, err := d.Statuses()
	if err != nil {
		return err
	}
	index := struct {
		Files []mirrored `json:"files"`
	}{[]mirrored{}}
	for _, s := range all {
		for _, f := range s.Files {
			index.Files = append(index.Files, mirrored{s.Name + "/" + f.Path, f.SHA256, f.Size})
		}
	}
	text, err := json.MarshalIndent(index, "", " ")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(d.Dir, IndexName), text)
}

// updating is one look at one feed.
type updating struct {
	Folder
	web   web
	feed  Feed
	now   time.Time
	old   Status
	stage string // the folder in which what is to be is put together
}

// run looks at the feed.
func (u *updating) run(ctx context.Context) Status {
	s := u.old
	s.Changed, s.Came = false, 0
	fail := func(err error) Status {
		s.Error, s.Failed = err.Error(), u.now
		return s
	}
	u.recover()
	list, err := u.feed.files(ctx, u.web, u.now)
	if err != nil {
		return fail(err)
	}
	if len(list) > maxListed {
		return fail(fmt.Errorf("%d files are too many", len(list)))
	}
	if u.stage, err = os.MkdirTemp(filepath.Join(u.Dir, comingDir), u.feed.Name+"-"); err != nil {
		return fail(err)
	}
	defer os.RemoveAll(u.stage)
	next, errs := u.bringAll(ctx, list)
	s.Came = next.Came
	if ctx.Err() != nil {
		return fail(ctx.Err())
	}
	if len(next.Files) == 0 {
		return fail(cmp.Or(joined(errs), errors.New("there is no file")))
	}
	if err := u.judge(next); err != nil {
		return fail(errors.Join(err, joined(errs)))
	}
	if next.Changed || len(next.Files) != len(u.old.Files) {
		if err := u.swap(); err != nil {
			return fail(err)
		}
		next.Changed = true
	}
	s.Files, s.Changed = next.Files, next.Changed
	if err := joined(errs); err != nil {
		return fail(err)
	}
	s.Good, s.Error, s.Failed = u.now, "", time.Time{}
	return s
}

// joined is the first few of many errors, and how many there are.
func joined(errs []error) error {
	const shown = 3
	if len(errs) <= shown {
		return errors.Join(errs...)
	}
	return errors.Join(append(errs[:shown:shown], fmt.Errorf("and %d more", len(errs)-shown))...)
}

// bringAll puts the files of the feed into the stage: new ones, old ones that
// are as they were, and old ones in place of what could not be had.
func (u *updating) bringAll(ctx context.Context, list []remote) (Status, []error) {
	var next Status
	var errs []error
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(fetchers)
	slices.SortFunc(list, func(a, b remote) int { return cmp.Compare(a.path, b.path) })
	for i, r := range list {
		if !safePath(r.path) || i > 0 && list[i-1].path == r.path {
			errs = append(errs, fmt.Errorf("%.100q is no path of a file, or is listed twice", r.path))
			continue
		}
		g.Go(func() error {
			f, came, err := u.bring(ctx, r)
			same := false
			if old, ok := u.old.file(r.path); ok && (err != nil || f.SHA256 == old.SHA256) && u.intact(old) {
				same = true
				if err != nil {
					f = old
				}
				if lerr := u.link(old); lerr != nil {
					err, f = errors.Join(err, lerr), File{}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			next.Came += came
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", r.path, err))
			}
			if f.Path != "" {
				next.Files = append(next.Files, f)
				next.Changed = next.Changed || !same
			}
			return nil
		})
	}
	_ = g.Wait() // each error stands by its file
	slices.SortFunc(next.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(errs, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return next, errs
}

// at is where a file lies in the stage.
func (u *updating) at(name string) string { return filepath.Join(u.stage, filepath.FromSlash(name)) }

// current is where a file lies now.
func (u *updating) current(name string) string {
	return filepath.Join(u.Path(u.feed.Name), filepath.FromSlash(name))
}

// intact tells whether a file is still there as it came.
func (u *updating) intact(f File) bool {
	name := u.current(f.Path)
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() != f.Size {
		return false
	}
	if info.ModTime().Equal(f.Modified) {
		return true
	}
	// The folder may have been copied without its times.
	digest, err := digestFile(name)
	return err == nil && digest == f.SHA256 && os.Chtimes(name, f.Modified, f.Modified) == nil
}

// link puts a file that is there into the stage too.
func (u *updating) link(f File) error {
	to := u.at(f.Path)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if os.Link(u.current(f.Path), to) == nil {
		return nil
	}
	if err := copyFile(u.current(f.Path), to); err != nil { // a file system without links
		return err
	}
	return os.Chtimes(to, f.Modified, f.Modified)
}

// bring gets one file, and puts it into the stage if it is another than the one
// that is there. It returns no path and no error for one that need not be there.
func (u *updating) bring(ctx context.Context, r remote) (File, int64, error) {
	if r.err != nil {
		return File{}, 0, r.err
	}
	old, have := u.old.file(r.path)
	if have = have && u.intact(old); !have {
		old = File{}
	}
	if have && r.stamp != "" && r.stamp == old.Stamp {
		return old, 0, nil
	}
	part := u.part(cmp.Or(r.url, r.local))
	f := File{Path: r.path, URL: r.url, Stamp: r.stamp, Got: u.now}
	came, same := int64(0), false
	var err error
	switch {
	case r.local != "":
		err = copyFile(r.local, part)
	case r.stamp != "": // the list says that it is another
		f.Edition, same, came, err = u.web.download(ctx, r.url, part, edition{})
	default:
		f.Edition, same, came, err = u.web.download(ctx, r.url, part, old.Edition)
	}
	if e, ok := errors.AsType[*statusError](err); ok && r.optional && (e.code == http.StatusNotFound || e.code == http.StatusGone) {
		return File{}, came, nil
	}
	if same {
		old.Edition = f.Edition
		return old, came, os.Remove(part)
	}
	if err != nil {
		return File{}, came, err // part stays, so that the next look goes on with it
	}
	if f, err = u.place(ctx, r, part, f); err != nil {
		return File{}, came, errors.Join(err, os.RemoveAll(part), os.RemoveAll(u.at(r.path)))
	}
	return f, came, nil
}

// part is where a file lies as long as it is not whole.
func (u *updating) part(address string) string {
	sum := sha256.Sum256([]byte(u.feed.Name + "\n" + address))
	return filepath.Join(u.Dir, comingDir, hex.EncodeToString(sum[:16])+".part")
}

// place moves a file that came into the stage, and reads it there.
func (u *updating) place(ctx context.Context, r remote, part string, f File) (File, error) {
	to := u.at(r.path)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return f, err
	}
	if r.bzip2 {
		if err := repack(part, to); err != nil {
			return f, fmt.Errorf("unpacking: %w", err)
		}
		_ = os.Remove(part)
	} else if err := os.Rename(part, to); err != nil {
		return f, err
	}
	info, err := os.Stat(to)
	if err != nil {
		return f, err
	}
	f.Size, f.Modified = info.Size(), info.ModTime()
	if f.SHA256, err = digestFile(to); err != nil {
		return f, err
	}
	old, had := u.old.file(r.path)
	if had && old.SHA256 == f.SHA256 && u.intact(old) {
		old.Stamp, old.Edition, old.URL = f.Stamp, f.Edition, f.URL
		return old, os.Remove(to) // the link to what is there takes its place
	}
	sources, unused, err := feed.Find(ctx, []string{to})
	switch {
	case err != nil:
		return f, err
	case len(unused) > 0:
		return f, fmt.Errorf("what came is not what this feed consists of: %s", unused[0].Reason)
	}
	for _, s := range sources {
		if len(u.feed.Formats) > 0 && !slices.Contains(u.feed.Formats, s.Name) {
			return f, fmt.Errorf("what came is of the feed %s", s.Name)
		}
		l, err := feed.Load(ctx, s, func(feed.Record) error { return nil })
		if err != nil {
			return f, err
		}
		f.Read, f.Stored = f.Read+l.Read, f.Stored+l.Stored
		f.Newest = l.Newest
	}
	return f, u.shrunk(old.Stored, f.Stored)
}

// shrunk refuses what has lost so much that it cannot be meant.
func (u *updating) shrunk(before, now int) error {
	if u.Accept || before < fewOf || 2*now >= before {
		return nil
	}
	return fmt.Errorf("only %d records can be used, where there were %d (--accept takes it)", now, before)
}

// judge is shrunk for the whole feed, some of whose files may be gone.
func (u *updating) judge(next Status) error {
	_, before := u.old.Records()
	_, now := next.Records()
	if now == 0 && before > 0 && !u.Accept {
		return fmt.Errorf("no record can be used, where there were %d (--accept takes it)", before)
	}
	return u.shrunk(before, now)
}

// before is where the old files lie for the moment in which the new ones take
// their place.
func (u *updating) before() string {
	return filepath.Join(u.Dir, comingDir, u.feed.Name+".before")
}

// swap puts the stage in the place of the old folder.
func (u *updating) swap() error {
	dir := u.Path(u.feed.Name)
	if err := os.Rename(dir, u.before()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(u.stage, dir); err != nil {
		return errors.Join(err, os.Rename(u.before(), dir))
	}
	return os.RemoveAll(u.before())
}

// recover finishes what a process that died has left.
func (u *updating) recover() {
	if _, err := os.Stat(u.Path(u.feed.Name)); errors.Is(err, fs.ErrNotExist) {
		_ = os.Rename(u.before(), u.Path(u.feed.Name)) // there may be none
	}
	_ = os.RemoveAll(u.before())
	left, _ := filepath.Glob(filepath.Join(u.Dir, comingDir, u.feed.Name+"-*")) // the names have no signs of patterns
	for _, dir := range left {
		// A feed whose name goes on after this one's is another: alpine-next-123.
		if rest := strings.TrimPrefix(filepath.Base(dir), u.feed.Name+"-"); strings.Trim(rest, "0123456789") == "" {
			_ = os.RemoveAll(dir)
		}
	}
}

// copyFile copies a file over one that is there, perhaps.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func digestFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// repack turns bzip2 into zstd.
func repack(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	z, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	n, err := io.Copy(z, io.LimitReader(bzip2.NewReader(in), maxFile+1))
	if err == nil && n > maxFile {
		err = errors.New("expands to more than a feed can")
	}
	return errors.Join(err, z.Close())
}

// InFolder returns what lies in a folder as feeds: each file and each
// folder in it is one, and has the name of a feed of the table if it is that.
// Files that could not be brought there are in failed, by path.
func InFolder(dir string, failed map[string]error) ([]Feed, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	known := map[string]Feed{}
	for _, f := range Feeds() {
		known[f.Name] = f
	}
	names := map[string]bool{} // of entries, with those that could not be brought
	for _, e := range entries {
		names[e.Name()] = true
	}
	for file := range failed {
		first, _, _ := strings.Cut(file, "/")
		names[first] = true
	}
	var list []Feed
	seen := map[string]bool{}
	for name := range names {
		stem := strings.TrimSuffix(name, path.Ext(name))
		f := known[stem]
		f.Name = stem
		if k, ok := known[name]; ok { // crates.io is no name with an extension
			f = k
		}
		if !safePath(name) || name == IndexName || f.Name == "" {
			continue
		}
		if seen[f.Name] {
			return nil, fmt.Errorf("%s holds two feeds named %s", dir, f.Name)
		}
		seen[f.Name] = true
		f.URLs, f.list = []string{filepath.Join(dir, name)}, listFolder(dir, name, failed)
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Feed) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// listFolder returns the files below a folder, or the file that it is.
func listFolder(dir, name string, failed map[string]error) lister {
	return func(ctx context.Context, _ web, _ Feed, _ time.Time) ([]remote, error) {
		var list []remote
		err := filepath.WalkDir(filepath.Join(dir, name), func(file string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && len(failed) > 0 {
				return nil
			}
			if err != nil || ctx.Err() != nil {
				return cmp.Or(err, ctx.Err())
			}
			rel := filepath.ToSlash(strings.TrimPrefix(file, dir+string(filepath.Separator)))
			below := cmp.Or(strings.TrimPrefix(strings.TrimPrefix(rel, name), "/"), name)
			if strings.HasPrefix(path.Base(rel), ".") {
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() {
				return err
			}
			list = append(list, remote{local: file, path: below, stamp: fmt.Sprintf("%d %s", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano))})
			return nil
		})
		for file, why := range failed {
			first, below, _ := strings.Cut(file, "/")
			if first != name {
				continue
			}
			below = cmp.Or(below, name)
			list = slices.DeleteFunc(list, func(r remote) bool { return r.path == below })
			list = append(list, remote{path: below, err: why})
		}
		return list, err
	}
}
