package match

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// linkage says whether a program has the functions in which a flaw is.
type linkage int

const (
	notKnown   linkage = iota
	noneLinked         // the linker has left all of them out: the program does not reach them
	someLinked
)

// link looks for the functions that a statement names in the program that the
// package at hand was linked into, and says what it has found. The linker leaves
// out what cannot be reached, also by reflection, so that nothing of a flaw is
// there without one of its functions. This holds for no other thing that an
// advisory may name, such as a package as a whole.
// Source: package cmd/link/internal/ld, deadcode.go.
func (m *matcher) link(st *advisory.Statement, s *subject) (linkage, string, error) {
	if m.pkg.Symbols == "" {
		return notKnown, "", nil
	}
	names, err := m.db.Symbols(st.Ref, m.at.Ecosystem, s.name)
	if err != nil || len(names) == 0 {
		return notKnown, "", err
	}
	found, err := m.pkg.Symbols.Linked(names)
	switch {
	case err != nil: // not a set: as good as none
		return notKnown, "", nil
	case len(found) > 0:
		return someLinked, sayLinked(found), nil
	case !slices.ContainsFunc(names, func(n string) bool { return !isFunction(n, s.name) }):
		return noneLinked, sayUnlinked(len(names)), nil
	}
	return notKnown, "", nil
}

func sayLinked(found []string) string {
	const most = 3
	slices.Sort(found)
	if found = slices.Compact(found); len(found) > most {
		return fmt.Sprintf("%s and %d more are linked in", strings.Join(found[:most], ", "), len(found)-most)
	}
	if len(found) > 1 {
		return strings.Join(found, ", ") + " are linked in"
	}
	return found[0] + " is linked in"
}

func sayUnlinked(n int) string {
	if n == 1 {
		return "the vulnerable function is not linked in"
	}
	return fmt.Sprintf("none of the %d vulnerable functions is linked in", n)
}

// isFunction tells whether a symbol of an advisory about a module can only be a
// function or a method, and one that the linker names as the advisory does: the
// path of a package of the module, a point, and a name or two.
// Source: OSV schema, "ecosystem_specific" of Go: go.dev/doc/security/vuln,
// "EcosystemSpecificImport".
func isFunction(symbol, module string) bool {
	if module != "stdlib" && module != "toolchain" {
		rest, ok := strings.CutPrefix(symbol, module)
		if !ok || rest == "" || rest[0] != '.' && rest[0] != '/' {
			return false
		}
		symbol = rest
	}
	last := symbol[strings.LastIndexByte(symbol, '/')+1:]
	_, name, ok := strings.Cut(last, ".")
	if !ok {
		return false // a package as a whole
	}
	receiver, method, ok := strings.Cut(name, ".")
	return isIdentifier(receiver) && (!ok || isIdentifier(method))
}

// isIdentifier tells whether a part of a symbol is a name that people give, and
// not the last part of a path that ends in a version.
func isIdentifier(s string) bool {
	other := func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	if inventory.IsGenerated(s) || strings.ContainsFunc(s, other) {
		return false
	}
	return s[0] != 'v' || len(s) == 1 || strings.Trim(s[1:], "0123456789") != ""
}
