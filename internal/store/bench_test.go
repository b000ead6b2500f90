package store

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
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
			b.Error(err)
			return nil
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

// BenchmarkInsert records new images, as several scanners hand them in; the
// promise is 5,000 findings a second.
func BenchmarkInsert(b *testing.B) {
	const scanners = 4
	list := allKnown()
	onBothDatabases(b, func(b *testing.B, s *Store) {
		b.Helper()
		n, used := 0, cpuTime(b)
		for b.Loop() {
			var together sync.WaitGroup
			for range scanners {
				from := n
				together.Go(func() { fill(b, s, list, from, atOnce) })
				n += atOnce
			}
			together.Wait()
		}
		b.ReportMetric(float64(n*perImage)/b.Elapsed().Seconds(), "findings/s")
		b.ReportMetric(float64(n*perImage)/(cpuTime(b)-used).Seconds(), "findings/cpu-s") // of this process: with SQLite, of all
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
					if _, err := s.Record(b.Context(), everyone(), scans, start); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n*len(scans))/b.Elapsed().Seconds(), "resources/s")
			})
		}
	})
}
