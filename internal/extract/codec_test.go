package extract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fill sets every field of a value to something of its own, so that a field
// which the codec does not know of shows.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(uint64(*n) << 40)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, n)
		}
	default:
		panic(v.Kind())
	}
}

func filledLayer() *Layer {
	var l Layer
	n := 0
	fill(reflect.ValueOf(&l).Elem(), &n)
	return &l
}

func TestLayerBinary(t *testing.T) {
	t.Parallel()
	for _, want := range []*Layer{{}, filledLayer(), {Files: []File{{Path: "a"}}, Covers: []uint64{1}}} {
		b, err := want.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var got Layer
		if err := got.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, &got); d != "" {
			t.Error(d)
		}
	}
}

// TestLayerDamaged flips each byte and cuts at each.
func TestLayerDamaged(t *testing.T) {
	t.Parallel()
	b, err := filledLayer().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var l Layer
	for i := range b {
		if err := l.UnmarshalBinary(b[:i]); err == nil {
			t.Errorf("accepted %d of %d bytes", i, len(b))
		}
		bad := bytes.Clone(b)
		bad[i] ^= 0x20
		if err := l.UnmarshalBinary(bad); err == nil {
			t.Errorf("accepted a changed byte %d", i)
		}
	}
	if d := cmp.Diff(Layer{}, l); d != "" {
		t.Errorf("changed by a failure: %s", d)
	}
}

// sealed puts a right checksum on bytes, so that the fuzzer gets past it.
func sealed(body []byte) []byte {
	b := append([]byte(codecMagic), body...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// FuzzLayerBinary: what can be read is written and read again the same, and
// takes memory in proportion to its bytes.
func FuzzLayerBinary(f *testing.F) {
	for _, l := range []*Layer{{}, filledLayer()} {
		b, err := l.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[len(codecMagic) : len(b)-4])
	}
	f.Add([]byte{codecVersion, 0, 0}) // a text, and no table of texts
	f.Fuzz(func(t *testing.T, body []byte) {
		var l, again Layer
		if l.UnmarshalBinary(sealed(body)) != nil {
			return
		}
		b, err := l.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(l, again); d != "" {
			t.Error(d)
		}
		packages := 0
		for _, f := range l.Files {
			packages += len(f.Packages)
		}
		if 7*len(l.Files)+14*packages > len(body) {
			t.Errorf("%d files and %d packages from %d bytes", len(l.Files), packages, len(body))
		}
	})
}

// BenchmarkUnmarshal is the cost of a layer from the cache. Promised: ten
// layers of an image with 2,500 packages in 20 ms.
func BenchmarkUnmarshal(b *testing.B) {
	l := filledLayer()
	for i := range 2500 {
		f := l.Files[0]
		f.Path = fmt.Sprint("some/path/of/usual/length/node_modules/", i)
		f.Packages = f.Packages[:1]
		f.Owns = nil
		l.Files = append(l.Files, f)
	}
	l.Covers = make([]uint64, 72_000)
	data, err := l.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := new(Layer).UnmarshalBinary(data); err != nil {
			b.Fatal(err)
		}
	}
}
