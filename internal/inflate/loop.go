//go:build !purego && !(mips || mips64 || ppc64 || s390x)

//nolint:gosec // The integers converted here are small by construction.
package inflate

import "encoding/binary"

// What one round of the loop may touch. Because the arrays are that much larger
// than the limits the loop tests, a round needs no further tests.
const (
	maxLength = 258 // RFC 1951, section 3.2.5
	wide      = 16  // bytes copied at a time

	// A round writes two literals, and a copy of the greatest length rounded up.
	outSlack = 2 + (maxLength+wide-1)/wide*wide

	// A round refills twice: one moves on by up to 7 bytes, the other reads 8.
	inSlack = 7 + 8

	// The loop refills once more before the first round.
	loopInput = 7 + inSlack + 1
)

// Checks of what the loop relies on; they fail to compile.
var (
	// After a refill all 64 bits of bb are input, even those that nb does not
	// count. They are enough for a length, a distance and the next lookup, or
	// for three literals and the next lookup.
	_ [64 - (maxBits + 5) - (maxBits + 13) - litBits]struct{}
	_ [64 - 3*litBits - litBits]struct{}

	// An exceptional entry is no valid distance.
	_ [flagExceptional>>baseShift - outSize - outSlack]struct{}
)

// refill fills the bit buffer up to at least 56 bits without a branch. Here and
// in the loop only the low six bits of nb count. The bits of bb above them are
// zero or input, so that setting them again does no harm.
func refill(bb, nb uint64, in *[inSize + inSlack]byte, ip uint) (newBB, newNB uint64, newIP uint) {
	bb |= binary.LittleEndian.Uint64(in[ip:ip+8]) << (nb & 63)
	return bb, nb | 56, ip + uint(^nb>>3)&7
}

// loop expands codes until the block ends, the window is full, or little input
// is left; at first there must be loopInput bytes, so that it gets on. It
// returns the exceptional entry that ended it, or 0.
//
// Its state stays in registers, so it is one function. The first lookup of a
// round is done at the end of the one before: it takes as long as a copy.
func (e *engine) loop() (end uint32) { //nolint:funlen // see above
	bb, nb := e.bb, e.nb
	ip, op, base := uint(e.ip), uint(e.op), uint(e.base)
	limit := min(uint(e.ie-inSlack), inSize)

	bb, nb, ip = refill(bb, nb, &e.in, ip)
	x := e.lit[bb&(1<<litBits-1)]
	for ip < limit && op < outSize {
		if x&flagLiteral != 0 {
			e.out[op] = byte(x >> literalShift)
			op++
			bb >>= x & bitsMask
			nb -= uint64(x)
			x = e.lit[bb&(1<<litBits-1)]
			if x&flagLiteral != 0 {
				e.out[op] = byte(x >> literalShift)
				op++
				bb >>= x & bitsMask
				nb -= uint64(x)
				x = e.lit[bb&(1<<litBits-1)]
				if x&flagLiteral != 0 {
					e.out[op] = byte(x >> literalShift)
					op++
					bb >>= x & bitsMask
					nb -= uint64(x)
					x = e.lit[bb&(1<<litBits-1)]
					bb, nb, ip = refill(bb, nb, &e.in, ip)
					continue
				}
			}
			bb, nb, ip = refill(bb, nb, &e.in, ip)
		}
		if x&flagExceptional != 0 {
			if x&flagLink == 0 {
				bb >>= x & bitsMask
				nb -= uint64(x)
				end = x
				break
			}
			x = e.lit[linked(x, bb>>litBits)]
			continue
		}
		length := value(x, bb)
		bb >>= x & bitsMask
		nb -= uint64(x)

		x = e.dist[bb&(1<<distBits-1)]
		if x&flagLink != 0 {
			x = e.dist[linked(x, bb>>distBits)]
		}
		dist := value(x, bb)
		if dist > op-base {
			end = flagExceptional
			break
		}
		bb >>= x & bitsMask
		nb -= uint64(x)

		x = e.lit[bb&(1<<litBits-1)]
		bb, nb, ip = refill(bb, nb, &e.in, ip)
		switch {
		case dist >= wide:
			move(&e.out, op, op-dist)
			move(&e.out, op+wide, op+wide-dist)
			for to := op + 2*wide; to < op+length; to += wide {
				move(&e.out, to, to-dist)
			}
		case dist >= 8:
			copyNarrow(&e.out, op, dist, length)
		default:
			repeat(&e.out, op, dist, length)
		}
		op += length
	}
	e.bb, e.nb = bb, nb&63
	e.ip, e.op = int(ip), int(op)
	return end
}

// linked returns the index of the entry to which the link x leads. It is within
// the table for every code that buildTable accepts.
func linked(x uint32, bb uint64) uint64 {
	return uint64(x)>>baseShift&baseMask + bb&(1<<(x>>codeShift&codeMask)-1)
}

// value returns the length or distance of x, whose codeword and extra bits come
// first in bb.
func value(x uint32, bb uint64) uint {
	return uint(x>>baseShift) + uint(bb&(1<<(x&bitsMask)-1)>>(x>>codeShift&codeMask))
}

// move copies wide bytes.
func move(out *[outSize + outSlack]byte, to, from uint) {
	*(*[wide]byte)(out[to : to+wide]) = *(*[wide]byte)(out[from : from+wide])
}

// copyNarrow copies n bytes, rounded up to a multiple of 8, over a distance of
// at least 8.
func copyNarrow(out *[outSize + outSlack]byte, to, dist, n uint) {
	for end := to + n; to < end; to += 8 {
		*(*[8]byte)(out[to : to+8]) = *(*[8]byte)(out[to-dist : to-dist+8])
	}
}

// repeat copies n bytes over a distance below 8: it writes 8 bytes of the
// pattern at a time, and moves on by whole patterns.
func repeat(out *[outSize + outSlack]byte, to, dist, n uint) {
	r := repeats[dist&7]
	pattern := binary.LittleEndian.Uint64(out[to-dist:to-dist+8]) & r.mask * r.times
	for end := to + n; to < end; to += r.step {
		binary.LittleEndian.PutUint64(out[to:to+8], pattern)
	}
}

// repeats says for each distance below 8 which bytes are the pattern, which
// factor repeats it, and how many bytes are whole patterns.
var repeats = [8]struct {
	mask, times uint64
	step        uint
}{
	1: {0xff, 0x0101010101010101, 8},
	2: {0xffff, 0x0001000100010001, 8},
	3: {0xffffff, 0x0001000001000001, 6},
	4: {0xffffffff, 0x0000000100000001, 8},
	5: {0xffffffffff, 0x0000010000000001, 5},
	6: {0xffffffffffff, 0x0001000000000001, 6},
	7: {0xffffffffffffff, 0x0100000000000001, 7},
}
