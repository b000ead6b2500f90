package server

import (
	"context"
	"hash/maphash"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/assay-project/assay/internal/agent"
	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// Kinds of objects.
const (
	agentKind      = "agent"
	enrollmentKind = "enrollment"
)

// agentSweepJob finds agents that have fallen silent.
const agentSweepJob = "agent_sweep"

// maxWord bounds the bodies of calls other than reports, in bytes, and
// maxPlainWord what they unpack to: some of them anybody may make.
const (
	maxWord      = 64 << 10
	maxPlainWord = 16 * maxWord
)

// agents is what the server has of agents.
type agents struct {
	server  *server
	now     func() time.Time
	started time.Time

	// Reports of one agent are taken one after the other, or one that was sent
	// again because its answer was lost could come after a newer one.
	turns [256]sync.Mutex
	seed  maphash.Seed

	mu     sync.Mutex
	notes  map[agentKey]agentNote // that are not written yet
	limits map[agentKey]*rate.Limiter
}

type agentKey struct {
	account org.Account
	id      string
}

// An agentNote is what came of an agent since what is kept of it was written. If
// it is lost with the process, the agent is asked for its whole inventory.
type agentNote struct {
	at     time.Time // of the last sign of life
	beat   *agent.Beat
	report *agentReport
}

// An agentReport is the last report of an agent.
type agentReport struct {
	at       time.Time
	revision string
	packages int
	host     agent.Host
}

func newAgents(s *server) *agents {
	return &agents{server: s, now: time.Now, started: time.Now(), seed: maphash.MakeSeed(), notes: map[agentKey]agentNote{}, limits: map[agentKey]*rate.Limiter{}}
}

// agentRoutes are the operations on agents.
var agentRoutes = []route{
	{"POST /assay/v1/enrollments", "assay:CreateEnrollment", everybody, (*server).createEnrollment},
	{"GET /assay/v1/enrollments", "assay:ListEnrollments", everybody, (*server).listEnrollments},
	{"DELETE /assay/v1/enrollments/{id}", "assay:DeleteEnrollment", everybody, (*server).deleteEnrollment},
	{"GET /assay/v1/agents", "assay:ListAgents", everybody, (*server).listAgents},
	{"DELETE /assay/v1/agents/{id}", "assay:DeleteAgent", everybody, (*server).deleteAgent},
}

// work returns the jobs on agents.
func (p *agents) work() workload {
	return workload{
		handlers:  map[string]work.Handler{agentSweepJob: p.sweep},
		schedules: []store.Schedule{{Name: agentSweepJob, Every: time.Minute, Job: store.Job{Kind: agentSweepJob, Key: agentSweepJob}}},
	}
}

// hooks adds what answers requests that are not signed, and heartbeats and
// reports, which are too many for each to be recorded before it is answered.
func (p *agents) hooks(mux *http.ServeMux, g gate) {
	for _, h := range []struct {
		path string
		most int64 // bytes of a body
		do   func(r request) (any, error)
	}{
		{"enroll", maxWord, p.enrollHook},
		{"agents/heartbeat", maxWord, p.heartbeatHook},
		{"agents/inventory", api.MaxOwnBody, p.inventoryHook},
	} {
		answering := func(w http.ResponseWriter, r *http.Request) {
			now := p.now()
			body, err := wire.ReadBody(r, h.most)
			var out any
			if err == nil {
				out, err = h.do(request{Request: r, body: body, now: now})
			}
			if err == nil {
				err = answer(w, out)
			}
			if err != nil {
				p.complain(w, r, err)
			}
		}
		mux.Handle("POST /assay/v1/"+h.path, g.guard(http.HandlerFunc(answering), h.most))
	}
}

// flushNotesEvery is how often what came of agents is written.
const flushNotesEvery = 5 * time.Second

// loop writes what came of agents until the context ends.
func (p *agents) loop(ctx context.Context) {
	tick := time.NewTicker(flushNotesEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushNotesEvery)
			defer cancel()
			p.logged(last, p.flush(last))
			return
		case <-tick.C:
			p.logged(ctx, p.flush(ctx))
		}
	}
}

func (p *agents) logged(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		p.server.log.LogAttrs(ctx, slog.LevelError, "writing what came of agents", slog.Any("error", err))
	}
}

// An agentDoc is what is kept of an agent.
type agentDoc struct {
	Key        string            `json:"key"` // access key, not its secret
	Version    string            `json:"version,omitempty"`
	Host       agent.Host        `json:"host"`
	Labels     map[string]string `json:"labels,omitempty"`
	Enrollment string            `json:"enrollment"` // by which it came
	Enrolled   time.Time         `json:"enrolled"`
	Heartbeat  float64           `json:"heartbeat"` // seconds; that it was told to keep
	FullEvery  float64           `json:"fullEvery"` // seconds

	Every    float64   `json:"every,omitempty"` // seconds; that it keeps
	Seen     time.Time `json:"seen"`
	Reported time.Time `json:"reported,omitzero"`
	Revision string    `json:"revision,omitempty"`
	Packages int       `json:"packages,omitempty"`
	Waiting  int       `json:"waiting,omitempty"`
	Trouble  string    `json:"trouble,omitempty"`
	// Stale is the coverage that its host had before it fell silent; nil while
	// it speaks.
	Stale *store.Coverage `json:"stale,omitempty"`
}

// every returns the time between two heartbeats.
func (d agentDoc) every() time.Duration {
	s := d.Every
	if s < 1 || s > time.Hour.Seconds() {
		s = d.Heartbeat
	}
	return time.Duration(s * float64(time.Second))
}

// missed is how many heartbeats may be missing.
const missed = 3

// patience returns how long an agent may be silent. What is kept of it is
// written now and then only, however often it speaks.
func (d agentDoc) patience() time.Duration {
	return missed * max(d.every(), flushNotesEvery)
}

// note takes note of what came of an agent.
func (d *agentDoc) note(n agentNote) {
	if n.at.After(d.Seen) {
		d.Seen = n.at
	}
	if b := n.beat; b != nil {
		d.Every, d.Waiting, d.Trouble = b.Every, b.Waiting, clipped(b.Trouble, 1000)
		if b.Version != "" {
			d.Version = clipped(b.Version, 100)
		}
	}
	if r := n.report; r != nil && r.at.After(d.Reported) {
		d.Reported, d.Revision, d.Packages, d.Host = r.at, r.revision, r.packages, r.host
	}
}

// note keeps in memory what came of an agent, until the next flush.
func (p *agents) note(k agentKey, n agentNote) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.notes[k]
	if n.beat == nil {
		n.beat = old.beat
	}
	if n.report == nil {
		n.report = old.report
	}
	p.notes[k] = n
}

// How often an agent may call. It has a buffer to send after an outage.
const (
	callsPerSecond = 10
	callsAtOnce    = 300
	maxLimits      = 20_000
)

// admit refuses an agent that calls too often.
func (p *agents) admit(k agentKey, now time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.limits[k]
	if l == nil {
		if len(p.limits) >= maxLimits {
			clear(p.limits)
		}
		l = rate.NewLimiter(callsPerSecond, callsAtOnce)
		p.limits[k] = l
	}
	if !l.AllowN(now, 1) {
		return fault.New(fault.Throttle, "Rate exceeded")
	}
	return nil
}

// clipped returns the beginning of a text of a client.
func clipped(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return string([]rune(s))
}

// resource returns the machine that an agent speaks for, as it is found in the
// store.
func (p *agents) resource(o store.Object) resource.Resource {
	return resource.Resource{Type: resource.Instance, ID: o.Parent, Account: o.Account.String(), Region: p.server.Region}
}

// caller returns the agent that makes a call. Its key must be the one that it was
// given last.
func (p *agents) caller(ctx context.Context, c api.Caller) (store.Object, agentDoc, error) {
	denied := fault.New(fault.Denied, "This key is not that of an agent: only a host that was enrolled may do this.")
	if c.Role != org.Agent || c.Subject == "" {
		return store.Object{}, agentDoc{}, denied
	}
	k := agentKey{c.Account, c.Name}
	p.mu.Lock()
	n, noted := p.notes[k] // before reading: it may be written meanwhile, and read twice
	p.mu.Unlock()
	o, err := p.server.store.Object(ctx, org.Only(c.Account), agentKind, c.Name)
	if fault.KindOf(err) == fault.NotFound {
		return o, agentDoc{}, denied
	}
	if err != nil {
		return o, agentDoc{}, err
	}
	var d agentDoc
	if err := o.Decode(&d); err != nil {
		return o, d, err
	}
	if d.Key != c.Key || o.Parent != c.Subject {
		return o, d, denied
	}
	if noted {
		d.note(n)
	}
	return o, d, p.admit(k, p.now())
}

// change changes what is kept of an agent. One that is gone stays so.
func (p *agents) change(ctx context.Context, k agentKey, f func(d *agentDoc)) error {
	return p.server.store.Update(ctx, func(tx *store.Tx) error { return p.changeIn(ctx, tx, k, f) })
}

func (p *agents) changeIn(ctx context.Context, tx *store.Tx, k agentKey, f func(d *agentDoc)) error {
	scope := org.Only(k.account)
	o, err := tx.Object(ctx, scope, agentKind, k.id)
	if err != nil {
		return ignoreMissing(err)
	}
	var d agentDoc
	if err := o.Decode(&d); err != nil {
		return err
	}
	f(&d)
	o.Updated = p.now()
	return tx.Put(ctx, scope, o, d)
}

// complain answers a call of a hook that went wrong.
func (p *agents) complain(w http.ResponseWriter, r *http.Request, err error) {
	told := api.OwnError(err)
	level := slog.LevelInfo
	if told.Status == http.StatusInternalServerError {
		level = slog.LevelError
	}
	p.server.log.LogAttrs(r.Context(), level, "agent refused", slog.String("path", r.URL.Path), slog.String("from", r.RemoteAddr), slog.Any("error", err))
	api.SendJSON(w, told)
}
