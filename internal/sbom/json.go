package sbom

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of one document, whose size the caller has already limited.
const (
	maxDepth  = 512       // of nested values
	maxString = 64 << 10  // bytes of a string that is kept
	maxItems  = 1_000_000 // components, packages and occurrences together
)

// scanner pulls values out of a JSON document in memory without building a
// tree: most of a document is of no interest here, and passing over it costs
// little. Of what is passed over only strings and the number of brackets are
// checked.
type scanner struct {
	b     []byte
	pos   int
	depth int
	text  []byte // what a string with escapes stands for
}

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: "+format, append([]any{s.pos}, args...)...)
}

// peek returns the first byte of the next token, which is not consumed; 0 at
// the end of the document.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.b); s.pos++ {
		if c := s.b[s.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
	}
	return 0
}

// object calls fn for each key of the next value, which is passed over if it
// is no object. fn must consume the value of the key, and may keep key no
// longer than it runs.
func (s *scanner) object(fn func(key []byte) error) error {
	if s.peek() != '{' {
		return s.skip()
	}
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.next('}', first)
		if err != nil || !more {
			return err
		}
		if s.peek() != '"' {
			return s.errorf("%q instead of a key", s.peek())
		}
		// A key without escapes lies in the document and is not overwritten;
		// none of the keys that matter has any.
		key, err := s.str()
		if err != nil {
			return err
		}
		if c := s.peek(); c != ':' {
			return s.errorf("%q instead of a colon", c)
		}
		s.pos++
		if err := fn(key); err != nil {
			return err
		}
	}
}

// array calls fn for each element of the next value, which is passed over if
// it is no array. fn must consume the element.
func (s *scanner) array(fn func() error) error {
	if s.peek() != '[' {
		return s.skip()
	}
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.next(']', first)
		if err != nil || !more {
			return err
		}
		if err := fn(); err != nil {
			return err
		}
	}
}

// open consumes an opening bracket.
func (s *scanner) open() error {
	if s.depth++; s.depth > maxDepth {
		return s.errorf("nested more than %d deep", maxDepth)
	}
	s.pos++
	return nil
}

// next goes to the next element of what bracket closes, and tells whether
// there is one.
func (s *scanner) next(bracket byte, first bool) (bool, error) {
	c := s.peek()
	if c == bracket {
		s.pos++
		s.depth--
		return false, nil
	}
	if !first {
		if c != ',' {
			return false, s.unexpected(c)
		}
		s.pos++
		c = s.peek()
	}
	if c == 0 || c == bracket || c == ',' {
		return false, s.unexpected(c)
	}
	return true, nil
}

func (s *scanner) unexpected(c byte) error {
	if s.pos >= len(s.b) {
		return s.errorf("the document ends inside a value")
	}
	return s.errorf("unexpected %q", c)
}

// string returns the next value if it is a string that is not overlong; any
// other is passed over and counts as empty.
func (s *scanner) string() (string, error) {
	if s.peek() != '"' {
		return "", s.skip()
	}
	b, err := s.str()
	if err != nil || len(b) > maxString {
		return "", err
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), nil
}

// str consumes a string and returns its bytes, valid until the next call.
func (s *scanner) str() ([]byte, error) {
	s.pos++
	start, escaped := s.pos, false
	for {
		i := indexQuote(s.b[s.pos:])
		if i < 0 {
			s.pos = len(s.b)
			return nil, s.errorf("the document ends inside a string")
		}
		s.pos += i
		if s.b[s.pos] == '"' {
			b := s.b[start:s.pos]
			s.pos++
			if escaped {
				return s.unescape(b)
			}
			return b, nil
		}
		escaped = true
		s.pos = min(s.pos+2, len(s.b))
	}
}

// skip consumes the next value, whatever it is.
func (s *scanner) skip() error {
	switch c := s.peek(); c {
	case '"':
		_, err := s.str()
		return err
	case '{', '[':
		return s.skipNested()
	default:
		start := s.pos
		for s.pos < len(s.b) {
			c := s.b[s.pos]
			if c == ',' || c == '}' || c == ']' || c <= ' ' {
				break
			}
			s.pos++
		}
		// A number or a literal; which of them does not matter here.
		if s.pos == start || c != '-' && c != 't' && c != 'f' && c != 'n' && (c < '0' || c > '9') {
			return s.unexpected(c)
		}
		return nil
	}
}

// skipNested consumes an array or object with all that is in it.
func (s *scanner) skipNested() error {
	base := s.depth
	for s.pos < len(s.b) {
		switch s.b[s.pos] {
		case '"':
			if err := s.skipString(); err != nil {
				return err
			}
		case '{', '[':
			if err := s.open(); err != nil {
				return err
			}
		case '}', ']':
			s.pos++
			if s.depth--; s.depth == base {
				return nil
			}
		default:
			s.pos++
		}
	}
	return s.errorf("the document ends inside a value")
}

// skipString consumes a string.
func (s *scanner) skipString() error {
	s.pos++
	for {
		i := indexQuote(s.b[s.pos:])
		if i < 0 {
			s.pos = len(s.b)
			return s.errorf("the document ends inside a string")
		}
		s.pos += i + 1
		if s.b[s.pos-1] == '"' {
			return nil
		}
		s.pos = min(s.pos+1, len(s.b))
	}
}

// indexQuote returns the index of the first quotation mark or backslash, or
// -1. It looks at eight bytes at a time, since most strings are short.
func indexQuote(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		q, e := w^(ones*'"'), w^(ones*'\\')
		if m := ((q-ones)&^q | (e-ones)&^e) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(b); i++ {
		if b[i] == '"' || b[i] == '\\' {
			return i
		}
	}
	return -1
}

// shortEscapes are the escapes of one letter. Source: RFC 8259, section 7.
var shortEscapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unescape returns what the inside of a string stands for.
func (s *scanner) unescape(b []byte) ([]byte, error) {
	out := s.text[:0]
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		if i++; i == len(b) {
			return nil, s.errorf("broken escape in a string")
		}
		if c := shortEscapes[b[i]]; c != 0 {
			out = append(out, c)
			continue
		}
		r, ok := hex4(b[i:])
		if !ok {
			return nil, s.errorf("broken escape in a string")
		}
		i += 4
		if utf16.IsSurrogate(r) {
			low := rune(utf8.RuneError)
			if i+2 < len(b) && b[i+1] == '\\' {
				low, _ = hex4(b[i+2:])
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 6
			}
		}
		out = utf8.AppendRune(out, r)
	}
	s.text = out
	return out, nil
}

// hex4 reads the letter u and four hexadecimal digits.
func hex4(b []byte) (rune, bool) {
	if len(b) < 5 || b[0] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[1:5] {
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
