package classic

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// roleID is the id of the one role of an account.
const roleID = "role"

// registerRole keeps the role that the account offers. Nothing uses it.
func (o Operations) registerRole(ctx context.Context, in *inspector.RegisterCrossAccountAccessRoleRequest) (*wire.None, error) {
	owner, ok := roleOwner(in.RoleARN)
	if !ok {
		return nil, refuse(inspector.InvalidInputErrorCodeInvalidIamRoleArn, "%q is no ARN of a role.", in.RoleARN)
	}
	if account := api.CallerOf(ctx).Account; owner != account {
		return nil, &inspector.AccessDeniedException{
			Message:   fmt.Sprintf("Account %s has no access to %s.", account, in.RoleARN),
			ErrorCode: inspector.AccessDeniedErrorCodeAccessDeniedToIamRole,
		}
	}
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		return api.Held[struct{}]{Object: o.object(ctx, roleObject, roleID, ""), ARN: in.RoleARN}.Keep(ctx, tx)
	})
}

// roleOwner returns the account in the ARN of a role; false if it is none.
// Source: AWS Identity and Access Management, "Actions, resources, and condition
// keys".
func roleOwner(arn string) (org.Account, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || !strings.HasPrefix(parts[1], "aws") || parts[2] != "iam" || parts[3] != "" {
		return 0, false
	}
	name, ok := strings.CutPrefix(parts[5], "role/")
	account, err := org.ParseAccount(parts[4])
	return account, ok && name != "" && err == nil
}

// describeRole returns the registered role. It is not valid: nothing has looked
// at what it allows. Without one, the model leaves no answer but an exception.
func (o Operations) describeRole(ctx context.Context, _ *wire.None) (*inspector.DescribeCrossAccountAccessRoleResponse, error) {
	object, err := o.Store.Object(ctx, own(ctx), roleObject, roleID)
	if fault.KindOf(err) == fault.NotFound {
		return nil, refuse(inspector.InvalidInputErrorCodeInvalidIamRoleArn, "No role is registered.")
	}
	if err != nil {
		return nil, err
	}
	h, err := api.ReadHeld[struct{}](object)
	return &inspector.DescribeCrossAccountAccessRoleResponse{RoleARN: h.ARN, RegisteredAt: h.Updated}, err
}
