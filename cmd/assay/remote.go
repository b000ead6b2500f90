package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/scan"
)

// remoteFlags say which server is asked and who asks.
type remoteFlags struct {
	Server         string `placeholder:"URL" env:"ASSAY_SERVER" help:"Address of an Assay server."`
	ServerRegion   string `default:"us-east-1" env:"AWS_REGION,AWS_DEFAULT_REGION" help:"Region of the server."`
	ServerCA       string `name:"server-ca" placeholder:"FILE" env:"ASSAY_SERVER_CA" type:"path" help:"PEM file of the authority that vouches for the server, such as tls.crt of its data folder."`
	ServerInsecure bool   `help:"Do not verify the server's certificate."`
}

// client returns a client with the access key of the environment.
func (f *remoteFlags) client(e edge) (*client.Client, error) {
	if f.Server == "" {
		return nil, fmt.Errorf("no server: give --server, or set ASSAY_SERVER, to an address such as http://127.0.0.1:8480")
	}
	return client.New(client.Options{
		Server: f.Server, Region: f.ServerRegion, CAFile: f.ServerCA, Insecure: f.ServerInsecure,
		Key:     cmp.Or(e.getenv("ASSAY_ACCESS_KEY_ID"), e.getenv("AWS_ACCESS_KEY_ID")),
		Secret:  cmp.Or(e.getenv("ASSAY_SECRET_ACCESS_KEY"), e.getenv("AWS_SECRET_ACCESS_KEY")),
		Session: cmp.Or(e.getenv("ASSAY_SESSION_TOKEN"), e.getenv("AWS_SESSION_TOKEN")),
	})
}

// submit hands a scan in to a server and says what came of it.
func submit(ctx context.Context, e edge, c *client.Client, res resource.Resource, rep scan.Report) error {
	var sum monitor.Summary
	sub := monitor.Submission{Schema: monitor.Schema, Resource: res, Target: rep.Target, Inventory: rep.Inventory}
	if err := c.Do(ctx, "POST", "scans", sub, &sum); err != nil {
		return fmt.Errorf("handing the scan in: %w", err)
	}
	var parts []string
	for _, kind := range []store.Kind{store.Created, store.Reopened, store.Updated, store.Gone, store.Silenced, store.Unsuppressed} {
		if n := sum.Findings[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	text := strings.Join(parts, ", ")
	switch {
	case sum.Unchanged:
		text = "nothing has changed since the last scan"
	case text == "":
		text = "no finding has changed"
	}
	fmt.Fprintf(e.stderr, "%s is kept by the server: %s\n", sum.ID, text)
	return nil
}

// place makes the name of a folder or file good for more than this machine:
// two of the same name on two machines are two resources.
func place(target string) string {
	path, err := filepath.Abs(target)
	host, err2 := os.Hostname()
	if err != nil || err2 != nil {
		return target
	}
	return "file://" + host + filepath.ToSlash(path)
}
