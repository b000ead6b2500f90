package sbom

import (
	"strings"
)

// creation reads a member of the creation information of an SPDX document.
func (r *reader) creation(key []byte) (err error) {
	switch string(key) {
	case "created":
		r.meta.Created, err = r.s.string()
	case "creators":
		err = r.s.array(func() error {
			creator, err := r.s.string()
			if tool, ok := strings.CutPrefix(creator, "Tool: "); ok && err == nil {
				// Source: SPDX 2.3, section 6.8: toolidentifier-version.
				// A name may have dashes, too; a version begins with a digit.
				i := strings.LastIndexByte(tool, '-')
				if v := strings.TrimPrefix(tool[i+1:], "v"); i > 0 && v != "" && v[0] >= '0' && v[0] <= '9' {
					tool = tool[:i] + " " + tool[i+1:]
				}
				r.meta.Tools = append(r.meta.Tools, tool)
				err = r.count()
			}
			return err
		})
	default:
		err = r.s.Skip()
	}
	return err
}

// spdxPackage reads one package.
func (r *reader) spdxPackage() error {
	var e entry
	if err := r.s.object(func(key []byte) error { return r.spdxField(&e, key) }); err != nil {
		return err
	}
	return r.add(&e)
}

func (r *reader) spdxField(e *entry, key []byte) (err error) {
	switch string(key) {
	case "SPDXID":
		e.id, err = r.s.string()
	case "name":
		e.name, err = r.s.string()
	case "versionInfo":
		e.version, err = r.s.string()
	case "packageFileName":
		e.all.path, err = r.s.string()
	case "primaryPackagePurpose":
		e.kind, err = r.s.string()
		// The text of the specification joins words by a dash, the schema of
		// its JSON by an underscore. Source: SPDX 2.3, section 7.24.
		e.kind = strings.ToLower(strings.ReplaceAll(e.kind, "_", "-"))
	case "checksums":
		err = r.s.array(func() error { return r.checksum(e, "algorithm", "checksumValue") })
	case "externalRefs":
		err = r.s.array(func() error { return r.externalRef(e) })
	case "sourceInfo":
		var text string
		text, err = r.s.string()
		e.sourceInfo(text)
	case "attributionTexts":
		err = r.s.array(func() error { return r.word(e) })
	case "annotations":
		err = r.s.array(func() error {
			return r.s.object(func(key []byte) error {
				if string(key) == "comment" {
					return r.word(e)
				}
				return r.s.Skip()
			})
		})
	default:
		err = r.s.Skip()
	}
	return err
}

// externalRef reads a reference; purls and CPEs matter.
func (r *reader) externalRef(e *entry) error {
	var kind, locator string
	err := r.s.object(func(key []byte) (err error) {
		switch string(key) {
		case "referenceType":
			kind, err = r.s.string()
		case "referenceLocator":
			locator, err = r.s.string()
		default:
			err = r.s.Skip()
		}
		return err
	})
	switch {
	case kind == "purl" && e.purl == "":
		e.purl = locator
	case (kind == "cpe23Type" || kind == "cpe22Type") && e.cpe == "":
		e.cpe = locator
	}
	return err
}

// sourceInfo takes where a package came from, as the tools word it.
func (e *entry) sourceInfo(text string) {
	// Source: Trivy, SPDX output.
	if source, ok := strings.CutPrefix(text, "built package from: "); ok {
		e.source, e.sourceVersion, _ = strings.Cut(source, " ")
		return
	}
	// Source: syft, SPDX output: what kind of package, and then its files.
	if rest, ok := strings.CutPrefix(text, "acquired package info from "); ok {
		if _, paths, ok := strings.Cut(rest, ": "); ok {
			for path := range strings.SplitSeq(paths, ", ") {
				e.syftPath(path)
			}
		}
		return
	}
	for part := range strings.SplitSeq(text, "; ") {
		for _, f := range sourceInfoFields {
			if value, ok := strings.CutPrefix(part, f.words); ok {
				e.ours(f.field, value)
			}
		}
	}
}

// sourceInfoFields has the words for what SPDX has no place for.
var sourceInfoFields = []struct{ words, field string }{
	{"layer ", "layer"},
	{"owned by ", "ownedBy"},
	{"evidence ", "evidence"},
	{"scope ", "scope"},
}

// word reads a free text of a package: Trivy and we put properties there.
func (r *reader) word(e *entry) error {
	text, err := r.s.string()
	if err != nil {
		return err
	}
	name, value, ok := strings.Cut(text, ": ")
	switch {
	case !ok:
	case strings.HasPrefix(name, prefix):
		e.property(name, value)
	case name == "LayerDigest", name == "LayerDiffID", name == "FilePath", name == "Class", name == "Modularitylabel":
		e.property("aquasecurity:trivy:"+name, value)
	}
	return nil
}

// documentAnnotation reads a free text of the document.
func (r *reader) documentAnnotation() error {
	return r.s.object(func(key []byte) error {
		if string(key) != "comment" {
			return r.s.Skip()
		}
		text, err := r.s.string()
		if value, ok := strings.CutPrefix(text, prefix+"problem: "); ok && err == nil {
			r.ourProblem(value)
		}
		return err
	})
}

// describes reads the identifier of an element that the document is about.
func (r *reader) describes() error {
	id, err := r.s.string()
	if err == nil {
		r.described[id] = true
		err = r.count()
	}
	return err
}

// relationship reads one relationship; only what the document is about matters.
func (r *reader) relationship() error {
	var from, kind, to string
	err := r.s.object(func(key []byte) (err error) {
		switch string(key) {
		case "spdxElementId":
			from, err = r.s.string()
		case "relationshipType":
			kind, err = r.s.string()
		case "relatedSpdxElement":
			to, err = r.s.string()
		default:
			err = r.s.Skip()
		}
		return err
	})
	if kind == "DESCRIBES" {
		r.described[to] = true
	}
	if kind == "DESCRIBED_BY" {
		r.described[from] = true
	}
	return err
}
