package mirror

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/feed"
)

// A publisher of a test serves files, and misbehaves where it is told to.
type publisher struct {
	*httptest.Server
	mu     sync.Mutex
	files  map[string][]byte
	faults map[string]func(w http.ResponseWriter, r *http.Request, body []byte)
	asked  []string
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{files: map[string][]byte{}, faults: map[string]func(http.ResponseWriter, *http.Request, []byte){}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	body, ok := p.files[r.URL.Path]
	fault := p.faults[r.URL.Path]
	p.asked = append(p.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
	p.mu.Unlock()
	switch {
	case fault != nil:
		fault(w, r, body)
	case !ok:
		http.NotFound(w, r)
	default:
		serveFile(w, r, body)
	}
}

func serveFile(w http.ResponseWriter, r *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:4])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// put sets what a file is, and how it is served; nil: well.
func (p *publisher) put(name string, body []byte, fault func(w http.ResponseWriter, r *http.Request, body []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[name] = body
	p.faults[name] = fault
}

// requests returns what was asked for since the last call, sorted.
func (p *publisher) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.asked
	p.asked = nil
	slices.Sort(out)
	return out
}

// osvZip is an archive of n advisories about package names that begin with tag.
func osvZip(tb testing.TB, tag string, n int) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range n {
		w, err := z.Create(fmt.Sprintf("GHSA-%s-%d.json", tag, i))
		if err != nil {
			tb.Fatal(err)
		}
		fmt.Fprintf(w, `{"schema_version":"1.6.0","id":"GHSA-%s-%d","modified":"2024-01-%02dT00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"%s%d"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"}]}]}]}`, tag, i, 1+i%28, tag, i)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func kevOf(cves ...string) []byte {
	var list []string
	for _, c := range cves {
		list = append(list, `{"cveID":"`+c+`","vendorProject":"v","product":"p","vulnerabilityName":"x","dateAdded":"2023-09-13","shortDescription":"x","requiredAction":"x","dueDate":"2023-10-04","knownRansomwareCampaignUse":"Unknown"}`)
	}
	return []byte(`{"title":"x","catalogVersion":"2024.01.01","dateReleased":"2024-01-01T00:00:00.0000Z","count":` + fmt.Sprint(len(cves)) + `,"vulnerabilities":[` + strings.Join(list, ",") + `]}`)
}

// secdbOf is a file of one release with n packages.
func secdbOf(release, repo string, n int) []byte {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"pkg":{"name":"p%d","secfixes":{"1.%d-r0":["CVE-2024-%04d"]}}}`, i, i, 1000+i))
	}
	return []byte(`{"apkurl":"{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk","archs":["x86_64"],"reponame":"` + repo +
		`","urlprefix":"https://dl-cdn.alpinelinux.org/alpine","distroversion":"` + release + `","packages":[` + strings.Join(list, ",") + `]}`)
}

func status(t *testing.T, list []Status, name string) Status {
	t.Helper()
	i := slices.IndexFunc(list, func(s Status) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no feed %s", name)
	}
	return list[i]
}

// cutOff sends half of what is asked for, and hangs up.
func cutOff(w http.ResponseWriter, _ *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:4])+`"`)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	_, _ = w.Write(body[:len(body)/2])
	panic(http.ErrAbortHandler)
}

// TestUpdate goes through the life of two feeds of which one has every trouble
// there is. What there was stays, and the other feed never suffers.
func TestUpdate(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	d := Folder{Dir: t.TempDir(), Stall: 200 * time.Millisecond, Wait: time.Millisecond}
	feeds := []Feed{
		{Name: "osv-npm", Formats: []string{feed.OSV}, URLs: []string{p.URL + "/npm/all.zip"}},
		{Name: "kev", Formats: []string{feed.KEV}, URLs: []string{p.URL + "/kev.json"}},
	}
	first, second, other := osvZip(t, "a", 40), osvZip(t, "b", 40), osvZip(t, "c", 41)
	html := func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		_, _ = w.Write([]byte("<html>We have moved.</html>"))
	}
	code := func(n int) func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		return func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(n) }
	}
	once := func(fault, then func(w http.ResponseWriter, r *http.Request, body []byte)) func(w http.ResponseWriter, r *http.Request, body []byte) {
		var n sync.Once
		return func(w http.ResponseWriter, r *http.Request, body []byte) {
			f := then
			n.Do(func() { f = fault })
			f(w, r, body)
		}
	}
	const all = "/npm/all.zip"
	at := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	for i, step := range []struct {
		name   string
		body   []byte
		fault  func(w http.ResponseWriter, r *http.Request, body []byte)
		accept bool
		want   []byte // what is kept
		err    string
		asked  []string
	}{
		{"first", first, nil, false, first, "", []string{all}},
		{"unchanged", first, nil, false, first, "", []string{all}},
		{"missing", first, code(404), false, first, "404 Not Found", []string{all}},
		{"forbidden", first, code(403), false, first, "403 Forbidden", []string{all}},
		{"broken server", first, code(500), false, first, "500 Internal", []string{all, all, all}},
		{"server recovers", second, once(code(503), serveFile), false, second, "", []string{all, all}},
		{"empty", nil, func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusOK) }, false, second, "the file is empty", []string{all}},
		{"landing page", first, html, false, second, "not what this feed consists of: no feed reads this format", []string{all}},
		{"another feed", kevOf("CVE-2024-0001"), nil, false, second, "what came is of the feed kev", []string{all}},
		{"cut file", other[:len(other)/2], nil, false, second, "not what this feed consists of", []string{all}},
		{"shrunk", osvZip(t, "d", 19), nil, false, second, "only 19 records can be used, where there were 40 (--accept takes it)", []string{all}},
		{"no records", osvZip(t, "d", 0), nil, false, second, "not what this feed consists of", []string{all}},
		{"slow", first, func(w http.ResponseWriter, r *http.Request, _ []byte) {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, false, second, "nothing came for 200ms", []string{all, all, all}},
		{"hangs up, then goes on", other, once(cutOff, serveFile), false, other, "", []string{all, fmt.Sprintf("%s bytes=%d-", all, len(other)/2)}},
		{"accepted", osvZip(t, "d", 19), nil, true, osvZip(t, "d", 19), "", []string{all}},
		{"moved", first, func(w http.ResponseWriter, r *http.Request, _ []byte) {
			http.Redirect(w, r, "/elsewhere.zip", http.StatusFound)
		}, false, first, "", []string{"/elsewhere.zip", all}},
	} {
		p.put(all, step.body, step.fault)
		p.put("/elsewhere.zip", first, nil)
		cve := fmt.Sprintf("CVE-2024-%04d", i+1)
		p.put("/kev.json", kevOf(cve), nil)
		d.Accept = step.accept
		list, err := d.Update(t.Context(), at(i+1), feeds)
		if err != nil {
			t.Fatal(err)
		}
		s := status(t, list, "osv-npm")
		if !strings.Contains(s.Error, step.err) || (s.Error == "") != (step.err == "") {
			t.Errorf("%s: the error is %q, want %q", step.name, s.Error, step.err)
		}
		if good := s.Good.Equal(at(i + 1)); good != (step.err == "") || s.Failed.Equal(at(i+1)) == good {
			t.Errorf("%s: good on %v, failed on %v", step.name, s.Good, s.Failed)
		}
		got, err := os.ReadFile(filepath.Join(d.Path("osv-npm"), "all.zip"))
		if err != nil || !bytes.Equal(got, step.want) {
			t.Errorf("%s: %d bytes are kept, want %d (%v)", step.name, len(got), len(step.want), err)
		}
		if diff := cmp.Diff(step.asked, slices.DeleteFunc(p.requests(), func(s string) bool { return s == "/kev.json" })); diff != "" {
			t.Errorf("%s: requests (-want +got):\n%s", step.name, diff)
		}
		if k := status(t, list, "kev"); k.Error != "" || !k.Changed || !k.Good.Equal(at(i+1)) {
			t.Errorf("%s: the other feed suffers: %+v", step.name, k)
		}
		if got, err := os.ReadFile(filepath.Join(d.Path("kev"), "kev.json")); err != nil || !bytes.Contains(got, []byte(cve)) {
			t.Errorf("%s: the other feed is old: %v", step.name, err)
		}
	}
	left, err := os.ReadDir(filepath.Join(d.Dir, comingDir))
	for _, e := range left {
		if !strings.HasSuffix(e.Name(), ".part") && !strings.HasSuffix(e.Name(), ".of") || err != nil {
			t.Errorf("%s is left, %v", e.Name(), err)
		}
	}
	again, err := d.Statuses()
	if err != nil || len(again) != 2 {
		t.Fatalf("%v, %v", again, err)
	}
	if read, stored := again[1].Records(); read != 40 || stored != 40 || again[1].Newest().Format(time.DateOnly) != "2024-01-28" || again[1].Bytes() != int64(len(first)) {
		t.Errorf("%d read, %d stored, %+v", read, stored, again[1])
	}
}

// TestUpdateGoesOn is cut off for good, and goes on at the next look; another
// edition in between begins anew.
func TestUpdateGoesOn(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	d := Folder{Dir: t.TempDir(), Wait: time.Millisecond}
	feeds := []Feed{{Name: "osv-npm", URLs: []string{p.URL + "/all.zip"}}}
	body, newer := osvZip(t, "a", 40), osvZip(t, "b", 50)
	end := func(w http.ResponseWriter, r *http.Request, body []byte) {
		if r.Header.Get("Range") != "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		cutOff(w, r, body)
	}
	half := fmt.Sprintf("/all.zip bytes=%d-", len(body)/2)
	for _, step := range []struct {
		body  []byte
		fault func(w http.ResponseWriter, r *http.Request, body []byte)
		asked []string
		good  bool
	}{
		{body, func(w http.ResponseWriter, r *http.Request, body []byte) {
			if r.Header.Get("Range") != "" {
				panic(http.ErrAbortHandler)
			}
			cutOff(w, r, body)
		}, []string{"/all.zip", half, half}, false},
		{body, nil, []string{half}, true},
		{osvZip(t, "c", 45), end, nil, false},
		{newer, nil, []string{"/all.zip"}, true},
	} {
		p.put("/all.zip", step.body, step.fault)
		list, err := d.Update(t.Context(), time.Unix(1e9, 0), feeds)
		if err != nil {
			t.Fatal(err)
		}
		if (list[0].Error == "") != step.good {
			t.Errorf("%q, want good %v", list[0].Error, step.good)
		}
		asked := p.requests()
		if diff := cmp.Diff(step.asked, asked); step.asked != nil && diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		if got, err := os.ReadFile(filepath.Join(d.Path("osv-npm"), "all.zip")); step.good && !bytes.Equal(got, step.body) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
}

// TestUpdateManyFiles has a feed of several files of which some come, some go
// and some fail.
func TestUpdateManyFiles(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	d := Folder{Dir: t.TempDir(), Wait: time.Millisecond}
	page := func(releases ...string) []byte {
		var b strings.Builder
		b.WriteString(`<a href="../">../</a><a href="last-update">x</a>`)
		for _, r := range releases {
			fmt.Fprintf(&b, `<a href="%s/">%s/</a>`, r, r)
		}
		return []byte(b.String())
	}
	f := Feeds()[slices.IndexFunc(Feeds(), func(f Feed) bool { return f.Name == "alpine" })]
	f.URLs = []string{p.URL + "/"}
	p.put("/", page("v3.2", "v3.19", "v3.20"), nil)
	for _, r := range []string{"v3.2", "v3.19", "v3.20"} {
		p.put("/"+r+"/main.json", secdbOf(r, "main", 20), nil)
		if r != "v3.2" {
			p.put("/"+r+"/community.json", secdbOf(r, "community", 20), nil)
		}
	}
	look := func() Status {
		t.Helper()
		list, err := d.Update(t.Context(), time.Unix(1e9, 0), []Feed{f})
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	paths := func(s Status) string {
		var list []string
		for _, f := range s.Files {
			list = append(list, fmt.Sprint(f.Path, " ", f.Read))
		}
		return strings.Join(list, ", ")
	}
	s := look()
	want := "v3.19/community.json 20, v3.19/main.json 20, v3.2/main.json 20, v3.20/community.json 20, v3.20/main.json 20"
	if paths(s) != want || s.Error != "" || !s.Changed {
		t.Errorf("%s, %q, %v; want %s", paths(s), s.Error, s.Changed, want)
	}
	if s = look(); s.Changed || s.Error != "" || s.Came != 0 {
		t.Errorf("unchanged: %+v", s)
	}
	// One release goes, one comes, one file breaks and one is there no more.
	p.put("/", page("v3.19", "v3.20", "v3.21"), nil)
	p.put("/v3.21/main.json", secdbOf("v3.21", "main", 30), nil)
	p.put("/v3.20/main.json", []byte(`{"apkurl":`), nil)
	p.put("/v3.19/main.json", nil, func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusNotFound) })
	s = look()
	want = "v3.19/community.json 20, v3.19/main.json 20, v3.20/community.json 20, v3.20/main.json 20, v3.21/main.json 30"
	if paths(s) != want || !s.Changed || !strings.Contains(s.Error, "v3.19/main.json: getting") || !strings.Contains(s.Error, "v3.20/main.json: what came") {
		t.Errorf("%s, %q, %v; want %s", paths(s), s.Error, s.Changed, want)
	}
	// A listing that names almost nothing cannot be meant.
	p.put("/", page("v3.21"), nil)
	if s = look(); paths(s) != want || !strings.Contains(s.Error, "only 30 records") {
		t.Errorf("%s, %q; want %s", paths(s), s.Error, want)
	}
	p.put("/", []byte("<html>"), nil)
	if s = look(); paths(s) != want || !strings.Contains(s.Error, "lists no file any more") {
		t.Errorf("%s, %q; want %s", paths(s), s.Error, want)
	}
	// The folder says all of it to others.
	var index struct{ Files []mirrored }
	text, err := os.ReadFile(filepath.Join(d.Dir, IndexName))
	if err != nil || json.Unmarshal(text, &index) != nil || len(index.Files) != 5 || index.Files[0].Path != "alpine/v3.19/community.json" {
		t.Errorf("the index is %s, %v", text, err)
	}
}

// TestUpdateFromFolder brings feeds from a folder, and from a mirror on the web
// that is such a folder.
func TestUpdateFromFolder(t *testing.T) {
	t.Parallel()
	from := t.TempDir()
	for name, body := range map[string][]byte{
		"osv/npm/all.zip": osvZip(t, "a", 30), "osv/PyPI/all.zip": osvZip(t, "b", 30), "kev.json": kevOf("CVE-2024-0001"), "index.json": []byte("{}"),
	} {
		file := filepath.Join(from, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	feeds, err := InFolder(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := Folder{Dir: t.TempDir()}
	list, err := d.Update(t.Context(), time.Unix(1e9, 0), feeds)
	if err != nil || len(list) != 2 || list[0].Name != "kev" || list[1].Name != "osv" || list[0].Error+list[1].Error != "" {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := os.Remove(filepath.Join(from, "osv", "npm", "all.zip")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "kev.json"), []byte(`{"title":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err = d.Update(t.Context(), time.Unix(2e9, 0), feeds); err != nil {
		t.Fatal(err)
	}
	if _, stored := list[1].Records(); !strings.Contains(list[0].Error, "kev.json: what came") || list[1].Error != "" || stored != 30 {
		t.Errorf("%+v", list)
	}
	// One that could not be brought has the error of that.
	feeds, err = InFolder(from, map[string]error{"osv/PyPI/all.zip": os.ErrDeadlineExceeded, "epss.csv": os.ErrDeadlineExceeded})
	if err != nil {
		t.Fatal(err)
	}
	if list, err = d.Update(t.Context(), time.Unix(3e9, 0), feeds); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		read, _ := s.Records()
		got = append(got, fmt.Sprint(s.Name, " ", read, " ", strings.Contains(s.Error, os.ErrDeadlineExceeded.Error())))
	}
	if diff := cmp.Diff([]string{"epss 0 true", "kev 1 false", "osv 30 true"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestUpdateLocked has two processes at the same folder.
func TestUpdateLocked(t *testing.T) {
	t.Parallel()
	d := Folder{Dir: t.TempDir()}
	p := newPublisher(t)
	p.put("/kev.json", kevOf("CVE-2024-0001"), func(w http.ResponseWriter, r *http.Request, body []byte) {
		if _, err := d.Update(r.Context(), time.Unix(1e9, 0), nil); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("got %v", err)
		}
		serveFile(w, r, body)
	})
	if _, err := d.Update(t.Context(), time.Unix(1e9, 0), []Feed{{Name: "kev", URLs: []string{p.URL + "/kev.json"}}}); err != nil {
		t.Error(err)
	}
}

// TestUpdateRecovers has what a process that died in the middle has left.
func TestUpdateRecovers(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	p.put("/kev.json", kevOf("CVE-2024-0001"), nil)
	d := Folder{Dir: t.TempDir()}
	feeds := []Feed{{Name: "kev", URLs: []string{p.URL + "/kev.json"}}}
	look := func() Status {
		t.Helper()
		list, err := d.Update(t.Context(), time.Unix(1e9, 0), feeds)
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	look()
	if err := os.Rename(d.Path("kev"), filepath.Join(d.Dir, comingDir, "kev.before")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(d.Dir, comingDir, "kev-123"), 0o700); err != nil {
		t.Fatal(err)
	}
	p.put("/kev.json", nil, func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusGone) })
	if s := look(); s.Error == "" || len(s.Files) != 1 {
		t.Errorf("%+v", s)
	}
	if _, err := os.Stat(filepath.Join(d.Path("kev"), "kev.json")); err != nil {
		t.Error(err)
	}
	// A copy without times is the same files.
	old := time.Unix(1, 0)
	if err := os.Chtimes(filepath.Join(d.Path("kev"), "kev.json"), old, old); err != nil {
		t.Fatal(err)
	}
	if s := look(); s.Error == "" || len(s.Files) != 1 {
		t.Errorf("%+v", s)
	}
	left, _ := filepath.Glob(filepath.Join(d.Dir, comingDir, "kev*"))
	if len(left) > 0 {
		t.Errorf("%v are left", left)
	}
}

// TestNoWayDown refuses to be sent from https to http.
func TestNoWayDown(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	p.put("/x", []byte("x"), nil)
	safe := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, p.URL+"/x", http.StatusFound)
	}))
	t.Cleanup(safe.Close)
	w := newWeb(safe.Client(), 0, time.Millisecond)
	if _, err := w.page(context.WithoutCancel(t.Context()), safe.URL); err == nil || !strings.Contains(err.Error(), "redirected from https to http://") {
		t.Errorf("got %v", err)
	}
	if asked := p.requests(); len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}
}
