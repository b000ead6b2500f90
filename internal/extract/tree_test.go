package extract

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/inventory"
)

var update = flag.Bool("update", false, "rewrite what the archives in testdata want")

// node is an entry of a test layer.
type node struct {
	path string
	typ  fs.FileMode
	link string // target of a symbolic or hard link
	hard bool
	mode int64
	data string
}

func (n node) header() header { return header{path: n.path, typ: n.typ, target: n.link, hard: n.hard} }

// Size, Executable and Open make a node the content of its entry.
func (n node) Size() (int64, error) { return int64(len(n.data)), nil }

func (n node) Executable() (bool, error) { return n.mode&0o111 != 0, nil }

func (n node) Open() (artifact.File, error) { return io.NopCloser(strings.NewReader(n.data)), nil }

// readNodes reads a layer from memory.
func readNodes(tb testing.TB, digest string, nodes []node) *Layer {
	tb.Helper()
	s := newScanner(tb.Context(), newMatcher(formats()), Options{})
	defer s.close()
	for _, n := range nodes {
		if err := s.visit(n.header(), n); err != nil {
			tb.Fatal(err)
		}
	}
	if s.resolve() {
		for _, n := range nodes {
			if err := s.visitLate(n.header(), n); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return s.finish(digest)
}

// tarOf writes a layer.
func tarOf(tb testing.TB, nodes []node) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, n := range nodes {
		h := &tar.Header{Name: n.path, Mode: cmp.Or(n.mode, 0o644), Size: int64(len(n.data)), Typeflag: tar.TypeReg, Linkname: n.link}
		switch {
		case n.hard:
			h.Typeflag = tar.TypeLink
		case n.typ.IsDir():
			h.Typeflag, h.Name = tar.TypeDir, n.path+"/"
		case n.typ == fs.ModeSymlink:
			h.Typeflag = tar.TypeSymlink
		}
		if err := w.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, n.data); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// writeLayout writes an OCI image layout with the layers and returns its
// directory and the digests of the layers.
func writeLayout(tb testing.TB, layers [][]byte) (dir string, digests []string) {
	tb.Helper()
	dir = tb.TempDir()
	write := func(name string, b []byte) {
		tb.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	type descriptor struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
		Size      int    `json:"size"`
	}
	blob := func(media string, b []byte) descriptor {
		sum := fmt.Sprintf("%x", sha256.Sum256(b))
		write("blobs/sha256/"+sum, b)
		return descriptor{media, "sha256:" + sum, len(b)}
	}
	marshal := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	var blobs []descriptor
	for _, l := range layers {
		d := blob("application/vnd.oci.image.layer.v1.tar", l)
		blobs = append(blobs, d)
		digests = append(digests, d.Digest)
	}
	config := blob("application/vnd.oci.image.config.v1+json", marshal(map[string]any{
		"architecture": "amd64", "os": "linux",
		"rootfs": map[string]any{"type": "layers", "diff_ids": digests},
	}))
	manifest := blob("application/vnd.oci.image.manifest.v1+json", marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": config, "layers": blobs,
	}))
	write("index.json", marshal(map[string]any{"schemaVersion": 2, "manifests": []descriptor{manifest}}))
	write("oci-layout", []byte(`{"imageLayoutVersion": "1.0.0"}`))
	return dir, digests
}

// readArtifact opens a target and reads all its layers.
func readArtifact(tb testing.TB, target string, opt Options) []*Layer {
	tb.Helper()
	a, err := artifact.Open(tb.Context(), target, artifact.Options{Platform: artifact.Platform{OS: "linux", Architecture: "amd64"}})
	if err != nil {
		tb.Fatal(err)
	}
	defer a.Close()
	var layers []*Layer
	for _, l := range a.Layers {
		r, err := Read(tb.Context(), l, opt)
		if err != nil {
			tb.Fatal(err)
		}
		layers = append(layers, r)
	}
	return layers
}

// parseTree returns the layers of an archive: a file's first directory is the
// number of its layer. "path -> target" is a symbolic link, "path => target" a
// hard link, "path/" a directory, "path*" an executable.
func parseTree(t *testing.T, files []txtar.File) [][]node {
	t.Helper()
	var layers [][]node
	for _, f := range files {
		number, name, _ := strings.Cut(f.Name, "/")
		i, err := strconv.Atoi(number)
		if err != nil || i < 1 || i > len(layers)+1 {
			t.Fatalf("%s: not in a layer", f.Name)
		}
		if i > len(layers) {
			layers = append(layers, nil)
		}
		n := node{path: name, data: string(f.Data)}
		if path, target, ok := strings.Cut(name, " -> "); ok {
			n = node{path: path, typ: fs.ModeSymlink, link: target}
		} else if path, target, ok := strings.Cut(name, " => "); ok {
			n = node{path: path, link: target, hard: true}
		} else if path, ok := strings.CutSuffix(name, "/"); ok {
			n = node{path: path, typ: fs.ModeDir}
		} else if path, ok := strings.CutSuffix(name, "*"); ok {
			n.path, n.mode = path, 0o755
		}
		layers[i-1] = append(layers[i-1], n)
	}
	return layers
}

// summary writes an inventory with one line for each package and problem.
func summary(inv inventory.Inventory, digests []string) string {
	layer := func(digest string) string { return strconv.Itoa(slices.Index(digests, digest) + 1) }
	var b strings.Builder
	if o := inv.OS; o.ID != "" {
		fmt.Fprintf(&b, "os %s %q codename=%s name=%q like=%q cpe=%s\n", o.ID, o.VersionID, o.Codename, o.Name, o.Like, o.CPE)
	}
	for _, p := range inv.Packages {
		fmt.Fprintf(&b, "%s %s %s", p.Type, p.Name, cmp.Or(p.Version, "-"))
		for _, f := range []struct{ name, value string }{
			{"arch", p.Arch},
			{"source", strings.TrimSuffix(p.SourceName+" "+p.SourceVersion, " ")},
			{"module", p.Module},
			{"path", p.Path},
			{"owner", p.OwnedBy},
			{"layer", layer(p.Layer)},
		} {
			if f.value != "" {
				fmt.Fprintf(&b, " %s=%s", f.name, strings.ReplaceAll(f.value, " ", "@"))
			}
		}
		fmt.Fprintf(&b, " %s\n", p.Evidence)
	}
	for _, p := range inv.Problems {
		fmt.Fprintf(&b, "problem %s layer=%s: %s\n", p.Path, layer(p.Layer), p.Reason)
	}
	return b.String()
}

// TestTrees reads the archives in testdata/os: each is an image, whose last
// section is what is found in it.
func TestTrees(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/os/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := len(a.Files) - 1
			if a.Files[last].Name != "want" {
				t.Fatal("the last section is not want")
			}
			layers := parseTree(t, a.Files[:last])
			var tars [][]byte
			for _, l := range layers {
				tars = append(tars, tarOf(t, l))
			}
			dir, digests := writeLayout(t, tars)
			got := summary(Merge(readArtifact(t, dir, Options{})), digests)
			if *update {
				a.Files[last].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := diff.Diff(string(a.Files[last].Data), got); d != "" {
				t.Error(d)
			}
			// The order of entries within a layer says nothing, and neither
			// does the way through a cache.
			var read []*Layer
			for i, l := range layers {
				l = slices.Clone(l)
				slices.Reverse(l)
				b, err := readNodes(t, digests[i], l).MarshalBinary()
				if err != nil {
					t.Fatal(err)
				}
				read = append(read, new(Layer))
				if err := read[i].UnmarshalBinary(b); err != nil {
					t.Fatal(err)
				}
			}
			if d := diff.Diff(got, summary(Merge(read), digests)); d != "" {
				t.Error("in reverse order", d)
			}
		})
	}
}

// TestDirectory reads a directory on disk: there is no layer to name.
func TestDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, data := range map[string]string{
		"etc/os-release":              "ID=debian\nVERSION_ID=12\n",
		"var/lib/dpkg/status":         "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n",
		"srv/node_modules/.wh.x/keep": "",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := "os debian \"12\" codename= name=\"\" like=[] cpe=\n" +
		"deb a 1 arch=all source=a@1 path=var/lib/dpkg/status layer=0 database\n"
	if d := diff.Diff(want, summary(Merge(readArtifact(t, "dir:"+dir, Options{})), nil)); d != "" {
		t.Error(d)
	}
}

func TestReadCancelled(t *testing.T) {
	t.Parallel()
	dir, _ := writeLayout(t, [][]byte{tarOf(t, []node{{path: "etc/os-release", data: "ID=a\n"}})})
	a, err := artifact.Open(t.Context(), dir, artifact.Options{Platform: artifact.Platform{OS: "linux", Architecture: "amd64"}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, a.Layers[0], Options{}); err == nil {
		t.Error("a cancelled read gave a layer")
	}
}
