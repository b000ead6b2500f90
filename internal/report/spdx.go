package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
)

// writeSPDX writes the inventory with a reference to an advisory for each
// finding of a package. SPDX 2.3 has no other place for vulnerabilities.
// Source: SPDX 2.3, annex K, section K.1.
func writeSPDX(w io.Writer, d Document) error {
	doc := sbom.SPDX(d.Report.Inventory, subject(d))
	// The n-th package of the document is the n-th of the inventory.
	at := make(map[inventory.Package]*v2_3.Package, len(d.Report.Inventory.Packages))
	for i, p := range d.Report.Inventory.Packages {
		at[p.Bare()] = doc.Packages[i]
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		for j := range f.Packages {
			if p := at[f.Packages[j].Package]; p != nil {
				p.PackageExternalReferences = append(p.PackageExternalReferences, spdxReference(f, &f.Packages[j]))
			}
		}
	}
	return sbom.WriteSPDX(w, doc)
}

func spdxReference(f *finding.Finding, p *finding.Package) *v2_3.PackageExternalReference {
	locator := webAddress(f.SourceURL)
	for _, u := range f.References {
		if locator != "" {
			break
		}
		locator = webAddress(u)
	}
	if locator == "" {
		locator = "https://osv.dev/vulnerability/" + relativeURI(f.Vulnerability)
	}
	words := []string{f.Vulnerability, "severity " + string(f.Severity)}
	if scored(f.Score) {
		words = append(words, "score "+strconv.FormatFloat(f.Score.Value, 'f', 1, 64))
	}
	if f.KEV != nil {
		words = append(words, "known to be exploited"+since(day(f.KEV.Added)))
	}
	if p.Fixed != "" {
		words = append(words, "fixed in "+p.Fixed)
	} else {
		words = append(words, noFix(p.Match.State))
	}
	return &v2_3.PackageExternalReference{
		Category: common.CategorySecurity, RefType: common.TypeSecurityAdvisory, Locator: locator,
		ExternalRefComment: strings.Join(words, ", "),
	}
}
