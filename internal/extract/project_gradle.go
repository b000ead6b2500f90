package extract

import (
	"errors"
	"io"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/assay-project/assay/inventory"
)

// readGradleLock reads the lock file of a Gradle project: group:name:version
// and the configurations that have it. That of the build script lists what
// builds the project.
// Source: Gradle User Manual, "Locking Versions", section "Lock state location
// and format".
func readGradleLock(f *file) error {
	_, base := splitPath(f.path)
	set := newLockSet(f, "maven")
	var tests []mavenID
	err := eachLine(f.r, func(line []byte, cut bool) error {
		if cut {
			return errors.New("line is too long")
		}
		s := clean(line)
		if s == "" || s[0] == '#' {
			return nil
		}
		module, configurations, _ := strings.Cut(s, "=")
		parts := strings.Split(module, ":")
		if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
			return nil // "empty=": configurations without anything
		}
		scope := inventory.Runtime
		switch {
		case base == "buildscript-gradle.lockfile":
			scope = inventory.Dev
		case onlyTests(configurations):
			tests = append(tests, mavenID{parts[0], parts[1], parts[2]})
			return nil
		}
		return set.add(parts[0]+":"+parts[1], parts[2], scope)
	})
	for _, id := range tests {
		if aerr := set.add(id.full(), id.version, inventory.Test); aerr != nil {
			return aerr
		}
	}
	return err
}

// onlyTests tells whether all of the configurations are those of tests, which
// the plugins of Gradle name so: testRuntimeClasspath, integrationTestCompileClasspath.
func onlyTests(configurations string) bool {
	if configurations == "" {
		return false
	}
	for c := range strings.SplitSeq(configurations, ",") {
		if c = strings.TrimSpace(c); !strings.HasPrefix(c, "test") && !strings.Contains(c, "Test") {
			return false
		}
	}
	return true
}

// Limits of a catalogue of versions.
const (
	maxCatalogue      = 4 << 20 // bytes
	maxCatalogueDepth = 64      // brackets inside each other
)

// catalogue is a catalogue of versions, whose values are texts or tables.
// Source: Gradle User Manual, "Version Catalogs", section "The version catalog
// TOML file format".
type catalogue struct {
	Versions  map[string]any `toml:"versions"`
	Libraries map[string]any `toml:"libraries"`
}

// readCatalogue reads a catalogue of versions: the libraries that the builds of
// a project may ask for by their names.
func readCatalogue(f *file) error {
	b, err := io.ReadAll(io.LimitReader(f.r, maxCatalogue+1))
	if err != nil {
		return err
	}
	if len(b) > maxCatalogue {
		return tooLarge(int64(len(b)), maxCatalogue)
	}
	if deepBrackets(b) {
		return errors.New("values are nested too deeply")
	}
	var c catalogue
	if err := toml.Unmarshal(trimBOM(b), &c); err != nil {
		return err
	}
	set := newLockSet(f, "maven")
	for _, alias := range sorted(c.Libraries) {
		name, version := c.library(c.Libraries[alias])
		if name == "" {
			continue
		}
		if err := set.add(clean([]byte(name)), mavenExact(clean([]byte(version))), ""); err != nil {
			return err
		}
	}
	return nil
}

// deepBrackets tells whether brackets stand inside each other deeper than any
// catalogue needs; the reader of TOML goes deeper into its stack for each.
func deepBrackets(b []byte) bool {
	depth := 0
	for _, c := range b {
		switch c {
		case '[', '{':
			if depth++; depth > maxCatalogueDepth {
				return true
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return false
}

// library returns the name and the version of an entry: "group:name:version", or
// a table with module or group and name.
func (c *catalogue) library(v any) (name, version string) {
	switch v := v.(type) {
	case string:
		parts := strings.Split(v, ":")
		if len(parts) != 3 || parts[0] == "" || parts[1] == "" {
			return "", ""
		}
		return parts[0] + ":" + parts[1], gradleVersion(parts[2])
	case map[string]any:
		name, _ = v["module"].(string)
		group, _ := v["group"].(string)
		artifact, _ := v["name"].(string)
		if name == "" && group != "" && artifact != "" {
			name = group + ":" + artifact
		}
		if group, artifact, ok := strings.Cut(name, ":"); !ok || group == "" || artifact == "" {
			return "", ""
		}
		return name, c.version(v["version"], true)
	}
	return "", ""
}

// version returns the version that a value asks for: a text, a reference to the
// table of versions, or a rich version, of which the preferred one is taken,
// unless what is required strictly is not a range.
// Source: Gradle User Manual, "Declaring Rich Versions".
func (c *catalogue) version(v any, refer bool) string {
	switch v := v.(type) {
	case string:
		return gradleVersion(v)
	case map[string]any:
		if ref, ok := v["ref"].(string); ok {
			if !refer {
				return ""
			}
			return c.version(c.Versions[ref], false)
		}
		for _, key := range []string{"strictly", "require", "prefer"} {
			if s, ok := v[key].(string); ok {
				if s = gradleVersion(s); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// gradleVersion returns a version that is exact. That before "!!" is required
// strictly; what follows is preferred.
func gradleVersion(s string) string {
	strict, preferred, _ := strings.Cut(s, "!!")
	for _, v := range []string{strict, preferred} {
		if v = strings.TrimSpace(v); v != "" && !strings.ContainsAny(v, "+[](), ") && !strings.HasPrefix(v, "latest.") {
			return v
		}
	}
	return ""
}
