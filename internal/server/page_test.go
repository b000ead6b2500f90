package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/web"
)

// TestPagesHideNothing shows that no operation of an API is where a page is.
func TestPagesHideNothing(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	for _, pattern := range web.Pages() {
		mux.Handle("GET "+pattern, http.NotFoundHandler())
	}
	check := func(method, path string) {
		path = strings.NewReplacer("{", "", "}", "", "...", "").Replace(path)
		if _, pattern := mux.Handler(httptest.NewRequest(method, path, http.NoBody)); strings.HasPrefix(pattern, "GET ") {
			t.Errorf("%s %s is hidden by the page at %s", method, path, pattern)
		}
	}
	for _, s := range []*wire.Service{inspector2.New(), inspectorscan.New(), inspector.New()} {
		for _, op := range s.Operations {
			check(op.Method, op.URI)
		}
	}
	for _, r := range allRoutes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		check(method, path)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	b := newBrowser(t, r.url)
	for _, tt := range []struct {
		method, path string
		status       int
		html         bool
	}{
		{"GET", "/", 200, true},
		{"GET", "/signin", 200, true},
		{"GET", "/signin?problem=link", 200, true},
		{"GET", "/findings?severity=HIGH", 200, true},
		{"GET", "/settings/keys", 200, true},
		{"GET", "/assets/none.js", 404, false},
		{"POST", "/findings/list", 401, false},
		{"GET", "/tags/x", 401, false},
		{"GET", "/nowhere", 404, false},
	} {
		got := b.ask(tt.method, tt.path, "")
		if html := strings.HasPrefix(got.header.Get("Content-Type"), "text/html"); got.status != tt.status || html != tt.html {
			t.Errorf("%s %s: got %d %s %s", tt.method, tt.path, got.status, got.header.Get("Content-Type"), got.text)
		}
		if tt.html && !strings.Contains(got.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s %s: %v", tt.method, tt.path, got.header)
		}
	}
}
