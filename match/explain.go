package match

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/inventory"
)

// ErrUnknown says that no advisory has the id that was asked for.
var ErrUnknown = errors.New("no advisory has this id")

// Catalogue is Advisories of which one can be found by its id.
type Catalogue interface {
	Advisories
	// Search returns the advisories about an id: those that have it, and those
	// of the same flaw under its other names.
	Search(id string) ([]advisory.Ref, error)
	// Advisory returns all that an advisory says.
	Advisory(r advisory.Ref) (advisory.Advisory, error)
}

// Explanation says why an inventory has a vulnerability, or why it has not.
type Explanation struct {
	Asked    string      `json:"asked"`
	Names    []string    `json:"names"`  // of the flaws that are meant: the CVE first, then the other names
	Answer   Answer      `json:"answer"` // of the package that is worst off
	Reason   string      `json:"reason"` // one sentence
	Packages []Explained `json:"packages,omitempty"`
}

// Answer is what can be said of a package and a vulnerability.
type Answer string

// The answers.
const (
	Affected  Answer = "affected"
	Unknown   Answer = "unknown" // nothing can be said, or nothing for sure
	Unharmed  Answer = "not-affected"
	Elsewhere Answer = "reported-elsewhere" // another package of the inventory has it, or would
)

// Explained is what is said of one package.
type Explained struct {
	Package    inventory.Package `json:"package"`
	Answer     Answer            `json:"answer"`
	Reason     string            `json:"reason"`
	Fixed      string            `json:"fixed,omitempty"`
	Confidence Confidence        `json:"confidence,omitempty"` // of an affected package
	Evidence   []Evidence        `json:"evidence,omitempty"`   // sorted by source, then advisory
}

// Evidence is what one advisory states about a name of the package.
type Evidence struct {
	Source    string `json:"source"`   // the feed
	Advisory  string `json:"advisory"` // its id
	Release   string `json:"release,omitempty"`
	Ecosystem string `json:"ecosystem"` // where the name was looked up
	Name      string `json:"name"`
	NameKind  string `json:"nameKind"`
	Version   string `json:"version"`         // of the package, that was compared
	Stated    string `json:"stated"`          // all ranges and lists
	Holds     string `json:"holds,omitempty"` // the one that holds the version
	Says      string `json:"says"`
}

// Explain says of an inventory why it has a vulnerability, or why it has not, as
// Inventory decides it. The id may be any name of the vulnerability or that of a
// notice, in any case; the error wraps ErrUnknown if no advisory has it.
func Explain(ctx context.Context, inv inventory.Inventory, db Catalogue, id string) (Explanation, error) {
	out := Explanation{Asked: id}
	x := &explainer{
		m: &matcher{
			db: db, inv: inv, places: map[string]*place{}, notes: map[Note]int{}, vendor: map[string][]advisory.Group{},
		},
		id: id, refs: map[advisory.Ref]advisory.Advisory{}, names: map[Name]bool{}, alike: map[Name][]string{}, groups: map[advisory.Group]bool{},
	}
	x.m.visit, x.m.trace = x.m.collect, x.hear
	if err := x.read(db); err != nil {
		return out, fmt.Errorf("explaining %s: %w", id, err)
	}
	if err := x.platform(); err != nil {
		return out, fmt.Errorf("explaining %s: %w", id, err)
	}
	for i := range inv.Packages {
		if i%1024 == 0 && ctx.Err() != nil {
			return out, fmt.Errorf("explaining %s: %w", id, ctx.Err())
		}
		if err := x.explain(&inv.Packages[i]); err != nil {
			return out, fmt.Errorf("explaining %s of %s: %w", id, inv.Packages[i].Name, err)
		}
	}
	out.Names, out.Packages = x.flawNames(), x.list
	slices.SortStableFunc(out.Packages, func(a, b Explained) int {
		return cmp.Or(cmp.Compare(a.Answer.rank(), b.Answer.rank()), inventory.Compare(a.Package, b.Package))
	})
	if len(out.Packages) == 0 {
		out.Answer, out.Reason = Unharmed, x.notInstalled()
		return out, nil
	}
	out.Answer, out.Reason = out.Packages[0].Answer, out.Packages[0].Reason
	if out.Answer == Elsewhere {
		out.Answer = Unharmed
	}
	return out, nil
}

func (a Answer) rank() int { return slices.Index([]Answer{Affected, Unknown, Elsewhere, Unharmed}, a) }

// explainer is a matcher that is listened to.
type explainer struct {
	m      *matcher
	id     string
	refs   map[advisory.Ref]advisory.Advisory // that are about the id
	names  map[Name]bool                      // that they name
	alike  map[Name][]string                  // by type and name alone: in which ecosystems
	groups map[advisory.Group]bool            // the flaws that are meant
	list   []Explained

	heard []traced // of the package at hand
	facts []Evidence
	about []advisory.Group // the flaws meant among those heard of
}

// read finds what is stated about the id, and under which names.
func (x *explainer) read(db Catalogue) error {
	refs, err := db.Search(x.id)
	if err != nil {
		return err
	}
	if len(refs) == 0 {
		return ErrUnknown
	}
	for _, r := range refs {
		a, err := db.Advisory(r)
		if err != nil {
			return err
		}
		x.refs[r] = a
		for i := range a.Affected {
			f := &a.Affected[i]
			n := Name{f.Ecosystem, ecosystem.NormalName(f.Type, f.Name)}
			x.names[n] = true
			bare := Name{advisory.Ecosystem{Type: f.Type}, n.Name}
			if e := f.String(); !slices.Contains(x.alike[bare], e) {
				x.alike[bare] = append(x.alike[bare], e)
			}
		}
	}
	return nil
}

// means tells whether a flaw that an advisory states is one that was asked for.
func (x *explainer) means(a *advisory.Advisory, g advisory.Group) bool {
	if strings.EqualFold(a.ID, x.id) {
		return true
	}
	f := x.m.db.Flaw(g)
	return strings.EqualFold(f.ID, x.id) || slices.ContainsFunc(f.Aliases, func(s string) bool { return strings.EqualFold(s, x.id) })
}

// hear keeps what is said about the id. The statement does not live on.
func (x *explainer) hear(t traced) {
	a, ok := x.refs[t.st.Ref]
	if !ok {
		return
	}
	meant := false
	for _, g := range t.st.Groups {
		if x.means(&a, g) {
			meant, x.groups[g] = true, true
			x.about = append(x.about, g)
		}
	}
	if !meant {
		return
	}
	f := Evidence{
		Source: a.Source, Advisory: a.ID, Release: a.Release, Ecosystem: t.at.name,
		Name: t.subject.name, NameKind: kindName(t.subject.kind), Version: t.subject.version,
		Stated: stated(t.st), Holds: t.where,
	}
	repaired := ""
	if t.where == "" && t.apart == "" && t.unassessed == "" {
		repaired = repairedIn(t.st, t.subject)
	}
	f.Says = saying(&t, &a, repaired)
	t.fixed = cmp.Or(t.fixed, repaired)
	t.st = &advisory.Statement{State: t.st.State} // what is asked of it later
	x.heard, x.facts = append(x.heard, t), append(x.facts, f)
}

// stated writes all that an advisory says of versions.
func stated(st *advisory.Statement) string {
	var parts []string
	for i := range st.Ranges {
		parts = append(parts, st.Ranges[i].String())
	}
	if n := len(st.Versions); n > 0 && n <= 5 {
		parts = append(parts, "listed: "+strings.Join(st.Versions, ", "))
	} else if n > 0 {
		parts = append(parts, fmt.Sprintf("%d versions listed", n))
	}
	if len(parts) == 0 {
		parts = append(parts, advisory.Range{}.String())
	}
	return strings.Join(parts, " | ")
}

// saying is what one advisory says of the package, for people.
func saying(t *traced, a *advisory.Advisory, repaired string) string {
	switch {
	case t.apart != "":
		return t.apart
	case !a.Withdrawn.IsZero():
		return "it was withdrawn"
	case t.st.State == advisory.NotAffected && t.where != "" && t.guessed:
		return "the publisher says that it is not affected, if it is this build"
	case t.st.State == advisory.NotAffected && t.where != "":
		return "the publisher says that it is not affected"
	case t.unassessed != "":
		return t.unassessed
	case t.unsure != "":
		return t.unsure
	case t.where != "" && t.fixed != "":
		return "affected, repaired in " + t.fixed
	case t.where != "" && t.st.State != advisory.Stated:
		return "affected: " + string(t.st.State)
	case t.where != "":
		return "affected, no repair is stated"
	case repaired != "":
		return "repaired in " + repaired
	}
	return "no range holds the version"
}

// platform explains the operating system itself.
func (x *explainer) platform() error {
	if n, ok := Platform(x.m.inv.OS); !ok || !x.names[n] {
		return nil
	}
	x.forget()
	if err := x.m.platform(); err != nil {
		return err
	}
	if x.m.pkg != nil && len(x.facts) > 0 {
		x.conclude(x.m.pkg)
	}
	return nil
}

func (x *explainer) forget() {
	x.heard, x.facts, x.about = x.heard[:0], nil, x.about[:0]
	x.m.matches = x.m.matches[:0]
}

// explain explains one package, if any advisory names it or one that has its
// name elsewhere.
func (x *explainer) explain(p *inventory.Package) error {
	e := Ecosystem(x.m.inv.OS, p.Type)
	list := Names(e, p)
	if slices.ContainsFunc(list, func(n Name) bool { return x.names[n] }) {
		x.forget()
		if err := x.m.match(p); err != nil {
			return err
		}
		if len(x.facts) > 0 {
			x.conclude(p)
			return nil
		}
		if id := x.withdrawn(list); id != "" {
			x.list = append(x.list, Explained{Package: p.Bare(), Answer: Unharmed, Reason: "the advisory " + id + " was withdrawn"})
			return nil
		}
	}
	if !ecosystem.System(p.Type) {
		return nil
	}
	for _, n := range list {
		places := x.alike[Name{advisory.Ecosystem{Type: p.Type}, n.Name}]
		at := x.m.placeOf(p.Type)
		if len(places) == 0 || slices.Contains(places, at.name) {
			continue // of the latter the name is a source's where this is a package's, or the other way
		}
		slices.Sort(places)
		where := "advisories about it are for " + strings.Join(places, ", ")
		said := Explained{Package: p.Bare(), Answer: Unharmed, Reason: "no advisory for " + at.name + " names it; " + where}
		if !at.covered {
			said.Answer, said.Reason = Unknown, at.note().Reason+" ("+at.name+"); "+where
		}
		x.list = append(x.list, said)
		return nil
	}
	return nil
}

// withdrawn returns an advisory that names one of the names and was withdrawn:
// nothing is stated by it any more.
func (x *explainer) withdrawn(list []Name) string {
	out := ""
	for _, a := range x.refs {
		if a.Withdrawn.IsZero() || out != "" && out < a.ID {
			continue
		}
		for i := range a.Affected {
			f := &a.Affected[i]
			if slices.Contains(list, Name{f.Ecosystem, ecosystem.NormalName(f.Type, f.Name)}) {
				out = a.ID
			}
		}
	}
	return out
}

// conclude says of the package at hand what follows from what was heard.
func (x *explainer) conclude(p *inventory.Package) {
	out := Explained{Package: p.Bare(), Evidence: x.facts}
	slices.SortFunc(out.Evidence, func(a, b Evidence) int {
		return cmp.Or(
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.Advisory, b.Advisory), cmp.Compare(a.Release, b.Release),
			cmp.Compare(a.Ecosystem, b.Ecosystem), cmp.Compare(a.Name, b.Name), cmp.Compare(a.NameKind, b.NameKind), cmp.Compare(a.Stated, b.Stated),
		)
	})
	for i := range x.m.matches {
		if m := &x.m.matches[i]; slices.Contains(x.about, m.Group) {
			out.Package, out.Answer, out.Reason = m.Package, Affected, affectedBecause(m)
			out.Fixed, out.Confidence = m.Fixed, m.Confidence
			x.list = append(x.list, out)
			return
		}
	}
	out.Answer, out.Reason = x.unmatched(p)
	x.list = append(x.list, out)
}

func affectedBecause(m *Match) string {
	w := m.Why[0]
	out := w.Version + " is in the range " + w.Range
	switch {
	case m.Unsure != "":
		return "it may be affected: " + m.Unsure
	case w.Range == listed:
		out = w.Version + " is one of the versions that are listed"
	case w.Range == (advisory.Range{}).String():
		out = "all versions are affected"
	}
	switch {
	case m.Fixed != "":
		out += "; repaired in " + m.Fixed
	case m.State == advisory.FixNeedsPro:
		out += "; the repair needs Ubuntu Pro"
	case m.State != advisory.Stated:
		out += "; the publisher's position: " + string(m.State)
	default:
		out += "; no repair is stated"
	}
	out += ", by " + w.Advisory
	for _, w := range m.Why {
		if w.Linked != "" {
			out += "; " + w.Linked + ", by " + w.Advisory
		}
	}
	return out
}

// unmatched says why a package about which something is stated has no match.
func (x *explainer) unmatched(p *inventory.Package) (Answer, string) {
	has := func(f func(*traced) bool) *traced {
		for i := range x.heard {
			if f(&x.heard[i]) {
				return &x.heard[i]
			}
		}
		return nil
	}
	hit := has(func(t *traced) bool { return t.hit })
	cleared := has(func(t *traced) bool { return t.st.State == advisory.NotAffected && t.clears(t.guessed) })
	fixed := ""
	for i := range x.heard {
		if t := &x.heard[i]; t.where == "" && t.apart == "" {
			fixed = ecosystem.Later(t.subject.typ, fixed, t.fixed)
		}
	}
	switch bare := has(func(t *traced) bool { return t.unassessed != "" }); {
	case cleared != nil:
		return Unharmed, "the publisher says that it is not affected"
	case hit != nil && kernelPart(p) == kernelAround && x.m.place.system:
		return Elsewhere, "it is built from the kernel's source and has none of its code: the kernel's own package counts"
	case hit != nil && p.OwnedBy != "" && !x.m.place.system:
		return Elsewhere, "only upstream says so; the package " + p.OwnedBy + " of the distribution installed it, whose own advisories count"
	case hit != nil && fixed != "" && x.m.place.Distro == "ubuntu":
		return Unharmed, "repaired in " + fixed + ", which needs Ubuntu Pro and is installed"
	case hit != nil && fixed != "":
		return Unharmed, "repaired in " + fixed + " for the minor release that the package is of"
	case bare != nil:
		return Unknown, bare.unassessed
	case fixed != "":
		return Unharmed, "repaired in " + fixed + ", and " + cmp.Or(p.Version, "no version") + " is not below it"
	}
	return Unharmed, x.facts[0].Says
}

// flawNames returns the names of what was asked for.
func (x *explainer) flawNames() []string {
	var ids, others []string
	for g := range x.groups {
		f := x.m.db.Flaw(g)
		ids, others = append(ids, f.ID), append(others, f.Aliases...)
	}
	if len(ids) == 0 { // nothing of it is installed
		for _, a := range x.refs {
			if a.Kind != advisory.Notice || strings.EqualFold(a.ID, x.id) {
				others = append(append(others, a.ID), a.Aliases...)
			}
		}
	}
	slices.Sort(ids)
	slices.Sort(others)
	out := append(slices.Compact(ids), slices.Compact(others)...)
	return out
}

// notInstalled says that none of the packages is there.
func (x *explainer) notInstalled() string {
	var list []string
	for n := range x.names {
		if s := n.Type + " " + n.Name; !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	slices.Sort(list)
	if len(list) > 5 {
		list = append(list[:5], fmt.Sprintf("%d more", len(list)-5))
	}
	return "not installed: advisories are about " + strings.Join(list, ", ")
}
