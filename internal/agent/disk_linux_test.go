package agent

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestBufferOnFullDisk: reports go on from memory, and to the disk when it has
// room again.
func TestBufferOnFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a small disk cannot be made: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, 0) })
	b, err := openBuffer(dir+"/buffer", maxBuffer)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/other", make([]byte, 64<<10), 0o600); err == nil {
		t.Log("the disk is larger than it should be")
	}
	if err := b.add("r1", true, []byte("w1")); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("a full disk is not told: %v", err)
	}
	if err := b.add("r2", false, []byte("d2")); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("a full disk is not told: %v", err)
	}
	if err := os.Remove(dir + "/other"); err != nil {
		t.Fatal(err)
	}
	if err := b.add("r3", false, []byte("d3")); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
	if diff := cmp.Diff([]string{"w1", "d2", "d3"}, contents(t, b)); diff != "" {
		t.Error(diff)
	}
}
