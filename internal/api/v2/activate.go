package v2

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// removal is how long what a scan type has found outlives its deactivation.
// Source: Inspector2 user guide, "Understanding findings".
const removal = 24 * time.Hour

// setupHandlers are the operations that set something up.
func (o Operations) setupHandlers(h *inspector2.Handlers) {
	h.Enable = o.enable
	h.Disable = o.disable
	h.BatchGetAccountStatus = o.batchGetAccountStatus
	h.ListAccountPermissions = o.listAccountPermissions
	h.GetConfiguration = o.getConfiguration
	h.UpdateConfiguration = o.updateConfiguration

	h.EnableDelegatedAdminAccount = o.enableDelegatedAdminAccount
	h.DisableDelegatedAdminAccount = o.disableDelegatedAdminAccount
	h.GetDelegatedAdminAccount = o.getDelegatedAdminAccount
	h.ListDelegatedAdminAccounts = o.listDelegatedAdminAccounts
	h.AssociateMember = o.associateMember
	h.DisassociateMember = o.disassociateMember
	h.GetMember = o.getMember
	h.ListMembers = o.listMembers
	h.DescribeOrganizationConfiguration = o.describeOrganizationConfiguration
	h.UpdateOrganizationConfiguration = o.updateOrganizationConfiguration

	h.GetEc2DeepInspectionConfiguration = o.getEc2DeepInspectionConfiguration
	h.UpdateEc2DeepInspectionConfiguration = o.updateEc2DeepInspectionConfiguration
	h.UpdateOrgEc2DeepInspectionConfiguration = o.updateOrgEc2DeepInspectionConfiguration
	h.BatchGetMemberEc2DeepInspectionStatus = o.batchGetMemberEc2DeepInspectionStatus
	h.BatchUpdateMemberEc2DeepInspectionStatus = o.batchUpdateMemberEc2DeepInspectionStatus
	h.GetEncryptionKey = o.getEncryptionKey
	h.UpdateEncryptionKey = o.updateEncryptionKey
	h.ResetEncryptionKey = o.resetEncryptionKey

	h.CreateCisScanConfiguration = o.createCisScanConfiguration
	h.UpdateCisScanConfiguration = o.updateCisScanConfiguration
	h.DeleteCisScanConfiguration = o.deleteCisScanConfiguration
	h.ListCisScanConfigurations = o.listCisScanConfigurations
	h.ListCisScans = o.listCisScans
	h.ListCisScanResultsAggregatedByChecks = o.listCisScanResultsAggregatedByChecks
	h.ListCisScanResultsAggregatedByTargetResource = o.listCisScanResultsAggregatedByTargetResource
	h.GetCisScanResultDetails = o.getCisScanResultDetails
	h.GetCisScanReport = o.getCisScanReport
	h.StartCisSession = o.startCisSession
	h.SendCisSessionHealth = o.sendCisSessionHealth
	h.SendCisSessionTelemetry = o.sendCisSessionTelemetry
	h.StopCisSession = o.stopCisSession

	h.CreateCodeSecurityIntegration = o.createCodeSecurityIntegration
	h.UpdateCodeSecurityIntegration = o.updateCodeSecurityIntegration
	h.GetCodeSecurityIntegration = o.getCodeSecurityIntegration
	h.ListCodeSecurityIntegrations = o.listCodeSecurityIntegrations
	h.DeleteCodeSecurityIntegration = o.deleteCodeSecurityIntegration
	h.CreateCodeSecurityScanConfiguration = o.createCodeSecurityScanConfiguration
	h.UpdateCodeSecurityScanConfiguration = o.updateCodeSecurityScanConfiguration
	h.GetCodeSecurityScanConfiguration = o.getCodeSecurityScanConfiguration
	h.ListCodeSecurityScanConfigurations = o.listCodeSecurityScanConfigurations
	h.DeleteCodeSecurityScanConfiguration = o.deleteCodeSecurityScanConfiguration
	h.BatchAssociateCodeSecurityScanConfiguration = o.batchAssociateCodeSecurityScanConfiguration
	h.BatchDisassociateCodeSecurityScanConfiguration = o.batchDisassociateCodeSecurityScanConfiguration
	h.ListCodeSecurityScanConfigurationAssociations = o.listCodeSecurityScanConfigurationAssociations
	h.StartCodeSecurityScan = o.startCodeSecurityScan
	h.GetCodeSecurityScan = o.getCodeSecurityScan

	h.CreateConnector = o.createConnector
	h.UpdateConnector = o.updateConnector
	h.DeleteConnector = o.deleteConnector
	h.ListConnectors = o.listConnectors
	h.ListConnectorScanConfigurations = o.listConnectorScanConfigurations
	h.UpdateConnectorScanConfiguration = o.updateConnectorScanConfiguration
}

func (o Operations) enable(ctx context.Context, in *inspector2.EnableRequest) (*inspector2.EnableResponse, error) {
	services := servicesOf(in.ResourceTypes)
	var out inspector2.EnableResponse
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := seatIn(ctx, tx)
		if err != nil {
			return err
		}
		out = inspector2.EnableResponse{Accounts: []inspector2.Account{}}
		mine, failed := s.choose(in.AccountIDs)
		out.FailedAccounts = failed
		for _, account := range mine {
			var after org.Settings
			err := o.changeIn(ctx, tx, account, func(s *org.Settings) error {
				if slices.Contains(services, org.LambdaCode) && !slices.Contains(services, org.Lambda) && !s.On(org.Lambda) {
					return fault.OnField("resourceTypes", "LAMBDA_CODE needs LAMBDA, which account %s has not enabled", account)
				}
				*s = s.Switch(true, o.Now(), services...)
				after = *s
				return nil
			})
			if err != nil {
				return err
			}
			out.Accounts = append(out.Accounts, accountStatus(account, after))
		}
		return nil
	})
	return &out, err
}

func (o Operations) disable(ctx context.Context, in *inspector2.DisableRequest) (*inspector2.DisableResponse, error) {
	services := servicesOf(in.ResourceTypes)
	if len(services) == 0 {
		services = org.Services()
	}
	var out inspector2.DisableResponse
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := seatIn(ctx, tx)
		if err != nil {
			return err
		}
		out = inspector2.DisableResponse{Accounts: []inspector2.Account{}}
		mine, failed := s.choose(in.AccountIDs)
		out.FailedAccounts = failed
		for _, account := range mine {
			before, err := tx.Settings(ctx, s.Scope, account)
			if err != nil {
				return err
			}
			after := before.Switch(false, o.Now(), services...)
			if refused, err := mayNotDisable(ctx, tx, s, account, after); err != nil {
				return err
			} else if refused != nil {
				out.FailedAccounts = append(out.FailedAccounts, *refused)
				continue
			}
			if err := o.switchOff(ctx, tx, account, before, after); err != nil {
				return err
			}
			out.Accounts = append(out.Accounts, accountStatus(account, after))
		}
		return nil
	})
	return &out, err
}

// mayNotDisable returns why an account cannot have the settings; nil if it can.
// A member cannot deactivate anything itself, and an administrator must part
// with its members before it deactivates everything.
// Source: Inspector2 user guide, "Deactivating Amazon Inspector".
func mayNotDisable(
	ctx context.Context, tx *store.Tx, s seat, account org.Account, after org.Settings,
) (*inspector2.FailedAccount, error) {
	if account == s.Account && s.Admin != 0 {
		return refusal(account, inspector2.ErrorCodeAccessDenied,
			"Only the delegated administrator may disable scans of a member."), nil
	}
	if account != s.Org.Admin || after.Any() {
		return nil, nil
	}
	members, err := associates(ctx, tx, account)
	if err != nil || len(members) == 0 {
		return nil, err
	}
	return refusal(account, inspector2.ErrorCodeDisassociateAllMembers,
		fmt.Sprintf("The account administers %d members, which must be disassociated first.", len(members))), nil
}

// Removal is what a job of kind remove_disabled is to do: remove the findings
// and the coverage of the service, if it is still off since then.
type Removal struct {
	Service org.Service `json:"service"`
	Since   time.Time   `json:"since"`
}

// switchOff keeps the new settings and plans the removal of what the services
// that are off now have found.
func (o Operations) switchOff(ctx context.Context, tx *store.Tx, account org.Account, before, after org.Settings) error {
	if err := tx.SetSettings(ctx, org.Only(account), account, after, o.Now()); err != nil {
		return err
	}
	for _, service := range org.Services() {
		if !before.Services[service].On || after.Services[service].On {
			continue
		}
		since := after.Services[service].Since
		args, err := json.Marshal(Removal{service, since})
		if err != nil {
			return fmt.Errorf("encoding a job: %w", err)
		}
		err = tx.Enqueue(ctx, store.Job{
			Kind: "remove_disabled", Key: fmt.Sprintf("%s/%s/%d", account, service, since.UnixMilli()),
			Account: account, Run: since.Add(removal), Args: args,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (o Operations) batchGetAccountStatus(
	ctx context.Context, in *inspector2.BatchGetAccountStatusRequest,
) (*inspector2.BatchGetAccountStatusResponse, error) {
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	mine, failed := s.choose(in.AccountIDs)
	out := inspector2.BatchGetAccountStatusResponse{Accounts: []inspector2.AccountState{}, FailedAccounts: failed}
	for _, account := range mine {
		settings, err := o.Store.Settings(ctx, s.Scope, account)
		if err != nil {
			return nil, err
		}
		state := func(service org.Service) *inspector2.State {
			return &inspector2.State{Status: status(settings.On(service))}
		}
		out.Accounts = append(out.Accounts, inspector2.AccountState{
			AccountID: account.String(), State: inspector2.State{Status: status(settings.Any())},
			ResourceState: inspector2.ResourceState{
				Ec2: *state(org.EC2), Ecr: *state(org.ECR), Lambda: state(org.Lambda),
				LambdaCode: state(org.LambdaCode), CodeRepository: state(org.CodeRepository),
			},
		})
	}
	return &out, nil
}

// permitted are the operations on each service that the API can tell of.
// Source: Inspector2 API model, Service and Operation.
var permitted = []inspector2.Permission{
	{Service: inspector2.ServiceEc2, Operation: inspector2.OperationEnableScanning},
	{Service: inspector2.ServiceEc2, Operation: inspector2.OperationDisableScanning},
	{Service: inspector2.ServiceEcr, Operation: inspector2.OperationEnableScanning},
	{Service: inspector2.ServiceEcr, Operation: inspector2.OperationDisableScanning},
	{Service: inspector2.ServiceLambda, Operation: inspector2.OperationEnableScanning},
	{Service: inspector2.ServiceLambda, Operation: inspector2.OperationDisableScanning},
}

func (o Operations) listAccountPermissions(
	ctx context.Context, in *inspector2.ListAccountPermissionsRequest,
) (*inspector2.ListAccountPermissionsResponse, error) {
	const most = 1024
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(slices.Clone(permitted), func(p inspector2.Permission) bool {
		return in.Service != "" && p.Service != in.Service ||
			p.Operation == inspector2.OperationDisableScanning && s.Admin != 0
	})
	out := inspector2.ListAccountPermissionsResponse{}
	out.Permissions, out.NextToken, err = cut[inspector2.Permission]{
		operation: "ListAccountPermissions", asked: in.Service,
		key:   func(p inspector2.Permission) string { return string(p.Service) + "/" + string(p.Operation) },
		token: in.NextToken, size: in.MaxResults, most: most,
	}.page(ctx, o, rows)
	return &out, err
}

// choose parts the accounts that a request names into those that the caller may
// look at and change, and the others; none is the caller's own.
func (s seat) choose(ids []string) (mine []org.Account, failed []inspector2.FailedAccount) {
	if len(ids) == 0 {
		return []org.Account{s.Account}, []inspector2.FailedAccount{}
	}
	failed = []inspector2.FailedAccount{}
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		account, err := org.ParseAccount(id)
		if err != nil || !s.Scope.Has(account) {
			failed = append(failed, inspector2.FailedAccount{
				AccountID: id, ErrorCode: inspector2.ErrorCodeAccessDenied,
				ErrorMessage: "The account is neither yours nor that of a member.",
			})
			continue
		}
		mine = append(mine, account)
	}
	return mine, failed
}

func refusal(account org.Account, code inspector2.ErrorCode, message string) *inspector2.FailedAccount {
	return &inspector2.FailedAccount{AccountID: account.String(), ErrorCode: code, ErrorMessage: message}
}

func servicesOf(types []inspector2.ResourceScanType) []org.Service {
	out := make([]org.Service, len(types))
	for i, t := range types {
		out[i] = org.Service(t)
	}
	return out
}

func accountStatus(account org.Account, settings org.Settings) inspector2.Account {
	return inspector2.Account{
		AccountID: account.String(), Status: status(settings.Any()),
		ResourceStatus: inspector2.ResourceStatus{
			Ec2: status(settings.On(org.EC2)), Ecr: status(settings.On(org.ECR)), Lambda: status(settings.On(org.Lambda)),
			LambdaCode: status(settings.On(org.LambdaCode)), CodeRepository: status(settings.On(org.CodeRepository)),
		},
	}
}

// status is that of what is switched at once.
func status(on bool) inspector2.Status {
	if on {
		return inspector2.StatusEnabled
	}
	return inspector2.StatusDisabled
}
