package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"path"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// Reasons for which records of the working group are rejected.
const (
	rejectIndex   = "an index of records that are files of their own"
	rejectVendors = "an assessment that names no versions"
)

// nodeRecord is a record of a package of npm, of Node.js itself (core), or of
// what Node.js has of others (deps), which says why that is no matter.
// Source: nodejs/security-wg, vuln/README.
type nodeRecord struct {
	// npm
	ID         json.Number `json:"id"`
	Title      string      `json:"title"`
	Created    string      `json:"created_at"`
	Updated    string      `json:"updated_at"`
	Published  string      `json:"publish_date"` // core too
	Module     string      `json:"module_name"`
	CVEs       []string    `json:"cves"`
	Vulnerable string      `json:"vulnerable_versions"`
	Patched    string      `json:"patched_versions"`
	References any         `json:"references"` // a list, at times one text
	Vector     string      `json:"cvss_vector"`
	Score      json.Number `json:"cvss_score"`
	// both
	Overview string `json:"overview"`
	// core
	CVE          []string `json:"cve"`
	CoreAffected string   `json:"vulnerable"`
	CoreRepaired string   `json:"patched"`
	Ref          string   `json:"ref"`
	Description  string   `json:"description"`
	Severity     text     `json:"severity"`
	NotExploited string   `json:"reason"` // deps
}

func isNodeWG(keys map[string]string) bool {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := keys[n]; !ok {
				return false
			}
		}
		return true
	}
	return has("module_name", "created_at") || has("cve", "vulnerable") || has("cve", "overview", "ref") && has("reason")
}

func readNodeWG(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseNodeWG)
}

// parseNodeWG reads one record. The ids are those that the group gives: NSWG-ECO-
// for the ecosystem and NSWG-COR- for the core, followed by the number.
func parseNodeWG(doc document) []outcome {
	number := placeID(doc.name, 1)
	if number == "index" {
		return refused(doc.name, rejectIndex, "")
	}
	var r nodeRecord
	if err := json.Unmarshal(doc.data, &r); err != nil {
		return refused(doc.name, rejectJSON, err.Error())
	}
	number = cmp.Or(r.ID.String(), number)
	switch {
	case r.Module != "":
		return nodePackage(r, "NSWG-ECO-"+number)
	case r.CoreAffected != "" || r.CoreRepaired != "":
		return nodeCore(r, "NSWG-COR-"+number)
	case r.NotExploited != "":
		return refused(doc.name, rejectVendors, r.NotExploited)
	}
	return refused(doc.name, rejectPackage, path.Base(doc.name))
}

func nodePackage(r nodeRecord, id string) []outcome {
	if !isID(id) || !isName(r.Module) {
		return refused(clip(id, maxID), rejectName, r.Module)
	}
	rej := rejects{id: id}
	a := &advisory.Advisory{
		Source:    NodeWG,
		ID:        id,
		Kind:      advisory.Vulnerability,
		Summary:   clip(oneLine(r.Title), maxSummary),
		Details:   clip(strings.TrimSpace(r.Overview), maxDetails),
		Published: rej.date(cmp.Or(r.Published, r.Created)),
		Modified:  rej.date(r.Updated),
		Aliases:   sortedWithout(rej.ids(r.CVEs), id),
	}
	var urls []string
	switch list := r.References.(type) {
	case string:
		urls = strings.Fields(list)
	case []any:
		for _, u := range list {
			if s, ok := u.(string); ok {
				urls = append(urls, s)
			}
		}
	}
	a.References = references(osvReferences(urls))
	if r.Vector != "" {
		rej.vector(a, r.Vector, "Node.js")
	} else if r.Score != "-1" { // not rated
		rej.score(a, r.Score.String(), "Node.js")
	}
	p := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "npm"}, Name: r.Module}
	set, ok := npmGrammar.require(r.Vulnerable)
	if r.Vulnerable == "" {
		// All but those that have the repair, which are all if none is named.
		var odd []string
		set, odd = npmGrammar.anyOf(nonEmpty(r.Patched))
		set, ok = npmGrammar.not(set), len(odd) == 0
	}
	if !ok {
		return refused(id, rejectRequirement, r.Module+" "+r.Vulnerable)
	}
	if p.Ranges = ranges(set); len(p.Ranges) == 0 {
		return refused(id, rejectEmpty, r.Module+" "+r.Vulnerable)
	}
	a.Affected = []advisory.Affected{p}
	return rej.outcomes(outcome{record: Record{Advisory: a}})
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// nodeCore reads a flaw of Node.js: of the lines named as vulnerable, the
// releases that are not in the list of those repaired.
func nodeCore(r nodeRecord, id string) []outcome {
	rej := rejects{id: id}
	a := &advisory.Advisory{
		Source:    NodeWG,
		ID:        id,
		Kind:      advisory.Vulnerability,
		Summary:   clip(oneLine(cmp.Or(r.Description, r.Overview)), maxSummary),
		Details:   clip(strings.TrimSpace(r.Overview), maxDetails),
		Published: rej.date(r.Published),
		Aliases:   sortedWithout(rej.ids(r.CVE), id),
	}
	a.References = references(osvReferences([]string{r.Ref}))
	if label := strings.ToLower(string(r.Severity)); label != "" && len(label) <= maxID {
		a.Severities = []advisory.Severity{{Source: "Node.js", Label: label}}
	}
	g := nodeGrammar
	bad, ok := g.require(strings.TrimSpace(r.CoreAffected))
	good, odd := g.anyOf(nonEmpty(r.CoreRepaired))
	rej.requirements("node", odd)
	if !ok {
		return refused(id, rejectRequirement, r.CoreAffected)
	}
	p := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "generic"}, Name: "node"}
	if p.Ranges = ranges(g.both(bad, g.not(good))); len(p.Ranges) == 0 {
		return refused(id, rejectEmpty, r.CoreAffected)
	}
	a.Affected = []advisory.Affected{p}
	return rej.outcomes(outcome{record: Record{Advisory: a}})
}
