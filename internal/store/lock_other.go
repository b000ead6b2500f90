//go:build !unix

package store

import (
	"errors"
	"fmt"
	"os"
)

// lockFile takes a file for this process alone until the returned function is
// called. A process that is killed leaves it behind, and says so to the next.
func lockFile(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("another process has the database open, or left its lock behind: %w", err)
	}
	return func() error { return errors.Join(f.Close(), os.Remove(path)) }, nil
}
