package sbomscan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/dockerfile"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
)

// Limits of a document.
// Source: Amazon Inspector API Reference, ScanSbom: at most 5,000 components.
const (
	maxComponents = 5000
	maxNested     = 100 // levels of components inside components
)

// prefixes of the properties by which Amazon's tools say what CycloneDX has no
// place for. Source: Amazon Inspector User Guide, "Using CycloneDX namespaces".
const (
	scannerPrefix   = "amazon:inspector:sbom_scanner:"
	generatorPrefix = "amazon:inspector:sbom_generator:"
)

// A document is an SBOM that was given, with the places in its text.
type document struct {
	text       []byte
	subject    []byte // the component of its metadata; nil if there is none
	from, to   int    // the text of the list of components; equal if there is none
	components []component
	refs       map[string]bool // every bom-ref in it
	os         inventory.OS
	problems   []inventory.Problem // of no single component
}

// A component is one of a document, wherever it stands in it.
type component struct {
	name, purl string
	path       string // as its generator states it, else of the first of its packages
	ref        string // given, or made by us
	given      bool   // the document has the ref
	start      int    // behind its opening brace
	memberless bool   // it has no members at all
	properties int    // behind the opening bracket of its properties; 0 if it has none
	bare       bool   // that list is empty
	packages   []inventory.Package
	dockerfile []check
	messages   []message
}

// A check is what a generator of SBOMs found wrong in a Dockerfile.
type check struct{ id, lines string }

// rule returns what is checked; of an id that is not known, no more than that.
func (c check) rule() dockerfile.Rule {
	r, ok := dockerfile.Lookup(c.id)
	if !ok {
		return dockerfile.Rule{ID: c.id, Severity: "unknown", Title: cmp.Or(c.lines, c.id)}
	}
	return r
}

// A message says why a component could not be judged, or not surely.
type message struct {
	kind string // info or warning
	text string
}

func refused(reason inspectorscan.ValidationExceptionReason, format string, args ...any) error {
	return &inspectorscan.ValidationException{Message: fmt.Sprintf(format, args...), Reason: reason}
}

// wrong says that a member of the document, whose position in lists counts from
// 1, is not as it must be.
func wrong(path, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	return &inspectorscan.ValidationException{
		Message: "1 validation error detected: Value at '" + path + "' failed to satisfy constraint: " + text,
		Reason:  inspectorscan.ValidationExceptionReasonFieldValidationFailed,
		Fields:  []inspectorscan.ValidationExceptionField{{Name: path, Message: text}},
	}
}

// readDocument reads a CycloneDX 1.5 document. What it refuses is a
// ValidationException.
func readDocument(text []byte) (*document, error) {
	c := &cursor{text: text}
	if !json.Valid(text) || c.peek() != '{' {
		return nil, refused(inspectorscan.ValidationExceptionReasonCannotParse, "The SBOM is not a JSON object.")
	}
	if err := checkFormat(text); err != nil {
		return nil, err
	}
	d := &document{text: text, refs: map[string]bool{}}
	if err := c.object(func(key string) error { return d.member(c, key) }); err != nil {
		return nil, err
	}
	d.numberComponents()
	inv, _, err := sbom.Read(text)
	if err != nil {
		return nil, refused(inspectorscan.ValidationExceptionReasonCannotParse, "The SBOM cannot be read: %v", err)
	}
	d.os = inv.OS
	said := map[string]bool{}
	for _, x := range d.components {
		for _, m := range x.messages {
			said[m.text] = true
		}
	}
	for _, p := range inv.Problems {
		if !said[p.Reason] {
			d.problems = append(d.problems, p)
		}
	}
	return d, nil
}

// checkFormat refuses what is no CycloneDX 1.5.
func checkFormat(text []byte) error {
	c := &cursor{text: text}
	c.peek()
	said := map[string]string{}
	_ = c.object(func(key string) error { // nothing in it fails
		switch key {
		case "bomFormat", "specVersion", "spdxVersion":
			said[key], _ = c.string()
		default:
			c.skip()
		}
		return nil
	})
	const unsupported = inspectorscan.ValidationExceptionReasonUnsupportedSbomType
	switch format, version := said["bomFormat"], said["specVersion"]; {
	case format == "" && said["spdxVersion"] != "":
		return refused(unsupported, "SPDX is not supported; the SBOM must be CycloneDX 1.5.")
	case format != "CycloneDX":
		return refused(unsupported, "The bomFormat of the SBOM is %.40q; it must be CycloneDX.", format)
	case version != "1.5":
		return refused(unsupported, "The specVersion of the SBOM is %.40q; it must be 1.5.", version)
	}
	return nil
}

func (d *document) member(c *cursor, key string) error {
	switch key {
	case "metadata":
		switch c.peek() {
		case 'n':
			c.skip()
			return nil
		case '{':
		default:
			return wrong("sbom.metadata", "Member must be an object")
		}
		return c.object(func(key string) error {
			raw := c.skip()
			if key == "component" && raw[0] == '{' {
				d.subject = raw
				d.notice(raw)
			}
			return nil
		})
	case "components":
		if c.peek() != '[' {
			return wrong("sbom.components", "Member must be a list")
		}
		if d.to > 0 {
			return wrong("sbom.components", "Member must stand once")
		}
		d.from = c.at
		err := d.list(c, "sbom.components", 0)
		d.to = c.at
		return err
	}
	c.skip()
	return nil
}

// notice notes the bom-ref of an object whose other members do not matter.
func (d *document) notice(object []byte) {
	c := &cursor{text: object}
	_ = c.object(func(key string) error { // nothing in it fails
		if key == "bom-ref" {
			ref, _ := c.string()
			d.refs[ref] = true
			return nil
		}
		c.skip()
		return nil
	})
}

// list reads a list of components.
func (d *document) list(c *cursor, path string, depth int) error {
	if depth > maxNested {
		return wrong(path, "Member must have at most %d levels of components", maxNested)
	}
	n := 0
	return c.array(func() error {
		n++
		return d.component(c, fmt.Sprintf("%s.%d.member", path, n), depth)
	})
}

// component reads a component and those inside it, which follow it.
func (d *document) component(c *cursor, path string, depth int) error {
	if c.peek() != '{' {
		return wrong(path, "Member must be an object")
	}
	index := len(d.components)
	if index == maxComponents {
		return wrong("sbom.components", "Member must have at most %d components", maxComponents)
	}
	d.components = append(d.components, component{})
	begin := c.at
	inner, innerEnd := 0, 0 // the value of its own components
	x := component{start: begin + 1, memberless: true}
	err := c.object(func(key string) error {
		x.memberless = false
		switch key {
		case "name", "purl", "bom-ref", "type", "version", "group":
			s, ok := c.string()
			if !ok {
				return wrong(path+"."+key, "Member must be a string")
			}
			if key == "bom-ref" && s == "" {
				return wrong(path+"."+key, "Member must have length greater than or equal to 1")
			}
			x.take(key, s)
		case "properties":
			if x.properties > 0 || c.peek() != '[' {
				return wrong(path+"."+key, "Member must be a list, and stand once")
			}
			x.properties, x.bare = c.at+1, true
			return c.array(func() error {
				x.bare = false
				x.property(c.skip())
				return nil
			})
		case "components":
			if inner > 0 || c.peek() != '[' {
				return wrong(path+"."+key, "Member must be a list, and stand once")
			}
			inner = c.at
			err := d.list(c, path+"."+key, depth+1)
			innerEnd = c.at
			return err
		default:
			c.skip()
		}
		return nil
	})
	if err != nil {
		return err
	}
	own := d.text[begin:c.at]
	if inner > 0 {
		own = append(append(append([]byte{}, d.text[begin:inner]...), "[]"...), d.text[innerEnd:c.at]...)
	}
	packages, problems, err := sbom.Packages(own)
	if err != nil {
		return refused(inspectorscan.ValidationExceptionReasonCannotParse, "The SBOM cannot be read: %v", err)
	}
	x.packages = packages
	for _, p := range packages {
		x.path = cmp.Or(x.path, p.Path)
	}
	for _, p := range problems {
		x.messages = append(x.messages, message{"warning", p.Reason})
	}
	d.components[index] = x
	if x.given {
		d.refs[x.ref] = true
	}
	return nil
}

func (x *component) take(key, value string) {
	switch key {
	case "name":
		x.name = value
	case "purl":
		x.purl = value
	case "bom-ref":
		x.ref, x.given = value, true
	}
}

// property takes what a generator says of the place of a component, and of a
// Dockerfile. Source: Amazon Inspector User Guide, "Dockerfile checks".
func (x *component) property(raw []byte) {
	var p struct{ Name, Value string }
	if json.Unmarshal(raw, &p) != nil {
		return
	}
	if p.Name == generatorPrefix+"source_path" {
		x.path = cmp.Or(x.path, p.Value)
	}
	// The guide has them in the one namespace and its examples in the other.
	for _, prefix := range []string{generatorPrefix, scannerPrefix} {
		if id, ok := strings.CutPrefix(p.Name, prefix+"dockerfile_finding:"); ok && id != "" {
			x.dockerfile = append(x.dockerfile, check{id, p.Value})
		}
	}
}

// numberComponents gives a ref to those that have none.
func (d *document) numberComponents() {
	n := 0
	for i := range d.components {
		x := &d.components[i]
		if !x.given {
			x.ref = d.number("comp-", &n)
		}
	}
}

// number returns the next ref with a number that the document has not.
func (d *document) number(prefix string, n *int) string {
	for {
		*n++
		if ref := fmt.Sprintf("%s%d", prefix, *n); !d.refs[ref] {
			return ref
		}
	}
}
