//go:build unix

package extract

import "golang.org/x/sys/unix"

// mapMemory returns n bytes and how to give them back.
func mapMemory(n int) ([]byte, func(), error) {
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, nil, err
	}
	return b, func() { _ = unix.Munmap(b) }, nil // can only fail for a range that is not mapped
}
