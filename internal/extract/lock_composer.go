package extract

import (
	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readComposerLock reads the lock file of Composer. Versions are kept as they
// are, some with a "v" in front.
// Source: Composer, Composer\Package\Locker; composer.json schema.
func readComposerLock(f *file) error {
	j := jsonstream.New(f.r, f.size)
	set := newLockSet(f, "composer")
	err := j.Object(func(key []byte) error {
		scope := inventory.Runtime
		switch string(key) {
		case "packages":
		case "packages-dev":
			scope = inventory.Dev
		default:
			return j.Skip()
		}
		if c, err := j.Peek(); err != nil || c != '[' {
			return orSkip(j, err)
		}
		return j.Array(func() error { return composerPackage(j, set, scope) })
	})
	if err != nil {
		return err
	}
	return j.End()
}

func composerPackage(j *jsonstream.Reader, set *lockSet, scope inventory.Scope) error {
	if c, err := j.Peek(); err != nil || c != '{' {
		return orSkip(j, err)
	}
	var name, version string
	err := readTexts(j, map[string]*string{"name": &name, "version": &version})
	if err != nil {
		return err
	}
	return set.add(name, version, scope)
}

// readComposerInstalled reads what Composer has installed into a directory: a
// list of packages in Composer 1, in Composer 2 an object that also names those
// only for development.
// Source: Composer, Composer\Repository\FilesystemRepository.
func readComposerInstalled(f *file) error {
	j := jsonstream.New(f.r, f.size)
	before := len(f.out.Packages)
	set := newLockSet(f, "composer")
	c, err := j.Peek()
	if err != nil {
		return err
	}
	dev := map[string]bool{}
	if c == '[' {
		err = j.Array(func() error { return composerPackage(j, set, "") })
	} else {
		err = j.Object(func(key []byte) error {
			c, err := j.Peek()
			switch {
			case err != nil || c != '[':
				return orSkip(j, err)
			case string(key) == "packages":
				return j.Array(func() error { return composerPackage(j, set, inventory.Runtime) })
			case string(key) == "dev-package-names":
				return j.Array(func() error {
					s, ok, err := j.String()
					if ok && len(dev) < maxPackages {
						dev[clean(s)] = true
					}
					return err
				})
			}
			return j.Skip()
		})
	}
	for i := range f.out.Packages[before:] {
		p := &f.out.Packages[before+i]
		p.Evidence = inventory.Manifest
		if dev[p.Name] {
			p.Scope = inventory.Dev
		}
	}
	if err != nil {
		return err
	}
	return j.End()
}
