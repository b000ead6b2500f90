package v2

import (
	"context"
	"slices"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/store"
)

const (
	connectorKind     = "connector"
	connectorScanKind = "connector-scan" // id: the ARN of the Config connector

	// maxConnectors is how many connectors an account may have, and how many a
	// page shows. The API tells no number of either.
	maxConnectors = 100
)

// connector is a connection to another cloud.
type connector struct {
	Name        string                                  `json:"name"`
	Description string                                  `json:"description,omitempty"`
	Provider    inspector2.ConnectorCloudProvider       `json:"provider"`
	Config      string                                  `json:"config"` // ARN of the Config connector with the rights in the other cloud
	Scopes      inspector2.AzureScopeConfigurationInput `json:"scopes"`
	Regions     []string                                `json:"regions"`
	Install     *bool                                   `json:"install,omitempty"` // put the scanner on machines
}

// checkAzure refuses regions that are named twice, and subscriptions that are
// not named.
func checkAzure(regions []string, scopes *inspector2.AzureScopeConfigurationInput) error {
	if region, twice := repeated(regions, asItIs); twice {
		return fault.OnField("providerDetail.azure.azureRegions", "has %s twice", region)
	}
	if scopes == nil {
		return nil
	}
	for name, s := range map[string]*inspector2.ScopeConfigurationInput{
		"vmScanning": scopes.VmScanning, "containerImageScanning": scopes.ContainerImageScanning,
		"serverlessScanning": scopes.ServerlessScanning,
	} {
		if s != nil && s.ScopeType == inspector2.ScopeTypeSubscription && len(s.ScopeValues) == 0 {
			return fault.OnField("providerDetail.azure.scopeConfiguration."+name+".scopeValues", "names no subscription")
		}
	}
	return nil
}

func (o Operations) createConnector(
	ctx context.Context, in *inspector2.CreateConnectorRequest,
) (*inspector2.CreateConnectorResponse, error) {
	azure := in.ProviderDetail.Azure
	if azure == nil {
		return nil, fault.OnField("providerDetail", "does not fit the provider")
	}
	if err := checkAzure(azure.AzureRegions, &azure.ScopeConfiguration); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account := api.CallerOf(ctx).Account
	h, err := fresh[connector](connectorKind, account, o.Now(), func(id string) string { return o.arn(account, "connector/%s", id) })
	if err != nil {
		return nil, err
	}
	h.Value = connector{
		Name: in.Name, Provider: in.Provider, Config: azure.AwsConfigConnectorARN,
		Scopes: azure.ScopeConfiguration, Regions: azure.AzureRegions, Install: azure.AutoInstallVMScanner,
	}
	if in.Description != nil {
		h.Value.Description = *in.Description
	}
	err = o.Store.Update(ctx, func(tx *store.Tx) error {
		return add(ctx, tx, h, addition[connector]{
			name: func(c connector) string { return c.Name }, most: maxConnectors, what: "connectors", tags: in.Tags,
		})
	})
	return &inspector2.CreateConnectorResponse{ConnectorARN: h.ARN}, err
}

func (o Operations) updateConnector(
	ctx context.Context, in *inspector2.UpdateConnectorRequest,
) (*inspector2.UpdateConnectorResponse, error) {
	var azure inspector2.AzureProviderDetailUpdate
	if in.ProviderDetail != nil && in.ProviderDetail.Azure != nil {
		azure = *in.ProviderDetail.Azure
	}
	if err := checkAzure(azure.AzureRegions, azure.ScopeConfiguration); err != nil {
		return nil, err
	}
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		h, err := mine[connector](ctx, tx, api.CallerOf(ctx), connectorKind, in.ConnectorARN)
		if err != nil {
			return err
		}
		if in.Description != nil {
			h.Value.Description = *in.Description
		}
		if azure.AzureRegions != nil {
			h.Value.Regions = azure.AzureRegions
		}
		if azure.ScopeConfiguration != nil {
			h.Value.Scopes = *azure.ScopeConfiguration
		}
		if azure.AutoInstallVMScanner != nil {
			h.Value.Install = azure.AutoInstallVMScanner
		}
		h.Updated = o.Now()
		return h.Keep(ctx, tx)
	})
	return &inspector2.UpdateConnectorResponse{ConnectorARN: in.ConnectorARN}, err
}

func (o Operations) deleteConnector(
	ctx context.Context, in *inspector2.DeleteConnectorRequest,
) (*inspector2.DeleteConnectorResponse, error) {
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		h, err := mine[connector](ctx, tx, api.CallerOf(ctx), connectorKind, in.ConnectorARN)
		if err != nil {
			return err
		}
		if err := drop(ctx, tx, h); err != nil {
			return err
		}
		return forget(ctx, tx, h)
	})
	return &inspector2.DeleteConnectorResponse{}, err
}

func (o Operations) listConnectors(
	ctx context.Context, in *inspector2.ListConnectorsRequest,
) (*inspector2.ListConnectorsResponse, error) {
	if in.MaxResults != nil && *in.MaxResults < 1 {
		return nil, fault.OnField("maxResults", "must be at least 1")
	}
	scope := api.CallerOf(ctx).Scope
	rows, err := every[connector](ctx, o.Store, scope, connectorKind)
	if err != nil {
		return nil, err
	}
	if in.FilterCriteria != nil {
		rows = slices.DeleteFunc(rows, func(h api.Held[connector]) bool { return !wanted(in.FilterCriteria, h) })
	}
	rows, next, err := cut[api.Held[connector]]{
		operation: "ListConnectors", asked: in.FilterCriteria,
		key:   func(h api.Held[connector]) string { return h.Position() },
		token: in.NextToken, size: in.MaxResults, most: maxConnectors,
	}.page(ctx, o, rows)
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListConnectorsResponse{Items: []inspector2.Connector{}, NextToken: next}
	for _, h := range rows {
		tags, err := o.Store.Tags(ctx, scope, h.ARN)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, connectorAnswer(h, tags))
	}
	return out, nil
}

// wanted tells whether a connector satisfies the criteria.
func wanted(c *inspector2.ConnectorFilterCriteria, h api.Held[connector]) bool {
	accounts := make([]filter.Condition, len(c.Accounts))
	for i, f := range c.Accounts {
		accounts[i] = filter.Condition{Comparison: filter.Comparison(f.Comparison), Value: f.Value}
	}
	equal := func(value string) func(string) bool { return func(s string) bool { return s == value } }
	return (len(accounts) == 0 || len(filter.Choose(accounts, []string{h.Account.String()})) > 0) &&
		anyOf(c.ConnectorARNs, func(f inspector2.ConnectorArnFilter) string { return f.Value }, equal(h.ARN)) &&
		anyOf(c.AwsConfigConnectorARNs, func(f inspector2.AwsConfigConnectorArnFilter) string { return f.Value }, equal(h.Value.Config)) &&
		anyOf(c.Provider, func(f inspector2.ProviderFilter) string { return string(f.Value) }, equal(string(h.Value.Provider))) &&
		anyOf(c.ConnectorType, func(f inspector2.ConnectorTypeFilter) string { return string(f.Value) },
			equal(string(inspector2.ConnectorTypeCustomerManaged))) // the service makes none of its own
}

// anyOf tells whether one of the filters, if there are any, has a value that is
// right.
func anyOf[F any](filters []F, value func(F) string, right func(string) bool) bool {
	return len(filters) == 0 || slices.ContainsFunc(filters, func(f F) bool { return right(value(f)) })
}

// connectorAnswer is a connector as the API shows it. None is ever enabled:
// this server does not call other clouds yet.
func connectorAnswer(h api.Held[connector], tags map[string]string) inspector2.Connector {
	pending := func(s *inspector2.ScopeConfigurationInput) *inspector2.ScopeConfiguration {
		if s == nil {
			return nil
		}
		return &inspector2.ScopeConfiguration{ScopeType: s.ScopeType, ScopeValues: s.ScopeValues, State: inspector2.ScopeStatePending}
	}
	health := &inspector2.ConnectorHealth{
		ConnectorStatus: inspector2.ConnectorHealthStatusPendingAuthorization, LastCheckedAt: h.Updated,
		Message: "The other cloud has not been asked for authorization.",
	}
	scopes := h.Value.Scopes
	if scopes.VmScanning == nil && scopes.ContainerImageScanning == nil && scopes.ServerlessScanning == nil {
		health.ConnectorStatus = inspector2.ConnectorHealthStatusPendingConfiguration
		health.Message = "No kind of resource is set up to be scanned."
	}
	return inspector2.Connector{
		ConnectorARN: h.ARN, Name: h.Value.Name, Description: h.Value.Description, Provider: h.Value.Provider,
		EnablementStatus:       inspector2.EnablementStatusPendingEnablement,
		EnablementStatusReason: "This server does not call other clouds.",
		Health:                 health, CreatedAt: h.Created, UpdatedAt: h.Updated,
		AzureRegions: h.Value.Regions, AwsConfigConnectorARN: h.Value.Config,
		ScopeConfiguration: &inspector2.AzureScopeConfiguration{
			VmScanning: pending(scopes.VmScanning), ContainerImageScanning: pending(scopes.ContainerImageScanning),
			ServerlessScanning: pending(scopes.ServerlessScanning),
		},
		Tags: tags, AutoInstallVMScanner: h.Value.Install,
	}
}
