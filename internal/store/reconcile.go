package store

import (
	"bytes"
	"slices"
	"time"
)

// Kind is how a finding changed.
type Kind string

// The kinds of change.
const (
	Created  Kind = "created"
	Updated  Kind = "updated"
	Gone     Kind = "closed"
	Reopened Kind = "reopened" // it came back soon enough to be the same finding
)

// reopenWithin is how long after its closing a finding that comes back is still
// the same finding.
// Source: Amazon Inspector User Guide, "Understanding findings".
const reopenWithin = 7 * 24 * time.Hour

// A state is what must be known of a stored finding to see whether it changed.
type state struct {
	key    fkey
	hash   int64
	closed bool
	first  int64 // milliseconds
	gone   int64 // milliseconds: when it was closed; 0 if it is not
}

// A change is what must be done about one finding.
type change struct {
	kind  Kind
	key   fkey
	first int64 // milliseconds: when it was first seen
}

// reconcile returns what must change so that the stored findings of one
// resource agree with what a scan has just seen of it, in the order of their
// keys. Findings that stay as they are, are not returned. Neither slice is
// changed, and neither has a key twice.
func reconcile(stored []state, seen []sight, now time.Time) []change {
	ms := milliseconds(now)
	before := make(map[fkey]*state, len(stored))
	for i := range stored {
		before[stored[i].key] = &stored[i]
	}
	var out []change
	for i := range seen {
		key := seen[i].key
		switch old := before[key]; {
		case old == nil:
			out = append(out, change{Created, key, ms})
		case old.closed && ms-old.gone > reopenWithin.Milliseconds():
			out = append(out, change{Created, key, ms})
		case old.closed:
			out = append(out, change{Reopened, key, old.first})
		case old.hash != seen[i].hash:
			out = append(out, change{Updated, key, old.first})
		}
		delete(before, key)
	}
	for key, old := range before {
		if !old.closed {
			out = append(out, change{Gone, key, old.first})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return bytes.Compare(a.key[:], b.key[:]) })
	return out
}
