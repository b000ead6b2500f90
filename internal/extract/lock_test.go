package extract

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"

	"github.com/assay-project/assay/inventory"
)

// decode reads b as a stream that comes in the given way.
func decode(name string, b []byte, read func(*file) error, chunk string) *File {
	out := &File{Path: name}
	f := &file{path: name, size: int64(len(b)), r: chunks(b)[chunk], out: out}
	if err := read(f); err != nil {
		f.problem(name, err.Error())
	}
	return out
}

// checkDecoder checks what holds for every format and every input: packages
// have a name, a path and text that can be written down, lists have each of
// them once, and the result depends on nothing but the bytes.
func checkDecoder(t *testing.T, name string, b []byte, read func(*file) error) *File {
	t.Helper()
	got := decode(name, b, read, "whole")
	seen := map[lockKey]bool{}
	for _, p := range got.Packages {
		if p.Type == "" || p.Name == "" || p.Path == "" || p.Evidence == "" {
			t.Errorf("incomplete: %+v", p)
		}
		if !utf8.ValidString(p.Name) || !utf8.ValidString(p.Version) || p.Name != strings.TrimSpace(p.Name) {
			t.Errorf("not clean: %+q", p)
		}
		k := lockKey{p.Name, p.Version}
		if seen[k] && p.Evidence == inventory.Lockfile {
			t.Errorf("twice: %+v", p)
		}
		seen[k] = true
	}
	for _, chunk := range []string{"halves", "eof", "bytes"} {
		if diff := cmp.Diff(got, decode(name, b, read, chunk)); diff != "" {
			t.Errorf("depends on the size of reads (-whole +%s):\n%s", chunk, diff)
		}
	}
	return got
}

func fuzzDecoder(f *testing.F, name string, read func(*file) error, more ...func(t *testing.T, b []byte, got *File)) {
	f.Helper()
	base := name[strings.LastIndexByte(name, '/')+1:]
	seeds(f, func(n string) bool { return path.Base(n) == base || path.Ext(n) == path.Ext(base) })
	f.Fuzz(func(t *testing.T, b []byte) {
		got := checkDecoder(t, name, b, read)
		for _, check := range more {
			check(t, b, got)
		}
	})
}

func FuzzPackageJSON(f *testing.F) {
	fuzzDecoder(f, "node_modules/x/package.json", readPackageJSON, func(t *testing.T, _ []byte, got *File) {
		t.Helper()
		if len(got.Packages) > 1 || len(got.Packages) == 1 && got.Packages[0].Version == "" {
			t.Errorf("got %v; want one package with a version at most", got.Packages)
		}
	})
}

func FuzzPackageLock(f *testing.F) { fuzzDecoder(f, "package-lock.json", readPackageLock) }

func FuzzMetadata(f *testing.F) {
	fuzzDecoder(f, "x-1.0.dist-info/METADATA", readMetadata, func(t *testing.T, _ []byte, got *File) {
		t.Helper()
		if len(got.Packages)+len(got.Problems) != 1 {
			t.Errorf("got %v and %v; want one package, if only by the directory's name", got.Packages, got.Problems)
		}
	})
}

func FuzzGemspec(f *testing.F) { fuzzDecoder(f, "specifications/x-1.0.gemspec", readGemspec) }

func FuzzRequirements(f *testing.F) { fuzzDecoder(f, "requirements.txt", readRequirements) }

func FuzzGemfileLock(f *testing.F) { fuzzDecoder(f, "Gemfile.lock", readGemfileLock) }

func FuzzComposerLock(f *testing.F) { fuzzDecoder(f, "composer.lock", readComposerLock) }

func FuzzGoSum(f *testing.F) { fuzzDecoder(f, "go.sum", readGoSum) }

// FuzzGoMod compares with the reader of the go command.
func FuzzGoMod(f *testing.F) {
	fuzzDecoder(f, "go.mod", readGoMod, func(t *testing.T, b []byte, got *File) {
		t.Helper()
		if !utf8.Valid(b) || bytes.Contains(b, []byte("\r")) || bytes.Contains(b, []byte("\\")) {
			return
		}
		m, err := modfile.Parse("go.mod", b, nil)
		if err != nil {
			return
		}
		skip := map[string]bool{}
		for _, r := range m.Replace {
			skip[r.Old.Path] = true
		}
		for _, x := range m.Exclude {
			skip[x.Mod.Path] = true
		}
		for _, r := range m.Require {
			if skip[r.Mod.Path] {
				continue
			}
			if !slices.ContainsFunc(got.Packages, func(p inventory.Package) bool {
				return p.Name == r.Mod.Path && p.Version == r.Mod.Version
			}) {
				t.Errorf("%s %s is missing in %v, problems %v", r.Mod.Path, r.Mod.Version, got.Packages, got.Problems)
			}
		}
	})
}

// tomlPackages is what the general reader of TOML finds in a lock file.
type tomlPackages struct {
	Package []struct {
		Name, Version string
		Source        any
	}
}

// FuzzCargoLock compares with a general reader of TOML.
func FuzzCargoLock(f *testing.F) {
	fuzzDecoder(f, "Cargo.lock", readCargoLock, func(t *testing.T, b []byte, got *File) {
		t.Helper()
		var doc tomlPackages
		if toml.Unmarshal(b, &doc) != nil || bytes.Contains(b, []byte("\r")) {
			return
		}
		want := map[string]bool{}
		for _, p := range doc.Package {
			source, _ := p.Source.(string)
			source = strings.TrimSpace(source)
			if name := strings.TrimSpace(p.Name); name != "" && source != "" && !strings.HasPrefix(source, "path+") {
				want[name+" "+strings.TrimSpace(p.Version)] = true
			}
		}
		have := map[string]bool{}
		for _, p := range got.Packages {
			have[p.Name+" "+p.Version] = true
		}
		if plainTOML(b) && (len(got.Problems) > 0 || !cmp.Equal(want, have)) {
			t.Errorf("got %v and %v; want %v", have, got.Problems, want)
		}
	})
}

// plainTOML tells whether b is written as lock files are: nothing of those
// parts of TOML that no writer of lock files uses.
func plainTOML(b []byte) bool {
	for _, s := range []string{`"""`, "'''", "\\", "package.", "package =", "package=", "{", "'"} {
		if bytes.Contains(b, []byte(s)) {
			return false
		}
	}
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(line, []byte(`"`)) || bytes.HasPrefix(line, []byte("[")) && !bytes.Equal(line, []byte("[[package]]")) {
			return false
		}
		if key, _, ok := bytes.Cut(line, []byte("=")); ok && bytes.ContainsAny(key, `."`) {
			return false
		}
	}
	return utf8.Valid(b)
}

func FuzzPoetryLock(f *testing.F) { fuzzDecoder(f, "poetry.lock", readPoetryLock) }

// FuzzEachLine compares with splitting all bytes at once.
func FuzzEachLine(f *testing.F) {
	f.Add([]byte("a\nb\r\n\nc"), 3)
	f.Add([]byte("\xef\xbb\xbfa\n"), 1)
	f.Add(append(bytes.Repeat([]byte("x"), maxLine), "y\nz"...), 7)
	f.Fuzz(func(t *testing.T, b []byte, _ int) {
		var want, got []string
		for line := range bytes.Lines(trimBOM(b)) {
			line, ended := bytes.CutSuffix(line, []byte("\n"))
			if len(line) >= maxLine {
				line = line[:maxLine]
			} else if ended {
				line = bytes.TrimSuffix(line, []byte("\r"))
			}
			want = append(want, string(line))
		}
		err := eachLine(iotest.HalfReader(bytes.NewReader(b)), func(line []byte, _ bool) error {
			got = append(got, string(bytes.TrimSuffix(line, []byte("\r"))))
			return nil
		})
		for i := range want {
			want[i] = strings.TrimSuffix(want[i], "\r")
		}
		if err != nil || !slices.Equal(want, got) {
			t.Errorf("got %.200q, %v; want %.200q", got, err, want)
		}
	})
}

func TestTooManyInLockFile(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for i := range maxPackages + 10 {
		fmt.Fprintf(&b, "p%d==1\n", i)
	}
	f := readBytes("requirements.txt", b.Bytes())
	if len(f.Packages) != maxPackages || len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Reason, "more than") {
		t.Errorf("got %d packages and %v; want %d and one problem", len(f.Packages), f.Problems, maxPackages)
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3*maxLine)
	for _, tt := range []struct {
		name, text, want string
	}{
		{"requirements.txt", "a==1\n# " + long + "\nb==2\n", "problem requirements.txt: a line is longer than 65536 bytes\n" +
			"pypi a 1 lockfile runtime requirements.txt\npypi b 2 lockfile runtime requirements.txt\n"},
		{"x-1.dist-info/METADATA", "Summary: " + long + "\nName: x\nVersion: 1\n", "pypi x 1 manifest x-1.dist-info/METADATA\n"},
		{"Cargo.lock", "[[package]]\nname = \"" + long + "\"\n", "problem Cargo.lock: line 2: longer than 65536 bytes\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := describe([]*File{readBytes(tt.name, []byte(tt.text))})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestJoinGoSums(t *testing.T) {
	t.Parallel()
	sum := "github.com/pkg/errors v0.8.0 h1:x\ngithub.com/pkg/errors v0.8.0/go.mod h1:x\n" +
		"github.com/a/b v1.9.0 h1:x\ngithub.com/a/b v1.10.0 h1:x\ngithub.com/only/mod v1.0.0/go.mod h1:x\n"
	for _, tt := range []struct {
		name, mod, sum, want string
	}{
		{"all listed", "module m\ngo 1.17\nrequire github.com/pkg/errors v0.9.0\n", sum, "golang github.com/pkg/errors v0.9.0 lockfile x/go.mod\n"},
		{
			"not all listed", "module m\ngo 1.16\nrequire github.com/pkg/errors v0.9.0\n", sum,
			"golang github.com/a/b v1.10.0 lockfile x/go.sum\ngolang github.com/pkg/errors v0.9.0 lockfile x/go.mod\n",
		},
		{
			"no go.sum", "module m\nrequire github.com/pkg/errors v0.9.0\n", "",
			"golang github.com/pkg/errors v0.9.0 lockfile x/go.mod\nproblem x/go.mod: " + goSumNeeded + "\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mod := decode("x/go.mod", []byte(tt.mod), readGoMod, "whole")
			files := []visible{{File: mod, path: "x/go.mod"}}
			if tt.sum != "" {
				files = append(files, visible{File: decode("x/go.sum", []byte(tt.sum), readGoSum, "whole"), path: "x/go.sum"})
			}
			before := len(mod.Problems)
			var got []*File
			for _, v := range joinGoSums(files) {
				got = append(got, v.File)
			}
			if diff := cmp.Diff(tt.want, describe(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(mod.Problems) != before {
				t.Error("the file itself was changed")
			}
		})
	}
}
