package sbomscan

import (
	"encoding/json"
	"strings"
)

// A cursor goes through a text that is JSON for certain, and tells where its
// values stand, so that an answer can be the text itself with additions.
type cursor struct {
	text []byte
	at   int
}

// peek returns the first byte of the next token, which is not consumed.
func (c *cursor) peek() byte {
	for c.at < len(c.text) {
		switch b := c.text[c.at]; b {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return b
		}
	}
	return 0
}

// skip consumes the next value and returns its text.
func (c *cursor) skip() []byte {
	first := c.peek()
	begin := c.at
	switch first {
	case '"':
		c.skipString()
	case '{', '[':
		for depth := 0; c.at < len(c.text); {
			switch c.text[c.at] {
			case '"':
				c.skipString()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			c.at++
			if depth == 0 {
				break
			}
		}
	default:
		for c.at < len(c.text) && strings.IndexByte(" \t\r\n,]}", c.text[c.at]) < 0 {
			c.at++
		}
	}
	return c.text[begin:c.at]
}

// skipString consumes a string, at whose first quotation mark the cursor is.
func (c *cursor) skipString() {
	for c.at++; c.at < len(c.text) && c.text[c.at] != '"'; c.at++ {
		if c.text[c.at] == '\\' {
			c.at++
		}
	}
	c.at++
}

// string returns the next value, and false if it is none.
func (c *cursor) string() (string, bool) {
	if c.peek() != '"' {
		c.skip()
		return "", false
	}
	raw := c.skip()
	var s string
	err := json.Unmarshal(raw, &s) // also for what is not UTF-8
	return s, err == nil
}

// object calls fn for each member of the next value, an object. fn consumes the
// value of the member.
func (c *cursor) object(fn func(key string) error) error {
	for c.at++; c.peek() == '"'; {
		key, _ := c.string()
		c.peek()
		c.at++ // the colon
		if err := fn(key); err != nil {
			return err
		}
		if c.peek() == ',' {
			c.at++
		}
	}
	c.at++
	return nil
}

// array calls fn for each element of the next value, an array. fn consumes it.
func (c *cursor) array(fn func() error) error {
	for c.at++; c.peek() != ']'; {
		if err := fn(); err != nil {
			return err
		}
		if c.peek() == ',' {
			c.at++
		}
	}
	c.at++
	return nil
}
