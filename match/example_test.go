package match_test

import (
	"context"
	"fmt"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

func ExampleInventory() {
	// A database is usually opened from a file; this one is made of one advisory.
	db, err := build(&advisory.Advisory{
		Source: "osv", ID: "GHSA-jf85-cpcp-j695", Aliases: []string{"CVE-2019-10744"}, Kind: advisory.Vulnerability,
		Affected: []advisory.Affected{{
			Ecosystem: advisory.Ecosystem{Type: "npm"}, Name: "lodash",
			Ranges: []advisory.Range{{Fixed: "4.17.12"}},
		}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	inv := inventory.Inventory{Packages: []inventory.Package{
		{Type: "gem", Name: "rails", Version: "6.0.0"},
		{Type: "npm", Name: "lodash", Version: "4.17.11"},
		{Type: "npm", Name: "lodash", Version: "4.17.12"},
	}}
	res, err := match.Inventory(context.Background(), inv, db, match.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range res.Matches {
		fmt.Printf("%s %s has %s, fixed in %s\n", m.Package.Name, m.Package.Version, m.Vulnerability, m.Fixed)
		for _, w := range m.Why {
			fmt.Printf("  because %s of %s says %s of %s %s\n", w.Advisory, w.Source, w.Range, w.Ecosystem, w.Name)
		}
	}
	for _, n := range res.Notes {
		fmt.Printf("%s: %d package of %s\n", n.Kind, n.Count, n.Subject)
	}
	// Output:
	// lodash 4.17.11 has CVE-2019-10744, fixed in 4.17.12
	//   because GHSA-jf85-cpcp-j695 of osv says < 4.17.12 of npm lodash
	// no-data: 1 package of gem
}
