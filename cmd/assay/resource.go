package main

import (
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/scan"
)

// describeResource names the scanned target as Amazon's clients know it.
func describeResource(account, region string, rep scan.Report) resource.Resource {
	t := rep.Target
	r := resource.Resource{
		Name: t.Name, Account: account, Region: region, Platform: resource.Platform(rep.Inventory.OS.ID, rep.Inventory.OS.VersionID),
		Arch: t.Platform.Architecture, Tags: t.Tags, Digest: t.Digest, Created: t.Created,
	}
	switch t.Kind {
	case artifact.Image:
		r.Type = resource.Image
		r.ID = resource.ImageARN(account, region, t.Name, t.Digest)
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
