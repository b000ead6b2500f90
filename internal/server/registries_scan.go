package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// imageArgs are the arguments of a job that scans an image.
type imageArgs struct {
	Registry   string    `json:"registry"` // its id
	Repository string    `json:"repository"`
	Ref        string    `json:"ref"`               // a digest, or a tag
	Tags       []string  `json:"tags,omitempty"`    // that it is known to have
	Pushed     time.Time `json:"pushed,omitzero"`   // when it was pushed just now; zero: it was not
	Settled    bool      `json:"settled,omitempty"` // Tags are all that it has
}

// place is the repository as resources name it.
func (p *registries) place(w watched, repository string) resource.ImageUse {
	host := w.Address
	if c, err := discover.Open(discover.Registry{Address: w.Address, Insecure: w.Insecure}); err == nil {
		host = c.Host()
	}
	return resource.ImageUse{Registry: host, Repository: repository}
}

// An imaging is a scan of one image under way.
type imaging struct {
	*registries
	w      watched
	args   imageArgs
	client *discover.Client
	now    time.Time
}

// scanImage scans an image, or has the images scanned that a tag or an index
// stands for.
func (p *registries) scanImage(ctx context.Context, j *work.Job) error {
	var args imageArgs
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
	if on, _, err := p.on(ctx, w.account); err != nil || !on {
		return err
	}
	client, err := p.client(w)
	if err != nil {
		return err
	}
	defer client.Close()
	m := &imaging{registries: p, w: w, args: args, client: client, now: time.Now()}
	// Whether it is there is asked each time: what it is may be known already.
	at, err := client.Resolve(ctx, args.Repository, args.Ref)
	if err != nil {
		return m.failed(ctx, err)
	}
	manifest, err := client.Manifest(ctx, args.Repository, at.Digest)
	switch {
	case err != nil:
		return m.failed(ctx, err)
	case manifest.Images != nil:
		return m.expand(ctx, j, manifest)
	case manifest.Digest != args.Ref: // a tag: its image has a job of its own
		return m.hand(ctx, j, []string{manifest.Digest})
	}
	return m.scan(ctx, manifest)
}

// expand has the images of an index scanned. The index itself is none.
func (m *imaging) expand(ctx context.Context, j *work.Job, index discover.Manifest) error {
	digests, err := m.client.Expand(ctx, m.args.Repository, index)
	if err != nil {
		return m.failed(ctx, err)
	}
	return m.hand(ctx, j, digests)
}

// hand ends the job and begins one for each image.
func (m *imaging) hand(ctx context.Context, j *work.Job, digests []string) error {
	var list []imageArgs
	for _, d := range digests {
		a := m.args
		a.Ref = d
		list = append(list, a)
	}
	return j.Finish(ctx, func(tx *store.Tx) error { return enqueueScans(ctx, tx, m.w, list, 0, m.now) })
}

// image returns what is known of the image, or else what will be.
func (m *imaging) image(ctx context.Context) (i store.Image, known bool, err error) {
	list, err := m.images(ctx, m.args.Ref)
	if err != nil {
		return i, false, err
	}
	if len(list) > 0 {
		return list[0], true, nil
	}
	return store.Image{Resource: m.newImage(m.w, m.args.Repository, m.args.Ref)}, false, nil
}

// images returns the images of the repository that are known; with a digest, that
// one alone.
func (m *imaging) images(ctx context.Context, digest string) ([]store.Image, error) {
	return m.server.store.Images(ctx, m.w.scope(), m.w.account, m.place(m.w, m.args.Repository), digest)
}

// newImage is an image of which nothing else is known.
func (p *registries) newImage(w watched, repository, digest string) resource.Resource {
	at := p.place(w, repository)
	name := at.Registry + "/" + repository + "@" + digest
	return resource.Resource{
		Type: resource.Image, ID: resource.ImageARN(w.account.String(), p.server.Region, name, digest), Name: name,
		Account: w.account.String(), Region: p.server.Region, Digest: digest, Image: at,
	}
}

// tagged returns the resource with tags, which are bare.
func tagged(r resource.Resource, tags []string) resource.Resource {
	at := r.Image.Registry + "/" + r.Image.Repository
	r.Tags, r.Name = nil, at+"@"+r.Digest
	for _, t := range slices.Sorted(slices.Values(tags)) {
		if full := at + ":" + t; !slices.Contains(r.Tags, full) {
			r.Tags = append(r.Tags, full)
		}
	}
	if len(r.Tags) > 0 {
		r.Name = r.Tags[0]
	}
	return r
}

// resource returns the resource as it is now to be stored: with the tags that
// it has, and when it was pushed.
func (m *imaging) resource(i store.Image) resource.Resource {
	r := i.Resource
	at := m.place(m.w, m.args.Repository)
	r.Image.Registry, r.Image.Repository, r.Digest = at.Registry, at.Repository, m.args.Ref
	tags := slices.Clone(m.args.Tags)
	if !m.args.Settled && !i.Gone {
		tags = append(tags, i.Resource.Complete().Tags...)
	}
	r = tagged(r, tags)
	switch {
	case !m.args.Pushed.IsZero():
		r.Image.Pushed = stamp(m.args.Pushed)
	case r.Image.Pushed == "":
		r.Image.Pushed = stamp(m.now)
	}
	return r
}

// way returns how an image with some tags is scanned: the most thoroughly that a
// rule says. It is false if no rule includes the image.
func (w watched) way(repository string, tags []string) (scan string, ok bool) {
	if len(tags) == 0 {
		tags = []string{""}
	}
	for _, t := range tags {
		way, fits := w.Rules.Fit(repository, t)
		if fits && (scan == "" || way == discover.Enhanced) {
			scan, ok = way, true
		}
	}
	return scan, ok
}

// slowest is how many bytes of an image a second is too little to go on.
const slowest = 256 << 10

// scan reads the image and hands in what it holds.
func (m *imaging) scan(ctx context.Context, manifest discover.Manifest) error {
	i, _, err := m.image(ctx)
	if err != nil {
		return err
	}
	res := m.resource(i)
	way, ok := m.w.way(m.args.Repository, res.Complete().Tags)
	if !ok {
		return nil
	}
	if manifest.Size > m.w.MaxImageBytes {
		return m.failed(ctx, fmt.Errorf("%w: an image of %d bytes, where %d are allowed", discover.ErrTooLarge, manifest.Size, m.w.MaxImageBytes))
	}
	shown := m.server.live.begin(m.w.account, res.ID, res.Name)
	rep, err := m.read(ctx, manifest, shown)
	defer func() { shown.end(res.ID, err) }()
	if err != nil {
		return m.failed(ctx, err)
	}
	shown.found(len(rep.Inventory.Packages))
	if way == discover.Basic {
		rep.Inventory.Packages = slices.DeleteFunc(rep.Inventory.Packages, func(p inventory.Package) bool { return !ofSystem(p) })
	}
	// It may have been pulled while it was read.
	if i, _, err = m.image(ctx); err != nil {
		return err
	}
	res = m.resource(i)
	rep.Target.Tags = res.Tags
	sub := monitor.Submission{Schema: monitor.Schema, Resource: m.stated(res), Target: rep.Target, Inventory: rep.Inventory}
	_, err = m.server.monitor.Take(ctx, monitor.Submitter{Account: m.w.account}, sub, m.now)
	if fault.KindOf(err) == fault.Conflict { // it has just been switched off
		return nil
	}
	if err == nil {
		err = m.after(ctx, way)
	}
	return err
}

// read returns the inventory of the image, and shows how far that is.
func (m *imaging) read(ctx context.Context, manifest discover.Manifest, shown *scanning) (scan.Report, error) {
	password, err := m.password(m.w)
	if err != nil {
		return scan.Report{}, err
	}
	ca, err := m.caFile(m.w)
	if err != nil {
		return scan.Report{}, err
	}
	within := 10*time.Minute + time.Duration(manifest.Size/slowest)*time.Second
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	at := m.place(m.w, m.args.Repository)
	rep, err := scan.Inventory(bounded, "registry:"+at.Registry+"/"+at.Repository+"@"+m.args.Ref, scan.Options{
		Open:  artifact.Options{Insecure: m.w.Insecure, CAFile: ca, Username: m.w.Username, Password: password, Anonymous: m.w.Username == ""},
		Cache: m.cache, Progress: shown.layers,
	})
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("not read after %v: %w", within, err)
	}
	return rep, err
}

// ofSystem tells whether a package belongs to an operating system.
func ofSystem(p inventory.Package) bool {
	return p.Type == "deb" || p.Type == "rpm" || p.Type == "apk"
}

// stated is what a submission says of the resource; the rest follows from the
// target, and may have changed since.
func (m *imaging) stated(r resource.Resource) resource.Resource {
	return resource.Resource{Type: r.Type, ID: r.ID, Name: r.Name, Tags: r.Tags, Region: r.Region, Labels: r.Labels, Image: r.Image}
}

// after puts right what follows from a scan besides findings: a tag is on one
// image alone, and an image that is scanned on push is not watched further.
func (m *imaging) after(ctx context.Context, way string) error {
	which := ""
	if len(m.args.Tags) == 0 || m.args.Pushed.IsZero() { // no other image loses anything
		which = m.args.Ref
	}
	images, err := m.images(ctx, which)
	if err != nil {
		return err
	}
	var list []store.Scan
	for _, i := range images {
		r := i.Resource.Complete()
		c := i.Coverage
		c.Scanned = time.Time{}
		switch {
		case i.Gone || c.Code == "":
		case r.Digest == m.args.Ref:
			if way == discover.Basic && c.Code == store.CoverageActive && c.Reason != monitor.OnPush {
				c.Reason = monitor.OnPush
				list = append(list, store.Scan{Resource: i.Resource, Coverage: []store.Coverage{c}})
			}
		default:
			left := slices.DeleteFunc(slices.Clone(r.Tags), func(t string) bool { return slices.Contains(m.args.Tags, t) })
			// Images of one index have the same tags, and come together.
			if len(left) < len(r.Tags) && !m.together(i.Resource) {
				list = append(list, store.Scan{Resource: tagged(i.Resource, left), Coverage: []store.Coverage{c}})
			}
		}
	}
	return m.record(ctx, m.w, list, m.now)
}

// together tells whether an image was pushed with this one, as part of the same
// index.
func (m *imaging) together(r resource.Resource) bool {
	return m.args.Pushed.IsZero() || r.Image.Pushed == stamp(m.args.Pushed)
}

// failed writes down why an image is not scanned. What may be better later is
// tried again.
func (m *imaging) failed(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return cause // the server stops
	}
	i, known, err := m.image(ctx)
	switch {
	case err != nil:
		return errors.Join(cause, err)
	case errors.Is(cause, discover.ErrMissing):
		if !known || i.Gone {
			return nil
		}
		return m.server.store.Gone(ctx, m.w.scope(), []resource.Resource{i.Resource}, m.now)
	case !discover.ValidDigest(m.args.Ref):
		return cause // there is no image to say it of
	}
	reason, lasting := discover.Reason(cause)
	if !lasting && reason == monitor.InternalError && strings.Contains(cause.Error(), "denies access") {
		reason = monitor.AccessDenied
	}
	res := m.resource(i)
	if err := m.server.store.Doubt(ctx, m.w.scope(), res); err != nil {
		return err
	}
	err = m.record(ctx, m.w, []store.Scan{{Resource: res, Coverage: []store.Coverage{{
		ScanType: store.PackageScan, Code: store.CoverageInactive, Reason: reason,
	}}}}, m.now)
	if err != nil {
		return err
	}
	m.server.log.LogAttrs(ctx, slog.LevelWarn, "image not scanned", slog.String("resource", res.ID), slog.String("reason", reason),
		slog.Any("error", cause))
	if lasting {
		return nil
	}
	return fmt.Errorf("scanning %s: %w", res.Name, cause)
}

// record writes what is known of images without a scan.
func (p *registries) record(ctx context.Context, w watched, list []store.Scan, now time.Time) error {
	for some := range slices.Chunk(list, store.MaxScans) {
		if _, err := p.server.store.Record(ctx, w.scope(), some, now); err != nil {
			return err
		}
	}
	return nil
}
