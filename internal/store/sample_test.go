package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// start is when the tests begin.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// image is the resource of an account with a number.
func image(account org.Account, n int) resource.Resource {
	id := fmt.Sprintf("arn:aws:ecr:eu-central-1:%s:repository/shop/sha256:%064x", account, n)
	return resource.Resource{
		Type: resource.Image, ID: id, Name: "shop", Account: account.String(), Region: "eu-central-1",
		Platform: "DEBIAN_12", Arch: "amd64", Tags: []string{"v1"}, Digest: fmt.Sprintf("sha256:%064x", n),
		Created: "2026-02-01T00:00:00Z",
	}
}

// sampleLayers is how many layers the packages of samples are in.
const sampleLayers = 40

// vulnerability returns the finding of the n-th vulnerability, with as much in
// it as a real one has. It is the same at every call.
func vulnerability(n int) finding.Finding {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	id := fmt.Sprintf("CVE-2099-%05d", n)
	score := float64(r.IntN(101)) / 10
	name := fmt.Sprintf("libexample%d", n%500)
	pkg := inventory.Package{
		Type: "deb", Name: name, Version: fmt.Sprintf("1.%d-2", n%7), Arch: "amd64", SourceName: "example",
		Path: "var/lib/dpkg/status", Layer: fmt.Sprintf("sha256:%064x", n%sampleLayers), Evidence: inventory.Database,
	}
	m := match.Match{
		Package: pkg, Vulnerability: id, Kind: advisory.Vulnerability, Fixed: "1.9-1", Confidence: match.High,
		Why: []match.Why{{
			Source: "osv", Advisory: "DEBIAN-" + id, Ecosystem: "deb:debian:12", Name: "example", NameKind: "source",
			Version: pkg.Version, Range: "< 1.9-1", Fixed: "1.9-1", Kind: advisory.Vulnerability,
		}},
	}
	f := finding.Finding{
		Vulnerability: id, Kind: advisory.Vulnerability, Title: id + " - " + name,
		Description: strings.Repeat(fmt.Sprintf("A flaw of number %d in a part of the library. ", n), 4+r.IntN(8)),
		Severity:    finding.Band(score), Source: "DEBIAN_CVE",
		SourceURL: "https://security-tracker.debian.org/tracker/" + id, VendorLabel: "not yet assigned",
		Score: finding.Score{
			Value: score, Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:L", Source: "NVD",
			Reasons: []finding.Reason{{Metric: "Base score", Text: "as NVD rates it", Delta: score}},
		},
		Scores: []advisory.Severity{{
			Source: "NVD", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:L", Score: score,
		}},
		CWEs:       []string{"CWE-787"},
		References: []string{"https://example.org/" + id, "https://nvd.nist.gov/vuln/detail/" + id},
		Published:  start.AddDate(0, 0, -30), Modified: start.AddDate(0, 0, -n%30), Related: []string{"DSA-0000-1"},
		Packages:   []finding.Package{{Package: pkg, Fixed: "1.9-1", Remediation: "apt-get update && apt-get upgrade", Match: m}},
		Fix:        finding.FixYes,
		EPSS:       &advisory.EPSS{Score: r.Float64(), Percentile: 0.5, Date: start.AddDate(0, 0, -1), Model: "v1"},
		Confidence: match.High,
	}
	if n%11 == 0 {
		f.Fix, f.Packages[0].Fixed = finding.FixNo, ""
	}
	return f
}

// vulnerabilities returns some of the first of so many vulnerabilities.
func vulnerabilities(r *rand.Rand, some, of int) []finding.Finding {
	var out []finding.Finding
	for _, n := range r.Perm(of)[:some] {
		out = append(out, vulnerability(n))
	}
	return out
}

// stored is how a finding comes back from the store that was put in at a time.
func stored(res resource.Resource, f finding.Finding, at time.Time) Finding {
	f.ARN, f.Resource, f.Observed = finding.ARN(res, f.Vulnerability), res, at
	return Finding{Finding: f, Type: PackageFinding, Status: Active, First: at, Updated: at}
}

// inOrder sorts findings by vulnerability and resource.
func inOrder(list []Finding) []Finding {
	slices.SortFunc(list, func(a, b Finding) int { return strings.Compare(a.Vulnerability+a.ARN, b.Vulnerability+b.ARN) })
	return list
}
