package v2

import (
	"testing"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/org"
)

func TestConfiguration(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	in := &inspector2.GetConfigurationRequest{}
	answers(t, o, alone, o.h.GetConfiguration, in, `{"ecrConfiguration":{"rescanDurationState":{"rescanDuration":"DAYS_14",`+
		`"status":"SUCCESS","pullDateRescanDuration":"DAYS_14","pullDateRescanMode":"LAST_IN_USE_AT"}},`+
		`"ec2Configuration":{"scanModeState":{"scanMode":"EC2_HYBRID","scanModeStatus":"SUCCESS"},`+
		`"vmScannerState":{"activated":false,"status":"SUCCESS"}}}`)
	update := &inspector2.UpdateConfigurationRequest{EcrConfiguration: &inspector2.EcrConfiguration{
		RescanDuration: "LIFETIME", PullDateRescanMode: "LAST_PULL_DATE",
	}}
	answers(t, o, alone, o.h.UpdateConfiguration, update, `{}`)
	update = &inspector2.UpdateConfigurationRequest{Ec2Configuration: &inspector2.Ec2Configuration{
		ScanMode: "EC2_SSM_AGENT_BASED", ActivateVMScanner: new(true),
	}}
	answers(t, o, alone, o.h.UpdateConfiguration, update, `{}`)
	answers(t, o, alone, o.h.GetConfiguration, in, `{"ecrConfiguration":{"rescanDurationState":{"rescanDuration":"LIFETIME",`+
		`"status":"SUCCESS","updatedAt":1772366400,"pullDateRescanDuration":"DAYS_14","pullDateRescanMode":"LAST_PULL_DATE"}},`+
		`"ec2Configuration":{"scanModeState":{"scanMode":"EC2_SSM_AGENT_BASED","scanModeStatus":"SUCCESS"},`+
		`"vmScannerState":{"activated":true,"activatedAt":1772366400,"status":"SUCCESS"}}}`)
	refuses(t, o, alone, o.h.UpdateConfiguration, &inspector2.UpdateConfigurationRequest{}, invalid)
}

// A member has what its administrator has, until the administrator sets
// something for it alone, and again once it inherits.
func TestInheritance(t *testing.T) {
	t.Parallel()
	o := organized(t)
	durations := func(as, account org.Account) string {
		t.Helper()
		out := ask(t, o, as, o.h.GetConfiguration, &inspector2.GetConfigurationRequest{AccountID: account.String()})
		state := out.EcrConfiguration.RescanDurationState
		return string(state.RescanDuration) + " " + string(state.PullDateRescanDuration) + " " +
			string(out.Ec2Configuration.ScanModeState.ScanMode)
	}
	set := func(account string, ecr *inspector2.EcrConfiguration, inherit *inspector2.UpdateConfigurationInheritance) {
		t.Helper()
		ask(t, o, admin, o.h.UpdateConfiguration, &inspector2.UpdateConfigurationRequest{
			AccountID: account, EcrConfiguration: ecr, UpdateConfigurationInheritance: inherit,
		})
	}
	want := func(step, text string) {
		t.Helper()
		if got := durations(admin, clerk); got != text {
			t.Errorf("%s: %s, want %s", step, got, text)
		}
		if got := durations(clerk, clerk); got != text {
			t.Errorf("%s: the member sees %s, want %s", step, got, text)
		}
	}
	ask(t, o, admin, o.h.UpdateConfiguration, &inspector2.UpdateConfigurationRequest{
		EcrConfiguration: &inspector2.EcrConfiguration{RescanDuration: "DAYS_90", PullDateRescanDuration: "DAYS_30"},
		Ec2Configuration: &inspector2.Ec2Configuration{ScanMode: "EC2_SSM_AGENT_BASED"},
	})
	want("inherited", "DAYS_90 DAYS_30 EC2_SSM_AGENT_BASED")
	set(clerk.String(), &inspector2.EcrConfiguration{RescanDuration: "DAYS_3"}, nil)
	want("of its own", "DAYS_3 DAYS_30 EC2_SSM_AGENT_BASED")
	set("", &inspector2.EcrConfiguration{RescanDuration: "DAYS_60"}, nil)
	want("still of its own", "DAYS_3 DAYS_30 EC2_SSM_AGENT_BASED")
	set(clerk.String(), nil, &inspector2.UpdateConfigurationInheritance{EcrConfiguration: "INHERIT_FROM_ADMIN"})
	want("inherited again", "DAYS_60 DAYS_30 EC2_SSM_AGENT_BASED")
}

func TestConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	o := organized(t)
	mode := &inspector2.Ec2Configuration{ScanMode: "EC2_SSM_AGENT_BASED"}
	ecr := &inspector2.EcrConfiguration{RescanDuration: "DAYS_3"}
	inherit := &inspector2.UpdateConfigurationInheritance{EcrConfiguration: "INHERIT_FROM_ADMIN"}
	for _, tt := range []struct {
		name string
		as   org.Account
		in   inspector2.UpdateConfigurationRequest
		want string
	}{
		{"a member the scan mode", clerk, inspector2.UpdateConfigurationRequest{Ec2Configuration: mode}, denied},
		{"a member the durations", clerk, inspector2.UpdateConfigurationRequest{EcrConfiguration: ecr}, denied},
		{"a stranger", alone, inspector2.UpdateConfigurationRequest{AccountID: clerk.String(), EcrConfiguration: ecr}, denied},
		{"of a stranger", admin, inspector2.UpdateConfigurationRequest{AccountID: alone.String(), EcrConfiguration: ecr}, denied},
		{"from itself", admin, inspector2.UpdateConfigurationRequest{UpdateConfigurationInheritance: inherit}, invalid},
		{"both", admin, inspector2.UpdateConfigurationRequest{
			AccountID: clerk.String(), EcrConfiguration: ecr, UpdateConfigurationInheritance: inherit,
		}, invalid},
		{"nothing to inherit", admin, inspector2.UpdateConfigurationRequest{
			AccountID: clerk.String(), UpdateConfigurationInheritance: &inspector2.UpdateConfigurationInheritance{},
		}, invalid},
	} {
		t.Run(tt.name, func(t *testing.T) { refuses(t, o, tt.as, o.h.UpdateConfiguration, &tt.in, tt.want) })
	}
	refuses(t, o, clerk, o.h.GetConfiguration, &inspector2.GetConfigurationRequest{AccountID: admin.String()}, denied)
}
