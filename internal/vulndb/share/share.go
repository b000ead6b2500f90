// Package share passes advisory databases on through registries: as an OCI
// artifact whose first layer is small and says what it holds, so that who has
// it already need not get it. That layer is signed, and names the digests of
// the others.
package share

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/zstd"

	"github.com/assay-project/assay/internal/artifact"
)

// The media types of the artifact and its layers, in their order.
const (
	ArtifactType   = "application/vnd.assay.vulndb.v1"
	headerType     = "application/vnd.assay.vulndb.header.v1+json"
	signatureType  = "application/vnd.assay.vulndb.signature.v1"
	databaseType   = "application/vnd.assay.vulndb.v1+zstd"
	enrichmentType = "application/vnd.assay.vulndb.enrichment.v1+zstd"
)

// Limits of what others have pushed.
const (
	maxHeader = 1 << 20  // bytes
	maxFile   = 16 << 30 // bytes of a file, and of it packed
)

const patience = time.Minute // for a registry to answer

// Header is what an artifact says of itself.
type Header struct {
	Format     int       `json:"format"` // of the database
	Built      time.Time `json:"built"`  // the stated time of the build
	Label      string    `json:"label,omitempty"`
	Digest     string    `json:"digest"` // as the database has it
	Advisories int       `json:"advisories"`
	Names      int       `json:"names"`
	Database   File      `json:"database"`
	Enrichment *File     `json:"enrichment,omitempty"`
}

// File is a file of the database before it is packed.
type File struct {
	SHA256 string `json:"sha256"` // 64 hexadecimal digits
	Bytes  int64  `json:"bytes"`
}

// Parcel is what is pushed. Push completes the header's files.
type Parcel struct {
	Header     Header
	Database   string // path of the file
	Enrichment string // path of the file; empty if there is none
}

// Push pushes a parcel, signed with key, and returns the digest of the artifact.
// The same files, header and key give the same artifact.
func Push(ctx context.Context, ref string, p Parcel, key ed25519.PrivateKey, opt artifact.Options) (string, error) {
	dir, err := os.MkdirTemp(opt.Temp, "assay-push-")
	if err != nil {
		return "", fmt.Errorf("pushing %s: %w", ref, err)
	}
	defer os.RemoveAll(dir)
	db, file, err := pack(p.Database, filepath.Join(dir, "db"), databaseType)
	if err != nil {
		return "", fmt.Errorf("pushing %s: %w", ref, err)
	}
	h := p.Header
	h.Database = file
	layers := []v1.Layer{db}
	if p.Enrichment != "" {
		enrich, file, err := pack(p.Enrichment, filepath.Join(dir, "enrich"), enrichmentType)
		if err != nil {
			return "", fmt.Errorf("pushing %s: %w", ref, err)
		}
		h.Enrichment = &file
		layers = append(layers, enrich)
	}
	head, err := json.Marshal(h)
	if err != nil {
		return "", fmt.Errorf("pushing %s: %w", ref, err)
	}
	sum := sha256.Sum256(head)
	layers = append([]v1.Layer{static.NewLayer(head, headerType), static.NewLayer(ed25519.Sign(key, sum[:]), signatureType)}, layers...)
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), ArtifactType)
	for _, l := range layers {
		media, err := l.MediaType()
		if err == nil {
			img, err = mutate.Append(img, mutate.Addendum{Layer: l, MediaType: media})
		}
		if err != nil {
			return "", fmt.Errorf("pushing %s: %w", ref, err)
		}
	}
	to, options, err := place(ctx, ref, opt)
	if err != nil {
		return "", fmt.Errorf("pushing %s: %w", ref, err)
	}
	if err := remote.Write(to, img, options...); err != nil {
		return "", fmt.Errorf("pushing %s: %w", ref, explain(err))
	}
	digest, err := img.Digest()
	return digest.String(), err
}

// A fileLayer is a layer that lies in a file.
type fileLayer struct {
	path  string
	hash  v1.Hash
	size  int64
	media types.MediaType
}

// Digest returns the digest of the file.
func (l *fileLayer) Digest() (v1.Hash, error) { return l.hash, nil }

// DiffID returns the digest too: these are no layers of an image.
func (l *fileLayer) DiffID() (v1.Hash, error) { return l.hash, nil }

// Compressed opens the file.
func (l *fileLayer) Compressed() (io.ReadCloser, error) { return os.Open(l.path) }

// Uncompressed opens the file.
func (l *fileLayer) Uncompressed() (io.ReadCloser, error) { return os.Open(l.path) }

// Size returns the bytes of the file.
func (l *fileLayer) Size() (int64, error) { return l.size, nil }

// MediaType returns what the file is.
func (l *fileLayer) MediaType() (types.MediaType, error) { return l.media, nil }

// pack compresses a file.
func pack(from, to string, media types.MediaType) (_ v1.Layer, f File, err error) {
	in, err := os.Open(from)
	if err != nil {
		return nil, f, err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return nil, f, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	plain, packed := sha256.New(), sha256.New()
	z, err := zstd.NewWriter(io.MultiWriter(out, packed), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, f, err
	}
	n, err := io.Copy(io.MultiWriter(z, plain), in)
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, f, fmt.Errorf("packing %s: %w", from, err)
	}
	info, err := out.Stat()
	if err != nil {
		return nil, f, err
	}
	hash := v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(packed.Sum(nil))}
	return &fileLayer{to, hash, info.Size(), media}, File{hex.EncodeToString(plain.Sum(nil)), n}, nil
}

// Found is an artifact whose header is verified.
type Found struct {
	Header Header
	Digest string // of the artifact
	ref    string
	img    v1.Image
	layers map[string]v1.Descriptor
}

// Look gets the header of an artifact, and refuses one that was not signed by
// the owner of key.
func Look(ctx context.Context, ref string, key ed25519.PublicKey, opt artifact.Options) (*Found, error) {
	f, err := look(ctx, ref, key, opt)
	if err != nil {
		return nil, fmt.Errorf("pulling %s: %w", ref, err)
	}
	return f, nil
}

func look(ctx context.Context, ref string, key ed25519.PublicKey, opt artifact.Options) (*Found, error) {
	from, options, err := place(ctx, ref, opt)
	if err != nil {
		return nil, err
	}
	img, err := remote.Image(from, options...)
	if err != nil {
		return nil, explain(err)
	}
	m, err := img.Manifest()
	if err != nil {
		return nil, explain(err)
	}
	if m.Config.MediaType != ArtifactType {
		return nil, fmt.Errorf("it is no advisory database, but %.100q", m.Config.MediaType)
	}
	f := &Found{ref: ref, img: img, layers: map[string]v1.Descriptor{}}
	for _, d := range m.Layers {
		f.layers[string(d.MediaType)] = d
	}
	head, err := f.small(headerType)
	if err != nil {
		return nil, err
	}
	signature, err := f.small(signatureType)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(head)
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, sum[:], signature) {
		return nil, errors.New("its signature is not that of the key: it is refused")
	}
	if err := json.Unmarshal(head, &f.Header); err != nil {
		return nil, fmt.Errorf("reading its header: %w", err)
	}
	digest, err := img.Digest()
	f.Digest = digest.String()
	return f, err
}

// layer opens a layer, whose digest is compared while it is read.
func (f *Found) layer(media string, most int64) (io.ReadCloser, error) {
	d, ok := f.layers[media]
	if !ok || d.Size < 0 || d.Size > most {
		return nil, fmt.Errorf("it has no usable layer %s", media)
	}
	l, err := f.img.LayerByDigest(d.Digest)
	if err != nil {
		return nil, explain(err)
	}
	r, err := l.Compressed()
	if err != nil {
		return nil, explain(err)
	}
	return r, nil
}

func (f *Found) small(media string) ([]byte, error) {
	r, err := f.layer(media, maxHeader)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxHeader+1))
	if err != nil || len(text) > maxHeader {
		return nil, errors.Join(fmt.Errorf("getting the layer %s", media), err)
	}
	return text, nil
}

// Get writes the files to new ones at these paths, and refuses what is not as
// the header says. Of an artifact without an enrichment it writes none.
func (f *Found) Get(database, enrichment string) error {
	err := f.unpack(databaseType, f.Header.Database, database)
	if err == nil && f.Header.Enrichment != nil {
		err = f.unpack(enrichmentType, *f.Header.Enrichment, enrichment)
	}
	if err != nil {
		return fmt.Errorf("pulling %s: %w", f.ref, err)
	}
	return nil
}

func (f *Found) unpack(media string, want File, to string) (err error) {
	if want.Bytes < 0 || want.Bytes > maxFile {
		return fmt.Errorf("a file of %d bytes is too large", want.Bytes)
	}
	in, err := f.layer(media, maxFile)
	if err != nil {
		return err
	}
	defer in.Close()
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return err
	}
	defer z.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // a database is no secret, and others scan with it
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(z, want.Bytes+1))
	switch {
	case err != nil:
		return fmt.Errorf("getting the layer %s: %w", media, err)
	case n != want.Bytes || hex.EncodeToString(h.Sum(nil)) != want.SHA256:
		return fmt.Errorf("the layer %s does not hold what the header says: it is refused", media)
	}
	return out.Sync()
}

// place returns where an artifact is, and how to speak to its registry.
func place(ctx context.Context, ref string, opt artifact.Options) (name.Reference, []remote.Option, error) {
	var parse []name.Option
	if opt.Insecure {
		parse = append(parse, name.Insecure)
	}
	at, err := name.ParseReference(ref, parse...)
	if err != nil {
		return nil, nil, err
	}
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		base = &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	base = base.Clone()
	base.ResponseHeaderTimeout = patience
	base.TLSClientConfig = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: opt.Insecure, //nolint:gosec // as the user wishes
	}
	if opt.CAFile != "" {
		pem, err := os.ReadFile(opt.CAFile)
		if err != nil {
			return nil, nil, fmt.Errorf("reading certificate authorities: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool() // there are none on some systems
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, nil, fmt.Errorf("reading certificate authorities: %s holds no certificate in PEM", opt.CAFile)
		}
		base.TLSClientConfig.RootCAs = pool
	}
	options := []remote.Option{
		remote.WithContext(ctx), remote.WithTransport(base), remote.WithUserAgent(artifact.UserAgent), remote.WithJobs(1),
	}
	if opt.Username != "" {
		options = append(options, remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: opt.Username, Password: opt.Password})))
	} else {
		options = append(options, remote.WithAuthFromKeychain(authn.DefaultKeychain))
	}
	return at, options, nil
}

// explain says of an answer of a registry what it means.
func explain(err error) error {
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		return err
	}
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("the registry denies access; log in with docker login, or give user and password (status %d)", e.StatusCode)
	case http.StatusNotFound:
		return fmt.Errorf("the registry has no such artifact (status %d)", e.StatusCode)
	}
	return fmt.Errorf("the registry has answered with status %d: %w", e.StatusCode, err)
}
