package feed

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/assay-project/assay/advisory"
)

// limits bound what is read of files that others wrote.
type limits struct {
	files   int    // below the paths named
	record  int    // bytes of one JSON record
	members int    // of an archive
	free    int64  // bytes that an archive may expand to whatever its ratio
	ratio   int64  // bytes that it may expand to, for each of its own
	window  uint64 // bytes that zstd may look back
	zip     int64  // bytes of a zip that cannot be read at any offset
}

// standard are the limits of real use. Real feeds stay far below: the largest
// record of the CVE list has 0.7 MB, the best compressed archive expands 27
// times.
var standard = limits{
	files: 4 << 20, record: 16 << 20, members: 4 << 20, free: 64 << 20, ratio: 250, window: 128 << 20, zip: 1 << 30,
}

var (
	errRatio = errors.New("expands to more than a feed can")
	errXZ    = errors.New("compressed with xz")
)

// files is a file system read within limits.
type files struct {
	fs.FS
	max limits
}

// container is how the records of a source lie.
type container uint8

const (
	plain container = iota // in files, each perhaps compressed
	inZip
	inTar // perhaps compressed
)

// kindOf tells an archive by the first bytes, after decompression.
// Sources: PKWARE APPNOTE 4.3.7; POSIX pax, "ustar Interchange Format".
func kindOf(head []byte) container {
	const magic = 257 // offset of "ustar" in a header
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return inZip
	case len(head) > magic && bytes.HasPrefix(head[magic:], []byte("ustar")):
		return inTar
	}
	return plain
}

// disk is the file system of the operating system under its own paths.
type disk struct{}

// Open opens a file by its path on the disk.
func (disk) Open(name string) (fs.File, error) { return os.Open(name) }

// Stat follows a symbolic link, so that a path named may be one.
func (disk) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// ReadDir lists a directory, sorted.
func (disk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// stream is an open file, decompressed.
type stream struct {
	*bufio.Reader
	close []func()
}

// Close closes the decompressor and the file.
func (s *stream) Close() {
	for _, c := range slices.Backward(s.close) {
		c()
	}
}

// openFile opens a file and decompresses it if it is gzip, bzip2 or zstd,
// which their magic numbers tell.
// Sources: RFC 1952 2.3.1; RFC 8878 3.1.1; bzip2 1.0.8, decompress.c; "The .xz
// File Format" 2.1.1.1.
func openFile(in files, name string) (*stream, error) {
	f, err := in.Open(name)
	if err != nil {
		return nil, err
	}
	s := &stream{Reader: bufio.NewReaderSize(f, headSize), close: []func(){func() { f.Close() }}}
	magic, err := s.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		s.Close()
		return nil, err
	}
	counted := &counter{r: s.Reader}
	out := &expanded{in: counted, max: in.max}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(counted)
		if err != nil {
			s.Close()
			return nil, err
		}
		out.r = z
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(counted, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(in.max.window))
		if err != nil {
			s.Close()
			return nil, err
		}
		s.close = append(s.close, z.Close)
		out.r = z
	case bytes.HasPrefix(magic, []byte("BZh")):
		out.r = bzip2.NewReader(counted)
	case bytes.HasPrefix(magic, []byte{0xfd, '7', 'z', 'X'}):
		s.Close()
		return nil, errXZ
	default:
		return s, nil
	}
	s.Reader = bufio.NewReaderSize(out, headSize)
	return s, nil
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

// Read reads and counts.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// expanded ends with an error where a decompressor gives more than a feed can
// have for what it took.
type expanded struct {
	r   io.Reader
	in  *counter
	n   int64
	max limits
}

// Read reads from the decompressor.
func (e *expanded) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.n += int64(n)
	if e.n > e.max.free+e.max.ratio*e.in.n {
		return n, errRatio
	}
	return n, err
}

// zipFile is an open zip archive.
type zipFile struct {
	*zip.Reader
	size  int64
	close func()
}

func openZip(in files, name string) (zipFile, error) {
	f, err := in.Open(name)
	if err != nil {
		return zipFile{}, err
	}
	z, err := newZip(f, in.max)
	if err != nil {
		f.Close()
	}
	return z, err
}

func newZip(f fs.File, limit limits) (zipFile, error) {
	info, err := f.Stat()
	if err != nil {
		return zipFile{}, err
	}
	at, ok := f.(io.ReaderAt)
	size := info.Size()
	if !ok {
		data, err := io.ReadAll(io.LimitReader(f, limit.zip+1))
		if err != nil {
			return zipFile{}, err
		}
		if int64(len(data)) > limit.zip {
			return zipFile{}, fmt.Errorf("an archive of more than %d bytes", limit.zip)
		}
		at, size = bytes.NewReader(data), int64(len(data))
	}
	z, err := zip.NewReader(&aheadReader{r: at}, size)
	if err != nil {
		return zipFile{}, err
	}
	if len(z.File) > limit.members {
		return zipFile{}, fmt.Errorf("an archive of more than %d files", limit.members)
	}
	return zipFile{z, size, func() { f.Close() }}, nil
}

// Describe reads the files of a source and returns its name, the base name of
// its path and the digest of its bytes. The digest of several files is that of
// their paths, sizes and bytes, in order. The counts and the date are left to
// who reads the records.
func Describe(ctx context.Context, s Source) (advisory.Feed, error) {
	f := advisory.Feed{Name: s.Name, File: path.Base(s.Path)}
	h := sha256.New()
	for _, name := range s.files {
		if err := ctx.Err(); err != nil {
			return f, err
		}
		if err := hashFile(h, s, name); err != nil {
			return f, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	f.Digest = "sha256:" + hex.EncodeToString(h.Sum(nil))
	return f, nil
}

func hashFile(h io.Writer, s Source, name string) error {
	file, err := s.in.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if len(s.files) > 1 {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(name, s.Path), "/")
		fmt.Fprintf(h, "%s\x00%d\x00", rel, info.Size())
	}
	_, err = io.Copy(h, file)
	return err
}
