package v2

import (
	"context"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// sealable are the resource types for which Amazon Inspector keeps pieces of
// the customer's code, which a key of the customer may seal.
// Source: Inspector2 user guide, "Encryption at rest".
var sealable = map[inspector2.ResourceType]bool{
	inspector2.ResourceTypeAwsLambdaFunction: true,
	inspector2.ResourceTypeCodeRepository:    true,
}

// keyName returns how the settings name the key of a scan type and a resource
// type.
func keyName(scan inspector2.ScanType, resource inspector2.ResourceType) (string, error) {
	if scan != inspector2.ScanTypeCode {
		return "", fault.OnField("scanType", "only scans of type CODE keep what a key could seal")
	}
	if !sealable[resource] {
		return "", fault.OnField("resourceType", "scans of type CODE are of AWS_LAMBDA_FUNCTION and CODE_REPOSITORY")
	}
	return string(scan) + "/" + string(resource), nil
}

func (o Operations) getEncryptionKey(
	ctx context.Context, in *inspector2.GetEncryptionKeyRequest,
) (*inspector2.GetEncryptionKeyResponse, error) {
	name, err := keyName(in.ScanType, in.ResourceType)
	if err != nil {
		return nil, err
	}
	account := api.CallerOf(ctx).Account
	settings, err := o.Store.Settings(ctx, org.Only(account), account)
	if err != nil {
		return nil, err
	}
	key := settings.Keys[name]
	if key == "" {
		return nil, noKey(name)
	}
	return &inspector2.GetEncryptionKeyResponse{KmsKeyID: key}, nil
}

func noKey(name string) error {
	return fault.New(fault.NotFound, "No key is set for %s: the service's own is used.", name)
}

func (o Operations) updateEncryptionKey(
	ctx context.Context, in *inspector2.UpdateEncryptionKeyRequest,
) (*inspector2.UpdateEncryptionKeyResponse, error) {
	name, err := keyName(in.ScanType, in.ResourceType)
	if err != nil {
		return nil, err
	}
	err = o.change(ctx, api.CallerOf(ctx).Account, func(s *org.Settings) error {
		if s.Keys == nil {
			s.Keys = map[string]string{}
		}
		s.Keys[name] = in.KmsKeyID
		return nil
	})
	return &inspector2.UpdateEncryptionKeyResponse{}, err
}

func (o Operations) resetEncryptionKey(
	ctx context.Context, in *inspector2.ResetEncryptionKeyRequest,
) (*inspector2.ResetEncryptionKeyResponse, error) {
	name, err := keyName(in.ScanType, in.ResourceType)
	if err != nil {
		return nil, err
	}
	err = o.change(ctx, api.CallerOf(ctx).Account, func(s *org.Settings) error {
		if s.Keys[name] == "" {
			return noKey(name)
		}
		delete(s.Keys, name)
		return nil
	})
	return &inspector2.ResetEncryptionKeyResponse{}, err
}
