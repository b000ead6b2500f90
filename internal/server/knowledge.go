package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/vulndb"
)

// Advisories is where the server gets its advisory database.
type Advisories struct {
	// Open opens the database that is to be used now.
	Open func(ctx context.Context) (*vulndb.Known, error)
	// Stamp changes when Open would open another one.
	Stamp func() string
	// Build makes a database of the files and folders named, at a path and, for
	// its enrichment, beside it, which state that they were built at a time. It
	// may take much memory for a while, which should not be that of the server.
	Build func(ctx context.Context, from []string, path string, built time.Time) error
}

// A shelf is where a library gets its database from.
type shelf interface {
	// stamp changes when open would open another one.
	stamp(ctx context.Context) (string, error)
	open(ctx context.Context) (*vulndb.Known, error)
}

// A library lends the advisory database in use. When another one takes its
// place, the old one is closed as soon as its last reader has done.
type library struct {
	from shelf
	log  *slog.Logger
	look chan struct{} // to look at once
	// changed is told when another database has taken the place of the one that
	// was in use. That stays open until it returns, and the other is lent already.
	changed func(ctx context.Context) error

	mu    sync.Mutex
	stamp string
	now   *volume
}

// A volume is one database and how many read it.
type volume struct {
	*vulndb.Known
	readers int
	old     bool // another one has taken its place
}

// openLibrary opens the database for the first time.
func openLibrary(ctx context.Context, from shelf, log *slog.Logger) (*library, error) {
	l := &library{from: from, log: log, look: make(chan struct{}, 1)}
	var err error
	if l.stamp, err = from.stamp(ctx); err != nil {
		return nil, err
	}
	known, err := from.open(ctx)
	if err != nil {
		return nil, err
	}
	l.now = &volume{Known: known}
	return l, nil
}

// lend returns the database in use, and what to call when done with it.
func (l *library) lend() (*vulndb.Known, func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.now
	v.readers++
	return v.Known, sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		v.readers--
		l.dispose(v)
	})
}

// dispose closes a database that nobody will read again.
func (l *library) dispose(v *volume) {
	if v.old && v.readers == 0 {
		if err := v.Close(); err != nil {
			l.log.Warn("closing an advisory database", slog.Any("error", err))
		}
	}
}

// watch looks for another database every so often, and when told to, until ctx
// ends. One that cannot be opened changes nothing but the log: the good one
// stays.
func (l *library) watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	problem := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.look:
		case <-tick.C:
		}
		err := l.renew(ctx)
		if err != nil && err.Error() != problem && ctx.Err() == nil { // and not again and again
			l.log.LogAttrs(ctx, slog.LevelError, "advisory database not read again; the one in use stays", slog.Any("error", err))
		}
		problem = ""
		if err != nil {
			problem = err.Error()
		}
	}
}

// lookNow has watch look at once.
func (l *library) lookNow() {
	select {
	case l.look <- struct{}{}:
	default: // it is about to
	}
}

// renew opens another database if there is one.
func (l *library) renew(ctx context.Context) error {
	stamp, err := l.from.stamp(ctx)
	if err != nil || stamp == l.stamp {
		return err
	}
	known, err := l.from.open(ctx)
	if err != nil {
		return err
	}
	l.stamp = stamp
	l.replace(ctx, known)
	h := known.Header()
	l.log.LogAttrs(ctx, slog.LevelInfo, "advisory database read", slog.Time("built", h.Built), slog.Int("advisories", h.Advisories),
		slog.String("digest", known.Digest()))
	return nil
}

// replace puts another database in the place of the one in use, and then tells
// whom it concerns. Nobody who borrows waits for that.
func (l *library) replace(ctx context.Context, known *vulndb.Known) {
	l.mu.Lock()
	old := l.now
	l.now = &volume{Known: known}
	old.old = true
	old.readers++
	l.mu.Unlock()
	if l.changed != nil {
		if err := l.changed(ctx); err != nil && ctx.Err() == nil {
			l.log.LogAttrs(ctx, slog.LevelError, "looking for what changed advisories concern", slog.Any("error", err))
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	old.readers--
	l.dispose(old)
}

// close closes the database in use, which nobody reads any more.
func (l *library) close() error { return l.now.Close() }
