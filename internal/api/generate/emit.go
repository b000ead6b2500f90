package main

import (
	"bytes"
	"fmt"
	"go/format"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/assay-project/assay/internal/api/wire"
)

// byHand are the patterns that Go's regular expressions cannot express, with
// the functions that the package of the API has for them.
var byHand = map[string]string{
	"(?!aws:)[a-zA-Z+-=._:/]+":                    "isTagKey",
	"https://[-a-zA-Z0-9()@:%_+.~#?&//=]{1,1024}": "isInstanceURL",
}

// readers are the beginnings of the names of operations that change nothing.
// Source: Service Authorization Reference, access level of the actions.
var readers = []string{"Get", "List", "Describe", "BatchGet", "Search", "Preview", "ScanSbom"}

// An emitter writes the Go package of one model.
type emitter struct {
	*model
	source, pkg string
	patterns    []string
	b           bytes.Buffer
}

func (e *emitter) reset() { e.b.Reset() }

func (e *emitter) p(format string, args ...any) { fmt.Fprintf(&e.b, format+"\n", args...) }

func (e *emitter) text() ([]byte, error) { return format.Source(e.b.Bytes()) }

func (e *emitter) head(imports ...string) {
	e.p("// Code generated from %s by internal/api/generate. DO NOT EDIT.\n", e.source)
	e.p("package %s\n", e.pkg)
	e.p("import (")
	for _, i := range imports {
		e.p("%s", i)
	}
	e.p(")\n")
}

// types writes the enumerations and structures.
func (e *emitter) types() error {
	var imports []string
	for _, i := range []struct{ name, types string }{{`"encoding/json"`, "document"}, {`"time"`, "time isotime"}} {
		if e.uses(strings.Fields(i.types)) {
			imports = append(imports, i.name)
		}
	}
	e.head(imports...)
	taken := map[string]bool{"Handlers": true, "New": true}
	take := func(name string) error {
		if taken[name] {
			return fmt.Errorf("two things are called %s", name)
		}
		taken[name] = true
		return nil
	}
	for _, n := range e.enums {
		if err := take(n.name); err != nil {
			return err
		}
		e.p("type %s string\n\nconst (", n.name)
		for _, v := range n.values {
			name := n.name + constant(v)
			if err := take(name); err != nil {
				return err
			}
			e.p("%s %s = %q", name, n.name, v)
		}
		e.p(")\n")
	}
	sent := e.inputs()
	for i := range e.structs {
		s := &e.structs[i]
		if err := take(s.name); err != nil {
			return err
		}
		e.p("type %s struct {", s.name)
		if s.kind == "union" {
			e.p("_ struct{} `wire:\"union\"`")
		}
		for _, f := range s.fields {
			e.p("%s %s `wire:\"%s\"`", exported(f.Name), e.fieldType(&f, sent[s.name]), e.tag(f))
		}
		e.p("}\n")
		if s.kind == "error" {
			e.p("// Error returns the message.\nfunc (e *%s) Error() string { return e.Message }\n", s.name)
			e.p("// Fault returns the exception's name and status.\nfunc (*%s) Fault() (string, int) { return %q, %d }\n", s.name, s.name, s.status)
		}
	}
	return nil
}

func (e *emitter) uses(types []string) bool {
	for _, s := range e.structs {
		for _, f := range s.fields {
			for n := range names(&f.Type) {
				if slices.Contains(types, n) {
					return true
				}
			}
		}
	}
	return false
}

// fieldType returns a type whose zero value means absent, wherever absence and
// zero are not the same on the wire.
func (e *emitter) fieldType(f *wire.Field, sent bool) string {
	t := e.goType(&f.Type)
	if f.Required {
		return t
	}
	switch f.Type.Name {
	case "", "time", "isotime", "blob", "document": // nil, and no time at all
		return t
	case "string":
		// What we send is left out when it is empty. A caller's "" means
		// something only where the model allows it.
		empty := f.Type.Min < 1 && (f.Type.Pattern == "" || e.matches(f.Type.Pattern, ""))
		if !sent || !empty || f.Token || f.Name == "nextToken" {
			return t
		}
	default:
		if e.isEnum(f.Type.Name) {
			return t
		}
	}
	return "*" + t
}

func (e *emitter) matches(pattern, s string) bool {
	re, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	return err == nil && re.MatchString(s)
}

func (e *emitter) goType(x *wire.Expr) string {
	switch {
	case x.Key != nil:
		return "map[" + e.goType(x.Key) + "]" + e.goType(x.Elem)
	case x.Elem != nil:
		return "[]" + e.goType(x.Elem)
	}
	if t := map[string]string{
		"int": "int32", "long": "int64", "double": "float64", "time": "time.Time",
		"isotime": "time.Time", "blob": "[]byte", "document": "json.RawMessage",
	}[x.Name]; t != "" {
		return t
	}
	return x.Name
}

// tag returns the member's line with rows of the table for its patterns.
func (e *emitter) tag(f wire.Field) string {
	f.Type = e.withoutPatterns(f.Type)
	return f.String()
}

func (e *emitter) withoutPatterns(x wire.Expr) wire.Expr {
	for _, part := range []**wire.Expr{&x.Key, &x.Elem} {
		if *part != nil {
			copied := e.withoutPatterns(**part)
			*part = &copied
		}
	}
	if x.Pattern != "" {
		x.Pattern = fmt.Sprintf("#%d", e.row(x.Pattern))
	}
	return x
}

func (e *emitter) row(pattern string) int {
	for i, p := range e.patterns {
		if p == pattern {
			return i
		}
	}
	e.patterns = append(e.patterns, pattern)
	return len(e.patterns) - 1
}

// tables writes all but the types.
func (e *emitter) tables() error {
	for _, s := range e.structs { // the rows are those of the tags, in whatever order the files are written
		for _, f := range s.fields {
			e.tag(f)
		}
	}
	e.head(`"context"`, "", `"github.com/assay-project/assay/internal/api/wire"`)
	e.p("// New returns the API %s of %s, ready to be spoken.", e.name, e.version)
	e.p("func New() *wire.Service {")
	e.p("return wire.New(wire.Description{")
	protocol := map[string]string{"rest-json": "RestJSON", "json-1.1": "JSON11"}[e.protocol]
	if protocol == "" {
		return fmt.Errorf("unknown protocol %q", e.protocol)
	}
	e.p("Name: %q, Protocol: wire.%s, Version: %q, Signing: %q, Target: %q,", e.name, protocol, e.version, e.signing, e.target)
	e.p("Operations: operations, Enums: enums, Patterns: patterns, Exceptions: exceptions, Invalid: invalid, Raise: raise,")
	e.p("})\n}\n")
	e.handlers()
	e.p("var operations = []wire.Operation{")
	for _, op := range e.operations {
		e.operation(op)
	}
	e.p("}\n\nvar exceptions = []wire.Exception{")
	for _, s := range e.structs {
		if s.kind == "error" {
			e.p("(*%s)(nil),", s.name)
		}
	}
	e.p("}\n\nvar enums = map[string]string{")
	for _, n := range e.enums {
		e.p("%q: %q,", n.name, strings.Join(n.values, " "))
	}
	e.p("}\n\nvar patterns = []wire.Pattern{")
	for i, p := range e.patterns {
		match := byHand[p]
		if _, err := regexp.Compile(`\A(?:` + p + `)\z`); err != nil && match == "" {
			return fmt.Errorf("pattern to check by hand: %w", err)
		}
		if match != "" {
			match = ", Match: " + match
		}
		e.p("/* %d */ {Text: `%s`%s},", i, p, match)
	}
	e.p("}")
	return nil
}

// handlers writes the functions that a server supplies.
func (e *emitter) handlers() {
	e.p("// Handlers are the functions that do the operations; nil for what cannot be done.")
	e.p("type Handlers struct {")
	for _, op := range e.operations {
		e.p("%s func(context.Context, *%s) (*%s, error)", op.name, message(op.in), message(op.out))
	}
	e.p("}\n")
	e.p("// ByName returns the handlers by the names of their operations; nil for what cannot be done.")
	e.p("func (h *Handlers) ByName() map[string]wire.Handler {\nreturn map[string]wire.Handler{")
	for _, op := range e.operations {
		e.p("%q: wire.Bind(h.%s),", op.name, op.name)
	}
	e.p("}\n}\n")
	e.p("// Client returns the same functions for the other side: each asks a server through do.")
	e.p("func Client(s *wire.Service, do wire.Caller) *Handlers {\nreturn &Handlers{")
	for _, op := range e.operations {
		e.p("%s: wire.Call[%s, %s](s, %q, do),", op.name, message(op.in), message(op.out), op.name)
	}
	e.p("}\n}\n")
}

func (e *emitter) operation(op operation) {
	extra := ""
	for _, r := range readers {
		if strings.HasPrefix(op.name, r) {
			extra = " ReadOnly: true,"
		}
	}
	if in := e.structure(op.in); in != nil {
		token, size, limit := false, false, int64(0)
		for _, f := range in.fields {
			token = token || f.Name == "nextToken"
			if f.Name == "maxResults" {
				size = true
				if f.Type.Max < 1<<31 {
					limit = f.Type.Max
				}
			}
		}
		switch {
		case token && size && limit > 0:
			extra += fmt.Sprintf(" Paging: wire.SizedPages, MaxPage: %d,", limit)
		case token && size:
			extra += " Paging: wire.SizedPages,"
		case token:
			extra += " Paging: wire.TokenPages,"
		}
	}
	e.p("{\nName: %q, Method: %q, URI: %q, Status: %d, Action: %q,%s", op.name, op.method, op.uri, op.status,
		e.signing+":"+op.name, extra)
	e.p("Errors: %q,", strings.Join(op.errors, " "))
	e.p("In: (*%s)(nil), Out: (*%s)(nil),\n},", message(op.in), message(op.out))
}

func message(name string) string {
	if name == "-" {
		return "wire.None"
	}
	return name
}

// exported returns the Go name of a member: findingArn becomes FindingARN.
func exported(name string) string {
	name = strings.ToUpper(name[:1]) + name[1:]
	for _, w := range []string{"Arn", "Id", "Url"} {
		upper := strings.ToUpper(w)
		for i := 0; ; {
			j := strings.Index(name[i:], w)
			if j < 0 {
				break
			}
			i += j
			rest := strings.TrimPrefix(name[i+len(w):], "s")
			if rest == "" || unicode.IsUpper(rune(rest[0])) {
				name = name[:i] + upper + name[i+len(w):]
			}
			i += len(w)
		}
	}
	return name
}

// constant returns the end of the name of a value: DAYS_30 becomes Days30.
func constant(value string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		rest := word[1:]
		if strings.ToUpper(word) == word {
			rest = strings.ToLower(rest)
		}
		b.WriteString(strings.ToUpper(word[:1]) + rest)
	}
	return b.String()
}
