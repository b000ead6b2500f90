package report

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// Digests of the image in the tests; the bytes behind them do not exist.
const (
	manifestDigest = "sha256:5f0c1d3a9a1c1f6f0b8a2e54a7f0e7c1d2b3a4958677685940312213a4b5c6d7"
	configDigest   = "sha256:0a3d6f9c2b5e8174a6d9c2f5b8e1a4d7306f9c2b5e8f1a4d7c0936f2b5e8a1d4"
	baseLayer      = "sha256:8a1e25ce7c4f75e372e9884f8f7b1bedcfe4a7a7d452eb4b0a1c7477c9a90345"
	baseDiff       = "sha256:7292cf786aa89399bf7fb5adfa1fc4a0c7a1f5d8f5e8d8b9d0b2f9b7a6c5d4e3"
	appLayer       = "sha256:3c9d1f6b8e2a4750c6d8f1b3a5e7092c4d6f8b1a3e5c7d9f0b2a4c6e8d1f3b5a"
	appDiff        = "sha256:b1946ac92492d2347c6235b4d2611184e3b0c44298fc1c149afbf4c8996fb924"
)

func date(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	if err != nil {
		panic(err)
	}
	return t
}

// The packages of the image.
var (
	testOS = inventory.OS{
		ID: "debian", VersionID: "12", Codename: "bookworm", Name: "Debian GNU/Linux 12 (bookworm)",
		Like: []string{"linux"}, CPE: "cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*",
	}
	libc = inventory.Package{
		Type: "deb", Name: "libc6", Version: "2.36-9+deb12u1", Arch: "amd64", SourceName: "glibc",
		Path: "var/lib/dpkg/status", Layer: baseLayer, Evidence: inventory.Database,
	}
	libcBin = inventory.Package{
		Type: "deb", Name: "libc-bin", Version: "2.36-9+deb12u1", Arch: "amd64", SourceName: "glibc",
		Path: "var/lib/dpkg/status", Layer: baseLayer, Evidence: inventory.Database,
	}
	libssl = inventory.Package{
		Type: "deb", Name: "libssl3", Version: "3.0.11-1~deb12u1", Arch: "amd64", SourceName: "openssl",
		Path: "var/lib/dpkg/status", Layer: baseLayer, Evidence: inventory.Database,
	}
	perl = inventory.Package{
		Type: "deb", Name: "perl-base", Version: "5.36.0-7+b1", Arch: "amd64", SourceName: "perl", SourceVersion: "5.36.0-7",
		Path: "var/lib/dpkg/status", Layer: baseLayer, Evidence: inventory.Database,
	}
	requests = inventory.Package{
		Type: "pypi", Name: "requests", Version: "2.28.1", Layer: baseLayer, OwnedBy: "python3-requests",
		Path:     "usr/lib/python3/dist-packages/requests-2.28.1.egg-info/PKG-INFO",
		Evidence: inventory.Manifest,
	}
	lodash = inventory.Package{
		Type: "npm", Name: "lodash", Version: "4.17.20", Path: "srv/app/node_modules/lodash/package.json",
		Layer: appLayer, Evidence: inventory.Manifest, Scope: inventory.Runtime,
		Hash: "sha1:b44a9b6297bcb698f1c51a3545a2b3b368d59c52",
	}
	traverse = inventory.Package{
		Type: "npm", Name: "@babel/traverse", Version: "7.22.8", Path: "srv/app/node_modules/@babel/traverse/package.json",
		Layer: appLayer, Evidence: inventory.Manifest, Scope: inventory.Dev,
	}
	versionless = inventory.Package{
		Type: "npm", Name: "left-pad", Path: "srv/app/vendor/left-pad/package.json", Layer: appLayer, Evidence: inventory.Manifest,
	}
	log4j = inventory.Package{
		Type: "maven", Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1",
		Path: "srv/app/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar", Layer: appLayer, Evidence: inventory.Manifest,
		Hash: "sha1:9141212b8507ab50a45525b545b39d224614528b",
	}
	log4jShaded = inventory.Package{
		Type: "maven", Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1",
		Path:  "srv/app/shop.war!/WEB-INF/lib/search-client-all-7.10.2.jar!/META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties",
		Layer: appLayer, Evidence: inventory.Filename,
	}
	flatmap = inventory.Package{
		Type: "npm", Name: "flatmap-stream", Version: "0.1.1", Path: "srv/app/node_modules/flatmap-stream/package.json",
		Layer: appLayer, Evidence: inventory.Manifest,
	}
)

var testResource = resource.Resource{
	Type:    resource.Image,
	ID:      "arn:aws:ecr:eu-central-1:111122223333:repository/shop/api/" + manifestDigest,
	Name:    "registry.example.com/shop/api:1.4.2",
	Account: "111122223333", Region: "eu-central-1", Platform: "DEBIAN_12", Arch: "amd64",
	Tags: []string{"registry.example.com/shop/api:1.4.2"}, Digest: manifestDigest, Created: "2026-06-30T11:22:33.5Z",
}

var testNow = date("2026-08-01T00:00:00Z")

// why returns the explanation of one advisory.
func why(source, id string, kind advisory.Kind, where [4]string, fixed string) match.Why {
	return match.Why{
		Source: source, Advisory: id, Ecosystem: where[0], Name: where[1], NameKind: where[2], Version: where[3],
		Range: "< " + fixed, Fixed: fixed, Kind: kind,
	}
}

// at returns a package of a finding.
func at(p inventory.Package, fixed, remediation string, m match.Match) finding.Package {
	m.Package, m.Fixed = p, fixed
	m.Confidence = cmp.Or(m.Confidence, match.High)
	return finding.Package{Package: p, Fixed: fixed, Remediation: remediation, Match: m}
}

// base is the reason of a score as finding states it.
func base(value float64, vector, source string) finding.Score {
	return finding.Score{
		Value: value, Version: "3.1", Vector: vector, Source: source,
		Reasons: []finding.Reason{{Metric: "Base score", Text: "CVSS 3.1 base score by " + source, Delta: value}},
	}
}

// vectors of the vulnerabilities. Source: NVD and GitHub, which rate them.
const (
	vectorLog4Shell = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"
	vector45046     = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:H/I:H/A:H"
	vector45105     = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H"
	vectorLooney    = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"
	vector5363      = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
	vectorLodash    = "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"
	vectorTraverse  = "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"
)

// osFindings are those of packages of the distribution.
func osFindings() []finding.Finding {
	dsa := func(id, name, version, fixed string) match.Match {
		return match.Match{Why: []match.Why{
			why("debian-dsa", id, advisory.Notice, [4]string{"deb:debian:12", name, "source", version}, fixed),
		}}
	}
	glibc := dsa("DSA-5514-1", "glibc", "2.36-9+deb12u1", "2.36-9+deb12u3")
	return []finding.Finding{
		{
			Vulnerability: "CVE-2023-4911", Kind: advisory.Notice, Title: "CVE-2023-4911 - libc-bin, libc6",
			Summary: "Buffer overflow in the dynamic loader", Description: "Looney Tunables: buffer overflow in the dynamic loader's handling of GLIBC_TUNABLES.",
			Severity: finding.High, Score: base(7.8, vectorLooney, "NVD"),
			Scores: []advisory.Severity{
				{Source: "NVD", Version: "3.1", Vector: vectorLooney, Score: 7.8},
				{Source: "CISA-ADP", Version: "3.1", Vector: vectorLooney, Score: 7.8},
			},
			CWEs: []string{"CWE-122", "CWE-787"}, Source: "DEBIAN_CVE", SourceURL: "https://security-tracker.debian.org/tracker/DSA-5514-1",
			References: []string{"https://security-tracker.debian.org/tracker/DSA-5514-1", "https://www.debian.org/security/2023/dsa-5514"},
			Published:  date("2023-10-03"), Modified: date("2024-01-22T07:30:00.25Z"), Related: []string{"DSA-5514-1"},
			Packages: []finding.Package{
				at(libcBin, "2.36-9+deb12u3", "apt-get update && apt-get install --only-upgrade libc-bin", glibc),
				at(libc, "2.36-9+deb12u3", "apt-get update && apt-get install --only-upgrade libc6", glibc),
			},
			Fix:  finding.FixYes,
			EPSS: &advisory.EPSS{Score: 0.63721, Percentile: 0.98346, Date: date("2025-08-25"), Model: "v2025.03.14"},
			KEV:  &advisory.KEV{Added: date("2023-11-21"), Due: date("2023-12-12")}, Exploitation: "active",
		},
		{
			Vulnerability: "CVE-2023-5363", Kind: advisory.Notice, Title: "CVE-2023-5363 - libssl3",
			Description: "Keys and initialisation vectors of the wrong length in EVP_EncryptInit_ex2 and its like.",
			Severity:    finding.High, Score: base(7.5, vector5363, "NVD"), VendorLabel: "high",
			Scores: []advisory.Severity{
				{Source: "NVD", Version: "3.1", Vector: vector5363, Score: 7.5},
				{Source: "Debian", Label: "high"},
			},
			CWEs: []string{"CWE-684"}, Source: "DEBIAN_CVE", SourceURL: "https://security-tracker.debian.org/tracker/DSA-5532-1",
			References: []string{"https://security-tracker.debian.org/tracker/DSA-5532-1"},
			Published:  date("2023-10-24"), Related: []string{"DSA-5532-1"},
			Packages: []finding.Package{
				at(libssl, "3.0.11-1~deb12u2", "apt-get update && apt-get install --only-upgrade libssl3",
					dsa("DSA-5532-1", "openssl", "3.0.11-1~deb12u1", "3.0.11-1~deb12u2")),
			},
			Fix:  finding.FixYes,
			EPSS: &advisory.EPSS{Score: 0.0006, Percentile: 0.18, Date: date("2025-08-25"), Model: "v2025.03.14"},
		},
		{
			Vulnerability: "CVE-2011-4116", Kind: advisory.Vulnerability, Title: "CVE-2011-4116 - perl-base",
			Description: "Symbolic links are followed where File::Temp creates files.", Severity: finding.Informational,
			VendorLabel: "unimportant",
			Score: finding.Score{Reasons: []finding.Reason{
				{Metric: "Vendor severity", Text: "the publisher rates it unimportant and nobody gives a score"},
			}},
			Scores: []advisory.Severity{{Source: "Debian", Label: "unimportant"}},
			Source: "DEBIAN_CVE", SourceURL: "https://security-tracker.debian.org/tracker/CVE-2011-4116",
			Packages: []finding.Package{at(perl, "", "", match.Match{State: advisory.WillNotFix, Why: []match.Why{{
				Source: "osv", Advisory: "DEBIAN-CVE-2011-4116", Ecosystem: "deb:debian:12", Name: "perl", NameKind: "source",
				Version: "5.36.0-7", Range: "all versions", Kind: advisory.Vulnerability,
			}}})},
			Fix: finding.FixNo,
		},
	}
}

// languageFindings are those of what the application brought.
func languageFindings() []finding.Finding {
	log4jAt := func(id, fixed string) []finding.Package {
		m := match.Match{Why: []match.Why{
			why("osv", id, advisory.Vulnerability, [4]string{"maven", log4j.Name, "binary", "2.14.1"}, fixed),
		}}
		how := "set the version of " + log4j.Name + " to " + fixed + " in the build file"
		weak := m
		weak.Confidence = match.Medium
		return []finding.Package{at(log4j, fixed, how, m), at(log4jShaded, fixed, how, weak)}
	}
	ghsa := func(cve, id, title, description, vector string, value float64) finding.Finding {
		return finding.Finding{
			Vulnerability: cve, Aliases: []string{id}, Related: []string{id}, Kind: advisory.Vulnerability,
			Title: title, Description: description, Severity: finding.Band(value), Score: base(value, vector, "NVD"),
			Scores: []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: vector, Score: value}},
			Source: "GITHUB", SourceURL: "https://github.com/advisories/" + id,
			References: []string{"https://github.com/advisories/" + id}, Fix: finding.FixYes,
		}
	}
	shell := ghsa("CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228 - "+log4j.Name,
		"Log4Shell: remote code execution through JNDI look-ups in Log4j.", vectorLog4Shell, 10)
	shell.Packages = log4jAt("GHSA-jfh8-c2jp-5v3q", "2.15.0")
	shell.Scores = append(shell.Scores,
		advisory.Severity{Source: "NVD", Version: "2.0", Vector: "AV:N/AC:M/Au:N/C:C/I:C/A:C", Score: 9.3},
		advisory.Severity{Source: "GHSA", Version: "3.1", Vector: vectorLog4Shell, Score: 10, Label: "critical"})
	shell.VendorLabel = "critical"
	shell.CWEs = []string{"CWE-20", "CWE-400", "CWE-502", "CWE-917"}
	shell.Published = date("2021-12-10T00:40:56Z")
	shell.EPSS = &advisory.EPSS{Score: 0.94358, Percentile: 0.99958, Date: date("2025-08-25"), Model: "v2025.03.14"}
	shell.KEV = &advisory.KEV{Added: date("2021-12-10"), Due: date("2021-12-24"), Ransomware: true}
	shell.Exploitation = "active"
	second := ghsa("CVE-2021-45046", "GHSA-7rjr-3q55-vv33", "CVE-2021-45046 - "+log4j.Name,
		"The repair of Log4Shell in 2.15.0 is incomplete.", vector45046, 9)
	second.Packages = log4jAt("GHSA-7rjr-3q55-vv33", "2.16.0")
	second.EPSS = &advisory.EPSS{Score: 0.94342, Percentile: 0.99952, Date: date("2025-08-25"), Model: "v2025.03.14"}
	second.KEV = &advisory.KEV{Added: date("2023-05-01"), Due: date("2023-05-22"), Ransomware: true}
	third := ghsa("CVE-2021-45105", "GHSA-p6xc-xr62-6r2g", "CVE-2021-45105 - "+log4j.Name,
		"Endless recursion of self-referential look-ups.", vector45105, 5.9)
	third.Packages = log4jAt("GHSA-p6xc-xr62-6r2g", "2.17.0")
	third.Exploitation = "poc"

	npm := func(p inventory.Package, id, fixed string) []finding.Package {
		return []finding.Package{at(p, fixed, "npm install "+p.Name+"@"+fixed, match.Match{Why: []match.Why{
			why("osv", id, advisory.Vulnerability, [4]string{"npm", p.Name, "binary", p.Version}, fixed),
		}})}
	}
	template := ghsa("CVE-2021-23337", "GHSA-35jh-r3h4-6jhm", "CVE-2021-23337 - lodash",
		"Command injection through templates in lodash.", vectorLodash, 7.2)
	template.Packages = npm(lodash, "GHSA-35jh-r3h4-6jhm", "4.17.21")
	babel := ghsa("CVE-2023-45133", "GHSA-67hx-6x53-jw92", "CVE-2023-45133 - @babel/traverse",
		"Code that is crafted for it runs while it is compiled.", vectorTraverse, 9.3)
	babel.Packages = npm(traverse, "GHSA-67hx-6x53-jw92", "7.23.2")
	malware := finding.Finding{
		Vulnerability: "GHSA-9x64-5r7x-2q53", Kind: advisory.Malware, Title: "GHSA-9x64-5r7x-2q53 - flatmap-stream",
		Description: "GHSA-9x64-5r7x-2q53 - flatmap-stream", Severity: finding.Critical,
		Score: finding.Score{Value: 10, Source: "Assay", Reasons: []finding.Reason{
			{Metric: "Kind", Text: "the package itself is malicious", Delta: 10},
		}},
		Source: "GITHUB", SourceURL: "https://github.com/advisories/GHSA-9x64-5r7x-2q53", Fix: finding.FixNo,
		Packages: []finding.Package{at(flatmap, "", "", match.Match{Why: []match.Why{{
			Source: "osv", Advisory: "GHSA-9x64-5r7x-2q53", Release: "", Ecosystem: "npm", Name: "flatmap-stream", NameKind: "binary",
			Version: "0.1.1", Range: "listed", Kind: advisory.Malware,
		}}})},
	}
	unrated := finding.Finding{
		Vulnerability: "OSV-2099-0001", Kind: advisory.Vulnerability, Title: "OSV-2099-0001 - requests", Description: "OSV-2099-0001 - requests",
		Severity: finding.Untriaged, Score: finding.Score{Reasons: []finding.Reason{{Metric: "Base score", Text: "nobody has rated it yet"}}},
		Source: "OSV", SourceURL: "https://osv.dev/vulnerability/OSV-2099-0001", Fix: finding.FixNo,
		Packages: []finding.Package{at(requests, "", "", match.Match{
			Confidence: match.Low, Unsure: `the range < 2.x has an end without a place in the order of pypi, or ends before it begins`,
			Why: []match.Why{{
				Source: "osv", Advisory: "OSV-2099-0001", Release: "2099", Ecosystem: "pypi", Name: "requests", NameKind: "binary",
				Version: "2.28.1", Range: "< 2.x", Kind: advisory.Vulnerability,
			}},
		})},
	}
	return []finding.Finding{shell, malware, babel, second, template, third, unrated}
}

// document returns a report on an image of two layers, in which there is one
// hostDocument is of a machine that cannot be reached from outside: its scores
// are adjusted as far as its packages are in use.
func hostDocument() Document {
	r := resource.Resource{
		Type: resource.Instance, ID: "i-0123456789abcdef0", Name: "web-1", Account: "111122223333", Region: "eu-central-1", Platform: "DEBIAN_12",
	}
	usage := map[string]inventory.Usage{"libssl3": inventory.Idle, "libc6": inventory.Listening, "libc-bin": inventory.Loaded}
	used := func(p inventory.Package) inventory.Package {
		p.Layer, p.Usage = "", usage[p.Name]
		return p
	}
	d := Document{
		Version: "0.1.0", Now: testNow, Findings: osFindings(),
		Report: scan.Report{
			Target:    scan.Target{Name: r.Name, Kind: artifact.Host},
			Inventory: inventory.Inventory{OS: testOS, Packages: []inventory.Package{used(libc), used(libcBin), used(libssl), used(perl)}},
			Database:  document().Report.Database,
		},
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		f.ARN, f.Resource, f.Observed, f.Confidence = finding.ARN(r, f.Vulnerability), r, testNow, match.High
		for j := range f.Packages {
			f.Packages[j].Package = used(f.Packages[j].Package)
			f.Packages[j].Match.Package = f.Packages[j].Package
		}
		f.Exploitation = cmp.Or(f.Exploitation, "none")
		f.Rescore(finding.ReachNone)
	}
	return d
}

// of everything that a report can hold.
func document() Document {
	d := Document{
		Version: "0.1.0", Now: testNow,
		Findings: append(languageFindings(), osFindings()...),
		Report: scan.Report{
			Target: scan.Target{
				Name: testResource.Name, Kind: artifact.Image, Digest: manifestDigest, ImageID: configDigest,
				Tags:     slices.Clone(testResource.Tags),
				Platform: artifact.Platform{OS: "linux", Architecture: "amd64", Variant: "v1"}, Created: testResource.Created,
				Layers: []scan.Layer{
					{
						Name: "base", Digest: baseLayer, DiffID: baseDiff, Size: 29126484,
						CreatedBy: "/bin/sh -c #(nop) ADD file:85db4f4c5016bcf7c3bc1d1b2bd4bc5ce7ba2e4dda4c3f1b3dc5cf4a9e0b5b2e in / ",
					},
					{
						Digest: appLayer, DiffID: appDiff, Size: 48103322,
						CreatedBy: "RUN |1 TARGET=prod /bin/sh -c npm ci --omit=dev && cp build/shop.war /srv/app/ # buildkit",
					},
				},
			},
			Inventory: inventory.Inventory{
				OS:       testOS,
				Packages: []inventory.Package{libc, libcBin, libssl, perl, requests, lodash, traverse, versionless, log4j, log4jShaded, flatmap},
				Problems: []inventory.Problem{
					{Path: "srv/app/broken.jar", Layer: appLayer, Reason: "zip: not a valid zip file"},
					{Reason: "layer 3 of the index has a media type that is not known"},
				},
			},
			Result: match.Result{Notes: []match.Note{
				{Kind: match.NoData, Subject: "cargo", Reason: "the database has no advisories for this ecosystem", Count: 12},
				{Kind: match.Unassessed, Subject: "npm/left-pad", Reason: "the package states no version", Count: 1},
				{
					Kind: match.UpstreamOnly, Subject: "pypi/requests", Count: 2,
					Reason: "installed by the package python3-requests, for which the distribution's own advisories count",
				},
			}},
			Database: &scan.Database{
				Built: date("2026-08-01T00:00:00Z"), Digest: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
				Starter: true,
				Feeds: []advisory.Feed{{
					Name: "osv", File: "all.zip", Digest: "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
					Modified: date("2026-07-31T18:00:00Z"), Read: 2661, Stored: 2650, Rejected: 11,
				}},
			},
		},
	}
	d.Report.Inventory.OS.Like = slices.Clone(testOS.Like)
	d.Report.Inventory.Sort()
	for i := range d.Findings {
		f := &d.Findings[i]
		f.ARN = finding.ARN(testResource, f.Vulnerability)
		f.Resource, f.Observed = testResource, testNow
		f.Resource.Tags = slices.Clone(testResource.Tags)
		f.Confidence = match.High
		for j := range f.Packages {
			p := &f.Packages[j]
			p.Match.Vulnerability, p.Match.Aliases, p.Match.Kind = f.Vulnerability, f.Aliases, f.Kind
			if p.Match.Confidence == match.Low {
				f.Confidence = match.Low
			}
			d.Report.Result.Matches = append(d.Report.Result.Matches, p.Match)
		}
	}
	slices.SortStableFunc(d.Findings, func(a, b finding.Finding) int {
		return cmp.Or(
			cmp.Compare(rank(a.Severity), rank(b.Severity)),
			cmp.Compare(b.Score.Value, a.Score.Value),
			cmp.Compare(a.Vulnerability, b.Vulnerability),
		)
	})
	// One vulnerability was found and is not among those asked for.
	d.Report.Result.Matches = append(d.Report.Result.Matches, match.Match{
		Package: perl, Vulnerability: "CVE-2023-31486", Kind: advisory.Vulnerability, Confidence: match.High,
	})
	return d
}

// clear returns the document of a scan that found nothing.
func clear() Document {
	d := document()
	d.Findings = nil
	d.Report.Result = match.Result{}
	d.Report.Inventory.Problems = nil
	d.Report.Database.Starter = false
	return d
}

// inventoryOnly returns the document of an inventory that was not matched.
func inventoryOnly() Document {
	d := clear()
	d.Report.Database = nil
	d.Now = time.Time{}
	return d
}

func TestDocumentIsAsFindingSorts(t *testing.T) {
	t.Parallel()
	d := document()
	for i := 1; i < len(d.Findings); i++ {
		if !d.Findings[i-1].Severity.AtLeast(d.Findings[i].Severity) {
			t.Errorf("%s comes before %s", d.Findings[i-1].Vulnerability, d.Findings[i].Vulnerability)
		}
	}
}
