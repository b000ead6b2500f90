package server

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/inspector2/types"
)

// admins returns the delegated administrators that a list tells.
func (b *bench) admins() string {
	var list []string
	for p := sdk.NewListDelegatedAdminAccountsPaginator(b.v2, &sdk.ListDelegatedAdminAccountsInput{}); p.HasMorePages(); {
		for _, a := range must(p.NextPage(b.ctx())).DelegatedAdminAccounts {
			list = append(list, *a.AccountId+" "+string(a.Status))
		}
	}
	return joined(list)
}

// members returns what the administrator's list tells of the members.
func (b *bench) members() string {
	var list []string
	for p := sdk.NewListMembersPaginator(b.v2, &sdk.ListMembersInput{}); p.HasMorePages(); {
		for _, m := range must(p.NextPage(b.ctx())).Members {
			list = append(list, *m.AccountId)
		}
	}
	return joined(list)
}

// relation returns the relationship of an account with the administrator.
func (b *bench) relation(account string) func() string {
	return func() string {
		out, err := b.v2.GetMember(b.ctx(), &sdk.GetMemberInput{AccountId: &account})
		if is[*types.ResourceNotFoundException](err) {
			return "none"
		}
		return string(must(out, err).Member.RelationshipStatus)
	}
}

func (o organisation) nameAdmin() {
	must(o.management.v2.EnableDelegatedAdminAccount(o.admin.ctx(), &sdk.EnableDelegatedAdminAccountInput{DelegatedAdminAccountId: &o.admin.account}))
}

func (o organisation) dropAdmin() {
	must(o.management.v2.DisableDelegatedAdminAccount(o.admin.ctx(), &sdk.DisableDelegatedAdminAccountInput{DelegatedAdminAccountId: &o.admin.account}))
}

func (o organisation) join() {
	must(o.admin.v2.AssociateMember(o.admin.ctx(), &sdk.AssociateMemberInput{AccountId: &o.member.account}))
}

func (o organisation) part() {
	must(o.admin.v2.DisassociateMember(o.admin.ctx(), &sdk.DisassociateMemberInput{AccountId: &o.member.account}))
}

// newcomers returns what new members get.
func (o organisation) newcomers() string {
	out := must(o.admin.v2.DescribeOrganizationConfiguration(o.admin.ctx(), &sdk.DescribeOrganizationConfigurationInput{})).AutoEnable
	return fmt.Sprint(*out.Ec2, *out.Ecr, *out.Lambda, *out.LambdaCode, *out.CodeRepository)
}

func (o organisation) giveNewcomers() {
	must(o.admin.v2.UpdateOrganizationConfiguration(o.admin.ctx(), &sdk.UpdateOrganizationConfigurationInput{
		AutoEnable: &types.AutoEnable{Ec2: aws.Bool(false), Ecr: aws.Bool(true), Lambda: aws.Bool(true), LambdaCode: aws.Bool(true)},
	}))
}

var organisations = []operation{
	{"inspector2", "EnableDelegatedAdminAccount", works, "the management account names the delegated administrator", "one for the server", func(b *bench) {
		o := b.organisation(0)
		o.management.turns(o.management.admins, "", o.nameAdmin, o.admin.account+" ENABLED")
		err := func() error {
			_, err := o.management.v2.EnableDelegatedAdminAccount(b.ctx(), &sdk.EnableDelegatedAdminAccountInput{DelegatedAdminAccountId: &o.member.account})
			return err
		}()
		if !is[*types.ConflictException](err) {
			b.t.Errorf("a second administrator: %v", err)
		}
	}},
	{"inspector2", "DisableDelegatedAdminAccount", works, "takes that away; the members' scans go on", "", func(b *bench) {
		o := b.organisation(2)
		o.member.turns(o.management.admins, o.admin.account+" ENABLED", o.dropAdmin, "")
		if got := o.member.switches(o.member)(); got != allOn {
			b.t.Errorf("scans of the member: %q", got)
		}
	}},
	{"inspector2", "GetDelegatedAdminAccount", works, "tells a member its administrator", "", func(b *bench) {
		o := b.organisation(0)
		o.member.turns(func() string {
			out, err := o.member.v2.GetDelegatedAdminAccount(b.ctx(), &sdk.GetDelegatedAdminAccountInput{})
			if is[*types.ResourceNotFoundException](err) {
				return "none"
			}
			return *must(out, err).DelegatedAdmin.AccountId
		}, "none", o.nameAdmin, o.admin.account)
	}},
	{"inspector2", "ListDelegatedAdminAccounts", works, "lists the administrator", "", func(b *bench) {
		o := b.organisation(0)
		o.management.turns(o.management.admins, "", o.nameAdmin, o.admin.account+" ENABLED")
	}},
	{"inspector2", "AssociateMember", works, "attaches an account, whose findings the administrator then sees", "at once", func(b *bench) {
		o := b.organisation(1)
		o.member.scan(o.member.image(flawed))
		o.admin.turns(o.admin.statuses, "", o.join, bothActive)
	}},
	{"inspector2", "DisassociateMember", works, "detaches it", "at once", func(b *bench) {
		o := b.organisation(2)
		o.member.scan(o.member.image(flawed))
		o.admin.turns(o.admin.statuses, bothActive, o.part, "")
	}},
	{"inspector2", "GetMember", works, "tells the relationship of a member", "", func(b *bench) {
		o := b.organisation(1)
		look := o.admin.relation(o.member.account)
		o.admin.turns(look, "none", o.join, "ENABLED")
		o.admin.turns(look, "ENABLED", o.part, "REMOVED")
	}},
	{"inspector2", "ListMembers", works, "lists the members", "", func(b *bench) {
		o := b.organisation(1)
		o.admin.turns(o.admin.members, "", o.join, o.member.account)
	}},
	{"inspector2", "DescribeOrganizationConfiguration", works, "tells which scan types new members get", "", func(b *bench) {
		o := b.organisation(1)
		o.admin.turns(o.newcomers, "false false false false false", o.giveNewcomers, "false true true true false")
	}},
	{"inspector2", "UpdateOrganizationConfiguration", works, "changes that", "", func(b *bench) {
		o := b.organisation(1)
		o.admin.turns(o.newcomers, "false false false false false", o.giveNewcomers, "false true true true false")
		o.member.turns(o.member.switches(o.member), allOn, o.join, "CODE_REPOSITORY, EC2, ECR, LAMBDA, LAMBDA_CODE")
	}},
}

// deep returns the configuration of deep inspection.
func (b *bench) deep() string {
	out := must(b.v2.GetEc2DeepInspectionConfiguration(b.ctx(), &sdk.GetEc2DeepInspectionConfigurationInput{}))
	return fmt.Sprint(out.Status, out.PackagePaths, out.OrgPackagePaths)
}

// depth returns whether the administrator sees deep inspection of a member.
func (o organisation) depth() string {
	out := must(o.admin.v2.BatchGetMemberEc2DeepInspectionStatus(o.admin.ctx(), &sdk.BatchGetMemberEc2DeepInspectionStatusInput{
		AccountIds: []string{o.member.account},
	}))
	return string(out.AccountIds[0].Status)
}

const (
	scanTypeCode = types.ScanTypeCode
	functions    = types.ResourceTypeAwsLambdaFunction
	kmsKey       = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000"
)

// sealing returns the encryption key.
func (b *bench) sealing() string {
	out, err := b.v2.GetEncryptionKey(b.ctx(), &sdk.GetEncryptionKeyInput{ScanType: scanTypeCode, ResourceType: functions})
	if is[*types.ResourceNotFoundException](err) {
		return "none"
	}
	return *must(out, err).KmsKeyId
}

func (b *bench) seal() {
	must(b.v2.UpdateEncryptionKey(b.ctx(), &sdk.UpdateEncryptionKeyInput{
		ScanType: scanTypeCode, ResourceType: functions, KmsKeyId: aws.String(kmsKey),
	}))
}

var inspection = []operation{
	{"inspector2", "GetEc2DeepInspectionConfiguration", works, "tells the paths and whether deep inspection is on", "", func(b *bench) {
		b.turns(b.deep, "ACTIVATED[] []", func() {
			must(b.v2.UpdateEc2DeepInspectionConfiguration(b.ctx(), &sdk.UpdateEc2DeepInspectionConfigurationInput{PackagePaths: []string{"/opt/app"}}))
		}, "ACTIVATED[/opt/app] []")
	}},
	{"inspector2", "UpdateEc2DeepInspectionConfiguration", works, "switches it, and sets the account's own paths", "", func(b *bench) {
		b.turns(b.deep, "ACTIVATED[] []", func() {
			must(b.v2.UpdateEc2DeepInspectionConfiguration(b.ctx(), &sdk.UpdateEc2DeepInspectionConfigurationInput{ActivateDeepInspection: aws.Bool(false)}))
		}, "DEACTIVATED[] []")
	}},
	{"inspector2", "UpdateOrgEc2DeepInspectionConfiguration", works, "sets the paths of the organisation", "", func(b *bench) {
		o := b.organisation(2)
		b.turns(o.member.deep, "ACTIVATED[] []", func() {
			must(o.admin.v2.UpdateOrgEc2DeepInspectionConfiguration(b.ctx(), &sdk.UpdateOrgEc2DeepInspectionConfigurationInput{OrgPackagePaths: []string{"/srv"}}))
		}, "ACTIVATED[] [/srv]")
	}},
	{"inspector2", "BatchGetMemberEc2DeepInspectionStatus", works, "tells whether it is on for members", "", func(b *bench) {
		o := b.organisation(2)
		b.turns(o.depth, "ACTIVATED", func() {
			must(o.member.v2.UpdateEc2DeepInspectionConfiguration(b.ctx(), &sdk.UpdateEc2DeepInspectionConfigurationInput{ActivateDeepInspection: aws.Bool(false)}))
		}, "DEACTIVATED")
	}},
	{"inspector2", "BatchUpdateMemberEc2DeepInspectionStatus", works, "switches it for members", "", func(b *bench) {
		o := b.organisation(2)
		b.turns(o.member.deep, "ACTIVATED[] []", func() {
			must(o.admin.v2.BatchUpdateMemberEc2DeepInspectionStatus(b.ctx(), &sdk.BatchUpdateMemberEc2DeepInspectionStatusInput{
				AccountIds: []types.MemberAccountEc2DeepInspectionStatus{{AccountId: &o.member.account, ActivateDeepInspection: aws.Bool(false)}},
			}))
		}, "DEACTIVATED[] []")
	}},
	{"inspector2", "GetEncryptionKey", stateOnly, "tells the key for code snippets", "no code is kept yet", func(b *bench) {
		b.turns(b.sealing, "none", b.seal, kmsKey)
	}},
	{"inspector2", "UpdateEncryptionKey", stateOnly, "sets it", "no code is kept yet", func(b *bench) {
		b.turns(b.sealing, "none", b.seal, kmsKey)
	}},
	{"inspector2", "ResetEncryptionKey", stateOnly, "goes back to the service's own key", "no code is kept yet", func(b *bench) {
		b.seal()
		b.turns(b.sealing, kmsKey, func() {
			must(b.v2.ResetEncryptionKey(b.ctx(), &sdk.ResetEncryptionKeyInput{ScanType: scanTypeCode, ResourceType: functions}))
		}, "none")
	}},
}

// checks returns the names and levels of the CIS scan configurations.
func (b *bench) checks() string {
	var list []string
	for p := sdk.NewListCisScanConfigurationsPaginator(b.v2, &sdk.ListCisScanConfigurationsInput{MaxResults: aws.Int32(1)}); p.HasMorePages(); {
		for _, c := range must(p.NextPage(b.ctx())).ScanConfigurations {
			daily, ok := c.Schedule.(*types.ScheduleMemberDaily)
			if !ok {
				b.t.Fatalf("schedule %T", c.Schedule)
			}
			list = append(list, fmt.Sprint(*c.ScanName, " ", c.SecurityLevel, " ", *daily.Value.StartTime.TimeOfDay))
		}
	}
	return joined(list)
}

// check makes a CIS scan configuration and returns its ARN.
func (b *bench) check() string {
	return *must(b.v2.CreateCisScanConfiguration(b.ctx(), &sdk.CreateCisScanConfigurationInput{
		ScanName: aws.String("web"), SecurityLevel: types.CisSecurityLevelLevel1,
		Schedule: &types.ScheduleMemberDaily{Value: types.DailySchedule{StartTime: &types.Time{TimeOfDay: aws.String("13:00"), Timezone: aws.String("Europe/London")}}},
		Targets:  &types.CreateCisTargets{AccountIds: []string{"SELF"}, TargetResourceTags: map[string][]string{"Name": {"web"}}},
	})).ScanConfigurationArn
}

func (b *bench) cisScan() *string {
	return aws.String("arn:aws:inspector2:us-east-1:" + b.account + ":owner/" + b.account + "/cis-scan/01234567-89ab-4def-8123-456789abcdef")
}

const (
	scanJob      = "0a1b2c3d-0000-4000-8000-000000000001"
	sessionToken = "0a1b2c3d-0000-4000-8000-000000000002"
)

func (b *bench) begin() {
	must(b.v2.StartCisSession(b.ctx(), &sdk.StartCisSessionInput{
		ScanJobId: aws.String(scanJob), Message: &types.StartCisSessionMessage{SessionToken: aws.String(sessionToken)},
	}))
}

func (b *bench) end() {
	must(b.v2.StopCisSession(b.ctx(), &sdk.StopCisSessionInput{
		ScanJobId: aws.String(scanJob), SessionToken: aws.String(sessionToken),
		Message: &types.StopCisSessionMessage{
			Status: types.StopCisSessionStatusSuccess, Progress: &types.StopCisMessageProgress{TotalChecks: 1, SuccessfulChecks: 1},
		},
	}))
}

// alive tells whether a session is there to send to.
func (b *bench) alive() string {
	return refused(b.v2.SendCisSessionHealth(b.ctx(), &sdk.SendCisSessionHealthInput{ScanJobId: aws.String(scanJob), SessionToken: aws.String(sessionToken)}))
}

func (b *bench) telemetry() string {
	return refused(b.v2.SendCisSessionTelemetry(b.ctx(), &sdk.SendCisSessionTelemetryInput{
		ScanJobId: aws.String(scanJob), SessionToken: aws.String(sessionToken),
		Messages: []types.CisSessionMessage{{RuleId: aws.String("1.1.1"), Status: types.CisRuleStatusPassed, CisRuleDetails: []byte("ok")}},
	}))
}

const noCIS = "no machine is checked yet"

var cis = []operation{
	{"inspector2", "CreateCisScanConfiguration", stateOnly, "keeps who is to be checked, how, and when", noCIS, func(b *bench) {
		b.turns(b.checks, "", func() { b.check() }, "web LEVEL_1 13:00")
	}},
	{"inspector2", "UpdateCisScanConfiguration", stateOnly, "changes it", noCIS, func(b *bench) {
		arn := b.check()
		b.turns(b.checks, "web LEVEL_1 13:00", func() {
			must(b.v2.UpdateCisScanConfiguration(b.ctx(), &sdk.UpdateCisScanConfigurationInput{
				ScanConfigurationArn: &arn, ScanName: aws.String("all"), SecurityLevel: types.CisSecurityLevelLevel2,
			}))
		}, "all LEVEL_2 13:00")
	}},
	{"inspector2", "DeleteCisScanConfiguration", stateOnly, "removes it", noCIS, func(b *bench) {
		arn := b.check()
		b.turns(b.checks, "web LEVEL_1 13:00", func() {
			must(b.v2.DeleteCisScanConfiguration(b.ctx(), &sdk.DeleteCisScanConfigurationInput{ScanConfigurationArn: &arn}))
		}, "")
	}},
	{"inspector2", "ListCisScanConfigurations", stateOnly, "lists them", noCIS, func(b *bench) {
		b.turns(b.checks, "", func() { b.check() }, "web LEVEL_1 13:00")
	}},
	{"inspector2", "ListCisScans", nothing, "an empty list", noCIS, func(b *bench) {
		b.check()
		if out := must(b.v2.ListCisScans(b.ctx(), &sdk.ListCisScansInput{})); len(out.Scans) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "ListCisScanResultsAggregatedByChecks", nothing, "an empty list", noCIS, func(b *bench) {
		out := must(b.v2.ListCisScanResultsAggregatedByChecks(b.ctx(), &sdk.ListCisScanResultsAggregatedByChecksInput{ScanArn: b.cisScan()}))
		if len(out.CheckAggregations) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "ListCisScanResultsAggregatedByTargetResource", nothing, "an empty list", noCIS, func(b *bench) {
		out := must(b.v2.ListCisScanResultsAggregatedByTargetResource(b.ctx(), &sdk.ListCisScanResultsAggregatedByTargetResourceInput{ScanArn: b.cisScan()}))
		if len(out.TargetResourceAggregations) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "GetCisScanResultDetails", nothing, "an empty list", noCIS, func(b *bench) {
		out := must(b.v2.GetCisScanResultDetails(b.ctx(), &sdk.GetCisScanResultDetailsInput{
			ScanArn: b.cisScan(), AccountId: &b.account, TargetResourceId: aws.String(anyEC2Instance),
		}))
		if len(out.ScanResultDetails) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "GetCisScanReport", nothing, "ResourceNotFoundException: there are no scans", noCIS, func(b *bench) {
		_, err := b.v2.GetCisScanReport(b.ctx(), &sdk.GetCisScanReportInput{ScanArn: b.cisScan()})
		if !is[*types.ResourceNotFoundException](err) {
			b.t.Errorf("error = %v", err)
		}
	}},
	{"inspector2", "StartCisSession", stateOnly, "begins a session of an agent", noCIS, func(b *bench) {
		b.turns(b.alive, "ConflictException", b.begin, "")
	}},
	{"inspector2", "SendCisSessionHealth", stateOnly, "keeps a session alive for five minutes", noCIS, func(b *bench) {
		b.begin()
		b.turns(b.alive, "", b.end, "ConflictException")
	}},
	{"inspector2", "SendCisSessionTelemetry", stateOnly, "keeps the results that an agent sends", noCIS, func(b *bench) {
		b.turns(b.telemetry, "ConflictException", b.begin, "")
		b.turns(b.telemetry, "", b.end, "ConflictException")
	}},
	{"inspector2", "StopCisSession", stateOnly, "ends a session and keeps its totals", noCIS, func(b *bench) {
		b.begin()
		b.turns(b.alive, "", b.end, "ConflictException")
	}},
}

// hosts returns the integrations with hosts of code.
func (b *bench) hosts() string {
	var list []string
	for _, i := range must(b.v2.ListCodeSecurityIntegrations(b.ctx(), &sdk.ListCodeSecurityIntegrationsInput{})).Integrations {
		list = append(list, fmt.Sprint(*i.Name, " ", i.Type, " ", i.Status))
	}
	return joined(list)
}

// host makes an integration with GitHub and returns its ARN.
func (b *bench) host() string {
	return *must(b.v2.CreateCodeSecurityIntegration(b.ctx(), &sdk.CreateCodeSecurityIntegrationInput{
		Name: aws.String("forge"), Type: types.IntegrationTypeGithub,
	})).IntegrationArn
}

// hostOf returns the integration of an ARN: its name, and whether it was
// changed.
func (b *bench) hostOf(arn string) func() string {
	return func() string {
		out, err := b.v2.GetCodeSecurityIntegration(b.ctx(), &sdk.GetCodeSecurityIntegrationInput{IntegrationArn: &arn})
		if is[*types.ResourceNotFoundException](err) {
			return "none"
		}
		must(out, err)
		return fmt.Sprint(*out.Name, " changed ", out.LastUpdateOn.After(*out.CreatedOn))
	}
}

// code returns the code scan configurations.
func (b *bench) code() string {
	var list []string
	for _, c := range must(b.v2.ListCodeSecurityScanConfigurations(b.ctx(), &sdk.ListCodeSecurityScanConfigurationsInput{})).Configurations {
		list = append(list, fmt.Sprint(*c.Name, c.RuleSetCategories))
	}
	return joined(list)
}

// codeOf returns the code scan configuration of an ARN.
func (b *bench) codeOf(arn string) func() string {
	return func() string {
		out, err := b.v2.GetCodeSecurityScanConfiguration(b.ctx(), &sdk.GetCodeSecurityScanConfigurationInput{ScanConfigurationArn: &arn})
		if is[*types.ResourceNotFoundException](err) {
			return "none"
		}
		return fmt.Sprint(*must(out, err).Name, out.Configuration.RuleSetCategories)
	}
}

// newCode makes a code scan configuration and returns its ARN.
func (b *bench) newCode() string {
	return *must(b.v2.CreateCodeSecurityScanConfiguration(b.ctx(), &sdk.CreateCodeSecurityScanConfigurationInput{
		Name: aws.String("all"), Level: types.ConfigurationLevelAccount,
		Configuration: &types.CodeSecurityScanConfiguration{RuleSetCategories: []types.RuleSetCategory{types.RuleSetCategorySca}},
	})).ScanConfigurationArn
}

func (b *bench) changeCode(arn string) func() {
	return func() {
		must(b.v2.UpdateCodeSecurityScanConfiguration(b.ctx(), &sdk.UpdateCodeSecurityScanConfigurationInput{
			ScanConfigurationArn: &arn,
			Configuration:        &types.CodeSecurityScanConfiguration{RuleSetCategories: []types.RuleSetCategory{types.RuleSetCategoryIac}},
		}))
	}
}

func (b *bench) dropCode(arn string) func() {
	return func() {
		must(b.v2.DeleteCodeSecurityScanConfiguration(b.ctx(), &sdk.DeleteCodeSecurityScanConfigurationInput{ScanConfigurationArn: &arn}))
	}
}

const project = "project-0a1b2c3d-0000-4000-8000-000000000003"

const noCode = "no repository of code is scanned yet, and no host of code is called"

var codeSecurity = []operation{
	{"inspector2", "CreateCodeSecurityIntegration", stateOnly, "keeps a connection with a host of code, which stays PENDING", noCode, func(b *bench) {
		b.turns(b.hosts, "", func() { b.host() }, "forge GITHUB PENDING")
	}},
	{"inspector2", "UpdateCodeSecurityIntegration", stateOnly, "notes that it was to be authorised; it stays PENDING", noCode, func(b *bench) {
		arn := b.host()
		b.turns(b.hostOf(arn), "forge changed false", func() {
			must(b.v2.UpdateCodeSecurityIntegration(b.ctx(), &sdk.UpdateCodeSecurityIntegrationInput{
				IntegrationArn: &arn,
				Details: &types.UpdateIntegrationDetailsMemberGithub{Value: types.UpdateGitHubIntegrationDetail{
					Code: aws.String("0a1b2c3d"), InstallationId: aws.String("12345"),
				}},
			}))
		}, "forge changed true")
	}},
	{"inspector2", "GetCodeSecurityIntegration", stateOnly, "tells one connection", noCode, func(b *bench) {
		arn := b.host()
		b.turns(b.hostOf(arn), "forge changed false", func() {
			must(b.v2.DeleteCodeSecurityIntegration(b.ctx(), &sdk.DeleteCodeSecurityIntegrationInput{IntegrationArn: &arn}))
		}, "none")
	}},
	{"inspector2", "ListCodeSecurityIntegrations", stateOnly, "lists them", noCode, func(b *bench) {
		b.turns(b.hosts, "", func() { b.host() }, "forge GITHUB PENDING")
	}},
	{"inspector2", "DeleteCodeSecurityIntegration", stateOnly, "removes one", noCode, func(b *bench) {
		arn := b.host()
		b.turns(b.hosts, "forge GITHUB PENDING", func() {
			must(b.v2.DeleteCodeSecurityIntegration(b.ctx(), &sdk.DeleteCodeSecurityIntegrationInput{IntegrationArn: &arn}))
		}, "")
	}},
	{"inspector2", "CreateCodeSecurityScanConfiguration", stateOnly, "keeps what is to be looked for in code, and when", noCode, func(b *bench) {
		b.turns(b.code, "", func() { b.newCode() }, "all[SCA]")
	}},
	{"inspector2", "UpdateCodeSecurityScanConfiguration", stateOnly, "changes it", noCode, func(b *bench) {
		arn := b.newCode()
		b.turns(b.code, "all[SCA]", b.changeCode(arn), "all[IAC]")
	}},
	{"inspector2", "GetCodeSecurityScanConfiguration", stateOnly, "tells one of them", noCode, func(b *bench) {
		arn := b.newCode()
		b.turns(b.codeOf(arn), "all[SCA]", b.changeCode(arn), "all[IAC]")
		b.turns(b.codeOf(arn), "all[IAC]", b.dropCode(arn), "none")
	}},
	{"inspector2", "ListCodeSecurityScanConfigurations", stateOnly, "lists them", noCode, func(b *bench) {
		b.turns(b.code, "", func() { b.newCode() }, "all[SCA]")
	}},
	{"inspector2", "DeleteCodeSecurityScanConfiguration", stateOnly, "removes one", noCode, func(b *bench) {
		arn := b.newCode()
		b.turns(b.code, "all[SCA]", b.dropCode(arn), "")
	}},
	{"inspector2", "BatchAssociateCodeSecurityScanConfiguration", nothing, "fails for every project: none is known", noCode, func(b *bench) {
		arn := b.newCode()
		out := must(b.v2.BatchAssociateCodeSecurityScanConfiguration(b.ctx(), &sdk.BatchAssociateCodeSecurityScanConfigurationInput{
			AssociateConfigurationRequests: []types.AssociateConfigurationRequest{{ScanConfigurationArn: &arn, Resource: projectResource()}},
		}))
		if len(out.SuccessfulAssociations) != 0 || len(out.FailedAssociations) != 1 ||
			out.FailedAssociations[0].StatusCode != types.AssociationResultStatusCodeResourceNotFound {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "BatchDisassociateCodeSecurityScanConfiguration", nothing, "fails for every project: none is known", noCode, func(b *bench) {
		arn := b.newCode()
		out := must(b.v2.BatchDisassociateCodeSecurityScanConfiguration(b.ctx(), &sdk.BatchDisassociateCodeSecurityScanConfigurationInput{
			DisassociateConfigurationRequests: []types.DisassociateConfigurationRequest{{ScanConfigurationArn: &arn, Resource: projectResource()}},
		}))
		if len(out.SuccessfulAssociations) != 0 || len(out.FailedAssociations) != 1 ||
			out.FailedAssociations[0].StatusCode != types.AssociationResultStatusCodeResourceNotFound {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "ListCodeSecurityScanConfigurationAssociations", nothing, "an empty list", noCode, func(b *bench) {
		arn := b.newCode()
		out := must(b.v2.ListCodeSecurityScanConfigurationAssociations(b.ctx(), &sdk.ListCodeSecurityScanConfigurationAssociationsInput{ScanConfigurationArn: &arn}))
		if len(out.Associations) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "StartCodeSecurityScan", nothing, "ResourceNotFoundException: no project is known", noCode, func(b *bench) {
		_, err := b.v2.StartCodeSecurityScan(b.ctx(), &sdk.StartCodeSecurityScanInput{Resource: projectResource()})
		if !is[*types.ResourceNotFoundException](err) {
			b.t.Errorf("error = %v", err)
		}
	}},
	{"inspector2", "GetCodeSecurityScan", nothing, "ResourceNotFoundException: no project is known", noCode, func(b *bench) {
		_, err := b.v2.GetCodeSecurityScan(b.ctx(), &sdk.GetCodeSecurityScanInput{Resource: projectResource(), ScanId: aws.String(scanJob)})
		if !is[*types.ResourceNotFoundException](err) {
			b.t.Errorf("error = %v", err)
		}
	}},
}

func projectResource() types.CodeSecurityResource {
	return &types.CodeSecurityResourceMemberProjectId{Value: project}
}

const noCloud = "no other cloud is called: a connector stays PENDING"

// The SDK for Go does not have these operations: they are called with that for
// JavaScript.
var connectors = []operation{
	{"inspector2", "CreateConnector", stateOnly, "keeps a connection with another cloud", noCloud, node("createConnector")},
	{"inspector2", "UpdateConnector", stateOnly, "changes it", noCloud, node("updateConnector")},
	{"inspector2", "DeleteConnector", stateOnly, "removes it", noCloud, node("deleteConnector")},
	{"inspector2", "ListConnectors", stateOnly, "lists them", noCloud, node("createConnector")},
	{"inspector2", "ListConnectorScanConfigurations", stateOnly, "tells for how long images are to be scanned again", noCloud, node("scanConfiguration")},
	{"inspector2", "UpdateConnectorScanConfiguration", stateOnly, "changes that", noCloud, node("scanConfiguration")},
}

var sboms = []operation{
	{"inspector-scan", "ScanSbom", works, "tells what is wrong with the packages of a bill of materials, in all three forms", "", node("scanSbom")},
}
