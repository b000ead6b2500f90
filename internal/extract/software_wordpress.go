package extract

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// pluginHeading is how much of a file WordPress reads for its header, in bytes.
// Source: WordPress, function get_file_data.
const pluginHeading = 8 << 10

// readPlugin reads the header of a plugin: a comment with fields at the
// beginning of one of the files in its directory.
// Source: WordPress Plugin Handbook, "Header Requirements".
func readPlugin(f *file) error {
	dir, base := path.Split(f.path)
	slug := path.Base(dir)
	if slug == "plugins" || slug == "mu-plugins" {
		slug = strings.TrimSuffix(base, ".php")
	}
	return readHeader(f, "Plugin Name", "wordpress-plugin", slug)
}

// readTheme reads the header of a theme.
// Source: WordPress Theme Handbook, "Main Stylesheet".
func readTheme(f *file) error {
	return readHeader(f, "Theme Name", "wordpress-theme", path.Base(path.Dir(f.path)))
}

// readHeader adds a package of the name slug if the file has a header with the
// field title.
func readHeader(f *file, title, typ, slug string) error {
	titled, version := false, ""
	err := eachLine(io.LimitReader(f.r, pluginHeading), func(line []byte, _ bool) error {
		name, value, ok := bytes.Cut(bytes.TrimLeft(bytes.TrimPrefix(bytes.TrimLeft(line, " \t"), []byte("<?php")), " \t/*#@"), []byte(":"))
		switch {
		case !ok:
		case bytes.EqualFold(name, []byte(title)):
			titled = true
		case bytes.EqualFold(name, []byte("Version")) && version == "":
			version = clean(bytes.TrimRight(value, " \t*/"))
		}
		if titled && version != "" {
			return errDone
		}
		return nil
	})
	if titled {
		f.add(inventory.Package{Type: typ, Name: slug, Version: version[:min(len(version), maxMarked)]})
	}
	return err
}

// readConda reads the record of a package that conda has installed.
// Source: conda documentation, "conda-meta directory", PrefixRecord.
func readConda(f *file) error {
	p := inventory.Package{Type: "conda", Evidence: inventory.Database}
	j := jsonstream.New(f.r, f.size)
	err := readFields(j, map[string]*string{"name": &p.Name, "version": &p.Version, "subdir": &p.Arch}, nil)
	if p.Name != "" {
		f.add(p)
	}
	return err
}

// readFields reads the strings of an object by their keys, and hands other
// values of keys in special to their functions. A key that comes again wins.
func readFields(j *jsonstream.Reader, fields map[string]*string, special map[string]func() error) error {
	if c, err := j.Peek(); err != nil || c != '{' {
		if err == nil {
			err = errors.New("not an object")
		}
		return err
	}
	return j.Object(func(key []byte) error {
		if read := special[string(key)]; read != nil {
			return read()
		}
		dst := fields[string(key)]
		if dst == nil {
			return j.Skip()
		}
		s, ok, err := j.String()
		if ok {
			*dst = clean(s)
		}
		return err
	})
}
