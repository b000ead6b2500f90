package export

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// Exporter makes reports and delivers them.
type Exporter struct {
	Store   *store.Store
	Blobs   *store.Blobs // where reports are kept that stay here
	Cloud   store.S3     // with the buckets that others go to
	Version string       // of Assay; may be empty
	Now     func() time.Time
}

// Handlers returns what does the jobs of reports, by their kinds.
func (e Exporter) Handlers() map[string]work.Handler {
	return map[string]work.Handler{
		JobKinds[Findings]: func(ctx context.Context, j *work.Job) error { return e.do(ctx, j, Findings, e.findings) },
		JobKinds[SBOMs]:    func(ctx context.Context, j *work.Job) error { return e.do(ctx, j, SBOMs, e.sboms) },
	}
}

// An order is a report whose job is being done.
type order struct {
	Report
	job  *work.Job
	made []Kept // objects kept here that the store does not list yet
}

// What ends a report early.
var (
	errCancelled = errors.New("the report was cancelled")
	errLate      = errors.New("the report took too long")
	errNoKeys    = errors.New("the server has no credentials for buckets")
)

// nothing is the error of a report that would be empty. Its text is shown.
type nothing struct{ text string }

func (n nothing) Error() string { return n.text }

// A verdict is what is wrong with a destination.
type verdict struct {
	is   error
	code inspector2.ReportingErrorCode
	text string // with the bucket
}

var verdicts = []verdict{
	{errNoKeys, inspector2.ReportingErrorCodeInvalidPermissions, "The server has no credentials with which to write to the bucket %s."},
	{store.ErrNoBucket, inspector2.ReportingErrorCodeBucketNotFound, "There is no bucket %s."},
	{store.ErrDenied, inspector2.ReportingErrorCodeInvalidPermissions, "The server may not write to the bucket %s."},
	{store.ErrRegion, inspector2.ReportingErrorCodeIncompatibleBucketRegion, "The bucket %s is in another region than the server stands for."},
	{store.ErrKMSKey, inspector2.ReportingErrorCodeMalformedKmsKey, "The KMS key cannot be used for the bucket %s."},
}

// do has a report produced, and writes down what became of it. produce begins
// anew, or where it last was, if the process dies under it.
func (e Exporter) do(ctx context.Context, j *work.Job, kind Kind, produce func(ctx context.Context, o *order) error) error {
	r, err := Find(ctx, e.Store, Report{Kind: kind, Account: j.Account, ID: j.Key}, time.Time{})
	if fault.KindOf(err) == fault.NotFound {
		return nil // deleted since
	}
	if err != nil {
		return err
	}
	o := &order{Report: r, job: j}
	if r.Status == inspector2.ExternalReportStatusInProgress {
		err = e.limited(ctx, o, produce)
	} else {
		err = errCancelled
	}
	if ctx.Err() != nil || errors.Is(err, store.ErrLost) {
		return err // another worker has it, or will
	}
	return e.conclude(ctx, o, err)
}

// limited has a report made within the time limit.
func (e Exporter) limited(ctx context.Context, o *order, produce func(ctx context.Context, o *order) error) error {
	ctx, stop := context.WithTimeoutCause(ctx, o.Ordered.Add(TimeLimit).Sub(e.Now()), errLate)
	defer stop()
	err := o.possible()
	if c := e.Cloud.Credentials; err == nil && !o.To.own() && (c.ID == "" || c.Secret == "") {
		err = errNoKeys
	}
	if err == nil {
		err = produce(ctx, o)
	}
	if err != nil && errors.Is(context.Cause(ctx), errLate) {
		return errLate
	}
	return err
}

// conclude writes down how the making of a report ended.
func (e Exporter) conclude(ctx context.Context, o *order, err error) error {
	given, internal := o.Report, false
	switch code, text := o.judge(err); {
	case err == nil:
		o.Status, o.Ended = inspector2.ExternalReportStatusSucceeded, e.Now()
	case errors.Is(err, errCancelled):
		return e.discard(ctx, o.Report)
	case code != "":
		o.fail(code, text, e.Now())
	case o.job.Attempt < o.job.Limit:
		return err // to be tried again
	default:
		internal = true
		o.fail(inspector2.ReportingErrorCodeInternalError, "The report could not be made.", e.Now())
	}
	if o.Status != inspector2.ExternalReportStatusSucceeded {
		if err := e.discard(ctx, given); err != nil {
			return err
		}
		o.made = nil
	}
	save := func(tx *store.Tx) error { return o.save(ctx, tx) }
	var problem error
	if internal { // the job itself is given up, with the reason
		problem = errors.Join(err, e.Store.Update(ctx, save))
	} else {
		problem = o.job.Finish(ctx, save)
	}
	if errors.Is(problem, errCancelled) { // just now
		return e.discard(ctx, o.Report)
	}
	return problem
}

// judge returns what a report that failed is said to have failed of; nothing if
// trying again may help.
func (o *order) judge(err error) (code inspector2.ReportingErrorCode, text string) {
	if errors.Is(err, errLate) {
		return inspector2.ReportingErrorCodeInternalError, tooLong
	}
	if n, ok := errors.AsType[nothing](err); ok {
		return inspector2.ReportingErrorCodeNoFindingsFound, n.text
	}
	for _, v := range verdicts {
		if errors.Is(err, v.is) && !o.To.own() { // what is wrong with our own place is ours to mend
			return v.code, fmt.Sprintf(v.text, o.To.Bucket)
		}
	}
	return "", ""
}

// save keeps how far the report is, if nobody has ended it meanwhile.
func (o *order) save(ctx context.Context, tx *store.Tx) error {
	stored, err := hold(ctx, tx, o.Report, time.Time{})
	if fault.KindOf(err) == fault.NotFound || err == nil && stored.Status != inspector2.ExternalReportStatusInProgress {
		return errCancelled
	}
	if err != nil {
		return err
	}
	for _, k := range o.made {
		if err := k.put(ctx, tx, o.Ordered); err != nil {
			return err
		}
	}
	return put(ctx, tx, o.Report)
}

// bucketForm is what the name of a bucket may be. Old buckets, and those of
// services other than Amazon's, may have capitals and underscores.
// Source: Amazon S3 User Guide, "General purpose bucket naming rules".
var bucketForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$`)
})

// maxKMSKey is the longest id of a key, in bytes.
// Source: AWS KMS API Reference, "Encrypt", KeyId.
const maxKMSKey = 2048

// keyFits tells whether a text may be the id of a KMS key. Services other than
// Amazon's have ids of their own form, with or without the beginning of an ARN.
func keyFits(key string) bool {
	odd := func(c rune) bool { return c <= ' ' || c > '~' }
	if len(key) > maxKMSKey || strings.ContainsFunc(key, odd) {
		return false
	}
	rest, named := strings.CutPrefix(key, "arn:")
	_, rest, _ = strings.Cut(rest, ":")
	id, ofKMS := strings.CutPrefix(rest, "kms:")
	return !named || ofKMS && id != ""
}

// possible refuses a destination to which nothing can be written.
func (o *order) possible() error {
	switch {
	case o.To.own():
		return nil
	case !bucketForm().MatchString(o.To.Bucket):
		return store.ErrNoBucket
	case o.To.KMSKey != "" && !keyFits(o.To.KMSKey):
		return store.ErrKMSKey
	}
	return nil
}
