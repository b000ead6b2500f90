package extract

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// exeHead is how many bytes of an executable are read to find its segments.
const exeHead = 64 << 10

// exe is where an executable has what, as far as its first bytes tell.
type exe struct {
	fat      int64     // offset of the first program of a universal file; 0 otherwise
	segments []segment // with bytes in the file, by offset
	// textApart says that constants are not in the same segment as the code.
	textApart bool
}

// segment is a part of the file that is loaded to an address.
type segment struct {
	addr                 uint64
	offset, size         int64
	writable, executable bool
}

// part returns the part of a segment that another one covers; it may be empty.
func (s segment) part(other segment) segment {
	from := max(s.offset, other.offset)
	s.size = max(0, min(s.offset+s.size, other.offset+other.size)-from)
	s.addr += uint64(from - s.offset) //nolint:gosec // not negative
	s.offset = from
	return s
}

// offset returns where in the file n bytes at an address are.
func (x *exe) offset(addr uint64, n int64) (int64, bool) {
	for _, s := range x.segments {
		if d := addr - s.addr; addr >= s.addr && d < uint64(s.size) && n <= s.size-int64(d) { //nolint:gosec // sizes are not negative
			return s.offset + int64(d), true //nolint:gosec // less than a size
		}
	}
	return 0, false
}

// add adds a segment unless it is empty or impossible.
func (x *exe) add(addr, offset, size uint64, writable, executable bool) {
	if size == 0 || offset > math.MaxInt64/4 || size > math.MaxInt64/4 {
		return
	}
	x.segments = append(x.segments, segment{addr, int64(offset), int64(size), writable, executable})
}

// parseExe reads the headers at the start of an ELF, PE or Mach-O file. It
// returns nil if head is none of them.
func parseExe(head []byte) *exe {
	var x *exe
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		x = parseELF(head)
	case bytes.HasPrefix(head, []byte("MZ")):
		x = parsePE(head)
	case bytes.HasPrefix(head, []byte("\xca\xfe\xba\xbe")):
		return parseFat(head)
	default:
		x = parseMachO(head)
	}
	if x != nil {
		slices.SortStableFunc(x.segments, func(a, b segment) int { return cmp.Compare(a.offset, b.offset) })
	}
	return x
}

// fields reads numbers of a header; what lies outside of it is zero.
type fields struct {
	b     []byte
	order binary.ByteOrder
	wide  bool // addresses have 64 bits
}

func (f fields) at(off uint64, n int) []byte {
	var zero [8]byte
	if off > uint64(len(f.b)) || uint64(len(f.b))-off < uint64(n) { //nolint:gosec // n is 2, 4 or 8
		return zero[:n]
	}
	return f.b[off : off+uint64(n)] //nolint:gosec // see above
}

func (f fields) u16(off uint64) uint64 { return uint64(f.order.Uint16(f.at(off, 2))) }
func (f fields) u32(off uint64) uint64 { return uint64(f.order.Uint32(f.at(off, 4))) }

// word reads an address or offset, at one of two places.
func (f fields) word(off32, off64 uint64) uint64 {
	if f.wide {
		return f.order.Uint64(f.at(off64, 8))
	}
	return f.u32(off32)
}

// pick chooses between the layouts for 32 and 64 bits.
func (f fields) pick(narrow, wide uint64) uint64 {
	if f.wide {
		return wide
	}
	return narrow
}

// parseELF reads the program headers.
// Source: System V ABI, chapter 4 "Object Files" and chapter 5 "Program
// Header".
func parseELF(head []byte) *exe {
	if len(head) < 52 {
		return nil
	}
	f := fields{b: head, order: binary.LittleEndian, wide: head[4] == 2}
	if head[5] == 2 {
		f.order = binary.BigEndian
	}
	x := &exe{textApart: true}
	table := f.word(28, 32)
	size, count := f.u16(f.pick(42, 54)), f.u16(f.pick(44, 56))
	for i := range count {
		p := table + i*size
		if p > uint64(len(head)) {
			break
		}
		const load, writable, executable = 1, 2, 1
		if f.u32(p) != load {
			continue
		}
		flags := f.u32(p + f.pick(24, 4))
		x.add(f.word(p+8, p+16), f.word(p+4, p+8), f.word(p+16, p+32), flags&(writable|executable) == writable, flags&executable != 0)
	}
	return x
}

// parsePE reads the section table.
// Source: Microsoft, "PE Format", sections "COFF File Header", "Optional
// Header" and "Section Table".
func parsePE(head []byte) *exe {
	f := fields{b: head, order: binary.LittleEndian}
	pe := f.u32(0x3c)
	if pe > uint64(len(head)) || !bytes.HasPrefix(head[pe:], []byte("PE\x00\x00")) {
		return nil
	}
	x := &exe{textApart: true}
	count, optional := f.u16(pe+6), pe+24
	f.wide = f.u16(optional) == 0x20b
	base := f.word(optional+28, optional+24)
	table := optional + f.u16(pe+20)
	for i := range count {
		s := table + i*40
		if s > uint64(len(head)) {
			break
		}
		const executable, readable, writable = 0x20000000, 0x40000000, 0x80000000
		flags := f.u32(s + 36)
		size := f.u32(s + 16)
		if virtual := f.u32(s + 8); virtual != 0 {
			size = min(size, virtual)
		}
		if flags&readable != 0 {
			x.add(base+f.u32(s+12), f.u32(s+20), size, flags&(writable|executable) == writable, flags&executable != 0)
		}
	}
	return x
}

// parseMachO reads the load commands for segments.
// Source: Apple, mach-o/loader.h, mach_header and segment_command.
func parseMachO(head []byte) *exe {
	if len(head) < 32 {
		return nil
	}
	f := fields{b: head, order: binary.LittleEndian}
	switch string(head[:4]) {
	case "\xce\xfa\xed\xfe":
	case "\xcf\xfa\xed\xfe":
		f.wide = true
	case "\xfe\xed\xfa\xce":
		f.order = binary.BigEndian
	case "\xfe\xed\xfa\xcf":
		f.order, f.wide = binary.BigEndian, true
	default:
		return nil
	}
	x := &exe{}
	c, count := f.pick(28, 32), f.u32(16)
	for range min(count, exeHead/8) {
		if c > uint64(len(head)) {
			break
		}
		kind, size := f.u32(c), f.u32(c+4)
		if kind == f.pick(0x1, 0x19) {
			const writable, executable = 2, 4
			protection := f.u32(c + f.pick(44, 60))
			x.add(f.word(c+24, c+24), f.word(c+32, c+40), f.word(c+36, c+48), protection&(writable|executable) == writable, protection&executable != 0)
		}
		if size < 8 {
			break
		}
		c += size
	}
	return x
}

// parseFat reads the header of a universal file. Class files of Java begin
// alike, but have a version where the number of programs is, which is never as
// small. Source: Apple, mach-o/fat.h; Java Virtual Machine Specification,
// section 4.1.
func parseFat(head []byte) *exe {
	f := fields{b: head, order: binary.BigEndian}
	if count := f.u32(4); count == 0 || count >= 40 {
		return nil
	}
	offset := f.u32(16)
	if offset < 28 {
		return nil
	}
	return &exe{fat: int64(offset)} //nolint:gosec // 32 bits
}
