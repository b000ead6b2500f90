package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/api/sigv4"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

const (
	ownService = "assay" // prefix of our own actions
	// ownSigning is the service that signatures of our own calls name, so that
	// every AWS client can sign them.
	ownSigning  = "inspector2"
	ownDeadline = 15 * time.Minute
	// MaxOwnBody is how many bytes of a body are read of our own calls: what a
	// scan found in the largest images.
	MaxOwnBody = 64 << 20
)

// OwnHandler does one of our own operations. It answers by w, or returns an
// error and leaves w alone.
type OwnHandler func(ctx context.Context, w http.ResponseWriter, r *http.Request, body []byte) error

// Own returns the handler of an operation of our own API, which is named by its
// action, such as "assay:PutScan", and verified, permitted, limited and recorded
// like those of Amazon's APIs. Calls are signed for the service "inspector2", or
// come with the cookie of a session. GET and HEAD change nothing, and
// neither do actions that Get or List; the answers of others are held until the
// call is recorded. Errors are JSON objects with the members "message" and
// "code", which is the name of an exception.
func (f *Front) Own(action string, h OwnHandler) http.Handler {
	return f.own(action, own{most: MaxOwnBody, do: h, admit: func(x *exchange, r *http.Request, body []byte) error {
		if err := x.identify(r, body, ownSigning); err != nil {
			return err
		}
		return x.permit()
	}})
}

// own is an operation of our own interface.
type own struct {
	most  int64                                                 // bytes of a body
	admit func(x *exchange, r *http.Request, body []byte) error // finds out who calls and refuses whoever may not
	do    OwnHandler
}

func (f *Front) own(action string, o own) http.Handler {
	_, name, _ := strings.Cut(action, ":")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		w.Header().Set(requestIDHeader, id)
		forBrowsers(w, r)
		x := f.begin(r, id, action, onlyReads(r.Method, name), f.Now())
		a := &answer{header: http.Header{}}
		direct := &direct{ResponseWriter: w}
		var to http.ResponseWriter = a
		if x.record.ReadOnly {
			to = direct // a download may be long
		}
		err := x.guard(r.Context(), func() error { return x.own(o, to, r) })
		if err == nil {
			err = x.keep(r.Context(), store.Success, "")
		} else {
			told := OwnError(err)
			x.log(r.Context(), err, told.Status)
			if kept := x.keep(r.Context(), told.Name, told.Message); kept != nil {
				err = kept
			}
		}
		status := direct.status
		switch {
		case err != nil && direct.status != 0: // too late to say so; the client must see that it ends too soon
			x.observe(ownService, name, direct.status)
			panic(http.ErrAbortHandler)
		case err != nil:
			told := OwnError(err)
			x.record.Result, status = told.Name, told.Status
			x.retryAfter(w.Header())
			SendJSON(w, told)
		case !x.record.ReadOnly:
			a.send(w)
			status = a.status
		}
		x.observe(ownService, name, status)
	})
}

func (x *exchange) own(o own, w http.ResponseWriter, r *http.Request) error {
	body, err := wire.ReadBody(r, o.most)
	if err != nil {
		return err
	}
	if err := o.admit(x, r, body); err != nil {
		return err
	}
	if x.record.Input, err = json.Marshal(map[string]string{"method": r.Method, "path": r.URL.Path}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), ownDeadline)
	defer cancel()
	x.reached = true
	return o.do(WithCaller(ctx, x.caller), w, r, body)
}

// Authenticate returns who signed a request for the service "inspector2", or
// has the session whose cookie comes with it, if they may do the action. It
// neither limits nor records: that is for requests that are part of something
// larger. The error is a fault or a *wire.Error.
func (f *Front) Authenticate(r *http.Request, body []byte, action string) (Caller, error) {
	x := f.begin(r, uuid.NewString(), action, true, f.Now())
	if err := x.identify(r, body, ownSigning); err != nil {
		return Caller{}, err
	}
	if !x.caller.Role.Allows(action) {
		return Caller{}, x.denied()
	}
	return x.caller, nil
}

// identify finds out who calls by signature or, if there is none, by session.
func (x *exchange) identify(r *http.Request, body []byte, service string) error {
	if fromPage(r) {
		return x.session(r)
	}
	return x.verify(r, body, service)
}

// forBrowsers keeps what the page gets out of the browser's cache: it must be
// gone when the session has ended.
func forBrowsers(w http.ResponseWriter, r *http.Request) {
	if fromPage(r) {
		w.Header().Set("Cache-Control", "no-store")
	}
}

// verify finds out who signed a request for a service.
func (x *exchange) verify(r *http.Request, body []byte, service string) error {
	f := x.front
	x.record.Key = claimedKey(r)
	verifier := sigv4.Verifier[store.Holder]{Keys: f.keys}
	signed, err := verifier.Verify(r.Context(), r, sigv4.Call{Service: service, Body: body, Now: f.Now()})
	if refusal, ok := errors.AsType[*sigv4.Refusal](err); ok {
		return x.refuse(r, &wire.Error{Name: refusal.Exception, Status: refusal.Status(), Message: refusal.Message})
	}
	if err != nil {
		return err
	}
	x.known(signed.Scope, signed.KeyID, strings.HasPrefix(signed.KeyID, "ASIA"))
	if signed.Region != f.Region {
		return &wire.Error{
			Name: "InvalidSignatureException", Status: http.StatusForbidden,
			Message: "Credential should be scoped to the region of this server, '" + f.Region + "', not '" + clip(signed.Region) + "'.",
		}
	}
	return nil
}

// known notes who calls.
func (x *exchange) known(h store.Holder, key string, temporary bool) {
	c := &x.caller
	c.Account, c.Scope, c.Key, c.Role, c.Name, c.Subject = h.Account, h.Scope, key, h.Role, h.Name, h.Subject
	r := &x.record
	r.Account, r.Key, r.Role, r.Verified = h.Account, key, h.Role, true
	r.Who = principal(h.Account, h.Name, h.Role, temporary)
}

// refuse returns the error with which a call of an unknown caller is answered.
// Who calls too often so, is told no more, and not recorded either.
func (x *exchange) refuse(r *http.Request, err error) error {
	who := x.caller.Address.String()
	if !x.caller.Address.IsValid() {
		who = r.RemoteAddr
	}
	if wait, ok := x.front.limiter.take(who, refused, x.front.Now()); !ok {
		x.wait, x.unnoticed = wait, true
		return fault.New(fault.Throttle, "Rate exceeded")
	}
	return err
}

// claimedKey returns the access key that a request names; it may be anybody's.
func claimedKey(r *http.Request) string {
	_, credential, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !ok {
		credential = r.URL.Query().Get("X-Amz-Credential")
	}
	id, _, _ := strings.Cut(credential, "/")
	return clip(id)
}

// clip shortens what a caller wrote.
func clip(s string) string {
	const most = 128
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}

// onlyReads tells whether a call changes nothing: by its method, or by the name of
// its action where the body only says what is wanted.
func onlyReads(method, name string) bool {
	return method == http.MethodGet || method == http.MethodHead || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List")
}

// ownErrors are the answers to faults: names and statuses are those of
// inspector2.
var ownErrors = map[fault.Kind]wire.Error{
	fault.NotFound: {Name: "ResourceNotFoundException", Status: http.StatusNotFound},
	fault.Invalid:  {Name: "ValidationException", Status: http.StatusBadRequest},
	fault.Denied:   {Name: "AccessDeniedException", Status: http.StatusForbidden},
	fault.Conflict: {Name: "ConflictException", Status: http.StatusConflict},
	fault.Quota:    {Name: "ServiceQuotaExceededException", Status: http.StatusPaymentRequired},
	fault.Throttle: {Name: "ThrottlingException", Status: http.StatusTooManyRequests},
}

// OwnError returns the answer to an error of one of our own calls: a *wire.Error
// as it is, a fault by its kind, and of anything else only that it happened.
func OwnError(err error) *wire.Error {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*fault.Error](err); ok {
		if known, ok := ownErrors[e.Kind]; ok {
			known.Message = e.Text
			return &known
		}
	}
	return &wire.Error{
		Name: "InternalServerException", Status: http.StatusInternalServerError, Message: "An internal error occurred.",
	}
}

// SendJSON answers one of our own calls with an error.
func SendJSON(w http.ResponseWriter, e *wire.Error) {
	body, err := json.Marshal(map[string]string{"message": e.Message, "code": e.Name})
	if err != nil {
		body = []byte("{}") // texts are always JSON
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", e.Name)
	w.WriteHeader(e.Status)
	_, _ = w.Write(body) // the caller has gone; nobody is left to tell
}

// direct notes whether an answer has begun.
type direct struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes and passes on the status.
func (d *direct) WriteHeader(status int) {
	if d.status == 0 {
		d.status = status
	}
	d.ResponseWriter.WriteHeader(status)
}

// Write passes on a part of the body.
func (d *direct) Write(b []byte) (int, error) {
	if d.status == 0 {
		d.status = http.StatusOK
	}
	return d.ResponseWriter.Write(b)
}

// Unwrap returns what http.ResponseController is to work on.
func (d *direct) Unwrap() http.ResponseWriter { return d.ResponseWriter }
