package match

import (
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// enterprise has the distributions of the family of Red Hat Enterprise Linux,
// with how the vendors of their own packages begin.
// Source: the packages of the distributions.
var enterprise = map[string][]string{
	"almalinux": {"AlmaLinux"},
	"amzn":      {"Amazon"},
	"ol":        {"Oracle"},
	"rhel":      {"Red Hat", "CentOS"},
	"rocky":     {"Rocky"},
}

// epelVendor is the vendor of packages of EPEL, which are added to distributions
// of that family. It has none that a distribution has, so that what the
// distribution says of such a name is about something else.
// Source: EPEL documentation, "Policy", "EPEL packages should only enhance".
const epelVendor = "Fedora Project"

// Reasons for which packages of others than the distribution are not assessed.
const (
	noEPEL       = "the database has no advisories of EPEL for this release"
	foreignBuild = "not built for the distribution itself, whose advisories say nothing of it"
)

// builderOf returns who built a package, or for which product, if it is not one
// of the distribution itself; empty if it is, or if nothing tells.
func builderOf(e advisory.Ecosystem, p *inventory.Package) string {
	vendors := enterprise[e.Distro]
	if vendors == nil || p.Type != "rpm" {
		return ""
	}
	own := p.Vendor == ""
	for _, v := range vendors {
		own = own || strings.HasPrefix(p.Vendor, v)
	}
	switch {
	case !own:
		return p.Vendor
	case e.Distro == "rhel":
		return productMark(p.Version)
	}
	return ""
}

// productMark returns the mark of a product of Red Hat beside RHEL, or of a special
// interest group of CentOS, in the release of a package: el9ost of OpenStack,
// el8sat of Satellite, rhaos4 of OpenShift, jbcs of JBoss Core Services. That of
// RHEL itself ends after the number, or goes on with a minor release: el8_6. The
// letter of el7a is that of its edition for other machines.
// Source: Fedora Packaging Guidelines, "DistTag"; the packages of the products.
func productMark(version string) string {
	release := version[strings.LastIndexByte(version, '-')+1:]
	for part := range strings.SplitSeq(release, ".") {
		if strings.HasPrefix(part, "rhaos") || part == "jbcs" {
			return part
		}
		rest, ok := strings.CutPrefix(part, "el")
		mark := strings.TrimLeft(rest, "0123456789")
		if ok && mark != rest && mark != "" && mark != "a" && mark[0] >= 'a' && mark[0] <= 'z' {
			return part
		}
	}
	return ""
}

// epelOf returns where the packages are known that EPEL adds to a distribution.
// Of Amazon Linux, whose releases are its own, the second and the first were
// served by that for RHEL 7 and 6.
// Source: AWS, "How do I enable the EPEL repository for my Amazon EC2 instance?".
func epelOf(e advisory.Ecosystem) advisory.Ecosystem {
	release := e.Release
	if e.Distro == "amzn" {
		release = map[string]string{"2018": "6", "2": "7"}[release]
	}
	return advisory.Ecosystem{Type: e.Type, Distro: "epel", Release: release}
}

// besideEnterprise returns where else packages of that family are known. The
// extras and the software collections of RHEL 6 and 7 have names of their own,
// so that all packages may be asked for.
// Source: Red Hat, "Red Hat Software Collections Product Life Cycle"; "Extras
// Product Life Cycle".
func besideEnterprise(e advisory.Ecosystem) []another {
	if enterprise[e.Distro] == nil || e.Type != "rpm" {
		return nil
	}
	var out []another
	if at := epelOf(e); at.Release != "" {
		out = append(out, another{at, func(p *inventory.Package) bool { return p.Vendor == epelVendor }})
	}
	if e.Distro == "rhel" && (e.Release == "6" || e.Release == "7") {
		for _, product := range [...]string{"rhel_extras:" + e.Release, "rhel_software_collections:3"} {
			out = append(out, another{advisory.Ecosystem{Type: e.Type, Distro: e.Distro, Release: product}, anyPackage})
		}
	}
	return out
}
