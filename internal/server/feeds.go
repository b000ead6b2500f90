package server

import (
	"context"
	"encoding/binary"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// feeds is what the server has of feeds: it builds the advisory database of
// what publishers say, again and again.
type feeds struct {
	quiet
	server *server
}

func newFeeds(s *server) *feeds { return &feeds{server: s} }

// A Feed is one publisher's file, or folder of files, and how it fares.
type Feed struct {
	Place    string         `json:"place"`          // folder or address that --feeds names, without a password
	Path     string         `json:"path"`           // of the file, below the place
	Name     string         `json:"name,omitempty"` // of the format: osv, epss …; empty if it was never recognised
	Digest   string         `json:"digest,omitempty"`
	Newest   time.Time      `json:"newest,omitzero"` // date of the newest record
	Read     int            `json:"read"`            // records, of what is in use
	Stored   int            `json:"stored"`
	Rejected int            `json:"rejected"`
	Reasons  map[string]int `json:"reasons,omitempty"`
	Changed  time.Time      `json:"changed,omitzero"`   // when what is in use came
	Success  time.Time      `json:"success,omitzero"`   // when it was last seen to be whole
	Failed   time.Time      `json:"failed,omitzero"`    // when it last was not
	Failures int            `json:"failures,omitempty"` // syncs in a row that it failed in
	Error    string         `json:"error,omitempty"`    // why; what is in use is the last that was good
	Age      float64        `json:"ageSeconds"`         // since Success, or 0 if there was none
	Copy     string         `json:"copy,omitempty"`     // blob with what is in use
}

// Feeds is how all feeds fare, and what was made of them.
type Feeds struct {
	Feeds    []Feed    `json:"feeds"`
	Places   []string  `json:"places"`
	Last     time.Time `json:"last,omitzero"`   // when they were last looked at
	Error    string    `json:"error,omitempty"` // why no database could be built of them
	Editions []Edition `json:"editions,omitempty"`

	// Ranges and Enrichment stand for what the two files of the newest edition
	// were built of.
	Ranges     string   `json:"ranges,omitempty"`
	Enrichment string   `json:"enrichment,omitempty"`
	Garbage    []string `json:"garbage,omitempty"` // blobs to be deleted
}

// feedsSetting has the Feeds, without the editions.
const feedsSetting = "feeds"

// feedRoutes are the operations on feeds.
var feedRoutes = []route{
	{"GET /assay/v1/feeds", "assay:ListFeeds", callersOwn, (*server).listFeeds},
	{"POST /assay/v1/feeds/sync", "assay:SyncFeeds", installation, (*server).syncFeeds},
}

// state returns how the feeds fare at a time.
func (p *feeds) state(ctx context.Context, now time.Time) (Feeds, error) {
	out := Feeds{Feeds: []Feed{}, Places: []string{}}
	if err := p.server.setting(ctx, feedsSetting, &out); err != nil {
		return out, err
	}
	err := p.server.setting(ctx, editionsSetting, &out.Editions)
	for i := range out.Feeds {
		if f := &out.Feeds[i]; !f.Success.IsZero() {
			f.Age = max(0, now.Sub(f.Success).Seconds())
		}
	}
	return out, err
}

func (s *server) listFeeds(ctx context.Context, r request) (any, error) {
	out, err := s.feeds.state(ctx, r.now)
	out.Garbage = nil
	return out, err
}

// FeedsSync asks for the feeds to be looked at now.
type FeedsSync struct {
	// Accept takes what has lost half of its records, which is otherwise held to
	// be broken.
	Accept bool `json:"accept,omitempty"`
}

func (s *server) syncFeeds(ctx context.Context, r request) (any, error) {
	var in FeedsSync
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error { return enqueueLook(ctx, tx, in, r.now) })
}

// feedJob looks at the feeds.
const feedJob = "feed_sync"

// enqueueLook has the feeds looked at, at a time.
func enqueueLook(ctx context.Context, tx *store.Tx, in FeedsSync, at time.Time) error {
	args := `{}`
	if in.Accept {
		args = `{"accept":true}`
	}
	return tx.Enqueue(ctx, store.Job{Kind: feedJob, Queue: feedJob, Key: feedJob, Run: at, Args: []byte(args)})
}

// work returns the jobs on feeds. A server without places does none: it would
// take them for gone.
func (p *feeds) work() workload {
	s := p.server
	if len(s.Feeds) == 0 {
		return workload{}
	}
	// Installations spread over the interval, and the servers of one agree.
	seed := s.store.Derive("moment of the hour for feeds")
	shift := time.Duration(binary.BigEndian.Uint64(seed[:8]) % uint64(s.FeedsEvery)) //nolint:gosec // checked to be positive
	return workload{
		handlers:  map[string]work.Handler{feedJob: p.sync},
		queues:    map[string]int{feedJob: 1},
		schedules: []store.Schedule{{Name: feedJob, Every: s.FeedsEvery, Shift: shift, Job: store.Job{Kind: feedJob, Queue: feedJob, Key: feedJob}}},
	}
}

// loop has the feeds looked at when the server starts with other places than
// before, and ends. The first look of all comes by the schedule.
func (p *feeds) loop(ctx context.Context) {
	s := p.server
	if !s.works() || len(s.Feeds) == 0 {
		return
	}
	state, err := p.state(ctx, time.Now())
	if err == nil && !state.Last.IsZero() && !slices.Equal(state.Places, shownPlaces(s.Feeds)) {
		err = s.store.Update(ctx, func(tx *store.Tx) error { return enqueueLook(ctx, tx, FeedsSync{}, time.Now()) })
	}
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "enqueueing the first look at feeds", slog.Any("error", err))
	}
}

// A feedCollector turns the state of feeds into metrics, the same on all
// servers of a database.
type feedCollector struct {
	feeds                  *feeds
	age, failures, records *prometheus.Desc
	last, newest, edition  *prometheus.Desc
}

// feedMetrics returns the metrics of feeds.
func feedMetrics(p *feeds) feedCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return feedCollector{
		feeds:    p,
		age:      desc("assay_feed_age_seconds", "Time since a feed was last seen to be whole.", "feed", "path"),
		failures: desc("assay_feed_failures", "Looks at a feed that failed since the last that did not.", "feed", "path"),
		records:  desc("assay_feed_records", "Records of a feed that are in use, or were rejected.", "feed", "path", "state"),
		newest:   desc("assay_feed_newest_seconds", "Date of the newest record of a feed, in seconds since 1970.", "feed", "path"),
		last:     desc("assay_feeds_last_sync_seconds", "When the feeds were last looked at, in seconds since 1970."),
		edition:  desc("assay_advisory_edition_published_seconds", "When the newest advisory database was published, in seconds since 1970."),
	}
}

// Describe names the metrics.
func (c feedCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.age, c.failures, c.records, c.newest, c.last, c.edition} {
		out <- d
	}
}

// collectWithin bounds how long metrics wait for the database.
const collectWithin = 2 * time.Second

// Collect reads the state. If it cannot be read there are no such metrics, which
// alerts notice.
func (c feedCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectWithin)
	defer cancel()
	state, err := c.feeds.state(ctx, time.Now())
	if err != nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, f := range state.Feeds {
		gauge(c.failures, float64(f.Failures), f.Name, f.Place+" "+f.Path)
		gauge(c.records, float64(f.Stored), f.Name, f.Place+" "+f.Path, "stored")
		gauge(c.records, float64(f.Rejected), f.Name, f.Place+" "+f.Path, "rejected")
		if !f.Success.IsZero() {
			gauge(c.age, f.Age, f.Name, f.Place+" "+f.Path)
		}
		if !f.Newest.IsZero() {
			gauge(c.newest, float64(f.Newest.Unix()), f.Name, f.Place+" "+f.Path)
		}
	}
	if !state.Last.IsZero() {
		gauge(c.last, float64(state.Last.Unix()))
	}
	if len(state.Editions) > 0 {
		gauge(c.edition, float64(state.Editions[0].Published.Unix()))
	}
}
