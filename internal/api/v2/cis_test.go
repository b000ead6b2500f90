package v2

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
)

func cisRequest(name string, accounts ...string) *inspector2.CreateCisScanConfigurationRequest {
	return &inspector2.CreateCisScanConfigurationRequest{
		ScanName: name, SecurityLevel: "LEVEL_1", Schedule: inspector2.Schedule{OneTime: &inspector2.OneTimeSchedule{}},
		Targets: inspector2.CreateCisTargets{AccountIDs: accounts, TargetResourceTags: map[string][]string{"env": {"prod", "test"}}},
	}
}

func TestCISConfiguration(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := cisRequest("nightly", "SELF")
	in.Tags = map[string]string{"team": "blue"}
	arn := ask(t, o, alone, o.h.CreateCisScanConfiguration, in).ScanConfigurationARN
	if !strings.HasPrefix(arn, "arn:aws:inspector2:eu-central-1:444444444444:owner/444444444444/cis-configuration/") {
		t.Error(arn)
	}
	list := &inspector2.ListCisScanConfigurationsRequest{}
	answers(t, o, alone, o.h.ListCisScanConfigurations, list, `{"scanConfigurations":[{"scanConfigurationArn":"`+arn+`",`+
		`"ownerId":"444444444444","scanName":"nightly","securityLevel":"LEVEL_1","schedule":{"oneTime":{}},`+
		`"targets":{"accountIds":["444444444444"],"targetResourceTags":{"env":["prod","test"]}},"tags":{"team":"blue"}}]}`)

	ask(t, o, alone, o.h.UpdateCisScanConfiguration, &inspector2.UpdateCisScanConfigurationRequest{
		ScanConfigurationARN: arn, SecurityLevel: "LEVEL_2", Schedule: &inspector2.Schedule{Weekly: &inspector2.WeeklySchedule{
			StartTime: inspector2.Time{TimeOfDay: "13:00", Timezone: "Europe/London"}, Days: []inspector2.Day{"MON", "FRI"},
		}},
		Targets: &inspector2.UpdateCisTargets{TargetResourceTags: map[string][]string{"env": {"dev"}}},
	})
	answers(t, o, alone, o.h.ListCisScanConfigurations, list, `{"scanConfigurations":[{"scanConfigurationArn":"`+arn+`",`+
		`"ownerId":"444444444444","scanName":"nightly","securityLevel":"LEVEL_2",`+
		`"schedule":{"weekly":{"startTime":{"timeOfDay":"13:00","timezone":"Europe/London"},"days":["MON","FRI"]}},`+
		`"targets":{"accountIds":["444444444444"],"targetResourceTags":{"env":["dev"]}},"tags":{"team":"blue"}}]}`)

	remove := &inspector2.DeleteCisScanConfigurationRequest{ScanConfigurationARN: arn}
	refuses(t, o, clerk, o.h.DeleteCisScanConfiguration, remove, missing)
	refuses(t, o, alone, o.h.DeleteCisScanConfiguration,
		&inspector2.DeleteCisScanConfigurationRequest{ScanConfigurationARN: strings.Replace(arn, "eu-central-1", "eu-west-1", 1)}, missing)
	answers(t, o, alone, o.h.DeleteCisScanConfiguration, remove, `{"scanConfigurationArn":"`+arn+`"}`)
	answers(t, o, alone, o.h.ListCisScanConfigurations, list, `{"scanConfigurations":[]}`)
	refuses(t, o, alone, o.h.DeleteCisScanConfiguration, remove, missing)
	tags, err := o.Store.Tags(t.Context(), org.Only(alone), arn)
	if err != nil || len(tags) > 0 {
		t.Errorf("tags that are left: %v %v", tags, err)
	}
}

func TestCISTargets(t *testing.T) {
	t.Parallel()
	o := organized(t)
	organization, err := o.Store.Organization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		as       org.Account
		accounts string
		want     string // the owner, or the exception
	}{
		{alone, "SELF", "444444444444"},
		{alone, "444444444444", "444444444444"},
		{alone, "333333333333", denied},
		{alone, "ALL_ACCOUNTS", denied},
		{clerk, "ALL_ACCOUNTS", denied},
		{admin, "SELF", "222222222222"},
		{admin, "SELF 333333333333", invalid},
		{admin, "ALL_ACCOUNTS 333333333333", invalid},
		{admin, "444444444444", denied},
		{admin, "222222222222 333333333333", organization.ID},
		{admin, "ALL_ACCOUNTS", organization.ID},
	} {
		t.Run(tt.as.String()+" "+tt.accounts, func(t *testing.T) {
			in := cisRequest("x", strings.Fields(tt.accounts)...)
			if strings.HasSuffix(tt.want, "Exception") {
				refuses(t, o, tt.as, o.h.CreateCisScanConfiguration, in, tt.want)
				return
			}
			arn := ask(t, o, tt.as, o.h.CreateCisScanConfiguration, in).ScanConfigurationARN
			if !strings.Contains(arn, ":"+tt.as.String()+":owner/"+tt.want+"/") {
				t.Errorf("%s; want the owner %s", arn, tt.want)
			}
		})
	}
	all := ask(t, o, admin, o.h.CreateCisScanConfiguration, cisRequest("everybody", "ALL_ACCOUNTS")).ScanConfigurationARN
	list := ask(t, o, admin, o.h.ListCisScanConfigurations, &inspector2.ListCisScanConfigurationsRequest{
		FilterCriteria: &inspector2.ListCisScanConfigurationsFilterCriteria{
			ScanConfigurationARNFilters: []inspector2.CisStringFilter{{Comparison: "EQUALS", Value: all}},
		},
	})
	if diff := cmp.Diff([]string{"222222222222", "333333333333"}, list.ScanConfigurations[0].Targets.AccountIDs); diff != "" {
		t.Error(diff)
	}
	update := &inspector2.UpdateCisScanConfigurationRequest{
		ScanConfigurationARN: all, Targets: &inspector2.UpdateCisTargets{AccountIDs: []string{"SELF"}},
	}
	refuses(t, o, admin, o.h.UpdateCisScanConfiguration, update, invalid)
	its := ask(t, o, clerk, o.h.CreateCisScanConfiguration, cisRequest("own", "SELF")).ScanConfigurationARN
	refuses(t, o, admin, o.h.DeleteCisScanConfiguration, &inspector2.DeleteCisScanConfigurationRequest{ScanConfigurationARN: its}, denied)
}

func TestListCISConfigurations(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	arns := map[string]string{}
	for i, name := range []string{"beta", "alpha", "gamma", "alphabet"} {
		in := cisRequest(name, "SELF")
		in.Targets.TargetResourceTags = map[string][]string{"n": {fmt.Sprint(i)}}
		arns[name] = ask(t, o, alone, o.h.CreateCisScanConfiguration, in).ScanConfigurationARN
	}
	text := func(pairs ...string) (out []inspector2.CisStringFilter) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, inspector2.CisStringFilter{Comparison: inspector2.CisStringComparison(pairs[i]), Value: pairs[i+1]})
		}
		return out
	}
	type criteria = inspector2.ListCisScanConfigurationsFilterCriteria
	for _, tt := range []struct {
		name string
		in   inspector2.ListCisScanConfigurationsRequest
		want string
	}{
		{"default", inspector2.ListCisScanConfigurationsRequest{}, "alpha alphabet beta gamma"},
		{"descending", inspector2.ListCisScanConfigurationsRequest{SortOrder: "DESC"}, "gamma beta alphabet alpha"},
		{"by ARN", inspector2.ListCisScanConfigurationsRequest{SortBy: "SCAN_CONFIGURATION_ARN"}, "beta alpha gamma alphabet"}, // by age
		{"prefix", inspector2.ListCisScanConfigurationsRequest{FilterCriteria: &criteria{
			ScanNameFilters: text("PREFIX", "alp", "EQUALS", "gamma", "NOT_EQUALS", "alpha"),
		}}, "alphabet gamma"},
		{"not", inspector2.ListCisScanConfigurationsRequest{FilterCriteria: &criteria{
			ScanConfigurationARNFilters: text("NOT_EQUALS", arns["beta"]),
		}}, "alpha alphabet gamma"},
		{"tags", inspector2.ListCisScanConfigurationsRequest{FilterCriteria: &criteria{
			TargetResourceTagFilters: []inspector2.TagFilter{
				{Comparison: "EQUALS", Key: "n", Value: "0"}, {Comparison: "EQUALS", Key: "n", Value: "3"}, {Comparison: "EQUALS", Key: "m", Value: "1"},
			},
		}}, "alphabet beta"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			tt.in.MaxResults = new(int32(3))
			for {
				out := ask(t, o, alone, o.h.ListCisScanConfigurations, &tt.in)
				for _, c := range out.ScanConfigurations {
					got = append(got, c.ScanName)
				}
				if tt.in.NextToken = out.NextToken; out.NextToken == "" {
					break
				}
			}
			if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	answers(t, o, clerk, o.h.ListCisScanConfigurations, &inspector2.ListCisScanConfigurationsRequest{}, `{"scanConfigurations":[]}`)
}

func TestCISSchedule(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	start := func(zone string) inspector2.Time { return inspector2.Time{TimeOfDay: "9:30", Timezone: zone} }
	for _, schedule := range []inspector2.Schedule{
		{Daily: &inspector2.DailySchedule{StartTime: start("Europe/Atlantis")}},
		{Monthly: &inspector2.MonthlySchedule{StartTime: start("Local"), Day: "TUE"}},
		{Weekly: &inspector2.WeeklySchedule{StartTime: start("UTC"), Days: []inspector2.Day{"MON", "MON"}}},
	} {
		in := cisRequest("x", "SELF")
		in.Schedule = schedule
		refuses(t, o, alone, o.h.CreateCisScanConfiguration, in, invalid)
	}
	in := cisRequest("x", "SELF")
	in.Schedule = inspector2.Schedule{Monthly: &inspector2.MonthlySchedule{StartTime: start("America/New_York"), Day: "TUE"}}
	ask(t, o, alone, o.h.CreateCisScanConfiguration, in)
}

// There are no scans, which each operation says in its own way.
func TestNoCISScans(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const arn = "arn:aws:inspector2:eu-central-1:444444444444:owner/444444444444/cis-scan/00000000-0000-0000-0000-000000000001"
	answers(t, o, alone, o.h.ListCisScans, &inspector2.ListCisScansRequest{}, `{"scans":[]}`)
	refuses(t, o, alone, o.h.ListCisScans, &inspector2.ListCisScansRequest{NextToken: "x"}, invalid)
	answers(t, o, alone, o.h.ListCisScanResultsAggregatedByChecks,
		&inspector2.ListCisScanResultsAggregatedByChecksRequest{ScanARN: arn}, `{}`)
	answers(t, o, alone, o.h.ListCisScanResultsAggregatedByTargetResource,
		&inspector2.ListCisScanResultsAggregatedByTargetResourceRequest{ScanARN: arn}, `{}`)
	answers(t, o, alone, o.h.GetCisScanResultDetails,
		&inspector2.GetCisScanResultDetailsRequest{ScanARN: arn, TargetResourceID: "i-0123456789abcdef0", AccountID: alone.String()}, `{}`)
	refuses(t, o, alone, o.h.GetCisScanReport, &inspector2.GetCisScanReportRequest{ScanARN: arn}, missing)
}

func TestCISSession(t *testing.T) {
	t.Parallel()
	const job, other = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
	const token, stranger = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"
	start := func(token string) *inspector2.StartCisSessionRequest {
		return &inspector2.StartCisSessionRequest{ScanJobID: job, Message: inspector2.StartCisSessionMessage{SessionToken: token}}
	}
	health := func(job, token string) *inspector2.SendCisSessionHealthRequest {
		return &inspector2.SendCisSessionHealthRequest{ScanJobID: job, SessionToken: token}
	}
	results := &inspector2.SendCisSessionTelemetryRequest{ScanJobID: job, SessionToken: token, Messages: []inspector2.CisSessionMessage{
		{RuleID: "1.1", Status: "ERROR"}, {RuleID: "1.2", Status: "FAILED", CisRuleDetails: []byte("{}")},
	}}
	stop := &inspector2.StopCisSessionRequest{ScanJobID: job, SessionToken: token, Message: inspector2.StopCisSessionMessage{
		Status: "SUCCESS", Progress: inspector2.StopCisMessageProgress{
			TotalChecks: new(int32(2)), SuccessfulChecks: new(int32(1)), FailedChecks: new(int32(1)),
		},
	}}

	o := newOffice(t)
	refuses(t, o, alone, o.h.SendCisSessionHealth, health(job, token), clash) // not started
	for range 2 {
		answers(t, o, alone, o.h.StartCisSession, start(token), `{}`)
	}
	refuses(t, o, alone, o.h.StartCisSession, start(stranger), clash)
	refuses(t, o, alone, o.h.SendCisSessionHealth, health(job, stranger), denied)
	refuses(t, o, alone, o.h.SendCisSessionHealth, health(other, token), clash)
	refuses(t, o, clerk, o.h.SendCisSessionHealth, health(job, token), clash) // of another account
	o.now = o.now.Add(4 * time.Minute)
	answers(t, o, alone, o.h.SendCisSessionHealth, health(job, token), `{}`)
	o.now = o.now.Add(4 * time.Minute)
	answers(t, o, alone, o.h.SendCisSessionTelemetry, results, `{}`)
	results.Messages[0].Status = "PASSED" // replaces what came before
	answers(t, o, alone, o.h.SendCisSessionTelemetry, results, `{}`)
	for range 2 {
		answers(t, o, alone, o.h.StopCisSession, stop, `{}`)
	}
	refuses(t, o, alone, o.h.SendCisSessionTelemetry, results, clash)
	refuses(t, o, alone, o.h.StartCisSession, start(token), clash)

	object, err := o.Store.Object(t.Context(), org.Only(alone), sessionKind, job)
	if err != nil {
		t.Fatal(err)
	}
	var session cisSession
	if err := object.Decode(&session); err != nil || !session.Result.Complete || session.Messages != 4 {
		t.Errorf("%+v %v", session, err)
	}
	if strings.Contains(string(object.Doc), token) {
		t.Error("the session's secret is kept")
	}
}

// An agent that falls silent loses its session to the next one.
func TestCISSessionTimesOut(t *testing.T) {
	t.Parallel()
	const job = "00000000-0000-0000-0000-000000000001"
	o := newOffice(t)
	begin := func(token string) *inspector2.StartCisSessionRequest {
		return &inspector2.StartCisSessionRequest{ScanJobID: job, Message: inspector2.StartCisSessionMessage{SessionToken: token}}
	}
	ask(t, o, alone, o.h.StartCisSession, begin("one"))
	o.now = o.now.Add(silence + time.Second)
	refuses(t, o, alone, o.h.SendCisSessionHealth, &inspector2.SendCisSessionHealthRequest{ScanJobID: job, SessionToken: "one"}, clash)
	refuses(t, o, alone, o.h.StopCisSession, &inspector2.StopCisSessionRequest{ScanJobID: job, SessionToken: "one"}, clash)
	ask(t, o, alone, o.h.StartCisSession, begin("two"))
	refuses(t, o, alone, o.h.SendCisSessionHealth, &inspector2.SendCisSessionHealthRequest{ScanJobID: job, SessionToken: "one"}, denied)
	ask(t, o, alone, o.h.SendCisSessionHealth, &inspector2.SendCisSessionHealthRequest{ScanJobID: job, SessionToken: "two"})
}
