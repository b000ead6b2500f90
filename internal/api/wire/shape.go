package wire

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Pattern is a regular expression that a whole string must match.
type Pattern struct {
	Text string
	// Match stands in for Text where Go's regular expressions cannot; nil
	// otherwise.
	Match func(string) bool
}

type kind uint8

const (
	stringKind kind = iota
	intKind
	longKind
	doubleKind
	boolKind
	timeKind
	isoTimeKind
	blobKind
	documentKind
	listKind
	mapKind
	structKind
	unionKind
)

var kinds = map[string]kind{
	"string": stringKind, "int": intKind, "long": longKind, "double": doubleKind, "bool": boolKind,
	"time": timeKind, "isotime": isoTimeKind, "blob": blobKind, "document": documentKind,
}

// unlimited is how many elements a list or map may have whose model sets no
// limit. The model's own greatest limit is the same.
const unlimited = 10_000

// A shape is a type with all that is needed to read, check and write it.
type shape struct {
	kind     kind
	min, max int64
	pattern  string
	match    func(string) bool // nil without a pattern
	enum     []string          // nil when it is none
	elem     *shape
	key      *shape
	members  []member
	byName   map[string]int // members in the body
	goType   reflect.Type   // of a structure
}

type member struct {
	Field
	shape   *shape
	index   int  // in the Go structure
	pointer bool // the Go field is a pointer to what shape describes
}

// present reports whether an optional member is there: it is not Go's zero
// value, and not an empty list where the model wants elements.
func (m *member) present(v reflect.Value) bool {
	f := v.Field(m.index)
	switch m.shape.kind {
	case listKind, mapKind:
		return !f.IsNil() && (f.Len() > 0 || m.shape.min <= 0)
	case timeKind, isoTimeKind:
		t, ok := reflect.TypeAssert[time.Time](f)
		return ok && !t.IsZero()
	case blobKind, documentKind:
		return f.Len() > 0
	case stringKind, intKind, longKind, doubleKind, boolKind, structKind, unionKind:
	}
	return !f.IsZero()
}

// A compiler makes shapes of Go types and their tags.
type compiler struct {
	enums    map[string][]string
	patterns []Pattern
	matchers []func(string) bool
	structs  map[reflect.Type]*shape
}

func newCompiler(d Description) *compiler {
	c := &compiler{enums: map[string][]string{}, patterns: d.Patterns, structs: map[reflect.Type]*shape{}}
	for name, values := range d.Enums {
		c.enums[name] = strings.Fields(values)
	}
	for _, p := range d.Patterns {
		match := p.Match
		if match == nil {
			// Few patterns are met in the life of a process, and none at its start.
			compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A(?:` + p.Text + `)\z`) })
			match = func(s string) bool { return compiled().MatchString(s) }
		}
		c.matchers = append(c.matchers, match)
	}
	return c
}

// message returns the shape of the structure to which ptr is a nil pointer.
func (c *compiler) message(ptr any) *shape { return c.structure(reflect.TypeOf(ptr).Elem()) }

func (c *compiler) structure(t reflect.Type) *shape {
	if s := c.structs[t]; s != nil {
		return s
	}
	s := &shape{kind: structKind, byName: map[string]int{}, goType: t}
	c.structs[t] = s
	for i := range t.NumField() {
		tag := t.Field(i).Tag.Get("wire")
		if tag == "union" {
			s.kind = unionKind
			continue
		}
		f, err := ParseField(tag)
		if err != nil {
			panic(fmt.Sprintf("%s.%s: %v", t, t.Field(i).Name, err))
		}
		m := member{Field: f, index: i}
		typ := t.Field(i).Type
		if typ.Kind() == reflect.Pointer {
			typ, m.pointer = typ.Elem(), true
		}
		m.shape = c.shape(f.Type, typ)
		if f.Place == Body {
			s.byName[f.Name] = len(s.members)
		}
		s.members = append(s.members, m)
	}
	if len(s.members) > maxMembers {
		panic(fmt.Sprintf("%s has more than %d members", t, maxMembers))
	}
	return s
}

func (c *compiler) shape(e Expr, t reflect.Type) *shape {
	s := &shape{min: e.Min, max: e.Max}
	switch {
	case e.Key != nil:
		s.kind, s.key, s.elem = mapKind, c.shape(*e.Key, t.Key()), c.shape(*e.Elem, t.Elem())
	case e.Elem != nil:
		s.kind, s.elem = listKind, c.shape(*e.Elem, t.Elem())
	case c.enums[e.Name] != nil:
		s.kind, s.enum = stringKind, c.enums[e.Name]
	default:
		k, ok := kinds[e.Name]
		if !ok {
			return c.structure(t)
		}
		s.kind = k
	}
	if s.max == math.MaxInt64 && (s.kind == listKind || s.kind == mapKind) {
		s.max = unlimited
	}
	if e.Pattern != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(e.Pattern, "#"))
		if err != nil || n >= len(c.patterns) {
			panic(fmt.Sprintf("no pattern %s", e.Pattern))
		}
		s.pattern, s.match = c.patterns[n].Text, c.matchers[n]
	}
	return s
}

// allows reports whether an enumeration has the value.
func (s *shape) allows(value string) bool { return slices.Contains(s.enum, value) }
