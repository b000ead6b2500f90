package classic

import (
	"context"

	"github.com/assay-project/assay/internal/api/inspector"
)

// listFindings lists the findings of runs, of which there are none: see startRun.
func (o Operations) listFindings(ctx context.Context, in *inspector.ListFindingsRequest) (*inspector.ListFindingsResponse, error) {
	f := or(in.Filter)
	if _, err := within(f.CreationTimeRange, inspector.InvalidInputErrorCodeInvalidAssessmentRunStartTimeRange); err != nil {
		return nil, err
	}
	if _, err := parents[run](ctx, o, runKind, in.AssessmentRunARNs); err != nil {
		return nil, err
	}
	p := page{
		operation: "ListFindings", asked: []any{in.AssessmentRunARNs, f},
		token: in.NextToken, size: in.MaxResults, most: maxARNs,
	}
	rows, next, err := cut[string](ctx, o, p, nil)
	return &inspector.ListFindingsResponse{FindingARNs: rows, NextToken: next}, err
}

// look returns what is wrong with the ARN of a finding; at least, that there is
// no such finding.
func look(ctx context.Context, arn string) (inspector.Finding, error) {
	if err := findingKind.check(ctx, arn); err != nil {
		return inspector.Finding{}, err
	}
	return inspector.Finding{}, findingKind.none(arn)
}

func (Operations) describeFindings(ctx context.Context, in *inspector.DescribeFindingsRequest) (*inspector.DescribeFindingsResponse, error) {
	list, failed, err := describe(in.FindingARNs, func(arn string) (inspector.Finding, error) { return look(ctx, arn) })
	return &inspector.DescribeFindingsResponse{Findings: list, FailedItems: failed}, err
}

func (Operations) addAttributes(
	ctx context.Context, in *inspector.AddAttributesToFindingsRequest,
) (*inspector.AddAttributesToFindingsResponse, error) {
	if err := checkAttributes(in.Attributes); err != nil {
		return nil, err
	}
	_, failed, err := describe(in.FindingARNs, func(arn string) (inspector.Finding, error) { return look(ctx, arn) })
	return &inspector.AddAttributesToFindingsResponse{FailedItems: failed}, err
}

func (Operations) removeAttributes(
	ctx context.Context, in *inspector.RemoveAttributesFromFindingsRequest,
) (*inspector.RemoveAttributesFromFindingsResponse, error) {
	_, failed, err := describe(in.FindingARNs, func(arn string) (inspector.Finding, error) { return look(ctx, arn) })
	return &inspector.RemoveAttributesFromFindingsResponse{FailedItems: failed}, err
}
