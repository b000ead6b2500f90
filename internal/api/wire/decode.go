package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// Limits of what is read from a caller.
const (
	MaxBody  = 10 << 20 // bytes of a body
	MaxDepth = 512      // levels of lists and objects in it
)

const (
	maxMembers    = 128      // of one structure
	maxViolations = 100      // reported at once
	maxMatched    = 64 << 10 // bytes of a string with a pattern: no name or ARN is longer
)

// ReadBody reads the body of a request, of which most bytes are allowed. A
// longer one, and one that breaks off, is an *Error.
func ReadBody(r *http.Request, most int64) ([]byte, error) {
	tooLarge := &Error{
		Name: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("The body is larger than %d MB.", most>>20),
	}
	if r.ContentLength > most {
		return nil, tooLarge
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return nil, &Error{
			Name: "RequestTimeoutException", Status: http.StatusRequestTimeout,
			Message: "The body could not be read to its end.",
		}
	}
	if int64(len(b)) > most {
		return nil, tooLarge
	}
	return b, nil
}

// Decode reads the operation's input from the path, the query and the body of
// a request and checks it. It returns a pointer to the input's Go type, an
// *Error when the request cannot be read, or the service's exception for input
// that breaks the limits of the model.
func (op *Operation) Decode(r *http.Request, body []byte) (any, error) {
	v := reflect.New(reflect.TypeOf(op.In).Elem())
	d := decoder{op: op}
	if op.readsBody() {
		if err := d.document(body, op.in, v.Elem()); err != nil {
			return nil, err
		}
	}
	if op.service.Protocol == RestJSON {
		if err := d.bindings(r, v.Elem()); err != nil {
			return nil, err
		}
	}
	if len(d.violations) > 0 {
		return nil, op.service.Invalid(summary(d.violations), d.violations)
	}
	return v.Interface(), nil
}

// readsBody reports whether anything of the input is in the body. Else what a
// client sends there, such as "{}", is of no interest.
func (op *Operation) readsBody() bool {
	return op.service.Protocol == JSON11 || len(op.in.byName) > 0
}

// A decoder reads JSON that is known to be well formed.
type decoder struct {
	op         *Operation
	data       []byte
	pos        int
	path       []step
	violations []Violation
	lenient    bool // an answer of our own is read: nothing is checked
}

// document reads a whole body. An empty one and null are objects without
// members.
func (d *decoder) document(body []byte, s *shape, v reflect.Value) error {
	d.data = body
	if d.space(); d.pos == len(body) {
		d.data, d.pos = []byte("{}"), 0
	} else if err := d.wellFormed(); err != nil {
		return err
	}
	if d.data[d.pos] == 'n' {
		d.data, d.pos = []byte("{}"), 0
	}
	return d.structure(s, v)
}

// wellFormed checks the syntax once, so that nothing after it need do so.
func (d *decoder) wellFormed() error {
	depth, quoted := 0, false
	for i := 0; i < len(d.data); i++ {
		switch c := d.data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return d.op.malformed("the body has more than %d levels", MaxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	if !utf8.Valid(d.data) {
		return d.op.malformed("the body is not UTF-8")
	}
	if json.Valid(d.data) {
		return nil
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(d.data, new(json.RawMessage)); errors.As(err, &syntax) {
		return d.op.malformed("the body is not JSON: error at byte %d", syntax.Offset)
	}
	return d.op.malformed("the body is not JSON")
}

func (d *decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\t', '\r', '\n':
			d.pos++
		default:
			return
		}
	}
}

// next returns the first byte of what comes next.
func (d *decoder) next() byte {
	d.space()
	return d.data[d.pos]
}

// elements calls each for every element of the list or object that comes next,
// until it fails.
func (d *decoder) elements(end byte, each func() error) error {
	d.pos++ // the opening bracket
	for d.next() != end {
		if err := each(); err != nil {
			return err
		}
		if d.next() == ',' {
			d.pos++
		}
	}
	d.pos++
	return nil
}

// raw returns the text of the value that comes next.
func (d *decoder) raw() []byte {
	d.space()
	start, depth := d.pos, 0
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case '"':
			d.pos++
			for d.data[d.pos] != '"' {
				if d.data[d.pos] == '\\' {
					d.pos++
				}
				d.pos++
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return d.data[start:d.pos] // a number or word before the end of what holds it
			}
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return d.data[start:d.pos]
			}
			d.pos++
			continue
		default:
			d.pos++
			continue
		}
		d.pos++
		if depth == 0 {
			break
		}
	}
	return d.data[start:d.pos]
}

// text returns the string that comes next.
func (d *decoder) text() (string, error) {
	if d.next() != '"' {
		return "", d.mismatch("a string")
	}
	raw := d.raw()
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", d.mismatch("a string")
	}
	return s, nil
}

func (d *decoder) mismatch(want string) error {
	if len(d.path) == 0 {
		return d.op.malformed("the body must be %s", want)
	}
	return d.op.malformed("'%s' must be %s", d.where(), want)
}

func (d *decoder) structure(s *shape, v reflect.Value) error {
	if d.next() != '{' {
		return d.mismatch("an object")
	}
	var seen [maxMembers]bool
	count := 0
	err := d.elements('}', func() error {
		name, err := d.text()
		if err != nil {
			return err
		}
		d.next()
		d.pos++ // the colon
		i, known := s.byName[name]
		if !known || d.next() == 'n' { // unknown members are ignored, and null is as good as absent
			d.raw()
			return nil
		}
		if !seen[i] {
			seen[i] = true
			count++
		}
		m := &s.members[i]
		d.push(step{name: name})
		defer d.pop()
		return d.value(m.shape, m.target(v))
	})
	if err != nil {
		return err
	}
	if s.kind == unionKind && count != 1 && !d.lenient {
		return d.mismatch("an object with exactly one member")
	}
	for i := range s.members {
		if m := &s.members[i]; m.Required && m.Place == Body && !seen[i] {
			d.absent(m)
		}
	}
	return nil
}

// target returns the Go value for a member that is there.
func (m *member) target(v reflect.Value) reflect.Value {
	f := v.Field(m.index)
	if !m.pointer {
		f.SetZero() // of two members with one name the last counts, whole
		return f
	}
	if f.IsNil() {
		f.Set(reflect.New(f.Type().Elem()))
	}
	f.Elem().SetZero()
	return f.Elem()
}

func (d *decoder) value(s *shape, v reflect.Value) error {
	switch s.kind {
	case structKind, unionKind:
		return d.structure(s, v)
	case listKind:
		return d.list(s, v)
	case mapKind:
		return d.dictionary(s, v)
	case documentKind:
		v.SetBytes(append([]byte(nil), d.raw()...))
		return nil
	case boolKind:
		c := d.next()
		if d.raw(); c != 't' && c != 'f' {
			return d.mismatch("true or false")
		}
		v.SetBool(c == 't')
		return nil
	case timeKind, isoTimeKind:
		return d.time(v)
	case intKind, longKind, doubleKind:
		if c := d.next(); c != '-' && (c < '0' || c > '9') {
			return d.mismatch("a number")
		}
		return d.number(s, string(d.raw()), v)
	case stringKind, blobKind:
	}
	text, err := d.text()
	if err != nil {
		return err
	}
	if s.kind == stringKind {
		v.SetString(text)
		d.checkText(s, text)
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return d.mismatch("base64")
	}
	v.SetBytes(b)
	d.checkLength(s, len(b))
	return nil
}

func (d *decoder) number(s *shape, text string, v reflect.Value) error {
	if s.kind == doubleKind {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) { // words are numbers for ParseFloat
			return d.mismatch("a number")
		}
		v.SetFloat(f)
		d.checkValue(s, f)
		return nil
	}
	bits := 64
	if s.kind == intKind {
		bits = 32
	}
	n, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		return d.mismatch(fmt.Sprintf("a whole number of %d bits", bits))
	}
	v.SetInt(n)
	d.checkValue(s, float64(n))
	return nil
}

// time reads seconds since 1970, or a time as RFC 3339 writes it: clients send
// either for any time. It is kept to the millisecond.
func (d *decoder) time(v reflect.Value) error {
	const want = "a number of seconds since 1970, or a time as in RFC 3339"
	var t time.Time
	switch c := d.next(); {
	case c == '"':
		text, err := d.text()
		if err != nil {
			return err
		}
		if t, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return d.mismatch(want)
		}
	case c == '-' || '0' <= c && c <= '9':
		f, err := strconv.ParseFloat(string(d.raw()), 64)
		if err != nil || math.Abs(f) > 1e12 {
			return d.mismatch(want)
		}
		t = time.UnixMilli(int64(math.Round(f * 1000)))
	default:
		return d.mismatch(want)
	}
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 1 || t.Year() > 9999 || t.IsZero() {
		return d.mismatch("a time between the years 1 and 9999")
	}
	v.Set(reflect.ValueOf(t))
	return nil
}

func (d *decoder) list(s *shape, v reflect.Value) error {
	if d.next() != '[' {
		return d.mismatch("a list")
	}
	list, count := reflect.MakeSlice(v.Type(), 0, 0), 0
	one := reflect.New(v.Type().Elem()).Elem()
	err := d.elements(']', func() error {
		count++
		if d.next() == 'n' {
			return d.mismatch("a list without null")
		}
		if int64(count) > s.max && !d.lenient { // one too many is as bad as a million, and takes no memory
			d.raw()
			return nil
		}
		d.push(step{position: count})
		defer d.pop()
		one.SetZero()
		if err := d.value(s.elem, one); err != nil {
			return err
		}
		list = reflect.Append(list, one)
		return nil
	})
	if err != nil {
		return err
	}
	v.Set(list)
	d.checkLength(s, count)
	return nil
}

func (d *decoder) dictionary(s *shape, v reflect.Value) error {
	if d.next() != '{' {
		return d.mismatch("an object")
	}
	dict, count := reflect.MakeMap(v.Type()), 0
	key, one := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	err := d.elements('}', func() error {
		name, err := d.text()
		if err != nil {
			return err
		}
		d.next()
		d.pos++ // the colon
		if count++; int64(count) > s.max && !d.lenient {
			d.raw()
			return nil
		}
		d.checkKey(s.key, name)
		d.push(step{name: name, key: true})
		defer d.pop()
		if d.next() == 'n' {
			return d.mismatch("there, not null")
		}
		key.SetString(name)
		one.SetZero()
		if err := d.value(s.elem, one); err != nil {
			return err
		}
		dict.SetMapIndex(key, one)
		return nil
	})
	if err != nil {
		return err
	}
	v.Set(dict)
	d.checkLength(s, count)
	return nil
}

// bindings reads what is in the path and the query.
func (d *decoder) bindings(r *http.Request, v reflect.Value) error {
	var query url.Values
	for i := range d.op.in.members {
		m := &d.op.in.members[i]
		var values []string
		switch m.Place {
		case URI:
			text, err := d.op.labelValue(r)
			if err != nil {
				return err
			}
			values = []string{text}
		case Query:
			if query == nil {
				var err error
				if query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
					return d.op.malformed("the query cannot be read")
				}
			}
			values = query[m.Key]
		case Header:
			values = r.Header.Values(m.Key)
		case Body:
			continue
		}
		if len(values) == 0 {
			if m.Required {
				d.absent(m)
			}
			continue
		}
		d.push(step{name: m.Name})
		err := d.bound(m.shape, values, m.target(v))
		d.pop()
		if err != nil {
			return err
		}
	}
	return nil
}

// bound reads a string, a number or a list of strings from outside the body.
func (d *decoder) bound(s *shape, values []string, v reflect.Value) error {
	for _, text := range values {
		if !utf8.ValidString(text) {
			return d.mismatch("UTF-8")
		}
	}
	switch s.kind {
	case listKind:
		for i, text := range values[:min(int64(len(values)), s.max)] {
			d.push(step{position: i + 1})
			d.checkText(s.elem, text)
			d.pop()
			v.Set(reflect.Append(v, reflect.ValueOf(text).Convert(v.Type().Elem())))
		}
		d.checkLength(s, len(values))
	case intKind, longKind, doubleKind:
		return d.number(s, values[0], v)
	case stringKind:
		v.SetString(values[0])
		d.checkText(s, values[0])
	case boolKind, timeKind, isoTimeKind, blobKind, documentKind, mapKind, structKind, unionKind:
		return fmt.Errorf("binding %s: no such members outside the body", d.where())
	}
	return nil
}
