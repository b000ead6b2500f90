package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// tokenLife is how long a page token is valid.
const tokenLife = 24 * time.Hour

// maxToken bounds a token before anything is done with it.
const maxToken = 1024

// A place is the position of a finding in a list: everything that it is sorted
// by.
type place struct {
	First int64   `json:"a"` // severity or time
	Score float64 `json:"s,omitempty"`
	FID   int64   `json:"f"`
}

// A mark is what a token seals.
type mark struct {
	Place  place `json:"p"`
	Issued int64 `json:"t"` // milliseconds
}

// tokenKey reads the key that seals page tokens. It lies in the database, so
// that any node accepts the tokens of any other, also after a restart.
func (s *Store) tokenKey(ctx context.Context) (cipher.AEAD, error) {
	const name = "page-token"
	fresh := make([]byte, 32)
	if _, err := rand.Read(fresh); err != nil {
		return nil, err
	}
	_, err := s.write.ExecContext(ctx, `INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, fresh)
	if err != nil {
		return nil, err
	}
	var key []byte
	if err := s.write.QueryRowContext(ctx, `SELECT value FROM secret WHERE name = $1`, name).Scan(&key); err != nil {
		return nil, err
	}
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(c)
}

// bound is what a token holds for: it opens with nothing else.
func bound(scope org.Scope, where Criteria, sort Sort) ([]byte, error) {
	doc, err := json.Marshal(struct {
		Operation string
		Accounts  []org.Account
		Where     Criteria
		Sort      Sort
	}{"findings/1", scope.Accounts(), where, sort})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(doc)
	return sum[:], nil
}

// seal makes a token of a mark.
func seal(aead cipher.AEAD, m mark, bound []byte) (string, error) {
	doc, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, doc, bound)), nil
}

// unseal is the reverse of seal. Anything but a token that seal made for the
// same list in the last 24 hours is Invalid.
func unseal(aead cipher.AEAD, token string, bound []byte, now time.Time) (place, error) {
	if len(token) > maxToken {
		return place{}, fault.OnField("nextToken", "is too long")
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < aead.NonceSize() {
		return place{}, fault.OnField("nextToken", "is not one of ours")
	}
	doc, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], bound)
	if err != nil {
		return place{}, fault.OnField("nextToken", "does not belong to this list")
	}
	var m mark
	if err := json.Unmarshal(doc, &m); err != nil {
		return place{}, fmt.Errorf("reading our own token: %w", err)
	}
	if age := now.Sub(fromMilliseconds(m.Issued)); age > tokenLife {
		return place{}, fault.OnField("nextToken", "is older than %d hours", int(tokenLife.Hours()))
	}
	return m.Place, nil
}
