package v2

import (
	"testing"

	"github.com/assay-project/assay/internal/api/inspector2"
)

func TestDeepInspection(t *testing.T) {
	t.Parallel()
	o := organized(t)
	get := &inspector2.GetEc2DeepInspectionConfigurationRequest{}
	type update = inspector2.UpdateEc2DeepInspectionConfigurationRequest
	answers(t, o, clerk, o.h.GetEc2DeepInspectionConfiguration, get, `{"status":"ACTIVATED"}`)

	answers(t, o, clerk, o.h.UpdateEc2DeepInspectionConfiguration, &update{PackagePaths: []string{"/opt/a", "/opt/b"}},
		`{"packagePaths":["/opt/a","/opt/b"],"status":"ACTIVATED"}`)
	answers(t, o, admin, o.h.UpdateOrgEc2DeepInspectionConfiguration,
		&inspector2.UpdateOrgEc2DeepInspectionConfigurationRequest{OrgPackagePaths: []string{"/srv"}}, `{}`)
	answers(t, o, clerk, o.h.UpdateEc2DeepInspectionConfiguration, &update{ActivateDeepInspection: new(false)},
		`{"packagePaths":["/opt/a","/opt/b"],"orgPackagePaths":["/srv"],"status":"DEACTIVATED"}`)
	answers(t, o, clerk, o.h.GetEc2DeepInspectionConfiguration, get,
		`{"packagePaths":["/opt/a","/opt/b"],"orgPackagePaths":["/srv"],"status":"DEACTIVATED"}`)
	answers(t, o, clerk, o.h.UpdateEc2DeepInspectionConfiguration, &update{ActivateDeepInspection: new(true), PackagePaths: []string{}},
		`{"orgPackagePaths":["/srv"],"status":"ACTIVATED"}`)
	answers(t, o, admin, o.h.GetEc2DeepInspectionConfiguration, get, `{"orgPackagePaths":["/srv"],"status":"ACTIVATED"}`)
	answers(t, o, alone, o.h.GetEc2DeepInspectionConfiguration, get, `{"status":"ACTIVATED"}`) // no member

	refuses(t, o, clerk, o.h.UpdateEc2DeepInspectionConfiguration, &update{PackagePaths: []string{"/opt/a", "/opt/a/"}}, invalid)
	refuses(t, o, admin, o.h.UpdateOrgEc2DeepInspectionConfiguration,
		&inspector2.UpdateOrgEc2DeepInspectionConfigurationRequest{OrgPackagePaths: []string{"/a", "/a"}}, invalid)
	refuses(t, o, clerk, o.h.UpdateOrgEc2DeepInspectionConfiguration,
		&inspector2.UpdateOrgEc2DeepInspectionConfigurationRequest{OrgPackagePaths: []string{}}, denied)

	ask(t, o, alone, o.h.Disable, &inspector2.DisableRequest{ResourceTypes: []inspector2.ResourceScanType{"EC2"}})
	answers(t, o, alone, o.h.GetEc2DeepInspectionConfiguration, get, `{"status":"DEACTIVATED"}`)
}

func TestDeepInspectionOfMembers(t *testing.T) {
	t.Parallel()
	o := organized(t)
	get := &inspector2.BatchGetMemberEc2DeepInspectionStatusRequest{}
	set := &inspector2.BatchUpdateMemberEc2DeepInspectionStatusRequest{AccountIDs: []inspector2.MemberAccountEc2DeepInspectionStatus{
		{AccountID: clerk.String()}, {AccountID: alone.String()},
	}}
	answers(t, o, admin, o.h.BatchGetMemberEc2DeepInspectionStatus, get,
		`{"accountIds":[{"accountId":"333333333333","status":"ACTIVATED"}],"failedAccountIds":[]}`)
	answers(t, o, admin, o.h.BatchUpdateMemberEc2DeepInspectionStatus, set,
		`{"accountIds":[{"accountId":"333333333333","status":"DEACTIVATED"}],`+
			`"failedAccountIds":[{"accountId":"444444444444","errorMessage":"The account is not a member."}]}`)
	get.AccountIDs = []string{clerk.String(), alone.String()}
	answers(t, o, admin, o.h.BatchGetMemberEc2DeepInspectionStatus, get,
		`{"accountIds":[{"accountId":"333333333333","status":"DEACTIVATED"}],`+
			`"failedAccountIds":[{"accountId":"444444444444","errorMessage":"The account is not a member."}]}`)
	answers(t, o, clerk, o.h.GetEc2DeepInspectionConfiguration, &inspector2.GetEc2DeepInspectionConfigurationRequest{},
		`{"status":"DEACTIVATED"}`)

	ask(t, o, admin, o.h.Disable, &inspector2.DisableRequest{AccountIDs: []string{clerk.String()}})
	set.AccountIDs = set.AccountIDs[:1]
	answers(t, o, admin, o.h.BatchUpdateMemberEc2DeepInspectionStatus, set, `{"accountIds":[],"failedAccountIds":[{`+
		`"accountId":"333333333333","ec2ScanStatus":"DISABLED",`+
		`"errorMessage":"Deep inspection is a part of EC2 scanning, which is disabled."}]}`)
	refuses(t, o, clerk, o.h.BatchGetMemberEc2DeepInspectionStatus, get, denied)
	refuses(t, o, clerk, o.h.BatchUpdateMemberEc2DeepInspectionStatus, set, denied)
}
