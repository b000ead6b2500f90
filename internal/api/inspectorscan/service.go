// Package inspectorscan is the API with which Amazon Inspector examines an
// SBOM.
package inspectorscan

import "github.com/assay-project/assay/internal/api/wire"

func invalid(message string, violations []wire.Violation) wire.Exception {
	e := &ValidationException{Message: message, Reason: ValidationExceptionReasonFieldValidationFailed}
	for _, v := range violations {
		e.Fields = append(e.Fields, ValidationExceptionField{Name: v.Path, Message: v.Message})
	}
	return e
}

// raise has no exceptions of its own for what is missing, in conflict or too
// much: the API declares none.
func raise(kind wire.Kind, message string) wire.Exception {
	switch kind {
	case wire.NotFound, wire.Invalid, wire.Conflict, wire.Quota:
		return &ValidationException{Message: message, Reason: ValidationExceptionReasonOther}
	case wire.Denied:
		return &AccessDeniedException{Message: message}
	case wire.Throttle:
		return &ThrottlingException{Message: message}
	case wire.Internal:
	}
	return &InternalServerException{Message: message, Reason: InternalServerExceptionReasonOther}
}
