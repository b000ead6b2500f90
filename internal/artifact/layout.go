package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files of an image layout. Source: OCI image specification 1.1,
// "OCI Image Layout Specification".
const (
	layoutFile = "oci-layout"
	indexFile  = "index.json"
)

// isLayout tells whether a directory is an image layout. Some tools forget the
// file that marks it.
func isLayout(dir string) bool {
	for _, f := range []string{layoutFile, "blobs"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err == nil {
			info, err := os.Stat(filepath.Join(dir, indexFile))
			return err == nil && info.Mode().IsRegular()
		}
	}
	return false
}

// layout is the store of an image layout.
type layout struct{ dir string }

func (l layout) manifest(ctx context.Context, d descriptor) (io.ReadCloser, error) {
	return l.blob(ctx, d)
}

func (l layout) blob(_ context.Context, d descriptor) (io.ReadCloser, error) {
	name, err := blobName(d.Digest)
	if err != nil {
		return nil, err
	}
	return openRegular(filepath.Join(l.dir, filepath.FromSlash(name)))
}

// blobName returns where in a layout a blob is.
func blobName(digest string) (string, error) {
	if !validDigest(digest) {
		return "", fmt.Errorf("impossible digest %q", digest)
	}
	return "blobs/sha256/" + strings.TrimPrefix(digest, "sha256:"), nil
}

// openLayout opens one image of a layout: see openIndex.
func openLayout(ctx context.Context, t target, opt Options) (*Artifact, error) {
	f, err := openRegular(filepath.Join(t.path, indexFile))
	if err != nil {
		return nil, fmt.Errorf("opening %s: not an image layout: %w", t.name, err)
	}
	defer f.Close()
	b, err := readLimited(f, maxManifest)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f.Name(), err)
	}
	return openIndex(ctx, layout{t.path}, b, t, opt)
}

// readLimited reads all of r, at most limit bytes.
func readLimited(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return b, err
}

// openIndex opens the image of a layout's index that the target selects by its
// tag or digest, or that is the only one for the wanted platform.
func openIndex(ctx context.Context, s store, index []byte, t target, opt Options) (*Artifact, error) {
	var doc document
	if err := json.Unmarshal(index, &doc); err != nil {
		return nil, fmt.Errorf("opening %s: reading %s: %w", t.name, indexFile, err)
	}
	im := &images{store: s, want: opt.Platform}
	d, tags, err := im.selected(doc.Manifests, t)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	}
	a, err := im.open(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	}
	a.Name, a.Tags = t.name, tags
	return a, nil
}

// selected returns the entry of a layout's index that is meant, and the tags it
// has.
func (im *images) selected(all []descriptor, t target) (descriptor, []string, error) {
	if t.digest != "" {
		if !validDigest(t.digest) {
			return descriptor{}, nil, fmt.Errorf("impossible digest %q", t.digest)
		}
		return descriptor{Digest: t.digest}, tagsOf(all, t.digest), nil
	}
	list := all
	if t.tag != "" {
		list = slices.DeleteFunc(slices.Clone(all), func(d descriptor) bool {
			return !slices.ContainsFunc(refs(d), func(r string) bool { return sameTag(r, t.tag) })
		})
		if len(list) == 0 {
			return descriptor{}, nil, fmt.Errorf("no image has the tag %s; there are %s", t.tag, join(allTags(all)))
		}
	}
	if len(list) == 0 {
		return descriptor{}, nil, errors.New("holds no image")
	}
	for _, d := range list[1:] {
		if d.Digest == list[0].Digest {
			continue
		}
		if t.tag == "" && !slices.ContainsFunc(list, func(d descriptor) bool { return d.Platform != nil }) {
			return descriptor{}, nil, fmt.Errorf("holds several images; choose one as %s:TAG or %s@DIGEST: %s", t.path, t.path, join(allTags(all)))
		}
		d, err := im.choose(list)
		return d, tagsOf(all, d.Digest), err
	}
	return list[0], tagsOf(all, list[0].Digest), nil
}

// refs returns the names that an entry of a layout's index gives its image.
func refs(d descriptor) []string {
	var list []string
	for _, key := range []string{annotationContainerd, annotationRef} {
		if r := d.Annotations[key]; r != "" {
			list = append(list, r)
		}
	}
	return list
}

// sameTag tells whether the name of an image is ref, or has it as its tag or as
// the end of its path.
func sameTag(name, ref string) bool {
	return name == ref || strings.HasSuffix(name, ":"+ref) || strings.HasSuffix(name, "/"+ref)
}

// tagsOf returns the names of the image with a digest. A tag that a longer name
// ends in is left out.
func tagsOf(all []descriptor, digest string) []string {
	var tags []string
	for _, d := range all {
		if d.Digest == digest {
			tags = append(tags, refs(d)...)
		}
	}
	return uniqueTags(tags)
}

func uniqueTags(tags []string) []string {
	slices.Sort(tags)
	tags = slices.Compact(tags)
	return slices.DeleteFunc(slices.Clone(tags), func(t string) bool {
		return slices.ContainsFunc(tags, func(o string) bool { return strings.HasSuffix(o, ":"+t) })
	})
}

// allTags lists what can be chosen.
func allTags(all []descriptor) []string {
	var list []string
	for _, d := range all {
		if r := refs(d); len(r) > 0 {
			list = append(list, r...)
			continue
		}
		list = append(list, d.Digest)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
