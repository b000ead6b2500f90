package extract

import (
	"path"
	"slices"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// Facts of a project file of MSBuild, in the order of the file.
const (
	msbuildFile      = "msbuild-file"      // nothing; the first fact of each file
	msbuildProperty  = "msbuild-property"  // name, value, condition
	msbuildImport    = "msbuild-import"    // path, condition
	msbuildReference = "msbuild-reference" // operation, name, version, override, "dev" or nothing, condition
	msbuildVersion   = "msbuild-version"   // operation, name, version, condition
)

// readMSBuild records what a project file of .NET, or a file that such files
// import, states of properties and packages. See joinNuGet for the rest.
// Source: Microsoft, "MSBuild project file schema reference".
func readMSBuild(f *file) error {
	root, err := readXML(f.r, func(depth int, name string) bool {
		return depth == 1 && (name == "Target" || name == "UsingTask")
	})
	if root == nil || root.name != "Project" {
		return err
	}
	m := msbuildFacts{f: f, err: f.fact(msbuildFile)}
	m.group(root, nil)
	if m.err != nil {
		return m.err
	}
	return err
}

type msbuildFacts struct {
	f   *file
	err error
}

func (m *msbuildFacts) fact(kind string, values ...string) {
	if m.err == nil {
		m.err = m.f.fact(kind, values...)
	}
}

// group records the children of the root, of a group or of a choice. All
// conditions around them must hold; conditions[i] are joined by line feeds.
func (m *msbuildFacts) group(n *xmlNode, conditions []string) {
	for _, c := range n.children {
		all := conditions
		if s := c.attr("Condition"); s != "" {
			all = append(slices.Clip(conditions), s)
		}
		joined := strings.Join(all, "\n")
		switch c.name {
		case "PropertyGroup":
			for _, p := range c.children {
				when := joined
				if s := p.attr("Condition"); s != "" {
					when = strings.TrimPrefix(joined+"\n"+s, "\n")
				}
				m.fact(msbuildProperty, p.name, p.text, when)
			}
		case "ImportGroup", "ItemGroup", "Choose", "When":
			m.group(c, all)
		case "Otherwise":
			m.group(c, append(slices.Clip(all), "unknown"))
		case "Import":
			m.fact(msbuildImport, c.attr("Project"), joined)
		case "PackageReference", "GlobalPackageReference", "PackageVersion":
			m.item(c, joined)
		}
	}
}

// item records a package. What its attributes may say, its elements may too.
func (m *msbuildFacts) item(n *xmlNode, condition string) {
	operation, names := "", ""
	for _, op := range []string{"Include", "Update", "Remove"} {
		if s := n.attr(op); s != "" {
			operation, names = op, s
			break
		}
	}
	value := func(name string) string {
		if s := n.attr(name); s != "" {
			return s
		}
		return n.value(name)
	}
	dev := ""
	if n.name == "GlobalPackageReference" || strings.EqualFold(value("PrivateAssets"), "all") {
		dev = "dev"
	}
	for name := range strings.SplitSeq(names, ";") {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
		case n.name == "PackageVersion":
			m.fact(msbuildVersion, operation, name, value("Version"), condition)
		default:
			m.fact(msbuildReference, operation, name, value("Version"), value("VersionOverride"), dev, condition)
		}
	}
}

// Limits of the evaluation of MSBuild projects.
const (
	maxMSBuildDepth = 16        // files that import each other
	maxMSBuildSteps = 5_000_000 // facts looked at for all projects of a tree
	maxMSBuildValue = 4096      // bytes of a value
)

const msbuildTooMuch = "the projects import too many files: packages are missing"

// joinNuGet makes packages of the references of all .NET projects of a tree,
// with the versions of central package management. Where a lock file tells
// what was resolved, the project says nothing more. And it takes away the
// assemblies that the deps.json of their program accounts for.
// Source: Microsoft, "Central Package Management"; "Customize the build by
// folder"; "MSBuild: how the build process works", section "Evaluation phase".
func joinNuGet(files []visible) []visible {
	t := msbuildTree{byPath: map[string]*visible{}, all: map[string]bool{}}
	var projects, assemblies []int
	deps := map[string]map[string]bool{} // assemblies by directory
	for i, v := range files {
		_, base := splitPath(v.path)
		switch {
		case len(v.Facts) > 0 && v.Facts[0].Kind == msbuildFile:
			t.byPath[v.path] = &files[i]
			if isMSBuildProject(base) {
				projects = append(projects, i)
			}
		case len(v.Facts) > 0 && v.Facts[0].Kind == nugetFiles:
			addDeps(deps, v)
		case base == "packages.lock.json" || base == "project.assets.json":
			t.all[v.path] = true
		case len(v.Packages) > 0 && v.Packages[0].Type == "nuget" && v.Packages[0].Evidence == inventory.Binary:
			assemblies = append(assemblies, i)
		}
	}
	if len(projects)+len(assemblies) == 0 {
		return files
	}
	out := slices.Clone(files)
	for _, i := range projects {
		changed := *files[i].File
		changed.Facts = nil
		changed.Packages, changed.Problems = slices.Clip(changed.Packages), slices.Clip(changed.Problems)
		t.addPackages(&file{path: changed.Path, out: &changed}, files[i].path)
		out[i].File = &changed
	}
	for _, i := range assemblies {
		if accounted(deps, files[i].path) {
			changed := *files[i].File
			changed.Packages = nil
			out[i].File = &changed
		}
	}
	return out
}

func addDeps(deps map[string]map[string]bool, v visible) {
	dir, _ := splitPath(v.path)
	if deps[dir] == nil {
		deps[dir] = map[string]bool{}
	}
	for _, name := range v.Facts[0].Values {
		deps[dir][name] = true
	}
}

// accounted tells whether the deps.json of the directory, or of one above it,
// names an assembly.
func accounted(deps map[string]map[string]bool, p string) bool {
	dir, base := splitPath(p)
	base = strings.ToLower(base)
	for {
		if deps[dir][base] {
			return true
		}
		if dir == "" {
			return false
		}
		dir, _ = splitPath(dir)
	}
}

func isMSBuildProject(base string) bool {
	switch strings.ToLower(extension(base)) {
	case ".csproj", ".fsproj", ".vbproj":
		return true
	}
	return false
}

type msbuildTree struct {
	byPath map[string]*visible
	all    map[string]bool // lock files
	steps  int
}

// evaluation is the evaluation of one project: all properties first, then all
// items, as MSBuild does it.
type evaluation struct {
	tree       *msbuildTree
	project    string
	properties map[string]string // by name in lower case
	unknown    map[string]bool   // properties with a value that depends on more than the files
	seen       map[string]bool   // files
	items      []msbuildItem
}

// msbuildItem is a fact about a package and the file it stands in.
type msbuildItem struct {
	Fact
	file string
}

func (t *msbuildTree) addPackages(f *file, project string) {
	dir, _ := splitPath(project)
	if t.all[path.Join(dir, "packages.lock.json")] || t.all[path.Join(dir, "obj/project.assets.json")] {
		return
	}
	e := evaluation{tree: t, project: project, properties: map[string]string{}, unknown: map[string]bool{}, seen: map[string]bool{}}
	e.file(t.above(dir, "Directory.Build.props"), 0)
	e.file(t.above(dir, "Directory.Packages.props"), 0)
	e.file(project, 0)
	e.file(t.above(dir, "Directory.Build.targets"), 0)
	set := newLockSet(f, "nuget")
	for _, p := range e.packages() {
		if err := set.add(p.Name, p.Version, p.Scope); err != nil {
			f.problem(f.path, err.Error())
			return
		}
	}
	if t.steps > maxMSBuildSteps {
		f.problem(f.path, msbuildTooMuch)
	}
}

// above returns the file of a name in the directory or the nearest one above
// it; empty if there is none.
func (t *msbuildTree) above(dir, name string) string {
	for {
		if p := path.Join(dir, name); t.byPath[p] != nil {
			return p
		}
		if dir == "" {
			return ""
		}
		dir, _ = splitPath(dir)
	}
}

// file evaluates the properties of a file and of those that it imports, and
// collects the items. A file is imported once.
func (e *evaluation) file(name string, depth int) {
	v := e.tree.byPath[name]
	if v == nil || e.seen[name] || depth > maxMSBuildDepth {
		return
	}
	e.seen[name] = true
	for _, f := range v.Facts {
		if e.tree.steps++; e.tree.steps > maxMSBuildSteps {
			return
		}
		x := f.Values
		switch f.Kind {
		case msbuildProperty:
			e.set(name, x[0], x[1], e.condition(name, x[2]))
		case msbuildImport:
			if e.condition(name, x[1]) == no {
				continue
			}
			e.file(e.imported(name, x[0]), depth+1)
		case msbuildReference, msbuildVersion:
			e.items = append(e.items, msbuildItem{f, name})
		}
	}
}

// set sets a property. One that depends on what is not known is not known
// afterwards, unless the value would be the same.
func (e *evaluation) set(file, name, value string, when answer) {
	if when == no {
		return
	}
	name = strings.ToLower(name)
	v, ok := e.expand(file, value)
	old, had := e.properties[name]
	if !ok || when == maybe && (!had || old != v) {
		delete(e.properties, name)
		e.unknown[name] = true
		return
	}
	e.properties[name] = v
	delete(e.unknown, name)
}

// imported returns the path of an imported file, relative to the root of the
// tree; empty for what leads out of it or is not known.
func (e *evaluation) imported(file, p string) string {
	dir, _ := splitPath(file)
	if _, rest, ok := strings.Cut(p, "GetPathOfFileAbove("); ok && strings.HasPrefix(p, "$([MSBuild]::") {
		// $([MSBuild]::GetPathOfFileAbove('NAME', '$(MSBuildThisFileDirectory)../'))
		args := strings.Split(strings.TrimSuffix(strings.TrimSpace(rest), "))"), ",")
		name := strings.Trim(strings.TrimSpace(args[0]), `'"`)
		if name == "" || strings.ContainsAny(name, `$/\`) {
			return ""
		}
		if len(args) > 1 {
			from, ok := e.expand(file, strings.Trim(strings.TrimSpace(args[1]), `'"`))
			if !ok {
				return ""
			}
			dir = inTree(dir, from)
		}
		if dir == ".." {
			return ""
		}
		return e.tree.above(dir, name)
	}
	v, ok := e.expand(file, p)
	if !ok {
		return ""
	}
	return inTree(dir, v)
}

// inTree joins a path to a directory; ".." if that leads out of the tree. A
// path that begins with a slash is one that was made of a directory's.
func inTree(dir, p string) string {
	p = strings.ReplaceAll(p, `\`, "/")
	if strings.HasPrefix(p, "/") {
		p = path.Clean(p)[1:]
	} else {
		p = path.Join(dir, p)
	}
	if p == ".." || strings.HasPrefix(p, "../") {
		return ".."
	}
	if p == "." {
		return ""
	}
	return p
}

// expand replaces the properties in a text. It returns false if one is not
// known or is computed.
func (e *evaluation) expand(file, s string) (string, bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "$(")
		b.WriteString(before)
		if b.Len() > maxMSBuildValue {
			return "", false
		}
		if !found {
			return b.String(), !strings.Contains(b.String(), "@(")
		}
		name, after, ends := strings.Cut(rest, ")")
		v, ok := e.property(file, strings.TrimSpace(name))
		if !ends || !ok {
			return "", false
		}
		b.WriteString(v)
		s = after
	}
}

// property returns the value of a property; false if it is not set by the tree.
// Source: Microsoft, "MSBuild reserved and well-known properties".
func (e *evaluation) property(file, name string) (string, bool) {
	dir, _ := splitPath(file)
	projectDir, project := splitPath(e.project)
	slash := func(dir string) string { return "/" + strings.TrimPrefix(dir+"/", "/") }
	switch strings.ToLower(name) {
	case "msbuildthisfiledirectory":
		return slash(dir), true
	case "msbuildprojectdirectory":
		return "/" + projectDir, true
	case "msbuildprojectname":
		return strings.TrimSuffix(project, extension(project)), true
	}
	v, ok := e.properties[strings.ToLower(name)]
	return v, ok
}

// answer is what is known of a condition.
type answer uint8

const (
	no answer = iota
	maybe
	yes
)

// condition evaluates conditions, all of which must hold: comparisons of texts,
// everything else may be or not. A property that nothing sets is compared with
// nothing as the empty text, but may be set from outside.
// Source: Microsoft, "MSBuild conditions".
func (e *evaluation) condition(file, all string) answer {
	result := yes
	if all == "" {
		return result
	}
	for c := range strings.SplitSeq(all, "\n") {
		result = min(result, e.compare(file, c))
	}
	return result
}

func (e *evaluation) compare(file, c string) answer {
	c = strings.TrimSpace(c)
	switch strings.ToLower(strings.Trim(c, `'"`)) {
	case "true":
		return yes
	case "false":
		return no
	}
	for _, op := range []string{"==", "!="} {
		left, right, ok := strings.Cut(c, op)
		if !ok {
			continue
		}
		a, ok1 := quoted(left)
		b, ok2 := quoted(right)
		if !ok1 || !ok2 {
			return maybe
		}
		equal := maybe
		va, known1 := e.expand(file, a)
		vb, known2 := e.expand(file, b)
		switch {
		case known1 && known2 && strings.EqualFold(va, vb):
			equal = yes
		case known1 && known2:
			equal = no
		case b == "" && e.unset(a):
			equal = yes
		}
		if op == "!=" {
			return yes - equal
		}
		return equal
	}
	return maybe
}

// unset tells whether a text is a property that nothing in the tree sets.
func (e *evaluation) unset(s string) bool {
	rest, starts := strings.CutPrefix(s, "$(")
	name, ends := strings.CutSuffix(rest, ")")
	return starts && ends && !e.unknown[strings.ToLower(name)]
}

// quoted returns what stands between quotes, without anything else around.
func quoted(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' || strings.Contains(s[1:len(s)-1], "'") {
		return s, s != "" && !strings.ContainsAny(s, "'() ")
	}
	return s[1 : len(s)-1], true
}
