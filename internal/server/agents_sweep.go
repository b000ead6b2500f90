package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// Reasons of coverage, in Amazon's words.
const (
	noInventory = "NO_INVENTORY"
	unmanaged   = "UNMANAGED_EC2_INSTANCE"
)

// sweep notes in coverage which hosts have agents that are silent. Their findings
// stay: nobody knows that they are mended.
func (p *agents) sweep(ctx context.Context, j *work.Job) error {
	accounts, err := p.server.store.Accounts(ctx, 0, 0)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.ID.String() <= j.Cursor {
			continue
		}
		for at := (store.Objects{Kind: agentKind, Limit: coveragePage}); ; {
			list, err := p.server.store.Objects(ctx, org.Only(a.ID), at)
			if err != nil {
				return err
			}
			for _, o := range list {
				if err := p.judge(ctx, o, p.now()); err != nil {
					return err
				}
				at.After = o.Position()
			}
			if len(list) < at.Limit {
				break
			}
		}
		if err := j.Progress(ctx, a.ID.String(), nil); err != nil {
			return err
		}
	}
	return nil
}

// judge notes that an agent is silent. While no server ran, no agent could be
// heard.
func (p *agents) judge(ctx context.Context, o store.Object, now time.Time) error {
	var d agentDoc
	if err := o.Decode(&d); err != nil {
		return err
	}
	seen := d.Seen
	if seen.Before(p.started) {
		seen = p.started
	}
	if d.Stale != nil || now.Sub(seen) <= d.patience() {
		return nil
	}
	scope := org.Only(o.Account)
	c, known, err := p.server.store.Watched(ctx, scope, p.resource(o))
	if err != nil || !known || c.Code != store.CoverageActive {
		return err // another reason holds already
	}
	as := store.Coverage{ScanType: store.PackageScan, Code: store.CoverageInactive, Reason: monitor.StaleInventory, Mode: c.Mode}
	if d.Reported.IsZero() {
		as.Reason = noInventory
	}
	// First what the next heartbeat undoes: done twice, it is the same.
	if err := p.change(ctx, agentKey{o.Account, o.ID}, func(d *agentDoc) { d.Stale = &c.Coverage }); err != nil {
		return err
	}
	p.server.log.LogAttrs(ctx, slog.LevelInfo, "agent is silent", slog.String("agent", o.ID), slog.String("resource", o.Parent), slog.Time("seen", d.Seen))
	return p.server.store.Mark(ctx, scope, []resource.Resource{c.Resource}, as, now)
}

// revive gives the host of an agent that was silent the coverage back that it had.
func (p *agents) revive(ctx context.Context, o store.Object, d agentDoc, now time.Time) error {
	scope := org.Only(o.Account)
	c, known, err := p.server.store.Watched(ctx, scope, p.resource(o))
	if err != nil {
		return err
	}
	if known && (c.Reason == monitor.StaleInventory || c.Reason == noInventory) {
		was := *d.Stale
		was.Scanned = time.Time{} // that of the last scan stays
		if err := p.server.store.Mark(ctx, scope, []resource.Resource{c.Resource}, was, now); err != nil {
			return err
		}
	}
	return p.change(ctx, agentKey{o.Account, o.ID}, func(d *agentDoc) { d.Stale, d.Seen = nil, now })
}
