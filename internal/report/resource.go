package report

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/scan"
)

// resourceOf returns a resource as the API has it.
func resourceOf(r resource.Resource, target scan.Target) inspector2.Resource {
	r = r.Complete()
	out := inspector2.Resource{
		Type: inspector2.ResourceType(r.Type), ID: cmp.Or(r.ID, r.Name), Partition: r.Cloud.Partition(), Region: r.Cloud.Region,
		Tags: labels(r.Labels), Provider: inspector2.Provider(r.Cloud.Provider), ProviderAccountID: r.Cloud.Account,
		ProviderOrgID: r.Cloud.Organization,
	}
	switch r.Type {
	case resource.Instance, resource.AzureInstance:
		out.Details = hostDetails(r)
	case resource.Image, resource.AzureImage:
		out.Details = imageDetails(r, target)
	case resource.Function, resource.AzureFunction:
		out.Details = functionDetails(r)
	case resource.Code:
		code := &inspector2.CodeRepositoryDetails{ProjectName: limit(r.Code.Project, maxProject)}
		if host := known("CodeRepositoryProviderType", r.Code.Host); host != "" {
			code.ProviderType = inspector2.CodeRepositoryProviderType(host)
		}
		out.Details = &inspector2.ResourceDetails{CodeRepository: code}
	case resource.Repository, resource.AzureRepository, resource.AzureRegistry:
	}
	return out
}

// labels returns the tags that the API can state; nil if there are none.
// Source: Amazon Inspector API, types MapKey and MapValue.
func labels(all map[string]string) map[string]string {
	out := maps.Clone(all)
	maps.DeleteFunc(out, func(k, v string) bool {
		return k == "" || utf8.RuneCountInString(k) > 128 || utf8.RuneCountInString(v) > 256
	})
	if len(out) == 0 {
		return nil
	}
	return out
}

// known returns the word if the enumeration of the API has it, else nothing.
func known(enumeration, word string) string {
	if slices.Contains(strings.Fields(service().Enums[enumeration]), word) {
		return word
	}
	return ""
}

func hostDetails(r resource.Resource) *inspector2.ResourceDetails {
	h := r.Host
	vm := &inspector2.Vm{
		Type: h.Size, VmName: r.Name, VmImageReference: h.Image, NetworkID: h.Network, LaunchedAt: instant(h.Launched),
		Platform: limit(r.Platform, maxDescription), ExecutionRole: h.Role, KeyName: h.Key,
		IpV4Addresses: addresses(h.IPv4, netip.Addr.Is4), IpV6Addresses: addresses(h.IPv6, netip.Addr.Is6),
	}
	if h.Subnet != "" {
		vm.SubnetIDs = []string{h.Subnet}
	}
	out := &inspector2.ResourceDetails{Vm: vm}
	if r.Type == resource.Instance {
		out.AwsEc2Instance = &inspector2.AwsEc2InstanceDetails{
			Type: h.Size, ImageID: h.Image, IpV4Addresses: vm.IpV4Addresses, IpV6Addresses: vm.IpV6Addresses, KeyName: h.Key,
			IamInstanceProfileARN: h.Role, VpcID: h.Network, SubnetID: h.Subnet, LaunchedAt: vm.LaunchedAt, Platform: vm.Platform,
		}
	}
	return out
}

// addresses returns the texts that are addresses of a kind; nil if none are.
func addresses(list []string, kind func(netip.Addr) bool) []string {
	var out []string
	for _, s := range list {
		if a, err := netip.ParseAddr(s); err == nil && kind(a) && a.Zone() == "" {
			out = append(out, s)
		}
	}
	return out
}

func imageDetails(r resource.Resource, target scan.Target) *inspector2.ResourceDetails {
	digest := r.Digest
	if !sha256Form().MatchString(digest) {
		digest = target.ImageID // an archive of docker's has no manifest to take the digest of
	}
	use := r.Image
	image := &inspector2.Image{
		RepositoryName: use.Repository, Registry: use.Registry, ImageTags: r.Tags, ImageDigest: digest, PushedAt: instant(use.Pushed),
		Architecture: r.Arch, Author: use.Author, InUseCount: use.Uses, LastInUseAt: instant(use.Used),
		Platform: limit(r.Platform, maxDescription),
	}
	out := &inspector2.ResourceDetails{Image: image}
	if r.Type == resource.Image && sha256Form().MatchString(digest) {
		out.AwsEcrContainerImage = &inspector2.AwsEcrContainerImageDetails{
			RepositoryName: use.Repository, ImageTags: r.Tags, PushedAt: image.PushedAt, Author: use.Author, Architecture: r.Arch,
			ImageHash: digest, Registry: use.Registry, Platform: image.Platform, LastInUseAt: image.LastInUseAt, InUseCount: use.Uses,
		}
	}
	return out
}

// functionDetails describes a function. The code of a function does not tell
// its role, and its runtime only at times; the API demands both, so that they
// are named as unknown.
func functionDetails(r resource.Resource) *inspector2.ResourceDetails {
	var layers []string
	for _, l := range r.Layers {
		if finding.IsLayerARN(l) && len(layers) < maxLambdaLayers {
			layers = append(layers, l)
		}
	}
	run, code := r.Function, codeHash(r.Digest)
	kind := inspector2.PackageType(cmp.Or(known("PackageType", run.Package), string(inspector2.PackageTypeZip)))
	var architectures []inspector2.Architecture
	if a := functionArchitectures[r.Arch]; a != "" {
		architectures = []inspector2.Architecture{a}
	}
	out := &inspector2.ResourceDetails{ServerlessFunction: &inspector2.ServerlessFunction{
		ServerlessFunctionName: run.Name, Runtime: run.Runtime, Version: "$LATEST", CodeDigest: code,
		LastModifiedAt: instant(run.Modified), ExecutionRole: run.Role, PackageType: kind, Architectures: architectures, Layers: layers,
	}}
	if r.Type == resource.Function {
		role := run.Role
		if !roleARN().MatchString(role) {
			role = "arn:" + r.Cloud.Partition() + ":iam::" + r.Account + ":role/unknown"
		}
		out.AwsLambdaFunction = &inspector2.AwsLambdaFunctionDetails{
			FunctionName: run.Name, Runtime: runtimeOf(r), CodeSha256: cmp.Or(code, "UNKNOWN"), Version: "$LATEST",
			ExecutionRoleARN: role, Layers: layers, PackageType: kind, Architectures: architectures,
			LastModifiedAt: instant(run.Modified),
		}
	}
	return out
}

// functionArchitectures are Amazon's words for architectures.
// Source: Amazon Inspector API, type Architecture.
var functionArchitectures = map[string]inspector2.Architecture{
	"amd64": inspector2.ArchitectureX8664, "x86_64": inspector2.ArchitectureX8664, "arm64": inspector2.ArchitectureArm64,
}

// runtimeOf returns the API's word for the runtime of a function: UNSUPPORTED
// for one that it has no word for, or that nobody knows.
func runtimeOf(r resource.Resource) inspector2.Runtime {
	return inspector2.Runtime(cmp.Or(known("Runtime", r.Function.Runtime), string(inspector2.RuntimeUnsupported)))
}

// codeHash turns a digest into the form in which Lambda states it.
// Source: AWS Lambda API Reference, FunctionConfiguration.CodeSha256.
func codeHash(digest string) string {
	sum, err := hex.DecodeString(strings.TrimPrefix(digest, "sha256:"))
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(sum)
}

// instant reads a time as artifacts claim it; what is none is left out.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1970 || t.UnixMilli() > math.MaxInt64/2 {
		return time.Time{}
	}
	return t
}
