package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/inventory"
)

const (
	patience   = 5 * time.Second // for the first orders, and for the first look at packages of languages
	usageEvery = time.Minute     // at most; else with each heartbeat
)

// An agent is everything that goes on while it runs. All but the courier, the
// watcher and a look at packages of languages is done by one goroutine.
type agent struct {
	Config
	id      Identity
	link    *link
	buffer  *buffer
	watcher *watcher
	courier *courier

	host   Host
	orders Orders
	status Status

	system inventory.Inventory
	known  bool // system is known
	deep   deep
	looked bool // deep is known
	census census
	used   time.Time // when the census was last taken

	tip      inventory.Inventory // what the server will have when the buffer is sent
	revision string              // of it; empty: the next report has to be whole
	taken    string              // revision that the server has
	missed   int                 // heartbeats in a row that were not answered
	next     calendar

	systemHold, deepHold hold
	touched              map[string]bool // folders of packages of languages
	looking              bool            // a look at them goes on
	found                chan found
}

// A calendar is when what is due again and again is due next.
type calendar struct {
	beat, full, deep time.Time // zero: not before something else happens
	begun            bool      // the first look has been made
}

// Found is what came of a look at packages of languages.
type found struct {
	deep
	paths []string // that were looked at; nil: all
	err   error
}

// open makes an agent that has done nothing yet. The caller calls end.
func open(c Config) (a *agent, end func() error, err error) {
	if err := c.Check(); err != nil {
		return nil, nil, err
	}
	a = &agent{Config: c, found: make(chan found, 1), touched: map[string]bool{}}
	a.deepHold.quiet, a.systemHold.quiet = deepQuiet, quietFor
	if a.id, err = readIdentity(c.State); err != nil {
		return nil, nil, err
	}
	lock, err := c.hold()
	if err != nil {
		return nil, nil, err
	}
	fail := func(err error) (*agent, func() error, error) { return nil, nil, errors.Join(err, lock.Close()) }
	if a.link, err = newLink(a.id, c.Now); err != nil {
		return fail(err)
	}
	if a.buffer, err = openBuffer(filepath.Join(c.State, "buffer"), maxBuffer); err != nil {
		return fail(err)
	}
	if a.host, err = describe(c.Root); err != nil {
		return fail(err)
	}
	if a.watcher, err = newWatcher(); err != nil {
		return fail(err)
	}
	a.courier = &courier{link: a.link, buffer: a.buffer, beats: make(chan Beat, 1), out: make(chan news)}
	a.orders = Orders{Scan: true, Deep: true, Heartbeat: DefaultHeartbeat.Seconds(), FullEvery: MaxFull.Seconds(), DeepEvery: DefaultDeep.Seconds()}
	a.status = Status{
		Version: c.Version, Process: os.Getpid(), Started: c.Now(), Server: a.id.Server, Agent: a.id.Agent, Account: a.id.Account,
		Resource: a.id.Resource, Scanning: true,
	}
	return a, func() error { return errors.Join(a.watcher.close(), lock.Close()) }, nil
}

// Run watches the host until the context ends. Reports that could not be sent by
// then are sent after the next start.
func Run(ctx context.Context, c Config) error {
	a, end, err := open(c)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	changes, done := make(chan change, 64), make(chan error, 2)
	go func() { a.courier.run(ctx); done <- nil }()
	go func() {
		err := a.watcher.run(ctx, changes)
		if err != nil {
			stop() // to go on blind would look like health
		}
		done <- err
	}()
	a.Log.LogAttrs(ctx, slog.LevelInfo, "watching", slog.String("server", a.id.Server), slog.String("resource", a.id.Resource), slog.String("version", a.Version))
	a.loop(ctx, changes)
	stop()
	err = errors.Join(end(), <-done, <-done)
	if a.looking {
		<-a.found
	}
	a.Log.LogAttrs(context.WithoutCancel(ctx), slog.LevelInfo, "stopped", slog.Int("waiting", a.buffer.waits()))
	return err
}

// Once reads all that the host holds, and sends it.
func Once(ctx context.Context, c Config) (Receipt, error) {
	a, end, err := open(c)
	if err != nil {
		return Receipt{}, err
	}
	got, err := a.once(ctx)
	return got, errors.Join(err, end())
}

func (a *agent) once(ctx context.Context) (Receipt, error) {
	n := a.courier.beat(ctx, a.beatOf())
	if n.err != nil {
		return Receipt{}, n.err
	}
	if a.orders = *n.orders; !a.orders.Scan {
		return Receipt{}, errors.New("the account has switched scans of hosts off (aws inspector2 enable --resource-types EC2 switches them on)")
	}
	if err := a.readSystem(ctx); err != nil {
		return Receipt{}, err
	}
	if a.orders.Deep {
		var err error
		if a.deep, err = readDeep(ctx, a.Root, a.paths()); err != nil {
			return Receipt{}, err
		}
	}
	a.looked = true
	a.takeCensus(ctx)
	inv := a.inventory()
	body, err := a.whole(inv, Revision(inv))
	if err != nil {
		return Receipt{}, err
	}
	var got Receipt
	err = a.link.post(ctx, "agents/inventory", body, &got)
	a.status.Packages, a.status.Problems, a.status.Read = len(inv.Packages), len(inv.Problems), a.Now()
	if err == nil {
		a.status.Sent = a.Now()
		err = a.buffer.clear() // it was older
	}
	a.keepStatus()
	return got, err
}

// loop does what is due until the context ends.
func (a *agent) loop(ctx context.Context, changes <-chan change) {
	now := a.Now()
	a.next = calendar{beat: now, full: now.Add(patience)} // by then the first orders should be there
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case c := <-changes:
			a.changed(c)
		case f := <-a.found:
			a.keepFound(ctx, f)
		case n := <-a.courier.out:
			a.heard(ctx, n)
		}
		ask := a.work(ctx)
		timer.Reset(earliest(a.Now(), ask))
	}
}

// work does what is due, and returns when to ask again.
func (a *agent) work(ctx context.Context) []time.Time {
	now := a.Now()
	if !now.Before(a.next.beat) {
		a.next.beat = now.Add(jitter(a.heartbeat(), chance()))
		a.beat(ctx)
	}
	if !a.orders.Scan {
		return []time.Time{a.next.beat}
	}
	if !now.Before(a.next.full) {
		a.next.full, a.next.begun = now.Add(jitter(a.fullEvery(), chance())), true
		a.full(ctx)
		a.next.deep = now
	}
	if !a.next.begun {
		return []time.Time{a.next.beat, a.next.full}
	}
	ask := a.lookAgain(ctx)
	if !a.orders.Deep || a.looking {
		return []time.Time{a.next.beat, a.next.full, ask}
	}
	if !now.Before(a.next.deep) {
		a.next.deep = now.Add(jitter(seconds(a.orders.DeepEvery, DefaultDeep), chance()))
		a.look(ctx, nil)
	}
	return []time.Time{a.next.beat, a.next.full, a.next.deep, ask}
}

// earliest returns how long it is until the first of some times; zero ones are
// none.
func earliest(now time.Time, times []time.Time) time.Duration {
	out := time.Hour
	for _, t := range times {
		if !t.IsZero() {
			out = min(out, max(t.Sub(now), 0))
		}
	}
	return out
}

// jitter returns a duration that is up to a tenth shorter, so that agents that
// were started together do not call together.
func jitter(d time.Duration, chance float64) time.Duration {
	return d - time.Duration(chance*float64(d)/10)
}

func seconds(s float64, otherwise time.Duration) time.Duration {
	if s <= 0 || s > (30*24*time.Hour).Seconds() {
		return otherwise
	}
	return time.Duration(s * float64(time.Second))
}

func (a *agent) heartbeat() time.Duration {
	if a.Heartbeat != 0 {
		return a.Heartbeat
	}
	return min(max(seconds(a.orders.Heartbeat, DefaultHeartbeat), minHeartbeat), maxHeartbeat)
}

func (a *agent) fullEvery() time.Duration {
	if a.FullEvery != 0 {
		return a.FullEvery
	}
	return min(max(seconds(a.orders.FullEvery, MaxFull), MinFull), MaxFull)
}

// paths returns where packages of languages are looked for, relative to the root.
func (a *agent) paths() []string {
	all := slices.Concat(defaultPaths, a.Paths)
	if len(a.orders.Paths) > 0 {
		all = slices.Concat(a.orders.Paths, a.Paths)
	}
	return relative(all)
}

// beat sends a sign of life.
func (a *agent) beat(ctx context.Context) {
	if a.orders.Scan && a.looked && a.Now().Sub(a.used) >= usageEvery {
		a.takeCensus(ctx)
		a.report(ctx)
	}
	b := a.beatOf()
	for {
		select {
		case a.courier.beats <- b:
			return
		default:
		}
		select {
		case <-a.courier.beats: // one that was never sent
		default:
		}
	}
}

func (a *agent) beatOf() Beat {
	b := Beat{Version: a.Version, Every: a.heartbeat().Seconds(), Revision: a.taken, Waiting: a.buffer.waits()}
	if a.status.Trouble != "" && !a.status.Troubled.Before(a.status.Heartbeat) {
		b.Trouble = a.status.Trouble
	}
	return b
}

// heard takes note of what the courier brings.
func (a *agent) heard(ctx context.Context, n news) {
	a.trouble(ctx, n.err)
	if n.taken != "" {
		a.taken, a.status.Sent = n.taken, a.Now()
	}
	switch {
	case n.waited:
		if !a.looked { // the first report does not wait for a long look
			a.report(ctx)
		}
	case n.beat && n.err != nil:
		a.missed++
		a.next.beat = a.Now().Add(min(backoff(a.missed, chance()), a.heartbeat()))
	case n.beat:
		if !a.next.begun {
			a.next.full = a.Now()
		}
		a.missed, a.status.Heartbeat = 0, a.Now()
		a.obey(ctx, *n.orders)
		if next := a.Now().Add(jitter(a.heartbeat(), chance())); next.Before(a.next.beat) {
			a.next.beat = next
		}
	}
	if n.full || n.beat && n.err == nil && n.orders.Full && a.looked && a.buffer.waits() == 0 {
		a.revision = ""
		a.report(ctx)
	}
	a.keepStatus()
	if n.beat {
		rest()
	}
}

// obey takes note of new orders.
func (a *agent) obey(ctx context.Context, o Orders) {
	before, old := a.paths(), a.orders
	a.orders, a.status.Scanning = o, o.Scan
	switch {
	case old.Scan && !o.Scan:
		a.Log.LogAttrs(ctx, slog.LevelInfo, "the account has switched scans of hosts off: waiting")
		a.revision = ""
		a.trouble(ctx, a.buffer.clear())
	case !old.Scan && o.Scan:
		a.Log.LogAttrs(ctx, slog.LevelInfo, "scans of hosts are on again")
		a.next.full = a.Now()
	case old.Deep && !o.Deep && o.Scan:
		a.deep, a.looked = deep{}, true
		a.report(ctx)
	}
	if o.Deep && (!old.Deep || !slices.Equal(before, a.paths())) {
		a.next.deep = a.Now()
	}
}

// trouble takes note of what went wrong.
func (a *agent) trouble(ctx context.Context, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	if err.Error() != a.status.Trouble {
		a.Log.LogAttrs(ctx, slog.LevelWarn, "cannot do all", slog.Any("error", err))
	}
	a.status.Trouble, a.status.Troubled = err.Error(), a.Now()
}

// changed takes note of a change on the host.
func (a *agent) changed(c change) {
	if !a.orders.Scan {
		return
	}
	if c.ofSystem(a.Root) {
		a.systemHold.note(a.Now())
	}
	if rel, err := filepath.Rel(a.Root, c.dir); err == nil && below(rel, a.paths()) || c.lost {
		if c.lost || len(a.touched) >= maxTouched {
			a.touched = map[string]bool{everyFolder: true}
		} else {
			a.touched[rel] = true
		}
		a.deepHold.note(a.Now())
	}
}

// lookAgain looks at what has changed, if its time has come, and returns when to
// ask again; zero: when something changes.
func (a *agent) lookAgain(ctx context.Context) time.Time {
	now := a.Now()
	due, ask := a.systemHold.due(now, func() bool {
		return slices.ContainsFunc(databases, func(d database) bool { return d.busy(a.Root) })
	})
	if due {
		a.watchSystem(ctx) // a folder may be another than it was: "rpm --rebuilddb" makes one
		a.trouble(ctx, a.readSystem(ctx))
		a.takeCensus(ctx)
		a.report(ctx)
		rest()
	}
	if a.looking || !a.orders.Deep {
		return ask // one look at a time; its end asks again
	}
	due, ask2 := a.deepHold.due(now, func() bool { return false })
	if due {
		var paths []string
		for d := range a.touched {
			paths = append(paths, d)
		}
		if a.touched[everyFolder] || !a.looked { // a part is no whole
			paths = nil
		}
		a.touched = map[string]bool{}
		a.look(ctx, relativeOrAll(paths))
	}
	if ask.IsZero() || !ask2.IsZero() && ask2.Before(ask) {
		ask = ask2
	}
	return ask
}

func relativeOrAll(paths []string) []string {
	if paths == nil {
		return nil
	}
	return relative(paths)
}

// full reads the packages of the system and reports everything.
func (a *agent) full(ctx context.Context) {
	a.watchSystem(ctx)
	a.trouble(ctx, a.readSystem(ctx))
	a.takeCensus(ctx)
	a.revision = ""
	if !a.orders.Deep {
		a.deep, a.looked = deep{}, true
	}
	if a.looked {
		a.report(ctx)
	}
	rest()
}

func (a *agent) watchSystem(ctx context.Context) {
	for _, d := range databases {
		a.trouble(ctx, a.watcher.add(filepath.Join(a.Root, d.dir), d.within))
	}
}

// readSystem reads the packages of the system. What was known stays if they
// cannot be read.
func (a *agent) readSystem(ctx context.Context) error {
	inv, err := readSystem(ctx, a.Root)
	if err != nil {
		return fmt.Errorf("reading the packages of the system: %w", err)
	}
	a.system, a.known, a.status.Read = inv, true, a.Now()
	a.census.owners = nil
	return nil
}

// takeCensus looks at what is in use. What cannot be found out is not known.
func (a *agent) takeCensus(ctx context.Context) {
	a.used = a.Now()
	err := a.census.look(ctx, a.Root, a.used)
	if err != nil {
		a.census.whole = false
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		a.trouble(ctx, fmt.Errorf("looking at processes: %w", err))
	}
}

// look starts to look for packages of languages in some of the paths, nil: in all.
func (a *agent) look(ctx context.Context, paths []string) {
	a.looking = true
	at := paths
	if at == nil {
		at = a.paths()
	}
	go func() {
		d, err := readDeep(ctx, a.Root, at)
		a.found <- found{d, paths, err}
	}()
	if !a.looked {
		go a.remind(ctx)
	}
}

// remind has the first report not wait for a long look.
func (a *agent) remind(ctx context.Context) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return
	}
	_ = a.courier.tell(ctx, news{waited: true})
}

// keepFound keeps what a look has found, and reports it.
func (a *agent) keepFound(ctx context.Context, f found) {
	a.looking = false
	if f.err != nil {
		a.trouble(ctx, fmt.Errorf("looking for packages of languages: %w", f.err))
		return
	}
	switch {
	case !a.orders.Deep || !a.orders.Scan:
		return
	case f.limit == TooLong && a.looked: // what was known is better than nothing
		a.deep.problems, a.deep.limit = f.problems, f.limit
	case f.paths != nil:
		a.deep = a.deep.with(f.deep, f.paths)
	default:
		a.deep = f.deep
	}
	a.looked, a.status.Read = true, a.Now()
	roots := a.paths()
	for _, d := range folders(a.deep.packages, maxFolders) {
		// Much else happens in the paths themselves.
		if d != "" && d != "." && !slices.Contains(roots, d) {
			a.trouble(ctx, a.watcher.add(filepath.Join(a.Root, d), false))
		}
	}
	a.report(ctx)
	rest()
}

// inventory returns all that is known of the host, sorted.
func (a *agent) inventory() inventory.Inventory {
	inv := inventory.Inventory{
		OS:       a.system.OS,
		Packages: a.census.use(slices.Concat(a.system.Packages, a.deep.packages), a.host.Kernel),
		Problems: slices.Concat(a.system.Problems, a.deep.problems),
	}
	if !a.looked {
		inv.Problems = append(inv.Problems, inventory.Problem{Reason: "packages of languages have not been looked for yet"})
	}
	inv.Sort()
	return inv
}

// report keeps a report of what has changed since the last one, for the courier.
func (a *agent) report(ctx context.Context) {
	if !a.orders.Scan || !a.known {
		return
	}
	inv := a.inventory()
	revision := Revision(inv)
	if revision == a.revision {
		return
	}
	err := errFull
	if a.revision != "" {
		err = a.keep(inv, revision)
	}
	if errors.Is(err, errFull) {
		var body []byte
		if body, err = a.whole(inv, revision); err == nil {
			err = a.buffer.add(revision, true, body)
		}
	}
	a.trouble(ctx, err)
	a.tip, a.revision = inv, revision
	a.status.Packages, a.status.Problems = len(inv.Packages), len(inv.Problems)
	a.keepStatus()
}

// keep keeps a report of the changes.
func (a *agent) keep(inv inventory.Inventory, revision string) error {
	r := a.head(inv, revision)
	r.Base = a.revision
	r.Removed, r.Added = Diff(a.tip.Packages, inv.Packages)
	body, err := pack(r)
	if err != nil {
		return err
	}
	return a.buffer.add(revision, false, body)
}

func (a *agent) whole(inv inventory.Inventory, revision string) ([]byte, error) {
	r := a.head(inv, revision)
	r.Packages = inv.Packages
	return pack(r)
}

func (a *agent) head(inv inventory.Inventory, revision string) Report {
	return Report{
		Schema: Schema, Next: revision, Taken: a.link.time().UTC(), Host: a.host, OS: inv.OS, Problems: inv.Problems, Limit: a.deep.limit,
	}
}

// keepStatus writes the status for the people on the host. A disk that is full
// must not keep the agent from its work.
func (a *agent) keepStatus() {
	a.status.Waiting, a.status.Watched, a.status.Clock = a.buffer.waits(), a.watcher.watched(), a.link.behind().Seconds()
	a.status.Paths = nil
	if a.orders.Deep {
		for _, p := range a.paths() {
			a.status.Paths = append(a.status.Paths, "/"+strings.TrimPrefix(p, "/"))
		}
	}
	_ = a.status.keep(a.State)
}
