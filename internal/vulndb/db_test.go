package vulndb

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// lookup returns copies of the statements about a name.
func lookup(tb testing.TB, db *DB, e advisory.Ecosystem, name string) []advisory.Statement {
	tb.Helper()
	var list []advisory.Statement
	for s, err := range db.Lookup(e, name) {
		if err != nil {
			tb.Fatal(err)
		}
		c := *s
		c.Platforms = slices.Clone(s.Platforms)
		c.Arches, c.Versions, c.Ranges, c.Groups = slices.Clone(s.Arches), slices.Clone(s.Versions), slices.Clone(s.Ranges), slices.Clone(s.Groups)
		list = append(list, c)
	}
	return list
}

// ids returns the ids of the advisories that state something about a name.
func ids(tb testing.TB, db *DB, e advisory.Ecosystem, name string) []string {
	tb.Helper()
	var list []string
	for _, s := range lookup(tb, db, e, name) {
		h, err := db.Head(s.Ref)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, h.ID)
	}
	return list
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	list := samples()
	data, stats := build(t, list)
	db := open(t, data)
	if err := db.Verify(); err != nil {
		t.Fatal(err)
	}
	if stats.Advisories != len(list) {
		t.Errorf("%d advisories written, want %d", stats.Advisories, len(list))
	}
	for _, want := range list {
		refs, err := db.Search(want.ID)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, r := range refs {
			got, err := db.Advisory(r)
			if err != nil {
				t.Fatal(err)
			}
			if got.ID == want.ID && got.Release == want.Release {
				found = true
				if diff := cmp.Diff(*want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", want.ID, diff)
				}
			}
		}
		if !found {
			t.Errorf("%s %s is not found by its id", want.ID, want.Release)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	data, _ := build(t, samples())
	db := open(t, data)
	key := func(typ, v string) []byte {
		k, err := ecosystem.AppendKey(nil, typ, v)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	ends := func(typ string, r advisory.Range, end string) advisory.KeyRange {
		k := advisory.KeyRange{Range: r, EndKey: key(typ, end)}
		if r.Introduced != "" {
			k.IntroducedKey = key(typ, r.Introduced)
		}
		return k
	}
	for _, tt := range []struct {
		eco  advisory.Ecosystem
		name string
		want []advisory.Statement
	}{
		{almaNew, "nodejs", []advisory.Statement{
			{
				Kind: advisory.Notice,
				Ranges: []advisory.KeyRange{
					ends("rpm", advisory.Range{Fixed: "1:2.4-3.el9"}, "1:2.4-3.el9"),
				},
			},
			{
				Kind: advisory.Vulnerability, NameKind: advisory.SourceName, State: advisory.WillNotFix, Module: "nodejs:18",
				Arches: []string{"aarch64", "x86_64"}, Versions: []string{"1:5.0-1", "1:5.0-2"}, Skipped: 2,
				Repo: "cpe:/a:redhat:enterprise_linux:9::appstream", Platforms: []string{"linux:linux_kernel", "microsoft:windows"},
				Ranges: []advisory.KeyRange{
					ends("rpm", advisory.Range{Introduced: "1:2.0-1", Fixed: "1:2.4-3.el9"}, "1:2.4-3.el9"),
					ends("rpm", advisory.Range{Introduced: "1:3.0-1", After: true, LastAffected: "1:3.1-1"}, "1:3.1-1"),
					{Range: advisory.Range{Introduced: "1:4.0-1"}, IntroducedKey: key("rpm", "1:4.0-1")},
				},
			},
		}},
		// Nothing said of versions: all of them.
		{almaNew, "npm", []advisory.Statement{{Kind: advisory.Vulnerability}}},
		{debian, "gone", []advisory.Statement{{Kind: advisory.Notice, NameKind: advisory.SourceName, State: advisory.EndOfLife}}},
		// Maven's versions have an order but no keys.
		{maven, "org.example:a", []advisory.Statement{
			{Kind: advisory.Vulnerability, Ranges: []advisory.KeyRange{{Range: advisory.Range{Fixed: "1.0-beta"}}}},
		}},
		{npm, "bad", []advisory.Statement{
			{Kind: advisory.Vulnerability, Ranges: []advisory.KeyRange{{Range: advisory.Range{Fixed: "no version"}, Bad: true}}},
		}},
		// Withdrawn, of another release, of another ecosystem, unknown.
		{npm, "left-pad", nil},
		{almaOld, "npm", nil},
		{npm, "Flask_Login", nil},
		{advisory.Ecosystem{Type: "rpm"}, "nodejs", nil},
		{npm, "", nil},
	} {
		got := lookup(t, db, tt.eco, tt.name)
		diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(advisory.Statement{}, "Ref", "Groups"))
		if diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.eco, tt.name, diff)
		}
	}
	// PEP 503: all spellings are one name.
	for _, name := range []string{"flask-login", "Flask_Login", "FLASK.LOGIN", "flask--login"} {
		if diff := cmp.Diff([]string{"GHSA-aaaa-bbbb-cccc", "PYSEC-2024-7"}, ids(t, db, pypi, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestNonsense keeps every range that was stated, and marks those that cannot
// decide anything.
func TestNonsense(t *testing.T) {
	t.Parallel()
	rpm := advisory.Ecosystem{Type: "rpm", Distro: "almalinux", Release: "9"}
	for _, tt := range []struct {
		eco advisory.Ecosystem
		r   advisory.Range
		bad bool
	}{
		{npm, advisory.Range{}, false},
		{npm, advisory.Range{Introduced: "1.0.0", Fixed: "1.0.1"}, false},
		{npm, advisory.Range{Introduced: "1.0.0", LastAffected: "1.0.0"}, false},
		{npm, advisory.Range{Introduced: "1.0.1", Fixed: "1.0.0"}, true},
		{npm, advisory.Range{Introduced: "1.0.0", Fixed: "1.0.0"}, false}, // holds nothing, and says so
		{npm, advisory.Range{Introduced: "1.0.1", LastAffected: "1.0.0"}, true},
		{npm, advisory.Range{Introduced: "1.0.0", After: true, LastAffected: "1.0.0"}, false},
		{npm, advisory.Range{Introduced: "one", Fixed: "1.0.0"}, true},
		{npm, advisory.Range{Introduced: "1.0.0", LastAffected: "next"}, true},
		{npm, advisory.Range{Introduced: "one"}, true},
		{npm, advisory.Range{Introduced: strings.Repeat("1", 5000), Fixed: "1.0.0"}, true},
		// Without keys.
		{maven, advisory.Range{Introduced: "1.0", Fixed: "1.1"}, false},
		{maven, advisory.Range{Introduced: "1.1", Fixed: "1.0"}, true},
		{maven, advisory.Range{Introduced: "${version}", Fixed: "1.0"}, true},
		// A release that an end does not name is any release.
		{rpm, advisory.Range{Introduced: "2.0-3", LastAffected: "2.0"}, false},
		{rpm, advisory.Range{Introduced: "2.0-3", Fixed: "2.0"}, false},
		{rpm, advisory.Range{Introduced: "2.1-3", Fixed: "2.0"}, true},
		{advisory.Ecosystem{Type: "unheard-of"}, advisory.Range{Fixed: "1.0"}, true},
	} {
		a := about("X-1", tt.eco, "p", "")
		// A good range before and after, as neighbours must not suffer.
		good := advisory.Range{Introduced: "3.0.0", Fixed: "3.0.1"}
		a.Affected[0].Ranges = []advisory.Range{good, tt.r, good}
		data, _ := build(t, []*advisory.Advisory{a})
		db := open(t, data)
		if err := db.Verify(); err != nil {
			t.Errorf("%s %s: %v", tt.eco, tt.r, err)
		}
		got := lookup(t, db, tt.eco, "p")
		if len(got) != 1 || len(got[0].Ranges) != 3 {
			t.Fatalf("%s %s: %v", tt.eco, tt.r, got)
		}
		if r := got[0].Ranges[1]; r.Range != tt.r || r.Bad != tt.bad {
			t.Errorf("%s %s: %+v, want bad %v", tt.eco, tt.r, r, tt.bad)
		}
		if r := got[0].Ranges[2]; r.Range != good || r.Bad != (tt.eco.Type == "unheard-of") {
			t.Errorf("%s %s: the next range is %+v", tt.eco, tt.r, r)
		}
	}
}

// TestLookupStops leaves the iteration early, and inside of another one: each
// has a statement of its own.
func TestLookupStops(t *testing.T) {
	t.Parallel()
	data, _ := build(t, samples())
	db := open(t, data)
	for outer, err := range db.Lookup(pypi, "flask-login") {
		if err != nil {
			t.Fatal(err)
		}
		ref := outer.Ref
		for inner, err := range db.Lookup(npm, "lodash") {
			if err != nil || outer.Ref != ref || inner.Ref == ref {
				t.Errorf("outer statement became %d, inner is %d, %v", outer.Ref, inner.Ref, err)
			}
			break
		}
		break
	}
}

func TestUnknownNameTakesNoMemory(t *testing.T) {
	data, _ := build(t, samples())
	db := open(t, data)
	n := testing.AllocsPerRun(100, func() {
		for s, err := range db.Lookup(npm, "nobody-knows-this-name") {
			t.Error(s, err)
		}
		for s, err := range db.Lookup(advisory.Ecosystem{Type: "apk", Distro: "alpine", Release: "3.20"}, "musl") {
			t.Error(s, err)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	data, _ := build(t, samples())
	db := open(t, data)
	for _, tt := range []struct {
		id   string
		want []string
	}{
		// The notice that repairs it and the withdrawn one that named it, too.
		{"CVE-2024-1111", []string{"ALSA-2024:1 8", "GHSA-aaaa-bbbb-cccc 9", "GHSA-with-draw-nnnn "}},
		{"GHSA-aaaa-bbbb-cccc", []string{"ALSA-2024:1 8", "GHSA-aaaa-bbbb-cccc 9", "GHSA-with-draw-nnnn "}},
		{"cve-2021-23337", []string{"GHSA-dddd-eeee-ffff "}},
		{"ghsa-DDDD-eeee-ffff", []string{"GHSA-dddd-eeee-ffff "}},
		{"ALSA-2024:1", []string{"ALSA-2024:1 8", "ALSA-2024:1 9"}},
		{"GHSA-with-draw-nnnn", []string{"GHSA-with-draw-nnnn "}},
		{"CVE-2024-3333", []string{"GHSA-aaaa-bbbb-cccc 9"}}, // that it derives from
		{"CVE-2024-2222", nil}, // only related
		{"", nil},
	} {
		refs, err := db.Search(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range refs {
			h, err := db.Head(r)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, h.ID+" "+h.Release)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.id, diff)
		}
	}
	named, err := db.SearchName("nodejs")
	if diff := cmp.Diff([]Named{{almaOld, "nodejs"}, {almaNew, "nodejs"}}, named); diff != "" || err != nil {
		t.Errorf("nodejs: %v (-want +got):\n%s", err, diff)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	data, _ := build(t, samples())
	db := open(t, data)
	refs, err := db.Search("GHSA-with-draw-nnnn")
	if err != nil || len(refs) != 1 {
		t.Fatal(refs, err)
	}
	got, err := db.Head(refs[0])
	want := advisory.Head{Source: "osv", ID: "GHSA-with-draw-nnnn", Kind: advisory.Vulnerability, Withdrawn: true}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	got, err = db.Head(refs[0] - 1)
	want = advisory.Head{
		Source: "osv", ID: "GHSA-maav-maav-maav", Kind: advisory.Vulnerability,
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for s, failed := range db.Lookup(almaNew, "npm") {
		if failed != nil {
			t.Fatal(failed)
		}
		got, err = db.Head(s.Ref)
	}
	want = advisory.Head{
		Source: "osv", ID: "GHSA-aaaa-bbbb-cccc", Release: "9", Kind: advisory.Vulnerability,
		Label: "critical", Score: 9.8, Published: day(1), Modified: day(2),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := db.Head(1000); err == nil {
		t.Error("an unknown advisory has a head")
	}
	if _, err := db.Advisory(1000); err == nil {
		t.Error("an unknown advisory has details")
	}
	if f := db.Flaw(1000); f.ID != "" {
		t.Errorf("an unknown flaw is %v", f)
	}
}

// TestSearchHash compares the search in section K with a plain one, in tables
// that are even and in some that are not.
// The functions of an advisory are those of all that it says of a package, and
// none if it says less of a part of it.
func TestSymbols(t *testing.T) {
	t.Parallel()
	golang := advisory.Ecosystem{Type: "golang"}
	about := func(name string, symbols ...string) advisory.Affected {
		return advisory.Affected{Ecosystem: golang, Name: name, Symbols: symbols, Ranges: []advisory.Range{{Fixed: "1.0.0"}}}
	}
	data, _ := build(t, []*advisory.Advisory{{Source: "osv", ID: "GO-1", Kind: advisory.Vulnerability, Affected: []advisory.Affected{
		about("a.test/m", "a.test/m.F"), about("a.test/other", "a.test/other.F"), about("a.test/m", "a.test/m.T.M"),
		about("a.test/part", "a.test/part.F"), about("a.test/part"),
	}}})
	db := open(t, data)
	for name, want := range map[string][]string{
		"a.test/m": {"a.test/m.F", "a.test/m.T.M"}, "a.test/other": {"a.test/other.F"}, "a.test/part": nil, "a.test/none": nil,
	} {
		refs, err := db.Search("GO-1")
		if err != nil || len(refs) != 1 {
			t.Fatalf("%d advisories, %v", len(refs), err)
		}
		got, err := db.Symbols(refs[0], golang, name)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if _, err := db.Symbols(99, golang, "a.test/m"); err == nil {
		t.Error("an advisory that is not there has functions")
	}
}

func TestSearchHash(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for round := range 300 {
		hashes := make([]uint64, r.IntN(500))
		for i := range hashes {
			hashes[i] = r.Uint64() >> (round % 3 * r.IntN(64))
		}
		slices.Sort(hashes)
		db := &DB{n: len(hashes)}
		for _, h := range hashes {
			db.k = binary.LittleEndian.AppendUint64(db.k, h)
		}
		probes := append(slices.Clone(hashes), 0, ^uint64(0), r.Uint64(), 1)
		for _, h := range probes {
			want, _ := slices.BinarySearch(hashes, h)
			if got := db.search(h); got != want {
				t.Fatalf("search(%d) = %d, want %d in %v", h, got, want, hashes)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := os.WriteFile(path, make([]byte, 2*pageSize), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, dir, filepath.Join(dir, "none")} {
		if _, err := Open(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("Open(%s): %v", p, err)
		}
		if _, err := OpenEnrichment(p); err == nil {
			t.Errorf("OpenEnrichment(%s): no error", p)
		}
	}
	_, enrich := smallFiles(t)
	if _, err := OpenBytes(enrich); err == nil {
		t.Error("an enrichment file is no database")
	}
}
