package server

import (
	"context"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// scope returns the accounts that an operation is about, or refuses whoever may
// not ask for them.
func (s *server) scope(ctx context.Context, c api.Caller, about reach) (org.Scope, error) {
	if about == callersOwn {
		return org.Only(c.Account), nil
	}
	o, err := s.store.Organization(ctx)
	if err != nil {
		return org.Scope{}, err
	}
	switch {
	case c.Account == o.Management:
		return s.store.Everything(ctx)
	case about == installation:
		return org.Scope{}, fault.New(fault.Denied, "Only the management account, %s, may do this.", o.Management)
	}
	return org.Only(c.Account), nil
}

// Account is an account as our own interface shows it.
type Account struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Created    time.Time `json:"created"`
	Closed     time.Time `json:"closed,omitzero"`
	Management bool      `json:"management"`
	Admin      bool      `json:"delegatedAdministrator"`
}

// Accounts is the answer to a list of accounts.
type Accounts struct {
	Accounts []Account `json:"accounts"`
}

func (s *server) listAccounts(ctx context.Context, r request) (any, error) {
	o, err := s.store.Organization(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.store.Accounts(ctx, 0, 0)
	if err != nil {
		return nil, err
	}
	out := Accounts{Accounts: []Account{}}
	for _, a := range list {
		if r.scope.Has(a.ID) {
			out.Accounts = append(out.Accounts, Account{
				a.ID.String(), a.Name, a.Created, a.Closed, a.ID == o.Management, a.ID == o.Admin,
			})
		}
	}
	return out, nil
}

// NewAccount asks for an account.
type NewAccount struct {
	ID   string `json:"id,omitempty"` // 12 digits; by chance if empty
	Name string `json:"name"`
}

func (s *server) createAccount(ctx context.Context, r request) (any, error) {
	var in NewAccount
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	a := store.Account{ID: org.RandomAccount(), Name: in.Name, Created: r.now}
	if in.ID != "" {
		id, err := org.ParseAccount(in.ID)
		if err != nil {
			return nil, fault.OnField("id", "%v", err)
		}
		a.ID = id
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.CreateAccount(ctx, a); err != nil {
			return err
		}
		return tx.SetSettings(ctx, org.Only(a.ID), a.ID, org.DefaultSettings(r.now), r.now)
	})
	if err != nil {
		return nil, err
	}
	return Account{ID: a.ID.String(), Name: a.Name, Created: a.Created}, nil
}

func (s *server) closeAccount(ctx context.Context, r request) (any, error) {
	id, err := org.ParseAccount(r.PathValue("id"))
	if err != nil {
		return nil, fault.OnField("id", "%v", err)
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error { return tx.CloseAccount(ctx, id, r.now) })
}

// Key is an access key as our own interface shows it.
type Key struct {
	ID       string    `json:"id"`
	Account  string    `json:"account"`
	Name     string    `json:"name"`
	Role     org.Role  `json:"role"`
	Subject  string    `json:"subject,omitempty"` // resource for which an agent speaks
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires,omitzero"`
	Disabled time.Time `json:"disabled,omitzero"`
	Used     time.Time `json:"lastUsed,omitzero"`

	Secret  string `json:"secret,omitempty"`  // only in the answer that makes it
	Session string `json:"session,omitempty"` // token of a temporary key; the same
}

// Keys is the answer to a list of keys.
type Keys struct {
	Keys []Key `json:"keys"`
}

func showKey(k store.AccessKey) Key {
	return Key{
		ID: k.ID, Account: k.Account.String(), Name: k.Name, Role: k.Role, Subject: k.Subject,
		Created: k.Created, Expires: k.Expires, Disabled: k.Disabled, Used: k.Used,
	}
}

func (s *server) listKeys(ctx context.Context, r request) (any, error) {
	list, err := s.store.AccessKeys(ctx, r.scope, "", 0)
	if err != nil {
		return nil, err
	}
	out := Keys{Keys: []Key{}}
	for _, k := range list {
		out.Keys = append(out.Keys, showKey(k))
	}
	return out, nil
}

// NewKey asks for an access key.
type NewKey struct {
	Account   string   `json:"account,omitempty"` // the caller's if empty
	Name      string   `json:"name"`              // of the holder
	Role      org.Role `json:"role"`
	Subject   string   `json:"subject,omitempty"`
	Hours     float64  `json:"hours,omitempty"`     // after which it ends; 0: never
	Temporary bool     `json:"temporary,omitempty"` // valid only with a session token
}

// owner puts the account in that is named, if one is.
func (in NewKey) owner(to *org.Account) (err error) {
	if in.Account == "" {
		return nil
	}
	if *to, err = org.ParseAccount(in.Account); err != nil {
		return fault.OnField("account", "%v", err)
	}
	return nil
}

func (s *server) createKey(ctx context.Context, r request) (any, error) {
	var in NewKey
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	k := store.AccessKey{Account: r.caller.Account, Name: in.Name, Role: in.Role, Subject: in.Subject, Created: r.now}
	if err := in.owner(&k.Account); err != nil {
		return nil, err
	}
	if in.Hours < 0 || in.Hours > maxHours {
		return nil, fault.OnField("hours", "must be from 0 to %d", maxHours)
	}
	if in.Hours > 0 {
		k.Expires = r.now.Add(time.Duration(in.Hours * float64(time.Hour)))
	}
	var made store.Credentials
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if in.Temporary {
			made, err = tx.CreateTemporaryKey(ctx, r.scope, k)
		} else {
			made, err = tx.CreateKey(ctx, r.scope, k)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := showKey(k)
	out.ID, out.Secret, out.Session = made.ID, made.Secret, made.Token
	return out, nil
}

// maxHours bounds the life of a key that ends.
const maxHours = 10 * 365 * 24

// Rotation asks for another key in place of one.
type Rotation struct {
	OverlapHours float64 `json:"overlapHours,omitempty"` // how long the old one stays valid; 0: until it is disabled
}

func (s *server) rotateKey(ctx context.Context, r request) (any, error) {
	var in Rotation
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.OverlapHours < 0 || in.OverlapHours > maxHours {
		return nil, fault.OnField("overlapHours", "must be from 0 to %d", maxHours)
	}
	var out Key
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		overlap := time.Duration(in.OverlapHours * float64(time.Hour))
		made, err := tx.RotateKey(ctx, r.scope, r.PathValue("id"), overlap, r.now)
		if err != nil {
			return err
		}
		k, err := tx.AccessKey(ctx, r.scope, made.ID)
		out = showKey(k)
		out.Secret = made.Secret
		return err
	})
	return out, err
}

func (s *server) disableKey(ctx context.Context, r request) (any, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error { return tx.DisableKey(ctx, r.scope, r.PathValue("id"), r.now) })
}

func (s *server) deleteKey(ctx context.Context, r request) (any, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error { return tx.DeleteKey(ctx, r.scope, r.PathValue("id")) })
}

// SignIn is a session of the page, or a link that starts one.
type SignIn struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Name    string    `json:"name"`
	Role    org.Role  `json:"role"`
	Link    bool      `json:"unusedLink"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// SignIns is the answer to a list of sessions.
type SignIns struct {
	Sessions []SignIn `json:"sessions"`
}

func (s *server) listSessions(ctx context.Context, r request) (any, error) {
	list, err := s.store.Sessions(ctx, r.scope, r.now)
	if err != nil {
		return nil, err
	}
	out := SignIns{Sessions: []SignIn{}}
	for _, x := range list {
		out.Sessions = append(out.Sessions, SignIn{x.ID, x.Account.String(), x.Name, x.Role, x.Link, x.Created, x.Expires})
	}
	return out, nil
}

// Link is where somebody can sign in once.
type Link struct {
	URL string `json:"url"`
}

func (s *server) createSignIn(ctx context.Context, r request) (any, error) {
	var in NewKey
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	x := store.Session{Account: r.caller.Account, Name: in.Name, Role: in.Role, Created: r.now}
	if err := in.owner(&x.Account); err != nil {
		return nil, err
	}
	var secret string
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		secret, err = tx.CreateLink(ctx, r.scope, x)
		return err
	})
	return Link{s.URL + "/signin?link=" + secret}, err
}

func (s *server) endSession(ctx context.Context, r request) (any, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error { return tx.EndSession(ctx, r.scope, r.PathValue("id")) })
}

// Roles is what each role may do.
type Roles struct {
	Roles []org.Policy `json:"roles"`
}

func (s *server) listRoles(context.Context, request) (any, error) { return Roles{org.Policies()}, nil }
