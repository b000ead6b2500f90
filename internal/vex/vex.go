// Package vex reads what people state about vulnerabilities of products: VEX
// documents in OpenVEX, CycloneDX and CSAF, and ignore files. What is stated
// acts after matching and changes none of it, so that a scan without the
// statements has every finding.
package vex

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Limits of what is read.
const (
	maxDocument   = 256 << 20 // bytes; the largest that a vendor publishes is some 30 MB
	maxStatements = 1 << 20   // of one document
	maxBranches   = 64        // depth of a product tree
)

// Status is what a statement says of a vulnerability in a product.
// Source: OpenVEX specification 0.2.0, "Status Labels".
type Status string

// The statuses.
const (
	NotAffected        Status = "not_affected"
	Affected           Status = "affected"
	Fixed              Status = "fixed"
	UnderInvestigation Status = "under_investigation"
)

// Suppresses tells whether a finding with this status does not count.
func (s Status) Suppresses() bool { return s == NotAffected || s == Fixed }

// Statement is what somebody states of one vulnerability in some products.
type Statement struct {
	Vulnerability string
	Aliases       []string // its other names
	Products      []Product
	Status        Status
	Justification string    // the document's word, such as vulnerable_code_not_present or code_not_reachable; may be empty
	Text          string    // the reason for people; may be empty
	Author        string    // who states it; may be empty
	Time          time.Time // the last that is told; zero if none is
	File          string    // the document
	Place         string    // in the document: statements[3]
}

// Names returns the vulnerability under all of its names.
func (s *Statement) Names() []string { return append([]string{s.Vulnerability}, s.Aliases...) }

// Product is what a statement is about: a package, or the whole target; with
// Components only these packages inside of it.
type Product struct {
	Identity

	Components []Identity
}

// Identity is how a document names one thing: it is meant if any of these
// means it.
type Identity struct {
	PURLs   []string // patterns: what is left out may be anything
	Digests []string // sha256:hex of an image or file
	CPEs    []string // of an operating system
	Names   []string // of a target as the user names it
	// Versions limits a purl without a version; empty for all.
	Versions []Versions
}

// Versions is one version or a range of them.
type Versions struct {
	Version string
	Range   string // in the form vers:npm/>=1.0|<2.0
}

// empty tells whether nothing is named.
func (i *Identity) empty() bool {
	return len(i.PURLs)+len(i.Digests)+len(i.CPEs)+len(i.Names) == 0
}

// Load reads VEX documents in the order given. Its errors name the file, and
// the place in it where they can.
func Load(files ...string) ([]Statement, error) {
	var out []Statement
	for _, file := range files {
		doc, err := readFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading VEX: %w", err)
		}
		list, err := Read(file, doc)
		if err != nil {
			return nil, fmt.Errorf("reading VEX: %w", err)
		}
		out = append(out, list...)
	}
	return out, nil
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	doc, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(doc) > maxDocument {
		return nil, fmt.Errorf("%s: longer than %d bytes", file, maxDocument)
	}
	return doc, nil
}

// formats are those that are read, each with the member that marks it.
var formats = []struct {
	name string
	is   func(m marks) bool
	read func(doc []byte) ([]Statement, error)
}{
	{"OpenVEX", func(m marks) bool { return strings.Contains(string(m.Context), "openvex") }, readOpenVEX},
	{"CycloneDX", func(m marks) bool { return m.BOMFormat == "CycloneDX" }, readCycloneDX},
	{"CSAF", func(m marks) bool { return m.Document != nil }, readCSAF},
}

// marks are the members by which the formats differ.
type marks struct {
	Context   json.RawMessage `json:"@context"`
	BOMFormat string          `json:"bomFormat"`
	Document  json.RawMessage `json:"document"`
}

// Read returns the statements of one document; file is its name, for people.
func Read(file string, doc []byte) ([]Statement, error) {
	doc = bytes.TrimPrefix(doc, []byte("\xef\xbb\xbf"))
	var m marks
	if err := decode(doc, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, f := range formats {
		if !f.is(m) {
			continue
		}
		list, err := f.read(doc)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, f.name, err)
		}
		if len(list) > maxStatements {
			return nil, fmt.Errorf("%s: %s: more than %d statements", file, f.name, maxStatements)
		}
		for i := range list {
			list[i].File = file
		}
		return list, nil
	}
	return nil, fmt.Errorf("%s: no OpenVEX, CycloneDX or CSAF document", file)
}

// decode reads one JSON value. Its errors tell the line.
func decode(doc []byte, into any) error {
	err := json.Unmarshal(doc, into)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("line %d: %w", line(doc, e.Offset), err)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("line %d: %s cannot be a %s", line(doc, e.Offset), cmp.Or(e.Field, "the document"), e.Value)
	}
	return err
}

func line(doc []byte, offset int64) int {
	return 1 + bytes.Count(doc[:min(max(offset, 0), int64(len(doc)))], []byte("\n"))
}

// times are the forms in which documents write a time.
var times = []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly}

// timeOf reads the first of the times that is stated.
func timeOf(stated ...string) (time.Time, error) {
	s := cmp.Or(stated...)
	if s == "" {
		return time.Time{}, nil
	}
	for _, form := range times {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.100q is no time", s)
}

// digest writes a hash as algorithm:hex. Documents write the algorithm as
// SHA-256, sha-256 or sha256.
func digest(algorithm, value string) string {
	return strings.ReplaceAll(strings.ToLower(algorithm), "-", "") + ":" + strings.ToLower(value)
}
