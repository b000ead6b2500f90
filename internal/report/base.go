package report

import (
	"slices"

	"github.com/assay-project/assay/internal/finding"
)

// Base is what an earlier scan had found, with which a document is compared.
type Base struct {
	Name  string              // of the earlier report, for people
	Known map[Occurrence]bool // those of the document that the earlier scan had found too
	Gone  []string            // vulnerabilities that the earlier scan had found and this one has not, sorted
}

// Occurrence is a vulnerability of a package at a place of the target,
// whatever the version of the package.
type Occurrence struct{ Vulnerability, Type, Name, Path string }

// OccurrenceOf names one package of a finding.
func OccurrenceOf(f *finding.Finding, p *finding.Package) Occurrence {
	return Occurrence{f.Vulnerability, p.Type, p.Name, p.Path}
}

// New tells whether a package of a finding is one that the earlier scan had
// not found. Nothing is new when there is no base.
func (b *Base) New(f *finding.Finding, p *finding.Package) bool {
	return b != nil && !b.Known[OccurrenceOf(f, p)]
}

// HasNew tells whether any package of a finding is new.
func (b *Base) HasNew(f *finding.Finding) bool {
	return b != nil && slices.ContainsFunc(f.Packages, func(p finding.Package) bool { return b.New(f, &p) })
}

// Count returns how many of the findings are new.
func (b *Base) Count(findings []finding.Finding) int {
	n := 0
	for i := range findings {
		if b.HasNew(&findings[i]) {
			n++
		}
	}
	return n
}

// word returns "new" or "known", and nothing when there is no base.
func (b *Base) word(isNew bool) string {
	switch {
	case b == nil:
		return ""
	case isNew:
		return "new"
	}
	return "known"
}

// state returns SARIF's word for it.
// Source: SARIF 2.1.0, section 3.27.24, "baselineState property".
func (b *Base) state(isNew bool) string {
	switch {
	case b == nil:
		return ""
	case isNew:
		return "new"
	}
	return "unchanged"
}
