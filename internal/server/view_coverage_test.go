package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// TestCoverageView reads a page of resources with how many there are.
func TestCoverageView(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		viewed(y)
		for _, tt := range []struct {
			name, body string
			account    org.Account
			want       int
		}{
			{"all", ``, y.account, 1},
			{"images", `{"filterCriteria":{"resourceType":[{"comparison":"EQUALS","value":"AWS_ECR_CONTAINER_IMAGE"}]}}`, y.account, 1},
			{"hosts", `{"filterCriteria":{"resourceType":[{"comparison":"EQUALS","value":"AWS_EC2_INSTANCE"}]}}`, y.account, 0},
			{"another account's", ``, stranger, 0},
		} {
			var out CoverageView
			if err := y.ask(tt.account, "POST coverage/view", tt.body, &out); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if len(out.Covered) != tt.want || out.Total != int64(tt.want) || out.NextToken != "" || len(out.Reasons) != tt.want {
				t.Errorf("%s: %+v", tt.name, out)
			}
		}
		err := y.ask(y.account, "POST coverage/view", `{"filterCriteria":{"resourceType":[{"comparison":"LIKE","value":"x"}]}}`, &struct{}{})
		if refused, ok := err.(*wire.Error); !ok || refused.Status != 400 { //nolint:errorlint // as the front looks at it
			t.Errorf("a filter that is not valid: %v", err)
		}
		if err := y.ask(y.account, "POST coverage/view?images=all", "", &struct{}{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("images of nowhere: %v", err)
		}
	})
}

// TestCoverageViewImages tells images of a watched registry from those that were
// handed in.
func TestCoverageViewImages(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		viewed(y) // an image that was handed in
		digest := "sha256:" + strings.Repeat("b", 64)
		kept := resource.Resource{
			Type: resource.Image, ID: resource.ImageARN(y.account.String(), "us-east-1", "shop/web", digest), Digest: digest,
			Image: resource.ImageUse{Registry: "registry.example.com:5000", Repository: "shop/web"},
		}
		if why := y.take(kept); why != "" {
			t.Fatal(why)
		}
		type typed struct {
			Images string
			Total  int64
		}
		seen := func(query string) (ids []string, total int64, types []typed) {
			var out CoverageView
			if err := y.ask(y.account, "POST coverage/view"+query, "", &out); err != nil {
				t.Fatal(err)
			}
			for _, c := range out.Covered {
				var one struct{ ResourceID string }
				if err := json.Unmarshal(c, &one); err != nil {
					t.Fatal(err)
				}
				ids = append(ids, one.ResourceID)
			}
			for _, c := range out.Types {
				types = append(types, typed{c.Images, c.Total})
			}
			return ids, out.Total, types
		}
		ids, total, types := seen("?images=handed-in")
		if diff := cmp.Diff([]typed{{imagesWatched, 0}, {imagesHandedIn, 2}}, types); diff != "" || len(ids) != 2 || total != 2 {
			t.Errorf("while nothing is watched: %v, %d\n%s", ids, total, diff)
		}
		doc := registryDoc{RegistrySettings: RegistrySettings{Name: "ours", Address: "registry.example.com:5000", Insecure: true}}
		err := y.store.Update(t.Context(), func(tx *store.Tx) error {
			return tx.Put(t.Context(), org.Only(y.account), store.Object{Kind: registryKind, Account: y.account, ID: "r-1", Created: y.at, Updated: y.at}, doc)
		})
		if err != nil {
			t.Fatal(err)
		}
		for query, want := range map[string]string{"?images=watched": "/shop/web/", "?images=handed-in": "/shop/app/"} {
			ids, total, types := seen(query)
			if diff := cmp.Diff([]typed{{imagesWatched, 1}, {imagesHandedIn, 1}}, types); diff != "" || len(ids) != 1 || total != 1 || !strings.Contains(ids[0], want) {
				t.Errorf("%s: %v, %d\n%s", query, ids, total, diff)
			}
		}
		if ids, total, _ := seen(""); len(ids) != 2 || total != 2 {
			t.Errorf("all: %v, %d", ids, total)
		}
		var out CoverageView
		if err := y.askAs(org.Scanner, y.account, "POST coverage/view", "", &out); err != nil || out.Types != nil || out.Reasons != nil || len(out.Covered) != 2 {
			t.Errorf("who may not see the summary: %+v, %v", out, err)
		}
	})
}

func TestWithout(t *testing.T) {
	t.Parallel()
	all := store.TypeCoverage{Total: 5, Scanned: 1, Reasons: []store.Group{{Value: "A", Count: 3}, {Value: "B", Count: 1}}}
	part := store.TypeCoverage{Total: 3, Scanned: 0, Reasons: []store.Group{{Value: "A", Count: 2}, {Value: "B", Count: 1}}}
	got := without(all, part)
	if got.Total != 2 || got.Scanned != 1 || !slices.Equal(got.Reasons, []store.Group{{Value: "A", Count: 1}}) {
		t.Errorf("%+v", got)
	}
	if got := without(part, all); got.Total != 0 || got.Scanned != 0 || len(got.Reasons) != 0 {
		t.Errorf("less than none: %+v", got)
	}
}
