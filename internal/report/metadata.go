package report

import (
	"cmp"
	"regexp"
	"strings"
	"sync"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/resource"
)

// maxWord is how many characters the words about a repository of code may have.
// Source: Inspector2 API model, CodeRepositoryMetadata.
const maxWord = 300

// Forms of the API. Source: Inspector2 API model, AmiId and CommitId.
var (
	amiForm    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ami-([a-z0-9]{8}|[a-z0-9]{17})$`) })
	commitForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-f0-9]{40}$`) })
)

// Metadata describes a resource, that of Amazon's cloud in its own words and in
// those for every cloud.
func Metadata(r resource.Resource) *inspector2.ResourceScanMetadata {
	r = r.Complete()
	out := &inspector2.ResourceScanMetadata{}
	switch r.Type {
	case resource.Instance, resource.AzureInstance:
		out.VmInstance = &inspector2.VmInstanceMetadata{Tags: labels(r.Labels), Platform: vmSystem(r.Platform), VmImageReference: r.Host.Image}
		if r.Type == resource.Instance {
			out.Ec2 = &inspector2.Ec2Metadata{Tags: labels(r.Labels), Platform: hostSystem(r.Platform)}
			if amiForm().MatchString(r.Host.Image) {
				out.Ec2.AmiID = r.Host.Image
			}
		}
	case resource.Image, resource.AzureImage:
		pulled, used := instant(r.Image.Pulled), instant(r.Image.Used)
		out.ContainerImage = &inspector2.ContainerImageMetadata{ImageTags: r.Tags, ImagePulledAt: pulled, LastInUseAt: used, InUseCount: r.Image.Uses}
		if r.Type == resource.Image {
			out.EcrImage = &inspector2.EcrContainerImageMetadata{Tags: r.Tags, ImagePulledAt: pulled, LastInUseAt: used, InUseCount: r.Image.Uses}
		}
	case resource.Repository, resource.AzureRepository:
		out.ContainerRepository = &inspector2.ContainerRepositoryMetadata{Name: r.Image.Repository}
		if r.Type == resource.Repository {
			out.EcrRepository = &inspector2.EcrRepositoryMetadata{Name: r.Image.Repository}
		}
	case resource.AzureRegistry:
		out.ContainerRegistry = &inspector2.ContainerRegistryMetadata{Name: cmp.Or(r.Image.Registry, r.Name)}
	case resource.Function, resource.AzureFunction:
		out.ServerlessFunction = &inspector2.ServerlessFunctionMetadata{
			ServerlessFunctionName: r.Function.Name, Runtime: r.Function.Runtime, FunctionTags: labels(r.Labels),
		}
		if r.Type == resource.Function {
			out.LambdaFunction = &inspector2.LambdaFunctionMetadata{
				FunctionTags: labels(r.Labels), Layers: r.Layers[:min(len(r.Layers), 5)], FunctionName: r.Function.Name, Runtime: runtimeOf(r),
			}
		}
	case resource.Code:
		out.CodeRepository = &inspector2.CodeRepositoryMetadata{
			ProjectName: limit(cmp.Or(r.Code.Project, r.ID), maxWord), ProviderType: limit(cmp.Or(r.Code.Host, "UNKNOWN"), maxWord),
			ProviderTypeVisibility: limit(cmp.Or(r.Code.Visibility, "UNKNOWN"), maxWord),
		}
		if commitForm().MatchString(r.Code.Commit) {
			out.CodeRepository.LastScannedCommitID = r.Code.Commit
		}
	}
	return out
}

// hostSystem returns the family of an operating system that Platform of package
// resource names.
func hostSystem(platform string) inspector2.Ec2Platform {
	switch {
	case platform == "":
		return inspector2.Ec2PlatformUnknown
	case strings.HasPrefix(platform, "WINDOWS"):
		return inspector2.Ec2PlatformWindows
	case strings.HasPrefix(platform, "MACOS"):
		return inspector2.Ec2PlatformMacos
	}
	return inspector2.Ec2PlatformLinux
}

func vmSystem(platform string) inspector2.VmPlatform {
	return inspector2.VmPlatform(cmp.Or(known("VmPlatform", string(hostSystem(platform))), string(inspector2.VmPlatformUnknown)))
}
