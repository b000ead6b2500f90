package ecosystem

import "strings"

// appendNuGet appends the key of a NuGet version: one to four numbers, a
// missing one being 0, a pre-release whose texts are not case sensitive, and
// metadata that is ignored.
// Source: NuGet documentation, "Package versioning", sections "Normalized
// version numbers" and "Where NuGetVersion diverges from Semantic Versioning".
func appendNuGet(dst []byte, v string) ([]byte, bool) {
	v, metadata, hasMetadata := strings.Cut(v, "+")
	if hasMetadata && !isLabels(metadata) {
		return dst, false
	}
	v, labels, pre := strings.Cut(v, "-")
	if strings.Count(v, ".") > 3 {
		return dst, false
	}
	dst, rest, ok := appendParts(dst, v)
	if !ok || rest != "" {
		return dst, false
	}
	if !pre {
		return append(dst, semverRelease), true
	}
	if !isLabels(labels) {
		return dst, false
	}
	dst = append(dst, semverPre)
	for more := true; more; {
		var label string
		label, labels, more = strings.Cut(labels, ".")
		if digitsEnd(label, 0) == len(label) {
			dst = appendNumber(dst, label)
		} else {
			dst = append(appendLower(append(dst, textMark), label), textEnd)
		}
	}
	return append(dst, semverEnd), true
}

// isLabels reports whether s is one or more labels of letters, digits and
// hyphens with dots between them.
func isLabels(s string) bool {
	empty := true
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c), isLetter(c), c == '-':
			empty = false
		case c == '.' && !empty:
			empty = true
		default:
			return false
		}
	}
	return !empty
}
