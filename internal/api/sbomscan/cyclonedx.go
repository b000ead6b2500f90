package sbomscan

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/report"
)

// An edition is what sets an answer apart from any other of the same content.
type edition struct {
	serial  string
	version string // of Assay
	now     time.Time
}

type cdxTool struct {
	Vendor  string `json:"vendor"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type cdxMetadata struct {
	Timestamp  string               `json:"timestamp"`
	Tools      []cdxTool            `json:"tools"`
	Component  json.RawMessage      `json:"component,omitempty"`
	Properties []cyclonedx.Property `json:"properties"`
}

type cdxDocument struct {
	Format          string                    `json:"bomFormat"`
	SpecVersion     string                    `json:"specVersion"`
	Serial          string                    `json:"serialNumber"`
	Version         int                       `json:"version"`
	Metadata        cdxMetadata               `json:"metadata"`
	Components      json.RawMessage           `json:"components,omitempty"`
	Vulnerabilities []cyclonedx.Vulnerability `json:"vulnerabilities,omitempty"`
}

// cycloneDXAnswer writes the components as they were given, with what is known
// of them. Source: Amazon Inspector User Guide, "Amazon Inspector Scan API",
// section "API output formats".
func cycloneDXAnswer(d *document, f found, e edition) ([]byte, error) {
	out := cdxDocument{
		Format: "CycloneDX", SpecVersion: "1.5", Serial: e.serial, Version: 1,
		Metadata: cdxMetadata{
			Timestamp: e.now.Format("2006-01-02T15:04:05.000Z"), Tools: []cdxTool{{"Assay", "ScanSbom", e.version}},
			Component: d.subject, Properties: countProperties(f.totals(d), f.general),
		},
		Components: annotated(d),
	}
	n := 0
	for i := range f.findings {
		out.Vulnerabilities = append(out.Vulnerabilities, cdxVulnerability(d, f, &f.findings[i], d.number("vuln-", &n)))
	}
	for _, x := range d.components {
		for _, c := range x.dockerfile {
			out.Vulnerabilities = append(out.Vulnerabilities, cdxCheck(x.ref, c, d.number("vuln-", &n)))
		}
	}
	return marshal(out)
}

// marshal writes JSON without escaping what only HTML needs escaped.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func scanner(name, value string) cyclonedx.Property {
	return cyclonedx.Property{Name: scannerPrefix + name, Value: value}
}

func countProperties(t totals, general []message) []cyclonedx.Property {
	out := []cyclonedx.Property{
		scanner("critical_vulnerabilities", strconv.Itoa(t.critical)),
		scanner("high_vulnerabilities", strconv.Itoa(t.high)),
		scanner("medium_vulnerabilities", strconv.Itoa(t.medium)),
		scanner("low_vulnerabilities", strconv.Itoa(t.low)),
	}
	if t.other > 0 {
		out = append(out, scanner("other_vulnerabilities", strconv.Itoa(t.other)))
	}
	if t.malicious > 0 {
		out = append(out, scanner("malicious_packages", strconv.Itoa(t.malicious)))
	}
	for _, m := range general {
		out = append(out, scanner(m.kind, m.text))
	}
	return out
}

// annotated returns the text of the components with their refs, paths and
// messages put in.
func annotated(d *document) []byte {
	type addition struct {
		at   int
		text []byte
	}
	var all []addition
	for i := range d.components {
		x := &d.components[i]
		var first []byte // goes behind the opening brace
		if !x.given {
			first = append(append(first, `"bom-ref":`...), quoted(x.ref)...)
		}
		if list := x.annotations(); len(list) > 0 {
			text := bytes.Join(list, []byte(","))
			if x.properties > 0 {
				if !x.bare {
					text = append(text, ',')
				}
				all = append(all, addition{x.properties, text})
			} else {
				if len(first) > 0 {
					first = append(first, ',')
				}
				first = append(append(append(first, `"properties":[`...), text...), ']')
			}
		}
		if len(first) > 0 {
			if !x.memberless {
				first = append(first, ',')
			}
			all = append(all, addition{x.start, first})
		}
	}
	slices.SortFunc(all, func(a, b addition) int { return a.at - b.at })
	var out []byte
	from := d.from
	for _, a := range all {
		out = append(append(out, d.text[from:a.at]...), a.text...)
		from = a.at
	}
	return append(out, d.text[from:d.to]...)
}

// quoted writes a string as JSON.
func quoted(s string) []byte {
	b, _ := json.Marshal(s) // of a string cannot fail
	return b
}

// annotations are the properties that a component gets.
func (x *component) annotations() [][]byte {
	var out [][]byte
	add := func(name, value string) {
		out = append(out, slices.Concat([]byte(`{"name":`), quoted(scannerPrefix+name), []byte(`,"value":`), quoted(value), []byte("}")))
	}
	if x.path != "" {
		add("path", x.path)
	}
	for _, m := range x.messages {
		add(m.kind, m.text)
	}
	return out
}

func cdxVulnerability(d *document, f found, x *finding.Finding, ref string) cyclonedx.Vulnerability {
	v := report.Vulnerability(x)
	v.BOMRef, v.Created, v.Published, v.Recommendation = ref, v.Published, "", ""
	if v.Ratings != nil {
		for i := range *v.Ratings {
			r := &(*v.Ratings)[i]
			r.Justification, r.Vector = "", bareVector(r.Vector)
		}
	}
	var affects []cyclonedx.Affects
	properties := intelligence(x)
	for _, a := range f.affected(x) {
		ref := d.components[a.component].ref
		affects = append(affects, cyclonedx.Affects{Ref: ref})
		if a.fixed != "" {
			properties = append(properties, scanner("fixed_version:"+ref, a.fixed))
		}
	}
	v.Affects = &affects
	if len(properties) > 0 {
		v.Properties = &properties
	}
	return v
}

// bareVector leaves out the version of CVSS, which the method says.
func bareVector(v string) string {
	if rest, ok := strings.CutPrefix(v, "CVSS:"); ok {
		_, v, _ = strings.Cut(rest, "/")
	}
	return v
}

// intelligence says what is known of exploits, in the words of Amazon's
// properties.
func intelligence(x *finding.Finding) []cyclonedx.Property {
	var out []cyclonedx.Property
	if x.Exploitable() {
		out = append(out, scanner("exploit_available", "true"))
	}
	if x.KEV != nil {
		for _, p := range []struct {
			name string
			time time.Time
		}{{"exploit_last_seen_in_public", x.KEV.Added}, {"cisa_kev_date_added", x.KEV.Added}, {"cisa_kev_date_due", x.KEV.Due}} {
			if !p.time.IsZero() {
				out = append(out, scanner(p.name, stamp(p.time)))
			}
		}
	}
	if malicious(x) {
		out = append(out, scanner("is_malicious", "true"))
	}
	return out
}

func malicious(x *finding.Finding) bool { return x.Kind == advisory.Malware }

// cdxCheck repeats what a generator found wrong in a Dockerfile; how grave that
// is, it does not say.
func cdxCheck(component string, c check, ref string) cyclonedx.Vulnerability {
	r := c.rule()
	v := cyclonedx.Vulnerability{
		BOMRef: ref, ID: c.id, Description: r.Title,
		Ratings:  &[]cyclonedx.VulnerabilityRating{{Severity: cyclonedx.Severity(r.Severity), Method: cyclonedx.ScoringMethodOther}},
		Analysis: &cyclonedx.VulnerabilityAnalysis{State: cyclonedx.IASInTriage},
		Affects:  &[]cyclonedx.Affects{{Ref: component}},
	}
	if r.URL != "" {
		v.Source = &cyclonedx.Source{Name: checksSource, URL: "https://aws.amazon.com/inspector/"}
		(*v.Ratings)[0].Source = v.Source
		v.Advisories = &[]cyclonedx.Advisory{{URL: r.URL}}
	}
	return v
}

// checksSource is whom the checks of Dockerfiles are by.
const checksSource = "AMAZON_INSPECTOR"

// stamp writes a time as RFC 3339; empty for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
