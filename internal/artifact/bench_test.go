package artifact

import (
	"os"
	"path/filepath"
	"testing"
)

// benchTarget returns a target of the folder that holds those of the
// benchmarks: images a and b, source tree c, functions d.
func benchTarget(b *testing.B, elem ...string) string {
	b.Helper()
	dir := os.Getenv("ASSAY_BENCH_TARGETS")
	if dir == "" {
		b.Skip("ASSAY_BENCH_TARGETS names no folder with targets")
	}
	return filepath.Join(append([]string{dir}, elem...)...)
}

// benchmarkWalk opens and walks a target and reports how many entries it has.
func benchmarkWalk(b *testing.B, target string) {
	b.Helper()
	b.ReportAllocs()
	entries := 0
	for b.Loop() {
		entries = 0
		a, err := Open(b.Context(), target, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, l := range a.Layers {
			if err := l.Walk(b.Context(), func(e *Entry) error { entries++; return e.Err }); err != nil {
				b.Fatal(err)
			}
		}
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(entries), "entries")
}

// Promised: at most 0.65 times the CPU time of gunzip by klauspost/compress and
// archive/tar on the same layers.
func BenchmarkWalkLayout(b *testing.B) {
	benchmarkWalk(b, "oci:"+benchTarget(b, "b", "oci"))
}

// Promised: at most five times the CPU time of reading the file.
func BenchmarkWalkDocker(b *testing.B) {
	benchmarkWalk(b, "docker-archive:"+benchTarget(b, "b", "docker.tar"))
}

// Promised: at most 0.35 s of CPU time for 71,000 files; ASSAY_BENCH_ROOT names
// their root.
func BenchmarkWalkDirectory(b *testing.B) {
	root := os.Getenv("ASSAY_BENCH_ROOT")
	if root == "" {
		root = benchTarget(b, "work", "rootfs-a")
	}
	benchmarkWalk(b, "dir:"+root)
}

// Promised: at most 0.05 s of CPU time, opening included.
func BenchmarkWalkFunction(b *testing.B) {
	benchmarkWalk(b, "function:"+benchTarget(b, "d", "function-node.zip"))
}
