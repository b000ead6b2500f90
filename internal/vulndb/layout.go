package vulndb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/assay-project/assay/advisory"
)

const (
	keyRow  = 26 // in section K: hash 8 in the first column; then content 8, name 4, place in R 4, ecosystem 2
	headRow = 28 // see appendHead

	databaseTags = "TKRSALDZ"
)

// The last byte of a head.
const (
	kindMask      = 7
	headWithdrawn = 8
	headMany      = 16 // several flaws: the group is a place in S
)

// A layout is a database on its way from the builder to the file.
type layout struct {
	b      *Builder
	order  []uint32 // advisories of the builder by Ref
	refs   []int64  // and back; -1 for those not written
	dups   int      // how many those are, but for those of later
	later  int      // ends of support that have not come yet
	ids    []linked // in text order
	number []uint32 // text of the builder to id
	words  []uint32 // word of the builder to word
	table  []string // words in text order
	ecos   []ecoCount
	ecoRow []uint16 // ecosystem of the builder to row of ecos
	uses   uses
	ends   []end // as the builder numbers them
	draft  draft // used again and again
	sigs   [][16]byte
	flawOf [][]uint32 // groups by Ref
	ranges int

	k, r, s, a []byte // sections
}

// An ecoCount is a row of the table of ecosystems.
type ecoCount struct {
	advisory.Ecosystem
	names, statements int
}

func (b *Builder) writeDatabase(w io.Writer, stats *Stats) error {
	l := &layout{b: b}
	b.spool.seal()
	// Nothing is added any more. What is done with is let go at once here and
	// below: the file grows meanwhile.
	b.texts.freeze()
	b.keys.freeze()
	b.ends.freeze()
	if err := l.sort(); err != nil {
		return err
	}
	l.groups()
	l.count()
	if err := l.tables(); err != nil {
		return err
	}
	if err := l.placeEnds(); err != nil {
		return err
	}
	l.sign()
	b.lists, l.uses = nil, uses{}
	if err := l.placeNames(); err != nil {
		return err
	}
	b.arena, b.stated, b.keys.list, b.ends.list, b.texts.list, l.ends, l.sigs, b.kept = nil, nil, nil, nil, nil, nil, nil, keeper{}
	dict, details, err := l.details()
	if err != nil {
		return err
	}
	ids, err := appendIDs(l.ids)
	if err != nil {
		return err
	}
	h := b.header()
	h.Advisories = len(l.order)
	for _, n := range l.order {
		if b.advs[n].withdrawn {
			h.Withdrawn++
		}
	}
	for _, e := range l.ecos {
		h.Names += e.names
		h.Statements += e.statements
	}
	for i := range l.ids {
		if int(l.ids[i].primary) == i {
			h.Flaws++
		}
	}
	err = writeFile(w, databaseMagic, &h, []part{
		{'T', [][]byte{l.appendTables()}},
		{'K', [][]byte{l.k}},
		{'R', [][]byte{l.r}},
		{'S', [][]byte{l.s}},
		{'A', [][]byte{l.a}},
		{'L', [][]byte{ids}},
		{'D', [][]byte{dict}},
		{'Z', details},
	})
	stats.Advisories, stats.Withdrawn, stats.Duplicates, stats.Later = h.Advisories, h.Withdrawn, l.dups, l.later
	stats.Names, stats.Statements, stats.Ranges, stats.Flaws = h.Names, h.Statements, l.ranges, h.Flaws
	stats.Bytes, stats.Sections = h.Bytes, h.Sections
	return err
}

// sort puts the advisories in the order of their keys and chooses among those
// with the same key.
func (l *layout) sort() error {
	b := l.b
	var failed error
	// The record itself is the last word, so that the choice does not depend on
	// which came first.
	record := func(e *entry) []byte {
		r, err := b.spool.read(e.place)
		if err != nil {
			failed = err
		}
		return bytes.Clone(r)
	}
	l.order = make([]uint32, len(b.advs))
	for i := range l.order {
		l.order[i] = uint32(i)
	}
	key := func(x, y *entry) int {
		return cmp.Or(cmp.Compare(b.words.list[x.source], b.words.list[y.source]),
			cmp.Compare(b.texts.list[x.id], b.texts.list[y.id]), cmp.Compare(b.words.list[x.release], b.words.list[y.release]))
	}
	slices.SortFunc(l.order, func(i, j uint32) int {
		x, y := &b.advs[i], &b.advs[j]
		if c := cmp.Or(key(x, y), cmp.Compare(y.modified, x.modified), cmp.Compare(y.published, x.published), cmp.Compare(x.kind, y.kind)); c != 0 || i == j {
			return c
		}
		return bytes.Compare(record(x), record(y))
	})
	kept := l.order[:0]
	var last *entry
	for _, n := range l.order {
		e := &b.advs[n]
		same := last != nil && key(last, e) == 0
		last = e
		switch {
		case same:
			l.dups++
		case kinds[e.kind] == advisory.Unsupported && at(e.published).After(b.opt.Built):
			l.later++
		default:
			kept = append(kept, n)
		}
	}
	l.order = kept
	l.refs = slices.Repeat([]int64{-1}, len(b.advs))
	for ref, n := range l.order {
		l.refs[n] = int64(ref)
	}
	return failed
}

// uses counts what the advisories that are written refer to, by the builder's
// numbers. Of a duplicate that is not written nothing may show.
type uses struct{ words, ecos, ends []uint32 }

func (l *layout) count() {
	b := l.b
	u := uses{make([]uint32, len(b.words.list)), make([]uint32, len(b.ecos.list)), make([]uint32, len(b.ends.list))}
	u.words[0]++ // the empty word
	for _, n := range l.order {
		e := &b.advs[n]
		for _, w := range []uint32{e.source, e.release, e.label} {
			u.words[w]++
		}
	}
	var d draft
	for _, s := range b.stated {
		if l.refs[s.adv] < 0 {
			continue
		}
		u.ecos[b.keys.list[s.key].eco]++
		b.draft(s, &d)
		u.words[d.module]++
		u.words[d.repo]++
		for _, w := range d.arches {
			u.words[w]++
		}
		for _, w := range d.platforms {
			u.words[w]++
		}
		for _, n := range d.ends {
			u.ends[n]++
		}
	}
	l.uses = u
}

// tables numbers words and ecosystems in text order.
func (l *layout) tables() error {
	b := l.b
	for n, w := range b.words.list {
		if l.uses.words[n] > 0 {
			l.table = append(l.table, w)
		}
	}
	slices.Sort(l.table)
	l.words = make([]uint32, len(b.words.list))
	for i, w := range l.table {
		l.words[b.words.number(w)] = uint32(i)
	}
	for n, e := range b.ecos.list {
		if l.uses.ecos[n] > 0 {
			l.ecos = append(l.ecos, ecoCount{Ecosystem: e})
		}
	}
	slices.SortFunc(l.ecos, func(x, y ecoCount) int { return x.Compare(y.Ecosystem) })
	if len(l.ecos) > maxWords {
		return fmt.Errorf("%d ecosystems are too many", len(l.ecos))
	}
	l.ecoRow = make([]uint16, len(b.ecos.list))
	for i, e := range l.ecos {
		l.ecoRow[b.ecos.number(e.Ecosystem)] = uint16(i)
	}
	return nil
}

func (l *layout) appendTables() []byte {
	dst := appendTexts(nil, l.table)
	dst = binary.AppendUvarint(dst, uint64(len(l.ecos)))
	for _, e := range l.ecos {
		dst = appendTexts(dst, []string{e.Type, e.Distro, e.Release})
		dst = binary.AppendUvarint(dst, uint64(e.names))      //nolint:gosec // not negative
		dst = binary.AppendUvarint(dst, uint64(e.statements)) //nolint:gosec // not negative
	}
	return dst
}

// placeEnds begins section S with the ends of ranges and their keys. Those
// most used come first, where offsets are short. Ends of several types that
// have the same text and key are one.
func (l *layout) placeEnds() error {
	l.ends = make([]end, len(l.b.ends.list))
	type placed struct {
		bytes string
		uses  uint32
		ends  []uint32
	}
	unique := map[string]*placed{}
	var list []*placed
	for i, k := range l.b.ends.list {
		n := uint32(i)
		if l.uses.ends[n] == 0 {
			continue
		}
		l.ends[n] = newEnd(k)
		e := appendText(appendText(nil, k.version), string(l.ends[n].key))
		p, ok := unique[string(e)]
		if !ok {
			p = &placed{bytes: string(e)}
			unique[p.bytes] = p
			list = append(list, p)
		}
		p.uses += l.uses.ends[n]
		p.ends = append(p.ends, n)
	}
	slices.SortFunc(list, func(x, y *placed) int {
		return cmp.Or(cmp.Compare(y.uses, x.uses), cmp.Compare(x.bytes, y.bytes))
	})
	for _, p := range list {
		off, err := offset32(len(l.s))
		if err != nil {
			return err
		}
		for _, n := range p.ends {
			l.ends[n].off = off
		}
		l.s = append(l.s, p.bytes...)
	}
	return nil
}

// sign computes what each advisory adds to the content of the names that it
// is about.
func (l *layout) sign() {
	b := l.b
	l.sigs = make([][16]byte, len(l.order))
	l.flawOf = make([][]uint32, len(l.order))
	for ref, n := range l.order {
		e := &b.advs[n]
		l.flawOf[ref] = l.flaws(e)
		var flaws []advisory.Flaw
		for _, g := range l.flawOf[ref] {
			f := advisory.Flaw{ID: l.ids[g].id}
			for _, o := range l.ids[g].others {
				f.Aliases = append(f.Aliases, l.ids[o].id)
			}
			flaws = append(flaws, f)
		}
		h := advisory.Head{Source: b.words.list[e.source], ID: b.texts.list[e.id], Release: b.words.list[e.release], Kind: kinds[e.kind]}
		l.sigs[ref] = signature(&h, flaws, b.functions[n])
	}
}

// A hashed is a package name on its way into section K.
type hashed struct {
	hash uint64
	name string
	text uint32 // of the builder
	row  uint16
	of   []stated
}

// hashedNames returns the names in the order of section K.
func (l *layout) hashedNames() []hashed {
	b := l.b
	var list []hashed
	at := slices.Repeat([]int{-1}, len(b.keys.list))
	slices.SortFunc(b.stated, func(x, y stated) int {
		return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.off, y.off))
	})
	for i, s := range b.stated {
		if l.refs[s.adv] < 0 {
			continue
		}
		if at[s.key] < 0 {
			at[s.key] = len(list)
			k := b.keys.list[s.key]
			row := l.ecoRow[k.eco]
			name := b.texts.list[k.name]
			h := mix(hashText(ecosystemHash(l.ecos[row].Ecosystem), name))
			list = append(list, hashed{hash: h, name: name, text: k.name, row: row, of: b.stated[i:i]})
		}
		p := &list[at[s.key]]
		// The statements of a key lie together in b.stated, so that this moves
		// them over the dropped ones in place.
		p.of = append(p.of, s)
	}
	slices.SortFunc(list, func(x, y hashed) int {
		return cmp.Or(cmp.Compare(x.hash, y.hash), cmp.Compare(x.row, y.row), cmp.Compare(x.name, y.name))
	})
	return list
}

// placeNames makes sections K and R, and adds the names to S.
func (l *layout) placeNames() error {
	list := l.hashedNames()
	byText := map[uint32]uint32{}
	for _, h := range list {
		byText[h.text] = 0
	}
	texts := make([]uint32, 0, len(byText))
	for t := range byText {
		texts = append(texts, t)
	}
	slices.SortFunc(texts, func(x, y uint32) int { return cmp.Compare(l.b.texts.list[x], l.b.texts.list[y]) })
	for _, t := range texts {
		off, err := offset32(len(l.s))
		if err != nil {
			return err
		}
		byText[t] = off
		l.s = appendText(l.s, l.b.texts.list[t])
	}
	le := binary.LittleEndian
	for _, h := range list {
		l.k = le.AppendUint64(l.k, h.hash)
	}
	for _, h := range list {
		off, err := offset32(len(l.r))
		if err != nil {
			return err
		}
		content, n := l.placeStatements(h.of)
		l.ecos[h.row].names++
		l.ecos[h.row].statements += n
		l.k = le.AppendUint64(l.k, content)
		l.k = le.AppendUint32(l.k, byText[h.text])
		l.k = le.AppendUint32(l.k, off)
		l.k = le.AppendUint16(l.k, h.row)
	}
	return nil
}

// size returns the bytes of all records that are written.
func (l *layout) size() int {
	total := 0
	for _, n := range l.order {
		total += int(l.b.advs[n].place.size)
	}
	return total
}

// details makes sections D, Z and A, and adds lists of flaws to S.
func (l *layout) details() (dict []byte, details [][]byte, err error) {
	b := l.b
	dict, err = dictionary(len(l.order), l.size(), func(i int) ([]byte, error) {
		return b.spool.read(b.advs[l.order[i]].place)
	})
	if err != nil {
		return nil, nil, err
	}
	w, err := newBlockWriter(dict)
	if err != nil {
		return nil, nil, err
	}
	lists := map[string]uint32{}
	for ref, n := range l.order {
		e := &b.advs[n]
		record, err := b.spool.take(e.place)
		if err != nil {
			return nil, nil, err
		}
		pos, err := w.add(record)
		if err != nil {
			return nil, nil, err
		}
		group, many := l.flawOf[ref][0], len(l.flawOf[ref]) > 1
		if many {
			list := binary.AppendUvarint(nil, uint64(len(l.flawOf[ref])))
			list = appendAscending(list, l.flawOf[ref])
			off, ok := lists[string(list)]
			if !ok {
				if off, err = offset32(len(l.s)); err != nil {
					return nil, nil, err
				}
				lists[string(list)] = off
				l.s = append(l.s, list...)
			}
			group = off
		}
		l.appendHead(e, group, many, pos)
	}
	details, err = w.finish()
	return dict, details, err
}

// appendHead writes a row of section A.
func (l *layout) appendHead(e *entry, group uint32, many bool, pos uint32) {
	le := binary.LittleEndian
	l.a = le.AppendUint32(l.a, l.number[e.id])
	l.a = le.AppendUint32(l.a, group)
	l.a = le.AppendUint32(l.a, seconds(at(e.published)))
	l.a = le.AppendUint32(l.a, seconds(at(e.modified)))
	l.a = le.AppendUint32(l.a, pos)
	for _, w := range []uint32{e.source, e.release, e.label} {
		l.a = le.AppendUint16(l.a, uint16(l.words[w])) //nolint:gosec // limited by maxWords
	}
	last := e.kind
	if e.withdrawn {
		last |= headWithdrawn
	}
	if many {
		last |= headMany
	}
	l.a = append(l.a, e.score, last)
}
