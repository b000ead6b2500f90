package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
)

// Reasons for which records of the CVE list are rejected.
const (
	rejectState = "the CVE is not published"
	rejectSSVC  = "not a decision of SSVC"
)

// Limits of what is kept of one CVE.
const (
	maxDescription   = 4096 // bytes; the format's own limit in characters
	maxCVEReferences = 32
)

// cveRecord is what is used of a record of the CVE list.
// Source: CVE record format 5.1, CVE_Record_Format.json.
type cveRecord struct {
	Type     string `json:"dataType"`
	Metadata struct {
		ID        string `json:"cveId"`
		State     string `json:"state"`
		Assigner  string `json:"assignerShortName"`
		Published string `json:"datePublished"`
		Updated   string `json:"dateUpdated"`
	} `json:"cveMetadata"`
	Containers struct {
		CNA cveContainer   `json:"cna"`
		ADP []cveContainer `json:"adp"`
	} `json:"containers"`
}

// cveContainer is what one party says of the CVE: who assigned it (CNA) or
// another authorised publisher (ADP), such as CISA.
type cveContainer struct {
	Provider struct {
		Name string `json:"shortName"`
	} `json:"providerMetadata"`
	Title        string    `json:"title"`
	Descriptions []cveText `json:"descriptions"`
	Problems     []struct {
		Descriptions []struct {
			CWE  string `json:"cweId"`
			Text string `json:"description"`
		} `json:"descriptions"`
	} `json:"problemTypes"`
	References []struct {
		URL  string   `json:"url"`
		Tags []string `json:"tags"`
	} `json:"references"`
	Metrics []cveMetric `json:"metrics"`
}

type cveText struct {
	Lang  string `json:"lang"`
	Value string `json:"value"`
}

type cveMetric struct {
	V2    *cveScore `json:"cvssV2_0"`
	V30   *cveScore `json:"cvssV3_0"`
	V31   *cveScore `json:"cvssV3_1"`
	V4    *cveScore `json:"cvssV4_0"`
	Other *struct {
		Type    string     `json:"type"`
		Content cveContent `json:"content"`
	} `json:"other"`
}

type cveScore struct {
	Vector string  `json:"vectorString"`
	Score  float64 `json:"baseScore"`
	Label  string  `json:"baseSeverity"`
}

// cveContent is the content of a metric that is not CVSS, which may be
// anything. A field of another type than the one expected is left out.
type cveContent struct {
	Options []map[string]text // SSVC
	Value   text              // Red Hat severity rating
	Text    text              // Textual description of severity
	Added   text              // KEV
}

// UnmarshalJSON takes what has the types expected, and never fails.
func (c *cveContent) UnmarshalJSON(data []byte) error {
	var content struct {
		Options []map[string]text `json:"options"`
		Value   text              `json:"value"`
		Text    text              `json:"text"`
		Added   text              `json:"dateAdded"`
	}
	_ = json.Unmarshal(data, &content)
	*c = cveContent(content)
	return nil
}

func isCVERecord(keys map[string]string) bool {
	_, ok := keys["cveMetadata"]
	return ok || keys["dataType"] == "CVE_RECORD"
}

func readCVE(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseCVE)
}

// parseCVE reads one record.
func parseCVE(doc document) []outcome {
	var r cveRecord
	err := json.Unmarshal(doc.data, &r)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	id := r.Metadata.ID
	switch {
	case err != nil && !isType:
		return refused(doc.name, rejectJSON, err.Error())
	case !isCVE(id):
		return refused(doc.name, rejectCVE, id)
	case r.Metadata.State != "PUBLISHED":
		return refused(id, rejectState, r.Metadata.State)
	}
	rej := rejects{id: id}
	if isType {
		rej.add(rejectType, mistyped.Field)
	}
	cna := &r.Containers.CNA
	cna.Provider.Name = cmp.Or(cna.Provider.Name, r.Metadata.Assigner, "CNA")
	e := &advisory.Enrichment{
		CVE:         id,
		Title:       clip(oneLine(cna.Title), maxSummary),
		Description: english(cna.Descriptions),
		Published:   rej.date(r.Metadata.Published),
		Modified:    rej.date(r.Metadata.Updated),
	}
	var weaknesses []string
	for _, c := range append([]cveContainer{*cna}, r.Containers.ADP...) {
		rej.metrics(e, c)
		weaknesses = append(weaknesses, c.weaknesses()...)
		e.References = appendReferences(e.References, c)
	}
	e.CWEs = cweIDs(weaknesses)
	return rej.outcomes(outcome{record: Record{Enrichment: e}})
}

// english returns the first description in English.
func english(list []cveText) string {
	for _, d := range list {
		if d.Lang == "en" || strings.HasPrefix(d.Lang, "en-") || d.Lang == "eng" {
			return clip(strings.TrimSpace(d.Value), maxDescription)
		}
	}
	return ""
}

// weaknessText is a weakness that is named only in the text.
var weaknessText = pattern(`^CWE-\d{1,6}\b`)

func (c *cveContainer) weaknesses() []string {
	var out []string
	for _, p := range c.Problems {
		for _, d := range p.Descriptions {
			out = append(out, cmp.Or(d.CWE, weaknessText().FindString(d.Text)))
		}
	}
	return out
}

// referenceTypes maps tags of the CVE list to the words of OSV.
// Sources: CVE record format 5.1, reference tags; OSV schema, "references".
var referenceTypes = map[string]string{
	"vendor-advisory":      "ADVISORY",
	"third-party-advisory": "ADVISORY",
	"patch":                "FIX",
	"exploit":              "EVIDENCE",
	"issue-tracking":       "REPORT",
}

// appendReferences adds the references that are not there yet. CISA and the
// CVE program repeat those of the assigner.
func appendReferences(out []advisory.Reference, c cveContainer) []advisory.Reference {
	for _, r := range c.References {
		url := strings.TrimSpace(r.URL)
		if len(out) == maxCVEReferences {
			break
		}
		if !isURL(url) || slices.ContainsFunc(out, func(have advisory.Reference) bool { return have.URL == url }) {
			continue
		}
		ref := advisory.Reference{Type: "WEB", URL: url}
		for _, tag := range r.Tags {
			if typ, ok := referenceTypes[tag]; ok {
				ref.Type = typ
				break
			}
		}
		out = append(out, ref)
	}
	return out
}

// metrics adds the ratings of one party, and CISA's decision on exploitation.
func (r *rejects) metrics(e *advisory.Enrichment, c cveContainer) {
	source := clip(cmp.Or(c.Provider.Name, "ADP"), maxID)
	for _, m := range c.Metrics {
		for _, v := range []struct {
			version string
			score   *cveScore
		}{{"4.0", m.V4}, {"3.1", m.V31}, {"3.0", m.V30}, {"2.0", m.V2}} {
			if v.score == nil {
				continue
			}
			r.rating(e, *v.score, advisory.Severity{Source: source, Version: v.version})
		}
		if m.Other == nil {
			continue
		}
		content := m.Other.Content
		switch strings.ToLower(m.Other.Type) {
		case "ssvc":
			r.ssvc(e, content)
		case "kev":
			if e.KEV == nil {
				e.KEV = &advisory.KEV{Added: r.date(string(content.Added))}
			}
		default:
			word := strings.ToLower(string(cmp.Or(content.Value, content.Text)))
			if word != "" && len(word) <= maxID && !strings.ContainsAny(word, " \n") {
				appendSeverity(e, advisory.Severity{Source: source, Label: word})
			}
		}
	}
}

// rating adds a rating by CVSS.
func (r *rejects) rating(e *advisory.Enrichment, in cveScore, out advisory.Severity) {
	out.Vector = strings.TrimSpace(in.Vector)
	version, base, err := cvss.Base(out.Vector)
	if err != nil || version != out.Version || len(out.Vector) > maxName || in.Score < 0 || in.Score > 10 {
		r.add(rejectVector, in.Vector)
		return
	}
	out.Score = cmp.Or(in.Score, base)
	out.Label = clip(strings.ToLower(in.Label), maxID)
	appendSeverity(e, out)
}

func appendSeverity(e *advisory.Enrichment, s advisory.Severity) {
	if len(e.Severities) < maxSeverities && !slices.Contains(e.Severities, s) {
		e.Severities = append(e.Severities, s)
	}
}

// exploitation are the values of the decision point, the least first.
// Source: CISA, "Stakeholder-Specific Vulnerability Categorization Guide",
// "(State of) Exploitation".
var exploitation = []string{"", "none", "poc", "active"}

// ssvc notes the state of exploitation, the gravest if there are several.
func (r *rejects) ssvc(e *advisory.Enrichment, content cveContent) {
	for _, option := range content.Options {
		value, ok := option["Exploitation"]
		if !ok {
			continue
		}
		i := slices.Index(exploitation, strings.ToLower(string(value)))
		if i <= 0 {
			r.add(rejectSSVC, clip(string(value), maxName))
			continue
		}
		if i > slices.Index(exploitation, e.Exploitation) {
			e.Exploitation = exploitation[i]
		}
	}
}
