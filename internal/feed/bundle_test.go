package feed

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

// What the feeds of this package say of the real data. Every reason is
// explained beside its constant; the counts are true of the copies that were
// there when this was written, and newer ones have more records.
var totals = map[string]string{
	"enrich/cisa-vulnrichment.tar.zst": "41794 read, 41690 stored, 104 × the CVE is not published",
	// Of the products that have CPEs, or an end, few run without a package
	// manager. How many depends on the table of software, so there are no
	// counts. Not a version: editions of Linux Mint that have words.
	"enrich/cpe-configurations.jsonl.zst":         "# read, # stored, # × no statement on versions, # × not software that is recognised",
	"enrich/endoflife.json":                       "# read, # stored, # × not a version, # × not software that is recognised",
	"enrich/known_exploited_vulnerabilities.json": "1404 read, 1404 stored",
	"enrich/metasploit-by-cve.zip":                "3423 read, 3423 stored",
	// Part: a day of one digit.
	"lang/friendsofphp.zip": "1592 read, 1592 stored, 1 × not a date",
	// Parts: 1970 for an unknown day, and a vector that is none.
	"lang/nodejs-security-wg.zip": "647 read, 638 stored, 1 × not a severity, 3 × an index of records that are files of their own, " +
		"4 × a date out of range, 6 × an assessment that names no versions",
	"lang/retirejs-jsrepository.json": "486 read, 478 stored, 2 × not a library but an example, 6 × a library of which no flaw is known",
	// A patched and an unaffected version that leave nothing between them.
	"lang/rubysec.zip":      "1381 read, 1379 stored, 2 × the ranges cover no version",
	"lang/rustsec.zip":      "1205 read, 1192 stored, 13 × withdrawn by its publisher",
	"osv/AlmaLinux/all.zip": "5029 read, 3832 stored, 1197 × not a security notice",
	// Parts: ranges that begin where they end.
	"osv/Bitnami/all.zip":  "7444 read, 7444 stored, 229 × an event of a range that means nothing there",
	"osv/Go/all.zip":       "4291 read, 4291 stored",
	"osv/OSS-Fuzz/all.zip": "3985 read, 1587 stored, 2398 × only commits say which versions are affected",
	"osv/PSF/all.zip":      "132 read, 0 stored, 132 × only commits say which versions are affected",
	// Part: a record of before there were computers.
	"osv/PyPI/all.zip": "2661 read, 2661 stored",

	"feed-samples/feed-samples.zip!/eol/valid-eol-response.json":    "6 read, 6 stored",
	"feed-samples/feed-samples.zip!/epss/example-1.csv":             "5 read, 5 stored",
	"feed-samples/feed-samples.zip!/epss/invalid-header.csv":        "1 read, 0 stored, 1 × the columns are not cve, epss and percentile",
	"feed-samples/feed-samples.zip!/epss/missing-date.csv":          "1 read, 0 stored, 1 × the day of the scores is not stated",
	"feed-samples/feed-samples.zip!/kev/single-entry/example1.json": "1 read, 1 stored",
	"feed-samples/feed-samples.zip!/kev/valid-catalog-1.json":       "3 read, 3 stored",
	"feed-samples/feed-samples.zip!/nvd":                            "40 read, 40 stored",
	"feed-samples/feed-samples.zip!/osv":                            "19 read, 18 stored, 1 × not a security notice",
}

var number = regexp.MustCompile(`[0-9]+`)

// TestBundle reads all real data. Each record is used, or rejected for a reason
// that is known.
func TestBundle(t *testing.T) {
	dir := bundle(t)
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
		name = filepath.ToSlash(name)
		said := count(t, s)
		t.Logf("%s %s: %s", s.Name, name, said)
		if !slices.ContainsFunc(distroFeeds, func(f format) bool { return f.name == s.Name }) {
			if strings.HasPrefix(totals[name], "#") {
				said = number.ReplaceAllString(said, "#")
				parts := strings.Split(said, ", ")
				slices.Sort(parts[2:])
				said = strings.Join(parts, ", ")
			}
			got[name] = said
		}
	}
	if diff := cmp.Diff(totals, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, u := range unused {
		t.Logf("not used: %s: %s", u.Path, u.Reason)
	}
}

// count reads a source and says how many records it has, how many are kept, and
// how many, or parts of how many, are rejected for which reasons.
func count(t *testing.T, s Source) string {
	t.Helper()
	l, err := Load(t.Context(), s, func(rec Record) error {
		check(t, rec)
		return nil
	})
	if err != nil {
		t.Errorf("%s: %v", s.Path, err)
	}
	var reasons []string
	for reason, n := range l.Rejected {
		reasons = append(reasons, fmt.Sprintf(", %d × %s", n, reason))
	}
	slices.Sort(reasons)
	return fmt.Sprintf("%d read, %d stored%s", l.Read, l.Stored, strings.Join(reasons, ""))
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
