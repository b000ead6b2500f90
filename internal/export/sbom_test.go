package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
	"github.com/spdx/tools-golang/spdxlib"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
)

// resources records an image, an instance and a repository of which nothing is
// known.
func (w *world) resources(t *testing.T) (image, instance store.Scan) {
	t.Helper()
	image, instance = w.scan(alice, 1, 7), w.scan(alice, 2, 0)
	image.Inventory.Problems = []inventory.Problem{{Path: "a/b", Reason: "is broken"}}
	instance.Resource = resource.Resource{
		Type: resource.Instance, ID: "i-0123456789abcdef0", Account: alice.String(), Region: "us-east-1", Platform: "DEBIAN_12",
		Host: resource.Host{Image: "ami-0123456789abcdef0"},
	}
	unknown := store.Scan{Resource: resource.Resource{
		Type: resource.Repository, ID: "arn:aws:ecr:us-east-1:111111111111:repository/shop", Account: alice.String(), Region: "us-east-1",
	}}
	if _, err := w.Store.Record(t.Context(), org.Only(alice), []store.Scan{image, instance, unknown}, start); err != nil {
		t.Fatal(err)
	}
	return image, instance
}

func TestSBOMs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	image, instance := w.resources(t)
	for format, check := range map[string]func(t *testing.T, s store.Scan, text string){"CYCLONEDX_1_4": checkCycloneDX, "SPDX_2_3": checkSPDX} {
		r := w.made(t, Report{Kind: SBOMs, Format: format, To: Destination{Bucket: Own, Prefix: new("p/")}})
		if r.Status != succeeded || r.Done != 2 || r.Skipped != 1 {
			t.Errorf("%+v", r)
		}
		begin := "p/" + format + "_outputs_" + r.ID + "/account=111111111111/resource="
		wanted := map[string]store.Scan{
			begin + "AWS_ECR_CONTAINER_IMAGE/arn:aws:ecr:us-east-1:111111111111:repository_team_shop_" + image.Resource.Digest + "_" + format + ".json": image,
			begin + "AWS_EC2_INSTANCE/i-0123456789abcdef0_" + format + ".json":                                                                          instance,
		}
		kept := w.kept(t, r)
		for key, scan := range wanted {
			text, ok := kept[key]
			if !ok {
				t.Errorf("no %s", key)
				continue
			}
			check(t, scan, text)
			validate(t, format, text)
			inv, _, err := sbom.Read([]byte(text))
			if err != nil || len(inv.Packages) != 5 || inv.OS.ID != "debian" {
				t.Errorf("read back: %+v %v", inv, err)
			}
		}
		if len(kept) != 2 {
			t.Errorf("%d documents", len(kept))
		}
		one := w.made(t, Report{Kind: SBOMs, Format: format, Criteria: filter.Criteria{"resourceType": filter.Text(filter.Equals, "AWS_EC2_INSTANCE")}})
		if one.Status != succeeded || one.Done != 1 || one.Skipped != 0 {
			t.Errorf("%+v", one)
		}
		none := w.made(t, Report{Kind: SBOMs, Format: format, Criteria: filter.Criteria{"resourceType": filter.Text(filter.Equals, "AWS_ECR_REPOSITORY")}})
		if none.Status != failed || !strings.Contains(none.Message, "1 have none") {
			t.Errorf("%+v", none)
		}
	}
}

func checkCycloneDX(t *testing.T, s store.Scan, text string) {
	t.Helper()
	type property struct{ Name, Value string }
	var doc struct {
		BOMFormat, SpecVersion string
		Metadata               struct {
			Timestamp  string
			Component  any
			Properties []property
		}
		Components      []map[string]any
		Vulnerabilities []struct {
			ID      string
			Affects []struct{ Ref string }
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.SpecVersion != "1.4" || doc.Metadata.Component != nil || doc.Metadata.Timestamp != "2026-03-01T12:00:00Z" || len(doc.Components) != 6 {
		t.Errorf("%.500s", text)
	}
	want := []property{
		{"imageId", s.Resource.Digest},
		{"architecture", "amd64"},
		{"accountId", alice.String()},
		{"resourceType", string(s.Resource.Type)},
		{"assay:problem", `{"path":"a/b","reason":"is broken"}`},
	}
	if s.Resource.Type == resource.Instance {
		want = []property{{"imageId", "ami-0123456789abcdef0"}, {"accountId", alice.String()}, {"resourceType", string(s.Resource.Type)}}
	}
	if diff := cmp.Diff(want, doc.Metadata.Properties); diff != "" {
		t.Error(diff)
	}
	refs := map[string]string{}
	for _, c := range doc.Components {
		refs[fmt.Sprint(c["bom-ref"])] = fmt.Sprint(c["name"])
		for _, member := range []string{"properties", "evidence"} {
			if c[member] != nil {
				t.Errorf("%v has %s", c["name"], member)
			}
		}
	}
	if got := fmt.Sprint(doc.Components[0]["type"], " ", doc.Components[0]["purl"]); got != "library pkg:deb/debian/lib0@1:1.0-2?arch=amd64&distro=debian-12&upstream=source" &&
		!strings.HasPrefix(got, "library pkg:deb/debian/lib0@") {
		t.Error(got)
	}
	if len(doc.Vulnerabilities) != len(s.Findings) {
		t.Errorf("%d vulnerabilities", len(doc.Vulnerabilities))
	}
	for i, v := range doc.Vulnerabilities {
		if want := fmt.Sprintf("CVE-2099-%05d lib%d", i, i%5); len(v.Affects) != 1 || v.ID+" "+refs[v.Affects[0].Ref] != want {
			t.Errorf("%+v; want %s", v, want)
		}
	}
}

func checkSPDX(t *testing.T, s store.Scan, text string) {
	t.Helper()
	var doc v2_3.Document
	if err := spdxjson.ReadInto(strings.NewReader(text), &doc); err != nil {
		t.Fatal(err)
	}
	if err := spdxlib.ValidateDocument(&doc); err != nil {
		t.Error(err)
	}
	name := "111111111111/ECR/" + s.Resource.ID
	if s.Resource.Type == resource.Instance {
		name = "111111111111/EC2/i-0123456789abcdef0/ami-0123456789abcdef0"
	}
	if doc.DocumentName != name || doc.DocumentNamespace == "" {
		t.Error(doc.DocumentName, doc.DocumentNamespace)
	}
	if !strings.Contains(text, `"Organization: 111111111111"`) || !strings.Contains(text, `"Tool: assay-1.2.3"`) {
		t.Errorf("%.500s", text)
	}
	var got []string
	for _, p := range doc.Packages {
		for _, r := range p.PackageExternalReferences {
			if r.Category == "SECURITY" && r.RefType == "vulnerability" {
				got = append(got, r.Locator+" "+p.PackageName)
			}
		}
	}
	slices.Sort(got)
	var want []string
	for i := range s.Findings {
		want = append(want, fmt.Sprintf("CVE-2099-%05d lib%d", i, i%5))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(doc.Packages) != 6 || len(doc.Relationships) != 6 || doc.Relationships[0].Relationship != "DESCRIBES" {
		t.Errorf("%d packages, %d relationships", len(doc.Packages), len(doc.Relationships))
	}
}

// validators is the folder of those that others wrote. They run where node is
// and "npm ci" was run in that folder.
const validators = "../../test/formats"

// validate checks a document by the schema of those who define the format.
func validate(t *testing.T, format, text string) {
	t.Helper()
	name, ok := map[string]string{"CYCLONEDX_1_4": "cyclonedx14"}[format]
	script, err := os.ReadFile(filepath.Join(validators, "check.mjs"))
	if !ok || err != nil || !bytes.Contains(script, []byte(name)) {
		return
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return
	}
	if _, err := os.Stat(filepath.Join(validators, "node_modules")); err != nil {
		return
	}
	path := filepath.Join(t.TempDir(), "document.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), node, filepath.Join(validators, "check.mjs"), name, path).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// TestSBOMsGoOn has an export whose delivery breaks off in the middle.
func TestSBOMsGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 50, 1)
	w.s3.refuse["theirs"] = refusal{400, "InvalidRequest", 2*resourcesAtOnce + 3}
	r, err := w.begin(t, Report{Kind: SBOMs, Format: "SPDX_2_3", To: Destination{Bucket: "theirs"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.work(t); err == nil {
		t.Fatal("no error")
	}
	if got := w.find(t, r); got.Status != inProgress || got.Done != 2*resourcesAtOnce {
		t.Errorf("%+v", got)
	}
	delete(w.s3.refuse, "theirs")
	for key := range w.s3.objects {
		w.s3.objects[key] = "" // those that are written again have a text
	}
	w.now = start.Add(time.Hour)
	if err := w.work(t); err != nil {
		t.Fatal(err)
	}
	if got := w.find(t, r); got.Status != succeeded || got.Done != 50 {
		t.Errorf("%+v", got)
	}
	again := 0
	for _, text := range w.s3.objects {
		if text != "" {
			again++
		}
	}
	if len(w.s3.objects) != 50 || again != 10 {
		t.Errorf("%d objects, %d of them written at the second attempt", len(w.s3.objects), again)
	}
}

func TestDocumentKey(t *testing.T) {
	t.Parallel()
	o := &order{Report: Report{ID: "1", Format: "SPDX_2_3"}}
	res := resource.Resource{Type: resource.AzureInstance, ID: "/subscriptions/x/" + strings.Repeat("ä", 600), Account: alice.String()}
	key := o.documentKey(res)
	if len(key) > maxKey || !strings.HasPrefix(key, "SPDX_2_3_outputs_1/account=111111111111/resource=Microsoft.Compute_virtualMachines/_subscriptions_x_ä") ||
		!strings.HasSuffix(key, "_SPDX_2_3.json") {
		t.Errorf("%d bytes: %s", len(key), key)
	}
	res.ID += "x"
	if o.documentKey(res) == key {
		t.Error("two resources have one name")
	}
}
