package inventory

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Usage is no part of what a package is: the same package in several usages is
// one, in the most exposed of them, and its purl does not tell.
func TestSortUsage(t *testing.T) {
	t.Parallel()
	a := Package{Type: "deb", Name: "libc6", Version: "2.36-9", Path: "var/lib/dpkg/status"}
	b := Package{Type: "deb", Name: "zlib1g", Version: "1.2.13", Path: "var/lib/dpkg/status"}
	as := func(p Package, u Usage) Package {
		p.Usage = u
		return p
	}
	for _, tt := range []struct {
		name       string
		list, want []Package
	}{
		{"unknown", []Package{b, a, a}, []Package{a, b}},
		{"in order", []Package{as(a, Listening), as(a, Idle), b}, []Package{as(a, Listening), b}},
		{"out of order", []Package{as(b, Loaded), a, as(a, Idle), as(a, Loaded), b}, []Package{as(a, Loaded), as(b, Loaded)}},
		{"idle is known", []Package{a, as(a, Idle)}, []Package{as(a, Idle)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv := Inventory{Packages: tt.list}
			inv.Sort()
			if diff := cmp.Diff(tt.want, inv.Packages); diff != "" {
				t.Errorf("Sort (-want +got):\n%s", diff)
			}
		})
	}
	if got, want := as(a, Listening).Identifier(OS{ID: "debian"}), a.Identifier(OS{ID: "debian"}); got != want {
		t.Errorf("the purl in use is %s, want %s", got, want)
	}
}
