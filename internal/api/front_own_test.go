package api_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// session signs somebody in and returns the secret of the cookie.
func (s *site) session(tb testing.TB, role org.Role) (secret string) {
	tb.Helper()
	s.update(tb, func(tx *store.Tx) error {
		link, err := tx.CreateLink(tb.Context(), org.Only(account), store.Session{Account: account, Name: "eve", Role: role, Created: s.clock()})
		if err != nil {
			return err
		}
		secret, _, err = tx.UseLink(tb.Context(), link, s.clock())
		return err
	})
	return secret
}

func TestOwnIdentity(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		method string
		action string
		key    org.Role // signs; empty: nobody
		role   org.Role // has a session; empty: no cookie
		header http.Header
		later  time.Duration // after the sign-in
		status int
		body   string // of a bad answer
	}{
		{name: "signed", method: "PUT", action: "assay:PutScan", key: org.Scanner, status: 202},
		{
			name: "denied", method: "POST", action: "assay:CreateKey", key: org.Operator, status: 403,
			body: `{"code":"AccessDeniedException","message":"User: arn:aws:iam::111122223333:user/the-operator is not authorized to ` +
				`perform: assay:CreateKey because no identity-based policy allows the assay:CreateKey action"}`,
		},
		{
			name: "nobody", method: "GET", action: "assay:ListKeys", status: 403,
			body: `{"code":"IncompleteSignatureException","message":"Missing Authentication Token"}`,
		},
		{name: "session", method: "GET", action: "assay:ListKeys", role: org.Admin, status: 202},
		{
			name: "session of a reader", method: "GET", action: "assay:ListKeys", role: org.Reader, status: 403,
			body: `{"code":"AccessDeniedException","message":"User: arn:aws:sts::111122223333:assumed-role/reader/eve is not authorized to ` +
				`perform: assay:ListKeys because no identity-based policy allows the assay:ListKeys action"}`,
		},
		{
			name: "session that has ended", method: "GET", action: "assay:ListKeys", role: org.Admin, later: 12 * time.Hour, status: 401,
			body: `{"code":"ExpiredTokenException","message":"You are not signed in, or no longer. Sign in again."}`,
		},
		{
			name: "change from our page", method: "POST", action: "assay:CreateKey", role: org.Admin, status: 202,
			header: http.Header{"Sec-Fetch-Site": {"same-origin"}, "X-Assay-Page": {"1"}},
		},
		{
			name: "change from our page, old browser", method: "POST", action: "assay:CreateKey", role: org.Admin, status: 202,
			header: http.Header{"Origin": {"https://example.com"}, "X-Assay-Page": {"1"}},
		},
		{
			name: "look by POST", method: "POST", action: "assay:GetThings", role: org.Admin, status: 202,
			header: http.Header{"Sec-Fetch-Site": {"same-origin"}, "X-Assay-Page": {"1"}},
		},
		{
			name: "look by a form", method: "POST", action: "assay:GetThings", role: org.Admin, status: 403,
			header: http.Header{"Sec-Fetch-Site": {"same-origin"}},
			body:   `{"code":"AccessDeniedException","message":"The request lacks the header X-Assay-Page: 1, which the page sends."}`,
		},
		{
			name: "change by a form", method: "POST", action: "assay:CreateKey", role: org.Admin, status: 403,
			header: http.Header{"Sec-Fetch-Site": {"same-origin"}},
			body:   `{"code":"AccessDeniedException","message":"The request lacks the header X-Assay-Page: 1, which the page sends."}`,
		},
		{
			name: "change from another site", method: "POST", action: "assay:CreateKey", role: org.Admin, status: 403,
			header: http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://example.com"}, "X-Assay-Page": {"1"}},
			body:   `{"code":"AccessDeniedException","message":"The request comes from another site."}`,
		},
		{
			name: "change from another site, old browser", method: "POST", action: "assay:CreateKey", role: org.Admin, status: 403,
			header: http.Header{"Origin": {"https://evil.example"}, "X-Assay-Page": {"1"}},
			body:   `{"code":"AccessDeniedException","message":"The request comes from another site."}`,
		},
		{
			name: "look from another site", method: "GET", action: "assay:ListKeys", role: org.Admin, status: 403,
			header: http.Header{"Sec-Fetch-Site": {"same-site"}},
			body:   `{"code":"AccessDeniedException","message":"The request comes from another site."}`,
		},
		{
			name: "change from nowhere", method: "POST", action: "assay:CreateKey", role: org.Admin, status: 403,
			header: http.Header{"X-Assay-Page": {"1"}},
			body:   `{"code":"AccessDeniedException","message":"The request comes from another site."}`,
		},
		{name: "signature rather than session", method: "POST", action: "assay:PutScan", key: org.Scanner, role: org.Admin, status: 202},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, api.Limits{}, listing())
			r := request(tt.method, "/assay/v1/things?a=b", "body")
			if tt.role != "" {
				r.AddCookie(&http.Cookie{Name: api.SessionCookie, Value: s.session(t, tt.role)})
			}
			s.pass(tt.later)
			if tt.key != "" {
				s.sign(t, r, "body", s.keys[tt.key], signing{})
			}
			maps.Copy(r.Header, tt.header)
			w := httptest.NewRecorder()
			s.Own(tt.action, func(ctx context.Context, w http.ResponseWriter, _ *http.Request, body []byte) error {
				w.WriteHeader(http.StatusAccepted)
				_, err := io.WriteString(w, api.CallerOf(ctx).Name+" "+string(body))
				return err
			}).ServeHTTP(w, r)
			want := tt.body
			if want == "" {
				if want = "eve body"; tt.key != "" {
					want = "the-" + string(tt.key) + " body"
				}
			}
			if unsigned := tt.key == "" && tt.role != ""; (w.Header().Get("Cache-Control") == "no-store") != unsigned {
				t.Errorf("the browser may keep the answer: %v", w.Header())
			}
			if w.Code != tt.status || w.Body.String() != want || w.Header().Get("X-Amzn-Requestid") == "" {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tt.status, want)
			}
			list := s.records(t)
			if looks := tt.method == "GET" || tt.action == "assay:GetThings"; len(list) == 1 && list[0].ReadOnly != looks {
				t.Errorf("recorded as one that changes nothing: %v", list[0].ReadOnly)
			}
			if len(list) != 1 || list[0].Action != tt.action || (list[0].Result == store.Success) != (tt.status == 202) {
				t.Errorf("recorded %+v", list)
			}
			if len(s.calls) != 1 || s.calls[0].Status != tt.status || s.calls[0].Service != "assay" {
				t.Errorf("observed %+v", s.calls)
			}
		})
	}
}

func TestOwnErrors(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, listing())
	for _, tt := range []struct {
		name   string
		method string
		err    error
		status int
		want   string
	}{
		{"missing", "GET", fault.New(fault.NotFound, "no"), 404, `{"code":"ResourceNotFoundException","message":"no"}`},
		{"invalid", "POST", fault.OnField("f", "bad"), 400, `{"code":"ValidationException","message":"f: bad"}`},
		{"conflict", "POST", fault.New(fault.Conflict, "no"), 409, `{"code":"ConflictException","message":"no"}`},
		{"of the protocol", "POST", &wire.Error{Name: "E", Status: 418, Message: "m"}, 418, `{"code":"E","message":"m"}`},
		{"internal", "POST", errors.New("secret"), 500, `{"code":"InternalServerException","message":"An internal error occurred."}`},
		{"internal fault", "GET", fault.New(fault.Internal, "secret"), 500, `{"code":"InternalServerException","message":"An internal error occurred."}`},
	} {
		r := request(tt.method, "/assay/v1/things", "")
		s.sign(t, r, "", s.keys[org.Admin], signing{})
		w := httptest.NewRecorder()
		s.Own("assay:Do", func(context.Context, http.ResponseWriter, *http.Request, []byte) error { return tt.err }).ServeHTTP(w, r)
		if w.Code != tt.status || w.Body.String() != tt.want || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: got %d %s", tt.name, w.Code, w.Body)
		}
	}
}

// TestOwnAnswers shows that a change is recorded before it is answered, and
// that a download which breaks off does not look like a whole one.
func TestOwnAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, listing())
	server := httptest.NewServer(s.Own("assay:Do", func(_ context.Context, w http.ResponseWriter, r *http.Request, _ []byte) error {
		_, _ = io.WriteString(w, "the first half")
		if r.Method == http.MethodGet {
			_ = http.NewResponseController(w).Flush()
			return errors.New("disk gone")
		}
		list, _, err := s.store.Audit(r.Context(), org.Only(account), store.AuditQuery{}, store.AuditPage{Size: 9, Now: start})
		if err != nil || len(list) != 0 {
			t.Errorf("recorded before it was done: %v, %v", list, err)
		}
		return nil
	}))
	defer server.Close()
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/assay/v1/things", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		s.sign(t, r, "", s.keys[org.Admin], signing{})
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if (err != nil) != (method == http.MethodGet) || string(body) != "the first half" {
			t.Errorf("%s: got %q, %v", method, body, err)
		}
	}
	results := map[string]int{}
	for _, r := range s.records(t) {
		results[r.Result]++
	}
	if results[store.Success] != 1 || results["InternalServerException"] != 1 {
		t.Errorf("recorded %v", results)
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, listing())
	r := request(http.MethodPost, "/assay/v1/things", "x")
	s.sign(t, r, "x", s.keys[org.Scanner], signing{})
	c, err := s.Authenticate(r, []byte("x"), "assay:PutScan")
	if err != nil || c.Account != account || c.Role != org.Scanner || !c.Scope.Has(account) || c.Address.String() != "192.0.2.7" {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, err := s.Authenticate(r, []byte("x"), "assay:CreateKey"); fault.KindOf(err) != fault.Denied || c.Account != 0 {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, err := s.Authenticate(r, []byte("y"), "assay:PutScan"); err == nil || c.Account != 0 {
		t.Errorf("got %+v, %v", c, err)
	}
}
