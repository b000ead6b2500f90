package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// Limits of calls of receivers.
const (
	answerWithin = 15 * time.Second
	maxAnswer    = 1 << 20 // bytes
	maxSaid      = 500     // characters of it that are shown
)

// A browser calls receivers over HTTP.
type browser struct{ http *http.Client }

// newBrowser returns a browser that does as the configuration says. It follows
// no redirect: what is signed for one receiver is for no other.
func newBrowser(c Config) (browser, error) {
	settings, err := c.tls()
	if err != nil {
		return browser{}, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = settings
	transport.DialContext = (&net.Dialer{Timeout: answerWithin, Control: notLinkLocal}).DialContext
	return browser{&http.Client{
		Transport: transport, Timeout: answerWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// notLinkLocal refuses addresses of the machine's nearest surroundings: there
// clouds hand out the keys of the server, which whoever sets up a sink is not to
// see.
func notLinkLocal(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := at.Addr().Unmap(); ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast() || ip == netip.MustParseAddr("fd00:ec2::254") {
		return errors.New("link-local addresses receive no events")
	}
	return nil
}

// A reply is what a receiver answers.
type reply struct {
	status int
	body   []byte
}

// said is the reply in short, for people.
func (r reply) said() string {
	text := strings.ToValidUTF8(string(r.body), "?")
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxSaid {
		text = string([]rune(text)[:maxSaid]) + "…"
	}
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", r.status, text))
}

// do sends a request. The error does not name its address, which may be secret.
func (b browser) do(r *http.Request, body []byte) (reply, error) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	resp, err := b.http.Do(r) //nolint:gosec // who runs the server says where events go
	if err != nil {
		if in, ok := errors.AsType[*url.Error](err); ok {
			err = in.Err
		}
		return reply{}, fmt.Errorf("calling %s: %w", r.URL.Host, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return reply{}, fmt.Errorf("reading the answer of %s: %w", r.URL.Host, err)
	}
	return reply{resp.StatusCode, text}, nil
}

// post sends a body, and returns an error unless the receiver says that it has
// it.
func (b browser) post(ctx context.Context, address string, header http.Header, body []byte) (reply, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		return reply{}, errors.New("the address cannot be called")
	}
	r.Header = header
	got, err := b.do(r, body)
	if err == nil && got.status/100 != 2 {
		err = fmt.Errorf("%s answered %s", r.URL.Host, got.said())
		if hopeless(got.status) {
			err = &refusal{err}
		}
	}
	return got, err
}

func (b browser) close() { b.http.CloseIdleConnections() }

// hopeless tells whether a status says that the same request will never be
// taken. Keys can be mended and limits end: those statuses are none of them.
// Source: RFC 9110, section 15.5.
func hopeless(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusRequestTimeout, http.StatusConflict,
		http.StatusMisdirectedRequest, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return status/100 == 4 || status == http.StatusNotImplemented
}

// webAddress reads the address of a receiver.
func webAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("must be an address that begins with https:// or http://")
	}
	if u.Fragment != "" {
		return nil, errors.New("must have no fragment")
	}
	return u, nil
}
