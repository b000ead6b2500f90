package extract

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/artifact"
)

// rpmSpec is a package without sources or files, with what is easily read wrong:
// an epoch, a release with a caret, a subpackage with a version of its own, a
// label of a module.
const rpmSpec = `Name: example
Epoch: 2
Version: 1.2~rc1
Release: 3^git5
Summary: x
License: x
BuildArch: noarch
ModularityLabel: example:1:2:3
%description
x
%package tools
Version: 7
Epoch: 0
Summary: x
%description tools
x
%package -n perl-Example
Summary: x
%description -n perl-Example
x
%files
%files tools
%files -n perl-Example
`

// TestRPMAgainstRPM makes a database with rpm itself and reads it as rpm does.
func TestRPMAgainstRPM(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"rpm", "rpmbuild"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	run := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/example.spec", []byte(rpmSpec), 0o600); err != nil {
		t.Fatal(err)
	}
	run("rpmbuild", "--define", "_topdir "+dir, "-bb", dir+"/example.spec")
	built, err := filepath.Glob(dir + "/RPMS/noarch/*.rpm")
	if err != nil || len(built) != 3 {
		t.Fatalf("built %q, %v", built, err)
	}
	root := t.TempDir()
	db := root + "/usr/lib/sysimage/rpm"
	if err := os.MkdirAll(db, 0o700); err != nil {
		t.Fatal(err)
	}
	// Debian's rpm writes no other kind of database than this.
	with := []string{"--define", "_db_backend sqlite", "--define", "_dbpath " + db}
	run("rpm", append(with, "--initdb")...)
	run("rpm", append(append(with, "-i", "--justdb", "--nodeps"), built...)...)
	listed := run("rpm", append(with, "-qa", "--qf", `%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH} %{MODULARITYLABEL}\n`)...)
	want := strings.Split(strings.TrimSpace(listed), "\n")
	a, err := artifact.Open(t.Context(), "dir:"+root, artifact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	l, err := Read(t.Context(), a.Layers[0], Options{})
	if err != nil {
		t.Fatal(err)
	}
	inv := Merge([]*Layer{l})
	var got []string
	for _, p := range inv.Packages {
		label := "(none)"
		if p.Module != "" {
			label = p.Module + ":2:3" // the inventory has name and stream
		}
		got = append(got, fmt.Sprint(p.Name, " ", p.Version, " ", cmp.Or(p.Arch, "(none)"), " ", label))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := gocmp.Diff(want, got); diff != "" || len(inv.Problems) > 0 {
		t.Errorf("(-rpm +read) %v\n%s", inv.Problems, diff)
	}
}
