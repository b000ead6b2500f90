package match

import (
	"strings"

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
// itself first. Packages of Ubuntu are also known where repairs need Ubuntu Pro
// and under the names of its special builds, those of SLES 12 as parts of its
// modules, those that EPEL adds to a distribution there, those of RHEL 6 and 7 as
// parts of their extras and software collections, and software without a package
// manager by its CPE and in Bitnami's catalogue.
func Ecosystems(e advisory.Ecosystem) []advisory.Ecosystem {
	out := []advisory.Ecosystem{e}
	for _, o := range others(e) {
		out = append(out, o.Ecosystem)
	}
	return out
}

// another is where packages of an ecosystem are also known: those that build
// tells. If it is nil all are, and who is known there is known at all.
type another struct {
	advisory.Ecosystem
	build func(p *inventory.Package) bool
}

func others(e advisory.Ecosystem) []another {
	switch {
	case e.Type == genericType:
		return []another{{Ecosystem: advisory.Ecosystem{Type: cpeType}}, {Ecosystem: advisory.Ecosystem{Type: bitnamiType}}}
	case e.Type == "deb" && e.Distro == "ubuntu" && e.Release != "":
		var out []another
		for _, b := range ubuntuBuilds {
			release := strings.Replace(b.release, "RELEASE", e.Release, 1)
			out = append(out, another{advisory.Ecosystem{Type: e.Type, Distro: e.Distro, Release: release}, b.is})
		}
		return out
	case e.Distro == "sles" && major(inventory.OS{VersionID: e.Release}) == "12":
		return []another{{advisory.Ecosystem{Type: e.Type, Distro: e.Distro, Release: suseModules}, anyPackage}}
	}
	return besideEnterprise(e)
}

// suseModules is the release of the modules of SLES 12, which are the same for
// all service packs. Those of later releases are of one service pack.
// Source: SUSE, "Modules and Extensions" of SLES 12, section "Modules".
const suseModules = "Module:12"

func anyPackage(*inventory.Package) bool { return true }

// ecosystemsOf returns those of Ecosystems in which one package is looked up.
func ecosystemsOf(e advisory.Ecosystem, p *inventory.Package) []advisory.Ecosystem {
	out := []advisory.Ecosystem{e}
	for _, o := range others(e) {
		if o.build == nil || o.build(p) {
			out = append(out, o.Ecosystem)
		}
	}
	return out
}

// ubuntuBuilds are the releases beside the plain one of Ubuntu. Special builds
// have versions of their own, which those of the plain release say nothing of:
// 3.0.2-0ubuntu1.fips.3 is above 3.0.2-0ubuntu1.18.
// Source: OSV schema, "Defined ecosystems", Ubuntu; Canonical's OSV data, the
// ecosystems in it.
var ubuntuBuilds = []struct {
	release string
	is      func(p *inventory.Package) bool // nil for all packages
}{
	{proPrefix + "RELEASE", nil},
	{proPrefix + "FIPS:RELEASE", isFIPS},
	{proPrefix + "FIPS-updates:RELEASE", isFIPS},
	{proPrefix + "FIPS-preview:RELEASE", isFIPS},
	{proPrefix + "Realtime:RELEASE", isRealtime},
	{proPrefix + "RELEASE:LTS:Realtime:Kernel", isRealtime},
	{"Nvidia-BlueField:RELEASE", isBlueField},
	{"RELEASE:LTS:for:NVIDIA:BlueField", isBlueField},
}

func isFIPS(p *inventory.Package) bool {
	return strings.Contains(strings.ToLower(p.Version), "fips") || strings.Contains(p.SourceName, "fips")
}

func isRealtime(p *inventory.Package) bool  { return strings.Contains(p.SourceName, "-realtime") }
func isBlueField(p *inventory.Package) bool { return strings.Contains(p.SourceName, "-bluefield") }

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
		for _, other := range ecosystemsOf(e, p)[1:] {
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
