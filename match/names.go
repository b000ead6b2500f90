package match

import (
	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/inventory"
)

// Name is the name of a package where advisories state something about it.
type Name struct {
	advisory.Ecosystem
	Name string // in the ecosystem's normal spelling; empty: the ecosystem as a whole
}

// Ecosystem returns where packages of a type are known on an operating system.
func Ecosystem(os inventory.OS, typ string) advisory.Ecosystem {
	if ecosystem.System(typ) {
		return osEcosystem(os, typ)
	}
	return advisory.Ecosystem{Type: typ}
}

// Names returns the names under which a package of an ecosystem is looked up:
// one, or two where its source has another. Without Options.Upstream, its
// matches depend on what is stated under them and on nothing else, not even on
// the other packages of its inventory.
func Names(e advisory.Ecosystem, p *inventory.Package) []Name {
	out := []Name{{e, ecosystem.NormalName(e.Type, p.Name)}}
	if ecosystem.System(p.Type) {
		name, _, _ := sourceOf(p)
		if n := (Name{e, ecosystem.NormalName(e.Type, name)}); n != out[0] {
			out = append(out, n)
		}
	}
	return out
}
