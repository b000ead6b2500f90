package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// Reasons for which entries are rejected.
const (
	rejectExample = "not a library but an example"
	rejectNoFlaws = "a library of which no flaw is known"
)

// retireLibrary is one library for browsers.
// Source: RetireJS/retire.js, repository/jsrepository.json and
// node/src/repo.ts.
type retireLibrary struct {
	NPM   string       `json:"npmname"`
	PURL  text         `json:"basePurl"`
	Flaws []retireFlaw `json:"vulnerabilities"`
}

type retireFlaw struct {
	AtOrAbove   string   `json:"atOrAbove"`
	Below       string   `json:"below"`
	Excludes    []string `json:"excludes"`
	Severity    string   `json:"severity"`
	CWEs        []string `json:"cwe"`
	Info        []string `json:"info"`
	Identifiers struct {
		Summary string   `json:"summary"`
		CVEs    []string `json:"CVE"`
		GHSA    string   `json:"githubID"`
		ID      text     `json:"retid"`
		OSVDB   []text   `json:"osvdb"`
		Issue   text     `json:"issue"`
		Bug     text     `json:"bug"`
		PR      text     `json:"PR"`
	} `json:"identifiers"`
}

// isRetireJS recognises the repository by its first entry, which is for tests.
func isRetireJS(keys map[string]string) bool {
	_, ok := keys["retire-example"]
	return ok
}

func readRetireJS(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseRetireJS)
}

func parseRetireJS(doc document) []outcome {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(doc.data, &all); err != nil {
		return refused(doc.name, rejectJSON, err.Error())
	}
	var out []outcome
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var lib retireLibrary
		err := json.Unmarshal(all[name], &lib)
		switch {
		case err != nil:
			out = append(out, refused(clip(name, maxID), rejectJSON, err.Error())...)
		case name == "retire-example" || name == "dont check":
			out = append(out, refused(name, rejectExample, "")...)
		case !isID(name), lib.NPM != "" && !isName(lib.NPM):
			out = append(out, refused(clip(name, maxID), rejectName, cmp.Or(lib.NPM, name))...)
		default:
			out = append(out, lib.outcomes(name)...)
		}
	}
	return out
}

// outcomes returns the flaws of a library, those with one name as one.
func (lib retireLibrary) outcomes(name string) []outcome {
	byID := map[string][]retireFlaw{}
	for _, f := range lib.Flaws {
		id := f.id(name)
		byID[id] = append(byID[id], f)
	}
	if len(byID) == 0 {
		return refused(name, rejectNoFlaws, "")
	}
	var out []outcome
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		out = append(out, lib.advisory(name, id, byID[id])...)
	}
	return out
}

// id returns a name for a flaw, which has none of its own: the library and the
// best of the names that others gave it.
func (f retireFlaw) id(library string) string {
	i := f.Identifiers
	var first string
	if len(i.CVEs) > 0 {
		first = slices.Min(i.CVEs)
	}
	for kind, id := range map[string]text{"issue-": i.Issue, "bug-": i.Bug, "pr-": i.PR} {
		if first == "" && i.GHSA == "" && i.ID == "" && id != "" {
			first = max(first, kind+string(id))
		}
	}
	id := library + "/" + cmp.Or(first, i.GHSA, string(i.ID), "below-"+f.Below)
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '-'
		}
		return r
	}, clip(id, maxID))
}

// ecosystem returns where a library is known and under what name: npm, or
// nowhere if there is none of its name there.
func (lib retireLibrary) ecosystem(name string) (typ, pkg string) {
	if p, ok := strings.CutPrefix(string(lib.PURL), "pkg:npm/"); ok && lib.NPM == "" && isName(p) {
		lib.NPM = strings.ReplaceAll(p, "%40", "@")
	}
	if pkg = cmp.Or(lib.NPM, name); pkg == strings.ToLower(pkg) {
		return "npm", pkg
	}
	return "generic", pkg
}

func (lib retireLibrary) advisory(name, id string, flaws []retireFlaw) []outcome {
	rej := rejects{id: id}
	a := &advisory.Advisory{Source: RetireJS, ID: id, Kind: advisory.Vulnerability}
	p := advisory.Affected{}
	p.Type, p.Name = lib.ecosystem(name)
	g := grammar{versionSet: versionSet{p.Type}}
	var set []span
	var urls []string
	for _, f := range flaws {
		i := f.Identifiers
		a.Summary = cmp.Or(a.Summary, clip(oneLine(i.Summary), maxSummary))
		a.Aliases = append(a.Aliases, rej.ids(i.CVEs)...)
		a.Aliases = append(a.Aliases, rej.prefixed("", i.GHSA)...)
		a.CWEs = append(a.CWEs, f.CWEs...)
		urls = append(urls, f.Info...)
		if label := strings.ToLower(f.Severity); label != "" && len(label) <= maxID && len(a.Severities) == 0 {
			a.Severities = []advisory.Severity{{Source: "RetireJS", Label: label}}
		}
		one, ok := g.between(f)
		if !ok {
			rej.requirements(p.Name, []string{">= " + f.AtOrAbove + ", < " + f.Below})
			continue
		}
		set = append(set, one...)
	}
	a.Aliases = sortedWithout(a.Aliases, id)
	a.CWEs = cweIDs(a.CWEs)
	a.References = references(osvReferences(urls))
	p.Ranges = ranges(g.union(set))
	switch {
	case len(p.Ranges) == 0 && len(rej.parts) > 0:
		return refused(id, rej.parts[0].Reason, rej.parts[0].Detail)
	case len(p.Ranges) == 0:
		return refused(id, rejectEmpty, p.Name)
	}
	a.Affected = []advisory.Affected{p}
	return rej.outcomes(outcome{record: Record{Advisory: a}})
}

// between returns the versions of a flaw.
func (g grammar) between(f retireFlaw) ([]span, bool) {
	all := whole
	for _, c := range []struct{ op, version string }{{">=", f.AtOrAbove}, {"<", f.Below}} {
		if c.version == "" {
			continue
		}
		one, ok := g.comparison(c.op, g.semver(c.version))
		if !ok {
			return nil, false
		}
		all = g.both(all, one)
	}
	for _, v := range f.Excludes {
		if one, ok := g.comparison("!=", v); ok {
			all = g.both(all, one)
		}
	}
	return all, true
}

// semver writes versions such as 1.0.0.beta.3 and 3.0.RC3, as they were before
// npm, so that they have an order: 1.0.0-beta.3 and 3.0.0-RC3.
func (g grammar) semver(version string) string {
	numbers, pre, ok := numbersOf(version)
	if g.typ != "npm" || !ok || pre == "" || orderable(g.typ, version) || len(numbers) > 3 {
		return version
	}
	g.parts = true // for three numbers
	return g.join(numbers) + "-" + pre
}
