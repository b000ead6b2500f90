package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/server"
)

type adminRegistries struct {
	List   registryList   `cmd:"" default:"1" help:"List the registries and what came of their last discovery."`
	Add    registryAdd    `cmd:"" help:"Watch a registry; tells once how its notifications are signed."`
	Remove registryRemove `cmd:"" help:"Watch a registry no longer; the findings of its images are closed."`
	Sync   registrySync   `cmd:"" help:"Look now what a registry has."`
}

// Help shows examples.
func (adminRegistries) Help() string {
	return `doc/registries.md tells what is scanned when, and how each registry is made to notify.

Examples:
  assay admin registries add registry.example.com --username scanner --repository "shop/*" --tag "v*"
  assay admin registries add 127.0.0.1:5000 --insecure --basic
  assay admin registries add ghcr.io --repository acme/web --notifications github
  assay admin registries sync reg-0123456789abcdef
  assay admin registries remove reg-0123456789abcdef`
}

type registryList struct{}

// Run lists the registries.
func (*registryList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Registries
	if done, err := a.do(ctx, e, [2]string{"GET", "registries"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, r := range out.Registries {
		rows = append(rows, []string{
			r.ID, r.Account, r.Name, r.Address, strconv.Itoa(r.State.Repositories), strconv.Itoa(r.State.Images), moment(r.State.Synced),
			cmp.Or(r.State.Error, strings.Join(r.State.Problems, "; "), "none"),
		})
	}
	return table(e, "REGISTRY\tACCOUNT\tNAME\tADDRESS\tREPOSITORIES\tIMAGES\tLAST DISCOVERY\tPROBLEMS", rows)
}

type registryAdd struct {
	Address       string   `arg:"" help:"Host, or host:port, as it stands before the names of its images."`
	Name          string   `help:"Its name; the address if empty."`
	Account       string   `placeholder:"ID" help:"The account whose images they are; that of the caller if empty."`
	Username      string   `placeholder:"NAME" help:"User at the registry."`
	Password      string   `placeholder:"SECRET" env:"ASSAY_REGISTRY_PASSWORD" help:"Password at the registry; better given in the environment."`
	Repository    []string `placeholder:"PATTERN" help:"Repositories that are scanned; a star stands for any text. May be repeated; all if none is given."`
	Tag           []string `placeholder:"PATTERN" help:"Tags that are scanned, likewise."`
	Basic         bool     `help:"Scan images once, when they are pushed, and only for packages of the operating system."`
	Notifications string   `enum:"distribution,harbor,github,gitlab,cloudevents" default:"distribution" help:"How it notifies: distribution, harbor, github, gitlab or cloudevents."`
	Interval      int      `placeholder:"MINUTES" default:"60" help:"How long between two discoveries."`
	Insecure      bool     `help:"Allow plain HTTP and certificates that cannot be verified."`
	CAFile        string   `name:"ca-file" placeholder:"FILE" type:"path" help:"PEM file of additional certificate authorities."`
}

// Run adds the registry.
func (c *registryAdd) Run(ctx context.Context, e edge, a *adminCommand) error {
	in := server.NewRegistry{Account: c.Account, Password: c.Password, RegistrySettings: server.RegistrySettings{
		Name: cmp.Or(c.Name, c.Address), Address: c.Address, Insecure: c.Insecure, Username: c.Username,
		IntervalMinutes: c.Interval, Notifications: c.Notifications,
		Rules: discover.Rules{{Repositories: c.Repository, Tags: c.Tag, Scan: discover.Enhanced}},
	}}
	if len(c.Repository) == 0 {
		in.Rules[0].Repositories = []string{"*"}
	}
	if c.Basic {
		in.Rules[0].Scan = discover.Basic
	}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return fmt.Errorf("reading certificate authorities: %w", err)
		}
		in.CA = string(pem)
	}
	var out server.Registry
	if done, err := a.do(ctx, e, [2]string{"POST", "registries"}, in, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "registry       %s\nnotifications  %s\nsecret         %s\n", out.ID, out.Hook, out.Secret)
	fmt.Fprintln(e.stderr, "The secret is shown once. Notifications go to that address; doc/registries.md tells how they carry the secret.")
	return err
}

type registryRemove struct {
	ID string `arg:"" help:"The registry."`
}

// Run removes the registry.
func (c *registryRemove) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "registries/" + url.PathEscape(c.ID)}, nil)
}

type registrySync struct {
	ID string `arg:"" help:"The registry."`
}

// Run has the registry walked.
func (c *registrySync) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"POST", "registries/" + url.PathEscape(c.ID) + "/sync"}, nil)
}
