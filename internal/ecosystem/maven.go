package ecosystem

import (
	"cmp"
	"slices"
	"strings"
)

// mavenItem is one item of a version: a number, a text, or the beginning of
// a list that goes on to the end of the version. In Maven's own words lists
// are nested, but a list is always the last item of the one around it, so
// that a version is one flat row of items.
type mavenItem struct {
	kind mavenKind
	text string // digits without leading zeros, or a qualifier in any case
	rank int    // of a qualifier; mavenOther if it has none
}

type mavenKind uint8

// The kinds are in the order in which items of different kinds sort.
const (
	mavenText mavenKind = iota
	mavenList
	mavenNumber
)

// Ranks of qualifiers.
const (
	mavenRelease = 5 // the rank of "", with which a missing item is compared
	mavenOther   = 7
)

// mavenQualifiers has the qualifiers with a rank. Those of one letter have it
// only when a digit follows at once.
var mavenQualifiers = [...]struct {
	name      string
	rank      int
	withDigit bool
}{
	{"alpha", 0, false},
	{"a", 0, true},
	{"beta", 1, false},
	{"b", 1, true},
	{"milestone", 2, false},
	{"m", 2, true},
	{"rc", 3, false},
	{"cr", 3, false},
	{"snapshot", 4, false},
	{"ga", mavenRelease, false},
	{"final", mavenRelease, false},
	{"release", mavenRelease, false},
	{"sp", 6, false},
}

// isMaven reports whether v can be ordered. Maven itself orders any text; one
// without a digit ("unspecified", "LATEST") or with a property that was not
// replaced says nothing of the version, and comes before all numbers there.
func isMaven(v string) bool {
	if len(v) > maxVersion || strings.Contains(v, "${") {
		return false
	}
	digit := false
	for i := range len(v) {
		if v[i] <= ' ' || v[i] > '~' {
			return false
		}
		digit = digit || isDigit(v[i])
	}
	return digit
}

// compareMaven orders two versions for which isMaven holds.
// Source: Maven 3.9, org.apache.maven.artifact.versioning.ComparableVersion;
// Maven POM Reference, "Version Order Specification".
func compareMaven(a, b string) int {
	var bufA, bufB [24]mavenItem
	la, lb := appendMaven(bufA[:0], a), appendMaven(bufB[:0], b)
	for i := range max(len(la), len(lb)) {
		var c int
		switch {
		case i >= len(la):
			c = -lb[i].compareMissing()
		case i >= len(lb):
			c = la[i].compareMissing()
		default:
			c = la[i].compare(lb[i])
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (it mavenItem) compare(other mavenItem) int {
	switch {
	case it.kind != other.kind:
		return cmp.Compare(it.kind, other.kind)
	case it.kind == mavenNumber:
		if c := cmp.Compare(len(it.text), len(other.text)); c != 0 {
			return c
		}
		return strings.Compare(it.text, other.text)
	case it.kind == mavenText:
		if c := cmp.Compare(it.rank, other.rank); c != 0 || it.rank != mavenOther {
			return c
		}
		return compareFold(it.text, other.text)
	}
	return 0
}

// compareMissing compares the item with one that is not there. A list is
// compared item by item, so its beginning says nothing.
func (it mavenItem) compareMissing() int {
	switch it.kind {
	case mavenNumber:
		return min(len(it.text), 1)
	case mavenText:
		return cmp.Compare(it.rank, mavenRelease)
	case mavenList:
	}
	return 0
}

func (it mavenItem) isNull() bool {
	return it.kind != mavenList && it.compareMissing() == 0
}

// compareFold compares two texts with ASCII letters in lower case.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[i]), lower(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// appendMaven appends the items of v. A dot ends an item; a hyphen, and a
// change between digits and letters, end it and begin a list. At the end of
// each list, numbers and qualifiers that say nothing are dropped.
func appendMaven(items []mavenItem, v string) []mavenItem {
	list, start, digit := 0, 0, false
	open := func() {
		items = append(items, mavenItem{kind: mavenList})
		list = len(items)
	}
	for i := range len(v) {
		c := v[i]
		switch {
		case c == '.' || c == '-':
			items = append(items, mavenItemOf(v[start:i], digit || i == start))
			start = i + 1
			if c == '-' {
				open()
			}
		case isDigit(c):
			if !digit && i > start {
				if len(items) > list {
					open()
				}
				items = append(items, mavenQualifier(v[start:i], true))
				start = i
				open()
			}
			digit = true
		default:
			if digit && i > start {
				items = append(items, mavenItemOf(v[start:i], true))
				start = i
				open()
			}
			digit = false
		}
	}
	if start < len(v) {
		if !digit && len(items) > list {
			open()
		}
		items = append(items, mavenItemOf(v[start:], digit))
	}
	return trimMaven(items)
}

func mavenItemOf(s string, digits bool) mavenItem {
	if digits {
		return mavenItem{kind: mavenNumber, text: strings.TrimLeft(s, "0")}
	}
	return mavenQualifier(s, false)
}

func mavenQualifier(s string, beforeDigit bool) mavenItem {
	for _, q := range mavenQualifiers {
		if rest, ok := cutPrefixFold(s, q.name); ok && rest == "" && (beforeDigit || !q.withDigit) {
			return mavenItem{kind: mavenText, rank: q.rank}
		}
	}
	return mavenItem{kind: mavenText, text: s, rank: mavenOther}
}

// trimMaven drops from each list, the innermost first, the items at its end
// that are 0 or mean the release, and the list itself if it is empty then.
// What is kept of the lists within does not stop it.
func trimMaven(items []mavenItem) []mavenItem {
	kept := len(items) // items[kept:] is what stays of what was looked at
	trimming := true
	for _, it := range slices.Backward(items) {
		switch {
		case it.kind == mavenList:
			trimming = true
			if kept == len(items) {
				continue // nothing is left in the list
			}
		case trimming && it.isNull():
			continue
		default:
			trimming = false
		}
		kept--
		items[kept] = it
	}
	return items[kept:]
}
