package resource

import (
	"cmp"
	"slices"
	"strings"
)

// Complete returns the resource with the members filled in that its others
// tell: where it is, the registry, repository and bare tags of an image, the
// name of a function, and when they were pushed or changed. What a client is
// shown and what it may search for are these.
func (r Resource) Complete() Resource {
	r.Cloud.Provider = cmp.Or(r.Cloud.Provider, r.provider())
	r.Cloud.Account = cmp.Or(r.Cloud.Account, r.Account)
	r.Cloud.Region = cmp.Or(r.Cloud.Region, r.Region)
	switch r.Type {
	case Image, AzureImage, Repository, AzureRepository, AzureRegistry:
		r.Image.Repository = cmp.Or(r.Image.Repository, r.repositoryName())
		r.Image.Registry = cmp.Or(r.Image.Registry, r.registryName())
		r.Image.Pushed = cmp.Or(r.Image.Pushed, r.Created)
		if _, digest, ok := strings.Cut(r.ID, "/sha256:"); ok {
			r.Digest = cmp.Or(r.Digest, "sha256:"+digest)
		}
		r.Tags = bareTags(r.Tags)
	case Function, AzureFunction:
		r.Function.Name = functionName(cmp.Or(r.Function.Name, r.functionInID(), r.Name))
		r.Function.Modified = cmp.Or(r.Function.Modified, r.Created)
		r.Function.Package = cmp.Or(r.Function.Package, "ZIP")
	case Code:
		r.Code.Project = cmp.Or(r.Code.Project, r.Name)
	case Instance, AzureInstance:
	}
	return r
}

func (r Resource) provider() string {
	if strings.HasPrefix(string(r.Type), "Microsoft.") {
		return "AZURE"
	}
	return "AWS"
}

// part returns what of an id stands between two texts; empty if the first is
// not there.
func part(id, after, before string) string {
	_, rest, _ := strings.Cut(id, after)
	rest, _, _ = strings.Cut(rest, before)
	return strings.Trim(rest, "/")
}

// repositoryName returns the repository as the id tells, else the name of the
// resource.
// Source: Amazon ECR, "Actions, resources, and condition keys"; Amazon Inspector
// API, CoveredResource.resourceId, for those of Azure.
func (r Resource) repositoryName() string {
	inAzure, _, _ := strings.Cut(part(r.ID, "/repositories/", "/sha256:"), "/image")
	return cmp.Or(part(r.ID, ":repository/", "/sha256:"), inAzure, r.Name)
}

// registryName returns the account for an image of Amazon's own registry or of
// none, and the host for one of any other.
// Source: Microsoft Learn, "About registries, repositories, and artifacts", for
// the host of a registry in Azure.
func (r Resource) registryName() string {
	if name := part(r.ID, "/microsoft.containerregistry/registries/", "/"); name != "" {
		return name + ".azurecr.io"
	}
	host, _, ok := strings.Cut(r.Name, "/")
	if !ok || !strings.ContainsAny(host, ".:") || strings.Trim(host, ".") == "" || strings.Contains(host, ".dkr.ecr.") {
		return r.Account
	}
	return host
}

// bareTags returns the tags alone: an archive knows them with their repository.
func bareTags(tags []string) []string {
	var out []string
	for _, tag := range tags {
		tag = tag[strings.LastIndexByte(tag, '/')+1:]
		if tag = tag[strings.LastIndexByte(tag, ':')+1:]; tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

func (r Resource) functionInID() string {
	return cmp.Or(part(r.ID, ":function:", ":"), part(r.ID, "/microsoft.web/sites/", "/"))
}

// functionName replaces what the name of a function may not hold; that of a
// file may.
// Source: AWS Lambda API Reference, FunctionConfiguration.FunctionName.
func functionName(s string) string {
	var b strings.Builder
	replaced := false
	for _, c := range s {
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.':
			b.WriteRune(c)
			replaced = false
		case !replaced:
			b.WriteByte('-')
			replaced = true
		}
	}
	return b.String()
}

// Partition returns the group of regions that the region is in; the
// greatest one without a region.
// Source: AWS General Reference, "Amazon Resource Names", partition; Microsoft
// Learn, "az cloud", names of the clouds.
func (c Cloud) Partition() string {
	azure := c.Provider == "AZURE"
	switch {
	case azure && strings.HasPrefix(c.Region, "china"):
		return "AzureChinaCloud"
	case azure && (strings.HasPrefix(c.Region, "usgov") || strings.HasPrefix(c.Region, "usdod")):
		return "AzureUSGovernment"
	case azure:
		return "AzureCloud"
	case strings.HasPrefix(c.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(c.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
