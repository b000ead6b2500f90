package vulndb

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
)

// Limits of a database. Real feeds stay far below them.
const (
	maxCount = 1 << 28        // of anything counted
	maxWords = math.MaxUint16 // labels, releases, modules, architectures
	maxText  = 1 << 20        // bytes of an id or a name
)

// ErrRefused says that a record cannot be stored, and why. The builder goes on
// without it.
var ErrRefused = errors.New("cannot be stored")

// BuildOptions says what a database states about itself.
type BuildOptions struct {
	Built   time.Time // the stated time of the build, kept to the second
	Label   string    // a name for people; may be empty
	Starter bool      // the small set that comes with the program
}

// A Builder collects advisories and enrichments, in any order, and writes them
// as a database. The same set gives the same bytes whatever the order. The
// records stand compressed in memory until then. A Builder serves one
// goroutine.
//
// An end of support that is to come after the stated time of the build is not
// written: a later build from the same files has it, and Diff shows it.
type Builder struct {
	opt       BuildOptions
	feeds     []advisory.Feed
	kept      keeper           // of texts and ends
	texts     interner[string] // ids, package names, listed versions
	words     interner[string] // few and short: sources, releases, labels, modules, architectures, repositories, platforms
	ecos      interner[advisory.Ecosystem]
	keys      interner[nameKey]
	ends      interner[versionKey]
	advs      []entry
	functions map[uint32]uint64 // by number of an advisory, see symbolsHash
	lists     []uint32          // slices of text numbers, see span
	stated    []stated
	arena     []byte // statements before their final form
	spool     *spool
	buf       []byte
	enrich    enricher
	err       error // that stops the builder: it could not be made, or is used up
}

// A nameKey is one package name with statements.
type nameKey struct{ eco, name uint32 }

// A versionKey is one end of a range; the order of versions depends on the
// type.
type versionKey struct{ typ, version string }

// A span is a slice of Builder.lists.
type span struct{ off, n uint32 }

// An entry is an advisory as the builder keeps it.
type entry struct {
	source, release, label uint32 // words
	id                     uint32 // text
	aliases, upstream      span   // texts; see names
	published, modified    int64  // seconds since 1970, see at
	withdrawn              bool
	kind                   uint8 // index in kinds
	score                  uint8 // tenths
	place                  place
}

// at is the time of an entry, which has the seconds of time.Time's zero where
// there is none.
func at(unix int64) time.Time {
	if unix == (time.Time{}).Unix() {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

// stated is one statement on its way: where it lies in the arena.
type stated struct {
	key, adv uint32
	off      int
}

// kinds numbers the kinds of advisory in the file.
var kinds = []advisory.Kind{
	advisory.Vulnerability, advisory.Notice, advisory.Malware, advisory.Unmaintained, advisory.Informational, advisory.Unsupported,
}

// states numbers the states in the file.
var states = []advisory.State{
	advisory.Stated, advisory.NotAffected, advisory.WillNotFix, advisory.FixDeferred, advisory.EndOfLife, advisory.UnderInvestigation,
	advisory.FixNeedsPro,
}

// Texts are copied, since they are often pieces of a whole document.
func (b *Builder) text(s string) uint32 { return b.texts.add(s, b.kept.keep) }

func (b *Builder) word(s string) uint32 { return b.words.add(s, strings.Clone) }

func (b *Builder) ecosystem(e advisory.Ecosystem) uint32 {
	return b.ecos.add(e, func(e advisory.Ecosystem) advisory.Ecosystem {
		return advisory.Ecosystem{Type: strings.Clone(e.Type), Distro: strings.Clone(e.Distro), Release: strings.Clone(e.Release)}
	})
}

func (b *Builder) key(eco, name uint32) uint32 {
	return b.keys.add(nameKey{eco, name}, func(k nameKey) nameKey { return k })
}

func (b *Builder) end(typ, version string) uint32 {
	return b.ends.add(versionKey{typ, version}, func(k versionKey) versionKey {
		return versionKey{b.kept.keep(k.typ), b.kept.keep(k.version)}
	})
}

// NewBuilder returns an empty builder.
func NewBuilder(opt BuildOptions) *Builder {
	s, err := newSpool()
	b := &Builder{opt: opt, spool: s, err: err, enrich: enricher{pending: map[uint64]*pending{}}, functions: map[uint32]uint64{}}
	b.word("") // the empty word has number zero
	return b
}

// SetBuilt states the time of the build, where it becomes known only when
// everything is read.
func (b *Builder) SetBuilt(t time.Time) { b.opt.Built = t }

// Feed notes a source that was read, for the headers of both files.
func (b *Builder) Feed(f advisory.Feed) { b.feeds = append(b.feeds, f) }

// Add takes one advisory and keeps nothing of a. Of several with the same
// source, id and release the one modified last is written. An advisory that is
// refused leaves no trace; the error is then an [ErrRefused].
func (b *Builder) Add(a *advisory.Advisory) error {
	if b.err != nil {
		return b.err
	}
	if err := check(a); err != nil {
		return fmt.Errorf("adding advisory %q: %w: %w", a.ID, ErrRefused, err)
	}
	b.buf = appendRecord(b.buf[:0], a)
	switch {
	case len(b.buf) > maxRecord:
		return fmt.Errorf("adding advisory %q: %w: %d bytes are too much", a.ID, ErrRefused, len(b.buf))
	case max(len(b.advs), len(b.stated)+len(a.Affected), len(b.texts.list), len(b.lists)) > maxCount:
		return errors.New("adding advisory: the database is full")
	case len(b.words.list) > maxWords-words(a):
		return errors.New("adding advisory: too many different words")
	}
	e := entry{
		source: b.word(a.Source), release: b.word(a.Release),
		id: b.text(a.ID), published: a.Published.Unix(), modified: a.Modified.Unix(),
		withdrawn: !a.Withdrawn.IsZero(), kind: uint8(slices.Index(kinds, a.Kind)), //nolint:gosec // checked
		place: b.spool.add(b.buf),
	}
	label, score := rating(a.Severities)
	e.label, e.score = b.word(label), score
	aliases, upstream := names(a)
	e.aliases, e.upstream = b.span(aliases), b.span(upstream)
	n := uint32(len(b.advs)) //nolint:gosec // limited by maxCount
	b.advs = append(b.advs, e)
	if h := symbolsHash(a); h != 0 {
		b.functions[n] = h
	}
	if e.withdrawn {
		return nil
	}
	for i := range a.Affected {
		b.state(n, &a.Affected[i])
	}
	return nil
}

// words is how many words an advisory brings at most.
func words(a *advisory.Advisory) int {
	n := 3
	for i := range a.Affected {
		n += 2 + len(a.Affected[i].Arches) + len(a.Affected[i].Platforms)
	}
	return n
}

// check refuses what the file cannot say or matching cannot use.
func check(a *advisory.Advisory) error {
	switch {
	case a.ID == "" || len(a.ID) > maxText:
		return errors.New("an advisory needs an id")
	case a.Source == "" || len(a.Source) > maxText || len(a.Release) > maxText:
		return errors.New("an advisory needs a source")
	case !slices.Contains(kinds, a.Kind):
		return fmt.Errorf("unknown kind %q", a.Kind)
	}
	for _, list := range [][]string{a.Aliases, a.Upstream} {
		for _, s := range list {
			if s == "" || len(s) > maxText {
				return errors.New("an alias is empty or too long")
			}
		}
	}
	for i := range a.Affected {
		f := &a.Affected[i]
		switch {
		case f.Type == "" || f.Name == "" || len(f.Name) > maxText:
			return fmt.Errorf("affected package %d needs a type and a name", i)
		case f.NameKind > advisory.SourceName:
			return fmt.Errorf("package %s: unknown kind of name %d", f.Name, f.NameKind)
		case !slices.Contains(states, f.State):
			return fmt.Errorf("package %s: unknown state %q", f.Name, f.State)
		case f.Skipped < 0 || f.Skipped > maxCount:
			return fmt.Errorf("package %s: %d ranges skipped", f.Name, f.Skipped)
		case len(f.Arches) > 256 || len(f.Platforms) > 256:
			return fmt.Errorf("package %s: %d architectures, %d platforms", f.Name, len(f.Arches), len(f.Platforms))
		case slices.Contains(f.Platforms, ""):
			return fmt.Errorf("package %s: a platform has no name", f.Name)
		}
		for _, r := range f.Ranges {
			if r.Fixed != "" && r.LastAffected != "" {
				return fmt.Errorf("package %s: a range ends twice, before %s and at %s", f.Name, r.Fixed, r.LastAffected)
			}
		}
	}
	return nil
}

// names splits what an advisory is called from what it derives from. A notice
// is about the flaws upstream of it, each a flaw of its own; some publishers
// list them as aliases, which would say that they are one and the same.
func names(a *advisory.Advisory) (aliases, upstream []string) {
	if a.Kind != advisory.Notice {
		return a.Aliases, a.Upstream
	}
	upstream = slices.Clone(a.Upstream)
	for _, s := range a.Aliases {
		if isCVE(s) {
			upstream = append(upstream, s)
		} else {
			aliases = append(aliases, s)
		}
	}
	slices.Sort(upstream)
	return aliases, slices.Compact(upstream)
}

// rating chooses what a list of advisories shows: the first word, and the base
// score by the CVSS that most tools show, 3.1 before 3.0, 4.0 and 2.0, the
// highest of it.
func rating(list []advisory.Severity) (label string, tenths uint8) {
	order := []string{"", "2.0", "4.0", "3.0", "3.1"}
	best := -1
	for _, s := range list {
		label = cmp.Or(label, s.Label)
		if !(s.Score > 0 && s.Score <= 10) {
			continue
		}
		rank, v := slices.Index(order, s.Version), uint8(math.Round(s.Score*10))
		if rank > best || rank == best && v > tenths {
			best, tenths = rank, v
		}
	}
	return label, tenths
}

func (b *Builder) span(list []string) span {
	s := span{off: uint32(len(b.lists))} //nolint:gosec // limited by maxCount
	for _, v := range list {
		b.lists = append(b.lists, b.text(v))
	}
	s.n = uint32(len(b.lists)) - s.off //nolint:gosec // limited by maxCount
	return s
}

func (b *Builder) span32(s span) []uint32 { return b.lists[s.off : s.off+s.n] }

// Write writes the database to db and the enrichment to enrich; either may be
// nil. The builder can be used only once.
func (b *Builder) Write(db, enrich io.Writer) (Stats, error) {
	if b.err != nil {
		return Stats{}, b.err
	}
	b.err = errors.New("the database is written already")
	slices.SortFunc(b.feeds, func(x, y advisory.Feed) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.File, y.File), cmp.Compare(x.Digest, y.Digest),
			x.Modified.Compare(y.Modified), cmp.Compare(x.Read, y.Read), cmp.Compare(x.Stored, y.Stored), cmp.Compare(x.Rejected, y.Rejected))
	})
	var stats Stats
	if enrich != nil {
		if err := b.writeEnrichment(enrich, &stats); err != nil {
			return Stats{}, fmt.Errorf("writing enrichment: %w", err)
		}
		b.enrich = enricher{} // make room
	}
	if db != nil {
		if err := b.writeDatabase(db, &stats); err != nil {
			return Stats{}, fmt.Errorf("writing database: %w", err)
		}
	}
	return stats, nil
}

// WriteFiles writes the database to path and the enrichment beside it, see
// EnrichmentPath. Each file is replaced at once or not at all.
func (b *Builder) WriteFiles(path string) (Stats, error) {
	var stats Stats
	err := replaceFile(EnrichmentPath(path), func(enrich io.Writer) error {
		return replaceFile(path, func(db io.Writer) (err error) {
			stats, err = b.Write(db, enrich)
			return err
		})
	})
	return stats, err
}

// EnrichmentPath returns where the enrichment of the database at path lies.
func EnrichmentPath(path string) string { return path + ".enrich" }

// header is what both files say alike.
func (b *Builder) header() Header {
	return Header{Built: b.opt.Built, Label: b.opt.Label, Starter: b.opt.Starter, Feeds: b.feeds}
}

// Stats counts what Write wrote.
type Stats struct {
	Advisories  int // withdrawn ones too
	Withdrawn   int
	Duplicates  int // given with the same key as another, and not written
	Later       int // ends of support after the stated time, and not written
	Names       int // package names with statements, per ecosystem
	Statements  int
	Ranges      int
	Flaws       int
	Enrichments int
	Bytes       int64 // of the database
	// EnrichmentBytes is the size of the other file.
	EnrichmentBytes int64
	Sections        []Section // of the database
}
