package feed

import (
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// ovalTerm is one way to meet a condition: all of its parts hold.
type ovalTerm struct {
	name      string         // of the package; empty if none is named
	rng       advisory.Range // of its versions
	not       bool           // it is stated that no version is affected
	module    string
	repo      string
	arches    []string // one of them; any if empty
	platforms []ovalPlatform
}

func (t ovalTerm) isPackage() bool { return t.name != "" }

// ovalPlatform is a release, and a product of its own if it is not the plain
// distribution.
type ovalPlatform struct {
	advisory.Ecosystem
	product string
}

// ovalEval turns conditions into terms.
type ovalEval struct {
	*rejects
	table *ovalTable
	work  int // terms and products that were compared
}

// maxWork bounds what is compared for one definition; the largest real ones
// compare some 100,000 terms and products.
const maxWork = 2_000_000

// criteria returns the ways to meet a condition. There are none if it cannot
// be resolved, of which the rejected parts tell.
func (e *ovalEval) criteria(c ovalCriteria, depth int) []ovalTerm {
	switch {
	case depth == maxCriteria:
		e.add(rejectCriterion, "more levels than are resolved")
		return nil
	case isTrue(c.Negate):
		e.add(rejectNegation, "")
		return nil
	case c.Operator != "" && c.Operator != "AND" && c.Operator != "OR":
		e.add(rejectOperator, c.Operator)
		return nil
	case len(c.Extends) > 0 && c.Operator != "OR":
		e.add(rejectCriterion, c.Extends[0].Ref)
		return nil
	}
	for _, x := range c.Extends {
		e.add(rejectCriterion, x.Ref)
	}
	var parts [][]ovalTerm
	for _, t := range c.Tests {
		parts = append(parts, e.criterion(t))
	}
	for _, sub := range c.Criteria {
		parts = append(parts, e.criteria(sub, depth+1))
	}
	if c.Operator == "OR" {
		return e.anyOf(parts)
	}
	return e.allOf(parts)
}

// anyOf returns the ways to meet one of several conditions. Those that name
// products alone become one.
func (e *ovalEval) anyOf(parts [][]ovalTerm) []ovalTerm {
	var out []ovalTerm
	products := ovalTerm{}
	for _, terms := range parts {
		for _, t := range terms {
			alone := !t.isPackage() && t.module == "" && t.repo == "" && len(t.arches) == 0 && len(t.platforms) > 0
			switch {
			case alone:
				products.platforms = append(products.platforms, t.platforms...)
			case len(out) >= maxAffected:
				e.add(rejectMany, "")
				return out
			default:
				out = append(out, t)
			}
		}
	}
	if len(products.platforms) > 0 {
		out = append(out, products)
	}
	return out
}

// allOf returns the ways to meet several conditions at once.
func (e *ovalEval) allOf(parts [][]ovalTerm) []ovalTerm {
	out := []ovalTerm{{}}
	for _, terms := range parts {
		var next []ovalTerm
		for _, a := range out {
			for _, b := range terms {
				if len(next) >= maxAffected {
					e.add(rejectMany, "")
					return next
				}
				if e.work += 1 + len(a.platforms)*len(b.platforms) + len(a.arches)*len(b.arches); e.work > maxWork {
					e.add(rejectMany, "")
					return nil
				}
				if both, ok := e.both(a, b); ok {
					next = append(next, both)
				}
			}
		}
		out = next
	}
	return out
}

// both joins two terms. It returns false if they exclude each other, or cannot
// be said of one package.
func (e *ovalEval) both(a, b ovalTerm) (ovalTerm, bool) {
	switch {
	case a.isPackage() && b.isPackage() && a.name != b.name:
		e.add(rejectTwoAtOnce, a.name+" "+b.name)
		return a, false
	case a.module != "" && b.module != "" && a.module != b.module,
		a.repo != "" && b.repo != "" && a.repo != b.repo:
		e.add(rejectTwoAtOnce, a.module+a.repo+" "+b.module+b.repo)
		return a, false
	}
	out := a
	if b.isPackage() {
		out.name, out.not = b.name, a.not || b.not
		out.rng = narrower(a.rng, b.rng)
	}
	out.module += b.module
	if a.module != "" {
		out.module = a.module
	}
	if a.repo == "" {
		out.repo = b.repo
	}
	var ok, also bool
	out.arches, ok = intersect(a.arches, b.arches)
	out.platforms, also = intersect(a.platforms, b.platforms)
	return out, ok && also
}

// intersect returns what both lists have; an empty list stands for anything.
func intersect[T comparable](a, b []T) (both []T, ok bool) {
	switch {
	case len(a) == 0:
		return b, true
	case len(b) == 0:
		return a, true
	}
	for _, x := range a {
		if slices.Contains(b, x) {
			both = append(both, x)
		}
	}
	return both, len(both) > 0
}

// narrower returns the versions that are in both ranges.
func narrower(a, b advisory.Range) advisory.Range {
	out := a
	if b.Introduced != "" && (a.Introduced == "" || compareStart("rpm", b.Introduced, a.Introduced) > 0) {
		out.Introduced, out.After = b.Introduced, b.After
	}
	if (b.Fixed != "" || b.LastAffected != "") && laterEnd("rpm", a, b) {
		out.Fixed, out.LastAffected = b.Fixed, b.LastAffected
	}
	return out
}

// What the comments of conditions say. Where the tests are there, only those
// about products, modules and keys go by the comment.
// Sources: the definitions of Oracle, SUSE, VMware and Microsoft.
var (
	ovalOracle   = pattern(`^Oracle Linux ([0-9]+) is installed$`)
	ovalArch     = pattern(`^Oracle Linux arch is ([a-z0-9_]+)$`)
	ovalPhoton   = pattern(`^Photon OS ([0-9]+)(\.[0-9]+)? is installed$`)
	ovalSUSE     = pattern(`^(SUSE .+|openSUSE .+) is installed$`)
	ovalKsplice  = pattern(`^\S+ is ksplice-based$`)
	ovalSigned   = pattern(`^\S+ is signed with `)
	ovalModule   = pattern(`^Module ([A-Za-z0-9._+-]+:[A-Za-z0-9._+-]+) is enabled$`)
	ovalEarlier  = pattern(`^(\S+) is earlier than (\S+)$`)
	ovalNot      = pattern(`^(\S+) is not affected$`)
	ovalAffected = pattern(`^(\S+) is affected$`)
	ovalNEVR     = pattern(`^(\S+-\S+-\S+) is installed$`)
)

// criterion returns what one condition says.
func (e *ovalEval) criterion(c ovalCriterion) []ovalTerm {
	comment := oneLine(c.Comment)
	if isTrue(c.Negate) || e.table.tests[c.Ref].none {
		e.add(rejectNegation, comment)
		return nil
	}
	if t, ok := ovalProduct(comment); ok {
		return []ovalTerm{t}
	}
	if t, ok, known := e.test(c.Ref); known {
		if !ok {
			e.add(rejectCriterion, comment)
			return nil
		}
		return []ovalTerm{t}
	}
	if t, ok := ovalComment(comment); ok {
		return []ovalTerm{t}
	}
	e.add(rejectCriterion, comment)
	return nil
}

// ovalProduct reads a comment about what is not a package.
func ovalProduct(comment string) (t ovalTerm, ok bool) {
	release := func(distro, version string) ovalTerm {
		return ovalTerm{platforms: []ovalPlatform{{Ecosystem: advisory.Ecosystem{Type: "rpm", Distro: distro, Release: version}}}}
	}
	switch {
	case len(comment) > maxName:
		return t, false
	case ovalSigned().MatchString(comment):
		return t, true // the keys of the publisher are taken for granted
	case ovalKsplice().MatchString(comment):
		return ovalTerm{repo: "ksplice"}, true
	}
	if m := ovalOracle().FindStringSubmatch(comment); m != nil {
		return release("ol", m[1]), true
	}
	if m := ovalArch().FindStringSubmatch(comment); m != nil {
		return ovalTerm{arches: machineArches(m[1])}, true
	}
	if m := ovalModule().FindStringSubmatch(comment); m != nil {
		return ovalTerm{module: m[1]}, true
	}
	if m := ovalPhoton().FindStringSubmatch(comment); m != nil {
		if m[2] == "" {
			m[2] = ".0" // as VERSION_ID has it
		}
		return release("photon", m[1]+m[2]), true
	}
	if m := ovalSUSE().FindStringSubmatch(comment); m != nil {
		return ovalTerm{platforms: []ovalPlatform{susePlatform(m[1])}}, true
	}
	return t, false
}

// machineArches returns the architectures of the packages that can be installed
// on a machine: one of x86_64 also has libraries of 32 bits, and Oracle writes
// i386 for all processors that are compatible with it.
// Source: rpm, rpmrc, "arch_compat".
func machineArches(machine string) []string {
	switch machine {
	case "x86_64":
		return []string{"i386", "i486", "i586", "i686", "x86_64"}
	case "i386", "i486", "i586", "i686":
		return []string{"i386", "i486", "i586", "i686"}
	}
	return []string{machine}
}

// susePlatform returns the release that the name of a product stands for. The
// server and its modules are the plain distribution; products that are built
// on it, and may have repairs of their own, are named.
// Source: SUSE, "Product Support Lifecycle".
func susePlatform(product string) ovalPlatform {
	name, ok := strings.CutPrefix(product, "openSUSE ")
	if ok {
		typ, distro, release, _ := ecosystem.FromOSV("openSUSE:" + name)
		return ovalPlatform{Ecosystem: advisory.Ecosystem{Type: typ, Distro: distro, Release: release}}
	}
	typ, distro, release, _ := ecosystem.FromOSV("SUSE:" + strings.TrimPrefix(product, "SUSE "))
	p := ovalPlatform{Ecosystem: advisory.Ecosystem{Type: typ, Distro: distro, Release: release}}
	server, isServer := strings.CutPrefix(product, "SUSE Linux Enterprise Server ")
	module := strings.HasPrefix(product, "SUSE Linux Enterprise Module for ")
	if !module && !isServer || strings.HasPrefix(server, "for ") {
		p.product = product
	}
	return p
}

// ovalComment reads the comment of a test that is not in the file, as in those
// that were cut short.
func ovalComment(comment string) (t ovalTerm, ok bool) {
	if len(comment) > 2*maxName {
		return t, false
	}
	if m := ovalEarlier().FindStringSubmatch(comment); m != nil {
		return ovalTerm{name: m[1], rng: advisory.Range{Fixed: evrOf("", m[2])}}, isName(m[1]) && isName(m[2])
	}
	if m := ovalNot().FindStringSubmatch(comment); m != nil {
		return ovalTerm{name: m[1], not: true}, isName(m[1])
	}
	if m := ovalAffected().FindStringSubmatch(comment); m != nil {
		return ovalTerm{name: m[1]}, isName(m[1])
	}
	if m := ovalNEVR().FindStringSubmatch(comment); m != nil {
		// SUSE says "is installed" of the repaired version, and tests for less. A
		// package that is only there, such as kernel-default-base, has none.
		name, evr, ok := nevr(m[1])
		return ovalTerm{name: name, rng: advisory.Range{Fixed: evr}}, ok && digits(evr[:1])
	}
	return t, false
}

// archPattern is how a state lists architectures.
var archPattern = pattern(`^\(?[a-z0-9_]+(\|[a-z0-9_]+)*\)?$`)

// test returns what a test says. It is not known if the file does not have all
// of it.
func (e *ovalEval) test(ref string) (t ovalTerm, ok, known bool) {
	test, found := e.table.tests[ref]
	name, named := e.table.objects[test.object]
	state, stated := e.table.states[test.state]
	if !found || !named || !stated {
		return t, false, false
	}
	t.name = name
	if arch := strings.TrimSpace(state.Arch.Text); arch != "" {
		if !archPattern().MatchString(arch) || len(arch) > maxName {
			return t, false, true
		}
		t.arches = strings.Split(strings.Trim(arch, "()"), "|")
		if slices.Contains(t.arches, "noarch") {
			t.arches = nil
		}
	}
	evr := evrOf("", strings.TrimSpace(state.EVR.Text))
	switch {
	case !isName(name):
		return t, false, true
	case evr == "" && state.Version.Operation == "equals" && strings.TrimSpace(state.Version.Text) == "0":
		t.not = true // SUSE: no version is that one
		return t, true, true
	case !isName(evr):
		return t, false, true
	}
	switch state.EVR.Operation {
	case "less than", "6": // the number of it in the schema, which SUSE wrote for a time
		t.rng.Fixed = evr
	case "less than or equal":
		t.rng.LastAffected = evr
	case "greater than":
		if evr != "0-0" { // SUSE: any version, none is repaired
			t.rng.Introduced, t.rng.After = evr, true
		}
	case "greater than or equal":
		t.rng.Introduced = evr
	case "equals", "":
		t.rng.Introduced, t.rng.LastAffected = evr, evr
	default:
		return t, false, true
	}
	return t, true, true
}
