package match

import (
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// A platform says under which distribution and release the packages of an
// operating system are known. Derived systems with advisories of their own
// have a row of their own and never fall back.
type platform struct {
	typ     string
	distro  string
	release func(os inventory.OS) string
	only    func(os inventory.OS) bool // which systems of that ID are meant; nil for all
}

// platforms is keyed by the ID of os-release in lower case. Distributions and
// releases are written as ecosystem.FromOSV writes them.
var platforms = map[string]platform{
	"debian":              {typ: "deb", distro: "debian", release: major},
	"raspbian":            {typ: "deb", distro: "debian", release: major}, // rebuilt for another processor, versions as in Debian
	"ubuntu":              {typ: "deb", distro: "ubuntu", release: exact},
	"alpine":              {typ: "apk", distro: "alpine", release: minor},
	"wolfi":               {typ: "apk", distro: "wolfi", release: rolling},
	"chainguard":          {typ: "apk", distro: "chainguard", release: rolling},
	"minimos":             {typ: "apk", distro: "minimos", release: rolling},
	"almalinux":           {typ: "rpm", distro: "almalinux", release: major},
	"rocky":               {typ: "rpm", distro: "rocky", release: major},
	"ol":                  {typ: "rpm", distro: "ol", release: major},
	"rhel":                {typ: "rpm", distro: "rhel", release: major},
	"amzn":                {typ: "rpm", distro: "amzn", release: major},
	"fedora":              {typ: "rpm", distro: "fedora", release: exact},
	"photon":              {typ: "rpm", distro: "photon", release: exact},
	"azurelinux":          {typ: "rpm", distro: "azurelinux", release: major},
	"mariner":             {typ: "rpm", distro: "azurelinux", release: major}, // the name until release 2
	"sles":                {typ: "rpm", distro: "sles", release: exact},
	"sles_sap":            {typ: "rpm", distro: "sles", release: exact}, // the server with more packages
	"sled":                {typ: "rpm", distro: "sles", release: exact}, // packages of the same repositories
	"opensuse-leap":       {typ: "rpm", distro: "opensuse-leap", release: exact},
	"opensuse-tumbleweed": {typ: "rpm", distro: "opensuse-tumbleweed", release: rolling},
	"openeuler":           {typ: "rpm", distro: "openEuler", release: servicePack},
	"mageia":              {typ: "rpm", distro: "mageia", release: exact},
	"bottlerocket":        {typ: "rpm", distro: "bottlerocket", release: rolling}, // its advisories name versions of packages, and no release
	"arch":                {typ: "alpm", distro: "arch", release: rolling},
	"centos":              {typ: "rpm", distro: "rhel", release: major, only: isCentOSLinux},
}

func exact(os inventory.OS) string { return os.VersionID }
func rolling(inventory.OS) string  { return "" }
func major(os inventory.OS) string { v, _, _ := strings.Cut(os.VersionID, "."); return v }

// minor also takes the builds of Alpine's next release: 3.21.0_alpha20240807.
func minor(os inventory.OS) string {
	first, rest, ok := strings.Cut(os.VersionID, ".")
	if !ok {
		return os.VersionID
	}
	second, _, _ := strings.Cut(rest, ".")
	return os.VersionID[:len(first)+1+len(second)]
}

// servicePack adds to the version what openEuler states in the name alone:
// "openEuler 22.03 (LTS-SP3)" is release 22.03-LTS-SP3 of its advisories.
// Source: OSV schema, "Defined ecosystems", openEuler.
func servicePack(os inventory.OS) string {
	_, rest, _ := strings.Cut(os.Name, "(")
	if pack, _, ok := strings.Cut(rest, ")"); ok && strings.HasPrefix(pack, "LTS") {
		return os.VersionID + "-" + pack
	}
	return os.VersionID
}

// isCentOSLinux tells CentOS Linux, whose releases to the last, 8, were
// rebuilt from RHEL package by package, from CentOS Stream, which has the same
// ID and runs ahead of RHEL.
// Source: CentOS project, "Comparing CentOS Linux and CentOS Stream".
func isCentOSLinux(os inventory.OS) bool {
	switch major(os) {
	case "5", "6", "7", "8":
		return !strings.Contains(os.Name, "Stream")
	}
	return false
}

// osEcosystem returns where packages of type typ are known on the operating
// system. An unknown system keeps its own name, and so is never taken for
// another.
func osEcosystem(os inventory.OS, typ string) advisory.Ecosystem {
	p, ok := platforms[os.ID]
	if !ok || p.typ != typ || p.only != nil && !p.only(os) {
		return advisory.Ecosystem{Type: typ, Distro: os.ID, Release: os.VersionID}
	}
	return advisory.Ecosystem{Type: p.typ, Distro: p.distro, Release: p.release(os)}
}
