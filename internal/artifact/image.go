package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/inflate"
)

// Limits of what describes an image. Registries refuse manifests above 4 MiB.
// Source: OCI distribution specification 1.1, "Pushing Manifests".
const (
	maxManifest  = 4 << 20
	maxConfig    = 16 << 20
	maxNesting   = 4    // indexes within indexes
	maxDocuments = 256  // manifests and indexes read for one image
	maxLayers    = 1024 // docker allows 127
)

// Annotations. Sources: OCI image specification 1.1, "Pre-Defined Annotation
// Keys"; containerd's images/annotations.go; BuildKit's documentation of
// attestation storage.
const (
	annotationRef        = "org.opencontainers.image.ref.name"
	annotationContainerd = "io.containerd.image.name"
	annotationReference  = "vnd.docker.reference.type"
)

// descriptor points to a blob. Source: OCI image specification 1.1,
// "OCI Content Descriptors".
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	Platform    *platform         `json:"platform"`
	Annotations map[string]string `json:"annotations"`

	data []byte // of a manifest that has been read already
}

type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant"`
}

func (p platform) public() Platform {
	return Platform(p)
}

// String returns the platform as it is written on command lines.
func (p Platform) String() string {
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// document is an index or a manifest. Source: OCI image specification 1.1,
// "OCI Image Index Specification" and "OCI Image Manifest Specification";
// Docker's "Image Manifest Version 2, Schema 2" has the same fields.
type document struct {
	SchemaVersion int             `json:"schemaVersion"`
	MediaType     string          `json:"mediaType"`
	Manifests     []descriptor    `json:"manifests"`
	Config        descriptor      `json:"config"`
	Layers        []descriptor    `json:"layers"`
	FSLayers      json.RawMessage `json:"fsLayers"` // of schema 1
}

// configuration is what an image says of itself. Source: OCI image
// specification 1.1, "OCI Image Configuration".
type configuration struct {
	platform
	Created string `json:"created"`
	RootFS  struct {
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []struct {
		CreatedBy  string `json:"created_by"`
		EmptyLayer bool   `json:"empty_layer"`
	} `json:"history"`
}

// store is where the parts of an image are.
type store interface {
	// manifest opens an index or a manifest, blob anything else. What they
	// give has not been verified.
	manifest(ctx context.Context, d descriptor) (io.ReadCloser, error)
	blob(ctx context.Context, d descriptor) (io.ReadCloser, error)
}

// images opens the image that is wanted among those of a store.
type images struct {
	store store
	want  Platform // empty: this machine's
	read  int      // documents
}

// parseDocument returns an index or a manifest.
func parseDocument(b []byte) (document, error) {
	var doc document
	if err := json.Unmarshal(b, &doc); err != nil {
		return doc, fmt.Errorf("reading a manifest: %w", err)
	}
	switch {
	case doc.SchemaVersion == 1 || doc.FSLayers != nil:
		return doc, errors.New("reading a manifest: schema 1 is not supported; push the image again with a current tool")
	case doc.Manifests != nil && (doc.Layers != nil || doc.Config.Digest != ""):
		// One reader would see an index, another one an image: the attack of
		// GHSA-77vh-xpmg-72qh.
		return doc, errors.New("reading a manifest: is an index and an image at once")
	case doc.Manifests == nil && doc.Config.Digest == "":
		return doc, errors.New("reading a manifest: neither an index nor an image")
	}
	return doc, nil
}

// open opens the image at d, or the one for the wanted platform if there is an
// index at d.
func (im *images) open(ctx context.Context, d descriptor) (*Artifact, error) {
	for range maxNesting {
		b, err := im.document(ctx, d)
		if err != nil {
			return nil, err
		}
		doc, err := parseDocument(b)
		if err != nil {
			return nil, fmt.Errorf("%w (%s)", err, d.Digest)
		}
		if doc.Manifests == nil {
			return im.image(ctx, d.Digest, doc)
		}
		if d, err = im.choose(doc.Manifests); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("reading index %s: more than %d indexes within each other", d.Digest, maxNesting)
}

// document reads an index or a manifest and verifies it.
func (im *images) document(ctx context.Context, d descriptor) ([]byte, error) {
	if im.read++; im.read > maxDocuments {
		return nil, fmt.Errorf("reading manifests: more than %d", maxDocuments)
	}
	r, err := im.store.manifest(ctx, d)
	if err != nil {
		return nil, err
	}
	return readVerified(r, d, maxManifest)
}

// readVerified reads a small blob to its end and compares its digest.
func readVerified(r io.ReadCloser, d descriptor, limit int64) ([]byte, error) {
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.Digest, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("reading %s: more than %d bytes", d.Digest, limit)
	}
	if got := digestOf(b); got != d.Digest {
		return nil, fmt.Errorf("reading %s: the bytes have the digest %s", d.Digest, got)
	}
	return b, nil
}

// digestOf returns the digest of b as images write it.
func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// validDigest tells whether a digest can be verified; such a one is also safe as
// a part of a path.
func validDigest(s string) bool {
	digits, ok := strings.CutPrefix(s, "sha256:")
	if !ok || len(digits) != 64 {
		return false
	}
	for _, c := range []byte(digits) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// choose returns the manifest for the wanted platform.
func (im *images) choose(all []descriptor) (descriptor, error) {
	list := slices.DeleteFunc(slices.Clone(all), func(d descriptor) bool {
		return d.Annotations[annotationReference] != "" || d.Platform != nil && d.Platform.OS == "unknown"
	})
	if len(list) == 1 {
		return list[0], nil // whether it is the wanted one, its configuration tells
	}
	want := im.want
	if want == (Platform{}) {
		want = Platform{OS: "linux", Architecture: runtime.GOARCH}
	}
	var known []string
	for _, d := range list {
		if d.Platform == nil {
			known = append(known, d.Digest)
			continue
		}
		if matches(want, d.Platform.public()) {
			return d, nil
		}
		known = append(known, d.Platform.public().String())
	}
	slices.Sort(known)
	return descriptor{}, fmt.Errorf("choosing an image for %s: there are only %s", want, join(slices.Compact(known)))
}

// join lists some of many values.
func join(values []string) string {
	switch {
	case len(values) == 0:
		return "none"
	case len(values) > 20:
		return strings.Join(values[:20], ", ") + fmt.Sprintf(" and %d more", len(values)-20)
	}
	return strings.Join(values, ", ")
}

// matches tells whether an image for platform p is the wanted one. The only
// variant of arm64 need not be written. Source: OCI image specification 1.1,
// "Platform Variants".
func matches(want, p Platform) bool {
	if want.Architecture == "arm64" {
		want.Variant, p.Variant = strings.TrimPrefix(want.Variant, "v8"), strings.TrimPrefix(p.Variant, "v8")
	}
	return (want.OS == "" || want.OS == p.OS) && (want.Architecture == "" || want.Architecture == p.Architecture) &&
		(want.Variant == "" || want.Variant == p.Variant)
}

// image opens the image of a manifest.
func (im *images) image(ctx context.Context, digest string, doc document) (*Artifact, error) {
	if t := doc.Config.MediaType; t != "" && !strings.Contains(t, "container.image") && !strings.Contains(t, "oci.image.config") {
		return nil, fmt.Errorf("reading manifest %s: not a container image but %s", digest, t)
	}
	if !validDigest(doc.Config.Digest) {
		return nil, fmt.Errorf("reading manifest %s: impossible digest %q", digest, doc.Config.Digest)
	}
	r, err := im.store.blob(ctx, doc.Config)
	if err != nil {
		return nil, err
	}
	b, err := readVerified(r, doc.Config, maxConfig)
	if err != nil {
		return nil, err
	}
	if len(doc.Layers) > maxLayers {
		return nil, fmt.Errorf("reading manifest %s: more than %d layers", digest, maxLayers)
	}
	a, layers, err := describe(b, len(doc.Layers), im.want)
	if err != nil {
		return nil, err
	}
	a.Digest, a.ImageID = digest, doc.Config.Digest
	pool := new(inflate.Pool)
	for i, d := range doc.Layers {
		if !validDigest(d.Digest) {
			return nil, fmt.Errorf("reading manifest %s: impossible digest %q", digest, d.Digest)
		}
		if strings.Contains(d.MediaType, "foreign") || strings.Contains(d.MediaType, "nondistributable") {
			// Its bytes are elsewhere, at an address that the image chooses.
			a.Problems = append(a.Problems, fmt.Sprintf("layer %s: not distributed with the image and not inspected", d.Digest))
			continue
		}
		l := layers[i]
		l.Digest, l.Size, l.Name = d.Digest, d.Size, d.Digest
		l.walk = func(ctx context.Context, visit func(*Entry) error) error {
			r, err := im.store.blob(ctx, d)
			if err != nil {
				return err
			}
			defer r.Close()
			return walkStream(ctx, r, d, pool, visit)
		}
		a.Layers = append(a.Layers, l)
	}
	slices.Sort(a.Problems)
	return a, nil
}

// describe returns what an image's configuration claims, with as many layers as
// the image has.
func describe(config []byte, layers int, want Platform) (*Artifact, []Layer, error) {
	var c configuration
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, nil, fmt.Errorf("reading an image's configuration: %w", err)
	}
	a := &Artifact{Kind: Image, Platform: c.public(), Created: c.Created}
	if want != (Platform{}) && a.Platform != (Platform{}) && !matches(want, a.Platform) {
		return nil, nil, fmt.Errorf("choosing an image for %s: there is only %s", want, a.Platform)
	}
	list := make([]Layer, layers)
	if len(c.RootFS.DiffIDs) == layers {
		for i, id := range c.RootFS.DiffIDs {
			list[i].DiffID = id
		}
	}
	var steps []string
	for _, h := range c.History {
		a.History = append(a.History, h.CreatedBy)
		if !h.EmptyLayer {
			steps = append(steps, h.CreatedBy)
		}
	}
	if len(steps) == layers { // otherwise there is no telling which made which
		for i, s := range steps {
			list[i].CreatedBy = s
		}
	}
	return a, list, nil
}

// walkStream reads a layer from its first to its last byte. If d has a digest,
// it is verified.
func walkStream(ctx context.Context, r io.Reader, d descriptor, pool *inflate.Pool, visit func(*Entry) error) error {
	in := &verifier{ctx: ctx, r: r, limit: d.Size}
	if d.Digest != "" {
		in.hash = sha256.New()
	}
	e, err := newExpander(in, pool)
	if err != nil {
		return err
	}
	defer e.close()
	if err := newTarReader(e).walk(ctx, visit); err != nil {
		return err
	}
	// The archive may end before the data does: it must be intact all the same.
	for err == nil {
		_, err = e.next()
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if in.hash == nil {
		return nil
	}
	got, err := in.digest()
	if err != nil {
		return err
	}
	if got != d.Digest {
		return fmt.Errorf("the bytes of %s have the digest %s", d.Digest, got)
	}
	return nil
}
