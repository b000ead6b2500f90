package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern string
		yes, no []string
	}{
		{
			pattern: "var/lib/dpkg/status",
			yes:     []string{"var/lib/dpkg/status"},
			no:      []string{"status", "x/var/lib/dpkg/status", "var/lib/dpkg/status/x", "var/lib/dpkg/status2"},
		},
		{
			pattern: "var/lib/dpkg/status.d/*",
			yes:     []string{"var/lib/dpkg/status.d/libc6"},
			no:      []string{"var/lib/dpkg/status.d/a/b", "x/var/lib/dpkg/status.d/a", "var/lib/dpkg/status.d"},
		},
		{
			pattern: "var/lib/dpkg/info/*.list",
			yes:     []string{"var/lib/dpkg/info/libc6:amd64.list", "var/lib/dpkg/info/.list"},
			no:      []string{"x.list", "var/lib/dpkg/info/a/b.list", "var/lib/dpkg/info/a.md5sums"},
		},
		{
			pattern: "package.json",
			yes:     []string{"package.json", "a/b/package.json"},
			no:      []string{"xpackage.json", "package.json/x", "package.jso"},
		},
		{
			pattern: "*.dist-info/METADATA",
			yes:     []string{"x-1.dist-info/METADATA", "a/b/x-1.dist-info/METADATA"},
			no:      []string{"METADATA", "a/METADATA", "x.dist-info/a/METADATA", "x.dist-info2/METADATA"},
		},
		{
			pattern: "*.jar",
			yes:     []string{"a.jar", "x/y/a-1.0.jar", ".jar"},
			no:      []string{"a.jar.txt", "a.JAR", "jar", "x.jar/y"},
		},
		{
			pattern: "*.deps.json",
			yes:     []string{"a/app.deps.json"},
			no:      []string{"app.json", "deps.json"},
		},
		{
			pattern: "requirements*.txt",
			yes:     []string{"requirements.txt", "a/requirements-dev.txt"},
			no:      []string{"requirement.txt", "a/requirements.in", "xrequirements.txt"},
		},
		{
			pattern: "*/vendor/composer/installed.json",
			yes:     []string{"vendor/composer/installed.json", "a/b/vendor/composer/installed.json"},
			no:      []string{"composer/installed.json", "vendor/x/composer/installed.json", "xvendor/composer/installed.json"},
		},
		{
			pattern: "opt/*/release",
			yes:     []string{"opt/java/release"},
			no:      []string{"release", "x/opt/java/release", "opt/a/b/release", "opt/release"},
		},
		{
			pattern: "*lock",
			yes:     []string{"a/block", "lock"},
			no:      []string{"locks"},
		},
	} {
		t.Run(strings.ReplaceAll(tt.pattern, "/", "|"), func(t *testing.T) {
			t.Parallel()
			m := newMatcher([]format{{files: []string{tt.pattern}}})
			for _, p := range tt.yes {
				if !m.mayRead(p) {
					t.Errorf("%s is refused", p)
				}
			}
			for _, p := range tt.no {
				if m.mayRead(p) {
					t.Errorf("%s is accepted", p)
				}
			}
		})
	}
}

// TestMatchOrder wants each format once, in the order of the table, whatever
// patterns lead to it.
func TestMatchOrder(t *testing.T) {
	t.Parallel()
	m := newMatcher([]format{
		{files: []string{"*.json", "package.json"}},
		{files: []string{"*"}},
		{files: []string{"a/package.json", "a/*"}},
		{files: []string{"other"}},
	})
	got := m.lookup(nil, "a", "package.json", m.byDir["a"])
	if want := []int{0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
}

func TestBadPattern(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"", "a//b", "/a", "a/**", "a/*x*"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is accepted", p)
				}
			}()
			newMatcher([]format{{files: []string{p}}})
		}()
	}
}

func TestExecutableName(t *testing.T) {
	t.Parallel()
	m := newMatcher(formats())
	for _, tt := range []struct {
		path          string
		may, lib, own bool
	}{
		{"usr/bin/caddy", true, false, true},
		{"usr/bin/app.real", true, false, true},
		{"usr/lib/libx.so.1.2", true, true, true},
		{"usr/lib/libx.so", true, true, true},
		{"app/run.exe", true, true, true},
		{"usr/share/man/man1/x.1", true, false, false}, // the mode says that it is none
		{"usr/share/doc/bash", true, false, false},
		{"app/index.js", false, false, false},
		{"usr/lib/python3/x.py", false, false, false},
	} {
		_, base := splitPath(tt.path)
		if may, lib, own := executableName(base), libraryName(base), m.mayRead(tt.path); may != tt.may || lib != tt.lib || own != tt.own {
			t.Errorf("%s: executable %t, library %t, owned %t; want %t, %t, %t", tt.path, may, lib, own, tt.may, tt.lib, tt.own)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	row := format{name: "a", version: 1, files: []string{"a"}}
	other, elsewhere := row, row
	other.version = 2
	elsewhere.files = []string{"b"}
	seen := map[string]string{}
	for _, tt := range []struct {
		name    string
		formats []format
		opt     Options
	}{
		{"one", []format{row}, Options{}},
		{"none", nil, Options{}},
		{"newer", []format{other}, Options{}},
		{"other files", []format{elsewhere}, Options{}},
		{"lock files", []format{row}, Options{Lockfiles: true}},
	} {
		v := versionOf(tt.formats, tt.opt)
		if before, ok := seen[v]; ok {
			t.Errorf("%s and %s have one version", tt.name, before)
		}
		seen[v] = tt.name
		if again := versionOf(tt.formats, tt.opt); again != v {
			t.Errorf("%s: %s, then %s", tt.name, v, again)
		}
	}
	if Version(Options{}) != Version(Options{Temp: "x", Memory: NewMemory()}) {
		t.Error("the version depends on what does not change the result")
	}
}

// entryNames are names as an image has them, with few that anybody wants.
func entryNames(n int) []node {
	nodes := make([]node, 0, n)
	for i := range n {
		dir := fmt.Sprintf("srv/app/node_modules/some-package-%d/lib/internal", i/20)
		nodes = append(nodes, node{path: fmt.Sprintf("%s/file-%d.%s", dir, i, []string{"js", "json", "d.ts", "md", "map"}[i%5])})
	}
	return nodes
}

// TestVisitAllocates holds the walk to its promise that an entry nobody wants
// costs no memory but the eight bytes of its hash, and once per directory its
// name.
func TestVisitAllocates(t *testing.T) {
	s := newScanner(t.Context(), newMatcher(formats()), Options{})
	nodes := entryNames(20) // of one directory
	s.covers = make([]uint64, 0, 1<<16)
	if n := testing.AllocsPerRun(100, func() {
		for i := range nodes {
			if err := s.visit(nodes[i].header(), &nodes[i]); err != nil {
				t.Fatal(err)
			}
		}
	}); n > 1 {
		t.Errorf("%v allocations for 20 entries", n)
	}
}

// BenchmarkVisit is the cost of an entry that no format wants. Promised: at
// most 200 ns, so that 72,000 cost 15 ms.
func BenchmarkVisit(b *testing.B) {
	m := newMatcher(formats())
	nodes := entryNames(72_000)
	b.ReportAllocs()
	for b.Loop() {
		s := newScanner(b.Context(), m, Options{})
		for i := range nodes {
			if err := s.visit(nodes[i].header(), &nodes[i]); err != nil {
				b.Fatal(err)
			}
		}
		s.finish("")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(nodes)), "ns/entry")
}
