package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/inspector2/types"
)

// here is the bucket that stands for the place where the server keeps reports
// itself.
func here() *types.Destination {
	return &types.Destination{BucketName: aws.String("assay"), KeyPrefix: aws.String("daily/"), KmsKeyArn: aws.String(kmsKey)}
}

// stuck returns an account of a server whose S3 never answers, so that reports
// stay in the making.
func (b *bench) stuck() *bench {
	b.t.Helper()
	s3 := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the end of the connection would not be seen
		<-r.Context().Done()
	}))
	b.t.Cleanup(s3.Close)
	r := start(b.t, func(c *Config) { c.S3Endpoint, c.S3PathStyle = s3.URL, true }, nil)
	other := r.newAccount(b.t, b.trail)
	other.scan(other.image(flawed))
	return other
}

func away() *types.Destination {
	return &types.Destination{BucketName: aws.String("elsewhere"), KmsKeyArn: aws.String(kmsKey)}
}

// settled asks until what it is told is not that a report is in the making.
func (b *bench) settled(ask func() string) string {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if got := ask(); got != string(types.ExternalReportStatusInProgress) {
			return got
		}
		select {
		case <-tick.C:
		case <-b.ctx().Done():
			b.t.Fatal("the report is not made")
		}
	}
}

// reported returns how far the latest report is.
func (b *bench) reported() string {
	out, err := b.v2.GetFindingsReportStatus(b.ctx(), &sdk.GetFindingsReportStatusInput{})
	if is[*types.ResourceNotFoundException](err) {
		return "none"
	}
	return string(must(out, err).Status)
}

func (b *bench) report(to *types.Destination) *string {
	return must(b.v2.CreateFindingsReport(b.ctx(), &sdk.CreateFindingsReportInput{
		ReportFormat: types.ReportFormatCsv, S3Destination: to, FilterCriteria: named(oneOfThem),
	})).ReportId
}

// exported returns how far an export is.
func (b *bench) exported(id *string) func() string {
	return func() string {
		return string(must(b.v2.GetSbomExport(b.ctx(), &sdk.GetSbomExportInput{ReportId: id})).Status)
	}
}

func (b *bench) export(to *types.Destination) *string {
	return must(b.v2.CreateSbomExport(b.ctx(), &sdk.CreateSbomExportInput{ReportFormat: types.SbomReportFormatCyclonedx14, S3Destination: to})).ReportId
}

func (b *bench) cancelExport(id *string) func() {
	return func() { must(b.v2.CancelSbomExport(b.ctx(), &sdk.CancelSbomExportInput{ReportId: id})) }
}

const (
	making    = string(types.ExternalReportStatusInProgress)
	made      = string(types.ExternalReportStatusSucceeded)
	cancelled = string(types.ExternalReportStatusCancelled)
)

var reports = []operation{
	{"inspector2", "CreateFindingsReport", works, "writes findings as CSV or JSON into a bucket, or keeps them here: bucket `assay`", "", func(b *bench) {
		b.scan(b.image(flawed))
		b.turns(func() string { return b.settled(b.reported) }, "none", func() { b.report(here()) }, made)
	}},
	{"inspector2", "GetFindingsReportStatus", works, "tells how far a report is; the latest one if none is named", "", func(b *bench) {
		b.scan(b.image(flawed))
		b.turns(func() string { return b.settled(b.reported) }, "none", func() { b.report(here()) }, made)
	}},
	{"inspector2", "CancelFindingsReport", works, "ends one that is in the making", "", func(b *bench) {
		s := b.stuck()
		id := s.report(away())
		b.turns(s.reported, making, func() {
			must(s.v2.CancelFindingsReport(b.ctx(), &sdk.CancelFindingsReportInput{ReportId: id}))
		}, cancelled)
	}},
	{"inspector2", "CreateSbomExport", works, "writes the packages of each resource as CycloneDX or SPDX into a bucket, or keeps them here: bucket `assay`", "", func(b *bench) {
		b.scan(b.image(flawed))
		id := b.export(here())
		if got := b.settled(b.exported(id)); got != made {
			b.t.Errorf("export: %s", got)
		}
		// An account may have ten in the making.
		s := b.stuck()
		first := s.export(away())
		for range 9 {
			s.export(away())
		}
		b.turns(func() string {
			return refused(s.v2.CreateSbomExport(b.ctx(), &sdk.CreateSbomExportInput{ReportFormat: types.SbomReportFormatSpdx23, S3Destination: away()}))
		}, "ValidationException", s.cancelExport(first), "")
	}},
	{"inspector2", "GetSbomExport", works, "tells how far an export is", "", func(b *bench) {
		s := b.stuck()
		id := s.export(away())
		b.turns(s.exported(id), making, s.cancelExport(id), cancelled)
	}},
	{"inspector2", "CancelSbomExport", works, "ends one that is in the making", "", func(b *bench) {
		s := b.stuck()
		id := s.export(away())
		b.turns(s.exported(id), making, s.cancelExport(id), cancelled)
	}},
}
