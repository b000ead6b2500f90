package extract

import (
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// readNuGetLock reads packages.lock.json: for each framework, the packages that
// were resolved. Projects of the same solution are no packages.
// Source: Microsoft, "Package references in project files", section "Locking
// dependencies"; NuGet.ProjectModel, PackagesLockFileFormat.
func readNuGetLock(f *file) error {
	j := jsonstream.New(f.r, f.size)
	set := newLockSet(f, "nuget")
	one := func(key []byte) error {
		name := clean(key)
		var kind, version string
		if c, err := j.Peek(); err != nil || c != '{' {
			return orSkip(j, err)
		}
		err := j.Object(func(key []byte) error {
			switch string(key) {
			case "type":
				return jsonText(j, &kind)
			case "resolved":
				return jsonText(j, &version)
			}
			return j.Skip()
		})
		if err != nil || strings.EqualFold(kind, "project") {
			return err
		}
		return set.add(name, version, inventory.Runtime)
	}
	return topObject(j, "dependencies", func([]byte) error {
		if c, err := j.Peek(); err != nil || c != '{' {
			return orSkip(j, err)
		}
		return j.Object(one)
	})
}

// topObject calls fn for each key of one object in the document's object.
func topObject(j *jsonstream.Reader, name string, fn func(key []byte) error) error {
	err := j.Object(func(key []byte) error {
		if c, err := j.Peek(); err != nil || c != '{' || string(key) != name {
			return orSkip(j, err)
		}
		return j.Object(fn)
	})
	if err != nil {
		return err
	}
	return j.End()
}

// jsonText reads a value into dst if it is a string.
func jsonText(j *jsonstream.Reader, dst *string) error {
	s, ok, err := j.String()
	if ok {
		*dst = clean(s)
	}
	return err
}

// readNuGetAssets reads project.assets.json, which the restoring of packages
// leaves in the directory obj: the libraries as name/version.
// Source: NuGet.ProjectModel, LockFileFormat.
func readNuGetAssets(f *file) error {
	j := jsonstream.New(f.r, f.size)
	set := newLockSet(f, "nuget")
	return topObject(j, "libraries", func(key []byte) error {
		name, version, ok := strings.Cut(clean(key), "/")
		if c, err := j.Peek(); err != nil || c != '{' {
			return orSkip(j, err)
		}
		kind := ""
		err := j.Object(func(key []byte) error {
			if string(key) == "type" {
				return jsonText(j, &kind)
			}
			return j.Skip()
		})
		if err != nil || !ok || kind != "package" {
			return err
		}
		return set.add(name, version, inventory.Runtime)
	})
}

// readPackagesConfig reads packages.config, the older list of packages.
// Source: Microsoft, "packages.config reference".
func readPackagesConfig(f *file) error {
	root, err := readXML(f.r, func(int, string) bool { return false })
	if root == nil || root.name != "packages" {
		return err
	}
	set := newLockSet(f, "nuget")
	for _, n := range root.children {
		if n.name != "package" {
			continue
		}
		scope := inventory.Runtime
		if strings.EqualFold(n.attr("developmentDependency"), "true") {
			scope = inventory.Dev
		}
		if aerr := set.add(n.attr("id"), nugetExact(n.attr("version")), scope); aerr != nil {
			return aerr
		}
	}
	return err
}

// nugetFiles is the fact of a deps.json: the names of the assemblies that it
// accounts for, in lower case.
const nugetFiles = "nuget-files"

// depsLibrary is what a deps.json says of one library.
type depsLibrary struct {
	kind  string
	named bool // in a target
	files bool // has something to run
}

// depsReader reads a deps.json.
type depsReader struct {
	j         *jsonstream.Reader
	libraries map[string]*depsLibrary // by name/version
	files     map[string]bool
}

// readDeps reads the deps.json of a .NET program: what lies beside it from
// packages, and the parts of the runtime that came along. Libraries of which
// nothing was copied were only needed to compile, or are older than what the
// runtime brings.
// Source: .NET runtime, documentation/design-docs/host-probing.md, "deps.json".
func readDeps(f *file) error {
	d := depsReader{jsonstream.New(f.r, f.size), map[string]*depsLibrary{}, map[string]bool{}}
	err := d.object(func(key []byte) error {
		switch string(key) {
		case "targets":
			return d.object(func([]byte) error { return d.object(d.target) })
		case "libraries":
			return d.object(d.library)
		}
		return d.j.Skip()
	})
	if err == nil {
		err = d.j.End()
	}
	addLibraries(f, d.libraries, d.files)
	return err
}

// object reads an object; any other value is skipped.
func (d *depsReader) object(fn func(key []byte) error) error {
	if c, err := d.j.Peek(); err != nil || c != '{' {
		return orSkip(d.j, err)
	}
	return d.j.Object(fn)
}

func (d *depsReader) entry(key []byte) (*depsLibrary, error) {
	name := clean(key)
	if d.libraries[name] == nil {
		if len(d.libraries) >= maxPackages {
			return nil, errTooMany
		}
		d.libraries[name] = new(depsLibrary)
	}
	return d.libraries[name], nil
}

// target reads what one library brings to a target.
func (d *depsReader) target(key []byte) error {
	l, err := d.entry(key)
	if err != nil {
		return err
	}
	l.named = true
	return d.object(func(key []byte) error {
		switch string(key) {
		case "runtime", "runtimeTargets", "native":
			return d.object(func(key []byte) error {
				l.files = true
				if _, base := splitPath(strings.ToLower(clean(key))); len(d.files) < maxFacts {
					d.files[base] = true
				}
				return d.j.Skip()
			})
		}
		return d.j.Skip()
	})
}

// library reads what a library is.
func (d *depsReader) library(key []byte) error {
	l, err := d.entry(key)
	if err != nil {
		return err
	}
	return d.object(func(key []byte) error {
		if string(key) == "type" {
			return jsonText(d.j, &l.kind)
		}
		return d.j.Skip()
	})
}

func addLibraries(f *file, libraries map[string]*depsLibrary, files map[string]bool) {
	seen := map[lockKey]bool{}
	for _, key := range sorted(libraries) {
		l := libraries[key]
		name, version, ok := strings.Cut(key, "/")
		name, version = strings.TrimSpace(name), strings.TrimSpace(version)
		if l.kind == "runtimepack" {
			name = strings.TrimPrefix(name, "runtimepack.")
		} else if l.kind != "package" {
			continue
		}
		k := lockKey{name, version}
		if !ok || name == "" || l.named && !l.files || seen[k] {
			continue
		}
		seen[k] = true
		f.add(inventory.Package{Type: "nuget", Name: name, Version: version, Scope: inventory.Runtime})
	}
	if len(files) > 0 {
		f.out.Facts = append(f.out.Facts, Fact{nugetFiles, sorted(files)})
	}
}

// nugetExact returns a version if it is one: 1.2.3, for which NuGet takes just
// that if it can, or [1.2.3], but no range and none that floats.
// Source: Microsoft, "Package versioning", section "Version ranges".
func nugetExact(s string) string {
	s = strings.TrimSpace(s)
	if one, ok := strings.CutPrefix(s, "["); ok {
		if one, ok = strings.CutSuffix(one, "]"); ok {
			s = strings.TrimSpace(one)
		}
	}
	if s == "" || s[0] < '0' || s[0] > '9' || strings.ContainsAny(s, "[](),*$%;&@ ") {
		return ""
	}
	return s
}
