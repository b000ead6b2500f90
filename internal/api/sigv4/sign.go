package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// A Signer signs requests with one access key, in the Authorization header.
type Signer struct {
	Key, Secret string
	Region      string
	Service     string // the signing name of the service that is asked
}

// Sign adds the header fields of a signature that holds for this body and this
// moment. The request must not be changed afterwards.
func (s Signer) Sign(r *http.Request, body []byte, now time.Time) error {
	c := claim{key: s.Key, time: now.UTC(), region: s.Region, service: s.Service, headers: []string{"host", "x-amz-date"}}
	c.date = c.time.Format("20060102")
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.Header.Set("X-Amz-Date", c.time.Format(dateForm))
	path, query, err := target(r)
	if err != nil {
		return err
	}
	headers, err := canonicalHeaders(r, c.headers)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	sig := signature(s.Secret, c, strings.Join([]string{
		r.Method, canonicalPath(path), canonicalQuery(query), headers, strings.Join(c.headers, ";"), hex.EncodeToString(sum[:]),
	}, "\n"))
	r.Header.Set("Authorization", algorithm+" Credential="+strings.Join([]string{c.key, c.date, c.region, c.service, "aws4_request"}, "/")+
		", SignedHeaders="+strings.Join(c.headers, ";")+", Signature="+hex.EncodeToString(sig))
	return nil
}
