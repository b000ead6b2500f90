package server

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	v2 "github.com/assay-project/assay/internal/api/v2"
	"github.com/assay-project/assay/internal/export"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// The kinds of jobs that the server does by itself.
const (
	verifyJob   = "verify_counters"
	meterJob    = "meter_usage"
	sweepJob    = "sweep"
	disabledJob = "remove_disabled"
	rulesJob    = "apply_rules"
)

// newRunner returns what does jobs.
func (s *server) newRunner() *work.Runner {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	runner := &work.Runner{
		Store: s.store, Queues: map[string]int{"default": s.Workers, "work": 1, export.Queue: 1}, Name: fmt.Sprintf("%s:%d", host, os.Getpid()),
		Lease: s.lease, Grace: stopWithin, Now: time.Now, Log: s.log,
		Handlers: map[string]work.Handler{
			verifyJob:     s.verify,
			meterJob:      func(ctx context.Context, _ *work.Job) error { return s.store.Meter(ctx, time.Now()) },
			sweepJob:      s.sweep,
			disabledJob:   s.removeDisabled,
			rulesJob:      s.applyRules,
			store.RuleJob: func(ctx context.Context, j *work.Job) error { return s.store.RunRuleJob(ctx, j.Job, time.Now()) },
		},
		Schedules: []store.Schedule{
			{Name: meterJob, Every: time.Hour, Job: store.Job{Kind: meterJob}},
			{Name: sweepJob, Every: time.Hour, Shift: 7 * time.Minute, Job: store.Job{Kind: sweepJob, Priority: 2}},
			{Name: rulesJob, Every: 24 * time.Hour, Shift: 2 * time.Hour, Job: store.Job{Kind: rulesJob, Priority: 2}},
			{Name: verifyJob, Every: 24 * time.Hour, Shift: 3 * time.Hour, Job: store.Job{Kind: verifyJob, Priority: 2}},
		},
	}
	maps.Copy(runner.Handlers, s.exports.Handlers())
	s.addWork(runner)
	return runner
}

// verify counts anew. A counter that was wrong is a defect, and repaired.
func (s *server) verify(ctx context.Context, j *work.Job) error {
	accounts, err := s.store.Accounts(ctx, 0, 0)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		id := a.ID.String()
		if id <= j.Cursor {
			continue
		}
		wrong, err := s.store.VerifyCounters(ctx, a.ID)
		if err != nil {
			return err
		}
		for _, d := range wrong {
			s.log.LogAttrs(ctx, slog.LevelError, "counter was wrong", slog.String("account", id), slog.String("counter", d.Counter),
				slog.Int64("stored", d.Stored), slog.Int64("found", d.Found))
		}
		if err := j.Progress(ctx, id, nil); err != nil {
			return err
		}
	}
	return nil
}

// applyRules has all suppression rules applied anew: what some look at, such as
// EPSS, changes without a scan.
func (s *server) applyRules(ctx context.Context, j *work.Job) error {
	return j.Finish(ctx, func(tx *store.Tx) error { return tx.ResuppressAll(ctx, time.Now()) })
}

func (s *server) retention() store.Retention {
	return store.Retention{Closed: s.KeepClosed, Gone: s.KeepGone}
}

// sweep deletes what is kept no longer.
func (s *server) sweep(ctx context.Context, _ *work.Job) error {
	now := time.Now()
	swept, err := s.store.Sweep(ctx, now, s.retention())
	if err != nil {
		return err
	}
	records, err := s.store.SweepAudit(ctx, now.Add(-s.KeepAudit))
	if err != nil {
		return err
	}
	if err := s.store.SweepAnswers(ctx, now); err != nil {
		return err
	}
	if err := s.store.SweepSignIns(ctx, now); err != nil {
		return err
	}
	if _, err := s.exports.Sweep(ctx, now); err != nil {
		return err
	}
	if err := s.blobs.Clean(ctx, now.Add(-export.TimeLimit-time.Hour)); err != nil {
		return err
	}
	jobs, err := s.store.Prune(ctx, now)
	s.log.LogAttrs(ctx, slog.LevelDebug, "swept", slog.Any("swept", swept), slog.Int64("records", records), slog.Int64("jobs", jobs))
	return err
}

// disabledTypes are the resources that a service scans.
var disabledTypes = map[org.Service][]resource.Type{
	org.EC2:            {resource.Instance, resource.AzureInstance},
	org.ECR:            {resource.Image, resource.Repository, resource.AzureImage, resource.AzureRepository, resource.AzureRegistry},
	org.Lambda:         {resource.Function, resource.AzureFunction},
	org.CodeRepository: {resource.Code},
}

// removeDisabled deletes the findings of a service that was switched off a day
// ago and not on again since.
func (s *server) removeDisabled(ctx context.Context, j *work.Job) error {
	var args v2.Removal
	if err := j.Decode(&args); err != nil {
		return err
	}
	scope := org.Only(j.Account)
	settings, err := s.store.Settings(ctx, scope, j.Account)
	if err != nil {
		return err
	}
	if a := settings.Services[args.Service]; a.On || !a.Since.Equal(args.Since) {
		return nil
	}
	return s.store.RemoveType(ctx, scope, disabledTypes[args.Service], time.Now())
}

// foldEvery is how often counters are added up.
const foldEvery = time.Second

// fold adds up, until the context ends, what scans change of the counters. It
// is no job, since it is done all the time and by every node.
func (s *server) fold(ctx context.Context) {
	tick := time.NewTicker(foldEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := s.store.Fold(ctx); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "adding up counters", slog.Any("error", err))
		}
	}
}

// measure adds what is asked for when metrics are collected.
func (s *server) measure() {
	s.metrics.gauge("assay_advisories", "Advisories in the database in use.", func() float64 {
		known, release := s.library.lend()
		defer release()
		return float64(known.Header().Advisories)
	})
	s.metrics.gauge("assay_advisories_built_seconds", "When the advisory database was built, in seconds since 1970.", func() float64 {
		known, release := s.library.lend()
		defer release()
		return float64(known.Header().Built.Unix())
	})
	s.metrics.gauge("assay_audit_records_lost", "Records of reading calls that could not be kept.", func() float64 {
		return float64(s.trail.Lost())
	})
	s.metrics.registry.MustRegister(feedMetrics(s.feeds))
	s.metrics.jobs(s.runner.Stats)
	s.metrics.events(s.notify.Stats)
	s.metrics.stock(s.store, slices.Collect(maps.Keys(s.runner.Handlers)))
}
