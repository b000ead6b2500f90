package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// Account is one owner of resources.
type Account struct {
	ID      org.Account
	Name    string
	Created time.Time
	Closed  time.Time // zero: open. Nobody signs for a closed account
}

// Organization joins the accounts of an installation.
type Organization struct {
	ID         string        // "o-" and ten letters or digits
	Management org.Account   // the first account; it names the delegated administrator
	Admin      org.Account   // the delegated administrator, who sees its members; 0: none is named
	AutoEnable []org.Service // the services that new members get
}

// Member is an account that belongs, or belonged, to a delegated administrator.
type Member struct {
	Account, Admin org.Account
	Status         string // the API's RelationshipStatus; the administrator sees those that are ENABLED
	Updated        time.Time
}

const (
	organizationSetting = "organization"
	identitySetting     = "identity revision" // another value after every change to who may do what
)

// memberStatuses are the statuses of members by their numbers in the database.
// Source: Amazon Inspector API Reference, Member, relationshipStatus.
var memberStatuses = []string{
	"", "CREATED", "INVITED", "DISABLED", "ENABLED", "REMOVED", "RESIGNED", "DELETED",
	"EMAIL_VERIFICATION_IN_PROGRESS", "EMAIL_VERIFICATION_FAILED", "REGION_DISABLED", "ACCOUNT_SUSPENDED",
	"CANNOT_CREATE_DETECTOR_IN_ORG_MASTER",
}

var memberEnabled = slices.Index(memberStatuses, "ENABLED")

// identityChanged makes every Keyring forget what it knows once the transaction
// is done.
func (t *Tx) identityChanged(ctx context.Context) error {
	return t.SetSetting(ctx, identitySetting, []byte(rand.Text()))
}

// CreateAccount adds an account. The first one founds the organisation and is
// its management account. A number that is taken is a Conflict.
func (t *Tx) CreateAccount(ctx context.Context, a Account) error {
	if a.ID == 0 {
		return fault.OnField("account", "must be a number of 12 digits")
	}
	const longest = 128 // bytes
	if len(a.Name) > longest || !utf8.ValidString(a.Name) || strings.ContainsFunc(a.Name, unicode.IsControl) {
		return fault.OnField("name", "must be at most %d bytes of text", longest)
	}
	result, err := t.tx.ExecContext(ctx, `INSERT INTO account (account_id, name, created_at, doc) VALUES ($1, $2, $3, '{}')
		ON CONFLICT (account_id) DO NOTHING`, int64(a.ID), a.Name, milliseconds(a.Created))
	if err != nil {
		return fmt.Errorf("creating account %s: %w", a.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, fault.New(fault.Conflict, "There is an account %s already.", a.ID))
	}
	founded := Organization{ID: "o-" + strings.ToLower(rand.Text()[:10]), Management: a.ID}
	doc, err := json.Marshal(founded)
	if err != nil {
		return err
	}
	// Two first accounts at once: one of them founds.
	_, err = t.tx.ExecContext(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`,
		organizationSetting, doc)
	if err != nil {
		return fmt.Errorf("founding the organization: %w", err)
	}
	return t.identityChanged(ctx)
}

// CloseAccount ends an account: its keys and sessions no longer hold. What it
// has stays. Neither the management account nor the delegated administrator can
// be closed: that is a Conflict.
func (t *Tx) CloseAccount(ctx context.Context, id org.Account, now time.Time) error {
	o, err := t.Organization(ctx)
	if err != nil {
		return err
	}
	if id == o.Management || id == o.Admin {
		return fault.New(fault.Conflict, "Account %s speaks for the organization; it cannot be closed.", id)
	}
	result, err := t.tx.ExecContext(ctx, `UPDATE account SET closed_at = $1 WHERE account_id = $2 AND closed_at IS NULL`,
		milliseconds(now), int64(id))
	if err != nil {
		return fmt.Errorf("closing account %s: %w", id, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, fault.New(fault.NotFound, "There is no open account %s.", id))
	}
	return t.identityChanged(ctx)
}

// Accounts returns the accounts of the installation with numbers after the
// given one, in ascending order, closed ones too; at most so many, 0: all. It
// is for those who run the installation.
func (s *Store) Accounts(ctx context.Context, after org.Account, limit int) ([]Account, error) {
	return accounts(ctx, s.read, `account_id > $1`, int64(after), limit)
}

// Account returns an account by its number; NotFound without it.
func (s *Store) Account(ctx context.Context, id org.Account) (Account, error) {
	return account(ctx, s.read, id)
}

// Account is like that of Store, within the transaction.
func (t *Tx) Account(ctx context.Context, id org.Account) (Account, error) {
	return account(ctx, t.tx, id)
}

func account(ctx context.Context, q querier, id org.Account) (Account, error) {
	list, err := accounts(ctx, q, `account_id = $1`, int64(id), 1)
	if err != nil {
		return Account{}, err
	}
	if len(list) == 0 {
		return Account{}, fault.New(fault.NotFound, "There is no account %s.", id)
	}
	return list[0], nil
}

func accounts(ctx context.Context, q querier, where string, id int64, limit int) ([]Account, error) {
	var out []Account
	query := `SELECT account_id, name, created_at, closed_at FROM account WHERE ` + where + ` ORDER BY account_id` + atMost(limit)
	err := each(ctx, q, query, []any{id}, func(rows *sql.Rows) error {
		var a Account
		var created int64
		var closed sql.NullInt64
		if err := rows.Scan(&a.ID, &a.Name, &created, &closed); err != nil {
			return err
		}
		a.Created, a.Closed = fromMilliseconds(created), optionalTime(closed)
		out = append(out, a)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	return out, nil
}

// atMost returns the clause that limits a query; 0: none.
func atMost(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" LIMIT %d", n)
}

func optionalTime(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return fromMilliseconds(ms.Int64)
}

// Organization returns the organisation; the zero one before there is an
// account.
func (s *Store) Organization(ctx context.Context) (Organization, error) {
	return organization(ctx, s.read)
}

// Organization is like that of Store, within the transaction.
func (t *Tx) Organization(ctx context.Context) (Organization, error) {
	return organization(ctx, t.tx)
}

func organization(ctx context.Context, q querier) (Organization, error) {
	var o Organization
	doc, err := setting(ctx, q, organizationSetting)
	if err == nil && doc != nil {
		err = json.Unmarshal(doc, &o)
	}
	if err != nil {
		return Organization{}, fmt.Errorf("reading the organization: %w", err)
	}
	return o, nil
}

// SetOrganization changes the organisation. An administrator that is named must
// be an open account; it may not be a member, since it is the one who has
// members.
func (t *Tx) SetOrganization(ctx context.Context, o Organization) error {
	for _, id := range []org.Account{o.Management, o.Admin} {
		if id == 0 {
			continue
		}
		a, err := t.Account(ctx, id)
		if err != nil {
			return err
		}
		if !a.Closed.IsZero() {
			return fault.New(fault.Conflict, "Account %s is closed.", id)
		}
	}
	before, err := t.Organization(ctx)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := t.SetSetting(ctx, organizationSetting, doc); err != nil {
		return err
	}
	if before.Admin != o.Admin { // whose rules hold for the members
		for _, admin := range []org.Account{before.Admin, o.Admin} {
			list, err := t.Members(ctx, admin, 0, 0)
			if err != nil {
				return err
			}
			for _, m := range list {
				if m.seenBy() == 0 {
					continue
				}
				if err := t.Resuppress(ctx, m.Account, m.Updated); err != nil {
					return err
				}
			}
		}
	}
	return t.identityChanged(ctx)
}

// PutMember keeps a member, new or changed. An account has one administrator at
// a time: a member of another one is a Conflict while it is enabled there.
func (t *Tx) PutMember(ctx context.Context, m Member) error {
	status := slices.Index(memberStatuses, m.Status)
	if status <= 0 {
		return fault.OnField("status", "%s is no status of a member", m.Status)
	}
	if m.Account == m.Admin || m.Account == 0 || m.Admin == 0 {
		return fault.New(fault.Invalid, "An administrator and its member are two accounts.")
	}
	before, err := t.Member(ctx, m.Account)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	result, err := t.tx.ExecContext(ctx, `INSERT INTO member (account_id, admin_id, status, updated_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id) DO UPDATE SET admin_id = excluded.admin_id, status = excluded.status,
		updated_at = excluded.updated_at WHERE member.admin_id = excluded.admin_id OR member.status <> $5`,
		int64(m.Account), int64(m.Admin), status, milliseconds(m.Updated), memberEnabled)
	if err != nil {
		return fmt.Errorf("writing member %s: %w", m.Account, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, fault.New(fault.Conflict, "Account %s is a member of another administrator.", m.Account))
	}
	if before.seenBy() != m.seenBy() {
		if err := t.Resuppress(ctx, m.Account, m.Updated); err != nil {
			return err
		}
	}
	return t.identityChanged(ctx)
}

// seenBy returns the administrator that sees the member; 0 if none does.
func (m Member) seenBy() org.Account {
	if m.Status != memberStatuses[memberEnabled] {
		return 0
	}
	return m.Admin
}

// RemoveMember forgets that an account is a member of an administrator;
// NotFound if it is not.
func (t *Tx) RemoveMember(ctx context.Context, admin, account org.Account) error {
	m, err := t.Member(ctx, account)
	if err != nil {
		return err
	}
	if m.Admin != admin {
		return fault.New(fault.NotFound, "Account %s is not a member.", account)
	}
	_, err = t.tx.ExecContext(ctx, `DELETE FROM member WHERE account_id = $1`, int64(account))
	if err != nil {
		return fmt.Errorf("removing member %s: %w", account, err)
	}
	if m.seenBy() != 0 {
		if err := t.Resuppress(ctx, account, m.Updated); err != nil {
			return err
		}
	}
	return t.identityChanged(ctx)
}

// Members returns the members of an administrator, of any status, with numbers
// after the given one in ascending order; at most so many, 0: all.
func (s *Store) Members(ctx context.Context, admin, after org.Account, limit int) ([]Member, error) {
	return members(ctx, s.read, `admin_id = $1 AND account_id > $2`, []any{int64(admin), int64(after)}, limit)
}

// Members is like that of Store, within the transaction.
func (t *Tx) Members(ctx context.Context, admin, after org.Account, limit int) ([]Member, error) {
	return members(ctx, t.tx, `admin_id = $1 AND account_id > $2`, []any{int64(admin), int64(after)}, limit)
}

// Member returns what is known of one account as a member, of whichever
// administrator; NotFound if it has never been one.
func (s *Store) Member(ctx context.Context, account org.Account) (Member, error) {
	return member(ctx, s.read, account)
}

// Member is like that of Store, within the transaction.
func (t *Tx) Member(ctx context.Context, account org.Account) (Member, error) {
	return member(ctx, t.tx, account)
}

func member(ctx context.Context, q querier, account org.Account) (Member, error) {
	list, err := members(ctx, q, `account_id = $1`, []any{int64(account)}, 1)
	if err != nil {
		return Member{}, err
	}
	if len(list) == 0 {
		return Member{}, fault.New(fault.NotFound, "Account %s is not a member.", account)
	}
	return list[0], nil
}

func members(ctx context.Context, q querier, where string, args []any, limit int) ([]Member, error) {
	var out []Member
	query := `SELECT account_id, admin_id, status, updated_at FROM member WHERE ` + where + ` ORDER BY account_id` + atMost(limit)
	err := each(ctx, q, query, args, func(rows *sql.Rows) error {
		var m Member
		var status int
		var updated int64
		if err := rows.Scan(&m.Account, &m.Admin, &status, &updated); err != nil {
			return err
		}
		if status <= 0 || status >= len(memberStatuses) {
			return fmt.Errorf("member %s has the unknown status %d", m.Account, status)
		}
		m.Status, m.Updated = memberStatuses[status], fromMilliseconds(updated)
		out = append(out, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	return out, nil
}

// ScopeOf returns the accounts that a caller of the account sees: its own and,
// for the delegated administrator, its members that are enabled.
func (s *Store) ScopeOf(ctx context.Context, account org.Account) (org.Scope, error) {
	o, err := s.Organization(ctx)
	if err != nil {
		return org.Scope{}, err
	}
	seen := []org.Account{account}
	if account == 0 || account != o.Admin {
		return org.Only(seen...), nil
	}
	err = each(ctx, s.read, `SELECT account_id FROM member WHERE admin_id = $1 AND status = $2`,
		[]any{int64(account), memberEnabled}, func(rows *sql.Rows) error {
			var id org.Account
			if err := rows.Scan(&id); err != nil {
				return err
			}
			seen = append(seen, id)
			return nil
		})
	if err != nil {
		return org.Scope{}, fmt.Errorf("reading members of %s: %w", account, err)
	}
	return org.Only(seen...), nil
}

// Everything returns the scope of all accounts, closed ones too. It is for what
// an installation does by itself and for those who run it.
func (s *Store) Everything(ctx context.Context) (org.Scope, error) {
	list, err := s.Accounts(ctx, 0, 0)
	if err != nil {
		return org.Scope{}, err
	}
	ids := make([]org.Account, len(list))
	for i, a := range list {
		ids[i] = a.ID
	}
	return org.Only(ids...), nil
}

// First says how an installation begins.
type First struct {
	Account org.Account // of the management account; 0: by chance
	Name    string      // of the account
	Now     time.Time
}

// Started is what an installation begins with. Its secrets can be had only now.
type Started struct {
	Account      Account
	Organization Organization
	Key          Credentials // of an administrator
	Link         string      // secret of a link with which an administrator can sign in once
}

// FirstStart makes the first account with the default settings, a key and a
// link to sign in, all or nothing. It does nothing, and says so, when there is
// an account already.
func (s *Store) FirstStart(ctx context.Context, first First) (started Started, made bool, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		started, made, err = tx.firstStart(ctx, first)
		return err
	})
	if err != nil {
		return Started{}, false, fmt.Errorf("setting up the first account: %w", err)
	}
	return started, made, nil
}

func (t *Tx) firstStart(ctx context.Context, first First) (started Started, made bool, err error) {
	const holder = "admin"
	o, err := t.Organization(ctx)
	if err != nil || o.ID != "" {
		return Started{}, false, err
	}
	if first.Account == 0 {
		first.Account = org.RandomAccount()
	}
	if err := t.CreateAccount(ctx, Account{ID: first.Account, Name: first.Name, Created: first.Now}); err != nil {
		return Started{}, false, err
	}
	if started.Organization, err = t.Organization(ctx); err != nil {
		return Started{}, false, err
	}
	if started.Organization.Management != first.Account {
		return Started{}, false, fault.New(fault.Conflict, "Another server has made the first account just now.")
	}
	if started.Account, err = t.Account(ctx, first.Account); err != nil {
		return Started{}, false, err
	}
	scope := org.Only(first.Account)
	if err := t.SetSettings(ctx, scope, first.Account, org.DefaultSettings(first.Now), first.Now); err != nil {
		return Started{}, false, err
	}
	key := AccessKey{Account: first.Account, Name: holder, Role: org.Admin, Created: first.Now}
	if started.Key, err = t.CreateKey(ctx, scope, key); err != nil {
		return Started{}, false, err
	}
	link := Session{Account: first.Account, Name: holder, Role: org.Admin, Created: first.Now}
	started.Link, err = t.CreateLink(ctx, scope, link)
	return started, true, err
}
