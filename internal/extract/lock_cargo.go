package extract

import "strings"

// readCargoLock reads the lock file of Cargo, versions 1 to 4. A package
// without a source is a member of the workspace or lies beside it.
// Source: The Cargo Book, "Cargo.toml vs Cargo.lock"; Cargo,
// cargo::core::resolver::encode.
func readCargoLock(f *file) error {
	set := newLockSet(f, "cargo")
	var name, version, source string
	flush := func() error {
		n, v, s := name, version, source
		name, version, source = "", "", ""
		if s == "" || strings.HasPrefix(s, "path+") {
			return nil
		}
		return set.add(n, v, "")
	}
	err := readTOML(f.r, "", func(v tomlValue) error {
		if v.key == "" {
			return flush()
		}
		if v.table != "[package]" {
			return nil
		}
		switch v.key {
		case "name":
			name = clean(v.text)
		case "version":
			version = clean(v.text)
		case "source":
			source = clean(v.text)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
