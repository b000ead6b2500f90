package vulndb

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
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

// TestWriteLink keeps a link, and refuses what is no file.
func TestWriteLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Skip(err)
	}
	text := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	if err := replaceFile(link, text); err != nil {
		t.Error(err)
	}
	info, err := os.Lstat(link)
	got, rerr := os.ReadFile(file)
	if err != nil || info.Mode().Type() != os.ModeSymlink || rerr != nil || string(got) != "new" {
		t.Errorf("the link is %v, its file holds %q (%v, %v)", info.Mode(), got, err, rerr)
	}
	if err := replaceFile(dir, text); err == nil {
		t.Error("a directory was replaced")
	}
}

// TestOldFormat names both formats and what to do.
func TestOldFormat(t *testing.T) {
	t.Parallel()
	db, enrich := smallFiles(t)
	for _, file := range [][]byte{db, enrich} {
		binary.LittleEndian.PutUint32(file[8:], 1)
		resign(file)
		err := verifyBytes(file)
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "format 1, and this release reads format 2; build it again") {
			t.Errorf("got %v", err)
		}
	}
}
