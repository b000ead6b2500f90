package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/fault"
)

// A Protocol is one of the two ways in which Amazon's services put calls into
// HTTP.
type Protocol string

// The protocols.
const (
	RestJSON Protocol = "rest-json" // an operation is a method and a path
	JSON11   Protocol = "json-1.1"  // an operation is named by the header X-Amz-Target
)

// None is the input or output of an operation that has none.
type None struct{}

// A Description is what the generated tables say about one API.
type Description struct {
	Name       string // "inspector2"
	Protocol   Protocol
	Version    string // date of Amazon's model
	Signing    string // name of the service in signatures
	Target     string // prefix of X-Amz-Target; "" with RestJSON
	Operations []Operation
	Enums      map[string]string // name of the type to its values, separated by blanks
	Patterns   []Pattern
	Exceptions []Exception // a nil pointer of each declared type
	// Invalid makes the exception that reports violations, of which there is
	// at least one.
	Invalid func(message string, violations []Violation) Exception
	// Raise makes the exception for a kind of error, whether or not the
	// operation declares it.
	Raise func(kind fault.Kind, message string) Exception
}

// An Operation is one call of an API. The exported fields are the table; the
// methods work only on the operations of a Service.
type Operation struct {
	Name   string
	Method string
	URI    string // path, whose last segment may be a {label}
	Status int    // of a good answer
	Action string // what a policy must allow, such as "inspector2:ListFindings"

	ReadOnly bool   // changes nothing
	Paging   Paging // how its answer is cut into pages
	MaxPage  int    // greatest maxResults; 0 when the model sets none
	Errors   string // names of the declared exceptions, separated by blanks
	In, Out  any    // nil pointers to the Go types

	service *Service
	in, out *shape
	label   string // name of the label at the end of URI
	prefix  string // what stands before it
	token   int    // index of the idempotency token in the input; -1 for none
}

// A Paging says how a caller gets the next part of a long answer.
type Paging uint8

// The kinds of paging.
const (
	NoPages    Paging = iota
	TokenPages        // nextToken only; the size of a page is ours
	SizedPages        // nextToken and maxResults
)

// A Service is an API ready to be spoken. It is safe for concurrent use.
type Service struct {
	Description
	byKey      map[string]*Operation
	labelled   []*Operation
	exceptions map[string]*shape
}

// New makes a service of its description. It panics when the tables contradict
// each other, which the tests of the generated packages would have found.
func New(d Description) *Service {
	s := &Service{Description: d, byKey: map[string]*Operation{}, exceptions: map[string]*shape{}}
	s.Operations = slices.Clone(d.Operations)
	c := newCompiler(d)
	for i := range s.Operations {
		op := &s.Operations[i]
		op.service, op.in, op.out, op.token = s, c.message(op.In), c.message(op.Out), -1
		for _, m := range op.in.members {
			if m.Token {
				op.token = m.index
			}
		}
		if before, label, ok := strings.Cut(op.URI, "{"); ok {
			op.prefix, op.label = before, strings.TrimSuffix(label, "}")
			s.labelled = append(s.labelled, op)
			continue
		}
		s.byKey[s.key(op)] = op
	}
	for _, e := range d.Exceptions {
		name, _ := e.Fault()
		s.exceptions[name] = c.message(e)
	}
	return s
}

func (s *Service) key(op *Operation) string {
	if s.Protocol == JSON11 {
		return s.Target + "." + op.Name
	}
	return op.Method + " " + op.URI
}

// Operation returns the operation of that name, or nil.
func (s *Service) Operation(name string) *Operation {
	for i := range s.Operations {
		if s.Operations[i].Name == name {
			return &s.Operations[i]
		}
	}
	return nil
}

// Service returns the service to which the operation belongs.
func (op *Operation) Service() *Service { return op.service }

// Declares reports whether the model lets the operation answer with the
// exception of that name.
func (op *Operation) Declares(name string) bool {
	for e := range strings.FieldsSeq(op.Errors) {
		if e == name {
			return true
		}
	}
	return false
}

// Route finds the operation that a request asks for. One listener may serve
// any number of services: those of JSON 1.1 are told by the header, the others
// by method and path. The error is an *Error.
func Route(services []*Service, r *http.Request) (*Operation, error) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		for _, s := range services {
			if op := s.byKey[target]; s.Protocol == JSON11 && op != nil && r.Method == op.Method && r.URL.Path == op.URI {
				return op, nil
			}
		}
		return nil, unknown(JSON11, http.StatusBadRequest)
	}
	path := r.URL.EscapedPath()
	for _, s := range services {
		if s.Protocol != RestJSON {
			continue
		}
		if op := s.byKey[r.Method+" "+path]; op != nil {
			return op, nil
		}
		for _, op := range s.labelled {
			if r.Method == op.Method && len(path) > len(op.prefix) && strings.HasPrefix(path, op.prefix) {
				return op, nil
			}
		}
	}
	return nil, unknown(RestJSON, http.StatusNotFound)
}

func unknown(p Protocol, status int) error {
	return &Error{Name: "UnknownOperationException", Status: status, Message: "There is no such operation.", Protocol: p}
}

// labelValue returns the text of the label at the end of the path. Clients
// escape the slashes in it or do not.
func (op *Operation) labelValue(r *http.Request) (string, error) {
	rest := strings.TrimPrefix(r.URL.EscapedPath(), op.prefix)
	text, err := url.PathUnescape(rest)
	if err != nil {
		return "", op.malformed("the path cannot be read")
	}
	return text, nil
}

// A Handler does an operation: it is given a pointer to the operation's input
// and returns a pointer to its output.
type Handler func(ctx context.Context, in any) (any, error)

// Bind makes a Handler of a function with types; nil stays nil.
func Bind[I, O any](f func(ctx context.Context, in *I) (*O, error)) Handler {
	if f == nil {
		return nil
	}
	return func(ctx context.Context, in any) (any, error) {
		typed, ok := in.(*I)
		if !ok {
			return nil, fmt.Errorf("calling with %T instead of %T", in, typed)
		}
		out, err := f(ctx, typed)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}
