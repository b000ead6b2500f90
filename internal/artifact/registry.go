package artifact

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// patience is how long a registry may take to answer, and to send the next
// bytes of an answer.
const patience = 60 * time.Second

// UserAgent begins what registries are told of who asks; they tell it again in
// notifications of pulls.
const UserAgent = "assay"

// accepted are the media types of manifests and indexes. Sources: OCI image
// specification 1.1, "OCI Image Media Types"; Docker's "Image Manifest Version
// 2, Schema 2".
var accepted = strings.Join([]string{
	"application/vnd.oci.image.index.v1+json",
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.docker.distribution.manifest.v2+json",
}, ",")

// errStalled is the cause of a cancelled request whose answer did not go on.
var errStalled = errors.New("the registry has stopped sending")

// registry is the store of an image in a registry. Source: OCI distribution
// specification 1.1, "Pull".
type registry struct {
	ref      name.Reference
	client   *http.Client
	patience time.Duration
}

// openRegistry opens an image in a registry.
func openRegistry(ctx context.Context, t target, opt Options) (*Artifact, error) {
	return openRegistryPatiently(ctx, t, opt, patience)
}

func openRegistryPatiently(ctx context.Context, t target, opt Options, patience time.Duration) (*Artifact, error) {
	var options []name.Option
	if opt.Insecure {
		options = append(options, name.Insecure)
	}
	ref, err := name.ParseReference(t.path, options...)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	}
	r, err := newRegistry(ctx, ref, opt, patience)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, explain(err, ref, ref.String()))
	}
	d := descriptor{Digest: ref.Identifier()}
	var tags []string
	if _, ok := ref.(name.Digest); !ok {
		if d, err = r.resolve(ctx, ref.Identifier()); err != nil {
			return nil, fmt.Errorf("opening %s: %w", t.name, err)
		}
		tags = []string{ref.Context().Name() + ":" + ref.Identifier()}
	}
	a, err := (&images{store: r, want: opt.Platform}).open(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	}
	a.Name, a.Tags = t.name, tags
	return a, nil
}

// newRegistry logs in.
func newRegistry(ctx context.Context, ref name.Reference, opt Options, patience time.Duration) (*registry, error) {
	base, err := newTransport(opt, patience)
	if err != nil {
		return nil, err
	}
	repo := ref.Context()
	auth := authn.FromConfig(authn.AuthConfig{Username: opt.Username, Password: opt.Password})
	switch {
	case opt.Anonymous:
		auth = authn.Anonymous
	case opt.Username == "":
		if auth, err = authn.Resolve(ctx, authn.DefaultKeychain, repo); err != nil {
			return nil, fmt.Errorf("looking up credentials: %w", err)
		}
	}
	rt, err := transport.NewWithContext(ctx, repo.Registry, auth, Retrying(base, 300*time.Millisecond), []string{repo.Scope(transport.PullScope)})
	if err != nil {
		return nil, err
	}
	return &registry{ref: ref, client: &http.Client{Transport: rt}, patience: patience}, nil
}

// newTransport returns a transport of its own, with the certificates and the
// proxy that are wanted.
func newTransport(opt Options, patience time.Duration) (*http.Transport, error) {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		base = &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	base = base.Clone()
	base.ResponseHeaderTimeout = patience
	base.DisableCompression = true // what is stored has a digest: nothing may repack it
	base.TLSClientConfig = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: opt.Insecure, //nolint:gosec // as the user wishes
	}
	if opt.CAFile == "" {
		return base, nil
	}
	pem, err := os.ReadFile(opt.CAFile)
	if err != nil {
		return nil, fmt.Errorf("reading certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // there are none on some systems
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading certificate authorities: %s holds no certificate in PEM", opt.CAFile)
	}
	base.TLSClientConfig.RootCAs = pool
	return base, nil
}

// Retrying returns a transport for requests to registries. It names us, and
// sends again what may succeed then: three times in all, the second after a
// wait, and the third after one three times as long.
func Retrying(base http.RoundTripper, wait time.Duration) http.RoundTripper {
	return transport.NewRetry(transport.NewUserAgent(base, UserAgent),
		transport.WithRetryBackoff(transport.Backoff{Duration: wait, Factor: 3, Jitter: 0.1, Steps: 3}),
		transport.WithRetryPredicate(transient),
		transport.WithRetryStatusCodes(http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout))
}

// transient tells whether a request may succeed when it is sent again.
func transient(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if _, ok := errors.AsType[*transport.Error](err); ok {
		return true // only for the statuses to be tried again
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// resolve returns the descriptor of what has a tag.
func (r *registry) resolve(ctx context.Context, tag string) (descriptor, error) {
	body, err := r.get(ctx, "manifests/"+tag)
	if err != nil {
		return descriptor{}, err
	}
	defer body.Close()
	b, err := readLimited(body, maxManifest)
	if err != nil {
		return descriptor{}, err
	}
	return descriptor{Digest: digestOf(b), Size: int64(len(b)), data: b}, nil
}

func (r *registry) manifest(ctx context.Context, d descriptor) (io.ReadCloser, error) {
	if d.data != nil {
		return io.NopCloser(bytes.NewReader(d.data)), nil
	}
	return r.get(ctx, "manifests/"+d.Digest)
}

func (r *registry) blob(ctx context.Context, d descriptor) (io.ReadCloser, error) {
	return r.get(ctx, "blobs/"+d.Digest)
}

// get asks for a part of the repository.
func (r *registry) get(ctx context.Context, part string) (io.ReadCloser, error) {
	what := r.ref.String()
	if strings.HasPrefix(part, "blobs/") {
		what = part + " of " + what
	}
	ctx, cancel := context.WithCancelCause(ctx)
	resp, err := r.send(ctx, part) //nolint:bodyclose // body closes it
	if err != nil {
		cancel(nil)
		return nil, explain(err, r.ref, what)
	}
	b := &body{ctx: ctx, cancel: cancel, r: resp.Body, patience: r.patience}
	b.timer = time.AfterFunc(r.patience, func() { cancel(errStalled) })
	if err := transport.CheckError(resp, http.StatusOK); err != nil {
		return nil, errors.Join(explain(err, r.ref, what), b.Close())
	}
	b.timer.Stop()
	return b, nil
}

func (r *registry) send(ctx context.Context, part string) (*http.Response, error) {
	repo := r.ref.Context()
	url := fmt.Sprintf("%s://%s/v2/%s/%s", repo.Scheme(), repo.RegistryStr(), repo.RepositoryStr(), part)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(part, "manifests/") {
		req.Header.Set("Accept", accepted)
	}
	return r.client.Do(req)
}

// body is an answer that must go on.
type body struct {
	ctx      context.Context // of the request
	cancel   context.CancelCauseFunc
	r        io.ReadCloser
	timer    *time.Timer
	patience time.Duration
}

// Read implements [io.Reader].
func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.patience)
	n, err := b.r.Read(p)
	b.timer.Stop() // what the reader does meanwhile takes as long as it takes
	if err != nil && errors.Is(context.Cause(b.ctx), errStalled) {
		err = fmt.Errorf("%w for %v", errStalled, b.patience)
	}
	return n, err
}

// Close implements [io.Closer].
func (b *body) Close() error {
	b.timer.Stop()
	err := b.r.Close()
	b.cancel(nil)
	return err
}

// explain says of an error why something was not had, and what can be done.
func explain(err error, ref name.Reference, what string) error {
	host := ref.Context().RegistryStr()
	if e, ok := errors.AsType[*transport.Error](err); ok {
		switch e.StatusCode {
		case http.StatusUnauthorized, http.StatusForbidden:
			return fmt.Errorf("%s denies access; log in with docker login, or give user and password; it may also be that %s does not exist (status %d)",
				host, ref, e.StatusCode)
		case http.StatusNotFound:
			return fmt.Errorf("%s has no %s; check the name, the tag and the registry (status %d)", host, what, e.StatusCode)
		case http.StatusTooManyRequests:
			return fmt.Errorf("%s has had too many requests; log in, or try again later (status %d)", host, e.StatusCode)
		}
		return fmt.Errorf("%s has answered with status %d", host, e.StatusCode)
	}
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("the certificate of %s cannot be verified; give the file of its certificate authority, or allow an insecure registry: %w",
			host, e.Err)
	}
	// The first request is sent with and without TLS, and its error holds both:
	// As sees the first of them only.
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s does not answer; check the address, the network and the proxy: %w", host, err)
	}
	if strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return fmt.Errorf("%s speaks plain HTTP; allow an insecure registry if that is meant to be", host)
	}
	return err
}
