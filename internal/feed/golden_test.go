package feed

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-project/assay/advisory"
)

var update = flag.Bool("update", false, "rewrite what the archives in testdata want")

// archives returns the files of each archive in testdata, by its name, without
// the section that says what is wanted of them.
func archives(tb testing.TB) map[string]*txtar.Archive {
	tb.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		tb.Fatal(names, err)
	}
	all := map[string]*txtar.Archive{}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		all[name] = a
	}
	return all
}

// mapFS returns the files of an archive.
func mapFS(a *txtar.Archive) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range a.Files {
		if f.Name != "want" {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return fsys
}

// TestGolden reads trees of files, each an archive in testdata. All of them
// are made up; ids, versions and dates are those of real records where a trap
// of real data is shown.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, a := range archives(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			got := readAll(t, files{mapFS(a), standard})
			last := &a.Files[len(a.Files)-1]
			if last.Name != "want" {
				t.Fatal("the last section is not want")
			}
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(last.Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// readAll writes down all that the files of a tree say.
func readAll(tb testing.TB, in files) string {
	tb.Helper()
	sources, unused, err := find(tb.Context(), in, []string{"."})
	if err != nil {
		tb.Fatal(err)
	}
	var w bytes.Buffer
	for _, s := range sources {
		writeSource(tb.Context(), &w, s)
	}
	for _, u := range unused {
		fmt.Fprintf(&w, "unused %s: %s\n", u.Path, u.Reason)
	}
	return w.String()
}

func writeSource(ctx context.Context, w io.Writer, s Source) {
	fmt.Fprintf(w, "%s %s\n", s.Name, s.Path)
	for rec, err := range Read(ctx, s) {
		r, rejected := errors.AsType[*Rejected](err)
		switch {
		case rejected && r.Part:
			fmt.Fprintf(w, "\nrejected part of %v\n", r)
		case rejected:
			fmt.Fprintf(w, "\nrejected %v\n", r)
		case err != nil:
			fmt.Fprintf(w, "\nerror: %v\n", err)
		case rec.Advisory != nil:
			fmt.Fprintf(w, "\nadvisory %s\n", rec.Advisory.ID)
			writeValue(w, "", reflect.ValueOf(*rec.Advisory))
		default:
			fmt.Fprintf(w, "\nenrichment %s\n", rec.Enrichment.CVE)
			writeValue(w, "", reflect.ValueOf(*rec.Enrichment))
		}
	}
	fmt.Fprintln(w)
}

// writeValue writes one line for each field that is not zero.
func writeValue(w io.Writer, path string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() || v.IsZero() {
		return
	}
	switch x := v.Interface().(type) {
	case time.Time:
		fmt.Fprintf(w, "\t%s: %s\n", path, x.Format(time.RFC3339))
	case advisory.Ecosystem:
		fmt.Fprintf(w, "\t%s: %s\n", path, x)
	case advisory.Range:
		fmt.Fprintf(w, "\t%s: %s\n", path, x)
	case string:
		fmt.Fprintf(w, "\t%s: %q\n", path, x)
	case []string:
		fmt.Fprintf(w, "\t%s: %q\n", path, x)
	default:
		writeFields(w, path, v)
	}
}

func writeFields(w io.Writer, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.IsZero() {
				fmt.Fprintf(w, "\t%s.%d: %v\n", path, i, e.Interface()) // a range of all versions is zero
			} else {
				writeValue(w, fmt.Sprintf("%s.%d", path, i), e)
			}
		}
	case reflect.Struct:
		for f := range v.Type().Fields() {
			writeValue(w, strings.TrimPrefix(path+"."+f.Name, "."), v.FieldByIndex(f.Index))
		}
	default:
		fmt.Fprintf(w, "\t%s: %v\n", path, v.Interface())
	}
}

// TestOrderOfFiles: what is said does not depend on how the files are named on
// the command line.
func TestOrderOfFiles(t *testing.T) {
	t.Parallel()
	for name, a := range archives(t) {
		fsys := mapFS(a)
		var paths []string
		for p := range fsys {
			if !strings.Contains(p, "/.") { // what lies below a hidden directory is read only if it is named
				paths = append(paths, p)
			}
		}
		slices.Sort(paths)
		for range 2 {
			slices.Reverse(paths)
			sources, _, err := FindFS(t.Context(), fsys, append(paths, paths[0]))
			if err != nil {
				t.Fatal(err)
			}
			var w bytes.Buffer
			for _, s := range sources {
				writeSource(t.Context(), &w, s)
			}
			if want, _, _ := strings.Cut(readAll(t, files{fsys, standard}), "unused "); w.String() != want {
				t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(want, w.String()))
			}
		}
	}
}
