package match

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/inventory"
)

// hit is one statement that applies, before statements of the same flaw are
// put together.
type hit struct {
	group   advisory.Group
	why     Why
	state   advisory.State
	unsure  string
	guessed bool // the module stream had to be, or the repository
	pro     bool // the repair needs Ubuntu Pro
	linked  linkage
}

// hit records that a statement applies to the package at hand, and tells
// whether it was not withdrawn.
func (m *matcher) hit(st *advisory.Statement, s *subject, d decision, guessed bool) (bool, error) {
	head, err := m.db.Head(st.Ref)
	if err != nil || head.Withdrawn {
		return false, err
	}
	h := hit{state: st.State, unsure: d.unsure, guessed: guessed, pro: m.at.pro, why: Why{
		Source: head.Source, Advisory: head.ID, Release: head.Release,
		Ecosystem: m.at.name, Name: s.name, NameKind: kindName(s.kind), Version: s.version,
		Range: d.where, Fixed: d.fixed, Kind: st.Kind, Ref: st.Ref,
	}}
	if h.linked, h.why.Linked, err = m.link(st, s); err != nil {
		return false, err
	}
	for _, g := range st.Groups {
		h.group = g
		m.found = append(m.found, h)
	}
	return true, nil
}

// isCleared tells whether a clearance is about the hit. What an advisory says of
// an installed package goes before what it says of its source: Red Hat lists the
// source as not affected where only some of its packages are.
// Source: Red Hat, RHSA-2025:23414, product_status of bind.
func (h hit) isCleared(c clearance) bool {
	closer := c.ref == h.why.Ref && c.kind == advisory.SourceName && h.why.NameKind == kindName(advisory.BinaryName)
	return c.group == h.group && !closer
}

func kindName(k advisory.NameKind) string {
	if k == advisory.SourceName {
		return "source"
	}
	return "binary"
}

// compareHits orders hits by flaw, those that could be compared before those
// that could not, and then by all that tells one from another, so that the
// order in which a database yields statements does not matter.
func compareHits(a, b hit) int {
	if c := cmp.Compare(a.group, b.group); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(sureness(a), sureness(b)),
		cmp.Compare(a.why.Source, b.why.Source),
		cmp.Compare(a.why.Advisory, b.why.Advisory),
		cmp.Compare(a.why.Release, b.why.Release),
		cmp.Compare(a.why.Ecosystem, b.why.Ecosystem),
		cmp.Compare(a.why.Name, b.why.Name),
		cmp.Compare(a.why.NameKind, b.why.NameKind),
		cmp.Compare(a.why.Range, b.why.Range),
		cmp.Compare(a.why.Fixed, b.why.Fixed),
		cmp.Compare(a.state, b.state),
		cmp.Compare(a.why.Kind, b.why.Kind),
		cmp.Compare(a.why.Ref, b.why.Ref),
	)
}

// sureness puts what could be compared before what could not, and a stream
// that is known before one that is guessed.
func sureness(h hit) int {
	switch {
	case h.unsure != "":
		return 2
	case h.guessed:
		return 1
	}
	return 0
}

// merge turns the collected hits into one match per flaw.
func (m *matcher) merge() error {
	kernel := kernelNone
	if m.place.system {
		if kernel = kernelPart(m.pkg); kernel == kernelAround {
			m.countFlaws(KernelOnly, "headers, tools and the like are built from the kernel's source and have none of its code")
			return nil
		}
	}
	upstreamOnly := false
	if m.pkg.OwnedBy != "" && !m.place.system {
		spoken, err := m.vendorGroups(m.pkg.OwnedBy)
		if err != nil {
			return err
		}
		m.found = slices.DeleteFunc(m.found, func(h hit) bool {
			_, ok := slices.BinarySearch(spoken, h.group)
			return ok
		})
		if !m.opt.Upstream {
			m.countFlaws(UpstreamOnly, "installed by the package "+m.pkg.OwnedBy+", for which the distribution's own advisories count")
			return nil
		}
		upstreamOnly = true
	}
	slices.SortFunc(m.found, compareHits)
	first := len(m.matches)
	for hits := m.found; len(hits) > 0; {
		n := 1
		for n < len(hits) && hits[n].group == hits[0].group {
			n++
		}
		one := m.one(hits[:n], upstreamOnly)
		if kernel == kernelImage && m.inv.OS.Kernel != "" {
			one.Package.Usage = inventory.Idle
			if isRunning(m.pkg, m.inv.OS.Kernel) {
				one.Package.Usage = inventory.Loaded
			}
		}
		m.matches = append(m.matches, one)
		hits = hits[n:]
	}
	slices.SortFunc(m.matches[first:], func(a, b Match) int { return cmp.Compare(a.Vulnerability, b.Vulnerability) })
	return nil
}

// countFlaws notes the flaws that were found and are not reported.
func (m *matcher) countFlaws(kind NoteKind, reason string) {
	var seen []advisory.Group
	for i := range m.found {
		if g := m.found[i].group; !slices.Contains(seen, g) {
			seen = append(seen, g)
			m.note(kind, m.pkg.Type+"/"+m.pkg.Name, reason)
		}
	}
}

// kinds are the kinds of advisory, the gravest first.
var kinds = []advisory.Kind{
	advisory.Malware, advisory.Vulnerability, advisory.Notice, advisory.Unsupported, advisory.Unmaintained, advisory.Informational,
}

// one makes one match of the hits of one flaw, which are sorted.
func (m *matcher) one(hits []hit, upstreamOnly bool) Match {
	flaw := m.db.Flaw(hits[0].group)
	out := Match{
		Package: m.pkg.Bare(), Vulnerability: flaw.ID, Aliases: flaw.Aliases, Group: hits[0].group,
		Kind: hits[0].why.Kind, Confidence: High, Unsure: hits[0].unsure,
	}
	needsPro, linked := false, notKnown
	for i := range hits {
		h := &hits[i]
		if h.unsure != "" && out.Unsure == "" {
			break // another advisory could tell
		}
		if len(out.Why) == 0 || out.Why[len(out.Why)-1] != h.why {
			out.Why = append(out.Why, h.why)
		}
		if slices.Index(kinds, h.why.Kind) < slices.Index(kinds, out.Kind) {
			out.Kind = h.why.Kind
		}
		out.State = cmp.Or(out.State, h.state)
		linked = max(linked, h.linked)
		if h.pro && !m.inv.OS.Pro {
			needsPro = needsPro || h.why.Fixed != ""
			continue
		}
		// Only at the later one every advisory agrees that it is closed.
		out.Fixed = ecosystem.Later(m.pkg.Type, out.Fixed, h.why.Fixed)
	}
	switch {
	case out.Fixed != "":
		out.State = advisory.Stated
	case needsPro:
		out.State = advisory.FixNeedsPro
	}
	switch {
	case out.Unsure != "" || upstreamOnly || linked == noneLinked:
		out.Confidence = Low
	case hits[0].guessed || m.pkg.Evidence == inventory.Filename:
		out.Confidence = Medium
	}
	return out
}

// vendorGroups returns the flaws that the distribution has any statement about
// for the package that owns a file, whether or not it is affected, sorted.
func (m *matcher) vendorGroups(owner string) ([]advisory.Group, error) {
	if g, ok := m.vendor[owner]; ok {
		return g, nil
	}
	if m.owners == nil {
		m.owners = map[string][]int{}
		for i := range m.inv.Packages {
			if p := &m.inv.Packages[i]; ecosystem.System(p.Type) {
				m.owners[p.Name] = append(m.owners[p.Name], i)
			}
		}
	}
	var groups []advisory.Group
	for _, i := range m.owners[owner] {
		p := &m.inv.Packages[i]
		source, _, _ := sourceOf(p)
		for kind, name := range [...]string{advisory.BinaryName: p.Name, advisory.SourceName: source} {
			for _, e := range ecosystemsOf(osEcosystem(m.inv.OS, p.Type), p) {
				for st, err := range m.db.Lookup(e, name) {
					if err != nil {
						return nil, fmt.Errorf("looking up %s, which owns it: %w", owner, err)
					}
					if int(st.NameKind) == kind {
						groups = append(groups, st.Groups...)
					}
				}
			}
		}
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	m.vendor[owner] = groups
	return groups, nil
}
