package ecosystem

import "strings"

// Marks of the PyPI order. The marks of the pre-release are below all
// numbers, so that they also end the release.
const (
	pypiDevOnly = 0x01 // a development release before any pre-release
	pypiAlpha   = 0x02
	pypiBeta    = 0x03
	pypiRC      = 0x04
	pypiFinal   = 0x05

	pypiNoPost = 0x01
	pypiPost   = 0x02
	pypiDev    = 0x01
	pypiNoDev  = 0x02

	pypiLocalEnd  = 0x00
	pypiLocalText = 0x01 // texts come before numbers
)

// pypiPre has the spellings of a pre-release, the longer ones first where one
// begins another.
var pypiPre = [...]struct {
	name string
	mark byte
}{
	{"alpha", pypiAlpha},
	{"a", pypiAlpha},
	{"beta", pypiBeta},
	{"b", pypiBeta},
	{"preview", pypiRC},
	{"pre", pypiRC},
	{"rc", pypiRC},
	{"c", pypiRC},
}

// appendPyPI appends the key of a Python version. The key of a version with a
// local part is the key of its public part and then the local one, and only
// the key of a public version is the beginning of another key.
// Source: PEP 440, "Version scheme", "Normalization", "Summary of permitted
// suffixes and relative ordering" and appendix B.
func appendPyPI(dst []byte, v string) ([]byte, bool) {
	if v[0]|0x20 == 'v' {
		v = v[1:]
	}
	epoch := ""
	if i := digitsEnd(v, 0); i > 0 && i < len(v) && v[i] == '!' {
		epoch, v = v[:i], v[i+1:]
	}
	dst = appendNumber(dst, epoch)
	dst, v, ok := appendPyPIRelease(dst, v)
	if !ok {
		return dst, false
	}
	pre, preNumber, v := cutPyPIPre(v)
	post, postNumber, v := cutPyPIPost(v)
	dev, devNumber, v := cutPyPIWord(v, "dev")
	switch {
	case pre != 0:
		dst = appendNumber(append(dst, pre), preNumber)
	case dev && !post:
		dst = append(dst, pypiDevOnly)
	default:
		dst = append(dst, pypiFinal)
	}
	if post {
		dst = appendNumber(append(dst, pypiPost), postNumber)
	} else {
		dst = append(dst, pypiNoPost)
	}
	if dev {
		dst = appendNumber(append(dst, pypiDev), devNumber)
	} else {
		dst = append(dst, pypiNoDev)
	}
	if v == "" {
		return dst, true
	}
	if v[0] != '+' {
		return dst, false
	}
	return appendPyPILocal(dst, v[1:])
}

// appendPyPIRelease appends the dotted numbers at the start of v without the
// zeros at their end. A dot that no digit follows belongs to what is next.
func appendPyPIRelease(dst []byte, v string) (key []byte, rest string, ok bool) {
	i := 0
	for {
		i = digitsEnd(v, i)
		if i+1 >= len(v) || v[i] != '.' || !isDigit(v[i+1]) {
			break
		}
		i++
	}
	dst, _, ok = appendParts(dst, v[:i])
	return dst, v[i:], ok
}

// cutPyPIPre takes the pre-release from the start of v; mark is 0 if there is
// none.
func cutPyPIPre(v string) (mark byte, number, rest string) {
	for _, p := range pypiPre {
		if ok, number, rest := cutPyPIWord(v, p.name); ok {
			return p.mark, number, rest
		}
	}
	return 0, "", v
}

// cutPyPIPost takes the post-release from the start of v.
func cutPyPIPost(v string) (ok bool, number, rest string) {
	if len(v) > 1 && v[0] == '-' && isDigit(v[1]) {
		i := digitsEnd(v, 1)
		return true, v[1:i], v[i:]
	}
	for _, name := range [...]string{"post", "rev", "r"} {
		if ok, number, rest := cutPyPIWord(v, name); ok {
			return true, number, rest
		}
	}
	return false, "", v
}

// cutPyPIWord takes a word and its number from the start of v, with a
// separator before each of them that may be missing, as may the number.
func cutPyPIWord(v, word string) (ok bool, number, rest string) {
	rest = v
	if rest != "" && isPyPISeparator(rest[0]) {
		rest = rest[1:]
	}
	if rest, ok = cutPrefixFold(rest, word); !ok {
		return false, "", v
	}
	if rest != "" && isPyPISeparator(rest[0]) {
		rest = rest[1:]
	}
	i := digitsEnd(rest, 0)
	return true, rest[:i], rest[i:]
}

// appendPyPILocal appends the segments of a local version: letters and digits
// with separators between them.
func appendPyPILocal(dst []byte, s string) ([]byte, bool) {
	for {
		i := 0
		for i < len(s) && (isDigit(s[i]) || isLetter(s[i])) {
			i++
		}
		switch {
		case i == 0:
			return dst, false
		case digitsEnd(s[:i], 0) == i:
			dst = appendNumber(dst, s[:i])
		default:
			dst = append(appendLower(append(dst, pypiLocalText), s[:i]), textEnd)
		}
		if i == len(s) {
			return append(dst, pypiLocalEnd), true
		}
		if !isPyPISeparator(s[i]) {
			return dst, false
		}
		s = s[i+1:]
	}
}

func isPyPISeparator(c byte) bool { return strings.IndexByte("-_.", c) >= 0 }
