// Package sbomscan does the operation of Amazon Inspector's Scan API: it
// examines an SBOM that the caller brings, and keeps nothing of it.
package sbomscan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/match"
)

// Operations does the operation. One value serves all callers.
type Operations struct {
	// Knowledge returns the advisory database of now, and what is to be called
	// when it is used no more. The next call may return another one.
	Knowledge func() (Knowledge, func())
	Version   string // of Assay; may be empty
	Now       func() time.Time
}

// Knowledge is what an advisory database answers.
type Knowledge interface {
	match.Advisories
	finding.Knowledge
}

// Handlers returns what does the operation.
func (o Operations) Handlers() inspectorscan.Handlers {
	return inspectorscan.Handlers{ScanSbom: o.scanSBOM}
}

// scanSBOM examines the CycloneDX document of the request. The same document
// gives the same answer as long as the advisories are the same, but for the
// serial number and the time of a CycloneDX answer.
func (o Operations) scanSBOM(ctx context.Context, in *inspectorscan.ScanSbomRequest) (*inspectorscan.ScanSbomResponse, error) {
	doc, err := readDocument(in.Sbom)
	if err != nil {
		return nil, err
	}
	know, done := o.Knowledge()
	defer done()
	now := o.Now().UTC()
	found, err := examine(ctx, doc, know, now)
	if err != nil {
		return nil, failed("examining an SBOM", err)
	}
	var out []byte
	switch in.OutputFormat {
	// What sets the second apart from the first is documented nowhere.
	case inspectorscan.OutputFormatInspector, inspectorscan.OutputFormatInspectorAlt:
		out, err = inspectorAnswer(doc, found)
	default:
		serial, e := uuid.NewRandom()
		if e != nil {
			return nil, failed("numbering an SBOM", e)
		}
		out, err = cycloneDXAnswer(doc, found, edition{"urn:uuid:" + serial.String(), o.Version, now})
	}
	if err != nil {
		return nil, failed("writing an SBOM", err)
	}
	return &inspectorscan.ScanSbomResponse{Sbom: out}, nil
}

// failed is an error that is not the caller's. Its own text is for the log.
func failed(doing string, err error) error {
	return errors.Join(&inspectorscan.InternalServerException{
		Message: "The SBOM could not be examined.", Reason: inspectorscan.InternalServerExceptionReasonFailedToGenerateSbom,
	}, fmt.Errorf("%s: %w", doing, err))
}
