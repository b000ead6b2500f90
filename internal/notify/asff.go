package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// Limits of Security Hub.
// Source: AWS Security Hub API Reference, BatchImportFindings; AWS Security Hub
// User Guide, "AWS Security Finding Format (ASFF)" and "Required ASFF
// attributes".
const (
	maxImport        = 100
	maxImportBytes   = 6 << 20 // of a request
	maxFindingBytes  = 240 << 10
	maxTitle         = 256  // characters
	maxDescription   = 1024 // characters
	maxRemedy        = 512  // characters
	maxProductValues = 2048 // characters of one
)

var (
	productForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:aws[\w-]*:securityhub:[a-z0-9-]*:(\d{12})?:product/[\w-]+/[\w-]+$`)
	})
	hubForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{12}$`) })
)

func checkSecurityHub(c *Config) error {
	if c.Place != "" {
		return fault.OnField("place", "does not go with kind %s: region says where the hub is", c.Kind)
	}
	if c.Product != "" && !productForm().MatchString(c.Product) {
		return fault.OnField("product", "%q must be the ARN of a product", c.Product)
	}
	if c.Hub != "" && !hubForm().MatchString(c.Hub) {
		return fault.OnField("hub", "%q must be an account of 12 digits", c.Hub)
	}
	for _, e := range c.Events {
		if !strings.HasPrefix(e, "finding") {
			return fault.OnField("events", "%q: Security Hub takes findings only", e)
		}
	}
	if len(c.Events) == 0 {
		c.Events = []string{"finding."}
	}
	return checkAWS(c)
}

func openSecurityHub(c Config) (Sink, error) {
	s, err := newService(c, "securityhub")
	if err != nil {
		return Sink{}, err
	}
	send := func(ctx context.Context, list []store.Event) answer {
		texts, accounts, errs := make([]json.RawMessage, len(list)), make([]string, len(list)), make([]error, len(list))
		skipped := make([]bool, len(list))
		for i, e := range list {
			f, err := importOf(e, c)
			if err == nil && f == nil {
				skipped[i] = true
				continue
			}
			if err == nil {
				accounts[i] = f.Account
				texts[i], err = f.text()
			}
			errs[i] = err
		}
		out := answer{errs: errs}
		// One request is about one account.
		for _, account := range slices.Compact(slices.Sorted(slices.Values(accounts))) {
			var places []int
			for i := range list {
				if accounts[i] == account && !skipped[i] && errs[i] == nil {
					places = append(places, i)
				}
			}
			some := inBatches(make([]error, len(places)), struct{ count, bytes int }{maxImport, maxImportBytes},
				func(i int) int { return len(texts[places[i]]) }, func(at []int) (string, []error) {
					return apart(at, func(at []int) (string, []error, error) { return s.importFindings(ctx, pick(texts, pick(places, at))) })
				})
			out.said = cmp.Or(some.said, out.said)
			for j, i := range places {
				errs[i] = some.errs[j]
			}
		}
		return out
	}
	return Sink{batch: maxImport, send: send, close: s.close}, nil
}

// importFindings imports findings.
func (s service) importFindings(ctx context.Context, list []json.RawMessage) (said string, errs []error, err error) {
	body, err := json.Marshal(map[string]any{"Findings": list})
	if err != nil {
		return "", nil, err
	}
	got, err := s.call(ctx, operation{path: "/findings/import", kind: "application/json", body: body})
	if err != nil {
		return "", nil, err
	}
	var out struct {
		Done   *int         `json:"SuccessCount"`
		Failed []unimported `json:"FailedFindings"`
	}
	if err := json.Unmarshal(got.body, &out); err != nil || out.Done == nil {
		return "", nil, fmt.Errorf("%s does not answer as Security Hub does: %s", s.address, got.said())
	}
	errs = make([]error, len(list))
	for i, text := range list {
		var f struct {
			ID string `json:"Id"`
		}
		_ = json.Unmarshal(text, &f) // it was written here
		if j := slices.IndexFunc(out.Failed, func(e unimported) bool { return e.ID == f.ID }); j >= 0 {
			errs[i] = entry{Code: out.Failed[j].Code, Message: out.Failed[j].Message}.err("securityhub")
		}
	}
	return got.said(), errs, nil
}

// An unimported finding is one that Security Hub did not take.
type unimported struct {
	ID      string `json:"Id"`
	Code    string `json:"ErrorCode"`
	Message string `json:"ErrorMessage"`
}

// A hubFinding is a finding in the AWS Security Finding Format. What is empty
// is left out, since the format has no empty texts.
// Source: AWS Security Hub User Guide, "AWS Security Finding Format (ASFF)
// syntax"; Amazon Inspector User Guide, "Amazon Inspector integration with AWS
// Security Hub", "Typical finding from Amazon Inspector".
type hubFinding struct {
	Schema      string   `json:"SchemaVersion"`
	ID          string   `json:"Id"`
	Product     string   `json:"ProductArn"`
	ProductName string   `json:"ProductName"`
	Company     string   `json:"CompanyName"`
	Region      string   `json:"Region,omitempty"`
	Generator   string   `json:"GeneratorId"`
	Account     string   `json:"AwsAccountId"`
	Types       []string `json:"Types"`
	First       string   `json:"FirstObservedAt,omitempty"`
	Last        string   `json:"LastObservedAt,omitempty"`
	Created     string   `json:"CreatedAt"`
	Updated     string   `json:"UpdatedAt"`
	Severity    struct {
		Label      string `json:"Label"`
		Normalized int    `json:"Normalized"`
	} `json:"Severity"`
	Title           string             `json:"Title"`
	Description     string             `json:"Description"`
	Remediation     *hubRemedy         `json:"Remediation,omitempty"`
	Fields          map[string]string  `json:"ProductFields"`
	Resources       []hubResource      `json:"Resources"`
	Workflow        map[string]string  `json:"Workflow"`
	State           string             `json:"RecordState"`
	Network         *hubNetwork        `json:"Network,omitempty"`
	Vulnerabilities []hubVulnerability `json:"Vulnerabilities,omitempty"`
}

type hubRemedy struct {
	Recommendation struct {
		Text string `json:"Text,omitempty"`
		URL  string `json:"Url,omitempty"`
	} `json:"Recommendation"`
}

type hubNetwork struct {
	Direction string `json:"Direction"`
	Protocol  string `json:"Protocol,omitempty"`
	Ports     struct {
		Begin int `json:"Begin"`
		End   int `json:"End"`
	} `json:"OpenPortRange"`
}

type hubVulnerability struct {
	ID       string       `json:"Id"`
	Packages []hubPackage `json:"VulnerablePackages,omitempty"`
	CVSS     []hubCVSS    `json:"Cvss,omitempty"`
	Related  []string     `json:"RelatedVulnerabilities,omitempty"`
	Vendor   hubVendor    `json:"Vendor"`
	URLs     []string     `json:"ReferenceUrls,omitempty"`
	Fix      string       `json:"FixAvailable,omitempty"`
	EPSS     *float64     `json:"EpssScore,omitempty"`
	Exploit  string       `json:"ExploitAvailable,omitempty"`
	LastUsed string       `json:"LastKnownExploitAt,omitempty"`
}

type hubPackage struct {
	Name        string `json:"Name,omitempty"`
	Version     string `json:"Version,omitempty"`
	Epoch       string `json:"Epoch,omitempty"`
	Release     string `json:"Release,omitempty"`
	Arch        string `json:"Architecture,omitempty"`
	Manager     string `json:"PackageManager,omitempty"`
	Path        string `json:"FilePath,omitempty"`
	Fixed       string `json:"FixedInVersion,omitempty"`
	Remediation string `json:"Remediation,omitempty"`
	LayerHash   string `json:"SourceLayerHash,omitempty"`
	LayerARN    string `json:"SourceLayerArn,omitempty"`
}

type hubCVSS struct {
	Version     string           `json:"Version,omitempty"`
	Score       float64          `json:"BaseScore"`
	Vector      string           `json:"BaseVector,omitempty"`
	Source      string           `json:"Source,omitempty"`
	Adjustments *[]hubAdjustment `json:"Adjustments,omitempty"` // of the adjusted one; it may be that nothing was
}

type hubAdjustment struct {
	Metric string `json:"Metric,omitempty"`
	Reason string `json:"Reason,omitempty"`
}

type hubVendor struct {
	Name     string `json:"Name"`
	URL      string `json:"Url,omitempty"`
	Severity string `json:"VendorSeverity,omitempty"`
	Created  string `json:"VendorCreatedAt,omitempty"`
	Updated  string `json:"VendorUpdatedAt,omitempty"`
}

type hubResource struct {
	Type      string            `json:"Type"`
	ID        string            `json:"Id"`
	Partition string            `json:"Partition,omitempty"`
	Region    string            `json:"Region,omitempty"`
	Tags      map[string]string `json:"Tags,omitempty"`
	Details   map[string]any    `json:"Details,omitempty"`
}

// hubSeverities are the labels and numbers of severities.
// Source: AWS Security Hub User Guide, "Severity", section "Normalized", of
// which each number is the least of its label.
var hubSeverities = map[finding.Severity]struct {
	label      string
	normalized int
}{
	finding.Untriaged:     {"INFORMATIONAL", 0},
	finding.Informational: {"INFORMATIONAL", 0},
	finding.Low:           {"LOW", 1},
	finding.Medium:        {"MEDIUM", 40},
	finding.High:          {"HIGH", 70},
	finding.Critical:      {"CRITICAL", 90},
}

// hubTypes are the types of finding, by ours. The code of repositories is not
// told of.
// Source: Amazon Inspector User Guide, "Amazon Inspector integration with AWS
// Security Hub".
var hubTypes = map[string]string{
	store.PackageFinding: "Software and Configuration Checks/Vulnerabilities/CVE",
	store.NetworkFinding: "Software and Configuration Checks/Network Reachability",
	store.CodeFinding:    "Software and Configuration Checks/Vulnerabilities",
}

// importOf returns the finding that an event is about as Security Hub has it;
// nil if it has no place there.
func importOf(e store.Event, c Config) (*hubFinding, error) {
	said, err := contentOf(e)
	if err != nil {
		return nil, &refusal{err}
	}
	var f toldFinding
	if err := json.Unmarshal(said.Detail, &f); err != nil {
		return nil, refuse("the finding cannot be read: %w", err)
	}
	account := cmp.Or(c.Hub, f.Account, e.Account.String())
	region := c.region()
	out := &hubFinding{
		Schema: "2018-10-08", ID: cmp.Or(f.ARN, e.Subject), ProductName: "Inspector", Company: "Amazon", Region: region, Generator: "AWSInspector", Account: account,
		// Nobody but Amazon may import under the name of its own product.
		Product: cmp.Or(c.Product, fmt.Sprintf("arn:%s:securityhub:%s:%s:product/%[3]s/default", resource.Cloud{Region: region}.Partition(), region, account)),
		First:   f.First.iso(), Last: f.Last.iso(), Created: f.First.iso(), Updated: e.At.UTC().Format("2006-01-02T15:04:05.000Z"),
		Workflow: map[string]string{"Status": "NEW"}, State: "ACTIVE",
	}
	if !strings.HasSuffix(out.Product, "/aws/inspector") {
		out.ProductName, out.Company = "Assay", "Assay"
	}
	if said.Gone {
		return out.gone(e), nil
	}
	if len(f.Resources) > 0 && f.Resources[0].Type == "CODE_REPOSITORY" {
		return nil, nil //nolint:nilnil // that nothing is to be sent is no mistake
	}
	out.describe(f)
	return out, nil
}

// gone makes it an import that closes a finding nobody knows more of.
func (h *hubFinding) gone(e store.Event) *hubFinding {
	h.Created, h.State, h.Types = h.Updated, "ARCHIVED", []string{hubTypes[store.PackageFinding]}
	h.Severity.Label = hubSeverities[finding.Informational].label
	h.Title, h.Description = "Closed finding", "The resource of this finding is no longer scanned."
	h.Fields = map[string]string{"aws/inspector/FindingStatus": string(store.Closed), "aws/inspector/ProductVersion": "2"}
	h.Resources = []hubResource{{Type: "Other", ID: e.Subject}}
	return h
}

// describe fills in what a finding says.
func (h *hubFinding) describe(f toldFinding) {
	h.Types = []string{cmp.Or(hubTypes[f.Type], hubTypes[store.CodeFinding])}
	s := hubSeverities[f.Severity]
	h.Severity.Label, h.Severity.Normalized = cmp.Or(s.label, "INFORMATIONAL"), s.normalized
	h.Title, h.Description = cut(f.Title, maxTitle), cut(f.Description, maxDescription)
	h.Title = cmp.Or(h.Title, h.Description, h.ID)
	h.Description = cmp.Or(h.Description, h.Title)
	if r := f.Remediation.Recommendation; r.Text != "" || r.URL != "" {
		h.Remediation = &hubRemedy{}
		h.Remediation.Recommendation.Text, h.Remediation.Recommendation.URL = cut(r.Text, maxRemedy), r.URL
	}
	switch f.Status {
	case string(store.Closed):
		h.State = "ARCHIVED"
	case string(store.Suppressed):
		h.Workflow = map[string]string{"Status": "SUPPRESSED"}
	}
	if f.Network != nil {
		h.Network = &hubNetwork{Direction: "IN", Protocol: f.Network.Protocol}
		h.Network.Ports.Begin, h.Network.Ports.End = f.Network.Ports.Begin, f.Network.Ports.End
	}
	if f.Packages != nil {
		h.Vulnerabilities = []hubVulnerability{vulnerabilityOf(f)}
	}
	h.Fields = map[string]string{"aws/inspector/FindingStatus": f.Status, "aws/inspector/ProductVersion": "2"}
	if f.Score != nil {
		h.Fields["aws/inspector/inspectorScore"] = number(*f.Score)
	}
	for i, r := range f.Resources {
		h.add(i+1, r, f.Account)
	}
	for k, v := range h.Fields {
		h.Fields[k] = cut(v, maxProductValues)
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// cut cuts a text to a number of characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// vulnerabilityOf returns the vulnerability of a finding: first the base
// scores, then the adjusted one.
func vulnerabilityOf(f toldFinding) hubVulnerability {
	p := f.Packages
	out := hubVulnerability{
		ID: p.ID, Related: p.Related, URLs: p.URLs, Fix: f.Fix, Exploit: f.Exploit, LastUsed: f.Exploited.Last.iso(),
		Vendor: hubVendor{p.Source, p.SourceURL, p.Severity, p.Created.iso(), p.Updated.iso()},
	}
	if f.EPSS != nil {
		out.EPSS = &f.EPSS.Score
	}
	for _, s := range p.CVSS {
		out.CVSS = append(out.CVSS, hubCVSS{Version: s.Version, Score: s.Score, Vector: s.Vector, Source: s.Source})
	}
	if a := f.ScoreOf.Adjusted; a != nil {
		list := []hubAdjustment{}
		for _, x := range a.Adjustments {
			list = append(list, hubAdjustment{x.Metric, x.Reason})
		}
		out.CVSS = append(out.CVSS, hubCVSS{a.Version, a.Score, a.Vector, a.Source, &list})
	}
	for _, v := range p.Packages {
		pkg := hubPackage{
			Name: v.Name, Version: v.Version, Release: v.Release, Arch: v.Arch, Manager: v.Manager, Path: v.Path,
			Fixed: v.Fixed, Remediation: v.Remediation, LayerHash: v.LayerHash, LayerARN: v.LayerARN,
		}
		if v.Epoch != nil {
			pkg.Epoch = strconv.Itoa(int(*v.Epoch))
		}
		out.Packages = append(out.Packages, pkg)
	}
	return out
}

// add adds the resource at a place, which counts from 1.
func (h *hubFinding) add(place int, r toldResource, account string) {
	out := hubResource{Type: "Other", ID: r.ID, Partition: r.Partition, Region: r.Region, Tags: r.Tags}
	if !slices.Contains([]string{"aws", "aws-cn", "aws-us-gov"}, r.Partition) {
		out.Partition, out.Region = "", "" // the format knows Amazon's only
	}
	field := func(details string) string {
		return fmt.Sprintf("aws/inspector/resources/%d/resourceDetails/%s/platform", place, details)
	}
	d := r.Details
	switch r.Type {
	case "AWS_EC2_INSTANCE":
		out.Type, out.ID = "AwsEc2Instance", "arn:"+cmp.Or(r.Partition, "aws")+":ec2:"+r.Region+":"+account+":"+r.ID
		h.Fields["aws/inspector/instanceId"] = r.ID
		if d.Host != nil {
			h.platform(field("awsEc2InstanceDetails"), d.Host.Platform)
			out.detail("AwsEc2Instance", map[string]any{
				"Type": d.Host.Type, "ImageId": d.Host.Image, "IpV4Addresses": d.Host.IPv4, "IpV6Addresses": d.Host.IPv6, "KeyName": d.Host.Key,
				"IamInstanceProfileArn": d.Host.Profile, "VpcId": d.Host.VPC, "SubnetId": d.Host.Subnet, "LaunchedAt": d.Host.Launched.iso(),
			})
		}
	case "AWS_ECR_CONTAINER_IMAGE":
		out.Type = "AwsEcrContainerImage"
		if d.Image != nil {
			h.platform(field("awsEcrContainerImageDetails"), d.Image.Platform)
			out.detail("AwsEcrContainerImage", map[string]any{
				"RegistryId": d.Image.Registry, "RepositoryName": d.Image.Repository, "Architecture": d.Image.Arch, "ImageDigest": d.Image.Digest,
				"ImageTags": d.Image.Tags, "ImagePublishedAt": d.Image.Pushed.iso(),
			})
		}
	case "AWS_LAMBDA_FUNCTION":
		out.Type = "AwsLambdaFunction"
		if d.Function != nil {
			var layers []map[string]string
			for _, arn := range d.Function.Layers {
				layers = append(layers, map[string]string{"Arn": arn})
			}
			out.detail("AwsLambdaFunction", map[string]any{
				"FunctionName": d.Function.Name, "Runtime": d.Function.Runtime, "Version": d.Function.Version, "CodeSha256": d.Function.Code,
				"Role": d.Function.Role, "Layers": layers, "PackageType": d.Function.Package, "Architectures": d.Function.Arches,
				"LastModified": d.Function.Modified.iso(),
			})
		}
	}
	h.Resources = append(h.Resources, out)
}

func (h *hubFinding) platform(name, value string) {
	if value != "" {
		h.Fields[name] = value
	}
}

// detail adds the details of a resource that are known.
func (r *hubResource) detail(name string, values map[string]any) {
	for k, v := range values {
		switch v := v.(type) {
		case string:
			if v == "" {
				delete(values, k)
			}
		case []string:
			if len(v) == 0 {
				delete(values, k)
			}
		case []map[string]string:
			if len(v) == 0 {
				delete(values, k)
			}
		}
	}
	if len(values) > 0 {
		r.Details = map[string]any{name: values}
	}
}

// text writes the finding. One that is too long loses what can be looked up:
// first its references, then the last of its packages.
func (h *hubFinding) text() (json.RawMessage, error) {
	for {
		b, err := json.Marshal(h)
		if err != nil || len(b) <= maxFindingBytes {
			return b, err
		}
		if len(h.Vulnerabilities) == 0 {
			return nil, refuse("the finding has %d bytes, more than the %d that Security Hub takes", len(b), maxFindingBytes)
		}
		v := &h.Vulnerabilities[0]
		switch n := len(v.Packages); {
		case len(v.URLs) > 0 || len(v.Related) > 0:
			v.URLs, v.Related = nil, nil
		case n > 0:
			v.Packages = v.Packages[:n/2]
		default:
			h.Vulnerabilities = nil
		}
	}
}
