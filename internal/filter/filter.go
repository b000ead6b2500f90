// Package filter has criteria over any type: which of its things a caller wants
// to see. The same criteria are evaluated in memory and compiled to SQL, with
// the same answer; and pages of what they select are sealed into tokens.
//
// The fields, comparisons and limits are those of the Inspector2 API model
// (FilterCriteria, CoverageFilterCriteria, ResourceFilterCriteria). What the
// model leaves open is decided here once:
//
//   - Fields join by AND. The positive conditions of one field (EQUALS, PREFIX,
//     ranges) join by OR, its negative ones (NOT_EQUALS) by AND, and both must hold.
//   - Text is compared byte by byte, so that case matters.
//   - A field with several values, such as the tags of an image, satisfies a
//     positive condition when any value does; NOT_EQUALS is the exact opposite of
//     EQUALS: no value is equal, which holds too where there is no value.
//   - A range without bounds asks that there be a value.
//   - A tag condition without a value asks that there be the key.
//   - Port ranges match when they overlap.
//   - All conditions on a package must hold on one and the same package.
package filter

import (
	"maps"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// A Comparison is how a text is compared.
type Comparison string

// The comparisons of the API model.
const (
	Equals    Comparison = "EQUALS"
	Prefix    Comparison = "PREFIX"
	NotEquals Comparison = "NOT_EQUALS"
)

// Criteria are the conditions on each field, by its name. Empty criteria select
// everything.
type Criteria map[string][]Condition

// A Condition is one thing asked of a field. Which members count depends on the
// kind of the field.
type Condition struct {
	Comparison Comparison           `json:"c,omitempty"` // text and maps
	Key        string               `json:"k,omitempty"` // maps
	Value      string               `json:"v,omitempty"` // text and maps
	AnyValue   bool                 `json:"a,omitempty"` // maps: the key with whatever value
	Min        *float64             `json:"l,omitempty"` // ranges, inclusive; times in milliseconds since 1970; nil: none
	Max        *float64             `json:"u,omitempty"`
	Package    map[string]Condition `json:"p,omitempty"` // packages: a condition for each of some parts
}

// Text returns one condition for each value.
func Text(c Comparison, values ...string) []Condition {
	out := make([]Condition, len(values))
	for i, v := range values {
		out[i] = Condition{Comparison: c, Value: v}
	}
	return out
}

// Range returns a condition on a number or a port.
func Range(lowest, highest float64) Condition {
	return Condition{Min: &lowest, Max: &highest}
}

// Between returns a condition on a time, in whole milliseconds; a zero time is
// no bound.
func Between(first, last time.Time) Condition {
	c := Condition{}
	if !first.IsZero() {
		ms := float64(first.Add(time.Millisecond - 1).UnixMilli()) // a part of one does not count as inside
		c.Min = &ms
	}
	if !last.IsZero() {
		ms := float64(last.UnixMilli())
		c.Max = &ms
	}
	return c
}

// Pick returns the criteria on the named fields, and those on all others.
func (c Criteria) Pick(names ...string) (picked, rest Criteria) {
	picked, rest = Criteria{}, Criteria{}
	maps.Copy(rest, c)
	for _, name := range names {
		if list, ok := c[name]; ok {
			picked[name] = list
			delete(rest, name)
		}
	}
	return picked, rest
}

// Choose returns those of a field's possible values that its conditions let
// through, in the order given. It serves fields with few values, such as
// severities, that a store walks one by one.
func Choose(conditions []Condition, possible []string) []string {
	var out []string
	for _, v := range possible {
		if v != "" && matchText(conditions, v) {
			out = append(out, v)
		}
	}
	return out
}

// split parts conditions into positive and negative ones.
func split(conditions []Condition) (positive, negative []Condition) {
	for _, c := range conditions {
		if c.Comparison == NotEquals {
			negative = append(negative, c)
		} else {
			positive = append(positive, c)
		}
	}
	return positive, negative
}

// storable reports whether a text can stand in a database at all. PostgreSQL
// refuses both a zero byte and what is not UTF-8, even as an argument; such a
// text therefore equals nothing.
// Source: PostgreSQL manual, "Character Types".
func storable(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

// whole returns the whole numbers that a range takes in; none if there are none.
func (c Condition) whole() (lowest, highest *int64, none bool) {
	const limit = 1 << 63 // a float64; the greatest int64 is one less
	if c.Min != nil {
		f := math.Ceil(*c.Min)
		if f >= limit {
			return nil, nil, true
		}
		if f >= -limit {
			n := int64(f)
			lowest = &n
		}
	}
	if c.Max != nil {
		f := math.Floor(*c.Max)
		if f < -limit {
			return nil, nil, true
		}
		if f < limit {
			n := int64(f)
			highest = &n
		}
	}
	return lowest, highest, false
}
