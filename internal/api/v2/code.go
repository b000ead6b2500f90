package v2

import (
	"context"
	"strings"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

const (
	integrationKind = "codesecurity-integration"

	// maxCode is how many integrations, and how many scan configurations, an
	// account may have. Amazon tells no number.
	maxCode = 500

	// pendingReason says why no integration becomes active: the authorization
	// takes a call to the provider, which this server does not make. Neither
	// access tokens nor authorization codes are kept.
	pendingReason = "The provider has not authorized the integration: this server does not call providers of code."
)

// integration is a connection to a provider of code.
type integration struct {
	Name     string                     `json:"name"`
	Type     inspector2.IntegrationType `json:"type"`
	Instance string                     `json:"instance,omitempty"` // address of a self-managed GitLab
}

// authorizationURL returns where the owner of the code authorizes the
// integration; empty for GitHub, whose address has the name of an application
// that Amazon has registered there.
// Source: GitLab documentation, "OAuth 2.0 identity provider API".
func (i integration) authorizationURL() string {
	if i.Instance == "" {
		return ""
	}
	return strings.TrimRight(i.Instance, "/") + "/oauth/authorize"
}

func (o Operations) createCodeSecurityIntegration(
	ctx context.Context, in *inspector2.CreateCodeSecurityIntegrationRequest,
) (*inspector2.CreateCodeSecurityIntegrationResponse, error) {
	value := integration{Name: in.Name, Type: in.Type}
	gitlab := in.Details != nil && in.Details.GitlabSelfManaged != nil
	if gitlab {
		value.Instance = in.Details.GitlabSelfManaged.InstanceURL
	}
	if gitlab != (in.Type == inspector2.IntegrationTypeGitlabSelfManaged) {
		return nil, fault.OnField("details", "must be given for GITLAB_SELF_MANAGED, and for nothing else")
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account := api.CallerOf(ctx).Account
	h, err := fresh[integration](integrationKind, account, o.Now(), func(id string) string {
		return o.arn(account, "codesecurity-integration/%s", id)
	})
	if err != nil {
		return nil, err
	}
	h.Value = value
	err = o.Store.Update(ctx, func(tx *store.Tx) error {
		return add(ctx, tx, h, addition[integration]{
			name: func(i integration) string { return i.Name }, most: maxCode, what: "integrations", tags: in.Tags,
		})
	})
	return &inspector2.CreateCodeSecurityIntegrationResponse{
		IntegrationARN: h.ARN, Status: inspector2.IntegrationStatusPending, AuthorizationURL: value.authorizationURL(),
	}, err
}

// updateCodeSecurityIntegration takes the code that a provider gave for the
// authorization. Nothing is done with it, so that the integration stays pending.
func (o Operations) updateCodeSecurityIntegration(
	ctx context.Context, in *inspector2.UpdateCodeSecurityIntegrationRequest,
) (*inspector2.UpdateCodeSecurityIntegrationResponse, error) {
	kind := inspector2.IntegrationTypeGithub
	if in.Details.GitlabSelfManaged != nil {
		kind = inspector2.IntegrationTypeGitlabSelfManaged
	}
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		h, err := mine[integration](ctx, tx, own(ctx), integrationKind, in.IntegrationARN)
		if err != nil {
			return err
		}
		if h.Value.Type != kind {
			return fault.OnField("details", "is for %s, but the integration is %s", kind, h.Value.Type)
		}
		h.Updated = o.Now()
		return h.Keep(ctx, tx)
	})
	return &inspector2.UpdateCodeSecurityIntegrationResponse{
		IntegrationARN: in.IntegrationARN, Status: inspector2.IntegrationStatusPending,
	}, err
}

func (o Operations) getCodeSecurityIntegration(
	ctx context.Context, in *inspector2.GetCodeSecurityIntegrationRequest,
) (*inspector2.GetCodeSecurityIntegrationResponse, error) {
	scope := own(ctx).Scope
	h, err := named[integration](ctx, o.Store, scope, integrationKind, in.IntegrationARN)
	if err != nil {
		return nil, err
	}
	tags, err := o.Store.Tags(ctx, scope, h.ARN)
	return &inspector2.GetCodeSecurityIntegrationResponse{
		IntegrationARN: h.ARN, Name: h.Value.Name, Type: h.Value.Type,
		Status: inspector2.IntegrationStatusPending, StatusReason: pendingReason,
		CreatedOn: h.Created, LastUpdateOn: h.Updated, AuthorizationURL: h.Value.authorizationURL(), Tags: tags,
	}, err
}

func (o Operations) listCodeSecurityIntegrations(
	ctx context.Context, in *inspector2.ListCodeSecurityIntegrationsRequest,
) (*inspector2.ListCodeSecurityIntegrationsResponse, error) {
	const most = 100
	rows, err := every[integration](ctx, o.Store, own(ctx).Scope, integrationKind)
	if err != nil {
		return nil, err
	}
	rows, next, err := cut[api.Held[integration]]{
		operation: "ListCodeSecurityIntegrations",
		key:       func(h api.Held[integration]) string { return h.ID },
		token:     in.NextToken, size: in.MaxResults, most: most,
	}.page(ctx, o, rows)
	out := &inspector2.ListCodeSecurityIntegrationsResponse{Integrations: []inspector2.CodeSecurityIntegrationSummary{}, NextToken: next}
	for _, h := range rows {
		out.Integrations = append(out.Integrations, inspector2.CodeSecurityIntegrationSummary{
			IntegrationARN: h.ARN, Name: h.Value.Name, Type: h.Value.Type,
			Status: inspector2.IntegrationStatusPending, StatusReason: pendingReason,
			CreatedOn: h.Created, LastUpdateOn: h.Updated,
		})
	}
	return out, err
}

func (o Operations) deleteCodeSecurityIntegration(
	ctx context.Context, in *inspector2.DeleteCodeSecurityIntegrationRequest,
) (*inspector2.DeleteCodeSecurityIntegrationResponse, error) {
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		h, err := mine[integration](ctx, tx, own(ctx), integrationKind, in.IntegrationARN)
		if err != nil {
			return err
		}
		return drop(ctx, tx, h)
	})
	return &inspector2.DeleteCodeSecurityIntegrationResponse{IntegrationARN: in.IntegrationARN}, err
}

// own returns the caller with nothing in sight but its own account: what
// belongs to one account alone is not seen by its administrator either.
func own(ctx context.Context) api.Caller {
	c := api.CallerOf(ctx)
	c.Scope = org.Only(c.Account)
	return c
}
