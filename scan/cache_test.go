package scan

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFileCache(t *testing.T) {
	t.Parallel()
	c := &FileCache{Dir: t.TempDir() + "/layers", Limit: 100_000}
	if _, ok := c.Get("a"); ok {
		t.Error("an empty cache has something")
	}
	value := make([]byte, 9000)
	_, _ = rand.Read(value)
	for i := range 30 {
		c.Put(fmt.Sprint(i), value)
	}
	if got, ok := c.Get("29"); !ok || !bytes.Equal(got, value) {
		t.Error("the last entry is not there")
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil || len(entries) > 12 || len(entries) < 5 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if info, err := os.Stat(c.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestFileCachePrunes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "layers")
	c := &FileCache{Dir: dir, Limit: 25}
	for i := range 4 {
		key := fmt.Sprint("key", i)
		if _, ok := c.Get(key); ok {
			t.Errorf("%s is there before it was put", key)
		}
		c.Put(key, []byte("0123456789"))
		when := time.Unix(int64(1000+i), 0)
		if err := os.Chtimes(c.path(key), when, when); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory is %v, %v; want it for the owner alone", info.Mode(), err)
	}
	c.Prune()
	for i := range 4 {
		_, ok := c.Get(fmt.Sprint("key", i))
		if want := i >= 2; ok != want {
			t.Errorf("key%d kept: %v, want %v", i, ok, want)
		}
	}
	// A cache that was only read from is left alone.
	c = &FileCache{Dir: dir, Limit: 1}
	c.Prune()
	if _, ok := c.Get("key3"); !ok {
		t.Error("pruned without anything added")
	}
}
