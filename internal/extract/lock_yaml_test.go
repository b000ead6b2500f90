package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// generalYAML writes the values of all documents of b as flatYAML does, by a
// general reader. ok is false for what is no YAML to it, and for aliases, tags
// and keys that are no scalars.
func generalYAML(b []byte) (text string, ok bool) {
	var out strings.Builder
	d := yaml.NewDecoder(bytes.NewReader(b))
	for {
		var n yaml.Node
		if err := d.Decode(&n); errors.Is(err, io.EOF) {
			return out.String(), true
		} else if err != nil {
			return "", false
		}
		for _, c := range n.Content {
			if !writeYAML(&out, "", c) {
				return "", false
			}
		}
	}
}

func writeYAML(out *strings.Builder, path string, n *yaml.Node) bool {
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		return false
	}
	value := func(key string, v *yaml.Node) bool {
		text := ""
		if v.Kind == yaml.ScalarNode && v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			text = v.Value
		}
		fmt.Fprintf(out, "%s|%s=%s\n", path, key, strings.Join(strings.Fields(text), " "))
		return writeYAML(out, strings.TrimPrefix(path+"/"+key, "/"), v)
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			if k := n.Content[i]; k.Kind != yaml.ScalarNode || k.Anchor != "" || !value(strings.Join(strings.Fields(k.Value), " "), n.Content[i+1]) {
				return false
			}
		}
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if !value("-", c) {
				return false
			}
		}
	case yaml.ScalarNode:
	default:
		return false
	}
	return true
}

// sameYAML compares with a general reader what both understand.
func sameYAML(t *testing.T, b []byte) (read bool) {
	t.Helper()
	var out strings.Builder
	err := readYAML(bytes.NewReader(b), func(v yamlValue) error {
		if v.key != "---" {
			join := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			fmt.Fprintf(&out, "%s|%s=%s\n", join(strings.Join(v.path, "/")), join(v.key), join(v.text))
		}
		return nil
	})
	want, ok := generalYAML(b)
	// An escape may stand for a control character, which ours leaves out.
	if err != nil || !ok || strings.ContainsFunc(want, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		return false
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("%q (-want +got):\n%s", b, diff)
	}
	return true
}

// FuzzYAMLGeneral compares with a general reader of YAML.
func FuzzYAMLGeneral(f *testing.F) {
	seeds(f, func(n string) bool {
		return strings.HasSuffix(n, ".yaml") || strings.HasSuffix(n, ".yml") || strings.HasSuffix(n, ".lock")
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		if printableYAML(b) {
			sameYAML(t, b)
		}
	})
}

// printableYAML leaves out what package managers do not write and readers
// differ in: control characters, tabs, bytes that are no ASCII, and in a flow a
// colon with a bracket behind it, which ends the key (YAML 1.2.2, section
// 7.3.3), but not for the general reader.
func printableYAML(b []byte) bool {
	for i, c := range b {
		if c == ':' && i+1 < len(b) && strings.IndexByte(",[]{}", b[i+1]) >= 0 {
			return false
		}
		if c != '\n' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// TestYAMLFiles compares the reading of real files, those in the directories
// named by ASSAY_TREES, with that of a general reader.
func TestYAMLFiles(t *testing.T) {
	t.Parallel()
	dirs := filepath.SplitList(os.Getenv("ASSAY_TREES"))
	if len(dirs) == 0 {
		t.Skip("set ASSAY_TREES to directories to read")
	}
	for _, dir := range dirs {
		for _, pattern := range []string{"pnpm-lock.yaml", "yarn.lock", "pubspec.lock", "Podfile.lock", "conda-lock.yml"} {
			for _, depth := range []string{"", "*/", "*/*/", "*/*/*/"} {
				names, err := filepath.Glob(filepath.Join(dir, depth+pattern))
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range names {
					b, err := os.ReadFile(name)
					if err != nil {
						t.Fatal(err)
					}
					t.Logf("%s: compared %t", name, sameYAML(t, b))
				}
			}
		}
	}
}
