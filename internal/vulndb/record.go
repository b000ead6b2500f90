package vulndb

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/assay-project/assay/advisory"
)

// appendRecord writes all of an advisory that its head does not hold. Affected
// packages are written in columns: their names, then their kinds and so on,
// since the lists of neighbouring advisories repeat each other column by
// column, which compression finds.
func appendRecord(dst []byte, a *advisory.Advisory) []byte {
	dst = appendTexts(dst, a.Aliases)
	dst = appendTexts(dst, a.Related)
	dst = appendTexts(dst, a.Upstream)
	dst = appendText(dst, a.Summary)
	dst = appendText(dst, a.Details)
	dst = appendTime(dst, a.Withdrawn)
	dst = appendTexts(dst, a.CWEs)
	dst = appendReferences(dst, a.References)
	dst = appendSeverities(dst, a.Severities)
	dst = binary.AppendUvarint(dst, uint64(len(a.Affected)))
	var last advisory.Ecosystem
	for i := range a.Affected {
		e := a.Affected[i].Ecosystem
		if e == last {
			dst = append(dst, 0)
			continue
		}
		dst = append(dst, 1)
		dst = appendTexts(dst, []string{e.Type, e.Distro, e.Release})
		last = e
	}
	for i := range a.Affected {
		dst = appendText(dst, a.Affected[i].Name)
	}
	for i := range a.Affected {
		dst = append(dst, affectedFlags(&a.Affected[i]))
	}
	for i := range a.Affected {
		dst = appendAffected(dst, &a.Affected[i])
	}
	dst = appendWhere(dst, a.Affected)
	for i := range a.Affected {
		dst = appendRanges(dst, a.Affected[i].Ranges)
	}
	return dst
}

func appendReferences(dst []byte, list []advisory.Reference) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, r := range list {
		dst = appendText(dst, r.Type)
		dst = appendText(dst, r.URL)
	}
	return dst
}

func readReferences(c *cursor) []advisory.Reference {
	n := c.count(2)
	if n == 0 {
		return nil
	}
	list := make([]advisory.Reference, 0, n)
	for range n {
		list = append(list, advisory.Reference{Type: c.string(), URL: c.string()})
	}
	return list
}

func appendSeverities(dst []byte, list []advisory.Severity) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, s := range list {
		dst = appendTexts(dst, []string{s.Source, s.Version, s.Vector, s.Label})
		dst = appendDecimal(dst, s.Score, 10)
	}
	return dst
}

func readSeverities(c *cursor) []advisory.Severity {
	n := c.count(6)
	if n == 0 {
		return nil
	}
	list := make([]advisory.Severity, 0, n)
	for range n {
		t := c.strings()
		if len(t) != 4 {
			c.fail()
			return nil
		}
		list = append(list, advisory.Severity{Source: t[0], Version: t[1], Vector: t[2], Label: t[3], Score: c.decimal(10)})
	}
	return list
}

// What an affected package has besides its name and ranges.
const (
	hasSourceName = 1 << iota
	hasModule
	hasArches
	hasVersions
	hasState
	hasUrgency
	hasSymbols
	hasSkipped
)

func affectedFlags(f *advisory.Affected) byte {
	var flags byte
	for i, has := range []bool{
		f.NameKind == advisory.SourceName, f.Module != "", len(f.Arches) > 0, len(f.Versions) > 0,
		f.State != advisory.Stated, f.Urgency != "", len(f.Symbols) > 0, f.Skipped > 0,
	} {
		if has {
			flags |= 1 << i
		}
	}
	return flags
}

func appendAffected(dst []byte, f *advisory.Affected) []byte {
	if f.Module != "" {
		dst = appendText(dst, f.Module)
	}
	if len(f.Arches) > 0 {
		dst = appendTexts(dst, f.Arches)
	}
	if len(f.Versions) > 0 {
		dst = appendTexts(dst, f.Versions)
	}
	if f.State != advisory.Stated {
		dst = appendText(dst, string(f.State))
	}
	if f.Urgency != "" {
		dst = appendText(dst, f.Urgency)
	}
	if len(f.Symbols) > 0 {
		dst = appendTexts(dst, f.Symbols)
	}
	if f.Skipped > 0 {
		dst = binary.AppendUvarint(dst, uint64(f.Skipped))
	}
	return dst
}

func readAffected(c *cursor, f *advisory.Affected, flags byte) {
	if flags&hasSourceName != 0 {
		f.NameKind = advisory.SourceName
	}
	if flags&hasModule != 0 {
		f.Module = c.string()
	}
	if flags&hasArches != 0 {
		f.Arches = c.strings()
	}
	if flags&hasVersions != 0 {
		f.Versions = c.strings()
	}
	if flags&hasState != 0 {
		f.State = advisory.State(c.string())
	}
	if flags&hasUrgency != 0 {
		f.Urgency = c.string()
	}
	if flags&hasSymbols != 0 {
		f.Symbols = c.strings()
	}
	if flags&hasSkipped != 0 {
		f.Skipped = int(c.uint32())
	}
}

// appendWhere writes the repositories and platforms that packages are limited
// to: two columns if any is, and else none.
func appendWhere(dst []byte, list []advisory.Affected) []byte {
	if !slices.ContainsFunc(list, func(f advisory.Affected) bool { return f.Repo != "" || len(f.Platforms) > 0 }) {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	for i := range list {
		dst = appendText(dst, list[i].Repo)
	}
	for i := range list {
		dst = appendTexts(dst, list[i].Platforms)
	}
	return dst
}

func readWhere(c *cursor, list []advisory.Affected) {
	if c.byte() == 0 {
		return
	}
	for i := range list {
		list[i].Repo = c.string()
	}
	for i := range list {
		list[i].Platforms = c.strings()
	}
}

// The ends of a range that are there.
const (
	hasIntroduced = 1 << iota
	isAfter
	hasFixed
	hasLast
	isBad
)

func rangeFlags(r advisory.Range) byte {
	var flags byte
	for i, has := range []bool{r.Introduced != "", r.After, r.Fixed != "", r.LastAffected != ""} {
		if has {
			flags |= 1 << i
		}
	}
	return flags
}

func appendRanges(dst []byte, list []advisory.Range) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, r := range list {
		dst = append(dst, rangeFlags(r))
		for _, s := range []string{r.Introduced, r.Fixed, r.LastAffected} {
			if s != "" {
				dst = appendText(dst, s)
			}
		}
	}
	return dst
}

func readRanges(c *cursor) []advisory.Range {
	n := c.count(1)
	if n == 0 {
		return nil
	}
	list := make([]advisory.Range, 0, n)
	for range n {
		flags := c.byte()
		r := advisory.Range{After: flags&isAfter != 0}
		if flags&hasIntroduced != 0 {
			r.Introduced = c.string()
		}
		if flags&hasFixed != 0 {
			r.Fixed = c.string()
		}
		if flags&hasLast != 0 {
			r.LastAffected = c.string()
		}
		list = append(list, r)
	}
	return list
}

// readRecord completes a with what appendRecord wrote.
func readRecord(record []byte, a *advisory.Advisory) error {
	c := cursor{b: record}
	a.Aliases, a.Related, a.Upstream = c.strings(), c.strings(), c.strings()
	a.Summary, a.Details = c.string(), c.string()
	a.Withdrawn = c.time()
	a.CWEs = c.strings()
	a.References = readReferences(&c)
	a.Severities = readSeverities(&c)
	if n := c.count(4); n > 0 {
		a.Affected = make([]advisory.Affected, n)
	}
	var last advisory.Ecosystem
	for i := range a.Affected {
		if c.byte() == 1 {
			t := c.strings()
			if len(t) != 3 {
				c.fail()
				break
			}
			last = advisory.Ecosystem{Type: t[0], Distro: t[1], Release: t[2]}
		}
		a.Affected[i].Ecosystem = last
	}
	for i := range a.Affected {
		a.Affected[i].Name = c.string()
	}
	flags := slices.Clone(c.next(len(a.Affected)))
	for i := range flags {
		readAffected(&c, &a.Affected[i], flags[i])
	}
	readWhere(&c, a.Affected)
	for i := range a.Affected {
		a.Affected[i].Ranges = readRanges(&c)
	}
	if c.bad || len(c.b) > 0 {
		return fmt.Errorf("%w: details of %s", ErrFormat, a.ID)
	}
	return nil
}
