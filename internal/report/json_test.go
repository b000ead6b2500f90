package report

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
)

// members collects the path of each member that occurs in a value.
func members(prefix string, v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			path := strings.TrimPrefix(prefix+"."+name, ".")
			into[path] = true
			members(path, inner, into)
		}
	case []any:
		for _, inner := range v {
			members(prefix+"[]", inner, into)
		}
	}
}

// TestJSONIsDocumented holds the document and its description together, both
// ways: what occurs is described, and what is described occurs.
func TestJSONIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../doc/report-json.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllSubmatch(text, -1) {
		documented[string(m[1])] = true
	}
	// The members of a package hold in both places.
	for path := range maps.Clone(documented) {
		if name, ok := strings.CutPrefix(path, "packages[]."); ok {
			documented["findings[].packages[]."+name] = true
		}
	}
	if !strings.Contains(string(text), "`"+schema+"`") {
		t.Errorf("the description is not of %s", schema)
	}
	d := document()
	d.Findings[0].Score = finding.Contextual(d.Findings[0].Score, finding.Context{Reach: finding.ReachNone})
	d.Findings[0].Resource.Layers = []string{"arn:aws:lambda:eu-central-1:111122223333:layer:base:3"}
	d.Report.Inventory.Packages = append(d.Report.Inventory.Packages, inventory.Package{
		Type: "rpm", Name: "nodejs", Version: "1:18.19.0-1.module+el8", Module: "nodejs:18", Vendor: "Red Hat, Inc.",
		Usage: inventory.Idle,
	})
	d.Findings[0].Packages[0].SourceVersion = "1"
	d.Findings[0].Packages[0].Module, d.Findings[0].Packages[0].Vendor = "nodejs:18", "Red Hat, Inc."
	d.Findings[0].Packages[0].Usage = inventory.Listening
	d.Findings[0].Packages[0].Match.Why[0].Linked = "net/http.Get is linked in"
	d.Base = compared().Base
	other := excepted()
	d.Suppressed, d.Ended, d.Remarks = other.Suppressed, other.Ended, other.Remarks
	var v any
	if err := json.Unmarshal(written(t, "json", d), &v); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	members("", v, found)
	// The members of a finding hold in all places.
	for path := range maps.Clone(found) {
		for _, list := range []string{"suppressed[].", "endOfLife[]."} {
			if name, ok := strings.CutPrefix(path, list); ok && documented["findings[]."+name] {
				delete(found, path)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(found)) {
		if !documented[path] {
			t.Errorf("%s is not described", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(documented)) {
		if !found[path] {
			t.Errorf("%s is described and does not occur", path)
		}
	}
}

// TestJSONLines checks that long arrays have one element a line.
func TestJSONLines(t *testing.T) {
	t.Parallel()
	d := document()
	lines := 0
	for line := range bytes.Lines(written(t, "json", d)) {
		line = bytes.TrimSuffix(bytes.TrimSpace(line), []byte(","))
		if bytes.HasPrefix(line, []byte(`{"vulnerability":`)) {
			if !json.Valid(line) {
				t.Errorf("no element: %.80s", line)
			}
			lines++
		}
	}
	if lines != len(d.Findings) {
		t.Errorf("%d lines for %d findings", lines, len(d.Findings))
	}
}
