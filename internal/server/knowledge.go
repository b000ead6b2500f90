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
}

// A library lends the advisory database in use. When another one takes its
// place, the old one is closed as soon as its last reader has done.
type library struct {
	from Advisories
	log  *slog.Logger

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
func openLibrary(ctx context.Context, from Advisories, log *slog.Logger) (*library, error) {
	l := &library{from: from, log: log, stamp: from.Stamp()}
	known, err := from.Open(ctx)
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

// watch looks for another database every so often, until ctx ends. One that
// cannot be opened changes nothing but the log: the good one stays.
func (l *library) watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		stamp := l.from.Stamp()
		if stamp == l.stamp {
			continue
		}
		l.stamp = stamp
		known, err := l.from.Open(ctx)
		if err != nil {
			l.log.LogAttrs(ctx, slog.LevelError, "advisory database not read again; the one in use stays", slog.Any("error", err))
			continue
		}
		l.replace(known)
		h := known.Header()
		l.log.LogAttrs(ctx, slog.LevelInfo, "advisory database read", slog.Time("built", h.Built), slog.Int("advisories", h.Advisories))
	}
}

// replace puts another database in the place of the one in use.
func (l *library) replace(known *vulndb.Known) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.now
	l.now = &volume{Known: known}
	old.old = true
	l.dispose(old)
}

// close closes the database in use, which nobody reads any more.
func (l *library) close() error { return l.now.Close() }
