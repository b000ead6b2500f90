package v2

import (
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
)

func TestDelegatedAdministrator(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	name := func(a org.Account) *inspector2.EnableDelegatedAdminAccountRequest {
		return &inspector2.EnableDelegatedAdminAccountRequest{DelegatedAdminAccountID: a.String()}
	}
	unname := func(a org.Account) *inspector2.DisableDelegatedAdminAccountRequest {
		return &inspector2.DisableDelegatedAdminAccountRequest{DelegatedAdminAccountID: a.String()}
	}
	get, list := &inspector2.GetDelegatedAdminAccountRequest{}, &inspector2.ListDelegatedAdminAccountsRequest{}

	refuses(t, o, alone, o.h.GetDelegatedAdminAccount, get, missing)
	answers(t, o, boss, o.h.ListDelegatedAdminAccounts, list, `{"delegatedAdminAccounts":[]}`)
	refuses(t, o, admin, o.h.EnableDelegatedAdminAccount, name(admin), denied)
	refuses(t, o, boss, o.h.EnableDelegatedAdminAccount, name(nowhere), missing)
	answers(t, o, boss, o.h.EnableDelegatedAdminAccount, name(admin), `{"delegatedAdminAccountId":"222222222222"}`)
	answers(t, o, boss, o.h.EnableDelegatedAdminAccount, name(admin), `{"delegatedAdminAccountId":"222222222222"}`)
	refuses(t, o, boss, o.h.EnableDelegatedAdminAccount, name(alone), clash)
	answers(t, o, clerk, o.h.GetDelegatedAdminAccount, get,
		`{"delegatedAdmin":{"accountId":"222222222222","relationshipStatus":"ENABLED"}}`)
	answers(t, o, boss, o.h.ListDelegatedAdminAccounts, list,
		`{"delegatedAdminAccounts":[{"accountId":"222222222222","status":"ENABLED"}]}`)

	ask(t, o, admin, o.h.AssociateMember, &inspector2.AssociateMemberRequest{AccountID: clerk.String()})
	refuses(t, o, admin, o.h.DisableDelegatedAdminAccount, unname(admin), denied)
	refuses(t, o, boss, o.h.DisableDelegatedAdminAccount, unname(alone), missing)
	answers(t, o, boss, o.h.DisableDelegatedAdminAccount, unname(admin), `{"delegatedAdminAccountId":"222222222222"}`)
	refuses(t, o, clerk, o.h.GetDelegatedAdminAccount, get, missing)
	if got := on(t, o, clerk, clerk); got != "EC2 ECR LAMBDA CODE_REPOSITORY " {
		t.Errorf("the former member has %q", got)
	}
	ask(t, o, boss, o.h.EnableDelegatedAdminAccount, name(alone)) // the place is free
	ask(t, o, alone, o.h.AssociateMember, &inspector2.AssociateMemberRequest{AccountID: clerk.String()})
}

func TestMembers(t *testing.T) {
	t.Parallel()
	o := organized(t)
	list, all := &inspector2.ListMembersRequest{}, &inspector2.ListMembersRequest{OnlyAssociated: new(false)}
	get := &inspector2.GetMemberRequest{AccountID: clerk.String()}
	member := func(status, at string) string {
		return `{"accountId":"333333333333","relationshipStatus":"` + status +
			`","delegatedAdminAccountId":"222222222222","updatedAt":` + at + `}`
	}
	answers(t, o, admin, o.h.ListMembers, list, `{"members":[`+member("ENABLED", "1772366400")+`]}`)
	answers(t, o, clerk, o.h.GetMember, get, `{"member":`+member("ENABLED", "1772366400")+`}`)
	answers(t, o, clerk, o.h.ListMembers, list, `{"members":[]}`)
	refuses(t, o, alone, o.h.GetMember, get, missing)

	o.now = o.now.Add(time.Hour)
	associate := &inspector2.AssociateMemberRequest{AccountID: clerk.String()}
	answers(t, o, admin, o.h.AssociateMember, associate, `{"accountId":"333333333333"}`)
	answers(t, o, admin, o.h.GetMember, get, `{"member":`+member("ENABLED", "1772366400")+`}`) // as it was
	for range 2 {
		answers(t, o, admin, o.h.DisassociateMember, &inspector2.DisassociateMemberRequest{AccountID: clerk.String()},
			`{"accountId":"333333333333"}`)
	}
	answers(t, o, admin, o.h.ListMembers, list, `{"members":[]}`)
	answers(t, o, admin, o.h.ListMembers, all, `{"members":[`+member("REMOVED", "1772370000")+`]}`)
	out := ask(t, o, admin, o.h.BatchGetAccountStatus, &inspector2.BatchGetAccountStatusRequest{AccountIDs: []string{clerk.String()}})
	if len(out.FailedAccounts) != 1 {
		t.Error("the administrator still sees the former member")
	}

	for _, tt := range []struct {
		as, account org.Account
		want        string
	}{
		{clerk, alone, denied},
		{boss, alone, denied},
		{admin, admin, invalid},
		{admin, nowhere, missing}, // which the operation does not declare: the client gets a ValidationException
	} {
		refuses(t, o, tt.as, o.h.AssociateMember, &inspector2.AssociateMemberRequest{AccountID: tt.account.String()}, tt.want)
	}
	refuses(t, o, admin, o.h.DisassociateMember, &inspector2.DisassociateMemberRequest{AccountID: alone.String()}, missing)
}

func TestListMembersPages(t *testing.T) {
	t.Parallel()
	o := organized(t)
	for _, a := range []org.Account{alone, boss} {
		ask(t, o, admin, o.h.AssociateMember, &inspector2.AssociateMemberRequest{AccountID: a.String()})
	}
	in := &inspector2.ListMembersRequest{MaxResults: new(int32(2))}
	first := ask(t, o, admin, o.h.ListMembers, in)
	in.NextToken = first.NextToken
	second := ask(t, o, admin, o.h.ListMembers, in)
	if len(first.Members) != 2 || len(second.Members) != 1 || second.Members[0].AccountID != alone.String() || second.NextToken != "" {
		t.Errorf("%+v\n%+v", first, second)
	}
	in.OnlyAssociated = new(false)
	refuses(t, o, admin, o.h.ListMembers, in, invalid)
}

// What new members get is set by the administrator and is on once they are
// members.
func TestOrganizationConfiguration(t *testing.T) {
	t.Parallel()
	o := organized(t)
	describe := &inspector2.DescribeOrganizationConfigurationRequest{}
	answers(t, o, admin, o.h.DescribeOrganizationConfiguration, describe, `{"autoEnable":{"ec2":false,"ecr":false,"lambda":false,`+
		`"lambdaCode":false,"codeRepository":false},"maxAccountLimitReached":false}`)
	update := func(e inspector2.AutoEnable) *inspector2.UpdateOrganizationConfigurationRequest {
		return &inspector2.UpdateOrganizationConfigurationRequest{AutoEnable: e}
	}
	answers(t, o, admin, o.h.UpdateOrganizationConfiguration, update(inspector2.AutoEnable{Ec2: true, Lambda: new(true)}),
		`{"autoEnable":{"ec2":true,"ecr":false,"lambda":true,"lambdaCode":false,"codeRepository":false}}`)
	answers(t, o, admin, o.h.UpdateOrganizationConfiguration, update(inspector2.AutoEnable{Ec2: true, LambdaCode: new(true)}),
		`{"autoEnable":{"ec2":true,"ecr":false,"lambda":true,"lambdaCode":true,"codeRepository":false}}`) // lambda as before
	answers(t, o, admin, o.h.DescribeOrganizationConfiguration, describe, `{"autoEnable":{"ec2":true,"ecr":false,"lambda":true,`+
		`"lambdaCode":true,"codeRepository":false},"maxAccountLimitReached":false}`)
	refuses(t, o, admin, o.h.UpdateOrganizationConfiguration, update(inspector2.AutoEnable{Lambda: new(false)}), invalid)
	refuses(t, o, clerk, o.h.UpdateOrganizationConfiguration, update(inspector2.AutoEnable{}), denied)
	refuses(t, o, clerk, o.h.DescribeOrganizationConfiguration, describe, denied)

	ask(t, o, alone, o.h.Disable, &inspector2.DisableRequest{})
	ask(t, o, alone, o.h.Enable, &inspector2.EnableRequest{ResourceTypes: []inspector2.ResourceScanType{"ECR"}})
	ask(t, o, admin, o.h.AssociateMember, &inspector2.AssociateMemberRequest{AccountID: alone.String()})
	if got := on(t, o, alone, alone); got != "EC2 ECR LAMBDA LAMBDA_CODE " {
		t.Errorf("the new member has %q", got)
	}
}
