package inventory

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func hashes(names []string) []uint64 {
	var out []uint64
	for _, n := range names {
		h := fnv.New64a()
		_, _ = h.Write([]byte(n))
		out = append(out, h.Sum64())
	}
	return out
}

func manyNames(n int, prefix string) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint(prefix, i)
	}
	return names
}

// A set has all names that went into it, whatever their order, and few others.
func TestSymbols(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 100, 5000, 100_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			names := manyNames(n, "example.com/a.F")
			list := hashes(append(names, names[:n/2]...))
			set := SymbolsOf(slices.Clone(list))
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			if again := SymbolsOf(list); again != set {
				t.Error("the set depends on the order")
			}
			if err := set.Check(); err != nil {
				t.Fatal(err)
			}
			got, err := set.Linked(names)
			if err != nil || !slices.Equal(got, names) {
				t.Errorf("%d of %d names are there, %v", len(got), n, err)
			}
			others, err := set.Linked(manyNames(100_000, "example.com/b.G"))
			if err != nil || len(others) > 200 { // one in 1,024
				t.Errorf("%d of 100,000 other names are there, %v", len(others), err)
			}
			if bits := float64(len(set)) * 6 / float64(max(n, 1)); n >= 5000 && bits > 11.8 {
				t.Errorf("%.2f bits a name", bits)
			}
		})
	}
}

func TestSymbolsBroken(t *testing.T) {
	t.Parallel()
	whole, err := base64.RawStdEncoding.DecodeString(string(SymbolsOf(hashes(manyNames(50, "a.F")))))
	if err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(whole)
	changed[0]++
	for name, b := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)-1], "longer": append(slices.Clone(whole), 0), "another number": changed,
		"no number": {0xff}, "huge number": {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},
		"beyond its range": {1, 0xff, 0xff, 0xff}, "left over": {0, 0}, "too large": make([]byte, MaxSymbols+10),
	} {
		if err := Symbols(base64.RawStdEncoding.EncodeToString(b)).Check(); err == nil {
			t.Errorf("%s: is a set", name)
		}
	}
	for _, s := range []Symbols{"", "=", "AA==", "A", "é"} {
		if err := s.Check(); err == nil {
			t.Errorf("%q is a set", s)
		}
	}
	if err := Symbols("AA").Check(); err != nil {
		t.Errorf("the set of no function: %v", err)
	}
}

func TestIsGenerated(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]bool{
		"func1": true, "func12.1": true, "gowrap1": true, "deferwrap2": true, "0": true, "": true, ".func1": true,
		"func": false, "Func1": false, "function": false, "Close": false, "gowrap": false, "funcs.func1": false,
	} {
		if got := IsGenerated(part); got != want {
			t.Errorf("IsGenerated(%q) = %t", part, got)
		}
	}
}

// The same package with and without its symbols is one.
func TestSortSymbols(t *testing.T) {
	t.Parallel()
	a := Package{Type: "golang", Name: "stdlib", Version: "go1.22.1", Path: "app", Symbols: "AA"}
	b := Package{Type: "golang", Name: "stdlib", Version: "go1.22.2", Path: "app"}
	inv := Inventory{Packages: []Package{b, a, a}}
	inv.Sort()
	if diff := cmp.Diff([]Package{a, b}, inv.Packages); diff != "" {
		t.Errorf("Sort (-want +got):\n%s", diff)
	}
}

// FuzzSymbolSet reads anything as a set. What is a set has as many hashes as it
// says, and is found to be itself.
func FuzzSymbolSet(f *testing.F) {
	for _, n := range []int{0, 1, 7, 300} {
		f.Add(string(SymbolsOf(hashes(manyNames(n, "example.com/a.T.M")))))
	}
	f.Add("Af8")
	f.Fuzz(func(t *testing.T, s string) {
		names := manyNames(20, "example.com/a.T.M")
		got, err := Symbols(s).Linked(names)
		if err != nil && got != nil {
			t.Error("names of what is no set")
		}
		if (err == nil) != (Symbols(s).Check() == nil) {
			t.Error("it is a set for some names only")
		}
		for _, n := range got {
			if one, err := Symbols(s).Linked([]string{n}); err != nil || len(one) != 1 {
				t.Errorf("%s alone is not there, %v", n, err)
			}
		}
	})
}
