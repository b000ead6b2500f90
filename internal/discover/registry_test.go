package discover

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/scan"
)

// answers is a registry that answers to paths, and notes what it was asked.
type answers struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, h http.HandlerFunc) *answers {
	t.Helper()
	a := &answers{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked = append(a.asked, r.Method+" "+r.URL.RequestURI())
		a.mu.Unlock()
		h(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *answers) open(t *testing.T, r Registry) *Client {
	t.Helper()
	r.Address = strings.TrimPrefix(strings.TrimPrefix(a.URL, "http://"), "https://")
	c, err := Open(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// manifests answers with documents by digest or tag.
func manifests(docs map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/" {
			return
		}
		_, ref, _ := strings.Cut(r.URL.Path, "/manifests/")
		doc, ok := docs[ref]
		if !ok {
			http.NotFound(w, r)
			return
		}
		var m struct{ MediaType string }
		_ = json.Unmarshal([]byte(doc), &m)
		w.Header().Set("Content-Type", m.MediaType)
		w.Header().Set("Docker-Content-Digest", digestOf([]byte(doc)))
		_, _ = io.WriteString(w, doc)
	}
}

func imageDoc(size int) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":%q,"digest":%q},"layers":[{"mediaType":%q,"digest":%[3]q,"size":%[5]d}]}`,
		ociManifest, configTypes[0], hash, layerTypes[0]+"+zstd", size)
}

func indexDoc(digests ...string) string {
	var list []string
	for _, d := range digests {
		list = append(list, fmt.Sprintf(`{"digest":%q,"platform":{"os":"linux"}}`, d))
	}
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[%s]}`, ociIndex, strings.Join(list, ","))
}

func TestLists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		page func(n int, w http.ResponseWriter, r *http.Request)
		want []string
		err  error
	}{
		{"two pages", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 0 {
				w.Header().Set("Link", `</v2/a/tags/list?n=1000&last=2>; rel="next"`)
				_, _ = io.WriteString(w, `{"tags":["1","2"]}`)
				return
			}
			_, _ = io.WriteString(w, `{"tags":["3"]}`)
		}, []string{"1", "2", "3"}, nil},
		{"a relative link", func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 0 {
				w.Header().Set("Link", `<list?last=2>; rel=next`)
			}
			_, _ = fmt.Fprintf(w, `{"tags":["%d"]}`, n)
		}, []string{"0", "1"}, nil},
		{"none", func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"tags":null}`) }, nil, nil},
		{"without end", func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `</v2/a/tags/list>; rel="next"`)
			_, _ = io.WriteString(w, `{"tags":["1"]}`)
		}, []string{"1"}, ErrLies},
		{"elsewhere", func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `<http://198.51.100.1/v2/a/tags/list>; rel="next"`)
			_, _ = io.WriteString(w, `{"tags":["1"]}`)
		}, []string{"1"}, ErrLies},
		{"a page too large", func(_ int, w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte(" "), maxPage+1))
		}, nil, ErrTooLarge},
		{"too many", func(n int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", fmt.Sprintf(`</v2/a/tags/list?last=%d>; rel="next"`, n))
			var tags []string
			for i := range 10_000 {
				tags = append(tags, fmt.Sprintf(`"%d-%d"`, n, i))
			}
			_, _ = io.WriteString(w, `{"tags":[`+strings.Join(tags, ",")+`]}`)
		}, nil, ErrTooLarge},
		{"no JSON", func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, nil, ErrLies},
		{"denied", func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, nil, ErrDenied},
		{"not there", func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, nil, ErrMissing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := 0
			a := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/list") {
					tt.page(n, w, r)
					n++
				}
			})
			var got []string
			var err error
			for tag, e := range a.open(t, Registry{}).Tags(t.Context(), "a") {
				if err = e; e == nil {
					got = append(got, tag)
				}
			}
			if tt.name == "too many" {
				got = got[maxTags:]
			}
			if diff := cmp.Diff(tt.want, got); diff != "" && len(got)+len(tt.want) > 0 || !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("error %v, want %v\n%s", err, tt.err, diff)
			}
		})
	}
}

func TestImages(t *testing.T) {
	t.Parallel()
	amd, arm := imageDoc(1), imageDoc(2)
	inner := indexDoc(digestOf([]byte(arm)))
	outer := indexDoc(digestOf([]byte(amd)), digestOf([]byte(inner)), hash)
	docs := map[string]string{
		"1": outer, "plain": amd, "liar": imageDoc(3), digestOf([]byte(outer)): outer, digestOf([]byte(inner)): inner,
		digestOf([]byte(amd)): amd, digestOf([]byte(arm)): arm, digestOf([]byte("other")): imageDoc(4),
	}
	deep := amd
	for range maxNesting + 1 {
		deep = indexDoc(digestOf([]byte(deep)))
		docs[digestOf([]byte(deep))] = deep
	}
	docs["deep"] = deep
	a := serve(t, manifests(docs))
	cache := &scan.FileCache{Dir: t.TempDir(), Limit: 1 << 20}
	c := a.open(t, Registry{Cache: cache})
	got, err := c.Images(t.Context(), "web", "1") // the platform that is not there is left out
	if diff := cmp.Diff([]string{digestOf([]byte(amd)), digestOf([]byte(arm))}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	a.asked = nil
	if _, err := c.Images(t.Context(), "web", "1"); err != nil {
		t.Error(err)
	}
	if slices.ContainsFunc(a.asked, func(s string) bool { return strings.HasPrefix(s, "GET") }) {
		t.Errorf("what is known was read again: %v", a.asked)
	}
	if got, err := c.Images(t.Context(), "web", "plain"); err != nil || !slices.Equal(got, []string{digestOf([]byte(amd))}) {
		t.Error(got, err)
	}
	for ref, want := range map[string]error{"deep": ErrTooLarge, "gone": ErrMissing, digestOf([]byte("other")): ErrLies} {
		if _, err := c.Images(t.Context(), "web", ref); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", ref, err, want)
		}
	}
	if _, err := c.Manifest(t.Context(), "web", digestOf([]byte("other"))); !errors.Is(err, ErrLies) {
		t.Errorf("other bytes: %v", err)
	}
}

// TestNoDigest has a registry not say which digest a tag has.
func TestNoDigest(t *testing.T) {
	t.Parallel()
	doc := imageDoc(1)
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "manifests") {
			_, _ = io.WriteString(w, doc)
		}
	})
	got, err := a.open(t, Registry{}).Resolve(t.Context(), "web", "1")
	if want := (Pointer{digestOf([]byte(doc)), ociManifest}); got != want || err != nil {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// TestLogin asks for a token for each scope, by TLS of an own authority.
func TestLogin(t *testing.T) {
	t.Parallel()
	var srv *httptest.Server
	var scopes []string
	srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/token" && user == "me" && password == "secret":
			scopes = append(scopes, r.URL.Query().Get("scope"))
			_, _ = fmt.Fprintf(w, `{"token":%q}`, r.URL.Query().Get("scope"))
		case strings.HasPrefix(r.URL.Path, "/v2/_catalog") && r.Header.Get("Authorization") == "Bearer registry:catalog:*":
			_, _ = io.WriteString(w, `{"repositories":["web"]}`)
		case strings.HasPrefix(r.URL.Path, "/v2/web/tags") && r.Header.Get("Authorization") == "Bearer repository:web:pull":
			_, _ = io.WriteString(w, `{"tags":["1"]}`)
		default:
			if !strings.HasPrefix(r.UserAgent(), Agent) {
				t.Errorf("user agent %q", r.UserAgent())
			}
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+srv.URL+`/token",service="test"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(srv.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	for _, tt := range []struct {
		password string
		want     error
	}{{"secret", nil}, {"wrong", ErrDenied}} {
		c, err := Open(Registry{Address: srv.Listener.Addr().String(), CA: ca, Username: "me", Password: tt.password})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		var last error
		for name, err := range c.Repositories(t.Context(), "") {
			if last = err; err != nil {
				break
			}
			got = append(got, name)
			for tag, err := range c.Tags(t.Context(), name) {
				if err != nil {
					t.Error(err)
				}
				got = append(got, name+":"+tag)
			}
		}
		if tt.want == nil && (last != nil || !slices.Equal(got, []string{"web", "web:1"})) || tt.want != nil && !errors.Is(last, tt.want) {
			t.Errorf("%s: %v, %v", tt.password, got, last)
		}
		if last != nil && strings.Contains(last.Error(), "wrong") {
			t.Errorf("the error tells the password: %v", last)
		}
		c.Close()
	}
	if len(scopes) != 2 {
		t.Errorf("tokens for %v", scopes)
	}
	c, err := Open(Registry{Address: srv.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Resolve(t.Context(), "web", "1"); err == nil {
		t.Error("a certificate that nobody vouches for is taken")
	}
	for _, bad := range []Registry{{Address: ""}, {Address: "https://x"}, {Address: "x/y"}, {Address: "x.example.com", CA: []byte("no")}} {
		if _, err := Open(bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func TestParseManifest(t *testing.T) {
	t.Parallel()
	good := imageDoc(7)
	for _, tt := range []struct {
		name, doc string
		want      error
		images    int
	}{
		{"an image", good, nil, 0},
		{"an index", indexDoc(hash, hash), nil, 1},
		{"what is said of another", `{"manifests":[{"digest":"` + hash + `","annotations":{"vnd.docker.reference.digest":"x"}},{"digest":"` + hash + `","platform":{"os":"unknown"}}]}`, nil, 0},
		{"an artifact in an index", `{"manifests":[{"digest":"` + hash + `","artifactType":"application/x"}]}`, nil, 0},
		{"schema 1", `{"schemaVersion":1,"fsLayers":[]}`, ErrUnsupported, 0},
		{"both", `{"manifests":[],"layers":[],"config":{"digest":"` + hash + `"}}`, ErrUnsupported, 0},
		{"a chart", strings.ReplaceAll(good, configTypes[0], "application/vnd.cncf.helm.config.v1+json"), ErrUnsupported, 0},
		{"a layer of another kind", strings.ReplaceAll(good, layerTypes[0], "application/wasm"), ErrUnsupported, 0},
		{"nothing", `{}`, ErrUnsupported, 0},
		{"a layer of no size", strings.ReplaceAll(good, `"size":7`, `"size":-7`), ErrLies, 0},
		{"no digest", indexDoc("sha256:../.."), ErrLies, 0},
		{"no JSON", "<html>", ErrLies, 0},
		{"too many", indexDoc(slices.Repeat([]string{hash}, maxPlatforms+1)...), ErrTooLarge, 0},
	} {
		m, err := ParseManifest([]byte(tt.doc))
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) || err == nil && len(m.Images) != tt.images {
			t.Errorf("%s: %+v, %v, want %v", tt.name, m, err, tt.want)
		}
	}
	for err, want := range map[error]string{
		ErrUnsupported: "UNSUPPORTED_MEDIA_TYPE", ErrTooLarge: "IMAGE_SIZE_EXCEEDED", ErrDenied: "ACCESS_DENIED", io.EOF: "INTERNAL_ERROR",
	} {
		if got, _ := Reason(fmt.Errorf("x: %w", err)); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(imageDoc(7)))
	f.Add([]byte(indexDoc(hash)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			return
		}
		if m.Size < 0 || m.Digest != digestOf(b) || len(m.Images) > maxPlatforms {
			t.Errorf("impossible manifest %+v", m)
		}
		for _, d := range m.Images {
			if !ValidDigest(d) {
				t.Errorf("digest %q", d)
			}
		}
	})
}

func TestCreated(t *testing.T) {
	t.Parallel()
	for config, want := range map[string]time.Time{
		`{"created":"2026-01-02T03:04:05.5Z"}`: at.Add(500 * time.Millisecond),
		`{"created":"1970-01-01T00:00:00Z"}`:   {},
		`{"created":"yesterday"}`:              {},
		`{}`:                                   {},
	} {
		a := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") {
				_, _ = io.WriteString(w, config)
			}
		})
		c := a.open(t, Registry{})
		got, err := c.Created(t.Context(), "web", Manifest{Config: digestOf([]byte(config))})
		if !got.Equal(want) || err != nil {
			t.Errorf("%s: %v, %v", config, got, err)
		}
		for _, digest := range []string{hash, "sha256:../../x"} {
			if _, err := c.Created(t.Context(), "web", Manifest{Config: digest}); !errors.Is(err, ErrLies) {
				t.Errorf("%s: %v", digest, err)
			}
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	rules := Rules{
		{Repositories: []string{"shop/*", "web"}, Tags: []string{"v*", "latest"}, Scan: Enhanced},
		{Repositories: []string{"*-test", "shop/tools"}, Scan: Basic},
	}
	if err := rules.Check(); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		repository, tag, want string
	}{
		{"shop/a/b", "v1", Enhanced},
		{"shop/a", "1", ""},
		{"shop/a", "", ""},
		{"shop/tools", "1", Basic},
		{"shop/tools", "v1", Enhanced},
		{"web", "latest", Enhanced},
		{"web2", "latest", ""},
		{"x-test", "", Basic},
	} {
		if got, ok := rules.Fit(tt.repository, tt.tag); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s:%s is %q, want %q", tt.repository, tt.tag, got, tt.want)
		}
	}
	if names, open := rules.Named(); !open || !slices.Equal(names, []string{"shop/tools", "web"}) {
		t.Errorf("named %v, open %v", names, open)
	}
	for name, want := range map[string][2]bool{"shop/x": {true, false}, "shop/tools": {true, true}, "other": {false, false}} {
		if some, all := rules.Includes(name); some != want[0] || all != want[1] {
			t.Errorf("%s: %v, %v", name, some, all)
		}
	}
	for tag, want := range map[string]bool{
		strings.Replace(hash, ":", "-", 1): true, strings.Replace(hash, ":", "-", 1) + ".sig": true, "sha256-1.sig": false, "latest": false,
	} {
		if AboutAnother(tag) != want {
			t.Errorf("%s: %v", tag, !want)
		}
	}
	for _, s := range []string{"", "A", "a/../b", "a//b", "/a", "a/", "a%2fb", "a?b", strings.Repeat("a", 256)} {
		if ValidRepository(s) {
			t.Errorf("%q is taken for a repository", s)
		}
	}
	for _, s := range []string{"", "-a", ".", "a/b", "a?b", strings.Repeat("a", 129)} {
		if ValidTag(s) {
			t.Errorf("%q is taken for a tag", s)
		}
	}
}
