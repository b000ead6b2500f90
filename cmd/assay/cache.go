package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
)

// Limits of the cache, in bytes.
const (
	maxEntry = 256 << 20 // of one layer: more is not read back
	maxCache = 1 << 30   // of all, beyond which the oldest go
)

// layerCache keeps results of layers as files. Whoever can write the
// directory can change results, so it is created for its owner alone.
type layerCache struct {
	dir   string
	limit int64
	put   atomic.Bool // whether anything was added
}

// openCache returns the cache in dir, or in the user's cache directory, and nil
// if there is no place for one.
func openCache(e edge, dir string) *layerCache {
	switch {
	case dir == "off":
		return nil
	case dir != "":
	case e.getenv("XDG_CACHE_HOME") != "":
		dir = filepath.Join(e.getenv("XDG_CACHE_HOME"), "assay")
	case e.getenv("HOME") != "":
		dir = filepath.Join(e.getenv("HOME"), ".cache", "assay")
	default:
		return nil
	}
	return &layerCache{dir: filepath.Join(dir, "layers"), limit: maxCache}
}

func (c *layerCache) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:]))
}

// Get reads the value kept under key.
func (c *layerCache) Get(key string) ([]byte, bool) {
	f, err := os.Open(c.path(key))
	if err != nil {
		return nil, false
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 || info.Size() > maxEntry {
		return nil, false
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(f, data)
	return data, err == nil
}

// Put keeps a value; where it cannot be written, the next scan reads again.
func (c *layerCache) Put(key string, value []byte) {
	if os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	if writeFile(c.path(key), func(w io.Writer) error { _, err := w.Write(value); return err }) == nil {
		c.put.Store(true)
	}
}

// prune removes the oldest entries beyond the limit. It does nothing if nothing
// was added since the cache was opened.
func (c *layerCache) prune() {
	if c == nil || !c.put.Load() {
		return
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	var total int64
	for _, e := range entries {
		if f, err := e.Info(); err == nil {
			files = append(files, f)
			total += f.Size()
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, f := range files {
		if total <= c.limit {
			return
		}
		if os.Remove(filepath.Join(c.dir, f.Name())) == nil {
			total -= f.Size()
		}
	}
}
