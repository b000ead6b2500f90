package extract

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/inventory"
)

// world is a file tree by path; parents of its files are directories in it.
type world map[string]node

// paths of the trees under test: some are read by formats, some are not, and
// some are directories of others.
var worldPaths = []string{
	"etc/os-release", "usr/lib/os-release",
	"var/lib/dpkg/status", "var/lib/dpkg/status.d/one", "var/lib/dpkg/info/one.list",
	"srv/node_modules/a/package.json", "srv/node_modules/a/node_modules/b/package.json", "srv/node_modules/b/package.json",
	"srv/node_modules", "srv/node_modules/a", "srv", "var/lib/dpkg", "usr/lib",
	"usr/lib/python3/dist-packages/x-1.dist-info/METADATA", "usr/lib/python3",
}

// worldData returns contents that fit a path.
func worldData(path string, variant int) string {
	deb := func(n int) string {
		return fmt.Sprintf("Package: p%d\nStatus: install ok installed\nVersion: %d\nArchitecture: all\n\n", n%3, n%2)
	}
	switch {
	case variant == 0:
		return ""
	case strings.HasSuffix(path, "os-release"):
		return fmt.Sprintf("ID=os%d\n", variant)
	case strings.HasSuffix(path, "status"):
		return deb(variant) + deb(variant+1)
	case strings.HasPrefix(path, "var/lib/dpkg/status.d"):
		return deb(variant)
	case strings.HasSuffix(path, ".list"):
		return "/usr/lib/python3/dist-packages/x-1.dist-info/METADATA\n"
	case strings.HasSuffix(path, "package.json"):
		return fmt.Sprintf(`{"name": "n", "version": "%d.0.0"}`, variant)
	case strings.HasSuffix(path, "METADATA"):
		return fmt.Sprintf("Metadata-Version: 2.1\nName: x\nVersion: %d\n\n", variant)
	}
	return "data"
}

// remove deletes a path with all below it.
func (w world) remove(path string) {
	maps.DeleteFunc(w, func(p string, _ node) bool { return p == path || strings.HasPrefix(p, path+"/") })
}

// put sets a path, after what stood in its way is gone.
func (w world) put(n node) {
	for i, c := range n.path {
		if c == '/' {
			if p := w[n.path[:i]]; !p.typ.IsDir() {
				w.remove(n.path[:i])
				w[n.path[:i]] = node{path: n.path[:i], typ: fs.ModeDir}
			}
		}
	}
	if !n.typ.IsDir() || !w[n.path].typ.IsDir() {
		w.remove(n.path)
	}
	w[n.path] = n
}

// change returns the layer that makes w of old. Where random says so, it hides
// a directory's old content by an opaque mark, and names directories or not.
func (w world) change(old world, random func(int) int) []node {
	var layer []node
	opaque := []string{}
	below := func(path string) bool {
		return slices.ContainsFunc(opaque, func(d string) bool { return strings.HasPrefix(path, d+"/") })
	}
	for _, p := range slices.Sorted(maps.Keys(w)) {
		n, was := w[p], old[p]
		if n.typ.IsDir() && was.typ.IsDir() && !below(p) && random(8) == 0 {
			opaque = append(opaque, p)
			layer = append(layer, node{path: p + "/" + whiteoutOpaque})
		}
		switch {
		case n == was && !below(p):
			if n.typ.IsDir() && random(2) == 0 {
				layer = append(layer, n)
			}
		default:
			layer = append(layer, n)
		}
	}
	gone := map[string]bool{}
	for _, p := range slices.Sorted(maps.Keys(old)) {
		dir, base := splitPath(p)
		switch _, there := w[p]; {
		case there || below(p):
		case dir != "" && (gone[dir] || !w[dir].typ.IsDir()): // hidden with its directory
			gone[p] = true
		default:
			gone[p] = true
			layer = append(layer, node{path: strings.TrimPrefix(dir+"/"+whiteoutPrefix+base, "/")})
		}
	}
	return layer
}

// checkSplit builds a tree in steps, cuts the steps into layers in several
// ways, mixes the entries of each layer, and wants the same inventory always,
// but for the names of layers.
func checkSplit(t *testing.T, ops []byte) {
	t.Helper()
	if len(ops) > 96 {
		ops = ops[:96]
	}
	seed := uint64(0)
	for _, b := range ops {
		seed = seed*31 + uint64(b)
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	w := world{}
	steps := []world{{}}
	for len(ops) >= 2 {
		path, variant := worldPaths[int(ops[0])%len(worldPaths)], int(ops[1])
		ops = ops[2:]
		switch variant % 8 {
		case 0:
			w.remove(path)
		case 1:
			w.put(node{path: path, typ: fs.ModeDir})
		case 2:
			w.put(node{path: path, typ: fs.ModeSymlink, link: "x"})
		default:
			w.put(node{path: path, data: worldData(path, variant%4)})
		}
		steps = append(steps, maps.Clone(w))
	}
	read := func(cut func(int) bool) inventory.Inventory {
		var layers []*Layer
		last := world{}
		for i, s := range steps {
			if i < len(steps)-1 && !cut(i) {
				continue
			}
			nodes := s.change(last, rnd.IntN)
			rnd.Shuffle(len(nodes), func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
			layers = append(layers, readNodes(t, "", nodes))
			last = s
		}
		return Merge(layers)
	}
	want := read(func(int) bool { return false }) // one layer, the tree itself
	for range 3 {
		if d := cmp.Diff(want, read(func(int) bool { return rnd.IntN(3) == 0 })); d != "" {
			t.Fatal(d)
		}
	}
	if d := cmp.Diff(want, read(func(int) bool { return true })); d != "" {
		t.Fatal(d)
	}
}

func TestMergeSplit(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	ops := make([]byte, 64)
	for range 200 {
		for i := range ops {
			ops[i] = byte(rnd.IntN(256))
		}
		checkSplit(t, ops)
	}
}

// FuzzMerge: the result does not depend on how a tree is split into layers, nor
// on the order of entries.
func FuzzMerge(f *testing.F) {
	f.Add([]byte{5, 3, 9, 2, 5, 4})
	f.Add([]byte{2, 3, 3, 3, 2, 5, 11, 0, 2, 6})
	f.Fuzz(func(t *testing.T, ops []byte) { checkSplit(t, ops) })
}

// TestMergeKeeps merges twice and wants the layers as they were: they may be
// those of a cache.
func TestMergeKeeps(t *testing.T) {
	t.Parallel()
	layer := func() *Layer {
		return readNodes(t, "sha256:1", []node{
			{path: "var/lib/dpkg/status", data: worldData("status", 1)},
			{path: "srv/node_modules/n/package.json", data: worldData("package.json", 1)},
		})
	}
	a, b := layer(), layer()
	first := Merge([]*Layer{a, a})
	if d := cmp.Diff(b, a); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(first, Merge([]*Layer{a, a})); d != "" {
		t.Error(d)
	}
	if inv := Merge(nil); len(inv.Packages) > 0 || len(inv.Problems) > 0 {
		t.Errorf("nothing gave %+v", inv)
	}
}

func TestOwnedPath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"/lib/x", "usr/lib/x"},
		{"usr/lib/x", "usr/lib/x"},
		{"./sbin/x", "usr/sbin/x"},
		{"/lib64/ld.so", "usr/lib64/ld.so"},
		{"/libx/y", "libx/y"},
		{"/opt/lib/x", "opt/lib/x"},
		{"/", ""},
	} {
		if got := ownedPath(tt.in); got != tt.want {
			t.Errorf("%s: got %s; want %s", tt.in, got, tt.want)
		}
	}
}

// BenchmarkMerge lays ten layers over each other, with the packages and paths
// of a large image. Promised: 20 ms, with the decoding of the layers.
func BenchmarkMerge(b *testing.B) {
	var layers []*Layer
	for i := range 10 {
		nodes := entryNames(7000)
		for j := range 250 {
			nodes = append(nodes, node{
				path: fmt.Sprintf("srv/app%d/node_modules/some-package-%d/package.json", i, j),
				data: fmt.Sprintf(`{"name": "some-package-%d", "version": "1.2.3"}`, j),
			})
		}
		for j := range nodes {
			nodes[j].path = strings.Replace(nodes[j].path, "srv/app/", fmt.Sprintf("srv/app%d/", i), 1)
		}
		layers = append(layers, readNodes(b, fmt.Sprint(i), nodes))
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(Merge(layers).Packages); n != 2500 {
			b.Fatal(n, "packages")
		}
	}
}
