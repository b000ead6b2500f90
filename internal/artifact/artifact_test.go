package artifact

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// file is a file of an archive that a test makes. The zero type is regular; a
// name that ends in a slash is a directory.
type file struct {
	name, body string
	typ        byte
	link       string
	mode       int64
}

// tarOf returns a tar archive.
func tarOf(tb testing.TB, files ...file) []byte {
	tb.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, f := range files {
		h := &tar.Header{Name: f.name, Linkname: f.link, Size: int64(len(f.body)), Typeflag: f.typ, Mode: f.mode | 0o600}
		if f.typ == 0 {
			h.Typeflag = tar.TypeReg
			if strings.HasSuffix(f.name, "/") {
				h.Typeflag = tar.TypeDir
			}
		}
		if err := w.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// pack compresses data by "gzip" or "zstd", or not at all.
func pack(tb testing.TB, how string, data []byte) []byte {
	tb.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&buf)
	case "zstd":
		z, err := zstd.NewWriter(&buf, zstd.WithEncoderConcurrency(1))
		if err != nil {
			tb.Fatal(err)
		}
		w = z
	default:
		return data
	}
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// image collects the blobs of images that a test makes.
type image map[string][]byte

func (im image) add(mediaType string, data []byte) descriptor {
	d := descriptor{MediaType: mediaType, Digest: digestOf(data), Size: int64(len(data))}
	im[d.Digest] = data
	return d
}

func (im image) addJSON(tb testing.TB, mediaType string, v any) descriptor {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return im.add(mediaType, b)
}

// Media types of images.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// configJSON returns a configuration with a step for each layer and one that
// made none.
func configJSON(p Platform, layers ...[]byte) map[string]any {
	ids, history := []string{}, []map[string]any{{"created_by": "ENV A=b", "empty_layer": true}}
	for i, l := range layers {
		ids = append(ids, digestOf(l))
		history = append(history, map[string]any{"created_by": fmt.Sprintf("step %d", i)})
	}
	return map[string]any{
		"os": p.OS, "architecture": p.Architecture, "variant": p.Variant, "created": "2024-01-02T03:04:05Z",
		"rootfs": map[string]any{"type": "layers", "diff_ids": ids}, "history": history,
	}
}

// addImage adds an image of layers, packed alternately by gzip, zstd and not.
func (im image) addImage(tb testing.TB, p Platform, layers ...[]byte) descriptor {
	tb.Helper()
	config := im.addJSON(tb, typeConfig, configJSON(p, layers...))
	var list []descriptor
	for i, l := range layers {
		list = append(list, im.add(typeLayer, pack(tb, []string{"gzip", "zstd", ""}[i%3], l)))
	}
	d := im.addJSON(tb, typeManifest, map[string]any{"schemaVersion": 2, "mediaType": typeManifest, "config": config, "layers": list})
	d.Platform = &platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant}
	return d
}

// manifest implements store.
func (im image) manifest(ctx context.Context, d descriptor) (io.ReadCloser, error) {
	return im.blob(ctx, d)
}

// blob implements store.
func (im image) blob(_ context.Context, d descriptor) (io.ReadCloser, error) {
	b, ok := im[d.Digest]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

// files returns the image layout with an index of the entries.
func (im image) files(tb testing.TB, entries ...descriptor) []file {
	tb.Helper()
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": typeIndex, "manifests": entries})
	if err != nil {
		tb.Fatal(err)
	}
	list := []file{{name: "oci-layout", body: `{"imageLayoutVersion":"1.0.0"}`}, {name: "index.json", body: string(index)}}
	for digest, b := range im {
		list = append(list, file{name: "blobs/sha256/" + strings.TrimPrefix(digest, "sha256:"), body: string(b)})
	}
	return list
}

// tagged returns d with the name of an image.
func tagged(d descriptor, tag string) descriptor {
	d.Annotations = map[string]string{annotationRef: tag}
	return d
}

// write writes files below a directory and returns it.
func write(tb testing.TB, dir string, files ...file) string {
	tb.Helper()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.name))
		var err error
		switch {
		case strings.HasSuffix(f.name, "/"):
			err = os.MkdirAll(name, 0o700)
		default:
			if err = os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				break
			}
			if f.link != "" {
				err = os.Symlink(f.link, name)
				break
			}
			err = os.WriteFile(name, []byte(f.body), 0o600|fs.FileMode(f.mode))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// writeFile writes one file and returns its name.
func writeFile(tb testing.TB, name string, data []byte) string {
	tb.Helper()
	name = filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(name, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return name
}

// open opens a target and closes it at the end of the test.
func open(tb testing.TB, target string, opt Options) *Artifact {
	tb.Helper()
	a, err := Open(tb.Context(), target, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := a.Close(); err != nil {
			tb.Error(err)
		}
	})
	return a
}

// line describes an entry, with its contents if it is a regular file.
func line(e *Entry) string {
	s := e.Type.String()[:1] + " " + e.Path
	switch {
	case e.Err != nil:
		return s + " ! " + e.Err.Error()
	case e.Hard:
		return s + " = " + e.Target
	case e.Target != "":
		return s + " -> " + e.Target
	case e.Type != 0:
		return s
	}
	if x, err := e.Executable(); err == nil && x {
		s = "x" + s[1:]
	}
	f, err := e.Open()
	if err != nil {
		return s + " ! " + err.Error()
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return s + " ! " + err.Error()
	}
	if size, err := e.Size(); err != nil || size != int64(len(b)) {
		return fmt.Sprintf("%s ! size %d, %v", s, size, err)
	}
	if len(b) > 40 {
		return fmt.Sprintf("%s: %d bytes", s, len(b))
	}
	return s + ": " + string(b)
}

// lines describes all entries of a layer.
func lines(tb testing.TB, l Layer) []string {
	tb.Helper()
	var list []string
	if err := l.Walk(tb.Context(), func(e *Entry) error {
		list = append(list, line(e))
		return nil
	}); err != nil {
		tb.Error(err)
	}
	return list
}

// wantLines compares the layers of an artifact with what they are to hold.
func wantLines(tb testing.TB, a *Artifact, want ...[]string) {
	tb.Helper()
	var got [][]string
	for _, l := range a.Layers {
		got = append(got, lines(tb, l))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("entries (-want +got):\n%s", diff)
	}
}

// wantError compares an error with a part of its text.
func wantError(tb testing.TB, err error, part string) {
	tb.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		tb.Errorf("error is %v; want one with %q", err, part)
	}
}
