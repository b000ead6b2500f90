package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

const (
	linkLife    = 24 * time.Hour // of a link that nobody has used
	sessionLife = 12 * time.Hour
)

// The kinds of rows in the table sign_in.
const (
	linkRow    = 1
	sessionRow = 2
)

// Session is what may be shown of a session of the page, or of a link that
// starts one, which is everything but its secret.
type Session struct {
	ID      string // tells it from others; of no use to sign in
	Link    bool   // not used yet
	Account org.Account
	Name    string // of the person
	Role    org.Role
	Key     string // access key that it was begun with, and with which it ends; empty: a link
	Created time.Time
	Expires time.Time
}

// CreateLink makes a link with which the person of Account, Name and Role can
// sign in once, within 24 hours of Created, and returns its secret. The rest of
// s is not looked at.
func (t *Tx) CreateLink(ctx context.Context, scope org.Scope, s Session) (secret string, err error) {
	if err := checkHolder(s.Name, s.Role); err != nil {
		return "", err
	}
	if !scope.Has(s.Account) {
		return "", fault.New(fault.Denied, "Account %s is not yours to change.", s.Account)
	}
	a, err := t.Account(ctx, s.Account)
	if err != nil {
		return "", err
	}
	if !a.Closed.IsZero() {
		return "", fault.New(fault.Conflict, "Account %s is closed.", s.Account)
	}
	s.Link, s.Key, s.Expires = true, "", s.Created.Add(linkLife)
	return t.addSignIn(ctx, s)
}

// addSignIn keeps a link or session and returns its secret, of 256 random bits.
func (t *Tx) addSignIn(ctx context.Context, s Session) (secret string, err error) {
	kind := sessionRow
	if s.Link {
		kind = linkRow
	}
	secret = rand.Text() + rand.Text()
	key := sql.NullString{String: s.Key, Valid: s.Key != ""}
	_, err = t.tx.ExecContext(ctx, `INSERT INTO sign_in (sum, kind, account_id, name, role, key_id, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, signInSum(secret), kind, int64(s.Account), s.Name, string(s.Role), key,
		milliseconds(s.Created), milliseconds(s.Expires))
	if err != nil {
		return "", fmt.Errorf("keeping the sign-in of %s: %w", s.Name, err)
	}
	return secret, nil
}

func signInSum(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// UseLink ends a link and starts a session of 12 hours, whose secret it
// returns. A link that is unknown, used or too old, or whose account is closed,
// is Denied.
func (t *Tx) UseLink(ctx context.Context, link string, now time.Time) (secret string, s Session, err error) {
	s, ok, err := signIn(ctx, t.tx, linkRow, link, now)
	if err != nil {
		return "", Session{}, err
	}
	if ok {
		// Of two that use the link at once, one deletes the row.
		result, err := t.tx.ExecContext(ctx, `DELETE FROM sign_in WHERE sum = $1`, signInSum(link))
		if err != nil {
			return "", Session{}, fmt.Errorf("using a sign-in link: %w", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return "", Session{}, err
		}
		ok = n == 1
	}
	if !ok {
		return "", Session{}, fault.New(fault.Denied, "This link is unknown, has been used or is too old.")
	}
	s.Link, s.Created, s.Expires = false, now, now.Add(sessionLife)
	secret, err = t.addSignIn(ctx, s)
	s.ID = signInID(signInSum(secret))
	return secret, s, err
}

// StartSession starts a session for the holder of a long-term access key of an
// account in the scope, who has proved to have its secret, and returns the
// secret of the session. It lasts 12 hours, and no longer than the key. Keys of
// machines, which speak for one resource or have the role Agent, are Denied, as
// are those that are not in use.
func (t *Tx) StartSession(ctx context.Context, scope org.Scope, key string, now time.Time) (secret string, s Session, err error) {
	k, err := t.AccessKey(ctx, scope, key)
	if err != nil {
		return "", Session{}, err
	}
	ends := now.Add(sessionLife)
	if !k.Expires.IsZero() && k.Expires.Before(ends) {
		ends = k.Expires
	}
	switch {
	case k.Temporary() || !k.Disabled.IsZero() || !ends.After(now):
		return "", Session{}, fault.New(fault.Denied, "Access key %s is temporary, disabled or expired; it cannot sign in.", key)
	case k.Subject != "" || k.Role == org.Agent:
		return "", Session{}, fault.New(fault.Denied, "Access key %s is that of a machine; it cannot sign in.", key)
	}
	s = Session{Account: k.Account, Name: k.Name, Role: k.Role, Key: k.ID, Created: now, Expires: ends}
	secret, err = t.addSignIn(ctx, s)
	s.ID = signInID(signInSum(secret))
	return secret, s, err
}

// SignOut ends a session by its secret. That there is none is no error.
func (t *Tx) SignOut(ctx context.Context, secret string) error {
	_, err := t.tx.ExecContext(ctx, `DELETE FROM sign_in WHERE sum = $1 AND kind = $2`, signInSum(secret), sessionRow)
	if err != nil {
		return fmt.Errorf("signing out: %w", err)
	}
	return nil
}

// session returns a session in use, by its secret.
func (s *Store) session(ctx context.Context, secret string, now time.Time) (Session, bool, error) {
	return signIn(ctx, s.read, sessionRow, secret, now)
}

func signIn(ctx context.Context, q querier, kind int, secret string, now time.Time) (Session, bool, error) {
	list, err := signIns(ctx, q, now, `s.sum = $2 AND s.kind = $3 AND a.closed_at IS NULL`, signInSum(secret), kind)
	if err != nil || len(list) == 0 {
		return Session{}, false, err
	}
	return list[0], true, nil
}

// Sessions returns the sessions and unused links of the accounts in the scope
// that have not ended, the latest first.
func (s *Store) Sessions(ctx context.Context, scope org.Scope, now time.Time) ([]Session, error) {
	return signIns(ctx, s.read, now, inNumbers("s.account_id", accountNumbers(scope)))
}

// signInID is the visible id of a link or session: a part of its sum, from
// which nobody can guess the secret.
func signInID(sum []byte) string { return hex.EncodeToString(sum[:8]) }

// signIns returns the links and sessions that have not ended, and for which the
// condition holds, whose values begin with $2.
func signIns(ctx context.Context, q querier, now time.Time, where string, args ...any) ([]Session, error) {
	var out []Session
	query := `SELECT s.sum, s.kind, s.account_id, s.name, s.role, s.key_id, s.created_at, s.expires_at FROM sign_in s
		JOIN account a ON a.account_id = s.account_id LEFT JOIN access_key k ON k.key_id = s.key_id
		WHERE s.expires_at > $1 AND (s.key_id IS NULL OR
		k.key_id IS NOT NULL AND k.disabled_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $1)) AND ` + where + `
		ORDER BY s.created_at DESC, s.sum`
	err := each(ctx, q, query, append([]any{milliseconds(now)}, args...), func(rows *sql.Rows) error {
		var s Session
		var sum []byte
		var kind int
		var created, expires int64
		var key sql.NullString
		if err := rows.Scan(&sum, &kind, &s.Account, &s.Name, &s.Role, &key, &created, &expires); err != nil {
			return err
		}
		s.ID, s.Link, s.Key = signInID(sum), kind == linkRow, key.String
		s.Created, s.Expires = fromMilliseconds(created), fromMilliseconds(expires)
		out = append(out, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading sign-ins: %w", err)
	}
	return out, nil
}

// EndSession ends a session, or an unused link, of an account in the scope by
// its visible id; NotFound without it.
func (t *Tx) EndSession(ctx context.Context, scope org.Scope, id string) error {
	var sum []byte
	query := `SELECT sum FROM sign_in WHERE ` + inNumbers("account_id", accountNumbers(scope))
	err := each(ctx, t.tx, query, nil, func(rows *sql.Rows) error {
		var s []byte
		if err := rows.Scan(&s); err != nil {
			return err
		}
		if signInID(s) == id {
			sum = s
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ending session %s: %w", id, err)
	}
	if sum == nil {
		return fault.New(fault.NotFound, "There is no session %s.", id)
	}
	if _, err := t.tx.ExecContext(ctx, `DELETE FROM sign_in WHERE sum = $1`, sum); err != nil {
		return fmt.Errorf("ending session %s: %w", id, err)
	}
	return nil
}

// SweepSignIns deletes the links and sessions that have ended.
func (s *Store) SweepSignIns(ctx context.Context, now time.Time) error {
	if _, err := s.write.ExecContext(ctx, `DELETE FROM sign_in WHERE expires_at <= $1`, milliseconds(now)); err != nil {
		return fmt.Errorf("deleting old sign-ins: %w", err)
	}
	return nil
}
