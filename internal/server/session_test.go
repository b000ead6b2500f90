package server

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/org"
)

// A browser keeps the cookies of one server and says where its requests come
// from, as a page of that server.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
}

func newBrowser(t *testing.T, url string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, url, &http.Client{
		Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answered is what a browser got.
type answered struct {
	status  int
	header  http.Header
	cookies []*http.Cookie
	text    string
}

// ask sends a request.
func (b *browser) ask(method, path, body string) answered {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set(api.PageHeader, "1")
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, resp.Cookies(), string(all)}
}

func TestSession(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.TLS = "self-signed" }, nil)
	key := `{"accessKeyId":"` + r.key + `","secretAccessKey":"` + r.secret + `"}`
	browsers := map[string]*browser{"ada": newBrowser(t, r.url), "bob": newBrowser(t, r.url), "eve": newBrowser(t, r.url)}
	for _, step := range []struct {
		who                string // a browser of that name
		method, path, body string
		status             int
		location, text     string // the text is a part of it
	}{
		{"ada", "GET", "/assay/v1/session", "", 401, "", `"code":"ExpiredTokenException"`},
		{"ada", "POST", "/findings/list", "{}", 401, "", "Sign in again"},
		{"ada", "POST", "/assay/v1/session", strings.Replace(key, r.secret, "x", 1), 403, "", `"code":"UnrecognizedClientException"`},
		{"ada", "POST", "/assay/v1/session", key, 200, "", `"role":"admin"`},
		{"ada", "GET", "/assay/v1/session", "", 200, "", `"account":"` + r.account + `","accountName":"management"`},
		{"ada", "POST", "/findings/list", "{}", 200, "", `{"findings":[]}`},
		{"ada", "POST", "/assay/v1/accounts", `{"name":"other"}`, 200, "", `"name":"other"`},
		{"bob", "GET", "/signin?link=no", "", 303, "/signin?problem=link", ""},
		{"bob", "HEAD", "/signin?link=" + r.link, "", 200, "", ""},
		{"bob", "GET", "/signin?link=" + r.link, "", 303, "/", ""},
		{"bob", "GET", "/assay/v1/session", "", 200, "", `"management":true`},
		{"eve", "GET", "/signin?link=" + r.link, "", 303, "/signin?problem=link", ""},
		{"eve", "GET", "/signin?problem=link", "", 200, "", ""},
		{"eve", "GET", "/assay/v1/session", "", 401, "", ""},
		{"bob", "GET", "/assay/v1/roles", "", 200, "", `"role":"admin"`},
		{"bob", "DELETE", "/assay/v1/session", "", 200, "", "{}"},
		{"bob", "GET", "/assay/v1/session", "", 401, "", ""},
		{"bob", "DELETE", "/assay/v1/session", "", 401, "", ""},
		{"ada", "GET", "/assay/v1/session", "", 200, "", ""},
	} {
		got := browsers[step.who].ask(step.method, step.path, step.body)
		if got.status != step.status || got.header.Get("Location") != step.location || !strings.Contains(got.text, step.text) {
			t.Errorf("%s: %s %s: got %d %s %s, want %d %s %s", step.who, step.method, step.path,
				got.status, got.header.Get("Location"), got.text, step.status, step.location, step.text)
		}
		page := strings.HasPrefix(step.path, "/signin") && step.status == http.StatusOK
		if !page && got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: may be cached: %v", step.method, step.path, got.header)
		}
		for _, c := range got.cookies {
			if c.Path != "/" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Domain != "" {
				t.Errorf("%s %s sets %v", step.method, step.path, c)
			}
		}
	}
	if log := r.log.String(); strings.Contains(log, r.secret) || strings.Contains(log, r.link) {
		t.Errorf("a secret is logged: %s", log)
	}
}

func TestSessionActions(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	for _, role := range []org.Role{org.Admin, org.Operator, org.Reader, org.Scanner} {
		var made Key
		if err := r.client.Do(t.Context(), "POST", "keys", NewKey{Name: "ada", Role: role}, &made); err != nil {
			t.Fatal(err)
		}
		b := newBrowser(t, r.url)
		page := b.ask("POST", "/assay/v1/session", `{"accessKeyId":"`+made.ID+`","secretAccessKey":"`+made.Secret+`"}`)
		var got CurrentSession
		if err := json.Unmarshal([]byte(page.text), &got); err != nil || page.status != http.StatusOK {
			t.Fatalf("%s: %d %s, %v", role, page.status, page.text, err)
		}
		for _, action := range []string{
			"inspector2:ListFindings", "inspector2:CreateFilter", "inspector2:EnableDelegatedAdminAccount", "inspector2:ListFilters",
			"inspector-scan:ScanSbom", "inspector:ListFindings", "assay:CreateKey", "assay:GetStatus", "assay:PutScan",
		} {
			if has := slices.Contains(got.Actions, action); has != role.Allows(action) {
				t.Errorf("the session of role %s has %s: %v", role, action, has)
			}
		}
		if got.Role != role || got.Name != "ada" || got.URL != r.url || got.Region != "us-east-1" || got.Version != "test" || got.Advisories.Advisories != 2 {
			t.Errorf("got %+v", got)
		}
	}
	var enrolled Key
	if err := r.client.Do(t.Context(), "POST", "keys", NewKey{Name: "host", Role: org.Agent, Subject: "x"}, &enrolled); err != nil {
		t.Fatal(err)
	}
	page := newBrowser(t, r.url).ask("POST", "/assay/v1/session", `{"accessKeyId":"`+enrolled.ID+`","secretAccessKey":"`+enrolled.Secret+`"}`)
	if page.status != http.StatusForbidden || len(page.cookies) > 0 {
		t.Errorf("an agent signs in: %d %s", page.status, page.text)
	}
}
