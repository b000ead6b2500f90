package server

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// clients is where the JavaScript clients of Amazon are.
const clients = "../../test/clients"

// run runs a client of Amazon's as another program, which has the server and
// the key in its environment.
func (b *bench) run(name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(b.ctx(), name, args...)
	cmd.Dir = clients
	home := b.t.TempDir() // without settings or keys of whoever runs the tests
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_ENDPOINT_URL=" + b.url, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=" + b.key, "AWS_SECRET_ACCESS_KEY=" + b.secret, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + filepath.Join(home, "config"), "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(home, "credentials"),
		"AWS_PAGER=", "AWS_MAX_ATTEMPTS=1", "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE=1", "ACCOUNT=" + b.account,
	}
	return cmd.CombinedOutput()
}

// node returns a test that runs a function of test/clients/calls.mjs.
func node(name string) func(b *bench) {
	return func(b *bench) {
		skipWithoutNode(b.t)
		b.scan(b.image(flawed))
		if out, err := b.run("node", "--no-warnings", "calls.mjs", name); err != nil {
			b.t.Errorf("%v\n%s", err, out)
		}
	}
}

func skipWithoutNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not in PATH")
	}
	if _, err := os.Stat(filepath.Join(clients, "node_modules")); err != nil {
		t.Skip("test/clients/node_modules is missing: make validators installs it")
	}
}

func TestJavaScriptClients(t *testing.T) {
	t.Parallel()
	skipWithoutNode(t)
	r := start(t, nil, nil)
	for _, name := range []string{"listFindings", "listFindingsOld", "exceptions"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node(name)(r.newAccount(t, &trail{}))
		})
	}
}

// TestAWSCommandLine runs the AWS command line, as Debian has it.
func TestAWSCommandLine(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("aws is not in PATH: the package awscli has it")
	}
	r := start(t, nil, nil)
	b := r.newAccount(t, &trail{})
	b.scan(b.image(flawed))
	aws := func(args ...string) string {
		t.Helper()
		out, err := b.run("aws", append([]string{"inspector2", "--endpoint-url", b.url, "--output", "json"}, args...)...)
		if err != nil {
			return err.Error() + ": " + string(bytes.TrimSpace(out))
		}
		var flat bytes.Buffer
		if err := json.Compact(&flat, out); err != nil {
			return err.Error() + ": " + string(out)
		}
		return flat.String()
	}
	for _, tt := range []struct{ args, want string }{
		{"disable --resource-types ECR --query accounts[].resourceStatus.ecr", `["DISABLED"]`},
		{"enable --resource-types ECR --query accounts[].resourceStatus.ecr", `["ENABLED"]`},
		{"list-findings --page-size 1 --query findings[].packageVulnerabilityDetails.vulnerabilityId", `["CVE-2098-0001","CVE-2098-0002"]`},
		{"list-findings --max-items 1 --query findings[].severity", `["CRITICAL"]`},
		{
			`list-findings --filter-criteria {"severity":[{"comparison":"EQUALS","value":"MEDIUM"}]} --query findings[].packageVulnerabilityDetails.vulnerabilityId`,
			`["CVE-2098-0002"]`,
		},
		{
			"list-findings --sort-criteria field=VULNERABILITY_ID,sortOrder=DESC --query findings[].packageVulnerabilityDetails.vulnerabilityId",
			`["CVE-2098-0002","CVE-2098-0001"]`,
		},
		{"list-coverage --query coveredResources[].scanStatus.reason", `["SUCCESSFUL"]`},
		{`create-filter --name quiet --action SUPPRESS --filter-criteria {"vulnerabilityId":[{"comparison":"EQUALS","value":"` + oneOfThem + `"}]} --query length(arn)>` + "`0`", "true"},
		{"list-filters --query filters[].name", `["quiet"]`},
		{`list-findings --filter-criteria {"findingStatus":[{"comparison":"EQUALS","value":"ACTIVE"}]} --query findings[].packageVulnerabilityDetails.vulnerabilityId`, `["CVE-2098-0002"]`},
		{"get-findings-report-status --query status", "ResourceNotFoundException"},
		{"create-findings-report --report-format CSV --s3-destination bucketName=assay,keyPrefix=daily/,kmsKeyArn=" + kmsKey + " --query length(reportId)", "36"},
	} {
		if got := aws(strings.Fields(tt.args)...); got != tt.want && (!strings.HasSuffix(tt.want, "Exception") || !strings.Contains(got, tt.want)) {
			t.Errorf("aws inspector2 %s: %q, want %q", tt.args, got, tt.want)
		}
	}
}
