package extract

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Versions of lock files that are known. A later one is read all the same, but
// it may mean something else.
// Sources: Yarn 1, "lockfile/constants.js"; Yarn Berry, LOCKFILE_VERSION of
// Project.ts.
const (
	maxYarnVersion  = 1
	maxBerryVersion = 10
)

// unknownVersion records that the lock file is of a version that is not known.
func (f *file) unknownVersion(version string) {
	f.problem(f.path, fmt.Sprintf("the version of the lock file, %.40q, is not known", version))
}

// readYarnLock reads the lock file of Yarn: in a format of its own until Yarn
// 1, in YAML since Yarn 2, where it begins with an entry of metadata.
func readYarnLock(f *file) error {
	const start = 4 << 10
	r := bufio.NewReaderSize(f.r, start)
	head, _ := r.Peek(start) // an error comes again when it is read
	if bytes.HasPrefix(trimBOM(head), []byte("__metadata:")) || bytes.Contains(head, []byte("\n__metadata:")) {
		return readBerryLock(f, r)
	}
	return readYarn1Lock(f, r)
}

// readYarn1Lock reads the lock file of Yarn 1: at the margin the requirements
// that one package meets, below it its fields, and deeper what it needs itself.
// Source: Yarn 1, "lockfile/parse.js" and "lockfile/stringify.js".
func readYarn1Lock(f *file, r *bufio.Reader) error {
	y := yarn1Lock{f: f, set: newLockSet(f, "npm")}
	number := 0
	err := eachLine(r, func(line []byte, cut bool) error {
		number++
		err := y.line(bytes.TrimRight(line, " \t"), cut)
		if errors.Is(err, errYarn) {
			return fmt.Errorf("line %d: %w: %.40q", number, err, clean(line))
		}
		return err
	})
	if err != nil {
		return err
	}
	return y.flush()
}

// errYarn says that a line is none that Yarn writes.
var errYarn = errors.New("not understood")

type yarn1Lock struct {
	f   *file
	set *lockSet

	patterns, name, version, resolved string
}

// flush adds the entry that is now complete.
func (y *yarn1Lock) flush() error {
	patterns, stated, version, resolved := y.patterns, y.name, y.version, y.resolved
	y.patterns, y.name, y.version, y.resolved = "", "", "", ""
	name, local := yarnPattern(patterns)
	if name == "" || local && !isTarball(patterns) {
		return nil
	}
	// Where the requirement does not tell: owner/repository. Of another package
	// under an alias it is the alias.
	if !strings.Contains(patterns, "@npm:") {
		name = cmp.Or(stated, name)
	}
	if version == "" && resolved == "" {
		y.f.problem(y.f.path, fmt.Sprintf("the entry %.100q has no version", patterns))
	}
	return y.set.add(name, version, "")
}

func (y *yarn1Lock) line(b []byte, cut bool) error {
	switch {
	case len(b) == 0:
		return nil
	case isComment(b):
		if v, ok := strings.CutPrefix(clean(b), "# yarn lockfile v"); ok {
			if n, err := strconv.Atoi(v); err != nil || n > maxYarnVersion {
				y.f.unknownVersion(v)
			}
		}
		return nil
	case b[0] != ' ':
		if err := y.flush(); err != nil {
			return err
		}
		if !cut && b[len(b)-1] != ':' {
			return errYarn
		}
		// Of a line that is cut the first requirement is enough.
		y.patterns = clean(bytes.TrimSuffix(b, []byte(":")))
		return nil
	}
	field, ok := bytes.CutPrefix(b, []byte("  "))
	if !ok || y.patterns == "" {
		return errYarn
	}
	if field[0] == ' ' {
		return nil // of what it needs
	}
	key, value, _ := strings.Cut(clean(field), " ")
	key = strings.Trim(key, `"`) // quoted where npm wrote the file
	switch {
	case key == "name":
		y.name = yarnText(value)
	case key == "version":
		y.version = yarnText(value)
	case key == "resolved":
		y.resolved = yarnText(value)
	case strings.HasSuffix(key, ":") && value != "":
		return errYarn
	}
	return nil
}

// yarnText returns what a quoted or plain value stands for. Strings are written
// as in JSON.
func yarnText(s string) string {
	s = strings.TrimSpace(s)
	if u, err := strconv.Unquote(s); err == nil {
		return clean([]byte(u))
	}
	return strings.Trim(s, `"`)
}

// yarnPattern returns the package that the first of a list of requirements is
// for. local says that it lies beside the project.
func yarnPattern(s string) (name string, local bool) {
	first := s
	if strings.HasPrefix(s, `"`) {
		if i := strings.IndexByte(s[1:], '"'); i >= 0 {
			first = s[1 : 1+i]
		}
	} else {
		first, _, _ = strings.Cut(s, ",")
	}
	name, requirement := npmDescriptor(strings.TrimSpace(strings.Trim(first, `"`)))
	if alias, ok := strings.CutPrefix(requirement, "npm:"); ok {
		if real, _ := npmDescriptor(alias); real != "" {
			name = real
		}
	}
	return name, npmLocal(requirement)
}

// npmDescriptor splits name@requirement, of which the name may begin with "@".
func npmDescriptor(s string) (name, requirement string) {
	if len(s) < 2 {
		return s, ""
	}
	i := strings.IndexByte(s[1:], '@')
	if i < 0 {
		return s, ""
	}
	return s[:i+1], s[i+2:]
}

// npmLocal tells whether a requirement is met by a directory of the project
// itself, whose version is its own affair.
func npmLocal(requirement string) bool {
	for _, p := range []string{"workspace:", "link:", "portal:", "file:", "root:", "./", "../", "~/", "/"} {
		if strings.HasPrefix(requirement, p) {
			return true
		}
	}
	return false
}

// isTarball tells whether a local requirement names an archive, which holds
// somebody else's package.
func isTarball(requirement string) bool {
	requirement = strings.Trim(requirement, `"`)
	requirement, _, _ = strings.Cut(requirement, "#")
	requirement, _, _ = strings.Cut(requirement, "::")
	return strings.HasSuffix(requirement, ".tgz") || strings.HasSuffix(requirement, ".tar.gz") || strings.HasSuffix(requirement, ".tar")
}

// readBerryLock reads the lock file of Yarn 2 and later. An entry's key lists
// the requirements that it meets; which package it is says its resolution. A
// patched package stands there a second time, as the package that it changes.
// Sources: Yarn, "Lexicon", sections "Locator" and "Descriptor"; Yarn Berry,
// Project.generateLockfile.
func readBerryLock(f *file, r *bufio.Reader) error {
	set := newLockSet(f, "npm")
	var entry, version, resolution string
	flush := func() error {
		e, v, res := entry, version, resolution
		entry, version, resolution = "", "", ""
		if e == "" || e == "__metadata" {
			return nil
		}
		if res == "" {
			f.problem(f.path, fmt.Sprintf("the entry %.100q has no resolution", e))
			return nil
		}
		return set.addBerry(res, v)
	}
	known := false
	err := readYAML(r, func(v yamlValue) error {
		switch {
		case len(v.path) == 0:
			if err := flush(); err != nil {
				return err
			}
			entry = v.key
		case v.in("__metadata") && v.key == "version":
			known = true
			if n, err := strconv.Atoi(v.text); err != nil || n < 1 || n > maxBerryVersion {
				f.unknownVersion(v.text)
			}
		case len(v.path) == 1 && v.key == "version":
			version = v.text
		case len(v.path) == 1 && v.key == "resolution":
			resolution = v.text
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	return err
}

// addBerry adds the package that a resolution names: name@npm:1.2.3, or
// name@ADDRESS#commit=…, whose version is that of its package.json.
func (s *lockSet) addBerry(resolution, version string) error {
	name, reference := npmDescriptor(resolution)
	switch {
	case npmLocal(reference) && !isTarball(reference):
		return nil
	case strings.HasPrefix(reference, "npm:"):
		reference = strings.TrimPrefix(reference, "npm:")
		reference, _, _ = strings.Cut(reference, "::")
		if version == "" || version == "0.0.0-use.local" {
			version = reference
		}
	case strings.HasPrefix(reference, "patch:"):
		// name@patch:name@npm%3A1.2.3#… : the name inside is that of the package.
		inner, _, _ := strings.Cut(strings.TrimPrefix(reference, "patch:"), "#")
		if u, err := url.PathUnescape(inner); err == nil {
			inner = u
		}
		if real, from := npmDescriptor(inner); real != "" {
			if npmLocal(from) {
				return nil
			}
			name = real
		}
	}
	return s.add(name, version, "")
}
