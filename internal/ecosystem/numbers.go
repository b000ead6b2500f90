package ecosystem

import "strings"

// appendR appends the key of a version of R's packages: numbers with "." or
// "-" between them, which mean the same. A missing number is 0, so that 1.0
// equals 1.0.0, as for R's operators and unlike for its compareVersion.
// Sources: Writing R Extensions, section "The DESCRIPTION file", Version; R,
// help pages of numeric_version and compareVersion.
func appendR(dst []byte, v string) ([]byte, bool) {
	zeros := 0
	for i := 0; ; {
		j := digitsEnd(v, i)
		if j == i {
			return dst, false
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
		switch {
		case j == len(v):
			return dst, true
		case v[j] != '.' && v[j] != '-':
			return dst, false
		}
		i = j + 1
	}
}

// numbersEnd ends the key of a list of numbers and is less than any of them:
// the list that another one begins comes before that.
const numbersEnd = 0x01

// appendHackage appends the key of a version of Haskell's packages: numbers
// with "." between them, compared as lists, so that 1.0 is earlier than 1.0.0.
// Tags behind a hyphen, long deprecated, do not count.
// Sources: Haskell Package Versioning Policy, section 6 "Version numbers";
// Cabal, Distribution.Types.Version.
func appendHackage(dst []byte, v string) ([]byte, bool) {
	v, tags, tagged := strings.Cut(v, "-")
	for i := 0; ; {
		j := digitsEnd(v, i)
		if j == i {
			return dst, false
		}
		dst = appendNumber(dst, v[i:j])
		switch {
		case j == len(v):
			return append(dst, numbersEnd), !tagged || isTags(tags)
		case v[j] != '.':
			return dst, false
		}
		i = j + 1
	}
}

// isTags tells whether s is letters and digits, maybe with hyphens between
// them.
func isTags(s string) bool {
	word := false
	for i := range len(s) {
		switch {
		case isLetter(s[i]), isDigit(s[i]):
			word = true
		case s[i] == '-' && word:
			word = false
		default:
			return false
		}
	}
	return word
}
