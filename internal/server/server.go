package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/classic"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/api/sbomscan"
	v2 "github.com/assay-project/assay/internal/api/v2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/export"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/notify"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// Outside is what the server has of the world around it.
type Outside struct {
	Advisories     Advisories
	Version        string // of Assay
	Stdout, Stderr io.Writer
	S3             store.S3Credentials // for the buckets that reports go to
	Ready          func(url string)    // called once when requests are answered; may be nil
}

// A server is everything that goes on while it serves.
type server struct {
	Config
	Outside
	log     *slog.Logger
	store   *store.Store
	library *library
	monitor *monitor.Monitor
	trail   *api.Trail
	front   *api.Front
	runner  *work.Runner
	notify  *notify.Notifier
	blobs   *store.Blobs
	exports export.Exporter

	fanout     *fanout
	registries *registries
	agents     *agents
	functions  *functionWatch
	coverage   *coverage
	sinks      *sinks
	feeds      *feeds
	live       *live
	machine    *machine
	views      *views

	findings wire.Writer[inspector2.Finding] // in the shape of the API
	metrics  *metrics
	ready    atomic.Bool
}

// Run serves until the context ends. The configuration must have been checked.
func Run(ctx context.Context, c Config, out Outside) (err error) {
	s := &server{Config: c, Outside: out, log: c.newLog(out.Stderr)}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	key, err := MasterKey(c.KeyFile, true)
	if err != nil {
		return err
	}
	if s.store, err = store.Open(ctx, c.place(), key); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.store.Close()) }()
	if s.blobs, err = store.OpenBlobs(c.Blobs, out.S3); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.blobs.Close()) }()
	if s.library, err = openLibrary(ctx, &editions{s}, s.log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.library.close()) }()
	listener, err := s.listen(ctx)
	if err != nil {
		return err
	}
	if err := s.firstStart(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := s.assemble(); err != nil {
		return errors.Join(err, listener.Close())
	}
	return s.goOn(ctx, listener)
}

// listen opens the listener, so that an address that is taken is known before
// anything is made.
func (s *server) listen(ctx context.Context) (net.Listener, error) {
	settings, err := s.tlsConfig(time.Now())
	if err != nil {
		return nil, err
	}
	var on net.ListenConfig
	l, err := on.Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening on %s (see --listen): %w", s.Listen, err)
	}
	// A port of 0 is one that the system chooses.
	if _, port, _ := net.SplitHostPort(s.Listen); port == "0" {
		_, chosen, _ := net.SplitHostPort(l.Addr().String())
		s.URL = strings.TrimSuffix(s.URL, ":0") + ":" + chosen
	}
	if settings != nil {
		l = tlsListener(l, settings)
	}
	return l, nil
}

// answers tells whether this process answers calls.
func (s *server) answers() bool { return s.Role != roleWorker }

// works tells whether this process does jobs and whatever else goes on by
// itself.
func (s *server) works() bool { return s.Role != roleAPI }

// firstStart makes the first account, and tells its key, if there is none yet.
// A worker leaves that to a server that answers, and waits for it.
func (s *server) firstStart(ctx context.Context) error {
	if !s.answers() {
		return s.awaitStart(ctx)
	}
	var account org.Account
	if s.Account != "" {
		var err error
		if account, err = org.ParseAccount(s.Account); err != nil {
			return err
		}
	}
	started, made, err := s.store.FirstStart(ctx, store.First{Account: account, Name: "management", Now: time.Now()})
	if err != nil || !made {
		return err
	}
	trust := "" // a certificate of our own is trusted by nobody yet
	if s.TLS == "self-signed" {
		trust = fmt.Sprintf(" ASSAY_SERVER_CA='%[1]s' AWS_CA_BUNDLE='%[1]s'", filepath.Join(s.Data, "tls.crt"))
	}
	_, err = fmt.Fprintf(s.Stdout, `
Assay begins here. This is shown once; keep the secret.

  account            %s
  access key         %s
  secret access key  %s
  sign in once at    %s/signin?link=%s

To use it with Amazon's own clients:

  export AWS_ACCESS_KEY_ID=%[2]s AWS_SECRET_ACCESS_KEY=%[3]s AWS_REGION=%[6]s AWS_DEFAULT_REGION=%[6]s%[7]s
  assay scan alpine:3.20 --server %[4]s
  aws inspector2 list-findings --endpoint-url %[4]s

`, started.Account.ID, started.Key.ID, started.Key.Secret, s.URL, started.Link, s.Region, trust)
	return err
}

// awaitStart returns when there is an account.
func (s *server) awaitStart(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for told := false; ; told = true {
		list, err := s.store.Accounts(ctx, 0, 1)
		if err != nil || len(list) > 0 {
			return err
		}
		if !told {
			s.log.LogAttrs(ctx, slog.LevelInfo, "waiting for a server with --role api or all to make the first account")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// assemble makes the parts that answer and work.
func (s *server) assemble() error {
	s.metrics = newMetrics(s.Version)
	s.trail = api.NewTrail(s.store, s.log)
	s.monitor = &monitor.Monitor{
		Store: s.store, Region: s.Region, Version: s.Version,
		Knowledge: func() (monitor.Knowledge, func()) { return s.library.lend() },
	}
	s.front = api.New(api.Options{
		Surfaces: s.surfaces(), Store: s.store, Trail: s.trail, Region: s.Region,
		Limits:  api.Limits{Reads: limit(s.ReadRate), Writes: limit(s.WriteRate)},
		Observe: s.metrics.observe, Log: s.log, Now: time.Now,
	})
	s.exports = export.Exporter{
		Store: s.store, Blobs: s.blobs, Version: s.Version, Now: time.Now,
		Cloud: store.S3{Endpoint: s.S3Endpoint, Region: s.Region, PathStyle: s.S3PathStyle, Credentials: s.S3},
	}
	s.makeParts()
	s.runner = s.newRunner()
	if err := s.openNotifier(); err != nil {
		return err
	}
	s.measure()
	return nil
}

// burst is how many seconds' worth of calls may come at once.
const burst = 10

func limit(rate float64) api.Limit { return api.Limit{PerSecond: rate, Burst: int(rate * burst)} }

// surfaces returns the APIs of Amazon that are answered.
func (s *server) surfaces() []api.Surface {
	two, scanning, one := inspector2.New(), inspectorscan.New(), inspector.New()
	services := []*wire.Service{two, scanning, one}
	s.findings = wire.WriterOf[inspector2.Finding](two)
	operations := v2.Operations{
		Store: s.store, Region: s.Region, Now: time.Now, Services: services,
		Knowledge: func() (v2.Knowledge, func()) { return s.library.lend() },
	}
	sbom := sbomscan.Operations{
		Knowledge: func() (sbomscan.Knowledge, func()) { return s.library.lend() },
		Now:       time.Now, Version: s.Version,
	}
	old := classic.Operations{Store: s.store, Region: s.Region, Now: time.Now}
	handlers, sbomHandlers, oldHandlers := operations.Handlers(), sbom.Handlers(), old.Handlers()
	return []api.Surface{
		{Service: two, Handlers: handlers.ByName()},
		{Service: scanning, Handlers: sbomHandlers.ByName()},
		{Service: one, Handlers: oldHandlers.ByName()},
	}
}

// goOn serves and works until the context ends, and then ends everything in
// the order in which it depends on each other.
func (s *server) goOn(ctx context.Context, l net.Listener) error {
	handler, endTraces, err := trace(ctx, s.Traces, s.Version, s.routes())
	if err != nil {
		return fmt.Errorf("preparing traces for %s: %w", s.Traces, err)
	}
	last := context.WithoutCancel(ctx)
	trailCtx, endTrail := context.WithCancel(last)
	defer endTrail()
	var trail errgroup.Group
	trail.Go(func() error { return s.trail.Run(trailCtx) })

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(ctx, l, s.httpServer(handler)) })
	if s.Metrics != "" {
		g.Go(func() error { return s.serveMetrics(ctx) })
	}
	g.Go(func() error { s.library.watch(ctx, s.DBReload); return nil })
	if s.works() {
		g.Go(func() error { s.runner.Run(ctx); return nil })
		g.Go(func() error { s.fold(ctx); return nil })
		g.Go(func() error { s.notify.Run(ctx); return nil })
	}
	for _, p := range s.parts() {
		g.Go(func() error { p.loop(ctx); return nil })
	}
	s.ready.Store(true)
	s.log.LogAttrs(ctx, slog.LevelInfo, "serving", slog.String("url", s.URL), slog.String("version", s.Version),
		slog.String("region", s.Region), slog.String("role", s.Role), slog.String("data", s.Data))
	if s.Ready != nil {
		s.Ready(s.URL)
	}
	err = g.Wait()
	s.fanout.close() // no job runs any more
	endTrail()
	stop, cancel := context.WithTimeout(last, stopWithin)
	defer cancel()
	s.log.LogAttrs(last, slog.LevelInfo, "stopped")
	return errors.Join(err, trail.Wait(), endTraces(stop))
}

// Limits of connections. Bodies of some megabytes from slow networks must get
// through, and a client that sends nothing must not hold a connection.
const (
	headerWithin = 10 * time.Second
	bodyWithin   = 5 * time.Minute
	idleWithin   = 2 * time.Minute
	maxHeader    = 64 << 10 // bytes
)

func (s *server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerWithin, ReadTimeout: bodyWithin, IdleTimeout: idleWithin,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// serveMetrics answers /metrics on a listener of its own.
func (s *server) serveMetrics(ctx context.Context) error {
	var on net.ListenConfig
	l, err := on.Listen(ctx, "tcp", s.Metrics)
	if err != nil {
		return fmt.Errorf("listening on %s (see --metrics): %w", s.Metrics, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.handler())
	return serve(ctx, l, s.httpServer(mux))
}
