package server

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
)

// findingReasons returns why there is a finding.
func (s *server) findingReasons(ctx context.Context, r request) (any, error) {
	arn := r.URL.Query().Get("arn")
	if arn == "" {
		return nil, fault.OnField("arn", "Member must not be null")
	}
	list, err := s.store.FindingsByARN(ctx, r.caller.Scope, []string{arn})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "There is no finding %s that you see.", arn)
	}
	return s.monitor.Why(ctx, r.caller.Scope, list[0])
}

// FindingValues is values of a field that something has.
type FindingValues struct {
	Values []string `json:"values"`
}

// defaultValues is how many values there are if nobody says so.
const defaultValues = 20

// findingValues returns suggestions for a filter.
func (s *server) findingValues(ctx context.Context, r request) (any, error) {
	q := r.URL.Query()
	limit := defaultValues
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fault.OnField("limit", "%q is not a number", text)
		}
		limit = n
	}
	list, err := s.store.Suggest(ctx, r.caller.Scope, q.Get("field"), q.Get("prefix"), limit)
	return FindingValues{list}, err
}

// Vulnerability is all that is known of one, and what has it.
type Vulnerability struct {
	ID          string                  `json:"id"`
	Aliases     []string                `json:"aliases"`
	Title       string                  `json:"title,omitempty"`
	Description string                  `json:"description,omitempty"`
	Severity    string                  `json:"severity,omitempty"` // the word of the gravest score
	Scores      []VulnerabilityScore    `json:"scores"`
	EPSS        *VulnerabilityEPSS      `json:"epss,omitempty"`
	KEV         *VulnerabilityKEV       `json:"kev,omitempty"`
	Published   time.Time               `json:"published,omitzero"`
	Modified    time.Time               `json:"modified,omitzero"`
	CWEs        []string                `json:"cwes"`
	References  []string                `json:"references"`
	Affected    []VulnerabilityAffected `json:"affected"`
	Resources   []VulnerabilityResource `json:"resources"` // at most a hundred
	More        bool                    `json:"more"`      // resources have it, or affected packages, that are not listed
}

// VulnerabilityScore is how somebody rates it.
type VulnerabilityScore struct {
	Source  string  `json:"source"`
	Version string  `json:"version,omitempty"` // of CVSS
	Vector  string  `json:"vector,omitempty"`
	Score   float64 `json:"score,omitempty"`
	Label   string  `json:"label,omitempty"`
}

// VulnerabilityEPSS is how likely it is to be exploited.
type VulnerabilityEPSS struct {
	Score      float64   `json:"score"`
	Percentile float64   `json:"percentile"`
	Date       time.Time `json:"date,omitzero"`
}

// VulnerabilityKEV is when it was seen to be exploited.
type VulnerabilityKEV struct {
	Added time.Time `json:"added"`
	Due   time.Time `json:"due,omitzero"`
}

// VulnerabilityAffected is a package that has it.
type VulnerabilityAffected struct {
	Advisory  string                `json:"advisory"`
	Ecosystem string                `json:"ecosystem"`
	Package   string                `json:"package"`
	State     string                `json:"state,omitempty"`
	Ranges    []monitor.ReasonRange `json:"ranges"`
}

// VulnerabilityResource is a resource that has it, or had.
type VulnerabilityResource struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Account    string `json:"account"`
	Status     string `json:"status"`
	FindingARN string `json:"findingArn"`
	Severity   string `json:"severity"`
	Package    string `json:"package"`
	Version    string `json:"version"`
	Fixed      string `json:"fixed,omitempty"`
}

// Limits of what is told of a vulnerability.
const (
	maxAffected  = 500
	maxResources = 100
	maxNames     = 10 // of conditions on one field
)

// vulnerability returns what is known of a vulnerability and which resources have
// it.
func (s *server) vulnerability(ctx context.Context, r request) (any, error) {
	id := strings.TrimSpace(r.PathValue("id"))
	know, release := s.library.lend()
	defer release()
	v, names, ok, err := factsOf(know, id)
	if err == nil && !ok && id != strings.ToUpper(id) {
		v, names, ok, err = factsOf(know, strings.ToUpper(id))
	}
	if err != nil {
		return nil, fmt.Errorf("looking %s up: %w", id, err)
	}
	list, next, err := s.store.Findings(ctx, r.caller.Scope, filter.Criteria{"vulnerabilityId": filter.Text(filter.Equals, names...)},
		store.Page{Size: maxResources, Caller: r.caller.Account.String(), Now: r.now})
	if err != nil {
		return nil, err
	}
	if !ok && len(list) == 0 {
		return nil, fault.New(fault.NotFound, "Nothing is known of %q. Ids look like CVE-2024-3094, GHSA-…, DSA-…, USN-… or RHSA-…; "+
			"what was published after the advisories in use were built is not in them.", id)
	}
	for i := range list {
		f := &list[i]
		one := VulnerabilityResource{
			ID: f.Resource.ID, Type: string(f.Resource.Type), Account: f.Resource.Account, Status: string(f.Status), FindingARN: f.ARN,
			Severity: string(f.Severity),
		}
		if len(f.Packages) > 0 {
			p := f.Packages[0]
			one.Package, one.Version, one.Fixed = p.Name, p.Version, p.Fixed
		}
		v.Resources = append(v.Resources, one)
		v.Title, v.Description = cmp.Or(v.Title, f.Title), cmp.Or(v.Description, f.Description)
	}
	v.More = v.More || next != ""
	return v, nil
}

// factsOf joins what advisories and others say of a vulnerability, and returns the
// names under which findings may have it; false if nobody speaks of it.
func factsOf(know *vulndb.Known, id string) (v Vulnerability, names []string, ok bool, err error) {
	v = Vulnerability{
		ID: id, Aliases: []string{}, Scores: []VulnerabilityScore{}, CWEs: []string{}, References: []string{}, Affected: []VulnerabilityAffected{},
		Resources: []VulnerabilityResource{},
	}
	names = []string{cmp.Or(id, "-")}
	refs, err := know.Search(id)
	if err != nil {
		return v, names, false, err
	}
	var ratings []advisory.Severity
	for _, ref := range refs {
		a, err := know.Advisory(ref)
		if err != nil {
			return v, names, false, err
		}
		v.add(a)
		ratings = append(ratings, a.Severities...)
		names = append(names, slices.Concat([]string{a.ID}, a.Aliases)...)
		if a.ID == id {
			names = append(names, a.Upstream...)
		}
	}
	cves := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return !strings.HasPrefix(s, "CVE-") })
	for _, cve := range distinctTexts(cves) {
		e, enriched, err := know.Enrichment(cve)
		if err != nil {
			return v, names, false, err
		}
		if enriched && (cve == id || !strings.HasPrefix(id, "CVE-")) {
			ok = true
			v.enrich(e)
			ratings = append(slices.Clone(e.Severities), ratings...)
		}
	}
	v.rate(ratings)
	v.Aliases = distinctTexts(slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == id }))
	v.CWEs, v.References = distinctTexts(v.CWEs), distinctTexts(v.References)
	// Findings are named by the CVE if there is one.
	names = slices.Concat([]string{cmp.Or(id, "-")}, distinctTexts(cves), v.Aliases)
	return v, firstTexts(names, maxNames), ok || len(refs) > 0, nil
}

// add takes in what an advisory says.
func (v *Vulnerability) add(a advisory.Advisory) {
	if a.Kind != advisory.Notice || a.ID == v.ID {
		v.Title = cmp.Or(v.Title, strings.TrimSpace(a.Summary))
		v.Description = cmp.Or(v.Description, strings.TrimSpace(a.Details))
		if !a.Published.IsZero() && (v.Published.IsZero() || a.Published.Before(v.Published)) {
			v.Published = a.Published
		}
		if a.Modified.After(v.Modified) {
			v.Modified = a.Modified
		}
		v.CWEs = append(v.CWEs, a.CWEs...)
	}
	for _, r := range a.References {
		v.References = append(v.References, r.URL)
	}
	for i := range a.Affected {
		p := &a.Affected[i]
		if len(v.Affected) == maxAffected {
			v.More = true
			return
		}
		one := VulnerabilityAffected{
			Advisory: a.ID, Ecosystem: p.String(), Package: p.Name, State: string(p.State), Ranges: []monitor.ReasonRange{},
		}
		for _, r := range p.Ranges {
			one.Ranges = append(one.Ranges, monitor.ReasonRange{Introduced: r.Introduced, Fixed: r.Fixed, LastAffected: r.LastAffected, Text: r.String()})
		}
		if len(p.Versions) > 0 {
			one.Ranges = append(one.Ranges, monitor.ReasonRange{Text: strings.Join(p.Versions[:min(len(p.Versions), 20)], ", ")})
		}
		v.Affected = append(v.Affected, one)
	}
}

// enrich takes in what others say of the CVE.
func (v *Vulnerability) enrich(e advisory.Enrichment) {
	v.Title, v.Description = cmp.Or(e.Title, v.Title), cmp.Or(strings.TrimSpace(e.Description), v.Description)
	if !e.Published.IsZero() {
		v.Published = e.Published
	}
	if e.Modified.After(v.Modified) {
		v.Modified = e.Modified
	}
	v.CWEs = append(v.CWEs, e.CWEs...)
	for _, r := range e.References {
		v.References = append(v.References, r.URL)
	}
	if e.EPSS != nil && v.EPSS == nil {
		v.EPSS = &VulnerabilityEPSS{e.EPSS.Score, e.EPSS.Percentile, e.EPSS.Date}
	}
	if e.KEV != nil && v.KEV == nil {
		v.KEV = &VulnerabilityKEV{e.KEV.Added, e.KEV.Due}
	}
}

// rate fills in the scores, each once, and the word for the highest.
func (v *Vulnerability) rate(ratings []advisory.Severity) {
	highest := -1.0
	for _, r := range ratings {
		one := VulnerabilityScore{r.Source, r.Version, r.Vector, r.Score, r.Label}
		if version, score, err := cvss.Base(r.Vector); r.Vector != "" && err == nil {
			one.Version, one.Score = version, score
		}
		if one.Score > highest && one.Score > 0 {
			highest, v.Severity = one.Score, severityWord(one.Score)
		}
		if !slices.Contains(v.Scores, one) {
			v.Scores = append(v.Scores, one)
		}
	}
	if v.Severity == "" && len(v.Scores) > 0 {
		v.Severity = strings.ToUpper(v.Scores[0].Label)
	}
}

// severityWord is the word for a score.
// Source: CVSS v3.1 Specification, section 5, "Qualitative Severity Rating Scale".
func severityWord(score float64) string {
	switch {
	case score >= 9:
		return "CRITICAL"
	case score >= 7:
		return "HIGH"
	case score >= 4:
		return "MEDIUM"
	}
	return "LOW"
}

// distinctTexts returns the texts in their order, each once; never nil.
func distinctTexts(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	return append([]string{}, slices.Compact(list)...)
}

// firstTexts returns the first of a list, each once.
func firstTexts(list []string, most int) []string {
	var out []string
	for _, s := range list {
		if len(out) < most && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
