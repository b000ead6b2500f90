package match

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/inventory"
)

// between is a range from one version up to and without another.
func between(introduced, fixed string) advisory.Range {
	return advisory.Range{Introduced: introduced, Fixed: fixed}
}

// stating makes a statement with the keys that a database would give it.
func stating(typ string, ranges []advisory.Range, versions ...string) *advisory.Statement {
	st := &advisory.Statement{Versions: versions}
	for _, r := range ranges {
		st.Ranges = append(st.Ranges, keyed(typ, r))
	}
	return st
}

func keyed(typ string, r advisory.Range) advisory.KeyRange {
	k := advisory.KeyRange{Range: r}
	for _, end := range []struct {
		version string
		key     *[]byte
	}{{r.Introduced, &k.IntroducedKey}, {r.Fixed, &k.EndKey}, {r.LastAffected, &k.EndKey}} {
		if end.version == "" {
			continue
		}
		if _, err := ecosystem.Compare(typ, end.version, end.version); err != nil {
			k.Bad = true
		}
		if key, err := ecosystem.AppendKey(nil, typ, end.version); err == nil {
			*end.key = key
		}
	}
	return k
}

// subjectOf is a package of one name.
func subjectOf(typ, version string) *subject {
	return &subject{typ: typ, name: "example", version: version}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	last := func(introduced, end string) advisory.Range {
		return advisory.Range{Introduced: introduced, LastAffected: end}
	}
	after := func(introduced, fixed string) advisory.Range {
		return advisory.Range{Introduced: introduced, After: true, Fixed: fixed}
	}
	for _, tt := range []struct {
		name, typ, version string
		ranges             []advisory.Range
		versions           []string
		skipped            int
		want               decision
	}{
		{name: "inside", typ: "npm", version: "4.17.15", ranges: []advisory.Range{between("", "4.17.19")}, want: decision{where: "< 4.17.19", fixed: "4.17.19"}},
		{name: "at the fix", typ: "npm", version: "4.17.19", ranges: []advisory.Range{between("", "4.17.19")}},
		{name: "a pre-release of the fix", typ: "npm", version: "4.17.19-rc.1", ranges: []advisory.Range{between("", "4.17.19")}, want: decision{where: "< 4.17.19", fixed: "4.17.19"}},
		{name: "below the beginning", typ: "npm", version: "4.17.14", ranges: []advisory.Range{between("4.17.15", "4.17.19")}},
		{name: "at the beginning", typ: "npm", version: "4.17.15", ranges: []advisory.Range{between("4.17.15", "4.17.19")}, want: decision{where: ">= 4.17.15, < 4.17.19", fixed: "4.17.19"}},
		{name: "at an exclusive beginning", typ: "npm", version: "1.0.0", ranges: []advisory.Range{after("1.0.0", "2.0.0")}},
		{name: "past an exclusive beginning", typ: "npm", version: "1.0.1", ranges: []advisory.Range{after("1.0.0", "2.0.0")}, want: decision{where: "> 1.0.0, < 2.0.0", fixed: "2.0.0"}},
		{name: "at the last affected", typ: "maven", version: "1.2.17", ranges: []advisory.Range{last("1.2", "1.2.17")}, want: decision{where: ">= 1.2, <= 1.2.17"}},
		{name: "past the last affected", typ: "maven", version: "1.2.17.redhat-00008", ranges: []advisory.Range{last("1.2", "1.2.17")}},
		{name: "open end", typ: "cargo", version: "9.9.9", ranges: []advisory.Range{{Introduced: "0.2.0"}}, want: decision{where: ">= 0.2.0"}},
		{name: "a fix on the package's own branch", typ: "gem", version: "4.3.8", ranges: []advisory.Range{between("", "4.3.9"), between("5.0.0", "5.5.1")}, want: decision{where: "< 4.3.9", fixed: "4.3.9"}},
		{name: "between branches", typ: "gem", version: "4.3.9", ranges: []advisory.Range{between("", "4.3.9"), between("5.0.0", "5.5.1")}},

		{name: "listed alone", typ: "npm", version: "3.3.6", versions: []string{"3.3.6"}, want: decision{where: "listed"}},
		{name: "not listed", typ: "npm", version: "3.3.5", versions: []string{"3.3.6"}},
		{name: "listed in another spelling", typ: "pypi", version: "1.0.0rc1", versions: []string{"1.0-RC1"}, want: decision{where: "listed"}},
		{name: "a build of a listed version", typ: "pypi", version: "1.0+cu118", versions: []string{"1.0"}, want: decision{where: "listed"}},
		{name: "listed at four numbers", typ: "nuget", version: "4.0.0.0", versions: []string{"4.0.0"}, want: decision{where: "listed"}},
		// PYSEC-2023-177 lists the version that its range calls fixed.
		{name: "listed beyond the range", typ: "pypi", version: "23.9.0", ranges: []advisory.Range{between("", "23.9.0")}, versions: []string{"22.10.2", "23.9.0"}, want: decision{where: "listed"}},
		{name: "a fix that is listed is none", typ: "pypi", version: "22.10.2", ranges: []advisory.Range{between("", "23.9.0")}, versions: []string{"22.10.2", "23.9.0"}, want: decision{where: "< 23.9.0"}},
		{name: "the next fix that is not listed", typ: "pypi", version: "1.5", ranges: []advisory.Range{between("", "2.0"), between("3.0", "3.1")}, versions: []string{"2.0"}, want: decision{where: "< 2.0", fixed: "3.1"}},
		{name: "listed beside a range in another spelling", typ: "pypi", version: "2.0.0", ranges: []advisory.Range{between("", "2.0")}, versions: []string{"2.0"}},
		{name: "the version itself is no fix", typ: "pypi", version: "2.0.0", ranges: []advisory.Range{between("", "2.0"), between("2.0.1", "2.1")}, versions: []string{"2.0.0"}, want: decision{where: "listed", fixed: "2.1"}},
		{name: "listed below a range", typ: "pypi", version: "1.5", ranges: []advisory.Range{between("2.0", "2.5"), between("3.0", "3.1")}, versions: []string{"1.5"}, want: decision{where: "listed", fixed: "2.5"}},

		{name: "nothing stated is everything", typ: "npm", version: "1.0.0", want: decision{where: "all versions"}},
		{name: "a range without ends is everything", typ: "npm", version: "not one", ranges: []advisory.Range{{}}, want: decision{where: "all versions"}},
		{name: "only commits", typ: "pypi", version: "1.0", skipped: 1, want: decision{unassessed: onlyCommits}},
		{name: "commits beside a range", typ: "pypi", version: "2.2.0", skipped: 1, ranges: []advisory.Range{between("2.2", "2.2.10")}, want: decision{where: ">= 2.2, < 2.2.10", fixed: "2.2.10"}},
		{name: "commits beside a list", typ: "pypi", version: "2.2.0", skipped: 1, versions: []string{"2.1"}},

		{name: "no version", typ: "npm", ranges: []advisory.Range{between("", "2.0.0")}, want: decision{unassessed: noVersion}},
		{name: "no version and everything", typ: "npm", want: decision{unassessed: noVersion}},
		{name: "version without order", typ: "pypi", version: "trunk", ranges: []advisory.Range{between("", "2.0")}, want: decision{unassessed: badVersion + "trunk"}},
		{name: "version without order, listed", typ: "pypi", version: "2004d-x", ranges: []advisory.Range{between("", "2.0")}, versions: []string{"2004d-x"}, want: decision{where: "listed"}},
		{name: "version without order, a list only", typ: "pypi", version: "trunk", versions: []string{"2.0"}},
		{name: "a branch", typ: "composer", version: "dev-master", ranges: []advisory.Range{between("", "2.0")}, want: decision{unassessed: badVersion + "dev-master"}},

		{name: "an end without order", typ: "npm", version: "1.0.0", ranges: []advisory.Range{between("", "soon")}, want: decision{where: "< soon", unsure: "the range < soon has an end without a place in the order of npm, or ends before it begins"}},
		{name: "an end without order, but another range holds it", typ: "npm", version: "1.0.0", ranges: []advisory.Range{between("", "soon"), between("", "1.1.0")}, want: decision{where: "< 1.1.0", fixed: "1.1.0"}},
		{name: "an end without order, but listed", typ: "npm", version: "1.0.0", ranges: []advisory.Range{between("", "soon")}, versions: []string{"1.0.0"}, want: decision{where: "listed"}},
		{name: "a beginning without order", typ: "npm", version: "1.0.0", ranges: []advisory.Range{between("once", "2.0.0")}, want: decision{where: ">= once, < 2.0.0", unsure: "the range >= once, < 2.0.0 has an end without a place in the order of npm, or ends before it begins"}},
		{name: "an end without order excludes by the other", typ: "npm", version: "1.0.0", ranges: []advisory.Range{between("2.0.0", "soon"), between("once", "0.9.0")}},

		{name: "public version covers local one", typ: "pypi", version: "2.0+cu118", ranges: []advisory.Range{last("", "2.0")}, want: decision{where: "<= 2.0"}},
		{name: "local version is not after the public one", typ: "pypi", version: "2.0+cu118", ranges: []advisory.Range{after("2.0", "3.0")}},
		{name: "two digits are three", typ: "pypi", version: "2.2.0", ranges: []advisory.Range{between("2.2", "2.2.10")}, want: decision{where: ">= 2.2, < 2.2.10", fixed: "2.2.10"}},
		{name: "rpm end without release", typ: "rpm", version: "2.0-3.el9", ranges: []advisory.Range{last("", "2.0")}, want: decision{where: "<= 2.0"}},
		{name: "deb tilde", typ: "deb", version: "1:1.11.28-1~deb10u1", ranges: []advisory.Range{between("", "1:1.11.28-1")}, want: decision{where: "< 1:1.11.28-1", fixed: "1:1.11.28-1"}},
		{name: "apk suffix", typ: "apk", version: "1.1.1d_pre1-r3", ranges: []advisory.Range{between("", "1.1.1d-r3")}, want: decision{where: "< 1.1.1d-r3", fixed: "1.1.1d-r3"}},

		// A tag of a line of releases moves from one to the next.
		{name: "tag of a line in one range", typ: "github", version: "v45", ranges: []advisory.Range{between("", "46.0.1")}, want: decision{where: "< 46.0.1", fixed: "46.0.1"}},
		{name: "tag of a line that has the fix", typ: "github", version: "v4", ranges: []advisory.Range{between("4.0.0", "4.1.3")}, want: decision{unassessed: moving + "v4"}},
		{name: "tag of a line that had the flaw in between", typ: "github", version: "v4", ranges: []advisory.Range{between("4.0.3", "4.1.3")}, want: decision{unassessed: moving + "v4"}},
		{name: "tag of a line that ends affected", typ: "github", version: "v4", ranges: []advisory.Range{between("4.2.0", "5.0.1")}, want: decision{unassessed: moving + "v4"}},
		{name: "tag of a line below", typ: "github", version: "v3", ranges: []advisory.Range{between("4.0.0", "4.1.3")}},
		{name: "tag of a line above", typ: "github", version: "v5", ranges: []advisory.Range{between("4.0.0", "4.1.3")}},
		{name: "tag of a narrower line above", typ: "github", version: "v4.2", ranges: []advisory.Range{between("4.0.0", "4.1.3")}},
		{name: "tag of a narrower line", typ: "github", version: "4.1", ranges: []advisory.Range{between("4.0.0", "4.1.3")}, want: decision{unassessed: moving + "4.1"}},
		{name: "tag of a line up to its first", typ: "github", version: "v4", ranges: []advisory.Range{between("", "4.0.0")}},
		{name: "tag of a line in two ranges", typ: "github", version: "v4", ranges: []advisory.Range{between("3.0.0", "4.0.5"), between("4.1.0", "5.0.0")}, want: decision{unassessed: moving + "v4"}},
		{name: "tag that is listed", typ: "github", version: "v4", versions: []string{"v4"}, want: decision{where: "listed"}},
		{name: "a version of the tag is listed", typ: "github", version: "v4", versions: []string{"4.0.1"}, want: decision{unassessed: moving + "v4"}},
		{name: "another version is listed", typ: "github", version: "v4", versions: []string{"3.0.1"}},
		{name: "tag of a line of what is bad as a whole", typ: "github", version: "v4", want: decision{where: "all versions"}},
		{name: "an end without order for a tag", typ: "github", version: "v4", ranges: []advisory.Range{between("once", "5.0.0")}, want: decision{where: ">= once, < 5.0.0", unsure: "the range >= once, < 5.0.0 has an end without a place in the order of github, or ends before it begins"}},
		{name: "one release of an action", typ: "github", version: "v4.1.2", ranges: []advisory.Range{between("4.0.0", "4.1.3")}, want: decision{where: ">= 4.0.0, < 4.1.3", fixed: "4.1.3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := stating(tt.typ, tt.ranges, tt.versions...)
			st.Skipped = tt.skipped
			got := decide(st, subjectOf(tt.typ, tt.version))
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(decision{})); diff != "" {
				t.Errorf("decide (-want +got):\n%s", diff)
			}
		})
	}
}

// An end may be called bad by the database although it can be ordered here; a
// range then decides nothing, but a version outside of it stays outside.
func TestInsideBad(t *testing.T) {
	t.Parallel()
	r := keyed("npm", between("1.0.0", "2.0.0"))
	r.Bad = true
	if in, err := inside(&r, prepared("npm", "1.5.0")); in || !errors.Is(err, ecosystem.ErrSyntax) {
		t.Errorf("inside = %v, %v; want ErrSyntax", in, err)
	}
	if in, err := inside(&r, prepared("npm", "3.0.0")); in || err != nil {
		t.Errorf("inside = %v, %v; want false", in, err)
	}
}

func prepared(typ, version string) *subject {
	s := subjectOf(typ, version)
	s.prepare()
	return s
}

func TestApplies(t *testing.T) {
	t.Parallel()
	const labelled, plain = "1:18.16.1-1.module_el8.8.0+3595+0818e803", "1:16.20.2-1.el9_2"
	for _, tt := range []struct {
		name        string
		arches      []string
		module      string // of the statement
		fixed       string
		typ, arch   string
		label       string // of the package
		version     string
		ok, guessed bool
	}{
		{name: "any architecture", typ: "deb", arch: "amd64", ok: true},
		{name: "architecture listed", typ: "rpm", arches: []string{"aarch64", "x86_64"}, arch: "x86_64", ok: true},
		{name: "another architecture", typ: "rpm", arches: []string{"aarch64"}, arch: "x86_64"},
		{name: "noarch is every architecture", typ: "rpm", arches: []string{"aarch64"}, arch: "noarch", ok: true},
		{name: "all is every architecture", typ: "deb", arches: []string{"arm64"}, arch: "all", ok: true},
		{name: "unknown architecture", typ: "cargo", arches: []string{"x86_64"}, ok: true},

		{name: "same stream", typ: "rpm", module: "nodejs:18", label: "nodejs:18", version: labelled, ok: true},
		{name: "another stream", typ: "rpm", module: "nodejs:18", label: "nodejs:20", version: labelled},
		{name: "statement outside modules, package in one", typ: "rpm", fixed: plain, label: "nodejs:18", version: labelled},
		{name: "statement in a module, package outside", typ: "rpm", module: "nodejs:18", fixed: labelled, version: plain},
		{name: "both outside modules", typ: "rpm", fixed: plain, version: plain, ok: true},
		{name: "no label, same major version", typ: "rpm", module: "nodejs:18", fixed: labelled, version: "1:18.14.2-2.module_el8.7.0+3497+c65299e7", ok: true, guessed: true},
		{name: "no label, another major version", typ: "rpm", module: "nodejs:18", fixed: labelled, version: "1:16.19.1-1.module_el8.7.0+3496+6c8d5d5c"},
		{name: "no label, a stream without number", typ: "rpm", module: "virt:rhel", fixed: "15:6.2.0-20.module_el8.7.0+3346+68867adb", version: "15:4.2.0-59.module_el8.5.0+2608+72063365", ok: true, guessed: true},
		{name: "statement without stream", typ: "rpm", module: "ruby", fixed: "2.5.9-112.module_el8.10.0+3871+342e2c2f", label: "ruby:2.5", version: "2.5.9-110.module_el8.6.0+3074+4b08f9d4", ok: true, guessed: true},
		{name: "statement without stream, another one", typ: "rpm", module: "ruby", fixed: "2.5.9-112.module_el8.10.0+3871+342e2c2f", label: "ruby:3.1", version: "3.1.2-141.module_el8.7.0+3301+b5a8f9e3"},
		{name: "statement without stream, another module", typ: "rpm", module: "ruby", fixed: "2.5.9-112.module_el8.10.0+3871+342e2c2f", label: "pki-deps:10.6", version: "2.5.9-110.module_el8.6.0+3074+4b08f9d4"},
		{name: "statement without module in a modular range", typ: "rpm", fixed: labelled, label: "nodejs:18", version: labelled, ok: true, guessed: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := &advisory.Statement{Arches: tt.arches, Module: tt.module}
			if tt.fixed != "" {
				st.Ranges = []advisory.KeyRange{{Range: advisory.Range{Fixed: tt.fixed}}}
			}
			p := &inventory.Package{Type: tt.typ, Arch: tt.arch, Version: tt.version, Module: tt.label}
			ok, guessed := applies(st, p, tt.version)
			if ok != tt.ok || guessed != tt.guessed {
				t.Errorf("applies = %v, %v; want %v, %v", ok, guessed, tt.ok, tt.guessed)
			}
		})
	}
}

func TestSourceOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		p             inventory.Package
		source, verse string
		noEpoch       bool
	}{
		{"its own source", inventory.Package{Type: "deb", Name: "curl", Version: "7.74.0-1"}, "curl", "7.74.0-1", false},
		{"name only", inventory.Package{Type: "deb", Name: "libcurl4", Version: "7.74.0-1", SourceName: "curl"}, "curl", "7.74.0-1", false},
		{"rebuilt", inventory.Package{Type: "deb", Name: "xserver-xorg-core", Version: "2:1.20.11-1+b1", SourceName: "xorg-server", SourceVersion: "2:1.20.11-1"}, "xorg-server", "2:1.20.11-1", false},
		{"rpm of its source's version", inventory.Package{Type: "rpm", Name: "perl-interpreter", Version: "4:5.26.3-422.el8", SourceName: "perl", SourceVersion: "5.26.3-422.el8"}, "perl", "4:5.26.3-422.el8", false},
		{"rpm of another version", inventory.Package{Type: "rpm", Name: "perl-Errno", Version: "1.28-422.el8", SourceName: "perl", SourceVersion: "5.26.3-422.el8"}, "perl", "5.26.3-422.el8", true},
		{"rpm source with epoch", inventory.Package{Type: "rpm", Name: "perl-Errno", Version: "1.28-422.el8", SourceName: "perl", SourceVersion: "4:5.26.3-422.el8"}, "perl", "4:5.26.3-422.el8", false},
		{"rpm without source", inventory.Package{Type: "rpm", Name: "bash", Version: "5.1.8-9.el9"}, "bash", "5.1.8-9.el9", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			source, version, noEpoch := sourceOf(&tt.p)
			if source != tt.source || version != tt.verse || noEpoch != tt.noEpoch {
				t.Errorf("sourceOf = %s, %s, %v; want %s, %s, %v", source, version, noEpoch, tt.source, tt.verse, tt.noEpoch)
			}
		})
	}
}

func TestCutEpoch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, epoch, rest string }{
		{"1:2.3-4", "1", "2.3-4"},
		{"0:2.3-4", "0", "2.3-4"},
		{"2.3-4", "", "2.3-4"},
		{"2.3:4", "", "2.3:4"},
		{":4", "", ":4"},
		{"12", "", "12"},
		{"", "", ""},
	} {
		if epoch, rest := cutEpoch(tt.in); epoch != tt.epoch || rest != tt.rest {
			t.Errorf("cutEpoch(%q) = %q, %q; want %q, %q", tt.in, epoch, rest, tt.epoch, tt.rest)
		}
	}
}

// TestPlatforms holds that a distribution is looked up under the words in
// which its advisories are stored. The left side is what os-release of the
// distribution's own images says, the right side an ecosystem of OSV.
// Sources: images of the distributions; OSV schema, "Defined ecosystems".
func TestPlatforms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		os  inventory.OS
		osv string
	}{
		{inventory.OS{ID: "debian", VersionID: "12"}, "Debian:12"},
		{inventory.OS{ID: "ubuntu", VersionID: "22.04"}, "Ubuntu:22.04:LTS"},
		{inventory.OS{ID: "ubuntu", VersionID: "24.10"}, "Ubuntu:24.10"},
		{inventory.OS{ID: "alpine", VersionID: "3.18.4"}, "Alpine:v3.18"},
		{inventory.OS{ID: "alpine", VersionID: "3.21.0_alpha20240807"}, "Alpine:v3.21"},
		{inventory.OS{ID: "wolfi", VersionID: "20230201"}, "Wolfi"},
		{inventory.OS{ID: "chainguard", VersionID: "20230214"}, "Chainguard"},
		{inventory.OS{ID: "minimos", VersionID: "20241031"}, "MinimOS"},
		{inventory.OS{ID: "almalinux", VersionID: "9.4"}, "AlmaLinux:9"},
		{inventory.OS{ID: "rocky", VersionID: "8.9"}, "Rocky Linux:8"},
		{inventory.OS{ID: "rhel", VersionID: "9.4"}, "Red Hat:enterprise_linux:9::baseos"},
		{inventory.OS{ID: "centos", VersionID: "7", Name: "CentOS Linux 7 (Core)"}, "Red Hat:enterprise_linux:7::server"},
		{inventory.OS{ID: "photon", VersionID: "5.0"}, "Photon OS:5.0"},
		{inventory.OS{ID: "azurelinux", VersionID: "3.0"}, "Azure Linux:3"},
		{inventory.OS{ID: "mariner", VersionID: "2.0"}, "Azure Linux:2"},
		{inventory.OS{ID: "sles", VersionID: "15.5"}, "SUSE:Linux Enterprise Module for Basesystem 15 SP5"},
		{inventory.OS{ID: "sles", VersionID: "15.5"}, "SUSE:Linux Enterprise Server 15 SP5"},
		{inventory.OS{ID: "opensuse-leap", VersionID: "15.5"}, "openSUSE:Leap 15.5"},
		{inventory.OS{ID: "opensuse-tumbleweed", VersionID: "20240101"}, "openSUSE:Tumbleweed"},
		{inventory.OS{ID: "openeuler", VersionID: "22.03", Name: "openEuler 22.03 (LTS-SP3)"}, "openEuler:22.03-LTS-SP3"},
		{inventory.OS{ID: "openeuler", VersionID: "24.03", Name: "openEuler 24.03 (LTS)"}, "openEuler:24.03-LTS"},
		{inventory.OS{ID: "openeuler", VersionID: "22.09", Name: "openEuler 22.09"}, "openEuler:22.09"},
		{inventory.OS{ID: "mageia", VersionID: "9"}, "Mageia:9"},
	} {
		t.Run(tt.osv, func(t *testing.T) {
			t.Parallel()
			typ, distro, release, ok := ecosystem.FromOSV(tt.osv)
			if !ok {
				t.Fatalf("OSV does not have %s", tt.osv)
			}
			want := advisory.Ecosystem{Type: typ, Distro: distro, Release: release}
			if diff := cmp.Diff(want, osEcosystem(tt.os, typ)); diff != "" {
				t.Errorf("ecosystem of %s %s (-want +got):\n%s", tt.os.ID, tt.os.VersionID, diff)
			}
		})
	}
}

// TestPlatformsApart has systems that must not be taken for another.
func TestPlatformsApart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		os   inventory.OS
		typ  string
		want string
	}{
		{inventory.OS{ID: "centos", VersionID: "8", Name: "CentOS Stream 8"}, "rpm", "rpm:centos:8"},
		{inventory.OS{ID: "centos", VersionID: "9"}, "rpm", "rpm:centos:9"},
		{inventory.OS{ID: "linuxmint", VersionID: "21.3", Like: []string{"ubuntu", "debian"}}, "deb", "deb:linuxmint:21.3"},
		{inventory.OS{ID: "debian"}, "deb", "deb:debian"},
		{inventory.OS{ID: "rhel", VersionID: "9.4"}, "deb", "deb:rhel:9.4"},
		{inventory.OS{ID: "amzn", VersionID: "2023"}, "rpm", "rpm:amzn:2023"},
		{inventory.OS{}, "apk", "apk"},
	} {
		if got := osEcosystem(tt.os, tt.typ).String(); got != tt.want {
			t.Errorf("%s packages of %s %s are known in %s, want %s", tt.typ, tt.os.ID, tt.os.VersionID, got, tt.want)
		}
	}
}

// fuzzTypes are the ecosystems, each kind of order among them.
var fuzzTypes = []string{
	"deb", "rpm", "apk", "npm", "cargo", "golang", "pypi", "gem", "composer", "nuget", "maven", "pub", "generic",
}

// FuzzDecide holds that a decision is the same with the keys of a database and
// without them, that it does not depend on the order of ranges and lists, that
// each decision has its reason, and that it is what the comparison of versions
// says.
func FuzzDecide(f *testing.F) {
	f.Add(uint8(3), "4.17.15", "", "4.17.19", false, false, "")
	f.Add(uint8(6), "2.2.0", "2.2", "2.2.10", false, false, "2.1")
	f.Add(uint8(6), "2.0+cu118", "2.0", "2.0", true, true, "2.0")
	f.Add(uint8(1), "2.0-3.el9", "1:1.0-1", "2.0", false, true, "")
	f.Add(uint8(1), "1:18.16.1-1.module_el8.8.0+3595", "", "1:18.17.1-1.module_el9.2.0+36", false, false, "")
	f.Add(uint8(0), "1:1.11.28-1~deb10u1", "0", "1:1.11.28-1", false, false, "")
	f.Add(uint8(10), "1.0-beta", "0.9", "1.0", false, false, "1.0-b1")
	f.Add(uint8(8), "dev-master", "", "2.0", false, false, "dev-master")
	f.Add(uint8(5), "go1.12rc1", "1.12.0-0", "1.12.8", false, false, "")
	f.Fuzz(func(t *testing.T, typ uint8, version, introduced, end string, after, last bool, listing string) {
		typ %= uint8(len(fuzzTypes))
		checkDecision(t, fuzzTypes[typ], version, advisory.Range{
			Introduced: introduced, After: after && introduced != "", Fixed: pick(!last, end), LastAffected: pick(last, end),
		}, listing)
	})
}

func pick(ok bool, s string) string {
	if ok {
		return s
	}
	return ""
}

func checkDecision(t *testing.T, typ, version string, r advisory.Range, listing string) {
	t.Helper()
	other := between("1.0", "1.5")
	var versions []string
	if listing != "" {
		versions = []string{listing, "1.2.3"}
	}
	st := stating(typ, []advisory.Range{r, other}, versions...)
	got := decide(st, subjectOf(typ, version))

	bare := &advisory.Statement{Versions: versions}
	for _, k := range st.Ranges {
		bare.Ranges = append(bare.Ranges, advisory.KeyRange{Range: k.Range, Bad: k.Bad})
	}
	if without := decide(bare, subjectOf(typ, version)); without != got {
		t.Errorf("%s %q in %q: with keys %+v, without %+v", typ, version, r, got, without)
	}

	turned := *st
	turned.Ranges, turned.Versions = slices.Clone(st.Ranges), slices.Clone(versions)
	slices.Reverse(turned.Ranges)
	slices.Reverse(turned.Versions)
	back := decide(&turned, subjectOf(typ, version))
	if (back.where == "") != (got.where == "") || (back.unsure == "") != (got.unsure == "") || back.unassessed != got.unassessed {
		t.Errorf("%s %q in %q: in one order %+v, in the other %+v", typ, version, r, got, back)
	}

	switch {
	case got.where != "" && got.unassessed != "", got.where == "" && (got.fixed != "" || got.unsure != ""):
		t.Errorf("%s %q in %q: %+v contradicts itself", typ, version, r, got)
	case got.fixed != "" && got.unsure == "":
		if c, err := ecosystem.Compare(typ, version, got.fixed); err != nil || c > 0 {
			t.Errorf("%s %q in %q: the fix %q is not above it: %d, %v", typ, version, r, got.fixed, c, err)
		}
	}
	checkOracle(t, typ, version, r, versions, got)
}

// checkOracle compares a decision with what the two ranges say by Compare
// alone. Where a version has a part that the end of a range lacks, ecosystems
// have an operator of their own and Compare is no judge, see
// ecosystem.CompareEnd.
func checkOracle(t *testing.T, typ, version string, r advisory.Range, versions []string, got decision) {
	t.Helper()
	if r == (advisory.Range{}) || version == "" || typ == "pypi" && strings.Contains(version, "+") || typ == "rpm" {
		return
	}
	affected := slices.Contains(versions, version)
	for _, r := range []advisory.Range{r, between("1.0", "1.5")} {
		in := true
		for _, e := range []struct {
			end string
			ok  func(c int) bool
		}{
			{r.Introduced, func(c int) bool { return c > 0 || c == 0 && !r.After }},
			{r.Fixed, func(c int) bool { return c < 0 }},
			{r.LastAffected, func(c int) bool { return c <= 0 }},
		} {
			if e.end == "" {
				continue
			}
			c, err := ecosystem.Compare(typ, version, e.end)
			if err != nil {
				return // the other properties say what must hold then
			}
			in = in && e.ok(c)
		}
		affected = affected || in
	}
	if affected != (got.where != "") {
		t.Errorf("%s %q in %q or %q: %+v, want affected %v", typ, version, r, versions, got, affected)
	}
}
