// Package report writes what a scan found: for people, for other programs, and
// in the formats of others.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/scan"
)

// Document is all that a report is made of. Writing changes none of it.
type Document struct {
	Report   scan.Report
	Findings []finding.Finding // as finding.New sorts them
	// Suppressed are the findings that do not count, and Ended what is supported
	// no more: neither is a vulnerability that counts.
	Suppressed []Suppressed
	Ended      []finding.Finding
	Remarks    []string  // of what has no effect among the exceptions, for people
	Base       *Base     // what the findings are compared with; nil if with nothing
	Now        time.Time // the stated time of machine formats
	Scanned    time.Time // when the target was read, for people; zero if it is not to be told
	Version    string    // of Assay; may be empty
	Color      bool      // escape sequences for colours in the table
	Width      int       // columns of the table; 0 for the default

	ShowSuppressed bool // list them in the table too
}

// Format is one way to write a report.
type Format struct {
	Name        string // as on the command line
	Extension   string // of a file, with its dot
	Description string // one line
	Inventory   bool   // also says something of packages that were matched with nothing
	write       func(w io.Writer, d Document) error
}

// Formats lists all formats, the one for people first.
var Formats = []Format{
	{"table", ".txt", "a table for people", true, writeTable},
	{"html", ".html", "one page for people, to open, hand on or print", true, writeHTML},
	{"json", ".json", "everything that is known, with the reason of each match", true, writeJSON},
	{"inspector", ".json", "findings as Amazon Inspector's API returns them", false, writeInspector},
	{"csv", ".csv", "the columns of Amazon Inspector's findings report", false, writeCSV},
	{"sarif", ".sarif", "SARIF 2.1.0, for code hosts and editors", false, writeSARIF},
	{"cyclonedx", ".cdx.json", "CycloneDX 1.5: the packages and their vulnerabilities", true, writeCycloneDX},
	{"openvex", ".openvex.json", "OpenVEX 0.2.0: what is affected, and what is not and why", false, writeOpenVEX},
	{"cyclonedx-vex", ".vex.cdx.json", "CycloneDX 1.5 VEX: the same, with the packages concerned", false, writeCycloneDXVEX},
	{"gitlab", ".gitlab.json", "GitLab's report of container or dependency scanning", false, writeGitLab},
	{"junit", ".xml", "JUnit XML, for test reports", false, writeJUnit},
	{"spdx", ".spdx.json", "SPDX 2.3: the packages, with references to advisories", true, writeSPDX},
}

// Write writes a report in the format of that name. An unknown name is an
// error before anything is written.
func Write(w io.Writer, format string, d Document) error {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == format })
	if i < 0 {
		return fmt.Errorf("format %q must be one of %s", format, strings.Join(names(), ", "))
	}
	if err := Formats[i].write(w, d); err != nil {
		return fmt.Errorf("writing %s: %w", format, err)
	}
	return nil
}

func names() []string {
	var out []string
	for _, f := range Formats {
		out = append(out, f.Name)
	}
	return out
}
