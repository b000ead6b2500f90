package server

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// CurrentSession is who is signed in and what the page has to know to begin.
type CurrentSession struct {
	Account     string            `json:"account"`
	AccountName string            `json:"accountName"`
	Name        string            `json:"name"`
	Role        org.Role          `json:"role"`
	Actions     []string          `json:"actions"`                // that the role allows, whole names, sorted
	Management  bool              `json:"management"`             // the account is that of the organisation
	Admin       string            `json:"delegatedAdministrator"` // its account; empty: there is none
	Region      string            `json:"region"`
	Version     string            `json:"version"`
	URL         string            `json:"url"` // of the server
	Advisories  SessionAdvisories `json:"advisories"`
	Expires     time.Time         `json:"expires"`
}

// SessionAdvisories is how old the advisories are that findings are made of.
type SessionAdvisories struct {
	Built      time.Time `json:"built"`
	Starter    bool      `json:"starter"` // the small set that comes with Assay
	Advisories int       `json:"advisories"`
}

// startSession gives the holder of an access key a session.
func (s *server) startSession(ctx context.Context, w http.ResponseWriter, _ *http.Request, _ []byte) error {
	c := api.CallerOf(ctx)
	var secret string
	var session store.Session
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		secret, session, err = tx.StartSession(ctx, org.Only(c.Account), c.Key, s.front.Now())
		return err
	})
	if err != nil {
		return err
	}
	out, err := s.currentSession(ctx, c, session.Expires)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(secret, session.Expires))
	return answer(w, out)
}

// showSession answers who is signed in.
func (s *server) showSession(ctx context.Context, w http.ResponseWriter, _ *http.Request, _ []byte) error {
	c := api.CallerOf(ctx)
	out, err := s.currentSession(ctx, c, c.Expires)
	if err != nil {
		return err
	}
	return answer(w, out)
}

// endOwnSession signs out.
func (s *server) endOwnSession(ctx context.Context, w http.ResponseWriter, r *http.Request, _ []byte) error {
	cookie, err := r.Cookie(api.SessionCookie)
	if err != nil {
		return err
	}
	if err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.SignOut(ctx, cookie.Value) }); err != nil {
		return err
	}
	http.SetCookie(w, s.cookie("", time.Unix(0, 0)))
	return answer(w, nil)
}

// cookie returns the cookie of a session, which the browser sends back only to
// this server and only with what its own page asks for.
func (s *server) cookie(secret string, expires time.Time) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure unless the server speaks plain text, as on loopback
		Name: api.SessionCookie, Value: secret, Path: "/", Expires: expires, HttpOnly: true,
		Secure: strings.HasPrefix(s.URL, "https:"), SameSite: http.SameSiteStrictMode,
	}
}

func (s *server) currentSession(ctx context.Context, c api.Caller, expires time.Time) (CurrentSession, error) {
	o, err := s.store.Organization(ctx)
	if err != nil {
		return CurrentSession{}, err
	}
	account, err := s.store.Account(ctx, c.Account)
	if err != nil {
		return CurrentSession{}, err
	}
	known, release := s.library.lend()
	h := known.Header()
	release()
	out := CurrentSession{
		Account: account.ID.String(), AccountName: account.Name, Name: c.Name, Role: c.Role, Actions: s.actions(c.Role),
		Management: account.ID == o.Management, Region: s.Region, Version: s.Version, URL: s.URL, Expires: expires.UTC(),
		Advisories: SessionAdvisories{Built: h.Built, Starter: h.Starter, Advisories: h.Advisories},
	}
	if o.Admin != 0 {
		out.Admin = o.Admin.String()
	}
	return out, nil
}

// actions returns what a role may do of everything that can be done here.
func (s *server) actions(role org.Role) []string {
	var out []string
	for _, surface := range s.front.Surfaces {
		for _, op := range surface.Service.Operations {
			out = append(out, op.Action)
		}
	}
	for _, r := range allRoutes() {
		out = append(out, r.action)
	}
	out = slices.DeleteFunc(out, func(action string) bool { return !role.Allows(action) })
	slices.Sort(out)
	return slices.Compact(out)
}
