package v2

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// The accounts of an office.
const (
	boss    = org.Account(111111111111) // the management account
	admin   = org.Account(222222222222) // the delegated administrator, once named
	clerk   = org.Account(333333333333) // its member, once associated
	alone   = org.Account(444444444444)
	nowhere = org.Account(999999999999) // no account at all
)

// office is a server with four accounts, all of which have the settings of new
// ones.
type office struct {
	Operations
	h   inspector2.Handlers
	now time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	o := &office{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	o.Operations = Operations{Store: s, Region: "eu-central-1", Now: func() time.Time { return o.now }}
	o.h = o.Handlers()
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		for _, a := range []org.Account{boss, admin, clerk, alone} {
			if err := tx.CreateAccount(t.Context(), store.Account{ID: a, Name: a.String(), Created: o.now}); err != nil {
				return err
			}
			if err := tx.SetSettings(t.Context(), org.Only(a), a, org.DefaultSettings(o.now), o.now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// organized is an office where admin administers clerk.
func organized(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	ask(t, o, boss, o.h.EnableDelegatedAdminAccount,
		&inspector2.EnableDelegatedAdminAccountRequest{DelegatedAdminAccountID: admin.String()})
	ask(t, o, admin, o.h.AssociateMember, &inspector2.AssociateMemberRequest{AccountID: clerk.String()})
	return o
}

func (o *office) as(t *testing.T, account org.Account) context.Context {
	t.Helper()
	scope, err := o.Store.ScopeOf(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	return api.WithCaller(t.Context(), api.Caller{Account: account, Scope: scope, Role: org.Admin, Region: o.Region})
}

// ask calls an operation, which must succeed, and makes sure that its answer
// can be sent.
func ask[I, O any](t *testing.T, o *office, as org.Account, f func(context.Context, *I) (*O, error), in *I) *O {
	t.Helper()
	out, err := f(o.as(t, as), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	encode(t, out)
	return out
}

func encode[O any](t *testing.T, out *O) string {
	t.Helper()
	b, err := wire.WriterOf[O](inspector2.New()).Append(nil, out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// answers checks what an operation answers, as it is sent.
func answers[I, O any](t *testing.T, o *office, as org.Account, f func(context.Context, *I) (*O, error), in *I, want string) {
	t.Helper()
	if diff := cmp.Diff(want, encode(t, ask(t, o, as, f, in))); diff != "" {
		t.Errorf("%T by %s (-want +got):\n%s", in, as, diff)
	}
}

// refuses checks which exception an operation answers.
func refuses[I, O any](t *testing.T, o *office, as org.Account, f func(context.Context, *I) (*O, error), in *I, want string) {
	t.Helper()
	_, err := f(o.as(t, as), in)
	if err == nil {
		t.Errorf("%T by %s is answered; want %s", in, as, want)
		return
	}
	exception := wire.Exception(nil)
	if !errors.As(err, &exception) {
		exception = inspector2.New().Raise(fault.KindOf(err), err.Error())
	}
	if name, _ := exception.Fault(); name != want {
		t.Errorf("%T by %s: %s (%v); want %s", in, as, name, err, want)
	}
}

const (
	denied   = "AccessDeniedException"
	invalid  = "ValidationException"
	missing  = "ResourceNotFoundException"
	clash    = "ConflictException"
	overFull = "ServiceQuotaExceededException"
)

func TestPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rows := strings.Fields("delta alpha echo bravo charlie")
	list := func(ctx context.Context, asked any, token string) ([]string, string, error) {
		return cut[string]{
			operation: "List", asked: asked, key: func(s string) string { return s }, descending: true,
			token: token, size: new(int32(2)), most: 3,
		}.page(ctx, o.Operations, rows)
	}
	var got []string
	var tokens []string
	for token := ""; ; {
		page, next, err := list(o.as(t, alone), "x", token)
		if err != nil {
			t.Fatal(err)
		}
		got, tokens = append(got, page...), append(tokens, next)
		if next == "" {
			break
		}
		token = next
	}
	if diff := cmp.Diff(strings.Fields("echo delta charlie bravo alpha"), got); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct {
		name  string
		as    org.Account
		asked any
		token string
		later time.Duration
	}{
		{name: "another caller", as: clerk, asked: "x", token: tokens[0]},
		{name: "other filters", as: alone, asked: "y", token: tokens[0]},
		{name: "no token", as: alone, asked: "x", token: "echo"},
		{name: "too late", as: alone, asked: "x", token: tokens[0], later: 25 * time.Hour},
	} {
		o.now = o.now.Add(tt.later)
		if _, _, err := list(o.as(t, tt.as), tt.asked, tt.token); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestARN(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-central-1":  "arn:aws:inspector2:eu-central-1:333333333333:connector/x",
		"cn-north-1":    "arn:aws-cn:inspector2:cn-north-1:333333333333:connector/x",
		"us-gov-west-1": "arn:aws-us-gov:inspector2:us-gov-west-1:333333333333:connector/x",
	} {
		if got := (Operations{Region: region}).arn(clerk, "connector/%s", "x"); got != want {
			t.Errorf("%s: %s", region, got)
		}
	}
}

func TestCheckTags(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range maxTags + 1 {
		many[strings.Repeat("k", i+1)] = ""
	}
	for _, tt := range []struct {
		tags map[string]string
		ok   bool
	}{
		{nil, true},
		{map[string]string{"Name": ""}, true},
		{map[string]string{"AWS:Name": "x"}, false},
		{map[string]string{"a\x00": "x"}, false},
		{map[string]string{"a": "\x00"}, false},
		{many, false},
	} {
		if err := checkTags(tt.tags); (err == nil) != tt.ok {
			t.Errorf("%v: %v", tt.tags, err)
		}
	}
}
