package extract

import (
	"slices"
	"strings"
)

// A rule is one compiled pattern. The last component of a pattern and each of
// its directories may hold one star, which stands for any bytes but a slash.
// A pattern without a slash, or whose first directory holds a star, may match
// at any depth (a first directory of only a star stands for any number of
// directories, also none); others begin at the root.
type rule struct {
	format   int
	anchored bool
	dir      string // of an anchored rule without stars in its directories
	dirs     []glob // directories, last first, of all other rules
	base     glob
}

// glob is a name with at most one star.
type glob struct {
	prefix, suffix string
	star           bool
}

func newGlob(s string) glob {
	prefix, suffix, star := strings.Cut(s, "*")
	return glob{prefix, suffix, star}
}

func (g glob) match(s string) bool {
	if !g.star {
		return s == g.prefix
	}
	return len(s) >= len(g.prefix)+len(g.suffix) && strings.HasPrefix(s, g.prefix) && strings.HasSuffix(s, g.suffix)
}

// matcher finds the formats that read a path. Of some 70,000 files in an image
// nobody wants more than one in twenty, so that a refusal must be cheap: two
// look-ups by name and extension, and one for each change of the directory.
type matcher struct {
	formats []format
	byBase  map[string][]rule // last component without a star
	byExt   map[string][]rule // last component ends with an extension after the star
	byDir   map[string][]rule // content of a directory
	rest    []rule
	exec    []int // formats that read executables
}

// newMatcher panics if a pattern is not of the kinds that rule describes: the
// table is ours.
func newMatcher(formats []format) *matcher {
	m := &matcher{
		formats: formats,
		byBase:  map[string][]rule{}, byExt: map[string][]rule{}, byDir: map[string][]rule{},
	}
	for i, f := range formats {
		for _, p := range f.files {
			m.add(i, p)
		}
	}
	return m
}

func (m *matcher) add(format int, pattern string) {
	if pattern == executables {
		m.exec = append(m.exec, format)
		return
	}
	for c := range strings.SplitSeq(pattern, "/") {
		if c == "" || strings.Count(c, "*") > 1 {
			panic("extract: bad pattern " + pattern)
		}
	}
	r := rule{format: format}
	dir, base := splitPath(pattern)
	r.base = newGlob(base)
	switch first, _, _ := strings.Cut(dir, "/"); {
	case dir == "":
	case !strings.Contains(dir, "*"):
		r.anchored, r.dir = true, dir
	default:
		r.anchored = !strings.Contains(first, "*")
		dirs := strings.Split(dir, "/")
		if first == "*" {
			dirs = dirs[1:]
		}
		for _, d := range slices.Backward(dirs) {
			r.dirs = append(r.dirs, newGlob(d))
		}
	}
	switch ext := extension(r.base.suffix); {
	case !r.base.star:
		m.byBase[base] = append(m.byBase[base], r)
	case ext != "":
		m.byExt[ext] = append(m.byExt[ext], r)
	case r.dir != "":
		m.byDir[r.dir] = append(m.byDir[r.dir], r)
	default:
		m.rest = append(m.rest, r)
	}
}

// lookup appends to dst the formats that read the file dir/base, in the order
// of the table. inDir are the rules for the content of dir.
func (m *matcher) lookup(dst []int, dir, base string, inDir []rule) []int {
	for _, r := range m.byBase[base] {
		dst = r.appendTo(dst, dir, base)
	}
	if ext := extension(base); ext != "" {
		for _, r := range m.byExt[ext] {
			dst = r.appendTo(dst, dir, base)
		}
	}
	for _, r := range inDir {
		dst = r.appendTo(dst, dir, base)
	}
	for _, r := range m.rest {
		dst = r.appendTo(dst, dir, base)
	}
	if len(dst) > 1 {
		slices.Sort(dst)
		dst = slices.Compact(dst)
	}
	return dst
}

func (r *rule) appendTo(dst []int, dir, base string) []int {
	if !r.base.match(base) || !r.matchDir(dir) {
		return dst
	}
	return append(dst, r.format)
}

func (r *rule) matchDir(dir string) bool {
	if r.dir != "" {
		return dir == r.dir
	}
	for _, g := range r.dirs {
		if dir == "" {
			return false
		}
		var name string
		dir, name = splitPath(dir)
		if !g.match(name) {
			return false
		}
	}
	return !r.anchored || dir == ""
}

// mayRead tells whether some format may read a file of this path, going by
// nothing but the path.
func (m *matcher) mayRead(path string) bool {
	dir, base := splitPath(path)
	if len(m.exec) > 0 && executableName(base) && !dataPath(path) {
		return true
	}
	var buf [8]int
	return len(m.lookup(buf[:0], dir, base, m.byDir[dir])) > 0
}

// splitPath splits at the last slash; dir is empty for a name at the root.
func splitPath(p string) (dir, base string) {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i], p[i+1:]
	}
	return "", p
}

// extension returns what follows the last dot, with it, or nothing.
func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

// executableName tells whether a file of this name may be an executable. Most
// files of a tree are excluded here, before their mode is asked for, which in
// a directory costs a system call each.
func executableName(base string) bool {
	switch extension(base) {
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx", ".map", ".json", ".md", ".markdown",
		".py", ".pyc", ".pyi", ".pyx", ".pxd", ".rb", ".pl", ".pm", ".pod", ".php", ".lua", ".tcl", ".go", ".rs",
		".c", ".h", ".cc", ".cpp", ".hpp", ".hh", ".java", ".class", ".jar", ".war", ".ear", ".pom", ".sha1",
		".html", ".htm", ".css", ".scss", ".less", ".xml", ".xsl", ".xsd", ".dtd", ".svg", ".png", ".gif", ".jpg",
		".jpeg", ".ico", ".webp", ".ttf", ".otf", ".woff", ".woff2", ".pfb", ".afm", ".txt", ".rst", ".csv",
		".yml", ".yaml", ".toml", ".ini", ".conf", ".cfg", ".service", ".gz", ".xz", ".bz2", ".zst", ".zip",
		".mo", ".po", ".list", ".md5sums", ".a", ".o", ".la", ".pc", ".ko", ".log", ".lock", ".flow", ".el", ".vim":
		return false
	}
	return true
}

// dataPath tells whether a path is one of the many without an extension that
// name data and no executable.
// Source: Filesystem Hierarchy Standard 3.0, sections 4.5 and 4.11.
func dataPath(path string) bool {
	rest, ok := strings.CutPrefix(path, "usr/")
	if !ok {
		return strings.HasPrefix(path, "etc/")
	}
	first, rest, _ := strings.Cut(rest, "/")
	switch first {
	case "include", "src":
		return true
	case "share":
		switch second, _, _ := strings.Cut(rest, "/"); second {
		case "doc", "man", "info", "locale", "i18n", "icons", "licenses", "terminfo", "zoneinfo", "zoneinfo-icu":
			return true
		}
	}
	return false
}

// libraryName tells whether the name alone says that the file holds machine
// code: these need no execute permission to be loaded.
func libraryName(base string) bool {
	switch extension(base) {
	case ".so", ".dll", ".exe", ".dylib", ".node":
		return true
	}
	return strings.Contains(base, ".so.")
}

// notResolved tells whether a lock file in dir speaks of somebody else's
// project: packages carry the lock files of their own development, and test
// data those of examples.
func notResolved(dir string) bool {
	for c := range strings.SplitSeq(dir, "/") {
		switch c {
		case "node_modules", "bower_components", "site-packages", "dist-packages", "vendor", "testdata", ".build", "Pods", "Carthage":
			return true
		}
	}
	return false
}

// FNV-1a, 64 bits.
// Source: RFC 9923, "The FNV Non-Cryptographic Hash Algorithm", section 5.
const (
	fnvBasis = 14695981039346656037
	fnvPrime = 1099511628211
)

// hashPath returns the hash under which a layer remembers a path.
func hashPath(p string) uint64 { return hashMore(fnvBasis, p) }

// hashMore continues a hash.
func hashMore(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}
