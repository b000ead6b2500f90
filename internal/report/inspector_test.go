package report

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// Patterns of the API.
const (
	formARN      = `arn:(aws[a-zA-Z-]*)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:finding/[a-f0-9]{32}`
	formHash     = `sha256:[a-z0-9]{64}`
	formLayer    = `arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+`
	formFunction = `[a-zA-Z0-9-_\.]+(:(\$LATEST|[a-zA-Z0-9-_]+))?`
	formRole     = `arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`
)

// shapes are the members of the API's structures that a finding of a package
// can have: * marks what is required; then the type, with the limits of a list's
// length; the limits of a string's length or of a value; and a pattern or the
// words of an enumeration.
// Source: Amazon Inspector API Reference, type Finding and those below it.
var shapes = map[string]string{
	"Finding": `
		findingArn* string 1..100 ` + formARN + `
		awsAccountId* string 12..12 \d{12}
		type* enum NETWORK_REACHABILITY|PACKAGE_VULNERABILITY|CODE_VULNERABILITY
		description* string 1..1024
		title string 1..1024
		remediation* Remediation
		severity* enum INFORMATIONAL|LOW|MEDIUM|HIGH|CRITICAL|UNTRIAGED
		firstObservedAt* time
		lastObservedAt* time
		updatedAt time
		status* enum ACTIVE|SUPPRESSED|CLOSED
		resources* [Resource]{1..10}
		inspectorScore double
		inspectorScoreDetails InspectorScoreDetails
		packageVulnerabilityDetails PackageVulnerabilityDetails
		fixAvailable enum YES|NO|PARTIAL
		exploitAvailable enum YES|NO
		exploitabilityDetails ExploitabilityDetails
		epss EpssDetails`,
	"Remediation":           `recommendation Recommendation`,
	"Recommendation":        "text string 1..\nUrl string 1..",
	"InspectorScoreDetails": `adjustedCvss CvssScoreDetails`,
	"CvssScoreDetails": `
		scoreSource* string 1..
		cvssSource string 1..
		version* string 1..
		score* double
		scoringVector* string 1..
		adjustments [CvssScoreAdjustment]`,
	"CvssScoreAdjustment":   "metric* string 1..\nreason* string 1..",
	"ExploitabilityDetails": `lastKnownExploitAt time`,
	"EpssDetails":           `score double 0..1`,
	"PackageVulnerabilityDetails": `
		vulnerabilityId* string 1..128
		vulnerablePackages [VulnerablePackage]
		source* string 1..
		cvss [CvssScore]
		relatedVulnerabilities [string] 1..128
		sourceUrl string 1..
		vendorSeverity string 1..
		vendorCreatedAt time
		vendorUpdatedAt time
		referenceUrls [string] 1..`,
	"CvssScore": "baseScore* double\nscoringVector* string 1..\nversion* string 1..\nsource* string 1..",
	"VulnerablePackage": `
		name* string 1..1024
		version* string 1..1024
		sourceLayerHash string 71..71 ` + formHash + `
		epoch int
		release string 1..1024
		arch string 1..64
		packageManager enum BUNDLER|CARGO|COMPOSER|NPM|NUGET|PIPENV|POETRY|YARN|GOBINARY|GOMOD|JAR|OS|PIP|PYTHONPKG|NODEPKG|POM|GEMSPEC|DOTNET_CORE
		filePath string 1..1024
		fixedInVersion string 1..1024
		remediation string 1..1024
		sourceLambdaLayerArn string 1.. ` + formLayer,
	"Resource": `
		type* enum AWS_EC2_INSTANCE|AWS_ECR_CONTAINER_IMAGE|AWS_ECR_REPOSITORY|AWS_LAMBDA_FUNCTION|CODE_REPOSITORY
		id* string 1..
		partition string 1..
		region string 1..
		details ResourceDetails
		provider enum AWS|AZURE
		providerAccountId string 12..36 \d{12}`,
	"ResourceDetails": `
		awsEc2Instance AwsEc2InstanceDetails
		awsEcrContainerImage AwsEcrContainerImageDetails
		awsLambdaFunction AwsLambdaFunctionDetails
		codeRepository CodeRepositoryDetails
		vm Vm
		image Image
		serverlessFunction ServerlessFunction`,
	"AwsEc2InstanceDetails": `platform string 1..1024`,
	"Vm":                    "vmName string 1..\nplatform string 1..1024",
	"AwsEcrContainerImageDetails": `
		repositoryName* string 1..
		imageTags [string] 1..
		pushedAt time
		architecture string 1..
		imageHash* string 71..71 ` + formHash + `
		registry* string 1..
		platform string 1..1024`,
	"Image": `
		repositoryName string 1..
		registry string 1..
		imageTags [string] 1..
		imageDigest string 1..
		pushedAt time
		architecture string 1..
		platform string 1..1024`,
	"AwsLambdaFunctionDetails": `
		functionName* string 1.. ` + formFunction + `
		runtime* enum NODEJS_22_X|PYTHON_3_11|UNSUPPORTED
		codeSha256* string 1..
		version* string 1.. \$LATEST|[0-9]+
		executionRoleArn* string 1.. ` + formRole + `
		layers [string]{1..5} 1.. ` + formLayer + `
		packageType enum IMAGE|ZIP
		lastModifiedAt time`,
	"ServerlessFunction": `
		serverlessFunctionName string 1..
		version string 1..
		codeDigest string 1..
		lastModifiedAt time
		packageType enum IMAGE|ZIP
		layers [string] 1.. ` + formLayer,
	"CodeRepositoryDetails": `projectName string 1..512`,
}

var limits = regexp.MustCompile(`^\d+\.\.\d*$`)

// interval reads limits such as 1..128 and 1..; nothing is no limit.
func interval(s string) (low, high float64) {
	high = 1e18
	from, to, _ := strings.Cut(s, "..")
	low, _ = strconv.ParseFloat(from, 64)
	if to != "" {
		high, _ = strconv.ParseFloat(to, 64)
	}
	return low, high
}

// conform returns what of a value does not agree with a structure of the API.
func conform(shape, path string, v any) []string {
	object, ok := v.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %T, no %s", path, v, shape)}
	}
	var wrong []string
	known := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(shapes[shape])) {
		f := strings.Fields(line)
		name, required := strings.CutSuffix(f[0], "*")
		known[name] = true
		inner, there := object[name]
		if !there {
			if required {
				wrong = append(wrong, path+" lacks "+name)
			}
			continue
		}
		typ, list := strings.CutPrefix(f[1], "[")
		if !list {
			wrong = append(wrong, member(f[1], f[2:], path+"."+name, inner)...)
			continue
		}
		elements, ok := inner.([]any)
		typ, count, _ := strings.Cut(typ, "]")
		if low, high := interval(strings.Trim(count, "{}")); !ok || len(elements) < int(low) || len(elements) > int(high) {
			wrong = append(wrong, fmt.Sprintf("%s.%s is no list of %s elements", path, name, count))
		}
		for i, e := range elements {
			wrong = append(wrong, member(typ, f[2:], fmt.Sprintf("%s.%s[%d]", path, name, i), e)...)
		}
	}
	for name := range object {
		if !known[name] {
			wrong = append(wrong, path+"."+name+" is no member of "+shape)
		}
	}
	return wrong
}

// member checks one value by its type and what its line says beyond that.
func member(typ string, rest []string, path string, v any) []string {
	low, high := interval("")
	pattern := ""
	for _, r := range rest {
		if limits.MatchString(r) {
			low, high = interval(r)
		} else {
			pattern = r
		}
	}
	var ok bool
	switch typ {
	case "string":
		s, isString := v.(string)
		n := float64(utf8.RuneCountInString(s))
		ok = isString && n >= low && n <= high &&
			(pattern == "" || regexp.MustCompile("^(?:"+pattern+")$").MatchString(s))
	case "enum":
		s, _ := v.(string)
		ok = slices.Contains(strings.Split(pattern, "|"), s)
	case "time", "double", "int":
		n, isNumber := v.(float64)
		ok = isNumber && n >= low && n <= high && (typ != "int" || n == float64(int64(n)))
	default:
		return conform(typ, path, v)
	}
	if !ok {
		return []string{fmt.Sprintf("%s is %v, no %s %v", path, v, typ, rest)}
	}
	return nil
}

// nonconforming returns what of a written report does not agree with the API.
func nonconforming(t *testing.T, d Document) []string {
	t.Helper()
	var v struct {
		Findings []any `json:"findings"`
	}
	if err := json.Unmarshal(written(t, "inspector", d), &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Findings) != len(d.Findings) {
		t.Errorf("%d findings of %d", len(v.Findings), len(d.Findings))
	}
	var wrong []string
	for i, f := range v.Findings {
		wrong = append(wrong, conform("Finding", fmt.Sprintf("findings[%d]", i), f)...)
	}
	return wrong
}

// withResource returns the document of another kind of target.
func withResource(r resource.Resource, t scan.Target) Document {
	d := document()
	d.Report.Target = t
	for i := range d.Findings {
		d.Findings[i].Resource = r
	}
	return d
}

const functionLayer = "arn:aws:lambda:eu-central-1:111122223333:layer:base:3"

// targets are documents of all kinds of resource.
func targets() map[string]Document {
	account := resource.Resource{Account: "111122223333", Region: "eu-central-1", Platform: "DEBIAN_12"}
	host, function, code, archive := account, account, account, account
	host.Type, host.ID, host.Name = resource.Instance, "i-0123456789abcdef0", "i-0123456789abcdef0"
	function.Type, function.Name = resource.Function, "orders (1).zip"
	function.ID = "arn:aws:lambda:eu-central-1:111122223333:function:orders (1):$LATEST"
	function.Digest, function.Created, function.Layers = manifestDigest, "2026-06-30T11:22:33Z", []string{functionLayer, "layer.zip"}
	code.Type, code.ID, code.Name = resource.Code, "../tree", "../tree"
	archive.Type, archive.ID, archive.Name = resource.Image, "arn:aws:ecr:eu-central-1:111122223333:repository/image.tar/", "image.tar"
	noDigest := archive
	layers := document().Report.Target.Layers
	layers[1].Name = functionLayer
	return map[string]Document{
		"image":    document(),
		"host":     withResource(host, scan.Target{Name: host.Name, Kind: artifact.Host}),
		"function": withResource(function, scan.Target{Name: function.Name, Kind: artifact.Function, Layers: layers}),
		"code":     withResource(code, scan.Target{Name: code.Name, Kind: artifact.Source}),
		"archive":  withResource(archive, scan.Target{Name: archive.Name, Kind: artifact.Image, ImageID: configDigest}),
		"digest":   withResource(noDigest, scan.Target{Name: archive.Name, Kind: artifact.Image}),
		"hostile":  hostile(),
	}
}

// TestInspectorConforms checks members, types, limits, patterns and words of
// all findings of all kinds of resource.
func TestInspectorConforms(t *testing.T) {
	t.Parallel()
	for name, d := range targets() {
		if wrong := nonconforming(t, d); len(wrong) > 0 {
			t.Errorf("%s:\n%s", name, strings.Join(wrong, "\n"))
		}
	}
	long := document()
	f := &long.Findings[0]
	f.Title, f.Description = strings.Repeat("ä", 2000), strings.Repeat("日", 1025)
	p := &f.Packages[0]
	p.Name, p.Path, p.Arch, p.Remediation = strings.Repeat("n", 2000), strings.Repeat("p/", 2000), strings.Repeat("a", 99), strings.Repeat("r", 1025)
	p.Version, p.Fixed = strings.Repeat("1", 1030), strings.Repeat("2", 1030)
	f.Related = []string{strings.Repeat("R", 200), "GHSA-1"}
	if wrong := nonconforming(t, long); len(wrong) > 0 {
		t.Errorf("long texts:\n%s", strings.Join(wrong, "\n"))
	}
}

// TestConform shows that the check above finds what is wrong.
func TestConform(t *testing.T) {
	t.Parallel()
	broken := document()
	broken.Findings = broken.Findings[:1]
	broken.Findings[0].ARN = "arn:aws:inspector2:eu-central-1:1:finding/1"
	broken.Findings[0].Severity = "SEVERE"
	broken.Findings[0].EPSS.Score = 94
	if wrong := nonconforming(t, broken); len(wrong) != 3 {
		t.Errorf("found %q", wrong)
	}
}

func TestInspectorDetails(t *testing.T) {
	t.Parallel()
	get := func(name string) inspFinding {
		d := targets()[name]
		return inspectorFinding(d, &d.Findings[0])
	}
	shell := get("image")
	details := shell.Resources[0].Details
	if details.ECRImage.RepositoryName != "shop/api" || details.ECRImage.ImageHash != manifestDigest ||
		details.ECRImage.Registry != "registry.example.com" || !slices.Equal(details.ECRImage.ImageTags, []string{"1.4.2"}) {
		t.Errorf("image is %+v", details.ECRImage)
	}
	if shell.ExploitAvailable != "YES" || shell.FixAvailable != "YES" || *shell.InspectorScore != 10 || shell.EPSS.Score != 0.94358 {
		t.Errorf("finding is %+v", shell)
	}
	if got := shell.Package.VulnerablePackages[1].FilePath; !strings.Contains(got, "!/META-INF/") {
		t.Errorf("path is %s", got)
	}
	if got := get("archive").Resources[0].Details.ECRImage.ImageHash; got != configDigest {
		t.Errorf("an archive without a manifest is known by %s", got)
	}
	if get("digest").Resources[0].Details.ECRImage != nil {
		t.Error("an image without any digest has Amazon's details, which demand one")
	}
	// The digest of the archive in base64.
	const code = "XwwdOpocH28Lii5Up/DnwdKzpJWGd2hZQDEiE6S1xtc="
	function := get("function")
	lambda := function.Resources[0].Details.Lambda
	want := &inspLambda{
		FunctionName: "orders-1-", Runtime: "UNSUPPORTED", CodeSHA256: code, Version: "$LATEST",
		ExecutionRoleARN: "arn:aws:iam::111122223333:role/unknown", Layers: []string{functionLayer}, PackageType: "ZIP",
	}
	lambda.LastModifiedAt = epoch{}
	if d := cmp.Diff(want, lambda, cmp.AllowUnexported(epoch{})); d != "" {
		t.Error(d)
	}
	if got := function.Package.VulnerablePackages[0].SourceLambdaLayerARN; got != functionLayer {
		t.Errorf("the package comes from the layer %q", got)
	}
	adjusted := targets()["image"]
	i := slices.IndexFunc(adjusted.Findings, func(f finding.Finding) bool { return f.Vulnerability == "CVE-2021-45046" })
	got := inspectorFinding(adjusted, &adjusted.Findings[i]).InspectorScoreDetail.AdjustedCVSS
	if got.Score != 8.6 || len(got.Adjustments) != 1 || got.Adjustments[0].Metric != "Attack Vector" {
		t.Errorf("the score is explained by %+v", got)
	}
}

func TestSplitVersion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ, v           string
		epoch            int
		version, release string
	}{
		{"deb", "1:2.3-4", 1, "2.3", "4"},
		{"deb", "2.36-9+deb12u1", 0, "2.36", "9+deb12u1"},
		{"deb", "1.2-3-4", 0, "1.2-3", "4"},
		{"deb", "20230311", 0, "20230311", ""},
		{"rpm", "0:5.1.8-9.el9", 0, "5.1.8", "9.el9"},
		{"apk", "1.2.4-r2", 0, "1.2.4", "r2"},
		{"apk", "3.0_pre1", 0, "3.0_pre1", ""},
		{"deb", "99999999999:1", 0, "99999999999:1", ""},
		{"npm", "1.0.0-rc.1", -1, "1.0.0-rc.1", ""},
	} {
		epoch, version, release := splitVersion(tt.typ, tt.v)
		got := -1
		if epoch != nil {
			got = *epoch
		}
		if got != tt.epoch || version != tt.version || release != tt.release {
			t.Errorf("%s %s: %d, %q, %q", tt.typ, tt.v, got, version, release)
		}
	}
}

func TestPackageManager(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ typ, path, want string }{
		{"deb", "var/lib/dpkg/status", "OS"},
		{"npm", "app/package-lock.json", "NPM"},
		{"npm", "app/yarn.lock", "YARN"},
		{"npm", "app/node_modules/x/package.json", "NODEPKG"},
		{"pypi", "requirements.txt", "PIP"},
		{"pypi", "x/poetry.lock", "POETRY"},
		{"pypi", "x-1.dist-info/METADATA", "PYTHONPKG"},
		{"gem", "Gemfile.lock", "BUNDLER"},
		{"golang", "usr/bin/tool", "GOBINARY"},
		{"golang", "go.mod", "GOMOD"},
		{"maven", "a.jar", "JAR"},
		{"cargo", "Cargo.lock", "CARGO"},
		{"swift", "Package.resolved", ""},
	} {
		if got := packageManager(inventory.Package{Type: tt.typ, Path: tt.path}); got != tt.want {
			t.Errorf("%s at %s is %q, want %q", tt.typ, tt.path, got, tt.want)
		}
	}
}
