package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// yamlValue is one entry of a mapping or one item of a list.
type yamlValue struct {
	path []string // the keys around it, outermost first, "-" for a list; not to be kept
	key  string   // of an entry; "-" for an item, "---" for the start of a document
	text string   // of a scalar; empty for what holds others, and for blocks of text
	note string   // the comment behind a scalar in a block, without its mark
}

// in tells whether the value lies right below the given keys.
func (v *yamlValue) in(path ...string) bool {
	if len(v.path) != len(path) {
		return false
	}
	for i, p := range path {
		if p != "*" && v.path[i] != p {
			return false
		}
	}
	return true
}

// maxYAMLDepth is how deep values may be nested. Lock files have six levels.
const maxYAMLDepth = 64

// errYAML says that a line is no YAML, or of a kind that no package manager
// writes: anchors, tags, directives, keys that are no scalars.
var errYAML = errors.New("not understood")

// readYAML calls fn for the values of a YAML document as package managers write
// them: mappings and lists in blocks or in one flow, scalars plain, quoted or
// in blocks, the latter without their text. Scalars are all text. It fails on
// what it does not understand.
// Source: YAML 1.2.2, chapters 6 to 9.
func readYAML(r io.Reader, fn func(yamlValue) error) error {
	return readYAMLWith(r, yamlReader{fn: fn, skip: -1})
}

// readHandYAML is readYAML for what people write: a value may also stand on a
// line below its key, which then was given without one before, and may have an
// anchor. An alias is given as empty: what it stands for was given elsewhere.
func readHandYAML(r io.Reader, fn func(yamlValue) error) error {
	return readYAMLWith(r, yamlReader{fn: fn, skip: -1, hand: true})
}

func readYAMLWith(r io.Reader, y yamlReader) error {
	number := 0
	err := eachLine(r, func(line []byte, cut bool) error {
		number++
		if cut && y.skip < 0 && !isComment(line) {
			return fmt.Errorf("line %d: longer than %d bytes", number, maxLine)
		}
		err := y.line(line)
		if errors.Is(err, errYAML) {
			return fmt.Errorf("line %d: %w: %.40q", number, err, clean(line))
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := y.flush(); err != nil {
		return err
	}
	if y.open != nil || y.asked {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// yamlLevel is one key or item around the line that is read.
type yamlLevel struct {
	indent int
	key    string
}

type yamlReader struct {
	fn     func(yamlValue) error
	hand   bool // see readHandYAML
	levels []yamlLevel
	path   []string // a buffer

	pending bool   // the scalar of the innermost level may go on
	text    []byte // of it
	note    string // the comment behind the scalar that is read
	skip    int    // indentation of the key of a block of text; -1 outside of one

	open   []byte // a flow or quoted text that goes on in the next line; nil if none
	opener int    // its indentation

	asked    bool // a key after a question mark waits for its value
	question int  // its indentation
	answer   string
}

func (y *yamlReader) line(b []byte) error {
	indent := 0
	for indent < len(b) && b[indent] == ' ' {
		indent++
	}
	rest := bytes.TrimRight(b[indent:], " \t")
	if y.open != nil {
		if len(y.open)+len(rest) >= maxLine {
			return fmt.Errorf("a value is longer than %d bytes", maxLine)
		}
		joined := append(append(y.open, ' '), rest...)
		y.open = nil
		return y.content(y.opener, joined)
	}
	if y.skip >= 0 {
		if len(rest) == 0 || indent > y.skip {
			return nil
		}
		y.skip = -1
	}
	if len(rest) == 0 || rest[0] == '#' {
		return nil
	}
	if y.pending && len(y.levels) > 0 && indent > y.levels[len(y.levels)-1].indent {
		if len(y.text)+len(rest) >= maxLine {
			return fmt.Errorf("a value is longer than %d bytes", maxLine)
		}
		y.text = append(append(y.text, ' '), plainYAML(rest)...)
		return nil
	}
	if err := y.flush(); err != nil {
		return err
	}
	if indent == 0 && (string(rest) == "---" || string(rest) == "...") {
		y.levels = y.levels[:0]
		return y.fn(yamlValue{key: "---"})
	}
	if rest[0] == '\t' {
		return errYAML
	}
	return y.content(indent, rest)
}

// flush gives the scalar that is now known to be complete.
func (y *yamlReader) flush() error {
	if !y.pending {
		return nil
	}
	y.pending = false
	return y.give(clean(y.text))
}

// give calls fn for the innermost level.
func (y *yamlReader) give(text string) error {
	y.path = y.path[:0]
	last := len(y.levels) - 1
	for _, l := range y.levels[:last] {
		y.path = append(y.path, l.key)
	}
	v := yamlValue{path: y.path, key: y.levels[last].key, text: text, note: y.note}
	y.note = ""
	return y.fn(v)
}

// push opens a level in place of all that are not around it. The items of a
// list may stand right below the key that holds it.
func (y *yamlReader) push(indent int, key string) error {
	for n := len(y.levels); n > 0; n-- {
		l := y.levels[n-1]
		if l.indent < indent || l.indent == indent && key == "-" && l.key != "-" {
			break
		}
		y.levels = y.levels[:n-1]
	}
	if len(y.levels) >= maxYAMLDepth {
		return fmt.Errorf("nested more than %d deep", maxYAMLDepth)
	}
	y.levels = append(y.levels, yamlLevel{indent, key})
	return nil
}

// content reads what stands at an indentation: an item, an entry or a scalar.
func (y *yamlReader) content(indent int, b []byte) error {
	marker := len(b) == 1 || len(b) > 1 && b[1] == ' '
	switch {
	case y.asked:
		if indent != y.question || b[0] != ':' || !marker {
			return errYAML
		}
		y.asked = false
		if err := y.push(indent, y.answer); err != nil {
			return err
		}
		if err := y.inside(indent, b[1:]); err != nil {
			return err
		}
		if y.open != nil {
			return errYAML // no key of this kind has such a value
		}
		return nil
	case b[0] == '-' && marker:
		if err := y.push(indent, "-"); err != nil {
			return err
		}
		return y.inside(indent, b[1:])
	case b[0] == '?' && marker:
		key, rest, ok := yamlKey(slices.Concat(bytes.TrimSpace(b[1:]), []byte(":")))
		if !ok || len(rest) > 0 {
			return errYAML
		}
		y.asked, y.question, y.answer = true, indent, key
		return nil
	}
	key, rest, ok := yamlKey(b)
	if n := len(y.levels); !ok && y.hand && n > 0 && y.levels[n-1].indent < indent {
		return y.value(indent, b, b) // of the key above
	}
	if !ok || key == "<<" && !y.hand {
		return errYAML
	}
	if err := y.push(indent, key); err != nil {
		return err
	}
	return y.value(indent, b, rest)
}

// inside reads what follows the dash of an item, or the colon of a key that
// had a line of its own: an entry whose siblings stand below it, or a value.
func (y *yamlReader) inside(indent int, b []byte) error {
	rest := bytes.TrimLeft(b, " ")
	if len(rest) > 0 && rest[0] != '#' {
		_, _, entry := yamlKey(rest)
		if entry || rest[0] == '-' && (len(rest) == 1 || rest[1] == ' ') {
			if err := y.give(""); err != nil {
				return err
			}
			return y.content(indent+1+len(b)-len(rest), rest)
		}
	}
	// The value has no key of its own, so that nothing tells where it began.
	return y.value(indent, append([]byte("- "), rest...), rest)
}

// value reads the value of the innermost level. whole is the line from its
// indentation on, to which the next one is joined if the value is not complete.
func (y *yamlReader) value(indent int, whole, b []byte) error {
	b = bytes.TrimLeft(b, " \t")
	if len(b) == 0 || b[0] == '#' {
		return y.give("")
	}
	if y.hand && (b[0] == '&' || b[0] == '*') {
		alias := b[0] == '*'
		if _, b, _ = bytes.Cut(b, []byte(" ")); alias || len(b) == 0 {
			return y.give("")
		}
		return y.value(indent, whole, b)
	}
	switch b[0] {
	case '|', '>':
		y.skip = indent
		return y.give("")
	case '{', '[':
		flow := yamlFlow{y: y, b: b}
		if !flow.complete() {
			y.open, y.opener = bytes.Clone(whole), indent
			return nil
		}
		return flow.read()
	case '"', '\'':
		text, rest, ok, err := yamlQuoted(b)
		if err != nil {
			return err
		}
		if !ok {
			y.open, y.opener = bytes.Clone(whole), indent
			return nil
		}
		if rest = bytes.TrimLeft(rest, " \t"); len(rest) > 0 {
			if rest[0] != '#' {
				return errYAML
			}
			y.note = clean(rest[1:])
		}
		return y.give(clean([]byte(text)))
	case '&', '*', '!', '%', '@', '`':
		return errYAML
	}
	y.text = append(y.text[:0], plainYAML(b)...)
	if bytes.Contains(y.text, []byte(": ")) {
		return errYAML
	}
	y.pending = true
	if _, note, ok := bytes.Cut(b, []byte(" #")); ok {
		y.note = clean(note)
	}
	return nil
}

// plainYAML returns a plain scalar without the comment behind it.
func plainYAML(b []byte) []byte {
	if b[0] == '#' {
		return nil
	}
	if i := bytes.Index(b, []byte(" #")); i >= 0 {
		b = b[:i]
	}
	return bytes.TrimRight(b, " \t")
}

// yamlKey splits an entry into its key and what follows the colon.
func yamlKey(b []byte) (key string, rest []byte, ok bool) {
	switch b[0] {
	case '"', '\'':
		text, rest, ok, err := yamlQuoted(b)
		if err != nil || !ok {
			return "", nil, false
		}
		rest = bytes.TrimLeft(rest, " ")
		if len(rest) == 0 || rest[0] != ':' || len(rest) > 1 && rest[1] != ' ' && rest[1] != '\t' {
			return "", nil, false
		}
		return clean([]byte(text)), rest[1:], true
	case '{', '[', '|', '>', '&', '*', '!', '%', '@', '`', '#':
		return "", nil, false
	}
	for i, c := range b {
		if c == ' ' && i+1 < len(b) && b[i+1] == '#' {
			return "", nil, false
		}
		if c == ':' && (i+1 == len(b) || b[i+1] == ' ' || b[i+1] == '\t') {
			return clean(b[:i]), b[i+1:], true
		}
	}
	return "", nil, false
}

// yamlQuoted reads the quoted text at the start of b; ok is false if it does
// not end there.
func yamlQuoted(b []byte) (text string, rest []byte, ok bool, err error) {
	quote := b[0]
	for i := 1; i < len(b); i++ {
		switch {
		case quote == '"' && b[i] == '\\':
			i++
		case b[i] != quote:
		case quote == '\'' && i+1 < len(b) && b[i+1] == quote:
			i++
		case quote == '\'':
			return strings.ReplaceAll(string(b[1:i]), "''", "'"), b[i+1:], true, nil
		default:
			s := string(b[1:i])
			if strings.IndexByte(s, '\\') >= 0 {
				if s, err = yamlUnescape(s); err != nil {
					return "", nil, false, err
				}
			}
			return s, b[i+1:], true, nil
		}
	}
	return "", nil, false, nil
}

// yamlUnescape returns what the inside of a double-quoted scalar stands for. A
// backslash at the end of a line, which is joined by a space, hides both.
// Source: YAML 1.2.2, section 5.7.
func yamlUnescape(s string) (string, error) {
	var out strings.Builder
	for s != "" {
		if s[0] != '\\' {
			i := strings.IndexByte(s, '\\')
			if i < 0 {
				i = len(s)
			}
			out.WriteString(s[:i])
			s = s[i:]
			continue
		}
		if len(s) > 1 && strings.IndexByte(` /0e_NLP`, s[1]) >= 0 {
			switch s[1] {
			case '/':
				out.WriteByte('/')
			case ' ', '_':
				out.WriteByte(' ')
			}
			s = s[2:]
			continue
		}
		c, _, rest, err := strconv.UnquoteChar(s, '"')
		if err != nil {
			return "", errYAML
		}
		out.WriteRune(c)
		s = rest
	}
	return out.String(), nil
}

// yamlFlow reads a value in brackets, which is complete.
type yamlFlow struct {
	y *yamlReader
	b []byte
}

// complete tells whether all brackets are closed.
func (f *yamlFlow) complete() bool {
	depth := 0
	for i := 0; i < len(f.b); i++ {
		switch c := f.b[i]; c {
		case '"', '\'':
			if i > 0 && strings.IndexByte(" {[,:", f.b[i-1]) < 0 {
				continue // inside a plain scalar
			}
			_, rest, ok, err := yamlQuoted(f.b[i:])
			if err != nil || !ok {
				return err != nil // a broken escape is found again
			}
			i = len(f.b) - len(rest) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return true
			}
		}
	}
	return false
}

// read gives the value of the innermost level and all that is in it.
func (f *yamlFlow) read() error {
	if err := f.collection(); err != nil {
		return err
	}
	f.space()
	if len(f.b) > 0 && f.b[0] != '#' {
		return errYAML
	}
	return nil
}

func (f *yamlFlow) space() { f.b = bytes.TrimLeft(f.b, " \t") }

// collection reads a mapping or a list from its bracket on.
func (f *yamlFlow) collection() error {
	end := byte('}')
	if f.b[0] == '[' {
		end = ']'
	}
	f.b = f.b[1:]
	if err := f.y.give(""); err != nil {
		return err
	}
	// A flow has no indentation: each level is one deeper than the last one.
	indent := f.y.levels[len(f.y.levels)-1].indent + 1
	for {
		f.space()
		if len(f.b) == 0 {
			return errYAML
		}
		if f.b[0] == end {
			f.b = f.b[1:]
			return nil
		}
		key := "-"
		if end == '}' {
			text, err := f.scalar()
			if err != nil {
				return err
			}
			key = text
		}
		if err := f.y.push(indent, key); err != nil {
			return err
		}
		if err := f.element(end == '}'); err != nil {
			return err
		}
		f.space()
		switch {
		case len(f.b) > 0 && f.b[0] == ',':
			f.b = f.b[1:]
		case len(f.b) == 0 || f.b[0] != end:
			return errYAML
		}
	}
}

// element reads the value of one entry or item.
func (f *yamlFlow) element(entry bool) error {
	f.space()
	if entry {
		if len(f.b) == 0 || f.b[0] != ':' {
			return f.y.give("") // a key alone
		}
		f.b = f.b[1:]
		f.space()
	}
	if len(f.b) > 0 && (f.b[0] == '{' || f.b[0] == '[') {
		return f.collection()
	}
	text, err := f.scalar()
	if err != nil {
		return err
	}
	return f.y.give(text)
}

// scalar reads a key or a value.
func (f *yamlFlow) scalar() (string, error) {
	if len(f.b) == 0 {
		return "", errYAML
	}
	switch f.b[0] {
	case '"', '\'':
		text, rest, ok, err := yamlQuoted(f.b)
		if err != nil || !ok {
			return "", errYAML
		}
		f.b = rest
		return clean([]byte(text)), nil
	case '&', '*', '!', '%', '@', '`', '?', '|', '>', '#':
		return "", errYAML
	}
	i := 0
	for i < len(f.b) && strings.IndexByte(",{}[]", f.b[i]) < 0 {
		if f.b[i] == ':' && (i+1 == len(f.b) || strings.IndexByte(" ,{}[]", f.b[i+1]) >= 0) {
			break
		}
		i++
	}
	text := clean(f.b[:i])
	f.b = f.b[i:]
	return text, nil
}
