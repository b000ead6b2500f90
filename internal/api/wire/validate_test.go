package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/api/wire"
)

// decode reads an input; the path is that of the operation or, with a query or
// a label, what is given.
func decode(t *testing.T, op *wire.Operation, path, body string) (any, error) {
	t.Helper()
	if path == "" {
		path = op.URI
	}
	r := httptest.NewRequest(op.Method, path, strings.NewReader(body))
	b, err := wire.ReadBody(r, wire.MaxBody)
	if err != nil {
		return nil, err
	}
	return op.Decode(r, b)
}

func TestValidation(t *testing.T) {
	t.Parallel()
	v2 := inspector2.New()
	const arn = "arn:aws:inspector2:eu-central-1:111122223333:finding/0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	for _, tt := range []struct {
		name, op, path, body string
		fields               []string // path: constraint
	}{
		{
			"enum in a list", "ListFindings", "", `{"filterCriteria":{"severity":[{"comparison":"LIKE","value":"HIGH"}]}}`,
			[]string{"filterCriteria.severity.1.member.comparison: Member must satisfy enum value set: [EQUALS, PREFIX, NOT_EQUALS]"},
		},
		{
			"two at once", "ListFindings", "", `{"maxResults":101,"filterCriteria":{"title":[{"comparison":"EQUALS","value":"a"},{"comparison":"EQUALS","value":""}]}}`,
			[]string{
				"maxResults: Member must have value less than or equal to 100",
				"filterCriteria.title.2.member.value: Member must have length greater than or equal to 1",
			},
		},
		{"value too small", "ListFindings", "", `{"maxResults":0}`, []string{"maxResults: Member must have value greater than or equal to 1"}},
		{"absent", "CreateFilter", "", `{"action":"NONE","name":"n"}`, []string{"filterCriteria: Member must not be null"}},
		{"null", "CreateFilter", "", `{"action":null,"name":"n","filterCriteria":{}}`, []string{"action: Member must not be null"}},
		{"no body", "CreateFilter", "", "", []string{"action: Member must not be null", "filterCriteria: Member must not be null", "name: Member must not be null"}},
		{"body of null", "DeleteFilter", "", " null ", []string{"arn: Member must not be null"}},
		{"absent below", "ListFindings", "", `{"sortCriteria":{"field":"SEVERITY"}}`, []string{"sortCriteria.sortOrder: Member must not be null"}},
		{"case matters", "DeleteFilter", "", `{"Arn":"a"}`, []string{"arn: Member must not be null"}},
		{"empty list", "ListFindings", "", `{"filterCriteria":{"severity":[]}}`, []string{"filterCriteria.severity: Member must have length greater than or equal to 1"}},
		{"long list", "BatchGetFindingDetails", "", `{"findingArns":["` + strings.Repeat(arn+`","`, 10) + arn + `"]}`, []string{"findingArns: Member must have length less than or equal to 10"}},
		{"pattern", "BatchGetFindingDetails", "", `{"findingArns":["` + arn + `","` + strings.ToUpper(arn) + `"]}`, []string{
			"findingArns.2.member: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-\\d{1}:\\d{12}:finding/[a-f0-9]{32}",
		}},
		{"length and pattern", "GetMember", "", `{"accountId":"12"}`, []string{
			"accountId: Member must have length greater than or equal to 12",
			"accountId: Member must satisfy regular expression pattern: \\d{12}",
		}},
		{"no part of a match", "GetMember", "", `{"accountId":"111122223333\n"}`, []string{
			"accountId: Member must have length less than or equal to 12",
			"accountId: Member must satisfy regular expression pattern: \\d{12}",
		}},
		{"length counts characters", "CreateFilter", "", `{"action":"NONE","filterCriteria":{},"name":"` + strings.Repeat("é", 129) + `"}`, []string{"name: Member must have length less than or equal to 128"}},
		{"value of a map", "CreateFilter", "", `{"action":"NONE","filterCriteria":{},"name":"n","tags":{"k":"` + strings.Repeat("x", 257) + `"}}`, []string{
			"tags.k.member: Member must have length less than or equal to 256",
		}},
		{"key of a map", "CreateFilter", "", `{"action":"NONE","filterCriteria":{},"name":"n","tags":{"":""}}`, []string{
			"tags: Map keys must satisfy constraint: [Member must have length greater than or equal to 1]",
		}},
		{"label", "TagResource", "/tags/" + strings.Repeat("a", 1012), `{}`, []string{
			"tags: Member must not be null", "resourceArn: Member must have length less than or equal to 1011",
		}},
		{"absent in the query", "UntagResource", "/tags/a", "", []string{"tagKeys: Member must not be null"}},
		{"reserved tag key", "UntagResource", "/tags/a?tagKeys=b&tagKeys=aws:c", "", []string{"tagKeys.2.member: Member must satisfy regular expression pattern: (?!aws:)[a-zA-Z+-=._:/]+"}},
		{"enum in the query", "GetEncryptionKey", "/encryptionkey/get?scanType=code&resourceType=AWS_EC2_INSTANCE", "", []string{"scanType: Member must satisfy enum value set: [NETWORK, PACKAGE, CODE]"}},
		{"number in the query", "ListCodeSecurityIntegrations", "/codesecurity/integration/list?maxResults=500", "", []string{"maxResults: Member must have value less than or equal to 100"}},
		{"blob", "SendCisSessionTelemetry", "", `{"scanJobId":"00000000-0000-0000-0000-000000000000","sessionToken":"00000000-0000-0000-0000-000000000000","messages":[{"ruleId":"r","status":"PASSED","cisRuleDetails":"` + strings.Repeat("AAAA", 334) + `"}]}`, []string{
			"messages.1.member.cisRuleDetails: Member must have length less than or equal to 1000",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(t, v2.Operation(tt.op), tt.path, tt.body)
			want := &inspector2.ValidationException{Reason: "FIELD_VALIDATION_FAILED"}
			var all []string
			for _, f := range tt.fields {
				path, constraint, _ := strings.Cut(f, ": ")
				text := fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", path, constraint)
				all = append(all, text)
				want.Fields = append(want.Fields, inspector2.ValidationExceptionField{Name: path, Message: text})
			}
			noun := "errors"
			if len(all) == 1 {
				noun = "error"
			}
			want.Message = fmt.Sprintf("%d validation %s detected: %s", len(all), noun, strings.Join(all, "; "))
			if diff := cmp.Diff(error(want), err); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestClassicValidation checks the error codes, which Classic has instead of a
// list of fields.
func TestClassicValidation(t *testing.T) {
	t.Parallel()
	classic := inspector.New()
	for _, tt := range []struct{ op, body, want string }{
		{"CreateAssessmentTarget", `{}`, "INVALID_ASSESSMENT_TARGET_NAME"},
		{"DescribeFindings", `{"findingArns":[""]}`, "INVALID_FINDING_ARN"},
		{"DescribeFindings", `{"findingArns":[]}`, "INVALID_NUMBER_OF_FINDING_ARNS"},
		{"DescribeFindings", `{"findingArns":["a"],"locale":"DE_DE"}`, "INVALID_LOCALE"},
		{"CreateAssessmentTemplate", `{"assessmentTargetArn":"a","assessmentTemplateName":"n","durationInSeconds":1,"rulesPackageArns":[]}`, "INVALID_ASSESSMENT_TEMPLATE_DURATION"},
		{"CreateResourceGroup", `{"resourceGroupTags":[]}`, "INVALID_NUMBER_OF_RESOURCE_GROUP_TAGS"},
		{"CreateResourceGroup", `{"resourceGroupTags":[{"key":""}]}`, "INVALID_RESOURCE_GROUP_TAG_KEY"},
		{"CreateResourceGroup", `{"resourceGroupTags":[{"key":"a","value":""}]}`, "INVALID_RESOURCE_GROUP_TAG_VALUE"},
		{"ListFindings", `{"nextToken":""}`, "INVALID_PAGINATION_TOKEN"},
		{"ListFindings", `{"filter":{"severities":["HIGH"]}}`, "INVALID_SEVERITY"},
		{"ListAssessmentRuns", `{"filter":{"durationRange":{"minSeconds":5}}}`, "INVALID_ASSESSMENT_TEMPLATE_DURATION_RANGE"},
		{"SubscribeToEvent", `{"resourceArn":"a","event":"X","topicArn":"b"}`, "INVALID_EVENT"},
		{"SubscribeToEvent", `{"resourceArn":"a","event":"OTHER","topicArn":""}`, "INVALID_SNS_TOPIC_ARN"},
		{"RegisterCrossAccountAccessRole", `{}`, "INVALID_IAM_ROLE_ARN"},
	} {
		t.Run(tt.op+tt.body, func(t *testing.T) {
			t.Parallel()
			_, err := decode(t, classic.Operation(tt.op), "", tt.body)
			var e *inspector.InvalidInputException
			if !errors.As(err, &e) || string(e.ErrorCode) != tt.want || e.CanRetry || !strings.HasPrefix(e.Message, "1 validation error detected: Value at '") {
				t.Errorf("got %+v, want %s", err, tt.want)
			}
		})
	}
	// Every member of every input has a code of its own or of what holds it.
	least := 0
	for i := range classic.Operations {
		op := &classic.Operations[i]
		_, err := decode(t, op, "", `{}`)
		if e := (*inspector.InvalidInputException)(nil); errors.As(err, &e) && e.ErrorCode == "INVALID_RESOURCE_ARN" && !strings.Contains(e.Message, "resourceArn") {
			least++
			t.Log(op.Name, err)
		}
	}
	if least > 1 { // DescribeExclusions: there is no code for exclusions
		t.Errorf("%d operations answer with the code that says least", least)
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	v2, scan, classic := inspector2.New(), inspectorscan.New(), inspector.New()
	deep := func(n int) string {
		return `{"sbom":` + strings.Repeat(`[`, n) + strings.Repeat(`]`, n) + `}`
	}
	for _, tt := range []struct {
		name       string
		op         *wire.Operation
		path, body string
		want       string // "" for none
	}{
		{"no JSON", v2.Operation("ListFindings"), "", `{"maxResults":1`, "the body is not JSON: error at byte 15"},
		{"two values", v2.Operation("ListFindings"), "", `{} {}`, "the body is not JSON: error at byte 4"},
		{"no object", v2.Operation("ListFindings"), "", `[]`, "the body must be an object"},
		{"string for number", v2.Operation("ListFindings"), "", `{"maxResults":"5"}`, "'maxResults' must be a number"},
		{"fraction", v2.Operation("ListFindings"), "", `{"maxResults":1.5}`, "'maxResults' must be a whole number of 32 bits"},
		{"33 bits", v2.Operation("ListFindings"), "", `{"maxResults":4294967296}`, "'maxResults' must be a whole number of 32 bits"},
		{"number for string", v2.Operation("DeleteFilter"), "", `{"arn":5}`, "'arn' must be a string"},
		{"object for list", v2.Operation("ListFindings"), "", `{"filterCriteria":{"severity":{}}}`, "'filterCriteria.severity' must be a list"},
		{"list for object", v2.Operation("ListFindings"), "", `{"filterCriteria":[]}`, "'filterCriteria' must be an object"},
		{"null in a list", v2.Operation("Enable"), "", `{"resourceTypes":["EC2",null]}`, "'resourceTypes' must be a list without null"},
		{"null in a map", v2.Operation("TagResource"), "/tags/a", `{"tags":{"k":null}}`, "'tags.k.member' must be there, not null"},
		{"word for bool", v2.Operation("ListMembers"), "", `{"onlyAssociated":"true"}`, "'onlyAssociated' must be true or false"},
		{"bool", v2.Operation("ListMembers"), "", `{"onlyAssociated":false}`, ""},
		{"infinite", v2.Operation("ListFindings"), "", `{"filterCriteria":{"epssScore":[{"lowerInclusive":1e999}]}}`, "'filterCriteria.epssScore.1.member.lowerInclusive' must be a number"},
		{"two of a union", v2.Operation("UpdateCisScanConfiguration"), "", `{"scanConfigurationArn":"a","schedule":{"oneTime":{},"daily":{"startTime":{"timeOfDay":"1:00","timezone":"UTC"}}}}`, "'schedule' must be an object with exactly one member"},
		{"none of a union", v2.Operation("UpdateCisScanConfiguration"), "", `{"scanConfigurationArn":"a","schedule":{"oneTime":null,"yearly":{}}}`, "'schedule' must be an object with exactly one member"},
		{"words for time", v2.Operation("ListFindings"), "", `{"filterCriteria":{"updatedAt":[{"startInclusive":"yesterday"}]}}`, "'filterCriteria.updatedAt.1.member.startInclusive' must be a number of seconds since 1970, or a time as in RFC 3339"},
		{"time out of range", v2.Operation("ListFindings"), "", `{"filterCriteria":{"updatedAt":[{"startInclusive":999999999999}]}}`, "'filterCriteria.updatedAt.1.member.startInclusive' must be a time between the years 1 and 9999"},
		{"base64", v2.Operation("SendCisSessionTelemetry"), "", `{"messages":[{"cisRuleDetails":"*"}]}`, "'messages.1.member.cisRuleDetails' must be base64"},
		{"query", v2.Operation("GetEncryptionKey"), "/encryptionkey/get?scanType=%zz", "", "the query cannot be read"},
		{"number in the query", v2.Operation("ListCodeSecurityIntegrations"), "/codesecurity/integration/list?maxResults=ten", "", "'maxResults' must be a whole number of 32 bits"},
		{"query is not UTF-8", v2.Operation("UntagResource"), "/tags/a?tagKeys=%ff", "", "'tagKeys' must be UTF-8"},
		{"body is not UTF-8", v2.Operation("DeleteFilter"), "", "{\"arn\":\"\xff\"}", "the body is not UTF-8"},
		{"body of no interest", v2.Operation("ListCodeSecurityIntegrations"), "", `{`, ""},
		{"unknown members", v2.Operation("ListFindings"), "", `{"a":[{"b":"]}\\\""}],"maxResults":1,"c":1.5e3}`, ""},
		{"deep enough", scan.Operation("ScanSbom"), "", deep(wire.MaxDepth - 1), ""},
		{"too deep", scan.Operation("ScanSbom"), "", deep(wire.MaxDepth), "the body has more than 512 levels"},
		{"brackets in strings", scan.Operation("ScanSbom"), "", `{"sbom":"` + strings.Repeat(`[\"`, 600) + `"}`, ""},
		{"classic", classic.Operation("ListFindings"), "", `{"filter":7}`, "'filter' must be an object"},
		{"classic without input", classic.Operation("DescribeCrossAccountAccessRole"), "", ``, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(t, tt.op, tt.path, tt.body)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			want := &wire.Error{Name: "SerializationException", Status: 400, Message: tt.want, Protocol: tt.op.Service().Protocol}
			if diff := cmp.Diff(error(want), err); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		size int
		want error
	}{
		{wire.MaxBody, nil},
		{wire.MaxBody + 1, &wire.Error{Name: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge, Message: "The body is larger than 10 MB."}},
	} {
		_, err := wire.ReadBody(httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(make([]byte, tt.size))), wire.MaxBody)
		if diff := cmp.Diff(tt.want, err); diff != "" {
			t.Error(diff)
		}
	}
}

// TestTimes shows the forms of time that are read and the one that is written.
func TestTimes(t *testing.T) {
	t.Parallel()
	op := inspector2.New().Operation("ListFindings")
	for _, tt := range []struct{ text, want string }{
		{`1700000000.123`, "2023-11-14T22:13:20.123Z"},
		{`1700000000`, "2023-11-14T22:13:20Z"},
		{`1.7e9`, "2023-11-14T22:13:20Z"},
		{`1700000000.1239`, "2023-11-14T22:13:20.124Z"},
		{`-0.5`, "1969-12-31T23:59:59.5Z"},
		{`"2023-11-14T22:13:20.123Z"`, "2023-11-14T22:13:20.123Z"},
		{`"2023-11-15T00:13:20+02:00"`, "2023-11-14T22:13:20Z"},
	} {
		in, err := decode(t, op, "", `{"filterCriteria":{"updatedAt":[{"startInclusive":`+tt.text+`}]}}`)
		if err != nil {
			t.Fatal(err)
		}
		got := in.(*inspector2.ListFindingsRequest).FilterCriteria.UpdatedAt[0].StartInclusive
		if got.Format(time.RFC3339Nano) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.text, got, tt.want)
		}
	}
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.UnixMilli(1700000000123), `"createdAt":1700000000.123`},
		{time.UnixMilli(1700000000100), `"createdAt":1700000000.1`},
		{time.UnixMilli(1700000000000), `"createdAt":1700000000}`},
		{time.UnixMilli(-500), `"createdAt":-0.5`},
	} {
		w := httptest.NewRecorder()
		out := &inspector2.GetCodeSecurityScanResponse{CreatedAt: tt.at}
		if err := inspector2.New().Operation("GetCodeSecurityScan").Encode(w, out); err != nil || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("got %s, %v, want %s", w.Body, err, tt.want)
		}
	}
	w := httptest.NewRecorder()
	out := &inspector2.ListConnectorsResponse{Items: []inspector2.Connector{{CreatedAt: time.UnixMilli(1700000000123)}}}
	if err := inspector2.New().Operation("ListConnectors").Encode(w, out); err != nil || !strings.Contains(w.Body.String(), `"createdAt":"2023-11-14T22:13:20.123Z"`) {
		t.Errorf("got %s, %v", w.Body, err)
	}
}

// TestAbsence shows what is left out of an answer and what is not.
func TestAbsence(t *testing.T) {
	t.Parallel()
	v2 := inspector2.New()
	for _, tt := range []struct {
		op   string
		out  any
		want string
	}{
		{"ListFilters", &inspector2.ListFiltersResponse{}, `{"filters":[]}`},
		{"ListFindings", &inspector2.ListFindingsResponse{}, `{}`},
		{"ListFindings", &inspector2.ListFindingsResponse{Findings: []inspector2.Finding{}}, `{"findings":[]}`},
		{"ListCoverageStatistics", &inspector2.ListCoverageStatisticsResponse{CountsByGroup: []inspector2.Counts{}}, `{"totalCounts":0}`},
		{"ListCoverageStatistics", &inspector2.ListCoverageStatisticsResponse{CountsByGroup: []inspector2.Counts{{Count: new(int64(0))}}}, `{"countsByGroup":[{"count":0}],"totalCounts":0}`},
		{"DeleteConnector", &inspector2.DeleteConnectorResponse{}, `{}`},
		{"GetMember", &inspector2.GetMemberResponse{Member: &inspector2.Member{}}, `{"member":{}}`},
	} {
		w := httptest.NewRecorder()
		if err := v2.Operation(tt.op).Encode(w, tt.out); err != nil || w.Body.String() != tt.want {
			t.Errorf("%s: got %s, %v, want %s", tt.op, w.Body, err, tt.want)
		}
	}
	w := httptest.NewRecorder()
	if err := inspector.New().Operation("DeleteAssessmentRun").Encode(w, &wire.None{}); err != nil || w.Body.Len() != 0 || w.Code != 200 {
		t.Errorf("got %d %q, %v", w.Code, w.Body, err)
	}
	for _, bad := range []any{nil, (*inspector2.ListFiltersResponse)(nil), &inspector2.ListFindingsResponse{}} {
		if err := v2.Operation("ListFilters").Encode(httptest.NewRecorder(), bad); err == nil {
			t.Errorf("%T was encoded", bad)
		}
	}
	two := &inspector2.ListFindingAggregationsResponse{Responses: []inspector2.AggregationResponse{{}}}
	if err := v2.Operation("ListFindingAggregations").Encode(httptest.NewRecorder(), two); err == nil {
		t.Error("a union without a member was encoded")
	}
}

// TestEmptyOrAbsent shows that the two differ in what was read where the model
// lets them.
func TestEmptyOrAbsent(t *testing.T) {
	t.Parallel()
	v2 := inspector2.New()
	const arn = `"arn:aws:inspector2:eu-central-1:111122223333:connector/0"`
	for _, tt := range []struct {
		body string
		want *string
	}{
		{`{"connectorArn":` + arn + `}`, nil},
		{`{"connectorArn":` + arn + `,"description":null}`, nil},
		{`{"connectorArn":` + arn + `,"description":""}`, new("")},
	} {
		in, err := decode(t, v2.Operation("UpdateConnector"), "", tt.body)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, in.(*inspector2.UpdateConnectorRequest).Description); diff != "" {
			t.Error(diff)
		}
	}
	in, err := decode(t, v2.Operation("Disable"), "", `{"accountIds":[],"resourceTypes":null}`)
	if diff := cmp.Diff(&inspector2.DisableRequest{AccountIDs: []string{}}, in); diff != "" || err != nil {
		t.Error(err, diff)
	}
	// Of two members with one name the last counts, and nothing of the first.
	in, err = decode(t, v2.Operation("CreateFindingsReport"), "",
		`{"reportFormat":"CSV","s3Destination":{"bucketName":"a","keyPrefix":"p","kmsKeyArn":"k"},"s3Destination":{"bucketName":"b","kmsKeyArn":"k"}}`)
	want := &inspector2.CreateFindingsReportRequest{ReportFormat: "CSV", S3Destination: inspector2.Destination{BucketName: "b", KmsKeyARN: "k"}}
	if diff := cmp.Diff(want, in); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// TestEachMember takes a member out of every operation's input, and puts a
// value of another type in its place.
func TestEachMember(t *testing.T) {
	t.Parallel()
	required, replaced := 0, 0
	for _, s := range services() {
		for i := range s.Operations {
			op := &s.Operations[i]
			in := op.SampleIn(rand.New(rand.NewPCG(3, uint64(i))))
			r, err := op.Request(t.Context(), "http://localhost", in)
			if err != nil {
				t.Fatal(err)
			}
			body, err := wire.ReadBody(r, wire.MaxBody)
			if err != nil {
				t.Fatal(err)
			}
			members := map[string]json.RawMessage{}
			if len(body) > 0 && json.Unmarshal(body, &members) != nil {
				t.Fatalf("%s: %s", op.Name, body)
			}
			for name, value := range members {
				delete(members, name)
				without, _ := json.Marshal(members)
				if _, err := op.Decode(r, without); err != nil {
					required++
					want := "Value at '" + name + "' failed to satisfy constraint: Member must not be null"
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%s without %s: %v", op.Name, name, err)
					}
				}
				members[name] = json.RawMessage(`{}`)
				if value[0] == '{' {
					members[name] = json.RawMessage(`7`)
				}
				if name != "sbom" {
					replaced++
					other, _ := json.Marshal(members)
					var e *wire.Error
					if _, err := op.Decode(r, other); !errors.As(err, &e) || !strings.HasPrefix(e.Message, "'"+name+"' must be ") {
						t.Errorf("%s with another %s: %v", op.Name, name, err)
					}
				}
				members[name] = value
			}
		}
	}
	t.Logf("%d required members, %d replaced", required, replaced)
	if required < 100 || replaced < 200 {
		t.Errorf("only %d required members and %d members were tried", required, replaced)
	}
}

// TestHostile shows that floods of small things cost little and are cut off.
func TestHostile(t *testing.T) {
	t.Parallel()
	v2 := inspector2.New()
	for _, tt := range []struct{ name, op, body, want string }{
		{"elements", "BatchGetFindingDetails", `{"findingArns":[` + strings.Repeat(`"",`, 1_000_000) + `""]}`, "findingArns: Member must have length less than or equal to 10"},
		{"keys", "CreateFilter", `{"tags":{` + keys(20_000) + `},"action":"NONE","name":"n","filterCriteria":{}}`, "tags: Member must have length less than or equal to 10000"},
		{"elements without limit", "ListFilters", `{"arns":["a"` + strings.Repeat(`,"a"`, 10_000) + `]}`, "arns: Member must have length less than or equal to 10000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := decode(t, v2.Operation(tt.op), "", tt.body)
			var e *inspector2.ValidationException
			if !errors.As(err, &e) {
				t.Fatal(err)
			}
			last := e.Fields[len(e.Fields)-1]
			path, constraint, _ := strings.Cut(tt.want, ": ")
			if last.Name != path || !strings.HasSuffix(last.Message, constraint) {
				t.Errorf("got %+v, want %s", last, tt.want)
			}
		})
	}
	_, err := decode(t, v2.Operation("ListUsageTotals"), "", `{"accountIds":["`+strings.Repeat(`","`, 5000)+`"]}`)
	var e *inspector2.ValidationException
	if !errors.As(err, &e) || len(e.Fields) != 100 {
		t.Errorf("got %d fields, want 100", len(e.Fields))
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `%q:"",`, fmt.Sprint(i))
	}
	return strings.TrimSuffix(b.String(), ",")
}

func TestAudit(t *testing.T) {
	t.Parallel()
	op := inspector2.New().Operation("CreateCodeSecurityIntegration")
	in := &inspector2.CreateCodeSecurityIntegrationRequest{
		Name: "n", Type: inspector2.IntegrationTypeGitlabSelfManaged,
		Details: &inspector2.CreateIntegrationDetail{GitlabSelfManaged: &inspector2.CreateGitLabSelfManagedIntegrationDetail{
			InstanceURL: "https://gitlab.example.org", AccessToken: "glpat-1",
		}},
	}
	const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
	want := `{"name":"n","type":"GITLAB_SELF_MANAGED","details":{"gitlabSelfManaged":{"instanceUrl":"` + hidden + `","accessToken":"` + hidden + `"}}}`
	if got, err := op.Audit(in); string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	tag := inspector2.New().Operation("UntagResource")
	want = `{"resourceArn":"a/b","tagKeys":["k"]}`
	if got, err := tag.Audit(&inspector2.UntagResourceRequest{ResourceARN: "a/b", TagKeys: []string{"k"}}); string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// TestPatterns looks at the patterns that are checked by hand, and at those
// with anchors inside.
func TestPatterns(t *testing.T) {
	t.Parallel()
	const (
		tagKey  = `(?!aws:)[a-zA-Z+-=._:/]+`
		gitLab  = `https://[-a-zA-Z0-9()@:%_+.~#?&//=]{1,1024}`
		ownerID = `.*(^\d{12}$)|(^o-[a-z0-9]{10,32}$).*`
	)
	v2 := inspector2.New()
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{tagKey, "team", true},
		{tagKey, "a+b-c=d.e_f:g/h,5;<", true},
		{tagKey, "AWS:a", true},
		{tagKey, "xaws:", true},
		{tagKey, "aws:a", false},
		{tagKey, "aws:", false},
		{tagKey, "", false},
		{tagKey, "a b", false},
		{tagKey, "é", false},
		{tagKey, "a>", false},
		{gitLab, "https://gitlab.example.org:8443/a?b=c&d#e~f@(g)%20", true},
		{gitLab, "https://" + strings.Repeat("a", 1024), true},
		{gitLab, "https://" + strings.Repeat("a", 1025), false},
		{gitLab, "https://", false},
		{gitLab, "http://a", false},
		{gitLab, "https://a b", false},
		{gitLab, "https://a\"", false},
		{ownerID, "111122223333", true},
		{ownerID, "o-0123456789", true},
		{ownerID, "1111222233334", false},
	} {
		if got := v2.Matches(tt.pattern, tt.text); got != tt.want {
			t.Errorf("%s, %q: got %v, want %v", tt.pattern, tt.text, got, tt.want)
		}
	}
}
