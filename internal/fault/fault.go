// Package fault has the kinds of error that cross an API. The text of a fault
// may be shown to the caller; the text of any other error may not.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what is wrong with a request, so that each API can answer in its
// own words.
type Kind string

// The kinds of fault. An error that is no fault is Internal.
const (
	Internal Kind = "internal" // nothing that the caller could mend
	NotFound Kind = "not-found"
	Invalid  Kind = "invalid"
	Denied   Kind = "denied"
	Conflict Kind = "conflict" // the request does not fit the present state
	Quota    Kind = "quota"
	Throttle Kind = "throttle" // the same request may succeed later
)

// Field names a part of a request that is not as it must be.
type Field struct {
	Name    string // as the caller wrote it: filterCriteria.severity.1.member.comparison
	Message string // for people
}

// Error is an error that may be shown to a caller.
type Error struct {
	Kind   Kind
	Text   string
	Fields []Field // of an Invalid fault: the parts at fault; may be empty
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// New returns a fault with a text made like that of fmt.Sprintf.
func New(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// OnField returns an Invalid fault that names one part of the request. The
// message is made like that of fmt.Sprintf.
func OnField(name, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return &Error{Kind: Invalid, Text: name + ": " + message, Fields: []Field{{Name: name, Message: message}}}
}

// KindOf returns the kind of the fault that err is or wraps; Internal if there
// is none in it, and the empty kind for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
