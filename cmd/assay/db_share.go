package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/internal/vulndb/share"
)

// registryFlags say how to speak to a registry.
type registryFlags struct {
	Ref      string `arg:"" help:"Where it is in a registry, such as registry.example.com/security/assay-db:latest."`
	Insecure bool   `help:"Allow plain HTTP and certificates that cannot be verified."`
	CAFile   string `name:"ca-file" placeholder:"FILE" help:"PEM file of additional certificate authorities."`
	Username string `placeholder:"NAME" env:"ASSAY_REGISTRY_USERNAME" help:"User at the registry; docker's configuration is used if none is given."`
	Password string `placeholder:"SECRET" env:"ASSAY_REGISTRY_PASSWORD" help:"Password at the registry; better given in the environment."`
}

func (f *registryFlags) options() artifact.Options {
	return artifact.Options{Insecure: f.Insecure, CAFile: f.CAFile, Username: f.Username, Password: f.Password}
}

// dbKeygen is "assay db keygen".
type dbKeygen struct {
	File string `arg:"" type:"path" help:"File of the private key to write; the public one goes to FILE.pub."`
}

// Run makes a pair of keys.
func (c *dbKeygen) Run(e edge) error {
	if err := share.WriteKeys(c.File); err != nil {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "private key  %s (keep it secret: who has it can sign databases)\npublic key   %s.pub\n", c.File, c.File)
	return err
}

// dbPush is "assay db push".
type dbPush struct {
	registryFlags
	File string `name:"db" placeholder:"FILE" env:"ASSAY_DB" type:"path" help:"Database to push; the user's own if none is given."`
	Key  string `required:"" placeholder:"FILE" type:"path" help:"Private key to sign with, made by assay db keygen."`
}

// Help shows examples.
func (dbPush) Help() string {
	return `Pushes a database and its enrichment as an OCI artifact, signed. The header is a
layer of its own, so that who pulls sees whether the rest is needed.

Examples:
  assay db keygen assay-db.key
  assay db push registry.example.com/security/assay-db:latest --key assay-db.key`
}

// Run pushes the database.
func (c *dbPush) Run(ctx context.Context, e edge) error {
	path := c.File
	if path == "" {
		if path = ownDatabase(e); path == "" {
			return errors.New("there is no database to push: build one with \"assay db update\", or name one with --db")
		}
	}
	text, err := os.ReadFile(c.Key)
	if err != nil {
		return fmt.Errorf("reading --key: %w", err)
	}
	key, err := share.ParsePrivate(text)
	if err != nil {
		return fmt.Errorf("reading --key %s: %w", c.Key, err)
	}
	k, err := vulndb.OpenKnown(path)
	if err != nil {
		return fmt.Errorf("opening database %s: %w", path, err)
	}
	defer func() { _ = k.Close() }()
	h := k.Header()
	p := share.Parcel{Database: path, Header: share.Header{
		Format: h.Format, Built: h.Built, Label: h.Label, Digest: h.Digest, Advisories: h.Advisories, Names: h.Names,
	}}
	if k.Enrichments != nil {
		p.Enrichment = vulndb.EnrichmentPath(path)
	}
	digest, err := share.Push(ctx, c.Ref, p, key, c.options())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s: pushed %s, built %s, %d advisories\n", c.Ref, digest, h.Built.Format(time.RFC3339), h.Advisories)
	return err
}

// dbPull is "assay db pull".
type dbPull struct {
	registryFlags
	outputFlag
	Key string `placeholder:"FILE" env:"ASSAY_DB_KEY" help:"Public key that the database must be signed with: a file, or the text of one."`
}

// Help shows examples.
func (dbPull) Help() string {
	return `Pulls a database that is newer than the one that is there. One that is not
signed with the key is refused, and so is one of which any byte is not as it was
signed; the database that is there then stays.

Examples:
  assay db pull registry.example.com/security/assay-db:latest --key assay-db.key.pub`
}

// Run pulls the database.
func (c *dbPull) Run(ctx context.Context, e edge) error {
	key, err := publicKey(c.Key)
	if err != nil {
		return err
	}
	path, err := c.path(e)
	if err != nil {
		return err
	}
	found, err := share.Look(ctx, c.Ref, key, c.options())
	if err != nil {
		return err
	}
	h := found.Header
	if h.Format != vulndb.Format {
		return fmt.Errorf("%s has format %d, and this release reads format %d", c.Ref, h.Format, vulndb.Format)
	}
	if old, err := vulndb.OpenKnown(path); err == nil {
		have := old.Header()
		_ = old.Close()
		if have.Digest == h.Digest || !have.Built.Before(h.Built) {
			_, err := fmt.Fprintf(e.stdout, "%s: built %s, which is not older than %s of %s\n",
				path, have.Built.Format(time.RFC3339), c.Ref, h.Built.Format(time.RFC3339))
			return err
		}
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".assay-pull-")
	if err != nil {
		return fmt.Errorf("pulling %s: %w", c.Ref, err)
	}
	defer os.RemoveAll(dir)
	fresh := filepath.Join(dir, "assay.db")
	if err := found.Get(fresh, vulndb.EnrichmentPath(fresh)); err != nil {
		return err
	}
	k, err := vulndb.OpenKnown(fresh)
	if err != nil {
		return fmt.Errorf("pulling %s: %w", c.Ref, err)
	}
	got := k.Header()
	_ = k.Close()
	if got.Digest != h.Digest || !got.Built.Equal(h.Built) {
		return fmt.Errorf("pulling %s: the database is not the one that its header says", c.Ref)
	}
	if err := vulndb.Replace(fresh, path); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s: built %s, %d advisories\n", path, got.Built.Format(time.RFC3339), got.Advisories)
	return err
}

// publicKey reads a key from a file, or from the text of one.
func publicKey(key string) (ed25519.PublicKey, error) {
	if key == "" {
		return nil, errors.New("give the public key of who built the database with --key or ASSAY_DB_KEY: a database that nobody vouches for is not taken")
	}
	text := []byte(key)
	if !strings.HasPrefix(key, "-----BEGIN") {
		var err error
		if text, err = os.ReadFile(key); err != nil {
			return nil, fmt.Errorf("reading --key: %w", err)
		}
	}
	k, err := share.ParsePublic(text)
	if err != nil {
		return nil, fmt.Errorf("reading --key: %w", err)
	}
	return k, nil
}
