package jsonstream

import (
	"strconv"
	"unicode/utf8"
)

// Decoder reads records whose fields are known from documents in memory:
//
//	d.Reset(doc)
//	d.Object(func(key []byte) {
//		switch string(key) {
//		case "name":
//			d.String(&r.Name)
//		case "parts":
//			jsonstream.List(&d, &r.Parts, (*part).read)
//		}
//	})
//	err := d.End()
//
// Keys are those written, case and all. Of a key that is there twice the last
// value counts, and objects are joined. Null leaves a field as it is.
//
// What is not JSON by the grammar of RFC 8259 is an error, wherever in the
// document it is; each byte of a string that is no UTF-8 becomes U+FFFD. After
// an error the methods do nothing, so that only End is to be asked for it. A
// value of another type than the one that is asked for is no error: it is
// passed over, the field keeps what it has, and [Decoder.Mistyped] tells where
// the first one stands.
//
// The zero Decoder is ready for Reset, and worth using again.
type Decoder struct {
	r        Reader
	err      error
	lenient  bool
	mistyped bool
	path     string // of the first value of another type
}

// maxKept is how much memory a Decoder keeps from one document to the next for
// strings with escapes, in bytes.
const maxKept = 1 << 20

// Reset makes d read doc, which is not copied and must not change until End.
func (d *Decoder) Reset(doc []byte) {
	r := d.r
	if cap(r.text) > maxKept {
		r.text = nil
	}
	r.strict = true
	*d = Decoder{r: r}
	d.r.Reset(doc)
}

// End returns the first error, which there is also if anything but space
// follows the value that was read.
func (d *Decoder) End() error {
	if d.err == nil {
		d.err = d.r.End()
	}
	return d.err
}

// Mistyped returns the path of the first value of another type than the one
// that was asked for: its keys joined by points, without places in arrays. It
// is empty for the document itself. ok is false if there is none.
func (d *Decoder) Mistyped() (path string, ok bool) { return d.path, d.mistyped }

// Lenient calls read, during which values of other types do not count as
// mistyped.
func (d *Decoder) Lenient(read func()) {
	outer := d.lenient
	d.lenient = true
	read()
	d.lenient = outer
}

// Null consumes the next value if it is null, and reports whether it was.
func (d *Decoder) Null() bool {
	c, err := d.r.Peek()
	if d.err != nil || err != nil || c != 'n' {
		return false // what is wrong comes up again with the value
	}
	d.fail(d.r.literal("null"))
	return true
}

// Object calls field for each key of the object that comes next, to read the
// value. One that it does not read is passed over. The key is valid during the
// call.
func (d *Decoder) Object(field func(key []byte)) {
	if !d.next('{') {
		return
	}
	d.fail(d.r.Object(func(key []byte) error {
		if _, err := d.r.Peek(); err != nil {
			return err
		}
		at := d.r.pos
		if field(key); d.err == nil && d.r.pos == at {
			return d.r.Skip()
		}
		return d.err
	}))
}

// List reads the array that comes next in place of what is in to, each element
// with read. An element of another type is the zero T.
func List[T any](d *Decoder, to *[]T, read func(*T, *Decoder)) {
	if d.Null() {
		*to = nil
		return
	}
	if !d.next('[') {
		return
	}
	list := (*to)[:0]
	d.fail(d.r.Array(func() error {
		var zero T
		list = append(list, zero)
		read(&list[len(list)-1], d)
		return d.err
	}))
	*to = list
}

// Strings reads the strings of the array that comes next.
func (d *Decoder) Strings(to *[]string) {
	List(d, to, func(s *string, d *Decoder) { d.String(s) })
}

// String reads the string that comes next.
func (d *Decoder) String(to *string) {
	if !d.next('"') {
		return
	}
	s, err := d.r.str(true)
	d.fail(err)
	switch {
	case err != nil:
	case utf8.Valid(s):
		*to = string(s)
	default:
		*to = string([]rune(string(s)))
	}
}

// Float reads the number that comes next. One that is too large counts as of
// another type.
func (d *Decoder) Float(to *float64) {
	if !d.next('0') {
		return
	}
	at := d.r.pos
	if d.fail(d.r.Skip()); d.err != nil {
		return
	}
	v, err := strconv.ParseFloat(string(d.r.buf[at:d.r.pos]), 64)
	if err != nil {
		d.mistype()
		return
	}
	*to = v
}

func (d *Decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// next reports whether a value of the type that begins with first comes next,
// where zero stands for any number. Any other value is passed over.
func (d *Decoder) next(first byte) bool {
	if d.err != nil {
		return false
	}
	c, err := d.r.Peek()
	if err != nil {
		d.err = err
		return false
	}
	if c == '-' || c >= '0' && c <= '9' {
		c = '0'
	}
	if c == first {
		return true
	}
	if c != 'n' {
		d.mistype()
	}
	d.err = d.r.Skip()
	return false
}

// mistype notes where a value of another type stands.
func (d *Decoder) mistype() {
	if !d.lenient && !d.mistyped {
		d.mistyped, d.path = true, d.r.Path()
	}
}
