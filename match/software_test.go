package match_test

import (
	"testing"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

var (
	cpe     = advisory.Ecosystem{Type: "cpe"}
	bitnami = advisory.Ecosystem{Type: "bitnami"}
)

// Rule 9: software that no package manager installed is known by its CPE, in
// Bitnami's catalogue and by its name.
func TestSoftware(t *testing.T) {
	t.Parallel()
	resolver := flaw(names("BIT-nginx-2021-23017", "CVE-2021-23017"), affects(bitnami, "nginx", between("0.6.18", "1.20.1")))
	quic := flaw(names("CVE-2024-24989"), affects(cpe, "f5:nginx", between("1.25.3", "1.25.4")))
	openssl := flaw(names("CVE-2023-0286"), affects(cpe, "openssl:openssl", between("1.1.1", "1.1.1t"), between("3.0.0", "3.0.8")))
	on := func(a advisory.Affected, platforms ...string) advisory.Affected {
		a.Platforms = platforms
		return a
	}
	windows := flaw(names("CVE-2011-4963"), on(affects(cpe, "f5:nginx", between("0.7.52", "1.3.1")), "microsoft:windows"))
	linux := flaw(names("CVE-2099-0001"), on(affects(cpe, "f5:nginx", before("1.3.1")), "linux:linux_kernel", "redhat:enterprise_linux_server"))
	nginx := func(version string) inventory.Package { return pkg("generic", "nginx", version) }
	onWindows := inventory.OS{ID: "windows", VersionID: "10.0.17763", CPE: "cpe:2.3:o:microsoft:windows_server_2019:-:*:*:*:*:*:*:*"}
	run(t, []ruleTest{
		{
			name: "Bitnami", packages: []inventory.Package{nginx("1.18.0"), nginx("1.20.1")}, advisories: []*advisory.Advisory{resolver},
			want: []string{"nginx@1.18.0 CVE-2021-23017 fixed in 1.20.1"},
		},
		{
			name: "CPE", packages: []inventory.Package{nginx("1.25.3"), nginx("1.25.4"), nginx("1.25.2")}, advisories: []*advisory.Advisory{quic},
			want: []string{"nginx@1.25.3 CVE-2024-24989 fixed in 1.25.4"},
		},
		{
			name: "both are one", packages: []inventory.Package{nginx("1.25.3")},
			advisories: []*advisory.Advisory{quic, flaw(names("BIT-nginx-2024-24989", "CVE-2024-24989"), affects(bitnami, "nginx", between("1.25.3", "1.25.4")))},
			want:       []string{"nginx@1.25.3 CVE-2024-24989 fixed in 1.25.4"},
		},
		{
			name: "letters of OpenSSL", packages: []inventory.Package{pkg("generic", "openssl", "1.1.1k"), pkg("generic", "openssl", "1.1.1t"), pkg("generic", "openssl", "1.1.0l")},
			advisories: []*advisory.Advisory{openssl}, want: []string{"openssl@1.1.1k CVE-2023-0286 fixed in 1.1.1t"},
		},
		{
			name: "another product, or none that is recognised", packages: []inventory.Package{nginx("1.1.1"), pkg("generic", "nginx-agent", "1.1.1")}, advisories: []*advisory.Advisory{openssl},
		},
		{
			name: "packages of others have no CPE", os: bullseye, packages: []inventory.Package{deb("openssl", "1.1.1k"), pkg("npm", "openssl", "1.1.1")},
			advisories: []*advisory.Advisory{openssl, xorg(), flaw(names("CVE-2019-10744"), affects(npm, "lodash", before("4.17.12")))},
		},
		{name: "no version", packages: []inventory.Package{nginx("")}, advisories: []*advisory.Advisory{quic}, want: []string{"unassessed generic/nginx x1"}},
		{
			name: "read off a file's name", packages: []inventory.Package{{Type: "generic", Name: "nginx", Version: "1.25.3", Evidence: inventory.Filename}}, advisories: []*advisory.Advisory{quic},
			want: []string{"nginx@1.25.3 CVE-2024-24989 fixed in 1.25.4, medium"},
		},
		{
			name: "on the platform that it needs", os: onWindows, packages: []inventory.Package{nginx("1.2.0")}, advisories: []*advisory.Advisory{windows, linux},
			want: []string{"nginx@1.2.0 CVE-2011-4963 fixed in 1.3.1"},
		},
		{
			name: "on another platform", os: bullseye, packages: []inventory.Package{nginx("1.2.0")}, advisories: []*advisory.Advisory{windows, linux},
			want: []string{"nginx@1.2.0 CVE-2099-0001 fixed in 1.3.1"},
		},
		{
			name: "on one that nobody knows", packages: []inventory.Package{nginx("1.2.0")}, advisories: []*advisory.Advisory{windows, linux},
			want: []string{"nginx@1.2.0 CVE-2099-0001 fixed in 1.3.1, medium"},
		},
		{
			name: "by the CPE of the system alone", os: inventory.OS{ID: "somelinux", VersionID: "8", CPE: "cpe:/o:redhat:enterprise_linux_server:8"}, packages: []inventory.Package{nginx("1.2.0")},
			advisories: []*advisory.Advisory{flaw(names("CVE-2099-0001"), on(affects(cpe, "f5:nginx", before("1.3.1")), "redhat:enterprise_linux_server"))},
			want:       []string{"nginx@1.2.0 CVE-2099-0001 fixed in 1.3.1"},
		},
	})
}

// Rule 7, for software that a package of the distribution installed.
func TestOwnedSoftware(t *testing.T) {
	t.Parallel()
	quic := flaw(names("CVE-2021-23017"), affects(cpe, "f5:nginx", between("0.6.18", "1.20.1")))
	dsa := notice("DSA-4921-1", names("CVE-2021-23017"), affects(debian10, "nginx", before("1.14.2-2+deb10u4")))
	other := notice("DSA-4750-1", names("CVE-2020-11724"), affects(debian10, "nginx", before("1.14.2-2+deb10u3")))
	dist := owned(pkg("generic", "nginx", "1.14.2"), "nginx-full")
	full := func(version string) inventory.Package { return from(deb("nginx-full", version), "nginx", version) }
	run(t, []ruleTest{
		{name: "repaired", os: buster, packages: []inventory.Package{dist, full("1.14.2-2+deb10u4")}, advisories: []*advisory.Advisory{quic, dsa}},
		{
			name: "not repaired", os: buster, packages: []inventory.Package{dist, full("1.14.2-2+deb10u3")}, advisories: []*advisory.Advisory{quic, dsa},
			want: []string{"nginx-full@1.14.2-2+deb10u3 CVE-2021-23017 fixed in 1.14.2-2+deb10u4"},
		},
		{
			name: "the distribution is silent", os: buster, packages: []inventory.Package{dist, full("1.14.2-2+deb10u4")}, advisories: []*advisory.Advisory{quic, other},
			want: []string{"upstream-only generic/nginx x1"},
		},
		{
			name: "the same, and upstream is asked for", os: buster, packages: []inventory.Package{dist, full("1.14.2-2+deb10u4")}, advisories: []*advisory.Advisory{quic, other},
			opt: match.Options{Upstream: true}, want: []string{"nginx@1.14.2 CVE-2021-23017 fixed in 1.20.1, low"},
		},
		{
			name: "nobody owns it", os: buster, packages: []inventory.Package{pkg("generic", "nginx", "1.14.2")}, advisories: []*advisory.Advisory{quic, dsa},
			want: []string{"nginx@1.14.2 CVE-2021-23017 fixed in 1.20.1"},
		},
	})
}

// Rule 10, the rest: what a module is replaced by counts, and Go's own parts are
// known by its version.
func TestGoParts(t *testing.T) {
	t.Parallel()
	cgo := flaw(names("GO-2023-1841", "CVE-2023-29404"), affects(golang, "toolchain", before("1.19.10"), between("1.20.0-0", "1.20.5")))
	yaml := flaw(names("GO-2021-0061", "CVE-2021-4235"), affects(golang, "gopkg.in/yaml.v2", before("2.2.3")))
	run(t, []ruleTest{
		{
			name: "toolchain", packages: []inventory.Package{pkg("golang", "toolchain", "go1.20.4"), pkg("golang", "toolchain", "go1.20.5"), pkg("golang", "stdlib", "go1.20.4")},
			advisories: []*advisory.Advisory{cgo}, want: []string{"toolchain@go1.20.4 CVE-2023-29404 fixed in 1.20.5"},
		},
		{
			// The inventory has the replacement in place of the module.
			name: "replaced by another module", packages: []inventory.Package{pkg("golang", "github.com/example/yaml", "v2.2.0"), pkg("golang", "gopkg.in/yaml.v2", "v2.2.2")},
			advisories: []*advisory.Advisory{yaml}, want: []string{"gopkg.in/yaml.v2@v2.2.2 CVE-2021-4235 fixed in 2.2.3"},
		},
		{
			name: "built in a working copy", packages: []inventory.Package{pkg("golang", "gopkg.in/yaml.v2", "(devel)")}, advisories: []*advisory.Advisory{yaml},
			want: []string{"unassessed golang/gopkg.in/yaml.v2 x1"},
		},
	})
}

// Rule 11: a jar that carries others has all of them; a version that nothing has
// filled in is none.
func TestJava(t *testing.T) {
	t.Parallel()
	log4j := flaw(names("GHSA-jfh8-c2jp-5v3q", "CVE-2021-44228"), affects(maven, "org.apache.logging.log4j:log4j-core", between("2.13.0", "2.15.0")))
	at := func(name, version, path string) inventory.Package {
		p := pkg("maven", name, version)
		p.Path = path
		return p
	}
	run(t, []ruleTest{
		{
			name: "shaded and nested", advisories: []*advisory.Advisory{log4j}, packages: []inventory.Package{
				at("com.example:app", "1.0", "app.jar"), at("org.apache.logging.log4j:log4j-core", "2.14.1", "app.jar"),
				at("org.apache.logging.log4j:log4j-api", "2.14.1", "app.jar"), at("org.apache.logging.log4j:log4j-core", "2.13.0", "app.war!/WEB-INF/lib/x.jar"),
			},
			want: []string{
				"org.apache.logging.log4j:log4j-core@2.13.0 CVE-2021-44228 fixed in 2.15.0",
				"org.apache.logging.log4j:log4j-core@2.14.1 CVE-2021-44228 fixed in 2.15.0",
			},
		},
		{
			name: "no version that counts", advisories: []*advisory.Advisory{log4j}, packages: []inventory.Package{
				at("org.apache.logging.log4j:log4j-core", "${log4j.version}", "a.jar"), at("org.apache.logging.log4j:log4j-core", "unspecified", "b.jar"),
				at("org.apache.logging.log4j:log4j-core", "", "c.jar"), at("org.apache.logging.log4j:log4j-core", "2.${minor}", "d.jar"),
			},
			want: []string{
				"unassessed maven/org.apache.logging.log4j:log4j-core x1", "unassessed maven/org.apache.logging.log4j:log4j-core x1",
				"unassessed maven/org.apache.logging.log4j:log4j-core x1", "unassessed maven/org.apache.logging.log4j:log4j-core x1",
			},
		},
	})
}
