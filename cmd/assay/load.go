package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
)

// loaded is what came of one source.
type loaded struct {
	feed.Loaded
	source feed.Source
}

// load reads sources into a builder. It shows which if show is not nil.
func load(ctx context.Context, b *vulndb.Builder, sources []feed.Source, show func(string, ...any)) ([]loaded, error) {
	var out []loaded
	for i, s := range sources {
		if show != nil {
			show("reading feed %d of %d: %.60s", i+1, len(sources), s.Path)
		}
		l, err := feed.Load(ctx, s, func(rec feed.Record) error { return add(b, rec) })
		if err != nil {
			return out, err
		}
		f, err := feed.Describe(ctx, s)
		if err != nil {
			return out, fmt.Errorf("reading %s: %w", s.Path, err)
		}
		f.Modified, f.Read, f.Stored, f.Rejected = l.Newest, l.Read, l.Stored, l.Read-l.Stored
		b.Feed(f)
		out = append(out, loaded{l, s})
	}
	return out, nil
}

// add adds a record to a builder. One that cannot be stored is a
// *[feed.Rejected].
func add(b *vulndb.Builder, rec feed.Record) error {
	var id string
	var err error
	if a := rec.Advisory; a != nil {
		id, err = a.ID, b.Add(a)
	} else {
		id, err = rec.Enrichment.CVE, b.Enrich(rec.Enrichment)
	}
	if errors.Is(err, vulndb.ErrRefused) {
		_, why, _ := strings.Cut(err.Error(), vulndb.ErrRefused.Error()+": ")
		return &feed.Rejected{ID: id, Reason: vulndb.ErrRefused.Error(), Detail: why}
	}
	return err
}
