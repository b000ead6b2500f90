package ecosystem

// Marks of the generic order. Numbers come after all of them.
const (
	genericPre  = 0x01 // the rank of the word follows
	genericEnd  = 0x02
	genericText = 0x03
)

// genericPreWords name what comes before the release, in their order.
var genericPreWords = [...]struct {
	name string
	rank byte
}{
	{"dev", 0},
	{"nightly", 0},
	{"snapshot", 0},
	{"alpha", 1},
	{"beta", 2},
	{"milestone", 3},
	{"pre", 4},
	{"preview", 4},
	{"cr", 5},
	{"rc", 5},
}

// appendGeneric appends the key of a version of software that no package
// manager installed, or whose ecosystem has numbers only. There is no
// specification: the rule is that numbers compare as numbers, the words that
// everywhere mean a pre-release come before the release, any other text
// after it (OpenSSL 1.1.1k, OpenSSH 8.9p1, Java 8u302), and a missing number
// is 0.
func appendGeneric(dst []byte, v string) ([]byte, bool) {
	if v[0]|0x20 == 'v' {
		v = v[1:]
	}
	if v == "" || !isDigit(v[0]) {
		return dst, false
	}
	zeros, text := 0, false
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case isDigit(c):
			j := digitsEnd(v, i)
			start := len(dst)
			dst = appendNumber(dst, v[i:j])
			if !text && dst[start] == numberMin {
				dst = dst[:start]
				zeros++
			} else if zeros > 0 {
				dst = appendNumber(appendZeros(dst[:start], zeros), v[i:j])
				zeros = 0
			}
			i = j
		case isLetter(c):
			zeros, text = 0, true
			j := lettersEnd(v, i)
			dst = appendGenericWord(dst, v[i:j])
			i = j
		case c <= ' ', c > '~':
			return dst, false
		default:
			i++
		}
	}
	return append(dst, genericEnd), true
}

func appendGenericWord(dst []byte, word string) []byte {
	for _, w := range genericPreWords {
		if rest, ok := cutPrefixFold(word, w.name); ok && rest == "" {
			return append(dst, genericPre, numberMin+w.rank)
		}
	}
	return append(appendLower(append(dst, genericText), word), textEnd)
}
