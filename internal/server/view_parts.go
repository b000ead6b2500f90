package server

import (
	"context"
	"encoding/json"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
)

// A viewPart is one of several operations that a page of the dashboard asks for
// in one request.
type viewPart struct {
	name   string // the member of the answer that has its own
	action string // that a role must allow
	reach  reach
	do     func(s *server, ctx context.Context, r request) (any, error)
}

// together returns what answers several operations at once. What the caller may
// not ask for is not in the answer.
func together(parts ...viewPart) func(s *server, ctx context.Context, r request) (any, error) {
	return func(s *server, ctx context.Context, r request) (any, error) {
		answers := make([]any, len(parts))
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(summaryAtOnce)
		for i, p := range parts {
			if !r.caller.Role.Allows(p.action) {
				continue
			}
			group.Go(func() (err error) {
				part := r
				if part.scope, err = s.scope(ctx, r.caller, p.reach); err == nil {
					answers[i], err = p.do(s, ctx, part)
				}
				if fault.KindOf(err) == fault.Denied {
					answers[i], err = nil, nil
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
		out := map[string]any{}
		for i, p := range parts {
			if answers[i] != nil {
				out[p.name] = answers[i]
			}
		}
		return out, nil
	}
}

// The parts of the views.
var (
	accountsPart = viewPart{"accounts", "assay:ListAccounts", everybody, (*server).listAccounts}
	accountParts = []viewPart{
		accountsPart,
		{"administrators", "inspector2:ListDelegatedAdminAccounts", callersOwn, (*server).viewAdministrators},
		{"members", "inspector2:ListMembers", callersOwn, (*server).viewMembers},
		{"states", "inspector2:BatchGetAccountStatus", callersOwn, (*server).viewStates},
		{"organization", "inspector2:DescribeOrganizationConfiguration", callersOwn, (*server).viewOrganization},
	}
	usageParts = []viewPart{
		accountsPart,
		{"usage", "inspector2:ListUsageTotals", callersOwn, (*server).viewUsage},
		{"trials", "inspector2:BatchGetFreeTrialInfo", callersOwn, (*server).viewTrials},
	}
	startParts = []viewPart{
		{"start", "assay:GetStart", everybody, (*server).start},
		{"machine", "assay:GetThisMachine", installation, (*server).getThisMachine},
	}
	scanningParts = []viewPart{
		{"configuration", "inspector2:GetConfiguration", callersOwn, (*server).viewConfiguration},
		{"inspection", "inspector2:GetEc2DeepInspectionConfiguration", callersOwn, (*server).viewInspection},
	}
	filterParts = []viewPart{{"filters", "inspector2:ListFilters", callersOwn, (*server).viewFilters}}
	exportParts = []viewPart{
		{"report", "assay:GetReport", callersOwn, (*server).reportLinks},
		{"order", "assay:GetReport", callersOwn, (*server).viewOrder},
	}
)

// viewAccounts is how many accounts a view tells of at most.
const viewAccounts = 1000

// written returns what an operation answers as that writes it.
func written[T any](s *server, v *T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	text, err := wire.WriterOf[T](s.views.lists().service).Append(nil, v)
	return json.RawMessage(text), err
}

// seen returns the accounts that the caller sees, its own first, as the API names
// them.
func seen(ctx context.Context) []string {
	caller := api.CallerOf(ctx)
	out := []string{caller.Account.String()}
	for _, a := range caller.Scope.Accounts() {
		if a != caller.Account && len(out) < viewAccounts {
			out = append(out, a.String())
		}
	}
	return out
}

func (s *server) viewAdministrators(ctx context.Context, _ request) (any, error) {
	out, err := s.views.lists().all.ListDelegatedAdminAccounts(ctx, &inspector2.ListDelegatedAdminAccountsRequest{})
	return written(s, out, err)
}

// viewMembers returns the members, those that were as well; with a token if
// there are more than a view has.
func (s *server) viewMembers(ctx context.Context, _ request) (any, error) {
	onlyNow := false
	in := inspector2.ListMembersRequest{OnlyAssociated: &onlyNow}
	var out inspector2.ListMembersResponse
	for {
		page, err := s.views.lists().all.ListMembers(ctx, &in)
		if err != nil {
			return nil, err
		}
		out.Members = append(out.Members, page.Members...)
		if out.NextToken = page.NextToken; out.NextToken == "" || len(out.Members) >= viewAccounts {
			return written(s, &out, nil)
		}
		in.NextToken = page.NextToken
	}
}

func (s *server) viewStates(ctx context.Context, _ request) (any, error) {
	out, err := s.views.lists().all.BatchGetAccountStatus(ctx, &inspector2.BatchGetAccountStatusRequest{AccountIDs: seen(ctx)})
	return written(s, out, err)
}

func (s *server) viewOrganization(ctx context.Context, _ request) (any, error) {
	out, err := s.views.lists().all.DescribeOrganizationConfiguration(ctx, &inspector2.DescribeOrganizationConfigurationRequest{})
	return written(s, out, err)
}

func (s *server) viewUsage(ctx context.Context, _ request) (any, error) {
	var in inspector2.ListUsageTotalsRequest
	var out inspector2.ListUsageTotalsResponse
	for {
		page, err := s.views.lists().all.ListUsageTotals(ctx, &in)
		if err != nil {
			return nil, err
		}
		out.Totals = append(out.Totals, page.Totals...)
		if out.NextToken = page.NextToken; out.NextToken == "" || len(out.Totals) >= viewAccounts {
			return written(s, &out, nil)
		}
		in.NextToken = page.NextToken
	}
}

func (s *server) viewTrials(ctx context.Context, _ request) (any, error) {
	out, err := s.views.lists().all.BatchGetFreeTrialInfo(ctx, &inspector2.BatchGetFreeTrialInfoRequest{AccountIDs: seen(ctx)})
	return written(s, out, err)
}

func (s *server) viewConfiguration(ctx context.Context, _ request) (any, error) {
	out, err := s.views.lists().all.GetConfiguration(ctx, &inspector2.GetConfigurationRequest{})
	return written(s, out, err)
}

func (s *server) viewInspection(ctx context.Context, _ request) (any, error) {
	out, err := s.views.lists().all.GetEc2DeepInspectionConfiguration(ctx, &inspector2.GetEc2DeepInspectionConfigurationRequest{})
	return written(s, out, err)
}

// viewFilters returns all filters that are saved: an account has 500 at most.
func (s *server) viewFilters(ctx context.Context, _ request) (any, error) {
	var in inspector2.ListFiltersRequest
	var out inspector2.ListFiltersResponse
	for {
		page, err := s.views.lists().all.ListFilters(ctx, &in)
		if err != nil {
			return nil, err
		}
		out.Filters = append(out.Filters, page.Filters...)
		if page.NextToken == "" {
			return written(s, &out, nil)
		}
		in.NextToken = page.NextToken
	}
}

// viewOrder returns what was asked for with a report: the answer of
// GetFindingsReportStatus, or that of GetSbomExport.
func (s *server) viewOrder(ctx context.Context, r request) (any, error) {
	id, all := r.PathValue("id"), s.views.lists().all
	if r.caller.Role.Allows("inspector2:GetFindingsReportStatus") {
		out, err := all.GetFindingsReportStatus(ctx, &inspector2.GetFindingsReportStatusRequest{ReportID: id})
		if fault.KindOf(err) != fault.NotFound {
			return written(s, out, err)
		}
	}
	if r.caller.Role.Allows("inspector2:GetSbomExport") {
		out, err := all.GetSbomExport(ctx, &inspector2.GetSbomExportRequest{ReportID: id})
		return written(s, out, err)
	}
	return nil, nil //nolint:nilnil // it is not in the answer
}
