package extract

import (
	"bytes"
	"testing"

	"github.com/assay-project/assay/inventory"
)

// TestOSFacts reads what else than its names there is to know of a system.
func TestOSFacts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, path, data string
		want             *inventory.OS
	}{
		{"kernel", "proc/sys/kernel/osrelease", "6.1.0-13-amd64\n", &inventory.OS{Kernel: "6.1.0-13-amd64"}},
		{"no kernel", "proc/sys/kernel/osrelease", "", nil},
		{
			"pro", "var/lib/ubuntu-advantage/status.json",
			`{"attached": true, "services": [{"name": "esm-apps", "status": "enabled"}, 1]}`, &inventory.OS{Pro: true},
		},
		{"not attached", "var/lib/ubuntu-advantage/status.json", `{"attached": false, "services": [{"name": "esm-infra", "status": "enabled"}]}`, nil},
		{"attached without updates", "var/lib/ubuntu-advantage/status.json", `{"attached": true, "services": [{"name": "esm-infra", "status": "disabled"}]}`, nil},
		{"no status", "var/lib/ubuntu-advantage/status.json", `{"attached": null}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := readBytes(tt.path, []byte(tt.data))
			if len(f.Problems) > 0 || (f.OS == nil) != (tt.want == nil) || f.OS != nil && (f.OS.Kernel != tt.want.Kernel || f.OS.Pro != tt.want.Pro) {
				t.Errorf("got %+v and %v, want %+v", f.OS, f.Problems, tt.want)
			}
		})
	}
}

// kernelWith returns the beginning of a kernel for x86.
func kernelWith(version string) []byte {
	b := make([]byte, 0x400)
	copy(b[0x202:], "HdrS")
	b[0x20f] = 1 // at 0x300
	return append(append(b[:0x300], version...), 0, 1, 2)
}

func TestKernel(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"vmlinuz-linux", kernelWith("6.6.3-arch1-1 (linux@archlinux) #1 SMP"), "linux 6.6.3 binary"},
		{"vmlinuz-5.15.0", kernelWith("5.15.137 (root@x)"), "linux 5.15.137 binary"},
		{"vmlinuz-6.7.0-rc1", nil, "linux 6.7.0-rc1 filename"},
		{"vmlinuz-6.1.0-13-amd64", []byte("x"), "linux 6.1.0 filename"},
		{"vmlinuz-virt", nil, ""},
		{"vmlinuz-.", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			for _, p := range readBytes("boot/"+tt.name, tt.data).Packages {
				got += p.Name + " " + p.Version + " " + string(p.Evidence)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzSoftware reads a text by all formats of software that are read in order,
// whatever its name.
func FuzzSoftware(f *testing.F) {
	seeds(f, func(string) bool { return true })
	f.Add(kernelWith("6.6.3-arch1-1 (linux@archlinux) #1 SMP"))
	f.Add([]byte(`{"attached": true, "services": [{"name": "esm-apps", "status": "enabled"}]}`))
	f.Add([]byte(`{"Content": [{"Name": "acpid", "Version": "2.0.34"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows := append(softwareFormats(), osFormats()...)
		for _, r := range rows {
			if r.need != stream {
				continue
			}
			out := &File{Path: "boot/vmlinuz-x"}
			fl := &file{path: out.Path, size: int64(len(data)), r: bytes.NewReader(data), match: newMatcher(nil), out: out}
			_ = r.read(fl) // must not panic; any error is a problem of the file
			for _, p := range out.Packages {
				if p.Type == "" || p.Type == "generic" && (p.Version == "" || len(p.Version) > 4*maxMarked) {
					t.Errorf("%s: %+v", r.name, p)
				}
			}
		}
	})
}
