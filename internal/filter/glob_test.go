package filter

import "testing"

func TestFits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"a", "a", true},
		{"a", "ab", false},
		{"A", "a", false},
		{"a*", "a", true},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"a*b*c", "abbc", true},
		{"a*b*c", "acb", false},
		{"*b*", "abc", true},
		{"*b", "abc", false},
		{"a?", "ab", false},
	} {
		if got := Fits(tt.pattern, tt.s); got != tt.want {
			t.Errorf("Fits(%q, %q) = %v", tt.pattern, tt.s, got)
		}
	}
}
