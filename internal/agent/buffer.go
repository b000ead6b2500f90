package agent

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Limits of what waits to be sent. What is more is replaced by one report of
// all that the host holds.
const (
	maxWaiting = 200
	maxBuffer  = 16 << 20 // bytes
)

// errFull says that a buffer holds as much as it may.
var errFull = errors.New("the buffer is full")

// A buffer keeps reports, each as a file, until the server has them. What add
// has returned for is there after a crash of the agent or the machine, whole and
// in order. The newest report of a whole inventory replaces all that came before
// it. It is safe for concurrent use.
type buffer struct {
	dir   string
	limit int64 // bytes

	mu   sync.Mutex
	list []waiting
	last uint64 // number of the last report ever added
	wake chan struct{}
}

// A waiting report is one that the server has not taken yet.
type waiting struct {
	number   uint64
	revision string // that comes of it
	whole    bool
	size     int64
	data     []byte // of one that the disk had no room for; nil if it is in its file
}

// The files are called number-revision.kind, the number in twenty digits.
const (
	wholeKind = "full"
	partKind  = "delta"
)

func (w waiting) name() string {
	kind := partKind
	if w.whole {
		kind = wholeKind
	}
	return fmt.Sprintf("%020d-%s.%s", w.number, w.revision, kind)
}

// openBuffer opens the buffer in a folder and makes it if there is none.
func openBuffer(dir string, limit int64) (*buffer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // whoever starts the agent says where
		return nil, fmt.Errorf("making the buffer: %w", err)
	}
	b := &buffer{dir: dir, limit: limit, wake: make(chan struct{}, 1)}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the buffer: %w", err)
	}
	for _, f := range files {
		w, ok := waitingOf(f)
		if !ok { // a report that was never whole
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil { //nolint:gosec // the same
				return nil, fmt.Errorf("clearing the buffer: %w", err)
			}
			continue
		}
		b.list, b.last = append(b.list, w), max(b.last, w.number)
	}
	slices.SortFunc(b.list, func(x, y waiting) int { return strings.Compare(x.name(), y.name()) })
	for i, w := range slices.Backward(b.list) {
		if w.whole { // a crash came before what it replaces was gone
			return b, b.drop(i)
		}
	}
	return b, nil
}

func waitingOf(f fs.DirEntry) (waiting, bool) {
	base, kind, _ := strings.Cut(f.Name(), ".")
	number, revision, ok := strings.Cut(base, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	info, err2 := f.Info()
	if !ok || err != nil || err2 != nil || kind != wholeKind && kind != partKind {
		return waiting{}, false
	}
	return waiting{number: n, revision: revision, whole: kind == wholeKind, size: info.Size()}, true
}

// add keeps a report. When it returns nil, the report lasts. A buffer that is
// full gives errFull, to anything but a whole inventory; any other error says why
// the report waits in memory only.
func (b *buffer) add(revision string, whole bool, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := int64(len(data))
	for _, w := range b.list {
		size += w.size
	}
	if !whole && (size > b.limit || len(b.list) >= maxWaiting) {
		return errFull
	}
	w := waiting{number: b.last + 1, revision: revision, whole: whole, size: int64(len(data))}
	err := replace(filepath.Join(b.dir, w.name()), data)
	if err != nil {
		w.data, err = data, fmt.Errorf("keeping a report: %w", err)
	}
	b.last = w.number
	b.list = append(b.list, w)
	if whole {
		err = errors.Join(err, b.drop(len(b.list)-1))
	}
	select {
	case b.wake <- struct{}{}:
	default: // it has not been looked at since the last one
	}
	return err
}

// drop removes the first n reports.
func (b *buffer) drop(n int) (first error) {
	for _, w := range b.list[:n] {
		if err := os.Remove(filepath.Join(b.dir, w.name())); err != nil && !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // the same
			first = cmp.Or(first, fmt.Errorf("clearing the buffer: %w", err))
		}
	}
	b.list = slices.Delete(b.list, 0, n)
	return first
}

// next returns the report that is to be sent next; false if none is waiting.
func (b *buffer) next() (waiting, []byte, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.list) == 0 {
		return waiting{}, nil, false, nil
	}
	if data := b.list[0].data; data != nil {
		return b.list[0], data, true, nil
	}
	data, err := os.ReadFile(filepath.Join(b.dir, b.list[0].name()))
	if err != nil {
		return waiting{}, nil, false, fmt.Errorf("reading a report: %w", err)
	}
	return b.list[0], data, true, nil
}

// sent removes a report that the server has, unless that was replaced meanwhile.
func (b *buffer) sent(w waiting) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.list) > 0 && b.list[0].number == w.number {
		return b.drop(1)
	}
	return nil
}

// clear removes all reports.
func (b *buffer) clear() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.drop(len(b.list))
}

// waits returns how many reports are waiting.
func (b *buffer) waits() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.list)
}
