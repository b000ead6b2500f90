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

// Types of packages that are looked up in their own way.
const (
	genericType  = "generic"
	cpeType      = "cpe"
	bitnamiType  = "bitnami"
	platformType = "platform"
)

// proPrefix begins the releases of Ubuntu whose repairs need Ubuntu Pro.
const proPrefix = "Pro:"

// Ecosystem returns where packages of a type are known on an operating system
// in the first place. See Ecosystems.
func Ecosystem(os inventory.OS, typ string) advisory.Ecosystem {
	if ecosystem.System(typ) {
		return osEcosystem(os, typ)
	}
	return advisory.Ecosystem{Type: typ}
}

// Ecosystems returns all in which packages of an ecosystem are looked up, e
// itself first. Packages of Ubuntu are also known where repairs need Ubuntu Pro,
// and software without a package manager by its CPE and in Bitnami's catalogue.
func Ecosystems(e advisory.Ecosystem) []advisory.Ecosystem {
	return append([]advisory.Ecosystem{e}, others(e)...)
}

func others(e advisory.Ecosystem) []advisory.Ecosystem {
	switch {
	case e.Type == genericType:
		return []advisory.Ecosystem{{Type: cpeType}, {Type: bitnamiType}}
	case e.Type == "deb" && e.Distro == "ubuntu" && e.Release != "":
		return []advisory.Ecosystem{{Type: e.Type, Distro: e.Distro, Release: proPrefix + e.Release}}
	}
	return nil
}

// Names returns the names under which a package of an ecosystem is looked up,
// each with where. Without Options.Upstream, its matches depend on what is
// stated under them, on Setting and on nothing else, not even on the other
// packages of its inventory.
func Names(e advisory.Ecosystem, p *inventory.Package) []Name {
	out := []Name{{e, ecosystem.NormalName(e.Type, p.Name)}}
	switch {
	case p.Type == genericType:
		cpes, bitnami, _ := ecosystem.Software(p.Name)
		for _, c := range cpes {
			out = append(out, Name{advisory.Ecosystem{Type: cpeType}, ecosystem.NormalName(cpeType, c)})
		}
		if bitnami != "" {
			out = append(out, Name{advisory.Ecosystem{Type: bitnamiType}, ecosystem.NormalName(bitnamiType, bitnami)})
		}
	case ecosystem.System(p.Type):
		name, _, _ := sourceOf(p)
		source := ecosystem.NormalName(e.Type, name)
		if source != out[0].Name {
			out = append(out, Name{e, source})
		}
		for _, other := range others(e) {
			out = append(out, Name{other, out[0].Name})
			if source != out[0].Name {
				out = append(out, Name{other, source})
			}
		}
	}
	return out
}

// Platform returns the name under which an operating system itself is looked
// up; false for none.
func Platform(os inventory.OS) (Name, bool) {
	return Name{advisory.Ecosystem{Type: platformType}, ecosystem.NormalName(platformType, os.ID)}, os.ID != ""
}

// Setting names what of an operating system the matches of packages of one
// ecosystem depend on, besides the ecosystem: packages in equal settings have
// equal matches.
func Setting(os inventory.OS, e advisory.Ecosystem) string {
	switch {
	case e.Type == genericType:
		return os.ID + " " + os.CPE // what they run on
	case ecosystem.System(e.Type):
		out := os.Kernel
		if os.Pro {
			out += " pro"
		}
		return out
	}
	return ""
}
