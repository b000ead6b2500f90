package extract

import (
	"bytes"
	"debug/buildinfo"
	"encoding/binary"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

// goPackages says what a program of the standard library's reading holds.
func goPackages(info *debug.BuildInfo) []string {
	var out []string
	add := func(m *debug.Module) {
		name, version := m.Path, m.Version
		if r := m.Replace; r != nil {
			version = r.Version
			if version != "" && version != "(devel)" {
				name = r.Path
			}
		}
		if version == "(devel)" {
			version = ""
		}
		out = append(out, name+" "+version)
	}
	std := "stdlib"
	switch info.Main.Path {
	case "":
	case "cmd":
		std = "toolchain"
		out = append(out, "stdlib "+info.GoVersion)
	default:
		add(&info.Main)
	}
	for _, m := range info.Deps {
		add(m)
	}
	return append(out, std+" "+info.GoVersion)
}

func lines(packages []inventory.Package) []string {
	var out []string
	for _, p := range packages {
		out = append(out, p.Name+" "+p.Version)
	}
	return out
}

// goResult is what readExecutable made of a file.
type goResult struct {
	Packages []string
	Error    string
}

func goRead(f *file) goResult {
	f.out = &File{Path: f.path}
	err := new(shared).readExecutable(f)
	r := goResult{Packages: lines(f.out.Packages)}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

// compareGoBinary reads a program as a stream and at random and compares both
// with the standard library. It tells whether the program is Go's.
func compareGoBinary(t *testing.T, name string) bool {
	t.Helper()
	file1, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file1.Close()
	var want goResult
	info, err := buildinfo.Read(file1)
	if err == nil {
		want.Packages = goPackages(info)
	}
	stat, err := file1.Stat()
	if err != nil {
		t.Fatal(err)
	}
	stream := goRead(&file{path: name, size: stat.Size(), r: file1})
	random := goRead(&file{path: name, size: stat.Size(), at: file1})
	if want.Packages == nil && stream.Error == errNoBuildInfo.Error() {
		want.Error = stream.Error
	}
	if diff := cmp.Diff(want, stream); diff != "" {
		t.Errorf("%s as a stream (-want +got):\n%s", name, diff)
	}
	if diff := cmp.Diff(want, random); diff != "" {
		t.Errorf("%s at random (-want +got):\n%s", name, diff)
	}
	return want.Packages != nil
}

// TestGoBinaryDifferential reads real programs: this test, the toolchain that
// built it, and the directories named by ASSAY_GO_BINARIES.
func TestGoBinaryDifferential(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !compareGoBinary(t, self) {
		t.Error("the test itself is not found to be a Go program")
	}
	for _, dir := range filepath.SplitList(os.Getenv("ASSAY_GO_BINARIES")) {
		programs, others := 0, 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			if head := firstBytes(t, path); parseExe(head) == nil {
				return nil
			}
			if compareGoBinary(t, path) {
				programs++
			} else {
				others++
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		t.Logf("%s: %d Go programs, %d others", dir, programs, others)
	}
}

func firstBytes(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, exeHead)
	n, err := io.ReadFull(f, b)
	if err != nil && n == 0 {
		return nil
	}
	return b[:n]
}

// testProgram is an executable made by hand: constants, then data.
type testProgram struct {
	wide      bool // 64 bits
	constants []byte
	data      []byte
	note      bool // signed by the linker of Go
}

const (
	testConstants = 0x400000 // address of the constants
	testData      = 0x600000 // address of the data
	testStart     = 512      // offset of the constants
)

// elf returns the program as an ELF file.
func (p testProgram) elf() []byte {
	constants := pad(p.constants)
	b := make([]byte, testStart, testStart+len(constants)+len(p.data))
	copy(b, "\x7fELF\x01\x01\x01")
	le := binary.LittleEndian
	progs := [2]segment{
		{addr: testConstants, offset: testStart, size: int64(len(constants))},
		{addr: testData, offset: int64(testStart + len(constants)), size: int64(len(p.data)), writable: true},
	}
	const read, write = 4, 2
	for i, s := range progs {
		flags := uint32(read)
		if s.writable {
			flags |= write
		}
		if p.wide {
			h := b[64+56*i:]
			le.PutUint32(h, 1)
			le.PutUint32(h[4:], flags)
			le.PutUint64(h[8:], uint64(s.offset))
			le.PutUint64(h[16:], s.addr)
			le.PutUint64(h[32:], uint64(s.size))
			le.PutUint64(h[40:], uint64(s.size))
		} else {
			h := b[52+32*i:]
			le.PutUint32(h, 1)
			le.PutUint32(h[4:], uint32(s.offset))
			le.PutUint32(h[8:], uint32(s.addr))
			le.PutUint32(h[16:], uint32(s.size))
			le.PutUint32(h[20:], uint32(s.size))
			le.PutUint32(h[24:], flags)
		}
	}
	le.PutUint16(b[16:], 2) // executable
	le.PutUint32(b[20:], 1)
	if p.wide {
		b[4] = 2
		le.PutUint16(b[18:], 62)
		le.PutUint64(b[32:], 64)
		le.PutUint16(b[52:], 64)
		le.PutUint16(b[54:], 56)
		le.PutUint16(b[56:], 2)
	} else {
		le.PutUint16(b[18:], 3)
		le.PutUint32(b[28:], 52)
		le.PutUint16(b[40:], 52)
		le.PutUint16(b[42:], 32)
		le.PutUint16(b[44:], 2)
	}
	if p.note {
		copy(b[300:], "\x04\x00\x00\x00\x08\x00\x00\x00\x04\x00\x00\x00Go\x00\x00")
	}
	return append(append(b, constants...), p.data...)
}

func pad(b []byte) []byte {
	b = bytes.Clone(b)
	for len(b)%16 != 0 {
		b = append(b, 0)
	}
	return b
}

// inlineInfo is build information as Go writes it since 1.18.
func inlineInfo(version, modules string) []byte {
	b := append([]byte(goInfoMagic), 8, 2)
	b = append(b, make([]byte, 16)...)
	for _, s := range []string{version, modules} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return pad(b)
}

// marked puts the marks of the go command around a list of modules.
func marked(modules string) string { return goModStart + modules + goModEnd }

// pointerProgram is a program as Go has linked it until 1.17: the strings among
// the constants, and the data begins with pointers to their headers.
func pointerProgram(wide bool, version, modules string) testProgram {
	order := binary.LittleEndian
	size := 4
	word := func(b []byte, v int) []byte { return order.AppendUint32(b, uint32(v)) }
	if wide {
		size = 8
		word = func(b []byte, v int) []byte { return order.AppendUint64(b, uint64(v)) }
	}
	constants := []byte("some go1.x text, and then ")
	constants = append(constants, bytes.Repeat([]byte("go1.1 and something else; go1.x "), 4000)...)
	versionAt := testConstants + len(constants)
	constants = append(constants, version...)
	modulesAt := testConstants + len(constants)
	constants = append(constants, modules...)
	constants = append(constants, "and more text"...)

	data := append([]byte(goInfoMagic), byte(size), 0)
	data = word(data, testData+128+2*size)
	data = word(data, testData+128)
	data = append(data, make([]byte, 128-len(data))...)
	data = word(word(data, modulesAt), len(modules))
	data = word(word(data, versionAt), len(version))
	return testProgram{wide: wide, constants: constants, data: data, note: true}
}

const testModules = "path\texample.com/app\n" +
	"mod\texample.com/app\tv1.2.3\th1:x=\n" +
	"dep\tgithub.com/BurntSushi/toml\tv1.3.2\th1:y=\n" +
	"dep\tgithub.com/old/fork\tv1.0.0\n" +
	"=>\tgithub.com/new/fork\tv1.0.1\th1:z=\n" +
	"dep\texample.com/near\tv0.0.0\n" +
	"=>\t./near\t(devel)\t\n" +
	"build\t-compiler=gc\nbuild\tvcs.modified=true\n"

var testModulesWant = []string{
	"example.com/app v1.2.3",
	"github.com/BurntSushi/toml v1.3.2",
	"github.com/new/fork v1.0.1",
	"example.com/near ",
}

func TestGoBinary(t *testing.T) {
	t.Parallel()
	info := inlineInfo("go1.22.3", marked(testModules))
	magic := []byte(goInfoMagic)
	all := append(slices.Clip(testModulesWant), "stdlib go1.22.3")
	long := strings.Repeat("dep\texample.com/long/"+strings.Repeat("x", 100)+"\tv1.0.0\n", 3000)
	for _, tt := range []struct {
		name string
		file []byte
		want goResult
	}{
		{"modules", testProgram{wide: true, data: info}.elf(), goResult{Packages: all}},
		{"32 bits", testProgram{data: info}.elf(), goResult{Packages: all}},
		{"later in the data", testProgram{wide: true, data: append(bytes.Repeat([]byte{1}, 1<<20), info...)}.elf(), goResult{Packages: all}},
		{
			"long", testProgram{wide: true, data: append(make([]byte, windowStep-16), inlineInfo("go1.22.3", marked(long))...)}.elf(),
			goResult{Packages: append(slices.Repeat([]string{"example.com/long/" + strings.Repeat("x", 100) + " v1.0.0"}, 3000), "stdlib go1.22.3")},
		},
		{"no modules", testProgram{wide: true, data: inlineInfo("go1.22.3", "")}.elf(), goResult{Packages: []string{"stdlib go1.22.3"}}},
		{
			"development", testProgram{wide: true, data: inlineInfo("devel go1.24-abc Mon", marked("mod\tm\t(devel)\t\n"))}.elf(),
			goResult{Packages: []string{"m ", "stdlib devel go1.24-abc Mon"}},
		},
		{
			"a command of Go", testProgram{wide: true, data: inlineInfo("go1.22.3", marked("path\tcmd/vet\nmod\tcmd\t(devel)\t\ndep\tgolang.org/x/mod\tv0.1.0\t\n"))}.elf(),
			goResult{Packages: []string{"stdlib go1.22.3", "golang.org/x/mod v0.1.0", "toolchain go1.22.3"}},
		},

		{
			"magic among the constants", testProgram{wide: true, constants: append(pad(magic), info...), data: inlineInfo("go1.20", "")}.elf(),
			goResult{Packages: []string{"stdlib go1.20"}},
		},
		{"magic in a program that looks for it", testProgram{wide: true, constants: pad(magic), data: make([]byte, 64)}.elf(), goResult{}},
		{"false magic first", testProgram{wide: true, data: append(pad(append(magic, 8, 2, 0, 0)), info...)}.elf(), goResult{Packages: all}},
		{"false pointers first", testProgram{wide: true, data: append(pad(append(magic, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8)), info...)}.elf(), goResult{Packages: all}},
		{"magic that is not aligned", testProgram{wide: true, data: append([]byte("12345678"), info...)}.elf(), goResult{}},
		{"magic after the data", append(testProgram{wide: true, data: make([]byte, 64)}.elf(), info...), goResult{}},
		{"impossible length", testProgram{wide: true, data: append(append(pad(append(magic, 8, 2)), make([]byte, 16)...),
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)}.elf(), goResult{}},
		{"cut", testProgram{wide: true, data: info[:80]}.elf(), goResult{}},
		{"nothing said", testProgram{wide: true, note: true, data: make([]byte, 4096)}.elf(), goResult{Error: errNoBuildInfo.Error()}},

		{
			"pointers", pointerProgram(true, "go1.16.5", marked(testModules)).elf(),
			goResult{Packages: append(slices.Clip(testModulesWant), "stdlib go1.16.5")},
		},
		{
			"pointers of 32 bits", pointerProgram(false, "go1.13", marked(testModules)).elf(),
			goResult{Packages: append(slices.Clip(testModulesWant), "stdlib go1.13")},
		},
		{"pointers without modules", pointerProgram(true, "go1.16.5", "").elf(), goResult{Packages: []string{"stdlib go1.16.5"}}},
		{"pointers to nothing", pointerProgram(true, "", "").elf(), goResult{Error: errPointers.Error()}},

		{"empty", nil, goResult{}},
		{"class file of Java", []byte("\xca\xfe\xba\xbe\x00\x00\x00\x34" + strings.Repeat("x", 100)), goResult{}},
		{"ELF alone", []byte("\x7fELF\x02\x01\x01"), goResult{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for name, r := range chunks(tt.file) {
				got := goRead(&file{path: "f", size: int64(len(tt.file)), r: r})
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("as a stream of %s (-want +got):\n%s", name, diff)
				}
			}
			got := goRead(&file{path: "f", size: int64(len(tt.file)), at: bytes.NewReader(tt.file)})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("at random (-want +got):\n%s", diff)
			}
		})
	}
}

// TestGoBinaryForms builds a program for systems with other formats.
func TestGoBinaryForms(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds programs")
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command is not installed")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module example.com/hello\n\ngo 1.21\n",
		"main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, system := range []string{"linux/amd64", "linux/mips", "windows/amd64", "windows/386", "darwin/arm64"} {
		out := filepath.Join(dir, strings.ReplaceAll(system, "/", "-"))
		goos, goarch, _ := strings.Cut(system, "/")
		cmd := exec.CommandContext(t.Context(), goCommand, "build", "-ldflags=-s -w", "-o", out, ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("building for %s: %v\n%s", system, err, msg)
		}
		if !compareGoBinary(t, out) {
			t.Errorf("%s is not found to be a Go program", system)
		}
	}
}

// TestGoBinaryReads counts what is read of a large program: as a stream up to
// the build information, at random only headers and the start of the data.
func TestGoBinaryReads(t *testing.T) {
	t.Parallel()
	const constants, behind = 8 << 20, 16 << 20
	b := testProgram{wide: true, constants: make([]byte, constants), data: append(inlineInfo("go1.22.3", ""), make([]byte, behind)...)}.elf()
	c := &counter{r: bytes.NewReader(b)}
	if got := goRead(&file{path: "f", r: c}); len(got.Packages) != 1 || c.n > constants+4*windowStep {
		t.Errorf("as a stream: %v after %d bytes; want one package after the constants", got, c.n)
	}
	c = &counter{at: bytes.NewReader(b)}
	if got := goRead(&file{path: "f", at: c}); len(got.Packages) != 1 || c.n > 4*windowStep {
		t.Errorf("at random: %v after %d bytes; want one package after %d at most", got, c.n, 4*windowStep)
	}
}

type counter struct {
	r  io.Reader
	at io.ReaderAt
	n  int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.at.ReadAt(p, off)
	c.n += n
	return n, err
}

// chunks are ways to hand out the same bytes.
func chunks(b []byte) map[string]io.Reader {
	return map[string]io.Reader{
		"whole":  bytes.NewReader(b),
		"bytes":  iotest.OneByteReader(bytes.NewReader(b)),
		"halves": iotest.HalfReader(bytes.NewReader(b)),
		"eof":    iotest.DataErrReader(bytes.NewReader(b)),
	}
}

func FuzzGoBinary(f *testing.F) {
	info := inlineInfo("go1.22.3", marked(testModules))
	f.Add(testProgram{wide: true, data: info}.elf())
	f.Add(testProgram{data: info, note: true}.elf())
	f.Add(pointerProgram(true, "go1.16.5", marked(testModules)).elf())
	f.Add(pointerProgram(false, "go1.16.5", marked(testModules)).elf())
	f.Add([]byte("MZ"))
	f.Add([]byte("\xca\xfe\xba\xbe\x00\x00\x00\x01"))
	f.Add([]byte("\xcf\xfa\xed\xfe"))
	f.Fuzz(func(t *testing.T, b []byte) {
		want := goRead(&file{path: "f", size: int64(len(b)), r: bytes.NewReader(b)})
		for _, p := range want.Packages {
			if strings.HasPrefix(p, " ") {
				t.Errorf("package without a name: %q", p)
			}
		}
		for name, r := range chunks(b) {
			if name == "bytes" && len(b) > 4096 {
				continue
			}
			if diff := cmp.Diff(want, goRead(&file{path: "f", size: int64(len(b)), r: r})); diff != "" {
				t.Errorf("the result depends on the size of reads (-whole +%s):\n%s", name, diff)
			}
		}
		// What needs no pointers is found in both ways.
		random := goRead(&file{path: "f", size: int64(len(b)), at: bytes.NewReader(b)})
		if bytes.Contains(b, []byte(goInfoMagic+"\x08\x02")) && want.Packages != nil && random.Packages == nil {
			t.Errorf("found in a stream but not at random: %q", want.Packages)
		}
	})
}

// BenchmarkGoBinary looks for build information in a stream without any; the
// promise is more than 5 GB/s, so that it is lost beside the decompression.
func BenchmarkGoBinary(b *testing.B) {
	data := testProgram{wide: true, constants: bytes.Repeat([]byte("some constant text 0123456789\x00"), 1<<20), data: make([]byte, 16<<20), note: true}.elf()
	for _, kind := range []struct {
		name string
		data []byte
	}{{"go", data}, {"other", append(bytes.Clone(data[:300]), append(make([]byte, 16), data[316:]...)...)}} {
		b.Run(kind.name, func(b *testing.B) {
			b.SetBytes(int64(len(kind.data)))
			for b.Loop() {
				goRead(&file{path: "f", size: int64(len(kind.data)), r: bytes.NewReader(kind.data)})
			}
		})
	}
}
