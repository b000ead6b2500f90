//go:build unix

package vulndb

import (
	"fmt"
	"os"
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/assay-project/assay/advisory"
)

// pages is a file in memory that tells which of its pages are read.
type pages struct{ mem []byte }

func newPages(tb testing.TB, data []byte) pages {
	tb.Helper()
	size := os.Getpagesize()
	mem, err := unix.Mmap(-1, 0, (len(data)+size-1)/size*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := unix.Munmap(mem); err != nil {
			tb.Error(err)
		}
	})
	copy(mem, data)
	return pages{mem}
}

// touched returns how many pages ask reads. All are locked first; each one that
// stops it is opened, and ask begins again.
func (p pages) touched(tb testing.TB, ask func()) int {
	tb.Helper()
	if err := unix.Mprotect(p.mem, unix.PROT_NONE); err != nil {
		tb.Fatal(err)
	}
	size := uintptr(os.Getpagesize())
	base := uintptr(unsafe.Pointer(unsafe.SliceData(p.mem)))
	n := 0
	for {
		at, ok := fault(ask)
		if !ok {
			break
		}
		page := (at - base) / size * size
		if page >= uintptr(len(p.mem)) {
			tb.Fatalf("a fault at %#x, outside the file", at)
		}
		if err := unix.Mprotect(p.mem[page:page+size], unix.PROT_READ); err != nil {
			tb.Fatal(err)
		}
		n++
	}
	if err := unix.Mprotect(p.mem, unix.PROT_READ); err != nil {
		tb.Fatal(err)
	}
	return n
}

// fault returns the address at which f meets a locked page, if it does.
func fault(f func()) (at uintptr, ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		e, is := r.(interface{ Addr() uintptr })
		if !is {
			panic(r)
		}
		at, ok = e.Addr(), true
	}()
	f()
	return 0, false
}

// TestPagesTouched holds the promise that a look-up does not slow down with
// the number of advisories: it counts the pages of the file that it reads,
// before and after 200,000 more advisories about other packages.
func TestPagesTouched(t *testing.T) {
	const known, more = 500, 200_000
	name := func(i int) string { return fmt.Sprintf("package-%d", i) }
	var list []*advisory.Advisory
	for i := range known {
		list = append(list, about(fmt.Sprintf("X-%d", i), npm, name(i), fmt.Sprintf("%d.0.%d", i%7, i)))
	}
	count := func() (mean float64, most, unknown int) {
		data, _ := build(t, list)
		p := newPages(t, data)
		db := open(t, p.mem[:len(data):len(data)])
		for i := range known {
			n := p.touched(t, func() {
				found := 0
				for s, err := range db.Lookup(npm, name(i)) {
					if err != nil || len(s.Ranges) != 1 {
						t.Errorf("%s: %v, %v", name(i), s, err)
					}
					found++
				}
				if found != 1 {
					t.Errorf("%s: %d statements", name(i), found)
				}
			})
			mean += float64(n) / known
			most = max(most, n)
			unknown = max(unknown, p.touched(t, func() {
				for s, err := range db.Lookup(npm, "no-"+name(i)) {
					t.Errorf("no-%s: %v, %v", name(i), s, err)
				}
			}))
		}
		return mean, most, unknown
	}
	mean, most, unknown := count()
	for i := range more {
		list = append(list, about(fmt.Sprintf("Y-%d", i), npm, fmt.Sprintf("other-%d", i), fmt.Sprintf("%d.%d.0", i%20, i%900)))
	}
	mean2, most2, unknown2 := count()
	t.Logf("with %d advisories a look-up reads %.1f pages, %d at most, %d for an unknown name", known, mean, most, unknown)
	t.Logf("with %d advisories a look-up reads %.1f pages, %d at most, %d for an unknown name", known+more, mean2, most2, unknown2)
	if mean2 > mean+4 || most2 > most+6 || unknown2 > unknown+4 {
		t.Error("look-ups slow down with the number of advisories")
	}
}
