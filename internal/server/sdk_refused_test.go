package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	classic "github.com/aws/aws-sdk-go-v2/service/inspector"
	sdk "github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/inspector2/types"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/org"
)

// A forgery is a request that is signed with the SDK for Go, and what is wrong
// with it.
type forgery struct {
	name         string
	method, path string
	target, body string // X-Amz-Target; the body that is signed
	service      string // of the signature
	region       string
	age          time.Duration
	key, secret  string
	session      string
	after        func(r *http.Request) // is done to the request when it is signed
}

// signed returns the request.
func (f forgery) signed(t *testing.T, server string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), f.method, server+f.path, strings.NewReader(f.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if f.target != "" {
		r.Header.Set("X-Amz-Target", f.target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	sum := sha256.Sum256([]byte(f.body))
	creds := aws.Credentials{AccessKeyID: f.key, SecretAccessKey: f.secret, SessionToken: f.session}
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hex.EncodeToString(sum[:]), f.service, f.region, time.Now().Add(-f.age)); err != nil {
		t.Fatal(err)
	}
	if f.after != nil {
		f.after(r)
	}
	return r
}

// send returns the status, the header and the body of the answer to it.
func (f forgery) send(t *testing.T, server string) (int, http.Header, []byte) {
	t.Helper()
	resp, err := http.DefaultClient.Do(f.signed(t, server))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, bytes.TrimSpace(body)
}

// verdict returns the status and the exception of the answer to it.
func (f forgery) verdict(t *testing.T, server string) string {
	t.Helper()
	status, header, body := f.send(t, server)
	name := header.Get("X-Amzn-Errortype")
	if f.target != "" {
		var told struct {
			Type string `json:"__type"`
		}
		if err := json.Unmarshal(body, &told); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		name = told.Type
	}
	return strings.TrimSpace(fmt.Sprint(status, " ", name))
}

func TestForgeries(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	b := r.newAccount(t, &trail{})
	defer caught(t)
	var disabled, temporary Key
	for _, k := range []struct {
		ask  NewKey
		made *Key
	}{
		{NewKey{Account: b.account, Name: "disabled", Role: org.Admin}, &disabled},
		{NewKey{Account: b.account, Name: "temporary", Role: org.Admin, Temporary: true, Hours: 1}, &temporary},
	} {
		if err := r.client.Do(t.Context(), "POST", "keys", k.ask, k.made); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.client.Do(t.Context(), "POST", "keys/"+disabled.ID+"/disable", nil, nil); err != nil {
		t.Fatal(err)
	}
	const (
		ok           = "200"
		invalid      = "403 InvalidSignatureException"
		incomplete   = "403 IncompleteSignatureException"
		unrecognized = "403 UnrecognizedClientException"
	)
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			r.GetBody = nil
		}
	}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	requests := []forgery{
		{name: "inspector2", method: "POST", path: "/findings/list", body: `{"maxResults":1}`},
		{name: "inspector-scan", method: "POST", path: "/scan/sbom", body: `{"sbom":{"bomFormat":"CycloneDX","specVersion":"1.5"}}`},
		{name: "inspector", method: "POST", path: "/", target: "InspectorService.ListAssessmentTargets", body: `{"maxResults":1}`},
	}
	for _, request := range requests {
		request.service, request.region, request.key, request.secret = request.name, "us-east-1", b.key, b.secret
		for _, tt := range []struct {
			name   string
			change func(f *forgery)
			want   string
		}{
			{"as it should be", func(*forgery) {}, ok},
			{"four minutes old", func(f *forgery) { f.age = 4 * time.Minute }, ok},
			{"tampered body", func(f *forgery) { f.after = body(strings.Replace(f.body, "1", "2", 1)) }, invalid},
			{"six minutes old", func(f *forgery) { f.age = 6 * time.Minute }, invalid},
			{"from in six minutes", func(f *forgery) { f.age = -6 * time.Minute }, invalid},
			{"another service", func(f *forgery) { f.service = "s3" }, invalid},
			{"another region", func(f *forgery) { f.region = "eu-west-1" }, invalid},
			{"unsigned header", func(f *forgery) { f.after = header("X-Amz-Meta", "1") }, incomplete},
			{"another host", func(f *forgery) { f.after = func(r *http.Request) { r.Host = "assay.example.org" } }, invalid},
			{"another secret", func(f *forgery) { f.secret += "x" }, invalid},
			{"unknown key", func(f *forgery) { f.key = "AKIA0000000000000000" }, unrecognized},
			{"disabled key", func(f *forgery) { f.key, f.secret = disabled.ID, disabled.Secret }, unrecognized},
			{"temporary key", func(f *forgery) { f.key, f.secret, f.session = temporary.ID, temporary.Secret, temporary.Session }, ok},
			{"temporary key without its token", func(f *forgery) { f.key, f.secret = temporary.ID, temporary.Secret }, unrecognized},
			{"token of another key", func(f *forgery) { f.session = temporary.Session }, unrecognized},
		} {
			t.Run(request.name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				f := request
				tt.change(&f)
				if got := f.verdict(t, r.url); got != tt.want {
					t.Errorf("answer %s, want %s", got, tt.want)
				}
			})
		}
	}
	arn := b.suppress()
	once := "/tags/" + url.PathEscape(arn)
	once = strings.ReplaceAll(once, ":", "%3A")
	path := func(raw string) func(*http.Request) {
		return func(r *http.Request) { r.URL = must(url.Parse(r.URL.Scheme + "://" + r.URL.Host + raw)) }
	}
	for _, tt := range []struct {
		name, signed string
		after        func(*http.Request)
		want         string
	}{
		{"as it should be", once, nil, ok},
		{"escaped twice on the way", once, path(strings.ReplaceAll(once, "%", "%25")), invalid},
		{"escaped less on the way", once, path("/tags/" + arn), invalid},
		{"of another thing", once, path(once + "0"), invalid},
		{"with a query on the way", once, path(once + "?tagKeys=a"), invalid},
	} {
		t.Run("path/"+tt.name, func(t *testing.T) {
			t.Parallel()
			f := forgery{
				method: "GET", path: tt.signed, service: "inspector2", region: "us-east-1", key: b.key, secret: b.secret, after: tt.after,
			}
			if got := f.verdict(t, r.url); got != tt.want {
				t.Errorf("answer %s, want %s", got, tt.want)
			}
		})
	}
}

// TestOtherAccounts lets a member ask for what is another account's.
func TestOtherAccounts(t *testing.T) {
	t.Parallel()
	b := &bench{t: t, trail: &trail{}}
	defer caught(t)
	o := b.organisation(2)
	o.admin.scan(o.admin.image(flawed))
	finding, rule, check, integration, code := o.admin.arn(another), o.admin.suppress(), o.admin.check(), o.admin.host(), o.admin.newCode()
	template := o.admin.newTemplate()
	m, ctx, theirs := o.member.v2, t.Context(), []string{o.admin.account}
	filtered := &types.FilterCriteria{AwsAccountId: []types.StringFilter{{Comparison: types.StringComparisonEquals, Value: &o.admin.account}}}
	const (
		denied  = "AccessDeniedException"
		missing = "ResourceNotFoundException"
		none    = "nothing"
	)
	failed := func(list []types.FailedAccount, err error) string {
		if err != nil || len(list) != 1 {
			return fmt.Sprint(list, err)
		}
		return string(list[0].ErrorCode)
	}
	for _, tt := range []struct {
		name string
		call func() string
		want string
	}{
		{"ListUsageTotals", func() string { return refused(m.ListUsageTotals(ctx, &sdk.ListUsageTotalsInput{AccountIds: theirs})) }, denied},
		{"EnableDelegatedAdminAccount", func() string {
			return refused(m.EnableDelegatedAdminAccount(ctx, &sdk.EnableDelegatedAdminAccountInput{DelegatedAdminAccountId: &o.member.account}))
		}, denied},
		{"DisableDelegatedAdminAccount", func() string {
			return refused(m.DisableDelegatedAdminAccount(ctx, &sdk.DisableDelegatedAdminAccountInput{DelegatedAdminAccountId: &o.admin.account}))
		}, denied},
		{"AssociateMember", func() string {
			return refused(m.AssociateMember(ctx, &sdk.AssociateMemberInput{AccountId: &o.management.account}))
		}, denied},
		{"DisassociateMember", func() string {
			return refused(m.DisassociateMember(ctx, &sdk.DisassociateMemberInput{AccountId: &o.member.account}))
		}, denied},
		{"DescribeOrganizationConfiguration", func() string {
			return refused(m.DescribeOrganizationConfiguration(ctx, &sdk.DescribeOrganizationConfigurationInput{}))
		}, denied},
		{"UpdateOrganizationConfiguration", func() string {
			return refused(m.UpdateOrganizationConfiguration(ctx, &sdk.UpdateOrganizationConfigurationInput{
				AutoEnable: &types.AutoEnable{Ec2: aws.Bool(true), Ecr: aws.Bool(true)},
			}))
		}, denied},
		{"UpdateOrgEc2DeepInspectionConfiguration", func() string {
			return refused(m.UpdateOrgEc2DeepInspectionConfiguration(ctx, &sdk.UpdateOrgEc2DeepInspectionConfigurationInput{OrgPackagePaths: []string{"/a"}}))
		}, denied},
		{"BatchGetMemberEc2DeepInspectionStatus", func() string {
			return refused(m.BatchGetMemberEc2DeepInspectionStatus(ctx, &sdk.BatchGetMemberEc2DeepInspectionStatusInput{AccountIds: theirs}))
		}, denied},
		{"BatchUpdateMemberEc2DeepInspectionStatus", func() string {
			return refused(m.BatchUpdateMemberEc2DeepInspectionStatus(ctx, &sdk.BatchUpdateMemberEc2DeepInspectionStatusInput{
				AccountIds: []types.MemberAccountEc2DeepInspectionStatus{{AccountId: &o.admin.account, ActivateDeepInspection: aws.Bool(false)}},
			}))
		}, denied},
		{"CreateCodeSecurityScanConfiguration", func() string {
			return refused(m.CreateCodeSecurityScanConfiguration(ctx, &sdk.CreateCodeSecurityScanConfigurationInput{
				Name: aws.String("a"), Level: types.ConfigurationLevelOrganization,
				Configuration: &types.CodeSecurityScanConfiguration{RuleSetCategories: []types.RuleSetCategory{types.RuleSetCategorySca}},
			}))
		}, denied},
		{"CreateCisScanConfiguration", func() string {
			return refused(m.CreateCisScanConfiguration(ctx, &sdk.CreateCisScanConfigurationInput{
				ScanName: aws.String("a"), SecurityLevel: types.CisSecurityLevelLevel1, Schedule: &types.ScheduleMemberOneTime{},
				Targets: &types.CreateCisTargets{AccountIds: theirs, TargetResourceTags: map[string][]string{"a": {"b"}}},
			}))
		}, denied},
		{"Enable", func() string {
			out, err := m.Enable(ctx, &sdk.EnableInput{AccountIds: theirs, ResourceTypes: []types.ResourceScanType{types.ResourceScanTypeEc2}})
			if err != nil {
				return err.Error()
			}
			return failed(out.FailedAccounts, err)
		}, "ACCESS_DENIED"},
		{"Disable", func() string {
			out, err := m.Disable(ctx, &sdk.DisableInput{AccountIds: theirs})
			if err != nil {
				return err.Error()
			}
			return failed(out.FailedAccounts, err)
		}, "ACCESS_DENIED"},
		{"BatchGetAccountStatus", o.member.switches(o.admin), "ACCESS_DENIED"},
		{"BatchGetFreeTrialInfo", func() string {
			return string(must(m.BatchGetFreeTrialInfo(ctx, &sdk.BatchGetFreeTrialInfoInput{AccountIds: theirs})).FailedAccounts[0].Code)
		}, "ACCESS_DENIED"},
		{"BatchGetFindingDetails", func() string {
			return string(must(m.BatchGetFindingDetails(ctx, &sdk.BatchGetFindingDetailsInput{FindingArns: []string{finding}})).Errors[0].ErrorCode)
		}, "ACCESS_DENIED"},
		{"BatchGetCodeSnippet", func() string {
			return string(must(m.BatchGetCodeSnippet(ctx, &sdk.BatchGetCodeSnippetInput{FindingArns: []string{finding}})).Errors[0].ErrorCode)
		}, "ACCESS_DENIED"},
		{"GetMember", func() string { return refused(m.GetMember(ctx, &sdk.GetMemberInput{AccountId: &o.admin.account})) }, missing},
		{"UpdateFilter", func() string {
			return refused(m.UpdateFilter(ctx, &sdk.UpdateFilterInput{FilterArn: &rule, Name: aws.String("mine")}))
		}, missing},
		{"DeleteFilter", func() string { return refused(m.DeleteFilter(ctx, &sdk.DeleteFilterInput{Arn: &rule})) }, missing},
		{"TagResource", func() string {
			return refused(m.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: &rule, Tags: map[string]string{"a": "b"}}))
		}, missing},
		{"ListTagsForResource", func() string {
			return refused(m.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: &check}))
		}, missing},
		{"DeleteCisScanConfiguration", func() string {
			return refused(m.DeleteCisScanConfiguration(ctx, &sdk.DeleteCisScanConfigurationInput{ScanConfigurationArn: &check}))
		}, missing},
		{"GetCodeSecurityIntegration", func() string {
			return refused(m.GetCodeSecurityIntegration(ctx, &sdk.GetCodeSecurityIntegrationInput{IntegrationArn: &integration}))
		}, missing},
		{"DeleteCodeSecurityScanConfiguration", func() string {
			return refused(m.DeleteCodeSecurityScanConfiguration(ctx, &sdk.DeleteCodeSecurityScanConfigurationInput{ScanConfigurationArn: &code}))
		}, missing},
		{"ListFindings", func() string { return o.member.matching(filtered) + none }, none},
		{"Classic DeleteAssessmentTemplate", func() string {
			return refused(o.member.classic.DeleteAssessmentTemplate(ctx, &classic.DeleteAssessmentTemplateInput{AssessmentTemplateArn: &template}))
		}, denied},
		{"Classic DescribeAssessmentTemplates", o.member.templateRuns(template), "ACCESS_DENIED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer caught(t)
			if got := tt.call(); got != tt.want {
				t.Errorf("answer %q, want %q", got, tt.want)
			}
		})
	}
}

// TestListsOfTwoAccounts calls every list of the APIs for an account that has
// something of everything, and for one that has nothing.
func TestListsOfTwoAccounts(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	calls := &trail{}
	rich, poor := r.newAccount(t, calls), r.newAccount(t, calls)
	defer caught(t)
	rich.scan(rich.image(flawed))
	rule, code := rich.suppress(), rich.newCode()
	rich.tag(rule)()
	rich.check()
	rich.host()
	rich.connect()
	run := rich.newRun()
	template := run[:strings.Index(run, "/run/")]
	rich.subscribe(template)()
	rich.setClassicTags(template)()

	same := map[string]bool{} // lists that are empty for both, or not about what accounts have
	for _, o := range operations() {
		same[o.service+":"+o.name] = o.state == nothing
	}
	for _, name := range []string{
		"inspector2:ListAccountPermissions", "inspector2:ListDelegatedAdminAccounts", "inspector2:ListMembers",
		"inspector2:SearchVulnerabilities", "inspector:ListRulesPackages",
	} {
		same[name] = true
	}
	bodies := map[string]any{ // of lists that need something
		"inspector2:ListFindingAggregations":                       map[string]any{"aggregationType": "REPOSITORY"},
		"inspector2:ListCisScanResultsAggregatedByChecks":          map[string]any{"scanArn": *rich.cisScan()},
		"inspector2:ListCisScanResultsAggregatedByTargetResource":  map[string]any{"scanArn": *rich.cisScan()},
		"inspector2:GetCisScanResultDetails":                       map[string]any{"scanArn": *rich.cisScan(), "accountId": rich.account, "targetResourceId": anyEC2Instance},
		"inspector2:GetClustersForImage":                           map[string]any{"filter": map[string]any{"resourceId": rich.imageID()}},
		"inspector2:ListCodeSecurityScanConfigurationAssociations": map[string]any{"scanConfigurationArn": code},
		"inspector2:SearchVulnerabilities":                         map[string]any{"filterCriteria": map[string]any{"vulnerabilityIds": []string{oneOfThem}}},
		"inspector2:ListTagsForResource":                           nil,
		"inspector:ListTagsForResource":                            map[string]any{"resourceArn": template},
		"inspector:ListAssessmentRunAgents":                        map[string]any{"assessmentRunArn": run},
		"inspector:ListExclusions":                                 map[string]any{"assessmentRunArn": run},
		"inspector:GetExclusionsPreview":                           map[string]any{"assessmentTemplateArn": template, "previewToken": rich.foresee(template)},
		"inspector:PreviewAgents":                                  map[string]any{"previewAgentsArn": template[:strings.Index(template, "/template/")]},
	}
	lists := 0
	for _, s := range services() {
		for _, op := range s.Operations {
			if op.Paging == wire.NoPages && !strings.HasPrefix(op.Name, "List") {
				continue
			}
			lists++
			name := s.Name + ":" + op.Name
			t.Run(name, func(t *testing.T) {
				body := []byte("{}")
				if given, ok := bodies[name]; ok && given != nil {
					body = must(json.Marshal(given))
				}
				path := strings.ReplaceAll(op.URI, "{resourceArn}", url.PathEscape(rule))
				theirs, ours := rich.call(t, s, op, path, body), poor.call(t, s, op, path, body)
				// An exception may repeat what was asked for.
				if strings.HasPrefix(ours, "200") && strings.Contains(ours, rich.account) {
					t.Errorf("the account sees something of the other: %s", ours)
				}
				if !strings.HasPrefix(theirs, "200") {
					t.Errorf("the other account sees nothing of its own: %s", theirs)
				}
				if theirs == ours && !same[name] {
					t.Errorf("both see %s", ours)
				}
			})
		}
	}
	t.Logf("%d lists", lists)
}

// call calls an operation without a client that knows it.
func (b *bench) call(t *testing.T, s *wire.Service, op wire.Operation, path string, body []byte) string {
	t.Helper()
	f := forgery{
		method: op.Method, path: path, body: string(body), service: s.Signing, region: "us-east-1", key: b.key, secret: b.secret,
	}
	if s.Protocol == wire.JSON11 {
		f.target = s.Target + "." + op.Name
	}
	status, _, answer := f.send(t, b.url)
	return fmt.Sprint(status, " ", string(answer))
}

// connect makes a connector with our own client, as the SDK for Go cannot.
func (b *bench) connect() {
	b.t.Helper()
	must(b.server.as(b.t, b.key, b.secret).Inspector2().CreateConnector(b.ctx(), &inspector2.CreateConnectorRequest{
		Name: "azure", Provider: inspector2.ConnectorCloudProviderAzure,
		ProviderDetail: inspector2.ProviderDetailCreate{Azure: &inspector2.AzureProviderDetailCreate{
			AwsConfigConnectorARN: "arn:aws:config:us-east-1:" + b.account + ":connector/azure/tenant/0a1b2c3d",
			AzureRegions:          []string{"westeurope"},
			ScopeConfiguration:    inspector2.AzureScopeConfigurationInput{},
		}},
	}))
}
