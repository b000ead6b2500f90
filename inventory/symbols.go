package inventory

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math/bits"
	"slices"
	"strings"
)

// Symbols is the set of functions that the linker has put from one module into
// a program, as base64 without padding; empty if it is not known. It holds
// hashes, so that it says one time in 1,024 that a function is there which is
// not. It never says that one is not there which is.
//
// A name is written as vuln.go.dev writes it: the path of the package, a point,
// and the function, or the type, a point and the method. The bytes are the
// number of hashes as a varint, then a Golomb code of the distances between
// them in order: the quotient by 1,024 as so many ones and a zero, and the rest
// in 10 bits, the highest bit first. A hash of a set of n lies below n·1,024.
// Source: Golomb, "Run-length encodings", IEEE Transactions on Information
// Theory 12 (1966).
type Symbols string

// MaxSymbols is the most that the sets of one program take, in bytes before
// base64. The largest programs known take half of it.
const MaxSymbols = 512 << 10

const symbolBits = 10 // of the rest; the set takes some 1.6 more for a name

var (
	errSymbols    = errors.New("not a set of functions")
	symbolsBase64 = base64.RawStdEncoding
)

// SymbolsOf returns the set of the names with these hashes: FNV-1a of 64 bits.
// It uses the list for its work.
func SymbolsOf(hashes []uint64) Symbols {
	for i, h := range hashes {
		hashes[i] = spread(h)
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	n := uint64(len(hashes))
	w := bitWriter{out: binary.AppendUvarint(make([]byte, 0, 8+len(hashes)*3/2), n)}
	last := uint64(0)
	for _, h := range hashes {
		v := scaled(h, n)
		for d := v - last; ; d -= 1 << symbolBits {
			if d < 1<<symbolBits {
				w.put(d, 1+symbolBits) // the zero comes first
				break
			}
			w.put(1, 1)
		}
		last = v
	}
	return Symbols(symbolsBase64.EncodeToString(w.finish()))
}

// spread makes all bits of a hash depend on all others: the high ones of FNV-1a
// are alike for names that are alike.
// Source: Stafford, "Better Bit Mixing", Mix13, without its last step.
func spread(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	return (h ^ h>>27) * 0x94d049bb133111eb
}

// scaled returns the place of a hash in a set of n. It keeps the order of
// hashes.
func scaled(hash, n uint64) uint64 {
	high, _ := bits.Mul64(hash, n<<symbolBits)
	return high
}

// Check returns an error if the set is not one that SymbolsOf makes.
func (s Symbols) Check() error {
	_, err := s.Linked(nil)
	return err
}

// Linked returns those of the names that are in the set, in their order. The
// error says that it is no set.
func (s Symbols) Linked(names []string) ([]string, error) {
	if len(s) > symbolsBase64.EncodedLen(MaxSymbols) {
		return nil, errSymbols
	}
	data, err := symbolsBase64.DecodeString(string(s))
	if err != nil {
		return nil, errSymbols
	}
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)*8/(1+symbolBits)) {
		return nil, errSymbols
	}
	asked := make(map[uint64]bool, len(names)) // whether it is there
	for _, name := range names {
		asked[scaled(symbolHash(name), n)] = false
	}
	r := bitReader{in: data[size:]}
	last := uint64(0)
	for range n {
		d, ok := r.distance()
		if last += d; !ok || last >= n<<symbolBits {
			return nil, errSymbols
		}
		if _, ok := asked[last]; ok {
			asked[last] = true
		}
	}
	if !r.ended() {
		return nil, errSymbols
	}
	var out []string
	for _, name := range names {
		if asked[scaled(symbolHash(name), n)] {
			out = append(out, name)
		}
	}
	return out, nil
}

// symbolHash returns the hash of a name as it is sorted.
func symbolHash(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // never fails
	return spread(h.Sum64())
}

// IsGenerated tells whether a part of the name of a function, up to the next
// point, is one that the compiler of Go gives to what it makes of a function:
// func1, gowrap2, deferwrap1, a number, or nothing.
func IsGenerated(part string) bool {
	if part != "" && strings.IndexByte(".0123456789dfg", part[0]) < 0 {
		return false // most of them
	}
	for _, word := range [...]string{"func", "gowrap", "deferwrap", ""} {
		if rest, ok := strings.CutPrefix(part, word); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return true
		}
	}
	return part == "" || part[0] == '.'
}

// bitWriter writes numbers of few bits.
type bitWriter struct {
	out  []byte
	bits uint64 // that are not in out yet, the last in the lowest bit
	n    int    // how many
}

func (w *bitWriter) put(v uint64, n int) {
	w.bits, w.n = w.bits<<n|v, w.n+n
	for ; w.n >= 8; w.n -= 8 {
		w.out = append(w.out, byte(w.bits>>(w.n-8))) //nolint:gosec // the lowest byte
	}
}

// finish returns all bytes, the last filled up with zeros.
func (w *bitWriter) finish() []byte {
	if w.n > 0 {
		w.put(0, 8-w.n)
	}
	return w.out
}

// bitReader reads what bitWriter has written.
type bitReader struct {
	in   []byte
	bits uint64 // from in that were not read yet, the first in the highest bit
	n    int    // how many
}

// fill makes sure that at least 56 bits are there, or all.
func (r *bitReader) fill() {
	for r.n <= 56 && len(r.in) > 0 {
		r.bits |= uint64(r.in[0]) << (56 - r.n)
		r.in, r.n = r.in[1:], r.n+8
	}
}

func (r *bitReader) drop(n int) { r.bits, r.n = r.bits<<n, r.n-n }

// distance reads one distance; false if there is none.
func (r *bitReader) distance() (uint64, bool) {
	high := uint64(0)
	for {
		r.fill()
		ones := bits.LeadingZeros64(^r.bits)
		if ones < r.n {
			high += uint64(ones) //nolint:gosec // not negative
			r.drop(ones + 1)
			break
		}
		if r.n == 0 {
			return 0, false
		}
		high += uint64(r.n) //nolint:gosec // not negative
		r.drop(r.n)
	}
	r.fill()
	if r.n < symbolBits {
		return 0, false
	}
	d := high<<symbolBits | r.bits>>(64-symbolBits)
	r.drop(symbolBits)
	return d, true
}

// ended tells whether nothing is left but the bits that fill up a byte.
func (r *bitReader) ended() bool { return len(r.in) == 0 && r.n < 8 && r.bits == 0 }
