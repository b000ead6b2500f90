package server

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/agent"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/inventory"
)

// fleet is many agents at one server.
type fleet struct {
	r       *running
	agents  int
	rounds  int           // of one heartbeat and one change for each agent
	every   time.Duration // how long a round takes
	atOnce  int           // agents that come at the same time in the beginning
	clients []*client.Client
	holds   []inventory.Inventory

	mu    sync.Mutex
	times map[string][]time.Duration // of calls
}

// call makes a call and notes how long it took.
func (f *fleet) call(ctx context.Context, i int, path string, in, out any) error {
	begin := time.Now()
	err := f.clients[i].Do(ctx, "POST", path, in, out)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times[path] = append(f.times[path], time.Since(begin))
	return err
}

// host is what one of them holds: 300 packages of the system, and one of a
// language that has findings.
func host(i int, version string) inventory.Inventory {
	inv := inventory.Inventory{OS: inventory.OS{ID: "debian", VersionID: "12"}}
	for j := range 300 {
		inv.Packages = append(inv.Packages, inventory.Package{
			Type: "deb", Name: fmt.Sprintf("package-%d", j), Version: fmt.Sprintf("1.%d-1", i%7), Arch: "amd64", Path: "var/lib/dpkg/status",
			SourceName: fmt.Sprintf("package-%d", j), SourceVersion: fmt.Sprintf("1.%d-1", i%7), Evidence: inventory.Database, Usage: inventory.Idle,
		})
	}
	inv.Packages = append(inv.Packages, inventory.Package{Type: "npm", Name: "left", Version: version, Path: "usr/lib/node_modules/left/package.json", Evidence: inventory.Manifest})
	inv.Sort()
	return inv
}

// join enrols all and has each send all that it holds.
func (f *fleet) join(t *testing.T) {
	t.Helper()
	var token Enrollment
	if err := f.r.client.Do(t.Context(), "POST", "enrollments", NewEnrollment{Uses: f.agents}, &token); err != nil {
		t.Fatal(err)
	}
	f.clients, f.holds = make([]*client.Client, f.agents), make([]inventory.Inventory, f.agents)
	for i := range f.agents {
		var e agent.Enrolled
		in := application(token.Token, "x", fmt.Sprintf("host-%d", i))
		in.MachineID, in.Host.Name = fmt.Sprintf("%032d", i), in.Resource
		if status, text := f.r.post(t, "enroll", in, &e); status != 200 {
			t.Fatal(status, text)
		}
		f.clients[i] = f.r.as(t, e.Key, e.Secret)
	}
	g, ctx := errgroup.WithContext(t.Context())
	g.SetLimit(f.atOnce)
	for i := range f.agents {
		g.Go(func() error {
			f.holds[i] = host(i, "1.0.0")
			var got agent.Receipt
			err := f.clients[i].Do(ctx, "POST", "agents/inventory", whole(f.holds[i]), &got)
			if err == nil && got.Revision != agent.Revision(f.holds[i]) {
				err = fmt.Errorf("agent %d: %+v", i, got)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// live has each agent send heartbeats and changes, spread over the rounds.
func (f *fleet) live(t *testing.T) {
	t.Helper()
	g, ctx := errgroup.WithContext(t.Context())
	begin := time.Now()
	for i := range f.agents {
		g.Go(func() error {
			for round := range f.rounds {
				due := begin.Add(f.every*time.Duration(round) + f.every*time.Duration(i)/time.Duration(f.agents))
				select {
				case <-time.After(time.Until(due)):
				case <-ctx.Done():
					return ctx.Err()
				}
				if err := f.round(ctx, i, round); err != nil {
					return fmt.Errorf("agent %d, round %d: %w", i, round, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

func (f *fleet) round(ctx context.Context, i, round int) error {
	old := f.holds[i]
	var orders agent.Orders
	if err := f.call(ctx, i, "agents/heartbeat", agent.Beat{Every: 300, Revision: agent.Revision(old)}, &orders); err != nil {
		return err
	}
	if orders.Full {
		return fmt.Errorf("the whole inventory is wanted")
	}
	now := host(i, []string{"1.3.0", "9.0.0", "1.0.0"}[round%3])
	r := agent.Report{Schema: agent.Schema, Base: agent.Revision(old), Next: agent.Revision(now), Host: agent.Host{Name: "host", OS: "linux"}, OS: now.OS}
	r.Removed, r.Added = agent.Diff(old.Packages, now.Packages)
	var got agent.Receipt
	if err := f.call(ctx, i, "agents/inventory", r, &got); err != nil {
		return err
	}
	if got.Revision != r.Next || len(got.Findings) == 0 {
		return fmt.Errorf("%+v", got)
	}
	f.holds[i] = now
	return nil
}

// TestManyAgents has many agents send heartbeats and changes to one server:
// nothing may be lost. With ASSAY_TEST_LONG there are 2,000 of them, and 99 of
// 100 calls are to take 100 ms at most.
func TestManyAgents(t *testing.T) {
	f := &fleet{agents: 30, rounds: 3, every: 500 * time.Millisecond, atOnce: 4, times: map[string][]time.Duration{}}
	long := os.Getenv("ASSAY_TEST_LONG") != ""
	if long {
		f.agents, f.every = 2000, 60*time.Second
	} else {
		t.Parallel()
	}
	f.r = start(t, nil, nil)
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		f.r.stop()
		for line := range strings.Lines(f.r.log.String()) {
			if strings.Contains(line, "level=ERROR") {
				t.Log(line)
			}
		}
	})
	f.join(t)
	f.live(t)
	for path, times := range f.times {
		slices.Sort(times)
		p50, p99 := times[len(times)/2], times[len(times)*99/100]
		t.Logf("%s: %d calls, median %v, p99 %v, longest %v", path, len(times), p50, p99, times[len(times)-1])
		if long && p99 > 100*time.Millisecond {
			t.Errorf("%s: 1 of 100 calls takes more than %v", path, p99)
		}
	}
	var list Agents
	if err := f.r.client.Do(t.Context(), "GET", "agents", nil, &list); err != nil || len(list.Agents) != f.agents {
		t.Fatalf("%d agents, %v", len(list.Agents), err)
	}
	f.check(t)
}

// check asks for each host whether the server has what it last reported, by
// reporting the same again.
func (f *fleet) check(t *testing.T) {
	t.Helper()
	lost := 0
	for i, c := range f.clients {
		want := agent.Revision(f.holds[i])
		var got agent.Receipt
		err := c.Do(t.Context(), "POST", "agents/inventory", agent.Report{Schema: agent.Schema, Base: "the one before", Next: want, Host: agent.Host{Name: "host"}}, &got)
		if err != nil || got.Full || got.Revision != want {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d hosts are not as they were reported", lost, f.agents)
	}
}
