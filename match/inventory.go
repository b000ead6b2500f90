package match

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/inventory"
)

// Inventory matches all packages of an inventory. An error means that the
// database could not be read or that ctx ended; what could not be judged of
// single packages is in the Notes.
func Inventory(ctx context.Context, inv inventory.Inventory, db Advisories, opt Options) (Result, error) {
	m := &matcher{
		db: db, inv: inv, opt: opt,
		places: map[string]*place{}, notes: map[Note]int{}, vendor: map[string][]advisory.Group{},
	}
	m.visit = m.collect
	for i := range inv.Packages {
		if i%1024 == 0 && ctx.Err() != nil {
			return Result{}, fmt.Errorf("matching packages: %w", ctx.Err())
		}
		if err := m.match(&inv.Packages[i]); err != nil {
			return Result{}, fmt.Errorf("matching %s %s: %w", inv.Packages[i].Type, inv.Packages[i].Name, err)
		}
	}
	return m.result(), nil
}

// matcher holds what is shared between the packages of one inventory, and
// what is known of the package at hand.
type matcher struct {
	db     Advisories
	inv    inventory.Inventory
	opt    Options
	places map[string]*place // by the type of a package
	last   *place            // the place of the package before, which is often the same
	// owners has the packages of the operating system by name; nil until a
	// language package needs its owner.
	owners  map[string][]int
	vendor  map[string][]advisory.Group // what the vendor speaks of, by OS package
	matches []Match
	notes   map[Note]int // by a note without its count
	// visit is collect. It is made once, since each use of a method as a
	// function takes memory, and most names of an inventory are unknown.
	visit func(*advisory.Statement, error) bool

	// Of the package at hand.
	pkg      *inventory.Package
	place    *place
	subjects [2]subject // by advisory.NameKind
	asked    [2]bool    // which of them the look-up is for
	found    []hit
	cleared  []advisory.Group // flaws that the package does not have
	reasons  []string         // why it could not be assessed
	err      error
}

// place is where packages of one type are known.
type place struct {
	typ string
	advisory.Ecosystem
	name     string // of the ecosystem, for people
	system   bool   // of an operating system
	covered  bool
	packages int // that are not covered
}

// placeOf returns where packages of a type are known.
func (m *matcher) placeOf(typ string) *place {
	if m.last != nil && m.last.typ == typ {
		return m.last
	}
	p := m.places[typ]
	if p == nil {
		p = &place{typ: typ, Ecosystem: Ecosystem(m.inv.OS, typ), system: ecosystem.System(typ)}
		p.name, p.covered = p.String(), m.db.Covers(p.Ecosystem)
		m.places[typ] = p
	}
	m.last = p
	return p
}

func (m *matcher) note(kind NoteKind, subject, reason string) {
	m.notes[Note{Kind: kind, Subject: subject, Reason: reason}]++
}

// match appends the matches of one package.
func (m *matcher) match(p *inventory.Package) error {
	m.pkg, m.place = p, m.placeOf(p.Type)
	if !m.place.covered {
		m.place.packages++
		return nil
	}
	m.found, m.cleared, m.reasons = m.found[:0], m.cleared[:0], m.reasons[:0]
	binary := &m.subjects[advisory.BinaryName]
	binary.set(p.Type, p.Name, p.Version, advisory.BinaryName)
	if !m.place.system {
		m.lookup(p.Name, true, false)
	} else {
		name, version, noEpoch := sourceOf(p)
		source := &m.subjects[advisory.SourceName]
		source.set(p.Type, name, version, advisory.SourceName)
		binary.noEpoch = neverEpoch[m.place.Distro]
		source.noEpoch = noEpoch || binary.noEpoch
		m.lookup(p.Name, true, name == p.Name)
		if name != p.Name {
			m.lookup(name, false, true)
		}
	}
	if m.err != nil {
		return m.err
	}
	for _, reason := range m.reasons {
		m.note(Unassessed, p.Type+"/"+p.Name, reason)
	}
	if len(m.cleared) > 0 {
		m.found = slices.DeleteFunc(m.found, func(h hit) bool { return slices.Contains(m.cleared, h.group) })
	}
	if len(m.found) == 0 {
		return nil
	}
	return m.merge()
}

// lookup collects the statements that apply about one name of the package at
// hand, which is that of the installed package, of its source, or of both.
func (m *matcher) lookup(name string, binary, source bool) {
	if m.err != nil {
		return
	}
	m.asked = [2]bool{advisory.BinaryName: binary, advisory.SourceName: source}
	m.db.Lookup(m.place.Ecosystem, name)(m.visit)
}

// collect takes one statement, and tells whether to go on.
func (m *matcher) collect(st *advisory.Statement, err error) bool {
	if err != nil {
		m.err = err
		return false
	}
	if int(st.NameKind) >= len(m.asked) || !m.asked[st.NameKind] {
		return true
	}
	s := &m.subjects[st.NameKind]
	ok, guessed := applies(st, m.pkg, s.version)
	if !ok {
		return true
	}
	d := decide(st, s)
	switch {
	case st.State == advisory.NotAffected:
		// Only a statement that surely holds the version clears it.
		if d.where != "" && d.unsure == "" {
			m.cleared = append(m.cleared, st.Groups...)
		}
	case d.unassessed != "":
		if !slices.Contains(m.reasons, d.unassessed) {
			m.reasons = append(m.reasons, d.unassessed)
		}
	case d.where != "":
		m.err = m.hit(st, s, d, guessed)
	}
	return m.err == nil
}

// result sorts what was found.
func (m *matcher) result() Result {
	r := Result{Matches: m.matches}
	byPackage := func(a, b Match) int {
		return cmp.Or(inventory.Compare(a.Package, b.Package), cmp.Compare(a.Vulnerability, b.Vulnerability))
	}
	// An inventory comes sorted, unless somebody has made it by hand.
	if !slices.IsSortedFunc(r.Matches, byPackage) {
		slices.SortStableFunc(r.Matches, byPackage)
	}
	for _, p := range m.places {
		if p.packages > 0 {
			n := p.note()
			n.Count = p.packages
			r.Notes = append(r.Notes, n)
		}
	}
	for n, count := range m.notes {
		n.Count = count
		r.Notes = append(r.Notes, n)
	}
	slices.SortFunc(r.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Reason, b.Reason))
	})
	return r
}

// note says that the packages of a place cannot be judged.
func (p *place) note() Note {
	switch {
	case !p.system:
		return Note{Kind: NoData, Subject: p.name, Reason: "the database has no advisories for this ecosystem"}
	case p.Distro == "":
		return Note{Kind: UnsupportedPlatform, Subject: p.name, Reason: "nothing tells which operating system the packages belong to"}
	}
	return Note{Kind: UnsupportedPlatform, Subject: p.name, Reason: "the database has no advisories for this distribution and release"}
}
