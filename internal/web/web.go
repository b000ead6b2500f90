// Package web serves the dashboard: a page that is built from the sources in
// web/ and embedded, and talks to the public API like everyone else.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// The folder holds .gitkeep and, once "make web" has run, the built page.
//
//go:embed all:dist placeholder.html
var embedded embed.FS

// policy lets the page load nothing but what the server serves, run no script
// and apply no style that is written into it, and be shown in no other page.
// Source: Content Security Policy Level 3, section 6.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Pages returns the paths below which the dashboard is, as patterns of
// http.ServeMux without a method: GET alone is for it, and the API has other
// methods on some of them.
func Pages() []string {
	paths := []string{"/{$}", "/signin", "/assets/{file}"}
	for _, name := range []string{"start", "summary", "findings", "vulnerabilities", "coverage", "rules", "exports", "accounts", "settings"} {
		paths = append(paths, "/"+name, "/"+name+"/{rest...}")
	}
	return paths
}

// A document is what is served at one address, in all encodings there are.
type document struct {
	contentType string
	cache       string // value of Cache-Control
	encodings   []encoded
}

// An encoded is the bytes of a document in one encoding.
type encoded struct {
	name  string // value of Content-Encoding; empty: as it is
	etag  string
	bytes []byte
}

// Handler returns what serves the dashboard at the paths of Pages: its assets,
// and at every other address the page itself, to whom accepts HTML.
func Handler() http.Handler {
	return handler(embedded)
}

func handler(files fs.FS) http.Handler {
	index, ok := load(files, "dist/index.html", "no-cache") // names the current assets
	if !ok {
		index, _ = load(files, "placeholder.html", "no-store")
	}
	assets := map[string]document{}
	names, _ := fs.Glob(files, "dist/assets/*") // the pattern is well formed
	for _, name := range names {
		if d, ok := load(files, name, "public, max-age=31536000, immutable"); ok { // names hold a hash
			assets["/assets/"+path.Base(name)] = d
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer") // addresses may hold what is filtered by
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "The page is only read.", http.StatusMethodNotAllowed)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			asset, ok := assets[r.URL.Path]
			if !ok {
				header.Set("Cache-Control", "no-store")
				http.Error(w, "There is no such file. The page may be of another version.", http.StatusNotFound)
				return
			}
			asset.serve(w, r)
			return
		}
		header.Add("Vary", "Accept")
		if !acceptsHTML(r) {
			http.Error(w, "Here is a page for browsers; the API has other addresses.", http.StatusNotFound)
			return
		}
		index.serve(w, r)
	})
}

// load reads a document and its compressed forms; false: there is none, or it
// is such a form.
func load(files fs.FS, name, cache string) (document, bool) {
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) { // independent of the machine's own tables
	case ".br", ".gz":
		return document{}, false
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".html":
		kind = "text/html; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	case ".woff2":
		kind = "font/woff2"
	}
	d := document{contentType: kind, cache: cache}
	for _, form := range []struct{ name, extension string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
		text, err := fs.ReadFile(files, name+form.extension)
		if err == nil {
			sum := sha256.Sum256(text)
			d.encodings = append(d.encodings, encoded{form.name, `"` + hex.EncodeToString(sum[:8]) + `"`, text})
		} else if form.name == "" {
			return document{}, false
		}
	}
	return d, true
}

// serve answers with the smallest form that the client takes.
func (d document) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", d.contentType)
	header.Set("Cache-Control", d.cache)
	header.Add("Vary", "Accept-Encoding")
	accepted := strings.Join(r.Header.Values("Accept-Encoding"), ",")
	for _, e := range d.encodings {
		if e.name != "" && !accepts(accepted, e.name) {
			continue
		}
		if e.name != "" {
			header.Set("Content-Encoding", e.name)
			header.Set("Content-Length", strconv.Itoa(len(e.bytes))) // ServeContent does so only for what is not encoded
		}
		header.Set("ETag", e.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(e.bytes))
		return
	}
}

// accepts tells whether a list of names with weights has the name, and not with
// the weight 0. Source: RFC 9110, section 12.4.2.
func accepts(list, name string) bool {
	for item := range strings.SplitSeq(list, ",") {
		got, weight, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(got), name) {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), 64)
		return weight == "" || err != nil || q > 0
	}
	return false
}

// acceptsHTML tells whether a client takes HTML, as one does that says nothing.
func acceptsHTML(r *http.Request) bool {
	list := strings.Join(r.Header.Values("Accept"), ",")
	return list == "" || accepts(list, "text/html") || accepts(list, "text/*") || accepts(list, "*/*")
}
