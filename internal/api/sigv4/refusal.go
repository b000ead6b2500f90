package sigv4

import (
	"fmt"
	"net/http"
)

// A Refusal says why a request is not served. Its text may be shown to the
// caller.
type Refusal struct {
	Exception string // the name of the AWS exception
	Message   string
}

// Error returns the name and the message.
func (r *Refusal) Error() string { return r.Exception + ": " + r.Message }

// Status returns the HTTP status of the answer: 403 for every refusal.
func (*Refusal) Status() int { return http.StatusForbidden }

// The exceptions of signature checks, all with status 403.
// Source: Amazon Inspector API Reference, "Common Errors".
const (
	invalidSignature    = "InvalidSignatureException"
	unrecognizedClient  = "UnrecognizedClientException"
	incompleteSignature = "IncompleteSignatureException"
	expiredToken        = "ExpiredTokenException"
)

func refuse(exception, format string, args ...any) *Refusal {
	return &Refusal{Exception: exception, Message: fmt.Sprintf(format, args...)}
}
