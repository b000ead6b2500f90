package extract

import (
	"bytes"
	"fmt"

	"github.com/assay-project/assay/inventory"
)

// readAPK reads the database of installed Alpine packages: one paragraph per
// package, one "X:value" field per line, a blank line after each. F names a
// directory, and R a file of the directory that was named last.
// Source: Alpine wiki, "Apk spec", section "Installed Database V2".
func readAPK(f *file) error {
	f.out.Database = true
	var p inventory.Package
	var origin, dir string
	flush := func() {
		if p.Name != "" {
			p.Type, p.Evidence = "apk", inventory.Database
			p.SourceName, p.SourceVersion = p.Name, p.Version
			if origin != "" {
				p.SourceName = origin
			}
			f.add(p)
		}
		p, origin, dir = inventory.Package{}, "", ""
	}
	bad, n := 0, 0
	for line := range bytes.Lines(f.data) {
		n++
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			flush()
			if err := f.full(); err != nil {
				return err
			}
			continue
		}
		if len(line) < 2 || line[1] != ':' {
			if bad == 0 {
				bad = n
			}
			continue
		}
		value := line[2:]
		switch line[0] {
		case 'P':
			p.Name = string(value)
		case 'V':
			p.Version = string(value)
		case 'A':
			p.Arch = string(value)
		case 'o':
			origin = string(value)
		case 'F':
			dir = string(value)
		case 'R':
			if dir == "" {
				f.own(p.Name, string(value))
			} else {
				f.own(p.Name, dir, "/", string(value))
			}
		}
	}
	flush()
	if bad > 0 {
		return fmt.Errorf("line %d is not a field", bad)
	}
	return nil
}
