package vulndb

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// A draft is a statement as the builder keeps it in its arena: with numbers of
// the builder in place of texts.
type draft struct {
	kind, state      byte
	module, repo     uint32 // words
	skipped          int
	arches, versions []uint32 // words; texts
	platforms        []uint32 // words
	ranges           []byte   // the flags of each
	ends             []uint32 // as they come in the ranges
}

// state writes what f says into the arena.
func (b *Builder) state(adv uint32, f *advisory.Affected) {
	key := b.key(b.ecosystem(f.Ecosystem), b.text(ecosystem.NormalName(f.Type, f.Name)))
	b.stated = append(b.stated, stated{key, adv, len(b.arena)})
	dst := append(b.arena, byte(f.NameKind), byte(slices.Index(states, f.State))) //nolint:gosec // checked
	dst = binary.AppendUvarint(dst, uint64(b.word(f.Module)))
	dst = binary.AppendUvarint(dst, uint64(b.word(f.Repo)))
	dst = binary.AppendUvarint(dst, uint64(f.Skipped)) //nolint:gosec // checked
	for _, list := range [][]string{f.Arches, f.Platforms} {
		dst = binary.AppendUvarint(dst, uint64(len(list)))
		for _, s := range list {
			dst = binary.AppendUvarint(dst, uint64(b.word(s)))
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(f.Versions)))
	for _, s := range f.Versions {
		dst = binary.AppendUvarint(dst, uint64(b.text(s)))
	}
	dst = binary.AppendUvarint(dst, uint64(len(f.Ranges)))
	for _, r := range f.Ranges {
		dst = append(dst, rangeFlags(r))
		for _, v := range []string{r.Introduced, cmp.Or(r.Fixed, r.LastAffected)} {
			if v != "" {
				dst = binary.AppendUvarint(dst, uint64(b.end(f.Type, v)))
			}
		}
	}
	b.arena = dst
}

// draft reads what state wrote into d, whose slices are used again.
func (b *Builder) draft(s stated, d *draft) {
	c := cursor{b: b.arena[s.off:]}
	d.kind, d.state = c.byte(), c.byte()
	d.module, d.repo, d.skipped = c.uint32(), c.uint32(), int(c.uint32())
	for _, list := range []*[]uint32{&d.arches, &d.platforms, &d.versions} {
		*list = (*list)[:0]
		for range c.uint() {
			*list = append(*list, c.uint32())
		}
	}
	d.ranges, d.ends = d.ranges[:0], d.ends[:0]
	for range c.uint() {
		flags := c.byte()
		d.ranges = append(d.ranges, flags)
		for _, f := range []byte{hasIntroduced, hasFixed | hasLast} {
			if flags&f != 0 {
				d.ends = append(d.ends, c.uint32())
			}
		}
	}
}

// An end is one end of a range on its way into section S.
type end struct {
	version string
	key     []byte // nil if the type has no keys or the version no place in the order
	off     uint32
	bad     bool // no place in the order
}

func newEnd(k versionKey) end {
	e := end{version: k.version}
	var err error
	if ecosystem.HasKey(k.typ) {
		e.key, err = ecosystem.AppendKey(nil, k.typ, k.version)
	} else {
		_, err = ecosystem.Compare(k.typ, k.version, k.version)
	}
	if e.bad = err != nil; e.bad {
		e.key = nil
	}
	return e
}

// isBackwards reports whether a range begins at from, after it has ended at
// to. It holds no version, which nobody can have meant.
func isBackwards(typ string, from, to *end) bool {
	switch {
	case from.bad || to.bad:
		return false
	case from.key != nil && to.key != nil:
		return ecosystem.CompareEnd(typ, from.key, to.key) > 0
	}
	c, err := ecosystem.Compare(typ, from.version, to.version)
	return err == nil && c > 0
}

// A finished statement is one on its way into section R.
type finished struct {
	advisory.Statement
	ends    []uint32 // places in S, as they come in the ranges
	content []byte
}

// finish gives a draft its texts.
func (l *layout) finish(s stated) finished {
	b, d := l.b, &l.draft
	b.draft(s, d)
	typ := b.ecos.list[b.keys.list[s.key].eco].Type
	var f finished
	f.Ref = advisory.Ref(l.refs[s.adv]) //nolint:gosec // limited by maxCount
	f.NameKind, f.State = advisory.NameKind(d.kind), states[d.state]
	f.Module, f.Repo, f.Skipped = b.words.list[d.module], b.words.list[d.repo], d.skipped
	for _, n := range d.arches {
		f.Arches = append(f.Arches, b.words.list[n])
	}
	for _, n := range d.platforms {
		f.Platforms = append(f.Platforms, b.words.list[n])
	}
	for _, n := range d.versions {
		f.Versions = append(f.Versions, b.texts.list[n])
	}
	for _, list := range []*[]string{&f.Arches, &f.Platforms, &f.Versions} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	ends := d.ends
	next := func() *end {
		e := &l.ends[ends[0]]
		ends = ends[1:]
		f.ends = append(f.ends, e.off)
		return e
	}
	for _, flags := range d.ranges {
		r := advisory.KeyRange{Range: advisory.Range{After: flags&isAfter != 0}}
		var from, to *end
		if flags&hasIntroduced != 0 {
			from = next()
			r.Introduced, r.Bad = from.version, from.bad
		}
		if flags&(hasFixed|hasLast) != 0 {
			to = next()
			r.Bad = r.Bad || to.bad
			if flags&hasFixed != 0 {
				r.Fixed = to.version
			} else {
				r.LastAffected = to.version
			}
		}
		if from != nil && to != nil {
			r.Bad = r.Bad || isBackwards(typ, from, to)
		}
		f.Ranges = append(f.Ranges, r)
	}
	f.content = appendContent(nil, l.sigs[f.Ref], &f.Statement)
	return f
}
