package inventory_test

import (
	"fmt"

	"github.com/assay-project/assay/inventory"
)

// A package URL names a package anywhere; what it says of the operating system
// comes apart.
func ExampleParsePURL() {
	p, os, err := inventory.ParsePURL("pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Type, p.Name, p.Version, p.Arch, "of", p.SourceName, "on", os.ID, os.VersionID)
	fmt.Println(p.Identifier(os))
	// Output:
	// deb libssl3 3.0.11-1~deb12u2 amd64 of openssl on debian 12
	// pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl
}

// Sorted inventories of the same target are equal.
func ExampleInventory_Sort() {
	inv := inventory.Inventory{Packages: []inventory.Package{
		{Type: "npm", Name: "b", Version: "1.0.0", Path: "x/package.json"},
		{Type: "npm", Name: "a", Version: "2.0.0", Path: "y/package.json"},
		{Type: "npm", Name: "b", Version: "1.0.0", Path: "x/package.json"},
	}}
	inv.Sort()
	for _, p := range inv.Packages {
		fmt.Println(p.Name, p.Version)
	}
	// Output:
	// a 2.0.0
	// b 1.0.0
}
