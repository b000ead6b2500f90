// Package inspectorscan is the API with which Amazon Inspector examines an
// SBOM.
package inspectorscan

import (
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

// raise has no exceptions of its own for what is missing, in conflict or too
// much: the API declares none.
func raise(kind fault.Kind, message string) wire.Exception {
	switch kind {
	case fault.NotFound, fault.Invalid, fault.Conflict, fault.Quota:
		return &ValidationException{Message: message, Reason: ValidationExceptionReasonOther}
	case fault.Denied:
		return &AccessDeniedException{Message: message}
	case fault.Throttle:
		return &ThrottlingException{Message: message}
	case fault.Internal:
	}
	return &InternalServerException{Message: message, Reason: InternalServerExceptionReasonOther}
}
