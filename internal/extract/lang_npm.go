package extract

import (
	"errors"
	"path"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readPackageJSON reads the package.json of an installed npm package: of its
// root directory only, which is a child of node_modules or of a scope in it.
// One at the root of the tree is that of a function or a project, which is
// software that runs, too. Others belong to parts of packages and to tests.
// Without a name or a version it is no package.
// Source: npm documentation, "folders", section "Node Modules", and
// "package.json", sections "name" and "version".
func readPackageJSON(f *file) error {
	if f.path != "package.json" && !npmRoot(path.Dir(f.path)) {
		return nil
	}
	j := jsonstream.New(f.r, f.size)
	if c, err := j.Peek(); err != nil || c != '{' {
		return err
	}
	var name, version string
	err := j.Object(func(key []byte) error {
		var dst *string
		switch string(key) {
		case "name":
			dst = &name
		case "version":
			dst = &version
		default:
			return j.Skip()
		}
		s, ok, err := j.String()
		if err != nil {
			return err
		}
		if ok {
			*dst = clean(s)
		}
		// What follows is not worth reading, and cannot hide the package.
		if name != "" && version != "" {
			return errDone
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDone) {
		return err
	}
	if name != "" && version != "" {
		f.add(inventory.Package{Type: "npm", Name: name, Version: version})
	}
	return nil
}

// npmRoot tells whether a directory is the root of an installed package.
func npmRoot(dir string) bool {
	parent, base := path.Split(dir)
	if base == "" || base[0] == '.' || base[0] == '@' {
		return false
	}
	parent = strings.TrimSuffix(parent, "/")
	if b := path.Base(parent); strings.HasPrefix(b, "@") {
		parent = path.Dir(parent)
	}
	return path.Base(parent) == "node_modules"
}
