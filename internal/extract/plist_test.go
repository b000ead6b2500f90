package extract

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// binaryPlistOf returns a binary property list of a dictionary with texts,
// given in pairs; with a text that is not ASCII it has an object in UTF-16.
func binaryPlistOf(pairs ...string) []byte {
	b := []byte("bplist00")
	var offsets []int
	put := func(kind byte, n int) {
		offsets = append(offsets, len(b))
		if n < 15 {
			b = append(b, kind<<4|byte(n))
			return
		}
		b = append(b, kind<<4|15, 0x11, byte(n>>8), byte(n))
	}
	n := len(pairs) / 2
	put(0xd, n)
	for i := range n {
		b = append(b, byte(1+2*i))
	}
	for i := range n {
		b = append(b, byte(2+2*i))
	}
	for _, s := range pairs {
		units := utf16.Encode([]rune(s))
		if len(units) == len(s) {
			put(5, len(s))
			b = append(b, s...)
			continue
		}
		put(6, len(units))
		for _, u := range units {
			b = binary.BigEndian.AppendUint16(b, u)
		}
	}
	table := len(b)
	for _, o := range offsets {
		b = binary.BigEndian.AppendUint16(b, uint16(o))
	}
	b = append(b, 0, 0, 0, 0, 0, 0, 2, 1)
	b = binary.BigEndian.AppendUint64(b, uint64(len(offsets)))
	b = binary.BigEndian.AppendUint64(b, 0)
	return binary.BigEndian.AppendUint64(b, uint64(table))
}

const xmlPlist = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
 <key>CFBundleName</key><string>Caf&#233; &amp; Co</string>
 <key>Nested</key><dict><key>CFBundleName</key><string>other</string></dict>
 <key>CFBundleShortVersionString</key><string>1.2.3</string>
 <key>LSRequiresCarbon</key><true/>
</dict></plist>`

func TestPlist(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	binary := binaryPlistOf("CFBundleName", "Café", "CFBundleShortVersionString", "1.2.3", "Long", long)
	for _, tt := range []struct {
		name string
		data []byte
		want map[string]string
		err  bool
	}{
		{"xml", []byte(xmlPlist), map[string]string{"CFBundleName": "Café & Co", "CFBundleShortVersionString": "1.2.3"}, false},
		{"binary", binary, map[string]string{"CFBundleName": "Café", "CFBundleShortVersionString": "1.2.3", "Long": long}, false},
		{"cut binary", binary[:len(binary)-1], nil, true},
		{"cut xml", []byte(xmlPlist[:strings.Index(xmlPlist, "<key>CFBundleShort")]), map[string]string{"CFBundleName": "Café & Co"}, true},
		{"html", []byte("<html></html>"), map[string]string{}, true},
		{"empty", nil, map[string]string{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := readPlist(bytes.NewReader(tt.data))
			if (err != nil) != tt.err {
				t.Errorf("error %v", err)
			}
			if tt.want != nil {
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestApplication(t *testing.T) {
	t.Parallel()
	f := readBytes("Applications/Node.app/Contents/Info.plist", binaryPlistOf("CFBundleDisplayName", "Node.js", "CFBundleVersion", "20.9.0"))
	if got, want := describe([]*File{f}), "generic node 20.9.0 manifest Applications/Node.app/Contents/Info.plist\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzPlist: whatever is read is bounded, and names only keys that are there.
func FuzzPlist(f *testing.F) {
	f.Add([]byte(xmlPlist))
	f.Add(binaryPlistOf("CFBundleName", "Café", "CFBundleShortVersionString", "1.2.3"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readPlist(bytes.NewReader(data))
		if len(got) > maxPlistKeys || err == nil && got == nil {
			t.Errorf("%d keys, %v", len(got), err)
		}
		for k, v := range got {
			if len(k) > 3*maxPlistString || len(v) > 3*maxPlistString {
				t.Errorf("%.50q of %d bytes: %d bytes", k, len(k), len(v))
			}
		}
	})
}
