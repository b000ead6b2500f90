package feed

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
)

// Names of the feeds of distributions.
const (
	DebianTracker = "debian-tracker"
	RedHatCSAF    = "redhat-csaf"
	RedHatCVE     = "redhat-cve"
	UbuntuVEX     = "ubuntu-vex"
	OVAL          = "oval"
	UpdateInfo    = "updateinfo"
	AmazonPages   = "amazon-pages"
	AmazonIndex   = "amazon-index"
	PhotonCVE     = "photon-cve"
	PhotonWiki    = "photon-wiki"
	FedoraBodhi   = "fedora-bodhi"
	ArchLinux     = "arch"
	Bottlerocket  = "bottlerocket"
)

// distroFeeds are those of distributions.
var distroFeeds = []format{
	{name: DebianDSA, text: isDSA, read: readDSA},
	{name: DebianTracker, head: isTracker, read: readTracker},
	{name: AlpineSecDB, many: true, keys: isSecDB, read: readSecDB},
	{name: AlpineSecDB, many: true, head: isSecDBYAML, read: readSecDB},
	{name: RedHatCSAF, many: true, keys: isCSAF, read: readCSAF},
	{name: RedHatCVE, many: true, keys: isRedHatCVE, read: readRedHatCVE},
	{name: UbuntuVEX, many: true, keys: isOpenVEX, read: readOpenVEX},
	{name: OVAL, many: true, xml: isOVAL, read: readOVAL},
	{name: UpdateInfo, many: true, xml: isUpdateInfo, read: readUpdateInfo},
	{name: AmazonIndex, many: true, head: isAmazonIndex, read: readAmazonIndex},
	{name: AmazonPages, many: true, head: isAmazonPage, read: readAmazonPages},
	{name: PhotonCVE, many: true, keys: isPhotonCVE, read: readPhotonCVE},
	{name: PhotonWiki, many: true, head: isPhotonWiki, read: readPhotonWiki},
	{name: FedoraBodhi, many: true, keys: isBodhi, read: readBodhi},
	{name: ArchLinux, many: true, keys: isArch, read: readArch},
	{name: Bottlerocket, many: true, head: isBottlerocket, read: readBottlerocket},
}

// Reasons that several distributions share.
const (
	rejectUnversioned = "names no version"
	rejectRelease     = "no release is named"
	rejectStatus      = "unknown state of a package"
	rejectModule      = "not a stream of a module"
	rejectSystem      = "not a package of the system"
	rejectPublisher   = "unknown publisher"
	rejectListing     = "an index without versions"
)

// fixes tells what counts when one package is repaired in several versions of
// one release.
type manyFixes uint8

const (
	lastFix  manyFixes = iota // a notice: all of what it lists is needed
	firstFix                  // a flaw: who has the first version has the repair
)

// packageKey is a package in all but architecture and versions.
type packageKey struct {
	advisory.Ecosystem
	name   string
	kind   advisory.NameKind
	module string
	repo   string
}

func keyOf(a advisory.Affected) packageKey {
	return packageKey{a.Ecosystem, a.Name, a.NameKind, a.Module, a.Repo}
}

func (k packageKey) compare(o packageKey) int {
	return cmp.Or(k.Compare(o.Ecosystem), cmp.Compare(k.name, o.name), cmp.Compare(k.kind, o.kind),
		cmp.Compare(k.module, o.module), cmp.Compare(k.repo, o.repo))
}

// join sorts what an advisory says of packages, one architecture each or none,
// and joins what differs in it only. Of several states of one package, such as
// in two repositories of a release, the gravest counts: a repair outweighs
// "affected", which outweighs "not affected".
func join(list []advisory.Affected, many manyFixes) []advisory.Affected {
	groups := map[packageKey][]advisory.Affected{}
	for _, a := range list {
		groups[keyOf(a)] = append(groups[keyOf(a)], a)
	}
	var out []advisory.Affected
	for _, key := range slices.SortedFunc(maps.Keys(groups), packageKey.compare) {
		out = append(out, joinArches(gravest(groups[key]), many)...)
	}
	return out
}

// gravest returns those of the statements about one package that count.
func gravest(list []advisory.Affected) []advisory.Affected {
	weight := func(a advisory.Affected) int {
		switch {
		case a.State == advisory.NotAffected:
			return 0
		case a.State == advisory.UnderInvestigation:
			return 1
		case len(a.Ranges) == 1 && a.Ranges[0] == advisory.Range{}:
			return 2
		}
		return 3
	}
	most := weight(slices.MaxFunc(list, func(a, b advisory.Affected) int { return cmp.Compare(weight(a), weight(b)) }))
	return slices.DeleteFunc(list, func(a advisory.Affected) bool { return weight(a) < most })
}

// joinArches joins statements about one package.
func joinArches(list []advisory.Affected, many manyFixes) []advisory.Affected {
	byArch := map[string]advisory.Affected{}
	for _, a := range list {
		arch := strings.Join(a.Arches, " ")
		if have, ok := byArch[arch]; ok {
			a.Ranges = joinRanges(a.Type, have.Ranges, a.Ranges, many)
			a.Urgency = cmp.Or(have.Urgency, a.Urgency)
			a.State = have.State
		}
		byArch[arch] = a
	}
	same := map[string]*advisory.Affected{} // by what is stated
	var out []string
	for _, arch := range slices.Sorted(maps.Keys(byArch)) {
		a := byArch[arch]
		parts := []string{string(a.State), a.Urgency}
		for _, r := range a.Ranges {
			parts = append(parts, r.String())
		}
		stated := strings.Join(parts, "\x00")
		have, ok := same[stated]
		switch {
		case !ok:
			a.Arches = slices.Clone(a.Arches)
			same[stated] = &a
			out = append(out, stated)
		case len(have.Arches) == 0: // those of all
		default:
			have.Arches = append(have.Arches, a.Arches...)
		}
	}
	joined := make([]advisory.Affected, 0, len(out))
	for _, stated := range out {
		a := same[stated]
		slices.Sort(a.Arches)
		a.Arches = slices.Compact(a.Arches)
		if len(a.Arches) > maxArches {
			a.Arches = nil // of all, then
		}
		joined = append(joined, *a)
	}
	return joined
}

// joinRanges joins what is said of one package twice.
func joinRanges(typ string, a, b []advisory.Range, many manyFixes) []advisory.Range {
	if len(a) == 0 || len(b) == 0 {
		return nil // one of them is about all versions
	}
	if many == firstFix && len(a) == 1 && len(b) == 1 && isFix(a[0]) && isFix(b[0]) &&
		orderable(typ, a[0].Fixed) && orderable(typ, b[0].Fixed) {
		if compare(typ, b[0].Fixed, a[0].Fixed) < 0 {
			return b
		}
		return a
	}
	return union(typ, slices.Concat(a, b))
}

// isFix reports whether a range has no beginning and ends with a repair.
func isFix(r advisory.Range) bool { return r.Introduced == "" && r.Fixed != "" }

// fixedIn returns the range up to the version that repairs.
func fixedIn(version string) []advisory.Range { return []advisory.Range{{Fixed: version}} }

// allVersions is the range of what has no repair.
func allVersions() []advisory.Range { return []advisory.Range{{}} }

// nevr splits name-epoch:version-release. The epoch 0, which some write and
// others leave out, is left out.
// Source: RPM, "Package naming", N-E:V-R.
func nevr(s string) (name, evr string, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i <= 0 {
		return "", "", false
	}
	j := strings.LastIndexByte(s[:i], '-')
	if j <= 0 || i-j < 2 || i == len(s)-1 {
		return "", "", false
	}
	name, evr = s[:j], s[j+1:]
	if epoch, _, ok := strings.Cut(evr, ":"); ok && !digits(epoch) {
		return "", "", false
	}
	return name, evrOf("", evr), isName(name) && isName(evr)
}

// evrOf joins an epoch and the rest of a version; the epoch 0 is left out.
func evrOf(epoch, version string) string {
	if epoch != "" && epoch != "0" && epoch != "(none)" {
		return epoch + ":" + version
	}
	return strings.TrimPrefix(version, "0:")
}

// rpmArches are the architectures of rpm packages that distributions build
// for; src and nosrc are those of source packages.
// Source: rpm, rpmrc, "arch_compat".
var rpmArches = []string{
	"aarch64", "armv7hl", "i386", "i486", "i586", "i686", "ia64", "loongarch64", "noarch", "nosrc", "ppc", "ppc64",
	"ppc64le", "riscv64", "s390", "s390x", "src", "x86_64",
}

// nevra splits name-epoch:version-release.arch.
func nevra(s string) (name, evr, arch string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 || !slices.Contains(rpmArches, s[i+1:]) {
		return "", "", "", false
	}
	name, evr, ok = nevr(s[:i])
	return name, evr, s[i+1:], ok
}

// archList returns an architecture as a list; none if the package is of all.
func archList(arch string) []string {
	switch arch {
	case "", "noarch", "src", "nosrc", "(none)":
		return nil
	}
	return []string{arch}
}

// cvePattern finds the ids of CVEs in a text.
var cvePattern = pattern(`CVE-[0-9]{4}-[0-9]{4,14}`)

// cvesIn returns the CVEs that a text names.
func cvesIn(s string) []string {
	return slices.DeleteFunc(cvePattern().FindAllString(s, maxSeverities*16), func(id string) bool { return !isCVE(id) })
}

// distroLayouts are the forms of dates of distributions besides dateLayouts;
// a time without a zone is taken as UTC.
// Sources: createrepo_c, updateinfo "issued date"; Fedora, Bodhi API; RFC 822.
var distroLayouts = []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05Z07:00", time.RFC1123}

// day reads a date of a distribution; the zero time stands for none.
func (r *rejects) day(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range distroLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return r.date(s)
}

// label returns a rating in words alone.
func label(publisher, word string) []advisory.Severity {
	word = strings.ToLower(strings.TrimSpace(word))
	switch word {
	case "", "none", "null", "unspecified", "unknown", "n/a":
		return nil
	}
	return []advisory.Severity{{Source: publisher, Label: clip(word, maxID)}}
}

// rated returns a rating in words and, if there is one, as a vector.
func rated(publisher, word, vector string) []advisory.Severity {
	out := label(publisher, word)
	for _, kind := range []string{"CVSS_V3", "CVSS_V4", "CVSS_V2"} {
		if s, ok := severity(osvSeverity{Type: kind, Score: vector}, publisher); ok {
			if len(out) == 1 {
				s.Label = out[0].Label
			}
			return []advisory.Severity{s}
		}
	}
	return out
}

// notice sets the kind of an update: without flaws it is the only name that
// its flaw has.
func notice(a *advisory.Advisory) {
	a.Kind = advisory.Notice
	if len(a.Upstream) == 0 {
		a.Kind = advisory.Vulnerability
	}
}

// done returns the advisory, if any package is left in it.
func (r *rejects) done(a *advisory.Advisory) []outcome {
	if len(a.Affected) > maxAffected {
		a.Affected = a.Affected[:maxAffected]
		r.add(rejectMany, "")
	}
	if len(a.Affected) == 0 {
		reason, detail := rejectNothing, ""
		if len(r.parts) > 0 {
			reason, detail = r.parts[0].Reason, r.parts[0].Detail
		}
		return refused(r.id, reason, detail)
	}
	return r.outcomes(outcome{record: Record{Advisory: a}})
}
