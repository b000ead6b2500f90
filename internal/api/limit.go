package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is how often something may be done.
type Limit struct {
	PerSecond float64 // in the long run; negative: no limit
	Burst     int     // at once
}

// Limits are how often one access key, or one session of the page, may call. A
// zero Limit is the default.
type Limits struct {
	Reads  Limit // calls that change nothing; 50 a second, 200 at once
	Writes Limit // 20 a second, 100 at once
	// Refused is how many calls of one address that nobody has signed properly
	// are answered in detail and recorded; 5 a second, 50 at once.
	Refused Limit
}

// The kinds of buckets, with their default limits.
const (
	reads = iota
	writes
	refused
)

var defaultLimits = [...]Limit{
	reads:   {PerSecond: 50, Burst: 200},
	writes:  {PerSecond: 20, Burst: 100},
	refused: {PerSecond: 5, Burst: 50},
}

// limiter has a token bucket for each caller and kind of call.
type limiter struct {
	limits [len(defaultLimits)]Limit

	mu      sync.Mutex
	buckets map[bucketKey]*rate.Limiter
}

type bucketKey struct {
	who  string // access key, session or address
	kind int
}

// maxBuckets bounds the memory for callers.
const maxBuckets = 20_000

func newLimiter(l Limits) *limiter {
	out := &limiter{limits: [...]Limit{reads: l.Reads, writes: l.Writes, refused: l.Refused}, buckets: map[bucketKey]*rate.Limiter{}}
	for i, limit := range out.limits {
		if limit == (Limit{}) {
			out.limits[i] = defaultLimits[i]
		}
	}
	return out
}

// take tells whether a call is within the limit and counts it, or how long to
// wait before the next.
func (l *limiter) take(who string, kind int, now time.Time) (wait time.Duration, ok bool) {
	limit := l.limits[kind]
	if limit.PerSecond < 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	key := bucketKey{who, kind}
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= maxBuckets {
			l.drop(now)
		}
		b = rate.NewLimiter(rate.Limit(limit.PerSecond), limit.Burst)
		l.buckets[key] = b
	}
	r := b.ReserveN(now, 1)
	if !r.OK() {
		return time.Second, false // a burst of 0: never
	}
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// drop makes room: buckets that are full again are as good as none. When too
// few are, all go, since what is exact for some must not cost all the memory.
func (l *limiter) drop(now time.Time) {
	for key, b := range l.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) > maxBuckets*9/10 {
		clear(l.buckets)
	}
}
