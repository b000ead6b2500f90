package feed

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// text is a JSON string; any other value reads as the empty text.
type text string

// UnmarshalJSON takes a string, and never fails.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if len(data) > 0 && data[0] == '"' && json.Unmarshal(data, &s) == nil {
		*t = text(s)
	}
	return nil
}

// isID reports whether s can be an identifier: printable ASCII without space.
func isID(s string) bool {
	if s == "" || len(s) > maxID {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isName reports whether s can be the name of a package or a version: neither
// empty nor endless, and without control characters.
func isName(s string) bool {
	if strings.TrimSpace(s) == "" || len(s) > maxName {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// isCVE reports whether s is the id of a CVE, in its one spelling. Of the 19
// digits that the format allows, 7 are in use; more than 14 are not taken.
// Source: CVE, "CVE ID Syntax": a year and four or more digits, with zeros in
// front only where there would be less than four.
func isCVE(s string) bool {
	rest, ok := strings.CutPrefix(s, "CVE-")
	if !ok || len(rest) < 9 || len(rest) > 19 || rest[4] != '-' || len(rest) > 9 && rest[5] == '0' {
		return false
	}
	return digits(rest[:4]) && digits(rest[5:])
}

// isCWE reports whether s is the id of a weakness: CWE-79.
func isCWE(s string) bool {
	rest, ok := strings.CutPrefix(s, "CWE-")
	return ok && len(rest) <= 6 && digits(rest)
}

// digits reports whether s has only digits, and at least one.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isURL reports whether s can be shown as a web address.
func isURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || rest == "" || len(s) > maxURL {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return scheme == "https" || scheme == "http" || scheme == "ftp"
}

// clip shortens s to at most n bytes, at the border of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// oneLine joins lines and runs of space.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\t\r\n") {
		return strings.TrimSpace(s)
	}
	return strings.Join(strings.Fields(s), " ")
}

// printable returns s for a message, or "" if it is no identifier.
func printable(s string) string {
	if isID(s) {
		return s
	}
	return ""
}

// sortedWithout sorts ids, each once, without the one given. It returns nil
// if nothing is left.
func sortedWithout(ids []string, self string) []string {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == self })
	if len(ids) == 0 {
		return nil
	}
	return ids
}

// dateLayouts are the forms of dates in the feeds. A time without a zone is
// UTC: CVE JSON 5 allows it so, and OSV has none.
// Sources: RFC 3339; CVE record format 5.1, "timestamp"; EPSS, "Data".
var dateLayouts = []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly, "2006-01-02T15:04:05-0700"}

// parseDate reads a date; the empty text is the zero time.
func parseDate(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// pattern returns an expression that is compiled when it is first asked for: most
// runs of the program ask for few.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
