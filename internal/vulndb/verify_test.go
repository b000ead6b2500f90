package vulndb

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestDamage flips every byte and cuts at many lengths: a file that is not as
// it was written is refused, at the latest by Verify; who asks nevertheless
// may get an error or a wrong answer, and no panic.
func TestDamage(t *testing.T) {
	t.Parallel()
	db, enrich := smallFiles(t)
	for name, file := range map[string][]byte{"database": db, "enrichment": enrich} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := verifyBytes(file); err != nil {
				t.Fatal(err)
			}
			for i := range file {
				file[i] ^= 1 << (i % 8)
				if verifyBytes(file) == nil {
					t.Fatalf("byte %d of %d is flipped and it is not seen", i, len(file))
				}
				ask(file)
				file[i] ^= 1 << (i % 8)
				if i%61 == 0 && verifyBytes(file[:i:i]) == nil {
					t.Fatalf("the file is cut at %d and it is not seen", i)
				}
			}
			if verifyBytes(append(slices.Clone(file), 0)) == nil {
				t.Error("one more byte is not seen")
			}
		})
	}
}

// ask opens either file without Verify and calls everything.
func ask(data []byte) {
	if bytes.HasPrefix(data, []byte(enrichmentMagic)) {
		if e, err := OpenEnrichmentBytes(data); err == nil {
			for _, s := range enrichments() {
				_, _, _ = e.Lookup(s.CVE)
			}
			_ = e.Close()
		}
		return
	}
	if db, err := OpenBytes(data); err == nil {
		_ = askAll(db)
		_ = db.Close()
	}
}

// verifyBytes opens and verifies either file.
func verifyBytes(data []byte) error {
	if bytes.HasPrefix(data, []byte(enrichmentMagic)) {
		e, err := OpenEnrichmentBytes(data)
		if err != nil {
			return err
		}
		defer e.Close()
		return e.Verify()
	}
	db, err := OpenBytes(data)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Verify()
}

// TestFingerprint sees a change in how keys are made: without it, old keys
// would be compared with new ones.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	db, _ := smallFiles(t)
	db[40] ^= 1
	resign(db)
	_, err := OpenBytes(db)
	if err == nil || !strings.Contains(err.Error(), "order of versions") {
		t.Errorf("got %v", err)
	}
}
