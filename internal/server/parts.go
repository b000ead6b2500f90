package server

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// A part is one thing that the server does besides answering Amazon's clients.
type part interface {
	work() workload
	// hooks adds what answers requests that are not signed as others are: they
	// authenticate themselves.
	hooks(mux *http.ServeMux, g gate)
	// loop goes on until the context ends; it may return at once.
	loop(ctx context.Context)
}

// quiet is embedded by parts that nobody calls, and in which nothing goes on but
// jobs.
type quiet struct{}

func (quiet) hooks(*http.ServeMux, gate) {}
func (quiet) loop(context.Context)       {}

// A workload is jobs and when they come.
type workload struct {
	handlers  map[string]work.Handler
	schedules []store.Schedule
	queues    map[string]int // how many jobs of a queue run at the same time
}

// allRoutes are the operations of our own interface.
func allRoutes() []route {
	return slices.Concat(ownRoutes, startRoutes, machineRoutes, rescanRoutes, registryRoutes, functionRoutes, coverageRoutes, agentRoutes, sinkRoutes, feedRoutes, viewRoutes)
}

// makeParts makes all parts.
func (s *server) makeParts() {
	s.fanout, s.registries, s.agents = newFanout(s), newRegistries(s), newAgents(s)
	s.functions, s.coverage, s.sinks, s.feeds = newFunctions(s), newCoverage(s), newSinks(s), newFeeds(s)
	s.live, s.machine = newLive(s), newMachine(s)
	s.views = newViews(s)
}

func (s *server) parts() []part {
	return []part{s.fanout, s.live, s.machine, s.registries, s.agents, s.functions, s.coverage, s.sinks, s.feeds, s.views}
}

// addWork adds the jobs of all parts to those of the server itself.
func (s *server) addWork(r *work.Runner) {
	for _, p := range s.parts() {
		w := p.work()
		maps.Copy(r.Handlers, w.handlers)
		maps.Copy(r.Queues, w.queues)
		r.Schedules = append(r.Schedules, w.schedules...)
	}
}
