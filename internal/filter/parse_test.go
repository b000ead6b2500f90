package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// ErrSyntax is what Parse returns for a text that is not JSON, or in which
// something has another JSON type than the model says.
var ErrSyntax = errors.New("wrong JSON")

// Parse reads criteria from the JSON of the API, in which tests write them; a
// server is given them read already, by the codec of the API. The name is what the criteria
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
