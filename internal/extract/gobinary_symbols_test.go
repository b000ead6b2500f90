package extract

import (
	"bytes"
	"debug/elf"
	"debug/gosym"
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

// symbolTable is a table of functions as Go 1.20 and later write it, with some
// bytes after the names where the rest of it would be.
func symbolTable(names ...string) []byte {
	text := strings.Join(names, "\x00") + "\x00"
	b := []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}
	for _, v := range []int{len(names), 1, 0, 72, 72 + len(text), 72 + len(text), 72 + len(text), 72 + len(text)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return append(append(b, text...), make([]byte, 64)...)
}

// symbolsOf reads the functions of a program, by module.
func symbolsOf(tb testing.TB, f *file) map[string]inventory.Symbols {
	tb.Helper()
	f.out = &File{}
	if err := new(shared).readExecutable(f); err != nil {
		tb.Log(err)
	}
	out := map[string]inventory.Symbols{}
	for _, p := range f.out.Packages {
		out[p.Name] = p.Symbols
	}
	return out
}

func symbolsOfBytes(tb testing.TB, b []byte) map[string]inventory.Symbols {
	tb.Helper()
	return symbolsOf(tb, &file{path: "f", size: int64(len(b)), r: bytes.NewReader(b)})
}

// TestSymbolNames has names as the linker writes them, and as vuln.go.dev does.
func TestSymbolNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ module, linked, asked string }{
		{"stdlib", "net/http.ReadRequest", "net/http.ReadRequest"},
		{"stdlib", "net/http.(*Client).Do", "net/http.Client.Do"},
		{"stdlib", "net/http.Header.Get", "net/http.Header.Get"},
		{"stdlib", "net/http.(*Client).Do-fm", "net/http.Client.Do"},
		{"stdlib", "vendor/golang.org/x/net/idna.ToASCII", "vendor/golang.org/x/net/idna.ToASCII"},
		{"stdlib", "sync/atomic.(*Pointer[go.shape.struct { a/b.X }]).Load", "sync/atomic.Pointer.Load"},
		{"stdlib", "slices.Sort[go.shape.[]int,go.shape.int]", "slices.Sort"},
		{"stdlib", "slices.Sort[...].func1", "slices.Sort"},
		{"stdlib", "time.init.0", "time.init"},
		{"stdlib", "time.parse.gowrap1", "time.parse"},
		{"github.com/BurntSushi/toml", "github.com/BurntSushi/toml.(*Decoder).Decode.func1.2", "github.com/BurntSushi/toml.Decoder.Decode"},
		{"github.com/BurntSushi/toml", "github.com/BurntSushi/toml/internal.F-range1", "github.com/BurntSushi/toml/internal.F"},
		{"gopkg.in/yaml.v2", "gopkg.in/yaml%2ev2.(*parser).parse", "gopkg.in/yaml.v2.parser.parse"},
		{"example.com/app", "main.run", "example.com/app/cmd/app.run"},
		{"example.com/app", "example.com/app/web.Serve", "example.com/app/web.Serve"},
		{"example.com/app/sub", "example.com/app/sub/web.Serve", "example.com/app/sub/web.Serve"},
	} {
		t.Run(tt.linked, func(t *testing.T) {
			t.Parallel()
			modules := "path\texample.com/app/cmd/app\nmod\texample.com/app\tv1.2.3\t\n"
			for _, m := range []string{"github.com/BurntSushi/toml", "gopkg.in/yaml.v2", "example.com/app/sub"} {
				modules += "dep\t" + m + "\tv1.0.0\t\n"
			}
			program := testProgram{
				wide: true, note: true, constants: symbolTable("runtime.main", tt.linked),
				data: inlineInfo("go1.22.3", marked(modules)),
			}
			for module, set := range symbolsOfBytes(t, program.elf()) {
				got, err := set.Linked([]string{tt.asked})
				if err != nil || (len(got) == 1) != (module == tt.module) {
					t.Errorf("%s: %q, %v", module, got, err)
				}
			}
		})
	}
}

// TestSymbolsKnown tells of which modules the functions are known.
func TestSymbolsKnown(t *testing.T) {
	t.Parallel()
	info := inlineInfo("go1.22.3", marked(testModules))
	table := symbolTable("runtime.main", "example.com/app.F", "github.com/old/fork.F", "type:.eq.a.T", "_cgo_topofstack")
	change := func(at int, v byte) []byte {
		b := bytes.Clone(table)
		b[at] = v
		return b
	}
	all := "example.com/app github.com/BurntSushi/toml stdlib"
	for _, tt := range []struct {
		name    string
		program testProgram
		want    string
	}{
		{"constants", testProgram{constants: table}, all},
		{"later", testProgram{constants: append(make([]byte, 3*windowStep-8), table...)}, all},
		{"at the edge of a step", testProgram{constants: append(make([]byte, windowStep-100), table...)}, all},
		{"in the data", testProgram{data: pad(table)}, all},
		{"in the data, later", testProgram{data: pad(append(make([]byte, windowStep-16), table...))}, all},
		{"Go 1.18", testProgram{constants: change(0, 0xf0)}, all},
		{"Go 1.16", testProgram{constants: change(0, 0xfa)}, ""},
		{"one that is embedded", testProgram{constants: append(pad(symbolTable("main.main")), table...)}, all},
		{"not the whole program", testProgram{constants: symbolTable("main.main", "a.F")}, ""},
		{"no table", testProgram{}, ""},
		{"unknown size of instructions", testProgram{constants: change(6, 3)}, ""},
		{"unknown size of addresses", testProgram{constants: change(7, 5)}, ""},
		{"names before the header", testProgram{constants: change(32, 8)}, ""},
		{"names behind the segment", testProgram{constants: change(66, 1)}, ""},
		{"too many names", testProgram{constants: change(42, 0xff)}, ""},
		{"after false ones", testProgram{constants: append(bytes.Repeat(pad(table[:8]), 1000), table...)}, all},
		{"after too many false ones", testProgram{constants: append(bytes.Repeat(pad(table[:8]), 1<<16), table...)}, ""},
		{"not aligned", testProgram{constants: append([]byte{1}, table...)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.program.wide, tt.program.note = true, true
			tt.program.data = append(tt.program.data, info...)
			b := tt.program.elf()
			var known []string
			stream := symbolsOfBytes(t, b)
			for _, m := range []string{"example.com/app", "github.com/BurntSushi/toml", "github.com/new/fork", "example.com/near", "stdlib"} {
				if stream[m] != "" {
					known = append(known, m)
				}
			}
			if got := strings.Join(known, " "); got != tt.want {
				t.Errorf("known are %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff(stream, symbolsOf(t, &file{path: "f", size: int64(len(b)), at: bytes.NewReader(b)})); diff != "" {
				t.Errorf("at random (-stream +random):\n%s", diff)
			}
		})
	}
}

// TestSymbolsOfPrograms asks for each function that the standard library finds
// in real programs: this test and those that ASSAY_GO_PROGRAMS names.
func TestSymbolsOfPrograms(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(strings.Fields(os.Getenv("ASSAY_GO_PROGRAMS")), self) {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		stat, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		program, err := elf.NewFile(f)
		if err != nil {
			t.Skip("this system has no ELF files")
		}
		table := program.Section(".gopclntab")
		if table == nil {
			t.Logf("%s: no section for the table", name)
			continue
		}
		data, err := table.Data()
		if err != nil {
			t.Fatal(err)
		}
		lines, err := gosym.NewTable(nil, gosym.NewLineTable(data, program.Section(".text").Addr))
		if err != nil {
			t.Fatal(err)
		}
		in := &file{path: name, size: stat.Size(), at: f, out: &File{}}
		if err := new(shared).readExecutable(in); err != nil {
			t.Fatal(err)
		}
		asked := map[string][]string{}
		for _, f := range lines.Funcs {
			path := unescapePath(f.PackageName())
			base := f.BaseName()
			receiver := strings.Trim(f.ReceiverName(), "(*)")
			if path == "" || path == "main" || path[0] == '_' || strings.ContainsAny(base, "-[") || inventory.IsGenerated(base) || strings.ContainsAny(receiver, ".[") {
				continue
			}
			if receiver != "" {
				base = receiver + "." + base
			}
			module := ""
			for _, p := range in.out.Packages {
				if (path+"/") == p.Name+"/" || strings.HasPrefix(path, p.Name+"/") {
					module = max(module, p.Name)
				}
			}
			if first, _, _ := strings.Cut(path, "/"); module == "" && !strings.Contains(first, ".") {
				module = "stdlib"
			}
			asked[module] = append(asked[module], path+"."+base)
		}
		n := 0
		for _, p := range in.out.Packages {
			if p.Symbols == "" {
				continue
			}
			got, err := p.Symbols.Linked(asked[p.Name])
			if err != nil {
				t.Fatal(err)
			}
			if n += len(got); len(got) != len(asked[p.Name]) {
				missing := slices.DeleteFunc(asked[p.Name], func(f string) bool { return slices.Contains(got, f) })
				t.Errorf("%s: not all functions of %s are there, such as %q", name, p.Name, missing[:min(10, len(missing))])
			}
		}
		if n < 1000 {
			t.Errorf("%s: only %d functions", name, n)
		}
		t.Logf("%s: %d functions", name, n)
	}
}

// FuzzSymbols reads anything as a table. What comes of it is a set, and does not
// depend on how the file is read.
func FuzzSymbols(f *testing.F) {
	f.Add(symbolTable("runtime.main", "net/http.(*Client).Do.func1", "gopkg.in/yaml%2ev2.F[go.shape.int].G", "main.main", "example.com/app.F-fm"))
	f.Add(append(symbolTable("runtime.main"), pad(symbolTable("runtime.main", "a.F"))...))
	f.Add(symbolTable("[.runtime", "runtime.", ".", "%.%", "a%2.b", "a%zz.b", "runtime.[]]"))
	f.Add([]byte("\xff\xff\xff\xf0\x00\x00\x04\x04"))
	f.Fuzz(func(t *testing.T, table []byte) {
		for _, p := range []testProgram{
			{wide: true, note: true, constants: table, data: inlineInfo("go1.22.3", marked(testModules))},
			{note: true, data: append(pad(table), inlineInfo("go1.22.3", marked(testModules))...)},
		} {
			b := p.elf()
			want := symbolsOfBytes(t, b)
			for name, set := range want {
				if err := set.Check(); set != "" && err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			for name, r := range chunks(b) {
				if name == "bytes" && len(b) > 4096 {
					continue
				}
				if diff := cmp.Diff(want, symbolsOf(t, &file{path: "f", size: int64(len(b)), r: r})); diff != "" {
					t.Errorf("the result depends on the size of reads (-whole +%s):\n%s", name, diff)
				}
			}
			if diff := cmp.Diff(want, symbolsOf(t, &file{path: "f", size: int64(len(b)), at: bytes.NewReader(b)})); diff != "" {
				t.Errorf("at random (-stream +random):\n%s", diff)
			}
		}
	})
}

// BenchmarkSymbols reads the program that ASSAY_GO_PROGRAM names at random, or
// this test: some 0.2 µs for each name of its table.
func BenchmarkSymbols(b *testing.B) {
	name := os.Getenv("ASSAY_GO_PROGRAM")
	if name == "" {
		var err error
		if name, err = os.Executable(); err != nil {
			b.Fatal(err)
		}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	s := new(shared)
	b.ReportAllocs()
	for b.Loop() {
		f := &file{path: name, size: int64(len(data)), at: bytes.NewReader(data), out: &File{}}
		if err := s.readExecutable(f); err != nil {
			b.Fatal(err)
		}
	}
}
