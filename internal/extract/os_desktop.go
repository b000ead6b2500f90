package extract

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readWindows reads the part of the registry that names Windows and the
// programs that were installed.
// Source: Microsoft Learn, "Uninstall Registry Key"; the values of
// CurrentVersion are those that winver shows.
func readWindows(f *file) error {
	h, err := openHive(f.at, f.size)
	if err != nil {
		return err
	}
	k, ok, err := h.open("Microsoft", "Windows NT", "CurrentVersion")
	if err != nil {
		return err
	}
	if ok {
		values, err := h.valuesOf(k)
		if err != nil {
			return err
		}
		f.out.OS = windowsOf(values)
	}
	for _, at := range [][]string{
		{"Microsoft", "Windows", "CurrentVersion", "Uninstall"},
		{"WOW6432Node", "Microsoft", "Windows", "CurrentVersion", "Uninstall"},
	} {
		k, ok, err := h.open(at...)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := h.each(k, func(program hiveKey) error {
			values, err := h.valuesOf(program)
			// An update of a program names it as its parent.
			if name := values["displayname"].text; err == nil && name != "" && values["parentkeyname"].text == "" {
				f.application(name, values["displayversion"].text, inventory.Database)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// windowsOf returns Windows by its version, 10.0.17763.5122: the last part
// counts the cumulative updates.
func windowsOf(values map[string]hiveValue) *inventory.OS {
	build := values["currentbuild"].text
	if build == "" {
		build = values["currentbuildnumber"].text
	}
	version := values["currentversion"].text // 6.3 since Windows 8.1
	if major := values["currentmajorversionnumber"]; major.number > 0 {
		version = fmt.Sprintf("%d.%d", major.number, values["currentminorversionnumber"].number)
	}
	if version == "" || build == "" {
		return nil
	}
	version += "." + build
	if ubr, ok := values["ubr"]; ok {
		version += "." + strconv.FormatUint(uint64(ubr.number), 10)
	}
	name := values["productname"].text
	// Windows 11 calls itself Windows 10 here.
	if n, err := strconv.Atoi(build); err == nil && n >= 22000 {
		name = strings.Replace(name, "Windows 10", "Windows 11", 1)
	}
	return &inventory.OS{ID: "windows", VersionID: version, Name: name}
}

// readWindowsUpdate goes by the name of a file that describes an installed
// update: Package_for_KB5032196~31bf3856ad364e35~amd64~~17763.5122.1.4.mum.
// Source: Microsoft Learn, "Windows Servicing", package identities.
func readWindowsUpdate(f *file) error {
	parts := strings.Split(strings.TrimSuffix(path.Base(f.path), ".mum"), "~")
	kb, ok := strings.CutPrefix(parts[0], "Package_for_KB")
	if !ok || kb == "" || strings.Trim(kb, "0123456789") != "" || len(parts) != 5 {
		return nil // a part of Windows or of an update
	}
	f.add(inventory.Package{Type: "generic", Name: "KB" + kb, Version: parts[4], Arch: parts[2], Evidence: inventory.Filename})
	return nil
}

// readMacOS reads which macOS it is.
// Source: macOS, sw_vers(1), section "FILES".
func readMacOS(f *file) error {
	values, err := readPlist(f.r)
	if v := values["ProductVersion"]; v != "" {
		f.out.OS = &inventory.OS{ID: "macos", VersionID: v, Name: strings.TrimSpace(values["ProductName"] + " " + v)}
	}
	return err
}

// readApplication reads what an application of macOS tells of itself.
// Source: Apple, "Information Property List", CFBundleShortVersionString.
func readApplication(f *file) error {
	values, err := readPlist(f.r)
	name := values["CFBundleDisplayName"]
	if name == "" {
		name = values["CFBundleName"]
	}
	if name == "" {
		name = strings.TrimSuffix(path.Base(path.Dir(path.Dir(f.path))), ".app")
	}
	version := values["CFBundleShortVersionString"]
	if version == "" {
		version = values["CFBundleVersion"]
	}
	if len(values) > 0 {
		f.application(name, version, inventory.Manifest)
	}
	return err
}

// application records a program by the name that it shows to people: that of
// the table of software if it is there, else its own in lower case.
func (f *file) application(shown, version string, evidence inventory.Evidence) {
	name := strings.ToLower(shown)
	for _, a := range [...]struct{ begins, name string }{
		{"apache http server", "httpd"},
		{"apache tomcat", "tomcat"},
		{"git ", "git"},
		{"mariadb", "mariadb"},
		{"memcached", "memcached"},
		{"mysql server", "mysql"},
		{"nginx", "nginx"},
		{"node.js", "node"},
		{"openssl ", "openssl"},
		{"postgresql ", "postgresql"},
		{"redis on windows", "redis"},
		{"strawberry perl", "perl"},
	} {
		if strings.HasPrefix(name+" ", a.begins) {
			name = a.name
			break
		}
	}
	f.software(name, clean([]byte(version[:min(len(version), 4*maxMarked)])), evidence)
}
