package main

import (
	"context"
	"fmt"

	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/server"
)

type adminRescan struct {
	ID   string `arg:"" help:"Id of the resource, as \"aws inspector2 list-coverage\" shows it."`
	Type string `placeholder:"TYPE" help:"Its type, such as AWS_EC2_INSTANCE, where resources of two types have the id."`
}

// Run has the resource scanned again.
func (c *adminRescan) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.RescanStarted
	in := server.Rescan{Resource: c.ID, Type: resource.Type(c.Type)}
	if done, err := a.do(ctx, e, [2]string{"POST", "rescan"}, in, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintln(e.stdout, out.How)
	return err
}
