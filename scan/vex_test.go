package scan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/vex"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// TestJudge checks that exceptions part the matches and change none, so that
// without them all are there.
func TestJudge(t *testing.T) {
	t.Parallel()
	of := func(id, name string) match.Match {
		return match.Match{Vulnerability: id, Aliases: []string{"GHSA-" + id}, Package: inventory.Package{Type: "npm", Name: name, Version: "1.0.0"}}
	}
	r := &Report{Target: Target{Name: "app"}, Result: match.Result{Matches: []match.Match{of("CVE-1", "a"), of("CVE-1", "b"), of("CVE-2", "a"), of("CVE-3", "a")}}}
	about := func(id, purl string, status vex.Status) vex.Statement {
		return vex.Statement{Vulnerability: id, Status: status, File: "f", Place: id, Products: []vex.Product{{Identity: vex.Identity{PURLs: []string{purl}}}}}
	}
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	e := Exceptions{
		Now: now,
		Statements: []vex.Statement{
			about("ghsa-cve-1", "pkg:npm/a", vex.NotAffected), about("CVE-2", "pkg:npm/a", vex.Affected), about("CVE-9", "pkg:npm/a", vex.Fixed),
		},
		Ignores: []vex.Ignore{
			{ID: "CVE-1", Reason: "r", File: "i", Line: 1, Expires: now},
			{ID: "CVE-3", Reason: "r", File: "i", Line: 4, Expires: now.AddDate(0, 0, -1)},
		},
	}
	got := e.Judge(r)
	var kept []string
	for _, m := range got.Kept {
		kept = append(kept, m.Vulnerability+" "+m.Package.Name)
	}
	if !slices.Equal(kept, []string{"CVE-2 a", "CVE-3 a"}) {
		t.Errorf("kept %v", kept)
	}
	if len(got.Suppressed) != 2 || got.Suppressed[0].Source != "f: ghsa-cve-1" || got.Suppressed[1].Source != "i:1" ||
		got.Suppressed[0].Status != vex.NotAffected || got.Suppressed[1].Status != Ignored || len(got.Suppressed[1].Matches) != 1 {
		t.Errorf("suppressed %+v", got.Suppressed)
	}
	remarks := strings.Join(got.Remarks, "\n")
	if len(got.Remarks) != 2 || !strings.Contains(remarks, "f: 1 of 3 statements match nothing in this target: CVE-9") ||
		!strings.Contains(remarks, "i:4: the entry for CVE-3 expired after 2026-01-01") {
		t.Errorf("remarks %q", got.Remarks)
	}
	if again := (Exceptions{}).Judge(r); len(again.Kept) != 4 || len(again.Suppressed)+len(again.Remarks) > 0 {
		t.Errorf("without exceptions %+v", again)
	}
}
