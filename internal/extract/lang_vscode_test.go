package extract

import (
	"strings"
	"testing"
)

func FuzzExtension(f *testing.F) {
	fuzzDecoder(f, "extensions/x/package.json", readExtension, func(t *testing.T, _ []byte, got *File) {
		t.Helper()
		if len(got.Packages) > 1 || len(got.Packages) == 1 && !strings.Contains(got.Packages[0].Name, ".") {
			t.Errorf("got %v; want one extension with its publisher at most", got.Packages)
		}
	})
}
