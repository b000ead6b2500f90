package v2

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/cvss"
	"github.com/assay-project/assay/internal/resource"
)

// searchVulnerabilities returns what is known of one CVE, whether or not
// anything has it; nothing if nobody speaks of it.
func (o Operations) searchVulnerabilities(ctx context.Context, in *inspector2.SearchVulnerabilitiesRequest) (*inspector2.SearchVulnerabilitiesResponse, error) {
	out := &inspector2.SearchVulnerabilitiesResponse{Vulnerabilities: []inspector2.Vulnerability{}}
	know, done := o.Knowledge()
	defer done()
	for _, id := range in.FilterCriteria.VulnerabilityIDs {
		v, ok, err := vulnerability(ctx, know, id)
		if err != nil {
			return nil, fmt.Errorf("looking %s up: %w", id, err)
		}
		if ok {
			out.Vulnerabilities = append(out.Vulnerabilities, v)
		}
	}
	return out, nil
}

// vulnerability joins what the record of a CVE and the advisories about it say.
func vulnerability(ctx context.Context, know Knowledge, id string) (v inspector2.Vulnerability, ok bool, err error) {
	e, enriched, err := know.Enrichment(id)
	if err != nil {
		return v, false, err
	}
	refs, err := know.Search(id)
	if err != nil || !enriched && len(refs) == 0 {
		return v, false, err
	}
	v = inspector2.Vulnerability{
		ID: id, Source: inspector2.VulnerabilitySourceNvd, SourceURL: "https://nvd.nist.gov/vuln/detail/" + id,
		Description: strings.TrimSpace(e.Description), VendorCreatedAt: e.Published, VendorUpdatedAt: e.Modified, Cwes: e.CWEs,
	}
	ratings := slices.Clone(e.Severities)
	for _, r := range e.References {
		v.ReferenceURLs = append(v.ReferenceURLs, r.URL)
	}
	for _, ref := range refs {
		if err := ctx.Err(); err != nil {
			return v, false, err
		}
		a, err := know.Advisory(ref)
		if err != nil {
			return v, false, err
		}
		v.RelatedVulnerabilities = append(append(v.RelatedVulnerabilities, a.ID), a.Aliases...)
		for i := range a.Affected {
			if p := platform(&a.Affected[i]); p != "" {
				v.DetectionPlatforms = append(v.DetectionPlatforms, p)
			}
		}
		if a.Kind == advisory.Notice {
			continue // says more of other flaws
		}
		ratings = append(ratings, a.Severities...)
		v.Cwes = append(v.Cwes, a.CWEs...)
		for _, r := range a.References {
			v.ReferenceURLs = append(v.ReferenceURLs, r.URL)
		}
		if v.Description == "" {
			v.Description = strings.TrimSpace(a.Details)
		}
	}
	rate(&v, ratings)
	threaten(&v, e)
	v.RelatedVulnerabilities = slices.DeleteFunc(v.RelatedVulnerabilities, func(s string) bool { return s == id })
	v.Cwes, v.RelatedVulnerabilities = set(v.Cwes), set(v.RelatedVulnerabilities)
	v.ReferenceURLs, v.DetectionPlatforms = set(v.ReferenceURLs), set(v.DetectionPlatforms)
	return v, true, nil
}

// platform returns where a package of an advisory is found: DEBIAN_12 for that
// of a distribution, NPM for that of a language; empty where it is not affected.
func platform(a *advisory.Affected) string {
	if a.State == advisory.NotAffected {
		return ""
	}
	if a.Distro == "" {
		return strings.ToUpper(a.Type)
	}
	return resource.Platform(a.Distro, a.Release)
}

// rate takes the rating of NVD in each version of CVSS, else the first one, and
// the first word that there is.
func rate(v *inspector2.Vulnerability, ratings []advisory.Severity) {
	slices.SortStableFunc(ratings, func(a, b advisory.Severity) int {
		switch nvdA, nvdB := a.Source == "NVD", b.Source == "NVD"; {
		case nvdA && !nvdB:
			return -1
		case nvdB && !nvdA:
			return 1
		}
		return 0
	})
	for _, r := range ratings {
		if v.VendorSeverity == "" && len(r.Label) <= 64 {
			v.VendorSeverity = r.Label
		}
		if r.Vector == "" {
			continue
		}
		version, score, err := cvss.Base(r.Vector) // advisories often lack the score
		if err != nil {
			continue // a vector that cannot be read rates nothing
		}
		switch major := version[0]; {
		case major == '4' && v.Cvss4 == nil:
			v.Cvss4 = &inspector2.Cvss4{BaseScore: &score, ScoringVector: r.Vector}
		case major == '3' && v.Cvss3 == nil:
			v.Cvss3 = &inspector2.Cvss3{BaseScore: &score, ScoringVector: r.Vector}
		case major == '2' && v.Cvss2 == nil:
			v.Cvss2 = &inspector2.Cvss2{BaseScore: &score, ScoringVector: r.Vector}
		}
	}
}

// threaten says what is known of attacks.
func threaten(v *inspector2.Vulnerability, e advisory.Enrichment) {
	if e.KEV != nil {
		v.CisaData = &inspector2.CisaData{DateAdded: e.KEV.Added, DateDue: e.KEV.Due}
		v.ExploitObserved = &inspector2.ExploitObserved{LastSeen: e.KEV.Added}
	}
	if e.EPSS != nil {
		score := e.EPSS.Score
		v.Epss = &inspector2.Epss{Score: &score}
	}
}

// set sorts, drops empty and repeated texts, and keeps as many as the API takes.
func set(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > maxListed {
		list = list[:maxListed]
	}
	return list
}
