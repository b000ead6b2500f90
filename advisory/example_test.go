package advisory_test

import (
	"fmt"

	"github.com/assay-project/assay/advisory"
)

// An advisory says of packages which of their versions have a flaw.
func ExampleAdvisory() {
	a := advisory.Advisory{
		Source: "osv", ID: "GHSA-jf85-cpcp-j695", Aliases: []string{"CVE-2019-10744"}, Kind: advisory.Vulnerability,
		Affected: []advisory.Affected{{
			Ecosystem: advisory.Ecosystem{Type: "npm"}, Name: "lodash",
			Ranges: []advisory.Range{{Fixed: "4.17.12"}, {Introduced: "5.0.0", After: true, LastAffected: "5.0.3"}},
		}},
	}
	for _, x := range a.Affected {
		for _, r := range x.Ranges {
			fmt.Println(x.Ecosystem, x.Name, r)
		}
	}
	// Output:
	// npm lodash < 4.17.12
	// npm lodash > 5.0.0, <= 5.0.3
}
