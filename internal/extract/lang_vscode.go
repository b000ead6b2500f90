package extract

import (
	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readExtension reads the manifest of an extension of Visual Studio Code, or of
// an editor that is built from its sources. Without one of the four fields that
// are mandatory it is no extension, but the package.json of something else. That
// a removed one stays until the next start, is not known here.
// Source: Visual Studio Code API, "Extension Manifest", "Fields".
func readExtension(f *file) error {
	j := jsonstream.New(f.r, f.size)
	if c, err := j.Peek(); err != nil || c != '{' {
		return err
	}
	var name, publisher, version, engine string
	fields := map[string]*string{"name": &name, "publisher": &publisher, "version": &version}
	err := j.Object(func(key []byte) error {
		if string(key) == "engines" {
			if c, err := j.Peek(); err != nil || c != '{' {
				return orSkip(j, err)
			}
			return readTexts(j, map[string]*string{"vscode": &engine})
		}
		to := fields[string(key)]
		if to == nil {
			return j.Skip()
		}
		s, ok, err := j.String()
		if ok {
			*to = clean(s)
		}
		return err
	})
	if name != "" && publisher != "" && version != "" && engine != "" {
		f.add(inventory.Package{Type: "vscode-extension", Name: publisher + "." + name, Version: version})
	}
	return err
}
