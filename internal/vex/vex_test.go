package vex

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestLoad reads one document of each format, which all state the same.
func TestLoad(t *testing.T) {
	t.Parallel()
	lodash := inventory.Package{Type: "npm", Name: "lodash", Version: "4.17.20"}
	minimist := inventory.Package{Type: "npm", Name: "minimist", Version: "1.2.5"}
	for _, file := range []string{"openvex.json", "openvex-0.0.1.json", "cyclonedx.json", "csaf.json"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			list, err := Load(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			book := NewBook(list)
			s := book.Lookup(&Target{}, []string{"GHSA-35jh-r3h4-6jhm", "cve-2021-23337"}, &lodash)
			if s == nil || s.Status != NotAffected || !strings.Contains(s.Justification, "not_") || s.Text != "templates are not used" ||
				!s.Time.Equal(day("2026-01-02")) || s.Author != "Shop" {
				t.Errorf("lodash: %+v", s)
			}
			if s := book.Lookup(&Target{}, []string{"CVE-2021-44906"}, &minimist); s == nil || s.Status != Affected {
				t.Errorf("minimist: %+v", s)
			}
			other := lodash
			other.Version = "4.17.19"
			if s := book.Lookup(&Target{}, []string{"CVE-2021-23337"}, &other); s != nil {
				t.Errorf("another version: %+v", s)
			}
			if unused := book.Unused(); len(unused) != 0 {
				t.Errorf("unused: %+v", unused)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{"nothing", `{}`, "no OpenVEX, CycloneDX or CSAF document"},
		{"syntax", "{\n\"a\": }", "line 2:"},
		{"type", "{\"bomFormat\":\"CycloneDX\",\n\"vulnerabilities\": 3}", "line 2: vulnerabilities cannot be a number"},
		{"status", `{"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"vulnerability":{"name":"CVE-1"},"status":"safe"}]}`, `OpenVEX: statements[0]: status "safe" must be one of`},
		{"no id", `{"@context":"https://openvex.dev/ns","statements":[{"status":"fixed"}]}`, "statements[0]: names no vulnerability"},
		{"time", `{"@context":"https://openvex.dev/ns","timestamp":"soon","statements":[{"vulnerability":"C","status":"fixed"}]}`, `"soon" is no time`},
		{"state", `{"bomFormat":"CycloneDX","vulnerabilities":[{"id":"C","analysis":{"state":"fine"}}]}`, `vulnerabilities[0]: state "fine" is none of CycloneDX`},
		{"category", `{"document":{"category":"text"}}`, "which is none of CSAF"},
		{"product", `{"document":{"category":"csaf_vex"},"vulnerabilities":[{"cve":"C","product_status":{"fixed":["p"]}}]}`, `product_tree has no product "p"`},
		{"deep", `{"document":{"category":"csaf_vex"},"product_tree":{"branches":` + strings.Repeat(`[{"branches":`, 80) + "[]" + strings.Repeat("}]", 80) + "}}", "nested more than 64 deep"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Read("file.json", []byte(tt.doc))
			if err == nil || !strings.HasPrefix(err.Error(), "file.json: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "missing.json")); err == nil || !strings.Contains(err.Error(), "missing.json") {
		t.Errorf("a missing file: %v", err)
	}
}

// TestReadTraps reads what is easily taken for something else.
func TestReadTraps(t *testing.T) {
	t.Parallel()
	const openvex = `{"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-01-01", "last_updated": "2026-03-01", "statements": [
		{"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:npm/a"}], "status": "not_affected"STATED}]}`
	const cyclonedx = `{"bomFormat": "CycloneDX", "metadata": {"component": {"name": "shop"}}, "components": [{"purl": "pkg:npm/a"}],
		"vulnerabilities": [{"id": "CVE-1", "analysis": {"state": "not_affected"}, "affects": [{"ref": ""}]}]}`
	const csaf = `{"document": {"category": "csaf_vex"}, "product_tree": {"branches": [
			{"product": {"product_id": "os", "product_identification_helper": {"cpe": "cpe:/a:redhat:enterprise_linux:9::appstream"}}},
			{"product": {"product_id": "stream", "product_identification_helper": {"purl": "pkg:rpmmod/redhat/nodejs@18:9040020240301111035:rhel9"}}},
			{"product": {"product_id": "npm", "product_identification_helper": {"purl": "pkg:rpm/redhat/npm?arch=src"}}}],
		"relationships": [
			{"full_product_name": {"product_id": "os:stream:npm"}, "product_reference": "npm", "relates_to_product_reference": "os:stream"},
			{"full_product_name": {"product_id": "os:stream"}, "product_reference": "stream", "relates_to_product_reference": "os"}]},
		"vulnerabilities": [{"cve": "CVE-1", "product_status": {"known_not_affected": ["os:stream:npm"]}}]}`
	onRHEL := Target{Names: []string{"shop"}, OS: inventory.OS{ID: "rhel", VersionID: "9.4"}}
	a := inventory.Package{Type: "npm", Name: "a", Version: "1"}
	npm := inventory.Package{Type: "rpm", Name: "npm", Version: "1:9.2.0-1", Module: "nodejs:18"}
	other := npm
	other.Module = "nodejs:20"
	for _, tt := range []struct {
		name, doc string
		p         inventory.Package
		want      string // the time of the statement that holds
	}{
		{"a statement has the time of its document", strings.Replace(openvex, "STATED", "", 1), a, "2026-01-01"},
		{"or its own", strings.Replace(openvex, "STATED", `, "timestamp": "2026-02-01"`, 1), a, "2026-02-01"},
		{"or that of its last change", strings.Replace(openvex, "STATED", `, "timestamp": "2026-02-01", "last_updated": "2026-02-02"`, 1), a, "2026-02-02"},
		{"a reference to nothing", cyclonedx, a, ""},
		{"a module", csaf, npm, "0001-01-01"},
		{"another stream of the module", csaf, other, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list, err := Read("f", []byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if s := NewBook(list).Lookup(&onRHEL, []string{"CVE-1"}, &tt.p); s != nil {
				got = s.Time.Format(time.DateOnly)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestLatest checks that the last word counts, in whatever order it is read.
func TestLatest(t *testing.T) {
	t.Parallel()
	p := inventory.Package{Type: "npm", Name: "a", Version: "1"}
	of := func(status Status, at string) Statement {
		return Statement{Vulnerability: "CVE-1", Status: status, Time: day(at), Products: []Product{{Identity: Identity{PURLs: []string{"pkg:npm/a"}}}}}
	}
	for _, tt := range []struct {
		name string
		list []Statement
		want Status
	}{
		{"later last", []Statement{of(NotAffected, "2026-01-01"), of(Affected, "2026-01-02")}, Affected},
		{"later first", []Statement{of(Affected, "2026-01-02"), of(NotAffected, "2026-01-01")}, Affected},
		{"same time", []Statement{of(Affected, "2026-01-01"), of(Fixed, "2026-01-01")}, Fixed},
	} {
		book := NewBook(tt.list)
		if got := book.Lookup(&Target{}, []string{"CVE-1"}, &p); got == nil || got.Status != tt.want {
			t.Errorf("%s: %+v, want %s", tt.name, got, tt.want)
		}
		if len(book.Unused()) > 0 {
			t.Errorf("%s: a statement that was overruled counts as unused", tt.name)
		}
	}
}

func TestProductCovers(t *testing.T) {
	t.Parallel()
	const sum = "sha256:5f0c1d3a9a1c1f6f0b8a2e54a7f0e7c1d2b3a4958677685940312213a4b5c6d7"
	target := &Target{
		Names: []string{"registry.example.com/shop/app:1.2"}, Digests: []string{sum},
		OS: inventory.OS{ID: "rhel", VersionID: "9.4", CPE: "cpe:/o:redhat:enterprise_linux:9::baseos"},
		Packages: []inventory.Package{
			{Type: "golang", Name: "example.com/app", Version: "v1.0.0", Path: "app", Evidence: inventory.Binary},
			{Type: "maven", Name: "com.example:shop", Version: "1", Path: "shop.war"},
			{Type: "rpm", Name: "python3-requests", Version: "2-1"},
		},
	}
	openssl := inventory.Package{Type: "rpm", Name: "openssl-libs", Version: "1:3.0.7-27.el9", Arch: "x86_64", SourceName: "openssl", SourceVersion: "1:3.0.7-27.el9"}
	fileVersion := openssl
	fileVersion.SourceVersion = "3.0.7-27.el9" // as SOURCERPM has it
	node := inventory.Package{Type: "rpm", Name: "nodejs", Version: "1:18.19.1-1.module+el9.3.0", Module: "nodejs:18", SourceName: "nodejs"}
	module := inventory.Package{Type: "golang", Name: "golang.org/x/net", Version: "v0.10.0", Path: "app", Evidence: inventory.Binary}
	jar := inventory.Package{Type: "maven", Name: "a:b", Version: "1", Path: "shop.war!/b.jar"}
	owned := inventory.Package{Type: "pypi", Name: "requests", Version: "2", OwnedBy: "python3-requests"}
	purl := func(s ...string) Identity { return Identity{PURLs: s} }
	inside := func(outer Identity, s string) Product {
		return Product{Identity: outer, Components: []Identity{purl(s)}}
	}
	rhel9 := Identity{CPEs: []string{"cpe:/a:redhat:enterprise_linux:9::appstream"}}
	for _, tt := range []struct {
		name string
		q    Product
		p    inventory.Package
		want bool
	}{
		{"name", Product{Identity: purl("pkg:rpm/redhat/openssl-libs")}, openssl, true},
		{"another distribution", Product{Identity: purl("pkg:rpm/fedora/openssl-libs")}, openssl, false},
		{"source", Product{Identity: purl("pkg:rpm/redhat/openssl?arch=src")}, openssl, true},
		{"source version", Product{Identity: purl("pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src&epoch=1")}, openssl, true},
		{"another version", Product{Identity: purl("pkg:rpm/redhat/openssl@3.0.7-28.el9?arch=src&epoch=1")}, openssl, false},
		{"source version of a file", Product{Identity: purl("pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=src&epoch=1")}, fileVersion, true},
		{"another version of a file", Product{Identity: purl("pkg:rpm/redhat/openssl@3.0.7-28.el9?arch=src&epoch=1")}, fileVersion, false},
		{"a stream, by anybody", Product{Identity: purl("pkg:rpm/redhat/nodejs")}, node, true},
		{"its stream, by the distribution", inside(rhel9, "pkg:rpm/redhat/nodejs?arch=src&rpmmod=nodejs:18"), node, true},
		{"another stream, by the distribution", inside(rhel9, "pkg:rpm/redhat/nodejs?arch=src&rpmmod=nodejs:20"), node, false},
		{"no stream, by the distribution", inside(rhel9, "pkg:rpm/redhat/nodejs?arch=src"), node, false},
		{"arch", Product{Identity: purl("pkg:rpm/redhat/openssl-libs?arch=aarch64")}, openssl, false},
		{"release", Product{Identity: purl("pkg:rpm/redhat/openssl-libs?distro=rhel-8")}, openssl, false},
		{"release is a prefix", Product{Identity: purl("pkg:rpm/redhat/openssl-libs?distro=rhel-9")}, openssl, true},
		{"where it is to be had", Product{Identity: purl("pkg:golang/golang.org/x/net?repository_url=x")}, module, true},
		{"unknown qualifier", Product{Identity: purl("pkg:golang/golang.org/x/net?flavour=x")}, module, false},
		{"no v", Product{Identity: purl("pkg:golang/golang.org/x/net@0.10.0")}, module, true},
		{"digest", Product{Identity: Identity{Digests: []string{sum}}}, module, true},
		{"image digest", Product{Identity: purl("pkg:oci/app@sha256%3A" + sum[7:])}, module, true},
		{"other image digest", Product{Identity: purl("pkg:oci/app@sha256%3A00")}, module, false},
		{"image name", Product{Identity: purl("pkg:oci/app?repository_url=registry.example.com/shop/app&tag=1.2")}, module, true},
		{"image registry", Product{Identity: purl("pkg:oci/app?repository_url=registry.example.com/shop")}, module, true},
		{"a version of the image", Product{Identity: Identity{PURLs: []string{"pkg:oci/app"}, Versions: []Versions{{Version: "1.2"}}}}, module, true},
		{"another version of the image", Product{Identity: Identity{PURLs: []string{"pkg:oci/app"}, Versions: []Versions{{Version: "1.1"}}}}, module, false},
		{"a range of versions of the image", Product{Identity: Identity{PURLs: []string{"pkg:oci/app"}, Versions: []Versions{{Range: "vers:generic/<2"}}}}, module, false},
		{"image tag", Product{Identity: purl("pkg:oci/app?tag=1.3")}, module, false},
		{"component", inside(purl("pkg:oci/app"), "pkg:golang/golang.org/x/net"), module, true},
		{"component of another image", inside(purl("pkg:oci/other"), "pkg:golang/golang.org/x/net"), module, false},
		{"other component", inside(purl("pkg:oci/app"), "pkg:golang/golang.org/x/crypto"), module, false},
		{"program", inside(purl("pkg:golang/example.com/app"), "pkg:golang/golang.org/x/net"), module, true},
		{"another program", inside(purl("pkg:golang/example.com/other"), "pkg:golang/golang.org/x/net"), module, false},
		{"archive", inside(purl("pkg:maven/com.example/shop"), "pkg:maven/a/b"), jar, true},
		{"owner", inside(purl("pkg:rpm/redhat/python3-requests"), "pkg:pypi/requests"), owned, true},
		{"platform", inside(Identity{CPEs: []string{"cpe:/a:redhat:enterprise_linux:9::appstream"}}, "pkg:rpm/redhat/openssl?arch=src"), openssl, true},
		{"another platform", inside(Identity{CPEs: []string{"cpe:/o:redhat:enterprise_linux:8::baseos"}}, "pkg:rpm/redhat/openssl?arch=src"), openssl, false},
		{"nothing", Product{}, module, false},
		{"in range", Product{Identity: Identity{PURLs: []string{"pkg:golang/golang.org/x/net"}, Versions: []Versions{{Range: "vers:golang/>=v0.9.0|<v0.11.0"}}}}, module, true},
		{"out of range", Product{Identity: Identity{PURLs: []string{"pkg:golang/golang.org/x/net"}, Versions: []Versions{{Range: "vers:golang/<v0.10.0"}}}}, module, false},
		{"open range", Product{Identity: Identity{PURLs: []string{"pkg:golang/golang.org/x/net"}, Versions: []Versions{{Range: "vers:golang/v0.1.0|>=v0.10.0"}}}}, module, true},
	} {
		if got := tt.q.covers(&view{Target: target}, &tt.p); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestInRange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, version string
		want          bool
	}{
		{"vers:npm/*", "1.0.0", true},
		{"vers:npm/1.0.0|1.2.0", "1.2.0", true},
		{"vers:npm/1.0.0|1.2.0", "1.1.0", false},
		{"vers:npm/>=1.0.0|<2.0.0", "1.0.0", true},
		{"vers:npm/>=1.0.0|<2.0.0", "2.0.0", false},
		{"vers:npm/>=1.0.0|<2.0.0", "0.5.0", false},
		{"vers:npm/>=1.0.0|<2.0.0|!=1.5.0", "1.5.0", false},
		{"vers:npm/<2.0.0|>=1.0.0", "0.5.0", false}, // not in the order that it should have
		{"vers:npm/<2.0.0|>=1.0.0", "3.0.0", false},
		{"vers:npm/<2.0.0|>=1.0.0", "1.5.0", true},
		{"vers:npm/>=1.0.0|<2.0.0|>=3.0.0|<4.0.0", "2.5.0", false},
		{"vers:npm/>=1.0.0|<2.0.0|>=3.0.0|<4.0.0", "3.5.0", true},
		{"vers:npm/<=1.0.0|>2.0.0", "1.0.0", true},
		{"vers:npm/<=1.0.0|>2.0.0", "2.0.0", false},
		{"vers:npm/<=1.0.0|>2.0.0", "2.0.1", true},
		{"vers:npm/<2.0.0|1.%33.0", "1.3.0", true},
		{"vers:npm/=>1.0.0", "1.0.0", false},
		{"vers:npm/<soon", "1.0.0", false},
		{"npm", "1.0.0", false},
		{"vers:npm/*", "", false},
	} {
		if got := inRange(tt.text, "npm", tt.version); got != tt.want {
			t.Errorf("%s holds %s: %v", tt.text, tt.version, got)
		}
	}
}

// TestIsSystem reads the CPEs of systems as distributions write them.
func TestIsSystem(t *testing.T) {
	t.Parallel()
	rhel := inventory.OS{ID: "rhel", VersionID: "9.4", CPE: "cpe:/o:redhat:enterprise_linux:9::baseos"}
	sles := inventory.OS{ID: "sles", VersionID: "15.5", CPE: "cpe:/o:suse:sles:15:sp5"}
	for _, tt := range []struct {
		os   inventory.OS
		cpe  string
		want bool
	}{
		{rhel, "cpe:/o:redhat:enterprise_linux:9::baseos", true},
		{rhel, "cpe:2.3:o:redhat:enterprise_linux:9.4:*:*:*:*:*:*:*", true},
		{rhel, "cpe:/o:redhat:enterprise_linux:9.2::baseos", false},
		{rhel, "cpe:/o:redhat:enterprise_linux:8::baseos", false},
		{rhel, "cpe:/o:redhat:rhel_eus:9.4::baseos", false},
		{rhel, "cpe:/o:redhat:enterprise_linux", false},
		{inventory.OS{ID: "rhel", VersionID: "9.4"}, "cpe:/o:redhat:enterprise_linux:9::baseos", true},
		{inventory.OS{ID: "rocky", VersionID: "9.4", CPE: "cpe:/o:rocky:rocky:9::baseos"}, "cpe:/o:redhat:enterprise_linux:9::baseos", false},
		{sles, "cpe:/o:suse:sles:15:sp5", true},
		{sles, "cpe:2.3:o:suse:sles:15:sp5:*:*:*:*:*:*", true},
		{sles, "cpe:/o:suse:sles:15:sp4", false},
		{sles, "cpe:/o:suse:sles:15", false},
		{inventory.OS{ID: "sles", VersionID: "15", CPE: "cpe:/o:suse:sles:15"}, "cpe:/o:suse:sles:15", true},
		{inventory.OS{}, "cpe:/o:suse:sles:15", false},
	} {
		i := Identity{CPEs: []string{tt.cpe}}
		if got := i.isSystem(tt.os); got != tt.want {
			t.Errorf("%s is %s %s: %v", tt.cpe, tt.os.ID, tt.os.VersionID, got)
		}
	}
}

func TestReadIgnores(t *testing.T) {
	t.Parallel()
	got, err := ReadIgnores("i.yaml", []byte(`# what we live with
ignore:
  - id: CVE-2021-1
    reason: not reachable # a comment
  - id: "GHSA-1"
    package: '@scope/*'
    path: srv/**/package.json
    reason: 'it''s a test'
    justification: vulnerable_code_not_present
    expires: 2026-12-31
`))
	want := []Ignore{
		{ID: "CVE-2021-1", Reason: "not reachable", File: "i.yaml", Line: 3},
		{
			ID: "GHSA-1", Package: "@scope/*", Path: "srv/**/package.json", Reason: "it's a test",
			Justification: "vulnerable_code_not_present", Expires: day("2026-12-31"), File: "i.yaml", Line: 5,
		},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	for _, tt := range []struct{ doc, want string }{
		{"- id: C\n  reason: r\n  why: x", `i.yaml:3: key "why" must be one of`},
		{"- id: C", "i.yaml:1: the entry for C has no reason"},
		{"\n- reason: C", "i.yaml:2: the entry has no id"},
		{"- id: C\n  reason: r\n  expires: soon", `i.yaml:3: expires: "soon" is no day`},
		{"- id: C\n   reason: r", "i.yaml:2: the keys of an entry must stand below each other"},
		{"- id: C\n\treason: r", "i.yaml:2: a tab cannot indent"},
		{"id: C", `i.yaml:1: an entry begins with "- id: "`},
		{"- id: C\n  id: D", "i.yaml:2: id stands there twice"},
		{"- id: C\n  reason: |", "i.yaml:2: reason: only plain and quoted texts"},
		{"- id: C\n  reason: \"x", "i.yaml:2: reason: the quotation does not end"},
		{"- id: C\n  reason:", "i.yaml:2: reason: has no value on its line"},
		{"- id: C\n  reason: r\n  justification: lazy", "i.yaml:3: justification: \"lazy\" must be one of"},
		{"- id: C\n  reason: r\n  path: '['", "i.yaml:3: path: \"[\" is no pattern"},
		{"- id: C\n  reason: r\n- id", "i.yaml:3: \"id\" is no key"},
	} {
		if _, err := ReadIgnores("i.yaml", []byte(tt.doc)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.doc, err, tt.want)
		}
	}
}

func TestIgnoreCovers(t *testing.T) {
	t.Parallel()
	p := inventory.Package{Type: "npm", Name: "@scope/a", Version: "1.0", Path: "srv/x/y/package.json"}
	for _, tt := range []struct {
		e    Ignore
		want bool
	}{
		{Ignore{ID: "cve-1"}, true},
		{Ignore{ID: "CVE-2"}, false},
		{Ignore{ID: "GHSA-1", Package: "@scope/*"}, true},
		{Ignore{ID: "CVE-1", Package: "a"}, false},
		{Ignore{ID: "CVE-1", Package: "pkg:npm/%40scope/a"}, true},
		{Ignore{ID: "CVE-1", Package: "pkg:npm/%40scope/a@1.1"}, false},
		{Ignore{ID: "CVE-1", Path: "srv/**"}, true},
		{Ignore{ID: "CVE-1", Path: "/srv/**/package.json"}, true},
		{Ignore{ID: "CVE-1", Path: "srv/*/package.json"}, false},
		{Ignore{ID: "CVE-1", Path: "**/y/*"}, true},
	} {
		if got := tt.e.Covers([]string{"CVE-1", "GHSA-1"}, &p, inventory.OS{}); got != tt.want {
			t.Errorf("%+v: %v", tt.e, got)
		}
	}
	e := Ignore{Expires: day("2026-01-31")}
	if e.Expired(day("2026-01-31").Add(23*time.Hour)) || !e.Expired(day("2026-02-01")) || (&Ignore{}).Expired(day("2026-02-01")) {
		t.Error("an entry holds to the end of its last day, and for ever without one")
	}
}

// fuzzRead checks that what is read can be looked up, and that reading it again
// gives the same.
func fuzzRead(f *testing.F, read func([]byte) ([]Statement, error), files ...string) {
	f.Helper()
	for _, name := range files {
		doc, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	packages := []inventory.Package{
		{Type: "npm", Name: "lodash", Version: "4.17.20", Path: "a"},
		{Type: "rpm", Name: "openssl", Version: "1:3.0.7-27.el9", SourceName: "openssl"},
	}
	target := &Target{Names: []string{"a/b:1"}, OS: inventory.OS{ID: "rhel", VersionID: "9"}, Packages: packages}
	f.Fuzz(func(t *testing.T, doc []byte) {
		list, err := read(doc)
		if err != nil {
			return
		}
		again, _ := read(doc)
		if d := cmp.Diff(list, again); d != "" {
			t.Errorf("another result:\n%s", d)
		}
		book := NewBook(list)
		for i := range list {
			if list[i].Vulnerability == "" || list[i].Status == "" {
				t.Errorf("statement %+v", list[i])
			}
			for j := range packages {
				if s := book.Lookup(target, list[i].Names(), &packages[j]); s != nil && !slices.ContainsFunc(s.Names(), func(n string) bool {
					return slices.ContainsFunc(list[i].Names(), func(m string) bool { return strings.EqualFold(strings.ToUpper(m), strings.ToUpper(n)) })
				}) {
					t.Errorf("%s was found for %s", s.Vulnerability, list[i].Vulnerability)
				}
			}
		}
	})
}

// BenchmarkLookup looks 1,000 matches up in the statement of a vendor on 5,000
// products, as large documents have them.
func BenchmarkLookup(b *testing.B) {
	s := Statement{Vulnerability: "CVE-1", Status: NotAffected}
	for i := range 5000 {
		s.Products = append(s.Products, Product{
			Identity:   Identity{CPEs: []string{"cpe:/a:redhat:enterprise_linux:9::appstream"}},
			Components: []Identity{{PURLs: []string{fmt.Sprintf("pkg:rpm/redhat/package-%d@1.%d-1.el9?arch=x86_64", i, i)}}},
		})
	}
	p := inventory.Package{Type: "rpm", Name: "openssl", Version: "1:3.0.7-27.el9", SourceName: "openssl"}
	t := &Target{OS: inventory.OS{ID: "rhel", VersionID: "9.4"}}
	for b.Loop() {
		book := NewBook([]Statement{s})
		for range 1000 {
			if book.Lookup(t, []string{"CVE-1"}, &p) != nil {
				b.Fatal("found")
			}
		}
	}
}

func FuzzOpenVEX(f *testing.F)   { fuzzRead(f, readOpenVEX, "openvex.json", "openvex-0.0.1.json") }
func FuzzCycloneDX(f *testing.F) { fuzzRead(f, readCycloneDX, "cyclonedx.json") }
func FuzzCSAF(f *testing.F)      { fuzzRead(f, readCSAF, "csaf.json") }

func FuzzIgnores(f *testing.F) {
	f.Add([]byte("ignore:\n  - id: CVE-1\n    reason: 'a''b' # c\n    expires: 2026-01-01\n"))
	f.Add([]byte("- id: \"C\"\n  package: pkg:npm/a\n  path: a/**\n  reason: r\n"))
	p := inventory.Package{Type: "npm", Name: "a", Version: "1", Path: "a/b"}
	f.Fuzz(func(t *testing.T, doc []byte) {
		list, err := ReadIgnores("f", doc)
		if err != nil {
			return
		}
		for i := range list {
			if list[i].ID == "" || list[i].Reason == "" || list[i].Line < 1 {
				t.Errorf("entry %+v", list[i])
			}
			list[i].Covers([]string{list[i].ID}, &p, inventory.OS{})
		}
	})
}
