package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/artifact"
)

// header is what an entry says of itself.
type header struct {
	path   string
	typ    fs.FileMode
	target string
	hard   bool
	err    error
}

// content is how the bytes of an entry are had; *artifact.Entry.
type content interface {
	Size() (int64, error)
	Executable() (bool, error)
	Open() (artifact.File, error)
}

// Names that mark deletions in layers.
// Source: OCI Image Layer Filesystem Changeset, section "Representing Changes"
// (whiteouts, opaque whiteout); the prefix of other marks is that of AUFS.
const (
	whiteoutPrefix = ".wh."
	whiteoutMeta   = ".wh..wh."
	whiteoutOpaque = ".wh..wh..opq"
)

// scanner reads one layer.
type scanner struct {
	ctx   context.Context
	opt   Options
	match *matcher

	files  map[string]*File // what files gave, by path
	seen   map[string][]int // formats by which a file of interest was read
	late   map[string][]alias
	covers []uint64
	dirs   []uint64
	opaque []uint64

	// Entries come directory by directory: what depends on the directory alone
	// is found once.
	dir     string
	dirHash uint64 // of the directory and a slash
	inDir   []rule

	want  []int // reused
	data  []byte
	spool spool
}

// alias is a hard link of interest to a file that is of none, or not by the
// same formats.
type alias struct {
	path    string
	formats []int
}

func newScanner(ctx context.Context, m *matcher, opt Options) *scanner {
	if opt.Memory == nil {
		opt.Memory = NewMemory()
	}
	return &scanner{
		ctx: ctx, opt: opt, match: m,
		files: map[string]*File{}, seen: map[string][]int{}, late: map[string][]alias{},
		dirHash: fnvBasis, inDir: m.byDir[""],
		spool: spool{ctx: ctx, mem: opt.Memory, temp: opt.Temp},
	}
}

func (s *scanner) close() { s.spool.close() }

// finish returns what the layer gave.
func (s *scanner) finish(digest string) *Layer {
	for target, aliases := range s.late {
		for _, a := range aliases {
			s.problem(a.path, fmt.Sprintf("hard link to %q, which the layer does not hold as a file", target))
		}
	}
	l := &Layer{Digest: digest, Files: make([]File, 0, len(s.files))}
	for _, f := range s.files {
		f.settle()
		l.Files = append(l.Files, *f)
	}
	slices.SortFunc(l.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, p := range []struct{ from, to *[]uint64 }{
		{&s.covers, &l.Covers}, {&s.dirs, &l.Dirs}, {&s.opaque, &l.Opaque},
	} {
		slices.Sort(*p.from)
		*p.to = slices.Clone(slices.Compact(*p.from))
	}
	return l
}

// settle puts the names of a file in order, the first as its path, whatever
// the order in the archive was.
func (f *File) settle() {
	if len(f.Links) == 0 {
		return
	}
	names := append(f.Links, f.Path)
	slices.Sort(names)
	names = slices.Compact(names)
	for i := range f.Packages {
		f.Packages[i].Path = rename(f.Packages[i].Path, f.Path, names[0])
	}
	for i := range f.Problems {
		f.Problems[i].Path = rename(f.Problems[i].Path, f.Path, names[0])
	}
	f.Path, f.Links = names[0], names[1:]
}

// rename returns the path of a file called from, or of something inside of it,
// when the file is called to.
func rename(path, from, to string) string {
	if inside, ok := strings.CutPrefix(path, from); ok {
		return to + inside
	}
	return path
}

// problem records that a path could not be read.
func (s *scanner) problem(path, reason string) {
	f := s.files[path]
	if f == nil {
		f = &File{Path: strings.Clone(path)}
		s.files[f.Path] = f
	}
	(&file{out: f}).problem(f.Path, reason)
}

// visit looks at one entry and reads it if a format wants it.
func (s *scanner) visit(h header, c content) error {
	dir, base := splitPath(h.path)
	if dir != s.dir {
		s.enter(dir)
	}
	if strings.HasPrefix(base, whiteoutPrefix) {
		s.whiteout(dir, base)
		return nil
	}
	hash := hashMore(s.dirHash, base)
	if h.typ.IsDir() {
		s.dirs = append(s.dirs, hash)
	} else {
		s.covers = append(s.covers, hash)
	}
	if s.seen[h.path] != nil {
		s.forget(h.path) // the archive has it twice: the last one stays
	}
	if h.err != nil {
		s.problem(h.path, h.err.Error())
		return nil
	}
	if h.typ.IsDir() || !h.hard && !h.typ.IsRegular() {
		return nil
	}
	formats, err := s.wanted(dir, base, c)
	switch {
	case errors.Is(err, fs.ErrNotExist): // a directory in use: it is gone
		return nil
	case err != nil:
		s.problem(h.path, err.Error())
		return nil
	case len(formats) == 0:
		return nil
	case h.hard:
		s.link(h, formats)
		return nil
	}
	s.seen[strings.Clone(h.path)] = slices.Clone(formats)
	s.read(h.path, formats, c)
	return s.ctx.Err()
}

func (s *scanner) enter(dir string) {
	s.dir = strings.Clone(dir)
	s.inDir = s.match.byDir[dir]
	s.dirHash = fnvBasis
	if dir != "" {
		s.dirHash = hashMore(hashPath(dir), "/")
	}
}

func (s *scanner) whiteout(dir, base string) {
	switch {
	case base == whiteoutOpaque:
		s.opaque = append(s.opaque, hashPath(dir))
	case strings.HasPrefix(base, whiteoutMeta) || base == whiteoutPrefix:
	default:
		s.covers = append(s.covers, hashMore(s.dirHash, base[len(whiteoutPrefix):]))
	}
}

// forget drops what an earlier entry of the same path gave.
func (s *scanner) forget(path string) {
	delete(s.files, path)
	delete(s.seen, path)
}

// wanted returns the formats that read the entry, valid until the next call.
// An error says that this could not be found out.
func (s *scanner) wanted(dir, base string, c content) ([]int, error) {
	s.want = s.match.lookup(s.want[:0], dir, base, s.inDir)
	if len(s.want) > 0 {
		s.want = slices.DeleteFunc(s.want, func(i int) bool {
			switch s.match.formats[i].where {
			case resolved:
				return !s.opt.Lockfiles || notResolved(dir)
			case packageRoot:
				return !npmRoot(dir)
			}
			return false
		})
		return s.want, nil
	}
	if len(s.match.exec) == 0 || !executableName(base) {
		return nil, nil
	}
	// Opening each file to look at its first bytes would cost a directory of
	// 70,000 files three system calls for each. Machine code that has neither
	// the permission to be executed nor the name of a library is run by nobody.
	if !libraryName(base) {
		if x, err := c.Executable(); err != nil || !x {
			return nil, err
		}
	}
	return append(s.want, s.match.exec...), nil
}

// link records a hard link of interest. What it links to is known when all
// entries have been seen.
func (s *scanner) link(h header, formats []int) {
	t := strings.Clone(h.target)
	s.late[t] = append(s.late[t], alias{strings.Clone(h.path), slices.Clone(formats)})
}

// resolve joins links with the files that the same formats have read, and
// tells whether others are left, for which a second pass is needed.
func (s *scanner) resolve() bool {
	for target, aliases := range s.late {
		aliases = slices.DeleteFunc(aliases, func(a alias) bool {
			if !slices.Equal(s.seen[target], a.formats) {
				return false
			}
			if f := s.files[target]; f != nil {
				f.Links = append(f.Links, a.path)
			}
			return true
		})
		if s.late[target] = aliases; len(aliases) == 0 {
			delete(s.late, target)
		}
	}
	return len(s.late) > 0
}

// visitLate reads, in a second pass, the files that links of interest name.
func (s *scanner) visitLate(h header, c content) error {
	aliases := s.late[h.path] // of a file that was not read, or by other formats
	if aliases == nil || h.hard || !h.typ.IsRegular() {
		return s.ctx.Err()
	}
	delete(s.late, h.path)
	first := aliases[0]
	s.read(first.path, first.formats, c)
	for _, a := range aliases[1:] {
		switch {
		case !slices.Equal(a.formats, first.formats):
			s.problem(a.path, fmt.Sprintf("hard link to %q, which was read as %s", h.path, s.match.formats[first.formats[0]].name))
		case s.files[first.path] != nil:
			s.files[first.path].Links = append(s.files[first.path].Links, a.path)
		}
	}
	return s.ctx.Err()
}

// read hands a file to its formats and keeps what they find.
func (s *scanner) read(path string, formats []int, c content) {
	out := &File{Path: strings.Clone(path)}
	f := &file{path: out.Path, match: s.match, out: out}
	err := s.readContent(f, formats, c)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		f.problem(f.path, err.Error())
	}
	if !out.empty() {
		s.files[out.Path] = out
	}
}

// readContent opens the file in the way its formats need it.
func (s *scanner) readContent(f *file, formats []int, c content) error {
	var err error
	if f.size, err = c.Size(); err != nil {
		return err
	}
	r, err := c.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	need, limit := stream, int64(0)
	for _, i := range formats {
		need = min(need, s.match.formats[i].need)
		limit = max(limit, s.match.formats[i].maxSize())
	}
	switch at, direct := r.(io.ReaderAt); {
	case need == whole:
		if f.size > limit {
			return tooLarge(f.size, limit)
		}
		data, release, err := s.readAll(r, f.size, limit)
		defer release()
		if err != nil {
			return err
		}
		f.data, f.size = data, int64(len(data))
		f.at = bytes.NewReader(data)
	case direct && (f.size > 0 || need != stream): // what the kernel makes up in proc has no size
		f.at = at
	case need == random || len(formats) > 1:
		s.spool.open(r, f.size, limit)
		defer s.spool.close()
		f.at = &s.spool
	default:
		f.r = r
	}
	return s.readFormats(f, formats)
}

func (s *scanner) readFormats(f *file, formats []int) error {
	var all error
	for _, i := range formats {
		format := &s.match.formats[i]
		if f.size > format.maxSize() {
			all = errors.Join(all, tooLarge(f.size, format.maxSize()))
			continue
		}
		if slices.Contains(s.match.exec, i) && !machineCode(f) {
			continue
		}
		if f.at != nil {
			f.r = io.NewSectionReader(f.at, 0, f.size)
		}
		if err := protect(format.read, f); err != nil {
			if errors.Is(err, errTooLarge) {
				all = errors.Join(all, err)
			} else {
				all = errors.Join(all, fmt.Errorf("reading as %s: %w", format.name, err))
			}
		}
	}
	return all
}

// protect calls read and turns a panic, which input must not cause but may,
// into an error: one hostile file must not hide all others.
func protect(read func(*file) error, f *file) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicking: %v", p)
		}
	}()
	return read(f)
}

// machineCode tells whether the file begins like an executable. Only then more
// than its first four bytes are read.
// Source: ELF specification, chapter 1 (EI_MAG); Microsoft "PE Format",
// section "MS-DOS Stub"; Apple, mach-o/loader.h and mach-o/fat.h.
func machineCode(f *file) bool {
	var b [4]byte
	if f.at == nil {
		if _, err := io.ReadFull(f.r, b[:]); err != nil {
			return false
		}
		f.r = io.MultiReader(bytes.NewReader(b[:]), f.r)
	} else if _, err := f.at.ReadAt(b[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	switch string(b[:]) {
	case "\x7fELF", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe":
		return true
	}
	return string(b[:2]) == "MZ"
}

// readAll returns all bytes of r, valid until release is called.
func (s *scanner) readAll(r io.Reader, size, limit int64) (data []byte, release func(), err error) {
	const reused = 1 << 20 // bytes; larger buffers are not kept for the next file
	release = func() {}
	buf := s.data
	if size >= reused {
		if release, err = s.opt.Memory.acquire(s.ctx, size); err != nil {
			return nil, func() {}, err
		}
		buf = make([]byte, 0, size+1)
	} else if int64(cap(buf)) <= size {
		buf = make([]byte, 0, max(size+1, 64<<10))
		s.data = buf
	}
	// The file of a directory in use may be longer by now.
	for n := 0; ; {
		m, err := r.Read(buf[n:cap(buf)])
		n += m
		switch {
		case errors.Is(err, io.EOF) && int64(n) < size:
			return nil, release, io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return buf[:n], release, nil
		case err != nil:
			return nil, release, err
		case int64(n) > limit:
			return nil, release, tooLarge(int64(n), limit)
		case n == cap(buf):
			buf = append(buf[:n], 0)[:n]
		}
	}
}
