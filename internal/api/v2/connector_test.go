package v2

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
)

const config = "arn:aws:config:eu-central-1:444444444444:connector/azure/tenant/"

func azure(name, configConnector string) *inspector2.CreateConnectorRequest {
	return &inspector2.CreateConnectorRequest{
		Name: name, Provider: "AZURE", ProviderDetail: inspector2.ProviderDetailCreate{Azure: &inspector2.AzureProviderDetailCreate{
			AwsConfigConnectorARN: config + configConnector, AzureRegions: []string{"westeurope"},
			ScopeConfiguration: inspector2.AzureScopeConfigurationInput{VmScanning: &inspector2.ScopeConfigurationInput{ScopeType: "TENANT"}},
		}},
	}
}

func TestConnector(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := azure("cloud", "1")
	in.Description, in.Tags = new("the other one"), map[string]string{"team": "blue"}
	arn := ask(t, o, alone, o.h.CreateConnector, in).ConnectorARN
	if !strings.HasPrefix(arn, "arn:aws:inspector2:eu-central-1:444444444444:connector/") {
		t.Error(arn)
	}
	refuses(t, o, alone, o.h.CreateConnector, in, clash)
	list := &inspector2.ListConnectorsRequest{}
	answers(t, o, alone, o.h.ListConnectors, list, `{"items":[{"connectorArn":"`+arn+`","name":"cloud","description":"the other one",`+
		`"provider":"AZURE","enablementStatus":"PENDING_ENABLEMENT","enablementStatusReason":"This server does not call other clouds.",`+
		`"health":{"connectorStatus":"PENDING_AUTHORIZATION","lastCheckedAt":"2026-03-01T12:00:00Z",`+
		`"message":"The other cloud has not been asked for authorization."},"createdAt":"2026-03-01T12:00:00Z",`+
		`"updatedAt":"2026-03-01T12:00:00Z","azureRegions":["westeurope"],"awsConfigConnectorArn":"`+config+`1",`+
		`"scopeConfiguration":{"vmScanning":{"scopeType":"TENANT","state":"PENDING"}},"tags":{"team":"blue"}}]}`)

	o.now = o.now.Add(time.Hour)
	answers(t, o, alone, o.h.UpdateConnector, &inspector2.UpdateConnectorRequest{
		ConnectorARN: arn, Description: new(""), ProviderDetail: &inspector2.ProviderDetailUpdate{
			Azure: &inspector2.AzureProviderDetailUpdate{
				AzureRegions: []string{"eastus"}, ScopeConfiguration: &inspector2.AzureScopeConfigurationInput{}, AutoInstallVMScanner: new(true),
			},
		},
	}, `{"connectorArn":"`+arn+`"}`)
	answers(t, o, alone, o.h.ListConnectors, list, `{"items":[{"connectorArn":"`+arn+`","name":"cloud",`+
		`"provider":"AZURE","enablementStatus":"PENDING_ENABLEMENT","enablementStatusReason":"This server does not call other clouds.",`+
		`"health":{"connectorStatus":"PENDING_CONFIGURATION","lastCheckedAt":"2026-03-01T13:00:00Z",`+
		`"message":"No kind of resource is set up to be scanned."},"createdAt":"2026-03-01T12:00:00Z",`+
		`"updatedAt":"2026-03-01T13:00:00Z","azureRegions":["eastus"],"awsConfigConnectorArn":"`+config+`1",`+
		`"scopeConfiguration":{},"tags":{"team":"blue"},"autoInstallVMScanner":true}]}`)

	remove := &inspector2.DeleteConnectorRequest{ConnectorARN: arn}
	refuses(t, o, clerk, o.h.DeleteConnector, remove, missing)
	answers(t, o, alone, o.h.DeleteConnector, remove, `{}`)
	answers(t, o, alone, o.h.ListConnectors, list, `{"items":[]}`)
	refuses(t, o, alone, o.h.DeleteConnector, remove, missing)
}

func TestConnectorIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	twice, nowhere := azure("x", "1"), azure("x", "1")
	twice.ProviderDetail.Azure.AzureRegions = []string{"westeurope", "westeurope"}
	refuses(t, o, alone, o.h.CreateConnector, twice, invalid)
	nowhere.ProviderDetail.Azure.ScopeConfiguration.VmScanning.ScopeType = "SUBSCRIPTION"
	refuses(t, o, alone, o.h.CreateConnector, nowhere, invalid)
	refuses(t, o, alone, o.h.ListConnectors, &inspector2.ListConnectorsRequest{MaxResults: new(int32(0))}, invalid)
}

func TestListConnectors(t *testing.T) {
	t.Parallel()
	o := organized(t)
	arns := map[string]string{}
	for i, as := range []org.Account{admin, clerk, clerk} {
		name := fmt.Sprint("c", i)
		arns[name] = ask(t, o, as, o.h.CreateConnector, azure(name, fmt.Sprint(i%2))).ConnectorARN
	}
	type criteria = inspector2.ConnectorFilterCriteria
	for _, tt := range []struct {
		name string
		c    criteria
		want string
	}{
		{"all", criteria{}, "c0 c1 c2 "},
		{"account", criteria{Accounts: []inspector2.StringFilter{{Comparison: "PREFIX", Value: "333"}}}, "c1 c2 "},
		{"not the account", criteria{Accounts: []inspector2.StringFilter{{Comparison: "NOT_EQUALS", Value: clerk.String()}}}, "c0 "},
		{"ARN", criteria{ConnectorARNs: []inspector2.ConnectorArnFilter{
			{Comparison: "EQUALS", Value: arns["c2"]}, {Comparison: "EQUALS", Value: arns["c0"]},
		}}, "c0 c2 "},
		{"Config connector", criteria{AwsConfigConnectorARNs: []inspector2.AwsConfigConnectorArnFilter{
			{Comparison: "EQUALS", Value: config + "0"},
		}}, "c0 c2 "},
		{"provider", criteria{Provider: []inspector2.ProviderFilter{{Comparison: "EQUALS", Value: "AZURE"}}}, "c0 c1 c2 "},
		{"customer's", criteria{ConnectorType: []inspector2.ConnectorTypeFilter{{Comparison: "EQUALS", Value: "CUSTOMER_MANAGED"}}}, "c0 c1 c2 "},
		{"service's", criteria{ConnectorType: []inspector2.ConnectorTypeFilter{{Comparison: "EQUALS", Value: "SERVICE_LINKED"}}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			in := &inspector2.ListConnectorsRequest{FilterCriteria: &tt.c, MaxResults: new(int32(1))}
			for {
				out := ask(t, o, admin, o.h.ListConnectors, in)
				for _, c := range out.Items {
					got += c.Name + " "
				}
				if len(out.NextToken) > 1024 { // as the model has it
					t.Errorf("a token of %d bytes", len(out.NextToken))
				}
				if in.NextToken = out.NextToken; out.NextToken == "" {
					break
				}
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	refuses(t, o, admin, o.h.UpdateConnector, &inspector2.UpdateConnectorRequest{ConnectorARN: arns["c1"]}, denied)
}

func TestConnectorScanConfiguration(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var arns []string
	for _, name := range []string{"a", "b"} {
		arns = append(arns, ask(t, o, alone, o.h.CreateConnector, azure(name, "1")).ConnectorARN)
	}
	other := ask(t, o, alone, o.h.CreateConnector, azure("c", "2")).ConnectorARN
	list := &inspector2.ListConnectorScanConfigurationsRequest{AwsConfigConnectorARNs: []string{config + "1"}}
	set := func(configConnector string, images inspector2.ConnectorContainerImageScanConfiguration) *inspector2.UpdateConnectorScanConfigurationRequest {
		return &inspector2.UpdateConnectorScanConfigurationRequest{
			AwsConfigConnectorARN: config + configConnector,
			ScanConfiguration:     inspector2.ConnectorScanConfiguration{ContainerImageScanning: &images},
		}
	}
	item := func(scan string) string {
		return `{"scanConfigurations":[{"awsConfigConnectorArn":"` + config + `1","connectorArns":["` +
			arns[0] + `","` + arns[1] + `"],"scanConfiguration":` + scan + `}]}`
	}
	answers(t, o, alone, o.h.ListConnectorScanConfigurations, list, item(`{}`))
	answers(t, o, alone, o.h.UpdateConnectorScanConfiguration, set("1", inspector2.ConnectorContainerImageScanConfiguration{PushDuration: "LIFETIME"}), `{}`)
	answers(t, o, alone, o.h.UpdateConnectorScanConfiguration, set("1", inspector2.ConnectorContainerImageScanConfiguration{PullDuration: "DAYS_3"}), `{}`)
	answers(t, o, alone, o.h.ListConnectorScanConfigurations, list, item(`{"containerImageScanning":{"pushDuration":"LIFETIME","pullDuration":"DAYS_3"}}`))
	refuses(t, o, alone, o.h.UpdateConnectorScanConfiguration, set("3", inspector2.ConnectorContainerImageScanConfiguration{PullDuration: "DAYS_3"}), missing)
	refuses(t, o, alone, o.h.UpdateConnectorScanConfiguration, set("1", inspector2.ConnectorContainerImageScanConfiguration{}), invalid)
	answers(t, o, clerk, o.h.ListConnectorScanConfigurations, &inspector2.ListConnectorScanConfigurationsRequest{}, `{"scanConfigurations":[]}`)

	ask(t, o, alone, o.h.DeleteConnector, &inspector2.DeleteConnectorRequest{ConnectorARN: arns[0]})
	out := ask(t, o, alone, o.h.ListConnectorScanConfigurations, &inspector2.ListConnectorScanConfigurationsRequest{})
	if len(out.ScanConfigurations) != 2 || out.ScanConfigurations[0].ScanConfiguration.ContainerImageScanning == nil {
		t.Errorf("%+v", out)
	}
	// Once no connector goes through it, nothing is set any more.
	ask(t, o, alone, o.h.DeleteConnector, &inspector2.DeleteConnectorRequest{ConnectorARN: arns[1]})
	arns[0] = ask(t, o, alone, o.h.CreateConnector, azure("a", "1")).ConnectorARN
	out = ask(t, o, alone, o.h.ListConnectorScanConfigurations, list)
	if len(out.ScanConfigurations) != 1 || out.ScanConfigurations[0].ScanConfiguration.ContainerImageScanning != nil {
		t.Errorf("%+v; and %s", out, other)
	}
}
