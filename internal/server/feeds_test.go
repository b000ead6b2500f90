package server

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/mirror"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/internal/work"
)

// buildHere does in this process what "assay db build" does in one of its own.
func buildHere(ctx context.Context, from []string, path string, built time.Time) error {
	sources, _, err := feed.Find(ctx, from)
	if err != nil {
		return err
	}
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: built})
	for _, s := range sources {
		_, err := feed.Load(ctx, s, func(r feed.Record) error {
			if r.Advisory != nil {
				return b.Add(r.Advisory)
			}
			return b.Enrich(r.Enrichment)
		})
		if err != nil {
			return err
		}
		f, err := feed.Describe(ctx, s)
		if err != nil {
			return err
		}
		b.Feed(f)
	}
	_, err = b.WriteFiles(path)
	return err
}

// A mirrorSite is a mirror of feeds on loopback, whose files and faults a test
// changes.
type mirrorSite struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string][]byte
	fault map[string]http.HandlerFunc // in place of a file
	gets  map[string]int
}

func newMirrorSite(t *testing.T, files map[string][]byte) *mirrorSite {
	t.Helper()
	m := &mirrorSite{files: files, fault: map[string]http.HandlerFunc{}, gets: map[string]int{}}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

// ServeHTTP answers with a file, or the index of all.
func (m *mirrorSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	m.mu.Lock()
	m.gets[name]++
	body, ok := m.files[name]
	if name == mirror.IndexName {
		body, ok = m.index(), true
	}
	fault := m.fault[name]
	m.mu.Unlock()
	switch {
	case fault != nil:
		fault(w, r)
	case !ok:
		http.NotFound(w, r)
	default:
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	}
}

func (m *mirrorSite) index() []byte {
	type file struct {
		Path   string `json:"path"`
		SHA256 string `json:"sha256"`
		Size   int    `json:"size"`
	}
	var list struct {
		Files []file `json:"files"`
	}
	for name, body := range m.files {
		sum := sha256.Sum256(body)
		list.Files = append(list.Files, file{name, hex.EncodeToString(sum[:]), len(body)})
	}
	text, _ := json.Marshal(list) //nolint:errchkjson // a test
	return text
}

// set changes files, and clears all faults but these.
func (m *mirrorSite) set(files map[string][]byte, faults map[string]http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, body := range files {
		if m.files[name] = body; body == nil {
			delete(m.files, name)
		}
	}
	m.fault = faults
}

// osvZip is an archive of OSV records: for each id, the version that the npm
// package "left" has the defect fixed in.
func osvZip(t *testing.T, fixed map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for id, version := range fixed {
		w, err := z.Create(id + ".json")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(w, `{"schema_version":"1.6.0","id":%q,"modified":"2026-01-02T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"left"},
			"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":%q}]}]}]}`, id, version)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func kevJSON(cves ...string) []byte {
	var list []string
	for _, id := range cves {
		list = append(list, fmt.Sprintf(`{"cveID":%q,"vulnerabilityName":"x","dateAdded":"2026-01-01","dueDate":"2026-02-01"}`, id))
	}
	return []byte(`{"catalogVersion":"1","dateReleased":"2026-01-01T00:00:00Z","vulnerabilities":[` + strings.Join(list, ",") + `]}`)
}

func epssCSV(score string) []byte {
	return []byte("#model_version:v1,score_date:2026-01-03T00:00:00Z\ncve,epss,percentile\nCVE-2098-0001," + score + ",0.5\n")
}

// feedsNow returns how the feeds fare.
func (r *running) feedsNow(t *testing.T) Feeds {
	t.Helper()
	var out Feeds
	if err := r.client.Do(t.Context(), "GET", "feeds", nil, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// looked waits for a look that began after a time, and for the job to have ended.
func (r *running) looked(t *testing.T, after time.Time) Feeds {
	t.Helper()
	var out Feeds
	soon(t, 5*time.Minute, func() bool {
		out = r.feedsNow(t)
		return out.Last.After(after)
	}, func() string { return fmt.Sprintf("the feeds were not looked at: %+v", out) })
	return out
}

// sync has the feeds looked at, and returns how they fare then.
func (r *running) sync(t *testing.T, in FeedsSync) Feeds {
	t.Helper()
	now := time.Now()
	if err := r.client.Do(t.Context(), "POST", "feeds/sync", in, nil); err != nil {
		t.Fatal(err)
	}
	return r.looked(t, now)
}

// uses waits until a server has opened an edition.
func (r *running) uses(t *testing.T, e Edition) {
	t.Helper()
	var s Status
	soon(t, time.Minute, func() bool {
		if err := r.client.Do(t.Context(), "GET", "status", nil, &s); err != nil {
			t.Fatal(err)
		}
		return s.Advisories.Digest == e.Database
	}, func() string { return fmt.Sprintf("the server uses %s, not %s", s.Advisories.Digest, e.Database) })
}

// errorsOf returns the errors of feeds by path.
func errorsOf(f Feeds) map[string]string {
	out := map[string]string{}
	for _, x := range f.Feeds {
		if x.Error != "" {
			out[x.Path] = x.Error
		}
	}
	return out
}

func feedFiles(t *testing.T) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		"osv/npm/all.zip": osvZip(t, map[string]string{"CVE-2098-0001": "2.0.0", "CVE-2098-0002": "2.0.0", "CVE-2098-0003": "2.0.0"}),
		"kev.json":        kevJSON("CVE-2098-0001"),
		"epss.csv":        epssCSV("0.1"),
		"README.txt":      []byte("nothing"),
	}
}

func TestFeedsBecomeTheDatabase(t *testing.T) {
	t.Parallel()
	for name, database := range databases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMirrorSite(t, feedFiles(t))
			place := database(t)
			r := start(t, func(c *Config) { c.Database, c.Feeds, c.FeedsEvery = place, []string{m.URL + "/"}, time.Hour }, nil)
			one := r.looked(t, time.Time{})
			if len(one.Feeds) != 3 || len(one.Editions) != 1 || one.Error != "" || len(errorsOf(one)) > 0 {
				t.Fatalf("the first look: %+v", one)
			}
			r.uses(t, one.Editions[0])
			if sum := r.put(t, submission("repo", "1.0.0")); sum.Findings["created"] != 3 {
				t.Errorf("the scan found %+v", sum)
			}
			built := r.builds.Load()

			if two := r.sync(t, FeedsSync{}); !cmp.Equal(two.Editions, one.Editions) || r.builds.Load() != built {
				t.Errorf("nothing changed, and there are %d builds and editions %+v", r.builds.Load()-built, two.Editions)
			}
			m.set(map[string][]byte{"epss.csv": epssCSV("0.9")}, nil)
			three := r.sync(t, FeedsSync{})
			if len(three.Editions) != 2 || three.Editions[0].Database != one.Editions[0].Database ||
				three.Editions[0].Enrichment == one.Editions[0].Enrichment || r.builds.Load() != built+1 {
				t.Errorf("only scores changed, and there are %d builds and editions %+v", r.builds.Load()-built, three.Editions)
			}
			m.set(map[string][]byte{"osv/npm/all.zip": osvZip(t, map[string]string{"CVE-2098-0001": "2.0.0"}), "kev.json": nil}, nil)
			four := r.sync(t, FeedsSync{})
			if len(four.Feeds) != 2 || len(four.Editions) != 2 || r.builds.Load() != built+3 {
				t.Errorf("two feeds changed: %d builds, %+v", r.builds.Load()-built, four)
			}
			r.uses(t, four.Editions[0])
			if sum := r.put(t, submission("other", "1.0.0")); sum.Findings["created"] != 1 {
				t.Errorf("the scan found %+v", sum)
			}
		})
	}
}

// TestFeedsKeepWhatIsGood has one feed go wrong in all ways, while another
// changes: what was in use of the one stays, and the other is used as it is now.
func TestFeedsKeepWhatIsGood(t *testing.T) {
	t.Parallel()
	many := func(n int) []byte {
		fixed := map[string]string{}
		for i := range n {
			fixed[fmt.Sprintf("CVE-2098-%04d", i+1)] = "2.0.0"
		}
		return osvZip(t, fixed)
	}
	whole := many(120)
	for _, tt := range []struct {
		name   string
		file   string
		body   []byte
		fault  http.HandlerFunc
		accept bool
		want   string
	}{
		{
			name: "error of the mirror", file: "osv/npm/all.zip", body: many(119), want: "500 Internal Server Error",
			fault: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
		},
		{
			name: "wrong digest", file: "osv/npm/all.zip", body: many(119), want: "and the index says",
			fault: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, len(many(119)))) },
		},
		{
			name: "cut off", file: "osv/npm/all.zip", body: many(119), want: "unexpected EOF",
			fault: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(many(119))))
				_, _ = w.Write(many(119)[:100])
			},
		},
		{name: "half a zip", file: "osv/npm/all.zip", body: whole[:len(whole)/2], want: "cannot be read"},
		{name: "no feed", file: "osv/npm/all.zip", body: []byte("<html>"), want: "no feed reads this format"},
		{name: "empty", file: "osv/npm/all.zip", body: []byte{}, want: "the file is empty"},
		{name: "broken JSON", file: "kev.json", body: kevJSON("CVE-2098-0001")[:150], want: "unexpected EOF"},
		{name: "most is missing", file: "osv/npm/all.zip", body: many(3), want: "only 3 records can be used, where there were 120"},
		{name: "most is missing, and meant", file: "osv/npm/all.zip", body: many(3), accept: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMirrorSite(t, map[string][]byte{"osv/npm/all.zip": whole, "kev.json": kevJSON("CVE-2098-0001"), "epss.csv": epssCSV("0.1")})
			r := start(t, func(c *Config) { c.Feeds, c.FeedsEvery = []string{m.URL}, time.Hour }, nil)
			one := r.looked(t, time.Time{})
			faults := map[string]http.HandlerFunc{}
			if tt.fault != nil {
				faults[tt.file] = tt.fault
			}
			m.set(map[string][]byte{tt.file: tt.body, "epss.csv": epssCSV("0.9")}, faults)
			two := r.sync(t, FeedsSync{Accept: tt.accept})
			if tt.want == "" {
				if len(errorsOf(two)) > 0 || two.Editions[0].Database == one.Editions[0].Database {
					t.Errorf("it was not taken: %+v", two)
				}
				return
			}
			if got := errorsOf(two); len(got) != 1 || !strings.Contains(got[tt.file], tt.want) {
				t.Errorf("errors = %v, want that of %s with %q", got, tt.file, tt.want)
			}
			for i, f := range two.Feeds {
				was := one.Feeds[i]
				if f.Path == tt.file && (f.Digest != was.Digest || f.Stored != was.Stored || f.Failures != 1 || !f.Success.Equal(was.Success)) {
					t.Errorf("the feed is %+v, and was %+v", f, was)
				}
			}
			// The other feed is used as it is now, with the last good copy of this.
			if e := two.Editions[0]; e.Database != one.Editions[0].Database || e.Enrichment == one.Editions[0].Enrichment || two.Error != "" {
				t.Errorf("editions are %+v, and were %+v: %s", two.Editions, one.Editions, two.Error)
			}
			if text := metricsOf(t, r); !strings.Contains(text, `assay_feed_failures{feed="`) || !strings.Contains(text, tt.file+`"} 1`) {
				t.Errorf("the metrics do not tell: %s", text)
			}
			m.set(map[string][]byte{tt.file: map[string][]byte{"osv/npm/all.zip": many(121), "kev.json": kevJSON("CVE-2098-0002")}[tt.file]}, nil)
			three := r.sync(t, FeedsSync{})
			if len(errorsOf(three)) > 0 || three.Editions[0].digest() == two.Editions[0].digest() {
				t.Errorf("when it is good again: %+v", three)
			}
		})
	}
}

func metricsOf(t *testing.T, r *running) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestFeedsOfAFolder has the last good copy of a folder of loose files used, and
// a folder that is gone change nothing.
func TestFeedsOfAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, fixed string) {
		t.Helper()
		text := fmt.Sprintf(`{"schema_version":"1.6.0","id":%q,"modified":"2026-01-02T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"left"},
			"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":%q}]}]}]}`, name, fixed)
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "osv"), 0o700), os.WriteFile(filepath.Join(dir, "osv", name+".json"), []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("CVE-2098-0001", "2.0.0")
	write("CVE-2098-0002", "2.0.0")
	if err := os.WriteFile(filepath.Join(dir, "epss.csv"), epssCSV("0.1"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, func(c *Config) { c.Feeds, c.FeedsEvery = []string{dir}, time.Hour }, nil)
	one := r.looked(t, time.Time{})
	if len(one.Feeds) != 2 || len(one.Editions) != 1 || len(errorsOf(one)) > 0 {
		t.Fatalf("the first look: %+v", one)
	}
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	two := r.sync(t, FeedsSync{})
	if got := errorsOf(two); len(got) != 2 || !cmp.Equal(two.Editions, one.Editions) {
		t.Errorf("without the folder: %+v", two)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	// One of the loose files is broken: it is passed over. When all are, the last
	// good copy, a tar, stands for the folder.
	for _, name := range []string{"CVE-2098-0001", "CVE-2098-0002"} {
		if err := os.WriteFile(filepath.Join(dir, "osv", name+".json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "dsa.txt"), []byte("[02 Jan 2026] DSA-6000-1 left - security update\n\t{CVE-2098-0009}\n\t[bookworm] - left 2.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	three := r.sync(t, FeedsSync{})
	if got := errorsOf(three); len(got) != 1 || !strings.Contains(got["osv"], "no feed reads") || len(three.Editions) != 2 {
		t.Errorf("with broken files: %+v", three)
	}
	r.uses(t, three.Editions[0])
	if sum := r.put(t, submission("repo", "1.0.0")); sum.Findings["created"] != 2 {
		t.Errorf("the scan found %+v", sum)
	}
}

// TestFeedsOfARealMirror builds the database of real files.
func TestFeedsOfARealMirror(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("ASSAY_ADVISORIES")
	if dir == "" {
		t.Skip("ASSAY_ADVISORIES names no folder of advisories")
	}
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[name], err = os.ReadFile(filepath.Join(dir, name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m := newMirrorSite(t, files)
	r := start(t, func(c *Config) { c.Feeds, c.FeedsEvery = []string{m.URL + "/"}, time.Hour }, nil)
	one := r.looked(t, time.Time{})
	if len(one.Feeds) < 8 || len(one.Editions) != 1 || one.Error != "" {
		t.Fatalf("the first look: %+v", one)
	}
	stored := 0
	for _, f := range one.Feeds {
		stored += f.Stored
	}
	began := time.Now()
	r.sync(t, FeedsSync{})
	t.Logf("%d feeds of %d records; when nothing has changed, a look takes %s", len(one.Feeds), stored, time.Since(began))
	if got := r.builds.Load(); got != 2 {
		t.Errorf("%d builds, want 2", got)
	}
	for name, n := range m.gets {
		// The schedule may have come round meanwhile.
		if index := name == mirror.IndexName; index && n < 2 || !index && n != 1 {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
}

// TestFeedsAfterAKill kills the process while files are transferred, and while
// a database is built of them: the next goes on, and there is one edition.
func TestFeedsAfterAKill(t *testing.T) {
	t.Parallel()
	m := newMirrorSite(t, feedFiles(t))
	asked := make(chan struct{}, 10)
	m.set(nil, map[string]http.HandlerFunc{"osv/npm/all.zip": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write([]byte("PK"))
		w.(http.Flusher).Flush()
		asked <- struct{}{}
		<-r.Context().Done()
	}})
	data := t.TempDir()
	begin := func(stall bool) *child {
		return startChild(t, func(c *childServer) {
			c.Data, c.Feeds, c.Stall, c.Lease = data, []string{m.URL}, stall, 500*time.Millisecond
		})
	}
	first := begin(false)
	<-asked
	first.kill()
	m.set(nil, nil)
	second := begin(true)
	if said := <-second.lines; said != "building" {
		t.Fatalf("the second process says %q: %s", said, second.log)
	}
	second.kill()
	third := begin(false)
	r := &running{url: third.url}
	r.client = r.as(t, first.key, first.secret)
	got := r.looked(t, time.Time{})
	if len(got.Feeds) != 3 || len(got.Editions) != 1 || len(errorsOf(got)) > 0 || got.Error != "" {
		t.Errorf("%+v", got)
	}
	r.uses(t, got.Editions[0])
	m.mu.Lock()
	for _, name := range []string{"kev.json", "epss.csv"} {
		if n := m.gets[name]; n > 2 {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
	m.mu.Unlock()
	third.end(t)
}

// TestFeedsDiscardAfterFailure: what is not needed any more goes, also when no
// database can be built.
func TestFeedsDiscardAfterFailure(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	s, dir := h.server, t.TempDir()
	blobs, err := store.OpenBlobs(t.TempDir(), store.S3Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	if err := os.WriteFile(filepath.Join(dir, "all.zip"), osvZip(t, map[string]string{"CVE-2098-0001": "2.0.0"}), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("out of memory")
	s.blobs, s.Data, s.Feeds = blobs, t.TempDir(), []string{dir}
	s.Advisories.Build = func(context.Context, []string, string, time.Time) error { return broken }
	if _, err := blobs.Put(t.Context(), "feeds/garbage", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	err = s.store.Update(t.Context(), func(tx *store.Tx) error {
		return putSetting(t.Context(), tx, feedsSetting, Feeds{Feeds: []Feed{}, Garbage: []string{"feeds/garbage"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	p := newFeeds(s)
	if err := p.sync(t.Context(), &work.Job{Job: store.Job{Args: []byte("{}")}}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	state, err := p.state(t.Context(), time.Now())
	if err != nil || !strings.Contains(state.Error, broken.Error()) || len(state.Garbage) > 0 {
		t.Errorf("%+v, %v", state, err)
	}
	if r, _, err := blobs.Get(t.Context(), "feeds/garbage"); err == nil {
		_ = r.Close()
		t.Error("what nothing names is still there")
	}
}
