//go:build !purego && !(mips || mips64 || ppc64 || s390x)

//nolint:gosec // The integers converted here are small by construction.
package inflate

// Numbers of symbols: RFC 1951, sections 3.2.5 to 3.2.7. The fixed codes have
// two symbols more in each alphabet, which never stand in valid data.
const (
	maxLit       = 286
	maxDist      = 30
	maxFixedLit  = 288
	maxFixedDist = 32
	numPre       = 19
	endOfBlock   = 256
)

// preOrder is the order in which lengths of the code length code are sent:
// RFC 1951, section 3.2.7.
var preOrder = [numPre]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// block reads the header of a block: RFC 1951, section 3.2.3.
func (e *engine) block() error {
	if e.final {
		e.final = false
		return e.endStream()
	}
	if !e.need(3) {
		return e.short()
	}
	e.final = e.take(1) == 1
	switch e.take(2) {
	case 0:
		return e.startStored()
	case 1:
		e.phase = phaseCodes
		e.useFixed()
		return nil
	case 2:
		e.phase = phaseCodes
		return e.readCodes()
	default:
		return ErrCorrupt
	}
}

// startStored reads the lengths before a stored block: RFC 1951, section 3.2.4.
func (e *engine) startStored() error {
	e.align()
	if !e.need(32) {
		return e.short()
	}
	n, inverse := e.take(16), e.take(16)
	if n != inverse^0xffff {
		return ErrCorrupt
	}
	e.align()
	e.stored = int(n)
	e.phase = phaseStored
	return nil
}

func (e *engine) copyStored() error {
	n := min(e.stored, outSize-e.op)
	k := e.read(e.out[e.op : e.op+n])
	e.op += k
	e.stored -= k
	if k < n {
		return e.short()
	}
	if e.stored == 0 {
		e.phase = phaseBlock
	}
	return nil
}

// useFixed sets the tables of the fixed codes: RFC 1951, section 3.2.6.
func (e *engine) useFixed() {
	if e.fixed {
		return
	}
	var lens [maxFixedLit]uint8
	for i := range lens {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		default:
			lens[i] = 8
		}
	}
	buildTable(e.lit[:], lens[:], litEntries[:], litBits)
	e.nlit = copy(e.lens[:maxLit], lens[:])
	for i := range maxFixedDist {
		lens[i] = 5
	}
	buildTable(e.dist[:], lens[:maxFixedDist], distEntries[:], distBits)
	e.fixed = true
}

// readCodes reads the codes of a block and sets their tables: RFC 1951,
// section 3.2.7.
func (e *engine) readCodes() error {
	if !e.need(14) {
		return e.short()
	}
	nlit := int(e.take(5)) + 257
	ndist := int(e.take(5)) + 1
	npre := int(e.take(4)) + 4
	if nlit > maxLit || ndist > maxDist {
		return ErrCorrupt
	}
	var pre [numPre]uint8
	for _, s := range preOrder[:npre] {
		if !e.need(3) {
			return e.short()
		}
		pre[s] = uint8(e.take(3))
	}
	e.fixed = false
	if !buildTable(e.pre[:], pre[:], preEntries[:], preBits) {
		return ErrCorrupt
	}
	if err := e.readLengths(nlit + ndist); err != nil {
		return err
	}
	e.nlit = nlit
	if !buildTable(e.lit[:], e.lens[:nlit], litEntries[:], litBits) ||
		!buildTable(e.dist[:], e.lens[nlit:nlit+ndist], distEntries[:], distBits) {
		return ErrCorrupt
	}
	return nil
}

// readLengths reads n code lengths, of literals and distances in one go:
// RFC 1951, section 3.2.7.
func (e *engine) readLengths(n int) error {
	lens := e.lens[:n]
	for i := 0; i < n; {
		e.need(preBits)
		x := e.pre[e.bb&(1<<preBits-1)]
		if uint64(x&bitsMask) > e.nb {
			return e.short()
		}
		if x&flagExceptional != 0 {
			return ErrCorrupt
		}
		e.take(uint64(x & bitsMask))
		s := uint8(x >> baseShift & 31)
		if s < 16 {
			lens[i] = s
			i++
			continue
		}
		var value uint8
		repeat, extra := 3, uint64(3)
		switch s {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			value, extra = lens[i-1], 2
		case 18:
			repeat, extra = 11, 7
		}
		if !e.need(extra) {
			return e.short()
		}
		repeat += int(e.take(extra))
		if i+repeat > n {
			return ErrCorrupt
		}
		for range repeat {
			lens[i] = value
			i++
		}
	}
	return nil
}

// codes expands Huffman codes of a block: RFC 1951, section 3.2.3.
func (e *engine) codes() error {
	e.unread()
	e.fill()
	if e.ie-e.ip < loopInput {
		return e.tail()
	}
	end := e.loop()
	e.unread()
	switch {
	case end == 0:
	case end&flagEnd != 0:
		e.phase = phaseBlock
	default:
		return ErrCorrupt
	}
	return nil
}
