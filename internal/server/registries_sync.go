package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// syncArgs are the arguments of a job that walks a registry.
type syncArgs struct {
	Registry   string `json:"registry"`             // its id
	Repository string `json:"repository,omitempty"` // only this one and those below it; empty: all
	Force      bool   `json:"force,omitempty"`      // even if it is not yet time
}

// forgetArgs are the arguments of a job that clears up after a registry.
type forgetArgs struct {
	Registry RegistrySettings `json:"registry"`
}

const (
	atOnce         = 8                   // questions about the tags of a repository
	shownProblems  = 20                  // of one discovery
	maxFailures    = 5                   // repositories in a row, after which the registry is taken to be away
	firstReach     = 14 * 24 * time.Hour // how old images may be that are scanned when a registry is new
	maxUnseen      = 5000                // images without a tag that are asked for, of one repository
	scansPerCommit = 500
)

// A walk is one discovery under way.
type walk struct {
	*registries
	w      watched
	client *discover.Client
	now    time.Time
	state  RegistryState

	settings org.Settings // that hold for the account
	first    bool         // nothing of what there is has been pushed since the last one
}

// sync walks a registry: it notes what images there are and has those scanned
// that are to be.
func (p *registries) sync(ctx context.Context, j *work.Job) error {
	var args syncArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	everything, err := p.server.store.Everything(ctx)
	if err != nil {
		return err
	}
	w, ok, err := p.watched(ctx, everything.Narrow(j.Account), args.Registry)
	if err != nil || !ok {
		return err
	}
	on, since, err := p.on(ctx, w.account)
	if err != nil || !on {
		return err
	}
	last, err := p.state(ctx, w.scope(), w.id)
	if err != nil {
		return err
	}
	k := &walk{registries: p, w: w, now: time.Now()}
	if k.settings, err = p.server.store.EffectiveSettings(ctx, w.account); err != nil {
		return err
	}
	if !args.Force && !isDue(w.id, w.RegistrySettings, last, k.now) {
		return nil
	}
	// What was there before scanning was switched on has not been pushed since.
	k.first = last.Synced.Before(since) || last.Synced.IsZero()
	k.state.Synced, k.state.Tried = last.Synced, k.now
	if k.client, err = p.client(w); err != nil {
		return err
	}
	defer k.client.Close()
	err = k.all(ctx, j, args.Repository)
	if args.Repository != "" {
		return err
	}
	if err == nil {
		k.state.Synced = k.now
		return j.Finish(ctx, func(tx *store.Tx) error { return k.keep(ctx, tx) })
	}
	if ctx.Err() != nil {
		return err
	}
	k.state.Error = err.Error()
	return errors.Join(err, p.server.store.Update(ctx, func(tx *store.Tx) error { return k.keep(ctx, tx) }))
}

// keep writes what came of the walk, if the registry is still there.
func (k *walk) keep(ctx context.Context, tx *store.Tx) error {
	if list, err := tx.Objects(ctx, k.w.scope(), store.Objects{Kind: registryKind, ID: k.w.id, Limit: 1}); err != nil || len(list) == 0 {
		return err
	}
	o := store.Object{Kind: registryStateKind, Account: k.w.account, ID: k.w.id, Parent: k.w.id, Created: k.now, Updated: k.now}
	return tx.Put(ctx, k.w.scope(), o, k.state)
}

// problem notes what could not be read.
func (k *walk) problem(format string, args ...any) {
	switch text := fmt.Sprintf(format, args...); {
	case len(k.state.Problems) < shownProblems:
		k.state.Problems = append(k.state.Problems, text[:min(len(text), 500)])
	case len(k.state.Problems) == shownProblems:
		k.state.Problems = append(k.state.Problems, "and more")
	}
}

// all walks the repositories one after the other. What has been done stays
// done when the job is taken up again.
func (k *walk) all(ctx context.Context, j *work.Job, below string) error {
	names, err := k.repositories(ctx, below)
	if err != nil {
		return err
	}
	failures := 0
	for _, name := range names {
		if name <= j.Cursor {
			continue
		}
		scans, err := k.repository(ctx, name)
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil:
			k.problem("%s: %v", name, err)
			if failures++; failures == maxFailures {
				return fmt.Errorf("walking %s: %w", k.w.Address, err)
			}
			continue
		}
		failures = 0
		k.state.Repositories++
		k.state.Scans += len(scans)
		for len(scans) > scansPerCommit {
			some := scans[:scansPerCommit]
			err := k.server.store.Update(ctx, func(tx *store.Tx) error { return enqueueScans(ctx, tx, k.w, some, 1, k.now) })
			if err != nil {
				return err
			}
			scans = scans[scansPerCommit:]
		}
		if err := j.Progress(ctx, name, func(tx *store.Tx) error { return enqueueScans(ctx, tx, k.w, scans, 1, k.now) }); err != nil {
			return err
		}
	}
	return nil
}

// repositories returns the names of the repositories to be walked, sorted:
// those that the rules name, those of the catalogue that they fit, and those of
// which images are known.
func (k *walk) repositories(ctx context.Context, below string) ([]string, error) {
	names, open := k.w.Rules.Named()
	at := k.place(k.w, "")
	known, err := k.server.store.ImageRepositories(ctx, k.w.scope(), k.w.account, at.Registry)
	if err != nil {
		return nil, err
	}
	names = append(names, known...)
	if below != "" { // it is said to be there: the catalogue may be long
		names = append(names, below)
	} else if open {
		for name, err := range k.client.Repositories(ctx, "") {
			if errors.Is(err, discover.ErrDenied) || errors.Is(err, discover.ErrMissing) {
				k.problem("the list of repositories: %v; name the repositories in the rules", err)
				break
			}
			if err != nil && len(names) > 0 && !errors.Is(err, discover.ErrLies) && !errors.Is(err, discover.ErrTooLarge) {
				return nil, fmt.Errorf("listing repositories: %w", err)
			}
			if err != nil {
				k.problem("the list of repositories: %v", err)
				break
			}
			names = append(names, name)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	out := slices.DeleteFunc(names, func(name string) bool {
		some, _ := k.w.Rules.Includes(name)
		inside := below == "" || name == below || strings.HasPrefix(name, below+"/")
		if some && inside && !discover.ValidRepository(name) {
			k.problem("%.80q is no name of a repository", name)
			return true
		}
		return !some || !inside
	})
	slices.Sort(out)
	return slices.Compact(out), nil
}

// repository looks at one repository and returns what is to be scanned of it.
func (k *walk) repository(ctx context.Context, name string) ([]imageArgs, error) {
	tags, complete, err := k.tags(ctx, name)
	if err != nil {
		return nil, err
	}
	digests, sound, err := k.digests(ctx, name, tags)
	if err != nil {
		return nil, err
	}
	known, err := k.server.store.Images(ctx, k.w.scope(), k.w.account, k.place(k.w, name), "")
	if err != nil {
		return nil, err
	}
	r := &reconciling{walk: k, name: name, digests: digests}
	for _, i := range known {
		if err := r.old(ctx, i, complete && sound); err != nil {
			return nil, err
		}
	}
	if err := r.fresh(ctx); err != nil {
		return nil, err
	}
	k.state.Tags += len(tags)
	k.state.Images += len(digests)
	if err := k.record(ctx, k.w, r.write, k.now); err != nil {
		return nil, err
	}
	return r.scans, k.server.store.Gone(ctx, k.w.scope(), r.gone, k.now)
}

// tags returns the tags of a repository that rules include; complete tells
// whether they are all that it has.
func (k *walk) tags(ctx context.Context, name string) (tags []string, complete bool, err error) {
	_, complete = k.w.Rules.Includes(name)
	for tag, err := range k.client.Tags(ctx, name) {
		switch {
		case errors.Is(err, discover.ErrMissing):
			return nil, complete, nil // the repository is gone, and all its images are
		case errors.Is(err, discover.ErrLies), errors.Is(err, discover.ErrTooLarge):
			k.problem("%s: %v", name, err)
			return tags, false, nil // those that were had are good
		case err != nil:
			return nil, false, err
		case !discover.ValidTag(tag):
			k.problem("%s: %.80q is no tag", name, tag)
		case discover.AboutAnother(tag):
		default:
			if _, ok := k.w.Rules.Fit(name, tag); ok {
				tags = append(tags, tag)
			}
		}
	}
	return tags, complete, nil
}

// digests returns the images of a repository with their tags; sound tells
// whether all tags could be followed.
func (k *walk) digests(ctx context.Context, name string, tags []string) (out map[string][]string, sound bool, err error) {
	out, sound = map[string][]string{}, true
	var mu sync.Mutex
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, tag := range tags {
		g.Go(func() error {
			list, err := k.client.Images(inner, name, tag)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, discover.ErrMissing): // it has just gone
			case errors.Is(err, discover.ErrLies), errors.Is(err, discover.ErrTooLarge), errors.Is(err, discover.ErrUnsupported):
				k.problem("%s:%s: %v", name, tag, err)
				sound = false
			case err != nil:
				return fmt.Errorf("tag %s: %w", tag, err)
			}
			for _, d := range list {
				out[d] = append(out[d], tag)
			}
			return nil
		})
	}
	err = g.Wait() // before sound is read
	return out, sound, err
}

// A reconciling compares a repository with what is known of it.
type reconciling struct {
	*walk
	name    string
	digests map[string][]string // tags by digest; what is known is taken out
	write   []store.Scan
	gone    []resource.Resource
	scans   []imageArgs
	unseen  int
}

// old looks at an image that is known. complete tells whether all tags have been
// seen.
func (r *reconciling) old(ctx context.Context, i store.Image, complete bool) error {
	res := i.Resource
	digest := res.Complete().Digest
	tags, there := r.digests[digest]
	switch {
	case i.Gone:
		return nil // if it is there again, it is new
	case !there && r.unseen >= maxUnseen, !discover.ValidDigest(digest):
		return nil
	case !there:
		r.unseen++
		_, err := r.client.Resolve(ctx, r.name, digest)
		if errors.Is(err, discover.ErrMissing) {
			r.gone = append(r.gone, res)
			return nil
		}
		if err != nil || !complete {
			return err
		}
	}
	delete(r.digests, digest)
	c := i.Coverage
	c.Scanned = time.Time{}
	changed := tagged(res, tags)
	if (there || complete) && c.Code != "" && !slices.Equal(changed.Complete().Tags, res.Complete().Tags) {
		r.write = append(r.write, store.Scan{Resource: changed, Coverage: []store.Coverage{c}})
	}
	if slices.Contains(unfinished, c.Reason) || c.Code == "" {
		r.scans = append(r.scans, imageArgs{Registry: r.w.id, Repository: r.name, Ref: digest, Tags: tags, Settled: complete})
	}
	return nil
}

// unfinished are the reasons of images that are to be scanned although they are
// known.
var unfinished = []string{monitor.PendingInitial, monitor.PendingRevival, monitor.InternalError, monitor.AccessDenied, monitor.ImageSize}

// fresh looks at the images that are not known.
func (r *reconciling) fresh(ctx context.Context) error {
	digests := make([]string, 0, len(r.digests))
	for d := range r.digests {
		digests = append(digests, d)
	}
	slices.Sort(digests)
	for _, digest := range digests {
		res := tagged(r.newImage(r.w, r.name, digest), r.digests[digest])
		pushed, c := r.now, store.Coverage{ScanType: store.PackageScan, Code: store.CoverageActive, Reason: monitor.PendingInitial}
		if r.first {
			built, err := r.built(ctx, digest)
			if err != nil && ctx.Err() != nil {
				return err
			}
			if err != nil { // the scan will tell why
				r.server.log.LogAttrs(ctx, slog.LevelDebug, "age of an image not known", slog.String("resource", res.ID), slog.Any("error", err))
			}
			if !built.IsZero() && built.Before(r.now) {
				pushed = built
			}
		}
		res.Image.Pushed = stamp(pushed)
		way, _ := r.w.way(r.name, r.digests[digest])
		switch {
		case r.first && way == discover.Basic:
			c.Reason = monitor.OnPush // it was pushed before
		case r.first && (pushed.Before(r.now.Add(-firstReach)) || monitor.Eligible(r.settings, res, r.now).Reason == monitor.Expired):
			c.Code, c.Reason = store.CoverageInactive, monitor.Expired
		default:
			r.scans = append(r.scans, imageArgs{
				Registry: r.w.id, Repository: r.name, Ref: digest, Tags: r.digests[digest], Pushed: pushed, Settled: true,
			})
		}
		r.write = append(r.write, store.Scan{Resource: res, Coverage: []store.Coverage{c}})
	}
	return nil
}

// built returns when an image says that it was built; zero if it does not.
func (r *reconciling) built(ctx context.Context, digest string) (time.Time, error) {
	m, err := r.client.Manifest(ctx, r.name, digest)
	if err != nil || m.Images != nil {
		return time.Time{}, err
	}
	return r.client.Created(ctx, r.name, m)
}

// forget closes the findings of the images of a registry that is no longer
// watched, unless another of the account has the same address.
func (p *registries) forget(ctx context.Context, j *work.Job) error {
	var args forgetArgs
	if err := j.Decode(&args); err != nil {
		return err
	}
	everything, err := p.server.store.Everything(ctx)
	if err != nil {
		return err
	}
	w := watched{registryDoc: registryDoc{RegistrySettings: args.Registry}, account: j.Account}
	others, err := p.server.store.Objects(ctx, everything.Narrow(j.Account), store.Objects{Kind: registryKind})
	if err != nil {
		return err
	}
	host := p.place(w, "").Registry
	for _, o := range others {
		var doc registryDoc
		if err := o.Decode(&doc); err != nil {
			return err
		}
		if p.place(watched{registryDoc: doc}, "").Registry == host {
			return nil
		}
	}
	names, err := p.server.store.ImageRepositories(ctx, w.scope(), w.account, host)
	if err != nil {
		return err
	}
	for _, name := range names {
		if some, _ := w.Rules.Includes(name); !some {
			continue // another's: scanned by hand
		}
		images, err := p.server.store.Images(ctx, w.scope(), w.account, p.place(w, name), "")
		if err != nil {
			return err
		}
		var list []resource.Resource
		for _, i := range images {
			list = append(list, i.Resource)
		}
		if err := p.server.store.Gone(ctx, w.scope(), list, time.Now()); err != nil {
			return err
		}
		if err := j.Progress(ctx, name, nil); err != nil {
			return err
		}
	}
	return nil
}
