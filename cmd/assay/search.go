package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// dbSearch is "assay db search".
type dbSearch struct {
	dbFlag

	Query string `arg:"" help:"A CVE or another id, or the name of a package."`
}

// Run shows what is known under the id, else under the name.
func (c *dbSearch) Run(e edge) error {
	k, err := openKnowledge(e, c.DB)
	if err != nil {
		return err
	}
	defer func() { _ = k.Close() }()
	refs, err := k.Search(c.Query)
	if err != nil {
		return fmt.Errorf("searching %s: %w", c.Query, err)
	}
	for _, r := range refs {
		a, err := k.Advisory(r)
		if err != nil {
			return fmt.Errorf("reading an advisory of %s: %w", c.Query, err)
		}
		printAdvisory(e.stdout, a)
	}
	more, known, err := k.Enrichment(strings.ToUpper(c.Query))
	if err != nil {
		return fmt.Errorf("reading the enrichment of %s: %w", c.Query, err)
	}
	if known {
		printEnrichment(e.stdout, more)
	}
	if len(refs) > 0 || known {
		return nil
	}
	names, err := k.SearchName(c.Query)
	if err != nil {
		return fmt.Errorf("searching %s: %w", c.Query, err)
	}
	for _, n := range names {
		fmt.Fprintf(e.stdout, "%s %s\n", n.Ecosystem, n.Name)
		for st, err := range k.Lookup(n.Ecosystem, n.Name) {
			if err != nil {
				return fmt.Errorf("reading %s %s: %w", n.Ecosystem, n.Name, err)
			}
			for _, g := range st.Groups {
				fmt.Fprintf(e.stdout, "  %s  %s\n", k.Flaw(g).ID, ranges(st))
			}
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("the database knows neither a vulnerability nor a package named %q", c.Query)
	}
	return nil
}

func ranges(st *advisory.Statement) string {
	var parts []string
	for _, r := range st.Ranges {
		parts = append(parts, r.String())
	}
	if len(st.Versions) > 0 {
		parts = append(parts, fmt.Sprintf("%d versions listed", len(st.Versions)))
	}
	if st.State != advisory.Stated {
		parts = append(parts, string(st.State))
	}
	return strings.Join(parts, " | ")
}

func printAdvisory(w io.Writer, a advisory.Advisory) {
	fmt.Fprintf(w, "%s (%s", a.ID, a.Source)
	if a.Release != "" {
		fmt.Fprintf(w, ", %s", a.Release)
	}
	fmt.Fprintf(w, ") %s\n", a.Summary)
	if names := append(append([]string{}, a.Aliases...), a.Upstream...); len(names) > 0 {
		fmt.Fprintf(w, "  also      %s\n", strings.Join(names, ", "))
	}
	if !a.Withdrawn.IsZero() {
		fmt.Fprintf(w, "  withdrawn %s\n", date(a.Withdrawn))
	}
	fmt.Fprintf(w, "  published %s, modified %s\n", date(a.Published), date(a.Modified))
	for _, aff := range a.Affected {
		var parts []string
		for _, r := range aff.Ranges {
			parts = append(parts, r.String())
		}
		fmt.Fprintf(w, "  affects   %s %s %s %s\n", aff.Ecosystem, aff.Name, strings.Join(parts, " | "), aff.State)
	}
}

func printEnrichment(w io.Writer, e advisory.Enrichment) {
	fmt.Fprintf(w, "%s %s\n", e.CVE, e.Title)
	for _, s := range e.Severities {
		fmt.Fprintf(w, "  rated     %.1f by %s %s\n", s.Score, s.Source, s.Vector)
	}
	if e.KEV != nil {
		fmt.Fprintf(w, "  exploited known since %s\n", date(e.KEV.Added))
	}
	if e.EPSS != nil {
		fmt.Fprintf(w, "  EPSS      %.5f on %s\n", e.EPSS.Score, date(e.EPSS.Date))
	}
}
