package vulndb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// Verify reads the whole database: every checksum, every structure, every
// order that a search relies on. It returns nil only if no byte differs from
// what was written and all of it can be read.
func (db *DB) Verify() error {
	functions := map[advisory.Ref]uint64{}
	heads := func() error { return db.verifyHeads(functions) }
	names := func() error { return db.verifyNames(functions) }
	for _, step := range []func() error{db.img.verify, db.verifyIDs, heads, names, db.verifyCounts} {
		if err := step(); err != nil {
			return fmt.Errorf("verifying database: %w", err)
		}
	}
	return nil
}

// verifyIDs checks the order of section L and that flaws and names agree.
func (db *DB) verifyIDs() error {
	var last []byte
	for b := 0; b < db.ids.n; b += idBlock {
		w := db.ids.block(b / idBlock)
		for i := b; i < min(db.ids.n, b+idBlock); i++ {
			n := uint32(i)
			if !w.next() || i > 0 && bytes.Compare(last, w.id) >= 0 {
				return fmt.Errorf("%w: id %d is out of order", ErrFormat, i)
			}
			last = append(last[:0], w.id...)
			l, ok := readLink(n, w.chunk)
			if !ok || !ascends(l.refs) || len(l.refs) > 0 && int(l.refs[len(l.refs)-1]) >= len(db.a)/headRow {
				return fmt.Errorf("%w: advisories of %s", ErrFormat, w.id)
			}
			if err := db.verifyLink(n, l); err != nil {
				return err
			}
		}
	}
	return nil
}

func ascends(list []uint32) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			return false
		}
	}
	return true
}

// verifyLink checks that the names of a flaw name each other.
func (db *DB) verifyLink(n uint32, l link) error {
	read := func(i uint32) (link, bool) {
		_, chunk, ok := db.ids.at(i)
		if !ok {
			return link{}, false
		}
		return readLink(i, chunk)
	}
	bad := fmt.Errorf("%w: names of flaw %d", ErrFormat, n)
	if l.primary != n {
		p, ok := read(l.primary)
		if !ok || p.primary != l.primary || !slices.Contains(p.others, n) {
			return bad
		}
		return nil
	}
	if !ascends(l.others) {
		return bad
	}
	for _, o := range l.others {
		if other, ok := read(o); !ok || o == n || other.primary != n {
			return bad
		}
	}
	return nil
}

// verifyHeads checks the order of section A, and each advisory of section Z. It
// notes the symbolsHash of those that have one.
func (db *DB) verifyHeads(functions map[advisory.Ref]uint64) error {
	n := len(db.a) / headRow
	var last advisory.Head
	i := 0
	err := db.z.verify(func(pos uint32, record []byte) error {
		if i >= n || binary.LittleEndian.Uint32(db.a[i*headRow+16:]) != pos {
			return fmt.Errorf("%w: details at %d belong to no advisory", ErrFormat, pos)
		}
		h, err := db.Head(advisory.Ref(i)) //nolint:gosec // an index of A
		if err != nil {
			return err
		}
		if i > 0 && cmp.Or(cmp.Compare(last.Source, h.Source), cmp.Compare(last.ID, h.ID), cmp.Compare(last.Release, h.Release)) >= 0 {
			return fmt.Errorf("%w: advisory %s is out of order", ErrFormat, h.ID)
		}
		last = h
		a := advisory.Advisory{ID: h.ID}
		err = readRecord(record, &a)
		if hash := symbolsHash(&a); hash != 0 {
			functions[advisory.Ref(i)] = hash //nolint:gosec // an index of A
		}
		i++
		return err
	})
	if err == nil && i != n {
		err = fmt.Errorf("%w: advisory %d has no details", ErrFormat, i)
	}
	return err
}

// verifyNames checks the order of section K, and each statement.
func (db *DB) verifyNames(functions map[advisory.Ref]uint64) error {
	for i := range db.n {
		n, err := db.named(i)
		if err != nil {
			return err
		}
		if mix(hashText(ecosystemHash(n.Ecosystem), n.Name)) != db.hash(i) || ecosystem.NormalName(n.Type, n.Name) != n.Name {
			return fmt.Errorf("%w: hash of %s", ErrFormat, n.Name)
		}
		if i > 0 {
			if c, err := compareRows(db, i-1, db, i); err != nil || c >= 0 {
				return fmt.Errorf("%w: %s is out of order", ErrFormat, n.Name)
			}
		}
		contents, err := db.contents(i, functions)
		if err != nil {
			return err
		}
		if contentHash(contents) != db.key(i).content { // functions did not count at first
			contents, err = db.contents(i, nil)
		}
		if err != nil || len(contents) == 0 || contentHash(contents) != db.key(i).content {
			return fmt.Errorf("%w: statements about %s", ErrFormat, n.Name)
		}
	}
	return nil
}

// verifyCounts compares the numbers of the header with what there is.
func (db *DB) verifyCounts() error {
	h := db.Header()
	got := Header{Advisories: len(db.a) / headRow, Names: db.n}
	for i := range got.Advisories {
		if db.a[i*headRow+27]&headWithdrawn != 0 {
			got.Withdrawn++
		}
	}
	for i := range db.ids.n {
		n := uint32(i)
		_, chunk, _ := db.ids.at(n)
		if l, ok := readLink(n, chunk); ok && l.primary == n {
			got.Flaws++
		}
	}
	counts := make([]Coverage, len(db.ecos))
	for i := range db.n {
		db.statements(i, func(*advisory.Statement, error) bool {
			counts[db.key(i).row].Statements++
			got.Statements++
			return true
		})
		counts[db.key(i).row].Names++
	}
	for i, p := range got.counts() {
		if *p != *h.counts()[i] {
			return fmt.Errorf("%w: the header counts %d where there are %d", ErrFormat, *h.counts()[i], *p)
		}
	}
	for i, e := range db.ecos {
		if counts[i].Names != e.Names || counts[i].Statements != e.Statements || i > 0 && db.ecos[i-1].Compare(e.Ecosystem) >= 0 {
			return fmt.Errorf("%w: counts of %s", ErrFormat, e.Ecosystem)
		}
	}
	return nil
}

// Verify reads the whole file, as DB.Verify does.
func (e *Enrichments) Verify() error {
	if err := e.verify(); err != nil {
		return fmt.Errorf("verifying enrichment: %w", err)
	}
	return nil
}

func (e *Enrichments) verify() error {
	if err := e.img.verify(); err != nil {
		return err
	}
	var texts []int64
	end := 0
	for i := range e.n {
		if i > 0 && e.key(i-1) >= e.key(i) || int(e.at(i)) != end {
			return fmt.Errorf("%w: %s is out of order", ErrFormat, cveText(e.key(i)))
		}
		_, pos, size, err := e.entry(i)
		if err != nil {
			return err
		}
		if pos >= 0 {
			texts = append(texts, pos)
		}
		end += size
	}
	if end != len(e.e) || e.n != e.img.header.Enrichments {
		return fmt.Errorf("%w: %d CVEs, %d counted", ErrFormat, e.n, e.img.header.Enrichments)
	}
	err := e.z.verify(func(pos uint32, text []byte) error {
		if len(texts) == 0 || texts[0] != int64(pos) {
			return fmt.Errorf("%w: texts at %d belong to no CVE", ErrFormat, pos)
		}
		texts = texts[1:]
		var r advisory.Enrichment
		return readTexts(text, &r)
	})
	if err == nil && len(texts) > 0 {
		err = fmt.Errorf("%w: texts at %d are missing", ErrFormat, texts[0])
	}
	return err
}
