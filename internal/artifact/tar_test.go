package artifact

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pieces is a source that hands out n bytes at a time.
type pieces struct {
	data []byte
	n    int
}

func (p *pieces) next() ([]byte, error) {
	if len(p.data) == 0 {
		return nil, io.EOF
	}
	n := min(p.n, len(p.data))
	b := bytes.Clone(p.data[:n])
	p.data = p.data[n:]
	return b, nil
}

func (p *pieces) skip(n int64) ([]byte, error) {
	if n > int64(len(p.data)) {
		p.data = nil
		return nil, io.ErrUnexpectedEOF
	}
	p.data = p.data[n:]
	return nil, nil
}

// fact is what is compared of an entry.
type fact struct {
	Path   string
	Type   fs.FileMode
	Target string
	Hard   bool
	Size   int64
	Body   string
	Sparse bool
}

// ourFacts walks an archive with our reader.
func ourFacts(ctx context.Context, src source) ([]fact, error) {
	var list []fact
	t := newTarReader(src)
	err := t.walk(ctx, func(e *Entry) error {
		f := fact{Path: e.Path, Type: e.Type, Target: e.Target, Hard: e.Hard, Size: t.sizeOf, Sparse: t.unreadable != nil}
		if e.Type == 0 && !e.Hard && !f.Sparse && e.Err == nil {
			r, err := e.Open()
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			f.Body = string(b)
		}
		list = append(list, f)
		return nil
	})
	return list, err
}

// theirFacts walks an archive with archive/tar.
func theirFacts(data []byte) ([]fact, error) {
	var list []fact
	t := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		f := fact{Type: typeOf(h.Typeflag), Hard: h.Typeflag == tar.TypeLink, Size: h.Size}
		var long error
		if f.Path, long = cleanBytes([]byte(h.Name)); f.Path == "." {
			continue
		}
		switch h.Typeflag {
		case tar.TypeLink:
			var err error
			if f.Target, err = cleanBytes([]byte(h.Linkname)); err != nil {
				long = err
			}
			f.Size = 0
		case tar.TypeSymlink:
			f.Target = h.Linkname
			f.Size = 0
		case tar.TypeChar, tar.TypeBlock, tar.TypeDir, tar.TypeFifo:
			f.Size = 0
		}
		f.Sparse = h.Typeflag == tar.TypeGNUSparse || isSparse(h.PAXRecords)
		if f.Type == 0 && !f.Hard && !f.Sparse && long == nil {
			b, err := io.ReadAll(t)
			if err != nil {
				return list, err
			}
			f.Body = string(b)
		}
		list = append(list, f)
	}
}

func isSparse(r map[string]string) bool {
	switch r["GNU.sparse.major"] + "." + r["GNU.sparse.minor"] {
	case "0.0", "0.1", "1.0":
		return true
	case ".":
		return r["GNU.sparse.map"] != ""
	}
	return false
}

// compareTar fails unless our reader takes what archive/tar takes, and sees the
// same in it. Where archive/tar gives up, ours may go on.
func compareTar(t *testing.T, data []byte) {
	t.Helper()
	want, wantErr := theirFacts(data)
	for _, src := range []source{
		&pieces{data: data, n: 7}, &pieces{data: data, n: 1 << 20},
		newWindow(t.Context(), bytes.NewReader(data), 0, int64(len(data))),
	} {
		got, err := ourFacts(t.Context(), src)
		if wantErr == nil && err != nil {
			t.Fatalf("%T: %v; archive/tar finds nothing wrong", src, err)
		}
		if wantErr != nil && len(got) > len(want) {
			got = append([]fact(nil), got[:len(want)]...) // nil if empty, as theirs
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%T (-archive/tar +ours):\n%s", src, diff)
		}
	}
}

// header returns a block of GNU tar with a valid checksum.
func header(name string, flag byte, size int64, change func(b []byte)) []byte {
	b := make([]byte, blockSize)
	copy(b, name)
	copy(b[tarMode:], "0000755\x00")
	copy(b[tarSize:], fmt.Sprintf("%011o\x00", size))
	b[tarType] = flag
	copy(b[tarMagic:], "ustar  \x00")
	if change != nil {
		change(b)
	}
	copy(b[tarChecksum:], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[tarChecksum:], fmt.Sprintf("%06o\x00 ", sum))
	return b
}

func padded(s string) []byte { return append([]byte(s), make([]byte, -len(s)&(blockSize-1))...) }

// record returns a record of a pax header.
func record(key, value string) string {
	n := len(key) + len(value) + 3
	for total := n; ; total++ {
		if s := fmt.Sprintf("%d %s=%s\n", total, key, value); len(s) == total {
			return s
		}
	}
}

// archives are valid and broken archives of each format.
func archives(tb testing.TB) map[string][]byte {
	tb.Helper()
	long := strings.Repeat("long/", 40) + "name"
	end := make([]byte, 2*blockSize)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	pax := func(flag byte, records string, next ...[]byte) []byte {
		return join(append([][]byte{header("pax", flag, int64(len(records)), nil), padded(records)}, next...)...)
	}
	plain := tarOf(tb, file{name: "./"}, file{name: "./bin/"}, file{name: "./bin/sh", body: "#!", mode: 0o755},
		file{name: "/abs", body: "a"}, file{name: "a//b/../c", body: "c"}, file{name: "../../up", body: "u"},
		file{name: "bin/bash", typ: tar.TypeLink, link: "./bin/sh"}, file{name: "lib", typ: tar.TypeSymlink, link: "../usr/lib"},
		file{name: "null", typ: tar.TypeChar}, file{name: "sda", typ: tar.TypeBlock}, file{name: "pipe", typ: tar.TypeFifo},
		file{name: ".wh.gone"}, file{name: "dir/.wh..wh..opq"}, file{name: "big", body: strings.Repeat("x", 5000)})
	real := func(b []byte) { copy(b[tarGNUReal:], "00000010000\x00") }
	return map[string][]byte{
		"empty":       {},
		"plain":       plain,
		"no end":      plain[:len(plain)-2*blockSize],
		"long":        tarOf(tb, file{name: long, body: "n"}, file{name: "l", typ: tar.TypeSymlink, link: long}, file{name: "é", body: "u"}),
		"ustar split": tarOf(tb, file{name: strings.Repeat("d", 90) + "/" + strings.Repeat("f", 90), body: "n"}),
		"gnu long": join(header("././@LongLink", 'L', int64(len(long)+1), nil), padded(long+"\x00"), header("x", '0', 2, nil), padded("hi"),
			header("././@LongLink", 'K', int64(len(long)+1), nil), padded(long+"\x00"), header("y", '2', 0, nil), end),
		"base 256":   join(header("x", '0', 0, func(b []byte) { copy(b[tarSize:], "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03") }), padded("abc"), end),
		"negative":   join(header("x", '0', 0, func(b []byte) { copy(b[tarSize:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03") }), end),
		"pax":        join(pax('x', record("path", "p/a/x")+record("size", "3")+record("SCHILY.xattr.user.a", "b\x00c"), header("x", '0', 0, nil), padded("abc")), end),
		"pax empty":  join(pax('x', record("path", "p")+record("path", ""), header("x", '0', 0, nil)), end),
		"pax global": join(pax('g', record("path", "p")), header("x", '0', 0, nil), end),
		"pax twice":  join(pax('x', record("path", "p")), pax('x', record("linkpath", "q")), header("x", '2', 0, nil), end),
		"pax broken": join(pax('x', "11 path=p/a"), header("x", '0', 0, nil), end),
		"pax nul":    join(pax('x', record("path", "p\x00q"), header("x", '0', 0, nil)), end),
		"pax size":   join(pax('x', record("size", "-3"), header("x", '0', 0, nil)), end),
		"old dir":    join(header("old/", 0, 0, func(b []byte) { copy(b[tarMagic:], "\x00\x00\x00\x00\x00\x00\x00\x00") }), end),
		"dir size":   join(header("d", '5', 4096, nil), header("x", '0', 0, nil), end),
		"unknown":    join(header("vol", 'V', 3, nil), padded("abc"), header("x", '0', 0, nil), end),
		"go 1.7":     join(header("x", '0', 0, func(b []byte) { copy(b[tarPrefix:], strings.Repeat("pre/", 20)) }), end),
		"star": join(header("x", '0', 0, func(b []byte) {
			copy(b[tarMagic:], "ustar\x0000")
			copy(b[tarPrefix:], "pre")
			copy(b[tarStarMagic:], "tar\x00")
		}), end),
		"sparse":      join(header("x", 'S', 0, real), header("y", '0', 1, nil), padded("y"), end),
		"sparse more": join(header("x", 'S', 0, func(b []byte) { real(b); b[tarGNUMore] = 1 }), make([]byte, blockSize), header("y", '0', 1, nil), padded("y"), end),
		"sparse 1.0": join(pax('x', record("GNU.sparse.major", "1")+record("GNU.sparse.minor", "0")+record("GNU.sparse.name", "n")+record("GNU.sparse.realsize", "4096"),
			header("x", '0', 512, nil), padded("0\n"), header("y", '0', 1, nil), padded("y")), end),
		"one zero block":  join(header("x", '0', 0, nil), end[:blockSize], header("y", '0', 0, nil)),
		"bad checksum":    join(header("x", '0', 0, nil), header("y", '0', 0, nil)[1:], end),
		"signed checksum": join(header("x\xff", '0', 0, nil), end),
		"long special":    join(header("pax", 'x', maxSpecial+1, nil), end),
	}
}

func TestTarReader(t *testing.T) {
	t.Parallel()
	for name, data := range archives(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareTar(t, data)
		})
	}
}

// TestTarTruncated cuts an archive everywhere: nothing may be lost unnoticed,
// unless what is left looks whole.
func TestTarTruncated(t *testing.T) {
	t.Parallel()
	data := archives(t)["plain"]
	for n := 0; n < len(data); n += 97 {
		compareTar(t, data[:n])
		_, theirs := theirFacts(data[:n])
		_, ours := ourFacts(t.Context(), &pieces{data: data[:n], n: 1000})
		if theirs != nil && ours == nil {
			t.Errorf("cut at %d: no error; archive/tar has %v", n, theirs)
		}
	}
}

// repeat is a source of the same bytes for ever.
type repeat []byte

func (r repeat) next() ([]byte, error)    { return r, nil }
func (repeat) skip(int64) ([]byte, error) { return nil, nil }
func forever(b []byte) source             { return repeat(bytes.Repeat(b, 128)) }
func nothing(*Entry) error                { return nil }
func walkErr(t *testing.T, src source) error {
	t.Helper()
	return newTarReader(src).walk(t.Context(), nothing)
}
func longName(n int) []byte                    { return []byte(strings.Repeat("p/", n/2)) }
func unixHeader(name string, flag byte) source { return forever(header(name, flag, 0, nil)) }

func TestTarLimits(t *testing.T) {
	t.Parallel()
	wantError(t, walkErr(t, unixHeader("x", '0')), "more than 2000000 entries")
	wantError(t, walkErr(t, &pieces{data: header("x", 'L', maxSpecial+1, nil), n: blockSize}), "over the limit")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newTarReader(unixHeader("x", '0')).walk(ctx, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled walk: %v", err)
	}
	var got []string
	long := tarOf(t, file{name: string(longName(5000)) + "x", body: "x"}, file{name: "y"})
	if err := newTarReader(&pieces{data: long, n: 999}).walk(t.Context(), func(e *Entry) error {
		got = append(got, line(e))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"- " + strings.Repeat("p/", 50) + "… ! path of 5001 bytes is over the limit of 4096", "- y: "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTarGlobalHeaders walks more headers than a stack has room for.
func TestTarGlobalHeaders(t *testing.T) {
	t.Parallel()
	one := header("g", 'g', 0, nil)
	data := bytes.Repeat(one, 200_000)
	if err := walkErr(t, &pieces{data: data, n: 1 << 20}); err != nil {
		t.Error(err)
	}
}

func TestTarFile(t *testing.T) {
	t.Parallel()
	data := tarOf(t, file{name: "a", body: "aaa"}, file{name: "b", body: "bbb"}, file{name: "d/"}, file{name: "h", typ: tar.TypeLink, link: "a"})
	var kept []File
	errStop := errors.New("stop")
	err := newTarReader(&pieces{data: data, n: 100}).walk(t.Context(), func(e *Entry) error {
		f, err := e.Open()
		if e.Type != 0 || e.Hard {
			if err == nil {
				t.Errorf("%s can be opened", e.Path)
			}
			if e.Hard {
				return errStop
			}
			return nil
		}
		if err != nil {
			return err
		}
		kept = append(kept, f)
		_, err = io.ReadFull(f, make([]byte, 1))
		return err
	})
	if !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	for _, f := range kept {
		if n, err := f.Read(make([]byte, 1)); n != 0 || !errors.Is(err, fs.ErrClosed) {
			t.Errorf("file of an entry that has passed: %d, %v", n, err)
		}
	}
}

// TestTarInPlace reads what lies uncompressed in a file, behind other bytes, at
// any place, and counts what is read.
func TestTarInPlace(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789abcdef", 1<<16)
	data := tarOf(t, file{name: "small", body: "small"}, file{name: "passed", body: large}, file{name: "large", body: large}, file{name: "none"}, file{name: "last", body: "last"})
	before := []byte("other")
	c := &counter{ReaderAt: bytes.NewReader(slices.Concat(before, data))}
	tails := map[string]string{}
	err := newTarReader(newWindow(t.Context(), c, int64(len(before)), int64(len(data)))).walk(t.Context(), func(e *Entry) error {
		if e.Path == "passed" {
			return nil
		}
		size, err := e.Size()
		if err != nil {
			return err
		}
		f, err := e.Open()
		if err != nil {
			return err
		}
		defer f.Close()
		b := make([]byte, min(size, 7))
		if n, err := f.(io.ReaderAt).ReadAt(b, size-int64(len(b))); n < len(b) {
			return err
		}
		tails[e.Path] = string(b)
		_, err = io.CopyN(io.Discard, f, size/2) // where one stops makes no difference to the next
		return err
	})
	want := map[string]string{"small": "small", "large": "9abcdef", "none": "", "last": "last"}
	if diff := cmp.Diff(want, tails); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if limit := int64(len(large)/2 + 5*minPiece); c.n > limit {
		t.Errorf("%d bytes read, more than %d", c.n, limit)
	}
}

// TestCleanBytes compares with the definition: a path in a root of its own.
func TestCleanBytes(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", ".", "..", "/", "a", "a/", "/a", "//a", "./a", "././a", ".//a", "a/.", "a/..", "a/./b", "a/../b", "../a", "a//b",
		".a", "..a", "a..", "a/..b", "a/.b", "...", ".../a", "./", "./.", ".wh.a", "a/.wh..wh..opq", "a/b/..",
	} {
		want := path.Clean("/" + s)[1:]
		if want == "" {
			want = "."
		}
		if got, err := cleanBytes([]byte(s)); got != want || err != nil {
			t.Errorf("cleanBytes(%q) = %q, %v; want %q", s, got, err, want)
		}
	}
}

func FuzzCleanBytes(f *testing.F) {
	for _, s := range []string{"", "./a/../b", "/../x//y/."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := cleanBytes([]byte(s))
		if err != nil {
			return
		}
		if want := path.Clean("/" + s)[1:]; got != want && (want != "" || got != ".") {
			t.Errorf("cleanBytes(%q) = %q; want %q", s, got, want)
		}
	})
}

// FuzzTar compares our reader with archive/tar.
func FuzzTar(f *testing.F) {
	for _, data := range archives(f) {
		if len(data) < 64<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// Most changes of a fuzzer break a checksum: they are put right, so
		// that what lies behind them is reached.
		data = bytes.Clone(data)
		for at := 0; at+blockSize <= len(data); at += blockSize {
			if b := data[at : at+blockSize]; string(b[tarMagic:tarMagic+5]) == "ustar" {
				copy(b, header("", 0, 0, func(h []byte) { copy(h, b) }))
			}
		}
		compareTar(t, data)
	})
}
