package feed

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bundle returns the folder of real advisories, or skips.
func bundle(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("ASSAY_ADVISORIES")
	if dir == "" {
		tb.Skip("ASSAY_ADVISORIES names no folder of real advisories")
	}
	return dir
}

// TestBundle reads all real data. Each record is used, or rejected for a reason
// that is known here.
func TestBundle(t *testing.T) {
	dir := bundle(t)
	// What is right is true of the copies that were there when this was written;
	// newer ones have more records, and may have other reasons.
	want := map[string]string{
		"distro/alpine/secdb.zip":                     "11214 records, 1 × part: names no flaw",
		"distro/debian/DSA-list.txt":                  "5383 records, 15 × no package and no flaw, 8 × no affected package",
		"enrich/cisa-vulnrichment.tar.zst":            "41690 records, 104 × the CVE is not published",
		"enrich/known_exploited_vulnerabilities.json": "1404 records",
		"osv/AlmaLinux/all.zip":                       "3832 records, 1197 × not a security notice",
		"osv/Bitnami/all.zip":                         "7444 records, 229 × part: an event of a range that means nothing there",
		"osv/Go/all.zip":                              "4291 records",
		"osv/OSS-Fuzz/all.zip":                        "7 records, 3978 × unknown ecosystem",
		"osv/PSF/all.zip":                             "0 records, 132 × no package is named",
		"osv/PyPI/all.zip":                            "2661 records",
	}
	sources, unused, err := Find(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range sources {
		name, err := filepath.Rel(dir, s.Path)
		if err != nil {
			t.Fatal(err)
		}
		got[filepath.ToSlash(name)] = count(t, s)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, u := range unused {
		t.Logf("not used: %s: %s", u.Path, u.Reason)
	}
}

// count reads a source and says how many records it has, and how many it
// rejects for which reasons.
func count(t *testing.T, s Source) string {
	t.Helper()
	records := 0
	rejected := map[string]int{}
	for rec, err := range Read(t.Context(), s) {
		r, ok := errors.AsType[*Rejected](err)
		switch {
		case ok && r.Part:
			rejected["part: "+r.Reason]++
		case ok:
			rejected[r.Reason]++
		case err != nil:
			t.Fatalf("%s: %v", s.Path, err)
		default:
			records++
			check(t, rec)
		}
	}
	var reasons []string
	for reason, n := range rejected {
		reasons = append(reasons, fmt.Sprintf(", %d × %s", n, reason))
	}
	slices.Sort(reasons)
	return fmt.Sprintf("%d records%s", records, strings.Join(reasons, ""))
}

// Promise: all real data is read in 7 s of processor time, most of it JSON.
func BenchmarkRead(b *testing.B) {
	dir := bundle(b)
	for b.Loop() {
		sources, _, err := Find(b.Context(), []string{dir})
		if err != nil {
			b.Fatal(err)
		}
		records := 0
		for _, s := range sources {
			for _, err := range Read(b.Context(), s) {
				if err == nil {
					records++
				}
			}
		}
		b.ReportMetric(float64(records), "records")
	}
}
