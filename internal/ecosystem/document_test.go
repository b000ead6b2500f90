package ecosystem

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var updateDocument = flag.Bool("update-document", false, "rewrite the table in doc/ecosystems.md")

// orderNames says in words how versions are ordered.
var orderNames = map[order]string{
	orderNone: "none", orderDeb: "Debian policy", orderRPM: "rpm", orderAPK: "apk-tools", orderSemver: "Semantic Versioning", orderNPM: "node-semver, loose",
	orderGo: "Go modules", orderPub: "Semantic Versioning, builds count", orderPyPI: "PEP 440", orderGem: "RubyGems", orderComposer: "Composer", orderNuGet: "NuGet",
	orderMaven: "Maven's ComparableVersion", orderGeneric: "numbers and words",
	orderR: "package_version of R", orderJulia: "VersionNumber of Julia, builds count",
	orderHackage: "lists of numbers (PVP)", orderALPM: "pacman",
}

// TestDocument keeps the table of ecosystems in doc/ecosystems.md as the program
// has it.
func TestDocument(t *testing.T) {
	t.Parallel()
	const file = "../../doc/ecosystems.md"
	const begin, end = "<!-- ecosystems -->\n", "<!-- end of ecosystems -->\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	names := map[string][]string{}
	for _, osv := range slices.Sorted(maps.Keys(osvNames)) {
		n := osvNames[osv]
		names[n.typ] = append(names[n.typ], osv)
	}
	var b strings.Builder
	b.WriteString(head + begin + "| type | versions | advisories named |\n|---|---|---|\n")
	for _, typ := range slices.Sorted(maps.Keys(ecosystems)) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", typ, orderNames[ecosystems[typ].order], strings.Join(names[typ], ", "))
	}
	b.WriteString(end + tail)
	if *updateDocument {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != string(text) {
		t.Errorf("%s is not what the program has: go test ./internal/ecosystem -run Document -update-document", file)
	}
}
