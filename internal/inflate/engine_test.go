//go:build !purego && !(mips || mips64 || ppc64 || s390x)

package inflate

import (
	"bytes"
	"errors"
	"io"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// randomCode returns the lengths of a complete code of n codewords, spread over
// size symbols. The lower the branching, the longer the codewords.
func randomCode(rng *rand.Rand, n, size, branching int) []uint8 {
	leaves := []uint8{0}
	for len(leaves) < n {
		i := len(leaves) - 1 - rng.IntN(min(branching, len(leaves)))
		if leaves[i] == maxBits {
			branching++
			continue
		}
		leaves[i]++
		leaves = append(leaves, leaves[i])
	}
	lens := make([]uint8, size)
	for i, s := range rng.Perm(size)[:n] {
		lens[s] = leaves[i]
	}
	return lens
}

// decode returns the symbol at the start of v and the length of its codeword,
// by the definition in RFC 1951, section 3.2.2; -1 if there is none.
func decode(lens []uint8, v uint64) (symbol int, length uint32) {
	code, first := uint64(0), uint64(0)
	for n := uint32(1); n <= maxBits; n++ {
		code = code<<1 | v>>(n-1)&1
		first <<= 1
		index := code - first
		for s, l := range lens {
			if uint32(l) != n {
				continue
			}
			if index == 0 {
				return s, n
			}
			index--
			first++
		}
	}
	return -1, 0
}

// TestTables compares lookups of all bit patterns with a decoder by the book.
// It also shows that no code makes a table larger than there is room for.
func TestTables(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	for _, tt := range []struct {
		name      string
		size      int
		tableBits uint
		room      int
		entries   []uint32
	}{
		{"literals", maxLit, litBits, litSize, litEntries[:]},
		{"distances", maxDist, distBits, distSize, distEntries[:]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for i := range 60 {
				n := 2 + rng.IntN(tt.size-1)
				lens := randomCode(rng, n, tt.size, 1+i)
				table := make([]uint32, tt.room)
				if !buildTable(table, lens, tt.entries, tt.tableBits) {
					t.Fatalf("complete code %v is refused", lens)
				}
				for v := uint64(0); v < 1<<maxBits; v += 1 + rng.Uint64N(50) {
					x := table[v&(1<<tt.tableBits-1)]
					if x&flagLink != 0 {
						x = table[linked(x, v>>tt.tableBits)]
					}
					s, length := decode(lens, v)
					if want := withCode(tt.entries[s], length); x != want {
						t.Fatalf("code %v, bits %015b: entry %#x, want %#x of symbol %d",
							lens, bits.Reverse16(uint16(v))>>1, x, want, s)
					}
				}
				// One codeword more or less makes it invalid.
				lens[rng.IntN(len(lens))] ^= maxBits
				if n > 2 && buildTable(table, lens, tt.entries, tt.tableBits) {
					t.Fatalf("code %v is accepted", lens)
				}
			}
		})
	}
}

// liar is a reader that returns a count no reader may return.
type liar int

func (l liar) Read([]byte) (int, error) { return int(l), nil }

func TestImpossibleCount(t *testing.T) {
	t.Parallel()
	for _, n := range []liar{-1, 1 << 30} {
		var d Decoder
		d.Reset(n)
		if _, err := d.Next(); !errors.Is(err, errSource) {
			t.Errorf("count %d: error %v, want %v", n, err, errSource)
		}
	}
}

// TestAllocations is not parallel: it counts allocations of the whole process.
func TestAllocations(t *testing.T) {
	file := member(encodings(words(300 << 10))[6])
	file = append(file, "\x1f\x8b\x08\x1e\x00\x00\x00\x00\x00\x00\x01\x00xname\x00comment\x00"...)
	d := new(Decoder)
	r := bytes.NewReader(file)
	got := testing.AllocsPerRun(10, func() {
		r.Reset(file)
		d.Reset(r)
		if _, err := d.WriteTo(io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations a file, want none", got)
	}
}
