package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assay-project/assay/inventory"
)

// Facts of the build information that the Go linker writes.
// Source: package debug/buildinfo, function readRawBuildInfo, and the command
// cmd/go, package modload, variables infoStart and infoEnd.
const (
	goInfoMagic  = "\xff Go buildinf:"
	goInfoHeader = 32
	goInfoAlign  = 16
	goModStart   = "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
	goModEnd     = "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"
)

// Limits of build information, in bytes but for the last.
const (
	maxGoVersion = 256
	maxGoModules = 4 << 20
	maxGoStrings = 4096 // that could be what a pointer leads to
)

// readExecutable reads what an executable tells of itself in one pass. Of one
// built by Go these are the modules from which the linker has built it, which
// stand before the end of its data segment; with random access less is read.
// Stripped programs have them too. Of others only those are looked at whose
// name is in the table of programs.
func (s *shared) readExecutable(f *file) error {
	w, _ := s.windows.Get().(*window)
	if w == nil {
		w = new(window)
	}
	defer s.windows.Put(w)
	*w = window{r: f.r, at: f.at, buf: w.buf[:0], symbols: w.symbols}
	w.symbols.reset()
	defer w.release()
	p, err := openProgram(w)
	if err != nil || p == nil {
		return err
	}
	if !p.isGo {
		if rows := s.programsNamed(f.path); rows != nil {
			return f.look(w, rows)
		}
	}
	var tail segment
	if !p.isGo {
		if tail, err = s.readProgram(f, w, p.x, p.base); err != nil || len(f.out.Packages) > 0 {
			return err
		}
	}
	info, err := p.readBuildInfo()
	switch {
	case errors.Is(err, errNotGo):
		return s.readTail(f, w, p.base, tail)
	case err != nil:
		return err
	}
	list := info.packages(&w.symbols)
	for _, p := range list {
		if len(f.out.Packages) >= maxPackages {
			return errTooMany
		}
		f.add(p)
	}
	return nil
}

var (
	errNotGo       = errors.New("no Go program")
	errNoBuildInfo = errors.New("built by Go, but without build information")
	errPointers    = errors.New("build information of Go before 1.18 not readable")
)

// buildInfo is what a program tells of its making.
type buildInfo struct {
	version string // of Go
	modules string // lines of fields that are separated by tabs; empty if built without modules
}

// packages returns the modules of a program, and the standard library, with the
// functions that it has of them.
// Source: package runtime/debug, BuildInfo.String.
func (b *buildInfo) packages(symbols *goSymbols) []inventory.Package {
	var out []inventory.Package
	var roots []string // of the paths of their packages
	main, std, stdRoot := "", "stdlib", ""
	add := func(root, name, version string) {
		out, roots = append(out, goPackage(name, version)), append(roots, root)
	}
	for line := range strings.SplitSeq(b.modules, "\n") {
		kind, rest, _ := strings.Cut(line, "\t")
		name, rest, _ := strings.Cut(rest, "\t")
		version, _, _ := strings.Cut(rest, "\t")
		if version == "(devel)" {
			version = "" // built from a directory
		}
		if name == "" {
			continue
		}
		switch kind {
		case "path":
			main = name
		case "mod":
			if name == "cmd" {
				// A command of Go itself is known as part of the toolchain.
				std, stdRoot = "toolchain", "cmd"
				add("", "stdlib", b.version)
				continue
			}
			add(name, name, version)
		case "dep":
			add(name, name, version)
		case "=>":
			if len(out) == 0 {
				continue
			}
			// A directory in place of a module: the module is what it should
			// be, but nobody knows in which version.
			last := &out[len(out)-1]
			if last.Version = version; version != "" {
				last.Name = clean([]byte(name))
			}
		}
	}
	add(stdRoot, std, b.version)
	symbols.join(out, roots, main)
	return out
}

func goPackage(name, version string) inventory.Package {
	return inventory.Package{
		Type: "golang", Name: clean([]byte(name)), Version: clean([]byte(version)), Evidence: inventory.Binary,
	}
}

// goProgram is an executable on the way from its beginning to its end, which
// may have been built by Go.
type goProgram struct {
	w    *window
	x    *exe
	base int64 // of the program in the file
	isGo bool  // the linker of Go has signed it
}

// openProgram reads the headers of an executable. It returns nil if it is none.
func openProgram(w *window) (*goProgram, error) {
	head, err := w.need(exeHead)
	if err != nil {
		return nil, err
	}
	base := int64(0)
	x := parseExe(head)
	if x != nil && x.fat > 0 {
		// Universal: the first architecture stands for all.
		base = x.fat
		if err := w.advance(base); err != nil {
			return nil, err
		}
		if head, err = w.need(exeHead); err != nil {
			return nil, err
		}
		x = parseExe(head)
	}
	if x == nil {
		return nil, nil
	}
	return &goProgram{w: w, x: x, base: base, isGo: goHint(head)}, nil
}

// readBuildInfo looks for build information in the writable segments of an
// executable. Occurrences of its magic elsewhere are constants of programs that
// look for it, or other programs that are embedded.
func (p *goProgram) readBuildInfo() (*buildInfo, error) {
	s := goScan{w: p.w, x: p.x, base: p.base}
	functions, err := p.functions()
	if err != nil {
		return nil, err
	}
	for _, seg := range p.x.segments {
		if seg.writable {
			info, err := s.search(seg)
			if info != nil || err != nil {
				return info, err
			}
		} else if p.isGo && (!seg.executable || !p.x.textApart) {
			if functions.size > 0 {
				seg = seg.part(functions)
			}
			if err := s.remember(seg); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case s.pointers:
		return nil, errPointers
	case p.isGo:
		return nil, errNoBuildInfo
	}
	return nil, errNotGo
}

// functions returns where an ELF file says that the table of functions of a Go
// program is, so that nothing else of its constants need be read; nowhere if it
// does not say, or in a stream.
func (p *goProgram) functions() (segment, error) {
	head, err := p.w.need(exeHead)
	if err != nil || !p.isGo || p.w.at == nil || !bytes.HasPrefix(head, []byte("\x7fELF")) {
		return segment{}, err
	}
	return elfSection(p.w, head, ".gopclntab")
}

// goHint tells whether the linker of Go has signed the beginning of a program,
// with a note in ELF files and with text elsewhere.
// Source: package cmd/internal/buildid; cmd/link, elf.go (ELF_NOTE_GONAME).
func goHint(head []byte) bool {
	for at := 0; ; at += len("Go") {
		i := bytes.Index(head[at:], []byte("Go"))
		if i < 0 {
			return false
		}
		at += i
		before, from := head[:at], head[at:]
		switch {
		case bytes.HasPrefix(from, []byte("Go build ID: \"")) && bytes.HasSuffix(before, []byte("\xff ")),
			bytes.HasPrefix(from, []byte("Go\x00\x00")) && bytes.HasSuffix(before, []byte("\x04\x00\x00\x00")),
			bytes.HasPrefix(from, []byte("Go\x00\x00")) && bytes.HasSuffix(before, []byte("\x00\x00\x00\x04")):
			return true
		}
	}
}

// goScan is the search for build information in one program.
type goScan struct {
	w        *window
	x        *exe
	base     int64 // of the program in the file
	tables   int   // of functions that could have begun
	pointers bool  // build information with pointers was found, but not what they lead to
	// strings are what pointers of older programs may lead to, by offset in the
	// file. A stream has passed them when the pointers come.
	strings map[int64][]byte
}

// search looks for build information in a segment. Its address is aligned.
func (s *goScan) search(seg segment) (*buildInfo, error) {
	w := s.w
	from, to := s.base+seg.offset, s.base+seg.offset+seg.size
	from += int64(-seg.addr % goInfoAlign)
	for from < w.pos() {
		from += max(goInfoAlign, (w.pos()-from)&^(goInfoAlign-1)) // segments overlap
	}
	magic := binary.LittleEndian.Uint64([]byte(goInfoMagic))
	for from < to {
		if err := w.advance(from); err != nil {
			return nil, err
		}
		b, err := w.need(int(min(windowStep, to-from)))
		if err != nil || len(b) < goInfoAlign || to-from < goInfoAlign {
			return nil, err
		}
		b = b[:min(int64(len(b)), to-from)&^(goInfoAlign-1)]
		// Of a program that may lie anywhere, the functions are in this segment.
		table := s.symbolTableIn(b, 0)
		if table < goInfoAlign {
			if from, err = s.readSymbols(from+int64(table), to); err != nil {
				return nil, err
			}
			from += s.align(seg, from)
			continue
		}
		b = b[:table&^(goInfoAlign-1)]
		next := from + int64(len(b))
		for i := 0; i < len(b); i += goInfoAlign {
			if binary.LittleEndian.Uint64(b[i:]) != magic || string(b[i:i+len(goInfoMagic)]) != goInfoMagic {
				continue
			}
			info, err := s.decode(from + int64(i))
			if info != nil || err != nil {
				return info, err
			}
			// The window has moved.
			next = from + int64(i) + goInfoAlign
			break
		}
		from = max(next, w.pos())
		from += s.align(seg, from)
	}
	return nil, nil
}

// align returns how many bytes after an offset the next aligned address is.
func (s *goScan) align(seg segment, offset int64) int64 {
	return int64(-(seg.addr + uint64(offset-s.base-seg.offset)) % goInfoAlign) //nolint:gosec // less than 16
}

// decode reads the build information at an offset, or returns nil if what is
// there only looks like it.
func (s *goScan) decode(offset int64) (*buildInfo, error) {
	if err := s.w.advance(offset); err != nil {
		return nil, err
	}
	b, err := s.w.need(goInfoHeader)
	if err != nil || len(b) < goInfoHeader {
		return nil, err
	}
	if flags := b[15]; flags&2 == 0 {
		return s.decodePointers([goInfoHeader]byte(b))
	}
	version, n, err := s.inline(goInfoHeader, maxGoVersion)
	if err != nil || n == 0 || !goVersion(version) {
		return nil, err
	}
	info := &buildInfo{version: string(version)}
	modules, m, err := s.inline(n, maxGoModules)
	if err != nil || m == 0 {
		return nil, err
	}
	info.modules = goModules(modules)
	return info, nil
}

// inline returns the string at n bytes after the window's start, which follows
// its length, and where it ends; 0 if there is none.
func (s *goScan) inline(n, limit int) (text []byte, end int, err error) {
	b, err := s.w.need(n + binary.MaxVarintLen64)
	if err != nil || len(b) < n {
		return nil, 0, err
	}
	size, m := binary.Uvarint(b[n:min(len(b), n+binary.MaxVarintLen64)])
	if m <= 0 || size > uint64(limit) { //nolint:gosec // a constant
		return nil, 0, nil
	}
	n += m
	end = n + int(size) //nolint:gosec // limited above
	b, err = s.w.need(end)
	if err != nil || len(b) < end {
		return nil, 0, err
	}
	return b[n:end], end, nil
}

// goVersion tells whether b could be the version of a Go toolchain.
func goVersion(b []byte) bool {
	if !bytes.HasPrefix(b, []byte("go")) && !bytes.HasPrefix(b, []byte("devel")) || !utf8.Valid(b) {
		return false
	}
	return bytes.IndexFunc(b, unicode.IsControl) < 0
}

// goModules returns the text between the marks that stand around the list of
// modules; empty if they are not there, as without modules.
func goModules(b []byte) string {
	if len(b) < 33 || b[len(b)-17] != '\n' {
		return ""
	}
	return string(b[16 : len(b)-16])
}

// decodePointers follows the pointers to the two strings of a program that was
// linked by Go 1.13 to 1.17.
func (s *goScan) decodePointers(header [goInfoHeader]byte) (*buildInfo, error) {
	size := int(header[14])
	var order binary.ByteOrder = binary.LittleEndian
	if header[15]&1 != 0 {
		order = binary.BigEndian
	}
	if size != 4 && size != 8 {
		return nil, nil
	}
	word := func(b []byte) uint64 {
		if size == 4 {
			return uint64(order.Uint32(b))
		}
		return order.Uint64(b)
	}
	// The window must go forward: the nearer string header first.
	at := [2]uint64{word(header[16:]), word(header[16+size:])}
	var text [2][]byte
	first := 0
	if at[1] < at[0] {
		first = 1
	}
	var headers [2][]byte
	for _, i := range [2]int{first, 1 - first} {
		b, err := s.readAddress(at[i], int64(2*size))
		if err != nil {
			return nil, err
		}
		headers[i] = bytes.Clone(b)
	}
	for i, limit := range [2]uint64{maxGoVersion, maxGoModules} {
		if headers[i] == nil {
			continue
		}
		addr, n := word(headers[i]), word(headers[i][size:])
		if n > limit {
			continue
		}
		b, err := s.readAddress(addr, int64(n)) //nolint:gosec // limited above
		if err != nil {
			return nil, err
		}
		text[i] = bytes.Clone(b)
	}
	if !goVersion(text[0]) {
		s.pointers = true
		return nil, nil
	}
	info := &buildInfo{version: string(text[0]), modules: goModules(text[1])}
	if info.modules == "" && headers[1] != nil && word(headers[1][size:]) > 0 {
		s.pointers = true
		return nil, nil
	}
	return info, nil
}

// readAddress returns n bytes at an address of the program, valid until the
// window moves; nil if they cannot be had any more.
func (s *goScan) readAddress(addr uint64, n int64) ([]byte, error) {
	offset, ok := s.x.offset(addr, n)
	if !ok {
		return nil, nil
	}
	offset += s.base
	if s.w.at != nil {
		b := make([]byte, n)
		if _, err := s.w.at.ReadAt(b, offset); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return b, nil
	}
	if offset < s.w.pos() {
		b := s.strings[offset]
		if int64(len(b)) < n {
			return nil, nil
		}
		return b[:n], nil
	}
	if err := s.w.advance(offset); err != nil {
		return nil, err
	}
	b, err := s.w.need(int(n))
	if err != nil || int64(len(b)) < n {
		return nil, err
	}
	return b[:n], nil
}

// remember reads the functions of a program in a segment of constants. Of a
// stream it keeps what could be the version of Go or the list of modules.
func (s *goScan) remember(seg segment) error {
	if s.strings == nil {
		s.strings = make(map[int64][]byte)
	}
	from, to := max(s.base+seg.offset, s.w.pos()), s.base+seg.offset+seg.size
	for from < to {
		if err := s.w.advance(from); err != nil {
			return err
		}
		b, err := s.w.need(int(min(windowStep, to-from)))
		if err != nil || len(b) == 0 {
			return err
		}
		b = b[:min(int64(len(b)), to-from)]
		table := s.symbolTableIn(b, seg.addr+uint64(from-s.base-seg.offset)) //nolint:gosec // not negative
		if table == 0 {
			if from, err = s.readSymbols(from, to); err != nil {
				return err
			}
			continue
		}
		last := table < len(b) || from+int64(len(b)) >= to
		if b = b[:table]; s.w.at != nil {
			if from += int64(table); !last {
				from -= goInfoAlign
			}
			continue
		}
		// What begins in this step may end in the next one.
		next := from + int64(len(b))
		if !last && len(b) > maxVersionText {
			next -= maxVersionText
		}
		s.rememberVersions(b, from)
		if i := bytes.Index(b, []byte(goModStart)); i >= 0 {
			if err := s.rememberModules(from + int64(i)); err != nil {
				return err
			}
			next = max(s.w.pos(), from+int64(i)+goInfoAlign)
		}
		from = next
	}
	return nil
}

// maxVersionText is how much is kept of what could be a version of Go, in bytes.
const maxVersionText = 96

// rememberVersions keeps what in b, which lies at an offset, could be a version.
func (s *goScan) rememberVersions(b []byte, from int64) {
	for i := 0; len(s.strings) < maxGoStrings; i++ {
		n := bytes.Index(b[i:], []byte("go1."))
		if n < 0 {
			return
		}
		i += n
		if text := b[i:min(len(b), i+maxVersionText)]; len(text) > 4 && text[4] >= '0' && text[4] <= '9' {
			s.strings[from+int64(i)] = bytes.Clone(text)
		}
	}
}

// rememberModules keeps the list of modules that begins at offset.
func (s *goScan) rememberModules(offset int64) error {
	if err := s.w.advance(offset); err != nil {
		return err
	}
	for n := windowStep; ; n *= 2 {
		b, err := s.w.need(min(n, maxGoModules))
		if err != nil {
			return err
		}
		if end := bytes.Index(b, []byte(goModEnd)); end >= 0 {
			s.strings[offset] = bytes.Clone(b[:end+len(goModEnd)])
			return s.w.advance(offset + int64(end))
		}
		if len(b) < n || n >= maxGoModules {
			return nil
		}
	}
}

// windowStep is how much of a stream is looked at in one go, in bytes.
const windowStep = 64 << 10

// window is a part of a file on the way from its beginning to its end. Of a
// stream all bytes are read, with random access only those that are needed.
type window struct {
	r     io.Reader
	at    io.ReaderAt // is used instead of r if it is there
	buf   []byte
	start int64 // of buf in the file
	from  int   // where in buf the window begins
	eof   bool

	symbols goSymbols // of a Go program; its memory is used again
}

// release lets go of the file and of a buffer that has become large.
func (w *window) release() {
	w.r, w.at = nil, nil
	if cap(w.buf) > 4*windowStep {
		w.buf = nil
	}
}

// pos is the offset in the file where the window begins.
func (w *window) pos() int64 { return w.start + int64(w.from) }

// advance moves the beginning of the window to an offset, which must not lie
// before it. A window behind the end of the file is empty.
func (w *window) advance(offset int64) error {
	n := offset - w.pos()
	if n < 0 {
		return fmt.Errorf("going back to byte %d of a stream", offset)
	}
	if have := int64(len(w.buf) - w.from); n <= have {
		w.from += int(n)
		return nil
	}
	if w.at != nil {
		w.buf, w.start, w.from = w.buf[:0], offset, 0
		return nil
	}
	// The rest passes through the buffer.
	left := n - int64(len(w.buf)-w.from)
	w.start += int64(len(w.buf))
	w.buf, w.from = w.buf[:0], 0
	if cap(w.buf) == 0 {
		w.buf = make([]byte, 0, 2*windowStep)
	}
	for left > 0 && !w.eof {
		m, err := w.r.Read(w.buf[:min(int64(cap(w.buf)), left)])
		left -= int64(m)
		w.start += int64(m)
		if err := w.ended(err); err != nil {
			return err
		}
	}
	w.start += left
	return nil
}

// ended notes the end of the file and passes other errors on.
func (w *window) ended(err error) error {
	if errors.Is(err, io.EOF) {
		w.eof = true
		return nil
	}
	return err
}

// need returns the window with at least n bytes, or fewer if the file ends.
func (w *window) need(n int) ([]byte, error) {
	if len(w.buf)-w.from >= n {
		return w.buf[w.from:], nil
	}
	if cap(w.buf)-w.from < n {
		// The bytes before the window make place, or a larger buffer does.
		buf := w.buf[:0]
		if cap(buf) < n {
			buf = make([]byte, 0, max(n, 2*windowStep))
		}
		buf = buf[:copy(buf[:cap(buf)], w.buf[w.from:])]
		w.start += int64(w.from)
		w.buf, w.from = buf, 0
	}
	for idle := 0; len(w.buf)-w.from < n && !w.eof; idle++ {
		if idle > 1000*windowStep {
			return nil, io.ErrNoProgress
		}
		end := min(cap(w.buf), w.from+max(n, windowStep))
		m, err := w.read(w.buf[len(w.buf):end])
		w.buf = w.buf[:len(w.buf)+m]
		if err := w.ended(err); err != nil {
			return nil, err
		}
	}
	return w.buf[w.from:], nil
}

func (w *window) read(p []byte) (int, error) {
	if w.at != nil {
		return w.at.ReadAt(p, w.start+int64(len(w.buf)))
	}
	return w.r.Read(p)
}
