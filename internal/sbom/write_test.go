package sbom_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdxlib"

	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
)

var update = flag.Bool("update", false, "rewrite what the files in testdata want")

const (
	layer1 = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	layer2 = "sha256:2222222222222222222222222222222222222222222222222222222222222222"
)

// image is an inventory that uses every field, with values that need care in
// one of the formats.
var image = inventory.Inventory{
	OS: inventory.OS{
		ID: "debian", VersionID: "12", Codename: "bookworm", Name: "Debian GNU/Linux 12 (bookworm)",
		Like: []string{"one", "two"}, CPE: "cpe:2.3:o:debian:debian_linux:12:*:*:*:*:*:*:*",
	},
	Packages: []inventory.Package{
		{
			Type: "cargo", Name: "rand_core", Version: "0.6.4", Path: "usr/bin/tool", Layer: layer2, Evidence: inventory.Binary,
		},
		{
			Type: "deb", Name: "libssl3", Version: "3.0.11-1~deb12u2", Arch: "amd64", SourceName: "openssl",
			Path: "var/lib/dpkg/status", Layer: layer1, Evidence: inventory.Database,
		},
		{
			Type: "deb", Name: "perl-base", Version: "5.36.0-7+b1", Arch: "amd64", SourceName: "perl", SourceVersion: "5.36.0-7",
			Path: "var/lib/dpkg/status", Layer: layer1, Evidence: inventory.Database,
		},
		{
			Type: "generic", Name: "nginx", Version: "1.25.3", Path: "opt/nginx/sbin/nginx", Layer: layer2, Evidence: inventory.Filename,
		},
		{
			Type: "golang", Name: "github.com/BurntSushi/toml", Version: "v1.6.0", Path: "usr/bin/app", Layer: layer2, Evidence: inventory.Binary,
		},
		{
			Type: "maven", Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1",
			Path: "opt/app.war!/WEB-INF/lib/log4j-core-2.14.1.jar", Layer: layer2, Evidence: inventory.Manifest,
			Hash: "sha1:9141212b8507ab50a45525b545b39d224614528b",
		},
		{
			Type: "npm", Name: "@babel/core", Version: "7.0.0", Path: "srv/a/node_modules/@babel/core/package.json",
			Layer: layer2, Evidence: inventory.Manifest, Scope: inventory.Runtime,
		},
		{
			Type: "npm", Name: "@babel/core", Version: "7.0.0", Path: "srv/b <&> é\n/package-lock.json",
			Layer: layer2, Evidence: inventory.Lockfile, Scope: inventory.Dev,
		},
		{
			Type: "npm", Name: "no-version", Path: "srv/package-lock.json", Layer: layer2, Evidence: inventory.Lockfile, Scope: inventory.Test,
		},
		{
			Type: "pypi", Name: "Ruamel_YAML", Version: "0.17.21", Path: "usr/lib/python3/dist-packages/ruamel.yaml-0.17.21.egg-info",
			Layer: layer1, OwnedBy: "python3-ruamel.yaml; really", Evidence: inventory.Manifest, Hash: "crc32:ffffffff",
		},
		{
			// No purl of another's can say where it was built from.
			Type: "rpm", Name: "nodejs", Version: "1:18.19.0-1", Module: "nodejs:18", Vendor: "Red Hat, Inc.", SourceName: "nodejs", SourceVersion: "1:18.19.0-1",
			Evidence: inventory.SBOM, PURL: "pkg:rpm/redhat/nodejs@18.19.0-1?epoch=1&distro=redhat-9.1&x=y",
		},
	},
	Problems: []inventory.Problem{
		{Path: "opt/broken.jar", Layer: layer2, Reason: `not a valid zip file: "<&>"`},
		{Reason: "layer 3 was not read"},
	},
}

var subject = sbom.Subject{
	Name:    "registry.example/team/app:1.2",
	Kind:    "image",
	Digest:  "sha256:3333333333333333333333333333333333333333333333333333333333333333",
	ImageID: "sha256:4444444444444444444444444444444444444444444444444444444444444444",
	Arch:    "amd64",
	Tags:    []string{"registry.example/team/app:1.2", "registry.example/team/app:latest"},
	Layers: []sbom.Layer{
		{Digest: layer1, DiffID: "sha256:5555555555555555555555555555555555555555555555555555555555555555", CreatedBy: "ADD rootfs.tar / # <base>"},
		{Digest: layer2},
	},
	Time:    time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3600)),
	Version: "1.2.3",
	Problems: []inventory.Problem{
		{Reason: "layer 3 was not read"},
		{Reason: "one more"},
	},
}

// writers are both formats.
var writers = []struct {
	name  string
	write func(tb testing.TB, inv inventory.Inventory, s sbom.Subject) []byte
}{
	{"cyclonedx", func(tb testing.TB, inv inventory.Inventory, s sbom.Subject) []byte {
		tb.Helper()
		var b bytes.Buffer
		if err := sbom.WriteCycloneDX(&b, sbom.CycloneDX(inv, s)); err != nil {
			tb.Fatal(err)
		}
		return b.Bytes()
	}},
	{"spdx", func(tb testing.TB, inv inventory.Inventory, s sbom.Subject) []byte {
		tb.Helper()
		var b bytes.Buffer
		if err := sbom.WriteSPDX(&b, sbom.SPDX(inv, s)); err != nil {
			tb.Fatal(err)
		}
		return b.Bytes()
	}},
}

// TestWrite compares documents byte for byte with those in testdata, which were
// checked against the JSON schemas of the two formats.
func TestWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		inv  inventory.Inventory
		s    sbom.Subject
	}{
		{"image", image, subject},
		{"empty", inventory.Inventory{}, sbom.Subject{}},
		{"host", inventory.Inventory{OS: inventory.OS{ID: "amzn", VersionID: "2", CPE: "cpe:/o:amazon:amazon_linux:2"}}, sbom.Subject{Name: "host", Kind: "host"}},
	} {
		for _, w := range writers {
			t.Run(tt.name+"/"+w.name, func(t *testing.T) {
				t.Parallel()
				got := w.write(t, tt.inv, tt.s)
				file := filepath.Join("testdata", "write", tt.name+"."+w.name+".json")
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(string(want), string(got)); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

// TestIdentity checks that serial number and namespace are UUIDs of the
// content: the same for the same, another for another, and the caller's if he
// gave one.
func TestIdentity(t *testing.T) {
	t.Parallel()
	// Source: RFC 9562, section 5.8: version 8, variant 10.
	uuid := regexp.MustCompile(`(urn:uuid:|https://spdx.org/spdxdocs/assay-)[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	other := image
	other.Packages = slices.Clone(other.Packages)
	other.Packages[0].Version += ".1"
	for _, w := range writers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			one, two, three := w.write(t, image, subject), w.write(t, image, subject), w.write(t, other, subject)
			if !bytes.Equal(one, two) {
				t.Error("the same inventory gave other bytes")
			}
			first, third := uuid.Find(one), uuid.Find(three)
			if first == nil || third == nil || bytes.Equal(first, third) {
				t.Errorf("identities are %q and %q", first, third)
			}
		})
	}
	bom, doc := sbom.CycloneDX(image, subject), sbom.SPDX(image, subject)
	var a, b bytes.Buffer
	if err := sbom.WriteCycloneDX(&a, bom); err != nil || bom.SerialNumber != "" {
		t.Errorf("WriteCycloneDX: %v, and set %q", err, bom.SerialNumber)
	}
	if err := sbom.WriteSPDX(&b, doc); err != nil || doc.DocumentNamespace != "" {
		t.Errorf("WriteSPDX: %v, and set %q", err, doc.DocumentNamespace)
	}
	bom.SerialNumber, doc.DocumentNamespace = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "https://example.com/mine"
	a.Reset()
	b.Reset()
	if err := sbom.WriteCycloneDX(&a, bom); err != nil || !strings.Contains(a.String(), bom.SerialNumber) {
		t.Errorf("WriteCycloneDX did not keep the serial number: %v", err)
	}
	if err := sbom.WriteSPDX(&b, doc); err != nil || !strings.Contains(b.String(), doc.DocumentNamespace) {
		t.Errorf("WriteSPDX did not keep the namespace: %v", err)
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteError(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		sbom.WriteCycloneDX(full{}, sbom.CycloneDX(image, subject)),
		sbom.WriteSPDX(full{}, sbom.SPDX(image, subject)),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "writing ") || !strings.Contains(err.Error(), os.ErrClosed.Error()) {
			t.Errorf("error is %v", err)
		}
	}
}

// TestRef checks that any difference makes another reference, and that the
// same package has the same one in both documents.
func TestRef(t *testing.T) {
	t.Parallel()
	p := inventory.Package{Type: "deb", Name: "a", Version: "1"}
	debian := inventory.OS{ID: "debian", VersionID: "12"}
	want := "pkg:deb/debian/a@1?distro=debian-12#"
	if got := sbom.Ref(p, debian); !strings.HasPrefix(got, want) || len(got) != len(want)+32 {
		t.Errorf("Ref = %s", got)
	}
	seen := map[string]inventory.Package{sbom.Ref(p, debian): p, sbom.Ref(p, inventory.OS{ID: "ubuntu"}): p}
	if len(seen) != 2 {
		t.Error("the operating system makes no difference")
	}
	for _, set := range []func(*inventory.Package){
		func(p *inventory.Package) { p.Type = "rpm" },
		func(p *inventory.Package) { p.Name = "A" }, // the purl is the same
		func(p *inventory.Package) { p.Version = "2" },
		func(p *inventory.Package) { p.Arch = "x" },
		func(p *inventory.Package) { p.SourceName = "x" },
		func(p *inventory.Package) { p.SourceVersion = "x" },
		func(p *inventory.Package) { p.Module = "x" },
		func(p *inventory.Package) { p.Path = "x" },
		func(p *inventory.Package) { p.Layer = "x" },
		func(p *inventory.Package) { p.OwnedBy = "x" },
		func(p *inventory.Package) { p.Evidence = "x" },
		func(p *inventory.Package) { p.Scope = "x" },
		func(p *inventory.Package) { p.Hash = "x" },
		func(p *inventory.Package) { p.PURL = "pkg:x/y" },
	} {
		other := p
		set(&other)
		ref := sbom.Ref(other, debian)
		if same, ok := seen[ref]; ok {
			t.Errorf("%+v and %+v are both %s", same, other, ref)
		}
		seen[ref] = other
	}
	bom, doc := sbom.CycloneDX(image, subject), sbom.SPDX(image, subject)
	ids := map[string]bool{}
	for i, p := range image.Packages {
		if got, want := (*bom.Components)[i].BOMRef, sbom.Ref(p, image.OS); got != want {
			t.Errorf("component %d is %s, want %s", i, got, want)
		}
		if got := doc.Packages[i].PackageName; got != p.Name {
			t.Errorf("package %d is %s, want %s", i, got, p.Name)
		}
		id := string(doc.Packages[i].PackageSPDXIdentifier)
		if strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != "" || ids[id] {
			t.Errorf("SPDX identifier is %q", id)
		}
		ids[id] = true
	}
}

// TestOtherReaders reads our documents with the libraries of the formats.
func TestOtherReaders(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	bom := sbom.CycloneDX(image, subject)
	if err := sbom.WriteCycloneDX(&b, bom); err != nil {
		t.Fatal(err)
	}
	var read cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(&b, cyclonedx.BOMFileFormatJSON).Decode(&read); err != nil {
		t.Fatal(err)
	}
	read.SerialNumber = ""
	if d := cmp.Diff(bom, &read); d != "" {
		t.Errorf("the decoder of CycloneDX reads something else:\n%s", d)
	}
	b.Reset()
	doc := sbom.SPDX(image, subject)
	if err := sbom.WriteSPDX(&b, doc); err != nil {
		t.Fatal(err)
	}
	got, err := spdxjson.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := spdxlib.ValidateDocument(got); err != nil {
		t.Error(err)
	}
	got.DocumentNamespace = ""
	for _, p := range got.Packages {
		p.IsFilesAnalyzedTagPresent = false
	}
	if d := cmp.Diff(doc, got, cmp.FilterPath(unexported, cmp.Ignore())); d != "" {
		t.Errorf("the reader of SPDX reads something else:\n%s", d)
	}
	ids, err := spdxlib.GetDescribedPackageIDs(got)
	if err != nil || len(ids) != 1 || ids[0] != "Subject" {
		t.Errorf("the document describes %v, %v", ids, err)
	}
}

func unexported(p cmp.Path) bool {
	f, ok := p.Last().(cmp.StructField)
	return ok && strings.ToLower(f.Name()[:1]) == f.Name()[:1]
}

// same compares an inventory in any order with one that was read.
func same(want, got inventory.Inventory) string {
	want.Packages, want.Problems = slices.Clone(want.Packages), slices.Clone(want.Problems)
	want.Sort()
	return cmp.Diff(want, got)
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := image
	want.Problems = slices.Concat(want.Problems, subject.Problems)
	for _, w := range writers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			first := w.write(t, image, subject)
			got, meta, err := sbom.Read(first)
			if err != nil {
				t.Fatal(err)
			}
			if d := same(want, got); d != "" {
				t.Error(d)
			}
			if meta.Name != subject.Name || meta.Created != "2026-01-02T02:04:05Z" {
				t.Errorf("Meta is %+v", meta)
			}
			if d := cmp.Diff([]string{"assay 1.2.3"}, meta.Tools); d != "" {
				t.Error(d)
			}
			s := subject
			s.Problems = nil // they are the inventory's by now
			if d := cmp.Diff(string(first), string(w.write(t, got, s))); d != "" {
				t.Errorf("written again:\n%s", d)
			}
		})
	}
}

// TestNotUTF8 checks that bytes no document can hold cost no more than
// themselves.
func TestNotUTF8(t *testing.T) {
	t.Parallel()
	inv := inventory.Inventory{Packages: []inventory.Package{
		{Type: "npm", Name: "a\xffb", Version: "1\xff", Path: "p\xff", Evidence: inventory.Manifest},
	}}
	want := inventory.Inventory{Packages: []inventory.Package{
		{Type: "npm", Name: "a\uFFFDb", Version: "1\uFFFD", Path: "p\uFFFD", Evidence: inventory.Manifest},
	}}
	for _, w := range writers {
		got, _, err := sbom.Read(w.write(t, inv, sbom.Subject{}))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s:\n%s", w.name, d)
		}
	}
}

// TestRoundTripRandom writes and reads inventories made of awkward words.
func TestRoundTripRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		inv := random(rand.New(rand.NewPCG(seed, 0)))
		for _, w := range writers {
			got, _, err := sbom.Read(w.write(t, inv, sbom.Subject{Name: "x", Kind: "source"}))
			if err != nil {
				t.Fatal(err)
			}
			if d := same(inv, got); d != "" {
				t.Fatalf("seed %d, %s:\n%s", seed, w.name, d)
			}
		}
	}
}

// words are parts of names, versions and paths that mean something in JSON, in
// purls or in the texts of SPDX.
var words = []string{
	"a", "B", "1", "2.0", "-", "_", ".", "~", "+", "%", "%41", ":", ": ", ";", "; ", "@", "/", "//", "#", "?", "&", "=",
	" ", "\t", "\n", "\x00", `"`, `\`, `\u0041`, "<", ">", "é", "\u2028", "𝄞", "layer ", "owned by ", "evidence manifest",
	"NONE", "UNKNOWN", "built package from: ", "assay:path: ", "pkg:npm/x", "latest", "{", "}", "[", "]", ",", "null",
}

func random(r *rand.Rand) inventory.Inventory {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	text := func(most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteString(words[r.IntN(len(words))])
		}
		return b.String()
	}
	digest := func() string {
		return pick("", layer1, layer2, "sha1:9141212b8507ab50a45525b545b39d224614528b", "sha256:ab", "md5:d41d8cd98f00b204e9800998ecf8427e", "b:c")
	}
	inv := inventory.Inventory{OS: inventory.OS{
		ID: pick("debian", "rhel", "opensuse-leap", "amzn", "sles_sap", "alpine", "linux"), VersionID: pick("", "12", "9.4", "2023"),
		Codename: pick("", "bookworm"), Name: text(3), CPE: pick("", "cpe:/o:a:b:1", "cpe:2.3:o:a:b:1:*:*:*:*:*:*:*"),
	}}
	if r.IntN(3) == 0 {
		inv.OS = inventory.OS{}
	}
	for range r.IntN(20) {
		p := inventory.Package{
			Type: pick("deb", "rpm", "apk", "npm", "pypi", "gem", "maven", "golang", "cargo", "composer", "nuget", "generic"),
			Name: "n" + text(4), Version: text(3), Arch: pick("", "amd64", "noarch"), Path: "p" + text(4), Layer: digest(),
			OwnedBy: text(2), Scope: inventory.Scope(pick("", "runtime", "dev", "test")), Hash: digest(),
			Evidence: inventory.Evidence(pick("database", "manifest", "lockfile", "binary", "filename", "sbom")),
		}
		if p.Type == "deb" || p.Type == "rpm" || p.Type == "apk" {
			p.SourceName, p.Module = text(2), pick("", "a:b")
			if p.SourceName != "" {
				p.SourceVersion = text(2)
			}
		}
		inv.Packages = append(inv.Packages, p)
	}
	for range r.IntN(4) {
		inv.Problems = append(inv.Problems, inventory.Problem{Path: text(3), Layer: digest(), Reason: "r" + text(5)})
	}
	inv.Sort()
	return inv
}

// FuzzRoundTrip writes and reads one package of any fields.
func FuzzRoundTrip(f *testing.F) {
	for _, p := range image.Packages {
		f.Add(p.Type, p.Name, p.Version, p.SourceName, p.SourceVersion, p.Path, p.OwnedBy, p.Hash)
	}
	f.Fuzz(func(t *testing.T, typ, name, version, source, sourceVersion, path, owner, hash string) {
		p := inventory.Package{
			Type: typ, Name: name, Version: version, SourceName: source, SourceVersion: sourceVersion,
			Path: path, OwnedBy: owner, Hash: hash, Evidence: inventory.Manifest,
		}
		if !possible(p) {
			return
		}
		inv := inventory.Inventory{
			OS: inventory.OS{ID: "debian", VersionID: "12"}, Packages: []inventory.Package{p},
			Problems: []inventory.Problem{{Path: path, Reason: owner}},
		}
		for _, w := range writers {
			got, _, err := sbom.Read(w.write(t, inv, sbom.Subject{}))
			if err != nil {
				t.Fatal(err)
			}
			if d := same(inv, got); d != "" {
				t.Fatalf("%s:\n%s", w.name, d)
			}
		}
	})
}

// possible tells whether an inventory could have the package: what no extractor
// gives need not be written.
func possible(p inventory.Package) bool {
	switch p.Type {
	case "deb", "rpm", "apk", "npm", "pypi", "gem", "maven", "golang", "cargo", "composer", "nuget", "generic":
	default:
		return false
	}
	all := strings.Join([]string{p.Name, p.Version, p.SourceName, p.SourceVersion, p.Path, p.OwnedBy, p.Hash}, " ")
	return p.Name != "" && !strings.HasPrefix(p.Path, "/") && strings.ToValidUTF8(all, "") == all &&
		(p.SourceName != "" || p.SourceVersion == "") && len(all) < 2000
}

// large returns an inventory of n packages like those of a real image.
func large(n int) inventory.Inventory {
	inv := inventory.Inventory{OS: image.OS}
	for i := range n {
		if i%4 == 0 {
			inv.Packages = append(inv.Packages, inventory.Package{
				Type: "deb", Name: fmt.Sprintf("libpackage%d", i), Version: fmt.Sprintf("1:2.%d.1-3+deb12u1", i), Arch: "amd64",
				SourceName: fmt.Sprintf("package%d", i), Path: "var/lib/dpkg/status", Layer: layer1, Evidence: inventory.Database,
			})
			continue
		}
		inv.Packages = append(inv.Packages, inventory.Package{
			Type: "npm", Name: fmt.Sprintf("@scope/module%d", i), Version: fmt.Sprintf("4.%d.2", i),
			Path:  fmt.Sprintf("srv/app/node_modules/@scope/module%d/package.json", i),
			Layer: layer2, Evidence: inventory.Manifest,
		})
	}
	inv.Sort()
	return inv
}

func BenchmarkWrite(b *testing.B) {
	inv := large(2500)
	for _, w := range writers {
		b.Run(w.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w.write(b, inv, subject)
			}
		})
	}
}

// BenchmarkRead reads a document of 2,500 components; promised are 15 ms.
func BenchmarkRead(b *testing.B) {
	for _, w := range writers {
		doc := w.write(b, large(2500), subject)
		b.Run(w.name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := sbom.Read(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
