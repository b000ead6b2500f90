package extract

import (
	"bytes"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readGemfileLock reads the lock file of Bundler. Gems are indented by four
// spaces below "specs:" of the sections GEM, GIT and PLUGIN SOURCE; what they
// need is indented by six. Gems of PATH are the project's own. A platform
// follows the version after a dash.
// Source: Bundler, Bundler::LockfileParser.
func readGemfileLock(f *file) error {
	set := newLockSet(f, "gem")
	section, specs := "", false
	return eachLine(f.r, func(line []byte, _ bool) error {
		switch {
		case len(line) == 0:
			return nil
		case line[0] != ' ':
			section, specs = string(bytes.TrimRight(line, " ")), false
			return nil
		case bytes.Equal(bytes.TrimRight(line, " "), []byte("  specs:")):
			specs = section != "PATH"
			return nil
		}
		spec, ok := bytes.CutPrefix(line, []byte("    "))
		if !ok || !specs || len(spec) == 0 || spec[0] == ' ' {
			return nil
		}
		name, rest, ok := strings.Cut(clean(spec), " (")
		version, _, _ := strings.Cut(rest, ")")
		if !ok {
			version = ""
		}
		version, _, _ = strings.Cut(version, "-")
		return set.add(strings.TrimSuffix(name, "!"), version, inventory.Runtime)
	})
}
