package feed

import (
	"cmp"
	"context"
	"path"
	"strconv"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// rubyRecord is a record of a gem, or of an implementation of Ruby.
// Source: rubysec/ruby-advisory-db, README, "Schema".
type rubyRecord struct {
	Gem        string   `yaml:"gem"`
	Engine     string   `yaml:"engine"`  // ruby, jruby, mruby
	Library    string   `yaml:"library"` // rubygems, in old records
	Platform   string   `yaml:"platform"`
	CVE        string   `yaml:"cve"`   // without the prefix
	OSVDB      string   `yaml:"osvdb"` // likewise
	GHSA       string   `yaml:"ghsa"`  // likewise
	URL        string   `yaml:"url"`
	Title      string   `yaml:"title"`
	Date       string   `yaml:"date"`
	Details    string   `yaml:"description"`
	V2         string   `yaml:"cvss_v2"` // scores; there are no vectors
	V3         string   `yaml:"cvss_v3"`
	V4         string   `yaml:"cvss_v4"`
	Patched    []string `yaml:"patched_versions"`
	Unaffected []string `yaml:"unaffected_versions"`
	Related    struct {
		CVE  []string `yaml:"cve"`
		GHSA []string `yaml:"ghsa"`
		URL  []string `yaml:"url"`
	} `yaml:"related"`
}

func isRubySec(head []byte) bool {
	keys := topKeys(head)
	_, url := keys["url"]
	_, date := keys["date"]
	return url && date && (keys["gem"] != "" || keys["engine"] != "" || keys["library"] != "")
}

func readRubySec(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseRubySec)
}

// parseRubySec reads one record. It has no id but its place: one flaw has a
// record for each gem.
func parseRubySec(doc document) []outcome {
	var r rubyRecord
	if err := fromYAML(doc.data, &r); err != nil {
		return refused(doc.name, rejectYAML, err.Error())
	}
	id := placeID(doc.name, 3)
	p, g := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "gem"}, Name: r.Gem}, gemGrammar
	switch {
	case r.Gem != "":
	case r.Engine != "":
		p.Type, p.Name, g = "generic", strings.ToLower(r.Engine), rubyGrammar
	case r.Library == "rubygems": // a gem updates it
		p.Name = "rubygems-update"
	default:
		p.Name = r.Library
	}
	switch {
	case !isID(id):
		return refused(doc.name, rejectNoID, id)
	case !isName(p.Name):
		return refused(id, rejectName, p.Name)
	}
	rej := rejects{id: id}
	a := &advisory.Advisory{
		Source:    RubySec,
		ID:        id,
		Kind:      advisory.Vulnerability,
		Summary:   clip(oneLine(r.Title), maxSummary),
		Details:   clip(strings.TrimSpace(r.Details), maxDetails),
		Published: rej.date(r.Date),
		Aliases:   sortedWithout(rej.prefixed("CVE-", r.CVE, "GHSA-", r.GHSA, "OSVDB-", r.OSVDB), id),
	}
	var related []string
	for _, c := range r.Related.CVE {
		related = append(related, rej.prefixed("CVE-", c)...)
	}
	for _, c := range r.Related.GHSA {
		related = append(related, rej.prefixed("GHSA-", c)...)
	}
	a.Related = sortedWithout(related, id)
	a.References = references(osvReferences(append([]string{r.URL}, r.Related.URL...)))
	rej.score(a, cmp.Or(r.V4, r.V3, r.V2), "RubySec")
	if !rej.unless(&p, g, r.Patched, r.Unaffected) {
		return refused(id, rejectEmpty, p.Name)
	}
	a.Affected = []advisory.Affected{p}
	return rej.outcomes(outcome{record: Record{Advisory: a}})
}

// placeID is the id of a record that has none: the last n parts of its path,
// without the ending.
func placeID(name string, n int) string {
	parts := strings.Split(strings.TrimSuffix(name, path.Ext(name)), "/")
	return strings.Join(parts[max(0, len(parts)-n):], "/")
}

// prefixed returns ids with their prefixes, given in pairs of both. An empty
// id is none.
func (r *rejects) prefixed(pairs ...string) []string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if id := strings.TrimSpace(pairs[i+1]); id != "" {
			out = append(out, pairs[i]+strings.TrimPrefix(id, pairs[i]))
		}
	}
	return r.ids(out)
}

// score adds a rating that has a number and no vector, with the word for it.
// Source: CVSS 3.1 specification, section 5, "Qualitative Severity Rating
// Scale", which 4.0 repeats.
func (r *rejects) score(a *advisory.Advisory, text, source string) {
	if text == "" {
		return
	}
	score, err := strconv.ParseFloat(text, 64)
	if err != nil || !(score >= 0 && score <= 10) {
		r.add(rejectVector, text)
		return
	}
	label := "critical"
	switch {
	case score == 0:
		label = "none"
	case score < 4:
		label = "low"
	case score < 7:
		label = "medium"
	case score < 9:
		label = "high"
	}
	a.Severities = append(a.Severities, advisory.Severity{Source: source, Score: score, Label: label})
}
