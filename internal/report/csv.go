package report

import (
	"encoding/csv"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
)

// row is what the columns of one line are made of: a finding and one of its
// packages.
type row struct {
	d Document
	f *finding.Finding
	p *finding.Package
}

// columns are the columns of Amazon Inspector's findings report, in its order.
// Those without a function are about what no scan of packages knows: networks,
// machines in the cloud, detectors of code.
// Source: Amazon Inspector User Guide, "Exporting findings reports", CSV.
var columns = []struct {
	name  string
	value func(r row) string
}{
	{"AWS Account Id", func(r row) string { return r.f.Resource.Account }},
	{"Severity", func(r row) string { return string(r.f.Severity) }},
	{"Fix Available", func(r row) string { return string(r.f.Fix) }},
	{"Finding Type", func(row) string { return "PACKAGE_VULNERABILITY" }},
	{"Title", func(r row) string { return r.f.Title }},
	{"Description", func(r row) string { return r.f.Description }},
	{"Finding ARN", func(r row) string { return r.f.ARN }},
	{"First Seen", row.seen},
	{"Last Seen", row.seen},
	{"Last Updated", row.seen},
	{"Resource ID", func(r row) string { return r.f.Resource.ID }},
	{"Container Image Tags", func(r row) string { return strings.Join(tagsOf(r.f.Resource), ", ") }},
	{"Region", func(r row) string { return r.f.Resource.Region }},
	{"Platform", func(r row) string { return r.f.Resource.Platform }},
	{"Resource Tags", nil},
	{"Affected Packages", func(r row) string { return r.p.Name }},
	{"Package Installed Version", func(r row) string { return fixedIn(r.p.Type, r.p.Version) }},
	{"Fixed in Version", func(r row) string { return fixedIn(r.p.Type, r.p.Fixed) }},
	{"Package Remediation", func(r row) string { return r.p.Remediation }},
	{"File Path", row.path},
	{"Network Paths", nil},
	{"Age (Days)", row.age},
	{"Remediation", func(r row) string { return advice(r.f) }},
	{"Inspector Score", row.score},
	{"Inspector Score Vector", func(r row) string { return r.f.Score.Vector }},
	{"Status", func(row) string { return "ACTIVE" }},
	{"Vulnerability Id", func(r row) string { return r.f.Vulnerability }},
	{"Vendor", func(r row) string { return r.f.Source }},
	{"Vendor Severity", func(r row) string { return r.f.VendorLabel }},
	{"Vendor Advisory", func(r row) string { return r.f.SourceURL }},
	{"Vendor Advisory Published", func(r row) string { return stamp(r.f.Published) }},
	{"NVD CVSS3 Score", func(r row) string { return r.rating(true, "3").score }},
	{"NVD CVSS3 Vector", func(r row) string { return r.rating(true, "3").vector }},
	{"NVD CVSS2 Score", func(r row) string { return r.rating(true, "2").score }},
	{"NVD CVSS2 Vector", func(r row) string { return r.rating(true, "2").vector }},
	{"Vendor CVSS3 Score", func(r row) string { return r.rating(false, "3").score }},
	{"Vendor CVSS3 Vector", func(r row) string { return r.rating(false, "3").vector }},
	{"Vendor CVSS2 Score", func(r row) string { return r.rating(false, "2").score }},
	{"Vendor CVSS2 Vector", func(r row) string { return r.rating(false, "2").vector }},
	{"Resource Type", func(r row) string { return string(r.f.Resource.Type) }},
	{"Ami", nil},
	{"Resource Public Ipv4", nil},
	{"Resource Private Ipv4", nil},
	{"Resource Ipv6", nil},
	{"Resource Vpc", nil},
	{"Port Range", nil},
	{"Epss Score", row.epss},
	{"Exploit Available", func(r row) string { return yesNo(exploitable(r.f)) }},
	{"Last Exploited At", row.exploited},
	{"Lambda Layers", func(r row) string { return strings.Join(r.f.Resource.Layers, ", ") }},
	{"Lambda Package Type", row.packageType},
	{"Lambda Last Updated At", row.lambdaUpdated},
	{"Reference Urls", func(r row) string { return strings.Join(r.f.References, ", ") }},
	{"Detector Name", nil},
	{"Package Manager", func(r row) string { return packageManager(r.p.Package) }},
}

// writeCSV writes one line for each package of each finding. Lines end with
// CR LF as RFC 4180 has it.
func writeCSV(w io.Writer, d Document) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.name
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		for j := range f.Packages {
			r := row{d, f, &f.Packages[j]}
			for k, c := range columns {
				line[k] = ""
				if c.value != nil {
					line[k] = harmless(c.value(r))
				}
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// scoped are names such as @babel/core: they begin like a formula, and there is
// none that they could be.
var scoped = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^@[A-Za-z0-9._~-]+/[A-Za-z0-9._~-]+$`) })

// harmless puts an apostrophe before what a spreadsheet would run as a formula,
// and makes it UTF-8. Package names, paths and texts are written by strangers.
// Source: OWASP, "CSV Injection".
func harmless(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if s != "" && strings.IndexByte("=+-@\t\r\n", s[0]) >= 0 && !scoped().MatchString(s) {
		return "'" + s
	}
	return s
}

// observed is when the finding was seen.
func (r row) observed() time.Time {
	if r.f.Observed.IsZero() {
		return r.d.Now
	}
	return r.f.Observed
}

func (r row) seen() string { return stamp(r.observed()) }

// age is the number of whole days since the finding was first seen.
func (r row) age() string {
	if r.d.Now.IsZero() || r.observed().IsZero() {
		return ""
	}
	return strconv.Itoa(max(0, int(r.d.Now.Sub(r.observed()).Hours()/24)))
}

func (r row) path() string {
	if ecosystem.System(r.p.Type) {
		return ""
	}
	return r.p.Path
}

func (r row) score() string {
	if !scored(r.f.Score) {
		return ""
	}
	return number(r.f.Score.Value)
}

func (r row) epss() string {
	if r.f.EPSS == nil {
		return ""
	}
	return number(r.f.EPSS.Score)
}

func (r row) exploited() string {
	if r.f.KEV == nil {
		return ""
	}
	return stamp(r.f.KEV.Added)
}

func (r row) packageType() string {
	if r.f.Resource.Type != resource.Function {
		return ""
	}
	return "ZIP"
}

func (r row) lambdaUpdated() string {
	if r.f.Resource.Type != resource.Function {
		return ""
	}
	return stamp(instant(r.f.Resource.Created))
}

// cell is a rating as the columns show it.
type cell struct{ score, vector string }

// rating returns the first rating by NVD, or by anybody else, in a major
// version of CVSS.
func (r row) rating(nvd bool, major string) cell {
	i := slices.IndexFunc(r.f.Scores, func(s advisory.Severity) bool {
		return (s.Source == "NVD") == nvd && strings.HasPrefix(s.Version, major+".")
	})
	if i < 0 {
		return cell{}
	}
	s := r.f.Scores[i]
	return cell{number(s.Score), s.Vector}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
