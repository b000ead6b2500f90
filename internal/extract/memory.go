package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sync/semaphore"
)

const (
	smallFile   = 64 << 10 // bytes that a scanner holds of a file without asking
	memoryBound = 32 << 20 // of a Memory
	spillSize   = 64 << 20 // larger files that are read at random go to a temporary file
)

// Memory bounds the bytes that reads running side by side hold of files. A
// file larger than the bound waits until it is alone.
type Memory struct {
	sem   *semaphore.Weighted
	bound int64
}

// NewMemory returns a bound for all reads of a scan: 32 MiB.
func NewMemory() *Memory { return &Memory{semaphore.NewWeighted(memoryBound), memoryBound} }

// acquire waits for n bytes and returns how to give them back.
func (m *Memory) acquire(ctx context.Context, n int64) (release func(), err error) {
	n = min(n, m.bound)
	if err := m.sem.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { m.sem.Release(n) }, nil
}

// spool gives random access to a stream. It reads the stream no further than
// it is asked for, so that a format that sees at the first bytes that the file
// is none of its own costs nothing more.
type spool struct {
	ctx   context.Context
	mem   *Memory
	temp  string
	src   io.Reader
	size  int64 // as the archive says
	limit int64

	small   []byte // reused from file to file
	buf     []byte // where the bytes are kept: small, mapped, or nil if tmp holds them
	n       int64  // bytes kept
	tmp     *os.File
	release []func()
	err     error // of the stream
}

// open prepares the spool for another file.
func (s *spool) open(src io.Reader, size, limit int64) {
	if s.small == nil {
		s.small = make([]byte, smallFile)
	}
	s.src, s.size, s.limit, s.n, s.err, s.buf = src, size, limit, 0, nil, s.small
}

// close gives back what the file took; the next can be opened.
func (s *spool) close() {
	for _, f := range s.release {
		f()
	}
	s.release, s.buf, s.tmp, s.src = s.release[:0], nil, nil, nil
}

// errTooLarge is wrapped by the error that says so with the sizes.
var errTooLarge = errors.New("not inspected")

func tooLarge(size, limit int64) error {
	return fmt.Errorf("%w: %d bytes are more than the limit of %d", errTooLarge, size, limit)
}

// ReadAt reads from any place of the file.
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("reading at offset %d: negative", off)
	}
	if off >= s.size {
		return 0, io.EOF
	}
	end := min(off+int64(len(p)), s.size)
	fillErr := s.fill(end)
	var n int
	if end = min(end, s.n); off < end {
		if s.tmp != nil {
			var err error
			if n, err = s.tmp.ReadAt(p[:end-off], off); err != nil {
				return n, err
			}
		} else {
			n = copy(p, s.buf[off:end])
		}
	}
	if n < len(p) {
		if fillErr != nil {
			return n, fillErr
		}
		return n, io.EOF
	}
	return n, nil
}

// fill keeps at least the first end bytes.
func (s *spool) fill(end int64) error {
	if end <= s.n || s.err != nil {
		return s.err
	}
	if s.err = s.grow(end); s.err != nil {
		return s.err
	}
	if s.tmp != nil {
		n, err := io.CopyN(s.tmp, s.src, end-s.n)
		s.n += n
		s.err = unexpected(err)
		return s.err
	}
	// A page more costs nothing, and readers of headers come back for it.
	end = min((end+4095)&^4095, s.size, int64(len(s.buf)))
	n, err := io.ReadFull(s.src, s.buf[s.n:end])
	s.n += int64(n)
	s.err = unexpected(err)
	return s.err
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// grow makes room for the first end bytes, for the whole file if they are more
// than a scanner holds without asking.
func (s *spool) grow(end int64) error {
	if s.tmp != nil || end <= int64(len(s.buf)) {
		return nil
	}
	if s.size > s.limit {
		return tooLarge(s.size, s.limit)
	}
	if s.size > spillSize {
		return s.spill()
	}
	release, err := s.mem.acquire(s.ctx, s.size)
	if err != nil {
		return err
	}
	s.release = append(s.release, release)
	// Outside the heap: it is gone when the file is, and the collector does not
	// let the heap grow in proportion to it.
	buf, unmap, err := mapMemory(int(s.size))
	if err != nil {
		return fmt.Errorf("getting memory of %d bytes: %w", s.size, err)
	}
	s.release = append(s.release, unmap)
	copy(buf, s.buf[:s.n])
	s.buf = buf
	return nil
}

// spill moves the file to a temporary one without a name.
func (s *spool) spill() error {
	f, err := os.CreateTemp(s.temp, "assay-")
	if err != nil {
		return fmt.Errorf("opening temporary file: %w", err)
	}
	// Where an open file cannot be removed, it is removed after it is closed.
	removed := os.Remove(f.Name()) == nil
	s.release = append(s.release, func() {
		_ = f.Close() // nothing of it is wanted any more
		if !removed {
			_ = os.Remove(f.Name())
		}
	})
	if _, err := f.Write(s.buf[:s.n]); err != nil {
		return fmt.Errorf("writing temporary file: %w", err)
	}
	s.tmp, s.buf = f, nil
	return nil
}
