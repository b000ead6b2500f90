package extract

// projectFormats is the table of the build files of the Java virtual machine
// and of .NET, and of what their tools write down of a build.
func projectFormats() []format {
	return []format{
		{"maven", 3, []string{"pom.xml"}, resolved, stream, readPOM},
		{"gradle-lock", 1, []string{"gradle.lockfile", "buildscript-gradle.lockfile", "*/dependency-locks/*.lockfile"}, resolved, stream, readGradleLock},
		{"gradle-versions", 1, []string{"*.versions.toml"}, resolved, stream, readCatalogue},
		{"nuget-lock", 1, []string{"packages.lock.json"}, resolved, stream, readNuGetLock},
		{"nuget-assets", 1, []string{"*/obj/project.assets.json"}, resolved, stream, readNuGetAssets},
		{"nuget-config", 1, []string{"packages.config"}, resolved, stream, readPackagesConfig},
		{"msbuild", 1, []string{"*.csproj", "*.fsproj", "*.vbproj", "*.props", "*.targets"}, resolved, stream, readMSBuild},
		{"nuget-deps", 1, []string{"*.deps.json"}, installed, stream, readDeps},
	}
}
