package ecosystem

import "strings"

// semverKind says how versions of an ecosystem differ from plain Semantic
// Versioning.
type semverKind uint8

const (
	semverPlain semverKind = iota
	// semverLoose takes a pre-release that follows the numbers without a
	// hyphen. Source: node-semver README, "loose" option.
	semverLoose
	// semverBuild orders by build metadata too. Source: pub_semver
	// README, "Build metadata", and Version.compareTo.
	semverBuild
	// semverJulia does both. Source: Julia, Base.VersionNumber, VERSION_REGEX
	// and isless; the packages of binaries there differ in builds alone.
	semverJulia
)

// Marks of the Semantic Versioning order.
const (
	semverEnd     = 0x00 // of a pre-release
	semverPre     = 0x01
	semverRelease = 0x02
)

// appendSemver appends the key of a version of Semantic Versioning 2.0.0. It
// is more tolerant than the specification: there may be any number of parts,
// a missing one being 0, numbers may have leading zeros, and "v" or "=" may
// stand before them. Build metadata is ignored but for semverBuild and
// semverJulia.
// Source: Semantic Versioning 2.0.0, item 11.
func appendSemver(dst []byte, v string, kind semverKind) ([]byte, bool) {
	v = strings.TrimLeft(v, "= ")
	if v != "" && v[0]|0x20 == 'v' {
		v = v[1:]
	}
	dst, rest, ok := appendParts(dst, v)
	if !ok {
		return dst, false
	}
	rest, build, hasBuild := strings.Cut(rest, "+")
	if rest == "" {
		dst = append(dst, semverRelease)
	} else {
		switch {
		case rest[0] == '-' && len(rest) > 1:
			rest = rest[1:]
		case (kind == semverLoose || kind == semverJulia) && isLetter(rest[0]):
		default:
			return dst, false
		}
		if dst, ok = appendIdentifiers(append(dst, semverPre), rest); !ok {
			return dst, false
		}
	}
	if hasBuild && (kind == semverBuild || kind == semverJulia) {
		return appendIdentifiers(dst, build)
	}
	return dst, isBuild(build)
}

// appendParts appends the dotted numbers at the start of v without the zeros
// at their end, so that a missing part is the same as 0.
func appendParts(dst []byte, v string) (key []byte, rest string, ok bool) {
	zeros := 0
	for i := 0; ; {
		j := digitsEnd(v, i)
		if j == i {
			return dst, v, false
		}
		start := len(dst)
		dst = appendNumber(dst, v[i:j])
		if dst[start] == numberMin {
			dst = dst[:start]
			zeros++
		} else if zeros > 0 {
			dst = appendNumber(appendZeros(dst[:start], zeros), v[i:j])
			zeros = 0
		}
		if j == len(v) || v[j] != '.' {
			return dst, v[j:], true
		}
		i = j + 1
	}
}

// appendIdentifiers appends dot separated identifiers: numbers before texts,
// texts in ASCII order, the shorter list before a longer one it begins.
func appendIdentifiers(dst []byte, s string) ([]byte, bool) {
	for {
		id, rest, more := strings.Cut(s, ".")
		if id == "" {
			return dst, false
		}
		if digitsEnd(id, 0) == len(id) {
			dst = appendNumber(dst, id)
		} else {
			dst = append(dst, textMark)
			for i := range len(id) {
				c := id[i]
				if !isDigit(c) && !isLetter(c) && c != '-' {
					return dst, false
				}
				dst = append(dst, c)
			}
			dst = append(dst, textEnd)
		}
		if !more {
			return append(dst, semverEnd), true
		}
		s = rest
	}
}

// isBuild reports whether s can be build metadata, also in the sloppy forms
// that are met: an empty one, or one that contains "_" or a second "+".
func isBuild(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// appendGo appends the key of a module version or of a release of Go itself.
// A module version is a Semantic Version, with or without its "v"; the
// "+incompatible" of some is build metadata, and pseudo-versions are
// pre-releases. A release of Go is written "go1.22rc1", or without the "go",
// and stands for 1.22.0-rc.1, as the Go vulnerability database writes it; a
// suffix of the toolchain's builder or an experiment is ignored.
// Source: Go Modules Reference, "Versions" and "Pseudo-versions"; Go
// Toolchains, "Go versions" and "Go toolchain names".
func appendGo(dst []byte, v string) ([]byte, bool) {
	if rest, ok := strings.CutPrefix(v, "go"); ok {
		if i := strings.IndexAny(rest, " -+"); i >= 0 {
			rest = rest[:i]
		}
		key, stage, ok := appendParts(dst, rest)
		if !ok {
			return dst, false
		}
		return appendGoStage(key, stage)
	}
	key, stage, ok := appendParts(dst, v)
	if ok && stage != "" && isLetter(stage[0]) {
		return appendGoStage(key, stage)
	}
	return appendSemver(dst, v, semverPlain)
}

// appendGoStage appends "", "beta1" or "rc2" as the pre-release "beta.1" or
// "rc.2".
func appendGoStage(dst []byte, stage string) ([]byte, bool) {
	if stage == "" {
		return append(dst, semverRelease), true
	}
	i := lettersEnd(stage, 0)
	word, number := stage[:i], stage[i:]
	if word != "rc" && word != "beta" || number == "" || digitsEnd(number, 0) != len(number) {
		return dst, false
	}
	dst = append(dst, semverPre, textMark)
	dst = append(dst, word...)
	dst = appendNumber(append(dst, textEnd), number)
	return append(dst, semverEnd), true
}
