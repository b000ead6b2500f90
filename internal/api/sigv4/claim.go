package sigv4

import (
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A claim is what a request says of its own signature.
type claim struct {
	key, date, region, service string    // the credential scope
	time                       time.Time // x-amz-date
	headers                    []string  // names of the signed headers, in lower case and sorted
	signature                  []byte
	token                      string // session token; empty if none
	payload                    string // X-Amz-Content-Sha256 of a presigned query; empty if none

	presigned bool
	expires   time.Duration // of a presigned request
}

// readClaim reads the signature of a request from its Authorization header or
// from its query. A request with both is refused, since readers could differ
// about which one holds.
func readClaim(r *http.Request, query []pair) (claim, error) {
	authorization := r.Header.Values("Authorization")
	inQuery := slices.ContainsFunc(query, func(p pair) bool {
		return strings.EqualFold(p.name, "X-Amz-Signature") || strings.EqualFold(p.name, "X-Amz-Algorithm") ||
			strings.EqualFold(p.name, "X-Amz-Credential")
	})
	switch {
	case len(authorization) == 0 && !inQuery:
		return claim{}, refuse(incompleteSignature, "Missing Authentication Token")
	case len(authorization) > 1 || len(authorization) == 1 && inQuery:
		return claim{}, refuse(incompleteSignature, "The request must be signed in one place only.")
	case inQuery:
		return readQuery(r, query)
	}
	return readHeader(r, authorization[0])
}

func readHeader(r *http.Request, authorization string) (claim, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	if name != algorithm {
		return claim{}, refuse(incompleteSignature, "Unsupported AWS 'algorithm': '%s'.", clip(name))
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[key]; !ok || twice {
			return claim{}, refuse(incompleteSignature, "Authorization header has a malformed part: '%s'.", clip(part))
		}
		parts[key] = value
	}
	for _, key := range []string{"Credential", "SignedHeaders", "Signature"} {
		if parts[key] == "" {
			return claim{}, refuse(incompleteSignature, "Authorization header requires '%s' parameter.", key)
		}
	}
	if len(parts) != 3 {
		return claim{}, refuse(incompleteSignature, "Authorization header has an unknown parameter.")
	}
	date, err := oneHeader(r, "X-Amz-Date")
	if err != nil {
		return claim{}, err
	}
	if date == "" {
		return claim{}, refuse(incompleteSignature, "Authorization header requires existence of an 'X-Amz-Date' header.")
	}
	token, err := oneHeader(r, "X-Amz-Security-Token")
	if err != nil {
		return claim{}, err
	}
	c := claim{token: token}
	return c.fill(parts["Credential"], date, parts["SignedHeaders"], parts["Signature"])
}

func readQuery(r *http.Request, query []pair) (claim, error) {
	parts := map[string]string{}
	for _, p := range query {
		if !strings.HasPrefix(strings.ToLower(p.name), "x-amz-") {
			continue
		}
		if _, twice := parts[p.name]; twice {
			return claim{}, refuse(incompleteSignature, "The query must carry '%s' once.", clip(p.name))
		}
		parts[p.name] = p.value
	}
	for _, key := range []string{
		"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature",
	} {
		if parts[key] == "" {
			return claim{}, refuse(incompleteSignature, "AWS query-string parameters must include '%s'.", key)
		}
	}
	if parts["X-Amz-Algorithm"] != algorithm {
		return claim{}, refuse(incompleteSignature, "Unsupported AWS 'algorithm': '%s'.", clip(parts["X-Amz-Algorithm"]))
	}
	seconds, err := strconv.ParseUint(parts["X-Amz-Expires"], 10, 31)
	if err != nil || seconds == 0 {
		return claim{}, refuse(incompleteSignature, "X-Amz-Expires must be a number of seconds.")
	}
	if len(r.Header.Values("X-Amz-Security-Token")) > 0 {
		return claim{}, refuse(incompleteSignature, "The session token of a presigned request belongs in its query.")
	}
	c := claim{
		token:     parts["X-Amz-Security-Token"],
		payload:   parts["X-Amz-Content-Sha256"],
		presigned: true,
		expires:   time.Duration(seconds) * time.Second,
	}
	return c.fill(parts["X-Amz-Credential"], parts["X-Amz-Date"], parts["X-Amz-SignedHeaders"], parts["X-Amz-Signature"])
}

// fill reads the four values that both forms have.
func (c claim) fill(credential, date, headers, sig string) (claim, error) {
	scope := strings.Split(credential, "/")
	if len(scope) != 5 || slices.Contains(scope, "") || scope[4] != "aws4_request" || len(scope[0]) > 128 {
		return claim{}, refuse(incompleteSignature,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/aws4_request, got: '%s'.",
			clip(credential))
	}
	c.key, c.date, c.region, c.service = scope[0], scope[1], scope[2], scope[3]
	var err error
	if c.time, err = time.Parse(dateForm, date); err != nil || c.time.Format(dateForm) != date {
		return claim{}, refuse(incompleteSignature,
			"Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", clip(date))
	}
	c.headers = strings.Split(headers, ";")
	for i, name := range c.headers {
		// Sorted, in lower case, each once: one list has one meaning.
		if name == "" || name != strings.ToLower(name) || i > 0 && c.headers[i-1] >= name {
			return claim{}, refuse(incompleteSignature, "SignedHeaders must be sorted names in lower case: '%s'.", clip(headers))
		}
	}
	if c.signature, err = hex.DecodeString(sig); err != nil || len(c.signature) != 32 || sig != strings.ToLower(sig) {
		return claim{}, refuse(incompleteSignature, "Signature must be 64 hexadecimal digits in lower case.")
	}
	return c, nil
}

// oneHeader returns the value of a header that may come at most once.
func oneHeader(r *http.Request, name string) (string, error) {
	values := r.Header.Values(name)
	if len(values) > 1 {
		return "", refuse(incompleteSignature, "The request must carry one '%s' header.", name)
	}
	if len(values) == 0 {
		return "", nil
	}
	return strings.TrimSpace(values[0]), nil
}

// clip shortens a caller's text before it is sent back.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
