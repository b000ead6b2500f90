package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MasterKey reads the key that secrets are sealed with, and makes one if there
// is none and create is set.
func MasterKey(path string, create bool) (key [32]byte, err error) {
	text, err := os.ReadFile(path)
	if create && errors.Is(err, fs.ErrNotExist) {
		// The key is made before the database. Another one than it was sealed
		// with would only hide that the right one is missing.
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "assay.db")); err == nil {
			return key, fmt.Errorf("there is a database without its master key: put back %s, or name it with --key-file", path)
		}
		if _, err := rand.Read(key[:]); err != nil {
			return key, err
		}
		return key, writeNew(path, []byte(hex.EncodeToString(key[:])+"\n"))
	}
	if err != nil {
		return key, fmt.Errorf("reading the master key: %w", err)
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(raw) != len(key) {
		return key, fmt.Errorf("the master key in %s must be 64 hexadecimal digits", path)
	}
	return [32]byte(raw), nil
}

// writeNew writes a file that only we may read. It must not be there yet, and
// is there whole or not at all.
func writeNew(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // readable by its owner only
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Link(f.Name(), path) // unlike a renaming, it replaces nothing
}

// certificateLife is how long a certificate of our own is valid. Clients that
// trust it do so by name, so that a short life would only be a nuisance.
const certificateLife = 10 * 365 * 24 * time.Hour

// tlsConfig returns how to listen; nil for plain text.
func (c *Config) tlsConfig(now time.Time) (*tls.Config, error) {
	cert, key := c.TLSCert, c.TLSKey
	switch c.TLS {
	case "off":
		return nil, nil
	case "self-signed":
		cert, key = filepath.Join(c.Data, "tls.crt"), filepath.Join(c.Data, "tls.key")
		if _, err := os.Stat(cert); errors.Is(err, fs.ErrNotExist) {
			if err := c.makeCertificate(cert, key, now); err != nil {
				return nil, fmt.Errorf("making a certificate: %w", err)
			}
		}
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of tls-cert and tls-key: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// makeCertificate writes a certificate that vouches for itself, for the names
// by which this machine may be reached.
func (c *Config) makeCertificate(certFile, keyFile string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	name := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Assay"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	hosts := []string{}
	if host, err := os.Hostname(); err == nil {
		hosts = append(hosts, host)
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil {
		hosts = append(hosts, host)
	}
	if u, err := url.Parse(c.URL); err == nil {
		hosts = append(hosts, u.Hostname())
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			name.IPAddresses = append(name.IPAddresses, ip)
		} else if h != "" {
			name.DNSNames = append(name.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, name, name, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.Remove(keyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // of an attempt that was broken off
	}
	if err := writeNew(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})); err != nil {
		return err
	}
	return writeNew(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
