// Package finding turns matches into findings: one vulnerability of one
// resource with an identity, a score with its reasons, and what can be done.
package finding

import (
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Finding is one vulnerability of one resource, with all packages of the
// resource that have it.
type Finding struct {
	ARN           string // arn:aws:inspector2:REGION:ACCOUNT:finding/ and 32 hexadecimal digits made of the resource and the vulnerability
	Resource      resource.Resource
	Vulnerability string   // CVE-…, or the publisher's id
	Aliases       []string // sorted
	Kind          advisory.Kind
	Title         string   // CVE-2099-0001 - libexample, libother; at most 1,024 characters
	Summary       string   // what is wrong, in one line of at most 200 characters; may be empty
	Description   string   // at most 1,024 characters
	Severity      Severity // by the score before it was adjusted to the resource
	Score         Score
	Scores        []advisory.Severity // every rating known, the one that counts first
	CWEs          []string            // sorted
	References    []string            // web addresses, sorted, without repetition
	Source        string              // whose statement it is, in Amazon's words: NVD, DEBIAN_CVE, GITHUB…
	SourceURL     string
	VendorLabel   string    // the publisher's own word for the severity, lower case; may be empty
	Published     time.Time // zero if unknown
	Modified      time.Time
	Related       []string // the other ids of what is known of it: notices, advisories, aliases; sorted
	Packages      []Package
	Fix           Fix
	EPSS          *advisory.EPSS
	KEV           *advisory.KEV
	Exploitation  string // none, poc, active; empty if not rated
	Observed      time.Time
	Confidence    match.Confidence // the best of its packages
}

// Package is one affected package of a finding.
type Package struct {
	inventory.Package
	Fixed       string // version that closes the finding here; empty if none is known
	Remediation string // a command that is safe to paste into a shell, or an instruction; empty if there is none
	Match       match.Match
	LambdaLayer string `json:",omitempty"` // ARN of the layer of a function that brought it; empty if it is not known
}

// Severity is the band of a score.
type Severity string

// The severities, in Amazon's words.
const (
	Informational Severity = "INFORMATIONAL"
	Low           Severity = "LOW"
	Medium        Severity = "MEDIUM"
	High          Severity = "HIGH"
	Critical      Severity = "CRITICAL"
	Untriaged     Severity = "UNTRIAGED" // nobody has given a score yet
)

// Score is a number from 0 to 10 and how it came about: what somebody rates the
// vulnerability, adjusted to the resource. Base is the score before that.
type Score struct {
	Value   float64  // 0 to 10, one decimal; 0 and an empty Source if nobody gave a number
	Version string   // of CVSS; empty if the score comes from a word
	Vector  string   // that the value follows from; empty if from a word
	Source  string   // whose rating: NVD, CISA-ADP, GHSA…
	Reasons []Reason // in the order in which they were applied; never empty

	// BaseVector is the vector as Source states it; empty if nothing was
	// adjusted, so that it is Vector.
	BaseVector string `json:",omitempty"`
}

// Reason is one step of a score.
type Reason struct {
	Metric string  // "Base score", or what was adjusted
	Text   string  // for people
	Delta  float64 // what it added; the base score itself for the first
}

// Fix tells whether an upgrade closes a finding.
type Fix string

// The values of Fix, in Amazon's words.
const (
	FixYes     Fix = "YES"
	FixNo      Fix = "NO"
	FixPartial Fix = "PARTIAL" // for some of its packages only
)
