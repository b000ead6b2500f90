package artifact

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
)

// ErrTar says that what was to be a tar archive is none, or is broken.
var ErrTar = errors.New("not a valid tar archive")

// Limits of a tar archive.
const (
	maxEntries = 2_000_000
	maxPath    = 4096    // bytes; PATH_MAX of Linux, limits.h
	maxSpecial = 1 << 20 // bytes of an extended header or long name
)

// Fields of a header. Source: tar(5) of libarchive, "Old-Style Archive Format",
// "POSIX ustar Archives", "GNU Tar Archives"; star(5) for the short prefix.
const (
	blockSize     = 512
	tarName       = 0 // of 100 bytes
	tarMode       = 100
	tarUID        = 108
	tarSize       = 124 // of 12 bytes
	tarModTime    = 136
	tarChecksum   = 148
	tarType       = 156
	tarLink       = 157 // of 100 bytes
	tarMagic      = 257
	tarPrefix     = 345 // of 155 bytes in ustar, of 131 in star
	tarGNUAtime   = 345
	tarGNUCtime   = 357
	tarGNUMore    = 482 // another block of the sparse map follows
	tarGNUReal    = 483 // size of a sparse file
	tarGNUMapMore = 504 // as tarGNUMore, in a block of the map
	tarStarMagic  = 508
)

// What a header may be, from the magic of ustar, star and GNU tar.
type tarFormat uint8

const (
	tarV7 tarFormat = iota
	tarUSTAR
	tarStar
	tarGNU
)

// tarReader reads the headers of a tar archive one after the other. Its entry
// is overwritten by each call of next. It takes what archive/tar takes and
// understands it alike, but for sparse files, whose contents it does not give,
// and for fields that nobody needs, which may be broken.
type tarReader struct {
	stream

	entry Entry
	count int

	// Of the current entry.
	pending    int64 // bytes of the body that nobody has read
	padding    int64
	sizeOf     int64
	exec       bool
	unreadable error
	generation uint64

	// Extended headers for the next entry.
	ext  extended
	name []byte // scratch
}

// extended is what pax and GNU headers say of the entry that follows them.
type extended struct {
	path, link         []byte // of pax
	longName, longLink []byte // of GNU tar
	size               []byte
	sparseName         []byte
	sparseSize         []byte
	sparseReal         []byte
	major, minor       []byte
	sparseMap          []byte
	sparseParts        []byte // the map of version 0.0, in records of its own
}

func newTarReader(src source) *tarReader {
	t := &tarReader{stream: stream{src: src}}
	t.entry.content = t
	return t
}

// walk calls visit for each entry.
func (t *tarReader) walk(ctx context.Context, visit func(*Entry) error) error {
	for {
		err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if t.count++; t.count > maxEntries {
			return fmt.Errorf("reading a tar archive: more than %d entries", maxEntries)
		}
		if t.count%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if t.entry.Path == "." && t.entry.Err == nil {
			continue
		}
		if err := visit(&t.entry); err != nil {
			return err
		}
	}
}

// next reads up to the start of the next entry's body. The error is io.EOF at
// the end of the archive: two blocks of zeros, or the end of the data where a
// header may begin, as written by tools that forget the blocks.
func (t *tarReader) next() error {
	t.ext.reset()
	for {
		if err := t.endBody(); err != nil {
			return err
		}
		b, err := t.header()
		if err != nil {
			return err
		}
		size, ok := parseNumber(b[tarSize : tarSize+12])
		if !ok || size < 0 && !headerOnly(b[tarType]) {
			return fmt.Errorf("%w: impossible size at byte %d", ErrTar, t.pos-blockSize)
		}
		switch flag := b[tarType]; flag {
		case 'x', 'g', 'L', 'K':
			if err := t.special(flag, size); err != nil {
				return err
			}
			if flag == 'g' {
				// A global header is to say what all files have in common,
				// which is nothing that we ask for.
				t.ext.reset()
			}
		default:
			return t.file(b, size)
		}
	}
}

// endBody passes over what is left of the current body and its padding.
func (t *tarReader) endBody() error {
	t.generation++
	if t.pending > 0 {
		n := t.pending
		t.pending = 0
		if err := t.discard(n); err != nil {
			return err
		}
	}
	if t.padding > 0 {
		n := t.padding
		t.padding = 0
		if err := t.discard(n); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				return io.EOF // padding may be missing at the end
			}
			return err
		}
	}
	return nil
}

// header returns the next header block, valid until more is read.
func (t *tarReader) header() ([]byte, error) {
	b, err := t.take(blockSize)
	if err != nil {
		return nil, err
	}
	if b[0] == 0 && allZero(b) {
		if b, err = t.take(blockSize); err != nil {
			return nil, err
		}
		if allZero(b) {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("%w: data after a block of zeros at byte %d", ErrTar, t.pos-blockSize)
	}
	if !validChecksum(b) {
		return nil, fmt.Errorf("%w: wrong checksum of the header at byte %d", ErrTar, t.pos-blockSize)
	}
	return b, nil
}

// file fills in the entry from its header.
func (t *tarReader) file(b []byte, size int64) error {
	flag, format := b[tarType], formatOf(b)
	mode, ok := parseNumber(b[tarMode:tarUID])
	if !ok {
		return fmt.Errorf("%w: impossible mode at byte %d", ErrTar, t.pos-blockSize)
	}
	name := t.headerName(b, format)
	link := text(b[tarLink : tarLink+100])
	x := &t.ext
	if len(x.path) > 0 {
		name = x.path
	}
	if len(x.link) > 0 {
		link = x.link
	}
	if len(x.size) > 0 {
		n, err := strconv.ParseInt(string(x.size), 10, 64)
		if err != nil || n < 0 && !headerOnly(flag) {
			return fmt.Errorf("%w: impossible size in an extended header before byte %d", ErrTar, t.pos)
		}
		size = n
	}
	if len(x.longName) > 0 {
		name = x.longName
	}
	if len(x.longLink) > 0 {
		link = x.longLink
	}
	if flag == 0 && len(name) > 0 && name[len(name)-1] == '/' {
		flag = '5' // as archives did before there was a flag for directories
	}
	stored := size
	if headerOnly(flag) {
		stored, size = 0, 0
	}
	sparse, err := t.sparse(b, format, &name, &size)
	if err != nil {
		return err
	}
	e := &t.entry
	e.Type, e.Hard, e.Err = typeOf(flag), flag == '1', nil
	t.sizeOf, t.exec, t.unreadable = size, mode&0o111 != 0, nil
	if sparse {
		t.unreadable = errors.New("sparse file in a tar archive is not inspected")
	}
	e.Path, err = cleanBytes(name)
	e.Err = err
	e.Target = ""
	switch flag {
	case '1':
		if e.Target, err = cleanBytes(link); err != nil && e.Err == nil {
			e.Err = err
		}
	case '2':
		e.Target = string(link)
	}
	// Only now: the fields above lie in the piece that reading on replaces.
	if sparse && flag == 'S' {
		if err := t.skipSparseMap(b); err != nil {
			return err
		}
	}
	t.pending, t.padding = stored, -stored&(blockSize-1)
	return nil
}

// headerName returns the name as the header itself has it.
func (t *tarReader) headerName(b []byte, format tarFormat) []byte {
	name := text(b[tarName : tarName+100])
	var prefix []byte
	switch format {
	case tarUSTAR:
		prefix = text(b[tarPrefix : tarPrefix+155])
	case tarStar:
		prefix = text(b[tarPrefix : tarPrefix+131])
	case tarGNU:
		// GNU tar has times here. Archives by Go before 1.8 had a prefix,
		// which no number is. Source: golang.org/issue/12594.
		if !gnuTimes(b) {
			if p := text(b[tarPrefix : tarPrefix+155]); isASCII(p) {
				prefix = p
			}
		}
	case tarV7:
	}
	if len(prefix) == 0 {
		return name
	}
	t.name = append(append(append(t.name[:0], prefix...), '/'), name...)
	return t.name
}

// gnuTimes tells whether the fields for times are empty or numbers.
func gnuTimes(b []byte) bool {
	for _, at := range []int{tarGNUAtime, tarGNUCtime} {
		if b[at] != 0 {
			if _, ok := parseNumber(b[at : at+12]); !ok {
				return false
			}
		}
	}
	return true
}

// sparse tells whether the file is sparse, and replaces name and size by those
// that such a file has in truth. Source: GNU tar manual, "Storing Sparse Files".
func (t *tarReader) sparse(b []byte, format tarFormat, name *[]byte, size *int64) (bool, error) {
	if b[tarType] == 'S' {
		n, ok := parseNumber(b[tarGNUReal : tarGNUReal+12])
		if format != tarGNU || !ok || n < 0 {
			return false, fmt.Errorf("%w: impossible sparse file at byte %d", ErrTar, t.pos-blockSize)
		}
		*size = n
		return true, nil
	}
	x := &t.ext
	switch major, minor := string(x.major), string(x.minor); {
	case major == "0" && (minor == "0" || minor == "1"), major == "1" && minor == "0":
	case major != "" || minor != "":
		return false, nil
	case len(x.sparseMap) == 0 && len(x.sparseParts) == 0:
		return false, nil
	}
	if len(x.sparseName) > 0 {
		*name = x.sparseName
	}
	s := x.sparseSize
	if len(s) == 0 {
		s = x.sparseReal
	}
	if len(s) > 0 {
		n, err := strconv.ParseInt(string(s), 10, 64)
		if err != nil || n < 0 {
			return false, fmt.Errorf("%w: impossible sparse file at byte %d", ErrTar, t.pos-blockSize)
		}
		*size = n
	}
	return true, nil
}

// skipSparseMap passes over the blocks that continue the map of a sparse file;
// its size does not count them.
func (t *tarReader) skipSparseMap(b []byte) error {
	for more := b[tarGNUMore] != 0; more; {
		b, err := t.take(blockSize)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		more = b[tarGNUMapMore] != 0
	}
	return nil
}

// special reads an entry that describes the one behind it.
func (t *tarReader) special(flag byte, size int64) error {
	if size > maxSpecial {
		return fmt.Errorf("%w: extended header of %d bytes is over the limit", ErrTar, size)
	}
	b, err := t.take(int(size))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	t.padding = -size & (blockSize - 1)
	x := &t.ext
	switch flag {
	case 'L':
		x.longName = append(x.longName[:0], text(b)...)
	case 'K':
		x.longLink = append(x.longLink[:0], text(b)...)
	default:
		longName, longLink := x.longName, x.longLink
		x.reset()
		x.longName, x.longLink = longName, longLink
		if !x.parse(b) {
			return fmt.Errorf("%w: broken extended header before byte %d", ErrTar, t.pos)
		}
	}
	return nil
}

// reset forgets everything but the memory.
func (x *extended) reset() {
	*x = extended{path: x.path[:0], link: x.link[:0], longName: x.longName[:0], longLink: x.longLink[:0], size: x.size[:0]}
}

// parse reads the records of a pax header, each "length key=value\n".
// Source: POSIX.1-2017, pax, "pax Extended Header".
func (x *extended) parse(b []byte) bool {
	for len(b) > 0 {
		space := bytes.IndexByte(b, ' ')
		if space < 0 {
			return false
		}
		n, err := strconv.Atoi(string(b[:space]))
		if err != nil || n < 5 || n > len(b) || n <= space+1 || b[n-1] != '\n' {
			return false
		}
		key, value, ok := bytes.Cut(b[space+1:n-1], []byte("="))
		if !ok || len(key) == 0 || bytes.IndexByte(key, 0) >= 0 {
			return false
		}
		b = b[n:]
		field := x.field(string(key))
		if field == nil {
			continue
		}
		if (field == &x.path || field == &x.link) && bytes.IndexByte(value, 0) >= 0 {
			return false
		}
		*field = append((*field)[:0], value...)
	}
	return true
}

// field returns where the value of a key goes, nil if nobody needs it.
func (x *extended) field(key string) *[]byte {
	switch key {
	case "path":
		return &x.path
	case "linkpath":
		return &x.link
	case "size":
		return &x.size
	case "GNU.sparse.name":
		return &x.sparseName
	case "GNU.sparse.size":
		return &x.sparseSize
	case "GNU.sparse.realsize":
		return &x.sparseReal
	case "GNU.sparse.major":
		return &x.major
	case "GNU.sparse.minor":
		return &x.minor
	case "GNU.sparse.map":
		return &x.sparseMap
	case "GNU.sparse.offset", "GNU.sparse.numbytes":
		return &x.sparseParts
	}
	return nil
}

// size implements content.
func (t *tarReader) size() (int64, error) { return t.sizeOf, nil }

// executable implements content.
func (t *tarReader) executable() (bool, error) { return t.exec, nil }

// open implements content.
func (t *tarReader) open() (File, error) {
	switch {
	case t.entry.Err != nil:
		return nil, t.entry.Err
	case t.entry.Type != 0 || t.entry.Hard:
		return nil, fmt.Errorf("opening %s: not a regular file", t.entry.Path)
	case t.unreadable != nil:
		return nil, fmt.Errorf("opening %s: %w", t.entry.Path, t.unreadable)
	}
	if w, ok := t.src.(*window); ok {
		return plainFile{w.section(t.buf, t.pos, t.pending)}, nil
	}
	return &tarFile{t: t, generation: t.generation}, nil
}

// plainFile is the body of the current entry where it lies uncompressed in a
// file: what its reader has no use for is never read.
type plainFile struct{ *io.SectionReader }

// Close implements [io.Closer].
func (plainFile) Close() error { return nil }

// tarFile is the body of the current entry.
type tarFile struct {
	t          *tarReader
	generation uint64
}

// Read implements [io.Reader].
func (f *tarFile) Read(p []byte) (int, error) {
	t := f.t
	if t == nil || f.generation != t.generation {
		return 0, fs.ErrClosed
	}
	if t.pending == 0 {
		return 0, io.EOF
	}
	n, err := t.read(p[:min(int64(len(p)), t.pending)])
	t.pending -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close implements [io.Closer].
func (f *tarFile) Close() error {
	f.t = nil
	return nil
}

// headerOnly tells whether entries of this type have no body, whatever their
// size says.
func headerOnly(flag byte) bool { return flag >= '1' && flag <= '6' }

func typeOf(flag byte) fs.FileMode {
	switch flag {
	case 0, '0', '1', '7', 'S':
		return 0
	case '2':
		return fs.ModeSymlink
	case '3':
		return fs.ModeDevice | fs.ModeCharDevice
	case '4':
		return fs.ModeDevice
	case '5':
		return fs.ModeDir
	case '6':
		return fs.ModeNamedPipe
	}
	return fs.ModeIrregular
}

func formatOf(b []byte) tarFormat {
	switch {
	case string(b[tarMagic:tarMagic+6]) == "ustar\x00":
		if string(b[tarStarMagic:]) == "tar\x00" {
			return tarStar
		}
		return tarUSTAR
	case string(b[tarMagic:tarMagic+8]) == "ustar  \x00":
		return tarGNU
	}
	return tarV7
}

// validChecksum compares the sum of the bytes of a header with what it says,
// where the sum itself counts as spaces. Some old systems summed signed bytes.
func validChecksum(b []byte) bool {
	want, ok := parseNumberOctal(b[tarChecksum : tarChecksum+8])
	if !ok {
		return false
	}
	// Four 16-bit lanes hold 128 bytes of at most 255 each.
	const lanes = 0x00ff00ff00ff00ff
	var acc uint64
	for w := b[:blockSize]; len(w) >= 8; w = w[8:] {
		x := binary.LittleEndian.Uint64(w)
		acc += x&lanes + x>>8&lanes
	}
	sum := int64(acc&0xffff + acc>>16&0xffff + acc>>32&0xffff + acc>>48)
	for _, c := range b[tarChecksum : tarChecksum+8] {
		sum += ' ' - int64(c)
	}
	if sum == want {
		return true
	}
	sum = 0
	for i, c := range b[:blockSize] {
		if i >= tarChecksum && i < tarChecksum+8 {
			c = ' '
		}
		sum += int64(int8(c))
	}
	return sum == want
}

func allZero(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	return true
}

// text returns what comes before the first NUL.
func text(b []byte) []byte {
	if before, _, ok := bytes.Cut(b, []byte{0}); ok {
		return before
	}
	return b
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// parseNumber reads a number in octal, or in base 256 if the highest bit of the
// field is set. Source: tar(5), "Numeric Extensions".
func parseNumber(b []byte) (int64, bool) {
	if b[0]&0x80 == 0 {
		return parseNumberOctal(b)
	}
	var inv byte
	if b[0]&0x40 != 0 {
		inv = 0xff // negative, in two's complement
	}
	var x uint64
	for i, c := range b {
		c ^= inv
		if i == 0 {
			c &= 0x7f
		}
		if x>>56 > 0 {
			return 0, false
		}
		x = x<<8 | uint64(c)
	}
	if x>>63 > 0 {
		return 0, false
	}
	if inv != 0 {
		return ^int64(x), true
	}
	return int64(x), true
}

// parseNumberOctal reads octal digits, which may be preceded and followed by
// spaces and NULs. A field without digits is zero.
func parseNumberOctal(b []byte) (int64, bool) {
	for len(b) > 0 && (b[0] == ' ' || b[0] == 0) {
		b = b[1:]
	}
	var x int64
	for len(b) > 0 && b[0]&^7 == '0' {
		if x >= 1<<60 {
			return 0, false
		}
		x = x<<3 | int64(b[0]&7)
		b = b[1:]
	}
	if len(b) > 0 && b[0] == 0 {
		return x, true // what follows a NUL counts for nothing
	}
	for _, c := range b {
		if c != ' ' && c != 0 {
			return 0, false
		}
	}
	return x, true
}
