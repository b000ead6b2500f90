package vex

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// openVEX is a document of OpenVEX, in the form of 0.2.0 and of 0.0.1.
// Source: OpenVEX specification 0.2.0.
type openVEX struct {
	Author      string             `json:"author"`
	Timestamp   string             `json:"timestamp"`
	LastUpdated string             `json:"last_updated"`
	Statements  []openVEXStatement `json:"statements"`
}

type openVEXStatement struct {
	Vulnerability   openVEXVulnerability `json:"vulnerability"`
	Timestamp       string               `json:"timestamp"`
	LastUpdated     string               `json:"last_updated"`
	Products        []openVEXComponent   `json:"products"`
	Subcomponents   []openVEXComponent   `json:"subcomponents"` // of all products, in 0.0.1
	Status          string               `json:"status"`
	StatusNotes     string               `json:"status_notes"`
	Justification   string               `json:"justification"`
	ImpactStatement string               `json:"impact_statement"`
	ActionStatement string               `json:"action_statement"`
	Supplier        string               `json:"supplier"`
}

// openVEXVulnerability is an object; in 0.0.1 a string.
type openVEXVulnerability struct {
	ID      string   `json:"@id"`
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
}

// UnmarshalJSON reads both forms.
func (v *openVEXVulnerability) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &v.Name)
	}
	type plain openVEXVulnerability
	return json.Unmarshal(b, (*plain)(v))
}

// openVEXComponent is an object; in 0.0.1 a string.
type openVEXComponent struct {
	ID            string             `json:"@id"`
	Identifiers   map[string]string  `json:"identifiers"`
	Hashes        map[string]string  `json:"hashes"`
	Subcomponents []openVEXComponent `json:"subcomponents"`
}

// UnmarshalJSON reads both forms.
func (c *openVEXComponent) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &c.ID)
	}
	type plain openVEXComponent
	return json.Unmarshal(b, (*plain)(c))
}

func (c *openVEXComponent) identity() Identity {
	var out Identity
	out.add(c.ID)
	for _, key := range slices.Sorted(maps.Keys(c.Identifiers)) {
		out.add(c.Identifiers[key])
	}
	for _, key := range slices.Sorted(maps.Keys(c.Hashes)) {
		out.Digests = append(out.Digests, digest(key, c.Hashes[key]))
	}
	return out
}

// add adds a name of any form.
func (i *Identity) add(name string) {
	switch {
	case name == "":
	case strings.HasPrefix(name, "pkg:"):
		if !slices.Contains(i.PURLs, name) {
			i.PURLs = append(i.PURLs, name)
		}
	case strings.HasPrefix(name, "cpe:"):
		i.CPEs = append(i.CPEs, name)
	default:
		i.Names = append(i.Names, name)
	}
}

func readOpenVEX(doc []byte) ([]Statement, error) {
	var d openVEX
	if err := decode(doc, &d); err != nil {
		return nil, err
	}
	out := make([]Statement, 0, len(d.Statements))
	for i := range d.Statements {
		place := fmt.Sprintf("statements[%d]", i)
		s, err := d.statement(&d.Statements[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
		s.Place = place
		out = append(out, s)
	}
	return out, nil
}

func (d *openVEX) statement(s *openVEXStatement) (Statement, error) {
	out := Statement{
		Vulnerability: cmp.Or(s.Vulnerability.Name, s.Vulnerability.ID), Aliases: s.Vulnerability.Aliases,
		Status: Status(s.Status), Justification: s.Justification, Author: cmp.Or(s.Supplier, d.Author),
		Text: cmp.Or(s.ImpactStatement, s.ActionStatement, s.StatusNotes),
	}
	if out.Vulnerability == "" {
		return out, errors.New("names no vulnerability")
	}
	switch out.Status {
	case NotAffected, Affected, Fixed, UnderInvestigation:
	default:
		return out, fmt.Errorf("status %.40q must be one of not_affected, affected, fixed, under_investigation", s.Status)
	}
	// A statement without a time has that at which its document was issued: the
	// last change of the document may be one of other statements.
	// Source: OpenVEX specification 0.2.0, "Data Inheritance", "Updating Statements".
	var err error
	if out.Time, err = timeOf(s.LastUpdated, s.Timestamp, d.Timestamp, d.LastUpdated); err != nil {
		return out, err
	}
	for i := range s.Products {
		c := &s.Products[i]
		p := Product{Identity: c.identity()}
		for _, inner := range [][]openVEXComponent{c.Subcomponents, s.Subcomponents} {
			for j := range inner {
				p.Components = append(p.Components, inner[j].identity())
			}
		}
		out.Products = append(out.Products, p)
	}
	return out, nil
}
