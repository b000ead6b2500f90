package sbom

import (
	"cmp"
	"strings"
)

// metadata reads a member of the metadata of a CycloneDX document.
func (r *reader) metadata(key []byte) (err error) {
	switch string(key) {
	case "timestamp":
		r.meta.Created, err = r.s.string()
	case "tools":
		// An array up to 1.4, an object of components since 1.5.
		if c, err := r.s.Peek(); err == nil && c == '[' {
			return r.s.array(r.tool)
		}
		return r.s.object(func(key []byte) error {
			if string(key) == "components" {
				return r.s.array(r.tool)
			}
			return r.s.Skip()
		})
	case "component":
		var e entry
		if err := r.s.object(func(key []byte) error { return r.componentField(&e, key) }); err != nil {
			return err
		}
		r.meta.Name = e.name
		if d := digest(e.version); d != "" {
			r.meta.Digest = d
		}
		if e.kind == "operating-system" {
			return r.add(&e)
		}
		if e.os.ID != "" {
			// Name and version of the component are those of the image.
			r.os = (&entry{os: e.os}).system()
		}
	case "properties":
		err = r.properties(func(name, value string) {
			if name == prefix+"problem" {
				r.ourProblem(value)
			}
		})
	default:
		err = r.s.Skip()
	}
	return err
}

// tool reads one of the tools that made the document.
func (r *reader) tool() error {
	var name, version string
	err := r.s.object(func(key []byte) (err error) {
		switch string(key) {
		case "name":
			name, err = r.s.string()
		case "version":
			version, err = r.s.string()
		default:
			err = r.s.Skip()
		}
		return err
	})
	if err == nil && name != "" {
		r.meta.Tools = append(r.meta.Tools, strings.TrimSpace(name+" "+version))
		err = r.count()
	}
	return err
}

// component reads a component and those inside it.
func (r *reader) component() error {
	var e entry
	if err := r.s.object(func(key []byte) error { return r.componentField(&e, key) }); err != nil {
		return err
	}
	return r.add(&e)
}

func (r *reader) componentField(e *entry, key []byte) (err error) {
	switch string(key) {
	case "type":
		e.kind, err = r.s.string()
	case "group":
		e.group, err = r.s.string()
	case "name":
		e.name, err = r.s.string()
	case "version":
		e.version, err = r.s.string()
	case "purl":
		e.purl, err = r.s.string()
	case "cpe":
		e.cpe, err = r.s.string()
	case "hashes":
		err = r.s.array(func() error { return r.checksum(e, "alg", "content") })
	case "properties":
		err = r.properties(e.property)
	case "evidence":
		err = r.s.object(func(key []byte) error {
			if string(key) == "occurrences" {
				return r.s.array(func() error { return r.occurrence(e) })
			}
			return r.s.Skip()
		})
	case "components":
		err = r.list("components", r.component)
	default:
		err = r.s.Skip()
	}
	return err
}

// checksum reads an object of an algorithm and a value, the first of which
// counts.
func (r *reader) checksum(e *entry, algorithmKey, valueKey string) error {
	var algorithm, value string
	err := r.s.object(func(key []byte) (err error) {
		switch string(key) {
		case algorithmKey:
			algorithm, err = r.s.string()
		case valueKey:
			value, err = r.s.string()
		default:
			err = r.s.Skip()
		}
		return err
	})
	e.all.hash = cmp.Or(e.all.hash, hash(algorithm, value))
	return err
}

// occurrence reads one place of a component.
func (r *reader) occurrence(e *entry) error {
	return r.s.object(func(key []byte) error {
		if string(key) != "location" {
			return r.s.Skip()
		}
		path, err := r.s.string()
		// cdxgen lists where source code uses a package, with the line.
		if file, line, ok := strings.Cut(path, "#"); ok && file != "" && digits(line) {
			path = ""
		}
		if err == nil && path != "" {
			e.places = append(e.places, place{path: path})
			err = r.count()
		}
		return err
	})
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// properties reads a list of names and values.
func (r *reader) properties(take func(name, value string)) error {
	return r.s.array(func() error {
		var name, value string
		err := r.s.object(func(key []byte) (err error) {
			switch string(key) {
			case "name":
				name, err = r.s.string()
			case "value":
				value, err = r.s.string()
			default:
				err = r.s.Skip()
			}
			return err
		})
		if err == nil {
			take(name, value)
		}
		return err
	})
}
