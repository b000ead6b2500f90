package finding

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Knowledge is where findings get the words and numbers of a vulnerability.
type Knowledge interface {
	// Advisory returns the whole advisory behind a match.
	Advisory(r advisory.Ref) (advisory.Advisory, error)
	// Enrichment returns what others say of a CVE; false if nobody does.
	Enrichment(cve string) (advisory.Enrichment, bool, error)
}

// Limits in characters. Those of title and description are Amazon's.
// Source: Amazon Inspector API, type Finding.
const (
	maxTitle       = 1024
	maxDescription = 1024
	maxSummary     = 200
)

// New makes the findings of one resource: one for each vulnerability, with all
// packages that have it, sorted by severity, score (highest first) and
// vulnerability. The order of the matches does not matter. now is the time of
// observation.
func New(ctx context.Context, res resource.Resource, matches []match.Match, know Knowledge, now time.Time) ([]Finding, error) {
	byID := map[string][]match.Match{}
	for _, m := range matches {
		byID[m.Vulnerability] = append(byID[m.Vulnerability], m)
	}
	lib := library{know: know, read: map[advisory.Ref]*advisory.Advisory{}}
	out := make([]Finding, 0, len(byID))
	for _, id := range inFileOrder(byID) {
		ms := byID[id]
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("describing vulnerabilities: %w", err)
		}
		slices.SortFunc(ms, func(a, b match.Match) int { return inventory.Compare(a.Package, b.Package) })
		f, err := build(res, id, ms, lib)
		if err != nil {
			return nil, fmt.Errorf("describing %s: %w", id, err)
		}
		f.Observed = now
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity.rank(), a.Severity.rank()),
			cmp.Compare(b.Score.Value, a.Score.Value),
			cmp.Compare(a.Vulnerability, b.Vulnerability),
		)
	})
	return out, nil
}

// inFileOrder returns the vulnerabilities in the order in which the database
// keeps their advisories: neighbours are unpacked together.
func inFileOrder(byID map[string][]match.Match) []string {
	first := make(map[string]advisory.Ref, len(byID))
	ids := make([]string, 0, len(byID))
	for id, ms := range byID {
		ids = append(ids, id)
		first[id] = math.MaxUint32
		for _, m := range ms {
			for _, w := range m.Why {
				first[id] = min(first[id], w.Ref)
			}
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(first[a], first[b]), cmp.Compare(a, b))
	})
	return ids
}

// ARN returns the name of the finding of a vulnerability on a resource. It
// depends on nothing else, so that the same finding keeps its name.
func ARN(res resource.Resource, vulnerability string) string {
	sum := sha256.Sum256([]byte(res.Account + "\x00" + res.Region + "\x00" + string(res.Type) + "\x00" + res.ID + "\x00" + vulnerability))
	return "arn:aws:inspector2:" + res.Region + ":" + res.Account + ":finding/" + hex.EncodeToString(sum[:16])
}

// A library reads each advisory once: a notice is behind as many findings as
// it repairs flaws.
type library struct {
	know Knowledge
	read map[advisory.Ref]*advisory.Advisory
}

func (l library) advisory(r advisory.Ref) (*advisory.Advisory, error) {
	if a, ok := l.read[r]; ok {
		return a, nil
	}
	a, err := l.know.Advisory(r)
	if err != nil {
		return nil, err
	}
	l.read[r] = &a
	return &a, nil
}

// A statement is an advisory behind a finding, with what in it the packages of
// the finding were matched by.
type statement struct {
	*advisory.Advisory
	distro string      // whose packages it is about; empty if it is about none of a distribution
	why    []match.Why // at least one
}

// statements returns the advisories behind matches, each once: those of the
// packages' distribution first, since it knows its own builds, and then in the
// order of their keys.
func (l library) statements(ms []match.Match) ([]statement, error) {
	var out []statement
	at := map[advisory.Ref]int{}
	for _, m := range ms {
		for _, w := range m.Why {
			i, ok := at[w.Ref]
			if !ok {
				a, err := l.advisory(w.Ref)
				if err != nil {
					return nil, err
				}
				i = len(out)
				at[w.Ref] = i
				out = append(out, statement{Advisory: a, distro: distroOf(w)})
			}
			out[i].why = append(out[i].why, w)
		}
	}
	slices.SortFunc(out, func(a, b statement) int {
		return cmp.Or(
			-cmp.Compare(min(len(a.distro), 1), min(len(b.distro), 1)),
			cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Release, b.Release),
		)
	})
	return out, nil
}

// distroOf returns the distribution whose packages a match is about; empty if
// it is about none.
func distroOf(w match.Why) string {
	_, rest, _ := strings.Cut(w.Ecosystem, ":")
	distro, _, _ := strings.Cut(rest, ":")
	return distro
}

// kinds are the kinds of advisory, the gravest first.
var kinds = []advisory.Kind{
	advisory.Malware, advisory.Vulnerability, advisory.Notice, advisory.Unsupported, advisory.Unmaintained, advisory.Informational,
}

func build(res resource.Resource, id string, ms []match.Match, lib library) (Finding, error) {
	f := Finding{
		ARN: ARN(res, id), Resource: res, Vulnerability: id, Kind: ms[0].Kind, Confidence: ms[0].Confidence,
	}
	list, err := lib.statements(ms)
	if err != nil {
		return Finding{}, err
	}
	enriched, _, err := lib.know.Enrichment(id)
	if err != nil {
		return Finding{}, err
	}
	for _, m := range ms {
		f.Confidence = surer(f.Confidence, m.Confidence)
		if slices.Index(kinds, m.Kind) < slices.Index(kinds, f.Kind) {
			f.Kind = m.Kind
		}
		f.Aliases = append(f.Aliases, m.Aliases...)
		f.Packages = append(f.Packages, Package{
			Package: m.Package, Fixed: m.Fixed, Remediation: remediation(m), Match: m,
		})
	}
	f.Aliases = set(f.Aliases)
	f.Fix = fixOf(f.Packages)
	f.Title = title(id, names(f.Packages))
	f.EPSS, f.KEV, f.Exploitation = enriched.EPSS, enriched.KEV, enriched.Exploitation
	describe(&f, list, enriched)
	f.Source, f.SourceURL = sourceOf(id, list)
	rate(&f, list, enriched)
	return f, nil
}

// title names the vulnerability and the packages, as many as there is room for.
func title(id string, packages []string) string {
	out := id + " - " + strings.Join(packages, ", ")
	for n := len(packages) - 1; n > 0 && utf8.RuneCountInString(out) > maxTitle; n-- {
		out = fmt.Sprintf("%s - %s and %d more", id, strings.Join(packages[:n], ", "), len(packages)-n)
	}
	return shorten(out, maxTitle)
}

// describe fills in the words: the publisher's own where the advisory is about
// this flaw, else those of the CVE, else the notice's.
func describe(f *Finding, list []statement, e advisory.Enrichment) {
	var notice, update string
	for _, a := range list {
		line := strings.TrimSpace(a.Summary)
		text := cmp.Or(strings.TrimSpace(a.Details), line)
		if a.Kind == advisory.Notice {
			notice, update = cmp.Or(notice, text), cmp.Or(update, line)
		} else {
			f.Description, f.Summary = cmp.Or(f.Description, text), cmp.Or(f.Summary, line)
		}
		f.Related = append(f.Related, a.ID)
		f.CWEs = append(f.CWEs, a.CWEs...)
		for _, r := range a.References {
			f.References = append(f.References, r.URL)
		}
		if f.Published.IsZero() || !a.Published.IsZero() && a.Published.Before(f.Published) {
			f.Published = a.Published
		}
		if a.Modified.After(f.Modified) {
			f.Modified = a.Modified
		}
	}
	f.Description = shorten(cmp.Or(f.Description, strings.TrimSpace(e.Description), strings.TrimSpace(e.Title), notice, f.Title), maxDescription)
	f.Summary = shorten(strings.Join(strings.Fields(cmp.Or(f.Summary, e.Title, update)), " "), maxSummary)
	f.CWEs = append(f.CWEs, e.CWEs...)
	for _, r := range e.References {
		f.References = append(f.References, r.URL)
	}
	if f.Published.IsZero() {
		f.Published = e.Published
	}
	if f.Modified.IsZero() {
		f.Modified = e.Modified
	}
	f.Related = append(f.Related, f.Aliases...)
	f.Related = slices.DeleteFunc(f.Related, func(s string) bool { return s == f.Vulnerability })
	f.Related, f.CWEs, f.References = set(f.Related), set(f.CWEs), set(f.References)
}

// set sorts and drops empty and repeated strings.
func set(s []string) []string {
	s = slices.DeleteFunc(s, func(v string) bool { return v == "" })
	slices.Sort(s)
	return slices.Compact(s)
}

// shorten cuts a text to a number of characters, at a word where it can.
func shorten(s string, limit int) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) <= limit {
		return string(r)
	}
	cut := string(r[:limit-1])
	if i := strings.LastIndexAny(cut, " \n\t"); i > len(cut)/2 {
		cut = strings.TrimSpace(cut[:i])
	}
	return cut + "…"
}

// names returns the distinct names of packages in their order.
func names(ps []Package) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range ps {
		if !seen[p.Name] {
			seen[p.Name] = true
			out = append(out, p.Name)
		}
	}
	return out
}

func surer(a, b match.Confidence) match.Confidence {
	order := []match.Confidence{match.High, match.Medium, match.Low}
	if slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

func fixOf(ps []Package) Fix {
	fixed := 0
	for _, p := range ps {
		if p.Fixed != "" {
			fixed++
		}
	}
	switch fixed {
	case 0:
		return FixNo
	case len(ps):
		return FixYes
	}
	return FixPartial
}
