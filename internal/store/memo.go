package store

import "sync"

// memoBytes bounds the packed documents that one half of a memo was made of; read
// out they take some six times as much.
const memoBytes = 2 << 20

// A memo remembers documents that were read not long ago, by their numbers. A
// document never changes under its number: reading it out is all that is spared.
// What has not been asked for while half of it was filled is forgotten. The
// values are shared: whoever gets one must not change it.
type memo[T any] struct {
	mu       sync.Mutex
	now, old map[int64]T
	bytes    int // that now was made of
}

// recall fills in what is remembered of the keys of a map, and returns the
// others.
func (m *memo[T]) recall(out map[int64]T, keys []int64) []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	missing := keys[:0:0]
	for _, k := range keys {
		v, ok := m.now[k]
		if !ok {
			v, ok = m.old[k]
		}
		if !ok {
			missing = append(missing, k)
			continue
		}
		out[k] = v
	}
	return missing
}

// remember keeps a value that was made of so many bytes.
func (m *memo[T]) remember(k int64, v T, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.now == nil || m.bytes+size > memoBytes {
		m.now, m.old, m.bytes = map[int64]T{}, m.now, 0
	}
	m.now[k] = v
	m.bytes += size
}
