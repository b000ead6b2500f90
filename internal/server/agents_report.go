package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"

	"github.com/assay-project/assay/internal/agent"
	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// heartbeatHook answers a sign of life with how the agent shall look.
func (p *agents) heartbeatHook(r request) (any, error) {
	caller, err := p.server.front.Authenticate(r.Request, r.body, "assay:PutHeartbeat")
	if err != nil {
		return nil, err
	}
	var in agent.Beat
	if err := r.decodeUpTo(maxPlainWord, &in); err != nil {
		return nil, err
	}
	return p.heartbeat(r.Context(), caller, in, r.now)
}

func (p *agents) heartbeat(ctx context.Context, c api.Caller, in agent.Beat, now time.Time) (agent.Orders, error) {
	o, d, err := p.caller(ctx, c)
	if err != nil {
		return agent.Orders{}, err
	}
	settings, err := p.server.store.EffectiveSettings(ctx, o.Account)
	if err != nil {
		return agent.Orders{}, err
	}
	k := agentKey{o.Account, o.ID}
	if d.Stale != nil {
		if err := p.revive(ctx, o, d, now); err != nil {
			return agent.Orders{}, err
		}
	}
	p.note(k, agentNote{at: now, beat: &in})
	deep := settings.DeepInspection
	out := agent.Orders{
		Now: now, Scan: settings.On(org.EC2), Deep: !deep.Off, Heartbeat: d.Heartbeat, FullEvery: d.FullEvery,
		DeepEvery: agent.DefaultDeep.Seconds(),
	}
	if !deep.Off {
		out.Paths = slices.Concat(agent.DefaultPaths(), deep.Paths, deep.OrgPaths)
	}
	// What another server took a moment ago may not be written yet.
	lately := now.Sub(d.Reported) < time.Minute
	out.Full = out.Scan && (d.Revision == "" || d.Revision != in.Revision && !lately)
	return out, nil
}

// flush writes what came of agents. A transaction has few of them, so that
// nobody waits long for it.
func (p *agents) flush(ctx context.Context) error {
	const atOnce = 50
	p.mu.Lock()
	notes := maps.Clone(p.notes)
	p.mu.Unlock()
	for part := range slices.Chunk(slices.Collect(maps.Keys(notes)), atOnce) {
		err := p.server.store.Update(ctx, func(tx *store.Tx) error {
			for _, k := range part {
				if err := p.changeIn(ctx, tx, k, func(d *agentDoc) { d.note(notes[k]) }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		p.mu.Lock()
		for _, k := range part {
			if p.notes[k] == notes[k] { // no newer one has come
				delete(p.notes, k)
			}
		}
		p.mu.Unlock()
	}
	return nil
}

// inventoryHook takes in what a host holds, or how that has changed.
func (p *agents) inventoryHook(r request) (any, error) {
	var err error
	if r.caller, err = p.server.front.Authenticate(r.Request, r.body, "assay:PutInventory"); err != nil {
		return nil, err
	}
	out, err := p.inventory(r.Context(), r)
	p.recordReport(r.caller, out, err, r.now)
	return out, err
}

// recordReport keeps the record of a report soon: for agents without number to
// wait for it, would be one more transaction for each change on each host.
func (p *agents) recordReport(c api.Caller, out agent.Receipt, err error, now time.Time) {
	result := store.Success
	if err != nil {
		result = api.OwnError(err).Name
	}
	output, _ := json.Marshal(out) // texts and numbers
	p.server.trail.Add(store.AuditRecord{
		At: now, Account: c.Account, Action: "assay:PutInventory", Who: "arn:aws:iam::" + c.Account.String() + ":user/" + c.Name, Result: result, Event: uuid.NewString(), Request: uuid.NewString(),
		Key: c.Key, Verified: true, Role: c.Role, Region: p.server.Region, Address: c.Address.String(), Agent: c.Agent, Output: output,
	})
}

// inventory takes a report in.
func (p *agents) inventory(ctx context.Context, r request) (agent.Receipt, error) {
	o, d, err := p.caller(ctx, r.caller)
	if err != nil {
		return agent.Receipt{}, err
	}
	in, err := readReport(r)
	if err != nil {
		return agent.Receipt{}, err
	}
	if err := checkHost(in.Host); err != nil {
		return agent.Receipt{}, err
	}
	turn := &p.turns[maphash.String(p.seed, o.Account.String()+o.ID)%uint64(len(p.turns))]
	turn.Lock()
	defer turn.Unlock()
	return p.take(ctx, o, d, in, r.now)
}

// readReport reads the report in a request.
func readReport(r request) (agent.Report, error) {
	var from io.Reader = bytes.NewReader(r.body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(from)
		if err != nil {
			return agent.Report{}, fault.New(fault.Invalid, "The body is not gzip, as its Content-Encoding says.")
		}
		from = z
	}
	bounded := &io.LimitedReader{R: from, N: maxPlainBody + 1}
	in, err := agent.ReadReport(bounded)
	if bounded.N <= 0 {
		return agent.Report{}, fault.New(fault.Invalid, "The body has more than %d bytes when unpacked.", maxPlainBody)
	}
	return in, err
}

func (p *agents) take(ctx context.Context, o store.Object, d agentDoc, in agent.Report, now time.Time) (agent.Receipt, error) {
	var have inventory.Inventory
	had := ""
	scope := org.Only(o.Account)
	if in.Base != "" {
		held, err := p.server.store.Inventory(ctx, scope, o.Account, o.Parent)
		if fault.KindOf(err) == fault.NotFound {
			return agent.Receipt{Full: true}, nil
		}
		if err != nil {
			return agent.Receipt{}, err
		}
		have = held.Inventory
		have.Sort()
		if had = agent.Revision(have); had == in.Next { // the answer to it was lost
			return agent.Receipt{Revision: had}, p.taken(ctx, o, d, agentReport{now, had, len(have.Packages), in.Host})
		}
	}
	inv, revision, err := in.Follow(have, had)
	if errors.Is(err, agent.ErrBase) {
		return agent.Receipt{Full: true}, nil
	}
	if err != nil {
		return agent.Receipt{}, err
	}
	sub := monitor.Submission{
		Schema: monitor.Schema,
		Resource: resource.Resource{
			Type: resource.Instance, ID: o.Parent, Region: p.server.Region, Labels: d.Labels, Host: resource.Host{IPv4: in.Host.IPv4, IPv6: in.Host.IPv6},
		},
		Target:    scan.Target{Name: in.Host.Name, Kind: artifact.Host, Platform: artifact.Platform{OS: in.Host.OS, Architecture: in.Host.Arch}},
		Inventory: inv,
	}
	by := monitor.Submitter{Account: o.Account, Subject: o.Parent, Mode: agentMode(o.Parent), Reason: in.Limit}
	sum, err := p.server.monitor.Take(ctx, by, sub, now)
	if err != nil {
		return agent.Receipt{}, err
	}
	out := agent.Receipt{Revision: revision, Findings: map[string]int{}}
	for kind, n := range sum.Findings {
		out.Findings[string(kind)] = n
	}
	return out, p.taken(ctx, o, d, agentReport{now, revision, len(inv.Packages), in.Host})
}

// taken notes which report of an agent was taken last.
func (p *agents) taken(ctx context.Context, o store.Object, d agentDoc, report agentReport) error {
	p.note(agentKey{o.Account, o.ID}, agentNote{at: report.at, report: &report})
	if d.Stale != nil {
		return p.revive(ctx, o, d, report.at)
	}
	return nil
}

// AgentView is an agent as our own interface shows it.
type AgentView struct {
	ID       string     `json:"id"`
	Account  string     `json:"account"`
	Resource string     `json:"resource"`
	Key      string     `json:"accessKeyId"`
	Version  string     `json:"version,omitempty"`
	Host     agent.Host `json:"host"`
	Enrolled time.Time  `json:"enrolled"`
	Seen     time.Time  `json:"lastSeen"`
	Reported time.Time  `json:"lastReported,omitzero"`
	Packages int        `json:"packages"`
	Waiting  int        `json:"waiting"` // reports that it could not send yet
	Trouble  string     `json:"trouble,omitempty"`
	Silent   bool       `json:"silent"` // three heartbeats are missing
}

// Agents is the answer to a list of agents.
type Agents struct {
	Agents []AgentView `json:"agents"`
}

func (s *server) listAgents(ctx context.Context, r request) (any, error) {
	if err := s.agents.flush(ctx); err != nil {
		return nil, err
	}
	list, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: agentKind})
	if err != nil {
		return nil, err
	}
	out := Agents{Agents: []AgentView{}}
	for _, o := range list {
		var d agentDoc
		if err := o.Decode(&d); err != nil {
			return nil, err
		}
		out.Agents = append(out.Agents, AgentView{
			ID: o.ID, Account: o.Account.String(), Resource: o.Parent, Key: d.Key, Version: d.Version, Host: d.Host, Enrolled: d.Enrolled,
			Seen: d.Seen, Reported: d.Reported, Packages: d.Packages, Waiting: d.Waiting, Trouble: d.Trouble, Silent: r.now.Sub(d.Seen) > d.patience(),
		})
	}
	return out, nil
}

// deleteAgent forgets an agent and ends its key. What is known of its host stays,
// and coverage says that there is no agent.
func (s *server) deleteAgent(ctx context.Context, r request) (any, error) {
	var o store.Object
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		if o, err = tx.Object(ctx, r.scope, agentKind, r.PathValue("id")); err != nil {
			return err
		}
		var d agentDoc
		if err := o.Decode(&d); err != nil {
			return err
		}
		if err := ignoreMissing(tx.DisableKey(ctx, r.scope, d.Key, r.now)); err != nil {
			return err
		}
		return tx.Delete(ctx, r.scope, agentKind, o.ID)
	})
	if err != nil {
		return nil, err
	}
	c, known, err := s.store.Watched(ctx, r.scope, s.agents.resource(o))
	if err != nil || !known || c.Code != store.CoverageActive && c.Reason != monitor.StaleInventory && c.Reason != noInventory {
		return nil, err
	}
	as := store.Coverage{ScanType: store.PackageScan, Code: store.CoverageInactive, Reason: unmanaged}
	return nil, s.store.Mark(ctx, r.scope, []resource.Resource{c.Resource}, as, r.now)
}
