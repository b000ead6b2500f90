package match

import (
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/inventory"
)

// software collects what is stated about software that came without a package
// manager: under its own name, under the products of its CPEs and in Bitnami's
// catalogue. Each has its own order of versions.
func (m *matcher) software(p *inventory.Package) {
	m.softwareAt(m.place, p.Name, p.Version)
	if len(m.place.also) == 0 {
		return
	}
	cpes, bitnami, _ := ecosystem.Software(p.Name)
	for _, at := range m.place.also {
		switch {
		case at.Type == cpeType:
			for _, c := range cpes {
				m.softwareAt(at, c, p.Version)
			}
		case bitnami != "":
			m.softwareAt(at, bitnami, p.Version)
		}
	}
}

func (m *matcher) softwareAt(at *place, name, version string) {
	m.subjects[advisory.BinaryName].set(at.Type, name, version, advisory.BinaryName)
	m.lookup(at, name, true, false)
}

// platform makes the matches of the operating system itself, of which advisories
// say that its maker repairs it no more.
func (m *matcher) platform() error {
	name, ok := Platform(m.inv.OS)
	if !ok || m.opt.Part || m.inv.OS.VersionID == "" || !m.db.Covers(name.Ecosystem) {
		return nil // without a version it is one that rolls on, and has no end
	}
	m.pkg = &inventory.Package{Type: platformType, Name: m.inv.OS.ID, Version: m.inv.OS.VersionID}
	m.place = m.newPlace(platformType, name.Ecosystem)
	for _, version := range releases(m.inv.OS) {
		if len(m.found) == 0 {
			m.softwareAt(m.place, name.Name, version)
		}
	}
	if m.err != nil || len(m.found) == 0 {
		return m.err
	}
	return m.merge()
}

// releases returns the names of the release of an operating system by which its
// maker counts how long it is repaired: the version itself, and the part of it
// by which its packages are known.
func releases(os inventory.OS) []string {
	out := []string{os.VersionID}
	var r string
	switch p, ok := platforms[os.ID]; {
	case ok:
		r = p.release(os)
	case os.ID == "macos" && !strings.HasPrefix(os.VersionID, "10."):
		r = major(os)
	case os.ID == "macos", os.ID == "freebsd":
		r = minor(os)
	}
	if r != "" && r != os.VersionID {
		out = append(out, r)
	}
	return out
}

// products are the operating systems of os-release by vendor and product of
// their CPE. A longer product counts as one of its kind:
// redhat:enterprise_linux_server.
// Source: NIST, "Official Common Platform Enumeration Dictionary".
var products = map[string][]string{
	"almalinux":     {"almalinux:almalinux"},
	"alpine":        {"alpinelinux:alpine_linux"},
	"amzn":          {"amazon:linux", "amazon:amazon_linux"},
	"centos":        {"centos:centos"},
	"debian":        {"debian:debian_linux"},
	"fedora":        {"fedoraproject:fedora"},
	"macos":         {"apple:mac"},
	"ol":            {"oracle:linux"},
	"opensuse-leap": {"opensuse:"},
	"rhel":          {"redhat:enterprise_linux"},
	"rocky":         {"rocky"},
	"sles":          {"suse:linux_enterprise", "suse:suse_linux_enterprise"},
	"ubuntu":        {"canonical:ubuntu_linux"},
	"windows":       {"microsoft:windows"},
}

// runsOn tells whether an operating system is one of those that a flaw needs.
// Of one that is not known it can only be guessed: what has no os-release is
// most often an image for Linux.
func runsOn(platforms []string, os inventory.OS) (ok, guessed bool) {
	own := products[os.ID]
	if p := productOf(os.CPE); p != "" {
		own = append(slices.Clip(own), p)
	}
	for _, p := range platforms {
		if strings.HasPrefix(p, "linux:linux") {
			switch os.ID {
			case "":
				guessed = true
			case "windows", "macos", "freebsd":
			default:
				return true, false
			}
		}
		if slices.ContainsFunc(own, func(o string) bool { return strings.HasPrefix(p, o) }) {
			return true, false
		}
	}
	return guessed, guessed
}

// productOf returns vendor and product of a CPE in either of its spellings.
// Source: NIST IR 7695, sections 6.1 and 6.2.
func productOf(cpe string) string {
	rest, ok := strings.CutPrefix(cpe, "cpe:2.3:")
	if !ok {
		if rest, ok = strings.CutPrefix(cpe, "cpe:/"); !ok {
			return ""
		}
	}
	parts := strings.SplitN(rest, ":", 4)
	if len(parts) < 3 || parts[1] == "" || parts[2] == "" {
		return ""
	}
	return parts[1] + ":" + parts[2]
}
