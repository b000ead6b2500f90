package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/vex"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// excepted returns a document in which three findings do not count and whose
// release is supported no more.
func excepted() Document {
	d := document()
	d.ShowSuppressed = true
	d.Remarks = []string{"vendor.json: 1 of 2 statements match nothing in this target: CVE-2099-1"}
	by := map[string]scan.Suppression{
		"CVE-2021-23337": {
			Status: vex.NotAffected, Justification: "vulnerable_code_not_in_execute_path", Reason: "templates are not used",
			Author: "Shop", Time: date("2026-07-01"), Source: "vendor.json: statements[0]",
		},
		"CVE-2023-5363":  {Status: vex.Fixed, Author: "Shop", Time: date("2026-07-01"), Source: "vendor.json: statements[1]"},
		"CVE-2023-45133": {Status: scan.Ignored, Reason: "only at build time", Expires: date("2026-12-31"), Source: ".assayignore.yaml:1"},
	}
	var kept []finding.Finding
	for _, f := range d.Findings {
		if s, ok := by[f.Vulnerability]; ok {
			d.Suppressed = append(d.Suppressed, Suppressed{s, f})
			d.Report.Result.Matches = slices.DeleteFunc(d.Report.Result.Matches, func(m match.Match) bool { return m.Vulnerability == f.Vulnerability })
			continue
		}
		kept = append(kept, f)
	}
	end := kept[len(kept)-1]
	end.Vulnerability, end.Kind, end.Title, end.Published = "EOL-debian-9", advisory.Unsupported, "EOL-debian-9 - debian", date("2022-06-30")
	end.Packages = []finding.Package{at(inventory.Package{Type: "platform", Name: "debian", Version: "9"}, "", "", match.Match{
		Vulnerability: "EOL-debian-9", Kind: advisory.Unsupported, Why: []match.Why{{Source: "endoflife", Advisory: "EOL-debian-9"}},
	})}
	d.Report.Result.Matches = append(d.Report.Result.Matches, end.Packages[0].Match)
	d.Findings, d.Ended = Split(append(kept, end))
	SortSuppressed(d.Suppressed)
	return d
}

// TestExceptedDoesNotCount checks the figures.
func TestExceptedDoesNotCount(t *testing.T) {
	t.Parallel()
	before, after := summaryJSON(document()), summaryJSON(excepted())
	if after.Findings != before.Findings-3 || after.Suppressed != 3 || after.EndOfLife != 1 || after.NotReported != before.NotReported {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
}

// TestOpenVEXIsReadBack checks that what is written suppresses what it says, and
// nothing else.
func TestOpenVEXIsReadBack(t *testing.T) {
	t.Parallel()
	for _, kind := range []artifact.Kind{artifact.Image, artifact.Source} {
		d := excepted()
		d.Report.Target.Kind = kind
		for _, format := range []string{"openvex", "cyclonedx-vex"} {
			list, err := vex.Read(format, written(t, format, d))
			if err != nil {
				t.Fatal(err)
			}
			book := vex.NewBook(list)
			target := &vex.Target{OS: testOS, Names: []string{d.Report.Target.Name}, Digests: []string{manifestDigest}, Packages: d.Report.Inventory.Packages}
			want := map[string]vex.Status{
				"CVE-2021-23337": vex.NotAffected, "CVE-2023-5363": vex.Fixed, "CVE-2023-45133": vex.Affected,
				"CVE-2021-44228": vex.Affected, "OSV-2099-0001": vex.UnderInvestigation,
			}
			for _, f := range d.Matched() {
				for i := range f.Packages {
					s := book.Lookup(target, []string{f.Vulnerability}, &f.Packages[i].Package)
					if s == nil {
						t.Fatalf("%s of %s: nothing on %s in %s", format, kind, f.Vulnerability, f.Packages[i].Name)
					}
					if w := want[f.Vulnerability]; w != "" && s.Status != w {
						t.Errorf("%s of %s: %s is %s, want %s", format, kind, f.Vulnerability, s.Status, w)
					}
				}
			}
			if unused := book.Unused(); len(unused) > 0 {
				t.Errorf("%s of %s: %+v match nothing", format, kind, unused)
			}
		}
	}
}

// TestJustifications checks that each word has one in the other format.
func TestJustifications(t *testing.T) {
	t.Parallel()
	for _, j := range justifications {
		if openVEXJustification(j.openVEX) != j.openVEX || cdxJustification(j.cycloneDX) != j.cycloneDX ||
			openVEXJustification(j.cycloneDX) == "" || cdxJustification(j.openVEX) == "" {
			t.Errorf("%+v", j)
		}
	}
	if openVEXJustification("lazy")+cdxJustification("lazy")+openVEXJustification("")+cdxJustification("") != "" {
		t.Error("a word of nobody is taken")
	}
}

// TestGitLab checks what the schemas demand.
// Source: GitLab, security-report-schemas 15.2.1.
func TestGitLab(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]Document{"image": excepted(), "host": hostDocument(), "hostile": hostile(), "clear": clear(), "empty": {}} {
		var v struct {
			Version string
			Scan    struct {
				Type, Status string
				Start        string `json:"start_time"`
				End          string `json:"end_time"`
				Analyzer     struct {
					ID, Name, Version string
					Vendor            struct{ Name string }
				}
			}
			Vulnerabilities *[]struct {
				ID, Severity string
				Identifiers  []struct{ Type, Name, Value string }
				Location     struct {
					File       string
					Image      string
					OS         string `json:"operating_system"`
					Dependency struct {
						Package struct{ Name string }
						Version string
					}
				}
			}
			Files *[]struct {
				Path    string
				Manager string `json:"package_manager"`
			} `json:"dependency_files"`
		}
		if err := json.Unmarshal(written(t, "gitlab", d), &v); err != nil {
			t.Fatal(err)
		}
		image := d.Report.Target.Kind == artifact.Image
		stamp := regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$`)
		if v.Version != gitlabVersion || v.Scan.Type != map[bool]string{true: "container_scanning", false: "dependency_scanning"}[image] ||
			v.Scan.Status != "success" || !stamp.MatchString(v.Scan.Start) || !stamp.MatchString(v.Scan.End) ||
			v.Scan.Analyzer.ID == "" || v.Scan.Analyzer.Version == "" || v.Scan.Analyzer.Vendor.Name == "" || v.Vulnerabilities == nil {
			t.Errorf("%s: %+v", name, v)
		}
		if !image && v.Files == nil {
			t.Errorf("%s has no dependency_files", name)
		}
		ids := map[string]bool{}
		for _, u := range *v.Vulnerabilities {
			if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(u.ID) || ids[u.ID] {
				t.Errorf("%s: id %s", name, u.ID)
			}
			ids[u.ID] = true
			if !slices.Contains([]string{"Info", "Unknown", "Low", "Medium", "High", "Critical"}, u.Severity) || len(u.Identifiers) == 0 ||
				u.Identifiers[0].Value == "" || u.Identifiers[0].Type == "" || u.Location.Dependency.Version == "" {
				t.Errorf("%s: %+v", name, u)
			}
			if image && (u.Location.OS == "" || !regexp.MustCompile(`^[^:]+(:\d+[^:]*)?:[^:]+(:[^:]+)?$`).MatchString(u.Location.Image)) || !image && u.Location.File == "" {
				t.Errorf("%s: location %+v", name, u.Location)
			}
		}
	}
}

// TestJUnit reads the document back.
func TestJUnit(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]Document{"excepted": excepted(), "hostile": hostile(), "clear": clear(), "empty": {}} {
		var v junitSuites
		if err := xml.Unmarshal(written(t, "junit", d), &v); err != nil {
			t.Fatal(name, err)
		}
		rows := 0
		for _, g := range groups(d.Findings) {
			rows += len(g.rows)
		}
		if v.Failures != rows || v.Tests < max(1, rows) {
			t.Errorf("%s: %d tests, %d failures of %d", name, v.Tests, v.Failures, rows)
		}
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	d := excepted()
	d.Findings[0].Title = `<b>&"x"`
	for _, tt := range []struct{ text, want string }{
		{`{{.schema}} {{.summary.findings}} {{(index .findings 0).score.value}}`, "assay.report/1 7 10"},
		{`{{(index .findings 0).title | escapeHTML}}`, "&lt;b&gt;&amp;&#34;x&#34;"},
		{`{{(index .findings 0).title | escapeXML}}`, "&lt;b&gt;&amp;&#34;x&#34;"},
		{`{{"=1,2" | escapeCSV}}`, `"'=1,2"`},
		{`{{"a|b" | escapeMarkdown}}`, `a\|b`},
		{`{{range where "severity" "CRITICAL" .findings}}{{.vulnerability}} {{end}}`, "CVE-2021-44228 GHSA-9x64-5r7x-2q53 CVE-2021-45046 "},
		{`{{"a-b" | replace "-" "_" | upper}}`, "A_B"},
		{`{{.nothing | default "none"}}`, "none"},
		{`{{range .suppressed}}{{.status}} {{end}}`, "ignored fixed not_affected "},
		{`{{json .tool}}`, `{"name":"assay","version":"0.1.0"}`},
		{`{{join ", " (split "/" "a/b")}}{{add 1 2}}{{contains "b" "abc"}}{{truncate 3 "abcdef"}}{{trim " x "}}{{lower "A"}}{{oneLine "a"}}`, "a, b3trueab…xaa"},
	} {
		var b bytes.Buffer
		if err := WriteTemplate(&b, "t", tt.text, d); err != nil || b.String() != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.text, b.String(), err, tt.want)
		}
	}
	for _, text := range []string{`{{`, `{{readFile "/etc/passwd"}}`, `{{env "HOME"}}`} {
		if err := CheckTemplate("t", text); err == nil || !strings.Contains(err.Error(), "template") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := WriteTemplate(&bytes.Buffer{}, "t", `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, d); err == nil {
		t.Error("a template without an end ends well")
	}
	// Each function is described.
	doc, err := os.ReadFile(filepath.Join("..", "..", "doc", "report-json.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range templateFunctions {
		if !bytes.Contains(doc, []byte("`"+name+"`")) {
			t.Errorf("doc/report-json.md does not describe %s", name)
		}
	}
}
