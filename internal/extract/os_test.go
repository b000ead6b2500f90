package extract

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

// readWhole reads a file with one reader.
func readWhole(read func(*file) error, path string, data []byte) (*File, error) {
	out := &File{Path: path}
	err := read(&file{path: path, size: int64(len(data)), data: data, match: newMatcher(formats()), out: out})
	return out, err
}

func TestOSRelease(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, data string
		want       *inventory.OS
		err        bool
	}{
		{name: "empty"},
		{name: "comment", data: "# nothing\n", err: true},
		{name: "binary", data: "\x00\x01\x02", err: true},
		{name: "no id", data: "NAME=x\n", want: &inventory.OS{ID: "linux"}},
		{
			name: "ubuntu", data: "ID=ubuntu\nVERSION_ID=\"16.04\"\nVERSION=\"16.04.7 LTS (Xenial Xerus)\"\nUBUNTU_CODENAME=xenial\n",
			want: &inventory.OS{ID: "ubuntu", VersionID: "16.04", Codename: "xenial"},
		},
		{name: "two words are no code name", data: "ID=ubuntu\nVERSION=\"14.04 (Trusty Tahr)\"\n", want: &inventory.OS{ID: "ubuntu"}},
		{name: "no end of line", data: "ID=a\r\nVERSION_ID=1", want: &inventory.OS{ID: "a", VersionID: "1"}},
		{name: "open quote", data: "ID='a\nVERSION_ID=\"1", want: &inventory.OS{ID: "a", VersionID: "1"}},
	} {
		out, err := readWhole(readOSRelease, "etc/os-release", []byte(tt.data))
		if (err != nil) != tt.err {
			t.Errorf("%s: %v", tt.name, err)
		}
		if d := cmp.Diff(tt.want, out.OS); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
	}
}

// TestOwnedLength wants a directory that is named once not to be copied for
// each of its files.
func TestOwnedLength(t *testing.T) {
	t.Parallel()
	data := "P:a\nF:" + strings.Repeat("d/", maxPath) + "\n" + strings.Repeat("R:x.jar\n", 100) + "F:d\nR:x.jar\n"
	out, err := readWhole(readAPK, "db", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Owned{{"a", []uint64{hashPath("d/x.jar")}}}, out.Owns); d != "" {
		t.Error(d)
	}
}

func TestTooManyInstalled(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		read func(*file) error
		one  string
	}{
		"dpkg": {readDpkg, "Package: a\n\n"},
		"apk":  {readAPK, "P:a\n\n"},
	} {
		out, err := readWhole(tt.read, "db", []byte(strings.Repeat(tt.one, 2*maxInstalled)))
		if err == nil || len(out.Packages) > maxInstalled+1 {
			t.Errorf("%s: %d packages, %v", name, len(out.Packages), err)
		}
	}
}

// FuzzOSRelease: a value never has more bytes than the file, and quoting all
// values anew changes nothing.
func FuzzOSRelease(f *testing.F) {
	f.Add([]byte("ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='a b'\nID_LIKE=\"x y\"\n"))
	f.Add([]byte("NAME=\"It\\\"s\" # x\nVERSION=\"9 (stretch)\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := readWhole(readOSRelease, "etc/os-release", data)
		if err != nil || out.OS == nil {
			return
		}
		o := out.OS
		var b strings.Builder
		for _, v := range []struct{ name, value string }{
			{"ID", o.ID},
			{"VERSION_ID", o.VersionID},
			{"VERSION_CODENAME", o.Codename},
			{"PRETTY_NAME", o.Name},
			{"ID_LIKE", strings.Join(o.Like, " ")},
			{"CPE_NAME", o.CPE},
		} {
			if len(v.value) > 3*len(data)+len("linux") { // lower case may be longer
				t.Errorf("%s has %d bytes of %d", v.name, len(v.value), len(data))
			}
			b.WriteString(v.name + "='" + strings.ReplaceAll(v.value, "'", `'\''`) + "'\n")
		}
		again, err := readWhole(readOSRelease, "etc/os-release", []byte(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(o, again.OS); d != "" {
			t.Error(d)
		}
	})
}

// fuzzDatabase wants packages to be made of what is in the file, and the file
// with a blank line in front to hold the same packages.
func fuzzDatabase(f *testing.F, read func(*file) error, typ string) {
	f.Helper()
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := readWhole(read, "db", data)
		for _, p := range out.Packages {
			if p.Type != typ || p.Name == "" || p.Evidence != inventory.Database {
				t.Errorf("package %+v", p)
			}
			for _, s := range []string{p.Name, p.Version, p.Arch, p.SourceName, p.SourceVersion} {
				if !bytes.Contains(data, []byte(s)) {
					t.Errorf("%q is not in the file", s)
				}
			}
		}
		again, err2 := readWhole(read, "db", append([]byte("\n"), data...))
		if d := cmp.Diff(out, again); d != "" || (err == nil) != (err2 == nil) {
			t.Error(d, err, err2)
		}
	})
}

func FuzzDpkg(f *testing.F) {
	f.Add([]byte("Package: a\nStatus: install ok installed\nVersion: 1:2-3\nSource: b (1:2-2)\nArchitecture: amd64\n\nPackage: c\nVersion: 1\n"))
	f.Add([]byte("package: a\n x: y\nstatus: deinstall ok config-files\n\nbad\n"))
	fuzzDatabase(f, readDpkg, "deb")
}

func FuzzAPK(f *testing.F) {
	f.Add([]byte("P:a\nV:1-r0\nA:x86_64\no:b\nF:usr/lib\nR:x.jar\n\nP:c\nV:2\nF:\nR:y.jar\nbad\n"))
	fuzzDatabase(f, readAPK, "apk")
}

// FuzzDpkgList: each line gives at most one path.
func FuzzDpkgList(f *testing.F) {
	f.Add([]byte("/.\n/usr\n/usr/share/java/x.jar\n/lib/x.jar\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := readWhole(readDpkgList, "var/lib/dpkg/info/a:amd64.list", data)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, o := range out.Owns {
			if o.Package != "a" {
				t.Errorf("package %q", o.Package)
			}
			n += len(o.Paths)
		}
		if lines := bytes.Count(data, []byte("\n")) + 1; n > lines {
			t.Errorf("%d paths in %d lines", n, lines)
		}
	})
}
