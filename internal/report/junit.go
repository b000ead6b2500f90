package report

import (
	"cmp"
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/finding"
)

// junitSuites is a report of tests: a suite for each package, a failed test for
// each finding of it.
// Source: JUnit 4 report as Ant's junitreport task and Jenkins read it.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"timestamp,attr,omitempty"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Failure *junitReason `xml:"failure"`
	Skipped *junitReason `xml:"skipped"`
	Out     string       `xml:"system-out,omitempty"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// writeJUnit writes findings as failed tests. What does not count is skipped;
// where nothing is found one test has passed.
func writeJUnit(w io.Writer, d Document) error {
	out := junitSuites{Name: clean(cmp.Or(d.Report.Target.Name, "Assay"))}
	at := ""
	if !d.Now.IsZero() {
		at = d.Now.UTC().Format("2006-01-02T15:04:05")
	}
	suite := func(name string) *junitSuite {
		out.Suites = append(out.Suites, junitSuite{Name: name, Time: at})
		return &out.Suites[len(out.Suites)-1]
	}
	for _, g := range groups(d.Findings) {
		s := suite(clean(strings.TrimSpace(g.typ + " " + g.name + " " + g.version)))
		for _, r := range g.rows {
			s.add(junitCase{Class: s.Name, Name: clean(r.f.Vulnerability), Failure: junitFailure(r)})
		}
	}
	if len(d.Suppressed) > 0 {
		s := suite("not counted")
		for i := range d.Suppressed {
			f := &d.Suppressed[i].Finding
			s.add(junitCase{Class: s.Name, Name: clean(f.Title), Skipped: &junitReason{Message: clean(d.Suppressed[i].because())}})
		}
	}
	if len(d.Ended) > 0 {
		s := suite("end of life")
		for i := range d.Ended {
			s.add(junitCase{Class: s.Name, Name: clean(d.Ended[i].Vulnerability), Skipped: &junitReason{Message: clean(EndedText(&d.Ended[i]))}})
		}
	}
	if n := len(d.Report.Inventory.Problems); n > 0 {
		s := suite("not read")
		for _, p := range d.Report.Inventory.Problems {
			s.add(junitCase{Class: s.Name, Name: clean(cmp.Or(p.Path, p.Layer, "target")), Skipped: &junitReason{Message: clean(p.Reason)}})
		}
	}
	if len(d.Findings) == 0 {
		suite("vulnerabilities").add(junitCase{
			Class: "vulnerabilities", Name: "no findings in " + plural(len(d.Report.Inventory.Packages), "package", "packages"),
		})
	}
	for i := range out.Suites {
		out.Tests += out.Suites[i].Tests
		out.Failures += out.Suites[i].Failures
		out.Skipped += out.Suites[i].Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitFailure(r groupRow) *junitReason {
	what := capital(noFix(r.at[0].Match.State)) + "."
	if r.fixed != "" {
		what = "Fixed in " + r.fixed + "."
	}
	lines := []string{what}
	for _, p := range r.at {
		if p.Remediation != "" {
			lines = append(lines, p.Remediation)
		}
		if p.Path != "" {
			lines = append(lines, p.Path)
		}
	}
	lines = append(lines, r.f.SourceURL)
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return &junitReason{
		Message: clean(junitMessage(r.f)), Type: string(r.f.Severity), Text: strings.TrimSpace(strings.Join(lines, "\n")),
	}
}

func junitMessage(f *finding.Finding) string {
	text := string(f.Severity)
	if scored(f.Score) {
		text += " " + strconv.FormatFloat(f.Score.Value, 'f', 1, 64)
	}
	if line := headline(f); line != "" {
		text += ": " + line
	}
	return text
}
