package extract

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readDpkg reads dpkg's database of packages, or one of the files that
// distroless images have in its place, one for each package.
// Source: dpkg(1), section "Package states"; deb-control(5) and deb822(5) for
// the form; Debian Policy 5.6.1 for Source.
func readDpkg(f *file) error {
	_, base := splitPath(f.path)
	if pkg, ok := strings.CutSuffix(base, ".md5sums"); ok {
		readMD5Sums(f, pkg)
		return nil
	}
	f.out.Database = true
	var s stanza
	bad := 0
	n := 0
	for line := range bytes.Lines(f.data) {
		n++
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			s.addTo(f)
			if err := f.full(); err != nil {
				return err
			}
			s = stanza{}
		case line[0] == ' ' || line[0] == '\t' || line[0] == '#': // continued; a comment
		default:
			if key, value, ok := bytes.Cut(line, []byte(":")); ok {
				s.set(key, bytes.TrimSpace(value))
			} else if bad == 0 {
				bad = n
			}
		}
	}
	s.addTo(f)
	if bad > 0 {
		return fmt.Errorf("line %d is not a field", bad)
	}
	return nil
}

// stanza holds the fields of one package, as parts of the file's data.
type stanza struct{ name, status, version, arch, source []byte }

// set keeps a field that is of use. Names of fields are case-insensitive.
func (s *stanza) set(key, value []byte) {
	var field *[]byte
	switch len(key) {
	case len("Package"):
		switch {
		case bytes.EqualFold(key, []byte("Package")):
			field = &s.name
		case bytes.EqualFold(key, []byte("Version")):
			field = &s.version
		}
	case len("Status"):
		switch {
		case bytes.EqualFold(key, []byte("Status")):
			field = &s.status
		case bytes.EqualFold(key, []byte("Source")):
			field = &s.source
		}
	case len("Architecture"):
		if bytes.EqualFold(key, []byte("Architecture")) {
			field = &s.arch
		}
	}
	if field != nil && *field == nil {
		*field = value
	}
}

func (s *stanza) addTo(f *file) {
	if len(s.name) == 0 || !s.present() {
		return
	}
	p := inventory.Package{
		Type: "deb", Name: string(s.name), Version: string(s.version), Arch: string(s.arch),
		Evidence: inventory.Database,
	}
	// A source package of another name or version than the binary package's,
	// as after a rebuild without change (+b1).
	p.SourceName, p.SourceVersion = p.Name, p.Version
	if name, version, ok := bytes.Cut(s.source, []byte("(")); len(s.source) > 0 {
		p.SourceName = string(bytes.TrimSpace(name))
		if version, _, closed := bytes.Cut(version, []byte(")")); ok && closed {
			p.SourceVersion = string(bytes.TrimSpace(version))
		}
	}
	f.add(p)
}

// present tells whether the package's files are there, at least in part. In
// all states but not-installed and config-files they have been unpacked; a
// package that was removed but not purged is in the latter. Files of
// distroless images state nothing, because all they name is there.
func (s *stanza) present() bool {
	if len(s.status) == 0 {
		return true
	}
	words := bytes.Fields(s.status) // want, flag, state
	switch string(words[len(words)-1]) {
	case "not-installed", "config-files":
		return false
	}
	return true
}

// readDpkgList reads which files a package installed: one absolute path a line,
// directories among them. The file is called after the package, with the
// architecture where several may be installed: libc6:amd64.list.
// Source: dpkg, lib/dpkg/db-fsys-files.c and infodb formats 0 and 1.
func readDpkgList(f *file) error {
	_, base := splitPath(f.path)
	pkg, _, _ := strings.Cut(strings.TrimSuffix(base, ".list"), ":")
	for line := range bytes.Lines(f.data) {
		if p := bytes.TrimRight(line, "\n"); len(p) > 1 {
			f.own(pkg, string(p))
		}
	}
	return nil
}

// readMD5Sums reads which files a package of a distroless image holds.
// Source: deb-md5sums(5).
func readMD5Sums(f *file, pkg string) {
	for line := range bytes.Lines(f.data) {
		if _, p, ok := bytes.Cut(bytes.TrimRight(line, "\n"), []byte("  ")); ok {
			f.own(pkg, string(p))
		}
	}
}
