//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestWriteFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	text := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }

	if err := writeFile(link, text); err != nil {
		t.Error(err)
	}
	info, err := os.Lstat(link)
	got, rerr := os.ReadFile(file)
	if err != nil || info.Mode().Type() != os.ModeSymlink || rerr != nil || string(got) != "new" {
		t.Errorf("the link is %v, its file holds %q (%v, %v)", info.Mode(), got, err, rerr)
	}

	// What was for its owner alone stays so.
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v (%v)", info.Mode(), err)
	}

	read := make(chan string)
	go func() {
		b, _ := os.ReadFile(pipe)
		read <- string(b)
	}()
	if err := writeFile(pipe, text); err != nil {
		t.Error(err)
	}
	if got := <-read; got != "new" {
		t.Errorf("the pipe gave %q", got)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode().Type() != os.ModeNamedPipe {
		t.Errorf("the pipe has become %v (%v)", info.Mode(), err)
	}
	if err := writeFile(dir, text); err == nil {
		t.Error("a directory was written")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
