package fault

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		err  error
		want Kind
	}{
		{"nil", nil, ""},
		{"fault", New(Quota, "at most %d", 5), Quota},
		{"wrapped", fmt.Errorf("listing: %w", New(NotFound, "no such finding")), NotFound},
		{"joined", errors.Join(io.EOF, New(Denied, "no")), Denied},
		{"foreign", io.EOF, Internal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := KindOf(tt.err); got != tt.want {
				t.Errorf("KindOf(%v) = %q, want %q", tt.err, got, tt.want)
			}
		})
	}
}

func TestOnField(t *testing.T) {
	t.Parallel()
	want := &Error{
		Kind: Invalid, Text: "maxResults: must be at most 100",
		Fields: []Field{{Name: "maxResults", Message: "must be at most 100"}},
	}
	got, ok := errors.AsType[*Error](OnField("maxResults", "must be at most %d", 100))
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Error(diff)
	}
}
