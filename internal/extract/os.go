package extract

// osFormats are the formats of operating systems: their release files and the
// databases of their package managers.
func osFormats() []format {
	return []format{
		{"os-release", 1, []string{"etc/os-release", "usr/lib/os-release"}, everywhere, whole, readOSRelease},
		{"dpkg", 1, []string{"var/lib/dpkg/status", "var/lib/dpkg/status.d/*"}, everywhere, whole, readDpkg},
		{"dpkg-files", 1, []string{"var/lib/dpkg/info/*.list"}, everywhere, whole, readDpkgList},
		{"apk", 1, []string{"lib/apk/db/installed", "usr/lib/apk/db/installed"}, everywhere, whole, readAPK},
		{"rpm-sqlite", 1, rpmFiles("rpmdb.sqlite"), everywhere, random, readRPMSQLite},
		{"rpm-wal", 1, rpmFiles("rpmdb.sqlite-wal"), everywhere, stream, readRPMWAL},
		{"rpm-ndb", 1, rpmFiles("Packages.db"), everywhere, random, readRPMNDB},
		{"rpm-bdb", 1, rpmFiles("Packages"), everywhere, random, readRPMBDB},
	}
}
