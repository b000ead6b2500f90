package extract

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/assay-project/assay/inventory"
)

// readMixLock reads the lock file of Mix, a term of Elixir: a map from names to
// tuples of a kind, a name, a version and more. A package from a repository has
// no version, and one of an organisation has its name in front.
// Source: Hex, Hex.Mix and Hex.SCM, "lock"; Mix, Mix.Dep.Lock.
func readMixLock(f *file) error {
	m := mixLock{r: bufio.NewReaderSize(f.r, 32<<10), set: newLockSet(f, "hex")}
	if err := m.open(); err != nil {
		if errors.Is(err, io.EOF) {
			return nil // without dependencies the file may be empty
		}
		return err
	}
	for {
		t, err := m.token()
		switch {
		case err != nil:
			return mixEnd(err)
		case t.kind == '}' || t.kind == ']':
			return nil
		case t.kind == ',':
			continue
		case t.kind != '"' && t.kind != 'a':
			return fmt.Errorf("not understood: %.40q", t.text)
		}
		// "name": { or "name" => { or name: {
		key := strings.TrimSuffix(t.text, ":")
		for t.kind != '{' {
			if t, err = m.token(); err != nil {
				return mixEnd(err)
			}
			if t.kind != ':' && t.kind != '=' && t.kind != '{' {
				return fmt.Errorf("the entry %.40q is not understood", key)
			}
		}
		if err := m.entry(key); err != nil {
			return err
		}
	}
}

func mixEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

type mixLock struct {
	r   *bufio.Reader
	set *lockSet
}

// open reads up to the bracket that opens the map.
func (m *mixLock) open() error {
	t, err := m.token()
	if err == nil && t.kind == '%' {
		t, err = m.token()
	}
	if err == nil && t.kind != '{' && t.kind != '[' {
		return fmt.Errorf("not understood: %.40q", t.text)
	}
	return err
}

// mixRepository is where the tuple of a package of Hex has its repository, as
// "hexpm" or "hexpm:organisation".
const mixRepository = 6

// entry reads the tuple of one package from its bracket on.
func (m *mixLock) entry(key string) error {
	var field [mixRepository + 1]string
	depth, n := 1, 0
	for depth > 0 {
		t, err := m.token()
		if err != nil {
			return mixEnd(err)
		}
		switch t.kind {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 1 {
				n++
			}
		case '"', 'a':
			if depth == 1 && n < len(field) && field[n] == "" {
				field[n] = t.text
			}
		}
	}
	name, version := key, ""
	switch field[0] {
	case "package": // of the first versions of Hex
		version = field[1]
	case "hex":
		name, version = field[1], field[2]
		if _, organisation, ok := strings.Cut(field[mixRepository], ":"); ok {
			name = organisation + "/" + name
		}
	case "path":
		return nil
	}
	return m.set.add(name, version, inventory.Runtime)
}

// mixToken is one token: a string ("), an atom or a bare word (a), or a
// punctuation mark.
type mixToken struct {
	kind byte
	text string
}

func (m *mixLock) token() (mixToken, error) {
	for {
		c, err := m.r.ReadByte()
		if err != nil {
			return mixToken{}, err
		}
		switch {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0xef || c == 0xbb || c == 0xbf:
			continue
		case c == '#':
			for c != '\n' {
				if c, err = m.r.ReadByte(); err != nil {
					return mixToken{}, err
				}
			}
		case c == '"':
			return m.quoted()
		case c == ':':
			next, _ := m.r.Peek(1)
			if len(next) == 1 && next[0] == '"' {
				_, _ = m.r.Discard(1)
				t, err := m.quoted()
				t.kind = 'a'
				return t, err
			}
			if len(next) == 1 && isMixWord(next[0]) {
				return m.word(nil)
			}
			return mixToken{c, ":"}, nil
		case isMixWord(c):
			return m.word([]byte{c})
		case c == '=':
			if next, _ := m.r.Peek(1); len(next) == 1 && next[0] == '>' {
				_, _ = m.r.Discard(1)
			}
			return mixToken{c, "=>"}, nil
		case strings.IndexByte("{}[],%-.+()/", c) >= 0:
			return mixToken{c, string(rune(c))}, nil
		default:
			return mixToken{}, fmt.Errorf("not understood: %q", c)
		}
	}
}

func isMixWord(c byte) bool {
	return c == '_' || c >= 0x80 || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
}

// word reads an atom or another bare word, with the colon that makes it a key.
func (m *mixLock) word(b []byte) (mixToken, error) {
	for {
		next, err := m.r.Peek(1)
		if err != nil || !isMixWord(next[0]) && strings.IndexByte("@?!.", next[0]) < 0 {
			break
		}
		if b = append(b, next[0]); len(b) > maxLine {
			return mixToken{}, fmt.Errorf("a word is longer than %d bytes", maxLine)
		}
		_, _ = m.r.Discard(1)
	}
	return mixToken{'a', clean(b)}, nil
}

// quoted reads a string from behind its first quotation mark on.
func (m *mixLock) quoted() (mixToken, error) {
	var b []byte
	for {
		c, err := m.r.ReadByte()
		if err != nil {
			return mixToken{}, mixEnd(err)
		}
		switch c {
		case '"':
			return mixToken{'"', clean(b)}, nil
		case '\\':
			if c, err = m.r.ReadByte(); err != nil {
				return mixToken{}, mixEnd(err)
			}
		}
		if b = append(b, c); len(b) > maxLine {
			return mixToken{}, fmt.Errorf("a string is longer than %d bytes", maxLine)
		}
	}
}
