package v2

import (
	"context"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
)

// Projects come from integrations that a provider has authorized, of which
// there are none. So no project is known, and none can be bound or scanned.

func noProject(resource inspector2.CodeSecurityResource) error {
	return fault.New(fault.NotFound, "There is no project %s.", resource.ProjectID)
}

// unbound says why a configuration and a project are not bound to each other.
func (o Operations) unbound(
	ctx context.Context, arn string, resource inspector2.CodeSecurityResource,
) (inspector2.FailedAssociationResult, error) {
	out := inspector2.FailedAssociationResult{ScanConfigurationARN: arn, Resource: &resource}
	_, err := o.seen(ctx, arn)
	if err == nil {
		err = noProject(resource)
		out.StatusCode = inspector2.AssociationResultStatusCodeResourceNotFound
	} else {
		out.StatusCode = inspector2.AssociationResultStatusCodeScanConfigurationNotFound
	}
	if fault.KindOf(err) != fault.NotFound {
		return out, err
	}
	out.StatusMessage = err.Error()
	return out, nil
}

func (o Operations) batchAssociateCodeSecurityScanConfiguration(
	ctx context.Context, in *inspector2.BatchAssociateCodeSecurityScanConfigurationRequest,
) (*inspector2.BatchAssociateCodeSecurityScanConfigurationResponse, error) {
	out := &inspector2.BatchAssociateCodeSecurityScanConfigurationResponse{
		SuccessfulAssociations: []inspector2.SuccessfulAssociationResult{},
	}
	for _, want := range in.AssociateConfigurationRequests {
		failed, err := o.unbound(ctx, want.ScanConfigurationARN, want.Resource)
		if err != nil {
			return nil, err
		}
		out.FailedAssociations = append(out.FailedAssociations, failed)
	}
	return out, nil
}

func (o Operations) batchDisassociateCodeSecurityScanConfiguration(
	ctx context.Context, in *inspector2.BatchDisassociateCodeSecurityScanConfigurationRequest,
) (*inspector2.BatchDisassociateCodeSecurityScanConfigurationResponse, error) {
	out := &inspector2.BatchDisassociateCodeSecurityScanConfigurationResponse{
		SuccessfulAssociations: []inspector2.SuccessfulAssociationResult{},
	}
	for _, want := range in.DisassociateConfigurationRequests {
		failed, err := o.unbound(ctx, want.ScanConfigurationARN, want.Resource)
		if err != nil {
			return nil, err
		}
		out.FailedAssociations = append(out.FailedAssociations, failed)
	}
	return out, nil
}

func (o Operations) listCodeSecurityScanConfigurationAssociations(
	ctx context.Context, in *inspector2.ListCodeSecurityScanConfigurationAssociationsRequest,
) (*inspector2.ListCodeSecurityScanConfigurationAssociationsResponse, error) {
	if _, err := o.seen(ctx, in.ScanConfigurationARN); err != nil {
		return nil, err
	}
	return &inspector2.ListCodeSecurityScanConfigurationAssociationsResponse{
		Associations: []inspector2.CodeSecurityScanConfigurationAssociationSummary{},
	}, noToken(in.NextToken)
}

func (o Operations) startCodeSecurityScan(
	_ context.Context, in *inspector2.StartCodeSecurityScanRequest,
) (*inspector2.StartCodeSecurityScanResponse, error) {
	return nil, noProject(in.Resource)
}

func (o Operations) getCodeSecurityScan(
	_ context.Context, in *inspector2.GetCodeSecurityScanRequest,
) (*inspector2.GetCodeSecurityScanResponse, error) {
	return nil, noProject(in.Resource)
}
