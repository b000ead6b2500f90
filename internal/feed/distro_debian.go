package feed

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// The security tracker of Debian is one object: package, then flaw, then what
// is known of it in each release.
// Source: Debian security tracker, doc/security-team.d.o/security_tracker,
// "The JSON export".
type trackerFlaw struct {
	Description text            `json:"description"`
	Releases    json.RawMessage `json:"releases"` // an empty list if there is none
}

type trackerRelease struct {
	Status  text  `json:"status"`
	Fixed   text  `json:"fixed_version"`
	Urgency text  `json:"urgency"`
	NoDSA   *text `json:"nodsa"`
	Reason  text  `json:"nodsa_reason"`
}

// trackerStart is a package with its first flaw. There are no keys to
// recognise the object by.
var trackerStart = pattern(`^\{\s*"[a-z0-9][a-z0-9+.-]*":\s*\{\s*"(?:CVE-[0-9]+-[0-9]+|TEMP-[0-9A-F]+-[0-9A-F]+)":\s*\{\s*"(?:scope|debianbug|description|releases)":`)

func isTracker(head []byte) bool { return trackerStart().Match(head) }

// trackerKey is a package in a release.
type trackerKey struct{ release, name string }

// trackerState is what is known of a flaw there, without what is known of all
// of them: a source has half a million of these.
type trackerState struct {
	fixed   string
	state   advisory.State
	urgency string
}

// tracker joins the packages of each flaw.
type tracker struct {
	flaws map[string]map[trackerKey]trackerState
	texts map[string]string
	names map[string]string // each text once
	count int
}

func readTracker(ctx context.Context, s Source, yield func(Record, error) bool) {
	t := tracker{flaws: map[string]map[trackerKey]trackerState{}, texts: map[string]string{}, names: map[string]string{}}
	more := true
	err := readOne(s, func(r *bufio.Reader) error {
		return t.read(ctx, elementReader{r: r, max: s.in.max.record}, func(rej rejects) bool {
			more = more && send(yield, rej.outcomes())
			return more
		})
	})
	if !more {
		return
	}
	if rejected, ok := errors.AsType[*Rejected](err); ok {
		if !yield(Record{}, rejected) {
			return
		}
	} else if err != nil {
		yield(Record{}, fmt.Errorf("reading %s: %w", s.Path, err))
		return
	}
	for _, id := range slices.Sorted(maps.Keys(t.flaws)) {
		if !yield(Record{Advisory: t.advisory(id)}, nil) {
			return
		}
	}
}

// read takes one package after the other. What is damaged ends the reading,
// but what was read before it is kept.
func (t *tracker) read(ctx context.Context, in elementReader, report func(rejects) bool) error {
	dec := json.NewDecoder(&in)
	if _, err := dec.Token(); err != nil {
		return &Rejected{ID: "tracker", Reason: rejectBroken, Detail: err.Error()}
	}
	for dec.More() {
		if err := ctx.Err(); err != nil {
			return err
		}
		in.n = 0
		var flaws map[string]json.RawMessage
		token, err := dec.Token()
		name, _ := token.(string)
		if err == nil {
			err = dec.Decode(&flaws)
		}
		_, mistyped := errors.AsType[*json.UnmarshalTypeError](err)
		rej := rejects{id: cmp.Or(printable(name), "tracker")}
		switch {
		case errors.Is(err, errRatio):
			return err
		case err != nil && !mistyped:
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return &Rejected{ID: rej.id, Reason: rejectBroken, Detail: clip(err.Error(), maxName)}
		case mistyped:
			rej.add(rejectType, name)
		case !isName(name):
			rej.add(rejectName, name)
			flaws = nil
		}
		for _, id := range slices.Sorted(maps.Keys(flaws)) {
			t.flaw(&rej, name, id, flaws[id])
		}
		if !report(rej) {
			return nil
		}
	}
	if _, err := dec.Token(); err != nil {
		return &Rejected{ID: "tracker", Reason: rejectBroken, Detail: clip(err.Error(), maxName)}
	}
	return nil
}

// flaw adds what is known of a flaw in one package.
func (t *tracker) flaw(rej *rejects, name, id string, data []byte) {
	var f trackerFlaw
	if !isID(id) {
		rej.add(rejectAlias, id)
		return
	}
	if err := json.Unmarshal(data, &f); err != nil {
		rej.add(rejectType, id)
		return
	}
	var releases map[string]trackerRelease
	if err := json.Unmarshal(f.Releases, &releases); err != nil || len(releases) == 0 {
		rej.add(rejectNothing, id)
		return
	}
	id = t.once(id)
	for _, codename := range slices.Sorted(maps.Keys(releases)) {
		release, ok := debianReleases[codename]
		if !ok && codename != "sid" { // which has no VERSION_ID
			rej.add(rejectCodename, codename)
			continue
		}
		state, reason := debianState(releases[codename])
		switch {
		case reason != "":
			rej.add(reason, id+" "+codename)
			continue
		case t.count >= maxStatements:
			rej.add(rejectFull, id)
			return
		}
		t.count++
		if t.flaws[id] == nil {
			t.flaws[id] = map[trackerKey]trackerState{}
			t.texts[id] = clip(oneLine(string(f.Description)), maxDetails)
		}
		state.urgency = t.once(state.urgency)
		t.flaws[id][trackerKey{release, t.once(name)}] = state
	}
}

// once returns the one copy of a text.
func (t *tracker) once(s string) string {
	if have, ok := t.names[s]; ok {
		return have
	}
	t.names[s] = s
	return s
}

// debianState reads the entry of one release.
// Source: Debian security tracker, bin/tracker_data, fields status,
// fixed_version (0: never affected), nodsa and nodsa_reason.
func debianState(r trackerRelease) (s trackerState, reason string) {
	s.urgency = debianUrgency(string(r.Urgency))
	switch {
	case r.Status == "resolved" && r.Fixed == "0":
		s.state = advisory.NotAffected
	case r.Status == "resolved" && isName(string(r.Fixed)):
		s.fixed = string(r.Fixed)
	case r.Status == "resolved":
		return s, rejectUnversioned
	case r.Status == "undetermined":
		s.state = advisory.UnderInvestigation
	case r.Status != "open":
		return s, rejectStatus
	case s.urgency == "end-of-life":
		s.state = advisory.EndOfLife
	case r.NoDSA != nil && r.Reason == "ignored":
		s.state = advisory.WillNotFix
	case r.NoDSA != nil:
		s.state = advisory.FixDeferred
	}
	return s, ""
}

// debianUrgency returns the word without the stars, which mean that it was
// guessed from NVD, and nothing where none is assigned.
func debianUrgency(s string) string {
	s = strings.TrimRight(s, "*")
	if s == "not yet assigned" {
		return ""
	}
	return clip(s, maxID)
}

// advisory returns what is known of one flaw.
func (t *tracker) advisory(id string) *advisory.Advisory {
	a := &advisory.Advisory{
		Source:     DebianTracker,
		ID:         id,
		Kind:       advisory.Vulnerability,
		Details:    t.texts[id],
		References: []advisory.Reference{{Type: "ADVISORY", URL: "https://security-tracker.debian.org/tracker/" + id}},
	}
	states := t.flaws[id]
	for _, key := range slices.SortedFunc(maps.Keys(states), func(a, b trackerKey) int {
		return cmp.Or(cmp.Compare(a.release, b.release), cmp.Compare(a.name, b.name))
	}) {
		s := states[key]
		one := advisory.Affected{
			Ecosystem: advisory.Ecosystem{Type: "deb", Distro: "debian", Release: key.release},
			Name:      key.name,
			NameKind:  advisory.SourceName,
			State:     s.state,
			Urgency:   s.urgency,
		}
		if s.state != advisory.NotAffected {
			one.Ranges = []advisory.Range{{Fixed: s.fixed}}
		}
		a.Affected = append(a.Affected, one)
		if len(a.Affected) == maxAffected {
			break
		}
	}
	return a
}
