package match

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// A part of a kernel is what a package brings of it.
type part uint8

const (
	kernelNone   part = iota
	kernelImage       // code that runs: the image or its modules
	kernelAround      // built from the same source, without any of its code
)

// signedKernel begins the names of the Debian and Ubuntu sources that only sign
// what another source has built.
const signedKernel = "linux-signed"

// unsigned returns the source that has built what a source signs:
// linux-signed-amd64 of Debian is linux, linux-signed-aws of Ubuntu is
// linux-aws. Both have the version of the packages.
// Source: Debian, "Signed kernel packages" in the packaging of linux; Ubuntu
// kernel team, "Kernel/Dev/KernelSigning".
func unsigned(name string) string {
	rest := strings.TrimPrefix(name, signedKernel)
	for _, arch := range [...]string{"-amd64", "-arm64", "-i386", "-armhf"} {
		rest = strings.TrimSuffix(rest, arch)
	}
	return "linux" + rest
}

// flavours are the words that follow "linux-" or "kernel-" in the names of
// sources of kernels, besides versions. Other sources that begin so, such as
// linux-firmware and linux-system-roles, have nothing of a kernel.
// Sources: Debian and Ubuntu archives, source packages linux-*; Alpine aports,
// main and community; spec files of Fedora, Oracle, SUSE and Photon.
var flavours = []string{
	"64k", "aarch64", "allwinner", "aws", "azure", "bluefield", "debug", "default", "dell", "docs", "edge", "esx", "fips",
	"gcp", "gke", "gkeop", "grsec", "hardened", "hci", "hwe", "ibm", "intel", "iot", "kvm", "laptop", "longterm", "lowlatency",
	"lts", "mshv", "mtk", "nvidia", "oem", "oracle", "pae", "raspi", "raspi2", "realtime", "riscv", "rpi", "rt", "secure",
	"snapdragon", "source", "starfive", "uek", "vanilla", "virt", "xilinx",
}

// around are the words of names of packages that have none of the code.
var around = []string{
	"headers", "devel", "dev", "doc", "docs", "tools", "perf", "kbuild", "source", "sources", "syms", "macros",
	"libs", "libc", "support", "config", "cpupower", "abi", "buildinfo", "compiler", "selftests", "cloud", "obs",
	"dbg", "dbgsym", "debuginfo", "debugsource", "common", "hyperv", "udebs",
}

// kernelPart tells what a package of the operating system brings of a kernel.
func kernelPart(p *inventory.Package) part {
	source, _, _ := sourceOf(p)
	stem := "linux"
	if p.Type == "rpm" && strings.HasPrefix(source, "kernel") {
		stem = "kernel"
	}
	rest, ok := strings.CutPrefix(source, stem)
	if !ok || rest != "" && rest[0] != '-' && (rest[0] < '0' || rest[0] > '9') {
		return kernelNone
	}
	word, _, _ := strings.Cut(strings.TrimPrefix(rest, "-"), "-")
	if _, ok := slices.BinarySearch(flavours, word); !ok && word != "" && (word[0] < '0' || word[0] > '9') {
		return kernelNone
	}
	if p.Type == "deb" {
		for _, prefix := range kernelDebs {
			// linux-image-amd64 only names the newest image.
			release, ok := strings.CutPrefix(p.Name, prefix)
			if ok && firstNumber(release) != "" && !strings.HasSuffix(release, "-dbg") && !strings.HasSuffix(release, "-dbgsym") {
				return kernelImage
			}
		}
		return kernelAround
	}
	rest, ok = strings.CutPrefix(p.Name, stem)
	if !ok {
		return kernelAround
	}
	for word := range strings.SplitSeq(rest, "-") {
		if slices.Contains(around, word) {
			return kernelAround
		}
	}
	return kernelImage
}

// kernelDebs begin the names of the packages of a kernel in Debian and Ubuntu;
// its release follows. The longer one is first.
var kernelDebs = []string{"linux-image-unsigned-", "linux-image-", "linux-modules-extra-", "linux-modules-"}

// isRunning tells whether a package of a kernel is of the one that runs, by its
// release as uname prints it. It is the end of the name in Debian and Ubuntu; in
// Alpine "6.6.7-0-lts" of linux-lts 6.6.7-r0; elsewhere the version, with
// the architecture, or the flavour, or neither after it:
// "5.14.0-362.8.1.el9_3.x86_64", "5.14.21-150500.55.39-default" of
// kernel-default 5.14.21-150500.55.39.1, "6.1.10-11.ph5-esx".
// Sources: packaging of linux in Debian and Alpine; Fedora, kernel.spec; SUSE,
// kernel-source, "scripts/run_oldconfig.sh", on the number of the rebuild.
func isRunning(p *inventory.Package, uname string) bool {
	switch p.Type {
	case "deb":
		for _, prefix := range kernelDebs {
			if release, ok := strings.CutPrefix(p.Name, prefix); ok {
				return strings.TrimSuffix(release, "-unsigned") == uname
			}
		}
		return false
	case "apk":
		version, build, _ := strings.Cut(p.Version, "-r")
		return uname == version+"-"+cmp.Or(build, "0")+strings.TrimPrefix(p.Name, "linux")
	}
	_, version := cutEpoch(p.Version)
	flavour := ""
	if word, ok := strings.CutPrefix(p.Name, "kernel-"); ok {
		flavour = word
	} else {
		flavour = strings.TrimPrefix(p.Name, "linux-")
	}
	uname, mark, _ := strings.Cut(uname, "+") // kernel-rt, kernel-64k, kernel-debug
	if mark != "" && !strings.HasPrefix(flavour, mark) {
		return false
	}
	switch rest, ok := strings.CutPrefix(uname, version); {
	case ok && (rest == "" || rest == "."+p.Arch):
		return mark != "" || !marked(flavour, version)
	case ok:
		return rest == "-"+flavour
	}
	base, own, ok := cutLast(uname, "-")
	return ok && strings.HasPrefix(flavour, own) && strings.HasPrefix(version, base+".")
}

// marked tells whether the release of a kernel of that flavour has a mark after
// its version, which tells it from others of that version. The real-time kernel
// of RHEL 8 has it in the version.
func marked(flavour, version string) bool {
	word, _, _ := strings.Cut(flavour, "-")
	return word == "debug" || word == "64k" || word == "rt" && !strings.Contains(version, ".rt")
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, separator string) (before, after string, ok bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}
