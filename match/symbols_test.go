package match_test

import (
	"encoding/json"
	"hash/fnv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// linked returns a module of a Go program with the functions that are in it.
func linked(name, version string, functions ...string) inventory.Package {
	p := pkg("golang", name, version)
	p.Evidence, p.Path = inventory.Binary, "app"
	var hashes []uint64
	for _, f := range functions {
		h := fnv.New64a()
		_, _ = h.Write([]byte(f)) // never fails
		hashes = append(hashes, h.Sum64())
	}
	p.Symbols = inventory.SymbolsOf(hashes)
	return p
}

// The functions that an advisory names make a match sure or not, and never make
// or unmake one.
func TestSymbols(t *testing.T) {
	t.Parallel()
	golang := advisory.Ecosystem{Type: "golang"}
	in := func(name string, symbols ...string) advisory.Affected {
		a := affects(golang, name, before("1.5.0"))
		a.Symbols = symbols
		return a
	}
	const module = "example.com/m"
	unknown, broken := linked(module, "v1.0.0"), linked(module, "v1.0.0")
	unknown.Symbols, broken.Symbols = "", "no set"
	for _, tt := range []struct {
		name       string
		p          inventory.Package
		list       []*advisory.Advisory
		confidence match.Confidence
		why        string
	}{
		{
			"present", linked(module, "v1.0.0", module+".F", module+"/sub.G"),
			[]*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F"))},
			match.High, module + ".F is linked in",
		},
		{
			"two present", linked(module, "v1.0.0", module+".F", module+"/sub.T.M"),
			[]*advisory.Advisory{flaw(names("GO-1"), in(module, module+"/sub.T.M", module+".F", module+".H"))},
			match.High,
			module + ".F, " + module + "/sub.T.M are linked in",
		},
		{
			"many present", linked(module, "v1.0.0", module+".A", module+".B", module+".C", module+".D", module+".E"),
			[]*advisory.Advisory{flaw(names("GO-1"), in(module, module+".E", module+".D", module+".C", module+".B", module+".A"))},
			match.High,
			module + ".A, " + module + ".B, " + module + ".C and 2 more are linked in",
		},
		{
			"absent", linked(module, "v1.0.0", module+".G"),
			[]*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F"))},
			match.Low, "the vulnerable function is not linked in",
		},
		{
			"all absent", linked(module, "v1.0.0"),
			[]*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F", module+"/sub.T.M"))},
			match.Low, "none of the 2 vulnerable functions is linked in",
		},
		{
			"of the standard library", linked("stdlib", "go1.4.0", "net/http.Get"),
			[]*advisory.Advisory{flaw(names("GO-1"), in("stdlib", "net/http.Client.Do"))},
			match.Low, "the vulnerable function is not linked in",
		},
		{
			"another advisory names none", linked(module, "v1.0.0"),
			[]*advisory.Advisory{flaw(names("GO-1", "GHSA-1"), in(module, module+".F")), flaw(names("GHSA-1"), in(module))},
			match.Low, "the vulnerable function is not linked in",
		},
		{
			"another advisory names one that is there", linked(module, "v1.0.0", module+".G"),
			[]*advisory.Advisory{flaw(names("GO-1", "GO-2"), in(module, module+".F")), flaw(names("GO-2"), in(module, module+".G"))},
			match.High,
			"the vulnerable function is not linked in|" + module + ".G is linked in",
		},
		{"nothing stated", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module))}, match.High, ""},
		{"not of all that is stated", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F"), in(module))}, match.High, ""},
		{"a package as a whole", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F", module+"/sub"))}, match.High, ""},
		{"a package that ends in a version", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, module+"/sub.v2"))}, match.High, ""},
		{"the module as a whole", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, module))}, match.High, ""},
		{"of another module", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, "example.com/mm.F"))}, match.High, ""},
		{"a closure", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F.func1"))}, match.High, ""},
		{"three names", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F.G.H"))}, match.High, ""},
		{"as the linker writes it", linked(module, "v1.0.0"), []*advisory.Advisory{flaw(names("GO-1"), in(module, module+".(*T).M"))}, match.High, ""},
		{"unknown", unknown, []*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F"))}, match.High, ""},
		{"broken", broken, []*advisory.Advisory{flaw(names("GO-1"), in(module, module+".F"))}, match.High, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db := database(t, tt.list...)
			inv := inventory.Inventory{Packages: []inventory.Package{tt.p}}
			res, err := match.Inventory(t.Context(), inv, db, match.Options{})
			if err != nil || len(res.Matches) != 1 {
				t.Fatalf("%d matches, %v", len(res.Matches), err)
			}
			m := res.Matches[0]
			var why []string
			for _, w := range m.Why {
				if w.Linked != "" {
					why = append(why, w.Linked)
				}
			}
			if got := strings.Join(why, "|"); m.Confidence != tt.confidence || got != tt.why {
				t.Errorf("confidence %s because %q, want %s because %q", m.Confidence, got, tt.confidence, tt.why)
			}
			if diff := cmp.Diff(tt.p.Bare(), m.Package); diff != "" {
				t.Errorf("package (-want +got):\n%s", diff)
			}
			x, err := match.Explain(t.Context(), inv, db, "GO-1")
			if err != nil || len(x.Packages) != 1 || x.Packages[0].Confidence != tt.confidence {
				t.Fatalf("explained as %+v, %v", x, err)
			}
			if said := x.Packages[0].Reason; len(why) > 0 && !strings.Contains(said, why[0]) {
				t.Errorf("%q does not say %q", said, why[0])
			}
		})
	}
}

// What is kept as JSON is matched as before.
func TestSymbolsJSON(t *testing.T) {
	t.Parallel()
	want := linked("example.com/m", "v1.0.0", "example.com/m.F")
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got inventory.Package
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("%s becomes %+v, %v", text, got, err)
	}
}
