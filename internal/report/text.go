package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a foreign string harmless and visible on a terminal, on one
// line: white space becomes blanks, and what a terminal could obey or a reader
// could not see is written as its escape. That is all control characters, also
// those of C1 which begin sequences as ESC does, and the format characters,
// among which are those that turn the direction of text around.
// Source: ECMA-48, section 5.3; Unicode Technical Report 36, section 2.10.2.
func clean(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsSpace(r) && r != 0x85: // U+0085 is a control character of C1, too
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp):
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// plain tells whether a string is printable ASCII, as almost all are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// wide are the ranges of characters that take two columns of a terminal.
// Source: Unicode 15.1, EastAsianWidth.txt, properties W and F, with the gaps
// of unassigned characters closed.
var wide = []struct{ first, last rune }{
	{0x1100, 0x115f},
	{0x231a, 0x231b},
	{0x2329, 0x232a},
	{0x23e9, 0x23ec},
	{0x23f0, 0x23f0},
	{0x23f3, 0x23f3},
	{0x25fd, 0x25fe},
	{0x2614, 0x2615},
	{0x2648, 0x2653},
	{0x267f, 0x267f},
	{0x2693, 0x2693},
	{0x26a1, 0x26a1},
	{0x26aa, 0x26ab},
	{0x26bd, 0x26be},
	{0x26c4, 0x26c5},
	{0x26ce, 0x26ce},
	{0x26d4, 0x26d4},
	{0x26ea, 0x26ea},
	{0x26f2, 0x26f3},
	{0x26f5, 0x26f5},
	{0x26fa, 0x26fa},
	{0x26fd, 0x26fd},
	{0x2705, 0x2705},
	{0x270a, 0x270b},
	{0x2728, 0x2728},
	{0x274c, 0x274c},
	{0x274e, 0x274e},
	{0x2753, 0x2755},
	{0x2757, 0x2757},
	{0x2795, 0x2797},
	{0x27b0, 0x27b0},
	{0x27bf, 0x27bf},
	{0x2b1b, 0x2b1c},
	{0x2b50, 0x2b50},
	{0x2b55, 0x2b55},
	{0x2e80, 0x303e},
	{0x3041, 0xa4cf},
	{0xa960, 0xa97c},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe10, 0xfe19},
	{0xfe30, 0xfe6b},
	{0xff01, 0xff60},
	{0xffe0, 0xffe6},
	{0x16fe0, 0x18d08},
	{0x1aff0, 0x1b2fb},
	{0x1f004, 0x1f004},
	{0x1f0cf, 0x1f0cf},
	{0x1f18e, 0x1f18e},
	{0x1f191, 0x1f19a},
	{0x1f200, 0x1f320},
	{0x1f32d, 0x1f335},
	{0x1f337, 0x1f37c},
	{0x1f37e, 0x1f393},
	{0x1f3a0, 0x1f3ca},
	{0x1f3cf, 0x1f3d3},
	{0x1f3e0, 0x1f3f0},
	{0x1f3f4, 0x1f3f4},
	{0x1f3f8, 0x1f43e},
	{0x1f440, 0x1f440},
	{0x1f442, 0x1f4fc},
	{0x1f4ff, 0x1f53d},
	{0x1f54b, 0x1f54e},
	{0x1f550, 0x1f567},
	{0x1f57a, 0x1f57a},
	{0x1f595, 0x1f596},
	{0x1f5a4, 0x1f5a4},
	{0x1f5fb, 0x1f64f},
	{0x1f680, 0x1f6c5},
	{0x1f6cc, 0x1f6cc},
	{0x1f6d0, 0x1f6d2},
	{0x1f6d5, 0x1f6d7},
	{0x1f6dc, 0x1f6df},
	{0x1f6eb, 0x1f6ec},
	{0x1f6f4, 0x1f6fc},
	{0x1f7e0, 0x1f7f0},
	{0x1f90c, 0x1f93a},
	{0x1f93c, 0x1f945},
	{0x1f947, 0x1f9ff},
	{0x1fa70, 0x1faff},
	{0x20000, 0x3fffd},
}

// runeWidth returns how many columns a printable character takes.
func runeWidth(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0 // drawn over the character before it
	}
	i, found := slices.BinarySearchFunc(wide, r, func(w struct{ first, last rune }, r rune) int {
		switch {
		case w.last < r:
			return -1
		case w.first > r:
			return 1
		}
		return 0
	})
	if found && i < len(wide) {
		return 2
	}
	return 1
}

// width returns how many columns a cleaned string takes.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// cut shortens a cleaned string to at most limit columns; an ellipsis stands
// for its end.
func cut(s string, limit int) string {
	if len(s) <= limit || width(s) <= limit {
		return s
	}
	if limit < 1 {
		return ""
	}
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > limit-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// cutMiddle shortens a cleaned string to at most limit columns; an ellipsis
// stands for what is nearer to its beginning than to its end, since the ends
// of paths and names tell more. Paths are cut between their parts where that
// costs little.
func cutMiddle(s string, limit int) string {
	total := width(s)
	if total <= limit {
		return s
	}
	head := strings.TrimSuffix(cut(s, limit/3), "…")
	if i := strings.LastIndexByte(head, '/'); i > 0 {
		head = head[:i+1]
	}
	room := limit - width(head) - 1
	if room < 1 {
		return cut(s, limit)
	}
	tail := ""
	for i, r := range s {
		if total <= room {
			tail = s[i:]
			break
		}
		total -= runeWidth(r)
	}
	if i := strings.IndexByte(tail, '/'); i >= 0 && i < len(tail)/2 {
		tail = tail[i:]
	}
	return head + "…" + tail
}

// pad fills a cleaned string with blanks up to a number of columns.
func pad(s string, columns int) string {
	if n := columns - width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}

// padLeft puts the blanks first, as for numbers.
func padLeft(s string, columns int) string {
	if n := columns - width(s); n > 0 {
		return strings.Repeat(" ", n) + s
	}
	return s
}

// wrap breaks a cleaned text at blanks into lines of at most limit columns. A
// word that is longer is broken.
func wrap(s string, limit int) []string {
	limit = max(limit, 2)
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		w := width(word)
		if line != "" && used+1+w <= limit {
			line += " " + word
			used += 1 + w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for w > limit {
			n := 0
			for i, r := range word {
				if n += runeWidth(r); n > limit {
					lines = append(lines, word[:i])
					word = word[i:]
					break
				}
			}
			w = width(word)
		}
		line, used = word, w
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
