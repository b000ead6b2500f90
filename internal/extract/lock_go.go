package extract

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/assay-project/assay/inventory"
)

// goSumNeeded is the problem of a go.mod that does not list all modules.
const goSumNeeded = "go.mod of Go 1.16 or older lists only direct requirements, and there is no go.sum"

// readGoMod reads a go.mod file: the modules that it requires, after its
// replacements. A module that is replaced by a directory has no version that
// anyone could know. Since Go 1.17 all modules of the build are listed.
// Source: Go Modules Reference, "go.mod files".
func readGoMod(f *file) error {
	var m goMod
	err := eachLine(f.r, func(line []byte, cut bool) error {
		if cut {
			return errors.New("line is too long")
		}
		return m.line(line)
	})
	if err == nil && m.block != "" {
		err = errors.New("block of " + m.block + " does not end")
	}
	set := newLockSet(f, "golang")
	for _, r := range m.require {
		name, version := m.resolve(r)
		if name == "" {
			continue
		}
		if aerr := set.add(name, version, ""); aerr != nil {
			return aerr
		}
	}
	// Only a toolchain line says what the program is built with; the go line
	// is the least that would do.
	if v, ok := strings.CutPrefix(m.toolchain, "go"); ok && v != "" {
		if aerr := set.add("stdlib", m.toolchain, ""); aerr != nil {
			return aerr
		}
	}
	if err == nil && m.module && !goListsAll(m.version) {
		f.problem(f.path, goSumNeeded)
	}
	return err
}

// goListsAll tells whether a go.mod with this go line lists all modules.
// Without one, Go assumes 1.16.
// Source: Go Modules Reference, "go directive".
func goListsAll(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	n := 0
	for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		n++
	}
	minor, err := strconv.Atoi(rest[:n])
	return err == nil && (major != "1" || minor >= 17)
}

type goModule struct{ path, version string }

type goMod struct {
	block              string // verb of the block that is open
	module             bool
	version, toolchain string
	require            []goModule
	exclude            map[goModule]bool
	replace            map[goModule]goModule
}

// line reads one line of a go.mod file. Verbs of no interest, and those of
// later times, are passed over.
func (m *goMod) line(b []byte) error {
	words, err := goWords(b)
	if err != nil || len(words) == 0 {
		return err
	}
	if m.block != "" {
		if words[0] == ")" {
			m.block = ""
			return nil
		}
		return m.directive(m.block, words)
	}
	if len(words) == 2 && words[1] == "(" {
		m.block = words[0]
		return nil
	}
	return m.directive(words[0], words[1:])
}

func (m *goMod) directive(verb string, args []string) error {
	if len(args) == 0 {
		return nil
	}
	switch verb {
	case "module":
		m.module = true
	case "go":
		m.version = args[0]
	case "toolchain":
		m.toolchain = args[0]
	case "require":
		if len(args) < 2 {
			return errors.New("requirement of " + args[0] + " without a version")
		}
		if len(m.require) >= maxPackages {
			return errTooMany
		}
		m.require = append(m.require, goModule{args[0], writtenOut(args[1])})
	case "exclude":
		if len(args) >= 2 && len(m.exclude) < maxPackages {
			if m.exclude == nil {
				m.exclude = make(map[goModule]bool)
			}
			m.exclude[goModule{args[0], writtenOut(args[1])}] = true
		}
	case "replace":
		return m.replacement(args)
	}
	return nil
}

// writtenOut writes a version out, as the go command does: v1 is v1.0.0. What is
// no version, such as the name of a branch, stays.
// Source: Go Modules Reference, "Versions", "Canonical version".
func writtenOut(v string) string { return cmp.Or(module.CanonicalVersion(v), v) }

// replacement reads old [version] => new [version].
func (m *goMod) replacement(args []string) error {
	var from, to goModule
	switch {
	case len(args) >= 3 && args[1] == "=>":
		from = goModule{path: args[0]}
		args = args[2:]
	case len(args) >= 4 && args[2] == "=>":
		from = goModule{args[0], writtenOut(args[1])}
		args = args[3:]
	default:
		return errors.New("replacement of " + args[0] + " without a target")
	}
	if to.path = args[0]; len(args) > 1 {
		to.version = writtenOut(args[1])
	}
	if len(m.replace) >= maxPackages {
		return errTooMany
	}
	if m.replace == nil {
		m.replace = make(map[goModule]goModule)
	}
	m.replace[from] = to
	return nil
}

// resolve returns what a requirement stands for; nothing if it is excluded.
// Source: Go Modules Reference, "replace directive" and "exclude directive".
func (m *goMod) resolve(r goModule) (name, version string) {
	if m.exclude[r] {
		return "", ""
	}
	to, ok := m.replace[r]
	if !ok {
		to, ok = m.replace[goModule{path: r.path}]
	}
	switch {
	case !ok:
		return r.path, r.version
	case to.version == "":
		return r.path, ""
	}
	return to.path, to.version
}

// goWords splits a line of a go.mod file, without its comment. A word may be
// quoted as a string of Go.
// Source: Go Modules Reference, "Lexical elements".
func goWords(b []byte) ([]string, error) {
	var words []string
	for {
		b = bytes.TrimLeft(b, " \t\r")
		if len(b) == 0 || bytes.HasPrefix(b, []byte("//")) {
			return words, nil
		}
		n := 1
		switch b[0] {
		case '"', '`':
			i := bytes.IndexByte(b[1:], b[0])
			if i < 0 {
				return nil, errors.New("string does not end")
			}
			n = i + 2
			words = append(words, clean(b[1:n-1]))
		case '(', ')', ',':
			words = append(words, string(b[0]))
		default:
			for n = 0; n < len(b) && !bytes.ContainsRune([]byte(" \t\r(),\"`"), rune(b[n])) && !bytes.HasPrefix(b[n:], []byte("//")); n++ {
			}
			words = append(words, clean(b[:n]))
		}
		b = b[n:]
	}
}

// readGoSum reads the modules of a go.sum file. It holds checksums of all that
// a build ever looked at, so that of each module the highest version counts of
// which not just the go.mod file was needed. Merge uses it only beside a
// go.mod that does not list all modules.
// Source: Go Modules Reference, "go.sum files".
func readGoSum(f *file) error {
	set := newLockSet(f, "golang")
	highest := make(map[string]string)
	var order []string
	err := eachLine(f.r, func(line []byte, _ bool) error {
		words := bytes.Fields(line)
		if len(words) != 3 || bytes.HasSuffix(words[1], []byte("/go.mod")) {
			return nil
		}
		name, version := clean(words[0]), clean(words[1])
		old, ok := highest[name]
		if !ok {
			if len(order) >= maxPackages {
				return errTooMany
			}
			order = append(order, name)
		}
		if !ok || semver.Compare(version, old) > 0 {
			highest[name] = version
		}
		return nil
	})
	for _, name := range order {
		if aerr := set.add(name, highest[name], ""); aerr != nil {
			return aerr
		}
	}
	return err
}

// joinGoSums joins each go.sum with the go.mod beside it. If the go.mod lists
// all modules, nothing of the go.sum counts; otherwise it adds the modules that
// the go.mod does not have. The files are not changed, as layers are cached.
func joinGoSums(files []visible) []visible {
	mods := make(map[string]int)
	for i, v := range files {
		if dir, base := splitPath(v.path); base == "go.mod" {
			mods[dir] = i
		}
	}
	out := slices.Clone(files)
	for i, v := range files {
		dir, base := splitPath(v.path)
		m, ok := mods[dir]
		if base != "go.sum" || !ok {
			continue
		}
		mod, sum := joinGoSum(*files[m].File, *v.File)
		out[m].File, out[i].File = &mod, &sum
	}
	return out
}

func joinGoSum(mod, sum File) (File, File) {
	found := sum.Packages
	sum.Packages = nil
	i := slices.IndexFunc(mod.Problems, func(p inventory.Problem) bool { return p.Reason == goSumNeeded })
	if i < 0 {
		return mod, sum
	}
	mod.Problems = slices.Concat(mod.Problems[:i], mod.Problems[i+1:])
	have := make(map[string]bool, len(mod.Packages))
	for _, p := range mod.Packages {
		have[p.Name] = true
	}
	for _, p := range found {
		if !have[p.Name] {
			sum.Packages = append(sum.Packages, p)
		}
	}
	return mod, sum
}
