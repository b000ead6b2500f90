package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
)

// starterDate is when the starter set was last revised.
const starterDate = "2026-11-26"

// TestStarterDocument keeps the starter set what its files and this release
// make of it.
func TestStarterDocument(t *testing.T) {
	t.Parallel()
	built, err := time.Parse(time.DateOnly, starterDate)
	if err != nil {
		t.Fatal(err)
	}
	sources, _, err := feed.FindFS(t.Context(), os.DirFS("."), []string{"starter"})
	if err != nil {
		t.Fatal(err)
	}
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: built, Label: "starter", Starter: true})
	if _, err := load(t.Context(), b, sources, nil); err != nil {
		t.Fatal(err)
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{"starter.db": db.Bytes(), "starter.db.enrich": enrich.Bytes()} {
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v): run make generate", path, err)
		}
	}
}
