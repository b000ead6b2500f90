package org

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAllows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action string
		want   string // the roles that may
	}{
		{"inspector2:ListFindings", "admin operator reader scanner"},
		{"inspector2:ListCoverage", "admin operator reader scanner"},
		{"inspector2:ListCoverageStatistics", "admin operator reader"},
		{"assay:CreateRegistry", "admin operator"},
		{"assay:ListRegistries", "admin operator reader"},
		{"assay:PutFunction", "admin operator scanner"},
		{"assay:CreateSink", "admin operator"},
		{"assay:CreateEnrollment", "admin operator"},
		{"assay:PutHeartbeat", "admin operator agent"},
		{"assay:SyncFeeds", "admin operator"},
		{"assay:ListFeeds", "admin operator reader"},
		{"inspector2:SearchVulnerabilities", "admin operator reader"},
		{"inspector2:BatchGetAccountStatus", "admin operator reader"},
		{"inspector2:DescribeOrganizationConfiguration", "admin operator reader"},
		{"inspector:DescribeFindings", "admin operator reader"},
		{"inspector2:CreateFilter", "admin operator"},
		{"inspector2:Enable", "admin operator"},
		{"inspector2:TagResource", "admin operator"},
		{"inspector2:BatchUpdateMemberEc2DeepInspectionStatus", "admin operator"},
		{"inspector:StartAssessmentRun", "admin operator"},
		{"inspector2:EnableDelegatedAdminAccount", "admin"},
		{"inspector2:AssociateMember", "admin"},
		{"inspector2:UpdateOrganizationConfiguration", "admin"},
		{"assay:GetStatus", "admin operator reader"},
		{"assay:GetAccountsView", "admin operator reader"},
		{"assay:ListJobs", "admin operator"},
		{"assay:CreateAccount", "admin"},
		{"assay:CreateKey", "admin"},
		{"assay:ListAudit", "admin"},
		{"inspector-scan:ScanSbom", "admin operator scanner"},
		{"assay:PutScan", "admin operator scanner agent"},
		{"inspector2:StartCisSession", "admin operator agent"},
		{"inspector2:SendCisSessionTelemetry", "admin operator agent"},
		{"inspector2:ListCisScans", "admin operator reader"},
		{"inspector2:", "admin operator"},
		{"xinspector2:ListFindings", "admin"},
	} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range []Role{Admin, Operator, Reader, Scanner, Agent, "root", ""} {
				if r.Allows(tt.action) {
					got = append(got, string(r))
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	if r, err := ParseRole("scanner"); r != Scanner || err != nil {
		t.Error(r, err)
	}
	if r, err := ParseRole("root"); r != "" || err == nil {
		t.Error(r, err)
	}
}
