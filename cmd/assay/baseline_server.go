package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/scan"
)

// apiSpots returns where the packages of a finding are, in their order, as the
// API names them.
func apiSpots(t scan.Target) func(*finding.Finding) []spot {
	return func(f *finding.Finding) []spot {
		return vulnerableAt(report.Finding(f, report.Life{}, t).PackageVulnerabilityDetails)
	}
}

func vulnerableAt(d *inspector2.PackageVulnerabilityDetails) []spot {
	var out []spot
	if d == nil {
		return nil
	}
	for _, p := range d.VulnerablePackages {
		out = append(out, spot{string(p.PackageManager), p.Name, p.FilePath})
	}
	return out
}

// A formerScan says which resource of a server has the findings that are not
// new.
type formerScan struct {
	where inspector2.CoverageFilterCriteria
	not   string // end of the ids that are passed over; empty: none
	words string // for people
}

// formerScanOf returns how a server finds what it had of a resource. The id
// of an image has its digest, so that what an image was before is the image of
// its repository that was scanned last, or the one of that tag; id is what the
// resource is known by if it does not follow from the target, and other is
// given after "server:": for an image TAG, REPOSITORY or REPOSITORY:TAG, else
// the id of another resource.
func formerScanOf(res resource.Resource, id, other string) formerScan {
	equals := func(s string) []inspector2.CoverageStringFilter {
		return []inspector2.CoverageStringFilter{{Comparison: "EQUALS", Value: s}}
	}
	full := res.Complete()
	switch {
	case res.Type == resource.Image && other != "":
		repository, tag := imageNamed(other)
		repository = cmp.Or(repository, full.Image.Repository)
		if tag == "" {
			return formerScan{where: inspector2.CoverageFilterCriteria{EcrRepositoryName: equals(repository)}, words: repository}
		}
		where := inspector2.CoverageFilterCriteria{EcrRepositoryName: equals(repository), EcrImageTags: equals(tag)}
		return formerScan{where: where, words: repository + ":" + tag}
	case other != "":
		return formerScan{where: inspector2.CoverageFilterCriteria{ResourceID: equals(other)}, words: other}
	case id != "":
		return formerScan{where: inspector2.CoverageFilterCriteria{ResourceID: equals(id)}, words: id}
	case res.Type == resource.Image:
		where := inspector2.CoverageFilterCriteria{EcrRepositoryName: equals(full.Image.Repository)}
		return formerScan{where: where, not: "/" + full.Digest, words: full.Image.Repository}
	case res.Type == resource.Function:
		where := inspector2.CoverageFilterCriteria{LambdaFunctionName: equals(full.Function.Name)}
		return formerScan{where: where, words: full.Function.Name}
	}
	return formerScan{where: inspector2.CoverageFilterCriteria{ResourceID: equals(res.ID)}, words: res.ID}
}

// imageNamed takes TAG, REPOSITORY or REPOSITORY:TAG apart: a tag has no slash.
func imageNamed(s string) (repository, tag string) {
	last := s[strings.LastIndexByte(s, '/')+1:]
	before, tag, ok := strings.Cut(last, ":")
	if !ok && last == s {
		return "", s
	}
	image := resource.Resource{Type: resource.Image, ID: resource.ImageARN("", "", strings.TrimSuffix(s, last)+before, "sha256:")}
	return image.Complete().Image.Repository, tag
}

// askBaseline asks a server for the open findings of the resource that was
// scanned last of those meant. If it knows none, all findings are new, and it
// says so on notes.
func askBaseline(ctx context.Context, c *client.Client, of formerScan, notes io.Writer) (baseline, error) {
	api := c.Inspector2()
	id, err := lastScanned(ctx, api, of)
	if err != nil {
		return baseline{}, fmt.Errorf("asking the server for the baseline, which takes a key that may look at findings: %w", err)
	}
	if id == "" {
		fmt.Fprintf(notes, "the server has no scan of %s to compare with: every finding counts as new\n", of.words)
		return baseline{name: of.words + " at the server"}, nil
	}
	out := baseline{name: of.words + " at the server"}
	if _, digest, ok := strings.Cut(id, "/sha256:"); ok {
		out.name = of.words + " (" + digest[:min(len(digest), 12)] + ") at the server"
	}
	in := inspector2.ListFindingsRequest{FilterCriteria: &inspector2.FilterCriteria{
		ResourceID: []inspector2.StringFilter{{Comparison: "EQUALS", Value: id}},
		// What somebody has chosen to suppress is not news.
		FindingStatus: []inspector2.StringFilter{{Comparison: "EQUALS", Value: "ACTIVE"}, {Comparison: "EQUALS", Value: "SUPPRESSED"}},
	}}
	for {
		page, err := api.ListFindings(ctx, &in)
		if err != nil {
			return baseline{}, fmt.Errorf("asking the server for the findings of %s: %w", id, err)
		}
		for i := range page.Findings {
			if d := page.Findings[i].PackageVulnerabilityDetails; d != nil {
				out.findings = append(out.findings, former{[]string{d.VulnerabilityID}, vulnerableAt(d)})
			}
		}
		if page.NextToken == "" {
			return out, nil
		}
		if page.NextToken == in.NextToken {
			return baseline{}, errors.New("asking the server for findings: it gives the same page again and again")
		}
		in.NextToken = page.NextToken
	}
}

// lastScanned returns the id of the resource that was scanned last; empty if
// there is none.
func lastScanned(ctx context.Context, api *inspector2.Handlers, of formerScan) (string, error) {
	in := inspector2.ListCoverageRequest{FilterCriteria: &of.where}
	id, at := "", time.Time{}
	for {
		page, err := api.ListCoverage(ctx, &in)
		if err != nil {
			return "", err
		}
		for _, r := range page.CoveredResources {
			if of.not != "" && strings.HasSuffix(r.ResourceID, of.not) {
				continue
			}
			if id == "" || r.LastScannedAt.After(at) {
				id, at = r.ResourceID, r.LastScannedAt
			}
		}
		if page.NextToken == "" {
			return id, nil
		}
		if page.NextToken == in.NextToken {
			return "", errors.New("asking the server for coverage: it gives the same page again and again")
		}
		in.NextToken = page.NextToken
	}
}
