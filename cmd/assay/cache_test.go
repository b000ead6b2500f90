package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestLayerCache(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := openCache(edge{}, dir)
	c.limit = 25
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
	info, err := os.Stat(filepath.Join(dir, "layers"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory is %v, %v; want it for the owner alone", info.Mode(), err)
	}
	c.prune()
	for i := range 4 {
		_, ok := c.Get(fmt.Sprint("key", i))
		if want := i >= 2; ok != want {
			t.Errorf("key%d kept: %v, want %v", i, ok, want)
		}
	}
	// A cache that was only read from is left alone.
	c = openCache(edge{}, dir)
	c.prune()
	if _, ok := c.Get("key3"); !ok {
		t.Error("pruned without anything added")
	}
}

func TestOpenCache(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		dir  string
		env  map[string]string
		want string
	}{
		{"off", map[string]string{"HOME": "/h"}, ""},
		{"/d", map[string]string{"HOME": "/h"}, "/d/layers"},
		{"", map[string]string{"HOME": "/h"}, "/h/.cache/assay/layers"},
		{"", map[string]string{"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/assay/layers"},
		{"", nil, ""},
	} {
		got := ""
		if c := openCache(edge{getenv: func(k string) string { return tt.env[k] }}, tt.dir); c != nil {
			got = c.dir
		}
		if got != tt.want {
			t.Errorf("openCache(%q, %v) is in %q, want %q", tt.dir, tt.env, got, tt.want)
		}
	}
}
