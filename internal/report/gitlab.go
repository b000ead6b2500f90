package report

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
)

// gitlabVersion is that of the schemas.
// Source: GitLab, security-report-schemas 15.2.1, container-scanning and
// dependency-scanning.
const gitlabVersion = "15.2.1"

type gitlabVulnerability struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Description string             `json:"description,omitempty"`
	Severity    string             `json:"severity"`
	Solution    string             `json:"solution,omitempty"`
	Identifiers []gitlabIdentifier `json:"identifiers"`
	Links       []gitlabLink       `json:"links,omitempty"`
	Location    gitlabLocation     `json:"location"`
}

type gitlabIdentifier struct {
	Type  string `json:"type"`
	Name  string `json:"name"`
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

type gitlabLink struct {
	URL string `json:"url"`
}

type gitlabLocation struct {
	File       string           `json:"file,omitempty"`
	Dependency gitlabDependency `json:"dependency"`
	OS         string           `json:"operating_system,omitempty"`
	Image      string           `json:"image,omitempty"`
}

type gitlabDependency struct {
	Package gitlabPackage `json:"package"`
	Version string        `json:"version"`
}

type gitlabPackage struct {
	Name string `json:"name"`
}

type gitlabScan struct {
	Analyzer gitlabTool      `json:"analyzer"`
	Scanner  gitlabTool      `json:"scanner"`
	Type     string          `json:"type"`
	Start    string          `json:"start_time"`
	End      string          `json:"end_time"`
	Status   string          `json:"status"`
	Messages []gitlabMessage `json:"messages,omitempty"`
}

type gitlabMessage struct {
	Level string `json:"level"`
	Value string `json:"value"`
}

type gitlabTool struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Version string       `json:"version"`
	URL     string       `json:"url"`
	Vendor  gitlabVendor `json:"vendor"`
}

type gitlabVendor struct {
	Name string `json:"name"`
}

type gitlabFile struct {
	Path         string             `json:"path"`
	Manager      string             `json:"package_manager"`
	Dependencies []gitlabDependency `json:"dependencies"`
}

// Limits of the schemas, in characters.
const (
	maxGitLabName = 255
	maxGitLabText = 1_048_576
	maxGitLabFix  = 7000
)

// writeGitLab writes the report of container scanning for an image, of
// dependency scanning for all else: a vulnerability for each package of each
// finding.
func writeGitLab(w io.Writer, d Document) error {
	image := d.Report.Target.Kind == artifact.Image
	s := newStream(w)
	s.raw("{\n")
	s.field("version", gitlabVersion)
	s.field("scan", gitlabScanOf(d, image))
	var results []occurrence
	seen := map[string]bool{}
	for i := range d.Findings {
		f := &d.Findings[i]
		for j := range f.Packages {
			o := occurrence{d, f, &f.Packages[j]}
			if id := gitlabID(o); !seen[id] {
				seen[id] = true
				results = append(results, o)
			}
		}
	}
	s.key("vulnerabilities")
	s.each(len(results), func(i int) any { return gitlabOf(results[i], image) })
	if !image {
		s.key("dependency_files")
		files := gitlabFiles(d)
		s.each(len(files), func(i int) any { return files[i] })
	}
	s.raw("\n}\n")
	return s.flush()
}

func gitlabScanOf(d Document, image bool) gitlabScan {
	tool := gitlabTool{"assay", "Assay", cmp.Or(d.Version, "dev"), "https://github.com/assay-project/assay", gitlabVendor{"Assay"}}
	at := orElse(d.Scanned, orElse(d.Now, time.Unix(0, 0))).UTC().Format("2006-01-02T15:04:05")
	out := gitlabScan{Analyzer: tool, Scanner: tool, Type: "dependency_scanning", Start: at, End: at, Status: "success"}
	if image {
		out.Type = "container_scanning"
	}
	for i := range d.Ended {
		out.Messages = append(out.Messages, gitlabMessage{"warn", EndedText(&d.Ended[i])})
	}
	for _, p := range d.Report.Inventory.Problems {
		out.Messages = append(out.Messages, gitlabMessage{"warn", strings.TrimPrefix(p.Path+": "+p.Reason, ": ")})
	}
	if text := SuppressedText(d.Suppressed); text != "" {
		out.Messages = append(out.Messages, gitlabMessage{"info", text})
	}
	return out
}

// gitlabID stays the same while a package at a place has a vulnerability.
func gitlabID(o occurrence) string {
	b := sha256.Sum256([]byte(strings.Join([]string{o.f.Vulnerability, o.p.Type, o.p.Name, o.p.Version, o.p.Arch, o.p.Path}, "\x00")))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // RFC 9562, version 8
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// gitlabSeverities are the words of the schemas.
var gitlabSeverities = map[finding.Severity]string{
	finding.Critical: "Critical", finding.High: "High", finding.Medium: "Medium", finding.Low: "Low",
	finding.Informational: "Info", finding.Untriaged: "Unknown",
}

func gitlabOf(o occurrence, image bool) gitlabVulnerability {
	f, p := o.f, o.p
	out := gitlabVulnerability{
		ID: gitlabID(o), Name: limit(cmp.Or(shortDescription(f), f.Vulnerability), maxGitLabName),
		Description: limit(f.Description, maxGitLabText), Severity: cmp.Or(gitlabSeverities[f.Severity], "Unknown"),
		Location: gitlabLocation{Dependency: gitlabDependencyOf(p)},
	}
	if p.Fixed != "" {
		out.Solution = "Upgrade " + p.Name + " to " + p.Fixed + "."
		if p.Remediation != "" {
			out.Solution += " " + p.Remediation
		}
	} else {
		out.Solution = capital(noFix(p.Match.State)) + "."
	}
	out.Solution = limit(out.Solution, maxGitLabFix)
	for _, id := range append([]string{f.Vulnerability}, f.Aliases...) {
		out.Identifiers = append(out.Identifiers, gitlabIdentifierOf(id))
	}
	out.Identifiers[0].URL = webLink(f.SourceURL)
	for _, u := range f.References {
		if u = webLink(u); u != "" && len(out.Links) < maxReferences {
			out.Links = append(out.Links, gitlabLink{u})
		}
	}
	if image {
		out.Location.OS = gitlabOS(o.d)
		out.Location.Image = gitlabImage(o.d)
	} else {
		out.Location.File = gitlabFileOf(o.d, p)
	}
	return out
}

func gitlabDependencyOf(p *finding.Package) gitlabDependency {
	return gitlabDependency{gitlabPackage{p.Name}, cmp.Or(p.Version, "unknown")}
}

func gitlabOS(d Document) string {
	os := d.Report.Inventory.OS
	return cmp.Or(strings.TrimSpace(os.ID+" "+os.VersionID), "unknown")
}

func gitlabIdentifierOf(id string) gitlabIdentifier {
	kind := strings.ToLower(publisher(id))
	return gitlabIdentifier{Type: kind, Name: limit(id, maxGitLabName), Value: limit(id, maxGitLabName)}
}

// gitlabImage returns a name with a tag or digest, as the schema has it.
func gitlabImage(d Document) string {
	t := d.Report.Target
	name, _, _ := strings.Cut(t.Name, "@")
	if strings.LastIndexByte(name, ':') > strings.LastIndexByte(name, '/') {
		return name
	}
	if t.Digest != "" {
		return name + "@" + t.Digest
	}
	return cmp.Or(name, "image") + ":latest"
}

// gitlabFileOf returns the file that names a package, or the target.
func gitlabFileOf(d Document, p *finding.Package) string {
	return cmp.Or(p.Path, d.Report.Target.Name, "unknown")
}

// gitlabFiles lists the files with the packages of each that have a finding.
func gitlabFiles(d Document) []gitlabFile {
	var out []gitlabFile
	at := map[string]int{}
	for i := range d.Findings {
		for j := range d.Findings[i].Packages {
			p := &d.Findings[i].Packages[j]
			file := gitlabFileOf(d, p)
			k, ok := at[file]
			if !ok {
				k = len(out)
				at[file] = k
				out = append(out, gitlabFile{Path: file, Manager: p.Type})
			}
			if dep := gitlabDependencyOf(p); !slices.Contains(out[k].Dependencies, dep) {
				out[k].Dependencies = append(out[k].Dependencies, dep)
			}
		}
	}
	return out
}
