package vulndb

import (
	"hash/maphash"
	"strings"
)

// An interner numbers values in the order in which they come. It is a table of
// numbers beside the list of values, a third of a map: there are millions of
// values, and the garbage collector has nothing to follow in the table.
type interner[K comparable] struct {
	list  []K
	slots []uint32 // one more than a number, 0 for none; a power of two, at most three quarters full
	seed  maphash.Seed
}

// find returns the number of k, if it has one, and where in the table its
// number is or would be.
func (t *interner[K]) find(k K) (n uint32, slot int, ok bool) {
	if len(t.slots) == 0 {
		return 0, 0, false
	}
	mask := len(t.slots) - 1
	slot = int(maphash.Comparable(t.seed, k)) & mask //nolint:gosec // the bits matter, not the value
	for ; t.slots[slot] != 0; slot = (slot + 1) & mask {
		if n = t.slots[slot] - 1; t.list[n] == k {
			return n, slot, true
		}
	}
	return 0, slot, false
}

// number returns the number of a k that was added.
func (t *interner[K]) number(k K) uint32 {
	n, _, _ := t.find(k)
	return n
}

// add returns the number of k. A new k is kept as own returns it.
func (t *interner[K]) add(k K, own func(K) K) uint32 {
	n, slot, ok := t.find(k)
	if ok {
		return n
	}
	if 4*(len(t.list)+1) > 3*len(t.slots) {
		t.grow()
		_, slot, _ = t.find(k)
	}
	n = uint32(len(t.list)) //nolint:gosec // limited by maxCount
	t.list = append(t.list, own(k))
	t.slots[slot] = n + 1
	return n
}

// grow doubles the table.
func (t *interner[K]) grow() {
	if t.slots == nil {
		t.seed = maphash.MakeSeed()
	}
	t.slots = make([]uint32, max(16, 2*len(t.slots)))
	for n, k := range t.list {
		_, slot, _ := t.find(k)
		t.slots[slot] = uint32(n) + 1
	}
}

// freeze lets go of what only find and add need.
func (t *interner[K]) freeze() { t.slots = nil }

// keeperBlock is how many bytes of texts a keeper asks for at once.
const keeperBlock = 64 << 10

// A keeper copies many short texts into few blocks of memory, which live as
// long as any of them.
type keeper struct{ block *strings.Builder }

// keep returns a copy of s.
func (k *keeper) keep(s string) string {
	if k.block == nil || k.block.Cap()-k.block.Len() < len(s) {
		k.block = new(strings.Builder)
		k.block.Grow(max(keeperBlock, len(s)))
	}
	at := k.block.Len()
	k.block.WriteString(s)
	return k.block.String()[at:]
}
