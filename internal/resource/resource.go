// Package resource has the nouns of what is watched: hosts, images, functions
// and code, each with the name by which Amazon's clients know it.
package resource

import "strings"

// Type is the kind of a resource, in Amazon's words.
// Source: Amazon Inspector API, type ResourceType.
type Type string

// The types of resource.
const (
	Instance        Type = "AWS_EC2_INSTANCE"
	Image           Type = "AWS_ECR_CONTAINER_IMAGE"
	Repository      Type = "AWS_ECR_REPOSITORY"
	Function        Type = "AWS_LAMBDA_FUNCTION"
	Code            Type = "CODE_REPOSITORY"
	AzureInstance   Type = "Microsoft.Compute/virtualMachines"
	AzureImage      Type = "Microsoft.ContainerRegistry/registry/containerImage"
	AzureRepository Type = "Microsoft.ContainerRegistry/registry/containerRepository"
	AzureFunction   Type = "Microsoft.Web/sites"
	AzureRegistry   Type = "Microsoft.ContainerRegistry/registries"
)

// Resource is one watched thing. Members that do not go with its Type are
// empty. Its JSON is what is stored and what a scan result may state of the
// resource; doc/intake.md describes it.
type Resource struct {
	Type     Type     `json:"type,omitempty"`
	ID       string   `json:"id,omitempty"`       // the ARN, or for an instance its bare id
	Name     string   `json:"name,omitempty"`     // for people: the target as the user named it
	Account  string   `json:"account,omitempty"`  // 12 digits
	Region   string   `json:"region,omitempty"`   // us-east-1
	Platform string   `json:"platform,omitempty"` // Amazon's word for the operating system: DEBIAN_12; empty if unknown
	Arch     string   `json:"arch,omitempty"`     // of an image: amd64; empty otherwise
	Tags     []string `json:"tags,omitempty"`     // of an image, sorted
	Digest   string   `json:"digest,omitempty"`   // of an image's manifest or a function's archive: sha256:…; empty otherwise
	Created  string   `json:"created,omitempty"`  // RFC 3339; when an image was pushed or a function changed, as far as the artifact tells; may be empty
	Layers   []string `json:"layers,omitempty"`   // ARNs or names of a function's layers

	Labels   map[string]string `json:"labels,omitempty"` // what Amazon calls the tags of a resource; Tags are those of an image
	Cloud    Cloud             `json:"cloud,omitzero"`
	Host     Host              `json:"host,omitzero"`     // of an instance
	Image    ImageUse          `json:"image,omitzero"`    // of an image
	Function Runtime           `json:"function,omitzero"` // of a function
	Code     CodeHost          `json:"code,omitzero"`     // of a code repository
}

// Cloud is where a resource is; the zero Cloud is Amazon's, with the account
// and region of the resource.
type Cloud struct {
	Provider     string `json:"provider,omitempty"` // AWS or AZURE
	Account      string `json:"account,omitempty"`  // as the provider names it
	Organization string `json:"organization,omitempty"`
	Region       string `json:"region,omitempty"`
}

// Host is what is known of a machine besides what it holds.
type Host struct {
	Size     string   `json:"size,omitempty"`  // the instance type, such as t3.small
	Image    string   `json:"image,omitempty"` // that it was started from: ami-…
	Network  string   `json:"network,omitempty"`
	Subnet   string   `json:"subnet,omitempty"`
	IPv4     []string `json:"ipv4,omitempty"`
	IPv6     []string `json:"ipv6,omitempty"`
	Key      string   `json:"key,omitempty"`      // name of the key pair
	Role     string   `json:"role,omitempty"`     // ARN of the instance profile
	Launched string   `json:"launched,omitempty"` // RFC 3339
}

// ImageUse is what a registry knows of an image besides what it holds.
type ImageUse struct {
	Registry   string `json:"registry,omitempty"`   // account or host; empty: as the name of the resource tells
	Repository string `json:"repository,omitempty"` // empty: as the id of the resource tells
	Author     string `json:"author,omitempty"`
	Pushed     string `json:"pushed,omitempty"` // RFC 3339; empty: Created of the resource
	Pulled     string `json:"pulled,omitempty"` // RFC 3339
	Used       string `json:"used,omitempty"`   // RFC 3339; when it last ran
	Uses       *int64 `json:"uses,omitempty"`   // in how many places it runs; nil if unknown
}

// Runtime is how a function runs.
type Runtime struct {
	Name     string `json:"name,omitempty"`     // empty: as the id of the resource tells
	Runtime  string `json:"runtime,omitempty"`  // in Amazon's words: PYTHON_3_11
	Role     string `json:"role,omitempty"`     // ARN
	Modified string `json:"modified,omitempty"` // RFC 3339; empty: Created of the resource
	Used     string `json:"used,omitempty"`     // RFC 3339; when it last ran; empty if unknown
	Package  string `json:"package,omitempty"`  // ZIP or IMAGE
}

// CodeHost is where a repository of code is kept.
type CodeHost struct {
	Project    string `json:"project,omitempty"` // empty: the name of the resource
	Host       string `json:"host,omitempty"`    // GITHUB or GITLAB_SELF_MANAGED
	Visibility string `json:"visibility,omitempty"`
	Commit     string `json:"commit,omitempty"` // last scanned: 40 hexadecimal digits
}

// ImageARN returns the name of an image. image is its reference, or the path of
// a file that holds it; digest is that of its manifest.
// Source: Amazon ECR, "Actions, resources, and condition keys".
func ImageARN(account, region, image, digest string) string {
	return "arn:aws:ecr:" + region + ":" + account + ":repository/" + repository(image) + "/" + digest
}

// FunctionARN returns the name of a function at its latest version. path is
// that of its code.
// Source: AWS Lambda, "Actions, resources, and condition keys".
func FunctionARN(account, region, path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return "arn:aws:lambda:" + region + ":" + account + ":function:" + strings.TrimSuffix(name, ".zip") + ":$LATEST"
}

// Platform returns Amazon's word for an operating system, DEBIAN_12, of its ID
// and version in os-release; empty if the ID is.
func Platform(id, version string) string {
	if id == "" {
		return ""
	}
	word := id
	if version != "" {
		word += "_" + version
	}
	return strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(word))
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
