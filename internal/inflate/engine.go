//go:build !purego && !(mips || mips64 || ppc64 || s390x)

//nolint:gosec // The integers converted here are small by construction.
package inflate

import (
	"errors"
	"hash/crc32"
	"io"
)

const (
	histSize = 32 << 10 // how far a distance reaches: RFC 1951, section 2

	// outSize is where a chunk ends: 256 KiB behind the history. Chunks from
	// 64 KiB to 1 MiB differ in speed by less than 4 %.
	outSize = histSize + 256<<10

	inSize = 128 << 10

	// minInput is how much input fill provides: enough for the loop to start.
	minInput = loopInput
)

// maxEmptyReads is how many reads in a row may give neither bytes nor an error
// until the source counts as broken, as in bufio.Reader.
const maxEmptyReads = 100

// errSource is a mistake in the source, not in the data.
var errSource = errors.New("inflate: source returned an impossible count")

// phase is what the engine expects next.
type phase uint8

const (
	phaseMember  phase = iota // a gzip header, or the end of the file
	phaseBlock                // the header of a block, or the end of the stream
	phaseCodes                // Huffman codes of a block
	phaseStored               // bytes of a stored block
	phaseTrailer              // a gzip trailer
)

// engine is the decoder proper. It is one struct of arrays, so that the loop
// needs a single base register and the compiler knows all sizes.
type engine struct {
	lit  [litSize]uint32
	dist [distSize]uint32

	// Bit buffer: the low nb bits of bb are the next bits of the input, those
	// above are zero, except within the loop.
	bb, nb uint64

	ip, ie int // in[ip:ie] is unread
	op     int // out[:op] is expanded
	base   int // start of the member in out; no distance reaches before it

	src    io.Reader
	srcErr error // why no more can be read from src
	err    error // why no more can be expanded

	phase  phase
	raw    bool
	final  bool   // the block is the last one of its stream
	fixed  bool   // lit and dist hold the fixed codes
	stored int    // bytes left of a stored block
	crc    uint32 // of the member, and
	size   uint32 // its length modulo 1<<32: RFC 1952, section 2.3.1

	lens [maxLit + maxDist]uint8 // code lengths: literals, then distances
	nlit int                     // how many of them are literals'
	pre  [1 << preBits]uint32
	head [maxText]byte
	out  [outSize + outSlack]byte
	in   [inSize + inSlack]byte
}

func (e *engine) reset(r io.Reader, raw bool) {
	e.bb, e.nb = 0, 0
	e.ip, e.ie, e.op, e.base = 0, 0, 0, 0
	e.src, e.srcErr, e.err = r, nil, nil
	e.phase, e.raw = phaseMember, raw
	e.final, e.stored, e.crc, e.size = false, 0, 0, 0
	if raw {
		e.phase = phaseBlock
	}
}

// next returns what the following steps add to the window.
func (e *engine) next() ([]byte, error) {
	if e.op >= outSize {
		shift := e.op - histSize
		copy(e.out[:histSize], e.out[shift:e.op])
		e.base = max(0, e.base-shift)
		e.op = histSize
	}
	start := e.op
	unsummed := start
	for e.op < outSize && e.err == nil {
		if e.phase == phaseTrailer {
			e.sum(unsummed)
			unsummed = e.op
		}
		e.err = e.step()
	}
	if e.op == start {
		return nil, e.err
	}
	e.sum(unsummed)
	return e.out[start:e.op:e.op], nil
}

func (e *engine) sum(from int) {
	if e.raw {
		return
	}
	e.crc = crc32.Update(e.crc, crc32.IEEETable, e.out[from:e.op])
	e.size += uint32(e.op - from)
}

// step does what the phase asks for and sets the next one.
func (e *engine) step() error {
	switch e.phase {
	case phaseMember:
		return e.member()
	case phaseBlock:
		return e.block()
	case phaseCodes:
		return e.codes()
	case phaseStored:
		return e.copyStored()
	default:
		return e.trailer()
	}
}

// fill makes at least minInput bytes of input available, fewer only if srcErr
// says why. It forgets what was read, so whole bytes of the bit buffer must
// have been given back.
func (e *engine) fill() {
	if e.ie-e.ip >= minInput {
		return
	}
	e.ie = copy(e.in[:], e.in[e.ip:e.ie])
	e.ip = 0
	if e.src == nil {
		e.srcErr = io.EOF
	}
	for empty := 0; e.ie < minInput && e.srcErr == nil; {
		free := e.in[e.ie:]
		n, err := e.src.Read(free)
		if n < 0 || n > len(free) {
			n, err = 0, errSource
		}
		e.ie += n
		e.srcErr = err
		if empty++; n > 0 {
			empty = 0
		}
		if empty == maxEmptyReads && err == nil {
			e.srcErr = io.ErrNoProgress
		}
	}
}

// short is the error of data that ends too early.
func (e *engine) short() error {
	if e.srcErr == io.EOF { //nolint:errorlint // io.Reader promises io.EOF itself
		return io.ErrUnexpectedEOF
	}
	return e.srcErr
}

// need provides n bits, at most 56, in the bit buffer. It reports false if the
// input has fewer; the bit buffer then holds all of them.
func (e *engine) need(n uint64) bool {
	return e.nb >= n || e.more(n)
}

func (e *engine) more(n uint64) bool {
	if e.ie-e.ip < 8 {
		e.unread()
		e.fill()
	}
	if e.ie-e.ip >= 8 {
		bb, nb, ip := refill(e.bb, e.nb, &e.in, uint(e.ip))
		e.bb, e.nb, e.ip = bb&(1<<nb-1), nb, int(ip)
		return true
	}
	for ; e.nb < n && e.ip < e.ie; e.ip++ {
		e.bb |= uint64(e.in[e.ip]) << e.nb
		e.nb += 8
	}
	return e.nb >= n
}

// take removes n bits, which need must have provided.
func (e *engine) take(n uint64) uint64 {
	v := e.bb & (1<<n - 1)
	e.bb >>= n
	e.nb -= n
	return v
}

// unread gives whole bytes of the bit buffer back to the input.
func (e *engine) unread() {
	e.ip -= int(e.nb >> 3)
	e.nb &= 7
	e.bb &= 1<<e.nb - 1
}

// align gives whole bytes back and drops the rest of the byte before them.
func (e *engine) align() {
	e.unread()
	e.bb, e.nb = 0, 0
}

// read copies input to p, at a byte boundary. It returns less than len(p) only
// if the input has no more.
func (e *engine) read(p []byte) int {
	n := 0
	for n < len(p) {
		if e.ip == e.ie {
			e.fill()
			if e.ip == e.ie {
				break
			}
		}
		k := copy(p[n:], e.in[e.ip:e.ie])
		e.ip += k
		n += k
	}
	return n
}
