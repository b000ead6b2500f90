package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/api/wire"
)

// A model is one definition, in the order of its lines.
type model struct {
	name, protocol, version, signing, target string
	operations                               []operation
	enums                                    []enum
	structs                                  []structure
}

type operation struct {
	name, method, uri string
	status            int
	in, out           string // "-" for none
	errors            []string
}

type enum struct {
	name   string
	values []string
}

type structure struct {
	name   string
	kind   string // struct, union or error
	status int    // of an error
	fields []wire.Field
}

// parse reads a definition: one thing a line, the members of a structure
// indented below it.
func parse(text string) (*model, error) {
	m := &model{}
	for i, line := range strings.Split(text, "\n") {
		if err := m.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if m.name == "" {
		return nil, fmt.Errorf("no service")
	}
	return m, m.check()
}

func (m *model) line(line string) error {
	if strings.HasPrefix(line, " ") {
		if len(m.structs) == 0 {
			return fmt.Errorf("a member of nothing")
		}
		f, err := wire.ParseField(line)
		s := &m.structs[len(m.structs)-1]
		s.fields = append(s.fields, f)
		return err
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return nil
	}
	switch keyword, n := words[0], len(words); {
	case keyword == "service" && n >= 3:
		m.name, m.protocol = words[1], words[2]
		for _, w := range words[3:] {
			key, value, _ := strings.Cut(w, "=")
			field := map[string]*string{"version": &m.version, "signing": &m.signing, "target": &m.target}[key]
			if field == nil {
				return fmt.Errorf("unknown property %q", key)
			}
			*field = value
		}
	case keyword == "op" && n == 8:
		status, err := strconv.Atoi(words[4])
		if err != nil {
			return fmt.Errorf("reading status: %w", err)
		}
		m.operations = append(m.operations, operation{
			name: words[1], method: words[2], uri: words[3], status: status,
			in: words[5], out: words[6], errors: strings.Split(words[7], ","),
		})
	case keyword == "enum" && n >= 3:
		m.enums = append(m.enums, enum{words[1], words[2:]})
	case (keyword == "struct" || keyword == "union") && n == 2:
		m.structs = append(m.structs, structure{name: words[1], kind: keyword})
	case keyword == "error" && n == 3:
		status, err := strconv.Atoi(words[2])
		if err != nil {
			return fmt.Errorf("reading status: %w", err)
		}
		m.structs = append(m.structs, structure{name: words[1], kind: keyword, status: status})
	default:
		return fmt.Errorf("cannot read %q", line)
	}
	return nil
}

// check finds names that mean nothing or two things.
func (m *model) check() error {
	known := map[string]string{"-": "none"}
	for base := range strings.FieldsSeq("string int long double bool time isotime blob document") {
		known[base] = "base"
	}
	define := func(name, kind string) error {
		if known[name] != "" {
			return fmt.Errorf("%s is defined twice", name)
		}
		known[name] = kind
		return nil
	}
	for _, e := range m.enums {
		if err := define(e.name, "enum"); err != nil {
			return err
		}
	}
	for _, s := range m.structs {
		if err := define(s.name, s.kind); err != nil {
			return err
		}
	}
	for _, s := range m.structs {
		for _, f := range s.fields {
			for name := range names(&f.Type) {
				if known[name] == "" || known[name] == "none" || known[name] == "error" {
					return fmt.Errorf("%s.%s: no type %s", s.name, f.Name, name)
				}
			}
		}
	}
	for _, op := range m.operations {
		if known[op.in] == "" || known[op.out] == "" {
			return fmt.Errorf("operation %s: no type %s or %s", op.name, op.in, op.out)
		}
		for _, e := range op.errors {
			if known[e] != "error" {
				return fmt.Errorf("operation %s: no error %s", op.name, e)
			}
		}
	}
	return nil
}

// names yields the names of the types that an expression is made of.
func names(e *wire.Expr) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, part := range []*wire.Expr{e.Key, e.Elem} {
			if part != nil {
				for n := range names(part) {
					if !yield(n) {
						return
					}
				}
			}
		}
		if e.Name != "" {
			yield(e.Name)
		}
	}
}

func (m *model) structure(name string) *structure {
	for i := range m.structs {
		if m.structs[i].name == name {
			return &m.structs[i]
		}
	}
	return nil
}

func (m *model) isEnum(name string) bool {
	for _, e := range m.enums {
		if e.name == name {
			return true
		}
	}
	return false
}

// inputs returns the structures that callers send.
func (m *model) inputs() map[string]bool {
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		s := m.structure(name)
		if s == nil || found[name] {
			return
		}
		found[name] = true
		for _, f := range s.fields {
			for n := range names(&f.Type) {
				visit(n)
			}
		}
	}
	for _, op := range m.operations {
		visit(op.in)
	}
	return found
}
