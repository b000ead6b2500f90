package org

import (
	"fmt"
	"slices"

	"github.com/assay-project/assay/internal/filter"
)

// Role is what the holder of a key may do. The roles are lists of IAM actions.
type Role string

// The roles.
const (
	Admin    Role = "admin"    // everything, accounts and keys included
	Operator Role = "operator" // everything about findings and scans, but neither accounts nor keys nor the organisation
	Reader   Role = "reader"   // look at everything, change nothing
	Scanner  Role = "scanner"  // hand in scan results and functions, scan SBOMs, and compare with what is known
	Agent    Role = "agent"    // hand in what one host holds
)

// Policy is the actions that a role is allowed. What is denied is not allowed,
// whatever else holds. A star stands for any text.
type Policy struct {
	Role  Role     `json:"role"`
	Allow []string `json:"allow"`
	Deny  []string `json:"deny,omitempty"`
}

// Policies returns what each role may do, those that may most first. The
// actions of Amazon's services have their IAM names; those that Amazon has no
// word for are ours and begin with "assay:".
// Source: Service Authorization Reference, "Actions, resources, and condition
// keys for Amazon Inspector2", "… for Amazon InspectorScan" and "… for Amazon
// Inspector".
func Policies() []Policy { return slices.Clone(policies) }

var policies = []Policy{
	{Role: Admin, Allow: []string{"*"}},
	{
		Role: Operator,
		Allow: []string{
			"inspector2:*", "inspector-scan:*", "inspector:*", "assay:PutScan", "assay:GetStatus", "assay:ListJobs", "assay:GetReport", "assay:ListReports",
			"assay:*Registr*", "assay:*Function*", "assay:*Sink*", "assay:*Agent*", "assay:*Enrollment*", "assay:*Feed*", "assay:*Coverage*",
			"assay:PutHeartbeat", "assay:PutInventory", "assay:ListDeadLetters", "assay:ReplayDeadLetters",
			"assay:GetSummary", "assay:GetFinding*", "assay:ListFinding*", "assay:GetVulnerability", "assay:GetStart", "assay:GetLive", "assay:Get*View",
			"assay:ScanThisMachine", "assay:GetThisMachine", "assay:Rescan",
		},
		Deny: []string{
			"inspector2:EnableDelegatedAdminAccount", "inspector2:DisableDelegatedAdminAccount",
			"inspector2:AssociateMember", "inspector2:DisassociateMember",
			"inspector2:UpdateOrganizationConfiguration", "inspector2:UpdateOrgEc2DeepInspectionConfiguration",
		},
	},
	{Role: Reader, Allow: []string{
		"inspector2:Get*", "inspector2:List*", "inspector2:Describe*", "inspector2:BatchGet*", "inspector2:Search*",
		"inspector-scan:Get*", "inspector-scan:List*", "inspector:Get*", "inspector:List*", "inspector:Describe*", "inspector:PreviewAgents",
		"assay:GetStatus", "assay:GetReport", "assay:ListReports", "assay:ListRegistries", "assay:GetRegistry*", "assay:ListFunction*", "assay:GetFunction*",
		"assay:List*Sink*", "assay:Get*Sink*", "assay:List*Agent*", "assay:Get*Agent*", "assay:List*Enrollment*", "assay:Get*Enrollment*",
		"assay:ListFeeds", "assay:ListCoverage*", "assay:GetCoverage*", "assay:GetSummary", "assay:GetFinding*", "assay:ListFinding*",
		"assay:GetVulnerability", "assay:GetStart", "assay:GetLive", "assay:GetThisMachine", "assay:Get*View",
	}},
	{Role: Scanner, Allow: []string{
		"inspector-scan:ScanSbom", "assay:PutScan", "assay:PutFunction",
		"inspector2:ListFindings", "inspector2:ListCoverage", // to tell what is new from what was known
	}},
	{Role: Agent, Allow: []string{"assay:PutScan", "assay:PutHeartbeat", "assay:PutInventory", "inspector2:*CisSession*"}},
}

func (r Role) policy() (Policy, bool) {
	for _, p := range policies {
		if p.Role == r {
			return p, true
		}
	}
	return Policy{}, false
}

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	if _, ok := Role(s).policy(); !ok {
		return "", fmt.Errorf("role %q: want one of %s, %s, %s, %s, %s", s, Admin, Operator, Reader, Scanner, Agent)
	}
	return Role(s), nil
}

// Allows tells whether the role may do an action, such as
// "inspector2:ListFindings". An unknown role may do nothing.
func (r Role) Allows(action string) bool {
	fits := func(pattern string) bool { return filter.Fits(pattern, action) }
	p, _ := r.policy()
	return slices.ContainsFunc(p.Allow, fits) && !slices.ContainsFunc(p.Deny, fits)
}
