package monitor

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ago(days int) string { return day.AddDate(0, 0, -days).Format(time.RFC3339) }

// TestEligible has a case for each way in which a resource is, or is no longer,
// scanned.
func TestEligible(t *testing.T) {
	t.Parallel()
	all := org.Settings{}.Switch(true, day, org.Services()...)
	with := func(rescan, pull, mode string) org.Settings {
		s := all
		s.ECR = &org.ImageSettings{Rescan: rescan, Pull: pull, PullMode: mode}
		return s
	}
	image := func(pushed, pulled, used string) resource.Resource {
		return resource.Resource{Type: resource.Image, Image: resource.ImageUse{Pushed: pushed, Pulled: pulled, Used: used}}
	}
	function := func(modified, used string) resource.Resource {
		return resource.Resource{Type: resource.Function, Function: resource.Runtime{Modified: modified, Used: used}}
	}
	tagged := func(typ resource.Type, key, value string) resource.Resource {
		return resource.Resource{Type: typ, Labels: map[string]string{key: value}}
	}
	until := func(days int) Verdict { return Verdict{Until: day.AddDate(0, 0, days)} }
	expired := Verdict{Reason: Expired}
	for _, tt := range []struct {
		name     string
		settings org.Settings
		res      resource.Resource
		want     Verdict
	}{
		{"image pushed a while ago", all, image(ago(13), "", ""), until(1)},
		{"image pushed too long ago", all, image(ago(14), "", ""), expired},
		{"image that is used", all, image(ago(100), "", ago(2)), until(12)},
		{"image that is pulled, and nobody knows of its use", all, image(ago(100), ago(3), ""), until(11)},
		{"image that is pulled but no longer used", all, image(ago(100), ago(3), ago(20)), expired},
		{"the same where pulls count", with("DAYS_14", "DAYS_14", "LAST_PULL_DATE"), image(ago(100), ago(3), ago(20)), until(11)},
		{"image that is used where pulls count", with("DAYS_14", "DAYS_14", "LAST_PULL_DATE"), image(ago(100), "", ago(3)), expired},
		{"image of which only the building is known", all, resource.Resource{Type: resource.Image, Created: ago(15)}, expired},
		{"image of which nothing is known", all, image("", "", ""), Verdict{}},
		{"image pushed in the future", all, image(ago(-500), "", ""), until(14)},
		{"image for life", with("LIFETIME", "DAYS_3", "LAST_IN_USE_AT"), image(ago(5000), "", ""), Verdict{}},
		{"image for 3 days", with("DAYS_3", "DAYS_7", "LAST_IN_USE_AT"), image(ago(2), "", ""), until(1)},
		{"image for 7 days of use", with("DAYS_3", "DAYS_7", "LAST_IN_USE_AT"), image(ago(20), "", ago(6)), until(1)},
		{"image for 180 days", with("DAYS_180", "DAYS_3", "LAST_IN_USE_AT"), image(ago(179), "", ""), until(1)},
		{"image of another cloud", all, resource.Resource{Type: resource.AzureImage, Image: resource.ImageUse{Pushed: ago(15)}}, expired},
		{"image while images are off", org.Settings{}, image(ago(1), "", ""), Verdict{Reason: PendingDisable}},

		{"function that was changed", all, function(ago(89), ""), until(1)},
		{"function that ran", all, function(ago(900), ago(10)), until(80)},
		{"function that neither ran nor changed", all, function(ago(900), ago(90)), expired},
		{"function of which nothing is known", all, function("", ""), Verdict{}},
		{"function while functions are off", org.Settings{}, function(ago(1), ""), Verdict{Reason: PendingDisable}},
		{"function that is excluded", all, tagged(resource.Function, "InspectorExclusion", "LambdaStandardScanning"), Verdict{Reason: ExcludedByTag}},
		{"function of which only the code is excluded", all, tagged(resource.Function, "InspectorExclusion", "LambdaCodeScanning"), Verdict{}},
		{"function with the tag of machines", all, tagged(resource.Function, "InspectorEc2Exclusion", ""), Verdict{}},

		{"machine", all, tagged(resource.Instance, "Name", "web"), Verdict{}},
		{"machine that is excluded", all, tagged(resource.Instance, "InspectorEc2Exclusion", ""), Verdict{Reason: ExcludedByTag}},
		{"machine that is excluded in another case", all, tagged(resource.Instance, "inspectorEC2exclusion", "no"), Verdict{Reason: ExcludedByTag}},
		{"machine while machines are off", org.Settings{}, tagged(resource.Instance, "a", ""), Verdict{Reason: PendingDisable}},
		{"code", all, resource.Resource{Type: resource.Code, Created: ago(5000)}, Verdict{}},
	} {
		if diff := cmp.Diff(tt.want, Eligible(tt.settings, tt.res, day)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestEligibleCode(t *testing.T) {
	t.Parallel()
	all := org.Settings{}.Switch(true, day, org.Services()...)
	for _, tt := range []struct {
		key, value, want string
	}{
		{"a", "b", ""},
		{"InspectorCodeExclusion", "LambdaCodeScanning", ExcludedByTag},
		{"InspectorExclusion", "LambdaCodeScanning", ExcludedByTag},
		{"InspectorExclusion", "LambdaStandardScanning", ExcludedByTag}, // its packages are not scanned, so neither is its code
		{"InspectorExclusion", "anything", ""},
	} {
		res := resource.Resource{Type: resource.Function, Labels: map[string]string{tt.key: tt.value}}
		if got := EligibleCode(all, res, day).Reason; got != tt.want {
			t.Errorf("%s=%s: %q, want %q", tt.key, tt.value, got, tt.want)
		}
	}
	if got := EligibleCode(all.Switch(false, day, org.LambdaCode), resource.Resource{Type: resource.Function}, day).Reason; got != PendingDisable {
		t.Errorf("without the service: %q", got)
	}
}

func TestRevives(t *testing.T) {
	t.Parallel()
	pushed := resource.Resource{Image: resource.ImageUse{Pushed: ago(50)}}
	for _, tt := range []struct {
		name  string
		after resource.Resource
		want  bool
	}{
		{"the same", pushed, false},
		{"pushed again", resource.Resource{Image: resource.ImageUse{Pushed: ago(1)}}, true},
		{"pushed earlier, as another says", resource.Resource{Image: resource.ImageUse{Pushed: ago(60)}}, false},
		{"pulled", resource.Resource{Image: resource.ImageUse{Pushed: ago(50), Pulled: ago(1)}}, true},
		{"used", resource.Resource{Image: resource.ImageUse{Pushed: ago(50), Used: ago(1)}}, true},
		{"with other code", resource.Resource{Image: resource.ImageUse{Pushed: ago(50)}, Digest: "sha256:ab"}, true},
		{"with another tag", resource.Resource{Image: resource.ImageUse{Pushed: ago(50)}, Tags: []string{"a"}}, false},
	} {
		if got := Revives(pushed, tt.after, day); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestHandedIn shows that what nobody else tells of counts as touched on the day
// on which it is handed in, and that the same day gives the same resource.
func TestHandedIn(t *testing.T) {
	t.Parallel()
	for _, typ := range []resource.Type{resource.Image, resource.Function, resource.Instance} {
		res := resource.Resource{Type: typ, Created: ago(5000)}
		first, second := handedIn(res, res, day), handedIn(res, res, day.Add(11*time.Hour))
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%s on one day: %s", typ, diff)
		}
		if changes := !cmp.Equal(first, handedIn(res, res, day.Add(12*time.Hour))); changes == (typ == resource.Instance) {
			t.Errorf("%s on the next day: %v", typ, changes)
		}
	}
	told := resource.Resource{Type: resource.Image, Image: resource.ImageUse{Pulled: ago(3)}}
	if diff := cmp.Diff(told, handedIn(told, resource.Resource{}, day)); diff != "" {
		t.Errorf("one that a registry tells of: %s", diff)
	}
	known := resource.Resource{Type: resource.Image, Image: resource.ImageUse{Registry: "r.example.org", Pushed: ago(9)}}
	want := known
	want.Image.Pulled = "2026-03-01T00:00:00Z"
	if diff := cmp.Diff(want, handedIn(resource.Resource{Type: resource.Image}, known, day)); diff != "" {
		t.Errorf("one that a registry has told of: %s", diff)
	}
	known.Image.Pulled = ago(0)
	if diff := cmp.Diff(known, handedIn(resource.Resource{Type: resource.Image}, known, day)); diff != "" {
		t.Errorf("one that was pulled today: %s", diff)
	}
}

// TestReasonsAreComplete compares the table with the reasons that the API has,
// and with those that this package gives, and the page of the manual with the
// table.
func TestReasonsAreComplete(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	var page strings.Builder
	page.WriteString("| reason | code | it means | to do |\n|---|---|---|---|\n")
	for _, r := range Reasons() {
		if known[r.Name] {
			t.Errorf("%s is there twice", r.Name)
		}
		known[r.Name] = true
		if r.Code != active && r.Code != inactive || r.Means == "" {
			t.Errorf("%+v is not complete", r)
		}
		page.WriteString("| `" + r.Name + "` | " + r.Code + " | " + r.Means + " | " + r.Remedy + " |\n")
	}
	model, err := os.ReadFile("../api/inspector2/types_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	words := regexp.MustCompile(`ScanStatusReason = "([A-Z_0-9]+)"`).FindAllStringSubmatch(string(model), -1)
	if len(words) < 30 {
		t.Errorf("only %d reasons are found in the API", len(words))
	}
	for _, word := range words {
		if !known[word[1]] {
			t.Errorf("%s of the API is not told of", word[1])
		}
	}
	for _, name := range []string{
		Successful, PendingInitial, PendingRevival, PendingDisable, ExcludedByTag, Expired, StaleInventory, CustomerKey, AccessDenied,
		UnsupportedCode, UnsupportedOS, UnsupportedMedia, InternalError, OnPush, ImageSize,
	} {
		if !known[name] {
			t.Errorf("%s is not told of", name)
		}
	}
	if Remedy(Expired) == "" || Remedy("NO_SUCH_REASON") != "" {
		t.Error("remedies are wrong")
	}
	text, err := os.ReadFile("../../doc/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), page.String()) {
		t.Errorf("doc/coverage.md does not have this table:\n%s", page.String())
	}
}
