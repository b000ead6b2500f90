package agent

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

// put writes files below a folder.
func put(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name+".put", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".put", name); err != nil { // as package managers do
			t.Fatal(err)
		}
	}
}

func stanza(name, version, state string) string {
	return "Package: " + name + "\nStatus: install ok " + state + "\nArchitecture: amd64\nVersion: " + version + "\n\n"
}

// debian is a small host.
func debian(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	put(t, root, map[string]string{
		"etc/machine-id":                     "0123456789abcdef0123456789abcdef\n",
		"etc/hostname":                       "shop-1\n",
		"usr/lib/os-release":                 "ID=debian\nVERSION_ID=\"12\"\n",
		"var/lib/dpkg/status":                stanza("bash", "5.2-1", "installed") + stanza("nginx", "1.22-1", "triggers-pending") + stanza("old", "1", "not-installed"),
		"var/lib/dpkg/lock":                  "",
		"var/lib/dpkg/info/x.list":           "",
		"var/lib/dpkg/info/nginx.list":       "/usr/sbin/nginx\n/usr/lib/libnginx.so.1\n",
		"var/lib/dpkg/info/bash.list":        "/usr/bin/bash\n",
		"var/lib/dpkg/info/python3-six.list": "/usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO\n",
		"usr/sbin/nginx":                     "\x7fELF",
		"usr/bin/bash":                       "\x7fELF",
		"usr/bin/script":                     "#!/bin/sh",
		"usr/lib/libnginx.so.1":              "\x7fELF",
		"usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO":        "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n",
		"usr/local/lib/python3/dist-packages/left-1.0.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: left\nVersion: 1.0.0\n",
		"srv/app/node_modules/leftpad/package.json":                         `{"name":"leftpad","version":"1.3.0"}`,
	})
	return root
}

func names(list []inventory.Package) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.Type+" "+p.Name+" "+p.Version)
	}
	return out
}

func TestReadParts(t *testing.T) {
	t.Parallel()
	root := debian(t)
	sys, err := readSystem(t.Context(), root)
	if err != nil || sys.OS.ID != "debian" {
		t.Fatal(sys.OS, err)
	}
	// What is unpacked counts, whatever else is to be done with it.
	if diff := cmp.Diff([]string{"deb bash 5.2-1", "deb nginx 1.22-1"}, names(sys.Packages)); diff != "" {
		t.Error(diff)
	}
	d, err := readDeep(t.Context(), root, relative([]string{"/usr/lib", "/usr/local/lib/", "/usr/lib/python3"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"pypi left 1.0.0", "pypi six 1.16.0"}, names(d.packages)); diff != "" {
		t.Error(diff)
	}
	if d.packages[1].OwnedBy != "python3-six" {
		t.Errorf("six is owned by %q", d.packages[1].OwnedBy)
	}
	everything, err := readDeep(t.Context(), root, relative([]string{"/", "/usr/lib"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"npm leftpad 1.3.0", "pypi left 1.0.0", "pypi six 1.16.0"}, names(everything.packages)); diff != "" {
		t.Error(diff)
	}
	put(t, root, map[string]string{"usr/local/lib/python3/dist-packages/new-2.dist-info/METADATA": "Metadata-Version: 2.1\nName: new\nVersion: 2\n"})
	if err := os.RemoveAll(filepath.Join(root, "usr/local/lib/python3/dist-packages/left-1.0.0.dist-info")); err != nil {
		t.Fatal(err)
	}
	at := []string{"usr/local/lib/python3/dist-packages"}
	again, err := readDeep(t.Context(), root, at)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"pypi new 2", "pypi six 1.16.0"}, names(d.with(again, at).packages)); diff != "" {
		t.Error(diff)
	}
	want := []string{"usr/lib/python3/dist-packages", "usr/local/lib/python3/dist-packages"}
	if diff := cmp.Diff(want, folders(d.packages, 10)); diff != "" {
		t.Error(diff)
	}
}

// TestUsage has a host with one process that listens for others, one that is in
// a container, and one that runs a script.
func TestUsage(t *testing.T) {
	t.Parallel()
	root, container := debian(t), t.TempDir()
	link := func(to, name string) {
		t.Helper()
		name = filepath.Join(root, "proc", name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	for pid, at := range map[string]string{"1": root, "20": root, "30": container} {
		link(at, pid+"/root")
	}
	link("/usr/sbin/init", "1/exe")
	link("/usr/sbin/nginx (deleted)", "20/exe")
	link("socket:[4711]", "20/fd/3")
	link("socket:[4712]", "1/fd/3")
	link("/usr/bin/bash", "30/exe")
	put(t, root, map[string]string{
		"proc/1/fd/0": "", "proc/1/maps": "", "proc/1/cmdline": "/sbin/init\x00",
		"proc/20/maps":    "7f00-7f01 r-xp 00000000 08:01 12                         /usr/lib/libnginx.so.1\n7f01-7f02 r--p 0 0:0 0 /usr/lib/other.so\n",
		"proc/20/cmdline": "nginx\x00",
		"proc/1/net/tcp": "  sl  local_address rem_address   st\n   0: 00000000:0050 00000000:0000 0A 0:0 0:0 0 0 0 4711 1\n" +
			"   1: 0100007F:0051 00000000:0000 0A 0:0 0:0 0 0 0 4712 1\n",
	})
	var c census
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := c.look(t.Context(), root, now); err != nil {
		t.Fatal(err)
	}
	got := map[string]inventory.Usage{}
	for _, name := range []string{"nginx", "bash", "python3-six"} {
		got[name] = c.usage(deb(name, "1"), "")
	}
	want := map[string]inventory.Usage{"nginx": inventory.Listening, "bash": inventory.Idle, "python3-six": ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := os.RemoveAll(filepath.Join(root, "proc/20")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after time.Duration
		want  inventory.Usage
	}{{time.Hour, inventory.Listening}, {25 * time.Hour, inventory.Idle}} {
		if err := c.look(t.Context(), root, now.Add(tt.after)); err != nil {
			t.Fatal(err)
		}
		if got := c.usage(deb("nginx", "1"), ""); got != tt.want {
			t.Errorf("after %v: %q, want %q", tt.after, got, tt.want)
		}
	}
	if got := c.usage(inventory.Package{Name: "linux-image-6.1.0-13-amd64", Evidence: inventory.Database}, "6.1.0-13-amd64"); got != inventory.Loaded {
		t.Errorf("the kernel is %q", got)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := readIdentity(dir); err != ErrNotEnrolled { //nolint:errorlint // the very one
		t.Errorf("of none: %v", err)
	}
	id := Identity{Server: "https://assay.example.org", Key: "AKIAEXAMPLE", Secret: "secret"}
	if err := id.keep(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := readIdentity(dir); err != nil || got != id {
		t.Errorf("%v, %v", got, err)
	}
	if err := os.Chmod(filepath.Join(dir, identityFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readIdentity(dir); err == nil {
		t.Error("a key that all can read is used")
	}
}
