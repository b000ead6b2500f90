package report

import (
	"io"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/internal/vex"
	"github.com/assay-project/assay/inventory"
)

// writeCycloneDXVEX writes an analysis of each finding, and the packages that
// they are about.
func writeCycloneDXVEX(w io.Writer, d Document) error {
	os := d.Report.Inventory.OS
	var found []cyclonedx.Vulnerability
	concerned := inventory.Inventory{OS: os}
	add := func(f *finding.Finding, packages []finding.Package, a cyclonedx.VulnerabilityAnalysis) {
		if len(packages) == 0 {
			return
		}
		part := *f
		part.Packages = packages
		v := cdxVulnerability(&part, os)
		v.Analysis = &a
		found = append(found, v)
		for i := range packages {
			concerned.Packages = append(concerned.Packages, packages[i].Package)
		}
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
		add(f, affected, cyclonedx.VulnerabilityAnalysis{State: cyclonedx.IASExploitable, Detail: actionOf(f, affected)})
		add(f, open, cyclonedx.VulnerabilityAnalysis{State: cyclonedx.IASInTriage})
	}
	for i := range d.Suppressed {
		s := &d.Suppressed[i]
		add(&s.Finding, s.Finding.Packages, analysisOf(s))
	}
	concerned.Sort()
	uniqueRefs(found)
	bom := sbom.CycloneDX(concerned, subject(d))
	bom.Vulnerabilities = pointer(found)
	return sbom.WriteCycloneDX(w, bom)
}

// analysisOf returns what a suppression states.
func analysisOf(s *Suppressed) cyclonedx.VulnerabilityAnalysis {
	out := cyclonedx.VulnerabilityAnalysis{Detail: s.because(), FirstIssued: stamp(s.Time)}
	switch s.Status {
	case vex.NotAffected:
		out.State = cyclonedx.IASNotAffected
		out.Justification = cyclonedx.ImpactAnalysisJustification(cdxJustification(s.Justification))
	case vex.Fixed:
		out.State = cyclonedx.IASResolved
	default:
		out.State = cyclonedx.IASExploitable // somebody lives with it
		out.Response = &[]cyclonedx.ImpactAnalysisResponse{cyclonedx.IARWillNotFix}
	}
	return out
}
