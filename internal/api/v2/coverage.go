package v2

import (
	"context"
	"errors"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/store"
)

// maxGroups is how many groups one answer has.
// Source: Inspector2 API model, type CountsList.
const maxGroups = 5

// listCoverage returns what is scanned, and why something is not.
func (o Operations) listCoverage(ctx context.Context, in *inspector2.ListCoverageRequest) (*inspector2.ListCoverageResponse, error) {
	caller := api.CallerOf(ctx)
	where, err := criteria("filterCriteria", in.FilterCriteria)
	if err != nil {
		return nil, err
	}
	list, next, err := o.Store.Coverage(ctx, caller.Scope, where, store.Page{
		Size: size(in.MaxResults, coveragePage), After: in.NextToken, Caller: caller.Account.String(), Now: o.Now(),
	})
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListCoverageResponse{CoveredResources: make([]inspector2.CoveredResource, 0, len(list)), NextToken: next}
	for _, c := range list {
		out.CoveredResources = append(out.CoveredResources, CoveredResource(c))
	}
	return out, nil
}

// coverageStatistics counts the same. Groups come from the largest on; the
// model has no place for what they have in common.
func (o Operations) coverageStatistics(ctx context.Context, in *inspector2.ListCoverageStatisticsRequest) (*inspector2.ListCoverageStatisticsResponse, error) {
	caller, now := api.CallerOf(ctx), o.Now()
	where, err := criteria("filterCriteria", in.FilterCriteria)
	if err != nil {
		return nil, err
	}
	query := filter.Query{
		Operation: "coverage statistics", Caller: caller.Account.String(), Criteria: where, Sort: string(in.GroupBy),
	}
	first := 0
	if in.NextToken != "" {
		if first, err = filter.Open[int](o.Store.Sealer(), query, in.NextToken, now); errors.Is(err, filter.ErrToken) {
			return nil, fault.OnField("nextToken", "%v", err)
		} else if err != nil {
			return nil, err
		}
	}
	groups, total, err := o.Store.CoverageCounts(ctx, caller.Scope, where, string(in.GroupBy))
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListCoverageStatisticsResponse{TotalCounts: total}
	for i := first; i < min(len(groups), first+maxGroups); i++ {
		out.CountsByGroup = append(out.CountsByGroup, inspector2.Counts{Count: &groups[i].Count, GroupKey: in.GroupBy})
	}
	if first+maxGroups < len(groups) {
		out.NextToken, err = filter.Seal(o.Store.Sealer(), query, first+maxGroups, now)
	}
	return out, err
}

// clustersForImage would return where an image runs, which nobody tells yet.
func (o Operations) clustersForImage(context.Context, *inspector2.GetClustersForImageRequest) (*inspector2.GetClustersForImageResponse, error) {
	return &inspector2.GetClustersForImageResponse{Cluster: []inspector2.ClusterInformation{}}, nil
}

// CoverageCriteria returns what a request asks of coverage; nil asks for all.
// The fault for criteria that are not valid is Invalid.
func CoverageCriteria(in *inspector2.CoverageFilterCriteria) (filter.Criteria, error) {
	return criteria("filterCriteria", in)
}

// CoveredResource returns a resource and its coverage as ListCoverage tells of
// them.
func CoveredResource(c store.Covered) inspector2.CoveredResource {
	r := c.Resource.Complete()
	return inspector2.CoveredResource{
		ResourceType: inspector2.CoverageResourceType(r.Type), ResourceID: r.ID, AccountID: r.Account,
		ScanType:         inspector2.ScanType(c.ScanType),
		ScanStatus:       &inspector2.ScanStatus{StatusCode: inspector2.ScanStatusCode(c.Code), Reason: inspector2.ScanStatusReason(c.Reason)},
		ResourceMetadata: report.Metadata(r), LastScannedAt: c.Scanned, ScanMode: inspector2.ScanMode(c.Mode),
		Provider: inspector2.Provider(r.Cloud.Provider), ProviderAccountID: r.Cloud.Account, ProviderOrgID: r.Cloud.Organization,
		ProviderRegion: r.Cloud.Region, ProviderPartition: r.Cloud.Partition(),
	}
}
