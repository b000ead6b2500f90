// Package client makes signed calls to a server of ours, for the command line
// and the agent.
package client

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 20

// Options say how to reach a server and who asks.
type Options struct {
	Server   string // https://host:port
	Region   string // of the server; empty: us-east-1
	Key      string // id of the access key
	Secret   string
	Session  string // session token of a temporary key; empty otherwise
	CAFile   string // PEM file of additional certificate authorities; may be empty
	Insecure bool   // allow certificates that cannot be verified
}

// Client makes calls to one server.
type Client struct {
	opt  Options
	base string
	http *http.Client
	sign *v4.Signer
}

// New returns a client. It makes no call.
func New(opt Options) (*Client, error) {
	u, err := url.Parse(opt.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("server %q must be an address such as https://assay.example.org:8443", opt.Server)
	}
	if opt.Key == "" || opt.Secret == "" {
		return nil, errors.New("no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key of the server")
	}
	opt.Region = cmp.Or(opt.Region, "us-east-1")
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: opt.Insecure} //nolint:gosec // only when asked for
	if opt.CAFile != "" {
		pem, err := os.ReadFile(opt.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading certificate authorities: %w", err)
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", opt.CAFile)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	return &Client{
		opt: opt, base: strings.TrimSuffix(opt.Server, "/"), http: &http.Client{Transport: transport},
		sign: v4.NewSigner(),
	}, nil
}

// Inspector2 returns the operations of inspector2.
func (c *Client) Inspector2() *inspector2.Handlers {
	return inspector2.Client(inspector2.New(), c.call)
}

// call sends one operation of Amazon's APIs.
func (c *Client) call(ctx context.Context, op *wire.Operation, in any) (any, error) {
	r, err := op.Request(ctx, c.base, in)
	if err != nil {
		return nil, err
	}
	var body []byte
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	resp, answer, err := c.send(ctx, r, op.Service().Signing, body) //nolint:bodyclose // send has read and closed it
	if err != nil {
		return nil, err
	}
	return op.Response(resp, answer)
}

// send signs a request with this body and reads the answer.
func (c *Client) send(ctx context.Context, r *http.Request, service string, body []byte) (*http.Response, []byte, error) {
	sum := sha256.Sum256(body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.GetBody = nil
	key := aws.Credentials{AccessKeyID: c.opt.Key, SecretAccessKey: c.opt.Secret, SessionToken: c.opt.Session}
	now := time.Now() //nolint:forbidigo // a signature holds for the moment at which it is sent
	if err := c.sign.SignHTTP(ctx, key, r, hex.EncodeToString(sum[:]), service, c.opt.Region, now); err != nil {
		return nil, nil, fmt.Errorf("signing a request: %w", err)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, nil, fmt.Errorf("asking %s: %w", c.base, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer of %s: %w", c.base, err)
	}
	if len(answer) > maxAnswer {
		return nil, nil, fmt.Errorf("the answer of %s is longer than %d bytes", c.base, maxAnswer)
	}
	return resp, answer, nil
}

// Refused is the answer of a server that does not do what it was asked.
type Refused struct {
	Status  int
	Code    string // name of the exception
	Message string
}

// Error returns the name and the message.
func (r *Refused) Error() string {
	return fmt.Sprintf("the server refuses: %s (%s)", r.Message, cmp.Or(r.Code, http.StatusText(r.Status)))
}

// Do makes a call of the server's own interface below /assay/v1/: in goes out
// as JSON, unless it is nil, and the answer is read into out, unless that is
// nil. An answer that is not good is a *Refused.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	header := http.Header{"Accept": {"application/json"}}
	if in != nil {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if err := json.NewEncoder(z).Encode(in); err != nil {
			return fmt.Errorf("writing a request: %w", err)
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("writing a request: %w", err)
		}
		body = b.Bytes()
		header.Set("Content-Type", "application/json")
		header.Set("Content-Encoding", "gzip")
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+"/assay/v1/"+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	r.Header = header
	return c.ask(r, body, out)
}

// ask makes a call of the server's own interface.
func (c *Client) ask(r *http.Request, body []byte, out any) error {
	resp, answer, err := c.send(r.Context(), r, "inspector2", body) //nolint:bodyclose // send has read and closed it
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		refused := Refused{Status: resp.StatusCode}
		var said struct{ Code, Message string }
		if json.Unmarshal(answer, &said) == nil {
			refused.Code, refused.Message = said.Code, said.Message
		}
		refused.Message = cmp.Or(refused.Message, resp.Status)
		return &refused
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", c.base, err)
	}
	return nil
}
