package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// The three kinds of databases that rpm has had all hold the same: one header
// for each package. They are read here, page by page, and not by the libraries
// for them, because these open a file by its name and trust what it says.
//
// Source: rpm, documentation "Package format" (docs/manual/format_v4.md) and
// "Tags" (docs/manual/tags.md).

// rpmDirs are where rpm keeps its database: the old place, the one of SUSE and
// of Fedora since 36, and that of systems with an immutable usr.
var rpmDirs = [...]string{"var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"}

func rpmFiles(name string) []string {
	var files []string
	for _, d := range rpmDirs {
		files = append(files, d+name)
	}
	return files
}

// maxHeader is the largest header of one package. Source: rpm,
// lib/header.c (headerMaxbytes is 256 MiB); the largest known has 8 MiB.
const maxHeader = 64 << 20

// rpmDB collects what the readers of the three kinds find.
type rpmDB struct {
	f    *file
	last uint32   // number of the last page
	used []uint64 // bit set of the pages read; each may be read once
	blob []byte   // reused
	bad  int      // headers that could not be read
}

func newRPMDB(f *file) *rpmDB {
	f.out.Database = true
	return &rpmDB{f: f}
}

var errPages = errors.New("a page is used twice")

// setPages prepares use; the first page is called 1.
func (db *rpmDB) setPages(pageSize int) {
	db.last = uint32(min(db.f.size/int64(pageSize), 1<<32-1)) //nolint:gosec // no more than that
	db.used = make([]uint64, db.last/64+1)
}

// use marks a page as read. A page that is used twice would let a small file
// stand for endless data.
func (db *rpmDB) use(page uint32) error {
	if page == 0 || page > db.last {
		return fmt.Errorf("reading page %d: there are %d", page, db.last)
	}
	i := page >> 6
	if db.used[i]>>(page&63)&1 == 1 {
		return fmt.Errorf("reading page %d: %w", page, errPages)
	}
	db.used[i] |= 1 << (page & 63)
	return nil
}

// header adds the package that a header describes. What is wrong with one
// package is a problem, and the others are still read; the error says that
// there are too many.
func (db *rpmDB) header(blob []byte) error {
	if err := addRPM(db.f, blob); err != nil {
		db.skip(err)
	}
	return db.f.full()
}

// skip records that one header could not be read.
func (db *rpmDB) skip(err error) {
	if db.bad++; db.bad <= 10 {
		db.f.problem(db.f.path, "reading header of a package: "+err.Error())
	}
}

// end returns what is wrong with the database as a whole.
func (db *rpmDB) end() error {
	if db.bad > 10 {
		return fmt.Errorf("%d packages could not be read", db.bad)
	}
	return nil
}

// Tags of a header. Source: rpm, docs/manual/tags.md.
const (
	rpmName            = 1000
	rpmVersion         = 1001
	rpmRelease         = 1002
	rpmEpoch           = 1003
	rpmVendor          = 1011
	rpmArch            = 1022
	rpmOldFilenames    = 1027
	rpmSourceRPM       = 1044
	rpmDirIndexes      = 1116
	rpmBaseNames       = 1117
	rpmDirNames        = 1118
	rpmModularityLabel = 5096
)

// Types of a tag's data. Source: rpm, docs/manual/format_v4.md, "Header".
const (
	rpmInt32       = 4
	rpmString      = 6
	rpmStringArray = 8
	rpmI18NString  = 9
)

// rpmHeader is a header: numbers of entries and of bytes of data, the entries
// (tag, type, offset, count; 16 bytes), the data.
type rpmHeader struct{ index, data []byte }

func openRPMHeader(b []byte) (rpmHeader, error) {
	if len(b) < 8 {
		return rpmHeader{}, io.ErrUnexpectedEOF
	}
	entries, size := int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:]))
	b = b[8:]
	if entries*16+size > int64(len(b)) {
		return rpmHeader{}, fmt.Errorf("%d entries and %d bytes do not fit in %d", entries, size, len(b))
	}
	return rpmHeader{b[:entries*16], b[entries*16 : entries*16+size]}, nil
}

// find returns the data from where that of a tag begins, and the number of its
// elements. A tag that was added after the package was built comes later in
// the index and wins.
func (h rpmHeader) find(tag uint32, types ...uint32) (data []byte, count int) {
	for i := len(h.index) - 16; i >= 0; i -= 16 {
		e := h.index[i:]
		if binary.BigEndian.Uint32(e) != tag {
			continue
		}
		typ, offset := binary.BigEndian.Uint32(e[4:]), binary.BigEndian.Uint32(e[8:])
		for _, t := range types {
			if t == typ && int64(offset) < int64(len(h.data)) {
				data = h.data[offset:]
				return data, int(min(int64(binary.BigEndian.Uint32(e[12:])), int64(len(data))))
			}
		}
		return nil, 0
	}
	return nil, 0
}

// text returns the string of a tag, or the first of several.
func (h rpmHeader) text(tag uint32) string {
	data, n := h.find(tag, rpmString, rpmStringArray, rpmI18NString)
	if n == 0 {
		return ""
	}
	s, _, _ := bytes.Cut(data, []byte{0})
	return string(s)
}

// texts yields the strings of a tag.
func (h rpmHeader) texts(tag uint32) func(yield func(int, []byte) bool) {
	data, n := h.find(tag, rpmStringArray, rpmString)
	return func(yield func(int, []byte) bool) {
		for i := range n {
			s, rest, ok := bytes.Cut(data, []byte{0})
			if !ok || !yield(i, s) {
				return
			}
			data = rest
		}
	}
}

// addRPM adds the package of a header and what it owns.
func addRPM(f *file, blob []byte) error {
	h, err := openRPMHeader(blob)
	if err != nil {
		return err
	}
	p := inventory.Package{
		Type: "rpm", Name: h.text(rpmName), Arch: h.text(rpmArch), Vendor: h.text(rpmVendor), Evidence: inventory.Database,
	}
	if p.Name == "" {
		return errors.New("no name")
	}
	if p.Name == "gpg-pubkey" {
		return nil // a key to check signatures with, kept like a package
	}
	version := h.text(rpmVersion)
	p.Version = version
	if r := h.text(rpmRelease); r != "" {
		p.Version += "-" + r
	}
	full := p.Version
	// An epoch that is not stated counts as 0, but is not written.
	if data, n := h.find(rpmEpoch, rpmInt32); n > 0 && len(data) >= 4 {
		p.Version = strconv.FormatUint(uint64(binary.BigEndian.Uint32(data)), 10) + ":" + p.Version
	}
	if name, v, ok := splitSourceRPM(h.text(rpmSourceRPM)); ok {
		p.SourceName, p.SourceVersion = name, v
		if v == full {
			// The name of a source package has no epoch; packages built from it
			// may have their own, but not with the same version.
			p.SourceVersion = p.Version
		}
	}
	// name:stream:version:context[:arch]
	// Source: Fedora, "Modularity", modulemd version 2, section "data".
	if module, rest, ok := strings.Cut(h.text(rpmModularityLabel), ":"); ok {
		stream, _, _ := strings.Cut(rest, ":")
		p.Module = module + ":" + stream
	}
	f.add(p)
	h.addOwned(f, p.Name)
	return nil
}

// splitSourceRPM takes bash-5.1.8-9.el9.src.rpm apart.
func splitSourceRPM(s string) (name, version string, ok bool) {
	s, ok = strings.CutSuffix(s, ".rpm")
	if !ok {
		return "", "", false
	}
	if i := strings.LastIndexByte(s, '.'); i > 0 {
		s = s[:i] // src or nosrc
	}
	release := strings.LastIndexByte(s, '-')
	if release <= 0 {
		return "", "", false
	}
	v := strings.LastIndexByte(s[:release], '-')
	if v <= 0 {
		return "", "", false
	}
	return s[:v], s[v+1:], true
}

// addOwned records the files of a package: names, each with the number of its
// directory, or whole paths in packages built before rpm 4.
func (h rpmHeader) addOwned(f *file, pkg string) {
	for _, p := range h.texts(rpmOldFilenames) {
		f.own(pkg, string(p))
	}
	var dirs []string
	for _, d := range h.texts(rpmDirNames) {
		dirs = append(dirs, string(d))
	}
	indexes, n := h.find(rpmDirIndexes, rpmInt32)
	n = min(n, len(indexes)/4)
	for i, base := range h.texts(rpmBaseNames) {
		if i >= n {
			return
		}
		if d := binary.BigEndian.Uint32(indexes[4*i:]); int64(d) < int64(len(dirs)) {
			f.own(pkg, dirs[d], string(base))
		}
	}
}

// grow returns a buffer of n bytes that is reused for the next header.
func (db *rpmDB) grow(n int) []byte {
	if cap(db.blob) < n {
		db.blob = make([]byte, n)
	}
	return db.blob[:n]
}

// readFull reads len(b) bytes at off.
func (db *rpmDB) readFull(b []byte, off int64) error {
	n, err := db.f.at.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading %d bytes at %d: %w", len(b), off, err)
}

// readRPMWAL reports changes to an sqlite database that are not yet in its
// file. A log with nothing in it has no length, or no more than its header.
// Source: SQLite, "Database File Format", section 4.1 "WAL File Format".
func readRPMWAL(f *file) error {
	if f.size > 32 {
		return fmt.Errorf("the log of %d bytes may hold changes to the database beside it that were not read", f.size)
	}
	return nil
}
