package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	t.Parallel()
	outside := write(t, t.TempDir(), file{name: "secret", body: "s"})
	dir := write(t, t.TempDir(), file{name: "a/b/c", body: "deep"}, file{name: "a.b", body: "x", mode: 0o111}, file{name: "a/empty/"},
		file{name: "loop", link: "."}, file{name: "a/up", link: "../.."}, file{name: "out", link: outside}, file{name: "z", body: ""})
	want := []string{
		"d a", "d a/b", "- a/b/c: deep", "d a/empty", "L a/up -> ../..", "x a.b: x",
		"L loop -> .", "L out -> " + outside, "- z: ",
	}
	a := open(t, dir, Options{})
	wantLines(t, a, want)
	wantLines(t, a, want) // a second walk is like the first
	if a.Kind != Source || a.Name != dir || a.Layers[0].Digest != "" {
		t.Errorf("artifact is %+v", a)
	}
	wantLines(t, open(t, "dir:"+dir+"/", Options{}), want)
}

// TestTreeKindOfLink must not see through a link what another root holds.
func TestTreeKindOfLink(t *testing.T) {
	t.Parallel()
	system := write(t, t.TempDir(), file{name: "lib/dpkg/status"})
	if a := open(t, write(t, t.TempDir(), file{name: "var", link: system}), Options{}); a.Kind != Source {
		t.Errorf("kind is %s", a.Kind)
	}
	_, err := Open(t.Context(), t.TempDir(), Options{Kind: Image})
	wantError(t, err, "not of kind image but source")
}

func TestTreeKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file string
		opt  Kind
		pre  string
		want Kind
	}{
		{"main.go", "", "", Source},
		{"etc/os-release", "", "", Directory},
		{"usr/lib/os-release", "", "", Directory},
		{"var/lib/dpkg/status", "", "", Directory},
		{"lib/apk/db/installed", "", "", Directory},
		{"var/lib/rpm/rpmdb.sqlite", "", "", Directory},
		{"etc/os-release", Source, "", Source},
		{"etc/os-release", "", "source:", Source},
		{"main.go", "", "dir:", Directory},
		{"main.go", Host, "", Host},
		{"main.go", "", "host:", Host},
		{"main.go", Function, "", Function},
		{"main.go", "", "function:", Function},
	} {
		t.Run(tt.pre+tt.file+string(tt.opt), func(t *testing.T) {
			t.Parallel()
			dir := write(t, t.TempDir(), file{name: tt.file, body: "x"})
			a := open(t, tt.pre+dir, Options{Kind: tt.opt})
			if a.Kind != tt.want {
				t.Errorf("kind is %s; want %s", a.Kind, tt.want)
			}
			if got := lines(t, a.Layers[0]); !slices.Contains(got, "- "+tt.file+": x") {
				t.Errorf("entries are %q", got)
			}
		})
	}
}

// TestTreeFile reads a file in parts, at random and after it was closed.
func TestTreeFile(t *testing.T) {
	t.Parallel()
	dir := write(t, t.TempDir(), file{name: "f", body: "0123456789"})
	err := open(t, dir, Options{}).Layers[0].Walk(t.Context(), func(e *Entry) error {
		f, err := e.Open()
		if err != nil {
			return err
		}
		at, ok := f.(io.ReaderAt)
		if !ok {
			t.Fatal("no io.ReaderAt")
		}
		b := make([]byte, 4)
		if n, err := at.ReadAt(b, 8); n != 2 || !errors.Is(err, io.EOF) || string(b[:n]) != "89" {
			t.Errorf("ReadAt 8 = %q, %v", b[:n], err)
		}
		if n, err := f.Read(b); n != 4 || err != nil || string(b) != "0123" {
			t.Errorf("Read = %q, %v", b[:n], err)
		}
		if err := errors.Join(f.Close(), f.Close()); err != nil {
			t.Error(err)
		}
		if _, err := f.Read(b); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Read after Close: %v", err)
		}
		if _, err := at.ReadAt(b, 0); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("ReadAt after Close: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTreeChanges replaces files while they are walked: by a link, by nothing.
func TestTreeChanges(t *testing.T) {
	t.Parallel()
	dir := write(t, t.TempDir(), file{name: "a", body: "a"}, file{name: "b", body: "b"}, file{name: "c/d", body: "d"}, file{name: "e/f", body: "f"})
	outside := write(t, t.TempDir(), file{name: "f", body: "secret"})
	var got []string
	err := open(t, dir, Options{}).Layers[0].Walk(t.Context(), func(e *Entry) error {
		if e.Path == "a" {
			b, c, last := filepath.Join(dir, "b"), filepath.Join(dir, "c"), filepath.Join(dir, "e")
			if err := errors.Join(os.Remove(b), os.Symlink(filepath.Join(outside, "f"), b), os.RemoveAll(c), os.RemoveAll(last), os.Symlink(outside, last)); err != nil {
				t.Fatal(err)
			}
		}
		got = append(got, line(e))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0] != "- a: a" || !strings.HasPrefix(got[1], "- b ! opening b: ") || !strings.HasPrefix(got[2], "d e ! ") {
		t.Errorf("entries are %q", got)
	}
}

func TestTreeDepth(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	deep := strings.Repeat("d/", maxDepth+10)
	write(t, dir, file{name: deep + "f", body: "x"}, file{name: "e", body: "e"})
	got := lines(t, open(t, dir, Options{}).Layers[0])
	want := []string{"d " + strings.TrimSuffix(deep[:2*maxDepth], "/") + " ! more than 256 directories below each other", "- e: e"}
	if diff := cmp.Diff(want, got[len(got)-2:]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTreeLarge walks a directory of 100,000 files.
func TestTreeLarge(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes 100,000 files")
	}
	dir := t.TempDir()
	file := ""
	for i := range 100_000 {
		name := filepath.Join(dir, fmt.Sprintf("%06d", i))
		var err error
		if i%30_000 == 0 { // file systems limit the links to one file
			file, err = name, os.WriteFile(name, nil, 0o600)
		} else {
			err = os.Link(file, name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	n, last := 0, ""
	err := open(t, dir, Options{}).Layers[0].Walk(t.Context(), func(e *Entry) error {
		if e.Path <= last || e.Err != nil {
			t.Fatalf("%q after %q, %v", e.Path, last, e.Err)
		}
		n, last = n+1, e.Path
		return nil
	})
	if n != 100_000 || err != nil {
		t.Errorf("%d files, %v", n, err)
	}
}

func TestTreeStops(t *testing.T) {
	t.Parallel()
	dir := write(t, t.TempDir(), file{name: "a/b"}, file{name: "c"})
	l := open(t, dir, Options{}).Layers[0]
	errStop := errors.New("stop")
	if err := l.Walk(t.Context(), func(e *Entry) error {
		if e.Path == "a/b" {
			return errStop
		}
		return nil
	}); !errors.Is(err, errStop) {
		t.Errorf("visit's error became %v", err)
	}
	for i := range 100 {
		write(t, dir, file{name: fmt.Sprint(i)})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Walk(ctx, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled walk: %v", err)
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	dir := write(t, t.TempDir(), file{name: "etc/os-release", body: "ID=x"}, file{name: "proc/1/cmdline"}, file{name: "sys/a"}, file{name: "run/a"},
		file{name: "dev/a"}, file{name: "var/lib/docker/overlay2/x/diff/etc/os-release"}, file{name: "var/lib/containerd/a"}, file{name: "home/.local/share/docker/x"}, file{name: "home/proc/a"},
		file{name: "proc/sys/kernel/osrelease", body: "6.1"})
	a := open(t, "host:"+dir, Options{})
	wantLines(t, a, []string{"d etc", "- etc/os-release: ID=x", "d home", "d home/.local", "d home/.local/share", "d home/proc", "- home/proc/a: ", "d var", "d var/lib", "- proc/sys/kernel/osrelease: 6.1"})
	if a.Kind != Host || a.Name != dir || a.Platform != (Platform{}) {
		t.Errorf("artifact is %+v", a)
	}
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"host", "host:", "host:/"} {
		a := open(t, target, Options{})
		if a.Kind != Host || a.Name != name || a.Platform.OS != runtime.GOOS || a.Layers[0].Name != "/" {
			t.Errorf("%s: artifact is %+v", target, a)
		}
	}
}

func TestSingleFile(t *testing.T) {
	t.Parallel()
	name := writeFile(t, "package-lock.json", []byte(`{"lockfileVersion": 3}`))
	a := open(t, name, Options{})
	wantLines(t, a, []string{`- package-lock.json: {"lockfileVersion": 3}`})
	if a.Kind != Source {
		t.Errorf("kind is %s", a.Kind)
	}
	jar := writeFile(t, "app.jar", zipOf(t, file{name: "A.class", body: "a"}))
	if got := lines(t, open(t, jar, Options{}).Layers[0]); len(got) != 1 || !strings.HasPrefix(got[0], "- app.jar: ") {
		t.Errorf("entries of a jar are %q", got)
	}
}
