//go:build unix

package store

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// BenchmarkList reads pages of 100 from ASSAY_BENCH_FINDINGS findings, 50,000 if
// it is not set; the promise for a million is 20 ms at the 99th percentile. With
// ASSAY_BENCH_SQLITE and ASSAY_BENCH_POSTGRES, places of databases, the findings
// stay there for the next time.
func BenchmarkList(b *testing.B) {
	size := 50_000
	if n, err := strconv.Atoi(os.Getenv("ASSAY_BENCH_FINDINGS")); err == nil {
		size = n
	}
	b.Run("sqlite", func(b *testing.B) {
		place := os.Getenv("ASSAY_BENCH_SQLITE")
		if place == "" {
			place = filepath.Join(b.TempDir(), "assay.db")
		}
		benchmarkLists(b, open(b, place), size)
	})
	b.Run("postgres", func(b *testing.B) {
		place := os.Getenv("ASSAY_BENCH_POSTGRES")
		if place == "" {
			place = postgres(b)
		}
		benchmarkLists(b, open(b, place), size)
	})
}

func benchmarkLists(b *testing.B, s *Store, size int) {
	b.Helper()
	var known int
	if err := s.read.QueryRowContext(b.Context(), `SELECT count(*) FROM (SELECT 1 FROM finding LIMIT 10) z`).Scan(&known); err != nil {
		b.Fatal(err)
	}
	if known == 0 {
		generate(b, s, size)
	}
	b.Logf("%d bytes for each finding", databaseSize(b, s)/int64(size))
	one := org.Only(accountOf(3))
	active := filter.Text(filter.Equals, string(Active))
	for _, q := range []struct {
		name  string
		scope org.Scope
		where filter.Criteria
		sort  string
	}{
		{"all", everyone(), nil, ""},
		{"all-newest", everyone(), filter.Criteria{"findingStatus": active}, "FIRST_OBSERVED_AT"},
		{"account-active-high", one, filter.Criteria{"findingStatus": active, "severity": filter.Text(filter.Equals, "HIGH", "CRITICAL")}, ""},
		{"resource", everyone(), filter.Criteria{"resourceId": filter.Text(filter.Equals, image(accountOf(14), 1_000_014).ID)}, ""},
		{"vulnerability", everyone(), filter.Criteria{"vulnerabilityId": filter.Text(filter.Equals, "CVE-2099-00001"), "findingStatus": active}, ""},
		{"tag", everyone(), filter.Criteria{
			"resourceTags": {{Comparison: filter.Equals, Key: "env", Value: "prod"}}, "findingStatus": active,
		}, ""},
		{"package-exploit", everyone(), filter.Criteria{
			"vulnerablePackages": {{Package: map[string]filter.Condition{"name": {Comparison: filter.Prefix, Value: "libexample4"}}}},
			"fixAvailable":       filter.Text(filter.Equals, "YES"), "findingStatus": active,
		}, ""},
		{"by-repository", everyone(), filter.Criteria{"findingStatus": active}, "ECR_IMAGE_REPOSITORY_NAME"},
		{"by-epss", everyone(), filter.Criteria{"findingStatus": active}, "EPSS_SCORE"},
	} {
		b.Run(q.name, func(b *testing.B) { measurePages(b, s, q.scope, q.where, Page{Sort: q.sort, Now: start}) })
	}
}

// measurePages reads page after page, from the start again after 50.
func measurePages(b *testing.B, s *Store, scope org.Scope, where filter.Criteria, page Page) {
	b.Helper()
	for range 2 * 4 { // the first time on each connection, statements are planned
		if _, _, err := s.Findings(b.Context(), scope, where, page); err != nil {
			b.Fatal(err)
		}
	}
	var times []time.Duration
	pages, rows, used := 0, 0, cpuTime(b)
	for b.Loop() {
		began := time.Now()
		list, next, err := s.Findings(b.Context(), scope, where, page)
		if err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(began))
		rows += len(list)
		if pages++; pages%50 == 0 {
			next = ""
		}
		page.After = next
	}
	used = cpuTime(b) - used
	slices.Sort(times)
	milliseconds := func(part int) float64 { return float64(times[len(times)*part/100].Microseconds()) / 1000 }
	b.ReportMetric(milliseconds(50), "p50-ms")
	b.ReportMetric(milliseconds(99), "p99-ms")
	b.ReportMetric(float64(used.Microseconds())/1000/float64(pages), "cpu-ms/page") // of this process: with SQLite, of all
	b.ReportMetric(float64(rows)/float64(pages), "rows/page")
}

// databaseSize returns the bytes of all tables and indexes.
func databaseSize(b *testing.B, s *Store) int64 {
	b.Helper()
	query := `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	if s.dialect.parted {
		query = `SELECT sum(pg_relation_size(c.oid)) FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace`
	}
	var out int64
	if err := s.read.QueryRowContext(b.Context(), query).Scan(&out); err != nil {
		b.Fatal(err)
	}
	return out
}

// cpuTime is what this process has used, which is the same on a busy machine.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
