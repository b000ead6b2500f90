package v2

import (
	"testing"

	"github.com/assay-project/assay/internal/api/inspector2"
)

func TestEncryptionKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const key = "arn:aws:kms:eu-central-1:444444444444:key/00000000-0000-0000-0000-000000000001"
	get := func(scan inspector2.ScanType, resource inspector2.ResourceType) *inspector2.GetEncryptionKeyRequest {
		return &inspector2.GetEncryptionKeyRequest{ScanType: scan, ResourceType: resource}
	}
	reset := &inspector2.ResetEncryptionKeyRequest{ScanType: "CODE", ResourceType: "AWS_LAMBDA_FUNCTION"}
	refuses(t, o, alone, o.h.GetEncryptionKey, get("CODE", "AWS_LAMBDA_FUNCTION"), missing)
	answers(t, o, alone, o.h.UpdateEncryptionKey,
		&inspector2.UpdateEncryptionKeyRequest{KmsKeyID: key, ScanType: "CODE", ResourceType: "AWS_LAMBDA_FUNCTION"}, `{}`)
	answers(t, o, alone, o.h.GetEncryptionKey, get("CODE", "AWS_LAMBDA_FUNCTION"), `{"kmsKeyId":"`+key+`"}`)
	refuses(t, o, alone, o.h.GetEncryptionKey, get("CODE", "CODE_REPOSITORY"), missing)
	refuses(t, o, clerk, o.h.GetEncryptionKey, get("CODE", "AWS_LAMBDA_FUNCTION"), missing)
	answers(t, o, alone, o.h.ResetEncryptionKey, reset, `{}`)
	refuses(t, o, alone, o.h.GetEncryptionKey, get("CODE", "AWS_LAMBDA_FUNCTION"), missing)
	refuses(t, o, alone, o.h.ResetEncryptionKey, reset, missing)

	refuses(t, o, alone, o.h.GetEncryptionKey, get("PACKAGE", "AWS_LAMBDA_FUNCTION"), invalid)
	refuses(t, o, alone, o.h.GetEncryptionKey, get("CODE", "AWS_EC2_INSTANCE"), invalid)
	refuses(t, o, alone, o.h.UpdateEncryptionKey,
		&inspector2.UpdateEncryptionKeyRequest{KmsKeyID: key, ScanType: "NETWORK", ResourceType: "AWS_EC2_INSTANCE"}, invalid)
	refuses(t, o, alone, o.h.ResetEncryptionKey,
		&inspector2.ResetEncryptionKeyRequest{ScanType: "CODE", ResourceType: "AWS_ECR_REPOSITORY"}, invalid)
}
