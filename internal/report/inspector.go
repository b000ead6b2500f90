package report

import (
	"cmp"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// Limits and forms of the API.
// Source: Amazon Inspector API Reference, types Finding,
// PackageVulnerabilityDetails, VulnerablePackage, AwsLambdaFunctionDetails and
// CodeRepositoryDetails.
const (
	maxDescription  = 1024 // characters, also of titles, names, versions, paths and remediations
	maxIdentifier   = 128  // characters of a vulnerability's id
	maxProject      = 512
	maxLambdaLayers = 5
)

var (
	sha256Form = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sha256:[a-z0-9]{64}$`) })
	roleARN    = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$`)
	})
)

// noAdvice is what the API says where there is nothing to recommend.
const noAdvice = "None Provided"

// service is the API, whose tables check words and write structures.
var service = sync.OnceValue(inspector2.New)

// writeInspector writes the findings as the API returns them from
// ListFindings, but all on one page.
func writeInspector(w io.Writer, d Document) error {
	list := NewList(w)
	for i := range d.Findings {
		f := d.Findings[i]
		f.Observed = orElse(f.Observed, d.Now)
		if err := list.Add(Finding(&f, Life{}, d.Report.Target)); err != nil {
			return err
		}
	}
	return list.Close()
}

// A List writes findings, one a line, as the answer of ListFindings that has
// them all.
type List struct {
	s    *stream
	one  wire.Writer[inspector2.Finding]
	line []byte
	next string // goes before the next finding
}

// NewList begins a list.
func NewList(w io.Writer) *List {
	l := &List{s: newStream(w), one: wire.WriterOf[inspector2.Finding](service()), next: "\n"}
	l.s.raw(`{"findings":[`)
	return l
}

// Add writes a finding.
func (l *List) Add(f inspector2.Finding) (err error) {
	if l.line, err = l.one.Append(l.line[:0], &f); err != nil {
		return err
	}
	l.s.raw(l.next)
	l.s.raw(string(l.line))
	l.next = ",\n"
	return l.s.err
}

// Close ends the list. It does not close what it is written to.
func (l *List) Close() error {
	if l.next != "\n" {
		l.s.raw("\n")
	}
	l.s.raw("]}\n")
	return l.s.flush()
}

// Life is what a store knows of a finding beyond the finding itself. The zero
// Life is that of a vulnerability of a package that was seen just now for the
// first time.
type Life struct {
	Type    string    // "" for PACKAGE_VULNERABILITY
	Status  string    // "" for ACTIVE
	First   time.Time // when it was first seen; zero: when it was observed
	Updated time.Time // when it last changed; zero: when it was observed
}

// Finding returns a finding as the API has it. target is what the finding was
// found in, as far as that is still known: its layers tell those of a function
// by name, and its image id stands in for a digest that nobody knows.
func Finding(f *finding.Finding, life Life, target scan.Target) inspector2.Finding {
	out := inspector2.Finding{
		FindingARN: f.ARN, AwsAccountID: f.Resource.Account,
		Type:        cmp.Or(inspector2.FindingType(life.Type), inspector2.FindingTypePackageVulnerability),
		Status:      cmp.Or(inspector2.FindingStatus(life.Status), inspector2.FindingStatusActive),
		Description: limit(cmp.Or(f.Description, f.Title, f.Vulnerability), maxDescription),
		Title:       limit(f.Title, maxDescription), Severity: inspector2.Severity(f.Severity),
		FirstObservedAt: orElse(life.First, f.Observed), LastObservedAt: f.Observed, UpdatedAt: orElse(life.Updated, f.Observed),
		Remediation: inspector2.Remediation{Recommendation: &inspector2.Recommendation{Text: advice(f)}},
		Resources:   []inspector2.Resource{resourceOf(f.Resource, target)},
	}
	if scored(f.Score) {
		out.InspectorScore = &f.Score.Value
		out.InspectorScoreDetails = adjusted(f.Score)
	}
	if out.Type != inspector2.FindingTypePackageVulnerability {
		return out
	}
	out.FixAvailable, out.ExploitAvailable = inspector2.FixAvailable(f.Fix), inspector2.ExploitAvailable(yesNo(f.Exploitable()))
	out.PackageVulnerabilityDetails = packageDetails(f, target)
	if f.KEV != nil && !f.KEV.Added.IsZero() {
		out.ExploitabilityDetails = &inspector2.ExploitabilityDetails{LastKnownExploitAt: f.KEV.Added}
	}
	if f.EPSS != nil {
		out.Epss = &inspector2.EpssDetails{Score: &f.EPSS.Score}
	}
	return out
}

func orElse(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

// adjusted explains a score by its vector; nil if it has none. Score and vector
// are those after the adjustments.
func adjusted(s finding.Score) *inspector2.InspectorScoreDetails {
	if s.Vector == "" || s.Version == "" {
		return nil
	}
	source := cmp.Or(s.Source, "UNKNOWN")
	a := &inspector2.CvssScoreDetails{
		ScoreSource: source, CvssSource: source, Version: s.Version, Score: s.Value, ScoringVector: s.Vector,
	}
	for _, r := range s.Adjustments() {
		a.Adjustments = append(a.Adjustments, inspector2.CvssScoreAdjustment{Metric: r.Metric, Reason: r.Text})
	}
	return &inspector2.InspectorScoreDetails{AdjustedCvss: a}
}

// advice joins what to do about each of the packages.
func advice(f *finding.Finding) string {
	var steps []string
	for i := range f.Packages {
		if r := f.Packages[i].Remediation; r != "" && !slices.Contains(steps, r) {
			steps = append(steps, r)
		}
	}
	return cmp.Or(strings.Join(steps, "; "), noAdvice)
}

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

func packageDetails(f *finding.Finding, target scan.Target) *inspector2.PackageVulnerabilityDetails {
	out := &inspector2.PackageVulnerabilityDetails{
		VulnerabilityID: limit(f.Vulnerability, maxIdentifier), Source: cmp.Or(f.Source, "UNKNOWN"), SourceURL: f.SourceURL,
		VendorSeverity: f.VendorLabel, VendorCreatedAt: f.Published, VendorUpdatedAt: f.Modified,
		VulnerablePackages: []inspector2.VulnerablePackage{},
	}
	if len(f.References) > 0 {
		out.ReferenceURLs = f.References
	}
	for _, s := range f.Scores {
		if s.Vector != "" && s.Version != "" {
			out.Cvss = append(out.Cvss, inspector2.CvssScore{
				BaseScore: s.Score, ScoringVector: s.Vector, Version: s.Version, Source: cmp.Or(s.Source, "UNKNOWN"),
			})
		}
	}
	for _, id := range f.Related {
		if len(id) <= maxIdentifier {
			out.RelatedVulnerabilities = append(out.RelatedVulnerabilities, id)
		}
	}
	for i := range f.Packages {
		out.VulnerablePackages = append(out.VulnerablePackages, vulnerable(&f.Packages[i], target))
	}
	return out
}

func vulnerable(p *finding.Package, target scan.Target) inspector2.VulnerablePackage {
	n := p.Named()
	out := inspector2.VulnerablePackage{
		Name: n.Name, Version: n.Version, Release: n.Release, Arch: n.Arch, FilePath: n.Path,
		SourceLayerHash: n.Layer, SourceLambdaLayerARN: n.LambdaLayer,
		PackageManager: packageManager(p.Package), FixedInVersion: limit(fixedIn(p.Type, p.Fixed), maxDescription),
		Remediation: limit(p.Remediation, maxDescription),
	}
	if n.Epoch != nil {
		out.Epoch = new(int32(*n.Epoch)) //nolint:gosec // read as 32 bits
	}
	for _, l := range target.Layers {
		if p.Layer != "" && (l.Digest == p.Layer || l.DiffID == p.Layer) && finding.IsLayerARN(l.Name) {
			out.SourceLambdaLayerARN = l.Name
		}
	}
	return out
}

// fixedIn writes the version that closes a finding; those of the operating
// system always have an epoch.
func fixedIn(typ, fixed string) string {
	if fixed == "" || !ecosystem.System(typ) || strings.Contains(fixed, ":") {
		return fixed
	}
	return "0:" + fixed
}

// managers are the API's words for who put a package there, by purl type and
// the name of the file that lists it; the row without a file is for the rest.
// Source: Amazon Inspector API Reference, VulnerablePackage.packageManager.
var managers = []struct {
	typ, file string
	word      inspector2.PackageManager
}{
	{"deb", "", "OS"},
	{"rpm", "", "OS"},
	{"apk", "", "OS"},
	{"npm", "package-lock.json", "NPM"},
	{"npm", "npm-shrinkwrap.json", "NPM"},
	{"npm", ".package-lock.json", "NPM"},
	{"npm", "yarn.lock", "YARN"},
	{"npm", "", "NODEPKG"},
	{"pypi", "requirements.txt", "PIP"},
	{"pypi", "poetry.lock", "POETRY"},
	{"pypi", "Pipfile.lock", "PIPENV"},
	{"pypi", "", "PYTHONPKG"},
	{"gem", "Gemfile.lock", "BUNDLER"},
	{"gem", "", "GEMSPEC"},
	{"maven", "pom.xml", "POM"},
	{"maven", "", "JAR"},
	{"golang", "go.mod", "GOMOD"},
	{"golang", "go.sum", "GOMOD"},
	{"golang", "", "GOBINARY"},
	{"cargo", "", "CARGO"},
	{"composer", "", "COMPOSER"},
	{"nuget", "packages.lock.json", "NUGET"},
	{"nuget", "packages.config", "NUGET"},
	{"nuget", "", "DOTNET_CORE"},
}

// packageManager returns the API's word, or nothing for a type that it does
// not know.
func packageManager(p inventory.Package) inspector2.PackageManager {
	file := p.Path[strings.LastIndexByte(p.Path, '/')+1:]
	for _, m := range managers {
		if m.typ == p.Type && (m.file == "" || m.file == file) {
			return m.word
		}
	}
	return ""
}

// limit cuts a string to a number of characters.
func limit(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
