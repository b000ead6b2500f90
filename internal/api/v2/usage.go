package v2

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// trialLength is how long a free trial lasts.
// Source: Amazon Inspector User Guide, "Free trial".
const trialLength = 15 * 24 * time.Hour

// listUsageTotals tells what accounts have used in the last 30 days. Whoever
// runs the server pays for nothing by use: the estimated cost is always 0.
func (o Operations) listUsageTotals(ctx context.Context, in *inspector2.ListUsageTotalsRequest) (*inspector2.ListUsageTotalsResponse, error) {
	caller := api.CallerOf(ctx)
	scope, err := caller.Narrow(in.AccountIDs...)
	if err != nil {
		return nil, err
	}
	query := store.UsageQuery{After: in.NextToken, Caller: caller.Account.String(), Now: o.Now()}
	if in.MaxResults != nil {
		query.Size = int(*in.MaxResults)
	}
	if len(in.AccountIDs) > 0 {
		query.Accounts = scope.Accounts()
	}
	list, next, err := o.Store.UsageTotals(ctx, scope, query)
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListUsageTotalsResponse{NextToken: next}
	for _, t := range list {
		total := inspector2.UsageTotal{AccountID: t.Account.String()}
		for _, u := range t.Usage {
			total.Usage = append(total.Usage, usageOf(u))
		}
		out.Totals = append(out.Totals, total)
	}
	return out, nil
}

func usageOf(u store.Usage) inspector2.Usage {
	cost := 0.0
	out := inspector2.Usage{
		Type: inspector2.UsageType(u.Type), Total: &u.Total, EstimatedMonthlyCost: &cost, Currency: inspector2.CurrencyUsd,
		CloudProvider: inspector2.CloudProviderAws,
	}
	if strings.HasPrefix(u.Type, "AZURE_") {
		out.CloudProvider = inspector2.CloudProviderAzure
	}
	return out
}

// batchGetFreeTrialInfo tells since when accounts have had each scan type, as
// free trials: the first days after it was first switched on.
func (o Operations) batchGetFreeTrialInfo(ctx context.Context, in *inspector2.BatchGetFreeTrialInfoRequest) (*inspector2.BatchGetFreeTrialInfoResponse, error) {
	caller, now := api.CallerOf(ctx), o.Now()
	out := &inspector2.BatchGetFreeTrialInfoResponse{}
	for _, id := range in.AccountIDs {
		account, err := org.ParseAccount(id)
		if err != nil || !caller.Scope.Has(account) {
			out.FailedAccounts = append(out.FailedAccounts, inspector2.FreeTrialInfoError{
				AccountID: id, Code: inspector2.FreeTrialInfoErrorCodeAccessDenied,
				Message: fmt.Sprintf("Account %s has no access to account %s.", caller.Account, id),
			})
			continue
		}
		settings, err := o.Store.Settings(ctx, caller.Scope, account)
		if err != nil {
			return nil, err
		}
		out.Accounts = append(out.Accounts, inspector2.FreeTrialAccountInfo{AccountID: id, FreeTrialInfo: trials(settings, now)})
	}
	return out, nil
}

// trials returns the free trials of an account, in the order of the services.
func trials(settings org.Settings, now time.Time) []inspector2.FreeTrialInfo {
	out := []inspector2.FreeTrialInfo{}
	for _, service := range org.Services() {
		start := settings.Services[service].Trial
		if start.IsZero() {
			continue
		}
		info := inspector2.FreeTrialInfo{
			Type: inspector2.FreeTrialType(service), Start: start, End: start.Add(trialLength),
			Status: inspector2.FreeTrialStatusInactive, CloudProvider: inspector2.CloudProviderAws,
		}
		if now.Before(info.End) {
			info.Status = inspector2.FreeTrialStatusActive
		}
		out = append(out, info)
	}
	return out
}
