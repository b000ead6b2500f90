package vulndb

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/assay-project/assay/advisory"
)

// The content of a name is all of what is stated about it that shows in a
// match. Section K has a hash of it, which Diff compares.

// signature stands for an advisory in the content of a name: whatever of it
// outside the statement itself shows in a match. Functions are those of
// symbolsHash.
func signature(h *advisory.Head, flaws []advisory.Flaw, functions uint64) [16]byte {
	b := appendTexts(nil, []string{h.Source, h.ID, h.Release, string(h.Kind)})
	for _, f := range flaws {
		b = appendText(b, f.ID)
		b = appendTexts(b, f.Aliases)
	}
	if functions != 0 {
		b = binary.LittleEndian.AppendUint64(b, functions)
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:])
}

// symbolsHash stands for the functions that an advisory names; 0 if it names
// none.
func symbolsHash(a *advisory.Advisory) uint64 {
	var b []byte
	for i := range a.Affected {
		if f := &a.Affected[i]; len(f.Symbols) > 0 {
			b = appendTexts(appendTexts(b, []string{f.String(), f.Name}), f.Symbols)
		}
	}
	if b == nil {
		return 0
	}
	sum := sha256.Sum256(b)
	return binary.LittleEndian.Uint64(sum[:])
}

// appendContent writes a statement without anything that depends on the file
// that it is in, such as numbers of advisories.
func appendContent(dst []byte, sig [16]byte, s *advisory.Statement) []byte {
	dst = append(dst, sig[:]...)
	dst = append(dst, byte(s.NameKind))
	dst = appendTexts(dst, []string{string(s.State), s.Module, s.Repo})
	dst = appendTexts(dst, s.Arches)
	dst = appendTexts(dst, s.Platforms)
	dst = appendTexts(dst, s.Versions)
	dst = binary.AppendUvarint(dst, uint64(s.Skipped)) //nolint:gosec // not negative
	dst = binary.AppendUvarint(dst, uint64(len(s.Ranges)))
	for i := range s.Ranges {
		dst = append(dst, keyRangeFlags(&s.Ranges[i]))
		dst = appendTexts(dst, []string{s.Ranges[i].Introduced, s.Ranges[i].Fixed, s.Ranges[i].LastAffected})
	}
	return dst
}

// contentHash stands for all that is stated about a name; contents are in
// ascending order.
func contentHash(contents [][]byte) uint64 {
	h := sha256.New()
	for _, c := range contents {
		h.Write(binary.AppendUvarint(nil, uint64(len(c))))
		h.Write(c)
	}
	return binary.LittleEndian.Uint64(h.Sum(nil))
}

// contents returns the contents of the statements of name i, ascending;
// functions has the symbolsHash of each advisory that names any.
func (db *DB) contents(i int, functions map[advisory.Ref]uint64) ([][]byte, error) {
	var list [][]byte
	var failed error
	db.statements(i, func(s *advisory.Statement, err error) bool {
		var h advisory.Head
		if err == nil {
			h, err = db.Head(s.Ref)
		}
		if err != nil {
			failed = err
			return false
		}
		var flaws []advisory.Flaw
		for _, g := range s.Groups {
			flaws = append(flaws, db.Flaw(g))
		}
		list = append(list, appendContent(nil, signature(&h, flaws, functions[s.Ref]), s))
		return true
	})
	slices.SortFunc(list, bytes.Compare)
	return list, failed
}
