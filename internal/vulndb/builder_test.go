package vulndb

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/advisory"
)

func TestHeader(t *testing.T) {
	t.Parallel()
	b := NewBuilder(BuildOptions{Built: day(3), Label: "test", Starter: true})
	feeds := []advisory.Feed{
		{Name: "osv", File: "b.zip", Digest: "sha256:bb", Modified: day(1), Read: 3, Stored: 2, Rejected: 1},
		{Name: "debian-dsa", File: "DSA-list.txt"},
		{Name: "osv", File: "a.zip"},
	}
	for _, f := range feeds {
		b.Feed(f)
	}
	for _, a := range samples() {
		if err := b.Add(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Enrich(&advisory.Enrichment{CVE: "CVE-2024-1111", Exploitation: "poc"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "advisories.db")
	if _, err := b.WriteFiles(path); err != nil {
		t.Fatal(err)
	}
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want := Header{
		Format: formatVersion, Built: day(3), Label: "test", Starter: true, Feeds: []advisory.Feed{feeds[1], feeds[2], feeds[0]},
		Advisories: 9, Withdrawn: 1, Names: 9, Statements: 11, Flaws: 10,
	}
	if diff := cmp.Diff(want, db.Header(), cmpopts.IgnoreFields(Header{}, "Digest", "Bytes", "Sections")); diff != "" {
		t.Errorf("database (-want +got):\n%s", diff)
	}
	e, err := OpenEnrichment(EnrichmentPath(path))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	want = Header{Format: formatVersion, Built: day(3), Label: "test", Starter: true, Feeds: want.Feeds, Enrichments: 1}
	if diff := cmp.Diff(want, e.Header(), cmpopts.IgnoreFields(Header{}, "Digest", "Bytes", "Sections")); diff != "" {
		t.Errorf("enrichment (-want +got):\n%s", diff)
	}
	wantEcos := []Coverage{{debian, 2, 2}, {maven, 1, 1}, {npm, 2, 2}, {pypi, 1, 2}, {almaOld, 1, 1}, {almaNew, 2, 3}}
	if diff := cmp.Diff(wantEcos, db.Ecosystems()); diff != "" {
		t.Errorf("ecosystems (-want +got):\n%s", diff)
	}
	if !db.Covers(almaNew) || db.Covers(advisory.Ecosystem{Type: "rpm", Distro: "almalinux", Release: "10"}) {
		t.Error("Covers does not know one release from another")
	}
	if _, err := b.WriteFiles(path); err == nil {
		t.Error("a builder can be used twice")
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 2 {
		t.Errorf("%d files in the folder, %v; want the two written", len(left), err)
	}
}

func TestRating(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		list  []advisory.Severity
		label string
		score uint8
	}{
		{nil, "", 0},
		{[]advisory.Severity{{Label: "high"}, {Label: "low"}}, "high", 0},
		{[]advisory.Severity{{Version: "4.0", Score: 9.9}, {Version: "3.1", Score: 5.5}, {Version: "3.1", Score: 6.5}, {Version: "2.0", Score: 10}}, "", 65},
		{[]advisory.Severity{{Version: "2.0", Score: 10}, {Version: "4.0", Score: 1.1}}, "", 11},
		{[]advisory.Severity{{Version: "3.1", Score: 11}, {Version: "3.1", Score: -1}}, "", 0},
	} {
		if label, score := rating(tt.list); label != tt.label || score != tt.score {
			t.Errorf("%v: %q, %d; want %q, %d", tt.list, label, score, tt.label, tt.score)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(a *advisory.Advisory)
	}{
		{"id", func(a *advisory.Advisory) { a.ID = "" }},
		{"source", func(a *advisory.Advisory) { a.Source = "" }},
		{"kind", func(a *advisory.Advisory) { a.Kind = "bug" }},
		{"alias", func(a *advisory.Advisory) { a.Aliases = []string{""} }},
		{"name", func(a *advisory.Advisory) { a.Affected[0].Name = "" }},
		{"type", func(a *advisory.Advisory) { a.Affected[0].Type = "" }},
		{"state", func(a *advisory.Advisory) { a.Affected[0].State = "fine" }},
		{"kind of name", func(a *advisory.Advisory) { a.Affected[0].NameKind = 9 }},
		{"two ends", func(a *advisory.Advisory) { a.Affected[0].Ranges[0].LastAffected = "1" }},
		{"platform", func(a *advisory.Advisory) { a.Affected[0].Platforms = []string{""} }},
		{"skipped", func(a *advisory.Advisory) { a.Affected[0].Skipped = -1 }},
		{"size", func(a *advisory.Advisory) { a.Details = strings.Repeat("x", maxRecord) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := NewBuilder(BuildOptions{Built: day(1)})
			a := about("X-1", npm, "p", "2")
			tt.change(a)
			if err := b.Add(a); !errors.Is(err, ErrRefused) {
				t.Errorf("got %v", err)
			}
			var db, empty bytes.Buffer
			if _, err := b.Write(&db, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := NewBuilder(BuildOptions{Built: day(1)}).Write(&empty, nil); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(db.Bytes(), empty.Bytes()) {
				t.Error("a refused advisory left a trace")
			}
		})
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	b := NewBuilder(BuildOptions{})
	var d, e bytes.Buffer
	if _, err := b.Write(&d, &e); err != nil {
		t.Fatal(err)
	}
	db := open(t, d.Bytes())
	if err := db.Verify(); err != nil {
		t.Error(err)
	}
	if n := len(lookup(t, db, npm, "lodash")); n > 0 || db.Covers(npm) {
		t.Errorf("%d statements in an empty database", n)
	}
	enr, err := OpenEnrichmentBytes(e.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := enr.Verify(); err != nil {
		t.Error(err)
	}
	if _, ok, err := enr.Lookup("CVE-2024-1111"); ok || err != nil {
		t.Errorf("found %v, %v in an empty file", ok, err)
	}
	changes, err := Diff(db, db)
	if len(changes) > 0 || err != nil {
		t.Errorf("%v, %v between a database and itself", changes, err)
	}
}

// TestManyRanges has one name with as many ranges, versions and statements as
// no real one has.
func TestManyRanges(t *testing.T) {
	t.Parallel()
	a := about("X-1", npm, "p", "")
	a.Affected[0].Ranges = nil
	for i := range 20_000 {
		a.Affected[0].Ranges = append(a.Affected[0].Ranges, advisory.Range{Introduced: fmt.Sprintf("%d.0.0", i), Fixed: fmt.Sprintf("%d.1.0", i)})
		a.Affected[0].Versions = append(a.Affected[0].Versions, fmt.Sprintf("%d.2.0", i))
	}
	slices.Sort(a.Affected[0].Versions)
	list := []*advisory.Advisory{a}
	for i := range 2000 {
		list = append(list, about(fmt.Sprintf("Y-%d", i), npm, "p", "1.0.0"))
	}
	data, _ := build(t, list)
	db := open(t, data)
	if err := db.Verify(); err != nil {
		t.Fatal(err)
	}
	got := lookup(t, db, npm, "p")
	if len(got) != len(list) {
		t.Fatalf("%d statements, want %d", len(got), len(list))
	}
	if diff := cmp.Diff(a.Affected[0].Versions, got[0].Versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	for i, r := range got[0].Ranges {
		if r.Range != a.Affected[0].Ranges[i] || r.IntroducedKey == nil || r.EndKey == nil {
			t.Fatalf("range %d is %v", i, r)
		}
	}
}

// TestReproducible adds the same in other orders, some of it twice, and wants
// the same bytes.
func TestReproducible(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		list := append(random(r, 60), samples()...)
		data, _ := build(t, list)
		if err := open(t, data).Verify(); err != nil {
			t.Fatal(err)
		}
		for _, a := range list[:10] {
			list = append(list, a, older(a))
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		again, stats := build(t, list)
		if !bytes.Equal(data, again) {
			t.Fatal("another order gives other bytes")
		}
		if stats.Duplicates < 20 {
			t.Errorf("%d duplicates are counted, there are 20 at least", stats.Duplicates)
		}
	}
}
