package discover

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/assay-project/assay/internal/artifact"
)

// Limits of what is read of a registry.
const (
	maxPages        = 10_000 // of one list
	maxRepositories = 100_000
	maxTags         = 50_000 // of one repository
	maxPage         = 8 << 20
	maxManifest     = 4 << 20
	maxConfig       = 8 << 20
	pageSize        = 1000
	patience        = 60 * time.Second // for an answer to begin, and for a small one to end
)

// Agent is the name by which we go with registries: their notifications tell
// it, and what we pull ourselves is no use of an image.
const Agent = artifact.UserAgent

// Why something was not had of a registry. Reason gives Amazon's words for them.
var (
	ErrDenied      = errors.New("the registry denies access; check user, password and what they may read")
	ErrMissing     = errors.New("the registry has no such thing")
	ErrUnsupported = errors.New("not a container image that can be scanned")
	ErrTooLarge    = errors.New("larger than is allowed")
	ErrLies        = errors.New("what the registry sends is not what it says it is")
)

// Registry says where a registry is, and how to be let in.
type Registry struct {
	Address  string // host or host:port
	Insecure bool   // allow plain HTTP and certificates that cannot be verified
	CA       []byte // additional certificate authorities, in PEM; nil: none
	Username string // empty: nobody in particular
	Password string
	Cache    Cache // of manifests; nil keeps none
}

// Cache keeps what was read and verified.
type Cache interface {
	Get(key string) ([]byte, bool)
	Put(key string, value []byte)
}

// Client reads what a registry has.
type Client struct {
	host  name.Registry
	opt   Registry
	plain http.RoundTripper

	mu     sync.Mutex
	logins map[string]*login // by scope
}

// login is the way in to one part of a registry.
type login struct {
	once   sync.Once
	client *http.Client
	err    error
}

// Open returns a client of a registry. It sends nothing yet.
func Open(r Registry) (*Client, error) {
	var options []name.Option
	if r.Insecure {
		options = append(options, name.Insecure)
	}
	host, err := name.NewRegistry(r.Address, append(options, name.StrictValidation)...)
	if err != nil {
		return nil, fmt.Errorf("%q is no address of a registry, such as registry.example.com:5000: %w", r.Address, err)
	}
	base := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		base = standard.Clone()
	}
	base.ResponseHeaderTimeout = patience
	base.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: r.Insecure} //nolint:gosec // as the user wishes
	if len(r.CA) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool() // there are none on some systems
		}
		if !pool.AppendCertsFromPEM(r.CA) {
			return nil, errors.New("the certificate authorities hold no certificate in PEM")
		}
		base.TLSClientConfig.RootCAs = pool
	}
	return &Client{host: host, opt: r, plain: artifact.Retrying(base, 200*time.Millisecond), logins: map[string]*login{}}, nil
}

// Host is the registry as the names of its images begin.
func (c *Client) Host() string { return c.host.RegistryStr() }

// Close ends connections that are kept open.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.logins {
		if l.client != nil {
			l.client.CloseIdleConnections()
		}
	}
}

// login returns a client that is let in to a repository, or to the catalogue if
// that is empty.
// Source: CNCF Distribution, "Token Scope Documentation".
func (c *Client) login(ctx context.Context, repository string) (*http.Client, error) {
	scope := "registry:catalog:*"
	if repository != "" {
		scope = c.host.Repo(repository).Scope(transport.PullScope)
	}
	c.mu.Lock()
	l := c.logins[scope]
	if l == nil {
		const most = 64 // repositories are walked one after the other
		if len(c.logins) >= most {
			clear(c.logins)
		}
		l = &login{}
		c.logins[scope] = l
	}
	c.mu.Unlock()
	l.once.Do(func() {
		auth := authn.FromConfig(authn.AuthConfig{Username: c.opt.Username, Password: c.opt.Password})
		if c.opt.Username == "" {
			auth = authn.Anonymous
		}
		rt, err := transport.NewWithContext(ctx, c.host, auth, c.plain, []string{scope})
		if err != nil {
			l.err = explain(err)
			return
		}
		l.client = &http.Client{Transport: rt}
	})
	if l.err != nil {
		c.mu.Lock()
		if c.logins[scope] == l {
			delete(c.logins, scope) // the next one tries again
		}
		c.mu.Unlock()
	}
	return l.client, l.err
}

// explain sorts the errors of a registry into the kinds that matter.
func explain(err error) error {
	e, ok := errors.AsType[*transport.Error](err)
	if !ok {
		return err
	}
	switch e.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%w (status %d)", ErrDenied, e.StatusCode)
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return fmt.Errorf("%w (status %d)", ErrMissing, e.StatusCode)
	}
	return fmt.Errorf("the registry has answered with status %d", e.StatusCode)
}

// accepted are the media types of manifests and indexes that are asked for.
// Sources: OCI image specification 1.1, "OCI Image Media Types"; Docker's
// "Image Manifest Version 2, Schema 2".
var accepted = []string{ociIndex, ociManifest, dockerIndex, dockerManifest}

const (
	ociIndex       = "application/vnd.oci.image.index.v1+json"
	ociManifest    = "application/vnd.oci.image.manifest.v1+json"
	dockerIndex    = "application/vnd.docker.distribution.manifest.list.v2+json"
	dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
)

// An answer of a registry, as far as it was wanted.
type answer struct {
	header http.Header
	body   []byte
}

// ask sends a request and reads at most so many bytes of the answer.
func (c *Client) ask(ctx context.Context, method, repository, path string, most int64) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	client, err := c.login(ctx, repository)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.host.Scheme()+"://"+c.host.RegistryStr()+path, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	if strings.Contains(path, "/manifests/") {
		req.Header.Set("Accept", strings.Join(accepted, ","))
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, explain(err)
	}
	defer resp.Body.Close()
	if err := transport.CheckError(resp, http.StatusOK); err != nil {
		return answer{}, explain(err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return answer{}, fmt.Errorf("reading the answer of the registry: %w", err)
	}
	if int64(len(body)) > most {
		return answer{}, fmt.Errorf("%w: an answer of more than %d bytes", ErrTooLarge, most)
	}
	return answer{resp.Header, body}, nil
}

// Repositories lists the names of all repositories that come after one, in the
// order of the registry; all if that is empty. Many registries do not let
// everybody have this list: the error then is ErrDenied or ErrMissing.
// Source: CNCF Distribution, "HTTP API V2", section "Catalog".
func (c *Client) Repositories(ctx context.Context, after string) iter.Seq2[string, error] {
	query := url.Values{"n": {fmt.Sprint(pageSize)}}
	if after != "" {
		query.Set("last", after)
	}
	return c.list(ctx, listing{path: "/v2/_catalog?" + query.Encode(), most: maxRepositories, names: func(b []byte) ([]string, error) {
		var page struct{ Repositories []string }
		err := json.Unmarshal(b, &page)
		return page.Repositories, err
	}})
}

// Tags lists the tags of a repository.
// Source: OCI distribution specification 1.1, "Listing Tags".
func (c *Client) Tags(ctx context.Context, repository string) iter.Seq2[string, error] {
	path := fmt.Sprintf("/v2/%s/tags/list?n=%d", repository, pageSize)
	return c.list(ctx, listing{repository: repository, path: path, most: maxTags, names: func(b []byte) ([]string, error) {
		var page struct{ Tags []string }
		err := json.Unmarshal(b, &page)
		return page.Tags, err
	}})
}

// A listing is a list that comes in pages.
type listing struct {
	repository string
	path       string
	most       int
	names      func(page []byte) ([]string, error)
}

// list yields the names of all pages, each once. A registry whose list never
// ends is told from one with a long list: its pages bring nothing new.
func (c *Client) list(ctx context.Context, l listing) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		seen := map[string]bool{}
		for range maxPages {
			names, next, err := c.page(ctx, l)
			fresh := false
			for _, n := range names {
				if seen[n] {
					continue
				}
				seen[n], fresh = true, true
				if len(seen) > l.most {
					yield("", fmt.Errorf("%w: a list of more than %d names", ErrTooLarge, l.most))
					return
				}
				if !yield(n, nil) {
					return
				}
			}
			switch {
			case err != nil:
				yield("", err)
				return
			case next == "":
				return
			case !fresh:
				yield("", fmt.Errorf("%w: its list has a next page without end", ErrLies))
				return
			}
			l.path = next
		}
		yield("", fmt.Errorf("%w: a list of more than %d pages", ErrTooLarge, maxPages))
	}
}

// page reads one page of a list, and returns where the next one is. If that
// cannot be, there are names and an error.
func (c *Client) page(ctx context.Context, l listing) (names []string, next string, err error) {
	a, err := c.ask(ctx, http.MethodGet, l.repository, l.path, maxPage)
	if err != nil {
		return nil, "", err
	}
	if names, err = l.names(a.body); err != nil {
		return nil, "", fmt.Errorf("%w: a list is no JSON: %w", ErrLies, err)
	}
	next, err = c.next(l.path, a.header)
	return names, next, err
}

// next returns the path of the page that follows; empty if there is none. A
// page elsewhere is refused: our credentials are for this registry alone.
// Source: RFC 8288, "Web Linking"; OCI distribution specification 1.1, "Listing
// Tags".
func (c *Client) next(path string, h http.Header) (string, error) {
	for _, link := range h.Values("Link") {
		target, params, ok := strings.Cut(link, ">")
		if !ok || !strings.Contains(strings.ReplaceAll(params, `"`, ""), "rel=next") {
			continue
		}
		base := &url.URL{Scheme: c.host.Scheme(), Host: c.host.RegistryStr()}
		here, err := base.Parse(path)
		if err != nil {
			return "", err
		}
		there, err := here.Parse(strings.TrimPrefix(strings.TrimSpace(target), "<"))
		if err != nil {
			return "", fmt.Errorf("%w: the link to its next page is no address", ErrLies)
		}
		if there.Host != here.Host || !strings.HasPrefix(there.Path, "/v2/") {
			return "", fmt.Errorf("%w: the next page of its list is elsewhere", ErrLies)
		}
		return there.RequestURI(), nil
	}
	return "", nil
}

// Pointer is what a tag or a digest stands for.
type Pointer struct {
	Digest string // of the manifest or index: sha256:…
	Type   string // its media type, as the registry says; may be empty
}

// Resolve asks what a tag or digest stands for, without reading it.
// Source: OCI distribution specification 1.1, "Checking if content exists in the
// registry".
func (c *Client) Resolve(ctx context.Context, repository, ref string) (Pointer, error) {
	a, err := c.ask(ctx, http.MethodHead, repository, "/v2/"+repository+"/manifests/"+ref, 0)
	if err != nil {
		return Pointer{}, err
	}
	p := Pointer{Digest: a.header.Get("Docker-Content-Digest"), Type: mediaType(a.header)}
	switch {
	case p.Digest == "": // not all of them say it
		m, err := c.Manifest(ctx, repository, ref)
		return Pointer{m.Digest, m.Type}, err
	case !ValidDigest(p.Digest):
		return Pointer{}, fmt.Errorf("%w: the digest %.80q", ErrLies, p.Digest)
	case ValidDigest(ref) && p.Digest != ref:
		return Pointer{}, fmt.Errorf("%w: %s is said to have the digest %s", ErrLies, ref, p.Digest)
	}
	return p, nil
}

func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.TrimSpace(t)
}

// ValidDigest tells whether a digest can be verified; such a one is also safe as
// a part of a path.
func ValidDigest(s string) bool {
	digits, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(digits) == 2*sha256.Size && strings.Trim(digits, "0123456789abcdef") == ""
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// document reads a manifest, an index or a configuration. What a digest names
// has that digest.
func (c *Client) document(ctx context.Context, repository, path, ref string, most int64) ([]byte, error) {
	known := ValidDigest(ref)
	if known && c.opt.Cache != nil {
		if b, ok := c.opt.Cache.Get("document " + ref); ok && digestOf(b) == ref {
			return b, nil
		}
	}
	a, err := c.ask(ctx, http.MethodGet, repository, "/v2/"+repository+path+ref, most)
	if err != nil {
		return nil, err
	}
	got := digestOf(a.body)
	if known && got != ref {
		return nil, fmt.Errorf("%w: the bytes of %s have the digest %s", ErrLies, ref, got)
	}
	if c.opt.Cache != nil {
		c.opt.Cache.Put("document "+got, a.body)
	}
	return a.body, nil
}

// Manifest reads what a tag or digest stands for.
func (c *Client) Manifest(ctx context.Context, repository, ref string) (Manifest, error) {
	b, err := c.document(ctx, repository, "/manifests/", ref, maxManifest)
	if err != nil {
		return Manifest{}, err
	}
	m, err := ParseManifest(b)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s/%s: %w", repository, ref, err)
	}
	return m, nil
}

// Created returns when an image says that it was built; zero if it does not, or
// says what cannot be, as reproducible builds do.
// Source: OCI image specification 1.1, "OCI Image Configuration", created.
func (c *Client) Created(ctx context.Context, repository string, m Manifest) (time.Time, error) {
	if !ValidDigest(m.Config) {
		return time.Time{}, fmt.Errorf("%w: the digest %.80q of its configuration", ErrLies, m.Config)
	}
	b, err := c.document(ctx, repository, "/blobs/", m.Config, maxConfig)
	if err != nil {
		return time.Time{}, err
	}
	var config struct{ Created string }
	if err := json.Unmarshal(bytes.TrimSpace(b), &config); err != nil {
		return time.Time{}, fmt.Errorf("reading the configuration of an image: %w", err)
	}
	t, err := time.Parse(time.RFC3339Nano, cmp.Or(config.Created, "0001-01-01T00:00:00Z"))
	if err != nil || t.Year() < 2013 { // there were no container images before
		return time.Time{}, nil //nolint:nilerr // a time that cannot be read is none
	}
	return t.UTC(), nil
}
