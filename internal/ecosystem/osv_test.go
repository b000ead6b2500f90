package ecosystem

import "testing"

// TestRegistry wants a registry beside the usual one not to be taken for a
// release, in which no package would ever be looked up.
func TestRegistry(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"VSCode:https://open-vsx.org":             "vscode-extension",
		"Maven:https://maven.google.com":          "maven",
		"Packagist:https://packages.drupal.org/8": "composer",
	} {
		typ, distro, release, ok := FromOSV(name)
		if typ != want || distro != "" || release != "" || !ok {
			t.Errorf("FromOSV(%q) = %q, %q, %q, %v; want %q without a release", name, typ, distro, release, ok, want)
		}
	}
}
