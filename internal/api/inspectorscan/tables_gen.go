// Code generated from api/inspector-scan.idl by internal/api/generate. DO NOT EDIT.

package inspectorscan

import (
	"context"

	"github.com/assay-project/assay/internal/api/wire"
)

// New returns the API inspector-scan of 2023-08-08, ready to be spoken.
func New() *wire.Service {
	return wire.New(wire.Description{
		Name: "inspector-scan", Protocol: wire.RestJSON, Version: "2023-08-08", Signing: "inspector-scan", Target: "",
		Operations: operations, Enums: enums, Patterns: patterns, Exceptions: exceptions, Invalid: invalid, Raise: raise,
	})
}

// Handlers are the functions that do the operations; nil for what cannot be done.
type Handlers struct {
	ScanSbom func(context.Context, *ScanSbomRequest) (*ScanSbomResponse, error)
}

// ByName returns the handlers by the names of their operations; nil for what cannot be done.
func (h *Handlers) ByName() map[string]wire.Handler {
	return map[string]wire.Handler{
		"ScanSbom": wire.Bind(h.ScanSbom),
	}
}

// Client returns the same functions for the other side: each asks a server through do.
func Client(s *wire.Service, do wire.Caller) *Handlers {
	return &Handlers{
		ScanSbom: wire.Call[ScanSbomRequest, ScanSbomResponse](s, "ScanSbom", do),
	}
}

var operations = []wire.Operation{
	{
		Name: "ScanSbom", Method: "POST", URI: "/scan/sbom", Status: 200, Action: "inspector-scan:ScanSbom", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ScanSbomRequest)(nil), Out: (*ScanSbomResponse)(nil),
	},
}

var exceptions = []wire.Exception{
	(*AccessDeniedException)(nil),
	(*InternalServerException)(nil),
	(*ThrottlingException)(nil),
	(*ValidationException)(nil),
}

var enums = map[string]string{
	"InternalServerExceptionReason": "FAILED_TO_GENERATE_SBOM OTHER",
	"OutputFormat":                  "CYCLONE_DX_1_5 INSPECTOR INSPECTOR_ALT",
	"ValidationExceptionReason":     "UNKNOWN_OPERATION CANNOT_PARSE FIELD_VALIDATION_FAILED UNSUPPORTED_SBOM_TYPE OTHER",
}

var patterns = []wire.Pattern{}
