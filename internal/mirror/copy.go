package mirror

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// IndexName is the file of a mirror that lists its files:
//
//	{"files": [{"path": "osv/Go/all.zip", "sha256": "…64 digits…", "size": 1234567}]}
//
// A path is relative to the place of the index, with slashes; no part of it
// begins with a dot.
const IndexName = "index.json"

// Limits of a mirror.
const (
	maxIndex    = 64 << 20  // bytes of an index
	maxMirrored = 100_000   // files
	maxFile     = 16 << 30  // bytes of a file
	maxMirror   = 128 << 30 // bytes of all files
	maxPath     = 512       // bytes of a path
	fetchers    = 4         // transfers at the same time
	attempts    = 3         // at one file, each going on where the last was cut off
	stall       = time.Minute
)

// hidden is the folder inside that of a mirror that feeds are not looked for
// in: it has the last index, and files that are not yet whole.
const hidden = ".mirror"

// Copy is the files of a mirror, a place on the web, as they are kept in a folder.
type Copy struct {
	Base   *url.URL
	Dir    string // made if it is not there; nothing else may lie there
	Client *http.Client
	Stall  time.Duration // how long a transfer may stand still; zero: a minute
}

// Fetched is what a fetch did.
type Fetched struct {
	Changed bool  // whether any file came, or went
	Bytes   int64 // that were transferred, without the index
	// Failed has the error of each file that could not be had, by its path below
	// Dir with slashes. What was there of it before is still there.
	Failed map[string]error
}

// A mirrored is a file of an index.
type mirrored struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// A kept is what is in the folder under a path, and how to see that it is still
// that.
type kept struct {
	SHA256   string    `json:"sha256"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
}

// A copyState is what a fetch leaves for the next.
type copyState struct {
	Base     string          `json:"base"`
	ETag     string          `json:"etag,omitempty"`
	Modified string          `json:"modified,omitempty"`
	Files    []mirrored      `json:"files"`
	Kept     map[string]kept `json:"kept"`
}

// Fetch makes the folder agree with the index of the mirror, which is asked for
// only if it has changed, as are the files. A file takes the place of an older
// one only when it is whole and has the size and the digest that the index says;
// a transfer that is cut off goes on from there, even at the next Fetch. If the
// index cannot be had or is not good, that is the error and nothing changes.
func (m Copy) Fetch(ctx context.Context) (Fetched, error) {
	if err := os.MkdirAll(filepath.Join(m.Dir, hidden), 0o700); err != nil {
		return Fetched{}, err
	}
	state := m.readState()
	if err := m.index(ctx, &state); err != nil {
		return Fetched{}, fmt.Errorf("reading the index of %s: %w", m.Base.Redacted(), err)
	}
	out := Fetched{Failed: map[string]error{}, Changed: m.removeOld(&state)}
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(fetchers)
	for _, f := range state.Files {
		if m.has(state.Kept[f.Path], f) {
			continue
		}
		g.Go(func() error {
			n, err := m.file(ctx, f)
			mu.Lock()
			defer mu.Unlock()
			out.Bytes += n
			if err != nil {
				out.Failed[f.Path] = err
				return nil
			}
			out.Changed = true
			if info, err := os.Stat(m.local(f.Path)); err == nil {
				state.Kept[f.Path] = kept{f.SHA256, f.Size, info.ModTime()}
			}
			return nil
		})
	}
	_ = g.Wait() // each error stands by its file
	if err := m.writeState(state); err != nil {
		return out, err
	}
	return out, ctx.Err()
}

// local is where a file of the index lies.
func (m Copy) local(name string) string { return filepath.Join(m.Dir, filepath.FromSlash(name)) }

// part is where a file lies as long as it is not whole.
func (m Copy) part(f mirrored) string {
	sum := sha256.Sum256([]byte(f.Path + "\n" + f.SHA256))
	return filepath.Join(m.Dir, hidden, hex.EncodeToString(sum[:16])+".part")
}

// has tells whether a file is here as the index wants it.
func (m Copy) has(k kept, f mirrored) bool {
	info, err := os.Lstat(m.local(f.Path))
	return err == nil && info.Mode().IsRegular() && k.SHA256 == f.SHA256 && k.Size == f.Size &&
		info.Size() == f.Size && info.ModTime().Equal(k.Modified)
}

// readState reads what the last fetch left; what cannot be read is fetched
// again.
func (m Copy) readState() copyState {
	var state copyState
	text, err := os.ReadFile(filepath.Join(m.Dir, hidden, "state.json"))
	if err != nil || json.Unmarshal(text, &state) != nil || state.Base != m.Base.String() {
		state = copyState{Base: m.Base.String()}
	}
	if state.Kept == nil {
		state.Kept = map[string]kept{}
	}
	return state
}

func (m Copy) writeState(state copyState) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	file := filepath.Join(m.Dir, hidden, "state.json")
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// index asks for the index, unless it is the one that is known.
func (m Copy) index(ctx context.Context, state *copyState) error {
	header := http.Header{}
	if len(state.Files) > 0 && state.ETag != "" {
		header.Set("If-None-Match", state.ETag)
	}
	if len(state.Files) > 0 && state.Modified != "" {
		header.Set("If-Modified-Since", state.Modified)
	}
	resp, end, err := m.get(ctx, IndexName, header) //nolint:bodyclose // end does
	if err != nil {
		return err
	}
	defer end()
	switch resp.StatusCode {
	case http.StatusNotModified:
		return nil
	case http.StatusOK:
	default:
		return errors.New(resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxIndex+1))
	if err != nil {
		return err
	}
	if state.Files, err = parseIndex(text); err != nil {
		return err
	}
	state.ETag, state.Modified = resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	return nil
}

// parseIndex reads an index and refuses one that is not safe to follow.
func parseIndex(text []byte) ([]mirrored, error) {
	if len(text) > maxIndex {
		return nil, fmt.Errorf("it has more than %d bytes", maxIndex)
	}
	var index struct {
		Files []mirrored `json:"files"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("it is not JSON of an index: %w", err)
	}
	if len(index.Files) == 0 || len(index.Files) > maxMirrored {
		return nil, fmt.Errorf("it lists %d files, and must list from 1 to %d", len(index.Files), maxMirrored)
	}
	seen, total := map[string]bool{}, int64(0)
	for i := range index.Files {
		f := &index.Files[i]
		f.SHA256 = strings.ToLower(f.SHA256)
		digest, err := hex.DecodeString(f.SHA256)
		switch total += min(f.Size, maxFile); {
		case !safePath(f.Path):
			return nil, fmt.Errorf("%.100q is no path of a file", f.Path)
		case seen[f.Path]:
			return nil, fmt.Errorf("%q is listed twice", f.Path)
		case err != nil || len(digest) != sha256.Size:
			return nil, fmt.Errorf("%q has no sha256 of 64 hexadecimal digits", f.Path)
		case f.Size < 0 || f.Size > maxFile:
			return nil, fmt.Errorf("%q has %d bytes, which must be from 0 to %d", f.Path, f.Size, int64(maxFile))
		case total > maxMirror:
			return nil, fmt.Errorf("its files have more than %d bytes together", int64(maxMirror))
		}
		seen[f.Path] = true
	}
	return index.Files, nil
}

// safePath tells whether a path stays below its folder, and away from what is
// hidden there.
func safePath(name string) bool {
	if !fs.ValidPath(name) || len(name) > maxPath || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return false
	}
	return !slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return strings.HasPrefix(part, ".") })
}

// removeOld deletes what the index no longer lists, and tells whether there was
// anything.
func (m Copy) removeOld(state *copyState) bool {
	listed, wanted, removed := map[string]bool{}, map[string]bool{}, false
	for _, f := range state.Files {
		listed[f.Path], wanted[m.part(f)] = true, true
	}
	for name := range state.Kept {
		if listed[name] {
			continue
		}
		delete(state.Kept, name)
		removed = true
		_ = os.Remove(m.local(name)) // it may be gone
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if os.Remove(m.local(dir)) != nil { // not empty
				break
			}
		}
	}
	parts, _ := os.ReadDir(filepath.Join(m.Dir, hidden)) // none: nothing to remove
	for _, p := range parts {
		if name := filepath.Join(m.Dir, hidden, p.Name()); strings.HasSuffix(name, ".part") && !wanted[name] {
			_ = os.Remove(name)
		}
	}
	return removed
}

// file transfers one file, and puts it in its place when it is whole and right.
// It returns how many bytes came.
func (m Copy) file(ctx context.Context, f mirrored) (int64, error) {
	part := m.part(f)
	var came int64
	var err error
	for range attempts {
		var n int64
		n, err = m.transfer(ctx, f, part)
		came += n
		if err == nil || n == 0 || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return came, err
	}
	if err := verify(part, f); err != nil {
		_ = os.Remove(part) // going on with it would not mend it
		return came, err
	}
	if err := os.MkdirAll(filepath.Dir(m.local(f.Path)), 0o700); err != nil {
		return came, err
	}
	return came, os.Rename(part, m.local(f.Path))
}

// verify compares a file with what the index says.
func verify(part string, f mirrored) error {
	file, err := os.Open(part)
	if err != nil {
		return err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("what came has the sha256 %s, and the index says %s", got, f.SHA256)
	}
	return nil
}

// transfer gets what is missing of a file, and returns how many bytes came.
func (m Copy) transfer(ctx context.Context, f mirrored, part string) (n int64, err error) {
	out, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	have, err := out.Seek(0, io.SeekEnd)
	if err != nil || have == f.Size {
		return 0, err
	}
	header := http.Header{}
	if have > 0 && have < f.Size {
		header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, end, err := m.get(ctx, f.Path, header) //nolint:bodyclose // end does
	if err != nil {
		return 0, err
	}
	defer end()
	switch {
	case resp.StatusCode == http.StatusPartialContent && strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
	case resp.StatusCode == http.StatusOK:
		have = 0
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		if err := out.Truncate(0); err != nil {
			return 0, err
		}
	default:
		return 0, errors.New(resp.Status)
	}
	n, err = io.Copy(out, io.LimitReader(resp.Body, f.Size-have+1))
	switch {
	case have+n > f.Size:
		return n, errors.Join(fmt.Errorf("more came than the %d bytes that the index says", f.Size), out.Truncate(0))
	case err != nil:
		return n, fmt.Errorf("after %d of %d bytes: %w", have+n, f.Size, err)
	case have+n < f.Size:
		return n, fmt.Errorf("after %d of %d bytes: %w", have+n, f.Size, io.ErrUnexpectedEOF)
	}
	return n, out.Sync()
}

// get asks for a file of the mirror, see web.get.
func (m Copy) get(ctx context.Context, name string, header http.Header) (resp *http.Response, end func(), err error) {
	u := *m.Base
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/")+"/"+name, ""
	return newWeb(m.Client, m.Stall, 0).get(ctx, u.String(), header)
}
