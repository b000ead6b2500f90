package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// hidden is what the audit log shows of a secret; CloudTrail's own word.
const hidden = `"HIDDEN_DUE_TO_SECURITY_REASONS"`

// Encode answers with the operation's output, a pointer to its Go type.
// Nothing has been written when it fails.
func (op *Operation) Encode(w http.ResponseWriter, out any) error {
	v, err := op.value(out, op.Out)
	if err != nil {
		return err
	}
	e := encoder{}
	if err := e.structure(op.out, v); err != nil {
		return fmt.Errorf("writing the answer of %s: %w", op.Name, err)
	}
	contentType := "application/json"
	if op.service.Protocol == JSON11 {
		contentType = "application/x-amz-json-1.1"
		if _, none := out.(*None); none {
			e.b = nil
		}
	}
	bindHeaders(w.Header(), op.out, v)
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(e.b)))
	w.WriteHeader(op.Status)
	_, _ = w.Write(e.b) // the caller has gone; nobody is left to tell
	return nil
}

// Audit returns the input, all its members wherever they were sent, as a JSON
// object in which secrets are blacked out.
func (op *Operation) Audit(in any) ([]byte, error) { return op.whole(in, op.In, op.in, true) }

// AuditOutput is Audit for the output.
func (op *Operation) AuditOutput(out any) ([]byte, error) { return op.whole(out, op.Out, op.out, true) }

// Whole is Audit with the secrets, to compare inputs. It is not for logs.
func (op *Operation) Whole(in any) ([]byte, error) { return op.whole(in, op.In, op.in, false) }

func (op *Operation) whole(ptr, want any, s *shape, hide bool) ([]byte, error) {
	v, err := op.value(ptr, want)
	if err != nil {
		return nil, err
	}
	e := encoder{all: true, hide: hide}
	if err := e.structure(s, v); err != nil {
		return nil, fmt.Errorf("writing %T as a whole: %w", ptr, err)
	}
	return e.b, nil
}

// Token returns the idempotency token of an input: two calls of one caller with
// equal tokens are one. It is "" where there is none.
func (op *Operation) Token(in any) string {
	v, err := op.value(in, op.In)
	if err != nil || op.token < 0 {
		return ""
	}
	f := v.Field(op.token)
	if f.Kind() == reflect.Pointer {
		if f.IsNil() {
			return ""
		}
		f = f.Elem()
	}
	return f.String()
}

// value returns what the pointer points to, which must be of the type of want.
func (op *Operation) value(ptr, want any) (reflect.Value, error) {
	v := reflect.ValueOf(ptr)
	if !v.IsValid() || v.Type() != reflect.TypeOf(want) || v.IsNil() {
		return v, fmt.Errorf("encoding %s: got %T instead of %T, or nil", op.Name, ptr, want)
	}
	return v.Elem(), nil
}

// An encoder appends JSON.
type encoder struct {
	b    []byte
	all  bool // members outside the body are written as well
	hide bool // secrets are blacked out
}

func (e *encoder) structure(s *shape, v reflect.Value) error {
	if s.kind == unionKind {
		set := 0
		for i := range s.members {
			if s.members[i].present(v) {
				set++
			}
		}
		if set != 1 {
			return fmt.Errorf("a %s with %d members instead of one", v.Type(), set)
		}
	}
	e.b = append(e.b, '{')
	if err := e.members(s, v, false); err != nil {
		return err
	}
	e.b = append(e.b, '}')
	return nil
}

// exception writes an error, which in JSON 1.1 says its own name.
func (e *encoder) exception(s *shape, v reflect.Value, p Protocol, name string) error {
	e.b = append(e.b, '{')
	if p == JSON11 {
		e.b = appendString(append(e.b, `"__type":`...), name)
	}
	if err := e.members(s, v, p == JSON11); err != nil {
		return err
	}
	e.b = append(e.b, '}')
	return nil
}

func (e *encoder) members(s *shape, v reflect.Value, comma bool) error {
	for i := range s.members {
		m := &s.members[i]
		if m.Place != Body && !e.all || !m.Required && !m.present(v) {
			continue
		}
		if comma {
			e.b = append(e.b, ',')
		}
		comma = true
		e.b = append(appendString(e.b, m.Name), ':')
		if e.hide && m.Secret {
			e.b = append(e.b, hidden...)
			continue
		}
		f := v.Field(m.index)
		if m.pointer {
			f = f.Elem()
		}
		if err := e.value(m.shape, f); err != nil {
			return err
		}
	}
	return nil
}

func (e *encoder) value(s *shape, v reflect.Value) error {
	switch s.kind {
	case structKind, unionKind:
		return e.structure(s, v)
	case listKind:
		return e.list(s, v)
	case mapKind:
		return e.dictionary(s, v)
	case stringKind:
		e.b = appendString(e.b, v.String())
	case intKind, longKind:
		e.b = strconv.AppendInt(e.b, v.Int(), 10)
	case boolKind:
		e.b = strconv.AppendBool(e.b, v.Bool())
	case doubleKind:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("no JSON for the number %v", f)
		}
		e.b = appendFloat(e.b, f)
	case timeKind:
		t, _ := reflect.TypeAssert[time.Time](v)
		e.b = appendSeconds(e.b, t)
	case isoTimeKind:
		t, _ := reflect.TypeAssert[time.Time](v)
		e.b = t.UTC().AppendFormat(append(e.b, '"'), "2006-01-02T15:04:05.999Z")
		e.b = append(e.b, '"')
	case blobKind:
		e.b = base64.StdEncoding.AppendEncode(append(e.b, '"'), v.Bytes())
		e.b = append(e.b, '"')
	case documentKind:
		if v.Len() == 0 {
			e.b = append(e.b, "null"...)
			return nil
		}
		if !json.Valid(v.Bytes()) {
			return fmt.Errorf("a document that is not JSON")
		}
		e.b = append(e.b, v.Bytes()...)
	}
	return nil
}

func (e *encoder) list(s *shape, v reflect.Value) error {
	e.b = append(e.b, '[')
	for i := range v.Len() {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		if err := e.value(s.elem, v.Index(i)); err != nil {
			return err
		}
	}
	e.b = append(e.b, ']')
	return nil
}

func (e *encoder) dictionary(s *shape, v reflect.Value) error {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		switch {
		case a.String() < b.String():
			return -1
		case a.String() > b.String():
			return 1
		}
		return 0
	})
	e.b = append(e.b, '{')
	for i, k := range keys {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.b = append(appendString(e.b, k.String()), ':')
		if err := e.value(s.elem, v.MapIndex(k)); err != nil {
			return err
		}
	}
	e.b = append(e.b, '}')
	return nil
}

// appendSeconds writes seconds since 1970 with as many of three decimals as
// are needed.
func appendSeconds(b []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		b = append(b, '-')
		ms = -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if ms %= 1000; ms == 0 {
		return b
	}
	b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

func appendFloat(b []byte, f float64) []byte {
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

// appendString writes a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, "\ufffd"...)
		}
		i += size
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
