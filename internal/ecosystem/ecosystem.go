// Package ecosystem holds what differs from one kind of package to the next:
// the purl type, the OSV name, how a package name is spelled and which of two
// versions is the later one.
//
// Versions are compared in two ways. [Compare] takes two strings. [AppendKey]
// turns one version into bytes that sort like the version, so that a version
// met often is read only once and a range test is two byte comparisons. Both
// give the same order.
//
// A new ecosystem is a row in one of the tables of this file and, if its
// versions have an order of their own, one function that appends a key.
package ecosystem

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrSyntax says that a version has no place in the order of its ecosystem:
// it is malformed there, it names a branch, or the ecosystem is unknown.
// Errors of [Compare] and [AppendKey] wrap it and name type and version.
var ErrSyntax = errors.New("version has no place in the order of its ecosystem")

// maxVersion is the length in bytes beyond which a string is not taken for a
// version. The longest version in any feed has some 120 bytes; keys write a
// length in two bytes.
const maxVersion = 1024

// An order is one way to say which of two versions is the later one. It is a
// number and not a function so that calls are direct and the buffers of
// Compare stay on the stack.
type order uint8

const (
	orderNone order = iota
	orderDeb
	orderRPM
	orderAPK
	orderSemver
	orderNPM
	orderGo
	orderPub
	orderPyPI
	orderGem
	orderComposer
	orderNuGet
	orderMaven
	orderGeneric
	orderR
	orderJulia
	orderHackage
	orderALPM
)

// An ecosystem is one row of the table: a family of packages with one way to
// name and one way to order versions.
type ecosystem struct {
	order    order
	language bool                // a package manager of a programming language
	lines    bool                // a version may name a line of versions, see Span
	normal   func(string) string // spelling in advisories; nil if exact
}

// ecosystems is keyed by purl type. Two of them have no purls: "cpe" is where
// software without a package manager is known by vendor and product of its CPE,
// and "platform" has operating systems by the ID of os-release.
// Source: package-url/purl-spec, "Known purl types", also for the types whose
// names are not case sensitive.
var ecosystems = map[string]ecosystem{
	"alpm":         {order: orderALPM},
	"apk":          {order: orderAPK},
	"bioconductor": {order: orderR, language: true}, // source: OSV schema, "Defined ecosystems"; there is no registered type
	"bitnami":      {order: orderSemver, normal: strings.ToLower},
	"cargo":        {order: orderSemver, language: true},
	"cocoapods":    {order: orderGem, language: true},
	"conda":        {order: orderGeneric, language: true},
	"composer":     {order: orderComposer, language: true, normal: strings.ToLower},
	"conan":        {order: orderSemver, language: true},
	"cpe":          {order: orderGeneric, normal: strings.ToLower},
	"cran":         {order: orderR, language: true},
	"deb":          {order: orderDeb},
	"gem":          {order: orderGem, language: true},
	"generic":      {order: orderGeneric},
	"github":       {order: orderSemver, language: true, lines: true, normal: strings.ToLower},
	"golang":       {order: orderGo, language: true},
	"hackage":      {order: orderHackage, language: true},
	"hex":          {order: orderSemver, language: true, normal: strings.ToLower},
	"julia":        {order: orderJulia, language: true},
	"maven":        {order: orderMaven, language: true},
	"npm":          {order: orderNPM, language: true},
	"nuget":        {order: orderNuGet, language: true, normal: strings.ToLower},
	"platform":     {order: orderGeneric},
	"pub":          {order: orderPub, language: true},
	"pypi":         {order: orderPyPI, language: true, normal: normalPyPI},
	"rpm":          {order: orderRPM},
	"wordpress":    {order: orderGeneric, normal: strings.ToLower},
	"swift":        {order: orderSemver, language: true, normal: normalSwift},

	"vscode-extension": {order: orderSemver, language: true, normal: strings.ToLower},
}

// Types returns all purl types whose versions can be ordered, sorted.
func Types() []string { return slices.Sorted(maps.Keys(ecosystems)) }

// Known reports whether typ is a purl type whose versions can be ordered.
func Known(typ string) bool {
	_, ok := ecosystems[typ]
	return ok
}

// Language reports whether typ is the purl type of a programming language's
// package manager, as opposed to an operating system's or to software that
// came without any.
func Language(typ string) bool { return ecosystems[typ].language }

// System reports whether packages of typ are those of an operating system, whose
// advisories have a distribution and a release.
func System(typ string) bool { return typ == "deb" || typ == "rpm" || typ == "apk" || typ == "alpm" }

// Later returns the later of two versions; the first if they have no order, and
// the other one if one is empty.
func Later(typ, a, b string) string {
	if a == "" || b == "" || a == b {
		return cmp.Or(a, b)
	}
	if c, err := Compare(typ, a, b); err == nil && c < 0 {
		return b
	}
	return a
}

// HasKey reports whether versions of typ have keys. Maven's do not: there
// [AppendKey] fails for every version and [Compare] is the only way.
func HasKey(typ string) bool {
	o := ecosystems[typ].order
	return o != orderNone && o != orderMaven
}

// NormalName returns the spelling under which advisories of the ecosystem typ
// are looked up. Names of packages and names in advisories must both go
// through it. It is idempotent; a name of an unknown type comes back as it is.
func NormalName(typ, name string) string {
	if normal := ecosystems[typ].normal; normal != nil {
		return normal(name)
	}
	return name
}

// normalPyPI writes runs of "-", "_" and "." as one "-" and all in lower case.
// Source: PEP 503, "Normalized Names".
func normalPyPI(name string) string {
	clean := true
	for i := range len(name) {
		c := name[i]
		upper := 'A' <= c && c <= 'Z'
		twice := c == '-' && i > 0 && name[i-1] == '-'
		if upper || twice || c == '_' || c == '.' {
			clean = false
			break
		}
	}
	if clean {
		return name
	}
	out := make([]byte, 0, len(name))
	for i := range len(name) {
		c := name[i]
		if c == '_' || c == '.' {
			c = '-'
		}
		if c == '-' && len(out) > 0 && out[len(out)-1] == '-' {
			continue
		}
		out = append(out, lower(c))
	}
	return string(out)
}

// normalSwift strips what two spellings of one repository address differ in.
// Source: OSV schema, "Defined ecosystems", SwiftURL; Swift package manager,
// "CanonicalPackageLocation", which folds the case and drops scheme and ".git".
func normalSwift(name string) string {
	name = strings.ToLower(name)
	for {
		short := name
		for _, scheme := range []string{"https://", "http://", "git://", "ssh://", "git@"} {
			short = strings.TrimPrefix(short, scheme)
		}
		short = strings.TrimSuffix(strings.TrimRight(short, "/"), ".git")
		if short == name {
			return name
		}
		name = short
	}
}

// Compare orders two versions of the ecosystem with the purl type typ: the
// result is negative if a is the earlier one, zero if the ecosystem holds them
// for the same, positive if a is the later one. Space around a version is
// ignored. If one of them cannot be ordered the error wraps [ErrSyntax].
func Compare(typ, a, b string) (int, error) {
	o := ecosystems[typ].order
	va, vb := strings.TrimSpace(a), strings.TrimSpace(b)
	if o == orderMaven {
		if !isMaven(va) {
			return 0, syntaxError(typ, a)
		}
		if !isMaven(vb) {
			return 0, syntaxError(typ, b)
		}
		return compareMaven(va, vb), nil
	}
	var bufA, bufB [128]byte
	ka, ok := o.appendKey(bufA[:0], va)
	if !ok {
		return 0, syntaxError(typ, a)
	}
	kb, ok := o.appendKey(bufB[:0], vb)
	if !ok {
		return 0, syntaxError(typ, b)
	}
	return bytes.Compare(ka, kb), nil
}

// AppendKey appends to dst bytes that order version: of two keys of one
// ecosystem, bytes.Compare says what [Compare] says of the versions. Keys of
// different ecosystems cannot be compared. Use [CompareEnd] where the second
// key is the end of a range.
//
// If the version cannot be ordered, or the ecosystem has no keys, the error
// wraps [ErrSyntax] and dst comes back as it was.
func AppendKey(dst []byte, typ, version string) ([]byte, error) {
	key, ok := ecosystems[typ].order.appendKey(dst, strings.TrimSpace(version))
	if !ok {
		return dst, syntaxError(typ, version)
	}
	return key, nil
}

// CompareEnd compares the key of a package's version with the key of a range
// end, as the ecosystem's own range operators do it. It differs from
// bytes.Compare in three ecosystems, where a part that the end does not have is
// not looked at in the package's version either:
//
//   - pypi: 2.0+cu118 equals the end 2.0, so that "<= 2.0" covers it and
//     "> 2.0" does not. Source: PEP 440, "Version matching", "Inclusive ordered
//     comparison" and "Exclusive ordered comparison" on local versions.
//   - rpm and alpm: 2.0-3.el9 equals the end 2.0. Source: rpm documentation,
//     "Dependencies", section "Versioning": a missing release matches any.
//
// It is not symmetric, since a package that lacks a part stays below an end
// that has it.
func CompareEnd(typ string, key, end []byte) int {
	c := bytes.Compare(key, end)
	if c <= 0 {
		return c
	}
	switch ecosystems[typ].order {
	case orderPyPI, orderRPM, orderALPM:
		// Only a key that lacks the part is the beginning of another.
		if bytes.HasPrefix(key, end) {
			return 0
		}
	default:
	}
	return c
}

// appendKey appends the key of a version without space around it; ok is
// false, and what was appended without meaning, if it has none.
func (o order) appendKey(dst []byte, version string) (key []byte, ok bool) {
	if version == "" || len(version) > maxVersion {
		return dst, false
	}
	switch o {
	case orderDeb:
		return appendDeb(dst, version)
	case orderRPM:
		return appendRPM(dst, version)
	case orderAPK:
		return appendAPK(dst, version)
	case orderSemver:
		return appendSemver(dst, version, semverPlain)
	case orderNPM:
		return appendSemver(dst, version, semverLoose)
	case orderPub:
		return appendSemver(dst, version, semverBuild)
	case orderGo:
		return appendGo(dst, version)
	case orderPyPI:
		return appendPyPI(dst, version)
	case orderGem:
		return appendGem(dst, version)
	case orderComposer:
		return appendComposer(dst, version)
	case orderNuGet:
		return appendNuGet(dst, version)
	case orderGeneric:
		return appendGeneric(dst, version)
	case orderR:
		return appendR(dst, version)
	case orderJulia:
		return appendSemver(dst, version, semverJulia)
	case orderHackage:
		return appendHackage(dst, version)
	case orderALPM:
		return appendALPM(dst, version)
	case orderNone, orderMaven:
	}
	return dst, false
}

func syntaxError(typ, version string) error {
	if !Known(typ) {
		return fmt.Errorf("ordering %q version %.100q: %w", typ, version, ErrSyntax)
	}
	return fmt.Errorf("ordering %s version %.100q: %w", typ, version, ErrSyntax)
}
