package report

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
	"github.com/spdx/tools-golang/spdxlib"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/match"
)

// validators is the folder of those that others wrote. They run where node is
// and "npm ci" was run in that folder.
const validators = "../../test/formats"

// TestIndependentValidators has SARIF and CycloneDX checked by the schemas of
// those who define them.
func TestIndependentValidators(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(validators, "node_modules")); err != nil {
		t.Skip("run npm ci in test/formats to have the formats checked")
	}
	docs := targets()
	docs["clear"], docs["inventory"], docs["empty"], docs["many"] = clear(), inventoryOnly(), Document{}, many(200)
	docs["scored"], docs["excepted"] = hostDocument(), excepted()
	for _, format := range []string{"sarif", "cyclonedx", "cyclonedx-vex"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			schema := strings.TrimSuffix(format, "-vex")
			args := []string{filepath.Join(validators, "check.mjs"), schema}
			for name, d := range docs {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, written(t, format, d), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, path)
			}
			out, err := exec.CommandContext(t.Context(), node, args...).CombinedOutput()
			if err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
			// A document that is none must not pass.
			bad := filepath.Join(dir, "bad")
			text := strings.Replace(string(written(t, format, document())), `"version"`, `"versiom"`, 1)
			if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), node, args[0], schema, bad).CombinedOutput(); err == nil {
				t.Errorf("a broken document passes:\n%s", out)
			}
		})
	}
}

// TestSPDX reads the document with the reader of the SPDX project.
func TestSPDX(t *testing.T) {
	t.Parallel()
	docs := targets()
	docs["clear"], docs["inventory"], docs["empty"] = clear(), inventoryOnly(), Document{}
	for name, d := range docs {
		var doc v2_3.Document
		if err := spdxjson.ReadInto(bytes.NewReader(written(t, "spdx", d)), &doc); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := spdxlib.ValidateDocument(&doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := 0
		if name != "clear" && name != "inventory" && name != "empty" && name != "hostile" {
			want = 14 // packages of findings
		}
		got := 0
		for _, p := range doc.Packages {
			for _, r := range p.PackageExternalReferences {
				if r.Category == "SECURITY" && r.RefType == "advisory" {
					got++
				}
			}
		}
		if name != "hostile" && got != want {
			t.Errorf("%s has %d references to advisories, want %d", name, got, want)
		}
	}
}

// TestSBOMIsReadBack checks that the inventory survives in both formats, with
// the findings beside it.
func TestSBOMIsReadBack(t *testing.T) {
	t.Parallel()
	d := document()
	for _, format := range []string{"cyclonedx", "spdx"} {
		inv, meta, err := sbom.Read(written(t, format, d))
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		if len(inv.Packages) != len(d.Report.Inventory.Packages) {
			t.Errorf("%s has %d packages, want %d", meta.Format, len(inv.Packages), len(d.Report.Inventory.Packages))
		}
		for i, p := range inv.Packages {
			want := d.Report.Inventory.Packages[i]
			if p.Name != want.Name || p.Version != want.Version || p.Path != want.Path || p.Layer != want.Layer {
				t.Errorf("%s: %+v, want %+v", format, p, want)
			}
		}
	}
}

// TestSARIF checks what code hosts rely on and schemas cannot say.
func TestSARIF(t *testing.T) {
	t.Parallel()
	type location struct {
		Physical struct {
			Artifact struct{ URI string } `json:"artifactLocation"`
		} `json:"physicalLocation"`
		Logical []struct{ Name, Kind string } `json:"logicalLocations"`
	}
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct {
					Rules []struct {
						ID         string
						Properties map[string]any
					}
				}
			}
			Results []struct {
				RuleID, Level       string
				Message             struct{ Text string }
				Locations           []location
				PartialFingerprints map[string]string
			}
			Invocations []struct {
				ToolExecutionNotifications []struct {
					Level      string
					Descriptor struct{ ID string }
					Message    struct{ Text string }
				}
			}
		}
	}
	if err := json.Unmarshal(written(t, "sarif", document()), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	severities := map[string]any{}
	for _, r := range run.Tool.Driver.Rules {
		severities[r.ID] = r.Properties["security-severity"]
	}
	want := map[string]any{
		"CVE-2021-44228": "10.0", "GHSA-9x64-5r7x-2q53": "10.0", "CVE-2023-45133": "9.3", "CVE-2021-45046": "9.0",
		"CVE-2023-4911": "7.8", "CVE-2023-5363": "7.5", "CVE-2021-23337": "7.2", "CVE-2021-45105": "5.9",
		"CVE-2011-4116": "0.0",
		"OSV-2099-0001": nil, // nobody knows
	}
	if d := cmp.Diff(want, severities); d != "" {
		t.Error(d)
	}
	first := run.Results[0]
	text := "org.apache.logging.log4j:log4j-core 2.14.1 (maven) has CVE-2021-44228, severity CRITICAL 10.0. " +
		"Fixed in 2.15.0: set the version of org.apache.logging.log4j:log4j-core to 2.15.0 in the build file."
	if first.Message.Text != text {
		t.Errorf("the message is %q", first.Message.Text)
	}
	at := first.Locations[0]
	if at.Physical.Artifact.URI != "srv/app/shop.war%21/WEB-INF/lib/log4j-core-2.14.1.jar" &&
		at.Physical.Artifact.URI != "srv/app/shop.war!/WEB-INF/lib/log4j-core-2.14.1.jar" {
		t.Errorf("the place is %q", at.Physical.Artifact.URI)
	}
	if len(at.Logical) != 2 || at.Logical[1].Kind != "layer" || !strings.HasPrefix(at.Logical[1].Name, "RUN npm ci") {
		t.Errorf("logical places are %+v", at.Logical)
	}
	var notices []string
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		notices = append(notices, n.Level+" "+n.Descriptor.ID)
	}
	if d := cmp.Diff([]string{
		"warning problem", "warning problem", "warning no-data", "note unassessed", "note upstream-only", "warning starter",
	}, notices); d != "" {
		t.Error(d)
	}
}

// TestFingerprint checks that a new version and a new layer leave an alert the
// same, and another place does not.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	f := &finding.Finding{Vulnerability: "CVE-2021-23337"}
	before := fingerprint(occurrence{f: f, p: &finding.Package{Package: lodash}})
	upgraded, moved := lodash, lodash
	upgraded.Version, upgraded.Layer = "4.17.19", baseLayer
	moved.Path = "elsewhere/package.json"
	if got := fingerprint(occurrence{f: f, p: &finding.Package{Package: upgraded}}); got != before {
		t.Error("another version is another alert")
	}
	if got := fingerprint(occurrence{f: f, p: &finding.Package{Package: moved}}); got == before {
		t.Error("another place is the same alert")
	}
}

func TestRelativeURI(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, want string }{
		{"usr/lib/x.jar", "usr/lib/x.jar"},
		{"/abs/path", "abs/path"},
		{"host:5000/image:tag", "host%3A5000/image%3Atag"},
		{"with space/ü", "with%20space/%C3%BC"},
		{"a?b#c%d", "a%3Fb%23c%25d"},
	} {
		if got := relativeURI(tt.path); got != tt.want {
			t.Errorf("relativeURI(%q) = %q, want %q", tt.path, got, tt.want)
		}
	}
}

func TestWhyText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		y    match.Why
		want string
	}{
		{
			osFindings()[1].Packages[0].Match.Why[0],
			"debian-dsa DSA-5532-1: source openssl 3.0.11-1~deb12u1 is in < 3.0.11-1~deb12u2 (deb:debian:12, notice)",
		},
		{
			match.Why{Source: "osv", Advisory: "PYSEC-1", Ecosystem: "pypi", Name: "x", NameKind: "binary", Version: "1", Range: "listed", Fixed: "2"},
			"osv PYSEC-1: binary x 1 is listed, fixed in 2 (pypi)",
		},
	} {
		if got := whyText(tt.y); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
