package v2

import (
	"context"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/scan"
)

// Sizes of pages if nobody says how large.
// Source: Inspector2 API model, types FindingList and ListCoverageMaxResults.
const (
	findingsPage = 25
	coveragePage = 200
)

// findingHandlers are the operations on findings, vulnerabilities and coverage.
func (o Operations) findingHandlers(h *inspector2.Handlers) {
	h.ListFindings = o.listFindings
	h.BatchGetFindingDetails = o.findingDetails
	h.BatchGetCodeSnippet = o.codeSnippets
	h.SearchVulnerabilities = o.searchVulnerabilities
	h.ListCoverage = o.listCoverage
	h.ListCoverageStatistics = o.coverageStatistics
	h.GetClustersForImage = o.clustersForImage
}

// listFindings returns the findings that the caller sees and that fit, of every
// status if it does not choose.
func (o Operations) listFindings(ctx context.Context, in *inspector2.ListFindingsRequest) (*inspector2.ListFindingsResponse, error) {
	caller := api.CallerOf(ctx)
	where, err := criteria("filterCriteria", in.FilterCriteria)
	if err != nil {
		return nil, err
	}
	page := store.Page{Size: size(in.MaxResults, findingsPage), After: in.NextToken, Caller: caller.Account.String(), Now: o.Now()}
	if in.SortCriteria != nil {
		page.Sort, page.Ascending = string(in.SortCriteria.Field), in.SortCriteria.SortOrder == inspector2.SortOrderAsc
	}
	list, next, err := o.Store.Findings(ctx, caller.Scope, where, page)
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListFindingsResponse{Findings: make([]inspector2.Finding, 0, len(list)), NextToken: next}
	for i := range list {
		out.Findings = append(out.Findings, present(&list[i]))
	}
	return out, nil
}

// present returns a stored finding as the API has it.
func present(f *store.Finding) inspector2.Finding {
	life := report.Life{Type: f.Type, Status: string(f.Status), First: f.First, Updated: f.Updated}
	return report.Finding(&f.Finding, life, scan.Target{})
}

func size(given *int32, otherwise int) int {
	if given == nil {
		return otherwise
	}
	return int(*given)
}
