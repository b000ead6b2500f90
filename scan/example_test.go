package scan_test

import (
	"context"
	"fmt"

	"github.com/assay-project/assay/scan"
)

// A target is anything that the command line takes.
func ExampleInventory() {
	r, err := scan.Inventory(context.Background(), "function:../examples/function.zip", scan.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range r.Inventory.Packages {
		fmt.Println(p.Identifier(r.Inventory.OS), p.Path)
	}
	// Output:
	// pkg:npm/lodash@4.17.4 node_modules/lodash/package.json
	// pkg:npm/minimist@0.0.8 node_modules/minimist/package.json
	// pkg:npm/node-fetch@2.6.0 node_modules/node-fetch/package.json
}
