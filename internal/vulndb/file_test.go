package vulndb

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestWriteFails leaves the old file where the new one cannot be written.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := replaceFile(path, func(w io.Writer) error {
		if _, err := w.Write([]byte("new")); err != nil {
			return err
		}
		return io.ErrShortWrite
	})
	if err == nil {
		t.Error("no error")
	}
	got, err := os.ReadFile(path)
	left, _ := os.ReadDir(filepath.Dir(path))
	if string(got) != "old" || err != nil || len(left) != 1 {
		t.Errorf("%q, %v, %d files; want the old one", got, err, len(left))
	}
}
