package filter

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of the API model.
const (
	maxConditions = 10
	maxValue      = 1024
	maxKey        = 128
	maxTagValue   = 256
	maxPort       = 65535
)

// lastTime is the last millisecond of the year 9999, beyond which a time cannot
// be written.
const lastTime = 253402300799999

// A Violation is one thing wrong with criteria.
type Violation struct {
	Path    string // filterCriteria.severity.1.member.comparison
	Message string // Member must satisfy enum value set: [...]
}

// Invalid says what is wrong with criteria. Its text may be shown to the caller.
type Invalid struct{ Violations []Violation }

// Error returns all violations in the words of AWS services.
func (e *Invalid) Error() string {
	texts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		texts[i] = fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", v.Path, v.Message)
	}
	s := "s"
	if len(texts) == 1 {
		s = ""
	}
	return fmt.Sprintf("%d validation error%s detected: %s", len(texts), s, strings.Join(texts, "; "))
}

// member names an element of a list; AWS services count from one.
func member(path string, i int) string { return fmt.Sprintf("%s.%d.member", path, i+1) }

// Validate checks criteria against the limits of their fields. It returns nil
// or an *Invalid.
func Validate(fields Fields, name string, c Criteria) error {
	v := violations{}
	for _, field := range slices.Sorted(maps.Keys(c)) {
		path := name + "." + field
		kind, ok := fields[field]
		switch n := len(c[field]); {
		case !ok:
			v.add(path, "Member must be a field")
			continue
		case n < 1:
			v.add(path, "Member must have length greater than or equal to 1")
		case n > maxConditions:
			v.add(path, "Member must have length less than or equal to %d", maxConditions)
			continue
		}
		for i, condition := range c[field] {
			v.condition(kind, member(path, i), condition)
		}
	}
	if len(v) > 0 {
		return &Invalid{Violations: v}
	}
	return nil
}

type violations []Violation

func (v *violations) add(path, format string, args ...any) {
	*v = append(*v, Violation{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (v *violations) condition(kind Kind, path string, c Condition) {
	switch kind {
	case TextKind:
		v.comparison(path, c, Equals, Prefix, NotEquals)
		v.length(path+".value", c.Value, c.AnyValue, 1, maxValue)
	case ExactKind:
		v.comparison(path, c, Equals, NotEquals)
		v.length(path+".value", c.Value, c.AnyValue, 1, maxValue)
	case MapKind:
		v.comparison(path, c, Equals)
		v.length(path+".key", c.Key, c.Key == "", 1, maxKey)
		v.length(path+".value", c.Value, false, 0, maxTagValue)
	case TagsKind:
		v.comparison(path, c, Equals)
		v.length(path+".key", c.Key, c.Key == "", 1, math.MaxInt)
		if !c.AnyValue {
			v.length(path+".value", c.Value, false, 1, math.MaxInt)
		}
	case NumberKind, WholeKind, TimeKind, PortsKind:
		v.bounds(kind, path, c)
	case PackageKind:
		if len(c.Package) == 0 {
			v.add(path, "Member must have at least one member")
		}
		for _, part := range slices.Sorted(maps.Keys(c.Package)) {
			kind, ok := Package[part]
			if !ok {
				v.add(path+"."+part, "Member must be a field")
				continue
			}
			v.condition(kind, path+"."+part, c.Package[part])
		}
	}
}

func (v *violations) comparison(path string, c Condition, allowed ...Comparison) {
	switch {
	case c.Comparison == "":
		v.add(path+".comparison", "Member must not be null")
	case !slices.Contains(allowed, c.Comparison):
		v.add(path+".comparison", "Member must satisfy enum value set: %s",
			strings.ReplaceAll(fmt.Sprint(allowed), " ", ", "))
	}
}

func (v *violations) length(path, s string, absent bool, least, most int) {
	switch n := utf8.RuneCountInString(s); {
	case absent:
		v.add(path, "Member must not be null")
	case n < least:
		v.add(path, "Member must have length greater than or equal to %d", least)
	case n > most:
		v.add(path, "Member must have length less than or equal to %d", most)
	}
}

func (v *violations) bounds(kind Kind, path string, c Condition) {
	low, high := ".lowerInclusive", ".upperInclusive"
	least, most := -math.MaxFloat64, math.MaxFloat64
	switch kind {
	case TimeKind:
		low, high = ".startInclusive", ".endInclusive"
		least, most = -lastTime, lastTime
	case PortsKind:
		low, high = ".beginInclusive", ".endInclusive"
		least, most = 0, maxPort
	}
	for _, b := range []struct {
		name  string
		value *float64
	}{{low, c.Min}, {high, c.Max}} {
		switch {
		case b.value == nil:
		case math.IsNaN(*b.value), kind != NumberKind && *b.value != math.Trunc(*b.value):
			v.add(path+b.name, "Member must be a whole number")
		case *b.value < least:
			v.add(path+b.name, "Member must have value greater than or equal to %g", least)
		case *b.value > most:
			v.add(path+b.name, "Member must have value less than or equal to %g", most)
		}
	}
}
