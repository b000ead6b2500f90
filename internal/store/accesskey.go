package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/api/sigv4"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// AccessKey is what may be shown of an access key, which is everything but its
// secret.
type AccessKey struct {
	ID       string // AKIA… for long-term keys, ASIA… for temporary ones
	Account  org.Account
	Name     string // of the holder: a person or a machine; several keys may have one name
	Role     org.Role
	Subject  string // id of the resource for which an agent speaks; empty: any
	Created  time.Time
	Expires  time.Time // zero: never
	Disabled time.Time // zero: in use
	Used     time.Time // exact to a minute; zero: never
}

// Temporary tells whether the key is valid only together with a session token.
func (k AccessKey) Temporary() bool { return strings.HasPrefix(k.ID, temporaryPrefix) }

// Credentials are what a client signs with. They can be had only when they are
// made.
type Credentials struct {
	ID     string // of the access key
	Secret string
	Token  string // session token; empty for a long-term key
}

// Holder is who an access key or a session of the page speaks for.
type Holder struct {
	Account org.Account
	Name    string
	Role    org.Role
	Subject string    // as that of AccessKey
	Scope   org.Scope // the accounts that the holder sees
}

// Ids begin as Amazon's do, since clients and secret scanners tell keys by it.
// Source: IAM User Guide, "IAM identifiers", section "Unique identifiers".
const (
	longTermPrefix  = "AKIA"
	temporaryPrefix = "ASIA"
)

// maxKeys bounds the keys of one account, disabled ones included.
const maxKeys = 10_000

// holderName is what a holder may be called, so that the name fits into an ARN.
// Source: IAM User Guide, "IAM and AWS STS quotas", section "IAM name
// requirements".
var holderName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A[A-Za-z0-9_+=,.@-]{1,64}\z`) })

func checkHolder(name string, role org.Role) error {
	if !holderName().MatchString(name) {
		return fault.OnField("name", "must be 1 to 64 letters, digits and any of _+=,.@-")
	}
	if _, err := org.ParseRole(string(role)); err != nil {
		return fault.OnField("role", "%v", err)
	}
	return nil
}

// CreateKey makes an access key of Account, Name, Role, Subject, Created and
// Expires; the rest of k is not looked at. Its secret can be had only now.
func (t *Tx) CreateKey(ctx context.Context, scope org.Scope, k AccessKey) (Credentials, error) {
	return t.createKey(ctx, scope, k, Credentials{ID: longTermPrefix + rand.Text()[:16]})
}

// CreateTemporaryKey is CreateKey for a key that is valid only together with a
// session token, and only until k.Expires.
func (t *Tx) CreateTemporaryKey(ctx context.Context, scope org.Scope, k AccessKey) (Credentials, error) {
	if !k.Expires.After(k.Created) {
		return Credentials{}, fault.OnField("expires", "must lie in the future")
	}
	return t.createKey(ctx, scope, k, Credentials{ID: temporaryPrefix + rand.Text()[:16], Token: rand.Text() + rand.Text()})
}

func (t *Tx) createKey(ctx context.Context, scope org.Scope, k AccessKey, c Credentials) (Credentials, error) {
	if err := checkHolder(k.Name, k.Role); err != nil {
		return Credentials{}, err
	}
	if !scope.Has(k.Account) {
		return Credentials{}, fault.New(fault.Denied, "Account %s is not yours to change.", k.Account)
	}
	a, err := t.Account(ctx, k.Account)
	if err != nil {
		return Credentials{}, err
	}
	if !a.Closed.IsZero() {
		return Credentials{}, fault.New(fault.Conflict, "Account %s is closed.", k.Account)
	}
	var n int
	row := t.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM access_key WHERE account_id = $1`, int64(k.Account))
	if err := row.Scan(&n); err != nil {
		return Credentials{}, fmt.Errorf("counting the keys of account %s: %w", k.Account, err)
	}
	if n >= maxKeys {
		return Credentials{}, fault.New(fault.Quota, "Account %s has %d access keys; delete some.", k.Account, n)
	}
	var random [30]byte // 40 characters
	_, _ = rand.Read(random[:])
	c.Secret = base64.StdEncoding.EncodeToString(random[:])
	sealed, err := t.store.SealSecret(keySecrets, c.ID, c.Secret)
	if err != nil {
		return Credentials{}, err
	}
	_, err = t.tx.ExecContext(ctx, `INSERT INTO access_key (key_id, account_id, name, role, subject, secret, token_sum, created_at,
		expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		c.ID, int64(k.Account), k.Name, string(k.Role), k.Subject, sealed, tokenSum(c.Token), milliseconds(k.Created), timeOrNull(k.Expires))
	if err != nil {
		return Credentials{}, fmt.Errorf("writing access key %s: %w", c.ID, err)
	}
	return c, nil
}

// tokenSum returns what is kept of a session token; nil for none.
func tokenSum(token string) []byte {
	if token == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return milliseconds(t)
}

// SealSecret seals a secret for one purpose, bound to the id of what it belongs
// to: it cannot be moved to another row.
func (s *Store) SealSecret(purpose, id, secret string) ([]byte, error) {
	aead, err := newAEAD(s.Derive(purpose))
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce)
	return aead.Seal(nonce, nonce, []byte(secret), []byte(id)), nil
}

// OpenSecret is the reverse of SealSecret.
func (s *Store) OpenSecret(purpose, id string, sealed []byte) (string, error) {
	aead, err := newAEAD(s.Derive(purpose))
	if err != nil {
		return "", err
	}
	n := aead.NonceSize()
	if len(sealed) < n {
		return "", fmt.Errorf("opening the secret of %s: too short", id)
	}
	secret, err := aead.Open(nil, sealed[:n], sealed[n:], []byte(id))
	if err != nil {
		return "", fmt.Errorf("opening the secret of %s, sealed with another key: %w", id, err)
	}
	return string(secret), nil
}

// keySecrets is the purpose for which the secrets of access keys are sealed.
const keySecrets = "access keys"

const accessKeyColumns = `SELECT key_id, account_id, name, role, subject, created_at, expires_at, disabled_at, last_used_at FROM access_key `

// AccessKeys returns the keys of the accounts in the scope with ids after the
// given one, by id; at most so many, 0: all.
func (s *Store) AccessKeys(ctx context.Context, scope org.Scope, after string, limit int) ([]AccessKey, error) {
	query := accessKeyColumns + `WHERE ` + inNumbers("account_id", accountNumbers(scope)) + ` AND key_id > $1 ORDER BY key_id` + atMost(limit)
	return accessKeys(ctx, s.read, query, after)
}

// accountNumbers returns the accounts of a scope; a number that no account has when
// there are none.
func accountNumbers(scope org.Scope) []int64 {
	out := make([]int64, 0, len(scope.Accounts()))
	for _, a := range scope.Accounts() {
		out = append(out, int64(a))
	}
	if len(out) == 0 {
		return []int64{-1}
	}
	return out
}

func accessKeys(ctx context.Context, q querier, query string, args ...any) ([]AccessKey, error) {
	var out []AccessKey
	err := each(ctx, q, query, args, func(rows *sql.Rows) error {
		var k AccessKey
		var created int64
		var expires, disabled, used sql.NullInt64
		if err := rows.Scan(&k.ID, &k.Account, &k.Name, &k.Role, &k.Subject, &created, &expires, &disabled, &used); err != nil {
			return err
		}
		k.Created, k.Expires = fromMilliseconds(created), optionalTime(expires)
		k.Disabled, k.Used = optionalTime(disabled), optionalTime(used)
		out = append(out, k)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading access keys: %w", err)
	}
	return out, nil
}

// AccessKey returns a key of an account in the scope; NotFound without it.
func (t *Tx) AccessKey(ctx context.Context, scope org.Scope, id string) (AccessKey, error) {
	list, err := accessKeys(ctx, t.tx, accessKeyColumns+`WHERE key_id = $1`, id)
	if err != nil {
		return AccessKey{}, err
	}
	if len(list) == 0 || !scope.Has(list[0].Account) {
		return AccessKey{}, fault.New(fault.NotFound, "There is no access key %s.", id)
	}
	return list[0], nil
}

// DisableKey ends a key of an account in the scope. One that is disabled stays
// so.
func (t *Tx) DisableKey(ctx context.Context, scope org.Scope, id string, now time.Time) error {
	if _, err := t.AccessKey(ctx, scope, id); err != nil {
		return err
	}
	_, err := t.tx.ExecContext(ctx, `UPDATE access_key SET disabled_at = $1 WHERE key_id = $2 AND disabled_at IS NULL`,
		milliseconds(now), id)
	if err != nil {
		return fmt.Errorf("disabling access key %s: %w", id, err)
	}
	return t.identityChanged(ctx)
}

// DeleteKey forgets a key of an account in the scope; what it did stays in the
// audit log.
func (t *Tx) DeleteKey(ctx context.Context, scope org.Scope, id string) error {
	if _, err := t.AccessKey(ctx, scope, id); err != nil {
		return err
	}
	if _, err := t.tx.ExecContext(ctx, `DELETE FROM access_key WHERE key_id = $1`, id); err != nil {
		return fmt.Errorf("deleting access key %s: %w", id, err)
	}
	return t.identityChanged(ctx)
}

// RotateKey makes a new key for the holder of a long-term one. The old one is
// valid for the overlap, or, if that is 0, until it is disabled.
func (t *Tx) RotateKey(ctx context.Context, scope org.Scope, id string, overlap time.Duration, now time.Time) (Credentials, error) {
	old, err := t.AccessKey(ctx, scope, id)
	if err != nil {
		return Credentials{}, err
	}
	if old.Temporary() || !old.Disabled.IsZero() || !old.Expires.IsZero() && !old.Expires.After(now) {
		return Credentials{}, fault.New(fault.Conflict, "Access key %s is temporary, disabled or expired; it cannot be rotated.", id)
	}
	fresh := old
	fresh.Created = now
	if overlap > 0 {
		ends := now.Add(overlap)
		if !old.Expires.IsZero() && old.Expires.Before(ends) {
			ends = old.Expires
		}
		_, err := t.tx.ExecContext(ctx, `UPDATE access_key SET expires_at = $1 WHERE key_id = $2`, milliseconds(ends), id)
		if err != nil {
			return Credentials{}, fmt.Errorf("rotating access key %s: %w", id, err)
		}
	}
	if !old.Expires.IsZero() { // the new one lives as long as the old one was meant to
		fresh.Expires = now.Add(old.Expires.Sub(old.Created))
	}
	c, err := t.CreateKey(ctx, scope, fresh)
	return c, cmp.Or(err, t.identityChanged(ctx))
}

// Keyring finds the holders of access keys and sessions, and remembers them
// while nothing changes in who may do what, in this process or another: a key
// that is disabled is refused from the next request on. It is safe for
// concurrent use.
type Keyring struct {
	store *Store

	mu       sync.Mutex
	revision string // that the rest holds for
	keys     map[string]sigv4.Key[Holder]
	scopes   map[org.Account]org.Scope
}

// maxKnown bounds what a Keyring remembers of each.
const maxKnown = 4096

// NewKeyring returns a keyring over a store.
func NewKeyring(s *Store) *Keyring { return &Keyring{store: s} }

// Key returns an access key in use, for signatures. A disabled one, and one of
// a closed account, is as good as none; whether it has expired is for the
// caller to look at.
func (k *Keyring) Key(ctx context.Context, id string) (sigv4.Key[Holder], bool, error) {
	revision, err := k.refresh(ctx)
	if err != nil {
		return sigv4.Key[Holder]{}, false, err
	}
	k.mu.Lock()
	key, known := k.keys[id]
	k.mu.Unlock()
	if known {
		return key, true, nil
	}
	key, ok, err := k.store.heldKey(ctx, id)
	if err != nil || !ok {
		return sigv4.Key[Holder]{}, false, err
	}
	if key.Scope.Scope, err = k.scope(ctx, revision, key.Scope.Account); err != nil {
		return sigv4.Key[Holder]{}, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.revision == revision {
		if len(k.keys) >= maxKnown {
			clear(k.keys)
		}
		k.keys[id] = key
	}
	return key, true, nil
}

// Session returns who has a session of the page, by its secret, and the
// session. One that has ended is none.
func (k *Keyring) Session(ctx context.Context, secret string, now time.Time) (Holder, Session, bool, error) {
	revision, err := k.refresh(ctx)
	if err != nil {
		return Holder{}, Session{}, false, err
	}
	s, ok, err := k.store.session(ctx, secret, now)
	if err != nil || !ok {
		return Holder{}, Session{}, false, err
	}
	scope, err := k.scope(ctx, revision, s.Account)
	if err != nil {
		return Holder{}, Session{}, false, err
	}
	return Holder{Account: s.Account, Name: s.Name, Role: s.Role, Scope: scope}, s, true, nil
}

// refresh returns the revision of the database and forgets what holds for
// another one. A change and its new revision are one transaction, so that what
// is read afterwards is at least as new.
func (k *Keyring) refresh(ctx context.Context) (string, error) {
	var revision []byte
	row := k.store.read.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = $1`, identitySetting)
	if err := row.Scan(&revision); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading the revision of access keys: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.revision != string(revision) || k.keys == nil {
		k.revision, k.keys, k.scopes = string(revision), map[string]sigv4.Key[Holder]{}, map[org.Account]org.Scope{}
	}
	return string(revision), nil
}

func (k *Keyring) scope(ctx context.Context, revision string, account org.Account) (org.Scope, error) {
	k.mu.Lock()
	scope, known := k.scopes[account]
	known = known && k.revision == revision
	k.mu.Unlock()
	if known {
		return scope, nil
	}
	scope, err := k.store.ScopeOf(ctx, account)
	if err != nil {
		return org.Scope{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.revision == revision {
		if len(k.scopes) >= maxKnown {
			clear(k.scopes)
		}
		k.scopes[account] = scope
	}
	return scope, nil
}

// heldKey reads an access key in use, with its secret and without the scope of its
// holder.
func (s *Store) heldKey(ctx context.Context, id string) (key sigv4.Key[Holder], ok bool, err error) {
	err = each(ctx, s.read, `SELECT k.account_id, k.name, k.role, k.subject, k.secret, k.token_sum, k.expires_at FROM access_key k
		JOIN account a ON a.account_id = k.account_id WHERE k.key_id = $1 AND k.disabled_at IS NULL AND a.closed_at IS NULL`,
		[]any{id}, func(rows *sql.Rows) error {
			var h Holder
			var sealed []byte
			var expires sql.NullInt64
			if err := rows.Scan(&h.Account, &h.Name, &h.Role, &h.Subject, &sealed, &key.TokenSum, &expires); err != nil {
				return err
			}
			key.Expires, key.Scope, ok = optionalTime(expires), h, true
			key.Secret, err = s.OpenSecret(keySecrets, id, sealed)
			return err
		})
	if err != nil {
		return sigv4.Key[Holder]{}, false, fmt.Errorf("reading access key %s: %w", id, err)
	}
	return key, ok, nil
}
