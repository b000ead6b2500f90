package extract

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/assay-project/assay/inventory"
)

// requirementsFiles are the names under which requirements files are kept. The
// format itself prescribes none.
var requirementsFiles = []string{"requirements*.txt", "*requirements.txt", "*/requirements/*.txt"}

// requirementsFile tells whether an included file is read by itself.
func requirementsFile(p string) bool {
	base := path.Base(p)
	return strings.HasSuffix(base, ".txt") &&
		(strings.HasPrefix(base, "requirements") || strings.HasSuffix(base, "requirements.txt") || path.Base(path.Dir(p)) == "requirements")
}

// readRequirements reads a requirements file of pip. A requirement that is
// pinned by == or === has that version, any other has none.
// Source: pip documentation, "Requirements File Format"; Python packaging
// specifications, "Dependency specifiers".
func readRequirements(f *file) error {
	r := requirements{f: f, set: newLockSet(f, "pypi"), scope: inventory.Runtime}
	if base := path.Base(f.path); strings.Contains(base, "dev") || strings.Contains(base, "test") || strings.Contains(base, "docs") {
		r.scope = inventory.Dev
	}
	var joined []byte
	err := eachLine(f.r, func(line []byte, cut bool) error {
		if cut {
			f.problem(f.path, fmt.Sprintf("a line is longer than %d bytes", maxLine))
		}
		// A comment ends here, even when the line goes on behind it.
		goesOn := false
		if !isComment(line) {
			line, goesOn = bytes.CutSuffix(line, []byte(`\`))
		}
		if joined = append(joined, line...); len(joined) > maxLine {
			f.problem(f.path, fmt.Sprintf("a requirement is longer than %d bytes", maxLine))
			joined, goesOn = joined[:maxLine], false
		}
		if goesOn {
			return nil
		}
		defer func() { joined = joined[:0] }()
		return r.line(joined)
	})
	if err != nil {
		return err
	}
	return r.line(joined)
}

func isComment(line []byte) bool {
	t := bytes.TrimLeft(line, " \t")
	return len(t) > 0 && t[0] == '#'
}

type requirements struct {
	f     *file
	set   *lockSet
	scope inventory.Scope
}

// line reads one whole line.
func (r *requirements) line(b []byte) error {
	s := clean(b)
	for i := range len(s) {
		if s[i] == '#' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') {
			s = strings.TrimSpace(s[:i])
			break
		}
	}
	if s == "" {
		return nil
	}
	if s[0] == '-' {
		return r.option(s)
	}
	name, version := requirement(s)
	return r.set.add(name, version, r.scope)
}

// option reads a line that is an option. What it includes is only read if it
// has a name by which it is found; an editable requirement counts if it names
// a package.
func (r *requirements) option(s string) error {
	word, value := s, ""
	if i := strings.IndexAny(s, " \t="); i > 0 {
		word, value = s[:i], s[i+1:]
	} else if len(s) > 2 && s[1] != '-' {
		word, value = s[:2], s[2:] // -rfile
	}
	value = strings.Trim(value, " \t\"'=")
	switch word {
	case "-r", "--requirement":
		if !requirementsFile(path.Join(path.Dir(r.f.path), value)) {
			r.f.problem(r.f.path, fmt.Sprintf("included file %q is not read", value))
		}
	case "-e", "--editable":
		if strings.Contains(value, "://") {
			name, version := addressName(value)
			return r.set.add(name, version, r.scope)
		}
	}
	return nil
}

var (
	pythonName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`) })
	pinned     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`===?\s*([^\s,;()*#]+)(\.?\*)?`) })
)

// requirement returns the name of a requirement and the version to which it is
// pinned.
func requirement(s string) (name, version string) {
	name = pythonName().FindString(s)
	rest := strings.TrimLeft(s[len(name):], " \t")
	switch {
	case name == "" || strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, `\`):
		if strings.Contains(s, "://") {
			return addressName(s)
		}
		return "", "" // a directory or an archive beside the file
	case strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "+"):
		return addressName(s)
	}
	if strings.HasPrefix(rest, "[") {
		if i := strings.IndexByte(rest, ']'); i >= 0 {
			rest = strings.TrimLeft(rest[i+1:], " \t")
		}
	}
	if address, ok := strings.CutPrefix(rest, "@"); ok {
		_, version = addressName(strings.TrimSpace(address))
		return name, version
	}
	if rest == "" && isArchive(name) {
		return "", ""
	}
	rest, _, _ = strings.Cut(rest, ";")
	rest, _, _ = strings.Cut(rest, " --")
	if m := pinned().FindStringSubmatch(rest); m != nil && m[2] == "" {
		version = m[1]
	}
	return name, version
}

func isArchive(s string) bool {
	for _, ext := range []string{".whl", ".zip", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz"} {
		if strings.HasSuffix(s, ext) {
			return true
		}
	}
	return false
}

// addressName returns the package that the address of an archive or of a
// repository tells: egg=NAME in its fragment, or the name of a wheel.
// Source: pip documentation, "VCS Support"; Python packaging specifications,
// "Binary distribution format", section "File name convention".
func addressName(s string) (name, version string) {
	s, _, _ = strings.Cut(s, ";")
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	s, fragment, _ := strings.Cut(s, "#")
	s, _, _ = strings.Cut(s, "?")
	base := path.Base(s)
	if stem, ok := strings.CutSuffix(base, ".whl"); ok {
		if parts := strings.Split(stem, "-"); len(parts) >= 5 {
			name, version = parts[0], parts[1]
		}
	}
	for part := range strings.SplitSeq(fragment, "&") {
		if egg, ok := strings.CutPrefix(part, "egg="); ok {
			name = pythonName().FindString(egg)
		}
	}
	return name, version
}

// readPoetryLock reads the lock file of Poetry. Packages that lie in a
// directory beside it are the project's own.
// Source: Poetry, poetry.packages.locker, lock file versions 1.0 to 2.1.
func readPoetryLock(f *file) error {
	set := newLockSet(f, "pypi")
	type entry struct {
		name, version string
		dev, local    bool
	}
	var e entry
	flush := func() error {
		p := e
		e = entry{}
		if p.name == "" || p.local {
			return nil
		}
		scope := inventory.Runtime
		if p.dev {
			scope = inventory.Dev
		}
		return set.add(p.name, p.version, scope)
	}
	err := readTOML(f.r, "groups", func(v tomlValue) error {
		switch {
		case v.table == "package.source" && v.key == "type":
			e.local = string(v.text) == "directory"
		case v.table == "metadata" && v.key == "lock-version": // not there in the first ones
			f.tomlVersion(v.text, 1, 2)
		}
		if v.table != "[package]" {
			return nil
		}
		switch v.key {
		case "":
			return flush()
		case "name":
			e.name = clean(v.text)
		case "version":
			e.version = clean(v.text)
		case "category": // until Poetry 1.4
			e.dev = string(v.text) == "dev"
		case "groups": // since Poetry 2.0
			e.dev = len(v.list) > 0 && !slices.Contains(v.list, "main")
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
