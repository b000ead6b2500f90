package vulndb

import (
	"cmp"
	"slices"

	"github.com/assay-project/assay/advisory"
)

// A grouping finds which ids name the same flaw. A flaw has one CVE at most.
//
// Only aliases join, as OSV means them: "the same vulnerability". Not joined
// by anything are what a notice repairs (it would glue all CVEs of one update
// together), related ids, and the aliases of a withdrawn advisory, whose
// publisher takes the statement back.
//
// Some publishers give one advisory the aliases of several CVEs: GO-2022-0536
// has CVE-2019-9512 and CVE-2019-9514. Were they joined, a package in which
// only the second is left would be reported as having the first. Such an
// advisory joins nothing and is about each of its CVEs, as a notice is.
// Source: OSV schema 1.7, sections "aliases", "related" and "upstream".
type grouping struct {
	parent []uint32
	cve    []uint32 // of a root: one more than the text that is its CVE; 0 for none
}

func newGrouping(texts []string) grouping {
	g := grouping{make([]uint32, len(texts)), make([]uint32, len(texts))}
	for i, s := range texts {
		g.parent[i] = uint32(i)
		if isCVE(s) {
			g.cve[i] = uint32(i) + 1
		}
	}
	return g
}

func (g grouping) find(x uint32) uint32 {
	for g.parent[x] != x {
		g.parent[x] = g.parent[g.parent[x]]
		x = g.parent[x]
	}
	return x
}

// join makes x and y names of one flaw, unless it would have two CVEs.
func (g grouping) join(x, y uint32) {
	x, y = g.find(x), g.find(y)
	if x == y || g.cve[x] != 0 && g.cve[y] != 0 {
		return
	}
	g.parent[x] = y
	g.cve[y] = max(g.cve[x], g.cve[y])
}

// join goes through the aliases of all advisories, in their order, so that
// what is joined does not depend on which was added first.
func (l *layout) join() grouping {
	b := l.b
	g := newGrouping(b.texts.list)
	// An id and its one CVE come first: no chain over other names may take the
	// place of a CVE that is stated.
	for _, direct := range []bool{true, false} {
		for _, n := range l.order {
			e := &b.advs[n]
			if e.withdrawn || e.repairs() || b.cves(e) > 1 {
				continue
			}
			for _, t := range b.span32(e.aliases) {
				if isCVE(b.texts.list[t]) == direct {
					g.join(e.id, t)
				}
			}
		}
	}
	return g
}

// repairs reports whether the advisory is a notice of what it repairs.
func (e *entry) repairs() bool {
	return kinds[e.kind] == advisory.Notice && e.upstream.n > 0
}

// carried returns all texts under which an advisory is found, in a new slice.
func (b *Builder) carried(e *entry) []uint32 {
	return slices.Concat([]uint32{e.id}, b.span32(e.aliases), b.span32(e.upstream))
}

// cves counts the CVEs among the names of an advisory.
func (b *Builder) cves(e *entry) int {
	var list []uint32
	for _, t := range append([]uint32{e.id}, b.span32(e.aliases)...) {
		if isCVE(b.texts.list[t]) && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return len(list)
}

// groups gives the ids of the advisories that are kept their numbers, in text
// order, and each its flaw. number maps the builder's texts to ids.
func (l *layout) groups() {
	b := l.b
	g := l.join()
	used := make([]bool, len(b.texts.list))
	for _, n := range l.order {
		for _, t := range b.carried(&b.advs[n]) {
			used[t] = true
		}
	}
	var texts []uint32
	for t, ok := range used {
		if ok {
			texts = append(texts, uint32(t))
		}
	}
	slices.SortFunc(texts, func(x, y uint32) int { return cmp.Compare(b.texts.list[x], b.texts.list[y]) })
	l.ids = make([]linked, len(texts))
	l.number = make([]uint32, len(used))
	primary := map[uint32]uint32{} // by root, the number of the name that stands for it
	for i, t := range texts {
		n := uint32(i)
		l.number[t] = n
		l.ids[i].id = b.texts.list[t]
		root := g.find(t)
		if p, ok := primary[root]; !ok || idRank(l.ids[n].id, l.ids[p].id) < 0 {
			primary[root] = n
		}
	}
	l.link(texts, func(t uint32) uint32 { return primary[g.find(t)] })
}

// link gives each id its flaw, and the other names and the advisories that
// belong to it. The lists are pieces of one: there are hundreds of thousands.
func (l *layout) link(texts []uint32, primary func(text uint32) uint32) {
	b := l.b
	others, refs := make([]uint32, len(texts)), make([]uint32, len(texts)) // how many each has
	total := 0
	for i, t := range texts {
		if p := primary(t); p != uint32(i) {
			others[p]++
		}
	}
	for _, n := range l.order {
		for _, id := range l.carriedIDs(&b.advs[n]) {
			refs[id]++
			total++
		}
	}
	all := make([]uint32, 0, total+len(texts))
	piece := func(n uint32) []uint32 {
		from := len(all)
		all = all[:from+int(n)]
		return all[from:from:len(all)]
	}
	for i := range l.ids {
		l.ids[i].others, l.ids[i].refs = piece(others[i]), piece(refs[i])
	}
	for i, t := range texts {
		n, p := uint32(i), primary(t)
		l.ids[n].primary = p
		if p != n {
			l.ids[p].others = append(l.ids[p].others, n)
		}
	}
	// Who carries an id: advisories in their final order, so the lists ascend.
	for ref, n := range l.order {
		for _, id := range l.carriedIDs(&b.advs[n]) {
			l.ids[id].refs = append(l.ids[id].refs, uint32(ref))
		}
	}
}

// carriedIDs returns the ids under which an advisory is found, ascending.
func (l *layout) carriedIDs(e *entry) []uint32 {
	ids := l.b.carried(e)
	for i, t := range ids {
		ids[i] = l.number[t]
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// flaws returns the groups that an advisory is about, ascending: what a notice
// repairs, or what the names of the advisory stand for. Names that stand for
// no CVE do not count beside those that do; where there are only such, the
// CVEs count that the advisory derives from.
func (l *layout) flaws(e *entry) []uint32 {
	upstream := l.b.span32(e.upstream)
	if e.repairs() {
		return l.primaries(upstream)
	}
	own := []uint32{e.id}
	if e.withdrawn {
		return l.primaries(own)
	}
	own = l.primaries(append(own, l.b.span32(e.aliases)...))
	for _, list := range [][]uint32{own, l.primaries(upstream)} {
		list = slices.DeleteFunc(slices.Clone(list), func(p uint32) bool { return !isCVE(l.ids[p].id) })
		if len(list) > 0 {
			return list
		}
	}
	return own
}

// primaries returns the groups of texts, ascending.
func (l *layout) primaries(texts []uint32) []uint32 {
	list := make([]uint32, 0, len(texts))
	for _, t := range texts {
		list = append(list, l.ids[l.number[t]].primary)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
