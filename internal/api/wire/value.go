package wire

import (
	"fmt"
	"reflect"
)

// A Writer writes values of one generated structure as answers hold them, for
// reports, exports and events. It is safe for concurrent use.
type Writer[T any] struct{ shape *shape }

// WriterOf returns the Writer of a structure of the service. It panics when T is
// no generated structure.
func WriterOf[T any](s *Service) Writer[T] {
	return Writer[T]{newCompiler(s.Description).structure(reflect.TypeFor[T]())}
}

// Append appends the JSON of the value to b.
func (w Writer[T]) Append(b []byte, v *T) ([]byte, error) {
	e := encoder{b: b}
	if err := e.structure(w.shape, reflect.ValueOf(v).Elem()); err != nil {
		return b, fmt.Errorf("writing a %T: %w", *v, err)
	}
	return e.b, nil
}
