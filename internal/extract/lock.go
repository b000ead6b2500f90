package extract

// lockFormats is the table of lists of resolved dependencies, as they lie in
// source trees and functions.
func lockFormats() []format {
	return []format{
		{"npm-lock", 1, []string{"package-lock.json", "npm-shrinkwrap.json"}, resolved, stream, readPackageLock},
		{"requirements", 1, requirementsFiles, resolved, stream, readRequirements},
		{"poetry", 1, []string{"poetry.lock"}, resolved, stream, readPoetryLock},
		{"go-mod", 2, []string{"go.mod"}, resolved, stream, readGoMod},
		{"gemfile-lock", 1, []string{"Gemfile.lock", "gems.locked"}, resolved, stream, readGemfileLock},
		{"cargo-lock", 1, []string{"Cargo.lock"}, resolved, stream, readCargoLock},
		{"composer-lock", 1, []string{"composer.lock"}, resolved, stream, readComposerLock},
	}
}
