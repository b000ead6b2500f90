//go:build !unix

package vulndb

import "os"

// mapFile reads the file whole, where files cannot be mapped.
func mapFile(path string) (data []byte, release func() error, err error) {
	data, err = os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	return data, func() error { return nil }, nil
}
