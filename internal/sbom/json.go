package sbom

import (
	"errors"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
)

// maxItems limits what one document may make us keep: components, packages and
// occurrences together.
const maxItems = 1_000_000

// values reads the values of a document leniently: one that is of another type
// than wanted is passed over.
type values struct{ *jsonstream.Reader }

// object calls fn for each key of the next value if it is an object. fn must
// consume the value of the key, and may keep key no longer than it runs.
func (v values) object(fn func(key []byte) error) error {
	if c, err := v.Peek(); err != nil || c != '{' {
		return v.skip(err)
	}
	return v.Object(fn)
}

// array calls fn for each element of the next value if it is an array. fn must
// consume the element.
func (v values) array(fn func() error) error {
	if c, err := v.Peek(); err != nil || c != '[' {
		return v.skip(err)
	}
	return v.Array(fn)
}

// skip passes over the next value unless there was an error before.
func (v values) skip(err error) error {
	if err != nil {
		return err
	}
	return v.Skip()
}

// string returns the next value if it is a string that is not overlong; any
// other counts as empty.
func (v values) string() (string, error) {
	s, _, err := v.String()
	if errors.Is(err, jsonstream.ErrLong) {
		return "", nil
	}
	return strings.ToValidUTF8(string(s), "\uFFFD"), err
}
