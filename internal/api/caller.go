// Package api is the front of Amazon's APIs: it finds the operation that a
// request asks for, who asks, and whether they may, and keeps the record of it.
// The packages below it speak the protocol and do the operations.
package api

import (
	"context"
	"net/netip"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// Caller is who makes a call. Handlers find it in their context.
type Caller struct {
	Account org.Account
	Scope   org.Scope  // the accounts that it sees: its own and, for a delegated administrator, its members
	Key     string     // id of the access key, or of the session of the page
	Name    string     // of its holder
	Subject string     // the resource for which an agent speaks; empty: not bound to one
	Role    org.Role   // what it may do
	Region  string     // of the signature, which is that of the server
	Address netip.Addr // where the call comes from
	Agent   string     // the User-Agent header
	Request string     // id of the request
	Expires time.Time  // when the session of the page ends; zero with a key
}

// Narrow returns the part of the caller's scope that a request asks for: the
// accounts that it names, or the whole scope when it names none. The fault is
// Denied when the caller does not see one of them, and Invalid when one is no
// account id.
func (c Caller) Narrow(accounts ...string) (org.Scope, error) {
	if len(accounts) == 0 {
		return c.Scope, nil
	}
	named := make([]org.Account, len(accounts))
	for i, s := range accounts {
		a, err := org.ParseAccount(s)
		if err != nil {
			return org.Scope{}, fault.OnField("accountIds", "%q is not an account id", s)
		}
		if !c.Scope.Has(a) {
			return org.Scope{}, fault.New(fault.Denied, "Account %s has no access to account %s.", c.Account, a)
		}
		named[i] = a
	}
	return c.Scope.Narrow(named...), nil
}

type callerKey struct{}

// WithCaller returns a context in which CallerOf finds the caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns who makes the call of the context; the zero Caller, which
// sees nothing, if there is none.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
