package extract

import (
	"slices"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// reference is a package that a project asks for.
type reference struct {
	name     string
	versions []string // as stated, one for each condition that may hold
	override string
	scope    inventory.Scope
}

// references are the packages that a project asks for, and the versions of
// central package management.
type references struct {
	central map[string][]string   // versions by name in lower case
	asked   map[string]*reference // by name in lower case
	order   []string
}

// take applies an item whose condition holds or may hold.
func (r *references) take(item msbuildItem, name string, when answer, version func(string) string) {
	x := item.Values
	key := strings.ToLower(name)
	if item.Kind == msbuildVersion {
		r.central[key] = changed(r.central[key], x[0], version(x[2]), when)
		return
	}
	a := r.asked[key]
	switch {
	case x[0] == "Remove" && when == yes:
		delete(r.asked, key)
		return
	case x[0] == "Remove" || x[0] == "Update" && a == nil:
		return
	case a == nil:
		a = &reference{name: name, scope: inventory.Runtime}
		if x[4] != "" {
			a.scope = inventory.Dev
		}
		r.asked[key] = a
		r.order = append(r.order, key)
	}
	if x[2] != "" {
		a.versions = changed(a.versions, x[0], version(x[2]), when)
	}
	if x[3] != "" {
		a.override = version(x[3])
	}
}

// packages returns the packages that the items ask for, in order.
func (e *evaluation) packages() []inventory.Package {
	r := references{central: map[string][]string{}, asked: map[string]*reference{}}
	for _, item := range e.items {
		if e.tree.steps++; e.tree.steps > maxMSBuildSteps {
			break
		}
		x := item.Values
		name, ok := e.expand(item.file, x[1])
		when := e.condition(item.file, x[len(x)-1])
		if ok && name != "" && when != no {
			r.take(item, name, when, func(s string) string {
				v, _ := e.expand(item.file, s)
				return nugetExact(v)
			})
		}
	}
	managed := strings.EqualFold(e.properties["managepackageversionscentrally"], "true")
	var out []inventory.Package
	for _, key := range r.order {
		a := r.asked[key]
		if a == nil {
			continue // removed
		}
		delete(r.asked, key)
		versions := a.versions
		switch {
		case managed && a.override != "":
			versions = []string{a.override}
		case managed && len(versions) == 0:
			versions = r.central[key]
		}
		if len(versions) == 0 {
			versions = []string{""}
		}
		for _, v := range versions {
			out = append(out, inventory.Package{Name: a.name, Version: v, Scope: a.scope})
		}
	}
	return out
}

// changed returns the versions of a package after an item. One that only may
// apply leaves the others.
func changed(versions []string, operation, version string, when answer) []string {
	switch {
	case operation == "Remove" && when == yes:
		return nil
	case operation == "Remove" || slices.Contains(versions, version) && when == maybe:
		return versions
	case when == yes:
		return []string{version}
	}
	return append(slices.Clip(versions), version)
}
