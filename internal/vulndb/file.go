package vulndb

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// ErrFormat says that a file is no database, is damaged, or was written by a
// release that lays it out, or orders versions, in another way.
var ErrFormat = errors.New("not a usable advisory database")

// Format is the format of the files that this release writes and reads.
const Format = formatVersion

// The header is one or more pages. Its fixed part:
//
//	 0  magic, 8 bytes
//	 8  format version
//	12  bytes of the whole header, a multiple of the page
//	16  number of sections
//	20  flags
//	24  build time, seconds since 1970, 8 bytes
//	32  bytes of the whole file, 8 bytes
//	40  fingerprint of the version order, 8 bytes
//	48  five counts
//	72  section table
//
// The label and the feeds follow the table; the SHA-256 of all before it ends
// the header. Since the table holds the digests of the sections, the digest of
// the header covers the file.
const (
	formatVersion = 2
	pageSize      = 4096
	maxHeader     = 1 << 20
	maxSections   = 16
	fixedHeader   = 72
	sectionRow    = 64 // tag 4, CRC-32C 4, offset 8, length 8, unused 8, SHA-256 32
	alignment     = 64 // of sections, in bytes
	flagStarter   = 1

	databaseMagic   = "ASSAYVDB"
	enrichmentMagic = "ASSAYENR"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Section is one part of a file, for statistics.
type Section struct {
	Tag   string // one letter, see the package comment
	Bytes int64
}

// Header is what a file says of itself.
type Header struct {
	Format      int
	Built       time.Time // the stated time of the build
	Label       string    // a name for people; may be empty
	Starter     bool      // the small set that comes with the program
	Feeds       []advisory.Feed
	Digest      string // sha256:hex; covers every byte of the file
	Advisories  int    // withdrawn ones too
	Withdrawn   int
	Names       int // package names with statements, per ecosystem
	Statements  int
	Flaws       int   // ids, those of the same flaw counted once
	Enrichments int   // CVEs in an enrichment file
	Bytes       int64 // size of the file
	Sections    []Section
}

// counts are the five numbers of the header, in their order there.
func (h *Header) counts() [5]*int {
	return [5]*int{&h.Advisories, &h.Withdrawn, &h.Names, &h.Statements, &h.Flaws}
}

// A part is a section to be written.
type part struct {
	tag    byte
	chunks [][]byte
}

func (p part) size() int64 {
	var n int64
	for _, c := range p.chunks {
		n += int64(len(c))
	}
	return n
}

// writeFile writes a header and its sections and completes h with what only
// the writing shows: digest, sizes.
func writeFile(w io.Writer, magic string, h *Header, parts []part) error {
	tail := appendText(nil, h.Label)
	tail = appendFeeds(tail, h.Feeds)
	size := fixedHeader + sectionRow*len(parts) + len(tail) + sha256.Size
	size = (size + pageSize - 1) / pageSize * pageSize
	if size > maxHeader {
		return fmt.Errorf("writing header: %d feeds take more than %d bytes", len(h.Feeds), maxHeader)
	}
	head := make([]byte, fixedHeader, size)
	copy(head, magic)
	le := binary.LittleEndian
	le.PutUint32(head[8:], formatVersion)
	le.PutUint32(head[12:], uint32(size))       //nolint:gosec // at most maxHeader
	le.PutUint32(head[16:], uint32(len(parts))) //nolint:gosec // a handful
	if h.Starter {
		le.PutUint32(head[20:], flagStarter)
	}
	le.PutUint64(head[24:], uint64(h.Built.Unix())) //nolint:gosec // the sign survives the way back
	le.PutUint64(head[40:], orderFingerprint())
	for i, n := range h.counts() {
		v := *n
		if magic == enrichmentMagic && i == 0 {
			v = h.Enrichments
		}
		le.PutUint32(head[48+4*i:], uint32(v)) //nolint:gosec // counts are limited while building
	}
	at := int64(size)
	for _, p := range parts {
		at = (at + alignment - 1) / alignment * alignment
		crc, sum := crc32.New(castagnoli), sha256.New()
		for _, c := range p.chunks {
			crc.Write(c)
			sum.Write(c)
		}
		head = append(head, p.tag, 0, 0, 0)
		head = le.AppendUint32(head, crc.Sum32())
		head = le.AppendUint64(head, uint64(at))       //nolint:gosec // not negative
		head = le.AppendUint64(head, uint64(p.size())) //nolint:gosec // not negative
		head = le.AppendUint64(head, 0)
		head = sum.Sum(head)
		h.Sections = append(h.Sections, Section{string(p.tag), p.size()})
		at += p.size()
	}
	le.PutUint64(head[32:], uint64(at)) //nolint:gosec // not negative
	head = append(head, tail...)
	head = head[:size-sha256.Size]
	sum := sha256.Sum256(head)
	head = append(head, sum[:]...)
	h.Digest, h.Bytes, h.Format = "sha256:"+hex.EncodeToString(sum[:]), at, formatVersion

	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("writing header: %w", err)
	}
	written := int64(size)
	for _, p := range parts {
		pad := -written & (alignment - 1)
		for _, c := range slices.Insert(slices.Clone(p.chunks), 0, make([]byte, pad)) {
			if _, err := w.Write(c); err != nil {
				return fmt.Errorf("writing section %c: %w", p.tag, err)
			}
			written += int64(len(c))
		}
	}
	return nil
}

func appendFeeds(dst []byte, feeds []advisory.Feed) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(feeds)))
	for _, f := range feeds {
		dst = appendText(dst, f.Name)
		dst = appendText(dst, f.File)
		dst = appendText(dst, f.Digest)
		dst = appendTime(dst, f.Modified)
		for _, n := range []int{f.Read, f.Stored, f.Rejected} {
			dst = binary.AppendUvarint(dst, uint64(max(n, 0)))
		}
	}
	return dst
}

func readFeeds(c *cursor) []advisory.Feed {
	n := c.count(7)
	feeds := make([]advisory.Feed, 0, n)
	for range n {
		f := advisory.Feed{Name: c.string(), File: c.string(), Digest: c.string(), Modified: c.time()}
		for _, n := range []*int{&f.Read, &f.Stored, &f.Rejected} {
			*n = int(c.uint32())
		}
		feeds = append(feeds, f)
	}
	return feeds
}

// An image is a file whose header has been checked.
type image struct {
	data    []byte
	header  Header
	parts   map[byte][]byte
	rows    []byte // the section table
	release func() error
}

// newImage checks the header of data and finds the sections with these tags.
// It reads nothing beyond the header.
func newImage(data []byte, magic, tags string) (*image, error) {
	if len(data) < pageSize || string(data[:8]) != magic {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrFormat)
	}
	le := binary.LittleEndian
	if v := le.Uint32(data[8:]); v != formatVersion {
		return nil, fmt.Errorf("%w: it has format %d, and this release reads format %d; build it again, or get one built by this release", ErrFormat, v, formatVersion)
	}
	size := le.Uint32(data[12:])
	if size < pageSize || size > maxHeader || size%pageSize != 0 || int64(size) > int64(len(data)) {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrFormat, size)
	}
	body, sum := data[:size-sha256.Size], data[size-sha256.Size:size]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return nil, fmt.Errorf("%w: the header is damaged", ErrFormat)
	}
	if v := le.Uint64(data[32:]); v != uint64(len(data)) {
		return nil, fmt.Errorf("%w: %d bytes, not %d", ErrFormat, len(data), v)
	}
	// The keys of an older release would be compared with the keys of this one
	// and decide wrongly without a sign of it.
	if le.Uint64(data[40:]) != orderFingerprint() {
		return nil, fmt.Errorf("%w: built with another order of versions; build it again", ErrFormat)
	}
	n := le.Uint32(data[16:])
	if n > maxSections || n != uint32(len(tags)) { //nolint:gosec // tags is a short constant
		return nil, fmt.Errorf("%w: %d sections", ErrFormat, n)
	}
	img := &image{data: data, parts: map[byte][]byte{}, rows: body[fixedHeader : fixedHeader+sectionRow*n]}
	h := &img.header
	h.Format, h.Bytes = formatVersion, int64(len(data))
	h.Starter = le.Uint32(data[20:])&flagStarter != 0
	h.Built = time.Unix(int64(le.Uint64(data[24:])), 0).UTC() //nolint:gosec // as written
	h.Digest = "sha256:" + hex.EncodeToString(sum)
	for i, p := range h.counts() {
		*p = int(le.Uint32(data[48+4*i:]))
	}
	if magic == enrichmentMagic {
		h.Enrichments, h.Advisories = h.Advisories, 0
	}
	for i := range tags {
		row := img.rows[i*sectionRow:]
		off, length := le.Uint64(row[8:]), le.Uint64(row[16:])
		if row[0] != tags[i] || off%alignment != 0 || off < uint64(size) || off > uint64(len(data)) || length > uint64(len(data))-off {
			return nil, fmt.Errorf("%w: section %q lies outside the file", ErrFormat, row[0])
		}
		img.parts[tags[i]] = data[off : off+length : off+length]
		h.Sections = append(h.Sections, Section{string(tags[i]), int64(length)}) //nolint:gosec // within the file
	}
	c := cursor{b: body[fixedHeader+sectionRow*n:]}
	h.Label = c.string()
	h.Feeds = readFeeds(&c)
	if c.bad {
		return nil, fmt.Errorf("%w: the table of feeds is cut short", ErrFormat)
	}
	return img, nil
}

// verify compares every section with its checksums, and the bytes between
// sections with zero.
func (img *image) verify() error {
	end := uint64(binary.LittleEndian.Uint32(img.data[12:]))
	for row := range slices.Chunk(img.rows, sectionRow) {
		tag, off := row[0], binary.LittleEndian.Uint64(row[8:])
		if off < end || off-end >= alignment || len(bytes.Trim(img.data[end:off], "\x00")) > 0 {
			return fmt.Errorf("%w: the gap before section %c is damaged", ErrFormat, tag)
		}
		b := img.parts[tag]
		sum := sha256.Sum256(b)
		if crc32.Checksum(b, castagnoli) != binary.LittleEndian.Uint32(row[4:]) || !bytes.Equal(sum[:], row[32:]) {
			return fmt.Errorf("%w: section %c is damaged", ErrFormat, tag)
		}
		end = off + uint64(len(b))
	}
	if end != uint64(len(img.data)) {
		return fmt.Errorf("%w: bytes after the last section", ErrFormat)
	}
	return nil
}

func (img *image) close() error {
	if img.release == nil {
		return nil
	}
	release := img.release
	img.release = nil
	return release()
}

// openImage maps the file at path.
func openImage(path, magic, tags string) (*image, error) {
	data, release, err := mapFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	img, err := newImage(data, magic, tags)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening database %s: %w", path, err), release())
	}
	img.release = release
	return img, nil
}

// replaceFile writes a file beside path and moves it there when it is whole,
// so that a reader sees the old file or the new one, and a mapped file never
// changes under its reader.
func replaceFile(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			return fmt.Errorf("writing database %s: not a regular file", path)
		}
		// A link goes on pointing to its file.
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return fmt.Errorf("writing database: %w", err)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("writing database: %w", err)
	}
	err = write(f)
	if err == nil {
		err = cmp.Or(f.Chmod(0o644), f.Sync())
	}
	if err = cmp.Or(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing database %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}

// Replace puts the database at from, and the enrichment beside it if there is
// one, in the place of those at to, in the same file system. A link goes on
// pointing to its file.
func Replace(from, to string) error {
	for _, name := range []func(string) string{EnrichmentPath, func(path string) string { return path }} {
		old := name(to)
		if real, err := filepath.EvalSymlinks(old); err == nil {
			old = real
		}
		err := os.Rename(name(from), old)
		if errors.Is(err, fs.ErrNotExist) && name(from) != from {
			err = os.Remove(old)
			if errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
		if err != nil {
			return fmt.Errorf("replacing database %s: %w", to, err)
		}
	}
	return nil
}

// orderSamples are versions whose keys, in the one or the other ecosystem, change
// when the way changes in which keys are made.
const orderSamples = "3 10 12 1.0 1.2.3 0.10.0 1.02_rc1-r0 1.2b_p3-r12 1.1.1w 9.6p1 22.04 v1.0 v1.2.3 " +
	"1.2.3-4 1.0-1 1.0-x 1.0-SNAPSHOT 1.0.0-rc.1 1.0.0-RC1 1.0rc1 1.0.0-alpha.1+5 1.0.0-beta.11 2.0.0-beta3 1.0.0-Beta.2 2.4.0-beta1 " +
	"1.0.0.pre2 2.a.1 1.2.3.4 7.1.2023+0 7.3-51.5 dev-main 1:2.3~rc1-4+deb12u1 2.36-9 0.0~git1 " +
	"1.22.0-rc.1 v0.0.0-20210101000000-abcdefabcdef 1!2.0rc1.post3.dev4+local.7 2.0.dev1 1:2.3~rc1-4.el9_2 0:1.0^git1-1 5.14.0-70.el9"

// orderFingerprint returns a number that stands for the way in which this
// program makes keys of versions. Making it takes as long as opening the rest of
// a file.
var orderFingerprint = sync.OnceValue(func() uint64 {
	h := hashSeed
	var buf [128]byte
	for _, typ := range ecosystem.Types() {
		h = hashText(h, typ)
		for v := range strings.FieldsSeq(orderSamples) {
			key, err := ecosystem.AppendKey(buf[:0], typ, v)
			if err != nil {
				key = append(key[:0], "none"...)
			}
			h = hashText(h, string(key))
			h = hashText(h, "\x00")
		}
	}
	return mix(h)
})

const hashSeed = uint64(14695981039346656037)

// hashText is FNV-1a: the state h after the bytes of s.
// Source: draft-eastlake-fnv, section 2.
func hashText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix spreads h over all bits: the search in K takes the upper ones for a
// place in the table.
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// ecosystemHash begins the hash of every name in e.
func ecosystemHash(e advisory.Ecosystem) uint64 {
	h := hashSeed
	for _, s := range []string{e.Type, e.Distro, e.Release} {
		h = hashText(h, s)
		h = hashText(h, "\x00")
	}
	return h
}

// offset32 returns n as an offset of 32 bits, or an error when the section has
// outgrown them.
func offset32(n int) (uint32, error) {
	if n < 0 || n > math.MaxUint32 {
		return 0, fmt.Errorf("a section of %d bytes is too large", n)
	}
	return uint32(n), nil
}
