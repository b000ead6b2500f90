// Package resource has the nouns of what is watched: hosts, images, functions
// and code, each with the name by which Amazon's clients know it.
package resource

import "strings"

// Type is the kind of a resource, in Amazon's words.
// Source: Amazon Inspector API, type ResourceType.
type Type string

// The types of resource.
const (
	Instance   Type = "AWS_EC2_INSTANCE"
	Image      Type = "AWS_ECR_CONTAINER_IMAGE"
	Repository Type = "AWS_ECR_REPOSITORY"
	Function   Type = "AWS_LAMBDA_FUNCTION"
	Code       Type = "CODE_REPOSITORY"
)

// Resource is one watched thing.
type Resource struct {
	Type     Type
	ID       string   // the ARN, or for an instance its bare id
	Name     string   // for people: the target as the user named it
	Account  string   // 12 digits
	Region   string   // us-east-1
	Platform string   // Amazon's word for the operating system: DEBIAN_12; empty if unknown
	Arch     string   // of an image: amd64; empty otherwise
	Tags     []string // of an image, sorted
	Digest   string   // of an image's manifest or a function's archive: sha256:…; empty otherwise
	Created  string   // RFC 3339; when an image was pushed or a function changed, as far as the artifact tells; may be empty
	Layers   []string // ARNs or names of a function's layers
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
