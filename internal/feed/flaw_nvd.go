package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// nvdRecord is what is used of a record of NVD.
// Source: NVD, CVE API 2.0 schema; the year feeds have the same form.
type nvdRecord struct {
	CVE struct {
		ID           string    `json:"id"`
		Published    string    `json:"published"`
		Modified     string    `json:"lastModified"`
		Status       string    `json:"vulnStatus"`
		Descriptions []cveText `json:"descriptions"`
		Metrics      struct {
			V2  []nvdMetric `json:"cvssMetricV2"`
			V30 []nvdMetric `json:"cvssMetricV30"`
			V31 []nvdMetric `json:"cvssMetricV31"`
			V40 []nvdMetric `json:"cvssMetricV40"`
		} `json:"metrics"`
		Weaknesses []struct {
			Description []cveText `json:"description"`
		} `json:"weaknesses"`
		References []struct {
			URL  string   `json:"url"`
			Tags []string `json:"tags"`
		} `json:"references"`
		Configurations []configuration `json:"configurations"`
	} `json:"cve"`
}

type nvdMetric struct {
	Source string   `json:"source"`
	Data   cveScore `json:"cvssData"`
	Label  string   `json:"baseSeverity"` // of version 2
}

// nvdSources has who rates under an id that does not say it.
// Source: NVD, Source API 2.0.
var nvdSources = map[string]string{
	"nvd@nist.gov":                         "NVD",
	"134c704f-9b21-4f2e-b353-cc4a37b2d2eb": "CISA-ADP",
}

// nvdTags maps tags to the words of OSV, the weightier first.
// Sources: NVD, "Vulnerability detail pages", reference tags; OSV schema,
// "references".
var nvdTags = []struct{ tag, word string }{
	{"Patch", "FIX"},
	{"Exploit", "EVIDENCE"},
	{"Vendor Advisory", "ADVISORY"},
	{"Third Party Advisory", "ADVISORY"},
	{"US Government Resource", "ADVISORY"},
	{"Issue Tracking", "REPORT"},
}

func isNVD(keys map[string]string) bool {
	if keys["format"] == "NVD_CVE" {
		return true
	}
	_, total := keys["totalResults"]
	_, list := keys["vulnerabilities"]
	return total && list
}

func readNVD(ctx context.Context, s Source, yield func(Record, error) bool) {
	for m, err := range members(s) {
		if err != nil {
			if _, rejected := errors.AsType[*Rejected](err); !yield(Record{}, err) || !rejected {
				return
			}
			continue
		}
		err = eachListed(ctx, m.r, s.in.max.record, func(data []byte, i int) bool {
			return send(yield, parseNVD(document{fmt.Sprintf("%s#%d", m.name, i), data}))
		})
		switch {
		case errors.Is(err, errStopped):
			return
		case err != nil && (m.fatal || len(s.files) == 1 && s.kind == plain || errors.Is(err, errRatio) || ctx.Err() != nil):
			yield(Record{}, fmt.Errorf("reading %s: %w", m.name, err))
			return
		case err != nil && !yield(Record{}, &Rejected{ID: m.name, Reason: rejectBroken, Detail: clip(err.Error(), maxName)}):
			return
		}
	}
}

// parseNVD reads one record: what it says of the CVE, and if it names software
// that is recognised, which versions of it.
func parseNVD(doc document) []outcome {
	var r nvdRecord
	err := json.Unmarshal(doc.data, &r)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	c := &r.CVE
	switch {
	case err != nil && !isType:
		return refused(doc.name, rejectJSON, err.Error())
	case !isCVE(c.ID):
		return refused(doc.name, rejectCVE, c.ID)
	case c.Status == "Rejected":
		return refused(c.ID, rejectState, c.Status)
	}
	rej := rejects{id: c.ID}
	if isType {
		rej.add(rejectType, mistyped.Field)
	}
	e := &advisory.Enrichment{
		CVE: c.ID, Description: english(c.Descriptions),
		Published: rej.date(c.Published), Modified: rej.date(c.Modified),
	}
	for _, list := range []struct {
		version string
		metrics []nvdMetric
	}{{"4.0", c.Metrics.V40}, {"3.1", c.Metrics.V31}, {"3.0", c.Metrics.V30}, {"2.0", c.Metrics.V2}} {
		for _, m := range list.metrics {
			m.Data.Label = cmp.Or(m.Data.Label, m.Label)
			source := cmp.Or(nvdSources[m.Source], clip(strings.TrimSpace(m.Source), maxID), "NVD")
			rej.rating(e, m.Data, advisory.Severity{Source: source, Version: list.version})
		}
	}
	var weaknesses []string
	for _, w := range c.Weaknesses {
		for _, d := range w.Description {
			weaknesses = append(weaknesses, d.Value)
		}
	}
	e.CWEs = cweIDs(weaknesses)
	for _, ref := range c.References {
		if len(e.References) == maxCVEReferences {
			break
		}
		out := advisory.Reference{Type: "WEB", URL: strings.TrimSpace(ref.URL)}
		for _, t := range nvdTags {
			if slices.Contains(ref.Tags, t.tag) {
				out.Type = t.word
				break
			}
		}
		if isURL(out.URL) && !slices.ContainsFunc(e.References, func(have advisory.Reference) bool { return have.URL == out.URL }) {
			e.References = append(e.References, out)
		}
	}
	list, _ := rej.affectedBy(c.Configurations)
	out := []outcome{{record: Record{Enrichment: e}}}
	if len(list) > 0 {
		out = append(out, outcome{record: Record{Advisory: &advisory.Advisory{
			Source: NVD, ID: c.ID, Kind: advisory.Vulnerability,
			Published: e.Published, Modified: e.Modified, CWEs: e.CWEs, Severities: e.Severities, Affected: list,
		}}})
	}
	return rej.outcomes(out...)
}
