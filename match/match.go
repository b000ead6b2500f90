// Package match decides which advisories apply to which packages. It is a pure
// function of an inventory and a set of advisories, and every answer explains
// itself.
package match

import (
	"iter"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// Advisories is where matching looks up what is known of a package.
type Advisories interface {
	// Covers tells whether anything at all is known of the ecosystem: if not,
	// silence about its packages means nothing.
	Covers(e advisory.Ecosystem) bool
	// Lookup yields the statements about the package of that name. A statement
	// is valid until the iteration goes on.
	Lookup(e advisory.Ecosystem, name string) iter.Seq2[*advisory.Statement, error]
	// Flaw returns the vulnerability that a statement's group means.
	Flaw(g advisory.Group) advisory.Flaw
	// Head returns the advisory that made a statement.
	Head(r advisory.Ref) (advisory.Head, error)
	// Symbols returns the functions in which an advisory says that the flaw of a
	// package is; none if it does not say so of all that it says of the package.
	Symbols(r advisory.Ref, e advisory.Ecosystem, name string) ([]string, error)
}

// Options say how to match. The zero value is right for most.
type Options struct {
	// Upstream keeps matches of language packages that a package of the
	// distribution installed and the distribution says nothing about. Their
	// confidence is Low.
	Upstream bool
	// Part says that the packages are a part of an inventory: the operating
	// system, which is matched once for the whole, is left out.
	Part bool
}

// Result is what is known of the packages of one inventory.
type Result struct {
	Matches []Match `json:"matches"` // sorted by package, then vulnerability
	Notes   []Note  `json:"notes,omitempty"`
}

// Match is one vulnerability of one package. A vulnerability that several
// advisories state under its several names is one match.
type Match struct {
	Package       inventory.Package `json:"package"`           // without its symbols
	Vulnerability string            `json:"vulnerability"`     // the CVE if there is one
	Aliases       []string          `json:"aliases,omitempty"` // its other names, sorted
	Kind          advisory.Kind     `json:"kind"`
	// Fixed is the lowest version that closes the match on the package's own
	// branch, by the word of every publisher that names one; empty if none does.
	Fixed      string         `json:"fixed,omitempty"`
	State      advisory.State `json:"state,omitempty"` // why no fix is to be expected, or what it needs; empty if there is one
	Confidence Confidence     `json:"confidence"`
	// Unsure says why the versions could not be compared; the package may or
	// may not be affected. Empty if they could.
	Unsure string `json:"unsure,omitempty"`
	Why    []Why  `json:"why"` // at least one, strongest first

	Group advisory.Group `json:"-"` // of the database that was asked
}

// Confidence tells how sure a match is.
type Confidence string

// The levels of confidence.
const (
	High   Confidence = "high"
	Medium Confidence = "medium" // the package was recognised by weak evidence, or the module stream or repository of an rpm is guessed
	Low    Confidence = "low"    // upstream's word on a distribution's package, versions that cannot be compared, or a program without the vulnerable functions
)

// Why explains a match by one advisory.
type Why struct {
	Source    string        `json:"source"`   // the feed
	Advisory  string        `json:"advisory"` // its id
	Release   string        `json:"release,omitempty"`
	Ecosystem string        `json:"ecosystem"` // where the name was looked up: deb:debian:12
	Name      string        `json:"name"`      // the name that was looked up
	NameKind  string        `json:"nameKind"`  // binary or source
	Version   string        `json:"version"`   // the version that was compared
	Range     string        `json:"range"`     // the range or list that holds it: ">= 1.0, < 1.2" or "listed"
	Fixed     string        `json:"fixed,omitempty"`
	Kind      advisory.Kind `json:"kind"`
	// Linked says which of the functions that the advisory names are in the
	// program, or that none is; empty if that is not known.
	Linked string       `json:"linked,omitempty"`
	Ref    advisory.Ref `json:"-"` // of the database that was asked
}

// Note says that packages could not be judged. It is never a vulnerability,
// and never silence.
type Note struct {
	Kind    NoteKind `json:"kind"`
	Subject string   `json:"subject"` // the ecosystem or package: deb:debian:13, npm/left-pad
	Reason  string   `json:"reason"`
	Count   int      `json:"count"` // packages concerned; of UpstreamOnly and KernelOnly, flaws
}

// NoteKind is what stood in the way.
type NoteKind string

// The kinds of note.
const (
	UnsupportedPlatform NoteKind = "unsupported-platform" // no data for this distribution or release
	NoData              NoteKind = "no-data"              // no data for this language or kind of software
	Unassessed          NoteKind = "unassessed"           // something is stated, but there is no version, or one that cannot be ordered
	// UpstreamOnly counts matches that only upstream's advisories make on files
	// which a package of the distribution installed. The distribution repairs
	// such software without changing its version, so they are not reported
	// unless Options.Upstream is set.
	UpstreamOnly NoteKind = "upstream-only"
	// KernelOnly counts flaws of a kernel's source in packages that have none of
	// the kernel's code: headers, tools, documentation. They are those of the
	// kernel's own package, where one is installed; a container that has only
	// headers runs on the kernel of its host.
	KernelOnly NoteKind = "kernel-only"
)
