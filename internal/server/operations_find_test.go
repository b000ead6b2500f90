package server

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/inspector2/types"

	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/resource"
)

// An image with two flaws, and the same without any.
func (b *bench) image(version string) monitor.Submission {
	sub := submission("", version)
	sub.Resource = resource.Resource{
		Type: resource.Image, ID: b.imageID(), Tags: []string{"1"}, Arch: "amd64", Digest: imageDigest,
	}
	return sub
}

func (b *bench) imageID() string {
	return resource.ImageARN(b.account, "us-east-1", "shop/app", imageDigest)
}

const (
	flawed      = "1.0.0"
	sound       = "2.0.0"
	imageDigest = "sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"
)

// statuses returns what ListFindings tells: each vulnerability and its status.
func (b *bench) statuses() string { return b.matching(nil) }

func (b *bench) matching(where *types.FilterCriteria) string {
	var list []string
	for p := sdk.NewListFindingsPaginator(b.v2, &sdk.ListFindingsInput{FilterCriteria: where, MaxResults: aws.Int32(1)}); p.HasMorePages(); {
		for _, f := range must(p.NextPage(b.ctx())).Findings {
			list = append(list, *f.PackageVulnerabilityDetails.VulnerabilityId+" "+string(f.Status))
		}
	}
	return joined(list)
}

const (
	bothActive     = "CVE-2098-0001 ACTIVE, CVE-2098-0002 ACTIVE"
	bothClosed     = "CVE-2098-0001 CLOSED, CVE-2098-0002 CLOSED"
	oneSuppressed  = "CVE-2098-0001 SUPPRESSED, CVE-2098-0002 ACTIVE"
	theOther       = "CVE-2098-0001 ACTIVE, CVE-2098-0002 SUPPRESSED"
	oneOfThem      = "CVE-2098-0001"
	another        = "CVE-2098-0002"
	anyEC2Instance = "i-0123456789abcdef0"
)

// arn returns that of the finding of a vulnerability.
func (b *bench) arn(vulnerability string) string {
	b.t.Helper()
	out := must(b.v2.ListFindings(b.ctx(), &sdk.ListFindingsInput{FilterCriteria: named(vulnerability)}))
	if len(out.Findings) != 1 {
		b.t.Fatalf("%d findings of %s", len(out.Findings), vulnerability)
	}
	return *out.Findings[0].FindingArn
}

func named(vulnerability string) *types.FilterCriteria {
	return &types.FilterCriteria{VulnerabilityId: []types.StringFilter{{Comparison: types.StringComparisonEquals, Value: &vulnerability}}}
}

// switches returns which scan types of an account are on, as the account or
// another sees it.
func (b *bench) switches(of *bench) func() string {
	return func() string {
		out := must(b.v2.BatchGetAccountStatus(b.ctx(), &sdk.BatchGetAccountStatusInput{AccountIds: []string{of.account}}))
		if len(out.Accounts) != 1 {
			return string(out.FailedAccounts[0].ErrorCode)
		}
		r := out.Accounts[0].ResourceState
		var on []string
		for name, s := range map[string]*types.State{
			"EC2": r.Ec2, "ECR": r.Ecr, "LAMBDA": r.Lambda, "LAMBDA_CODE": r.LambdaCode, "CODE_REPOSITORY": r.CodeRepository,
		} {
			if s.Status == types.StatusEnabled {
				on = append(on, name)
			}
		}
		return joined(on)
	}
}

func (b *bench) enable(which ...types.ResourceScanType) {
	must(b.v2.Enable(b.ctx(), &sdk.EnableInput{ResourceTypes: which}))
}

func (b *bench) disable(which ...types.ResourceScanType) {
	must(b.v2.Disable(b.ctx(), &sdk.DisableInput{ResourceTypes: which}))
}

const (
	allOn  = "CODE_REPOSITORY, EC2, ECR, LAMBDA"
	lessOn = "CODE_REPOSITORY, EC2, LAMBDA"
)

var activation = []operation{
	{"inspector2", "Enable", works, "switches scan types on, for the caller or its members", "at once: ENABLED, never ENABLING", func(b *bench) {
		b.disable(types.ResourceScanTypeEcr)
		b.turns(b.switches(b), lessOn, func() { b.enable(types.ResourceScanTypeEcr) }, allOn)
	}},
	{"inspector2", "Disable", works, "switches scan types off; findings go after a day", "at once: DISABLED, never DISABLING", func(b *bench) {
		b.turns(b.switches(b), allOn, func() { b.disable(types.ResourceScanTypeEcr) }, lessOn)
	}},
	{"inspector2", "BatchGetAccountStatus", works, "tells which scan types are on", "", func(b *bench) {
		b.turns(b.switches(b), allOn, func() { b.enable(types.ResourceScanTypeLambdaCode) }, "CODE_REPOSITORY, EC2, ECR, LAMBDA, LAMBDA_CODE")
	}},
	{"inspector2", "ListAccountPermissions", works, "tells what the account may switch itself", "", func(b *bench) {
		o := b.organisation(1)
		o.member.turns(func() string {
			var list []string
			for p := sdk.NewListAccountPermissionsPaginator(o.member.v2, &sdk.ListAccountPermissionsInput{Service: types.ServiceEcr}); p.HasMorePages(); {
				for _, x := range must(p.NextPage(b.ctx())).Permissions {
					list = append(list, string(x.Operation))
				}
			}
			return joined(list)
		}, "DISABLE_SCANNING, ENABLE_SCANNING", func() {
			must(o.admin.v2.AssociateMember(b.ctx(), &sdk.AssociateMemberInput{AccountId: &o.member.account}))
		}, "ENABLE_SCANNING")
	}},
	{"inspector2", "BatchGetFreeTrialInfo", works, "tells when each scan type was first on", "nothing is ever charged", func(b *bench) {
		b.turns(func() string {
			out := must(b.v2.BatchGetFreeTrialInfo(b.ctx(), &sdk.BatchGetFreeTrialInfoInput{AccountIds: []string{b.account}}))
			var list []string
			for _, x := range out.Accounts[0].FreeTrialInfo {
				list = append(list, fmt.Sprint(x.Type, " ", x.Status, " ", x.End.Sub(*x.Start)))
			}
			return joined(list)
		}, "CODE_REPOSITORY ACTIVE 360h0m0s, EC2 ACTIVE 360h0m0s, ECR ACTIVE 360h0m0s, LAMBDA ACTIVE 360h0m0s",
			func() { b.enable(types.ResourceScanTypeLambdaCode) },
			"CODE_REPOSITORY ACTIVE 360h0m0s, EC2 ACTIVE 360h0m0s, ECR ACTIVE 360h0m0s, LAMBDA ACTIVE 360h0m0s, LAMBDA_CODE ACTIVE 360h0m0s")
	}},
	{"inspector2", "ListUsageTotals", works, "counts scans of images, and hours of instances and functions", "the cost is always 0", func(b *bench) {
		b.turns(func() string {
			var list []string
			for p := sdk.NewListUsageTotalsPaginator(b.v2, &sdk.ListUsageTotalsInput{AccountIds: []string{b.account}}); p.HasMorePages(); {
				for _, total := range must(p.NextPage(b.ctx())).Totals {
					for _, u := range total.Usage {
						if u.Total > 0 {
							list = append(list, fmt.Sprint(u.Type, " ", u.Total))
						}
					}
				}
			}
			return joined(list)
		}, "", func() { b.scan(b.image(flawed)) }, "ECR_INITIAL_SCAN 1")
	}},
	{"inspector2", "GetConfiguration", works, "tells how long images are scanned again, and how instances are scanned", "", func(b *bench) {
		b.turns(b.rescan, "DAYS_14", func() { b.setRescan(types.EcrRescanDurationDays30) }, "DAYS_30")
	}},
	{"inspector2", "UpdateConfiguration", works, "changes that; the scan mode of instances only for the delegated administrator's organisation", "", func(b *bench) {
		b.turns(b.rescan, "DAYS_14", func() { b.setRescan(types.EcrRescanDurationLifetime) }, "LIFETIME")
		o := b.organisation(2)
		hybrid := &sdk.UpdateConfigurationInput{Ec2Configuration: &types.Ec2Configuration{ScanMode: types.Ec2ScanModeEc2SsmAgentBased}}
		if got := refused(o.member.v2.UpdateConfiguration(b.ctx(), hybrid)); got != "AccessDeniedException" {
			b.t.Errorf("a member set the scan mode: %q", got)
		}
		mode := func() string {
			return string(must(o.member.v2.GetConfiguration(b.ctx(), &sdk.GetConfigurationInput{})).Ec2Configuration.ScanModeState.ScanMode)
		}
		b.turns(mode, "EC2_HYBRID", func() { must(o.admin.v2.UpdateConfiguration(b.ctx(), hybrid)) }, "EC2_SSM_AGENT_BASED")
	}},
}

func (b *bench) rescan() string {
	out := must(b.v2.GetConfiguration(b.ctx(), &sdk.GetConfigurationInput{}))
	return string(out.EcrConfiguration.RescanDurationState.RescanDuration)
}

func (b *bench) setRescan(d types.EcrRescanDuration) {
	must(b.v2.UpdateConfiguration(b.ctx(), &sdk.UpdateConfigurationInput{EcrConfiguration: &types.EcrConfiguration{RescanDuration: d}}))
}

var findings = []operation{
	{"inspector2", "ListFindings", works, "lists findings, by all filters and orders", "", func(b *bench) {
		b.turns(b.statuses, "", func() { b.scan(b.image(flawed)) }, bothActive)
		b.turns(b.statuses, bothActive, func() { b.suppress() }, oneSuppressed)
		if got := b.matching(named(another)); got != another+" ACTIVE" {
			b.t.Errorf("filtered: %q", got)
		}
		b.scan(b.image(sound))
		if got := b.statuses(); got != bothClosed {
			b.t.Errorf("after an upgrade: %q", got)
		}
	}},
	{"inspector2", "ListFindingAggregations", works, "counts active findings by severity, in 15 ways", "", func(b *bench) {
		counts := func() string {
			var list []string
			p := sdk.NewListFindingAggregationsPaginator(b.v2, &sdk.ListFindingAggregationsInput{AggregationType: types.AggregationTypeRepository})
			for p.HasMorePages() {
				for _, r := range must(p.NextPage(b.ctx())).Responses {
					v := r.(*types.AggregationResponseMemberRepositoryAggregation).Value
					list = append(list, fmt.Sprint(*v.Repository, " ", *v.SeverityCounts.All, " ", *v.SeverityCounts.Critical))
				}
			}
			return joined(list)
		}
		b.turns(counts, "", func() { b.scan(b.image(flawed)) }, "shop/app 2 1")
		b.turns(counts, "shop/app 2 1", func() { b.suppress() }, "shop/app 1 0")
	}},
	{"inspector2", "BatchGetFindingDetails", works, "tells what is known of a vulnerability: CISA's dates, EPSS, weaknesses, references", "no risk score, tools or techniques", func(b *bench) {
		b.scan(b.image(flawed))
		arn := b.arn(oneOfThem)
		b.turns(func() string {
			out := must(b.v2.BatchGetFindingDetails(b.ctx(), &sdk.BatchGetFindingDetailsInput{FindingArns: []string{arn}}))
			return fmt.Sprint(len(out.FindingDetails), len(out.Errors))
		}, "1 0", func() {}, "1 0")
		// What tells of findings of others changes when they become one's own.
		o := b.organisation(1)
		o.member.scan(o.member.image(flawed))
		theirs := o.member.arn(oneOfThem)
		b.turns(func() string {
			out := must(o.admin.v2.BatchGetFindingDetails(b.ctx(), &sdk.BatchGetFindingDetailsInput{FindingArns: []string{theirs}}))
			if len(out.Errors) > 0 {
				return string(out.Errors[0].ErrorCode)
			}
			return *out.FindingDetails[0].FindingArn
		}, "ACCESS_DENIED", func() {
			must(o.admin.v2.AssociateMember(b.ctx(), &sdk.AssociateMemberInput{AccountId: &o.member.account}))
		}, theirs)
	}},
	{"inspector2", "BatchGetCodeSnippet", nothing, "tells that there is no code: no code is scanned yet", "", func(b *bench) {
		b.scan(b.image(flawed))
		out := must(b.v2.BatchGetCodeSnippet(b.ctx(), &sdk.BatchGetCodeSnippetInput{FindingArns: []string{b.arn(oneOfThem)}}))
		if len(out.CodeSnippetResults) != 0 || len(out.Errors) != 1 || out.Errors[0].ErrorCode != types.CodeSnippetErrorCodeCodeSnippetNotFound {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector2", "SearchVulnerabilities", works, "tells what the advisory database knows of a vulnerability", "ATT&CK techniques and tools are not known", func(b *bench) {
		known := func(id string) string {
			var list []string
			p := sdk.NewSearchVulnerabilitiesPaginator(b.v2, &sdk.SearchVulnerabilitiesInput{
				FilterCriteria: &types.SearchVulnerabilitiesFilterCriteria{VulnerabilityIds: []string{id}},
			})
			for p.HasMorePages() {
				for _, v := range must(p.NextPage(b.ctx())).Vulnerabilities {
					list = append(list, fmt.Sprint(*v.Id, v.DetectionPlatforms, v.Cvss3.BaseScore))
				}
			}
			return joined(list)
		}
		if got := known(oneOfThem); got != oneOfThem+"[NPM] 9.8" {
			b.t.Errorf("known: %q", got)
		}
		if got := known("CVE-2098-9999"); got != "" {
			b.t.Errorf("unknown: %q", got)
		}
	}},
	{"inspector2", "GetClustersForImage", nothing, "an empty list: no clusters are watched yet", "", func(b *bench) {
		b.scan(b.image(flawed))
		out := must(b.v2.GetClustersForImage(b.ctx(), &sdk.GetClustersForImageInput{
			Filter: &types.ClusterForImageFilterCriteria{ResourceId: aws.String(b.imageID())},
		}))
		if len(out.Cluster) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
}

// suppress makes a rule that suppresses one of the findings, and returns its ARN.
func (b *bench) suppress() string {
	return *must(b.v2.CreateFilter(b.ctx(), &sdk.CreateFilterInput{
		Name: aws.String("rule"), Action: types.FilterActionSuppress, FilterCriteria: named(oneOfThem),
	})).Arn
}

// saved returns the names of the saved filters.
func (b *bench) saved() string {
	var list []string
	for p := sdk.NewListFiltersPaginator(b.v2, &sdk.ListFiltersInput{MaxResults: aws.Int32(1)}); p.HasMorePages(); {
		for _, f := range must(p.NextPage(b.ctx())).Filters {
			list = append(list, *f.Name)
		}
	}
	return joined(list)
}

// tags returns those of a thing.
func (b *bench) tags(arn string) func() string {
	return func() string {
		var list []string
		for k, v := range must(b.v2.ListTagsForResource(b.ctx(), &sdk.ListTagsForResourceInput{ResourceArn: &arn})).Tags {
			list = append(list, k+"="+v)
		}
		return joined(list)
	}
}

func (b *bench) tag(arn string) func() {
	return func() {
		must(b.v2.TagResource(b.ctx(), &sdk.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"team": "a/b c"}}))
	}
}

func (b *bench) untag(arn string) func() {
	return func() {
		must(b.v2.UntagResource(b.ctx(), &sdk.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"team", "other"}}))
	}
}

var savedFilters = []operation{
	{"inspector2", "CreateFilter", works, "saves criteria; a suppression rule holds at once for findings old and new", "", func(b *bench) {
		b.scan(b.image(flawed))
		b.turns(b.statuses, bothActive, func() { b.suppress() }, oneSuppressed)
	}},
	{"inspector2", "UpdateFilter", works, "changes any part of it; findings follow at once", "", func(b *bench) {
		b.scan(b.image(flawed))
		arn := b.suppress()
		b.turns(b.statuses, oneSuppressed, func() {
			must(b.v2.UpdateFilter(b.ctx(), &sdk.UpdateFilterInput{FilterArn: &arn, FilterCriteria: named(another)}))
		}, theOther)
	}},
	{"inspector2", "DeleteFilter", works, "removes it; its findings are active again unless another rule holds", "", func(b *bench) {
		b.scan(b.image(flawed))
		arn := b.suppress()
		b.turns(b.statuses, oneSuppressed, func() {
			must(b.v2.DeleteFilter(b.ctx(), &sdk.DeleteFilterInput{Arn: &arn}))
		}, bothActive)
		err := func() error { _, err := b.v2.DeleteFilter(b.ctx(), &sdk.DeleteFilterInput{Arn: &arn}); return err }()
		if !is[*types.ResourceNotFoundException](err) {
			b.t.Errorf("deleted twice: %v", err)
		}
	}},
	{"inspector2", "ListFilters", works, "lists the account's own filters", "", func(b *bench) {
		b.turns(b.saved, "", func() { b.suppress() }, "rule")
	}},
	{"inspector2", "ListTagsForResource", works, "tells the tags of a filter, CIS configuration, code-security object or connector", "", func(b *bench) {
		arn := b.suppress()
		b.turns(b.tags(arn), "", b.tag(arn), "team=a/b c")
	}},
	{"inspector2", "TagResource", works, "adds tags to one", "", func(b *bench) {
		arn := b.suppress()
		b.turns(b.tags(arn), "", b.tag(arn), "team=a/b c")
	}},
	{"inspector2", "UntagResource", works, "removes tags of one", "", func(b *bench) {
		arn := b.suppress()
		b.tag(arn)()
		b.turns(b.tags(arn), "team=a/b c", b.untag(arn), "")
	}},
}

var coverages = []operation{
	{"inspector2", "ListCoverage", works, "lists what is watched, and whether and why it is scanned", "", func(b *bench) {
		b.turns(func() string {
			var list []string
			p := sdk.NewListCoveragePaginator(b.v2, &sdk.ListCoverageInput{FilterCriteria: &types.CoverageFilterCriteria{
				EcrRepositoryName: []types.CoverageStringFilter{{Comparison: types.CoverageStringComparisonEquals, Value: aws.String("shop/app")}},
			}})
			for p.HasMorePages() {
				for _, c := range must(p.NextPage(b.ctx())).CoveredResources {
					list = append(list, fmt.Sprintln(*c.ResourceId == b.imageID(), c.ScanType, c.ScanStatus.StatusCode, c.ScanStatus.Reason))
				}
			}
			return strings.TrimSpace(joined(list))
		}, "", func() { b.scan(b.image(flawed)) }, "true PACKAGE ACTIVE SUCCESSFUL")
	}},
	{"inspector2", "ListCoverageStatistics", works, "counts the same, in groups", "", func(b *bench) {
		counts := func() string {
			var list []string
			p := sdk.NewListCoverageStatisticsPaginator(b.v2, &sdk.ListCoverageStatisticsInput{GroupBy: types.GroupKeyResourceType})
			for p.HasMorePages() {
				out := must(p.NextPage(b.ctx()))
				list = append(list, fmt.Sprint(*out.TotalCounts, " in all"))
				for _, c := range out.CountsByGroup {
					list = append(list, fmt.Sprint(c.Count, " ", c.GroupKey))
				}
			}
			return joined(list)
		}
		b.turns(counts, "0 in all", func() { b.scan(b.image(flawed)) }, "1 RESOURCE_TYPE, 1 in all")
	}},
}
