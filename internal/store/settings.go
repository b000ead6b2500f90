package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// settingsKind is the kind of the objects that keep the settings of accounts;
// their id is the account.
const settingsKind = "settings"

// Settings returns what an account has set up for its scans; the zero Settings
// if it has set up nothing, or is outside the scope.
func (s *Store) Settings(ctx context.Context, scope org.Scope, account org.Account) (org.Settings, error) {
	return settings(ctx, s, scope, account)
}

// Hold makes every other transaction that holds the same account wait for the
// end of this one, so that what is read of the account stays as it is. On
// SQLite there is one transaction at a time anyway.
func (t *Tx) Hold(ctx context.Context, account org.Account) error {
	query := `SELECT account_id FROM account WHERE account_id = $1` + t.store.dialect.lock
	err := each(ctx, t.tx, query, []any{int64(account)}, func(*sql.Rows) error { return nil })
	if err != nil {
		return fmt.Errorf("holding account %s: %w", account, err)
	}
	return nil
}

// Settings is like that of Store, within the transaction, which holds the
// account.
func (t *Tx) Settings(ctx context.Context, scope org.Scope, account org.Account) (org.Settings, error) {
	if err := t.Hold(ctx, account); err != nil {
		return org.Settings{}, err
	}
	return settings(ctx, t, scope, account)
}

// EffectiveSettings returns the settings that hold for an account: its own, and
// where it has none those of its administrator, else the defaults.
func (s *Store) EffectiveSettings(ctx context.Context, account org.Account) (org.Settings, error) {
	return effectiveSettings(ctx, s, account)
}

// EffectiveSettings is like that of Store, within the transaction, which holds
// the account and its administrator.
func (t *Tx) EffectiveSettings(ctx context.Context, account org.Account) (org.Settings, error) {
	return effectiveSettings(ctx, t, account)
}

func effectiveSettings(ctx context.Context, from ruler, account org.Account) (org.Settings, error) {
	own, err := from.Settings(ctx, org.Only(account), account)
	if err != nil {
		return org.Settings{}, err
	}
	o, err := from.Organization(ctx)
	if err != nil {
		return org.Settings{}, err
	}
	if account == o.Admin { // what it sets for its members holds for itself, too
		return own.Under(own), nil
	}
	m, err := from.Member(ctx, account)
	if fault.KindOf(err) == fault.NotFound || err == nil && m.Status != memberStatuses[memberEnabled] {
		return own.Under(org.Settings{}), nil
	}
	if err != nil {
		return org.Settings{}, err
	}
	above, err := from.Settings(ctx, org.Only(m.Admin), m.Admin)
	return own.Under(above), err
}

// A ruler is a Store or a Tx.
type ruler interface {
	Settings(ctx context.Context, scope org.Scope, account org.Account) (org.Settings, error)
	Organization(ctx context.Context) (Organization, error)
	Member(ctx context.Context, account org.Account) (Member, error)
}

func settings(ctx context.Context, from lister, scope org.Scope, account org.Account) (org.Settings, error) {
	var out org.Settings
	list, err := from.Objects(ctx, scope.Narrow(account), Objects{Kind: settingsKind, ID: account.String()})
	if err != nil || len(list) == 0 {
		return out, err
	}
	return out, list[0].Decode(&out)
}

// SetSettings keeps what an account has set up for its scans. An account
// outside the scope is Denied.
func (t *Tx) SetSettings(ctx context.Context, scope org.Scope, account org.Account, settings org.Settings, now time.Time) error {
	if err := t.Put(ctx, scope, Object{Kind: settingsKind, Account: account, ID: account.String(), Created: now, Updated: now}, settings); err != nil {
		return err
	}
	return t.Enqueue(ctx, Job{Kind: SettingsJob, Key: account.String(), Account: account, Run: now})
}
