// Package sigv4 verifies requests signed with AWS Signature Version 4, in both
// forms the AWS clients use: the Authorization header and the presigned query.
//
// Source of the algorithm: AWS Identity and Access Management User Guide,
// "Create a signed AWS API request" and "Signature Version 4 for API requests".
package sigv4

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Skew is how far the time of a signature may lie from the server's clock.
const Skew = 5 * time.Minute

// maxExpires is the longest life a presigned request may ask for.
// Source: IAM User Guide, "Authentication methods", X-Amz-Expires: at most
// 604800 seconds.
const maxExpires = 7 * 24 * time.Hour

const (
	algorithm = "AWS4-HMAC-SHA256"
	dateForm  = "20060102T150405Z"
	unsigned  = "UNSIGNED-PAYLOAD"
)

// A Key is what the server knows of one access key. S is whatever the caller
// wants to know of the key's holder: account, role, limits.
type Key[S any] struct {
	Secret   string
	TokenSum []byte    // SHA-256 of the session token that must come with the key; nil for a long-term key
	Expires  time.Time // when the key ends; zero: never
	Scope    S
}

// Keys is where access keys are looked up.
type Keys[S any] interface {
	// Key returns the access key with the id, and whether there is such a key
	// in use. An error means that it could not be found out.
	Key(ctx context.Context, id string) (Key[S], bool, error)
}

// A Verifier verifies requests to one server.
type Verifier[S any] struct {
	Keys   Keys[S]
	Region string // the Region signatures must name; empty: any

	// MaxExpires is the longest life of a presigned request; zero: seven days.
	MaxExpires time.Duration
	// AllowUnsigned accepts UNSIGNED-PAYLOAD in place of a hash of the body.
	AllowUnsigned bool
}

// A Call is what is known of a request besides its head.
type Call struct {
	Service string // the signing name of the service that is asked: inspector2, inspector-scan or inspector
	Body    []byte // the whole body as received
	Now     time.Time
}

// A Signed tells who signed a request.
type Signed[S any] struct {
	KeyID  string
	Region string // of the signature
	Time   time.Time
	Scope  S // of the key
}

// Verify checks the signature of a request as it was received: r must be as
// net/http's server made it, with RequestURI and all header fields untouched.
// It returns a *Refusal when the request is not to be served, and any other
// error when the key could not be looked up.
func (v Verifier[S]) Verify(ctx context.Context, r *http.Request, call Call) (Signed[S], error) {
	none := Signed[S]{}
	path, query, err := target(r)
	if err != nil {
		return none, err
	}
	c, err := readClaim(r, query)
	if err != nil {
		return none, err
	}
	if err := v.checkScope(c, call.Service); err != nil {
		return none, err
	}
	if err := v.checkTime(c, call.Now); err != nil {
		return none, err
	}
	hash, err := v.payload(r, c, call.Body)
	if err != nil {
		return none, err
	}
	headers, err := canonicalHeaders(r, c.headers)
	if err != nil {
		return none, err
	}
	key, ok, err := v.Keys.Key(ctx, c.key)
	if err != nil {
		return none, fmt.Errorf("looking up access key %s: %w", c.key, err)
	}
	if !ok {
		return none, refuse(unrecognizedClient, "The security token included in the request is invalid.")
	}
	want := signature(key.Secret, c, strings.Join([]string{
		r.Method, canonicalPath(path), canonicalQuery(query), headers, strings.Join(c.headers, ";"), hash,
	}, "\n"))
	if !hmac.Equal(want, c.signature) {
		return none, refuse(invalidSignature, "The request signature we calculated does not match the signature you "+
			"provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	if err := checkToken(key.TokenSum, c.token); err != nil {
		return none, err
	}
	if !key.Expires.IsZero() && !call.Now.Before(key.Expires) {
		return none, refuse(expiredToken, "The security token included in the request is expired")
	}
	return Signed[S]{KeyID: c.key, Region: c.region, Time: c.time, Scope: key.Scope}, nil
}

// checkScope refuses signatures made for another Region or service, or whose
// scope names another day than the time they were made.
func (v Verifier[S]) checkScope(c claim, service string) error {
	switch {
	case c.date != c.time.Format("20060102"):
		return refuse(invalidSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "+
			"date from HTTP: '%s' != '%s', from '%s'.", c.date, c.time.Format("20060102"), c.time.Format(dateForm))
	case v.Region != "" && c.region != v.Region:
		return refuse(invalidSignature, "Credential should be scoped to a valid region, not '%s'.", c.region)
	case c.service != service:
		return refuse(invalidSignature, "Credential should be scoped to correct service: '%s'.", service)
	}
	return nil
}

// checkTime refuses signatures from the future, and those that are too old:
// older than the skew, or than the life a presigned request asked for.
func (v Verifier[S]) checkTime(c claim, now time.Time) error {
	const form = dateForm
	now = now.UTC()
	if c.time.After(now.Add(Skew)) {
		return refuse(invalidSignature, "Signature not yet current: %s is still later than %s (%s + 5 min.)",
			c.time.Format(form), now.Add(Skew).Format(form), now.Format(form))
	}
	life := Skew
	if c.presigned {
		most := v.MaxExpires
		if most <= 0 {
			most = maxExpires
		}
		if c.expires > most {
			return refuse(incompleteSignature, "X-Amz-Expires must be at most %d seconds.", int(most.Seconds()))
		}
		life = c.expires
	}
	if now.After(c.time.Add(life)) {
		return refuse(invalidSignature, "Signature expired: %s is now earlier than %s (%s - %s.)",
			c.time.Format(form), now.Add(-life).Format(form), now.Format(form), minutes(life))
	}
	return nil
}

func minutes(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d sec", d/time.Second)
}

// payload returns the hash of the body as it stands in the canonical request:
// what the client declared, after comparison with the body that came.
func (v Verifier[S]) payload(r *http.Request, c claim, body []byte) (string, error) {
	sum := sha256.Sum256(body)
	real := hex.EncodeToString(sum[:])
	declared := c.payload
	if values := r.Header.Values("X-Amz-Content-Sha256"); len(values) > 0 {
		if len(values) > 1 || c.payload != "" {
			return "", refuse(incompleteSignature, "The request must carry one x-amz-content-sha256.")
		}
		declared = strings.TrimSpace(values[0])
	}
	switch {
	case declared == "":
		return real, nil
	case declared == unsigned && v.AllowUnsigned:
		return declared, nil
	case declared == unsigned:
		return "", refuse(invalidSignature, "The payload of this request must be signed.")
	case subtle.ConstantTimeCompare([]byte(strings.ToLower(declared)), []byte(real)) != 1:
		return "", refuse(invalidSignature,
			"The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return declared, nil
}

// checkToken compares the session token of a request with that of its key,
// which may have none. Only digests are compared, in constant time.
func checkToken(want []byte, token string) error {
	if len(want) == 0 && token == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(token))
	if token == "" || subtle.ConstantTimeCompare(want, sum[:]) != 1 {
		return refuse(unrecognizedClient, "The security token included in the request is invalid.")
	}
	return nil
}

// signature returns the signature a claim ought to carry for a canonical
// request, by the steps of "Create a signed AWS API request".
func signature(secret string, c claim, canonical string) []byte {
	scope := []string{c.date, c.region, c.service, "aws4_request"}
	sum := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{
		algorithm, c.time.Format(dateForm), strings.Join(scope, "/"), hex.EncodeToString(sum[:]),
	}, "\n")
	key := []byte("AWS4" + secret)
	for _, s := range slices.Concat(scope, []string{text}) {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(s))
		key = m.Sum(nil)
	}
	return key
}
