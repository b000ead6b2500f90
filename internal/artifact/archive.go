package artifact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/inflate"
)

// maxIndexed is how many files of an image archive are remembered. An archive
// has a few for each layer.
const maxIndexed = 100_000

// archive is an image in a tar file: what is where. Making it reads the headers
// and nothing of the layers; what it holds is read from where it lies.
type archive struct {
	file  *os.File
	files map[string]section
	root  bool // holds the root of an operating system's files, as by docker export
}

// section is a file in an archive, or a link to one.
type section struct {
	off, size int64
	link      string
}

// openArchive opens an archive by docker save or of an image layout, or a root
// file system. A compressed one is first expanded into a file of its own, which
// has no name and goes away with the artifact: layers are walked in parallel,
// and what describes them comes last in the archive.
func openArchive(ctx context.Context, t target, opt Options) (*Artifact, error) {
	f, err := openRegular(t.path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	}
	a, err := openArchiveFile(ctx, &f, t, opt)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", t.name, err), f.Close())
	}
	a.closers = append(a.closers, f)
	return a, nil
}

// openArchiveFile replaces f by the expanded file if there is one.
func openArchiveFile(ctx context.Context, f **os.File, t target, opt Options) (*Artifact, error) {
	var head [6]byte
	n, err := (*f).ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if compression(head[:n]) != "" {
		plain, err := expandFile(ctx, *f, opt.Temp)
		if err != nil {
			return nil, err
		}
		_ = (*f).Close() // was only read
		*f = plain
	}
	ar, err := indexArchive(ctx, *f)
	if err != nil {
		return nil, err
	}
	_, docker := ar.files["manifest.json"]
	_, oci := ar.files[indexFile]
	switch {
	case docker && t.prefix != "oci-archive" && (!oci || t.prefix == "docker-archive" || t.digest == "" && opt.Platform == (Platform{})):
		return ar.docker(t, opt)
	case oci && t.prefix != "docker-archive":
		b, err := ar.read(indexFile, maxManifest)
		if err != nil {
			return nil, err
		}
		return openIndex(ctx, ar, b, t, opt)
	case ar.root && t.prefix == "":
		return ar.tree(t), nil
	}
	return nil, errors.New("a tar archive, but with neither manifest.json of docker save nor index.json of an image layout")
}

// expandFile writes what f expands to into a file without a name.
func expandFile(ctx context.Context, f *os.File, dir string) (*os.File, error) {
	e, err := newExpander(&verifier{ctx: ctx, r: f}, new(inflate.Pool))
	if err != nil {
		return nil, err
	}
	defer e.close()
	tmp, err := os.CreateTemp(dir, "assay-*")
	if err != nil {
		return nil, err
	}
	if err = os.Remove(tmp.Name()); err == nil {
		err = expandTar(tmp, e)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("expanding %s: %w", f.Name(), err), tmp.Close())
	}
	return tmp, nil
}

// expandTar writes all of src to w if it starts like a tar archive.
func expandTar(w io.Writer, src source) error {
	s := stream{src: src}
	b, err := s.take(blockSize)
	if err == nil && !validChecksum(b) {
		return ErrTar
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrTar, err)
	}
	for err == nil {
		if _, err := w.Write(b); err != nil {
			return err
		}
		if b, s.buf = s.buf, nil; len(b) == 0 {
			b, err = src.next()
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// indexArchive finds the files of an archive, passing over their bodies.
func indexArchive(ctx context.Context, f *os.File) (*archive, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	ar := &archive{file: f, files: map[string]section{}}
	t := newTarReader(newWindow(ctx, f, 0, info.Size()))
	err = t.walk(ctx, func(e *Entry) error {
		for _, m := range marks {
			ar.root = ar.root || strings.HasPrefix(e.Path, m)
		}
		if e.Err != nil || len(ar.files) >= maxIndexed {
			return nil
		}
		switch {
		case e.Hard:
			ar.files[e.Path] = section{link: e.Target}
		case e.Type == 0 && t.unreadable == nil:
			ar.files[e.Path] = section{off: t.pos, size: t.pending}
			if t.pending > info.Size()-t.pos {
				return fmt.Errorf("reading %s: %w", e.Path, io.ErrUnexpectedEOF)
			}
		case e.Type.Type() == os.ModeSymlink:
			// Old versions of docker save wrote a layer that occurs twice so.
			if target, err := cleanBytes([]byte(path.Join(path.Dir(e.Path), e.Target))); err == nil {
				ar.files[e.Path] = section{link: target}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the archive: %w", err)
	}
	return ar, nil
}

// find returns where a file is.
func (ar *archive) find(name string) (section, error) {
	name, err := cleanBytes([]byte(name))
	if err != nil {
		return section{}, err
	}
	s, ok := ar.files[name]
	for range 4 {
		if !ok || s.link == "" {
			break
		}
		s, ok = ar.files[s.link]
	}
	if !ok || s.link != "" {
		return section{}, fmt.Errorf("the archive holds no file %s", name)
	}
	return s, nil
}

// read returns the contents of a small file.
func (ar *archive) read(name string, limit int64) ([]byte, error) {
	s, err := ar.find(name)
	if err != nil {
		return nil, err
	}
	if s.size > limit {
		return nil, fmt.Errorf("reading %s: more than %d bytes", name, limit)
	}
	b := make([]byte, s.size)
	if err := readAt(ar.file, b, s.off); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return b, nil
}

func (ar *archive) manifest(ctx context.Context, d descriptor) (io.ReadCloser, error) {
	return ar.blob(ctx, d)
}

func (ar *archive) blob(_ context.Context, d descriptor) (io.ReadCloser, error) {
	name, err := blobName(d.Digest)
	if err != nil {
		return nil, err
	}
	s, err := ar.find(name)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(io.NewSectionReader(ar.file, s.off, s.size)), nil
}

// saved is an image in manifest.json. Source: Docker image specification 1.2,
// "Combined Image JSON + Filesystem Changeset Format".
type saved struct {
	Config   string   `json:"Config"`
	RepoTags []string `json:"RepoTags"`
	Layers   []string `json:"Layers"`
}

// docker opens an image by docker save. Its layers have no digests of stored
// bytes that one could verify, so that what nobody needs is not read.
func (ar *archive) docker(t target, opt Options) (*Artifact, error) {
	b, err := ar.read("manifest.json", maxManifest)
	if err != nil {
		return nil, err
	}
	var all []saved
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("reading manifest.json: %w", err)
	}
	img, err := selectSaved(all, t)
	if err != nil {
		return nil, err
	}
	config, err := ar.read(img.Config, maxConfig)
	if err != nil {
		return nil, err
	}
	if len(img.Layers) > maxLayers {
		return nil, fmt.Errorf("reading manifest.json: more than %d layers", maxLayers)
	}
	a, layers, err := describe(config, len(img.Layers), opt.Platform)
	if err != nil {
		return nil, err
	}
	a.Name, a.Tags, a.ImageID = t.name, uniqueTags(img.RepoTags), digestOf(config)
	a.Digest = ar.manifestOf(a.ImageID)
	pool := new(inflate.Pool)
	for i, name := range img.Layers {
		s, err := ar.find(name)
		if err != nil {
			return nil, fmt.Errorf("reading manifest.json: %w", err)
		}
		l := layers[i]
		l.Size, l.Name = s.size, name
		l.walk = func(ctx context.Context, visit func(*Entry) error) error {
			return ar.walk(ctx, s, pool, visit)
		}
		a.Layers = append(a.Layers, l)
	}
	return a, nil
}

// selectSaved returns the image that is meant.
func selectSaved(all []saved, t target) (saved, error) {
	if t.digest != "" {
		return saved{}, fmt.Errorf("the archive knows no digests; choose an image as %s:TAG", t.path)
	}
	var tags []string
	for _, img := range all {
		if t.tag != "" && slices.ContainsFunc(img.RepoTags, func(r string) bool { return sameTag(r, t.tag) }) {
			return img, nil
		}
		tags = append(tags, img.RepoTags...)
	}
	switch {
	case t.tag != "":
		return saved{}, fmt.Errorf("no image has the tag %s; there are %s", t.tag, join(tags))
	case len(all) == 0:
		return saved{}, errors.New("holds no image")
	case len(all) > 1:
		return saved{}, fmt.Errorf("holds several images; choose one as %s:TAG: %s", t.path, join(tags))
	}
	return all[0], nil
}

// manifestOf returns the digest of the manifest for an image, which archives
// that are image layouts too have; empty if there is none.
func (ar *archive) manifestOf(config string) string {
	b, err := ar.read(indexFile, maxManifest)
	if err != nil {
		return ""
	}
	var index document
	if json.Unmarshal(b, &index) != nil {
		return ""
	}
	for _, d := range index.Manifests[:min(len(index.Manifests), maxDocuments)] {
		name, err := blobName(d.Digest)
		if err != nil {
			continue
		}
		b, err := ar.read(name, maxManifest)
		if err != nil || digestOf(b) != d.Digest {
			continue
		}
		if doc, err := parseDocument(b); err == nil && doc.Config.Digest == config {
			return d.Digest
		}
	}
	return ""
}

// walk walks a layer where it lies, or as a stream if it is compressed.
func (ar *archive) walk(ctx context.Context, s section, pool *inflate.Pool, visit func(*Entry) error) error {
	var head [6]byte
	n, err := ar.file.ReadAt(head[:min(int64(len(head)), s.size)], s.off)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if compression(head[:n]) == "" {
		return newTarReader(newWindow(ctx, ar.file, s.off, s.size)).walk(ctx, visit)
	}
	d := descriptor{Size: s.size}
	return walkStream(ctx, io.NewSectionReader(ar.file, s.off, s.size), d, pool, visit)
}

// tree opens the archive itself as a root file system.
func (ar *archive) tree(t target) *Artifact {
	l := Layer{Name: t.path}
	l.walk = func(ctx context.Context, visit func(*Entry) error) error {
		info, err := ar.file.Stat()
		if err != nil {
			return err
		}
		return newTarReader(newWindow(ctx, ar.file, 0, info.Size())).walk(ctx, visit)
	}
	return &Artifact{Kind: Directory, Name: t.name, Layers: []Layer{l}}
}
