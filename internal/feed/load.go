package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Loaded is what came of reading a source.
type Loaded struct {
	Read     int               // records, those rejected as a whole too
	Stored   int               // records that were kept
	Rejected map[string]int    // how often something was refused, by reason
	Example  map[string]string // the first refusal of each reason
	Newest   time.Time         // date of the newest record; zero if none has one
}

// Load reads a source and hands each record to keep, which may refuse one with
// a *[Rejected]; any other error of it ends the reading.
func Load(ctx context.Context, s Source, keep func(Record) error) (Loaded, error) {
	l := Loaded{Rejected: map[string]int{}, Example: map[string]string{}}
	for rec, err := range Read(ctx, s) {
		if err == nil {
			if err = keep(rec); err == nil {
				l.Stored++
			}
			if d := rec.Date(); err == nil && d.After(l.Newest) {
				l.Newest = d
			}
		}
		r, refused := errors.AsType[*Rejected](err)
		if err != nil && !refused {
			return l, fmt.Errorf("reading %s: %w", s.Path, err)
		}
		if !refused || !r.Part {
			l.Read++
		}
		if refused {
			l.Rejected[r.Reason]++
			l.Example[r.Reason] = cmp.Or(l.Example[r.Reason], r.Error())
		}
	}
	return l, nil
}

// Reasons returns why something was refused, the most frequent reason first.
func (l Loaded) Reasons() []string {
	var out []string
	for r := range l.Rejected {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(l.Rejected[b], l.Rejected[a]), cmp.Compare(a, b)) })
	return out
}

// Enriches tells whether a source says something of single CVEs, such as EPSS.
func (s Source) Enriches() bool {
	switch s.Name {
	case CVE, KEV, EPSS, NVD, Metasploit, MetasploitModules, ExploitDB:
		return true
	}
	return false
}

// Advises tells whether a source says something of packages. NVD does both.
func (s Source) Advises() bool { return !s.Enriches() || s.Name == NVD }

// Holds tells whether a file, by its path, is part of a source.
func (s Source) Holds(file string) bool { return slices.Contains(s.files, file) }

// Files returns the files of a source, sorted.
func (s Source) Files() []string { return slices.Clone(s.files) }
