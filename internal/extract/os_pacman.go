package extract

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readPacman reads the description of one installed package in the database of
// pacman: sections of a name between percent signs, a value in each line below
// it, and a blank line. Packages built from one PKGBUILD have its base.
// Source: pacman, lib/libalpm/be_local.c, local_db_read, and PKGBUILD(5).
func readPacman(f *file) error {
	f.out.Database = true
	p := inventory.Package{Type: "alpm", Evidence: inventory.Database}
	base := ""
	pacmanSections(f.data, func(section string, value []byte) {
		var dst *string
		switch section {
		case "NAME":
			dst = &p.Name
		case "VERSION":
			dst = &p.Version
		case "ARCH":
			dst = &p.Arch
		case "BASE":
			dst = &base
		default:
			return
		}
		if *dst == "" {
			*dst = clean(value)
		}
	})
	if p.Name == "" {
		return errors.New("no name of a package")
	}
	p.SourceName, p.SourceVersion = p.Name, p.Version
	if base != "" {
		p.SourceName = base
	}
	f.add(p)
	return nil
}

// readPacmanFiles reads which files a package installed: paths below the root,
// those of directories with a slash at their end. The package is told by the
// directory, which is called after its name, version and release.
// Source: pacman, lib/libalpm/be_local.c, local_db_read and
// _alpm_splitname.
func readPacmanFiles(f *file) error {
	dir, _ := splitPath(f.path)
	_, pkg := splitPath(dir)
	for range 2 {
		i := strings.LastIndexByte(pkg, '-')
		if i <= 0 {
			return fmt.Errorf("%.100q is not a name with a version and a release", pkg)
		}
		pkg = pkg[:i]
	}
	pacmanSections(f.data, func(section string, value []byte) {
		if section == "FILES" && !bytes.HasSuffix(value, []byte("/")) {
			f.own(pkg, string(value))
		}
	})
	return nil
}

// pacmanSections calls fn for each value of a file of the database.
func pacmanSections(data []byte, fn func(section string, value []byte)) {
	section := ""
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			section = ""
		case section == "":
			if name, ok := bytes.CutPrefix(line, []byte("%")); ok && bytes.HasSuffix(name, []byte("%")) {
				section = string(name[:len(name)-1])
			}
		default:
			fn(section, line)
		}
	}
}
