package sbomscan

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/finding"
)

type answer struct {
	Status    string    `json:"status"`
	Inspector inspected `json:"inspector"`
}

type inspected struct {
	Messages        []remark        `json:"messages,omitempty"`
	Count           severityCount   `json:"vulnerability_count"`
	Vulnerabilities []vulnerability `json:"vulnerabilities"`
}

type remark struct {
	Name    string `json:"name,omitempty"`
	PURL    string `json:"purl,omitempty"`
	Info    string `json:"info,omitempty"`
	Warning string `json:"warning,omitempty"`
}

type severityCount struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
	Other    int `json:"other,omitempty"`
}

type vulnerability struct {
	ID          string     `json:"id"`
	Severity    string     `json:"severity"`
	Source      string     `json:"source,omitempty"`
	Related     []string   `json:"related,omitempty"`
	Description string     `json:"description,omitempty"`
	References  []string   `json:"references,omitempty"`
	Created     string     `json:"created,omitempty"`
	Updated     string     `json:"updated,omitempty"`
	Properties  properties `json:"properties"`
	Affects     []affect   `json:"affects"`
}

type properties struct {
	KEVAdded     string   `json:"cisa_kev_date_added,omitempty"`
	KEVDue       string   `json:"cisa_kev_date_due,omitempty"`
	CWEs         []int    `json:"cwes,omitempty"`
	CVSS         []rating `json:"cvss,omitempty"`
	EPSS         *float64 `json:"epss,omitempty"`
	Exploit      bool     `json:"exploit_available,omitempty"`
	ExploitSeen  string   `json:"exploit_last_seen_in_public,omitempty"`
	Malicious    bool     `json:"is_malicious,omitempty"`
	InDockerfile string   `json:"dockerfile_finding,omitempty"`
}

// rating is what one party says of a vulnerability.
type rating struct {
	Source   string   `json:"source"`
	Severity string   `json:"severity"`
	Score4   *float64 `json:"cvss4_base_score,omitempty"`
	Vector4  string   `json:"cvss4_base_vector,omitempty"`
	Score3   *float64 `json:"cvss3_base_score,omitempty"`
	Vector3  string   `json:"cvss3_base_vector,omitempty"`
	Score2   *float64 `json:"cvss2_base_score,omitempty"`
	Vector2  string   `json:"cvss2_base_vector,omitempty"`
}

type affect struct {
	Installed string `json:"installed_version,omitempty"` // the purl
	Fixed     string `json:"fixed_version,omitempty"`
	Path      string `json:"path,omitempty"`
}

// inspectorAnswer writes the findings in the form of Amazon's own report.
// Source: Amazon Inspector User Guide, "Amazon Inspector Scan API", section "API
// output formats".
func inspectorAnswer(d *document, f found) ([]byte, error) {
	t := f.totals(d)
	out := answer{Inspector: inspected{
		Messages: remarks(d, f), Count: severityCount{t.critical, t.high, t.medium, t.low, t.other},
		Vulnerabilities: []vulnerability{},
	}}
	for i := range f.findings {
		out.Inspector.Vulnerabilities = append(out.Inspector.Vulnerabilities, inspectorVulnerability(d, f, &f.findings[i]))
	}
	for _, x := range d.components {
		for _, c := range x.dockerfile {
			r := c.rule()
			v := vulnerability{
				ID: c.id, Severity: r.Severity, Description: r.Title, Properties: properties{InDockerfile: c.lines}, Affects: []affect{{Path: x.name}},
			}
			if r.URL != "" {
				v.Source, v.References = checksSource, []string{r.URL}
			}
			out.Inspector.Vulnerabilities = append(out.Inspector.Vulnerabilities, v)
		}
	}
	noun := "vulnerabilities"
	n := len(out.Inspector.Vulnerabilities)
	if n == 1 {
		noun = "vulnerability"
	}
	out.Status = fmt.Sprintf("SBOM parsed successfully, %d %s found", n, noun)
	return marshal(out)
}

func remarks(d *document, f found) []remark {
	var out []remark
	add := func(r remark, m message) {
		if m.kind == "info" {
			r.Info = m.text
		} else {
			r.Warning = m.text
		}
		out = append(out, r)
	}
	for _, m := range f.general {
		add(remark{}, m)
	}
	for _, x := range d.components {
		for _, m := range x.messages {
			add(remark{Name: x.name, PURL: x.purl}, m)
		}
	}
	return out
}

func inspectorVulnerability(d *document, f found, x *finding.Finding) vulnerability {
	out := vulnerability{
		ID: x.Vulnerability, Severity: strings.ToLower(string(x.Severity)), Source: x.SourceURL, Related: x.Related,
		Description: x.Description, References: x.References, Created: stamp(x.Published), Updated: stamp(x.Modified),
		Properties: properties{CVSS: ratings(x), Exploit: x.Exploitable(), Malicious: malicious(x)},
	}
	p := &out.Properties
	if x.KEV != nil {
		p.KEVAdded, p.KEVDue, p.ExploitSeen = stamp(x.KEV.Added), stamp(x.KEV.Due), stamp(x.KEV.Added)
	}
	if x.EPSS != nil {
		p.EPSS = &x.EPSS.Score
	}
	for _, c := range x.CWEs {
		if n, err := strconv.Atoi(strings.TrimPrefix(c, "CWE-")); err == nil {
			p.CWEs = append(p.CWEs, n)
		}
	}
	for _, a := range f.affected(x) {
		c := d.components[a.component]
		out.Affects = append(out.Affects, affect{cmp.Or(c.purl, c.name), a.fixed, c.path})
	}
	return out
}

// ratings joins what each party says in several versions of CVSS; the first
// decides its severity.
func ratings(x *finding.Finding) []rating {
	var out []rating
	at := map[string]int{}
	for _, s := range x.Scores {
		if s.Vector == "" || s.Version == "" {
			continue
		}
		source := cmp.Or(s.Source, "UNKNOWN")
		i, ok := at[source]
		if !ok {
			i = len(out)
			at[source] = i
			out = append(out, rating{Source: source, Severity: strings.ToLower(string(finding.Band(s.Score)))})
		}
		r, score, vector := &out[i], s.Score, bareVector(s.Vector)
		switch s.Version[0] {
		case '4':
			r.Score4, r.Vector4 = &score, vector
		case '3':
			if r.Vector3 == "" {
				r.Score3, r.Vector3 = &score, vector
			}
		case '2':
			r.Score2, r.Vector2 = &score, vector
		}
	}
	return out
}
