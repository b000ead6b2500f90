package server

import (
	"context"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// startRoutes are the operations on how far somebody is who begins.
var startRoutes = []route{
	{"GET /assay/v1/start", "assay:GetStart", everybody, (*server).start},
}

// Start is how far somebody is who begins: what there is, and which of the first
// steps have been taken.
type Start struct {
	Resources int         `json:"resources"` // under watch; counted up to 10,000
	Findings  int64       `json:"findings"`  // that are active
	Steps     []StartStep `json:"steps"`
}

// StartStep is one of the first steps. None needs another.
type StartStep struct {
	Name     string `json:"name"`     // this-machine, registry, functions, host or keys
	Done     bool   `json:"done"`     //
	Possible bool   `json:"possible"` // for the caller's account, with this server
	Detail   string `json:"detail"`   // how far it is, or why it is not possible
}

// startCounted is how far resources are counted: the first steps are over long before.
const startCounted = 10_000

func (s *server) start(ctx context.Context, r request) (any, error) {
	var out Start
	var err error
	if out.Resources, err = s.store.CountResources(ctx, r.scope, nil, startCounted); err != nil {
		return nil, err
	}
	if out.Findings, err = s.store.ActiveCount(ctx, r.scope); err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context, request) (StartStep, error){
		s.startMachine, s.startRegistry, s.startFunctions, s.startHost, s.startKeys,
	} {
		done, err := step(ctx, r)
		if err != nil {
			return nil, err
		}
		out.Steps = append(out.Steps, done)
	}
	return out, nil
}

// startMachine is whether the machine has been scanned that the server runs on.
func (s *server) startMachine(ctx context.Context, r request) (StartStep, error) {
	out := StartStep{Name: "this-machine"}
	o, err := s.store.Organization(ctx)
	if err != nil {
		return out, err
	}
	if r.caller.Account != o.Management {
		out.Detail = "Only the management account may have the machine scanned that Assay runs on."
		return out, nil
	}
	if err := s.machine.problem(); err != nil {
		out.Detail = err.Error()
		return out, nil
	}
	out.Possible = true
	last, found, err := s.machine.last(ctx, r.caller.Account)
	switch {
	case err != nil:
		return out, err
	case !found:
		out.Detail = s.machine.name + " has not been scanned."
	case last.State == machineDone:
		out.Done = true
		out.Detail = fmt.Sprintf("%s was scanned at %s: %s.", s.machine.name, last.Ended.UTC().Format(time.RFC3339), some(last.Packages, "package"))
	case last.State == machineFailed:
		out.Detail = "The scan of " + s.machine.name + " failed: " + last.Error
	default:
		out.Detail = s.machine.name + " is being scanned."
	}
	return out, nil
}

// some is a number of things: "1 package", "3 packages".
func some(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

func (s *server) startRegistry(ctx context.Context, r request) (StartStep, error) {
	out := StartStep{Name: "registry", Possible: true, Detail: "No registry is watched."}
	list, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: registryKind})
	if err != nil || len(list) == 0 {
		return out, err
	}
	images, synced := 0, false
	states, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: registryStateKind})
	if err != nil {
		return out, err
	}
	for _, o := range states {
		var state RegistryState
		if err := o.Decode(&state); err != nil {
			return out, err
		}
		images, synced = images+state.Images, synced || !state.Synced.IsZero()
	}
	out.Done = true
	if len(list) != 1 {
		out.Detail = fmt.Sprintf("%d registries are watched, with %s.", len(list), some(images, "image"))
	} else if out.Detail = "One registry is watched, with " + some(images, "image") + "."; !synced {
		out.Detail = "One registry is watched; it has not been walked yet."
	}
	return out, nil
}

func (s *server) startFunctions(ctx context.Context, r request) (StartStep, error) {
	out := StartStep{Name: "functions", Possible: true, Detail: "No folder or bucket of functions is watched, and none has been handed in."}
	list, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: functionSourceKind})
	if err != nil {
		return out, err
	}
	n, err := s.store.CountResources(ctx, r.scope, []resource.Type{resource.Function, resource.AzureFunction}, startCounted)
	if err != nil || n+len(list) == 0 {
		return out, err
	}
	out.Done, out.Detail = true, some(len(list), "place")+" with functions watched, "+some(n, "function")+" known."
	return out, nil
}

func (s *server) startHost(ctx context.Context, r request) (StartStep, error) {
	out := StartStep{Name: "host", Possible: true, Detail: "No host has an agent."}
	list, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: agentKind, Limit: startCounted})
	if err != nil || len(list) == 0 {
		return out, err
	}
	silent := 0
	for _, o := range list {
		var d agentDoc
		if err := o.Decode(&d); err != nil {
			return out, err
		}
		if r.now.Sub(d.Seen) > d.patience() {
			silent++
		}
	}
	out.Done = silent < len(list)
	out.Detail = some(len(list), "agent") + fmt.Sprintf(", %d of them silent.", silent)
	return out, nil
}

// startKeys is whether somebody else has a key besides the one of the first
// start.
func (s *server) startKeys(ctx context.Context, r request) (StartStep, error) {
	out := StartStep{Name: "keys", Possible: r.caller.Role.Allows("assay:CreateKey"), Detail: "There is no access key but the first."}
	list, err := s.store.AccessKeys(ctx, r.scope, "", 0)
	if err != nil {
		return out, err
	}
	n := 0
	for _, k := range list {
		if k.Subject == "" && k.Disabled.IsZero() && (k.Expires.IsZero() || k.Expires.After(r.now)) { // those of agents are not people's
			n++
		}
	}
	if n > 1 {
		out.Done, out.Detail = true, some(n, "access key")+" for people and programs."
	}
	return out, nil
}
