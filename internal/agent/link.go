package agent

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/api/sigv4"
)

// signing is the service that signatures of our own calls name.
const signing = "inspector2"

const (
	maxAnswer  = 1 << 20 // bytes
	callWithin = 2 * time.Minute
	// skew is how far our clock may be off before it matters: signatures hold
	// for five minutes.
	skew = sigv4.Skew / 2
)

// A link makes calls to the server. Its clock is set by the server's.
type link struct {
	id   Identity
	http *http.Client
	now  func() time.Time

	mu     sync.Mutex
	offset time.Duration // what our clock lacks
}

// newLink returns a link. It makes no call.
func newLink(id Identity, now func() time.Time) (*link, error) {
	u, err := url.Parse(id.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("server %q must be an address such as https://assay.example.org:8443", id.Server)
	}
	id.Server = strings.TrimSuffix(id.Server, "/")
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: id.Insecure}, //nolint:gosec // only when asked for
		TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: 10 * time.Second, MaxIdleConns: 1,
		ReadBufferSize: 2 << 10, WriteBufferSize: 2 << 10,
	}
	if id.Proxy != "" {
		by, err := url.Parse(id.Proxy)
		if err != nil || by.Host == "" {
			return nil, fmt.Errorf("proxy %q must be an address such as http://proxy.example.org:3128", id.Proxy)
		}
		t.Proxy = http.ProxyURL(by)
	}
	if id.CA != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM([]byte(id.CA)) {
			return nil, errors.New("the certificate authority of the server is no certificate in PEM form")
		}
		t.TLSClientConfig.RootCAs = pool
	}
	client := &http.Client{Transport: t, Timeout: callWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &link{id: id, http: client, now: now}, nil
}

// time returns the time at the server, as far as it is known.
func (l *link) time() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now().Add(l.offset)
}

// behind returns how far our clock is behind the server's; 0 if that does not
// matter.
func (l *link) behind() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.offset
}

// learn sets the clock by the time at which an answer was sent, and tells
// whether that made a difference.
// Source: RFC 9110, section 6.6.1: a server with a clock sends Date.
func (l *link) learn(date string) bool {
	at, err := http.ParseTime(date)
	if err != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	off := at.Sub(l.now())
	if off.Abs() < skew {
		off = 0
	}
	if (off - l.offset).Abs() < skew {
		return false
	}
	l.offset = off
	return true
}

// Refused is the answer of a server that does not do what it was asked.
type Refused struct {
	Status  int
	Code    string        // name of the exception
	Message string        // for people
	After   time.Duration // when to try again; 0: the server does not say
}

// Error returns the name and the message.
func (r *Refused) Error() string {
	return fmt.Sprintf("the server refuses: %s (%s)", r.Message, cmp.Or(r.Code, http.StatusText(r.Status)))
}

// pack returns a value as compressed JSON.
func pack(v any) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return nil, fmt.Errorf("writing a request: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("writing a request: %w", err)
	}
	return b.Bytes(), nil
}

// post sends a body, as pack makes it, and reads the answer into out. It is
// signed if there is a key. An answer that is not good is a *Refused. A signature
// that is refused because our clock is wrong is made again by the server's.
func (l *link) post(ctx context.Context, path string, body []byte, out any) error {
	for first := true; ; first = false {
		resp, answer, err := l.send(ctx, path, body) //nolint:bodyclose // send has read and closed it
		if err != nil {
			return err
		}
		if resp.StatusCode == http.StatusForbidden && first && l.learn(resp.Header.Get("Date")) {
			continue
		}
		if resp.StatusCode/100 != 2 {
			return refusal(resp, answer)
		}
		if err := json.Unmarshal(answer, out); err != nil {
			return fmt.Errorf("reading the answer of %s: %w", l.id.Server, err)
		}
		return nil
	}
}

func refusal(resp *http.Response, answer []byte) error {
	r := Refused{Status: resp.StatusCode}
	var said struct{ Code, Message string }
	if json.Unmarshal(answer, &said) == nil {
		r.Code, r.Message = said.Code, said.Message
	}
	r.Message = cmp.Or(r.Message, resp.Status)
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		r.After = min(time.Duration(seconds)*time.Second, maxWait)
	}
	return &r
}

func (l *link) send(ctx context.Context, path string, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.id.Server+"/assay/v1/"+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("making a request: %w", err)
	}
	r.Header = http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}, "User-Agent": {"assay-agent"},
	}
	if l.id.Key != "" {
		signer := sigv4.Signer{Key: l.id.Key, Secret: l.id.Secret, Region: l.id.Region, Service: signing}
		if err := signer.Sign(r, body, l.time()); err != nil {
			return nil, nil, fmt.Errorf("signing a request: %w", err)
		}
	}
	resp, err := l.http.Do(r)
	if err != nil {
		return nil, nil, fmt.Errorf("asking %s: %w", l.id.Server, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer of %s: %w", l.id.Server, err)
	}
	if len(answer) > maxAnswer {
		return nil, nil, fmt.Errorf("the answer of %s is longer than %d bytes", l.id.Server, maxAnswer)
	}
	return resp, answer, nil
}
