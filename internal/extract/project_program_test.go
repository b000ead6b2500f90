package extract

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// programFile reads a program as a stream, or with random access.
func programFile(name string, b []byte, random bool) *File {
	out := &File{Path: name}
	f := &file{path: name, size: int64(len(b)), r: iotest.HalfReader(bytes.NewReader(b)), out: out}
	w := &window{r: f.r}
	if random {
		w = &window{at: bytes.NewReader(b)}
	}
	head, err := w.need(exeHead)
	if x := parseExe(head); err == nil && x != nil && x.fat == 0 {
		var tail segment
		s := new(shared)
		if tail, err = s.readProgram(f, w, x, 0); err == nil {
			err = s.readTail(f, w, 0, tail)
		}
	}
	if err != nil {
		f.problem(name, err.Error())
	}
	return out
}

// auditList is a list of crates as cargo auditable writes it.
func auditList(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, 9)
	if err == nil {
		_, err = io.WriteString(z, text)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

const crates = `{"packages":[{"name":"adler","version":"1.0.2","source":"registry"},` +
	`{"name":"app","version":"0.1.0","source":"local","dependencies":[0,2],"root":true},` +
	`{"name":"cc","version":"1.0.79","source":"crates.io","kind":"build"},` +
	`{"name":"adler","version":"1.0.2","source":"git"},{"name":"beside","version":"0.1.0","source":"local"}],"format":1}`

const cratesWant = "cargo adler 1.0.2 binary runtime app\ncargo app 0.1.0 binary runtime app\ncargo cc 1.0.79 binary dev app\n"

// section puts a table of sections, with one of the name, behind an ELF file
// of 64 bits.
func section(b []byte, name string, offset, size int) []byte {
	b = bytes.Clone(b)
	names := len(b)
	b = append(b, "\x00.text\x00"+name+"\x00"...)
	b = pad(b)
	le := binary.LittleEndian
	table := len(b)
	b = append(b, make([]byte, 3*64)...)
	entry := func(i, nameAt, offset, size int) {
		h := b[table+64*i:]
		le.PutUint32(h, uint32(nameAt))
		le.PutUint64(h[24:], uint64(offset))
		le.PutUint64(h[32:], uint64(size))
	}
	entry(1, 7, offset, size)
	entry(2, 1, names, 7+len(name)+1)
	le.PutUint64(b[40:], uint64(table))
	le.PutUint16(b[58:], 64)
	le.PutUint16(b[60:], 3)
	le.PutUint16(b[62:], 2)
	return b
}

// windowsProgram is a PE file with one section.
func windowsProgram(name string, content []byte, managed bool) []byte {
	b := make([]byte, 0x400)
	le := binary.LittleEndian
	copy(b, "MZ")
	le.PutUint32(b[0x3c:], 0x80)
	copy(b[0x80:], "PE\x00\x00")
	le.PutUint16(b[0x86:], 1)        // sections
	le.PutUint16(b[0x94:], 240)      // optional header
	le.PutUint16(b[0x98:], 0x20b)    // 64 bits
	le.PutUint32(b[0x98+108:], 16)   // directories
	le.PutUint32(b[0x98+112+16:], 1) // resources, at
	le.PutUint32(b[0x98+112+16:], 0x2000)
	le.PutUint32(b[0x98+112+20:], uint32(len(content)))
	if managed {
		le.PutUint32(b[0x98+112+14*8:], 0x1000)
		le.PutUint32(b[0x98+112+14*8+4:], 72)
	}
	s := b[0x98+240:]
	copy(s, name)
	le.PutUint32(s[8:], uint32(len(content)))
	le.PutUint32(s[12:], 0x2000)
	le.PutUint32(s[16:], uint32(len(content)))
	le.PutUint32(s[20:], 0x400)
	le.PutUint32(s[36:], 0x40000040)
	return append(b, content...)
}

// appleProgram is a Mach-O file of 64 bits with one section.
func appleProgram(name string, content []byte) []byte {
	b := make([]byte, 0x200)
	le := binary.LittleEndian
	copy(b, "\xcf\xfa\xed\xfe")
	le.PutUint32(b[16:], 1)
	c := b[32:]
	le.PutUint32(c, 0x19)
	le.PutUint32(c[4:], 72+80)
	copy(c[8:], "__DATA")
	le.PutUint64(c[32:], 0x1000)
	le.PutUint64(c[40:], 0x200)
	le.PutUint64(c[48:], uint64(len(content)))
	le.PutUint32(c[60:], 3)
	le.PutUint32(c[64:], 1)
	copy(c[72:], name)
	copy(c[88:], "__DATA")
	le.PutUint64(c[72+40:], uint64(len(content)))
	le.PutUint32(c[72+48:], 0x200)
	return append(b, content...)
}

// resource is a version resource.
func resource(strings ...string) []byte {
	b := make([]byte, 6)
	align := func() {
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	b = append(b, wide("VS_VERSION_INFO\x00")...)
	align()
	b = append(b, make([]byte, 52)...)
	for i := 0; i < len(strings); i += 2 {
		align()
		b = binary.LittleEndian.AppendUint16(b, 0)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(strings[i+1])+1))
		b = append(append(b, 1, 0), wide(strings[i]+"\x00")...)
		align()
		b = append(b, wide(strings[i+1]+"\x00")...)
	}
	binary.LittleEndian.PutUint16(b, uint16(len(b)))
	return append(append([]byte("12345678"), b...), make([]byte, 16)...)
}

func TestForeignProgram(t *testing.T) {
	t.Parallel()
	list := auditList(t, crates)
	filler := bytes.Repeat([]byte("x\xda constants x\x9c and more"), 5000)
	elf := testProgram{wide: true, constants: filler, data: make([]byte, 64)}.elf()
	elf = append(append(append(elf, filler...), list...), filler...)
	for _, tt := range []struct {
		name string
		data []byte
		file string
		want string
	}{
		{"elf", section(elf, auditSection, bytes.Index(elf, list), len(list)), "app", cratesWant},
		{"elf without the section", section(testProgram{wide: true, constants: filler, data: make([]byte, 64)}.elf(), ".rodata", 600, 100), "app", "\n"},
		{"pe", windowsProgram(auditSection, list, false), "app", cratesWant},
		{"mach-o", appleProgram(auditSection, list), "app", cratesWant},
		{"pe without anything", windowsProgram(".text", list, false), "app", "\n"},
		{
			"assembly", windowsProgram(".rsrc", resource("FileVersion", "13.0.1.25517", "InternalName", "Newtonsoft.Json.dll", "ProductVersion", "13.0.1+ae9fe44e1323"), true),
			"lib/renamed.dll", "nuget Newtonsoft.Json 13.0.1 binary lib/renamed.dll\n",
		},
		{
			"assembly with text for a version", windowsProgram(".rsrc", resource("FileVersion", "4.8.3761.0 built by: NET48REL1", "ProductVersion", "$(Version)"), true),
			"lib/System.Xml.DLL", "nuget System.Xml 4.8.3761.0 binary lib/System.Xml.DLL\n",
		},
		{"assembly of translations", windowsProgram(".rsrc", resource("InternalName", "A.resources.dll", "ProductVersion", "1.0"), true), "de/A.resources.dll", "\n"},
		{"assembly without a version", windowsProgram(".rsrc", []byte("nothing"), true), "a.dll", "\n"},
		{"library of machine code", windowsProgram(".rsrc", resource("InternalName", "A.dll", "ProductVersion", "1.0"), false), "A.dll", "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, random := range []bool{false, true} {
				got := describe([]*File{programFile(tt.file, tt.data, random)})
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("random %v (-want +got):\n%s", random, diff)
				}
			}
		})
	}
}

// TestProgramsOfOthers prints what real programs tell, those in the directories named
// by ASSAY_PROGRAMS.
func TestProgramsOfOthers(t *testing.T) {
	t.Parallel()
	dirs := filepath.SplitList(os.Getenv("ASSAY_PROGRAMS"))
	if len(dirs) == 0 {
		t.Skip("set ASSAY_PROGRAMS to directories with programs")
	}
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				continue // a directory
			}
			got, random := describe([]*File{programFile(name, b, false)}), describe([]*File{programFile(name, b, true)})
			if diff := cmp.Diff(got, random); diff != "" {
				t.Errorf("%s: a stream gives another result (-stream +random):\n%s", name, diff)
			}
			t.Logf("%s:\n%s", name, got)
		}
	}
}

func FuzzForeignProgram(f *testing.F) {
	list := auditList(f, crates)
	elf := append(testProgram{wide: true, constants: []byte("constants"), data: make([]byte, 64)}.elf(), list...)
	f.Add(section(elf, auditSection, len(elf)-len(list), len(list)))
	f.Add(windowsProgram(auditSection, list, false))
	f.Add(windowsProgram(".rsrc", resource("InternalName", "A.dll", "ProductVersion", "1.0.0"), true))
	f.Add(appleProgram(auditSection, list))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, random := range []bool{false, true} {
			for _, p := range programFile("a.dll", b, random).Packages {
				if p.Type == "" || p.Name == "" || !utf8.ValidString(p.Name+p.Version) || strings.Contains(p.Version, "+") && p.Type == "nuget" {
					t.Errorf("got %+q", p)
				}
			}
		}
	})
}

// BenchmarkForeignProgram passes over what lies behind the segments of programs
// without a list. The promise is more than 2 GB/s, so that it is lost beside
// the decompression.
func BenchmarkForeignProgram(b *testing.B) {
	for _, kind := range []struct{ name, text string }{
		{"text", "some_symbol_name_0123456789\x00_with_an_x_here_and_there_as_is_usual\x00"},
		{"candidates", "x\xda\x05some constant text 0123456789\x00"},
	} {
		data := section(append(testProgram{wide: true, constants: make([]byte, 16), data: make([]byte, 16)}.elf(),
			bytes.Repeat([]byte(kind.text), 16<<20/len(kind.text))...), ".rodata", testStart, 16)
		b.Run(kind.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				f := &file{path: "f", size: int64(len(data)), r: bytes.NewReader(data), out: &File{}}
				w := &window{r: f.r}
				head, err := w.need(exeHead)
				if err != nil {
					b.Fatal(err)
				}
				s := new(shared)
				tail, err := s.readProgram(f, w, parseExe(head), 0)
				if err == nil {
					err = s.readTail(f, w, 0, tail)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
