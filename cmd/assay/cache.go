package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-project/assay/scan"
)

// maxCache is how much is kept of layers, in bytes.
const maxCache = 1 << 30

// openCache returns the cache in dir, or in the user's cache directory, and nil
// if there is no place for one.
func openCache(e edge, dir string) *scan.FileCache {
	switch {
	case dir == "off":
		return nil
	case dir != "":
		if err := os.MkdirAll(dir, 0o700); err != nil {
			fmt.Fprintf(e.stderr, "results of layers are not kept: %v (see --cache-dir)\n", err)
			return nil
		}
	case e.getenv("XDG_CACHE_HOME") != "":
		dir = filepath.Join(e.getenv("XDG_CACHE_HOME"), "assay")
	case e.getenv("HOME") != "":
		dir = filepath.Join(e.getenv("HOME"), ".cache", "assay")
	default:
		return nil
	}
	return &scan.FileCache{Dir: filepath.Join(dir, "layers"), Limit: maxCache}
}
