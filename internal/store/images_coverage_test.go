package store

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// TestImageCoverage lists and counts images by where they come from.
func TestImageCoverage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		names := map[string]string{} // by id
		put := func(name string, account org.Account, n int, registry string) resource.Resource {
			r := image(account, n)
			r.Image.Registry = registry
			names[r.ID] = name
			record(t, s, Scan{Resource: r, Findings: []finding.Finding{vulnerability(1)}, Revision: "a"}, start)
			return r
		}
		put("a1", alice, 1, "r.example.com:5000")
		put("a2", alice, 2, "r.example.com:5000")
		put("a3", alice, 3, "[::1]:5000")
		put("a4", alice, 4, "") // of an archive: its registry is the account
		put("a5", alice, 5, "other.example.com")
		put("b1", bob, 6, "r.example.com:5000") // bob has it watched not
		gone := put("gone", alice, 7, "other.example.com")
		if err := s.Gone(t.Context(), org.Only(alice), []resource.Resource{gone}, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		host := resource.Resource{Type: resource.Instance, ID: "i-00000000000000001", Account: alice.String(), Region: "eu-central-1"}
		record(t, s, Scan{Resource: host, Revision: "a"}, start)
		watched := Watched{alice: {"r.example.com:5000", "[::1]:5000", "a' OR '1'='1"}}
		both := org.Only(alice, bob)
		digest := filter.Criteria{"resourceId": filter.Text(filter.Equals, image(alice, 4).ID, image(alice, 1).ID)}
		for _, tt := range []struct {
			name  string
			scope org.Scope
			of    ImageOrigin
			where filter.Criteria
			want  []string
		}{
			{"watched", both, ImageOrigin{watched, false}, nil, []string{"a1", "a2", "a3"}},
			{"handed in", both, ImageOrigin{watched, true}, nil, []string{"a4", "a5", "gone", "b1"}},
			{"handed in, of one account", org.Only(bob), ImageOrigin{watched, true}, nil, []string{"b1"}},
			{"nothing watched", both, ImageOrigin{nil, false}, nil, nil},
			{"all handed in", org.Only(alice), ImageOrigin{nil, true}, nil, []string{"a1", "a2", "a3", "a4", "a5", "gone"}},
			{"with a filter", both, ImageOrigin{watched, true}, digest, []string{"a4"}},
			{"nobody", org.Scope{}, ImageOrigin{watched, true}, nil, nil},
		} {
			for _, size := range []int{1, 100} {
				var got []string
				for token := ""; ; {
					list, next, err := s.ImageCoverage(t.Context(), tt.scope, tt.of, tt.where, Page{Size: size, After: token, Now: start})
					if err != nil {
						t.Fatalf("%s: %v", tt.name, err)
					}
					for _, c := range list {
						got = append(got, names[c.Resource.ID])
					}
					if token = next; token == "" {
						break
					}
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("%s, %d a page: %v, want %v", tt.name, size, got, tt.want)
				}
			}
			n, err := s.CountImageCoverage(t.Context(), tt.scope, tt.of, tt.where)
			if err != nil || n != int64(len(tt.want)) {
				t.Errorf("%s: %d, %v, want %d", tt.name, n, err, len(tt.want))
			}
		}
		got, err := s.ImagesHandedIn(t.Context(), both, watched)
		if diff := cmp.Diff(TypeCoverage{Type: resource.Image, Total: 3, Scanned: 3}, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		if err := s.Mark(t.Context(), both, []resource.Resource{image(bob, 6)}, Coverage{ScanType: PackageScan, Code: CoverageInactive, Reason: "IMAGE_SIZE_EXCEEDED"}, start); err != nil {
			t.Fatal(err)
		}
		got, err = s.ImagesHandedIn(t.Context(), both, watched)
		want := TypeCoverage{Type: resource.Image, Total: 3, Scanned: 2, Reasons: []Group{{"IMAGE_SIZE_EXCEEDED", 1}}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		_, _, err = s.ImageCoverage(t.Context(), both, ImageOrigin{}, filter.Criteria{"x": filter.Text(filter.Equals, "y")}, Page{Size: 1, Now: start})
		if err == nil {
			t.Error("an unknown field is taken")
		}
	})
}
