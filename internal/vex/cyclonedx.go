package vex

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// cycloneDX is what a document of CycloneDX has of vulnerabilities and of the
// components that they are in.
// Source: CycloneDX 1.6, JSON reference, "vulnerabilities".
type cycloneDX struct {
	Metadata struct {
		Timestamp string `json:"timestamp"`
		Authors   []struct {
			Name string `json:"name"`
		} `json:"authors"`
		Supplier struct {
			Name string `json:"name"`
		} `json:"supplier"`
		Component *cdxComponent `json:"component"`
	} `json:"metadata"`
	Components      []cdxComponent     `json:"components"`
	Vulnerabilities []cdxVulnerability `json:"vulnerabilities"`
}

type cdxComponent struct {
	Ref     string `json:"bom-ref"`
	PURL    string `json:"purl"`
	CPE     string `json:"cpe"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Hashes  []struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	} `json:"hashes"`
	Components []cdxComponent `json:"components"`
}

type cdxVulnerability struct {
	ID         string `json:"id"`
	Updated    string `json:"updated"`
	References []struct {
		ID string `json:"id"`
	} `json:"references"`
	Analysis *cdxAnalysis `json:"analysis"`
	Affects  []struct {
		Ref      string `json:"ref"`
		Versions []struct {
			Version string `json:"version"`
			Range   string `json:"range"`
			Status  string `json:"status"`
		} `json:"versions"`
	} `json:"affects"`
}

type cdxAnalysis struct {
	State         string `json:"state"`
	Justification string `json:"justification"`
	Detail        string `json:"detail"`
	FirstIssued   string `json:"firstIssued"`
	LastUpdated   string `json:"lastUpdated"`
}

// cdxStates are the states of an analysis.
// Source: CycloneDX 1.6, JSON reference, "vulnerabilities.analysis.state".
var cdxStates = map[string]Status{
	"resolved": Fixed, "resolved_with_pedigree": Fixed, "exploitable": Affected, "in_triage": UnderInvestigation,
	"false_positive": NotAffected, "not_affected": NotAffected,
}

func readCycloneDX(doc []byte) ([]Statement, error) {
	var d cycloneDX
	if err := decode(doc, &d); err != nil {
		return nil, err
	}
	known := map[string]Identity{}
	if err := collect(known, d.Components, 0); err != nil {
		return nil, err
	}
	if whole := d.Metadata.Component; whole != nil && whole.Ref != "" {
		known[whole.Ref] = whole.target()
	}
	author := d.Metadata.Supplier.Name
	if len(d.Metadata.Authors) > 0 {
		author = cmp.Or(d.Metadata.Authors[0].Name, author)
	}
	var out []Statement
	for i := range d.Vulnerabilities {
		v := &d.Vulnerabilities[i]
		if v.Analysis == nil || v.Analysis.State == "" {
			continue // a vulnerability that nobody has judged
		}
		place := fmt.Sprintf("vulnerabilities[%d]", i)
		s, err := v.statement(known)
		if err == nil {
			s.Time, err = timeOf(v.Analysis.LastUpdated, v.Analysis.FirstIssued, v.Updated, d.Metadata.Timestamp)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		s.Place, s.Author = place, author
		out = append(out, s)
	}
	return out, nil
}

// collect puts components under their references, those inside others too.
func collect(into map[string]Identity, list []cdxComponent, depth int) error {
	if depth > maxBranches {
		return fmt.Errorf("components are nested more than %d deep", maxBranches)
	}
	for i := range list {
		c := &list[i]
		if c.Ref != "" {
			into[c.Ref] = c.identity()
		}
		if err := collect(into, c.Components, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (c *cdxComponent) identity() Identity {
	var out Identity
	out.add(c.PURL)
	for _, h := range c.Hashes {
		out.Digests = append(out.Digests, digest(h.Algorithm, h.Content))
	}
	return out
}

// target is the identity of what the whole document is about, which people know
// by its name.
func (c *cdxComponent) target() Identity {
	out := c.identity()
	if c.Name != "" {
		out.Names = append(out.Names, c.Name)
		if c.Version != "" {
			out.Names = append(out.Names, c.Name+":"+c.Version, c.Name+"@"+c.Version)
		}
	}
	return out
}

func (v *cdxVulnerability) statement(known map[string]Identity) (Statement, error) {
	out := Statement{
		Vulnerability: v.ID, Status: cdxStates[v.Analysis.State], Justification: v.Analysis.Justification, Text: v.Analysis.Detail,
	}
	if out.Status == "" {
		return out, fmt.Errorf("state %.40q is none of CycloneDX", v.Analysis.State)
	}
	if out.Text == "" && v.Analysis.State == "false_positive" {
		out.Text = "false positive"
	}
	if out.Vulnerability == "" {
		return out, errors.New("has no id")
	}
	for _, r := range v.References {
		out.Aliases = append(out.Aliases, r.ID)
	}
	for _, a := range v.Affects {
		id := resolve(known, a.Ref)
		limited := false
		for _, w := range a.Versions {
			limited = true
			// An analysis speaks of the versions that the vulnerability is in.
			if w.Status != "unaffected" {
				id.Versions = append(id.Versions, Versions{w.Version, w.Range})
			}
		}
		if limited && len(id.Versions) == 0 {
			continue
		}
		if !id.empty() {
			out.Products = append(out.Products, Product{Identity: id})
		}
	}
	return out, nil
}

// resolve returns what a reference names: a component of the document, one of
// another document behind a BOM-Link, or a package by its purl.
// Source: CycloneDX, "BOM-Link": urn:cdx:serial/version#bom-ref.
func resolve(known map[string]Identity, ref string) Identity {
	if id, ok := known[ref]; ok {
		id.Versions = nil
		return id
	}
	if strings.HasPrefix(ref, "urn:cdx:") {
		_, fragment, _ := strings.Cut(ref, "#")
		if s, err := url.PathUnescape(fragment); err == nil {
			ref = s
		}
	}
	var out Identity
	if strings.HasPrefix(ref, "pkg:") {
		out.add(ref)
	}
	return out
}
