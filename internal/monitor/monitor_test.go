package monitor

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// TestResourceIsPutTogether shows that what a client states wins over what the
// target tells, and that the account is never the client's to choose.
func TestResourceIsPutTogether(t *testing.T) {
	t.Parallel()
	m := Monitor{Region: "eu-central-1"}
	image := scan.Target{
		Name: "registry.example.com/shop/app:2", Kind: artifact.Image, Digest: "sha256:ab", Tags: []string{"2"},
		Platform: artifact.Platform{OS: "linux", Architecture: "arm64"}, Created: "2026-01-02T03:04:05Z",
	}
	os := inventory.OS{ID: "debian", VersionID: "12"}
	const arn = "arn:aws:ecr:eu-central-1:111122223333:repository/shop/app/sha256:ab"
	for _, tt := range []struct {
		name string
		sub  Submission
		want resource.Resource
	}{
		{"from the target", Submission{Target: image, Inventory: inventory.Inventory{OS: os}}, resource.Resource{
			Type: resource.Image, ID: arn, Name: image.Name, Account: "111122223333", Region: "eu-central-1", Platform: "DEBIAN_12",
			Arch: "arm64", Tags: []string{"2"}, Digest: "sha256:ab", Created: image.Created,
		}},
		{"as stated", Submission{
			Target: scan.Target{Name: "web", Kind: artifact.Host},
			Resource: resource.Resource{
				ID: "i-0123456789abcdef0", Account: "999999999999", Region: "us-west-2", Tags: []string{"b", "a"},
				Labels: map[string]string{"env": "prod"}, Host: resource.Host{Image: "ami-1"},
			},
		}, resource.Resource{
			Type: resource.Instance, ID: "i-0123456789abcdef0", Name: "web", Account: "111122223333", Region: "us-west-2",
			Tags: []string{"a", "b"}, Labels: map[string]string{"env": "prod"}, Host: resource.Host{Image: "ami-1"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, m.resource(org.Account(111122223333), tt.sub)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCoverageTellsWhatIsNotKnown shows that an operating system without
// advisories is not told to be scanned.
func TestCoverageTellsWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0).UTC()
	for _, tt := range []struct {
		name  string
		notes []match.Note
		want  store.Coverage
	}{
		{"all known", nil, store.Coverage{ScanType: "PACKAGE", Code: "ACTIVE", Reason: "SUCCESSFUL", Scanned: now}},
		{"a language without data", []match.Note{{Kind: match.NoData}}, store.Coverage{ScanType: "PACKAGE", Code: "ACTIVE", Reason: "SUCCESSFUL", Scanned: now}},
		{"an unknown system", []match.Note{{Kind: match.UnsupportedPlatform}}, store.Coverage{ScanType: "PACKAGE", Code: "INACTIVE", Reason: "UNSUPPORTED_OS", Scanned: now}},
	} {
		if diff := cmp.Diff(tt.want, packageCoverage(unsupported(tt.notes), now)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
