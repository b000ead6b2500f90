package extract

// lockFormats is the table of lists of resolved dependencies, as they lie in
// source trees and functions.
func lockFormats() []format {
	return []format{
		{"npm-lock", 2, []string{"package-lock.json", "npm-shrinkwrap.json"}, resolved, stream, readPackageLock},
		{"requirements", 1, requirementsFiles, resolved, stream, readRequirements},
		{"poetry", 2, []string{"poetry.lock"}, resolved, stream, readPoetryLock},
		{"go-mod", 2, []string{"go.mod"}, resolved, stream, readGoMod},
		{"gemfile-lock", 1, []string{"Gemfile.lock", "gems.locked"}, resolved, stream, readGemfileLock},
		{"cargo-lock", 1, []string{"Cargo.lock"}, resolved, stream, readCargoLock},
		{"composer-lock", 1, []string{"composer.lock"}, resolved, stream, readComposerLock},
		{"composer-installed", 1, []string{"*/composer/installed.json"}, installed, stream, readComposerInstalled},
		{"yarn-lock", 2, []string{"yarn.lock"}, resolved, stream, readYarnLock},
		{"pnpm-lock", 2, []string{"pnpm-lock.yaml"}, resolved, stream, readPnpmLock},
		{"bun-lock", 1, []string{"bun.lock"}, resolved, stream, readBunLock},
		{"bun-lockb", 1, []string{"bun.lockb"}, resolved, stream, readBunBinary},
		{"pipfile-lock", 1, []string{"Pipfile.lock"}, resolved, stream, readPipfileLock},
		{"uv-lock", 1, []string{"uv.lock"}, resolved, stream, readUvLock},
		{"pdm-lock", 1, []string{"pdm.lock"}, resolved, stream, readPDMLock},
		{"pylock", 1, []string{"pylock.toml", "pylock.*.toml"}, resolved, stream, readPylock},
		{"conda-lock", 1, []string{"conda-lock.yml", "*.conda-lock.yml"}, resolved, stream, readCondaLock},
		{"conda-explicit", 1, []string{"conda-*.lock", "conda-*.txt"}, resolved, stream, readCondaExplicit},
		{"swift-lock", 1, []string{"Package.resolved"}, resolved, stream, readPackageResolved},
		{"podfile-lock", 1, []string{"Podfile.lock"}, resolved, stream, readPodfileLock},
		{"pubspec-lock", 1, []string{"pubspec.lock"}, resolved, stream, readPubspecLock},
		{"mix-lock", 1, []string{"mix.lock"}, resolved, stream, readMixLock},
		{"conan-lock", 1, []string{"conan.lock"}, resolved, stream, readConanLock},
		{"renv-lock", 1, []string{"renv.lock"}, resolved, stream, readRenvLock},
		{"julia-manifest", 1, []string{"Manifest.toml", "JuliaManifest.toml", "Manifest-v*.toml", "JuliaManifest-v*.toml"}, resolved, stream, readJuliaManifest},
		{"cabal-freeze", 1, []string{"cabal.project*.freeze"}, resolved, stream, readCabalFreeze},
		{"stack-lock", 1, []string{"stack.yaml.lock"}, resolved, stream, readStackLock},
		{"github-actions", 1, []string{"*/.github/workflows/*.yml", "*/.github/workflows/*.yaml", "action.yml", "action.yaml"}, resolved, stream, readWorkflow},
	}
}
