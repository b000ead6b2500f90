package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"regexp"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

const (
	// SessionCookie is the name of the cookie with the secret of a session.
	SessionCookie = "assay_session"
	// PageHeader is a header that the page sends, with the value 1: no form and
	// no link of another site can make a browser send it.
	PageHeader = "X-Assay-Page"
	// MaxSignIn is how many bytes of a body are read of who signs in.
	MaxSignIn = 4 << 10
)

// signIn is the action of starting a session. No role has to allow it, since
// who does it has not said yet who that is.
const signIn = "assay:SignIn"

// Session returns the handler of an operation that everybody who has a session
// of the page may do, whatever the role: it is about that session. A signature
// is not looked at. The rest is as with Own.
func (f *Front) Session(action string, h OwnHandler) http.Handler {
	return f.own(action, own{most: MaxSignIn, do: h, admit: func(x *exchange, r *http.Request, _ []byte) error {
		if err := x.session(r); err != nil {
			return err
		}
		return x.pace()
	}})
}

// SignIn returns the handler of what somebody does to get a session who has an
// access key: the body is {"accessKeyId", "secretAccessKey"}. h has the holder
// of the key as its caller, and no body. The rest is as with Own.
func (f *Front) SignIn(h OwnHandler) http.Handler {
	return f.own(signIn, own{most: MaxSignIn, admit: (*exchange).prove, do: func(ctx context.Context, w http.ResponseWriter, r *http.Request, _ []byte) error {
		return h(ctx, w, r, nil) // the secret goes no further
	}})
}

// UseLink starts a session with a link that comes with a request, as UseLink of
// the store does, and records it. Denied: the link is of no use, or no longer;
// Throttle: there have been too many such requests of this address.
func (f *Front) UseLink(r *http.Request, link string) (secret string, session store.Session, err error) {
	x := f.begin(r, uuid.NewString(), signIn, false, f.Now())
	x.record.Input = json.RawMessage(`{"method":"GET","path":"/signin"}`)
	ctx := r.Context()
	err = x.guard(ctx, func() error {
		if err := x.guess(r); err != nil {
			return err
		}
		x.reached = true
		return f.Store.Update(ctx, func(tx *store.Tx) (err error) {
			secret, session, err = tx.UseLink(ctx, link, x.began)
			return err
		})
	})
	status := http.StatusSeeOther
	if err == nil {
		x.known(store.Holder{Account: session.Account, Name: session.Name, Role: session.Role}, sessionKey(session), true)
		err = x.keep(ctx, store.Success, "")
	} else {
		told := OwnError(err)
		status, x.reached = told.Status, false // nothing was done
		x.log(ctx, err, status)
		err = errors.Join(err, x.keep(ctx, told.Name, told.Message))
	}
	x.observe(ownService, "SignIn", status)
	return secret, session, err
}

// sessionKey is what a session is called where calls with a key have its id.
func sessionKey(s store.Session) string { return "session-" + s.ID }

// fromPage tells whether a request comes with what the page has in place of a
// signature.
func fromPage(r *http.Request) bool {
	if len(r.Header.Values("Authorization")) > 0 || r.URL.Query().Has("X-Amz-Signature") {
		return false
	}
	_, err := r.Cookie(SessionCookie)
	return err == nil || r.Header.Get(PageHeader) != ""
}

// session finds out who calls by the cookie.
func (x *exchange) session(r *http.Request) error {
	if err := x.sameOrigin(r); err != nil {
		return x.refuse(r, err)
	}
	f := x.front
	cookie, err := r.Cookie(SessionCookie)
	if err != nil {
		return x.refuse(r, errSignedOut)
	}
	holder, session, ok, err := f.keys.Session(r.Context(), cookie.Value, f.Now())
	if err != nil {
		return err
	}
	if !ok {
		return x.refuse(r, errSignedOut)
	}
	x.known(holder, sessionKey(session), true)
	x.caller.Expires = session.Expires
	return nil
}

// errSignedOut has a status of its own, by which the page knows that somebody
// has to sign in. Amazon's clients, for which it would be 403, have no cookies.
var errSignedOut = &wire.Error{
	Name: "ExpiredTokenException", Status: http.StatusUnauthorized, Message: "You are not signed in, or no longer. Sign in again.",
}

// sameOrigin refuses what another site makes a browser send, with the cookie.
// Every browser says where a request that changes something comes from, and only
// the page itself can add its header to one.
// Source: Fetch Metadata Request Headers, section "The Sec-Fetch-Site HTTP
// Request Header"; RFC 6454, section 7; Fetch Standard, section "CORS protocol",
// "CORS-safelisted request-header".
func (x *exchange) sameOrigin(r *http.Request) error {
	safe := x.record.ReadOnly && (r.Method == http.MethodGet || r.Method == http.MethodHead)
	site := r.Header.Get("Sec-Fetch-Site")
	foreign := site != "" && site != "same-origin" && site != "none"
	silent := site == "" && r.Header.Get("Origin") == ""
	switch {
	case foreign, !safe && silent, http.NewCrossOriginProtection().Check(r) != nil:
		return fault.New(fault.Denied, "The request comes from another site.")
	case !safe && r.Header.Get(PageHeader) != "1":
		return fault.New(fault.Denied, "The request lacks the header %s: 1, which the page sends.", PageHeader)
	}
	return nil
}

// prove finds out who signs in with an access key.
func (x *exchange) prove(r *http.Request, body []byte) error {
	if err := x.sameOrigin(r); err != nil {
		return x.refuse(r, err)
	}
	if err := x.guess(r); err != nil {
		return err
	}
	var in struct{ AccessKeyID, SecretAccessKey string }
	if json.Unmarshal(body, &in) != nil { // whose text could quote the secret
		return fault.New(fault.Invalid, "The body must be a JSON object with the texts accessKeyId and secretAccessKey.")
	}
	if keyID().MatchString(in.AccessKeyID) { // people take one field for the other
		x.record.Key = in.AccessKeyID
	}
	key, ok, err := x.front.keys.Key(r.Context(), in.AccessKeyID)
	if err != nil {
		return err
	}
	// What is compared has one length and is compared whole, and an unknown key
	// is answered as a wrong secret is.
	want, got := sha256.Sum256([]byte(key.Secret)), sha256.Sum256([]byte(in.SecretAccessKey))
	right := subtle.ConstantTimeCompare(want[:], got[:]) == 1
	now := x.front.Now()
	switch {
	case !ok || !right || !key.Expires.IsZero() && !now.Before(key.Expires):
		return &wire.Error{
			Name: "UnrecognizedClientException", Status: http.StatusForbidden,
			Message: "The access key or its secret is wrong, or the key is no longer in use.",
		}
	case len(key.TokenSum) > 0:
		return fault.New(fault.Denied, "A temporary key cannot sign in. Use a key whose id begins with AKIA.")
	}
	x.known(key.Scope, in.AccessKeyID, false)
	return nil
}

// keyID is what ids of access keys look like, so that nothing else is recorded
// as one.
var keyID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\AA[KS]IA[A-Z0-9]{16}\z`) })

// guess counts an attempt to sign in, by the network that it comes from, and
// refuses those that are too many. They are not recorded.
func (x *exchange) guess(r *http.Request) error {
	who := r.RemoteAddr // of a socket file
	if a := x.caller.Address; a.IsValid() {
		who = network(a)
	}
	var ok bool
	if x.wait, ok = x.front.guesses.take(who, refused, x.front.Now()); !ok {
		x.unnoticed = true
		return fault.New(fault.Throttle, "There have been too many attempts to sign in. Wait %d seconds.", int(x.wait/time.Second)+1)
	}
	return nil
}

// network returns the addresses that one machine may have as many of as it
// likes: with IPv6 that is a subnet.
// Source: RFC 4291, section 2.5.4: interface identifiers have 64 bits.
func network(a netip.Addr) string {
	const subnet = 64
	if a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(subnet)
	if err != nil {
		return a.String()
	}
	return p.String()
}
