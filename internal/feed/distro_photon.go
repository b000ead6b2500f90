package feed

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// photonEntry is what is known of a flaw in one package of a release, which
// the name of the file says.
// Source: VMware, Photon OS, "CVE metadata", cve_data_photonN.json.
type photonEntry struct {
	CVE      text `json:"cve_id"`
	Package  text `json:"pkg"`
	Affected text `json:"aff_ver"`
	Fixed    text `json:"res_ver"`
	Status   text `json:"status"`
}

func isPhotonCVE(keys map[string]string) bool {
	_, id := keys["cve_id"]
	_, pkg := keys["pkg"]
	_, affected := keys["aff_ver"]
	return id && pkg && affected
}

var (
	photonFile   = pattern(`photon([0-9]+)(?:\.([0-9]+))?\.json`)
	photonMark   = pattern(`\.ph([0-9]+)$`)
	photonBefore = pattern(`^all versions before (\S+) are vulnerable$`)
)

// photonRelease returns the release of an entry.
func photonRelease(file, version string) string {
	if m := photonMark().FindStringSubmatch(version); m != nil {
		return m[1] + ".0"
	}
	if m := photonFile().FindStringSubmatch(path.Base(file)); m != nil {
		return m[1] + "." + cmp.Or(m[2], "0")
	}
	return ""
}

// photonKey is a flaw in a release.
type photonKey struct{ id, release string }

// readPhotonCVE joins the packages of a flaw. The whole of a source is some
// 10 MB.
func readPhotonCVE(ctx context.Context, s Source, yield func(Record, error) bool) {
	flaws := map[photonKey][]advisory.Affected{}
	count := 0
	if !eachDocument(ctx, s, yield, func(doc document) []outcome {
		key, a, refusal := parsePhoton(doc)
		if refusal == nil && count >= maxStatements {
			refusal = refused(key.id, rejectFull, "")
		}
		if refusal == nil {
			count++
			flaws[key] = append(flaws[key], a)
		}
		return refusal
	}) {
		return
	}
	for _, key := range slices.SortedFunc(maps.Keys(flaws), func(a, b photonKey) int {
		return cmp.Or(cmp.Compare(a.release, b.release), cmp.Compare(a.id, b.id))
	}) {
		a := &advisory.Advisory{
			Source: PhotonCVE, ID: key.id, Release: key.release, Kind: advisory.Vulnerability,
			Affected: join(flaws[key], firstFix),
		}
		rej := rejects{id: key.id}
		if !send(yield, rej.done(a)) {
			return
		}
	}
}

func parsePhoton(doc document) (key photonKey, a advisory.Affected, refusal []outcome) {
	var e photonEntry
	err := json.Unmarshal(doc.data, &e)
	_, isType := errors.AsType[*json.UnmarshalTypeError](err)
	id := cmp.Or(printable(string(e.CVE)), doc.name)
	fixed := strings.TrimSpace(string(e.Fixed))
	if m := photonBefore().FindStringSubmatch(strings.TrimSpace(string(e.Affected))); m != nil && (fixed == "" || fixed == "NA") {
		fixed = m[1]
	}
	release := photonRelease(doc.name, fixed)
	a = advisory.Affected{
		Ecosystem: advisory.Ecosystem{Type: "rpm", Distro: "photon", Release: release},
		Name:      string(e.Package),
	}
	none := fixed == "" || fixed == "NA"
	switch {
	case err != nil && !isType:
		return key, a, refused(id, rejectJSON, err.Error())
	case !isID(string(e.CVE)):
		return key, a, refused(id, rejectNoID, string(e.CVE))
	case !isName(a.Name):
		return key, a, refused(id, rejectName, a.Name)
	case release == "":
		return key, a, refused(id, rejectRelease, doc.name)
	case e.Status == "Not Affected":
		a.State = advisory.NotAffected
	case e.Status == "Fixed" && none:
		return key, a, part(id, rejectUnversioned, a.Name)
	case e.Status == "Fixed" && isName(fixed):
		a.Ranges = fixedIn(evrOf("", fixed))
	case e.Status == "Fixed":
		return key, a, part(id, rejectVersion, fixed)
	case e.Status == "Not Fixed" || e.Status == "Unfixed" || e.Status == "Affected" || e.Status == "Open":
		a.Ranges = allVersions()
	default:
		return key, a, part(id, rejectStatus, string(e.Status))
	}
	return photonKey{string(e.CVE), release}, a, nil
}

// part is the only outcome of one entry of a flaw that is refused.
func part(id, reason, detail string) []outcome {
	return []outcome{{err: &Rejected{ID: id, Reason: reason, Detail: clip(detail, maxName), Part: true}}}
}

// A page of the wiki of Photon OS announces an update. It names packages and
// flaws under headings that rate them, but no versions.
// Source: VMware, photon wiki, "Security-Update-N.0-N".
var (
	wikiID      = pattern(`(?m)^Advisory Id\s*:\s*(PHSA-\S+)\s*$`)
	wikiIssued  = pattern(`(?m)^Issue date\s*:\s*(\S+)\s*$`)
	wikiHeading = pattern(`^### ([A-Za-z]+)$`)
)

func isPhotonWiki(head []byte) bool {
	return bytes.HasPrefix(head, []byte("# ")) && wikiID().Match(head)
}

func readPhotonWiki(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parsePhotonWiki)
}

// parsePhotonWiki returns how the flaws of an update are rated. Of several
// packages the first counts, which stands under the gravest rating.
func parsePhotonWiki(doc document) []outcome {
	page := strings.ToValidUTF8(string(doc.data), "\ufffd")
	m := wikiID().FindStringSubmatch(page)
	if m == nil || !isID(m[1]) {
		return refused(doc.name, rejectNoID, "")
	}
	rej := rejects{id: m[1]}
	e := advisory.Enrichment{}
	if d := wikiIssued().FindStringSubmatch(page); d != nil {
		e.Modified = rej.day(d[1])
	}
	var out []outcome
	seen := map[string]bool{}
	word := ""
	for line := range strings.SplitSeq(page, "\n") {
		line = strings.TrimSpace(line)
		if h := wikiHeading().FindStringSubmatch(line); h != nil {
			word = h[1]
			continue
		}
		if strings.HasPrefix(line, "#") {
			word = ""
		}
		if word == "" || !strings.Contains(line, " - [") {
			continue
		}
		for _, id := range cvesIn(line) {
			if !seen[id] {
				seen[id] = true
				one := e
				one.CVE, one.Severities = id, label("Photon OS", word)
				out = append(out, outcome{record: Record{Enrichment: &one}})
			}
		}
	}
	if len(out) == 0 {
		return refused(rej.id, rejectNoFlaw, "")
	}
	return rej.outcomes(out...)
}
