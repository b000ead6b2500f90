package v2

import (
	"context"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
)

// No CIS scan has been made yet: nothing makes any. So each list is empty,
// whatever it is asked for, and no token can have come from it.

func noToken(token string) error {
	if token != "" {
		return fault.OnField("nextToken", "does not belong to this request or is too old")
	}
	return nil
}

func (o Operations) listCisScans(_ context.Context, in *inspector2.ListCisScansRequest) (*inspector2.ListCisScansResponse, error) {
	return &inspector2.ListCisScansResponse{Scans: []inspector2.CisScan{}}, noToken(in.NextToken)
}

func (o Operations) listCisScanResultsAggregatedByChecks(
	_ context.Context, in *inspector2.ListCisScanResultsAggregatedByChecksRequest,
) (*inspector2.ListCisScanResultsAggregatedByChecksResponse, error) {
	return &inspector2.ListCisScanResultsAggregatedByChecksResponse{}, noToken(in.NextToken)
}

func (o Operations) listCisScanResultsAggregatedByTargetResource(
	_ context.Context, in *inspector2.ListCisScanResultsAggregatedByTargetResourceRequest,
) (*inspector2.ListCisScanResultsAggregatedByTargetResourceResponse, error) {
	return &inspector2.ListCisScanResultsAggregatedByTargetResourceResponse{}, noToken(in.NextToken)
}

func (o Operations) getCisScanResultDetails(
	_ context.Context, in *inspector2.GetCisScanResultDetailsRequest,
) (*inspector2.GetCisScanResultDetailsResponse, error) {
	return &inspector2.GetCisScanResultDetailsResponse{}, noToken(in.NextToken)
}

func (o Operations) getCisScanReport(
	_ context.Context, in *inspector2.GetCisScanReportRequest,
) (*inspector2.GetCisScanReportResponse, error) {
	return nil, fault.New(fault.NotFound, "There is no resource %s.", in.ScanARN)
}
