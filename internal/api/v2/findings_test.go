package v2_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	v2 "github.com/assay-project/assay/internal/api/v2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

var rewrite = flag.Bool("update", false, "rewrite the expected answers")

// Accounts of the tests: member is one of admin's, stranger is of nobody.
const (
	admin    org.Account = 111122223333
	member   org.Account = 444455556666
	stranger org.Account = 777788889999
)

var (
	npm    = advisory.Ecosystem{Type: "npm"}
	debian = advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "12"}
)

func dayOf(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

type madeUp struct {
	*vulndb.DB
	enrich *vulndb.Enrichments
}

func (m madeUp) Enrichment(cve string) (advisory.Enrichment, bool, error) {
	return m.enrich.Lookup(cve)
}

// advisories builds a small advisory database.
func advisories(t *testing.T) madeUp {
	t.Helper()
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: dayOf(1), Label: "test"})
	for _, a := range []advisory.Advisory{
		{
			Source: "osv", ID: "GHSA-aaaa-bbbb-cccc", Aliases: []string{"CVE-2099-0001"}, Kind: advisory.Vulnerability,
			Details: "A made-up flaw of example.", Published: dayOf(2), Modified: dayOf(3), CWEs: []string{"CWE-79"},
			References: []advisory.Reference{{URL: "https://example.com/advisory"}},
			Severities: []advisory.Severity{{
				Source: "GHSA", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8, Label: "critical",
			}},
			Affected: []advisory.Affected{{Ecosystem: npm, Name: "example", Ranges: []advisory.Range{{Fixed: "1.2.0"}}}},
		},
		{
			Source: "debian", ID: "CVE-2099-0001", Kind: advisory.Vulnerability, Details: "A made-up flaw of libexample.",
			Affected: []advisory.Affected{
				{Ecosystem: debian, Name: "example", NameKind: advisory.SourceName, Urgency: "low", Ranges: []advisory.Range{{Fixed: "2.0-1"}}},
				{Ecosystem: advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "13"}, Name: "example", NameKind: advisory.SourceName, State: advisory.NotAffected},
			},
		},
	} {
		if err := b.Add(&a); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Enrich(&advisory.Enrichment{
		CVE: "CVE-2099-0001", Description: "The record's own words.", Published: dayOf(4), Modified: dayOf(5), CWEs: []string{"CWE-20"},
		EPSS: &advisory.EPSS{Score: 0.5, Percentile: 0.9, Date: dayOf(6), Model: "v1"},
		KEV:  &advisory.KEV{Added: dayOf(7), Due: dayOf(8)},
		Severities: []advisory.Severity{
			{Source: "CISA-ADP", Version: "3.1", Vector: "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 8.4},
			{Source: "NVD", Version: "2.0", Vector: "AV:N/AC:L/Au:N/C:P/I:P/A:P", Score: 7.5},
			{Source: "NVD", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Score: 7.5},
		},
	}); err != nil {
		t.Fatal(err)
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		t.Fatal(err)
	}
	var m madeUp
	var err error
	if m.DB, err = vulndb.OpenBytes(db.Bytes()); err == nil {
		m.enrich, err = vulndb.OpenEnrichmentBytes(enrich.Bytes())
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A desk is the operations with a store of their own.
type desk struct {
	v2.Operations
	service *wire.Service
}

// open makes the operations over an empty store.
func open(t *testing.T) desk {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	know := advisories(t)
	return desk{v2.Operations{
		Store: s, Knowledge: func() (v2.Knowledge, func()) { return know, func() {} }, Region: "eu-central-1",
		Now: func() time.Time { return dayOf(20) },
	}, inspector2.New()}
}

// call sends a request through the protocol, as a client does.
func (d desk) call(t *testing.T, who org.Account, operation, body string) (status int, failure, answer string) {
	t.Helper()
	op := d.service.Operation(operation)
	r := httptest.NewRequest(op.Method, op.URI, strings.NewReader(body))
	w := httptest.NewRecorder()
	scope := org.Only(who)
	if who == admin {
		scope = org.Only(admin, member)
	}
	ctx := api.WithCaller(t.Context(), api.Caller{Account: who, Scope: scope, Region: d.Region})
	h := d.Handlers()
	in, err := op.Decode(r, []byte(body))
	var out any
	if err == nil {
		out, err = h.ByName()[operation](ctx, in)
	}
	if err == nil {
		err = op.Encode(w, out)
	}
	if err != nil {
		op.Fail(w, err)
	}
	return w.Code, w.Header().Get("X-Amzn-Errortype"), w.Body.String()
}

// good is call for a request that must succeed; it reads the answer as a client
// does.
func good[O any](t *testing.T, d desk, who org.Account, operation, body string) (*O, string) {
	t.Helper()
	status, failure, answer := d.call(t, who, operation, body)
	if status != http.StatusOK {
		t.Fatalf("%s %s: %d %s %s", operation, body, status, failure, answer)
	}
	out, err := d.service.Operation(operation).Response(&http.Response{StatusCode: status}, []byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	typed, ok := out.(*O)
	if !ok {
		t.Fatalf("%s answers a %T", operation, out)
	}
	return typed, answer
}

// resources are one of each type, with all that can be known of it.
func resources() []resource.Resource {
	const digest = "sha256:5f0c1d3a9a1c1f6f0b8a2e54a7f0e7c1d2b3a4958677685940312213a4b5c6d7"
	const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001"
	uses := int64(3)
	labels := map[string]string{"Name": "web", "empty": ""}
	host := resource.Host{
		Size: "t3.small", Image: "ami-0123456789abcdef0", Network: "vpc-0a", Subnet: "subnet-0a", IPv4: []string{"192.0.2.10", "10.0.0.1"},
		IPv6: []string{"2001:db8::1"}, Key: "ops", Role: "arn:aws:iam::111122223333:instance-profile/web", Launched: "2026-01-01T00:00:00Z",
	}
	azure := resource.Cloud{
		Provider: "AZURE", Account: "00000000-0000-4000-8000-000000000001", Organization: "00000000-0000-4000-8000-000000000002", Region: "westeurope",
	}
	run := resource.Runtime{Runtime: "PYTHON_3_11", Role: "arn:aws:iam::111122223333:role/orders", Modified: "2026-01-02T03:04:05.678Z", Package: "IMAGE"}
	use := resource.ImageUse{Author: "ops", Pushed: "2026-01-01T00:00:00Z", Pulled: "2026-01-03T00:00:00Z", Used: "2026-01-04T00:00:00Z", Uses: &uses}
	list := []resource.Resource{
		{Type: resource.Instance, ID: "i-0123456789abcdef0", Name: "web", Platform: "DEBIAN_12", Host: host, Labels: labels},
		{
			Type: resource.Image, ID: "arn:aws:ecr:eu-central-1:111122223333:repository/shop/api/" + digest, Name: "shop/api",
			Platform: "DEBIAN_12", Arch: "amd64", Tags: []string{"1.4.2", "latest"}, Digest: digest, Image: use,
		},
		{
			Type: resource.Function, ID: "arn:aws:lambda:eu-central-1:111122223333:function:orders:$LATEST", Name: "orders", Arch: "arm64",
			Digest: digest, Layers: []string{"arn:aws:lambda:eu-central-1:111122223333:layer:base:3"}, Labels: labels, Function: run,
		},
		{
			Type: resource.Code, Name: "shop",
			ID:   "arn:aws:inspector2:eu-central-1:111122223333:codesecurity-integration/00000000-0000-4000-8000-000000000003/project-00000000-0000-4000-8000-000000000004",
			Code: resource.CodeHost{Host: "GITHUB", Visibility: "PRIVATE", Commit: strings.Repeat("a1", 20)},
		},
		{Type: resource.AzureInstance, ID: subscription + "/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web", Name: "web", Platform: "DEBIAN_12", Cloud: azure, Host: host, Labels: labels},
		{
			Type: resource.AzureImage, Platform: "DEBIAN_12", Arch: "amd64", Tags: []string{"1.4.2"}, Digest: digest, Cloud: azure, Image: use,
			ID: subscription + "/resourcegroups/shop/providers/microsoft.containerregistry/registries/shop/repositories/api/images/" + digest,
		},
		{Type: resource.AzureFunction, ID: subscription + "/resourcegroups/shop/providers/microsoft.web/sites/orders", Name: "orders", Digest: digest, Cloud: azure, Function: run, Labels: labels},
	}
	for i := range list {
		list[i].Account, list[i].Region = admin.String(), "eu-central-1"
	}
	return list
}

// scanOf is a scan of a resource that finds a package of the system and one of a
// language.
func scanOf(t *testing.T, d desk, res resource.Resource, now time.Time) store.Scan {
	t.Helper()
	inv := inventory.Inventory{OS: inventory.OS{ID: "debian", VersionID: "12"}, Packages: []inventory.Package{
		{
			Type: "deb", Name: "libexample1", Version: "1.0-1", Arch: "amd64", SourceName: "example", Path: "var/lib/dpkg/status",
			Layer: "sha256:8a1e25ce7c4f75e372e9884f8f7b1bedcfe4a7a7d452eb4b0a1c7477c9a90345", Evidence: inventory.Database,
		},
		{Type: "npm", Name: "example", Version: "1.0.0", Path: "app/package-lock.json", Layer: "sha256:01", Evidence: inventory.Lockfile},
	}}
	inv.Sort()
	know, done := d.Knowledge()
	defer done()
	m, ok := know.(madeUp)
	if !ok {
		t.Fatalf("a %T", know)
	}
	result, err := match.Inventory(t.Context(), inv, m, match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := finding.New(t.Context(), res, result.Matches, know, now)
	if err != nil {
		t.Fatal(err)
	}
	return store.Scan{
		Resource: res, Findings: found, Inventory: &inv,
		Layers: []scan.Layer{{Name: "arn:aws:lambda:eu-central-1:111122223333:layer:base:3", Digest: "sha256:01"}},
	}
}

func (d desk) record(ctx context.Context, t *testing.T, now time.Time, scans ...store.Scan) {
	t.Helper()
	if _, err := d.Store.Record(ctx, org.Only(admin, member, stranger), scans, now); err != nil {
		t.Fatal(err)
	}
}

// golden compares an answer with the file of that name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(got), "", " "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	name = filepath.Join("testdata", name+".json")
	if *rewrite {
		if err := os.MkdirAll("testdata", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// strict returns what of a JSON text breaks the model's limits for a generated
// structure: it is read as if it were the input of an operation.
func strict[T any](t *testing.T, text []byte) []string {
	t.Helper()
	type input struct {
		Value T `wire:"value* Checked"`
	}
	d := inspector2.New().Description
	d.Operations = []wire.Operation{{Name: "Check", Method: http.MethodPost, URI: "/check", In: (*input)(nil), Out: (*wire.None)(nil)}}
	op := wire.New(d).Operation("Check")
	body := append(append([]byte(`{"value":`), text...), '}')
	_, err := op.Decode(httptest.NewRequest(http.MethodPost, "/check", nil), body)
	if err == nil {
		return nil
	}
	wrong, ok := err.(*inspector2.ValidationException) //nolint:errorlint // comes as it is
	if !ok {
		return []string{err.Error()}
	}
	var out []string
	for _, f := range wrong.Fields {
		out = append(out, f.Message)
	}
	return out
}

// One finding of each type of resource has all that is known of it, in the form
// and within the limits of the model.
func TestEachResource(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, r := range resources() {
		d.record(t.Context(), t, dayOf(10), scanOf(t, d, r, dayOf(10)))
	}
	for i, r := range resources() {
		name := []string{"instance", "image", "function", "code", "azure-instance", "azure-image", "azure-function"}[i]
		body := fmt.Sprintf(`{"filterCriteria":{"resourceId":[{"comparison":"EQUALS","value":%q}]}}`, r.ID)
		list, text := good[inspector2.ListFindingsResponse](t, d, admin, "ListFindings", body)
		if len(list.Findings) != 1 {
			t.Fatalf("%s: %d findings", r.ID, len(list.Findings))
		}
		golden(t, "finding-"+name, text)
		body = fmt.Sprintf(`{"filterCriteria":{"resourceId":[{"comparison":"EQUALS","value":%q}]}}`, r.ID)
		covered, text2 := good[inspector2.ListCoverageResponse](t, d, admin, "ListCoverage", body)
		if len(covered.CoveredResources) != 1 {
			t.Fatalf("%s: %d covered", r.ID, len(covered.CoveredResources))
		}
		golden(t, "coverage-"+name, text2)
		var raw struct{ Findings, CoveredResources []json.RawMessage }
		if err := json.Unmarshal([]byte(text[:len(text)-1]+","+text2[1:]), &raw); err != nil {
			t.Fatal(err)
		}
		if wrong := strict[inspector2.Finding](t, raw.Findings[0]); len(wrong) > 0 {
			t.Errorf("finding of %s:\n%s", name, strings.Join(wrong, "\n"))
		}
		if wrong := strict[inspector2.CoveredResource](t, raw.CoveredResources[0]); len(wrong) > 0 {
			t.Errorf("coverage of %s:\n%s", name, strings.Join(wrong, "\n"))
		}
	}
	if wrong := strict[inspector2.Finding](t, []byte(`{"findingArn":"x","severity":"SEVERE"}`)); len(wrong) < 3 {
		t.Errorf("the check finds only %q", wrong)
	}
}

// page is one page of a list, as a list of the resources of its findings.
func page(t *testing.T, d desk, who org.Account, body string) (ids []string, next string) {
	t.Helper()
	out, _ := good[inspector2.ListFindingsResponse](t, d, who, "ListFindings", body)
	for _, f := range out.Findings {
		ids = append(ids, f.AwsAccountID+"/"+f.Resources[0].ID)
	}
	return ids, out.NextToken
}

// populated is a desk with three hosts of admin, one of member and one of a
// stranger, each with one finding, on successive days.
func populated(t *testing.T) desk {
	t.Helper()
	d := open(t)
	host := resources()[0]
	for i, who := range []org.Account{admin, admin, admin, member, stranger} {
		host.Account, host.ID = who.String(), fmt.Sprintf("i-%017d", i)
		d.record(t.Context(), t, dayOf(10+i), scanOf(t, d, host, dayOf(10+i)))
	}
	return d
}

func TestListFindings(t *testing.T) {
	t.Parallel()
	d := populated(t)
	ids := func(accounts ...any) (out []string) {
		for i := 0; i < len(accounts); i += 2 {
			out = append(out, fmt.Sprintf("%s/i-%017d", accounts[i], accounts[i+1]))
		}
		return out
	}
	for _, tt := range []struct {
		name string
		who  org.Account
		body string
		want []string
	}{
		{"the newest first", admin, `{}`, ids(member, 3, admin, 2, admin, 1, admin, 0)},
		{"a member sees its own", member, `{}`, ids(member, 3)},
		{"nobody sees nothing", 0, `{}`, nil},
		{"oldest first", admin, `{"sortCriteria":{"field":"FIRST_OBSERVED_AT","sortOrder":"ASC"}}`, ids(admin, 0, admin, 1, admin, 2, member, 3)},
		{"newest first", admin, `{"sortCriteria":{"field":"FIRST_OBSERVED_AT","sortOrder":"DESC"}}`, ids(member, 3, admin, 2, admin, 1, admin, 0)},
		{"account", admin, `{"filterCriteria":{"awsAccountId":[{"comparison":"EQUALS","value":"444455556666"}]}}`, ids(member, 3)},
		{"account that it does not see", admin, `{"filterCriteria":{"awsAccountId":[{"comparison":"EQUALS","value":"777788889999"}]}}`, nil},
		{"what is shown can be searched", admin, `{"filterCriteria":{"vulnerablePackages":[{"name":{"comparison":"EQUALS","value":"libexample1"},` +
			`"release":{"comparison":"EQUALS","value":"1"},"epoch":{"lowerInclusive":0,"upperInclusive":0}}],"firstObservedAt":[{"startInclusive":1768219200}]}}`, ids(member, 3, admin, 2)},
		{"status", admin, `{"filterCriteria":{"findingStatus":[{"comparison":"NOT_EQUALS","value":"ACTIVE"}]}}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, next := page(t, d, tt.who, tt.body)
			if diff := cmp.Diff(tt.want, got); diff != "" || next != "" {
				t.Errorf("findings (-want +got), next %q:\n%s", next, diff)
			}
		})
	}
}

// A token goes on with its list, and with no other.
func TestTokens(t *testing.T) {
	t.Parallel()
	d := populated(t)
	all, _ := page(t, d, admin, `{}`)
	var got []string
	token, first := "", ""
	for i := range 10 {
		part, next := page(t, d, admin, fmt.Sprintf(`{"maxResults":1,"nextToken":%q}`, token))
		if len(part) > 1 {
			t.Fatalf("a page of %d", len(part))
		}
		got = append(got, part...)
		if i == 0 {
			first = next
		}
		if token = next; token == "" {
			break
		}
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("page by page (-at once +pages):\n%s", diff)
	}
	for _, tt := range []struct {
		name, operation, body string
		who                   org.Account
	}{
		{"another order", "ListFindings", `{"sortCriteria":{"field":"SEVERITY","sortOrder":"ASC"},"nextToken":%q}`, admin},
		{"other criteria", "ListFindings", `{"filterCriteria":{"severity":[{"comparison":"EQUALS","value":"HIGH"}]},"nextToken":%q}`, admin},
		{"another caller", "ListFindings", `{"nextToken":%q}`, member},
		{"another operation", "ListCoverage", `{"nextToken":%q}`, admin},
		{"another operation", "ListCoverageStatistics", `{"nextToken":%q}`, admin},
	} {
		status, failure, answer := d.call(t, tt.who, tt.operation, fmt.Sprintf(tt.body, first))
		if status != http.StatusBadRequest || failure != "ValidationException" || !strings.Contains(answer, "nextToken") {
			t.Errorf("a token of %s: %d %s %s", tt.name, status, failure, answer)
		}
	}
}

func TestFindingDetails(t *testing.T) {
	t.Parallel()
	d := populated(t)
	list, _ := good[inspector2.ListFindingsResponse](t, d, admin, "ListFindings", `{"maxResults":1}`)
	foreign, _ := good[inspector2.ListFindingsResponse](t, d, stranger, "ListFindings", `{}`)
	mine, theirs := list.Findings[0].FindingARN, foreign.Findings[0].FindingARN
	missing := "arn:aws:inspector2:eu-central-1:111122223333:finding/" + strings.Repeat("0", 32)
	body := fmt.Sprintf(`{"findingArns":[%q,%q,%q,%q]}`, missing, mine, theirs, mine)

	_, got := good[inspector2.BatchGetFindingDetailsResponse](t, d, admin, "BatchGetFindingDetails", body)
	want := `{"findingDetails":[{"findingArn":"` + mine + `","cisaData":{"dateAdded":1767787200,"dateDue":1767873600},` +
		`"exploitObserved":{"lastSeen":1767787200},"referenceUrls":["https://example.com/advisory"],"cwes":["CWE-20","CWE-79"],"epssScore":0.5}],` +
		`"errors":[{"findingArn":"` + missing + `","errorCode":"FINDING_DETAILS_NOT_FOUND","errorMessage":"There is no such finding."},` +
		`{"findingArn":"` + theirs + `","errorCode":"ACCESS_DENIED","errorMessage":"The finding is of an account that you do not see."}]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
	snippets, _ := good[inspector2.BatchGetCodeSnippetResponse](t, d, admin, "BatchGetCodeSnippet", body)
	var codes []string
	for _, e := range snippets.Errors {
		codes = append(codes, string(e.ErrorCode))
	}
	if diff := cmp.Diff([]string{"CODE_SNIPPET_NOT_FOUND", "CODE_SNIPPET_NOT_FOUND", "ACCESS_DENIED"}, codes); diff != "" {
		t.Errorf("snippets (-want +got):\n%s", diff)
	}
	eleven := `{"findingArns":[` + strings.Repeat(`"`+missing+`",`, 10) + `"` + missing + `"]}`
	for _, operation := range []string{"BatchGetFindingDetails", "BatchGetCodeSnippet"} {
		if status, failure, _ := d.call(t, admin, operation, eleven); status != http.StatusBadRequest || failure != "ValidationException" {
			t.Errorf("%s of eleven: %d %s", operation, status, failure)
		}
	}
}

func TestSearchVulnerabilities(t *testing.T) {
	t.Parallel()
	d := open(t)
	_, got := good[inspector2.SearchVulnerabilitiesResponse](t, d, admin, "SearchVulnerabilities", `{"filterCriteria":{"vulnerabilityIds":["CVE-2099-0001"]}}`)
	want := `{"vulnerabilities":[{"id":"CVE-2099-0001","cwes":["CWE-20","CWE-79"],"cisaData":{"dateAdded":1767787200,"dateDue":1767873600},` +
		`"source":"NVD","description":"The record's own words.","vendorSeverity":"critical",` +
		`"cvss3":{"baseScore":7.5,"scoringVector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"},"relatedVulnerabilities":["GHSA-aaaa-bbbb-cccc"],` +
		`"cvss2":{"baseScore":7.5,"scoringVector":"AV:N/AC:L/Au:N/C:P/I:P/A:P"},"vendorCreatedAt":1767528000,"vendorUpdatedAt":1767614400,` +
		`"sourceUrl":"https://nvd.nist.gov/vuln/detail/CVE-2099-0001","referenceUrls":["https://example.com/advisory"],` +
		`"exploitObserved":{"lastSeen":1767787200},"detectionPlatforms":["DEBIAN_12","NPM"],"epss":{"score":0.5}}]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("vulnerability (-want +got):\n%s", diff)
	}
	_, got = good[inspector2.SearchVulnerabilitiesResponse](t, d, admin, "SearchVulnerabilities", `{"filterCriteria":{"vulnerabilityIds":["CVE-2099-9999"]}}`)
	if want := `{"vulnerabilities":[]}`; got != want {
		t.Errorf("an unknown one: %s, want %s", got, want)
	}
	for _, body := range []string{`{}`, `{"filterCriteria":{"vulnerabilityIds":["GHSA-aaaa-bbbb-cccc"]}}`, `{"filterCriteria":{"vulnerabilityIds":[]}}`} {
		if status, failure, _ := d.call(t, admin, "SearchVulnerabilities", body); status != http.StatusBadRequest || failure != "ValidationException" {
			t.Errorf("%s: %d %s", body, status, failure)
		}
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	d := populated(t)
	image := resources()[1]
	s := scanOf(t, d, image, dayOf(15))
	s.Findings, s.Coverage = nil, []store.Coverage{
		{ScanType: store.PackageScan, Code: store.CoverageInactive, Reason: "UNSUPPORTED_OS", Scanned: dayOf(15)},
		{ScanType: store.NetworkScan, Code: store.CoverageActive, Reason: "PENDING_INITIAL_SCAN"},
	}
	d.record(t.Context(), t, dayOf(15), s)
	get := func(who org.Account, body string) (out []string) {
		list, _ := good[inspector2.ListCoverageResponse](t, d, who, "ListCoverage", body)
		for _, c := range list.CoveredResources {
			out = append(out, fmt.Sprintf("%s %s %s %s %v", c.AccountID, c.ScanType, c.ScanStatus.StatusCode, c.ScanStatus.Reason, c.LastScannedAt.IsZero()))
		}
		return out
	}
	want := []string{
		"111122223333 PACKAGE ACTIVE SUCCESSFUL false", "111122223333 PACKAGE ACTIVE SUCCESSFUL false", "111122223333 PACKAGE ACTIVE SUCCESSFUL false",
		"111122223333 PACKAGE INACTIVE UNSUPPORTED_OS false", "111122223333 NETWORK ACTIVE PENDING_INITIAL_SCAN true",
		"444455556666 PACKAGE ACTIVE SUCCESSFUL false",
	}
	if diff := cmp.Diff(want, get(admin, `{}`)); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[3:4], get(admin, `{"filterCriteria":{"scanStatusCode":[{"comparison":"EQUALS","value":"INACTIVE"}]}}`)); diff != "" {
		t.Errorf("inactive (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[5:], get(member, `{}`)); diff != "" {
		t.Errorf("of a member (-want +got):\n%s", diff)
	}
	for _, tt := range []struct{ body, want string }{
		{`{}`, `{"totalCounts":6}`},
		{`{"groupBy":"SCAN_STATUS_CODE"}`, `{"countsByGroup":[{"count":5,"groupKey":"SCAN_STATUS_CODE"},{"count":1,"groupKey":"SCAN_STATUS_CODE"}],"totalCounts":6}`},
		{
			`{"groupBy":"ACCOUNT_ID","filterCriteria":{"resourceType":[{"comparison":"EQUALS","value":"AWS_EC2_INSTANCE"}]}}`,
			`{"countsByGroup":[{"count":3,"groupKey":"ACCOUNT_ID"},{"count":1,"groupKey":"ACCOUNT_ID"}],"totalCounts":4}`,
		},
	} {
		if _, got := good[inspector2.ListCoverageStatisticsResponse](t, d, admin, "ListCoverageStatistics", tt.body); got != tt.want {
			t.Errorf("statistics of %s: %s, want %s", tt.body, got, tt.want)
		}
	}
	_, got := good[inspector2.GetClustersForImageResponse](t, d, admin, "GetClustersForImage", fmt.Sprintf(`{"filter":{"resourceId":%q}}`, image.ID))
	if want := `{"cluster":[]}`; got != want {
		t.Errorf("clusters %s, want %s", got, want)
	}
}

// More groups than one answer may have come on several pages.
func TestManyGroups(t *testing.T) {
	t.Parallel()
	d := open(t)
	image := resources()[1]
	for i := range 7 {
		image.ID = fmt.Sprintf("arn:aws:ecr:eu-central-1:111122223333:repository/r%d/sha256:%064d", i, i)
		d.record(t.Context(), t, dayOf(10), store.Scan{Resource: image})
	}
	groups, token := 0, ""
	for range 3 {
		out, _ := good[inspector2.ListCoverageStatisticsResponse](t, d, admin, "ListCoverageStatistics", fmt.Sprintf(`{"groupBy":"ECR_REPOSITORY_NAME","nextToken":%q}`, token))
		if len(out.CountsByGroup) > 5 || out.TotalCounts != 7 {
			t.Errorf("%d groups of %d", len(out.CountsByGroup), out.TotalCounts)
		}
		groups += len(out.CountsByGroup)
		if token = out.NextToken; token == "" {
			break
		}
	}
	if groups != 7 || token != "" {
		t.Errorf("%d groups, next %q", groups, token)
	}
}
