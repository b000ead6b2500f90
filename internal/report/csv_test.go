package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCSVColumns checks the names and their order, which readers rely on.
// Source: Amazon Inspector User Guide, "Exporting findings reports", CSV.
func TestCSVColumns(t *testing.T) {
	t.Parallel()
	const want = "AWS Account Id,Severity,Fix Available,Finding Type,Title,Description,Finding ARN,First Seen,Last Seen," +
		"Last Updated,Resource ID,Container Image Tags,Region,Platform,Resource Tags,Affected Packages," +
		"Package Installed Version,Fixed in Version,Package Remediation,File Path,Network Paths,Age (Days),Remediation," +
		"Inspector Score,Inspector Score Vector,Status,Vulnerability Id,Vendor,Vendor Severity,Vendor Advisory," +
		"Vendor Advisory Published,NVD CVSS3 Score,NVD CVSS3 Vector,NVD CVSS2 Score,NVD CVSS2 Vector,Vendor CVSS3 Score," +
		"Vendor CVSS3 Vector,Vendor CVSS2 Score,Vendor CVSS2 Vector,Resource Type,Ami,Resource Public Ipv4," +
		"Resource Private Ipv4,Resource Ipv6,Resource Vpc,Port Range,Epss Score,Exploit Available,Last Exploited At," +
		"Lambda Layers,Lambda Package Type,Lambda Last Updated At,Reference Urls,Detector Name,Package Manager\r\n"
	if d := cmp.Diff(want, string(written(t, "csv", clear()))); d != "" {
		t.Error(d)
	}
	if len(columns) != 55 {
		t.Errorf("%d columns", len(columns))
	}
}

// TestCSVRows reads the report back: one row for each package of each finding,
// and nothing in it that a spreadsheet would run.
func TestCSVRows(t *testing.T) {
	t.Parallel()
	for name, d := range targets() {
		rows, err := csv.NewReader(bytes.NewReader(written(t, "csv", d))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want := 1
		for _, f := range d.Findings {
			want += len(f.Packages)
		}
		if len(rows) != want {
			t.Errorf("%s has %d rows, want %d", name, len(rows), want)
		}
		for _, r := range rows[1:] {
			for i, value := range r {
				if value != "" && strings.IndexByte("=+-@\t\r\n", value[0]) >= 0 && !scoped().MatchString(value) {
					t.Errorf("%s: %s is %q", name, columns[i].name, value)
				}
			}
		}
	}
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ s, want string }{
		{"", ""},
		{"openssl", "openssl"},
		{"@babel/core", "@babel/core"},
		{"@SUM(1+1)*cmd|' /C calc'!A0", "'@SUM(1+1)*cmd|' /C calc'!A0"},
		{"=1+1", "'=1+1"},
		{"-1", "'-1"},
		{"+1", "'+1"},
		{"\t=1", "'\t=1"},
		{"\xff", "\ufffd"},
	} {
		if got := harmless(tt.s); got != tt.want {
			t.Errorf("harmless(%q) = %q, want %q", tt.s, got, tt.want)
		}
	}
}
