package feed

import (
	"context"
	"errors"
	"time"
)

// Reasons that several formats share. The others are beside their format.
const (
	rejectSize   = "larger than a record may be"
	rejectFile   = "not a file of records"
	rejectBroken = "the file is damaged"
	rejectJSON   = "not a JSON record of this feed"
	rejectType   = "a field of another type than the format has"
	rejectCVE    = "not a CVE"
	rejectDate   = "not a date"
	rejectYear   = "a date out of range"
	rejectMore   = "more parts are rejected than are listed"
)

// maxParts is how many rejected parts of one record are listed.
const maxParts = 100

// errStopped says that the caller wants no more records.
var errStopped = errors.New("stopped")

// outcome is a record or a rejection.
type outcome struct {
	record Record
	err    error
}

// refused is the only outcome of what is rejected as a whole.
func refused(id, reason, detail string) []outcome {
	return []outcome{{err: &Rejected{ID: id, Reason: reason, Detail: clip(detail, maxName)}}}
}

// send yields outcomes. It returns false if the caller wants no more.
func send(yield func(Record, error) bool, list []outcome) bool {
	for _, o := range list {
		if !yield(o.record, o.err) {
			return false
		}
	}
	return true
}

// eachDocument yields what parse makes of each JSON record of a source. It
// returns false if the caller wants no more or the source cannot be read on.
func eachDocument(ctx context.Context, s Source, yield func(Record, error) bool, parse func(document) []outcome) bool {
	for doc, err := range documents(ctx, s) {
		if err != nil {
			_, rejected := errors.AsType[*Rejected](err)
			if !yield(Record{}, err) || !rejected {
				return false
			}
			continue
		}
		if !send(yield, parse(doc)) {
			return false
		}
	}
	return true
}

// rejects collects what of one record is rejected.
type rejects struct {
	id    string
	parts []*Rejected
}

// add notes a part that is rejected, the same one once. After maxParts it only
// says that there are more.
func (r *rejects) add(reason, detail string) {
	if len(r.parts) >= maxParts {
		reason, detail = rejectMore, ""
	}
	detail = clip(detail, maxName)
	for _, p := range r.parts {
		if p.Reason == reason && p.Detail == detail {
			return
		}
	}
	r.parts = append(r.parts, &Rejected{ID: r.id, Reason: reason, Detail: detail, Part: true})
}

// whole returns one rejection of the whole record in place of its parts.
func (r *rejects) whole(reason, detail string) rejects {
	return rejects{r.id, []*Rejected{{ID: r.id, Reason: reason, Detail: clip(detail, maxName)}}}
}

// zeroTime is how programs in Go write that a time is not known; all records of
// the Go vulnerability database have it for their last change.
const zeroTime = "0001-01-01T00:00:00Z"

// date reads a date; the zero time stands for none.
func (r *rejects) date(s string) time.Time {
	if s == zeroTime {
		s = ""
	}
	t, ok := parseDate(s)
	switch {
	case !ok:
		r.add(rejectDate, s)
	case t.IsZero() && s != "":
		r.add(rejectYear, s)
	}
	return r.sane(t)
}

// The years of dates that can be right: the first CVE is of 1999 and tells of
// flaws of the years before; nothing is published in a century to come. What
// is later than the time of a build is for the build to see.
const (
	firstYear = 1988 // of the first worm
	lastYear  = 2099
)

// sane returns a date, or the zero time if it is out of range.
func (r *rejects) sane(t time.Time) time.Time {
	if !t.IsZero() && (t.Year() < firstYear || t.Year() > lastYear) {
		r.add(rejectYear, t.Format(time.DateOnly))
		return time.Time{}
	}
	return t
}

// outcomes returns the rejected parts and then what else there is.
func (r *rejects) outcomes(rest ...outcome) []outcome {
	out := make([]outcome, 0, len(r.parts)+len(rest))
	for _, p := range r.parts {
		out = append(out, outcome{err: p})
	}
	return append(out, rest...)
}
