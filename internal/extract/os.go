package extract

// osFormats are the formats of operating systems: their release files and the
// databases of their package managers.
func osFormats() []format {
	return []format{
		{"os-release", 1, []string{"etc/os-release", "usr/lib/os-release"}, everywhere, whole, readOSRelease},
		{"dpkg", 1, []string{"var/lib/dpkg/status", "var/lib/dpkg/status.d/*"}, everywhere, whole, readDpkg},
		{"dpkg-files", 1, []string{"var/lib/dpkg/info/*.list"}, everywhere, whole, readDpkgList},
		{"apk", 1, []string{"lib/apk/db/installed", "usr/lib/apk/db/installed"}, everywhere, whole, readAPK},
		{"rpm-sqlite", 2, rpmFiles("rpmdb.sqlite"), everywhere, random, readRPMSQLite},
		{"rpm-wal", 1, rpmFiles("rpmdb.sqlite-wal"), everywhere, stream, readRPMWAL},
		{"rpm-ndb", 2, rpmFiles("Packages.db"), everywhere, random, readRPMNDB},
		{"rpm-bdb", 2, rpmFiles("Packages"), everywhere, random, readRPMBDB},
		{"pacman", 1, []string{"var/lib/pacman/local/*/desc"}, everywhere, whole, readPacman},
		{"pacman-files", 1, []string{"var/lib/pacman/local/*/files"}, everywhere, whole, readPacmanFiles},
		{"bottlerocket", 1, []string{"usr/share/bottlerocket/application-inventory.json"}, everywhere, stream, readBottlerocket},
		{"kernel-release", 1, []string{"proc/sys/kernel/osrelease"}, everywhere, stream, readKernelRelease},
		{"ubuntu-pro", 1, []string{"var/lib/ubuntu-advantage/status.json"}, everywhere, stream, readUbuntuPro},
		{"windows", 1, []string{"*/Windows/System32/config/SOFTWARE", "Hives/Software_Base"}, everywhere, random, readWindows},
		{"windows-update", 1, []string{"*/servicing/Packages/*.mum"}, everywhere, stream, readWindowsUpdate},
		{"macos", 1, []string{"System/Library/CoreServices/SystemVersion.plist"}, everywhere, stream, readMacOS},
		{"macos-application", 1, []string{"*.app/Contents/Info.plist"}, installed, stream, readApplication},
	}
}
