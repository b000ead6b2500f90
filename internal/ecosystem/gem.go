package ecosystem

// Marks of the RubyGems order. Numbers come after all of them.
const (
	gemText = 0x01
	// gemZeros is a run of zeros that text follows, with its length.
	gemZeros = 0x02
	gemEnd   = 0x03
)

// appendGem appends the key of a gem's version: segments of digits or of
// letters, where letters make a pre-release and come before any number, and
// "-" reads as ".pre.". A missing segment is 0, and so zeros at the end and
// zeros before the first letters are nothing.
// Source: Gem::Version, VERSION_PATTERN, canonical_segments and <=>.
func appendGem(dst []byte, v string) ([]byte, bool) {
	if !isGem(v) {
		return dst, false
	}
	zeros, text := 0, false
	for i := 0; i < len(v); {
		c := v[i]
		switch {
		case isDigit(c):
			j := digitsEnd(v, i)
			for i < j && v[i] == '0' {
				i++
			}
			if i == j {
				zeros++
				break
			}
			dst = appendNumber(appendZeros(dst, zeros), v[i:j])
			zeros = 0
			i = j
		case isLetter(c), c == '-':
			// Zeros are equal to the end of a shorter version, so what
			// follows them decides: text comes before that end.
			if text && zeros > 0 {
				dst = appendUint(append(dst, gemZeros), uint64(zeros))
			}
			zeros, text = 0, true
			dst = append(dst, gemText)
			if c == '-' {
				dst = append(dst, "pre"...)
				i++
			} else {
				j := lettersEnd(v, i)
				dst = append(dst, v[i:j]...)
				i = j
			}
			dst = append(dst, textEnd)
		default:
			i++
		}
	}
	return append(dst, gemEnd), true
}

// isGem reports whether v is well formed: a number, dotted segments of
// letters and digits, then perhaps a hyphen and dotted segments that may
// contain hyphens.
func isGem(v string) bool {
	hyphen, empty := false, true
	for i := range len(v) {
		c := v[i]
		switch {
		case isDigit(c):
			empty = false
		case isLetter(c):
			if !hyphen && digitsEnd(v, 0) == i {
				return false
			}
			empty = false
		case c == '.':
			if empty {
				return false
			}
			empty = true
		case c == '-':
			// The first hyphen is not itself part of a segment.
			if empty && !hyphen {
				return false
			}
			empty = !hyphen
			hyphen = true
		default:
			return false
		}
	}
	return !empty && isDigit(v[0])
}
