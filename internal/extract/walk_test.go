package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/inventory"
)

// counted is a node that counts what is read of it.
type counted struct {
	node
	size    int64 // if not 0, what it says
	openErr error
	opened  int
	read    int64
}

func (c *counted) Size() (int64, error) {
	if c.size != 0 {
		return c.size, nil
	}
	return c.node.Size()
}

func (c *counted) Open() (artifact.File, error) {
	c.opened++
	return &countedFile{strings.NewReader(c.data), c}, c.openErr
}

type countedFile struct {
	r io.Reader
	c *counted
}

func (f *countedFile) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.c.read += int64(n)
	return n, err
}

func (f *countedFile) Close() error { return nil }

// scan walks one layer with formats of its own.
func scan(t *testing.T, formats []format, opt Options, nodes ...*counted) *Layer {
	t.Helper()
	s := newScanner(t.Context(), newMatcher(formats), opt)
	defer s.close()
	for _, n := range nodes {
		h := n.header()
		if err := s.visit(h, n); err != nil {
			t.Fatal(err)
		}
	}
	s.resolve()
	return s.finish("")
}

func addName(f *file) error {
	f.add(inventory.Package{Name: string(f.data)})
	return nil
}

// TestReadOnlyWanted counts what is opened and read.
func TestReadOnlyWanted(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 1<<20)
	binary := func(f *file) error {
		_, err := f.at.ReadAt(make([]byte, 64), 0)
		return err
	}
	table := []format{
		{name: "whole", files: []string{"wanted"}, read: addName},
		{name: "binary", files: []string{executables}, need: random, read: binary},
		{name: "lock", files: []string{"lock"}, where: resolved, read: addName},
	}
	for _, tt := range []struct {
		node
		opt  Options
		open int
		read int64
	}{
		{node: node{path: "a/wanted", data: big}, open: 1, read: 1 << 20},
		{node: node{path: "a/unwanted.json", data: big, mode: 0o755}},
		{node: node{path: "a/wanted", typ: fs.ModeSymlink}},
		{node: node{path: "a/wanted", typ: fs.ModeDir}},
		{node: node{path: "bin/script", data: "#!/bin/sh" + big, mode: 0o755}, open: 1, read: 4096},
		{node: node{path: "bin/program", data: "\x7fELF" + big, mode: 0o755}, open: 1, read: 4096},
		{node: node{path: "bin/data", data: "\x7fELF" + big}},
		{node: node{path: "lib/x.so.1", data: "\x7fELF" + big}, open: 1, read: 4096},
		{node: node{path: "x.exe", data: "MZ" + big}, open: 1, read: 4096},
		{node: node{path: "empty", mode: 0o755}, open: 1},
		{node: node{path: "lock", data: "x"}},
		{node: node{path: "lock", data: "x"}, opt: Options{Lockfiles: true}, open: 1, read: 1},
		{node: node{path: "a/node_modules/b/lock", data: "x"}, opt: Options{Lockfiles: true}},
		{node: node{path: "vendor/a/testdata/lock", data: "x"}, opt: Options{Lockfiles: true}},
	} {
		c := &counted{node: tt.node}
		scan(t, table, tt.opt, c)
		if c.opened != tt.open || c.read != tt.read {
			t.Errorf("%s: opened %d times, %d bytes read; want %d, %d", tt.path, c.opened, c.read, tt.open, tt.read)
		}
	}
}

// TestProblems wants everything that was not read to be told.
func TestProblems(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		row  format
		file counted
		err  error
		want []inventory.Problem
	}{
		{
			name: "panic", row: format{read: func(*file) error { return fmt.Errorf("%v", os.Args[:0][0]) }},
			want: []inventory.Problem{{Path: "f", Reason: "reading as row: panicking: runtime error: index out of range [0] with length 0"}},
		},
		{
			name: "error", row: format{read: func(*file) error { return errors.New("bad") }},
			want: []inventory.Problem{{Path: "f", Reason: "reading as row: bad"}},
		},
		{
			name: "too large", row: format{read: addName}, file: counted{size: 1 << 40},
			want: []inventory.Problem{{Path: "f", Reason: "not inspected: 1099511627776 bytes are more than the limit of 134217728"}},
		},
		{
			name: "too large at random", file: counted{size: 1 << 40},
			row:  format{need: random, read: func(f *file) error { _, err := f.at.ReadAt(make([]byte, 1), 1<<30); return err }},
			want: []inventory.Problem{{Path: "f", Reason: "not inspected: 1099511627776 bytes are more than the limit of 1073741824"}},
		},
		{
			name: "short", row: format{read: addName}, file: counted{size: 10},
			want: []inventory.Problem{{Path: "f", Reason: "unexpected EOF"}},
		},
		{
			name: "cannot be opened", row: format{read: addName}, file: counted{openErr: fs.ErrPermission},
			want: []inventory.Problem{{Path: "f", Reason: "permission denied"}},
		},
		{
			name: "is gone", row: format{read: addName}, file: counted{openErr: fs.ErrNotExist},
		},
		{
			name: "entry", row: format{read: addName}, err: errors.New("no access"),
			want: []inventory.Problem{{Path: "f", Reason: "no access"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.row.name, tt.row.files = "row", []string{"f"}
			s := newScanner(t.Context(), newMatcher([]format{tt.row}), Options{})
			defer s.close()
			tt.file.path = "f"
			h := tt.file.header()
			h.err = tt.err
			if err := s.visit(h, &tt.file); err != nil {
				t.Fatal(err)
			}
			inv := Merge([]*Layer{s.finish("")})
			if d := cmp.Diff(tt.want, inv.Problems); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestTwice wants the last of two entries with one path.
func TestTwice(t *testing.T) {
	t.Parallel()
	table := []format{{files: []string{"f"}, read: addName}}
	one := &counted{node: node{path: "f", data: "one"}}
	for _, tt := range []struct {
		node
		want []string
	}{
		{node{path: "f", data: "two"}, []string{"two"}},
		{node{path: "f", typ: fs.ModeSymlink}, nil},
		{node{path: "f", typ: fs.ModeDir}, nil},
		{node{path: "g", data: "other"}, []string{"one"}},
	} {
		inv := Merge([]*Layer{scan(t, table, Options{}, one, &counted{node: tt.node})})
		var got []string
		for _, p := range inv.Packages {
			got = append(got, p.Name)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s %v: %s", tt.path, tt.typ, d)
		}
	}
}

// TestSeveralFormats reads one file in all ways.
func TestSeveralFormats(t *testing.T) {
	t.Parallel()
	read := func(f *file) error {
		b, err := io.ReadAll(f.r)
		if err != nil {
			return err
		}
		c := make([]byte, len(b))
		if _, err := f.at.ReadAt(c, 0); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		f.add(inventory.Package{Name: string(b) + " " + string(c) + " " + string(f.data)})
		return nil
	}
	for _, tt := range []struct {
		needs []need
		want  string
	}{
		{[]need{whole, random}, "text text text"},
		{[]need{stream, whole}, "text text text"},
		{[]need{random, stream}, "text text "},
		{[]need{stream, stream}, "text text "},
	} {
		var table []format
		for i, n := range tt.needs {
			table = append(table, format{name: fmt.Sprint(i), files: []string{"f"}, need: n, read: read})
		}
		l := scan(t, table, Options{}, &counted{node: node{path: "f", data: "text"}})
		if len(l.Files) != 1 || len(l.Files[0].Packages) != 2 {
			t.Fatalf("%v: %+v", tt.needs, l.Files)
		}
		for _, p := range l.Files[0].Packages {
			if p.Name != tt.want {
				t.Errorf("%v: got %q; want %q", tt.needs, p.Name, tt.want)
			}
		}
	}
}

// TestSpool reads at random what is held in each of the three ways, and never
// more of the stream than the page that was asked for.
func TestSpool(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, smallFile - 1, smallFile, smallFile + 1, 3 << 20, spillSize + 12345} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			data := make([]byte, size)
			random := rand.NewChaCha8([32]byte{1})
			if _, err := random.Read(data); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			s := spool{ctx: t.Context(), mem: NewMemory(), temp: dir}
			c := &counted{}
			s.open(&countedFile{bytes.NewReader(data), c}, int64(size), 1<<30)
			rnd := rand.New(rand.NewPCG(1, 2))
			high := int64(0)
			for range 200 {
				off, n := rnd.Int64N(int64(size)+10), rnd.IntN(5000)
				if high < int64(size) && rnd.IntN(4) > 0 {
					off = min(off, high) // mostly what is there already
				}
				got := make([]byte, n)
				read, err := s.ReadAt(got, off)
				want := make([]byte, n)
				wantRead, wantErr := bytes.NewReader(data).ReadAt(want, off)
				if read != wantRead || !errors.Is(err, wantErr) && size > 0 || !bytes.Equal(got[:read], want[:read]) {
					t.Fatalf("ReadAt(%d bytes, %d) = %d, %v; want %d, %v", n, off, read, err, wantRead, wantErr)
				}
				if off < int64(size) {
					high = max(high, min(off+int64(n), int64(size)))
				}
				if c.read > high+4096 {
					t.Fatalf("%d bytes read of the stream for the first %d", c.read, high)
				}
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%d named temporary files, %v", len(left), err)
			}
			s.close()
			if !s.mem.sem.TryAcquire(memoryBound) {
				t.Error("memory was not given back")
			}
		})
	}
}

// TestMemoryWaits holds all memory, so that a read must wait, and ends with
// its context.
func TestMemoryWaits(t *testing.T) {
	t.Parallel()
	m := NewMemory()
	release, err := m.acquire(t.Context(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.acquire(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()
	if release, err = m.acquire(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	release()
}

// procFile is a file of proc: it has bytes, and no size.
type procFile struct{ name string }

func (procFile) Size() (int64, error)           { return 0, nil }
func (procFile) Executable() (bool, error)      { return false, nil }
func (f procFile) Open() (artifact.File, error) { return os.Open(f.name) }

// TestWithoutSize reads what the kernel makes up.
func TestWithoutSize(t *testing.T) {
	t.Parallel()
	const name = "proc/sys/kernel/osrelease"
	want, err := os.ReadFile("/" + name)
	if err != nil {
		t.Skip("no proc: ", err)
	}
	s := newScanner(t.Context(), newMatcher(formats()), Options{})
	defer s.close()
	if err := s.visit(header{path: name}, procFile{"/" + name}); err != nil {
		t.Fatal(err)
	}
	got := Merge([]*Layer{s.finish("")})
	if got.OS.Kernel != strings.TrimSpace(string(want)) {
		t.Errorf("kernel is %q, not %q", got.OS.Kernel, want)
	}
}
