package report

import (
	"cmp"
	"encoding/csv"
	"io"
	"maps"
	"net/netip"
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
	f    *finding.Finding
	r    resource.Resource // completed
	life Life
	p    *finding.Package // an empty one for a finding that is not about packages
	now  time.Time
}

// columns are the columns of Amazon Inspector's findings report, in its order.
// Those without a function are about what no scan of packages knows: networks
// and detectors of code.
// Source: Amazon Inspector User Guide, "Exporting findings reports", CSV.
var columns = []struct {
	name  string
	value func(r row) string
}{
	{"AWS Account Id", func(r row) string { return r.f.Resource.Account }},
	{"Severity", func(r row) string { return string(r.f.Severity) }},
	{"Fix Available", func(r row) string { return string(r.f.Fix) }},
	{"Finding Type", func(r row) string { return cmp.Or(r.life.Type, "PACKAGE_VULNERABILITY") }},
	{"Title", func(r row) string { return r.f.Title }},
	{"Description", func(r row) string { return r.f.Description }},
	{"Finding ARN", func(r row) string { return r.f.ARN }},
	{"First Seen", func(r row) string { return stamp(orElse(r.life.First, r.f.Observed)) }},
	{"Last Seen", func(r row) string { return stamp(r.f.Observed) }},
	{"Last Updated", func(r row) string { return stamp(orElse(r.life.Updated, r.f.Observed)) }},
	{"Resource ID", func(r row) string { return r.f.Resource.ID }},
	{"Container Image Tags", func(r row) string { return strings.Join(r.r.Tags, ", ") }},
	{"Region", func(r row) string { return r.r.Cloud.Region }},
	{"Platform", func(r row) string { return r.f.Resource.Platform }},
	{"Resource Tags", row.labels},
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
	{"Status", func(r row) string { return cmp.Or(r.life.Status, "ACTIVE") }},
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
	{"Ami", func(r row) string { return r.r.Host.Image }},
	{"Resource Public Ipv4", func(r row) string { return r.addresses(false) }},
	{"Resource Private Ipv4", func(r row) string { return r.addresses(true) }},
	{"Resource Ipv6", func(r row) string { return strings.Join(r.r.Host.IPv6, ", ") }},
	{"Resource Vpc", func(r row) string { return r.r.Host.Network }},
	{"Port Range", nil},
	{"Epss Score", row.epss},
	{"Exploit Available", func(r row) string { return yesNo(r.f.Exploitable()) }},
	{"Last Exploited At", row.exploited},
	{"Lambda Layers", func(r row) string { return strings.Join(r.r.Layers, ", ") }},
	{"Lambda Package Type", row.packageType},
	{"Lambda Last Updated At", row.lambdaUpdated},
	{"Reference Urls", func(r row) string { return strings.Join(r.f.References, ", ") }},
	{"Detector Name", nil},
	{"Package Manager", func(r row) string { return string(packageManager(r.p.Package)) }},
}

// writeCSV writes one line for each package of each finding.
func writeCSV(w io.Writer, d Document) error {
	sheet := NewSheet(w, d.Now)
	for i := range d.Findings {
		f := d.Findings[i]
		f.Observed = orElse(f.Observed, d.Now)
		sheet.Add(&f, Life{})
	}
	return sheet.Close()
}

// A Sheet writes findings as the lines of Amazon's findings report in CSV, one
// for each package of each. Lines end with CR LF as RFC 4180 has it.
type Sheet struct {
	out  *csv.Writer
	line []string
	now  time.Time
}

// NewSheet begins a sheet with its header. The age of findings is that at now.
func NewSheet(w io.Writer, now time.Time) *Sheet {
	s := &Sheet{out: csv.NewWriter(w), line: make([]string, len(columns)), now: now}
	s.out.UseCRLF = true
	for i, c := range columns {
		s.line[i] = c.name
	}
	_ = s.out.Write(s.line) // Close tells
	return s
}

// Add writes the lines of a finding.
func (s *Sheet) Add(f *finding.Finding, life Life) {
	packages := f.Packages
	if len(packages) == 0 {
		packages = []finding.Package{{}}
	}
	r := row{f: f, r: f.Resource.Complete(), life: life, now: s.now}
	for i := range packages {
		r.p = &packages[i]
		for k, c := range columns {
			s.line[k] = ""
			if c.value != nil {
				s.line[k] = harmless(c.value(r))
			}
		}
		_ = s.out.Write(s.line) // Close tells
	}
}

// Close writes what is left and tells whether anything could not be written. It
// does not close what it is written to.
func (s *Sheet) Close() error {
	s.out.Flush()
	return s.out.Error()
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

// age is the number of whole days since the finding was first seen.
func (r row) age() string {
	first := orElse(r.life.First, r.f.Observed)
	if r.now.IsZero() || first.IsZero() {
		return ""
	}
	return strconv.Itoa(max(0, int(r.now.Sub(first).Hours()/24)))
}

// labels are the tags of the resource, sorted.
func (r row) labels() string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(r.r.Labels)) {
		out = append(out, k+":"+r.r.Labels[k])
	}
	return strings.Join(out, ", ")
}

// addresses are those of the host that are in private networks, or those that
// are not.
func (r row) addresses(private bool) string {
	var out []string
	for _, s := range r.r.Host.IPv4 {
		if a, err := netip.ParseAddr(s); err == nil && a.IsPrivate() == private {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
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

func (r row) packageType() string { return r.r.Function.Package }

func (r row) lambdaUpdated() string { return stamp(instant(r.r.Function.Modified)) }

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
