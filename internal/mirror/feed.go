// Package mirror brings the feeds of publishers up to date: it knows where each
// is on the web and under which terms, and keeps their files in a folder. What
// they say is read by package feed.
//
// [Folder] gets feeds from their publishers or from another folder, [Copy] the
// files of a mirror. Either replaces a file only by one that is whole.
//
// A new feed is a row in the table of feeds, and one function if its files are
// named by a list.
package mirror

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/feed"
)

// Feed is a feed as its publisher keeps it on the web.
type Feed struct {
	Name    string   // what it is called here, and the folder of its files: osv-npm, alpine
	Formats []string // names of the feeds that read its files, the first mostly; see feed.Source.Name
	URLs    []string // its files, or where its files are listed
	Kind    string   // how its files are written: zip of OSV JSON
	Cadence string   // how often it changes
	Licence string   // as the publisher states it; "not stated" if that could not be found
	// Share says whether the licence lets anybody pass the files on.
	Share Sharing
	Match string // which names of packages it is matched by
	// Extra says that it is got only when it is named: what it says is said by
	// another too, or it is large.
	Extra bool
	list  lister
}

// Sharing says whether files may be passed on to others.
type Sharing string

// The answers to whether files may be passed on.
const (
	Shared   Sharing = "yes"
	Unshared Sharing = "no"
	Unstated Sharing = "not stated"
)

// A remote is one file of a feed.
type remote struct {
	url, path string // path is below the folder of the feed, with slashes
	local     string // the file itself where it lies on this machine
	// stamp tells one content from another where a list says so; a file whose
	// stamp is known is not asked for. Empty: ask.
	stamp    string
	optional bool  // that there is none is no error
	bzip2    bool  // packed in a way that is not read; it is packed anew
	err      error // why it cannot be had
}

// A lister returns the files of a feed.
type lister func(ctx context.Context, w web, f Feed, now time.Time) ([]remote, error)

// Readable tells whether this release reads what the feed consists of.
func (f Feed) Readable() bool {
	return len(f.Formats) == 0 || slices.ContainsFunc(f.Formats, feed.Known)
}

// files returns the files of the feed.
func (f Feed) files(ctx context.Context, w web, now time.Time) ([]remote, error) {
	if f.list != nil {
		list, err := f.list(ctx, w, f, now)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("%s lists no file any more", f.URLs[0])
		}
		return list, err
	}
	list := make([]remote, 0, len(f.URLs))
	for _, u := range f.URLs {
		r := remote{url: u, path: baseName(u)}
		if name, ok := strings.CutSuffix(r.path, ".bz2"); ok {
			r.bzip2, r.path = true, name+".zst"
		}
		list = append(list, r)
	}
	return list, nil
}

// baseName is the last part of the path of an address.
func baseName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "file"
	}
	return cmp.Or(u.Path[strings.LastIndex(u.Path, "/")+1:], "file")
}

// Feeds returns the feeds that can be got, sorted by name.
func Feeds() []Feed {
	list := slices.Concat(osvFeeds(), languageFeeds(), distroFeeds(), flawFeeds())
	slices.SortFunc(list, func(a, b Feed) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// Names of formats that rows of the table have.
const (
	osvArchive = "zip of OSV JSON"
	bySource   = "source package and release"
	byBinary   = "installed package and release"
	byCVE      = "CVE"
)

// chainguardTerms are the terms of Chainguard and Wolfi, which are others for
// who offers a scanner than for who uses one.
// Source: wolfi-dev/advisories, LICENSE.
const chainguardTerms = "CC-BY-NC-ND-4.0; for makers of scanners the Chainguard License for Commercial Scanners"

// debianTerms are those of pages of debian.org; the tracker states none of its
// own. Source: debian.org, "License".
const debianTerms = "MIT or GPL-2.0-or-later, as pages of debian.org"

// fedoraTerms are those of contributions that state none; whether updates are
// such is not said. Source: Fedora Project Contributor Agreement.
const fedoraTerms = "not stated; CC-BY-SA-4.0 for contributions to Fedora without another"

// osvFeeds are the archives of OSV.dev, one for each ecosystem.
// Sources: OSV.dev, "Data sources" and "Data dumps"; for licences also those of
// the repositories that it names, and secdb.alpinelinux.org/license.txt.
func osvFeeds() []Feed {
	var list []Feed
	for _, row := range []struct {
		ecosystem, licence string
		share              Sharing
		match              string
		extra              bool
	}{
		{"npm", "CC-BY-4.0 (GHSA), Apache-2.0 (OpenSSF malicious packages)", Shared, "package", false},
		{"PyPI", "CC-BY-4.0 (GHSA, PyPA), Apache-2.0 (OpenSSF)", Shared, "package (PEP 503)", false},
		{"Go", "CC-BY-4.0 (Go, GHSA), Apache-2.0 (OpenSSF)", Shared, "module and symbols", false},
		{"Maven", "CC-BY-4.0 (GHSA), Apache-2.0 (OpenSSF)", Shared, "group and artifact", false},
		{"NuGet", "CC-BY-4.0 (GHSA), Apache-2.0 (OpenSSF)", Shared, "package", false},
		{"crates.io", "CC0-1.0 and CC-BY-4.0 (RustSec), CC-BY-4.0 (GHSA), Apache-2.0 (OpenSSF)", Shared, "crate", false},
		{"RubyGems", "CC-BY-4.0 (GHSA), Apache-2.0 (OpenSSF)", Shared, "gem", false},
		{"Packagist", "CC-BY-4.0 (GHSA), MIT (Drupal), Apache-2.0 (OpenSSF)", Shared, "vendor and package", false},
		{"Pub", "CC-BY-4.0 (GHSA)", Shared, "package", false},
		{"Hex", "CC-BY-4.0 (GHSA, EEF)", Shared, "package", false},
		{"SwiftURL", "CC-BY-4.0 (GHSA)", Shared, "address of the repository", false},
		{"GitHub Actions", "CC-BY-4.0 (GHSA)", Shared, "action", false},
		{"VSCode", "Apache-2.0 (OpenSSF malicious packages)", Shared, "publisher and extension", false},
		{"Bitnami", "Apache-2.0", Shared, "software that is no package", false},
		{"Hackage", "CC0-1.0 (HSEC)", Shared, "package", true},
		{"CRAN", "Apache-2.0 (RConsortium)", Shared, "package", true},
		{"Julia", "CC-BY-4.0 (JLSEC)", Shared, "package", true},
		{"Ubuntu", "CC-BY-SA-4.0", Shared, bySource, false},
		{"AlmaLinux", "MIT", Shared, byBinary, false},
		{"Rocky Linux", "BSD-3-Clause", Shared, byBinary, false},
		{"SUSE", "CC-BY-4.0", Shared, bySource, false},
		{"openSUSE", "CC-BY-4.0", Shared, bySource, false},
		{"Mageia", "CC-BY-SA-4.0", Shared, bySource, false},
		{"openEuler", "not stated", Unstated, bySource, false},
		{"Debian", debianTerms, Shared, bySource, true},
		{"Alpine", "CC-BY-SA-4.0", Shared, bySource, true},
		{"Red Hat", "CC-BY-4.0", Shared, byBinary, true},
		{"Chainguard", chainguardTerms, Unshared, bySource, true},
		{"Wolfi", chainguardTerms, Unshared, bySource, true},
		{"MinimOS", "not stated", Unstated, bySource, true},
	} {
		list = append(list, Feed{
			Name: "osv-" + strings.ToLower(strings.ReplaceAll(row.ecosystem, " ", "-")), Formats: []string{feed.OSV},
			URLs: []string{"https://osv-vulnerabilities.storage.googleapis.com/" + url.PathEscape(row.ecosystem) + "/all.zip"},
			Kind: osvArchive, Cadence: "minutes", Licence: row.licence, Share: row.share, Match: row.match, Extra: row.extra,
		})
	}
	return list
}

// languageFeeds are the feeds of communities of languages beside OSV.dev. Sources:
// the repositories, as the addresses name them.
func languageFeeds() []Feed {
	return []Feed{
		{
			Name: "retirejs", Formats: []string{feed.RetireJS}, URLs: []string{"https://raw.githubusercontent.com/RetireJS/retire.js/master/repository/jsrepository.json"},
			Kind: "JSON", Cadence: "days", Licence: "Apache-2.0", Share: Shared, Match: "package of npm",
		},
		{
			Name: "rustsec", Formats: []string{feed.RustSec}, URLs: []string{"https://codeload.github.com/rustsec/advisory-db/zip/refs/heads/main"}, list: listAs("rustsec.zip"),
			Kind: "zip of Markdown with TOML", Cadence: "daily", Licence: "CC0-1.0, some records CC-BY-4.0", Share: Shared, Match: "crate", Extra: true,
		},
		{
			Name: "rubysec", Formats: []string{feed.RubySec}, URLs: []string{"https://codeload.github.com/rubysec/ruby-advisory-db/zip/refs/heads/master"}, list: listAs("rubysec.zip"),
			Kind: "zip of YAML", Cadence: "days", Licence: "public domain, but for texts of OSVDB", Share: Shared, Match: "gem, version of Ruby", Extra: true,
		},
		{
			Name: "friendsofphp", Formats: []string{feed.FriendsOfPHP}, URLs: []string{"https://codeload.github.com/FriendsOfPHP/security-advisories/zip/refs/heads/master"}, list: listAs("friendsofphp.zip"),
			Kind: "zip of YAML", Cadence: "days", Licence: "Unlicense", Share: Shared, Match: "vendor and package", Extra: true,
		},
		{
			Name: "nodejs-wg", Formats: []string{feed.NodeWG}, URLs: []string{"https://codeload.github.com/nodejs/security-wg/zip/refs/heads/main"}, list: listAs("nodejs-wg.zip"),
			Kind: "zip of JSON", Cadence: "with releases", Licence: "MIT", Share: Shared, Match: "package of npm, version of Node.js", Extra: true,
		},
	}
}

// distroFeeds are the feeds of distributions. Sources: the publishers' own pages
// on their security data, as the addresses name them.
func distroFeeds() []Feed {
	const azure = "https://raw.githubusercontent.com/microsoft/AzureLinuxVulnerabilityData/main/"
	return []Feed{
		{
			Name: "alpine", Formats: []string{feed.AlpineSecDB}, URLs: []string{"https://secdb.alpinelinux.org/"}, list: listAlpine,
			Kind: "secdb JSON, two files for each release", Cadence: "hourly", Licence: "CC-BY-SA-4.0", Share: Shared, Match: bySource,
		},
		{
			Name: "wolfi", Formats: []string{feed.AlpineSecDB}, URLs: []string{"https://packages.wolfi.dev/os/security.json"},
			Kind: "secdb JSON", Cadence: "hourly", Licence: chainguardTerms, Share: Unshared, Match: bySource,
		},
		{
			Name: "chainguard", Formats: []string{feed.AlpineSecDB}, URLs: []string{"https://packages.cgr.dev/chainguard/security.json"},
			Kind: "secdb JSON", Cadence: "hourly", Licence: chainguardTerms, Share: Unshared, Match: bySource,
		},
		{
			Name: "minimos", Formats: []string{feed.AlpineSecDB}, URLs: []string{"https://packages.mini.dev/advisories/secdb/security.json"},
			Kind: "secdb JSON", Cadence: "daily", Licence: "not stated", Share: Unstated, Match: bySource,
		},
		{
			Name: "debian", Formats: []string{feed.DebianTracker}, URLs: []string{"https://security-tracker.debian.org/tracker/data/json"},
			list: listAs("tracker.json"),
			Kind: "JSON by source package, CVE and release", Cadence: "hourly", Licence: debianTerms, Share: Shared, Match: bySource,
		},
		{
			Name: "debian-dsa", Formats: []string{feed.DebianDSA}, URLs: []string{
				"https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list",
				"https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DLA/list",
			}, list: listAs("DSA-list.txt", "DLA-list.txt"),
			Kind: "text", Cadence: "days", Licence: debianTerms, Share: Shared, Match: bySource,
		},
		{
			Name: "redhat", Formats: []string{feed.RedHatCSAF}, URLs: []string{"https://security.access.redhat.com/data/csaf/v2/vex/"}, list: listRedHat,
			Kind: "CSAF 2.0 VEX: an archive, and the files that changed since", Cadence: "hours", Licence: "CC-BY-4.0", Share: Shared, Match: "installed package; source package where there is no repair",
		},
		{
			Name: "suse-oval", Formats: []string{feed.OVAL}, URLs: []string{"https://ftp.suse.com/pub/projects/security/oval/"}, list: listSUSE,
			Kind: "OVAL, one file for each product", Cadence: "daily", Licence: "CC-BY-4.0", Share: Shared, Match: byBinary, Extra: true,
		},
		{
			Name: "amazon", Formats: []string{feed.UpdateInfo}, URLs: []string{
				"https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list",
				"https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list",
				"http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list",
				"https://cdn.amazonlinux.com/2/extras-catalog.json",
			}, list: listAmazon,
			Kind: "updateinfo XML, one file for each repository", Cadence: "days", Licence: "not stated", Share: Unstated, Match: "installed package, release and topic of Extras",
		},
		{
			Name: "bottlerocket", Formats: []string{feed.UpdateInfo}, URLs: []string{"https://advisories.bottlerocket.aws/updateinfo.xml.gz"},
			Kind: "updateinfo XML", Cadence: "with releases", Licence: "Apache-2.0 or MIT", Share: Shared, Match: byBinary,
		},
		{
			Name: "fedora", Formats: []string{feed.UpdateInfo}, URLs: []string{"https://dl.fedoraproject.org/pub/fedora/linux/updates/"}, list: listFedora(fedoraRelease),
			Kind: "updateinfo XML, one file for each release", Cadence: "hours", Licence: fedoraTerms, Share: Unstated, Match: byBinary, Extra: true,
		},
		{
			Name: "epel", Formats: []string{feed.UpdateInfo}, URLs: []string{"https://dl.fedoraproject.org/pub/epel/"}, list: listFedora(epelRelease),
			Kind: "updateinfo XML, one file for each release", Cadence: "hours", Licence: fedoraTerms, Share: Unstated, Match: "installed package of EPEL, and release of RHEL and its relatives",
		},
		{
			Name: "oracle", Formats: []string{feed.OVAL}, URLs: []string{"https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2"},
			Kind: "OVAL", Cadence: "daily", Licence: "not stated", Share: Unstated, Match: byBinary,
		},
		{
			Name: "azurelinux", Formats: []string{feed.OVAL},
			URLs: []string{azure + "cbl-mariner-1.0-oval.xml", azure + "cbl-mariner-2.0-oval.xml", azure + "azurelinux-3.0-oval.xml"},
			Kind: "OVAL, one file for each release", Cadence: "daily", Licence: "MIT", Share: Shared, Match: bySource,
		},
		{
			Name: "photon", Formats: []string{feed.PhotonCVE}, URLs: []string{"https://packages.broadcom.com/photon/photon_cve_metadata/photon_versions.json"}, list: listPhoton,
			Kind: "JSON, one file for each release", Cadence: "daily", Licence: "not stated", Share: Unstated, Match: byBinary,
		},
		{
			Name: "endoflife", Formats: []string{feed.EndOfLife}, URLs: []string{"https://endoflife.date/api/v1/products/full"}, list: listAs("endoflife.json"),
			Kind: "JSON", Cadence: "daily", Licence: "MIT", Share: Shared, Match: "release of an operating system, version of software",
		},
	}
}

// flawFeeds are the feeds that tell of single CVEs, and those that name software
// by CPE. Sources: as for distroFeeds.
func flawFeeds() []Feed {
	return []Feed{
		{
			Name: "nvd", Formats: []string{feed.NVD}, URLs: []string{"https://nvd.nist.gov/feeds/json/cve/2.0/"}, list: listNVD,
			Kind: "NVD JSON 2.0, one file for each year", Cadence: "two hours", Licence: "public domain", Share: Shared, Match: "CVE; CPE for software that is no package",
		},
		{
			Name: "vulnrichment", Formats: []string{feed.CVE}, URLs: []string{"https://codeload.github.com/cisagov/vulnrichment/zip/refs/heads/develop"}, list: listAs("vulnrichment.zip"),
			Kind: "CVE JSON 5 with CISA's additions", Cadence: "daily", Licence: "CC0-1.0", Share: Shared, Match: byCVE,
		},
		{
			Name: "cvelist", Formats: []string{feed.CVE}, URLs: []string{"https://codeload.github.com/CVEProject/cvelistV5/zip/refs/heads/main"}, list: listAs("cvelist.zip"),
			Kind: "CVE JSON 5", Cadence: "hourly", Licence: "CVE terms of use (free with the notice)", Share: Shared, Match: byCVE, Extra: true,
		},
		{
			Name: "kev", Formats: []string{feed.KEV}, URLs: []string{"https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"},
			Kind: "JSON", Cadence: "working days", Licence: "CC0-1.0", Share: Shared, Match: byCVE,
		},
		{
			Name: "epss", Formats: []string{feed.EPSS}, URLs: []string{"https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"},
			Kind: "CSV", Cadence: "daily", Licence: "free with credit to FIRST", Share: Shared, Match: byCVE,
		},
		{
			Name: "exploit-db", Formats: []string{feed.ExploitDB}, URLs: []string{"https://gitlab.com/exploit-database/exploitdb/-/raw/main/files_exploits.csv"},
			Kind: "CSV", Cadence: "daily", Licence: "GPL-2.0-or-later", Share: Shared, Match: byCVE,
		},
		{
			Name: "metasploit", Formats: []string{feed.MetasploitModules}, URLs: []string{"https://raw.githubusercontent.com/rapid7/metasploit-framework/master/db/modules_metadata_base.json"},
			Kind: "JSON", Cadence: "daily", Licence: "BSD-3-Clause", Share: Shared, Match: byCVE,
		},
	}
}
