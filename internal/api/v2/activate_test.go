package v2

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// on returns the services of an account that BatchGetAccountStatus shows as
// enabled.
func on(t *testing.T, o *office, as, account org.Account) string {
	t.Helper()
	out := ask(t, o, as, o.h.BatchGetAccountStatus, &inspector2.BatchGetAccountStatusRequest{AccountIDs: []string{account.String()}})
	if len(out.Accounts) != 1 {
		t.Fatalf("%s does not see %s: %+v", as, account, out.FailedAccounts)
	}
	states, text := out.Accounts[0].ResourceState, ""
	for _, s := range []struct {
		name  string
		state inspector2.State
	}{
		{"EC2 ", states.Ec2},
		{"ECR ", states.Ecr},
		{"LAMBDA ", *states.Lambda},
		{"LAMBDA_CODE ", *states.LambdaCode},
		{"CODE_REPOSITORY ", *states.CodeRepository},
	} {
		if s.state.Status == inspector2.StatusEnabled {
			text += s.name
		}
	}
	if any := out.Accounts[0].State.Status == inspector2.StatusEnabled; any != (text != "") {
		t.Errorf("the account is %s with %q", out.Accounts[0].State.Status, text)
	}
	return text
}

func TestEnableAndDisable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	types := func(list ...inspector2.ResourceScanType) []inspector2.ResourceScanType { return list }
	enable := func(list ...inspector2.ResourceScanType) *inspector2.EnableRequest {
		return &inspector2.EnableRequest{ResourceTypes: list}
	}
	want := func(step, services string) {
		t.Helper()
		if got := on(t, o, alone, alone); got != services {
			t.Errorf("%s: %q, want %q", step, got, services)
		}
	}
	want("new", "EC2 ECR LAMBDA CODE_REPOSITORY ")

	o.now = o.now.Add(time.Hour)
	answers(t, o, alone, o.h.Enable, enable("LAMBDA_CODE"), `{"accounts":[{"accountId":"444444444444","status":"ENABLED",`+
		`"resourceStatus":{"ec2":"ENABLED","ecr":"ENABLED","lambda":"ENABLED","lambdaCode":"ENABLED","codeRepository":"ENABLED"}}],`+
		`"failedAccounts":[]}`)
	want("code of functions", "EC2 ECR LAMBDA LAMBDA_CODE CODE_REPOSITORY ")

	ask(t, o, alone, o.h.Disable, &inspector2.DisableRequest{ResourceTypes: types("LAMBDA")})
	want("without functions", "EC2 ECR CODE_REPOSITORY ")
	refuses(t, o, alone, o.h.Enable, enable("LAMBDA_CODE"), invalid)
	ask(t, o, alone, o.h.Disable, &inspector2.DisableRequest{})
	want("all off", "")

	o.now = o.now.Add(time.Hour)
	ask(t, o, alone, o.h.Enable, enable("LAMBDA_CODE", "LAMBDA"))
	want("on again", "LAMBDA LAMBDA_CODE ")

	settings, err := o.Store.Settings(t.Context(), org.Only(alone), alone)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	wanted := map[org.Service]org.Activation{ // the trial goes on from the first time
		org.EC2:            {Since: begin.Add(time.Hour), Trial: begin},
		org.ECR:            {Since: begin.Add(time.Hour), Trial: begin},
		org.Lambda:         {On: true, Since: begin.Add(2 * time.Hour), Trial: begin},
		org.LambdaCode:     {On: true, Since: begin.Add(2 * time.Hour), Trial: begin.Add(time.Hour)},
		org.CodeRepository: {Since: begin.Add(time.Hour), Trial: begin},
	}
	if diff := cmp.Diff(wanted, settings.Services); diff != "" {
		t.Error(diff)
	}
}

// What a service has found is to be removed a day after it is off.
func TestDisablePlansRemoval(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 2 { // once is enough
		ask(t, o, alone, o.h.Disable, &inspector2.DisableRequest{ResourceTypes: []inspector2.ResourceScanType{"EC2", "ECR"}})
	}
	jobs, err := o.Store.Jobs(t.Context(), store.Jobs{Kind: "remove_disabled"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[org.Service]time.Duration{}
	for _, j := range jobs {
		var args Removal
		if err := json.Unmarshal(j.Args, &args); err != nil {
			t.Fatal(err)
		}
		got[args.Service] = j.Run.Sub(args.Since)
		if j.Account != alone || !args.Since.Equal(o.now) {
			t.Errorf("%+v %+v", j, args)
		}
	}
	if diff := cmp.Diff(map[org.Service]time.Duration{"EC2": 24 * time.Hour, "ECR": 24 * time.Hour}, got); diff != "" {
		t.Error(diff)
	}
}

func TestActivationOfMembers(t *testing.T) {
	t.Parallel()
	o := organized(t)
	both := []string{clerk.String(), alone.String(), clerk.String()}
	failed := `"failedAccounts":[{"accountId":"444444444444","errorCode":"ACCESS_DENIED",` +
		`"errorMessage":"The account is neither yours nor that of a member."}]`
	answers(t, o, admin, o.h.Disable, &inspector2.DisableRequest{AccountIDs: both, ResourceTypes: []inspector2.ResourceScanType{"ECR"}},
		`{"accounts":[{"accountId":"333333333333","status":"ENABLED","resourceStatus":{"ec2":"ENABLED","ecr":"DISABLED",`+
			`"lambda":"ENABLED","lambdaCode":"DISABLED","codeRepository":"ENABLED"}}],`+failed+`}`)
	if got := on(t, o, clerk, clerk); got != "EC2 LAMBDA CODE_REPOSITORY " {
		t.Errorf("the member has %q", got)
	}
	ask(t, o, clerk, o.h.Enable, &inspector2.EnableRequest{ResourceTypes: []inspector2.ResourceScanType{"ECR"}})
	if got := on(t, o, admin, clerk); got != "EC2 ECR LAMBDA CODE_REPOSITORY " {
		t.Errorf("after the member has enabled it: %q", got)
	}

	for _, tt := range []struct {
		as   org.Account
		want inspector2.ErrorCode
	}{{clerk, inspector2.ErrorCodeAccessDenied}, {admin, inspector2.ErrorCodeDisassociateAllMembers}} {
		out := ask(t, o, tt.as, o.h.Disable, &inspector2.DisableRequest{})
		if len(out.FailedAccounts) != 1 || out.FailedAccounts[0].ErrorCode != tt.want || len(out.Accounts) != 0 {
			t.Errorf("%s disables itself: %+v", tt.as, out)
		}
	}
	ask(t, o, admin, o.h.DisassociateMember, &inspector2.DisassociateMemberRequest{AccountID: clerk.String()})
	ask(t, o, admin, o.h.Disable, &inspector2.DisableRequest{})
	if got := on(t, o, admin, admin); got != "" {
		t.Errorf("the administrator without members still has %q", got)
	}
}

func TestListAccountPermissions(t *testing.T) {
	t.Parallel()
	o := organized(t)
	in := &inspector2.ListAccountPermissionsRequest{Service: "ECR"}
	answers(t, o, clerk, o.h.ListAccountPermissions, in, `{"permissions":[{"service":"ECR","operation":"ENABLE_SCANNING"}]}`)
	ask(t, o, admin, o.h.DisassociateMember, &inspector2.DisassociateMemberRequest{AccountID: clerk.String()})
	answers(t, o, clerk, o.h.ListAccountPermissions, in,
		`{"permissions":[{"service":"ECR","operation":"DISABLE_SCANNING"},{"service":"ECR","operation":"ENABLE_SCANNING"}]}`)
	in = &inspector2.ListAccountPermissionsRequest{MaxResults: new(int32(4))}
	first := ask(t, o, clerk, o.h.ListAccountPermissions, in)
	in.NextToken = first.NextToken
	second := ask(t, o, clerk, o.h.ListAccountPermissions, in)
	if len(first.Permissions) != 4 || len(second.Permissions) != 2 || second.NextToken != "" {
		t.Errorf("%d, %d permissions", len(first.Permissions), len(second.Permissions))
	}
}
