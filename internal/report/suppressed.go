package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/vex"
	"github.com/assay-project/assay/scan"
)

// Suppressed is a finding, or those of its packages, that a statement or an
// entry of an ignore file takes out of the count.
type Suppressed struct {
	scan.Suppression

	Finding finding.Finding
}

// Split takes the findings that say that the maker repairs a release no more
// from those that count.
func Split(findings []finding.Finding) (counted, ended []finding.Finding) {
	counted = findings[:0:0]
	for i := range findings {
		if findings[i].Kind == advisory.Unsupported {
			ended = append(ended, findings[i])
		} else {
			counted = append(counted, findings[i])
		}
	}
	return counted, ended
}

// SortSuppressed puts suppressed findings into the order of findings: by
// severity, score (highest first) and vulnerability, and then by their source.
func SortSuppressed(list []Suppressed) {
	slices.SortStableFunc(list, func(a, b Suppressed) int {
		return cmp.Or(
			cmp.Compare(rank(a.Finding.Severity), rank(b.Finding.Severity)),
			cmp.Compare(b.Finding.Score.Value, a.Finding.Score.Value),
			cmp.Compare(a.Finding.Vulnerability, b.Finding.Vulnerability),
			cmp.Compare(a.Source, b.Source),
		)
	})
}

// Matched returns all findings, those that do not count too.
func (d Document) Matched() []finding.Finding {
	out := slices.Clone(d.Findings)
	for i := range d.Suppressed {
		out = append(out, d.Suppressed[i].Finding)
	}
	return out
}

// because says why a suppressed finding does not count.
func (s *Suppressed) because() string {
	text := strings.ReplaceAll(string(s.Status), "_", " ")
	if s.Justification != "" {
		text += " (" + strings.ReplaceAll(s.Justification, "_", " ") + ")"
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	if !s.Expires.IsZero() {
		text += ", until " + day(s.Expires)
	}
	return text
}

// SuppressedText counts findings that do not count by their status; empty if
// there are none.
func SuppressedText(list []Suppressed) string {
	if len(list) == 0 {
		return ""
	}
	counts := map[vex.Status]int{}
	for i := range list {
		counts[list[i].Status]++
	}
	var parts []string
	for _, w := range []struct {
		status vex.Status
		word   string
	}{{vex.NotAffected, "not affected"}, {vex.Fixed, "fixed"}, {scan.Ignored, "ignored"}} {
		if n := counts[w.status]; n > 0 {
			parts = append(parts, plural(n, w.word, w.word))
		}
	}
	return plural(len(list), "more finding does not count", "more findings do not count") + ": " + strings.Join(parts, " · ")
}

// EndedText says that a release is repaired no more.
func EndedText(f *finding.Finding) string {
	var names []string
	for i := range f.Packages {
		p := &f.Packages[i]
		name := strings.TrimSpace(p.Name + " " + p.Version)
		if p.Path != "" && p.Type != "platform" {
			name += " (" + p.Path + ")"
		}
		names = append(names, name)
	}
	text := cmp.Or(some(names, maxSubjects), f.Vulnerability) + " is supported no more"
	if !f.Published.IsZero() {
		text += " since " + day(f.Published)
	}
	return text + ", so that new vulnerabilities in it are neither repaired nor always published"
}
