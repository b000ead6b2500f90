package monitor

import (
	"cmp"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// Describe names a scanned target as Amazon's clients know it.
func Describe(account, region string, t scan.Target, os inventory.OS) resource.Resource {
	r := resource.Resource{
		Name: t.Name, Account: account, Region: region, Platform: resource.Platform(os.ID, os.VersionID),
		Arch: t.Platform.Architecture, Tags: t.Tags, Digest: t.Digest, Created: t.Created,
	}
	switch t.Kind {
	case artifact.Image:
		r.Type = resource.Image
		r.ID = resource.ImageARN(account, region, t.Name, cmp.Or(t.Digest, t.ImageID))
	case artifact.Host:
		r.Type, r.ID = resource.Instance, t.Name
	case artifact.Function:
		r.Type = resource.Function
		r.ID = resource.FunctionARN(account, region, t.Name)
		for _, l := range t.Layers {
			if l.Name != "" && l.Name != t.Name {
				r.Layers = append(r.Layers, l.Name)
			}
		}
	default:
		r.Type, r.ID = resource.Code, t.Name
	}
	return r
}
