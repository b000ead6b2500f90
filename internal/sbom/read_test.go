package sbom_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
)

// sample is a document of another tool, made by hand in its style, and what is
// read from it.
type sample struct {
	file    string
	archive *txtar.Archive
}

func samples(tb testing.TB) []sample {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "read", "*.txtar"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no samples: %v", err)
	}
	var out []sample
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		if len(a.Files) != 2 || a.Files[0].Name != "document" || a.Files[1].Name != "want" {
			tb.Fatalf("%s must hold document and want", file)
		}
		out = append(out, sample{file, a})
	}
	return out
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, s := range samples(t) {
		t.Run(strings.TrimSuffix(filepath.Base(s.file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			inv, meta, err := sbom.Read(s.archive.Files[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			e := json.NewEncoder(&got)
			e.SetEscapeHTML(false)
			e.SetIndent("", "  ")
			if err := e.Encode(struct {
				Meta      sbom.Meta
				Inventory inventory.Inventory
			}{meta, inv}); err != nil {
				t.Fatal(err)
			}
			if *update {
				s.archive.Files[1].Data = got.Bytes()
				if err := os.WriteFile(s.file, txtar.Format(s.archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(s.archive.Files[1].Data), got.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"components":[`, 10_000)
	for _, tt := range []struct{ name, doc, want string }{
		{"nothing", "", "neither a JSON object"},
		{"spaces", " \n\t", "neither a JSON object"},
		{"array", "[]", "neither a JSON object"},
		{"text", "hello", "neither a JSON object"},
		{"tag-value of SPDX 1", "SPDXVersion: SPDX-1.2\n", `version "1.2" of SPDX is not supported`},
		{"other XML", `<?xml version="1.0"?><project xmlns="http://maven.apache.org/POM/4.0.0"/>`, "XML, but not a bom of CycloneDX"},
		{"XML of CycloneDX 2", `<bom xmlns="http://cyclonedx.org/schema/bom/2.0"/>`, `version "2.0" of CycloneDX is not supported`},
		{"XML in Latin", `<?xml version="1.0" encoding="ISO-8859-1"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>`, `in "ISO-8859-1": only UTF-8 is read`},
		{"end in XML", `<bom xmlns="http://cyclonedx.org/schema/bom/1.5">`, "unexpected EOF"},
		{"empty object", "{}", "neither bomFormat nor spdxVersion"},
		{"another document", `{"name": "package", "version": "1.0.0"}`, "neither bomFormat nor spdxVersion"},
		{"another format", `{"bomFormat": "Other", "specVersion": "1.5"}`, "neither bomFormat nor spdxVersion"},
		{"no version", `{"bomFormat": "CycloneDX"}`, `version "" of CycloneDX is not supported`},
		{"CycloneDX 2", `{"bomFormat": "CycloneDX", "specVersion": "2.0"}`, `version "2.0" of CycloneDX is not supported`},
		{"SPDX 3", `{"spdxVersion": "SPDX-3.0"}`, `version "3.0" of SPDX is not supported`},
		{"SPDX 1", `{"spdxVersion": "SPDX-1.2"}`, `version "1.2" of SPDX is not supported`},
		{"version", `{"spdxVersion": "2.3"}`, "neither bomFormat nor spdxVersion"},
		{"deep objects", deep, "nested more than 10000 deep"},
		{"deep ignored", `{"x":` + strings.Repeat(`[`, 10_000), "nested more than 10000 deep"},
		{"deep closed", `{"x":` + strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000) + "}", "nested more than 10000 deep"},
		{"end in object", `{"bomFormat": "CycloneDX"`, "unexpected EOF"},
		{"end in key", `{"bomForm`, "unexpected EOF"},
		{"end in string", `{"bomFormat": "Cyc`, "unexpected EOF"},
		{"end in escape", `{"bomFormat": "Cyc\`, "unexpected EOF"},
		{"end in array", `{"components": [{"name": "a"}`, "unexpected EOF"},
		{"end after colon", `{"components":`, "unexpected EOF"},
		{"end after comma", `{"components": [],`, "unexpected EOF"},
		{"no colon", `{"bomFormat" "CycloneDX"}`, "instead of a colon"},
		{"no key", `{1: 2}`, "instead of a string"},
		{"no comma", `{"a": 1 "b": 2}`, "instead of a comma"},
		{"double comma", `{"components": [{"name": "a"},,{"name": "b"}]}`, "',' instead of a value"},
		{"last comma", `{"components": [{"name": "a"},]}`, "comma before ']'"},
		{"broken escape", `{"bomFormat": "\q"}`, "broken escape"},
		{"broken unicode escape", `{"bomFormat": "\u12x4"}`, "broken escape"},
		{"word", `{"version": hello}`, "'h' instead of a value"},
		{"two documents", `{"bomFormat": "CycloneDX", "specVersion": "1.5"} {}`, "after the value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv, meta, err := sbom.Read([]byte(tt.doc))
			if err == nil || !strings.HasPrefix(err.Error(), "reading SBOM: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
			if d := cmp.Diff(inventory.Inventory{}, inv); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(sbom.Meta{}, meta); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestReadTruncated cuts a document at every byte: each is an error, none is a
// smaller inventory.
func TestReadTruncated(t *testing.T) {
	t.Parallel()
	for _, w := range writers {
		small := inventory.Inventory{OS: image.OS, Packages: image.Packages[5:6], Problems: image.Problems}
		doc := strings.TrimSpace(string(w.write(t, small, subject)))
		for n := range len(doc) {
			if _, _, err := sbom.Read([]byte(doc[:n])); err == nil {
				t.Fatalf("%s: %d of %d bytes were read as a document", w.name, n, len(doc))
			}
		}
	}
}

// TestReadLimits has documents that are large, but no more than that.
func TestReadLimits(t *testing.T) {
	t.Parallel()
	cdx := func(components string) string {
		return `{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [` + components + `]}`
	}
	component := func(i int) string {
		return fmt.Sprintf(`{"type": "library", "name": "n%d", "version": "1.%d", "purl": "pkg:npm/n%d@1.%d"}`, i, i, i, i)
	}
	var many []string
	for i := range 20_000 {
		many = append(many, component(i))
	}
	place := `{"location": "p"}`
	long := strings.Repeat("x", 1<<20)
	for _, tt := range []struct {
		name     string
		doc      string
		packages int
		err      string
	}{
		{"20,000 components", cdx(strings.Join(many, ",")), 20_000, ""},
		{"500 deep", `{"bomFormat": "CycloneDX", "specVersion": "1.5", "x":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + "}", 0, ""},
		{"nested components", cdx(strings.Repeat(`{"name": "a", "components": [`, 200) + component(1) + strings.Repeat("]}", 200)), 2, ""},
		{"long name", cdx(`{"name": "` + long + `", "purl": "pkg:npm/a@1"}`), 1, ""},
		{"long purl", cdx(`{"name": "a", "purl": "pkg:npm/` + long + `"}`), 1, ""},
		{"long key", cdx(`{"` + long + `": 1, "name": "a"}`), 1, ""},
		{"too many places", cdx(`{"name": "a", "evidence": {"occurrences": [` + place + strings.Repeat(","+place, 1_100_000) + `]}}`), 0, "more than 1000000 components"},
		{"places of one component", cdx(`{"name": "a", "evidence": {"occurrences": [` + place + strings.Repeat(","+place, 1000) + `]}}`), 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv, _, err := sbom.Read([]byte(tt.doc))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error is %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(inv.Packages) != tt.packages {
				t.Errorf("%d packages, want %d", len(inv.Packages), tt.packages)
			}
		})
	}
}

// TestReadProblems checks that what cannot be used is told, and that the
// package is there all the same.
func TestReadProblems(t *testing.T) {
	t.Parallel()
	inv, _, err := sbom.Read([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [
		{"name": "broken", "version": "1", "purl": "nonsense"},
		{"version": "2"}
	], "metadata": {"properties": [
		{"name": "assay:problem", "value": "{\"path\": \"a.jar\", \"reason\": \"too large\"}"},
		{"name": "assay:problem", "value": "in words"},
		{"name": "other:problem", "value": "ignored"}
	]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := inventory.Inventory{
		Packages: []inventory.Package{{Type: "generic", Name: "broken", Version: "1", Evidence: inventory.SBOM}},
		Problems: []inventory.Problem{
			{Reason: "a component has neither a name nor a purl"},
			{Reason: `component "broken": parsing purl "nonsense": no "pkg:" at the beginning`},
			{Reason: "in words"},
			{Path: "a.jar", Reason: "too large"},
		},
	}
	if d := cmp.Diff(want, inv); d != "" {
		t.Error(d)
	}
}

// TestReadNoList checks that what may hold packages and is no list does not
// pass for an empty one.
func TestReadNoList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ doc, want string }{
		{`{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": {"0": {"name": "a"}}}`, "components is no list"},
		{`{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"name": "a", "components": "b"}]}`, "components is no list"},
		{`{"spdxVersion": "SPDX-2.3", "packages": "a"}`, "packages is no list"},
		{`{"spdxVersion": "SPDX-2.3", "packages": null}`, ""},
		{`{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []}`, ""},
	} {
		t.Run(tt.doc, func(t *testing.T) {
			t.Parallel()
			inv, _, err := sbom.Read([]byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			var got string
			for _, p := range inv.Problems {
				got += p.Reason
			}
			if got != tt.want {
				t.Errorf("problems %q, want %q", got, tt.want)
			}
		})
	}
}

// TestReadOS checks which operating system a document is of.
func TestReadOS(t *testing.T) {
	t.Parallel()
	const named = `{"type": "operating-system", "name": %q, "version": %q}`
	purl := func(purls ...string) string {
		var b strings.Builder
		for i, p := range purls {
			fmt.Fprintf(&b, `,{"name": "p%d", "purl": %q}`, i, p)
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, components string
		want             inventory.OS
	}{
		{"none", `{"name": "a", "purl": "pkg:npm/a@1"}`, inventory.OS{}},
		{"named", fmt.Sprintf(named, "Debian", "12"), inventory.OS{ID: "debian", VersionID: "12"}},
		{"first of two", fmt.Sprintf(named, "debian", "12") + "," + fmt.Sprintf(named, "alpine", "3.18"), inventory.OS{ID: "debian", VersionID: "12"}},
		{"purl", `{}` + purl("pkg:deb/debian/a@1?distro=debian-12"), inventory.OS{ID: "debian", VersionID: "12"}},
		{"codename", `{}` + purl("pkg:deb/debian/a@1?distro=bookworm"), inventory.OS{ID: "debian", VersionID: "12", Codename: "bookworm"}},
		{
			"most", `{}` + purl("pkg:deb/ubuntu/a@1?distro=ubuntu-22.04", "pkg:deb/debian/a@1?distro=debian-12", "pkg:deb/debian/b@1?distro=debian-12"),
			inventory.OS{ID: "debian", VersionID: "12"},
		},
		{
			"named wins", fmt.Sprintf(named, "ubuntu", "22.04") + purl("pkg:deb/debian/a@1?distro=debian-12", "pkg:deb/debian/b@1?distro=debian-12"),
			inventory.OS{ID: "ubuntu", VersionID: "22.04"},
		},
		{"named without release", fmt.Sprintf(named, "debian", "") + purl("pkg:deb/debian/a@1?distro=debian-12"), inventory.OS{ID: "debian", VersionID: "12"}},
		// The names that Trivy gives. Source: Trivy, types of operating system.
		{"redhat", fmt.Sprintf(named, "redhat", "9.3") + purl("pkg:rpm/redhat/a@1?distro=redhat-9.3"), inventory.OS{ID: "rhel", VersionID: "9.3"}},
		{"alma", fmt.Sprintf(named, "alma", "9.6") + purl("pkg:rpm/alma/a@1?distro=alma-9.6"), inventory.OS{ID: "almalinux", VersionID: "9.6"}},
		{"oracle", fmt.Sprintf(named, "oracle", "8.9"), inventory.OS{ID: "ol", VersionID: "8.9"}},
		{"opensuse.leap", fmt.Sprintf(named, "opensuse.leap", "15.5"), inventory.OS{ID: "opensuse-leap", VersionID: "15.5"}},
		{"sles", fmt.Sprintf(named, "suse linux enterprise server", "15.5"), inventory.OS{ID: "sles", VersionID: "15.5"}},
		{"mariner", fmt.Sprintf(named, "cbl-mariner", "2.0"), inventory.OS{ID: "mariner", VersionID: "2.0"}},
		{"amazon", fmt.Sprintf(named, "amazon", "2 (Karoo)"), inventory.OS{ID: "amzn", VersionID: "2"}},
		{"openEuler", `{}` + purl("pkg:rpm/openeuler/a@1?distro=openEuler-22.03"), inventory.OS{ID: "openeuler", VersionID: "22.03"}},
		{"amazon by purl", `{}` + purl("pkg:rpm/amazon/a@1?distro=amazon-2+%28Karoo%29"), inventory.OS{ID: "amzn", VersionID: "2"}},
		{"amazon 2023", `{}` + purl("pkg:rpm/amazon/a@1?distro=amazon-2023.7.20250609+%28Amazon+Linux%29"), inventory.OS{ID: "amzn", VersionID: "2023.7.20250609"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inv, _, err := sbom.Read([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [` + tt.components + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, inv.OS); d != "" {
				t.Error(d)
			}
		})
	}
}

// FuzzRead checks that what is read can be written in either format, and gives
// the same inventory when it is read again.
func FuzzRead(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.archive.Files[0].Data)
	}
	for _, w := range writers {
		f.Add(w.write(f, image, subject))
		f.Add(w.write(f, inventory.Inventory{Packages: image.Packages[:1]}, sbom.Subject{}))
	}
	f.Add([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"name":"a","purl":"pkg:npm/a@1"}]}`))
	f.Add([]byte(`<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component type="library"><name>a</name><purl>pkg:npm/a@1</purl></component></components></bom>`))
	f.Add([]byte("SPDXVersion: SPDX-2.3\nPackageName: a\nSPDXID: SPDXRef-a\nPackageSourceInfo: <text>a\nb</text>\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n"))
	f.Add([]byte(`{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"a","name":"b","versionInfo":"1"}]}`))
	f.Add([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.4","components":[{"type":"operating-system","name":"x"},` +
		`{"name":"a","purl":"pkg:rpm/redhat/a@1?distro=redhat-9&upstream=b-1-2.src.rpm"}]}`))
	f.Fuzz(again)
}

// again checks that what is read of a document is the same after it was written
// and read again.
func again(t *testing.T, doc []byte) {
	t.Helper()
	want, _, err := sbom.Read(doc)
	if err != nil {
		return
	}
	for _, w := range writers {
		got, _, err := sbom.Read(w.write(t, want, sbom.Subject{Name: "again"}))
		if err != nil {
			t.Fatalf("%s\n%v", doc, err)
		}
		if d := cmp.Diff(unnamed(want), unnamed(got)); d != "" {
			t.Fatalf("%s\n%s:\n%s", doc, w.name, d)
		}
	}
}

// TestReadRandom reads documents of the right form with the wrong values, which
// changes of single bytes seldom lead to.
func TestReadRandom(t *testing.T) {
	t.Parallel()
	packages := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		doc := shape(r, "document", 3)
		if r.IntN(2) == 0 {
			doc["bomFormat"], doc["specVersion"] = "CycloneDX", "1.5"
		} else {
			doc["spdxVersion"] = "SPDX-2.3"
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		again(t, data)
		inv, _, _ := sbom.Read(data)
		packages += len(inv.Packages)
	}
	if packages < 1000 {
		t.Errorf("only %d packages were read", packages)
	}
}

// shapes has the members of each kind of object: a text, or an object or a list
// of another kind.
var shapes = map[string][]struct {
	name, object, list string
}{
	"document": {
		{"metadata", "metadata", ""},
		{"components", "", "component"},
		{"packages", "", "package"},
		{"relationships", "", "relationship"},
		{"annotations", "", "annotation"},
		{"creationInfo", "creation", ""},
		{name: "name"},
	},
	"metadata": {{"tools", "", "component"}, {"component", "component", ""}, {"properties", "", "property"}, {name: "timestamp"}},
	"component": {
		{name: "type"},
		{name: "group"},
		{name: "name"},
		{name: "name"},
		{name: "version"},
		{name: "purl"},
		{name: "cpe"},
		{"hashes", "", "hash"},
		{"properties", "", "property"},
		{"evidence", "evidence", ""},
		{"components", "", "component"},
	},
	"hash":       {{name: "alg"}, {name: "content"}},
	"property":   {{name: "property"}, {name: "value"}},
	"evidence":   {{"occurrences", "", "occurrence"}},
	"occurrence": {{name: "location"}},
	"package": {
		{name: "SPDXID"},
		{name: "name"},
		{name: "name"},
		{name: "versionInfo"},
		{name: "packageFileName"},
		{name: "primaryPackagePurpose"},
		{"checksums", "", "checksum"},
		{"externalRefs", "", "reference"},
		{name: "sourceInfo"},
		{"annotations", "", "annotation"},
	},
	"checksum":     {{name: "algorithm"}, {name: "checksumValue"}},
	"reference":    {{name: "referenceType"}, {name: "referenceLocator"}},
	"annotation":   {{name: "comment"}},
	"relationship": {{name: "spdxElementId"}, {name: "relationshipType"}, {name: "relatedSpdxElement"}},
	"creation":     {{name: "created"}},
}

// meanings are texts that mean something as the value of a member.
var meanings = map[string][]string{
	"type":                  {"library", "operating-system", "file", "container", "application"},
	"primaryPackagePurpose": {"LIBRARY", "OPERATING-SYSTEM", "OPERATING_SYSTEM", "CONTAINER", "SOURCE"},
	"purl":                  purls,
	"referenceType":         {"purl", "purl", "purl", "cpe23Type", "cpe22Type"},
	"referenceLocator":      purls,
	"alg":                   {"SHA-1", "SHA-256", "MD5", "SHA3-256", "x"},
	"algorithm":             {"SHA1", "SHA256", "MD5", "SHA3-256", "x"},
	"content":               {"ABCDEF", "ab", "xyz", "9141212b8507ab50a45525b545b39d224614528b"},
	"checksumValue":         {"ABCDEF", "ab", "xyz", "9141212b8507ab50a45525b545b39d224614528b"},
	"version":               {"1", "1:2-3", "NONE", "UNKNOWN", "9.4 (x)"},
	"versionInfo":           {"1", "1:2-3", "NOASSERTION"},
	"SPDXID":                {"SPDXRef-a", "SPDXRef-b"},
	"spdxElementId":         {"SPDXRef-DOCUMENT", "SPDXRef-a"},
	"relatedSpdxElement":    {"SPDXRef-a", "SPDXRef-b"},
	"relationshipType":      {"DESCRIBES", "DESCRIBED_BY", "CONTAINS"},
	"sourceInfo": {
		"built package from: b 1", "built package from: b", "built package from: ", "acquired package info from DPKG DB: /a, /var/lib/dpkg/status",
		"layer sha256:ab; owned by x; evidence manifest; scope dev", "owned by a; b",
	},
	"comment": {
		"assay:path: p", "assay:source: s", "assay:hash: x", "assay:sourceVersion: 1", "assay:ownedBy: a; b", "LayerDigest: sha256:ab", "Class: x",
		`assay:problem: {"path":"p","reason":"r"}`, "assay:os:name: N: 1",
	},
	"property": {
		"assay:path", "assay:layer", "assay:ownedBy", "assay:evidence", "assay:scope", "assay:hash", "assay:source", "assay:sourceVersion",
		"assay:module", "assay:os:name", "assay:os:like", "assay:os:codename", "assay:problem",
		"aquasecurity:trivy:SrcName", "aquasecurity:trivy:SrcVersion", "aquasecurity:trivy:SrcRelease", "aquasecurity:trivy:SrcEpoch",
		"aquasecurity:trivy:Modularitylabel", "aquasecurity:trivy:LayerDiffID", "aquasecurity:trivy:FilePath", "aquasecurity:trivy:Class",
		"syft:location:0:path", "syft:location:0:layerID", "syft:metadata:source", "syft:metadata:sourceVersion", "syft:distro:id",
		"syft:distro:versionID", "syft:distro:prettyName", "amazon:inspector:sbom_generator:source_path",
		"amazon:inspector:sbom_generator:layer_diff_id", "cdx:npm:package:development", "SrcFile",
	},
	"value": {"a:b", "a:b:c:d", "true", "dev", "manifest", `{"path":"p","reason":"r"}`, "b", "1", "a", "  x  y "},
	"name":  {"debian", "redhat", "a", "b", "A_b"},
}

// purls are some that say more than a name, and some that cannot be read.
var purls = []string{
	"pkg:npm/a@1", "pkg:npm/%40a/b", "pkg:npm/a@1?arch=x#y", "pkg:deb/debian/a@1?distro=debian-12&upstream=b%401", "pkg:dpkg/a@1?epoch=1",
	"pkg:rpm/redhat/a@1-2?distro=redhat-9&epoch=1&upstream=b-1-2.src.rpm", "pkg:rpm/amazon/a@1?distro=amazon-2+%28x%29",
	"pkg:rpm/a@1?distro=sles_sap-15", "pkg:rpm/openeuler/a?distro=openEuler-22.03&rpmmod=a:b", "pkg:deb/a@1?upstream=%401",
	"pkg:composer/a/b@v1", "pkg:pypi/A_b@1", "pkg:maven/g/a@1", "pkg:maven/a@1", "pkg:generic/a%2Fb", "pkg:oci/a@sha256:ab", "pkg:swid/a/b", "pkg:x/",
	"pkg:deb/debian/a@1?distro=sid", "pkg:alpm/arch/a@1", "pkg:npm/a@NONE", "nonsense", "",
}

// shape returns an object of a kind with some of its members.
func shape(r *rand.Rand, kind string, depth int) map[string]any {
	out := map[string]any{}
	for _, m := range shapes[kind] {
		if r.IntN(4) == 0 && kind != "property" && kind != "reference" {
			continue
		}
		name := m.name
		if name == "property" {
			name = "name"
		}
		switch {
		case r.IntN(50) == 0:
			out[name] = []any{nil, 1, true, "x", map[string]any{}, []any{[]any{}, "x", nil}}[r.IntN(6)]
		case m.object != "":
			out[name] = shape(r, m.object, depth)
		case m.list != "":
			if depth == 0 {
				continue
			}
			list := make([]any, r.IntN(6))
			for i := range list {
				list[i] = shape(r, m.list, depth-1)
			}
			out[name] = list
		case r.IntN(4) == 0 || meanings[m.name] == nil:
			out[name] = words[r.IntN(len(words))] + words[r.IntN(len(words))]
		default:
			out[name] = meanings[m.name][r.IntN(len(meanings[m.name]))]
		}
	}
	return out
}

// unnamed is an inventory without the purls by which packages without one
// differ from such that have one of the same meaning.
func unnamed(inv inventory.Inventory) inventory.Inventory {
	inv.Packages = slices.Clone(inv.Packages)
	for i := range inv.Packages {
		inv.Packages[i].PURL = ""
	}
	inv.Sort()
	return inv
}

// TestDockerfiles keeps what Dockerfiles break, and reads what the tool of Amazon
// writes.
func TestDockerfiles(t *testing.T) {
	t.Parallel()
	want := inventory.Inventory{Issues: []inventory.Issue{
		{Rule: "IN-DOCKER-003", First: 4, Last: 4},
		{Path: "a/Dockerfile", Rule: "IN-DOCKER-001", First: 2, Last: 3},
		{Path: "a/Dockerfile", Rule: "IN-DOCKER-005-003", First: 3, Last: 3},
	}}
	var b bytes.Buffer
	if err := sbom.WriteCycloneDX(&b, sbom.CycloneDX(want, sbom.Subject{Name: "a", Kind: "source"})); err != nil {
		t.Fatal(err)
	}
	got, _, err := sbom.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got, _, err = sbom.Read([]byte(`{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "file", "name": "dockerfile:Dockerfile", "properties": [
		{"name": "amazon:inspector:sbom_generator:dockerfile_finding:IN-DOCKER-004", "value": "affected_lines:10-10"},
		{"name": "amazon:inspector:sbom_generator:dockerfile_finding:IN-DOCKER-002", "value": "somewhere"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want = inventory.Inventory{
		Issues:   []inventory.Issue{{Path: "Dockerfile", Rule: "IN-DOCKER-004", First: 10, Last: 10}},
		Problems: []inventory.Problem{{Path: "Dockerfile", Reason: "the lines of IN-DOCKER-002 cannot be read"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestReadOtherForms checks that a document says the same in each of its forms.
// The pairs are made by hand in the style of syft 1.x.
func TestReadOtherForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, json string }{
		{"CycloneDX in XML", `<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:1" version="1">
  <metadata>
    <timestamp>2026-01-01T00:00:00Z</timestamp>
    <tools><components><component type="application"><name>syft</name><version>1.0</version></component></components></tools>
    <component type="container"><name>shop</name><version>sha256:00</version></component>
    <properties><property name="syft:image:labels:a">b</property></properties>
  </metadata>
  <components>
    <component bom-ref="1" type="library">
      <name> curl </name><version>7.88.1-10</version>
      <hashes><hash alg="SHA-256">00ff</hash></hashes>
      <purl>pkg:deb/debian/curl@7.88.1-10?arch=amd64&amp;distro=debian-12</purl>
      <properties><property name="syft:location:0:path">/var/lib/dpkg/status</property></properties>
      <components><component type="library"><group>@a</group><name>b</name><version>1</version><purl>pkg:npm/%40a/b@1</purl>
        <evidence><occurrences><occurrence><location>/srv/package.json</location></occurrence></occurrences></evidence></component></components>
    </component>
    <component type="operating-system"><name>debian</name><version>12</version></component>
  </components>
</bom>`, `{"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1", "metadata": {
	"timestamp": "2026-01-01T00:00:00Z", "tools": {"components": [{"name": "syft", "version": "1.0"}]},
	"component": {"type": "container", "name": "shop", "version": "sha256:00"}}, "components": [
	{"type": "library", "name": "curl", "version": "7.88.1-10", "hashes": [{"alg": "SHA-256", "content": "00ff"}],
	 "purl": "pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12", "properties": [{"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"}],
	 "components": [{"type": "library", "group": "@a", "name": "b", "version": "1", "purl": "pkg:npm/%40a/b@1",
	  "evidence": {"occurrences": [{"location": "/srv/package.json"}]}}]},
	{"type": "operating-system", "name": "debian", "version": "12"}]}`},
		{
			"what GitHub answers", `{"sbom": {"spdxVersion": "SPDX-2.3", "packages": [{"SPDXID": "a", "name": "b", "versionInfo": "1"}]}}`,
			`{"spdxVersion": "SPDX-2.3", "packages": [{"SPDXID": "a", "name": "b", "versionInfo": "1"}]}`,
		},
		{
			"SPDX in tag-value", "# made by hand\r\nSPDXVersion: SPDX-2.2\r\nDataLicense: CC0-1.0\r\nSPDXID: SPDXRef-DOCUMENT\r\nDocumentName: shop\r\n" +
				"DocumentNamespace: https://example.com/1\r\nCreator: Organization: Example\r\nCreator: Tool: syft-1.0\r\nCreated: 2026-01-01T00:00:00Z\r\n\r\n" +
				"FileName: /etc/passwd\r\nSPDXID: SPDXRef-file\r\n\r\n" +
				"##### Package: curl\r\n\r\nPackageName: curl\r\nSPDXID: SPDXRef-curl\r\nPackageVersion: 7.88.1-10\r\nPackageChecksum: SHA256: 00ff\r\n" +
				"PackageSourceInfo: <text>acquired package info from DPKG DB: /var/lib/dpkg/status</text>\r\n" +
				"PackageCopyrightText: <text>several\r\nPackageVersion: 9\r\nlines</text>\r\n" +
				"ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12\r\n\r\n" +
				"PackageName: shop\r\nSPDXID: SPDXRef-shop\r\n\r\n" +
				"Annotator: Tool: a\r\nSPDXREF: SPDXRef-curl\r\nAnnotationComment: <text>assay:layer: sha256:11</text>\r\n" +
				"Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-shop\r\n",
			`{"spdxVersion": "SPDX-2.2", "name": "shop", "documentNamespace": "https://example.com/1",
	"creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Organization: Example", "Tool: syft-1.0"]}, "packages": [
	{"SPDXID": "SPDXRef-curl", "name": "curl", "versionInfo": "7.88.1-10", "checksums": [{"algorithm": "SHA256", "checksumValue": "00ff"}],
	 "sourceInfo": "acquired package info from DPKG DB: /var/lib/dpkg/status", "annotations": [{"comment": "assay:layer: sha256:11"}],
	 "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12"}]},
	{"SPDXID": "SPDXRef-shop", "name": "shop"}],
	"relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-shop"}]}`,
		},
	} {
		got, meta, err := sbom.Read([]byte(tt.doc))
		want, wantMeta, werr := sbom.Read([]byte(tt.json))
		if err != nil || werr != nil {
			t.Errorf("%s: %v, %v", tt.name, err, werr)
			continue
		}
		if d := cmp.Diff(want, got) + cmp.Diff(wantMeta, meta); d != "" || len(want.Packages) == 0 {
			t.Errorf("%s: %s", tt.name, d)
		}
	}
}
