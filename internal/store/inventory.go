package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// Held is what a resource was last found to hold.
type Held struct {
	Inventory inventory.Inventory
	Layers    []scan.Layer // in their order; nil outside images and functions
}

// keepInventories makes ready and keeps what scans have found resources to
// hold, each content once.
func (s *Store) keepInventories(ctx context.Context, tx *sql.Tx, list []*pending) error {
	for _, p := range list {
		if p.held = nil; !p.keeps() {
			continue
		}
		var err error
		if p.held, err = json.Marshal(Held{*p.Inventory, p.Layers}); err != nil {
			return err
		}
		p.heldDigest = digestOf(p.held)
	}
	return s.internHeld(ctx, tx, list)
}

// Inventory returns what a resource of an account was last found to hold. It is
// NotFound if nothing is kept, or the account is not in the scope.
func (s *Store) Inventory(ctx context.Context, scope org.Scope, account org.Account, resourceID string) (Held, error) {
	var held Held
	found := false
	if scope.Has(account) {
		err := each(ctx, s.read, `SELECT i.doc FROM resource r JOIN inventory i ON i.inv_id = r.inv_id
			WHERE r.arn = $1 AND r.account_id = $2 ORDER BY r.res_id DESC LIMIT 1`, []any{resourceID, int64(account)}, func(rows *sql.Rows) error {
			var doc []byte
			if err := rows.Scan(&doc); err != nil {
				return err
			}
			found = true
			return extract(s.unpack, doc, &held)
		})
		if err != nil {
			return Held{}, fmt.Errorf("reading the inventory of %s: %w", resourceID, err)
		}
	}
	if !found {
		return Held{}, fault.New(fault.NotFound, "There is no inventory of %s.", resourceID)
	}
	return held, nil
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
