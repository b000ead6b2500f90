package ecosystem

import (
	"encoding/binary"
	"strings"
)

// Marks of the apk order. A number follows the marks from apkRevision on but
// for suffixes and letters.
const (
	apkPre       = 0x01 // + 0 to 3: _alpha, _beta, _pre, _rc
	apkEnd       = 0x08
	apkRevision  = 0x09 // -r
	apkSuffixNo  = 0x0a // the number after a suffix
	apkPost      = 0x0b // + 0 to 4: _cvs, _svn, _git, _hg, _p
	apkLetter    = 0x10 // the letter follows
	apkDigit     = 0x11
	apkComponent = 0x12 // a number after a dot
	// apkZeros stands where a number would, for a component of several
	// leading zeros; a count follows that is the lower the more there are.
	apkZeros = 0x1f
)

// apkPreSuffixes and apkPostSuffixes are in their order. A name is taken when
// the text starts with it, so "p" must come after "pre", as it does.
var (
	apkPreSuffixes  = [...]string{"alpha", "beta", "pre", "rc"}
	apkPostSuffixes = [...]string{"cvs", "svn", "git", "hg", "p"}
)

// apkToken is what comes next in a version. The kinds are in the order in
// which they may follow each other.
type apkToken uint8

const (
	apkTokenComponent apkToken = iota
	apkTokenDigit
	apkTokenLetter
	apkTokenSuffix
	apkTokenSuffixNo
	apkTokenRevision
	apkTokenEnd
)

// maxAPKDigits is how many digits a number may have in apk-tools.
const maxAPKDigits = 17

// appendAPK appends the key of number{.number}{letter}{_suffix{number}}{-rN}.
// Where two versions differ in what comes next, a suffix of a pre-release
// comes before the end, and then follow revision, other suffixes, letters and
// numbers. A component with leading zeros, from the second one on, comes
// before one without, the more zeros the earlier. A number that is not
// written is 0.
// Source: apk-tools 2.14, src/version.c and doc/apk-version.8.scd. That
// release is laxer than the manual page: it takes several revisions, empty
// components and a suffix without name for valid, and so do we.
func appendAPK(dst []byte, v string) ([]byte, bool) {
	kind := apkTokenDigit
	for {
		var ok bool
		var zeros bool
		switch kind {
		case apkTokenComponent:
			if v != "" && v[0] == '0' {
				zeros = true
				n := 1
				for n < len(v) && v[n] == '0' {
					n++
				}
				dst = append(dst, apkComponent)
				if n > 1 {
					dst = binary.BigEndian.AppendUint16(append(dst, apkZeros), ^uint16(n))
				} else {
					dst = appendUint(dst, 0)
				}
				// The last zero is the first digit of what follows.
				v = v[n-1:]
				break
			}
			dst = append(dst, apkComponent)
			if dst, v, ok = appendAPKNumber(dst, v); !ok {
				return dst, false
			}
		case apkTokenDigit, apkTokenSuffixNo, apkTokenRevision:
			dst = append(dst, apkMark(kind))
			if dst, v, ok = appendAPKNumber(dst, v); !ok {
				return dst, false
			}
		case apkTokenLetter:
			dst = append(dst, apkLetter, v[0])
			v = v[1:]
		case apkTokenSuffix:
			if dst, v, ok = appendAPKSuffix(dst, v); !ok {
				return dst, false
			}
		case apkTokenEnd:
			return append(dst, apkEnd), true
		}
		if zeros {
			kind = apkTokenDigit
			continue
		}
		if kind, v, ok = nextAPK(kind, v); !ok {
			return dst, false
		}
	}
}

func apkMark(kind apkToken) byte {
	switch kind {
	case apkTokenSuffixNo:
		return apkSuffixNo
	case apkTokenRevision:
		return apkRevision
	default:
		return apkDigit
	}
}

func appendAPKNumber(dst []byte, v string) (key []byte, rest string, ok bool) {
	n := digitsEnd(v, 0)
	if n > maxAPKDigits {
		return dst, v, false
	}
	return appendNumber(dst, v[:n]), v[n:], true
}

func appendAPKSuffix(dst []byte, v string) (key []byte, rest string, ok bool) {
	if v == "" {
		// apk-tools does not look at a suffix that is only "_" and
		// leaves its value at that of the first one.
		return append(dst, apkPost), v, true
	}
	for i, name := range apkPreSuffixes {
		if strings.HasPrefix(v, name) {
			return append(dst, apkPre+byte(i)), v[len(name):], true
		}
	}
	for i, name := range apkPostSuffixes {
		if strings.HasPrefix(v, name) {
			return append(dst, apkPost+byte(i)), v[len(name):], true
		}
	}
	return dst, v, false
}

// nextAPK says what follows a token of the kind last and where it starts.
func nextAPK(last apkToken, v string) (kind apkToken, rest string, ok bool) {
	if v == "" {
		return apkTokenEnd, v, true
	}
	c := v[0]
	switch {
	case last <= apkTokenDigit && c-'a' < 26:
		return apkTokenLetter, v, true
	case last == apkTokenLetter && isDigit(c):
		return apkTokenDigit, v, true
	case last == apkTokenSuffix && isDigit(c):
		return apkTokenSuffixNo, v, true
	case c == '.':
		return apkTokenComponent, v[1:], last <= apkTokenDigit
	case c == '_':
		return apkTokenSuffix, v[1:], last <= apkTokenSuffixNo
	case c == '-' && len(v) > 1 && v[1] == 'r':
		return apkTokenRevision, v[2:], true
	}
	return last, v, false
}
