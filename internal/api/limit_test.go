package api

import (
	"fmt"
	"testing"
	"time"
)

// TestLimiterIsBounded shows that many callers do not cost ever more memory.
func TestLimiterIsBounded(t *testing.T) {
	t.Parallel()
	l := newLimiter(Limits{Reads: Limit{PerSecond: 1, Burst: 1}})
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range 3 * maxBuckets {
		now = now.Add(time.Millisecond)
		if _, ok := l.take(fmt.Sprint(i), reads, now); !ok {
			t.Fatalf("caller %d is refused at once", i)
		}
		if len(l.buckets) > maxBuckets {
			t.Fatalf("%d buckets", len(l.buckets))
		}
	}
	// The latest caller is remembered, although room was made.
	if wait, ok := l.take(fmt.Sprint(3*maxBuckets-1), reads, now); ok || wait != time.Second {
		t.Errorf("got %v, %v", wait, ok)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		limit Limit
		want  int // calls at once, of 1000
	}{
		{"default", Limit{}, defaultLimits[reads].Burst},
		{"none", Limit{PerSecond: -1}, 1000},
		{"own", Limit{PerSecond: 1, Burst: 7}, 7},
		{"no burst", Limit{PerSecond: 1}, 0},
	} {
		l := newLimiter(Limits{Reads: tt.limit})
		got := 0
		for range 1000 {
			if _, ok := l.take("a", reads, now); ok {
				got++
			}
		}
		if got != tt.want {
			t.Errorf("%s: %d calls, want %d", tt.name, got, tt.want)
		}
	}
}
