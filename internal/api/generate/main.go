// Generate writes the Go packages of the APIs from their definitions in the
// folder api: go run ./internal/api/generate, in the root of the repository.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

//go:generate go run . ../../..

// apis are the definitions and the packages made of them.
var apis = []struct {
	definition string // below the root of the repository
	folder     string // of the package
}{
	{"api/inspector2.idl", "internal/api/inspector2"},
	{"api/inspector-scan.idl", "internal/api/inspectorscan"},
	{"api/inspector-classic.idl", "internal/api/inspector"},
}

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	files, err := generate(root)
	for name, text := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), text, 0o644) //nolint:gosec // source files are for all to read
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate returns the text of every generated file by its path below root.
func generate(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, a := range apis {
		text, err := os.ReadFile(filepath.Join(root, a.definition)) //nolint:gosec // the folder that the caller names
		if err != nil {
			return nil, err
		}
		m, err := parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", a.definition, err)
		}
		e := emitter{model: m, source: a.definition, pkg: filepath.Base(a.folder)}
		for name, write := range map[string]func() error{"types_gen.go": e.types, "tables_gen.go": e.tables} {
			e.reset()
			if err := write(); err != nil {
				return nil, fmt.Errorf("writing %s: %w", name, err)
			}
			if files[a.folder+"/"+name], err = e.text(); err != nil {
				return nil, fmt.Errorf("formatting %s: %w", name, err)
			}
		}
	}
	return files, nil
}
