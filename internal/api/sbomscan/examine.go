package sbomscan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// found is what is known of a document.
type found struct {
	findings []finding.Finding
	places   map[inventory.Package][]int // the components that a package is, in their order
	general  []message                   // about no single component
}

// examine looks the packages of a document up. What cannot be judged becomes
// messages of the components.
func examine(ctx context.Context, d *document, know Knowledge, now time.Time) (found, error) {
	f := found{places: map[inventory.Package][]int{}}
	inv := inventory.Inventory{OS: d.os}
	for i, x := range d.components {
		for _, p := range x.packages {
			inv.Packages = append(inv.Packages, p)
			if !slices.Contains(f.places[p], i) {
				f.places[p] = append(f.places[p], i)
			}
		}
	}
	inv.Sort()
	result, err := match.Inventory(ctx, inv, know, match.Options{})
	if err != nil {
		return found{}, err
	}
	if f.findings, err = finding.New(ctx, resource.Resource{}, result.Matches, know, now); err != nil {
		return found{}, err
	}
	for _, p := range d.problems {
		f.general = append(f.general, message{"warning", strings.TrimPrefix(p.Path+": "+p.Reason, ": ")})
	}
	for _, m := range result.Matches {
		if m.Unsure != "" {
			f.tell(d, m.Package, message{"warning", m.Vulnerability + " may or may not apply: " + m.Unsure})
		}
	}
	subjects := map[string][]inventory.Package{} // as notes name them
	for _, p := range inv.Packages {
		for _, s := range []string{p.Type, p.Type + "/" + p.Name} {
			subjects[s] = append(subjects[s], p)
		}
	}
	for _, n := range result.Notes {
		switch n.Kind {
		case match.NoData, match.UnsupportedPlatform:
			typ, _, _ := strings.Cut(n.Subject, ":")
			for _, p := range subjects[typ] {
				f.tell(d, p, message{"info", "Not examined: " + n.Reason + " (" + n.Subject + ")."})
			}
		case match.Unassessed:
			if err := f.unassessed(ctx, d, inventory.Inventory{OS: inv.OS, Packages: subjects[n.Subject]}, know); err != nil {
				return found{}, err
			}
		case match.UpstreamOnly:
			f.general = append(f.general, message{"info", fmt.Sprintf("%s: %s (%d).", n.Subject, n.Reason, n.Count)})
		}
	}
	return f, nil
}

// tell adds a message, once, to the components that a package is.
func (f *found) tell(d *document, p inventory.Package, m message) {
	for _, i := range f.places[p] {
		if x := &d.components[i]; !slices.Contains(x.messages, m) {
			x.messages = append(x.messages, m)
		}
	}
}

// unassessed tells the components of packages of one name, some of which have a
// version that could not be judged: which ones, is seen when each is looked up
// by itself.
func (f *found) unassessed(ctx context.Context, d *document, inv inventory.Inventory, know Knowledge) error {
	for _, p := range inv.Packages {
		alone, err := match.Inventory(ctx, inventory.Inventory{OS: inv.OS, Packages: []inventory.Package{p}}, know, match.Options{})
		if err != nil {
			return err
		}
		for _, n := range alone.Notes {
			f.tell(d, p, message{"warning", "Not examined: " + n.Reason + "."})
		}
	}
	return nil
}

// totals are how many findings there are of each severity.
type totals struct{ critical, high, medium, low, other, malicious int }

func (f *found) totals(d *document) totals {
	var t totals
	for i := range f.findings {
		switch f.findings[i].Severity {
		case finding.Critical:
			t.critical++
		case finding.High:
			t.high++
		case finding.Medium:
			t.medium++
		case finding.Low:
			t.low++
		case finding.Informational, finding.Untriaged:
			t.other++
		}
		if malicious(&f.findings[i]) {
			t.malicious++
		}
	}
	for _, x := range d.components {
		for _, c := range x.dockerfile {
			switch c.rule().Severity {
			case "critical":
				t.critical++
			case "high":
				t.high++
			default:
				t.other++
			}
		}
	}
	return t
}

// at is one component that a vulnerability affects.
type at struct {
	component int
	fixed     string
}

// affected returns the components that a finding is about, in their order, each
// once.
func (f *found) affected(x *finding.Finding) []at {
	var out []at
	seen := map[int]int{}
	for i := range x.Packages {
		p := &x.Packages[i]
		for _, c := range f.places[p.Package] {
			if j, ok := seen[c]; ok {
				if out[j].fixed == "" {
					out[j].fixed = p.Fixed
				}
				continue
			}
			seen[c] = len(out)
			out = append(out, at{c, p.Fixed})
		}
	}
	slices.SortFunc(out, func(a, b at) int { return a.component - b.component })
	return out
}
