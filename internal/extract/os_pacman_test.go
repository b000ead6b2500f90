package extract

import (
	"bytes"
	"testing"

	"github.com/assay-project/assay/inventory"
)

// FuzzPacman: one package at most, made of what is in the file, and the same
// behind a blank line.
func FuzzPacman(f *testing.F) {
	f.Add([]byte("%NAME%\na\n\n%VERSION%\n1:2-3\n\n%BASE%\nb\n\n%ARCH%\nany\n\n"))
	f.Add([]byte("%NAME%\r\na\r\n\r\n%VERSION%\r\n1-1"))
	f.Add([]byte("%NAME%\n%NAME%\n\n%NAME%\nb\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := readWhole(readPacman, "var/lib/pacman/local/a-1-1/desc", data)
		if len(out.Packages) > 1 || (err == nil) != (len(out.Packages) == 1) {
			t.Fatalf("%v, %v", out.Packages, err)
		}
		again, err2 := readWhole(readPacman, "var/lib/pacman/local/a-1-1/desc", append([]byte("\n"), data...))
		if (err == nil) != (err2 == nil) || len(out.Packages) != len(again.Packages) {
			t.Errorf("behind a blank line: %v, %v", again.Packages, err2)
		}
		for i, p := range out.Packages {
			if p.Name == "" || p.Evidence != inventory.Database || p != again.Packages[i] {
				t.Errorf("%+v and %+v", p, again.Packages[i])
			}
			for _, s := range []string{p.Name, p.Version, p.Arch, p.SourceName} {
				if bytes.ContainsRune([]byte(s), '\n') {
					t.Errorf("%q is of several lines", s)
				}
			}
		}
	})
}

// FuzzPacmanFiles: each line gives at most one path.
func FuzzPacmanFiles(f *testing.F) {
	f.Add("a-b-1.0-1", []byte("%FILES%\nusr/\nusr/share/java/x.jar\n\n%BACKUP%\netc/x\t00\n"))
	f.Add("a-1", []byte("%FILES%\nx.jar\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		out, err := readWhole(readPacmanFiles, "var/lib/pacman/local/"+name+"/files", data)
		if err != nil && len(out.Owns) > 0 {
			t.Errorf("%v with %v", out.Owns, err)
		}
		n := 0
		for _, o := range out.Owns {
			if o.Package == "" || len(o.Package) >= len(name) {
				t.Errorf("package %q of %q", o.Package, name)
			}
			n += len(o.Paths)
		}
		if lines := bytes.Count(data, []byte("\n")) + 1; n > lines {
			t.Errorf("%d paths in %d lines", n, lines)
		}
	})
}
