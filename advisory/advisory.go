// Package advisory has the nouns of what is known about vulnerabilities: what
// publishers state about packages, and what others add to a CVE. OSV 1.7 is
// the pivot: what OSV can say is kept in OSV's meaning; the rest is a typed
// extension.
package advisory

import (
	"cmp"
	"strings"
	"time"
)

// Advisory is one publisher's statement that versions of packages have a
// vulnerability. (Source, ID, Release) is its key: an ID alone is not unique,
// since AlmaLinux reuses an id in two releases with different content.
type Advisory struct {
	Source  string // the feed: osv, debian-dsa, alpine-secdb
	ID      string // as published: PYSEC-2021-66, DSA-5380-1
	Release string // the distribution release where the publisher reuses ids; else empty

	Aliases  []string // other names of the same flaw
	Related  []string // near, but not the same
	Upstream []string // the flaws that a notice repairs, usually CVEs

	Kind       Kind
	Summary    string // one line
	Details    string // text, possibly Markdown
	Published  time.Time
	Modified   time.Time
	Withdrawn  time.Time // zero unless withdrawn; a withdrawn advisory never matches
	CWEs       []string  // CWE-79
	References []Reference
	Severities []Severity
	Affected   []Affected
}

// Kind is what sort of statement an advisory makes.
type Kind string

// The kinds of advisory. Only Vulnerability and Notice count as
// vulnerabilities, and Malware as the gravest of them.
const (
	Vulnerability Kind = "vulnerability"
	Notice        Kind = "notice"  // a vendor's update that repairs several flaws: ALSA, RHSA, DSA
	Malware       Kind = "malware" // the package itself is the attack
	Unmaintained  Kind = "unmaintained"
	Unsupported   Kind = "end-of-life"   // the maker repairs this release no more
	Informational Kind = "informational" // unsound code and the like
)

// Reference is a web address that tells more.
type Reference struct {
	Type string // OSV's word: ADVISORY, FIX, WEB; may be empty
	URL  string
}

// Severity is one party's rating of a flaw: a CVSS vector, a word, or both.
type Severity struct {
	Source  string  // who says so: NVD, CISA-ADP, GHSA, or the publisher's name
	Version string  // of CVSS: 2.0, 3.0, 3.1, 4.0; empty if Vector is
	Vector  string  // as published; empty if there is only a word
	Score   float64 // base score from 0 to 10; 0 also if unknown
	Label   string  // the publisher's word, lower case; may be empty
}

// Ecosystem is where a package name has its meaning: a purl type and, for
// operating system packages, the distribution and its release.
type Ecosystem struct {
	Type    string // deb
	Distro  string // debian; empty for language packages
	Release string // 12; empty for language packages and rolling distributions
}

// String returns the parts joined by colons, empty ones at the end left out.
func (e Ecosystem) String() string {
	return strings.TrimRight(e.Type+":"+e.Distro+":"+e.Release, ":")
}

// Compare orders ecosystems by type, distribution and release, as text.
func (e Ecosystem) Compare(o Ecosystem) int {
	return cmp.Or(cmp.Compare(e.Type, o.Type), cmp.Compare(e.Distro, o.Distro), cmp.Compare(e.Release, o.Release))
}

// Affected says which versions of one package an advisory is about. A version
// is affected if it is one of Versions OR lies in one of Ranges, and State is
// not NotAffected. With neither ranges nor versions all versions are affected.
type Affected struct {
	Ecosystem
	Name     string   // as published, in the ecosystem's own spelling
	NameKind NameKind // which of a package's names Name is
	Module   string   // rpm module name:stream; empty if not modular
	Arches   []string // architectures it is limited to; empty for all
	// Repo is the repository or product it is limited to: a topic of Amazon
	// Linux 2 Extras, the CPE of a repository of Red Hat; empty for all.
	Repo string
	// Platforms are the operating systems of which it needs one, as vendor and
	// product of their CPE ("microsoft:windows"); empty for any.
	Platforms []string
	Ranges    []Range  // sorted by the order of the versions, not overlapping
	Versions  []string // sorted as text
	State     State
	Urgency   string   // the publisher's word for this package, lower case; may be empty
	Symbols   []string // vulnerable functions as import path and symbol; empty if not stated
	// Skipped counts ranges that have no order of versions (GIT). When it is
	// not zero and nothing else is stated, the package cannot be assessed.
	Skipped int
}

// NameKind tells which name of an operating system package an advisory means.
type NameKind uint8

// The kinds of name.
const (
	BinaryName NameKind = iota // the installed package; also every language package
	SourceName                 // the source package that it was built from
)

// State is the publisher's position on a package.
type State string

// The states. The empty State means: affected within the ranges, and repaired
// where a range ends.
const (
	Stated             State = ""
	NotAffected        State = "not-affected"
	WillNotFix         State = "will-not-fix"
	FixDeferred        State = "fix-deferred"
	EndOfLife          State = "end-of-life"
	UnderInvestigation State = "under-investigation"
	// FixNeedsPro is what matching makes of a repair that only Ubuntu Pro has,
	// on a system that is not attached to it. No publisher states it.
	FixNeedsPro State = "fix-needs-pro"
)

// Range is an interval of versions. Fixed and LastAffected are never both set;
// with neither, the range has no upper end.
type Range struct {
	Introduced   string // first version inside; empty for the beginning of time
	After        bool   // Introduced itself is outside: an exclusive lower end
	Fixed        string // first version past the end
	LastAffected string // last version inside
}

// String returns the range as people write it: >= 1.0, < 1.2.
func (r Range) String() string {
	var parts []string
	switch {
	case r.Introduced != "" && r.After:
		parts = append(parts, "> "+r.Introduced)
	case r.Introduced != "":
		parts = append(parts, ">= "+r.Introduced)
	}
	switch {
	case r.Fixed != "":
		parts = append(parts, "< "+r.Fixed)
	case r.LastAffected != "":
		parts = append(parts, "<= "+r.LastAffected)
	}
	if len(parts) == 0 {
		return "all versions"
	}
	return strings.Join(parts, ", ")
}

// Ref names an advisory inside one opened database. It means nothing outside.
type Ref uint32

// Head is what lists show of an advisory, at hand without its details.
type Head struct {
	Source, ID, Release string // the key, see Advisory
	Kind                Kind
	Label               string  // the publisher's word for the severity; may be empty
	Score               float64 // CVSS base score; 0 if unknown
	Published, Modified time.Time
	Withdrawn           bool
}

// Statement is what one advisory says of one package name: all that deciding
// needs, with its ranges ready to compare. The slices belong to the database
// and are valid until the iteration goes on.
type Statement struct {
	Ref       Ref
	Kind      Kind
	NameKind  NameKind
	State     State
	Module    string
	Arches    []string
	Repo      string   // see Affected
	Platforms []string // see Affected
	Versions  []string
	Ranges    []KeyRange
	Skipped   int // see Affected
	// Groups are the flaws meant: one for a vulnerability, one for each CVE of
	// a notice. Names of the same flaw share a group.
	Groups []Group
}

// Group names a set of aliases inside one opened database.
type Group uint32

// KeyRange is a Range with the order-preserving keys of its ends, as
// ecosystem.AppendKey makes them. A key is nil where the end is open, where
// the ecosystem has no keys, and where the end is no version (see Bad).
type KeyRange struct {
	Range
	IntroducedKey []byte
	EndKey        []byte // of Fixed or LastAffected
	Bad           bool   // an end has no order, or comes before the beginning: it decides nothing
}

// Flaw is one vulnerability under all of its names.
type Flaw struct {
	ID      string   // the CVE if there is one, else the GHSA, else the first other name
	Aliases []string // the other names, sorted
}

// Enrichment is what others than the publisher of an advisory say of a CVE.
// It changes daily and never changes whether something matches.
type Enrichment struct {
	CVE         string
	Title       string
	Description string
	Published   time.Time
	Modified    time.Time
	Severities  []Severity
	CWEs        []string
	References  []Reference
	KEV         *KEV
	EPSS        *EPSS
	// Exploits are those that are published, sorted by source, then id.
	Exploits []Exploit
	// Exploitation is CISA's SSVC decision point: none, poc or active; empty if
	// not rated.
	Exploitation string
}

// Exploit is published code that makes use of a flaw.
type Exploit struct {
	Source    string    // who publishes it: exploit-db, metasploit
	ID        string    // as published: 50592, exploit/multi/http/log4shell_header_injection
	URL       string    // may be empty
	Published time.Time // zero if not stated
}

// KEV is an entry of CISA's catalogue of known exploited vulnerabilities.
type KEV struct {
	Added      time.Time
	Due        time.Time
	Ransomware bool // known to be used in ransomware campaigns
}

// EPSS is the estimated probability that a CVE is exploited within 30 days.
// Source: FIRST, Exploit Prediction Scoring System.
type EPSS struct {
	Score      float64 // 0 to 1
	Percentile float64 // 0 to 1
	Date       time.Time
	Model      string // version of the model, such as v2025.03.14
}

// Feed describes one source of a database.
type Feed struct {
	Name     string    // osv, debian-dsa, kev
	File     string    // base name of the file it was read from
	Digest   string    // sha256:hex of that file
	Modified time.Time // date of the newest record; zero if the records have none
	Read     int       // records read
	Stored   int       // records kept
	Rejected int       // records that could not be used, each with its reason in the build report
}
