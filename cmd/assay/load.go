package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
)

// loaded is what came of one source.
type loaded struct {
	source   feed.Source
	read     int
	stored   int
	rejected map[string]int    // by reason
	example  map[string]string // a reject of each reason
	newest   time.Time         // date of the newest record
}

// load reads sources into a builder. It shows which if show is not nil.
func load(ctx context.Context, b *vulndb.Builder, sources []feed.Source, show func(string, ...any)) ([]loaded, error) {
	var out []loaded
	for i, s := range sources {
		if show != nil {
			show("reading feed %d of %d: %.60s", i+1, len(sources), s.Path)
		}
		l := loaded{source: s, rejected: map[string]int{}, example: map[string]string{}}
		var newest time.Time
		for rec, err := range feed.Read(ctx, s) {
			if r, ok := errors.AsType[*feed.Rejected](err); ok {
				l.reject(r.Reason, r)
				if !r.Part {
					l.read++
				}
				continue
			}
			if err != nil {
				return out, fmt.Errorf("reading %s: %w", s.Path, err)
			}
			l.read++
			if err := add(b, rec); errors.Is(err, vulndb.ErrRefused) {
				l.reject("cannot be stored", err)
				continue
			} else if err != nil {
				return out, fmt.Errorf("storing a record of %s: %w", s.Path, err)
			}
			l.stored++
			if d := rec.Date(); d.After(newest) {
				newest = d
			}
		}
		f, err := feed.Describe(ctx, s)
		if err != nil {
			return out, fmt.Errorf("reading %s: %w", s.Path, err)
		}
		f.Modified, l.newest = newest, newest
		f.Read, f.Stored, f.Rejected = l.read, l.stored, l.read-l.stored
		b.Feed(f)
		out = append(out, l)
	}
	return out, nil
}

// reject counts what could not be used and keeps the first of each reason.
func (l loaded) reject(reason string, err error) {
	l.rejected[reason]++
	if l.example[reason] == "" {
		l.example[reason] = err.Error()
	}
}

func add(b *vulndb.Builder, rec feed.Record) error {
	if rec.Advisory != nil {
		return b.Add(rec.Advisory)
	}
	return b.Enrich(rec.Enrichment)
}

// reasons returns the reasons of rejects, most frequent first.
func (l loaded) reasons() []string {
	var out []string
	for r := range l.rejected {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(l.rejected[b], l.rejected[a]), cmp.Compare(a, b))
	})
	return out
}
