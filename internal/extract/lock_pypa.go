package extract

import (
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readPipfileLock reads the lock file of Pipenv: one object of packages for
// each category. "default" runs, "develop" is for development; what others are
// for only the project knows.
// Source: Pipenv documentation, "Pipfile & Pipfile.lock"; Pipfile
// specification.
func readPipfileLock(f *file) error {
	j := jsonstream.New(f.r, f.size)
	set := newLockSet(f, "pypi")
	err := j.Object(func(category []byte) error {
		if c, err := j.Peek(); err != nil || c != '{' {
			return orSkip(j, err)
		}
		var scope inventory.Scope
		switch string(category) {
		case "_meta":
			return j.Object(func(key []byte) error {
				if string(key) != "pipfile-spec" {
					return j.Skip()
				}
				return f.numberVersion(j, 1, 6)
			})
		case "default":
			scope = inventory.Runtime
		case "develop":
			scope = inventory.Dev
		}
		return j.Object(func(name []byte) error { return pipfilePackage(j, set, clean(name), scope) })
	})
	if err != nil {
		return err
	}
	return j.End()
}

func pipfilePackage(j *jsonstream.Reader, set *lockSet, name string, scope inventory.Scope) error {
	if c, err := j.Peek(); err != nil || c != '{' {
		return orSkip(j, err)
	}
	var version, path, file string
	err := readTexts(j, map[string]*string{"version": &version, "path": &path, "file": &file})
	if err != nil || version == "" && path != "" && !isArchive(path) {
		return err // a directory of the project itself
	}
	version = strings.TrimLeft(version, "= ")
	if version == "" && file != "" {
		_, version = addressName(file)
	}
	if strings.ContainsAny(version, "<>~!*, ") {
		version = "" // a range is no version
	}
	return set.add(name, version, scope)
}

// tomlVersion records the version of a lock file if its first number is not
// among those known.
func (f *file) tomlVersion(text []byte, least, most int) {
	first, _, _ := strings.Cut(clean(text), ".")
	if n, err := strconv.Atoi(first); err != nil || n < least || n > most {
		f.unknownVersion(clean(text))
	}
}

// readUvLock reads the lock file of uv. Packages that lie in a directory are
// the project's own: what they need runs, their groups of dependencies are for
// development.
// Source: uv documentation, "Project structure and files", section "The
// lockfile"; uv, crate uv-resolver, "lock/mod.rs".
func readUvLock(f *file) error {
	u := uvLock{f: f, set: newLockSet(f, "pypi"), before: len(f.out.Packages)}
	known := false
	err := readTOML(f.r, allLists, func(v tomlValue) error {
		switch {
		case v.table == "" && v.key == "version":
			known = true
			f.tomlVersion(v.bare, 1, 1)
		case v.table == "[package]" && v.key == "":
			return u.flush()
		case v.table == "[package]" && v.key == "name":
			u.name = clean(v.text)
		case v.table == "[package]" && v.key == "version":
			u.version = clean(v.text)
		case v.table == "[package]" && v.key == "source":
			u.source = v.inner
		case v.table == "[package]" && v.key == "dependencies", v.table == "package.optional-dependencies":
			u.needs = u.keep(u.needs, v.list)
		case v.table == "package.dev-dependencies", v.table == "package.dependency-groups":
			u.dev = u.keep(u.dev, v.list)
		}
		return nil
	})
	if err == nil {
		err = u.flush()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	u.setScopes()
	return err
}

type uvLock struct {
	f      *file
	set    *lockSet
	before int // packages that were there
	graph  lockGraph

	name, version, source string
	needs, dev            []string
}

// keep appends what a package needs.
func (u *uvLock) keep(dst, names []string) []string {
	if len(names) == maxTOMLList || len(dst) > maxTOMLList {
		u.graph.full = true
		return dst
	}
	return append(dst, names...)
}

// flush adds the package that is now complete.
func (u *uvLock) flush() error {
	name, version, source, needs, dev := u.name, u.version, u.source, u.needs, u.dev
	u.name, u.version, u.source = "", "", ""
	u.needs, u.dev = u.needs[:0], u.dev[:0]
	if name == "" {
		return nil
	}
	switch source {
	case "editable", "virtual", "directory":
		for _, n := range needs {
			u.graph.root(n, inventory.Runtime)
		}
		for _, n := range dev {
			u.graph.root(n, inventory.Dev)
		}
		return nil
	}
	for _, n := range needs {
		u.graph.need(name, n)
	}
	return u.set.add(name, version, "")
}

// setScopes tells packages that run from those only for development. Of
// several versions of one package all count as needed.
func (u *uvLock) setScopes() {
	scope := u.graph.scopes()
	for i := range u.f.out.Packages[u.before:] {
		p := &u.f.out.Packages[u.before+i]
		p.Scope = scope(p.Name)
	}
}

// readPDMLock reads the lock file of PDM. Packages that lie in a directory are
// the project's own.
// Source: PDM documentation, "Lock file"; PDM, pdm.formats and
// pdm.project.lockfile, lock versions 2 to 4.
func readPDMLock(f *file) error {
	set := newLockSet(f, "pypi")
	var name, version, path string
	var scope inventory.Scope
	known := false
	flush := func() error {
		n, v, p, s := name, version, path, scope
		name, version, path, scope = "", "", "", ""
		if n == "" || p != "" && !isArchive(p) {
			return nil
		}
		return set.add(n, v, s)
	}
	err := readTOML(f.r, "groups", func(v tomlValue) error {
		switch {
		case v.table == "metadata" && v.key == "lock_version":
			known = true
			f.tomlVersion(v.text, 2, 4)
		case v.table != "[package]":
		case v.key == "":
			return flush()
		case v.key == "name":
			name = clean(v.text)
		case v.key == "version":
			version = clean(v.text)
		case v.key == "path":
			path = clean(v.text)
		case v.key == "groups":
			scope = pdmScope(v.list)
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	return err
}

// pdmScope returns what a package is for by the names of its groups. The lock
// file does not tell groups for development from extras.
func pdmScope(groups []string) inventory.Scope {
	scope := inventory.Dev
	for _, g := range groups {
		switch g {
		case "default":
			return inventory.Runtime
		case "dev", "develop", "development", "test", "tests", "testing", "lint", "linting", "doc", "docs", "typing", "ci":
		default:
			scope = ""
		}
	}
	if len(groups) == 0 {
		return ""
	}
	return scope
}

// readPylock reads the lock file that is common to the package managers of
// Python. A package in a directory is the project's own; one from a repository
// or an archive may have no version. A marker on extras and groups makes it
// unknown whether a package runs.
// Source: Python packaging specifications, "pylock.toml".
func readPylock(f *file) error {
	set := newLockSet(f, "pypi")
	var name, version string
	directory, known := false, false
	scope := inventory.Runtime
	flush := func() error {
		n, v, d, s := name, version, directory, scope
		name, version, directory, scope = "", "", false, inventory.Runtime
		if d {
			return nil
		}
		return set.add(n, v, s)
	}
	err := readTOML(f.r, "", func(v tomlValue) error {
		switch {
		case v.table == "" && v.key == "lock-version":
			known = true
			f.tomlVersion(v.text, 1, 1)
		case v.table == "packages.directory":
			directory = true
		case v.table != "[packages]":
		case v.key == "":
			return flush()
		case v.key == "name":
			name = clean(v.text)
		case v.key == "version":
			version = clean(v.text)
		case v.key == "directory":
			directory = true
		case v.key == "marker":
			if m := string(v.text); strings.Contains(m, "dependency_groups") || strings.Contains(m, "extras") {
				scope = ""
			}
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	return err
}
