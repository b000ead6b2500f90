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
	Created      Kind = "created"
	Updated      Kind = "updated"
	Gone         Kind = "closed"
	Reopened     Kind = "reopened"     // it came back soon enough to be the same finding
	Silenced     Kind = "suppressed"   // a suppression rule fits it now
	Unsuppressed Kind = "unsuppressed" // none does any more
)

// reopenWithin is how long after its closing a finding that comes back is still
// the same finding.
// Source: Amazon Inspector User Guide, "Understanding findings".
const reopenWithin = 7 * 24 * time.Hour

// A state is what must be known of a stored finding to see whether it changed.
type state struct {
	key    fkey
	hash   int64
	status int64 // a position in statusNumbers
	first  int64 // milliseconds
	last   int64 // milliseconds: when it was last written as seen
	gone   int64 // milliseconds: when it was closed; 0 if it is not
	// What it is counted under:
	vuln, match, severity, fix, kind int64
}

// over tells whether a finding that comes back is another one.
func (st *state) over(ms int64) bool {
	return st.status == closedNumber && ms-st.gone > reopenWithin.Milliseconds()
}

// A change is what must be done about one finding.
type change struct {
	kind  Kind
	key   fkey
	first int64  // milliseconds: when it was first seen
	old   *state // as it is stored; nil if it is not
}

// byKey returns states by the keys of their findings.
func byKey(stored []state) map[fkey]*state {
	out := make(map[fkey]*state, len(stored))
	for i := range stored {
		out[stored[i].key] = &stored[i]
	}
	return out
}

// reconcile returns what must change so that the stored findings of one
// resource agree with what a scan has just seen of it, in the order of their
// keys. Findings that stay as they are, are not returned. Neither list is
// changed, and none has a key twice.
func reconcile(stored map[fkey]*state, seen []sight, now time.Time) []change {
	ms := milliseconds(now)
	still := make(map[fkey]bool, len(seen))
	var out []change
	for i := range seen {
		o := &seen[i]
		still[o.key] = true
		switch old := stored[o.key]; {
		case old == nil, old.over(ms):
			out = append(out, change{Created, o.key, ms, old})
		case old.status == closedNumber:
			out = append(out, change{Reopened, o.key, old.first, old})
		case old.status != o.status() && o.rule != 0:
			out = append(out, change{Silenced, o.key, old.first, old})
		case old.status != o.status():
			out = append(out, change{Unsuppressed, o.key, old.first, old})
		case old.hash != o.hash:
			out = append(out, change{Updated, o.key, old.first, old})
		}
	}
	for key, old := range stored {
		if !still[key] && old.status != closedNumber {
			out = append(out, change{Gone, key, old.first, old})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return bytes.Compare(a.key[:], b.key[:]) })
	return out
}
