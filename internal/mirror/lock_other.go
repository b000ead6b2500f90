//go:build !unix

package mirror

// lockFile does nothing where there are no locks that end with their process.
func lockFile(string) (unlock func(), err error) { return func() {}, nil }
