package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// The kinds of jobs on coverage.
const (
	coverageSweepJob = "coverage_sweep"  // what is no longer eligible is scanned no longer
	coverageStaleJob = "coverage_stale"  // machines that were not heard of for long
	coverageWakeJob  = "coverage_revive" // one resource is eligible again
)

// coverage is what the server has of coverage.
type coverage struct {
	quiet
	server *server
	now    func() time.Time
}

func newCoverage(s *server) *coverage { return &coverage{server: s, now: time.Now} }

// coverageRoutes are the operations on coverage.
var coverageRoutes = []route{
	{"GET /assay/v1/coverage/reasons", "assay:GetCoverageReasons", callersOwn, (*server).coverageReasons},
}

// CoverageReasons is the answer to what reasons of coverage mean.
type CoverageReasons struct {
	Reasons []monitor.Reason `json:"reasons"`
}

func (*server) coverageReasons(context.Context, request) (any, error) {
	return CoverageReasons{monitor.Reasons()}, nil
}

// work returns the jobs on coverage.
func (p *coverage) work() workload {
	return workload{
		handlers: map[string]work.Handler{
			coverageSweepJob:  p.sweep,
			coverageStaleJob:  p.stale,
			coverageWakeJob:   p.wake,
			store.SettingsJob: p.apply,
		},
		schedules: []store.Schedule{
			{Name: coverageSweepJob, Every: time.Hour, Shift: 11 * time.Minute, Job: store.Job{Kind: coverageSweepJob}},
			{Name: coverageStaleJob, Every: 24 * time.Hour, Shift: time.Hour, Job: store.Job{Kind: coverageStaleJob, Priority: 2}},
		},
	}
}

// coveragePage is how many resources are looked at before a job tells how far it is.
const coveragePage = 500

// governed remembers the settings that hold for accounts while a job runs.
type governed struct {
	store *store.Store
	known map[org.Account]org.Settings
}

func (g *governed) settings(ctx context.Context, account org.Account) (org.Settings, error) {
	if s, ok := g.known[account]; ok {
		return s, nil
	}
	s, err := g.store.EffectiveSettings(ctx, account)
	if err == nil {
		g.known[account] = s
	}
	return s, err
}

// sweptSetting is until when resources have been looked at that may have become
// too old.
const sweptSetting = "coverage swept"

// sweep ends the scanning of resources that have become too old since it last
// ran. A resource is looked at when the longest that a setting allows since
// something was done with it has just passed, for each such length of time:
// never because it is there. When it was done with, all older ones have been
// dealt with, so that a second run is as good as the first.
func (p *coverage) sweep(ctx context.Context, j *work.Job) error {
	now := p.now()
	var last time.Time
	text, err := p.server.store.ReadSetting(ctx, sweptSetting)
	if err == nil && text != nil {
		err = last.UnmarshalText(text)
	}
	if err != nil {
		return err
	}
	g := &governed{p.server.store, map[org.Account]org.Settings{}}
	for _, d := range monitor.Durations() {
		for _, by := range []store.Milestone{store.Pushed, store.Pulled, store.UsedLast, store.Modified} {
			from := time.Time{}.Add(d)
			if !last.IsZero() {
				from = last
			}
			if err := p.sweepSpan(ctx, j, g, by, from.Add(-d), now.Add(-d)); err != nil {
				return err
			}
		}
	}
	return j.Finish(ctx, func(tx *store.Tx) error {
		text, err := now.UTC().MarshalText()
		if err != nil {
			return err
		}
		return tx.SetSetting(ctx, sweptSetting, text)
	})
}

// sweepSpan looks at the resources whose milestone was in a time.
func (p *coverage) sweepSpan(ctx context.Context, j *work.Job, g *governed, by store.Milestone, from, to time.Time) error {
	for spot := (store.Spot{}); ; {
		list, next, err := p.server.store.Aged(ctx, by, from, to, spot, coveragePage)
		if err != nil {
			return err
		}
		if err := p.judge(ctx, g, list); err != nil {
			return err
		}
		if next == spot || len(list) < coveragePage {
			return nil
		}
		spot = next
		if err := j.Progress(ctx, "", nil); err != nil {
			return err
		}
	}
}

// judge stops the scanning of those resources that are scanned and no longer
// eligible.
func (p *coverage) judge(ctx context.Context, g *governed, list []store.Covered) error {
	type group struct {
		account org.Account
		reason  string
	}
	stop := map[group][]resource.Resource{}
	var order []group
	for _, c := range list {
		account, err := org.ParseAccount(c.Resource.Account)
		if err != nil {
			return fmt.Errorf("judging %s: %w", c.Resource.ID, err)
		}
		settings, err := g.settings(ctx, account)
		if err != nil {
			return err
		}
		v := monitor.Eligible(settings, c.Resource, p.now())
		if v.Reason == "" || v.Reason == monitor.PendingDisable || c.Code != store.CoverageActive {
			continue
		}
		k := group{account, v.Reason}
		if stop[k] == nil {
			order = append(order, k)
		}
		stop[k] = append(stop[k], c.Resource)
	}
	for _, k := range order {
		if err := p.server.store.Stop(ctx, org.Only(k.account), stop[k], k.reason, p.now()); err != nil {
			return err
		}
		p.server.log.LogAttrs(ctx, slog.LevelInfo, "resources are no longer scanned", slog.String("account", k.account.String()),
			slog.String("reason", k.reason), slog.Int("resources", len(stop[k])))
	}
	return nil
}

// stale notes which machines have sent no inventory for long. Their findings
// stay: nobody knows that they are mended.
func (p *coverage) stale(ctx context.Context, j *work.Job) error {
	accounts, err := p.server.store.Accounts(ctx, 0, 0)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.ID.String() <= j.Cursor {
			continue
		}
		err := p.each(ctx, a.ID, []resource.Type{resource.Instance, resource.AzureInstance}, func(list []store.Covered) error {
			var old []resource.Resource
			for _, c := range list {
				if c.Code == store.CoverageActive && !c.Scanned.IsZero() && p.now().Sub(c.Scanned) >= monitor.Stale {
					old = append(old, c.Resource)
				}
			}
			as := store.Coverage{Code: store.CoverageInactive, Reason: monitor.StaleInventory}
			return p.server.store.Mark(ctx, org.Only(a.ID), old, as, p.now())
		})
		if err != nil {
			return err
		}
		if err := j.Progress(ctx, a.ID.String(), nil); err != nil {
			return err
		}
	}
	return nil
}

// each gives resources of some types of an account to f, some at a time.
func (p *coverage) each(ctx context.Context, account org.Account, types []resource.Type, f func([]store.Covered) error) error {
	for _, typ := range types {
		for spot := (store.Spot{}); ; {
			list, next, err := p.server.store.OfType(ctx, account, typ, spot, coveragePage)
			if err != nil {
				return err
			}
			if err := f(list); err != nil {
				return err
			}
			if next == spot {
				break
			}
			spot = next
		}
	}
	return nil
}

// appliedKind is the kind of the objects that keep the settings which the
// coverage of an account follows.
const appliedKind = "coverage-applied"

// applied is what coverage follows of settings.
type applied struct {
	On     map[org.Service]bool `json:"on"`
	Images [3]string            `json:"images"` // how long images are scanned
}

// appliedOf returns what of settings coverage follows.
func appliedOf(s org.Settings) applied {
	out := applied{On: map[org.Service]bool{}}
	for _, service := range org.Services() {
		out.On[service] = s.On(service)
	}
	if s.ECR != nil {
		out.Images = [3]string{s.ECR.Rescan, s.ECR.Pull, s.ECR.PullMode}
	}
	return out
}

// apply makes coverage follow the settings of an account, and if it administers
// others, those of its members after it. It begins again from the start when it
// is cut off: what was done is not done twice.
func (p *coverage) apply(ctx context.Context, j *work.Job) error {
	s, scope, now := p.server.store, org.Only(j.Account), p.now()
	settings, err := s.EffectiveSettings(ctx, j.Account)
	if err != nil {
		return err
	}
	was := applied{On: map[org.Service]bool{}}
	o, err := s.Object(ctx, scope, appliedKind, j.Account.String())
	if err == nil {
		err = o.Decode(&was)
	}
	if err := ignoreMissing(err); err != nil {
		return err
	}
	is := appliedOf(settings)
	var began []org.Service
	for _, service := range org.Services() {
		if was.On[service] == is.On[service] {
			continue
		}
		if is.On[service] {
			began = append(began, service)
			err = p.begin(ctx, j, service)
		} else {
			err = p.end(ctx, j, service)
		}
		if err != nil {
			return err
		}
	}
	if was.Images != is.Images {
		g := &governed{s, map[org.Account]org.Settings{j.Account: settings}}
		err := p.each(ctx, j.Account, []resource.Type{resource.Image, resource.AzureImage}, func(list []store.Covered) error {
			if err := p.judge(ctx, g, list); err != nil {
				return err
			}
			return j.Progress(ctx, "", nil)
		})
		if err != nil {
			return err
		}
	}
	return j.Finish(ctx, func(tx *store.Tx) error {
		object := store.Object{Kind: appliedKind, Account: j.Account, ID: j.Account.String(), Created: now, Updated: now}
		if err := tx.Put(ctx, scope, object, is); err != nil {
			return err
		}
		for _, service := range began {
			if err := p.resync(ctx, tx, j.Account, service); err != nil {
				return err
			}
		}
		return p.applyToMembers(ctx, tx, j.Account)
	})
}

// applyToMembers has the coverage of the members of an administrator follow.
func (p *coverage) applyToMembers(ctx context.Context, tx *store.Tx, account org.Account) error {
	o, err := tx.Organization(ctx)
	if err != nil || o.Admin != account {
		return err
	}
	members, err := tx.Members(ctx, account, 0, 0)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := enqueueApply(ctx, tx, m.Account, p.now()); err != nil {
			return err
		}
	}
	return nil
}

func enqueueApply(ctx context.Context, tx *store.Tx, account org.Account, now time.Time) error {
	return tx.Enqueue(ctx, store.Job{Kind: store.SettingsJob, Key: account.String(), Account: account, Run: now})
}

// end notes of the resources of a service that was switched off that they are
// scanned no longer. What was found of them goes later.
func (p *coverage) end(ctx context.Context, j *work.Job, service org.Service) error {
	return p.each(ctx, j.Account, disabledTypes[service], func(list []store.Covered) error {
		var some []resource.Resource
		for _, c := range list {
			if c.Reason != monitor.PendingDisable {
				some = append(some, c.Resource)
			}
		}
		as := store.Coverage{Code: store.CoverageInactive, Reason: monitor.PendingDisable}
		if err := p.server.store.Mark(ctx, org.Only(j.Account), some, as, p.now()); err != nil {
			return err
		}
		return j.Progress(ctx, "", nil)
	})
}

// begin scans what is still known of a service that is switched on again, from
// what was found there.
func (p *coverage) begin(ctx context.Context, j *work.Job, service org.Service) error {
	return p.each(ctx, j.Account, disabledTypes[service], func(list []store.Covered) error {
		for _, c := range list {
			if c.Reason != monitor.PendingDisable {
				continue
			}
			if err := p.revive(ctx, j.Account, c.Resource); err != nil {
				return err
			}
		}
		return j.Progress(ctx, "", nil)
	})
}

// revive judges a resource anew from what is kept of it. Without that its next
// scan is awaited.
func (p *coverage) revive(ctx context.Context, account org.Account, res resource.Resource) error {
	_, err := p.server.monitor.Again(ctx, account, res, p.now())
	switch fault.KindOf(err) {
	case fault.NotFound:
		as := store.Coverage{Code: store.CoverageActive, Reason: monitor.PendingInitial}
		return p.server.store.Mark(ctx, org.Only(account), []resource.Resource{res}, as, p.now())
	case fault.Conflict: // switched off again meanwhile
		return nil
	}
	return err
}

// resync has the places looked through where the resources of a service are
// found.
func (p *coverage) resync(ctx context.Context, tx *store.Tx, account org.Account, service org.Service) error {
	switch service {
	case org.ECR:
		return p.server.registries.resync(ctx, tx, account, p.now())
	case org.Lambda:
		return p.server.functions.resync(ctx, tx, account, p.now())
	case org.EC2, org.LambdaCode, org.CodeRepository: // agents come by themselves
	}
	return nil
}

// A waking is the argument of a job that revives a resource.
type waking struct {
	Resource resource.Resource `json:"resource"`
}

// seen notes that something was done with a resource: it was pulled, or runs. If
// that makes one eligible again whose time was over, it is judged anew from what
// is kept of it. A resource that is not known is none of ours.
func (p *coverage) seen(ctx context.Context, account org.Account, res resource.Resource, now time.Time) error {
	s, scope := p.server.store, org.Only(account)
	known, found, err := s.Watched(ctx, scope, res)
	if err != nil || !found {
		return err
	}
	wakes := known.Reason == monitor.Expired && monitor.Revives(known.Resource, res, now)
	if wakes { // seldom: what settings say is not asked each time that an image is pulled
		settings, err := s.EffectiveSettings(ctx, account)
		if err != nil {
			return err
		}
		wakes = monitor.Eligible(settings, res, now).Reason == ""
	}
	if !wakes {
		as := known.Coverage
		as.Scanned = time.Time{}
		_, err := s.Record(ctx, scope, []store.Scan{{Resource: res, Coverage: []store.Coverage{as}}}, now)
		return err
	}
	args, err := json.Marshal(waking{res})
	if err != nil {
		return err
	}
	return s.Update(ctx, func(tx *store.Tx) error {
		return tx.Enqueue(ctx, store.Job{
			Kind: coverageWakeJob, Key: account.String() + "/" + res.Region + "/" + res.ID, Account: account, Run: now, Args: args,
		})
	})
}

// wake judges a resource anew that is eligible again.
func (p *coverage) wake(ctx context.Context, j *work.Job) error {
	var args waking
	if err := j.Decode(&args); err != nil {
		return err
	}
	as := store.Coverage{Code: store.CoverageActive, Reason: monitor.PendingRevival}
	if err := p.server.store.Mark(ctx, org.Only(j.Account), []resource.Resource{args.Resource}, as, p.now()); err != nil {
		return err
	}
	return p.revive(ctx, j.Account, args.Resource)
}
