package scan_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// memory is a cache that counts.
type memory struct {
	mu         sync.Mutex
	entries    map[string][]byte
	hits, puts int
}

func (m *memory) Get(key string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.entries[key]
	if ok {
		m.hits++
	}
	return v, ok
}

func (m *memory) Put(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = map[string][]byte{}
	}
	m.puts++
	m.entries[key] = bytes.Clone(value)
}

// counts returns hits and puts since the last call.
func (m *memory) counts() (hits, puts int) {
	hits, puts = m.hits, m.puts
	m.hits, m.puts = 0, 0
	return hits, puts
}

// layer returns a gzip layer of files.
func layer(t *testing.T, files map[string]string) v1.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for path, body := range files {
		if err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o644, Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// server is a registry that counts the blobs that are fetched.
type server struct {
	host string
	mu   sync.Mutex
	got  []string // digests of blobs, in the order of their requests
	lie  map[string][]byte
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{lie: map[string][]byte{}}
	h := registry.New(registry.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, digest, ok := strings.Cut(r.URL.Path, "/blobs/"); ok && r.Method == http.MethodGet {
			s.mu.Lock()
			s.got = append(s.got, digest)
			lie := s.lie[digest]
			s.mu.Unlock()
			if lie != nil {
				_, _ = w.Write(lie)
				return
			}
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	s.host = srv.Listener.Addr().String()
	return s
}

// fetched returns how often a blob was fetched since the last call.
func (s *server) fetched(l v1.Layer) int {
	d, _ := l.Digest()
	n := 0
	for _, g := range s.got {
		if g == d.String() {
			n++
		}
	}
	return n
}

// push makes an image of layers and returns its reference.
func (s *server) push(t *testing.T, repository string, layers ...v1.Layer) string {
	t.Helper()
	img, err := mutate.AppendLayers(empty.Image, layers...)
	if err != nil {
		t.Fatal(err)
	}
	img, err = mutate.ConfigFile(img, configOf(t, img))
	if err != nil {
		t.Fatal(err)
	}
	target := s.host + "/" + repository
	ref, err := name.ParseReference(target)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, img, remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
	return target
}

func configOf(t *testing.T, img v1.Image) *v1.ConfigFile {
	t.Helper()
	c, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c = c.DeepCopy()
	c.OS, c.Architecture = "linux", "amd64"
	return c
}

const (
	osRelease = "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n"
	dpkg      = "Package: libwebp7\nStatus: install ok installed\nArchitecture: amd64\nSource: libwebp\nVersion: 1.2.4-0.2\n\n"
	lodash    = `{"name":"lodash","version":"4.17.20"}`
	urllib    = "Metadata-Version: 2.1\nName: urllib3\nVersion: 1.24.1\n"
)

func baseLayer(t *testing.T) v1.Layer {
	t.Helper()
	return layer(t, map[string]string{"etc/os-release": osRelease, "var/lib/dpkg/status": dpkg})
}

// database holds two true facts and one of another ecosystem.
func database(t *testing.T) *vulndb.DB {
	t.Helper()
	b := vulndb.NewBuilder(vulndb.BuildOptions{})
	for _, a := range []*advisory.Advisory{
		{
			Source: "debian-dsa", ID: "DSA-5497-2", Kind: advisory.Notice, Upstream: []string{"CVE-2023-4863"},
			Affected: []advisory.Affected{{
				Ecosystem: advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "12"}, Name: "libwebp",
				NameKind: advisory.SourceName, Ranges: []advisory.Range{{Fixed: "1.2.4-0.2+deb12u1"}},
			}},
		},
		{
			Source: "osv", ID: "GHSA-35jh-r3h4-6jhm", Kind: advisory.Vulnerability, Aliases: []string{"CVE-2021-23337"},
			Affected: []advisory.Affected{{
				Ecosystem: advisory.Ecosystem{Type: "npm"}, Name: "lodash", Ranges: []advisory.Range{{Fixed: "4.17.21"}},
			}},
		},
	} {
		if err := b.Add(a); err != nil {
			t.Fatal(err)
		}
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		t.Fatal(err)
	}
	opened, err := vulndb.OpenBytes(db.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

// TestRun goes from the name of an image in a registry to its matches.
func TestRun(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	app := layer(t, map[string]string{
		"app/node_modules/lodash/package.json":                 lodash,
		"app/lib/python3/urllib3-1.24.1.dist-info/METADATA":    urllib,
		"app/node_modules/broken/package.json":                 `{"name":`,
		"app/node_modules/unversioned/package.json":            `{"name":"unversioned"}`,
		"app/node_modules/lodash/node_modules/deep/readme.txt": "x",
	})
	target := s.push(t, "team/app:1.0", baseLayer(t), app)
	var cache memory
	r, err := scan.Run(t.Context(), target, database(t), scan.Options{Cache: &cache})
	if err != nil {
		t.Fatal(err)
	}
	if r.Target.Kind != artifact.Image || r.Target.Name != target || len(r.Target.Layers) != 2 {
		t.Errorf("target is %+v", r.Target)
	}
	d, _ := app.Digest()
	var got []string
	for _, m := range r.Result.Matches {
		got = append(got, m.Package.Type+" "+m.Package.Name+" "+m.Vulnerability+" fixed "+m.Fixed+" by "+m.Why[0].Advisory)
		if m.Package.Name == "lodash" && m.Package.Layer != d.String() {
			t.Errorf("lodash is of layer %s, want %s", m.Package.Layer, d)
		}
	}
	want := []string{
		"deb libwebp7 CVE-2023-4863 fixed 1.2.4-0.2+deb12u1 by DSA-5497-2",
		"npm lodash CVE-2021-23337 fixed 4.17.21 by GHSA-35jh-r3h4-6jhm",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
	notes := []match.Note{{Kind: match.NoData, Subject: "pypi", Reason: "the database has no advisories for this ecosystem", Count: 1}}
	if diff := cmp.Diff(notes, r.Result.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if len(r.Inventory.Problems) != 1 || r.Inventory.Problems[0].Path != "app/node_modules/broken/package.json" {
		t.Errorf("problems are %+v, want one of the broken package.json", r.Inventory.Problems)
	}
	// The same again, from the cache and without it, is the same to the byte.
	for _, opt := range []scan.Options{{Cache: &cache}, {}} {
		again, err := scan.Run(t.Context(), target, database(t), opt)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := asJSON(t, r), asJSON(t, again); !bytes.Equal(a, b) {
			t.Errorf("the same scan differs:\n%s", cmp.Diff(string(a), string(b)))
		}
	}
}

func asJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCache fetches a layer once, however many images have it.
func TestCache(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	base, one, two := baseLayer(t), layer(t, map[string]string{"a/package.json": lodash}), layer(t, map[string]string{"b/package.json": lodash})
	first, second := s.push(t, "one:1", base, one), s.push(t, "two:1", base, two)
	var cache memory
	opt := scan.Options{Cache: &cache}
	for _, step := range []struct {
		target     string
		hits, puts int
		base, own  int // blobs fetched
		last       v1.Layer
	}{
		{first, 0, 2, 1, 1, one},
		{first, 2, 0, 0, 0, one},
		{second, 1, 1, 0, 1, two},
		{second, 2, 0, 0, 0, two},
	} {
		s.got = nil
		if _, err := scan.Inventory(t.Context(), step.target, opt); err != nil {
			t.Fatal(err)
		}
		hits, puts := cache.counts()
		if hits != step.hits || puts != step.puts || s.fetched(base) != step.base || s.fetched(step.last) != step.own {
			t.Errorf("%s: %d hits, %d puts, %d and %d blobs fetched, want %+v", step.target, hits, puts, s.fetched(base), s.fetched(step.last), step)
		}
	}
	// An entry that is damaged, or is that of another layer, is read again.
	var some []byte
	for _, v := range cache.entries {
		some = v
	}
	for key := range cache.entries {
		cache.entries[key] = some
	}
	want, err := scan.Inventory(t.Context(), second, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := scan.Inventory(t.Context(), second, opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with entries exchanged (-want +got):\n%s", diff)
	}
}

// TestLyingDigest has a registry that serves other bytes than the digest says.
// Nothing may be kept under that digest.
func TestLyingDigest(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	good, evil := layer(t, map[string]string{"a/package.json": lodash}), gzipped(t, []byte("not this"))
	target := s.push(t, "lies:1", good)
	d, _ := good.Digest()
	s.lie[d.String()] = evil
	var cache memory
	_, err := scan.Inventory(t.Context(), target, scan.Options{Cache: &cache})
	if err == nil || !strings.Contains(err.Error(), d.String()) {
		t.Errorf("error is %v, want one that names the layer", err)
	}
	if cache.puts != 0 {
		t.Errorf("%d entries were kept of a layer that is not what it claims", cache.puts)
	}
}

func gzipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDirectoryAndSBOM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, body := range map[string]string{
		"root/etc/os-release":                   osRelease,
		"root/var/lib/dpkg/status":              dpkg,
		"root/srv/node_modules/l/package.json":  lodash,
		"source/package-lock.json":              `{"lockfileVersion":3,"packages":{"":{},"node_modules/lodash":{"version":"4.17.20"}}}`,
		"bom.json":                              `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"lodash","purl":"pkg:npm/lodash@4.17.20"},{"type":"library","name":"libwebp7","purl":"pkg:deb/debian/libwebp7@1.2.4-0.2?distro=debian-12&upstream=libwebp"}]}`,
		"root/srv/node_modules/l/yarn.lock":     "",
		"root/srv/node_modules/l/composer.lock": `{"packages":[{"name":"a/b","version":"1.0"}]}`,
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		target string
		kind   artifact.Kind
		want   []string
	}{
		{"root", artifact.Directory, []string{"libwebp7 CVE-2023-4863", "lodash CVE-2021-23337"}},
		{"source:" + filepath.Join(dir, "source"), artifact.Source, []string{"lodash CVE-2021-23337"}},
		{"bom.json", artifact.SBOM, []string{"libwebp7 CVE-2023-4863", "lodash CVE-2021-23337"}},
	} {
		target := tt.target
		if !strings.Contains(target, ":") {
			target = filepath.Join(dir, target)
		}
		r, err := scan.Run(t.Context(), target, database(t), scan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range r.Result.Matches {
			got = append(got, m.Package.Name+" "+m.Vulnerability)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || r.Target.Kind != tt.kind {
			t.Errorf("%s is a %s; matches (-want +got):\n%s", tt.target, r.Target.Kind, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	_, err := scan.Run(t.Context(), filepath.Join(t.TempDir(), "none"), database(t), scan.Options{})
	if err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("error of a missing target is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := scan.Inventory(ctx, "dir:"+t.TempDir(), scan.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error of a cancelled scan is %v", err)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	target := s.push(t, "p:1", baseLayer(t), layer(t, map[string]string{"a": "b"}))
	var mu sync.Mutex
	seen := map[int]int{}
	_, err := scan.Inventory(t.Context(), target, scan.Options{Progress: func(done, total int) {
		mu.Lock()
		defer mu.Unlock()
		seen[done] = total
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int]int{0: 2, 1: 2, 2: 2}, seen); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

// TestEmptyInventory keeps the difference between nothing found and nothing
// known.
func TestEmptyInventory(t *testing.T) {
	t.Parallel()
	r, err := scan.Run(t.Context(), "dir:"+t.TempDir(), database(t), scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inventory.Inventory{}, r.Inventory); diff != "" || len(r.Result.Matches)+len(r.Result.Notes) != 0 {
		t.Errorf("an empty directory holds %s, %+v", diff, r.Result)
	}
}

// TestLayersOfArchive checks that packages of an archive by docker save, which
// has no digests of layers, are told apart by what the image claims of them.
func TestLayersOfArchive(t *testing.T) {
	t.Parallel()
	top := layer(t, map[string]string{"srv/node_modules/lodash/package.json": `{"name":"lodash","version":"4.17.4"}`})
	img, err := mutate.AppendLayers(empty.Image, baseLayer(t), top)
	if err != nil {
		t.Fatal(err)
	}
	config := configOf(t, img)
	raw, err := img.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	write := func(name string, data []byte) {
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}), second(w.Write(data))); err != nil {
			t.Fatal(err)
		}
	}
	for i, l := range []v1.Layer{baseLayer(t), top} {
		r, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		write([]string{"0/layer.tar", "1/layer.tar"}[i], data)
	}
	write("c.json", raw)
	write("manifest.json", []byte(`[{"Config":"c.json","Layers":["0/layer.tar","1/layer.tar"],"RepoTags":["a:1"]}]`))
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := errors.Join(w.Close(), os.WriteFile(file, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	got, err := scan.Inventory(t.Context(), file, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Inventory.Packages) < 2 {
		t.Fatalf("%d packages", len(got.Inventory.Packages))
	}
	for _, p := range got.Inventory.Packages {
		want := config.RootFS.DiffIDs[0]
		if p.Name == "lodash" {
			want = config.RootFS.DiffIDs[1]
		}
		if p.Layer != want.String() {
			t.Errorf("%s %s: layer %q, want %s", p.Type, p.Name, p.Layer, want)
		}
	}
}

func second(_ int, err error) error { return err }
