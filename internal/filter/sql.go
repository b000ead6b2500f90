package filter

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Separator stands before, between and after the texts of a List column. No tag
// of an image or a detector can hold it.
const Separator = "\x1f"

// A Column says where the database keeps a field. The zero Column stands for a
// field that no row has. Text must be kept in binary order: COLLATE "C" in
// PostgreSQL, the default BINARY in SQLite.
type Column struct {
	SQL  string // an expression for the value, such as f.score; for ports: for the first port
	High string // ports: an expression for the last port
	Key  string // maps: an expression for the key

	// From is where the value stands, if not in the row itself, with the
	// condition that ties it to the row: "resource_tag t WHERE t.res_id = f.res_id".
	From string

	// Probe asks for each row by itself whether there is such a value, as an index
	// tells: a planner may not make a join of it, which is slow where few rows are
	// looked at and many have the value.
	Probe bool

	// How the value is kept; none of them: as a text, a double, or for times as
	// whole milliseconds since 1970.
	Codes  []string // as a small number: the place of the text in this list
	Digits int      // as a number: a text of so many digits
	List   bool     // as several texts: see Join
	Whole  bool     // as a whole number
	Tenths bool     // as a whole number of tenths
	// Match, if set, makes the SQL of one EQUALS or PREFIX condition; arg returns
	// the placeholder of an argument. Its SQL must never be NULL.
	Match func(c Condition, arg func(any) string) string

	Required bool              // the value is never NULL: plainer SQL
	Parts    map[string]Column // packages: the columns of each part, beside each other in From
}

// Columns are the columns of fields, by the names of the fields.
type Columns map[string]Column

// Join makes the value of a List column; nil if there are no texts.
func Join(texts []string) any {
	if len(texts) == 0 {
		return nil
	}
	return Separator + strings.Join(texts, Separator) + Separator
}

// none is the condition that no row satisfies, all the one that each does.
const (
	none = "1=0"
	all  = "1=1"
)

// Where returns the criteria as a condition of SQL that SQLite and PostgreSQL
// understand alike, and the arguments it needs after those given: placeholders
// are $1, $2 and so on, in the order of their first appearance. The condition
// stands for itself: it may be joined to others by AND without parentheses. It is
// 1=0, without arguments of its own, if no row can satisfy it. It returns an *Invalid for criteria that are not valid, and another error for a
// field without a column.
func Where(fields Fields, columns Columns, c Criteria, args []any) (string, []any, error) {
	if err := Validate(fields, "filterCriteria", c); err != nil {
		return "", nil, err
	}
	b := &builder{args: slices.Clone(args)}
	parts := []string{}
	for _, name := range slices.Sorted(maps.Keys(c)) { // the same criteria give the same text
		column, ok := columns[name]
		if !ok {
			return "", nil, fmt.Errorf("field %s has no column", name)
		}
		part := b.field(fields[name], column, c[name])
		switch part {
		case none:
			return none, slices.Clone(args), nil
		case all:
		default:
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return all, b.args, nil
	}
	return strings.Join(parts, " AND "), b.args, nil
}

// A builder collects the arguments of a statement.
type builder struct{ args []any }

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// field returns the condition on one field.
func (b *builder) field(kind Kind, col Column, conditions []Condition) string {
	positive, negative := split(conditions)
	if absent(col) {
		if len(positive) > 0 {
			return none
		}
		return all
	}
	var parts []string
	if len(positive) > 0 {
		parts = append(parts, within(col, b.positive(kind, col, positive)))
	}
	if len(negative) > 0 {
		parts = append(parts, b.negative(col, negative))
	}
	return and(parts)
}

func absent(col Column) bool { return col.SQL == "" && col.Match == nil && col.Parts == nil }

// within asks that the condition hold where the column stands.
func within(col Column, condition string) string {
	if col.From == "" || condition == none {
		return condition
	}
	return "EXISTS (SELECT 1 FROM " + col.From + " AND " + condition + col.fence() + ")"
}

// fence ends a subquery that is not to become a join. It changes nothing else.
// Source: PostgreSQL, src/backend/optimizer/plan/subselect.c,
// simplify_EXISTS_query: not with an OFFSET.
func (c Column) fence() string {
	if c.Probe {
		return " LIMIT 1 OFFSET 0"
	}
	return ""
}

// positive returns a condition that holds when one of those given does.
func (b *builder) positive(kind Kind, col Column, conditions []Condition) string {
	switch kind {
	case TextKind, ExactKind:
		return b.texts(col, conditions)
	}
	var parts []string
	for _, c := range conditions {
		switch kind {
		case NumberKind, WholeKind:
			if col.Tenths {
				c.Min, c.Max = tenths(c.Min), tenths(c.Max)
			}
			parts = append(parts, b.span(col, c, col.Whole || col.Tenths))
		case TimeKind:
			parts = append(parts, b.span(col, c, true))
		case MapKind, TagsKind:
			parts = append(parts, b.entry(col, c))
		case PortsKind:
			parts = append(parts, b.overlap(col, c))
		case PackageKind:
			parts = append(parts, b.parts(col, c))
		}
	}
	return or(parts)
}

// negative returns a condition that holds when no value equals one of those
// given. It is never NULL where the column may be.
func (b *builder) negative(col Column, conditions []Condition) string {
	equal := make([]Condition, len(conditions))
	for i, c := range conditions {
		equal[i] = Condition{Comparison: Equals, Value: c.Value}
	}
	switch {
	case col.From != "":
		if inner := b.texts(col, equal); inner != none {
			return "NOT EXISTS (SELECT 1 FROM " + col.From + " AND " + inner + col.fence() + ")"
		}
		return all
	case col.Codes != nil:
		// The numbers left over, which an index can look up; NOT IN it cannot.
		return nullOr(col, in(col.SQL, codes(col.Codes, func(s string) bool {
			return !slices.ContainsFunc(equal, func(c Condition) bool { return c.Value == s })
		})))
	}
	switch inner := b.texts(col, equal); {
	case inner == none:
		return all
	case col.Match != nil:
		return "NOT " + inner
	default:
		return nullOr(col, "NOT "+inner)
	}
}

func nullOr(col Column, condition string) string {
	if col.Required {
		return condition
	}
	return or([]string{col.SQL + " IS NULL", condition})
}

// texts returns a condition that holds when the column equals or begins with
// one of the values.
func (b *builder) texts(col Column, conditions []Condition) string {
	if col.Codes != nil {
		return in(col.SQL, codes(col.Codes, func(s string) bool { return matchText(conditions, s) }))
	}
	var equal []Condition
	var parts []string
	for _, c := range conditions {
		if !storable(c.Value) {
			continue // equals nothing
		}
		switch {
		case col.Match != nil:
			parts = append(parts, "("+col.Match(c, b.arg)+")")
		case col.Digits > 0:
			parts = append(parts, b.digits(col, c))
		case col.List:
			parts = append(parts, b.element(col, c))
		case c.Comparison == Prefix:
			parts = append(parts, b.prefix(col, c.Value))
		default:
			equal = append(equal, c)
		}
	}
	places := make([]string, len(equal))
	for i, c := range equal { // now, so that placeholders appear in their order
		places[i] = b.arg(c.Value)
	}
	return or(append(parts, in(col.SQL, places)))
}

// prefix asks for a range of the binary order: LIKE would heed no case in
// SQLite, and use no index.
func (b *builder) prefix(col Column, prefix string) string {
	low := col.SQL + " >= " + b.arg(prefix)
	next, ok := successor(prefix)
	if !ok {
		return low
	}
	return "(" + low + " AND " + col.SQL + " < " + b.arg(next) + ")"
}

// successor returns the least text greater than every text that begins with s,
// if there is one. It steps from character to character, since half a character
// is no argument to PostgreSQL; UTF-8 sorts as the characters do.
func successor(s string) (string, bool) {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
		switch r {
		case utf8.MaxRune:
			continue // nothing after it: the character before steps on
		case 0xD7FF:
			r = 0xE000 // what lies between is for UTF-16
		default:
			r++
		}
		return s + string(r), true
	}
	return "", false
}

// element looks for a text in a List column. Taking the text away leaves
// another value if it was there; this is the one search both databases have
// under one name, and it heeds case.
func (b *builder) element(col Column, c Condition) string {
	if strings.Contains(c.Value, Separator) {
		return none
	}
	wanted := Separator + c.Value
	if c.Comparison != Prefix {
		wanted += Separator
	}
	return "replace(" + col.SQL + ", " + b.arg(wanted) + ", '') <> " + col.SQL
}

// digits compares a number that stands for a text of always so many digits.
func (b *builder) digits(col Column, c Condition) string {
	missing := col.Digits - len(c.Value)
	if missing < 0 || missing > 0 && c.Comparison != Prefix {
		return none
	}
	for _, r := range c.Value {
		if r < '0' || r > '9' {
			return none
		}
	}
	low, err := strconv.ParseInt(c.Value+strings.Repeat("0", missing), 10, 64)
	if err != nil {
		return none
	}
	if missing == 0 {
		return col.SQL + " = " + b.arg(low)
	}
	high, err := strconv.ParseInt(c.Value+strings.Repeat("9", missing), 10, 64)
	if err != nil {
		return none
	}
	return "(" + col.SQL + " >= " + b.arg(low) + " AND " + col.SQL + " <= " + b.arg(high) + ")"
}

// tenths returns ten times a bound. What is lost in doing so must not make 11 of
// 1.1 a number that is a little more.
func tenths(bound *float64) *float64 {
	if bound == nil {
		return nil
	}
	n := math.Round(*bound*1e7) / 1e6
	return &n
}

// span asks for a value within bounds. Whole columns get whole bounds: a
// fraction is no argument for a PostgreSQL bigint.
func (b *builder) span(col Column, c Condition, whole bool) string {
	var low, high any
	if c.Min != nil {
		low = *c.Min
	}
	if c.Max != nil {
		high = *c.Max
	}
	if whole {
		low, high = nil, nil
		least, most, empty := c.whole()
		if empty {
			return none
		}
		if least != nil {
			low = *least
		}
		if most != nil {
			high = *most
		}
	}
	var parts []string
	if low != nil {
		parts = append(parts, col.SQL+" >= "+b.arg(low))
	}
	if high != nil {
		parts = append(parts, col.SQL+" <= "+b.arg(high))
	}
	if len(parts) == 0 {
		return col.SQL + " IS NOT NULL"
	}
	return and(parts)
}

func (b *builder) entry(col Column, c Condition) string {
	if !storable(c.Key) || !storable(c.Value) {
		return none
	}
	parts := []string{col.Key + " = " + b.arg(c.Key)}
	if !c.AnyValue {
		parts = append(parts, col.SQL+" = "+b.arg(c.Value))
	}
	return and(parts)
}

func (b *builder) overlap(col Column, c Condition) string {
	low, high, empty := c.whole()
	if empty {
		return none
	}
	var parts []string
	if low != nil {
		parts = append(parts, col.High+" >= "+b.arg(*low))
	}
	if high != nil {
		parts = append(parts, col.SQL+" <= "+b.arg(*high))
	}
	if len(parts) == 0 {
		return col.SQL + " IS NOT NULL"
	}
	return and(parts)
}

func (b *builder) parts(col Column, c Condition) string {
	before := len(b.args)
	parts := []string{}
	for _, name := range slices.Sorted(maps.Keys(c.Package)) {
		parts = append(parts, b.field(Package[name], col.Parts[name], []Condition{c.Package[name]}))
	}
	if slices.Contains(parts, none) {
		b.args = b.args[:before] // a statement may not have arguments it does not use
		return none
	}
	return and(parts)
}

// codes returns the numbers of the names that are wanted.
func codes(names []string, wanted func(string) bool) []string {
	var out []string
	for i, s := range names {
		if s != "" && wanted(s) {
			out = append(out, strconv.Itoa(i))
		}
	}
	return out
}

func in(sql string, values []string) string {
	switch len(values) {
	case 0:
		return none
	case 1:
		return sql + " = " + values[0]
	}
	return sql + " IN (" + strings.Join(values, ", ") + ")"
}

// and joins conditions, of which those that are always true are left out.
func and(parts []string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == all })
	if len(parts) == 0 {
		return all
	}
	if slices.Contains(parts, none) {
		return none
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " AND ") + ")"
}

// or joins conditions, of which those that are never true are left out.
func or(parts []string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == none })
	if len(parts) == 0 {
		return none
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}
