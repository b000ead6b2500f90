package extract

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// Limits of the resolution of Maven projects, so that no set of files takes
// more than its size in time.
const (
	maxMavenDepth   = 32        // parents above each other, lists of versions and properties inside each other
	maxMavenSteps   = 5_000_000 // look-ups for all projects of a tree
	maxMavenVersion = 256       // bytes of what is put together of properties
)

const mavenTooMuch = "the projects depend on each other in too many ways: versions are missing"

// joinMaven makes packages of the dependencies of all Maven projects of a tree.
// A version that the files of the tree do not decide, since a parent or a list
// of versions is elsewhere, stays empty. Projects of the tree are no packages
// of each other.
// Source: Maven, "Introduction to the POM", "Introduction to the Dependency
// Mechanism"; DefaultModelBuilder, DefaultInheritanceAssembler,
// DefaultDependencyManagementImporter and DependencyManagementInjector.
func joinMaven(files []visible) []visible {
	t := newMavenTree(files)
	if len(t.poms) == 0 {
		return files
	}
	out := slices.Clone(files)
	for _, p := range t.poms {
		changed := *files[p.index].File
		changed.Facts = nil
		changed.Packages, changed.Problems = slices.Clip(changed.Packages), slices.Clip(changed.Problems)
		t.addPackages(p, &file{path: changed.Path, out: &changed})
		out[p.index].File = &changed
	}
	return out
}

// pom is one project file.
type pom struct {
	index      int
	dir        string
	id         mavenID // as stated, with what is left to the parent
	ref        *mavenID
	relative   string // path of the parent
	parent     *pom   // nil if there is none in the tree
	properties map[string]string
	managed    map[mavenKey]mavenItem   // the first of a key
	again      map[mavenKey][]mavenItem // the others
	variable   []mavenItem              // managed, with properties in the key
	lists      []mavenItem              // of versions, that it imports
	items      []mavenItem              // dependencies

	effective map[mavenKey]mavenVersion // as a list of versions that others import
	busy      bool                      // effective is being made
	closed    bool                      // effective lacks nothing that another file might say
	variables map[mavenKey][]leveled    // of variable, of the project and its parents
	opaque    bool                      // there are variable whose properties are not known
	imports   []leveled                 // lists of the project and its parents
	joined    bool                      // imports is made
	resolved  []mavenResult             // of items, as the project itself sees them
}

// mavenItem is a dependency as it stands in the file.
type mavenItem struct {
	group, name, version, kind, classifier, scope string

	at int // its place among what is managed
}

// raw returns the key of an item before properties are replaced.
func (m mavenItem) raw() mavenKey { return mavenKey{m.group, m.name, m.kind, m.classifier} }

// mavenKey is what a dependency is managed by.
// Source: Maven, Dependency.getManagementKey.
type mavenKey struct{ group, name, kind, classifier string }

// mavenVersion is what is decided of a dependency; the version is empty if it
// is not known.
type mavenVersion struct{ version, scope string }

// leveled is an item of a parent that is so many steps above.
type leveled struct {
	mavenItem
	level int
}

// mavenResult is what a dependency is found to be; not ok if it has no name.
type mavenResult struct {
	mavenKey
	mavenVersion
	ok bool
}

type mavenTree struct {
	poms   []*pom
	byPath map[string]*pom
	byName map[[2]string][]*pom // by group and artifact
	steps  int
}

func newMavenTree(files []visible) *mavenTree {
	t := &mavenTree{byPath: map[string]*pom{}, byName: map[[2]string][]*pom{}}
	for i, v := range files {
		if len(v.Facts) > 0 && v.Facts[0].Kind == mavenProject {
			p := newPOM(i, v)
			t.poms = append(t.poms, p)
			t.byPath[v.path] = p
		}
	}
	for _, p := range t.poms {
		t.link(p, true)
	}
	for _, p := range t.poms {
		id := t.identity(p)
		k := [2]string{id.group, id.name}
		t.byName[k] = append(t.byName[k], p)
	}
	for _, p := range t.poms {
		t.link(p, false)
	}
	return t
}

func newPOM(index int, v visible) *pom {
	dir, _ := splitPath(v.path)
	p := &pom{index: index, dir: dir, properties: map[string]string{}, managed: map[mavenKey]mavenItem{}}
	other := map[mavenKey]bool{}
	for at, f := range v.Facts {
		x := f.Values
		switch f.Kind {
		case mavenProject:
			p.id = mavenID{x[0], x[1], x[2]}
		case mavenParent:
			p.ref, p.relative = &mavenID{x[0], x[1], x[2]}, x[3]
		case mavenProperty:
			p.properties[x[0]] = x[1]
		case mavenManaged:
			p.manage(mavenItem{x[0], x[1], x[2], cmp.Or(x[3], "jar"), x[4], x[5], at}, other)
		case mavenDependency:
			p.items = append(p.items, mavenItem{x[0], x[1], x[2], cmp.Or(x[3], "jar"), x[4], x[5], 0})
		}
	}
	if p.ref != nil {
		p.id.group, p.id.version = cmp.Or(p.id.group, p.ref.group), cmp.Or(p.id.version, p.ref.version)
	}
	return p
}

// manage adds what the project manages; other are the keys until now of lists
// of versions and of those with properties in them.
func (p *pom) manage(m mavenItem, other map[mavenKey]bool) {
	k := m.raw()
	_, known := p.managed[k]
	switch {
	case known || other[k]:
		if p.again == nil {
			p.again = map[mavenKey][]mavenItem{}
		}
		p.again[k] = append(p.again[k], m)
	case m.scope == "import" && m.kind == "pom":
		other[k] = true
		p.lists = append(p.lists, m)
	case strings.Contains(m.group+m.name+m.kind+m.classifier, "${"):
		other[k] = true
		p.variable = append(p.variable, m)
	default:
		p.managed[k] = m
	}
}

// link finds the parent, by its path, and if that leads to another project, by
// its name. A path that leads out of the tree leads to nothing.
// Source: DefaultModelBuilder.readParentLocally.
func (t *mavenTree) link(p *pom, byPath bool) {
	if p.ref == nil || p.parent != nil {
		return
	}
	if byPath {
		if p.relative == "" || path.IsAbs(p.relative) {
			return
		}
		where := path.Join(p.dir, strings.ReplaceAll(p.relative, `\`, "/"))
		for _, name := range []string{where, path.Join(where, "pom.xml")} {
			if q := t.byPath[name]; q != nil && q != p && t.isParent(p, q) {
				p.parent = q
				return
			}
		}
		return
	}
	ref := t.expandID(p, *p.ref)
	for _, q := range t.byName[[2]string{ref.group, ref.name}] {
		if q != p && t.identity(q).version == ref.version && ref.version != "" {
			p.parent = q
			return
		}
	}
}

// isParent tells whether q is the project that p names as its parent.
func (t *mavenTree) isParent(p, q *pom) bool {
	if *p.ref == q.id {
		return true
	}
	// The properties of the parent are those of the child.
	return t.expandID(q, *p.ref) == t.identity(q)
}

// identity returns the name of a project with its properties replaced.
func (t *mavenTree) identity(p *pom) mavenID { return t.expandID(p, p.id) }

func (t *mavenTree) expandID(p *pom, id mavenID) mavenID {
	group, _ := t.expand(p, id.group)
	name, _ := t.expand(p, id.name)
	version, _ := t.expand(p, id.version)
	return mavenID{group, name, version}
}

// lineage yields a project and its parents, nearest first.
func (p *pom) lineage(yield func(*pom) bool) {
	for range maxMavenDepth {
		if p == nil || !yield(p) {
			return
		}
		p = p.parent
	}
}

// complete tells whether all parents are in the tree.
func (p *pom) complete() bool {
	for q := range p.lineage {
		if q.parent == nil {
			return q.ref == nil
		}
	}
	return false
}

// expand replaces the properties in a text, as project p sees them. It returns
// nothing and false if one is not known.
func (t *mavenTree) expand(p *pom, s string) (string, bool) { return t.expandIn(p, s, 0) }

func (t *mavenTree) expandIn(p *pom, s string, depth int) (string, bool) {
	if !strings.Contains(s, "${") {
		return s, len(s) <= maxMavenVersion
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		b.WriteString(before)
		if b.Len() > maxMavenVersion || t.steps > maxMavenSteps {
			return "", false
		}
		if !found {
			return b.String(), true
		}
		name, after, ends := strings.Cut(rest, "}")
		if !ends || depth >= maxMavenDepth {
			return "", false
		}
		value, ok := t.property(p, name)
		if ok {
			value, ok = t.expandIn(p, value, depth+1)
		}
		if !ok {
			return "", false
		}
		b.WriteString(value)
		s = after
	}
}

// property returns what a name stands for, before anything is replaced in it,
// and whether it is set; it may be set to nothing.
// Source: AbstractStringBasedModelInterpolator.createValueSources.
func (t *mavenTree) property(p *pom, name string) (string, bool) {
	field, own := strings.CutPrefix(name, "project.")
	if !own {
		field, own = strings.CutPrefix(name, "pom.")
	}
	if v := p.field(field); own && v != "" {
		return v, true
	}
	for q := range p.lineage {
		t.steps++
		if v, ok := q.properties[name]; ok {
			return v, true
		}
	}
	v := p.field(name)
	return v, v != ""
}

func (p *pom) field(name string) string {
	switch name {
	case "groupId":
		return p.id.group
	case "artifactId":
		return p.id.name
	case "version":
		return p.id.version
	}
	if p.ref == nil {
		return ""
	}
	switch name {
	case "parent.groupId":
		return p.ref.group
	case "parent.artifactId":
		return p.ref.name
	case "parent.version":
		return p.ref.version
	}
	return ""
}

// manages returns what project p, its parents and the lists that they import
// say of a dependency. What is imported gives way to what a parent says, and
// to what an earlier import says, and so decides only if these are known.
func (t *mavenTree) manages(p *pom, k mavenKey, depth int) mavenVersion {
	if all, sure := t.stated(p, k); len(all) > 0 {
		if p.importing() == nil {
			return t.inject(p, all, sure)
		}
		return t.pick(p, all, sure)
	}
	if !p.complete() || t.steps > maxMavenSteps {
		return mavenVersion{}
	}
	for _, m := range p.importing() {
		bom := t.project(p, m.mavenItem)
		if bom == nil || depth >= maxMavenDepth {
			return mavenVersion{}
		}
		v, ok := t.list(bom, depth+1)[k]
		switch {
		case t.steps > maxMavenSteps || !ok && !bom.closed:
			return mavenVersion{}
		case ok:
			return v
		}
	}
	return mavenVersion{}
}

// stated returns all that a project and its parents state of a dependency
// themselves, in Maven's order; sure tells whether that is all that matters.
// Of items of one key, before properties are replaced, those of the project
// stand for those of its parents. Items whose keys are the same only then, and
// those of a project without parents, all remain.
// Source: ModelMerger.mergeDependencyManagement_Dependencies.
func (t *mavenTree) stated(p *pom, k mavenKey) (all []leveled, sure bool) {
	all, sure = t.variables(p)[k], true
	level := 0
	for q := range p.lineage {
		if t.steps++; t.steps > maxMavenSteps {
			return nil, false
		}
		if m, ok := q.managed[k]; ok {
			all, sure = p.ofKey(slices.Clip(all), q, m, level)
			slices.SortStableFunc(all, func(a, b leveled) int { return cmp.Or(a.level-b.level, a.at-b.at) })
			break
		}
		level++
	}
	return all, sure && (len(all) < 2 || p.importing() != nil || p.complete())
}

// ofKey appends the items of one key, of which m is the first, that remain of
// those that q states when p is built, of which q is a parent or p itself:
// where lists are merged, the last one of the lower list, and the first one of
// the upper list.
// Source: ModelMerger.MergingList.
func (p *pom) ofKey(all []leveled, q *pom, m mavenItem, level int) (remain []leveled, sure bool) {
	again := q.again[m.raw()]
	if len(again) == 0 {
		return append(all, leveled{m, level}), true
	}
	for above := range q.parent.lineage {
		if len(above.managed)+len(above.variable)+len(above.lists) > 0 {
			last := again[len(again)-1]
			last.at = m.at
			return append(all, leveled{last, level}), true
		}
	}
	all = append(all, leveled{m, level})
	if q == p {
		for _, m := range again {
			all = append(all, leveled{m, level})
		}
	}
	// Of a list that imports others the last one counts anyway.
	return all, q.complete() || q == p && p.importing() != nil
}

// importing returns the lists of versions that a project imports, its own
// first. One that a parent imports too, in whatever version, counts once.
func (p *pom) importing() []leveled {
	if p.joined {
		return p.imports
	}
	p.joined = true
	level := 0
	seen := map[mavenKey]bool{}
	for q := range p.lineage {
		for _, m := range q.lists {
			if !seen[m.raw()] {
				seen[m.raw()] = true
				p.imports, _ = p.ofKey(p.imports, q, m, level)
			}
		}
		level++
	}
	return p.imports
}

// inject returns what a dependency takes of the items of its key where nothing
// is imported: of each field the first one.
// Source: DefaultDependencyManagementInjector.
func (t *mavenTree) inject(p *pom, all []leveled, sure bool) mavenVersion {
	if !sure {
		return t.pick(p, all, false)
	}
	var v mavenVersion
	for _, m := range all {
		if v.version == "" && m.version != "" {
			v.version = t.version(p, m.mavenItem).version
		}
		if v.scope == "" {
			v.scope = t.version(p, m.mavenItem).scope
		}
	}
	return v
}

// pick returns what the items of one key decide for others that import them:
// the last one if the project itself imports a list, and the first one else.
// Source: DefaultDependencyManagementImporter.
func (t *mavenTree) pick(p *pom, all []leveled, sure bool) mavenVersion {
	first, last := t.version(p, all[0].mavenItem), t.version(p, all[len(all)-1].mavenItem)
	switch {
	case !sure && first != last:
		return mavenVersion{}
	case p.importing() != nil:
		return last
	}
	return first
}

// variables returns what is managed under keys with properties in them, in
// Maven's order.
func (t *mavenTree) variables(p *pom) map[mavenKey][]leveled {
	if p.variables != nil {
		return p.variables
	}
	p.variables = map[mavenKey][]leveled{}
	level := 0
	seen := map[mavenKey]bool{}
	for q := range p.lineage {
		for _, m := range q.variable {
			if t.steps++; t.steps > maxMavenSteps {
				return p.variables
			}
			if seen[m.raw()] {
				continue
			}
			seen[m.raw()] = true
			if k, ok := t.key(p, m); ok {
				p.variables[k], _ = p.ofKey(p.variables[k], q, m, level)
			} else {
				p.opaque = true
			}
		}
		level++
	}
	return p.variables
}

// list returns what a list of versions says of all that it manages, with its
// own parents and imports. It is made once.
func (t *mavenTree) list(bom *pom, depth int) map[mavenKey]mavenVersion {
	if bom.effective != nil || bom.busy || depth >= maxMavenDepth {
		return bom.effective
	}
	bom.busy = true
	defer func() { bom.busy = false }()
	all := map[mavenKey]mavenVersion{}
	add := func(k mavenKey) {
		if _, ok := all[k]; !ok {
			if items, sure := t.stated(bom, k); len(items) > 0 {
				t.put(all, k, t.pick(bom, items, sure))
			}
		}
	}
	for k := range t.variables(bom) {
		add(k)
	}
	for q := range bom.lineage {
		for k := range q.managed {
			add(k)
		}
	}
	closed := bom.complete() && !bom.opaque
	for _, m := range bom.importing() {
		if !closed {
			break
		}
		other := t.project(bom, m.mavenItem)
		if other == nil {
			closed = false
			break
		}
		for k, v := range t.list(other, depth+1) {
			t.put(all, k, v)
		}
		closed = other.closed
	}
	bom.effective, bom.closed = all, closed && t.steps <= maxMavenSteps
	return all
}

func (t *mavenTree) put(all map[mavenKey]mavenVersion, k mavenKey, v mavenVersion) {
	if t.steps++; t.steps > maxMavenSteps {
		return
	}
	if _, ok := all[k]; !ok {
		all[k] = v
	}
}

// version returns what an item decides, as project p sees it.
func (t *mavenTree) version(p *pom, m mavenItem) mavenVersion {
	version, _ := t.expand(p, m.version)
	scope, _ := t.expand(p, m.scope)
	return mavenVersion{mavenExact(version), scope}
}

// key returns by what an item is managed; false if that is not known.
func (t *mavenTree) key(p *pom, m mavenItem) (mavenKey, bool) {
	group, ok1 := t.expand(p, m.group)
	name, ok2 := t.expand(p, m.name)
	kind, ok3 := t.expand(p, m.kind)
	classifier, ok4 := t.expand(p, m.classifier)
	return mavenKey{group, name, kind, classifier}, ok1 && ok2 && ok3 && ok4
}

// project returns the project of the tree that an item names, or nil.
func (t *mavenTree) project(p *pom, m mavenItem) *pom {
	id := t.expandID(p, mavenID{m.group, m.name, m.version})
	if id.version == "" {
		return nil
	}
	for _, q := range t.byName[[2]string{id.group, id.name}] {
		if t.identity(q).version == id.version {
			return q
		}
	}
	return nil
}

// mavenExact returns a version if it is one: [1.0] is, a range and a word for
// the newest are not.
// Source: Maven, "POM Reference", section "Dependency Version Requirement
// Specification".
func mavenExact(s string) string {
	if one, ok := strings.CutPrefix(s, "["); ok {
		if one, ok = strings.CutSuffix(one, "]"); ok && !strings.Contains(one, ",") {
			return strings.TrimSpace(one)
		}
	}
	if strings.ContainsAny(s, "[](),&; ") || s == "LATEST" || s == "RELEASE" {
		return ""
	}
	return stated(s)
}

// resolve returns a dependency of project p or of one of its parents, as p
// sees it.
func (t *mavenTree) resolve(p *pom, m mavenItem) mavenResult {
	k, ok := t.key(p, m)
	if !ok || k.group == "" || k.name == "" {
		return mavenResult{}
	}
	v := t.version(p, m)
	if m.version == "" || m.scope == "" {
		managed := t.manages(p, k, 0)
		if m.version == "" {
			v.version = managed.version
		}
		v.scope = cmp.Or(v.scope, managed.scope)
	}
	return mavenResult{k, v, true}
}

// own returns the dependencies that a project states itself.
func (t *mavenTree) own(p *pom) []mavenResult {
	if p.resolved == nil {
		p.resolved = make([]mavenResult, len(p.items))
		for i, m := range p.items {
			p.resolved[i] = t.resolve(p, m)
		}
		p.variables = nil // large, and seldom wanted again
	}
	return p.resolved
}

// dependencies returns the dependencies of a project: its own, and those of
// its parents that are another version for it than for the parent.
func (t *mavenTree) dependencies(p *pom) (found map[mavenKey]mavenVersion, order []mavenKey) {
	found = map[mavenKey]mavenVersion{}
	for _, r := range t.own(p) {
		if _, ok := found[r.mavenKey]; r.ok && !ok {
			order = append(order, r.mavenKey)
		}
		if r.ok {
			found[r.mavenKey] = r.mavenVersion // the last one counts
		}
	}
	for q := range p.parent.lineage {
		own := t.own(q)
		for i, m := range q.items {
			if t.steps++; t.steps > maxMavenSteps {
				break
			}
			r := t.resolve(p, m)
			_, nearer := found[r.mavenKey]
			if !r.ok || nearer || r.mavenKey == own[i].mavenKey && r.version == own[i].version {
				continue
			}
			found[r.mavenKey] = r.mavenVersion
			order = append(order, r.mavenKey)
		}
	}
	p.variables = nil
	return found, order
}

// addPackages adds the dependencies of a project.
func (t *mavenTree) addPackages(p *pom, f *file) {
	set := newLockSet(f, "maven")
	found, order := t.dependencies(p)
	for _, last := range []bool{false, true} {
		for _, k := range order {
			v := found[k]
			scope := mavenScope(v.scope)
			// What is needed for tests by one path and to run by another is
			// needed to run.
			if (scope != inventory.Runtime) != last || t.holds(k, v) {
				continue
			}
			if err := set.add(k.group+":"+k.name, v.version, scope); err != nil {
				f.problem(f.path, err.Error())
				return
			}
		}
	}
	if slices.ContainsFunc(t.own(p), func(r mavenResult) bool { return !r.ok }) {
		f.problem(f.path, "dependencies whose names are properties that the tree does not define")
	}
	if t.steps > maxMavenSteps {
		f.problem(f.path, mavenTooMuch)
	}
}

// holds tells whether a dependency is a project of the tree.
func (t *mavenTree) holds(k mavenKey, v mavenVersion) bool {
	for _, q := range t.byName[[2]string{k.group, k.name}] {
		if v.version == "" || t.identity(q).version == v.version {
			return true
		}
	}
	return false
}

// mavenScope returns what a package is there for. What the place of execution
// provides is needed to build, but is not part of what is built.
// Source: Maven, "Introduction to the Dependency Mechanism", section
// "Dependency Scope".
func mavenScope(s string) inventory.Scope {
	switch s {
	case "test":
		return inventory.Test
	case "provided":
		return inventory.Dev
	}
	return inventory.Runtime
}
