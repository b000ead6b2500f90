package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

const (
	account = org.Account(111122223333)
	region  = "eu-central-1"
	filter  = "/tags/arn%3Aaws%3Ainspector2%3Aeu-central-1%3A111122223333%3Aowner%2F111122223333%2Ffilter%2F0123456789abcdef"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A site is a front over a store with one account, which has a key of each
// role. Its trail is written only by flush.
type site struct {
	*api.Front
	store *store.Store
	trail *api.Trail
	keys  map[org.Role]store.Credentials

	mu    sync.Mutex
	now   time.Time
	log   bytes.Buffer
	calls []api.Call
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Write takes what is logged.
func (s *site) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(b)
}

func (s *site) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

func newSite(tb testing.TB, limits api.Limits, handlers inspector2.Handlers) *site {
	tb.Helper()
	db, err := store.Open(tb.Context(), filepath.Join(tb.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	s := &site{store: db, now: start, keys: map[org.Role]store.Credentials{}}
	s.update(tb, func(tx *store.Tx) error {
		return tx.CreateAccount(tb.Context(), store.Account{ID: account, Name: "main", Created: start})
	})
	for _, role := range []org.Role{org.Admin, org.Operator, org.Reader, org.Scanner, org.Agent} {
		s.update(tb, func(tx *store.Tx) (err error) {
			k := store.AccessKey{Account: account, Name: "the-" + string(role), Role: role, Created: start}
			s.keys[role], err = tx.CreateKey(tb.Context(), org.Only(account), k)
			return err
		})
	}
	log := slog.New(slog.NewTextHandler(s, nil))
	s.trail = api.NewTrail(db, log)
	s.Front = api.New(api.Options{
		Surfaces: []api.Surface{
			{Service: inspector2.New(), Handlers: handlers.ByName()},
			{Service: inspectorscan.New(), Handlers: (&inspectorscan.Handlers{}).ByName()},
			{Service: inspector.New(), Handlers: (&inspector.Handlers{}).ByName()},
		},
		Store: db, Trail: s.trail, Region: region, Limits: limits, Log: log, Now: s.clock,
		Observe: func(c api.Call) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.calls = append(s.calls, c)
		},
	})
	return s
}

func (s *site) update(tb testing.TB, f func(tx *store.Tx) error) {
	tb.Helper()
	if err := s.store.Update(tb.Context(), f); err != nil {
		tb.Fatal(err)
	}
}

// temporary makes a temporary key of an operator, valid for an hour.
func (s *site) temporary(tb testing.TB) (c store.Credentials) {
	tb.Helper()
	s.update(tb, func(tx *store.Tx) (err error) {
		k := store.AccessKey{Account: account, Name: "guest", Role: org.Operator, Created: start, Expires: start.Add(time.Hour)}
		c, err = tx.CreateTemporaryKey(tb.Context(), org.Only(account), k)
		return err
	})
	return c
}

// A signing says how a request is signed; empty: for inspector2 in our Region
// at the time of the site.
type signing struct {
	service, region string
	at              time.Time
}

func (s *site) sign(tb testing.TB, r *http.Request, body string, c store.Credentials, how signing) {
	tb.Helper()
	if how.service == "" {
		how.service = "inspector2"
	}
	if how.region == "" {
		how.region = region
	}
	if how.at.IsZero() {
		how.at = s.clock()
	}
	sum := sha256.Sum256([]byte(body))
	creds := aws.Credentials{AccessKeyID: c.ID, SecretAccessKey: c.Secret, SessionToken: c.Token}
	if err := v4.NewSigner().SignHTTP(context.Background(), creds, r, hex.EncodeToString(sum[:]), how.service, how.region, how.at); err != nil {
		tb.Fatal(err)
	}
}

func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.7:4711"
	r.Header.Set("User-Agent", "tester/1")
	return r
}

// call signs a request properly and has it answered.
func (s *site) call(tb testing.TB, role org.Role, path, body string) *httptest.ResponseRecorder {
	tb.Helper()
	r := request(http.MethodPost, path, body)
	s.sign(tb, r, body, s.keys[role], signing{})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// records returns the whole record, the latest first.
func (s *site) records(tb testing.TB) []store.AuditRecord {
	tb.Helper()
	if err := s.trail.Flush(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	list, _, err := s.store.Audit(tb.Context(), org.Only(account), store.AuditQuery{Unknown: true}, store.AuditPage{Size: 1000, Now: s.clock()})
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// told returns the name of the exception and the message of an answer.
func told(w *httptest.ResponseRecorder) (name, message string) {
	var body struct{ Message string }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		return "", "no JSON: " + w.Body.String()
	}
	return w.Header().Get("x-amzn-ErrorType"), body.Message
}

func listing() inspector2.Handlers {
	return inspector2.Handlers{
		ListFindings: func(ctx context.Context, _ *inspector2.ListFindingsRequest) (*inspector2.ListFindingsResponse, error) {
			return &inspector2.ListFindingsResponse{NextToken: api.CallerOf(ctx).Account.String()}, nil
		},
		UntagResource: func(context.Context, *inspector2.UntagResourceRequest) (*inspector2.UntagResourceResponse, error) {
			return &inspector2.UntagResourceResponse{}, nil
		},
		ListTagsForResource: func(_ context.Context, in *inspector2.ListTagsForResourceRequest) (*inspector2.ListTagsForResourceResponse, error) {
			return &inspector2.ListTagsForResourceResponse{Tags: map[string]string{"of": in.ResourceARN}}, nil
		},
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	const invalid, unknown, incomplete = "InvalidSignatureException", "UnrecognizedClientException", "IncompleteSignatureException"
	const list = "/findings/list"
	for _, tt := range []struct {
		name    string
		path    string
		how     signing
		key     func(s *site) store.Credentials // nil: of the reader
		after   func(s *site, r *http.Request)  // the signature
		want    string                          // exception; empty: none
		message string                          // part of it
	}{
		{name: "good", path: list},
		{name: "good, escaped path", path: filter},
		{name: "good, 5 minutes old", path: list, how: signing{at: start.Add(-5 * time.Minute)}},
		{name: "good, temporary key", path: list, key: func(s *site) store.Credentials { return s.temporary(t) }},
		{name: "older than 5 minutes", path: list, how: signing{at: start.Add(-5*time.Minute - time.Second)}, want: invalid, message: "Signature expired"},
		{name: "from the future", path: list, how: signing{at: start.Add(6 * time.Minute)}, want: invalid, message: "not yet current"},
		{name: "another region", path: list, how: signing{region: "us-east-1"}, want: invalid, message: "'eu-central-1', not 'us-east-1'"},
		{name: "another service", path: list, how: signing{service: "ec2"}, want: invalid, message: "correct service: 'inspector2'"},
		{name: "another body", path: list, after: func(_ *site, r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(`{"maxResults":9}`)), 16
		}, want: invalid},
		{name: "another operation", path: "/coverage/list", after: func(_ *site, r *http.Request) {
			r.URL.Path, r.RequestURI = list, list
		}, want: invalid},
		{name: "another day in the scope", path: list, after: func(_ *site, r *http.Request) {
			h := r.Header.Get("Authorization")
			r.Header.Set("Authorization", strings.Replace(h, "/20260301/", "/20260302/", 1))
		}, want: invalid, message: "Date in Credential scope"},
		{name: "another digit in the signature", path: list, after: func(_ *site, r *http.Request) {
			h := r.Header.Get("Authorization")
			last := byte('0')
			if strings.HasSuffix(h, "0") {
				last = '1'
			}
			r.Header.Set("Authorization", h[:len(h)-1]+string(last))
		}, want: invalid},
		{name: "unsigned header", path: list, after: func(_ *site, r *http.Request) { r.Header.Set("X-Amz-Meta", "x") }, want: incomplete},
		{name: "path encoded twice", path: filter, after: func(_ *site, r *http.Request) {
			r.RequestURI = strings.ReplaceAll(filter, "%", "%25")
			r.URL.Path, r.URL.RawPath = strings.ReplaceAll(filter, "%25", "%"), ""
		}, want: invalid},
		{name: "no signature", path: list, after: func(_ *site, r *http.Request) { r.Header.Del("Authorization") }, want: incomplete},
		{name: "unknown key", path: list, key: func(*site) store.Credentials {
			return store.Credentials{ID: "AKIANOBODY", Secret: "x"}
		}, want: unknown},
		{name: "another secret", path: list, key: func(s *site) store.Credentials {
			return store.Credentials{ID: s.keys[org.Reader].ID, Secret: s.keys[org.Admin].Secret}
		}, want: invalid},
		{name: "disabled key", path: list, after: func(s *site, _ *http.Request) {
			s.update(t, func(tx *store.Tx) error {
				return tx.DisableKey(t.Context(), org.Only(account), s.keys[org.Reader].ID, start)
			})
		}, want: unknown},
		{name: "temporary key without its token", path: list, key: func(s *site) store.Credentials {
			c := s.temporary(t)
			c.Token = ""
			return c
		}, want: unknown},
		{name: "expired session", path: list, key: func(s *site) store.Credentials {
			c := s.temporary(t)
			s.pass(time.Hour)
			return c
		}, want: "ExpiredTokenException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, api.Limits{}, listing())
			method := http.MethodPost
			if tt.path == filter {
				method = http.MethodGet
			}
			key := s.keys[org.Reader]
			if tt.key != nil {
				key = tt.key(s)
			}
			r := request(method, tt.path, "")
			s.sign(t, r, "", key, tt.how)
			if tt.after != nil {
				tt.after(s, r)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			name, message := told(w)
			if name != tt.want || !strings.Contains(message, tt.message) {
				t.Errorf("got %q, %q, want %q", name, message, tt.want)
			}
			if want := map[bool]int{true: 200, false: 403}[tt.want == ""]; w.Code != want || w.Header().Get("X-Amzn-Requestid") == "" {
				t.Errorf("got status %d, want %d; header %v", w.Code, want, w.Header())
			}
			list := s.records(t)
			if len(list) != 1 || tt.want == "" && list[0].Result != store.Success || tt.want != "" && list[0].Result != tt.want ||
				list[0].Request != w.Header().Get("X-Amzn-Requestid") {
				t.Errorf("recorded %+v", list)
			}
		})
	}
}

// TestProtocols shows that refusals speak the protocol of who asked.
func TestProtocols(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, inspector2.Handlers{})
	for _, tt := range []struct {
		name, path, target string
		status             int
		contentType, want  string
	}{
		{
			"classic", "/", "InspectorService.ListFindings", 403, "application/x-amz-json-1.1",
			`{"__type":"IncompleteSignatureException","message":"Missing Authentication Token"}`,
		},
		{"v2", "/findings/list", "", 403, "application/json", `{"message":"Missing Authentication Token"}`},
		{
			"unknown target", "/", "InspectorService.Explode", 400, "application/x-amz-json-1.1",
			`{"__type":"UnknownOperationException","message":"There is no such operation."}`,
		},
		{"unknown path", "/explode", "", 404, "application/json", `{"message":"There is no such operation."}`},
	} {
		r := request(http.MethodPost, tt.path, "{}")
		if tt.target != "" {
			r.Header.Set("X-Amz-Target", tt.target)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != tt.status || w.Header().Get("Content-Type") != tt.contentType || w.Body.String() != tt.want {
			t.Errorf("%s: got %d %s %s", tt.name, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, request(http.MethodPost, "/findings/list", strings.Repeat(" ", wire.MaxBody+1)))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body over the limit: %d %s", w.Code, w.Body)
	}
}

// TestRolesTable compares what readers may do with what the APIs say of their
// operations.
func TestRolesTable(t *testing.T) {
	t.Parallel()
	// These change nothing, and are yet more than looking.
	exceptions := map[string]bool{"inspector-scan:ScanSbom": true}
	for _, s := range []*wire.Service{inspector2.New(), inspectorscan.New(), inspector.New()} {
		for _, op := range s.Operations {
			if got := org.Reader.Allows(op.Action); got != (op.ReadOnly && !exceptions[op.Action]) {
				t.Errorf("a reader may do %s: %v; it changes nothing: %v", op.Action, got, op.ReadOnly)
			}
			if !org.Admin.Allows(op.Action) {
				t.Errorf("an administrator may not do %s", op.Action)
			}
		}
	}
}

func TestDenied(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, listing())
	w := s.call(t, org.Agent, "/findings/list", "")
	name, message := told(w)
	const want = "User: arn:aws:iam::111122223333:user/the-agent is not authorized to perform: inspector2:ListFindings " +
		"because no identity-based policy allows the inspector2:ListFindings action"
	if w.Code != http.StatusForbidden || name != "AccessDeniedException" || message != want {
		t.Errorf("got %d %s %s", w.Code, name, message)
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	c := api.Caller{Account: 1, Scope: org.Only(1, 2)}
	for _, tt := range []struct {
		accounts []string
		want     []org.Account
		kind     fault.Kind
	}{
		{nil, []org.Account{1, 2}, ""},
		{[]string{"000000000002"}, []org.Account{2}, ""},
		{[]string{"000000000002", "000000000003"}, []org.Account{}, fault.Denied},
		{[]string{"2"}, []org.Account{}, fault.Invalid},
	} {
		got, err := c.Narrow(tt.accounts...)
		if diff := cmp.Diff(tt.want, append([]org.Account{}, got.Accounts()...)); diff != "" || fault.KindOf(err) != tt.kind {
			t.Errorf("%v: %s, %v", tt.accounts, diff, err)
		}
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	limits := api.Limits{Reads: api.Limit{PerSecond: 0.5, Burst: 2}, Writes: api.Limit{PerSecond: 1, Burst: 1}}
	s := newSite(t, limits, listing())
	for i, step := range []struct {
		role   org.Role
		path   string
		pass   time.Duration // before the call
		status int
		after  string
	}{
		{org.Operator, "/findings/list", 0, 200, ""},
		{org.Operator, "/findings/list", 0, 200, ""},
		{org.Operator, "/findings/list", 0, 429, "2"},
		{org.Operator, "/findings/list", 0, 429, "2"}, // a refused call costs nothing
		{org.Operator, "/disable", 0, 500, ""},        // no handler; writes are counted apart
		{org.Operator, "/disable", 0, 429, "1"},
		{org.Reader, "/findings/list", 0, 200, ""},
		{org.Operator, "/findings/list", 1999 * time.Millisecond, 429, "1"},
		{org.Operator, "/findings/list", time.Millisecond, 200, ""},
	} {
		s.pass(step.pass)
		w := s.call(t, step.role, step.path, "{}")
		if w.Code != step.status || w.Header().Get("Retry-After") != step.after {
			t.Errorf("step %d: got %d, Retry-After %q, %s", i, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
}

// TestFlood shows that those who cannot sign get no more than a few detailed
// answers and records, and are in nobody's way.
func TestFlood(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{Refused: api.Limit{PerSecond: 1, Burst: 3}}, listing())
	codes := map[int]int{}
	for range 10 {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, request(http.MethodPost, "/findings/list", ""))
		codes[w.Code]++
	}
	if diff := cmp.Diff(map[int]int{403: 3, 429: 7}, codes); diff != "" {
		t.Error(diff)
	}
	if w := s.call(t, org.Reader, "/findings/list", ""); w.Code != 200 {
		t.Errorf("who signs is refused: %d", w.Code)
	}
	if n := len(s.records(t)); n != 4 {
		t.Errorf("%d records", n)
	}
}

// TestRecord shows that each call is recorded once, with its secrets blacked
// out.
func TestRecord(t *testing.T) {
	t.Parallel()
	h := listing()
	h.UpdateCodeSecurityIntegration = func(context.Context, *inspector2.UpdateCodeSecurityIntegrationRequest) (*inspector2.UpdateCodeSecurityIntegrationResponse, error) {
		return &inspector2.UpdateCodeSecurityIntegrationResponse{IntegrationARN: "arn", Status: "ACTIVE"}, nil
	}
	s := newSite(t, api.Limits{}, h)
	const integration = "arn:aws:inspector2:eu-central-1:111122223333:codesecurity-integration/01234567-89ab-cdef-0123-456789abcdef"
	s.call(t, org.Operator, "/codesecurity/integration/update",
		`{"integrationArn":"`+integration+`","details":{"github":{"code":"TOPSECRET","installationId":"1"}}}`)
	s.pass(time.Second)
	s.call(t, org.Reader, "/findings/list", `{"maxResults":7}`)
	s.pass(time.Second)
	s.call(t, org.Reader, "/findings/list", `{"maxResults":7000}`)
	s.pass(time.Second)
	s.call(t, org.Reader, "/disable", `{}`)
	got := s.records(t)
	base := store.AuditRecord{
		Account: account, Verified: true, Region: region, Address: "192.0.2.7", Agent: "tester/1", ReadOnly: true,
		Action: "inspector2:ListFindings", Who: "arn:aws:iam::111122223333:user/the-reader", Role: org.Reader, Key: s.keys[org.Reader].ID,
	}
	want := []store.AuditRecord{base, base, base, base}
	const denied = "User: arn:aws:iam::111122223333:user/the-reader is not authorized to perform: inspector2:Disable " +
		"because no identity-based policy allows the inspector2:Disable action"
	want[0].Action, want[0].Result, want[0].Message, want[0].ReadOnly = "inspector2:Disable", "AccessDeniedException", denied, false
	want[1].Result = "ValidationException"
	want[1].Message = "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100"
	want[2].Result, want[2].Input = store.Success, json.RawMessage(`{"maxResults":7}`)
	want[3].Action, want[3].Result, want[3].ReadOnly = "inspector2:UpdateCodeSecurityIntegration", store.Success, false
	want[3].Who, want[3].Role, want[3].Key = "arn:aws:iam::111122223333:user/the-operator", org.Operator, s.keys[org.Operator].ID
	want[3].Input = json.RawMessage(`{"integrationArn":"` + integration + `","details":{"github":{"code":"HIDDEN_DUE_TO_SECURITY_REASONS","installationId":"1"}}}`)
	want[3].Output = json.RawMessage(`{"integrationArn":"arn","status":"ACTIVE"}`)
	for i := range got {
		if len(got[i].Event) != 36 || len(got[i].Request) != 36 {
			t.Errorf("record %d has the ids %q and %q", i, got[i].Event, got[i].Request)
		}
		got[i].Event, got[i].Request = "", ""
		want[i].At = start.Add(time.Duration(3-i) * time.Second)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i, c := range s.calls {
		if c.Account != account || c.Service != "inspector2" || c.Status == 0 || c.Error == "Success" {
			t.Errorf("call %d was observed as %+v", i, c)
		}
	}
	if len(s.calls) != 4 {
		t.Errorf("observed %d calls", len(s.calls))
	}
}

// watching looks, at the moment an answer begins, whether its record is kept.
type watching struct {
	*httptest.ResponseRecorder
	begins func()
}

func (w watching) WriteHeader(status int) {
	w.begins()
	w.ResponseRecorder.WriteHeader(status)
}

// TestRecordedFirst shows that nobody learns of a change whose record a crash
// could lose: it is in the database before the answer begins, without a flush.
func TestRecordedFirst(t *testing.T) {
	t.Parallel()
	h := listing()
	h.Enable = func(context.Context, *inspector2.EnableRequest) (*inspector2.EnableResponse, error) {
		return &inspector2.EnableResponse{}, nil
	}
	h.DeleteFilter = func(context.Context, *inspector2.DeleteFilterRequest) (*inspector2.DeleteFilterResponse, error) {
		return nil, errors.New("disk on fire") // perhaps after half of the work
	}
	s := newSite(t, api.Limits{}, h)
	for i, path := range []string{"/enable", "/filters/delete"} {
		body := `{"resourceTypes":["ECR"],"arn":"x"}`
		r := request(http.MethodPost, path, body)
		s.sign(t, r, body, s.keys[org.Operator], signing{})
		kept := -1
		s.ServeHTTP(watching{httptest.NewRecorder(), func() {
			list, _, err := s.store.Audit(t.Context(), org.Only(account), store.AuditQuery{}, store.AuditPage{Size: 9, Now: start})
			if err != nil {
				t.Error(err)
			}
			kept = len(list)
		}}, r)
		if kept != i+1 {
			t.Errorf("%s: %d records when the answer began, want %d", path, kept, i+1)
		}
	}
	// And the caller is not told that all is well when the record cannot be kept.
	_ = s.store.Close()
	if w := s.call(t, org.Operator, "/enable", `{"resourceTypes":["ECR"]}`); w.Code != 500 {
		t.Errorf("without a database: %d", w.Code)
	}
}

func TestInternal(t *testing.T) {
	t.Parallel()
	h := listing()
	h.ListCoverage = func(context.Context, *inspector2.ListCoverageRequest) (*inspector2.ListCoverageResponse, error) {
		return nil, errors.New("secret path /var/lib")
	}
	h.ListFilters = func(context.Context, *inspector2.ListFiltersRequest) (*inspector2.ListFiltersResponse, error) {
		panic("secret state")
	}
	s := newSite(t, api.Limits{}, h)
	for _, path := range []string{"/coverage/list", "/filters/list", "/members/list"} {
		w := s.call(t, org.Reader, path, "{}")
		name, message := told(w)
		if w.Code != 500 || name != "InternalServerException" || message != "An internal error occurred." {
			t.Errorf("%s: got %d %s %s", path, w.Code, name, message)
		}
		if id := w.Header().Get("X-Amzn-Requestid"); strings.Count(s.logged(), id) != 1 {
			t.Errorf("%s: request %s is not logged once:\n%s", path, id, s.logged())
		}
	}
	for _, want := range []string{"secret path", "secret state", "no handler for inspector2:ListMembers"} {
		if !strings.Contains(s.logged(), want) {
			t.Errorf("%q is not in the log", want)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, inspector2.Handlers{
		ListFindings: func(ctx context.Context, _ *inspector2.ListFindingsRequest) (*inspector2.ListFindingsResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	})
	s.Deadline = time.Millisecond
	if w := s.call(t, org.Reader, "/findings/list", ""); w.Code != 500 {
		t.Errorf("got %d", w.Code)
	}
}

func TestIdempotent(t *testing.T) {
	t.Parallel()
	n, fail := 0, true
	s := newSite(t, api.Limits{}, inspector2.Handlers{
		Enable: func(_ context.Context, _ *inspector2.EnableRequest) (*inspector2.EnableResponse, error) {
			if n++; fail {
				return nil, fault.New(fault.Denied, "not now")
			}
			return &inspector2.EnableResponse{Accounts: []inspector2.Account{{AccountID: fmt.Sprint(n)}}}, nil
		},
	})
	enable := func(role org.Role, body string) (int, string) {
		w := s.call(t, role, "/enable", body)
		return w.Code, w.Body.String()
	}
	const ecr, ec2 = `{"resourceTypes":["ECR"],"clientToken":"t"}`, `{"resourceTypes":["EC2"],"clientToken":"t"}`
	if code, _ := enable(org.Operator, ecr); code != 403 {
		t.Errorf("got %d", code)
	}
	fail = false
	code, first := enable(org.Operator, ecr)
	if code != 200 || !strings.Contains(first, `"2"`) {
		t.Errorf("a failed call is not done again: %d %s", code, first)
	}
	if code, again := enable(org.Operator, ecr); code != 200 || again != first || n != 2 {
		t.Errorf("got %d %s after %d calls", code, again, n)
	}
	if code, other := enable(org.Operator, ec2); code != 400 || !strings.Contains(other, "other parameters") {
		t.Errorf("got %d %s", code, other)
	}
	s.pass(25 * time.Hour)
	if code, other := enable(org.Operator, ec2); code != 200 || n != 3 {
		t.Errorf("the next day: got %d %s after %d calls", code, other, n)
	}
}

// FuzzFront sends anything, signed properly or not, with a session or not: every
// answer is an error of the caller's, in the protocol in which he asked. In a
// cookie, SESSION stands for a session; one that begins with PAGE comes as the
// page sends it, and without that or a signature nothing is changed.
func FuzzFront(f *testing.F) {
	all := []*wire.Service{inspector2.New(), inspectorscan.New(), inspector.New()}
	var surfaces []api.Surface
	for _, s := range all {
		handlers := map[string]wire.Handler{}
		for _, op := range s.Operations {
			handlers[op.Name] = func(context.Context, any) (any, error) { return nil, fault.New(fault.NotFound, "nothing") }
		}
		surfaces = append(surfaces, api.Surface{Service: s, Handlers: handlers})
	}
	s := newSite(f, api.Limits{}, inspector2.Handlers{})
	none := api.Limit{PerSecond: -1}
	s.Front = api.New(api.Options{
		Surfaces: surfaces, Store: s.store, Trail: s.trail, Region: region, Now: s.clock,
		Limits: api.Limits{Reads: none, Writes: none, Refused: none}, Guesses: none, Log: slog.New(slog.NewTextHandler(s, nil)),
	})
	own := s.Own("assay:PutScan", func(context.Context, http.ResponseWriter, *http.Request, []byte) error {
		return fault.New(fault.NotFound, "nothing")
	})
	signIn := s.SignIn(func(context.Context, http.ResponseWriter, *http.Request, []byte) error {
		return fault.New(fault.NotFound, "nothing")
	})
	secret := s.session(f, org.Admin)
	f.Add("POST", "/findings/list", "", "", "", true, []byte(`{}`))
	f.Add("POST", "/enable", "", "", "", true, []byte(`{"resourceTypes":["ECR"],"clientToken":"t"}`))
	f.Add("GET", filter, "", "", "", true, []byte(nil))
	f.Add("POST", "/scan/sbom", "", "", "", true, []byte(`{"sbom":{}}`))
	f.Add("POST", "/", "InspectorService.ListFindings", "", "", true, []byte(`{"maxResults":1}`))
	f.Add("POST", "/", "InspectorService.ListFindings", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e", "", false, []byte(`{`))
	f.Add("POST", "/findings/list?X-Amz-Signature=1&X-Amz-Credential=%2F", "", "", "", false, []byte(`{`))
	f.Add("POST", "/assay/v1/scans", "", "", "assay_session=x", false, []byte(`{`))
	f.Add("PUT", "/assay/v1/scans", "", "", "", true, []byte(`{}`))
	f.Add("GET", filter, "", "", "assay_session=SESSION", false, []byte(nil))
	f.Add("DELETE", filter+"?tagKeys=a", "", "", "assay_session=SESSION", false, []byte(nil))
	f.Add("POST", "/findings/list", "", "", "PAGE assay_session=SESSION", false, []byte(`{}`))
	f.Add("POST", "/", "InspectorService.ListFindings", "", "PAGE assay_session=SESSION", false, []byte(`{"maxResults":1}`))
	f.Add("POST", "/", "InspectorService.ListFindings", "", "assay_session=SESSION; assay_session=x", false, []byte(`{}`))
	f.Add("POST", "/assay/v1/scans", "", "", "PAGE assay_session=SESSION", false, []byte(`{}`))
	f.Add("POST", "/enable", "", "", "PAGE assay_session=\"", false, []byte(`{`))
	f.Add("POST", "/assay/v1/session", "", "", "PAGE ", false, []byte(`{"accessKeyId":"AKIANOBODY","secretAccessKey":"x"}`))
	f.Fuzz(func(t *testing.T, method, path, target, authorization, cookie string, sign bool, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+path, bytes.NewReader(body))
		if err != nil || !strings.HasPrefix(path, "/") {
			return
		}
		r.RequestURI, r.RemoteAddr = path, "192.0.2.7:1"
		cookie, page := strings.CutPrefix(strings.ReplaceAll(cookie, "SESSION", secret), "PAGE ")
		if page {
			r.Header.Set(api.PageHeader, "1")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		for name, value := range map[string]string{"X-Amz-Target": target, "Authorization": authorization, "Cookie": cookie} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if sign {
			service := "inspector2"
			if op, err := wire.Route(all, r); err == nil {
				service = op.Service().Signing
			}
			s.sign(t, r, string(body), s.keys[org.Admin], signing{service: service})
		}
		w := httptest.NewRecorder()
		handler := http.Handler(s)
		ours := strings.HasPrefix(path, "/assay/")
		if ours {
			handler = own
		}
		if path == "/assay/v1/session" {
			handler = signIn
		}
		handler.ServeHTTP(w, r)
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%d %s: %v", w.Code, w.Body, err)
		}
		classic := r.Header.Get("X-Amz-Target") != "" && !ours
		if w.Code < 400 || w.Code >= 500 || (answer["__type"] != nil) != classic || answer["message"] == "" ||
			w.Header().Get("X-Amzn-Requestid") == "" || (w.Header().Get("Content-Type") == "application/x-amz-json-1.1") != classic {
			t.Errorf("got %d %v %s; log: %s", w.Code, w.Header(), w.Body, s.logged())
		}
		if done := answer["message"] == "nothing"; done && !sign && !page && method != http.MethodGet && method != http.MethodHead {
			t.Error("it is done for who has a cookie and is not the page")
		}
	})
}
