package extract

import (
	"errors"
	"path"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readPackageJSON reads the package.json of an npm package, see npmRoot.
// Without a name or a version it is no package.
// Source: npm documentation, "folders", section "Node Modules", and
// "package.json", sections "name" and "version".
func readPackageJSON(f *file) error {
	if dir, _ := splitPath(f.path); !npmRoot(dir) {
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

// npmRoot tells whether a directory is the root of an installed package: a
// child of node_modules, or of where Debian has such packages, or of a scope in
// it. The root of the tree is that of a function or a project, which is software
// that runs, too. Other package.json belong to parts of packages, to tests and
// to caches.
func npmRoot(dir string) bool {
	if dir == "" {
		return true
	}
	parent, base := path.Split(dir)
	if base == "" || base[0] == '.' || base[0] == '@' {
		return false
	}
	parent = strings.TrimSuffix(parent, "/")
	if b := path.Base(parent); strings.HasPrefix(b, "@") {
		parent = path.Dir(parent)
	}
	return path.Base(parent) == "node_modules" || debianModules(parent)
}

// debianModules tells whether Node.js of Debian and its relatives looks for
// modules in a directory: what is the same on all machines lies in usr/share,
// the rest below usr/lib, there by the name of the machine's architecture.
// Source: Debian's package nodejs, node_relative_path in its config.gypi.
func debianModules(dir string) bool {
	switch rest, _ := strings.CutSuffix(dir, "/nodejs"); rest {
	case dir:
		return false
	case "usr/share", "usr/lib":
		return true
	default:
		return path.Dir(rest) == "usr/lib"
	}
}
