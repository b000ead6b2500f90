package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

// onBothDatabases runs a benchmark on an empty store of each.
func onBothDatabases(b *testing.B, bench func(b *testing.B, s *Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { bench(b, open(b, filepath.Join(b.TempDir(), "assay.db"))) })
	b.Run("postgres", func(b *testing.B) { bench(b, open(b, postgres(b))) })
}

const (
	perImage = 10 // findings
	atOnce   = 20 // images in one transaction
	known    = 5_000
)

// fill records so many images from the n-th on, and returns the scans of the
// last transaction. A hundredth of all images belongs to each of 100 accounts.
func fill(b *testing.B, s *Store, list []finding.Finding, n, images int) []Scan {
	b.Helper()
	var scans []Scan
	for end := n + images; n < end; {
		scans = nil
		for ; len(scans) < atOnce && n < end; n++ {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			scan := Scan{Resource: image(accountOf(n), n), Revision: strconv.Itoa(n)}
			first := r.IntN(known)
			for i := range perImage { // neighbours, as images of one kind have them in common
				scan.Findings = append(scan.Findings, list[(first+i*7)%known])
			}
			scans = append(scans, scan)
		}
		if _, err := s.Record(b.Context(), everyone(), scans, start.Add(time.Duration(n)*time.Second)); err != nil {
			b.Fatal(err)
		}
	}
	return scans
}

func accountOf(n int) org.Account { return org.Account(100000000000 + n%100) }

func everyone() org.Scope {
	var out []org.Account
	for n := range 100 {
		out = append(out, accountOf(n))
	}
	return org.Only(out...)
}

func allKnown() []finding.Finding {
	out := make([]finding.Finding, known)
	for n := range out {
		out[n] = vulnerability(n)
	}
	return out
}

// BenchmarkInsert records new images; the promise is 5,000 findings a second.
func BenchmarkInsert(b *testing.B) {
	list := allKnown()
	onBothDatabases(b, func(b *testing.B, s *Store) {
		b.Helper()
		n := 0
		for b.Loop() {
			fill(b, s, list, n, atOnce)
			n += atOnce
		}
		b.ReportMetric(float64(n*perImage)/b.Elapsed().Seconds(), "findings/s")
	})
}

// BenchmarkRescan records what is known already; the promise is 5,000 resources
// a second where inventory and advisories are the same.
func BenchmarkRescan(b *testing.B) {
	list := allKnown()
	onBothDatabases(b, func(b *testing.B, s *Store) {
		b.Helper()
		scans := fill(b, s, list, 0, 1000)
		for _, revision := range []string{"same", "other"} {
			b.Run(revision, func(b *testing.B) {
				n := 0
				for b.Loop() {
					if revision == "other" {
						for i := range scans {
							scans[i].Revision = fmt.Sprint(revision, n)
						}
					}
					n++
					changes, err := s.Record(b.Context(), everyone(), scans, start)
					if err != nil || len(slices.Concat(changes...)) > 0 {
						b.Fatal(changes, err)
					}
				}
				b.ReportMetric(float64(n*len(scans))/b.Elapsed().Seconds(), "resources/s")
			})
		}
	})
}

// BenchmarkList reads pages of 100 from ASSAY_BENCH_FINDINGS findings, 20,000 if
// it is not set; the promise for a million is 20 ms at the 99th percentile.
func BenchmarkList(b *testing.B) {
	size := 20_000
	if n, err := strconv.Atoi(os.Getenv("ASSAY_BENCH_FINDINGS")); err == nil {
		size = n
	}
	list := allKnown()
	onBothDatabases(b, func(b *testing.B, s *Store) {
		b.Helper()
		begin := time.Now()
		fill(b, s, list, 0, size/perImage)
		b.Logf("%d findings in %v", size, time.Since(begin))
		b.Logf("%d bytes for each", databaseSize(b, s)/int64(size))
		if _, err := s.write.ExecContext(b.Context(), "ANALYZE"); err != nil {
			b.Fatal(err)
		}
		one := org.Only(accountOf(3))
		for _, q := range []struct {
			name  string
			scope org.Scope
			where Criteria
			sort  Sort
		}{
			{"all", everyone(), Criteria{}, BySeverity},
			{"all-newest", everyone(), Criteria{}, ByFirstObserved},
			{"account", one, Criteria{}, BySeverity},
			{"account-active-high", one, Criteria{Status: []Status{Active}, Severity: []finding.Severity{finding.High}}, BySeverity},
			{"account-newest", one, Criteria{}, ByFirstObserved},
			{"resource", one, Criteria{Resources: []string{image(accountOf(3), 103).ID}}, BySeverity},
			{"vulnerability", everyone(), Criteria{Vulnerabilities: []string{"CVE-2099-00001"}}, BySeverity},
			{"active-critical", everyone(), Criteria{Status: []Status{Active}, Severity: []finding.Severity{finding.Critical}}, BySeverity},
		} {
			b.Run(q.name, func(b *testing.B) { measurePages(b, s, q.scope, q.where, Page{Sort: q.sort, Now: start}) })
		}
	})
}

// measurePages reads page after page, from the start again after 50.
func measurePages(b *testing.B, s *Store, scope org.Scope, where Criteria, page Page) {
	b.Helper()
	var times []time.Duration
	pages := 0
	for b.Loop() {
		begin := time.Now()
		_, next, err := s.Findings(b.Context(), scope, where, page)
		if err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(begin))
		if pages++; pages%50 == 0 {
			next = ""
		}
		page.After = next
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
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
