package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// Options are what a Front is made of.
type Options struct {
	Surfaces []Surface
	Store    *store.Store
	Trail    *Trail
	Region   string // that signatures must name
	Limits   Limits
	// Guesses is how many attempts to sign in are looked at, of one address or,
	// with IPv6, of one subnet; zero: 1 a second, 10 at once.
	Guesses  Limit
	Deadline time.Duration    // of one operation; 0: a minute
	Observe  func(Call)       // called once for each call when it is answered; nil: none
	Log      *slog.Logger     // errors that callers are not told
	Now      func() time.Time // the clock
}

// A Surface is an API and the functions that do its operations, by name.
type Surface struct {
	Service  *wire.Service
	Handlers map[string]wire.Handler
}

// A Call is what is known of a call when it has been answered.
type Call struct {
	Service   string // "inspector2"; "assay" for our own; empty for a request that asks for no operation
	Operation string // "ListFindings"
	Action    string // "inspector2:ListFindings"
	Account   org.Account
	Status    int
	Error     string // name of the exception; empty: none
	Duration  time.Duration
}

// Front serves Amazon's APIs: it finds the operation that a request asks for,
// verifies who asks, checks that they may and not too often, has it done, keeps
// the record, and answers. The address of a caller is r.RemoteAddr: behind a
// proxy, what comes before the Front must set it.
type Front struct {
	Options
	keys     *store.Keyring
	limiter  *limiter
	guesses  *limiter // apart from the others, so that who guesses cannot make it forget callers
	services []*wire.Service
	handlers map[*wire.Service]map[string]wire.Handler
}

const defaultDeadline = time.Minute

var defaultGuesses = Limit{PerSecond: 1, Burst: 10}

// New returns a Front.
func New(o Options) *Front {
	o.Deadline = cmp.Or(o.Deadline, defaultDeadline)
	f := &Front{
		Options: o, keys: store.NewKeyring(o.Store), limiter: newLimiter(o.Limits),
		guesses:  newLimiter(Limits{Refused: cmp.Or(o.Guesses, defaultGuesses)}),
		handlers: map[*wire.Service]map[string]wire.Handler{},
	}
	for _, s := range o.Surfaces {
		f.services = append(f.services, s.Service)
		f.handlers[s.Service] = s.Handlers
	}
	return f
}

const requestIDHeader = "X-Amzn-Requestid" // header names have no case

// ServeHTTP answers a call of one of the APIs.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := f.Now()
	id := uuid.NewString()
	w.Header().Set(requestIDHeader, id)
	forBrowsers(w, r)
	op, err := wire.Route(f.services, r)
	if err != nil {
		op.Fail(w, err)
		name, status := "", 0
		if e, ok := errors.AsType[*wire.Error](err); ok {
			name, status = e.Fault()
		}
		f.observe(Call{Status: status, Error: name, Duration: f.Now().Sub(began)})
		return
	}
	x := f.begin(r, id, op.Action, op.ReadOnly, began)
	a := &answer{header: http.Header{}}
	err = x.guard(r.Context(), func() error { return x.operation(op, a, r) })
	if err == nil {
		err = x.keep(r.Context(), store.Success, "")
	} else {
		name, message, status := op.Told(err)
		x.log(r.Context(), err, status)
		if kept := x.keep(r.Context(), name, message); kept != nil {
			err = kept
		}
	}
	if err != nil {
		*a = answer{header: http.Header{}}
		x.retryAfter(a.header)
		op.Fail(a, err)
		x.record.Result, _, _ = op.Told(err)
	}
	a.send(w)
	x.observe(op.Service().Name, op.Name, a.status)
}

// exchange is one call on its way.
type exchange struct {
	front     *Front
	caller    Caller
	record    store.AuditRecord
	began     time.Time
	reached   bool          // the operation was begun
	unnoticed bool          // refused too often to be recorded
	wait      time.Duration // until the caller may call again
}

func (f *Front) begin(r *http.Request, id, action string, readOnly bool, now time.Time) *exchange {
	address, _ := netip.ParseAddrPort(r.RemoteAddr) // the zero address if it is none, as of a socket file
	const longest = 512                             // bytes of what a client says of itself
	agent := r.UserAgent()
	agent = agent[:min(len(agent), longest)]
	ip := address.Addr().Unmap()
	x := &exchange{
		front: f, began: now,
		caller: Caller{Region: f.Region, Address: ip, Agent: agent, Request: id},
		record: store.AuditRecord{
			At: now, Action: action, Event: uuid.NewString(), Request: id, Region: f.Region, Agent: agent, ReadOnly: readOnly,
		},
	}
	if ip.IsValid() {
		x.record.Address = ip.String()
	}
	return x
}

// guard runs f and makes a panic of it an error.
func (x *exchange) guard(ctx context.Context, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			x.front.Log.LogAttrs(ctx, slog.LevelError, "call panicked", slog.String("request_id", x.caller.Request),
				slog.String("action", x.record.Action), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = errPanic
		}
	}()
	return f()
}

var errPanic = errors.New("the call panicked")

// operation does one operation and writes its answer to a.
func (x *exchange) operation(op *wire.Operation, a *answer, r *http.Request) error {
	f := x.front
	body, err := wire.ReadBody(r, wire.MaxBody)
	if err != nil {
		return err
	}
	if err := x.identify(r, body, op.Service().Signing); err != nil {
		return err
	}
	if err := x.permit(); err != nil {
		return err
	}
	in, err := op.Decode(r, body)
	if err != nil {
		return err
	}
	if x.record.Input, err = op.Audit(in); err != nil {
		return err
	}
	handler := f.handlers[op.Service()][op.Name]
	if handler == nil {
		return fmt.Errorf("no handler for %s", op.Action)
	}
	ctx, cancel := context.WithTimeout(r.Context(), f.Deadline)
	defer cancel()
	x.reached = true
	return x.once(WithCaller(ctx, x.caller), op, in, func(ctx context.Context) ([]byte, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, err
		}
		if !op.ReadOnly {
			if x.record.Output, err = op.AuditOutput(out); err != nil {
				return nil, err
			}
		}
		err = op.Encode(a, out)
		return a.body.Bytes(), err
	}, a)
}

// once does an operation, or, when an equal call with its idempotency token has
// been answered before, gives that answer again.
func (x *exchange) once(ctx context.Context, op *wire.Operation, in any, do func(context.Context) ([]byte, error), a *answer) error {
	token := op.Token(in)
	if token == "" {
		_, err := do(ctx)
		return err
	}
	request, err := op.Whole(in)
	if err != nil {
		return err
	}
	f := x.front
	call := store.Call{Account: x.caller.Account, Operation: op.Action, Token: token, Request: request}
	earlier, ok, err := f.Store.ClaimCall(ctx, call, f.Now())
	if err != nil {
		return err
	}
	if ok {
		a.header.Set("Content-Type", "application/json")
		a.WriteHeader(op.Status)
		_, err := a.Write(earlier)
		return err
	}
	answered := false
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	defer func() { // also after a panic
		if !answered {
			if err := f.Store.ReleaseCall(after, call); err != nil {
				x.log(ctx, err, http.StatusInternalServerError)
			}
		}
	}()
	body, err := do(ctx)
	if err != nil {
		return err
	}
	err = f.Store.AnswerCall(after, call, body, f.Now())
	answered = err == nil
	return err
}

// afterwards is how long what follows an operation may take: the caller may
// have gone, but what was done is to be recorded.
const afterwards = 30 * time.Second

// keep records the call. The record of one that may have changed something is
// written before it is answered: if that fails, the caller is not told that all
// is well.
func (x *exchange) keep(ctx context.Context, result, message string) error {
	x.record.Result, x.record.Message = result, message
	switch {
	case x.unnoticed:
		return nil
	case x.record.ReadOnly || !x.reached:
		x.front.Trail.Add(x.record)
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	err := x.front.Trail.Keep(ctx, x.record)
	if err != nil {
		x.front.Log.LogAttrs(ctx, slog.LevelError, "record of a call not written", slog.String("request_id", x.caller.Request),
			slog.String("action", x.record.Action), slog.String("who", x.record.Who), slog.String("result", result),
			slog.String("input", string(x.record.Input)), slog.Any("error", err))
	}
	return err
}

// log notes an error whose text the caller is not told.
func (x *exchange) log(ctx context.Context, err error, status int) {
	if status < http.StatusInternalServerError || errors.Is(err, errPanic) || errors.Is(err, context.Canceled) {
		return
	}
	x.front.Log.LogAttrs(ctx, slog.LevelError, "call failed", slog.String("request_id", x.caller.Request),
		slog.String("action", x.record.Action), slog.String("account", x.caller.Account.String()), slog.Any("error", err))
}

// retryAfter tells a caller who was too fast when to try again.
func (x *exchange) retryAfter(h http.Header) {
	if x.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(x.wait.Seconds()))))
	}
}

func (x *exchange) observe(service, operation string, status int) {
	c := Call{
		Service: service, Operation: operation, Action: x.record.Action, Account: x.caller.Account, Status: status,
		Duration: x.front.Now().Sub(x.began),
	}
	if x.record.Result != store.Success {
		c.Error = x.record.Result
	}
	x.front.observe(c)
}

func (f *Front) observe(c Call) {
	if f.Observe != nil {
		f.Observe(c)
	}
}

// permit checks that the caller's role allows the action, and that the caller
// does not call too often.
func (x *exchange) permit() error {
	if !x.caller.Role.Allows(x.record.Action) {
		return x.denied()
	}
	return x.pace()
}

// pace refuses who calls too often.
func (x *exchange) pace() error {
	kind := writes
	if x.record.ReadOnly {
		kind = reads
	}
	var ok bool
	if x.wait, ok = x.front.limiter.take(x.caller.Key, kind, x.front.Now()); !ok {
		return fault.New(fault.Throttle, "Rate exceeded")
	}
	return nil
}

func (x *exchange) denied() error {
	return fault.New(fault.Denied,
		"User: %s is not authorized to perform: %s because no identity-based policy allows the %s action",
		x.record.Who, x.record.Action, x.record.Action)
}

// answer holds an answer until the call is recorded.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the header, to be changed.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status; the first counts.
func (a *answer) WriteHeader(status int) { a.status = cmp.Or(a.status, status) }

// Write adds to the body.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// send gives the answer to the caller.
func (a *answer) send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(cmp.Or(a.status, http.StatusOK))
	_, _ = w.Write(a.body.Bytes()) // the caller has gone; nobody is left to tell
}
