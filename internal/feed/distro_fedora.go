package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// bodhiUpdate is an update of Fedora or EPEL.
// Source: Fedora, Bodhi REST API, "updates".
type bodhiUpdate struct {
	Alias     string `json:"alias"`
	Title     text   `json:"title"`
	Name      text   `json:"display_name"`
	Notes     text   `json:"notes"`
	Type      text   `json:"type"`
	Status    text   `json:"status"`
	Severity  text   `json:"severity"`
	Submitted text   `json:"date_submitted"`
	Modified  text   `json:"date_modified"`
	Stable    text   `json:"date_stable"`
	URL       text   `json:"url"`
	Release   struct {
		Name    text `json:"name"`
		Version text `json:"version"`
		Prefix  text `json:"id_prefix"`
	} `json:"release"`
	Bugs []struct {
		Security bool `json:"security"`
		Title    text `json:"title"`
	} `json:"bugs"`
	Builds []struct {
		NVR   text        `json:"nvr"`
		Type  text        `json:"type"`
		Epoch json.Number `json:"epoch"`
	} `json:"builds"`
}

// isBodhi recognises an update, and a page of the list of updates.
func isBodhi(keys map[string]string) bool {
	_, alias := keys["alias"]
	_, updates := keys["updates"]
	for _, k := range []string{"date_submitted", "builds", "bugs", "display_name"} {
		if _, ok := keys[k]; ok && alias {
			return true
		}
	}
	_, rows := keys["rows_per_page"]
	return updates && rows
}

func readBodhi(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, func(doc document) []outcome {
		var page struct {
			Updates []json.RawMessage `json:"updates"`
		}
		if json.Unmarshal(doc.data, &page) != nil || page.Updates == nil {
			return parseBodhi(doc)
		}
		var out []outcome
		for _, u := range page.Updates {
			out = append(out, parseBodhi(document{doc.name, u})...)
		}
		return out
	})
}

func parseBodhi(doc document) []outcome {
	var u bodhiUpdate
	err := json.Unmarshal(doc.data, &u)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	rej := rejects{id: cmp.Or(printable(u.Alias), doc.name)}
	switch {
	case err != nil && !isType:
		return refused(rej.id, rejectJSON, err.Error())
	case !isID(u.Alias):
		return refused(rej.id, rejectNoID, u.Alias)
	case u.Type != "security":
		return refused(rej.id, rejectNotice, string(u.Type))
	case u.Status != "stable":
		return refused(rej.id, rejectUnpublished, string(u.Status))
	case isType:
		rej.add(rejectType, mistyped.Field)
	}
	e := advisory.Ecosystem{Type: "rpm", Distro: "fedora", Release: string(u.Release.Version)}
	switch u.Release.Prefix {
	case "FEDORA":
	case "FEDORA-EPEL":
		e.Distro = "epel" // which is added to several distributions, and is none of its own
	default:
		return refused(rej.id, rejectRelease, string(u.Release.Name))
	}
	if !isID(e.Release) {
		return refused(rej.id, rejectRelease, e.Release)
	}
	a := &advisory.Advisory{
		Source:     FedoraBodhi,
		ID:         u.Alias,
		Summary:    clip(oneLine(string(cmp.Or(u.Name, u.Title))), maxSummary),
		Details:    clip(string(u.Notes), maxDetails),
		Published:  rej.day(string(cmp.Or(u.Stable, u.Submitted))),
		Modified:   rej.day(string(cmp.Or(u.Modified, u.Stable, u.Submitted))),
		Severities: label("Fedora", string(u.Severity)),
		References: references([]osvReference{{Type: "ADVISORY", URL: string(u.URL)}}),
	}
	// The bugs that an update repairs name the flaws; where none does, the text
	// that its maker wrote may.
	var flaws []string
	for _, b := range u.Bugs {
		flaws = append(flaws, cvesIn(string(b.Title))...)
	}
	if len(flaws) == 0 {
		flaws = cvesIn(string(u.Title) + " " + string(u.Notes))
	}
	a.Upstream = sortedWithout(flaws, a.ID)
	notice(a)
	for _, b := range u.Builds {
		name, evr, ok := nevr(string(b.NVR))
		switch {
		case b.Type != "rpm":
			rej.add(rejectSystem, string(b.Type))
		case !ok || b.Epoch != "" && !digits(b.Epoch.String()) || !isName(evrOf(b.Epoch.String(), evr)):
			rej.add(rejectVersion, string(b.NVR))
		default:
			// A build is of a source package.
			a.Affected = append(a.Affected, advisory.Affected{
				Ecosystem: e, Name: name, NameKind: advisory.SourceName, Ranges: fixedIn(evrOf(b.Epoch.String(), evr)),
			})
		}
	}
	a.Affected = join(a.Affected, lastFix)
	return rej.done(a)
}

// rejectUnpublished is the reason for which an update is left out that is
// tested still, or was withdrawn.
const rejectUnpublished = "an update that is not published"

// archGroup is a group of flaws in packages that are built together.
// Source: Arch Linux, security tracker, "AVG", JSON.
type archGroup struct {
	Name       string `json:"name"`
	Packages   []text `json:"packages"`
	Affected   text   `json:"affected"`
	Fixed      text   `json:"fixed"`
	Severity   text   `json:"severity"`
	Status     text   `json:"status"`
	Issues     []text `json:"issues"`
	Advisories []text `json:"advisories"`
}

func isArch(keys map[string]string) bool {
	_, ok := keys["packages"]
	return ok && strings.HasPrefix(keys["name"], "AVG-")
}

func readArch(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseArch)
}

func parseArch(doc document) []outcome {
	var g archGroup
	err := json.Unmarshal(doc.data, &g)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	rej := rejects{id: cmp.Or(printable(g.Name), doc.name)}
	switch {
	case err != nil && !isType:
		return refused(rej.id, rejectJSON, err.Error())
	case !isID(g.Name):
		return refused(rej.id, rejectNoID, g.Name)
	case isType:
		rej.add(rejectType, mistyped.Field)
	}
	a := &advisory.Advisory{
		Source:     ArchLinux,
		ID:         g.Name,
		Severities: label("Arch Linux", string(g.Severity)),
		References: []advisory.Reference{{Type: "ADVISORY", URL: "https://security.archlinux.org/" + g.Name}},
	}
	for _, id := range g.Issues {
		if isID(string(id)) {
			a.Upstream = append(a.Upstream, string(id))
		} else {
			rej.add(rejectAlias, string(id))
		}
	}
	for _, id := range g.Advisories {
		if isID(string(id)) {
			a.Related = append(a.Related, string(id))
		}
	}
	a.Upstream, a.Related = sortedWithout(a.Upstream, a.ID), sortedWithout(a.Related, a.ID)
	notice(a)
	one := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "alpm", Distro: "arch"}}
	switch {
	case g.Status == "Not affected":
		one.State = advisory.NotAffected
	case isName(string(g.Fixed)):
		one.Ranges = fixedIn(string(g.Fixed))
	case g.Status == "Unknown":
		one.State, one.Ranges = advisory.UnderInvestigation, allVersions()
	default:
		one.Ranges = allVersions()
	}
	for _, name := range g.Packages {
		if one.Name = string(name); !isName(one.Name) || len(a.Affected) >= maxAffected {
			rej.add(rejectName, one.Name)
			continue
		}
		a.Affected = append(a.Affected, one)
	}
	slices.SortFunc(a.Affected, func(x, y advisory.Affected) int { return strings.Compare(x.Name, y.Name) })
	a.Affected = slices.CompactFunc(a.Affected, func(x, y advisory.Affected) bool { return x.Name == y.Name })
	return rej.done(a)
}
