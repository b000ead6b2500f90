package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/jsonstream"
)

// TestLockDepth nests the values of lock files, in which reading goes deeper
// than skipping: the packages before are kept, and there is one problem.
func TestLockDepth(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"dependencies":{"a":`, jsonstream.MaxDepth)
	for name, text := range map[string]string{
		"package-lock.json": `{"dependencies":{"first":{"version":"1.0.0"},"a":` + deep,
		"composer.lock":     `{"packages":[{"name":"first","version":"1.0.0"},` + strings.Repeat("[", 2*jsonstream.MaxDepth),
	} {
		f := readBytes(name, []byte(text))
		if len(f.Packages) != 1 || len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Reason, "nested") {
			t.Errorf("%s: got %v and %v; want one package and one problem of depth", name, f.Packages, f.Problems)
		}
	}
}

// lockJSON is a package-lock.json of about n bytes.
func lockJSON(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"lockfileVersion": 3, "packages": {"": {"name": "app"}`)
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `,
    "node_modules/some-package-%d": {
      "version": "1.%d.0",
      "resolved": "https://registry.example.com/some-package-%[1]d/-/some-package-%[1]d-1.%[2]d.0.tgz",
      "integrity": "sha512-Qm83RcTDR2ZUIAGRAYGZeJRQJZEjiYTHGnIE1a9AVbqzNJRs3IQfJtQX2NeR3Lx5tWjhLxyhmUIXOCxd8JiHww==",
      "dev": true, "license": "MIT",
      "dependencies": {"a": "^1.0.0", "b": "~2.3.4"},
      "engines": {"node": ">=6.0.0"}
    }`, i, i%100)
	}
	b.WriteString("}}")
	return b.Bytes()
}

// BenchmarkPackageLock promises more than 300 MB/s, so that a lock file of
// 100 MB takes a third of a second.
func BenchmarkPackageLock(b *testing.B) {
	benchmarkLock(b, lockJSON(10<<20), readPackageLock)
}

// BenchmarkPackageLockDecoder is what encoding/json takes to no more than
// split the same file into tokens.
func BenchmarkPackageLockDecoder(b *testing.B) {
	data := lockJSON(10 << 20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		d := json.NewDecoder(bytes.NewReader(data))
		for {
			if _, err := d.Token(); err != nil {
				break
			}
		}
	}
}

// BenchmarkCargoLock promises more than 100 MB/s.
func BenchmarkCargoLock(b *testing.B) {
	var data bytes.Buffer
	for i := 0; data.Len() < 10<<20; i++ {
		fmt.Fprintf(&data, "[[package]]\nname = \"some-crate-%d\"\nversion = \"1.%d.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"+
			"checksum = \"4cec68f03f32e44924783795810fa50a7035d8c8ebe78580ad7e6c703fba38\"\ndependencies = [\n \"autocfg\",\n \"libc\",\n]\n\n", i, i%100)
	}
	benchmarkLock(b, data.Bytes(), readCargoLock)
}

// BenchmarkRequirements promises more than 20 MB/s.
func BenchmarkRequirements(b *testing.B) {
	var data bytes.Buffer
	for i := 0; data.Len() < 10<<20; i++ {
		fmt.Fprintf(&data, "some-package-%d[extra]==1.%d.0 ; python_version >= \"3.8\" \\\n    --hash=sha256:4cec68f03f32e44924783795810fa50a7035d8c8ebe78580ad7e6c703fba38\n", i, i%100)
	}
	benchmarkLock(b, data.Bytes(), readRequirements)
}

func benchmarkLock(b *testing.B, data []byte, read func(*file) error) {
	b.Helper()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f := &file{path: "lock", size: int64(len(data)), r: bytes.NewReader(data), out: &File{}}
		if err := read(f); err != nil {
			b.Fatal(err)
		}
	}
}
