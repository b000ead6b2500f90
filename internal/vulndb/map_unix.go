//go:build unix

package vulndb

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile returns the bytes of a file, read when they are touched, and what
// lets go of them. The file must be replaced, never rewritten, while mapped.
func mapFile(path string) (data []byte, release func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !st.Mode().IsRegular() || st.Size() < pageSize || int64(int(st.Size())) != st.Size() {
		return nil, nil, ErrFormat
	}
	data, err = unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return data, func() error { return unix.Munmap(data) }, nil
}
