package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// The types below are the part of SARIF that is used here.
// Source: OASIS, "Static Analysis Results Interchange Format (SARIF) 2.1.0";
// GitHub, "SARIF support for code scanning", for what a code host shows.
type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifRule struct {
	ID                   string         `json:"id"`
	ShortDescription     sarifText      `json:"shortDescription"`
	FullDescription      sarifText      `json:"fullDescription"`
	Help                 sarifText      `json:"help"`
	HelpURI              string         `json:"helpUri,omitempty"`
	DefaultConfiguration sarifConfig    `json:"defaultConfiguration"`
	Properties           sarifRuleProps `json:"properties"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifRuleProps struct {
	SecuritySeverity string   `json:"security-severity,omitempty"`
	Precision        string   `json:"precision"`
	Tags             []string `json:"tags"`
	Aliases          []string `json:"aliases,omitempty"`
	EPSS             *float64 `json:"epss,omitempty"`
	KEVAdded         string   `json:"kevAdded,omitempty"`
}

type sarifResult struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             sarifText         `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	BaselineState       string            `json:"baselineState,omitempty"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	Properties          sarifResultProps  `json:"properties"`
}

type sarifResultProps struct {
	PURL       string      `json:"purl,omitempty"`
	Fixed      string      `json:"fixed,omitempty"`
	State      string      `json:"state,omitempty"`
	Severity   string      `json:"severity"`
	Confidence string      `json:"confidence,omitempty"`
	Unsure     string      `json:"unsure,omitempty"`
	FindingARN string      `json:"findingArn,omitempty"`
	Resource   string      `json:"resource,omitempty"`
	Why        []match.Why `json:"why,omitempty"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name               string `json:"name"`
	FullyQualifiedName string `json:"fullyQualifiedName,omitempty"`
	Kind               string `json:"kind"`
}

type sarifNotification struct {
	Descriptor sarifReference  `json:"descriptor"`
	Level      string          `json:"level"`
	Message    sarifText       `json:"message"`
	Locations  []sarifLocation `json:"locations,omitempty"`
}

type sarifReference struct {
	ID    string `json:"id"`
	Index int    `json:"index"`
}

type sarifDescriptor struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
}

// sarifInvocation is written last, with what could not be done.
type sarifInvocation struct {
	ExecutionSuccessful bool                `json:"executionSuccessful"`
	EndTime             string              `json:"endTimeUtc,omitempty"`
	Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifRunProps struct {
	Target    string        `json:"target"`
	Kind      string        `json:"kind,omitempty"`
	Digest    string        `json:"digest,omitempty"`
	Packages  int           `json:"packages"`
	Database  *jsonDatabase `json:"database,omitempty"`
	Unmatched int           `json:"notReported,omitempty"`
}

// sarifDescriptors are the kinds of notification.
var sarifDescriptors = []sarifDescriptor{
	{"problem", sarifText{Text: "Something could not be read, so that packages may be missing."}},
	{string(match.UnsupportedPlatform), sarifText{Text: "There are no advisories for this operating system and release."}},
	{string(match.NoData), sarifText{Text: "There are no advisories for this ecosystem."}},
	{string(match.Unassessed), sarifText{Text: "Packages could not be judged."}},
	{string(match.UpstreamOnly), sarifText{Text: "Matches were left out: only upstream states them of the distribution's software."}},
	{string(advisory.Unsupported), sarifText{Text: "The maker repairs this release no more."}},
	{"suppressed", sarifText{Text: "Findings do not count, by a statement or an ignore file."}},
	{"starter", sarifText{Text: "Only the starter set of advisories was asked."}},
}

// writeSARIF writes one run, with a rule for each vulnerability and a result
// for each package of each finding.
func writeSARIF(w io.Writer, d Document) error {
	s := newStream(w)
	s.raw(`{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{` + "\n")
	s.raw(`"tool": {"driver": {"name": "Assay", "informationUri": "https://github.com/assay-project/assay"`)
	if d.Version != "" {
		s.raw(`, "version": `)
		s.value(d.Version)
	}
	s.raw(`, "notifications": `)
	s.each(len(sarifDescriptors), func(i int) any { return sarifDescriptors[i] })
	s.raw(`, "rules": `)
	// The same vulnerability of two resources has one rule.
	index := map[string]int{}
	var rules []*finding.Finding
	for i := range d.Findings {
		f := &d.Findings[i]
		if _, ok := index[f.Vulnerability]; !ok {
			index[f.Vulnerability] = len(rules)
			rules = append(rules, f)
		}
	}
	var checks []issue
	for _, one := range d.Report.Inventory.Issues {
		if _, ok := index[one.Rule]; !ok {
			index[one.Rule] = len(rules) + len(checks)
			checks = append(checks, issueOf(one))
		}
	}
	s.each(len(rules)+len(checks), func(i int) any {
		if i >= len(rules) {
			return sarifIssueRule(checks[i-len(rules)])
		}
		return sarifRuleOf(rules[i])
	})
	s.raw("}}")
	s.later = true
	var results []occurrence
	for i := range d.Findings {
		f := &d.Findings[i]
		for j := range f.Packages {
			results = append(results, occurrence{d, f, &f.Packages[j]})
		}
	}
	s.key("results")
	layers := layersOf(d)
	seen := map[string]int{}
	issues := d.Report.Inventory.Issues
	s.each(len(results)+len(issues), func(i int) any {
		if i >= len(results) {
			one := issueOf(issues[i-len(results)])
			return sarifIssue(d, one, index[one.Rule])
		}
		out := sarifResultOf(results[i], index[results[i].f.Vulnerability], layers)
		// The same package may be in one file at several versions.
		mark := fingerprint(results[i])
		seen[mark]++
		out.PartialFingerprints = map[string]string{"primaryLocationLineHash": mark + ":" + strconv.Itoa(seen[mark])}
		return out
	})
	s.field("invocations", []sarifInvocation{{true, stamp(d.Now), sarifNotifications(d)}})
	s.field("properties", sarifRunOf(d))
	s.raw("\n}]}\n")
	return s.flush()
}

func sarifRunOf(d Document) sarifRunProps {
	t := d.Report.Target
	out := sarifRunProps{
		Target: t.Name, Kind: string(t.Kind), Digest: t.Digest, Packages: len(d.Report.Inventory.Packages),
		Unmatched: count(d).hidden,
	}
	if d.Report.Database != nil {
		db := databaseJSON(d.Report.Database)
		out.Database = &db
	}
	return out
}

// occurrence is what a result is made of: a finding and one of its packages.
type occurrence struct {
	d Document
	f *finding.Finding
	p *finding.Package
}

// levels are SARIF's words for severities.
var levels = map[finding.Severity]string{
	finding.Critical: "error", finding.High: "error", finding.Medium: "warning", finding.Low: "note",
	finding.Informational: "note", finding.Untriaged: "warning",
}

// bands are the scores that stand for a severity which comes from a word:
// inside the bands by which code hosts turn them into words again.
// Source: GitHub, "SARIF support for code scanning", security-severity.
var bands = map[finding.Severity]string{
	finding.Critical: "9.5", finding.High: "8.0", finding.Medium: "5.5", finding.Low: "2.0", finding.Informational: "0.0",
}

// precisions are SARIF's words for how sure a match is.
var precisions = map[match.Confidence]string{match.High: "very-high", match.Medium: "medium", match.Low: "low"}

// Limits of what a rule says.
const (
	maxTags       = 10 // that a code host keeps
	maxReferences = 10 // in the help text, where people read them
)

func sarifRuleOf(f *finding.Finding) sarifRule {
	severity := bands[f.Severity]
	if scored(f.Score) {
		severity = strconv.FormatFloat(f.Score.Value, 'f', 1, 64)
	}
	tags := []string{"security", "vulnerability"}
	if f.KEV != nil {
		tags = append(tags, "known-exploited")
	}
	for _, c := range f.CWEs {
		if len(tags) < maxTags {
			tags = append(tags, cweTag(c))
		}
	}
	out := sarifRule{
		ID:                   f.Vulnerability,
		ShortDescription:     sarifText{Text: limit(shortDescription(f), maxDescription)},
		FullDescription:      sarifText{Text: limit(cmp.Or(f.Description, f.Title, f.Vulnerability), maxDescription)},
		Help:                 sarifHelp(f),
		DefaultConfiguration: sarifConfig{cmp.Or(levels[f.Severity], "warning")},
		Properties: sarifRuleProps{
			SecuritySeverity: severity, Precision: cmp.Or(precisions[f.Confidence], "high"), Tags: tags, Aliases: f.Aliases,
		},
	}
	out.HelpURI = webAddress(f.SourceURL)
	if f.EPSS != nil {
		out.Properties.EPSS = &f.EPSS.Score
	}
	if f.KEV != nil {
		out.Properties.KEVAdded = day(f.KEV.Added)
	}
	return out
}

// cweTag writes CWE-79 as code hosts know it: external/cwe/cwe-079.
// Source: GitHub, "Metadata for CodeQL queries", tags.
func cweTag(cwe string) string {
	n := strings.TrimPrefix(strings.ToLower(cwe), "cwe-")
	return "external/cwe/cwe-" + strings.Repeat("0", max(0, 3-len(n))) + n
}

func sarifHelp(f *finding.Finding) sarifText {
	var text, markdown strings.Builder
	line := func(s string) {
		text.WriteString(s + "\n")
		markdown.WriteString("* " + markdownText(s) + "\n")
	}
	line("Severity " + string(f.Severity) + scoreWords(f))
	for _, r := range f.Score.Adjustments() {
		line(r.Metric + ": " + r.Text)
	}
	if f.KEV != nil {
		line("Known to be exploited" + since(day(f.KEV.Added)))
	}
	if f.EPSS != nil {
		line("Probability of exploitation within 30 days (EPSS): " + percent(f.EPSS.Score))
	}
	if what := advice(f); what != noAdvice {
		line("What to do: " + what)
	}
	for i, u := range f.References {
		if i == maxReferences {
			break
		}
		line("See " + u)
	}
	return sarifText{Text: text.String(), Markdown: markdown.String()}
}

func since(date string) string {
	if date == "" {
		return ""
	}
	return " since " + date
}

func scoreWords(f *finding.Finding) string {
	if !scored(f.Score) {
		return ""
	}
	s := ", score " + strconv.FormatFloat(f.Score.Value, 'f', 1, 64)
	if f.Score.Vector == "" {
		return s
	}
	s += " (" + f.Score.Vector
	if len(f.Score.Adjustments()) > 0 {
		s += ", adjusted from " + strconv.FormatFloat(f.Score.Base().Value, 'f', 1, 64)
	}
	return s + " by " + cmp.Or(f.Score.Source, "the publisher") + ")"
}

// markdownText keeps foreign text from being read as markup.
// Source: CommonMark 0.31, section 2.4, "Backslash escapes".
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_{}[]<>|#!&~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func sarifResultOf(r occurrence, rule int, layers layerIndex) sarifResult {
	os := r.d.Report.Inventory.OS
	purl := r.p.Identifier(os)
	return sarifResult{
		RuleID: r.f.Vulnerability, RuleIndex: rule, Level: cmp.Or(levels[r.f.Severity], "warning"),
		BaselineState: r.d.Base.state(r.d.Base.New(r.f, r.p)),
		Message:       sarifText{Text: sarifMessage(r)},
		Locations:     []sarifLocation{sarifLocationOf(r, purl, layers)},
		Properties: sarifResultProps{
			PURL: purl, Fixed: r.p.Fixed, State: string(r.p.Match.State), Severity: string(r.f.Severity),
			Confidence: string(r.p.Match.Confidence), Unsure: r.p.Match.Unsure, FindingARN: r.f.ARN,
			Resource: r.f.Resource.ID, Why: r.p.Match.Why,
		},
	}
}

// fingerprint stays the same while a package of that name at that place has
// the vulnerability, whatever its version and layer.
func fingerprint(r occurrence) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{r.f.Vulnerability, r.p.Type, r.p.Name, r.p.Arch, r.p.Path}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func sarifMessage(r occurrence) string {
	var b strings.Builder
	b.WriteString(r.p.Name)
	if r.p.Version != "" {
		b.WriteString(" " + r.p.Version)
	}
	b.WriteString(" (" + r.p.Type + ")")
	if r.p.Match.Unsure != "" {
		b.WriteString(" may have ")
	} else {
		b.WriteString(" has ")
	}
	b.WriteString(r.f.Vulnerability + ", severity " + string(r.f.Severity))
	if scored(r.f.Score) {
		b.WriteString(" " + strconv.FormatFloat(r.f.Score.Value, 'f', 1, 64))
	}
	b.WriteString(". ")
	if r.p.Fixed == "" {
		b.WriteString(capital(noFix(r.p.Match.State)) + ".")
	} else {
		b.WriteString("Fixed in " + r.p.Fixed)
		if r.p.Remediation != "" {
			b.WriteString(": " + r.p.Remediation)
		}
		b.WriteString(".")
	}
	// In a message a backslash escapes brackets, which would else be links.
	// Source: SARIF 2.1.0, section 3.11.6, "Messages with embedded links".
	if text := b.String(); !strings.ContainsAny(text, `\[]`) {
		return text
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(b.String())
}

// sarifLocationOf places a result: in the file that names the package, or in
// the target itself if there is no file. A code host needs a line; 1 stands
// for the file as a whole.
func sarifLocationOf(r occurrence, purl string, layers layerIndex) sarifLocation {
	out := sarifLocation{Physical: &sarifPhysical{
		Artifact: sarifArtifact{relativeURI(cmp.Or(r.p.Path, r.d.Report.Target.Name, r.f.Resource.Name))},
		Region:   &sarifRegion{1},
	}}
	out.Logical = append(out.Logical, sarifLogical{Name: r.p.Name, FullyQualifiedName: purl, Kind: "package"})
	if r.p.Layer != "" {
		name := r.p.Layer
		if l, ok := layers[r.p.Layer]; ok && l.step != "" {
			name = l.step
		}
		out.Logical = append(out.Logical, sarifLogical{Name: name, FullyQualifiedName: r.p.Layer, Kind: "layer"})
	}
	return out
}

// relativeURI writes a path as a reference that is relative and stays so.
// Source: RFC 3986, section 4.2.
func relativeURI(path string) string {
	segments := strings.Split(strings.TrimLeft(path, "/"), "/")
	for i, s := range segments {
		segments[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(segments, "/")
}

// sarifNotifications says what could not be read or judged.
func sarifNotifications(d Document) []sarifNotification {
	var out []sarifNotification
	add := func(id, level, text string, at *inventory.Problem) {
		n := sarifNotification{Descriptor: sarifReference{ID: id}, Level: level, Message: sarifText{Text: text}}
		for i, s := range sarifDescriptors {
			if s.ID == id {
				n.Descriptor.Index = i
			}
		}
		if at != nil && (at.Path != "" || at.Layer != "") {
			var l sarifLocation
			if at.Path != "" {
				l.Physical = &sarifPhysical{Artifact: sarifArtifact{relativeURI(at.Path)}}
			}
			if at.Layer != "" {
				l.Logical = []sarifLogical{{Name: at.Layer, FullyQualifiedName: at.Layer, Kind: "layer"}}
			}
			n.Locations = []sarifLocation{l}
		}
		out = append(out, n)
	}
	for i := range d.Report.Inventory.Problems {
		p := &d.Report.Inventory.Problems[i]
		add("problem", "warning", p.Reason, p)
	}
	for _, n := range d.Report.Result.Notes {
		level := "note"
		if n.Kind == match.UnsupportedPlatform || n.Kind == match.NoData {
			level = "warning"
		}
		add(string(n.Kind), level, n.Subject+": "+n.Reason+" ("+strconv.Itoa(n.Count)+")", nil)
	}
	for i := range d.Ended {
		add(string(advisory.Unsupported), "warning", EndedText(&d.Ended[i]), nil)
	}
	if text := SuppressedText(d.Suppressed); text != "" {
		add("suppressed", "note", text, nil)
	}
	if db := d.Report.Database; db != nil && db.Starter {
		add("starter", "warning", starterText(db), nil)
	}
	return out
}

// shortDescription is what code hosts show as the title of an alert.
func shortDescription(f *finding.Finding) string {
	if text := headline(f); text != "" {
		return f.Vulnerability + ": " + text
	}
	return cmp.Or(f.Title, f.Vulnerability)
}
