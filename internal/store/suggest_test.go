package store

import (
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

// TestSuggest looks for values that an account has, and for none that another has.
func TestSuggest(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		one, two := org.Account(111122223333), org.Account(444455556666)
		for n, account := range []org.Account{one, one, two} {
			res := image(account, n)
			res.Image.Repository = fmt.Sprint("shop/app", n)
			res.Labels = map[string]string{fmt.Sprint("team", n): "x"}
			record(t, s, Scan{Resource: res, Revision: "1", Findings: []finding.Finding{vulnerability(n), vulnerability(10)}}, start)
		}
		if _, err := s.Fold(ctx); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			field, prefix string
			limit         int
			want          []string
		}{
			{"vulnerabilityId", "CVE-2099", 20, []string{"CVE-2099-00000", "CVE-2099-00001", "CVE-2099-00010"}},
			{"vulnerabilityId", "CVE-2099", 2, []string{"CVE-2099-00000", "CVE-2099-00001"}},
			{"vulnerabilityId", "CVE-2099-00002", 20, []string{}},
			{"vulnerabilityId", "x", 20, []string{}},
			{"vulnerabilitySource", "", 20, []string{"DEBIAN_CVE"}},
			{"ecrImageRepositoryName", "shop/", 20, []string{"shop/app0", "shop/app1"}},
			{"resourceTags", "", 20, []string{"team0", "team1"}},
			{"vulnerablePackages", "libexample", 20, []string{"libexample0", "libexample1", "libexample10"}},
			{"title", "CVE-2099-00001 ", 20, []string{"CVE-2099-00001 - libexample1"}},
			{"severity", "", 20, []string{"CRITICAL", "HIGH", "INFORMATIONAL", "LOW", "MEDIUM", "UNTRIAGED"}},
			{"findingStatus", "S", 20, []string{"SUPPRESSED"}},
			{"awsAccountId", "1", 20, []string{one.String()}},
			{"resourceId", "arn:aws:ecr:eu-central-1:" + two.String(), 20, []string{}},
			{"ec2InstanceVpcId", "", 20, []string{}},
		} {
			got, err := s.Suggest(ctx, org.Only(one), tt.field, tt.prefix, tt.limit)
			if diff := gocmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%s %q: %v %s", tt.field, tt.prefix, err, diff)
			}
		}
		for field := range filter.Finding { // every one can be asked
			if _, err := s.Suggest(ctx, org.Only(one, two), field, "a", 5); err != nil {
				t.Error(field, err)
			}
			if got, err := s.Suggest(ctx, org.Only(777788889999), field, "CVE", 5); err != nil || len(got) > 0 {
				t.Error(field, got, err)
			}
		}
		for _, tt := range []struct {
			field string
			limit int
		}{{"nothing", 5}, {"title", 0}, {"title", MaxSuggestions + 1}} {
			if _, err := s.Suggest(ctx, org.Only(one), tt.field, "", tt.limit); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", tt, err)
			}
		}
	})
}
