package artifact

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPart(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, f := range []string{
		"var/lib/dpkg/status", "var/lib/dpkg/info/a.list", "var/lib/docker/x/y", "usr/lib/node_modules/a/package.json",
		"usr/lib/python3/b.py", "opt/c",
	} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(f)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, f), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("usr/lib", filepath.Join(root, "lib")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		paths []string
		want  []string
	}{
		{"file", []string{"var/lib/dpkg/status"}, []string{"var/lib/dpkg/status"}},
		{"missing", []string{"var/lib/rpm/Packages", "var/lib/dpkg/status/below"}, nil},
		{"directory", []string{"/usr/lib/"}, []string{
			"usr/lib", "usr/lib/node_modules", "usr/lib/node_modules/a", "usr/lib/node_modules/a/package.json", "usr/lib/python3", "usr/lib/python3/b.py",
		}},
		{"nested", []string{"usr/lib/python3", "usr/lib/python3/b.py", "opt"}, []string{"opt", "opt/c", "usr/lib/python3", "usr/lib/python3/b.py"}},
		{"behind a link", []string{"lib/python3", "lib"}, nil},
		{"not of the host", []string{"var/lib/docker/x"}, nil},
		{"outside", []string{"../etc/passwd"}, nil},
	} {
		var got []string
		if err := Part(root, tt.paths).Walk(t.Context(), func(e *Entry) error {
			got = append(got, e.Path)
			return e.Err
		}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	var all []string
	if err := Part(root, []string{"opt", "/"}).Walk(t.Context(), func(e *Entry) error {
		all = append(all, e.Path)
		return e.Err
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(all, "usr/lib/python3/b.py") || !slices.Contains(all, "opt/c") {
		t.Errorf("all of the host: %v", all)
	}
}
