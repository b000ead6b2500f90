package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// nonconforming returns what of a written report breaks the limits of the
// API's model: the findings are read as if they were the input of an operation.
func nonconforming(t *testing.T, d Document) []string {
	t.Helper()
	type input struct {
		Findings []inspector2.Finding `wire:"findings* [Finding]"`
	}
	description := inspector2.New().Description
	description.Operations = []wire.Operation{{
		Name: "Check", Method: http.MethodPost, URI: "/check", In: (*input)(nil), Out: (*wire.None)(nil),
	}}
	op := wire.New(description).Operation("Check")
	read, err := op.Decode(httptest.NewRequest(http.MethodPost, "/check", nil), written(t, "inspector", d))
	if wrong := (*inspector2.ValidationException)(nil); errors.As(err, &wrong) {
		var out []string
		for _, f := range wrong.Fields {
			out = append(out, f.Message)
		}
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	if in, ok := read.(*input); !ok || len(in.Findings) != len(d.Findings) {
		t.Errorf("%T has not %d findings", read, len(d.Findings))
	}
	return nil
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

// TestInspectorConforms checks types, limits, patterns and words of all findings
// of all kinds of resource.
func TestInspectorConforms(t *testing.T) {
	t.Parallel()
	all := targets()
	all["scored"] = hostDocument()
	for name, d := range all {
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

// TestNonconforming shows that the check above finds what is wrong.
func TestNonconforming(t *testing.T) {
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
	get := func(name string) inspector2.Finding {
		d := targets()[name]
		return Finding(&d.Findings[0], Life{}, d.Report.Target)
	}
	shell := get("image")
	details := shell.Resources[0].Details
	if details.AwsEcrContainerImage.RepositoryName != "shop/api" || details.AwsEcrContainerImage.ImageHash != manifestDigest ||
		details.AwsEcrContainerImage.Registry != "registry.example.com" || !slices.Equal(details.AwsEcrContainerImage.ImageTags, []string{"1.4.2"}) {
		t.Errorf("image is %+v", details.AwsEcrContainerImage)
	}
	if shell.ExploitAvailable != "YES" || shell.FixAvailable != "YES" || *shell.InspectorScore != 10 || *shell.Epss.Score != 0.94358 {
		t.Errorf("finding is %+v", shell)
	}
	if got := shell.PackageVulnerabilityDetails.VulnerablePackages[1].FilePath; !strings.Contains(got, "!/META-INF/") {
		t.Errorf("path is %s", got)
	}
	if got := get("archive").Resources[0].Details.AwsEcrContainerImage.ImageHash; got != configDigest {
		t.Errorf("an archive without a manifest is known by %s", got)
	}
	if get("digest").Resources[0].Details.AwsEcrContainerImage != nil {
		t.Error("an image without any digest has Amazon's details, which demand one")
	}
	// The digest of the archive in base64.
	const code = "XwwdOpocH28Lii5Up/DnwdKzpJWGd2hZQDEiE6S1xtc="
	function := get("function")
	lambda := function.Resources[0].Details.AwsLambdaFunction
	want := &inspector2.AwsLambdaFunctionDetails{
		FunctionName: "orders-1-", Runtime: "UNSUPPORTED", CodeSha256: code, Version: "$LATEST",
		ExecutionRoleARN: "arn:aws:iam::111122223333:role/unknown", Layers: []string{functionLayer}, PackageType: "ZIP",
		LastModifiedAt: date("2026-06-30T11:22:33Z"),
	}
	if d := cmp.Diff(want, lambda); d != "" {
		t.Error(d)
	}
	if got := function.PackageVulnerabilityDetails.VulnerablePackages[0].SourceLambdaLayerARN; got != functionLayer {
		t.Errorf("the package comes from the layer %q", got)
	}
	adjusted := hostDocument()
	i := slices.IndexFunc(adjusted.Findings, func(f finding.Finding) bool { return f.Vulnerability == "CVE-2023-5363" })
	got := Finding(&adjusted.Findings[i], Life{}, adjusted.Report.Target).InspectorScoreDetails.AdjustedCvss
	explained := &inspector2.CvssScoreDetails{
		ScoreSource: "NVD", CvssSource: "NVD", Version: "3.1", Score: 4.9,
		ScoringVector: "CVSS:3.1/AV:A/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N/E:U",
		Adjustments: []inspector2.CvssScoreAdjustment{
			{Metric: "Attack Vector", Reason: "no open path leads to the host from outside its own network"},
			{
				Metric: "Attack Complexity",
				Reason: "no process had the package open when the host was last read: an attack must wait until something starts it",
			},
			{
				Metric: "Exploit Code Maturity",
				Reason: "CISA knows of no exploit, and EPSS puts exploitation within 30 days at 0.06% (2025-08-25)",
			},
		},
	}
	if d := cmp.Diff(explained, got); d != "" {
		t.Errorf("the explanation of the score (-want +got):\n%s", d)
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
		if got := string(packageManager(inventory.Package{Type: tt.typ, Path: tt.path})); got != tt.want {
			t.Errorf("%s at %s is %q, want %q", tt.typ, tt.path, got, tt.want)
		}
	}
}

// What a store knows of a finding goes into the list, the sheet and the finding.
func TestLife(t *testing.T) {
	t.Parallel()
	f := document().Findings[0]
	f.Observed = date("2026-07-03")
	f.Resource.Labels = map[string]string{"team": "shop", "Name": "web"}
	f.Resource.Host = resource.Host{Image: "ami-1", Network: "vpc-1", IPv4: []string{"10.0.0.1", "192.0.2.1", "none"}, IPv6: []string{"2001:db8::1"}}
	f.Packages = f.Packages[:1]
	life := Life{Status: "CLOSED", First: date("2026-07-01"), Updated: date("2026-07-04")}
	got := Finding(&f, life, scan.Target{})
	if got.Status != "CLOSED" || got.Type != "PACKAGE_VULNERABILITY" || !got.FirstObservedAt.Equal(life.First) ||
		!got.LastObservedAt.Equal(f.Observed) || !got.UpdatedAt.Equal(life.Updated) || got.Resources[0].Tags["team"] != "shop" {
		t.Errorf("finding %+v", got)
	}
	life.Type = "NETWORK_REACHABILITY"
	if got := Finding(&f, life, scan.Target{}); got.Type != "NETWORK_REACHABILITY" || got.PackageVulnerabilityDetails != nil || got.FixAvailable != "" {
		t.Errorf("finding of a network %+v", got)
	}

	var b bytes.Buffer
	sheet := NewSheet(&b, date("2026-07-11"))
	sheet.Add(&f, life)
	f.Packages = nil
	sheet.Add(&f, life)
	if err := sheet.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	cells := map[string]string{}
	for i, name := range rows[0] {
		cells[name] = rows[1][i]
	}
	for name, want := range map[string]string{
		"Finding Type": "NETWORK_REACHABILITY", "Status": "CLOSED", "First Seen": "2026-07-01T00:00:00Z", "Last Seen": "2026-07-03T00:00:00Z",
		"Last Updated": "2026-07-04T00:00:00Z", "Age (Days)": "10", "Resource Tags": "Name:web, team:shop", "Ami": "ami-1",
		"Resource Public Ipv4": "192.0.2.1", "Resource Private Ipv4": "10.0.0.1", "Resource Ipv6": "2001:db8::1", "Resource Vpc": "vpc-1",
	} {
		if cells[name] != want {
			t.Errorf("%s is %q, want %q", name, cells[name], want)
		}
	}

	b.Reset()
	list := NewList(&b)
	for range 2 {
		if err := list.Add(got); err != nil {
			t.Fatal(err)
		}
	}
	if err := list.Close(); err != nil {
		t.Fatal(err)
	}
	var read struct{ Findings []struct{ Status string } }
	if err := json.Unmarshal(b.Bytes(), &read); err != nil || len(read.Findings) != 2 || read.Findings[1].Status != "CLOSED" {
		t.Errorf("list %v %+v", err, read)
	}
}
