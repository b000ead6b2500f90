package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// sample makes a finding of packages that are given as type/name@version path.
func sample(id string, severity finding.Severity, packages ...finding.Package) finding.Finding {
	return finding.Finding{ARN: "arn:" + id, Vulnerability: id, Severity: severity, Title: id, Packages: packages}
}

func in(typ, name, version, path, fixed string) finding.Package {
	return finding.Package{Package: inventory.Package{Type: typ, Name: name, Version: version, Path: path}, Fixed: fixed}
}

// TestCompare shows what makes a finding the same: the vulnerability by any of
// its names, and the package at its place, but not its version.
func TestCompare(t *testing.T) {
	t.Parallel()
	renamed := sample("CVE-2099-0004", finding.Low, in("npm", "d", "1", "package-lock.json", ""))
	renamed.Aliases = []string{"GHSA-aaaa"}
	now := []finding.Finding{
		sample("CVE-2099-0001", finding.High, in("npm", "a", "2", "package-lock.json", ""), in("npm", "a", "2", "web/package-lock.json", "3")),
		sample("CVE-2099-0002", finding.High, in("npm", "a", "2", "package-lock.json", "")),
		sample("CVE-2099-0003", finding.High, in("pypi", "c", "1", "requirements.txt", "")),
		renamed,
	}
	b := baseline{name: "base", findings: []former{
		{[]string{"CVE-2099-0001"}, []spot{{"npm", "a", "package-lock.json"}}},
		{[]string{"CVE-2099-0003"}, []spot{{"npm", "c", "requirements.txt"}}},
		{[]string{"GHSA-aaaa"}, []spot{{"npm", "d", "package-lock.json"}}},
		{[]string{"CVE-2099-0009"}, []spot{{"npm", "z", "package-lock.json"}}},
	}}
	want := &report.Base{Name: "base", Gone: []string{"CVE-2099-0003", "CVE-2099-0009"}, Known: map[report.Occurrence]bool{
		{Vulnerability: "CVE-2099-0001", Type: "npm", Name: "a", Path: "package-lock.json"}: true,
		{Vulnerability: "CVE-2099-0004", Type: "npm", Name: "d", Path: "package-lock.json"}: true,
	}}
	got := b.compare(now, spots)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var fresh []bool
	for i := range now {
		fresh = append(fresh, got.HasNew(&now[i]))
	}
	if diff := cmp.Diff([]bool{true, true, true, false}, fresh); diff != "" {
		t.Error(diff)
	}
}

func TestThreshold(t *testing.T) {
	t.Parallel()
	known, fresh := in("npm", "known", "1", "", "2"), in("npm", "fresh", "1", "", "")
	d := report.Document{Findings: []finding.Finding{
		sample("critical", finding.Critical, known),
		sample("high", finding.High, fresh),
		sample("both", finding.High, known, fresh), // what is new has no fix
		sample("medium", finding.Medium, in("npm", "other", "1", "", "2")),
		sample("untriaged", finding.Untriaged, in("npm", "other", "1", "", "2")),
	}, Base: &report.Base{Known: map[report.Occurrence]bool{
		{Vulnerability: "critical", Type: "npm", Name: "known"}: true,
		{Vulnerability: "both", Type: "npm", Name: "known"}:     true,
	}}}
	for _, tt := range []struct {
		in, want string
	}{
		{"", ""},
		{"critical", "critical"},
		{"high", "critical high both"},
		{"low", "critical high both medium"},
		{"high,fixable", "critical both"},
		{"high,new", "high both"},
		{"low,new,fixable", "medium"},
		{"low,fixable,new", "medium"},
		{"LOW,fixable,new", "medium"},
	} {
		limit, err := parseThreshold(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
		}
		var got []string
		for _, f := range limit.reached(d) {
			got = append(got, f.Vulnerability)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%q is reached by %v, want %s", tt.in, got, tt.want)
		}
		if again, err := parseThreshold(limit.String()); tt.in != "" && (err != nil || again != limit) {
			t.Errorf("%q is written as %q: %v", tt.in, limit, err)
		}
	}
	for _, bad := range []string{"Higher", "new", "high,", "high,old", ",high", "high,new,"} {
		if _, err := parseThreshold(bad); err == nil {
			t.Errorf("%q is no threshold", bad)
		}
	}
}

func TestReadBaseline(t *testing.T) {
	t.Parallel()
	const good = `{"schema": "assay.report/1", "target": {"kind": "image"}, "database": {}, "summary": {"notReported": 2}, "findings": [
{"vulnerability": "CVE-2099-0001", "aliases": ["GHSA-a"], "packages": [{"type": "npm", "name": "a", "version": "1", "path": "p"}]}]}`
	want := baseline{kind: artifact.Image, left: 2, findings: []former{{[]string{"CVE-2099-0001", "GHSA-a"}, []spot{{"npm", "a", "p"}}}}}
	got, err := readBaseline(strings.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(baseline{}, former{}, spot{})); diff != "" {
		t.Error(diff)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":       {"", "is no JSON report"},
		"half":          {good[:len(good)/2], "is no JSON report"},
		"SARIF":         {`{"version": "2.1.0", "runs": []}`, "schema is not"},
		"another":       {`{"schema": "assay.report/2", "findings": []}`, "schema is not"},
		"only packages": {`{"schema": "assay.report/1", "findings": []}`, "assay sbom"},
		"a list":        {`[]`, "is no JSON report"},
	} {
		if _, err := readBaseline(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// FuzzBaseline reads anything: what is read is as much as was there, and a
// finding of a baseline is known by it.
func FuzzBaseline(f *testing.F) {
	f.Add([]byte(`{"schema":"assay.report/1","target":{"kind":"image"},"database":{},"findings":[{"vulnerability":"CVE-1","aliases":["G"],"packages":[{"type":"npm","name":"a","path":"p"}]}]}`))
	f.Add([]byte(`{"schema":"assay.report/1","database":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := readBaseline(bytes.NewReader(text))
		if err != nil {
			return
		}
		var now []finding.Finding
		for _, was := range b.findings {
			one := finding.Finding{Vulnerability: was.ids[0]}
			for _, at := range was.at {
				one.Packages = append(one.Packages, in(at.family, at.name, "1", at.path, ""))
			}
			now = append(now, one)
		}
		base := b.compare(now, spots)
		if n := base.Count(now); n > 0 {
			t.Errorf("%d findings of the baseline are new to it", n)
		}
	})
}

// TestNamed shows that a file with an image goes by the name it is given.
func TestNamed(t *testing.T) {
	t.Parallel()
	image := scan.Target{Name: "./layout", Kind: artifact.Image, Tags: []string{"latest"}}
	for _, tt := range []struct {
		name string
		want scan.Target
	}{
		{"", image},
		{"shop/app", scan.Target{Name: "shop/app", Kind: artifact.Image, Tags: []string{"latest"}}},
		{"registry:5000/shop/app:1.2", scan.Target{Name: "registry:5000/shop/app:1.2", Kind: artifact.Image, Tags: []string{"1.2", "latest"}}},
		{"registry:5000/app:latest@sha256:ab", scan.Target{Name: "registry:5000/app:latest@sha256:ab", Kind: artifact.Image, Tags: []string{"latest"}}},
	} {
		if diff := cmp.Diff(tt.want, named(image, tt.name)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if got := named(scan.Target{Kind: artifact.Source}, "a:1"); got.Tags != nil {
		t.Errorf("a source tree has the tags %v", got.Tags)
	}
}

// TestFormerScan shows which resource of a server a target is compared with.
func TestFormerScan(t *testing.T) {
	t.Parallel()
	image := resource.Resource{
		Type: resource.Image, Name: "registry.example.com/shop/app:1", Digest: "sha256:ab", Account: "000000000000",
		ID: "arn:aws:ecr:us-east-1:000000000000:repository/shop/app/sha256:ab",
	}
	code := resource.Resource{Type: resource.Code, Name: ".", ID: "."}
	function := resource.Resource{Type: resource.Function, ID: "arn:aws:lambda:us-east-1:000000000000:function:pay:$LATEST"}
	for _, tt := range []struct {
		name      string
		res       resource.Resource
		id, other string
		words     string
		not       string
	}{
		{"the repository of an image, but for itself", image, "", "", "shop/app", "/sha256:ab"},
		{"a tag of it", image, "", "main", "shop/app:main", ""},
		{"another repository", image, "", "registry.example.com/shop/base", "shop/base", ""},
		{"a tag of another repository", image, "", "shop/base:main", "shop/base:main", ""},
		{"a tag of one without a slash", image, "", "base:main", "base:main", ""},
		{"an image of a name of its own", image, "shop", "", "shop", ""},
		{"code", code, "github.com/shop/app", "", "github.com/shop/app", ""},
		{"other code", code, "github.com/shop/app@fix", "github.com/shop/app", "github.com/shop/app", ""},
		{"a function", function, "", "", "pay", ""},
		{"a host", resource.Resource{Type: resource.Instance, ID: "web"}, "", "", "web", ""},
	} {
		got := formerScanOf(tt.res, tt.id, tt.other)
		if got.words != tt.words || got.not != tt.not {
			t.Errorf("%s: %q but for %q, want %q but for %q", tt.name, got.words, got.not, tt.words, tt.not)
		}
	}
}

// TestSummary checks the limits of a summary, and that foreign text in it is
// neither markup nor a mention.
func TestSummary(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	d := report.Document{Base: &report.Base{Name: "b|`" + long}}
	d.Report.Target = scan.Target{Name: "@team/<img src=x>\n# `|" + long, Kind: artifact.Image, Digest: "sha256:0123456789abcdef"}
	for i := range 5000 {
		f := sample("CVE-2099-"+strings.Repeat("0", i%7)+long, finding.High, in("npm", "@babel/core|`"+long, long, long, long))
		f.SourceURL = "https://example.com/" + long
		f.ARN += string(rune('a' + i))
		d.Findings = append(d.Findings, f)
		d.Base.Gone = append(d.Base.Gone, "CVE-"+long)
		d.Report.Inventory.Problems = append(d.Report.Inventory.Problems, inventory.Problem{Path: long, Reason: "<b>@team</b> " + long})
	}
	var one, two bytes.Buffer
	for _, w := range []*bytes.Buffer{&one, &two} {
		if err := writeSummary(w, d, threshold{severity: finding.High, fresh: true}); err != nil {
			t.Fatal(err)
		}
	}
	text := one.String()
	if text != two.String() {
		t.Error("the same summary has other bytes")
	}
	if len(text) > 20_000 {
		t.Errorf("%d bytes", len(text))
	}
	for _, want := range []string{"### Assay: 5000 findings reach high,new\n", "… and 4975 more findings", "- and 4995 more\n", "and 4995 more\n", `\<b\>\@team\</b\>`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in it", want)
		}
	}
	for line := range strings.Lines(text) {
		// What is outside of quotations.
		var plain strings.Builder
		for i, part := range strings.Split(line, "`") {
			if i%2 == 0 {
				plain.WriteString(part)
			}
		}
		if s := strings.NewReplacer(`\@`, "", `\<`, "", `\>`, "").Replace(plain.String()); strings.ContainsAny(s, "@<>") {
			t.Errorf("markup or a mention in %.100s", line)
		}
		if cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); strings.HasPrefix(line, "|") && cells != 8 {
			t.Errorf("%d bars in %.100s", cells, line)
		}
	}
	// Those that fail come first, and nothing is said of what is not there.
	d = report.Document{Findings: []finding.Finding{
		sample("CVE-2099-0001", finding.Critical, in("npm", "a", "1", "", "")), sample("CVE-2099-0002", finding.High, in("npm", "b", "1", "", "2")),
	}}
	one.Reset()
	if err := writeSummary(&one, d, threshold{severity: finding.High, fixable: true}); err != nil {
		t.Fatal(err)
	}
	if text = one.String(); strings.Index(text, "CVE-2099-0002") > strings.Index(text, "CVE-2099-0001") {
		t.Errorf("what fails does not come first:\n%s", text)
	}
	if strings.Contains(text, "since") || strings.Contains(text, "problem") {
		t.Errorf("it speaks of what is not there:\n%s", text)
	}
}

// TestReportIsABaseline reads what the writer of reports writes.
func TestReportIsABaseline(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	d := report.Document{Findings: []finding.Finding{sample("CVE-2099-0001", finding.High, in("npm", "a", "1", "package-lock.json", ""))}}
	d.Report.Target.Kind = artifact.Source
	d.Report.Database = &scan.Database{}
	if err := report.Write(&b, "json", d); err != nil {
		t.Fatal(err)
	}
	read, err := readBaseline(&b)
	if err != nil || read.kind != artifact.Source {
		t.Fatalf("kind %q: %v", read.kind, err)
	}
	if n := read.compare(d.Findings, spots).Count(d.Findings); n != 0 {
		t.Errorf("%d findings are new to their own report", n)
	}
	var v map[string]any
	d.Base = &report.Base{Name: "x"}
	b.Reset()
	if err := report.Write(&b, "json", d); err != nil || json.Unmarshal(b.Bytes(), &v) != nil || !slices.Contains([]any{1.0}, v["baseline"].(map[string]any)["new"]) {
		t.Errorf("%v, %v", err, v["baseline"])
	}
}
