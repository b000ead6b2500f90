package extract

import (
	"cmp"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readRenvLock reads the lock file of renv, of R. Packages of Bioconductor have
// a repository of their own; those from a repository of Git, an address or a
// directory keep the version that they state, like those of CRAN. What only the
// project's development needs is not told apart.
// Source: renv, "The lockfile" and "Package sources".
func readRenvLock(f *file) error {
	j := jsonstream.New(f.r, f.size)
	set := newLockSet(f, "")
	err := j.Object(func(key []byte) error {
		if c, err := j.Peek(); err != nil || c != '{' || string(key) != "Packages" {
			return orSkip(j, err)
		}
		return j.Object(func(key []byte) error {
			name := clean(key)
			if c, err := j.Peek(); err != nil || c != '{' {
				return orSkip(j, err)
			}
			var stated, version, source string
			err := readTexts(j, map[string]*string{"Package": &stated, "Version": &version, "Source": &source})
			if err != nil {
				return err
			}
			if set.typ = "cran"; source == "Bioconductor" {
				set.typ = "bioconductor"
			}
			return set.add(cmp.Or(stated, name), version, inventory.Runtime)
		})
	})
	if err == nil {
		err = j.End()
	}
	return err
}
