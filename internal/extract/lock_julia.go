package extract

import (
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readJuliaManifest reads the manifest of a project of Julia, formats 1 and 2: an
// array of tables for each name, since several packages may have the same one.
// What has a path lies beside the project. Packages of Julia's own library have
// a version only since they are released apart from it, and those that a
// repository of Git gives keep the one that they state.
// Source: Pkg documentation, "Manifest.toml"; Pkg, src/manifest.jl.
func readJuliaManifest(f *file) error {
	set := newLockSet(f, "julia")
	var table, name, version, id, path string
	flush := func() error {
		n, v := name, version
		isPackage := id != "" && path == ""
		name, version, id, path = "", "", "", ""
		if !isPackage {
			return nil
		}
		return set.add(n, v, inventory.Runtime)
	}
	err := readTOML(f.r, "", func(v tomlValue) error {
		switch {
		case v.key == "":
			if !strings.HasPrefix(v.table, "[") {
				table = ""
				return nil
			}
			table = v.table
			err := flush()
			name = strings.TrimPrefix(strings.Trim(table, "[]"), "deps.")
			return err
		case table == "":
		case v.key == "version":
			version = clean(v.text)
		case v.key == "uuid":
			id = clean(v.text)
		case v.key == "path":
			path = clean(v.text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
