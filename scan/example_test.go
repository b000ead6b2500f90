package scan_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/scan"
)

// A database comes from "assay db update" or "assay db build"; this one is made
// of one advisory.
func ExampleRun() {
	file, err := exampleDatabase()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(filepath.Dir(file))

	known, err := scan.OpenAdvisories(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer known.Close()
	r, err := scan.Run(context.Background(), "function:../examples/function.zip", known, scan.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range r.Result.Matches {
		fmt.Println(m.Package.Name, m.Package.Version, "has", m.Vulnerability, "- fixed in", m.Fixed)
	}
	fmt.Println(len(r.Inventory.Problems), "problems")
	// Output:
	// minimist 0.0.8 has CVE-2021-44906 - fixed in 1.2.6
	// 0 problems
}

func exampleDatabase() (string, error) {
	b := vulndb.NewBuilder(vulndb.BuildOptions{})
	if err := b.Add(&advisory.Advisory{
		Source: "osv", ID: "GHSA-xvch-5gv4-984h", Aliases: []string{"CVE-2021-44906"}, Kind: advisory.Vulnerability,
		Affected: []advisory.Affected{{Ecosystem: advisory.Ecosystem{Type: "npm"}, Name: "minimist", Ranges: []advisory.Range{{Fixed: "1.2.6"}}}},
	}); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "assay")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "assay.db")
	_, err = b.WriteFiles(file)
	return file, err
}

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
