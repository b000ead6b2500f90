package feed

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
)

// phpRecord is a record of a Composer package.
// Source: FriendsOfPHP/security-advisories, README, "Contributing".
type phpRecord struct {
	Title    string `yaml:"title"`
	Link     string `yaml:"link"`
	CVE      string `yaml:"cve"`
	Branches map[string]struct {
		Time     string   `yaml:"time"`     // of the repair; may be null
		Versions []string `yaml:"versions"` // comparisons that must all hold
	} `yaml:"branches"`
	Reference string `yaml:"reference"` // composer://vendor/name
}

const phpScheme = "composer://"

func isFriendsOfPHP(head []byte) bool {
	keys := topKeys(head)
	_, title := keys["title"]
	_, branches := keys["branches"]
	return title && (branches || strings.HasPrefix(keys["reference"], phpScheme))
}

func readFriendsOfPHP(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseFriendsOfPHP)
}

// phpTimes are how the times of repairs are written. Source: as for phpRecord.
var phpTimes = []string{"2006-01-02 15:04:05", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04"}

func (r *rejects) phpTime(s string) time.Time {
	for _, layout := range phpTimes {
		if t, err := time.Parse(layout, s); err == nil {
			return r.sane(t.UTC())
		}
	}
	return r.date(s)
}

// parseFriendsOfPHP reads one record. It has no id but its place.
func parseFriendsOfPHP(doc document) []outcome {
	var r phpRecord
	if err := fromYAML(doc.data, &r); err != nil {
		return refused(doc.name, rejectYAML, err.Error())
	}
	id := placeID(doc.name, 3)
	name, ok := strings.CutPrefix(r.Reference, phpScheme)
	switch {
	case !isID(id):
		return refused(doc.name, rejectNoID, id)
	case !ok || !isName(name):
		return refused(id, rejectName, r.Reference)
	}
	rej := rejects{id: id}
	a := &advisory.Advisory{
		Source:     FriendsOfPHP,
		ID:         id,
		Kind:       advisory.Vulnerability,
		Summary:    clip(oneLine(r.Title), maxSummary),
		References: references(osvReferences([]string{r.Link})),
	}
	if r.CVE != "" && r.CVE != "~" {
		a.Aliases = sortedWithout(rej.ids([]string{r.CVE}), id)
	}
	var set []span
	for _, branch := range slices.Sorted(maps.Keys(r.Branches)) {
		b := r.Branches[branch]
		one, ok := composerGrammar.require(strings.Join(b.Versions, ","))
		if !ok {
			rej.requirements(name, []string{strings.Join(b.Versions, ",")})
			continue
		}
		set = append(set, one...)
		if b.Time == "" || b.Time == "~" {
			continue
		}
		at := rej.phpTime(b.Time)
		if a.Published.IsZero() || !at.IsZero() && at.Before(a.Published) {
			a.Published = at
		}
		if at.After(a.Modified) {
			a.Modified = at
		}
	}
	p := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "composer"}, Name: name}
	p.Ranges = ranges(composerGrammar.union(set))
	switch {
	case len(p.Ranges) == 0 && len(rej.parts) > 0:
		return refused(id, rej.parts[0].Reason, rej.parts[0].Detail)
	case len(p.Ranges) == 0:
		return refused(id, rejectEmpty, name)
	}
	a.Affected = []advisory.Affected{p}
	return rej.outcomes(outcome{record: Record{Advisory: a}})
}
