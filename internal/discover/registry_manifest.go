package discover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

const (
	maxPlatforms = 500 // of one index
	maxNesting   = 3   // of indexes in indexes
	maxLayers    = 2000
)

// Manifest is an image, or an index of images for several platforms.
type Manifest struct {
	Digest string
	Type   string   // media type
	Images []string // of an index: digests of what it holds, without what is no image; nil for an image
	Config string   // of an image: digest of its configuration
	Size   int64    // of an image: bytes of all layers as they are stored
}

// descriptor names a part of an image.
// Source: OCI image specification 1.1, "OCI Content Descriptors".
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType"`
	Annotations  map[string]string `json:"annotations"`
	Platform     *struct {
		OS string `json:"os"`
	} `json:"platform"`
}

// Annotation with which BuildKit marks what an index says about another image.
// Source: BuildKit documentation, "Image attestation storage".
const attestation = "vnd.docker.reference.digest"

// layerTypes are the media types of layers that can be read, without what tells
// how they are compressed.
// Sources: OCI image specification 1.1, "Image Layer Filesystem Changeset";
// Docker's "Image Manifest Version 2, Schema 2".
var layerTypes = []string{
	"application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.nondistributable.v1.tar",
	"application/vnd.docker.image.rootfs.diff.tar", "application/vnd.docker.image.rootfs.foreign.diff.tar",
}

// configTypes are the media types of the configurations of images.
var configTypes = []string{"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}

// ParseManifest reads a manifest or an index. What is neither an image that can
// be scanned nor an index is ErrUnsupported.
func ParseManifest(b []byte) (Manifest, error) {
	var doc struct {
		SchemaVersion int             `json:"schemaVersion"`
		MediaType     string          `json:"mediaType"`
		Manifests     []descriptor    `json:"manifests"`
		Config        descriptor      `json:"config"`
		Layers        []descriptor    `json:"layers"`
		FSLayers      json.RawMessage `json:"fsLayers"` // of schema 1
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return Manifest{}, fmt.Errorf("%w: a manifest is no JSON: %w", ErrLies, err)
	}
	m := Manifest{Digest: digestOf(b), Type: doc.MediaType, Config: doc.Config.Digest}
	switch {
	case doc.SchemaVersion == 1 || doc.FSLayers != nil:
		return m, fmt.Errorf("%w: a manifest of schema 1; push the image again with a current tool", ErrUnsupported)
	case doc.Manifests != nil && (doc.Layers != nil || doc.Config.Digest != ""):
		// One reader would see an index, another one an image: the attack of
		// GHSA-77vh-xpmg-72qh.
		return m, fmt.Errorf("%w: an index and an image at once", ErrUnsupported)
	case doc.Manifests != nil:
		m.Images = []string{}
		return m, m.addImages(doc.Manifests)
	case doc.Config.Digest == "":
		return m, fmt.Errorf("%w: neither an index nor an image", ErrUnsupported)
	case !slices.Contains(configTypes, doc.Config.MediaType):
		return m, fmt.Errorf("%w but %.100q", ErrUnsupported, doc.Config.MediaType)
	}
	return m, m.addLayers(doc.Layers)
}

// addImages takes in what an index holds.
func (m *Manifest) addImages(list []descriptor) error {
	if len(list) > maxPlatforms {
		return fmt.Errorf("%w: an index of more than %d images", ErrTooLarge, maxPlatforms)
	}
	for _, d := range list {
		if d.Annotations[attestation] != "" || d.Platform != nil && d.Platform.OS == "unknown" ||
			d.ArtifactType != "" && !slices.Contains(configTypes, d.ArtifactType) {
			continue
		}
		if !ValidDigest(d.Digest) {
			return fmt.Errorf("%w: an index with the digest %.80q", ErrLies, d.Digest)
		}
		if !slices.Contains(m.Images, d.Digest) {
			m.Images = append(m.Images, d.Digest)
		}
	}
	return nil
}

// addLayers adds up the layers of an image.
func (m *Manifest) addLayers(list []descriptor) error {
	if len(list) > maxLayers {
		return fmt.Errorf("%w: an image of more than %d layers", ErrTooLarge, maxLayers)
	}
	for _, d := range list {
		base, _, _ := strings.Cut(d.MediaType, "+")
		base = strings.TrimSuffix(strings.TrimSuffix(base, ".gzip"), ".zstd")
		if !slices.Contains(layerTypes, base) {
			return fmt.Errorf("%w: a layer of type %.100q", ErrUnsupported, d.MediaType)
		}
		if d.Size < 0 || d.Size > math.MaxInt64-m.Size {
			return fmt.Errorf("%w: a layer of %d bytes", ErrLies, d.Size)
		}
		m.Size += d.Size
	}
	return nil
}

// Images returns the digests of the images that a tag or digest stands for: one,
// or those of an index and of the indexes in it, in their order.
func (c *Client) Images(ctx context.Context, repository, ref string) ([]string, error) {
	return c.images(ctx, repository, ref, maxNesting)
}

func (c *Client) images(ctx context.Context, repository, ref string, depth int) ([]string, error) {
	p, err := c.Resolve(ctx, repository, ref)
	if err != nil {
		return nil, err
	}
	if p.Type != ociIndex && p.Type != dockerIndex {
		return []string{p.Digest}, nil
	}
	m, err := c.Manifest(ctx, repository, p.Digest)
	if err != nil {
		return nil, err
	}
	if m.Images == nil { // it said to be an index
		return []string{m.Digest}, nil
	}
	return c.expand(ctx, repository, m, depth)
}

// Expand returns the digests of the images of an index, and of those in it.
func (c *Client) Expand(ctx context.Context, repository string, index Manifest) ([]string, error) {
	return c.expand(ctx, repository, index, maxNesting)
}

func (c *Client) expand(ctx context.Context, repository string, m Manifest, depth int) ([]string, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%w: more than %d indexes within each other", ErrTooLarge, maxNesting)
	}
	var out []string
	for _, digest := range m.Images {
		inner, err := c.images(ctx, repository, digest, depth-1)
		if errors.Is(err, ErrMissing) {
			continue // not all platforms need be in the registry
		}
		if err != nil {
			return nil, err
		}
		for _, d := range inner {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
		if len(out) > maxPlatforms {
			return nil, fmt.Errorf("%w: an index of more than %d images", ErrTooLarge, maxPlatforms)
		}
	}
	return out, nil
}

// Reason returns Amazon's word for why an image is not scanned, and whether it
// would be no better when tried again.
// Source: Amazon Inspector API, ScanStatusReason.
func Reason(err error) (reason string, lasting bool) {
	switch {
	case errors.Is(err, ErrUnsupported):
		return "UNSUPPORTED_MEDIA_TYPE", true
	case errors.Is(err, ErrTooLarge):
		return "IMAGE_SIZE_EXCEEDED", true
	case errors.Is(err, ErrDenied):
		return "ACCESS_DENIED", false
	}
	return "INTERNAL_ERROR", false
}
