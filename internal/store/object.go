package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// Object is a thing that somebody has set up, such as a configuration, with
// everything it says as a document. It belongs to one account.
type Object struct {
	Kind    string // what it is: "cis-configuration"
	Account org.Account
	ID      string // unique among those of its kind and account; ids of new ones sort as they should be listed
	Parent  string // id of what it belongs to; may be empty
	Created time.Time
	Updated time.Time
	Doc     json.RawMessage
}

// Decode reads the document into v.
func (o Object) Decode(v any) error {
	if err := json.Unmarshal(o.Doc, v); err != nil {
		return fmt.Errorf("reading %s %s: %w", o.Kind, o.ID, err)
	}
	return nil
}

// Objects chooses objects of one kind.
type Objects struct {
	Kind   string
	ID     string // only this one; empty: any
	Parent string // only those of this parent; empty: any
	After  string // only those whose account and id come after: a Position; empty: from the first
	Limit  int    // at most so many; 0: all
}

// Position returns where an object stands in a list, for Objects.After.
func (o Object) Position() string { return o.Account.String() + "/" + o.ID }

// Objects returns the objects in the scope that fit, by account and id.
func (s *Store) Objects(ctx context.Context, scope org.Scope, where Objects) ([]Object, error) {
	return objects(ctx, s.read, scope, where, "")
}

// Objects is like that of Store, within the transaction. On PostgreSQL the
// rows stay as they are until its end.
func (t *Tx) Objects(ctx context.Context, scope org.Scope, where Objects) ([]Object, error) {
	return objects(ctx, t.tx, scope, where, t.store.dialect.lock)
}

// Object returns the one object of that kind and id in the scope. Without it,
// the fault is NotFound and names the id.
func (s *Store) Object(ctx context.Context, scope org.Scope, kind, id string) (Object, error) {
	return one(ctx, s, scope, kind, id)
}

// Object is like that of Store, within the transaction.
func (t *Tx) Object(ctx context.Context, scope org.Scope, kind, id string) (Object, error) {
	return one(ctx, t, scope, kind, id)
}

// A lister is a Store or a Tx.
type lister interface {
	Objects(ctx context.Context, scope org.Scope, where Objects) ([]Object, error)
}

func one(ctx context.Context, from lister, scope org.Scope, kind, id string) (Object, error) {
	missing := fault.New(fault.NotFound, "There is no %s %s.", kind, id)
	if id == "" {
		return Object{}, missing
	}
	list, err := from.Objects(ctx, scope, Objects{Kind: kind, ID: id, Limit: 1})
	if err != nil || len(list) == 0 {
		return Object{}, cmp.Or(err, missing)
	}
	return list[0], nil
}

func objects(ctx context.Context, q querier, scope org.Scope, where Objects, lock string) ([]Object, error) {
	accounts := make([]int64, 0, len(scope.Accounts()))
	for _, a := range scope.Accounts() {
		accounts = append(accounts, int64(a))
	}
	var a arguments
	query := `SELECT kind, account_id, id, parent, created_at, updated_at, doc FROM object WHERE kind = ` + a.add(where.Kind) +
		` AND ` + in(&a, "account_id", accounts)
	if where.ID != "" {
		query += ` AND id = ` + a.add(where.ID)
	}
	if where.Parent != "" {
		query += ` AND parent = ` + a.add(where.Parent)
	}
	if where.After != "" {
		account, id, err := position(where.After)
		if err != nil {
			return nil, err
		}
		query += fmt.Sprintf(` AND (account_id > %[1]s OR account_id = %[1]s AND id > %[2]s)`, a.add(int64(account)), a.add(id))
	}
	query += ` ORDER BY account_id, id`
	if where.Limit > 0 {
		query += ` LIMIT ` + a.add(where.Limit)
	}
	query += lock
	var out []Object
	err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
		var o Object
		var created, updated int64
		if err := rows.Scan(&o.Kind, &o.Account, &o.ID, &o.Parent, &created, &updated, (*[]byte)(&o.Doc)); err != nil {
			return err
		}
		o.Created, o.Updated = fromMilliseconds(created), fromMilliseconds(updated)
		out = append(out, o)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading objects of kind %s: %w", where.Kind, err)
	}
	return out, nil
}

// position is the reverse of Object.Position.
func position(s string) (org.Account, string, error) {
	const digits = 12
	if len(s) <= digits {
		return 0, "", fmt.Errorf("%q is no position of an object", s)
	}
	account, err := org.ParseAccount(s[:digits])
	return account, s[digits+1:], err
}

// Put keeps an object, new or changed, with v as its document. An account
// outside the scope is Denied.
func (t *Tx) Put(ctx context.Context, scope org.Scope, o Object, v any) error {
	if !scope.Has(o.Account) {
		return fault.New(fault.Denied, "account %s is not yours to change", o.Account)
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("writing %s %s: %w", o.Kind, o.ID, err)
	}
	_, err = t.tx.ExecContext(ctx, `INSERT INTO object (kind, account_id, id, parent, created_at, updated_at, doc)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, account_id, id)
		DO UPDATE SET parent = excluded.parent, updated_at = excluded.updated_at, doc = excluded.doc`,
		o.Kind, int64(o.Account), o.ID, o.Parent, milliseconds(o.Created), milliseconds(o.Updated), string(doc))
	if err != nil {
		return fmt.Errorf("writing %s %s: %w", o.Kind, o.ID, err)
	}
	return nil
}

// Delete removes an object. It is NotFound if it is not there or not in the
// scope.
func (t *Tx) Delete(ctx context.Context, scope org.Scope, kind, id string) error {
	o, err := t.Object(ctx, scope, kind, id)
	if err != nil {
		return err
	}
	_, err = t.tx.ExecContext(ctx, `DELETE FROM object WHERE kind = $1 AND account_id = $2 AND id = $3`, kind, int64(o.Account), id)
	if err != nil {
		return fmt.Errorf("deleting %s %s: %w", kind, id, err)
	}
	return nil
}

// Tags returns the tags of a thing by its ARN. Only those that an account of
// the scope has set are seen.
func (s *Store) Tags(ctx context.Context, scope org.Scope, arn string) (map[string]string, error) {
	return tags(ctx, s.read, scope, arn)
}

// Tags is like that of Store, within the transaction.
func (t *Tx) Tags(ctx context.Context, scope org.Scope, arn string) (map[string]string, error) {
	return tags(ctx, t.tx, scope, arn)
}

func tags(ctx context.Context, q querier, scope org.Scope, arn string) (map[string]string, error) {
	out := map[string]string{}
	err := each(ctx, q, `SELECT account_id, k, v FROM tag WHERE arn = $1`, []any{arn}, func(rows *sql.Rows) error {
		var account org.Account
		var k, v string
		if err := rows.Scan(&account, &k, &v); err != nil {
			return err
		}
		if scope.Has(account) {
			out[k] = v
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading tags of %s: %w", arn, err)
	}
	return out, nil
}

// SetTags replaces all tags of a thing, which the account owns; none removes
// them.
func (t *Tx) SetTags(ctx context.Context, owner org.Account, arn string, all map[string]string) error {
	if _, err := t.tx.ExecContext(ctx, `DELETE FROM tag WHERE arn = $1`, arn); err != nil {
		return fmt.Errorf("writing tags of %s: %w", arn, err)
	}
	var rows [][]any
	for _, k := range sortedKeys(all) {
		rows = append(rows, []any{arn, k, all[k], int64(owner)})
	}
	if err := t.store.insert(ctx, t.tx, `INSERT INTO tag (arn, k, v, account_id)`, "", rows); err != nil {
		return fmt.Errorf("writing tags of %s: %w", arn, err)
	}
	return nil
}
