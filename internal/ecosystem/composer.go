package ecosystem

import "strings"

// Marks of the Composer order: what PHP's version_compare knows, in its order.
// Numbers come after the end of a version and before a patch.
const (
	composerUnknown = 0x01
	composerDev     = 0x02
	composerAlpha   = 0x03
	composerBeta    = 0x04
	composerRC      = 0x05
	composerEnd     = 0x06
	composerPatch   = 0xff

	// composerAny is the number that stands for "x" in a branch's name.
	composerAny = 9999999
)

// composerStabilities has the spellings of a stability, the longer ones first
// where one begins another.
var composerStabilities = [...]struct {
	name string
	mark byte
}{
	{"stable", composerUnknown},
	{"beta", composerBeta},
	{"b", composerBeta},
	{"rc", composerRC},
	{"alpha", composerAlpha},
	{"a", composerAlpha},
	{"patch", composerPatch},
	{"pl", composerPatch},
	{"p", composerPatch},
}

// appendComposer appends the key of the normal form of a PHP package's
// version. A branch ("dev-main") has none; a numeric one ("1.x-dev") has.
// Source: Composer\Semver\VersionParser::normalize and normalizeBranch;
// PHP manual, version_compare.
func appendComposer(dst []byte, v string) ([]byte, bool) {
	if before, after, ok := strings.Cut(v, " as "); ok {
		v = strings.TrimSpace(before)
		if strings.ContainsAny(v, " ,") || strings.ContainsAny(strings.TrimSpace(after), " ,") {
			return dst, false
		}
	}
	v = cutComposerFlag(v)
	if _, branch := cutPrefixFold(v, "dev-"); branch {
		return dst, false
	}
	if before, build, ok := strings.Cut(v, "+"); ok {
		if build == "" || strings.ContainsAny(before, " ,") || strings.Contains(build, " ") {
			return dst, false
		}
		v = before
	}
	if key, ok := appendComposerClassic(dst, v); ok {
		return key, true
	}
	if key, ok := appendComposerDate(dst, v); ok {
		return key, true
	}
	return appendComposerBranch(dst, v)
}

// cutComposerFlag drops the stability that may follow a version after "@".
func cutComposerFlag(v string) string {
	i := strings.LastIndexByte(v, '@')
	if i < 0 {
		return v
	}
	for _, name := range [...]string{"stable", "rc", "beta", "alpha", "dev"} {
		if rest, ok := cutPrefixFold(v[i+1:], name); ok && rest == "" {
			return v[:i]
		}
	}
	return v
}

// appendComposerClassic appends one to four numbers, of which the first has at
// most five digits, and the stability that follows them.
func appendComposerClassic(dst []byte, v string) ([]byte, bool) {
	v, _ = cutPrefixFold(v, "v")
	i := digitsEnd(v, 0)
	if i == 0 || i > 5 {
		return dst, false
	}
	dst = appendNumber(dst, v[:i])
	for range 3 {
		j := i
		if i+1 < len(v) && v[i] == '.' {
			j = digitsEnd(v, i+1)
		}
		if j <= i+1 {
			dst = appendUint(dst, 0)
			continue
		}
		dst = appendNumber(dst, v[i+1:j])
		i = j
	}
	return appendComposerStability(dst, v[i:])
}

// appendComposerDate appends a date and perhaps a time: four digits, one to
// six groups of two, perhaps one of up to three, all with or without a
// separator; only separators end a number.
func appendComposerDate(dst []byte, v string) ([]byte, bool) {
	v, _ = cutPrefixFold(v, "v")
	end := 0
	for end < len(v) && (isDigit(v[end]) || isDateSeparator(v[end])) {
		end++
	}
	for end > 0 && isDateSeparator(v[end-1]) {
		end--
	}
	if !isComposerDate(v[:end]) {
		return dst, false
	}
	for i := 0; i < end; i++ {
		j := digitsEnd(v[:end], i)
		dst = appendNumber(dst, v[i:j])
		i = j
	}
	return appendComposerStability(dst, v[end:])
}

func isDateSeparator(c byte) bool { return c == '.' || c == ':' || c == '-' }

// isComposerDate reports whether all of s is a date in groups of digits.
func isComposerDate(s string) bool {
	if len(s) < 4 || digitsEnd(s, 0) < 4 {
		return false
	}
	i := 4
	for groups := 0; groups <= 6; groups++ {
		if groups > 0 && isDateTail(s[i:]) {
			return true
		}
		j := i
		if j < len(s) && isDateSeparator(s[j]) {
			j++
		}
		if digitsEnd(s, j) < j+2 {
			return false
		}
		i = j + 2
	}
	return false
}

// isDateTail reports whether s is nothing, or a separator, which may be
// missing, and one to three digits.
func isDateTail(s string) bool {
	if s == "" {
		return true
	}
	if isDateSeparator(s[0]) {
		s = s[1:]
	}
	return s != "" && len(s) <= 3 && digitsEnd(s, 0) == len(s)
}

// appendComposerStability appends what may follow the numbers of a version: a
// separator, a stability with numbers, "dev".
func appendComposerStability(dst []byte, s string) ([]byte, bool) {
	rest := s
	if rest != "" && (isDateSeparator(rest[0]) && rest[0] != ':' || rest[0] == '_') {
		rest = rest[1:]
	}
	for _, st := range composerStabilities {
		after, ok := cutPrefixFold(rest, st.name)
		if !ok {
			continue
		}
		exact := strings.HasPrefix(rest, "stable")
		start := len(dst)
		dst = append(dst, st.mark)
		dst, after = appendComposerNumbers(dst, after)
		dev, ok := cutComposerDev(after)
		if exact && ok {
			// Composer stops reading at "stable", in lower case only.
			return append(dst[:start], composerEnd), true
		}
		if dev {
			dst = append(dst, composerDev)
		}
		return append(dst, composerEnd), ok
	}
	dev, ok := cutComposerDev(rest)
	if dev {
		dst = append(dst, composerDev)
	}
	return append(dst, composerEnd), ok
}

// appendComposerNumbers appends numbers with "." or "-" or nothing before.
func appendComposerNumbers(dst []byte, s string) (key []byte, rest string) {
	for {
		i := 0
		if s != "" && (s[0] == '.' || s[0] == '-') {
			i = 1
		}
		j := digitsEnd(s, i)
		if j == i {
			return dst, s
		}
		dst = appendNumber(dst, s[i:j])
		s = s[j:]
	}
}

// cutComposerDev reports whether s is "dev"; ok is true if it is or is empty.
func cutComposerDev(s string) (dev, ok bool) {
	if s == "" {
		return false, true
	}
	if s[0] == '.' || s[0] == '-' {
		s = s[1:]
	}
	rest, dev := cutPrefixFold(s, "dev")
	return dev, dev && rest == ""
}

// appendComposerBranch appends the key of a numeric branch, as in "2.x-dev".
func appendComposerBranch(dst []byte, v string) ([]byte, bool) {
	n := len(v) - len("dev")
	if n < 1 || !strings.EqualFold(v[n:], "dev") {
		return dst, false
	}
	v = v[:n]
	if c := v[n-1]; c == '.' || c == '-' {
		v = v[:n-1]
	}
	v, _ = cutPrefixFold(v, "v")
	i := digitsEnd(v, 0)
	if i == 0 {
		return dst, false
	}
	dst = appendNumber(dst, v[:i])
	for range 3 {
		if i == len(v) {
			dst = appendUint(dst, composerAny)
			continue
		}
		if v[i] != '.' || i+1 == len(v) {
			return dst, false
		}
		i++
		if c := v[i]; c == 'x' || c == 'X' || c == '*' {
			dst = appendUint(dst, composerAny)
			i++
			continue
		}
		j := digitsEnd(v, i)
		if j == i {
			return dst, false
		}
		dst = appendNumber(dst, v[i:j])
		i = j
	}
	return append(dst, composerDev, composerEnd), i == len(v)
}
