package extract

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

// testKey is a key of a test hive. A value is a string or a number.
type testKey struct {
	name   string
	values []any // name, value, …
	keys   []testKey
}

// hiveBuilder writes a hive: cells one after the other, each with its length in
// front, as a negative number.
type hiveBuilder struct{ b []byte }

func (h *hiveBuilder) cell(data []byte) uint32 {
	at := uint32(len(h.b))
	for len(data)%8 != 4 {
		data = append(data, 0)
	}
	h.b = binary.LittleEndian.AppendUint32(h.b, -uint32(len(data)+4))
	h.b = append(h.b, data...)
	return at
}

func wideText(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// value writes a text, or a number in place of the offset of its data.
func (h *hiveBuilder) value(name string, v any) uint32 {
	le := binary.LittleEndian
	b := make([]byte, 0x14)
	copy(b, "vk")
	le.PutUint16(b[2:], uint16(len(name)))
	le.PutUint16(b[0x10:], 1)
	switch v := v.(type) {
	case string:
		text := wideText(v)
		le.PutUint32(b[4:], uint32(len(text)))
		le.PutUint32(b[8:], h.cell(text))
		le.PutUint32(b[12:], 1)
	case int:
		le.PutUint32(b[4:], hiveAllocated|4)
		le.PutUint32(b[8:], uint32(v))
		le.PutUint32(b[12:], 4)
	}
	return h.cell(append(b, name...))
}

// key writes a key and what is below it. The kind of the list of keys changes
// from key to key: all four must be read.
func (h *hiveBuilder) key(k testKey, kind int) uint32 {
	le := binary.LittleEndian
	b := make([]byte, 0x4c)
	copy(b, "nk")
	le.PutUint16(b[2:], 0x20)
	le.PutUint16(b[0x48:], uint16(len(k.name)))
	if n := len(k.values) / 2; n > 0 {
		var list []byte
		for i := range n {
			list = le.AppendUint32(list, h.value(k.values[2*i].(string), k.values[2*i+1]))
		}
		le.PutUint32(b[0x24:], uint32(n))
		le.PutUint32(b[0x28:], h.cell(list))
	}
	if n := len(k.keys); n > 0 {
		name := []string{"lf", "lh", "li", "li"}[kind%4]
		list := le.AppendUint16([]byte(name), uint16(n))
		for i, sub := range k.keys {
			list = le.AppendUint32(list, h.key(sub, kind+i+1))
			if name != "li" {
				list = append(list, "hash"...)
			}
		}
		at := h.cell(list)
		if kind%4 == 3 {
			at = h.cell(le.AppendUint32([]byte("ri\x01\x00"), at))
		}
		le.PutUint32(b[0x14:], uint32(n))
		le.PutUint32(b[0x1c:], at)
	}
	return h.cell(append(b, k.name...))
}

// hiveOf returns a hive with the keys below its root.
func hiveOf(keys ...testKey) []byte {
	h := hiveBuilder{b: make([]byte, 0x20)}
	root := h.key(testKey{name: "ROOT", keys: keys}, 0)
	base := make([]byte, hiveBins)
	copy(base, "regf")
	binary.LittleEndian.PutUint32(base[0x24:], root)
	return append(base, h.b...)
}

// softwareHive is the part of the registry that is read, of a server.
func softwareHive() []byte {
	uninstall := testKey{name: "Uninstall", keys: []testKey{
		{name: "{0}", values: []any{"DisplayName", "Node.js", "DisplayVersion", "20.9.0"}},
		{name: "{1}", values: []any{"DisplayName", "7-Zip 23.01 (x64)", "DisplayVersion", "23.01"}},
		{name: "{2}", values: []any{"DisplayName", "Update", "ParentKeyName", "{1}"}},
		{name: "{3}", values: []any{"SystemComponent", 1}},
		{name: "{4}"},
	}}
	return hiveOf(
		testKey{name: "Classes"},
		testKey{name: "Microsoft", keys: []testKey{
			{name: "Windows", keys: []testKey{{name: "CurrentVersion", keys: []testKey{uninstall}}}},
			{name: "Windows NT", keys: []testKey{{name: "CurrentVersion", values: []any{
				"ProductName", "Windows Server 2019 Datacenter", "CurrentVersion", "6.3", "CurrentBuild", "17763",
				"CurrentMajorVersionNumber", 10, "CurrentMinorVersionNumber", 0, "UBR", 5122,
			}}}},
		}},
	)
}

func TestWindows(t *testing.T) {
	t.Parallel()
	f := readBytes("Windows/System32/config/SOFTWARE", softwareHive())
	want := "generic 7-zip 23.01 (x64) 23.01 database Windows/System32/config/SOFTWARE\n" +
		"generic node 20.9.0 database Windows/System32/config/SOFTWARE\n"
	if got := describe([]*File{f}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if o := f.OS; o == nil || o.ID != "windows" || o.VersionID != "10.0.17763.5122" || o.Name != "Windows Server 2019 Datacenter" {
		t.Errorf("OS %+v", o)
	}
}

func TestWindowsVersions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []any
		want   string
	}{
		{[]any{"ProductName", "Windows 10 Pro", "CurrentBuild", "22631", "CurrentMajorVersionNumber", 10, "UBR", 2715}, "10.0.22631.2715 Windows 11 Pro"},
		{[]any{"ProductName", "Windows 7 Professional", "CurrentBuildNumber", "7601", "CurrentVersion", "6.1"}, "6.1.7601 Windows 7 Professional"},
		{[]any{"ProductName", "Windows"}, ""},
	} {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			data := hiveOf(testKey{name: "microsoft", keys: []testKey{{name: "WINDOWS NT", keys: []testKey{{name: "CurrentVersion", values: tt.values}}}}})
			got := ""
			if o := readBytes("Hives/Software_Base", data).OS; o != nil {
				got = o.VersionID + " " + o.Name
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A damaged hive is told, whatever is damaged.
func TestHiveDamaged(t *testing.T) {
	t.Parallel()
	whole := softwareHive()
	for _, tt := range []struct {
		name string
		data []byte
	}{
		{"empty", nil},
		{"other", []byte("MZ")},
		{"base only", whole[:hiveBins]},
		{"cut", whole[:len(whole)-8]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if f := readBytes("Windows/System32/config/SOFTWARE", tt.data); len(f.Problems) == 0 {
				t.Error("no problem")
			}
		})
	}
	// Lists that hold themselves end.
	h := hiveBuilder{b: make([]byte, 0x20)}
	at := uint32(len(h.b))
	h.cell(binary.LittleEndian.AppendUint32([]byte("ri\x01\x00"), at))
	if _, err := (&hive{at: bytes.NewReader(append(make([]byte, hiveBins), h.b...)), size: int64(hiveBins + len(h.b))}).list(at, 0, nil); err == nil {
		t.Error("a list in itself was read")
	}
}

// FuzzHive changes a hive.
func FuzzHive(f *testing.F) {
	f.Add(softwareHive())
	f.Fuzz(func(t *testing.T, data []byte) {
		out := &File{Path: "x"}
		_ = readWindows(&file{path: "x", size: int64(len(data)), at: bytes.NewReader(data), out: out}) // any error is a problem of the file
		for _, p := range out.Packages {
			if p.Name == "" {
				t.Errorf("no name: %+v", p)
			}
		}
	})
}
