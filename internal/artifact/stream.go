package artifact

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/assay-project/assay/internal/inflate"
)

// Limits of what a compressed stream expands to.
const (
	ratioFloor  = 1 << 30   // bytes from which on the ratio counts
	maxExpanded = 64 << 30  // bytes of one layer or archive
	maxWindow   = 128 << 20 // the most that zstd itself expands unless told otherwise
)

// Sizes of buffers.
const (
	plainChunk = 256 << 10
	zstdChunk  = 128 << 10
)

// source hands out bytes piece by piece, so that those nobody wants are passed
// over without a copy.
type source interface {
	// next returns the bytes that follow, at least one; they are valid until
	// the next call. The error is io.EOF at the end.
	next() ([]byte, error)
	// skip passes over the n bytes that follow and returns what it had to read
	// beyond them, valid until the next call. The error is
	// io.ErrUnexpectedEOF if there are fewer.
	skip(n int64) ([]byte, error)
}

// stream is a source with a position, the unread rest of the last piece, and
// what readers of a format need.
type stream struct {
	src     source
	buf     []byte
	pos     int64 // of buf[0]
	scratch []byte
}

// take returns the next n bytes, valid until the next call of any method. The
// error is io.EOF if there is none and io.ErrUnexpectedEOF if there are fewer.
func (s *stream) take(n int) ([]byte, error) {
	if len(s.buf) < n {
		return s.gather(n)
	}
	b := s.buf[:n]
	s.buf = s.buf[n:]
	s.pos += int64(n)
	return b, nil
}

// gather is take for bytes that lie in more than one piece.
func (s *stream) gather(n int) ([]byte, error) {
	b := s.scratch[:0]
	for len(b) < n {
		if len(s.buf) == 0 {
			var err error
			if s.buf, err = s.src.next(); err != nil {
				s.buf = nil
				if errors.Is(err, io.EOF) && len(b) > 0 {
					err = io.ErrUnexpectedEOF
				}
				return nil, err
			}
		}
		k := min(n-len(b), len(s.buf))
		b = append(b, s.buf[:k]...)
		s.buf = s.buf[k:]
		s.pos += int64(k)
	}
	s.scratch = b
	return b, nil
}

// discard passes over n bytes.
func (s *stream) discard(n int64) error {
	s.pos += n
	if n <= int64(len(s.buf)) {
		s.buf = s.buf[n:]
		return nil
	}
	n -= int64(len(s.buf))
	var err error
	s.buf, err = s.src.skip(n)
	return err
}

// read is io.Reader's.
func (s *stream) read(p []byte) (int, error) {
	if len(s.buf) == 0 {
		var err error
		if s.buf, err = s.src.next(); err != nil {
			s.buf = nil
			return 0, err
		}
	}
	n := copy(p, s.buf)
	s.buf = s.buf[n:]
	s.pos += int64(n)
	return n, nil
}

// Sizes of the pieces of a window. Most files of an image are smaller than the
// first piece; a larger one would read what nobody wants, a smaller one would
// need more calls. The pieces grow as long as all of them is used.
const (
	minPiece = 16 << 10
	maxPiece = 256 << 10
)

// window is a source over a part of a file, and reads nothing that is passed
// over.
type window struct {
	ctx      context.Context // of one walk, which it ends
	r        io.ReaderAt
	start    int64
	off, end int64 // what has not been handed out
	buf      []byte
	size     int
}

func newWindow(ctx context.Context, r io.ReaderAt, off, size int64) *window {
	return &window{ctx: ctx, r: r, start: off, off: off, end: off + size, size: minPiece}
}

// section returns the n bytes at pos, of which have was handed out last.
func (w *window) section(have []byte, pos, n int64) *io.SectionReader {
	if n <= int64(len(have)) {
		return io.NewSectionReader(bytes.NewReader(have), 0, n)
	}
	return io.NewSectionReader(w.r, w.start+pos, min(n, w.end-w.start-pos))
}

func (w *window) next() ([]byte, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	n := min(int64(w.size), w.end-w.off)
	if n <= 0 {
		return nil, io.EOF
	}
	if int64(len(w.buf)) < n {
		w.buf = make([]byte, w.size)
	}
	if err := readAt(w.r, w.buf[:n], w.off); err != nil {
		return nil, err
	}
	w.off += n
	w.size = min(2*w.size, maxPiece)
	return w.buf[:n], nil
}

func (w *window) skip(n int64) ([]byte, error) {
	w.size = minPiece
	if n > w.end-w.off {
		w.off = w.end
		return nil, io.ErrUnexpectedEOF
	}
	w.off += n
	return nil, nil
}

// expander is a source over a file of unknown compression. It sees to it that
// what comes out stays in proportion to what goes in.
type expander struct {
	in     *verifier
	chunks func() ([]byte, error)
	close  func()
	out    int64
}

// newExpander finds out by the first bytes how r is compressed. Media types and
// names are not asked, because they are wrong too often. It must be closed.
func newExpander(in *verifier, pool *inflate.Pool) (*expander, error) {
	e := &expander{in: in, close: func() {}}
	var head [6]byte
	n, err := io.ReadFull(e.in, head[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	e.in.head = head[:n]
	switch compression(head[:n]) {
	case "":
		buf := make([]byte, plainChunk)
		e.chunks = func() ([]byte, error) { return readChunk(e.in, buf) }
	case "gzip":
		d := pool.Get()
		d.Reset(e.in)
		e.chunks = d.Next
		e.close = func() { pool.Put(d) }
	case "zstd":
		d, err := zstd.NewReader(e.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxExpanded))
		if err != nil {
			return nil, err
		}
		buf := make([]byte, zstdChunk)
		e.chunks = func() ([]byte, error) { return readChunk(d, buf) }
		e.close = d.Close
	default:
		return nil, fmt.Errorf("compression by %s is not supported", compression(head[:n]))
	}
	return e, nil
}

// compression names the format that data starting with head is compressed in,
// "" if none is known. Sources: RFC 1952 section 2.3.1 (gzip), RFC 8878
// sections 3.1.1 and 3.1.2 (zstd and skippable frames), the xz file format
// section 2.1.1.1, bzip2's manual section 2.2 ("BZh").
func compression(head []byte) string {
	switch {
	case len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b:
		return "gzip"
	case len(head) >= 4 && binary.LittleEndian.Uint32(head) == 0xfd2fb528,
		len(head) >= 4 && binary.LittleEndian.Uint32(head)&^0xf == 0x184d2a50:
		return "zstd"
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return "xz"
	case len(head) >= 4 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9':
		return "bzip2"
	}
	return ""
}

// readChunk reads once.
func readChunk(r io.Reader, buf []byte) ([]byte, error) {
	for range 100 { // as in bufio.Reader: a reader may give nothing, but not for ever
		n, err := r.Read(buf)
		if n > 0 {
			return buf[:n], nil // an error comes again
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, io.ErrNoProgress
}

func (e *expander) next() ([]byte, error) {
	b, err := e.chunks()
	if err != nil {
		return nil, err
	}
	e.out += int64(len(b))
	if e.out > ratioFloor && (e.out > maxExpanded || e.out/maxRatio > e.in.n) {
		return nil, fmt.Errorf("expanding %d bytes to more than %d: over the limit of %d times, or %d bytes", e.in.n, e.out, maxRatio, int64(maxExpanded))
	}
	return b, nil
}

func (e *expander) skip(n int64) ([]byte, error) {
	for {
		b, err := e.next()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		if n < int64(len(b)) {
			return b[n:], nil
		}
		if n -= int64(len(b)); n == 0 {
			return nil, nil
		}
	}
}

// verifier is a reader that knows how many bytes it gave and their digest, and
// ends with its context.
type verifier struct {
	ctx   context.Context // of one walk, which it ends
	r     io.Reader
	head  []byte    // read already, and to be given again
	hash  hash.Hash // nil if nobody wants the digest
	limit int64     // how many bytes there may be; 0 if unknown
	n     int64
}

// Read implements [io.Reader].
func (v *verifier) Read(p []byte) (int, error) {
	if len(v.head) > 0 {
		n := copy(p, v.head)
		v.head = v.head[n:]
		return n, nil
	}
	if err := v.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := v.r.Read(p)
	if v.hash != nil {
		v.hash.Write(p[:n])
	}
	v.n += int64(n)
	if v.limit > 0 && v.n > v.limit {
		return 0, fmt.Errorf("longer than the %d bytes it was to have", v.limit)
	}
	return n, err
}

// digest reads what is left and returns the digest of all.
func (v *verifier) digest() (string, error) {
	if _, err := io.Copy(io.Discard, v); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(v.hash.Sum(nil)), nil
}
