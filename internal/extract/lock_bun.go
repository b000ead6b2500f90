package extract

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// maxBunVersion is the latest lock file version of Bun that is known.
// Source: Bun, "bun.lock.zig", Version.
const maxBunVersion = 2

// readBunBinary says of the binary lock file of Bun until 1.1 what to do.
func readBunBinary(f *file) error {
	f.problem(f.path, "the binary lock file of Bun is not read; run: bun install --save-text-lockfile")
	return nil
}

// readBunLock reads the text lock file of Bun, which is JSON with comments and
// with commas before closing brackets. An entry of "packages" is a list: the
// package with its version or address, the registry, what it needs, a checksum.
// Its key is the path of names by which it is found.
// Source: Bun documentation, "Lockfile"; Bun, "bun.lock.zig".
func readBunLock(f *file) error {
	j := jsonstream.New(newJSONC(f.r), f.size)
	l := bunLock{f: f, j: j, set: newLockSet(f, "npm"), keys: make(map[string]bunEntry)}
	known := false
	err := j.Object(func(key []byte) error {
		c, err := j.Peek()
		switch {
		case err != nil:
			return err
		case string(key) == "lockfileVersion":
			known = true
			return f.numberVersion(j, 0, maxBunVersion)
		case string(key) == "workspaces" && c == '{':
			return j.Object(l.workspace)
		case string(key) == "packages" && c == '{':
			return j.Object(l.place)
		}
		return j.Skip()
	})
	if err == nil {
		err = j.End()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	l.setScopes()
	return err
}

// numberVersion reads a version that is a whole number and records it if it is
// none of those that are known.
func (f *file) numberVersion(j *jsonstream.Reader, least, most int) error {
	s, ok, err := j.Number()
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(string(s)); !ok || err != nil || n < least || n > most {
		f.unknownVersion(string(s))
	}
	return nil
}

type bunLock struct {
	f    *file
	j    *jsonstream.Reader
	set  *lockSet
	keys map[string]bunEntry // all entries of "packages"
	need int                 // names that are kept
	full bool                // there are more than maxGraphEdges
	// roots are what the workspaces need.
	roots []bunRoot
}

// bunEntry is where an entry's package is in the list, and what it needs.
type bunEntry struct {
	index int // -1 for what is part of the project
	needs []string
}

type bunRoot struct {
	workspace, name string
	scope           inventory.Scope
}

// bunGroup tells whether a field lists dependencies, and their scope.
func bunGroup(key []byte) (inventory.Scope, bool) {
	switch string(key) {
	case "dependencies", "optionalDependencies", "peerDependencies":
		return inventory.Runtime, true
	case "devDependencies":
		return inventory.Dev, true
	}
	return "", false
}

// names reads the keys of an object, which are the names of dependencies.
func (l *bunLock) names(fn func(name string)) error {
	if c, err := l.j.Peek(); err != nil || c != '{' {
		return orSkip(l.j, err)
	}
	return l.j.Object(func(key []byte) error {
		if l.need++; l.need > maxGraphEdges {
			l.full = true
		} else {
			fn(clean(key))
		}
		return l.j.Skip()
	})
}

// workspace reads one entry of "workspaces".
func (l *bunLock) workspace(_ []byte) error {
	if c, err := l.j.Peek(); err != nil || c != '{' {
		return orSkip(l.j, err)
	}
	name := ""
	first := len(l.roots)
	err := l.j.Object(func(key []byte) error {
		if scope, ok := bunGroup(key); ok {
			return l.names(func(name string) { l.roots = append(l.roots, bunRoot{name: name, scope: scope}) })
		}
		if string(key) != "name" {
			return l.j.Skip()
		}
		s, ok, err := l.j.String()
		if ok {
			name = clean(s)
		}
		return err
	})
	for i := range l.roots[first:] {
		l.roots[first+i].workspace = name
	}
	return err
}

// place reads one entry of "packages".
func (l *bunLock) place(key []byte) error {
	if c, err := l.j.Peek(); err != nil || c != '[' {
		return orSkip(l.j, err)
	}
	where, entry, n := clean(key), bunEntry{index: -1}, 0
	err := l.j.Array(func() error {
		c, err := l.j.Peek()
		if err != nil {
			return err
		}
		switch n++; {
		case n == 1 && c == '"':
			s, _, err := l.j.String()
			if err != nil {
				return err
			}
			entry.index, err = l.add(clean(s))
			return err
		case c == '{':
			entry.needs, err = l.needs()
			return err
		}
		return l.j.Skip()
	})
	if len(l.keys) < maxGraphNodes {
		l.keys[where] = entry
	} else {
		l.full = true
	}
	return err
}

// needs reads what a package needs. A peer that is optional is none.
func (l *bunLock) needs() (names []string, err error) {
	var optional []string
	err = l.j.Object(func(key []byte) error {
		if _, ok := bunGroup(key); ok {
			return l.names(func(name string) { names = append(names, name) })
		}
		if c, err := l.j.Peek(); err != nil || c != '[' || string(key) != "optionalPeers" {
			return orSkip(l.j, err)
		}
		return l.j.Array(func() error {
			s, ok, err := l.j.String()
			if l.need++; ok && l.need <= maxGraphEdges {
				optional = append(optional, clean(s))
			}
			return err
		})
	})
	if len(optional) > 0 {
		slices.Sort(optional)
		names = slices.DeleteFunc(names, func(name string) bool {
			_, found := slices.BinarySearch(optional, name)
			return found
		})
	}
	return names, err
}

// add adds a package and returns where it is in the list, or -1 if it lies
// beside the project.
func (l *bunLock) add(s string) (int, error) {
	name, version := npmDescriptor(s)
	if name == "" || version == "" {
		l.f.problem(l.f.path, fmt.Sprintf("the entry %.100q is no package with a version", s))
		return -1, nil
	}
	if npmLocal(version) && !isTarball(version) {
		return -1, nil
	}
	version = strings.TrimPrefix(version, "npm:")
	if strings.ContainsAny(version, ":/") {
		version = "" // an address
	}
	if err := l.set.add(name, version, ""); err != nil {
		return -1, err
	}
	if i, ok := l.set.seen[lockKey{strings.TrimSpace(name), strings.TrimSpace(version)}]; ok {
		return i, nil
	}
	return -1, nil
}

// setScopes follows what the workspaces need. A dependency of the entry a/b is
// looked for at a/b/x, a/x and x.
func (l *bunLock) setScopes() {
	if l.full || len(l.roots) == 0 {
		return
	}
	for _, scope := range []inventory.Scope{inventory.Runtime, inventory.Dev} {
		var todo []string
		seen := make(map[string]bool)
		visit := func(from, name string) {
			if key, ok := l.find(from, name); ok && !seen[key] {
				seen[key] = true
				todo = append(todo, key)
			}
		}
		for _, r := range l.roots {
			if r.scope == scope {
				visit(r.workspace, r.name)
			}
		}
		for len(todo) > 0 {
			key := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			e := l.keys[key]
			if e.index >= 0 {
				widen(&l.f.out.Packages[e.index], scope)
			}
			for _, name := range e.needs {
				visit(key, name)
			}
		}
	}
}

// find returns the key of the entry that a dependency leads to.
func (l *bunLock) find(from, name string) (string, bool) {
	for {
		key := name
		if from != "" {
			key = from + "/" + name
		}
		if _, ok := l.keys[key]; ok {
			return key, true
		}
		if from == "" {
			return "", false
		}
		i := strings.LastIndexByte(from, '/')
		if i >= 0 && strings.HasPrefix(from[strings.LastIndexByte(from[:i], '/')+1:], "@") {
			i = strings.LastIndexByte(from[:i], '/') // a scope is part of the name
		}
		from = from[:max(i, 0)]
	}
}

// jsonc turns JSON with comments and with commas before closing brackets into
// JSON of the same length.
type jsonc struct {
	r       *bufio.Reader
	quoted  bool // inside a string
	escaped bool // after a backslash in it
	comment byte // what ends the comment around: a line feed, a slash, or 0
	star    bool // after an asterisk in it

	// What was read to tell whether a bracket closes behind a comma.
	spaces  int64 // to be written first
	next    byte  // to be written then, if hasNext
	hasNext bool
	err     error
}

func newJSONC(r io.Reader) *jsonc { return &jsonc{r: bufio.NewReaderSize(r, 32<<10)} }

// Read gives at least one byte or an error.
func (c *jsonc) Read(p []byte) (int, error) {
	for n := range p {
		b, ok := c.emit()
		if !ok {
			return n, c.err
		}
		p[n] = b
	}
	return len(p), nil
}

// emit returns the next byte to write.
func (c *jsonc) emit() (byte, bool) {
	if c.spaces > 0 {
		c.spaces--
		return ' ', true
	}
	b, ok := c.next, c.hasNext
	if c.hasNext = false; !ok {
		if b, ok = c.byte(); !ok {
			return 0, false
		}
	}
	if b != ',' || c.quoted {
		return b, true
	}
	for {
		next, ok := c.byte()
		switch {
		case !ok:
			return ',', true
		case next == ' ' || next == '\n' || next == '\r' || next == '\t':
			c.spaces++
			continue
		case next == '}' || next == ']':
			c.next, c.hasNext = next, true
			return ' ', true
		}
		c.next, c.hasNext = next, true
		return ',', true
	}
}

// byte reads one byte, in place of those of a comment a space.
func (c *jsonc) byte() (byte, bool) {
	if c.err != nil {
		return 0, false
	}
	b, err := c.r.ReadByte()
	if err != nil {
		c.err = err
		return 0, false
	}
	switch {
	case c.comment != 0:
		if b == c.comment && (b == '\n' || c.star) {
			c.comment = 0
		}
		c.star = b == '*'
		return ' ', true
	case c.escaped:
		c.escaped = false
	case c.quoted:
		c.escaped, c.quoted = b == '\\', b != '"'
	case b == '"':
		c.quoted = true
	case b == '/':
		if next, _ := c.r.Peek(1); len(next) == 1 && (next[0] == '/' || next[0] == '*') {
			_, _ = c.r.Discard(1)
			c.spaces++ // for the second byte
			c.comment, c.star = '\n', false
			if next[0] == '*' {
				c.comment = '/'
			}
			return ' ', true
		}
	}
	return b, true
}
