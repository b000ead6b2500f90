package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
	"github.com/assay-project/assay/scan"
)

const (
	// maxArchive bounds an archive, in bytes. AWS Lambda allows a function and
	// its layers 250 MB, unpacked.
	// Source: AWS Lambda Developer Guide, "Lambda quotas".
	maxArchive = 256 << 20
	// settling is how long after its last change an archive that is broken may
	// still be on its way.
	settling = time.Minute
)

// functionState is what is known of a package of a source.
type functionState struct {
	Base     string            `json:"base"`
	Stamp    string            `json:"stamp"`            // of all its files as they were when it was last looked at; empty: to be looked at
	Code     string            `json:"code,omitempty"`   // stamp of the code alone
	Layers   []string          `json:"layers,omitempty"` // names under which its layers were looked for
	Updated  time.Time         `json:"updated,omitzero"` // when its code was last seen to change
	Resource resource.Resource `json:"resource,omitzero"`
	Problem  string            `json:"problem,omitempty"`
}

// states returns what is known of the packages of a source, by their base.
func (p *functionWatch) states(ctx context.Context, source store.Object) (map[string]functionState, error) {
	list, err := p.server.store.Objects(ctx, org.Only(source.Account), store.Objects{Kind: functionKind, Parent: source.ID})
	if err != nil {
		return nil, err
	}
	out := map[string]functionState{}
	for _, o := range list {
		var st functionState
		if err := o.Decode(&st); err != nil {
			return nil, err
		}
		out[st.Base] = st
	}
	return out, nil
}

func sortedBases(states map[string]functionState) []string { return slices.Sorted(maps.Keys(states)) }

func (p *functionWatch) keepState(ctx context.Context, source store.Object, st functionState) error {
	return p.server.store.Update(ctx, func(tx *store.Tx) error { return p.putState(ctx, tx, source, st) })
}

func (p *functionWatch) putState(ctx context.Context, tx *store.Tx, source store.Object, st functionState) error {
	scope, now := org.Only(source.Account), p.now()
	// A source that has been deleted meanwhile gets nothing more.
	if _, err := tx.Object(ctx, scope, functionSourceKind, source.ID); err != nil {
		return err
	}
	return tx.Put(ctx, scope, store.Object{
		Kind: functionKind, Account: source.Account, ID: source.ID + "/" + st.Base, Parent: source.ID, Created: now, Updated: now,
	}, st)
}

// drop ends packages of a source: their functions are gone.
func (p *functionWatch) drop(ctx context.Context, source store.Object, states map[string]functionState, now time.Time) error {
	scope := org.Only(source.Account)
	for bases := range slices.Chunk(sortedBases(states), store.MaxScans) {
		var gone []resource.Resource
		for _, base := range bases {
			if res := states[base].Resource; res.ID != "" && !slices.ContainsFunc(gone, func(r resource.Resource) bool { return r.ID == res.ID }) {
				gone = append(gone, res)
			}
		}
		if err := p.server.store.Gone(ctx, scope, gone, now); err != nil {
			return err
		}
		err := p.server.store.Update(ctx, func(tx *store.Tx) error {
			for _, base := range bases {
				if err := ignoreMissing(tx.Delete(ctx, scope, functionKind, source.ID+"/"+base)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// resync has all sources of an account looked through, and each package of them
// scanned.
func (p *functionWatch) resync(ctx context.Context, tx *store.Tx, account org.Account, now time.Time) error {
	scope := org.Only(account)
	list, err := tx.Objects(ctx, scope, store.Objects{Kind: functionSourceKind})
	if err != nil {
		return err
	}
	for _, o := range list {
		packages, err := tx.Objects(ctx, scope, store.Objects{Kind: functionKind, Parent: o.ID})
		if err != nil {
			return err
		}
		for _, known := range packages {
			var st functionState
			if err := known.Decode(&st); err != nil {
				return err
			}
			st.Stamp = ""
			if err := p.putState(ctx, tx, o, st); err != nil {
				return err
			}
		}
		if err := enqueueFunctionSync(ctx, tx, o, now); err != nil {
			return err
		}
	}
	return nil
}

// functionArgs are the arguments of jobs on functions.
type functionArgs struct {
	Source string `json:"source,omitempty"`
	Base   string `json:"base,omitempty"`
}

// sync looks through a source; without one it has all looked through that are
// due.
func (p *functionWatch) sync(ctx context.Context, j *work.Job) error {
	var args functionArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	if args.Source == "" {
		return p.syncDue(ctx)
	}
	source, d, err := p.source(ctx, j.Account, args.Source)
	if err != nil || source.ID == "" {
		return err
	}
	now := p.now()
	files, err := p.list(ctx, source, d)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		d.Error = ""
		err = p.follow(ctx, source, &d, files)
		if err != nil {
			return err
		}
	} else {
		d.Error = err.Error()
		p.server.log.LogAttrs(ctx, slog.LevelWarn, "source of functions not read", slog.String("source", source.ID), slog.Any("error", err))
	}
	d.Synced = now
	scope := org.Only(source.Account)
	return p.server.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Object(ctx, scope, functionSourceKind, source.ID); err != nil {
			return ignoreMissing(err)
		}
		source.Updated = now
		return tx.Put(ctx, scope, source, d)
	})
}

// forget drops the functions of a source that was deleted. Those that have been
// dropped already are not kept any more when it is taken up again.
func (p *functionWatch) forget(ctx context.Context, j *work.Job) error {
	var args functionArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	source := store.Object{Account: j.Account, ID: args.Source}
	states, err := p.states(ctx, source)
	if err != nil {
		return err
	}
	return p.drop(ctx, source, states, p.now())
}

// source reads a source whose account has functions scanned; without an ID if
// there is nothing to do.
func (p *functionWatch) source(ctx context.Context, account org.Account, id string) (store.Object, storedSource, error) {
	var d storedSource
	scope := org.Only(account)
	o, err := p.server.store.Object(ctx, scope, functionSourceKind, id)
	if err != nil {
		return store.Object{}, d, ignoreMissing(err)
	}
	settings, err := p.server.store.Settings(ctx, scope, account)
	if err != nil || !settings.On(org.Lambda) {
		return store.Object{}, d, err
	}
	return o, d, o.Decode(&d)
}

// syncDue has those sources looked through that were not for as long as they
// say.
func (p *functionWatch) syncDue(ctx context.Context) error {
	scope, err := p.server.store.Everything(ctx)
	if err != nil {
		return err
	}
	list, err := p.server.store.Objects(ctx, scope, store.Objects{Kind: functionSourceKind})
	if err != nil {
		return err
	}
	now := p.now()
	for _, o := range list {
		var d storedSource
		if err := o.Decode(&d); err != nil {
			return err
		}
		if now.Before(d.Synced.Add(time.Duration(d.Minutes) * time.Minute)) {
			continue
		}
		if err := p.server.store.Update(ctx, func(tx *store.Tx) error { return enqueueFunctionSync(ctx, tx, o, now) }); err != nil {
			return err
		}
	}
	return nil
}

func (p *functionWatch) list(ctx context.Context, source store.Object, d storedSource) (files []discover.File, err error) {
	place, err := p.open(source.ID, d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	return place.List(ctx)
}

// follow has the packages scanned that are new or have changed, and ends those
// that are gone. When all are gone at once, a folder may not be mounted: they end
// when that is so at the next look, too.
func (p *functionWatch) follow(ctx context.Context, source store.Object, d *storedSource, files []discover.File) error {
	states, err := p.states(ctx, source)
	if err != nil {
		return err
	}
	stamps := map[string]string{}
	for _, f := range files {
		stamps[f.Name] = f.Stamp
	}
	packages, lonely := discover.FunctionPackages(files)
	var changed []string
	gone, layers := maps.Clone(states), map[string]bool{}
	for _, st := range states {
		for _, name := range st.Layers {
			layers[name] = true
		}
	}
	for _, f := range packages {
		st, known := states[f.Base]
		delete(gone, f.Base)
		if !known || st.Stamp != stampOf(f.Base, st.Layers, stamps) {
			changed = append(changed, f.Base)
		}
	}
	d.Functions, d.Problems = len(packages), lonelyProblems(lonely, stamps, layers)
	vanished := len(packages) == 0 && len(states) > 0
	if vanished && !d.Vanished {
		d.Vanished = true
		d.Problems = append(d.Problems, "nothing is there any more; if that is so at the next look, the functions are taken to be gone")
		return nil
	}
	d.Vanished = false
	if err := p.drop(ctx, source, gone, p.now()); err != nil {
		return err
	}
	for some := range slices.Chunk(changed, 100) {
		err := p.server.store.Update(ctx, func(tx *store.Tx) error {
			for _, base := range some {
				args, err := json.Marshal(functionArgs{source.ID, base})
				if err != nil {
					return err
				}
				err = tx.Enqueue(ctx, store.Job{
					Kind: functionScanJob, Key: source.ID + "/" + base, Account: source.Account, Run: p.now(), Args: args, Priority: 1,
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stampOf names the state of all files of a package.
func stampOf(base string, layers []string, stamps map[string]string) string {
	out := []string{stamps[base+".json"], stamps[base+".zip"]}
	for _, name := range layers {
		out = append(out, stamps[name])
	}
	return strings.Join(out, " ")
}

// lonelyProblems says what is wrong with files that are no package, and no layer
// of one.
func lonelyProblems(lonely []string, stamps map[string]string, layers map[string]bool) []string {
	var out []string
	for _, base := range lonely {
		switch _, manifest := stamps[base+".json"]; {
		case len(out) == maxProblems:
			return out
		case manifest:
			out = append(out, base+".json: there is no "+base+".zip beside it")
		case !layers[base+".zip"]:
			out = append(out, base+".zip: there is no "+base+".json beside it, and it is no layer of another")
		}
	}
	return out
}

// scan scans one package of a source.
func (p *functionWatch) scan(ctx context.Context, j *work.Job) (err error) {
	var args functionArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	source, d, err := p.source(ctx, j.Account, args.Source)
	if err != nil || source.ID == "" {
		return err
	}
	states, err := p.states(ctx, source)
	if err != nil {
		return err
	}
	place, err := p.open(source.ID, d)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	dir, err := os.MkdirTemp("", "assay-function-")
	if err != nil {
		return fmt.Errorf("making room for a function: %w", err)
	}
	defer os.RemoveAll(dir)
	v := visit{watch: p, source: source, place: place, dir: dir, stamps: map[string]string{}, states: states, state: states[args.Base]}
	v.state.Base = args.Base
	err = v.look(ctx)
	if err != nil || v.leave {
		return err
	}
	v.state.Stamp, v.state.Code = stampOf(args.Base, v.state.Layers, v.stamps), v.stamps[args.Base+".zip"]
	err = p.keepState(ctx, source, v.state)
	if res := v.state.Resource; fault.KindOf(err) == fault.NotFound && res.ID != "" { // the source was deleted meanwhile
		return p.server.store.Gone(ctx, org.Only(source.Account), []resource.Resource{res}, p.now())
	}
	return ignoreMissing(err)
}

// A visit is one look at a package.
type visit struct {
	watch  *functionWatch
	source store.Object
	place  discover.Place
	dir    string
	stamps map[string]string // of what was read
	states map[string]functionState
	state  functionState
	leave  bool // the state is to stay as it was: the package is gone, or not to be scanned now
}

// look reads, scans and takes in a package.
func (v *visit) look(ctx context.Context) error {
	v.state.Problem, v.state.Layers = "", nil
	m, err := v.manifest(ctx)
	if err != nil || v.leave || v.state.Problem != "" {
		return err
	}
	p, account := v.watch, v.source.Account
	if old := v.state.Resource; old.ID != "" && (!m.Latest() || old.ID != p.id(account, m.Name)) {
		if err := p.server.store.Gone(ctx, org.Only(account), []resource.Resource{old}, p.now()); err != nil {
			return err
		}
		v.state.Resource = resource.Resource{}
	}
	// What else is wanted of the code is its stamp.
	code, at, err := v.place.Open(ctx, v.state.Base+".zip")
	if err != nil {
		return v.unread(ctx, err)
	}
	defer code.Close()
	v.stamps[at.Name] = at.Stamp
	if v.state.Code != "" && v.state.Code != at.Stamp {
		v.state.Updated = at.Changed
	}
	if !m.Latest() {
		v.state.Problem = "version " + m.Version + " is not scanned, only $LATEST is"
		return nil
	}
	for base, other := range v.states {
		if base != v.state.Base && other.Resource.ID == p.id(account, m.Name) {
			v.state.Problem = "the function " + m.Name + " is that of " + base + " already"
			return nil
		}
	}
	f := fetched{manifest: m, changed: at.Changed, updated: v.state.Updated, code: filepath.Join(v.dir, "code.zip")}
	v.state.Resource = p.resource(account, f)
	if reason, err := p.refuse(ctx, account, f, p.now()); err != nil || reason != "" {
		return err
	}
	large, err := keep(f.code, code)
	if err != nil {
		return fmt.Errorf("reading %s: %w", at.Name, err)
	}
	if !large {
		large, err = v.layers(ctx, &f)
	}
	if err != nil {
		return err
	}
	if large {
		v.state.Problem = fmt.Sprintf("the code or a layer has more than %d bytes", maxArchive)
		return p.stop(ctx, account, f, monitor.UnsupportedCode)
	}
	return v.take(ctx, f)
}

// take scans what was fetched.
func (v *visit) take(ctx context.Context, f fetched) error {
	p := v.watch
	sum, err := p.take(ctx, v.source.Account, f, p.now())
	switch {
	case fault.KindOf(err) == fault.Conflict: // switched off meanwhile
		v.leave = true
		return nil
	case err != nil:
		return err
	case sum.NotScanned == monitor.UnsupportedCode && p.now().Sub(f.changed) < settling:
		return fmt.Errorf("the archive %s.zip is broken, or not yet whole", v.state.Base)
	case sum.NotScanned == monitor.UnsupportedCode:
		v.state.Problem = "the code or a layer is no zip archive that can be read"
	case len(f.unread) > 0:
		v.state.Problem = "there is no archive of " + strings.Join(f.unread, ", ")
	case len(sum.Problems) > 0:
		v.state.Problem = fmt.Sprintf("%d parts could not be read: %s: %s", len(sum.Problems), sum.Problems[0].Path, sum.Problems[0].Reason)
	}
	return nil
}

// manifest reads the manifest. What is wrong with it is a problem of the
// package, whose findings stay as they are.
func (v *visit) manifest(ctx context.Context) (discover.FunctionManifest, error) {
	r, at, err := v.place.Open(ctx, v.state.Base+".json")
	if err != nil {
		return discover.FunctionManifest{}, v.unread(ctx, err)
	}
	defer r.Close()
	v.stamps[at.Name] = at.Stamp
	text, err := io.ReadAll(io.LimitReader(r, discover.MaxManifest+1))
	if err != nil {
		return discover.FunctionManifest{}, fmt.Errorf("reading %s: %w", at.Name, err)
	}
	m, err := discover.ParseFunction(text)
	if err != nil {
		v.state.Problem = at.Name + ": " + err.Error()
	}
	return m, nil
}

// unread decides what becomes of a package that cannot be opened.
func (v *visit) unread(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist): // the next look at the source tells
		v.leave = true
		return nil
	case errors.Is(err, fs.ErrPermission) && v.state.Resource.ID != "":
		as := store.Coverage{Code: store.CoverageInactive, Reason: monitor.AccessDenied}
		v.leave = true // and is tried again at the next look
		return v.watch.server.store.Mark(ctx, org.Only(v.source.Account), []resource.Resource{v.state.Resource}, as, v.watch.now())
	}
	return err
}

// layers fetches the layers.
func (v *visit) layers(ctx context.Context, f *fetched) (tooLarge bool, err error) {
	for i, l := range f.manifest.Layers {
		path := ""
		for _, name := range l.Archives() {
			v.state.Layers = append(v.state.Layers, name)
			r, at, err := v.place.Open(ctx, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return false, err
			}
			v.stamps[name] = at.Stamp
			path = filepath.Join(v.dir, strconv.Itoa(i)+".zip")
			large, err := keep(path, r)
			if err := cmp.Or(err, r.Close()); err != nil || large {
				return large, err
			}
			break
		}
		f.add(l, path)
	}
	return false, nil
}

// fetched is a function whose archives lie in files.
type fetched struct {
	manifest discover.FunctionManifest
	code     string // path
	layers   []string
	names    []string  // of those layers: ARNs or names of files
	unread   []string  // layers that there is no archive of
	changed  time.Time // when the code was changed, as the place says; zero: not known
	updated  time.Time // when it was seen to change; zero: never
}

// add adds a layer, which lies at a path, or nowhere if that is empty.
func (f *fetched) add(l discover.FunctionLayer, path string) {
	if path == "" {
		f.unread = append(f.unread, l.Name())
		return
	}
	f.layers, f.names = append(f.layers, path), append(f.names, l.Name())
}

func (p *functionWatch) id(account org.Account, name string) string {
	return resource.FunctionARN(account.String(), p.server.Region, name)
}

// resource returns the function as it is known to Amazon's clients.
func (p *functionWatch) resource(account org.Account, f fetched) resource.Resource {
	m := f.manifest
	modified := m.Modified
	if modified == "" && !f.changed.IsZero() {
		modified = f.changed.UTC().Format(time.RFC3339)
	}
	if at, err := time.Parse(time.RFC3339, modified); err == nil && f.updated.After(at) {
		modified = f.updated.UTC().Format(time.RFC3339)
	}
	res := resource.Resource{
		Type: resource.Function, ID: p.id(account, m.Name), Name: m.Name, Account: account.String(), Region: p.server.Region, Labels: m.Tags,
		Function: resource.Runtime{
			Name: m.Name, Runtime: m.InspectorRuntime(), Role: m.Role, Modified: modified, Used: m.LastUsed, Package: "ZIP",
		},
	}
	for _, l := range m.Layers {
		res.Layers = append(res.Layers, l.Name())
	}
	return res
}

// refuse tells for which reason of coverage a function is not to be scanned, and
// records that; empty if it is.
func (p *functionWatch) refuse(ctx context.Context, account org.Account, f fetched, now time.Time) (string, error) {
	if f.manifest.KMSKey != "" {
		// Source: Inspector user guide, "Scanning AWS Lambda functions".
		return monitor.CustomerKey, p.stop(ctx, account, f, monitor.CustomerKey)
	}
	_, reason, err := p.server.monitor.Admit(ctx, account, p.resource(account, f), now)
	return reason, err
}

func (p *functionWatch) stop(ctx context.Context, account org.Account, f fetched, reason string) error {
	return p.server.store.Stop(ctx, org.Only(account), []resource.Resource{p.resource(account, f)}, reason, p.now())
}

// unscanned is the summary of a function that is not scanned, for a reason.
func unscanned(res resource.Resource, reason string) monitor.Summary {
	return monitor.Summary{Type: res.Type, ID: res.ID, Findings: map[store.Kind]int{}, NotScanned: reason}
}

// take scans a function that was not refused, and takes in what it holds.
func (p *functionWatch) take(ctx context.Context, account org.Account, f fetched, now time.Time) (monitor.Summary, error) {
	res := p.resource(account, f)
	shown := p.server.live.begin(account, res.ID, res.Name)
	rep, err := scan.Inventory(ctx, "function:"+f.code, scan.Options{Open: artifact.Options{Layers: f.layers}, Progress: shown.layers})
	defer func() { shown.end(res.ID, err) }()
	if errors.Is(err, artifact.ErrZip) {
		sum := unscanned(res, monitor.UnsupportedCode)
		if now.Sub(f.changed) < settling {
			return sum, nil // and is looked at again
		}
		return sum, p.stop(ctx, account, f, monitor.UnsupportedCode)
	}
	if err != nil {
		return unscanned(res, ""), err
	}
	shown.found(len(rep.Inventory.Packages))
	// Files here have names of ours.
	rep.Target.Name = f.manifest.Name + ".zip"
	for i := range rep.Target.Layers {
		rep.Target.Layers[i].Name = rep.Target.Name
		if i < len(f.names) {
			rep.Target.Layers[i].Name = f.names[i]
		}
	}
	sum, err := p.server.monitor.Take(ctx, monitor.Submitter{Account: account}, monitor.Submission{
		Schema: monitor.Schema, Resource: res, Target: rep.Target, Inventory: rep.Inventory,
	}, now)
	return sum, err
}
