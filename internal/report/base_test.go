package report

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compared is a document of which only the first package of the second finding
// was known before.
func compared() Document {
	d := document()
	f := &d.Findings[1]
	d.Base = &Base{Name: "base.json", Known: map[Occurrence]bool{}, Gone: []string{"CVE-2098-0001"}}
	for i := range f.Packages {
		d.Base.Known[OccurrenceOf(f, &f.Packages[i])] = true
	}
	return d
}

// TestBaseIsShown holds what each format says of new and known findings.
func TestBaseIsShown(t *testing.T) {
	t.Parallel()
	d := compared()
	n := len(d.Findings)
	var doc struct {
		Baseline jsonBaseline
		Findings []struct {
			Baseline string
			Packages []struct{ Baseline string }
		}
	}
	if err := json.Unmarshal(written(t, "json", d), &doc); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(jsonBaseline{"base.json", n - 1, 1, []string{"CVE-2098-0001"}}, doc.Baseline); diff != "" {
		t.Error(diff)
	}
	for i, f := range doc.Findings {
		want := "new"
		if i == 1 {
			want = "known"
		}
		if f.Baseline != want || f.Packages[0].Baseline != want {
			t.Errorf("finding %d is %q, its package %q, want %q", i, f.Baseline, f.Packages[0].Baseline, want)
		}
	}
	var log struct {
		Runs []struct {
			Results []struct{ RuleID, BaselineState string }
		}
	}
	if err := json.Unmarshal(written(t, "sarif", d), &log); err != nil {
		t.Fatal(err)
	}
	for _, r := range log.Runs[0].Results {
		want := "new"
		if r.RuleID == d.Findings[1].Vulnerability {
			want = "unchanged"
		}
		if r.BaselineState != want {
			t.Errorf("%s is %q, want %q", r.RuleID, r.BaselineState, want)
		}
	}
	table := string(written(t, "table", d))
	if !strings.Contains(table, "new since base.json · 1 known · 1 gone: CVE-2098-0001") {
		t.Errorf("the table does not compare:\n%s", table)
	}
	// Without a base no format says anything of one.
	d.Base = nil
	for _, format := range []string{"json", "sarif", "table"} {
		if text := written(t, format, d); bytes.Contains(text, []byte("aseline")) || bytes.Contains(text, []byte("new since")) {
			t.Errorf("%s speaks of a base that is not there", format)
		}
	}
}

// TestBaseInSARIF has a compared document checked by the schema of SARIF.
func TestBaseInSARIF(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat(filepath.Join(validators, "node_modules")); err != nil {
		t.Skip("run npm ci in test/formats to have the formats checked")
	}
	path := filepath.Join(t.TempDir(), "compared.sarif")
	if err := os.WriteFile(path, written(t, "sarif", compared()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), node, filepath.Join(validators, "check.mjs"), "sarif", path).CombinedOutput()
	if err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}
