package vulndb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// Section L holds every id in text order: a table of offsets, one for each
// idBlock ids, then the ids. An id is written as how many bytes it shares with
// the one before, and the rest; its number is its place in the order. With it
// stands its flaw and the advisories that carry it.
//
// A flaw has the number of its first name, so that a group needs no table of
// its own.
const idBlock = 16

// linkAlias, in the low bit, tells that an id is another name of its flaw: the
// number of the name that stands for the flaw is above it. Without it, that is
// how many other names there are.
const linkAlias = 1

// idRank orders the names of a flaw: a CVE comes first, then a GHSA, then
// others. Between CVEs the year and number decide, so that CVE-2021-9999 comes
// before CVE-2021-10000, as it was given out.
func idRank(a, b string) int {
	class := func(id string) int {
		switch {
		case isCVE(id):
			return 0
		case strings.HasPrefix(id, "GHSA-"):
			return 1
		}
		return 2
	}
	ca, cb := class(a), class(b)
	if ca == 0 && cb == 0 {
		return cmp.Or(cmp.Compare(a[:9], b[:9]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	return cmp.Or(cmp.Compare(ca, cb), cmp.Compare(a, b))
}

// isCVE reports whether id has the form of a CVE.
// Source: CVE Record Format 5.1, cveId: ^CVE-[0-9]{4}-[0-9]{4,19}$.
func isCVE(id string) bool {
	if len(id) < len("CVE-2020-1234") || len(id) > len("CVE-2020-")+19 || !strings.HasPrefix(id, "CVE-") || id[8] != '-' {
		return false
	}
	for i := 4; i < len(id); i++ {
		if i != 8 && (id[i] < '0' || id[i] > '9') {
			return false
		}
	}
	return true
}

// A linked is an id on its way into section L.
type linked struct {
	id      string
	primary uint32   // number of the name of its flaw, perhaps its own
	others  []uint32 // of a primary: the other names, ascending
	refs    []uint32 // advisories, ascending
}

// appendIDs makes section L of ids in text order.
func appendIDs(ids []linked) ([]byte, error) {
	table := binary.LittleEndian.AppendUint32(nil, uint32(len(ids))) //nolint:gosec // limited while building
	var body, chunk []byte
	for i, l := range ids {
		shared := 0
		if i%idBlock == 0 {
			off, err := offset32(len(body))
			if err != nil {
				return nil, err
			}
			table = binary.LittleEndian.AppendUint32(table, off)
		} else {
			for prev := ids[i-1].id; shared < min(len(prev), len(l.id)) && prev[shared] == l.id[shared]; shared++ {
			}
		}
		body = binary.AppendUvarint(body, uint64(shared))
		body = appendText(body, l.id[shared:])
		chunk = chunk[:0]
		if int(l.primary) == i {
			chunk = binary.AppendUvarint(chunk, uint64(len(l.others))<<1)
			chunk = appendAscending(chunk, l.others)
		} else {
			chunk = binary.AppendUvarint(chunk, uint64(l.primary)<<1|linkAlias)
		}
		chunk = binary.AppendUvarint(chunk, uint64(len(l.refs)))
		chunk = appendAscending(chunk, l.refs)
		body = binary.AppendUvarint(body, uint64(len(chunk)))
		body = append(body, chunk...)
	}
	return append(table, body...), nil
}

// appendAscending writes numbers as the distances between them.
func appendAscending(dst []byte, list []uint32) []byte {
	last := uint32(0)
	for _, v := range list {
		dst = binary.AppendUvarint(dst, uint64(v-last))
		last = v
	}
	return dst
}

func (c *cursor) ascending(n int) []uint32 {
	if n < 0 || n > len(c.b) {
		c.fail()
		return nil
	}
	list := make([]uint32, 0, n)
	last := uint32(0)
	for range n {
		last += c.uint32()
		list = append(list, last)
	}
	return list
}

// idTable reads section L.
type idTable struct {
	n           int
	table, body []byte
}

func newIDTable(section []byte) (idTable, error) {
	if len(section) < 4 {
		return idTable{}, fmt.Errorf("%w: no ids", ErrFormat)
	}
	n := uint64(binary.LittleEndian.Uint32(section))
	size := (n + idBlock - 1) / idBlock * 4
	if size > uint64(len(section)-4) { //nolint:gosec // at least 4
		return idTable{}, fmt.Errorf("%w: the table of ids is cut short", ErrFormat)
	}
	return idTable{int(n), section[4 : 4+size], section[4+size:]}, nil //nolint:gosec // 32 bits
}

// A walk goes through the ids of one block.
type walk struct {
	cursor
	id    []byte // current id
	chunk []byte // and what belongs to it
}

func (t idTable) block(i int) walk {
	off := binary.LittleEndian.Uint32(t.table[i*4:])
	if uint64(off) > uint64(len(t.body)) {
		return walk{cursor: cursor{bad: true}}
	}
	return walk{cursor: cursor{b: t.body[off:]}, id: make([]byte, 0, 32)}
}

func (w *walk) next() bool {
	shared := w.uint()
	if shared > uint64(len(w.id)) {
		w.fail()
		return false
	}
	w.id = append(w.id[:shared], w.text()...)
	w.chunk = w.text()
	return !w.bad
}

// at returns the id with number i and what belongs to it.
func (t idTable) at(i uint32) (id, chunk []byte, ok bool) {
	if int64(i) >= int64(t.n) {
		return nil, nil, false
	}
	w := t.block(int(i / idBlock))
	for range i%idBlock + 1 {
		if !w.next() {
			return nil, nil, false
		}
	}
	return w.id, w.chunk, true
}

// find returns the number of id.
func (t idTable) find(id string) (uint32, bool) {
	key := []byte(id)
	last := sort.Search(len(t.table)/4, func(i int) bool {
		w := t.block(i)
		return !w.next() || bytes.Compare(w.id, key) > 0
	}) - 1
	if last < 0 {
		return 0, false
	}
	w := t.block(last)
	for i := last * idBlock; i < min(t.n, (last+1)*idBlock) && w.next(); i++ {
		if bytes.Equal(w.id, key) {
			return uint32(i), true //nolint:gosec // below t.n, which has 32 bits
		}
	}
	return 0, false
}

// A link is what section L says of an id.
type link struct {
	primary uint32
	others  []uint32 // only of a primary
	refs    []uint32
}

func readLink(number uint32, chunk []byte) (link, bool) {
	c := cursor{b: chunk}
	v := c.uint()
	l := link{primary: number}
	if v&1 == linkAlias {
		if v>>1 > 1<<32-1 {
			return link{}, false
		}
		l.primary = uint32(v >> 1)
	} else {
		if v>>1 > uint64(len(c.b)) {
			return link{}, false
		}
		l.others = c.ascending(int(v >> 1))
	}
	l.refs = c.ascending(c.count(1))
	return l, !c.bad && len(c.b) == 0
}

// Flaw returns the names of a flaw that a Statement of this database names. A
// group of another database gives the empty Flaw, or that of another one.
func (db *DB) Flaw(g advisory.Group) advisory.Flaw {
	id, chunk, ok := db.ids.at(uint32(g))
	if !ok {
		return advisory.Flaw{}
	}
	l, ok := readLink(uint32(g), chunk)
	if !ok {
		return advisory.Flaw{}
	}
	f := advisory.Flaw{ID: string(id)}
	for _, o := range l.others {
		if id, _, ok := db.ids.at(o); ok {
			f.Aliases = append(f.Aliases, string(id))
		}
	}
	return f
}

// Search returns the advisories about a flaw, by any of its names, and the
// advisory with an id; notices about it and withdrawn advisories too. They are
// in the order of source and id; there are none for an unknown id. Case is
// forgiven in the ids that have a fixed one.
func (db *DB) Search(id string) ([]advisory.Ref, error) {
	n, ok := db.ids.find(id)
	if !ok {
		// CVE ids are upper case; after its prefix a GHSA id is lower case.
		if u := strings.ToUpper(id); strings.HasPrefix(u, "GHSA-") {
			n, ok = db.ids.find(u[:5] + strings.ToLower(id[5:]))
		} else {
			n, ok = db.ids.find(u)
		}
	}
	if !ok {
		return nil, nil
	}
	members := []uint32{n}
	var refs []advisory.Ref
	for i := 0; i < len(members); i++ {
		_, chunk, ok := db.ids.at(members[i])
		var l link
		if ok {
			l, ok = readLink(members[i], chunk)
		}
		if !ok {
			return nil, fmt.Errorf("%w: entry of %s", ErrFormat, id)
		}
		for _, r := range l.refs {
			refs = append(refs, advisory.Ref(r))
		}
		switch {
		case i == 0 && l.primary != n:
			members = append(members, l.primary)
		case i <= 1:
			for _, o := range l.others {
				if o != n {
					members = append(members, o)
				}
			}
		}
	}
	slices.Sort(refs)
	return slices.Compact(refs), nil
}
