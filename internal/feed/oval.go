package feed

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// Reasons for which definitions of OVAL and parts of them are rejected.
const (
	rejectCriterion = "a condition that cannot be resolved"
	rejectTwoAtOnce = "a condition on two packages at once"
	rejectNegation  = "a condition that is negated"
	rejectOperator  = "conditions joined by an operator that is not resolved"
)

// Limits of OVAL.
const (
	maxOVALTable = 8 << 20 // tests, objects and states of one file
	maxCriteria  = 64      // levels of conditions; real ones have 6
)

// ovalDefinition is one flaw or one update. Its conditions refer to tests that
// come after all definitions.
// Source: MITRE, OVAL definition schema 5.11.
type ovalDefinition struct {
	ID         string          `xml:"id,attr"`
	Title      string          `xml:"metadata>title"`
	Platforms  []string        `xml:"metadata>affected>platform"`
	References []ovalReference `xml:"metadata>reference"`
	// Azure Linux has these outside of the advisory.
	Patchable  string       `xml:"metadata>patchable"`
	Date       string       `xml:"metadata>advisory_date"`
	AdvisoryID string       `xml:"metadata>advisory_id"`
	Word       string       `xml:"metadata>severity"`
	Advisory   ovalAdvisory `xml:"metadata>advisory"`
	Criteria   ovalCriteria `xml:"criteria"`
}

type ovalReference struct {
	Source string `xml:"source,attr"`
	ID     string `xml:"ref_id,attr"`
	URL    string `xml:"ref_url,attr"`
}

type ovalAdvisory struct {
	Word   string `xml:"severity"`
	Issued struct {
		Date string `xml:"date,attr"`
	} `xml:"issued"`
	Updated struct {
		Date string `xml:"date,attr"`
	} `xml:"updated"`
	CVEs []struct {
		CVSS3 string `xml:"cvss3,attr"`
		Text  string `xml:",chardata"`
	} `xml:"cve"`
}

// ovalCriteria is a condition made of others.
type ovalCriteria struct {
	Operator string          `xml:"operator,attr"` // AND if empty
	Negate   string          `xml:"negate,attr"`
	Criteria []ovalCriteria  `xml:"criteria"`
	Tests    []ovalCriterion `xml:"criterion"`
	Extends  []struct {
		Ref string `xml:"definition_ref,attr"`
	} `xml:"extend_definition"`
}

type ovalCriterion struct {
	Ref     string `xml:"test_ref,attr"`
	Comment string `xml:"comment,attr"`
	Negate  string `xml:"negate,attr"`
}

// ovalTable has what the conditions of one file refer to.
type ovalTable struct {
	tests   map[string]ovalTest
	objects map[string]string // names of packages
	states  map[string]ovalState
}

type ovalTest struct {
	object, state string
	none          bool // it holds if no package is so
}

type ovalState struct {
	EVR, Version, Arch ovalValue
}

type ovalValue struct {
	Operation string `xml:"operation,attr"`
	Text      string `xml:",chardata"`
}

func isOVAL(root xml.Name) bool { return root.Local == "oval_definitions" }

// readOVAL reads each file twice, side by side: once for what the conditions
// refer to, and once for the definitions, which come first in the file. So no
// more than the former stands in memory.
func readOVAL(ctx context.Context, s Source, yield func(Record, error) bool) {
	ahead, stop := iter.Pull2(members(s))
	defer stop()
	eachMember(ctx, s, yield, func(m member) (bool, error) {
		table, err := aheadTable(ctx, s, ahead)
		if err != nil {
			return true, err
		}
		f := newXML(m.r, s.in.max.record)
		for {
			start, err := f.next(ctx)
			if err == nil && start.Name.Local != "definition" {
				continue
			}
			var d ovalDefinition
			if err == nil {
				err = f.DecodeElement(&d, &start)
			}
			if err != nil {
				return true, f.ended(ctx, m, err)
			}
			if !send(yield, table.definition(d, m.name)) {
				return false, nil
			}
		}
	})
}

// aheadTable reads the table of the next file. Those that cannot be opened
// are passed over as the reader of definitions passes over them.
func aheadTable(ctx context.Context, s Source, next func() (member, error, bool)) (ovalTable, error) {
	table := ovalTable{tests: map[string]ovalTest{}, objects: map[string]string{}, states: map[string]ovalState{}}
	for {
		m, err, ok := next()
		if !ok {
			return table, nil
		}
		if _, rejected := errors.AsType[*Rejected](err); rejected {
			continue
		}
		if err != nil {
			return table, err
		}
		err = table.read(ctx, newXML(m.r, s.in.max.record))
		if errors.Is(err, errRatio) || ctx.Err() != nil {
			return table, fmt.Errorf("reading %s: %w", m.name, err)
		}
		return table, nil // of a damaged file, the definitions tell
	}
}

// read collects tests, objects and states, whatever element holds them: their
// names end so for each kind of package.
func (t *ovalTable) read(ctx context.Context, f xmlFile) error {
	for {
		start, err := f.next(ctx)
		if err != nil {
			return err
		}
		if len(t.tests)+len(t.objects)+len(t.states) >= maxOVALTable {
			return fmt.Errorf("more than %d tests, objects and states", maxOVALTable)
		}
		id := attribute(start, "id")
		switch {
		case start.Name.Local == "definition":
			err = f.Skip()
		case strings.HasSuffix(start.Name.Local, "_test"):
			var test struct {
				Check     string `xml:"check,attr"`
				Existence string `xml:"check_existence,attr"`
				Object    struct {
					Ref string `xml:"object_ref,attr"`
				} `xml:"object"`
				State struct {
					Ref string `xml:"state_ref,attr"`
				} `xml:"state"`
			}
			err = f.DecodeElement(&test, &start)
			none := test.Check == "none satisfy" || test.Existence == "none_exist"
			t.tests[id] = ovalTest{test.Object.Ref, test.State.Ref, none}
		case strings.HasSuffix(start.Name.Local, "_object"):
			var object struct {
				Name string `xml:"name"`
			}
			err = f.DecodeElement(&object, &start)
			t.objects[id] = strings.TrimSpace(object.Name)
		case strings.HasSuffix(start.Name.Local, "_state"):
			var state struct {
				EVR     ovalValue `xml:"evr"`
				Version ovalValue `xml:"version"`
				Arch    ovalValue `xml:"arch"`
			}
			err = f.DecodeElement(&state, &start)
			t.states[id] = ovalState{state.EVR, state.Version, state.Arch}
		}
		if err != nil {
			return err
		}
	}
}

// isTrue reads a boolean of XML. Source: XML Schema 1.0, part 2, section 3.2.2.
func isTrue(s string) bool { return s == "true" || s == "1" }

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// ovalPublisher is who publishes definitions, by a part of their ids.
type ovalPublisher struct {
	mark   string
	name   string // in Severity.Source
	source bool   // source packages are named
	// perRelease says that one definition is about several releases, or its id
	// is used in each; the records are then apart.
	perRelease bool
	id         func(d ovalDefinition) string
}

// ovalPublishers holds those that are known.
// Sources: Oracle, "ELSA OVAL"; Microsoft, AzureLinuxVulnerabilityData,
// README; SUSE, "OVAL", README; VMware, "Photon OVAL".
var ovalPublishers = []ovalPublisher{
	{mark: ":com.oracle.elsa:", name: "Oracle", id: ovalByReference("elsa")},
	{mark: ":com.microsoft.cbl-mariner:", name: "Microsoft", source: true, perRelease: true, id: azureID},
	{mark: ":com.microsoft.azurelinux:", name: "Microsoft", source: true, perRelease: true, id: azureID},
	{mark: ":org.opensuse.security:", name: "SUSE", perRelease: true, id: ovalTitle},
	{mark: ":com.vmware.phsa:", name: "Photon OS", id: ovalTitle},
}

func ovalByReference(source string) func(ovalDefinition) string {
	return func(d ovalDefinition) string {
		for _, r := range d.References {
			if strings.EqualFold(r.Source, source) {
				return r.ID
			}
		}
		return ""
	}
}

// ovalTitle returns the first word of the title.
func ovalTitle(d ovalDefinition) string {
	if words := strings.Fields(d.Title); len(words) > 0 {
		return words[0]
	}
	return ""
}

// azureID returns the id under which OSV has the definition.
func azureID(d ovalDefinition) string { return "AZL-" + d.ID[strings.LastIndexByte(d.ID, ':')+1:] }

// definition returns what one definition says.
func (t *ovalTable) definition(d ovalDefinition, file string) []outcome {
	i := slices.IndexFunc(ovalPublishers, func(p ovalPublisher) bool { return strings.Contains(d.ID, p.mark) })
	rej := rejects{id: cmp.Or(printable(d.ID), file)}
	if i < 0 {
		return refused(rej.id, rejectPublisher, d.ID)
	}
	pub := ovalPublishers[i]
	id := pub.id(d)
	if id = strings.TrimSuffix(id, ":"); !isID(id) {
		return refused(rej.id, rejectNoID, id)
	}
	rej.id = id
	a := &advisory.Advisory{
		Source:    OVAL,
		ID:        id,
		Kind:      advisory.Vulnerability,
		Published: rej.day(cmp.Or(d.Advisory.Issued.Date, d.Date)),
		Modified:  rej.day(d.Advisory.Updated.Date),
	}
	if _, title, ok := strings.Cut(oneLine(d.Title), ": "); ok {
		a.Summary = clip(title, maxSummary)
	}
	rej.ovalNames(a, d)
	a.Severities = ovalRating(pub.name, d)
	eval := ovalEval{table: t, rejects: &rej}
	terms := eval.criteria(d.Criteria, 0)
	var list []advisory.Affected
	for _, term := range terms {
		list = append(list, rej.ovalPackages(term, pub, d)...)
		if len(list) > maxAffected {
			rej.add(rejectMany, "")
			break
		}
	}
	a.Affected = join(list, lastFix)
	if !pub.perRelease || len(a.Affected) == 0 {
		return rej.done(a)
	}
	var out []outcome
	for _, one := range ovalReleases(a) {
		out = append(out, outcome{record: Record{Advisory: one}})
	}
	return rej.outcomes(out...)
}

// ovalReleases splits an advisory by release.
func ovalReleases(a *advisory.Advisory) []*advisory.Advisory {
	parts := map[string][]advisory.Affected{}
	for _, p := range a.Affected {
		release := p.Release
		if p.Distro != "sles" && p.Distro != "azurelinux" {
			release = strings.TrimSpace(p.Distro + " " + p.Release)
		}
		parts[release] = append(parts[release], p)
	}
	var out []*advisory.Advisory
	for _, release := range slices.Sorted(maps.Keys(parts)) {
		one := *a
		one.Release, one.Affected = release, parts[release]
		out = append(out, &one)
	}
	return out
}

// ovalNames sets the flaws of an advisory and its references.
func (r *rejects) ovalNames(a *advisory.Advisory, d ovalDefinition) {
	var refs []osvReference
	var flaws []string
	for _, ref := range d.References {
		flaws = append(flaws, cvesIn(ref.ID)...)
		kind := "WEB"
		switch {
		case isCVE(ref.ID) && !isCVE(a.ID): // of which the flaw itself tells
			continue
		case strings.EqualFold(ref.Source, "elsa") || ref.Source == "PHSA" || ref.Source == "SUSE CVE":
			kind = "ADVISORY"
		case strings.HasPrefix(ref.ID, "SUSE-SU-") || strings.HasPrefix(ref.ID, "openSUSE-SU-"):
			if isID(ref.ID) {
				a.Related = append(a.Related, ref.ID)
			}
		}
		refs = append(refs, osvReference{Type: kind, URL: oneLine(ref.URL)})
	}
	for _, c := range d.Advisory.CVEs {
		flaws = append(flaws, cvesIn(c.Text)...)
	}
	a.References = references(refs)
	a.Related = sortedWithout(a.Related, a.ID)
	a.Upstream = sortedWithout(flaws, a.ID)
	if isCVE(a.ID) {
		a.Aliases, a.Upstream = nil, nil
		return
	}
	notice(a)
}

// ovalRating returns the word, and the vector if there is one flaw. Vectors
// follow a score: 7/CVSS:3.1/AV:L.
func ovalRating(publisher string, d ovalDefinition) []advisory.Severity {
	word := cmp.Or(strings.TrimSpace(d.Advisory.Word), strings.TrimSpace(d.Word))
	if len(d.Advisory.CVEs) == 1 {
		_, vector, _ := strings.Cut(d.Advisory.CVEs[0].CVSS3, "/")
		return rated(publisher, word, vector)
	}
	return label(publisher, word)
}

// azureMark is the end of a version that names the release it was built for.
// Source: Azure Linux, macro dist: .cm1, .cm2, .azl3.
var azureMark = pattern(`\.(?:cm|azl)([0-9]+)$`)

// azureRelease returns the release that the versions of a package are of.
func azureRelease(r advisory.Range) string {
	for _, v := range []string{r.Fixed, r.LastAffected, r.Introduced} {
		if m := azureMark().FindStringSubmatch(v); m != nil {
			return m[1]
		}
	}
	return ""
}

// ovalPackages returns what one way to meet all conditions says of its
// package, for each product.
func (r *rejects) ovalPackages(term ovalTerm, pub ovalPublisher, d ovalDefinition) []advisory.Affected {
	if !term.isPackage() || !isName(term.name) {
		r.add(rejectCriterion, d.ID)
		return nil
	}
	platforms := term.platforms
	if pub.name == "Microsoft" {
		release := azureRelease(term.rng)
		if release == "" {
			r.add(rejectRelease, term.name)
			return nil
		}
		platforms = []ovalPlatform{{Ecosystem: advisory.Ecosystem{Type: "rpm", Distro: "azurelinux", Release: release}}}
	}
	if len(platforms) == 0 {
		r.add(rejectRelease, term.name)
		return nil
	}
	base := advisory.Affected{Name: term.name, Module: term.module, Arches: term.arches, Ranges: []advisory.Range{term.rng}}
	if pub.source {
		base.NameKind = advisory.SourceName
	}
	// Of a package that was never affected, or is no more, none is in use.
	if term.not || d.Patchable == "Not Applicable" {
		base.State, base.Ranges = advisory.NotAffected, nil
	}
	var out []advisory.Affected
	plain := map[advisory.Ecosystem]bool{}
	for _, p := range platforms {
		plain[p.Ecosystem] = plain[p.Ecosystem] || p.product == ""
	}
	for _, p := range platforms {
		one := base
		one.Ecosystem, one.Repo = p.Ecosystem, cmp.Or(term.repo, p.product)
		if p.product != "" && plain[p.Ecosystem] {
			continue // the release itself says so already
		}
		// One entry for each architecture, as join takes them.
		if len(base.Arches) == 0 {
			out = append(out, one)
		}
		for _, arch := range base.Arches {
			one.Arches = archList(arch)
			out = append(out, one)
		}
	}
	return out
}
