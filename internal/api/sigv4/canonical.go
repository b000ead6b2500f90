package sigv4

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A pair is one parameter of a query, decoded.
type pair struct{ name, value string }

// target returns the path of a request as it was sent, still escaped, and the
// parameters of its query. URL.EscapedPath will not do: it escapes anew what it
// thinks was escaped wrongly.
func target(r *http.Request) (path string, query []pair, err error) {
	uri := r.RequestURI
	if uri == "" {
		uri = r.URL.RequestURI()
	}
	// RFC 9112, section 3.2.2: a request by way of a proxy names the whole URL.
	if !strings.HasPrefix(uri, "/") {
		if _, rest, ok := strings.Cut(uri, "://"); ok {
			i := strings.IndexAny(rest, "/?")
			if i < 0 {
				i = len(rest)
			}
			uri = rest[i:]
		}
	}
	path, raw, _ := strings.Cut(uri, "?")
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		p := pair{}
		var ok1, ok2 bool
		p.name, ok1 = unescape(name)
		p.value, ok2 = unescape(value)
		if !ok1 || !ok2 {
			return "", nil, refuse(incompleteSignature, "The query has a malformed escape: '%s'.", clip(part))
		}
		query = append(query, p)
	}
	return path, query, nil
}

// canonicalPath normalises an escaped path and escapes it once more.
// Source: IAM User Guide, "Create a canonical request": every service but S3
// has the path normalised by RFC 3986 and encoded twice.
func canonicalPath(path string) string {
	var kept []string
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, escape(part))
		}
	}
	s := "/" + strings.Join(kept, "/")
	if len(kept) > 0 && strings.HasSuffix(path, "/") {
		s += "/"
	}
	return s
}

// canonicalQuery sorts the parameters by their escaped name, then value, and
// leaves out the signature itself.
func canonicalQuery(query []pair) string {
	escaped := make([]pair, 0, len(query))
	for _, p := range query {
		if p.name != "X-Amz-Signature" {
			escaped = append(escaped, pair{escape(p.name), escape(p.value)})
		}
	}
	slices.SortFunc(escaped, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	for i, p := range escaped {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name + "=" + p.value)
	}
	return b.String()
}

// canonicalHeaders returns the lines of the signed headers. The host and every
// x-amz-* header of the request must be among them: an unsigned one could be
// added by anybody on the way.
func canonicalHeaders(r *http.Request, signed []string) (string, error) {
	if !slices.Contains(signed, "host") {
		return "", refuse(incompleteSignature, "'Host' must be a 'SignedHeader' in the AWS Authorization.")
	}
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(signed, name) {
			return "", refuse(incompleteSignature, "'%s' must be a 'SignedHeader' in the AWS Authorization.", clip(name))
		}
	}
	var b strings.Builder
	for _, name := range signed {
		values := headerValues(r, name)
		if len(values) == 0 {
			return "", refuse(incompleteSignature, "The signed header '%s' is not in the request.", clip(name))
		}
		b.WriteString(name + ":")
		for i, v := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.Join(strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == '\t' }), " "))
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// headerValues returns the values of a header, among them those that net/http
// takes out of the map.
func headerValues(r *http.Request, name string) []string {
	values := r.Header.Values(name)
	switch {
	case name == "host":
		return []string{r.Host}
	case len(values) > 0:
		return values
	case name == "content-length" && r.ContentLength >= 0:
		return []string{strconv.FormatInt(r.ContentLength, 10)}
	case name == "transfer-encoding":
		return r.TransferEncoding
	}
	return nil
}

// escape encodes every byte but the unreserved ones of RFC 3986.
func escape(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// unescape decodes percent escapes; a plus sign is a blank, as it is for those
// who read the query afterwards.
func unescape(s string) (string, bool) {
	if !strings.ContainsAny(s, "%+") {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b.WriteByte(' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(n))
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), true
}
