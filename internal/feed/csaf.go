package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// maxChain is how many products a product of CSAF is part of: a package, a
// module, a release.
const maxChain = 4

// csaf is what is used of a CSAF document of Red Hat: an advisory, which is
// what one update repairs, or a VEX statement, which is what is known of one
// flaw in all products.
// Sources: OASIS, CSAF 2.0, section 3.2; Red Hat, "Security data", "CSAF VEX
// documents".
type csaf struct {
	Document struct {
		Category  string `json:"category"`
		Title     string `json:"title"`
		Publisher struct {
			Namespace string `json:"namespace"`
		} `json:"publisher"`
		Severity struct {
			Text string `json:"text"`
		} `json:"aggregate_severity"`
		References []csafReference `json:"references"`
		Tracking   struct {
			ID      string `json:"id"`
			Current string `json:"current_release_date"`
			Initial string `json:"initial_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	Tree struct {
		Branches      []csafBranch   `json:"branches"`
		Relationships []csafRelation `json:"relationships"`
	} `json:"product_tree"`
	Vulnerabilities []csafFlaw `json:"vulnerabilities"`
}

type csafReference struct {
	Category string `json:"category"`
	URL      string `json:"url"`
}

type csafBranch struct {
	Branches []csafBranch `json:"branches"`
	Product  struct {
		ID     string `json:"product_id"`
		Helper struct {
			CPE  string `json:"cpe"`
			PURL string `json:"purl"`
		} `json:"product_identification_helper"`
	} `json:"product"`
}

type csafRelation struct {
	Full struct {
		ID string `json:"product_id"`
	} `json:"full_product_name"`
	Product string `json:"product_reference"`
	Of      string `json:"relates_to_product_reference"`
}

type csafFlaw struct {
	CVE string `json:"cve"`
	CWE struct {
		ID string `json:"id"`
	} `json:"cwe"`
	Notes []struct {
		Category string `json:"category"`
		Text     string `json:"text"`
	} `json:"notes"`
	References []csafReference     `json:"references"`
	Status     map[string][]string `json:"product_status"`
	Remedies   []struct {
		Category string   `json:"category"`
		Details  string   `json:"details"`
		Products []string `json:"product_ids"`
	} `json:"remediations"`
	Scores []struct {
		V3 struct {
			Vector string `json:"vectorString"`
		} `json:"cvss_v3"`
	} `json:"scores"`
	Threats []struct {
		Category string `json:"category"`
		Details  string `json:"details"`
	} `json:"threats"`
}

// isCSAF recognises the object by two of its three members.
// Source: CSAF 2.0, section 3.2.
func isCSAF(keys map[string]string) bool {
	_, document := keys["document"]
	_, tree := keys["product_tree"]
	_, flaws := keys["vulnerabilities"]
	return document && (tree || flaws)
}

func readCSAF(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseCSAF)
}

// parseCSAF reads one document.
func parseCSAF(doc document) []outcome {
	var c csaf
	err := json.Unmarshal(doc.data, &c)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	id := c.Document.Tracking.ID
	rej := rejects{id: cmp.Or(printable(id), doc.name)}
	switch {
	case err != nil && !isType:
		return refused(rej.id, rejectJSON, err.Error())
	case !isID(id):
		return refused(rej.id, rejectNoID, id)
	case !strings.HasSuffix(c.Document.Publisher.Namespace, "www.redhat.com"):
		return refused(rej.id, rejectPublisher, c.Document.Publisher.Namespace)
	case isType:
		rej.add(rejectType, mistyped.Field)
	}
	a := &advisory.Advisory{
		Source:    RedHatCSAF,
		ID:        id,
		Summary:   clip(oneLine(c.Document.Title), maxSummary),
		Published: rej.date(c.Document.Tracking.Initial),
		Modified:  rej.date(c.Document.Tracking.Current),
	}
	p := csafProducts{rejects: &rej, known: map[string]csafProduct{}, parts: map[string]csafRelation{}}
	p.branches(c.Tree.Branches, 0)
	for _, r := range c.Tree.Relationships {
		p.parts[r.Full.ID] = r
	}
	refs, cwes := c.Document.References, []string(nil)
	var list []advisory.Affected
	for _, flaw := range c.Vulnerabilities {
		list = append(list, p.flaw(flaw)...)
		refs = append(refs, flaw.References...)
		cwes = append(cwes, flaw.CWE.ID)
		if isCVE(flaw.CVE) {
			a.Upstream = append(a.Upstream, flaw.CVE)
		}
	}
	a.CWEs = cweIDs(cwes)
	a.References = csafReferences(refs)
	a.Severities = csafRating(c)
	a.Upstream = sortedWithout(a.Upstream, a.ID)
	if c.Document.Category == "csaf_vex" || isCVE(id) {
		a.Kind = advisory.Vulnerability
		a.Upstream = nil
		a.Affected = join(withoutSources(list), firstFix)
		if len(c.Vulnerabilities) == 1 {
			a.Details = csafDetails(c.Vulnerabilities[0])
		}
		return rej.done(a)
	}
	if publisherOf(id).bugfix && len(a.Upstream) == 0 {
		return refused(id, rejectNotice, "")
	}
	notice(a)
	a.Affected = join(withoutSources(list), lastFix)
	return rej.done(a)
}

func csafDetails(f csafFlaw) string {
	for _, n := range f.Notes {
		if n.Category == "description" {
			return clip(n.Text, maxDetails)
		}
	}
	return ""
}

func csafReferences(list []csafReference) []advisory.Reference {
	var out []osvReference
	for _, r := range list {
		kind := "WEB"
		if r.Category == "self" {
			kind = "ADVISORY"
		}
		out = append(out, osvReference{Type: kind, URL: r.URL})
	}
	return references(out)
}

// csafRating returns the word for the whole document, and the vector if it is
// of one flaw.
func csafRating(c csaf) []advisory.Severity {
	vector, word := "", c.Document.Severity.Text
	if len(c.Vulnerabilities) == 1 {
		flaw := c.Vulnerabilities[0]
		for _, t := range flaw.Threats {
			if t.Category == "impact" && word == "" {
				word = t.Details
			}
		}
		if len(flaw.Scores) > 0 {
			vector = flaw.Scores[0].V3.Vector
		}
	}
	return rated("Red Hat", word, vector)
}

// csafProduct is how a product of the tree is identified.
type csafProduct struct{ cpe, purl string }

// csafProducts resolves the products that statements name.
type csafProducts struct {
	*rejects
	known map[string]csafProduct
	parts map[string]csafRelation
}

// branches collects the leaves of the tree. The decoder of JSON bounds its
// depth.
func (p *csafProducts) branches(list []csafBranch, depth int) {
	for _, b := range list {
		if b.Product.ID != "" {
			p.known[b.Product.ID] = csafProduct{b.Product.Helper.CPE, b.Product.Helper.PURL}
		}
		p.branches(b.Branches, depth+1)
	}
}

// csafStates maps what is said of products without a repair to a state.
// Source: Red Hat, "CSAF VEX documents", "remediations".
var csafStates = map[string]advisory.State{
	"affected":             advisory.Stated,
	"fix deferred":         advisory.FixDeferred,
	"will not fix":         advisory.WillNotFix,
	"out of support scope": advisory.EndOfLife,
	"under investigation":  advisory.UnderInvestigation,
}

// flaw returns what is said of packages for one flaw.
func (p *csafProducts) flaw(f csafFlaw) []advisory.Affected {
	remedy := map[string]advisory.State{}
	for _, r := range f.Remedies {
		state, ok := csafStates[strings.ToLower(strings.TrimSpace(r.Details))]
		switch {
		case r.Category == "no_fix_planned" && !ok:
			state = advisory.WillNotFix
		case r.Category != "no_fix_planned" && r.Category != "none_available":
			continue
		}
		for _, id := range r.Products {
			remedy[id] = state
		}
	}
	var out []advisory.Affected
	for _, status := range slices.Sorted(maps.Keys(f.Status)) {
		for _, id := range f.Status[status] {
			if len(out) >= maxAffected {
				p.add(rejectMany, "")
				return out
			}
			a, ok := p.affected(id)
			if !ok {
				continue
			}
			version := a.Versions
			a.Versions = nil
			switch status {
			case "fixed", "first_fixed":
				if len(version) == 0 {
					p.add(rejectUnversioned, id)
					continue
				}
				a.Ranges = fixedIn(version[0])
			case "known_affected", "first_affected", "last_affected":
				a.State, a.Ranges = remedy[id], allVersions()
			case "known_not_affected":
				a.State = advisory.NotAffected
				if len(version) > 0 {
					// That a build is not affected says nothing of older ones.
					a.Ranges = []advisory.Range{{Introduced: version[0]}}
				}
			case "under_investigation":
				a.State, a.Ranges = advisory.UnderInvestigation, allVersions()
			default:
				p.add(rejectStatus, status)
				continue
			}
			out = append(out, a)
		}
	}
	return out
}

// plainProducts are those of Red Hat that are the operating system itself, for
// as long as it is supported at all. Its repositories do not matter: a package is
// in one of them only, or the same in several.
// Source: Red Hat, "Life Cycle", and the names in its CPE.
var plainProducts = []string{"enterprise_linux", "rhel_els"}

// minorProducts are those that keep to a minor release, and whose repairs are
// for the builds of that release.
// Source: Red Hat, "Life Cycle", sections on its update support.
var minorProducts = []string{
	"rhel_aus", "rhel_e4s", "rhel_eus", "rhel_eus_long_life", "rhel_mission_critical", "rhel_tus",
}

// redHatProduct returns the release and the repository that a CPE names. That of
// a product which keeps to a minor release is its name with it: rhel_eus:8.6.
func redHatProduct(cpe string) (e advisory.Ecosystem, repo string, ok bool) {
	_, product, ok := strings.Cut(cpe, ":redhat:")
	if !ok || !isName(cpe) {
		return e, "", false
	}
	typ, distro, release, ok := ecosystem.FromOSV("Red Hat:" + product)
	name, version, _ := strings.Cut(product, ":")
	version, _, _ = strings.Cut(version, "::")
	major, _, hasMinor := strings.Cut(version, ".")
	switch {
	case slices.Contains(plainProducts, name):
	case slices.Contains(minorProducts, name) && hasMinor:
		release, repo = major, name+":"+version
	default:
		repo = cpe
	}
	return advisory.Ecosystem{Type: typ, Distro: distro, Release: release}, repo, ok && version != ""
}

// affected returns the package that a product is, and in Versions its version
// if it has one.
func (p *csafProducts) affected(id string) (a advisory.Affected, ok bool) {
	rel, ok := p.parts[id]
	if !ok {
		p.add(rejectPackage, id)
		return a, false
	}
	of, module := rel.Of, ""
	for range maxChain {
		if p.known[of].cpe != "" {
			break
		}
		next, ok := p.parts[of]
		if !ok {
			break
		}
		if purl := p.known[next.Product].purl; module == "" && purl != "" {
			module = purlModule(purl)
		}
		of = next.Of
	}
	a.Ecosystem, a.Repo, ok = redHatProduct(p.known[of].cpe)
	if !ok {
		p.add(rejectRelease, of)
		return a, false
	}
	if !p.identify(&a, rel.Product) {
		return a, false
	}
	if a.Module = cmp.Or(a.Module, module); a.Module == "" {
		return a, true
	}
	// name:stream:version:context, of which name and stream say what is
	// installed.
	name, rest, ok := strings.Cut(a.Module, ":")
	stream, _, _ := strings.Cut(rest, ":")
	if !ok || name == "" || stream == "" || !isName(a.Module) {
		p.add(rejectModule, a.Module)
		return a, false
	}
	a.Module = name + ":" + stream
	return a, true
}

// identify sets the name, the version and the architecture of a package from
// its purl, or in older documents from its id.
func (p *csafProducts) identify(a *advisory.Affected, product string) bool {
	purl := p.known[product].purl
	arch := ""
	switch {
	case purl == "":
		name, evr, ofArch, ok := nevra(product)
		if !ok {
			name, ofArch = product, "src" // the source package, as in package_state of the older data
			if module, member, ok := strings.Cut(product, "/"); ok {
				a.Module, name = module, member
			}
		}
		a.Name, arch = name, ofArch
		if evr != "" {
			a.Versions = []string{evr}
		}
	case !strings.HasPrefix(purl, "pkg:rpm/"):
		kind, _, _ := strings.Cut(purl, "/")
		p.add(rejectSystem, kind)
		return false
	default:
		q := purlQualifiers(purl)
		rest, _, _ := strings.Cut(purl, "?")
		rest, version, _ := strings.Cut(rest, "@")
		name, err := url.PathUnescape(rest[strings.LastIndexByte(rest, '/')+1:])
		version, bad := url.PathUnescape(version)
		if err != nil || bad != nil {
			p.add(rejectName, purl)
			return false
		}
		a.Name, arch, a.Module = name, q.Get("arch"), q.Get("rpmmod")
		if version != "" {
			a.Versions = []string{evrOf(q.Get("epoch"), version)}
		}
	}
	if !isName(a.Name) || len(a.Versions) > 0 && !isName(a.Versions[0]) || len(arch) > maxID {
		p.add(rejectName, product)
		return false
	}
	if arch == "src" || arch == "nosrc" {
		a.NameKind = advisory.SourceName
	}
	a.Arches = archList(arch)
	return true
}

// purlModule returns the module that a product of its own is, with what
// follows its stream: pkg:rpmmod/redhat/ruby@2.7:8080020230427102918:63b34585.
func purlModule(purl string) string {
	rest, ok := strings.CutPrefix(purl, "pkg:rpmmod/")
	if !ok {
		return purlQualifiers(purl).Get("rpmmod")
	}
	rest, _, _ = strings.Cut(rest, "?")
	name, stream, _ := strings.Cut(rest[strings.LastIndexByte(rest, '/')+1:], "@")
	return name + ":" + stream
}

// purlQualifiers returns what follows the question mark. A plus stands for
// itself there. Source: purl-spec, "Qualifiers".
func purlQualifiers(purl string) url.Values {
	_, query, _ := strings.Cut(purl, "?")
	q, err := url.ParseQuery(strings.ReplaceAll(query, "+", "%2B"))
	if err != nil {
		return url.Values{}
	}
	return q
}

// withoutSources leaves out the repaired source packages of which installed
// packages of the same version are listed: they say the same.
func withoutSources(list []advisory.Affected) []advisory.Affected {
	type built struct {
		advisory.Ecosystem
		repo, module, fixed string
	}
	of := func(a advisory.Affected) built { return built{a.Ecosystem, a.Repo, a.Module, a.Ranges[0].Fixed} }
	seen := map[built]bool{}
	for _, a := range list {
		if a.NameKind == advisory.BinaryName && len(a.Ranges) == 1 && isFix(a.Ranges[0]) {
			seen[of(a)] = true
		}
	}
	return slices.DeleteFunc(list, func(a advisory.Affected) bool {
		return a.NameKind == advisory.SourceName && len(a.Ranges) == 1 && isFix(a.Ranges[0]) && seen[of(a)]
	})
}
