package feed

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// Reasons for which rows of EPSS are rejected.
const (
	rejectRow    = "not a row of a CVE, a score and a percentile"
	rejectColumn = "not a probability"
	// The whole file is rejected where these are met.
	rejectNoDay   = "the day of the scores is not stated"
	rejectColumns = "the columns are not cve, epss and percentile"
)

// The EPSS file begins with a remark that names model and day, and the names
// of the columns:
//
//	#model_version:v2025.03.14,score_date:2025-08-20T00:00:00Z
//	cve,epss,percentile
//
// Files of before 2021 have no remark. Source: FIRST, "EPSS Data and
// Statistics", "Data".
const epssColumns = "cve,epss,percentile"

func isEPSS(line []byte) bool {
	line = bytes.TrimSpace(line)
	return bytes.HasPrefix(line, []byte("#model_version:")) || string(line) == epssColumns
}

func readEPSS(ctx context.Context, s Source, yield func(Record, error) bool) {
	err := readOne(s, func(r *bufio.Reader) error { return epssRows(ctx, r, yield) })
	if err != nil && !errors.Is(err, errStopped) {
		yield(Record{}, fmt.Errorf("reading %s: %w", s.Path, err))
	}
}

func epssRows(ctx context.Context, r io.Reader, yield func(Record, error) bool) error {
	lines := scanLines(r)
	var model advisory.EPSS // with the day and the model of all rows
	columns := false
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "":
			continue
		case strings.HasPrefix(line, "#"):
			if model = epssModel(line[1:]); model.Date.IsZero() {
				yield(Record{}, &Rejected{ID: fmt.Sprintf("line %d", n), Reason: rejectNoDay, Detail: clip(line, maxName)})
				return errStopped
			}
			continue
		case !columns && line == epssColumns:
			columns = true
			continue
		case !columns:
			yield(Record{}, &Rejected{ID: fmt.Sprintf("line %d", n), Reason: rejectColumns, Detail: clip(line, maxName)})
			return errStopped
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		e, reason := epssRow(line, model)
		if reason != "" {
			if !yield(Record{}, &Rejected{ID: fmt.Sprintf("line %d", n), Reason: reason, Detail: clip(line, maxName)}) {
				return errStopped
			}
			continue
		}
		if !yield(Record{Enrichment: e}, nil) {
			return errStopped
		}
	}
	return lines.Err()
}

// epssModel reads the remark.
func epssModel(remark string) advisory.EPSS {
	var e advisory.EPSS
	for field := range strings.SplitSeq(remark, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), ":")
		switch key {
		case "model_version":
			e.Model = clip(value, maxID)
		case "score_date":
			e.Date, _ = parseDate(value) // a day that cannot be read is not known
		}
	}
	return e
}

// epssRow reads one row, or says why it cannot.
func epssRow(line string, model advisory.EPSS) (e *advisory.Enrichment, reason string) {
	id, rest, ok := strings.Cut(line, ",")
	score, percentile, ok2 := strings.Cut(rest, ",")
	switch {
	case !ok || !ok2:
		return nil, rejectRow
	case !isCVE(id):
		return nil, rejectCVE
	}
	var err1, err2 error
	model.Score, err1 = strconv.ParseFloat(score, 64)
	model.Percentile, err2 = strconv.ParseFloat(percentile, 64)
	inside := func(f float64) bool { return f >= 0 && f <= 1 }
	if err1 != nil || err2 != nil || !inside(model.Score) || !inside(model.Percentile) {
		return nil, rejectColumn
	}
	return &advisory.Enrichment{CVE: strings.Clone(id), EPSS: &model}, ""
}
