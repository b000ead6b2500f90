//go:build unix

package inflate

import (
	"bytes"
	stdflate "compress/flate"
	stdgzip "compress/gzip"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// BenchmarkGzip expands the gzip layers of image b below
// ASSAY_BENCH_TARGETS, or a generated file, with this package and two others, each file by all of them in turn. It measures processor time, which
// suffers less than elapsed time from what else the machine does.
//
// Promised for the layers of a large image on x86-64: at most 0.40 times the
// time of compress/gzip and 0.55 times that of klauspost/compress.
func BenchmarkGzip(b *testing.B) {
	files := layers(b)
	d := new(Decoder)
	rivals := []struct {
		name   string
		expand func(r io.Reader) (int64, error)
	}{
		{"inflate", func(r io.Reader) (int64, error) {
			d.Reset(r)
			return d.WriteTo(io.Discard)
		}},
		{"compress/gzip", func(r io.Reader) (int64, error) {
			z, err := stdgzip.NewReader(r)
			if err != nil {
				return 0, err
			}
			return io.Copy(io.Discard, z)
		}},
		{"klauspost", func(r io.Reader) (int64, error) {
			z, err := gzip.NewReader(r)
			if err != nil {
				return 0, err
			}
			return io.Copy(io.Discard, z)
		}},
	}
	spent := make([]time.Duration, len(rivals))
	size := int64(0)
	for b.Loop() {
		for _, open := range files {
			file := open()
			for i, rival := range rivals {
				before := processorTime(b)
				n, err := rival.expand(bytes.NewReader(file))
				spent[i] += processorTime(b) - before
				if err != nil {
					b.Fatal(err)
				}
				if i == 0 {
					size += n
				}
			}
		}
	}
	for i, rival := range rivals {
		b.ReportMetric(float64(size)/1e6/spent[i].Seconds(), "MB/s-"+rival.name)
		if i > 0 {
			b.ReportMetric(spent[0].Seconds()/spent[i].Seconds(), "x-"+rival.name)
		}
	}
}

// BenchmarkSmall expands a raw stream of 2,000 bytes, such as archives hold many
// of: here the tables cost more than the data.
func BenchmarkSmall(b *testing.B) {
	content := words(2000)
	raw := encodings(content)[6]
	r := bytes.NewReader(nil)
	d := new(Decoder)
	std := stdflate.NewReader(r)
	other := flate.NewReader(r)
	for _, rival := range []struct {
		name   string
		expand func() (int64, error)
	}{
		{"inflate", func() (int64, error) {
			d.ResetRaw(r)
			return d.WriteTo(io.Discard)
		}},
		{"compress", func() (int64, error) {
			if err := std.(stdflate.Resetter).Reset(r, nil); err != nil {
				return 0, err
			}
			return io.Copy(io.Discard, std)
		}},
		{"klauspost", func() (int64, error) {
			if err := other.(flate.Resetter).Reset(r, nil); err != nil {
				return 0, err
			}
			return io.Copy(io.Discard, other)
		}},
	} {
		b.Run(rival.name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(raw)
				if n, err := rival.expand(); n != int64(len(content)) || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}

// layers returns what opens each file of the benchmark, one at a time, as they
// need not fit into memory together.
func layers(b *testing.B) []func() []byte {
	b.Helper()
	targets := os.Getenv("ASSAY_BENCH_TARGETS")
	if targets == "" {
		content := bytes.Join([][]byte{words(8 << 20), program(8 << 20), noise(1 << 20)}, nil)
		var w bytes.Buffer
		z := stdgzip.NewWriter(&w)
		if _, err := z.Write(content); err != nil {
			b.Fatal(err)
		}
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
		return []func() []byte{w.Bytes}
	}
	blobs, err := filepath.Glob(filepath.Join(targets, "b", "oci", "blobs", "sha256", "*"))
	if err != nil {
		b.Fatal(err)
	}
	var files []func() []byte
	for _, name := range blobs {
		open := func() []byte {
			file, err := os.ReadFile(name)
			if err != nil {
				b.Fatal(err)
			}
			return file
		}
		if bytes.HasPrefix(open(), []byte{0x1f, 0x8b}) {
			files = append(files, open)
		}
	}
	if len(files) == 0 {
		b.Fatalf("no gzip layers in %s", targets)
	}
	return files
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
