package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/inflate"
	"github.com/assay-project/assay/inventory"
)

// languageFormats is the table of what the package managers of programming
// languages have installed.
func languageFormats() []format {
	s := new(shared)
	return []format{
		{"npm", 3, []string{"package.json"}, packageRoot, stream, readPackageJSON},
		{"vscode", 1, []string{"*/extensions/*/package.json"}, installed, stream, readExtension},
		{"python", 1, []string{"*.dist-info/METADATA", "*.egg-info/PKG-INFO", "*EGG-INFO/PKG-INFO", "*.egg-info"}, installed, stream, readMetadata},
		{"egg", 1, []string{"*.egg"}, installed, random, readEgg},
		{"gem", 1, []string{"*/specifications/*.gemspec", "*/specifications/default/*.gemspec"}, installed, stream, readGemspec},
		{"jar", 1, []string{"*.jar", "*.war", "*.ear", "*.jpi", "*.hpi", "*.kar", "*.par"}, installed, random, s.readJar},
		{"go-binary", 4, []string{executables}, installed, stream, s.readExecutable},
	}
}

// shared is what the formats of one table lend from one file to the next.
type shared struct {
	decoders inflate.Pool
	windows  sync.Pool // of *window
	once     sync.Once
	programs map[string][]program // by the names of their files, once there was one
}

// programsNamed returns the rows of the table of programs for a path.
func (s *shared) programsNamed(path string) []program {
	s.once.Do(func() { s.programs = programsNamed() })
	_, base := splitPath(path)
	return s.programs[strings.TrimSuffix(base, ".exe")]
}

// Limits of what is read of one file in a language's format.
const (
	maxLine     = 64 << 10 // bytes of a line, and of a string that is kept
	maxPackages = 500_000  // a lock file of 100 MB has some 400,000
)

// errTooMany ends the reading of a file that lists more than maxPackages.
var errTooMany = fmt.Errorf("more than %d packages in one file", maxPackages)

// errDone ends a callback that has all it wants. It is never returned by a
// format.
var errDone = errors.New("done")

// clean returns b as text that survives being written as JSON: without
// surrounding space and without invalid UTF-8.
func clean(b []byte) string {
	s := strings.TrimSpace(string(b))
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// lockSet adds the packages of a list of dependencies, each name and version
// once. What is needed at runtime by one path and only for development by
// another is needed at runtime.
type lockSet struct {
	f    *file
	typ  string
	seen map[lockKey]int // index in f.out.Packages
}

type lockKey struct{ name, version string }

func newLockSet(f *file, typ string) *lockSet {
	return &lockSet{f: f, typ: typ, seen: make(map[lockKey]int)}
}

// add adds a package unless it is there already. It fails if there are too
// many.
func (s *lockSet) add(name, version string, scope inventory.Scope) error {
	name, version = strings.TrimSpace(name), strings.TrimSpace(version)
	if name == "" {
		return nil
	}
	k := lockKey{name, version}
	if i, ok := s.seen[k]; ok {
		if p := &s.f.out.Packages[i]; p.Scope == inventory.Dev {
			p.Scope = scope
		}
		return nil
	}
	if len(s.seen) >= maxPackages {
		return errTooMany
	}
	s.seen[k] = len(s.f.out.Packages)
	s.f.add(inventory.Package{Type: s.typ, Name: name, Version: version, Scope: scope, Evidence: inventory.Lockfile})
	return nil
}

// eachLine calls fn for each line of r without its end. A line is valid during
// the call; of one longer than maxLine only the start is given, and cut is
// true. errDone from fn ends the reading without an error.
func eachLine(r io.Reader, fn func(line []byte, cut bool) error) error {
	buf := make([]byte, 0, 4<<10)
	skipping, first, idle := false, true, 0
	for {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, min(2*cap(buf), maxLine)), buf...)
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		end := err != nil
		if end && !errors.Is(err, io.EOF) {
			return err
		}
		if idle++; n > 0 {
			idle = 0
		}
		if idle > 100 {
			return io.ErrNoProgress
		}
		if first {
			if len(buf) < 3 && !end {
				continue
			}
			buf, first = buf[:copy(buf, trimBOM(buf))], false
		}
		rest, state, err := cutLines(buf, end, skipping, fn)
		if errors.Is(err, errDone) || err == nil && end {
			return nil
		}
		if err != nil {
			return err
		}
		buf, skipping = buf[:copy(buf[:cap(buf)], rest)], state
	}
}

// cutLines calls fn for the lines in buf and returns what follows the last
// one. skipping says that buf begins inside a line whose start was given.
func cutLines(buf []byte, end, skipping bool, fn func([]byte, bool) error) ([]byte, bool, error) {
	for {
		i := bytes.IndexByte(buf, '\n')
		if i < 0 {
			break
		}
		line := buf[:i]
		buf = buf[i+1:]
		if skipping {
			skipping = false
			continue
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if err := fn(line, false); err != nil {
			return nil, false, err
		}
	}
	switch {
	case skipping:
		return nil, true, nil
	case end && len(buf) > 0:
		return nil, false, fn(buf, false)
	case len(buf) >= maxLine:
		return nil, true, fn(buf, true)
	}
	return buf, false, nil
}

// trimBOM removes a byte order mark of UTF-8, which editors leave behind.
func trimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }
