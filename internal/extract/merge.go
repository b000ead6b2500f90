package extract

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// merger lays layers over each other.
//
// Source of the rules for what a layer hides: OCI Image Layer Filesystem
// Changeset, sections "Applying Changesets" and "Whiteouts".
type merger struct {
	layers  []*Layer
	visible []visible
	owned   map[uint64][]int // packages of inv by the hash of the path that may be owned
	inv     inventory.Inventory
}

// visible is a file that no higher layer hides.
type visible struct {
	*File
	layer int
	path  string // Path, or the first link that is not hidden
}

// covered tells which paths a set of layers hides from those below.
type covered struct {
	layers []*Layer
	// bits has a bit for the hash of each path in layers: most paths of most
	// layers are in no other, and one look says so.
	bits []uint64
	mask uint64 // one less than the length of bits, which is a power of two
	all  bool   // the root itself is opaque
}

func newCovered(capacity int) *covered {
	n := 1
	for n*8 < capacity { // 8 bits for each path
		n *= 2
	}
	return &covered{bits: make([]uint64, n), mask: uint64(n - 1)} //nolint:gosec // n is at least 1
}

func (c *covered) add(l *Layer) {
	c.layers = append(c.layers, l)
	for _, hashes := range [][]uint64{l.Covers, l.Dirs, l.Opaque} {
		for _, h := range hashes {
			c.bits[h>>6&c.mask] |= 1 << (h & 63)
		}
	}
	c.all = c.all || contains(l.Opaque, fnvBasis)
}

func contains(sorted []uint64, h uint64) bool {
	_, ok := slices.BinarySearch(sorted, h)
	return ok
}

func (c *covered) maybe(h uint64) bool {
	return c.bits[h>>6&c.mask]>>(h&63)&1 == 1
}

// hides tells whether a file of a lower layer with this path is hidden.
func (c *covered) hides(path string) bool {
	if c.all {
		return true
	}
	h := uint64(fnvBasis)
	for i := range len(path) {
		if path[i] == '/' && c.maybe(h) {
			for _, l := range c.layers {
				if contains(l.Covers, h) || contains(l.Opaque, h) {
					return true
				}
			}
		}
		h = (h ^ uint64(path[i])) * fnvPrime
	}
	if c.maybe(h) {
		for _, l := range c.layers {
			if contains(l.Covers, h) || contains(l.Dirs, h) {
				return true
			}
		}
	}
	return false
}

// findVisible goes from the highest layer down.
func (m *merger) findVisible() {
	total := 0
	for _, l := range m.layers {
		total += len(l.Covers) + len(l.Dirs) + len(l.Opaque)
	}
	above := newCovered(total)
	for i, l := range slices.Backward(m.layers) {
		for j := range l.Files {
			f := &l.Files[j]
			if !above.hides(f.Path) {
				m.visible = append(m.visible, visible{f, i, f.Path})
				continue
			}
			for _, p := range f.Links {
				if !above.hides(p) {
					m.visible = append(m.visible, visible{f, i, p})
					break
				}
			}
		}
		above.add(l)
	}
	slices.SortFunc(m.visible, func(a, b visible) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.layer, b.layer))
	})
}

// joins is the table of what reads several files together. A join gets the
// visible files, sorted by path, and returns them with other packages and
// problems. Files belong to layers, which may be those of a cache: one that
// changes is replaced by a copy.
func joins() []func([]visible) []visible {
	return []func([]visible) []visible{joinGoSums, joinMaven, joinNuGet}
}

// installation is what a package is in a database's state.
type installation struct{ typ, name, version, arch string }

// addDatabases adds the packages of package managers. A database is a state of
// the whole system, written again by each layer that installs anything: each
// package belongs to the first layer since when it has always been there. The
// state is that of all databases of a layer's view together, so that nothing
// changes when one is converted or moved.
func (m *merger) addDatabases() {
	state := map[string]*File{} // by path, as seen at the current layer
	since := map[installation]int{}
	for i, l := range m.layers {
		changed := false
		if len(state) > 0 {
			own := newCovered(len(l.Covers) + len(l.Dirs) + len(l.Opaque))
			own.add(l)
			n := len(state)
			maps.DeleteFunc(state, func(path string, _ *File) bool { return own.hides(path) })
			changed = len(state) != n
		}
		for j := range l.Files {
			if f := &l.Files[j]; f.Database {
				state[f.Path], changed = f, true
			}
		}
		if !changed {
			continue
		}
		next := make(map[installation]int, len(since))
		for _, f := range state {
			for k := range f.Packages {
				p := &f.Packages[k]
				in := installation{p.Type, p.Name, p.Version, p.Arch}
				if first, ok := since[in]; ok {
					next[in] = first
				} else {
					next[in] = i
				}
			}
		}
		since = next
	}
	for _, v := range m.visible {
		if !v.Database {
			continue
		}
		for _, p := range v.Packages {
			in := installation{p.Type, p.Name, p.Version, p.Arch}
			first, ok := since[in]
			if !ok {
				continue // another database has it too
			}
			delete(since, in)
			p.Layer = m.layers[first].Digest
			m.inv.Packages = append(m.inv.Packages, p)
		}
	}
}

// addFiles adds everything else: what a file says belongs to the layer that
// wrote it last.
func (m *merger) addFiles() {
	m.owned = map[uint64][]int{}
	found := 0
	for _, v := range m.visible {
		found += len(v.Packages)
	}
	m.inv.Packages = slices.Grow(m.inv.Packages, found)
	for _, v := range m.visible {
		digest := m.layers[v.layer].Digest
		for _, p := range v.Problems {
			p.Path, p.Layer = rename(p.Path, v.Path, v.path), digest
			m.inv.Problems = append(m.inv.Problems, p)
		}
		for _, i := range v.Issues {
			i.Path = v.path
			m.inv.Issues = append(m.inv.Issues, i)
		}
		if v.OS != nil {
			m.addOS(v.OS, v.path)
		}
		if v.Database {
			continue
		}
		owner := hashPath(ownedPath(v.path))
		for _, p := range v.Packages {
			p.Path, p.Layer = rename(p.Path, v.Path, v.path), digest
			m.owned[owner] = append(m.owned[owner], len(m.inv.Packages))
			m.inv.Packages = append(m.inv.Packages, p)
		}
	}
}

// addOS adds what a file says of the operating system. Files without its name
// tell its kernel or a contract, and nothing else. The file in etc is the
// administrator's and wins.
// Source: os-release(5), section "Description".
func (m *merger) addOS(os *inventory.OS, path string) {
	kernel, pro := cmp.Or(m.inv.OS.Kernel, os.Kernel), m.inv.OS.Pro || os.Pro
	if os.ID != "" && (m.inv.OS.ID == "" || path == "etc/os-release") {
		m.inv.OS = *os
	}
	m.inv.OS.Kernel, m.inv.OS.Pro = kernel, pro
}

// setOwners joins the lists of installed files with the packages.
func (m *merger) setOwners() {
	for _, v := range m.visible {
		for _, o := range v.Owns {
			for _, h := range o.Paths {
				for _, i := range m.owned[h] {
					// Two packages may share a file; the first list wins.
					p := &m.inv.Packages[i]
					p.OwnedBy = cmp.Or(p.OwnedBy, o.Package)
				}
			}
		}
	}
}

// ownedPath returns a path as ownership is compared: without a leading slash,
// and below usr. Databases name files as their package was built, in the
// file tree /bin, /lib and /sbin are links to directories of that name in usr.
// Source: Debian wiki, "UsrMerge".
func ownedPath(p string) string {
	p = strings.TrimPrefix(strings.TrimPrefix(p, "."), "/")
	switch first, _, _ := strings.Cut(p, "/"); first {
	case "bin", "sbin", "lib", "lib32", "lib64", "libx32":
		return "usr/" + p
	}
	return p
}
