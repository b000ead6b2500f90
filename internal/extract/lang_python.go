package extract

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/inventory"
)

// readMetadata reads the metadata of an installed Python distribution:
// METADATA of a wheel, PKG-INFO of an egg, or the *.egg-info file of
// distutils. Only its header counts, a list of "Name: value" lines like that
// of a mail. What it says wins over the name of its directory, which decides
// if it says nothing.
// Source: Python packaging specifications, "Core metadata" and "Recording
// installed projects"; setuptools, "The Internal Structure of Python Eggs".
func readMetadata(f *file) error {
	name, version := "", ""
	err := eachLine(f.r, func(line []byte, _ bool) error {
		if len(line) == 0 {
			return errDone
		}
		key, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || line[0] == ' ' || line[0] == '\t' {
			return nil // goes on from the line before
		}
		switch {
		case name == "" && bytes.EqualFold(key, []byte("Name")):
			name = clean(value)
		case version == "" && bytes.EqualFold(key, []byte("Version")):
			version = clean(value)
		}
		if name != "" && version != "" {
			return errDone
		}
		return nil
	})
	if err != nil {
		return err
	}
	p := inventory.Package{Type: "pypi", Name: name, Version: version}
	if name == "" || version == "" {
		n, v := pythonDirectory(f.path)
		if name == "" {
			p.Name, p.Evidence = n, inventory.Filename
		}
		if version == "" && (name == "" || samePython(n, name)) {
			p.Version = v
		}
	}
	if p.Name != "" {
		f.add(p)
	}
	return nil
}

// pythonDirectory returns name and version as the directory or file with the
// metadata has them: name-version.dist-info, name-version-py3.11.egg-info.
// Neither part holds a dash.
func pythonDirectory(p string) (name, version string) {
	base := path.Base(p)
	if base == "METADATA" || base == "PKG-INFO" {
		base = path.Base(path.Dir(p))
		if base == "EGG-INFO" {
			base = path.Base(path.Dir(path.Dir(p)))
		}
	}
	stem := strings.TrimSuffix(base, path.Ext(base))
	if stem == "" || stem == "." || stem == "/" {
		return "", ""
	}
	name, version, _ = strings.Cut(stem, "-")
	version, _, _ = strings.Cut(version, "-")
	return clean([]byte(name)), clean([]byte(version))
}

// samePython tells whether two names are the same distribution, of which file
// names have one spelling and metadata another.
// Source: Python packaging specifications, "Names and normalization".
func samePython(a, b string) bool {
	fold := strings.NewReplacer("-", "", "_", "", ".", "")
	return strings.EqualFold(fold.Replace(a), fold.Replace(b))
}

// readEgg reads an egg that is a zip archive; one that is a directory is read
// as any other.
func readEgg(f *file) error {
	z, err := artifact.OpenZip(f.at, f.size)
	if err != nil {
		return err
	}
	for _, m := range z.Members() {
		if m.Name != "EGG-INFO/PKG-INFO" {
			continue
		}
		r, err := z.Open(m)
		if err != nil {
			return err
		}
		in := *f
		in.path, in.size, in.r = f.path+"!/"+m.Name, m.Size, r
		err = readMetadata(&in)
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", m.Name, err)
		}
		return nil
	}
	name, version := pythonDirectory(f.path)
	if name != "" {
		f.add(inventory.Package{Type: "pypi", Name: name, Version: version, Evidence: inventory.Filename})
	}
	return nil
}
