//go:build !purego && !(mips || mips64 || ppc64 || s390x)

package inflate

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// Flags of a gzip header: RFC 1952, section 2.3.1.
const (
	flagHeaderCRC = 1 << 1
	flagExtra     = 1 << 2
	flagName      = 1 << 3
	flagComment   = 1 << 4
)

// maxText is the length of a file name or comment with its zero byte from which
// compress/gzip refuses a header. RFC 1952 sets no limit.
const maxText = 512

// member reads the header of a gzip member: RFC 1952, section 2.3. The end of
// the input in its place is the end of the file.
func (e *engine) member() error {
	h := e.head[:10]
	if n := e.read(h); n == 0 {
		return e.srcErr
	} else if n < len(h) {
		return e.short()
	}
	if h[0] != 0x1f || h[1] != 0x8b || h[2] != 8 {
		return ErrHeader
	}
	flags := h[3]
	crc := crc32.ChecksumIEEE(h)
	if flags&flagExtra != 0 {
		if err := e.skipExtra(&crc); err != nil {
			return err
		}
	}
	for _, f := range [...]byte{flagName, flagComment} {
		if flags&f != 0 {
			if err := e.skipText(&crc); err != nil {
				return err
			}
		}
	}
	if flags&flagHeaderCRC != 0 {
		b := e.head[:2]
		if e.read(b) < len(b) {
			return e.short()
		}
		if binary.LittleEndian.Uint16(b) != uint16(crc&0xffff) {
			return ErrHeader
		}
	}
	e.crc, e.size = 0, 0
	e.base = e.op
	e.phase = phaseBlock
	return nil
}

func (e *engine) skipExtra(crc *uint32) error {
	b := e.head[:2]
	if e.read(b) < len(b) {
		return e.short()
	}
	*crc = crc32.Update(*crc, crc32.IEEETable, b)
	for left := int(binary.LittleEndian.Uint16(b)); left > 0; left -= len(b) {
		b = e.head[:min(left, len(e.head))]
		if e.read(b) < len(b) {
			return e.short()
		}
		*crc = crc32.Update(*crc, crc32.IEEETable, b)
	}
	return nil
}

func (e *engine) skipText(crc *uint32) error {
	for i := range e.head {
		if e.read(e.head[i:i+1]) == 0 {
			return e.short()
		}
		if e.head[i] == 0 {
			*crc = crc32.Update(*crc, crc32.IEEETable, e.head[:i+1])
			return nil
		}
	}
	return ErrHeader
}

// trailer checks the end of a gzip member: RFC 1952, section 2.3.
func (e *engine) trailer() error {
	e.align()
	b := e.head[:8]
	if e.read(b) < len(b) {
		return e.short()
	}
	if binary.LittleEndian.Uint32(b) != e.crc || binary.LittleEndian.Uint32(b[4:]) != e.size {
		return ErrChecksum
	}
	e.phase = phaseMember
	return nil
}

// endStream leaves the DEFLATE stream, whose last block has ended.
func (e *engine) endStream() error {
	if e.raw {
		return io.EOF
	}
	e.phase = phaseTrailer
	return nil
}
