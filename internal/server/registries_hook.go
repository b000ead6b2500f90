package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/store"
)

// Notified is the answer to a notification.
type Notified struct {
	Events   int  `json:"events"`             // that are followed
	Repeated bool `json:"repeated,omitempty"` // it has been received before, and is not followed again
}

// hook takes in the notification of a registry.
func (p *registries) hook(w http.ResponseWriter, r *http.Request) {
	ctx, s := r.Context(), p.server
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, discover.MaxNotification))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		plain(w, http.StatusRequestEntityTooLarge, "The notification is too large.")
		return
	}
	if err != nil {
		plain(w, http.StatusBadRequest, "The notification did not arrive as a whole.")
		return
	}
	id := r.PathValue("id")
	out, err := p.notified(ctx, id, discover.Delivery{Header: r.Header, Body: body}, s.front.Now())
	if err == nil {
		err = answer(w, out)
	}
	level, message := slog.LevelInfo, "notification refused"
	switch {
	case err == nil:
		return
	case errors.Is(err, discover.ErrForged), errors.Is(err, discover.ErrStale):
		plain(w, http.StatusUnauthorized, err.Error())
	case fault.KindOf(err) == fault.Conflict:
		plain(w, http.StatusConflict, err.Error())
	case fault.KindOf(err) == fault.Invalid:
		plain(w, http.StatusBadRequest, err.Error())
	default:
		level, message = slog.LevelError, "notification not kept"
		plain(w, http.StatusInternalServerError, "The notification could not be kept; send it again.")
	}
	s.log.LogAttrs(ctx, level, message, slog.String("registry", id), slog.Any("error", err)) //nolint:sloglint // one of two constants
}

// notified follows a notification once. Who does not know the secret is not
// told either whether there is such a registry.
func (p *registries) notified(ctx context.Context, id string, d discover.Delivery, now time.Time) (Notified, error) {
	s := p.server
	everything, err := s.store.Everything(ctx)
	if err != nil {
		return Notified{}, err
	}
	w, ok, err := p.watched(ctx, everything, id)
	if err != nil {
		return Notified{}, err
	}
	if !ok {
		return Notified{}, discover.ErrForged
	}
	secret, err := s.store.OpenSecret(registryHooks, w.id, w.Secret)
	if err != nil {
		return Notified{}, err
	}
	notice, err := discover.Receive(w.Notifications, d, secret, now)
	switch {
	case errors.Is(err, discover.ErrForged), errors.Is(err, discover.ErrStale):
		return Notified{}, err
	case err != nil:
		return Notified{}, fault.New(fault.Invalid, "%v", err) // of what its sender wrote
	}
	if on, _, err := p.on(ctx, w.account); err != nil || !on || len(notice.Events) == 0 {
		return Notified{}, err
	}
	call := store.Call{Account: w.account, Operation: "hook:" + w.id, Token: notice.ID, Request: d.Body}
	_, known, err := s.store.ClaimCall(ctx, call, now)
	switch {
	case err != nil:
		return Notified{}, err
	case known && notice.Once:
		return Notified{}, fault.New(fault.Conflict, "The notification has been received before.")
	case known: // a sender that has not had the answer sends again until it has
		return Notified{Repeated: true}, nil
	}
	out, err := p.follow(ctx, w, notice.Events, now)
	if err != nil {
		return Notified{}, errors.Join(err, s.store.ReleaseCall(context.WithoutCancel(ctx), call))
	}
	return out, s.store.AnswerCall(ctx, call, []byte("{}"), now)
}

// follow does what events ask for.
func (p *registries) follow(ctx context.Context, w watched, events []discover.Event, now time.Time) (out Notified, err error) {
	var scans []imageArgs
	var syncs []syncArgs
	for _, e := range events {
		switch {
		case e.Digest == "" && e.Tag == "":
			syncs = append(syncs, syncArgs{Repository: e.Repository, Force: true})
		case !wanted(w, e):
			continue
		case e.Kind == discover.Pull:
			more, err := p.pulled(ctx, w, e, now)
			if err != nil {
				return out, err
			}
			scans = append(scans, more...)
		case e.Kind == discover.Delete && e.Digest == "":
			syncs = append(syncs, syncArgs{Repository: e.Repository, Force: true})
		default: // a scan of what is gone says so
			scans = append(scans, scanOf(w, e, now))
		}
		out.Events++
	}
	if len(scans)+len(syncs) == 0 {
		return out, nil
	}
	return out, p.server.store.Update(ctx, func(tx *store.Tx) error {
		for _, a := range syncs {
			if err := enqueueSync(ctx, tx, store.Object{ID: w.id, Account: w.account}, a, now); err != nil {
				return err
			}
		}
		return enqueueScans(ctx, tx, w, scans, 0, now)
	})
}

// wanted tells whether what happened to an image matters: rules include it, and
// it was not us.
func wanted(w watched, e discover.Event) bool {
	switch some, _ := w.Rules.Includes(e.Repository); {
	case !some || discover.AboutAnother(e.Tag):
		return false
	case e.Kind == discover.Pull: // what we pull ourselves is no use of the image
		ours := e.Agent == discover.Agent || strings.HasPrefix(e.Agent, discover.Agent+" ") || w.Username != "" && e.Actor == w.Username
		return !ours
	case e.Kind == discover.Push && e.Tag != "":
		_, fits := w.Rules.Fit(e.Repository, e.Tag)
		return fits
	}
	return true
}

// scanOf is the scan that a push or a deletion asks for.
func scanOf(w watched, e discover.Event, now time.Time) imageArgs {
	a := imageArgs{Registry: w.id, Repository: e.Repository, Ref: cmp.Or(e.Digest, e.Tag)}
	if e.Kind == discover.Push {
		a.Pushed = notAfter(e.Time, now)
		if e.Tag != "" {
			a.Tags = []string{e.Tag}
		}
	}
	return a
}

// notAfter returns a time that was told, unless it lies ahead or was not told.
func notAfter(t, now time.Time) time.Time {
	if t.IsZero() || t.After(now) {
		return now
	}
	return t
}

// enqueueScans has images scanned.
func enqueueScans(ctx context.Context, tx *store.Tx, w watched, list []imageArgs, priority int, now time.Time) error {
	for _, a := range list {
		args, err := json.Marshal(a)
		if err != nil {
			return err
		}
		at := ":"
		if discover.ValidDigest(a.Ref) {
			at = "@"
		}
		err = tx.Enqueue(ctx, store.Job{
			Kind: scanImageJob, Queue: imageQueue, Key: w.id + "/" + a.Repository + at + a.Ref, Account: w.account,
			Priority: priority, Run: now, Limit: 5, Args: args,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pullStep is how much later a pull must be to be kept: images that many pull
// would be written all the time.
const pullStep = time.Minute

// pulled keeps when an image was last pulled, and returns what has to be
// scanned again for it.
func (p *registries) pulled(ctx context.Context, w watched, e discover.Event, now time.Time) (scans []imageArgs, err error) {
	s := p.server
	images, err := s.store.Images(ctx, w.scope(), w.account, p.place(w, e.Repository), e.Digest)
	if err != nil {
		return nil, err
	}
	at := notAfter(e.Time, now)
	for _, i := range images {
		if i.Gone || e.Digest == "" && !hasTag(i.Resource.Tags, e.Tag) || i.Coverage.Code == "" {
			continue
		}
		last, err := time.Parse(time.RFC3339Nano, i.Resource.Image.Pulled)
		if err == nil && at.Before(last.Add(pullStep)) {
			continue
		}
		i.Resource.Image.Pulled = stamp(at)
		if i.Coverage.Reason != monitor.Expired || !i.Coverage.Scanned.IsZero() {
			if err := s.coverage.seen(ctx, w.account, i.Resource, now); err != nil {
				return nil, err
			}
			continue
		}
		// It was too old when it was found: nothing is known of it yet.
		c := store.Coverage{ScanType: store.PackageScan, Code: store.CoverageActive, Reason: monitor.PendingRevival}
		if err := p.record(ctx, w, []store.Scan{{Resource: i.Resource, Coverage: []store.Coverage{c}}}, now); err != nil {
			return nil, err
		}
		scans = append(scans, imageArgs{Registry: w.id, Repository: e.Repository, Ref: i.Resource.Complete().Digest})
	}
	return scans, nil
}

// stamp writes a time as resources have it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// hasTag tells whether an image has a bare tag; tags of resources may have the
// name of the repository before them.
func hasTag(tags []string, tag string) bool {
	for _, t := range tags {
		if t == tag || strings.HasSuffix(t, ":"+tag) {
			return true
		}
	}
	return false
}
