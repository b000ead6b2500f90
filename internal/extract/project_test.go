package extract

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// readTree reads a tree with its lists of dependencies, and lays it together.
func readTree(tb testing.TB, tree map[string][]byte) *File {
	tb.Helper()
	s := newScanner(tb.Context(), newMatcher(formats()), Options{Lockfiles: true})
	defer s.close()
	for _, p := range sortedKeys(tree) {
		n := node{path: p, mode: 0o755, data: string(tree[p])}
		if err := s.visit(n.header(), n); err != nil {
			tb.Fatal(err)
		}
	}
	// As it comes from a cache.
	b, err := s.finish("").MarshalBinary()
	if err != nil {
		tb.Fatal(err)
	}
	l := new(Layer)
	if err := l.UnmarshalBinary(b); err != nil {
		tb.Fatal(err)
	}
	inv := Merge([]*Layer{l})
	if d := cmp.Diff(inv, Merge([]*Layer{l})); d != "" {
		tb.Errorf("another result the second time:\n%s", d)
	}
	return &File{Packages: inv.Packages, Problems: inv.Problems}
}

// TestProjects reads the trees in testdata/project, whose files need each
// other.
func TestProjects(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/project/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := len(a.Files) - 1
			if last < 0 || a.Files[last].Name != "want" {
				t.Fatal("the last file is not want")
			}
			got := describe([]*File{readTree(t, packTree(t, a.Files[:last]))})
			if *updateLanguage {
				a.Files[last].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[last].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// fuzzTree reads a file among others and wants the same twice, no name or
// version with anything left to replace, and nothing with an empty name.
func fuzzTree(f *testing.F, name string, others map[string]string) {
	f.Helper()
	names, err := filepath.Glob("testdata/project/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, archive := range names {
		a, err := txtar.ParseFile(archive)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if path.Ext(file.Name) == path.Ext(name) {
				f.Add(file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tree := map[string][]byte{name: b}
		for k, v := range others {
			tree[k] = []byte(v)
		}
		for _, p := range readTree(t, tree).Packages {
			if p.Type == "" || p.Name == "" || p.Path == "" || p.Evidence == "" {
				t.Errorf("incomplete: %+v", p)
			}
			if !utf8.ValidString(p.Name+p.Version) || strings.Contains(p.Version, "${") || strings.Contains(p.Version, "$(") {
				t.Errorf("not clean: %+q", p)
			}
		}
	})
}

// FuzzMaven puts any project between a parent and a child.
func FuzzMaven(f *testing.F) {
	const item = "<dependency><groupId>g</groupId><artifactId>%s</artifactId></dependency>"
	fuzzTree(f, "a/pom.xml", map[string]string{
		"pom.xml": "<project><groupId>com.example</groupId><artifactId>root</artifactId><version>${revision}</version>" +
			"<dependencyManagement><dependencies><dependency><groupId>com.example</groupId><artifactId>bom</artifactId>" +
			"<version>1.5</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>" +
			"<properties><revision>1.5</revision></properties></project>",
		"a/b/pom.xml": "<project><parent><groupId>com.example</groupId><artifactId>root</artifactId><version>1.5</version></parent>" +
			"<artifactId>x</artifactId><dependencies>" + strings.ReplaceAll(item, "%s", "${revision}") + "</dependencies></project>",
	})
}

// TestMavenLimits resolves projects that are made to take for ever.
func TestMavenLimits(t *testing.T) {
	t.Parallel()
	tree := map[string][]byte{}
	var managed, properties strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&managed, "<dependency><groupId>g</groupId><artifactId>a%d${z}</artifactId><version>${p%d}</version></dependency>", i, i)
		fmt.Fprintf(&properties, "<p%d>${p%d}${p%d}</p%d>", i, i+1, i+1, i)
	}
	properties.WriteString("<z>1</z>")
	for i := range 40 {
		dir := strings.Repeat("d/", i)
		tree[dir+"pom.xml"] = fmt.Appendf(nil, "<project><parent><groupId>g</groupId><artifactId>p%d</artifactId><version>1</version></parent>"+
			"<groupId>g</groupId><artifactId>p%d</artifactId><version>1</version><properties>%s</properties>"+
			"<dependencyManagement><dependencies>%s</dependencies></dependencyManagement>"+
			"<dependencies>%s</dependencies></project>", i-1, i, properties.String(), managed.String(), managed.String())
	}
	start := time.Now()
	got := readTree(t, tree)
	t.Logf("%d packages, %d problems in %v", len(got.Packages), len(got.Problems), time.Since(start))
	if len(got.Problems) == 0 || !strings.Contains(fmt.Sprint(got.Problems), mavenTooMuch) {
		t.Errorf("got %v; want a problem", got.Problems)
	}
}

func FuzzGradleLock(f *testing.F) { fuzzDecoder(f, "gradle.lockfile", readGradleLock) }

func FuzzCatalogue(f *testing.F) { fuzzDecoder(f, "gradle/libs.versions.toml", readCatalogue) }

func FuzzNuGetLock(f *testing.F) { fuzzDecoder(f, "packages.lock.json", readNuGetLock) }

func FuzzNuGetAssets(f *testing.F) { fuzzDecoder(f, "obj/project.assets.json", readNuGetAssets) }

func FuzzPackagesConfig(f *testing.F) { fuzzDecoder(f, "packages.config", readPackagesConfig) }

func FuzzDeps(f *testing.F) { fuzzDecoder(f, "App.deps.json", readDeps) }

// FuzzMSBuild lets a project with a reference import any file.
func FuzzMSBuild(f *testing.F) {
	fuzzTree(f, "Directory.Build.props", map[string]string{
		"a/a.csproj": `<Project><ItemGroup><PackageReference Include="A" Version="$(A)" /><PackageReference Include="B" /></ItemGroup></Project>`,
	})
}

// TestAssemblies reads the assemblies of a program beside its deps.json, below
// it, and elsewhere.
func TestAssemblies(t *testing.T) {
	t.Parallel()
	l := &Layer{Files: []File{*decode("app/A.deps.json", []byte(`{"targets":{"n":{"A/1.0.0":{"runtime":{"lib/A.dll":{}}}}},`+
		`"libraries":{"A/1.0.0":{"type":"package"}}}`), readDeps, "whole")}}
	for _, p := range []string{"app/A.dll", "app/runtimes/unix/lib/a.dll", "app/B.dll", "other/A.dll"} {
		_, base := splitPath(p)
		b := windowsProgram(".rsrc", resource("InternalName", base, "ProductVersion", "1.0.1+sha"), true)
		l.Files = append(l.Files, *programFile(p, b, false))
	}
	want := "nuget A 1.0.0 manifest runtime app/A.deps.json\nnuget A 1.0.1 binary other/A.dll\nnuget B 1.0.1 binary app/B.dll\n"
	if diff := cmp.Diff(want, describe([]*File{{Packages: Merge([]*Layer{l}).Packages}})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCharsets reads the same document in several encodings.
func TestCharsets(t *testing.T) {
	t.Parallel()
	const text = `<packages><package id="Ärger" version="1.0.0"/></packages>`
	utf16 := func(big bool) []byte {
		var b []byte
		for _, r := range "\ufeff" + text {
			if big {
				b = append(b, byte(r>>8), byte(r))
			} else {
				b = append(b, byte(r), byte(r>>8))
			}
		}
		return b
	}
	latin := `<?xml version="1.0" encoding="ISO-8859-1"?>` + strings.ReplaceAll(text, "Ä", "\xc4")
	for name, b := range map[string][]byte{
		"utf-8": []byte("\xef\xbb\xbf" + text), "big": utf16(true), "little": utf16(false), "without a mark": utf16(false)[2:], "latin": []byte(latin),
	} {
		got := describe([]*File{decode("packages.config", b, readPackagesConfig, "whole")})
		if want := "nuget Ärger 1.0.0 lockfile runtime packages.config\n"; got != want {
			t.Errorf("%s: got %s; want %s", name, got, want)
		}
	}
}

func TestXMLLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"deep", strings.Repeat("<a>", 100), "nested more than"},
		{"deep where nothing matters", "<project><build>" + strings.Repeat("<a>", 1_000_000), "EOF"},
		{"many", "<project>" + strings.Repeat("<a/>", maxXMLNodes+1), "more than"},
		{"large", "<project>" + strings.Repeat(" ", maxXML), "not inspected"},
	} {
		f := decode("pom.xml", []byte(tt.text), readPOM, "whole")
		if len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Reason, tt.want) {
			t.Errorf("%s: got %v; want %q", tt.name, f.Problems, tt.want)
		}
	}
}
