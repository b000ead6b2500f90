// Package wire speaks the two protocols of Amazon's APIs, REST-JSON and JSON
// 1.1. It is told what an API looks like by generated tables and struct tags,
// and turns requests into validated Go values and Go values into answers.
// Source: Smithy 2.0, "AWS restJson1 protocol" and "AWS JSON 1.1 protocol".
package wire

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Expr is a type as our interface definitions write it, with the limits its
// values keep to: string{1..128}, [Tag]{0..10}, <string:string>.
type Expr struct {
	Name     string // string, int, long, double, bool, time, isotime, blob, document or a named type; "" for a list or map
	Elem     *Expr  // of a list or map
	Key      *Expr  // of a map
	Min, Max int64  // length, count or value; math.MinInt64 and math.MaxInt64 where there is no limit
	Pattern  string // regular expression for the whole string, or "#n": row n of the table of patterns; "" for none
}

// A Field is one member of a structure as our interface definitions write it:
// its name, a star when it is required, its type, and where it is found.
type Field struct {
	Name          string
	Required      bool
	Type          Expr
	Place         Place
	Key           string // in the path, query or header; "" in the body
	Token, Secret bool   // makes a repeated call the same call; not for logs
}

// A Place is the part of a message that holds a member.
type Place uint8

// The places of members.
const (
	Body Place = iota
	URI
	Query
	Header
)

// ParseField reads a member, such as "name* string{1..128} @secret".
func ParseField(line string) (Field, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	f := Field{}
	f.Name, f.Required = strings.CutSuffix(name, "*")
	if f.Name == "" {
		return f, fmt.Errorf("reading member %q: no name", line)
	}
	var err error
	f.Type, rest, err = parseExpr(rest)
	if err != nil {
		return f, fmt.Errorf("reading member %q: %w", line, err)
	}
	for mark := range strings.FieldsSeq(rest) {
		kind, key, _ := strings.Cut(mark, "=")
		switch kind {
		case "@uri":
			f.Place, f.Key = URI, key
		case "@querystring":
			f.Place, f.Key = Query, key
		case "@header":
			f.Place, f.Key = Header, key
		case "@token":
			f.Token = true
		case "@secret":
			f.Secret = true
		default:
			return f, fmt.Errorf("reading member %q: unknown mark %q", line, mark)
		}
		if (f.Place != Body) && f.Key == "" {
			return f, fmt.Errorf("reading member %q: %s names nothing", line, kind)
		}
	}
	return f, nil
}

// parseExpr reads a type and returns what follows it.
func parseExpr(text string) (Expr, string, error) {
	e := Expr{Min: math.MinInt64, Max: math.MaxInt64}
	var err error
	rest := text
	switch {
	case strings.HasPrefix(rest, "["):
		if e.Elem, rest, err = parsePart(rest[1:], "]"); err != nil {
			return e, "", err
		}
	case strings.HasPrefix(rest, "<"):
		if e.Key, rest, err = parsePart(rest[1:], ":"); err != nil {
			return e, "", err
		}
		if e.Elem, rest, err = parsePart(rest, ">"); err != nil {
			return e, "", err
		}
	default:
		end := strings.IndexFunc(rest, func(r rune) bool { return !isWord(r) })
		if end < 0 {
			end = len(rest)
		}
		if e.Name, rest = rest[:end], rest[end:]; e.Name == "" {
			return e, "", fmt.Errorf("no type in %q", text)
		}
	}
	if strings.HasPrefix(rest, "{") {
		if rest, err = parseLimits(rest, &e); err != nil {
			return e, "", err
		}
	}
	switch {
	case strings.HasPrefix(rest, "`"):
		end := strings.IndexByte(rest[1:], '`')
		if end < 0 {
			return e, "", fmt.Errorf("no end of the pattern in %q", text)
		}
		e.Pattern, rest = rest[1:1+end], rest[end+2:]
	case strings.HasPrefix(rest, "#"):
		end := 1
		for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
			end++
		}
		e.Pattern, rest = rest[:end], rest[end:]
	}
	return e, rest, nil
}

func parsePart(text, end string) (*Expr, string, error) {
	e, rest, err := parseExpr(text)
	if err != nil {
		return nil, "", err
	}
	rest, ok := strings.CutPrefix(rest, end)
	if !ok {
		return nil, "", fmt.Errorf("no %q in %q", end, text)
	}
	return &e, rest, nil
}

func parseLimits(text string, e *Expr) (rest string, err error) {
	limits, rest, ok := strings.Cut(text[1:], "}")
	low, high, both := strings.Cut(limits, "..")
	if !ok || !both {
		return "", fmt.Errorf("no limits in %q", text)
	}
	if low != "" {
		if e.Min, err = strconv.ParseInt(low, 10, 64); err != nil {
			return "", fmt.Errorf("reading limits: %w", err)
		}
	}
	if high != "" {
		if e.Max, err = strconv.ParseInt(high, 10, 64); err != nil {
			return "", fmt.Errorf("reading limits: %w", err)
		}
	}
	return rest, nil
}

func isWord(r rune) bool {
	return r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// String writes the type as the definitions write it.
func (e Expr) String() string {
	s := e.Name
	switch {
	case e.Key != nil:
		s = "<" + e.Key.String() + ":" + e.Elem.String() + ">"
	case e.Elem != nil:
		s = "[" + e.Elem.String() + "]"
	}
	if e.Min != math.MinInt64 || e.Max != math.MaxInt64 {
		s += "{" + limit(e.Min) + ".." + limit(e.Max) + "}"
	}
	if strings.HasPrefix(e.Pattern, "#") {
		return s + e.Pattern
	}
	if e.Pattern != "" {
		s += "`" + e.Pattern + "`"
	}
	return s
}

func limit(n int64) string {
	if n == math.MinInt64 || n == math.MaxInt64 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// String writes the member as the definitions write it.
func (f Field) String() string {
	s := f.Name
	if f.Required {
		s += "*"
	}
	s += " " + f.Type.String()
	switch f.Place {
	case URI:
		s += " @uri=" + f.Key
	case Query:
		s += " @querystring=" + f.Key
	case Header:
		s += " @header=" + f.Key
	case Body:
	}
	if f.Token {
		s += " @token"
	}
	if f.Secret {
		s += " @secret"
	}
	return s
}
