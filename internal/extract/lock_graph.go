package extract

import "github.com/assay-project/assay/inventory"

// Limits of what is kept of a graph of dependencies. A lock file of 100 MB has
// some 400,000 packages with four dependencies each.
const (
	maxGraphNodes = 2 * maxPackages
	maxGraphEdges = 8 << 20
)

// lockGraph is who needs whom, for lock files that tell only of the project
// itself which dependencies are for development. The zero graph is empty.
type lockGraph struct {
	ids   map[string]int32
	edges [][]int32
	count int // of edges
	// runtime and dev are what the project itself needs.
	runtime, dev []int32
	full         bool // there was more than the limits allow: nothing is known
}

// id returns the number of a node, which is made if it is new.
func (g *lockGraph) id(name string) int32 {
	if id, ok := g.ids[name]; ok {
		return id
	}
	if len(g.edges) >= maxGraphNodes {
		g.full = true
		return 0
	}
	if g.ids == nil {
		g.ids = make(map[string]int32)
	}
	id := int32(len(g.edges)) //nolint:gosec // below maxGraphNodes
	g.ids[name] = id
	g.edges = append(g.edges, nil)
	return id
}

// need records that the node from needs the node to.
func (g *lockGraph) need(from, to string) {
	if g.count++; g.count > maxGraphEdges {
		g.full = true
		return
	}
	a, b := g.id(from), g.id(to)
	if !g.full {
		g.edges[a] = append(g.edges[a], b)
	}
}

// root records that the project itself needs a node.
func (g *lockGraph) root(name string, scope inventory.Scope) {
	if g.count++; g.count > maxGraphEdges {
		g.full = true
		return
	}
	if scope == inventory.Dev {
		g.dev = append(g.dev, g.id(name))
	} else {
		g.runtime = append(g.runtime, g.id(name))
	}
}

// scopes returns a function that tells the scope of a node: Runtime if
// something that runs needs it, Dev if only development does, and nothing if
// nobody does.
func (g *lockGraph) scopes() func(name string) inventory.Scope {
	if g.full {
		return func(string) inventory.Scope { return "" }
	}
	scopes := make([]inventory.Scope, len(g.edges))
	g.reach(scopes, g.runtime, inventory.Runtime)
	g.reach(scopes, g.dev, inventory.Dev)
	return func(name string) inventory.Scope {
		if id, ok := g.ids[name]; ok {
			return scopes[id]
		}
		return ""
	}
}

// reach sets the scope of all that the roots need and that has none yet.
func (g *lockGraph) reach(scopes []inventory.Scope, roots []int32, scope inventory.Scope) {
	todo := append([]int32(nil), roots...)
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if scopes[n] != "" {
			continue
		}
		scopes[n] = scope
		todo = append(todo, g.edges[n]...)
	}
}

// widen makes the scope of a package the wider one of two: what runs for one
// reason and is only for development for another, runs.
func widen(p *inventory.Package, scope inventory.Scope) {
	if p.Scope == "" || scope == inventory.Runtime {
		p.Scope = scope
	}
}
