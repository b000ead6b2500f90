package v2

import (
	"context"
	"strings"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// maxListed is how many references and names of a vulnerability the API takes.
// Source: Inspector2 API model, types VulnerabilityReferenceUrls and
// RelatedVulnerabilities.
const maxListed = 100

// findingDetails returns what is known of attacks behind findings.
func (o Operations) findingDetails(ctx context.Context, in *inspector2.BatchGetFindingDetailsRequest) (*inspector2.BatchGetFindingDetailsResponse, error) {
	scope := api.CallerOf(ctx).Scope
	list, err := o.Store.FindingsByARN(ctx, scope, in.FindingARNs)
	if err != nil {
		return nil, err
	}
	byARN := make(map[string]*store.Finding, len(list))
	for i := range list {
		byARN[list[i].ARN] = &list[i]
	}
	out := &inspector2.BatchGetFindingDetailsResponse{FindingDetails: []inspector2.FindingDetail{}}
	for _, arn := range unique(in.FindingARNs) {
		if f := byARN[arn]; f != nil {
			out.FindingDetails = append(out.FindingDetails, detail(f))
			continue
		}
		e := inspector2.FindingDetailsError{
			FindingARN: arn, ErrorCode: inspector2.FindingDetailsErrorCodeFindingDetailsNotFound,
			ErrorMessage: "There is no such finding.",
		}
		if !visible(scope, arn) {
			e.ErrorCode, e.ErrorMessage = inspector2.FindingDetailsErrorCodeAccessDenied, "The finding is of an account that you do not see."
		}
		out.Errors = append(out.Errors, e)
	}
	return out, nil
}

// detail returns what is known of the vulnerability of a finding. Nobody has
// documented how Amazon makes its risk score, and there are no techniques and
// tools of attackers in public sources: they are left out.
func detail(f *store.Finding) inspector2.FindingDetail {
	out := inspector2.FindingDetail{FindingARN: f.ARN, ReferenceURLs: f.References, Cwes: f.CWEs}
	if len(out.ReferenceURLs) > maxListed {
		out.ReferenceURLs = out.ReferenceURLs[:maxListed]
	}
	if f.KEV != nil {
		out.CisaData = &inspector2.CisaData{DateAdded: f.KEV.Added, DateDue: f.KEV.Due}
		out.ExploitObserved = &inspector2.ExploitObserved{LastSeen: f.KEV.Added}
	}
	if f.EPSS != nil {
		out.EpssScore = &f.EPSS.Score
	}
	return out
}

// codeSnippets would return the code around code findings, of which there are
// none: only scans of packages make findings so far.
func (o Operations) codeSnippets(ctx context.Context, in *inspector2.BatchGetCodeSnippetRequest) (*inspector2.BatchGetCodeSnippetResponse, error) {
	scope := api.CallerOf(ctx).Scope
	out := &inspector2.BatchGetCodeSnippetResponse{CodeSnippetResults: []inspector2.CodeSnippetResult{}}
	for _, arn := range unique(in.FindingARNs) {
		e := inspector2.CodeSnippetError{
			FindingARN: arn, ErrorCode: inspector2.CodeSnippetErrorCodeCodeSnippetNotFound,
			ErrorMessage: "There is no code of this finding.",
		}
		if !visible(scope, arn) {
			e.ErrorCode, e.ErrorMessage = inspector2.CodeSnippetErrorCodeAccessDenied, "The finding is of an account that you do not see."
		}
		out.Errors = append(out.Errors, e)
	}
	return out, nil
}

// visible tells whether a name is that of something in an account of the scope.
func visible(scope org.Scope, arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return false
	}
	account, err := org.ParseAccount(parts[4])
	return err == nil && scope.Has(account)
}

// unique returns each text once, in the order in which they come.
func unique(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
