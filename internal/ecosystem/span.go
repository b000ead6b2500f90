package ecosystem

import "strings"

// spanEnd is a number beyond all that stand in a version.
const spanEnd = ".99999999999999999999"

// Span returns the first and the last version that version may mean, if it names
// a line of versions and not one of them. That is so for GitHub Actions alone:
// v4 and v4.1 are tags that by custom move on to the newest 4.x and 4.1.x, and
// GitHub's own lists write 4.*.* for them. Which one it was when somebody looked
// is not known.
// Source: GitHub Docs, "Using immutable releases and tags to manage your
// action's releases" and "Releasing and maintaining actions".
func Span(typ, version string) (first, last string, ok bool) {
	if !ecosystems[typ].lines {
		return "", "", false
	}
	core := strings.TrimPrefix(strings.TrimSpace(version), "v")
	for range 2 {
		core = strings.TrimSuffix(core, ".*")
	}
	major, minor, more := strings.Cut(core, ".")
	if major == "" || len(core) > maxVersion || digitsEnd(major, 0) != len(major) || more && minor == "" || digitsEnd(minor, 0) != len(minor) {
		return "", "", false
	}
	if more {
		return core + ".0", core + spanEnd, true
	}
	return core + ".0.0", core + spanEnd + spanEnd, true
}
