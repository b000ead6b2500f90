package extract

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDocument keeps the table of formats in doc/ecosystems.md as the program
// has it.
func TestDocument(t *testing.T) {
	t.Parallel()
	const file = "../../doc/ecosystems.md"
	const begin, end = "<!-- formats -->\n", "<!-- end of formats -->\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	places := map[where]string{everywhere: "everywhere", installed: "where software lies installed", resolved: "source trees, functions", packageRoot: "roots of installed packages"}
	var b strings.Builder
	b.WriteString(head + begin + "| format | files | where |\n|---|---|---|\n")
	for _, f := range formats() {
		var files []string
		for _, p := range f.files {
			if p == executables {
				files = append(files, "executables")
				continue
			}
			files = append(files, "`"+p+"`")
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.name, strings.Join(files, ", "), places[f.where])
	}
	b.WriteString(end + tail)
	if *updateLanguage {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != string(text) {
		t.Errorf("%s is not what the program reads: go test ./internal/extract -run Document -update-language", file)
	}
}
