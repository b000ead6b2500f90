package v2

import (
	"context"
	"slices"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

const codeKind = "codesecurity-configuration"

// codeConfiguration says which rules code is examined by, and when.
type codeConfiguration struct {
	Name    string                                   `json:"name"`
	Level   inspector2.ConfigurationLevel            `json:"level"`
	Owner   string                                   `json:"owner"` // the account, or the organisation
	Scans   inspector2.CodeSecurityScanConfiguration `json:"scans"`
	Default bool                                     `json:"default,omitempty"` // for all projects
}

// checkCode refuses settings that contradict themselves.
func checkCode(c *inspector2.CodeSecurityScanConfiguration) error {
	if rule, twice := repeated(c.RuleSetCategories, asItIs); twice {
		return fault.OnField("configuration.ruleSetCategories", "has %s twice", rule)
	}
	if c.ContinuousIntegrationScanConfiguration != nil {
		if event, twice := repeated(c.ContinuousIntegrationScanConfiguration.SupportedEvents, asItIs); twice {
			return fault.OnField("configuration.continuousIntegrationScanConfiguration.supportedEvents", "has %s twice", event)
		}
	}
	p := c.PeriodicScanConfiguration
	if p != nil && p.Frequency == inspector2.PeriodicScanFrequencyNever && p.FrequencyExpression != "" {
		return fault.OnField("configuration.periodicScanConfiguration.frequencyExpression", "makes no sense with NEVER")
	}
	return nil
}

// createCodeSecurityScanConfiguration adds a configuration. Each level has one
// at most that is for all projects.
// Source: Inspector2 user guide, "Creating a scan configuration": the default one.
func (o Operations) createCodeSecurityScanConfiguration(
	ctx context.Context, in *inspector2.CreateCodeSecurityScanConfigurationRequest,
) (*inspector2.CreateCodeSecurityScanConfigurationResponse, error) {
	if err := checkCode(&in.Configuration); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	owner := s.Account.String()
	if in.Level == inspector2.ConfigurationLevelOrganization {
		if err := s.mustAdminister(); err != nil {
			return nil, err
		}
		owner = s.Org.ID
	}
	h, err := fresh[codeConfiguration](codeKind, s.Account, o.Now(), func(id string) string {
		return o.arn(s.Account, "owner/%s/codesecurity-configuration/%s", owner, id)
	})
	if err != nil {
		return nil, err
	}
	h.Value = codeConfiguration{
		Name: in.Name, Level: in.Level, Owner: owner, Scans: in.Configuration,
		Default: in.ScopeSettings != nil && in.ScopeSettings.ProjectSelectionScope == inspector2.ProjectSelectionScopeAll,
	}
	err = o.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, s.Account); err != nil {
			return err
		}
		present, err := every[codeConfiguration](ctx, tx, s.own(), codeKind)
		if err != nil {
			return err
		}
		for _, p := range present {
			if h.Value.Default && p.Value.Default && p.Value.Level == h.Value.Level {
				return conflict(codeKind, p.ARN, "%s is for all projects already.", p.ARN)
			}
		}
		return add(ctx, tx, h, addition[codeConfiguration]{
			name: func(c codeConfiguration) string { return c.Name }, most: maxCode, what: "scan configurations", tags: in.Tags,
		})
	})
	return &inspector2.CreateCodeSecurityScanConfigurationResponse{ScanConfigurationARN: h.ARN}, err
}

func (o Operations) updateCodeSecurityScanConfiguration(
	ctx context.Context, in *inspector2.UpdateCodeSecurityScanConfigurationRequest,
) (*inspector2.UpdateCodeSecurityScanConfigurationResponse, error) {
	if err := checkCode(&in.Configuration); err != nil {
		return nil, err
	}
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		h, err := mine[codeConfiguration](ctx, tx, api.CallerOf(ctx), codeKind, in.ScanConfigurationARN)
		if err != nil {
			return err
		}
		h.Value.Scans, h.Updated = in.Configuration, o.Now()
		return h.Keep(ctx, tx)
	})
	return &inspector2.UpdateCodeSecurityScanConfigurationResponse{ScanConfigurationARN: in.ScanConfigurationARN}, err
}

// visible are the scan configurations that the caller sees: its own, and those
// of the organisation whose member it is.
func (o Operations) visible(ctx context.Context) ([]api.Held[codeConfiguration], error) {
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	list, err := every[codeConfiguration](ctx, o.Store, org.Only(s.Account, s.Admin), codeKind)
	return slices.DeleteFunc(list, func(h api.Held[codeConfiguration]) bool {
		return h.Account != s.Account && h.Value.Level != inspector2.ConfigurationLevelOrganization
	}), err
}

// seen returns a configuration that the caller sees.
func (o Operations) seen(ctx context.Context, arn string) (api.Held[codeConfiguration], error) {
	list, err := o.visible(ctx)
	if err != nil {
		return api.Held[codeConfiguration]{}, err
	}
	for _, h := range list {
		if h.ARN == arn {
			return h, nil
		}
	}
	return api.Held[codeConfiguration]{}, fault.New(fault.NotFound, "There is no resource %s.", arn)
}

func scopeSettings(c codeConfiguration) *inspector2.ScopeSettings {
	if !c.Default {
		return nil
	}
	return &inspector2.ScopeSettings{ProjectSelectionScope: inspector2.ProjectSelectionScopeAll}
}

func (o Operations) getCodeSecurityScanConfiguration(
	ctx context.Context, in *inspector2.GetCodeSecurityScanConfigurationRequest,
) (*inspector2.GetCodeSecurityScanConfigurationResponse, error) {
	h, err := o.seen(ctx, in.ScanConfigurationARN)
	if err != nil {
		return nil, err
	}
	tags, err := o.Store.Tags(ctx, org.Only(h.Account), h.ARN)
	return &inspector2.GetCodeSecurityScanConfigurationResponse{
		ScanConfigurationARN: h.ARN, Name: h.Value.Name, Configuration: &h.Value.Scans, Level: h.Value.Level,
		ScopeSettings: scopeSettings(h.Value), CreatedAt: h.Created, LastUpdatedAt: h.Updated, Tags: tags,
	}, err
}

func (o Operations) listCodeSecurityScanConfigurations(
	ctx context.Context, in *inspector2.ListCodeSecurityScanConfigurationsRequest,
) (*inspector2.ListCodeSecurityScanConfigurationsResponse, error) {
	const most = 100
	rows, err := o.visible(ctx)
	if err != nil {
		return nil, err
	}
	rows, next, err := cut[api.Held[codeConfiguration]]{
		operation: "ListCodeSecurityScanConfigurations",
		key:       func(h api.Held[codeConfiguration]) string { return h.Position() },
		token:     in.NextToken, size: in.MaxResults, most: most,
	}.page(ctx, o, rows)
	out := &inspector2.ListCodeSecurityScanConfigurationsResponse{
		Configurations: []inspector2.CodeSecurityScanConfigurationSummary{}, NextToken: next,
	}
	for _, h := range rows {
		row := inspector2.CodeSecurityScanConfigurationSummary{
			ScanConfigurationARN: h.ARN, Name: h.Value.Name, OwnerAccountID: h.Value.Owner,
			RuleSetCategories: h.Value.Scans.RuleSetCategories, ScopeSettings: scopeSettings(h.Value),
		}
		if p := h.Value.Scans.PeriodicScanConfiguration; p != nil {
			row.PeriodicScanFrequency, row.FrequencyExpression = p.Frequency, p.FrequencyExpression
		}
		if c := h.Value.Scans.ContinuousIntegrationScanConfiguration; c != nil {
			row.ContinuousIntegrationScanSupportedEvents = c.SupportedEvents
		}
		out.Configurations = append(out.Configurations, row)
	}
	return out, err
}

func (o Operations) deleteCodeSecurityScanConfiguration(
	ctx context.Context, in *inspector2.DeleteCodeSecurityScanConfigurationRequest,
) (*inspector2.DeleteCodeSecurityScanConfigurationResponse, error) {
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		h, err := mine[codeConfiguration](ctx, tx, api.CallerOf(ctx), codeKind, in.ScanConfigurationARN)
		if err != nil {
			return err
		}
		return drop(ctx, tx, h)
	})
	return &inspector2.DeleteCodeSecurityScanConfigurationResponse{ScanConfigurationARN: in.ScanConfigurationARN}, err
}
