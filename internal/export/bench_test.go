package export

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkFindings makes reports of 100,000 findings in the place for blobs,
// and tells the most memory that was in use at a time beyond what was before.
func BenchmarkFindings(b *testing.B) {
	const images = 1000
	w := newWorld(b)
	w.record(b, alice, images, 100)
	for _, format := range []string{"CSV", "JSON"} {
		b.Run(format, func(b *testing.B) {
			var most atomic.Uint64
			for b.Loop() {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				before := m.HeapAlloc
				w.tick = func(int) { // once a page
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					if m.HeapAlloc > before {
						most.Store(max(most.Load(), m.HeapAlloc-before))
					}
				}
				w.now = w.now.Add(time.Minute)
				r := w.made(b, Report{Kind: Findings, Format: format})
				if r.Status != succeeded || r.Done != int64(100*images) {
					b.Fatalf("%+v", r)
				}
			}
			b.ReportMetric(float64(most.Load())/(1<<20), "peak-MB")
			b.ReportMetric(float64(100*images*b.N)/b.Elapsed().Seconds(), "findings/s")
		})
	}
}
