package server

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/match"
)

// A catalogue is an advisory database that can be compared with another one.
type catalogue struct{ *vulndb.Known }

// sinceOf is a digest as marks in the store have it.
func sinceOf(digest string) int64 {
	if digest == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(digest))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}

// built returns when the newer one of the two files was built.
func (k catalogue) built() time.Time {
	at := k.Header().Built
	if k.Enrichments != nil {
		if e := k.Enrichments.Header().Built; e.After(at) {
			at = e
		}
	}
	return at
}

// changed returns the names about which now states something else, and the
// ecosystems of which nothing was known or is known any more.
func (k catalogue) changed(now catalogue) ([]match.Name, error) {
	if k.Header().Digest == now.Header().Digest {
		return nil, nil
	}
	list, err := vulndb.Diff(k.DB, now.DB)
	if err != nil {
		return nil, err
	}
	out := make([]match.Name, 0, len(list))
	for _, c := range list {
		out = append(out, match.Name{Ecosystem: c.Ecosystem, Name: c.Name})
	}
	for _, pair := range [][2]catalogue{{k, now}, {now, k}} {
		for _, e := range pair[0].Ecosystems() {
			if !pair[1].Covers(e.Ecosystem) {
				out = append(out, match.Name{Ecosystem: e.Ecosystem})
			}
		}
	}
	return out, nil
}

// base returns how now differs.
func (k catalogue) base(now catalogue) (*monitor.Base, error) {
	names, err := k.changed(now)
	if err != nil {
		return nil, err
	}
	b := &monitor.Base{Knowledge: k, Names: make(map[match.Name]bool, len(names))}
	for _, n := range names {
		b.Names[n] = true
	}
	var mu sync.Mutex
	seen := map[string]bool{}
	b.Rated = func(id string) bool {
		mu.Lock()
		defer mu.Unlock()
		rated, ok := seen[id]
		if !ok {
			same, err := k.ratesAs(now, id)
			rated = err != nil || !same // what cannot be read is looked at, where the error is told
			seen[id] = rated
		}
		return rated
	}
	return b, nil
}

// ratesAs tells whether the severity and the score of a vulnerability follow from
// the same in both. Advisories that only one has do not count, since they are a
// change of the names about which they state something.
func (k catalogue) ratesAs(now catalogue, id string) (bool, error) {
	was, err := k.severities(id)
	if err != nil {
		return false, err
	}
	is, err := now.severities(id)
	if err != nil || !slices.Equal(was, is) {
		return false, err
	}
	before, err := k.about(id)
	if err != nil {
		return false, err
	}
	after, err := now.about(id)
	if err != nil {
		return false, err
	}
	for key, a := range before {
		b, ok := after[key]
		if !ok || a.Head == b.Head && !a.Modified.IsZero() {
			continue // who changes an advisory says so, if he says at all when it was
		}
		same, err := sameRatings(k, a.ref, now, b.ref)
		if err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// severities returns how a CVE is rated besides advisories.
func (k catalogue) severities(id string) ([]advisory.Severity, error) {
	if k.Enrichments == nil {
		return nil, nil
	}
	e, _, err := k.Enrichments.Brief(id)
	return e.Severities, err
}

// A heading is an advisory in short, and where it is.
type heading struct {
	advisory.Head
	ref advisory.Ref
}

// about returns the advisories about a vulnerability, by their identity.
func (k catalogue) about(id string) (map[string]heading, error) {
	refs, err := k.Search(id)
	out := make(map[string]heading, len(refs))
	for _, r := range refs {
		h, err := k.Head(r)
		if err != nil {
			return nil, err
		}
		out[h.Source+"\x00"+h.ID+"\x00"+h.Release] = heading{h, r}
	}
	return out, err
}

// sameRatings compares what two databases have of one advisory.
func sameRatings(k catalogue, a advisory.Ref, now catalogue, b advisory.Ref) (bool, error) {
	was, err := k.Advisory(a)
	if err != nil {
		return false, err
	}
	is, err := now.Advisory(b)
	return was.Kind == is.Kind && slices.Equal(was.Severities, is.Severities) && maps.Equal(urgencies(&was), urgencies(&is)), err
}

// urgencies returns the publisher's words for packages.
func urgencies(a *advisory.Advisory) map[match.Name]string {
	out := map[match.Name]string{}
	for i := range a.Affected {
		if f := &a.Affected[i]; f.Urgency != "" {
			out[match.Name{Ecosystem: f.Ecosystem, Name: f.Name}] = f.Urgency
		}
	}
	return out
}

// live returns what others say of a vulnerability from day to day.
func (k catalogue) live(id string) (store.Live, error) {
	if k.Enrichments == nil {
		return store.Live{}, nil
	}
	e, _, err := k.Enrichments.Brief(id)
	return store.Live{EPSS: e.EPSS, KEV: e.KEV, Exploitation: e.Exploitation}, err
}
