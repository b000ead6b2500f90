package filter

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// TokenLife is how long a page token is valid.
const TokenLife = 24 * time.Hour

// maxToken bounds what is decoded at all: a place has a key or two, each of at
// most a few hundred bytes, for each branch of a list.
const maxToken = 64 << 10

// ErrToken is what Open returns for anything but a token that Seal made, with
// the same key and for the same query, in the last 24 hours.
var ErrToken = errors.New("the page token does not belong to this request or is too old")

// A Query is what a page token holds for.
type Query struct {
	Operation string // name of the API operation
	Caller    string // who asks, and for which accounts
	Criteria  Criteria
	Sort      string // the order in words
}

// digest is bound to a token as additional data, so that a token opens with the
// very query it was made for.
func (q Query) digest() ([]byte, error) {
	doc, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("encoding a query: %w", err)
	}
	sum := sha256.Sum256(append([]byte("page/1\x00"), doc...))
	return sum[:], nil
}

// A Sealer seals page tokens. Whoever has the same key opens them.
type Sealer struct{ aead cipher.AEAD }

// NewSealer returns a sealer with a key of 32 bytes.
func NewSealer(key [32]byte) (Sealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return Sealer{}, err
	}
	aead, err := cipher.NewGCM(block)
	return Sealer{aead: aead}, err
}

// page is what a token seals.
type page[P any] struct {
	Issued int64 `json:"t"` // milliseconds
	Place  P     `json:"p"`
}

// Seal returns a token for a place in the answer to a query. A P must survive
// encoding as JSON.
func Seal[P any](s Sealer, q Query, place P, now time.Time) (string, error) {
	bound, err := q.digest()
	if err != nil {
		return "", err
	}
	doc, err := json.Marshal(page[P]{Issued: now.UnixMilli(), Place: place})
	if err != nil {
		return "", fmt.Errorf("encoding a place: %w", err)
	}
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, doc, bound)), nil
}

// Open returns the place that a token was made for, or ErrToken.
func Open[P any](s Sealer, q Query, token string, now time.Time) (P, error) {
	var none P
	if len(token) > maxToken {
		return none, ErrToken
	}
	// Strict, so that one token has one spelling.
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < s.aead.NonceSize() || base64.RawURLEncoding.EncodedLen(len(raw)) != len(token) {
		return none, ErrToken
	}
	bound, err := q.digest()
	if err != nil {
		return none, err
	}
	n := s.aead.NonceSize()
	doc, err := s.aead.Open(nil, raw[:n], raw[n:], bound)
	if err != nil {
		return none, ErrToken
	}
	var p page[P]
	if err := json.Unmarshal(doc, &p); err != nil {
		return none, ErrToken // of another release: the place has another form
	}
	// Nodes' clocks may differ a little, but no token comes from tomorrow.
	if age := now.Sub(time.UnixMilli(p.Issued)); age > TokenLife || age < -time.Hour {
		return none, ErrToken
	}
	return p.Place, nil
}
