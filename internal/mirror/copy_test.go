package mirror

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A site is a mirror on loopback, whose files and faults tests change.
type site struct {
	*httptest.Server
	mu     sync.Mutex
	files  map[string][]byte
	faults map[string]func(w http.ResponseWriter, r *http.Request, body []byte)
	asked  []string // path, range and status of each request
}

func newSite(t *testing.T, files map[string]string) *site {
	t.Helper()
	s := &site{files: map[string][]byte{}, faults: map[string]func(http.ResponseWriter, *http.Request, []byte){}}
	for name, body := range files {
		s.files[name] = []byte(body)
	}
	s.index(t)
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// index lists the files as they are now.
func (s *site) index(t *testing.T) {
	t.Helper()
	var list []mirrored
	for name, body := range s.files {
		if name != IndexName {
			sum := sha256.Sum256(body)
			list = append(list, mirrored{name, hex.EncodeToString(sum[:]), int64(len(body))})
		}
	}
	slices.SortFunc(list, func(a, b mirrored) int { return strings.Compare(a.Path, b.Path) })
	text, err := json.Marshal(map[string]any{"files": list})
	if err != nil {
		t.Fatal(err)
	}
	s.files[IndexName] = text
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	name := strings.TrimPrefix(r.URL.Path, "/m/")
	body, ok := s.files[name]
	s.asked = append(s.asked, strings.TrimSpace(name+" "+r.Header.Get("Range")))
	f := s.faults[name]
	s.mu.Unlock()
	if f != nil {
		f(w, r, body)
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(body)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:4])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// requests returns what was asked for since the last call.
func (s *site) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.asked
	s.asked = nil
	slices.Sort(out)
	return out
}

func (s *site) copy(t *testing.T, dir string) Copy {
	t.Helper()
	base, err := url.Parse(s.URL + "/m/")
	if err != nil {
		t.Fatal(err)
	}
	return Copy{Base: base, Dir: dir, Stall: 10 * time.Second}
}

// tree returns the files of a folder, without what is hidden.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == hidden {
				return filepath.SkipDir
			}
			return err
		}
		body, err := os.ReadFile(path)
		out[strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(dir)+"/")] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func failures(f Fetched) string {
	var list []string
	for name, err := range f.Failed {
		list = append(list, name+": "+err.Error())
	}
	slices.Sort(list)
	return strings.Join(list, "; ")
}

func TestCopyFetchesWhatChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"a.json": "one", "osv/Rocky Linux/all.zip": "two"})
	dir := t.TempDir()
	fetch := func(changed bool, asked ...string) {
		t.Helper()
		got, err := s.copy(t, dir).Fetch(t.Context())
		if err != nil || len(got.Failed) > 0 || got.Changed != changed {
			t.Errorf("Fetch() = %+v, %v; want changed %v", got, err, changed)
		}
		if diff := cmp.Diff(asked, s.requests()); diff != "" {
			t.Error(diff)
		}
	}
	fetch(true, "a.json", IndexName, "osv/Rocky Linux/all.zip")
	if diff := cmp.Diff(map[string]string{"a.json": "one", "osv/Rocky Linux/all.zip": "two"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	fetch(false, IndexName) // answered with 304
	s.files["a.json"] = []byte("three")
	delete(s.files, "osv/Rocky Linux/all.zip")
	s.index(t)
	fetch(true, "a.json", IndexName)
	if diff := cmp.Diff(map[string]string{"a.json": "three"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	// What somebody has written over is fetched again.
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "a.json"), time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	fetch(true, "a.json", IndexName)
}

// TestCopyKeepsWhatIsGood has one of two files go wrong in all ways.
func TestCopyKeepsWhatIsGood(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("new ", 1000)
	for _, tt := range []struct {
		name  string
		fault func(w http.ResponseWriter, r *http.Request, body []byte)
		want  string
		asked []string
	}{
		{
			"error of the server", func(w http.ResponseWriter, _ *http.Request, _ []byte) {
				http.Error(w, "no", http.StatusInternalServerError)
			},
			"a: 500 Internal Server Error",
			[]string{"a"},
		},
		{"gone", func(w http.ResponseWriter, r *http.Request, _ []byte) { http.NotFound(w, r) }, "a: 404 Not Found", []string{"a"}},
		{
			"other bytes", func(w http.ResponseWriter, _ *http.Request, body []byte) { _, _ = w.Write(bytes.ToUpper(body)) },
			"a: what came has the sha256 ",
			[]string{"a"},
		},
		{
			"too long", func(w http.ResponseWriter, _ *http.Request, body []byte) { _, _ = w.Write(append(body, '!')) },
			"a: more came than the 4000 bytes",
			[]string{"a", "a", "a"},
		},
		{"cut off for ever", func(w http.ResponseWriter, _ *http.Request, body []byte) { // and it does not know ranges
			w.Header().Set("Content-Length", "4000")
			_, _ = w.Write(body[:1000])
		}, "a: after 1000 of 4000 bytes: unexpected EOF", []string{"a", "a bytes=1000-", "a bytes=1000-"}},
		{"stands still", func(w http.ResponseWriter, r *http.Request, body []byte) {
			_, _ = w.Write(body[:10])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "a: after 10 of 4000 bytes: nothing came for 50ms", []string{"a", "a bytes=10-", "a bytes=10-"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, map[string]string{"a": "old", "b": "old"})
			dir := t.TempDir()
			m := s.copy(t, dir)
			if got, err := m.Fetch(t.Context()); err != nil || len(got.Failed) > 0 {
				t.Fatal(got, err)
			}
			s.requests()
			s.files["a"], s.files["b"] = []byte(long), []byte("new")
			s.faults["a"] = tt.fault
			s.index(t)
			m.Stall = 50 * time.Millisecond
			got, err := m.Fetch(t.Context())
			if err != nil || !strings.HasPrefix(failures(got), tt.want) || len(got.Failed) != 1 {
				t.Errorf("Fetch() = %v, %q; want %q", err, failures(got), tt.want)
			}
			if diff := cmp.Diff(slices.Concat(tt.asked, []string{"b", IndexName}), s.requests()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(map[string]string{"a": "old", "b": "new"}, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
			s.faults = nil
			m.Stall = time.Minute
			if got, err := m.Fetch(t.Context()); err != nil || len(got.Failed) > 0 {
				t.Errorf("when it is good again: %+v, %v", got, err)
			}
			if diff := cmp.Diff(map[string]string{"a": long, "b": "new"}, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCopyGoesOn has a transfer cut off, which the next goes on with.
func TestCopyGoesOn(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"a": strings.Repeat("x", 300_000)})
	ctx, cancel := context.WithCancel(t.Context())
	s.faults["a"] = func(w http.ResponseWriter, _ *http.Request, body []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:100_000])
		w.(http.Flusher).Flush()
	}
	m := s.copy(t, t.TempDir())
	// The process ends when something has come.
	go func() {
		defer cancel()
		for t.Context().Err() == nil {
			parts, _ := filepath.Glob(filepath.Join(m.Dir, hidden, "*.part"))
			if len(parts) > 0 {
				if info, err := os.Stat(parts[0]); err == nil && info.Size() > 0 {
					return
				}
			}
		}
	}()
	for ctx.Err() == nil {
		_, _ = m.Fetch(ctx)
	}
	s.mu.Lock()
	s.faults = nil
	s.mu.Unlock()
	s.requests()
	got, err := m.Fetch(t.Context())
	if err != nil || len(got.Failed) > 0 {
		t.Fatal(got, err)
	}
	// A request of the process that ended may be noted late.
	if asked := slices.Compact(s.requests()); len(asked) != 2 || !strings.HasPrefix(asked[0], "a bytes=") || got.Bytes >= 300_000 {
		t.Errorf("asked for %q, got %d bytes", asked, got.Bytes)
	}
	if diff := cmp.Diff(map[string]string{"a": strings.Repeat("x", 300_000)}, tree(t, m.Dir)); diff != "" {
		t.Error("the file is not what it was")
	}
}

func TestCopyWithoutIndex(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"a": "old"})
	dir := t.TempDir()
	if _, err := s.copy(t, dir).Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, index, want string }{
		{"no JSON", "{", "not JSON"},
		{"nothing", `{"files":[]}`, "lists 0 files"},
		{"outside", `{"files":[{"path":"../a"}]}`, `"../a" is no path`},
		{"absolute", `{"files":[{"path":"/a"}]}`, `"/a" is no path`},
		{"hidden", `{"files":[{"path":"x/.mirror/state.json"}]}`, "is no path"},
		{"backslash", `{"files":[{"path":"x\\y"}]}`, "is no path"},
		{"no digest", `{"files":[{"path":"a","sha256":"12"}]}`, "has no sha256"},
		{"twice", fmt.Sprintf(`{"files":[{"path":"a","sha256":"%064d"},{"path":"a","sha256":"%064[1]d"}]}`, 0), "listed twice"},
		{"negative", fmt.Sprintf(`{"files":[{"path":"a","sha256":"%064d","size":-1}]}`, 0), "has -1 bytes"},
		{"huge", fmt.Sprintf(`{"files":[{"path":"a","sha256":"%064d","size":99999999999999}]}`, 0), "has 99999999999999 bytes"},
	} {
		s.files[IndexName] = []byte(tt.index)
		if _, err := s.copy(t, dir).Fetch(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want %q", tt.name, err, tt.want)
		}
	}
	delete(s.files, IndexName)
	if _, err := s.copy(t, dir).Fetch(t.Context()); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("gone: %v", err)
	}
	if diff := cmp.Diff(map[string]string{"a": "old"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// FuzzIndex has every index either refused or safe to follow.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"files":[{"path":"osv/Go/all.zip","sha256":"` + strings.Repeat("0", 64) + `","size":12}]}`))
	f.Add([]byte(`{"files":[{"path":"../a"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := parseIndex(text)
		if err != nil {
			return
		}
		for _, m := range list {
			local := filepath.Join("/base", filepath.FromSlash(m.Path))
			if !strings.HasPrefix(local, "/base/") || strings.HasPrefix(local, "/base/"+hidden) || m.Size < 0 || len(m.SHA256) != 64 {
				t.Errorf("%+v is let through", m)
			}
		}
	})
}
