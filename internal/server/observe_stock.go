package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/assay-project/assay/internal/store"
)

// A stockCollector turns what the database holds into metrics, the same on all
// servers of a database.
type stockCollector struct {
	store                            *store.Store
	kinds                            []string // of jobs
	findings, fixable, exploitable   *prometheus.Desc
	jobs, jobsOldest                 *prometheus.Desc
	events, eventsDead, eventsOldest *prometheus.Desc
}

// stock adds the numbers of findings, and of jobs of some kinds and of events
// that wait.
func (m *metrics) stock(s *store.Store, kinds []string) {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	m.registry.MustRegister(stockCollector{
		store:        s,
		kinds:        kinds,
		findings:     desc("assay_findings", "Active findings of all accounts, by severity; OTHER are those below MEDIUM.", "severity"),
		fixable:      desc("assay_findings_fixable", "Active findings that an upgrade closes."),
		exploitable:  desc("assay_findings_exploitable", "Active findings for which an exploit is known."),
		jobs:         desc("assay_queue_jobs", "Jobs that are not done, by kind and state: ready, running or dead.", "kind", "state"),
		jobsOldest:   desc("assay_queue_oldest_seconds", "How long the first job of a kind has been due; 0 if none is.", "kind"),
		events:       desc("assay_events_waiting", "Events on their way to a sink; those of (outbox) are not handed out yet.", "sink"),
		eventsDead:   desc("assay_events_dead", "Events that a sink did not take and that were given up.", "sink"),
		eventsOldest: desc("assay_events_oldest_seconds", "Age of the oldest event on its way to a sink.", "sink"),
	})
}

// Describe names the metrics.
func (c stockCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.findings, c.fixable, c.exploitable, c.jobs, c.jobsOldest, c.events, c.eventsDead, c.eventsOldest,
	} {
		out <- d
	}
}

// Collect counts. What cannot be counted in time is left out, which alerts
// notice.
func (c stockCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectWithin)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if scope, err := c.store.Everything(ctx); err == nil {
		if types, exploitable, err := c.store.ActiveByType(ctx, scope); err == nil {
			all := types[0]
			gauge(c.findings, float64(all.Critical), "CRITICAL")
			gauge(c.findings, float64(all.High), "HIGH")
			gauge(c.findings, float64(all.Medium), "MEDIUM")
			gauge(c.findings, float64(all.All-all.Critical-all.High-all.Medium), "OTHER")
			gauge(c.fixable, float64(all.Fix))
			gauge(c.exploitable, float64(exploitable))
		}
	}
	now := time.Now()
	since := func(t time.Time) float64 {
		if t.IsZero() {
			return 0
		}
		return max(0, now.Sub(t).Seconds())
	}
	if list, err := c.store.Backlogs(ctx); err == nil {
		c.collectJobs(list, since, gauge)
	}
	if list, err := c.store.Waitings(ctx); err == nil {
		for _, w := range list {
			sink := w.Sink
			if sink == "" {
				sink = "(outbox)" // no sink can be called that
			}
			gauge(c.events, float64(w.Events), sink)
			gauge(c.eventsDead, float64(w.Dead), sink)
			gauge(c.eventsOldest, since(w.Oldest), sink)
		}
	}
}

// collectJobs adds up the queues. Each kind has all its series all the time: one
// that comes and goes is hard to draw.
func (c stockCollector) collectJobs(list []store.Backlog, since func(time.Time) float64, gauge func(*prometheus.Desc, float64, ...string)) {
	jobs, oldest := map[string]map[store.State]int64{}, map[string]float64{}
	for _, kind := range c.kinds {
		jobs[kind] = map[store.State]int64{}
	}
	for _, b := range list {
		if jobs[b.Kind] == nil {
			jobs[b.Kind] = map[store.State]int64{}
		}
		jobs[b.Kind][b.State] += b.Jobs
		if b.State == store.Ready {
			oldest[b.Kind] = max(oldest[b.Kind], since(b.Oldest))
		}
	}
	for kind, n := range jobs {
		for _, state := range []store.State{store.Ready, store.Running, store.Dead} {
			gauge(c.jobs, float64(n[state]), kind, stateNames[state])
		}
		gauge(c.jobsOldest, oldest[kind], kind)
	}
}
