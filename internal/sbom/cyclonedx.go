package sbom

import (
	"cmp"
	"fmt"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/assay-project/assay/inventory"
)

// CycloneDX returns a document of an inventory, as CycloneDX 1.5. Its n-th
// component is the n-th package, with the BOMRef that Ref gives; the operating
// system and Dockerfiles come after the packages, and what was scanned is the component of the
// metadata. What the format has no place for is in properties, so that Read
// gives the inventory back. The serial number is left to WriteCycloneDX.
func CycloneDX(inv inventory.Inventory, s Subject) *cyclonedx.BOM {
	components := make([]cyclonedx.Component, 0, len(inv.Packages)+1)
	for _, p := range inv.Packages {
		components = append(components, component(p, inv.OS))
	}
	if known(inv.OS) {
		components = append(components, osComponent(inv.OS))
	}
	components = append(components, dockerfiles(inv.Issues)...)
	return &cyclonedx.BOM{
		JSONSchema:  "http://cyclonedx.org/schema/bom-1.5.schema.json",
		BOMFormat:   cyclonedx.BOMFormat,
		SpecVersion: cyclonedx.SpecVersion1_5,
		Version:     1,
		Metadata:    metadata(inv, s),
		Components:  &components,
	}
}

// What tells of checks of Dockerfiles, as the SBOM generator of Amazon Inspector
// writes it: a file component by the name of the Dockerfile, with a property for
// each place. Source: Amazon Inspector user guide, "Amazon Inspector Dockerfile
// checks".
const (
	dockerfilePrefix = "dockerfile:"
	dockerfileIssue  = "amazon:inspector:sbom_scanner:dockerfile_finding:"
	dockerfileLines  = "affected_lines:"
	imageHistory     = "history" // stands for the path of what is in the history of an image
)

// DockerfileRef returns the BOMRef of the component of a Dockerfile; the empty
// path stands for the history of an image.
func DockerfileRef(path string) string { return dockerfilePrefix + cmp.Or(path, imageHistory) }

// dockerfiles returns the components of Dockerfiles that break rules. Issues are
// sorted by path.
func dockerfiles(issues []inventory.Issue) []cyclonedx.Component {
	var out []cyclonedx.Component
	for i, issue := range issues {
		if i == 0 || issue.Path != issues[i-1].Path {
			name := DockerfileRef(issue.Path)
			out = append(out, cyclonedx.Component{BOMRef: name, Type: cyclonedx.ComponentTypeFile, Name: name, Properties: &[]cyclonedx.Property{}})
		}
		to := out[len(out)-1].Properties
		*to = append(*to, cyclonedx.Property{
			Name: dockerfileIssue + issue.Rule, Value: fmt.Sprintf("%s%d-%d", dockerfileLines, issue.First, issue.Last),
		})
	}
	return out
}

func metadata(inv inventory.Inventory, s Subject) *cyclonedx.Metadata {
	m := &cyclonedx.Metadata{
		Tools: &cyclonedx.ToolsChoice{Components: &[]cyclonedx.Component{
			{Type: cyclonedx.ComponentTypeApplication, Name: "assay", Version: s.Version},
		}},
	}
	if !s.Time.IsZero() {
		m.Timestamp = timestamp(s.Time)
	}
	if s.Name != "" {
		m.Component = &cyclonedx.Component{
			BOMRef:     "subject",
			Type:       subjectTypeOf(s.Kind).component,
			Name:       s.Name,
			Version:    s.Digest,
			Properties: list(subjectProperties(s)),
		}
	}
	var found []cyclonedx.Property
	for _, p := range problems(inv, s) {
		found = property(found, "problem", compact(p))
	}
	m.Properties = list(found)
	return m
}

// list returns a pointer to a slice; nil if it is empty, so that the member is
// left out.
func list[T any](s []T) *[]T {
	if len(s) == 0 {
		return nil
	}
	return &s
}

// component returns the component that a package is.
func component(p inventory.Package, os inventory.OS) cyclonedx.Component {
	c := cyclonedx.Component{
		BOMRef:   Ref(p, os),
		Type:     cyclonedx.ComponentTypeLibrary,
		Name:     p.Name,
		Version:  p.Version,
		Scope:    componentScopes[p.Scope],
		Hashes:   list(componentHashes(p.Hash)),
		Evidence: componentEvidence(p),
	}
	c.PackageURL, _ = readable(p, os)
	if p.Type == "generic" {
		c.Type = cyclonedx.ComponentTypeApplication
	}
	properties := make([]cyclonedx.Property, 0, 10)
	for _, f := range [...]struct{ name, value string }{
		{"path", p.Path},
		{"layer", p.Layer},
		{"ownedBy", p.OwnedBy},
		{"evidence", string(p.Evidence)},
		{"scope", string(p.Scope)},
		{"hash", p.Hash},
		{"source", p.SourceName},
		{"sourceVersion", p.SourceVersion},
		{"module", p.Module},
		{"vendor", p.Vendor},
	} {
		properties = property(properties, f.name, f.value)
	}
	c.Properties = list(properties)
	return c
}

// componentScopes has what others understand of a scope: excluded is what is
// not there when the program runs.
// Source: CycloneDX 1.5, "scope" of a component.
var componentScopes = map[inventory.Scope]cyclonedx.Scope{
	inventory.Runtime: cyclonedx.ScopeRequired,
	inventory.Dev:     cyclonedx.ScopeExcluded,
	inventory.Test:    cyclonedx.ScopeExcluded,
}

// componentAlgorithms are those of CycloneDX, by our name, that may stand in a
// hash; its digits have the length that the schema wants.
// Source: CycloneDX 1.5, "hash-alg" and "hash-content".
var componentAlgorithms = map[string]struct {
	name   cyclonedx.HashAlgorithm
	digits int
}{
	"md5":    {cyclonedx.HashAlgoMD5, 32},
	"sha1":   {cyclonedx.HashAlgoSHA1, 40},
	"sha256": {cyclonedx.HashAlgoSHA256, 64},
	"sha384": {cyclonedx.HashAlgoSHA384, 96},
	"sha512": {cyclonedx.HashAlgoSHA512, 128},
}

func componentHashes(hash string) []cyclonedx.Hash {
	algorithm, digits, ok := hexDigest(hash)
	a := componentAlgorithms[algorithm]
	if !ok || a.digits != len(digits) {
		return nil
	}
	return []cyclonedx.Hash{{Algorithm: a.name, Value: digits}}
}

// techniques has how each kind of evidence was found and how sure one can be
// of it; a file name is only somebody's word.
// Source: CycloneDX 1.5, "evidence.identity.methods".
var techniques = map[inventory.Evidence]struct {
	name       cyclonedx.EvidenceIdentityTechnique
	confidence float32
}{
	inventory.Database: {cyclonedx.EvidenceIdentityTechniqueManifestAnalysis, 1},
	inventory.Manifest: {cyclonedx.EvidenceIdentityTechniqueManifestAnalysis, 1},
	inventory.Lockfile: {cyclonedx.EvidenceIdentityTechniqueManifestAnalysis, 1},
	inventory.Binary:   {cyclonedx.EvidenceIdentityTechniqueBinaryAnalysis, 1},
	inventory.Filename: {cyclonedx.EvidenceIdentityTechniqueFilename, 0.5},
}

// componentEvidence says in the words of the format where a package was found
// and how. A package of somebody else's list has no evidence of ours.
func componentEvidence(p inventory.Package) *cyclonedx.Evidence {
	technique, found := techniques[p.Evidence]
	if p.Path == "" && !found {
		return nil
	}
	e := &cyclonedx.Evidence{}
	if p.Path != "" {
		e.Occurrences = &[]cyclonedx.EvidenceOccurrence{{Location: p.Path}}
	}
	if found {
		// One, and not a list, which came with CycloneDX 1.6.
		e.Identity = &cyclonedx.EvidenceIdentityChoice{
			Identity: &cyclonedx.EvidenceIdentity{
				Field:      cyclonedx.EvidenceIdentityFieldTypePURL,
				Confidence: new(technique.confidence),
				Methods: &[]cyclonedx.EvidenceIdentityMethod{{
					Technique: technique.name, Confidence: new(technique.confidence), Value: p.Path,
				}},
			},
		}
	}
	return e
}

func osComponent(os inventory.OS) cyclonedx.Component {
	return cyclonedx.Component{
		BOMRef:     "os:" + os.ID + "@" + os.VersionID,
		Type:       cyclonedx.ComponentTypeOS,
		Name:       os.ID,
		Version:    os.VersionID,
		CPE:        os.CPE,
		Properties: list(osProperties(os)),
	}
}
