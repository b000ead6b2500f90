package sbom

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/assay-project/assay/inventory"
)

// WriteCycloneDX writes a document as JSON with a line for each component and
// each vulnerability. A document without a serial number gets one that is made
// of its content, so that the same document gives the same bytes; bom itself is
// not changed.
func WriteCycloneDX(w io.Writer, bom *cyclonedx.BOM) error {
	out, identity := *bom, ""
	if out.SerialNumber == "" {
		out.SerialNumber = "urn:uuid:" + nilUUID
		identity = `"serialNumber":"` + out.SerialNumber
	}
	doc, err := encodeCycloneDX(out)
	if err == nil {
		err = writeIdentified(w, doc, identity)
	}
	if err != nil {
		return fmt.Errorf("writing CycloneDX: %w", err)
	}
	return nil
}

// encodeCycloneDX encodes the two lists that may be long element by element:
// the encoder holds all that it encodes at one time twice.
func encodeCycloneDX(bom cyclonedx.BOM) ([]byte, error) {
	components, vulnerabilities := bom.Components, bom.Vulnerabilities
	bom.Components, bom.Vulnerabilities = nil, nil
	var head bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&head, cyclonedx.BOMFileFormatJSON).SetEscapeHTML(false).Encode(&bom); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if components != nil {
		b.Grow(1000 * len(*components)) // bytes of one with its properties
	}
	b.Write(bytes.TrimSuffix(inLines(bytes.TrimSpace(head.Bytes())), []byte("\n}")))
	err := appendList(&b, "components", components)
	if err == nil {
		err = appendList(&b, "vulnerabilities", vulnerabilities)
	}
	b.WriteString("\n}\n")
	return b.Bytes(), err
}

// appendList appends a member that is a list, with a line for each element;
// nothing if the list is nil.
func appendList[T any](b *bytes.Buffer, name string, list *[]T) error {
	if list == nil {
		return nil
	}
	b.WriteString(",\n  \"" + name + "\":[")
	e := jsonEncoder(b)
	for i := range *list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		if err := e.Encode(&(*list)[i]); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the line break that the encoder writes
	}
	if len(*list) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteByte(']')
	return nil
}

// WriteSPDX writes a document as JSON with a line for each package. A document without a namespace
// gets one that is made of its content, so that the same document gives the
// same bytes; doc itself is not changed.
func WriteSPDX(w io.Writer, doc *v2_3.Document) error {
	out, identity := *doc, ""
	if out.DocumentNamespace == "" {
		// Source: SPDX 2.3, section 6.5.3: the place for those who keep no
		// documents at an address of their own.
		out.DocumentNamespace = "https://spdx.org/spdxdocs/assay-" + nilUUID
		identity = `"documentNamespace":"` + out.DocumentNamespace
	}
	var b bytes.Buffer
	err := jsonEncoder(&b).Encode(&out)
	if err == nil {
		err = writeIdentified(w, inLines(b.Bytes()), identity)
	}
	if err != nil {
		return fmt.Errorf("writing SPDX: %w", err)
	}
	return nil
}

// nilUUID stands for the UUID of a document until its content is known.
// Source: RFC 9562, section 5.9.
const nilUUID = "00000000-0000-0000-0000-000000000000"

// writeIdentified writes a document. If identity is
// not empty, it is the text before the end of which the nil UUID stands, which a
// UUID of the document replaces. No value can look like it: the quotation marks
// of a value are escaped.
func writeIdentified(w io.Writer, doc []byte, identity string) error {
	if identity != "" {
		sum := sha256.Sum256(doc)
		end := bytes.Index(doc, []byte(identity)) + len(identity)
		copy(doc[end-len(nilUUID):end], uuid(sum[:]))
	}
	_, err := w.Write(doc)
	return err
}

// inLines breaks compact JSON into lines: one for each member of the outermost
// object and one for each element or member of those, so that a document has a
// line for each package, at half the size and a fraction of the time that full
// indentation takes.
func inLines(doc []byte) []byte {
	const levels = 2
	out := make([]byte, 0, len(doc)+len(doc)/8+64)
	depth := 0
	newline := func() { out = append(append(out, '\n'), "    "[:2*depth]...) }
	for i := 0; i < len(doc); {
		c := doc[i]
		switch c {
		case '"':
			end := i + 1
			for doc[end] != '"' {
				if doc[end] == '\\' {
					end++
				}
				end++
			}
			out = append(out, doc[i:end+1]...)
			i = end + 1
			continue
		case '}', ']':
			if depth--; depth < levels && doc[i-1] != '{' && doc[i-1] != '[' {
				newline()
			}
		}
		out = append(out, c)
		switch c {
		case '{', '[':
			if depth++; depth <= levels && doc[i+1] != '}' && doc[i+1] != ']' {
				newline()
			}
		case ',':
			if depth <= levels {
				newline()
			}
		}
		i++
	}
	return out
}

func jsonEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// uuid makes a UUID of the first bytes of a hash.
// Source: RFC 9562, section 5.8 and appendix B.2.
func uuid(sum []byte) string {
	b := [16]byte(sum)
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Ref returns the reference by which a document names a package of an inventory
// of the operating system os: its purl, and a hash by which packages that share
// a purl differ. It depends on the package alone, its place included, and is the
// same in every document.
func Ref(p inventory.Package, os inventory.OS) string {
	id := p.Identifier(os)
	return id + "#" + fingerprint(p, id)
}

// fingerprint returns a hash of all that makes a package another one.
func fingerprint(p inventory.Package, purl string) string {
	b := make([]byte, 0, 512)
	for _, field := range [...]string{
		purl, p.Type, p.Name, p.Version, p.Arch, p.SourceName, p.SourceVersion, p.Module,
		p.Path, p.Layer, p.OwnedBy, string(p.Evidence), string(p.Scope), p.Hash,
	} {
		b = binary.AppendUvarint(b, uint64(len(field)))
		b = append(b, field...)
	}
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%x", sum[:16])
}

// readable returns the purl of a package and what is understood when it is read
// again; it is empty if it could not be. JSON cannot hold what is not UTF-8, nor
// can a purl.
func readable(p inventory.Package, os inventory.OS) (string, inventory.Package) {
	for _, s := range [...]*string{&p.Name, &p.Version, &p.Arch, &p.SourceName, &p.SourceVersion, &p.Module, &p.Vendor} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	purl := p.Identifier(os)
	stated, _, err := inventory.ParsePURL(purl)
	if err != nil {
		return "", inventory.Package{}
	}
	return purl, stated
}

// problems returns the problems of an inventory and its subject, each once.
func problems(inv inventory.Inventory, s Subject) []inventory.Problem {
	all := inventory.Inventory{Problems: slices.Concat(inv.Problems, s.Problems)}
	all.Sort()
	return all.Problems
}

// property appends a property of ours, unless its value is empty.
func property(to []cyclonedx.Property, name, value string) []cyclonedx.Property {
	if value == "" {
		return to
	}
	return append(to, cyclonedx.Property{Name: prefix + name, Value: value})
}

// osProperties has what a document has no place for.
func osProperties(os inventory.OS) []cyclonedx.Property {
	var out []cyclonedx.Property
	out = property(out, "os:codename", os.Codename)
	out = property(out, "os:name", os.Name)
	return property(out, "os:like", strings.Join(os.Like, " "))
}

// subjectProperties has what a document has no place for.
func subjectProperties(s Subject) []cyclonedx.Property {
	var out []cyclonedx.Property
	out = property(out, "subject:kind", s.Kind)
	out = property(out, "subject:imageId", s.ImageID)
	out = property(out, "subject:arch", s.Arch)
	for _, tag := range s.Tags {
		out = property(out, "subject:tag", tag)
	}
	for _, l := range s.Layers {
		out = property(out, "subject:layer", compact(l))
	}
	return out
}

// compact returns a value of strings alone as JSON on one line.
func compact(v any) string {
	var b strings.Builder
	if err := jsonEncoder(&b).Encode(v); err != nil {
		panic(err) // no string of ours can make it fail
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// known tells whether anything is known of an operating system.
func known(os inventory.OS) bool {
	return os.ID+os.VersionID+os.Codename+os.Name+os.CPE != "" || len(os.Like) > 0
}

// timestamp writes a time as both formats want it.
func timestamp(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// hexDigest returns the algorithm and the lower-case hexadecimal digits of a
// hash of a package; false if it has another form.
func hexDigest(hash string) (algorithm, digits string, ok bool) {
	algorithm, digits, ok = strings.Cut(hash, ":")
	return algorithm, digits, ok && digits != "" && strings.Trim(digits, "0123456789abcdef") == ""
}

// A subjectType says how the formats call a kind of target.
type subjectType struct {
	component cyclonedx.ComponentType
	purpose   string // SPDX 2.3, section 7.24
}

var subjectTypes = map[string]subjectType{
	"image":     {cyclonedx.ComponentTypeContainer, "CONTAINER"},
	"directory": {cyclonedx.ComponentTypeFile, "OTHER"},
	"host":      {cyclonedx.ComponentTypeDevice, "DEVICE"},
	"function":  {cyclonedx.ComponentTypeApplication, "APPLICATION"},
	"source":    {cyclonedx.ComponentTypeApplication, "SOURCE"},
}

func subjectTypeOf(kind string) subjectType {
	if t, ok := subjectTypes[kind]; ok {
		return t
	}
	return subjectType{cyclonedx.ComponentTypeApplication, "OTHER"}
}
