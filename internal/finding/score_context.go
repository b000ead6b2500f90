package finding

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
)

// A contextual score is a CVSS vector with values that fit one resource. Base
// metrics are lowered, never raised, and only by what is known; doc/score.md has
// the whole formula and the reasons for it.

// Reach tells from where connections can be opened to a resource.
type Reach string

// The reaches, the widest first.
const (
	ReachUnknown    Reach = ""
	ReachInternet   Reach = "internet"
	ReachRestricted Reach = "restricted" // from the Internet, but only from few or trusted addresses
	ReachInternal   Reach = "internal"   // from connected networks only: peered ones, VPNs, transit
	ReachNone       Reach = "none"       // from nowhere outside its own network
	ReachLocal      Reach = "local"      // nothing listens on it, and its own filter drops what comes in
)

// unlikely is the EPSS score below which an exploit is not expected. The model
// gives most vulnerabilities less.
const unlikely = 0.01

// Unproven tells whether no exploit of a vulnerability is known or expected, by
// what CISA and EPSS say of it; false if one of them says nothing. News of them
// changes a score only if this changes.
func Unproven(epss *advisory.EPSS, kev *advisory.KEV, exploitation string) bool {
	return kev == nil && exploitation == "none" && epss != nil && epss.Score < unlikely
}

// Context is what is known of a vulnerability and of the resource that has it.
// The zero Context is that nothing is, and adjusts nothing.
type Context struct {
	Unproven bool           // no exploit is known or expected
	EPSS     *advisory.EPSS // for the words only; nil if unknown
	Reach    Reach
	Usage    inventory.Usage // of the packages together
	Client   bool            // the packages open connections rather than take them
}

// Adjustable tells whether scores of findings of a resource are adjusted. Only
// those of machines are: what is known of an image or a function is not of the
// places where it runs.
// Source: Amazon Inspector User Guide, "Understanding the Amazon Inspector
// score".
func Adjustable(t resource.Type) bool { return t == resource.Instance || t == resource.AzureInstance }

// Rescore adjusts the score of a finding to its resource: to the exploits that
// are known, to whether its packages are in use, and to the reach. It begins at
// the base score, so that it can be called again whenever one of them changes,
// and leaves the severity as it is.
func (f *Finding) Rescore(reach Reach) {
	f.Score = f.Score.Base()
	if !Adjustable(f.Resource.Type) {
		return
	}
	f.Score = Contextual(f.Score, Context{
		Unproven: Unproven(f.EPSS, f.KEV, f.Exploitation), EPSS: f.EPSS, Reach: reach,
		Usage: usageOf(f.Packages), Client: clients(f.Packages),
	})
}

// Base returns the score before it was adjusted.
func (s Score) Base() Score {
	if s.BaseVector == "" || len(s.Reasons) == 0 {
		return s
	}
	s.Vector, s.BaseVector = s.BaseVector, ""
	s.Value, s.Reasons = s.Reasons[0].Delta, s.Reasons[:1:1]
	return s
}

// Adjustments returns the reasons why a score is not the base score, in the
// order in which they were applied; none if it is.
func (s Score) Adjustments() []Reason {
	if s.BaseVector == "" || len(s.Reasons) == 0 {
		return nil
	}
	return s.Reasons[1:]
}

// Contextual returns a base score adjusted to what is known. The result is at
// most the base score, and what follows from its own vector. A score that has
// no vector stays as it is.
func Contextual(base Score, in Context) Score {
	if base.Vector == "" || base.Value == 0 || len(base.Reasons) == 0 {
		return base
	}
	out := base
	out.Reasons = slices.Clone(base.Reasons)
	var set []cvss.Metric
	for _, a := range adjustments(base, in) {
		set = append(set, a.Metric)
		vector, score, err := cvss.With(base.Vector, set...)
		if err != nil {
			return base // it was read when it was rated
		}
		score = min(math.Round(score*10)/10, out.Value)
		out.Reasons = append(out.Reasons, Reason{Metric: a.name, Text: a.why, Delta: math.Round((score-out.Value)*10) / 10})
		out.Value, out.Vector, out.BaseVector = score, vector, base.Vector
	}
	return out
}

// An adjustment is another value of a metric.
type adjustment struct {
	cvss.Metric
	name, why string
}

// adjustments returns what is known that lowers a metric of a score.
func adjustments(s Score, in Context) []adjustment {
	var out []adjustment
	vector := cvss.Value(s.Vector, "AV")
	complexity := cvss.Value(s.Vector, "AC")
	remote := (vector == "N" || vector == "A") && !in.Client && alone(s)
	if to, why := nearest(in.Reach); to != "" && remote && vector == "N" && in.Usage != inventory.Loaded {
		name := "Attack Vector"
		if s.Version == "2.0" {
			name = "Access Vector"
		}
		out = append(out, adjustment{cvss.Metric{Name: "AV", Value: to}, name, why})
	}
	if in.Usage == inventory.Idle && remote && complexity != "H" {
		name := "Attack Complexity"
		if s.Version == "2.0" {
			name = "Access Complexity"
		}
		out = append(out, adjustment{
			cvss.Metric{Name: "AC", Value: "H"},
			name,
			"no process had the package open when the host was last read: an attack must wait until something starts it",
		})
	}
	// A publisher that states the maturity itself has looked closer.
	if stated := cvss.Value(s.Vector, "E"); in.Unproven && (stated == "" || stated == "U") {
		out = append(out, adjustment{cvss.Metric{Name: "E", Value: "U"}, maturityNames[s.Version], unprovenText(in.EPSS)})
	}
	return out
}

// maturityNames is what the versions of CVSS call the metric E.
var maturityNames = map[string]string{
	"2.0": "Exploitability", "3.0": "Exploit Code Maturity", "3.1": "Exploit Code Maturity", "4.0": "Exploit Maturity",
}

// alone tells whether an attack needs nobody but the attacker: not somebody who
// opens a file or follows a link. CVSS 2 says so by a low complexity at most.
// Source: NVD, "CVSS v2.0 incomplete data", on victims who must take part.
func alone(s Score) bool {
	if s.Version == "2.0" {
		return cvss.Value(s.Vector, "AC") == "L"
	}
	return cvss.Value(s.Vector, "UI") == "N"
}

// nearest returns the value of the metric AV that is left by a reach, and why;
// nothing if all are.
func nearest(r Reach) (value, why string) {
	switch r {
	case ReachInternal:
		return "A", "the host can be reached from connected networks only, not from the Internet"
	case ReachNone:
		return "A", "no open path leads to the host from outside its own network"
	case ReachLocal:
		return "L", "no open path leads to the host, nothing listens on it, and its own filter drops what comes in"
	}
	return "", ""
}

// unprovenText says why no exploit is expected.
func unprovenText(e *advisory.EPSS) string {
	text := "CISA knows of no exploit"
	if e == nil {
		return text
	}
	text += ", and EPSS puts exploitation within 30 days at " + strconv.FormatFloat(round(e.Score*100), 'f', -1, 64) + "%"
	if !e.Date.IsZero() {
		text += " (" + e.Date.UTC().Format(time.DateOnly) + ")"
	}
	return text
}

// round keeps three decimals: one in a hundred thousand.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }

// usageOf returns the usage of several packages together: that of the one most
// exposed, and unknown if nothing runs as far as is known but not all is known.
func usageOf(list []Package) inventory.Usage {
	idle := len(list) > 0
	out := inventory.Usage("")
	for i := range list {
		p := &list[i].Package
		switch {
		case p.Usage == inventory.Listening:
			return inventory.Listening
		case p.Usage == inventory.Loaded:
			out = inventory.Loaded
		case p.Usage != inventory.Idle || !visible(p):
			idle = false
		}
	}
	if out == "" && idle {
		return inventory.Idle
	}
	return out
}

// visible tells whether a package that runs can be seen to run. A kernel has no
// file open that a process shows, and interpreters close what they have read.
func visible(p *inventory.Package) bool {
	for _, name := range []string{p.Name, p.SourceName} {
		if name == "linux" || name == "kernel" || strings.HasPrefix(name, "linux-") || strings.HasPrefix(name, "kernel-") {
			return false
		}
	}
	return ecosystem.System(p.Type) || p.Evidence == inventory.Binary
}

// callers are programs and libraries that open connections and take none.
// Whether somebody can reach a host says nothing of what they fetch, and those
// that run for a moment now and then do not show up among its processes.
var callers = []string{
	"apk-tools", "apt", "libapt-pkg", "chromium", "curl", "libcurl", "dnf", "libdnf", "firefox", "firefox-esr", "git",
	"openssh-client", "openssh-clients", "thunderbird", "wget", "yum",
}

// clients tells whether all packages of a finding open connections and take none.
func clients(list []Package) bool {
	for i := range list {
		p := &list[i].Package
		if !ecosystem.System(p.Type) || !slices.ContainsFunc(callers, func(name string) bool { return named(p.Name, name) }) {
			return false
		}
	}
	return len(list) > 0
}

// named tells whether a package is that of a program: distributions append a
// version, as in libcurl4, or offer it with less in it.
func named(pkg, program string) bool {
	rest, ok := strings.CutPrefix(pkg, program)
	return ok && (rest == "" || rest == "-minimal" || '0' <= rest[0] && rest[0] <= '9')
}
