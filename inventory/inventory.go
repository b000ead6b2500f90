// Package inventory has the nouns of what a target holds: its operating
// system, its packages, and what could not be read.
package inventory

import (
	"cmp"
	"slices"
	"strings"
)

// Inventory is what one artifact holds. It is a value: the same artifact gives
// the same Inventory, byte for byte.
type Inventory struct {
	OS       OS        `json:"os,omitzero"`
	Packages []Package `json:"packages,omitempty"` // sorted by Compare
	Problems []Problem `json:"problems,omitempty"` // sorted by path, then reason
	Issues   []Issue   `json:"issues,omitempty"`   // sorted by path, line, then rule
}

// OS is the operating system as os-release names it; the zero OS is none.
// Source: os-release(5), systemd.
type OS struct {
	ID        string   `json:"id,omitempty"`        // lower case: debian, alpine, almalinux
	VersionID string   `json:"versionId,omitempty"` // 12, 3.18.4, 9.4
	Codename  string   `json:"codename,omitempty"`  // bookworm
	Name      string   `json:"name,omitempty"`      // the PRETTY_NAME
	Like      []string `json:"like,omitempty"`      // ID_LIKE, nearest first
	CPE       string   `json:"cpe,omitempty"`
	// Kernel is the release of the kernel that runs, as uname -r prints it; empty
	// for what does not run.
	Kernel string `json:"kernel,omitempty"`
	// Pro tells that the host is attached to Ubuntu Pro, whose repairs it gets.
	Pro bool `json:"pro,omitempty"`
}

// Package is one installed piece of software at one version at one place. The
// same package at two paths is two values.
type Package struct {
	Type string `json:"type"` // purl type: deb, rpm, apk, npm, pypi, gem, maven, golang, cargo, composer, nuget
	// Name is the full name as the ecosystem's advisories spell it: openssl,
	// @babel/core, org.apache.logging.log4j:log4j-core, github.com/pkg/errors,
	// symfony/http-foundation.
	Name string `json:"name"`
	// Version is the whole version as the ecosystem orders it, as found: deb and
	// rpm with the epoch when the database states one, and with the release
	// (1:2.3-4). Empty if the package states none.
	Version string `json:"version,omitempty"`
	Arch    string `json:"arch,omitempty"` // as the database spells it: amd64, x86_64, noarch

	SourceName    string `json:"sourceName,omitempty"`    // deb Source, apk origin, rpm source name; empty if none is known
	SourceVersion string `json:"sourceVersion,omitempty"` // whole version of the source package; empty if none is known
	Module        string `json:"module,omitempty"`        // rpm modularity label as name:stream
	Vendor        string `json:"vendor,omitempty"`        // who built an rpm, in its own words: Red Hat, Inc.; empty if not known

	// Path is the file that the package was read from, relative to the root of
	// the artifact, with slashes; a file inside an archive follows "!/":
	// opt/app.war!/WEB-INF/lib/x.jar. Empty only for packages of an SBOM.
	Path  string `json:"path,omitempty"`
	Layer string `json:"layer,omitempty"` // digest of the layer that brought it (sha256:…); empty outside images
	// OwnedBy is the name of the operating system package that installed Path;
	// empty if none did.
	OwnedBy  string   `json:"ownedBy,omitempty"`
	Evidence Evidence `json:"evidence,omitempty"`
	Scope    Scope    `json:"scope,omitempty"`
	Hash     string   `json:"hash,omitempty"` // algorithm:hex of the package file, such as sha1:…; empty if not computed
	PURL     string   `json:"purl,omitempty"` // as an SBOM gave it; empty for packages read from files, see OS.PURL
	// Usage is whether running processes had the package open when the host was
	// read. It says nothing of what the package is: packages that differ in it
	// alone are the same package.
	Usage Usage `json:"usage,omitempty"`
	// Symbols are the functions of a module in a Go program. Like Usage it says
	// nothing of what the package is, and matches come without it.
	Symbols Symbols `json:"symbols,omitempty"`
}

// Evidence is the kind of place where a package was found, strongest first.
type Evidence string

// The kinds of evidence.
const (
	Database Evidence = "database" // a package manager's database
	Manifest Evidence = "manifest" // the package's own metadata as installed
	Lockfile Evidence = "lockfile" // a resolved list of dependencies
	Binary   Evidence = "binary"   // build information in an executable
	Filename Evidence = "filename" // the name of a file only
	SBOM     Evidence = "sbom"     // somebody else's list
)

// Scope is what a package is there for; empty if not known.
type Scope string

// The scopes.
const (
	Runtime Scope = "runtime"
	Dev     Scope = "dev"
	Test    Scope = "test"
)

// Usage is what running processes do with a package; empty if not known, as for
// everything that does not run: images, directories, SBOMs.
type Usage string

// The usages, the most exposed first.
const (
	Listening Usage = "listening" // a process that has it open listens on the network
	Loaded    Usage = "loaded"    // a running process has it open
	Idle      Usage = "idle"      // all processes of the host were read and none has it open
)

// rank orders usages, the most exposed first and the unknown last.
func (u Usage) rank() int {
	switch u {
	case Listening:
		return 0
	case Loaded:
		return 1
	case Idle:
		return 2
	}
	return 3
}

// Problem is something that could not be read, so that the inventory may lack
// packages.
type Problem struct {
	Path   string `json:"path,omitempty"`  // empty if the whole artifact or layer is meant
	Layer  string `json:"layer,omitempty"` // empty outside images
	Reason string `json:"reason"`          // what went wrong, for people
}

// Issue is a place in a Dockerfile, or in the history that a build left in an
// image, that breaks a rule.
type Issue struct {
	Path  string `json:"path,omitempty"` // of the Dockerfile; empty for the history of an image
	Rule  string `json:"rule"`           // IN-DOCKER-001
	First int    `json:"first"`          // line, from 1; of a history, the step
	Last  int    `json:"last"`           // included
}

// Compare orders packages by type, name, version, architecture, path, and then
// by all other fields, so that a sorted list is the same on every run. Usage
// comes late: of packages that differ in it alone, the one in use is first.
func Compare(a, b Package) int { return compare(&a, &b) }

// compare looks at few fields where few tell packages apart: lists are long.
func compare(a, b *Package) int {
	if a.Type != b.Type {
		return strings.Compare(a.Type, b.Type)
	}
	if c := strings.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	if c := strings.Compare(a.Version, b.Version); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.Arch, b.Arch),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Layer, b.Layer),
		cmp.Compare(a.Scope, b.Scope),
		cmp.Compare(a.PURL, b.PURL),
		cmp.Compare(a.SourceName, b.SourceName),
		cmp.Compare(a.SourceVersion, b.SourceVersion),
		cmp.Compare(a.Module, b.Module),
		cmp.Compare(a.Vendor, b.Vendor),
		cmp.Compare(a.OwnedBy, b.OwnedBy),
		cmp.Compare(a.Evidence, b.Evidence),
		cmp.Compare(a.Hash, b.Hash),
		cmp.Compare(a.Usage.rank(), b.Usage.rank()),
		cmp.Compare(a.Symbols, b.Symbols),
	)
}

// same tells whether two packages are one, whatever their usage and symbols.
func same(a, b Package) bool {
	a.Usage, b.Usage = "", ""
	return a.Bare() == b.Bare()
}

// Bare returns the package without its symbols, as matches have it.
func (p Package) Bare() Package {
	p.Symbols = ""
	return p
}

// sorted returns packages in their order without repetitions, as a new slice
// unless they are so already. Packages are large: it moves each once.
func sorted(pkgs []Package) []Package {
	if slices.IsSortedFunc(pkgs, Compare) {
		return slices.CompactFunc(pkgs, same)
	}
	order := make([]*Package, len(pkgs))
	for i := range pkgs {
		order[i] = &pkgs[i]
	}
	slices.SortFunc(order, compare)
	out := make([]Package, 0, len(pkgs))
	for i, p := range order {
		if i == 0 || !same(*p, *order[i-1]) {
			out = append(out, *p)
		}
	}
	return out
}

// Sort puts packages and problems in their order and drops repetitions. A
// package that stands there in two usages stays in the one most exposed.
func (inv *Inventory) Sort() {
	inv.Packages = sorted(inv.Packages)
	slices.SortFunc(inv.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.Reason, b.Reason))
	})
	inv.Problems = slices.Compact(inv.Problems)
	slices.SortFunc(inv.Issues, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.First, b.First), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Last, b.Last))
	})
	inv.Issues = slices.Compact(inv.Issues)
}
