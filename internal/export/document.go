package export

import (
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
)

// A document is what is written of one resource.
type document struct {
	resource  resource.Resource
	inventory inventory.Inventory
	time      time.Time
	version   string // of Assay; may be empty

	at    map[inventory.Package]int // where the packages stand in the inventory
	flaws map[string][]int          // the packages that have a vulnerability
}

// writers are the formats, by their names in the API.
var writers = map[string]func(w io.Writer, d document) error{
	"CYCLONEDX_1_4": writeCycloneDX,
	"SPDX_2_3":      writeSPDX,
}

// index prepares for add.
func (d *document) index() {
	d.flaws = map[string][]int{}
	d.at = make(map[inventory.Package]int, len(d.inventory.Packages))
	for i, p := range d.inventory.Packages {
		d.at[p.Bare()] = i
	}
}

// add notes the packages of a finding that are in the inventory.
func (d *document) add(f *finding.Finding) {
	for i := range f.Packages {
		if n, ok := d.at[f.Packages[i].Package]; ok {
			d.flaws[f.Vulnerability] = append(d.flaws[f.Vulnerability], n)
		}
	}
}

// subject is what the writers of inventories want to know.
func (d *document) subject() sbom.Subject { return sbom.Subject{Time: d.time, Version: d.version} }

// writeCycloneDX writes a document in the shape of Amazon's: a list of packages
// with what names them, and for each vulnerability the packages that have it.
// Source: Amazon Inspector User Guide, "Amazon Inspector SBOM formats".
func writeCycloneDX(w io.Writer, d document) error {
	bom := sbom.CycloneDX(d.inventory, d.subject())
	bom.JSONSchema, bom.SpecVersion = "http://cyclonedx.org/schema/bom-1.4.schema.json", cyclonedx.SpecVersion1_4
	// Tools as components, and evidence as occurrences, came with 1.5.
	bom.Metadata.Tools = &cyclonedx.ToolsChoice{Tools: &[]cyclonedx.Tool{{Name: "assay", Version: d.version}}} //nolint:staticcheck // all that 1.4 has
	properties := d.properties()
	if p := bom.Metadata.Properties; p != nil { // what could not be read
		properties = append(properties, *p...)
	}
	bom.Metadata.Properties = &properties
	for i := range *bom.Components {
		c := &(*bom.Components)[i]
		c.Evidence, c.Properties = nil, nil
	}
	flaws := make([]cyclonedx.Vulnerability, 0, len(d.flaws))
	for _, id := range slices.Sorted(maps.Keys(d.flaws)) {
		v := cyclonedx.Vulnerability{ID: id, Affects: &[]cyclonedx.Affects{}}
		for _, n := range d.packages(id) {
			*v.Affects = append(*v.Affects, cyclonedx.Affects{Ref: (*bom.Components)[n].BOMRef})
		}
		flaws = append(flaws, v)
	}
	bom.Vulnerabilities = &flaws
	return sbom.WriteCycloneDX(w, bom)
}

// packages are those that have a vulnerability, in their order.
func (d *document) packages(id string) []int {
	return slices.Compact(slices.Sorted(slices.Values(d.flaws[id])))
}

// properties say what the document is of.
func (d *document) properties() []cyclonedx.Property {
	var out []cyclonedx.Property
	for _, p := range []cyclonedx.Property{
		{Name: "imageId", Value: d.image()},
		{Name: "architecture", Value: d.resource.Arch},
		{Name: "accountId", Value: d.resource.Account},
		{Name: "resourceType", Value: string(d.resource.Type)},
	} {
		if p.Value != "" {
			out = append(out, p)
		}
	}
	return out
}

// image is what the resource was made of.
func (d *document) image() string {
	if d.resource.Host.Image != "" {
		return d.resource.Host.Image
	}
	if d.resource.Type == resource.Image || d.resource.Type == resource.AzureImage {
		return d.resource.Digest
	}
	return ""
}

// writeSPDX writes a document in the shape of Amazon's: a list of packages that
// it describes, each with the vulnerabilities that it has. It also has the
// license of its data, without which it would not be valid.
// Source: Amazon Inspector User Guide, "Amazon Inspector SBOM formats"; SPDX
// 2.3, section 6.2.
func writeSPDX(w io.Writer, d document) error {
	doc := sbom.SPDX(d.inventory, d.subject())
	doc.DocumentName = d.name()
	doc.CreationInfo.Creators = append([]common.Creator{{CreatorType: "Organization", Creator: d.resource.Account}}, doc.CreationInfo.Creators...)
	doc.Packages = doc.Packages[:len(doc.Packages)-1] // the last is the resource itself
	doc.Relationships = nil
	for _, p := range doc.Packages {
		p.Annotations = nil
		doc.Relationships = append(doc.Relationships, &v2_3.Relationship{
			RefA:         common.DocElementID{ElementRefID: doc.SPDXIdentifier},
			Relationship: common.TypeRelationshipDescribe,
			RefB:         common.DocElementID{ElementRefID: p.PackageSPDXIdentifier},
		})
	}
	for _, id := range slices.Sorted(maps.Keys(d.flaws)) {
		for _, n := range d.packages(id) {
			p := doc.Packages[n]
			p.PackageExternalReferences = append(p.PackageExternalReferences, &v2_3.PackageExternalReference{
				Category: common.CategorySecurity, RefType: "vulnerability", Locator: id,
			})
		}
	}
	return sbom.WriteSPDX(w, doc)
}

// shortTypes are what a name calls the types of resource.
// Source: Amazon Inspector User Guide, "Amazon Inspector SBOM formats", for
// instances; the others are named alike.
var shortTypes = map[resource.Type]string{
	resource.Instance: "EC2", resource.Image: "ECR", resource.Function: "LAMBDA",
}

// name is that of the document: the account, the kind of resource, the
// resource, and what it was made of.
func (d *document) name() string {
	short, ok := shortTypes[d.resource.Type]
	if !ok {
		short = string(d.resource.Type)
	}
	parts := []string{d.resource.Account, short, d.resource.ID}
	if d.resource.Host.Image != "" {
		parts = append(parts, d.resource.Host.Image)
	}
	return strings.Join(parts, "/")
}
