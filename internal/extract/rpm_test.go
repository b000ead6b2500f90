package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

// rpmTag is a tag of a header under test: a string, strings or numbers.
type rpmTag struct {
	tag   uint32
	value any
}

// rpmBlob writes a header.
func rpmBlob(tags ...rpmTag) []byte {
	var index, data []byte
	for _, t := range tags {
		typ, count := uint32(rpmString), 1
		var b []byte
		switch v := t.value.(type) {
		case string:
			b = append([]byte(v), 0)
		case []string:
			typ, count = rpmStringArray, len(v)
			for _, s := range v {
				b = append(append(b, s...), 0)
			}
		case []uint32:
			typ, count = rpmInt32, len(v)
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
			for _, n := range v {
				b = binary.BigEndian.AppendUint32(b, n)
			}
		}
		for _, n := range []uint32{t.tag, typ, uint32(len(data)), uint32(count)} {
			index = binary.BigEndian.AppendUint32(index, n)
		}
		data = append(data, b...)
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	head = binary.BigEndian.AppendUint32(head, uint32(len(data)))
	return slices.Concat(head, index, data)
}

// rpmBlobs are the headers of some packages: small, and of many pages.
func rpmBlobs() [][]byte { return rpmBlobsOf(2000) }

// rpmBlobsOf has that number of files in the largest package.
func rpmBlobsOf(files int) [][]byte {
	long := make([]string, files)
	dirs := make([]uint32, len(long))
	for i := range long {
		long[i] = fmt.Sprintf("a-file-with-a-name-%d.js", i)
	}
	return [][]byte{
		rpmBlob(rpmTag{rpmName, "bash"}, rpmTag{rpmVersion, "5.1.8"}, rpmTag{rpmRelease, "9.el9"}, rpmTag{rpmVendor, "Fedora Project"},
			rpmTag{rpmArch, "x86_64"}, rpmTag{rpmSourceRPM, "bash-5.1.8-9.el9.src.rpm"}),
		rpmBlob(rpmTag{rpmName, "nodejs"}, rpmTag{rpmVersion, "14.21.3"}, rpmTag{rpmRelease, "1.el8"},
			rpmTag{rpmEpoch, []uint32{1}}, rpmTag{rpmArch, "x86_64"}, rpmTag{rpmSourceRPM, "nodejs-14.21.3-1.el8.src.rpm"},
			rpmTag{rpmModularityLabel, "nodejs:14:8070020230306170042:bd1311ed"},
			rpmTag{rpmBaseNames, append([]string{"package.json"}, long...)},
			rpmTag{rpmDirIndexes, append([]uint32{1}, dirs...)},
			rpmTag{rpmDirNames, []string{"/usr/lib/node_modules/npm/lib/", "/usr/lib/node_modules/npm/"}}),
		rpmBlob(rpmTag{rpmName, "gpg-pubkey"}, rpmTag{rpmVersion, "8483c65d"}, rpmTag{rpmRelease, "5ccc5b19"}),
		rpmBlob(rpmTag{rpmName, "perl-libs"}, rpmTag{rpmVersion, "5.32.1"}, rpmTag{rpmRelease, "480.el9"},
			rpmTag{rpmEpoch, []uint32{4}}, rpmTag{rpmArch, "noarch"}, rpmTag{rpmSourceRPM, "perl-5.32.0-480.el9.nosrc.rpm"},
			rpmTag{rpmOldFilenames, []string{"/usr/lib/x.jar", "/etc/passwd"}}),
		rpmBlob(rpmTag{rpmName, "zero"}, rpmTag{rpmVersion, "1"}, rpmTag{rpmEpoch, []uint32{0}}),
	}
}

// rpmWant is what rpmBlobs describe.
func rpmWant() []string {
	return []string{
		"bash 5.1.8-9.el9 x86_64 bash 5.1.8-9.el9 Fedora Project",
		"nodejs 1:14.21.3-1.el8 x86_64 nodejs 1:14.21.3-1.el8 nodejs:14",
		"perl-libs 4:5.32.1-480.el9 noarch perl 5.32.0-480.el9 ",
		"zero 0:1    ",
	}
}

// ndbFile writes a database of rpm's own kind.
func ndbFile(blobs [][]byte) []byte {
	le := binary.LittleEndian
	head := make([]byte, 4096)
	copy(head, "RpmP")
	le.PutUint32(head[12:], 1)
	for slot := range slices.Chunk(head[32:], 16) {
		copy(slot, "Slot")
	}
	b := head
	for i, blob := range blobs {
		slot := b[32+32*i:] // every other one is free
		le.PutUint32(slot[4:], uint32(i+1))
		le.PutUint32(slot[8:], uint32(len(b)/16))
		size := (16 + len(blob) + 12 + 15) / 16
		le.PutUint32(slot[12:], uint32(size))
		block := make([]byte, size*16)
		copy(block, "BlbS")
		le.PutUint32(block[4:], uint32(i+1))
		le.PutUint32(block[12:], uint32(len(blob)))
		copy(block[16:], blob)
		b = append(b, block...)
	}
	return b
}

// bdbFile writes a Berkeley DB hash of 512-byte pages: values of more than a
// quarter of a page on overflow pages, others beside their key.
func bdbFile(order binary.ByteOrder, hashType byte, blobs [][]byte) []byte {
	const size = 512
	page := func(number uint32, kind byte) []byte {
		p := make([]byte, size)
		order.PutUint32(p[8:], number)
		p[25] = kind
		return p
	}
	meta, hash := page(0, bdbHashMeta), page(1, hashType)
	order.PutUint32(meta[12:], bdbHashMagic)
	order.PutUint32(meta[16:], 9)
	order.PutUint32(meta[20:], size)
	pages := [][]byte{meta, hash, page(2, hashType), page(3, 0)}
	end, items := size, 0
	item := func(b []byte) {
		end -= len(b)
		copy(hash[end:], b)
		order.PutUint16(hash[26+2*items:], uint16(end))
		items++
	}
	number := make([]byte, 5)
	number[0] = bdbKeyData
	item(number) // the key 0, whose value is the number of headers
	item([]byte{bdbKeyData, 9, 0, 0, 0})
	for i, blob := range blobs {
		order.PutUint32(number[1:], uint32(i+1))
		item(number)
		if len(blob) <= size/4 {
			item(append([]byte{bdbKeyData}, blob...))
			continue
		}
		off := make([]byte, 12)
		off[0] = bdbOffPage
		order.PutUint32(off[4:], uint32(len(pages)))
		order.PutUint32(off[8:], uint32(len(blob)))
		item(off)
		for part := range slices.Chunk(blob, size-bdbPageHeader) {
			p := page(uint32(len(pages)), bdbOverflow)
			order.PutUint16(p[22:], uint16(len(part)))
			copy(p[26:], part)
			pages = append(pages, p)
			order.PutUint32(p[16:], uint32(len(pages)))
		}
		order.PutUint32(pages[len(pages)-1][16:], 0)
	}
	order.PutUint16(hash[20:], uint16(items))
	order.PutUint32(meta[32:], uint32(len(pages)-1))
	return bytes.Join(pages, nil)
}

// readRPM reads a database with one of the readers.
func readRPM(read func(*file) error, data []byte) (*File, error) {
	out := &File{Path: "db"}
	f := &file{path: "db", size: int64(len(data)), at: bytes.NewReader(data), match: newMatcher(formats()), out: out}
	err := protect(read, f)
	return out, err
}

func rpmLines(f *File) []string {
	var lines []string
	for _, p := range f.Packages {
		lines = append(lines, strings.Join([]string{p.Name, p.Version, p.Arch, p.SourceName, p.SourceVersion, p.Module + p.Vendor}, " "))
	}
	slices.Sort(lines)
	return lines
}

func TestRPM(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		read func(*file) error
		data []byte
	}{
		{"ndb", readRPMNDB, ndbFile(rpmBlobs())},
		{"bdb", readRPMBDB, bdbFile(binary.LittleEndian, bdbHash, rpmBlobs())},
		{"bdb of another machine", readRPMBDB, bdbFile(binary.BigEndian, bdbHash, rpmBlobs())},
		{"bdb before 4.6", readRPMBDB, bdbFile(binary.LittleEndian, bdbHashUnsorted, rpmBlobs())},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := readRPM(tt.read, tt.data)
			if err != nil || len(out.Problems) > 0 || !out.Database {
				t.Fatal(err, out.Problems, out.Database)
			}
			if d := cmp.Diff(rpmWant(), rpmLines(out)); d != "" {
				t.Error(d)
			}
			want := []Owned{
				{"nodejs", []uint64{hashPath("usr/lib/node_modules/npm/package.json")}},
				{"perl-libs", []uint64{hashPath("usr/lib/x.jar")}},
			}
			if d := cmp.Diff(want, out.Owns); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestRPMSQLite reads a database that rpm wrote; see testdata/rpm/README.md.
func TestRPMSQLite(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/rpm/rpmdb.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	out, err := readRPM(readRPMSQLite, data)
	if err != nil || len(out.Problems) > 0 {
		t.Fatal(err, out.Problems)
	}
	want := []string{
		"nodejs 14.21.3-1.module+el8 x86_64 nodejs 14.21.3-1.module+el8 nodejs:14",
		"python3-requests 1:2.25.1-8.el9 noarch python3-requests 1:2.25.1-8.el9 ",
		"requests-doc 0:2.25.1-8.el9 noarch python3-requests 0:2.25.1-8.el9 ",
		"requests-tools 1:3.0-8.el9 noarch python3-requests 2.25.1-8.el9 ",
	}
	if d := cmp.Diff(want, rpmLines(out)); d != "" {
		t.Error(d)
	}
	owns := map[string]int{}
	for _, o := range out.Owns {
		owns[o.Package] = len(o.Paths)
	}
	if d := cmp.Diff(map[string]int{"nodejs": 1, "python3-requests": 1}, owns); d != "" {
		t.Error(d)
	}
}

// TestRPMSQLiteTree reads a table of several levels with records on one page
// and on more.
func TestRPMSQLiteTree(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/rpm/small.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	out, err := readRPM(readRPMSQLite, data)
	if err != nil || len(out.Problems) > 0 {
		t.Fatal(err, out.Problems)
	}
	var want []string
	for i := range 8 {
		want = append(want, fmt.Sprintf("p%d %d:1.%d-1 noarch s 1-1 ", i, i, i))
	}
	if d := cmp.Diff(want, rpmLines(out)); d != "" {
		t.Error(d)
	}
}

// TestRPMBroken cuts databases off and breaks what they refer to: what is left
// is read, and the rest is told.
func TestRPMBroken(t *testing.T) {
	t.Parallel()
	sqlite, err := os.ReadFile("testdata/rpm/rpmdb.sqlite")
	if err != nil {
		t.Fatal(err)
	}
	damage := func(b []byte, at int, with ...byte) []byte {
		b = bytes.Clone(b)
		copy(b[at:], with)
		return b
	}
	ndb, bdb := ndbFile(rpmBlobs()), bdbFile(binary.LittleEndian, bdbHash, rpmBlobs())
	broken := append([][]byte{{0, 0, 0, 9, 0, 0, 0, 0}, rpmBlob(rpmTag{rpmVersion, "1"})}, rpmBlobs()...)
	for _, tt := range []struct {
		name     string
		read     func(*file) error
		data     []byte
		packages int
		reason   string
	}{
		{"ndb magic", readRPMNDB, damage(ndb, 0, 'X'), 0, "not an rpm package database"},
		{"ndb version", readRPMNDB, damage(ndb, 4, 1), 0, "version 1 is not known"},
		{"ndb slots", readRPMNDB, damage(ndb, 14, 1), 0, "65537 pages of slots"},
		{"ndb slot", readRPMNDB, damage(ndb, 32, 'X'), 0, "a slot has no mark"},
		{"ndb blob", readRPMNDB, damage(ndb, 4096, 'X'), 3, "blob of package number 1 is damaged"},
		{"ndb offset", readRPMNDB, damage(ndb, 32+8, 0xff, 0xff, 0xff, 0xff), 3, "unexpected EOF"},
		{"ndb count", readRPMNDB, damage(ndb, 32+12, 0xff, 0xff, 0xff, 0xff), 0, "blobs are larger than the file"},
		{"ndb cut", readRPMNDB, ndb[:4096+64], 0, "larger than the file"},
		{"ndb header", readRPMNDB, ndbFile(broken), 4, "9 entries and 0 bytes do not fit in 0"},
		{"ndb name", readRPMNDB, ndbFile(broken), 4, "no name"},
		{"bdb magic", readRPMBDB, damage(bdb, 12, 0), 0, "not a Berkeley DB hash database"},
		{"bdb page size", readRPMBDB, damage(bdb, 20, 1), 0, "page size 513"},
		{"bdb encrypted", readRPMBDB, damage(bdb, 24, 1), 0, "encrypted"},
		{"bdb odd items", readRPMBDB, damage(bdb, 512+20, 3), 0, "3 items"},
		{"bdb chain", readRPMBDB, damage(bdb, 5*512+16, 5), 3, "a page is used twice"},
		{"bdb chain outside", readRPMBDB, damage(bdb, 5*512+16, 0xff, 0xff), 3, "there are"},
		{"bdb chain kind", readRPMBDB, damage(bdb, 4*512+25, 1), 3, "no part of a value"},
		{"bdb cut", readRPMBDB, bdb[:6*512], 2, "is said to be the last"},
		{"sqlite magic", readRPMSQLite, damage(sqlite, 0, 'X'), 0, "not an SQLite database"},
		{"sqlite page size", readRPMSQLite, damage(sqlite, 16, 0, 3), 0, "page size 3"},
		{"sqlite schema", readRPMSQLite, damage(sqlite, 100, 10), 0, "reading the schema"},
		{"sqlite root", readRPMSQLite, damage(sqlite, 4096, 2), 0, "kind 2"},
		{"sqlite cut", readRPMSQLite, sqlite[:4096*3], 0, "there are 3"},
		{"log", readRPMWAL, make([]byte, 33), 0, "33 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := readRPM(tt.read, tt.data)
			reasons := fmt.Sprint(err)
			for _, p := range out.Problems {
				reasons += "; " + p.Reason
			}
			if !strings.Contains(reasons, tt.reason) {
				t.Errorf("got %s; want %s", reasons, tt.reason)
			}
			if n := len(out.Packages); n != tt.packages {
				t.Errorf("%d packages; want %d", n, tt.packages)
			}
		})
	}
}

// TestRPMEmpty wants no complaint about what rpm leaves behind.
func TestRPMEmpty(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*file) error{"sqlite": readRPMSQLite, "log": readRPMWAL} {
		if out, err := readRPM(read, nil); err != nil || !out.empty() {
			t.Errorf("%s: %v, %+v", name, err, out)
		}
	}
}

func TestSplitSourceRPM(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, name, version string
		ok                bool
	}{
		{"a-b-1.2-3.el9.src.rpm", "a-b", "1.2-3.el9", true},
		{"a-1-2.nosrc.rpm", "a", "1-2", true},
		{"(none)", "", "", false},
		{"", "", "", false},
		{"a.src.rpm", "", "", false},
		{"a-1.src.rpm", "", "", false},
		{"-1-2.src.rpm", "", "", false},
	} {
		name, version, ok := splitSourceRPM(tt.in)
		if name != tt.name || version != tt.version || ok != tt.ok {
			t.Errorf("%q: got %q, %q, %t", tt.in, name, version, ok)
		}
	}
}

// countingAt counts the bytes that are read.
type countingAt struct {
	r io.ReaderAt
	n int64
}

func (c *countingAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// fuzzRPM wants of a reader that it reads no byte more than a few times, gives
// no more text than the file holds, and says so if it did not understand it.
func fuzzRPM(f *testing.F, read func(*file) error) {
	f.Helper()
	m := newMatcher(formats())
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &countingAt{r: bytes.NewReader(data)}
		out := &File{Path: "db"}
		err := read(&file{path: "db", size: int64(len(data)), at: c, match: m, out: out})
		if c.n > 3*int64(len(data))+1<<18 {
			t.Errorf("%d bytes read of a file of %d", c.n, len(data))
		}
		text := 0
		for _, p := range out.Packages {
			if p.Name == "" || p.Path != "db" || p.Type != "rpm" || p.Evidence != inventory.Database {
				t.Errorf("package %+v", p)
			}
			text += len(p.Name)
		}
		if text > len(data) {
			t.Errorf("%d bytes of names from a file of %d", text, len(data))
		}
		if len(out.Problems) > 11 {
			t.Errorf("%d problems", len(out.Problems))
		}
		if err != nil && errors.Is(err, io.EOF) {
			t.Errorf("unnamed end of file: %v", err)
		}
	})
}

func FuzzRPMNDB(f *testing.F) {
	f.Add(ndbFile(rpmBlobsOf(10)))
	f.Add(ndbFile(nil))
	fuzzRPM(f, readRPMNDB)
}

func FuzzRPMBDB(f *testing.F) {
	f.Add(bdbFile(binary.LittleEndian, bdbHash, rpmBlobsOf(10)))
	f.Add(bdbFile(binary.BigEndian, bdbHashUnsorted, rpmBlobsOf(10)[:1]))
	fuzzRPM(f, readRPMBDB)
}

func FuzzRPMSQLite(f *testing.F) {
	data, err := os.ReadFile("testdata/rpm/small.sqlite")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	fuzzRPM(f, readRPMSQLite)
}

// FuzzRPMHeader: strings of a package are parts of its header.
func FuzzRPMHeader(f *testing.F) {
	for _, b := range rpmBlobsOf(10) {
		f.Add(b)
	}
	m := newMatcher(formats())
	f.Fuzz(func(t *testing.T, data []byte) {
		out := &File{Path: "db"}
		if err := addRPM(&file{path: "db", match: m, out: out}, data); err != nil {
			if len(out.Packages) > 0 {
				t.Error("a package in spite of", err)
			}
			return
		}
		for _, p := range out.Packages {
			for _, s := range []string{p.Name, p.Arch, p.SourceName} {
				if !bytes.Contains(data, []byte(s)) {
					t.Errorf("%q is not in the header", s)
				}
			}
		}
	})
}
