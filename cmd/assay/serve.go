package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"github.com/assay-project/assay/internal/server"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
)

// serveCommand is "assay serve".
type serveCommand struct {
	File kong.ConfigFlag `name:"config" placeholder:"FILE" env:"ASSAY_CONFIG" type:"path" help:"File of settings in TOML; its keys are the long flags without the dashes in front."`

	server.Config
}

// Help shows examples.
func (serveCommand) Help() string {
	return `Serves Amazon Inspector's APIs (inspector2, inspector-scan and Inspector Classic) and Assay's own
below /assay/v1/. Without any setting it keeps everything in a data folder, listens on loopback, and
prints the first access key at the first start. Flags win over the environment, that over the file.

Examples:
  assay serve
  assay serve --listen 0.0.0.0:8443 --tls-cert server.pem --tls-key server.key
  assay serve --database postgres://assay@db.example.org/assay --key-file /etc/assay/master.key
  assay serve --feeds https://mirror.example.org/advisories/ --feeds /srv/advisories
  assay serve --role worker --database postgres://… --key-file … --blobs s3://bucket/assay
  assay serve --config /etc/assay/assay.toml

  export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  aws inspector2 list-findings --endpoint-url http://127.0.0.1:8480`
}

// Run serves until the program is told to stop.
func (c *serveCommand) Run(ctx context.Context, e edge) error {
	if c.Data == "" {
		dir, err := dataFolder(e)
		if err != nil {
			return err
		}
		c.Data = dir
	}
	if err := c.Check(); err != nil {
		return fmt.Errorf("the configuration cannot be used:\n%w", err)
	}
	return server.Run(ctx, c.Config, server.Outside{
		Advisories: advisories(e, c.DB), Version: version, Stdout: e.stdout, Stderr: e.stderr,
		S3: store.S3Credentials{
			ID: e.getenv("ASSAY_S3_ACCESS_KEY_ID"), Secret: e.getenv("ASSAY_S3_SECRET_ACCESS_KEY"), Token: e.getenv("ASSAY_S3_SESSION_TOKEN"),
		},
	})
}

// advisories returns where the server gets its database: the file named, else
// the user's own, else the starter set.
func advisories(e edge, path string) server.Advisories {
	name := func() string {
		if path != "" {
			return path
		}
		return ownDatabase(e)
	}
	return server.Advisories{
		Open: func(context.Context) (*vulndb.Known, error) { return openKnowledge(e, name()) },
		Stamp: func() string {
			stamp := name()
			for _, file := range []string{stamp, vulndb.EnrichmentPath(stamp)} {
				if info, err := os.Stat(file); err == nil {
					stamp += fmt.Sprintf(" %d %d", info.Size(), info.ModTime().UnixNano())
				}
			}
			return stamp
		},
		Build: func(ctx context.Context, from []string, path string, built time.Time) error {
			return buildApart(ctx, e, building{from, path, built})
		},
	}
}

// A building is a database to be made.
type building struct {
	from  []string // files and folders
	path  string
	built time.Time
}

// buildApart runs "assay db build" as a process of its own: what a build takes
// of memory goes back to the system, and if that runs out of it the server does
// not go with it.
func buildApart(ctx context.Context, e edge, b building) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("looking for this program: %w", err)
	}
	args := []string{"db", "build", "--output", b.path}
	for _, f := range b.from {
		args = append(args, "--from", f)
	}
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // this program
	cmd.Args[0] = os.Args[0]                          // by which tests know it
	cmd.Stderr = &said
	for _, name := range []string{"HOME", "PATH", "TMPDIR", "GOMEMLIMIT"} {
		if v := e.getenv(name); v != "" {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	cmd.Env = append(cmd.Env, fmt.Sprintf("SOURCE_DATE_EPOCH=%d", b.built.Unix()))
	if err := cmd.Run(); err != nil {
		text := said.String()
		return fmt.Errorf("%w: %s", err, text[max(0, len(text)-maxSaid):])
	}
	return nil
}

// maxSaid bounds what is told of a build that failed, in bytes.
const maxSaid = 2000

// dataFolder is where a server keeps everything by default.
func dataFolder(e edge) (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/assay", nil
	}
	if data := dataDir(e); data != "" {
		return filepath.Join(data, "server"), nil
	}
	return "", errors.New("there is no home directory to keep a server's data in: give --data")
}

// settings are the values of a configuration file. The environment wins over
// them.
type settings struct {
	values map[string]any
	getenv func(string) string
}

// readSettings reads a configuration file.
func readSettings(getenv func(string) string) kong.ConfigurationLoader {
	return func(r io.Reader) (kong.Resolver, error) {
		s := settings{getenv: getenv}
		if _, err := toml.NewDecoder(r).Decode(&s.values); err != nil {
			return nil, fmt.Errorf("reading the configuration file: %w", err)
		}
		return s, nil
	}
}

// Validate refuses keys that are no flag of "assay serve".
func (s settings) Validate(app *kong.Application) error {
	i := slices.IndexFunc(app.Children, func(n *kong.Node) bool { return n.Name == "serve" })
	var known, unknown []string
	for _, f := range app.Children[i].Flags {
		known = append(known, f.Name)
	}
	for key := range s.values {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("the configuration file has unknown keys: %s (known: %s)", strings.Join(unknown, ", "), strings.Join(known, ", "))
	}
	return nil
}

// Resolve returns the value of a flag.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if slices.ContainsFunc(flag.Envs, func(name string) bool { return s.getenv(name) != "" }) {
		return nil, nil //nolint:nilnil // kong's way of saying that there is no value
	}
	switch v := s.values[flag.Name].(type) {
	case nil, string, bool:
		return v, nil
	default:
		return fmt.Sprint(v), nil
	}
}
