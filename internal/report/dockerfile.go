package report

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/assay-project/assay/internal/dockerfile"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
)

// An issue is what a Dockerfile, or the history of an image, breaks, for
// writing. It is no vulnerability and counts as none.
type issue struct {
	Path     string `json:"path,omitempty"` // empty for the history of an image
	Rule     string `json:"rule"`
	Severity string `json:"severity"` // info, high, critical
	Title    string `json:"title"`
	URL      string `json:"url,omitempty"`
	First    int    `json:"firstLine"` // from 1; of a history, the number of the step
	Last     int    `json:"lastLine"`
}

func issueOf(i inventory.Issue) issue {
	out := issue{Path: i.Path, Rule: i.Rule, Severity: "info", Title: i.Rule, First: i.First, Last: i.Last}
	if r, ok := dockerfile.Lookup(i.Rule); ok {
		out.Severity, out.Title, out.URL = r.Severity, capital(r.Title), r.URL
	}
	return out
}

// where returns the place of an issue: Dockerfile:2-3, or step 4 of the build.
func (i issue) where() string {
	lines := strconv.Itoa(i.First)
	if i.Last > i.First {
		lines += "-" + strconv.Itoa(i.Last)
	}
	if i.Path == "" {
		return "step " + lines + " of the build"
	}
	return i.Path + ":" + lines
}

// issueSeverities are ours for those of the rules.
var issueSeverities = map[string]finding.Severity{
	"critical": finding.Critical, "high": finding.High, "info": finding.Informational,
}

func (i issue) severity() finding.Severity {
	return cmp.Or(issueSeverities[i.Severity], finding.Informational)
}

// issues lists what Dockerfiles break.
func (t *table) issues() {
	all := t.d.Report.Inventory.Issues
	if len(all) == 0 {
		return
	}
	t.line()
	t.line(span{"Dockerfiles: " + plural(len(all), "issue", "issues"), bold})
	for n, one := range all {
		if n == maxProblems {
			t.line(span{gap + "and " + strconv.Itoa(len(all)-n) + " more, which -o json lists", dim})
			return
		}
		i := issueOf(one)
		s := severities[rank(i.severity())]
		t.line(span{gap, none}, span{pad(s.word, 8), s.style}, span{gap + clean(i.where()) + gap, none}, span{i.Rule, dim})
		t.paragraph(4, none, i.Title)
	}
}

// htmlIssue is one on the page.
type htmlIssue struct{ Class, Word, Where, Rule, Title, Link string }

// Issues returns what Dockerfiles break; nil if nothing does.
func (p *page) Issues() []htmlIssue {
	var out []htmlIssue
	for _, one := range p.d.Report.Inventory.Issues {
		i := issueOf(one)
		class, word := badge(rank(i.severity()))
		out = append(out, htmlIssue{class, word, clean(i.where()), i.Rule, i.Title, i.URL})
	}
	return out
}

// cdxIssues returns a vulnerability for each rule that a Dockerfile breaks.
// Source: Amazon Inspector user guide, "Amazon Inspector Dockerfile checks",
// "Example vulnerability response component".
func cdxIssues(d Document) []cyclonedx.Vulnerability {
	var out []cyclonedx.Vulnerability
	at := map[string]int{}
	for _, one := range d.Report.Inventory.Issues {
		i, ref := issueOf(one), sbom.DockerfileRef(one.Path)
		n, ok := at[i.Rule]
		if !ok {
			n = len(out)
			at[i.Rule] = n
			v := cyclonedx.Vulnerability{
				BOMRef: i.Rule, ID: i.Rule, Description: i.Title,
				Ratings:  &[]cyclonedx.VulnerabilityRating{{Severity: cyclonedx.Severity(i.Severity), Method: cyclonedx.ScoringMethodOther}},
				Analysis: &cyclonedx.VulnerabilityAnalysis{State: cyclonedx.IASInTriage},
				Affects:  &[]cyclonedx.Affects{},
			}
			if i.URL != "" {
				v.Advisories = &[]cyclonedx.Advisory{{URL: i.URL}}
			}
			out = append(out, v)
		}
		if to := out[n].Affects; len(*to) == 0 || (*to)[len(*to)-1].Ref != ref {
			*to = append(*to, cyclonedx.Affects{Ref: ref})
		}
	}
	return out
}

// sarifIssueRule is a rule of a Dockerfile as SARIF has rules.
func sarifIssueRule(i issue) sarifRule {
	return sarifRule{
		ID: i.Rule, ShortDescription: sarifText{Text: i.Title}, FullDescription: sarifText{Text: i.Title},
		Help:                 sarifText{Text: i.Title, Markdown: markdownText(i.Title)},
		HelpURI:              i.URL,
		DefaultConfiguration: sarifConfig{levels[i.severity()]},
		Properties:           sarifRuleProps{SecuritySeverity: bands[i.severity()], Precision: "high", Tags: []string{"security", "dockerfile"}},
	}
}

// sarifIssue is a place that breaks a rule.
func sarifIssue(d Document, i issue, rule int) sarifResult {
	line := i.First
	if i.Path == "" {
		line = 1 // a step is no line
	}
	return sarifResult{
		RuleID: i.Rule, RuleIndex: rule, Level: levels[i.severity()],
		Message: sarifText{Text: fmt.Sprintf("%s (%s).", i.Title, i.where())},
		Locations: []sarifLocation{{Physical: &sarifPhysical{
			Artifact: sarifArtifact{relativeURI(cmp.Or(i.Path, d.Report.Target.Name))}, Region: &sarifRegion{line},
		}}},
		PartialFingerprints: map[string]string{"primaryLocationLineHash": fmt.Sprintf("%s:%d", i.Rule, i.First)},
		Properties:          sarifResultProps{Severity: string(i.severity())},
	}
}
