// Code generated from api/inspector-scan.idl by internal/api/generate. DO NOT EDIT.

package inspectorscan

import (
	"encoding/json"
)

type InternalServerExceptionReason string

const (
	InternalServerExceptionReasonFailedToGenerateSbom InternalServerExceptionReason = "FAILED_TO_GENERATE_SBOM"
	InternalServerExceptionReasonOther                InternalServerExceptionReason = "OTHER"
)

type OutputFormat string

const (
	OutputFormatCycloneDx15  OutputFormat = "CYCLONE_DX_1_5"
	OutputFormatInspector    OutputFormat = "INSPECTOR"
	OutputFormatInspectorAlt OutputFormat = "INSPECTOR_ALT"
)

type ValidationExceptionReason string

const (
	ValidationExceptionReasonUnknownOperation      ValidationExceptionReason = "UNKNOWN_OPERATION"
	ValidationExceptionReasonCannotParse           ValidationExceptionReason = "CANNOT_PARSE"
	ValidationExceptionReasonFieldValidationFailed ValidationExceptionReason = "FIELD_VALIDATION_FAILED"
	ValidationExceptionReasonUnsupportedSbomType   ValidationExceptionReason = "UNSUPPORTED_SBOM_TYPE"
	ValidationExceptionReasonOther                 ValidationExceptionReason = "OTHER"
)

type AccessDeniedException struct {
	Message string `wire:"message* string"`
}

// Error returns the message.
func (e *AccessDeniedException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*AccessDeniedException) Fault() (string, int) { return "AccessDeniedException", 403 }

type InternalServerException struct {
	Message           string                        `wire:"message* string"`
	Reason            InternalServerExceptionReason `wire:"reason* InternalServerExceptionReason"`
	RetryAfterSeconds *int32                        `wire:"retryAfterSeconds int @header=Retry-After"`
}

// Error returns the message.
func (e *InternalServerException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*InternalServerException) Fault() (string, int) { return "InternalServerException", 500 }

type ScanSbomRequest struct {
	Sbom         json.RawMessage `wire:"sbom* document"`
	OutputFormat OutputFormat    `wire:"outputFormat OutputFormat"`
}

type ScanSbomResponse struct {
	Sbom json.RawMessage `wire:"sbom document"`
}

type ThrottlingException struct {
	Message           string `wire:"message* string"`
	RetryAfterSeconds *int32 `wire:"retryAfterSeconds int @header=Retry-After"`
}

// Error returns the message.
func (e *ThrottlingException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ThrottlingException) Fault() (string, int) { return "ThrottlingException", 429 }

type ValidationException struct {
	Message string                     `wire:"message* string"`
	Reason  ValidationExceptionReason  `wire:"reason* ValidationExceptionReason"`
	Fields  []ValidationExceptionField `wire:"fields [ValidationExceptionField]"`
}

// Error returns the message.
func (e *ValidationException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ValidationException) Fault() (string, int) { return "ValidationException", 400 }

type ValidationExceptionField struct {
	Name    string `wire:"name* string"`
	Message string `wire:"message* string"`
}
