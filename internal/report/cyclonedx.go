package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// subject describes what was scanned for the documents of others.
func subject(d Document) sbom.Subject {
	t := d.Report.Target
	s := sbom.Subject{
		Name: t.Name, Kind: string(t.Kind), Digest: t.Digest, ImageID: t.ImageID, Arch: t.Platform.Architecture,
		Tags: t.Tags, Time: d.Now, Version: d.Version,
	}
	for _, l := range t.Layers {
		s.Layers = append(s.Layers, sbom.Layer{Digest: l.Digest, DiffID: l.DiffID, CreatedBy: l.CreatedBy})
	}
	return s
}

// writeCycloneDX writes the inventory with a vulnerability for each finding.
// There is an analysis of those alone of which people have stated one.
func writeCycloneDX(w io.Writer, d Document) error {
	bom := sbom.CycloneDX(d.Report.Inventory, subject(d))
	var found []cyclonedx.Vulnerability
	for i := range d.Findings {
		found = append(found, cdxVulnerability(&d.Findings[i], d.Report.Inventory.OS))
	}
	for i := range d.Suppressed {
		v, a := cdxVulnerability(&d.Suppressed[i].Finding, d.Report.Inventory.OS), analysisOf(&d.Suppressed[i])
		v.Analysis = &a
		found = append(found, v)
	}
	found = append(found, cdxIssues(d)...)
	uniqueRefs(found)
	bom.Vulnerabilities = pointer(found)
	if more := cdxNotes(d); len(more) > 0 && bom.Metadata != nil {
		if bom.Metadata.Properties != nil {
			more = append(*bom.Metadata.Properties, more...)
		}
		bom.Metadata.Properties = &more
	}
	return sbom.WriteCycloneDX(w, bom)
}

// pointer returns nil for an empty list, which the format leaves out.
func pointer[T any](s []T) *[]T {
	if len(s) == 0 {
		return nil
	}
	return &s
}

// uniqueRefs numbers vulnerabilities that several resources share.
func uniqueRefs(found []cyclonedx.Vulnerability) {
	seen := map[string]int{}
	for i := range found {
		ref := found[i].BOMRef
		if seen[ref]++; seen[ref] > 1 {
			found[i].BOMRef = ref + "#" + strconv.Itoa(seen[ref])
		}
	}
}

// cdxNotes has what could not be judged, and the age of the advisories, for
// which the format has no place.
func cdxNotes(d Document) []cyclonedx.Property {
	var out []cyclonedx.Property
	add := func(name, value string) {
		if value != "" {
			out = append(out, cyclonedx.Property{Name: "assay:" + name, Value: value})
		}
	}
	if db := d.Report.Database; db != nil {
		add("database:built", stamp(db.Built))
		add("database:digest", db.Digest)
		if db.Starter {
			add("database:starter", "true")
		}
	}
	for i := range d.Ended {
		add(string(advisory.Unsupported), EndedText(&d.Ended[i]))
	}
	for _, n := range d.Report.Result.Notes {
		add("note:"+string(n.Kind), n.Subject+": "+n.Reason+" ("+strconv.Itoa(n.Count)+")")
	}
	return out
}

func cdxVulnerability(f *finding.Finding, os inventory.OS) cyclonedx.Vulnerability {
	v := Vulnerability(f)
	v.BOMRef = "vulnerability:" + f.Vulnerability
	v.Affects, v.Properties = pointer(cdxAffects(f, os)), pointer(cdxProperties(f, os))
	return v
}

// Vulnerability returns what CycloneDX 1.5 can say of the vulnerability of a
// finding, but for a reference, properties and what it affects.
func Vulnerability(f *finding.Finding) cyclonedx.Vulnerability {
	v := cyclonedx.Vulnerability{
		ID:          f.Vulnerability,
		Source:      &cyclonedx.Source{Name: cmp.Or(f.Source, "UNKNOWN"), URL: webAddress(f.SourceURL)},
		Ratings:     pointer(cdxRatings(f)),
		Description: f.Description, Published: stamp(f.Published), Updated: stamp(f.Modified),
	}
	if what := advice(f); what != noAdvice {
		v.Recommendation = what
	}
	var references []cyclonedx.VulnerabilityReference
	for _, id := range f.Related {
		references = append(references, cyclonedx.VulnerabilityReference{ID: id, Source: &cyclonedx.Source{Name: publisher(id)}})
	}
	v.References = pointer(references)
	var cwes []int
	for _, c := range f.CWEs {
		if n, err := strconv.Atoi(strings.TrimPrefix(c, "CWE-")); err == nil && n > 0 {
			cwes = append(cwes, n)
		}
	}
	v.CWEs = pointer(cwes)
	var advisories []cyclonedx.Advisory
	for _, u := range f.References {
		if u = webAddress(u); u != "" {
			advisories = append(advisories, cyclonedx.Advisory{URL: u})
		}
	}
	v.Advisories = pointer(advisories)
	return v
}

// publisher returns who gives out identifiers of this form: the part before
// the first dash.
func publisher(id string) string {
	before, _, _ := strings.Cut(id, "-")
	return cmp.Or(before, "UNKNOWN")
}

// webAddress returns an absolute URL of allowed characters, or nothing.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || u.Host == "" {
		return ""
	}
	s = u.String()
	// Source: RFC 3986, appendix A: what no part of a URI may hold.
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"<>\\^`{|}", r) }) {
		return ""
	}
	return s
}

var cdxSeverities = map[finding.Severity]cyclonedx.Severity{
	finding.Critical: cyclonedx.SeverityCritical, finding.High: cyclonedx.SeverityHigh,
	finding.Medium: cyclonedx.SeverityMedium, finding.Low: cyclonedx.SeverityLow,
	finding.Informational: cyclonedx.SeverityInfo, finding.Untriaged: cyclonedx.SeverityUnknown,
}

var cdxMethods = map[string]cyclonedx.ScoringMethod{
	"2.0": cyclonedx.ScoringMethodCVSSv2, "3.0": cyclonedx.ScoringMethodCVSSv3, "3.1": cyclonedx.ScoringMethodCVSSv31,
	"4.0": cyclonedx.ScoringMethodCVSSv4,
}

// cdxRatings has every rating; where none is the one that counts, because it
// was adjusted or because nobody gave a score, ours comes first. EPSS is a rating by another method, in the form in which
// Amazon Inspector's ScanSbom returns it.
func cdxRatings(f *finding.Finding) []cyclonedx.VulnerabilityRating {
	var out []cyclonedx.VulnerabilityRating
	decided := false
	for _, s := range f.Scores {
		if rated(s) == nil {
			continue
		}
		r := cyclonedx.VulnerabilityRating{
			Source: &cyclonedx.Source{Name: cmp.Or(s.Source, "UNKNOWN")}, Score: rated(s),
			Severity: cdxSeverities[finding.Band(s.Score)], Method: cmp.Or(cdxMethods[s.Version], cyclonedx.ScoringMethodOther),
			Vector: s.Vector,
		}
		same := s.Version == f.Score.Version && s.Vector == f.Score.Vector && s.Source == f.Score.Source
		if same && s.Score == f.Score.Value && !decided {
			decided = true
			r.Severity = cdxSeverities[f.Severity]
			r.Justification = because(f.Score)
		}
		out = append(out, r)
	}
	if !decided {
		r := cyclonedx.VulnerabilityRating{
			Source: &cyclonedx.Source{Name: "Assay"}, Severity: cdxSeverities[f.Severity],
			Method: cmp.Or(cdxMethods[f.Score.Version], cyclonedx.ScoringMethodOther), Vector: f.Score.Vector,
			Justification: because(f.Score),
		}
		if scored(f.Score) {
			r.Score = &f.Score.Value
		}
		if len(f.Score.Adjustments()) > 0 {
			r.Severity = cdxSeverities[finding.Band(f.Score.Value)] // of this rating, where the finding's is that of the base score
		}
		out = append([]cyclonedx.VulnerabilityRating{r}, out...)
	}
	if e := f.EPSS; e != nil {
		out = append(out, cyclonedx.VulnerabilityRating{
			Source: &cyclonedx.Source{Name: "EPSS", URL: "https://www.first.org/epss"}, Score: &e.Score,
			Severity: cyclonedx.SeverityNone, Method: cyclonedx.ScoringMethodOther,
			Vector: "model:" + e.Model + ",date:" + stamp(e.Date),
		})
	}
	return out
}

// because joins the reasons of a score.
func because(s finding.Score) string {
	var out []string
	for _, r := range s.Reasons {
		out = append(out, r.Metric+": "+r.Text)
	}
	return strings.Join(out, "; ")
}

// cdxAffects names each affected component once.
func cdxAffects(f *finding.Finding, os inventory.OS) []cyclonedx.Affects {
	var out []cyclonedx.Affects
	seen := map[string]bool{}
	for i := range f.Packages {
		p := &f.Packages[i]
		ref := sbom.Ref(p.Package, os)
		if seen[ref] {
			continue
		}
		seen[ref] = true
		a := cyclonedx.Affects{Ref: ref}
		if p.Version != "" {
			status := cyclonedx.VulnerabilityStatusAffected
			if p.Match.Unsure != "" {
				status = cyclonedx.VulnerabilityStatusUnknown
			}
			a.Range = &[]cyclonedx.AffectedVersions{{Version: limit(p.Version, maxDescription), Status: status}}
		}
		out = append(out, a)
	}
	return out
}

// cdxProperties says what the format has no place for: why packages match,
// what repairs them, and what is known of exploits.
func cdxProperties(f *finding.Finding, os inventory.OS) []cyclonedx.Property {
	var out []cyclonedx.Property
	add := func(name, value string) {
		if value != "" {
			out = append(out, cyclonedx.Property{Name: "assay:" + name, Value: value})
		}
	}
	add("severity", string(f.Severity))
	add("fix", string(f.Fix))
	add("confidence", string(f.Confidence))
	add("exploitation", f.Exploitation)
	if f.KEV != nil {
		add("kev:added", day(f.KEV.Added))
		add("kev:due", day(f.KEV.Due))
		add("kev:ransomware", strconv.FormatBool(f.KEV.Ransomware))
	}
	seen := map[string]bool{}
	for i := range f.Packages {
		p := &f.Packages[i]
		ref := sbom.Ref(p.Package, os)
		if seen[ref] {
			continue
		}
		seen[ref] = true
		add("fixed:"+ref, p.Fixed)
		add("state:"+ref, string(p.Match.State))
		add("unsure:"+ref, p.Match.Unsure)
		for _, y := range p.Match.Why {
			add("why:"+ref, whyText(y))
		}
	}
	return out
}

// whyText explains a match in one line.
func whyText(y match.Why) string {
	version := cmp.Or(y.Version, "without a version")
	text := fmt.Sprintf("%s %s: %s %s %s is %s", y.Source, y.Advisory, y.NameKind, y.Name, version, within(y.Range))
	if y.Fixed != "" && !strings.HasSuffix(y.Range, "< "+y.Fixed) {
		text += ", fixed in " + y.Fixed
	}
	if y.Linked != "" {
		text += ", " + y.Linked
	}
	text += " (" + y.Ecosystem
	if y.Kind == advisory.Notice {
		text += ", notice"
	}
	return text + ")"
}

func within(r string) string {
	if r == "listed" {
		return "listed"
	}
	return "in " + r
}
