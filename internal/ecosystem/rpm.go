package ecosystem

import "strings"

// Marks of the rpm order. Numbers come after all of them.
const (
	rpmTilde  = 0x01
	rpmEnd    = 0x02
	rpmCaret  = 0x03
	rpmLetter = 0x04 // a run of letters, ends with textEnd
)

// appendRPM appends the key of epoch:version-release. A missing epoch is 0; a
// missing release comes before any other. The key of a version without
// release is the beginning of the keys of that version with one, and only
// such a key is the beginning of another. See CompareEnd for range ends.
// Source: rpm documentation, "Dependencies", section "Versioning"; rpm source,
// rpmio/rpmver.c, rpmverParse and rpmverCmp.
func appendRPM(dst []byte, v string) ([]byte, bool) {
	epoch, version, release, hasRelease, ok := splitEVR(v)
	if !ok {
		return dst, false
	}
	dst = appendNumber(dst, epoch)
	start := len(dst)
	if dst = appendRPMPart(dst, version); len(dst) == start+1 {
		return dst, false // a version without a letter or digit
	}
	if hasRelease {
		dst = appendRPMPart(dst, release)
	}
	return dst, true
}

// splitEVR splits epoch:version-release. ok is false if there is a byte in it that
// is no printable ASCII.
func splitEVR(v string) (epoch, version, release string, hasRelease, ok bool) {
	for i := range len(v) {
		if v[i] <= ' ' || v[i] > '~' {
			return "", "", "", false, false
		}
	}
	version = v
	if i := digitsEnd(v, 0); i < len(v) && v[i] == ':' {
		epoch, version = v[:i], v[i+1:]
	}
	if i := strings.LastIndexByte(version, '-'); i >= 0 {
		version, release, hasRelease = version[:i], version[i+1:], true
	}
	return epoch, version, release, hasRelease, true
}

// appendRPMPart appends the key of a version or a release: runs of digits and
// runs of letters, with anything else between them only a separator, but for
// "~", which comes before even the end, and "^", which comes right after it.
// Source: rpm source, rpmio/rpmvercmp.c.
func appendRPMPart(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case isDigit(c):
			j := digitsEnd(s, i)
			dst = appendNumber(dst, s[i:j])
			i = j
		case isLetter(c):
			j := lettersEnd(s, i)
			dst = append(dst, rpmLetter)
			dst = append(dst, s[i:j]...)
			dst = append(dst, textEnd)
			i = j
		case c == '~':
			dst = append(dst, rpmTilde)
			i++
		case c == '^':
			dst = append(dst, rpmCaret)
			i++
		default:
			i++
		}
	}
	return append(dst, rpmEnd)
}
