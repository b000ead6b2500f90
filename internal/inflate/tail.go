//go:build !purego && !(mips || mips64 || ppc64 || s390x)

//nolint:gosec // The integers converted here are small by construction.
package inflate

// tail expands codes near the end of the input, where the loop must not go: one
// at a time, each bit accounted for.
func (e *engine) tail() error {
	least := e.leastBits()
	for e.op < outSize {
		e.need(maxBits)
		if e.nb < least {
			return e.short()
		}
		x, n := e.look(e.lit[:], litBits)
		if n > e.nb {
			return e.short()
		}
		switch {
		case x&flagLiteral != 0:
			e.take(n)
			e.out[e.op] = byte(x >> literalShift)
			e.op++
			continue
		case x&flagExceptional == 0:
		case x&flagEnd != 0:
			e.take(n)
			e.phase = phaseBlock
			return nil
		default:
			return ErrCorrupt
		}
		e.take(n)
		length, ok := e.takeValue(x)
		if !ok {
			return e.short()
		}
		e.need(maxBits)
		x, n = e.look(e.dist[:], distBits)
		if n > e.nb {
			return e.short()
		}
		if x&flagExceptional != 0 {
			return ErrCorrupt
		}
		e.take(n)
		dist, ok := e.takeValue(x)
		if !ok {
			return e.short()
		}
		if dist > e.op-e.base {
			return ErrCorrupt
		}
		for range length {
			e.out[e.op] = e.out[e.op-dist]
			e.op++
		}
	}
	return nil
}

// leastBits is how many bits compress/flate wants to see before it decodes a
// literal or length: those of the shortest code, or of the end of the block. It
// decides how much of a truncated stream is expanded.
func (e *engine) leastBits() uint64 {
	shortest := uint8(0) // of no code at all
	for _, n := range e.lens[:e.nlit] {
		if n != 0 && (shortest == 0 || n < shortest) {
			shortest = n
		}
	}
	return uint64(max(shortest, e.lens[endOfBlock]))
}

// look returns the entry of the next code, and how many bits its codeword has.
func (e *engine) look(table []uint32, tableBits uint64) (x uint32, n uint64) {
	x = table[e.bb&(1<<tableBits-1)]
	if x&flagLink != 0 {
		x = table[linked(x, e.bb>>tableBits)]
	}
	if x&flagLiteral != 0 {
		return x, uint64(x & bitsMask)
	}
	return x, uint64(x >> codeShift & codeMask)
}

// takeValue reads the extra bits of x and returns its value.
func (e *engine) takeValue(x uint32) (int, bool) {
	extra := uint64(x&bitsMask - x>>codeShift&codeMask)
	if !e.need(extra) {
		return 0, false
	}
	return int(x>>baseShift&baseMask) + int(e.take(extra)), true
}
