package share

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// The types of PEM blocks. Source: RFC 7468, sections 10 and 13.
const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// NewKeys makes a pair of ed25519 keys: the private one as PKCS #8, the public
// one as SubjectPublicKeyInfo, both in PEM.
func NewKeys() (private, public []byte, err error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making keys: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("making keys: %w", err)
	}
	pubDER, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, nil, fmt.Errorf("making keys: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: pubDER}), nil
}

// ParsePrivate reads a private key in PEM.
func ParsePrivate(text []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != privateBlock {
		return nil, errors.New("it is no private key in PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if k, ok := key.(ed25519.PrivateKey); ok {
		return k, nil
	}
	return nil, errors.New("it is no ed25519 key")
}

// ParsePublic reads a public key in PEM.
func ParsePublic(text []byte) (ed25519.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != publicBlock {
		return nil, errors.New("it is no public key in PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	if k, ok := key.(ed25519.PublicKey); ok {
		return k, nil
	}
	return nil, errors.New("it is no ed25519 key")
}

// WriteKeys writes a new pair to a file that only its owner may read, and
// beside it, with the end ".pub". Neither may be there. Of a pair that cannot be
// written nothing is left.
func WriteKeys(file string) (err error) {
	private, public, err := NewKeys()
	if err != nil {
		return err
	}
	var written []string
	defer func() {
		if err == nil {
			return
		}
		for _, name := range written {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	for _, f := range []struct {
		name string
		text []byte
		mode os.FileMode
	}{{file, private, 0o600}, {file + ".pub", public, 0o644}} {
		out, err := os.OpenFile(f.name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, f.mode)
		if err != nil {
			return fmt.Errorf("writing key: %w", err)
		}
		written = append(written, f.name)
		_, err = out.Write(f.text)
		if err = errors.Join(err, out.Close()); err != nil {
			return fmt.Errorf("writing key: %w", err)
		}
	}
	return nil
}
