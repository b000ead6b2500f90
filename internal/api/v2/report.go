package v2

import (
	"context"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/export"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/store"
)

// reportHandlers are the operations on reports of findings and exports of lists
// of packages. The jobs that they order are done by package export.
func (o Operations) reportHandlers(h *inspector2.Handlers) {
	h.CreateFindingsReport = o.createFindingsReport
	h.GetFindingsReportStatus = o.findingsReportStatus
	h.CancelFindingsReport = o.cancelFindingsReport
	h.CreateSbomExport = o.createSBOMExport
	h.GetSbomExport = o.sbomExport
	h.CancelSbomExport = o.cancelSBOMExport
}

// createFindingsReport orders a report of the findings that fit. While another
// one of the account is in the making it is refused, which the model has no
// exception for but the one for invalid requests.
func (o Operations) createFindingsReport(ctx context.Context, in *inspector2.CreateFindingsReportRequest) (*inspector2.CreateFindingsReportResponse, error) {
	where, err := criteria("filterCriteria", in.FilterCriteria)
	if err != nil {
		return nil, err
	}
	id, err := o.order(ctx, export.Report{
		Kind: export.Findings, Format: string(in.ReportFormat), To: destinationOf(in.S3Destination), Criteria: where,
	})
	return &inspector2.CreateFindingsReportResponse{ReportID: id}, err
}

// findingsReportStatus tells how far a report is; the latest one if none is
// named.
func (o Operations) findingsReportStatus(ctx context.Context, in *inspector2.GetFindingsReportStatusRequest) (*inspector2.GetFindingsReportStatusResponse, error) {
	var r export.Report
	var err error
	if in.ReportID == "" {
		r, err = export.Latest(ctx, o.Store, export.Findings, api.CallerOf(ctx).Account, o.Now())
	} else {
		r, err = export.Find(ctx, o.Store, ordered(ctx, export.Findings, in.ReportID), o.Now())
	}
	if err != nil {
		return nil, err
	}
	out := &inspector2.GetFindingsReportStatusResponse{
		ReportID: r.ID, Status: r.Status, ErrorCode: r.Code, ErrorMessage: r.Message, Destination: destination(r.To),
	}
	out.FilterCriteria, err = given[inspector2.FilterCriteria](r.Criteria)
	return out, err
}

func (o Operations) cancelFindingsReport(ctx context.Context, in *inspector2.CancelFindingsReportRequest) (*inspector2.CancelFindingsReportResponse, error) {
	err := export.Cancel(ctx, o.Store, ordered(ctx, export.Findings, in.ReportID), o.Now())
	return &inspector2.CancelFindingsReportResponse{ReportID: in.ReportID}, err
}

// createSBOMExport orders a list of packages of each resource that fits.
func (o Operations) createSBOMExport(ctx context.Context, in *inspector2.CreateSbomExportRequest) (*inspector2.CreateSbomExportResponse, error) {
	where, err := criteria("resourceFilterCriteria", in.ResourceFilterCriteria)
	if err != nil {
		return nil, err
	}
	id, err := o.order(ctx, export.Report{
		Kind: export.SBOMs, Format: string(in.ReportFormat), To: destinationOf(in.S3Destination), Criteria: where,
	})
	return &inspector2.CreateSbomExportResponse{ReportID: id}, err
}

func (o Operations) sbomExport(ctx context.Context, in *inspector2.GetSbomExportRequest) (*inspector2.GetSbomExportResponse, error) {
	r, err := export.Find(ctx, o.Store, ordered(ctx, export.SBOMs, in.ReportID), o.Now())
	if err != nil {
		return nil, err
	}
	out := &inspector2.GetSbomExportResponse{
		ReportID: r.ID, Format: inspector2.SbomReportFormat(r.Format), Status: r.Status, ErrorCode: r.Code, ErrorMessage: r.Message,
		S3Destination: destination(r.To),
	}
	out.FilterCriteria, err = given[inspector2.ResourceFilterCriteria](r.Criteria)
	return out, err
}

func (o Operations) cancelSBOMExport(ctx context.Context, in *inspector2.CancelSbomExportRequest) (*inspector2.CancelSbomExportResponse, error) {
	err := export.Cancel(ctx, o.Store, ordered(ctx, export.SBOMs, in.ReportID), o.Now())
	return &inspector2.CancelSbomExportResponse{ReportID: in.ReportID}, err
}

// order orders a report for the caller's account and returns its id.
func (o Operations) order(ctx context.Context, r export.Report) (string, error) {
	var err error
	if r.ID, err = newID(); err != nil {
		return "", err
	}
	r.Account, r.Ordered = api.CallerOf(ctx).Account, o.Now()
	return r.ID, o.Store.Update(ctx, func(tx *store.Tx) error { return export.Begin(ctx, tx, r) })
}

// ordered names a report of the caller's account.
func ordered(ctx context.Context, kind export.Kind, id string) export.Report {
	return export.Report{Kind: kind, Account: api.CallerOf(ctx).Account, ID: id}
}

func destinationOf(d inspector2.Destination) export.Destination {
	return export.Destination{Bucket: d.BucketName, Prefix: d.KeyPrefix, KMSKey: d.KmsKeyARN}
}

func destination(d export.Destination) *inspector2.Destination {
	return &inspector2.Destination{BucketName: d.Bucket, KeyPrefix: d.Prefix, KmsKeyARN: d.KMSKey}
}

// given returns criteria as a request had them; nil if it had none.
func given[C any](where filter.Criteria) (*C, error) {
	if len(where) == 0 {
		return nil, nil //nolint:nilnil // none were given
	}
	out, err := criteriaOf[C](where)
	return &out, err
}
