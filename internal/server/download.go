package server

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/export"
	"github.com/assay-project/assay/internal/fault"
)

// ReportLinks is a report, and how to load down what is kept of it here.
type ReportLinks struct {
	ID      string                          `json:"id"`
	Kind    export.Kind                     `json:"kind"`
	Format  string                          `json:"format"`
	Status  inspector2.ExternalReportStatus `json:"status"`
	Code    inspector2.ReportingErrorCode   `json:"errorCode,omitempty"`
	Message string                          `json:"errorMessage,omitempty"`
	Bucket  string                          `json:"bucket"`
	Done    int64                           `json:"done"`    // findings or documents written so far
	Skipped int64                           `json:"skipped"` // resources without a list of packages
	Ordered time.Time                       `json:"ordered"`
	Ended   time.Time                       `json:"ended,omitzero"`
	Objects []ReportObject                  `json:"objects"` // none if they went to a bucket
	Next    string                          `json:"next,omitempty"`
}

// ReportList is the reports that an account has ordered, the latest first, with
// no objects.
type ReportList struct {
	Reports []ReportLinks `json:"reports"`
}

// listReports tells which reports of the caller's account are known.
func (s *server) listReports(ctx context.Context, r request) (any, error) {
	out := ReportList{Reports: []ReportLinks{}}
	for _, kind := range []export.Kind{export.Findings, export.SBOMs} {
		list, err := export.Reports(ctx, s.store, kind, r.caller.Account, r.now)
		if err != nil {
			return nil, err
		}
		for _, one := range list {
			out.Reports = append(out.Reports, linksOf(one))
		}
	}
	slices.SortStableFunc(out.Reports, func(a, b ReportLinks) int { return b.Ordered.Compare(a.Ordered) })
	return out, nil
}

func linksOf(found export.Report) ReportLinks {
	return ReportLinks{
		ID: found.ID, Kind: found.Kind, Format: found.Format, Status: found.Status, Code: found.Code, Message: found.Message,
		Bucket: found.To.Bucket, Done: found.Done, Skipped: found.Skipped, Ordered: found.Ordered, Ended: found.Ended,
		Objects: []ReportObject{},
	}
}

// ReportObject is one object of a report.
type ReportObject struct {
	Key     string    `json:"key"` // what it is called
	Size    int64     `json:"size"`
	URL     string    `json:"url"` // where anybody may load it down until then
	Expires time.Time `json:"expires"`
}

// reportLinks tells how far a report of the caller's account is, and where its
// objects are.
func (s *server) reportLinks(ctx context.Context, r request) (any, error) {
	which := export.Report{Kind: export.Findings, Account: r.caller.Account, ID: r.PathValue("id")}
	found, err := export.Find(ctx, s.store, which, r.now)
	if fault.KindOf(err) == fault.NotFound {
		which.Kind = export.SBOMs
		found, err = export.Find(ctx, s.store, which, r.now)
	}
	if err != nil {
		return nil, err
	}
	out := linksOf(found)
	if found.Status != inspector2.ExternalReportStatusSucceeded { // what there is of it may go again
		return out, nil
	}
	list, next, err := export.List(ctx, s.store, found, r.URL.Query().Get("next"))
	if err != nil {
		return nil, err
	}
	for _, k := range list {
		out.Objects = append(out.Objects, ReportObject{
			Key: k.Key, Size: k.Size, URL: s.URL + s.exports.Link(k, r.now), Expires: r.now.Add(export.LinkTime).UTC().Truncate(time.Second),
		})
	}
	out.Next = next
	return out, nil
}

// download answers a link with the object that it names.
func (s *server) download(w http.ResponseWriter, r *http.Request) {
	which, err := s.exports.Linked(r.PathValue, r.URL.Query(), s.front.Now())
	if err != nil {
		plain(w, http.StatusForbidden, err.Error())
		return
	}
	k, content, err := s.exports.Open(r.Context(), which)
	if fault.KindOf(err) == fault.NotFound || errors.Is(err, fs.ErrNotExist) {
		plain(w, http.StatusNotFound, "The report is no longer kept.")
		return
	}
	if err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "opening a report", slog.String("report", which.Report), slog.Any("error", err))
		plain(w, http.StatusInternalServerError, "The report cannot be read.")
		return
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", k.Type)
	h.Set("Content-Length", strconv.FormatInt(k.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(k.Key)}))
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if _, err := io.Copy(w, content); err != nil { // too late to say so; the client must see that it ends too soon
		panic(http.ErrAbortHandler)
	}
}
