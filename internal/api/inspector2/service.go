// Package inspector2 is the API of Amazon Inspector, version 2, of which
// Amazon's own clients speak the other side.
package inspector2

import (
	"strings"

	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
)

func invalid(message string, violations []wire.Violation) wire.Exception {
	e := &ValidationException{Message: message, Reason: ValidationExceptionReasonFieldValidationFailed}
	for _, v := range violations {
		e.Fields = append(e.Fields, ValidationExceptionField{Name: v.Path, Message: v.Message})
	}
	return e
}

func raise(kind fault.Kind, message string) wire.Exception {
	switch kind {
	case fault.NotFound:
		return &ResourceNotFoundException{Message: message}
	case fault.Invalid:
		return &ValidationException{Message: message, Reason: ValidationExceptionReasonOther}
	case fault.Denied:
		return &AccessDeniedException{Message: message}
	case fault.Conflict:
		return &ConflictException{Message: message}
	case fault.Quota:
		return &ServiceQuotaExceededException{Message: message}
	case fault.Throttle:
		return &ThrottlingException{Message: message}
	case fault.Internal:
	}
	return &InternalServerException{Message: message}
}

// isTagKey stands in for the pattern of tag keys, which looks ahead.
func isTagKey(s string) bool {
	return s != "" && !strings.HasPrefix(s, "aws:") && strings.IndexFunc(s, func(r rune) bool {
		return !isLetter(r) && (r < '+' || r > '=') && r != '.' && r != '_' && r != ':' && r != '/'
	}) < 0
}

// isInstanceURL stands in for the pattern of addresses of GitLab instances,
// which repeats more often than Go's regular expressions can.
func isInstanceURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	return ok && rest != "" && len(rest) <= 1024 && strings.IndexFunc(rest, func(r rune) bool {
		return !isLetter(r) && (r < '0' || r > '9') && !strings.ContainsRune("-()@:%_+.~#?&/=", r)
	}) < 0
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
