package filter

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Values are what one field of a thing holds, in the member that goes with the
// kind of the field. Several values are allowed everywhere; none is none, and so
// is an empty text. Texts are UTF-8 without zero bytes, as no database keeps
// anything else.
type Values struct {
	Text     []string            // text
	Number   []float64           // numbers
	Time     []time.Time         // times; compared in whole milliseconds
	Map      []map[string]string // maps
	Ports    []PortRange         // ports
	Packages []Values            // packages: Parts of each
	Parts    map[string]Values   // the parts of one package, by their names in the table Package
}

// A PortRange is a range of ports, both ends included.
type PortRange struct{ First, Last int }

// Readers read the fields of a T, by their names. A reader that is nil stands
// for a field that no T has.
type Readers[T any] map[string]func(T) Values

// Matcher returns a function that tells whether a T satisfies the criteria. It
// returns an *Invalid for criteria that are not valid, and another error for a
// field without a reader.
func Matcher[T any](fields Fields, readers Readers[T], c Criteria) (func(T) bool, error) {
	if err := Validate(fields, "filterCriteria", c); err != nil {
		return nil, err
	}
	// What is cheap to know beforehand is not asked again for each of many things.
	var questions []question[T]
	for _, name := range slices.Sorted(maps.Keys(c)) {
		read, ok := readers[name]
		if !ok {
			return nil, fmt.Errorf("field %s cannot be read", name)
		}
		if read == nil {
			read = func(T) Values { return Values{} }
		}
		q := question[T]{kind: fields[name], read: read}
		q.positive, q.negative = split(c[name])
		questions = append(questions, q)
	}
	return func(t T) bool {
		for _, q := range questions {
			if !match(q.kind, q.positive, q.negative, q.read(t)) {
				return false
			}
		}
		return true
	}, nil
}

// A question is what is asked of one field.
type question[T any] struct {
	kind               Kind
	read               func(T) Values
	positive, negative []Condition
}

// match reports whether the values of one field satisfy the positive
// conditions, of which one is enough, and the negative ones, which must all hold.
func match(kind Kind, positive, negative []Condition, v Values) bool {
	for _, c := range negative {
		if slices.Contains(v.Text, c.Value) {
			return false
		}
	}
	return len(positive) == 0 || slices.ContainsFunc(positive, func(c Condition) bool { return c.holds(kind, v) })
}

// matchText is match for texts alone.
func matchText(conditions []Condition, text string) bool {
	positive, negative := split(conditions)
	return match(TextKind, positive, negative, Values{Text: []string{text}})
}

// holds reports whether any of the values satisfies a positive condition.
func (c Condition) holds(kind Kind, v Values) bool {
	switch kind {
	case TextKind, ExactKind:
		for _, s := range v.Text {
			if s == c.Value || c.Comparison == Prefix && s != "" && strings.HasPrefix(s, c.Value) {
				return true
			}
		}
	case NumberKind, WholeKind:
		return slices.ContainsFunc(v.Number, c.includes)
	case TimeKind:
		return slices.ContainsFunc(v.Time, func(t time.Time) bool { return c.includes(float64(t.UnixMilli())) })
	case MapKind, TagsKind:
		for _, m := range v.Map {
			if value, ok := m[c.Key]; ok && (c.AnyValue || value == c.Value) {
				return true
			}
		}
	case PortsKind:
		return slices.ContainsFunc(v.Ports, func(p PortRange) bool {
			return (c.Min == nil || float64(p.Last) >= *c.Min) && (c.Max == nil || float64(p.First) <= *c.Max)
		})
	case PackageKind:
		return slices.ContainsFunc(v.Packages, c.fits)
	}
	return false
}

func (c Condition) includes(f float64) bool {
	return (c.Min == nil || f >= *c.Min) && (c.Max == nil || f <= *c.Max)
}

// fits reports whether one package satisfies the conditions on all its parts.
func (c Condition) fits(p Values) bool {
	for part, condition := range c.Package {
		positive, negative := []Condition{condition}, []Condition(nil)
		if condition.Comparison == NotEquals {
			positive, negative = negative, positive
		}
		if !match(Package[part], positive, negative, p.Parts[part]) {
			return false
		}
	}
	return true
}
