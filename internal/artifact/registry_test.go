package artifact

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	distribution "github.com/google/go-containerregistry/pkg/registry"
)

// newTestRegistry returns a registry that holds images, and its address.
func newTestRegistry(tb testing.TB, im image, repository string, tags map[string]descriptor) http.Handler {
	tb.Helper()
	h := distribution.New(distribution.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)))
	send := func(method, url, mediaType string, body []byte) {
		tb.Helper()
		r := httptest.NewRequestWithContext(tb.Context(), method, "/v2/"+repository+url, bytes.NewReader(body))
		r.Header.Set("Content-Type", mediaType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			tb.Fatalf("%s %s: %d %s", method, url, w.Code, w.Body)
		}
	}
	for digest, b := range im {
		if !bytes.Contains(b, []byte(`"schemaVersion"`)) {
			send(http.MethodPost, "/blobs/uploads/?digest="+digest, "", b)
		}
	}
	for _, kind := range []string{typeManifest, typeIndex} { // an index comes after what it names
		for digest, b := range im {
			if bytes.Contains(b, []byte(`"schemaVersion"`)) && bytes.Contains(b, []byte(`"manifests"`)) == (kind == typeIndex) {
				send(http.MethodPut, "/manifests/"+digest, kind, b)
			}
		}
	}
	for tag, d := range tags {
		send(http.MethodPut, "/manifests/"+tag, d.MediaType, im[d.Digest])
	}
	return h
}

// serve starts a server and returns its address.
func serve(tb testing.TB, h http.Handler) string {
	tb.Helper()
	s := httptest.NewServer(h)
	tb.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// twoPlatforms is an image for two platforms.
func twoPlatforms(tb testing.TB) (im image, index, first descriptor) {
	tb.Helper()
	im = image{}
	first = im.addImage(tb, amd64, tarOf(tb, file{name: "amd64", body: "a"}), tarOf(tb, file{name: "second", body: strings.Repeat("s", 100_000)}))
	second := im.addImage(tb, arm64, tarOf(tb, file{name: "arm64", body: "b"}))
	index = im.addJSON(tb, typeIndex, map[string]any{"schemaVersion": 2, "mediaType": typeIndex, "manifests": []descriptor{first, second}})
	return im, index, first
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	im, index, first := twoPlatforms(t)
	host := serve(t, newTestRegistry(t, im, "team/app", map[string]descriptor{"1.0": index, "single": first}))
	want := [][]string{{"- amd64: a"}, {"- second: 100000 bytes"}}
	for _, tt := range []struct {
		target string
		opt    Options
		tags   []string
	}{
		{"team/app:1.0", Options{Platform: amd64}, []string{"team/app:1.0"}},
		{"team/app:single", Options{}, []string{"team/app:single"}},
		{"team/app@" + first.Digest, Options{}, nil},
		{"team/app:1.0@" + index.Digest, Options{Platform: amd64}, nil},
	} {
		for _, prefix := range []string{"", "registry:"} {
			a := open(t, prefix+host+"/"+tt.target, tt.opt)
			wantLines(t, a, want...)
			var tags []string
			for _, tag := range tt.tags {
				tags = append(tags, host+"/"+tag)
			}
			if a.Digest != first.Digest || a.Platform != amd64 || a.Name != host+"/"+tt.target || !cmp.Equal(tags, a.Tags) {
				t.Errorf("%s: artifact is %+v", tt.target, a)
			}
		}
	}
	a := open(t, host+"/team/app:1.0", Options{Platform: arm64})
	wantLines(t, a, []string{"- arm64: b"})
	for target, text := range map[string]string{
		"team/app:2.0":    "has no " + host + "/team/app:2.0; check the name",
		"team/missing:1":  "has no " + host + "/team/missing:1",
		"team/app:single": "there is only linux/amd64",
	} {
		_, err := Open(t.Context(), "registry:"+host+"/"+target, Options{Platform: arm64})
		wantError(t, err, text)
	}
	_, err := Open(t.Context(), host+"/team/app:2.0", Options{})
	wantError(t, err, "there is no file "+host+"/team/app:2.0, so it was taken for an image: ")
}

// basic asks for a user and password.
func basic(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// bearer asks for a token, which it gives for a user and password, and once for
// each request only.
func bearer(h http.Handler) http.Handler {
	var n atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			if user, password, _ := r.BasicAuth(); user != "me" || password != "secret" || r.URL.Query().Get("scope") != "repository:app:pull" {
				http.Error(w, "{}", http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"token": "t%d"}`, n.Add(1))
			return
		}
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer t%d", n.Load()) || n.Load() == 0 {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, r.Host))
			http.Error(w, "{}", http.StatusUnauthorized)
			return
		}
		if strings.Contains(r.URL.Path, "/blobs/") {
			n.Add(1) // the token has expired
		}
		h.ServeHTTP(w, r)
	})
}

func TestRegistryLogin(t *testing.T) {
	t.Parallel()
	im, _, first := twoPlatforms(t)
	h := newTestRegistry(t, im, "app", map[string]descriptor{"1": first})
	for name, guard := range map[string]func(http.Handler) http.Handler{"basic": basic, "bearer": bearer} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := serve(t, guard(h))
			a := open(t, host+"/app:1", Options{Username: "me", Password: "secret"})
			wantLines(t, a, []string{"- amd64: a"}, []string{"- second: 100000 bytes"})
			_, err := Open(t.Context(), "registry:"+host+"/app:1", Options{Username: "me", Password: "wrong"})
			wantError(t, err, host+" denies access; log in with docker login, or give user and password")
			if err != nil && strings.Contains(err.Error(), "wrong") {
				t.Errorf("error tells the password: %v", err)
			}
		})
	}
}

// TestRegistryCredentials looks up credentials as docker does. It sets the
// environment, so that it cannot run in parallel.
func TestRegistryCredentials(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the helper is a shell script")
	}
	im, _, first := twoPlatforms(t)
	host := serve(t, basic(newTestRegistry(t, im, "app", map[string]descriptor{"1": first})))
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	helper := "#!/bin/sh\necho '{\"ServerURL\": \"x\", \"Username\": \"me\", \"Secret\": \"secret\"}'\n"
	if err := os.WriteFile(filepath.Join(dir, "docker-credential-test"), []byte(helper), 0o700); err != nil {
		t.Fatal(err)
	}
	auth := base64.StdEncoding.EncodeToString([]byte("me:secret"))
	for name, config := range map[string]any{
		"stored": map[string]any{"auths": map[string]any{host: map[string]any{"auth": auth}}},
		"helper": map[string]any{"credHelpers": map[string]any{host: "test"}},
	} {
		b, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "config.json"), b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), host+"/app:1", Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(t.Context(), host+"/app:1", Options{Anonymous: true}); err == nil {
			t.Errorf("%s: read with credentials that are not to be asked for", name)
		}
	}
}

func TestRegistryTLS(t *testing.T) {
	t.Parallel()
	im, _, first := twoPlatforms(t)
	h := newTestRegistry(t, im, "app", map[string]descriptor{"1": first})
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	t.Cleanup(s.Close)
	ca := writeFile(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	target := "registry:" + s.Listener.Addr().String() + "/app:1"
	wantLines(t, open(t, target, Options{CAFile: ca}), []string{"- amd64: a"}, []string{"- second: 100000 bytes"})
	wantLines(t, open(t, target, Options{Insecure: true}), []string{"- amd64: a"}, []string{"- second: 100000 bytes"})

	_, err := Open(t.Context(), target, Options{CAFile: writeFile(t, "ca.pem", []byte("none"))})
	wantError(t, err, "holds no certificate in PEM")
	_, err = Open(t.Context(), target, Options{CAFile: filepath.Join(t.TempDir(), "missing.pem")})
	wantError(t, err, "reading certificate authorities")

	// Unlike those of loopback, other addresses are not tried without TLS.
	_, port, _ := strings.Cut(s.Listener.Addr().String(), ":")
	_, err = Open(t.Context(), "registry:0.0.0.0:"+port+"/app:1", Options{})
	wantError(t, err, "the certificate of 0.0.0.0:"+port+" cannot be verified")
	_, port, _ = strings.Cut(serve(t, h), ":")
	_, err = Open(t.Context(), "registry:0.0.0.0:"+port+"/app:1", Options{})
	wantError(t, err, "speaks plain HTTP")
	wantLines(t, open(t, "registry:0.0.0.0:"+port+"/app:1", Options{Insecure: true}), []string{"- amd64: a"}, []string{"- second: 100000 bytes"})
}

// TestRegistryFaults talks to registries that are broken in one way each.
func TestRegistryFaults(t *testing.T) {
	t.Parallel()
	im, _, first := twoPlatforms(t)
	good := newTestRegistry(t, im, "app", map[string]descriptor{"1": first})
	fault := func(part string, f func(w http.ResponseWriter, r *http.Request, n int64)) http.Handler {
		var n atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, part) {
				f(w, r, n.Add(1))
				return
			}
			good.ServeHTTP(w, r)
		})
	}
	status := func(code int, times int64) func(w http.ResponseWriter, r *http.Request, n int64) {
		return func(w http.ResponseWriter, r *http.Request, n int64) {
			if n > times {
				good.ServeHTTP(w, r)
				return
			}
			http.Error(w, "{}", code)
		}
	}
	reset := func(w http.ResponseWriter, r *http.Request, n int64) {
		if n > 1 {
			good.ServeHTTP(w, r)
			return
		}
		panic(http.ErrAbortHandler)
	}
	body := func(b []byte) func(w http.ResponseWriter, r *http.Request, n int64) {
		return func(w http.ResponseWriter, _ *http.Request, _ int64) { _, _ = w.Write(b) }
	}
	stall := func(w http.ResponseWriter, r *http.Request, _ int64) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("{"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	silent := func(_ http.ResponseWriter, r *http.Request, _ int64) { <-r.Context().Done() }
	var doc document
	if err := json.Unmarshal(im[first.Digest], &doc); err != nil {
		t.Fatal(err)
	}
	layer := "/blobs/" + doc.Layers[1].Digest
	for _, tt := range []struct {
		name       string
		h          http.Handler
		open, walk string
	}{
		{"unavailable once", fault("/manifests/", status(http.StatusServiceUnavailable, 1)), "", ""},
		{"layer unavailable once", fault(layer, status(http.StatusBadGateway, 1)), "", ""},
		{"layer reset once", fault(layer, reset), "", ""},
		{"unavailable", fault("/manifests/", status(http.StatusServiceUnavailable, 100)), "has answered with status 503", ""},
		{"too many", fault("/manifests/", status(http.StatusTooManyRequests, 100)), "too many requests; log in, or try again later", ""},
		{"wrong manifest", fault("/manifests/", body([]byte("<html>"))), "reading a manifest: invalid character", ""},
		{"endless manifest", fault("/manifests/", body(make([]byte, maxManifest+1))), "more than 4194304 bytes", ""},
		{"wrong configuration", fault(doc.Config.Digest, body([]byte("{}"))), "the bytes have the digest", ""},
		{"layer gone", fault(layer, status(http.StatusNotFound, 100)), "", "has no blobs/" + doc.Layers[1].Digest},
		{"wrong layer", fault(layer, body(im[doc.Layers[0].Digest])), "", "the bytes of " + doc.Layers[1].Digest + " have the digest"},
		{"cut layer", fault(layer, body(im[doc.Layers[1].Digest][:40])), "", "unexpected EOF"},
		{"endless layer", fault(layer, func(w http.ResponseWriter, _ *http.Request, _ int64) {
			for range 1000 {
				_, _ = w.Write(im[doc.Layers[1].Digest])
			}
		}), "", "longer than"},
		{"stalled layer", fault(layer, stall), "", "the registry has stopped sending for 300ms"},
		{"stalled manifest", fault("/manifests/", stall), "the registry has stopped sending for 300ms", ""},
		{"silent", fault("/v2/", silent), "does not answer", ""},
		{"silent about a layer", fault(layer, silent), "", "does not answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name := serve(t, tt.h) + "/app:1"
			a, err := openRegistryPatiently(t.Context(), target{name: name, path: name}, Options{}, 300*time.Millisecond)
			if tt.open != "" {
				wantError(t, err, tt.open)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tt.walk != "" {
				wantError(t, a.Layers[1].Walk(t.Context(), nothing), tt.walk)
				return
			}
			wantLines(t, a, []string{"- amd64: a"}, []string{"- second: 100000 bytes"})
		})
	}
	_, err := Open(t.Context(), "registry:127.0.0.1:1/app", Options{})
	wantError(t, err, "connection refused")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, "registry:"+serve(t, good)+"/app:1", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
