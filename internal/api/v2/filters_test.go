package v2

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// guarded is an organized office in which admin, clerk and alone have one host
// each, with the same two vulnerabilities.
func guarded(t *testing.T) *office {
	t.Helper()
	o := organized(t)
	o.Services = []*wire.Service{inspector2.New()}
	o.h = o.Handlers()
	var scans []store.Scan
	for _, a := range []org.Account{admin, clerk, alone} {
		sc := store.Scan{Resource: resource.Resource{
			Type: resource.Instance, ID: "i-" + a.String(), Account: a.String(), Region: "eu-central-1",
		}}
		for n := range 2 {
			id := fmt.Sprintf("CVE-2099-000%d", n)
			sc.Findings = append(sc.Findings, finding.Finding{
				Vulnerability: id, Title: id + " - lib", Source: "NVD", Severity: finding.High, Fix: finding.FixNo,
			})
		}
		scans = append(scans, sc)
	}
	if _, err := o.Store.Record(t.Context(), org.Only(admin, clerk, alone), scans, o.now); err != nil {
		t.Fatal(err)
	}
	return o
}

// send makes a call as a client does, and returns the exception, empty if there
// is none, and the answer.
func send(t *testing.T, o *office, as org.Account, operation, body string) (exception, answer string) {
	t.Helper()
	op := o.Services[0].Operation(operation)
	uri, _, labelled := strings.Cut(op.URI, "{")
	if labelled { // the body begins with what stands in the path
		var label string
		label, body, _ = strings.Cut(body, " ")
		uri += url.PathEscape(label)
		if op.Method == http.MethodDelete {
			uri, body = uri+body, ""
		}
	}
	r := httptest.NewRequestWithContext(o.as(t, as), op.Method, uri, strings.NewReader(body))
	w := httptest.NewRecorder()
	in, err := op.Decode(r, []byte(body))
	if err == nil {
		var out any
		if out, err = o.h.ByName()[operation](r.Context(), in); err == nil {
			err = op.Encode(w, out)
		}
	}
	if err != nil {
		op.Fail(w, err)
	}
	return w.Header().Get("X-Amzn-Errortype"), w.Body.String()
}

// must is send for a call that is to succeed.
func must(t *testing.T, o *office, as org.Account, operation, body string) string {
	t.Helper()
	exception, answer := send(t, o, as, operation, body)
	if exception != "" {
		t.Fatalf("%s %s: %s %s", operation, body, exception, answer)
	}
	return answer
}

// arnIn returns the ARN that an answer consists of.
func arnIn(t *testing.T, answer string) string {
	t.Helper()
	var out struct{ ARN string }
	if err := json.Unmarshal([]byte(answer), &out); err != nil || out.ARN == "" {
		t.Fatalf("%s: %v", answer, err)
	}
	return out.ARN
}

// suppressedOf returns the accounts and vulnerabilities of suppressed findings.
func suppressedOf(t *testing.T, o *office) string {
	t.Helper()
	list, _, err := o.Store.Findings(t.Context(), org.Only(admin, clerk, alone),
		filter.Criteria{"findingStatus": filter.Text(filter.Equals, string(store.Suppressed))}, store.Page{Size: 100, Now: o.now})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range list {
		seen[f.Resource.Account[:1]+f.Vulnerability[len(f.Vulnerability)-1:]] = true
	}
	var out []string
	for _, s := range []string{"20", "21", "30", "31", "40", "41"} {
		if seen[s] {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

func TestFilterOperations(t *testing.T) {
	t.Parallel()
	o := guarded(t)
	const body = `{"action":"SUPPRESS","name":"one","description":"d","reason":"r","tags":{"team":"blue"},"filterCriteria":` +
		`{"vulnerabilityId":[{"comparison":"EQUALS","value":"CVE-2099-0000"}],"resourceTags":[],"firstObservedAt":[{"endInclusive":1772366400.123}]}}`
	arn := arnIn(t, must(t, o, admin, "CreateFilter", strings.Replace(body, `"resourceTags":[],`, "", 1)))
	if got := suppressedOf(t, o); got != "20 30" {
		t.Errorf("suppressed are %s", got)
	}
	organization, err := o.Store.Organization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"filters":[{"arn":"` + arn + `","ownerId":"` + organization.ID + `","name":"one","criteria":{"firstObservedAt":` +
		`[{"endInclusive":1772366400.123}],"vulnerabilityId":[{"comparison":"EQUALS","value":"CVE-2099-0000"}]},"action":"SUPPRESS",` +
		`"createdAt":1772366400,"updatedAt":1772366400,"description":"d","reason":"r","tags":{"team":"blue"}}]}`
	if diff := cmp.Diff(want, must(t, o, admin, "ListFilters", `{}`)); diff != "" {
		t.Error(diff)
	}
	for _, who := range []org.Account{clerk, alone} {
		if got := must(t, o, who, "ListFilters", `{}`); got != `{"filters":[]}` {
			t.Errorf("%s sees %s", who, got)
		}
	}

	o.now = o.now.Add(time.Hour)
	if got := must(t, o, admin, "UpdateFilter", `{"filterArn":"`+arn+`","name":"two","filterCriteria":{}}`); got != `{"arn":"`+arn+`"}` {
		t.Error(got)
	}
	if got := suppressedOf(t, o); got != "20 21 30 31" {
		t.Errorf("suppressed are %s", got)
	}
	want = `{"filters":[{"arn":"` + arn + `","ownerId":"` + organization.ID + `","name":"two","criteria":{},"action":"SUPPRESS",` +
		`"createdAt":1772366400,"updatedAt":1772370000,"description":"d","reason":"r","tags":{"team":"blue"}}]}`
	if diff := cmp.Diff(want, must(t, o, admin, "ListFilters", `{"action":"SUPPRESS","arns":["`+arn+`"]}`)); diff != "" {
		t.Error(diff)
	}

	own := arnIn(t, must(t, o, alone, "CreateFilter", body[:strings.Index(body, `"resourceTags"`)]+
		`"severity":[{"comparison":"EQUALS","value":"HIGH"}]}}`)) // the name is free in another account
	if got := suppressedOf(t, o); got != "20 21 30 31 40" {
		t.Errorf("suppressed are %s", got)
	}
	if !strings.Contains(own, ":444444444444:owner/444444444444/filter/") {
		t.Error(own)
	}
	if got := must(t, o, admin, "DeleteFilter", `{"arn":"`+arn+`"}`); got != `{"arn":"`+arn+`"}` {
		t.Error(got)
	}
	if got := suppressedOf(t, o); got != "40" {
		t.Errorf("suppressed are %s", got)
	}
}

func TestFilterExceptions(t *testing.T) {
	t.Parallel()
	o := guarded(t)
	arn := arnIn(t, must(t, o, admin, "CreateFilter", `{"action":"NONE","name":"one","filterCriteria":{}}`))
	must(t, o, admin, "CreateFilter", `{"action":"NONE","name":"two","filterCriteria":{}}`)
	clerks := arnIn(t, must(t, o, clerk, "CreateFilter", `{"action":"NONE","name":"one","filterCriteria":{}}`))
	const long = "arn:aws:inspector2:eu-central-1:222222222222:owner/222222222222/filter/0123456789abcdef"
	for _, tt := range []struct {
		who                         org.Account
		operation, body, want, says string
	}{
		{admin, "CreateFilter", `{"action":"SUPPRESS","name":"one","filterCriteria":{}}`, "BadRequestException", "exists already"},
		{clerk, "CreateFilter", `{"action":"SUPPRESS","name":"x","filterCriteria":{}}`, "AccessDeniedException", "member"},
		{clerk, "UpdateFilter", `{"action":"SUPPRESS","filterArn":"` + clerks + `"}`, "AccessDeniedException", "member"},
		{admin, "UpdateFilter", `{"name":"two","filterArn":"` + arn + `"}`, "ValidationException", "exists already"},
		{admin, "UpdateFilter", `{"filterArn":"` + clerks + `"}`, "ResourceNotFoundException", clerks},
		{clerk, "DeleteFilter", `{"arn":"` + arn + `"}`, "ResourceNotFoundException", arn},
		{admin, "DeleteFilter", `{"arn":"` + long + `"}`, "ResourceNotFoundException", long},
		{admin, "DeleteFilter", `{"arn":"a\u0000"}`, "ResourceNotFoundException", "There is no filter"},
		{admin, "CreateFilter", `{"action":"NONE","name":"a\u0000","filterCriteria":{}}`, "ValidationException", "name"},
		{admin, "CreateFilter", `{"action":"NONE","name":"x","filterCriteria":{"title":[{"comparison":"LIKE","value":"x"}]}}`, "ValidationException", "filterCriteria.title.1.member.comparison"},
		{admin, "CreateFilter", `{"action":"NONE","name":"x","filterCriteria":{"vulnerablePackages":[{}]}}`, "ValidationException", "filterCriteria.vulnerablePackages.1.member"},
		{admin, "CreateFilter", `{"action":"NONE","name":"x","filterCriteria":{},"tags":{"aws:x":""}}`, "ValidationException", "tags"},
		{admin, "CreateFilter", `{"action":"NONE","name":"x","filterCriteria":{},"tags":{` + tagsOf(51) + `}}`, "BadRequestException", "50 tags"},
		{admin, "ListFilters", `{"nextToken":"x"}`, "ValidationException", "nextToken"},
	} {
		exception, answer := send(t, o, tt.who, tt.operation, tt.body)
		if exception != tt.want || !strings.Contains(answer, tt.says) {
			t.Errorf("%s %s: %s %s; want %s with %q", tt.operation, tt.body, exception, answer, tt.want, tt.says)
		}
	}
	if got := strings.Count(must(t, o, admin, "ListFilters", `{}`), `"arn"`); got != 2 {
		t.Errorf("%d filters are there, want 2", got)
	}
}

// tagsOf returns so many tags as members of JSON.
func tagsOf(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`"k%d":"v"`, i))
	}
	return strings.Join(out, ",")
}

func TestListFilterPages(t *testing.T) {
	t.Parallel()
	o := guarded(t)
	var arns []string
	for n := range 7 {
		action := []string{"NONE", "SUPPRESS"}[n%2]
		arns = append(arns, arnIn(t, must(t, o, admin, "CreateFilter", fmt.Sprintf(
			`{"action":%q,"name":"n%d","filterCriteria":{"title":[{"comparison":"EQUALS","value":"x"}]}}`, action, n))))
	}
	quoted, err := json.Marshal(append(arns[:5:5], arns[0], "x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		body string
		want int
	}{
		{`{"maxResults":2`, 7},
		{`{"maxResults":2,"action":"SUPPRESS"`, 3},
		{`{"maxResults":3,"action":"NONE"`, 4},
		{`{"maxResults":2,"arns":` + string(quoted), 5},
		{`{"maxResults":7`, 7},
		{`{"arns":[]`, 7},
	} {
		seen, token := map[string]bool{}, ""
		for range 10 {
			var out struct {
				Filters   []struct{ ARN string }
				NextToken string
			}
			if err := json.Unmarshal([]byte(must(t, o, admin, "ListFilters", tt.body+token+`}`)), &out); err != nil {
				t.Fatal(err)
			}
			for _, f := range out.Filters {
				if seen[f.ARN] {
					t.Errorf("%s: %s is there twice", tt.body, f.ARN)
				}
				seen[f.ARN] = true
			}
			if out.NextToken == "" {
				break
			}
			token = fmt.Sprintf(`,"nextToken":%q`, out.NextToken)
		}
		if len(seen) != tt.want {
			t.Errorf("%s: %d filters, want %d", tt.body, len(seen), tt.want)
		}
		if token == "" {
			continue
		}
		if exception, _ := send(t, o, admin, "ListFilters", `{"action":"SUPPRESS","maxResults":1`+token+`}`); exception != "ValidationException" &&
			!strings.Contains(tt.body, `"action":"SUPPRESS"`) {
			t.Errorf("a token of %s opens another list: %s", tt.body, exception)
		}
	}
}

// TestFilterEvents: others are told of each change, in CloudTrail's form.
func TestFilterEvents(t *testing.T) {
	t.Parallel()
	o := guarded(t)
	sinks := []store.Sink{{Name: "x", Kinds: []string{"rule."}}}
	if _, err := o.Store.Relay(t.Context(), sinks, nil, o.now); err != nil {
		t.Fatal(err)
	}
	const create = `{"action":"NONE","filterCriteria":{"title":[{"comparison":"EQUALS","value":"x"}]},"name":"one"}`
	arn := arnIn(t, must(t, o, admin, "CreateFilter", create))
	must(t, o, admin, "UpdateFilter", `{"filterArn":"`+arn+`","reason":"r"}`)
	must(t, o, admin, "DeleteFilter", `{"arn":"`+arn+`"}`)
	if _, err := o.Store.Relay(t.Context(), sinks, nil, o.now); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 { // one at a time: those of one filter are in order
		list, err := o.Store.Deliveries(t.Context(), "x", 10, time.Minute, o.now)
		if err != nil || len(list) != 1 || list[0].Account != admin || list[0].Subject != arn {
			t.Fatalf("%v, %v", list, err)
		}
		var doc struct {
			EventName                           string
			RequestParameters, ResponseElements json.RawMessage
		}
		if err := json.Unmarshal([]byte(list[0].Doc), &doc); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(list[0].Kind, " ", doc.EventName, " ", string(doc.RequestParameters), " ", string(doc.ResponseElements)))
		if err := o.Store.Delivered(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	answer := ` {"arn":"` + arn + `"}`
	want := []string{
		`rule.created CreateFilter {"action":"NONE","filterCriteria":{"title":[{"comparison":"EQUALS","value":"x"}]},"name":"one"}` + answer,
		`rule.updated UpdateFilter {"filterArn":"` + arn + `","reason":"r"}` + answer,
		`rule.deleted DeleteFilter {"arn":"` + arn + `"}` + answer,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTagOperations(t *testing.T) {
	t.Parallel()
	o := guarded(t)
	cis := ask(t, o, alone, o.h.CreateCisScanConfiguration, cisRequest("nightly", "SELF")).ScanConfigurationARN
	for _, arn := range []string{
		arnIn(t, must(t, o, alone, "CreateFilter", `{"action":"NONE","name":"one","filterCriteria":{}}`)), cis,
		ask(t, o, alone, o.h.CreateCodeSecurityIntegration, gitlab("lab")).IntegrationARN,
		ask(t, o, alone, o.h.CreateCodeSecurityScanConfiguration, codeRequest("weekly", "ACCOUNT")).ScanConfigurationARN,
		ask(t, o, alone, o.h.CreateConnector, azure("cloud", "1")).ConnectorARN,
	} {
		for _, step := range []struct{ operation, rest, exception, tags string }{
			{"ListTagsForResource", ``, "", `{}`},
			{"TagResource", `{"tags":{"a":"1","b":""}}`, "", `{"a":"1","b":""}`},
			{"TagResource", `{"tags":{"b":"2"}}`, "", `{"a":"1","b":"2"}`},
			{"TagResource", `{"tags":{}}`, "", `{"a":"1","b":"2"}`},
			{"TagResource", `{"tags":{"AWS:x":"2"}}`, "ValidationException", `{"a":"1","b":"2"}`},
			{"TagResource", `{"tags":{` + tagsOf(49) + `}}`, "BadRequestException", `{"a":"1","b":"2"}`},
			{"UntagResource", `?tagKeys=a&tagKeys=c`, "", `{"b":"2"}`},
			{"TagResource", `{"tags":{` + tagsOf(49) + `}}`, "", ""},
			{"UntagResource", `?tagKeys=b`, "", ""},
		} {
			exception, answer := send(t, o, alone, step.operation, arn+" "+step.rest)
			if exception != step.exception {
				t.Errorf("%s %s %s: %s %s", step.operation, arn, step.rest, exception, answer)
			}
			got := must(t, o, alone, "ListTagsForResource", arn)
			if step.tags != "" && got != `{"tags":`+step.tags+`}` {
				t.Errorf("after %s %s %s: %s", step.operation, arn, step.rest, got)
			}
		}
		if got := strings.Count(must(t, o, alone, "ListTagsForResource", arn), `"v"`); got != 49 {
			t.Errorf("%s has %d tags, want 49", arn, got)
		}
		id := regexp.MustCompile(`[0-9a-f-]{16,36}$`)
		for _, other := range []struct {
			who org.Account
			arn string
		}{
			{clerk, arn},
			{admin, arn},
			{alone, id.ReplaceAllString(arn, "0123456789abcdef")},
			{alone, strings.Replace(arn, "eu-central-1", "us-east-1", 1)},
			{alone, strings.Replace(arn, "444444444444", "333333333333", 1)},
			{alone, strings.Replace(arn, "owner/444444444444", "owner/333333333333", 1) + map[bool]string{false: "x"}[strings.Contains(arn, "owner/")]},
			{alone, strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1)},
			{alone, arn + "\x00"},
			{alone, "x"},
		} {
			for operation, rest := range map[string]string{
				"ListTagsForResource": "", "TagResource": `{"tags":{"a":"1"}}`, "UntagResource": `?tagKeys=a`,
			} {
				if exception, _ := send(t, o, other.who, operation, other.arn+" "+rest); exception != "ResourceNotFoundException" {
					t.Errorf("%s of %q by %s: %q", operation, other.arn, other.who, exception)
				}
			}
		}
	}
}

// FuzzFilter saves criteria and reads them back through the whole path: what is
// shown selects the same, and no request is the server's fault.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"severity":[{"comparison":"EQUALS","value":"HIGH"},{"comparison":"NOT_EQUALS","value":"a\u0000"}]}`,
		`{"firstObservedAt":[{"startInclusive":1.0005,"endInclusive":"2026-01-01T00:00:00Z"}],"updatedAt":[{}]}`,
		`{"inspectorScore":[{"lowerInclusive":-1e300,"upperInclusive":0.1}],"ecrImageInUseCount":[{"lowerInclusive":1.5}]}`,
		`{"resourceTags":[{"comparison":"EQUALS","key":"k","value":""},{"comparison":"EQUALS","key":"k"}],"portRange":[{"beginInclusive":0}]}`,
		`{"vulnerablePackages":[{"name":{"comparison":"PREFIX","value":"é"},"epoch":{"lowerInclusive":1},"filePath":null}],"title":null}`,
		`{"findingArn":[{"comparison":"PREFIX","value":"arn:aws:inspector2:eu-central-1:2222"}],"awsAccountId":[{"comparison":"PREFIX","value":"22"}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := guarded(t)
		exception, answer := send(t, o, admin, "CreateFilter", `{"action":"SUPPRESS","name":"one","filterCriteria":`+text+`}`)
		switch exception {
		case "":
		case "ValidationException", "SerializationException", "BadRequestException":
			return
		default:
			t.Fatalf("%s %s", exception, answer)
		}
		var out struct {
			Filters []struct{ Criteria json.RawMessage }
		}
		if err := json.Unmarshal([]byte(must(t, o, admin, "ListFilters", `{}`)), &out); err != nil || len(out.Filters) != 1 {
			t.Fatal(err)
		}
		shown := string(out.Filters[0].Criteria)
		want := suppressedOf(t, o)
		must(t, o, admin, "UpdateFilter", `{"filterArn":"`+arnIn(t, answer)+`","filterCriteria":`+shown+`}`)
		if got := suppressedOf(t, o); got != want {
			t.Fatalf("%s suppresses %s, and as shown, %s, %s", text, want, shown, got)
		}
		if err := json.Unmarshal([]byte(must(t, o, admin, "ListFilters", `{}`)), &out); err != nil || string(out.Filters[0].Criteria) != shown {
			t.Fatalf("%s is shown as %s and then as %s (%v)", text, shown, out.Filters[0].Criteria, err)
		}
		must(t, o, admin, "DeleteFilter", `{"arn":"`+arnIn(t, answer)+`"}`)
		if got := suppressedOf(t, o); got != "" {
			t.Fatalf("%s left %s", text, got)
		}
	})
}
