package finding

import (
	"testing"

	"github.com/assay-project/assay/advisory"
)

func TestSource(t *testing.T) {
	t.Parallel()
	const cve = "CVE-2023-1393"
	distro := func(name, id string, references ...advisory.Reference) statement {
		return statement{Advisory: &advisory.Advisory{Source: "osv", ID: id, References: references}, distro: name}
	}
	language := func(id string, references ...advisory.Reference) statement {
		return distro("", id, references...)
	}
	for _, tt := range []struct {
		name, vulnerability string
		list                []statement
		word, address       string
	}{
		{"Debian", cve, []statement{distro("debian", "DSA-5380-1")}, "DEBIAN_CVE", "https://security-tracker.debian.org/tracker/CVE-2023-1393"},
		{"Debian, no CVE", "DSA-5380-1", []statement{distro("debian", "DSA-5380-1")}, "DEBIAN_CVE", "https://security-tracker.debian.org/tracker/DSA-5380-1"},
		{"Ubuntu", cve, []statement{distro("ubuntu", "UBUNTU-CVE-2023-1393")}, "UBUNTU_CVE", "https://ubuntu.com/security/CVE-2023-1393"},
		{"Ubuntu, no CVE", "USN-5614-1", []statement{distro("ubuntu", "USN-5614-1")}, "UBUNTU_CVE", "https://ubuntu.com/security/notices/USN-5614-1"},
		{"Alpine", cve, []statement{distro("alpine", cve)}, "ALPINE_SECDB", "https://security.alpinelinux.org/vuln/CVE-2023-1393"},
		{"Red Hat", cve, []statement{distro("rhel", "RHSA-2024:0265")}, "REDHAT_CVE", "https://access.redhat.com/security/cve/CVE-2023-1393"},
		{"Red Hat, no CVE", "RHSA-2024:0265", []statement{distro("rhel", "RHSA-2024:0265")}, "REDHAT_CVE", "https://access.redhat.com/errata/RHSA-2024:0265"},
		{"Amazon", cve, []statement{distro("amzn", "ALAS2-2024-1")}, "AMAZON_CVE", "https://explore.alas.aws.amazon.com/CVE-2023-1393.html"},
		{"Rocky Linux", cve, []statement{distro("rocky", "RLSA-2023:3220")}, "ROCKY_LINUX", "https://errata.rockylinux.org/RLSA-2023:3220"},
		{
			"AlmaLinux", cve,
			[]statement{distro("almalinux", "ALSA-2024:0265", advisory.Reference{Type: "REPORT", URL: "https://example.org/bug"}, advisory.Reference{Type: "ADVISORY", URL: "https://errata.almalinux.org/8/ALSA-2024-0265.html"})},
			"ALMALINUX", "https://errata.almalinux.org/8/ALSA-2024-0265.html",
		},
		{"a distribution that Amazon has no word for", cve, []statement{distro("photon", "PHSA-1", advisory.Reference{URL: "https://example.org/1"})}, "PHOTON", "https://example.org/1"},
		{"the distribution before others", cve, []statement{distro("debian", "DSA-5380-1"), language("GHSA-aaaa")}, "DEBIAN_CVE", "https://security-tracker.debian.org/tracker/CVE-2023-1393"},

		{"GitHub", cve, []statement{language("GHSA-jf85-cpcp-j695")}, "GITHUB", "https://github.com/advisories/GHSA-jf85-cpcp-j695"},
		{"GitHub before others", cve, []statement{language("BIT-a"), language("GHSA-jf85-cpcp-j695"), language("PYSEC-2020-35")}, "GITHUB", "https://github.com/advisories/GHSA-jf85-cpcp-j695"},
		{"Go", cve, []statement{language("GO-2023-2102")}, "GO", "https://pkg.go.dev/vuln/GO-2023-2102"},
		{"PyPA", cve, []statement{language("PYSEC-2020-35")}, "PYPI", "https://osv.dev/vulnerability/PYSEC-2020-35"},
		{"RustSec", cve, []statement{language("RUSTSEC-2020-0071")}, "RUSTSEC", "https://rustsec.org/advisories/RUSTSEC-2020-0071.html"},
		{"malware", "MAL-2024-1", []statement{language("MAL-2024-1")}, "OPENSSF", "https://osv.dev/vulnerability/MAL-2024-1"},
		{"the record of the CVE", cve, []statement{language(cve)}, "NVD", "https://nvd.nist.gov/vuln/detail/CVE-2023-1393"},
		{"another publisher", "XYZ-1", []statement{language("XYZ-1", advisory.Reference{Type: "WEB", URL: "https://example.org/x"})}, "OSV", "https://example.org/x"},
		{"another publisher without a page", "XYZ-1", []statement{language("XYZ-1")}, "OSV", "https://osv.dev/vulnerability/XYZ-1"},
		{"nobody", cve, nil, "NVD", "https://nvd.nist.gov/vuln/detail/CVE-2023-1393"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			word, address := sourceOf(tt.vulnerability, tt.list)
			if word != tt.word || address != tt.address {
				t.Errorf("sourceOf = %s, %s; want %s, %s", word, address, tt.word, tt.address)
			}
		})
	}
}
