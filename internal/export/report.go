// Package export makes the reports that clients order, findings as CSV or JSON
// and the lists of packages of resources, and delivers them: to a bucket, or to
// the place that Assay keeps them in itself.
package export

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// Kind is a kind of report, and of the object that the store keeps of it.
type Kind string

// The kinds of report.
const (
	Findings Kind = "findings-report" // one document with all findings
	SBOMs    Kind = "sbom-export"     // a document for each resource
)

// Own is the name of the bucket that stands for the place where Assay keeps
// reports itself, to be loaded down from there.
const Own = "assay"

// TimeLimit is how long a report may take, from when it was ordered.
// Source: Amazon Inspector User Guide, "Exporting Amazon Inspector findings
// reports".
const TimeLimit = 12 * time.Hour

// atOnce is how many reports of a kind an account may have in the making.
// Source: Amazon Inspector User Guide, "Exporting Amazon Inspector findings
// reports"; for lists of packages it is our own limit.
var atOnce = map[Kind]int{Findings: 1, SBOMs: 10}

// Report is a report that somebody has ordered.
type Report struct {
	Kind    Kind        `json:"-"`
	Account org.Account `json:"-"` // whose it is; what it tells of are the accounts that this one sees
	ID      string      `json:"-"` // a UUID; those of later ones sort after it
	Ordered time.Time   `json:"-"`

	Format   string          `json:"format"` // in the API's words: CSV, JSON, CYCLONEDX_1_4, SPDX_2_3
	To       Destination     `json:"to"`
	Criteria filter.Criteria `json:"criteria,omitempty"` // as they were given, of filter.Finding or filter.Resource

	Status  inspector2.ExternalReportStatus `json:"status"`
	Code    inspector2.ReportingErrorCode   `json:"code,omitempty"`    // of a failed one
	Message string                          `json:"message,omitempty"` // of a failed one, for people
	Done    int64                           `json:"done,omitempty"`    // findings or documents written so far
	Skipped int64                           `json:"skipped,omitempty"` // resources without a list of packages
	Ended   time.Time                       `json:"ended,omitzero"`
}

// Destination is where a report goes.
type Destination struct {
	Bucket string  `json:"bucket"`           // Own, or one of the S3 service
	Prefix *string `json:"prefix,omitempty"` // of the names of objects; nil: none was given
	KMSKey string  `json:"kmsKey,omitempty"` // empty: objects are encrypted as the bucket says
}

// own tells whether the report stays here.
func (d Destination) own() bool { return d.Bucket == Own }

// maxPrefix leaves room for the rest of a name, of which S3 takes 1,024 bytes.
// Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
const maxPrefix = 512

// check refuses what no destination can be.
func (d Destination) check() error {
	if d.Bucket == "" {
		return fault.OnField("s3Destination.bucketName", "must not be empty")
	}
	if p := d.Prefix; p != nil {
		if len(*p) > maxPrefix {
			return fault.OnField("s3Destination.keyPrefix", "has more than %d bytes", maxPrefix)
		}
		if !utf8.ValidString(*p) || strings.ContainsFunc(*p, unicode.IsControl) {
			return fault.OnField("s3Destination.keyPrefix", "has a character that no name may have")
		}
	}
	if !utf8.ValidString(d.KMSKey+d.Bucket) || strings.ContainsRune(d.KMSKey+d.Bucket, 0) {
		return fault.OnField("s3Destination", "has a character that cannot be kept")
	}
	return nil
}

// JobKinds are the kinds of the jobs that make reports.
var JobKinds = map[Kind]string{Findings: "findings_report", SBOMs: "sbom_export"}

// Queue is the queue of these jobs: they may be long.
const Queue = "export"

// Begin orders a report, with Kind, Account, ID, Ordered, Format, To and
// Criteria as given. It is a Conflict if the account has as many in the making
// as it may.
func Begin(ctx context.Context, tx *store.Tx, r Report) error {
	if err := r.To.check(); err != nil {
		return err
	}
	if err := tx.Hold(ctx, r.Account); err != nil {
		return err
	}
	list, err := tx.Objects(ctx, org.Only(r.Account), store.Objects{Kind: string(r.Kind)})
	if err != nil {
		return err
	}
	making := 0
	for _, o := range list {
		other, err := read(o, r.Ordered)
		if err != nil {
			return err
		}
		if other.Status == inspector2.ExternalReportStatusInProgress {
			making++
		}
		if making >= atOnce[r.Kind] {
			return fault.New(fault.Conflict, "Report %s is in progress. Wait for it or cancel it.", other.ID)
		}
	}
	r.Status = inspector2.ExternalReportStatusInProgress
	if err := put(ctx, tx, r); err != nil {
		return err
	}
	return tx.Enqueue(ctx, store.Job{
		Queue: Queue, Kind: JobKinds[r.Kind], Key: r.ID, Account: r.Account, Run: r.Ordered, Priority: 1,
	})
}

// Find returns a report of an account. It is NotFound if there is none.
func Find(ctx context.Context, s *store.Store, which Report, now time.Time) (Report, error) {
	o, err := s.Object(ctx, org.Only(which.Account), string(which.Kind), which.ID)
	if err != nil {
		return Report{}, missing(err, which)
	}
	return read(o, now)
}

func missing(err error, which Report) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.NotFound, "There is no report %s.", which.ID)
	}
	return err
}

// Latest returns the report of its kind that an account ordered last. It is
// NotFound if there is none.
func Latest(ctx context.Context, s *store.Store, kind Kind, account org.Account, now time.Time) (Report, error) {
	list, err := s.Objects(ctx, org.Only(account), store.Objects{Kind: string(kind)})
	if err != nil {
		return Report{}, err
	}
	if len(list) == 0 {
		return Report{}, fault.New(fault.NotFound, "There is no report yet.")
	}
	return read(list[len(list)-1], now)
}

// Reports returns the reports of a kind that an account has ordered and that are
// still known, the latest first.
func Reports(ctx context.Context, s *store.Store, kind Kind, account org.Account, now time.Time) ([]Report, error) {
	list, err := s.Objects(ctx, org.Only(account), store.Objects{Kind: string(kind)})
	if err != nil {
		return nil, err
	}
	out := make([]Report, 0, len(list))
	for _, o := range slices.Backward(list) { // their ids sort by time
		r, err := read(o, now)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Cancel stops a report of an account that is in the making; for one that was
// cancelled before nothing changes. It is NotFound if there is none, and a
// Conflict if it has ended.
func Cancel(ctx context.Context, s *store.Store, which Report, now time.Time) error {
	return s.Update(ctx, func(tx *store.Tx) error {
		r, err := hold(ctx, tx, which, now)
		if err != nil {
			return err
		}
		switch r.Status {
		case inspector2.ExternalReportStatusCancelled:
			return nil
		case inspector2.ExternalReportStatusInProgress:
			r.Status, r.Ended = inspector2.ExternalReportStatusCancelled, now
			return put(ctx, tx, r)
		}
		return fault.New(fault.Conflict, "Report %s is not in progress: it has ended with %s.", r.ID, r.Status)
	})
}

// hold returns a report as it stays until the end of the transaction.
func hold(ctx context.Context, tx *store.Tx, which Report, now time.Time) (Report, error) {
	if err := tx.Hold(ctx, which.Account); err != nil {
		return Report{}, err
	}
	o, err := tx.Object(ctx, org.Only(which.Account), string(which.Kind), which.ID)
	if err != nil {
		return Report{}, missing(err, which)
	}
	return read(o, now)
}

// read returns the report of an object as it is at a time: one that nobody has
// ended within the time limit has failed, even if its job was given up.
func read(o store.Object, now time.Time) (Report, error) {
	r := Report{Kind: Kind(o.Kind), Account: o.Account, ID: o.ID, Ordered: o.Created}
	if err := o.Decode(&r); err != nil {
		return Report{}, err
	}
	if end := r.Ordered.Add(TimeLimit); r.Status == inspector2.ExternalReportStatusInProgress && now.After(end) {
		r.fail(inspector2.ReportingErrorCodeInternalError, tooLong, end)
	}
	return r, nil
}

// tooLong is what is said of a report that was not ready in time.
const tooLong = "The report took longer than 12 hours."

func (r *Report) fail(code inspector2.ReportingErrorCode, message string, now time.Time) {
	r.Status, r.Code, r.Message, r.Ended = inspector2.ExternalReportStatusFailed, code, message, now
}

func put(ctx context.Context, tx *store.Tx, r Report) error {
	o := store.Object{Kind: string(r.Kind), Account: r.Account, ID: r.ID, Created: r.Ordered, Updated: r.Ordered}
	if !r.Ended.IsZero() {
		o.Updated = r.Ended
	}
	return tx.Put(ctx, org.Only(r.Account), o, r)
}

// prefix is what the names of all objects of the report begin with.
func (r *Report) prefix() string {
	if r.To.Prefix == nil {
		return ""
	}
	return *r.To.Prefix
}

// Criteria of a report that names no status are about active findings.
// Source: Amazon Inspector User Guide, "Exporting Amazon Inspector findings
// reports".
func active(given filter.Criteria) filter.Criteria {
	if len(given[statusField]) > 0 {
		return given
	}
	out := filter.Criteria{statusField: filter.Text(filter.Equals, string(store.Active))}
	for field, list := range given {
		out[field] = slices.Clone(list)
	}
	return out
}

const statusField = "findingStatus"

// typeOf is the media type of the documents of a report.
func (r *Report) typeOf() string {
	return cmp.Or(map[string]string{"CSV": "text/csv; charset=utf-8"}[r.Format], "application/json")
}
