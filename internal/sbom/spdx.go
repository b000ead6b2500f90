package sbom

import (
	"cmp"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/assay-project/assay/inventory"
)

// Identifiers of the elements that are no packages of an inventory.
const (
	spdxSubject = common.ElementID("Subject")
	spdxOS      = common.ElementID("OperatingSystem")
)

// SPDX returns a document of an inventory, as SPDX 2.3. Its n-th package is the
// n-th package of the inventory; after them come the operating system and what
// was scanned, which the document describes and which contains all others. What
// the format has no place for is in annotations, so that Read gives the
// inventory back. The namespace is left to WriteSPDX. The format demands a
// time: it is the first second of 1970 if the subject states none.
func SPDX(inv inventory.Inventory, s Subject) *v2_3.Document {
	a := annotator{tool: "assay", date: timestamp(time.Unix(0, 0))}
	if !s.Time.IsZero() {
		a.date = timestamp(s.Time)
	}
	if s.Version != "" {
		a.tool += "-" + s.Version
	}
	name := cmp.Or(s.Name, s.Kind, "inventory")
	doc := &v2_3.Document{
		SPDXVersion:    v2_3.Version,
		DataLicense:    v2_3.DataLicense,
		SPDXIdentifier: "DOCUMENT",
		DocumentName:   name,
		CreationInfo: &v2_3.CreationInfo{
			Creators: []common.Creator{{CreatorType: "Tool", Creator: a.tool}},
			Created:  a.date,
		},
		Packages: make([]*v2_3.Package, 0, len(inv.Packages)+2),
		Relationships: []*v2_3.Relationship{
			relationship("DOCUMENT", common.TypeRelationshipDescribe, spdxSubject),
		},
	}
	for _, p := range inv.Packages {
		doc.Packages = append(doc.Packages, a.spdxPackage(p, inv.OS))
	}
	if known(inv.OS) {
		doc.Packages = append(doc.Packages, a.spdxOS(inv.OS))
	}
	for _, p := range doc.Packages {
		doc.Relationships = append(doc.Relationships,
			relationship(spdxSubject, common.TypeRelationshipContains, p.PackageSPDXIdentifier))
	}
	subject := element(spdxSubject, name, s.Digest)
	subject.PrimaryPackagePurpose = subjectTypeOf(s.Kind).purpose
	subject.PackageChecksums = spdxChecksums(s.Digest)
	subject.Annotations = a.annotations(subjectProperties(s))
	doc.Packages = append(doc.Packages, subject)
	for _, p := range problems(inv, s) {
		note := a.annotation("problem", compact(p))
		doc.Annotations = append(doc.Annotations, &note)
	}
	return doc
}

func relationship(from common.ElementID, kind string, to common.ElementID) *v2_3.Relationship {
	return &v2_3.Relationship{
		RefA:         common.DocElementID{ElementRefID: from},
		Relationship: kind,
		RefB:         common.DocElementID{ElementRefID: to},
	}
}

// element returns a package with the fields that the format demands.
func element(id common.ElementID, name, version string) *v2_3.Package {
	return &v2_3.Package{
		PackageSPDXIdentifier:   id,
		PackageName:             name,
		PackageVersion:          version,
		PackageDownloadLocation: "NOASSERTION",
	}
}

// annotator says things of elements in the name of Assay.
type annotator struct{ tool, date string }

func (a annotator) annotation(name, value string) v2_3.Annotation {
	return v2_3.Annotation{
		Annotator:         common.Annotator{AnnotatorType: "Tool", Annotator: a.tool},
		AnnotationDate:    a.date,
		AnnotationType:    "OTHER",
		AnnotationComment: prefix + name + ": " + value,
	}
}

func (a annotator) annotations(properties []cyclonedx.Property) []v2_3.Annotation {
	var out []v2_3.Annotation
	for _, p := range properties {
		out = append(out, a.annotation(strings.TrimPrefix(p.Name, prefix), p.Value))
	}
	return out
}

// spdxPackage returns the element that a package is.
func (a annotator) spdxPackage(p inventory.Package, os inventory.OS) *v2_3.Package {
	out := element(spdxID(p, os), p.Name, p.Version)
	out.PackageFileName = p.Path
	out.PrimaryPackagePurpose = "LIBRARY"
	if p.Type == "generic" {
		out.PrimaryPackagePurpose = "APPLICATION"
	}
	purl, stated := readable(p, os)
	if purl != "" {
		out.PackageExternalReferences = []*v2_3.PackageExternalReference{{
			Category: common.CategoryPackageManager,
			RefType:  common.TypePackageManagerPURL,
			Locator:  purl,
		}}
	}
	var rest []cyclonedx.Property
	out.PackageSourceInfo, rest = spdxSourceInfo(p)
	if out.PackageChecksums = spdxChecksums(p.Hash); out.PackageChecksums == nil {
		rest = property(rest, "hash", p.Hash)
	}
	if p.SourceName != stated.SourceName || p.SourceVersion != stated.SourceVersion {
		rest = property(rest, "source", p.SourceName)
		rest = property(rest, "sourceVersion", p.SourceVersion)
	}
	if p.Module != stated.Module {
		rest = property(rest, "module", p.Module)
	}
	rest = property(rest, "vendor", p.Vendor)
	out.Annotations = a.annotations(rest)
	return out
}

// spdxID returns the identifier of a package: letters, digits, dots and dashes.
// Source: SPDX 2.3, section 7.2.
func spdxID(p inventory.Package, os inventory.OS) common.ElementID {
	const most = 100 // bytes of a name, which is there for people only
	b := []byte(p.Type + "-" + p.Name)
	b = b[:min(len(b), most)]
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.':
		default:
			b[i] = '-'
		}
	}
	return common.ElementID("Package-" + string(b) + "-" + fingerprint(p, p.Identifier(os)))
}

// spdxSourceInfo returns the text that says where a package comes from, and
// what does not fit in it.
func spdxSourceInfo(p inventory.Package) (string, []cyclonedx.Property) {
	values := map[string]string{
		"layer": p.Layer, "ownedBy": p.OwnedBy, "evidence": string(p.Evidence), "scope": string(p.Scope),
	}
	var rest []cyclonedx.Property
	text := ""
	for _, f := range sourceInfoFields {
		value := values[f.field]
		switch {
		case value == "":
		case strings.Contains(value, "; "): // would end there when it is read
			rest = property(rest, f.field, value)
		default:
			if text != "" {
				text += "; "
			}
			text += f.words + value
		}
	}
	return text, rest
}

// spdxAlgorithms are those of SPDX, by our name.
// Source: SPDX 2.3, section 7.10.
var spdxAlgorithms = map[string]common.ChecksumAlgorithm{
	"md5":    common.MD5,
	"sha1":   common.SHA1,
	"sha224": common.SHA224,
	"sha256": common.SHA256,
	"sha384": common.SHA384,
	"sha512": common.SHA512,
}

// spdxChecksums returns a hash in the words of the format; nil if it has none
// for it.
func spdxChecksums(hash string) []common.Checksum {
	algorithm, digits, ok := hexDigest(hash)
	name := spdxAlgorithms[algorithm]
	if !ok || name == "" {
		return nil
	}
	return []common.Checksum{{Algorithm: name, Value: digits}}
}

func (a annotator) spdxOS(os inventory.OS) *v2_3.Package {
	out := element(spdxOS, os.ID, os.VersionID)
	// With a dash in the text of SPDX 2.3, section 7.24, but not in the schema
	// of its JSON, by which documents are checked.
	out.PrimaryPackagePurpose = "OPERATING_SYSTEM"
	if os.CPE != "" {
		kind := common.TypeSecurityCPE22Type
		if strings.HasPrefix(os.CPE, "cpe:2.3:") {
			kind = common.TypeSecurityCPE23Type
		}
		out.PackageExternalReferences = []*v2_3.PackageExternalReference{{
			Category: common.CategorySecurity, RefType: kind, Locator: os.CPE,
		}}
	}
	out.Annotations = a.annotations(osProperties(os))
	return out
}
