package server

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// rescanRoutes are the operations that have a resource scanned again.
var rescanRoutes = []route{
	{"POST /assay/v1/rescan", "assay:Rescan", everybody, (*server).rescan},
}

// Rescan asks for a scan of a resource that is known.
type Rescan struct {
	Resource string        `json:"resourceId"`
	Type     resource.Type `json:"type,omitempty"` // needed where resources of two types have the id
}

// RescanStarted says that a resource is being scanned again, or will be.
type RescanStarted struct {
	Started bool   `json:"started"`
	How     string `json:"how"` // who scans it, and when
}

// rescan has a resource scanned again by who scanned it before, or says why
// nobody can.
func (s *server) rescan(ctx context.Context, r request) (any, error) {
	var in Rescan
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	res, account, err := s.rescanned(ctx, r.scope, in)
	if err != nil {
		return nil, err
	}
	settings, err := s.store.EffectiveSettings(ctx, account)
	if err != nil {
		return nil, err
	}
	if v := monitor.Eligible(settings, res, r.now); v.Reason == monitor.PendingDisable {
		return nil, fault.New(fault.Invalid, "Scanning of this type of resource is switched off for account %s.", account)
	} else if v.Reason == monitor.ExcludedByTag {
		return nil, fault.New(fault.Invalid, "%s is not scanned: %s. %s", res.ID, v.Reason, monitor.Remedy(v.Reason))
	}
	out := RescanStarted{Started: true}
	switch res.Type {
	case resource.Instance:
		out.How, err = s.rescanHost(ctx, r, account, res)
	case resource.Image:
		out.How, err = s.rescanImage(ctx, account, res, r.now)
	case resource.Function:
		out.How, err = s.rescanFunction(ctx, account, res, r.now)
	case resource.Code:
		err = byHand(res, "It was scanned where its files are; scan it there again: assay scan DIRECTORY --server %s", s.URL)
	case resource.Repository, resource.AzureInstance, resource.AzureImage, resource.AzureRepository, resource.AzureRegistry, resource.AzureFunction:
		err = byHand(res, "Resources of type %s are not scanned by this server.", res.Type)
	default:
		err = byHand(res, "Resources of type %s are not scanned by this server.", res.Type)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// byHand is why a resource cannot be scanned again from here.
func byHand(res resource.Resource, format string, args ...any) error {
	return fault.New(fault.Invalid, "%s cannot be scanned again from here. %s", res.ID, fmt.Sprintf(format, args...))
}

// rescanned returns the resource that is meant.
func (s *server) rescanned(ctx context.Context, scope org.Scope, in Rescan) (resource.Resource, org.Account, error) {
	if in.Resource == "" {
		return resource.Resource{}, 0, fault.OnField("resourceId", "must be the id of a resource")
	}
	list, err := s.store.ResourcesNamed(ctx, scope, in.Resource)
	list = slices.DeleteFunc(list, func(r resource.Resource) bool { return in.Type != "" && r.Type != in.Type })
	switch {
	case err != nil:
		return resource.Resource{}, 0, err
	case len(list) == 0:
		return resource.Resource{}, 0, fault.New(fault.NotFound, "There is no resource %s.", in.Resource)
	case len(list) > 1:
		if list[0].Type == list[1].Type { // in two accounts
			return resource.Resource{}, 0, fault.OnField("resourceId", "is that of resources of accounts %s and %s: ask with a key of one of them", list[0].Account, list[1].Account)
		}
		return resource.Resource{}, 0, fault.OnField("type", "must be given: there is a %s and a %s of that id", list[0].Type, list[1].Type)
	}
	res := list[0].Complete()
	account, err := org.ParseAccount(res.Account)
	return res, account, err
}

// rescanHost asks the agent of a host for all that it holds, at its next
// heartbeat.
func (s *server) rescanHost(ctx context.Context, r request, account org.Account, res resource.Resource) (string, error) {
	// What came of it and is not written yet would undo the asking.
	if err := s.agents.flush(ctx); err != nil {
		return "", err
	}
	list, err := s.store.Objects(ctx, org.Only(account), store.Objects{Kind: agentKind, Parent: res.ID, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		if s.machine.is(res) && account == r.caller.Account && r.caller.Role.Allows("assay:ScanThisMachine") {
			if _, err := s.scope(ctx, r.caller, installation); err == nil && s.machine.problem() == nil {
				_, err := s.scanThisMachine(ctx, r)
				return "The server scans the machine that it runs on.", err
			}
		}
		return "", byHand(res, "It has no agent: enrol one, or scan it there again: assay scan host --server %s", s.URL)
	}
	var d agentDoc
	if err := list[0].Decode(&d); err != nil {
		return "", err
	}
	if r.now.Sub(d.Seen) > d.patience() {
		return "", byHand(res, "Its agent has been silent since %s.", d.Seen.UTC().Format(time.RFC3339))
	}
	// Without a revision that it shares with the server, it is asked for everything.
	err = s.agents.change(ctx, agentKey{account, list[0].ID}, func(d *agentDoc) { d.Revision = "" })
	return fmt.Sprintf("The agent is asked for all that the host holds at its next heartbeat, within %v.", d.every().Round(time.Second)), err
}

// rescanImage has an image scanned that is in a watched registry.
func (s *server) rescanImage(ctx context.Context, account org.Account, res resource.Resource, now time.Time) (string, error) {
	p := s.registries
	list, err := s.store.Objects(ctx, org.Only(account), store.Objects{Kind: registryKind})
	if err != nil {
		return "", err
	}
	for _, o := range list {
		w := watched{id: o.ID, account: account}
		if err := o.Decode(&w.registryDoc); err != nil {
			return "", err
		}
		if p.place(w, "").Registry != res.Image.Registry {
			continue
		}
		args := imageArgs{Registry: w.id, Repository: res.Image.Repository, Ref: res.Digest, Tags: bareTags(res)}
		if _, ok := w.way(args.Repository, args.Tags); !ok {
			continue
		}
		err := s.store.Update(ctx, func(tx *store.Tx) error { return enqueueScans(ctx, tx, w, []imageArgs{args}, 0, now) })
		return "The image is read from registry " + w.Name + " as soon as a worker is free.", err
	}
	return "", byHand(res, "No registry that is watched includes it; scan it again as it was before: assay scan IMAGE --server %s", s.URL)
}

// bareTags returns the tags of an image without its repository.
func bareTags(res resource.Resource) []string {
	at := res.Image.Registry + "/" + res.Image.Repository + ":"
	var out []string
	for _, t := range res.Tags {
		if len(t) > len(at) && t[:len(at)] == at {
			out = append(out, t[len(at):])
		}
	}
	return out
}

// rescanFunction has a function scanned that lies in a place that is watched.
func (s *server) rescanFunction(ctx context.Context, account org.Account, res resource.Resource, now time.Time) (string, error) {
	list, err := s.store.Objects(ctx, org.Only(account), store.Objects{Kind: functionSourceKind})
	if err != nil {
		return "", err
	}
	for _, source := range list {
		states, err := s.functions.states(ctx, source)
		if err != nil {
			return "", err
		}
		bases := sortedBases(states)
		i := slices.IndexFunc(bases, func(base string) bool { return states[base].Resource.ID == res.ID })
		if i < 0 {
			continue
		}
		args, err := json.Marshal(functionArgs{source.ID, bases[i]})
		if err != nil {
			return "", err
		}
		err = s.store.Update(ctx, func(tx *store.Tx) error {
			return tx.Enqueue(ctx, store.Job{Kind: functionScanJob, Key: source.ID + "/" + bases[i], Account: account, Run: now, Args: args})
		})
		return "The package is read from its place as soon as a worker is free.", err
	}
	return "", byHand(res, "It was handed in; hand it in again: assay admin functions")
}
