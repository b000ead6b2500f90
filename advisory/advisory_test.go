package advisory_test

import (
	"fmt"

	"github.com/assay-project/assay/advisory"
)

func ExampleRange_String() {
	fmt.Println(advisory.Range{Introduced: "1.0", Fixed: "1.2"})
	fmt.Println(advisory.Range{Introduced: "1.0", After: true, LastAffected: "1.1.9"})
	fmt.Println(advisory.Range{})
	// Output:
	// >= 1.0, < 1.2
	// > 1.0, <= 1.1.9
	// all versions
}

func ExampleEcosystem_String() {
	fmt.Println(advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "12"}, advisory.Ecosystem{Type: "npm"})
	// Output: deb:debian:12 npm
}
