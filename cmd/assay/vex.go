package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/vex"
	"github.com/assay-project/assay/scan"
)

// defaultIgnoreFile is read from the working directory if it is there.
const defaultIgnoreFile = ".assayignore.yaml"

// exceptionFlags say which findings do not count.
type exceptionFlags struct {
	VEX            []string `name:"vex" sep:"none" placeholder:"FILE" help:"Statements on what is not affected or fixed, in OpenVEX, CycloneDX or CSAF; may be repeated, and the latest counts."`
	IgnoreFile     string   `placeholder:"FILE" help:"Findings that are not to count, each with a reason; .assayignore.yaml of the working directory if it is there. \"off\" reads none."`
	ShowSuppressed bool     `help:"List in the table what does not count, and why."`
}

// load reads the files, before anything is scanned.
func (c *exceptionFlags) load(e edge) (scan.Exceptions, error) {
	var out scan.Exceptions
	var err error
	if out.Statements, err = vex.Load(c.VEX...); err != nil {
		return out, err
	}
	file := c.IgnoreFile
	switch file {
	case "off":
		return out, nil
	case "":
		if _, err := os.Stat(defaultIgnoreFile); errors.Is(err, fs.ErrNotExist) {
			return out, nil
		}
		file = defaultIgnoreFile
	}
	if out.Ignores, err = vex.LoadIgnores(file); err != nil {
		return out, err
	}
	if c.IgnoreFile == "" {
		fmt.Fprintf(e.stderr, "%s of the working directory is read: %s (--ignore-file off reads none)\n", file, count(len(out.Ignores), "exception"))
	}
	return out, nil
}

// judge makes the findings of a document of the matches of its report: those
// that count, those that do not, and what is supported no more. The report is
// left with the matches that count.
func judge(ctx context.Context, doc *report.Document, res resource.Resource, except scan.Exceptions, know finding.Knowledge) error {
	judged := except.Judge(&doc.Report)
	doc.Report.Result.Matches, doc.Remarks = judged.Kept, judged.Remarks
	found, err := finding.New(ctx, res, judged.Kept, know, doc.Now)
	if err != nil {
		return err
	}
	doc.Findings, doc.Ended = report.Split(found)
	for _, s := range judged.Suppressed {
		found, err := finding.New(ctx, res, s.Matches, know, doc.Now)
		if err != nil {
			return err
		}
		for _, f := range found {
			doc.Suppressed = append(doc.Suppressed, report.Suppressed{Suppression: s.Suppression, Finding: f})
		}
	}
	report.SortSuppressed(doc.Suppressed)
	return nil
}

// sayExceptions tells what has no effect among the exceptions.
func sayExceptions(e edge, doc report.Document) {
	for _, r := range doc.Remarks {
		fmt.Fprintln(e.stderr, clip(r, maxSentence))
	}
}
