package feed

import (
	"cmp"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// A publisher says how the OSV records whose ids begin with prefix are meant.
type publisher struct {
	prefix string
	name   string // in Severity.Source
	kind   advisory.Kind
	// bugfix says that the record announces a correction that is no matter of
	// security, unless it names flaws.
	bugfix bool
	// perRelease says that an id is used once in each release.
	perRelease bool
	// wraps says that the rest of the id is the flaw: DEBIAN-CVE-2024-3094.
	wraps bool
}

// publishers holds who does not simply publish vulnerabilities under one's
// own name. The first row whose prefix fits counts.
// Sources: OSV schema, "id, modified fields", the table of prefixes; for the
// letters S, B and E Red Hat, "Explaining Red Hat Errata", whose rebuilds
// follow it; SUSE, "Update Advisories", for -SU, -RU, -FU and -OU.
var publishers = []publisher{
	{prefix: "GHSA-", name: "GHSA", kind: advisory.Vulnerability},
	{prefix: "PYSEC-", name: "PyPA", kind: advisory.Vulnerability},
	{prefix: "GO-", name: "Go", kind: advisory.Vulnerability},
	{prefix: "RUSTSEC-", name: "RustSec", kind: advisory.Vulnerability},
	{prefix: "BIT-", name: "Bitnami", kind: advisory.Vulnerability},
	{prefix: "PSF-", name: "PSF", kind: advisory.Vulnerability},
	{prefix: "OSV-", name: "OSS-Fuzz", kind: advisory.Vulnerability},
	{prefix: "CVE-", name: "CNA", kind: advisory.Vulnerability},
	{prefix: "DRUPAL-", name: "Drupal", kind: advisory.Vulnerability},
	{prefix: "HSEC-", name: "Haskell", kind: advisory.Vulnerability},
	{prefix: "JLSEC-", name: "Julia", kind: advisory.Vulnerability},
	{prefix: "RSEC-", name: "R Consortium", kind: advisory.Vulnerability},
	{prefix: "MAL-", name: "OpenSSF", kind: advisory.Malware},

	{prefix: "DEBIAN-CVE-", name: "Debian", kind: advisory.Vulnerability, wraps: true},
	{prefix: "DSA-", name: "Debian", kind: advisory.Notice},
	{prefix: "DLA-", name: "Debian", kind: advisory.Notice},
	{prefix: "DTSA-", name: "Debian", kind: advisory.Notice},
	{prefix: "UBUNTU-CVE-", name: "Ubuntu", kind: advisory.Vulnerability, wraps: true},
	{prefix: "USN-", name: "Ubuntu", kind: advisory.Notice},
	{prefix: "LSN-", name: "Ubuntu", kind: advisory.Notice},
	{prefix: "ECHO-", name: "Echo", kind: advisory.Notice},

	{prefix: "ALPINE-CVE-", name: "Alpine", kind: advisory.Vulnerability, wraps: true},
	{prefix: "BELL-CVE-", name: "BellSoft", kind: advisory.Vulnerability, wraps: true},
	{prefix: "CGA-", name: "Chainguard", kind: advisory.Notice},
	{prefix: "MINI-", name: "MinimOS", kind: advisory.Notice},

	{prefix: "ALSA-", name: "AlmaLinux", kind: advisory.Notice, perRelease: true},
	{prefix: "ALBA-", name: "AlmaLinux", kind: advisory.Notice, perRelease: true, bugfix: true},
	{prefix: "ALEA-", name: "AlmaLinux", kind: advisory.Notice, perRelease: true, bugfix: true},
	{prefix: "RLSA-", name: "Rocky Linux", kind: advisory.Notice},
	{prefix: "RXSA-", name: "Rocky Linux", kind: advisory.Notice},
	{prefix: "RLBA-", name: "Rocky Linux", kind: advisory.Notice, bugfix: true},
	{prefix: "RLEA-", name: "Rocky Linux", kind: advisory.Notice, bugfix: true},
	{prefix: "RHSA-", name: "Red Hat", kind: advisory.Notice},
	{prefix: "RHBA-", name: "Red Hat", kind: advisory.Notice, bugfix: true},
	{prefix: "RHEA-", name: "Red Hat", kind: advisory.Notice, bugfix: true},
	{prefix: "ELSA-", name: "Oracle", kind: advisory.Notice},
	{prefix: "ELBA-", name: "Oracle", kind: advisory.Notice, bugfix: true},
	{prefix: "ELEA-", name: "Oracle", kind: advisory.Notice, bugfix: true},
	{prefix: "ALAS", name: "Amazon", kind: advisory.Notice},
	{prefix: "SUSE-SU-", name: "SUSE", kind: advisory.Notice},
	{prefix: "SUSE-RU-", name: "SUSE", kind: advisory.Notice, bugfix: true},
	{prefix: "SUSE-FU-", name: "SUSE", kind: advisory.Notice, bugfix: true},
	{prefix: "SUSE-OU-", name: "SUSE", kind: advisory.Notice, bugfix: true},
	{prefix: "openSUSE-SU-", name: "SUSE", kind: advisory.Notice},
	{prefix: "openSUSE-RU-", name: "SUSE", kind: advisory.Notice, bugfix: true},
	{prefix: "openSUSE-FU-", name: "SUSE", kind: advisory.Notice, bugfix: true},
	{prefix: "openSUSE-OU-", name: "SUSE", kind: advisory.Notice, bugfix: true},
	{prefix: "OESA-", name: "openEuler", kind: advisory.Notice},
	{prefix: "MGASA-", name: "Mageia", kind: advisory.Notice},
	{prefix: "AZL-", name: "Microsoft", kind: advisory.Notice},
}

// publisherOf returns how the record with the id is meant. The publisher of
// an unknown prefix is named by it.
func publisherOf(id string) publisher {
	for _, p := range publishers {
		if strings.HasPrefix(id, p.prefix) {
			return p
		}
	}
	name, _, _ := strings.Cut(id, "-")
	return publisher{name: cmp.Or(name, id), kind: advisory.Vulnerability}
}

// flawID returns the name of the flaw inside an id that wraps one, else id.
func flawID(id string) string {
	if p := publisherOf(id); p.wraps {
		return id[strings.Index(id, "CVE-"):]
	}
	return id
}

// namesSource reports whether OSV records of a distribution name source
// packages rather than the installed ones. Besides the families of dpkg and
// apk, whose security trackers are kept by source package, these are the rpm
// distributions whose records name the source package, and the binaries, if
// at all, in ecosystem_specific.
// Sources: OSV, "data sources"; records of Rocky Linux name only packages such
// as java-11-openjdk whose updates have many more binaries.
func namesSource(e advisory.Ecosystem) bool {
	switch e.Type {
	case "deb", "apk":
		return true
	}
	switch e.Distro {
	case "rocky", "sles", "opensuse", "opensuse-leap", "opensuse-tumbleweed", "openEuler", "mageia", "azurelinux":
		return true
	}
	return false
}
