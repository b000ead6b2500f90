package dockerfile

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table in doc/dockerfile.md")

// TestDocument keeps the table of the documentation as the program has it.
func TestDocument(t *testing.T) {
	t.Parallel()
	const file, begin = "../../doc/dockerfile.md", "| rule | severity | what |\n|---|---|---|\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(text), begin)
	if !ok {
		t.Fatalf("%s has no table", file)
	}
	var b strings.Builder
	b.WriteString(head + begin)
	for _, r := range Rules() {
		fmt.Fprintf(&b, "| [%s](%s) | %s | %s |\n", r.ID, r.URL, r.Severity, r.Title)
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != string(text) {
		t.Errorf("%s is not what the program has: go test ./internal/dockerfile -run Document -update", file)
	}
}
