package feed

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/inflate"
)

// document is one JSON value of a source.
type document struct {
	name string // of its file in the source, for messages
	data []byte // valid until the next one
}

// documents yields the JSON records of a source: each file, or each element
// of a file that is an array. An error of type *Rejected concerns one record;
// any other is the last.
func documents(ctx context.Context, s Source) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		split := splitter{max: s.in.max.record}
		for m, err := range members(s) {
			if ctx.Err() != nil {
				yield(document{}, ctx.Err())
				return
			}
			if err != nil {
				var rejected *Rejected
				if !yield(document{}, err) || !errors.As(err, &rejected) {
					return
				}
				continue
			}
			if !split.file(ctx, m, yield) {
				return
			}
		}
	}
}

// member is one file of a source, open.
type member struct {
	name string
	r    *bufio.Reader
	// fatal says that the archive cannot be read on after an error.
	fatal bool
}

// splitter finds the records in files.
type splitter struct {
	max int // bytes of a record
	buf bytes.Buffer
}

// file yields the records of one file. It returns false if the caller wants no
// more or the source cannot be read on.
func (s *splitter) file(ctx context.Context, m member, yield func(document, error) bool) bool {
	first, err := firstByte(m.r)
	if err == nil && first == '[' && isArray(m.r) {
		return s.array(ctx, m, yield)
	}
	s.buf.Reset()
	if err == nil {
		_, err = s.buf.ReadFrom(io.LimitReader(m.r, int64(s.max)+1))
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF) && (m.fatal || errors.Is(err, errRatio)):
		yield(document{}, fmt.Errorf("reading %s: %w", m.name, err))
		return false
	case err != nil:
		return yield(document{}, &Rejected{ID: m.name, Reason: rejectBroken, Detail: err.Error()})
	case s.buf.Len() > s.max:
		return yield(document{}, &Rejected{ID: m.name, Reason: rejectSize})
	}
	return yield(document{m.name, s.buf.Bytes()}, nil)
}

// array yields the elements of a JSON array.
func (s *splitter) array(ctx context.Context, m member, yield func(document, error) bool) bool {
	limited := &elementReader{r: m.r, max: s.max}
	dec := json.NewDecoder(limited)
	_, err := dec.Token()
	for i := 0; err == nil && dec.More(); i++ {
		if err = ctx.Err(); err != nil {
			break
		}
		limited.n = 0
		var raw json.RawMessage
		if err = dec.Decode(&raw); err != nil {
			break
		}
		if !yield(document{fmt.Sprintf("%s#%d", m.name, i), raw}, nil) {
			return false
		}
	}
	if err == nil {
		_, err = dec.Token() // the closing bracket
	}
	if err == nil {
		return true
	}
	if m.fatal || errors.Is(err, errRatio) || ctx.Err() != nil {
		yield(document{}, fmt.Errorf("reading %s: %w", m.name, err))
		return false
	}
	return yield(document{}, &Rejected{ID: m.name, Reason: rejectBroken, Detail: err.Error()})
}

// elementReader ends with an error after max bytes since n was zero.
type elementReader struct {
	r      io.Reader
	n, max int
}

// Read reads on within the limit.
func (e *elementReader) Read(p []byte) (int, error) {
	if e.n > e.max {
		return 0, fmt.Errorf("a JSON value of more than %d bytes", e.max)
	}
	n, err := e.r.Read(p)
	e.n += n
	return n, err
}

// firstByte returns the first byte that is no space, and leaves it unread.
func firstByte(r *bufio.Reader) (byte, error) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch b {
		case ' ', '\t', '\r', '\n':
		default:
			return b, r.UnreadByte()
		}
	}
}

// isArray tells an array of JSON objects from what else begins with a bracket,
// such as a table of TOML.
func isArray(r *bufio.Reader) bool {
	head, _ := r.Peek(maxKeyValue)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte{'['}), " \t\r\n")
	return len(head) == 0 || head[0] == '{' || head[0] == ']'
}

// members yields the files of a source in a fixed order: archives of the tar
// kind as they are, others sorted by name.
func members(s Source) iter.Seq2[member, error] {
	switch s.kind {
	case inZip:
		return zipMembers(s)
	case inTar:
		return tarMembers(s)
	case plain:
	}
	return func(yield func(member, error) bool) {
		for _, name := range s.files {
			f, err := openFile(s.in, name)
			if err != nil {
				if !yield(member{}, &Rejected{ID: name, Reason: rejectBroken, Detail: err.Error()}) {
					return
				}
				continue
			}
			ok := yield(member{name: name, r: f.Reader}, nil)
			f.Close()
			if !ok {
				return
			}
		}
	}
}

func zipMembers(s Source) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		z, err := openZip(s.in, s.files[0])
		if err != nil {
			yield(member{}, fmt.Errorf("reading %s: %w", s.Path, err))
			return
		}
		defer z.close()
		inflateFast(z.Reader)
		members := slices.DeleteFunc(slices.Clone(z.File), func(f *zip.File) bool { return strings.HasSuffix(f.Name, "/") })
		slices.SortStableFunc(members, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
		// The members are counted together, since each alone may be small. They
		// may share their bytes in the archive, which has only those that it has.
		total := &expanded{in: &counter{}, max: s.in.max}
		buf := bufio.NewReaderSize(nil, headSize)
		for _, f := range members {
			if ok, other := s.holds(f.Name); !ok {
				if !other && !yield(member{}, &Rejected{ID: f.Name, Reason: rejectFile}) {
					return
				}
				continue
			}
			r, err := f.Open()
			if err != nil {
				if !yield(member{}, &Rejected{ID: f.Name, Reason: rejectBroken, Detail: err.Error()}) {
					return
				}
				continue
			}
			packed := min(f.CompressedSize64, uint64(z.size))  //nolint:gosec // a size is not negative
			total.in.n = min(total.in.n+int64(packed), z.size) //nolint:gosec // at most the size
			total.r = r
			buf.Reset(total)
			ok := yield(member{name: f.Name, r: buf}, nil)
			r.Close()
			if !ok {
				return
			}
		}
	}
}

// aheadSize is how many bytes an aheadReader reads at once: header, bytes and
// trailer of most members that hold one record.
const aheadSize = 4 << 10

// An aheadReader reads some bytes more than it is asked for, since what comes
// next lies behind them: for each member archive/zip asks three times for a few
// bytes. It is for one goroutine.
type aheadReader struct {
	r   io.ReaderAt
	at  int64 // of buf in r
	buf []byte
}

// ReadAt reads from what was read ahead, else from the reader.
func (a *aheadReader) ReadAt(p []byte, at int64) (int, error) {
	if n := a.ahead(p, at); n == len(p) {
		return n, nil
	}
	if len(p) >= aheadSize {
		return a.r.ReadAt(p, at)
	}
	if a.buf == nil {
		a.buf = make([]byte, 0, aheadSize)
	}
	n, err := a.r.ReadAt(a.buf[:aheadSize], at)
	a.at, a.buf = at, a.buf[:n]
	if n = a.ahead(p, at); n == len(p) {
		return n, nil
	}
	return n, err
}

// ahead copies what was read ahead, and returns how much.
func (a *aheadReader) ahead(p []byte, at int64) int {
	if from := at - a.at; from >= 0 && from < int64(len(a.buf)) {
		return copy(p, a.buf[from:])
	}
	return 0
}

// inflateFast makes an archive use a decoder that is faster than the one of
// archive/zip, which checks lengths and sums all the same.
func inflateFast(z *zip.Reader) {
	var pool inflate.Pool
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser {
		d := pool.Get()
		d.ResetRaw(r)
		return &lentDecoder{d, &pool}
	})
}

// lentDecoder gives its decoder back when it is closed.
type lentDecoder struct {
	*inflate.Decoder
	pool *inflate.Pool
}

// Close gives the decoder back.
func (l *lentDecoder) Close() error {
	if l.Decoder != nil {
		l.pool.Put(l.Decoder)
		l.Decoder = nil
	}
	return nil
}

func tarMembers(s Source) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		f, err := openFile(s.in, s.files[0])
		if err != nil {
			yield(member{}, fmt.Errorf("reading %s: %w", s.Path, err))
			return
		}
		defer f.Close()
		t := tar.NewReader(f)
		buf := bufio.NewReaderSize(nil, headSize)
		for n := 0; ; n++ {
			h, err := t.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil && n == s.in.max.members {
				err = fmt.Errorf("an archive of more than %d files", n)
			}
			if err != nil {
				yield(member{}, fmt.Errorf("reading %s: %w", s.Path, err))
				return
			}
			if h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader {
				continue
			}
			if ok, other := s.holds(h.Name); h.Typeflag != tar.TypeReg || !ok {
				if !other && !yield(member{}, &Rejected{ID: h.Name, Reason: rejectFile}) {
					return
				}
				continue
			}
			buf.Reset(t)
			if !yield(member{name: h.Name, r: buf, fatal: true}, nil) {
				return
			}
		}
	}
}
