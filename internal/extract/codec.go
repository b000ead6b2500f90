package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/assay-project/assay/inventory"
)

// A layer in bytes: magic, codecVersion, then a table of all strings (number,
// lengths, bytes), then the layer field by field with strings as numbers in
// the table, then the CRC-32C of all that. Numbers are unsigned varints, hashes
// eight bytes, little-endian. A known image must be laid together again in
// milliseconds: this is read in one pass, and all strings share one allocation.
const (
	codecMagic   = "assay layer"
	codecVersion = 6
)

var (
	errCodec   = errors.New("not a layer, or a damaged one")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// encoder writes the body of a layer and collects its strings.
type encoder struct {
	body    []byte
	ids     map[string]int
	strings []string
}

func (e *encoder) number(n int) { e.body = binary.AppendUvarint(e.body, uint64(n)) } //nolint:gosec // counts and indexes are not negative

func (e *encoder) text(s string) {
	id, ok := e.ids[s]
	if !ok {
		id = len(e.strings)
		e.ids[s] = id
		e.strings = append(e.strings, s)
	}
	e.number(id)
}

func (e *encoder) texts(list []string) {
	e.number(len(list))
	for _, s := range list {
		e.text(s)
	}
}

func (e *encoder) hashes(list []uint64) {
	e.number(len(list))
	for _, h := range list {
		e.body = binary.LittleEndian.AppendUint64(e.body, h)
	}
}

func (e *encoder) file(f *File) {
	e.text(f.Path)
	flags := 0
	if f.Database {
		flags |= 1
	}
	if f.OS != nil {
		flags |= 2
		if f.OS.Pro {
			flags |= 4
		}
	}
	e.number(flags)
	e.texts(f.Links)
	e.number(len(f.Packages))
	for i := range f.Packages {
		for _, s := range packageFields(&f.Packages[i]) {
			e.text(*s)
		}
		e.text(string(f.Packages[i].Evidence))
		e.text(string(f.Packages[i].Scope))
	}
	e.number(len(f.Problems))
	for _, p := range f.Problems {
		e.text(p.Path)
		e.text(p.Layer)
		e.text(p.Reason)
	}
	e.number(len(f.Issues))
	for _, i := range f.Issues {
		e.text(i.Path)
		e.text(i.Rule)
		e.number(i.First)
		e.number(i.Last)
	}
	if f.OS != nil {
		for _, s := range osFields(f.OS) {
			e.text(*s)
		}
		e.texts(f.OS.Like)
	}
	e.number(len(f.Owns))
	for _, o := range f.Owns {
		e.text(o.Package)
		e.hashes(o.Paths)
	}
	e.number(len(f.Facts))
	for _, fact := range f.Facts {
		e.text(fact.Kind)
		e.texts(fact.Values)
	}
}

// packageFields are the fields of a package that are plain strings.
func packageFields(p *inventory.Package) [15]*string {
	return [...]*string{
		&p.Type, &p.Name, &p.Version, &p.Arch, &p.SourceName, &p.SourceVersion, &p.Module, &p.Vendor,
		&p.Path, &p.Layer, &p.OwnedBy, &p.Hash, &p.PURL, (*string)(&p.Usage), (*string)(&p.Symbols),
	}
}

// osFields are the fields of an operating system that are plain strings.
func osFields(o *inventory.OS) [6]*string {
	return [...]*string{&o.ID, &o.VersionID, &o.Codename, &o.Name, &o.CPE, &o.Kernel}
}

// MarshalBinary returns the layer as bytes for a cache. Equal layers give equal
// bytes. It never fails.
func (l *Layer) MarshalBinary() ([]byte, error) {
	e := &encoder{ids: map[string]int{}}
	e.text(l.Digest)
	e.number(len(l.Files))
	for i := range l.Files {
		e.file(&l.Files[i])
	}
	e.hashes(l.Covers)
	e.hashes(l.Dirs)
	e.hashes(l.Opaque)

	b := make([]byte, 0, len(e.body)+len(e.body)/2+64)
	b = append(b, codecMagic...)
	b = binary.AppendUvarint(b, codecVersion)
	b = binary.AppendUvarint(b, uint64(len(e.strings)))
	for _, s := range e.strings {
		b = binary.AppendUvarint(b, uint64(len(s)))
	}
	for _, s := range e.strings {
		b = append(b, s...)
	}
	b = append(b, e.body...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli)), nil
}

// decoder reads a layer; after an error all it returns is zero.
type decoder struct {
	rest    []byte
	strings []string
	bad     bool
}

// fail makes everything that follows zero.
func (d *decoder) fail() { d.bad, d.rest = true, nil }

// number reads a number of at most most; there is none if that is negative.
func (d *decoder) number(most int) int {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || most < 0 || n > uint64(most) {
		d.fail()
		return 0
	}
	d.rest = d.rest[size:]
	return int(n) //nolint:gosec // not more than most
}

// count reads the number of elements that take at least size bytes each, so
// that no more is allocated than the bytes can hold.
func (d *decoder) count(size int) int { return d.number(len(d.rest) / size) }

func (d *decoder) text() string {
	i := d.number(len(d.strings) - 1)
	if d.bad {
		return ""
	}
	return d.strings[i]
}

func (d *decoder) texts() []string {
	n := d.count(1)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.text()
	}
	return list
}

func (d *decoder) hashes() []uint64 {
	n := d.count(8)
	if n > len(d.rest)/8 { // the count itself took some
		d.fail()
		return nil
	}
	if n == 0 {
		return nil
	}
	list := make([]uint64, n)
	for i := range list {
		list[i] = binary.LittleEndian.Uint64(d.rest[8*i:])
	}
	d.rest = d.rest[8*n:]
	return list
}

// table reads the table of strings.
func (d *decoder) table() {
	n := d.count(1)
	lengths := make([]int, n)
	total := 0
	for i := range lengths {
		lengths[i] = d.number(math.MaxInt32)
		total += lengths[i] // n is below 2³², so this cannot overflow
	}
	if total > len(d.rest) {
		d.fail()
		return
	}
	all := string(d.rest[:total])
	d.rest = d.rest[total:]
	d.strings = make([]string, n)
	for i, n := range lengths {
		d.strings[i], all = all[:n], all[n:]
	}
}

func (d *decoder) file(f *File) {
	f.Path = d.text()
	flags := d.number(7)
	f.Database = flags&1 != 0
	f.Links = d.texts()
	if n := d.count(14); n > 0 {
		f.Packages = make([]inventory.Package, n)
	}
	for i := range f.Packages {
		for _, s := range packageFields(&f.Packages[i]) {
			*s = d.text()
		}
		f.Packages[i].Evidence = inventory.Evidence(d.text())
		f.Packages[i].Scope = inventory.Scope(d.text())
	}
	if n := d.count(3); n > 0 {
		f.Problems = make([]inventory.Problem, n)
	}
	for i := range f.Problems {
		f.Problems[i] = inventory.Problem{Path: d.text(), Layer: d.text(), Reason: d.text()}
	}
	if n := d.count(4); n > 0 {
		f.Issues = make([]inventory.Issue, n)
	}
	for i := range f.Issues {
		f.Issues[i] = inventory.Issue{Path: d.text(), Rule: d.text(), First: d.number(math.MaxInt32), Last: d.number(math.MaxInt32)}
	}
	if flags&2 != 0 {
		f.OS = &inventory.OS{Pro: flags&4 != 0}
		for _, s := range osFields(f.OS) {
			*s = d.text()
		}
		f.OS.Like = d.texts()
	}
	if n := d.count(2); n > 0 {
		f.Owns = make([]Owned, n)
	}
	for i := range f.Owns {
		f.Owns[i] = Owned{d.text(), d.hashes()}
	}
	if n := d.count(2); n > 0 {
		f.Facts = make([]Fact, n)
	}
	for i := range f.Facts {
		f.Facts[i] = Fact{d.text(), d.texts()}
	}
}

// UnmarshalBinary sets the layer to what MarshalBinary wrote. It fails for
// anything else, and for bytes that another version wrote.
func (l *Layer) UnmarshalBinary(b []byte) error {
	if len(b) < len(codecMagic)+4 || string(b[:len(codecMagic)]) != codecMagic {
		return errCodec
	}
	content, sum := b[:len(b)-4], b[len(b)-4:]
	if crc32.Checksum(content, castagnoli) != binary.LittleEndian.Uint32(sum) {
		return errCodec
	}
	d := &decoder{rest: content[len(codecMagic):]}
	if v := d.number(math.MaxInt32); v != codecVersion {
		return fmt.Errorf("layer of version %d, not %d", v, codecVersion)
	}
	d.table()
	out := Layer{Digest: d.text()}
	if n := d.count(7); n > 0 {
		out.Files = make([]File, n)
	}
	for i := range out.Files {
		d.file(&out.Files[i])
	}
	out.Covers, out.Dirs, out.Opaque = d.hashes(), d.hashes(), d.hashes()
	if d.bad || len(d.rest) > 0 {
		return errCodec
	}
	*l = out
	return nil
}
