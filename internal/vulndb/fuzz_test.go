package vulndb

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/advisory"
)

// resign gives a changed file the checksums of what it says now, so that what
// lies behind them is reached.
func resign(data []byte) {
	le := binary.LittleEndian
	if len(data) < pageSize {
		return
	}
	size := le.Uint32(data[12:])
	if size < pageSize || int64(size) > int64(len(data)) {
		return
	}
	le.PutUint64(data[32:], uint64(len(data)))
	for i := range min(le.Uint32(data[16:]), maxSections) {
		row := data[fixedHeader+i*sectionRow:]
		off, n := le.Uint64(row[8:]), le.Uint64(row[16:])
		if off > uint64(len(data)) || n > uint64(len(data))-off {
			continue
		}
		le.PutUint32(row[4:], crc32.Checksum(data[off:off+n], castagnoli))
		sum := sha256.Sum256(data[off : off+n])
		copy(row[32:], sum[:])
	}
	sum := sha256.Sum256(data[:size-sha256.Size])
	copy(data[size-sha256.Size:], sum[:])
}

// change writes bytes into a copy of a file, or cuts it.
func change(file, patch []byte, at uint32, cut bool) []byte {
	data := append([]byte(nil), file...)
	i := int(at % uint32(len(data)))
	if cut {
		return data[:i:i]
	}
	copy(data[i:], patch)
	return data
}

// FuzzOpen changes a database. A change that its checksums do not know of is
// refused by Verify. Where they do, nothing panics, and a database that Verify
// accepts answers every question without an error.
func FuzzOpen(f *testing.F) {
	file, _ := smallFiles(f)
	f.Add([]byte{0xff}, uint32(8), false)
	f.Add([]byte{0}, uint32(4096), false)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x7f}, uint32(4200), false)
	f.Add([]byte("x"), uint32(5000), true)
	for i := 4096; i < len(file); i += 97 {
		f.Add([]byte{0x80, 0xff}, uint32(i), false)
	}
	f.Fuzz(func(t *testing.T, patch []byte, at uint32, cut bool) {
		data := change(file, patch, at, cut)
		if sha512.Sum512(data) != sha512.Sum512(file) && verifyBytes(data) == nil {
			t.Error("a changed database is accepted")
		}
		resign(data)
		db, err := OpenBytes(data)
		if err != nil {
			return
		}
		defer db.Close()
		verified := db.Verify()
		answered := askAll(db)
		if verified == nil && answered != nil {
			t.Errorf("Verify accepts what cannot be read: %v", answered)
		}
	})
}

// askAll calls everything and returns the first error.
func askAll(db *DB) (first error) {
	note := func(err error) {
		if first == nil {
			first = err
		}
	}
	for _, a := range samples() {
		_, err := db.Search(a.ID)
		note(err)
		for _, aff := range a.Affected {
			for s, err := range db.Lookup(aff.Ecosystem, aff.Name) {
				note(err)
				if err != nil {
					break
				}
				for _, g := range s.Groups {
					db.Flaw(g)
				}
				_, err = db.Advisory(s.Ref)
				note(err)
			}
			_, err = db.SearchName(aff.Name)
			note(err)
		}
	}
	for r := range advisory.Ref(db.Header().Advisories) {
		if r > 1000 {
			break
		}
		_, err := db.Advisory(r)
		note(err)
	}
	_, err := Diff(db, db)
	note(err)
	return first
}

// FuzzRecord decodes the details of an advisory. What can be read is written
// and read again as the same.
func FuzzRecord(f *testing.F) {
	for _, a := range samples() {
		f.Add(appendRecord(nil, a))
	}
	f.Add(appendRecord(nil, &advisory.Advisory{}))
	f.Fuzz(func(t *testing.T, record []byte) {
		var a, b advisory.Advisory
		if err := readRecord(record, &a); err != nil {
			return
		}
		if err := readRecord(appendRecord(nil, &a), &b); err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
		if diff := cmp.Diff(a, b, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// FuzzEnrichment is FuzzOpen for the other file.
func FuzzEnrichment(f *testing.F) {
	_, file := smallFiles(f)
	f.Add([]byte{0xff}, uint32(8), false)
	f.Add([]byte("x"), uint32(5000), true)
	for i := 4096; i < len(file); i += 31 {
		f.Add([]byte{0x80, 0xff}, uint32(i), false)
	}
	f.Fuzz(func(t *testing.T, patch []byte, at uint32, cut bool) {
		data := change(file, patch, at, cut)
		if sha512.Sum512(data) != sha512.Sum512(file) && verifyBytes(data) == nil {
			t.Error("a changed file is accepted")
		}
		resign(data)
		e, err := OpenEnrichmentBytes(data)
		if err != nil {
			return
		}
		defer e.Close()
		verified := e.Verify()
		for _, s := range enrichments() {
			if _, _, err := e.Lookup(s.CVE); err != nil && verified == nil {
				t.Errorf("Verify accepts what cannot be read: %v", err)
			}
		}
	})
}
