package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// applies tells whether a statement is about this build of a package at all:
// its architecture and, of an rpm, its module stream. version is the one that
// belongs to the name in question. guessed says that one side does not name
// its stream.
func applies(st *advisory.Statement, p *inventory.Package, version string) (ok, guessed bool) {
	if len(st.Arches) > 0 && p.Arch != "" && p.Arch != "noarch" && p.Arch != "all" && !slices.Contains(st.Arches, p.Arch) {
		return false, false
	}
	if p.Type != "rpm" {
		return true, false
	}
	// A package of a module and one that is not are different branches, even
	// if their versions could be compared. Where a side does not name its
	// module, the release string shows whether there is one.
	if rebuilt(version) != rebuiltEnd(st) {
		return false, false
	}
	modular := st.Module != "" || modularRanges(st)
	if modular != isModular(p) {
		return false, false
	}
	if !modular {
		return true, false
	}
	name, stream, _ := strings.Cut(st.Module, ":")
	if stream != "" && p.Module != "" {
		return st.Module == p.Module, false
	}
	if own, s, _ := strings.Cut(p.Module, ":"); own != "" {
		if name != "" && name != own {
			return false, false
		}
		stream = s
	}
	ok = !otherStream(st, stream, version)
	return ok, ok
}

// rebuilds are marks in the releases of packages that are a branch beside the
// distribution's own: their epoch is above its, so that all versions of the one
// come after those of the other.
// Source: Oracle Linux, "Ksplice User's Guide", section "Userspace patching";
// Oracle's OVAL definitions, "is ksplice-based" and "is fips-based" criteria.
var rebuilds = [...]string{".ksplice", "_fips"}

// rebuilt returns the mark of a rebuild in a version; empty if it has none.
func rebuilt(version string) string {
	for _, mark := range rebuilds {
		if strings.Contains(version, mark) {
			return mark
		}
	}
	return ""
}

// rebuiltEnd returns the mark of the first end that a statement names.
func rebuiltEnd(st *advisory.Statement) string {
	for i := range st.Ranges {
		if end := cmp.Or(st.Ranges[i].Fixed, st.Ranges[i].LastAffected); end != "" {
			return rebuilt(end)
		}
	}
	return ""
}

// isModular tells whether an rpm comes from a module. CentOS and AlmaLinux
// write it into the release even where the label is missing.
// Source: Fedora, "Modularity", "Building modules", dist tag.
func isModular(p *inventory.Package) bool {
	return p.Module != "" || strings.Contains(p.Version, ".module")
}

func modularRanges(st *advisory.Statement) bool {
	for i := range st.Ranges {
		if r := &st.Ranges[i]; strings.Contains(r.Fixed, ".module") || strings.Contains(r.LastAffected, ".module") {
			return true
		}
	}
	return false
}

// otherStream tells whether a version is of another stream than the ends of a
// statement's ranges. A stream that is called by a number, such as nodejs:18,
// keeps to one major version; one such as virt:rhel goes on from one to the
// next, and nothing can be told.
// Source: Red Hat, "Application Streams", "Module streams".
func otherStream(st *advisory.Statement, stream, version string) bool {
	if stream == "" || stream[0] < '0' || stream[0] > '9' {
		return false
	}
	return otherMajor(st, version)
}

// firstNumber returns the digits with which a version begins, without epoch.
func firstNumber(version string) string {
	_, version = cutEpoch(version)
	for i := range len(version) {
		if version[i] < '0' || version[i] > '9' {
			return version[:i]
		}
	}
	return version
}

// cutEpoch splits the epoch from an rpm's version; it is empty if the version
// states none.
// Source: rpm documentation, "Dependencies", section "Versioning".
func cutEpoch(version string) (epoch, rest string) {
	for i := range len(version) {
		switch c := version[i]; {
		case c == ':' && i > 0:
			return version[:i], version[i+1:]
		case c < '0' || c > '9':
			return "", version
		}
	}
	return "", version
}

// sourceOf returns the source package that a package was built from. A
// package without a source name is its own source: dpkg and apk leave the
// field out where both are the same. noEpoch says that the epoch of the source
// package of an rpm is not known.
// Source: deb-control(5), "Source"; Alpine wiki, "Apk spec", field o.
func sourceOf(p *inventory.Package) (name, version string, noEpoch bool) {
	name, version = cmp.Or(p.SourceName, p.Name), cmp.Or(p.SourceVersion, p.Version)
	if p.Type == "deb" && strings.HasPrefix(name, signedKernel) {
		return unsigned(name), p.Version, false
	}
	if p.Type != "rpm" || version == p.Version {
		return name, version, false
	}
	// An rpm names its source by a file, and no name of a file has the epoch.
	// Packages of the same version share it; one with a version of its own,
	// such as perl-Errno of perl, does not tell it.
	// Source: rpm, docs/manual/tags.md, SOURCERPM.
	if epoch, _ := cutEpoch(version); epoch != "" {
		return name, version, false
	}
	if _, own := cutEpoch(p.Version); own == version {
		return name, p.Version, false
	}
	return name, version, true
}

// neverEpoch has the distributions whose advisories never state an epoch,
// though some of their packages have one. Elsewhere an epoch that is not
// stated is 0.
// Sources: Microsoft, AzureLinuxVulnerabilityData: "0:" in all 2,252 versions;
// VMware, Photon OVAL: "0:" in all 1,556 versions, and none in its JSON.
var neverEpoch = map[string]bool{"azurelinux": true, "photon": true}
