package wire

import (
	"math/rand/v2"
	"reflect"
	"regexp/syntax"
	"strings"
	"time"
)

// SampleIn returns a valid input with some of the optional members.
func (op *Operation) SampleIn(rng *rand.Rand) any { return sample(op.in, op.In, rng) }

// SampleOut returns a valid output with some of the optional members.
func (op *Operation) SampleOut(rng *rand.Rand) any { return sample(op.out, op.Out, rng) }

// CheckOut reads an answer as strictly as if a caller had sent it.
func (op *Operation) CheckOut(body []byte) (any, []Violation, error) {
	v := reflect.New(reflect.TypeOf(op.Out).Elem())
	d := decoder{op: op}
	err := d.document(body, op.out, v.Elem())
	return v.Interface(), d.violations, err
}

// Matches reports whether the service's pattern of that text matches.
func (s *Service) Matches(pattern, text string) bool {
	c := newCompiler(s.Description)
	for i, p := range s.Patterns {
		if p.Text == pattern {
			return c.matchers[i](text)
		}
	}
	panic("no such pattern")
}

func sample(s *shape, ptr any, rng *rand.Rand) any {
	v := reflect.New(reflect.TypeOf(ptr).Elem())
	fill(s, v.Elem(), rng)
	return v.Interface()
}

func fill(s *shape, v reflect.Value, rng *rand.Rand) {
	switch s.kind {
	case structKind, unionKind:
		one := 0
		if s.kind == unionKind {
			one = rng.IntN(len(s.members))
		}
		for i := range s.members {
			m := &s.members[i]
			if s.kind == unionKind && i != one || s.kind == structKind && !m.Required && rng.IntN(3) == 0 {
				continue
			}
			fill(m.shape, m.target(v), rng)
			if m.Place == Query && m.shape.kind == listKind && v.Field(m.index).Len() == 0 {
				v.Field(m.index).Set(reflect.MakeSlice(v.Field(m.index).Type(), 1, 1))
				fill(m.shape.elem, v.Field(m.index).Index(0), rng)
			}
		}
	case listKind:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		for range length(s, rng) {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(s.elem, e, rng)
			v.Set(reflect.Append(v, e))
		}
	case mapKind:
		v.Set(reflect.MakeMap(v.Type()))
		for n := length(s, rng); v.Len() < n; {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(s.key, k, rng)
			fill(s.elem, e, rng)
			v.SetMapIndex(k, e)
		}
	case stringKind:
		v.SetString(text(s, rng))
	case intKind, longKind:
		low := max(s.min, -1000)
		v.SetInt(low + rng.Int64N(min(s.max, 1_000_000)-low+1))
	case doubleKind:
		low := max(s.min, -1000)
		v.SetFloat(float64(low) + rng.Float64()*float64(min(s.max, 1_000_000)-low))
	case boolKind:
		v.SetBool(rng.IntN(2) == 0)
	case timeKind, isoTimeKind:
		v.Set(reflect.ValueOf(time.UnixMilli(rng.Int64N(4e12) - 1e12).UTC()))
	case blobKind:
		b := make([]byte, rng.IntN(20)+1)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		v.SetBytes(b)
	case documentKind:
		v.SetBytes([]byte(`{"bomFormat": "CycloneDX", "components": [null, 1.50, "\u00e9"]}`))
	}
}

func length(s *shape, rng *rand.Rand) int {
	low := max(s.min, 0)
	return int(low + rng.Int64N(min(s.max-low, 3)+1))
}

func text(s *shape, rng *rand.Rand) string {
	if s.enum != nil {
		return s.enum[rng.IntN(len(s.enum))]
	}
	for range 10_000 {
		var b strings.Builder
		if s.match == nil {
			low := max(s.min, 0)
			for range low + rng.Int64N(min(s.max-low, 12)+1) {
				b.WriteString([]string{"a", "Z", "7", " ", "/", "\"", "\\", "\n", "é", "😀", "<", "%", "+", "\x01"}[rng.IntN(14)])
			}
		} else if re, err := syntax.Parse(s.pattern, syntax.Perl); err == nil {
			fromPattern(re, rng, &b)
		} else {
			b.WriteString([]string{"team", "https://gitlab.example.org/", "a=b/c:d.e_f+g-h"}[rng.IntN(3)])
		}
		if len(textFaults(s, b.String())) == 0 {
			return b.String()
		}
	}
	panic("no sample of " + s.pattern)
}

// fromPattern writes a string that the expression matches, but for the places
// where it looks around.
func fromPattern(re *syntax.Regexp, rng *rand.Rand, b *strings.Builder) {
	repeat := func(low, high int) {
		for range low + rng.IntN(min(high-low, 3)+1) {
			fromPattern(re.Sub[0], rng, b)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		i := rng.IntN(len(re.Rune)/2) * 2
		b.WriteRune(re.Rune[i] + rng.Int32N(re.Rune[i+1]-re.Rune[i]+1))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte("ab1"[rng.IntN(3)])
	case syntax.OpStar:
		if rng.IntN(2) == 0 {
			repeat(0, 3)
		}
	case syntax.OpPlus:
		repeat(1, 4)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		if re.Max < 0 {
			re.Max = re.Min + 3
		}
		repeat(re.Min, re.Max)
	case syntax.OpCapture:
		fromPattern(re.Sub[0], rng, b)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			fromPattern(sub, rng, b)
		}
	case syntax.OpAlternate:
		fromPattern(re.Sub[rng.IntN(len(re.Sub))], rng, b)
	}
}
