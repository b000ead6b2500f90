package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/notify"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// Kinds of objects, and for what the secrets of sinks are sealed.
const (
	sinkKind    = "sink"
	sinkLogKind = "sink-log"
	sinkSecrets = "sinks"
)

// Limits of sinks.
const (
	maxSinks    = 100
	maxAttempts = 100         // that the log of one keeps
	noteEvery   = time.Second // attempts are written down
	sweepEvery  = time.Minute
	fixedSink   = "events" // the name of that of the configuration
)

var sinkName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`) })

// sinks is what the server has of sinks.
type sinks struct {
	quiet
	server *server

	mu     sync.Mutex
	opened map[string]notify.Sink // by name; each as its object was when it was opened
	noted  []notify.Attempt       // not yet written down
}

func newSinks(s *server) *sinks { return &sinks{server: s, opened: map[string]notify.Sink{}} }

// openNotifier makes the notifier, with the sinks of the configuration and
// those that are set up at run time.
func (s *server) openNotifier() error {
	s.notify = &notify.Notifier{
		Store: s.store, Render: s.render, More: s.sinks.current, Note: s.sinks.note, Now: time.Now, Log: s.log,
	}
	if s.Events == "" {
		return nil
	}
	sink, err := notify.Open(notify.Config{Name: fixedSink, Kind: "file", Place: s.Events})
	if err != nil {
		return fmt.Errorf("opening the file of events (see --events): %w", err)
	}
	s.notify.Sinks = []notify.Sink{sink}
	return nil
}

// sinkRoutes are the operations on sinks. What they send goes out of the
// server's own network, so that they are the management account's.
var sinkRoutes = []route{
	{"GET /assay/v1/sinks", "assay:ListSinks", installation, (*server).listSinks},
	{"POST /assay/v1/sinks", "assay:CreateSink", installation, (*server).createSink},
	{"GET /assay/v1/sinks/{name}", "assay:GetSink", installation, (*server).getSink},
	{"PUT /assay/v1/sinks/{name}", "assay:UpdateSink", installation, (*server).updateSink},
	{"DELETE /assay/v1/sinks/{name}", "assay:DeleteSink", installation, (*server).deleteSink},
	{"POST /assay/v1/sinks/{name}/test", "assay:TestSink", installation, (*server).testSink},
	{"POST /assay/v1/sinks/{name}/pause", "assay:UpdateSink", installation, (*server).pauseSink},
	{"POST /assay/v1/sinks/{name}/resume", "assay:UpdateSink", installation, (*server).resumeSink},
	{"GET /assay/v1/sinks/{name}/log", "assay:GetSink", installation, (*server).sinkLog},
}

// work returns the jobs on sinks.
func (p *sinks) work() workload { return workload{} }

// A sinkDoc is a sink as it is stored.
type sinkDoc struct {
	Config   notify.Config `json:"config"`
	Accounts []org.Account `json:"accounts,omitempty"`
	Sealed   []byte        `json:"sealed,omitempty"` // its secrets
	Kept     []string      `json:"kept,omitempty"`   // their names
}

// Sink is a receiver of events as our own interface shows it.
type Sink struct {
	notify.Config
	Accounts []string  `json:"accounts,omitempty"`
	Kept     []string  `json:"secrets,omitempty"` // names of the secrets that are kept
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	Waiting  int64     `json:"waiting"`           // events on their way
	Dead     int64     `json:"dead"`              // given up
	Oldest   time.Time `json:"oldest,omitzero"`   // of those that wait
	Problem  string    `json:"problem,omitempty"` // why it cannot be used
}

// Sinks is the answer to a list of sinks.
type Sinks struct {
	Sinks []Sink `json:"sinks"`
}

// NewSink asks for a sink, or for another in its place.
type NewSink struct {
	notify.Config
	notify.Secrets
	Accounts []string `json:"accounts,omitempty"`
}

// SinkLog is what came of the last attempts to hand events to a sink, the
// latest first.
type SinkLog struct {
	Attempts []notify.Attempt `json:"attempts"`
}

// outside is what sinks have of the world around them.
func (p *sinks) outside() notify.Outside {
	host, _ := os.Hostname() // without a name it is a dash
	return notify.Outside{
		Environment: os.Getenv, Stdout: p.server.Stdout, Host: host, Home: p.server.Region, Version: p.server.Version,
	}
}

// management returns the account whose the sinks are.
func (p *sinks) management(ctx context.Context) (org.Scope, org.Account, error) {
	o, err := p.server.store.Organization(ctx)
	return org.Only(o.Management), o.Management, err
}

// configuration returns that of a stored sink, secrets and all.
func (p *sinks) configuration(o store.Object) (c notify.Config, err error) {
	var doc sinkDoc
	if err := o.Decode(&doc); err != nil {
		return notify.Config{Name: o.ID, Paused: true}, err
	}
	c = doc.Config
	c.Accounts, c.Outside = doc.Accounts, p.outside()
	if c.Kind == "file" {
		dir := filepath.Join(p.server.Data, "events")
		c.Place = filepath.Join(dir, filepath.Base(c.Place))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return c, fmt.Errorf("making the folder of events: %w", err)
		}
	}
	c.Secrets, err = p.unseal(o.ID, doc.Sealed)
	return c, err
}

func (p *sinks) unseal(name string, sealed []byte) (out notify.Secrets, err error) {
	if len(sealed) == 0 {
		return out, nil
	}
	text, err := p.server.store.OpenSecret(sinkSecrets, name, sealed)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal([]byte(text), &out)
}

// open makes a stored sink ready. If it cannot be, events wait for it.
func (p *sinks) open(o store.Object) (notify.Sink, error) {
	c, err := p.configuration(o)
	var k notify.Sink
	if err == nil {
		k, err = notify.Open(c)
	}
	if err != nil {
		c.Name = o.ID
		k = notify.Unusable(c, err)
	}
	sum := sha256.Sum256(o.Doc)
	k.Revision = hex.EncodeToString(sum[:8])
	return k, err
}

// current returns the sinks that are set up.
func (p *sinks) current(ctx context.Context) ([]notify.Sink, error) {
	scope, _, err := p.management(ctx)
	if err != nil {
		return nil, err
	}
	list, err := p.server.store.Objects(ctx, scope, store.Objects{Kind: sinkKind})
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := map[string]notify.Sink{}
	var out []notify.Sink
	for _, o := range list {
		sum := sha256.Sum256(o.Doc)
		k, ok := p.opened[o.ID]
		if !ok || k.Revision != hex.EncodeToString(sum[:8]) {
			if k, err = p.open(o); err != nil {
				p.server.log.LogAttrs(ctx, slog.LevelWarn, "a sink cannot be used", slog.String("sink", o.ID), slog.Any("error", err))
			}
		}
		now[o.ID] = k
		out = append(out, k)
	}
	p.opened = now
	return out, nil
}

// note keeps what came of an attempt, to be written down soon.
func (p *sinks) note(a notify.Attempt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.noted = append(p.noted, a); len(p.noted) > maxSinks*maxAttempts {
		p.noted = p.noted[len(p.noted)/2:]
	}
}

// loop writes down attempts, and drops what waits for sinks that are no more,
// until the context ends.
func (p *sinks) loop(ctx context.Context) {
	write, sweep := time.NewTicker(noteEvery), time.NewTicker(sweepEvery)
	defer write.Stop()
	defer sweep.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			if err := p.writeLogs(context.WithoutCancel(ctx)); err != nil {
				p.server.log.LogAttrs(ctx, slog.LevelWarn, "writing the log of sinks failed", slog.Any("error", err))
			}
			return
		case <-write.C:
			err = p.writeLogs(ctx)
		case <-sweep.C:
			err = p.sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			p.server.log.LogAttrs(ctx, slog.LevelWarn, "keeping the sinks in order failed", slog.Any("error", err))
		}
	}
}

// writeLogs writes down attempts.
func (p *sinks) writeLogs(ctx context.Context) error {
	p.mu.Lock()
	noted := p.noted
	p.noted = nil
	p.mu.Unlock()
	if len(noted) == 0 {
		return nil
	}
	bySink := map[string][]notify.Attempt{}
	for _, a := range slices.Backward(noted) { // the latest first
		bySink[a.Sink] = append(bySink[a.Sink], a)
	}
	scope, owner, err := p.management(ctx)
	if err != nil {
		return err
	}
	return p.server.store.Update(ctx, func(tx *store.Tx) error {
		there, err := tx.Objects(ctx, scope, store.Objects{Kind: sinkKind})
		if err != nil {
			return err
		}
		for _, sink := range there {
			if bySink[sink.ID] == nil {
				continue
			}
			o := store.Object{Kind: sinkLogKind, Account: owner, ID: sink.ID, Created: sink.Created}
			var log SinkLog
			if old, err := tx.Object(ctx, scope, sinkLogKind, sink.ID); err == nil {
				o = old
				if err := old.Decode(&log); err != nil {
					return err
				}
			} else if fault.KindOf(err) != fault.NotFound {
				return err
			}
			log.Attempts = slices.Concat(bySink[sink.ID], log.Attempts)
			log.Attempts = log.Attempts[:min(len(log.Attempts), maxAttempts)]
			o.Updated = log.Attempts[0].At
			if err := tx.Put(ctx, scope, o, log); err != nil {
				return err
			}
		}
		return nil
	})
}

// sweep drops what waits for sinks that are no more: another node may have
// handed something out to a sink while it was being deleted.
func (p *sinks) sweep(ctx context.Context) error {
	waiting, err := p.server.store.Waitings(ctx)
	if err != nil {
		return err
	}
	scope, _, err := p.management(ctx)
	if err != nil {
		return err
	}
	list, err := p.server.store.Objects(ctx, scope, store.Objects{Kind: sinkKind}) // after what waits: none is missing
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if w.Sink == "" || w.Sink == fixedSink || slices.ContainsFunc(list, func(o store.Object) bool { return o.ID == w.Sink }) {
			continue
		}
		if err := p.server.store.Update(ctx, func(tx *store.Tx) error { return tx.Forget(ctx, w.Sink) }); err != nil {
			return err
		}
	}
	return nil
}

// show returns sinks as our interface shows them.
func (p *sinks) show(ctx context.Context, list []store.Object) ([]Sink, error) {
	waiting, err := p.server.store.Waitings(ctx)
	if err != nil {
		return nil, err
	}
	out := []Sink{}
	for _, o := range list {
		var doc sinkDoc
		if err := o.Decode(&doc); err != nil {
			return nil, err
		}
		k := Sink{Config: doc.Config, Kept: doc.Kept, Created: o.Created, Updated: o.Updated}
		for _, a := range doc.Accounts {
			k.Accounts = append(k.Accounts, a.String())
		}
		for _, w := range waiting {
			if w.Sink == o.ID {
				k.Waiting, k.Dead, k.Oldest = w.Events, w.Dead, w.Oldest
			}
		}
		if _, err := p.unseal(o.ID, doc.Sealed); err != nil {
			k.Problem = "Its secrets were sealed with another master key: give them again."
		}
		out = append(out, k)
	}
	return out, nil
}

func (p *sinks) showOne(ctx context.Context, o store.Object) (any, error) {
	list, err := p.show(ctx, []store.Object{o})
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func (s *server) listSinks(ctx context.Context, _ request) (any, error) {
	scope, _, err := s.sinks.management(ctx)
	if err != nil {
		return nil, err
	}
	objects, err := s.store.Objects(ctx, scope, store.Objects{Kind: sinkKind})
	if err != nil {
		return nil, err
	}
	list, err := s.sinks.show(ctx, objects)
	return Sinks{list}, err
}

// sink returns the sink that a path names.
func (s *server) sink(ctx context.Context, r request) (store.Object, error) {
	scope, _, err := s.sinks.management(ctx)
	if err != nil {
		return store.Object{}, err
	}
	return s.store.Object(ctx, scope, sinkKind, r.PathValue("name"))
}

func (s *server) getSink(ctx context.Context, r request) (any, error) {
	o, err := s.sink(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.sinks.showOne(ctx, o)
}

// decodeSink reads what is asked for. A filter that is misspelt would let
// everything through, so that what is not known is refused.
func (r request) decodeSink() (in NewSink, accounts []org.Account, err error) {
	var raw json.RawMessage
	if err := r.decode(&raw); err != nil {
		return in, nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return in, nil, fault.OnField(cmp.Or(wrong.Field, "body"), "must not be a JSON %s", wrong.Value)
		}
		if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
			return in, nil, fault.OnField(strings.Trim(name, `"`), "is no member of a sink")
		}
		return in, nil, fault.New(fault.Invalid, "The body must be a sink.")
	}
	for _, text := range in.Accounts {
		a, err := org.ParseAccount(text)
		if err != nil {
			return in, nil, fault.OnField("accounts", "%v", err)
		}
		accounts = append(accounts, a)
	}
	return in, accounts, nil
}

// check completes a configuration and returns it as it is to be stored.
func (p *sinks) check(in NewSink, accounts []org.Account) (doc sinkDoc, err error) {
	c := in.Config
	c.Secrets = in.Secrets
	if !sinkName().MatchString(c.Name) || c.Name == fixedSink {
		return doc, fault.OnField("name", "%q must be of at most 63 small letters, digits and dashes, and not %q", c.Name, fixedSink)
	}
	if err := c.Check(); err != nil {
		return doc, err
	}
	if c.Kind == "file" && (c.Place != filepath.Base(c.Place) || strings.HasPrefix(c.Place, ".")) {
		return doc, fault.OnField("place", "%q must be the name of a file, which lies in the folder events of the server's data", c.Place)
	}
	doc = sinkDoc{Config: c, Accounts: accounts}
	if c.Secrets == (notify.Secrets{}) {
		return doc, nil
	}
	text, err := json.Marshal(c.Secrets) //nolint:gosec // to be sealed
	if err != nil {
		return doc, err
	}
	names := map[string]string{}
	if err := json.Unmarshal(text, &names); err != nil {
		return doc, err
	}
	for name := range names {
		doc.Kept = append(doc.Kept, name)
	}
	slices.Sort(doc.Kept)
	doc.Sealed, err = p.server.store.SealSecret(sinkSecrets, c.Name, string(text))
	return doc, err
}

func (s *server) createSink(ctx context.Context, r request) (any, error) {
	in, accounts, err := r.decodeSink()
	if err != nil {
		return nil, err
	}
	doc, err := s.sinks.check(in, accounts)
	if err != nil {
		return nil, err
	}
	scope, owner, err := s.sinks.management(ctx)
	if err != nil {
		return nil, err
	}
	o := store.Object{Kind: sinkKind, Account: owner, ID: doc.Config.Name, Created: r.now, Updated: r.now}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		list, err := tx.Objects(ctx, scope, store.Objects{Kind: sinkKind})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(other store.Object) bool { return other.ID == o.ID }) {
			return fault.New(fault.Conflict, "There is a sink %s already.", o.ID)
		}
		if len(list) >= maxSinks {
			return fault.New(fault.Quota, "There may be at most %d sinks.", maxSinks)
		}
		if err := tx.Forget(ctx, o.ID); err != nil { // of one that had the name before
			return err
		}
		return tx.Put(ctx, scope, o, doc)
	})
	if err != nil {
		return nil, err
	}
	if o, err = s.store.Object(ctx, scope, sinkKind, o.ID); err != nil {
		return nil, err
	}
	return s.sinks.showOne(ctx, o)
}

// updateSink puts another sink in the place of one. Secrets that are not given
// stay, unless the sink goes elsewhere: whoever may change it is not to get
// them sent.
func (s *server) updateSink(ctx context.Context, r request) (any, error) {
	in, accounts, err := r.decodeSink()
	if err != nil {
		return nil, err
	}
	name := r.PathValue("name")
	if in.Name = cmp.Or(in.Name, name); in.Name != name {
		return nil, fault.OnField("name", "cannot be changed")
	}
	return s.changeSink(ctx, r, s.sinks.replace(in, accounts))
}

// replace returns the change that puts another sink in the place of one. It may
// be made several times, for a transaction is tried again: so it leaves what it
// is given as it was.
func (p *sinks) replace(in NewSink, accounts []org.Account) func(old sinkDoc) (sinkDoc, error) {
	return func(old sinkDoc) (sinkDoc, error) {
		if in.Secrets != (notify.Secrets{}) || len(old.Sealed) == 0 {
			return p.check(in, accounts)
		}
		next := in
		var err error
		if next.Secrets, err = p.unseal(in.Name, old.Sealed); err != nil {
			return sinkDoc{}, fault.New(fault.Invalid, "The secrets of the sink were sealed with another master key: give them again.")
		}
		doc, err := p.check(next, accounts)
		if err != nil {
			return doc, err
		}
		was, is := old.Config, doc.Config
		if was.Kind != is.Kind || was.Place != is.Place || was.Endpoint != is.Endpoint || was.Authority != is.Authority {
			return doc, fault.New(fault.Invalid, "The sink goes elsewhere: its secrets (%s) must be given again.", strings.Join(old.Kept, ", "))
		}
		return doc, nil
	}
}

// changeSink changes the sink that a path names.
func (s *server) changeSink(ctx context.Context, r request, change func(old sinkDoc) (sinkDoc, error)) (any, error) {
	scope, _, err := s.sinks.management(ctx)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := tx.Object(ctx, scope, sinkKind, r.PathValue("name"))
		if err != nil {
			return err
		}
		var doc sinkDoc
		if err := o.Decode(&doc); err != nil {
			return err
		}
		if doc, err = change(doc); err != nil {
			return err
		}
		o.Updated = r.now
		return tx.Put(ctx, scope, o, doc)
	})
	if err != nil {
		return nil, err
	}
	return s.getSink(ctx, r)
}

func (s *server) pauseSink(ctx context.Context, r request) (any, error) {
	return s.changeSink(ctx, r, func(doc sinkDoc) (sinkDoc, error) { doc.Config.Paused = true; return doc, nil })
}

func (s *server) resumeSink(ctx context.Context, r request) (any, error) {
	return s.changeSink(ctx, r, func(doc sinkDoc) (sinkDoc, error) { doc.Config.Paused = false; return doc, nil })
}

// deleteSink removes a sink with all that waits for it.
func (s *server) deleteSink(ctx context.Context, r request) (any, error) {
	name := r.PathValue("name")
	scope, _, err := s.sinks.management(ctx)
	if err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Delete(ctx, scope, sinkKind, name); err != nil {
			return err
		}
		if err := ignoreMissing(tx.Delete(ctx, scope, sinkLogKind, name)); err != nil {
			return err
		}
		return tx.Forget(ctx, name)
	})
}

// testSink sends an event now, whatever the filter says, and answers with what
// the receiver said.
func (s *server) testSink(ctx context.Context, r request) (any, error) {
	o, err := s.sink(ctx, r)
	if err != nil {
		return nil, err
	}
	k, err := s.sinks.open(o)
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "a sink cannot be used", slog.String("sink", o.ID), slog.Any("error", err))
		return nil, fault.New(fault.Conflict, "The sink cannot be used: the server's log says why.")
	}
	defer k.Close()
	e, err := renderer{s.store, s.Region, s.findings}.trial(r.caller.Account, strings.ToLower(rand.Text()), r.now)
	if err != nil {
		return nil, err
	}
	return k.Try(ctx, e, time.Now), nil
}

func (s *server) sinkLog(ctx context.Context, r request) (any, error) {
	if _, err := s.sink(ctx, r); err != nil {
		return nil, err
	}
	scope, _, err := s.sinks.management(ctx)
	if err != nil {
		return nil, err
	}
	out := SinkLog{Attempts: []notify.Attempt{}}
	o, err := s.store.Object(ctx, scope, sinkLogKind, r.PathValue("name"))
	if fault.KindOf(err) == fault.NotFound {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	return out, o.Decode(&out)
}
