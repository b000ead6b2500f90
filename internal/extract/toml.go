package extract

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// tomlValue is one line of a TOML document: the header of a table, which has
// no key, or a key with its value.
type tomlValue struct {
	table string   // package.source, or [package] for a table in an array
	key   string   // empty for a header
	text  []byte   // of a string; not to be kept
	bare  []byte   // of a number or date; not to be kept
	inner string   // the first key of an inline table
	list  []string // the strings of the array that is wanted, or of its tables' key name, at most maxTOMLList; not to be kept
}

// Limits of what is kept. Lock files have the same few keys everywhere.
const (
	maxTOMLList = 10_000
	maxTOMLKeys = 1000
)

// allLists makes readTOML give the elements of all arrays.
const allLists = "*"

// readTOML calls fn for the values of a TOML document as lock files have
// them, with the elements of arrays only for the key list, or for all keys. It
// knows where each value ends, so that nothing in a string is taken for a key,
// but the values of inline tables are not given, and values of several lines
// only if they are arrays.
// Source: TOML 1.0.0.
func readTOML(r io.Reader, list string, fn func(tomlValue) error) error {
	t := tomlReader{fn: fn, list: list, keys: make(map[string]string)}
	number := 0
	err := eachLine(r, func(line []byte, cut bool) error {
		number++
		// Only long lists, strings and comments may be cut.
		if cut && t.depth == 0 && t.quote == "" && !isComment(line) {
			return fmt.Errorf("line %d: longer than %d bytes", number, maxLine)
		}
		if err := t.line(line); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		return nil
	})
	if err == nil && (t.depth > 0 || t.quote != "") {
		return io.ErrUnexpectedEOF
	}
	return err
}

type tomlReader struct {
	fn    func(tomlValue) error
	value tomlValue
	list  string            // the key whose array is wanted
	keys  map[string]string // as they were met, at most maxTOMLKeys
	depth int               // of open brackets of the value
	quote string            // the delimiter of an open string of several lines
	keep  bool              // the value is an array, whose strings are wanted
	named bool              // in an array of tables: the key name stands before
}

func (t *tomlReader) line(b []byte) error {
	if t.depth == 0 && t.quote == "" {
		b = bytes.TrimLeft(b, " \t")
		if len(b) == 0 || b[0] == '#' {
			return nil
		}
		if b[0] == '[' {
			return t.header(b)
		}
		i := tomlKeyEnd(b)
		if i < 0 {
			return fmt.Errorf("%.40q is no key with a value", b)
		}
		t.value.key = t.key(b[:i])
		t.value.text, t.value.list, t.value.inner = nil, t.value.list[:0], ""
		t.value.bare = nil
		b = bytes.TrimLeft(b[i+1:], " \t")
		if len(b) > 0 && b[0] >= '0' && b[0] <= '9' {
			t.value.bare, _, _ = bytes.Cut(b, []byte("#"))
		}
		t.keep = len(b) > 0 && b[0] == '[' && (t.list == allLists || t.value.key == t.list)
	}
	if err := t.scan(b); err != nil {
		return err
	}
	if t.depth > 0 || t.quote != "" {
		t.value.text, t.value.bare = nil, nil // gone with the line
		return nil
	}
	return t.fn(t.value)
}

// header reads [table] or [[table]].
func (t *tomlReader) header(b []byte) error {
	array := bytes.HasPrefix(b, []byte("[["))
	name, end := b[1:], "]"
	if array {
		name, end = b[2:], "]]"
	}
	i := bytes.Index(name, []byte(end))
	if i < 0 {
		return fmt.Errorf("%.40q is no table", b)
	}
	t.value = tomlValue{table: t.table(name[:i])}
	if array {
		t.value.table = t.key([]byte("[" + t.value.table + "]"))
	}
	return t.fn(t.value)
}

// table returns the name of a table without space around its dots.
func (t *tomlReader) table(b []byte) string {
	s := t.key(b)
	if !strings.ContainsAny(s, " \t") {
		return s
	}
	parts := strings.Split(s, ".")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return strings.Join(parts, ".")
}

// tomlKeyEnd returns the index of the equals sign behind a key, or -1.
func tomlKeyEnd(b []byte) int {
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			return i
		}
	}
	return -1
}

// key returns a key, without making the same string again and again.
func (t *tomlReader) key(b []byte) string {
	if s, ok := t.keys[string(b)]; ok {
		return s
	}
	s := tomlKey(b)
	if len(t.keys) < maxTOMLKeys {
		t.keys[string(b)] = s
	}
	return s
}

func tomlKey(b []byte) string { return strings.Trim(clean(b), `"'`) }

// scan goes over a value, or over one line of it.
func (t *tomlReader) scan(b []byte) error {
	if t.quote != "" {
		i := tomlStringEnd(b, t.quote)
		if i < 0 {
			return nil
		}
		b = b[i+len(t.quote):]
		t.quote = ""
	}
	for len(b) > 0 {
		switch c := b[0]; c {
		case '#':
			return nil
		case '[', '{':
			if t.depth++; c == '{' {
				t.inline(b[1:])
			}
		case ',', '=':
			if t.depth == 2 && t.keep {
				t.named = c == ',' && isTOMLName(b[1:]) || c == '=' && t.named
			}
		case ']', '}':
			if t.depth--; t.depth < 0 {
				return fmt.Errorf("%q closes nothing", c)
			}
		case '"', '\'':
			rest, err := t.quoted(b)
			if err != nil || t.quote != "" {
				return err
			}
			b = rest
			continue
		}
		b = b[1:]
	}
	return nil
}

// quoted reads the string at the start of b and returns what follows it, or
// sets quote if it goes on in the next line.
func (t *tomlReader) quoted(b []byte) ([]byte, error) {
	delim := string(b[0])
	if bytes.HasPrefix(b, []byte(`"""`)) || bytes.HasPrefix(b, []byte(`'''`)) {
		delim = string(b[:3])
	}
	rest := b[len(delim):]
	i := tomlStringEnd(rest, delim)
	if i < 0 && len(delim) == 1 {
		return nil, fmt.Errorf("string does not end: %.40q", b)
	}
	if i < 0 {
		t.quote = delim
		return nil, nil
	}
	if err := t.text(rest[:i], delim); err != nil {
		return nil, err
	}
	return rest[i+len(delim):], nil
}

// inline looks at the first key of an inline table.
func (t *tomlReader) inline(b []byte) {
	if t.depth == 1 {
		if key, _, ok := bytes.Cut(b, []byte("=")); ok {
			t.value.inner = tomlKey(key)
		}
	}
	t.named = t.depth == 2 && isTOMLName(b)
}

// isTOMLName tells whether the next key of an inline table is name.
func isTOMLName(b []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(b, " \t"), []byte("name"))
	return ok && bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte("="))
}

// tomlStringEnd returns the index of the delimiter that ends a string.
func tomlStringEnd(b []byte, delim string) int {
	if len(delim) == 1 {
		if i := bytes.IndexByte(b, delim[0]); i < 0 || delim == "'" || bytes.IndexByte(b[:i], '\\') < 0 {
			return i
		}
	}
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && delim[0] == '"' {
			i++
			continue
		}
		if !bytes.HasPrefix(b[i:], []byte(delim)) {
			continue
		}
		// Up to two quotation marks may stand before the delimiter.
		for len(delim) == 3 && i+3 < len(b) && b[i+3] == delim[0] {
			i++
		}
		return i
	}
	return -1
}

// text keeps a string that is a value or an element of one.
func (t *tomlReader) text(b []byte, delim string) error {
	if t.depth > 0 && (!t.keep || t.depth > 1 && (t.depth > 2 || !t.named) || len(t.value.list) == maxTOMLList) {
		return nil
	}
	t.named = false
	if delim[0] == '"' && bytes.IndexByte(b, '\\') >= 0 {
		u, err := tomlUnescape(string(b))
		if err != nil {
			return err
		}
		b = []byte(u)
	}
	if t.depth > 0 {
		t.value.list = append(t.value.list, clean(b))
	} else {
		t.value.text = b
	}
	return nil
}

// tomlUnescape returns what the inside of a basic string stands for.
// Source: TOML 1.0.0, section "String".
func tomlUnescape(s string) (string, error) {
	var out strings.Builder
	for s != "" {
		c, multibyte, rest, err := strconv.UnquoteChar(s, '"')
		if err != nil {
			return "", fmt.Errorf("broken escape in %.40q", s)
		}
		if multibyte {
			out.WriteRune(c)
		} else {
			out.WriteByte(byte(c)) //nolint:gosec // one byte
		}
		s = rest
	}
	return out.String(), nil
}
