//go:build !linux

package artifact

import (
	"errors"
	"io/fs"
	"os"
)

// directory is an open directory. Its files are opened relative to it, and
// [os.Root] refuses links that leave it.
type directory struct{ root *os.Root }

func openRoot(name string) (directory, error) {
	r, err := os.OpenRoot(name)
	return directory{r}, err
}

func (d directory) close() { _ = d.root.Close() }

func (d directory) enter(name string) (directory, error) {
	info, err := d.root.Lstat(name)
	if err != nil {
		return directory{}, err
	}
	if !info.IsDir() {
		return directory{}, errors.New("not a directory")
	}
	r, err := d.root.OpenRoot(name)
	return directory{r}, err
}

func (d directory) names(_ []byte, l *level) error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	entries, err := f.ReadDir(maxDirectory + 1)
	for _, e := range entries {
		if err := l.add([]byte(e.Name()), e.Type()); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return nil // ReadDir reports the end of an empty directory as an error
	}
	return err
}

func (d directory) stat(name string) (int64, fs.FileMode, error) {
	info, err := d.root.Lstat(name)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), info.Mode(), nil
}

func (d directory) readlink(name string) (string, error) { return d.root.Readlink(name) }

func (d directory) open(name string) (File, error) {
	_, mode, err := d.stat(name)
	if err != nil {
		return nil, err
	}
	if !mode.IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return d.root.Open(name)
}

// mountsBelow knows no mount points: there is no table of them to read.
func mountsBelow(string, bool) map[string]string { return nil }
