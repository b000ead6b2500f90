package extract

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// Limits of a table of functions. The largest programs known have some 300,000
// names of 5,000 packages.
const (
	maxSymbolTable    = 64 << 20 // bytes of names
	maxSymbols        = 1 << 20
	maxSymbolPackages = 1 << 15
	maxMainSymbols    = 1 << 20 // bytes of the names of package main
	maxSymbolTables   = 1 << 10 // that could begin somewhere in a program; real ones have a few
	symbolAlign       = 4       // of a table: that of an address
	maxGenerated      = 16      // bytes of a name by which one that the compiler made up is known
)

// goSymbols are the functions that the linker has put into a program. They
// stand in the table by which the runtime names functions in a trace, which
// programs have that are stripped of everything else, and those that were
// inlined wherever they are called are in it. Names are hashed where they lie:
// a large program has four megabytes of them.
//
// Source: package runtime, type pcHeader; package cmd/link/internal/ld,
// pcln.go, generateFuncnametab.
type goSymbols struct {
	whole    bool           // a table was read to its end
	numbers  map[string]int // of packages by path, as the linker writes it
	packages []symbolPackage
	last     int    // package of the name before, which is often the same
	main     []byte // names in package main, each with a zero after it: nothing tells its path before the build information
	hashes   []uint64
	of       []uint16 // the package of each
	buf      []uint64
}

type symbolPackage struct {
	escaped, path string
	hash          uint64 // of the path and a point
}

func (t *goSymbols) reset() {
	if cap(t.hashes) > 1<<18 {
		*t = goSymbols{} // a large program is rare
	}
	if t.numbers == nil {
		t.numbers = map[string]int{}
	}
	clear(t.numbers)
	t.whole, t.last = false, 0
	t.packages, t.main, t.hashes, t.of = t.packages[:0], t.main[:0], t.hashes[:0], t.of[:0]
}

// symbolTableIn returns where in b, which lies at an address, a table of
// functions could begin: with the magic number of Go 1.18 or 1.20 in either
// order of bytes, and two zeros. It returns the length of b if nowhere.
// Source: package internal/abi, symtab.go.
func (s *goScan) symbolTableIn(b []byte, addr uint64) int {
	if s.tables > maxSymbolTables {
		return len(b)
	}
	for i := int(-addr % symbolAlign); i+8 <= len(b); i += symbolAlign {
		v := binary.LittleEndian.Uint64(b[i:]) & (1<<48 - 1)
		if v|1 == 0xfffffff1 || v|1<<24 == 0xf1ffffff {
			return i
		}
	}
	return len(b)
}

// readSymbols reads the table of functions at an offset of a segment that ends
// at to, and returns where to go on. The table of a program that is embedded as
// data comes before that of the program itself: the last one counts.
func (s *goScan) readSymbols(at, to int64) (next int64, err error) {
	next = at + symbolAlign
	if s.tables++; s.tables > maxSymbolTables {
		s.w.symbols.reset() // none can be told from another
		return next, nil
	}
	if err := s.w.advance(at); err != nil {
		return next, err
	}
	b, err := s.w.need(8 + 8*8)
	if err != nil || len(b) < 8+8*8 {
		return next, err
	}
	h := fields{b: b, order: binary.LittleEndian, wide: b[7] == 8}
	if b[0] == 0xff {
		h.order = binary.BigEndian
	}
	word := func(i uint64) uint64 { return h.word(8+4*i, 8+8*i) }
	names, end, rest := word(3), word(4), word(7)
	unit, size := b[6], b[7]
	if unit != 1 && unit != 2 && unit != 4 || size != 4 && size != 8 || names < 8+8*uint64(size) || names > 128 ||
		end <= names || end-names > maxSymbolTable || rest < end || rest > uint64(to-at) { //nolint:gosec // not negative
		return next, nil
	}
	t := &s.w.symbols
	t.reset()
	if t.whole, err = t.read(s.w, at+int64(names), at+int64(end)); err != nil { //nolint:gosec // limited above
		return next, err
	}
	return max(at+int64(rest), s.w.pos()), nil //nolint:gosec // limited above
}

// read reads names, each with a zero after it. It tells whether it has read all.
func (t *goSymbols) read(w *window, from, to int64) (bool, error) {
	for from < to {
		if err := w.advance(from); err != nil {
			return false, err
		}
		b, err := w.need(int(min(windowStep, to-from)))
		if err != nil {
			return false, err
		}
		b = b[:min(int64(len(b)), to-from)]
		b = b[:bytes.LastIndexByte(b, 0)+1]
		if len(b) == 0 {
			return false, nil
		}
		from += int64(len(b))
		for len(b) > 0 {
			n := bytes.IndexByte(b, 0)
			if !t.add(b[:n]) {
				return false, nil
			}
			b = b[n+1:]
		}
	}
	return true, nil
}

// add adds a name. It returns false if there are too many.
//
// A name is the path of a package, in which the linker escapes what stands in
// no identifier, a point, and the name as the compiler writes it. What has no
// path is of C, or belongs to no package.
// Source: package debug/gosym, Sym.PackageName; cmd/internal/objabi,
// PathToPrefix.
func (t *goSymbols) add(name []byte) bool {
	if len(t.packages) > 0 {
		// Most names are of the package before.
		p := &t.packages[t.last]
		if n := len(p.escaped); len(name) > n && name[n] == '.' && string(name[:n]) == p.escaped && bytes.IndexByte(name[n:], '/') < 0 {
			return t.addHash(name[n+1:])
		}
	}
	end := bytes.IndexByte(name, '[') // arguments of types may have paths, too
	if end < 0 {
		end = len(name)
	}
	dot := bytes.LastIndexByte(name[:end], '/') + 1
	n := bytes.IndexByte(name[dot:end], '.')
	if dot += n; n <= 0 || name[0] == '_' || bytes.IndexByte(name[:dot], ':') >= 0 {
		return true
	}
	path, symbol := name[:dot], name[dot+1:]
	if string(path) == "main" {
		if len(t.main)+len(symbol) >= maxMainSymbols {
			return false
		}
		t.main = append(append(t.main, symbol...), 0)
		return true
	}
	at, ok := t.numbers[string(path)]
	if !ok {
		if at = len(t.packages); at >= maxSymbolPackages {
			return false
		}
		t.addPackage(string(path), unescapePath(string(path)))
	}
	t.last = at
	return t.addHash(symbol)
}

// addHash adds a name in the package at hand.
func (t *goSymbols) addHash(symbol []byte) bool {
	t.hashes = append(t.hashes, hashSymbol(t.packages[t.last].hash, symbol))
	t.of = append(t.of, uint16(t.last)) //nolint:gosec // limited
	return len(t.hashes) < maxSymbols
}

func (t *goSymbols) addPackage(escaped, path string) {
	t.numbers[escaped] = len(t.packages)
	t.packages = append(t.packages, symbolPackage{escaped, path, hashMore(hashPath(path), ".")})
}

// unescapePath reads the path of a package as the linker writes it.
func unescapePath(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for ; s != ""; s = s[1:] {
		if c, err := strconv.ParseUint(s[1:min(3, len(s))], 16, 8); s[0] == '%' && len(s) > 2 && err == nil {
			b.WriteByte(byte(c))
			s = s[2:]
		} else {
			b.WriteByte(s[0])
		}
	}
	return b.String()
}

// hashSymbol goes on hashing with the name of a function or method, without the
// marks of a pointer receiver and arguments of types. What the compiler makes
// of it, such as closures and wrappers, counts as itself.
// Source: package cmd/compile/internal/ir, func.go, closureName, and
// cmd/compile/internal/ssagen; measured with Go 1.18 to 1.27.
func hashSymbol(h uint64, name []byte) uint64 {
	depth, method := 0, false
	for i, c := range name {
		switch {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case depth > 0 || c == '(' || c == '*' || c == ')':
		case c == '-':
			return h // -fm, -range1
		case c == '.' && (method || inventory.IsGenerated(string(name[i+1:min(len(name), i+maxGenerated)]))):
			return h
		default:
			method = method || c == '.'
			h = (h ^ uint64(c)) * fnvPrime
		}
	}
	return h
}

// join gives the modules of a program the functions that are theirs. The paths
// of a module's packages begin with that of its root; the standard library has
// what no other module has. Of a module under another name than its packages
// have, and of one without a version, nothing is stated that functions matter
// to. Without the runtime it is not the whole program.
func (t *goSymbols) join(list []inventory.Package, roots []string, mainPath string) {
	if _, ok := t.numbers["runtime"]; !t.whole || !ok {
		return
	}
	if mainPath != "" && len(t.packages) < maxSymbolPackages {
		t.last = len(t.packages)
		t.addPackage("main", mainPath)
		for name := range bytes.SplitSeq(t.main, []byte{0}) {
			t.addHash(name)
		}
	}
	modules := make(map[string]int, len(roots))
	for i, r := range roots {
		modules[r] = i
	}
	module := make([]int, len(t.packages))
	for i, p := range t.packages {
		module[i] = moduleOf(p.path, modules, len(list))
	}
	ends := make([]int, len(list)+2) // the last is of what belongs to none
	for _, n := range t.of {
		ends[module[n]+1]++
	}
	for i := range list {
		ends[i+1] += ends[i]
	}
	starts := slices.Clone(ends)
	t.buf = slices.Grow(t.buf[:0], len(t.hashes))[:len(t.hashes)]
	for i, h := range t.hashes {
		m := module[t.of[i]]
		t.buf[starts[m]] = h
		starts[m]++
	}
	size := 0
	for i := range list {
		if list[i].Name == roots[i] || roots[i] == "" || roots[i] == "cmd" {
			if list[i].Version != "" {
				list[i].Symbols = inventory.SymbolsOf(t.buf[ends[i]:ends[i+1]])
				size += len(list[i].Symbols) * 3 / 4
			}
		}
	}
	if size > inventory.MaxSymbols {
		for i := range list {
			list[i].Symbols = ""
		}
	}
}

// moduleOf returns the number of the module that a package is of: that with the
// longest root, or none if it is of no module and not of the standard library,
// whose paths have no point in their first part.
func moduleOf(path string, modules map[string]int, none int) int {
	first, _, _ := strings.Cut(path, "/")
	for path != "" {
		if n, ok := modules[path]; ok {
			return n
		}
		path = path[:max(0, strings.LastIndexByte(path, '/'))]
	}
	if n, ok := modules[""]; ok && !strings.Contains(first, ".") {
		return n
	}
	return none
}
