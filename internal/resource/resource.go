// Package resource has the nouns of what is watched: hosts, images, functions
// and code, each with the name by which Amazon's clients know it.
package resource

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
