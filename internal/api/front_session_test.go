package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

const (
	denied  = "AccessDeniedException"
	expired = "ExpiredTokenException"
)

// fromPage adds what a browser and the page send with a request.
func fromPage(r *http.Request, secret string) *http.Request {
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set(api.PageHeader, "1")
	if secret != "" {
		r.AddCookie(&http.Cookie{Name: api.SessionCookie, Value: secret})
	}
	return r
}

// TestSessionCalls has Amazon's APIs called by a page.
func TestSessionCalls(t *testing.T) {
	t.Parallel()
	const list = "/findings/list"
	for _, tt := range []struct {
		name         string
		method, path string // POST and list if empty
		target       string
		role         org.Role // reader if empty
		secret       string   // instead of a session's
		change       func(s *site, r *http.Request)
		status       int
		want         string // exception
	}{
		{name: "list", status: 200},
		{name: "read with GET", method: "GET", path: filter, status: 200},
		{name: "read with GET, without the header", method: "GET", path: filter, status: 200, change: without(api.PageHeader)},
		{name: "read with GET from another site", method: "GET", path: filter, change: header("Sec-Fetch-Site", "cross-site"), status: 403, want: denied},
		{name: "change", method: "DELETE", path: filter + "?tagKeys=a", role: org.Operator, status: 200},
		{name: "change by a reader", method: "DELETE", path: filter + "?tagKeys=a", status: 403, want: denied},
		{name: "change without the header", method: "DELETE", path: filter + "?tagKeys=a", role: org.Operator, change: without(api.PageHeader), status: 403, want: denied},
		{name: "list without the header", change: without(api.PageHeader), status: 403, want: denied},
		{name: "another header", change: header(api.PageHeader, "0"), status: 403, want: denied},
		{name: "from another site", change: header("Sec-Fetch-Site", "cross-site"), status: 403, want: denied},
		{name: "from the site next door", change: header("Sec-Fetch-Site", "same-site"), status: 403, want: denied},
		{name: "old browser", change: func(_ *site, r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://example.com")
		}, status: 200},
		{name: "old browser, from another site", change: func(_ *site, r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://evil.example")
		}, status: 403, want: denied},
		{name: "from nowhere", change: without("Sec-Fetch-Site"), status: 403, want: denied},
		{name: "from a sandbox", change: func(_ *site, r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "null")
		}, status: 403, want: denied},
		{name: "unknown session", secret: "x", status: 401, want: expired},
		{name: "no session", secret: "-", status: 401, want: expired},
		{name: "expired", change: func(s *site, _ *http.Request) { s.pass(12 * time.Hour) }, status: 401, want: expired},
		{name: "ended", change: func(s *site, r *http.Request) {
			c, _ := r.Cookie(api.SessionCookie)
			s.update(t, func(tx *store.Tx) error { return tx.SignOut(t.Context(), c.Value) })
		}, status: 401, want: expired},
		{name: "signed, too", change: func(s *site, r *http.Request) { s.sign(t, r, "", s.keys[org.Agent], signing{}) }, status: 403, want: denied},
		{name: "signed wrongly, too", change: header("Authorization", "AWS4-HMAC-SHA256 x"), status: 403, want: "IncompleteSignatureException"},
		{name: "classic", path: "/", target: "InspectorService.ListFindings", status: 500, want: "InternalException"}, // no handler
		{name: "classic, expired", path: "/", target: "InspectorService.ListFindings", secret: "x", status: 401, want: expired},
		{name: "scanning", path: "/scan/sbom", status: 403, want: denied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, api.Limits{}, listing())
			method, path, role, secret := "POST", list, org.Reader, tt.secret
			if tt.method != "" {
				method = tt.method
			}
			if tt.path != "" {
				path = tt.path
			}
			if tt.role != "" {
				role = tt.role
			}
			switch secret {
			case "":
				secret = s.session(t, role)
			case "-":
				secret = ""
			}
			r := fromPage(request(method, path, ""), secret)
			if tt.target != "" {
				r.Header.Set("X-Amz-Target", tt.target)
			}
			if tt.change != nil {
				tt.change(s, r)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if name := w.Header().Get("X-Amzn-Errortype"); w.Code != tt.status || name != tt.want {
				t.Errorf("got %d %s %s, want %d %s", w.Code, name, w.Body, tt.status, tt.want)
			}
			records := s.records(t)
			if len(records) != 1 || (records[0].Result == store.Success) != (tt.status == 200) {
				t.Fatalf("recorded %+v", records)
			}
			if by := records[0].Who; tt.status == 200 && by != "arn:aws:sts::111122223333:assumed-role/"+string(role)+"/eve" {
				t.Errorf("recorded for %s", by)
			}
		})
	}
}

func header(name, value string) func(*site, *http.Request) {
	return func(_ *site, r *http.Request) { r.Header.Set(name, value) }
}

func without(name string) func(*site, *http.Request) {
	return func(_ *site, r *http.Request) { r.Header.Del(name) }
}

// TestSessionScope shows that a session sees its own account, and is limited by
// itself.
func TestSessionScope(t *testing.T) {
	t.Parallel()
	const other = org.Account(444455556666)
	s := newSite(t, api.Limits{Reads: api.Limit{PerSecond: 1, Burst: 1}}, listing())
	var theirs string
	s.update(t, func(tx *store.Tx) error {
		if err := tx.CreateAccount(t.Context(), store.Account{ID: other, Name: "other", Created: start}); err != nil {
			return err
		}
		link, err := tx.CreateLink(t.Context(), org.Only(other), store.Session{Account: other, Name: "mallory", Role: org.Admin, Created: start})
		if err != nil {
			return err
		}
		theirs, _, err = tx.UseLink(t.Context(), link, start)
		return err
	})
	ask := func(secret string) (int, string) {
		w := httptest.NewRecorder()
		s.Own("assay:Look", func(ctx context.Context, w http.ResponseWriter, _ *http.Request, _ []byte) error {
			c := api.CallerOf(ctx)
			_, err := fmt.Fprint(w, c.Account, c.Scope.Has(account), c.Scope.Has(other), c.Expires.Sub(start))
			return err
		}).ServeHTTP(w, fromPage(request("GET", "/assay/v1/look", ""), secret))
		return w.Code, w.Body.String()
	}
	ours := s.session(t, org.Admin)
	if code, got := ask(ours); code != 200 || got != "111122223333 true false 12h0m0s" {
		t.Errorf("got %d %s", code, got)
	}
	if code, got := ask(theirs); code != 200 || got != "444455556666 false true 12h0m0s" {
		t.Errorf("got %d %s", code, got)
	}
	if code, got := ask(ours); code != http.StatusTooManyRequests {
		t.Errorf("got %d %s", code, got)
	}
}

// opening has somebody sign in with an access key, and answers with the account.
func (s *site) opening(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.SignIn(func(ctx context.Context, w http.ResponseWriter, _ *http.Request, body []byte) error {
		c := api.CallerOf(ctx)
		_, err := io.WriteString(w, c.Account.String()+" "+c.Key+" "+c.Name+string(body))
		return err
	}).ServeHTTP(w, r)
	return w
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	const unknown = "UnrecognizedClientException"
	s := newSite(t, api.Limits{}, listing())
	temporary, k := s.temporary(t), s.keys[org.Operator]
	disabled := s.keys[org.Scanner]
	s.update(t, func(tx *store.Tx) error { return tx.DisableKey(t.Context(), org.Only(account), disabled.ID, start) })
	pair := func(id, secret string) string {
		return fmt.Sprintf(`{"accessKeyId":%q,"secretAccessKey":%q}`, id, secret)
	}
	for _, tt := range []struct {
		name   string
		body   string
		change func(s *site, r *http.Request)
		status int
		want   string // exception
		key    string // that is recorded
	}{
		{"good", pair(k.ID, k.Secret), nil, 200, "", k.ID},
		{"another secret", pair(k.ID, k.Secret+"x"), nil, 403, unknown, k.ID},
		{"that of another", pair(k.ID, s.keys[org.Admin].Secret), nil, 403, unknown, k.ID},
		{"no secret", pair(k.ID, ""), nil, 403, unknown, k.ID},
		{"unknown key", pair("AKIA0123456789ABCDEF", ""), nil, 403, unknown, "AKIA0123456789ABCDEF"},
		{"the secret as the key", pair(k.Secret, k.Secret), nil, 403, unknown, ""},
		{"disabled", pair(disabled.ID, disabled.Secret), nil, 403, unknown, disabled.ID},
		{"temporary", pair(temporary.ID, temporary.Secret), nil, 403, denied, temporary.ID},
		{"nothing", ``, nil, 400, "ValidationException", ""},
		{"no text", `{"accessKeyId":1,"secretAccessKey":"` + k.Secret + `"}`, nil, 400, "ValidationException", ""},
		{"a long body", pair(k.ID, strings.Repeat("x", api.MaxSignIn)), nil, 413, "RequestEntityTooLargeException", ""},
		{"a form", pair(k.ID, k.Secret), without(api.PageHeader), 403, denied, ""},
		{"another site", pair(k.ID, k.Secret), header("Sec-Fetch-Site", "cross-site"), 403, denied, ""},
	} {
		r := fromPage(request("POST", "/assay/v1/session", tt.body), "")
		if tt.change != nil {
			tt.change(s, r)
		}
		w := s.opening(r)
		name, _ := told(w)
		if tt.status == 200 {
			name = ""
		}
		if w.Code != tt.status || name != tt.want {
			t.Errorf("%s: got %d %s %s, want %d %s", tt.name, w.Code, name, w.Body, tt.status, tt.want)
		}
		if want := account.String() + " " + k.ID + " the-operator"; tt.status == 200 && w.Body.String() != want {
			t.Errorf("%s: got %s, want %s", tt.name, w.Body, want)
		}
		last := s.records(t)[0]
		if last.Action != "assay:SignIn" || last.Key != tt.key || last.Verified != (tt.status == 200) || last.ReadOnly {
			t.Errorf("%s: recorded %+v", tt.name, last)
		}
		s.pass(time.Minute)
	}
	all, err := json.Marshal(s.records(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []store.Credentials{k, s.keys[org.Admin], disabled, temporary} {
		if strings.Contains(string(all)+s.logged(), c.Secret) {
			t.Errorf("a secret is recorded: %s\n%s", all, s.logged())
		}
	}
}

// TestGuesses shows that who guesses is soon refused, the right secret
// included, and that the record stays short.
func TestGuesses(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, listing())
	k := s.keys[org.Admin]
	try := func(address, secret string) int {
		r := fromPage(request("POST", "/assay/v1/session", `{"accessKeyId":"`+k.ID+`","secretAccessKey":"`+secret+`"}`), "")
		r.RemoteAddr = address
		return s.opening(r).Code
	}
	link := func(address string) error {
		r := request("GET", "/signin?link=x", "")
		r.RemoteAddr = address
		_, _, err := s.UseLink(r, "x")
		return err
	}
	var codes []int
	for range 11 {
		codes = append(codes, try("[2001:db8::1]:1", "x"))
	}
	if !slices.Equal(codes, append(slices.Repeat([]int{403}, 10), 429)) {
		t.Errorf("got %d", codes)
	}
	for address, want := range map[string]int{
		"[2001:db8::2]:1":     429, // of the same subnet
		"[2001:db8:0:1::2]:1": 200,
		"192.0.2.1:1":         200,
	} {
		if code := try(address, k.Secret); code != want {
			t.Errorf("%s: got %d, want %d", address, code, want)
		}
	}
	if err := link("[2001:db8::2]:1"); fault.KindOf(err) != fault.Throttle {
		t.Errorf("a link is tried: %v", err)
	}
	if err := link("192.0.2.1:1"); fault.KindOf(err) != fault.Denied {
		t.Errorf("got %v", err)
	}
	if n := len(s.records(t)); n != 10+2+1 {
		t.Errorf("%d records", n)
	}
	s.pass(time.Second)
	if code := try("[2001:db8::1]:1", k.Secret); code != 200 {
		t.Errorf("a second later: %d", code)
	}
}

func TestUseLink(t *testing.T) {
	t.Parallel()
	s := newSite(t, api.Limits{}, listing())
	var link string
	s.update(t, func(tx *store.Tx) (err error) {
		link, err = tx.CreateLink(t.Context(), org.Only(account), store.Session{Account: account, Name: "eve", Role: org.Reader, Created: start})
		return err
	})
	secret, session, err := s.UseLink(request("GET", "/signin?link="+link, ""), link)
	if err != nil || session.Expires != start.Add(12*time.Hour) {
		t.Fatal(session, err)
	}
	if _, _, err := s.UseLink(request("GET", "/signin?link="+link, ""), link); fault.KindOf(err) != fault.Denied {
		t.Errorf("it is used again: %v", err)
	}
	list := s.records(t)
	const who = "arn:aws:sts::111122223333:assumed-role/reader/eve"
	if len(list) != 2 || list[1].Result == list[0].Result || list[0].Action != "assay:SignIn" || list[1].Action != "assay:SignIn" {
		t.Fatalf("recorded %+v", list)
	}
	if slices.SortFunc(list, func(a, b store.AuditRecord) int { return strings.Compare(b.Who, a.Who) }); list[0].Who != who ||
		list[0].Key != "session-"+session.ID || list[1].Result != denied || list[1].Who != "" {
		t.Errorf("recorded %+v", list)
	}
	all, err := json.Marshal(list)
	if err != nil || strings.Contains(string(all)+s.logged(), link) || strings.Contains(string(all)+s.logged(), secret) {
		t.Errorf("a secret is recorded: %s, %v", all, err)
	}
	// Whatever the role, its own session can be looked at, and by no signature.
	for _, tt := range []struct {
		signed bool
		status int
	}{{false, 200}, {true, 401}} {
		r := request("GET", "/assay/v1/session", "")
		if tt.signed {
			s.sign(t, r, "", s.keys[org.Admin], signing{})
		} else {
			r.AddCookie(&http.Cookie{Name: api.SessionCookie, Value: secret})
		}
		w := httptest.NewRecorder()
		s.Session("assay:GetSession", func(context.Context, http.ResponseWriter, *http.Request, []byte) error { return nil }).ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("signed %v: got %d %s", tt.signed, w.Code, w.Body)
		}
	}
}
