package inflate

import (
	"bytes"
	stdflate "compress/flate"
	stdgzip "compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/klauspost/compress/flate"
)

// bitWriter writes DEFLATE streams that no encoder would.
type bitWriter struct {
	data []byte
	free uint // bits of the last byte not yet written
}

// bits writes the low n bits of v, the lowest first, as RFC 1951 packs all but
// codewords.
func (w *bitWriter) bits(v, n uint) {
	for ; n > 0; n-- {
		if w.free == 0 {
			w.data = append(w.data, 0)
			w.free = 8
		}
		w.data[len(w.data)-1] |= byte(v&1) << (8 - w.free)
		w.free--
		v >>= 1
	}
}

// code writes a codeword of n bits, the highest first.
func (w *bitWriter) code(v, n uint) {
	for ; n > 0; n-- {
		w.bits(v>>(n-1), 1)
	}
}

func (w *bitWriter) stored(final uint, data []byte) {
	w.bits(final, 1)
	w.bits(0, 2)
	w.free = 0
	n := len(data)
	w.data = append(w.data, byte(n), byte(n>>8), byte(^n), byte(^n>>8))
	w.data = append(w.data, data...)
}

// fixed writes a symbol of the fixed literal code: RFC 1951, section 3.2.6.
func (w *bitWriter) fixed(s uint) {
	switch {
	case s < 144:
		w.code(0x30+s, 8)
	case s < 256:
		w.code(0x190+s-144, 9)
	case s < 280:
		w.code(s-256, 7)
	default:
		w.code(0xc0+s-280, 8)
	}
}

// dynamic writes the header of a last block with the given code lengths. Each
// length is sent as a codeword of four bits.
func (w *bitWriter) dynamic(lit, dist []uint8) {
	w.preamble(uint(len(lit)-257), uint(len(dist)-1), [19]uint{
		4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
	})
	for _, n := range append(lit, dist...) {
		w.code(uint(n), 4)
	}
}

func (w *bitWriter) preamble(hlit, hdist uint, pre [19]uint) {
	w.bits(1, 1) // the last block
	w.bits(2, 2)
	w.bits(hlit, 5)
	w.bits(hdist, 5)
	w.bits(15, 4)
	for _, s := range [...]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15} {
		w.bits(pre[s], 3)
	}
}

// lengths returns n code lengths of which some are set.
func lengths(n int, set map[int]uint8) []uint8 {
	l := make([]uint8, n)
	for s, bits := range set {
		l[s] = bits
	}
	return l
}

// noise returns n bytes that do not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// words returns some n bytes of text, with matches near and far.
func words(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for b.Len() < n {
		k := rng.IntN(1 << rng.IntN(12))
		b.WriteString("Package: lib" + strconv.Itoa(k) + "\nVersion: 1." + strconv.Itoa(k%7) + "\n\n")
	}
	return b.Bytes()
}

// skewed returns bytes whose best code uses all lengths to the limit of 15.
func skewed(n int) []byte {
	rng := rand.New(rand.NewPCG(3, 4))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.ExpFloat64() * 1.6)
	}
	return b
}

// program returns n bytes that look like machine code: short far matches.
func program(n int) []byte {
	rng := rand.New(rand.NewPCG(5, 6))
	b := make([]byte, 0, n+16)
	for len(b) < n {
		if back := 1 + rng.IntN(60000); back < len(b) && rng.IntN(3) > 0 {
			at := len(b) - back
			b = append(b, b[at:min(len(b), at+3+rng.IntN(9))]...)
			continue
		}
		b = append(b, byte(rng.Uint32()), byte(rng.IntN(4)))
	}
	return b[:n]
}

// contents are what the streams of the tests expand to.
func contents() [][]byte {
	all := [][]byte{
		nil,
		[]byte("a"),
		noise(300),
		words(5000),
		skewed(5000),
		make([]byte, 700<<10), // from here on more than the window holds
		noise(320 << 10),
		words(400 << 10),
		skewed(320 << 10),
		program(400 << 10),
	}
	for period := 1; period < 40; period++ { // every kind of overlapping copy
		all = append(all, bytes.Repeat(noise(period), 1500/period+1))
	}
	return all
}

// encodings returns raw DEFLATE streams of data by two encoders. An encoder that
// fails has written an incomplete one, which is as good.
func encodings(data []byte) [][]byte {
	var all [][]byte
	for _, level := range []int{stdflate.HuffmanOnly, 0, 1, 6, 9} {
		var a, b bytes.Buffer
		std, _ := stdflate.NewWriter(&a, level)
		other, _ := flate.NewWriter(&b, level)
		for _, w := range []io.WriteCloser{std, other} {
			_, _ = w.Write(data)
			_ = w.Close()
		}
		all = append(all, a.Bytes(), b.Bytes())
	}
	return all
}

// streams are raw DEFLATE streams of all contents.
var streams = sync.OnceValue(func() [][]byte {
	var all [][]byte
	for _, c := range contents() {
		all = append(all, encodings(c)...)
	}
	return all
})

// member returns the gzip file of a raw stream, with the trailer of what it
// expands to.
func member(raw []byte) []byte {
	content, _ := io.ReadAll(stdflate.NewReader(bytes.NewReader(raw)))
	return trail(append(plainHeader(), raw...), content)
}

// plainHeader returns a gzip header without any field.
func plainHeader() []byte {
	return []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
}

// maxOutput is where comparisons stop.
const maxOutput = 8 << 20

// errSomething is an error of a source.
var errSomething = errors.New("something")

// outcome is what came of a stream.
type outcome struct {
	data []byte
	err  error // nil at the end of intact data, and at maxOutput
}

func collect(next func() ([]byte, error)) outcome {
	o := outcome{data: make([]byte, 0, 4096)}
	for len(o.data) < maxOutput {
		var b []byte
		b, o.err = next()
		o.data = append(o.data, b...)
		if errors.Is(o.err, io.EOF) {
			o.err = nil
			break
		}
		if o.err != nil {
			break
		}
	}
	o.data = o.data[:min(len(o.data), maxOutput)]
	return o
}

// standard is the outcome according to the standard library.
func standard(r io.Reader, raw bool) outcome {
	var from io.Reader
	if raw {
		from = stdflate.NewReader(r)
	} else {
		z, err := stdgzip.NewReader(r)
		if err != nil {
			return collect(func() ([]byte, error) { return nil, err })
		}
		from = z
	}
	buf := make([]byte, 32<<10)
	return collect(func() ([]byte, error) {
		n, err := from.Read(buf)
		return buf[:n], err
	})
}

// same compares what d makes of r with what the standard library makes of the
// same bytes in other: the output and the error, to the byte.
func same(t *testing.T, d *Decoder, r, other io.Reader, raw bool) {
	t.Helper()
	if raw {
		d.ResetRaw(r)
	} else {
		d.Reset(r)
	}
	got := collect(d.Next)
	want := standard(other, raw)
	if !bytes.Equal(got.data, want.data) {
		t.Fatalf("%d bytes, want %d; first difference at %d; errors %v, want %v",
			len(got.data), len(want.data), difference(got.data, want.data), got.err, want.err)
	}
	if !errors.Is(kind(got.err), kind(want.err)) {
		t.Fatalf("error %v, want %v", got.err, want.err)
	}
}

func difference(a, b []byte) int {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return i
}

// kind maps errors of the standard library and of this package to the same
// values.
func kind(err error) error {
	if _, ok := errors.AsType[stdflate.CorruptInputError](err); ok {
		return ErrCorrupt
	}
	switch {
	case errors.Is(err, stdgzip.ErrHeader):
		return ErrHeader
	case errors.Is(err, stdgzip.ErrChecksum):
		return ErrChecksum
	}
	return err
}
