package extract

import "github.com/assay-project/assay/inventory"

// readPubspecLock reads the lock file of pub, of Dart and Flutter. Packages that
// come with the SDK have its version, and those of a directory are the
// project's own. What another package needs may be needed for development
// only: the file does not tell.
// Source: dart.dev, "The pub command", "pubspec.lock"; pub,
// "lib/src/lock_file.dart".
func readPubspecLock(f *file) error {
	set := newLockSet(f, "pub")
	var name, version, source, dependency, real string
	flush := func() error {
		n, v, s, d, r := name, version, source, dependency, real
		name, version, source, dependency, real = "", "", "", "", ""
		if s == "sdk" || s == "path" || s == "root" {
			return nil
		}
		var scope inventory.Scope
		switch d {
		case "direct main", "direct overridden":
			scope = inventory.Runtime
		case "direct dev":
			scope = inventory.Dev
		}
		if r != "" {
			n = r
		}
		return set.add(n, v, scope)
	}
	err := readYAML(f.r, func(v yamlValue) error {
		switch {
		case len(v.path) == 0:
			return flush()
		case v.in("packages"):
			if err := flush(); err != nil {
				return err
			}
			name = v.key
		case v.in("packages", "*", "description") && v.key == "name":
			real = v.text
		case !v.in("packages", "*"):
		case v.key == "version":
			version = v.text
		case v.key == "source":
			source = v.text
		case v.key == "dependency":
			dependency = v.text
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
