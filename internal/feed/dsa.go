package feed

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
)

// Reasons for which parts of the Debian lists are rejected.
const (
	rejectLine     = "a line that is not understood"
	rejectCodename = "unknown release"
	rejectNoFlaw   = "no package and no flaw"
	rejectVersion  = "not a version"
)

// maxLine is the longest line of the Debian list; the longest real one has
// some 5,000 bytes.
const maxLine = 1 << 20

// debianReleases maps codenames to what VERSION_ID of os-release has, or
// would have, for releases older than it.
// Source: Debian, distro-info-data, debian.csv.
var debianReleases = map[string]string{
	"hamm":     "2.0",
	"slink":    "2.1",
	"potato":   "2.2",
	"woody":    "3.0",
	"sarge":    "3.1",
	"etch":     "4.0",
	"lenny":    "5.0",
	"squeeze":  "6.0",
	"wheezy":   "7",
	"jessie":   "8",
	"stretch":  "9",
	"buster":   "10",
	"bullseye": "11",
	"bookworm": "12",
	"trixie":   "13",
	"forky":    "14",
	"duke":     "15",
}

// debianStates maps what stands in place of a version to a state.
// Source: Debian security tracker, doc/security-team.d.o/security_tracker,
// "Issues not affecting" and the sections after it.
var debianStates = map[string]advisory.State{
	"<unfixed>":      advisory.Stated,
	"<removed>":      advisory.Stated,
	"<undetermined>": advisory.UnderInvestigation,
	"<not-affected>": advisory.NotAffected,
	"<end-of-life>":  advisory.EndOfLife,
	"<no-dsa>":       advisory.FixDeferred,
	"<postponed>":    advisory.FixDeferred,
	"<ignored>":      advisory.WillNotFix,
}

// The lines of the list.
//
//	[29 Mar 2023] DSA-5380-1 xorg-server - security update
//		{CVE-2023-1393}
//		[bullseye] - xorg-server 2:1.20.11-1+deb11u6
//		NOTE: any text
//
// Source: Debian security tracker, doc/security-team.d.o/security_tracker,
// "The DSA list".
var (
	dsaHeader  = pattern(`^\[(\d{1,2} [A-Z][a-z]{2} \d{4})\] (D[SL]A-\d+(?:-(\d+))?)(?:\s+(.*))?$`)
	dsaPackage = pattern(`^\[([a-z]+)\]\s+-\s+(\S+)(?:\s+(\S+))?\s*(?:\((.*)\))?$`)
)

func isDSA(line []byte) bool { return dsaHeader().Match(bytes.TrimSpace(line)) }

func readDSA(ctx context.Context, s Source, yield func(Record, error) bool) {
	var d dsaEntry
	err := readOne(s, func(r *bufio.Reader) error {
		lines := scanLines(r)
		for n := 1; lines.Scan(); n++ {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			line := strings.ToValidUTF8(lines.Text(), "\ufffd")
			if strings.HasPrefix(line, "[") {
				if !send(yield, d.outcomes()) {
					return errStopped
				}
				d = dsaStart(line, n)
				continue
			}
			d.add(strings.TrimSpace(line), n)
		}
		return lines.Err()
	})
	switch {
	case errors.Is(err, errStopped):
	case err != nil:
		yield(Record{}, fmt.Errorf("reading %s: %w", s.Path, err))
	default:
		send(yield, d.outcomes())
	}
}

// dsaEntry is one advisory of the list while it is read.
type dsaEntry struct {
	rejects
	revision string
	title    string
	date     time.Time
	flaws    []string
	related  []string
	affected []advisory.Affected
	broken   *Rejected // the header was not understood: all lines are left out
}

// dsaStart reads the first line of an entry.
func dsaStart(line string, n int) dsaEntry {
	m := dsaHeader().FindStringSubmatch(strings.TrimRight(line, " \t\r"))
	if m == nil {
		return dsaEntry{broken: &Rejected{ID: fmt.Sprintf("line %d", n), Reason: rejectLine, Detail: clip(line, maxName)}}
	}
	d := dsaEntry{rejects: rejects{id: m[2]}, revision: m[3], title: clip(oneLine(m[4]), maxSummary)}
	date, err := time.Parse("2 Jan 2006", m[1])
	if err != nil {
		d.rejects.add(rejectDate, m[1])
	}
	d.date = date
	return d
}

// add reads one of the other lines of an entry.
func (d *dsaEntry) add(line string, n int) {
	switch {
	case line == "" || d.broken != nil:
	case d.id == "":
		d.broken = &Rejected{ID: fmt.Sprintf("line %d", n), Reason: rejectLine, Detail: clip(line, maxName)}
	case strings.HasPrefix(line, "NOTE:"):
		// A remark for the maintainers of the list.
	case strings.HasPrefix(line, "{") && strings.HasSuffix(line, "}") && len(d.flaws) < maxAffected:
		for id := range strings.FieldsSeq(line[1 : len(line)-1]) {
			switch {
			case isCVE(id):
				d.flaws = append(d.flaws, id)
			case isID(id):
				d.related = append(d.related, id)
			default:
				d.rejects.add(rejectAlias, clip(id, maxName))
			}
		}
	case len(d.affected) >= maxAffected || len(d.flaws) >= maxAffected:
		d.rejects.add(rejectMany, "")
	default:
		d.pkg(line)
	}
}

// pkg reads the line of one release and package.
func (d *dsaEntry) pkg(line string) {
	m := dsaPackage().FindStringSubmatch(line)
	if m == nil || !isName(m[2]) {
		d.rejects.add(rejectLine, clip(line, maxName))
		return
	}
	release, ok := debianReleases[m[1]]
	if !ok {
		d.rejects.add(rejectCodename, m[1])
		return
	}
	a := advisory.Affected{
		Ecosystem: advisory.Ecosystem{Type: "deb", Distro: "debian", Release: release},
		Name:      m[2],
		NameKind:  advisory.SourceName,
		Ranges:    []advisory.Range{{}},
		Urgency:   urgency(m[4]),
	}
	if strings.HasPrefix(m[3], "<") {
		state, ok := debianStates[m[3]]
		if !ok {
			d.rejects.add(rejectVersion, clip(m[3], maxName))
			return
		}
		a.State = state
		if state == advisory.NotAffected {
			a.Ranges = nil
		}
	} else {
		if !isName(m[3]) {
			d.rejects.add(rejectVersion, clip(m[3], maxName))
			return
		}
		a.Ranges[0].Fixed = m[3]
	}
	d.affected = append(d.affected, a)
}

// urgency returns the word among remarks such as "bug #322591; medium".
// Source: Debian security tracker, doc/security-team.d.o/security_tracker,
// "Severity levels".
func urgency(remarks string) string {
	for word := range strings.SplitSeq(remarks, ";") {
		switch word = strings.TrimSpace(word); word {
		case "unimportant", "low", "medium", "high":
			return word
		}
	}
	return ""
}

// outcomes returns what the entry says: nothing at the beginning of the list. An
// entry without packages is an announcement, and rejected. An advisory without
// CVEs is a flaw of its own, but for a revision without any: it repairs the
// packages of the advisory that it revises.
func (d *dsaEntry) outcomes() []outcome {
	switch {
	case d.broken != nil:
		return []outcome{{err: d.broken}}
	case d.id == "":
		return nil
	case len(d.affected) == 0 && len(d.parts) > 0:
		return refused(d.id, d.parts[0].Reason, d.parts[0].Detail)
	case len(d.affected) == 0 && len(d.flaws) == 0:
		return refused(d.id, rejectNoFlaw, d.title)
	case len(d.affected) == 0:
		return refused(d.id, rejectNothing, d.title)
	}
	a := &advisory.Advisory{
		Source:     DebianDSA,
		ID:         d.id,
		Related:    sortedWithout(d.related, d.id),
		Upstream:   sortedWithout(d.flaws, d.id),
		Kind:       advisory.Notice,
		Summary:    d.title,
		Published:  d.date,
		Modified:   d.date,
		References: []advisory.Reference{{Type: "ADVISORY", URL: "https://security-tracker.debian.org/tracker/" + d.id}},
		Affected:   d.affected,
	}
	switch {
	case len(a.Upstream) > 0:
	case d.revision == "" || d.revision == "1":
		a.Kind = advisory.Vulnerability
	default:
		a.Kind = advisory.Informational
	}
	return d.rejects.outcomes(outcome{record: Record{Advisory: a}})
}

// scanLines reads the lines of a text feed, each without its end.
func scanLines(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	return lines
}
