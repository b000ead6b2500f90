package inventory_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

// purls are exact in both directions.
var purls = []struct {
	want string
	p    inventory.Package
	os   inventory.OS
}{
	{
		"pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-12",
		inventory.Package{Type: "deb", Name: "attr", Version: "1:2.4.47-2+b1", Arch: "amd64"},
		inventory.OS{ID: "debian", VersionID: "12"},
	},
	{
		"pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1~22.04?arch=arm64&distro=ubuntu-22.04&upstream=openssl",
		inventory.Package{Type: "deb", Name: "libssl3", Version: "3.0.2-0ubuntu1~22.04", Arch: "arm64", SourceName: "openssl"},
		inventory.OS{ID: "ubuntu", VersionID: "22.04"},
	},
	{
		"pkg:deb/debian/perl-base@5.36.0-7%2Bb1?distro=debian-12&upstream=perl%405.36.0-7",
		inventory.Package{Type: "deb", Name: "perl-base", Version: "5.36.0-7+b1", SourceName: "perl", SourceVersion: "5.36.0-7"},
		inventory.OS{ID: "debian", VersionID: "12"},
	},
	{"pkg:deb/libc6@2.36", inventory.Package{Type: "deb", Name: "libc6", Version: "2.36"}, inventory.OS{}},
	{
		"pkg:rpm/redhat/bash@5.1.8-9.el9?arch=x86_64&distro=rhel-9.4&upstream=bash-5.1.8-9.el9.src.rpm",
		inventory.Package{Type: "rpm", Name: "bash", Version: "5.1.8-9.el9", Arch: "x86_64", SourceName: "bash", SourceVersion: "5.1.8-9.el9"},
		inventory.OS{ID: "rhel", VersionID: "9.4"},
	},
	{
		"pkg:rpm/almalinux/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=almalinux-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm",
		inventory.Package{Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-27.el9", Arch: "x86_64", SourceName: "openssl", SourceVersion: "1:3.0.7-27.el9"},
		inventory.OS{ID: "almalinux", VersionID: "9.4"},
	},
	{
		"pkg:rpm/rocky/nodejs-nodemon@2.0.20-2.module%2Bel8?distro=rocky-8.9&epoch=0&rpmmod=nodejs:18&upstream=nodejs-nodemon%400:2.0.20-3",
		inventory.Package{
			Type: "rpm", Name: "nodejs-nodemon", Version: "0:2.0.20-2.module+el8", Module: "nodejs:18",
			SourceName: "nodejs-nodemon", SourceVersion: "0:2.0.20-3",
		},
		inventory.OS{ID: "rocky", VersionID: "8.9"},
	},
	{
		"pkg:rpm/openeuler/Xorg@1.20?distro=openEuler-22.03",
		inventory.Package{Type: "rpm", Name: "Xorg", Version: "1.20"},
		inventory.OS{ID: "openEuler", VersionID: "22.03"},
	},
	{
		"pkg:rpm/opensuse-leap/zlib@1.2?distro=opensuse-leap-15.5",
		inventory.Package{Type: "rpm", Name: "zlib", Version: "1.2"},
		inventory.OS{ID: "opensuse-leap", VersionID: "15.5"},
	},
	{
		"pkg:apk/alpine/libcrypto3@3.1.4-r0?arch=x86_64&distro=alpine-3.18.4&upstream=openssl",
		inventory.Package{Type: "apk", Name: "libcrypto3", Version: "3.1.4-r0", Arch: "x86_64", SourceName: "openssl"},
		inventory.OS{ID: "alpine", VersionID: "3.18.4"},
	},
	{"pkg:apk/wolfi/curl@8.1-r0?distro=wolfi", inventory.Package{Type: "apk", Name: "curl", Version: "8.1-r0"}, inventory.OS{ID: "wolfi"}},
	{"pkg:npm/%40babel/core@7.0.0-beta.1%2Bx", inventory.Package{Type: "npm", Name: "@babel/core", Version: "7.0.0-beta.1+x"}, inventory.OS{}},
	{"pkg:npm/JSONStream@1.3.5", inventory.Package{Type: "npm", Name: "JSONStream", Version: "1.3.5"}, inventory.OS{}},
	{"pkg:npm/left-pad", inventory.Package{Type: "npm", Name: "left-pad"}, inventory.OS{}},
	{
		"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
		inventory.Package{Type: "maven", Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1"},
		inventory.OS{},
	},
	{
		"pkg:vscode-extension/nrwl/angular-console@18.95.0",
		inventory.Package{Type: "vscode-extension", Name: "nrwl.angular-console", Version: "18.95.0"},
		inventory.OS{},
	},
	{"pkg:maven/jacob@1", inventory.Package{Type: "maven", Name: "jacob", Version: "1"}, inventory.OS{}},
	{
		"pkg:golang/github.com/BurntSushi/toml@v1.6.0",
		inventory.Package{Type: "golang", Name: "github.com/BurntSushi/toml", Version: "v1.6.0"},
		inventory.OS{},
	},
	{"pkg:golang/stdlib@1.22.1", inventory.Package{Type: "golang", Name: "stdlib", Version: "1.22.1"}, inventory.OS{}},
	{
		"pkg:golang/gopkg.in/yaml.v2@v2.0.0%2Bincompatible",
		inventory.Package{Type: "golang", Name: "gopkg.in/yaml.v2", Version: "v2.0.0+incompatible"},
		inventory.OS{},
	},
	{
		"pkg:composer/symfony/http-foundation@v5.4.0",
		inventory.Package{Type: "composer", Name: "symfony/http-foundation", Version: "v5.4.0"},
		inventory.OS{},
	},
	{"pkg:pypi/zope.interface@5.0", inventory.Package{Type: "pypi", Name: "zope.interface", Version: "5.0"}, inventory.OS{}},
	{"pkg:pypi/torch@2.0.1%2Bcu118", inventory.Package{Type: "pypi", Name: "torch", Version: "2.0.1+cu118"}, inventory.OS{}},
	{"pkg:pypi/x@1%212.0", inventory.Package{Type: "pypi", Name: "x", Version: "1!2.0"}, inventory.OS{}},
	{"pkg:gem/nokogiri@1.15.0", inventory.Package{Type: "gem", Name: "nokogiri", Version: "1.15.0"}, inventory.OS{}},
	{"pkg:cargo/rand_core@0.6.4", inventory.Package{Type: "cargo", Name: "rand_core", Version: "0.6.4"}, inventory.OS{}},
	{"pkg:nuget/Newtonsoft.Json@12.0.1", inventory.Package{Type: "nuget", Name: "Newtonsoft.Json", Version: "12.0.1"}, inventory.OS{}},
	{"pkg:generic/a%20b%2F@1%402%3F%23%26%3D%25%C3%A9", inventory.Package{Type: "generic", Name: "a b/", Version: "1@2?#&=%é"}, inventory.OS{}},
}

func TestIdentifier(t *testing.T) {
	t.Parallel()
	for _, tt := range purls {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			if got := tt.p.Identifier(tt.os); got != tt.want {
				t.Errorf("Identifier = %s", got)
			}
			p, os, err := inventory.ParsePURL(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.p, p); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.os, os); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestIdentifierSpelling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		want string
		p    inventory.Package
	}{
		{"pkg:pypi/ruamel-yaml@1", inventory.Package{Type: "pypi", Name: "Ruamel_YAML", Version: "1"}},
		{"pkg:composer/symfony/yaml@1", inventory.Package{Type: "composer", Name: "Symfony/Yaml", Version: "1"}},
		{"pkg:deb/libc6", inventory.Package{Type: "deb", Name: "LibC6"}},
		{"pkg:x/as-given", inventory.Package{Type: "npm", Name: "other", PURL: "pkg:x/as-given"}},
		{"", inventory.Package{Type: "npm"}},
		{"", inventory.Package{Name: "nothing"}},
	} {
		if got := tt.p.Identifier(inventory.OS{}); got != tt.want {
			t.Errorf("Identifier(%+v) = %s, want %s", tt.p, got, tt.want)
		}
	}
}

// TestParsePURL has purls that others write and we do not.
func TestParsePURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		purl string
		p    inventory.Package
		os   inventory.OS
	}{
		{"PKG://NPM/@angular/core@1.0.0", inventory.Package{Type: "npm", Name: "@angular/core", Version: "1.0.0"}, inventory.OS{}},
		{"pkg:npm/@angular/core", inventory.Package{Type: "npm", Name: "@angular/core"}, inventory.OS{}},
		{"pkg:golang/google.golang.org/genproto@v1#googleapis/api", inventory.Package{Type: "golang", Name: "google.golang.org/genproto", Version: "v1"}, inventory.OS{}},
		{
			"pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie",
			inventory.Package{Type: "deb", Name: "curl", Version: "7.50.3-1", Arch: "i386"},
			inventory.OS{ID: "debian", VersionID: "8", Codename: "jessie"},
		},
		{
			"pkg:dpkg/zlib1g@1.2.13.dfsg-1+b1?arch=AMD64&epoch=1&upstream=zlib-1.2.13.dfsg-1.src.dpkg&distro=debian-12",
			inventory.Package{Type: "deb", Name: "zlib1g", Version: "1:1.2.13.dfsg-1+b1", Arch: "amd64", SourceName: "zlib", SourceVersion: "1.2.13.dfsg-1"},
			inventory.OS{ID: "debian", VersionID: "12"},
		},
		{
			"pkg:apk/alpine/curl@7.83.0-r0?distro=3.18.4",
			inventory.Package{Type: "apk", Name: "curl", Version: "7.83.0-r0"},
			inventory.OS{ID: "alpine", VersionID: "3.18.4"},
		},
		{
			"pkg:rpm/redhat/nodejs@18.19.0-1.module?distro=redhat-8.9&epoch=1&modularitylabel=nodejs%3A18%3A8090020231219082310%3Aa75119d5",
			inventory.Package{Type: "rpm", Name: "nodejs", Version: "1:18.19.0-1.module", Module: "nodejs:18"},
			inventory.OS{ID: "rhel", VersionID: "8.9"},
		},
		{"pkg:rpm/opensuse/zlib@1?distro=opensuse-tumbleweed", inventory.Package{Type: "rpm", Name: "zlib", Version: "1"}, inventory.OS{ID: "opensuse-tumbleweed"}},
		{"pkg:rpm/opensuse/zlib@1?distro=opensuse-leap-15.5", inventory.Package{Type: "rpm", Name: "zlib", Version: "1"}, inventory.OS{ID: "opensuse-leap", VersionID: "15.5"}},
		{"pkg:rpm/zlib@1?distro=fedora-25", inventory.Package{Type: "rpm", Name: "zlib", Version: "1"}, inventory.OS{ID: "fedora", VersionID: "25"}},
		{"pkg:rpm/sles/a@1?distro=sles_sap-15.5", inventory.Package{Type: "rpm", Name: "a", Version: "1"}, inventory.OS{ID: "sles_sap", VersionID: "15.5"}},
		{"pkg:rpm/amazon/a?epoch=0", inventory.Package{Type: "rpm", Name: "a"}, inventory.OS{ID: "amzn"}},
		{"pkg:bitnami/wordpress@6.2.0?distro=debian-12", inventory.Package{Type: "bitnami", Name: "wordpress", Version: "6.2.0"}, inventory.OS{}},
	} {
		t.Run(tt.purl, func(t *testing.T) {
			t.Parallel()
			p, os, err := inventory.ParsePURL(tt.purl)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.p, p); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(tt.os, os); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestParsePURLErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ purl, want string }{
		{"", "no \"pkg:\" at the beginning"},
		{"npm/left-pad", "no \"pkg:\" at the beginning"},
		{"pkg:", "has no type"},
		{"pkg:npm", "has no name"},
		{"pkg:npm/@1", "has no name"},
		{"pkg:n%70m/a", "not allowed"},
		{"pkg:npm/a%4", "without two digits"},
		{"pkg:npm/a@1%zz", "without two digits"},
		{"pkg:npm/%ff", "not UTF-8"},
		{"pkg:deb/a?arch=%", "without two digits"},
		{"pkg:npm/" + strings.Repeat("a", 1<<15), "longer than"},
	} {
		_, _, err := inventory.ParsePURL(tt.purl)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParsePURL(%.40q): %v, want %q", tt.purl, err, tt.want)
		}
	}
}

// distroID is what os-release(5) allows for ID, with a letter in front.
var distroID = regexp.MustCompile(`^[a-z][a-z0-9._-]*$`)

// FuzzParsePURL checks that what was understood of a purl can be written, and
// means the same when it is read again.
func FuzzParsePURL(f *testing.F) {
	for _, tt := range purls {
		f.Add(tt.want)
	}
	f.Add("pkg:dpkg/a@1?upstream=zlib-1.2-1.src.dpkg")
	f.Fuzz(func(t *testing.T, s string) {
		p, os, err := inventory.ParsePURL(s)
		if err != nil {
			return
		}
		written := p.Identifier(os)
		p2, os2, err := inventory.ParsePURL(written)
		if err != nil {
			if len(written) > 16<<10 {
				return // escapes made it longer than a purl may be
			}
			t.Fatalf("%q was written as %q: %v", s, written, err)
		}
		if d := cmp.Diff(p, p2); d != "" {
			t.Errorf("%q was written as %q:\n%s", s, written, d)
		}
		os.Codename, os2.Codename = "", ""
		if !distroID.MatchString(os.ID) {
			return // nothing that os-release could hold
		}
		if d := cmp.Diff(os, os2); d != "" {
			t.Errorf("%q was written as %q:\n%s", s, written, d)
		}
	})
}

// FuzzIdentifier checks that nothing of a package is lost in its purl.
func FuzzIdentifier(f *testing.F) {
	for _, tt := range purls {
		f.Add(tt.p.Type, tt.p.Name, tt.p.Version, tt.p.SourceName, tt.p.SourceVersion, tt.os.VersionID)
	}
	systems := map[string]string{"deb": "debian", "rpm": "rhel", "apk": "alpine"}
	f.Fuzz(func(t *testing.T, typ, name, version, source, sourceVersion, release string) {
		switch typ {
		case "deb", "rpm", "apk", "npm", "maven", "golang", "gem", "cargo", "nuget", "generic":
		default:
			return
		}
		for _, s := range []string{name, version, source, sourceVersion, release} {
			if len(s) > 512 || strings.ToValidUTF8(s, "") != s {
				return
			}
		}
		// The qualifier upstream cannot tell a second at sign from the first.
		sourceVersion = strings.ReplaceAll(sourceVersion, "@", "")
		if typ == "deb" || typ == "apk" {
			name = strings.ToLower(name)
		}
		p := inventory.Package{Type: typ, Name: name, Version: version, SourceName: source, SourceVersion: sourceVersion}
		os := inventory.OS{ID: systems[typ]}
		if os.ID != "" {
			os.VersionID = release
		}
		purl := p.Identifier(os)
		if name == "" {
			if purl != "" {
				t.Fatalf("purl %q of a package without a name", purl)
			}
			return
		}
		p2, os2, err := inventory.ParsePURL(purl)
		if err != nil {
			t.Fatalf("%+v gives %q: %v", p, purl, err)
		}
		if d := cmp.Diff(p, p2); d != "" {
			t.Errorf("%q:\n%s", purl, d)
		}
		if os2.Codename == "" {
			if d := cmp.Diff(os, os2); d != "" {
				t.Errorf("%q:\n%s", purl, d)
			}
		}
	})
}

func ExamplePackage_Identifier() {
	p := inventory.Package{Type: "deb", Name: "libssl3", Version: "3.0.11-1~deb12u2", Arch: "amd64", SourceName: "openssl"}
	fmt.Println(p.Identifier(inventory.OS{ID: "debian", VersionID: "12"}))
	// Output: pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl
}
