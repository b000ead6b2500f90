package feed

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
	"github.com/assay-project/assay/internal/jsonstream"
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
	Type     string
	Metadata cveMetadata
	CNA      cveContainer
	ADP      []cveContainer
}

func (r *cveRecord) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "dataType":
			d.String(&r.Type)
		case "cveMetadata":
			r.Metadata.read(d)
		case "containers":
			d.Object(func(key []byte) {
				switch string(key) {
				case "cna":
					r.CNA.read(d)
				case "adp":
					jsonstream.List(d, &r.ADP, (*cveContainer).read)
				}
			})
		}
	})
}

type cveMetadata struct{ ID, State, Assigner, Published, Updated string }

func (m *cveMetadata) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "cveId":
			d.String(&m.ID)
		case "state":
			d.String(&m.State)
		case "assignerShortName":
			d.String(&m.Assigner)
		case "datePublished":
			d.String(&m.Published)
		case "dateUpdated":
			d.String(&m.Updated)
		}
	})
}

// cveContainer is what one party says of the CVE: who assigned it (CNA) or
// another authorised publisher (ADP), such as CISA.
type cveContainer struct {
	Provider     string // its short name
	Title        string
	Descriptions []cveText
	Problems     []cveProblem
	References   []cveReference
	Metrics      []cveMetric
}

func (c *cveContainer) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "providerMetadata":
			d.Object(func(key []byte) {
				if string(key) == "shortName" {
					d.String(&c.Provider)
				}
			})
		case "title":
			d.String(&c.Title)
		case "descriptions":
			jsonstream.List(d, &c.Descriptions, (*cveText).read)
		case "problemTypes":
			jsonstream.List(d, &c.Problems, (*cveProblem).read)
		case "references":
			jsonstream.List(d, &c.References, (*cveReference).read)
		case "metrics":
			jsonstream.List(d, &c.Metrics, (*cveMetric).read)
		}
	})
}

type cveText struct{ Lang, Value string }

func (t *cveText) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "lang":
			d.String(&t.Lang)
		case "value":
			d.String(&t.Value)
		}
	})
}

type cveProblem struct{ Descriptions []cveWeakness }

func (p *cveProblem) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		if string(key) == "descriptions" {
			jsonstream.List(d, &p.Descriptions, (*cveWeakness).read)
		}
	})
}

type cveWeakness struct{ CWE, Text string }

func (w *cveWeakness) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "cweId":
			d.String(&w.CWE)
		case "description":
			d.String(&w.Text)
		}
	})
}

type cveReference struct {
	URL  string
	Tags []string
}

func (r *cveReference) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "url":
			d.String(&r.URL)
		case "tags":
			d.Strings(&r.Tags)
		}
	})
}

// cveMetric is one rating: a score by a version of CVSS, or something else.
// Those that are not there are nil.
type cveMetric struct {
	V2, V30, V31, V4 *cveScore
	Other            *cveOther
}

func (m *cveMetric) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "cvssV2_0":
			readScore(d, &m.V2)
		case "cvssV3_0":
			readScore(d, &m.V30)
		case "cvssV3_1":
			readScore(d, &m.V31)
		case "cvssV4_0":
			readScore(d, &m.V4)
		case "other":
			if !d.Null() {
				m.Other = &cveOther{}
				m.Other.read(d)
			}
		}
	})
}

// cveScore is a rating by CVSS. The tags are for NVD's list, which has the same.
type cveScore struct {
	Vector string  `json:"vectorString"`
	Score  float64 `json:"baseScore"`
	Label  string  `json:"baseSeverity"`
}

func readScore(d *jsonstream.Decoder, to **cveScore) {
	if d.Null() {
		return
	}
	s := &cveScore{}
	d.Object(func(key []byte) {
		switch string(key) {
		case "vectorString":
			d.String(&s.Vector)
		case "baseScore":
			d.Float(&s.Score)
		case "baseSeverity":
			d.String(&s.Label)
		}
	})
	*to = s
}

// cveOther is a metric that is not CVSS. Its content may be anything: what is
// of another type there than the one expected is left out.
type cveOther struct {
	Type    string
	Options []ssvcOption // SSVC
	Value   string       // Red Hat severity rating
	Text    string       // Textual description of severity
	Added   string       // KEV
}

func (o *cveOther) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "type":
			d.String(&o.Type)
		case "content":
			d.Lenient(func() { o.readContent(d) })
		}
	})
}

func (o *cveOther) readContent(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "options":
			jsonstream.List(d, &o.Options, (*ssvcOption).read)
		case "value":
			d.String(&o.Value)
		case "text":
			d.String(&o.Text)
		case "dateAdded":
			d.String(&o.Added)
		}
	})
}

// ssvcOption is one decision of SSVC. Of interest is only the one on
// exploitation.
type ssvcOption struct {
	decides      bool
	exploitation string
}

func (o *ssvcOption) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		if string(key) == "Exploitation" {
			o.decides = true
			d.String(&o.exploitation)
		}
	})
}

func isCVERecord(keys map[string]string) bool {
	_, ok := keys["cveMetadata"]
	return ok || keys["dataType"] == "CVE_RECORD"
}

func readCVE(ctx context.Context, s Source, yield func(Record, error) bool) {
	var d jsonstream.Decoder
	eachDocument(ctx, s, yield, func(doc document) []outcome { return parseCVE(&d, doc) })
}

// parseCVE reads one record.
func parseCVE(d *jsonstream.Decoder, doc document) []outcome {
	var r cveRecord
	d.Reset(doc.data)
	r.read(d)
	err := d.End()
	id := r.Metadata.ID
	switch {
	case err != nil:
		return refused(doc.name, rejectJSON, err.Error())
	case !isCVE(id):
		return refused(doc.name, rejectCVE, id)
	case r.Metadata.State != "PUBLISHED":
		return refused(id, rejectState, r.Metadata.State)
	}
	rej := rejects{id: id}
	if mistyped, isType := d.Mistyped(); isType {
		rej.add(rejectType, mistyped)
	}
	cna := &r.CNA
	cna.Provider = cmp.Or(cna.Provider, r.Metadata.Assigner, "CNA")
	e := &advisory.Enrichment{
		CVE:         id,
		Title:       clip(oneLine(cna.Title), maxSummary),
		Description: english(cna.Descriptions),
		Published:   rej.date(r.Metadata.Published),
		Modified:    rej.date(r.Metadata.Updated),
	}
	var weaknesses []string
	for _, c := range append([]cveContainer{*cna}, r.ADP...) {
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
	source := clip(cmp.Or(c.Provider, "ADP"), maxID)
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
		switch strings.ToLower(m.Other.Type) {
		case "ssvc":
			r.ssvc(e, m.Other.Options)
		case "kev":
			if e.KEV == nil {
				e.KEV = &advisory.KEV{Added: r.date(m.Other.Added)}
			}
		default:
			word := strings.ToLower(cmp.Or(m.Other.Value, m.Other.Text))
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
func (r *rejects) ssvc(e *advisory.Enrichment, options []ssvcOption) {
	for _, option := range options {
		if !option.decides {
			continue
		}
		i := slices.Index(exploitation, strings.ToLower(option.exploitation))
		if i <= 0 {
			r.add(rejectSSVC, option.exploitation)
			continue
		}
		if i > slices.Index(exploitation, e.Exploitation) {
			e.Exploitation = exploitation[i]
		}
	}
}
