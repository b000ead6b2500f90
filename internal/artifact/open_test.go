package artifact

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	amd64 = Platform{OS: "linux", Architecture: "amd64"}
	arm64 = Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}
	here  = Platform{OS: "linux", Architecture: runtime.GOARCH}
)

// threeLayers are the layers of an image and what they hold. Whiteouts are
// files as any other here.
func threeLayers(tb testing.TB) ([][]byte, [][]string) {
	tb.Helper()
	layers := [][]byte{
		tarOf(tb, file{name: "./etc/os-release", body: "ID=test"}, file{name: "bin/sh", body: "sh", mode: 0o755}),
		tarOf(tb, file{name: "bin/bash", typ: tar.TypeLink, link: "bin/sh"}, file{name: "etc/.wh.os-release"}),
		tarOf(tb, file{name: "opt/.wh..wh..opq"}, file{name: "opt/a", body: strings.Repeat("a", 300_000)}),
	}
	want := [][]string{
		{"- etc/os-release: ID=test", "x bin/sh: sh"},
		{"- bin/bash = bin/sh", "- etc/.wh.os-release: "},
		{"- opt/.wh..wh..opq: ", "- opt/a: 300000 bytes"},
	}
	return layers, want
}

func TestLayout(t *testing.T) {
	t.Parallel()
	layers, want := threeLayers(t)
	im := image{}
	d := im.addImage(t, here, layers...)
	dir := write(t, t.TempDir(), im.files(t, tagged(d, "latest"), tagged(d, "example.com/app:latest"), tagged(d, "1.0"))...)
	for _, target := range []string{dir, dir + "/", "oci:" + dir, dir + ":latest", "oci:" + dir + ":1.0", dir + "@" + d.Digest} {
		a := open(t, target, Options{})
		wantLines(t, a, want...)
		if a.Kind != Image || a.Digest != d.Digest || a.Platform != here || a.Created != "2024-01-02T03:04:05Z" || !validDigest(a.ImageID) {
			t.Errorf("%s: artifact is %+v", target, a)
		}
		if diff := cmp.Diff([]string{"1.0", "example.com/app:latest"}, a.Tags); diff != "" {
			t.Errorf("%s: tags (-want +got):\n%s", target, diff)
		}
		for i, l := range a.Layers {
			if l.DiffID != digestOf(layers[i]) || l.CreatedBy != fmt.Sprintf("step %d", i) || l.Size != int64(len(im[l.Digest])) || l.Name != l.Digest {
				t.Errorf("%s: layer %d is %+v", target, i, l)
			}
		}
	}
	_, err := Open(t.Context(), dir+":2.0", Options{})
	wantError(t, err, "no image has the tag 2.0; there are 1.0, example.com/app:latest, latest")
	_, err = Open(t.Context(), dir+"@sha256:"+strings.Repeat("0", 64), Options{})
	wantError(t, err, "no such file")
	_, err = Open(t.Context(), dir+"@sha256:../../x", Options{})
	wantError(t, err, "impossible digest")
}

func TestPlatforms(t *testing.T) {
	t.Parallel()
	im := image{}
	a, b := im.addImage(t, amd64, tarOf(t, file{name: "amd64"})), im.addImage(t, arm64, tarOf(t, file{name: "arm64"}))
	v6 := im.addImage(t, Platform{OS: "linux", Architecture: "arm", Variant: "v6"}, tarOf(t, file{name: "v6"}))
	proof := im.addImage(t, Platform{OS: "unknown", Architecture: "unknown"}, tarOf(t, file{name: "proof"}))
	proof.Annotations = map[string]string{annotationReference: "attestation-manifest"}
	index := im.addJSON(t, typeIndex, map[string]any{"schemaVersion": 2, "manifests": []descriptor{proof, a, b, v6}})
	nested := im.addJSON(t, typeIndex, map[string]any{"schemaVersion": 2, "manifests": []descriptor{index}})
	single := im.addJSON(t, typeIndex, map[string]any{"schemaVersion": 2, "manifests": []descriptor{proof, v6}})
	dir := write(t, t.TempDir(), im.files(t, tagged(nested, "all"), tagged(single, "one"))...)
	flat := write(t, t.TempDir(), im.files(t, a, b, v6)...)
	for _, tt := range []struct {
		target  string
		want    Platform
		got     Platform
		failure string
	}{
		{dir + ":all", Platform{}, map[string]Platform{"amd64": amd64, "arm64": arm64}[runtime.GOARCH], ""},
		{dir + ":all", amd64, amd64, ""},
		{dir + ":all", Platform{OS: "linux", Architecture: "arm64"}, arm64, ""},
		{dir + ":all", Platform{OS: "linux", Architecture: "arm"}, Platform{OS: "linux", Architecture: "arm", Variant: "v6"}, ""},
		{dir + ":all", Platform{OS: "linux", Architecture: "s390x"}, Platform{}, "choosing an image for linux/s390x: there are only linux/amd64, linux/arm/v6, linux/arm64/v8"},
		{dir + ":one", Platform{}, Platform{OS: "linux", Architecture: "arm", Variant: "v6"}, ""},
		{dir + ":one", amd64, Platform{}, "choosing an image for linux/amd64: there is only linux/arm/v6"},
		{dir, Platform{}, Platform{}, "holds several images; choose one as " + dir + ":TAG or " + dir + "@DIGEST: all, one"},
		{dir + "@" + a.Digest, Platform{}, amd64, ""},
		{flat, arm64, arm64, ""},
	} {
		t.Run(strings.TrimPrefix(tt.target, dir)+tt.want.String(), func(t *testing.T) {
			t.Parallel()
			a, err := Open(t.Context(), tt.target, Options{Platform: tt.want})
			if tt.failure != "" {
				wantError(t, err, tt.failure)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tt.got.OS != "" && a.Platform != tt.got {
				t.Errorf("platform is %s; want %s", a.Platform, tt.got)
			}
		})
	}
}

// TestBrokenImages opens layouts that lie.
func TestBrokenImages(t *testing.T) {
	t.Parallel()
	data := tarOf(t, file{name: "a", body: strings.Repeat("a", 1000)})
	for _, tt := range []struct {
		name       string
		manifest   func(config, layer descriptor) map[string]any
		open, walk string
	}{
		{"wrong layer", func(c, l descriptor) map[string]any {
			l.Digest = "sha256:" + strings.Repeat("1", 64)
			return map[string]any{"config": c, "layers": []descriptor{l}}
		}, "", "the bytes of sha256:1111"},
		{"longer layer", func(c, l descriptor) map[string]any {
			l.Size--
			return map[string]any{"config": c, "layers": []descriptor{l}}
		}, "", "longer than the"},
		{"missing layer", func(c, l descriptor) map[string]any {
			l.Digest = "sha256:" + strings.Repeat("2", 64)
			return map[string]any{"config": c, "layers": []descriptor{l}}
		}, "", "no such file"},
		{"path as digest", func(c, l descriptor) map[string]any {
			l.Digest = "sha256:../../../etc/passwd"
			return map[string]any{"config": c, "layers": []descriptor{l}}
		}, "impossible digest", ""},
		{"wrong configuration", func(c, l descriptor) map[string]any {
			c.Digest = "sha256:" + strings.Repeat("1", 64)
			return map[string]any{"config": c, "layers": []descriptor{l}}
		}, "the bytes have the digest", ""},
		{"chart", func(c, _ descriptor) map[string]any {
			c.MediaType = "application/vnd.cncf.helm.config.v1+json"
			return map[string]any{"config": c}
		}, "not a container image but application/vnd.cncf.helm", ""},
		{"schema 1", func(_, _ descriptor) map[string]any {
			return map[string]any{"schemaVersion": 1, "fsLayers": []string{}}
		}, "schema 1 is not supported", ""},
		{"both", func(c, l descriptor) map[string]any {
			return map[string]any{"config": c, "layers": []descriptor{l}, "manifests": []descriptor{l}}
		}, "an index and an image at once", ""},
		{"neither", func(_, _ descriptor) map[string]any { return map[string]any{} }, "neither an index nor an image", ""},
		{"no match", func(_, l descriptor) map[string]any {
			return map[string]any{"manifests": []descriptor{{Digest: l.Digest, Platform: &platform{OS: "plan9"}}, {Digest: l.Digest, Platform: &platform{OS: "aix"}}}}
		}, "there are only aix/, plan9/", ""},
		{"many layers", func(c, _ descriptor) map[string]any {
			return map[string]any{"config": c, "layers": make([]descriptor, maxLayers+1)}
		}, "more than 1024 layers", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			im := image{}
			im["sha256:"+strings.Repeat("1", 64)] = data
			config := im.addJSON(t, typeConfig, configJSON(here, data))
			d := im.addJSON(t, typeManifest, tt.manifest(config, im.add(typeLayer, data)))
			a, err := Open(t.Context(), write(t, t.TempDir(), im.files(t, d)...), Options{})
			if tt.open != "" {
				wantError(t, err, tt.open)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, a.Layers[0].Walk(t.Context(), nothing), tt.walk)
		})
	}
}

// TestForeignLayers names what is not in the image, and nothing is fetched.
func TestForeignLayers(t *testing.T) {
	t.Parallel()
	im := image{}
	data := tarOf(t, file{name: "a"})
	base := descriptor{MediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest: digestOf([]byte("base")), Size: 4}
	config := im.addJSON(t, typeConfig, configJSON(here, data, data))
	d := im.addJSON(t, typeManifest, map[string]any{"config": config, "layers": []descriptor{base, im.add(typeLayer, data)}})
	a := open(t, write(t, t.TempDir(), im.files(t, d)...), Options{})
	wantLines(t, a, []string{"- a: "})
	if len(a.Problems) != 1 || !strings.Contains(a.Problems[0], base.Digest) || a.Layers[0].CreatedBy != "step 1" {
		t.Errorf("artifact is %+v", a)
	}
}

// dockerFiles are the files of docker save, old style, with a layer that is a
// link to another one.
func dockerFiles(tb testing.TB, how string, layers ...[]byte) []file {
	tb.Helper()
	config, err := json.Marshal(configJSON(here, append(layers, layers[0])...))
	if err != nil {
		tb.Fatal(err)
	}
	var list []file
	var names []string
	for i, l := range layers {
		names = append(names, fmt.Sprintf("%d/layer.tar", i))
		list = append(list, file{name: fmt.Sprintf("%d/", i)}, file{name: names[i], body: string(pack(tb, how, l))})
	}
	names = append(names, "again/layer.tar")
	list = append(list, file{name: "again/layer.tar", typ: tar.TypeSymlink, link: "../0/layer.tar"})
	manifest, err := json.Marshal([]saved{{Config: "config.json", RepoTags: []string{"app:2", "app:1"}, Layers: names}})
	if err != nil {
		tb.Fatal(err)
	}
	return append(list, file{name: "config.json", body: string(config)}, file{name: "manifest.json", body: string(manifest)})
}

func TestDockerArchive(t *testing.T) {
	t.Parallel()
	layers, want := threeLayers(t)
	want = append(want, want[0])
	for _, inner := range []string{"", "gzip", "zstd"} {
		for _, outer := range []string{"", "gzip", "zstd"} {
			t.Run("inner "+inner+" outer "+outer, func(t *testing.T) {
				t.Parallel()
				name := writeFile(t, "image.tar", pack(t, outer, tarOf(t, dockerFiles(t, inner, layers...)...)))
				temp := t.TempDir()
				for _, target := range []string{name, "docker-archive:" + name, name + ":1", "docker-archive:" + name + ":app:2"} {
					a := open(t, target, Options{Temp: temp})
					wantLines(t, a, want...)
					if a.Kind != Image || a.Digest != "" || !validDigest(a.ImageID) || a.Platform != here || a.Layers[1].Digest != "" || a.Layers[1].DiffID != digestOf(layers[1]) {
						t.Errorf("%s: artifact is %+v", target, a)
					}
					if diff := cmp.Diff([]string{"app:1", "app:2"}, a.Tags); diff != "" {
						t.Error(diff)
					}
				}
				if left, err := os.ReadDir(temp); len(left) > 0 || err != nil {
					t.Errorf("files left behind: %v, %v", left, err)
				}
				_, err := Open(t.Context(), name+":3", Options{Temp: temp})
				wantError(t, err, "no image has the tag 3; there are app:2, app:1")
				_, err = Open(t.Context(), "oci-archive:"+name, Options{Temp: temp})
				wantError(t, err, "neither manifest.json")
			})
		}
	}
}

func TestOCIArchive(t *testing.T) {
	t.Parallel()
	layers, want := threeLayers(t)
	im := image{}
	d := im.addImage(t, here, layers...)
	files := im.files(t, tagged(d, "app:1"))
	for _, outer := range []string{"", "gzip", "zstd"} {
		name := writeFile(t, "image.tar", pack(t, outer, tarOf(t, files...)))
		for _, target := range []string{name, "oci-archive:" + name, name + ":1", name + "@" + d.Digest} {
			a := open(t, target, Options{})
			wantLines(t, a, want...)
			if a.Digest != d.Digest || a.Layers[0].Digest == "" {
				t.Errorf("%s: artifact is %+v", target, a)
			}
		}
	}
	// A current docker save is both; its digest is that of the layout's image.
	var doc document
	if err := json.Unmarshal(im[d.Digest], &doc); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range doc.Layers {
		names = append(names, "blobs/sha256/"+l.Digest[7:])
	}
	manifest, err := json.Marshal([]saved{{Config: "blobs/sha256/" + doc.Config.Digest[7:], RepoTags: []string{"app:1"}, Layers: names}})
	if err != nil {
		t.Fatal(err)
	}
	name := writeFile(t, "both.tar", tarOf(t, append(files, file{name: "manifest.json", body: string(manifest)})...))
	for target, digests := range map[string]bool{name: false, "docker-archive:" + name: false, "oci-archive:" + name: true, name + "@" + d.Digest: true} {
		a := open(t, target, Options{})
		wantLines(t, a, want...)
		if a.Digest != d.Digest || a.ImageID != doc.Config.Digest || (a.Layers[0].Digest != "") != digests {
			t.Errorf("%s: artifact is %+v", target, a)
		}
	}
}

func TestBrokenArchives(t *testing.T) {
	t.Parallel()
	layers, _ := threeLayers(t)
	files := dockerFiles(t, "", layers...)
	data := tarOf(t, files...)
	two := tarOf(t, append(files[:len(files)-1:len(files)-1], file{name: "manifest.json", body: `[{"RepoTags":["a:1"]},{"RepoTags":["b:1"]}]`})...)
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"cut", data[:len(data)-5*blockSize], "unexpected EOF"},
		{"cut in a layer", data[:5000], "unexpected EOF"},
		{"not an image", tarOf(t, file{name: "README"}), "neither manifest.json of docker save nor index.json"},
		{"gzip of something", pack(t, "gzip", []byte("hello")), "not a valid tar archive"},
		{"cut gzip", pack(t, "gzip", data)[:1000], "unexpected EOF"},
		{"xz", append([]byte("\xfd7zXZ\x00"), make([]byte, 600)...), "compression by xz is not supported"},
		{"several", two, ":TAG: a:1, b:1"},
		{"nothing", tarOf(t, file{name: "manifest.json", body: "[]"}), "holds no image"},
		{"no configuration", tarOf(t, file{name: "manifest.json", body: `[{"Config":"x"}]`}), "holds no file x"},
		{"outside", tarOf(t, file{name: "manifest.json", body: `[{"Config":"../../../etc/passwd"}]`}), "holds no file etc/passwd"},
		{"links", tarOf(t, file{name: "manifest.json", typ: tar.TypeSymlink, link: "manifest.json"}), "holds no file manifest.json"},
		{"huge manifest", tarOf(t, file{name: "manifest.json", body: strings.Repeat(" ", maxManifest+1)}), "more than 4194304 bytes"},
		{"nested JSON", tarOf(t, file{name: "manifest.json", body: strings.Repeat("[", 100_000)}), "exceeded max depth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(t.Context(), writeFile(t, "x.tar", tt.data), Options{})
			wantError(t, err, tt.want)
		})
	}
}

// TestRootArchive opens what docker export writes.
func TestRootArchive(t *testing.T) {
	t.Parallel()
	data := tarOf(t, file{name: "etc/os-release", body: "ID=x"}, file{name: "manifest", body: "m"})
	a := open(t, writeFile(t, "root.tar.gz", pack(t, "gzip", data)), Options{})
	wantLines(t, a, []string{"- etc/os-release: ID=x", "- manifest: m"})
	if a.Kind != Directory {
		t.Errorf("kind is %s", a.Kind)
	}
}

// TestBomb walks a layer that expands to more than a hundred times its size.
func TestBomb(t *testing.T) {
	t.Parallel()
	// A gzip member of zeros, again and again: 16 MiB from some 16 KiB.
	member := pack(t, "gzip", append(header("zeros", '0', 1<<40, nil), make([]byte, 16<<20)...))
	more := pack(t, "gzip", make([]byte, 16<<20))
	for _, how := range []string{"gzip", "zstd"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			data := bytes.Clone(member)
			if how == "gzip" {
				for range 200 {
					data = append(data, more...)
				}
			} else {
				data = pack(t, "zstd", append(header("zeros", '0', 1<<40, nil), make([]byte, 1<<20)...))
				z := pack(t, "zstd", make([]byte, 16<<20))
				for range 200 {
					data = append(data, z...)
				}
			}
			im := image{}
			config := im.addJSON(t, typeConfig, configJSON(here, data))
			d := im.addJSON(t, typeManifest, map[string]any{"config": config, "layers": []descriptor{im.add(typeLayer, data)}})
			a := open(t, write(t, t.TempDir(), im.files(t, d)...), Options{})
			wantError(t, a.Layers[0].Walk(t.Context(), nothing), "over the limit of 100 times")
		})
	}
}

func TestSBOMDocument(t *testing.T) {
	t.Parallel()
	cdx := "\xef\xbb\xbf \n{\"bomFormat\": \"CycloneDX\"}"
	name := writeFile(t, "sbom.json", []byte(cdx))
	for _, target := range []string{name, "sbom:" + name, "-", "sbom:-"} {
		a := open(t, target, Options{Stdin: strings.NewReader(cdx)})
		if a.Kind != SBOM || string(a.Document) != cdx[3:] || a.Digest != digestOf([]byte(cdx)) || len(a.Layers) != 0 {
			t.Errorf("%s: artifact is %+v", target, a)
		}
	}
	a := open(t, writeFile(t, "x", []byte(`{"spdxVersion": "SPDX-2.3"}`)), Options{})
	if a.Kind != SBOM {
		t.Errorf("kind of SPDX is %s", a.Kind)
	}
	_, err := Open(t.Context(), "-", Options{})
	wantError(t, err, "there is no standard input")
	_, err = Open(t.Context(), "sbom:"+writeFile(t, "x", []byte(`[]`)), Options{})
	wantError(t, err, "not a CycloneDX or SPDX document")
	for _, doc := range []string{`<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5">`, "# by hand\r\n\r\nSPDXVersion: SPDX-2.2\r\n"} {
		if a := open(t, writeFile(t, "x", []byte(doc)), Options{}); a.Kind != SBOM || string(a.Document) != doc {
			t.Errorf("%s: artifact is %+v", doc, a)
		}
	}
}

// TestStandardInput checks that what comes through a pipe is opened by what it
// holds, and that nothing of it stays behind.
func TestStandardInput(t *testing.T) {
	t.Parallel()
	var code bytes.Buffer
	w := zip.NewWriter(&code)
	f, err := w.Create("node_modules/a/package.json")
	if err == nil {
		_, err = f.Write([]byte(`{"name":"a","version":"1.0.0"}`))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	data, _ := threeLayers(t)
	settings, err := json.Marshal(configJSON(here, data[0]))
	if err != nil {
		t.Fatal(err)
	}
	archive := tarOf(t, file{name: "c.json", body: string(settings)}, file{name: "layer.tar", body: string(data[0])},
		file{name: "manifest.json", body: `[{"Config":"c.json","Layers":["layer.tar"]}]`})
	for _, tt := range []struct {
		target string
		in     []byte
		kind   Kind
	}{
		{"-", code.Bytes(), Function},
		{"-", archive, Image},
		{"-", []byte("SPDXVersion: SPDX-2.3\n"), SBOM},
		{"function:-", code.Bytes(), Function},
		{"docker-archive:-", archive, Image},
	} {
		temp := t.TempDir()
		a, err := Open(t.Context(), tt.target, Options{Stdin: bytes.NewReader(tt.in), Temp: temp})
		if err != nil {
			t.Errorf("%s: %v", tt.kind, err)
			continue
		}
		for _, l := range a.Layers {
			if err := l.Walk(t.Context(), nothing); err != nil {
				t.Errorf("%s: %v", tt.kind, err)
			}
		}
		if err := a.Close(); err != nil || a.Kind != tt.kind || a.Name != "-" {
			t.Errorf("%s: it is %s called %q (%v)", tt.kind, a.Kind, a.Name, err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v (%v)", tt.kind, left, err)
		}
	}
	_, err = Open(t.Context(), "-", Options{Stdin: strings.NewReader("")})
	wantError(t, err, "standard input is empty")
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tt := range []struct{ target, want string }{
		{"", "no target"},
		{"a\x00b", "no target"},
		{filepath.Join(dir, "missing"), "file does not exist"},
		{"./missing.tar", "file does not exist"},
		{"Missing File", "no name of an image either"},
		{"dir:" + filepath.Join(dir, "missing"), "no such file"},
		{"oci:" + dir, "not an image layout"},
		{dir + ":tag", "a directory but no image layout"},
		{"docker-archive:" + dir, "not a regular file"},
		{"function:" + filepath.Join(dir, "x.zip"), "no such file"},
		{"registry:UPPER CASE", "could not parse reference"},
	} {
		_, err := Open(t.Context(), tt.target, Options{})
		wantError(t, err, tt.want)
	}
	_, err := Open(t.Context(), dir, Options{Kind: "disk"})
	wantError(t, err, `unknown kind "disk"`)
}

// FuzzOpenArchive opens and walks any file, whole or broken.
func FuzzOpenArchive(f *testing.F) {
	layers, _ := threeLayers(f)
	layers = layers[:2]
	im := image{}
	d := im.addImage(f, here, layers...)
	for _, data := range [][]byte{tarOf(f, dockerFiles(f, "", layers...)...), tarOf(f, im.files(f, d)...), zipOf(f, file{name: "a", body: "a"})} {
		for _, how := range []string{"", "gzip", "zstd"} {
			f.Add(pack(f, how, data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		name := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := Open(t.Context(), name, Options{Temp: t.TempDir()})
		if err != nil {
			return
		}
		for _, l := range a.Layers {
			first, firstErr := walkPaths(t, l)
			again, againErr := walkPaths(t, l)
			if diff := cmp.Diff(first, again); diff != "" || (firstErr == nil) != (againErr == nil) {
				t.Errorf("two walks differ: %v, %v\n%s", firstErr, againErr, diff)
			}
			for _, p := range first {
				if p == "" || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "../") || !isClean(p) && !strings.HasSuffix(p, "…") {
					t.Errorf("path is %q", p)
				}
			}
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
}

func walkPaths(t *testing.T, l Layer) ([]string, error) {
	t.Helper()
	var list []string
	err := l.Walk(t.Context(), func(e *Entry) error {
		list = append(list, e.Path)
		_ = line(e)
		return nil
	})
	return list, err
}

// FuzzIndex opens layouts with any index, manifest and configuration.
func FuzzIndex(f *testing.F) {
	im := image{}
	layer := tarOf(f, file{name: "a"})
	d := im.addImage(f, here, layer)
	f.Add(im.files(f, d)[1].body, string(im[d.Digest]), `{"os":"linux","rootfs":{"diff_ids":["x"]}}`, "")
	f.Add(`{"manifests":[{"digest":"MANIFEST","platform":{"os":"linux"}},{"digest":"INDEX"}]}`, `{"config":{"digest":"CONFIG"},"layers":[{"digest":"LAYER"}]}`, `{}`, "tag")
	f.Fuzz(func(t *testing.T, index, manifest, config, tag string) {
		// The words stand for digests that are not known before.
		s := image{}
		c := s.add("", []byte(config))
		l := s.add("", layer)
		m := s.add("", []byte(strings.NewReplacer("CONFIG", c.Digest, "LAYER", l.Digest).Replace(manifest)))
		r := strings.NewReplacer("MANIFEST", m.Digest, "INDEX", digestOf([]byte(index)))
		s.add("", []byte(index))
		a, err := openIndex(t.Context(), s, []byte(r.Replace(index)), target{name: "x", path: "x", tag: tag}, Options{})
		if err != nil {
			return
		}
		if a.Kind != Image || a.ImageID != c.Digest || a.Digest != m.Digest {
			t.Errorf("artifact is %+v", a)
		}
		for _, layer := range a.Layers {
			if err := layer.Walk(t.Context(), nothing); (err == nil) != (layer.Digest == l.Digest) {
				t.Errorf("layer %s: %v", layer.Digest, err)
			}
		}
	})
}
