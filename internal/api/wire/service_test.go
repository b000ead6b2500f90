package wire_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
)

const samples = 20 // of each message

func services() []*wire.Service {
	return []*wire.Service{inspector2.New(), inspectorscan.New(), inspector.New()}
}

func eachOperation(t *testing.T, f func(t *testing.T, all []*wire.Service, op *wire.Operation, rng *rand.Rand)) {
	t.Helper()
	all := services()
	for _, s := range all {
		for i := range s.Operations {
			op := &s.Operations[i]
			t.Run(s.Name+"/"+op.Name, func(t *testing.T) {
				t.Parallel()
				f(t, all, op, rand.New(rand.NewPCG(uint64(i), 7)))
			})
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, s := range services() {
		got[s.Name] = len(s.Operations)
	}
	if diff := cmp.Diff(map[string]int{"inspector2": 81, "inspector-scan": 1, "inspector": 37}, got); diff != "" {
		t.Error(diff)
	}
}

// TestInput sends samples of every operation's input the way a client does and
// reads them the way the server does.
func TestInput(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, all []*wire.Service, op *wire.Operation, rng *rand.Rand) {
		t.Helper()
		for range samples {
			want := op.SampleIn(rng)
			r, err := op.Request(t.Context(), "http://localhost", want)
			if err != nil {
				t.Fatal(err)
			}
			body, err := wire.ReadBody(r, wire.MaxBody)
			if err != nil {
				t.Fatal(err)
			}
			routed, err := wire.Route(all, r)
			if err != nil || routed != op {
				t.Fatalf("%s %s: got %v, %v", r.Method, r.URL, routed, err)
			}
			got, err := op.Decode(r, body)
			if err != nil {
				t.Fatalf("%v in %s %s %s", err, r.Method, r.URL, body)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatal(diff)
			}
			if _, err := op.Audit(got); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestOutput answers with samples of every operation's output and reads them
// both as a client does and under the limits of the model.
func TestOutput(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, _ []*wire.Service, op *wire.Operation, rng *rand.Rand) {
		t.Helper()
		for range samples {
			want := op.SampleOut(rng)
			w := httptest.NewRecorder()
			if err := op.Encode(w, want); err != nil {
				t.Fatal(err)
			}
			resp := w.Result()
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			got, err := op.Response(resp, body)
			if err != nil || resp.StatusCode != op.Status {
				t.Fatal(resp.StatusCode, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s\n%s", body, diff)
			}
			if _, violations, err := op.CheckOut(body); err != nil || len(violations) > 0 {
				t.Fatal(err, violations)
			}
		}
	})
}

// TestErrors answers with every exception of every service and reads it as a
// client does.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, s := range services() {
		op := &s.Operations[0]
		for _, kind := range []fault.Kind{fault.NotFound, fault.Invalid, fault.Denied, fault.Conflict, fault.Quota, fault.Throttle, fault.Internal} {
			e := s.Raise(kind, "<why> & \"how\"")
			name, status := e.Fault()
			w := httptest.NewRecorder()
			op.Fail(w, fmt.Errorf("doing: %w", e))
			resp := w.Result()
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			_, err := op.Response(resp, body)
			want := &wire.Error{Name: name, Status: status, Message: "<why> & \"how\"", Protocol: s.Protocol}
			if diff := cmp.Diff(error(want), err); diff != "" {
				t.Errorf("%s %s: %s\n%s", s.Name, kind, body, diff)
			}
		}
		for _, o := range s.Operations {
			for e := range strings.FieldsSeq(o.Errors) {
				found := false
				for _, x := range s.Exceptions {
					name, _ := x.Fault()
					found = found || name == e
				}
				if !found {
					t.Errorf("%s: %s is no exception of %s", o.Name, e, s.Name)
				}
			}
		}
	}
}

func TestErrorBodies(t *testing.T) {
	t.Parallel()
	v2, classic := inspector2.New(), inspector.New()
	list, create := v2.Operation("ListFindings"), classic.Operation("CreateAssessmentTarget")
	for _, tt := range []struct {
		name   string
		op     *wire.Operation
		err    error
		status int
		header http.Header
		body   string
	}{
		{
			"retry after", list, &inspector2.ThrottlingException{Message: "slow", RetryAfterSeconds: new(int32(7))}, 429,
			http.Header{"Retry-After": {"7"}, "X-Amzn-Errortype": {"ThrottlingException"}, "Content-Type": {"application/json"}, "Content-Length": {"18"}},
			`{"message":"slow"}`,
		},
		{
			"quota is 402", list, &inspector2.ServiceQuotaExceededException{Message: "much", ResourceID: "r"}, 402,
			http.Header{"X-Amzn-Errortype": {"ServiceQuotaExceededException"}, "Content-Type": {"application/json"}, "Content-Length": {"35"}},
			`{"message":"much","resourceId":"r"}`,
		},
		{
			"inner text stays inside", list, fmt.Errorf("opening /etc/secret"), 500,
			http.Header{"X-Amzn-Errortype": {"InternalServerException"}, "Content-Type": {"application/json"}, "Content-Length": {"42"}},
			`{"message":"An internal error occurred."}` + "",
		},
		{
			"classic", create, &inspector.AccessDeniedException{Message: "no", ErrorCode: "ACCESS_DENIED_TO_RESOURCE_GROUP"}, 400,
			http.Header{"X-Amzn-Errortype": {"AccessDeniedException"}, "Content-Type": {"application/x-amz-json-1.1"}, "Content-Length": {"110"}},
			`{"__type":"AccessDeniedException","message":"no","errorCode":"ACCESS_DENIED_TO_RESOURCE_GROUP","canRetry":false}`,
		},
		{
			"exception of another service", create, &inspector2.ConflictException{Message: "secret"}, 500,
			http.Header{"X-Amzn-Errortype": {"InternalException"}, "Content-Type": {"application/x-amz-json-1.1"}, "Content-Length": {"87"}},
			`{"__type":"InternalException","message":"An internal error occurred.","canRetry":true}`,
		},
		{
			"fault with fields", list, fmt.Errorf("listing: %w", fault.OnField("nextToken", "is too old")), 400,
			http.Header{"X-Amzn-Errortype": {"ValidationException"}, "Content-Type": {"application/json"}},
			`{"message":"nextToken: is too old","reason":"FIELD_VALIDATION_FAILED","fields":[{"name":"nextToken","message":"is too old"}]}`,
		},
		{
			"fault of a kind", list, fault.New(fault.Denied, "not yours"), 403,
			http.Header{"X-Amzn-Errortype": {"AccessDeniedException"}, "Content-Type": {"application/json"}},
			`{"message":"not yours"}`,
		},
		{
			"fault that is not declared", list, fault.New(fault.NotFound, "gone"), 400,
			http.Header{"X-Amzn-Errortype": {"ValidationException"}, "Content-Type": {"application/json"}},
			`{"message":"gone","reason":"OTHER"}`,
		},
		{
			"internal fault stays inside", list, fault.New(fault.Internal, "secret"), 500,
			http.Header{"X-Amzn-Errortype": {"InternalServerException"}, "Content-Type": {"application/json"}},
			`{"message":"An internal error occurred."}`,
		},
		{
			"classic throttle", create, fault.New(fault.Throttle, "slow"), 400,
			http.Header{"X-Amzn-Errortype": {"ThrottlingException"}, "Content-Type": {"application/x-amz-json-1.1"}},
			`{"__type":"ThrottlingException","message":"slow"}`,
		},
		{
			"no operation", nil, &wire.Error{Name: "UnknownOperationException", Status: 404, Message: "none"}, 404,
			http.Header{"X-Amzn-Errortype": {"UnknownOperationException"}, "Content-Type": {"application/json"}, "Content-Length": {"18"}},
			`{"message":"none"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			tt.op.Fail(w, tt.err)
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tt.status, tt.body)
			}
			tt.header.Set("Content-Length", fmt.Sprint(len(tt.body)))
			if diff := cmp.Diff(tt.header, w.Header()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRaise shows that what an operation does not declare becomes what it does.
func TestRaise(t *testing.T) {
	t.Parallel()
	v2, classic := inspector2.New(), inspector.New()
	for _, tt := range []struct {
		op   *wire.Operation
		kind fault.Kind
		want string
	}{
		{v2.Operation("DeleteFilter"), fault.NotFound, "ResourceNotFoundException"},
		{v2.Operation("ListFindings"), fault.NotFound, "ValidationException"},
		{v2.Operation("ListFindings"), fault.Denied, "AccessDeniedException"},
		{v2.Operation("CreateFilter"), fault.Quota, "ServiceQuotaExceededException"},
		{v2.Operation("Enable"), fault.Quota, "ValidationException"},
		{v2.Operation("CreateConnector"), fault.Conflict, "ConflictException"},
		{v2.Operation("Enable"), fault.Kind("odd"), "InternalServerException"},
		{classic.Operation("ListFindings"), fault.NotFound, "NoSuchEntityException"},
		{classic.Operation("ListRulesPackages"), fault.NotFound, "InvalidInputException"},
		{classic.Operation("ListRulesPackages"), fault.Throttle, "ThrottlingException"},
	} {
		if got, _ := tt.op.Raise(tt.kind, "m").Fault(); got != tt.want {
			t.Errorf("%s, %s: got %s, want %s", tt.op.Name, tt.kind, got, tt.want)
		}
	}
}

func TestRoute(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:inspector2:eu-central-1:111122223333:owner/111122223333/filter/0123456789abcdef"
	all := services()
	for _, tt := range []struct{ name, method, target, path, want string }{
		{"plain", "POST", "", "/findings/list", "ListFindings"},
		{"scan", "POST", "", "/scan/sbom", "ScanSbom"},
		{"put", "PUT", "", "/encryptionkey/reset", "ResetEncryptionKey"},
		{"escaped ARN", "GET", "", "/tags/arn%3Aaws%3Ainspector2%3Aeu-central-1%3A111122223333%3Aowner%2F111122223333%2Ffilter%2F0123456789abcdef", "ListTagsForResource"},
		{"slashes in the ARN", "DELETE", "", "/tags/" + arn + "?tagKeys=a", "UntagResource"},
		{"colons only", "POST", "", "/tags/" + arn, "TagResource"},
		{"classic", "POST", "InspectorService.ListFindings", "/", "ListFindings"},
		{"no ARN", "GET", "", "/tags/", "404"},
		{"other method", "GET", "", "/findings/list", "404"},
		{"other case", "POST", "", "/Findings/List", "404"},
		{"slash at the end", "POST", "", "/findings/list/", "404"},
		{"root", "POST", "", "/", "404"},
		{"unknown target", "POST", "InspectorService.Nothing", "/", "400"},
		{"other service", "POST", "DynamoDB_20120810.ListTables", "/", "400"},
		{"target elsewhere", "POST", "InspectorService.ListFindings", "/findings/list", "400"},
		{"target by GET", "GET", "InspectorService.ListFindings", "/", "400"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, tt.path, http.NoBody)
			if tt.target != "" {
				r.Header.Set("X-Amz-Target", tt.target)
			}
			op, err := wire.Route(all, r)
			got := ""
			if err != nil {
				w := httptest.NewRecorder()
				op.Fail(w, err)
				got = fmt.Sprint(w.Code)
				if !strings.Contains(w.Header().Get("X-Amzn-Errortype"), "UnknownOperationException") {
					t.Error(w.Header())
				}
			} else {
				got = op.Name
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if op == nil || op.Name != "ListTagsForResource" || err != nil {
				return
			}
			in, err := op.Decode(r, nil)
			if diff := cmp.Diff(&inspector2.ListTagsForResourceRequest{ResourceARN: arn}, in); diff != "" || err != nil {
				t.Error(err, diff)
			}
		})
	}
}

// TestOperationTable looks at some rows of what the generator derives.
func TestOperationTable(t *testing.T) {
	t.Parallel()
	type row struct {
		Action   string
		ReadOnly bool
		Paging   wire.Paging
		MaxPage  int
	}
	v2, classic := inspector2.New(), inspector.New()
	for _, tt := range []struct {
		op   *wire.Operation
		want row
	}{
		{v2.Operation("ListFindings"), row{"inspector2:ListFindings", true, wire.SizedPages, 100}},
		{v2.Operation("ListMembers"), row{"inspector2:ListMembers", true, wire.SizedPages, 50}},
		{v2.Operation("ListConnectors"), row{"inspector2:ListConnectors", true, wire.SizedPages, 0}},
		{v2.Operation("SearchVulnerabilities"), row{"inspector2:SearchVulnerabilities", true, wire.TokenPages, 0}},
		{v2.Operation("ListCodeSecurityIntegrations"), row{"inspector2:ListCodeSecurityIntegrations", true, wire.SizedPages, 100}},
		{v2.Operation("CreateFilter"), row{"inspector2:CreateFilter", false, wire.NoPages, 0}},
		{classic.Operation("PreviewAgents"), row{"inspector:PreviewAgents", true, wire.SizedPages, 0}},
		{inspectorscan.New().Operation("ScanSbom"), row{"inspector-scan:ScanSbom", true, wire.NoPages, 0}},
	} {
		got := row{tt.op.Action, tt.op.ReadOnly, tt.op.Paging, tt.op.MaxPage}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.op.Name, diff)
		}
	}
	var tokens []string
	for i := range v2.Operations {
		op := &v2.Operations[i]
		in := op.SampleIn(rand.New(rand.NewPCG(1, 1)))
		for range 20 {
			if op.Token(in) != "" {
				tokens = append(tokens, op.Name)
				break
			}
			in = op.SampleIn(rand.New(rand.NewPCG(rand.Uint64(), 1)))
		}
	}
	want := []string{"CreateConnector", "Enable", "EnableDelegatedAdminAccount", "StartCodeSecurityScan"}
	if diff := cmp.Diff(want, tokens); diff != "" {
		t.Error(diff)
	}
}

// TestHandlers calls every operation through the functions with types: a
// client that is joined to a server without a network.
func TestHandlers(t *testing.T) {
	t.Parallel()
	scan := inspectorscan.New()
	want := &inspectorscan.ScanSbomResponse{Sbom: []byte(`{}`)}
	server := inspectorscan.Handlers{ScanSbom: func(context.Context, *inspectorscan.ScanSbomRequest) (*inspectorscan.ScanSbomResponse, error) {
		return want, nil
	}}
	client := inspectorscan.Client(scan, func(ctx context.Context, op *wire.Operation, in any) (any, error) {
		return server.ByName()[op.Name](ctx, in)
	})
	got, err := client.ScanSbom(t.Context(), &inspectorscan.ScanSbomRequest{Sbom: []byte(`{}`)})
	if err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	for _, tt := range []struct {
		s      *wire.Service
		none   map[string]wire.Handler
		client any
	}{
		{inspector2.New(), (&inspector2.Handlers{}).ByName(), inspector2.Client(inspector2.New(), echo)},
		{scan, (&inspectorscan.Handlers{}).ByName(), inspectorscan.Client(scan, echo)},
		{inspector.New(), (&inspector.Handlers{}).ByName(), inspector.Client(inspector.New(), echo)},
	} {
		functions := reflect.ValueOf(tt.client).Elem()
		if len(tt.none) != len(tt.s.Operations) || functions.NumField() != len(tt.s.Operations) {
			t.Errorf("%s: %d handlers and %d functions for %d operations", tt.s.Name, len(tt.none), functions.NumField(), len(tt.s.Operations))
		}
		for i := range tt.s.Operations {
			op := &tt.s.Operations[i]
			if h, ok := tt.none[op.Name]; h != nil || !ok {
				t.Errorf("%s: a handler that nobody gave", op.Name)
			}
			in := []reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(op.SampleIn(rand.New(rand.NewPCG(1, 1))))}
			out := functions.FieldByName(op.Name).Call(in)
			if out[0].Type() != reflect.TypeOf(op.Out) || out[0].IsNil() || !out[1].IsNil() {
				t.Errorf("%s: got %v", op.Name, out)
			}
		}
	}
	wrong := inspectorscan.Client(scan, func(context.Context, *wire.Operation, any) (any, error) { return 5, nil })
	if _, err := wrong.ScanSbom(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "got int instead of") {
		t.Errorf("got %v", err)
	}
}

func echo(_ context.Context, op *wire.Operation, _ any) (any, error) {
	return op.SampleOut(rand.New(rand.NewPCG(1, 1))), nil
}
