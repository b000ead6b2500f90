package report

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
)

// The types below are those of Amazon Inspector's API, version 2, with their
// own member names. What is not known is left out.
// Source: Amazon Inspector API Reference, type Finding.
type inspFinding struct {
	FindingARN           string            `json:"findingArn"`
	AccountID            string            `json:"awsAccountId"`
	Type                 string            `json:"type"`
	Description          string            `json:"description"`
	Title                string            `json:"title,omitempty"`
	Remediation          inspRemediation   `json:"remediation"`
	Severity             string            `json:"severity"`
	FirstObservedAt      epoch             `json:"firstObservedAt,omitzero"`
	LastObservedAt       epoch             `json:"lastObservedAt,omitzero"`
	UpdatedAt            epoch             `json:"updatedAt,omitzero"`
	Status               string            `json:"status"`
	Resources            []inspResource    `json:"resources"`
	InspectorScore       *float64          `json:"inspectorScore,omitempty"`
	InspectorScoreDetail *inspScoreDetails `json:"inspectorScoreDetails,omitempty"`
	Package              inspPackage       `json:"packageVulnerabilityDetails"`
	FixAvailable         string            `json:"fixAvailable"`
	ExploitAvailable     string            `json:"exploitAvailable"`
	Exploitability       *inspExploit      `json:"exploitabilityDetails,omitempty"`
	EPSS                 *inspEPSS         `json:"epss,omitempty"`
}

type inspRemediation struct {
	Recommendation inspRecommendation `json:"recommendation"`
}

type inspRecommendation struct {
	Text string `json:"text"`
}

type inspScoreDetails struct {
	AdjustedCVSS inspAdjusted `json:"adjustedCvss"`
}

type inspAdjusted struct {
	ScoreSource   string           `json:"scoreSource"`
	CVSSSource    string           `json:"cvssSource,omitempty"`
	Version       string           `json:"version"`
	Score         float64          `json:"score"`
	ScoringVector string           `json:"scoringVector"`
	Adjustments   []inspAdjustment `json:"adjustments,omitempty"`
}

type inspAdjustment struct {
	Metric string `json:"metric"`
	Reason string `json:"reason"`
}

type inspExploit struct {
	LastKnownExploitAt epoch `json:"lastKnownExploitAt"`
}

type inspEPSS struct {
	Score float64 `json:"score"`
}

type inspPackage struct {
	VulnerabilityID        string           `json:"vulnerabilityId"`
	VulnerablePackages     []inspVulnerable `json:"vulnerablePackages"`
	Source                 string           `json:"source"`
	CVSS                   []inspCVSS       `json:"cvss,omitempty"`
	RelatedVulnerabilities []string         `json:"relatedVulnerabilities,omitempty"`
	SourceURL              string           `json:"sourceUrl,omitempty"`
	VendorSeverity         string           `json:"vendorSeverity,omitempty"`
	VendorCreatedAt        epoch            `json:"vendorCreatedAt,omitzero"`
	VendorUpdatedAt        epoch            `json:"vendorUpdatedAt,omitzero"`
	ReferenceURLs          []string         `json:"referenceUrls,omitempty"`
}

type inspCVSS struct {
	BaseScore     float64 `json:"baseScore"`
	ScoringVector string  `json:"scoringVector"`
	Version       string  `json:"version"`
	Source        string  `json:"source"`
}

type inspVulnerable struct {
	Name                 string `json:"name"`
	Version              string `json:"version"`
	SourceLayerHash      string `json:"sourceLayerHash,omitempty"`
	Epoch                *int   `json:"epoch,omitempty"`
	Release              string `json:"release,omitempty"`
	Arch                 string `json:"arch,omitempty"`
	PackageManager       string `json:"packageManager,omitempty"`
	FilePath             string `json:"filePath,omitempty"`
	FixedInVersion       string `json:"fixedInVersion,omitempty"`
	Remediation          string `json:"remediation,omitempty"`
	SourceLambdaLayerARN string `json:"sourceLambdaLayerArn,omitempty"`
}

type inspResource struct {
	Type              string       `json:"type"`
	ID                string       `json:"id"`
	Partition         string       `json:"partition,omitempty"`
	Region            string       `json:"region,omitempty"`
	Details           *inspDetails `json:"details,omitempty"`
	Provider          string       `json:"provider,omitempty"`
	ProviderAccountID string       `json:"providerAccountId,omitempty"`
}

// inspDetails holds Amazon's own details of a resource and, since 2026, the
// same in neutral words.
type inspDetails struct {
	EC2Instance *inspInstance   `json:"awsEc2Instance,omitempty"`
	ECRImage    *inspECRImage   `json:"awsEcrContainerImage,omitempty"`
	Lambda      *inspLambda     `json:"awsLambdaFunction,omitempty"`
	Repository  *inspRepository `json:"codeRepository,omitempty"`
	VM          *inspVM         `json:"vm,omitempty"`
	Image       *inspImage      `json:"image,omitempty"`
	Serverless  *inspServerless `json:"serverlessFunction,omitempty"`
}

type inspInstance struct {
	Platform string `json:"platform,omitempty"`
}

type inspVM struct {
	VMName   string `json:"vmName,omitempty"`
	Platform string `json:"platform,omitempty"`
}

type inspECRImage struct {
	RepositoryName string   `json:"repositoryName"`
	ImageTags      []string `json:"imageTags,omitempty"`
	PushedAt       epoch    `json:"pushedAt,omitzero"`
	Architecture   string   `json:"architecture,omitempty"`
	ImageHash      string   `json:"imageHash"`
	Registry       string   `json:"registry"`
	Platform       string   `json:"platform,omitempty"`
}

type inspImage struct {
	RepositoryName string   `json:"repositoryName,omitempty"`
	Registry       string   `json:"registry,omitempty"`
	ImageTags      []string `json:"imageTags,omitempty"`
	ImageDigest    string   `json:"imageDigest,omitempty"`
	PushedAt       epoch    `json:"pushedAt,omitzero"`
	Architecture   string   `json:"architecture,omitempty"`
	Platform       string   `json:"platform,omitempty"`
}

type inspLambda struct {
	FunctionName     string   `json:"functionName"`
	Runtime          string   `json:"runtime"`
	CodeSHA256       string   `json:"codeSha256"`
	Version          string   `json:"version"`
	ExecutionRoleARN string   `json:"executionRoleArn"`
	Layers           []string `json:"layers,omitempty"`
	PackageType      string   `json:"packageType,omitempty"`
	LastModifiedAt   epoch    `json:"lastModifiedAt,omitzero"`
}

type inspServerless struct {
	Name           string   `json:"serverlessFunctionName,omitempty"`
	Version        string   `json:"version,omitempty"`
	CodeDigest     string   `json:"codeDigest,omitempty"`
	LastModifiedAt epoch    `json:"lastModifiedAt,omitzero"`
	PackageType    string   `json:"packageType,omitempty"`
	Layers         []string `json:"layers,omitempty"`
}

type inspRepository struct {
	ProjectName string `json:"projectName,omitempty"`
}

// epoch is a time as the API writes it: seconds since 1970 as a number with up
// to three decimals.
type epoch time.Time

// MarshalJSON writes the number.
func (e epoch) MarshalJSON() ([]byte, error) {
	ms := time.Time(e).UnixMilli()
	return strconv.AppendFloat(nil, float64(ms)/1000, 'f', -1, 64), nil
}

// IsZero tells whether there is no time, for omitzero.
func (e epoch) IsZero() bool { return time.Time(e).IsZero() }

// Limits and forms of the API.
// Source: Amazon Inspector API Reference, types Finding,
// PackageVulnerabilityDetails, VulnerablePackage, AwsLambdaFunctionDetails and
// CodeRepositoryDetails.
const (
	maxDescription  = 1024 // characters, also of titles, names, versions, paths and remediations
	maxIdentifier   = 128  // characters of a vulnerability's id
	maxArch         = 64
	maxProject      = 512
	maxLambdaLayers = 5
)

var (
	sha256Form = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sha256:[a-z0-9]{64}$`) })
	// functionForm is what the name of a function must not hold; that of a file may.
	functionForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-zA-Z0-9-_.]+`) })
	layerARN     = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+$`)
	})
)

// noAdvice is what the API says where there is nothing to recommend.
const noAdvice = "None Provided"

// writeInspector writes the findings as the API returns them from
// ListFindings, but all on one page.
func writeInspector(w io.Writer, d Document) error {
	s := newStream(w)
	s.raw(`{"findings":`)
	s.each(len(d.Findings), func(i int) any { return inspectorFinding(d, &d.Findings[i]) })
	s.raw("}\n")
	return s.flush()
}

func inspectorFinding(d Document, f *finding.Finding) inspFinding {
	observed := epoch(f.Observed)
	if f.Observed.IsZero() {
		observed = epoch(d.Now)
	}
	out := inspFinding{
		FindingARN: f.ARN, AccountID: f.Resource.Account, Type: "PACKAGE_VULNERABILITY", Status: "ACTIVE",
		Description: limit(cmp.Or(f.Description, f.Title, f.Vulnerability), maxDescription),
		Title:       limit(f.Title, maxDescription), Severity: string(f.Severity),
		FirstObservedAt: observed, LastObservedAt: observed, UpdatedAt: observed,
		Remediation:  inspRemediation{inspRecommendation{advice(f)}},
		Resources:    []inspResource{inspectorResource(d, f.Resource)},
		FixAvailable: string(f.Fix), ExploitAvailable: yesNo(exploitable(f)),
		Package: inspectorPackage(d, f),
	}
	if scored(f.Score) {
		out.InspectorScore = &f.Score.Value
		out.InspectorScoreDetail = adjusted(f.Score)
	}
	if f.KEV != nil && !f.KEV.Added.IsZero() {
		out.Exploitability = &inspExploit{epoch(f.KEV.Added)}
	}
	if f.EPSS != nil {
		out.EPSS = &inspEPSS{f.EPSS.Score}
	}
	return out
}

// adjusted explains a score by its vector; nil if it has none.
func adjusted(s finding.Score) *inspScoreDetails {
	if s.Vector == "" || s.Version == "" {
		return nil
	}
	source := cmp.Or(s.Source, "UNKNOWN")
	a := inspAdjusted{ScoreSource: source, CVSSSource: source, Version: s.Version, Score: s.Value, ScoringVector: s.Vector}
	for i, r := range s.Reasons {
		if i > 0 { // the first is the base score itself
			a.Adjustments = append(a.Adjustments, inspAdjustment{r.Metric, r.Text})
		}
	}
	return &inspScoreDetails{a}
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

// exploitable tells whether an exploit is known to exist.
func exploitable(f *finding.Finding) bool {
	return f.KEV != nil || f.Exploitation == "poc" || f.Exploitation == "active"
}

func yesNo(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

func inspectorPackage(d Document, f *finding.Finding) inspPackage {
	out := inspPackage{
		VulnerabilityID: limit(f.Vulnerability, maxIdentifier), Source: cmp.Or(f.Source, "UNKNOWN"), SourceURL: f.SourceURL,
		VendorSeverity: f.VendorLabel, VendorCreatedAt: epoch(f.Published), VendorUpdatedAt: epoch(f.Modified),
		ReferenceURLs: f.References, VulnerablePackages: []inspVulnerable{},
	}
	for _, s := range f.Scores {
		if s.Vector != "" && s.Version != "" {
			out.CVSS = append(out.CVSS, inspCVSS{s.Score, s.Vector, s.Version, cmp.Or(s.Source, "UNKNOWN")})
		}
	}
	for _, id := range f.Related {
		if len(id) <= maxIdentifier {
			out.RelatedVulnerabilities = append(out.RelatedVulnerabilities, id)
		}
	}
	for i := range f.Packages {
		out.VulnerablePackages = append(out.VulnerablePackages, inspectorVulnerable(d, &f.Packages[i]))
	}
	return out
}

func inspectorVulnerable(d Document, p *finding.Package) inspVulnerable {
	epoch, version, release := splitVersion(p.Type, p.Version)
	out := inspVulnerable{
		Name: limit(p.Name, maxDescription), Version: limit(cmp.Or(version, "UNKNOWN"), maxDescription),
		Epoch: epoch, Release: limit(release, maxDescription), Arch: limit(strings.ToUpper(p.Arch), maxArch),
		PackageManager: packageManager(p.Package), FixedInVersion: limit(fixedIn(p.Type, p.Fixed), maxDescription),
		Remediation: limit(p.Remediation, maxDescription),
	}
	// The database of the distribution's package manager is no place of the
	// package: Amazon names a file only for language packages.
	if !ecosystem.System(p.Type) {
		out.FilePath = limit(p.Path, maxDescription)
	}
	if sha256Form().MatchString(p.Layer) {
		out.SourceLayerHash = p.Layer
	}
	for _, l := range d.Report.Target.Layers {
		if p.Layer != "" && (l.Digest == p.Layer || l.DiffID == p.Layer) && layerARN().MatchString(l.Name) {
			out.SourceLambdaLayerARN = l.Name
		}
	}
	return out
}

// splitVersion takes a version apart as the API has it: only packages of the
// operating system have an epoch, 0 if none is stated, and a release.
// Source: deb-version(7); rpm.org, "RPM spec file format", tags Epoch, Version
// and Release; Alpine wiki, "APKBUILD Reference", pkgrel.
func splitVersion(typ, v string) (epoch *int, version, release string) {
	if !ecosystem.System(typ) {
		return nil, v, ""
	}
	epoch = new(int)
	if e, rest, ok := strings.Cut(v, ":"); ok {
		if n, err := strconv.ParseInt(e, 10, 32); err == nil && n >= 0 {
			*epoch, v = int(n), rest
		}
	}
	mark := "-"
	if typ == "apk" {
		mark = "-r"
	}
	if i := strings.LastIndex(v, mark); i > 0 && i+1 < len(v) {
		return epoch, v[:i], v[i+1:]
	}
	return epoch, v, ""
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
var managers = []struct{ typ, file, word string }{
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
func packageManager(p inventory.Package) string {
	file := p.Path[strings.LastIndexByte(p.Path, '/')+1:]
	for _, m := range managers {
		if m.typ == p.Type && (m.file == "" || m.file == file) {
			return m.word
		}
	}
	return ""
}

func inspectorResource(d Document, r resource.Resource) inspResource {
	out := inspResource{
		Type: string(r.Type), ID: cmp.Or(r.ID, r.Name), Partition: partition(r.Region), Region: r.Region,
		Provider: "AWS", ProviderAccountID: r.Account,
	}
	switch r.Type {
	case resource.Instance:
		platform := limit(r.Platform, maxDescription)
		out.Details = &inspDetails{EC2Instance: &inspInstance{platform}, VM: &inspVM{r.Name, platform}}
	case resource.Image:
		out.Details = imageDetails(d, r)
	case resource.Function:
		out.Details = functionDetails(r)
	case resource.Code:
		out.Details = &inspDetails{Repository: &inspRepository{limit(r.Name, maxProject)}}
	}
	return out
}

// partition returns the group of regions that a region is in.
// Source: AWS General Reference, "Amazon Resource Names", partition.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func imageDetails(d Document, r resource.Resource) *inspDetails {
	_, repository, _ := strings.Cut(r.ID, ":repository/")
	repository, _, _ = strings.Cut(repository, "/sha256:")
	repository = cmp.Or(strings.Trim(repository, "/"), r.Name)
	digest := r.Digest
	if !sha256Form().MatchString(digest) {
		digest = d.Report.Target.ImageID // an archive of docker's has no manifest to take the digest of
	}
	pushed := epoch(instant(r.Created))
	platform := limit(r.Platform, maxDescription)
	tags := tagsOf(r)
	image := &inspImage{
		RepositoryName: repository, Registry: registry(r), ImageTags: tags, ImageDigest: digest, PushedAt: pushed,
		Architecture: r.Arch, Platform: platform,
	}
	out := &inspDetails{Image: image}
	if sha256Form().MatchString(digest) {
		out.ECRImage = &inspECRImage{
			RepositoryName: repository, Registry: image.Registry, ImageTags: tags, ImageHash: digest, PushedAt: pushed,
			Architecture: r.Arch, Platform: platform,
		}
	}
	return out
}

// tagsOf returns the tags alone: an archive knows them with their repository.
func tagsOf(r resource.Resource) []string {
	var out []string
	for _, tag := range r.Tags {
		tag = tag[strings.LastIndexByte(tag, '/')+1:]
		if tag = tag[strings.LastIndexByte(tag, ':')+1:]; tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// registry returns the account for an image of Amazon's own registry or of
// none, and the host for one of any other.
func registry(r resource.Resource) string {
	host, _, ok := strings.Cut(r.Name, "/")
	if !ok || !strings.ContainsAny(host, ".:") || strings.Trim(host, ".") == "" || strings.Contains(host, ".dkr.ecr.") {
		return r.Account
	}
	return host
}

// functionDetails describes a function. The code of a function does not tell
// its role, and its runtime only at times; the API demands both, so that they
// are named as unknown.
func functionDetails(r resource.Resource) *inspDetails {
	_, name, _ := strings.Cut(r.ID, ":function:")
	name, _, _ = strings.Cut(name, ":")
	name = functionForm().ReplaceAllString(cmp.Or(name, r.Name), "-")
	modified := epoch(instant(r.Created))
	var layers []string
	for _, l := range r.Layers {
		if layerARN().MatchString(l) && len(layers) < maxLambdaLayers {
			layers = append(layers, l)
		}
	}
	code := codeHash(r.Digest)
	out := &inspDetails{Serverless: &inspServerless{
		Name: name, Version: "$LATEST", CodeDigest: code, LastModifiedAt: modified, PackageType: "ZIP", Layers: layers,
	}}
	out.Lambda = &inspLambda{
		FunctionName: name, Runtime: "UNSUPPORTED", CodeSHA256: cmp.Or(code, "UNKNOWN"), Version: "$LATEST",
		ExecutionRoleARN: "arn:" + partition(r.Region) + ":iam::" + r.Account + ":role/unknown",
		Layers:           layers, PackageType: "ZIP", LastModifiedAt: modified,
	}
	return out
}

// codeHash turns a digest into the form in which Lambda states it.
// Source: AWS Lambda API Reference, FunctionConfiguration.CodeSha256.
func codeHash(digest string) string {
	sum, err := hex.DecodeString(strings.TrimPrefix(digest, "sha256:"))
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(sum)
}

// instant reads a time as artifacts claim it; what is none is left out.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1970 || t.UnixMilli() > math.MaxInt64/2 {
		return time.Time{}
	}
	return t
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
