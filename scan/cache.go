package scan

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// maxEntry is how much of one entry is read back, in bytes.
const maxEntry = 256 << 20

// FileCache is a [Cache] in the files of a folder. Whoever can write there can
// change results, so it is made for its owner alone. Several processes may share
// it.
type FileCache struct {
	Dir   string
	Limit int64 // of all entries together, in bytes, beyond which the oldest go; 0 keeps nothing

	mu    sync.Mutex
	added int64 // bytes since the last look at how much there is
}

func (c *FileCache) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(c.Dir, hex.EncodeToString(sum[:]))
}

// Get returns what is kept under a key.
func (c *FileCache) Get(key string) ([]byte, bool) {
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

// Put keeps a value; where it cannot be written, the next one reads again.
func (c *FileCache) Put(key string, value []byte) {
	if len(value) > maxEntry || os.MkdirAll(c.Dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(c.Dir, ".new-*") // made for its owner alone
	if err != nil {
		return
	}
	_, err = f.Write(value)
	if err = cmp.Or(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), c.path(key))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return
	}
	c.mu.Lock()
	c.added += int64(len(value))
	full := c.added > c.Limit/20 // to look at all files each time would take longer than what they save
	c.mu.Unlock()
	if full {
		c.Prune()
	}
}

// Prune removes the oldest entries beyond the limit, as Put does from time to
// time. It does nothing if nothing was added since.
func (c *FileCache) Prune() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.added == 0 {
		return
	}
	c.added = 0
	entries, err := os.ReadDir(c.Dir)
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
		if total <= c.Limit {
			return
		}
		if os.Remove(filepath.Join(c.Dir, f.Name())) == nil {
			total -= f.Size()
		}
	}
}
