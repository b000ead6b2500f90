package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/vex"
	"github.com/assay-project/assay/inventory"
)

// openVEX is a document of OpenVEX.
// Source: OpenVEX specification 0.2.0.
type openVEX struct {
	Context    string             `json:"@context"`
	ID         string             `json:"@id"`
	Author     string             `json:"author"`
	Role       string             `json:"role"`
	Timestamp  string             `json:"timestamp"`
	Version    int                `json:"version"`
	Tooling    string             `json:"tooling"`
	Statements []openVEXStatement `json:"statements"`
}

type openVEXStatement struct {
	Vulnerability   openVEXVulnerability `json:"vulnerability"`
	Products        []openVEXComponent   `json:"products"`
	Timestamp       string               `json:"timestamp,omitempty"`
	Status          vex.Status           `json:"status"`
	StatusNotes     string               `json:"status_notes,omitempty"`
	Justification   string               `json:"justification,omitempty"`
	ImpactStatement string               `json:"impact_statement,omitempty"`
	ActionStatement string               `json:"action_statement,omitempty"`
}

type openVEXVulnerability struct {
	ID      string   `json:"@id,omitempty"`
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`
}

type openVEXComponent struct {
	ID            string             `json:"@id"`
	Hashes        map[string]string  `json:"hashes,omitempty"`
	Subcomponents []openVEXComponent `json:"subcomponents,omitempty"`
}

// writeOpenVEX states of each finding whether the target is affected. The
// statements that are not our own judgement, of suppressed findings, are those
// of the documents that suppressed them.
func writeOpenVEX(w io.Writer, d Document) error {
	out := openVEX{
		Context: "https://openvex.dev/ns/v0.2.0", Author: "Assay", Role: "Document Creator", Timestamp: stamp(orElse(d.Now, time.Unix(0, 0))),
		Version: 1, Tooling: strings.TrimSpace("Assay " + d.Version), Statements: []openVEXStatement{},
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		var affected, open []finding.Package
		for _, p := range f.Packages {
			if sure(&p) {
				affected = append(affected, p)
			} else {
				open = append(open, p)
			}
		}
		if len(affected) > 0 {
			s := openVEXOf(d, f, affected, vex.Affected)
			s.ActionStatement = actionOf(f, affected)
			out.Statements = append(out.Statements, s)
		}
		if len(open) > 0 {
			out.Statements = append(out.Statements, openVEXOf(d, f, open, vex.UnderInvestigation))
		}
	}
	for i := range d.Suppressed {
		out.Statements = append(out.Statements, openVEXSuppressed(d, &d.Suppressed[i]))
	}
	text, err := json.Marshal(out.Statements)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(append([]byte(d.Report.Target.Name+"\x00"+out.Timestamp+"\x00"), text...))
	out.ID = "https://openvex.dev/docs/assay/vex-" + hex.EncodeToString(sum[:16])
	s := newStream(w)
	s.enc.SetIndent("", "  ")
	s.value(out)
	s.raw("\n")
	return s.flush()
}

func openVEXOf(d Document, f *finding.Finding, packages []finding.Package, status vex.Status) openVEXStatement {
	return openVEXStatement{
		Vulnerability: openVEXVulnerability{webAddress(f.SourceURL), f.Vulnerability, f.Aliases},
		Products:      openVEXProducts(d, packages), Status: status,
	}
}

func openVEXSuppressed(d Document, s *Suppressed) openVEXStatement {
	status := s.Status
	if !status.Suppresses() {
		status = vex.Affected // somebody lives with it
	}
	out := openVEXOf(d, &s.Finding, s.Finding.Packages, status)
	out.Timestamp = stamp(s.Time)
	switch status {
	case vex.NotAffected:
		word := openVEXJustification(s.Justification)
		out.Justification, out.ImpactStatement = word, s.Reason
		if word == "" && s.Reason == "" {
			out.ImpactStatement = cmp.Or(strings.ReplaceAll(s.Justification, "_", " "), "no reason is stated")
		}
	case vex.Affected:
		out.ActionStatement = "None is planned: " + s.Reason
	default:
		out.StatusNotes = s.Reason
	}
	if s.Author != "" {
		out.StatusNotes = cmp.Or(out.StatusNotes, "Stated by "+s.Author)
	}
	return out
}

// justifications are the words of OpenVEX and CSAF for those of CycloneDX.
// Sources: OpenVEX specification 0.2.0, "Status Justifications"; CycloneDX 1.5,
// JSON reference, "impactAnalysisJustification".
var justifications = []struct{ openVEX, cycloneDX string }{
	{"component_not_present", "code_not_present"},
	{"vulnerable_code_not_present", "code_not_present"},
	{"vulnerable_code_not_in_execute_path", "code_not_reachable"},
	{"vulnerable_code_cannot_be_controlled_by_adversary", "requires_environment"},
	{"inline_mitigations_already_exist", "protected_by_mitigating_control"},
	{"vulnerable_code_cannot_be_controlled_by_adversary", "requires_configuration"},
	{"vulnerable_code_not_present", "requires_dependency"},
	{"inline_mitigations_already_exist", "protected_by_compiler"},
	{"inline_mitigations_already_exist", "protected_at_runtime"},
	{"inline_mitigations_already_exist", "protected_at_perimeter"},
}

// openVEXJustification returns OpenVEX's word; empty if there is none.
func openVEXJustification(s string) string {
	for _, j := range justifications {
		if s == j.openVEX {
			return s
		}
	}
	for _, j := range justifications {
		if s == j.cycloneDX && s != "code_not_present" {
			return j.openVEX
		}
	}
	if s == "code_not_present" {
		return "vulnerable_code_not_present"
	}
	return ""
}

// cdxJustification returns CycloneDX's word; empty if there is none.
func cdxJustification(s string) string {
	for _, j := range justifications {
		if s == j.openVEX || s == j.cycloneDX {
			return map[bool]string{true: s, false: j.cycloneDX}[s == j.cycloneDX]
		}
	}
	return ""
}

// actionOf says what to do.
func actionOf(f *finding.Finding, packages []finding.Package) string {
	var out []string
	for i := range packages {
		p := &packages[i]
		text := "No upgrade of " + p.Name + " closes it: " + unclosed(f, p) + "."
		if unclosed(f, p) == "" {
			text = "Upgrade " + p.Name + " to " + p.Fixed + "."
		}
		if p.Match.State == advisory.FixNeedsPro {
			text = "Attach Ubuntu Pro, which has the fix for " + p.Name + "."
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, " ")
}

// openVEXProducts names the packages: of an image as its components, else by
// themselves.
func openVEXProducts(d Document, packages []finding.Package) []openVEXComponent {
	var list []openVEXComponent
	for i := range packages {
		id := packages[i].Identifier(d.Report.Inventory.OS)
		if id != "" && !slices.ContainsFunc(list, func(c openVEXComponent) bool { return c.ID == id }) {
			list = append(list, openVEXComponent{ID: id})
		}
	}
	t := d.Report.Target
	if id := imagePURL(d); id != "" {
		_, sum, _ := strings.Cut(t.Digest, ":")
		return []openVEXComponent{{ID: id, Hashes: map[string]string{"sha-256": sum}, Subcomponents: list}}
	}
	if list == nil {
		list = []openVEXComponent{}
	}
	return list
}

// imagePURL returns the purl of the image that was scanned; empty for all else
// and for images whose digest is not known.
// Source: package-url/purl-spec, type "oci".
func imagePURL(d Document) string {
	t := d.Report.Target
	sum, ok := strings.CutPrefix(t.Digest, "sha256:")
	if t.Kind != artifact.Image || !ok {
		return ""
	}
	repository, _, _ := strings.Cut(t.Name, "@")
	if at := strings.LastIndexByte(repository, ':'); at > strings.LastIndexByte(repository, '/') {
		repository = repository[:at]
	}
	name := strings.ToLower(repository[strings.LastIndexByte(repository, '/')+1:])
	p := inventory.Package{Type: "oci", Name: cmp.Or(name, "image"), Version: "sha256:" + sum}
	id := strings.Replace(p.Identifier(inventory.OS{}), "@sha256:", "@sha256%3A", 1)
	if strings.Contains(repository, "/") && !strings.HasPrefix(repository, "/") && !strings.HasPrefix(repository, ".") {
		id += "?repository_url=" + url.QueryEscape(repository)
	}
	return id
}
