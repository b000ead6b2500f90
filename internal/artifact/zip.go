package artifact

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/inflate"
)

// ErrZip says that what was to be a zip archive is none, or is broken.
var ErrZip = errors.New("not a valid zip archive")

// Limits of a zip archive. A directory entry takes at least 46 bytes, so that
// the size of the directory limits the number of members too.
const (
	maxZipDirectory = 128 << 20
	maxZipMembers   = 1 << 20
	maxZipMember    = 1 << 30  // expanded bytes of one member
	zipRatioFloor   = 16 << 20 // expanded bytes from which on the ratio counts
	maxRatio        = 100      // expanded bytes for each stored one
)

// Records of a zip archive. Source: PKWARE APPNOTE 6.3.10, sections 4.3.7,
// 4.3.12, 4.3.14 to 4.3.16.
const (
	zipLocalSig     = 0x04034b50
	zipDirSig       = 0x02014b50
	zipEndSig       = 0x06054b50
	zipEnd64Sig     = 0x06064b50
	zipLocator64Sig = 0x07064b50

	zipLocalLen     = 30
	zipDirLen       = 46
	zipEndLen       = 22
	zipEnd64Len     = 56
	zipLocator64Len = 20
)

// Methods of compression. Source: APPNOTE, section 4.4.5.
const (
	zipStored   = 0
	zipDeflated = 8
)

// Zip is the table of contents of a zip archive, such as a jar or the code of a
// function. Opening one reads the end and the central directory and nothing
// else.
type Zip struct {
	// Decoders lends the decoders for deflated members. Set it before the
	// first Open to share them among archives; OpenZip sets one of its own.
	Decoders *inflate.Pool

	r       io.ReaderAt
	size    int64
	members []Member
}

// Member is one file of a zip archive.
type Member struct {
	Name           string      // as written in the archive: not clean, and a directory ends in a slash
	Size           int64       // bytes, expanded, as the archive claims
	CompressedSize int64       // bytes, stored, as the archive claims
	Method         uint16      // 0 stored, 8 deflated
	Mode           fs.FileMode // type and permissions; 0 if the archive was not made on Unix

	offset, end int64 // the local header; where the next member begins
	crc         uint32
	flags       uint16
}

// OpenZip reads the table of contents of the zip archive r of size bytes. It
// returns an error that wraps [ErrZip] if r is no such archive, and an error of
// r as it is. Bytes before the archive are allowed, as in executable jars. The
// Zip holds no resource and need not be closed; r must stay open as long as
// members are read. Members may be read by several goroutines if r may.
func OpenZip(r io.ReaderAt, size int64) (*Zip, error) {
	end, err := readZipEnd(r, size)
	if err != nil {
		return nil, err
	}
	dir := make([]byte, end.dirSize)
	if err := readAt(r, dir, end.dirStart); err != nil {
		return nil, fmt.Errorf("reading the directory of a zip archive: %w", err)
	}
	z := &Zip{Decoders: new(inflate.Pool), r: r, size: size}
	z.members = make([]Member, 0, min(end.count, uint64(len(dir)/zipDirLen)))
	var names strings.Builder
	names.Grow(len(dir) - min(len(dir), zipDirLen*cap(z.members)))
	for len(dir) > 0 && uint64(len(z.members)) < end.count {
		m, name, n, err := parseZipMember(dir, end.base)
		if err != nil {
			return nil, err
		}
		m.end = int64(len(name)) // until the names have become one string
		names.Write(name)
		z.members = append(z.members, m)
		dir = dir[n:]
	}
	if uint64(len(z.members)) != end.count {
		return nil, fmt.Errorf("%w: %d members announced, %d found", ErrZip, end.count, len(z.members))
	}
	all := names.String()
	for i := range z.members {
		m := &z.members[i]
		m.Name, all = all[:m.end], all[m.end:]
	}
	z.setEnds(end.dirStart)
	return z, nil
}

// Members returns the members in the order of the directory. The slice belongs
// to z.
func (z *Zip) Members() []Member { return z.members }

// zipEnd is what the end of an archive says of its directory.
type zipEnd struct {
	count             uint64 // members
	dirStart, dirSize int64
	base              int64 // what comes before the archive proper
}

// readZipEnd finds the end of central directory record, which is followed by a
// comment of at most 65,535 bytes. Source: APPNOTE, section 4.3.16.
func readZipEnd(r io.ReaderAt, size int64) (zipEnd, error) {
	var tail []byte
	at := -1
	for _, n := range []int64{1 << 10, zipEndLen + 1<<16} {
		n = min(n, size)
		tail = make([]byte, n)
		if err := readAt(r, tail, size-n); err != nil {
			return zipEnd{}, fmt.Errorf("reading the end of a zip archive: %w", err)
		}
		if at = findZipEnd(tail); at >= 0 {
			break
		}
	}
	if at < 0 {
		return zipEnd{}, fmt.Errorf("%w: no end of directory record", ErrZip)
	}
	b := tail[at:]
	e := zipEnd{count: uint64(binary.LittleEndian.Uint16(b[10:]))}
	dirSize, dirOffset := uint64(binary.LittleEndian.Uint32(b[12:])), uint64(binary.LittleEndian.Uint32(b[16:]))
	endAt := size - int64(len(tail)) + int64(at)
	if e.count == 0xffff || dirSize == 0xffffffff || dirOffset == 0xffffffff {
		b64, at64, err := readZipEnd64(r, endAt)
		if err != nil {
			return zipEnd{}, err
		}
		if b64 != nil {
			e.count = binary.LittleEndian.Uint64(b64[32:])
			dirSize, dirOffset = binary.LittleEndian.Uint64(b64[40:]), binary.LittleEndian.Uint64(b64[48:])
			endAt = at64
		}
	}
	if dirSize > maxZipDirectory || e.count > maxZipMembers {
		return zipEnd{}, fmt.Errorf("%w: directory of %d bytes and %d members is over the limit", ErrZip, dirSize, e.count)
	}
	if dirOffset > uint64(endAt) || dirSize > uint64(endAt)-dirOffset { //nolint:gosec // endAt is a position, never negative
		return zipEnd{}, fmt.Errorf("%w: directory lies outside of the archive", ErrZip)
	}
	// The directory ends where its end record begins. What is too much in front
	// of it is no part of the archive, unless offsets count it, which is so if a
	// directory begins at the plain offset.
	e.dirSize = int64(dirSize)
	e.dirStart = endAt - e.dirSize
	e.base = e.dirStart - int64(dirOffset)                    //nolint:gosec // limited above
	if plain := int64(dirOffset); e.base > 0 && e.count > 0 { //nolint:gosec // limited above
		var sig [4]byte
		if err := readAt(r, sig[:], plain); err != nil {
			return zipEnd{}, fmt.Errorf("reading the directory of a zip archive: %w", err)
		}
		if binary.LittleEndian.Uint32(sig[:]) == zipDirSig {
			e.base, e.dirStart = 0, plain
		}
	}
	return e, nil
}

// findZipEnd returns where in tail the last end record with a plausible comment
// is, or -1.
func findZipEnd(tail []byte) int {
	for i := len(tail) - zipEndLen; i >= 0; i-- {
		if tail[i] == 'P' && binary.LittleEndian.Uint32(tail[i:]) == zipEndSig {
			comment := int(binary.LittleEndian.Uint16(tail[i+zipEndLen-2:]))
			if i+zipEndLen+comment <= len(tail) {
				return i
			}
		}
	}
	return -1
}

// readZipEnd64 returns the zip64 end record that belongs to the end record at
// endAt and where it is; nil if there is none.
// Source: APPNOTE, sections 4.3.14 and 4.3.15.
func readZipEnd64(r io.ReaderAt, endAt int64) ([]byte, int64, error) {
	if endAt < zipLocator64Len {
		return nil, 0, nil
	}
	var loc [zipLocator64Len]byte
	if err := readAt(r, loc[:], endAt-zipLocator64Len); err != nil {
		return nil, 0, fmt.Errorf("reading the end of a zip archive: %w", err)
	}
	if binary.LittleEndian.Uint32(loc[:]) != zipLocator64Sig {
		return nil, 0, nil
	}
	// The locator's offset does not count what comes before the archive, so the
	// place directly before the locator is tried, too.
	for _, at := range []uint64{binary.LittleEndian.Uint64(loc[8:]), uint64(max(0, endAt-zipLocator64Len-zipEnd64Len))} {
		if at > uint64(endAt) || uint64(endAt)-at < zipEnd64Len {
			continue
		}
		b := make([]byte, zipEnd64Len)
		if err := readAt(r, b, int64(at)); err != nil { //nolint:gosec // not above endAt
			return nil, 0, fmt.Errorf("reading the end of a zip archive: %w", err)
		}
		if binary.LittleEndian.Uint32(b) == zipEnd64Sig {
			return b, int64(at), nil //nolint:gosec // not above endAt
		}
	}
	return nil, 0, fmt.Errorf("%w: no zip64 end record", ErrZip)
}

// parseZipMember reads the directory entry at the start of dir and returns it
// with its name and its length.
func parseZipMember(dir []byte, base int64) (m Member, name []byte, n int, err error) {
	if len(dir) < zipDirLen || binary.LittleEndian.Uint32(dir) != zipDirSig {
		return m, nil, 0, fmt.Errorf("%w: broken directory", ErrZip)
	}
	le := binary.LittleEndian
	nameLen, extraLen, commentLen := int(le.Uint16(dir[28:])), int(le.Uint16(dir[30:])), int(le.Uint16(dir[32:]))
	n = zipDirLen + nameLen + extraLen + commentLen
	if n > len(dir) {
		return m, nil, 0, fmt.Errorf("%w: broken directory", ErrZip)
	}
	name = dir[zipDirLen : zipDirLen+nameLen]
	fields := [3]uint64{uint64(le.Uint32(dir[24:])), uint64(le.Uint32(dir[20:])), uint64(le.Uint32(dir[42:]))}
	if fields[0] == 0xffffffff || fields[1] == 0xffffffff || fields[2] == 0xffffffff {
		if !zip64Fields(dir[zipDirLen+nameLen:zipDirLen+nameLen+extraLen], &fields) {
			return m, nil, 0, fmt.Errorf("%w: no zip64 sizes of %q", ErrZip, name)
		}
	}
	for _, f := range fields {
		if f > 1<<62 {
			return m, nil, 0, fmt.Errorf("%w: impossible sizes of %q", ErrZip, name)
		}
	}
	m = Member{
		Size:           int64(fields[0]), //nolint:gosec // limited above
		CompressedSize: int64(fields[1]), //nolint:gosec // limited above
		Method:         le.Uint16(dir[10:]),
		offset:         int64(fields[2]) + base, //nolint:gosec // limited above
		crc:            le.Uint32(dir[16:]),
		flags:          le.Uint16(dir[8:]),
	}
	if made := dir[5]; made == 3 || made == 19 { // Unix and macOS; APPNOTE 4.4.2
		m.Mode = unixMode(le.Uint32(dir[38:]) >> 16)
	}
	return m, name, n, nil
}

// zip64Fields replaces the fields that are all ones by those of the zip64 extra
// field, which holds just these, in this order: expanded size, stored size,
// offset. A missing one stays as it is when it might mean itself.
// Source: APPNOTE, section 4.5.3.
func zip64Fields(extra []byte, fields *[3]uint64) bool {
	for len(extra) >= 4 {
		tag, size := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		extra = extra[4:]
		if size > len(extra) {
			return false
		}
		if tag == 1 {
			extra = extra[:size]
			for i := range fields {
				if fields[i] == 0xffffffff {
					if len(extra) < 8 {
						return false
					}
					fields[i], extra = binary.LittleEndian.Uint64(extra), extra[8:]
				}
			}
			return true
		}
		extra = extra[size:]
	}
	return true
}

// unixMode returns the file mode for a st_mode. Source: inode(7).
func unixMode(m uint32) fs.FileMode {
	mode := fs.FileMode(m & 0o777)
	switch m & 0o170000 {
	case 0o040000:
		mode |= fs.ModeDir
	case 0o120000:
		mode |= fs.ModeSymlink
	case 0, 0o100000:
	default:
		mode |= fs.ModeIrregular
	}
	return mode
}

// setEnds sets where each member must have ended: at the start of the next one,
// or at that of the directory. Members that overlap are how a small archive
// holds endless bytes without any of its members looking suspicious.
func (z *Zip) setEnds(dirStart int64) {
	next := dirStart
	sorted := true
	for i := len(z.members) - 1; i >= 0; i-- {
		m := &z.members[i]
		m.end = next
		if m.offset >= next {
			sorted = false
			break
		}
		next = m.offset
	}
	if sorted {
		return
	}
	starts := make([]int64, 0, len(z.members)+1)
	for i := range z.members {
		starts = append(starts, z.members[i].offset)
	}
	starts = append(starts, dirStart, z.size)
	slices.Sort(starts)
	starts = slices.Compact(starts)
	for i := range z.members {
		m := &z.members[i]
		m.end = z.size
		if at, _ := slices.BinarySearch(starts, m.offset+1); at < len(starts) {
			m.end = starts[at]
		}
	}
	// Two members at one place share their bytes: neither is to be trusted.
	seen := make(map[int64]int, len(z.members))
	for i := range z.members {
		m := &z.members[i]
		if first, ok := seen[m.offset]; ok {
			m.end, z.members[first].end = m.offset, m.offset
			continue
		}
		seen[m.offset] = i
	}
}

// Open returns the bytes of a member of z. It fails for a member that is
// encrypted, larger than 1 GiB, expands to more than 100 times its size (from
// 16 MiB on), shares bytes with another one, or is compressed by another method
// than DEFLATE. The reader fails if there are more or fewer bytes than the
// directory says, or others. It must be closed to give its decoder back.
func (z *Zip) Open(m Member) (io.ReadCloser, error) {
	switch {
	case m.flags&1 != 0:
		return nil, fmt.Errorf("opening %s: encrypted", m.Name)
	case m.Size > maxZipMember:
		return nil, fmt.Errorf("opening %s: %d bytes are over the limit of %d", m.Name, m.Size, int64(maxZipMember))
	case m.Size > zipRatioFloor && m.Size/maxRatio > m.CompressedSize:
		return nil, fmt.Errorf("opening %s: %d bytes of %d stored: expands to more than %d times its size", m.Name, m.Size, m.CompressedSize, maxRatio)
	case m.Method != zipStored && m.Method != zipDeflated:
		return nil, fmt.Errorf("opening %s: compression method %d is not supported", m.Name, m.Method)
	}
	var local [zipLocalLen]byte
	if m.offset < 0 || m.offset > z.size-zipLocalLen {
		return nil, fmt.Errorf("opening %s: %w: local header lies outside of the archive", m.Name, ErrZip)
	}
	if err := readAt(z.r, local[:], m.offset); err != nil {
		return nil, fmt.Errorf("opening %s: %w", m.Name, err)
	}
	if binary.LittleEndian.Uint32(local[:]) != zipLocalSig {
		return nil, fmt.Errorf("opening %s: %w: no local header", m.Name, ErrZip)
	}
	start := m.offset + zipLocalLen + int64(binary.LittleEndian.Uint16(local[26:])) + int64(binary.LittleEndian.Uint16(local[28:]))
	if m.CompressedSize > m.end-start {
		return nil, fmt.Errorf("opening %s: %w: overlaps another member", m.Name, ErrZip)
	}
	mr := &memberReader{m: m, left: m.Size}
	section := io.NewSectionReader(z.r, start, m.CompressedSize)
	if m.Method == zipStored {
		if m.Size != m.CompressedSize {
			return nil, fmt.Errorf("opening %s: %w: stored sizes differ", m.Name, ErrZip)
		}
		mr.r = section
		return mr, nil
	}
	mr.pool = z.Decoders
	mr.d = mr.pool.Get()
	mr.d.ResetRaw(section)
	mr.r = mr.d
	return mr, nil
}

// memberReader checks length and checksum of a member while it is read.
type memberReader struct {
	m    Member
	pool *inflate.Pool
	d    *inflate.Decoder // nil if stored or closed
	r    io.Reader
	left int64 // bytes that must follow
	crc  uint32
	err  error
}

// Read implements [io.Reader].
func (r *memberReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.r.Read(p)
	if int64(n) > r.left {
		n = int(r.left)
		err = fmt.Errorf("reading %s: %w: longer than the directory says", r.m.Name, ErrZip)
	}
	r.left -= int64(n)
	r.crc = crc32.Update(r.crc, crc32.IEEETable, p[:n])
	switch {
	case errors.Is(err, io.EOF) && r.left > 0:
		err = fmt.Errorf("reading %s: %w", r.m.Name, io.ErrUnexpectedEOF)
	case errors.Is(err, io.EOF) && r.crc != r.m.crc && (r.m.crc != 0 || r.m.flags&8 != 0):
		// A checksum of zero without the flag for "it follows the data" means
		// that none was computed.
		err = fmt.Errorf("reading %s: %w: checksum differs", r.m.Name, ErrZip)
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrZip):
		err = fmt.Errorf("reading %s: %w", r.m.Name, err)
	}
	r.err = err
	return n, err
}

// Close implements [io.Closer].
func (r *memberReader) Close() error {
	if r.d != nil {
		r.pool.Put(r.d)
		r.d = nil
	}
	r.err = fs.ErrClosed
	return nil
}

// readAt fills p from r. An early end is [io.ErrUnexpectedEOF].
func readAt(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
