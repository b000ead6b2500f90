package finding

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/match"
)

func TestBand(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		score float64
		want  Severity
	}{
		{0, Informational},
		{0.1, Low},
		{3.9, Low},
		{4, Medium},
		{6.9, Medium},
		{7, High},
		{8.9, High},
		{9, Critical},
		{10, Critical},
	} {
		if got := Band(tt.score); got != tt.want {
			t.Errorf("Band(%v) = %s, want %s", tt.score, got, tt.want)
		}
	}
}

func TestAtLeast(t *testing.T) {
	t.Parallel()
	order := []Severity{Untriaged, Informational, Low, Medium, High, Critical}
	for i, a := range order {
		for j, b := range order {
			if got := a.AtLeast(b); got != (i >= j) {
				t.Errorf("%s.AtLeast(%s) = %v", a, b, got)
			}
		}
	}
}

// Vectors with their base scores, as the calculators of FIRST give them.
const (
	v2Medium   = "AV:N/AC:M/Au:N/C:N/I:P/A:N"                                      // 4.3
	v2High     = "AV:N/AC:L/Au:N/C:C/I:C/A:C"                                      // 10.0
	v30High    = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"                    // 7.5
	v31Low     = "CVSS:3.1/AV:N/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"                    // 2.0
	v31Medium  = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"                    // 6.1
	v31High    = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"                    // 7.8
	v31Crit    = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"                    // 9.8
	v31Nothing = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N"                    // 0.0
	v40High    = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N" // 8.7
)

func by(source, vector string) advisory.Severity {
	return advisory.Severity{Source: source, Vector: vector}
}

func word(source, label string) advisory.Severity {
	return advisory.Severity{Source: source, Label: label}
}

func TestScore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		distro   advisory.Ecosystem // of the package; npm if none
		advisory []advisory.Severity
		record   []advisory.Severity // of the CVE
		urgency  string
		kind     advisory.Kind
		want     string // severity, score, version, source
		label    string
		text     string // of the first reason; not looked at if empty
	}{
		{name: "nobody", want: "UNTRIAGED 0  ", text: "nobody has rated it yet"},
		{name: "2.0", record: []advisory.Severity{by("NVD", v2Medium)}, want: "MEDIUM 4.3 2.0 NVD", text: "CVSS 2.0 base score by NVD"},
		{name: "2.0 in parentheses", record: []advisory.Severity{by("NVD", "("+v2High+")")}, want: "CRITICAL 10 2.0 NVD"},
		{name: "3.0", record: []advisory.Severity{by("NVD", v30High)}, want: "HIGH 7.5 3.0 NVD"},
		{name: "3.1", record: []advisory.Severity{by("NVD", v31Crit)}, want: "CRITICAL 9.8 3.1 NVD"},
		{name: "4.0 alone", advisory: []advisory.Severity{by("GHSA", v40High)}, want: "HIGH 8.7 4.0 GHSA", text: "CVSS 4.0 base score by GHSA"},
		{name: "low", record: []advisory.Severity{by("NVD", v31Low)}, want: "LOW 2 3.1 NVD"},
		{name: "3.1 before 3.0 of the same", record: []advisory.Severity{by("NVD", v30High), by("NVD", v31Medium)}, want: "MEDIUM 6.1 3.1 NVD"},
		{name: "3.0 before 2.0 of the same", record: []advisory.Severity{by("NVD", v2High), by("NVD", v30High)}, want: "HIGH 7.5 3.0 NVD"},
		{name: "2.0 before 4.0", record: []advisory.Severity{by("NVD", v40High), by("NVD", v2Medium)}, want: "MEDIUM 4.3 2.0 NVD"},
		{name: "3.1 of GitHub before 2.0 of the distribution", distro: debian11, advisory: []advisory.Severity{by("Debian", v2High)}, record: []advisory.Severity{by("NVD", v31Low)}, want: "LOW 2 3.1 NVD"},

		{name: "vendor before assigner", distro: debian11, advisory: []advisory.Severity{by("Debian", v31Low)}, record: []advisory.Severity{by("redhat", v31Crit), by("NVD", v31High)}, want: "LOW 2 3.1 Debian"},
		{name: "3.0 of the vendor before 3.1 of NVD", distro: debian11, advisory: []advisory.Severity{by("Debian", v30High)}, record: []advisory.Severity{by("NVD", v31Crit)}, want: "HIGH 7.5 3.0 Debian"},
		{name: "assigner before NVD", record: []advisory.Severity{by("NVD", v31Crit), by("redhat", v31Medium)}, want: "MEDIUM 6.1 3.1 redhat"},
		{name: "GitHub as assigner", advisory: []advisory.Severity{by("GHSA", v31Crit)}, record: []advisory.Severity{by("NVD", v31High), by("GitHub_M", v31Medium)}, want: "MEDIUM 6.1 3.1 GitHub_M"},
		{name: "NVD before CISA", record: []advisory.Severity{by("CISA-ADP", v31Crit), by("NVD", v31Medium)}, want: "MEDIUM 6.1 3.1 NVD"},
		{name: "CISA before GitHub", advisory: []advisory.Severity{by("GHSA", v31Crit)}, record: []advisory.Severity{by("CISA-ADP", v31Medium)}, want: "MEDIUM 6.1 3.1 CISA-ADP"},
		{name: "GitHub alone", advisory: []advisory.Severity{{Source: "GHSA", Vector: v31Medium, Label: "moderate"}}, want: "MEDIUM 6.1 3.1 GHSA", label: "moderate"},
		{name: "the higher of one party's two", record: []advisory.Severity{by("NVD", v31High), by("NVD", v31Crit)}, want: "CRITICAL 9.8 3.1 NVD"},

		{name: "nothing is informational", record: []advisory.Severity{by("NVD", v31Nothing)}, want: "INFORMATIONAL 0 3.1 NVD", text: "CVSS 3.1 base score by NVD"},
		{name: "a stated score that is wrong", record: []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: v31Medium, Score: 9.9}}, want: "MEDIUM 6.1 3.1 NVD"},
		{name: "a score without a vector", record: []advisory.Severity{{Source: "NVD", Score: 5.54}}, want: "MEDIUM 5.5  NVD", text: "score stated by NVD"},
		{name: "a vector that cannot be read", record: []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: "CVSS:3.1/AV:X", Score: 7.2}}, want: "HIGH 7.2  NVD"},
		{name: "a vector that cannot be read, and no score", record: []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: "CVSS:3.1/AV:X"}}, want: "UNTRIAGED 0  "},
		{name: "a score that is none", record: []advisory.Severity{{Source: "NVD", Score: 11}, {Source: "x", Score: -1}, {Source: "y", Score: math.NaN()}}, want: "UNTRIAGED 0  "},

		{name: "a word of the vendor", distro: debian11, urgency: "high", want: "HIGH 0  ", label: "high", text: "it is rated high and nobody gives a score"},
		{name: "a word that says nothing", distro: debian11, urgency: "not yet assigned", want: "UNTRIAGED 0  "},
		{name: "a word that nobody knows", advisory: []advisory.Severity{word("GHSA", "spooky")}, want: "UNTRIAGED 0  ", label: "spooky"},
		{name: "a word that makes it unimportant", distro: debian11, urgency: "unimportant", want: "INFORMATIONAL 0  ", label: "unimportant"},
		{name: "a score before a word", distro: debian11, urgency: "low", record: []advisory.Severity{by("NVD", v31Crit)}, want: "CRITICAL 9.8 3.1 NVD", label: "low"},
		{name: "the graver of two words", advisory: []advisory.Severity{word("GHSA", "low"), word("GHSA", "critical")}, want: "CRITICAL 0  ", label: "critical"},
		{name: "a word of the assigner", record: []advisory.Severity{word("redhat", "moderate")}, want: "MEDIUM 0  "},

		{name: "a notice rates itself", distro: debian11, kind: advisory.Notice, advisory: []advisory.Severity{{Source: "Debian", Version: "3.1", Vector: v31Crit, Label: "important"}}, want: "HIGH 0  ", label: "important"},
		{name: "a notice beside a score", distro: debian11, kind: advisory.Notice, advisory: []advisory.Severity{{Source: "Debian", Vector: v31Crit, Label: "important"}}, record: []advisory.Severity{by("NVD", v31Low)}, want: "LOW 2 3.1 NVD", label: "important"},

		{name: "Ubuntu goes by its word", distro: ubuntu, advisory: []advisory.Severity{by("Ubuntu", v31Crit), word("Ubuntu", "medium")}, record: []advisory.Severity{by("NVD", v31Crit)}, want: "MEDIUM 0  ", label: "medium", text: "Ubuntu rates it medium"},
		{name: "Ubuntu without a word", distro: ubuntu, advisory: []advisory.Severity{word("Ubuntu", "untriaged")}, record: []advisory.Severity{by("NVD", v31High)}, want: "HIGH 7.8 3.1 NVD"},
		{name: "malware", kind: advisory.Malware, record: []advisory.Severity{by("NVD", v31Low)}, want: "CRITICAL 10  Assay", text: "the package itself is malicious"},
		{name: "unmaintained", kind: advisory.Unmaintained, advisory: []advisory.Severity{by("RustSec", v31Crit)}, want: "INFORMATIONAL 0  "},
		{name: "informational", kind: advisory.Informational, want: "INFORMATIONAL 0  ", text: "the advisory informs and states no vulnerability"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := npm
			if tt.distro.Distro != "" {
				e = tt.distro
			}
			a := about(e, "a", "2.0.0", "X-1", "CVE-2099-0001")
			a.Severities, a.Affected[0].Urgency = tt.advisory, tt.urgency
			if tt.kind != "" {
				a.Kind = tt.kind
			}
			f := rated(t, []*advisory.Advisory{a}, tt.record)
			if got := fmt.Sprintf("%s %v %s %s", f.Severity, f.Score.Value, f.Score.Version, f.Score.Source); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if f.VendorLabel != tt.label {
				t.Errorf("the vendor's word is %q, want %q", f.VendorLabel, tt.label)
			}
			if len(f.Score.Reasons) == 0 || tt.text != "" && f.Score.Reasons[0].Text != tt.text {
				t.Errorf("reasons %+v, want %q", f.Score.Reasons, tt.text)
			}
			if (f.Score.Version == "") != (f.Score.Vector == "") {
				t.Errorf("version %q and vector %q", f.Score.Version, f.Score.Vector)
			}
		})
	}
}

// rated returns a finding of the packages that advisories name first, rated by
// them and by the record of the CVE.
func rated(t *testing.T, list []*advisory.Advisory, record []advisory.Severity) Finding {
	t.Helper()
	f := Finding{Kind: list[0].Kind}
	var statements []statement
	for _, a := range list {
		aff := a.Affected[0]
		why := []match.Why{{Ecosystem: aff.String(), Name: aff.Name, Advisory: a.ID}}
		f.Packages = append(f.Packages, Package{Package: pkg(aff.Type, aff.Name, "1.0.0"), Match: match.Match{Why: why}})
		statements = append(statements, statement{a, aff.Distro, why})
	}
	rate(&f, statements, advisory.Enrichment{Severities: record})
	return f
}

// All ratings are kept, the one that counts first, each once and with the
// score of its vector.
func TestScores(t *testing.T) {
	t.Parallel()
	a := about(debian11, "a", "2.0.0", "DEBIAN-CVE-2099-0001", "CVE-2099-0001")
	a.Severities = []advisory.Severity{word("Debian", "low"), by("Debian", v30High)}
	b := about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")
	b.Severities = []advisory.Severity{by("GHSA", v40High), by("GHSA", v31High), by("GHSA", v31High)}
	f := rated(t, []*advisory.Advisory{a, b}, []advisory.Severity{
		by("NVD", v2Medium), by("CISA-ADP", v31Crit), by("NVD", v31Medium), by("redhat", v31Low), {Source: "other"},
	})
	scored := func(source, version, vector string, score float64) advisory.Severity {
		return advisory.Severity{Source: source, Version: version, Vector: vector, Score: score}
	}
	want := []advisory.Severity{
		scored("Debian", "3.0", v30High, 7.5),
		scored("redhat", "3.1", v31Low, 2),
		scored("NVD", "3.1", v31Medium, 6.1),
		scored("CISA-ADP", "3.1", v31Crit, 9.8),
		scored("GHSA", "3.1", v31High, 7.8),
		scored("NVD", "2.0", v2Medium, 4.3),
		scored("GHSA", "4.0", v40High, 8.7),
		word("Debian", "low"),
	}
	if diff := cmp.Diff(want, f.Scores); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	if f.Score.Source != "Debian" || f.Severity != High || f.VendorLabel != "low" {
		t.Errorf("score %+v, %s, %s", f.Score, f.Severity, f.VendorLabel)
	}
}

// A word counts only where the package was matched: not that of another
// release, nor of another package.
func TestUrgency(t *testing.T) {
	t.Parallel()
	a := about(debian11, "a", "2.0.0", "DEBIAN-CVE-2099-0001", "CVE-2099-0001")
	other := a.Affected[0]
	other.Release, other.Urgency = "12", "high"
	neighbour := a.Affected[0]
	neighbour.Name, neighbour.Urgency = "b", "high"
	a.Affected = append(a.Affected, other, neighbour)
	if f := rated(t, []*advisory.Advisory{a}, nil); f.VendorLabel != "" || f.Severity != Untriaged {
		t.Errorf("the word is %q, the severity %s", f.VendorLabel, f.Severity)
	}
	a.Affected[0].Urgency = "low"
	if f := rated(t, []*advisory.Advisory{a}, nil); f.VendorLabel != "low" || f.Severity != Low {
		t.Errorf("the word is %q, the severity %s; want low", f.VendorLabel, f.Severity)
	}
}

// The word of the distribution counts before that of a language's database,
// and Ubuntu's only if all packages are Ubuntu's.
func TestMixedVendors(t *testing.T) {
	t.Parallel()
	a := about(ubuntu, "a", "2.0.0", "UBUNTU-CVE-2099-0001", "CVE-2099-0001")
	a.Severities = []advisory.Severity{word("Ubuntu", "low")}
	b := about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")
	b.Severities = []advisory.Severity{{Source: "GHSA", Vector: v31Crit, Label: "critical"}}
	f := rated(t, []*advisory.Advisory{a, b}, nil)
	if f.VendorLabel != "low" || f.Severity != Critical || f.Score.Source != "GHSA" {
		t.Errorf("word %q, severity %s, score %+v", f.VendorLabel, f.Severity, f.Score)
	}
}
