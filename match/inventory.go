package match

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

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
	if err := m.platform(); err != nil {
		return Result{}, fmt.Errorf("matching the operating system: %w", err)
	}
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
	at       *place     // where is being looked up: place, or one of its also
	subjects [2]subject // by advisory.NameKind
	asked    [2]bool    // which of them the look-up is for
	found    []hit
	cleared  []clearance      // flaws that the package does not have
	repaired []advisory.Group // flaws that a repair on its own branch has closed in it: of Ubuntu Pro, of a minor release of Red Hat
	reasons  []string         // why it could not be assessed
	err      error
	trace    func(traced) // is told of every statement, for Explain; nil if nobody asks
}

// A clearance is the word of an advisory that a package does not have a flaw.
type clearance struct {
	group advisory.Group
	ref   advisory.Ref
	kind  advisory.NameKind
}

// traced is what became of one statement about the package at hand.
type traced struct {
	st      *advisory.Statement
	subject *subject
	at      *place
	decision
	apart   string // why it is not about this build of the package; empty if it is
	guessed bool   // it may be about another build
	hit     bool   // it makes a match
}

// place is where packages of one type are known.
type place struct {
	typ string
	advisory.Ecosystem
	name     string                          // of the ecosystem, for people
	system   bool                            // of an operating system
	pro      bool                            // of repairs for which Ubuntu Pro is needed
	covered  bool                            // there, or in one of also
	build    func(p *inventory.Package) bool // which packages it is for; nil for all
	also     []*place
	packages int // that are not covered
}

func (m *matcher) newPlace(typ string, e advisory.Ecosystem) *place {
	return &place{
		typ: typ, Ecosystem: e, name: e.String(), covered: m.db.Covers(e),
		system: ecosystem.System(typ), pro: strings.HasPrefix(e.Release, proPrefix),
	}
}

// placeOf returns where packages of a type are known.
func (m *matcher) placeOf(typ string) *place {
	if m.last != nil && m.last.typ == typ {
		return m.last
	}
	p := m.places[typ]
	if p == nil {
		e := Ecosystem(m.inv.OS, typ)
		p = m.newPlace(typ, e)
		for _, other := range others(e) {
			if o := m.newPlace(typ, other.Ecosystem); o.covered {
				o.build = other.build
				p.also, p.covered = append(p.also, o), p.covered || o.build == nil
			}
		}
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
	m.found, m.cleared, m.repaired, m.reasons = m.found[:0], m.cleared[:0], m.repaired[:0], m.reasons[:0]
	switch {
	case m.place.system:
		m.installed(p)
	case p.Type == genericType:
		m.software(p)
	default:
		m.subjects[advisory.BinaryName].set(p.Type, p.Name, p.Version, advisory.BinaryName)
		m.lookup(m.place, p.Name, true, false)
	}
	if m.err != nil {
		return m.err
	}
	for _, reason := range m.reasons {
		m.note(Unassessed, p.Type+"/"+p.Name, reason)
	}
	if len(m.cleared)+len(m.repaired) > 0 {
		m.found = slices.DeleteFunc(m.found, func(h hit) bool {
			return slices.ContainsFunc(m.cleared, h.isCleared) || !h.pro && slices.Contains(m.repaired, h.group)
		})
	}
	if len(m.found) == 0 {
		return nil
	}
	return m.merge()
}

// installed collects what is stated about a package of the operating system.
func (m *matcher) installed(p *inventory.Package) {
	name, version, noEpoch := sourceOf(p)
	binary, source := &m.subjects[advisory.BinaryName], &m.subjects[advisory.SourceName]
	binary.set(p.Type, p.Name, p.Version, advisory.BinaryName)
	source.set(p.Type, name, version, advisory.SourceName)
	binary.noEpoch = neverEpoch[m.place.Distro]
	source.noEpoch = noEpoch || binary.noEpoch
	builder := builderOf(m.place.Ecosystem, p)
	if builder != epelVendor {
		m.system(m.place, p.Name, name)
	}
	asked := false
	for _, at := range m.place.also {
		if at.build == nil || at.build(p) {
			m.system(at, p.Name, name)
			asked = true
		}
	}
	switch {
	case builder == "" || m.err != nil || len(m.found) > 0:
	case builder != epelVendor:
		m.note(NoData, "rpm of "+builder, foreignBuild)
	case !asked:
		m.note(UnsupportedPlatform, epelOf(m.place.Ecosystem).String(), noEPEL)
	}
}

func (m *matcher) system(at *place, name, source string) {
	m.lookup(at, name, true, name == source)
	if name != source {
		m.lookup(at, source, false, true)
	}
}

// lookup collects the statements that apply about one name of the package at
// hand, which is that of the installed package, of its source, or of both.
func (m *matcher) lookup(at *place, name string, binary, source bool) {
	if m.err != nil {
		return
	}
	m.at = at
	m.asked = [2]bool{advisory.BinaryName: binary, advisory.SourceName: source}
	m.db.Lookup(at.Ecosystem, name)(m.visit)
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
	apart, guessed := m.apart(st, s)
	if apart != "" {
		if m.trace != nil {
			m.trace(traced{st: st, subject: s, at: m.at, apart: apart})
		}
		return true
	}
	d := decide(st, s)
	hit := false
	switch {
	case st.State == advisory.NotAffected:
		if d.clears(guessed) {
			for _, g := range st.Groups {
				m.cleared = append(m.cleared, clearance{g, st.Ref, st.NameKind})
			}
		}
	case d.unassessed != "":
		if !slices.Contains(m.reasons, d.unassessed) {
			m.reasons = append(m.reasons, d.unassessed)
		}
	case d.where != "":
		hit, m.err = m.hit(st, s, d, guessed)
	case (m.at.pro || m.ofBranch(st)) && repairedIn(st, s) != "":
		m.repaired = append(m.repaired, st.Groups...)
	}
	if m.trace != nil {
		m.trace(traced{st: st, subject: s, at: m.at, decision: d, guessed: guessed, hit: hit})
	}
	return m.err == nil
}

// ofBranch tells whether a statement that is about the package at hand is so
// because both are of one minor release of Red Hat. What it says of repairs goes
// before what is said of the main stream, whose repairs have higher versions.
func (m *matcher) ofBranch(st *advisory.Statement) bool {
	_, ok := minorRelease(st.Repo)
	return ok && m.place.Distro == "rhel"
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
