package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrSyntax is what Parse returns for a text that is not JSON, or in which
// something has another JSON type than the model says.
var ErrSyntax = errors.New("wrong JSON")

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

// Parse reads criteria from the JSON of the API. The name is what the criteria
// are called in the request, for error texts. Members that are no field are
// ignored, and null is as if absent. It returns an error that wraps ErrSyntax,
// or an *Invalid.
func Parse(fields Fields, name string, data []byte) (Criteria, error) {
	members, err := object(name, data)
	if err != nil {
		return nil, err
	}
	out := Criteria{}
	for field, raw := range members {
		kind, ok := fields[field]
		if !ok || isNull(raw) {
			continue
		}
		path := name + "." + field
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, wrongType(path)
		}
		out[field] = make([]Condition, len(list))
		for i, item := range list {
			if out[field][i], err = parseCondition(kind, member(path, i), item); err != nil {
				return nil, err
			}
		}
	}
	if err := Validate(fields, name, out); err != nil {
		return nil, err
	}
	return out, nil
}

func parseCondition(kind Kind, path string, data []byte) (Condition, error) {
	c := Condition{}
	if isNull(data) {
		data = []byte("{}")
	}
	m, err := object(path, data)
	if err != nil {
		return c, err
	}
	switch kind {
	case TextKind, ExactKind, MapKind, TagsKind:
		comparison, _, err := text(path, m, "comparison")
		if err != nil {
			return c, err
		}
		c.Comparison = Comparison(comparison)
		if c.Key, _, err = text(path, m, "key"); err != nil {
			return c, err
		}
		var given bool
		if c.Value, given, err = text(path, m, "value"); err != nil {
			return c, err
		}
		c.AnyValue = !given
	case NumberKind, WholeKind:
		err = bounds(&c, path, m, "lowerInclusive", "upperInclusive", number)
	case PortsKind:
		err = bounds(&c, path, m, "beginInclusive", "endInclusive", number)
	case TimeKind:
		err = bounds(&c, path, m, "startInclusive", "endInclusive", instant)
		if c.Min != nil {
			*c.Min = math.Ceil(*c.Min) // rows have whole milliseconds
		}
		if c.Max != nil {
			*c.Max = math.Floor(*c.Max)
		}
	case PackageKind:
		c.Package = map[string]Condition{}
		for part, kind := range Package {
			if raw := m[part]; !isNull(raw) {
				if c.Package[part], err = parseCondition(kind, path+"."+part, raw); err != nil {
					return c, err
				}
			}
		}
	}
	return c, err
}

func bounds(c *Condition, path string, m map[string]json.RawMessage, low, high string, read func([]byte) (float64, bool)) error {
	for name, bound := range map[string]**float64{low: &c.Min, high: &c.Max} {
		if isNull(m[name]) {
			continue
		}
		f, ok := read(m[name])
		if !ok {
			return wrongType(path + "." + name)
		}
		*bound = &f
	}
	return nil
}

func number(data []byte) (float64, bool) {
	var f float64
	err := json.Unmarshal(data, &f)
	return f, err == nil
}

// instant reads a time as milliseconds: seconds since 1970 as a number, or a
// text by RFC 3339.
func instant(data []byte) (float64, bool) {
	if f, ok := number(data); ok {
		// Thousandths have no exact float64: 1700000000.123 is 123 milliseconds.
		ms := f * 1000
		if r := math.Round(ms); math.Abs(ms-r) < 1e-3 {
			ms = r
		}
		return ms, true
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return 0, false
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0, false
	}
	return float64(t.UnixMilli()) + float64(t.Nanosecond()%1e6)/1e6, true
}

// object reads a JSON object. The names of its members are compared as they
// are, while encoding/json does not heed their case when it fills a struct.
func object(path string, data []byte) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, wrongType(path)
	}
	return m, nil
}

func text(path string, m map[string]json.RawMessage, name string) (s string, given bool, err error) {
	if isNull(m[name]) {
		return "", false, nil
	}
	if json.Unmarshal(m[name], &s) != nil {
		return "", false, wrongType(path + "." + name)
	}
	return s, true, nil
}

func isNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

func wrongType(path string) error { return fmt.Errorf("reading %s: %w", path, ErrSyntax) }

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
