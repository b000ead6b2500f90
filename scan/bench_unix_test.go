//go:build unix

package scan_test

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/scan"
)

// cpu returns the CPU time of this process, user and system.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// target returns a target of the folder that bench/README.md makes.
func target(b *testing.B, elem ...string) string {
	b.Helper()
	dir := os.Getenv("ASSAY_BENCH_TARGETS")
	if dir == "" {
		b.Skip("ASSAY_BENCH_TARGETS names no folder with targets")
	}
	return filepath.Join(append([]string{dir}, elem...)...)
}

// walkFloor is the least that a scanner of layers does with the best gunzip
// there is for Go besides ours: it decompresses and visits the entries. It does
// not verify digests, which we do.
func walkFloor(b *testing.B, dir string, layers []scan.Layer) {
	b.Helper()
	for _, l := range layers {
		if err := walkBlob(filepath.Join(dir, "blobs", "sha256", l.Digest[len("sha256:"):])); err != nil {
			b.Fatal(err)
		}
	}
}

func walkBlob(path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return err
	}
	t := tar.NewReader(z)
	for {
		_, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, z)
	return err
}

// BenchmarkLayout prints the CPU time of an inventory of image b in relation to
// a walk of the same layers by klauspost/compress and archive/tar, which finds
// nothing. Promised: at most 0.65.
func BenchmarkLayout(b *testing.B) {
	dir := target(b, "b", "oci")
	var ours, floor time.Duration
	for b.Loop() {
		start := cpu(b)
		r, err := scan.Inventory(b.Context(), "oci:"+dir, scan.Options{})
		if err != nil {
			b.Fatal(err)
		}
		between := cpu(b)
		ours += between - start
		walkFloor(b, dir, r.Target.Layers)
		floor += cpu(b) - between
	}
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "cpu/floor")
	b.ReportMetric(ours.Seconds()/float64(b.N), "cpu-s/op")
}

// BenchmarkDockerArchive prints the CPU time of an inventory of image b, saved
// without compression, in relation to reading the file. Promised: at most 5.
func BenchmarkDockerArchive(b *testing.B) {
	path := target(b, "b", "docker.tar")
	var ours, floor time.Duration
	for b.Loop() {
		start := cpu(b)
		if _, err := scan.Inventory(b.Context(), path, scan.Options{}); err != nil {
			b.Fatal(err)
		}
		between := cpu(b)
		ours += between - start
		data, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{data}, make([]byte, 1<<20)); err != nil {
			b.Fatal(err)
		}
		if err := data.Close(); err != nil {
			b.Fatal(err)
		}
		floor += cpu(b) - between
	}
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "cpu/floor")
	b.ReportMetric(ours.Seconds()/float64(b.N), "cpu-s/op")
}

// BenchmarkRescan scans an image whose layers are all in the cache. Promised:
// at most 20 ms.
func BenchmarkRescan(b *testing.B) {
	dir := target(b, "b", "oci")
	opt := scan.Options{Cache: &memory{}}
	if _, err := scan.Inventory(b.Context(), dir, opt); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := scan.Inventory(b.Context(), dir, opt); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFunction reads function code in place. Promised: at most 50 ms.
func BenchmarkFunction(b *testing.B) {
	path := target(b, "d", "function-node.zip")
	for b.Loop() {
		if _, err := scan.Inventory(b.Context(), path, scan.Options{Open: artifact.Options{Kind: artifact.Function}}); err != nil {
			b.Fatal(err)
		}
	}
}
