package agent

import (
	"path/filepath"
	"slices"
	"time"
)

// When a change is looked at. Package managers write their database several
// times; while one holds its lock, it may hold half of what it will. One that
// never lets go must not hide changes for ever.
const (
	quietFor    = 750 * time.Millisecond // after the last change
	deepQuiet   = 10 * time.Second       // for packages of languages
	heldAtMost  = 2 * time.Minute
	askAgain    = 200 * time.Millisecond // whether the lock is free
	maxFolders  = 64                     // of packages of languages that are watched
	maxTouched  = 16                     // of those that are read again one by one; more are all
	everyFolder = "\x00"                 // stands for all of them
)

// A change is one in a directory that is watched.
type change struct {
	dir, name string
	lost      bool // changes came faster than they were read: anything may have changed
}

// A hold keeps a change until its time has come. The zero hold has none.
type hold struct {
	first, last time.Time // of the changes; zero: none
	quiet       time.Duration
}

// note takes note of a change.
func (h *hold) note(now time.Time) {
	if h.first.IsZero() {
		h.first = now
	}
	h.last = now
}

// due tells whether a change is to be looked at now, and if not, when to ask
// again; zero: when there is one. busy tells whether a package manager works,
// and is asked only if it matters.
func (h *hold) due(now time.Time, busy func() bool) (bool, time.Time) {
	switch {
	case h.first.IsZero():
		return false, time.Time{}
	case now.Sub(h.first) >= heldAtMost:
	case now.Before(h.last.Add(h.quiet)):
		return false, h.last.Add(h.quiet)
	case busy():
		return false, now.Add(askAgain)
	}
	h.first, h.last = time.Time{}, time.Time{}
	return true, time.Time{}
}

// ofSystem tells whether a change is one of the packages of the system.
func (c change) ofSystem(root string) bool {
	return c.lost || slices.ContainsFunc(databases, func(d database) bool {
		if filepath.Join(root, d.dir) != c.dir {
			return false
		}
		return c.name == "" || d.files == nil || slices.Contains(d.files, c.name)
	})
}
