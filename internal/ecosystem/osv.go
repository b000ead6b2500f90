package ecosystem

import "strings"

// osvName is what an OSV ecosystem stands for.
type osvName struct {
	typ    string
	distro string // ID of os-release; "" if it is no distribution
	// release rewrites what follows the name and a colon into the
	// VERSION_ID of os-release; nil if it is the same.
	release func(string) string
}

// osvNames has the ecosystems of OSV by the part before the first colon, and
// under the same kind of name the distributions that OSV does not have.
// Source: OSV schema, "Defined ecosystems".
var osvNames = map[string]osvName{
	"Bioconductor":   {typ: "bioconductor"},
	"Bitnami":        {typ: "bitnami"},
	"CRAN":           {typ: "cran"},
	"ConanCenter":    {typ: "conan"},
	"GitHub Actions": {typ: "github"},
	"Go":             {typ: "golang"},
	"Hackage":        {typ: "hackage"},
	"Hex":            {typ: "hex"},
	"Julia":          {typ: "julia"},
	"Maven":          {typ: "maven"},
	"NuGet":          {typ: "nuget"},
	"Packagist":      {typ: "composer"},
	"Pub":            {typ: "pub"},
	"PyPI":           {typ: "pypi"},
	"RubyGems":       {typ: "gem"},
	"SwiftURL":       {typ: "swift"},
	"VSCode":         {typ: "vscode-extension"},
	"crates.io":      {typ: "cargo"},
	"npm":            {typ: "npm"},

	"Debian": {typ: "deb", distro: "debian"},
	"Echo":   {typ: "deb", distro: "echo"},
	"Ubuntu": {typ: "deb", distro: "ubuntu", release: ubuntuRelease},

	"Alpaquita":  {typ: "apk", distro: "alpaquita"},
	"Alpine":     {typ: "apk", distro: "alpine", release: alpineRelease},
	"Chainguard": {typ: "apk", distro: "chainguard"},
	"MinimOS":    {typ: "apk", distro: "minimos"},
	"Wolfi":      {typ: "apk", distro: "wolfi"},

	"AlmaLinux":    {typ: "rpm", distro: "almalinux"},
	"Amazon Linux": {typ: "rpm", distro: "amzn"},
	"Azure Linux":  {typ: "rpm", distro: "azurelinux"},
	"Bottlerocket": {typ: "rpm", distro: "bottlerocket"},
	"Fedora":       {typ: "rpm", distro: "fedora"},
	"Mageia":       {typ: "rpm", distro: "mageia"},
	"Oracle Linux": {typ: "rpm", distro: "ol"},
	"Photon OS":    {typ: "rpm", distro: "photon"},
	"Red Hat":      {typ: "rpm", distro: "rhel", release: redHatRelease},
	"Rocky Linux":  {typ: "rpm", distro: "rocky"},
	"SUSE":         {typ: "rpm", distro: "sles", release: suseRelease},
	"openEuler":    {typ: "rpm", distro: "openEuler"},
	"openSUSE":     {typ: "rpm", distro: "opensuse"},
}

// FromOSV maps an OSV ecosystem, with or without a release, to the purl type
// of its packages and, for a distribution, to its ID and VERSION_ID as
// os-release writes them: "Alpine:v3.18" is "apk", "alpine", "3.18". A
// subscription with versions of its own, or a product of its own, keeps its
// name in the release and so equals no VERSION_ID:
// "Ubuntu:Pro:22.04:LTS" has the release "Pro:22.04", and
// "Red Hat:rhel_eus:9.2::appstream" has "rhel_eus:9.2". The release is "" if
// the ecosystem has none. ok is false if the ecosystem is unknown.
//
// Behind the name of an ecosystem that is no distribution stands the address of
// a registry beside the usual one: "Packagist:https://packages.drupal.org/8". It
// is left out, since nothing that is installed tells from where it came.
func FromOSV(name string) (typ, distro, release string, ok bool) {
	name, release, _ = strings.Cut(name, ":")
	n, ok := osvNames[name]
	if !ok {
		return "", "", "", false
	}
	if name == "openSUSE" {
		distro, release = openSUSERelease(release)
		return n.typ, distro, release, true
	}
	switch {
	case n.distro == "":
		release = ""
	case n.release != nil:
		release = n.release(release)
	}
	return n.typ, n.distro, release, true
}

func alpineRelease(s string) string { return strings.TrimPrefix(s, "v") }

func ubuntuRelease(s string) string { return strings.TrimSuffix(s, ":LTS") }

// redHatRelease reads the end of a CPE name: product, version, and after an
// empty field the repository, which the release does not depend on. Since RHEL
// 10 the version has the minor release, which is one stream with the others.
// The extended life phase is that in which a release goes on when no other
// support is left: who has not bought it is affected all the same.
// Source: Red Hat, "CPE names in security data"; "Life Cycle", section "ELS".
func redHatRelease(s string) string {
	s, _, _ = strings.Cut(s, "::")
	for _, product := range [...]string{"enterprise_linux:", "rhel_els:"} {
		if version, ok := strings.CutPrefix(s, product); ok {
			major, _, _ := strings.Cut(version, ".")
			return major
		}
	}
	return s
}

// suseRelease turns "Linux Enterprise Server 15 SP5" and the names of the
// modules of that release into "15.5". The modules of release 12, which are of
// no service pack, are "Module:12". Other products keep their name. The
// long-term service packs are the same stream: it goes on for those who have
// bought it, and the others are affected all the same.
// Sources: SUSE, "Product Support Lifecycle", "Long Term Service Pack Support";
// "Modules and Extensions" of SLES 12.
func suseRelease(s string) string {
	words := strings.Fields(strings.TrimSuffix(s, "-LTSS"))
	if len(words) < 3 {
		return s
	}
	pack, ok := strings.CutPrefix(words[len(words)-1], "SP")
	if ok {
		words = words[:len(words)-1]
	}
	major := words[len(words)-1] // 16.0 since that release
	if strings.Trim(major, "0123456789.") != "" || digitsEnd(pack, 0) != len(pack) && ok || !isSUSEServer(s) {
		return s
	}
	switch {
	case ok:
		return major + "." + pack
	case major == "12" && (words[2] == "Module" || words[1] == "Hub"):
		return "Module:12"
	}
	return major
}

// isSUSEServer tells whether a product has the releases of the server: itself,
// its modules under several names, and what is built on it. Storage and Micro
// have versions of their own.
func isSUSEServer(product string) bool {
	rest, ok := strings.CutPrefix(product, "Linux Enterprise ")
	if !ok {
		return strings.HasPrefix(product, "Real Time Module ") || strings.HasPrefix(product, "Package Hub ")
	}
	return !strings.HasPrefix(rest, "Storage ") && !strings.HasPrefix(rest, "Micro ")
}

// openSUSERelease splits "Leap 15.5" and "Tumbleweed". The latter is a rolling
// release: its VERSION_ID is a date that no advisory names.
func openSUSERelease(s string) (distro, release string) {
	if s == "Tumbleweed" {
		return "opensuse-tumbleweed", ""
	}
	if leap, ok := strings.CutPrefix(s, "Leap "); ok {
		return "opensuse-leap", leap
	}
	return "opensuse", s
}
