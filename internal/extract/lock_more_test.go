package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/assay-project/assay/inventory"
)

func FuzzYarnLock(f *testing.F) { fuzzDecoder(f, "yarn.lock", readYarnLock) }

func FuzzPnpmLock(f *testing.F) { fuzzDecoder(f, "pnpm-lock.yaml", readPnpmLock) }

func FuzzBunLock(f *testing.F) { fuzzDecoder(f, "bun.lock", readBunLock) }

func FuzzPipfileLock(f *testing.F) { fuzzDecoder(f, "Pipfile.lock", readPipfileLock) }

func FuzzUvLock(f *testing.F) { fuzzDecoder(f, "uv.lock", readUvLock) }

func FuzzPDMLock(f *testing.F) { fuzzDecoder(f, "pdm.lock", readPDMLock) }

func FuzzPylock(f *testing.F) { fuzzDecoder(f, "pylock.toml", readPylock) }

func FuzzCondaLock(f *testing.F) { fuzzDecoder(f, "conda-lock.yml", readCondaLock) }

func FuzzCondaExplicit(f *testing.F) { fuzzDecoder(f, "conda-linux-64.lock", readCondaExplicit) }

func FuzzPackageResolved(f *testing.F) { fuzzDecoder(f, "Package.resolved", readPackageResolved) }

func FuzzPodfileLock(f *testing.F) { fuzzDecoder(f, "Podfile.lock", readPodfileLock) }

func FuzzPubspecLock(f *testing.F) { fuzzDecoder(f, "pubspec.lock", readPubspecLock) }

func FuzzMixLock(f *testing.F) { fuzzDecoder(f, "mix.lock", readMixLock) }

func FuzzRenvLock(f *testing.F) { fuzzDecoder(f, "renv.lock", readRenvLock) }

func FuzzJuliaManifest(f *testing.F) { fuzzDecoder(f, "Manifest.toml", readJuliaManifest) }

func FuzzCabalFreeze(f *testing.F) { fuzzDecoder(f, "cabal.project.freeze", readCabalFreeze) }

func FuzzStackLock(f *testing.F) { fuzzDecoder(f, "stack.yaml.lock", readStackLock) }

// FuzzWorkflow compares with a general reader of YAML: what that finds in what
// both understand must not be missing.
func FuzzWorkflow(f *testing.F) {
	fuzzDecoder(f, ".github/workflows/ci.yml", readWorkflow, func(t *testing.T, b []byte, got *File) {
		t.Helper()
		if !printableYAML(b) || bytes.ContainsAny(b, "*<?%!") || len(got.Problems) > 0 {
			return
		}
		type step struct{ Uses string }
		var doc struct {
			Jobs map[string]struct {
				Uses  string
				Steps []step
			}
			Runs struct{ Steps []step }
		}
		if yaml.Unmarshal(b, &doc) != nil {
			return
		}
		for _, job := range doc.Jobs {
			doc.Runs.Steps = append(doc.Runs.Steps, job.Steps...)
			doc.Runs.Steps = append(doc.Runs.Steps, step{job.Uses})
		}
		for _, s := range doc.Runs.Steps {
			use, _, ok := strings.Cut(s.Uses, "@")
			parts := strings.Split(use, "/")
			if !ok || len(parts) < 2 || strings.HasPrefix(use, ".") || strings.ContainsAny(use, ": \n") || parts[0] == "" || parts[1] == "" {
				continue
			}
			if name := parts[0] + "/" + parts[1]; !slices.ContainsFunc(got.Packages, func(p inventory.Package) bool { return p.Name == name }) {
				t.Errorf("%s is missing in %v", name, got.Packages)
			}
		}
	})
}

func FuzzConanLock(f *testing.F) { fuzzDecoder(f, "conan.lock", readConanLock) }

func FuzzComposerInstalled(f *testing.F) {
	fuzzDecoder(f, "composer/installed.json", readComposerInstalled)
}

// FuzzJSONC checks that what is JSON stays what it is, that the length stays,
// and that comments and commas make no difference.
func FuzzJSONC(f *testing.F) {
	seeds(f, func(n string) bool { return strings.HasSuffix(n, "bun.lock") || strings.HasSuffix(n, ".json") })
	f.Add([]byte(`[1,,2]/`))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := io.ReadAll(newJSONC(iotest.OneByteReader(bytes.NewReader(b))))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(b) {
			t.Fatalf("%d bytes became %d", len(b), len(got))
		}
		if !json.Valid(b) {
			return
		}
		var want, have any
		if json.Unmarshal(b, &want) != nil {
			return
		}
		if err := json.Unmarshal(got, &have); err != nil || !cmp.Equal(want, have) {
			t.Errorf("%q became %q: %v", b, got, err)
		}
	})
}

func TestJSONC(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{`{"a":1,}`, `{"a":1 }`},
		{`[1,]`, `[1 ]`},
		{"[1, // x,]\n ]", "[1          ]"},
		{`[1 /* , */, 2]`, `[1        , 2]`},
		{`["//,]", "/*", "\",]"]`, `["//,]", "/*", "\",]"]`},
		{`[1,,]`, `[1,  ]`},
		{`[1,`, `[1,`},
		{`[1/2]`, `[1/2]`},
	} {
		got, err := io.ReadAll(newJSONC(strings.NewReader(tt.in)))
		if err != nil || string(got) != tt.want && len(got) == len(tt.want) && strings.Join(strings.Fields(string(got)), "") != strings.Join(strings.Fields(tt.want), "") {
			t.Errorf("%q became %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestSwiftName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ location, want string }{
		{"https://github.com/apple/swift-nio.git", "github.com/apple/swift-nio"},
		{"git@github.com:apple/swift-nio.git", "github.com/apple/swift-nio"},
		{"ssh://git@github.com:22/apple/swift-nio/", "github.com/apple/swift-nio"},
		{"https://user:secret@example.com/a/b/c", "example.com/a/b/c"},
		{"", ""},
	} {
		if got := swiftName(tt.location); got != tt.want {
			t.Errorf("swiftName(%q) = %q, want %q", tt.location, got, tt.want)
		}
	}
}

func TestPnpmName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key           string
		format        int
		name, version string
	}{
		{"/foo/1.0.0", 5, "foo", "1.0.0"},
		{"/@a/foo/1.0.0_react@17.0.2", 5, "@a/foo", "1.0.0"},
		{"/foo/1.0.0_2f8d9af4a3b2", 5, "foo", "1.0.0"},
		{"/foo/1.0.0_@babel+core@7.1.0", 5, "foo", "1.0.0"},
		{"registry.example.com/@a/foo/1.0.0", 5, "@a/foo", "1.0.0"},
		{"registry.example.com/foo/1.0.0", 5, "foo", "1.0.0"},
		{"github.com/owner/repo/0123", 5, "", ""},
		{"/@a/foo@1.0.0(@babel/core@7.1.0)(react@17.0.2)", 6, "@a/foo", "1.0.0"},
		{"/foo@1.0.0(patch_hash=0123)", 6, "foo", "1.0.0"},
		{"registry.example.com/foo@1.0.0", 6, "foo", "1.0.0"},
		{"registry.example.com/@a/foo@1.0.0", 6, "@a/foo", "1.0.0"},
		{"@a/foo@1.0.0", 9, "@a/foo", "1.0.0"},
		{"foo@file:foo-1.0.0.tgz", 9, "foo", ""},
		{"foo@https://codeload.example.com/o/r/tar.gz/0123", 9, "foo", ""},
		{"foo@git+ssh://git@example.com/o/r.git#0123", 9, "foo", ""},
	} {
		name, version := pnpmName(tt.key, tt.format)
		if name != tt.name || version != tt.version {
			t.Errorf("pnpmName(%q, %d) = %q, %q; want %q, %q", tt.key, tt.format, name, version, tt.name, tt.version)
		}
	}
}

// flatYAML writes the values of a document, one a line.
func flatYAML(b []byte) (string, error) {
	var out strings.Builder
	err := readYAML(iotest.HalfReader(bytes.NewReader(b)), func(v yamlValue) error {
		fmt.Fprintf(&out, "%s|%s=%s\n", strings.Join(v.path, "/"), v.key, v.text)
		return nil
	})
	return out.String(), err
}

func TestYAML(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"mapping", "a: 1\nb:\n  c: x y # why\n  d: 'it''s'\n", "|a=1\n|b=\nb|c=x y\nb|d=it's\n"},
		{"list", "a:\n- 1\n- x: 2\n  y: 3\n-\n  z: 4\nb: 5", "|a=\na|-=1\na|-=\na/-|x=2\na/-|y=3\na|-=\na/-|z=4\n|b=5\n"},
		{"indented list", "a:\n  - - 1\n    - 2\n  - b: {c: d}", "|a=\na|-=\na/-|-=1\na/-|-=2\na|-=\na/-|b=\na/-/b|c=d\n"},
		{"keys", "'@a/b@1': x\n\"c:\\u0064\": y\n:e: z\nf:g: h\n", "|@a/b@1=x\n|c:d=y\n|:e=z\n|f:g=h\n"},
		{"flow", "a: {b: [1, 'x, y', {c: d}], 'e': \"f}\", g: h:i}\n", "|a=\na|b=\na/b|-=1\na/b|-=x, y\na/b|-=\na/b/-|c=d\na|e=f}\na|g=h:i\n"},
		{"flow over lines", "a: {b: c,\n    d: 'e\n    f'}\ng: 1", "|a=\na|b=c\na|d=e f\n|g=1\n"},
		{"blocks", "a: |-\n  b: c\n\n  d\ne: >\n  f\n", "|a=\n|e=\n"},
		{"long", "a: b\n  c\n  d\ne: \"f\n  g\"\n", "|a=b c d\n|e=f g\n"},
		{"asked", "? a b\n: c: d\n  e: f\n? 'g'\n:\n  h: i\n", "|a b=\na b|c=d\na b|e=f\n|g=\ng|h=i\n"},
		{"documents", "---\na: b\n---\nc: d\n", "|---=\n|a=b\n|---=\n|c=d\n"},
		{"empty", "a: {}\nb: []\nc:\nd: ''\n", "|a=\n|b=\n|c=\n|d=\n"},
	} {
		got, err := flatYAML([]byte(tt.in))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
		}
	}
	for _, in := range []string{
		"a: &b c", "a: *b", "a: !!str b", "<<: x", "a", "a: b: c", "\ta: b", "a: {b: c} d", "a: 'b' c", "%YAML 1.2",
		"a: {b: c", "a: 'b", "? a", "? [a]\n: b", "a: [b}", strings.Repeat("- ", maxYAMLDepth+1) + "a",
		"a: " + strings.Repeat("x", maxLine), "a: [\n" + strings.Repeat(strings.Repeat("x", 1000)+",\n", 100),
	} {
		if got, err := flatYAML([]byte(in)); err == nil {
			t.Errorf("%.40q gave %q; want an error", in, got)
		}
	}
}

// FuzzYAML checks that depth and text stay within their limits and that the
// size of reads makes no difference.
func FuzzYAML(f *testing.F) {
	seeds(f, func(n string) bool {
		return strings.HasSuffix(n, ".yaml") || strings.HasSuffix(n, ".yml") || strings.HasSuffix(n, ".lock")
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := flatYAML(b)
		var whole strings.Builder
		again := readYAML(bytes.NewReader(b), func(v yamlValue) error {
			if len(v.path) >= maxYAMLDepth || len(v.text) > 2*maxLine {
				t.Errorf("%d deep, %d bytes", len(v.path), len(v.text))
			}
			fmt.Fprintf(&whole, "%s|%s=%s\n", strings.Join(v.path, "/"), v.key, v.text)
			return nil
		})
		if got != whole.String() || (err == nil) != (again == nil) {
			t.Errorf("got %q, %v in halves and %q, %v at once", got, err, whole.String(), again)
		}
	})
}

// TestLockGraph checks scopes, and that a graph beyond its limits tells none.
func TestLockGraph(t *testing.T) {
	t.Parallel()
	var g lockGraph
	g.root("a", inventory.Runtime)
	g.root("d", inventory.Dev)
	g.need("a", "b")
	g.need("b", "a")
	g.need("d", "b")
	g.need("d", "e")
	g.need("x", "y")
	scope := g.scopes()
	for name, want := range map[string]inventory.Scope{
		"a": inventory.Runtime, "b": inventory.Runtime, "d": inventory.Dev, "e": inventory.Dev, "y": "", "none": "",
	} {
		if got := scope(name); got != want {
			t.Errorf("the scope of %s is %q, want %q", name, got, want)
		}
	}
	g.full = true
	if got := g.scopes()("a"); got != "" {
		t.Errorf("the scope in a graph that is cut is %q, want none", got)
	}
}

// BenchmarkPnpmLock promises more than 50 MB/s.
func BenchmarkPnpmLock(b *testing.B) {
	var data bytes.Buffer
	data.WriteString("lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      p0:\n        specifier: 1.0.0\n        version: 1.0.0\n\npackages:\n\n")
	for i := 0; data.Len() < 5<<20; i++ {
		fmt.Fprintf(&data, "  p%d@1.0.0:\n    resolution: {integrity: sha512-Qm83RcTDR2ZUIAGRAYGZeJRQJZEjiYTHGnIE1a9AVbqzNJRs3IQfJtQX2NeR3Lx5tWjhLxyhmUIXOCxd8JiHww==}\n    engines: {node: '>=6.0.0'}\n\n", i)
	}
	data.WriteString("snapshots:\n\n")
	for i := 0; data.Len() < 10<<20; i++ {
		fmt.Fprintf(&data, "  p%d@1.0.0:\n    dependencies:\n      p%d: 1.0.0\n      p%d: 1.0.0\n\n", i, i+1, i+2)
	}
	benchmarkLock(b, data.Bytes(), readPnpmLock)
}
