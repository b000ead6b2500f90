package v2

import (
	"context"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// maxCIS is how many CIS scan configurations an account may have.
// Source: Inspector2 user guide, "Quotas".
const maxCIS = 500

const cisKind = "cis-configuration"

// cisConfiguration is what a CIS scan configuration says.
type cisConfiguration struct {
	Name     string                      `json:"name"`
	Level    inspector2.CisSecurityLevel `json:"level"`
	Schedule inspector2.Schedule         `json:"schedule"`
	Owner    string                      `json:"owner"`    // the account, or the organisation if it targets others
	Accounts []string                    `json:"accounts"` // ids, or only ALL_ACCOUNTS
	Tags     map[string][]string         `json:"tags"`     // values of tags that machines must have
}

// Words that stand for accounts in the targets of a configuration.
// Source: Inspector2 API model, TargetAccount.
const (
	selfAccount = "SELF"
	allAccounts = "ALL_ACCOUNTS"
)

// cisTargets returns the owner of a configuration and its target accounts. Only
// the administrator may target accounts besides its own; the organisation then
// owns the configuration.
func (s seat) cisTargets(ids []string) (owner string, accounts []string, err error) {
	const field = "targets.accountIds"
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 1 && (ids[0] == selfAccount || ids[0] == s.Account.String()) {
		return s.Account.String(), []string{s.Account.String()}, nil
	}
	if len(ids) > 1 && (slices.Contains(ids, selfAccount) || slices.Contains(ids, allAccounts)) {
		return "", nil, fault.OnField(field, "SELF and ALL_ACCOUNTS stand alone")
	}
	if !s.administers() {
		return "", nil, fault.New(fault.Denied, "Only the delegated administrator may target other accounts.")
	}
	for _, id := range ids {
		account, err := org.ParseAccount(id)
		if id != allAccounts && (err != nil || !s.Scope.Has(account)) {
			return "", nil, fault.New(fault.Denied, "Account %s is neither yours nor that of a member.", id)
		}
	}
	return s.Org.ID, ids, nil
}

// checkSchedule refuses what a calendar does not have.
func checkSchedule(schedule *inspector2.Schedule) error {
	var start *inspector2.Time
	switch {
	case schedule.Daily != nil:
		start = &schedule.Daily.StartTime
	case schedule.Weekly != nil:
		start = &schedule.Weekly.StartTime
		if day, twice := repeated(schedule.Weekly.Days, asItIs); twice {
			return fault.OnField("schedule.weekly.days", "has %s twice", day)
		}
	case schedule.Monthly != nil:
		start = &schedule.Monthly.StartTime
	default:
		return nil
	}
	if _, err := time.LoadLocation(start.Timezone); err != nil || start.Timezone == "Local" {
		return fault.OnField("schedule.startTime.timezone", "%s is no time zone of the IANA database", start.Timezone)
	}
	return nil
}

func (o Operations) createCisScanConfiguration(
	ctx context.Context, in *inspector2.CreateCisScanConfigurationRequest,
) (*inspector2.CreateCisScanConfigurationResponse, error) {
	if err := checkSchedule(&in.Schedule); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	owner, accounts, err := s.cisTargets(in.Targets.AccountIDs)
	if err != nil {
		return nil, err
	}
	h, err := fresh[cisConfiguration](cisKind, s.Account, o.Now(), func(id string) string {
		return o.arn(s.Account, "owner/%s/cis-configuration/%s", owner, id)
	})
	if err != nil {
		return nil, err
	}
	h.Value = cisConfiguration{
		Name: in.ScanName, Level: in.SecurityLevel, Schedule: in.Schedule,
		Owner: owner, Accounts: accounts, Tags: in.Targets.TargetResourceTags,
	}
	err = o.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, s.Account); err != nil {
			return err
		}
		present, err := tx.Objects(ctx, s.own(), store.Objects{Kind: cisKind, Limit: maxCIS})
		if err != nil {
			return err
		}
		if len(present) >= maxCIS {
			return fault.New(fault.Quota, "An account may have at most %d CIS scan configurations.", maxCIS)
		}
		if err := h.Keep(ctx, tx); err != nil {
			return err
		}
		return tx.SetTags(ctx, s.Account, h.ARN, in.Tags)
	})
	return &inspector2.CreateCisScanConfigurationResponse{ScanConfigurationARN: h.ARN}, err
}

// updateCisScanConfiguration changes what the request names. A configuration
// stays with its owner, since its ARN names it: one of an account cannot be
// turned to others, nor one of the organisation to the administrator alone.
func (o Operations) updateCisScanConfiguration(
	ctx context.Context, in *inspector2.UpdateCisScanConfigurationRequest,
) (*inspector2.UpdateCisScanConfigurationResponse, error) {
	if in.Schedule != nil {
		if err := checkSchedule(in.Schedule); err != nil {
			return nil, err
		}
	}
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := seatIn(ctx, tx)
		if err != nil {
			return err
		}
		h, err := mine[cisConfiguration](ctx, tx, s.Caller, cisKind, in.ScanConfigurationARN)
		if err != nil {
			return err
		}
		if in.ScanName != "" {
			h.Value.Name = in.ScanName
		}
		if in.SecurityLevel != "" {
			h.Value.Level = in.SecurityLevel
		}
		if in.Schedule != nil {
			h.Value.Schedule = *in.Schedule
		}
		if in.Targets != nil && len(in.Targets.TargetResourceTags) > 0 {
			h.Value.Tags = in.Targets.TargetResourceTags
		}
		if in.Targets != nil && len(in.Targets.AccountIDs) > 0 {
			owner, accounts, err := s.cisTargets(in.Targets.AccountIDs)
			if err != nil {
				return err
			}
			if owner != h.Value.Owner {
				return fault.OnField("targets.accountIds", "would give the configuration another owner")
			}
			h.Value.Accounts = accounts
		}
		h.Updated = o.Now()
		return h.Keep(ctx, tx)
	})
	return &inspector2.UpdateCisScanConfigurationResponse{ScanConfigurationARN: in.ScanConfigurationARN}, err
}

func (o Operations) deleteCisScanConfiguration(
	ctx context.Context, in *inspector2.DeleteCisScanConfigurationRequest,
) (*inspector2.DeleteCisScanConfigurationResponse, error) {
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		h, err := mine[cisConfiguration](ctx, tx, api.CallerOf(ctx), cisKind, in.ScanConfigurationARN)
		if err != nil {
			return err
		}
		return drop(ctx, tx, h)
	})
	return &inspector2.DeleteCisScanConfigurationResponse{ScanConfigurationARN: in.ScanConfigurationARN}, err
}

// holds tells whether a text satisfies the filters on it; none is always
// satisfied.
func holds(filters []inspector2.CisStringFilter, text string) bool {
	if len(filters) == 0 {
		return true
	}
	conditions := make([]filter.Condition, len(filters))
	for i, f := range filters {
		conditions[i] = filter.Condition{Comparison: filter.Comparison(f.Comparison), Value: f.Value}
	}
	return len(filter.Choose(conditions, []string{text})) > 0
}

// tagged tells whether one of the filters on tags is satisfied, or there is
// none.
func tagged(filters []inspector2.TagFilter, tags map[string][]string) bool {
	return len(filters) == 0 || slices.ContainsFunc(filters, func(f inspector2.TagFilter) bool {
		return slices.Contains(tags[f.Key], f.Value)
	})
}

func (o Operations) listCisScanConfigurations(
	ctx context.Context, in *inspector2.ListCisScanConfigurationsRequest,
) (*inspector2.ListCisScanConfigurationsResponse, error) {
	const most = 100
	scope := api.CallerOf(ctx).Scope
	rows, err := every[cisConfiguration](ctx, o.Store, scope, cisKind)
	if err != nil {
		return nil, err
	}
	if want := in.FilterCriteria; want != nil {
		rows = slices.DeleteFunc(rows, func(h api.Held[cisConfiguration]) bool {
			return !holds(want.ScanNameFilters, h.Value.Name) || !holds(want.ScanConfigurationARNFilters, h.ARN) ||
				!tagged(want.TargetResourceTagFilters, h.Value.Tags)
		})
	}
	rows, next, err := cut[api.Held[cisConfiguration]]{
		operation: "ListCisScanConfigurations", asked: []any{in.FilterCriteria, in.SortBy},
		key: func(h api.Held[cisConfiguration]) string {
			if in.SortBy == inspector2.CisScanConfigurationsSortByScanConfigurationArn {
				return h.ARN
			}
			return h.Value.Name + "\x00" + h.ARN
		},
		descending: in.SortOrder == inspector2.CisSortOrderDesc,
		token:      in.NextToken, size: in.MaxResults, most: most,
	}.page(ctx, o, rows)
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListCisScanConfigurationsResponse{
		ScanConfigurations: []inspector2.CisScanConfiguration{}, NextToken: next,
	}
	for _, h := range rows {
		tags, err := o.Store.Tags(ctx, scope, h.ARN)
		if err != nil {
			return nil, err
		}
		out.ScanConfigurations = append(out.ScanConfigurations, cisAnswer(h, scope, tags))
	}
	return out, nil
}

// cisAnswer is a configuration as the API shows it, where targets are ids of
// accounts only: all accounts are those of now, as many as there may be.
func cisAnswer(h api.Held[cisConfiguration], scope org.Scope, tags map[string]string) inspector2.CisScanConfiguration {
	accounts := h.Value.Accounts
	if slices.Equal(accounts, []string{allAccounts}) {
		accounts = nil
		for _, account := range scope.Accounts() {
			if len(accounts) < maxMembers {
				accounts = append(accounts, account.String())
			}
		}
	}
	return inspector2.CisScanConfiguration{
		ScanConfigurationARN: h.ARN, OwnerID: h.Value.Owner, ScanName: h.Value.Name, SecurityLevel: h.Value.Level,
		Schedule: &h.Value.Schedule, Tags: tags,
		Targets: &inspector2.CisTargets{AccountIDs: accounts, TargetResourceTags: h.Value.Tags},
	}
}
