package feed

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// Reasons for which requirements are rejected.
const (
	rejectRequirement = "a requirement on versions that is not understood"
	maxAlternatives   = 1000 // parts of one requirement
)

// A cut is a place between two versions: before a version or after it, or
// one of the two ends of time.
type cut struct {
	version string
	after   bool
	end     int8 // -1 before all versions, 1 after all, else 0
}

// A span holds the versions between two cuts, of which the first is the
// earlier.
type span struct{ from, to cut }

var (
	before = cut{end: -1}
	past   = cut{end: 1}
	whole  = []span{{before, past}}
)

// A versionSet does the algebra of sets of versions of one ecosystem. A set is
// spans in order that neither overlap nor touch. All versions have an order.
type versionSet struct{ typ string }

func (s versionSet) compare(a, b cut) int {
	if a.end != 0 || b.end != 0 {
		return cmp.Compare(a.end, b.end)
	}
	if c := compare(s.typ, a.version, b.version); c != 0 {
		return c
	}
	switch {
	case a.after == b.after:
		return 0
	case a.after:
		return 1
	}
	return -1
}

// union returns the versions that are in one of the spans, in any order.
func (s versionSet) union(in []span) []span {
	in = slices.Clone(in)
	slices.SortStableFunc(in, func(a, b span) int { return s.compare(a.from, b.from) })
	var out []span
	for _, x := range in {
		if s.compare(x.from, x.to) >= 0 {
			continue
		}
		if n := len(out); n > 0 && s.compare(x.from, out[n-1].to) <= 0 {
			if s.compare(x.to, out[n-1].to) > 0 {
				out[n-1].to = x.to
			}
			continue
		}
		out = append(out, x)
	}
	return out
}

// not returns the versions that are in none of the spans of a set.
func (s versionSet) not(set []span) []span {
	var out []span
	from := before
	for _, x := range set {
		if s.compare(from, x.from) < 0 {
			out = append(out, span{from, x.from})
		}
		from = x.to
	}
	if s.compare(from, past) < 0 {
		out = append(out, span{from, past})
	}
	return out
}

// both returns the versions that are in two sets.
func (s versionSet) both(a, b []span) []span {
	return s.not(s.union(append(s.not(a), s.not(b)...)))
}

// ranges writes a set as ranges, or nothing if it has no version.
func ranges(set []span) []advisory.Range {
	var out []advisory.Range
	for _, x := range set {
		r := advisory.Range{Introduced: x.from.version, After: x.from.after}
		switch {
		case x.to.end != 0:
		case x.to.after:
			r.LastAffected = x.to.version
		default:
			r.Fixed = x.to.version
		}
		out = append(out, r)
	}
	return out
}

// A grammar is the language in which an ecosystem writes requirements on
// versions.
type grammar struct {
	versionSet
	// parts says that a version with fewer than three numbers stands for all
	// that begin with these: "<= 1.2" holds 1.2.9.
	parts bool
	// caret says that a version without an operator means "^".
	caret bool
	// first, after a version of numbers, is the first pre-release of it. No
	// pre-release of 3.0.0 is in "~> 2.1" or "2.x".
	first string
	// branch says that ">=" holds the pre-releases of its version too.
	branch bool
}

// The grammars.
// Sources: node-semver, "Ranges"; Cargo book, "Version requirement syntax";
// RubyGems guides, "Patterns", "Declaring dependencies", and
// Gem::Requirement; Composer\Semver\VersionParser::parseConstraints, which adds
// "-dev" to the version of ">=". It adds it to that of "<" as well; this is not
// done here: publishers mean the release that has the repair, and pre-releases
// of it are taken for affected.
var (
	npmGrammar      = grammar{versionSet: versionSet{"npm"}, parts: true, first: "-0"}
	cargoGrammar    = grammar{versionSet: versionSet{"cargo"}, parts: true, caret: true, first: "-0"}
	nodeGrammar     = grammar{versionSet: versionSet{"generic"}, parts: true, first: "-dev"}
	gemGrammar      = grammar{versionSet: versionSet{"gem"}, first: ".a"}
	rubyGrammar     = grammar{versionSet: versionSet{"generic"}, first: "-dev"}
	composerGrammar = grammar{versionSet: versionSet{"composer"}, first: "-dev", branch: true}
)

// anyOf returns the versions that one requirement of a list holds, and the
// requirements that are not understood.
func (g grammar) anyOf(list []string) (set []span, odd []string) {
	for _, text := range list {
		one, ok := g.require(text)
		if !ok || len(set) > maxAlternatives {
			odd = append(odd, text)
			continue
		}
		set = append(set, one...)
	}
	return g.union(set), odd
}

// require returns the versions that a requirement holds: alternatives joined by
// "||", each of comparisons that must all hold.
func (g grammar) require(text string) (set []span, ok bool) {
	if len(text) > maxName {
		return nil, false
	}
	for alternative := range strings.SplitSeq(text, "||") {
		all := whole
		rest := strings.Trim(alternative, " ,")
		if rest == "" && !g.parts {
			return nil, false
		}
		for rest != "" {
			var op, version string
			op, version, rest = nextComparison(rest)
			one, ok := g.comparison(op, version)
			if !ok {
				return nil, false
			}
			all = g.both(all, one)
		}
		set = append(set, all...)
	}
	return g.union(set), true
}

// operators has the longer ones first where one begins another.
var operators = []string{">=", "<=", "!=", "==", "~>", ">", "<", "=", "~", "^"}

// nextComparison cuts off the first comparison of a list that commas or spaces
// divide.
func nextComparison(text string) (op, version, rest string) {
	for _, o := range operators {
		if after, ok := strings.CutPrefix(text, o); ok {
			op, text = o, strings.TrimLeft(after, " ")
			break
		}
	}
	end := strings.IndexAny(text, " ,<>")
	if end < 0 {
		end = len(text)
	}
	return op, text[:end], strings.TrimLeft(text[end:], " ,")
}

// comparison returns the versions that one operator and version hold.
func (g grammar) comparison(op, version string) ([]span, bool) {
	if g.parts {
		version = strings.TrimPrefix(strings.TrimPrefix(version, "="), "v")
	}
	numbers, pre, ok := numbersOf(version)
	open := strings.ContainsAny(version, "xX*") && ok
	if open || g.parts && ok && len(numbers) < 3 && pre == "" && op != "~" && op != "^" && (op != "" || !g.caret) {
		return g.partial(op, numbers)
	}
	if !isName(version) || !orderable(g.typ, version) {
		return nil, false
	}
	at := cut{version: version}
	after := cut{version: version, after: true}
	if g.caret && op == "" {
		op = "^"
	}
	switch op {
	case "", "=", "==":
		return []span{{at, after}}, true
	case "!=":
		return []span{{before, at}, {after, past}}, true
	case ">":
		return []span{{after, past}}, true
	case "<":
		return []span{{before, at}}, true
	case "<=":
		return []span{{before, after}}, true
	}
	if g.branch && pre == "" && ok {
		at.version += g.first
	}
	if op == ">=" {
		return []span{{at, past}}, true
	}
	if !ok {
		return nil, false
	}
	to, ok := g.bumped(op, numbers)
	return []span{{at, to}}, ok
}

// bumped returns the end of what "~", "~>" and "^" hold.
func (g grammar) bumped(op string, numbers []uint64) (cut, bool) {
	i := 0
	switch {
	case len(numbers) == 0:
		return past, true
	case op == "^":
		for i < len(numbers)-1 && numbers[i] == 0 {
			i++
		}
	case g.parts: // "~1" and "~1.2" hold what begins so
		i = min(1, len(numbers)-1)
	default:
		i = max(0, len(numbers)-2)
	}
	return g.next(numbers, i)
}

// next is the place before all versions that follow those whose numbers begin
// with the first i+1.
func (g grammar) next(numbers []uint64, i int) (cut, bool) {
	up := slices.Clone(numbers[:i+1])
	if up[i]++; up[i] == 0 {
		return cut{}, false
	}
	return cut{version: g.join(up) + g.first}, true
}

// join writes numbers as a version, in the parts grammars as one of three.
func (g grammar) join(numbers []uint64) string {
	text := make([]string, 0, 3)
	for _, n := range numbers {
		text = append(text, strconv.FormatUint(n, 10))
	}
	for g.parts && len(text) < 3 {
		text = append(text, "0")
	}
	return strings.Join(text, ".")
}

// partial returns the versions for a version of which not all numbers are
// given.
func (g grammar) partial(op string, numbers []uint64) ([]span, bool) {
	if len(numbers) == 0 { // any version, or none
		return whole, op != "<" && op != ">" && op != "!="
	}
	at := cut{version: g.join(numbers)}
	to, ok := g.next(numbers, len(numbers)-1)
	switch op {
	case "<":
		return []span{{before, at}}, ok
	case "<=":
		return []span{{before, to}}, ok
	case ">":
		return []span{{to, past}}, ok
	case ">=":
		return []span{{at, past}}, ok
	case "!=":
		return []span{{before, at}, {to, past}}, ok
	case "^", "~>", "~":
		to, ok = g.bumped(op, numbers)
	}
	return []span{{at, to}}, ok
}

// numbersOf returns the numbers that a version begins with, up to the first
// that is left open, and the text that follows them.
func numbersOf(version string) (numbers []uint64, pre string, ok bool) {
	version, _, _ = strings.Cut(version, "+")
	for version != "" {
		end := strings.IndexAny(version, ".-")
		part := version
		if end >= 0 {
			part = version[:end]
		}
		if part == "x" || part == "X" || part == "*" {
			return numbers, "", true
		}
		n, err := strconv.ParseUint(part, 10, 63)
		if err != nil {
			return numbers, version, len(numbers) > 0
		}
		numbers = append(numbers, n)
		if end < 0 {
			break
		}
		if version[end] == '-' {
			return numbers, version[end+1:], true
		}
		version = version[end+1:]
	}
	return numbers, "", true
}
