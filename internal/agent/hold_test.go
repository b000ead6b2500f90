package agent

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHold(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	for _, tt := range []struct {
		name    string
		changes []int // milliseconds
		now     int
		busy    bool
		due     bool
		again   time.Time
	}{
		{"no change", nil, 1000, true, false, time.Time{}},
		{"not yet quiet", []int{0, 500}, 1000, false, false, at(1250)},
		{"quiet", []int{0, 500}, 1250, false, true, time.Time{}},
		{"package manager at work", []int{0, 500}, 1250, true, false, at(1450)},
		{"at work for too long", []int{0, 119_900}, 120_000, true, true, time.Time{}},
	} {
		h := hold{quiet: quietFor}
		for _, c := range tt.changes {
			h.note(at(c))
		}
		due, again := h.due(at(tt.now), func() bool { return tt.busy })
		if due != tt.due || !again.Equal(tt.again) {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, due, again, tt.due, tt.again)
		}
		if due {
			if due, again := h.due(at(tt.now), func() bool { return false }); due || !again.IsZero() {
				t.Errorf("%s: due twice", tt.name)
			}
		}
	}
}

func TestOfSystem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		change change
		want   bool
	}{
		{change{dir: "/h/var/lib/dpkg", name: "status"}, true},
		{change{dir: "/h/var/lib/dpkg", name: "status-new"}, false},
		{change{dir: "/h/var/lib/dpkg", name: "lock-frontend"}, false},
		{change{dir: "/h/var/lib/dpkg"}, true}, // the folder itself
		{change{dir: "/h/var/lib/dpkg/status.d", name: "tzdata"}, true},
		{change{dir: "/h/var/lib/rpm", name: "rpmdb.sqlite-wal"}, true},
		{change{dir: "/h/usr/lib/apk/db", name: "installed"}, true},
		{change{dir: "/h/usr/lib/node_modules", name: "installed"}, false},
		{change{lost: true}, true},
	} {
		if got := tt.change.ofSystem("/h"); got != tt.want {
			t.Errorf("%+v: %v", tt.change, got)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	got := []time.Duration{backoff(0, 0), backoff(0, 1), backoff(3, 1), backoff(100, 0), backoff(100, 1)}
	want := []time.Duration{minWait / 2, minWait, 8 * time.Second, maxWait / 2, maxWait}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
