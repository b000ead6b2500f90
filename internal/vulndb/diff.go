package vulndb

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/assay-project/assay/advisory"
)

// ChangeKind tells what became of a name.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Change is a package name whose matches may differ between two databases.
type Change struct {
	advisory.Ecosystem
	Name string // in the ecosystem's normal spelling
	Kind ChangeKind
}

// Diff returns, sorted by ecosystem and name, the names about which b states
// something else than a: other advisories, ranges, versions, states or names
// of a flaw. Texts, scores and dates do not count, since they change no match.
// It compares one number per name, some 10 ns each.
func Diff(a, b *DB) ([]Change, error) {
	var changes []Change
	note := func(db *DB, i int, kind ChangeKind) error {
		n, err := db.named(i)
		changes = append(changes, Change{n.Ecosystem, n.Name, kind})
		return err
	}
	for i, j := 0, 0; i < a.n || j < b.n; {
		order, err := compareRows(a, i, b, j)
		switch {
		case err != nil:
		case order < 0:
			err = note(a, i, Removed)
			i++
		case order > 0:
			err = note(b, j, Added)
			j++
		default:
			if a.key(i).content != b.key(j).content {
				err = note(a, i, Changed)
			}
			i++
			j++
		}
		if err != nil {
			return nil, fmt.Errorf("comparing databases: %w", err)
		}
	}
	slices.SortFunc(changes, func(x, y Change) int {
		return cmp.Or(x.Compare(y.Ecosystem), cmp.Compare(x.Name, y.Name))
	})
	return changes, nil
}

// compareRows orders row i of a and row j of b as section K does.
func compareRows(a *DB, i int, b *DB, j int) (int, error) {
	switch {
	case i >= a.n:
		return 1, nil
	case j >= b.n:
		return -1, nil
	}
	if c := cmp.Compare(a.hash(i), b.hash(j)); c != 0 {
		return c, nil
	}
	// Equal hashes are almost always equal names, but only almost.
	x, y := a.key(i), b.key(j)
	if int(x.row) >= len(a.ecos) || int(y.row) >= len(b.ecos) {
		return 0, fmt.Errorf("%w: ecosystem %d", ErrFormat, max(x.row, y.row))
	}
	if c := a.ecos[x.row].Compare(b.ecos[y.row].Ecosystem); c != 0 {
		return c, nil
	}
	m, err := a.name(x.name)
	if err != nil {
		return 0, err
	}
	n, err := b.name(y.name)
	return bytes.Compare(m, n), err
}
