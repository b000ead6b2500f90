package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// built is a page as the build makes it.
func built() fs.FS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"placeholder.html":             file("no page"),
		"dist/index.html":              file("page"),
		"dist/index.html.gz":           file("page gz"),
		"dist/index.html.br":           file("page br"),
		"dist/manifest.json":           file("{}"),
		"dist/assets/index-1.js":       file("script"),
		"dist/assets/index-1.js.gz":    file("script gz"),
		"dist/assets/index-1.js.br":    file("script br"),
		"dist/assets/index-1.css":      file("style"),
		"dist/assets/font-1.woff2":     file("font"),
		"dist/assets/icon-1.svg":       file("<svg/>"),
		"dist/assets/deeper/hidden.js": file("hidden"),
	}
}

func do(t *testing.T, h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	const forever, html, script = "public, max-age=31536000, immutable", "text/html; charset=utf-8", "text/javascript; charset=utf-8"
	h := handler(built())
	for _, tt := range []struct {
		name, target, accept, encoding string
		status                         int
		body, contentType, cache       string
	}{
		{"root", "/", "text/html", "", 200, "page", html, "no-cache"},
		{"page", "/findings", "text/html,application/xhtml+xml", "", 200, "page", html, "no-cache"},
		{"below a page", "/findings/arn%3Aaws%2Fx?a=b", "*/*", "", 200, "page", html, "no-cache"},
		{"says nothing", "/signin", "", "", 200, "page", html, "no-cache"},
		{"page in br", "/summary", "text/html", "gzip, deflate, br", 200, "page br", html, "no-cache"},
		{"page in gzip", "/summary", "text/html", "gzip;q=0.5, br;q=0", 200, "page gz", html, "no-cache"},
		{"no HTML", "/findings", "application/json", "", 404, "Here is a page for browsers; the API has other addresses.\n", "text/plain; charset=utf-8", ""},
		{"HTML refused", "/findings", "text/html;q=0", "", 404, "Here is a page for browsers; the API has other addresses.\n", "text/plain; charset=utf-8", ""},
		{"script", "/assets/index-1.js", "*/*", "", 200, "script", script, forever},
		{"script in br", "/assets/index-1.js", "*/*", "br", 200, "script br", script, forever},
		{"style without forms", "/assets/index-1.css", "text/css", "br", 200, "style", "text/css; charset=utf-8", forever},
		{"font", "/assets/font-1.woff2", "", "", 200, "font", "font/woff2", forever},
		{"icon", "/assets/icon-1.svg", "", "", 200, "<svg/>", "image/svg+xml", forever},
		{"no such asset", "/assets/index-2.js", "text/html", "", 404, "There is no such file. The page may be of another version.\n", "text/plain; charset=utf-8", "no-store"},
		{"form by its name", "/assets/index-1.js.br", "", "", 404, "There is no such file. The page may be of another version.\n", "text/plain; charset=utf-8", "no-store"},
		{"not an asset", "/assets/../manifest.json", "", "", 404, "There is no such file. The page may be of another version.\n", "text/plain; charset=utf-8", "no-store"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var header []string
			for _, h := range [][2]string{{"Accept", tt.accept}, {"Accept-Encoding", tt.encoding}} {
				if h[1] != "" {
					header = append(header, h[0], h[1])
				}
			}
			r := do(t, h, http.MethodGet, tt.target, header...)
			if got := r.Body.String(); r.Code != tt.status || got != tt.body {
				t.Errorf("got %d %q; want %d %q", r.Code, got, tt.status, tt.body)
			}
			for name, want := range map[string]string{
				"Content-Type": tt.contentType, "Cache-Control": tt.cache, "Content-Security-Policy": policy,
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			} {
				if got := r.Header().Get(name); got != want {
					t.Errorf("%s: got %q; want %q", name, got, want)
				}
			}
		})
	}
}

func TestHandlerKeepsWhatIsKnown(t *testing.T) {
	t.Parallel()
	h := handler(built())
	for _, encoding := range []string{"", "br", "gzip"} {
		first := do(t, h, http.MethodGet, "/", "Accept-Encoding", encoding)
		again := do(t, h, http.MethodGet, "/", "Accept-Encoding", encoding, "If-None-Match", first.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%q: got %d", encoding, again.Code)
		}
		if got := first.Header().Values("Vary"); !slices.Equal(got, []string{"Accept", "Accept-Encoding"}) {
			t.Errorf("Vary: %q", got)
		}
		if got, want := first.Header().Get("Content-Encoding"), map[string]string{"br": "br", "gzip": "gzip"}[encoding]; got != want {
			t.Errorf("Content-Encoding: got %q; want %q", got, want)
		}
	}
	if head := do(t, h, http.MethodHead, "/assets/index-1.js"); head.Code != http.StatusOK || head.Header().Get("Content-Length") != "6" {
		t.Errorf("HEAD: got %d, length %s", head.Code, head.Header().Get("Content-Length"))
	}
	if post := do(t, h, http.MethodPost, "/"); post.Code != http.StatusMethodNotAllowed || post.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: got %d", post.Code)
	}
}

func TestHandlerWithoutBuild(t *testing.T) {
	t.Parallel()
	h := handler(fstest.MapFS{"placeholder.html": {Data: []byte("no page")}, "dist/.gitkeep": {}})
	r := do(t, h, http.MethodGet, "/findings", "Accept", "text/html")
	if got := r.Body.String(); r.Code != http.StatusOK || got != "no page" || r.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("got %d %q, %s", r.Code, got, r.Header().Get("Cache-Control"))
	}
}

// TestPages holds the paths to those that the page itself knows: of another it
// would not be the page that answers when it is loaded again.
func TestPages(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../web/src/pages.ts")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, p := range Pages() {
		mux.Handle("GET "+p, http.NotFoundHandler())
	}
	found := regexp.MustCompile(`entry\('(/[^']*)'`).FindAllStringSubmatch(string(source), -1)
	if len(found) < 16 {
		t.Fatalf("only %d pages in pages.ts", len(found))
	}
	for _, m := range found {
		for _, p := range []string{m[1], m[1] + "/below"} {
			if _, pattern := mux.Handler(httptest.NewRequestWithContext(t.Context(), http.MethodGet, p, nil)); pattern == "" {
				t.Errorf("%s is at no path of Pages", p)
			}
		}
	}
	for _, p := range []string{"/findings/list", "/filters/create", "/assay/v1/session"} {
		if _, pattern := mux.Handler(httptest.NewRequestWithContext(t.Context(), http.MethodPost, p, nil)); pattern != "" {
			t.Errorf("POST %s goes to the page by %s", p, pattern)
		}
	}
}

// dist returns the built page that is embedded; without one the test is skipped.
func dist(t *testing.T) fs.FS {
	t.Helper()
	d, err := fs.Sub(embedded, "dist")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(d, "index.html"); err != nil {
		t.Skip("the dashboard is not built: make web")
	}
	return d
}

// TestBuiltForms reads what gzip made; test/web.sh does so for Brotli, which Go
// has not.
func TestBuiltForms(t *testing.T) {
	t.Parallel()
	d := dist(t)
	forms := 0
	err := fs.WalkDir(d, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".gz" {
			return err
		}
		forms++
		text, err := fs.ReadFile(d, name)
		if err != nil {
			return err
		}
		want, err := fs.ReadFile(d, strings.TrimSuffix(name, ".gz"))
		if err != nil {
			return err
		}
		r, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return err
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not its plain form: %v", name, err)
		}
		return nil
	})
	if err != nil || forms == 0 {
		t.Errorf("%d compressed forms, %v", forms, err)
	}
}

// TestBuiltPage holds the page to its policy.
func TestBuiltPage(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(dist(t), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	if bad := regexp.MustCompile(`(?i)<style|\sstyle=|<script[^>]*>[^<]|\son\w+=|https?://`).Find(page); bad != nil {
		t.Errorf("the page has %q", bad)
	}
	h := Handler()
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(string(page), -1) {
		if r := do(t, h, http.MethodGet, m[1]); r.Code != http.StatusOK {
			t.Errorf("%s: got %d", m[1], r.Code)
		}
	}
}

// TestBudget: the first page is there on a slow line within seconds.
func TestBudget(t *testing.T) {
	t.Parallel()
	const budget = 450_000 // bytes, compressed by gzip; fonts come later
	d := dist(t)
	type chunk struct {
		File         string   `json:"file"`
		IsEntry      bool     `json:"isEntry"`
		Imports, CSS []string // names of chunks; files
	}
	text, err := fs.ReadFile(d, "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var chunks map[string]chunk
	if err := json.Unmarshal(text, &chunks); err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{"index.html": true}
	var add func(name string)
	add = func(name string) {
		c, ok := chunks[name]
		if !ok {
			t.Fatalf("the manifest has no %s", name)
		}
		if files[c.File] {
			return
		}
		files[c.File] = true
		for _, css := range c.CSS {
			files[css] = true
		}
		for _, i := range c.Imports {
			add(i)
		}
	}
	add("index.html")
	add("src/pages/summary/index.tsx")
	total := int64(0)
	for name := range files {
		info, err := fs.Stat(d, name+".gz")
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	t.Logf("first load: %d files, %d kB compressed", len(files), total/1000)
	if total > budget {
		t.Errorf("the first load is %d bytes; at most %d", total, budget)
	}
}
