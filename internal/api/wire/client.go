package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// A Caller sends an input, a pointer to the Go type of the operation's, and
// returns a pointer to the output: Request, a signature, the network, Response.
type Caller func(ctx context.Context, op *Operation, in any) (any, error)

// Call makes a function with types of the operation of that name.
func Call[I, O any](s *Service, name string, do Caller) func(ctx context.Context, in *I) (*O, error) {
	op := s.Operation(name)
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, op, in)
		if err != nil {
			return nil, err
		}
		typed, ok := out.(*O)
		if !ok {
			return nil, fmt.Errorf("calling %s: got %T instead of %T", name, out, typed)
		}
		return typed, nil
	}
}

// Request makes the call of the operation, unsigned, to a server at endpoint,
// such as "http://localhost:8080". The input is a pointer to its Go type and is
// not checked.
func (op *Operation) Request(ctx context.Context, endpoint string, in any) (*http.Request, error) {
	v, err := op.value(in, op.In)
	if err != nil {
		return nil, err
	}
	path, query := op.prefix, url.Values{}
	if op.label == "" {
		path = op.URI
	}
	for i := range op.in.members {
		m := &op.in.members[i]
		if m.Place == Body || !m.Required && !m.present(v) {
			continue
		}
		f := v.Field(m.index)
		if m.pointer {
			f = f.Elem()
		}
		switch {
		case m.Place == URI:
			path += strings.ReplaceAll(url.PathEscape(f.String()), ":", "%3A")
		case m.shape.kind == listKind:
			for j := range f.Len() {
				query.Add(m.Key, f.Index(j).String())
			}
		default:
			query.Set(m.Key, fmt.Sprint(f.Interface()))
		}
	}
	e := encoder{}
	if op.readsBody() {
		if err := e.structure(op.in, v); err != nil {
			return nil, fmt.Errorf("writing the input of %s: %w", op.Name, err)
		}
	}
	address := strings.TrimSuffix(endpoint, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, op.Method, address, bytes.NewReader(e.b))
	if err != nil {
		return nil, fmt.Errorf("making the request of %s: %w", op.Name, err)
	}
	if op.service.Protocol == JSON11 {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", op.service.Target+"."+op.Name)
	} else if len(e.b) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, nil
}

// Response reads the answer to a call whose body has been read to its end. It
// returns a pointer to the output's Go type, or, for a bad answer, an *Error
// with the exception's name and message.
func (op *Operation) Response(resp *http.Response, body []byte) (any, error) {
	if resp.StatusCode/100 != 2 {
		return nil, op.failure(resp, body)
	}
	v := reflect.New(reflect.TypeOf(op.Out).Elem())
	d := decoder{op: op, lenient: true}
	if err := d.document(body, op.out, v.Elem()); err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", op.Name, err)
	}
	return v.Interface(), nil
}

func (op *Operation) failure(resp *http.Response, body []byte) error {
	e := &Error{Name: resp.Header.Get("X-Amzn-Errortype"), Status: resp.StatusCode, Protocol: op.service.Protocol}
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) == nil {
		e.Message = said.Message
		if e.Name == "" {
			e.Name = said.Type
		}
	}
	// Services write "namespace#Name:address"; the name is in the middle.
	// Source: Smithy 2.0, "AWS restJson1 protocol", section "Operation error serialization".
	e.Name, _, _ = strings.Cut(e.Name, ":")
	if _, after, ok := strings.Cut(e.Name, "#"); ok {
		e.Name = after
	}
	if e.Name == "" {
		e.Name = "status " + strconv.Itoa(resp.StatusCode)
	}
	return e
}
