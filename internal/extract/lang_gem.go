package extract

import (
	"bytes"
	"errors"
	"path"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readGemspec reads the specification of an installed gem, a Ruby program that
// RubyGems has written: its stub line, or the assignments if it has none. The
// file name carries a platform behind the version and is not asked. A gemspec
// elsewhere is the source of a gem, not an installed one.
// Source: RubyGems, Gem::StubSpecification and Gem::Specification#to_ruby.
func readGemspec(f *file) error {
	dir := path.Dir(f.path)
	if path.Base(dir) == "default" {
		dir = path.Dir(dir)
	}
	if path.Base(dir) != "specifications" {
		return nil
	}
	var name, version string
	err := eachLine(f.r, func(line []byte, _ bool) error {
		if stub, ok := bytes.CutPrefix(line, []byte("# stub: ")); ok {
			// # stub: name version platform require_path...
			if parts := bytes.Fields(stub); len(parts) >= 2 {
				name, version = clean(parts[0]), clean(parts[1])
				return errDone
			}
		}
		switch field, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte("=")); gemField(field) {
		case "name":
			name = rubyString(value)
		case "version":
			version = rubyString(value)
		}
		if name != "" && version != "" {
			return errDone
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case name == "":
		return errors.New("gemspec without a name")
	}
	f.add(inventory.Package{Type: "gem", Name: name, Version: version})
	return nil
}

// gemField returns the attribute in "s.attribute ".
func gemField(b []byte) string {
	b = bytes.TrimSpace(b)
	if i := bytes.IndexByte(b, '.'); i > 0 && bytes.IndexByte(b, ' ') < 0 {
		return string(b[i+1:])
	}
	return ""
}

// rubyString returns the first quoted string of an expression such as
// "1.2".freeze, %q{1.2} or Gem::Version.new("1.2"); empty if there is none.
func rubyString(b []byte) string {
	if q, ok := bytes.CutPrefix(bytes.TrimSpace(b), []byte("%q{")); ok {
		if s, _, ok := bytes.Cut(q, []byte("}")); ok {
			return clean(s)
		}
	}
	i := bytes.IndexAny(b, `"'`)
	if i < 0 {
		return ""
	}
	n := bytes.IndexByte(b[i+1:], b[i])
	if n < 0 {
		return ""
	}
	s := clean(b[i+1 : i+1+n])
	if strings.Contains(s, "#{") {
		return "" // computed when it runs
	}
	return s
}
