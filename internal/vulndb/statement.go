package vulndb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/assay-project/assay/advisory"
)

// What a statement says besides the advisory and ranges, in the low bits of
// its first number; above them is the number of ranges.
const (
	statedSource = 1 << iota
	statedMore
	statedVersions
	statedBits = 3
)

// What few statements have: the state in the low bits, and which of the others
// follow, in this order.
const (
	moreStateMask = 0x0f
	moreModule    = 0x10
	moreSkipped   = 0x20
	moreArches    = 0x40
	moreWhere     = 0x80 // a repository and platforms
)

// placeStatements appends the statements of one name to section R: how many,
// the versions that they list, and each in the order of advisories.
func (l *layout) placeStatements(of []stated) (content uint64, n int) {
	list := make([]finished, 0, len(of))
	var versions []string
	for _, s := range of {
		f := l.finish(s)
		list = append(list, f)
		versions = append(versions, f.Versions...)
	}
	slices.SortFunc(list, func(x, y finished) int {
		return cmp.Or(cmp.Compare(x.Ref, y.Ref), bytes.Compare(x.content, y.content))
	})
	list = slices.CompactFunc(list, func(x, y finished) bool { return bytes.Equal(x.content, y.content) })
	slices.Sort(versions)
	versions = slices.Compact(versions)

	l.r = binary.AppendUvarint(l.r, uint64(len(list)))
	l.r = binary.AppendUvarint(l.r, uint64(len(versions)))
	if len(versions) > 0 {
		size := 0
		for _, v := range versions {
			size += len(v)
		}
		l.r = binary.AppendUvarint(l.r, uint64(size))
		for _, v := range versions {
			l.r = binary.AppendUvarint(l.r, uint64(len(v)))
		}
		for _, v := range versions {
			l.r = append(l.r, v...)
		}
	}
	last := advisory.Ref(0)
	contents := make([][]byte, 0, len(list))
	for i := range list {
		f := &list[i]
		l.r = binary.AppendUvarint(l.r, uint64(f.Ref-last))
		last = f.Ref
		l.appendStatement(f, versions)
		l.ranges += len(f.Ranges)
		contents = append(contents, f.content)
	}
	slices.SortFunc(contents, bytes.Compare)
	return contentHash(contents), len(list)
}

func (l *layout) appendStatement(f *finished, versions []string) {
	head := uint64(len(f.Ranges)) << statedBits
	more := f.State != advisory.Stated || f.Module != "" || f.Repo != "" || len(f.Arches)+len(f.Platforms) > 0 || f.Skipped > 0
	for i, has := range []bool{f.NameKind == advisory.SourceName, more, len(f.Versions) > 0} {
		if has {
			head |= 1 << i
		}
	}
	l.r = binary.AppendUvarint(l.r, head)
	if more {
		l.appendMore(f)
	}
	if len(f.Versions) > 0 {
		l.appendRuns(f.Versions, versions)
	}
	ends := f.ends
	for i := range f.Ranges {
		flags := keyRangeFlags(&f.Ranges[i])
		l.r = append(l.r, flags)
		for _, has := range []byte{hasIntroduced, hasFixed | hasLast} {
			if flags&has != 0 {
				l.r = binary.AppendUvarint(l.r, uint64(ends[0]))
				ends = ends[1:]
			}
		}
	}
}

// appendMore writes what few statements have.
func (l *layout) appendMore(f *finished) {
	flags := byte(slices.Index(states, f.State)) //nolint:gosec // below moreStateMask
	where := f.Repo != "" || len(f.Platforms) > 0
	for i, has := range []bool{f.Module != "", f.Skipped > 0, len(f.Arches) > 0, where} {
		if has {
			flags |= moreModule << i
		}
	}
	word := func(s string) { l.r = binary.AppendUvarint(l.r, uint64(l.words[l.b.words.number(s)])) }
	words := func(list []string) {
		l.r = binary.AppendUvarint(l.r, uint64(len(list)))
		for _, s := range list {
			word(s)
		}
	}
	l.r = append(l.r, flags)
	if f.Module != "" {
		word(f.Module)
	}
	if f.Skipped > 0 {
		l.r = binary.AppendUvarint(l.r, uint64(f.Skipped))
	}
	if len(f.Arches) > 0 {
		words(f.Arches)
	}
	if where {
		word(f.Repo)
		words(f.Platforms)
	}
}

// keyRangeFlags is rangeFlags and whether the range is bad.
func keyRangeFlags(r *advisory.KeyRange) byte {
	flags := rangeFlags(r.Range)
	if r.Bad {
		flags |= isBad
	}
	return flags
}

// appendRuns writes which of all versions a list has: their number, then runs
// of neighbours, each as the distance from the one before and its length.
// Publishers mostly list everything below a version, which in text order is a
// few runs.
func (l *layout) appendRuns(list, all []string) {
	var runs []byte
	n, next := 0, 0
	for i := 0; i < len(list); {
		from, _ := slices.BinarySearch(all, list[i])
		to := from
		for i < len(list) && to < len(all) && all[to] == list[i] {
			i++
			to++
		}
		runs = binary.AppendUvarint(runs, uint64(from-next)) //nolint:gosec // ascending
		runs = binary.AppendUvarint(runs, uint64(to-from-1)) //nolint:gosec // a run is not empty
		next = to
		n++
	}
	l.r = binary.AppendUvarint(l.r, uint64(n))
	l.r = append(l.r, runs...)
}

// A reader holds what one iteration over statements uses again and again.
type reader struct {
	advisory.Statement
	table    []string // versions that the statements of this name list
	versions []string
	arches   []string // and platforms
	ranges   []advisory.KeyRange
	groups   []advisory.Group
	ends     [256]knownEnd
}

// A knownEnd is an end of a range that was read before. Many statements share
// the same, and its text must be copied out of the file once.
type knownEnd struct {
	at      uint32
	version string // empty if the slot is
	key     []byte
}

// statements yields the statements of name i.
func (db *DB) statements(i int, yield func(*advisory.Statement, error) bool) {
	rd, _ := db.pool.Get().(*reader)
	if rd == nil {
		rd = &reader{}
	}
	defer db.pool.Put(rd)
	at := db.key(i).at
	if uint64(at) > uint64(len(db.r)) {
		yield(nil, fmt.Errorf("%w: statements at %d", ErrFormat, at))
		return
	}
	c := cursor{b: db.r[at:]}
	n := c.count(1)
	rd.readTable(&c)
	ref := uint64(0)
	for range n {
		ref += c.uint()
		if !db.readStatement(&c, rd, ref) {
			yield(nil, fmt.Errorf("%w: statements at %d", ErrFormat, at))
			return
		}
		if !yield(&rd.Statement, nil) {
			return
		}
	}
	if c.bad {
		yield(nil, fmt.Errorf("%w: statements at %d", ErrFormat, at))
	}
}

// readTable reads the versions that the statements of a name list. They are
// pieces of one string.
func (rd *reader) readTable(c *cursor) {
	rd.table = rd.table[:0]
	n := c.count(1)
	if n == 0 {
		return
	}
	size := c.count(1)
	lens := cursor{b: c.b}
	for range n {
		c.uint()
	}
	text := string(c.next(size))
	for range n {
		l := lens.uint()
		if c.bad || l > uint64(len(text)) {
			c.fail()
			return
		}
		rd.table = append(rd.table, text[:l])
		text = text[l:]
	}
}

// readStatement reads one statement into rd and reports whether it could.
func (db *DB) readStatement(c *cursor, rd *reader, ref uint64) bool {
	if ref*headRow >= uint64(len(db.a)) {
		return false
	}
	st := &rd.Statement
	*st = advisory.Statement{Ref: advisory.Ref(ref)} //nolint:gosec // an index of A
	if !db.readGroups(rd) {
		return false
	}
	head := c.uint()
	if head&statedSource != 0 {
		st.NameKind = advisory.SourceName
	}
	if head&statedMore != 0 && !db.readMore(c, rd) {
		return false
	}
	if head&statedVersions != 0 {
		rd.readRuns(c)
	}
	n := head >> statedBits
	if c.bad || n > uint64(len(c.b)) {
		return false
	}
	rd.ranges = rd.ranges[:0]
	for range n {
		var r advisory.KeyRange
		flags := c.byte()
		r.After, r.Bad = flags&isAfter != 0, flags&isBad != 0
		ok := true
		if flags&hasIntroduced != 0 {
			r.Introduced, r.IntroducedKey, ok = db.readEnd(c, rd)
		}
		if ok && flags&hasFixed != 0 {
			r.Fixed, r.EndKey, ok = db.readEnd(c, rd)
		} else if ok && flags&hasLast != 0 {
			r.LastAffected, r.EndKey, ok = db.readEnd(c, rd)
		}
		if !ok {
			return false
		}
		rd.ranges = append(rd.ranges, r)
	}
	if n > 0 {
		st.Ranges = rd.ranges
	}
	return !c.bad
}

// readGroups reads the kind and the flaws of the advisory from its head.
func (db *DB) readGroups(rd *reader) bool {
	b := db.a[int(rd.Ref)*headRow:]
	kind := int(b[27] & kindMask)
	if kind >= len(kinds) {
		return false
	}
	rd.Kind = kinds[kind]
	group := binary.LittleEndian.Uint32(b[4:])
	rd.groups = rd.groups[:0]
	if b[27]&headMany == 0 {
		rd.groups = append(rd.groups, advisory.Group(group))
		rd.Groups = rd.groups
		return true
	}
	if uint64(group) > uint64(len(db.s)) {
		return false
	}
	c := cursor{b: db.s[group:]}
	last := uint32(0)
	for range c.count(1) {
		last += c.uint32()
		rd.groups = append(rd.groups, advisory.Group(last))
	}
	rd.Groups = rd.groups
	return !c.bad
}

// readMore reads what few statements have.
func (db *DB) readMore(c *cursor, rd *reader) bool {
	flags := c.byte()
	state := int(flags & moreStateMask)
	if state >= len(states) {
		return false
	}
	rd.State = states[state]
	rd.arches = rd.arches[:0]
	if flags&moreModule != 0 {
		rd.Module = db.nextWord(c)
	}
	if flags&moreSkipped != 0 {
		rd.Skipped = int(c.uint32())
	}
	if flags&moreArches != 0 {
		rd.Arches = db.nextWords(c, rd)
	}
	if flags&moreWhere != 0 {
		rd.Repo = db.nextWord(c)
		rd.Platforms = db.nextWords(c, rd)
	}
	return !c.bad
}

// nextWord reads the number of a word.
func (db *DB) nextWord(c *cursor) string {
	w := c.uint()
	if w >= uint64(len(db.words)) {
		c.fail()
		return ""
	}
	return db.words[w]
}

// nextWords reads a list of words into the memory of rd; nil if it is empty.
func (db *DB) nextWords(c *cursor, rd *reader) []string {
	from := len(rd.arches)
	for range c.count(1) {
		rd.arches = append(rd.arches, db.nextWord(c))
	}
	if from == len(rd.arches) {
		return nil
	}
	return rd.arches[from:len(rd.arches):len(rd.arches)]
}

// readRuns reads the versions of a statement, see appendRuns.
func (rd *reader) readRuns(c *cursor) {
	rd.versions = rd.versions[:0]
	next, all := uint64(0), uint64(len(rd.table))
	for range c.count(1) {
		from := next + c.uint()
		n := c.uint()
		if from >= all || n >= all-from {
			c.fail()
			return
		}
		next = from + n + 1
		rd.versions = append(rd.versions, rd.table[from:next]...)
	}
	rd.Versions = rd.versions
}

// readEnd reads one end of a range.
func (db *DB) readEnd(c *cursor, rd *reader) (version string, key []byte, ok bool) {
	at := c.uint32()
	slot := &rd.ends[(at*2654435761)>>24]
	if slot.version != "" && slot.at == at {
		return slot.version, slot.key, true
	}
	if uint64(at) >= uint64(len(db.s)) {
		return "", nil, false
	}
	e := cursor{b: db.s[at:]}
	version = e.string()
	if key = e.text(); len(key) == 0 {
		key = nil
	}
	*slot = knownEnd{at, version, key}
	return version, key, !e.bad && version != ""
}
