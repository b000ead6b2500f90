package match

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// The names and versions are those of packages in the distributions' archives.
func TestKernelPart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ, name, source string
		want              part
	}{
		{"deb", "linux-image-6.1.0-13-amd64", "linux-signed-amd64", kernelImage},
		{"deb", "linux-image-6.1.0-13-amd64-unsigned", "linux", kernelImage},
		{"deb", "linux-image-6.1.0-13-amd64-dbg", "linux", kernelAround},
		{"deb", "linux-image-amd64", "linux-signed-amd64", kernelAround},
		{"deb", "linux-modules-extra-5.15.0-1051-aws", "linux-aws", kernelImage},
		{"deb", "linux-image-unsigned-5.15.0-91-generic", "linux", kernelImage},
		{"deb", "linux-image-5.15.0-1051-aws", "linux-signed-aws", kernelImage},
		{"deb", "linux-image-5.10.0-0.deb10.26-amd64", "linux-signed-5.10-amd64", kernelImage},
		{"deb", "linux-libc-dev", "linux", kernelAround},
		{"deb", "linux-perf", "linux", kernelAround},
		{"deb", "bpftool", "linux", kernelAround},
		{"deb", "linux-firmware", "", kernelNone},
		{"deb", "linux-base", "", kernelNone},
		{"deb", "linux-image-generic", "linux-meta", kernelNone},
		{"deb", "linuxptp", "", kernelNone},
		{"deb", "bash", "", kernelNone},
		{"rpm", "kernel", "kernel", kernelImage},
		{"rpm", "kernel-modules-extra", "kernel", kernelImage},
		{"rpm", "kernel-rt-core", "kernel-rt", kernelImage},
		{"rpm", "kernel-uek-core", "kernel-uek", kernelImage},
		{"rpm", "kernel6.12", "kernel6.12", kernelImage},
		{"rpm", "kernel-default", "kernel-default", kernelImage},
		{"rpm", "linux-esx", "linux-esx", kernelImage},
		{"rpm", "kernel-headers", "kernel", kernelAround},
		{"rpm", "kernel-tools-libs", "kernel", kernelAround},
		{"rpm", "kernel-rt-devel", "kernel-rt", kernelAround},
		{"rpm", "perf", "kernel", kernelAround},
		{"rpm", "kernel-livepatch-4.14.273-207.502", "kernel-livepatch-4.14.273-207.502", kernelNone},
		{"rpm", "kernel-srpm-macros", "kernel-srpm-macros", kernelNone},
		{"rpm", "linux-system-roles", "linux-system-roles", kernelNone},
		{"apk", "linux-lts", "linux-lts", kernelImage},
		{"apk", "linux-virt", "linux-lts", kernelImage},
		{"apk", "linux-lts-dev", "linux-lts", kernelAround},
		{"apk", "linux-headers", "linux-headers", kernelNone},
		{"apk", "linux-pam", "linux-pam", kernelNone},
	} {
		p := &inventory.Package{Type: tt.typ, Name: tt.name, SourceName: tt.source}
		if got := kernelPart(p); got != tt.want {
			t.Errorf("%s of %s has part %d of a kernel, want %d", tt.name, tt.source, got, tt.want)
		}
	}
}

func TestIsRunning(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ, name, version, uname string
		want                      bool
	}{
		{"deb", "linux-image-6.1.0-13-amd64", "6.1.55-1", "6.1.0-13-amd64", true},
		{"deb", "linux-modules-extra-5.15.0-91-generic", "5.15.0-91.101", "5.15.0-91-generic", true},
		{"deb", "linux-image-6.1.0-13-amd64-unsigned", "6.1.55-1", "6.1.0-13-amd64", true},
		{"deb", "linux-image-6.1.0-13-amd64", "6.1.55-1", "6.1.0-1-amd64", false},
		{"deb", "linux-libc-dev", "6.1.55-1", "6.1.0-13-amd64", false},
		{"rpm", "kernel-core", "5.14.0-362.8.1.el9_3", "5.14.0-362.8.1.el9_3.x86_64", true},
		{"rpm", "kernel-core", "0:5.14.0-362.8.1.el9_3", "5.14.0-362.8.1.el9_3.x86_64", true},
		{"rpm", "kernel-core", "5.14.0-362.8.1.el9_3", "5.14.0-362.8.1.el9_3.aarch64", false},
		{"rpm", "kernel-core", "5.14.0-362.8.1.el9_3", "5.14.0-362.18.1.el9_3.x86_64", false},
		{"rpm", "kernel-core", "5.14.0-362.8.1.el9_3", "5.14.0-362.8.1.el9_3.x86_64+rt", false},
		{"rpm", "kernel-rt-core", "5.14.0-362.8.1.el9_3", "5.14.0-362.8.1.el9_3.x86_64+rt", true},
		{"rpm", "kernel-rt-core", "5.14.0-362.8.1.el9_3", "5.14.0-362.8.1.el9_3.x86_64", false},
		{"rpm", "kernel-rt-core", "4.18.0-513.5.1.rt7.307.el8_9", "4.18.0-513.5.1.rt7.307.el8_9.x86_64", true},
		{"rpm", "kernel-uek-core", "5.15.0-100.96.32.el8uek", "5.15.0-100.96.32.el8uek.x86_64", true},
		{"rpm", "kernel", "4.14.273-207.502.amzn2", "4.14.273-207.502.amzn2.x86_64", true},
		{"rpm", "kernel-default", "5.14.21-150500.55.39.1", "5.14.21-150500.55.39-default", true},
		{"rpm", "kernel-default", "5.14.21-150500.55.3.1", "5.14.21-150500.55.39-default", false},
		{"rpm", "kernel-azure", "5.14.21-150500.55.39.1", "5.14.21-150500.55.39-default", false},
		{"rpm", "linux", "6.1.10-11.ph5", "6.1.10-11.ph5", true},
		{"rpm", "linux-esx", "6.1.10-11.ph5", "6.1.10-11.ph5-esx", true},
		{"rpm", "linux", "6.1.10-11.ph5", "6.1.10-11.ph5-esx", false},
		{"apk", "linux-lts", "6.6.7-r0", "6.6.7-0-lts", true},
		{"apk", "linux-virt", "6.6.7-r0", "6.6.7-0-lts", false},
		{"apk", "linux-lts", "6.6.7-r1", "6.6.7-0-lts", false},
	} {
		p := &inventory.Package{Type: tt.typ, Name: tt.name, Version: tt.version, Arch: "x86_64"}
		if got := isRunning(p, tt.uname); got != tt.want {
			t.Errorf("%s %s is running as %s: %v, want %v", tt.name, tt.version, tt.uname, got, tt.want)
		}
	}
}

// Names has every name under which statements are looked up.
func TestNamesOf(t *testing.T) {
	t.Parallel()
	jammy := inventory.OS{ID: "ubuntu", VersionID: "22.04"}
	for _, tt := range []struct {
		os   inventory.OS
		p    inventory.Package
		want []string
	}{
		{p: inventory.Package{Type: "npm", Name: "lodash"}, want: []string{"npm lodash"}},
		{p: inventory.Package{Type: "pypi", Name: "Flask_Login"}, want: []string{"pypi flask-login"}},
		{p: inventory.Package{Type: "generic", Name: "nginx"}, want: []string{"generic nginx", "cpe f5:nginx", "cpe nginx:nginx", "cpe f5:nginx_open_source", "bitnami nginx"}},
		{p: inventory.Package{Type: "generic", Name: "unheard-of"}, want: []string{"generic unheard-of"}},
		{jammy, inventory.Package{Type: "deb", Name: "netty"}, []string{"deb:ubuntu:22.04 netty", "deb:ubuntu:Pro:22.04 netty"}},
		{
			jammy,
			inventory.Package{Type: "deb", Name: "libnetty-java", SourceName: "netty"},
			[]string{"deb:ubuntu:22.04 libnetty-java", "deb:ubuntu:22.04 netty", "deb:ubuntu:Pro:22.04 libnetty-java", "deb:ubuntu:Pro:22.04 netty"},
		},
		{
			jammy,
			inventory.Package{Type: "deb", Name: "openssl", Version: "3.0.2-0ubuntu1.10+Fips1"},
			[]string{
				"deb:ubuntu:22.04 openssl", "deb:ubuntu:Pro:22.04 openssl", "deb:ubuntu:Pro:FIPS:22.04 openssl",
				"deb:ubuntu:Pro:FIPS-updates:22.04 openssl", "deb:ubuntu:Pro:FIPS-preview:22.04 openssl",
			},
		},
		{
			jammy,
			inventory.Package{Type: "deb", Name: "linux-realtime", SourceName: "linux-realtime", Version: "5.15.0-1032.35"},
			[]string{
				"deb:ubuntu:22.04 linux-realtime", "deb:ubuntu:Pro:22.04 linux-realtime", "deb:ubuntu:Pro:Realtime:22.04 linux-realtime",
				"deb:ubuntu:Pro:22.04:LTS:Realtime:Kernel linux-realtime",
			},
		},
		{
			inventory.OS{ID: "debian", VersionID: "12"},
			inventory.Package{Type: "deb", Name: "linux-image-6.1.0-13-amd64", SourceName: "linux-signed-amd64", SourceVersion: "6.1.55+1"},
			[]string{"deb:debian:12 linux-image-6.1.0-13-amd64", "deb:debian:12 linux"},
		},
	} {
		var got []string
		for _, n := range Names(Ecosystem(tt.os, tt.p.Type), &tt.p) {
			got = append(got, n.String()+" "+n.Name)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("names of %s %s (-want +got):\n%s", tt.p.Type, tt.p.Name, diff)
		}
	}
}

// What of a system matters to the matches of a package makes another setting, and
// nothing else does.
func TestSetting(t *testing.T) {
	t.Parallel()
	plain := inventory.OS{ID: "ubuntu", VersionID: "22.04", Name: "Ubuntu 22.04.3 LTS"}
	pro, kernel, windows := plain, plain, inventory.OS{ID: "windows"}
	pro.Pro, kernel.Kernel = true, "5.15.0-91-generic"
	for _, tt := range []struct {
		name  string
		a, b  inventory.OS
		typ   string
		equal bool
	}{
		{"Pro, packages of the system", plain, pro, "deb", false},
		{"Pro, a language", plain, pro, "npm", true},
		{"the kernel that runs", plain, kernel, "deb", false},
		{"the kernel that runs, software", plain, kernel, "generic", true},
		{"another system, software", plain, windows, "generic", false},
		{"another system, a language", plain, windows, "pypi", true},
	} {
		e := advisory.Ecosystem{Type: tt.typ}
		if got := Setting(tt.a, e) == Setting(tt.b, e); got != tt.equal {
			t.Errorf("%s: equal settings %v, want %v", tt.name, got, tt.equal)
		}
	}
}

func TestInBranch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version, branch string
		want            bool
	}{
		{"5.10.102-99.473.amzn2", "5.10", true},
		{"5.10.102-99.473.amzn2", "5.1", false},
		{"1:5.1-1.amzn2", "5.1", true},
		{"5.4.209-116.363.amzn2", "5.10", false},
		{"1.22.1-1.amzn2", "1", true},
		{"12.1-1.amzn2", "1", false},
	} {
		if got := inBranch(tt.version, tt.branch); got != tt.want {
			t.Errorf("%s is in branch %s: %v, want %v", tt.version, tt.branch, got, tt.want)
		}
	}
}

// The releases are those of RHSA-2024:0811, RHSA-2023:3821 and of kernels.
func TestOfMinor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version, release string
		want             bool
	}{
		{"1.9.5p2-9.el9_2.2", "9.2", true},
		{"1.9.5p2-7.el9_0.4", "9.0", true},
		{"4.18.0-372.32.1.el8_6", "8.6", true},
		{"4.18.0-372.9.1.el8", "8.6", false},
		{"1-1.el8_10", "8.1", false},
		{"1-1.el8_10", "8.10", true},
		{"1-1.el10_0", "10.0", true},
		{"2.7.8-139.module+el8.8.0+18745+f1bef313", "8.8", true},
		{"2.7.8-139.module+el8.10.0+18745+f1bef313", "8.1", false},
		{"1.9.5p2-9.el9_2.2", "8.2", false},
	} {
		if got := ofMinor(tt.version, tt.release); got != tt.want {
			t.Errorf("%s is of %s: %v", tt.version, tt.release, got)
		}
	}
}
