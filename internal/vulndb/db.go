package vulndb

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"sync"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// A DB is an opened database. It is safe for concurrent use.
//
// Opening reads only the header: a damaged section shows as an error of the
// call that meets it, or as a wrong answer. Verify reads all of it.
type DB struct {
	img     *image
	n       int    // names
	k       []byte // hashes, then rows
	r, s, a []byte
	ids     idTable
	z       *blocks
	words   []string
	ecos    []Coverage
	rows    map[advisory.Ecosystem]ecoRow
	pool    sync.Pool // of *reader
}

// An ecoRow is where the names of an ecosystem begin to hash.
type ecoRow struct {
	row  uint16
	hash uint64
}

// Coverage counts what is known in one ecosystem.
type Coverage struct {
	advisory.Ecosystem
	Names      int // package names with statements
	Statements int
}

// Open opens the database at path, which must not be rewritten while it is
// open; WriteFiles replaces it instead. The caller closes it.
func Open(path string) (*DB, error) {
	img, err := openImage(path, databaseMagic, databaseTags)
	if err != nil {
		return nil, err
	}
	db, err := newDB(img)
	if err != nil {
		_ = img.close()
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	return db, nil
}

// OpenBytes opens a database in memory, which must not change afterwards.
func OpenBytes(data []byte) (*DB, error) {
	img, err := newImage(data, databaseMagic, databaseTags)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	db, err := newDB(img)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	return db, nil
}

func newDB(img *image) (*DB, error) {
	db := &DB{img: img, k: img.parts['K'], r: img.parts['R'], s: img.parts['S'], a: img.parts['A']}
	if len(db.k)%keyRow != 0 || len(db.a)%headRow != 0 {
		return nil, fmt.Errorf("%w: sections K and A have no whole rows", ErrFormat)
	}
	db.n = len(db.k) / keyRow
	var err error
	if db.ids, err = newIDTable(img.parts['L']); err != nil {
		return nil, err
	}
	if db.z, err = newBlocks(img.parts['Z'], img.parts['D']); err != nil {
		return nil, err
	}
	c := cursor{b: img.parts['T']}
	db.words = c.strings()
	n := c.count(6)
	db.rows = make(map[advisory.Ecosystem]ecoRow, n)
	for i := range min(n, maxWords) {
		t := c.strings()
		if len(t) != 3 {
			c.fail()
			break
		}
		e := advisory.Ecosystem{Type: t[0], Distro: t[1], Release: t[2]}
		db.ecos = append(db.ecos, Coverage{e, int(c.uint32()), int(c.uint32())})
		db.rows[e] = ecoRow{uint16(i), ecosystemHash(e)}
	}
	if c.bad || len(c.b) > 0 {
		return nil, fmt.Errorf("%w: section T", ErrFormat)
	}
	return db, nil
}

// Close lets go of the file. Nothing of the database may be in use: slices of
// keys in a Statement are gone afterwards, strings are not.
func (db *DB) Close() error {
	db.z.close()
	if err := db.img.close(); err != nil {
		return fmt.Errorf("closing database: %w", err)
	}
	return nil
}

// Header returns what the database says of itself. The slices are the
// caller's.
func (db *DB) Header() Header {
	h := db.img.header
	h.Feeds, h.Sections = slices.Clone(h.Feeds), slices.Clone(h.Sections)
	return h
}

// Covers reports whether there is a statement about any package of e. Where
// there is none, nothing found means nothing known.
func (db *DB) Covers(e advisory.Ecosystem) bool {
	_, ok := db.rows[e]
	return ok
}

// Ecosystems returns what is covered, sorted.
func (db *DB) Ecosystems() []Coverage { return slices.Clone(db.ecos) }

// hash returns the hash of name i.
func (db *DB) hash(i int) uint64 { return binary.LittleEndian.Uint64(db.k[i*8:]) }

// A keyEntry is the row of a name in section K.
type keyEntry struct {
	content  uint64
	name, at uint32
	row      uint16
}

func (db *DB) key(i int) keyEntry {
	b := db.k[db.n*8+i*(keyRow-8):]
	le := binary.LittleEndian
	return keyEntry{le.Uint64(b), le.Uint32(b[8:]), le.Uint32(b[12:]), le.Uint16(b[16:])}
}

// name returns the text of a name, not copied.
func (db *DB) name(at uint32) ([]byte, error) {
	if uint64(at) > uint64(len(db.s)) {
		return nil, fmt.Errorf("%w: name at %d", ErrFormat, at)
	}
	c := cursor{b: db.s[at:]}
	b := c.text()
	if c.bad {
		return nil, fmt.Errorf("%w: name at %d", ErrFormat, at)
	}
	return b, nil
}

// search returns the first name whose hash is not below h. Hashes are spread
// evenly, so that three computed guesses come within a few rows in a table of
// any size. From there steps that double close the other side, which also ends
// soon in a table that is not even.
func (db *DB) search(h uint64) int {
	lo, hi := 0, db.n // the answer is in [lo, hi]
	loHash, hiHash := uint64(0), ^uint64(0)
	below := false // whether the last guess was
	for guess := 0; guess < 3 && hi-lo > 8 && h > loHash && h < hiHash; guess++ {
		p, _ := bits.Mul64(uint64(hi-lo), shiftUp(h-loHash, hiHash-loHash)) //nolint:gosec // not negative
		mid := min(lo+int(p), hi-1)                                         //nolint:gosec // at most hi-lo
		if v := db.hash(mid); v < h {
			lo, loHash, below = mid+1, v, true
		} else {
			hi, hiHash, below = mid, v, false
		}
	}
	for step := 8; hi-lo > step; step *= 2 {
		if below {
			if db.hash(lo+step) >= h {
				hi = lo + step
				break
			}
			lo += step + 1
		} else {
			if db.hash(hi-step) < h {
				lo = hi - step + 1
				break
			}
			hi -= step
		}
	}
	for lo < hi {
		mid := (lo + hi) / 2
		if db.hash(mid) < h {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// shiftUp returns part/whole as a fraction of 64 bits.
func shiftUp(part, whole uint64) uint64 {
	if part >= whole {
		return ^uint64(0)
	}
	q, _ := bits.Div64(part, 0, whole)
	return q
}

// find returns the row of a name in its normal spelling, or -1.
func (db *DB) find(e advisory.Ecosystem, name string) (int, error) {
	eco, ok := db.rows[e]
	if !ok {
		return -1, nil
	}
	h := mix(hashText(eco.hash, name))
	for i := db.search(h); i < db.n && db.hash(i) == h; i++ {
		k := db.key(i)
		if k.row != eco.row {
			continue
		}
		b, err := db.name(k.name)
		if err != nil {
			return -1, err
		}
		if string(b) == name {
			return i, nil
		}
	}
	return -1, nil
}

// Lookup yields what is stated about a package name, in any spelling of the
// ecosystem, in the order of source and id. The Statement and its slices are
// used again for the next one; its strings may be kept. After an error nothing
// more comes.
//
// An unknown name costs some 100 ns and no memory, a known one less than 2 µs
// for the first statements, however many advisories there are.
func (db *DB) Lookup(e advisory.Ecosystem, name string) iter.Seq2[*advisory.Statement, error] {
	// Short enough to become part of the caller, where a loop over it needs no
	// memory either.
	return func(yield func(*advisory.Statement, error) bool) { db.lookup(e, name, yield) }
}

func (db *DB) lookup(e advisory.Ecosystem, name string, yield func(*advisory.Statement, error) bool) {
	i, err := db.find(e, ecosystem.NormalName(e.Type, name))
	switch {
	case err != nil:
		yield(nil, err)
	case i >= 0:
		db.statements(i, yield)
	}
}

// head returns the row of an advisory.
func (db *DB) head(r advisory.Ref) ([]byte, error) {
	if i := int64(r) * headRow; i < int64(len(db.a)) {
		return db.a[i : i+headRow], nil
	}
	return nil, fmt.Errorf("%w: advisory %d", ErrFormat, r)
}

func (db *DB) word(b []byte) string {
	if i := int(binary.LittleEndian.Uint16(b)); i < len(db.words) {
		return db.words[i]
	}
	return ""
}

// Head returns the short form of an advisory, without reading its details.
func (db *DB) Head(r advisory.Ref) (advisory.Head, error) {
	b, err := db.head(r)
	if err != nil {
		return advisory.Head{}, err
	}
	le := binary.LittleEndian
	id, _, ok := db.ids.at(le.Uint32(b))
	kind := int(b[27] & kindMask)
	if !ok || kind >= len(kinds) {
		return advisory.Head{}, fmt.Errorf("%w: advisory %d", ErrFormat, r)
	}
	return advisory.Head{
		Source: db.word(b[20:]), ID: string(id), Release: db.word(b[22:]),
		Kind: kinds[kind], Label: db.word(b[24:]), Score: float64(b[26]) / 10,
		Published: fromSeconds(le.Uint32(b[8:])), Modified: fromSeconds(le.Uint32(b[12:])),
		Withdrawn: b[27]&headWithdrawn != 0,
	}, nil
}

// Advisory returns all of an advisory, as it was added but for times, which
// are to the second. It decompresses a block of some 128 KiB unless one of the
// last calls did.
func (db *DB) Advisory(r advisory.Ref) (advisory.Advisory, error) {
	h, err := db.Head(r)
	if err != nil {
		return advisory.Advisory{}, err
	}
	a := advisory.Advisory{
		Source: h.Source, ID: h.ID, Release: h.Release, Kind: h.Kind,
		Published: h.Published, Modified: h.Modified,
	}
	b, err := db.head(r)
	if err != nil {
		return advisory.Advisory{}, err
	}
	record, err := db.z.record(binary.LittleEndian.Uint32(b[16:]))
	if err != nil {
		return advisory.Advisory{}, fmt.Errorf("reading advisory %s: %w", h.ID, err)
	}
	if err := readRecord(record, &a); err != nil {
		return advisory.Advisory{}, fmt.Errorf("reading advisory %s: %w", h.ID, err)
	}
	return a, nil
}

// Symbols returns the functions in which an advisory says that the flaw of a
// package is, as it writes them; none if it does not say so of all that it says
// of the package. It reads the details, as Advisory does.
func (db *DB) Symbols(r advisory.Ref, e advisory.Ecosystem, name string) ([]string, error) {
	a, err := db.Advisory(r)
	if err != nil {
		return nil, err
	}
	name = ecosystem.NormalName(e.Type, name)
	var out []string
	for i := range a.Affected {
		f := &a.Affected[i]
		if f.Ecosystem != e || ecosystem.NormalName(e.Type, f.Name) != name {
			continue
		}
		if len(f.Symbols) == 0 {
			return nil, nil
		}
		out = append(out, f.Symbols...)
	}
	return out, nil
}

// Named is a package name that a database knows.
type Named struct {
	advisory.Ecosystem
	Name string // in the ecosystem's normal spelling
}

// SearchName returns the ecosystems in which something is stated about name,
// spelled in the way of each.
func (db *DB) SearchName(name string) ([]Named, error) {
	var list []Named
	for _, e := range db.ecos {
		n := ecosystem.NormalName(e.Type, name)
		i, err := db.find(e.Ecosystem, n)
		if err != nil {
			return nil, err
		}
		if i >= 0 {
			list = append(list, Named{e.Ecosystem, n})
		}
	}
	return list, nil
}

// Names yields every name with statements, in an order that means nothing.
func (db *DB) Names() iter.Seq2[Named, error] {
	return func(yield func(Named, error) bool) {
		for i := range db.n {
			n, err := db.named(i)
			if !yield(n, err) || err != nil {
				return
			}
		}
	}
}

// named returns the name of a row.
func (db *DB) named(i int) (Named, error) {
	k := db.key(i)
	if int(k.row) >= len(db.ecos) {
		return Named{}, fmt.Errorf("%w: ecosystem %d", ErrFormat, k.row)
	}
	b, err := db.name(k.name)
	return Named{db.ecos[k.row].Ecosystem, string(b)}, err
}
