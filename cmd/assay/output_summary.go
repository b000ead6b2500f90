package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/report"
)

// Limits of a summary, which goes into comments: code hosts take 65,536
// characters of one.
const (
	maxRows     = 25 // of the table
	maxListed   = 5  // of what was not read, of what is gone
	maxCell     = 80 // characters
	maxSentence = 200
)

// severityWords are the severities in sentences, highest first.
var severityWords = []struct {
	severity finding.Severity
	word     string
}{
	{finding.Critical, "critical"},
	{finding.High, "high"},
	{finding.Medium, "medium"},
	{finding.Low, "low"},
	{finding.Informational, "informational"},
	{finding.Untriaged, "untriaged"},
}

// writeSummary writes what matters of a scan in Markdown, for the page of a
// build or for a comment: never more than some 20,000 characters, and what is
// left out is counted.
func writeSummary(w io.Writer, d report.Document, t threshold) error {
	out := bufio.NewWriter(w) // keeps its first error
	failing := t.reached(d)
	fmt.Fprintf(out, "### Assay: %s\n\n", verdict(d, t, len(failing)))
	target := d.Report.Target
	facts := []string{string(target.Kind)}
	if target.Digest != "" {
		facts = append(facts, code(target.Digest[:min(len(target.Digest), len("sha256:")+12)]))
	}
	if name := d.Report.Inventory.OS.Name; name != "" {
		facts = append(facts, code(name))
	}
	fmt.Fprintf(out, "%s · %s · %s\n\n", code(target.Name), strings.Join(facts, " · "), count(len(d.Report.Inventory.Packages), "package"))
	if len(d.Findings) > 0 {
		fmt.Fprintf(out, "%s\n\n", figures(d))
	}
	if b := d.Base; b != nil {
		fresh := b.Count(d.Findings)
		fmt.Fprintf(out, "%d new since %s · %d known · %s\n\n", fresh, code(b.Name), len(d.Findings)-fresh, gone(b.Gone))
	}
	if text := report.SuppressedText(d.Suppressed); text != "" {
		fmt.Fprintf(out, "%s.\n\n", prose(text))
	}
	for i := range d.Ended[:min(len(d.Ended), maxListed)] {
		fmt.Fprintf(out, "%s.\n\n", prose(report.EndedText(&d.Ended[i])))
	}
	summaryTable(out, d, failing)
	summaryProblems(out, d)
	return out.Flush()
}

// verdict says in a few words how the scan ended.
func verdict(d report.Document, t threshold, failing int) string {
	switch {
	case failing > 0:
		return reach(failing) + " " + t.String()
	case t.severity != "":
		return "passed, no finding reaches " + t.String()
	case len(d.Findings) == 0:
		return "no findings"
	}
	return count(len(d.Findings), "finding")
}

// figures counts findings by severity and by what can be done.
func figures(d report.Document) string {
	by := map[finding.Severity]int{}
	fixable, exploited := 0, 0
	for i := range d.Findings {
		f := &d.Findings[i]
		by[f.Severity]++
		if f.Fix != finding.FixNo {
			fixable++
		}
		if f.KEV != nil {
			exploited++
		}
	}
	var parts []string
	for _, s := range severityWords {
		if n := by[s.severity]; n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+s.word)
		}
	}
	text := "**" + count(len(d.Findings), "finding") + "**: " + strings.Join(parts, " · ") + ". Upgrades close " + strconv.Itoa(fixable) + "."
	if exploited > 0 {
		text += " **" + strconv.Itoa(exploited) + " known to be exploited.**"
	}
	return text
}

func gone(ids []string) string {
	if len(ids) == 0 {
		return "0 gone"
	}
	var shown []string
	for _, id := range ids[:min(len(ids), maxListed)] {
		shown = append(shown, code(id))
	}
	text := strconv.Itoa(len(ids)) + " gone: " + strings.Join(shown, ", ")
	if n := len(ids) - len(shown); n > 0 {
		text += " and " + strconv.Itoa(n) + " more"
	}
	return text
}

// summaryTable lists findings: those that fail the scan, then those that are
// new, then the rest, each in the order of the report.
func summaryTable(w io.Writer, d report.Document, failing []finding.Finding) {
	if len(d.Findings) == 0 {
		return
	}
	fails := map[string]bool{} // by ARN
	for i := range failing {
		fails[failing[i].ARN] = true
	}
	rank := func(f *finding.Finding) int {
		switch {
		case fails[f.ARN]:
			return 0
		case d.Base.HasNew(f):
			return 1
		}
		return 2
	}
	rows := slices.Clone(d.Findings)
	slices.SortStableFunc(rows, func(a, b finding.Finding) int { return cmp.Compare(rank(&a), rank(&b)) })
	fmt.Fprintf(w, "| | Severity | Score | Vulnerability | Package | Installed | Fixed in |\n|---|---|---:|---|---|---|---|\n")
	for i := range rows[:min(len(rows), maxRows)] {
		f := &rows[i]
		var marks []string
		if fails[f.ARN] {
			marks = append(marks, "**fails**")
		}
		if d.Base.HasNew(f) {
			marks = append(marks, "new")
		}
		if f.KEV != nil {
			marks = append(marks, "KEV")
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", strings.Join(marks, ", "), f.Severity, scoreCell(f), link(f.Vulnerability, f.SourceURL), packageCells(d, f))
	}
	fmt.Fprintln(w)
	if n := len(rows) - maxRows; n > 0 {
		fmt.Fprintf(w, "… and %s, which the report lists.\n\n", count(n, "more finding"))
	}
}

func scoreCell(f *finding.Finding) string {
	if f.Score.Value == 0 && f.Score.Vector == "" {
		return "-"
	}
	return strconv.FormatFloat(f.Score.Value, 'f', 1, 64)
}

// packageCells shows one package of a finding, a new one if there is one, and
// counts the others.
func packageCells(d report.Document, f *finding.Finding) string {
	i := max(0, slices.IndexFunc(f.Packages, func(p finding.Package) bool { return d.Base.New(f, &p) }))
	p := &f.Packages[i]
	name := code(p.Name) + " " + p.Type
	if n := len(f.Packages) - 1; n > 0 {
		name += " and " + strconv.Itoa(n) + " more"
	}
	fixed := "-"
	if p.Fixed != "" {
		fixed = code(p.Fixed)
	}
	return name + " | " + code(cmp.Or(p.Version, "-")) + " | " + fixed
}

// summaryProblems says what could not be read or judged.
func summaryProblems(w io.Writer, d report.Document) {
	problems := d.Report.Inventory.Problems
	if len(problems) > 0 {
		fmt.Fprintf(w, "**%s: something could not be read, so that packages may be missing**\n\n", count(len(problems), "problem"))
	}
	for _, p := range problems[:min(len(problems), maxListed)] {
		fmt.Fprintf(w, "- %s: %s\n", code(cmp.Or(p.Path, p.Layer, d.Report.Target.Name)), prose(p.Reason))
	}
	if n := len(problems) - maxListed; n > 0 {
		fmt.Fprintf(w, "- and %d more\n", n)
	}
	if len(problems) > 0 {
		fmt.Fprintln(w)
	}
	var subjects []string
	for _, n := range d.Report.Result.Notes {
		if incomplete(n) && !slices.Contains(subjects, n.Subject) {
			subjects = append(subjects, n.Subject)
		}
	}
	for _, s := range subjects[:min(len(subjects), maxListed)] {
		fmt.Fprintf(w, "- The database has nothing about %s, so that its packages were not judged.\n", code(s))
	}
	if len(subjects) > 0 {
		fmt.Fprintln(w)
	}
	if db := d.Report.Database; db != nil && db.Starter {
		fmt.Fprintf(w, "Only the starter set of advisories was asked, a few hundred well-known vulnerabilities.\n\n")
	}
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// reach says how many findings reach what follows.
func reach(n int) string {
	if n == 1 {
		return "1 finding reaches"
	}
	return strconv.Itoa(n) + " findings reach"
}

// clip makes one line of at most n characters of a foreign text.
func clip(s string, n int) string {
	var out []rune
	for _, r := range s {
		switch {
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf):
			r = ' '
		case r == unicode.ReplacementChar:
			r = '?'
		}
		if len(out) == n {
			out[n-1] = '…'
			break
		}
		out = append(out, r)
	}
	return strings.TrimSpace(string(out))
}

// code quotes a foreign text, so that it is neither markup nor the mention of
// a person. A backtick would end the quotation, and a bar the cell.
// Source: GitHub Flavored Markdown, sections 4.10 and 6.3.
func code(s string) string {
	return "`" + strings.NewReplacer("`", "'", "|", `\|`).Replace(cmp.Or(clip(s, maxCell), "-")) + "`"
}

// prose writes a foreign sentence as plain text.
// Source: CommonMark 0.31, section 2.4, "Backslash escapes".
func prose(s string) string {
	var b strings.Builder
	for _, r := range clip(s, maxSentence) {
		if strings.ContainsRune("\\`*_{}[]<>|#!&~@", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

var plainURL = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^https?://[A-Za-z0-9.-]+/[A-Za-z0-9._~/?=&%+-]{0,200}$`)
})

// link names a vulnerability, with its page if the address is a plain one.
func link(id, address string) string {
	if !plainURL().MatchString(address) {
		return code(id)
	}
	return "[" + code(id) + "](" + address + ")"
}
