package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/report"
)

// A baseline is what was found before: the findings that are not new.
type baseline struct {
	name     string
	kind     artifact.Kind // of the target; empty if the baseline cannot be of another kind
	left     int           // vulnerabilities that matched and that it does not list
	findings []former
}

// A former finding is one of a baseline. It is known by any of its ids at any
// of its spots.
type former struct {
	ids []string
	at  []spot
}

// A spot is a package of a target, whatever its version.
type spot struct {
	family string // what names the package manager: the purl type, or the API's word
	name   string
	path   string // in the target; empty if it has none
}

// maxBaseline bounds a baseline, in bytes: a report of a million packages is
// less.
const maxBaseline = 1 << 30

// openBaseline reads the JSON report of an earlier scan.
func openBaseline(path string) (baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return baseline{}, fmt.Errorf("reading baseline: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := readBaseline(io.LimitReader(f, maxBaseline))
	if err != nil {
		return baseline{}, fmt.Errorf("reading baseline %s: %w", path, err)
	}
	b.name = path
	return b, nil
}

// readBaseline reads what counts of a JSON report, whose members are described
// in doc/report-json.md.
func readBaseline(r io.Reader) (baseline, error) {
	var doc struct {
		Schema   string
		Target   struct{ Kind artifact.Kind }
		Database *struct{}
		Summary  struct{ NotReported int }
		Findings []struct {
			Vulnerability string
			Aliases       []string
			Packages      []struct{ Type, Name, Path string }
		}
	}
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
		return baseline{}, fmt.Errorf("it is no JSON report, which \"assay scan TARGET -o json=FILE\" writes: %w", err)
	}
	if doc.Schema != "assay.report/1" {
		return baseline{}, errors.New("it is no JSON report, which \"assay scan TARGET -o json=FILE\" writes: its schema is not assay.report/1")
	}
	if doc.Database == nil {
		return baseline{}, errors.New("it lists packages without findings, as \"assay sbom\" does: \"assay scan\" makes a baseline")
	}
	out := baseline{kind: doc.Target.Kind, left: doc.Summary.NotReported}
	for _, f := range doc.Findings {
		was := former{ids: append([]string{f.Vulnerability}, f.Aliases...)}
		for _, p := range f.Packages {
			was.at = append(was.at, spot{p.Type, p.Name, p.Path})
		}
		out.findings = append(out.findings, was)
	}
	return out, nil
}

// spots returns where the packages of a finding are, in their order, as JSON
// reports name them.
func spots(f *finding.Finding) []spot {
	var out []spot
	for i := range f.Packages {
		p := &f.Packages[i]
		out = append(out, spot{p.Type, p.Name, p.Path})
	}
	return out
}

// compare tells which packages of findings the baseline has, and what it has
// that the findings do not. at names the packages of a finding in the way of
// the baseline.
func (b baseline) compare(findings []finding.Finding, at func(*finding.Finding) []spot) *report.Base {
	type sighting struct {
		id string
		spot
	}
	before := map[sighting]int{}
	for i, f := range b.findings {
		for _, id := range f.ids {
			for _, p := range f.at {
				before[sighting{id, p}] = i
			}
		}
	}
	out := &report.Base{Name: b.name, Known: map[report.Occurrence]bool{}}
	here := make([]bool, len(b.findings))
	for i := range findings {
		f := &findings[i]
		ids := append([]string{f.Vulnerability}, f.Aliases...)
		for j, p := range at(f) {
			for _, id := range ids {
				if k, ok := before[sighting{id, p}]; ok {
					here[k] = true
					out.Known[report.OccurrenceOf(f, &f.Packages[j])] = true
				}
			}
		}
	}
	for i, f := range b.findings {
		if !here[i] && !slices.Contains(out.Gone, f.ids[0]) {
			out.Gone = append(out.Gone, f.ids[0])
		}
	}
	slices.Sort(out.Gone)
	return out
}

// A threshold says which findings make a scan fail; the zero threshold says
// that none does.
type threshold struct {
	severity finding.Severity // this or above; empty: none
	fixable  bool             // only where an upgrade closes it
	fresh    bool             // only where the baseline does not have it
}

// levels are the severities that --severity and --fail-on take, the lowest
// first.
func levels() []string { return []string{"low", "medium", "high", "critical"} }

// parseThreshold reads LEVEL[,fixable][,new].
func parseThreshold(s string) (threshold, error) {
	var t threshold
	if s == "" {
		return t, nil
	}
	level, conditions, more := strings.Cut(s, ",")
	if level = strings.ToLower(level); !slices.Contains(levels(), level) {
		return t, fmt.Errorf("--fail-on must be one of low, medium, high, critical, and may go on with ,fixable and ,new: it is %q", s)
	}
	t.severity = finding.Severity(strings.ToUpper(level))
	for more {
		var word string
		word, conditions, more = strings.Cut(conditions, ",")
		switch word {
		case "fixable":
			t.fixable = true
		case "new":
			t.fresh = true
		default:
			return t, fmt.Errorf("--fail-on %s: condition %q must be one of fixable, new", s, word)
		}
	}
	return t, nil
}

// String returns what parseThreshold reads.
func (t threshold) String() string {
	s := strings.ToLower(string(t.severity))
	if t.fixable {
		s += ",fixable"
	}
	if t.fresh {
		s += ",new"
	}
	return s
}

// reached returns the findings of a document that make the scan fail, in their
// order: one is enough whose package meets all conditions.
func (t threshold) reached(d report.Document) []finding.Finding {
	var out []finding.Finding
	for i := range d.Findings {
		f := &d.Findings[i]
		if t.severity == "" || !f.Severity.AtLeast(t.severity) {
			continue
		}
		if slices.ContainsFunc(f.Packages, func(p finding.Package) bool {
			return (!t.fixable || p.Fixed != "") && (!t.fresh || d.Base.New(f, &p))
		}) {
			out = append(out, *f)
		}
	}
	return out
}
