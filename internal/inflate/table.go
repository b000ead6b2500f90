//go:build !purego && !(mips || mips64 || ppc64 || s390x)

//nolint:gosec // The integers converted here are small by construction.
package inflate

import "math/bits"

// Bits looked up at once. One bit more or less of litBits costs 1 to 9 %, of
// distBits 4 to 10 %.
const (
	litBits  = 11
	distBits = 9
	preBits  = 7  // the longest code: three bits tell a length
	maxBits  = 15 // RFC 1951, section 3.2.7

	// A sub-table serves at least two symbols, as only complete codes have any.
	litSize  = 1<<litBits + maxLit/2<<(maxBits-litBits)
	distSize = 1<<distBits + maxDist/2<<(maxBits-distBits)
)

// Table entries. Bits 0 to 5 are the number of bits to remove.
//
//	literal  flagLiteral; 8-15: the byte
//	other    8-11: bits of the codeword, which the bits to remove exceed by
//	         those of the value; 12-27: base of the value
//
// An exceptional entry is a link to a sub-table (its base is where that starts,
// its codeword bits are those that index it), the end of the block, or a code
// that must not occur. If taken for a distance, it is longer than the window.
const (
	bitsMask        = 63
	literalShift    = 8
	codeShift       = 8
	codeMask        = 15
	baseShift       = 12
	baseMask        = 0xffff
	flagEnd         = 1 << 28
	flagLink        = 1 << 29
	flagLiteral     = 1 << 30
	flagExceptional = 1 << 31
)

// litEntries holds the entry of each literal and length without its codeword
// bits. Source of the lengths: RFC 1951, section 3.2.5.
var litEntries = func() (t [maxFixedLit]uint32) {
	for i := range uint32(endOfBlock) {
		t[i] = flagLiteral | i<<literalShift
	}
	t[endOfBlock] = flagExceptional | flagEnd
	base := uint32(3)
	for i := range uint32(28) {
		extra := max(i>>2, 1) - 1
		t[endOfBlock+1+i] = base<<baseShift | extra
		base += 1 << extra
	}
	t[285] = 258 << baseShift // not 259: length 258 has a code of its own
	t[286], t[287] = flagExceptional, flagExceptional
	return t
}()

// distEntries does the same for distances.
var distEntries = func() (t [maxFixedDist]uint32) {
	base := uint32(1)
	for i := range uint32(maxDist) {
		extra := max(i>>1, 1) - 1
		t[i] = base<<baseShift | extra
		base += 1 << extra
	}
	t[30], t[31] = flagExceptional, flagExceptional
	return t
}()

// preEntries does the same for the code length code.
var preEntries = func() (t [numPre]uint32) {
	for i := range t {
		t[i] = uint32(i) << baseShift
	}
	return t
}()

// withCode returns the entry for a codeword of n bits.
func withCode(entry, n uint32) uint32 {
	if entry&flagLiteral == 0 {
		entry += n << codeShift
	}
	return entry + n
}

// buildTable makes the table of the canonical code with the given lengths:
// RFC 1951, section 3.2.2. The code must be complete; as in zlib and
// compress/flate it may also be empty, or a single codeword of one bit.
func buildTable(table []uint32, lens []uint8, entries []uint32, tableBits uint) bool {
	var count [16]uint16
	for _, n := range lens {
		count[n&15]++
	}
	left, longest := 1, 0
	for n := 1; n <= maxBits; n++ {
		left = left<<1 - int(count[n])
		if left < 0 {
			return false
		}
		if count[n] != 0 {
			longest = n
		}
	}
	if left > 0 {
		return buildIncomplete(table[:1<<tableBits], lens, entries)
	}
	var sorted [maxFixedLit]uint16
	var next [16]uint16
	for n := 1; n < maxBits; n++ {
		next[n+1] = next[n] + count[n]
	}
	for s, n := range lens {
		if n != 0 {
			sorted[next[n&15]%maxFixedLit] = uint16(s)
			next[n&15]++
		}
	}
	b := builder{table, entries, sorted[:next[maxBits]], count, 0}
	if b.main(tableBits) {
		return true
	}
	b.links(tableBits, uint(longest))
	return true
}

// buildIncomplete makes the table of a code with at most one codeword, which
// then has one bit.
func buildIncomplete(table []uint32, lens []uint8, entries []uint32) bool {
	single := -1
	for s, n := range lens {
		if n == 0 {
			continue
		}
		if n != 1 || single >= 0 {
			return false
		}
		single = s
	}
	if single < 0 {
		// No bit is needed to see that no code can follow.
		for i := range table {
			table[i] = flagExceptional
		}
		return true
	}
	for i := 0; i < len(table); i += 2 {
		table[i] = withCode(entries[single], 1)
		table[i+1] = withCode(flagExceptional, 1)
	}
	return true
}

// builder fills a table in the order of the codewords.
type builder struct {
	table   []uint32
	entries []uint32
	symbols []uint16   // those left, by codeword
	count   [16]uint16 // symbols by length
	code    uint       // next codeword, its first bit lowest
}

// advance sets the codeword that follows one of n bits, which is the increment
// of a number whose highest bit is bit 0. It reports false after the last one.
func (b *builder) advance(n uint) bool {
	zeros := b.code ^ (1<<n - 1)
	if zeros == 0 {
		return false
	}
	top := uint(1) << (bits.Len(zeros) - 1)
	b.code = b.code&(top-1) | top
	return true
}

// main fills the first 1<<tableBits entries but for links. For each length it
// doubles what is there, then adds the codewords of this length. It reports
// whether the code is finished.
func (b *builder) main(tableBits uint) bool {
	for n := uint(1); n <= tableBits; n++ {
		half := 1 << (n - 1)
		copy(b.table[half:2*half], b.table[:half])
		here := b.symbols[:b.count[n]]
		b.symbols = b.symbols[len(here):]
		for _, s := range here {
			b.table[b.code] = withCode(b.entries[s], uint32(n))
			if b.advance(n) {
				continue
			}
			for ; n < tableBits; n++ {
				half := 1 << n
				copy(b.table[half:2*half], b.table[:half])
			}
			return true
		}
	}
	return false
}

// links fills the sub-tables with the codewords of more than tableBits bits, up
// to longest, and links them to the first 1<<tableBits entries.
func (b *builder) links(tableBits, longest uint) {
	sub := longest - tableBits
	start, end := 0, 1<<tableBits
	last := ^uint(0)
	for n := tableBits + 1; n <= longest; n++ {
		here := b.symbols[:b.count[n]]
		b.symbols = b.symbols[len(here):]
		for _, s := range here {
			if prefix := b.code & (1<<tableBits - 1); prefix != last {
				last = prefix
				start, end = end, end+1<<sub
				b.table[prefix] = flagExceptional | flagLink |
					uint32(start)<<baseShift | uint32(sub)<<codeShift | uint32(tableBits)
			}
			entry := withCode(b.entries[s], uint32(n))
			part := b.table[start:end]
			for i := b.code >> tableBits; i < uint(len(part)); i += 1 << (n - tableBits) {
				part[i] = entry
			}
			b.advance(n)
		}
	}
}
