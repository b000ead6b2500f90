package vulndb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
)

// An enrichment file has five sections:
//
//	C  the CVEs, sorted, each with its place in E
//	E  dates, ratings, CWEs, KEV, EPSS and exploits of each
//	S  the texts that many share: vectors, sources, CWEs, beginnings of addresses
//	D  a dictionary for Z
//	Z  titles, descriptions and references, in zstd blocks
const (
	enrichmentTags = "CESDZ"
	cveRow         = 12 // CVE 8 in the first column, place in E 4
)

// exploitation numbers CISA's decision points, weakest first.
// Source: CISA Coordinator SSVC 2.0.3, "Exploitation".
var exploitation = []string{"", "none", "poc", "active"}

// What an entry of section E has, above the number of its exploitation.
const (
	enrichText = 4 << iota
	enrichKEV
	enrichEPSS
	enrichExploits
)

// cveKey packs a CVE into a number that orders by year and number. Only one
// spelling of a CVE has a key.
func cveKey(id string) (uint64, bool) {
	if !isCVE(id) || len(id) > len("CVE-2020-")+4 && id[9] == '0' {
		return 0, false
	}
	year, err1 := strconv.ParseUint(id[4:8], 10, 16)
	number, err2 := strconv.ParseUint(id[9:], 10, 48)
	return year<<48 | number, err1 == nil && err2 == nil
}

func cveText(key uint64) string { return fmt.Sprintf("CVE-%04d-%04d", key>>48, key&(1<<48-1)) }

// An enricher collects what is said of CVEs.
type enricher struct {
	pending map[uint64]*pending
	words   interner[string]
	spool   *spool
}

// pending is what is known of one CVE so far. Most CVEs have nothing but an
// EPSS score, so that the rest is apart.
type pending struct {
	epss advisory.EPSS
	rest *rest
}

type rest struct {
	published, modified time.Time
	exploitation        uint8
	kev                 *advisory.KEV
	severities          []rated
	exploits            []exploit
	cwes                []uint32 // words
	texts               []dated
}

// rated is a severity with words in place of texts.
type rated struct {
	source, version, vector, label uint32
	score                          float64
}

func (r rated) words() [4]uint32 { return [4]uint32{r.source, r.version, r.vector, r.label} }

// An exploit is an [advisory.Exploit] with words in place of texts. Most
// addresses have the id in them: they are what stands before it and after it.
type exploit struct {
	source, id, before, after uint32
	between                   bool // whether the id stands between them
	published                 time.Time
}

// dated is where the texts of one source are, and of when they are.
type dated struct {
	place
	modified time.Time
}

func (n *enricher) word(s string) uint32 { return n.words.add(s, strings.Clone) }

// Enrich takes what one source says of a CVE and keeps nothing of e. What
// several say is joined whatever the order: ratings, CWEs and references add
// up, as do exploits, of which those of the same source and id are one and the
// newest stays; of texts, of KEV and of EPSS the newest stays; the first publication and
// the last change count; so does the strongest exploitation. What is refused
// leaves no trace; the error is then an [ErrRefused].
func (b *Builder) Enrich(e *advisory.Enrichment) error {
	if b.err != nil {
		return b.err
	}
	key, ok := cveKey(e.CVE)
	x := slices.Index(exploitation, e.Exploitation)
	n := &b.enrich
	switch {
	case !ok:
		return fmt.Errorf("adding enrichment: %w: %q is no CVE", ErrRefused, e.CVE)
	case x < 0:
		return fmt.Errorf("adding enrichment of %s: %w: unknown exploitation %q", e.CVE, ErrRefused, e.Exploitation)
	case slices.ContainsFunc(e.Exploits, func(x advisory.Exploit) bool { return x.Source == "" || x.ID == "" }):
		return fmt.Errorf("adding enrichment of %s: %w: an exploit needs a source and an id", e.CVE, ErrRefused)
	case max(len(n.pending), len(n.words.list)+5*len(e.Severities)+len(e.CWEs)+4*len(e.Exploits)) > maxCount:
		return errors.New("adding enrichment: the file is full")
	}
	b.buf = appendText(b.buf[:0], e.Title)
	b.buf = appendText(b.buf, e.Description)
	b.buf = appendReferences(b.buf, e.References)
	if len(b.buf) > maxRecord {
		return fmt.Errorf("adding enrichment of %s: %w: %d bytes are too much", e.CVE, ErrRefused, len(b.buf))
	}
	if n.spool == nil {
		if n.spool, b.err = newSpool(); b.err != nil {
			return b.err
		}
	}
	p := n.pending[key]
	if p == nil {
		p = &pending{}
		n.pending[key] = p
	}
	if e.EPSS != nil && compareEPSS(*e.EPSS, p.epss) > 0 {
		p.epss = *e.EPSS
		p.epss.Model = n.words.list[n.word(e.EPSS.Model)] // one copy of it
	}
	n.addRest(p, e, uint8(x), b.buf) //nolint:gosec // an index of four
	return nil
}

// addRest joins all but EPSS; text holds the encoded texts.
func (n *enricher) addRest(p *pending, e *advisory.Enrichment, exploited uint8, text []byte) {
	hasText := e.Title != "" || e.Description != "" || len(e.References) > 0
	if !hasText && e.KEV == nil && exploited == 0 && len(e.Severities)+len(e.CWEs)+len(e.Exploits) == 0 && e.Published.IsZero() && e.Modified.IsZero() {
		return
	}
	if p.rest == nil {
		p.rest = &rest{}
	}
	r := p.rest
	if !e.Published.IsZero() && (r.published.IsZero() || e.Published.Before(r.published)) {
		r.published = e.Published
	}
	if e.Modified.After(r.modified) {
		r.modified = e.Modified
	}
	r.exploitation = max(r.exploitation, exploited)
	if e.KEV != nil && (r.kev == nil || compareKEV(*e.KEV, *r.kev) > 0) {
		k := *e.KEV
		r.kev = &k
	}
	for _, s := range e.Severities {
		r.severities = append(r.severities, rated{n.word(s.Source), n.word(s.Version), n.word(s.Vector), n.word(s.Label), s.Score})
	}
	for _, w := range e.CWEs {
		r.cwes = append(r.cwes, n.word(w))
	}
	for _, x := range e.Exploits {
		before, after, found := strings.Cut(x.URL, x.ID)
		r.exploits = append(r.exploits, exploit{n.word(x.Source), n.word(x.ID), n.word(before), n.word(after), found, x.Published})
	}
	if hasText {
		r.texts = append(r.texts, dated{n.spool.add(text), e.Modified})
	}
}

func compareEPSS(x, y advisory.EPSS) int {
	return cmp.Or(x.Date.Compare(y.Date), cmp.Compare(x.Model, y.Model), cmp.Compare(x.Score, y.Score), cmp.Compare(x.Percentile, y.Percentile))
}

func compareKEV(x, y advisory.KEV) int {
	ransomware := func(k advisory.KEV) int {
		if k.Ransomware {
			return 1
		}
		return 0
	}
	return cmp.Or(x.Added.Compare(y.Added), x.Due.Compare(y.Due), cmp.Compare(ransomware(x), ransomware(y)))
}

// writeEnrichment writes the enrichment file.
func (b *Builder) writeEnrichment(w io.Writer, stats *Stats) error {
	n := &b.enrich
	if n.spool == nil {
		if n.spool, b.err = newSpool(); b.err != nil {
			return b.err
		}
	}
	n.spool.seal()
	cves := slices.Sorted(maps.Keys(n.pending))
	// Which text of a CVE came first is chance, the merged ones are not: only
	// those go into the file and its dictionary.
	merged := map[uint64]place{}
	var places []place
	joined, err := newSpool()
	if err != nil {
		return err
	}
	for _, k := range cves {
		if r := n.pending[k].rest; r != nil && len(r.texts) > 0 {
			text, err := n.mergeTexts(r.texts)
			if err == nil && len(text) > maxRecord {
				err = fmt.Errorf("%d bytes are too much", len(text))
			}
			if err != nil {
				return fmt.Errorf("joining the texts of %s: %w", cveText(k), err)
			}
			merged[k] = joined.add(text)
			places = append(places, merged[k])
		}
	}
	joined.seal()
	dict, err := dictionary(len(places), joined.total, func(i int) ([]byte, error) { return joined.read(places[i]) })
	if err != nil {
		return err
	}
	texts, err := newBlockWriter(dict)
	if err != nil {
		return err
	}
	shared, off := n.placeWords(cves)
	var c, e []byte
	for _, k := range cves {
		c = binary.LittleEndian.AppendUint64(c, k)
	}
	for _, k := range cves {
		at, err := offset32(len(e))
		if err != nil {
			return err
		}
		c = binary.LittleEndian.AppendUint32(c, at)
		p := n.pending[k]
		var pos uint32
		if at, ok := merged[k]; ok {
			text, err := joined.take(at)
			if err != nil {
				return err
			}
			if pos, err = texts.add(text); err != nil {
				return err
			}
		}
		e = n.appendEntry(e, p, pos, off)
	}
	details, err := texts.finish()
	if err != nil {
		return err
	}
	h := b.header()
	h.Enrichments = len(cves)
	err = writeFile(w, enrichmentMagic, &h, []part{
		{'C', [][]byte{c}}, {'E', [][]byte{e}}, {'S', [][]byte{shared}}, {'D', [][]byte{dict}}, {'Z', details},
	})
	stats.Enrichments, stats.EnrichmentBytes = h.Enrichments, h.Bytes
	return err
}

// mergeTexts joins what several sources wrote of a CVE, the newest first.
func (n *enricher) mergeTexts(texts []dated) ([]byte, error) {
	type written struct {
		at   time.Time
		text []byte
	}
	list := make([]written, 0, len(texts))
	for _, t := range texts {
		b, err := n.spool.take(t.place)
		if err != nil {
			return nil, err
		}
		list = append(list, written{t.modified, bytes.Clone(b)})
	}
	slices.SortFunc(list, func(x, y written) int { return cmp.Or(y.at.Compare(x.at), bytes.Compare(x.text, y.text)) })
	var title, description string
	var refs []advisory.Reference
	seen := map[advisory.Reference]bool{}
	for _, w := range list {
		c := cursor{b: w.text}
		title, description = cmp.Or(title, c.string()), cmp.Or(description, c.string())
		for _, r := range readReferences(&c) {
			if !seen[r] {
				seen[r] = true
				refs = append(refs, r)
			}
		}
	}
	return appendReferences(appendText(appendText(nil, title), description), refs), nil
}

// edition is the part of an EPSS entry that is the same for all CVEs of a day.
func edition(e *advisory.EPSS) string { return string(appendTime(nil, e.Date)) + e.Model }

// arrange sorts ratings and CWEs, and drops what was said twice.
func (n *enricher) arrange(r *rest) {
	word := func(w uint32) string { return n.words.list[w] }
	slices.SortFunc(r.severities, func(x, y rated) int {
		return cmp.Or(cmp.Compare(word(x.source), word(y.source)), cmp.Compare(word(x.version), word(y.version)),
			cmp.Compare(word(x.vector), word(y.vector)), cmp.Compare(word(x.label), word(y.label)), cmp.Compare(x.score, y.score))
	})
	r.severities = slices.Compact(r.severities)
	slices.SortFunc(r.cwes, func(x, y uint32) int { return cmp.Compare(word(x), word(y)) })
	r.cwes = slices.Compact(r.cwes)
	key := func(x, y exploit) int {
		return cmp.Or(cmp.Compare(word(x.source), word(y.source)), cmp.Compare(word(x.id), word(y.id)))
	}
	address := func(x exploit) string {
		if x.between {
			return word(x.before) + word(x.id) + word(x.after)
		}
		return word(x.before)
	}
	slices.SortFunc(r.exploits, func(x, y exploit) int {
		return cmp.Or(key(x, y), y.published.Compare(x.published), cmp.Compare(address(x), address(y)))
	})
	r.exploits = slices.CompactFunc(r.exploits, func(x, y exploit) bool { return key(x, y) == 0 })
}

// placeWords makes section S of what the entries use, and returns where each
// word is. Those most used come first, where offsets are short.
func (n *enricher) placeWords(cves []uint64) (section []byte, off map[string]uint32) {
	uses := map[string]uint32{}
	for _, k := range cves {
		p := n.pending[k]
		if p.epss != (advisory.EPSS{}) {
			uses[edition(&p.epss)]++
		}
		if p.rest == nil {
			continue
		}
		n.arrange(p.rest)
		for _, s := range p.rest.severities {
			for _, w := range s.words() {
				uses[n.words.list[w]]++
			}
		}
		for _, w := range p.rest.cwes {
			uses[n.words.list[w]]++
		}
		for _, x := range p.rest.exploits {
			uses[n.words.list[x.source]]++
			uses[n.words.list[x.before]]++
		}
	}
	order := slices.SortedFunc(maps.Keys(uses), func(x, y string) int { return cmp.Or(cmp.Compare(uses[y], uses[x]), cmp.Compare(x, y)) })
	off = make(map[string]uint32, len(order))
	for _, s := range order {
		off[s] = uint32(len(section)) //nolint:gosec // words are few
		section = appendText(section, s)
	}
	return section, off
}

// appendEntry writes an entry of section E.
func (n *enricher) appendEntry(dst []byte, p *pending, pos uint32, off map[string]uint32) []byte {
	r := p.rest
	if r == nil {
		r = &rest{}
	}
	flags := r.exploitation
	for i, has := range []bool{len(r.texts) > 0, r.kev != nil, p.epss != (advisory.EPSS{}), len(r.exploits) > 0} {
		if has {
			flags |= enrichText << i
		}
	}
	at := func(w uint32) uint64 { return uint64(off[n.words.list[w]]) }
	dst = append(dst, flags)
	dst = appendTime(dst, r.published)
	dst = appendTime(dst, r.modified)
	dst = binary.AppendUvarint(dst, uint64(len(r.severities)))
	for _, s := range r.severities {
		for _, w := range s.words() {
			dst = binary.AppendUvarint(dst, at(w))
		}
		dst = appendDecimal(dst, s.score, 10)
	}
	dst = binary.AppendUvarint(dst, uint64(len(r.cwes)))
	for _, w := range r.cwes {
		dst = binary.AppendUvarint(dst, at(w))
	}
	if len(r.texts) > 0 {
		dst = binary.AppendUvarint(dst, uint64(pos))
	}
	if r.kev != nil {
		dst = appendTime(dst, r.kev.Added)
		dst = appendTime(dst, r.kev.Due)
		if r.kev.Ransomware {
			dst = append(dst, 1)
		} else {
			dst = append(dst, 0)
		}
	}
	if p.epss != (advisory.EPSS{}) {
		dst = binary.AppendUvarint(dst, uint64(off[edition(&p.epss)]))
		dst = appendDecimal(dst, p.epss.Score, 1e5)
		dst = appendDecimal(dst, p.epss.Percentile, 1e5)
	}
	if len(r.exploits) == 0 {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(len(r.exploits)))
	for _, x := range r.exploits {
		dst = binary.AppendUvarint(dst, at(x.source))
		dst = appendText(dst, n.words.list[x.id])
		dst = appendTime(dst, x.published)
		if x.between {
			dst = append(dst, 1)
		} else {
			dst = append(dst, 0)
		}
		dst = binary.AppendUvarint(dst, at(x.before))
		dst = appendText(dst, n.words.list[x.after])
	}
	return dst
}

// Enrichments is an opened enrichment file. It is safe for concurrent use. As
// with a DB, opening reads only the header, and Verify reads all.
type Enrichments struct {
	img     *image
	n       int
	c, e, s []byte
	z       *blocks
}

// OpenEnrichment opens the enrichment file at path, which must not be
// rewritten while it is open. The caller closes it.
func OpenEnrichment(path string) (*Enrichments, error) {
	img, err := openImage(path, enrichmentMagic, enrichmentTags)
	if err != nil {
		return nil, err
	}
	e, err := newEnrichments(img)
	if err != nil {
		_ = img.close()
		return nil, fmt.Errorf("opening enrichment %s: %w", path, err)
	}
	return e, nil
}

// OpenEnrichmentBytes opens an enrichment file in memory, which must not
// change afterwards.
func OpenEnrichmentBytes(data []byte) (*Enrichments, error) {
	img, err := newImage(data, enrichmentMagic, enrichmentTags)
	if err != nil {
		return nil, fmt.Errorf("opening enrichment: %w", err)
	}
	return newEnrichments(img)
}

func newEnrichments(img *image) (*Enrichments, error) {
	e := &Enrichments{img: img, c: img.parts['C'], e: img.parts['E'], s: img.parts['S']}
	if len(e.c)%cveRow != 0 {
		return nil, fmt.Errorf("%w: section C has no whole rows", ErrFormat)
	}
	e.n = len(e.c) / cveRow
	var err error
	e.z, err = newBlocks(img.parts['Z'], img.parts['D'])
	return e, err
}

// Close lets go of the file. Nothing of it may be in use; what was returned
// may be kept.
func (e *Enrichments) Close() error {
	e.z.close()
	if err := e.img.close(); err != nil {
		return fmt.Errorf("closing enrichment: %w", err)
	}
	return nil
}

// Header returns what the file says of itself. The slices are the caller's.
func (e *Enrichments) Header() Header {
	h := e.img.header
	h.Feeds, h.Sections = slices.Clone(h.Feeds), slices.Clone(h.Sections)
	return h
}

func (e *Enrichments) key(i int) uint64 { return binary.LittleEndian.Uint64(e.c[i*8:]) }

func (e *Enrichments) at(i int) uint32 { return binary.LittleEndian.Uint32(e.c[e.n*8+i*4:]) }

// Lookup returns all that is known of a CVE, and false if nothing is. It
// decompresses a block of some 128 KiB unless one of the last calls did.
func (e *Enrichments) Lookup(cve string) (advisory.Enrichment, bool, error) {
	r, pos, ok, err := e.brief(cve)
	if !ok || err != nil || pos < 0 {
		return r, ok, err
	}
	text, err := e.z.record(uint32(pos)) //nolint:gosec // read as 32 bits
	if err != nil {
		return r, false, fmt.Errorf("reading enrichment of %s: %w", cve, err)
	}
	if err := readTexts(text, &r); err != nil {
		return r, false, fmt.Errorf("reading enrichment of %s: %w", cve, err)
	}
	return r, true, nil
}

func readTexts(text []byte, r *advisory.Enrichment) error {
	c := cursor{b: text}
	r.Title, r.Description, r.References = c.string(), c.string(), readReferences(&c)
	if c.bad || len(c.b) > 0 {
		return fmt.Errorf("%w: texts", ErrFormat)
	}
	return nil
}

// Brief is Lookup without title, description and references: some 300 ns.
func (e *Enrichments) Brief(cve string) (advisory.Enrichment, bool, error) {
	r, _, ok, err := e.brief(cve)
	return r, ok, err
}

// brief returns an entry of section E and the position of its texts, or -1.
func (e *Enrichments) brief(cve string) (r advisory.Enrichment, pos int64, ok bool, err error) {
	key, ok := cveKey(cve)
	if !ok {
		return r, -1, false, nil
	}
	i := sort.Search(e.n, func(i int) bool { return e.key(i) >= key })
	if i == e.n || e.key(i) != key {
		return r, -1, false, nil
	}
	r, pos, _, err = e.entry(i)
	if err != nil {
		return r, -1, false, fmt.Errorf("reading enrichment of %s: %w", cve, err)
	}
	return r, pos, true, nil
}

// entry reads entry i of section E; size is how many bytes it takes.
func (e *Enrichments) entry(i int) (r advisory.Enrichment, pos int64, size int, err error) {
	at := e.at(i)
	if uint64(at) > uint64(len(e.e)) {
		return r, -1, 0, fmt.Errorf("%w: entry at %d", ErrFormat, at)
	}
	c := cursor{b: e.e[at:]}
	r.CVE = cveText(e.key(i))
	flags := c.byte()
	r.Exploitation = exploitation[flags&3]
	r.Published, r.Modified = c.time(), c.time()
	for range c.count(5) {
		r.Severities = append(r.Severities, advisory.Severity{
			Source: e.word(&c), Version: e.word(&c), Vector: e.word(&c), Label: e.word(&c), Score: c.decimal(10),
		})
	}
	for range c.count(1) {
		r.CWEs = append(r.CWEs, e.word(&c))
	}
	pos = -1
	if flags&enrichText != 0 {
		pos = int64(c.uint32())
	}
	if flags&enrichKEV != 0 {
		r.KEV = &advisory.KEV{Added: c.time(), Due: c.time(), Ransomware: c.byte() != 0}
	}
	if flags&enrichEPSS != 0 {
		day := cursor{b: []byte(e.word(&c))}
		r.EPSS = &advisory.EPSS{Date: day.time(), Model: string(day.b), Score: c.decimal(1e5), Percentile: c.decimal(1e5)}
	}
	if flags&enrichExploits != 0 {
		for range c.count(6) {
			r.Exploits = append(r.Exploits, e.exploit(&c))
		}
	}
	if c.bad {
		return r, -1, 0, fmt.Errorf("%w: entry at %d", ErrFormat, at)
	}
	return r, pos, len(e.e) - int(at) - len(c.b), nil
}

// exploit reads what appendEntry wrote of one.
func (e *Enrichments) exploit(c *cursor) advisory.Exploit {
	x := advisory.Exploit{Source: e.word(c), ID: c.string(), Published: c.time()}
	hasID := c.byte() != 0
	x.URL = e.word(c)
	if hasID {
		x.URL += x.ID
	}
	x.URL += c.string()
	return x
}

// word reads a place in section S and returns the text there.
func (e *Enrichments) word(c *cursor) string {
	at := c.uint()
	if at >= uint64(len(e.s)) {
		c.fail()
		return ""
	}
	s := cursor{b: e.s[at:]}
	w := s.string()
	if s.bad {
		c.fail()
	}
	return w
}
