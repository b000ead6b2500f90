package extract

import (
	"path"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readPackageResolved reads the lock file of the Swift package manager, versions
// 1 to 3. A package goes by the address of its repository, as in advisories;
// one of a registry has only its identity. A branch or a revision alone is no
// version.
// Source: Swift package manager, PinsStore of PackageGraph.
func readPackageResolved(f *file) error {
	j := jsonstream.New(f.r, f.size)
	set := newLockSet(f, "swift")
	known := false
	var object func(key []byte) error
	object = func(key []byte) error {
		c, err := j.Peek()
		switch {
		case err != nil:
			return err
		case string(key) == "version":
			known = true
			return f.numberVersion(j, 1, 3)
		case string(key) == "object" && c == '{':
			return j.Object(object) // of version 1
		case string(key) == "pins" && c == '[':
			return j.Array(func() error { return swiftPin(j, set) })
		}
		return j.Skip()
	}
	err := j.Object(object)
	if err == nil {
		err = j.End()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	return err
}

func swiftPin(j *jsonstream.Reader, set *lockSet) error {
	if c, err := j.Peek(); err != nil || c != '{' {
		return orSkip(j, err)
	}
	var identity, location, kind, version string
	text := func(dst *string) error {
		s, ok, err := j.String()
		if ok {
			*dst = clean(s)
		}
		return err
	}
	err := j.Object(func(key []byte) error {
		switch string(key) {
		case "identity", "package":
			return text(&identity)
		case "location", "repositoryURL":
			return text(&location)
		case "kind":
			return text(&kind)
		case "state":
			if c, err := j.Peek(); err != nil || c != '{' {
				return orSkip(j, err)
			}
			return j.Object(func(key []byte) error {
				if string(key) != "version" {
					return j.Skip()
				}
				return text(&version)
			})
		}
		return j.Skip()
	})
	if err != nil || kind == "localSourceControl" || kind == "fileSystem" {
		return err
	}
	name := swiftName(location)
	if name == "" {
		name = identity
	}
	if strings.HasPrefix(name, "/") || strings.HasPrefix(name, ".") {
		return nil // lies beside the project
	}
	return set.add(name, version, inventory.Runtime)
}

// swiftName returns the address of a repository as advisories have it: host
// and path, without scheme, user and ".git".
// Source: OSV schema, "Defined ecosystems", SwiftURL.
func swiftName(location string) string {
	_, rest, scheme := strings.Cut(location, "://")
	if !scheme {
		rest = location
	}
	host, dir, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if before, after, ok := strings.Cut(host, ":"); ok {
		host = before
		if !scheme { // host:path of an address for scp
			dir = path.Join(after, dir)
		}
	}
	if dir == "" {
		return strings.TrimSuffix(host, ".git")
	}
	return strings.TrimSuffix(host+"/"+strings.TrimRight(dir, "/"), ".git")
}

// readPodfileLock reads the lock file of CocoaPods. The parts of a pod, such as
// Firebase/Core, are one package. A pod from a directory is the project's own,
// unless npm put it there.
// Source: CocoaPods Core, Pod::Lockfile.
func readPodfileLock(f *file) error {
	set := newLockSet(f, "cocoapods")
	before := len(f.out.Packages)
	own := map[string]bool{}
	err := readYAML(f.r, func(v yamlValue) error {
		switch {
		case v.in("PODS"), v.in("PODS", "-"):
			pod := v.text
			if v.key != "-" {
				pod = v.key
			}
			if pod == "" {
				return nil // needs others, and follows as a key
			}
			name, rest, _ := strings.Cut(pod, " ")
			name, _, _ = strings.Cut(name, "/")
			version := strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")")
			return set.add(name, version, inventory.Runtime)
		case v.in("EXTERNAL SOURCES", "*") && v.key == ":path":
			if !strings.Contains(v.text, "node_modules/") && len(own) < maxPackages {
				name, _, _ := strings.Cut(v.path[1], "/")
				own[name] = true
			}
		}
		return nil
	})
	kept := f.out.Packages[:before]
	for _, p := range f.out.Packages[before:] {
		if !own[p.Name] {
			kept = append(kept, p)
		}
	}
	f.out.Packages = kept
	return err
}
