package finding

import (
	"cmp"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// A publisher is who makes statements, in Amazon's words where it has one, and
// where they are shown. An address has %s for the id; empty if there is none.
// Source: Amazon Inspector API, PackageVulnerabilityDetails.source.
type publisher struct {
	name string // of a distribution, or the beginning of an id
	word string
	cve  string // address of what is said of one CVE
	page string // address of an advisory
}

// distributions are publishers by the name of a distribution.
var distributions = []publisher{
	{"debian", "DEBIAN_CVE", "https://security-tracker.debian.org/tracker/%s", "https://security-tracker.debian.org/tracker/%s"},
	{"ubuntu", "UBUNTU_CVE", "https://ubuntu.com/security/%s", "https://ubuntu.com/security/notices/%s"},
	{"alpine", "ALPINE_SECDB", "https://security.alpinelinux.org/vuln/%s", ""},
	{"rhel", "REDHAT_CVE", "https://access.redhat.com/security/cve/%s", "https://access.redhat.com/errata/%s"},
	{"amzn", "AMAZON_CVE", "https://explore.alas.aws.amazon.com/%s.html", ""},
	{"almalinux", "ALMALINUX", "", ""},
	{"rocky", "ROCKY_LINUX", "", "https://errata.rockylinux.org/%s"},
	{"ol", "ORACLE_CVE", "https://linux.oracle.com/cve/%s.html", "https://linux.oracle.com/errata/%s.html"},
	{"sles", "SUSE_CVE", "https://www.suse.com/security/cve/%s.html", ""},
	{"opensuse-leap", "SUSE_CVE", "https://www.suse.com/security/cve/%s.html", ""},
	{"opensuse-tumbleweed", "SUSE_CVE", "https://www.suse.com/security/cve/%s.html", ""},
}

// databases are publishers by the beginning of an advisory's id, in the order
// in which a finding is said to rest on them.
var databases = []publisher{
	{"GHSA-", "GITHUB", "", "https://github.com/advisories/%s"},
	{"GO-", "GO", "", "https://pkg.go.dev/vuln/%s"},
	{"PYSEC-", "PYPI", "", "https://osv.dev/vulnerability/%s"},
	{"RUSTSEC-", "RUSTSEC", "", "https://rustsec.org/advisories/%s.html"},
	{"MAL-", "OPENSSF", "", "https://osv.dev/vulnerability/%s"},
	{"BIT-", "BITNAMI", "", "https://osv.dev/vulnerability/%s"},
	{"PSF-", "PSF", "", "https://osv.dev/vulnerability/%s"},
	{"CVE-", "NVD", "https://nvd.nist.gov/vuln/detail/%s", "https://nvd.nist.gov/vuln/detail/%s"},
}

// sourceOf returns Amazon's word for whose statement a finding rests on, and
// the address where it is shown. list has the distribution's own statements
// first; the order of databases decides among the others.
func sourceOf(vulnerability string, list []statement) (word, address string) {
	if len(list) > 0 && list[0].distro != "" {
		return distributionSource(vulnerability, list)
	}
	for _, p := range databases {
		for _, a := range list {
			if strings.HasPrefix(a.ID, p.name) {
				return p.word, strings.Replace(p.page, "%s", a.ID, 1)
			}
		}
	}
	if len(list) > 0 {
		a := list[0]
		return strings.ToUpper(a.Source), cmp.Or(reference(a.References), osvPage(a))
	}
	nvd := databases[len(databases)-1]
	return nvd.word, strings.Replace(nvd.page, "%s", vulnerability, 1)
}

// distributionSource is sourceOf for packages of a distribution.
func distributionSource(vulnerability string, list []statement) (word, address string) {
	a := list[0]
	p := publisher{word: strings.ToUpper(a.distro)}
	for _, known := range distributions {
		if known.name == a.distro {
			p = known
		}
	}
	switch isCVE := strings.HasPrefix(vulnerability, "CVE-"); {
	case isCVE && p.cve != "":
		return p.word, strings.Replace(p.cve, "%s", vulnerability, 1)
	case p.page != "":
		return p.word, strings.Replace(p.page, "%s", a.ID, 1)
	}
	return p.word, cmp.Or(reference(a.References), osvPage(a))
}

// reference returns the publisher's own page, or the first of the others.
func reference(list []advisory.Reference) string {
	for _, r := range list {
		if r.Type == "ADVISORY" {
			return r.URL
		}
	}
	for _, r := range list {
		if r.URL != "" {
			return r.URL
		}
	}
	return ""
}

// osvPage returns the page that OSV has of each advisory it publishes.
func osvPage(a statement) string { return "https://osv.dev/vulnerability/" + a.ID }
