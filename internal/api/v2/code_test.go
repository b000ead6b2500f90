package v2

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

func gitlab(name string) *inspector2.CreateCodeSecurityIntegrationRequest {
	return &inspector2.CreateCodeSecurityIntegrationRequest{
		Name: name, Type: "GITLAB_SELF_MANAGED",
		Details: &inspector2.CreateIntegrationDetail{GitlabSelfManaged: &inspector2.CreateGitLabSelfManagedIntegrationDetail{
			InstanceURL: "https://code.example/", AccessToken: "glpat-very-secret",
		}},
	}
}

func TestIntegration(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := gitlab("lab")
	in.Tags = map[string]string{"team": "blue"}
	created := ask(t, o, alone, o.h.CreateCodeSecurityIntegration, in)
	arn := created.IntegrationARN
	if created.Status != inspector2.IntegrationStatusPending || created.AuthorizationURL != "https://code.example/oauth/authorize" ||
		!strings.HasPrefix(arn, "arn:aws:inspector2:eu-central-1:444444444444:codesecurity-integration/") {
		t.Errorf("%+v", created)
	}
	get := &inspector2.GetCodeSecurityIntegrationRequest{IntegrationARN: arn}
	summary := func(updated string) string {
		return `"integrationArn":"` + arn + `","name":"lab","type":"GITLAB_SELF_MANAGED","status":"PENDING",` +
			`"statusReason":"` + pendingReason + `","createdOn":1772366400,"lastUpdateOn":` + updated
	}
	answers(t, o, alone, o.h.GetCodeSecurityIntegration, get, `{`+summary("1772366400")+
		`,"authorizationUrl":"https://code.example/oauth/authorize","tags":{"team":"blue"}}`)
	refuses(t, o, clerk, o.h.GetCodeSecurityIntegration, get, missing)
	refuses(t, o, alone, o.h.CreateCodeSecurityIntegration, gitlab("lab"), clash)
	ask(t, o, clerk, o.h.CreateCodeSecurityIntegration, gitlab("lab"))

	o.now = o.now.Add(time.Hour)
	answers(t, o, alone, o.h.UpdateCodeSecurityIntegration, &inspector2.UpdateCodeSecurityIntegrationRequest{
		IntegrationARN: arn, Details: inspector2.UpdateIntegrationDetails{
			GitlabSelfManaged: &inspector2.UpdateGitLabSelfManagedIntegrationDetail{AuthCode: "code-very-secret"},
		},
	}, `{"integrationArn":"`+arn+`","status":"PENDING"}`)
	refuses(t, o, alone, o.h.UpdateCodeSecurityIntegration, &inspector2.UpdateCodeSecurityIntegrationRequest{
		IntegrationARN: arn, Details: inspector2.UpdateIntegrationDetails{Github: &inspector2.UpdateGitHubIntegrationDetail{}},
	}, invalid)
	answers(t, o, alone, o.h.ListCodeSecurityIntegrations, &inspector2.ListCodeSecurityIntegrationsRequest{},
		`{"integrations":[{`+summary("1772370000")+`}]}`)

	objects, err := o.Store.Objects(t.Context(), org.Only(alone, clerk), store.Objects{Kind: integrationKind})
	if err != nil || len(objects) != 2 {
		t.Fatal(len(objects), err)
	}
	for _, object := range objects {
		if strings.Contains(string(object.Doc), "secret") {
			t.Error("a secret is kept")
		}
	}
	ask(t, o, alone, o.h.DeleteCodeSecurityIntegration, &inspector2.DeleteCodeSecurityIntegrationRequest{IntegrationARN: arn})
	refuses(t, o, alone, o.h.GetCodeSecurityIntegration, get, missing)
	refuses(t, o, alone, o.h.DeleteCodeSecurityIntegration, &inspector2.DeleteCodeSecurityIntegrationRequest{IntegrationARN: arn}, missing)
}

func TestIntegrationTypes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	wrong := gitlab("wrong")
	wrong.Type = "GITHUB"
	refuses(t, o, alone, o.h.CreateCodeSecurityIntegration, wrong, invalid)
	wrong = gitlab("wrong")
	wrong.Details = nil
	refuses(t, o, alone, o.h.CreateCodeSecurityIntegration, wrong, invalid)
	hub := ask(t, o, alone, o.h.CreateCodeSecurityIntegration, &inspector2.CreateCodeSecurityIntegrationRequest{Name: "hub", Type: "GITHUB"})
	if hub.AuthorizationURL != "" {
		t.Errorf("an address for GitHub: %s", hub.AuthorizationURL)
	}
}

func codeRequest(name string, level inspector2.ConfigurationLevel) *inspector2.CreateCodeSecurityScanConfigurationRequest {
	return &inspector2.CreateCodeSecurityScanConfigurationRequest{
		Name: name, Level: level, Configuration: inspector2.CodeSecurityScanConfiguration{
			RuleSetCategories:         []inspector2.RuleSetCategory{"SAST", "SCA"},
			PeriodicScanConfiguration: &inspector2.PeriodicScanConfiguration{Frequency: "WEEKLY"},
			ContinuousIntegrationScanConfiguration: &inspector2.ContinuousIntegrationScanConfiguration{
				SupportedEvents: []inspector2.ContinuousIntegrationScanEvent{"PUSH"},
			},
		},
	}
}

func TestCodeConfiguration(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := codeRequest("weekly", "ACCOUNT")
	in.ScopeSettings = &inspector2.ScopeSettings{ProjectSelectionScope: "ALL"}
	in.Tags = map[string]string{"team": "blue"}
	arn := ask(t, o, alone, o.h.CreateCodeSecurityScanConfiguration, in).ScanConfigurationARN
	if !strings.HasPrefix(arn, "arn:aws:inspector2:eu-central-1:444444444444:owner/444444444444/codesecurity-configuration/") {
		t.Error(arn)
	}
	refuses(t, o, alone, o.h.CreateCodeSecurityScanConfiguration, codeRequest("weekly", "ACCOUNT"), clash)
	in.Name = "another for all projects"
	refuses(t, o, alone, o.h.CreateCodeSecurityScanConfiguration, in, clash)

	o.now = o.now.Add(time.Hour)
	ask(t, o, alone, o.h.UpdateCodeSecurityScanConfiguration, &inspector2.UpdateCodeSecurityScanConfigurationRequest{
		ScanConfigurationARN: arn, Configuration: inspector2.CodeSecurityScanConfiguration{
			RuleSetCategories:         []inspector2.RuleSetCategory{"IAC"},
			PeriodicScanConfiguration: &inspector2.PeriodicScanConfiguration{Frequency: "MONTHLY", FrequencyExpression: "cron(0 0 1 * ? *)"},
		},
	})
	get := &inspector2.GetCodeSecurityScanConfigurationRequest{ScanConfigurationARN: arn}
	answers(t, o, alone, o.h.GetCodeSecurityScanConfiguration, get, `{"scanConfigurationArn":"`+arn+`","name":"weekly",`+
		`"configuration":{"periodicScanConfiguration":{"frequency":"MONTHLY","frequencyExpression":"cron(0 0 1 * ? *)"},`+
		`"ruleSetCategories":["IAC"]},"level":"ACCOUNT","scopeSettings":{"projectSelectionScope":"ALL"},`+
		`"createdAt":1772366400,"lastUpdatedAt":1772370000,"tags":{"team":"blue"}}`)
	answers(t, o, alone, o.h.ListCodeSecurityScanConfigurations, &inspector2.ListCodeSecurityScanConfigurationsRequest{},
		`{"configurations":[{"scanConfigurationArn":"`+arn+`","name":"weekly","ownerAccountId":"444444444444",`+
			`"periodicScanFrequency":"MONTHLY","frequencyExpression":"cron(0 0 1 * ? *)","ruleSetCategories":["IAC"],`+
			`"scopeSettings":{"projectSelectionScope":"ALL"}}]}`)
	refuses(t, o, clerk, o.h.GetCodeSecurityScanConfiguration, get, missing)

	ask(t, o, alone, o.h.DeleteCodeSecurityScanConfiguration, &inspector2.DeleteCodeSecurityScanConfigurationRequest{ScanConfigurationARN: arn})
	refuses(t, o, alone, o.h.GetCodeSecurityScanConfiguration, get, missing)

	for name, change := range map[string]func(*inspector2.CodeSecurityScanConfiguration){
		"rules twice": func(c *inspector2.CodeSecurityScanConfiguration) {
			c.RuleSetCategories = []inspector2.RuleSetCategory{"IAC", "IAC"}
		},
		"events twice": func(c *inspector2.CodeSecurityScanConfiguration) {
			c.ContinuousIntegrationScanConfiguration.SupportedEvents = []inspector2.ContinuousIntegrationScanEvent{"PUSH", "PUSH"}
		},
		"never at some time": func(c *inspector2.CodeSecurityScanConfiguration) {
			c.PeriodicScanConfiguration = &inspector2.PeriodicScanConfiguration{Frequency: "NEVER", FrequencyExpression: "x"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := codeRequest("wrong", "ACCOUNT")
			change(&in.Configuration)
			refuses(t, o, alone, o.h.CreateCodeSecurityScanConfiguration, in, invalid)
		})
	}
}

// What the administrator sets up for the organisation, members see but do not
// change.
func TestCodeConfigurationOfOrganization(t *testing.T) {
	t.Parallel()
	o := organized(t)
	refuses(t, o, clerk, o.h.CreateCodeSecurityScanConfiguration, codeRequest("x", "ORGANIZATION"), denied)
	arn := ask(t, o, admin, o.h.CreateCodeSecurityScanConfiguration, codeRequest("everybody", "ORGANIZATION")).ScanConfigurationARN
	ask(t, o, admin, o.h.CreateCodeSecurityScanConfiguration, codeRequest("private", "ACCOUNT"))
	ask(t, o, clerk, o.h.CreateCodeSecurityScanConfiguration, codeRequest("own", "ACCOUNT"))
	names := func(as org.Account) string {
		text := ""
		in := &inspector2.ListCodeSecurityScanConfigurationsRequest{MaxResults: new(int32(1))}
		for {
			out := ask(t, o, as, o.h.ListCodeSecurityScanConfigurations, in)
			for _, c := range out.Configurations {
				text += c.Name + " "
			}
			if in.NextToken = out.NextToken; out.NextToken == "" {
				return text
			}
		}
	}
	for as, want := range map[org.Account]string{admin: "everybody private ", clerk: "everybody own ", alone: ""} {
		if got := names(as); got != want {
			t.Errorf("%s sees %q, want %q", as, got, want)
		}
	}
	ask(t, o, clerk, o.h.GetCodeSecurityScanConfiguration, &inspector2.GetCodeSecurityScanConfigurationRequest{ScanConfigurationARN: arn})
	refuses(t, o, clerk, o.h.DeleteCodeSecurityScanConfiguration,
		&inspector2.DeleteCodeSecurityScanConfigurationRequest{ScanConfigurationARN: arn}, missing)
}

// There are no projects, so that nothing can be bound to one.
func TestNoProjects(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	arn := ask(t, o, alone, o.h.CreateCodeSecurityScanConfiguration, codeRequest("x", "ACCOUNT")).ScanConfigurationARN
	wrong := arn[:len(arn)-1] + "z"
	project := inspector2.CodeSecurityResource{ProjectID: "project-00000000-0000-0000-0000-000000000001"}
	failed := func(arn, code, message string) string {
		return `{"scanConfigurationArn":"` + arn + `","resource":{"projectId":"` + project.ProjectID +
			`"},"statusCode":"` + code + `","statusMessage":"` + message + `"}`
	}
	want := `{"failedAssociations":[` + failed(arn, "RESOURCE_NOT_FOUND", "There is no project "+project.ProjectID+".") + `,` +
		failed(wrong, "SCAN_CONFIGURATION_NOT_FOUND", "There is no resource "+wrong+".") + `],"successfulAssociations":[]}`
	answers(t, o, alone, o.h.BatchAssociateCodeSecurityScanConfiguration, &inspector2.BatchAssociateCodeSecurityScanConfigurationRequest{
		AssociateConfigurationRequests: []inspector2.AssociateConfigurationRequest{
			{ScanConfigurationARN: arn, Resource: project}, {ScanConfigurationARN: wrong, Resource: project},
		},
	}, want)
	answers(t, o, alone, o.h.BatchDisassociateCodeSecurityScanConfiguration,
		&inspector2.BatchDisassociateCodeSecurityScanConfigurationRequest{
			DisassociateConfigurationRequests: []inspector2.DisassociateConfigurationRequest{
				{ScanConfigurationARN: arn, Resource: project}, {ScanConfigurationARN: wrong, Resource: project},
			},
		}, want)
	bound := func(arn string) *inspector2.ListCodeSecurityScanConfigurationAssociationsRequest {
		return &inspector2.ListCodeSecurityScanConfigurationAssociationsRequest{ScanConfigurationARN: arn}
	}
	answers(t, o, alone, o.h.ListCodeSecurityScanConfigurationAssociations, bound(arn), `{"associations":[]}`)
	refuses(t, o, alone, o.h.ListCodeSecurityScanConfigurationAssociations, bound(wrong), missing)
	refuses(t, o, alone, o.h.StartCodeSecurityScan, &inspector2.StartCodeSecurityScanRequest{Resource: project}, missing)
	refuses(t, o, alone, o.h.GetCodeSecurityScan, &inspector2.GetCodeSecurityScanRequest{Resource: project, ScanID: "x"}, missing)
}

// An account can have so many things of a kind and no more.
func TestAddQuota(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	type thing struct{ Name string }
	one := func(ctx context.Context, in *thing) (*inspector2.DeleteConnectorResponse, error) {
		h, err := fresh[thing]("thing", alone, o.now, func(id string) string { return id })
		if err != nil {
			return nil, err
		}
		h.Value = *in
		return &inspector2.DeleteConnectorResponse{}, o.Store.Update(ctx, func(tx *store.Tx) error {
			return add(ctx, tx, h, addition[thing]{name: func(t thing) string { return t.Name }, most: 2, what: "things"})
		})
	}
	ask(t, o, alone, one, &thing{"a"})
	ask(t, o, alone, one, &thing{"b"})
	refuses(t, o, alone, one, &thing{"c"}, overFull)
	refuses(t, o, alone, one, &thing{"b"}, clash)
}

// What is stored of the generated types comes back as it was.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, want := range []cisConfiguration{
		{Schedule: inspector2.Schedule{OneTime: &inspector2.OneTimeSchedule{}}},
		{Schedule: inspector2.Schedule{Monthly: &inspector2.MonthlySchedule{StartTime: inspector2.Time{TimeOfDay: "9:00"}, Day: "SUN"}}},
	} {
		doc, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got cisConfiguration
		if err := json.Unmarshal(doc, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Schedule.OneTime, got.Schedule.OneTime) + cmp.Diff(want.Schedule.Monthly, got.Schedule.Monthly); diff != "" {
			t.Error(diff)
		}
	}
}
