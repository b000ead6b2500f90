package agent

import (
	"os"
	"slices"
	"testing"
)

func TestUnwritten(t *testing.T) {
	t.Parallel()
	// As smaps has it, but for members that are not read.
	const smaps = `00400000-0187b000 r-xp 00000000 fe:00 11648161                           /opt/a b
Rss:               11244 kB
Anonymous:             0 kB
0187b000-02e15000 r--p 0147b000 fe:00 11648161                           /opt/a b
Anonymous:             0 kB
02e15000-02e16000 r--p 02a15000 fe:00 11648161                           /opt/a b
Anonymous:             4 kB
02e16000-02ee6000 rw-p 02a15000 fe:00 11648161                           /opt/a b
Anonymous:             0 kB
7f69257c0000-7f6925916000 r-xp 00026000 fe:00 326269                     /usr/lib/x86_64-linux-gnu/libc.so.6
Anonymous:             0 kB
20127f800000-201281000000 r--p 00000000 00:00 0 
Anonymous:             0 kB
`
	want := []mapping{{0x400000, 0x187b000}, {0x187b000, 0x2e15000}}
	if got := unwritten(smaps, "/opt/a b"); !slices.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// TestRest: there is something to give back, and the program goes on.
func TestRest(t *testing.T) {
	t.Parallel()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Skip(err) // no /proc
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	if len(unwritten(string(text), program)) == 0 {
		t.Errorf("no mapping of %s in\n%s", program, text)
	}
	for range 3 {
		rest()
	}
}
