package artifact

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestTreePipe opens what would wait for ever.
func TestTreePipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := openRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	_, err = d.open("pipe")
	wantError(t, err, "not a regular file")
	wantLines(t, open(t, dir, Options{}), []string{"p pipe"})
	_, err = Open(t.Context(), filepath.Join(dir, "pipe"), Options{})
	wantError(t, err, "not a regular file")
}

func TestParseMounts(t *testing.T) {
	t.Parallel()
	table := []byte(`22 1 254:0 / / rw - ext4 /dev/root rw
23 22 0:21 / /proc rw - proc proc rw
24 22 0:22 / /sys rw,nosuid shared:7 - sysfs sysfs rw
25 22 8:1 / /data rw - xfs /dev/sda1 rw
26 22 0:40 / /mnt/my\040files rw - nfs4 server:/x rw
27 22 0:41 / /mnt/covered rw - nfs4 server:/y rw
28 22 8:2 / /mnt/covered rw - ext4 /dev/sda2 rw
30 22 0:43 / /srv/merged rw - overlay overlay rw
29 22 0:42 / /srv/proc rw - proc proc rw
broken line
`)
	why := "network file system (nfs4) is not inspected; name it as a target of its own"
	for _, tt := range []struct {
		root string
		host bool
		want map[string]string
	}{
		{"/", false, map[string]string{"proc": "", "sys": "", "mnt/my files": why, "srv/proc": ""}},
		{"/srv", true, map[string]string{"proc": "", "merged": ""}},
		{"/mnt/my files", true, map[string]string{}}, // named by the user: walked
		{"/sr", true, map[string]string{}},
	} {
		if diff := cmp.Diff(tt.want, parseMounts(table, tt.root, tt.host)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.root, diff)
		}
	}
}

// TestTreeMounts walks a tree with mount points that are passed over.
func TestTreeMounts(t *testing.T) {
	t.Parallel()
	dir := write(t, t.TempDir(), file{name: "proc/1"}, file{name: "nfs/a"}, file{name: "b"})
	tr := tree{root: dir, mounts: func() map[string]string { return map[string]string{"proc": "", "nfs": "not inspected"} }}
	got := lines(t, Layer{walk: tr.walk})
	if diff := cmp.Diff([]string{"- b: ", "d nfs ! not inspected"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
