package vulndb_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
)

// These tests are of another package, so that they may join this one with
// internal/feed, which it does not know.

// whole is the database of all real advisories.
type whole struct {
	db, enrich []byte
	stats      vulndb.Stats
}

// bundle returns the folder of real advisories, or skips.
func bundle(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("ASSAY_ADVISORIES")
	if dir == "" {
		tb.Skip("ASSAY_ADVISORIES names no folder of real advisories")
	}
	return dir
}

// wholeFolders returns the folders of whole feeds. Another one has samples of
// single records, broken ones among them.
func wholeFolders(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		if e.IsDir() && e.Name() != "feed-samples" {
			list = append(list, filepath.Join(dir, e.Name()))
		}
	}
	return list, nil
}

// buildBundle reads all feeds below dir, in the order in which they are found
// or in the opposite one.
func buildBundle(ctx context.Context, dir string, backwards bool) (w whole, err error) {
	folders, err := wholeFolders(dir)
	if err != nil {
		return w, err
	}
	sources, _, err := feed.Find(ctx, folders)
	if err != nil {
		return w, err
	}
	if backwards {
		slices.Reverse(sources)
	}
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: time.Unix(1e9, 0)})
	for _, s := range sources {
		f, err := feed.Describe(ctx, s)
		if err != nil {
			return w, err
		}
		b.Feed(f)
		for rec, err := range feed.Read(ctx, s) {
			if _, ok := errors.AsType[*feed.Rejected](err); ok {
				continue
			}
			switch {
			case err != nil:
			case rec.Advisory != nil:
				err = b.Add(rec.Advisory)
			default:
				err = b.Enrich(rec.Enrichment)
			}
			if err != nil {
				return w, err
			}
		}
	}
	var db, enrich bytes.Buffer
	w.stats, err = b.Write(&db, &enrich)
	w.db, w.enrich = db.Bytes(), enrich.Bytes()
	return w, err
}

var buildOnce = func() func(context.Context, string) (whole, error) {
	var once sync.Once
	var w whole
	var err error
	return func(ctx context.Context, dir string) (whole, error) {
		once.Do(func() { w, err = buildBundle(ctx, dir, false) })
		return w, err
	}
}()

// built returns the database of all real advisories, made once.
func built(tb testing.TB) whole {
	tb.Helper()
	w, err := buildOnce(context.WithoutCancel(tb.Context()), bundle(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func openBundle(tb testing.TB) (*vulndb.DB, *vulndb.Enrichments) {
	tb.Helper()
	w := built(tb)
	db, err := vulndb.OpenBytes(w.db)
	if err != nil {
		tb.Fatal(err)
	}
	e, err := vulndb.OpenEnrichmentBytes(w.enrich)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = db.Close(), e.Close() })
	return db, e
}

// TestBundle holds the promise on size, and reads all of a real database.
func TestBundle(t *testing.T) {
	w := built(t)
	db, e := openBundle(t)
	if err := errors.Join(db.Verify(), e.Verify()); err != nil {
		t.Error(err)
	}
	per := float64(len(w.db)) / float64(w.stats.Advisories)
	t.Logf("%d bytes, %.1f per advisory: %+v", len(w.db), per, w.stats)
	for _, s := range w.stats.Sections {
		t.Logf("section %s: %d bytes, %.1f per advisory", s.Tag, s.Bytes, float64(s.Bytes)/float64(w.stats.Advisories))
	}
	if per > 400 {
		t.Errorf("%.1f bytes per advisory, promised are 400", per)
	}
	if w.stats.Advisories < 30_000 || w.stats.Enrichments < 40_000 {
		t.Errorf("%d advisories and %d enrichments: that is not all", w.stats.Advisories, w.stats.Enrichments)
	}
}

// TestBundleReproducible reads the feeds in the opposite order and wants the
// same bytes.
func TestBundleReproducible(t *testing.T) {
	w := built(t)
	again, err := buildBundle(t.Context(), bundle(t), true)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(w.db, again.db) || !bytes.Equal(w.enrich, again.enrich) {
		t.Error("another order of sources gives other bytes")
	}
}

// TestBundleTraps asks the whole for what the publishers' traps are about.
func TestBundleTraps(t *testing.T) {
	db, e := openBundle(t)
	pypi := advisory.Ecosystem{Type: "pypi"}
	// Listed although the range says that it is repaired there.
	listed := false
	for st, err := range db.Lookup(pypi, "Vyper") {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Advisory(st.Ref); err != nil {
			t.Error(err)
		}
		listed = listed || len(st.Versions) > 0
	}
	if !listed {
		t.Error("no version of vyper is listed")
	}
	// The same id in two releases, with other packages in each.
	var releases []string
	refs, err := db.Search("ALSA-2024:0265")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refs {
		a, err := db.Advisory(r)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, a.Release)
		for _, f := range a.Affected {
			if f.Release != a.Release {
				t.Errorf("%s of release %s is about %s of release %s", a.ID, a.Release, f.Name, f.Release)
			}
		}
	}
	if diff := cmp.Diff([]string{"8", "9"}, releases); diff != "" {
		t.Errorf("releases (-want +got):\n%s", diff)
	}
	// The catalogue of known exploited vulnerabilities and the CVE list are joined.
	got, ok, err := e.Lookup("CVE-2021-44228")
	if err != nil || !ok || got.KEV == nil || got.Description == "" {
		t.Errorf("CVE-2021-44228: %+v, %v, %v", got, ok, err)
	}
}
