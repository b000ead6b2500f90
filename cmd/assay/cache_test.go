package main

import "testing"

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
			got = c.Dir
		}
		if got != tt.want {
			t.Errorf("openCache(%q, %v) is in %q, want %q", tt.dir, tt.env, got, tt.want)
		}
	}
}
