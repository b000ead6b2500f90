package match_test

import (
	"testing"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// The facts of the advisories below are those of the publishers: ids, flaws,
// names and versions. Ids of the year 2099 are made up.

var (
	amazon2   = advisory.Ecosystem{Type: "rpm", Distro: "amzn", Release: "2"}
	oracle8   = advisory.Ecosystem{Type: "rpm", Distro: "ol", Release: "8"}
	ubuntu22  = advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: "22.04"}
	pro22     = advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: "Pro:22.04"}
	onAmazon2 = inventory.OS{ID: "amzn", VersionID: "2"}
	onOracle8 = inventory.OS{ID: "ol", VersionID: "8.4"}
	onUbuntu  = inventory.OS{ID: "ubuntu", VersionID: "22.04"}
	rhel9     = advisory.Ecosystem{Type: "rpm", Distro: "rhel", Release: "9"}
	sles153   = advisory.Ecosystem{Type: "rpm", Distro: "sles", Release: "15.3"}
	onSLES153 = inventory.OS{ID: "sles", VersionID: "15.3"}
	withPro   = inventory.OS{ID: "ubuntu", VersionID: "22.04", Pro: true}
)

// running sets the release of the kernel that runs.
func running(os inventory.OS, kernel string) inventory.OS {
	os.Kernel = kernel
	return os
}

// Rule 5: each installed kernel is matched, the one that runs is marked, what is
// only built with it is not reported beside it.
func TestKernel(t *testing.T) {
	t.Parallel()
	dsa := notice("DSA-5324-1", names("CVE-2022-2873"), affects(debian11, "linux", before("5.10.162-1")))
	alma := notice("ALSA-2022:5249", names("CVE-2022-1012"),
		affects(alma9, "kernel-core", before("5.14.0-70.17.1.el9_0")), affects(alma9, "kernel-headers", before("5.14.0-70.17.1.el9_0")),
		affects(alma9, "perf", before("5.14.0-70.17.1.el9_0")))
	image := func(abi, version string) inventory.Package {
		return from(deb("linux-image-5.10.0-"+abi+"-amd64", version), "linux-signed-amd64", "5.10+1")
	}
	around := func(name string) inventory.Package { return from(deb(name, "5.10.140-1"), "linux", "5.10.140-1") }
	core := func(version string) inventory.Package {
		return from(rpm("kernel-core", version), "kernel", version)
	}
	live := affects(amazon2, "kernel-livepatch-4.14.273-207.502", before("1.0-3.amzn2"))
	live.Repo = "livepatch"
	run(t, []ruleTest{
		{
			name: "by the source that a signed image was built from", os: bullseye, packages: []inventory.Package{image("18", "5.10.140-1"), image("21", "5.10.162-1")},
			advisories: []*advisory.Advisory{dsa},
			want:       []string{"linux-image-5.10.0-18-amd64@5.10.140-1 CVE-2022-2873 fixed in 5.10.162-1"},
		},
		{
			name: "the one that runs", os: running(bullseye, "5.10.0-18-amd64"), packages: []inventory.Package{image("18", "5.10.140-1"), image("19", "5.10.149-1")},
			advisories: []*advisory.Advisory{dsa},
			want: []string{
				"linux-image-5.10.0-18-amd64@5.10.140-1 CVE-2022-2873 fixed in 5.10.162-1 loaded",
				"linux-image-5.10.0-19-amd64@5.10.149-1 CVE-2022-2873 fixed in 5.10.162-1 idle",
			},
		},
		{
			name: "the package that names the newest image", os: bullseye, advisories: []*advisory.Advisory{dsa},
			packages: []inventory.Package{image("18", "5.10.140-1"), from(deb("linux-image-amd64", "5.10.140-1"), "linux-signed-amd64", "5.10+1")},
			want:     []string{"linux-image-5.10.0-18-amd64@5.10.140-1 CVE-2022-2873 fixed in 5.10.162-1", "kernel-only deb/linux-image-amd64 x1"},
		},
		{
			name: "headers beside a kernel", os: bullseye,
			packages:   []inventory.Package{image("18", "5.10.140-1"), around("linux-headers-5.10.0-18-amd64"), around("linux-libc-dev"), around("bpftool")},
			advisories: []*advisory.Advisory{dsa},
			want: []string{
				"linux-image-5.10.0-18-amd64@5.10.140-1 CVE-2022-2873 fixed in 5.10.162-1",
				"kernel-only deb/bpftool x1", "kernel-only deb/linux-headers-5.10.0-18-amd64 x1", "kernel-only deb/linux-libc-dev x1",
			},
		},
		{
			name: "headers in a container", os: bullseye, packages: []inventory.Package{around("linux-libc-dev")}, advisories: []*advisory.Advisory{dsa},
			want: []string{"kernel-only deb/linux-libc-dev x1"},
		},
		{
			name: "repaired headers are nothing to tell", os: bullseye, packages: []inventory.Package{from(deb("linux-libc-dev", "5.10.162-1"), "linux", "5.10.162-1")},
			advisories: []*advisory.Advisory{dsa},
		},
		{
			name: "rpm", os: running(onAlma9, "5.14.0-70.13.1.el9_0.x86_64"),
			packages: []inventory.Package{
				core("5.14.0-70.13.1.el9_0"), core("5.14.0-70.5.1.el9_0"), core("5.14.0-70.17.1.el9_0"),
				from(rpm("kernel-headers", "5.14.0-70.13.1.el9_0"), "kernel", "5.14.0-70.13.1.el9_0"), from(rpm("perf", "5.14.0-70.13.1.el9_0"), "kernel", "5.14.0-70.13.1.el9_0"),
			},
			advisories: []*advisory.Advisory{alma},
			want: []string{
				"kernel-core@5.14.0-70.13.1.el9_0 CVE-2022-1012 fixed in 5.14.0-70.17.1.el9_0 loaded",
				"kernel-core@5.14.0-70.5.1.el9_0 CVE-2022-1012 fixed in 5.14.0-70.17.1.el9_0 idle",
				"kernel-only rpm/kernel-headers x1", "kernel-only rpm/perf x1",
			},
		},
		{
			name: "a live patch is a stream of its own", os: running(onAmazon2, "4.14.273-207.502.amzn2.x86_64"),
			packages: []inventory.Package{rpm("kernel-livepatch-4.14.273-207.502", "1.0-2.amzn2"), from(rpm("kernel", "4.14.273-207.502.amzn2"), "kernel", "4.14.273-207.502.amzn2")},
			advisories: []*advisory.Advisory{
				notice("ALASLIVEPATCH-2099-1", names("CVE-2099-0001"), live), notice("ALAS-2099-1", names("CVE-2099-0001"), affects(amazon2, "kernel", before("4.14.276-211.499.amzn2"))),
			},
			want: []string{
				"kernel@4.14.273-207.502.amzn2 CVE-2099-0001 fixed in 4.14.276-211.499.amzn2 loaded",
				"kernel-livepatch-4.14.273-207.502@1.0-2.amzn2 CVE-2099-0001 fixed in 1.0-3.amzn2",
			},
		},
	})
}

// Rule 5: what Oracle rebuilds for Ksplice is a branch beside its own packages.
func TestRebuilds(t *testing.T) {
	t.Parallel()
	rebuild := affects(oracle8, "openssl-libs", before("2:1.1.1g-15.ksplice1.el8_3"))
	rebuild.Repo = "ksplice"
	ksplice := notice("ELSA-2021-9151", names("CVE-2021-3449"), rebuild)
	plain := notice("ELSA-2021-1024", names("CVE-2021-3449"), affects(oracle8, "openssl-libs", before("1:1.1.1g-15.el8_3")))
	fips := notice("ELSA-2021-9150", names("CVE-2021-3449"), affects(oracle8, "openssl-libs", before("10:1.1.1g-15.el8_3_fips")))
	all := []*advisory.Advisory{ksplice, plain, fips}
	run(t, []ruleTest{
		{
			name: "plain", os: onOracle8, packages: []inventory.Package{rpm("openssl-libs", "1:1.1.1g-12.el8_3"), rpm("openssl-libs", "1:1.1.1g-15.el8_3")}, advisories: all,
			want: []string{"openssl-libs@1:1.1.1g-12.el8_3 CVE-2021-3449 fixed in 1:1.1.1g-15.el8_3"},
		},
		{
			name: "Ksplice", os: onOracle8, packages: []inventory.Package{rpm("openssl-libs", "2:1.1.1g-12.ksplice1.el8_3"), rpm("openssl-libs", "2:1.1.1g-15.ksplice1.el8_3")}, advisories: all,
			want: []string{"openssl-libs@2:1.1.1g-12.ksplice1.el8_3 CVE-2021-3449 fixed in 2:1.1.1g-15.ksplice1.el8_3"},
		},
		{
			name: "FIPS", os: onOracle8, packages: []inventory.Package{rpm("openssl-libs", "10:1.1.1g-12.el8_3_fips"), rpm("openssl-libs", "10:1.1.1g-15.el8_3_fips")}, advisories: all,
			want: []string{"openssl-libs@10:1.1.1g-12.el8_3_fips CVE-2021-3449 fixed in 10:1.1.1g-15.el8_3_fips"},
		},
		{
			name: "no rebuild is stated", os: onOracle8, packages: []inventory.Package{rpm("openssl-libs", "2:1.1.1g-12.ksplice1.el8_3")}, advisories: []*advisory.Advisory{plain},
		},
	})
}

// Rule 6: a repair that only Ubuntu Pro has is none for others.
func TestUbuntuPro(t *testing.T) {
	t.Parallel()
	source := func(e advisory.Ecosystem, name string, ranges ...advisory.Range) advisory.Affected {
		return advisory.Affected{Ecosystem: e, Name: name, NameKind: advisory.SourceName, Ranges: ranges}
	}
	state := func(list ...advisory.Affected) []*advisory.Advisory {
		return []*advisory.Advisory{flaw(names("UBUNTU-CVE-2022-24823", "CVE-2022-24823"), list...)}
	}
	const stated, old, repaired = "1:4.1.48-4+deb11u2ubuntu0.1~esm1", "1:4.1.48-4+deb11u2build0.22.04.1", "1:4.1.48-4+deb11u2ubuntu0.1~esm1"
	inPro := source(pro22, "netty", before(stated))
	open := source(ubuntu22, "netty", advisory.Range{})
	later := source(ubuntu22, "netty", before("1:4.1.48-4+deb11u2ubuntu0.1"))
	fips22 := advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: "Pro:FIPS-updates:22.04"}
	fips := source(fips22, "netty", before("1:4.1.48-4+deb11u2build0.22.04.fips.2"))
	never := source(ubuntu22, "netty")
	never.State = advisory.NotAffected
	netty := func(version string) []inventory.Package {
		return []inventory.Package{from(deb("libnetty-java", version), "netty", version)}
	}
	line := "libnetty-java@" + old + " CVE-2022-24823"
	run(t, []ruleTest{
		{name: "without Pro", os: onUbuntu, packages: netty(old), advisories: state(inPro), want: []string{line + " fix-needs-pro"}},
		{name: "with Pro", os: withPro, packages: netty(old), advisories: state(inPro), want: []string{line + " fixed in " + stated}},
		{name: "open elsewhere, without Pro", os: onUbuntu, packages: netty(old), advisories: state(inPro, open), want: []string{line + " fix-needs-pro"}},
		{name: "open elsewhere, with Pro", os: withPro, packages: netty(old), advisories: state(inPro, open), want: []string{line + " fixed in " + stated}},
		{name: "repaired by Pro", os: withPro, packages: netty(repaired), advisories: state(inPro, open)},
		{name: "repaired by Pro, which has ended", os: onUbuntu, packages: netty(repaired), advisories: state(inPro, later)},
		{name: "repaired for all", os: onUbuntu, packages: netty(old), advisories: state(inPro, later), want: []string{line + " fixed in 1:4.1.48-4+deb11u2ubuntu0.1"}},
		{name: "never affected", os: onUbuntu, packages: netty(old), advisories: state(inPro, never)},
		{
			name: "a build for FIPS, above all plain versions", os: withPro, packages: netty("1:4.1.48-4+deb11u2build0.22.04.fips.1"),
			advisories: state(source(ubuntu22, "netty", before("1:4.1.48-4+deb11u2build0.22.04.2")), fips),
			want:       []string{"libnetty-java@1:4.1.48-4+deb11u2build0.22.04.fips.1 CVE-2022-24823 fixed in 1:4.1.48-4+deb11u2build0.22.04.fips.2"},
		},
		{
			name: "a repaired build for FIPS", os: withPro, packages: netty("1:4.1.48-4+deb11u2build0.22.04.fips.2"),
			advisories: state(source(ubuntu22, "netty", before("1:4.1.48-4+deb11u2build0.22.04.2")), fips),
		},
		{name: "a plain build beside those for FIPS", os: withPro, packages: netty(old), advisories: state(later, fips), want: []string{line + " fixed in 1:4.1.48-4+deb11u2ubuntu0.1"}},
		{
			name: "FIPS alone does not make a release known", os: onUbuntu, packages: netty(old), advisories: state(fips),
			want: []string{"unsupported-platform deb:ubuntu:22.04 x1"},
		},
		{name: "open in Pro too", os: withPro, packages: netty(old), advisories: state(source(pro22, "netty", advisory.Range{})), want: []string{line}},
		{
			name: "before Pro speaks of it", os: onUbuntu, packages: netty("1:4.1.10-1"), advisories: state(source(pro22, "netty", between("1:4.1.20", stated)), open),
			want: []string{"libnetty-java@1:4.1.10-1 CVE-2022-24823"},
		},
		{
			name: "another release", os: inventory.OS{ID: "ubuntu", VersionID: "20.04", Pro: true}, packages: netty(old), advisories: state(inPro),
			want: []string{"unsupported-platform deb:ubuntu:20.04 x1"},
		},
		{
			name: "a file of a package of which only Pro speaks", os: onUbuntu, advisories: append(state(inPro), flaw(names("GHSA-269q-hmxg-m83q", "CVE-2022-24823"),
				affects(maven, "io.netty:netty-common", before("4.1.77.Final")))),
			packages: append(netty(repaired), owned(pkg("maven", "io.netty:netty-common", "4.1.48.Final"), "libnetty-java")),
		},
	})
}

// A statement that is limited to a repository is about packages from there.
func TestRepositories(t *testing.T) {
	t.Parallel()
	in := func(repo string, a advisory.Affected) advisory.Affected {
		a.Repo = repo
		return a
	}
	const core, extra, fixed = "4.14.273-207.502.amzn2", "5.10.102-99.473.amzn2", "5.10.106-102.504.amzn2"
	kernel := notice("ALASKERNEL-5.10-2099-1", names("CVE-2099-0001"), in("amzn2extra-kernel-5.10", affects(amazon2, "kernel", before(fixed))))
	docker := notice("ALASDOCKER-2099-1", names("CVE-2099-0002"),
		in("docker", affects(amazon2, "docker", before("25.0.3-1.amzn2"))), in("docker", affects(amazon2, "containerd", before("1.7.11-1.amzn2"))))
	nitro := notice("ALASNITRO-ENCLAVES-2099-1", names("CVE-2099-0003"), in("nitro-enclaves", affects(amazon2, "docker", before("25.0.3-1.amzn2"))))
	red := func(repo string) []*advisory.Advisory {
		return []*advisory.Advisory{notice("RHSA-2099:1", names("CVE-2099-0004"),
			in("cpe:/a:redhat:enterprise_linux:8::"+repo, affects(rhel8, "pacemaker", before("2.1.0-8.el8"))))}
	}
	pacemaker := []inventory.Package{rpm("pacemaker", "2.0.5-9.el8"), rpm("pacemaker", "1.1.24-3.el8")}
	ruby := notice("ALASRUBY3.0-2023-002", names("CVE-2021-33621"),
		in("ruby3.0", affects(amazon2, "ruby", before("3.0.6-156.amzn2.0.1"))), in("ruby3.0", affects(amazon2, "rubygem-rexml", before("3.2.5-156.amzn2.0.1"))))
	sudo := notice("RHSA-2024:0811", names("CVE-2023-28486"), affects(rhel9, "sudo", before("1.9.5p2-10.el9_3")),
		in("rhel_eus:9.0", affects(rhel9, "sudo", before("1.9.5p2-7.el9_0.4"))), in("rhel_eus:9.2", affects(rhel9, "sudo", before("1.9.5p2-9.el9_2.2"))))
	desktop := in("SUSE Linux Enterprise Desktop 15 SP3", affects(sles153, "openldap2"))
	desktop.State = advisory.NotAffected
	server := affects(sles153, "openldap2", advisory.Range{})
	cleared := server
	cleared.State, cleared.Ranges = advisory.NotAffected, nil
	run(t, []ruleTest{
		{
			name: "a topic and the core", os: onAmazon2, packages: []inventory.Package{rpm("kernel", core), rpm("kernel", extra), rpm("kernel", "5.4.209-116.363.amzn2")},
			advisories: []*advisory.Advisory{kernel}, want: []string{"kernel@" + extra + " CVE-2099-0001 fixed in " + fixed},
		},
		{
			name: "a topic that has its package's name, and what else it brings", os: onAmazon2, advisories: []*advisory.Advisory{docker},
			packages: []inventory.Package{rpm("docker", "20.10.23-1.amzn2"), rpm("containerd", "1.6.19-1.amzn2"), rpm("containerd", "0.2-1.amzn2")},
			want: []string{
				"containerd@1.6.19-1.amzn2 CVE-2099-0002 fixed in 1.7.11-1.amzn2, medium",
				"docker@20.10.23-1.amzn2 CVE-2099-0002 fixed in 25.0.3-1.amzn2",
			},
		},
		{
			name: "another topic with the package", os: onAmazon2, advisories: []*advisory.Advisory{nitro},
			packages: []inventory.Package{rpm("docker", "20.10.23-1.amzn2"), rpm("docker", "25.0.0-1.amzn2")},
			want:     []string{"docker@25.0.0-1.amzn2 CVE-2099-0003 fixed in 25.0.3-1.amzn2, medium"},
		},
		{
			name: "a package of a topic with a version of its own", os: onAmazon2, advisories: []*advisory.Advisory{ruby},
			packages: []inventory.Package{
				rpm("ruby", "2.0.0.648-36.amzn2.0.1"), rpm("ruby", "3.0.4-155.amzn2.0.1"),
				rpm("rubygem-rexml", "3.1.7.3-36.amzn2.0.1"), rpm("rubygem-rexml", "3.2.5-156.amzn2.0.1"), rpm("rubygem-rexml", "2.1-1.amzn2"),
			},
			want: []string{
				"ruby@3.0.4-155.amzn2.0.1 CVE-2021-33621 fixed in 3.0.6-156.amzn2.0.1",
				"rubygem-rexml@3.1.7.3-36.amzn2.0.1 CVE-2021-33621 fixed in 3.2.5-156.amzn2.0.1, medium",
			},
		},
		{
			name: "minor releases of Red Hat and the main stream", os: inventory.OS{ID: "rhel", VersionID: "9.2"}, advisories: []*advisory.Advisory{sudo},
			packages: []inventory.Package{
				rpm("sudo", "1.9.5p2-7.el9_0.4"), rpm("sudo", "1.9.5p2-9.el9_2.2"), rpm("sudo", "1.9.5p2-10.el9_3"),
				rpm("sudo", "1.9.5p2-7.el9"), rpm("sudo", "1.9.5p2-7.el9_1"), rpm("sudo", "1.9.5p2-9.el9_2.1"),
			},
			want: []string{
				"sudo@1.9.5p2-7.el9 CVE-2023-28486 fixed in 1.9.5p2-10.el9_3",
				"sudo@1.9.5p2-7.el9_1 CVE-2023-28486 fixed in 1.9.5p2-10.el9_3",
				"sudo@1.9.5p2-9.el9_2.1 CVE-2023-28486 fixed in 1.9.5p2-10.el9_3",
			},
		},
		{
			name: "what is not affected in another product clears nothing", os: onSLES153, packages: []inventory.Package{rpm("openldap2", "2.4.46-9.48.1")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2099-0005"), server, desktop)}, want: []string{"openldap2@2.4.46-9.48.1 CVE-2099-0005"},
		},
		{
			name: "what is not affected in the product itself", os: onSLES153, packages: []inventory.Package{rpm("openldap2", "2.4.46-9.48.1")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2099-0005"), server, desktop), flaw(names("CVE-2099-0005"), cleared)},
		},
		{
			name: "a repository that all have", os: onCentOS8, packages: pacemaker, advisories: red("appstream"),
			want: []string{"pacemaker@1.1.24-3.el8 CVE-2099-0004 fixed in 2.1.0-8.el8", "pacemaker@2.0.5-9.el8 CVE-2099-0004 fixed in 2.1.0-8.el8"},
		},
		{
			name: "a repository that few have", os: onCentOS8, packages: pacemaker, advisories: red("highavailability"),
			want: []string{"pacemaker@2.0.5-9.el8 CVE-2099-0004 fixed in 2.1.0-8.el8, medium"},
		},
	})
}

// End of life: the operating system itself is one match, and software another.
func TestEndOfLife(t *testing.T) {
	t.Parallel()
	ended := func(id, name string, versions ...string) *advisory.Advisory {
		return &advisory.Advisory{Source: "endoflife", ID: id, Kind: advisory.Unsupported, Affected: []advisory.Affected{
			{Ecosystem: advisory.Ecosystem{Type: "platform"}, Name: name, Versions: versions},
		}}
	}
	nginx := &advisory.Advisory{Source: "endoflife", ID: "EOL-nginx-1.10", Kind: advisory.Unsupported, Affected: []advisory.Affected{
		affects(advisory.Ecosystem{Type: "generic"}, "nginx", between("1.10", "1.11")),
	}}
	all := []*advisory.Advisory{
		ended("EOL-debian-10", "debian", "10"), ended("EOL-alpine-3.11", "alpine", "3.11"), ended("EOL-sles-15", "sles", "15"), ended("EOL-sles-15.3", "sles", "15.3"),
		ended("EOL-macos-11", "macos", "11"), ended("EOL-centos-8", "centos", "8"), ended("EOL-ubuntu-16.04", "ubuntu", "16.04"), nginx,
	}
	system := func(name, id, version string, want ...string) ruleTest {
		return ruleTest{name: name, os: inventory.OS{ID: id, VersionID: version}, advisories: all, want: want}
	}
	run(t, []ruleTest{
		system("a release", "debian", "10", "debian@10 EOL-debian-10 end-of-life"),
		system("another release", "debian", "11"),
		system("another system", "raspbian", "10"),
		system("a build of a release", "alpine", "3.11.5", "alpine@3.11.5 EOL-alpine-3.11 end-of-life"),
		system("a longer number", "alpine", "3.110.1"),
		system("a service pack is not the release before it", "sles", "15.5"),
		system("a service pack", "sles", "15.3", "sles@15.3 EOL-sles-15.3 end-of-life"),
		system("an update", "macos", "11.7.10", "macos@11.7.10 EOL-macos-11 end-of-life"),
		system("a derived system has its own", "centos", "8", "centos@8 EOL-centos-8 end-of-life"),
		system("no version", "debian", ""),
		system("no system", "", ""),
		{
			name: "a part of an inventory", os: buster, advisories: all, opt: match.Options{Part: true},
		},
		{
			name: "once beside packages", os: buster, advisories: append(all, notice("DSA-4629-1", names("CVE-2020-7471"), affects(debian10, "python-django", before("1:1.11.28-1~deb10u1")))),
			packages: []inventory.Package{deb("python-django", "1:1.11.27-1~deb10u1"), deb("bash", "5.0-4")},
			want:     []string{"python-django@1:1.11.27-1~deb10u1 CVE-2020-7471 fixed in 1:1.11.28-1~deb10u1", "debian@10 EOL-debian-10 end-of-life"},
		},
		{
			name: "software", advisories: all, packages: []inventory.Package{pkg("generic", "nginx", "1.10.3"), pkg("generic", "nginx", "1.11.1"), pkg("generic", "nginx", "1.9.15")},
			want: []string{"nginx@1.10.3 EOL-nginx-1.10 end-of-life fixed in 1.11"},
		},
	})
}
