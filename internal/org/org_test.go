package org

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseAccount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want Account
		ok   bool
	}{
		{"111122223333", 111122223333, true},
		{"000000000001", 1, true},
		{"000000000000", 0, false},
		{"11112222333", 0, false},
		{"1111222233334", 0, false},
		{"+11122223333", 0, false},
		{"11112222333x", 0, false},
		{"", 0, false},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			got, err := ParseAccount(tt.in)
			if got != tt.want || (err == nil) != tt.ok {
				t.Fatalf("ParseAccount(%q) = %d, %v; want %d", tt.in, got, err, tt.want)
			}
			if tt.ok && got.String() != tt.in {
				t.Errorf("String() = %q, want %q", got, tt.in)
			}
		})
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	var zero Scope
	if zero.Has(0) || zero.Has(1) || len(zero.Accounts()) != 0 {
		t.Error("the zero scope sees something")
	}
	s := Only(3, 1, 0, 3, 2)
	if diff := cmp.Diff([]Account{1, 2, 3}, s.Accounts()); diff != "" {
		t.Error(diff)
	}
	if !s.Has(2) || s.Has(4) || s.Has(0) {
		t.Error("Has is wrong")
	}
	if diff := cmp.Diff([]Account{3}, s.Narrow(4, 3, 0).Accounts()); diff != "" {
		t.Error(diff)
	}
	if got := s.Narrow(); len(got.Accounts()) != 0 {
		t.Errorf("narrowed to nothing, it has %v", got.Accounts())
	}
}
