package store

import (
	"slices"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

func TestImages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		in := resource.ImageUse{Registry: "r.example.com:5000", Repository: "shop/web"}
		of := func(account org.Account, n int, registry, repository string) resource.Resource {
			r := image(account, n)
			r.Image = resource.ImageUse{Registry: registry, Repository: repository}
			return r
		}
		for _, r := range []resource.Resource{
			of(alice, 1, in.Registry, in.Repository), of(alice, 2, in.Registry, in.Repository), of(alice, 3, in.Registry, "shop/api"),
			of(alice, 4, "other.example.com", in.Repository), of(bob, 5, in.Registry, in.Repository),
		} {
			record(t, s, Scan{Resource: r, Findings: []finding.Finding{vulnerability(1)}, Revision: "a"}, start)
		}
		gone := of(alice, 2, in.Registry, in.Repository)
		if err := s.Gone(t.Context(), org.Only(alice), []resource.Resource{gone}, start.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		list, err := s.Images(t.Context(), org.Only(alice), alice, in, "")
		if err != nil || len(list) != 2 {
			t.Fatalf("%v, %v", list, err)
		}
		want := Coverage{ScanType: PackageScan, Code: CoverageActive, Reason: reasonSuccessful, Scanned: start}
		if i := list[0]; i.Gone || i.Coverage != want || i.Resource.Digest != image(alice, 1).Digest {
			t.Errorf("the first is %+v", i)
		}
		if i := list[1]; !i.Gone || i.Coverage.Reason != reasonTerminated {
			t.Errorf("the one that is gone is %+v", i)
		}
		list, err = s.Images(t.Context(), org.Only(alice), alice, in, image(alice, 1).Digest)
		if err != nil || len(list) != 1 {
			t.Errorf("by digest: %v, %v", list, err)
		}
		list, err = s.Images(t.Context(), org.Only(alice), bob, in, "")
		if err != nil || len(list) != 0 {
			t.Errorf("of another account: %v, %v", list, err)
		}
		names, err := s.ImageRepositories(t.Context(), org.Only(alice), alice, in.Registry)
		if err != nil || !slices.Equal(names, []string{"shop/api", "shop/web"}) {
			t.Errorf("repositories %v, %v", names, err)
		}

		// What is doubted is looked at again, although it follows from the same.
		first := of(alice, 1, in.Registry, in.Repository)
		if done := record(t, s, Scan{Resource: first, Revision: "a"}, start.Add(2*time.Hour)); len(done) != 0 {
			t.Errorf("without doubt: %v", done)
		}
		if err := s.Doubt(t.Context(), org.Only(alice), first); err != nil {
			t.Fatal(err)
		}
		if done := record(t, s, Scan{Resource: first, Revision: "a"}, start.Add(3*time.Hour)); done[Gone] != 1 {
			t.Errorf("after a doubt: %v", done)
		}
		if err := s.Doubt(t.Context(), org.Only(bob), first); err == nil {
			t.Error("another account may doubt")
		}
	})
}
