package wire

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/assay-project/assay/internal/fault"
)

// An Exception is an error that an API declares, a generated structure, or an
// *Error.
type Exception interface {
	error
	// Fault returns the exception's name and HTTP status.
	Fault() (name string, status int)
}

// An Error is an error of the protocol, which no API declares: a body that
// cannot be read, an unknown path, a bad signature.
type Error struct {
	Name     string // "SerializationException"
	Status   int
	Message  string   // may be shown to the caller
	Protocol Protocol // of the answer; "" for that of the operation
}

// Error returns the name and the message.
func (e *Error) Error() string { return e.Name + ": " + e.Message }

// Fault returns the name and the status.
func (e *Error) Fault() (name string, status int) { return e.Name, e.Status }

// A Violation is a member of the input that breaks a limit of the model.
type Violation struct {
	Path    string // "filterCriteria.severity.1.member.comparison"; positions count from 1
	Message string // the whole sentence, which names the path again
	// List is set when the number of elements is wrong, not a value.
	List bool
}

// Raise returns the exception of the operation's service for a kind of error.
// Where the operation does not declare the exception for NotFound, Conflict or
// Quota, it is the one for Invalid; every operation may deny, throttle or fail.
func (op *Operation) Raise(kind fault.Kind, message string) Exception {
	e := op.service.Raise(kind, message)
	name, _ := e.Fault()
	if (kind == fault.NotFound || kind == fault.Conflict || kind == fault.Quota) && !op.Declares(name) {
		return op.service.Raise(fault.Invalid, message)
	}
	return e
}

func (op *Operation) malformed(format string, args ...any) *Error {
	return &Error{
		Name: "SerializationException", Status: http.StatusBadRequest,
		Message: fmt.Sprintf(format, args...), Protocol: op.service.Protocol,
	}
}

// Fail answers with an error: an Exception of the operation's service or an
// *Error as it is, a *fault.Error as the service's exception for its kind, each
// wrapped or not, and any other as the service's internal exception without its
// text. The operation is nil when Route found none.
func (op *Operation) Fail(w http.ResponseWriter, err error) {
	protocol, name, status, body := op.fault(w.Header(), err)
	contentType := "application/json"
	if protocol == JSON11 {
		contentType = "application/x-amz-json-1.1"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Amzn-Errortype", name) // header names have no case
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller has gone; nobody is left to tell
}

func (op *Operation) fault(h http.Header, err error) (protocol Protocol, name string, status int, body []byte) {
	protocol = RestJSON
	if op != nil {
		protocol = op.service.Protocol
		e := op.exception(err)
		err = e
		name, status = e.Fault()
		if s := op.service.exceptions[name]; s != nil && reflect.PointerTo(s.goType) == reflect.TypeOf(e) {
			enc := encoder{}
			v := reflect.ValueOf(e).Elem()
			if enc.exception(s, v, protocol, name) == nil {
				bindHeaders(h, s, v)
				return protocol, name, status, enc.b
			}
		}
	}
	plain := &Error{Name: "InternalFailure", Status: http.StatusInternalServerError, Message: "An internal error occurred."}
	_ = errors.As(err, &plain) // stays as it is when err is none
	if plain.Protocol != "" {
		protocol = plain.Protocol
	}
	body = []byte(`{"message":`)
	body = append(appendString(body, plain.Message), '}')
	if protocol == JSON11 {
		body = appendString([]byte(`{"__type":`), plain.Name)
		body = append(appendString(append(body, `,"message":`...), plain.Message), '}')
	}
	return protocol, plain.Name, plain.Status, body
}

// exception returns what the caller is told of an error.
func (op *Operation) exception(err error) Exception {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e := Exception(nil); errors.As(err, &e) {
		name, _ := e.Fault()
		if known := op.service.exceptions[name]; known != nil && reflect.PointerTo(known.goType) == reflect.TypeOf(e) {
			return e
		}
	}
	e, ok := errors.AsType[*fault.Error](err)
	switch {
	case !ok || e.Kind == fault.Internal:
		return op.service.Raise(fault.Internal, "An internal error occurred.")
	case e.Kind == fault.Invalid && len(e.Fields) > 0:
		violations := make([]Violation, len(e.Fields))
		for i, f := range e.Fields {
			violations[i] = Violation{Path: f.Name, Message: f.Message}
		}
		return op.service.Invalid(e.Text, violations)
	}
	return op.Raise(e.Kind, e.Text)
}

// Told returns what Fail tells the caller of an error, for the record of the
// call.
func (op *Operation) Told(err error) (name, message string, status int) {
	e := op.exception(err)
	name, status = e.Fault()
	if plain, ok := errors.AsType[*Error](e); ok {
		return name, plain.Message, status
	}
	return name, e.Error(), status
}

// bindHeaders sets the headers of a message from its members.
func bindHeaders(h http.Header, s *shape, v reflect.Value) {
	for _, m := range s.members {
		if m.Place != Header || !m.present(v) {
			continue
		}
		f := v.Field(m.index)
		if m.pointer {
			f = f.Elem()
		}
		h.Set(m.Key, fmt.Sprint(f.Interface()))
	}
}
