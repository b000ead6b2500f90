package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	classic "github.com/aws/aws-sdk-go-v2/service/inspector"
	sdk "github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/smithy-go"

	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
)

// services are the APIs of Amazon that are answered.
func services() []*wire.Service {
	return []*wire.Service{inspector2.New(), inspectorscan.New(), inspector.New()}
}

// An exchange is one call as it was on the wire.
type exchange struct {
	operation string // ListFindings; POST /assay/v1/scans for one of our own
	request   string // account, query and body
	answer    string // status and body
	ok        bool
	readOnly  bool
}

// A trail is what was sent and answered in a test.
type trail struct {
	mu   sync.Mutex
	list []exchange
}

func (t *trail) add(x exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, x)
}

func (t *trail) all() []exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.list)
}

// A bench is one account of a server, and Amazon's own clients that call it.
type bench struct {
	t       *testing.T
	server  *running
	account string
	key     string
	secret  string
	url     string // of what notes all calls in the trail
	trail   *trail
	v2      *sdk.Client
	classic *classic.Client
}

// bench returns the clients of a key.
func (r *running) bench(t *testing.T, account, key, secret string, calls *trail) *bench {
	t.Helper()
	target, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, server: r, account: account, key: key, secret: secret, trail: calls}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.Host = p.In.Host // which is signed
	}}
	known := services()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		q.Body = io.NopCloser(bytes.NewReader(body))
		x := exchange{operation: q.Method + " " + q.URL.Path, request: account + " " + q.URL.EscapedPath() + "?" + q.URL.RawQuery + " " + string(body)}
		if op, err := wire.Route(known, q); err == nil {
			x.operation, x.readOnly = op.Service().Name+":"+op.Name, op.ReadOnly
		}
		rec := httptest.NewRecorder()
		proxy.ServeHTTP(rec, q)
		x.answer, x.ok = fmt.Sprint(rec.Code, " ", rec.Body.String()), rec.Code == http.StatusOK
		calls.add(x)
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes()) // the client may have gone
	}))
	t.Cleanup(front.Close)
	b.url = front.URL
	settings := aws.Config{
		Region: "us-east-1", BaseEndpoint: &b.url, Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
		RetryMaxAttempts: 1, // what fails once is a failure
	}
	b.v2, b.classic = sdk.NewFromConfig(settings), classic.NewFromConfig(settings)
	return b
}

// newAccount makes an account with an administrator's key.
func (r *running) newAccount(t *testing.T, calls *trail) *bench {
	t.Helper()
	var account Account
	var key Key
	if err := r.client.Do(t.Context(), "POST", "accounts", NewAccount{Name: t.Name()}, &account); err != nil {
		t.Fatal(err)
	}
	if err := r.client.Do(t.Context(), "POST", "keys", NewKey{Account: account.ID, Name: "test", Role: org.Admin}, &key); err != nil {
		t.Fatal(err)
	}
	return r.bench(t, account.ID, key.ID, key.Secret, calls)
}

func (b *bench) ctx() context.Context { return b.t.Context() }

// An organisation is a server of its own: its management account, the account
// that is to be the delegated administrator, and one that is to be its member.
type organisation struct{ management, admin, member *bench }

// organisation starts one. Steps of it are taken: 1, the administrator is
// named; 2, the member is associated.
func (b *bench) organisation(steps int) organisation {
	b.t.Helper()
	r := start(b.t, nil, nil)
	o := organisation{
		r.bench(b.t, r.account, r.key, r.secret, b.trail), r.newAccount(b.t, b.trail), r.newAccount(b.t, b.trail),
	}
	if steps > 0 {
		must(o.management.v2.EnableDelegatedAdminAccount(b.ctx(), &sdk.EnableDelegatedAdminAccountInput{DelegatedAdminAccountId: &o.admin.account}))
	}
	if steps > 1 {
		must(o.admin.v2.AssociateMember(b.ctx(), &sdk.AssociateMemberInput{AccountId: &o.member.account}))
	}
	return o
}

// scan hands in a scan result, as "assay scan --server" does.
func (b *bench) scan(sub monitor.Submission) {
	b.t.Helper()
	c := b.server.as(b.t, b.key, b.secret)
	var sum monitor.Summary
	if err := c.Do(b.ctx(), "POST", "scans", sub, &sum); err != nil {
		b.t.Fatal(err)
	}
	b.trail.add(exchange{operation: "POST /assay/v1/scans", ok: true})
}

// turns checks that what look tells becomes another by the change.
func (b *bench) turns(look func() string, before string, change func(), after string) {
	b.t.Helper()
	if got := look(); got != before {
		b.t.Errorf("before: %q, want %q", got, before)
	}
	change()
	if got := look(); got != after {
		b.t.Errorf("after: %q, want %q", got, after)
	}
}

// failure is what must panics with, so that a test reads as a list of calls.
type failure struct{ err error }

// must returns the answer of a call that may not fail.
func must[T any](out T, err error) T {
	if err != nil {
		panic(failure{err})
	}
	return out
}

// caught ends a test in which a call failed that may not.
func caught(t *testing.T) {
	t.Helper()
	switch p := recover().(type) {
	case nil:
	case failure:
		t.Fatal(p.err)
	default:
		panic(p)
	}
}

// refused returns the name of the exception that the client has understood;
// "" when the call was answered.
func refused[T any](_ T, err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	default:
		return err.Error()
	}
}

// is tells whether an error is the exception of this type of the SDK.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// joined sorts texts and makes one of them.
func joined(list []string) string {
	slices.Sort(list)
	return strings.Join(list, ", ")
}
