package server

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// ask has a route of the views answered to a reader of an account, and reads the
// answer.
func (y *yard) ask(account org.Account, call, body string, out any) error {
	y.t.Helper()
	return y.askAs(org.Reader, account, call, body, out)
}

// askAs is ask as the holder of a role.
func (y *yard) askAs(role org.Role, account org.Account, call, body string, out any) error {
	y.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	r := httptest.NewRequest(method, "/assay/v1/"+path, strings.NewReader(body))
	caller := api.Caller{Account: account, Scope: org.Only(account), Role: role}
	for _, route := range viewRoutes {
		pattern, _, hasID := strings.Cut(route.pattern, "{id}")
		pattern = strings.Replace(pattern, "/assay/v1/", "", 1)
		plain, _, _ := strings.Cut(call, "?")
		if plain != pattern && (!hasID || !strings.HasPrefix(plain, pattern)) {
			continue
		}
		if !org.Reader.Allows(route.action) || !org.Operator.Allows(route.action) || org.Agent.Allows(route.action) {
			y.t.Errorf("%s is for the wrong roles", route.action)
		}
		r.SetPathValue("id", strings.TrimPrefix(plain, pattern))
		answer, err := route.do(y.server, api.WithCaller(y.t.Context(), caller), request{r, []byte(body), caller, caller.Scope, y.at})
		if err != nil {
			return err
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, out)
	}
	y.t.Fatalf("there is no %s", call)
	return nil
}

const stranger = org.Account(777788889999)

// viewed is a yard with an image of two flaws.
func viewed(y *yard) {
	y.t.Helper()
	id := resource.ImageARN(y.account.String(), "us-east-1", "shop/app", imageDigest)
	if why := y.take(resource.Resource{
		Type: resource.Image, ID: id, Tags: []string{"1"}, Digest: imageDigest, Image: resource.ImageUse{Repository: "shop/app"},
	}); why != "" {
		y.t.Fatal(why)
	}
	if _, err := y.store.Fold(context.WithoutCancel(y.t.Context())); err != nil {
		y.t.Fatal(err)
	}
}

// TestFindingsView reads a page with its counts.
func TestFindingsView(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		viewed(y)
		for _, tt := range []struct {
			name, body      string
			account         org.Account
			findings, total int
		}{
			{"all", ``, y.account, 2, 2},
			{"a page of one", `{"maxResults":1}`, y.account, 1, 2},
			{"one", `{"filterCriteria":{"vulnerabilityId":[{"comparison":"EQUALS","value":"CVE-2098-0001"}]}}`, y.account, 1, 1},
			{"active", `{"filterCriteria":{"findingStatus":[{"comparison":"EQUALS","value":"ACTIVE"}]}}`, y.account, 2, 2},
			{"closed", `{"filterCriteria":{"findingStatus":[{"comparison":"EQUALS","value":"CLOSED"}]}}`, y.account, 0, 0},
			{"another account's", ``, stranger, 0, 0},
		} {
			var out FindingsView
			if err := y.ask(tt.account, "POST findings/view", tt.body, &out); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if len(out.Findings) != tt.findings || out.Counts.Total != int64(tt.total) || out.Counts.More || (out.NextToken != "") != (tt.findings < tt.total) {
				t.Errorf("%s: %d findings, next %q, counts %+v", tt.name, len(out.Findings), out.NextToken, out.Counts)
			}
			var counts FindingCounts
			if err := y.ask(tt.account, "POST findings/counts", tt.body, &counts); err != nil || counts.Counts != out.Counts {
				t.Errorf("%s: %+v, %v", tt.name, counts, err)
			}
		}
		for _, body := range []string{
			`{"filterCriteria":{"severity":[{"comparison":"LIKE","value":"HIGH"}]}}`,
			`{"filterCriteria":{"severity":[{"comparison":"EQUALS","value":""}]}}`, `{"maxResults":0}`, `[`,
		} {
			for _, call := range []string{"POST findings/view", "POST findings/counts"} {
				err := y.ask(y.account, call, body, &struct{}{})
				refused, isWire := err.(*wire.Error) //nolint:errorlint // as the front looks at it
				if fault.KindOf(err) != fault.Invalid && (!isWire || refused.Status != 400) {
					t.Errorf("%s %s: %v", call, body, err)
				}
			}
		}
	})
}

// TestFindingReasons asks why there is a finding.
func TestFindingReasons(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		viewed(y)
		arns, _ := y.findings()
		for _, arn := range arns {
			var out monitor.FindingReasons
			if err := y.ask(y.account, "GET findings/why?arn="+arn, "", &out); err != nil {
				t.Fatal(err)
			}
			if out.Problem != "" || len(out.Matches) != 1 {
				t.Fatalf("%+v", out)
			}
			m := out.Matches[0]
			if !strings.Contains(m.Text, " is older than "+m.Range.Fixed+", where "+m.Advisory.ID+" fixes it.") || m.Package.Version != flawed ||
				m.Range.Text == "" || m.Package.Purl == "" {
				t.Errorf("%+v", m)
			}
			if err := y.ask(stranger, "GET findings/why?arn="+arn, "", &out); fault.KindOf(err) != fault.NotFound {
				t.Errorf("another account: %v", err)
			}
		}
		if err := y.ask(y.account, "GET findings/why", "", &struct{}{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a name: %v", err)
		}
	})
}

// TestVulnerability asks what is known of vulnerabilities.
func TestVulnerability(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		viewed(y)
		for account, resources := range map[org.Account]int{y.account: 1, stranger: 0} {
			for _, id := range []string{"CVE-2098-0001", "cve-2098-0001"} {
				var out Vulnerability
				if err := y.ask(account, "GET vulnerabilities/"+id, "", &out); err != nil {
					t.Fatal(err)
				}
				if len(out.Resources) != resources || len(out.Affected) == 0 || len(out.Affected[0].Ranges) == 0 || out.Severity != "CRITICAL" {
					t.Errorf("%s of %s: %+v", id, account, out)
				}
			}
		}
		err := y.ask(y.account, "GET vulnerabilities/CVE-1999-9999", "", &struct{}{})
		if fault.KindOf(err) != fault.NotFound || !strings.Contains(err.Error(), "GHSA") {
			t.Errorf("an unknown one: %v", err)
		}
		var values FindingValues
		if err := y.ask(y.account, "GET values?field=vulnerabilityId&prefix=CVE-2098", "", &values); err != nil || len(values.Values) != 2 {
			t.Errorf("values: %+v, %v", values, err)
		}
		if err := y.ask(stranger, "GET values?field=vulnerabilityId&prefix=CVE-2098", "", &values); err != nil || len(values.Values) != 0 {
			t.Errorf("values of another account: %+v, %v", values, err)
		}
		for _, query := range []string{"field=x", "field=title&limit=many", "field=title&limit=0"} {
			if err := y.ask(y.account, "GET values?"+query, "", &values); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", query, err)
			}
		}
	})
}

// TestSummary reads what the first page shows.
func TestSummary(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		viewed(y)
		if err := y.store.RecordTrend(t.Context(), y.at); err != nil {
			t.Fatal(err)
		}
		var s Summary
		if err := y.ask(y.account, "GET summary", "", &s); err != nil {
			t.Fatal(err)
		}
		if s.Findings.Total != 2 || s.Findings.Critical != 1 || s.Findings.ByType["PACKAGE_VULNERABILITY"].Total != 2 || s.Fixable.Total != 2 {
			t.Errorf("findings: %+v, %+v", s.Findings, s.Fixable)
		}
		if len(s.Coverage) != 1 || s.Coverage[0].Total != 1 || s.Coverage[0].Scanned != 1 || s.Accounts != (SummaryAccounts{1, 1}) {
			t.Errorf("coverage: %+v, accounts %+v", s.Coverage, s.Accounts)
		}
		if len(s.Trend) != 1 || s.Trend[0].Day != y.at.Format("2006-01-02") || s.Trend[0].Total != 2 {
			t.Errorf("trend: %+v", s.Trend)
		}
		if len(s.Remediations) != 1 || s.Remediations[0].UpgradeTo != "1.5.0" || s.Remediations[0].Resources != 1 {
			t.Errorf("remediations: %+v", s.Remediations)
		}
		if len(s.Top.Images) != 1 || s.Top.Images[0].Name != "shop/app:1" || len(s.Top.Repositories) != 1 || len(s.Top.Accounts) != 1 ||
			s.Top.Accounts[0].Name != "test" || len(s.Top.Hosts)+len(s.Top.Functions) != 0 {
			t.Errorf("top: %+v", s.Top)
		}
		if len(s.Newest) != 2 || s.Newest[0].Resources != 1 || s.Advisories.Advisories != 2 {
			t.Errorf("newest: %+v, %+v", s.Newest, s.Advisories)
		}
		var none Summary
		if err := y.ask(stranger, "GET summary", "", &none); err != nil {
			t.Fatal(err)
		}
		if none.Findings.Total != 0 || len(none.Coverage)+len(none.Trend)+len(none.Remediations)+len(none.Newest)+len(none.Top.Images) != 0 ||
			none.Accounts.Total != 0 || none.Exploitable != 0 {
			t.Errorf("another account: %+v", none)
		}
	})
}
