package monitor

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// FindingReasons is why there is a finding: what the resource holds, and what advisories
// say of it now.
type FindingReasons struct {
	Matches []FindingReason `json:"matches"` // sorted by package; never nil
	// Problem says why there is no match; empty if there is one.
	Problem string `json:"problem,omitempty"`
}

// FindingReason is one advisory that applies to one package.
type FindingReason struct {
	Package  ReasonPackage  `json:"package"`
	Advisory ReasonAdvisory `json:"advisory"`
	Range    ReasonRange    `json:"range"`
	Text     string         `json:"text"` // a sentence for people
	Layer    *ReasonLayer   `json:"layer,omitempty"`
}

// ReasonPackage is a package as it was found.
type ReasonPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Type    string `json:"type"`
	Path    string `json:"path,omitempty"` // of the file that tells of it
	Layer   string `json:"layer,omitempty"`
	Purl    string `json:"purl,omitempty"`
	Manager string `json:"manager,omitempty"` // what its presence was told by: database, lockfile…
}

// ReasonAdvisory is an advisory.
type ReasonAdvisory struct {
	ID        string    `json:"id"`
	Source    string    `json:"source"` // the feed
	URL       string    `json:"url,omitempty"`
	Published time.Time `json:"published,omitzero"`
	Modified  time.Time `json:"modified,omitzero"`
}

// ReasonRange is the range of versions that the package is in.
type ReasonRange struct {
	Introduced   string `json:"introduced,omitempty"`
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"lastAffected,omitempty"`
	Text         string `json:"text"` // >= 1.0, < 1.2
}

// ReasonLayer is the layer that brought a package.
type ReasonLayer struct {
	Digest    string `json:"digest"`
	CreatedBy string `json:"createdBy,omitempty"` // the step of the build
	Index     int    `json:"index"`               // from 0, the lowest
}

// Why matches what a resource was last found to hold with what is known now, and
// returns what is behind one of its findings.
func (m *Monitor) Why(ctx context.Context, scope org.Scope, f store.Finding) (FindingReasons, error) {
	out := FindingReasons{Matches: []FindingReason{}}
	if f.Type != store.PackageFinding {
		out.Problem = "Only findings of packages follow from advisories."
		return out, nil
	}
	account, err := org.ParseAccount(f.Resource.Account)
	if err != nil {
		return out, err
	}
	held, err := m.Store.Inventory(ctx, scope, account, f.Resource.ID)
	if fault.KindOf(err) == fault.NotFound {
		out.Problem = "What the resource holds is not kept any more. Scan it again to see why the finding was made."
		return out, nil
	}
	if err != nil {
		return out, err
	}
	know, release := m.Knowledge()
	defer release()
	result, err := match.Inventory(ctx, held.Inventory, know, match.Options{})
	if err != nil {
		return out, fmt.Errorf("matching %s: %w", f.Resource.ID, err)
	}
	for i := range result.Matches {
		found := &result.Matches[i]
		if found.Vulnerability != f.Vulnerability && !slices.Contains(found.Aliases, f.Vulnerability) {
			continue
		}
		for _, why := range found.Why {
			r, err := reason(found, why, know, held)
			if err != nil {
				return out, err
			}
			out.Matches = append(out.Matches, r)
		}
	}
	switch {
	case len(out.Matches) > 0:
	case f.Status == store.Closed:
		out.Problem = "The resource does not have this vulnerability any more."
	default:
		out.Problem = "By the advisories in use now nothing that the resource holds has this vulnerability. The finding ends when the resource is next looked at."
	}
	return out, nil
}

// reason explains a match by one advisory.
func reason(found *match.Match, why match.Why, know Knowledge, held store.Held) (FindingReason, error) {
	a, err := know.Advisory(why.Ref)
	if err != nil {
		return FindingReason{}, fmt.Errorf("reading %s: %w", why.Advisory, err)
	}
	p := &found.Package
	out := FindingReason{
		Package: ReasonPackage{
			Name: p.Name, Version: p.Version, Type: p.Type, Path: p.Path, Layer: p.Layer, Purl: cmp.Or(p.PURL, p.Identifier(held.Inventory.OS)), Manager: string(p.Evidence),
		},
		Advisory: ReasonAdvisory{ID: a.ID, Source: a.Source, URL: pageOf(a), Published: a.Published, Modified: a.Modified},
		Range:    ReasonRange{Text: why.Range, Fixed: why.Fixed},
		Layer:    layerOf(p, held.Layers),
	}
	if r, ok := rangeOf(a, why); ok {
		out.Range.Introduced, out.Range.LastAffected = r.Introduced, r.LastAffected
		out.Range.Fixed = cmp.Or(out.Range.Fixed, r.Fixed)
	}
	if out.Text = sentence(found, why, out); why.Linked != "" {
		out.Text += " In the program " + why.Linked + "."
	}
	return out, nil
}

// rangeOf finds the range that a match names in the advisory.
func rangeOf(a advisory.Advisory, why match.Why) (advisory.Range, bool) {
	for i := range a.Affected {
		for _, r := range a.Affected[i].Ranges {
			if a.Affected[i].Name == why.Name && r.String() == why.Range {
				return r, true
			}
		}
	}
	for i := range a.Affected { // names differ in how they are written
		for _, r := range a.Affected[i].Ranges {
			if r.String() == why.Range {
				return r, true
			}
		}
	}
	return advisory.Range{}, false
}

// pageOf returns the publisher's own page on an advisory, or the first of others.
func pageOf(a advisory.Advisory) string {
	for _, r := range a.References {
		if r.Type == "ADVISORY" {
			return r.URL
		}
	}
	for _, r := range a.References {
		if r.URL != "" {
			return r.URL
		}
	}
	return ""
}

// layerOf returns the layer that brought a package; nil if it is not known.
func layerOf(p *inventory.Package, layers []scan.Layer) *ReasonLayer {
	for i, l := range layers {
		if p.Layer != "" && (l.Digest == p.Layer || l.DiffID == p.Layer || l.Name == p.Layer) {
			return &ReasonLayer{Digest: cmp.Or(l.Digest, l.DiffID, l.Name), CreatedBy: l.CreatedBy, Index: i}
		}
	}
	return nil
}

// sentence says in words why an advisory applies.
func sentence(found *match.Match, why match.Why, r FindingReason) string {
	what := found.Package.Name + " " + cmp.Or(found.Package.Version, "of an unknown version")
	if why.Name != found.Package.Name && why.NameKind == "source" {
		what += " (built from " + strings.TrimSpace(why.Name+" "+why.Version) + ")"
	}
	by := why.Advisory
	switch {
	case found.Unsure != "":
		return fmt.Sprintf("%s speaks of %s, but the versions cannot be compared: %s. It may or may not be affected.", by, what, found.Unsure)
	case why.Range == "listed":
		return what + " is one of the versions that " + by + " lists." + fixText(r.Range.Fixed)
	case r.Range.Fixed != "" && strings.Contains(why.Range, "<"):
		return fmt.Sprintf("%s is older than %s, where %s fixes it.", what, r.Range.Fixed, by)
	case r.Range.LastAffected != "":
		return fmt.Sprintf("%s is not newer than %s, the last version that has it by the word of %s.%s", what, r.Range.LastAffected, by, fixText(r.Range.Fixed))
	case r.Range.Introduced != "":
		return fmt.Sprintf("%s is not older than %s, from which on %s says that all versions have it.%s", what, r.Range.Introduced, by, fixText(r.Range.Fixed))
	}
	text := fmt.Sprintf("%s says that all versions of %s have it.", by, why.Name)
	if state := stateText[found.State]; state != "" {
		text += " " + state
	}
	return text + fixText(r.Range.Fixed)
}

func fixText(fixed string) string {
	if fixed == "" {
		return ""
	}
	return " It is fixed in " + fixed + "."
}

// stateText is why no fix is to be expected.
var stateText = map[advisory.State]string{
	advisory.WillNotFix:         "The publisher will not fix it.",
	advisory.FixDeferred:        "The publisher has put the fix off.",
	advisory.EndOfLife:          "The publisher no longer supports it.",
	advisory.UnderInvestigation: "The publisher is still looking into it.",
}
