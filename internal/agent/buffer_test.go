package agent

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// contents returns what a buffer holds, as its courier would send it, and empties it.
func contents(t *testing.T, b *buffer) []string {
	t.Helper()
	var out []string
	for {
		w, data, ok, err := b.next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return out
		}
		out = append(out, string(data))
		if err := b.sent(w); err != nil {
			t.Fatal(err)
		}
	}
}

func reopened(t *testing.T, dir string) *buffer {
	t.Helper()
	b, err := openBuffer(dir, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBuffer(t *testing.T) {
	t.Parallel()
	type entry struct {
		whole bool
		data  string
	}
	for _, tt := range []struct {
		name string
		add  []entry
		want []string
	}{
		{"in order", []entry{{true, "w1"}, {false, "d2"}, {false, "d3"}}, []string{"w1", "d2", "d3"}},
		{"newest whole wins", []entry{{true, "w1"}, {false, "d2"}, {true, "w3"}, {false, "d4"}}, []string{"w3", "d4"}},
		{"too large", []entry{{true, "w1"}, {false, strings.Repeat("d", 1000)}, {false, "d3"}}, []string{"w1", "d3"}},
		{"whole even if large", []entry{{false, "d1"}, {true, strings.Repeat("w", 2000)}}, []string{strings.Repeat("w", 2000)}},
	} {
		dir := t.TempDir()
		b := reopened(t, dir)
		for i, e := range tt.add {
			if err := b.add(fmt.Sprint("r", i), e.whole, []byte(e.data)); err != nil && !errors.Is(err, errFull) {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		// What was being written when the machine stopped is no report.
		if err := os.WriteFile(filepath.Join(dir, "00000000000000000099-r.delta.new"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, contents(t, reopened(t, dir))); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: %v is left", tt.name, left)
		}
	}
}

func TestBufferKeepsWhatReplacedIt(t *testing.T) {
	t.Parallel()
	b := reopened(t, t.TempDir())
	if err := b.add("r1", true, []byte("w1")); err != nil {
		t.Fatal(err)
	}
	w, _, _, err := b.next()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.add("r2", true, []byte("w2")); err != nil {
		t.Fatal(err)
	}
	if err := b.sent(w); err != nil { // while w2 came
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"w2"}, contents(t, b)); diff != "" {
		t.Error(diff)
	}
}

// TestBufferProcess is not a test but the process that TestBufferOfKilledProcess
// kills: it adds reports and says so.
func TestBufferProcess(t *testing.T) {
	dir := os.Getenv("ASSAY_TEST_BUFFER")
	if dir == "" {
		t.Skip("for another test")
	}
	b, err := openBuffer(dir, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100_000 {
		if err := b.add(fmt.Sprint("r", i), i%50 == 0, fmt.Append(nil, "report ", i)); err != nil && !errors.Is(err, errFull) {
			t.Fatal(err)
		}
		fmt.Fprintln(os.Stderr, i)
	}
}

// TestBufferOfKilledProcess kills a process in the midst of adding: what it was
// told is kept, is there, whole and in order.
func TestBufferOfKilledProcess(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 7, 49, 50, 51, 120} {
		dir := t.TempDir()
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestBufferProcess$")
		cmd.Env = append(os.Environ(), "ASSAY_TEST_BUFFER="+dir)
		says, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		for lines := bufio.NewScanner(says); lines.Scan(); {
			_, _ = fmt.Sscan(lines.Text(), &last)
			if last == after {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait() // it was killed
		first := last / 50 * 50
		got := contents(t, reopened(t, dir))
		if len(got) > 0 { // it may have added one more, and not come to say so
			_, _ = fmt.Sscanf(got[0], "report %d", &first)
		}
		if first > last+1 || first%50 != 0 || len(got) < last-first+1 {
			t.Errorf("killed after %d: %v", last, got)
		}
		for i, report := range got {
			if want := fmt.Sprint("report ", first+i); report != want {
				t.Errorf("killed after %d: %q, want %q", last, report, want)
			}
		}
	}
}
