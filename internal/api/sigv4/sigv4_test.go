package sigv4_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/sigv4"
)

const (
	keyID   = "AKIDEXAMPLE00000"
	secret  = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	token   = "AQoDYXdzEPT//////////wEXAMPLE+token/=="
	region  = "eu-central-1"
	tagPath = "/tags/arn%3Aaws%3Ainspector2%3Aeu-central-1%3A111122223333%3Aowner%2F111122223333%2Ffilter%2F0123456789abcdef"
)

// keys is a table of access keys; the scope of each is an account.
type keys map[string]sigv4.Key[string]

func (k keys) Key(_ context.Context, id string) (sigv4.Key[string], bool, error) {
	if id == "UNREADABLE" {
		return sigv4.Key[string]{}, false, errors.New("disk gone")
	}
	key, ok := k[id]
	return key, ok, nil
}

func longTerm() keys {
	return keys{keyID: {Secret: secret, Scope: "111122223333"}}
}

func session(expires time.Time) keys {
	sum := sha256.Sum256([]byte(token))
	return keys{keyID: {Secret: secret, TokenSum: sum[:], Expires: expires, Scope: "111122223333"}}
}

// received makes the request that net/http's server would hand over.
func received(tb testing.TB, raw []byte) (r *http.Request, body []byte) {
	tb.Helper()
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		tb.Fatal(err)
	}
	body, err = io.ReadAll(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return r, body
}

// sentAt returns the time a request says it was signed.
func sentAt(tb testing.TB, r *http.Request) time.Time {
	tb.Helper()
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date")+r.URL.Query().Get("X-Amz-Date"))
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

func exception(err error) string {
	if refusal, ok := errors.AsType[*sigv4.Refusal](err); ok {
		return fmt.Sprint(refusal.Status(), " ", refusal.Exception)
	}
	if err != nil {
		return "error"
	}
	return "ok"
}

// TestVectors verifies requests as independent clients sent them. The files
// were captured on a socket: botocore 1.43.11's clients of the three services
// and its SigV4QueryAuth, and curl 7.88.1 with --aws-sigv4; only the user
// agent, which neither signs, was shortened.
func TestVectors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, service string
		session       bool
		want          string
	}{
		{"botocore-classic", "inspector", false, "ok"},
		{"botocore-dots", "inspector2", false, "ok"},
		{"botocore-encryption-key", "inspector2", false, "ok"},
		{"botocore-list-findings", "inspector2", false, "ok"},
		{"botocore-presigned", "inspector2", false, "ok"},
		{"botocore-presigned-session", "inspector2", true, "ok"},
		{"botocore-scan-sbom", "inspector-scan", false, "ok"},
		{"botocore-session", "inspector2", true, "ok"},
		{"botocore-tags", "inspector2", false, "ok"},
		{"botocore-untag", "inspector2", false, "ok"},
		{"curl-classic", "inspector", false, "ok"},
		{"curl-encryption-key", "inspector2", false, "ok"},
		{"curl-list-findings", "inspector2", false, "ok"},
		{"curl-session", "inspector2", true, "ok"},
		// This release of curl escapes the path once, as only S3 wants it.
		{"curl-tags", "inspector2", false, "403 InvalidSignatureException"},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(filepath.Join("testdata", tt.file+".http"))
			if err != nil {
				t.Fatal(err)
			}
			r, body := received(t, raw)
			now := sentAt(t, r)
			v := sigv4.Verifier[string]{Keys: longTerm(), Region: region}
			if tt.session {
				v.Keys = session(now.Add(time.Hour))
			}
			check := func(about string, service string, body []byte, now time.Time, want string) {
				t.Helper()
				_, err := v.Verify(t.Context(), r, sigv4.Call{Service: service, Body: body, Now: now})
				if got := exception(err); got != want {
					t.Errorf("%s: got %s (%v), want %s", about, got, err, want)
				}
			}
			check("as sent", tt.service, body, now, tt.want)
			if tt.want != "ok" {
				return
			}
			const refused = "403 InvalidSignatureException"
			presigned := r.Header.Get("Authorization") == ""
			life := sigv4.Skew
			if presigned {
				life = 900 * time.Second
			}
			check("at the end of its life", tt.service, body, now.Add(life), "ok")
			check("replayed later", tt.service, body, now.Add(life+time.Second), refused)
			check("from the future", tt.service, body, now.Add(-sigv4.Skew-time.Second), refused)
			check("another service", "ecr", body, now, refused)
			check("another body", tt.service, append([]byte(" "), body...), now, refused)
			if !presigned {
				r.Header.Set("X-Amz-Meta", "added on the way")
				check("an unsigned header", tt.service, body, now, "403 IncompleteSignatureException")
				r.Header.Del("X-Amz-Meta")
			}
			r.RequestURI += "&x=1"
			check("another target", tt.service, body, now, refused)
		})
	}
}

// signed signs a request with the Go SDK and returns it as received.
func signed(tb testing.TB, method, target, service string, o options) (*http.Request, []byte) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, "http://assay.example:8443"+target, strings.NewReader(o.body))
	if err != nil {
		tb.Fatal(err)
	}
	maps.Copy(r.Header, o.header)
	hash := o.hash
	if hash == "" {
		sum := sha256.Sum256([]byte(o.body))
		hash = hex.EncodeToString(sum[:])
	}
	creds := aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret, SessionToken: o.token}
	signer := v4.NewSigner()
	if o.expires == "" {
		if err := signer.SignHTTP(tb.Context(), creds, r, hash, service, region, o.at); err != nil {
			tb.Fatal(err)
		}
	} else {
		q := r.URL.Query()
		q.Set("X-Amz-Expires", o.expires)
		r.URL.RawQuery = q.Encode()
		uri, header, err := signer.PresignHTTP(tb.Context(), creds, r, hash, service, region, o.at)
		if err != nil {
			tb.Fatal(err)
		}
		if r.URL, err = url.Parse(uri); err != nil {
			tb.Fatal(err)
		}
		r.Header = header
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return received(tb, b.Bytes())
}

type options struct {
	body, hash, token, expires string
	header                     http.Header
	at                         time.Time
}

func TestGoSigner(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 23, 58, 0, 0, time.UTC)
	hashed := func(s string) http.Header { return http.Header{"X-Amz-Content-Sha256": {s}} }
	sum := sha256.Sum256([]byte("{}"))
	for _, tt := range []struct {
		name, method, target, service string
		o                             options
		v                             sigv4.Verifier[string]
		now                           time.Duration
		want                          string
	}{
		{name: "body", method: "POST", target: "/findings/list", o: options{body: `{"maxResults":1}`}, want: "ok"},
		{name: "path", method: "GET", target: tagPath, want: "ok"},
		{name: "next day", method: "GET", target: "/", now: 5 * time.Minute, want: "ok"},
		{
			name: "query", method: "DELETE", target: tagPath + "?tagKeys=Param-3&tagKeys=Param&tagKeys=a%20b&tagKeys=%2F%2B%25",
			want: "ok",
		},
		{name: "order of names", method: "GET", target: "/?Param-3=1&Param=2&Param=1", want: "ok"},
		{
			name: "headers", method: "POST", target: "/x", want: "ok",
			o: options{body: "{}", header: http.Header{"X-Amz-Two": {" a   b ", "c"}, "Content-Type": {"application/json"}}},
		},
		{
			name: "declared hash", method: "POST", target: "/x", want: "ok",
			o: options{body: "{}", header: hashed(hex.EncodeToString(sum[:]))},
		},
		{
			name: "wrong hash", method: "POST", target: "/x", want: "403 InvalidSignatureException",
			o: options{body: "{ }", hash: hex.EncodeToString(sum[:]), header: hashed(hex.EncodeToString(sum[:]))},
		},
		{
			name: "unsigned payload", method: "POST", target: "/x", want: "403 InvalidSignatureException",
			o: options{body: "{}", hash: "UNSIGNED-PAYLOAD", header: hashed("UNSIGNED-PAYLOAD")},
		},
		{
			name: "unsigned payload by choice", method: "POST", target: "/x", want: "ok",
			o: options{body: "{}", hash: "UNSIGNED-PAYLOAD", header: hashed("UNSIGNED-PAYLOAD")},
			v: sigv4.Verifier[string]{AllowUnsigned: true},
		},
		{
			name: "streaming payload", method: "POST", target: "/x", want: "403 InvalidSignatureException",
			o: options{hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", header: hashed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")},
			v: sigv4.Verifier[string]{AllowUnsigned: true},
		},
		{name: "other region", method: "GET", target: "/", v: sigv4.Verifier[string]{Region: "us-east-1"}, want: "403 InvalidSignatureException"},
		{name: "other service", method: "GET", target: "/", service: "inspector", want: "403 InvalidSignatureException"},
		{name: "token", method: "GET", target: "/", o: options{token: token}, v: sigv4.Verifier[string]{Keys: session(at.Add(time.Second))}, want: "ok"},
		{name: "token ended", method: "GET", target: "/", o: options{token: token}, v: sigv4.Verifier[string]{Keys: session(at)}, want: "403 ExpiredTokenException"},
		{name: "token missing", method: "GET", target: "/", v: sigv4.Verifier[string]{Keys: session(at.Add(time.Second))}, want: "403 UnrecognizedClientException"},
		{name: "token wrong", method: "GET", target: "/", o: options{token: token + "x"}, v: sigv4.Verifier[string]{Keys: session(at.Add(time.Second))}, want: "403 UnrecognizedClientException"},
		{name: "token too many", method: "GET", target: "/", o: options{token: token}, want: "403 UnrecognizedClientException"},
		{name: "unknown key", method: "GET", target: "/", v: sigv4.Verifier[string]{Keys: keys{}}, want: "403 UnrecognizedClientException"},
		{
			name: "wrong secret", method: "GET", target: "/", want: "403 InvalidSignatureException",
			v: sigv4.Verifier[string]{Keys: keys{keyID: {Secret: secret + "x"}}},
		},
		{name: "presigned", method: "GET", target: "/a?b=c", o: options{expires: "60"}, now: time.Minute, want: "ok"},
		{name: "presigned, over", method: "GET", target: "/a", o: options{expires: "60"}, now: 61 * time.Second, want: "403 InvalidSignatureException"},
		{name: "presigned, early", method: "GET", target: "/a", o: options{expires: "60"}, now: -301 * time.Second, want: "403 InvalidSignatureException"},
		{name: "presigned, endless", method: "GET", target: "/a", o: options{expires: "604801"}, want: "403 IncompleteSignatureException"},
		{name: "presigned, no number", method: "GET", target: "/a", o: options{expires: "-1"}, want: "403 IncompleteSignatureException"},
		{
			name: "presigned, too long for this server", method: "GET", target: "/a", o: options{expires: "901"},
			v: sigv4.Verifier[string]{MaxExpires: 15 * time.Minute}, want: "403 IncompleteSignatureException",
		},
		{
			name: "presigned token", method: "GET", target: tagPath, o: options{expires: "60", token: token},
			v: sigv4.Verifier[string]{Keys: session(at.Add(time.Hour))}, want: "ok",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.o.at = at
			if tt.service == "" {
				tt.service = "inspector2"
			}
			r, body := signed(t, tt.method, tt.target, tt.service, tt.o)
			if tt.v.Keys == nil {
				tt.v.Keys = longTerm()
			}
			if tt.v.Region == "" {
				tt.v.Region = region
			}
			call := sigv4.Call{Service: "inspector2", Body: body, Now: at.Add(tt.now)}
			got, err := tt.v.Verify(t.Context(), r, call)
			if exception(err) != tt.want {
				t.Fatalf("got %s (%v), want %s", exception(err), err, tt.want)
			}
			if err != nil {
				return
			}
			want := sigv4.Signed[string]{KeyID: keyID, Region: region, Time: at, Scope: "111122223333"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTampered changes one thing of a good request and wants it refused.
func TestTampered(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	edit := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) {
			h := r.Header.Get("Authorization")
			r.Header.Set("Authorization", strings.Replace(h, old, replacement, 1))
		}
	}
	uri := func(f func(string) string) func(*http.Request) {
		return func(r *http.Request) { r.RequestURI = f(r.RequestURI) }
	}
	const (
		invalid      = "403 InvalidSignatureException"
		incomplete   = "403 IncompleteSignatureException"
		unrecognized = "403 UnrecognizedClientException"
	)
	for _, tt := range []struct {
		name, want string
		change     func(*http.Request)
	}{
		{"nothing", "ok", func(*http.Request) {}},
		{"absolute target", "ok", uri(func(s string) string { return "http://assay.example:8443" + s })},
		{"order of the query", "ok", uri(func(s string) string {
			path, _, _ := strings.Cut(s, "?")
			return path + "?c=d%20e&b=2&a=1"
		})},
		{"plus for a blank", "ok", uri(func(s string) string { return strings.Replace(s, "%20", "+", 1) })},
		{"unsigned header of others", "ok", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "::1") }},
		{"method", invalid, func(r *http.Request) { r.Method = "PUT" }},
		{"host", invalid, func(r *http.Request) { r.Host = "other.example" }},
		{"double encoding", invalid, uri(func(s string) string { return strings.ReplaceAll(s, "%2F", "%252F") })},
		{"slashes decoded", invalid, uri(func(s string) string { return strings.ReplaceAll(s, "%2F", "/") })},
		{"lower-case escapes", invalid, uri(func(s string) string { return strings.ReplaceAll(s, "%2F", "%2f") })},
		{"path", invalid, uri(func(s string) string { return "/x" + s })},
		{"trailing slash", invalid, uri(func(s string) string { return strings.Replace(s, "?", "/?", 1) })},
		{"query value", invalid, uri(func(s string) string { return strings.Replace(s, "a=1", "a=2", 1) })},
		{"query added", invalid, uri(func(s string) string { return s + "&c" })},
		{"query malformed", incomplete, uri(func(s string) string { return s + "&c=%G0" })},
		{"header value", invalid, func(r *http.Request) { r.Header.Set("X-Amz-One", "2") }},
		{"header again", invalid, func(r *http.Request) { r.Header.Add("X-Amz-One", "1") }},
		{"header gone", incomplete, func(r *http.Request) { r.Header.Del("X-Amz-One") }},
		{"unsigned header", incomplete, func(r *http.Request) { r.Header.Set("X-Amz-Target", "y") }},
		{"unsigned token", incomplete, func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", token) }},
		{"date", invalid, func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260301T120001Z") }},
		{"fractions in the date", incomplete, func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260301T120000.5Z") }},
		{"date twice", incomplete, func(r *http.Request) { r.Header.Add("X-Amz-Date", "20260301T120000Z") }},
		{"no date", incomplete, func(r *http.Request) { r.Header.Del("X-Amz-Date") }},
		{"no signature", incomplete, func(r *http.Request) { r.Header.Del("Authorization") }},
		{"two signatures", incomplete, func(r *http.Request) { r.Header.Add("Authorization", "Basic eDp5") }},
		{"two places", incomplete, uri(func(s string) string { return s + "&X-Amz-Signature=00" })},
		{"basic", incomplete, func(r *http.Request) { r.Header.Set("Authorization", "Basic eDp5") }},
		{"algorithm", incomplete, edit("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")},
		{"key", unrecognized, edit(keyID, "AKIDOTHER")},
		{"key unreadable", "error", edit(keyID, "UNREADABLE")},
		{"scope date", invalid, edit("/20260301/", "/20260228/")},
		{"scope region", invalid, edit(region, "eu-west-1")},
		{"scope service", invalid, edit("/inspector2/", "/inspector/")},
		{"scope end", incomplete, edit("aws4_request", "aws5_request")},
		{"scope short", incomplete, edit("/inspector2", "")},
		{"host unsigned", incomplete, edit("host;", "")},
		{"header order", incomplete, edit("host;", "x;host;")},
		{"header twice", incomplete, edit("host;", "host;host;")},
		{"header case", incomplete, edit("host;", "Host;")},
		{"signature short", incomplete, func(r *http.Request) {
			h := r.Header.Get("Authorization")
			r.Header.Set("Authorization", h[:len(h)-2])
		}},
		{"signature", invalid, func(r *http.Request) {
			h := r.Header.Get("Authorization")
			last := "0"
			if strings.HasSuffix(h, "0") {
				last = "1"
			}
			r.Header.Set("Authorization", h[:len(h)-1]+last)
		}},
		{"signature in capitals", incomplete, func(r *http.Request) {
			head, sig, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", head+"Signature="+strings.ToUpper(sig))
		}},
		{"unknown part", incomplete, edit(" SignedHeaders", " Extra=1, SignedHeaders")},
		{"part twice", incomplete, edit(" SignedHeaders=", " SignedHeaders=host, SignedHeaders=")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, body := signed(t, "POST", tagPath+"?a=1&b=2&c=d%20e", "inspector2",
				options{body: "{}", at: at, header: http.Header{"X-Amz-One": {"1"}}})
			tt.change(r)
			v := sigv4.Verifier[string]{Keys: longTerm(), Region: region}
			_, err := v.Verify(t.Context(), r, sigv4.Call{Service: "inspector2", Body: body, Now: at})
			if got := exception(err); got != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
		})
	}
}

// TestScopeDate signs by hand, since no client signs with the key of another day.
func TestScopeDate(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 0, 1, 0, 0, time.UTC)
	for date, want := range map[string]string{"20260301": "ok", "20260228": "403 InvalidSignatureException"} {
		empty := sha256.Sum256(nil)
		canonical := sha256.Sum256(fmt.Appendf(nil,
			"GET\n/\n\nhost:assay.example\nx-amz-date:20260301T000100Z\n\nhost;x-amz-date\n%x", empty))
		scope := date + "/" + region + "/inspector2/aws4_request"
		key := []byte("AWS4" + secret)
		for _, part := range []string{
			date, region, "inspector2", "aws4_request",
			fmt.Sprintf("AWS4-HMAC-SHA256\n20260301T000100Z\n%s\n%x", scope, canonical),
		} {
			m := hmac.New(sha256.New, key)
			m.Write([]byte(part))
			key = m.Sum(nil)
		}
		r := &http.Request{Method: http.MethodGet, RequestURI: "/", Host: "assay.example", Header: http.Header{
			"X-Amz-Date": {"20260301T000100Z"},
			"Authorization": {fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=host;x-amz-date,Signature=%x",
				keyID, scope, key)},
		}}
		v := sigv4.Verifier[string]{Keys: longTerm(), Region: region}
		_, err := v.Verify(t.Context(), r, sigv4.Call{Service: "inspector2", Now: at})
		if got := exception(err); got != want {
			t.Errorf("%s: got %s (%v), want %s", date, got, err, want)
		}
	}
}

// TestServer shows that net/http hands over a request that can be verified.
func TestServer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	v := sigv4.Verifier[string]{Keys: longTerm(), Region: region}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := v.Verify(r.Context(), r, sigv4.Call{Service: "inspector2", Body: body, Now: at}); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+tagPath+"?x=%2F", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	sum := sha256.Sum256([]byte("{}"))
	creds := aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}
	if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hex.EncodeToString(sum[:]), "inspector2", region, at); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Header.Get("Authorization"), "content-length;content-type;host") {
		t.Errorf("the SDK signed %s", r.Header.Get("Authorization"))
	}
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		t.Errorf("%d %s", res.StatusCode, text)
	}
}

// FuzzVerify has the Go SDK sign what the fuzzer thinks of: it must be
// accepted, and refused as soon as a part of it is another.
func FuzzVerify(f *testing.F) {
	f.Add("/a b/%2F", "x", "1", "v  w", "{}")
	f.Add("/", "Param-3", "+&=", "", "")
	f.Fuzz(func(t *testing.T, path, name, value, header, body string) {
		for _, c := range header {
			if c < ' ' || c > '~' {
				t.Skip("no header value")
			}
		}
		// The SDK signs paths as they are, without normalising them.
		for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
			if part == "." || part == ".." || part == "" && path != "/" {
				t.Skip("a path to be normalised")
			}
		}
		if strings.HasPrefix(strings.ToLower(name), "x-amz-") {
			t.Skip("a query of its own meaning")
		}
		u := url.URL{Path: "/" + strings.TrimPrefix(path, "/"), RawQuery: url.Values{name: {value, "2"}}.Encode()}
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		r, got := signed(t, "POST", u.RequestURI(), "inspector2",
			options{body: body, at: at, header: http.Header{"X-Amz-One": {header}}})
		v := sigv4.Verifier[string]{Keys: longTerm(), Region: region}
		verify := func() error {
			_, err := v.Verify(t.Context(), r, sigv4.Call{Service: "inspector2", Body: got, Now: at})
			return err
		}
		if err := verify(); err != nil {
			t.Fatalf("%q: %v", r.RequestURI, err)
		}
		for _, change := range []func(){
			func() { got = append(got, 'x') },
			func() { got = got[:len(got)-1]; r.RequestURI += "x" },
			func() { r.RequestURI = r.RequestURI[:len(r.RequestURI)-1]; r.Header.Set("X-Amz-One", header+"x") },
		} {
			change()
			if err := verify(); exception(err) != "403 InvalidSignatureException" {
				t.Fatalf("%q: a changed request gives %v", r.RequestURI, err)
			}
		}
	})
}

// FuzzParse has requests of any shape: each gives a refusal and no panic, since
// none can be signed by chance.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.http")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		r, body := received(f, raw)
		f.Add(r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("X-Amz-Date"), r.Header.Get("X-Amz-Security-Token"), body)
	}
	f.Fuzz(func(t *testing.T, uri, authorization, date, session string, body []byte) {
		r := &http.Request{Method: http.MethodGet, RequestURI: uri, URL: &url.URL{Path: "/"}, Host: "assay.example", Header: http.Header{}}
		for name, value := range map[string]string{"Authorization": authorization, "X-Amz-Date": date, "X-Amz-Security-Token": session} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		v := sigv4.Verifier[string]{Keys: longTerm()}
		now, _ := time.Parse("20060102T150405Z", date)
		_, err := v.Verify(t.Context(), r, sigv4.Call{Service: "inspector2", Body: body, Now: now})
		if _, ok := errors.AsType[*sigv4.Refusal](err); !ok {
			t.Fatalf("got %v, want a refusal", err)
		}
	})
}
