package inflate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestStreams(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	for _, raw := range streams() {
		same(t, d, bytes.NewReader(raw), bytes.NewReader(raw), true)
		file := member(raw)
		same(t, d, bytes.NewReader(file), bytes.NewReader(file), false)
		if len(raw) < 1<<14 {
			same(t, d, iotest.OneByteReader(bytes.NewReader(file)), bytes.NewReader(file), false)
			same(t, d, iotest.HalfReader(bytes.NewReader(file)), bytes.NewReader(file), false)
			same(t, d, iotest.DataErrReader(bytes.NewReader(file)), bytes.NewReader(file), false)
		}
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	var before []byte
	for _, raw := range streams() {
		if len(raw) > 1<<17 && len(before) > 1<<17 {
			continue
		}
		file := slices.Concat(before, member(raw))
		same(t, d, bytes.NewReader(file), bytes.NewReader(file), false)
		before = member(raw)
	}
}

func TestTruncated(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	for _, raw := range streams() {
		file := member(raw)
		for _, n := range cuts(len(file)) {
			same(t, d, bytes.NewReader(file[:n]), bytes.NewReader(file[:n]), false)
		}
	}
}

// cuts returns where to truncate n bytes: everywhere in short files, else at
// some places and near the end.
func cuts(n int) []int {
	var at []int
	if n > 2000 {
		at = []int{1000, n / 3, n / 2}
		for k := n - 30; k < n; k += 4 {
			at = append(at, k)
		}
		return at
	}
	for k := 0; k < n; k += 1 + n/200 {
		at = append(at, k)
	}
	for k := max(0, n-40); k < n; k++ {
		at = append(at, k)
	}
	return at
}

func TestFlipped(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	d := new(Decoder)
	for _, raw := range streams() {
		times := 60
		if len(raw) > 1<<14 {
			times = 2
		}
		file := member(raw)
		for range times {
			b := slices.Clone(file)
			b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			same(t, d, bytes.NewReader(b), bytes.NewReader(b), false)
			same(t, d, bytes.NewReader(b[10:]), bytes.NewReader(b[10:]), true)
		}
	}
}

// TestInvalid has streams that random changes hardly ever make.
func TestInvalid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		write func(w *bitWriter)
		want  string
		err   error
	}{
		{"block type 3", func(w *bitWriter) { w.bits(7, 3) }, "", ErrCorrupt},
		{"stored", func(w *bitWriter) { w.stored(1, []byte("abc")) }, "abc", nil},
		{"stored, empty", func(w *bitWriter) { w.stored(0, nil); w.stored(1, nil) }, "", nil},
		{"stored, wrong length", func(w *bitWriter) {
			w.bits(1, 8)
			w.bits(3, 16)
			w.bits(3, 16)
			w.bits(0, 24)
		}, "", ErrCorrupt},
		{"fixed, length 286", func(w *bitWriter) {
			w.bits(3, 3)
			w.fixed('x')
			w.fixed(286)
			w.bits(0, 200)
		}, "x", ErrCorrupt},
		{"fixed, distance 30", func(w *bitWriter) {
			w.bits(3, 3)
			w.fixed('x')
			w.fixed(257)
			w.code(30, 5)
			w.bits(0, 200)
		}, "x", ErrCorrupt},
		{"distance reaches the start", func(w *bitWriter) {
			w.bits(3, 3)
			w.fixed('x')
			w.fixed('y')
			w.fixed(258)
			w.code(1, 5)
			w.fixed(256)
		}, "xyxyxy", nil},
		{"distance reaches before the start", func(w *bitWriter) {
			w.bits(3, 3)
			w.fixed('x')
			w.fixed(258)
			w.code(1, 5)
			w.bits(0, 200)
		}, "x", ErrCorrupt},
		{"greatest length by two codes", func(w *bitWriter) {
			w.bits(3, 3)
			w.fixed('x')
			w.fixed(284) // 227 and 31 more: prescribed nowhere, accepted everywhere
			w.bits(31, 5)
			w.code(0, 5)
			w.fixed(285)
			w.code(0, 5)
			w.fixed(256)
		}, strings.Repeat("x", 1+258+258), nil},
		{"too many literals", func(w *bitWriter) { w.preamble(30, 0, [19]uint{}); w.bits(0, 400) }, "", ErrCorrupt},
		{"too many distances", func(w *bitWriter) { w.preamble(0, 30, [19]uint{}); w.bits(0, 400) }, "", ErrCorrupt},
		{"empty code length code", func(w *bitWriter) { w.preamble(0, 0, [19]uint{}); w.bits(0, 400) }, "", ErrCorrupt},
		{"incomplete code length code", func(w *bitWriter) { w.preamble(0, 0, [19]uint{2, 2}); w.bits(0, 400) }, "", ErrCorrupt},
		{"repeat of nothing", func(w *bitWriter) {
			w.preamble(0, 0, [19]uint{0: 1, 16: 1})
			w.code(1, 1)
			w.bits(0, 400)
		}, "", ErrCorrupt},
		{"repeat beyond the end", func(w *bitWriter) {
			w.preamble(0, 0, [19]uint{0: 1, 18: 1})
			w.code(1, 1)
			w.bits(127, 7)
			w.code(1, 1)
			w.bits(127, 7)
			w.bits(0, 400)
		}, "", ErrCorrupt},
		{"incomplete literal code", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{'a': 2, 256: 1}), []uint8{0})
			w.bits(0, 400)
		}, "", ErrCorrupt},
		{"over-subscribed literal code", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{'a': 1, 'b': 1, 256: 1}), []uint8{0})
			w.bits(0, 400)
		}, "", ErrCorrupt},
		{"over-subscribed distance code", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{'a': 1, 256: 1}), []uint8{1, 1, 1})
			w.bits(0, 400)
		}, "", ErrCorrupt},
		{"single codeword", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{256: 1}), []uint8{0})
			w.bits(0, 1)
		}, "", nil},
		{"single codeword, the other one used", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{256: 1}), []uint8{0})
			w.bits(1, 1)
		}, "", ErrCorrupt},
		{"single codeword of two bits", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{256: 2}), []uint8{0})
			w.bits(0, 400)
		}, "", ErrCorrupt},
		{"no literal code", func(w *bitWriter) {
			w.dynamic(lengths(257, nil), []uint8{0})
			w.bits(0, 400)
		}, "", ErrCorrupt},
		{"no literal code and few bytes", func(w *bitWriter) {
			w.dynamic(lengths(257, nil), []uint8{0})
		}, "", ErrCorrupt},
		{"no end of block", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{'a': 1, 'b': 1}), []uint8{0})
			w.bits(0b0010, 4) // two more bits fill the byte
		}, "abaaaa", io.ErrUnexpectedEOF},
		{"no distance code, none used", func(w *bitWriter) {
			w.dynamic(lengths(257, map[int]uint8{'a': 1, 256: 1}), []uint8{0})
			w.bits(0b10, 2)
		}, "a", nil},
		{"no distance code, one used", func(w *bitWriter) {
			w.dynamic(lengths(258, map[int]uint8{'a': 1, 256: 2, 257: 2}), []uint8{0})
			w.code(0, 1)
			w.code(3, 2)
			w.bits(0, 400)
		}, "a", ErrCorrupt},
		{"single distance code, the other one used", func(w *bitWriter) {
			w.dynamic(lengths(258, map[int]uint8{'a': 1, 256: 2, 257: 2}), []uint8{1})
			w.code(0, 1)
			w.code(3, 2)
			w.bits(0, 1)
			w.code(3, 2)
			w.bits(1, 1)
			w.bits(0, 400)
		}, "aaaa", ErrCorrupt},
		{"longest codes", func(w *bitWriter) {
			lit, dist := map[int]uint8{}, make([]uint8, 30)
			for i := range 14 {
				lit['a'+i] = uint8(i + 1)
				dist[i] = uint8(i + 1)
			}
			lit[256], lit[257], dist[14], dist[15] = 15, 15, 15, 15
			w.dynamic(lengths(258, lit), dist)
			w.code(0, 1)
			w.code(1<<14-2, 14)
			w.code(1<<15-1, 15) // length 3
			w.code(2, 2)        // distance 2
			w.code(1<<15-2, 15)
		}, "anana", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var w bitWriter
			tt.write(&w)
			d := new(Decoder)
			for n := range len(w.data) + 1 {
				cut := w.data[:n]
				same(t, d, bytes.NewReader(cut), bytes.NewReader(cut), true)
			}
			d.ResetRaw(bytes.NewReader(w.data))
			check(t, collect(d.Next), outcome{[]byte(tt.want), tt.err})
			// Before many other bytes it is expanded by the loop, else by tail.
			long := append(w.data, noise(100)...)
			same(t, d, bytes.NewReader(long), bytes.NewReader(long), true)
		})
	}
}

func check(t *testing.T, got, want outcome) {
	t.Helper()
	if string(got.data) != string(want.data) || !errors.Is(got.err, want.err) {
		t.Errorf("got %q, %v; want %q, %v", got.data, got.err, want.data, want.err)
	}
}

// TestOwnMember has distances that reach exactly to the start of their member
// and one byte further, also after the window has moved on.
func TestOwnMember(t *testing.T) {
	t.Parallel()
	for _, before := range []int{0, 1, 100, 32 << 10, 288<<10 - 3, 288 << 10, 288<<10 + 1, 300 << 10, 700 << 10} {
		first := slices.Concat(plainHeader(), encodings(noise(before))[0])
		first = trail(first, noise(before))
		for _, tt := range []struct {
			own  int // bytes of the member before the copy
			code uint
			bits uint // extra bits of the distance, all set
			err  error
		}{
			{1, 0, 0, nil},
			{1, 1, 0, ErrCorrupt},
			{4, 3, 0, nil},
			{3, 3, 0, ErrCorrupt},
			{32 << 10, 29, 13, nil},
			{32<<10 - 1, 29, 13, ErrCorrupt},
		} {
			var w bitWriter
			w.bits(2, 3) // a fixed block
			for range tt.own {
				w.fixed('z')
			}
			w.fixed(256)
			w.bits(3, 3)
			w.fixed(257)
			w.code(tt.code, 5)
			w.bits(1<<tt.bits-1, tt.bits)
			w.fixed(256)
			body := bytes.Repeat([]byte{'z'}, tt.own)
			want := outcome{slices.Concat(noise(before), body), tt.err}
			if tt.err == nil {
				body = append(body, "zzz"...)
				want.data = append(want.data, "zzz"...)
			}
			file := slices.Concat(first, trail(append(plainHeader(), w.data...), body))
			d := new(Decoder)
			same(t, d, bytes.NewReader(file), bytes.NewReader(file), false)
			d.Reset(bytes.NewReader(file))
			got := collect(d.Next)
			if !bytes.Equal(got.data, want.data) || !errors.Is(got.err, want.err) {
				t.Errorf("%d before, %d own: %d bytes, %v; want %d, %v",
					before, tt.own, len(got.data), got.err, len(want.data), want.err)
			}
		}
	}
}

// trail appends the gzip trailer of content.
func trail(b, content []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(content))
	return binary.LittleEndian.AppendUint32(b, uint32(len(content)))
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	var w bitWriter
	w.stored(1, []byte("abc"))
	body := trail(w.data, []byte("abc"))
	header := func(flags byte, fields ...string) string {
		return "\x1f\x8b\x08" + string(flags) + "\x01\x02\x03\x04\x05\x06" + strings.Join(fields, "")
	}
	withCRC := func(h string, change uint16) string {
		sum := uint16(crc32.ChecksumIEEE([]byte(h))) ^ change
		return h + string([]byte{byte(sum), byte(sum >> 8)})
	}
	long := strings.Repeat("n", 511) + "\x00"
	for _, tt := range []struct {
		name, header string
		want         error
	}{
		{"plain", header(0), nil},
		{"wrong magic", "\x1f\x8c" + header(0)[2:], ErrHeader},
		{"wrong method", "\x1f\x8b\x07" + header(0)[3:], ErrHeader},
		{"reserved flags", header(0x61), nil},
		{"extra", header(4, "\x03\x00xyz"), nil},
		{"long extra", header(4, "\xff\xff", strings.Repeat("e", 65535)), nil},
		{"name", header(8, "caf\xe9\x00"), nil},
		{"longest name", header(8, long), nil},
		{"name too long", header(8, "n", long), ErrHeader},
		{"comment", header(16, "c\x00"), nil},
		{"comment too long", header(16, "c", long), ErrHeader},
		{"header checksum", withCRC(header(2), 0), nil},
		{"wrong header checksum", withCRC(header(2), 1), ErrHeader},
		{"all", withCRC(header(0x1e, "\x01\x00x", "name\x00", "comment\x00"), 0), nil},
		{"all but the checksum", withCRC(header(0x1e, "\x01\x00x", "name\x00", "comment\x00"), 0x100), ErrHeader},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := append([]byte(tt.header), body...)
			d := new(Decoder)
			d.Reset(bytes.NewReader(file))
			got := collect(d.Next)
			if !errors.Is(got.err, tt.want) || tt.want == nil && string(got.data) != "abc" {
				t.Errorf("got %q, %v; want error %v", got.data, got.err, tt.want)
			}
			for n := 0; n < len(file); n += 1 + n/600*100 {
				same(t, d, bytes.NewReader(file[:n]), bytes.NewReader(file[:n]), false)
			}
			// As a second member, behind one that is right.
			two := slices.Concat([]byte(header(0)), body, file)
			same(t, d, bytes.NewReader(two), bytes.NewReader(two), false)
		})
	}
}

func TestTrailers(t *testing.T) {
	t.Parallel()
	var w bitWriter
	w.stored(1, []byte("abc"))
	file := trail(append(plainHeader(), w.data...), []byte("abc"))
	change := func(i int) []byte {
		b := slices.Clone(file)
		b[len(b)-i] ^= 0x80
		return b
	}
	for _, tt := range []struct {
		name string
		file []byte
		want outcome
	}{
		{"empty", nil, outcome{}},
		{"intact", file, outcome{[]byte("abc"), nil}},
		{"twice", slices.Concat(file, file), outcome{[]byte("abcabc"), nil}},
		{"wrong checksum", change(8), outcome{[]byte("abc"), ErrChecksum}},
		{"wrong size", change(1), outcome{[]byte("abc"), ErrChecksum}},
		{"no size", file[:len(file)-4], outcome{[]byte("abc"), io.ErrUnexpectedEOF}},
		{"a byte more", append(slices.Clone(file), 0), outcome{[]byte("abc"), io.ErrUnexpectedEOF}},
		{"zeros behind", slices.Concat(file, make([]byte, 512)), outcome{[]byte("abc"), ErrHeader}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := new(Decoder)
			d.Reset(bytes.NewReader(tt.file))
			check(t, collect(d.Next), tt.want)
			same(t, d, bytes.NewReader(tt.file), bytes.NewReader(tt.file), false)
			if b, err := d.Next(); len(b) > 0 || !errors.Is(err, tt.want.err) && !errors.Is(err, io.EOF) {
				t.Errorf("asked again: %q, %v; want the same error", b, err)
			}
		})
	}
}

// TestSourceErrors checks that all that was read before an error is expanded,
// and that the error is then passed on unless the end came first.
func TestSourceErrors(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	for _, raw := range encodings(words(40 << 10)) {
		file := member(raw)
		for n := 0; n <= len(file); n += 1 + len(file)/50 {
			source := func() io.Reader {
				return io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(errSomething))
			}
			same(t, d, source(), source(), false)
			same(t, d, iotest.DataErrReader(source()), iotest.DataErrReader(source()), false)
		}
		whole := io.MultiReader(bytes.NewReader(raw), iotest.ErrReader(errSomething))
		d.ResetRaw(whole)
		if got := collect(d.Next); got.err != nil {
			t.Errorf("error %v behind the end of a raw stream", got.err)
		}
	}
}

// pausing is a reader that gives nothing so many times before each byte.
type pausing struct {
	r     io.Reader
	times int
	next  int
}

func (p *pausing) Read(b []byte) (int, error) {
	if p.next++; p.next <= p.times {
		return 0, nil
	}
	p.next = 0
	return p.r.Read(b[:min(1, len(b))])
}

func TestPauses(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	file := member(encodings(words(2000))[6])
	for _, times := range []int{0, 1, 99, 100, 101} {
		same(t, d, &pausing{r: bytes.NewReader(file), times: times},
			&pausing{r: bytes.NewReader(file), times: times}, false)
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	content := words(400 << 10)
	raw := encodings(content)[6]
	d := new(Decoder)
	d.Reset(bytes.NewReader(member(raw)))
	if err := iotest.TestReader(d, content); err != nil {
		t.Error(err)
	}

	d.ResetRaw(bytes.NewReader(raw))
	head := make([]byte, 1000)
	if _, err := io.ReadFull(d, head); err != nil {
		t.Fatal(err)
	}
	rest := collect(d.Next)
	if !bytes.Equal(append(head, rest.data...), content) || rest.err != nil {
		t.Error("Next does not go on where Read has stopped")
	}

	d.ResetRaw(bytes.NewReader(raw))
	if _, err := io.ReadFull(d, head); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, d)
	if n != int64(len(content)-len(head)) || err != nil || !bytes.Equal(append(head, b.Bytes()...), content) {
		t.Errorf("WriteTo after Read: %d bytes, %v", n, err)
	}
}

// lazy takes only some bytes of each write, with or without an error.
type lazy struct{ err error }

func (l lazy) Write(p []byte) (int, error) { return len(p) / 2, l.err }

func TestWriteTo(t *testing.T) {
	t.Parallel()
	file := member(encodings(words(5000))[6])
	for _, tt := range []struct {
		name string
		file []byte
		to   io.Writer
		want error
	}{
		{"intact", file, io.Discard, nil},
		{"truncated", file[:len(file)-1], io.Discard, io.ErrUnexpectedEOF},
		{"short write", file, lazy{}, io.ErrShortWrite},
		{"write error", file, lazy{errSomething}, errSomething},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := new(Decoder)
			d.Reset(bytes.NewReader(tt.file))
			_, err := d.WriteTo(tt.to)
			if diff := cmp.Diff(tt.want, err, cmpopts.EquateErrors()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPool(t *testing.T) {
	t.Parallel()
	content := words(3000)
	raw := encodings(content)[6]
	var p Pool
	for range 3 {
		d := p.Get()
		if b, err := d.Next(); len(b) > 0 || !errors.Is(err, io.EOF) {
			t.Errorf("a decoder from the pool gives %d bytes, %v", len(b), err)
		}
		d.ResetRaw(bytes.NewReader(raw))
		if _, err := d.Read(make([]byte, 10)); err != nil { // some is left
			t.Fatal(err)
		}
		p.Put(d)
	}
}

// maxSeed keeps the fuzzer fast.
const maxSeed = 4 << 10

func FuzzGzip(f *testing.F) {
	for _, raw := range streams() {
		if len(raw) > maxSeed {
			continue
		}
		f.Add(member(raw), uint8(0))
		f.Add(slices.Concat(member(raw), member(raw)), uint8(1))
	}
	var pool Pool
	f.Fuzz(func(t *testing.T, file []byte, pieces uint8) {
		d := pool.Get()
		same(t, d, split(file, pieces), bytes.NewReader(file), false)
		pool.Put(d)
	})
}

func FuzzRaw(f *testing.F) {
	for _, raw := range streams() {
		if len(raw) > maxSeed {
			continue
		}
		f.Add(raw, uint8(0))
	}
	var pool Pool
	f.Fuzz(func(t *testing.T, raw []byte, pieces uint8) {
		d := pool.Get()
		same(t, d, split(raw, pieces), bytes.NewReader(raw), true)
		file := append(plainHeader(), raw...)
		same(t, d, split(file, pieces), bytes.NewReader(file), false)
		pool.Put(d)
	})
}

// split returns a reader that gives at most n bytes at a time, all if n is 0.
func split(b []byte, n uint8) io.Reader {
	r := bytes.NewReader(b)
	if n == 0 {
		return r
	}
	return pieces{r, int(n)}
}

type pieces struct {
	r io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.n)]) }
