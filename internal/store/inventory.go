package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// Held is what a resource was last found to hold.
type Held struct {
	Inventory inventory.Inventory
	Layers    []scan.Layer // in their order; nil outside images and functions
}

// Digest names what is held: the same packages, problems and layers have the
// same. The inventory must be sorted.
func (h Held) Digest() (string, error) {
	doc, err := h.encode()
	sum := digestOf(doc)
	return hex.EncodeToString(sum[:]), err
}

func (h Held) encode() ([]byte, error) {
	if len(h.Layers) == 0 {
		h.Layers = nil
	}
	doc, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("naming what is held: %w", err)
	}
	return doc, nil
}

// A heldDoc is the document of an inventory. Its packages are in sets.
type heldDoc struct {
	Held
	SetLayers []string `json:",omitempty"` // the layer of each set
}

// A setDoc is the document of a set of packages.
type setDoc struct {
	Ecosystem advisory.Ecosystem // in which they are known
	Packages  []inventory.Package
	// OS is of the set that stands for the operating system itself, which has no
	// packages; zero in all others.
	OS inventory.OS `json:",omitzero"`
}

// Sets have some 190 packages on average where there are as many: large enough
// for few rows, small enough for machines of which each has a package of its own
// to have most sets in common.
const (
	smallSet = 64   // packages at least, but for the last set of a list
	largeSet = 1024 // packages at most
	setEdge  = 128  // one name of so many may end a set
)

// A setKey is what the packages of a set have in common.
type setKey struct {
	layer, typ string
	path       string // of a file that lists many packages
}

// setsOf takes the packages of an inventory apart, and returns the layer of each
// set. Where a long list is cut depends on the names beside the cut alone, so that
// lists that differ in a few places have most sets in common.
func setsOf(inv *inventory.Inventory) (sets []setDoc, layers []string) {
	groups := map[setKey][]inventory.Package{}
	var keys []setKey
	for _, p := range inv.Packages {
		k := setKey{layer: p.Layer, typ: p.Type}
		if p.Evidence == inventory.Database || p.Evidence == inventory.Lockfile {
			k.path = p.Path
		}
		if groups[k] == nil {
			keys = append(keys, k)
		}
		p.Layer = ""
		groups[k] = append(groups[k], p)
	}
	for _, k := range keys {
		e := match.Ecosystem(inv.OS, k.typ)
		for list := groups[k]; len(list) > 0; {
			n := cut(list)
			sets, layers = append(sets, setDoc{Ecosystem: e, Packages: list[:n]}), append(layers, k.layer)
			list = list[n:]
		}
	}
	if n, ok := match.Platform(inv.OS); ok {
		os := inventory.OS{ID: inv.OS.ID, VersionID: inv.OS.VersionID}
		sets, layers = append(sets, setDoc{Ecosystem: n.Ecosystem, OS: os}), append(layers, "")
	}
	return sets, layers
}

// cut returns how many of a list of packages make up the first set.
func cut(list []inventory.Package) int {
	for i := smallSet; i < min(len(list), largeSet); i++ {
		h := fnv.New32a()
		_, _ = h.Write([]byte(list[i].Name)) // never fails
		if h.Sum32()%setEdge == 0 {
			return i
		}
	}
	return min(len(list), largeSet)
}

// keepInventories makes ready and keeps what scans have found resources to
// hold, each content once.
func (s *Store) keepInventories(ctx context.Context, tx *sql.Tx, list []*pending) error {
	want := map[digest]func() ([]any, error){}
	parts := map[digest][]setDoc{}
	for _, p := range list {
		if p.held = nil; !p.keeps() {
			continue
		}
		var err error
		if p.held, err = (Held{*p.Inventory, p.Layers}).encode(); err != nil {
			return err
		}
		p.heldDigest = digestOf(p.held)
		want[p.heldDigest] = func() ([]any, error) {
			sets, layers := setsOf(p.Inventory)
			parts[p.heldDigest] = sets
			head := heldDoc{Held{*p.Inventory, p.Layers}, layers}
			head.Inventory.Packages = nil
			doc, err := json.Marshal(head)
			return []any{int64(len(p.Inventory.Packages)), s.packing.pack(doc)}, err
		}
	}
	if len(want) == 0 {
		return nil
	}
	numbers, fresh, err := s.intern(ctx, tx, heldPool, want, "n, doc")
	if err != nil {
		return err
	}
	for _, p := range list {
		if p.held != nil {
			p.heldNumber = numbers[p.heldDigest]
			p.inventory = p.heldNumber
		}
	}
	return s.keepSets(ctx, tx, fresh, numbers, parts)
}

var setPool = pool{"pkgset", "set_id"}

// keepSets keeps the sets of inventories that are new.
func (s *Store) keepSets(ctx context.Context, tx *sql.Tx, fresh []digest, numbers map[digest]int64, parts map[digest][]setDoc) error {
	want := map[digest]func() ([]any, error){}
	docs := map[digest]setDoc{}
	places := map[digest][]digest{}
	for _, inv := range fresh {
		for _, set := range parts[inv] {
			doc, err := json.Marshal(set)
			if err != nil {
				return err
			}
			d := digestOf(doc)
			docs[d] = set
			places[inv] = append(places[inv], d)
			want[d] = func() ([]any, error) { return []any{int64(len(set.Packages)), s.packing.pack(doc)}, nil }
		}
	}
	if len(want) == 0 {
		return nil
	}
	sets, made, err := s.intern(ctx, tx, setPool, want, "n, doc")
	if err != nil {
		return fmt.Errorf("keeping sets of packages: %w", err)
	}
	var rows [][]any
	for _, inv := range fresh {
		for i, d := range places[inv] {
			rows = append(rows, []any{numbers[inv], int64(i), sets[d]})
		}
	}
	if err := s.insert(ctx, tx, `INSERT INTO inventory_set (inv_id, ordinal, set_id)`, "", rows); err != nil {
		return fmt.Errorf("keeping which sets inventories have: %w", err)
	}
	names := make(map[int64]map[match.Name]bool, len(made))
	for _, d := range made {
		names[sets[d]] = docs[d].names()
	}
	return s.keepNames(ctx, tx, names)
}

// names returns all names under which the packages of a set are looked up, and
// the empty one of each ecosystem.
func (d setDoc) names() map[match.Name]bool {
	out := map[match.Name]bool{}
	for _, e := range match.Ecosystems(d.Ecosystem) {
		out[match.Name{Ecosystem: e}] = true
	}
	if n, ok := match.Platform(d.OS); ok {
		out[n] = true
	}
	for i := range d.Packages {
		for _, n := range match.Names(d.Ecosystem, &d.Packages[i]) {
			out[n] = true
		}
	}
	return out
}

// Inventory returns what a resource of an account was last found to hold. It is
// NotFound if nothing is kept, or the account is not in the scope.
func (s *Store) Inventory(ctx context.Context, scope org.Scope, account org.Account, resourceID string) (Held, error) {
	var number int64
	if scope.Has(account) {
		err := each(ctx, s.read, `SELECT inv_id FROM resource WHERE arn = $1 AND account_id = $2 AND inv_id IS NOT NULL
			ORDER BY res_id DESC LIMIT 1`, []any{resourceID, int64(account)}, func(rows *sql.Rows) error { return rows.Scan(&number) })
		if err != nil {
			return Held{}, fmt.Errorf("looking up the inventory of %s: %w", resourceID, err)
		}
	}
	if number != 0 {
		list, err := s.Compositions(ctx, []int64{number})
		if err == nil && len(list) == 1 {
			return s.whole(ctx, list[0])
		}
		if err != nil {
			return Held{}, fmt.Errorf("reading the inventory of %s: %w", resourceID, err)
		}
	}
	return Held{}, fault.New(fault.NotFound, "There is no inventory of %s.", resourceID)
}

// whole puts an inventory together again.
func (s *Store) whole(ctx context.Context, c Composition) (Held, error) {
	numbers := make([]int64, len(c.Sets))
	for i, set := range c.Sets {
		numbers[i] = set.Number
	}
	sets, err := s.PackageSets(ctx, numbers)
	if err != nil {
		return Held{}, err
	}
	out := c.Held
	for _, set := range c.Sets {
		out.Inventory.Packages = append(out.Inventory.Packages, set.In(sets[set.Number])...)
	}
	out.Inventory.Sort()
	return out, nil
}

// Composition is an inventory that is kept, without its packages.
type Composition struct {
	Held
	Number int64
	Name   string // its Digest; empty if it is not known any more
	Sets   []SetRef
}

// SetRef is a set of packages in an inventory.
type SetRef struct {
	Number int64
	Layer  string // that brought it; empty outside images
}

// In returns the packages of the set as the inventory has them.
func (r SetRef) In(set PackageSet) []inventory.Package {
	out := slices.Clone(set.Packages)
	for i := range out {
		out[i].Layer = r.Layer
	}
	return out
}

// Compositions returns inventories by number, those that are there, in the order
// of the numbers.
func (s *Store) Compositions(ctx context.Context, numbers []int64) ([]Composition, error) {
	byNumber := make(map[int64]*Composition, len(numbers))
	layers := map[int64][]string{}
	numbers = distinct(numbers)
	var a arguments
	query := `SELECT inv_id, digest, doc FROM inventory WHERE ` + anyOf(s.dialect, &a, "inv_id", numbers)
	err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var c Composition
		var name, doc []byte
		if err := rows.Scan(&c.Number, &name, &doc); err != nil {
			return err
		}
		if len(name) == len(digest{}) {
			c.Name = hex.EncodeToString(name)
		}
		var head heldDoc
		err := s.packing.unpack(doc, &head)
		c.Held, layers[c.Number] = head.Held, head.SetLayers
		byNumber[c.Number] = &c
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading inventories: %w", err)
	}
	a = arguments{}
	query = `SELECT inv_id, ordinal, set_id FROM inventory_set WHERE ` + anyOf(s.dialect, &a, "inv_id", numbers) + ` ORDER BY inv_id, ordinal`
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var number, set int64
		var at int
		if err := rows.Scan(&number, &at, &set); err != nil {
			return err
		}
		if c := byNumber[number]; c != nil && at < len(layers[number]) {
			c.Sets = append(c.Sets, SetRef{set, layers[number][at]})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the sets of inventories: %w", err)
	}
	var out []Composition
	for _, n := range numbers {
		if c := byNumber[n]; c != nil {
			out = append(out, *c)
		}
	}
	return out, nil
}

// PackageSet is packages that stand together in inventories.
type PackageSet struct {
	Ecosystem advisory.Ecosystem
	Packages  []inventory.Package // without their layer
	OS        inventory.OS        // of the set that stands for the operating system itself; zero in all others
}

// PackageSets returns sets of packages by number.
func (s *Store) PackageSets(ctx context.Context, numbers []int64) (map[int64]PackageSet, error) {
	out := make(map[int64]PackageSet, len(numbers))
	for part := range slices.Chunk(distinct(numbers), s.dialect.values) {
		var a arguments
		query := `SELECT set_id, doc FROM pkgset WHERE ` + anyOf(s.dialect, &a, "set_id", part)
		err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
			var number int64
			var doc []byte
			if err := rows.Scan(&number, &doc); err != nil {
				return err
			}
			var set setDoc
			err := s.packing.unpack(doc, &set)
			out[number] = PackageSet(set)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("reading sets of packages: %w", err)
		}
	}
	for _, n := range numbers {
		if _, ok := out[n]; !ok {
			return nil, fmt.Errorf("reading sets of packages: there is no set %d", n)
		}
	}
	return out, nil
}

// Revision returns what the stored findings of a resource follow from, as the
// last scan named it; empty if it is not known or the account is not in the
// scope.
func (s *Store) Revision(ctx context.Context, scope org.Scope, res resource.Resource) (string, error) {
	p, err := newPending(scope, &Scan{Resource: res})
	if fault.KindOf(err) == fault.Denied {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var out string
	err = each(ctx, s.read, `SELECT revision FROM resource WHERE arn = $1 AND account_id = $2 AND region = $3 AND type = $4`,
		[]any{res.ID, int64(p.account), res.Region, p.kind}, func(rows *sql.Rows) error { return rows.Scan(&out) })
	if err != nil {
		return "", fmt.Errorf("reading the revision of %s: %w", res.ID, err)
	}
	return out, nil
}
