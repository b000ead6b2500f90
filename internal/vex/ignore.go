package vex

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/inventory"
)

// Ignore is an entry of an ignore file: somebody has looked at a vulnerability
// and does not want it counted.
type Ignore struct {
	ID            string
	Package       string    // pattern of the name or purl; empty for all
	Path          string    // pattern of the path; empty for all
	Reason        string    // never empty
	Justification string    // OpenVEX's word for why the target is not affected; empty if that is not stated
	Expires       time.Time // the last day of the entry; zero if it has none
	File          string
	Line          int
}

// ignoreKeys are the keys of an entry.
var ignoreKeys = []string{"id", "package", "path", "reason", "justification", "expires"}

// justifications are OpenVEX's.
// Source: OpenVEX specification 0.2.0, "Status Justifications".
var justifications = []string{
	"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
	"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
}

// LoadIgnores reads an ignore file. Its errors name the file and the line.
func LoadIgnores(file string) ([]Ignore, error) {
	doc, err := readFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading ignore file: %w", err)
	}
	list, err := ReadIgnores(file, doc)
	if err != nil {
		return nil, fmt.Errorf("reading ignore file: %w", err)
	}
	return list, nil
}

// ReadIgnores reads the entries of an ignore file, which is YAML of this form
// alone: a list of mappings from keys to plain or quoted texts of one line,
// which may stand under the key "ignore". file is its name, for people.
func ReadIgnores(file string, doc []byte) ([]Ignore, error) {
	var out []Ignore
	indent := -1 // of the keys of the entry
	var seen []string
	number := 0
	fail := func(err error) error { return fmt.Errorf("%s:%d: %w", file, number, err) }
	finish := func() error {
		if n := len(out); n > 0 {
			return out[n-1].complete()
		}
		return nil
	}
	for text := range strings.Lines(strings.TrimPrefix(string(doc), "\ufeff")) {
		number++
		body := strings.TrimSpace(text)
		if body == "" || body[0] == '#' || body == "---" {
			continue
		}
		if strings.Contains(text[:len(text)-len(strings.TrimLeft(text, " \t"))], "\t") {
			return nil, fail(errors.New("a tab cannot indent"))
		}
		at := len(text) - len(strings.TrimLeft(text, " "))
		if len(out) == 0 && at == 0 && uncomment(body) == "ignore:" {
			continue
		}
		if rest, ok := strings.CutPrefix(body, "- "); ok {
			if err := finish(); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, out[len(out)-1].Line, err)
			}
			trimmed := strings.TrimLeft(rest, " ")
			at += 2 + len(rest) - len(trimmed)
			out = append(out, Ignore{File: file, Line: number})
			indent, seen, body = at, nil, trimmed
		}
		if len(out) == 0 {
			return nil, fail(errors.New(`an entry begins with "- id: "`))
		}
		if at != indent {
			return nil, fail(errors.New("the keys of an entry must stand below each other"))
		}
		key, err := out[len(out)-1].set(body, seen)
		if err != nil {
			return nil, fail(err)
		}
		seen = append(seen, key)
	}
	if err := finish(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, out[len(out)-1].Line, err)
	}
	return out, nil
}

// set reads one key with its value.
func (e *Ignore) set(body string, seen []string) (string, error) {
	key, value, ok := strings.Cut(body, ":")
	if !ok {
		return "", fmt.Errorf("%.60q is no key with a value", body)
	}
	key = strings.TrimSpace(key)
	if !slices.Contains(ignoreKeys, key) {
		return "", fmt.Errorf("key %.60q must be one of %s", key, strings.Join(ignoreKeys, ", "))
	}
	if slices.Contains(seen, key) {
		return "", fmt.Errorf("%s stands there twice", key)
	}
	value, err := scalar(value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	switch key {
	case "id":
		e.ID = value
	case "package":
		e.Package, err = value, validPattern(value)
	case "path":
		e.Path, err = value, validPattern(value)
	case "reason":
		e.Reason = value
	case "justification":
		if e.Justification = value; !slices.Contains(justifications, value) {
			err = fmt.Errorf("%.60q must be one of %s", value, strings.Join(justifications, ", "))
		}
	case "expires":
		if e.Expires, err = time.Parse(time.DateOnly, value); err != nil {
			err = fmt.Errorf("%.60q is no day, such as 2027-01-31", value)
		}
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return key, nil
}

// complete tells what an entry lacks.
func (e *Ignore) complete() error {
	switch {
	case e.ID == "":
		return errors.New("the entry has no id")
	case e.Reason == "":
		return fmt.Errorf("the entry for %s has no reason", e.ID)
	}
	return nil
}

// uncomment drops a comment at the end of a line: a number sign after a blank.
func uncomment(s string) string {
	if i := strings.Index(s, " #"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimSpace(s)
}

// scalar reads a value of YAML on one line.
// Source: YAML 1.2.2, section 7.3 "Flow Scalar Styles".
func scalar(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", errors.New("has no value on its line")
	}
	var value, rest string
	switch s[0] {
	case '"':
		quoted, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", errors.New("the quotation does not end on its line")
		}
		if value, err = strconv.Unquote(quoted); err != nil {
			return "", errors.New("the quotation has an escape that is not known")
		}
		rest = s[len(quoted):]
	case '\'':
		end := 1
		for end < len(s) {
			if s[end] == '\'' && end+1 < len(s) && s[end+1] == '\'' {
				end += 2
				continue
			}
			if s[end] == '\'' {
				break
			}
			end++
		}
		if end >= len(s) {
			return "", errors.New("the quotation does not end on its line")
		}
		value, rest = strings.ReplaceAll(s[1:end], "''", "'"), s[end+1:]
	case '|', '>', '[', '{', '&', '*', '!', '%', '@', '`':
		return "", errors.New("only plain and quoted texts of one line are read; quote it")
	default:
		value = uncomment(s)
	}
	if rest = strings.TrimSpace(rest); rest != "" && rest[0] != '#' {
		return "", fmt.Errorf("%.40q stands after the quotation", rest)
	}
	if value == "" {
		return "", errors.New("is empty")
	}
	return value, nil
}

func validPattern(s string) error {
	if _, err := path.Match(strings.ReplaceAll(s, "**", "*"), ""); err != nil {
		return fmt.Errorf("%.60q is no pattern", s)
	}
	return nil
}

// Expired tells whether the last day of the entry is over.
func (e *Ignore) Expired(now time.Time) bool {
	return !e.Expires.IsZero() && !now.Before(e.Expires.AddDate(0, 0, 1))
}

// Covers tells whether an entry is about a vulnerability, under any of its
// names, of a package.
func (e *Ignore) Covers(ids []string, p *inventory.Package, os inventory.OS) bool {
	if !slices.ContainsFunc(ids, func(id string) bool { return strings.EqualFold(id, e.ID) }) {
		return false
	}
	if strings.HasPrefix(e.Package, "pkg:") && !strings.ContainsAny(e.Package, "*[\\") {
		if !patternOf(e.Package).means(p, os) {
			return false
		}
	} else if e.Package != "" && !glob(e.Package, p.Name) && (p.SourceName == "" || !glob(e.Package, p.SourceName)) {
		return false
	}
	return e.Path == "" || glob(strings.TrimPrefix(e.Path, "/"), p.Path)
}

// glob matches a name with a pattern of path.Match, in which ** also stands for
// any number of whole parts.
func glob(pattern, name string) bool {
	return globParts(strings.Split(pattern, "/"), strings.Split(name, "/"))
}

func globParts(pattern, name []string) bool {
	// at[j] tells whether the pattern so far takes the first j parts.
	at := make([]bool, len(name)+1)
	at[0] = true
	for _, part := range pattern {
		next := make([]bool, len(name)+1)
		for j := range at {
			switch {
			case part == "**":
				next[j] = at[j] || j > 0 && next[j-1]
			case j > 0 && at[j-1]:
				next[j], _ = path.Match(part, name[j-1])
			}
		}
		at = next
	}
	return at[len(name)]
}
