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

func (o Operations) getEc2DeepInspectionConfiguration(
	ctx context.Context, _ *inspector2.GetEc2DeepInspectionConfigurationRequest,
) (*inspector2.GetEc2DeepInspectionConfigurationResponse, error) {
	settings, err := o.Store.EffectiveSettings(ctx, api.CallerOf(ctx).Account)
	if err != nil {
		return nil, err
	}
	return &inspector2.GetEc2DeepInspectionConfigurationResponse{
		PackagePaths: settings.DeepInspection.Paths, OrgPackagePaths: settings.DeepInspection.OrgPaths,
		Status: inspectionStatus(settings),
	}, nil
}

// inspectionStatus is that of deep inspection, which is a part of the scan of
// machines and never goes on without it.
func inspectionStatus(settings org.Settings) inspector2.Ec2DeepInspectionStatus {
	if settings.On(org.EC2) && !settings.DeepInspection.Off {
		return inspector2.Ec2DeepInspectionStatusActivated
	}
	return inspector2.Ec2DeepInspectionStatusDeactivated
}

// updateEc2DeepInspectionConfiguration changes what the request names: paths
// that are not given stay, an empty list removes them.
func (o Operations) updateEc2DeepInspectionConfiguration(
	ctx context.Context, in *inspector2.UpdateEc2DeepInspectionConfigurationRequest,
) (*inspector2.UpdateEc2DeepInspectionConfigurationResponse, error) {
	if err := checkPaths("packagePaths", in.PackagePaths); err != nil {
		return nil, err
	}
	account := api.CallerOf(ctx).Account
	var after org.Settings
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		err := o.changeIn(ctx, tx, account, func(s *org.Settings) error {
			if on := in.ActivateDeepInspection; on != nil {
				s.DeepInspection.Off = !*on
			}
			if in.PackagePaths != nil {
				s.DeepInspection.Paths = in.PackagePaths
			}
			return nil
		})
		if err != nil {
			return err
		}
		after, err = tx.EffectiveSettings(ctx, account)
		return err
	})
	return &inspector2.UpdateEc2DeepInspectionConfigurationResponse{
		PackagePaths: after.DeepInspection.Paths, OrgPackagePaths: after.DeepInspection.OrgPaths,
		Status: inspectionStatus(after),
	}, err
}

// checkPaths refuses a path that is given twice, with or without the slash at
// its end.
func checkPaths(field string, paths []string) error {
	if path, twice := repeated(paths, func(s string) string { return strings.TrimSuffix(s, "/") }); twice {
		return fault.OnField(field, "has %s twice", path)
	}
	return nil
}

func (o Operations) updateOrgEc2DeepInspectionConfiguration(
	ctx context.Context, in *inspector2.UpdateOrgEc2DeepInspectionConfigurationRequest,
) (*inspector2.UpdateOrgEc2DeepInspectionConfigurationResponse, error) {
	if err := checkPaths("orgPackagePaths", in.OrgPackagePaths); err != nil {
		return nil, err
	}
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	if err := s.mustAdminister(); err != nil {
		return nil, err
	}
	err = o.change(ctx, s.Account, func(s *org.Settings) error {
		s.DeepInspection.OrgPaths = in.OrgPackagePaths
		return nil
	})
	return &inspector2.UpdateOrgEc2DeepInspectionConfigurationResponse{}, err
}

// batchGetMemberEc2DeepInspectionStatus answers for the accounts named; none:
// the first hundred members, which is as many as an answer may have.
func (o Operations) batchGetMemberEc2DeepInspectionStatus(
	ctx context.Context, in *inspector2.BatchGetMemberEc2DeepInspectionStatusRequest,
) (*inspector2.BatchGetMemberEc2DeepInspectionStatusResponse, error) {
	const most = 100
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	if err := s.mustAdminister(); err != nil {
		return nil, err
	}
	ids := in.AccountIDs
	if len(ids) == 0 {
		for _, account := range s.Scope.Accounts() {
			if account != s.Account && len(ids) < most {
				ids = append(ids, account.String())
			}
		}
	}
	out := &inspector2.BatchGetMemberEc2DeepInspectionStatusResponse{
		AccountIDs:       []inspector2.MemberAccountEc2DeepInspectionStatusState{},
		FailedAccountIDs: []inspector2.FailedMemberAccountEc2DeepInspectionStatusState{},
	}
	for _, id := range ids {
		account, ok := s.member(id)
		if !ok {
			out.FailedAccountIDs = append(out.FailedAccountIDs, noMember(id))
			continue
		}
		settings, err := o.Store.Settings(ctx, s.Scope, account)
		if err != nil {
			return nil, err
		}
		out.AccountIDs = append(out.AccountIDs, inspector2.MemberAccountEc2DeepInspectionStatusState{
			AccountID: id, Status: inspectionStatus(settings),
		})
	}
	return out, nil
}

// member reads the id of an account that the caller administers.
func (s seat) member(id string) (org.Account, bool) {
	account, err := org.ParseAccount(id)
	return account, err == nil && account != s.Account && s.Scope.Has(account)
}

func noMember(id string) inspector2.FailedMemberAccountEc2DeepInspectionStatusState {
	return inspector2.FailedMemberAccountEc2DeepInspectionStatusState{AccountID: id, ErrorMessage: "The account is not a member."}
}

// batchUpdateMemberEc2DeepInspectionStatus switches deep inspection for members
// whose machines are scanned.
func (o Operations) batchUpdateMemberEc2DeepInspectionStatus(
	ctx context.Context, in *inspector2.BatchUpdateMemberEc2DeepInspectionStatusRequest,
) (*inspector2.BatchUpdateMemberEc2DeepInspectionStatusResponse, error) {
	var out inspector2.BatchUpdateMemberEc2DeepInspectionStatusResponse
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := seatIn(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.mustAdminister(); err != nil {
			return err
		}
		out.AccountIDs = []inspector2.MemberAccountEc2DeepInspectionStatusState{}
		out.FailedAccountIDs = []inspector2.FailedMemberAccountEc2DeepInspectionStatusState{}
		for _, want := range in.AccountIDs {
			account, ok := s.member(want.AccountID)
			if !ok {
				out.FailedAccountIDs = append(out.FailedAccountIDs, noMember(want.AccountID))
				continue
			}
			settings, err := tx.Settings(ctx, s.Scope, account)
			if err != nil {
				return err
			}
			if !settings.On(org.EC2) {
				out.FailedAccountIDs = append(out.FailedAccountIDs, inspector2.FailedMemberAccountEc2DeepInspectionStatusState{
					AccountID: want.AccountID, Ec2ScanStatus: inspector2.StatusDisabled,
					ErrorMessage: "Deep inspection is a part of EC2 scanning, which is disabled.",
				})
				continue
			}
			settings.DeepInspection.Off = !want.ActivateDeepInspection
			if err := tx.SetSettings(ctx, s.Scope, account, settings, o.Now()); err != nil {
				return err
			}
			out.AccountIDs = append(out.AccountIDs, inspector2.MemberAccountEc2DeepInspectionStatusState{
				AccountID: want.AccountID, Status: inspectionStatus(settings),
			})
		}
		return nil
	})
	return &out, err
}
