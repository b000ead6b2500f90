package v2

import (
	"context"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// target returns the account that a configuration is asked of: the caller's
// own, or a member of the administrator that calls.
func (s seat) target(id string) (org.Account, error) {
	if id == "" || id == s.Account.String() {
		return s.Account, nil
	}
	account, err := org.ParseAccount(id)
	if err != nil {
		return 0, fault.OnField("accountId", "%v", err)
	}
	if !s.administers() || !s.Scope.Has(account) {
		return 0, fault.New(fault.Denied, "Account %s is not a member that account %s administers.", account, s.Account)
	}
	return account, nil
}

func (o Operations) getConfiguration(
	ctx context.Context, in *inspector2.GetConfigurationRequest,
) (*inspector2.GetConfigurationResponse, error) {
	s, err := seatOf(ctx, o.Store)
	if err != nil {
		return nil, err
	}
	account, err := s.target(in.AccountID)
	if err != nil {
		return nil, err
	}
	settings, err := o.Store.EffectiveSettings(ctx, account)
	if err != nil {
		return nil, err
	}
	images, hosts := settings.ECR, settings.EC2
	out := &inspector2.GetConfigurationResponse{
		EcrConfiguration: &inspector2.EcrConfigurationState{RescanDurationState: &inspector2.EcrRescanDurationState{
			RescanDuration: inspector2.EcrRescanDuration(images.Rescan), Status: inspector2.EcrRescanDurationStatusSuccess,
			PullDateRescanDuration: inspector2.EcrPullDateRescanDuration(images.Pull),
			PullDateRescanMode:     inspector2.EcrPullDateRescanMode(images.PullMode), UpdatedAt: images.Updated,
		}},
		Ec2Configuration: &inspector2.Ec2ConfigurationState{
			ScanModeState: &inspector2.Ec2ScanModeState{
				ScanMode: inspector2.Ec2ScanMode(hosts.Mode), ScanModeStatus: inspector2.Ec2ScanModeStatusSuccess,
			},
			VmScannerState: &inspector2.VMScannerState{
				Activated: &hosts.VMScanner, ActivatedAt: hosts.Activated, Status: inspector2.VMScannerStatusSuccess,
			},
		},
	}
	return out, nil
}

// updateConfiguration changes the configuration of the caller, or of one member
// of the administrator that calls. What an administrator has set holds for all
// members that have nothing of their own.
// Source: Inspector2 API reference, UpdateConfiguration: members cannot change it.
func (o Operations) updateConfiguration(
	ctx context.Context, in *inspector2.UpdateConfigurationRequest,
) (*inspector2.UpdateConfigurationResponse, error) {
	if err := checkConfiguration(in); err != nil {
		return nil, err
	}
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := seatIn(ctx, tx)
		if err != nil {
			return err
		}
		if s.Admin != 0 {
			return fault.New(fault.Denied, "Account %s is a member: only its administrator may change its configuration.", s.Account)
		}
		account, err := s.target(in.AccountID)
		if err != nil {
			return err
		}
		if in.UpdateConfigurationInheritance != nil && account == s.Account {
			return fault.OnField("updateConfigurationInheritance", "only a member inherits: give its accountId")
		}
		before, err := tx.EffectiveSettings(ctx, account)
		if err != nil {
			return err
		}
		return o.changeIn(ctx, tx, account, func(settings *org.Settings) error {
			o.configure(settings, before, in)
			return nil
		})
	})
	return &inspector2.UpdateConfigurationResponse{}, err
}

// checkConfiguration refuses requests that ask for nothing, or for two things
// that exclude each other.
func checkConfiguration(in *inspector2.UpdateConfigurationRequest) error {
	inherit := in.UpdateConfigurationInheritance
	if in.EcrConfiguration == nil && in.Ec2Configuration == nil && inherit == nil {
		return fault.New(fault.Invalid, "There is nothing to change.")
	}
	if inherit == nil {
		return nil
	}
	if inherit.Ec2Configuration == "" && inherit.EcrConfiguration == "" {
		return fault.OnField("updateConfigurationInheritance", "names no configuration to inherit")
	}
	if inherit.Ec2Configuration != "" && in.Ec2Configuration != nil {
		return fault.OnField("ec2Configuration", "cannot be both set and inherited")
	}
	if inherit.EcrConfiguration != "" && in.EcrConfiguration != nil {
		return fault.OnField("ecrConfiguration", "cannot be both set and inherited")
	}
	return nil
}

// configure does what the request asks. Parts that it does not name stay as
// they were in effect.
func (o Operations) configure(settings *org.Settings, before org.Settings, in *inspector2.UpdateConfigurationRequest) {
	if c := in.EcrConfiguration; c != nil {
		images := *before.ECR
		images.Rescan, images.Updated = string(c.RescanDuration), o.Now()
		if c.PullDateRescanDuration != "" {
			images.Pull = string(c.PullDateRescanDuration)
		}
		if c.PullDateRescanMode != "" {
			images.PullMode = string(c.PullDateRescanMode)
		}
		settings.ECR = &images
	}
	if c := in.Ec2Configuration; c != nil {
		hosts := *before.EC2
		hosts.Mode = string(c.ScanMode)
		if on := c.ActivateVMScanner; on != nil {
			if *on && !hosts.VMScanner {
				hosts.Activated = o.Now()
			}
			hosts.VMScanner = *on
		}
		settings.EC2 = &hosts
	}
	if inherit := in.UpdateConfigurationInheritance; inherit != nil {
		if inherit.EcrConfiguration != "" {
			settings.ECR = nil
		}
		if inherit.Ec2Configuration != "" {
			settings.EC2 = nil
		}
	}
}
