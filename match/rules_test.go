package match_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Where the advisories of these tests belong.
var (
	cargo    = advisory.Ecosystem{Type: "cargo"}
	composer = advisory.Ecosystem{Type: "composer"}
	gem      = advisory.Ecosystem{Type: "gem"}
	golang   = advisory.Ecosystem{Type: "golang"}
	maven    = advisory.Ecosystem{Type: "maven"}
	npm      = advisory.Ecosystem{Type: "npm"}
	nuget    = advisory.Ecosystem{Type: "nuget"}
	pypi     = advisory.Ecosystem{Type: "pypi"}
	debian10 = advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "10"}
	debian11 = advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "11"}
	alpine   = advisory.Ecosystem{Type: "apk", Distro: "alpine", Release: "3.11"}
	alma8    = advisory.Ecosystem{Type: "rpm", Distro: "almalinux", Release: "8"}
	alma9    = advisory.Ecosystem{Type: "rpm", Distro: "almalinux", Release: "9"}
	rhel8    = advisory.Ecosystem{Type: "rpm", Distro: "rhel", Release: "8"}
	rocky8   = advisory.Ecosystem{Type: "rpm", Distro: "rocky", Release: "8"}
	azure3   = advisory.Ecosystem{Type: "rpm", Distro: "azurelinux", Release: "3"}
)

// What os-release says of the same.
var (
	buster    = inventory.OS{ID: "debian", VersionID: "10", Name: "Debian GNU/Linux 10 (buster)"}
	bullseye  = inventory.OS{ID: "debian", VersionID: "11", Name: "Debian GNU/Linux 11 (bullseye)"}
	onAlpine  = inventory.OS{ID: "alpine", VersionID: "3.11.5"}
	onAlma8   = inventory.OS{ID: "almalinux", VersionID: "8.8"}
	onAlma9   = inventory.OS{ID: "almalinux", VersionID: "9.2"}
	onRocky8  = inventory.OS{ID: "rocky", VersionID: "8.10"}
	onCentOS8 = inventory.OS{ID: "centos", VersionID: "8", Name: "CentOS Linux 8"}
	onStream8 = inventory.OS{ID: "centos", VersionID: "8", Name: "CentOS Stream 8"}
)

// affects is one package of an advisory.
func affects(e advisory.Ecosystem, name string, ranges ...advisory.Range) advisory.Affected {
	a := advisory.Affected{Ecosystem: e, Name: name, Ranges: ranges}
	switch e.Distro {
	case "debian", "alpine", "rocky", "azurelinux":
		a.NameKind = advisory.SourceName // as their advisories name packages
	}
	return a
}

func before(fixed string) advisory.Range { return advisory.Range{Fixed: fixed} }

func between(introduced, fixed string) advisory.Range {
	return advisory.Range{Introduced: introduced, Fixed: fixed}
}

// flaw is an advisory about one flaw; names are its id and its aliases.
func flaw(names []string, list ...advisory.Affected) *advisory.Advisory {
	return &advisory.Advisory{Source: "osv", ID: names[0], Aliases: names[1:], Kind: advisory.Vulnerability, Affected: list}
}

// notice is an update that repairs flaws.
func notice(id string, flaws []string, list ...advisory.Affected) *advisory.Advisory {
	a := &advisory.Advisory{Source: "osv", ID: id, Upstream: flaws, Kind: advisory.Notice, Affected: list}
	if len(list) > 0 {
		a.Release = list[0].Release
	}
	return a
}

// names saves braces.
func names(list ...string) []string { return list }

// build makes a database of the advisories in memory.
func build(list ...*advisory.Advisory) (*vulndb.DB, error) {
	b := vulndb.NewBuilder(vulndb.BuildOptions{})
	for _, a := range list {
		if err := b.Add(a); err != nil {
			return nil, err
		}
	}
	var file bytes.Buffer
	if _, err := b.Write(&file, nil); err != nil {
		return nil, err
	}
	return vulndb.OpenBytes(file.Bytes())
}

// database is build for a test, which closes it at its end.
func database(tb testing.TB, list ...*advisory.Advisory) *vulndb.DB {
	tb.Helper()
	db, err := build(list...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// summary says each match and each note in one line.
func summary(res match.Result) []string {
	var out []string
	for _, m := range res.Matches {
		line := m.Package.Name
		if m.Package.Version != "" {
			line += "@" + m.Package.Version
		}
		line += " " + m.Vulnerability
		if m.Kind != advisory.Vulnerability && m.Kind != advisory.Notice {
			line += " " + string(m.Kind)
		}
		if m.State != "" {
			line += " " + string(m.State)
		}
		if m.Fixed != "" {
			line += " fixed in " + m.Fixed
		}
		if m.Package.Usage != "" {
			line += " " + string(m.Package.Usage)
		}
		if m.Confidence != match.High {
			line += ", " + string(m.Confidence)
		}
		out = append(out, line)
	}
	for _, n := range res.Notes {
		out = append(out, fmt.Sprintf("%s %s x%d", n.Kind, n.Subject, n.Count))
	}
	return out
}

// ruleTest is one example of a rule: packages, what is stated, what follows.
type ruleTest struct {
	name       string
	os         inventory.OS
	packages   []inventory.Package
	advisories []*advisory.Advisory
	opt        match.Options
	want       []string
}

func run(t *testing.T, tests []ruleTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv := inventory.Inventory{OS: tt.os, Packages: tt.packages}
			inv.Sort()
			res, err := match.Inventory(t.Context(), inv, database(t, tt.advisories...), tt.opt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, summary(res)); diff != "" {
				t.Errorf("matches (-want +got):\n%s", diff)
			}
			for _, m := range res.Matches {
				if len(m.Why) == 0 {
					t.Errorf("%s of %s says not why", m.Vulnerability, m.Package.Name)
				}
			}
		})
	}
}

func deb(name, version string) inventory.Package {
	return inventory.Package{Type: "deb", Name: name, Version: version, Arch: "amd64", Evidence: inventory.Database}
}

func rpm(name, version string) inventory.Package {
	return inventory.Package{Type: "rpm", Name: name, Version: version, Arch: "x86_64", Evidence: inventory.Database}
}

// from sets the source of a package.
func from(p inventory.Package, name, version string) inventory.Package {
	p.SourceName, p.SourceVersion = name, version
	return p
}

func pkg(typ, name, version string) inventory.Package {
	return inventory.Package{Type: typ, Name: name, Version: version, Evidence: inventory.Manifest}
}

func labelled(p inventory.Package, module string) inventory.Package {
	p.Module = module
	return p
}

func owned(p inventory.Package, by string) inventory.Package {
	p.OwnedBy = by
	return p
}

// The facts of the advisories below are those of the publishers: ids, flaws,
// names and versions. Ids of the year 2099 are made up.

func xorg() *advisory.Advisory {
	return notice("DSA-5380-1", names("CVE-2023-1393"), affects(debian11, "xorg-server", before("2:1.20.11-1+deb11u6")))
}

func openjdk(e advisory.Ecosystem, fixed string) *advisory.Advisory {
	id := map[string]string{"almalinux": "ALSA-2024:0265", "rhel": "RHSA-2024:0265"}[e.Distro]
	return notice(id, names("CVE-2024-20918"), affects(e, "java-1.8.0-openjdk", before(fixed)))
}

// Rule 1: a distribution matches only inside itself and its release.
func TestDistributionAndRelease(t *testing.T) {
	t.Parallel()
	server := from(deb("xserver-xorg-core", "2:1.20.11-1+deb11u5"), "xorg-server", "2:1.20.11-1+deb11u5")
	java := rpm("java-1.8.0-openjdk", "1:1.8.0.392.b08-4.el8")
	sles12 := func(release, name, fixed string) *advisory.Advisory {
		return flaw(names("SUSE-SU-2099:"+name, "CVE-2099-0008"), affects(advisory.Ecosystem{Type: "rpm", Distro: "sles", Release: release}, name, before(fixed)))
	}
	krb5 := flaw(names("CVE-2099-0006"), affects(advisory.Ecosystem{Type: "rpm", Distro: "sles", Release: "15.3"}, "krb5", before("1.15.2-4.25")))
	run(t, []ruleTest{
		{
			name: "its own release", os: bullseye, packages: []inventory.Package{server}, advisories: []*advisory.Advisory{xorg()},
			want: []string{"xserver-xorg-core@2:1.20.11-1+deb11u5 CVE-2023-1393 fixed in 2:1.20.11-1+deb11u6"},
		},
		{
			name: "another release", os: inventory.OS{ID: "debian", VersionID: "12"}, packages: []inventory.Package{server},
			advisories: []*advisory.Advisory{xorg()}, want: []string{"unsupported-platform deb:debian:12 x1"},
		},
		{
			name: "a derived distribution does not fall back", os: inventory.OS{ID: "linuxmint", VersionID: "5", Like: []string{"debian"}},
			packages: []inventory.Package{server}, advisories: []*advisory.Advisory{xorg()},
			want: []string{"unsupported-platform deb:linuxmint:5 x1"},
		},
		{
			name: "a service pack of SUSE", os: inventory.OS{ID: "sles", VersionID: "15.3"}, packages: []inventory.Package{rpm("krb5", "1.15.2-4.24")},
			advisories: []*advisory.Advisory{krb5}, want: []string{"krb5@1.15.2-4.24 CVE-2099-0006 fixed in 1.15.2-4.25"},
		},
		{
			name: "another service pack", os: inventory.OS{ID: "sles", VersionID: "15.4"}, packages: []inventory.Package{rpm("krb5", "1.15.2-4.24")},
			advisories: []*advisory.Advisory{krb5}, want: []string{"unsupported-platform rpm:sles:15.4 x1"},
		},
		{
			name: "a module of SLES 12, with any service pack", os: inventory.OS{ID: "sles", VersionID: "12.5"}, packages: []inventory.Package{rpm("php74", "7.4.6-1.8.1")},
			advisories: []*advisory.Advisory{sles12("Module:12", "php74", "7.4.33-1.44.1"), sles12("12.5", "bash", "4.3-83.23.1")},
			want:       []string{"php74@7.4.6-1.8.1 CVE-2099-0008 fixed in 7.4.33-1.44.1"},
		},
		{
			name: "the first SLES 12 is not its modules", os: inventory.OS{ID: "sles", VersionID: "12.5"}, packages: []inventory.Package{rpm("php74", "7.4.6-1.8.1")},
			advisories: []*advisory.Advisory{sles12("12", "php74", "7.4.33-1.44.1"), sles12("12.5", "bash", "4.3-83.23.1")},
		},
		{
			name: "modules alone do not make a release known", os: inventory.OS{ID: "sles", VersionID: "12.5"}, packages: []inventory.Package{rpm("php74", "7.4.6-1.8.1")},
			advisories: []*advisory.Advisory{sles12("Module:12", "php74", "7.4.33-1.44.1")}, want: []string{"unsupported-platform rpm:sles:12.5 x1"},
		},
		{
			name: "the same server with more packages", os: inventory.OS{ID: "sles_sap", VersionID: "15.3"}, packages: []inventory.Package{rpm("krb5", "1.15.2-4.24")},
			advisories: []*advisory.Advisory{krb5}, want: []string{"krb5@1.15.2-4.24 CVE-2099-0006 fixed in 1.15.2-4.25"},
		},
		{
			name: "no operating system known", packages: []inventory.Package{server}, advisories: []*advisory.Advisory{xorg()},
			want: []string{"unsupported-platform deb x1"},
		},
		{
			name: "one release of an id that is used in two", os: onAlma9, packages: []inventory.Package{rpm("java-1.8.0-openjdk", "1:1.8.0.402.b06-2.el9")},
			advisories: []*advisory.Advisory{openjdk(alma8, "1:1.8.0.402.b06-3.el8"), openjdk(alma9, "1:1.8.0.402.b06-2.el9")},
		},
		{
			name: "AlmaLinux does not know RHEL", os: onAlma8, packages: []inventory.Package{java},
			advisories: []*advisory.Advisory{openjdk(rhel8, "1:1.8.0.402.b06-2.el8")}, want: []string{"unsupported-platform rpm:almalinux:8 x1"},
		},
		{
			name: "CentOS Linux is RHEL", os: onCentOS8, packages: []inventory.Package{java},
			advisories: []*advisory.Advisory{openjdk(rhel8, "1:1.8.0.402.b06-2.el8")},
			want:       []string{"java-1.8.0-openjdk@1:1.8.0.392.b08-4.el8 CVE-2024-20918 fixed in 1:1.8.0.402.b06-2.el8"},
		},
		{
			name: "CentOS Stream is not", os: onStream8, packages: []inventory.Package{java},
			advisories: []*advisory.Advisory{openjdk(rhel8, "1:1.8.0.402.b06-2.el8")}, want: []string{"unsupported-platform rpm:centos:8 x1"},
		},
		{
			name: "the packages of another system", os: bullseye, packages: []inventory.Package{java},
			advisories: []*advisory.Advisory{xorg(), openjdk(rhel8, "1:1.8.0.402.b06-2.el8")}, want: []string{"unsupported-platform rpm:debian:11 x1"},
		},
		{
			name: "a fix that needs a subscription", os: inventory.OS{ID: "ubuntu", VersionID: "16.04"},
			packages: []inventory.Package{from(deb("libwayland-client0", "1.12.0-1~ubuntu16.04.3"), "wayland", "1.12.0-1~ubuntu16.04.3")},
			advisories: []*advisory.Advisory{flaw(names("UBUNTU-CVE-2021-3782", "CVE-2021-3782"), advisory.Affected{
				Ecosystem: advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: "Pro:16.04"}, Name: "wayland", NameKind: advisory.SourceName,
				Ranges: []advisory.Range{before("1.12.0-1~ubuntu16.04.3+esm1")},
			})},
			want: []string{"libwayland-client0@1.12.0-1~ubuntu16.04.3 CVE-2021-3782 fix-needs-pro"},
		},
	})
}

// Rule 2: each advisory says whether it names the source or the installed
// package.
func TestSourceAndBinary(t *testing.T) {
	t.Parallel()
	openssl := flaw(names("CVE-2019-1551"), affects(alpine, "openssl", before("1.1.1d-r3")))
	nodejs := notice("ALSA-2023:5532", names("CVE-2023-32002"), affects(alma9, "nodejs", before("1:16.20.2-1.el9_2")))
	unfixed := affects(rhel8, "openssl", advisory.Range{})
	unfixed.NameKind, unfixed.State = advisory.SourceName, advisory.WillNotFix
	source := affects(rhel8, "bind")
	source.NameKind, source.State = advisory.SourceName, advisory.NotAffected
	bind := func(name string) inventory.Package {
		return from(rpm(name, "32:9.11.36-3.el8"), "bind", "9.11.36-3.el8")
	}
	run(t, []ruleTest{
		{
			name: "source of a deb, by the version of the source", os: bullseye,
			packages: []inventory.Package{
				from(deb("xserver-xorg-core", "2:1.20.11-1+deb11u6+b1"), "xorg-server", "2:1.20.11-1+deb11u6"),
				from(deb("xserver-common", "2:1.20.11-1+deb11u4+b9"), "xorg-server", "2:1.20.11-1+deb11u4"),
			},
			advisories: []*advisory.Advisory{xorg()},
			want:       []string{"xserver-common@2:1.20.11-1+deb11u4+b9 CVE-2023-1393 fixed in 2:1.20.11-1+deb11u6"},
		},
		{
			name: "a deb that is its own source", os: bullseye, packages: []inventory.Package{deb("xorg-server", "2:1.20.11-1+deb11u5")},
			advisories: []*advisory.Advisory{xorg()}, want: []string{"xorg-server@2:1.20.11-1+deb11u5 CVE-2023-1393 fixed in 2:1.20.11-1+deb11u6"},
		},
		{
			name: "a deb that has the name of another source", os: bullseye,
			packages: []inventory.Package{from(deb("xorg-server", "2:1.20.11-1+deb11u5"), "other", "1.0-1")}, advisories: []*advisory.Advisory{xorg()},
		},
		{
			name: "origin of an apk", os: onAlpine,
			packages: []inventory.Package{
				from(inventory.Package{Type: "apk", Name: "libcrypto1.1", Version: "1.1.1d-r2"}, "openssl", "1.1.1d-r2"),
				from(inventory.Package{Type: "apk", Name: "libssl1.1", Version: "1.1.1d-r3"}, "openssl", "1.1.1d-r3"),
			},
			advisories: []*advisory.Advisory{openssl}, want: []string{"libcrypto1.1@1.1.1d-r2 CVE-2019-1551 fixed in 1.1.1d-r3"},
		},
		{
			name: "installed name of an rpm", os: onAlma9,
			packages: []inventory.Package{
				from(rpm("nodejs", "1:16.19.1-2.el9_2"), "nodejs", "16.19.1-2.el9_2"),
				from(rpm("nodejs-libs", "1:16.19.1-2.el9_2"), "nodejs", "16.19.1-2.el9_2"), // not in the advisory
			},
			advisories: []*advisory.Advisory{nodejs}, want: []string{"nodejs@1:16.19.1-2.el9_2 CVE-2023-32002 fixed in 1:16.20.2-1.el9_2"},
		},
		{
			name: "an rpm without a fix, by its source", os: onCentOS8,
			packages:   []inventory.Package{from(rpm("openssl-libs", "1:1.1.1k-12.el8_9"), "openssl", "1.1.1k-12.el8_9")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2099-0002"), unfixed)},
			want:       []string{"openssl-libs@1:1.1.1k-12.el8_9 CVE-2099-0002 will-not-fix"},
		},
		{
			name: "a source that is not affected, and packages of it that are", os: onCentOS8, packages: []inventory.Package{bind("bind"), bind("bind-libs"), bind("bind-chroot")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2099-0007"), source, affects(rhel8, "bind", before("32:9.11.36-8.el8")), affects(rhel8, "bind-libs", before("32:9.11.36-8.el8")))},
			want: []string{
				"bind@32:9.11.36-3.el8 CVE-2099-0007 fixed in 32:9.11.36-8.el8",
				"bind-libs@32:9.11.36-3.el8 CVE-2099-0007 fixed in 32:9.11.36-8.el8",
			},
		},
		{
			name: "a source that is not affected, by another advisory", os: onCentOS8, packages: []inventory.Package{bind("bind")},
			advisories: []*advisory.Advisory{
				flaw(names("RHSA-2099:2", "CVE-2099-0007"), affects(rhel8, "bind", before("32:9.11.36-8.el8"))), flaw(names("CVE-2099-0007"), source),
			},
		},
		{
			name: "both names of one package", os: onCentOS8, packages: []inventory.Package{from(rpm("openssl", "1:1.1.1k-6.el8"), "openssl", "1.1.1k-6.el8")},
			advisories: []*advisory.Advisory{
				flaw(names("CVE-2099-0002"), unfixed),
				notice("RHSA-2023:1405", names("CVE-2023-0286"), affects(rhel8, "openssl", before("1:1.1.1k-9.el8_7"))),
			},
			want: []string{
				"openssl@1:1.1.1k-6.el8 CVE-2023-0286 fixed in 1:1.1.1k-9.el8_7",
				"openssl@1:1.1.1k-6.el8 CVE-2099-0002 will-not-fix",
			},
		},
	})
}

// Rule 3: an epoch that is not stated is 0, unless it cannot be known.
func TestEpoch(t *testing.T) {
	t.Parallel()
	java := openjdk(alma8, "1:1.8.0.402.b06-2.el8")
	nodemon := notice("ALSA-2023:0321", names("CVE-2022-3517"), affects(alma9, "nodejs-nodemon", before("2.0.20-2.el9_1")))
	perl := notice("RLSA-2025:11805", names("CVE-2025-40909"), affects(rocky8, "perl", before("4:5.26.3-423.el8_10")))
	photon := flaw(names("CVE-2023-38546"), affects(advisory.Ecosystem{Type: "rpm", Distro: "photon", Release: "4.0"}, "curl", before("7.88.1-4.ph4")))
	azure := flaw(names("CVE-2023-47038"), affects(azure3, "perl", before("5.38.2-1")))
	run(t, []ruleTest{
		{
			name: "stated by both", os: onAlma8, packages: []inventory.Package{
				rpm("java-1.8.0-openjdk", "1:1.8.0.392.b08-4.el8"), rpm("java-1.8.0-openjdk", "1:1.8.0.402.b06-2.el8"),
			},
			advisories: []*advisory.Advisory{java}, want: []string{"java-1.8.0-openjdk@1:1.8.0.392.b08-4.el8 CVE-2024-20918 fixed in 1:1.8.0.402.b06-2.el8"},
		},
		{
			name: "not stated by the package", os: onAlma8, packages: []inventory.Package{rpm("java-1.8.0-openjdk", "1.8.0.402.b06-2.el8")},
			advisories: []*advisory.Advisory{java}, want: []string{"java-1.8.0-openjdk@1.8.0.402.b06-2.el8 CVE-2024-20918 fixed in 1:1.8.0.402.b06-2.el8"},
		},
		{
			name: "not stated by the advisory", os: onAlma9, packages: []inventory.Package{
				rpm("nodejs-nodemon", "2.0.19-1.el9_0"), rpm("nodejs-nodemon", "1:2.0.19-1.el9_0"), rpm("nodejs-nodemon", "0:2.0.20-2.el9_1"),
			},
			advisories: []*advisory.Advisory{nodemon}, want: []string{"nodejs-nodemon@2.0.19-1.el9_0 CVE-2022-3517 fixed in 2.0.20-2.el9_1"},
		},
		{
			name: "of a source package, known by a package of its version", os: onRocky8, packages: []inventory.Package{
				from(rpm("perl-interpreter", "4:5.26.3-422.el8"), "perl", "5.26.3-422.el8"),
				from(rpm("perl-libs", "4:5.26.3-423.el8_10"), "perl", "5.26.3-423.el8_10"),
			},
			advisories: []*advisory.Advisory{perl}, want: []string{"perl-interpreter@4:5.26.3-422.el8 CVE-2025-40909 fixed in 4:5.26.3-423.el8_10"},
		},
		{
			name: "of a source package, not known", os: onRocky8, packages: []inventory.Package{
				from(rpm("perl-Errno", "1.28-422.el8"), "perl", "5.26.3-422.el8"),
				from(rpm("perl-IO", "1.38-423.el8_10"), "perl", "5.26.3-423.el8_10"), // repaired, whatever the epoch
			},
			advisories: []*advisory.Advisory{perl}, want: []string{"perl-Errno@1.28-422.el8 CVE-2025-40909 fixed in 4:5.26.3-423.el8_10"},
		},
		{
			name: "of another distribution whose advisories have none", os: inventory.OS{ID: "photon", VersionID: "4.0"}, packages: []inventory.Package{
				rpm("curl", "1:7.88.1-3.ph4"), rpm("curl", "1:7.88.1-4.ph4"),
			},
			advisories: []*advisory.Advisory{photon}, want: []string{"curl@1:7.88.1-3.ph4 CVE-2023-38546 fixed in 7.88.1-4.ph4"},
		},
		{
			name: "of a distribution whose advisories have none", os: inventory.OS{ID: "azurelinux", VersionID: "3.0"}, packages: []inventory.Package{
				rpm("perl", "4:5.38.0-1.azl3"), rpm("perl", "4:5.38.2-1.azl3"),
			},
			advisories: []*advisory.Advisory{azure}, want: []string{"perl@4:5.38.0-1.azl3 CVE-2023-47038 fixed in 5.38.2-1"},
		},
	})
}

// Rule 4: streams of a module are branches.
func TestModules(t *testing.T) {
	t.Parallel()
	inModule := affects(alma9, "nodejs", before("1:18.17.1-1.module_el9.2.0+36+853e48f5"))
	inModule.Module = "nodejs:18"
	stream18 := notice("ALSA-2023:5363", names("CVE-2023-32002"), inModule)
	outside := notice("ALSA-2023:5532", names("CVE-2023-32002"), affects(alma9, "nodejs", before("1:16.20.2-1.el9_2")))
	const old18, old16 = "1:18.14.2-2.module_el9.1.0+13+d9a595ea", "1:16.19.1-2.el9_2"
	run(t, []ruleTest{
		{
			name: "the package's own stream", os: onAlma9, packages: []inventory.Package{labelled(rpm("nodejs", old18), "nodejs:18")},
			advisories: []*advisory.Advisory{stream18, outside},
			want:       []string{"nodejs@" + old18 + " CVE-2023-32002 fixed in 1:18.17.1-1.module_el9.2.0+36+853e48f5"},
		},
		{
			name: "another stream", os: onAlma9, packages: []inventory.Package{labelled(rpm("nodejs", "1:16.19.1-1.module_el9.1.0+1"), "nodejs:16")},
			advisories: []*advisory.Advisory{stream18, outside},
		},
		{
			name: "no module", os: onAlma9, packages: []inventory.Package{rpm("nodejs", old16), rpm("nodejs", "1:16.20.2-1.el9_2")},
			advisories: []*advisory.Advisory{stream18, outside},
			want:       []string{"nodejs@" + old16 + " CVE-2023-32002 fixed in 1:16.20.2-1.el9_2"},
		},
		{
			name: "the label is missing", os: onAlma9, packages: []inventory.Package{rpm("nodejs", old18), rpm("nodejs", "1:20.5.1-1.module_el9.2.0+1")},
			advisories: []*advisory.Advisory{stream18, outside},
			want:       []string{"nodejs@" + old18 + " CVE-2023-32002 fixed in 1:18.17.1-1.module_el9.2.0+36+853e48f5, medium"},
		},
	})
}

// Rule 7: a file that a package of the distribution installed is the
// distribution's business.
func TestOwnedByDistribution(t *testing.T) {
	t.Parallel()
	upstream := flaw(names("PYSEC-2020-35", "CVE-2020-7471", "GHSA-hmr4-m2h5-33qx"), affects(pypi, "django",
		between("1.11", "1.11.28"), between("2.2", "2.2.10"), between("3.0", "3.0.3")))
	dsa := notice("DSA-4629-1", names("CVE-2020-7471"), affects(debian10, "python-django", before("1:1.11.28-1~deb10u1")))
	other := notice("DSA-4598-1", names("CVE-2019-19844"), affects(debian10, "python-django", before("1:1.11.27-1~deb10u1")))
	never := affects(debian10, "python-django")
	never.State = advisory.NotAffected
	dist := owned(pkg("pypi", "Django", "1.11.27"), "python3-django")
	python := func(version string) inventory.Package {
		return from(deb("python3-django", version), "python-django", version)
	}
	run(t, []ruleTest{
		{
			name: "repaired by the distribution", os: buster, packages: []inventory.Package{dist, python("1:1.11.28-1~deb10u1")},
			advisories: []*advisory.Advisory{upstream, dsa},
		},
		{
			name: "not yet repaired by the distribution", os: buster, packages: []inventory.Package{dist, python("1:1.11.27-1~deb10u1")},
			advisories: []*advisory.Advisory{upstream, dsa},
			want:       []string{"python3-django@1:1.11.27-1~deb10u1 CVE-2020-7471 fixed in 1:1.11.28-1~deb10u1"},
		},
		{
			name: "never affected by the word of the distribution", os: buster, packages: []inventory.Package{dist, python("1:1.11.27-1~deb10u1")},
			advisories: []*advisory.Advisory{upstream, notice("DSA-4629-1", names("CVE-2020-7471"), never)},
			opt:        match.Options{Upstream: true},
		},
		{
			name: "the distribution speaks of another flaw", os: buster, packages: []inventory.Package{dist, python("1:1.11.28-1~deb10u1")},
			advisories: []*advisory.Advisory{upstream, other},
			want:       []string{"upstream-only pypi/Django x1"},
		},
		{
			name: "the distribution speaks of a source that only has the owner's name", os: buster,
			packages: []inventory.Package{dist, python("1:1.11.28-1~deb10u1")},
			advisories: []*advisory.Advisory{
				upstream, notice("DSA-2099-1", names("CVE-2020-7471"), affects(debian10, "python3-django", before("1:1.11.28-1~deb10u1"))),
			},
			want: []string{"upstream-only pypi/Django x1"},
		},
		{
			name: "another flaw, and upstream is asked for", os: buster, packages: []inventory.Package{dist, python("1:1.11.28-1~deb10u1")},
			advisories: []*advisory.Advisory{upstream, other}, opt: match.Options{Upstream: true},
			want: []string{"Django@1.11.27 CVE-2020-7471 fixed in 1.11.28, low"},
		},
		{
			name: "no package of the distribution owns it", os: buster, packages: []inventory.Package{pkg("pypi", "Django", "1.11.27"), python("1:1.11.28-1~deb10u1")},
			advisories: []*advisory.Advisory{upstream, dsa}, want: []string{"Django@1.11.27 CVE-2020-7471 fixed in 1.11.28"},
		},
		{
			name: "the owner is not in the inventory", os: buster, packages: []inventory.Package{dist},
			advisories: []*advisory.Advisory{upstream, dsa}, want: []string{"upstream-only pypi/Django x1"},
		},
		{
			name: "nothing is known of the distribution", os: inventory.OS{ID: "linuxmint", VersionID: "5"},
			packages: []inventory.Package{dist, python("1:1.11.27-1~deb10u1")}, advisories: []*advisory.Advisory{upstream, dsa},
			want: []string{"unsupported-platform deb:linuxmint:5 x1", "upstream-only pypi/Django x1"},
		},
	})
}

// Rule 8: ranges of upstream are never applied to packages of a distribution.
func TestBackports(t *testing.T) {
	t.Parallel()
	run(t, []ruleTest{
		{
			name: "an upstream range and a distribution's package", os: bullseye,
			packages: []inventory.Package{deb("openssl", "1.1.1n-0+deb11u5"), deb("lodash", "4.17.11")},
			advisories: []*advisory.Advisory{
				flaw(names("BIT-openssl-2023-0286", "CVE-2023-0286"), affects(advisory.Ecosystem{Type: "bitnami"}, "openssl", between("1.1.1", "1.1.1t"))),
				flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12"))),
				notice("DSA-5343-1", names("CVE-2023-0286"), affects(debian11, "openssl", before("1.1.1n-0+deb11u4"))),
			},
		},
		{
			name: "the reverse", os: bullseye, packages: []inventory.Package{pkg("npm", "openssl", "1.1.1"), pkg("bitnami", "openssl", "1.1.1")},
			advisories: []*advisory.Advisory{
				notice("DSA-5343-1", names("CVE-2023-0286"), affects(debian11, "openssl", before("1.1.1n-0+deb11u4"))),
				flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12"))),
			},
			want: []string{"no-data bitnami x1"},
		},
	})
}

// Rule 10: Go modules by their exact path, the standard library by the version
// of Go.
func TestGo(t *testing.T) {
	t.Parallel()
	reset := flaw(names("GO-2023-2102", "CVE-2023-39325", "GHSA-4374-p667-p6c8"),
		affects(golang, "stdlib", before("1.20.10"), between("1.21.0-0", "1.21.3")), affects(golang, "golang.org/x/net", before("0.17.0")))
	two := flaw(names("GO-2022-0536", "CVE-2019-9512", "CVE-2019-9514", "GHSA-39qc-96h7-956f", "GHSA-hgr8-6h9x-f7q9"),
		affects(golang, "stdlib", before("1.11.13"), between("1.12.0-0", "1.12.8")),
		affects(golang, "golang.org/x/net", before("0.0.0-20190813141303-74dc4d7220e7")))
	docker := flaw(names("GO-2023-1699", "CVE-2023-28840"), affects(golang, "github.com/docker/docker",
		between("1.12.0", "20.10.24+incompatible"), between("23.0.0+incompatible", "23.0.3+incompatible")))
	goutils := flaw(names("GO-2022-0411", "CVE-2021-4238"), affects(golang, "github.com/Masterminds/goutils", before("1.1.1")))
	run(t, []ruleTest{
		{
			name: "standard library",
			packages: []inventory.Package{
				pkg("golang", "stdlib", "go1.20.10"), pkg("golang", "stdlib", "go1.20.9"), pkg("golang", "stdlib", "go1.21rc3"),
				pkg("golang", "stdlib", "go1.21.3"), pkg("golang", "stdlib", "go1.21.2 X:nocoverageredesign"),
			},
			advisories: []*advisory.Advisory{reset},
			want: []string{
				"stdlib@go1.20.9 CVE-2023-39325 fixed in 1.20.10",
				"stdlib@go1.21.2 X:nocoverageredesign CVE-2023-39325 fixed in 1.21.3",
				"stdlib@go1.21rc3 CVE-2023-39325 fixed in 1.21.3",
			},
		},
		{
			name: "pseudo-versions are before their release",
			packages: []inventory.Package{
				pkg("golang", "golang.org/x/net", "v0.0.0-20190813141303-74dc4d7220e7"), pkg("golang", "golang.org/x/net", "v0.0.0-20190724013045-ca1201d0de80"),
			},
			advisories: []*advisory.Advisory{two},
			want: []string{
				"golang.org/x/net@v0.0.0-20190724013045-ca1201d0de80 CVE-2019-9512 fixed in 0.0.0-20190813141303-74dc4d7220e7",
				"golang.org/x/net@v0.0.0-20190724013045-ca1201d0de80 CVE-2019-9514 fixed in 0.0.0-20190813141303-74dc4d7220e7",
			},
		},
		{
			name: "incompatible versions",
			packages: []inventory.Package{
				pkg("golang", "github.com/docker/docker", "v20.10.24+incompatible"), pkg("golang", "github.com/docker/docker", "v23.0.1+incompatible"),
			},
			advisories: []*advisory.Advisory{docker},
			want:       []string{"github.com/docker/docker@v23.0.1+incompatible CVE-2023-28840 fixed in 23.0.3+incompatible"},
		},
		{
			name: "upper case in a path", packages: []inventory.Package{
				pkg("golang", "github.com/Masterminds/goutils", "v1.1.0"), pkg("golang", "github.com/masterminds/goutils", "v1.1.0"),
			},
			advisories: []*advisory.Advisory{goutils}, want: []string{"github.com/Masterminds/goutils@v1.1.0 CVE-2021-4238 fixed in 1.1.1"},
		},
		{
			name: "a prefix of a path is another module", packages: []inventory.Package{pkg("golang", "golang.org/x/net/html", "v0.1.0"), pkg("golang", "golang.org/x", "v0.1.0")},
			advisories: []*advisory.Advisory{reset},
		},
		{
			name: "replaced by a directory", packages: []inventory.Package{pkg("golang", "golang.org/x/net", "")},
			advisories: []*advisory.Advisory{reset}, want: []string{"unassessed golang/golang.org/x/net x1"},
		},
	})
}

// Rule 12: names are compared as their ecosystem does.
func TestNames(t *testing.T) {
	t.Parallel()
	run(t, []ruleTest{
		{
			name: "PyPI", packages: []inventory.Package{pkg("pypi", "Flask_.Login", "0.1"), pkg("pypi", "flask-login", "0.1"), pkg("pypi", "flasklogin", "0.1")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2099-0001"), affects(pypi, "Flask-Login", before("0.2")))},
			want:       []string{"Flask_.Login@0.1 CVE-2099-0001 fixed in 0.2", "flask-login@0.1 CVE-2099-0001 fixed in 0.2"},
		},
		{
			name: "NuGet", packages: []inventory.Package{pkg("nuget", "system.net.http", "4.3.0"), pkg("nuget", "System.Net.Http", "4.3.4")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2018-8292"), affects(nuget, "System.Net.Http", before("4.3.4")))},
			want:       []string{"system.net.http@4.3.0 CVE-2018-8292 fixed in 4.3.4"},
		},
		{
			name: "Packagist", packages: []inventory.Package{pkg("composer", "Symfony/Http-Foundation", "4.2.0")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2019-18888"), affects(composer, "symfony/http-foundation", between("4.2.0", "4.2.12")))},
			want:       []string{"Symfony/Http-Foundation@4.2.0 CVE-2019-18888 fixed in 4.2.12"},
		},
		{
			name: "npm has both jquery and jQuery", packages: []inventory.Package{pkg("npm", "jQuery", "1.7.4"), pkg("npm", "jquery", "1.7.4")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2019-11358"), affects(npm, "jquery", between("1.1.4", "3.4.0")))},
			want:       []string{"jquery@1.7.4 CVE-2019-11358 fixed in 3.4.0"},
		},
		{
			name: "Maven", packages: []inventory.Package{
				pkg("maven", "org.apache.struts:struts2-core", "2.5.10"), pkg("maven", "org.apache.struts:Struts2-core", "2.5.10"), pkg("maven", "struts2-core", "2.5.10"),
			},
			advisories: []*advisory.Advisory{flaw(names("CVE-2017-5638"), affects(maven, "org.apache.struts:struts2-core", between("2.3.5", "2.3.32"), between("2.5.0", "2.5.10.1")))},
			want:       []string{"org.apache.struts:struts2-core@2.5.10 CVE-2017-5638 fixed in 2.5.10.1"},
		},
		{
			name: "crates.io and RubyGems", packages: []inventory.Package{
				pkg("cargo", "smallvec", "0.6.9"), pkg("cargo", "small-vec", "0.6.9"), pkg("gem", "rubyzip", "1.2.0"), pkg("gem", "RubyZip", "1.2.0"),
			},
			advisories: []*advisory.Advisory{
				flaw(names("CVE-2019-15551"), affects(cargo, "smallvec", between("0.6.5", "0.6.10"))),
				flaw(names("CVE-2017-5946"), affects(gem, "rubyzip", before("1.2.1"))),
			},
			want: []string{"smallvec@0.6.9 CVE-2019-15551 fixed in 0.6.10", "rubyzip@1.2.0 CVE-2017-5946 fixed in 1.2.1"},
		},
	})
}

// Rule 13: what is there for development only is matched, and stays marked.
func TestScopes(t *testing.T) {
	t.Parallel()
	dev := pkg("npm", "lodash", "4.17.11")
	dev.Scope = inventory.Dev
	inv := inventory.Inventory{Packages: []inventory.Package{dev}}
	res, err := match.Inventory(t.Context(), inv, database(t, flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12")))), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Matches) != 1 || res.Matches[0].Package != dev {
		t.Errorf("matches = %+v; want one of %+v", res.Matches, dev)
	}
}

// Rule 14: what was withdrawn never matches; what informs is of its own kind.
func TestKinds(t *testing.T) {
	t.Parallel()
	withdrawn := flaw(names("PYSEC-2019-144", "CVE-2018-20998"), affects(pypi, "arrayfire", before("3.6.0")))
	withdrawn.Withdrawn = day(1)
	unmaintained := flaw(names("RUSTSEC-2021-0139"), affects(cargo, "ansi_term", advisory.Range{}))
	unmaintained.Kind = advisory.Unmaintained
	unsound := flaw(names("RUSTSEC-2021-0145", "GHSA-g98v-hv3f-hcfr"), affects(cargo, "atty", advisory.Range{}))
	unsound.Kind = advisory.Informational
	reviewed := flaw(names("GHSA-g98v-hv3f-hcfr"), affects(cargo, "atty", advisory.Range{LastAffected: "0.2.14"}))
	taken := flaw(names("MAL-2099-3", "CVE-2099-0003"), affects(npm, "ua-parser", between("0.7.29", "0.7.30")))
	taken.Kind = advisory.Malware
	malware := flaw(names("MAL-2099-1"), affects(npm, "event-steam"))
	malware.Kind = advisory.Malware
	pinned := affects(npm, "event-stream")
	pinned.Versions = []string{"3.3.6"}
	attack := flaw(names("MAL-2099-2"), pinned)
	attack.Kind = advisory.Malware
	run(t, []ruleTest{
		{
			name: "withdrawn", packages: []inventory.Package{pkg("pypi", "arrayfire", "3.5.0")},
			advisories: []*advisory.Advisory{withdrawn, flaw(names("CVE-2099-0001"), affects(pypi, "other", before("2")))},
		},
		{
			name: "unmaintained", packages: []inventory.Package{pkg("cargo", "ansi_term", "0.12.1")}, advisories: []*advisory.Advisory{unmaintained},
			want: []string{"ansi_term@0.12.1 RUSTSEC-2021-0139 unmaintained"},
		},
		{
			name: "unsound", packages: []inventory.Package{pkg("cargo", "atty", "0.2.14")}, advisories: []*advisory.Advisory{unsound},
			want: []string{"atty@0.2.14 GHSA-g98v-hv3f-hcfr informational"},
		},
		{
			name: "the gravest of two kinds counts", packages: []inventory.Package{pkg("cargo", "atty", "0.2.14")}, advisories: []*advisory.Advisory{unsound, reviewed},
			want: []string{"atty@0.2.14 GHSA-g98v-hv3f-hcfr"},
		},
		{
			name: "malware is graver than a vulnerability", packages: []inventory.Package{pkg("npm", "ua-parser", "0.7.29")},
			advisories: []*advisory.Advisory{taken, flaw(names("CVE-2099-0003"), affects(npm, "ua-parser", between("0.7.29", "0.7.30")))},
			want:       []string{"ua-parser@0.7.29 CVE-2099-0003 malware fixed in 0.7.30"},
		},
		{
			name: "malware in all versions, and in one", advisories: []*advisory.Advisory{malware, attack},
			packages: []inventory.Package{pkg("npm", "event-steam", "not a version"), pkg("npm", "event-stream", "3.3.5"), pkg("npm", "event-stream", "3.3.6")},
			want:     []string{"event-steam@not a version MAL-2099-1 malware", "event-stream@3.3.6 MAL-2099-2 malware"},
		},
	})
}

// Rule 15: a version that is missing or has no order is a note, never a match
// and never silence.
func TestUnassessed(t *testing.T) {
	t.Parallel()
	first := flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12")))
	second := flaw(names("CVE-2020-8203"), affects(npm, "lodash", before("4.17.19")))
	commits := affects(pypi, "wheel")
	commits.Skipped = 1
	clear := affects(debian11, "xorg-server")
	clear.State = advisory.NotAffected
	run(t, []ruleTest{
		{
			name: "no version, however much is stated", packages: []inventory.Package{pkg("npm", "lodash", "")},
			advisories: []*advisory.Advisory{first, second}, want: []string{"unassessed npm/lodash x1"},
		},
		{
			name: "no order, two packages", advisories: []*advisory.Advisory{first, second}, packages: []inventory.Package{
				{Type: "npm", Name: "lodash", Version: "latest", Path: "a"}, {Type: "npm", Name: "lodash", Version: "latest", Path: "b"},
			},
			want: []string{"unassessed npm/lodash x2"},
		},
		{
			name: "no version, and nothing is stated", packages: []inventory.Package{pkg("npm", "left-pad", "")}, advisories: []*advisory.Advisory{first},
		},
		{
			name: "only commits are stated", packages: []inventory.Package{pkg("pypi", "wheel", "0.38.0")}, advisories: []*advisory.Advisory{flaw(names("PSF-2099-1"), commits)},
			want: []string{"unassessed pypi/wheel x1"},
		},
		{
			name: "no version, but not affected", os: bullseye, packages: []inventory.Package{deb("xorg-server", "")},
			advisories: []*advisory.Advisory{notice("DSA-5380-1", names("CVE-2023-1393"), clear)},
		},
		{
			name: "an end of a range without order", packages: []inventory.Package{pkg("npm", "lodash", "4.17.11")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("soon")))},
			want:       []string{"lodash@4.17.11 CVE-2019-10744, low"},
		},
		{
			name: "the same, but another advisory can tell", packages: []inventory.Package{pkg("npm", "lodash", "4.17.11")},
			advisories: []*advisory.Advisory{
				flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("soon"))),
				flaw(names("GHSA-jf85-cpcp-j695", "CVE-2019-10744"), affects(npm, "lodash", before("4.17.12"))),
			},
			want: []string{"lodash@4.17.11 CVE-2019-10744 fixed in 4.17.12"},
		},
	})
}

// Rule 16: every match says why, down to the versions that were compared.
func TestWhy(t *testing.T) {
	t.Parallel()
	inv := inventory.Inventory{OS: bullseye, Packages: []inventory.Package{
		from(deb("xserver-xorg-core", "2:1.20.11-1+deb11u5+b1"), "xorg-server", "2:1.20.11-1+deb11u5"),
	}}
	single := flaw(names("DEBIAN-CVE-2023-1393", "CVE-2023-1393"), affects(debian11, "xorg-server", before("2:1.20.11-1+deb11u6")))
	res, err := match.Inventory(t.Context(), inv, database(t, xorg(), single), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Matches) != 1 {
		t.Fatalf("%d matches, want 1", len(res.Matches))
	}
	got := res.Matches[0]
	for i := range got.Why {
		got.Why[i].Ref = 0
	}
	got.Group = 0
	why := match.Why{
		Source: "osv", Advisory: "DEBIAN-CVE-2023-1393", Ecosystem: "deb:debian:11",
		Name: "xorg-server", NameKind: "source", Version: "2:1.20.11-1+deb11u5",
		Range: "< 2:1.20.11-1+deb11u6", Fixed: "2:1.20.11-1+deb11u6", Kind: advisory.Vulnerability,
	}
	update := why
	update.Advisory, update.Release, update.Kind = "DSA-5380-1", "11", advisory.Notice
	want := match.Match{
		Package: inv.Packages[0], Vulnerability: "CVE-2023-1393", Aliases: []string{"DEBIAN-CVE-2023-1393"},
		Kind: advisory.Vulnerability, Fixed: "2:1.20.11-1+deb11u6", Confidence: match.High,
		Why: []match.Why{why, update},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("match (-want +got):\n%s", diff)
	}
}

// The reasons of a match are in the order of their ids, but for those that are
// not sure: they come last, or not at all where others are sure.
func TestWhyOrder(t *testing.T) {
	t.Parallel()
	lodash := func(id, fixed string) *advisory.Advisory {
		return flaw(names(id, "CVE-2019-10744"), affects(npm, "lodash", before(fixed)))
	}
	stream := func(id, module string) *advisory.Advisory {
		a := affects(alma9, "nodejs", before("1:18.17.1-1.module_el9.2.0+36+853e48f5"))
		a.Module = module
		return notice(id, names("CVE-2023-32002"), a)
	}
	nodejs := labelled(rpm("nodejs", "1:18.14.2-2.module_el9.1.0+13+d9a595ea"), "nodejs:18")
	for _, tt := range []struct {
		name       string
		p          inventory.Package
		list       []*advisory.Advisory
		want       []string
		confidence match.Confidence
	}{
		{"sure", pkg("npm", "lodash", "4.17.11"), []*advisory.Advisory{lodash("C", "4.17.12"), lodash("B", "4.17.19"), lodash("A", "4.17.21")}, names("A", "B", "C"), match.High},
		{"sure and unsure", pkg("npm", "lodash", "4.17.11"), []*advisory.Advisory{lodash("A", "soon"), lodash("B", "4.17.19")}, names("B"), match.High},
		{"unsure", pkg("npm", "lodash", "4.17.11"), []*advisory.Advisory{lodash("B", "soon"), lodash("A", "later")}, names("A", "B"), match.Low},
		{"a guessed stream and a known one", nodejs, []*advisory.Advisory{stream("ALSA-2099:1", "nodejs"), stream("ALSA-2099:2", "nodejs:18")}, names("ALSA-2099:2", "ALSA-2099:1"), match.High},
		{"a guessed stream", nodejs, []*advisory.Advisory{stream("ALSA-2099:1", "nodejs")}, names("ALSA-2099:1"), match.Medium},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv := inventory.Inventory{OS: onAlma9, Packages: []inventory.Package{tt.p}}
			res, err := match.Inventory(t.Context(), inv, database(t, tt.list...), match.Options{})
			if err != nil || len(res.Matches) != 1 {
				t.Fatalf("matches %+v, %v; want one", res.Matches, err)
			}
			var got []string
			for _, w := range res.Matches[0].Why {
				got = append(got, w.Advisory)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if c := res.Matches[0].Confidence; c != tt.confidence {
				t.Errorf("confidence %s, want %s", c, tt.confidence)
			}
		})
	}
}

// Statements of one flaw are one match, whatever they say of its end.
func TestOneFlaw(t *testing.T) {
	t.Parallel()
	deferred := affects(debian11, "xorg-server", advisory.Range{})
	deferred.State = advisory.FixDeferred
	clear := affects(debian11, "xorg-server")
	clear.State = advisory.NotAffected
	some := affects(debian11, "xorg-server", before("2:1.20.11-1+deb11u3"))
	some.State = advisory.NotAffected
	unordered := affects(debian11, "xorg-server", before("not a version"))
	unordered.State = advisory.NotAffected
	server := deb("xorg-server", "2:1.20.11-1+deb11u5")
	found := "xorg-server@2:1.20.11-1+deb11u5 CVE-2023-1393 fixed in 2:1.20.11-1+deb11u6"
	open := affects(debian11, "xorg-server", advisory.Range{})
	state := func(a advisory.Affected) *advisory.Advisory {
		return flaw(names("DEBIAN-CVE-2023-1393", "CVE-2023-1393"), a)
	}
	run(t, []ruleTest{
		{
			name: "a later update of the same", os: bullseye, packages: []inventory.Package{server},
			advisories: []*advisory.Advisory{xorg(), notice("DSA-5380-2", names("CVE-2023-1393"), affects(debian11, "xorg-server", before("2:1.20.11-1+deb11u7")))},
			want:       []string{"xorg-server@2:1.20.11-1+deb11u5 CVE-2023-1393 fixed in 2:1.20.11-1+deb11u7"},
		},
		{
			name: "an earlier update of the same does not close it", os: bullseye, packages: []inventory.Package{server},
			advisories: []*advisory.Advisory{xorg(), notice("DSA-5380-2", names("CVE-2023-1393"), affects(debian11, "xorg-server", before("2:1.20.11-1+deb11u3")))},
			want:       []string{found},
		},
		{
			name: "a fix after a deferral", os: bullseye, packages: []inventory.Package{server},
			advisories: []*advisory.Advisory{xorg(), state(deferred)}, want: []string{found},
		},
		{
			name: "a deferral alone", os: bullseye, packages: []inventory.Package{server}, advisories: []*advisory.Advisory{state(deferred)},
			want: []string{"xorg-server@2:1.20.11-1+deb11u5 CVE-2023-1393 fix-deferred"},
		},
		{
			name: "a deferral beside an update that is not there yet", os: bullseye, packages: []inventory.Package{server},
			advisories: []*advisory.Advisory{state(deferred), notice("DSA-5380-1", names("CVE-2023-1393"), open)},
			want:       []string{"xorg-server@2:1.20.11-1+deb11u5 CVE-2023-1393 fix-deferred"},
		},
		{name: "not affected", os: bullseye, packages: []inventory.Package{server}, advisories: []*advisory.Advisory{xorg(), state(clear)}},
		{
			name: "other versions are not affected", os: bullseye, packages: []inventory.Package{server},
			advisories: []*advisory.Advisory{xorg(), state(some)}, want: []string{found},
		},
		{
			name: "what cannot be compared clears nothing", os: bullseye, packages: []inventory.Package{server},
			advisories: []*advisory.Advisory{xorg(), state(unordered)}, want: []string{found},
		},
		{
			name: "several names in several ecosystems", packages: []inventory.Package{pkg("pypi", "django", "2.2")},
			advisories: []*advisory.Advisory{
				flaw(names("PYSEC-2020-35", "CVE-2020-7471"), affects(pypi, "django", between("2.2", "2.2.10"))),
				flaw(names("GHSA-hmr4-m2h5-33qx", "CVE-2020-7471"), affects(pypi, "Django", between("2.0", "2.2.10"))),
			},
			want: []string{"django@2.2 CVE-2020-7471 fixed in 2.2.10"},
		},
	})
}

// The traps into which other tools have fallen.
func TestTraps(t *testing.T) {
	t.Parallel()
	django := affects(pypi, "django", between("1.11", "1.11.28"), between("2.2", "2.2.10"), between("3.0", "3.0.3"))
	django.Skipped = 1 // a GIT range stands before the others
	django.Versions = []string{"1.11", "2.2", "2.2.1", "3.0"}
	gevent := affects(pypi, "gevent", before("23.9.0"))
	gevent.Skipped, gevent.Versions = 1, []string{"22.10.2", "23.7.0", "23.9.0"}
	run(t, []ruleTest{
		{
			name: "2.2.0 where 2.2 is listed, and commits before versions", packages: []inventory.Package{pkg("pypi", "Django", "2.2.0"), pkg("pypi", "Django", "2.2.10")},
			advisories: []*advisory.Advisory{flaw(names("PYSEC-2020-35", "CVE-2020-7471"), django)},
			want:       []string{"Django@2.2.0 CVE-2020-7471 fixed in 2.2.10"},
		},
		{
			name:     "the fix of one branch is the first version of the next",
			packages: []inventory.Package{pkg("composer", "symfony/http-foundation", "4.1.9"), pkg("composer", "symfony/http-foundation", "v4.2.0"), pkg("composer", "symfony/http-foundation", "4.2.12")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2019-18888"), affects(composer, "symfony/http-foundation",
				between("4.0.0", "4.1.0"), between("4.1.0", "4.2.0"), between("4.2.0", "4.2.12"), between("4.3.0", "4.3.8")))},
			want: []string{
				"symfony/http-foundation@4.1.9 CVE-2019-18888 fixed in 4.2.0",
				"symfony/http-foundation@v4.2.0 CVE-2019-18888 fixed in 4.2.12",
			},
		},
		{
			name: "listed although the range says repaired", packages: []inventory.Package{pkg("pypi", "gevent", "23.9.0"), pkg("pypi", "gevent", "23.9.1")},
			advisories: []*advisory.Advisory{flaw(names("PYSEC-2023-177", "CVE-2023-41419"), gevent)},
			want:       []string{"gevent@23.9.0 CVE-2023-41419"},
		},
		{
			name: "one ecosystem without data does not end the others", packages: []inventory.Package{
				pkg("golang", "github.com/Masterminds/goutils", "v1.1.0"), pkg("maven", "log4j:log4j", "1.2.17"), pkg("maven", "junit:junit", "4.12"), pkg("npm", "lodash", "4.17.11"),
			},
			advisories: []*advisory.Advisory{
				flaw(names("CVE-2021-4238"), affects(golang, "github.com/Masterminds/goutils", before("1.1.1"))),
				flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12"))),
			},
			want: []string{
				"github.com/Masterminds/goutils@v1.1.0 CVE-2021-4238 fixed in 1.1.1",
				"lodash@4.17.11 CVE-2019-10744 fixed in 4.17.12",
				"no-data maven x2",
			},
		},
		{
			name: "a kind of software that nobody knows", packages: []inventory.Package{pkg("conda", "numpy", "1.0"), pkg("generic", "busybox", "1.36"), pkg("npm", "lodash", "4.17.12")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12")))},
			want:       []string{"no-data conda x1", "no-data generic x1"},
		},
		{
			name: "a package read off a file name", packages: []inventory.Package{{Type: "maven", Name: "log4j:log4j", Version: "1.2.17", Evidence: inventory.Filename}},
			advisories: []*advisory.Advisory{flaw(names("CVE-2019-17571"), affects(maven, "log4j:log4j", advisory.Range{Introduced: "1.2", LastAffected: "1.2.17"}))},
			want:       []string{"log4j:log4j@1.2.17 CVE-2019-17571, medium"},
		},
	})
}

// counted returns how many packages the notes of some kinds are about.
func counted(res match.Result, kinds ...match.NoteKind) int {
	n := 0
	for _, note := range res.Notes {
		if slices.Contains(kinds, note.Kind) {
			n += note.Count
		}
	}
	return n
}
