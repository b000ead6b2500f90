package mirror

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/feed"
)

var update = flag.Bool("update", false, "rewrite doc/feeds.md")

const (
	feedsDocument = "../../doc/feeds.md"
	countsTitle   = "## Counted over a sample\n"
)

// tablesDocument is the part of doc/feeds.md that the table of feeds gives.
func tablesDocument() string {
	var b strings.Builder
	b.WriteString("# Feeds\n\nWritten by `go test ./internal/mirror -run TestFeedsDocument -update` from the tables of the program.\n\n" +
		"`assay db update` gets these from their publishers; extra ones only when they are named with `--feed`, since what they say is\n" +
		"said by another too, or since they are large. [database.md](database.md) tells how. `assay db build` recognises files of all formats by\n" +
		"their content, wherever they come from.\n\n" +
		"Passing on tells whether the licence lets anybody give the files to others. A database holds what its feeds say: what may not be passed\n" +
		"on may not be passed on in a database either.\n\n")
	for _, extra := range []bool{false, true} {
		if extra {
			b.WriteString("\n## Extra feeds\n\n")
		} else {
			b.WriteString("## Feeds that are got\n\n")
		}
		b.WriteString("| feed | files | changes | licence | passing on | matched by |\n|---|---|---|---|---|---|\n")
		for _, f := range Feeds() {
			if f.Extra == extra {
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", f.Name, f.Kind, f.Cadence, f.Licence, f.Share, f.Match)
			}
		}
	}
	b.WriteString("\n## Addresses\n\n| feed | address |\n|---|---|\n")
	for _, f := range Feeds() {
		fmt.Fprintf(&b, "| %s | %s |\n", f.Name, strings.Join(f.URLs, "<br>"))
	}
	return b.String() + "\n"
}

// countsDocument is the part that reading a folder of real files gives.
func countsDocument(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(countsTitle + "\nReal files of publishers, of several years, not all of them whole; what was rejected has its reasons in the report of `assay db build`.\n\n" +
		"| format | file | records | used | rejected |\n|---|---|---|---|---|\n")
	sources, _, err := feed.Find(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		l, err := feed.Load(t.Context(), s, func(feed.Record) error { return nil })
		name := filepath.ToSlash(strings.TrimPrefix(s.Path, dir+string(filepath.Separator)))
		if strings.HasPrefix(name, "feed-samples/") {
			continue // single records, broken ones among them
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d |\n", s.Name, name, l.Read, l.Stored, l.Read-l.Stored)
	}
	return b.String()
}

// TestFeedsDocument keeps doc/feeds.md what the tables say, and where there are
// real files, what is counted in them.
func TestFeedsDocument(t *testing.T) {
	t.Parallel()
	got, err := os.ReadFile(feedsDocument)
	if err != nil && !*update {
		t.Fatal(err)
	}
	_, counts, _ := bytes.Cut(got, []byte(countsTitle))
	want := tablesDocument() + countsTitle + string(counts)
	if dir := os.Getenv("ASSAY_ADVISORIES"); dir != "" {
		want = tablesDocument() + countsDocument(t, filepath.Clean(dir))
	} else {
		t.Log("ASSAY_ADVISORIES names no folder of real advisories: the counts are not compared")
	}
	if *update {
		if err := os.WriteFile(feedsDocument, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(got) != want {
		t.Error("doc/feeds.md is stale: run go test ./internal/mirror -run TestFeedsDocument -update, with ASSAY_ADVISORIES if the readers have changed")
	}
}
