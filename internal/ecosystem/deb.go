package ecosystem

import "strings"

// Marks of the deb order. Letters keep their order from debLetter on, the
// other characters are 0x80 and above.
const (
	debTilde  = 0x01
	debEnd    = 0x02 // of a part that is not digits, and of the version
	debLetter = 0x03 // 'A'; 'Z' is followed by 'a'
	debOther  = 0x80
)

// appendDeb appends the key of epoch:upstream-revision. The epoch and the
// revision may be missing, then they are 0.
//
// Upstream and revision are read from the left as parts that are not digits
// and numbers in turn. "~" comes before all, even the end of a part, letters
// before other characters, and a missing number is 0.
// Source: Debian Policy Manual 5.6.12; deb-version(7), section "Sorting
// algorithm".
func appendDeb(dst []byte, v string) ([]byte, bool) {
	epoch, rest, ok := strings.Cut(v, ":")
	if ok {
		// dpkg reads the epoch into an int.
		if epoch == "" || digitsEnd(epoch, 0) != len(epoch) || len(epoch) > 10 {
			return dst, false
		}
	} else {
		epoch, rest = "", v
	}
	dst = appendNumber(dst, epoch)
	upstream, revision := rest, ""
	if i := strings.LastIndexByte(rest, '-'); i >= 0 {
		upstream, revision = rest[:i], rest[i+1:]
		if revision == "" || strings.IndexByte(revision, ':') >= 0 {
			return dst, false
		}
	}
	if upstream == "" {
		return dst, false
	}
	if dst, ok = appendDebPart(dst, upstream); !ok {
		return dst, false
	}
	return appendDebPart(dst, revision)
}

// appendDebPart appends the key of an upstream version or a revision.
func appendDebPart(dst []byte, s string) ([]byte, bool) {
	for i := 0; ; {
		for ; i < len(s) && !isDigit(s[i]); i++ {
			switch c := s[i]; {
			case c == '~':
				dst = append(dst, debTilde)
			case c-'A' < 26:
				dst = append(dst, debLetter+c-'A')
			case c-'a' < 26:
				dst = append(dst, debLetter+26+c-'a')
			case c == '.', c == '+', c == '-', c == ':':
				dst = append(dst, debOther+c)
			default:
				return dst, false
			}
		}
		j := digitsEnd(s, i)
		dst = appendNumber(append(dst, debEnd), s[i:j])
		if j == len(s) {
			return append(dst, debEnd), true
		}
		i = j
	}
}
