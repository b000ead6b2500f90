package server

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.41.0"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/notify"
	"github.com/assay-project/assay/internal/work"
)

// newLog returns the log of the server.
func (c *Config) newLog(w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	opt := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

// metrics are the numbers that Prometheus collects.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(version string) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "assay_calls_total", Help: "API calls, by service, operation, status and exception.",
		}, []string{"service", "operation", "status", "exception"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "assay_call_duration_seconds", Help: "How long API calls take, by service and operation.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 10),
		}, []string{"service", "operation"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "assay_build_info", Help: "Always 1; the label tells the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.calls, m.seconds, build, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// gauge adds a number that is asked for when the metrics are collected.
func (m *metrics) gauge(name, help string, f func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
}

// observe counts a call.
func (m *metrics) observe(c api.Call) {
	m.calls.WithLabelValues(c.Service, c.Operation, strconv.Itoa(c.Status), c.Error).Inc()
	m.seconds.WithLabelValues(c.Service, c.Operation).Observe(c.Duration.Seconds())
}

// handler answers with the metrics.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// thisMachineOnly refuses whoever is not on this machine.
func thisMachineOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !from.Addr().Unmap().IsLoopback() {
			http.Error(w, "metrics answer to this machine only; see --metrics", http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// trace wraps a handler so that each request is a trace sent to an OTLP
// address. The function returned sends what is left and ends it.
func trace(ctx context.Context, address, version string, h http.Handler) (http.Handler, func(context.Context) error, error) {
	if address == "" {
		return h, func(context.Context) error { return nil }, nil
	}
	out, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(address))
	if err != nil {
		return nil, nil, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(out), sdktrace.WithResource(resource.NewWithAttributes(
		semconv.SchemaURL, semconv.ServiceName("assay"), semconv.ServiceVersion(version))))
	return otelhttp.NewHandler(h, "request", otelhttp.WithTracerProvider(provider)), provider.Shutdown, nil
}

// stopWithin is how long running requests and jobs have when the server stops.
const stopWithin = 20 * time.Second

// serve answers requests on a listener until ctx ends, and then finishes those
// that are running.
func serve(ctx context.Context, l net.Listener, s *http.Server) error {
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return ended(err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := s.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.Close()
	}
	return errors.Join(err, ended(<-failed))
}

// ended leaves out that a server has been told to end.
func ended(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// tlsListener wraps a listener in TLS.
func tlsListener(l net.Listener, settings *tls.Config) net.Listener {
	return tls.NewListener(l, settings)
}

// A jobCollector turns the counters of a runner into metrics.
type jobCollector struct {
	stats   func() map[string]work.Stats
	running *prometheus.Desc
	total   *prometheus.Desc
	seconds *prometheus.Desc
}

// jobs adds the counters of jobs.
func (m *metrics) jobs(stats func() map[string]work.Stats) {
	m.registry.MustRegister(jobCollector{
		stats:   stats,
		running: prometheus.NewDesc("assay_jobs_running", "Jobs that run in this process, by kind.", []string{"kind"}, nil),
		total:   prometheus.NewDesc("assay_jobs_total", "Attempts at jobs in this process, by kind and how they ended.", []string{"kind", "end"}, nil),
		seconds: prometheus.NewDesc("assay_job_seconds_total", "Time that jobs took, by kind.", []string{"kind"}, nil),
	})
}

// Describe names the metrics.
func (c jobCollector) Describe(out chan<- *prometheus.Desc) {
	out <- c.running
	out <- c.total
	out <- c.seconds
}

// Collect reads the counters.
func (c jobCollector) Collect(out chan<- prometheus.Metric) {
	for kind, s := range c.stats() {
		out <- prometheus.MustNewConstMetric(c.running, prometheus.GaugeValue, float64(s.Running), kind)
		out <- prometheus.MustNewConstMetric(c.seconds, prometheus.CounterValue, s.Took.Seconds(), kind)
		for end, n := range map[string]int64{"done": s.Done, "failed": s.Failed, "dead": s.Dead, "lost": s.Lost, "released": s.Released} {
			out <- prometheus.MustNewConstMetric(c.total, prometheus.CounterValue, float64(n), kind, end)
		}
	}
}

// An eventCollector turns the counters of a notifier into metrics.
type eventCollector struct {
	stats func() map[string]notify.Stats
	total *prometheus.Desc
}

// events adds the counters of events that leave.
func (m *metrics) events(stats func() map[string]notify.Stats) {
	m.registry.MustRegister(eventCollector{stats, prometheus.NewDesc(
		"assay_events_total", "Events handed to sinks by this process, by sink and how it ended.", []string{"sink", "end"}, nil)})
}

// Describe names the metric.
func (c eventCollector) Describe(out chan<- *prometheus.Desc) { out <- c.total }

// Collect reads the counters.
func (c eventCollector) Collect(out chan<- prometheus.Metric) {
	for sink, s := range c.stats() {
		for end, n := range map[string]int64{"sent": s.Sent, "failed": s.Failed, "dead": s.Dead} {
			out <- prometheus.MustNewConstMetric(c.total, prometheus.CounterValue, float64(n), sink, end)
		}
	}
}
