package ecosystem

// Marks of the order of pacman, for what follows a run of digits or letters.
const (
	alpmLetter = 0x01 // letters right behind digits, up to textEnd: 1.0rc1 is before 1.0
	alpmEnd    = 0x02
	alpmDigit  = 0x03 // digits right behind letters
	alpmApart  = 0x04 // a number of separators and one of the marks above
)

// appendALPM appends the key of epoch:version-release. As for rpm, a missing
// epoch is 0, and the key of a version without release is the beginning of the
// keys of that version with one; see CompareEnd. Unlike there, what has letters
// behind its digits is the earlier one, "~" and "^" are but separators, and the
// number of separators counts.
// Source: pacman, vercmp(8) and lib/libalpm/version.c.
func appendALPM(dst []byte, v string) ([]byte, bool) {
	epoch, version, release, hasRelease, ok := splitEVR(v)
	if !ok {
		return dst, false
	}
	dst = appendNumber(dst, epoch)
	start := len(dst)
	dst = appendALPMPart(dst, version)
	if dst[start] == alpmEnd {
		return dst, false // no version
	}
	if hasRelease {
		dst = appendALPMPart(dst, release)
	}
	return dst, true
}

// appendALPMPart appends the key of a version or a release.
func appendALPMPart(dst []byte, s string) []byte {
	for i := 0; ; {
		j := i
		for j < len(s) && !isDigit(s[j]) && !isLetter(s[j]) {
			j++
		}
		if j > i {
			dst = appendUint(append(dst, alpmApart), uint64(j-i))
		}
		switch i = j; {
		case i == len(s):
			return append(dst, alpmEnd)
		case isDigit(s[i]):
			j = digitsEnd(s, i)
			dst = appendNumber(append(dst, alpmDigit), s[i:j])
		default:
			j = lettersEnd(s, i)
			dst = append(append(append(dst, alpmLetter), s[i:j]...), textEnd)
		}
		i = j
	}
}
