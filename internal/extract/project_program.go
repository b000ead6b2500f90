package extract

import (
	"bytes"
	"encoding/binary"
)

// readProgram reads what a program that was not built by Go tells of itself:
// the list of crates that Rust's cargo auditable puts into it, or the version
// of a .NET assembly. The window stands at the program's beginning. In a stream
// that is an ELF file nothing is read, but tail is the part, behind all segments,
// that readTail must see when the window has come there.
func (s *shared) readProgram(f *file, w *window, x *exe, base int64) (tail segment, err error) {
	head, err := w.need(exeHead)
	if err != nil {
		return segment{}, err
	}
	var part segment
	switch {
	case bytes.HasPrefix(head, []byte("\x7fELF")) && w.at == nil:
		return elfTail(x, head), nil
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		part, err = elfSection(w, head, auditSection)
	case bytes.HasPrefix(head, []byte("MZ")):
		p := readPEHeader(head)
		if p.managed {
			return segment{}, readAssembly(f, w, base, p.resources)
		}
		part = p.audit
	default:
		part = machSection(head, auditSection)
	}
	if part.size == 0 || err != nil {
		return segment{}, err
	}
	return segment{}, s.readAuditPart(f, w, base, part)
}

// elfHeader returns how to read the numbers of an ELF file.
func elfHeader(head []byte) fields {
	f := fields{b: head, order: binary.LittleEndian, wide: head[4] == 2}
	if head[5] == 2 {
		f.order = binary.BigEndian
	}
	return f
}

// elfTail returns the part of an ELF file between the last segment and the
// table of sections, where linkers put what is not loaded. Nothing if the table
// is elsewhere.
func elfTail(x *exe, head []byte) segment {
	f := elfHeader(head)
	table := f.word(32, 40)
	end := int64(0)
	for _, seg := range x.segments {
		end = max(end, seg.offset+seg.size)
	}
	if table > 1<<40 || int64(table) <= end {
		return segment{}
	}
	return segment{offset: end, size: int64(table) - end}
}

// elfSection returns where a section is, by the table at the end of the file;
// nowhere if there is no such table.
// Source: System V ABI, chapter 4, "Sections".
func elfSection(w *window, head []byte, name string) (segment, error) {
	const maxTable = 4 << 20 // bytes of the table, and of the names
	f := elfHeader(head)
	table := f.word(32, 40)
	size, count, names := f.u16(f.pick(46, 58)), f.u16(f.pick(48, 60)), f.u16(f.pick(50, 62))
	if table == 0 || table > 1<<40 || size < f.pick(40, 64) || size*count > maxTable || names >= count {
		return segment{}, nil
	}
	read := func(offset, n uint64) ([]byte, error) {
		b := make([]byte, n)
		m, err := w.at.ReadAt(b, int64(offset)) //nolint:gosec // limited by the caller
		return b[:m], w.ended(err)
	}
	b, err := read(table, size*count)
	if err != nil {
		return segment{}, err
	}
	w.eof = false
	f.b = b
	// An offset and a size of the entry i.
	where := func(i uint64) (uint64, uint64) {
		return f.word(i*size+16, i*size+24), f.word(i*size+20, i*size+32)
	}
	offset, n := where(names)
	if n > maxTable || offset > 1<<40 {
		return segment{}, nil
	}
	text, err := read(offset, n)
	if err != nil {
		return segment{}, err
	}
	w.eof = false
	want := []byte(name + "\x00")
	for i := range count {
		at := f.u32(i * size)
		if at < uint64(len(text)) && bytes.HasPrefix(text[at:], want) {
			if offset, n := where(i); offset < 1<<40 && n < 1<<40 {
				return segment{offset: int64(offset), size: int64(n)}, nil
			}
		}
	}
	return segment{}, nil
}

// machSection returns where a section is.
// Source: Apple, mach-o/loader.h, section and section_64.
func machSection(head []byte, name string) segment {
	f := fields{b: head, order: binary.LittleEndian}
	switch string(head[:min(4, len(head))]) {
	case "\xce\xfa\xed\xfe":
	case "\xcf\xfa\xed\xfe":
		f.wide = true
	default:
		return segment{} // nobody builds Rust for the others
	}
	c, count := f.pick(28, 32), f.u32(16)
	for range min(count, exeHead/8) {
		if c > uint64(len(head)) {
			break
		}
		kind, size := f.u32(c), f.u32(c+4)
		if kind == f.pick(0x1, 0x19) {
			s := c + f.pick(56, 72)
			for range min(f.u32(c+f.pick(48, 64)), exeHead/68) {
				if bytes.Equal(bytes.TrimRight(append(f.at(s, 8), f.at(s+8, 8)...), "\x00"), []byte(name)) {
					n := f.word(s+36, s+40)
					if n > 1<<40 {
						return segment{}
					}
					return segment{offset: int64(f.u32(s + f.pick(40, 48))), size: int64(n)} //nolint:gosec // limited above, and 32 bits
				}
				s += f.pick(68, 80)
			}
		}
		if size < 8 {
			break
		}
		c += size
	}
	return segment{}
}

// peHeader is what the header of a PE file tells of what is of interest.
type peHeader struct {
	managed   bool    // made for .NET
	resources segment // nowhere if there are none
	audit     segment
}

// readPEHeader reads the directories and the section table.
// Source: Microsoft, "PE Format", sections "Optional Header Data Directories"
// and "Section Table".
func readPEHeader(head []byte) peHeader {
	f := fields{b: head, order: binary.LittleEndian}
	pe := f.u32(0x3c)
	optional := pe + 24
	directories := optional + 96
	if f.u16(optional) == 0x20b {
		directories += 16
	}
	count := f.u32(directories - 4)
	directory := func(i uint64) (addr, size uint64) {
		if i >= count {
			return 0, 0
		}
		return f.u32(directories + 8*i), f.u32(directories + 8*i + 4)
	}
	const resources, runtime = 2, 14
	var p peHeader
	addr, size := directory(runtime)
	p.managed = addr != 0 && size != 0
	addr, size = directory(resources)
	table := optional + f.u16(pe+20)
	for i := range f.u16(pe + 6) {
		s := table + i*40
		if s > uint64(len(head)) {
			break
		}
		start, offset, n := f.u32(s+12), f.u32(s+20), f.u32(s+16)
		if size > 0 && addr >= start && addr-start < n {
			p.resources = segment{offset: int64(offset + addr - start), size: int64(min(size, n-(addr-start)))} //nolint:gosec // 32 bits
		}
		if string(bytes.TrimRight(f.at(s, 8), "\x00")) == auditSection {
			if virtual := f.u32(s + 8); virtual != 0 {
				n = min(n, virtual)
			}
			p.audit = segment{offset: int64(offset), size: int64(n)} //nolint:gosec // 32 bits
		}
	}
	return p
}
