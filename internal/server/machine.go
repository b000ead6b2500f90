package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
	"github.com/assay-project/assay/scan"
)

const (
	machineJob  = "scan_this_machine"
	machineKind = "machine-scan" // of objects: the last scan of a machine, by its name
	// machineWithin bounds the reading of a machine.
	machineWithin = 2 * time.Hour
)

// machine scans the machine that the server runs on, when somebody asks for it.
type machine struct {
	quiet
	server *server
	name   string // of this machine
	root   string // of its files
	getenv func(string) string
}

func newMachine(s *server) *machine {
	name, err := os.Hostname()
	if err != nil {
		name = "" // and it cannot be scanned
	}
	return &machine{server: s, name: name, root: "/", getenv: os.Getenv}
}

// machineRoutes are the operations on the machine that the server runs on.
var machineRoutes = []route{
	{"GET /assay/v1/scans/this-machine", "assay:GetThisMachine", installation, (*server).getThisMachine},
	{"POST /assay/v1/scans/this-machine", "assay:ScanThisMachine", installation, (*server).scanThisMachine},
}

// queue is the queue of this machine: of several that share a database, none
// takes the scan of another. One scan runs at a time.
func (p *machine) queue() string { return "machine " + p.name }

func (p *machine) work() workload {
	if p.problem() != nil {
		return workload{}
	}
	return workload{handlers: map[string]work.Handler{machineJob: p.scan}, queues: map[string]int{p.queue(): 1}}
}

// problem is why this machine cannot be scanned; nil if it can.
func (p *machine) problem() error {
	switch s := p.server; {
	case s.NoLocalScan:
		return fault.New(fault.Conflict, "Scanning the machine that Assay runs on is switched off (--no-local-scan).")
	case !s.works():
		return fault.New(fault.Conflict, "This server answers calls and leaves jobs to others (--role %s): it scans no machine.", s.Role)
	case p.name == "":
		return fault.New(fault.Conflict, "The machine that Assay runs on has no name.")
	}
	return nil
}

// notes say what a scan of this machine does not see.
func (p *machine) notes() (container bool, notes []string) {
	container = p.contained()
	if container {
		notes = append(notes, "Assay runs in a container. What is scanned is the file system of that container, not the machine it runs on: "+
			"enrol that machine with the agent, or run assay scan host on it.")
	}
	if os.Geteuid() > 0 {
		notes = append(notes, "Assay does not run as root: files that only root may read are not looked into, and the scan says which.")
	}
	return container, notes
}

// contained tells whether the server runs in a container, as far as the usual
// ones say so.
// Source: podman-run(1), "/run/.containerenv" and the variable container; systemd,
// "The Container Interface"; Kubernetes documentation, "Service", "Environment
// variables"; Docker makes /.dockerenv.
func (p *machine) contained() bool {
	for _, name := range []string{".dockerenv", "run/.containerenv"} {
		if _, err := os.Stat(filepath.Join(p.root, name)); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return p.getenv("container") != "" || p.getenv("KUBERNETES_SERVICE_HOST") != ""
}

// The states of a MachineScan.
const (
	machineWaiting = "waiting"
	machineRunning = "running"
	machineDone    = "done"
	machineFailed  = "failed"
)

// MachineScan is a scan of the machine that the server runs on.
type MachineScan struct {
	ID       string    `json:"id"`
	State    string    `json:"state"`           // waiting, running, done or failed
	Phase    string    `json:"phase,omitempty"` // of one that runs: reading, matching
	Asked    time.Time `json:"asked"`
	Began    time.Time `json:"began,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Elapsed  float64   `json:"elapsed"`  // seconds since it began; in all, once it has ended
	Packages int       `json:"packages"` // 0 until they are known
	Error    string    `json:"error,omitempty"`

	Resource string             `json:"resource,omitempty"` // id of the machine, once it is taken in
	Findings map[store.Kind]int `json:"findings,omitempty"` // how many changed, by how
	Problems []string           `json:"problems,omitempty"` // what could not be read
	Unread   int                `json:"unread,omitempty"`   // how many those are, if more
	// NotScanned is the reason of coverage for which the machine is not scanned.
	NotScanned string `json:"notScanned,omitempty"`
}

func (m MachineScan) over() bool { return m.State == machineDone || m.State == machineFailed }

// ThisMachine is the machine that the server runs on.
type ThisMachine struct {
	Name      string       `json:"name"`
	Possible  bool         `json:"possible"`          // it can be scanned
	Problem   string       `json:"problem,omitempty"` // why it cannot
	Container bool         `json:"container"`         // it is a container
	Notes     []string     `json:"notes,omitempty"`   // what a scan does not see
	Scan      *MachineScan `json:"scan,omitempty"`    // the last one
}

func (s *server) getThisMachine(ctx context.Context, r request) (any, error) {
	p := s.machine
	out := ThisMachine{Name: p.name, Possible: true}
	if err := p.problem(); err != nil {
		out.Possible, out.Problem = false, err.Error()
	}
	out.Container, out.Notes = p.notes()
	last, found, err := p.last(ctx, r.caller.Account)
	if err != nil || !found {
		return out, err
	}
	out.Scan = &last
	return out, nil
}

// scanThisMachine has this machine scanned. If it is being scanned already, that
// is the scan.
func (s *server) scanThisMachine(ctx context.Context, r request) (any, error) {
	p := s.machine
	if err := p.problem(); err != nil {
		return nil, err
	}
	account := r.caller.Account
	settings, err := s.store.Settings(ctx, org.Only(account), account)
	if err != nil {
		return nil, err
	}
	if !settings.On(org.EC2) {
		return nil, fault.New(fault.Conflict, "Scanning of EC2 is switched off for account %s: switch it on first.", account)
	}
	out := MachineScan{ID: strings.ToLower(rand.Text()[:16]), State: machineWaiting, Asked: r.now}
	args, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	last, found, err := p.last(ctx, account)
	if err != nil {
		return nil, err
	}
	if found && !last.over() {
		return last, nil
	}
	// Of two that ask at once, the later one is done, once.
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		if err := p.put(ctx, tx, account, out, r.now); err != nil {
			return err
		}
		return tx.Enqueue(ctx, store.Job{Kind: machineJob, Queue: p.queue(), Key: p.name, Account: account, Run: r.now, Limit: 3, Args: args})
	})
}

// last returns the last scan of this machine for an account.
func (p *machine) last(ctx context.Context, account org.Account) (m MachineScan, found bool, err error) {
	list, err := p.server.store.Objects(ctx, org.Only(account), store.Objects{Kind: machineKind, ID: p.name, Limit: 1})
	if err != nil || len(list) == 0 || p.name == "" {
		return m, false, err
	}
	if err := list[0].Decode(&m); err != nil {
		return m, false, err
	}
	if m.over() {
		return m, true, nil
	}
	// Who runs the installation may have taken the job away.
	jobs, err := p.server.store.Jobs(ctx, store.Jobs{States: []store.State{store.Ready, store.Running}, Queue: p.queue(), Kind: machineJob, Limit: 1})
	if err != nil {
		return m, false, err
	}
	if len(jobs) == 0 { // or it has just ended
		if list, err = p.server.store.Objects(ctx, org.Only(account), store.Objects{Kind: machineKind, ID: p.name, Limit: 1}); err != nil || len(list) == 0 {
			return m, false, err
		}
		if err := list[0].Decode(&m); err != nil {
			return m, false, err
		}
		if !m.over() {
			m.State, m.Phase, m.Error, m.Ended = machineFailed, "", "The scan was cancelled.", list[0].Updated
		}
	}
	if m.State == machineRunning {
		m.Elapsed = elapsed(m.Began)
	}
	return m, true, nil
}

func (p *machine) put(ctx context.Context, tx *store.Tx, account org.Account, m MachineScan, now time.Time) error {
	o := store.Object{Kind: machineKind, Account: account, ID: p.name, Created: m.Asked, Updated: now}
	return tx.Put(ctx, org.Only(account), o, m)
}

// keep writes how far a scan is.
func (p *machine) keep(ctx context.Context, account org.Account, m MachineScan) error {
	return p.server.store.Update(ctx, func(tx *store.Tx) error { return p.put(ctx, tx, account, m, time.Now()) })
}

// scan scans this machine as "assay scan host" does, and takes in what it holds as
// if that had been handed in. It is not tried again: whoever asked for it is told
// why it failed, and may ask again.
func (p *machine) scan(ctx context.Context, j *work.Job) error {
	var m MachineScan
	if err := j.Decode(&m); err != nil {
		return err
	}
	m.State, m.Phase, m.Began = machineRunning, phaseReading, time.Now()
	if err := p.keep(ctx, j.Account, m); err != nil {
		return err
	}
	shown := p.server.live.begin(j.Account, m.ID, p.name)
	err := p.take(ctx, j.Account, &m, shown)
	shown.end(m.Resource, err)
	last := context.WithoutCancel(ctx)
	if ctx.Err() != nil { // the server stops: the scan begins anew when it is back
		m = MachineScan{ID: m.ID, State: machineWaiting, Asked: m.Asked}
		return errors.Join(ctx.Err(), p.keep(last, j.Account, m))
	}
	m.State, m.Phase, m.Ended, m.Elapsed = machineDone, "", time.Now(), elapsed(m.Began)
	if err != nil {
		m.State, m.Error = machineFailed, clipped(err.Error(), maxTrouble)
		return errors.Join(store.Permanent{Err: err}, p.keep(last, j.Account, m))
	}
	return j.Finish(ctx, func(tx *store.Tx) error { return p.put(ctx, tx, j.Account, m, m.Ended) })
}

// maxUnread is how many of the files are named that could not be read.
const maxUnread = 20

// take reads what the machine holds and takes it in, and notes in m what came of it.
func (p *machine) take(ctx context.Context, account org.Account, m *MachineScan, shown *scanning) error {
	bounded, cancel := context.WithTimeout(ctx, machineWithin)
	defer cancel()
	rep, err := scan.Inventory(bounded, cmp.Or(p.server.host, "host"), scan.Options{})
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("not read after %v: %w", machineWithin, err)
	}
	if err != nil {
		return err
	}
	m.Packages, m.Phase = len(rep.Inventory.Packages), phaseMatching
	shown.found(m.Packages)
	for _, problem := range rep.Inventory.Problems {
		if m.Unread++; len(m.Problems) < maxUnread {
			m.Problems = append(m.Problems, strings.TrimPrefix(problem.Path+": ", ": ")+problem.Reason)
		}
	}
	if err := p.keep(ctx, account, *m); err != nil {
		return err
	}
	sub := monitor.Submission{Schema: monitor.Schema, Target: rep.Target, Inventory: rep.Inventory}
	sum, err := p.server.monitor.Take(ctx, monitor.Submitter{Account: account}, sub, time.Now())
	if err != nil {
		return err
	}
	m.Resource, m.Findings, m.NotScanned = sum.ID, sum.Findings, sum.NotScanned
	return nil
}

// is tells whether a resource is the machine that the server runs on.
func (p *machine) is(res resource.Resource) bool {
	return res.Type == resource.Instance && p.name != "" && res.ID == cmp.Or(strings.TrimPrefix(p.server.host, "host:"), p.name)
}
