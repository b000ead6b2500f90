package server

import (
	"slices"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/org"
)

// TestRoutesHaveRoles has each operation of our own interface allowed to those
// who need it. What only administrators may do is in the table; everything else
// an operator may, too, and what looks at something, a reader.
func TestRoutesHaveRoles(t *testing.T) {
	t.Parallel()
	adminOnly := strings.Fields(`ListAccounts CreateAccount CloseAccount ListKeys CreateKey RotateKey DisableKey DeleteKey ListSessions
		CreateSignIn EndSession ListRoles ListAudit RequeueJob CancelJob RunRetention CreateBackup`)
	notForReaders := []string{"ListJobs", "ListDeadLetters"}
	scanner := []string{"PutScan", "PutFunction"}
	agent := []string{"PutScan", "PutHeartbeat", "PutInventory"}
	seen := map[string]bool{}
	for _, r := range allRoutes() {
		name, ok := strings.CutPrefix(r.action, "assay:")
		if !ok {
			t.Errorf("%s: action %q does not begin with assay:", r.pattern, r.action)
		}
		seen[name] = true
		admin := slices.Contains(adminOnly, name)
		looks := strings.HasPrefix(r.pattern, "GET ") || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List")
		for role, want := range map[org.Role]bool{
			org.Admin:    true,
			org.Operator: !admin,
			org.Reader:   looks && !admin && !slices.Contains(notForReaders, name),
			org.Scanner:  slices.Contains(scanner, name),
			org.Agent:    slices.Contains(agent, name),
		} {
			if got := role.Allows(r.action); got != want {
				t.Errorf("%s: role %s is allowed %s: %v, want %v", r.pattern, role, r.action, got, want)
			}
		}
	}
	for _, name := range slices.Concat(adminOnly, notForReaders) {
		if !seen[name] {
			t.Errorf("no operation has the action assay:%s, which the table names", name)
		}
	}
}
