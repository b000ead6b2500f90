package extract

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readCondaLock reads the lock file of conda-lock, one package for each
// platform. Those that pip installs are packages of Python; conda's own have no
// advisories.
// Source: conda-lock documentation, "Output"; conda_lock.lockfile.v1.models.
func readCondaLock(f *file) error {
	c := condaLock{f: f, set: newLockSet(f, "pypi")}
	known := false
	err := readYAML(f.r, func(v yamlValue) error {
		switch {
		case len(v.path) == 0:
			if v.key == "version" {
				known = true
				if v.text != "1" {
					f.unknownVersion(v.text)
				}
			}
			return c.flush()
		case v.in("package") && v.key == "-":
			return c.flush()
		case !v.in("package", "-"):
		case v.key == "name":
			c.name = v.text
		case v.key == "version":
			c.version = v.text
		case v.key == "manager":
			c.manager = v.text
		case v.key == "category":
			c.category = v.text
		}
		return nil
	})
	if err == nil {
		err = c.flush()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	c.notRead()
	return err
}

type condaLock struct {
	f   *file
	set *lockSet

	name, version, manager, category string

	conda int // packages of conda
}

func (c *condaLock) flush() error {
	name, version, manager, category := c.name, c.version, c.manager, c.category
	c.name, c.version, c.manager, c.category = "", "", "", ""
	if name == "" {
		return nil
	}
	if manager != "pip" {
		c.conda++
		return nil
	}
	var scope inventory.Scope
	switch category {
	case "main":
		scope = inventory.Runtime
	case "dev":
		scope = inventory.Dev
	}
	return c.set.add(name, version, scope)
}

// notRead records how many packages are not in the inventory.
func (c *condaLock) notRead() {
	if c.conda > 0 {
		c.f.problem(c.f.path, fmt.Sprintf("packages of conda are not read, for there are no advisories for them: %d", c.conda))
	}
}

// readCondaExplicit reads a list of the files of an environment: below @EXPLICIT
// one address of a package of conda a line, and what pip installs in comments.
// Source: conda documentation, "Managing environments", section "Building
// identical conda environments"; conda_lock.conda_lock, render_lockfile_for_platform.
func readCondaExplicit(f *file) error {
	c := condaLock{f: f, set: newLockSet(f, "pypi")}
	explicit := false
	err := eachLine(f.r, func(line []byte, _ bool) error {
		line = bytes.TrimSpace(line)
		switch pip, ok := bytes.CutPrefix(line, []byte("# pip ")); {
		case string(line) == "@EXPLICIT":
			explicit = true
		case !explicit || len(line) == 0:
		case ok:
			name, version := requirement(clean(pip))
			return c.set.add(name, version, inventory.Runtime)
		case line[0] != '#' && strings.Contains(string(line), "://"):
			c.conda++
		}
		return nil
	})
	c.notRead()
	return err
}
