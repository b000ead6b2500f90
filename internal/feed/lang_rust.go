package feed

import (
	"bytes"
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
)

// Reasons for which records of languages are rejected.
const (
	rejectFront     = "not a record with front matter of this feed"
	rejectWithdrawn = "withdrawn by its publisher"
)

// rustRecord is the front matter of a record.
// Source: RustSec, advisory-db, README, "Advisory format".
type rustRecord struct {
	Advisory struct {
		ID            string   `toml:"id"`
		Package       string   `toml:"package"`
		Aliases       []string `toml:"aliases"`
		Related       []string `toml:"related"`
		CVSS          string   `toml:"cvss"`
		Date          string   `toml:"date"`
		Withdrawn     string   `toml:"withdrawn"`
		URL           string   `toml:"url"`
		References    []string `toml:"references"`
		Informational string   `toml:"informational"` // unmaintained, unsound, notice
	} `toml:"advisory"`
	Versions struct {
		Patched    []string `toml:"patched"`
		Unaffected []string `toml:"unaffected"`
	} `toml:"versions"`
	Affected struct {
		Arches    []string            `toml:"arch"`
		Systems   []string            `toml:"os"`
		Functions map[string][]string `toml:"functions"` // requirements by path
	} `toml:"affected"`
}

var rustFence = []byte("```toml")

func isRustSec(head []byte) bool { return bytes.HasPrefix(head, rustFence) }

func readRustSec(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseRustSec)
}

// parseRustSec reads one record: TOML in a fence, a title, and Markdown.
func parseRustSec(doc document) []outcome {
	data := bytes.ReplaceAll(bytes.TrimSpace(doc.data), []byte("\r\n"), []byte("\n"))
	rest, ok := bytes.CutPrefix(data, rustFence)
	front, body, closed := bytes.Cut(rest, []byte("\n```"))
	if !ok || !closed {
		return refused(doc.name, rejectFront, "")
	}
	var r rustRecord
	if err := fromTOML(front, &r); err != nil {
		return refused(doc.name, rejectFront, err.Error())
	}
	adv := r.Advisory
	switch {
	case !isID(adv.ID):
		return refused(doc.name, rejectNoID, adv.ID)
	case adv.Withdrawn != "":
		return refused(adv.ID, rejectWithdrawn, adv.Withdrawn)
	case !isName(adv.Package):
		return refused(adv.ID, rejectName, adv.Package)
	}
	rej := rejects{id: adv.ID}
	title, details, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	a := &advisory.Advisory{
		Source:    RustSec,
		ID:        adv.ID,
		Aliases:   sortedWithout(rej.ids(adv.Aliases), adv.ID),
		Related:   sortedWithout(rej.ids(adv.Related), adv.ID),
		Kind:      advisory.Vulnerability,
		Summary:   clip(oneLine(strings.TrimLeft(title, "# ")), maxSummary),
		Details:   clip(strings.TrimSpace(details), maxDetails),
		Published: rej.date(adv.Date),
	}
	a.References = references(osvReferences(append([]string{adv.URL}, adv.References...)))
	switch adv.Informational {
	case "":
	case "unmaintained":
		a.Kind = advisory.Unmaintained
	default:
		a.Kind = advisory.Informational
	}
	rej.vector(a, adv.CVSS, "RustSec")
	p := advisory.Affected{
		Ecosystem: advisory.Ecosystem{Type: "cargo"},
		Name:      adv.Package,
		Arches:    slices.Compact(slices.Sorted(slices.Values(r.Affected.Arches))),
		Platforms: systems(r.Affected.Systems),
		Symbols:   slices.Sorted(maps.Keys(r.Affected.Functions)),
	}
	if path.Base(path.Dir(path.Dir(doc.name))) == "rust" { // what comes with the compiler
		p.Type, p.Name = "generic", "rust"
	}
	if !rej.unless(&p, cargoGrammar, r.Versions.Patched, r.Versions.Unaffected) {
		return refused(a.ID, rejectEmpty, adv.Package)
	}
	a.Affected = []advisory.Affected{p}
	return rej.outcomes(outcome{record: Record{Advisory: a}})
}

// unless sets the ranges of a package to all versions but those of two lists
// of alternatives. It returns false if no version is left.
func (r *rejects) unless(p *advisory.Affected, g grammar, patched, unaffected []string) bool {
	good, odd := g.anyOf(slices.Concat(patched, unaffected))
	r.requirements(p.Name, odd)
	p.Ranges = ranges(g.not(good))
	return len(p.Ranges) > 0
}

// requirements notes those that are not understood.
func (r *rejects) requirements(name string, odd []string) {
	for _, text := range odd {
		r.add(rejectRequirement, name+" "+text)
	}
}

// vector adds a rating by CVSS, if there is one.
func (r *rejects) vector(a *advisory.Advisory, vector, source string) {
	vector = strings.TrimSpace(vector)
	if vector == "" {
		return
	}
	version, base, err := cvss.Base(vector)
	if err != nil || len(vector) > maxName {
		r.add(rejectVector, vector)
		return
	}
	a.Severities = append(a.Severities, advisory.Severity{Source: source, Version: version, Vector: vector, Score: base})
}

// osvReferences are addresses without a type.
func osvReferences(urls []string) []osvReference {
	var out []osvReference
	for _, u := range urls {
		out = append(out, osvReference{Type: "WEB", URL: u})
	}
	return out
}

// systemCPEs has vendor and product of operating systems by their names in
// Rust. Source: Rust reference, "target_os"; NVD, CPE dictionary.
var systemCPEs = map[string]string{
	"windows": "microsoft:windows",
	"linux":   "linux:linux_kernel",
	"macos":   "apple:macos",
	"android": "google:android",
	"freebsd": "freebsd:freebsd",
	"netbsd":  "netbsd:netbsd",
	"openbsd": "openbsd:openbsd",
	"ios":     "apple:iphone_os",
}

// systems returns the platforms that a record is limited to: none if one of
// them has no CPE, since then others would be taken for not affected.
func systems(names []string) []string {
	var out []string
	for _, n := range names {
		cpe, ok := systemCPEs[n]
		if !ok {
			return nil
		}
		out = append(out, cpe)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
