package main

import (
	"strings"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// describeResource names the scanned target as Amazon's clients know it.
func describeResource(account, region string, rep scan.Report) resource.Resource {
	t := rep.Target
	r := resource.Resource{
		Name: t.Name, Account: account, Region: region, Platform: platformWord(rep.Inventory.OS),
		Arch: t.Platform.Architecture, Tags: t.Tags, Digest: t.Digest, Created: t.Created,
	}
	switch t.Kind {
	case artifact.Image:
		r.Type = resource.Image
		r.ID = "arn:aws:ecr:" + region + ":" + account + ":repository/" + repository(t.Name) + "/" + t.Digest
	case artifact.Host:
		r.Type, r.ID = resource.Instance, t.Name
	case artifact.Function:
		r.Type = resource.Function
		r.ID = "arn:aws:lambda:" + region + ":" + account + ":function:" + functionName(t.Name) + ":$LATEST"
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

// repository is the repository part of an image reference or of a path.
func repository(name string) string {
	name, _, _ = strings.Cut(name, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	host, rest, ok := strings.Cut(name, "/")
	if ok && strings.ContainsAny(host, ".:") && host != "." && host != ".." {
		name = rest
	}
	return strings.Trim(name, "./")
}

func functionName(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return strings.TrimSuffix(name, ".zip")
}

// platformWord is Amazon's word for an operating system: DEBIAN_12.
func platformWord(os inventory.OS) string {
	if os.ID == "" {
		return ""
	}
	word := os.ID
	if os.VersionID != "" {
		word += "_" + os.VersionID
	}
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(word))
}
