package extract

import (
	"archive/zip"
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/assay-project/assay/inventory"
)

var updateLanguage = flag.Bool("update-language", false, "rewrite what the archives in testdata/lang want")

// readBytes reads one file by all formats of languages that want its path, as
// the walk would.
func readBytes(name string, data []byte) *File {
	out := &File{Path: name}
	m := newMatcher(formats())
	dir, base := splitPath(name)
	formats := m.lookup(nil, dir, base, m.byDir[dir])
	if len(formats) == 0 && parseExe(data[:min(len(data), exeHead)]) != nil {
		formats = m.exec
	}
	for _, i := range formats {
		if m.formats[i].where == resolved && notResolved(dir) {
			continue
		}
		f := &file{path: name, size: int64(len(data)), r: bytes.NewReader(data), out: out}
		if m.formats[i].need == random {
			f.at, f.r = bytes.NewReader(data), nil
		}
		if err := m.formats[i].read(f); err != nil {
			f.problem(name, err.Error())
		}
	}
	return out
}

// describe writes what was found, one line each.
func describe(files []*File) string {
	var lines []string
	for _, f := range files {
		for _, p := range f.Packages {
			s := fmt.Sprintf("%s %s %s %s", p.Type, p.Name, or(p.Version, "-"), p.Evidence)
			if p.Scope != "" {
				s += " " + string(p.Scope)
			}
			if p.Hash != "" {
				s += " hashed"
			}
			lines = append(lines, s+" "+p.Path)
		}
		for _, p := range f.Problems {
			lines = append(lines, "problem "+p.Path+": "+p.Reason)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// packTree turns members of archives, which have "!/" in their names, into the
// archives.
func packTree(t *testing.T, files []txtar.File) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	inside := map[string][]txtar.File{}
	var order []string
	for _, f := range files {
		if outer, inner, ok := strings.Cut(f.Name, "!/"); ok {
			if inside[outer] == nil {
				order = append(order, outer)
			}
			inside[outer] = append(inside[outer], txtar.File{Name: inner, Data: f.Data})
			continue
		}
		// Files of the archive end in a line feed; "\c" at the end takes it away.
		out[f.Name] = bytes.TrimSuffix(f.Data, []byte("\\c\n"))
	}
	for _, name := range order {
		out[name] = packZip(t, packTree(t, inside[name]))
	}
	return out
}

func packZip(tb testing.TB, files map[string][]byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range sortedKeys(files) {
		m, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := m.Write(files[name]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// TestLanguages reads the trees in testdata/lang.
func TestLanguages(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/lang/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			last := len(a.Files) - 1
			if last < 0 || a.Files[last].Name != "want" {
				t.Fatal("the last file is not want")
			}
			tree := packTree(t, a.Files[:last])
			var files []*File
			for _, p := range sortedKeys(tree) {
				files = append(files, readBytes(p, tree[p]))
			}
			got := describe(files)
			if *updateLanguage {
				a.Files[last].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(a.Files[last].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// seeds are the files of the archives in testdata/lang that a format reads.
func seeds(f *testing.F, keep func(name string) bool) {
	f.Helper()
	names, err := filepath.Glob("testdata/lang/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if keep(file.Name) {
				f.Add(bytes.TrimSuffix(file.Data, []byte("\\c\n")))
			}
		}
	}
}

// TestTargets prints what is found in real trees, the directories named by
// ASSAY_TREES.
func TestTargets(t *testing.T) {
	t.Parallel()
	dirs := filepath.SplitList(os.Getenv("ASSAY_TREES"))
	if len(dirs) == 0 {
		t.Skip("set ASSAY_TREES to directories to read")
	}
	for _, dir := range dirs {
		var inv inventory.Inventory
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			rel, err := filepath.Rel(dir, p)
			if err != nil {
				return err
			}
			m := newMatcher(formats())
			in, base := splitPath(filepath.ToSlash(rel))
			if len(m.lookup(nil, in, base, nil)) == 0 && (!executableName(base) || parseExe(firstBytes(t, p)) == nil) {
				return nil
			}
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			f := readBytes(filepath.ToSlash(rel), data)
			inv.Packages = append(inv.Packages, f.Packages...)
			inv.Problems = append(inv.Problems, f.Problems...)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		inv.Sort()
		all, distinct := map[string]int{}, map[string]int{}
		seen := map[string]bool{}
		for _, p := range inv.Packages {
			all[p.Type]++
			if k := p.Type + " " + p.Name + " " + p.Version; !seen[k] {
				seen[k] = true
				distinct[p.Type]++
			}
		}
		t.Logf("%s: all %v, distinct %v, problems %v", dir, all, distinct, inv.Problems)
		if out := os.Getenv("ASSAY_TREES_LIST"); out != "" {
			list := describe([]*File{{Packages: inv.Packages, Problems: inv.Problems}})
			name := filepath.Join(out, strings.ReplaceAll(strings.Trim(dir, "/"), "/", "_"))
			if err := os.WriteFile(name, []byte(list), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}
