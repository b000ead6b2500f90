package extract

import (
	"cmp"
	"slices"
	"strings"
)

// Facts of a Maven project file.
const (
	mavenProject    = "maven-project"    // group, artifact, version, each as far as stated
	mavenParent     = "maven-parent"     // group, artifact, version, relative path
	mavenProperty   = "maven-property"   // name, value; the last of a name counts
	mavenManaged    = "maven-managed"    // fields of mavenDependency, in Maven's order
	mavenDependency = "maven-dependency" // group, artifact, version, type, classifier, scope; the last of a key counts
)

// readPOM records what a project file of Maven states. Which version a
// dependency has depends on parents and on lists of versions in other files:
// see joinMaven.
// Source: Maven, "POM Reference".
func readPOM(f *file) error {
	root, err := readXML(f.r, func(depth int, name string) bool {
		// Nothing of how the project is built matters.
		return depth == 1 && (name == "build" || name == "reporting") || name == "exclusions"
	})
	if root == nil || root.name != "project" {
		return err
	}
	p := pomFacts{f: f}
	p.project(root)
	if p.err != nil {
		return p.err
	}
	return err
}

// pomFacts writes down facts until there are too many.
type pomFacts struct {
	f   *file
	err error
}

func (p *pomFacts) fact(kind string, values ...string) {
	if p.err == nil {
		p.err = p.f.fact(kind, values...)
	}
}

func (p *pomFacts) project(root *xmlNode) {
	p.fact(mavenProject, root.value("groupId"), root.value("artifactId"), root.value("version"))
	if parent := root.child("parent"); parent != nil {
		where := "../pom.xml"
		if r := parent.child("relativePath"); r != nil {
			where = r.text
		}
		p.fact(mavenParent, parent.value("groupId"), parent.value("artifactId"), parent.value("version"), where)
	}
	// What profiles say stands in for what the project says.
	profiles := activeProfiles(root)
	all := append([]*xmlNode{root}, profiles...)
	for _, n := range all {
		if properties := n.child("properties"); properties != nil {
			for _, c := range properties.children {
				p.fact(mavenProperty, c.name, c.text)
			}
		}
	}
	var managed []*xmlNode
	for i, n := range all {
		more := dependencyNodes(n.child("dependencyManagement").child("dependencies"))
		if i == 0 {
			managed = more
		} else if len(more) > 0 {
			managed = mergeManaged(managed, more)
		}
	}
	p.dependencies(mavenManaged, managed)
	for _, n := range all {
		p.dependencies(mavenDependency, dependencyNodes(n.child("dependencies")))
	}
}

func dependencyNodes(list *xmlNode) []*xmlNode {
	if list == nil {
		return nil
	}
	var out []*xmlNode
	for _, d := range list.children {
		if d.name == "dependency" {
			out = append(out, d)
		}
	}
	return out
}

// mergeManaged puts what a profile manages in the place of what the project
// manages by the same key, and the rest behind it.
// Source: ModelMerger.MergingList, as DefaultProfileInjector uses it.
func mergeManaged(project, profile []*xmlNode) []*xmlNode {
	var out []*xmlNode
	at := map[mavenKey]int{}
	for _, d := range slices.Concat(project, profile) {
		k := mavenKey{d.value("groupId"), d.value("artifactId"), cmp.Or(d.value("type"), "jar"), d.value("classifier")}
		if i, ok := at[k]; ok {
			out[i] = d
			continue
		}
		at[k] = len(out)
		out = append(out, d)
	}
	return out
}

func (p *pomFacts) dependencies(kind string, list []*xmlNode) {
	for _, d := range list {
		p.fact(kind, d.value("groupId"), d.value("artifactId"), d.value("version"),
			d.value("type"), d.value("classifier"), d.value("scope"))
	}
}

// activeProfiles returns the profiles that are active wherever the project is
// built: because a property is not set that nobody sets, or if there are none
// of these, by default. All others depend on the machine and the command line.
// Source: Maven, "Introduction to Build Profiles"; PropertyProfileActivator.
func activeProfiles(root *xmlNode) []*xmlNode {
	list := root.child("profiles")
	if list == nil {
		return nil
	}
	var byDefault, active []*xmlNode
	for _, n := range list.children {
		activation := n.child("activation")
		if activation == nil || n.name != "profile" {
			continue
		}
		property := activation.child("property")
		name, value := property.value("name"), property.value("value")
		// With a value, that of the property is compared and no more.
		unset := value == "" && strings.HasPrefix(name, "!") || name != "" && strings.HasPrefix(value, "!")
		switch {
		case unset && onlyProperty(activation):
			active = append(active, n)
		case activation.value("activeByDefault") == "true":
			byDefault = append(byDefault, n)
		}
	}
	if len(active) > 0 {
		return active
	}
	return byDefault
}

// onlyProperty tells whether a profile depends on nothing but a property. All
// that an activation states must be met.
func onlyProperty(activation *xmlNode) bool {
	for _, c := range activation.children {
		if c.name != "property" && c.name != "activeByDefault" {
			return false
		}
	}
	return true
}
