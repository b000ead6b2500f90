package sbom

import "strings"

// systemNames has the names that others give to operating systems whose ID in
// os-release is another one.
// Source: Trivy, types of operating system, of this release and older ones.
var systemNames = map[string]string{
	"alma":                         "almalinux",
	"amazon":                       "amzn",
	"cbl-mariner":                  "mariner",
	"opensuse.leap":                "opensuse-leap",
	"opensuse.tumbleweed":          "opensuse-tumbleweed",
	"oracle":                       "ol",
	"redhat":                       "rhel",
	"suse linux enterprise server": "sles",
}

// systemID returns the ID in os-release of a system that a document names.
func systemID(name string) string {
	name = strings.ToLower(name)
	if id, ok := systemNames[name]; ok {
		return id
	}
	return name
}

// systemRelease drops what stands in brackets after a release: Trivy writes
// 2 (Karoo) and 2023.7 (Amazon Linux), in purls with a plus for each space.
// Source: Trivy, analyzer of Amazon Linux, which takes all of system-release.
func systemRelease(version string) string {
	if i := strings.IndexByte(version, '('); i > 0 {
		return strings.TrimRight(version[:i], " +")
	}
	return version
}
