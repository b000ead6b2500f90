package artifact

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// zipOf returns a zip archive. A type of 's' stores the file as it is.
func zipOf(tb testing.TB, files ...file) []byte {
	tb.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if f.typ == 's' {
			h.Method = zip.Store
		}
		if f.mode != 0 {
			h.SetMode(fs.FileMode(f.mode))
		}
		if f.link != "" {
			h.SetMode(fs.ModeSymlink | 0o777)
			f.body = f.link
		}
		m, err := w.CreateHeader(h)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(m, f.body); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// openZip opens an archive in memory.
func openZip(data []byte) (*Zip, error) {
	return OpenZip(bytes.NewReader(data), int64(len(data)))
}

// readMember returns the contents of a member.
func readMember(z *Zip, m Member) (string, error) {
	r, err := z.Open(m)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), errors.Join(err, r.Close())
}

func TestZip(t *testing.T) {
	t.Parallel()
	data := zipOf(t, file{name: "META-INF/"}, file{name: "META-INF/MANIFEST.MF", body: "Manifest-Version: 1.0\n"},
		file{name: "stored", body: "as it is", typ: 's'}, file{name: "empty"}, file{name: "../up", body: "u"},
		file{name: "long", body: strings.Repeat("0123456789", 100_000)})
	for name, data := range map[string][]byte{
		"plain":        data,
		"prefixed":     append([]byte("#!/bin/sh\nexec java -jar $0\n"), data...),
		"with comment": append(append(bytes.Clone(data[:len(data)-2]), 5, 0), "hello"...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z, err := openZip(data)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			compareZip(t, z, theirs)
			if len(z.Members()) != 6 {
				t.Errorf("%d members; want 6", len(z.Members()))
			}
		})
	}
}

// compareZip fails unless both see the same members with the same contents.
func compareZip(t *testing.T, z *Zip, theirs *zip.Reader) {
	t.Helper()
	for i, m := range z.Members() {
		f := theirs.File[i]
		if m.Name != f.Name || m.Method != f.Method || m.Size != int64(f.UncompressedSize64) || m.CompressedSize != int64(f.CompressedSize64) {
			t.Fatalf("member %d is %+v; want %+v", i, m, f.FileHeader)
		}
		got, err := readMember(z, m)
		if err != nil {
			continue // ours is stricter
		}
		r, err := f.Open()
		if err != nil {
			t.Fatalf("%q: ours can be read, theirs: %v", m.Name, err)
		}
		want, err := io.ReadAll(r)
		if err != nil && !errors.Is(err, zip.ErrChecksum) && !errors.Is(err, zip.ErrFormat) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%q: ours can be read, theirs: %v", m.Name, err)
		}
		if err == nil && string(want) != got {
			t.Fatalf("%q differs", m.Name)
		}
	}
}

// TestZip64 makes so many members that their number needs the longer record.
func TestZip64(t *testing.T) {
	t.Parallel()
	files := make([]file, 70_000)
	for i := range files {
		files[i] = file{name: fmt.Sprintf("%x", i), body: fmt.Sprint(i), typ: 's'}
	}
	data := zipOf(t, files...)
	for _, data := range [][]byte{data, append([]byte("prefix"), data...)} {
		z, err := openZip(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(z.Members()); got != len(files) {
			t.Fatalf("%d members; want %d", got, len(files))
		}
		if got, err := readMember(z, z.Members()[69_999]); err != nil || got != "69999" {
			t.Errorf("last member is %q, %v", got, err)
		}
	}
}

// TestZipLies changes what an archive says of itself.
func TestZipLies(t *testing.T) {
	t.Parallel()
	data := zipOf(t, file{name: "a", body: strings.Repeat("a", 1000)}, file{name: "b", body: "bbb", typ: 's'})
	dir := bytes.Index(data, []byte("PK\x01\x02"))
	end := len(data) - zipEndLen
	second := dir + zipDirLen + 1
	for second < end && !bytes.HasPrefix(data[second:], []byte("PK\x01\x02")) {
		second++
	}
	le := binary.LittleEndian
	for _, tt := range []struct {
		name   string
		change func(b []byte)
		open   string // error of OpenZip
		first  string // of the first member
	}{
		{"nothing", func([]byte) {}, "", ""},
		{"longer", func(b []byte) { le.PutUint32(b[dir+24:], 1001) }, "", "unexpected EOF"},
		{"shorter", func(b []byte) { le.PutUint32(b[dir+24:], 999) }, "", "longer than the directory says"},
		{"checksum", func(b []byte) { b[dir+16]++ }, "", "checksum differs"},
		{"encrypted", func(b []byte) { b[dir+8] |= 1 }, "", "encrypted"},
		{"method", func(b []byte) { b[dir+10] = 93 }, "", "method 93 is not supported"},
		{"huge", func(b []byte) { le.PutUint32(b[dir+24:], 1<<30+1) }, "", "over the limit"},
		{"ratio", func(b []byte) { le.PutUint32(b[dir+24:], 1<<29) }, "", "more than 100 times"},
		{"stored sizes", func(b []byte) { b[dir+10] = 0 }, "", "stored sizes differ"},
		{"overlap", func(b []byte) { le.PutUint32(b[dir+20:], 5000) }, "", "overlaps"},
		{"same place", func(b []byte) { le.PutUint32(b[second+42:], 0) }, "", "overlaps"},
		{"behind the end", func(b []byte) { le.PutUint32(b[dir+42:], 1<<30) }, "", "outside of the archive"},
		{"no header", func(b []byte) { b[0]++ }, "", "no local header"},
		{"broken data", func(b []byte) { b[zipLocalLen+1] = 0xff }, "", "invalid DEFLATE"},
		{"more members", func(b []byte) { b[end+10]++ }, "3 members announced, 2 found", ""},
		{"directory", func(b []byte) { b[second]++ }, "broken directory", ""},
		{"directory size", func(b []byte) { le.PutUint32(b[end+12:], 1<<27+1) }, "over the limit", ""},
		{"directory place", func(b []byte) { le.PutUint32(b[end+16:], 1<<20) }, "outside of the archive", ""},
		{"no zip64 sizes", func(b []byte) {
			le.PutUint32(b[dir+24:], 1<<32-1)
			le.PutUint16(b[dir+30:], 4)
			b[dir+zipDirLen+1], b[dir+zipDirLen+3] = 1, 0
		}, "zip64", ""},
		{"no end", func(b []byte) { b[end]++ }, "no end of directory record", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := bytes.Clone(data)
			tt.change(b)
			z, err := openZip(b)
			if tt.open != "" {
				wantError(t, err, tt.open)
				if !errors.Is(err, ErrZip) {
					t.Errorf("%v is not ErrZip", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := readMember(z, z.Members()[0])
			if tt.first != "" {
				wantError(t, err, tt.first)
				return
			}
			if err != nil || len(got) != 1000 {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	for n := range len(data) {
		if _, err := openZip(data[:n]); err == nil {
			t.Errorf("cut at %d: no error", n)
		}
	}
}

// counter counts the bytes read.
type counter struct {
	io.ReaderAt
	n int64
}

// ReadAt implements [io.ReaderAt].
func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// TestZipReadsLittle counts what opening reads: jars are many.
func TestZipReadsLittle(t *testing.T) {
	t.Parallel()
	data := zipOf(t, file{name: "big", body: strings.Repeat("x", 1<<20), typ: 's'}, file{name: "small", body: "s"})
	c := &counter{ReaderAt: bytes.NewReader(data)}
	z, err := OpenZip(c, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readMember(z, z.Members()[1]); err != nil || got != "s" {
		t.Errorf("small is %q, %v", got, err)
	}
	if c.n > 2<<10 {
		t.Errorf("%d bytes read", c.n)
	}
}

func TestFunction(t *testing.T) {
	t.Parallel()
	layer := writeFile(t, "layer.zip", zipOf(t, file{name: "python/lib/a.py", body: "a"}))
	code := writeFile(t, "code.zip", zipOf(t, file{name: "index.js", body: "x", mode: 0o644}, file{name: "node_modules/"},
		file{name: "node_modules/a/package.json", body: "{}", mode: 0o755}, file{name: "/../up", body: "u", mode: 0o644}, file{name: "link", link: "index.js"}))
	a := open(t, code, Options{Layers: []string{layer}})
	wantLines(t, a,
		[]string{"x python/lib/a.py: a"},
		[]string{"- index.js: x", "d node_modules", "x node_modules/a/package.json: {}", "- up: u", "L link -> index.js"})
	if a.Kind != Function || a.Name != code || a.Layers[1].Name != "code.zip" || !validDigest(a.Digest) || a.Digest != a.Layers[1].Digest {
		t.Errorf("artifact is %+v", a)
	}

	dir := write(t, t.TempDir(), file{name: "index.py", body: "d"})
	a = open(t, "function:"+dir, Options{Layers: []string{layer}})
	wantLines(t, a, []string{"x python/lib/a.py: a"}, []string{"- index.py: d"})

	_, err := Open(t.Context(), code, Options{Layers: []string{writeFile(t, "broken.zip", []byte("PK"))}})
	wantError(t, err, "broken.zip: not a valid zip archive")
}

// FuzzZip compares our reader with archive/zip.
func FuzzZip(f *testing.F) {
	data := zipOf(f, file{name: "a", body: strings.Repeat("a", 1000)}, file{name: "b/", body: ""}, file{name: "c", body: "ccc", typ: 's'})
	f.Add(data)
	f.Add(append([]byte("prefix"), data...))
	f.Add(zipOf(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := openZip(data)
		if err != nil {
			return
		}
		theirs, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(theirs.File) != len(z.Members()) {
			for _, m := range z.Members() {
				_, _ = readMember(z, m)
			}
			return
		}
		compareZip(t, z, theirs)
	})
}

// FuzzZipRoundTrip sees to it that what archive/zip writes is read again.
func FuzzZipRoundTrip(f *testing.F) {
	f.Add("a", "body", "b", []byte("prefix"))
	f.Fuzz(func(t *testing.T, name, body, other string, prefix []byte) {
		if len(name) > 1<<15 || len(other) > 1<<15 || strings.HasSuffix(name, "/") || strings.HasSuffix(other, "/") || bytes.Contains(prefix, []byte("PK")) {
			return
		}
		z, err := openZip(append(prefix, zipOf(t, file{name: name, body: body}, file{name: other, body: other + body, typ: 's'})...))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range z.Members() {
			b, err := readMember(z, m)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, m.Name, b)
		}
		if diff := cmp.Diff([]string{name, body, other, other + body}, got); diff != "" {
			t.Error(diff)
		}
	})
}
