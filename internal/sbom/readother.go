package sbom

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Both formats have other forms than JSON. They are rewritten with what we read
// of them, so that there is one reader.

// maxOther bounds a document that is not in JSON, in bytes: it is held as a
// whole in the form of values.
const maxOther = 256 << 20

// trimmed returns a document without a byte order mark and spaces before it.
func trimmed(doc []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf")), " \t\r\n")
}

// inJSON returns the document in JSON.
func inJSON(doc []byte) ([]byte, error) {
	doc = trimmed(doc)
	isXML, tags := bytes.HasPrefix(doc, []byte("<")), isTagValue(doc)
	switch {
	case !isXML && !tags:
		return doc, nil
	case len(doc) > maxOther:
		return nil, fmt.Errorf("longer than %d bytes; convert it to JSON", maxOther)
	case isXML:
		return cycloneDXOfXML(doc)
	}
	return json.Marshal(spdxOfTags(doc))
}

// cycloneDXSpace begins the namespace of CycloneDX in XML, which ends with the
// version.
const cycloneDXSpace = "http://cyclonedx.org/schema/bom/"

// text is a text of XML without the spaces around it, which are layout.
type text string

// UnmarshalText takes the text.
func (t *text) UnmarshalText(b []byte) error {
	*t = text(bytes.TrimSpace(b))
	return nil
}

// The elements of CycloneDX in XML that have a meaning to us, and their members
// in JSON. Source: CycloneDX 1.6, XML and JSON references.
type (
	xmlBOM struct {
		XMLName    xml.Name       `json:"-"`
		Format     string         `xml:"-" json:"bomFormat"`
		Version    string         `xml:"-" json:"specVersion"`
		Serial     text           `xml:"serialNumber,attr" json:"serialNumber,omitempty"`
		Metadata   xmlMetadata    `xml:"metadata" json:"metadata"`
		Components []xmlComponent `xml:"components>component" json:"components,omitempty"`
	}
	xmlMetadata struct {
		Timestamp  text          `xml:"timestamp" json:"timestamp,omitempty"`
		Tools      []xmlTool     `xml:"tools>tool" json:"tools,omitempty"`
		Programs   []xmlTool     `xml:"tools>components>component" json:"-"` // since 1.5
		Component  *xmlComponent `xml:"component" json:"component,omitempty"`
		Properties []xmlProperty `xml:"properties>property" json:"properties,omitempty"`
	}
	xmlTool struct {
		Name    text `xml:"name" json:"name,omitempty"`
		Version text `xml:"version" json:"version,omitempty"`
	}
	xmlComponent struct {
		Type       text           `xml:"type,attr" json:"type,omitempty"`
		Group      text           `xml:"group" json:"group,omitempty"`
		Name       text           `xml:"name" json:"name,omitempty"`
		Version    text           `xml:"version" json:"version,omitempty"`
		PURL       text           `xml:"purl" json:"purl,omitempty"`
		CPE        text           `xml:"cpe" json:"cpe,omitempty"`
		Hashes     []xmlHash      `xml:"hashes>hash" json:"hashes,omitempty"`
		Properties []xmlProperty  `xml:"properties>property" json:"properties,omitempty"`
		Evidence   xmlEvidence    `xml:"evidence" json:"evidence"`
		Components []xmlComponent `xml:"components>component" json:"components,omitempty"`
	}
	xmlHash struct {
		Algorithm text `xml:"alg,attr" json:"alg,omitempty"`
		Content   text `xml:",chardata" json:"content,omitempty"`
	}
	xmlProperty struct {
		Name  text `xml:"name,attr" json:"name,omitempty"`
		Value text `xml:",chardata" json:"value,omitempty"`
	}
	xmlEvidence struct {
		Occurrences []xmlOccurrence `xml:"occurrences>occurrence" json:"occurrences,omitempty"`
	}
	xmlOccurrence struct {
		Location text `xml:"location" json:"location,omitempty"`
	}
)

func cycloneDXOfXML(doc []byte) ([]byte, error) {
	var b xmlBOM
	d := xml.NewDecoder(bytes.NewReader(doc))
	d.CharsetReader = func(encoding string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("in %.40q: only UTF-8 is read", encoding)
	}
	if err := d.Decode(&b); err != nil {
		return nil, err
	}
	version, ok := strings.CutPrefix(b.XMLName.Space, cycloneDXSpace)
	if !ok || b.XMLName.Local != "bom" {
		return nil, errors.New("XML, but not a bom of CycloneDX")
	}
	b.Format, b.Version = "CycloneDX", version
	b.Metadata.Tools = append(b.Metadata.Tools, b.Metadata.Programs...)
	return json.Marshal(b)
}

// isTagValue tells whether a document is SPDX in tag-value: its first line that
// is no comment says which version of SPDX.
func isTagValue(doc []byte) bool {
	for line := range bytes.Lines(doc) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte("SPDXVersion:"))
		}
	}
	return false
}

// The tags of SPDX that have a meaning to us, as members in JSON. Source: SPDX
// 2.3, sections 6, 7, 11 and 12, and its JSON schema.
type (
	tagDocument struct {
		Version       string            `json:"spdxVersion,omitempty"`
		Name          string            `json:"name,omitempty"`
		Namespace     string            `json:"documentNamespace,omitempty"`
		Creation      tagCreation       `json:"creationInfo"`
		Packages      []*tagPackage     `json:"packages,omitempty"`
		Relationships []tagRelationship `json:"relationships,omitempty"`
		Annotations   []tagComment      `json:"annotations,omitempty"`
	}
	tagCreation struct {
		Created  string   `json:"created,omitempty"`
		Creators []string `json:"creators,omitempty"`
	}
	tagPackage struct {
		ID           string         `json:"SPDXID,omitempty"`
		Name         string         `json:"name,omitempty"`
		Version      string         `json:"versionInfo,omitempty"`
		File         string         `json:"packageFileName,omitempty"`
		Purpose      string         `json:"primaryPackagePurpose,omitempty"`
		SourceInfo   string         `json:"sourceInfo,omitempty"`
		Checksums    []tagChecksum  `json:"checksums,omitempty"`
		References   []tagReference `json:"externalRefs,omitempty"`
		Attributions []string       `json:"attributionTexts,omitempty"`
		Annotations  []tagComment   `json:"annotations,omitempty"`
	}
	tagChecksum struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"checksumValue"`
	}
	tagReference struct {
		Type    string `json:"referenceType"`
		Locator string `json:"referenceLocator"`
	}
	tagRelationship struct {
		From string `json:"spdxElementId"`
		Type string `json:"relationshipType"`
		To   string `json:"relatedSpdxElement"`
	}
	tagComment struct {
		About string `json:"-"` // identifier of an element
		Text  string `json:"comment"`
	}
)

// spdxOfTags reads the tags of a document one after another. What follows the
// name of a package belongs to it, up to a file, a snippet or another package.
func spdxOfTags(doc []byte) *tagDocument {
	d := new(tagDocument)
	p := new(tagPackage) // of tags outside of packages
	byID := map[string]*tagPackage{}
	about := ""
	for tag, value := range tags(doc) {
		switch tag {
		case "PackageName":
			p = &tagPackage{Name: value}
			d.Packages = append(d.Packages, p)
		case "FileName", "SnippetSPDXID", "LicenseID":
			p = new(tagPackage)
		case "SPDXID":
			p.ID = value
			byID[value] = p
		case "SPDXREF":
			about = value
		case "AnnotationComment":
			d.Annotations = append(d.Annotations, tagComment{about, value})
		case "Relationship":
			if f := strings.Fields(value); len(f) >= 3 {
				d.Relationships = append(d.Relationships, tagRelationship{f[0], f[1], f[2]})
			}
		default:
			d.take(p, tag, value)
		}
	}
	rest := d.Annotations[:0]
	for _, c := range d.Annotations {
		if p := byID[c.About]; p != nil && c.About != "SPDXRef-DOCUMENT" {
			p.Annotations = append(p.Annotations, c)
		} else {
			rest = append(rest, c)
		}
	}
	d.Annotations = rest
	return d
}

// take takes the value of a tag of the document or of the package p.
func (d *tagDocument) take(p *tagPackage, tag, value string) {
	for _, field := range [...]struct {
		tag string
		in  *string
	}{
		{"SPDXVersion", &d.Version},
		{"DocumentName", &d.Name},
		{"DocumentNamespace", &d.Namespace},
		{"Created", &d.Creation.Created},
		{"PackageVersion", &p.Version},
		{"PackageFileName", &p.File},
		{"PrimaryPackagePurpose", &p.Purpose},
		{"PackageSourceInfo", &p.SourceInfo},
	} {
		if field.tag == tag {
			*field.in = value
			return
		}
	}
	switch tag {
	case "Creator":
		d.Creation.Creators = append(d.Creation.Creators, value)
	case "PackageAttributionText":
		p.Attributions = append(p.Attributions, value)
	case "PackageChecksum":
		if algorithm, sum, ok := strings.Cut(value, ":"); ok {
			p.Checksums = append(p.Checksums, tagChecksum{strings.TrimSpace(algorithm), strings.TrimSpace(sum)})
		}
	case "ExternalRef":
		// Its category, its type, and the locator.
		if f := strings.Fields(value); len(f) >= 3 {
			p.References = append(p.References, tagReference{f[1], f[2]})
		}
	}
}

// tags yields the tags of a document with their values. A value between <text>
// and </text> may have several lines.
// Source: SPDX 2.3, section 5.2 and annex C, "Tag:value".
func tags(doc []byte) func(yield func(tag, value string) bool) {
	return func(yield func(tag, value string) bool) {
		for len(doc) > 0 {
			line, rest, _ := bytes.Cut(doc, []byte("\n"))
			tag, value, ok := bytes.Cut(line, []byte(":"))
			value = bytes.TrimSpace(value)
			if ok && bytes.HasPrefix(value, []byte("<text>")) {
				// What follows the colon, with the lines after it.
				long := bytes.TrimLeft(doc[len(tag)+1:], " \t")[len("<text>"):]
				if body, after, closed := bytes.Cut(long, []byte("</text>")); closed {
					value = bytes.TrimSpace(body)
					_, rest, _ = bytes.Cut(after, []byte("\n"))
				}
			}
			doc = rest
			if ok && line[0] != '#' && !yield(string(bytes.TrimSpace(tag)), string(value)) {
				return
			}
		}
	}
}
