// Package jsonstream pulls values out of a stream of JSON without building a
// tree: most of a lock file or an SBOM is of no interest, and passing over it
// costs little.
package jsonstream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// MaxDepth is how deep values may be nested.
	MaxDepth = 10_000
	// MaxString is how long a string that is returned may be, in bytes, unless
	// the whole document stands in memory.
	MaxString = 64 << 10
)

// ErrLong says that a string is longer than it may be. It has been passed over,
// and the reader can go on.
var ErrLong = errors.New("string too long")

// Reader pulls values out of a stream of JSON without building a tree. It
// reads no more than it is asked for, keeps a window of the stream in memory
// and fails on what is not JSON by the grammar of RFC 8259, except that it
// lets control characters and invalid UTF-8 in strings pass, and does not look
// closely at what is skipped.
type Reader struct {
	r      io.Reader
	buf    []byte
	pos    int   // of the next byte in buf
	off    int64 // of buf in the stream
	depth  int
	max    int  // bytes of a string that is returned
	strict bool // fails on all that RFC 8259 does not allow; only without r
	eof    bool
	fail   error  // of r
	keys   []byte // those of the objects that are open, joined by points
	text   []byte // what a string with escapes stands for
}

// New returns a reader of r, which has some size bytes, or 0 if unknown.
func New(r io.Reader, size int64) *Reader {
	n := int64(64 << 10)
	if size > 0 {
		n = min(n, size+1)
	}
	j := &Reader{r: r, buf: make([]byte, 0, max(n, 512)), max: MaxString}
	for len(j.buf) < 3 && j.fill() {
	}
	j.skipMark()
	return j
}

// Reset makes j read a document that stands in memory. It is not copied, must
// not change meanwhile, and strings of it may be of any length.
func (j *Reader) Reset(doc []byte) {
	*j = Reader{buf: doc, max: len(doc), strict: j.strict, eof: true, keys: j.keys[:0], text: j.text[:0]}
	j.skipMark()
}

// skipMark passes over a byte order mark, which editors leave behind.
func (j *Reader) skipMark() {
	if bytes.HasPrefix(j.buf, []byte("\xef\xbb\xbf")) {
		j.pos = 3
	}
}

// fill reads on, keeping what begins at pos, and tells whether bytes came.
func (j *Reader) fill() bool {
	if j.eof {
		return false
	}
	if j.pos > 0 {
		n := copy(j.buf[:cap(j.buf)], j.buf[j.pos:])
		j.off += int64(j.pos)
		j.buf, j.pos = j.buf[:n], 0
	}
	if len(j.buf) == cap(j.buf) {
		j.buf = append(make([]byte, 0, 2*cap(j.buf)), j.buf...)
	}
	for range 100 {
		n, err := j.r.Read(j.buf[len(j.buf):cap(j.buf)])
		j.buf = j.buf[:len(j.buf)+n]
		if err != nil {
			j.eof = true
			if !errors.Is(err, io.EOF) {
				j.fail = err
			}
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	j.eof, j.fail = true, io.ErrNoProgress
	return false
}

// errorf says what is wrong and where.
func (j *Reader) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: "+format, append([]any{j.off + int64(j.pos)}, args...)...)
}

// Peek returns the first byte of the next token, which is not consumed.
func (j *Reader) Peek() (byte, error) {
	if c, ok := j.token(); ok {
		return c, nil
	}
	return 0, j.ended()
}

// token goes to the next token and returns its first byte. There is none if
// the stream ends before.
func (j *Reader) token() (c byte, ok bool) {
	for {
		for j.pos < len(j.buf) {
			c := j.buf[j.pos]
			if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c, true
			}
			j.pos++
		}
		if !j.fill() {
			return 0, false
		}
	}
}

// ended is the error for the end of the stream inside a value.
func (j *Reader) ended() error {
	if j.fail != nil {
		return j.fail
	}
	j.pos = len(j.buf)
	return j.errorf("%w", io.ErrUnexpectedEOF)
}

// Object calls fn for each key of the object that comes next. fn must consume
// the value; key is valid during the call. An error of fn ends the reading.
// Values of keys that are too long for a string are passed over.
func (j *Reader) Object(fn func(key []byte) error) error {
	if err := j.open('{'); err != nil {
		return err
	}
	outer := len(j.keys)
	if outer > 0 {
		j.keys = append(j.keys, '.')
	}
	base := len(j.keys)
	for first := true; ; first = false {
		more, err := j.next('}', first)
		if err != nil || !more {
			j.keys = j.keys[:outer]
			return err
		}
		key, err := j.str(true)
		long := errors.Is(err, ErrLong)
		if err != nil && !long {
			return err
		}
		// The window may move while the colon is looked for.
		j.keys = append(j.keys, key...)
		if c, err := j.Peek(); err != nil {
			return err
		} else if c != ':' {
			return j.errorf("%q instead of a colon", c)
		}
		j.pos++
		if long {
			err = j.Skip()
		} else {
			err = fn(j.keys[base:])
		}
		if err != nil {
			return err
		}
		j.keys = j.keys[:base]
	}
}

// Array calls fn for each element of the array that comes next. fn must
// consume it.
func (j *Reader) Array(fn func() error) error {
	if err := j.open('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := j.next(']', first)
		if err != nil || !more {
			return err
		}
		if err := fn(); err != nil {
			return err
		}
	}
}

// open consumes the bracket that opens a value.
func (j *Reader) open(bracket byte) error {
	c, err := j.Peek()
	if err != nil {
		return err
	}
	if c != bracket {
		return j.errorf("%q instead of %q", c, bracket)
	}
	if j.depth++; j.depth > MaxDepth {
		return j.errorf("nested more than %d deep", MaxDepth)
	}
	j.pos++
	return nil
}

// next goes to the next element of what closes with bracket, and tells whether
// there is one.
func (j *Reader) next(bracket byte, first bool) (bool, error) {
	c, err := j.Peek()
	if err != nil {
		return false, err
	}
	if c == bracket {
		j.pos++
		j.depth--
		return false, nil
	}
	if first {
		return true, nil
	}
	if c != ',' {
		return false, j.errorf("%q instead of a comma", c)
	}
	j.pos++
	if c, err = j.Peek(); err != nil {
		return false, err
	}
	if c == bracket {
		return false, j.errorf("comma before %q", c)
	}
	return true, nil
}

// Path returns the keys of the objects that are open, joined by points:
// where the value that comes next stands in the document, but for the places
// in arrays.
func (j *Reader) Path() string { return string(j.keys) }

// String returns the next value if it is a string; any other is skipped, and
// ok is false. The bytes are valid until the next call.
func (j *Reader) String() (s []byte, ok bool, err error) {
	c, err := j.Peek()
	if err != nil {
		return nil, false, err
	}
	if c != '"' {
		return nil, false, j.Skip()
	}
	s, err = j.str(true)
	return s, err == nil, err
}

// Number returns the next value as it is written if it is a number, of at most
// 64 bytes; any other is skipped, and ok is false. The bytes are valid until the
// next call.
func (j *Reader) Number() (s []byte, ok bool, err error) {
	c, err := j.Peek()
	if err != nil {
		return nil, false, err
	}
	if c != '-' && (c < '0' || c > '9') {
		return nil, false, j.Skip()
	}
	for j.text = j.text[:0]; ; {
		for j.pos < len(j.buf) {
			c := j.buf[j.pos]
			if !isNumeric(c) {
				return j.text, true, nil
			}
			if len(j.text) < 64 {
				j.text = append(j.text, c)
			}
			j.pos++
		}
		if !j.fill() {
			return j.text, j.fail == nil, j.fail
		}
	}
}

// Bool returns the next value if it is true or false, and false for any other.
func (j *Reader) Bool() (bool, error) {
	c, err := j.Peek()
	if err != nil {
		return false, err
	}
	return c == 't', j.Skip()
}

// Skip consumes the next value, whatever it is.
func (j *Reader) Skip() error {
	c, err := j.Peek()
	if err != nil {
		return err
	}
	switch c {
	case '"':
		_, err = j.str(false)
		return err
	case '{':
		if err := j.open('{'); err != nil {
			return err
		}
		return j.skipObject()
	case '[':
		return j.Array(j.Skip)
	case 't':
		return j.literal("true")
	case 'f':
		return j.literal("false")
	case 'n':
		return j.literal("null")
	default:
		return j.number(c)
	}
}

// skipObject consumes the rest of an opened object.
func (j *Reader) skipObject() error {
	for first := true; ; first = false {
		more, err := j.next('}', first)
		if err != nil || !more {
			return err
		}
		if _, err := j.str(false); err != nil {
			return err
		}
		if c, err := j.Peek(); err != nil {
			return err
		} else if c != ':' {
			return j.errorf("%q instead of a colon", c)
		}
		j.pos++
		if err := j.Skip(); err != nil {
			return err
		}
	}
}

// End fails if anything but space follows.
func (j *Reader) End() error {
	c, ok := j.token()
	if !ok {
		return j.fail
	}
	return j.errorf("%q after the value", c)
}

func (j *Reader) literal(word string) error {
	for len(j.buf)-j.pos < len(word) {
		if !j.fill() {
			break
		}
	}
	if !bytes.HasPrefix(j.buf[j.pos:], []byte(word)) {
		return j.errorf("value that is none")
	}
	j.pos += len(word)
	return nil
}

// number consumes a number loosely: its digits are of no interest here, but
// that it is one is.
func (j *Reader) number(c byte) error {
	if c != '-' && (c < '0' || c > '9') {
		return j.errorf("%q instead of a value", c)
	}
	start := j.pos
	for {
		for j.pos < len(j.buf) && isNumeric(j.buf[j.pos]) {
			j.pos++
		}
		if j.pos < len(j.buf) || !j.fill() {
			break
		}
	}
	if j.strict && !isNumber(j.buf[start:j.pos]) {
		j.pos = start
		return j.errorf("number that is none")
	}
	return j.fail
}

// isNumeric reports whether c can stand in a number.
func isNumeric(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// isNumber reports whether s is a number. Source: RFC 8259, section 6.
func isNumber(s []byte) bool {
	digits := func() (n int) {
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n
	}
	s = bytes.TrimPrefix(s, []byte{'-'})
	zero := len(s) > 0 && s[0] == '0'
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if len(s) > 0 && s[0] == '.' {
		if s = s[1:]; digits() == 0 {
			return false
		}
	}
	if len(s) > 0 && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; len(s) > 0 && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return len(s) == 0
}

// str consumes a string. If it is to be kept, its value is returned, valid
// until the next call, or ErrLong if it is too long.
func (j *Reader) str(keep bool) ([]byte, error) {
	if c, err := j.Peek(); err != nil {
		return nil, err
	} else if c != '"' {
		return nil, j.errorf("%q instead of a string", c)
	}
	j.pos++
	escaped, long := false, false
	for n := 0; ; {
		// n bytes from pos on are known to hold no end.
		i, special := indexQuote(j.buf[j.pos+n:])
		if i < 0 {
			n = len(j.buf) - j.pos
			if keep && n > j.max {
				keep, long = false, true
			}
			if !keep {
				j.pos, n = len(j.buf), 0
			}
			if !j.fill() {
				return nil, j.ended()
			}
			continue
		}
		n += i
		if special == '"' {
			s := j.buf[j.pos : j.pos+n]
			j.pos += n + 1
			switch {
			case long, keep && n > j.max:
				return nil, j.errorf("%w: more than %d bytes", ErrLong, j.max)
			case keep && escaped:
				return j.unescape(s)
			}
			return s, nil
		}
		size, err := j.special(n, special)
		if err != nil {
			return nil, err
		}
		escaped = escaped || special == '\\'
		n += size
		if !keep {
			j.pos, n = j.pos+n, 0
		}
	}
}

// special returns the size of what stands n bytes from pos on in a string: an
// escape, or a control character.
func (j *Reader) special(n int, c byte) (size int, err error) {
	size = 1
	if c == '\\' {
		size = 2 // at least, and the second byte ends nothing
	}
	if err := j.need(n + size); err != nil {
		return 0, err
	}
	if j.strict && !validSpecial(j.buf[j.pos+n:]) {
		j.pos += n
		return 0, j.errorf("%q in a string", j.buf[j.pos:j.pos+size])
	}
	return size, nil
}

// need reads on until n bytes from pos on are in the window.
func (j *Reader) need(n int) error {
	for len(j.buf) < j.pos+n {
		if !j.fill() {
			return j.ended()
		}
	}
	return nil
}

// validSpecial reports whether s begins with an escape that there is.
// Source: RFC 8259, section 7.
func validSpecial(s []byte) bool {
	if s[0] != '\\' {
		return false // a control character
	}
	if s[1] == 'u' {
		_, ok := hex4(s[2:])
		return ok
	}
	return bytes.IndexByte([]byte(`"\/bfnrt`), s[1]) >= 0
}

// indexQuote returns the index of the first quotation mark, backslash or
// control character, eight bytes at a time, since most strings are short.
func indexQuote(b []byte) (int, byte) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		// Of each mask the lowest bit that is set is right, and so is the lowest
		// one of all.
		q, s := w^(ones*'"'), w^(ones*'\\')
		if m := ((q-ones)&^q | (s-ones)&^s | (w-ones*' ')&^w) & highs; m != 0 {
			i += bits.TrailingZeros64(m) / 8
			return i, b[i]
		}
	}
	for ; i < len(b); i++ {
		if b[i] == '"' || b[i] == '\\' || b[i] < ' ' {
			return i, b[i]
		}
	}
	return -1, 0
}

// unescape returns what the inside of a string stands for.
// Source: RFC 8259, section 7.
func (j *Reader) unescape(s []byte) ([]byte, error) {
	out := j.text[:0]
	for len(s) > 0 {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			out = append(out, s...)
			break
		}
		out = append(out, s[:i]...)
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := hex4(s)
			if !ok {
				return nil, j.errorf("broken escape in a string")
			}
			s = s[4:]
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					if low, ok = hex4(s[2:]); !ok {
						return nil, j.errorf("broken escape in a string")
					}
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					s = s[6:]
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return nil, j.errorf("broken escape in a string")
		}
	}
	j.text = out
	return out, nil
}

// hex4 reads four hexadecimal digits.
func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s[:4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
